#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Endurance: downloads, floods and short sessions through the box for so many seconds, and then
# what must be as it was: memory, packet buffers, ports, the packet balance.
#
#   tests/e2e/soak.sh SECONDS        (scripts/soak.sh runs it; no test of scripts/test.sh)
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
FAR=198.51.100.2
LENGTH=${1:-60}
GROWTH_KB=8192 # resident memory may grow by this: an allocator keeps what it had once

servers() {
	mkdir "$TMP/www"
	head -c 4194304 /dev/urandom >"$TMP/www/file"
	serve wan1 tcp 8080 "$PEER" web 8080 "$TMP/www" &&
		serve wan1 tcp 5201 iperf3 -s &&
		serve wan2 tcp 7000 "$PEER" echo 7000
}

short_lives() {
	ctl timeout udp 5 && ctl timeout tcp-opening 5 && ctl timeout tcp-closing 5 &&
		ctl timeout tcp-established 20 && ctl timeout icmp 5 && ctl timeout port-rest 2
}

resident() {
	awk '/^VmRSS/ { print $2 }' "/proc/$(cat "$RUN/sluice.pid")/status"
}

# Packet buffers free, of each worker.
buffers() {
	ctl -j show memory | jq -c '[.pools[] | .free // .available]'
}

sessions() {
	ctl show sessions count | grep -oE '[0-9]+' | head -1
}

no_sessions() {
	[ "$(sessions)" = 0 ]
}

# Ports of all protocols in use or resting, or of a subscriber's block.
ports() {
	ctl -j show pools | jq '[.. | objects | .tcp?, .udp?, .icmp? | numbers] | add // 0'
}

no_ports() {
	[ "$(ports)" = 0 ]
}

# churn END: everything at once, again and again.
churn() {
	local failed=0 turn=0
	while [ "$SECONDS" -lt "$1" ]; do
		turn=$((turn + 1))
		on lan1 curl -sS --max-time 60 -o "$TMP/got1" "http://$WAN:8080/file" &
		local a=$!
		on lan2 timeout 60 "$PEER" many $FAR 7000 200 >"$TMP/many.log" 2>&1 &
		local b=$!
		on lan2 timeout 30 iperf3 -c $WAN -t 2 $((turn % 2 ? 0 : 1)) >/dev/null 2>&1 &
		local c=$!
		wait $a || failed=$((failed + 1))
		cmp -s "$TMP/www/file" "$TMP/got1" || failed=$((failed + 1))
		wait $b || failed=$((failed + 1))
		wait $c
	done
	echo "$turn turns, $failed failures"
	[ "$failed" -eq 0 ] && [ "$turn" -gt 0 ]
}

memory_is_as_before() {
	local now
	now=$(resident)
	echo "resident $BEFORE kB, now $now kB"
	[ "$now" -le $((BEFORE + GROWTH_KB)) ]
}

buffers_are_back() {
	local now
	now=$(buffers)
	echo "free $BUFFERS, now $now"
	[ "$now" = "$BUFFERS" ]
}

begin
need 'lab comes up' lab up --workers 2
need 'servers start' servers
need 'sessions have short lives' short_lives
need 'a first turn warms everything up' churn $((SECONDS + 5))
need 'sessions end' wait_for 60 no_sessions
BEFORE=$(resident)
BUFFERS=$(buffers)
check "$LENGTH seconds of downloads, streams and short sessions" churn $((SECONDS + LENGTH))
check 'all sessions end' wait_for 60 no_sessions
check 'all ports come back' wait_for 30 no_ports
check 'packet buffers are all back' wait_for 10 buffers_are_back
check 'resident memory has not grown' memory_is_as_before
check 'every packet is accounted for' balanced
finish
