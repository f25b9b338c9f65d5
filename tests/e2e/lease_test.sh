#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Ports that hosts have opened, without the protocols: the file brings them back, they carry
# traffic from anywhere, whichever worker owns the port, they end, and the operator's forwards and
# they keep out of each other's way.
set -u
. "$(dirname "$0")/lib.sh"

OUTSIDE=192.0.2.1
FILE=$TMP/leases

# a lease PROTOCOL OUTSIDE-PORT INSIDE SECONDS [MORE...]: its line in the file.
lease() {
	echo "upnp $1 tenant ${6:-default} outside $OUTSIDE:$2 inside $3 until $(($(date +%s%3N) + $4 * 1000)) ${5:-}"
}

# start_with WORKERS: sluice anew, with a pool's filter that lets nobody in by itself.
start_with() {
	lab stop
	cat >"$TMP/sluice.conf" <<-END
		inside address 10.0.0.1/24
		outside address $OUTSIDE/24
		route 0.0.0.0/0 via 192.0.2.2
		pool wan address $OUTSIDE
		pool wan filtering udp address-and-port-dependent
		pool wan filtering tcp address-and-port-dependent
		tenant default pool wan
		port-mapping file $FILE
	END
	lab start --workers "$1" --config "$TMP/sluice.conf" && wait_for 20 on lan1 ping -c 1 -W 1 192.0.2.2
}

# reread: what is on stdin becomes the file of the running box, and its leases with it.
reread() {
	ctl clear port-mapping all && ctl no port-mapping file && cat >"$FILE" && ctl port-mapping file "$FILE"
}

udp_open() {
	says hello on "${2:-wan1}" timeout 6 "$PEER" ask udp $OUTSIDE "$1" hello
}

udp_closed() {
	fails on "${2:-wan1}" timeout 1 "$PEER" ask udp $OUTSIDE "$1" hello
}

tcp_open() {
	says hello on "${2:-wan1}" timeout 6 "$PEER" ask tcp $OUTSIDE "$1" hello
}

tcp_closed() {
	fails on "${2:-wan1}" timeout 3 nc -z -w 1 $OUTSIDE "$1"
}

n_open() {
	[ "$(ctl show port-mapping json | jq .now)" -eq "$1" ]
}

# Four neighbours: with several workers some of them are another worker's than the host's.
many_ports() {
	local port
	for port in 20000 20001 20002 20003; do
		lease udp $port "10.0.0.2:$((port - 20000 + 7000))" 600
		lease tcp $port "10.0.0.2:$((port - 20000 + 7000))" 600
	done >"$FILE"
	start_with "$1" && wait_for 5 n_open 8 || return
	for port in 20000 20001 20002 20003; do
		udp_open $port wan1 && tcp_open $port wan2 ||
			{ echo "port $port with $1 workers"; ctl show counters | grep drop; ctl show port-forwards; return 1; }
	done
}

listed() {
	ctl forward tcp $OUTSIDE:8080 to 10.0.0.3:80 description mine || return
	ctl show port-forwards
	ctl show port-forwards json | jq -e '[.port_forwards[] | .origin] | (index("operator") == 0) and
		(map(select(. == "upnp")) | length == 8)' &&
		ctl show port-forwards json | jq -e '.port_forwards[1] | .outside == "192.0.2.1:20000" and
		.inside == "10.0.0.2:7000" and .protocol == "udp" and .left > 500 and .left <= 600'
}

not_in_configuration() {
	fails says :20000 ctl show configuration && fails says :20000 ctl show forwards &&
		says :8080 ctl show forwards
}

operator_is_refused() {
	says 20001 ctl forward udp $OUTSIDE:20001 to 10.0.0.3:99 &&
		fails ctl forward udp $OUTSIDE:20001 to 10.0.0.3:99 &&
		fails ctl forward tcp $OUTSIDE:20000 to 10.0.0.3:99 &&
		fails ctl forward tcp $OUTSIDE:19999 to 10.0.0.3:99 ports 8 &&
		fails ctl no forward udp $OUTSIDE:20001 && udp_open 20001
}

