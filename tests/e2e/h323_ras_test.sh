#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# An H.323 endpoint inside registers with a gatekeeper outside, and is called by way of it: RAS by
# h323ras.py, the call by h323call.py. What both say is read by Wireshark on both sides.
set -u
. "$(dirname "$0")/lib.sh"

CALL=$ROOT/tests/e2e/h323call.py
RAS=$ROOT/tests/e2e/h323ras.py
OUTSIDE=192.0.2.1
KEEPER=192.0.2.2

has_gatekeeper() {
	ip netns exec "$LAB-wan1" "$RAS" gatekeeper </dev/null >"$TMP/keeper.log" 2>&1 &
	SPAWNED+=("$!")
	wait_for 10 grep -q ready "$TMP/keeper.log"
}

# The last message of this kind as the gatekeeper has it: a path of jq.
told() {
	grep '^{' "$TMP/keeper.log" | jq -r "select(.kind == \"$1\") | $2" | tail -n 1
}

registered() {
	on lan1 "$RAS" register 10.0.0.2 $KEEPER 300 &&
		[ "$(told rrq '.signal[0][0]')" = $OUTSIDE ] &&
		[ "$(told rrq '.ras[0] | join(":")')" = "$(told rrq '.from | join(":")')" ]
}

# (Another host: a flow keeps what it was made with.)
private_while_off() {
	on lan2 "$RAS" register 10.0.0.3 $KEEPER && [ "$(told rrq '.signal[0][0]')" = 10.0.0.3 ]
}

# call MODE: the insider is quiet until media come, so what lets them in is what it has said.
call() {
	local status=0 port pid
	port=$(told rrq '.signal[0][1]')
	: >"$TMP/answer.log"
	ip netns exec "$LAB-lan1" "$CALL" answer 1720 --mode "$1" --rtp 7000 --patient --listen \
		</dev/null >"$TMP/answer.log" 2>&1 &
	pid=$!
	SPAWNED+=("$pid")
	wait_for 10 grep -q ready "$TMP/answer.log" || return
	on wan1 timeout 40 "$CALL" call $OUTSIDE "$port" --mode "$1" --rtp 9000 >"$TMP/call.log" 2>&1 || status=1
	[ $status -eq 0 ] || end_process "$pid" 1
	wait "$pid" || status=1
	cat "$TMP/call.log" "$TMP/answer.log"
	grep -q "\"rtp\": \[\"$OUTSIDE\"" "$TMP/call.log" && return $status
}

calls() {
	call separate && call tunnel && call fast
}

knocks() {
	on "$1" timeout 3 nc -z -w 1 $OUTSIDE "$(told rrq '.signal[0][1]')"
}

others_are_kept_out() {
	on wan1 ip addr add 192.0.2.77/24 dev eth0 || return
	! on wan1 timeout 3 nc -z -w 1 -s 192.0.2.77 $OUTSIDE "$(told rrq '.signal[0][1]')"
}

is_open() {
	ctl show expectations | grep -E 'tcp.*10\.0\.0\.2:1720'
}

left() {
	on lan1 "$RAS" leave 10.0.0.2 $KEEPER && [ "$(told urq '.signal[0][0]')" = $OUTSIDE ] &&
		[ "$(told urq '.signal[0][1]')" = "$(told rrq '.signal[0][1]')" ] &&
		wait_for 10 fails is_open && fails knocks wan1
}

# ---- captures ----

capture() {
	local host pids=()
	for host in lan1 wan1; do
		spawn $host tcpdump -i eth0 -U -w "$TMP/$host.pcap" udp port 1719
		pids+=("$SPAWNED_PID")
		wait_for 10 test -s "$TMP/$host.pcap" || return
	done
	registered && on lan1 "$RAS" leave 10.0.0.2 $KEEPER || return
	for host in lan1 wan1; do
		wait_for 5 has_all "$TMP/$host.pcap"
	done
	for host in "${pids[@]}"; do
		end_process "$host" 2
	done
}

has_all() {
	[ "$(tcpdump -r "$1" 2>/dev/null | wc -l)" -ge 6 ]
}

dissect() {
	tshark -r "$1" -Y h225.RasMessage -T fields -e _ws.malformed -e _ws.expert.severity \
		-e h225.RasMessage -e h225.requestSeqNum -e h225.ipV4 >"$1.txt" 2>"$1.err" || cat "$1.err"
}

is_well_formed() {
	cat "$1.txt"
	[ "$(wc -l <"$1.txt")" -ge 6 ] && ! cut -f 1,2 "$1.txt" | grep -q '[0-9A-Za-z]'
}

captured() {
	capture && dissect "$TMP/lan1.pcap" && dissect "$TMP/wan1.pcap" && is_well_formed "$TMP/lan1.pcap" &&
		is_well_formed "$TMP/wan1.pcap" && ! cut -f 5 "$TMP/wan1.pcap.txt" | grep -F 10.0.0 &&
		diff <(cut -f 3,4 "$TMP/lan1.pcap.txt") <(cut -f 3,4 "$TMP/wan1.pcap.txt") &&
		diff <(cut -f 5 "$TMP/lan1.pcap.txt") <(cut -f 5 "$TMP/wan1.pcap.txt" | sed 's/192\.0\.2\.1$/10.0.0.2/; s/192\.0\.2\.1,/10.0.0.2,/')
}

several_workers() {
	lab stop && lab start --workers 3 && wait_for 10 on lan1 ping -c 1 -W 1 $KEEPER &&
		ctl helper h323 on && ctl helper ras on && registered && calls && left
}

begin
need 'lab comes up' lab up
need 'gatekeeper' has_gatekeeper
check 'off until switched on' private_while_off
need 'switched on' ctl helper ras on
need 'and call signalling' ctl helper h323 on
check 'registered by an outside endpoint' registered
check 'which is there for the gatekeeper' is_open
check 'called by way of the gatekeeper, with media' calls
check 'others are kept out' others_are_kept_out
check 'gone when it leaves' left
check 'Wireshark reads RAS before and after' captured
check 'every packet is accounted for' balanced
check 'several workers' several_workers
check 'every packet is accounted for with several workers' balanced
finish
