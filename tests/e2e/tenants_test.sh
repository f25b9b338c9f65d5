#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Tenants: three clients with the same address at the same time, lan3 in VLAN 10 (tenant
# blue), lan4 in VLAN 20 (red), lan5 in VLAN 30 with inner 7 (green). Later lan3 and lan4 are
# inside routers as well, with the same network behind them: far3 and far4, both 10.9.0.2.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
OUTSIDE=192.0.2.1
GATEWAY=10.0.0.1
PREFIX=${LAB:0:11}

ping_gateway() {
	on "$1" ping -n -c 2 -i 0.2 -W 2 $GATEWAY
}

client_mac() {
	ip -n "$LAB-$1" -br link show eth0 | awk '{ print $3 }'
}

# as_kernel TENANT COMMAND...: where the kernel of this tenant is.
as_kernel() {
	ip netns exec "$PREFIX-$1" "${@:2}"
}

no_kernel() {
	[ ! -e "/run/netns/$PREFIX-$1" ]
}

# ---- each tenant has a kernel of its own ----

# The kernel of a tenant knows its own client under the address, and nobody else's.
own_neighbours() {
	says "$(client_mac lan3)" as_kernel blue ip neigh show 10.0.0.2 &&
		says "$(client_mac lan4)" as_kernel red ip neigh show 10.0.0.2 &&
		fails says "$(client_mac lan4)" as_kernel blue ip neigh show &&
		says "$(client_mac lan3)" ctl show neighbors tenant blue &&
		fails says "$(client_mac lan3)" ctl show neighbors tenant red
}

# What the kernel says first gets the tags as well.
kernel_calls_client() {
	as_kernel "$1" ping -n -c 1 -W 2 10.0.0.2
}

daemon_of_one_tenant() {
	ip netns exec "$PREFIX-blue" "$PEER" web 8000 "$TMP/blue" </dev/null >>"$TMP/spawned.log" 2>&1 &
	SPAWNED+=($!)
	wait_for 10 says LISTEN as_kernel blue ss -Hln --tcp 'sport = :8000' &&
		says 'this is blue' on lan3 curl -sS --max-time 5 http://$GATEWAY:8000/name &&
		fails on lan4 curl -sS --max-time 2 http://$GATEWAY:8000/name
}

# ---- traffic ----

download() {
	on "$1" curl -sS --max-time 60 ${3:+--limit-rate "$3"} -o "$TMP/$1.got" "http://$WAN:8000/$2" &&
		cmp "$TMP/$2" "$TMP/$1.got"
}

downloads_at_once() {
	local host pids=() bad=0
	for host in lan3 lan4 lan5; do
		download "$host" "file.$host" &
		pids+=($!)
	done
	for host in "${pids[@]}"; do
		wait "$host" || bad=1
	done
	return $bad
}

# hold_open NAME HOST PORT: a connection that answers to lines; its descriptor is in $HOLD.
hold_open() {
	mkfifo "$TMP/$1.in"
	ip netns exec "$LAB-$2" "$PEER" hold $WAN 7000 "$3" <"$TMP/$1.in" >"$TMP/$1.out" 2>&1 &
	SPAWNED+=($!)
	exec {HOLD}>"$TMP/$1.in"
	wait_for 10 grep -q up "$TMP/$1.out"
}

# still_there NAME DESCRIPTOR TEXT
still_there() {
	echo "$3" >&"$2"
	wait_for 5 grep -q "$3" "$TMP/$1.out"
}


same_endpoints_apart() {
	hold_open blue lan3 41000 && BLUE=$HOLD && hold_open red lan4 41000 && RED=$HOLD &&
		says 10.0.0.2:41000 ctl show sessions proto tcp tenant blue &&
		says 10.0.0.2:41000 ctl show sessions proto tcp tenant red &&
		fails says 10.0.0.2:41000 ctl show sessions proto tcp tenant default &&
		[ "$(ctl show sessions proto tcp tenant blue | grep -c :41000)" = 1 ] &&
		still_there blue "$BLUE" one && still_there red "$RED" two &&
		fails grep -q two "$TMP/blue.out"
}

# ---- pools ----

leaves_as() {
	says "$2:" peer_on "$1" ask udp $WAN 7000 x
}

shared_pool() {
	leaves_as lan3 $OUTSIDE && leaves_as lan4 $OUTSIDE && leaves_as lan5 $OUTSIDE
}

