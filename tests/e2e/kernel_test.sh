#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The kernel as the box's own host stack: daemons on the box, ARP, neighbours and routes
# that follow what `ip` says.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
FAR=198.51.100.2

gw_ip() {
	ip -n "$LAB-gw" "$@"
}

ping_once() {
	on "$1" ping -n -c 1 -W "${3:-2}" "$2"
}

fetch() {
	on "$1" curl -sS --max-time 5 -o "$TMP/page" "http://$2:8000/"
}

# ---- a daemon on the box ----

web_from_inside() {
	fetch lan1 10.0.0.1 && grep -q 'Directory listing' "$TMP/page"
}

# What arrives there is no service, and no mapping either.
dropped_as_foreign() {
	local service mapping
	service=$(counter drop_service)
	mapping=$(counter drop_no_mapping)
	fails on wan1 curl -sS --max-time 2 http://192.0.2.1:8000/ &&
		{ counter_above drop_service "$service" || counter_above drop_no_mapping "$mapping"; }
}

web_open_outside() {
	ctl service tcp 8000 && fetch wan1 192.0.2.1
}

web_from_inside_by_outside_address() {
	fetch lan1 192.0.2.1
}

web_closed_again() {
	ctl no service tcp 8000 && dropped_as_foreign
}

# The box itself may be a client: replies to its own ports go to the kernel.
box_as_client() {
	serve wan1 tcp 8001 "$PEER" web 8001 "$TMP" &&
		on gw curl -sS --max-time 5 -o /dev/null http://$WAN:8001/ &&
		ping_once gw $FAR
}

# ---- neighbours ----

first_packet_arrives() {
	ip -n "$LAB-wan1" addr add 192.0.2.77/24 dev eth0 || return
	ping_once lan1 192.0.2.77
}

# Ten packets to ten neighbours that nobody has asked for yet: none may be lost.
many_fresh_neighbours() {
	local i pids=() lost=0
	for i in $(seq 101 110); do
		ip -n "$LAB-wan1" addr add "192.0.2.$i/24" dev eth0 || return
	done
	for i in $(seq 101 110); do
		on lan1 ping -n -c 1 -W 3 "192.0.2.$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || lost=1
	done
	return $lost
}

# The kernel is made to forget a neighbour that a packet waits for: it is asked once more.
forgotten_while_waiting() {
	local i pid
	for i in 81 82 83; do
		on lan1 ping -n -c 1 -W 5 "192.0.2.$i" &
		pid=$!
		wait_for 3 says INCOMPLETE gw_ip neigh show "192.0.2.$i" || { wait $pid; return 1; }
		gw_ip neigh del "192.0.2.$i" dev sluice-out &&
			ip -n "$LAB-wan1" addr add "192.0.2.$i/24" dev eth0 || { wait $pid; return 1; }
		wait $pid || return
	done
}

absent_neighbour() {
	local before
	before=$(counter drop_hold_timeout)
	fails ping_once lan1 192.0.2.200 1 || return
	wait_for 15 counter_above drop_hold_timeout "$before"
}

neighbour_moves() {
	on wan1 sysctl -qw net.ipv4.conf.eth0.arp_notify=1
	ip -n "$LAB-wan1" link set eth0 address 02:00:00:00:22:22
	wait_for 3 says 02:00:00:00:22:22 ctl show neighbors
	ctl show neighbors
	ping_once lan1 $WAN
}

# A neighbour that changes its address without a word is found by the kernel's own probes.
neighbour_moves_silently() {
	on wan1 sysctl -qw net.ipv4.conf.eth0.arp_notify=0
	ip -n "$LAB-wan1" link set eth0 address 02:00:00:00:22:33
	on lan1 ping -n -q -i 0.2 -w 100 -c 3 $WAN && return
	gw_ip neigh show
	return 1
}

flushed_neighbour() {
	gw_ip neigh flush all && ping_once lan1 $WAN && ping_once lan2 $WAN
}

# Routers on the link ask for the pool's addresses as for the box's own.
pool_answers_arp() {
	ctl pool extra address 192.0.2.10 || return
	peer_on lan1 ask udp $WAN 7000 x || return
	ip -n "$LAB-wan1" neigh flush all
	says 192.0.2.10: peer_on lan1 ask udp $WAN 7000 x || return
	ip -n "$LAB-wan1" neigh show 192.0.2.10
	ip -n "$LAB-wan1" neigh show 192.0.2.10 | grep -q lladdr && ctl no pool extra
}

# ---- IPv6 on the link ----

BOX6=fe80::ff:fe00:101%eth0 # the inside TAP, by its MAC

ping6_once() {
	on lan1 ping -6 -n -c 1 -W "${2:-1}" -I "$1%eth0" $BOX6
}

