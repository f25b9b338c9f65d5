#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What would become of a packet, and what becomes of packets: explain, held against what then
# happens to real ones; trace and capture of real traffic, read by tshark.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
OUTSIDE=192.0.2.1

# ---- explain ----

verdict() {
	ctl -j explain "$@" | jq -r .verdict
}

# is COUNTER PACKET...: that is the verdict.
is() {
	local wanted=$1 said
	shift
	said=$(verdict "$@")
	echo "$*: $said"
	[ "$said" = "$wanted" ]
}

# foretold COUNTER PACKET COMMAND...: that is the verdict, and the command makes it true.
foretold() {
	local counter=$1 packet=$2 said before
	shift 2
	# shellcheck disable=SC2086
	said=$(ctl -j explain "$packet" ${OPTIONS:-} | jq -r .verdict)
	[ "$said" = "$counter" ] || {
		echo "explained as $said, not $counter"
		return 1
	}
	before=$(counter "$counter")
	"$@" >/dev/null 2>&1
	wait_for 5 counter_above "$counter" "$before"
}

send_udp() { # HOST ADDRESS PORT SOURCE-PORT
	on "$1" python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", int(sys.argv[3])))
s.sendto(b"sluice", (sys.argv[1], int(sys.argv[2])))' "$2" "$3" "$4"
}

passes() {
	foretold tx_outside "udp 10.0.0.2:4000 > $WAN:7000" send_udp lan1 $WAN 7000 4000
}

# Now the session is there, and says so.
session_is_found() {
	says 'session     udp 10.0.0.2:4000' ctl explain "udp 10.0.0.2:4000 > $WAN:7000" &&
		foretold tx_outside "udp 10.0.0.2:4000 > $WAN:7000" send_udp lan1 $WAN 7000 4000
}

stranger_is_dropped() {
	foretold drop_no_mapping "udp $WAN:999 > $OUTSIDE:3000" send_udp wan1 $OUTSIDE 3000 999
}

ttl_runs_out() {
	OPTIONS='ttl 1' foretold drop_ttl "icmp 10.0.0.2 > $WAN" on lan1 ping -c 1 -W 1 -t 1 $WAN &&
		says 'ICMP type 11' ctl explain "icmp 10.0.0.2 > $WAN" ttl 1
}

box_itself() {
	foretold punted_local 'icmp 10.0.0.2 > 10.0.0.1' on lan1 ping -c 1 -W 1 10.0.0.1
}

service_refused() {
	foretold drop_service "tcp $WAN:999 > $OUTSIDE:1022" on wan1 timeout 1 nc -z -w 1 $OUTSIDE 1022
}

forward_turns_round() {
	ctl forward udp $OUTSIDE:8000 to 10.0.0.3:7000 && on lan2 ping -q -c 1 -W 1 10.0.0.1 &&
		says 'turns round' ctl explain "udp 10.0.0.2:4100 > $OUTSIDE:8000" &&
		foretold tx_inside "udp 10.0.0.2:4100 > $OUTSIDE:8000" \
			send_udp lan1 $OUTSIDE 8000 4100
}

forward_is_told() {
	says 'by a port forward' ctl explain "udp $WAN:999 > $OUTSIDE:8000" &&
		foretold tx_inside "udp $WAN:999 > $OUTSIDE:8000" send_udp wan1 $OUTSIDE 8000 999
}

limit_is_told() {
	ctl limit subscriber sessions 1 &&
		foretold drop_limit_sessions "udp 10.0.0.2:4200 > $WAN:7000" \
			send_udp lan1 $WAN 7000 4200 &&
		says 'limit 1' ctl explain "udp 10.0.0.2:4200 > $WAN:7000" &&
		ctl limit subscriber sessions 0
}

unknown_neighbour() {
	says 'nobody knows' ctl explain 'udp 10.0.0.2:4300 > 192.0.2.99:7000' &&
		[ "$(verdict 'udp 10.0.0.2:4300 > 192.0.2.99:7000')" = held ]
}

other_protocols() {
	ctl other-protocols off && is drop_protocol "gre 10.0.0.2 > $WAN" &&
		ctl other-protocols on && is tx_outside "gre 10.0.0.2 > $WAN" &&
		is drop_no_state "tcp 10.0.0.2:4400 > $WAN:80" flags A &&
		is drop_bogon "udp 127.0.0.1:1 > $WAN:80" from inside &&
		is drop_too_big udp 10.0.0.2:4400 '>' $WAN:80 length 9000 df &&
		is tx_outside udp 10.0.0.2:4400 '>' $WAN:80 length 9000
}

