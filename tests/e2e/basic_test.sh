#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Ordinary programs through the box: ping, curl, iperf3, dig, traceroute, many connections.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
FAR=198.51.100.2

ping_ok() {
	on "$1" ping -n -c 3 -i 0.2 -W 2 "$2" && return
	ctl show counters
	return 1
}

big_ping() {
	on lan1 ping -n -c 2 -i 0.2 -W 2 -s 1472 -M 'do' $WAN
}

same_file() {
	[ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]
}

download() {
	on lan1 curl -sS --max-time 60 -o "$TMP/got" "http://$WAN:8080/file" &&
		same_file "$TMP/www/file" "$TMP/got"
}

upload() {
	local answer
	answer=$(on lan2 curl -sS --max-time 60 -T "$TMP/www/file" "http://$WAN:8080/up") &&
		[ "$answer" = "$(sha256sum <"$TMP/www/file" | cut -d' ' -f1)" ]
}

parallel_downloads() {
	local i pids=() failed=0
	for i in 1 2 3 4; do
		on "lan$((1 + i % 2))" curl -sS --max-time 120 -o "$TMP/got$i" "http://$WAN:8080/file" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || failed=1
	done
	for i in 1 2 3 4; do
		same_file "$TMP/www/file" "$TMP/got$i" || failed=1
	done
	return $failed
}

# iperf_run JQ-CONDITION OPTION...: 2 seconds against a server that ends after one test.
iperf_run() {
	local condition=$1 server
	shift
	serve wan1 tcp 5201 iperf3 -s -1 || return
	server=$SPAWNED_PID
	on lan1 timeout 30 iperf3 -c $WAN -t 2 -J "$@" >"$TMP/iperf.json"
	wait_for 5 process_gone "$server" || end_process "$server"
	jq -c '.error // .end.sum // .end.sum_received' "$TMP/iperf.json"
	jq -e "$condition" "$TMP/iperf.json"
}

iperf_tcp() {
	iperf_run '.end.sum_received.bits_per_second > 5e6' "$@"
}

iperf_udp() {
	iperf_run '.end.sum.packets > 1000 and .end.sum.lost_percent < 1' -u -b 10M "$@"
}

dig_ok() {
	local answer
	answer=$(on lan1 dig +short +tries=2 +time=3 "@$WAN" "$@") && [ "$answer" = 203.0.113.7 ]
}

dig_big() {
	on lan1 dig +ignore "@$WAN" big.sluice.test TXT | grep -q 'flags:.* tc' &&
		on lan1 dig +short "@$WAN" big.sluice.test TXT | grep -q 'x\{200\}'
}

# Hops to wan2: the gateway's inside address, the router, the target.
trace_ok() {
	local hops
	hops=$(on lan1 traceroute -n -q 1 -w 2 -m 6 "$@" $FAR | awk 'NR > 1 { printf "%s ", $2 }')
	echo "hops: $hops"
	[ "$hops" = "10.0.0.1 192.0.2.2 $FAR " ]
}

# It knows the packets that routers quote by their IPv4 id.
trace_by_id() {
	local hops
	hops=$(on lan1 tcptraceroute -n -q 1 -w 2 -m 6 $FAR 7000 2>/dev/null | awk '{ printf "%s ", $2 }')
	echo "hops: $hops"
	[ "$hops" = "10.0.0.1 192.0.2.2 $FAR " ]
}

refused_port() {
	says refused on lan1 timeout 5 nc -vz $FAR 9 &&
		says refused on lan1 timeout 5 "$PEER" ask udp $FAR 9 hello
}

# The server sees the box's outside address, not the client's.
source_hidden() {
	says 192.0.2.1: peer_on lan1 ask tcp $FAR 7000 hello &&
		says 192.0.2.1: peer_on lan2 ask udp $FAR 7000 hello
}

# One inside endpoint keeps its outside endpoint towards every destination.
same_mapping() {
	local a b
	a=$(peer_on lan1 ask udp $FAR 7000 x 40001 | head -1)
	b=$(peer_on lan1 ask udp $WAN 7000 x 40001 | head -1)
	echo "towards $FAR as $a, towards $WAN as $b"
	[ -n "$a" ] && [ "$a" = "$b" ]
}