# Whatever the operator changes, hosts keep what they have; load as well.
survives_changes() {
	ctl timeout udp 290 && ctl save "$TMP/saved" && ctl load "$TMP/saved" && ctl limit subscriber rate 1500 &&
		n_open 8 && udp_open 20000 && udp_open 20001 && udp_open 20002 wan2 &&
		tcp_open 20002 wan2 && tcp_open 20003 wan2
}

cleared() {
	says '1 port closed' ctl clear port-mapping udp $OUTSIDE:20000 && udp_closed 20000 && udp_open 20001 &&
		says 'no host has' ctl clear port-mapping udp $OUTSIDE:20000 &&
		says '7 ports closed' ctl clear port-mapping inside 10.0.0.2 && udp_closed 20001 &&
		udp_closed 20002 && tcp_closed 20003 && n_open 0
}

file_follows() {
	wait_for 5 fails grep -q upnp "$FILE"
}

# One that a connection uses at its end is closed all the same.
ends_in_time() {
	{ lease udp 20010 10.0.0.2:7000 5; lease udp 20011 10.0.0.2:7001 5; lease tcp 20011 10.0.0.2:7001 5; } | reread &&
		wait_for 5 n_open 3 && udp_open 20010 && udp_open 20011 && tcp_open 20011 && wait_for 8 n_open 0 &&
		udp_closed 20010 && udp_closed 20011 && tcp_closed 20011
}

left_over() {
	lease udp 20020 10.0.0.2:7000 100 | reread && wait_for 5 n_open 1 && ctl clear port-mapping udp $OUTSIDE:1
	lab stop && grep -q ':20020 ' "$FILE" && start_with 2 &&
		wait_for 5 n_open 1 && udp_open 20020 &&
		ctl show port-forwards json | jq -e '.port_forwards[0].left | . > 60 and . < 100'
}

# A power cut: what was changed more than a second ago is there.
killed() {
	ctl clear port-mapping all && wait_for 5 fails grep -q ':20020 ' "$FILE"
}

damaged() {
	{
		lease udp 20030 10.0.0.2:7000 100
		echo 'upnp udp tenant default outside banana inside 10.0.0.2:7001 until 99'
		head -c 300 /dev/urandom | tr '\n' x
		echo
		lease udp 20031 10.0.0.2:7001 100 '' nobody
		lease udp 20032 10.0.0.2:7002 100 disabled
		lease udp 20033 192.0.2.77:7002 100
		lease udp 20034 10.0.0.2:7004 100 'description "a b"'
		printf 'upnp udp tenant default outside 192.0.2.1:2003'
	} | reread && wait_for 5 n_open 3 && udp_open 20030 && udp_open 20034 && udp_closed 20032 &&
		tail -n 20 "$RUN/sluice.log" && grep -q "leases:2: 'outside'" "$RUN/sluice.log" &&
		grep -q "leases:4: 'tenant'" "$RUN/sluice.log" && grep -q 'leases:6:' "$RUN/sluice.log"
}

# Only one network's address may come in.
remote_only() {
	{ lease udp 20040 10.0.0.2:7000 100 'remote 198.51.100.2:0'; lease udp 20041 10.0.0.2:7001 100 'remote 198.51.100.2:0'; } | reread && wait_for 5 n_open 2 && udp_open 20040 wan2 && udp_open 20041 wan2 &&
		udp_closed 20040 wan1 && udp_closed 20041 wan1
}

# A port that the kernel might choose for itself: reserved while it is leased, refused while used.
kernel_ports() {
	serve gw udp 51414 "$PEER" echo 51414 || return
	{ lease udp 51413 10.0.0.2:7000 100; lease udp 51414 10.0.0.2:7001 100; lease tcp 51415 10.0.0.2:7000 100; } |
		reread && wait_for 5 n_open 2 && udp_open 51413 && tcp_open 51415 && udp_bound &&
		! on gw python3 -c "$BIND" && ctl clear port-mapping all && fails udp_bound && on gw python3 -c "$BIND"
}

BIND='import socket; socket.socket().bind(("192.0.2.1", 51415))'

udp_bound() {
	[ -n "$(on gw ss -Hanu 'src 192.0.2.1 and sport = :51413')" ]
}

