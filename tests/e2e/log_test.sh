#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Records of mappings, sessions and exhaustion: syslog read by a strict RFC 5424 parser,
# IPFIX by nfcapd, collectors that are absent, blocked, or come back.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
OUTSIDE=192.0.2.1
COLLECT=$ROOT/tests/e2e/collect.py
SYSLOG=$TMP/syslog
NFCAPD='' # process id while one runs

# ---- collectors ----

# lines PATTERN: how many messages the syslog collector has that match.
lines() {
	grep -cE -- "$1" "$SYSLOG"
}

seen() {
	[ "$(lines "$1")" -ge "${2:-1}" ]
}

# log_sum KIND FIGURE: of show log, for one kind of log.
log_sum() {
	ctl -j show log | jq "[.logs[] | select(.kind == \"$1\") | .$2] | add"
}

log_figure() {
	ctl -j show log | jq ".$1"
}

collector_start() {
	mkdir -p "$TMP/nf"
	rm -f "$TMP/nf"/*
	ip netns exec "$LAB-wan1" nfcapd -p 4739 -B 4000000 -w "$TMP/nf" -t 3600 \
		</dev/null >"$TMP/nfcapd.out" 2>&1 &
	NFCAPD=$!
	SPAWNED+=("$NFCAPD")
	wait_for 10 listening wan1 udp 4739
}

# A collector, and a stream of records that begins with it.
nfcapd_start() {
	! says "ipfix $WAN" ctl show configuration >"$TMP/ctl.log" || ctl no log ipfix $WAN || return
	collector_start && ctl log ipfix $WAN mappings sessions exhaustion
}

# It writes what it has when it ends: event, protocol, inside, outside, remote, its name for it.
nfcapd_end() {
	end_process "$NFCAPD" 10
	NFCAPD=''
	nfdump -R "$TMP/nf" -o json 2>/dev/null | jq -r '.[] | [.nat_event_id, .proto,
		"\(.src4_addr):\(.src_port)", "\(.src4_xlt_ip):\(.src_xlt_port)",
		"\(.dst4_addr):\(.dst_port)", .nat_event] | join("|")' >"$TMP/flows"
	cat "$TMP/nfcapd.out" "$TMP/flows"
}

# flow EVENT PROTOCOL INSIDE OUTSIDE [REMOTE]
flow() {
	grep "^$1|$2|$3|$4|${5:-}" "$TMP/flows"
}

# ---- traffic ----

# ask PROTO SOURCE-PORT: an exchange from lan1; its outside endpoint is in $GOT.
ask() {
	GOT=$(peer_on lan1 ask "$1" $WAN 7000 x "$2" | grep -o "^$OUTSIDE:[0-9]*")
	[ -n "$GOT" ]
}

# burst N FIRST: N UDP packets from as many ports of lan1.
burst() {
	on lan1 python3 -c '
import socket, sys
n, first = int(sys.argv[1]), int(sys.argv[2])
for i in range(n):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", first + i))
    s.sendto(b"x", ("192.0.2.2", 9))
    s.close()
' "$1" "$2"
}

no_sessions() {
	[ "$(ctl show sessions count)" = '0 sessions' ]
}

quiet() {
	ctl clear sessions && wait_for 10 no_sessions
}

# ---- statements ----

nothing_by_default() {
	ask udp 40000 && [ "$(log_figure taken)" = 0 ] &&
		fails says log ctl show configuration
}

written() {
	ctl log syslog $WAN:5514 && ctl log ipfix $WAN domain 77 sessions blocks &&
		ctl log syslog local exhaustion || return
	ctl show configuration | grep '^log' >"$TMP/logs"
	diff "$TMP/logs" - <<-END || return
		log syslog $WAN:5514 mappings blocks exhaustion
		log ipfix $WAN:4739 domain 77 sessions blocks
		log syslog local exhaustion
	END
	ctl show configuration >"$TMP/one.conf" && ctl load "$TMP/one.conf" &&
		ctl show configuration | diff "$TMP/one.conf" - && ctl -j show log | jq -e .
}

taken_back() {
	ctl no log syslog local && ctl no log ipfix $WAN && ctl no log syslog $WAN:5514 &&
		fails says log ctl show configuration
}

wrong() {
	says 'no such log' ctl no log syslog $WAN && fails ctl no log syslog $WAN &&
		says "'224.0.0.1'" ctl log syslog 224.0.0.1 && fails ctl log syslog 224.0.0.1 &&
		fails ctl log ipfix $WAN:0 && fails ctl log syslog $WAN pictures || return
	local i
	for i in 1 2 3 4 5 6 7 8; do
		ctl log syslog 192.0.2.20$i || return
	done
	fails ctl log syslog 192.0.2.209 || return
	for i in 1 2 3 4 5 6 7 8; do
		ctl no log syslog 192.0.2.20$i || return
	done
}

# ---- syslog ----

mappings_only() {
	quiet && ctl log syslog $WAN:5514 && ask udp 40001 && wait_for 5 seen APMADD && quiet &&
		wait_for 5 seen APMDEL || return
	cat "$SYSLOG"
	local t="IATYP=IPv4 ISADDR=10.0.0.2 ISPORT=40001 XATYP=IPv4 XSADDR=$OUTSIDE XSPORT=${GOT#*:} PROTO=17"
	[ "$(lines "^APMADD napmap .*$t")" -eq 1 ] && [ "$(lines "^APMDEL napmap .*$t")" -eq 1 ] &&
		[ "$(wc -l <"$SYSLOG")" -eq 2 ]
}

no_destinations() {
	[ "$(lines "XDADDR|$WAN")" -eq 0 ]
}

sessions_by_age() {
	ctl timeout udp 1 && ctl log syslog $WAN:5514 mappings sessions && ask udp 40002 &&
		wait_for 10 seen "SDEL .*ISPORT=40002" && wait_for 5 seen "APMDEL .*ISPORT=40002" ||
		return
	grep 40002 "$SYSLOG"
	local t="ISADDR=10.0.0.2 ISPORT=40002 XATYP=IPv4 XSADDR=$OUTSIDE XSPORT=${GOT#*:} PROTO=17 XDADDR=$WAN XDPORT=7000"
	[ "$(lines "^SADD nsess .*$t")" -eq 1 ] && [ "$(lines "^SDEL nsess .*$t")" -eq 1 ]
}

# Row 45: the same session again is told again, once each.
reopened() {
	ask udp 40002 && wait_for 10 seen 'SDEL .*ISPORT=40002' 2 &&
		wait_for 5 seen 'APMDEL .*ISPORT=40002' 2 || return
	local id
	for id in APMADD APMDEL SADD SDEL; do
		[ "$(lines "^$id .*ISPORT=40002")" -eq 2 ] || return
	done
	ctl no timeout udp
}

tcp_and_icmp() {
	ask tcp 40003 && wait_for 5 seen "SADD .*ISPORT=40003 .*XSPORT=${GOT#*:} PROTO=6 XDADDR=$WAN XDPORT=7000" &&
		on lan1 ping -c 1 -W 2 $WAN && wait_for 5 seen 'SADD .*PROTO=1 ' && quiet
}

# All messages so far: RFC 5424, informational from local0, with the time they happened.
well_formed() {
	grep -v 'PRI=134 APP=sluice' "$SYSLOG"
	[ "$(lines '^BAD')" -eq 0 ] && [ "$(lines 'PRI=134 APP=sluice')" -eq "$(wc -l <"$SYSLOG")" ] &&
		[ "$(lines 'TIME=-?[0-1]\.')" -eq "$(wc -l <"$SYSLOG")" ]
}

# ---- IPFIX ----

ipfix_events() {
	local udp tcp
	nfcapd_start && ask udp 40011 || return
	udp=$GOT
	ask tcp 40012 || return
	tcp=$GOT
	# Same box, same logs: the stream goes on over a reload.
	ctl show configuration >"$TMP/now.conf" && ctl load "$TMP/now.conf" && quiet &&
		wait_for 5 seen 'SDEL .*ISPORT=40012' && sleep 0.2
	nfcapd_end
	flow 4 17 10.0.0.2:40011 "$udp" $WAN:7000 && flow 5 17 10.0.0.2:40011 "$udp" $WAN:7000 &&
		flow 8 17 10.0.0.2:40011 "$udp" && flow 9 17 10.0.0.2:40011 "$udp" &&
		flow 4 6 10.0.0.2:40012 "$tcp" $WAN:7000 && flow 5 6 10.0.0.2:40012 "$tcp" $WAN:7000 &&
		flow 8 6 10.0.0.2:40012 "$tcp" && flow 9 6 10.0.0.2:40012 "$tcp" &&
		[ "$(wc -l <"$TMP/flows")" -eq 8 ]
}

in_sequence() {
	grep 'Sequence Errors: 0, Bad Packets: 0' "$TMP/nfcapd.out"
}

# More records than one message holds, and more than one turn of control takes. Without
# syslog, whose thousands of datagrams are too many for the queues of a small lab.
many_records() {
	ctl log syslog $WAN:5514 exhaustion && nfcapd_start && burst 1000 20000 &&
		wait_for 10 sessions_there 1000 && quiet && wait_for 10 test_sent 4000 && sleep 0.5
	nfcapd_end | grep Sequence
	cut -d'|' -f1 "$TMP/flows" | sort | uniq -c
	ctl show log
	ctl show counters
	[ "$(grep -c '^4|17|10.0.0.2:2' "$TMP/flows")" -eq 1000 ] &&
		[ "$(grep -c '^5|17|10.0.0.2:2' "$TMP/flows")" -eq 1000 ] &&
		[ "$(grep -c '^8|' "$TMP/flows")" -eq 1000 ] && [ "$(grep -c '^9|' "$TMP/flows")" -eq 1000 ] &&
		in_sequence
}

sessions_there() {
	[ "$(ctl show sessions count | cut -d' ' -f1)" -ge "$1" ]
}

test_sent() {
	[ "$(log_sum ipfix sent)" -ge "$1" ]
}

# A pool in blocks: one record for many ports, both ends of the block in it.
blocks() {
	nfcapd_start && ctl log ipfix $WAN blocks && ctl log syslog $WAN:5514 && ctl block-idle 1 &&
		ctl timeout port-rest 0 &&
		ctl pool block address $OUTSIDE && ctl pool block ports 20000-23199 &&
		ctl pool block blocks 64 && ask udp 40041 && ask udp 40042 && wait_for 5 seen PBADD &&
		quiet && wait_for 20 seen PBDEL && sleep 0.2
	nfcapd_end
	grep -E '^PB' "$SYSLOG"
	ctl no pool block && ctl no block-idle && ctl no timeout port-rest
	local first
	first=$(sed -n 's/^PBADD .*XSPORTMIN=\([0-9]*\) .*/\1/p' "$SYSLOG")
	[ "$(lines '^PB')" -eq 2 ] &&
		[ "$(lines "^PB(ADD|DEL) npblock .*ISADDR=10.0.0.2 XSADDR=$OUTSIDE XSPORTMIN=$first XSPORTMAX=$((first + 63)) ")" -eq 2 ] &&
		[ "$((${GOT#*:} / 64))" -eq "$((first / 64))" ] &&
		[ "$(grep -c '^16|' "$TMP/flows")" -eq 1 ] && [ "$(grep -c '^17|' "$TMP/flows")" -eq 1 ]
}

