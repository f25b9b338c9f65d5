#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Each allocation failing in turn: at start, where sluice must refuse in words or run with less,
# and at run time, one statement or request of a host after the other, while established
# traffic goes on. The program is tests/faults/sluice-faults, which says how.
#
#   faults_test.sh [all]    every call, not one in STEP (minutes)
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/steadylib.sh"
. "$(dirname "$0")/pcplib.sh"

FAR=198.51.100.2
STEP=${FAULT_STEP:-13}
RUN_STEP=${FAULT_STEP:-29}
[ "${1:-}" != all ] || STEP=1 RUN_STEP=1
FAULTS=$BUILD/tests/faults/sluice-faults

everything() {
	cat <<-'END'
		inside address 10.0.0.1/24
		inside address 2001:db8:1::1/64
		outside address 192.0.2.1/24
		outside address 2001:db8:2::1/64
		route 0.0.0.0/0 via 192.0.2.2
		route ::/0 via 2001:db8:2::2
		neighbor outside 192.0.2.2 02:00:00:00:00:99
		service tcp 179
		pool a address 203.0.113.0/30
		pool b address 203.0.113.8/30
		pool b blocks 64 max 4
		pool c address 203.0.113.16
		pool c deterministic 10.0.0.0/24
		tenant blue vlan 10
		tenant blue inside address 10.0.0.1/24
		tenant blue pool b
		nat64 prefix 64:ff9b::/96
		bypass 198.51.100.0/24
		forward tcp 192.0.2.1:8080 to 10.0.0.5:80
		forward udp 192.0.2.1:5000 to 10.0.0.5:5000 ports 10 description "a game"
		forward tcp 192.0.2.1:443 to [2001:db8:1::5]:443
		log syslog 192.0.2.50 blocks
		log ipfix 192.0.2.51 sessions
		helper sip on
		upnp on
		pcp on
		port-mapping file @.leases
		state file @.state
	END
}

namespaces() {
	local i
	for i in 0 1; do
		ip netns add "$LAB-$i" && ip -n "$LAB-$i" link set lo up || return
	done
}

namespaces_end() {
	ip netns del "$LAB-0"
	ip netns del "$LAB-1"
}

# walk: starts that meet a fault, one in STEP.
walk() {
	local first=$((1 + RANDOM % STEP)) status
	everything >"$TMP/everything.conf"
	mkdir -p "$TMP/walk"
	LCORES=$(lcores_for 1) "$ROOT/tests/e2e/faults.py" "$FAULTS" "$BUILD/app/sluicectl" "$LAB" \
		"$TMP/everything.conf" "$TMP/walk" "$first" "$STEP" "$@" >"$TMP/walk.out"
	status=$?
	tail -n 60 "$TMP/walk.out"
	sed -n '$s/^/# /p' "$TMP/walk.out" >&3
	rm -rf "$TMP/walk" # what sanitizers said has been judged
	return $status
}

# ---- at run time ----

# The program with faults under the name that the lab starts.
program() {
	mkdir -p "$TMP/build/app" && ln -s "$FAULTS" "$TMP/build/app/sluice" &&
		ln -s "$BUILD/app/sluicectl" "$TMP/build/app/sluicectl"
	printf '%s\n' 'inside address 10.0.0.1/24' 'outside address 192.0.2.1/24' \
		'route 0.0.0.0/0 via 192.0.2.2' 'pcp on' 'upnp on' "port-mapping file $TMP/leases" "state file $TMP/state" >"$TMP/lab.conf"
}

# order N: the Nth call from now on fails; N+: it and all that follow; 0: none, and the log says
# how many there were.
order() {
	local n=${1%+}
	[ "$n" = "$1" ] || n=$((n + (1 << 30)))
	/bin/kill -s USR1 -q "$n" "$(cat "$RUN/sluice.pid")"
}

briefly() {
	timeout "${BRIEF:-10}" "$@" >/dev/null 2>&1
}

# part NAME COMMAND...: one that fails goes into WITHOUT.
part() {
	briefly "${@:2}" || WITHOUT+=("$1")
}

