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

STEP=${FAULT_STEP:-13}
[ "${1:-}" != all ] || STEP=1
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

# walk [+]: starts that meet faults, one in STEP.
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

exec 3>&1
begin
need 'namespaces' namespaces
check 'start: each allocation fails in turn' walk
check 'start: from some allocation on, all fail' walk +
namespaces_end
finish