# ---- what runs out ----

held_back() {
	burst 12 30000
	[ "$(log_figure held_back)" -gt 0 ]
}

# The pool has eight ports; twelve are wanted, again and again for some seconds.
ports_exhausted() {
	ctl log syslog $WAN:5514 exhaustion && nfcapd_start && ctl pool small address $OUTSIDE && ctl pool small ports 20000-20007 &&
		wait_for 20 held_back && wait_for 5 seen PORTEX || return
	sleep 0.2
	nfcapd_end
	grep PORTEX "$SYSLOG"
	[ "$(counter drop_no_port)" -gt 2 ] && [ "$(lines '^PORTEX')" -eq 1 ] &&
		[ "$(lines "^PORTEX nrefusal .*ISADDR=10.0.0.2 XSADDR=$OUTSIDE PROTO=17 REASON=drop_no_port PRI=132")" -eq 1 ] &&
		[ "$(grep -c "^12|17|10.0.0.2:[^|]*|$OUTSIDE:" "$TMP/flows")" -eq 1 ]
}

limit_reached() {
	ctl no pool small && ctl limit subscriber sessions 5 && quiet && nfcapd_start &&
		burst 8 31000 && wait_for 5 seen QUOTEX || return
	sleep 0.2
	nfcapd_end
	grep QUOTEX "$SYSLOG"
	ctl no limit subscriber sessions
	[ "$(lines '^QUOTEX nrefusal .*ISADDR=10.0.0.2 .*REASON=drop_limit_sessions LIMIT=5')" -eq 1 ] &&
		[ "$(grep -c '^13|' "$TMP/flows")" -eq 1 ]
}

