#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# NAT-PMP and PCP with real clients: natpmpc, libtorrent, and a PCP client of our own. What a host
# has opened is reached from outside at once, by nobody else's leave, and not a moment too long.
# lan3 and lan4 have the same address, in tenants of their own.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pcplib.sh"

TORRENT=$ROOT/tests/e2e/torrent.py

# ---- NAT-PMP ----

switched_off() {
	says 'no answer' pcpc lan1 --timeout 0.3 --tries 1 announce && ctl pcp on &&
		says SUCCESS pcpc lan1 announce
}

natpmp_address() {
	says "Public IP address : $OUTSIDE" natpmpc_on lan1
}

natpmp_maps() {
	closed 8000 && says 'Mapped public port 8000' natpmpc_on lan1 -a 8000 7000 tcp 3600 &&
		reached 8000 wan1 && reached 8000 wan2 && listed 'nat-pmp.*:8000 .*to 10.0.0.2:7000' &&
		says 192.0.2.2: on wan1 "$PEER" ask tcp $OUTSIDE 8000 x
}

natpmp_maps_udp() {
	says 'Mapped public port 8000' natpmpc_on lan1 -a 8000 7000 udp 3600 && udp_reached 8000 wan2
}

natpmp_other_host() {
	natpmpc_on lan2 -a 8000 7000 tcp 0 && reached 8000 wan1 &&
		fails says 'Mapped public port 8000' natpmpc_on lan2 -a 8000 7000 tcp 60 &&
		reached 8000 wan1 && natpmpc_on lan2 -a 0 0 tcp 0 && reached 8000 wan1
}

natpmp_deletes() {
	natpmpc_on lan1 -a 8000 7000 tcp 0 && closed 8000 && unlisted 'tcp.*:8000' &&
		udp_reached 8000 wan1 && natpmpc_on lan1 -a 0 0 udp 0 && udp_closed 8000 wan1
}

# The connection that is there ends with the lease as well.
lease_ends() {
	local status=0
	natpmpc_on lan1 -a 8001 7000 tcp 3 && reached 8001 wan1 || return
	mkfifo "$TMP/hold"
	ip netns exec "$LAB-wan1" "$PEER" hold $OUTSIDE 8001 0 <"$TMP/hold" >"$TMP/hold.log" 2>&1 &
	local pid=$!
	exec 7>"$TMP/hold"
	wait_for 3 grep -q up "$TMP/hold.log" && wait_for 6 unlisted ':8001' || status=1
	closed 8001 || status=1
	echo 'too late' >&7
	fails wait_for 1 grep -q 'too late' "$TMP/hold.log" || status=1
	exec 7>&-
	end_process "$pid"
	return $status
}

# ---- PCP: MAP ----

map_opens() {
	says "external=$OUTSIDE:8080" pcpc lan1 --out-port 8080 --describe 'a game' map tcp 7000 &&
		reached 8080 wan1 && reached 8080 wan2 && listed 'pcp.*:8080 .*a game'
}

map_is_its_owners() {
	says NOT_AUTHORIZED on lan1 "$PCPC" --nonce $OTHER_NONCE --lifetime 0 map tcp 7000 &&
		says NOT_AUTHORIZED on lan1 "$PCPC" --nonce $OTHER_NONCE map tcp 7000 &&
		says SUCCESS pcpc lan2 --lifetime 0 map tcp 7000 &&
		says SUCCESS pcpc lan2 --lifetime 0 map 0 0 &&
		says CANNOT_PROVIDE pcpc lan2 --out-port 8080 --prefer-failure map tcp 7000 &&
		says ADDRESS_MISMATCH pcpc lan2 --claim 10.0.0.2 --lifetime 0 map tcp 7000 &&
		says UNSUPP_OPTION pcpc lan2 --third-party 10.0.0.2 --lifetime 0 map tcp 7000 &&
		pcp_port lan2 --out-port 8080 map tcp 7000 && [ "$PORT" != 8080 ] &&
		reached 8080 wan1 && reached "$PORT" wan1 &&
		says SUCCESS pcpc lan2 --lifetime 0 map tcp 0 && closed "$PORT" && reached 8080 wan1
}

operators_port() {
	ctl forward tcp $OUTSIDE:8090 to 10.0.0.3:7000 &&
		says CANNOT_PROVIDE pcpc lan1 --out-port 8090 --prefer-failure map tcp 7001 &&
		pcp_port lan1 --out-port 8090 map tcp 7001 && [ "$PORT" != 8090 ] &&
		reached "$PORT" wan1 && pcpc lan1 --lifetime 0 map tcp 7001 &&
		ctl no forward tcp $OUTSIDE:8090
}

