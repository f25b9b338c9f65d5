#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Floods and attacks on the running program while a thousand established flows go both ways
# at half of the measured capacity: they lose nothing, new flows of others and fragmented
# datagrams of others pass, every packet is in exactly one counter, memory and packet buffers
# are back at the end. A table says what was sent and what was seen.
#
#   tests/e2e/floods_test.sh [--long] [ATTACK...]
#
#   --long    the full number of packets at the full rate of each attack; for a machine with
#             nothing else to do, and a build without sanitizers (SLUICE_BUILD)
#
# sluice stands in the lab's gateway with its kernel; both ports are memif, and the generator
# (tests/flood/) is the router behind each. Worker and generator have a processor each.
set -u
. "$(dirname "$0")/lib.sh"

LONG=''
[ "${1:-}" != --long ] || { LONG=yes && shift; }
ONLY=" $* "
FLOOD=''
CAPACITY=0
HALF=0
ROUNDS=3 # a shared machine may stop the generator for longer than a ring lasts

memif() { # NUMBER ROLE SOCKET
	printf 'net_memif%s,role=%s,id=%s,socket=%s,socket-abstract=no,rsize=14' "$1" "$2" "$1" "$TMP/$3.sock"
}

configuration() {
	cat <<-END
		inside address 10.0.0.1/24
		inside address 2001:db8:1::1/64
		outside address 192.0.2.1/24
		outside address 2001:db8:2::1/64
		nat64 prefix 64:ff9b::/96
		ipv6 route
		pool flood address 203.0.112.0-203.0.115.255
		pool flood filtering udp address-and-port-dependent
		pool flood filtering tcp address-and-port-dependent
		route 0.0.0.0/0 via 192.0.2.254
		route 10.0.0.0/8 via 10.0.0.254
		route ::/0 via 2001:db8:2::fe
		neighbor inside 10.0.0.254 02:00:00:00:0a:01
		neighbor outside 192.0.2.254 02:00:00:00:0b:01
		neighbor outside 2001:db8:2::fe 02:00:00:00:0b:01
		upnp on
	END
}

up() {
	configuration >"$TMP/conf"
	lab up --config "$TMP/conf" --vdev "$(memif 0 server in),mac=02:00:00:00:01:01" \
		--vdev "$(memif 1 server out),mac=02:00:00:00:02:01" -- --rxd 16384 --txd 16384
}

# The generator's commands go into a pipe that stays open, its answers come from its log.
generator() {
	local memory
	mapfile -t memory < <(memory_options)
	mkfifo "$TMP/flood.in"
	nice -n -20 "$BUILD/tests/flood/flood" --lcores "0@$(allowed_cpus | head -1)" --no-pci --no-telemetry \
		--file-prefix "$LAB-flood" "${memory[@]}" --vdev "$(memif 0 client in)" \
		--vdev "$(memif 1 client out)" <>"$TMP/flood.in" >"$TMP/flood.out" 2>"$TMP/flood.log" &
	FLOOD=$!
	SPAWNED+=("$FLOOD")
	wait_for 30 answers 1 && process_alive "$FLOOD" && return
	cat "$TMP/flood.log"
	return 1
}

answers() {
	[ "$(grep -c '^[a-z]*\(=\|$\)' "$TMP/flood.out")" -ge "$1" ] || process_gone "$FLOOD"
}

# tell COMMAND...: and wait for the answer, which is left in $ANSWER.
tell() {
	local n
	n=$(grep -c '^[a-z]*\(=\|$\)' "$TMP/flood.out")
	printf '%s\n' "$*" >"$TMP/flood.in"
	wait_for 150 answers $((n + 1))
	ANSWER=$(grep '^[a-z]*\(=\|$\)' "$TMP/flood.out" | tail -n 1)
	echo "$ANSWER"
	process_alive "$FLOOD"
}

# of NAME: a figure of the last answer.
of() {
	local word
	for word in $ANSWER; do
		[ "${word%%=*}" != "$1" ] || { printf '%s\n' "${word#*=}"; return; }
	done
}

learns() {
	tell learn && [ "$(of learned)" = 1000 ]
}

measures_capacity() {
	tell capacity 1 && CAPACITY=$(of capacity) && [ "$CAPACITY" -gt 1000 ] && HALF=$((CAPACITY / 2))
}

