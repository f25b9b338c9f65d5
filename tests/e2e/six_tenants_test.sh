#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# IPv6 of tenants: lan3 in tenant blue and lan4 in red, native and by NAT64, the latter by
# addresses that both have at the same time; its records, limits and forwards.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
FAR6=2001:db8:3::2
OUTSIDE=192.0.2.1
BLUE=2001:db8:b::2
RED=2001:db8:d::2
SAME=fd00::2 # in both
PREFIX=${LAB:0:11}
NAT64=64:ff9b::
SYSLOG=$TMP/syslog

# tenant_up TENANT HOST NETWORK: one network of its own, and one that the other has as well.
tenant_up() {
	on "$2" sysctl -qw net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.accept_ra=0
	ctl tenant "$1" inside address "$3::1/64" && ctl tenant "$1" inside address fd00::1/64 &&
		ip -n "$LAB-$2" addr add "$3::2/64" dev eth0 nodad &&
		ip -n "$LAB-$2" addr add $SAME/64 dev eth0 nodad &&
		ip -n "$LAB-$2" route add default via "$3::1"
}

tenants_have_ipv6() {
	tenant_up blue lan3 2001:db8:b && tenant_up red lan4 2001:db8:d &&
		ctl nat64 prefix $NAT64/96 tenant blue && ctl nat64 prefix 2001:db8:64d::/96 tenant red &&
		serve wan1 tcp 7000 "$PEER" echo 7000 && serve wan2 tcp 7006 "$PEER" echo 7006 :: &&
		serve lan3 tcp 7006 "$PEER" echo 7006 :: && serve lan4 tcp 7006 "$PEER" echo 7006 ::
}

ping_ok() {
	on "$1" ping -n -c 2 -i 0.2 -W 2 "${@:3}" "$2"
}

hops() {
	on "$1" traceroute -6 -n -q 1 -w 2 -m 6 "$2" | awk 'NR > 1 { printf "%s ", $2 }'
}

# ---- native ----

both_ways() {
	ping_ok "$1" $FAR6 -I "$2" && ping_ok wan2 "$2" && says hello peer_on wan2 ask tcp "$2" 7006 hello &&
		says hello peer_on "$1" ask tcp $FAR6 7006 hello && says hello peer_on "$1" ask udp $FAR6 7006 hello
}

# Each sees the box by its own tenant's address.
hop_by_hop() {
	[ "$(hops lan3 $FAR6)" = "2001:db8:b::1 2001:db8:2::2 $FAR6 " ] &&
		[ "$(hops lan4 $FAR6)" = "2001:db8:d::1 2001:db8:2::2 $FAR6 " ] &&
		[ "$(hops wan2 $BLUE)" = "2001:db8:3::1 2001:db8:2::1 $BLUE " ]
}

path_mtu() {
	local status=0
	ctl outside mtu 1400
	ping_ok lan4 $FAR6 -I $RED -s 1452 -M 'do' >/dev/null
	on lan4 ip -o route get $FAR6 | grep -q 'mtu 1400\b' && ping_ok lan4 $FAR6 -s 1452 || status=1
	ctl outside mtu 1500
	return $status
}

each_other() {
	ping_ok lan3 $RED && ping_ok lan1 $BLUE -I 2001:db8:1::2
}

# What one may not send from, and what two have.
kept_apart() {
	local spoofed two
	spoofed=$(counter drop_spoofed) two=$(counter drop_two_tenants)
	ip -n "$LAB-lan3" addr add $RED/128 dev eth0 nodad
	fails on lan3 ping -n -c 1 -W 1 -I $RED $FAR6 && counter_above drop_spoofed "$spoofed" &&
		ip -n "$LAB-lan3" addr del $RED/128 dev eth0 &&
		fails on lan1 ping -n -c 1 -W 1 -I 2001:db8:1::2 $SAME && counter_above drop_two_tenants "$two"
}

route_of() {
	says 2001:db8:bb::/48 ctl show routes tenant "$1"
}

# A network behind a router of blue, told to blue's kernel; then red says that it is its own.
network_behind_router() {
	ip -n "$LAB-lan3" addr add 2001:db8:bb::9/128 dev lo nodad &&
		ip -n "$PREFIX-blue" route add 2001:db8:bb::/48 via $BLUE && wait_for 5 route_of blue &&
		wait_for 10 on wan2 ping -n -c 1 -W 1 2001:db8:bb::9 && ping_ok lan3 $FAR6 -I 2001:db8:bb::9 &&
		ip -n "$PREFIX-red" route add 2001:db8:bb::/48 via $RED && wait_for 5 route_of red &&
		fails on wan2 ping -n -c 1 -W 1 2001:db8:bb::9 &&
		ip -n "$PREFIX-red" route del 2001:db8:bb::/48 && wait_for 5 fails route_of red &&
		ping_ok wan2 2001:db8:bb::9 && ip -n "$PREFIX-blue" route del 2001:db8:bb::/48 &&
		wait_for 5 fails route_of blue && fails on wan2 ping -n -c 1 -W 1 2001:db8:bb::9
}

