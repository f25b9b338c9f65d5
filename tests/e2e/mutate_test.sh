#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Spoilt packets through the whole program: tests/mutate.c sends them to both ports over memif,
# then every packet must be accounted for, at both ends and in between, and every mbuf be back.
# Last it is killed while it sends, and another one takes its place.
#
#   mutate_test.sh [PACKETS [SEED]]     default 300000, 1
set -u
. "$(dirname "$0")/lib.sh"

PACKETS=${1:-300000}
SEED=${2:-1}
SPEED=2000 # packets a second at the least, with sanitizers on a busy machine
IDLE=16 # seconds until the last fragment has gone, and more
MUTATE=''

memif() { # NUMBER ROLE SOCKET
	printf 'net_memif%s,role=%s,id=%s,socket=%s,socket-abstract=no' "$1" "$2" "$1" "$TMP/$3.sock"
}

configuration() {
	cat <<-END
		inside address 10.0.0.1/24
		inside address 2001:db8:1::1/64
		outside address 192.0.2.1/24
		outside address 2001:db8:2::1/64
		route 0.0.0.0/0 via 192.0.2.2
		route ::/0 via 2001:db8:2::2
		neighbor inside 10.0.0.2 02:00:00:00:01:fe
		neighbor inside 10.0.0.3 02:00:00:00:01:fe
		neighbor inside 2001:db8:1::2 02:00:00:00:01:fe
		neighbor outside 192.0.2.2 02:00:00:00:02:fe
		neighbor outside 2001:db8:2::2 02:00:00:00:02:fe
		nat64 prefix 64:ff9b::/96
		ipv6 route
		tenant blue vlan 10
		tenant blue inside address 10.0.0.1/24
		forward tcp 192.0.2.1:8080 to 10.0.0.2:80
		forward udp 192.0.2.1:8053 to [2001:db8:1::2]:53
		helper sip on
		helper h323 on
		helper pptp on
		helper irc on
		helper tftp on
		upnp on
		pcp on
		timeout fragment 5
		timeout udp 120
	END
}

# Free mbufs of all pools together; what workers keep in their caches counts as free.
mbufs_free() {
	ctl -j show memory | jq '[.. | .free? | numbers] | add'
}

start_mutate() {
	local memory
	rm -f "$TMP/mutate.in" "$TMP/mutate.log"
	mapfile -t memory < <(LAB_NO_HUGE=yes memory_options)
	mkfifo "$TMP/mutate.in"
	"$BUILD/tests/mutate" --lcores "0@$(allowed_cpus | head -1)" --no-pci --no-telemetry \
		"${memory[@]}" --file-prefix "$LAB-mutate" --vdev "$(memif 0 client in)" \
		--vdev "$(memif 1 client out)" -- "$PACKETS" "$SEED" 02:00:00:00:01:01 \
		02:00:00:00:02:01 <>"$TMP/mutate.in" >"$TMP/mutate.log" 2>&1 &
	MUTATE=$!
	SPAWNED+=("$MUTATE")
}

mutate() {
	start_mutate
	wait_for $((PACKETS / SPEED + 60)) has_sent
	has_sent
}

has_sent() {
	process_gone "$MUTATE" || grep -q '^sent' "$TMP/mutate.log"
}

all_sent() {
	grep '^sent' "$TMP/mutate.log" || { cat "$TMP/mutate.log"; return 1; }
	awk -v n="$PACKETS" '$1 == "sent" { exit $2 + $3 == n ? 0 : 1 }' "$TMP/mutate.log"
}

# counted WORD INSIDE OUTSIDE: the generator says the same of its ports as these counters.
counted() {
	local here there
	here=$(awk -v word="$1" '$1 == word { print $2, $3 }' "$TMP/mutate.log" | tail -n 1)
	there="$(counter "$2") $(counter "$3")"
	echo "generator: $here; gateway: $there"
	[ "$here" = "$there" ]
}

all_received() {
	echo >"$TMP/mutate.in"
	counted received tx_inside tx_outside
}

nothing_waits() {
	[ "$(counter held_now)" = 0 ] && [ "$(counter fragments_held_now)" = 0 ]
}

mbufs_back() {
	ctl clear sessions >/dev/null
	echo "free mbufs: $BEFORE before, $(mbufs_free) now"
	[ "$(mbufs_free)" = "$BEFORE" ]
}

# ---- a peer that goes ----

# links UP-OR-DOWN TIMES: said so often of each port.
links() {
	[ "$(grep -c "net_memif0: link is $1" "$RUN/sluice.log")" -ge "$2" ] &&
		[ "$(grep -c "net_memif1: link is $1" "$RUN/sluice.log")" -ge "$2" ]
}

udp_sessions() {
	ctl show sessions proto udp | grep -c 'udp'
}

has_received() { # PACKETS
	[ $(($(counter rx_inside) + $(counter rx_outside))) -ge "$1" ]
}

# It is said, nothing of it stays in the rings, and sessions do not end of it.
peer_is_killed() {
	local before=$(($(counter rx_inside) + $(counter rx_outside)))
	end_process "$MUTATE" && wait_for 10 links down 1 || return
	start_mutate 2>/dev/null
	wait_for 60 has_received $((before + 2000)) && wait_for 10 links up 2 || return
	kill -KILL "$MUTATE" && wait_for 5 process_gone "$MUTATE" &&
		wait_for 10 links down 2 || { grep 'link is' "$RUN/sluice.log"; return 1; }
	SESSIONS=$(udp_sessions)
	echo "$SESSIONS sessions of UDP"
	[ "$SESSIONS" -gt 0 ]
}

peer_comes_back() {
	mutate && all_sent && wait_for 5 links up 3 || return
	echo "$(udp_sessions) sessions of UDP, then $SESSIONS"
	[ "$(udp_sessions)" -ge "$SESSIONS" ]
}

figures() {
	ctl show counters | awk '
		$2 > 0 && /^(rx|tx|punted|handoff_out|injected|icmp_made|fragments|drop|nat64|sessions_made|hairpinned|held)/ && !/bytes/ {
			printf "%s%s=%s", sep, $1, $2; sep = " " }
		END { print "" }' | fold -s -w 110 | sed 's/^/# /'
}

begin
configuration >"$TMP/conf"
need 'the gateway starts on memif ports' lab up --workers 2 --config "$TMP/conf" \
	--vdev "$(memif 0 server in)" --vdev "$(memif 1 server out)" -- --queues 2
BEFORE=$(mbufs_free)
began=$SECONDS
need "$PACKETS spoilt packets are sent to both ports" mutate
need 'and taken' all_sent
say "# $PACKETS packets in $((SECONDS - began)) s"
check 'the gateway has counted each of them' counted sent rx_inside rx_outside
check 'nothing waits for ever' wait_for $((IDLE + 15)) nothing_waits
check 'every packet is accounted for' balanced
check 'each that was sent has come out' wait_for 5 all_received
check 'all mbufs are back' mbufs_back
figures
check 'the peer is killed while it sends: said, sessions stay' peer_is_killed
PACKETS=$((PACKETS < 100000 ? PACKETS : 100000))
check 'another one comes back: packets pass' peer_comes_back
check 'nothing waits for ever of either' wait_for $((IDLE + 15)) nothing_waits
check 'every packet is accounted for over both' balanced
check 'all mbufs are back again' mbufs_back
lab stop
finish
