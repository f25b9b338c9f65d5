#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Port forwards: servers on the inside, reached from the outside.
set -u
. "$(dirname "$0")/lib.sh"

OUTSIDE=192.0.2.1

tcp_open() {
	says "$1 says hello" on wan1 timeout 5 "$PEER" ask tcp $OUTSIDE "$2" "$1 says hello"
}

tcp_closed() {
	fails on "${2:-wan1}" timeout 3 nc -z -w 1 $OUTSIDE "$1"
}

udp_open() {
	says hello on "${2:-wan1}" timeout 5 "$PEER" ask udp $OUTSIDE "$1" hello
}

udp_closed() {
	fails on wan1 timeout 2 "$PEER" ask udp $OUTSIDE "$1" hello
}

tcp_forward() {
	tcp_closed 8000 && ctl forward tcp $OUTSIDE:8000 to 10.0.0.2:7000 && tcp_open wan1 8000
}

# The server sees who really asks.
source_kept() {
	says 192.0.2.2: on wan1 "$PEER" ask tcp $OUTSIDE 8000 x
}

udp_forward() {
	udp_closed 5300 && ctl forward udp $OUTSIDE:5300 to 10.0.0.3:7000 && udp_open 5300 &&
		udp_open 5300 wan2
}

upload_to_inside() {
	head -c 3000000 /dev/urandom >"$TMP/file"
	ctl forward tcp $OUTSIDE:8080 to 10.0.0.2:8080 &&
		serve lan1 tcp 8080 "$PEER" web 8080 "$TMP" &&
		on wan2 curl -sS --max-time 30 -o "$TMP/got" http://$OUTSIDE:8080/file &&
		cmp "$TMP/file" "$TMP/got"
}

only_from() {
	ctl forward tcp $OUTSIDE:8100 to 10.0.0.2:7000 from 198.51.100.0/24 &&
		tcp_closed 8100 wan1 &&
		says hi on wan2 timeout 5 "$PEER" ask tcp $OUTSIDE 8100 hi
}

# What the served host itself sends from that port keeps the forwarded port.
served_host_goes_out() {
	serve wan1 udp 7000 "$PEER" echo 7000 && ctl forward udp $OUTSIDE:5400 to 10.0.0.2:40100 &&
		says $OUTSIDE:5400 peer_on lan1 ask udp 192.0.2.2 7000 x 40100
}

# A client on the inside uses the public address.
hairpin() {
	says hello on lan2 timeout 5 "$PEER" ask tcp $OUTSIDE 8000 hello &&
		says $OUTSIDE: on lan2 timeout 5 "$PEER" ask tcp $OUTSIDE 8000 hello
}

hairpin_to_itself() {
	says hello on lan1 timeout 5 "$PEER" ask tcp $OUTSIDE 8000 hello
}

conflict() {
	says already ctl forward tcp $OUTSIDE:8000 to 10.0.0.3:7000 &&
		fails ctl forward tcp $OUTSIDE:8000 to 10.0.0.3:7000 && tcp_open wan1 8000
}

listed() {
	says "forward tcp $OUTSIDE:8000 to 10.0.0.2:7000" ctl show configuration
}

# An open connection does not outlive its forward.
removed() {
	mkfifo "$TMP/hold"
	ip netns exec "$LAB-wan1" "$PEER" hold $OUTSIDE 8000 0 <"$TMP/hold" >"$TMP/hold.log" 2>&1 &
	local pid=$!
	exec 7>"$TMP/hold"
	wait_for 5 grep -q up "$TMP/hold.log" && ctl no forward tcp $OUTSIDE:8000 &&
		tcp_closed 8000 && echo 'too late' >&7
	local status=$?
	fails wait_for 2 grep -q 'too late' "$TMP/hold.log" || status=1
	exec 7>&-
	end_process "$pid"
	return $status
}

removed_udp() {
	ctl no forward udp $OUTSIDE:5300 && udp_closed 5300
}

unknown() {
	says 'no such forward' ctl no forward tcp $OUTSIDE:9999
}

# Several ports at once; the second of them leads to the second of the server's.
range_of_ports() {
	serve lan1 tcp 7001 "$PEER" echo 7001 &&
		ctl forward tcp $OUTSIDE:8200 to 10.0.0.2:7000 ports 2 && tcp_open wan1 8200 &&
		tcp_open wan1 8201 && tcp_closed 8202 && ctl no forward tcp $OUTSIDE:8200 && tcp_closed 8201
}

# A lifetime that is over closes the port and takes the forward out of the configuration.
expired() {
	ctl forward tcp $OUTSIDE:8300 to 10.0.0.2:7000 lifetime 3 && tcp_open wan1 8300 &&
		wait_for 8 tcp_closed 8300 && wait_for 5 gone_from_configuration 8300
}

gone_from_configuration() {
	! ctl show configuration | grep -q ":$1 "
}

# A port that a session of another host holds is not taken away from it.
held_port_is_refused() {
	local port
	ctl clear sessions >/dev/null
	says $OUTSIDE: peer_on lan1 ask udp 192.0.2.2 7000 x 40200 || return
	port=$(ctl show sessions proto udp inside 10.0.0.2:40200 | sed -n 's/.* nat [0-9.]*:\([0-9]*\) .*/\1/p')
	fails ctl forward udp "$OUTSIDE:$port" to 10.0.0.3:7000 &&
		says 'holds this port' ctl forward udp "$OUTSIDE:$port" to 10.0.0.3:7000
}

begin
need 'lab comes up' lab up
need 'servers inside' serve lan1 tcp 7000 "$PEER" echo 7000
need 'servers inside too' serve lan2 udp 7000 "$PEER" echo 7000
check 'a TCP forward opens a port' tcp_forward
check 'the server sees the real source' source_kept
check 'a UDP forward opens a port' udp_forward
check 'a file from a web server inside' upload_to_inside
check 'a forward for one network only' only_from
check 'the served host sends from its forwarded port' served_host_goes_out
check 'a client inside reaches it by the outside address' hairpin
check 'the served host reaches itself by the outside address' hairpin_to_itself
check 'the same port for another host is refused' conflict
check 'it stands in show configuration' listed
check 'removed: closed, also for open connections' removed
check 'removed: closed for UDP' removed_udp
check 'removing what is not there is refused' unknown
check 'a range of ports' range_of_ports
check 'a lifetime ends' expired
check 'a port that a session holds is refused' held_port_is_refused
check 'every packet is accounted for' balanced
finish
