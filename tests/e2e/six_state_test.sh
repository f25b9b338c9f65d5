#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# State of an IPv6 host behind NAT64 (lan6) over time: a connection that lives through changes of
# its host's forwards, and through its own lifetime, since the box asks the host's kernel whether
# it has it still.
set -u
. "$(dirname "$0")/lib.sh"

FAR=64:ff9b::198.51.100.2
CLIENT=2001:db8:1::6

# One connection for the whole test: what is written to descriptor 7 comes back into hold.log.
hold_up() {
	serve wan2 tcp 7000 "$PEER" echo 7000 && serve lan6 tcp 7000 "$PEER" echo 7000 :: || return
	mkfifo "$TMP/hold"
	ip netns exec "$LAB-lan6" "$PEER" hold $FAR 7000 40000 <"$TMP/hold" >"$TMP/hold.log" 2>&1 &
	HOLD=$!
	exec 7>"$TMP/hold"
	wait_for 5 grep -q up "$TMP/hold.log"
}

goes_on() {
	echo "$1" >&7
	wait_for 3 grep -q "$1" "$TMP/hold.log"
}

forward_comes() {
	goes_on before && ctl forward tcp 192.0.2.1:7100 to "[$CLIENT]:7000" && goes_on with &&
		says hello on wan2 "$PEER" ask tcp 192.0.2.1 7100 hello && goes_on after
}

forward_goes() {
	ctl no forward tcp 192.0.2.1:7100 && fails on wan2 timeout 1 nc -z -w 1 192.0.2.1 7100 &&
		goes_on without && ctl forward tcp 192.0.2.1:7101 to "[$CLIENT]:7000" && goes_on again &&
		says hello on wan2 "$PEER" ask tcp 192.0.2.1 7101 hello
}

sessions() {
	says "$1 sessions" ctl show sessions inside "[$CLIENT]:40000" proto tcp count
}

# The connection says nothing, and its time runs out twice.
probed() {
	ctl timeout tcp-established 2 && wait_for 15 counter_above tcp_probes 1 && sessions 1 &&
		goes_on still && ctl show sessions inside "[$CLIENT]:40000" | grep ESTABLISHED
}

# The host has gone without a word.
not_answered() {
	ip -n "$LAB-lan6" link set eth0 down
	ctl timeout tcp-closing 2 && wait_for 15 sessions 0
}

begin
need 'lab comes up' lab up --six
need 'a connection is there' hold_up
check 'it lives on when its host gets a forward' forward_comes
check 'it lives on when its host loses its forward' forward_goes
check 'it lives on when the host answers the probe' probed
check 'it ends when nobody answers' not_answered
exec 7>&-
end_process "$HOLD"
check 'every packet is accounted for' balanced
finish