nothing_changes() {
	local i
	ctl show counters | grep -v bytes >"$TMP/before"
	ctl show sessions | sort | awk '{ $3 = ""; print }' >"$TMP/sessions"
	for i in 1 2 3 4 5; do
		ctl explain "udp 10.0.0.2:$((5000 + i)) > $WAN:7000" >/dev/null || return
	done
	ctl show sessions | sort | awk '{ $3 = ""; print }' | diff "$TMP/sessions" - &&
		ctl show counters | grep -v bytes |
		grep -E 'sessions_made|mappings_made|drop_|punted_local|icmp_made' >"$TMP/after"
	grep -E 'sessions_made|mappings_made|drop_|punted_local|icmp_made' "$TMP/before" |
		diff - "$TMP/after"
}

wrong_packets() {
	says 'both ends of this protocol have ports' ctl explain 'udp 10.0.0.2 > 192.0.2.2' &&
		says "'banana'" ctl explain 'udp banana > 192.0.2.2:53' &&
		says ":7x'" ctl explain 'udp 10.0.0.2:7x > 192.0.2.2:53' &&
		says 'both IPv6' ctl explain 'udp [2001:db8::1]:5 > 192.0.2.2:53' &&
		says 'that it quotes' ctl explain 'icmp 10.0.0.2 > 192.0.2.2' type 3 &&
		fails ctl explain 'udp 10.0.0.2 > 192.0.2.2' &&
		fails ctl explain '"udp 10.0.0.2:1 > 192.0.2.2:2"'
}

# ---- trace ----

process_over() {
	"$@" >/dev/null 2>&1
	process_gone "$WATCHER"
}

# watch_by OUTPUT STATEMENT...: in the background; its process is $WATCHER.
watch_by() {
	local out=$1
	shift
	"$BUILD/app/sluicectl" -s "$RUN/ctl" "$@" >"$TMP/$out" 2>"$TMP/$out.err" &
	WATCHER=$!
	SPAWNED+=("$WATCHER")
}

trace_shows_stages() {
	watch_by trace trace proto udp address 10.0.0.2:4500 count 2
	wait_for 10 process_over send_udp lan1 $WAN 7000 4500 || return
	cat "$TMP/trace" "$TMP/trace.err"
	grep -q 'received inside: udp 10.0.0.2:4500 > 192.0.2.2:7000' "$TMP/trace" &&
		grep -q 'settle .*sessions_made' "$TMP/trace" &&
		grep -q 'lookup .*flow_hits' "$TMP/trace" &&
		grep -q "leaves .*outside: udp $OUTSIDE:[0-9]* > $WAN:7000" "$TMP/trace" &&
		grep -q '^2 packets, 0 of them dropped' "$TMP/trace.err"
}

trace_of_dropped() {
	watch_by dropped -j trace dropped from outside port 3001 count 1
	wait_for 10 process_over send_udp wan1 $OUTSIDE 3001 999 || return
	cat "$TMP/dropped"
	[ "$(jq -r '.[0].verdict' "$TMP/dropped")" = drop_no_mapping ]
}

# ---- capture ----

said() {
	grep -q "$2" "$TMP/$1"
}

FIELDS=(-T fields -E separator='|' -e frame.interface_name -e ip.src -e ip.dst -e udp.srcport -e frame.comment)

both_sides_and_drops() {
	watch_by capture capture "$TMP/both.pcapng" proto udp port 7000 count 2
	wait_for 5 said capture.err '^capturing to' || return
	send_udp lan1 $WAN 7000 4600 && send_udp wan1 $OUTSIDE 7000 999
	wait_for 10 process_gone "$WATCHER" || return
	cat "$TMP/capture" "$TMP/capture.err"
	tshark -r "$TMP/both.pcapng" "${FIELDS[@]}" 2>/dev/null | tee "$TMP/both.txt"
	grep -q '^inside|10.0.0.2|192.0.2.2|4600|.*tx_outside' "$TMP/both.txt" &&
		grep -q "^outside|$OUTSIDE|192.0.2.2|[0-9]*|.*as it leaves" "$TMP/both.txt" &&
		grep -q "^outside|$WAN|$OUTSIDE|999|.*dropped, drop_no_mapping: from outside to a port" \
			"$TMP/both.txt" &&
		grep -q "2 packets, 1 of them dropped" "$TMP/capture"
}