# The neighbour is asked for in its tenant when a packet wants it.
neighbour_is_resolved() {
	ip -n "$PREFIX-blue" -6 neigh flush all
	ip -n "$PREFIX-red" -6 neigh flush all
	ping_ok wan2 $BLUE && ping_ok wan2 $RED
}

# ---- NAT64 ----

# By one address in two tenants, each with a prefix of its own.
same_address() {
	local blue red
	blue=$(peer_on lan3 ask udp ${NAT64}c000:202 7000 x 40001 | head -1)
	red=$(peer_on lan4 ask udp 2001:db8:64d::c000:202 7000 x 40001 | head -1)
	echo "blue as $blue, red as $red"
	[[ $blue == $OUTSIDE:* && $red == $OUTSIDE:* ]] && [ "$blue" != "$red" ] &&
		fails on lan4 ping -n -c 1 -W 1 ${NAT64}c000:202
}

in_json() {
	ctl -j show sessions tenant red proto udp | jq -e '.sessions[] | select(.nat64 == "2001:db8:64d::/96")' &&
		ctl -j show sessions tenant blue proto udp | jq -e '.sessions[] | select(.nat64 == "64:ff9b::/96")' &&
		ctl -j show subscribers tenant blue | jq -e . && ctl -j show counters | grep -q nat64_out &&
		[ "$(counter nat64_out)" -gt 0 ] && [ "$(counter nat64_in)" -gt 0 ]
}

# from HOST SOURCE PORT TO: one datagram, and the text that comes back.
from() {
	on "$1" python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind((sys.argv[1], int(sys.argv[2])))
s.settimeout(1)
s.sendto(b"x", (sys.argv[3], 7000))
print(s.recv(2000))
' "$2" "$3" "$4"
}

# Whatever addresses a host takes within its /64, the limit is one; of /128 each has its own.
limit_by_network() {
	local before port
	ctl clear sessions tenant blue && ip -n "$LAB-lan3" addr add 2001:db8:b::22/64 dev eth0 nodad &&
		ctl tenant blue limit sessions 3 || return
	for port in 1 2 3; do
		from lan3 $BLUE 4110$port ${NAT64}c000:202 || return
	done
	before=$(counter drop_limit_sessions)
	fails from lan3 2001:db8:b::22 41104 ${NAT64}c000:202 && counter_above drop_limit_sessions "$before" &&
		ctl nat64 subscriber 128 && ctl clear sessions tenant blue &&
		from lan3 $BLUE 41111 ${NAT64}c000:202 && from lan3 $BLUE 41112 ${NAT64}c000:202 &&
		from lan3 $BLUE 41113 ${NAT64}c000:202 && fails from lan3 $BLUE 41114 ${NAT64}c000:202 &&
		wait_for 5 from lan3 2001:db8:b::22 41114 ${NAT64}c000:202 && # once nobody knows it of its /64 any more
		ctl no nat64 subscriber && ctl no tenant blue limit sessions
}

forward_into_tenant() {
	ctl forward tcp $OUTSIDE:7200 to "[$BLUE]:7006" tenant blue &&
		says "${NAT64}c000:202" peer_on wan1 ask tcp $OUTSIDE 7200 hello &&
		says "192.0.2.1:7200 to [$BLUE]:7006" ctl show forwards &&
		ctl no forward tcp $OUTSIDE:7200 && fails peer_on wan1 ask tcp $OUTSIDE 7200 hello
}

none_of() {
	says '0 sessions' ctl show sessions tenant "$1" count
}

# Statements and commands take sessions and mappings away, and only those that they name.
taken_away() {
	ctl clear sessions && wait_for 5 none_of blue && from lan3 $BLUE 41201 ${NAT64}c000:202 &&
		from lan4 $RED 41202 2001:db8:64d::c000:202 &&
		ctl clear sessions inside 2001:db8:b::/64 tenant red && fails none_of blue &&
		ctl clear sessions inside 2001:db8:b::/64 tenant blue && wait_for 5 none_of blue && fails none_of red &&
		ctl no nat64 prefix 2001:db8:64d::/96 tenant red && wait_for 5 none_of red &&
		says '0 mappings' ctl show mappings tenant red count &&
		fails from lan4 $RED 41202 2001:db8:64d::c000:202 &&
		ctl nat64 prefix 2001:db8:64d::/96 tenant red && from lan4 $RED 41202 2001:db8:64d::c000:202
}

# ---- records ----

seen() {
	grep -qE -- "$1" "$SYSLOG"
}

