#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Looking at the box while traffic goes through it: filters of sessions, one subscriber, pools, top,
# events. What is shown is held against what was sent.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
LOOK=$ROOT/tests/e2e/looking.py

# sluicectl itself, so that its process is ours: a function in between would be a shell's.
CTL=("$BUILD/app/sluicectl" -s "$RUN/ctl")

ctl() {
	"${CTL[@]}" "$@"
}

# sessions FILTER...: how many.
sessions() {
	ctl show sessions "$@" count | cut -d' ' -f1
}

# counts N FILTER...
counts() {
	local want=$1 n
	shift
	n=$(sessions "$@")
	[ "$n" = "$want" ] && return
	echo "show sessions $*: $n, not $want"
	ctl show sessions
	return 1
}

# json EXPRESSION STATEMENT...: jq -e on the answer.
json() {
	local expression=$1 answer
	shift
	answer=$(ctl -j "$@")
	jq -e "$expression" <<<"$answer" >/dev/null && return
	echo "$*: not $expression"
	echo "$answer"
	return 1
}

servers() {
	mkdir "$TMP/www" && head -c 3000000 /dev/zero >"$TMP/www/file" &&
		serve wan1 tcp 8080 "$PEER" web 8080 "$TMP/www" &&
		serve wan1 tcp 7000 "$PEER" echo 7000 && serve lan2 tcp 8080 "$PEER" web 8080 "$TMP/www" &&
		ctl forward tcp 192.0.2.1:80 to 10.0.0.3:8080 && ctl limit subscriber sessions 0 &&
		ctl limit subscriber ports 0 && ctl limit subscriber rate 0 && ctl timeout port-rest 0
}

# Three UDP sessions with answers and one TCP from lan1, one UDP without an answer from lan2, a TCP
# from outside by the forward.
traffic() {
	local port
	for port in 40001 40002 40003; do
		peer_on lan1 ask udp $WAN 7000 hello $port >/dev/null || return
	done
	on lan1 curl -sS -o /dev/null "http://$WAN:8080/file" &&
		on lan2 "$LOOK" flood $WAN 9999 41000 1 &&
		on wan1 curl -sS -o /dev/null http://192.0.2.1/file
}

ends() {
	counts 3 proto udp inside 10.0.0.2 && counts 1 inside 10.0.0.2:40002 &&
		counts 4 inside 10.0.0.2 && counts 5 remote $WAN outbound && counts 3 remote $WAN:7000 &&
		counts 6 && counts 0 tenant default inside 10.0.0.9
}

tuples() {
	counts 4 orig-src 10.0.0.2 && counts 3 orig-dst $WAN:7000 && counts 3 reply-src $WAN:7000 &&
		counts 5 reply-dst 192.0.2.1 && counts 1 orig-src $WAN && counts 1 orig-dst 192.0.2.1:80 &&
		counts 1 reply-src 10.0.0.3:8080 && counts 1 reply-dst $WAN && counts 0 orig-dst 10.0.0.3
}

traits() {
	counts 1 inbound && counts 1 forwarded && counts 5 outbound && counts 1 unreplied &&
		counts 5 replied && counts 1 unreplied inside 10.0.0.3 && counts 6 nat44 &&
		counts 0 nat64 && counts 0 hairpin && counts 0 helper ftp && counts 0 age 3600 &&
		counts 6 idle 0 && counts 0 idle 3600
}

listed() {
	[ "$(ctl show sessions outbound limit 2 | grep -c '^udp\|^tcp')" = 2 ] &&
		says '... and 3 more' ctl show sessions outbound limit 2 &&
		says ' inbound forwarded worker ' ctl show sessions inbound &&
		json '.shown == 1 and .sessions[0].forwarded and .sessions[0].inbound and
			.sessions[0].outside == "192.0.2.1:80" and .sessions[0].helper == ""' show sessions inbound &&
		says "'frob'" ctl show sessions helper frob && fails ctl show sessions helper frob
}

cleared() {
	says '1 sessions ended' ctl clear sessions unreplied && counts 5 && counts 0 unreplied
}

# ---- a subscriber, a pool ----

subscriber() {
	local sessions
	sessions=$(sessions inside 10.0.0.2)
	json ".subscriber == \"10.0.0.2\" and .state and .sessions_now == $sessions and
		(.sessions | length) == $sessions and .ports.udp == 3 and .outside == \"192.0.2.1\" and
		.refused.all == 0 and .pool == \"outside\" and (.mappings | length) == .ports.udp + .ports.tcp" \
		show subscriber 10.0.0.2 &&
		json '.forwards == [{"protocol":"tcp","outside":"192.0.2.1:80","inside":"10.0.0.3:8080","ports":1}]' \
			show subscriber 10.0.0.3 &&
		says 'forward    tcp 192.0.2.1:80 to 10.0.0.3:8080' ctl show subscriber 10.0.0.3
}