addresses_settled() {
	[ -n "$(ip -n "$LAB-$1" -6 addr show "$2" scope link)" ] &&
		fails says tentative ip -n "$LAB-$1" -6 addr show "$2" scope link
}

# The box has its link-local address at once, also where the kernel's end of a net_tap port
# shows up with the same one.
link_local_at_once() {
	wait_for 10 addresses_settled lan1 eth0 || return
	lab stop && lab start && addresses_settled gw sluice-in &&
		on lan1 ping -6 -n -c 5 -i 0.2 -W 1 $BOX6 || return
	# As long as a detection of duplicates would take, it stays so.
	on lan1 ping -6 -n -q -c 30 -i 0.1 -W 1 $BOX6 && addresses_settled gw sluice-in
}

# Addresses that the box has never seen; before each one both ends forget what they knew.
fresh_neighbours6() {
	local i
	for i in $(seq 1 20); do
		ip -n "$LAB-lan1" addr add "fe80::1:$i/64" dev eth0 nodad || return
		ip -n "$LAB-lan1" -6 neigh flush dev eth0
		gw_ip -6 neigh flush dev sluice-in
		ping6_once "fe80::1:$i" || return
	done
}

fresh_neighbours6_at_once() {
	local i pids=() lost=0
	ip -n "$LAB-lan1" -6 neigh flush dev eth0
	gw_ip -6 neigh flush dev sluice-in
	for i in $(seq 1 20); do
		ping6_once "fe80::1:$i" 2 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || lost=1
	done
	return $lost
}

# ---- routes ----

no_route() {
	local before
	before=$(counter drop_no_route)
	gw_ip route del default && fails ping_once lan1 $FAR 1 && counter_above drop_no_route "$before"
}

route_added() {
	gw_ip route add 198.51.100.0/24 via $WAN && wait_for 5 ping_once lan1 $FAR 1
}

# A more specific route wins, here into a void.
longest_prefix() {
	gw_ip route add $FAR/32 via 192.0.2.201 && fails ping_once lan1 $FAR 1 &&
		gw_ip route del $FAR/32 && wait_for 5 ping_once lan1 $FAR 1
}

many_routes() {
	local i
	for i in $(seq 0 255); do
		printf 'route add 203.0.%d.0/24 via %s\n' "$i" $WAN
	done >"$TMP/routes"
	gw_ip -batch "$TMP/routes" && wait_for 5 says 203.0.255.0/24 ctl show routes &&
		sed 's/add/del/' "$TMP/routes" >"$TMP/unroutes" && gw_ip -batch "$TMP/unroutes" &&
		wait_for 5 fails says 203.0.255.0/24 ctl show routes
}

# A network behind a router on the inside.
inside_route() {
	ip -n "$LAB-lan2" addr add 10.9.0.1/32 dev lo
	gw_ip route add 10.9.0.0/16 via 10.0.0.3 &&
		wait_for 5 on lan2 ping -n -c 1 -W 1 -I 10.9.0.1 $WAN
}

begin
need 'lab comes up' lab up
need 'a web server on the box' serve gw tcp 8000 /usr/bin/python3 -m http.server --directory "$TMP" 8000
need 'an echo server outside' serve wan1 udp 7000 "$PEER" echo 7000
check 'a server on the box answers the inside' web_from_inside
check 'a server on the box is closed to the outside' dropped_as_foreign
check 'a server on the box answers the outside after: service tcp 8000' web_open_outside
check 'such a service answers the inside by the outside address too' web_from_inside_by_outside_address
check 'a server on the box is closed after: no service tcp 8000' web_closed_again
check 'the box itself is a client of the outside' box_as_client
check 'the first packet to a fresh neighbour arrives' first_packet_arrives
check 'ten fresh neighbours at once lose nothing' many_fresh_neighbours
check 'a neighbour forgotten while a packet waits is asked for again' forgotten_while_waiting
check 'packets for an absent neighbour are dropped in time' absent_neighbour
check 'a neighbour that announces a new MAC address is followed' neighbour_moves
check 'a neighbour that changes it silently is found again' neighbour_moves_silently
check 'neighbours come back after a flush' flushed_neighbour
check 'a pool address of the link answers ARP' pool_answers_arp
check 'IPv6: the box answers by its link-local address from the start' link_local_at_once
check 'IPv6: the first ping of twenty fresh neighbours is answered' fresh_neighbours6
check 'IPv6: the same at once' fresh_neighbours6_at_once
check 'without a route: dropped and counted' no_route
check 'ip route add is followed' route_added
check 'the longest prefix wins' longest_prefix
check '256 routes come and go' many_routes
check 'a network behind an inside router' inside_route
check 'every packet is accounted for' balanced
finish