own_pools() {
	ctl pool common address $OUTSIDE && ctl pool blue address 192.0.2.11 &&
		ctl pool red address 192.0.2.12 && ctl tenant blue pool blue &&
		ctl tenant red pool red &&
		leaves_as lan3 192.0.2.11 && leaves_as lan4 192.0.2.12 &&
		leaves_as lan5 $OUTSIDE && leaves_as lan1 $OUTSIDE
}

# A pool in the middle goes; whoever uses those behind notices nothing.
pool_removed_in_the_middle() {
	leaves_as lan4 192.0.2.12 && ctl tenant blue pool red && ctl no pool blue &&
		leaves_as lan4 192.0.2.12 && wait_for 5 leaves_as lan3 192.0.2.12 &&
		fails says 'pool blue' ctl show configuration &&
		ctl pool late address 192.0.2.13 && ctl tenant blue pool late &&
		wait_for 5 leaves_as lan3 192.0.2.13 && leaves_as lan4 192.0.2.12
}

# ---- forwards, limits ----

forward_into_tenant() {
	serve lan3 tcp 8000 "$PEER" web 8000 "$TMP/blue" &&
		serve lan4 tcp 8000 "$PEER" web 8000 "$TMP/red" &&
		ctl forward tcp $OUTSIDE:8003 to 10.0.0.2:8000 tenant blue &&
		ctl forward tcp $OUTSIDE:8004 to 10.0.0.2:8000 tenant red &&
		says 'this is blue' on wan1 curl -sS --max-time 5 http://$OUTSIDE:8003/name &&
		says 'this is red' on wan1 curl -sS --max-time 5 http://$OUTSIDE:8004/name
}

# The neighbour of a tenant is asked for when a packet from outside wants it.
forward_to_unknown_neighbour() {
	as_kernel red ip neigh flush all
	says 'this is red' on wan1 curl -sS --max-time 5 http://$OUTSIDE:8004/name
}

limit_of_one() {
	local refused
	refused=$(counter drop_limit_sessions)
	ctl tenant blue limit sessions 3 &&
		fails on lan3 timeout 5 "$PEER" many $WAN 7000 10 &&
		counter_above drop_limit_sessions "$refused" || return
	refused=$(counter drop_limit_sessions)
	on lan4 timeout 20 "$PEER" many $WAN 7000 10 && on lan5 timeout 20 "$PEER" many $WAN 7000 10 &&
		[ "$(counter drop_limit_sessions)" = "$refused" ] && ctl no tenant blue limit sessions
}

# ---- subscribers behind inside routers ----

NET=10.9.0.0/24
HOST=10.9.0.2

# far_host ROUTER HOST: a host in a network of its own behind a client, which becomes a router.
far_host() {
	ip netns add "$LAB-$2" && ip -n "$LAB-$1" link add far type veth peer name eth0 netns "$LAB-$2" &&
		ip -n "$LAB-$1" addr add 10.9.0.1/24 dev far && ip -n "$LAB-$1" link set far up &&
		ip -n "$LAB-$2" addr add $HOST/24 dev eth0 && ip -n "$LAB-$2" link set eth0 up &&
		ip -n "$LAB-$2" route add default via 10.9.0.1 &&
		on "$1" sysctl -qw net.ipv4.ip_forward=1 && on "$2" ping -n -c 1 -W 2 10.0.0.2
}

far_hosts_gone() {
	local host
	for host in far3 far4; do
		[ ! -e "/run/netns/$LAB-$host" ] || ip netns del "$LAB-$host"
	done
}

tenant_ip() {
	ip -n "$PREFIX-$1" "${@:2}"
}

has_route() {
	says "$NET" ctl show routes tenant "$1"
}

# ping_wan HOST [SECONDS]
ping_wan() {
	on "$1" ping -n -c 1 -W "${2:-3}" $WAN
}

# Before there is a route the network behind the router is not the tenant's.
nothing_without_route() {
	local before
	before=$(counter drop_spoofed)
	fails ping_wan far3 1 && fails ping_wan far4 1 && counter_above drop_spoofed "$before"
}

route_of_one() {
	tenant_ip blue route add $NET via 10.0.0.2 && wait_for 5 has_route blue &&
		fails has_route red && fails has_route default && wait_for 10 ping_wan far3 &&
		fails ping_wan far4 1
}

