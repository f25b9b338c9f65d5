#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# H.323 calls through the lab: both ends are ours (h323call.py), their connections and media are
# real. What they say is captured on both sides of the box and read by Wireshark, which must find
# nothing wrong with it, before and after.
set -u
. "$(dirname "$0")/lib.sh"

CALL=$ROOT/tests/e2e/h323call.py
OUTSIDE=192.0.2.1

# ---- calls ----

# answered HOST OPTION...: somebody who takes a call; what comes of it is in $TMP/answer.log.
answered() {
	: >"$TMP/answer.log"
	ip netns exec "$LAB-$1" "$CALL" answer 1720 "${@:2}" </dev/null >"$TMP/answer.log" 2>&1 &
	ANSWERED=$!
	SPAWNED+=("$ANSWERED")
	wait_for 10 grep -q ready "$TMP/answer.log"
}

# called HOST ADDRESS OPTION...: call, and see both ends come to a good end.
called() {
	local status=0
	on "$1" timeout 40 "$CALL" call "$2" 1720 "${@:3}" >"$TMP/call.log" 2>&1 || status=1
	wait "$ANSWERED" || status=1
	cat "$TMP/call.log" "$TMP/answer.log"
	return $status
}

# What an end has written of the other one: $1 is call or answer, $2 a path of jq.
told() {
	grep '^{' "$TMP/$1.log" | jq -r "$2" | sort -u
}

# from_inside MODE [OPTIONS-OF-CALLER [OPTIONS-OF-CALLEE]]: the insider is quiet until media come, so
# what lets them in is what it has said.
from_inside() {
	# shellcheck disable=SC2086
	answered wan1 --mode "$1" --rtp 9000 ${3:-} && called lan1 192.0.2.2 --mode "$1" --rtp 7000 --patient ${2:-} &&
		[ "$(told answer '.rtp[0], .rtcp[0]')" = $OUTSIDE ] &&
		[ "$(told call '.rtp | join(":")')" = 192.0.2.2:9000 ]
}

# The same, called from outside.
from_outside() {
	# shellcheck disable=SC2086
	answered lan1 --mode "$1" --rtp 7000 --patient ${3:-} && called wan1 $OUTSIDE --mode "$1" --rtp 9000 ${2:-} &&
		[ "$(told call '.rtp[0], .rtcp[0]')" = $OUTSIDE ] &&
		[ "$(told answer '.signal[] | select(.[0] == "dest") | .[1]')" = 10.0.0.2 ]
}

both_modes_of_h245() {
	from_inside separate --listen && from_inside separate '' --listen
}

both_modes_of_h245_from_outside() {
	from_outside separate --listen && from_outside separate '' --listen
}

# Where RTP goes, RTCP is one above, and the source is the same.
ports_are_neighbours() {
	local rtp rtcp
	rtp=$(told answer '.rtp[1]')
	rtcp=$(told answer '.rtcp[1]')
	[ $((rtp % 2)) -eq 0 ] && [ "$rtcp" -eq $((rtp + 1)) ] &&
		[ "$(told answer '.media_from[] | join(":")')" = "$OUTSIDE:$rtp"$'\n'"$OUTSIDE:$rtcp" ]
}

each_early_answer() {
	from_outside separate '' '--listen --early callProceeding' && from_outside fast '' '--early alerting' &&
		from_outside separate '' '--listen --early facility' && from_outside fast '' '--early progress'
}

# ---- captures ----

# capture NAME CALLS COMMAND...: what passes on both sides of the box meanwhile, as
# $TMP/NAME-{lan1,wan1}.pcap.
capture() {
	local name=$1 calls=$2 host status pids=()
	shift 2
	for host in lan1 wan1; do
		spawn $host tcpdump -i eth0 -U -w "$TMP/$name-$host.pcap" tcp
		pids+=("$SPAWNED_PID")
		wait_for 10 test -s "$TMP/$name-$host.pcap" || return
	done
	"$@"
	status=$?
	for host in lan1 wan1; do
		wait_for 5 has_ended "$TMP/$name-$host.pcap" "$calls"
	done
	for host in "${pids[@]}"; do
		end_process "$host" 2
	done
	return $status
}

# A call is over with the second FIN.
has_ended() {
	[ "$(tcpdump -r "$1" 'tcp port 1720 and tcp[tcpflags] & tcp-fin != 0' 2>/dev/null | wc -l)" -ge $((2 * $2)) ]
}