stranger() {
	json '.state == false and .possible and .outside == "192.0.2.1" and .sessions == []' \
		show subscriber 10.0.0.77 && json '.possible == false' show subscriber 198.51.100.77 &&
		says 'no route from inside' ctl show subscriber 198.51.100.77 &&
		fails ctl show subscriber 10.0.0.0/24 && says '64 bits' ctl show subscriber 2001:db8::/32
}

refused() {
	ctl limit subscriber sessions 20 && on lan2 "$LOOK" flood $WAN 9999 42000 50 &&
		json '.sessions_now == 20 and .limits.sessions == 20 and .refused.sessions >= 30 and
			.refused.sessions == .refused.all' show subscriber 10.0.0.3 &&
		ctl limit subscriber sessions 0
}

pools() {
	local used
	used=$(ctl show mappings proto udp count | cut -d' ' -f1)
	json ".pools | length == 1 and .[0].udp.used == $used and .[0].addresses == 1 and
		.[0].udp.used + .[0].udp.free == .[0].ports and .[0].subscribers == 2 and
		.[0].top[0].address == \"192.0.2.1\" and .[0].top[0].subscribers == 2" show pool || return
	ctl clear sessions && ctl pool one address 192.0.2.1 && ctl pool one blocks 512 max 2 &&
		on lan1 "$LOOK" flood $WAN 9999 43000 600 &&
		json '.pools[0].pool == "one" and .pools[0].blocks_used == 2 and .pools[0].block_size == 512' \
			show pool one &&
		json '(.blocks | length) == 2 and .blocks[0].used + .blocks[1].used == 600 and
			.mode == "blocks"' show subscriber 10.0.0.2 &&
		counts 600 pool one && fails ctl show pool two
	local status=$?
	# what it has in the pool is over before anything else is looked at
	ctl clear sessions
	wait_for 10 counts 0
	ctl no pool one
	return $status
}

# A port that a host opens by itself, and its end.
lease() {
	local port status
	ctl pcp on && listen "$TMP/events" leases || return
	# The port is the box's choice: 6001 may be another worker's.
	port=$(on lan1 natpmpc -g 10.0.0.1 -a 6001 7001 udp 600 | sed -n 's/^Mapped public port \([0-9]*\) .*/\1/p')
	json ".leases | length == 1 and .[0].origin == \"nat-pmp\" and .[0].outside == \"192.0.2.1:$port\" and
		.[0].inside == \"10.0.0.2:7001\" and .[0].left > 590" show subscriber 10.0.0.2 limit 1
	status=$?
	ctl clear port-mapping all
	wait_for 5 lines 2 "$TMP/events"
	hang_up
	cat "$TMP/events"
	[ $status -eq 0 ] && jq -s -e --arg outside "192.0.2.1:$port" 'map(.what) == ["new", "end"] and
		all(.event == "lease" and .origin == "nat-pmp" and .inside == "10.0.0.2:7001" and
			.outside == $outside)' "$TMP/events"
}

# An IPv6 subscriber is its prefix, whichever of its hosts is asked for.
six() {
	local name
	on lan6 ping -n -c 1 -W 2 64:ff9b::c000:202 || return
	for name in 2001:db8:1::6 2001:db8:1::77 2001:db8:1::/64; do
		json '.subscriber == "2001:db8:1::/64" and .state and .sessions_now == 1 and .ports.icmp == 1 and
			(.sessions | length) == 1 and .sessions[0].inside == .mappings[0].inside' \
			show subscriber $name || return
	done
	counts 1 nat64 && counts 1 orig-src 2001:db8:1::6 && counts 1 orig-dst 64:ff9b::c000:202 &&
		counts 0 orig-dst 64:ff9b::c000:203 && counts 1 nat64 replied
}

# ---- top ----