route_of_both() {
	tenant_ip red route add $NET via 10.0.0.2 && wait_for 5 has_route red &&
		wait_for 10 ping_wan far4 && ping_wan far3
}

# Both download at once, by the same address, and get what they asked for.
far_downloads_at_once() {
	local host pids=() bad=0
	cp "$TMP/file.lan3" "$TMP/file.far3" && cp "$TMP/file.lan4" "$TMP/file.far4" || return
	for host in far3 far4 lan5; do
		download "$host" "file.$host" &
		pids+=($!)
	done
	for host in "${pids[@]}"; do
		wait "$host" || bad=1
	done
	return $bad
}

far_endpoints_apart() {
	hold_open far3 far3 42000 && FAR3=$HOLD && hold_open far4 far4 42000 && FAR4=$HOLD &&
		says $HOST:42000 ctl show sessions proto tcp tenant blue &&
		says $HOST:42000 ctl show sessions proto tcp tenant red &&
		still_there far3 "$FAR3" one && still_there far4 "$FAR4" two &&
		fails grep -q two "$TMP/far3.out"
}

box_answers_far_hosts() {
	ping_gateway far3 && ping_gateway far4
}

# Errors of the box and of others arrive behind the router.
errors_reach_far_hosts() {
	says "From $GATEWAY" on far3 ping -n -c 1 -W 2 -t 2 $WAN || return
	says 'Connection refused' peer_on far4 ask udp $WAN 7999 x
}

# The router is asked for by ARP in its own tenant when a packet wants it.
router_is_resolved() {
	serve far3 tcp 8000 "$PEER" web 8000 "$TMP/blue" &&
		serve far4 tcp 8000 "$PEER" web 8000 "$TMP/red" &&
		ctl forward tcp $OUTSIDE:8005 to $HOST:8000 tenant blue &&
		ctl forward tcp $OUTSIDE:8006 to $HOST:8000 tenant red || return
	as_kernel blue ip neigh flush all
	as_kernel red ip neigh flush all
	says 'this is blue' on wan1 curl -sS --max-time 5 http://$OUTSIDE:8005/name &&
		says 'this is red' on wan1 curl -sS --max-time 5 http://$OUTSIDE:8006/name
}

route_withdrawn() {
	local before
	before=$(counter drop_no_route)
	tenant_ip blue route del $NET && wait_for 5 fails has_route blue && has_route red &&
		fails on wan1 curl -sS --max-time 2 http://$OUTSIDE:8005/name &&
		counter_above drop_no_route "$before" && fails ping_wan far3 1 &&
		says 'this is red' on wan1 curl -sS --max-time 5 http://$OUTSIDE:8006/name &&
		still_there far4 "$FAR4" three
}

route_put_back() {
	tenant_ip blue route add $NET via 10.0.0.2 &&
		wait_for 10 on wan1 curl -sS --max-time 2 http://$OUTSIDE:8005/name &&
		wait_for 10 ping_wan far3 && still_there far3 "$FAR3" four
}

# A better route into a void takes the traffic along, and gives it back.
route_moves() {
	tenant_ip red route add $HOST/32 via 10.0.0.77 && wait_for 5 fails ping_wan far4 1 &&
		ping_wan far3 && tenant_ip red route del $HOST/32 && wait_for 10 ping_wan far4
}

many_routes() {
	local i
	for i in $(seq 10 255); do
		printf 'route add 10.%d.0.0/16 via 10.0.0.2\n' "$i"
	done >"$TMP/routes"
	tenant_ip blue -batch "$TMP/routes" && wait_for 5 says 10.255.0.0/16 ctl show routes tenant blue &&
		fails says 10.255.0.0/16 ctl show routes tenant red && ping_wan far3 &&
		sed 's/add/del/' "$TMP/routes" >"$TMP/unroutes" && tenant_ip blue -batch "$TMP/unroutes" &&
		wait_for 5 fails says 10.255.0.0/16 ctl show routes && ping_wan far3
}