same_port_again() {
	local i
	for i in 1 2 3 4 5; do
		says "again $i" peer_on lan1 ask tcp $FAR 7000 "again $i" 40002 || return
	done
}

# A client that crashes, without a word to the server, and comes back with the same port.
crashed_client() {
	mkfifo "$TMP/crash.in"
	ip netns exec "$LAB-lan1" "$PEER" hold $FAR 7000 40003 <"$TMP/crash.in" >"$TMP/crash.out" 2>&1 &
	local pid=$!
	exec 7>"$TMP/crash.in"
	wait_for 10 grep -q up "$TMP/crash.out" || return
	ip -n "$LAB-lan1" link set eth0 down
	exec 7>&-
	wait_for 5 process_gone "$pid"
	ip -n "$LAB-lan1" link set eth0 up
	ip -n "$LAB-lan1" route replace default via 10.0.0.1
	says 'back' peer_on lan1 ask tcp $FAR 7000 'back' 40003
}

many_connections() {
	on "$1" timeout 90 "$PEER" many $FAR 7000 500
}

half_closed() {
	peer_on lan1 half-close $FAR 7001 300000
}

no_way_in() {
	fails on wan1 timeout 3 nc -z -w 2 192.0.2.1 7000 &&
		fails on wan1 ping -c 1 -W 1 10.0.0.2
}

servers() {
	mkdir "$TMP/www"
	head -c 10485760 /dev/urandom >"$TMP/www/file"
	local big
	big=$(printf 'x%.0s' {1..250})
	serve wan1 tcp 8080 "$PEER" web 8080 "$TMP/www" &&
		serve wan2 tcp 7000 "$PEER" echo 7000 &&
		serve wan1 tcp 7000 "$PEER" echo 7000 &&
		serve wan2 tcp 7001 "$PEER" digest 7001 &&
		serve wan1 tcp 53 dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= \
			--user=root --no-resolv --no-hosts --listen-address=$WAN --bind-interfaces \
			--address=/www.sluice.test/203.0.113.7 --edns-packet-max=512 \
			--txt-record="big.sluice.test,$big,$big,$big,$big"
}

begin
need 'lab comes up' lab up
need 'servers start' servers
check 'ping through the box' ping_ok lan1 $WAN
check 'ping from the second client' ping_ok lan2 $FAR
check 'ping with full packets' big_ping
check 'ping the inside address from inside' ping_ok lan1 10.0.0.1
check 'ping the outside address from outside' ping_ok wan1 192.0.2.1
check 'ping the outside address from inside' ping_ok lan1 192.0.2.1
check 'the outside sees only the outside address' source_hidden
check 'one mapping for every destination' same_mapping
check 'download of 10 MB is the same file' download
check 'upload of 10 MB is the same file' upload
check 'four downloads at once' parallel_downloads
check 'iperf3 TCP upstream' iperf_tcp
check 'iperf3 TCP downstream' iperf_tcp -R
check 'iperf3 UDP upstream' iperf_udp
check 'iperf3 UDP downstream' iperf_udp -R
check 'dig over UDP' dig_ok www.sluice.test
check 'dig over TCP' dig_ok +tcp www.sluice.test
check 'dig falls back to TCP for a long answer' dig_big
check 'traceroute by UDP shows box, router, target' trace_ok
check 'traceroute by ICMP shows box, router, target' trace_ok -I
check 'traceroute by TCP shows box, router, target' trace_ok -T -p 7000
check 'tcptraceroute, by ids that are quoted, shows them as well' trace_by_id
check 'a closed port is answered at once' refused_port
check '500 connections at the same time' many_connections lan1
check 'the same source port again, five times' same_port_again
check 'a crashed client comes back with the same port' crashed_client
check 'an answer after the client has closed its side' half_closed
check 'nobody gets in from outside' no_way_in
check 'every packet is accounted for' balanced
finish
