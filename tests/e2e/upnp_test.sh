#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# UPnP with programs that hosts really have: miniupnpc's upnpc, transmission that opens its port
# by itself, gssdp-discover; traffic from the outside by what they have opened, and none after.
#
# libminiupnpc believes no box whose outside address is of a documentation network ("not
# connected"). So the pool has an address of the public Internet, which nobody sees outside the
# lab.
set -u
. "$(dirname "$0")/lib.sh"

UPNP=$ROOT/tests/e2e/upnp_peer.py
GATEWAY=10.0.0.1
OUTSIDE=20.0.0.1
URL=http://$GATEWAY:5000

lab_with_upnp() {
	lab up --tenants || return
	ip -n "$LAB-wan1" route add $OUTSIDE via 192.0.2.1
	ctl "pool public address $OUTSIDE" && ctl tenant default pool public &&
		ctl pool public filtering tcp address-and-port-dependent &&
		ctl pool public filtering udp address-and-port-dependent && ctl upnp on
}

upnpc_on() {
	on "$1" timeout 20 upnpc "${@:2}"
}

# By the description at once: no search, no waiting.
quick_on() {
	upnpc_on "$1" -u $URL/rootDesc.xml "${@:2}"
}

entries() {
	ctl -j show port-forwards | jq '.port_forwards | length'
}

tcp_open() {
	says hello on wan1 timeout 5 "$PEER" ask tcp $OUTSIDE "$1" hello
}

tcp_closed() {
	fails on wan1 nc -z -w 1 $OUTSIDE "$1"
}

udp_open() {
	says hello on wan1 timeout 5 "$PEER" ask udp $OUTSIDE "$1" hello
}

udp_closed() {
	fails on wan1 timeout 1 "$PEER" ask udp $OUTSIDE "$1" hello
}

# ---- finding it ----

found_by_search() {
	says "Found valid IGD : $URL/ctl/ipc" upnpc_on lan1 -s
}

status_is_told() {
	local out
	out=$(quick_on lan2 -s)
	printf '%s\n' "$out"
	[[ $out == *"Status : Connected, uptime="* && $out == *"ExternalIPAddress = $OUTSIDE"* &&
		$out == *"Connection Type : IP_Routed"* ]]
}

# What went through is in the counters, as the box counts it.
figures_are_real() {
	local before after
	before=$(total lan1 Sent) || return
	on lan1 ping -q -c 20 -i 0.01 -s 1000 192.0.2.2 || return
	after=$(total lan1 Sent)
	echo "$before -> $after"
	[ $((after - before)) -ge 20000 ] && [ $((after - before)) -le 40000 ]
}

total() {
	quick_on "$1" -s | sed -n "s/^Bytes:.*$2: *\([0-9]*\).*/\1/p"
}

gssdp() {
	on lan1 timeout 20 gssdp-discover -i eth0 --timeout=4 \
		--target=urn:schemas-upnp-org:device:InternetGatewayDevice:1 >"$TMP/gssdp" 2>&1
	says "Location: $URL/rootDesc.xml" cat "$TMP/gssdp"
}

search_all() {
	on lan1 "$UPNP" search 239.255.255.250 ssdp:all >"$TMP/all"
	cat "$TMP/all"
	[ "$(wc -l <"$TMP/all")" -eq 10 ] && [ "$(sort -u "$TMP/all" | wc -l)" -eq 10 ]
}

descriptions() {
	local path
	for path in rootDesc ipc cif l3f; do
		on lan1 curl -sSf --max-time 5 $URL/$path.xml >"$TMP/$path.xml" &&
			python3 -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])' \
				"$TMP/$path.xml" || return
	done
}

# ---- nobody outside ----

silent_outside() {
	local addr
	for addr in 192.0.2.1 $OUTSIDE 239.255.255.250; do
		[ -z "$(on wan1 "$UPNP" search $addr ssdp:all 0.5)" ] || return
	done
	for addr in 192.0.2.1 $OUTSIDE; do
		fails on wan1 curl -s --max-time 1 http://$addr:5000/rootDesc.xml || return
	done
	ip -n "$LAB-wan1" route add $GATEWAY via 192.0.2.1
	fails on wan1 curl -s --max-time 1 $URL/rootDesc.xml
	local status=$?
	ip -n "$LAB-wan1" route del $GATEWAY
	return $status
}