# What iperf3 sends is what top shows: 400 packets a second of 1000 bytes.
top_rates() {
	local server status
	serve wan1 tcp 5201 iperf3 -s -1 || return
	server=$SPAWNED_PID
	on lan1 iperf3 -c $WAN -u -b 3200k -l 1000 -t 3 >"$TMP/iperf.log" 2>&1 &
	local client=$!
	wait_for 5 counter_above tx_outside $(($(counter tx_outside) + 100))
	ctl -j top interval 1 times 1 >"$TMP/top.json"
	ctl top interval 0.3 times 1 >"$TMP/top.txt"
	jq -e '.ports[0] | .rx_packets_per_second > 380 and .rx_packets_per_second < 420 and
		.rx_bits_per_second > 380 * 8336 and .rx_bits_per_second < 420 * 8336' "$TMP/top.json" &&
		jq -e '.ports[1] | .tx_packets_per_second > 380 and .tx_packets_per_second < 420' "$TMP/top.json" &&
		jq -e '[.lcores[] | select(.does == "worker").rx_packets_per_second] |
			add as $n | $n > 380 and $n < 420' "$TMP/top.json" &&
		jq -e '.lcores | length == 3 and all(.busy_percent >= 0 and .busy_percent <= 100) and
			(map(select(.busy_percent > 0)) | length) >= 2' "$TMP/top.json" &&
		jq -e '.most_sessions[0].inside == "10.0.0.2" and .most_ports[0].inside == "10.0.0.2" and
			.pools[0].udp >= 1 and .helpers[0].helper == "ftp" and .lost.events == 0' "$TMP/top.json" &&
		grep -q '^inside  *up .*dtap0\|^inside  *up .*net_tap0' "$TMP/top.txt"
	status=$?
	cat "$TMP/top.json" "$TMP/top.txt"
	wait $client
	wait_for 5 process_gone "$server" || end_process "$server"
	return $status
}

# Sessions made by the rates of each picture are those that were made, 700 of them.
top_sessions() {
	local n by_rate by_total
	ctl clear sessions
	"${CTL[@]}" -j top -d 0.3 -n 8 >"$TMP/frames" &
	local top=$!
	wait_for 5 test -s "$TMP/frames"
	on lan1 "$LOOK" flood $WAN 9999 44000 500
	on lan2 "$LOOK" flood $WAN 9999 44000 200
	wait $top || return
	read -r n by_rate by_total < <("$LOOK" rates "$TMP/frames")
	echo "$n pictures, by rates $by_rate, by totals $by_total"
	[ "$n" = 8 ] && [ "$by_rate" = "$by_total" ] && [ "$by_total" -ge 700 ] && [ "$by_total" -lt 720 ] &&
		tail -n 1 "$TMP/frames" | jq -e '.most_sessions | .[0].sessions >= 500 and .[0].inside == "10.0.0.2" and
			.[1].sessions >= 200 and .[1].inside == "10.0.0.3" and length == 2'
}

top_drops() {
	on wan1 "$LOOK" flood 192.0.2.1 65000 45000 50
	says drop_no_mapping "${CTL[@]}" top -b -d 0.2 -n 1 &&
		json '.drops[] | select(.reason == "drop_no_mapping") | .packets >= 50' top interval 0.2 times 1
}

on_a_screen() {
	"$LOOK" screen "${CTL[@]}" top -d 0.3 >"$TMP/screen" && cat "$TMP/screen" &&
		grep -q '^most sessions' "$TMP/screen" && grep -q '^lost so far' "$TMP/screen"
}

top_refuses() {
	says usage: "${CTL[@]}" top -x && fails "${CTL[@]}" top -x && fails "${CTL[@]}" top -b -d 0 -n 1 &&
		says 'seconds, 0.1 to 3600' "${CTL[@]}" top -b -d banana && fails "${CTL[@]}" top -b -n -1
}

# ---- events ----

# listen FILE WORD...: follow events from here on; $LISTENER is the process.
listen() {
	local file=$1
	shift
	"${CTL[@]}" -j events "$@" >"$file" 2>&1 &
	LISTENER=$!
	SPAWNED+=("$LISTENER")
	wait_for 5 listeners 1
}

listeners() {
	json ".listeners | length == $1" show events
}

hang_up() {
	end_process "$LISTENER" && wait_for 5 listeners 0
}

# lines N FILE: so many have come.
lines() {
	[ "$(wc -l <"$2")" -ge "$1" ]
}

events_of_a_host() {
	ctl clear sessions && listen "$TMP/events" sessions mappings inside 10.0.0.2 || return
	on lan2 "$LOOK" flood $WAN 9999 46000 20
	on lan1 "$LOOK" flood $WAN 9999 46000 30
	ctl clear sessions inside 10.0.0.2
	wait_for 5 lines 120 "$TMP/events"
	hang_up
	jq -s -e 'map(select(.event == "session" and .what == "new")) |
		length == 30 and (map(.inside) | unique | length) == 30 and
		all(.remote == "192.0.2.2:9999" and .protocol == "udp" and .tenant == "default")' "$TMP/events" &&
		jq -s -e 'map(select(.event == "session" and .what == "end")) | length == 30' "$TMP/events" &&
		jq -s -e 'map(select(.event == "mapping" and .what == "new")) | length == 30' "$TMP/events" &&
		jq -s -e 'all(.inside | startswith("10.0.0.2:"))' "$TMP/events" || { head -3 "$TMP/events"; return 1; }
}

