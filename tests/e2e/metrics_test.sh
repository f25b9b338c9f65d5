#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# /metrics read by a real Prometheus while there is traffic: its figures are those of sluicectl,
# the rules and the dashboard ask for what is there, and clients that are slow, greedy or wrong
# disturb nobody.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
PORT=9464
PROM=127.0.0.1:9090
GRAFANA=$ROOT/scripts/grafana
TEXT=$TMP/figures OPEN=$TMP/openmetrics
HOLD=$ROOT/tests/e2e/slowhttp.py

config() {
	cat >"$TMP/metrics.conf" <<-END
		inside address 10.0.0.1/24
		outside address 192.0.2.1/24
		route 0.0.0.0/0 via $WAN
		pool cgn address 192.0.2.16/30
		log syslog $WAN
		performance on
		metrics address [::]:$PORT
	END
}

# get PATH [CURL-OPTION...]: from the box itself.
get() {
	on gw curl -s -m 5 "${@:2}" "http://127.0.0.1:$PORT$1"
}

# status CODE PATH [CURL-OPTION...]
status() {
	local got
	got=$(get "$2" -o "$TMP/body" -w '%{http_code}' "${@:3}")
	echo "$got: $(head -c 200 "$TMP/body")"
	[ "$got" = "$1" ]
}

# ---- the formats ----

text_format() {
	get /metrics -D "$TMP/head" >"$TEXT" && cat "$TMP/head" &&
		grep -qi '^content-type: text/plain; version=0.0.4; charset=utf-8' "$TMP/head" &&
		! grep -q '^# EOF' "$TEXT" && promtool check metrics <"$TEXT"
}

openmetrics_format() {
	get /metrics -D "$TMP/head" -H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5' >"$OPEN" &&
		grep -qi '^content-type: application/openmetrics-text; version=1.0.0; charset=utf-8' "$TMP/head" &&
		[ "$(tail -n 1 "$OPEN")" = '# EOF' ] && /usr/bin/python3 - "$OPEN" <<-'END'
			import sys
			from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
			n = 0
			for family in parse(open(sys.argv[1]).read()):
			    assert family.documentation and family.type != "unknown", family.name
			    n += len(family.samples)
			print(n, "figures")
			assert n > 200
		END
}

# Each counter of the program is a figure, with the sentence of the program.
every_counter() {
	local name value text
	ctl show counters all >"$TMP/counters"
	while read -r name value text; do
		case $name in
		drop_*) grep -qF "sluice_drop_reason_info{reason=\"${name#drop_}\",text=\"$text\"} 1" "$TEXT" &&
			grep -q "^sluice_drops_total{reason=\"${name#drop_}\"} [0-9]*\$" "$TEXT" ;;
		punted_*) grep -q "^sluice_punted_packets_total{cause=\"${name#punted_}\"} " "$TEXT" ;;
		rx_* | tx_*) true ;;
		*) grep -qF " $text" "$TEXT" ;;
		esac || { echo "$name ($text, $value) is missing"; return 1; }
	done <"$TMP/counters"
	[ "$(wc -l <"$TMP/counters")" -gt 100 ]
}

# ---- Prometheus ----

prometheus_start() {
	cat >"$TMP/prometheus.yml" <<-END
		global:
		  scrape_interval: 500ms
		  evaluation_interval: 500ms
		rule_files: [$GRAFANA/alerts.yml]
		scrape_configs:
		  - job_name: sluice
		    static_configs:
		      - targets: ['127.0.0.1:$PORT']
	END
	spawn gw prometheus --config.file="$TMP/prometheus.yml" --storage.tsdb.path="$TMP/tsdb" \
		--web.listen-address=$PROM
	wait_for 15 scraped
}

# query EXPRESSION: the answer of Prometheus.
query() {
	on gw curl -s -m 5 "http://$PROM/api/v1/query" --data-urlencode "query=$1"
}

value() {
	query "$1" | jq -r '.data.result[0].value[1]'
}

scraped() {
	[ "$(value 'up{job="sluice"}')" = 1 ]
}

# agrees EXPRESSION JQ STATEMENT...: both tell the same, once nothing moves.
same_figure() {
	PROM_SAYS=$(value "$1") CTL_SAYS=$(ctl -j "${@:3}" | jq -r "$2")
	[ -n "$CTL_SAYS" ] && [ "$PROM_SAYS" = "$CTL_SAYS" ]
}