# What stands in the messages: that stays, and that is an address.
STAYS=(h225.h323_message_body h225.guid h225.conferenceID h225.manufacturerCode h245.forwardLogicalChannelNumber
	h245.sessionID q931.message_type q931.display_information)
ADDRESSES=(h225.ipV4 h245.ip4_network)

# Wireshark reads a capture: $1.txt has a line for each message, with complaints in front.
dissect() {
	local field options=()
	for field in _ws.malformed _ws.expert.severity "${STAYS[@]}" "${ADDRESSES[@]}"; do
		options+=(-e "$field")
	done
	tshark -r "$1" -Y 'h225 || h245' -T fields "${options[@]}" >"$1.txt" 2>"$1.err" && return
	cat "$1.err"
	return 1
}

# is_well_formed FILE MESSAGES: at least so many; 0x600000 is a warning.
is_well_formed() {
	local field severity messages=0
	while IFS= read -r field; do
		messages=$((messages + 1))
		for severity in $(cut -f 1,2 <<<"$field" | tr ',\t' '  '); do
			[ "$severity" -lt $((0x600000)) ] || { printf '%s: %s\n' "$1" "$field"; return 1; }
		done
	done <"$1.txt"
	printf '%s: %d messages\n' "$1" $messages
	[ $messages -ge "$2" ]
}

addresses() {
	cut -f 11,12 "$1.txt" | tr ',\t' '\n\n' | grep . | sort
}

# captured NAME MESSAGES: both sides have the same messages, but for the addresses in them.
captured() {
	local lan=$TMP/$1-lan1.pcap wan=$TMP/$1-wan1.pcap
	dissect "$lan" && dissect "$wan" && is_well_formed "$lan" "$2" && is_well_formed "$wan" "$2" &&
		diff <(cut -f 3-10 "$lan.txt" | sort) <(cut -f 3-10 "$wan.txt" | sort) &&
		addresses "$lan" | grep -q '^10\.0\.0\.2$' && ! addresses "$wan" | grep -v '^192\.0\.2\.[12]$' &&
		diff <(addresses "$lan") <(addresses "$wan" | sed 's/^192\.0\.2\.1$/10.0.0.2/' | sort)
}

# Bytes of the endpoints stand in identifiers, too, and stay there on both sides.
has_decoys() {
	grep -q '0a000002-1b58-0a00-0002-1b580a000002' "$TMP/$1-wan1.pcap.txt" &&
		tshark -r "$TMP/$1-wan1.pcap" -Y 'h225.nonStandardData_element && frame contains 0c:0a:00:00:02:1b:58' 2>/dev/null |
		grep -q H.225
}

all_from_inside() {
	from_inside separate '--decoy --listen' --decoy && from_inside separate --decoy '--decoy --listen' &&
		from_inside tunnel --decoy --decoy && from_inside fast --decoy --decoy
}

all_from_outside() {
	from_outside separate '--decoy --listen' --decoy && from_outside separate --decoy '--decoy --listen' &&
		from_outside tunnel --decoy --decoy && from_outside fast --decoy --decoy
}

captured_from_inside() {
	capture in 4 all_from_inside && captured in 50 && has_decoys in
}

captured_from_outside() {
	capture out 4 all_from_outside && captured out 50 && has_decoys out
}

# ---- safety ----

mappings() {
	ctl show mappings proto udp | grep -c '10\.0\.0\.'
}

# An address of somebody else's: the call is made, no media come, nothing is open.
foreign_address() {
	local before status=0
	before=$(mappings)
	answered wan1 --mode tunnel --no-media || return
	called lan1 192.0.2.2 --mode tunnel --no-media --rtp 7100 --say 10.0.0.3 || status=1
	[ "$(told answer '.rtp[0], .rtcp[0]')" = 10.0.0.3 ] || status=1
	[ "$(told answer '.signal[] | select(.[0] == "source") | .[1]')" = 10.0.0.3 ] || status=1
	[ "$(mappings)" -le "$before" ] || status=1
	return $status
}

low_port() {
	local status=0
	answered wan1 --mode fast --no-media || return
	called lan1 192.0.2.2 --mode fast --no-media --rtp 700 || status=1
	[ "$(told answer '.rtp | join(":")')" = 10.0.0.2:700 ] || status=1
	return $status
}