# Something of everything that makes control take memory; how much of it failed is in WITHOUT.
dialogue() {
	local sluicectl=("$BUILD/app/sluicectl" -s "$RUN/ctl") lan1=(ip netns exec "$LAB-lan1")
	WITHOUT=()
	part forward "${sluicectl[@]}" forward tcp "$OUTSIDE:8080" to 10.0.0.3:80
	part show "${sluicectl[@]}" -j show configuration
	part pcp "${lan1[@]}" "$PCPC" --nonce "$NONCE" --timeout 0.5 map tcp 7001
	part upnp "${lan1[@]}" curl -sf -m 2 -o /dev/null "http://$GATEWAY:5000/rootDesc.xml"
	part route ip -n "$LAB-gw" route add 198.18.0.0/15 via 192.0.2.2
	part log "${sluicectl[@]}" log syslog 192.0.2.2:5514
	part session "${lan1[@]}" "$PEER" ask udp "$FAR" 7000 x
	part save "${sluicectl[@]}" state save
	part unmap "${lan1[@]}" "$PCPC" --nonce "$NONCE" --timeout 0.5 --lifetime 0 map tcp 7001
	part unlog "${sluicectl[@]}" no log syslog 192.0.2.2:5514
	part unforward "${sluicectl[@]}" no forward tcp "$OUTSIDE:8080"
	part reload "${sluicectl[@]}" reload
	part unroute ip -n "$LAB-gw" route del 198.18.0.0/15
}

# As before: everything works, and nothing of the dialogue is left.
sound() {
	dialogue
	echo "without: ${WITHOUT[*]}"
	[ ${#WITHOUT[@]} -eq 0 ] && timeout 10 "$BUILD/app/sluicectl" -s "$RUN/ctl" show configuration | diff "$TMP/before" -
}

counted() {
	grep -o '^calls [0-9]*' "$RUN/sluice.log" | tail -1 | cut -d' ' -f2
}

at_run_time() {
	local n calls faults=0 hurt=0 in who
	sound && order 1000000 && dialogue && order 0 && wait_for 5 counted && calls=$(counted) &&
		steady run lan1 $FAR 7000 10 10 || return
	in=$STEADY_IN who=$STEADY_PID
	for ((n = 1 + RANDOM % RUN_STEP; n <= calls; n += RUN_STEP)); do
		order "$n" && dialogue && order 0 || break
		faults=$((faults + 1)) hurt=$((hurt + ${#WITHOUT[@]}))
		wait_for 10 sound && continue
		echo "fault $n of $calls: not as before"
		sound
		return 1
	done
	exec {in}>&-
	echo "# $calls calls, $faults failed in turn, $hurt parts of the dialogue went without" >&3
	grep '^fault' "$RUN/sluice.log" | tail -n 5
	[ "$n" -gt "$calls" ] && unharmed run "$who"
}

counts() {
	grep -c '^calls' "$RUN/sluice.log"
}

more_than() {
	[ "$("${@:2}")" -gt "$1" ]
}

# asleep N: an end to the order that all fail from the Nth call on; what could not be done was not
# tried all the time.
asleep() {
	local calls before
	before=$(counts)
	order 0 && wait_for 10 more_than "$before" counts || return
	calls=$(counted)
	echo "# from call $1 on all fail, $calls calls: without ${WITHOUT[*]}" >&3
	[ "$calls" -lt 20000 ]
}

# From the Nth call on all fail, for a while; who asks gets nothing, or waits in vain.
all_fail_at_run_time() {
	local n in who
	steady all lan1 $FAR 7000 10 10 || return
	in=$STEADY_IN who=$STEADY_PID
	for n in 1 $((2 + RANDOM % 20)) $((30 + RANDOM % 100)); do
		order "$n+" || break
		BRIEF=0.3 dialogue
		asleep "$n" || return
		[ ${#WITHOUT[@]} -gt 0 ] && wait_for 15 sound && continue
		echo "all from $n on: not as before"
		sound
		return 1
	done
	exec {in}>&-
	unharmed all "$who"
}

begin
need 'namespaces' namespaces
check 'start: each allocation fails in turn' walk
namespaces_end
need 'the program' program
need 'lab comes up' lab up --build "$TMP/build" --config "$TMP/lab.conf"
need 'echo servers' serve wan2 udp 7000 "$PEER" echo 7000
ctl show configuration >"$TMP/before"
check 'run time: each allocation fails in turn, flows do not notice' at_run_time
check 'run time: all allocations fail for a while, flows do not notice' all_fail_at_run_time
check 'every packet is accounted for' balanced
finish