map_deletes() {
	says "SUCCESS lifetime=0" pcpc lan1 --lifetime 0 map tcp 7000 && closed 8080 &&
		unlisted ':8080'
}

# What an inside endpoint has already is what it gets.
same_endpoint() {
	local line port
	line=$(on lan1 "$PEER" ask udp 192.0.2.2 7000 x 7100) || return
	port=${line#*"$OUTSIDE:"}
	port=${port%%[!0-9]*}
	pcp_port lan1 map udp 7100 && [ "$PORT" = "$port" ] &&
		serve lan1 udp 7100 "$PEER" echo 7100 && udp_reached "$port" wan2
}

peer_of_a_session() {
	local line port
	line=$(on lan1 "$PEER" ask udp 192.0.2.2 7000 x 7200) || return
	port=${line#*"$OUTSIDE:"}
	port=${port%%[!0-9]*}
	pcp_port lan1 peer udp 7200 192.0.2.2 7000 && [ "$PORT" = "$port" ] &&
		listed "udp.*:$port .*10.0.0.2:7200" &&
		says "$OUTSIDE:$port" on lan1 "$PEER" ask udp 192.0.2.2 7000 x 7200 &&
		says "SUCCESS lifetime=0" pcpc lan1 --lifetime 0 peer udp 7200 192.0.2.2 7000 &&
		says "$OUTSIDE:$port" on lan1 "$PEER" ask udp 192.0.2.2 7000 x 7200
}

# A PEER comes first: the host then has that port, and only its peer comes in.
peer_before_its_session() {
	serve lan1 udp 7300 "$PEER" echo 7300 && pcp_port lan1 peer udp 7300 198.51.100.2 7333 &&
		udp_closed "$PORT" wan1 &&
		says hello on wan2 timeout 5 "$PEER" ask udp $OUTSIDE "$PORT" hello 7333
}

filter_lets_one_in() {
	pcp_port lan1 --filter 198.51.100.2 map tcp 7001 && closed "$PORT" wan1 &&
		reached "$PORT" wan2 && says EXCESSIVE pcpc lan1 --filter 192.0.2.2 map tcp 7001 &&
		closed "$PORT" wan1 && pcpc lan1 --no-filter map tcp 7001 && reached "$PORT" wan1 &&
		pcpc lan1 --filter 192.0.2.2 map tcp 7001 && reached "$PORT" wan1 &&
		closed "$PORT" wan2 && pcpc lan1 --lifetime 0 map tcp 7001
}

# ---- rules ----

third_party() {
	ctl port-mapping third-party 10.0.0.3/32 &&
		says NOT_AUTHORIZED pcpc lan1 --third-party 10.0.0.3 map tcp 7000 &&
		says NOT_AUTHORIZED pcpc lan2 --third-party 192.0.2.2 map tcp 7000 &&
		says NOT_AUTHORIZED pcpc lan2 --third-party $GATEWAY map tcp 7000 &&
		says MALFORMED_REQUEST pcpc lan2 --third-party 10.0.0.3 map tcp 7000 &&
		pcp_port lan2 --third-party 10.0.0.2 map tcp 7000 && reached "$PORT" wan1 &&
		listed 'to 10.0.0.2:7000' &&
		pcpc lan2 --third-party 10.0.0.2 --lifetime 0 map tcp 7000 && closed "$PORT" &&
		ctl no port-mapping third-party 10.0.0.3/32
}

rules() {
	ctl port-mapping max-per-host 2 && pcpc lan2 map tcp 9001 && pcpc lan2 map tcp 9002 &&
		says 'USER_EX_QUOTA lifetime=30' pcpc lan2 map tcp 9003 && pcpc lan2 map tcp 9001 &&
		ctl no port-mapping max-per-host && ctl port-mapping deny 10.0.0.3/32 &&
		says 'NOT_AUTHORIZED lifetime=1800' pcpc lan2 map tcp 9003 &&
		says 'not authorized' natpmpc_on lan2 -a 9003 9003 tcp 60
	local status=$?
	ctl no port-mapping deny 10.0.0.3/32 && pcpc lan2 --lifetime 0 map 0 0 &&
		ctl port-mapping max-lifetime 300 &&
		says lifetime=300 pcpc lan2 --lifetime 3600 map tcp 9001 &&
		ctl no port-mapping max-lifetime &&
		says lifetime=86400 pcpc lan2 --lifetime 1000000 map tcp 9001 &&
		says lifetime=120 pcpc lan2 --lifetime 1 map tcp 9001 && return $status
}

# ---- who is not answered ----

# silent COMMAND...: nothing comes back, and nothing is there afterwards
silent() {
	says 'no answer' "$@" && unlisted ':7999'
}

# From outside, to each address of the box, also by a route to the inside.
outside_is_silent() {
	ip -n "$LAB-wan1" route replace 10.0.0.0/24 via $OUTSIDE
	silent pcpc wan1 --server $OUTSIDE --timeout 0.5 --tries 1 map tcp 7999 &&
		silent pcpc wan1 --server $GATEWAY --timeout 0.5 --tries 1 map tcp 7999 &&
		silent pcpc wan1 --server $GATEWAY --timeout 0.5 --tries 1 --claim 10.0.0.2 map tcp 7999 &&
		silent pcpc wan2 --server $OUTSIDE --timeout 0.5 --tries 1 raw 0000
	local status=$?
	ip -n "$LAB-wan1" route del 10.0.0.0/24
	# nor the inside, at the outside address
	silent pcpc lan1 --server $OUTSIDE --timeout 0.5 --tries 1 announce && return $status
}

garbage() {
	local bytes
	for bytes in 02 0280 0081 00 0001 ffff "$(printf '02%.0s' $(seq 1100))" \
		"$(printf '00%.0s' $(seq 1400))" "0201$(printf 'ff%.0s' $(seq 58))"; do
		on lan1 "$PCPC" --timeout 0.2 --tries 1 raw "$bytes"
	done
	says 0200 on lan1 "$PCPC" raw 09000000 | grep -q '^0280000100000708' || return
	says SUCCESS pcpc lan1 announce
}

# ---- tenants ----

tenants() {
	local blue red
	ctl no pcp && ctl tenant blue pcp on &&
		says 'no answer' pcpc lan1 --timeout 0.3 --tries 1 announce &&
		says 'no answer' pcpc lan4 --timeout 0.3 --tries 1 announce &&
		pcp_port lan3 map tcp 7000 || return
	blue=$PORT
	reached "$blue" wan1 'this is blue' && ctl pcp on && pcp_port lan4 map tcp 7000 || return
	red=$PORT
	[ "$blue" != "$red" ] && reached "$red" wan1 &&
		pcpc lan4 --lifetime 0 map 0 0 && closed "$red" && reached "$blue" wan1 &&
		listed "blue.*:$blue .*to 10.0.0.2:7000" &&
		ctl tenant blue pcp off && says 'no answer' pcpc lan3 --timeout 0.3 --tries 1 announce &&
		ctl no tenant blue pcp
}

# ---- a program that maps its port by itself ----

torrent() {
	serve_torrent && PORT=$(ctl -j show port-forwards |
			jq -r '.port_forwards[] | select(.inside == "10.0.0.2:6881" and .protocol == "tcp")
				| .outside' | cut -d: -f2) && on wan2 nc -z -w 3 $OUTSIDE "$PORT" && listed 'pcp.*tcp.*10.0.0.2:6881'
}

serve_torrent() {
	spawn lan1 "$TORRENT" 6881
	TORRENT_PID=$SPAWNED_PID
	wait_for 15 listed 'tcp.*10.0.0.2:6881' || { tail -n 20 "$TMP/spawned.log"; return 1; }
}

# It takes its port back when it goes.
torrent_ends() {
	end_process "$TORRENT_PID" 5
	wait_for 5 unlisted 10.0.0.2:6881
}

begin
need 'lab comes up' lab up --tenants
need 'servers' servers
need 'nothing is answered unless switched on' switched_off
check 'natpmpc: outside address' natpmp_address
check 'natpmpc: a port is reached from outside at once' natpmp_maps
check 'natpmpc: the same port for UDP' natpmp_maps_udp
check 'natpmpc: another host neither deletes nor takes it' natpmp_other_host
check 'natpmpc: deleted, it is closed at once' natpmp_deletes
check 'a lease ends to the second, with its connections' lease_ends
check 'MAP opens a port' map_opens
check 'MAP: nobody else renews, deletes or takes it' map_is_its_owners
check "MAP: the operator's ports are not to be had" operators_port
check 'MAP: deleted, it is closed at once' map_deletes
check 'MAP: an endpoint keeps the port that it has' same_endpoint
check 'PEER of a session that is there' peer_of_a_session
check 'PEER before its session' peer_before_its_session
check 'FILTER lets one in' filter_lets_one_in
check 'THIRD_PARTY for those who may' third_party
check 'numbers, times, and hosts that may not' rules
check 'nothing is answered on the outside' outside_is_silent
check 'garbage' garbage
check 'tenants with the same addresses' tenants
check 'libtorrent opens its port by PCP' torrent
check 'libtorrent closes it again' torrent_ends
check 'every packet is accounted for' balanced
finish