# The announcements are for the inside alone.
announced_inside_only() {
	spawn wan1 "$UPNP" hear 30 192.0.2.2
	spawn lan1 "$UPNP" hear 30 10.0.0.2
	wait_for 10 test_ready || return
	ctl upnp off && ctl upnp on && wait_for 10 test_heard &&
		[ "$(grep -c 'ssdp:alive.*WANIPConnection:1' "$TMP/spawned.log")" -ge 1 ]
}

test_ready() {
	[ "$(grep -c ready "$TMP/spawned.log")" -eq 2 ]
}

test_heard() {
	grep -q 'ssdp:byebye upnp:rootdevice' "$TMP/spawned.log" &&
		grep -q 'ssdp:alive upnp:rootdevice' "$TMP/spawned.log" &&
		[ "$(grep -c '^ssdp:byebye upnp:rootdevice' "$TMP/spawned.log")" -eq 1 ]
}

# ---- port mappings ----

# (upnpc sends the description as it is, so it has to be XML.)
added_and_used() {
	tcp_closed 6001 && quick_on lan1 -e 'a &amp; b &lt;c&gt;' -a 10.0.0.2 7001 6001 tcp 600 &&
		tcp_open 6001 && quick_on lan1 -a 10.0.0.2 7001 6001 udp && udp_open 6001
}

listed() {
	says "TCP  6001->10.0.0.2:7001  'a &amp; b &lt;c&gt;'" quick_on lan1 -l && says 'UDP  6001->' \
		quick_on lan1 -l && says '"a & b <c>"' ctl -j show port-forwards
}

# Nobody sees what is another host's.
not_listed_for_others() {
	fails says 6001 quick_on lan2 -l
}

others_are_refused() {
	says 'failed with code : 606' quick_on lan2 -d 6001 tcp &&
		says 'failed with code 718' quick_on lan2 -a 10.0.0.3 7001 6001 tcp &&
		says 'failed with code 606' quick_on lan2 -a 10.0.0.2 7002 6002 tcp &&
		says 'failed with code 606' quick_on lan1 -a 10.0.0.2 7002 80 tcp &&
		says 'failed with code 606' quick_on lan1 -a 10.0.0.2 22 6002 tcp &&
		tcp_open 6001 && [ "$(entries)" -eq 2 ]
}

deleted_and_closed() {
	quick_on lan1 -d 6001 tcp && tcp_closed 6001 && quick_on lan1 -d 6001 udp &&
		udp_closed 6001 && [ "$(entries)" -eq 0 ] &&
		says 'failed with code : 714' quick_on lan1 -d 6001 tcp
}

ports_of_the_host_itself() {
	quick_on lan1 -r 7001 tcp 7001 udp && tcp_open 7001 && udp_open 7001 &&
		quick_on lan1 -d 7001 tcp && quick_on lan1 -d 7001 udp && [ "$(entries)" -eq 0 ]
}

lease_ends() {
	quick_on lan1 -a 10.0.0.2 7001 6003 tcp 3 && tcp_open 6003 && wait_for 10 tcp_closed 6003 &&
		[ "$(entries)" -eq 0 ]
}

# A connection that came in by it ends with it too.
sessions_end_with_it() {
	quick_on lan1 -a 10.0.0.2 7001 6004 udp 600 && udp_open 6004 &&
		quick_on lan1 -d 6004 udp && udp_closed 6004 &&
		[ "$(ctl -j show mappings inside 10.0.0.2 | jq '[.mappings[] | select(.outside == "'$OUTSIDE':6004")] | length')" -eq 0 ]
}

renewed_while_in_use() {
	quick_on lan1 -a 10.0.0.2 7001 6005 tcp 4 && quick_on lan1 -a 10.0.0.2 7001 6005 tcp 600 &&
		[ "$(ctl -j show port-forwards | jq '.port_forwards[0].left')" -gt 500 ] &&
		tcp_open 6005 && quick_on lan1 -d 6005 tcp
}

