#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# One, two and three workers, mostly on ports with one queue, which one worker
# polls: the others get their packets by hand-off. Each packet is in the counters once.
set -u
. "$(dirname "$0")/lib.sh"

FAR=198.51.100.2

sources() {
	local i
	for i in $(seq 10 39); do
		ip -n "$LAB-lan1" addr add "10.0.0.$i/24" dev eth0 2>/dev/null
	done
}

# Thirty subscribers: with several workers some of them belong to each.
many_subscribers() {
	local i
	for i in $(seq 10 39); do
		on lan1 ping -n -c 1 -W 2 -I "10.0.0.$i" $FAR || { echo "10.0.0.$i"; return 1; }
	done
}

connections() {
	on lan1 timeout 60 "$PEER" many $FAR 7000 200 && on lan2 timeout 60 "$PEER" many $FAR 7000 200
}

transfer() {
	local condition=$1 server
	shift
	serve wan2 tcp 5201 iperf3 -s -1 || return
	server=$SPAWNED_PID
	on lan1 timeout 30 iperf3 -c $FAR -t 2 -J "$@" >"$TMP/iperf.json"
	wait_for 5 process_gone "$server" || end_process "$server"
	jq -c '.error // .end.sum_received' "$TMP/iperf.json"
	jq -e "$condition" "$TMP/iperf.json"
}

handoff_moves() {
	ctl show counters | grep handoff
	if [ "$1" -eq 1 ]; then
		fails counter_above handoff_in 0
	else
		counter_above handoff_in 0
	fi
}

handoff_exact() {
	ctl show counters | grep handoff
	[ "$(counter handoff_in)" -eq "$(counter handoff_out)" ]
}

# No port here steers by itself; with several workers the log says so, and why, for each.
says_how_packets_find_workers() {
	local wanted=2 why='the port has one queue|the device has no RSS table'
	[ "$1" -gt 1 ] || wanted=0
	tail -n "+$LOG_FROM" "$RUN/sluice.log" | grep -E 'port (inside|outside): ' >"$TMP/steering"
	cat "$TMP/steering"
	[ "$(wc -l <"$TMP/steering")" -eq "$wanted" ] &&
		fails grep -vE "^sluice: port (in|out)side: hand-off by software: ($why)\$" "$TMP/steering"
}

works_with() {
	local name=$1 workers=$2
	shift 2
	LOG_FROM=$(($(wc -l <"$RUN/sluice.log") + 1))
	check "$name: starts" lab start "$@" || return
	check "$name: says how packets find their workers" says_how_packets_find_workers "$workers"
	check "$name: thirty subscribers" many_subscribers
	check "$name: 400 connections" connections
	check "$name: iperf3 upstream" transfer '.end.sum_received.bits_per_second > 3e6'
	check "$name: iperf3 downstream" transfer '.end.sum_received.bits_per_second > 3e6' -R
	check "$name: hand-off where it is due" handoff_moves "$workers"
	check "$name: every packet is accounted for" balanced
	check "$name: all handed over, all taken" handoff_exact
	check "$name: ends" lab stop
}

begin
need 'lab comes up' lab up --no-start
touch "$RUN/sluice.log"
need 'echo server' serve wan2 tcp 7000 "$PEER" echo 7000
sources
works_with '1 worker' 1 --workers 1
works_with '2 workers, 1 queue' 2 --workers 2 -- --queues 1
works_with '3 workers, 1 queue' 3 --workers 3 -- --queues 1
works_with '3 workers, 3 queues' 3 --workers 3
works_with '1 worker on the processor of control' 1 --lcores '(0,1)@0'
works_with '2 workers on 1 processor' 2 --lcores '0@0,(1,2)@1'
works_with '2 workers, af_packet' 2 --af-packet --workers 2
finish