# An interface that goes down and up loses its routes without a word; ours come back.
static_route() {
	ctl tenant red route $NET via 10.0.0.2 && says "tenant red route $NET via 10.0.0.2" ctl show configuration &&
		tenant_ip red route del $NET via 10.0.0.2 metric 0 && ping_wan far4 &&
		tenant_ip red link set "$PREFIX-in" down && wait_for 5 fails has_route red &&
		tenant_ip red link set "$PREFIX-in" up && wait_for 5 has_route red &&
		wait_for 10 ping_wan far4 && ping_wan far3 && fails ctl tenant red route $NET via 10.0.0.9 &&
		says 'gateway' ctl tenant red route 10.8.0.0/16 via 172.16.0.1
}

static_route_removed() {
	ctl no tenant red route $NET && wait_for 5 fails has_route red && fails ping_wan far4 1 &&
		fails ctl no tenant red route $NET && ctl tenant red route $NET via 10.0.0.2 &&
		wait_for 10 ping_wan far4
}

# ---- coming and going ----

# No session of a tenant that is not blue has port 41000 any more.
red_sessions_gone() {
	[ -z "$(ctl show sessions proto tcp | grep :41000 | grep -v 'tenant blue')" ]
}

remove_while_other_downloads() {
	local pid status=0
	rm -f "$TMP/lan3.got"
	download lan3 slow 450k &
	pid=$!
	wait_for 5 test -s "$TMP/lan3.got" || status=1
	ctl no tenant red || status=1
	wait_for 5 fails ctl show sessions tenant red || status=1
	wait_for 5 red_sessions_gone || { ctl show sessions; status=1; }
	no_kernel red || { echo 'namespace of red is still there'; status=1; }
	says 'tenant red' ctl show forwards && status=1
	says 'tenant ?' ctl show neighbors && status=1
	says 'tenant ?' ctl show routes && status=1
	has_route blue || status=1
	ping_wan far3 || { echo 'far3 lost its way'; status=1; }
	still_there far3 "$FAR3" five || status=1
	ping_gateway lan4 && status=1
	fails on wan1 curl -sS --max-time 2 http://$OUTSIDE:8004/name || status=1
	ping_gateway lan5 || status=1
	[ "$(stat -c %s "$TMP/lan3.got")" -lt 16000000 ] || { echo 'the download was over too early'; status=1; }
	still_there blue "$BLUE" three || status=1
	wait "$pid" || { echo 'download of blue broke'; status=1; }
	return $status
}

sessions_of_removed_are_ended() {
	echo four >&"$RED"
	fails wait_for 2 grep -q four "$TMP/red.out" && fails says 'tenant ?' ctl show sessions &&
		fails says 'tenant ?' ctl show subscribers
}

add_again() {
	ctl tenant red vlan 20 && ctl tenant red inside address $GATEWAY/24 && ping_gateway lan4 &&
		download lan4 file.lan4 && still_there blue "$BLUE" five &&
		fails says 41000 ctl show sessions proto tcp tenant red
}

# It begins with the routes of its link alone.
routes_of_added_again() {
	says 10.0.0.0/24 ctl show routes tenant red && fails has_route red && fails ping_wan far4 1 &&
		ping_wan far3 && tenant_ip red route add $NET via 10.0.0.2 && wait_for 10 ping_wan far4
}

move_to_another_vlan() {
	ctl tenant red vlan 21 && fails ping_gateway lan4 && ctl tenant red vlan 20 &&
		wait_for 5 ping_gateway lan4 && still_there blue "$BLUE" six
}

# A file names tenants in any order: who is called the same is the same.
load_in_another_order() {
	ctl show configuration >"$TMP/now.conf"
	{ grep -v '^\(tenant\|forward\)' "$TMP/now.conf"; grep '^tenant green' "$TMP/now.conf"
		grep '^tenant red' "$TMP/now.conf"; grep '^tenant blue' "$TMP/now.conf"
		grep '^forward' "$TMP/now.conf"; } >"$TMP/other.conf"
	[ "$(sort "$TMP/now.conf")" = "$(sort "$TMP/other.conf")" ] && ctl load "$TMP/other.conf" &&
		still_there blue "$BLUE" seven && says :41000 ctl show sessions proto tcp tenant blue &&
		[ "$(ctl show configuration | sort)" = "$(sort "$TMP/now.conf")" ] &&
		ping_gateway lan3 && ping_gateway lan4 && ping_gateway lan5 && ping_wan far3
}