# The uptime is the link's, also for a server that has just begun.
version_2() {
	ctl upnp version 2 && wait_for 5 listening_again &&
		says 'service:WANIPConnection:2' on lan1 curl -sS $URL/rootDesc.xml &&
		[ "$(quick_on lan1 -s | sed -n 's/.*uptime=\([0-9]*\)s.*/\1/p')" -ge 5 ]
}

listening_again() {
	on lan1 curl -sf --max-time 1 -o /dev/null $URL/rootDesc.xml
}

any_port() {
	local port
	quick_on lan2 -a 10.0.0.3 7001 6006 tcp 600 || return
	port=$(quick_on lan1 -n 10.0.0.2 7001 6006 tcp 600 | sed -n "s/^external $OUTSIDE:\([0-9]*\) TCP.*/\1/p")
	echo "port $port"
	[ -n "$port" ] && [ "$port" != 6006 ] && tcp_open "$port"
}

range_deleted() {
	quick_on lan1 -N 1024 65535 tcp && [ "$(entries)" -eq 1 ] && quick_on lan2 -N 1024 65535 tcp &&
		[ "$(entries)" -eq 0 ]
}

version_1_again() {
	ctl upnp version 1 && wait_for 5 listening_again
}

# ---- events ----

subscriber_hears() {
	mkfifo "$TMP/stay"
	ip netns exec "$LAB-lan1" "$UPNP" events 10.0.0.2 $URL/evt/ipc <"$TMP/stay" >"$TMP/events" 2>&1 &
	local pid=$! status=0
	exec 7>"$TMP/stay"
	wait_for 10 grep -q "^SEQ 0 .*ExternalIPAddress=$OUTSIDE PortMappingNumberOfEntries=0" "$TMP/events" &&
		quick_on lan1 -a 10.0.0.2 7001 6007 tcp 600 &&
		wait_for 10 grep -q '^SEQ 1 PortMappingNumberOfEntries=1$' "$TMP/events" &&
		quick_on lan1 -d 6007 tcp &&
		wait_for 10 grep -q '^SEQ 2 PortMappingNumberOfEntries=0$' "$TMP/events" || status=1
	cat "$TMP/events"
	exec 7>&-
	wait $pid
	return $status
}

# Called with another host's address it is nobody's.
subscriber_for_others() {
	[ "$(on lan1 curl -s -o /dev/null -w '%{http_code}' --max-time 5 -X SUBSCRIBE -H 'NT: upnp:event' \
		-H 'CALLBACK: <http://10.0.0.3:80/>' $URL/evt/ipc)" = 412 ]
}

rebinding() {
	[ "$(on lan1 curl -s -o /dev/null -w '%{http_code}' --max-time 5 -H 'Host: evil.example' \
		$URL/rootDesc.xml)" = 403 ]
}

# 200 connections that say nothing, and the others are served.
slow_clients() {
	local pids=() i status=0
	for ((i = 0; i < 200; i++)); do
		ip netns exec "$LAB-lan2" timeout 20 nc $GATEWAY 5000 </dev/zero >/dev/null 2>&1 &
		pids+=($!)
	done
	quick_on lan1 -s >"$TMP/slow" && on lan1 ping -q -c 3 -i 0.2 -W 2 192.0.2.2 || status=1
	kill "${pids[@]}" 2>/dev/null
	wait "${pids[@]}" 2>/dev/null
	return $status
}

# ---- a program that does it by itself ----

transmission() {
	mkdir -p "$TMP/transmission"
	spawn lan1 transmission-daemon -f -g "$TMP/transmission" -m -P 51413 --no-dht --no-lpd
	local pid=$SPAWNED_PID
	wait_for 30 mapped_by_itself || { ctl show port-forwards; return 1; }
	wait_for 10 on wan1 nc -z -w 1 $OUTSIDE 51413 || return
	kill "$pid"
	wait_for 20 process_gone "$pid" && wait_for 10 no_entries
}

mapped_by_itself() {
	ctl -j show port-forwards | jq -e '[.port_forwards[] | select(.outside == "'$OUTSIDE':51413" and
		.inside == "10.0.0.2:51413" and .origin == "upnp")] | length == 2'
}

no_entries() {
	[ "$(entries)" -eq 0 ]
}

# ---- tenants ----