agrees() {
	wait_for 10 same_figure "$@"
	local rc=$?
	same_figure "$@"
	echo "$1: Prometheus says $PROM_SAYS, sluicectl $CTL_SAYS"
	return $rc
}

traffic() {
	peer_on lan1 many $WAN 7000 30 && peer_on lan2 many $WAN 7000 20 &&
		on lan1 ping -q -c 20 -i 0.01 $WAN && fails on lan1 ping -q -c 3 -i 0.01 -t 1 198.51.100.2
}

figures_agree() {
	counter_above sessions_made 50 &&
		agrees 'sluice_packets_total{port="inside",direction="rx"}' .rx_inside show counters &&
		agrees 'sluice_bytes_total{port="outside",direction="tx"}' .tx_bytes_outside show counters &&
		agrees sluice_sessions_made_total .sessions_made show counters &&
		agrees sluice_sessions .sessions_now show counters &&
		agrees 'sum(sluice_tenant_sessions)' .sessions_now show counters &&
		agrees 'sum(sluice_worker_sessions)' '[.workers[].sessions] | add' show workers &&
		agrees 'sluice_tenant_subscribers{tenant="default"}' .subscribers_now show counters &&
		agrees 'sum(sluice_drops_total)' '[to_entries[] | select(.key | startswith("drop_")) | .value] | add' show counters &&
		agrees 'sluice_drops_total{reason="ttl"}' .drop_ttl show counters &&
		agrees 'sluice_pool_ports_used{pool="cgn",protocol="tcp"}' '[.pools[].tcp] | add' show pools &&
		agrees 'sluice_pool_ports{pool="cgn",protocol="tcp"}' '[.pools[].ports] | add' show pools &&
		agrees 'sluice_punted_packets_total{cause="arp"}' .arp.punted show punts &&
		agrees 'sluice_log_records_total' .taken show log &&
		agrees 'sluice_neighbors' .neighbors show kernel
}

busy_lcores() {
	local n
	n=$(value 'count(rate(sluice_lcore_busy_seconds_total{role="worker"}[5s]) <= 1.1)') &&
		[ "$n" = 2 ] && [ "$(value 'count(sluice_lcore_busy_seconds_total{role="control"} > 0)')" = 1 ]
}

# ---- rules and dashboard ----

# The expressions of the dashboard, its variables filled in as Grafana does, one a line.
dashboard_queries() {
	jq -r '.panels[].targets[]?.expr, .annotations.list[].expr' "$GRAFANA/sluice.json" |
		sed 's/\$__rate_interval/5s/g; s/\$__range/5m/g; s/\$instance/.+/g; s/\$job/.+/g'
	jq -r '.templating.list[] | select(.type == "query") | .query' "$GRAFANA/sluice.json" |
		sed -n 's/^label_values(\([a-z_]*\), \(.*\))$/count by (\2) (\1)/p'
}

rule_queries() {
	sed -n '/expr:/,/for:\|labels:/p' "$GRAFANA/alerts.yml"
}

known_names() {
	local unknown
	sed -n 's/^\([a-z_0-9]*\)[{ ].*/\1/p' "$TEXT" | sort -u >"$TMP/names"
	unknown=$({ dashboard_queries; rule_queries; } | grep -oE '\b(sluice|process)_[a-z0-9_]+' | sort -u |
		comm -23 - "$TMP/names")
	echo "not in /metrics: $unknown"
	[ -z "$unknown" ]
}

# Each query is one that Prometheus understands; all but those of what has not happened have an answer.
queries_answer() {
	local q answer n=0 empty=0
	while IFS= read -r q; do
		answer=$(query "$q")
		[ "$(jq -r .status <<<"$answer")" = success ] || { echo "$q: $answer"; return 1; }
		n=$((n + 1))
		[ "$(jq '.data.result | length' <<<"$answer")" -gt 0 ] || { echo "empty: $q"; empty=$((empty + 1)); }
	done < <(dashboard_queries)
	echo "$n queries, $empty empty"
	[ "$n" -gt 40 ] && [ "$empty" -le 2 ] # no alerts; no drops at this moment
}