# ---- collectors in trouble ----

lossless_ping() {
	on lan2 ping -n -q -i 0.01 -c 200 -W 2 $WAN >"$TMP/ping.log" 2>&1
	tail -n 3 "$TMP/ping.log"
	grep -q ' 0% packet loss' "$TMP/ping.log"
}

# nfcapd is not there: ICMP says so, some of the records are known to be lost.
absent() {
	local lost
	lost=$(log_sum ipfix lost)
	ctl log ipfix $WAN mappings sessions && quiet || return
	burst 20 32000 && burst 20 32100 && lossless_ping && ask tcp 40020 &&
		wait_for 10 test_lost ipfix "$lost" && says 'Connection refused' ctl show log
	local status=$?
	ctl show log
	return $status
}

test_lost() {
	burst 2 $((RANDOM % 1000 + 33000))
	[ "$(log_sum "$1" lost)" -gt "$2" ]
}

# An address where nobody answers ARP.
unreachable() {
	ctl log syslog 192.0.2.99 mappings sessions && quiet && burst 50 34000 && lossless_ping &&
		ask tcp 40021 && ctl no log syslog 192.0.2.99
}

# The collector that comes back knows no templates.
comes_back() {
	collector_start && ask udp 40022 && wait_for 20 test_state up && ask udp 40023 && sleep 0.3
	nfcapd_end
	flow 4 17 10.0.0.2:40023 "$GOT" $WAN:7000
}