# Only who is in the call may send, and not after it.
opened_for_the_call_alone() {
	from_inside tunnel || return
	local port
	port=$(told answer '.rtp[1]')
	wait_for 10 test_closed 10.0.0.2:7000 || { ctl show mappings; return 1; }
	ctl show expectations
	ctl -j show expectations | jq -e '[.expectations[] | select(.helper == "h323")] | length == 0'
}

test_closed() {
	! ctl show mappings proto udp | grep -q "$1"
}

garbage() {
	answered wan1 --mode fast || return
	head -c 3000 /dev/urandom | on lan2 timeout 5 nc -q 0 -w 2 192.0.2.2 1720 >/dev/null 2>&1
	printf '\003\000\000\004\003\000\000\010\010\002\200\001\003\000\000\005\010GET / HTTP/1.1\r\n\r\n' |
		on lan2 timeout 5 nc -q 0 -w 2 192.0.2.2 1720 >/dev/null 2>&1
	end_process "$ANSWERED" 1
	from_inside fast
}

# An insider calls another one by its outside address.
hairpin() {
	local mode
	for mode in separate tunnel fast; do
		answered lan1 --mode $mode --rtp 7000 --patient --listen &&
			called lan2 $OUTSIDE --mode $mode --rtp 7000 &&
			[ "$(told call '.rtp[0], .rtcp[0]')" = $OUTSIDE ] &&
			[ "$(told answer '.rtp[0], .rtcp[0]')" = $OUTSIDE ] || return
	done
}

# ---- switches ----

off_by_default() {
	says 'h323' ctl show helpers && ! from_inside_once && [ "$(told answer '.rtp[0]')" = 10.0.0.2 ]
}

# The callee tries to send to the private address, in vain.
from_inside_once() {
	answered wan1 --mode fast --no-media && called lan1 192.0.2.2 --mode fast --no-media &&
		[ "$(told answer '.rtp[0]')" = $OUTSIDE ]
}

switched_on() {
	ctl helper h323 on && says 'helper h323 on' ctl show configuration && from_inside_once
}

switched_off() {
	ctl helper h323 off && off_by_default && ctl helper h323 on
}

another_port() {
	ctl helper h323 port 1720 11720 && says 'helper h323 port 1720 11720' ctl show configuration
}

several_workers() {
	lab stop && lab start --workers 3 && wait_for 10 on lan1 ping -c 1 -W 1 192.0.2.2 &&
		ctl helper h323 on && ctl forward tcp $OUTSIDE:1720 to 10.0.0.2:1720 && both_modes_of_h245 &&
		from_inside tunnel && from_inside fast && both_modes_of_h245_from_outside && from_outside fast
}

begin
need 'lab comes up' lab up
check 'off until switched on' off_by_default
need 'switched on' switched_on
check 'call from inside, H.245 by its own connection, either end listening' both_modes_of_h245
check 'media have an even port and the next one' ports_are_neighbours
check 'call from inside, H.245 tunnelled' from_inside tunnel
check 'call from inside, fast start' from_inside fast
check 'Wireshark reads calls from inside before and after, the same bytes elsewhere stay' captured_from_inside
need 'a forward for calls from outside' ctl forward tcp $OUTSIDE:1720 to 10.0.0.2:1720
check 'call from outside, H.245 by its own connection, either end listening' both_modes_of_h245_from_outside
check 'call from outside, H.245 tunnelled' from_outside tunnel
check 'call from outside, fast start' from_outside fast
check 'Wireshark reads calls from outside before and after, the same bytes elsewhere stay' captured_from_outside
check 'addresses in CallProceeding, Alerting, Progress, Facility' each_early_answer
check 'messages in pieces of seven bytes' from_inside separate '--listen --pieces 7' '--pieces 7'
check 'three calls by one connection' from_inside tunnel '--calls 3' '--calls 3'
check 'an insider calls another one' hairpin
check 'an address of somebody else opens nothing' foreign_address
check 'a low port opens nothing' low_port
check 'what was opened ends with its call' opened_for_the_call_alone
check 'garbage does no harm' garbage
check 'switched off again' switched_off
check 'another port' another_port
check 'every packet is accounted for' balanced
check 'several workers' several_workers
check 'every packet is accounted for with several workers' balanced
finish