# lan3 is 10.0.0.2 of tenant blue, lan4 the same of red, whose door is closed.
tenants_have_their_own() {
	local blue
	ctl tenant blue upnp on && wait_for 10 on lan3 curl -sf --max-time 1 -o "$TMP/blue.xml" $URL/rootDesc.xml &&
		ctl tenant red upnp off && fails on lan4 curl -s --max-time 1 $URL/rootDesc.xml || return
	on lan1 curl -sS -o "$TMP/default.xml" $URL/rootDesc.xml
	blue=$(grep -o 'uuid:[^<]*' "$TMP/blue.xml" | head -n 1)
	[ -n "$blue" ] && ! grep -q "$blue" "$TMP/default.xml"
}

tenants_ports_are_apart() {
	quick_on lan1 -a 10.0.0.2 7001 6008 tcp 600 || return
	fails says 6008 upnpc_on lan3 -i -u $URL/rootDesc.xml -l &&
		upnpc_on lan3 -i -u $URL/rootDesc.xml -a 10.0.0.2 7005 6009 tcp 600 &&
		ctl show port-forwards && says 'default' sh -c "$ROOT/scripts/lab.sh ctl show port-forwards | grep 6008" &&
		says 'blue' sh -c "$ROOT/scripts/lab.sh ctl show port-forwards | grep 6009" &&
		says 'from blue' on wan1 timeout 5 "$PEER" ask tcp $OUTSIDE 6009 'from blue'
}

# ---- the box ----

another_port() {
	ctl upnp port 5555 && fails listening_again &&
		wait_for 5 on lan1 curl -sf --max-time 1 -o /dev/null http://$GATEWAY:5555/rootDesc.xml &&
		says "http://$GATEWAY:5555/" on lan1 "$UPNP" search 239.255.255.250 upnp:rootdevice &&
		ctl no upnp port && wait_for 5 listening_again
}

byebye_at_the_end() {
	spawn lan2 "$UPNP" hear 30 10.0.0.3
	: >"$TMP/spawned.log"
	wait_for 10 grep -q ready "$TMP/spawned.log" || true
	lab stop
	wait_for 5 grep -q 'ssdp:byebye upnp:rootdevice' "$TMP/spawned.log"
}

switched_off() {
	ctl upnp off && ctl no tenant blue upnp && fails listening_again &&
		[ -z "$(on lan1 "$UPNP" search 239.255.255.250 ssdp:all 1.5)" ]
}

begin
need 'lab comes up' lab_with_upnp
need 'echo inside' serve lan1 tcp 7001 "$PEER" echo 7001
need 'echo of blue' serve lan3 tcp 7005 "$PEER" echo 7005
check 'found by a search' found_by_search
check 'status and outside address' status_is_told
check 'bytes are those that went out' figures_are_real
check 'gssdp finds it' gssdp
check 'ssdp:all has ten answers' search_all
check 'all descriptions are there' descriptions
check 'nothing is answered on the outside' silent_outside
check 'announced on the inside alone, with leave' announced_inside_only
check 'added, and traffic comes in' added_and_used
check 'listed for its host' listed
check 'not listed for others' not_listed_for_others
check 'other hosts and low ports are refused' others_are_refused
check 'deleted, and nothing comes in' deleted_and_closed
check 'upnpc -r' ports_of_the_host_itself
check 'a lease ends by itself' lease_ends
check 'sessions end with the mapping' sessions_end_with_it
check 'renewed' renewed_while_in_use
check 'version 2' version_2
check 'upnpc -n: another port when that is taken' any_port
check 'upnpc -N: a range of ones own' range_deleted
check 'version 1 again' version_1_again
check 'events to a subscriber' subscriber_hears
check 'no events to others' subscriber_for_others
check 'a strange Host is refused' rebinding
check '200 slow clients' slow_clients
check 'transmission opens its port by itself' transmission
check 'a tenant has a server of its own' tenants_have_their_own
check 'ports of tenants are apart' tenants_ports_are_apart
check 'another port of HTTP' another_port
check 'switched off' switched_off
check 'every packet is accounted for' balanced
need 'switched on again' ctl upnp on
check 'leave is taken at the end' byebye_at_the_end
finish