test_state() {
	burst 1 $((RANDOM % 1000 + 35000))
	[ "$(ctl -j show log | jq -r '.logs[] | select(.kind == "ipfix") | .state')" = "$1" ]
}

local_log() {
	SYSLOG=$TMP/local
	ctl log syslog local mappings sessions && says 'No such file' ctl show log || return
	spawn gw "$COLLECT" local /dev/log "$SYSLOG"
	LOCAL=$SPAWNED_PID
	wait_for 10 test_local_up && ask udp 40030 && wait_for 5 seen "SADD .*ISPORT=40030" || return
	grep -E '40030|^BAD' "$SYSLOG"
	[ "$(lines '^BAD')" -eq 0 ] && seen "MSG=10.0.0.2:40030 nat $GOT to $WAN:7000"
}

test_local_up() {
	says 'syslog local mappings sessions: sent 0 lost 0, up' ctl show log
}

# A syslogd that reads no more.
blocked() {
	local lost
	lost=$(log_sum syslog lost)
	quiet && kill -STOP "$LOCAL" || return
	burst 1500 20000 && lossless_ping && ask tcp 40031 && quiet
	local status=$?
	ctl show log
	kill -CONT "$LOCAL"
	[ $status -eq 0 ] && [ "$(log_sum syslog lost)" -gt "$lost" ] &&
		ask udp 40032 && wait_for 5 seen "SADD .*ISPORT=40032"
}