# ---- what the box says ----

# moved COUNTER: by how much since the attack began. (They are never cleared: what is held
# meanwhile would be in no counter.)
moved() {
	printf '%d\n' $(($(counter "$1") - $(awk -v name="$1" '$1 == name { print $2 }' "$TMP/before")))
}

resident() {
	ctl show memory | awk '/^resident/ { print $2 }'
}

free_mbufs() {
	ctl show memory | awk '/^mbufs/ { print $(NF - 1) }'
}

all_mbufs() {
	ctl show memory | awk '/^mbufs/ { sub(",", "", $5); print $5 }'
}

# While an attack runs, numbers of free packet buffers go into a file.
watch_mbufs() {
	local free
	while free=$(free_mbufs) && [ -n "$free" ]; do
		printf '%s\n' "$free" >>"$TMP/free"
		sleep 0.05
	done 2>/dev/null
}

mbufs_are_back() {
	[ "$(free_mbufs)" -ge $((FREE - 64)) ] && [ "$(counter fragments_held_now)" = 0 ] && [ "$(counter held_now)" = 0 ]
}

# ---- attacks ----

# The rate of an attack: what is asked for, in the short form what a busy machine can give.
rate_of() {
	[ -n "$LONG" ] && { printf '%s\n' "$1"; return; }
	printf '%s\n' $(($1 < CAPACITY / 8 ? $1 : CAPACITY / 8))
}

# One round of an attack at half of the capacity. False when the generator did not read in
# time: what the box could not send then, $UNREAD packets of all kinds, is the generator's loss.
round() { # ATTACK COUNT RATE
	local watcher
	ctl show counters all >"$TMP/before"
	rm -f "$TMP/free"
	watch_mbufs &
	watcher=$!
	wait_for 10 test -s "$TMP/free"
	tell run "$1" "$2" "$3" "$HALF"
	kill "$watcher" 2>/dev/null
	wait "$watcher" 2>/dev/null
	free_mbufs >>"$TMP/free"
	LOWEST=$(sort -n "$TMP/free" | grep -m 1 .)
	UNREAD=$(($(moved tx_refused_inside) + $(moved tx_refused_outside)))
	[ "$UNREAD" = 0 ]
}

row() { # ATTACK MORE
	printf '%-9s %9s %9s %11s %6s %6s %6s %6s %6s %7s %5s  %s\n' "$1" "$(of sent)" \
		"$(awk -v n="$(of sent)" -v s="$(of seconds)" 'BEGIN { printf "%d", n / s }')" \
		"$(of established)" "$(of lost)" "$UNREAD" "$(of new)/$(of new_lost)" "$(of pieces)/$(of pieces_lost)" \
		"$(of alive)" "$(of late)" "$((LOWEST * 100 / ALL))%" "$2" >>"$TMP/table"
}

# What holds in every attack; those that aim at fragments still let others' through.
survived() {
	[ $(($(of lost) + $(of new_lost) + $(of pieces_lost))) -le "$UNREAD" ] && [ "$(of bad)" = 0 ] &&
		[ "$(of alive)" = 2000 ] && [ $((LOWEST * 2)) -ge "$ALL" ] &&
		balanced
}