# A namespace that was there is used, and left; what sluice put there goes.
foreign_namespace() {
	ip netns add "$PREFIX-violet" && ctl tenant violet vlan 40 &&
		ctl tenant violet inside address 10.0.0.1/24 &&
		says 10.0.0.1/24 as_kernel violet ip -br addr && ctl no tenant violet &&
		as_kernel violet true && fails says "$PREFIX-in" as_kernel violet ip -br link &&
		ip netns del "$PREFIX-violet"
}

# What cannot be made is refused whole, and said.
refused_whole() {
	ip netns add "$PREFIX-violet" && ip -n "$PREFIX-violet" link add "$PREFIX-in" type dummy 2>/dev/null ||
		ip -n "$PREFIX-violet" link add "$PREFIX-in" type bridge || return
	ctl tenant violet vlan 40 &&
		says "$PREFIX-in" ctl tenant violet inside address 10.0.0.1/24 &&
		fails says 'violet inside' ctl show configuration && ctl no tenant violet &&
		ip netns del "$PREFIX-violet" && ping_gateway lan3 && still_there blue "$BLUE" eight
}

stopped_without_trace() {
	lab stop && no_kernel blue && no_kernel red && no_kernel green
}

begin
trap 'clean_up; far_hosts_gone' EXIT
need 'lab with three tenants comes up' lab up --tenants
for host in lan3 lan4 lan5; do
	head -c 2000000 /dev/urandom >"$TMP/file.$host"
done
head -c 16000000 /dev/urandom >"$TMP/slow"
for name in blue red; do
	mkdir -p "$TMP/$name" && echo "this is $name" >"$TMP/$name/name"
done
need 'an echo server outside' serve wan1 udp 7000 "$PEER" echo 7000
need 'a web server outside' serve wan1 tcp 8000 "$PEER" web 8000 "$TMP"
check 'VLAN 10 pings its own gateway' ping_gateway lan3
check 'VLAN 20 pings its own gateway of the same address' ping_gateway lan4
check 'VLAN 30.7 (QinQ) pings its own gateway' ping_gateway lan5
check 'the untagged side pings its own gateway' ping_gateway lan1
check 'neighbours of the same address are kept apart' own_neighbours
check 'the kernel of a tenant reaches its client' kernel_calls_client blue
check 'the same through two tags' kernel_calls_client green
check 'a daemon on the box serves its own tenant only' daemon_of_one_tenant
check 'downloads by the same address in three tenants at once' downloads_at_once
check 'connections with the same endpoints are listed apart' same_endpoints_apart
check 'tenants share the outside address' shared_pool
check 'each tenant leaves by a pool of its own' own_pools
check 'a pool is removed, users of other pools notice nothing' pool_removed_in_the_middle
check 'forwards lead into their tenants' forward_into_tenant
check 'a forward finds a neighbour that is not known yet' forward_to_unknown_neighbour
check 'the limit of one tenant does not touch the others' limit_of_one
need 'hosts behind clients of two tenants' eval 'far_host lan3 far3 && far_host lan4 far4'
check 'behind a router nothing goes without a route' nothing_without_route
check 'a route in the namespace of one tenant is its own' route_of_one
check 'the same route of another tenant beside it' route_of_both
check 'hosts of one address behind two routers download at once' far_downloads_at_once
check 'their connections with the same endpoints are listed apart' far_endpoints_apart
check 'the box answers hosts behind routers' box_answers_far_hosts
check 'errors reach hosts behind routers' errors_reach_far_hosts
check 'a forward finds a router that is not known yet' router_is_resolved
check 'a route is withdrawn: no route, and the other tenant notices nothing' route_withdrawn
check 'it is put back and sessions go on' route_put_back
check 'a better route takes the traffic along' route_moves
check '246 routes of a tenant come and go' many_routes
check 'a static route of a tenant' static_route
check 'a static route is removed and given again' static_route_removed
check 'a tenant is removed while another downloads' remove_while_other_downloads
check 'sessions of the removed tenant have ended' sessions_of_removed_are_ended
check 'it is added again and works at once' add_again
check 'it begins without the routes it had' routes_of_added_again
check 'a tenant moves to another VLAN and back' move_to_another_vlan
check 'a file with tenants in another order changes nothing' load_in_another_order
check 'a namespace that was there is used and left' foreign_namespace
check 'a tenant that cannot be made is refused whole' refused_whole
check 'every packet is accounted for' balanced
check 'after the end no namespace is left' stopped_without_trace
finish