no_alert_is_out() {
	local out
	out=$(on gw curl -s "http://$PROM/api/v1/alerts" | jq -c '[.data.alerts[] | select(.state == "firing") | .labels]')
	echo "$out"
	[ "$out" = '[]' ]
}

# ---- clients that are slow, greedy, wrong ----

refused() {
	ctl -j show metrics | jq .refused
}

# 30 connections of one host that say a byte now and then, or never read.
slow_clients() {
	local before began
	before=$(refused)
	spawn lan1 python3 "$HOLD" 10.0.0.1 $PORT 30
	wait_for 5 more_refused "$before" 20 || return
	began=$(date +%s%N)
	get /metrics >"$TEXT" && ctl show version || return
	echo "answered after $((($(date +%s%N) - began) / 1000000)) ms"
	[ $((($(date +%s%N) - began) / 1000000)) -lt 2000 ] && promtool check metrics <"$TEXT" &&
		wait_for 10 more_refused "$before" 24 # the deadline has come for the slow ones
}

more_refused() {
	[ "$(refused)" -ge $(($1 + $2)) ]
}

# Asked as often as can be, the figures are read ten times a second.
greedy_client() {
	local looks answers
	looks=$(ctl -j show metrics | jq .looks)
	answers=$(ctl -j show metrics | jq .answers)
	on gw bash -c "for i in {1..60}; do curl -s -o /dev/null http://127.0.0.1:$PORT/metrics & [ \$((i % 6)) -ne 0 ] || wait; done; wait"
	ctl -j show metrics
	ctl -j show metrics | jq -e "(.answers - $answers) >= 60 and (.looks - $looks) < (.answers - $answers)"
}

wrong_requests() {
	status 404 /nothing && status 200 / && status 405 /metrics -X POST -d x=1 &&
		status 200 /metrics -I && status 431 /metrics -H "X: $(head -c 30000 /dev/zero | tr '\0' a)" &&
		{ head -c 3000 /dev/urandom | on gw timeout 2 nc -q 1 127.0.0.1 $PORT >/dev/null; true; } &&
		get /metrics | promtool check metrics
}

# ---- where ----

moves() {
	ctl metrics address '[::1]:9465' && fails get /metrics &&
		on gw curl -sf "http://[::1]:9465/metrics" | promtool check metrics &&
		says 'metrics address [::1]:9465' ctl show configuration &&
		ctl metrics address 127.0.0.1:$PORT && get /metrics | promtool check metrics
}

wrong_places() {
	says 'give an address that this machine has' ctl metrics address 198.51.100.77:9464 &&
		says 'another program listens there' ctl metrics address 127.0.0.1:9090 &&
		says "'127.0.0.1'" ctl metrics address 127.0.0.1 && says '224.0.0.1' ctl metrics address 224.0.0.1:80 &&
		says "metrics address 127.0.0.1:$PORT" ctl show configuration && get /metrics | promtool check metrics
}

ends() {
	ctl no metrics && fails get /metrics && fails says metrics ctl show configuration
}

need_root
begin
config
need 'a lab with two workers and /metrics' lab up --workers 2 --config "$TMP/metrics.conf" --no-start
serve wan1 tcp 7000 "$PEER" echo 7000
serve wan1 udp 514 socat -u UDP-RECV:514 /dev/null
need 'sluice runs' lab start --workers 2 --config "$TMP/metrics.conf"
check 'the rules are right' promtool check rules "$GRAFANA/alerts.yml"
check 'each alert comes, and only when it shall' promtool test rules "$GRAFANA/alerts_test.yml"
check 'the text format is right' text_format
check 'OpenMetrics is spoken to who asks for it' openmetrics_format
check 'every counter is there with its sentence' every_counter
need 'Prometheus reads it' prometheus_start
check 'traffic' traffic
check 'Prometheus has the figures of sluicectl' figures_agree
check 'rules and dashboard ask for what there is' known_names
check 'the dashboard has its answers' queries_answer
check 'each lcore has its load' wait_for 10 busy_lcores
check 'no alert on a box that is well' no_alert_is_out
check 'slow clients hold nobody up' slow_clients
check 'a greedy client does not keep control busy' greedy_client
check 'wrong requests' wrong_requests
check 'the address can be changed' moves
check 'an address that cannot be is refused' wrong_places
check 'no metrics' ends
check 'the counters balance' balanced
finish