# attack NAME COUNT RATE [COMMAND...]: the command says in $MORE_SEEN what else was seen.
attack() {
	local count=$2 rate n
	[ "$ONLY" = '  ' ] || [[ $ONLY == *" $1 "* ]] || return 0
	rate=$(rate_of "$3")
	[ -n "$LONG" ] || count=$((rate < count ? rate : count))
	MORE_SEEN=''
	for ((n = 0; n < ROUNDS; n++)); do
		round "$1" "$count" "$rate" && break
	done
	if [ $# -gt 3 ] && ! "${@:4}"; then
		row "$1" "$MORE_SEEN"
		return 1
	fi
	row "$1" "$MORE_SEEN"
	survived
}

sees() { # COUNTER...
	local name
	for name in "$@"; do
		MORE_SEEN+=" $name=$(moved "$name")"
	done
}

# The attacker has what its limit is, and the new flows of others are the rest.
limit_holds() {
	local ports
	ports=$(ctl show mappings inside "$1" count | grep -o '[0-9]*' | head -n 1)
	sees drop_limit_ports drop_limit_rate
	MORE_SEEN+=" mappings=$ports"
	[ "$ports" -gt 0 ] && [ "$ports" -le 4096 ]
}

no_sessions() {
	sees sessions_made drop_no_mapping
	[ "$(moved sessions_made)" -le "$(of new)" ]
}

# Seconds that the attack took, and a little more.
whole_seconds() {
	awk -v s="$(of seconds)" 'BEGIN { print int(s) + 2 }'
}

punts_at_most() { # COUNTER RATE
	sees "$1" drop_punt_rate drop_punt_full
	MORE_SEEN+=" answers=$(of answers)"
	[ "$(moved "$1")" -le $(($2 * $(whole_seconds))) ]
}

errors_at_most() {
	sees icmp_made drop_ttl
	[ "$(moved icmp_made)" -le $((1000 * $(whole_seconds))) ]
}

answers_at_most() {
	sees punted_multicast drop_punt_rate
	MORE_SEEN+=" answers=$(of answers) bytes=$(of answer_bytes)"
	# a hundred searches and fifty a second, of ten answers each; and announcements
	[ "$(of answers)" -le $(((100 + 50 * $(whole_seconds)) * 10 + 100)) ]
}

gateway_is_known() {
	sees drop_hold_full drop_hold_timeout
	MORE_SEEN+=" neighbors=$(ctl show neighbors | wc -l)"
	says 192.0.2.254 ctl show neighbors && says 2001:db8:2::fe ctl show neighbors
}

# A connection that is shown as established is one that no RST has touched.
connections_stay() {
	local n
	n=$(ctl show sessions proto tcp state established count | grep -o "[0-9]*" | head -n 1)
	MORE_SEEN+=" passed=$(of answers) established=$n"
	[ "$n" = 500 ]
}

memory_is_back() {
	wait_for 70 mbufs_are_back
	echo "free packet buffers: $FREE at first, now $(free_mbufs)"
	echo "resident: $RESIDENT MiB at first, now $(resident)"
	mbufs_are_back && [ "$(resident)" -le $((RESIDENT + RESIDENT / 20 + 16)) ]
}

begin
need 'sluice starts on memif, with the kernel' up
need 'the generator starts' generator
need 'a thousand flows are established' learns
need 'capacity is measured' measures_capacity
ALL=$(all_mbufs) FREE=$(free_mbufs) RESIDENT=$(resident)
printf '%-9s %9s %9s %11s %6s %6s %6s %6s %6s %7s %5s  %s\n' attack sent a-second established lost \
	unread new/lost pieces/lost alive late-us free seen >"$TMP/table"

M=1000000
check 'nothing at all' attack none 2000 1000
check 'a million new flows of one subscriber' attack newflow $M 250000 limit_holds 10.9.9.9
check 'a flood of SYN of one subscriber' attack syn $M 250000 limit_holds 10.9.9.10
check 'a scan of the pool' attack scan $M $M no_sessions
check 'SYN to the pool' attack synout $M $M no_sessions
check 'pieces of one source' attack frag1 300000 100000 sees drop_fragment_source
check 'pieces of 65,536 sources' attack frag64k 300000 100000 sees drop_fragment_source fragments_held
check 'pieces of one subscriber' attack fragin 300000 100000 sees drop_fragment_source
# from the router, a neighbour that is known: it has the rate once more
check 'ARP' attack arp $M $M punts_at_most punted_arp 2000
check 'neighbour solicitations' attack nd $M $M punts_at_most punted_nd 1000
check 'a scan for neighbours' attack ndscan 100000 100000 gateway_is_known
check 'TTL that runs out' attack ttl1 $M $M errors_at_most
check 'packets for the box from inside' attack own $M $M punts_at_most punted_local 20000
check 'packets for the box from outside' attack ownout $M $M punts_at_most punted_local 20000
check 'SSDP' attack ssdp 30000 10000 answers_at_most
check 'forged RST' attack rst 100000 100000 connections_stay
check 'forged ICMP errors' attack icmp 100000 100000 sees icmp_errors
check 'spoilt headers' attack bad $M $M no_sessions
check 'memory and packet buffers are back' memory_is_back
sed 's/^/#   /' "$TMP/table"
printf '#   capacity %d packets a second, established %d\n' "$CAPACITY" "$HALF"
lab stop
end_process "$FLOOD"
finish