in_syslog() {
	local got
	: >"$SYSLOG"
	spawn wan1 "$ROOT/tests/e2e/collect.py" udp 5514 "$SYSLOG"
	wait_for 10 listening wan1 udp 5514 && ctl clear sessions && wait_for 5 none_of blue &&
		ctl log syslog $WAN:5514 mappings sessions || return
	got=$(peer_on lan3 ask udp ${NAT64}c000:202 7000 x 40301 | head -1)
	ctl clear sessions tenant blue
	wait_for 5 seen 'APMDEL .*ISPORT=40301' || return
	cat "$SYSLOG"
	local t="IATYP=IPv6 ISADDR=(fd00::2|2001:db8:b::2|2001:db8:b::22) ISPORT=40301 XATYP=IPv4 XSADDR=$OUTSIDE XSPORT=${got#*:} PROTO=17"
	seen "^APMADD napmap .*$t" && seen "^APMDEL napmap .*$t" && seen "^SADD nsess .*$t XDADDR=$WAN XDPORT=7000" &&
		seen "^SDEL nsess .*$t XDADDR=$WAN" && fails seen ^BAD && ctl no log syslog $WAN:5514
}

# Read by nfcapd: event, protocol, IPv6 end, port, IPv4 end; 6, 7 sessions, 10, 11 mappings (RFC 8158).
in_ipfix() {
	local got pid event
	mkdir -p "$TMP/nf"
	spawn wan1 nfcapd -p 4739 -B 4000000 -w "$TMP/nf" -t 3600
	pid=$SPAWNED_PID
	wait_for 10 listening wan1 udp 4739 && ctl log ipfix $WAN mappings sessions && ctl log syslog $WAN:5514 mappings || return
	got=$(peer_on lan4 ask tcp 2001:db8:64d::c000:202 7000 x 40302 | head -1)
	ctl clear sessions tenant red
	wait_for 5 seen 'APMDEL .*ISPORT=40302' && sleep 0.2
	end_process "$pid" 10
	nfdump -R "$TMP/nf" -o json >"$TMP/ipfix.json" 2>/dev/null
	grep -E 'nat_event|addr|xlt|port' "$TMP/ipfix.json"
	for event in 6 7 10 11; do
		jq -e --arg event $event --arg port "${got#*:}" '.[] | select((.nat_event_id | tostring) == $event and
			($event >= "8" or $event < "2" or (.dst6_addr == "2001:db8:64d::c000:202" and .dst4_xlt_ip == "192.0.2.2")) and
			(.proto == 6 or .proto == "TCP") and (.src6_addr == "fd00::2" or .src6_addr == "2001:db8:d::2") and
			.src_port == 40302 and .src4_xlt_ip == "192.0.2.1" and (.src_xlt_port | tostring) == $port)' \
			"$TMP/ipfix.json" || return
	done
	ctl no log ipfix $WAN && ctl no log syslog $WAN:5514
}

# Port blocks are a network's, and told as that.
blocks() {
	: >"$SYSLOG"
	ctl pool cgn address $OUTSIDE && ctl pool cgn blocks 512 max 2 && ctl log syslog $WAN:5514 blocks || return
	wait_for 5 from lan3 $BLUE 40401 ${NAT64}c000:202 && from lan3 $BLUE 40402 ${NAT64}c000:202 &&
		wait_for 5 seen 2001:db8:b:: || return
	cat "$SYSLOG"
	[ "$(grep -c 2001:db8:b:: "$SYSLOG")" -eq 1 ] && seen '2001:db8:b::/64' &&
		says '2001:db8:b::/64' ctl show subscribers tenant blue && ctl no log syslog $WAN:5514
}

# ---- all of it once more ----

several_workers() {
	ctl show configuration >"$TMP/conf" && lab stop && lab start --workers 3 --config "$TMP/conf" &&
		ctl show configuration | diff "$TMP/conf" - && wait_for 10 both_ways lan3 $BLUE && both_ways lan4 $RED &&
		same_address && each_other
}

removed_tenant() {
	ctl no tenant red && wait_for 5 fails says 'tenant red' ctl show configuration &&
		fails on wan2 ping -n -c 1 -W 1 $RED && ping_ok wan2 $BLUE
}

begin
need 'lab comes up' lab up --six --tenants
need 'tenants have IPv6' tenants_have_ipv6
need 'native: out and in, tenant blue' wait_for 10 both_ways lan3 $BLUE
check 'native: out and in, tenant red' both_ways lan4 $RED
check 'native: traceroute shows the tenant'\''s own box' hop_by_hop
check 'native: path MTU' path_mtu
check 'native: tenants reach each other by their prefixes' each_other
check 'native: foreign sources and prefixes of two tenants' kept_apart
check 'native: a network behind a router of a tenant' network_behind_router
check 'native: neighbours are resolved in their tenant' neighbour_is_resolved
check 'NAT64: one address in two tenants' same_address
check 'NAT64: sessions, subscribers, counters as JSON' in_json
check 'NAT64: limits by /64 and by host' limit_by_network
check 'NAT64: a forward into a tenant comes and goes' forward_into_tenant
check 'NAT64: sessions and mappings are taken away' taken_away
check 'NAT64: syslog' in_syslog
check 'NAT64: IPFIX as nfcapd reads it' in_ipfix
check 'NAT64: port blocks by /64' blocks
check 'every packet is accounted for' balanced
check 'several workers' several_workers
check 'a removed tenant has no prefix' removed_tenant
check 'every packet is accounted for with several workers' balanced
finish