events_of_the_box() {
	listen "$TMP/events" forwards limits blocks ports || return
	ctl forward udp 192.0.2.1:6000 to 10.0.0.2:6000
	ctl no forward udp 192.0.2.1:6000
	ctl limit subscriber sessions 5
	on lan2 "$LOOK" flood $WAN 9999 47000 20
	ctl limit subscriber sessions 0
	ip -n "$LAB-gw" link set dtap1 down
	wait_for 5 grep -q '"down"' "$TMP/events"
	ip -n "$LAB-gw" link set dtap1 up
	wait_for 5 grep -q '"up"' "$TMP/events"
	hang_up
	cat "$TMP/events"
	jq -s -e '[.[] | select(.event == "forward").what] == ["new", "end"]' "$TMP/events" &&
		jq -s -e 'any(.event == "limit" and .inside == "10.0.0.3" and .limit == 5 and
			.reason == "drop_limit_sessions")' "$TMP/events" &&
		jq -s -e 'any(.event == "port" and .what == "down" and .side == "outside")' "$TMP/events"
}

# As text, and ending by itself.
events_as_lines() {
	"${CTL[@]}" events sessions limit 3 >"$TMP/lines" &
	local pid=$!
	wait_for 5 listeners 1
	on lan1 "$LOOK" flood $WAN 9999 48000 10
	wait $pid && cat "$TMP/lines" && [ "$(wc -l <"$TMP/lines")" = 3 ] &&
		[ "$(grep -Ec '^20[0-9-]+T[0-9:.]+Z new session udp 10.0.0.2:4800[0-9] > 192.0.2.2:9999 nat 192.0.2.1:[0-9]+$' "$TMP/lines")" = 3 ]
}

# A reader that stands still loses events, is told how many, and holds nobody up.
slow_reader() {
	local before made
	ctl clear sessions && listen "$TMP/events" sessions mappings || return
	kill -STOP "$LISTENER"
	before=$(counter sessions_made)
	on lan1 "$LOOK" flood $WAN 9999 10000 12000
	timeout 5 "${CTL[@]}" show version || { kill -CONT "$LISTENER"; return 1; }
	on lan1 ping -n -c 1 -W 2 $WAN >/dev/null || { kill -CONT "$LISTENER"; return 1; }
	made=$(($(counter sessions_made) - before))
	kill -CONT "$LISTENER"
	wait_for 10 read_or_lost $((2 * made))
	local status=$?
	echo "sessions $made, events $(grep -cv '"lost"' "$TMP/events"), lost: $(grep '"lost"' "$TMP/events")"
	hang_up
	[ $status -eq 0 ] && [ "$made" -gt 10000 ] && grep -q '"event":"lost","what":"slow"' "$TMP/events" &&
		json '.lost > 1000 and .told > 5000' show events
}

# read_or_lost N: events that were read and those that were told as lost are N together.
read_or_lost() {
	[ "$(jq -s 'map(if .event == "lost" then .events else 1 end) | add' "$TMP/events")" = "$1" ]
}

begin
need 'lab comes up' lab up --workers 2 --six
need 'servers and configuration' servers
need 'sessions of several kinds are there' traffic
check 'sessions by their ends' ends
check 'sessions by the tuples of conntrack' tuples
check 'sessions by who opened them, answers, age' traits
check 'sessions as lines and as JSON, limited' listed
check 'clear takes the same filters' cleared
check 'one subscriber, all about it' subscriber
check 'a subscriber without state, and nonsense' stranger
check 'refusals are told with the limit' refused
check 'use of pools, blocks and their holders' pools
check 'a port that a host has opened' lease
check 'an IPv6 subscriber by any of its addresses' six
check 'top shows the rates that iperf3 sends at' top_rates
check 'top counts each new session once' top_sessions
check 'top names what is dropped' top_drops
check 'top on a screen fits it, follows its size, ends by q' on_a_screen
check 'top refuses nonsense' top_refuses
check 'events of one host' events_of_a_host
check 'events of forwards, limits, ports' events_of_the_box
check 'events as lines, so many and no more' events_as_lines
check 'a slow reader is told what it lost and stops nobody' slow_reader
check 'every packet is accounted for' balanced
finish