# tshark verifies the checksums of what the box has made.
checksums_are_right() {
	[ -z "$(tshark -r "$TMP/both.pcapng" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-Y 'ip.checksum.status == 0 or udp.checksum.status == 0' 2>/dev/null)" ]
}

capture_is_bounded() {
	watch_by bounded capture "$TMP/small.pcapng" proto udp size 3000
	wait_for 5 said bounded.err '^capturing to' || return
	wait_for 10 process_over send_udp lan1 $WAN 7000 4700 || return
	cat "$TMP/bounded"
	said bounded 'as large as it may be' && [ "$(stat -c %s "$TMP/small.pcapng")" -le 3300 ] &&
		tshark -r "$TMP/small.pcapng" >"$TMP/small.txt" 2>"$TMP/small.err" &&
		! grep -v 'Running as user' "$TMP/small.err"
}

time_is_over() {
	says '0 packets' timeout 10 "$BUILD/app/sluicectl" -s "$RUN/ctl" \
		capture "$TMP/none.pcapng" proto esp seconds 1
}

one_at_a_time() {
	watch_by first trace proto esp
	wait_for 5 says 'under way already' ctl trace proto esp count 1 seconds 1 || return
	says 'under way already' ctl capture "$TMP/both.pcapng" proto esp seconds 1 &&
		[ -s "$TMP/both.pcapng" ] || return
	end_process "$WATCHER"
	wait_for 5 says '0 packets' ctl trace proto esp seconds 1
}

# Who asked is gone: the file is whole, and the next one may ask.
client_goes_away() {
	watch_by gone capture "$TMP/gone.pcapng" proto udp
	wait_for 5 said gone.err '^capturing to' || return
	send_udp lan1 $WAN 7000 4800
	wait_for 5 file_has 400 "$TMP/gone.pcapng" || return
	end_process "$WATCHER"
	wait_for 5 says '0 packets' ctl trace proto esp seconds 1 &&
		tshark -r "$TMP/gone.pcapng" 2>&1 | grep -q '10.0.0.2'
}

file_has() {
	[ "$(stat -c %s "$2")" -ge "$1" ]
}

wrong_files() {
	ln -sf "$TMP/target" "$TMP/link"
	mkfifo "$TMP/pipe"
	says "begins with '/'" ctl capture x.pcapng && says 'directory' ctl capture "$TMP" &&
		says 'symbolic link' ctl capture "$TMP/link" && [ ! -e "$TMP/target" ] &&
		says "'$TMP/pipe': " ctl capture "$TMP/pipe" &&
		says 'No such file' ctl capture "$TMP/no/where" &&
		fails ctl capture "$TMP/no/where" &&
		says "'banana'" ctl trace address banana &&
		says 'after' ctl trace proto && fails ctl trace address 10.0.0.0/24 10.0.0.1
}

traffic_goes_on() {
	on lan1 ping -q -c 3 -i 0.2 -W 2 $WAN >/dev/null && balanced
}

begin
need 'lab comes up' lab up --workers 2
need 'traffic passes' wait_for 10 on lan1 ping -q -c 1 -W 1 $WAN
check 'a packet that passes' passes
check 'its session is found' session_is_found
check 'a stranger is dropped' stranger_is_dropped
check 'TTL runs out, and the sender is told' ttl_runs_out
check 'a packet for the box goes to the kernel' box_itself
check 'no service there' service_refused
check 'hairpin through a forward' forward_turns_round
check 'a forward from outside' forward_is_told
check 'a limit is reached' limit_is_told
check 'a neighbour that nobody knows' unknown_neighbour
check 'other protocols, flags, sources, sizes' other_protocols
check 'asking changes nothing' nothing_changes
check 'packets that cannot be' wrong_packets
check 'trace: each stage, before and after' trace_shows_stages
check 'trace: only what is dropped, as JSON' trace_of_dropped
check 'capture: both sides, and a drop with its reason' both_sides_and_drops
check 'capture: checksums as tshark counts them' checksums_are_right
check 'capture: ends when the file is as large as it may be' capture_is_bounded
check 'capture: ends when time is over' time_is_over
check 'one at a time' one_at_a_time
check 'the client goes away' client_goes_away
check 'wrong files and filters' wrong_files
check 'traffic goes on' traffic_goes_on
finish