# What the box itself serves is no host's.
own_services() {
	ctl service tcp 20050 &&
		{ lease tcp 20050 10.0.0.2:7000 100; lease udp 20050 10.0.0.2:7000 100; } | reread && wait_for 5 n_open 1 &&
		ctl show port-forwards json | jq -e '.port_forwards[0].protocol == "udp"'
}

refused_statements() {
	fails ctl port-mapping max 0 && fails ctl port-mapping max-lifetime 99999999 &&
		fails ctl upnp version 3 && fails ctl port-mapping deny 10.0.0.1/24 &&
		fails ctl no port-mapping deny 10.0.0.0/24
}

round_trip() {
	local line
	while read -r line; do
		eval "ctl $line" || { echo "$line"; return 1; }
	done <<-'END'
		upnp version 2
		upnp port 5555
		tenant default upnp on
		tenant default pcp off
		port-mapping ports 2000-60000
		port-mapping max 100
		port-mapping max-per-host 10
		port-mapping max-lifetime 3600
		port-mapping deny 10.0.0.128/25
		port-mapping third-party 10.0.0.9/32
	END
	ctl show configuration >"$TMP/one.conf" && grep -c -E '^(upnp|tenant default (upnp|pcp)|port-mapping)' "$TMP/one.conf" &&
		[ "$(grep -c -E '^(upnp|tenant default (upnp|pcp)|port-mapping)' "$TMP/one.conf")" -eq 11 ] &&
		ctl load "$TMP/one.conf" && ctl show configuration | diff "$TMP/one.conf" - || return
	for line in 'upnp version' 'upnp port' 'tenant default upnp' 'tenant default pcp' 'port-mapping ports' \
		'port-mapping max' 'port-mapping max-per-host' 'port-mapping max-lifetime' \
		'port-mapping deny 10.0.0.128/25' 'port-mapping third-party 10.0.0.9'; do
		eval "ctl no $line" || { echo "no $line"; return 1; }
	done
	fails says 'port-mapping max' ctl show configuration && fails says upnp ctl show configuration
}

# UDP port 5351 is heard on the inside TAP while it is switched on, and only there.
door_opens() {
	fails pcp_socket && ctl pcp on && pcp_socket && on gw ss -Hlnu 'sport = :5351' | grep -q '%sluice-in:5351' &&
		ctl tenant default pcp off && fails pcp_socket && ctl no tenant default pcp && pcp_socket &&
		ctl no pcp && fails pcp_socket
}

pcp_socket() {
	[ -n "$(on gw ss -Hlnu 'sport = :5351')" ]
}

needs_taps() {
	lab stop && printf 'pcp on\n' >"$TMP/off.conf" &&
		says 'need the kernel' lab start --config "$TMP/off.conf" -- --no-kernel
	lab stop
	true
}

telemetry() {
	says '"now": ' telemetry_of /sluice/port_mapping
}

telemetry_of() {
	echo "$1" | timeout 10 dpdk-telemetry.py -f "$LAB"
}

begin
need 'lab comes up' lab up
for port in 7000 7001 7002 7003 7004; do
	need "servers at $port" serve lan1 udp $port "$PEER" echo $port
	wait_for 5 listening lan1 tcp $port
done
check 'ports are open to anybody, 1 worker' many_ports 1
check 'ports are open to anybody, 2 workers' many_ports 2
check 'ports are open to anybody, 3 workers' many_ports 3
check 'show port-forwards tells whose they are' listed
check 'they are not the configuration'"'"'s' not_in_configuration
check 'the operator cannot take them over' operator_is_refused
check 'they survive changes of the configuration' survives_changes
check 'clear port-mapping' cleared
check 'the file follows' file_follows
check 'telemetry' telemetry
check 'wrong statements are refused' refused_statements
check 'statements and back' round_trip
check 'a door opens and closes' door_opens
check 'leases end in time' ends_in_time
check 'what is left of a lease survives a restart' left_over
check 'the file follows a clear' killed
check 'a damaged file' damaged
check 'for one remote host' remote_only
check 'ports that the kernel might choose' kernel_ports
check 'ports of the box itself' own_services
check 'every packet is accounted for' balanced
check 'without TAPs it is refused' needs_taps
finish