end_local() {
	end_process "$LOCAL"
	rm -f /dev/log
}

# What was taken and wanted is sent or lost; none disappears.
accounted() {
	quiet && ctl -j show log >"$TMP/log.json" && cat "$TMP/log.json" &&
		jq -e '.overflow == 0 and .taken > 0 and
			([.logs[].sent] | add) <= .sent and ([.logs[].lost] | add) <= .lost' "$TMP/log.json"
}

# Control stands still when the end comes: what the workers have recorded since is sent all the
# same, through this very box.
end_tells_all() {
	local pid
	pid=$(cat "$RUN/sluice.pid")
	SYSLOG=$TMP/syslog
	ctl log syslog $WAN:5514 sessions && quiet && ask udp 40050 && wait_for 5 seen 'SADD .*ISPORT=40050' || return
	mkfifo "$TMP/thaw"
	"$ROOT/tests/e2e/freeze.py" "$pid" <"$TMP/thaw" >"$TMP/frozen" 2>&1 &
	SPAWNED+=("$!")
	exec 8>"$TMP/thaw"
	wait_for 5 grep -q frozen "$TMP/frozen" || { cat "$TMP/frozen"; return 1; }
	burst 100 36000
	kill -TERM "$pid"
	sent=$(lines 'SADD .*ISPORT=36')
	exec 8>&-
	wait_for 10 process_gone "$pid" && wait_for 5 seen 'SADD .*ISPORT=36' 100
	echo "$sent before the end, $(lines 'SADD .*ISPORT=36') of 100 after it"
	lab stop
	[ "$sent" -eq 0 ] && [ "$(lines 'SADD .*ISPORT=36')" -eq 100 ]
}

telemetry() {
	says '"taken": ' sh -c "echo /sluice/log | timeout 10 dpdk-telemetry.py -f '$LAB'"
}

begin
need 'lab comes up' lab up
need 'echo servers' serve wan1 udp 7000 "$PEER" echo 7000
need 'syslog collector' serve wan1 udp 5514 "$COLLECT" udp 5514 "$SYSLOG"
check 'nothing is recorded by default' nothing_by_default
check 'logs in show configuration, read back' written
check 'logs are taken back' taken_back
check 'wrong statements are refused' wrong
check 'syslog: a mapping is told when made and when ended' mappings_only
check 'destinations are not logged by default' no_destinations
check 'syslog: sessions with both tuples, when asked for' sessions_by_age
check 'syslog: a session made again is told again, once' reopened
check 'syslog: TCP and ICMP' tcp_and_icmp
check 'syslog: every message is RFC 5424' well_formed
check 'IPFIX: mappings and sessions as nfcapd reads them' ipfix_events
check 'IPFIX: nothing missing in the sequence over a reload' in_sequence
check 'IPFIX: 4000 records' many_records
check 'blocks of ports: told when given and when taken back' blocks
check 'ports exhausted: told once' ports_exhausted
check 'limit of a subscriber: told with its value' limit_reached
check 'an absent collector disturbs nobody, losses are counted' absent
check 'nor does one that nobody can reach' unreachable
check 'a collector that comes back gets templates' comes_back
if [ -e /dev/log ]; then
	skip 'the local syslog' 'there is a /dev/log here'
else
	check 'the local syslog' local_log
	check 'a blocked syslogd disturbs nobody, losses are counted' blocked
	end_local
fi
check 'records are accounted for' accounted
check 'telemetry' telemetry
check 'every packet is accounted for' balanced
check 'what is recorded before the end is sent' end_tells_all
finish
