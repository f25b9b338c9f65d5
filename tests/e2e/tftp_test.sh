#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# TFTP with real clients and servers: tftp-hpa, atftp and curl against tftpd-hpa, the client inside,
# the server inside, both inside, the client with IPv6 only (NAT64); files read and written, with options; compared byte by byte. The
# pool's filter knows addresses and ports, so without the helper no answer comes in.
set -u
. "$(dirname "$0")/lib.sh"

OUTSIDE=192.0.2.1
SIX=64:ff9b::c000:202 # 192.0.2.2, as lan6 knows it
FILES=$TMP/files

# ---- servers and files ----

files() {
	mkdir -p "$FILES"
	head -c 100000 /dev/urandom >"$FILES/big"
	head -c 512 /dev/urandom >"$FILES/block"
	: >"$FILES/nothing"
	for name in up-hpa up-atftp up-curl; do
		: >"$FILES/$name"
	done
	chown -R tftp "$FILES"
	chmod -R a+rwX "$FILES" && chmod a+x "$TMP"
}

tftpd_on() {
	serve "$1" udp 69 in.tftpd -L -u tftp -s "$FILES" --address 0.0.0.0:69
}

# ---- clients ----

hpa_gets() {
	rm -f "$TMP/got"
	on "$1" timeout 20 tftp -m binary "$2" -c get "$3" "$TMP/got" && cmp "$FILES/$3" "$TMP/got"
}

hpa_puts() {
	: >"$FILES/up-hpa"
	on "$1" timeout 20 tftp -m binary "$2" -c put "$FILES/big" up-hpa && wait_for 5 arrived up-hpa
}

atftp_gets() {
	local host=$1 server=$2 file=$3
	shift 3
	rm -f "$TMP/got"
	on "$host" timeout 20 atftp "$@" -g -r "$file" -l "$TMP/got" "$server" 69 &&
		cmp "$FILES/$file" "$TMP/got"
}

atftp_puts() {
	: >"$FILES/up-atftp"
	on "$1" timeout 20 atftp --option 'blksize 1428' -p -r up-atftp -l "$FILES/big" "$2" 69 &&
		wait_for 5 arrived up-atftp
}

# in_url SERVER: an IPv6 address is in brackets there.
in_url() {
	[[ $1 == *:* ]] && printf '[%s]' "$1" || printf '%s' "$1"
}

curl_gets() {
	rm -f "$TMP/got"
	on "$1" curl -sS --max-time "${4:-20}" --tftp-blksize "${3:-512}" -o "$TMP/got" "tftp://$(in_url "$2")/big" &&
		cmp "$FILES/big" "$TMP/got"
}

curl_puts() {
	: >"$FILES/up-curl"
	on "$1" curl -sS --max-time 20 -T "$FILES/big" "tftp://$(in_url "$2")/up-curl" && wait_for 5 arrived up-curl
}

arrived() {
	cmp "$FILES/big" "$FILES/$1"
}

# all HOST SERVER
all() {
	hpa_gets "$1" "$2" big && hpa_gets "$1" "$2" block && hpa_gets "$1" "$2" nothing &&
		hpa_puts "$1" "$2" && atftp_gets "$1" "$2" big --option 'blksize 1428' &&
		atftp_puts "$1" "$2" && curl_gets "$1" "$2" && curl_puts "$1" "$2"
}

# Larger than the link: each block is a datagram in fragments.
large_blocks() {
	curl_gets "$1" "$2" 8192 && atftp_gets "$1" "$2" big --option 'blksize 16000'
}

no_such_file() {
	says 'File not found' on "$1" timeout 10 tftp -m binary "$2" -c get none "$TMP/none"
}

several_at_once() {
	local i pids=() status=0
	for i in $(seq 8); do
		ip netns exec "$LAB-lan$((i % 2 + 1))" curl -sS --max-time 20 -o "$TMP/got$i" \
			tftp://192.0.2.2/big &
		pids+=($!)
	done
	for i in "${!pids[@]}"; do
		wait "${pids[i]}" && cmp "$FILES/big" "$TMP/got$((i + 1))" || status=1
	done
	return $status
}

# ---- looking ----

helper_figure() {
	ctl -j show helpers | jq ".helpers[] | select(.helper == \"tftp\") | .$1"
}

expectations() {
	ctl -j show expectations | jq '.expectations | length'
}

# A request to where nobody answers; then a stranger and the server try.
only_the_server_comes() {
	local port status=0
	on lan1 timeout 3 "$PEER" ask udp 198.51.100.2 69 \
		"$(printf 'not a request')" 7000 >/dev/null 2>&1
	[ "$(expectations)" -eq 0 ] || status=1
	printf '\0\1file\0octet\0' | on lan1 nc -u -w 1 -p 7001 198.51.100.2 69
	[ "$(expectations)" -eq 1 ] || status=1
	port=$(ctl -j show expectations | jq -r '.expectations[0].outside' | cut -d: -f2)
	serve lan1 udp 7001 "$PEER" echo 7001 || return
	says 'for the server' on wan2 timeout 5 "$PEER" ask udp $OUTSIDE "$port" 'for the server' 3000 ||
		status=1
	fails on wan1 timeout 2 "$PEER" ask udp $OUTSIDE "$port" stranger 3000 || status=1
	fails on wan2 timeout 2 "$PEER" ask udp $OUTSIDE "$port" 'another port' 3001 || status=1
	return $status
}

# ---- switches ----

off_at_first() {
	fails curl_gets lan1 192.0.2.2 512 3
}

switched_on() {
	ctl helper tftp on && curl_gets lan1 192.0.2.2 && [ "$(helper_figure flows)" -ge 1 ] &&
		[ "$(helper_figure expected)" -ge 1 ]
}

server_inside() {
	tftpd_on lan1 && ctl forward udp $OUTSIDE:69 to 10.0.0.2:69
}

# Each flow has a port of its own, which only its remote endpoint can reach.
shared_ports() {
	ctl pool cgn mapping udp endpoint-dependent && ctl clear sessions && all lan1 192.0.2.2 && all lan6 $SIX &&
		several_at_once && all wan2 $OUTSIDE
}

several_workers() {
	lab stop && lab start --workers 3 && wait_for 10 on lan1 ping -c 1 -W 1 192.0.2.2 &&
		strict_pool && ctl helper tftp on && all lan1 192.0.2.2 && all lan2 192.0.2.2 && all lan6 $SIX &&
		ctl forward udp $OUTSIDE:69 to 10.0.0.2:69 && all wan2 $OUTSIDE
}

strict_pool() {
	ctl pool cgn address $OUTSIDE && ctl pool cgn filtering udp address-and-port-dependent
}

begin
files
need 'lab comes up' lab up --six
need 'tftpd-hpa outside' tftpd_on wan1
need 'a pool that lets in no other port' strict_pool
check 'off at first: no answer comes in' off_at_first
check 'switched on' switched_on
check 'tftp-hpa, atftp and curl read and write' all lan1 192.0.2.2
check 'blocks larger than the link' large_blocks lan2 192.0.2.2
check 'an IPv6 client: tftp-hpa, atftp and curl read and write' all lan6 $SIX
check 'blocks larger than the link to an IPv6 client' large_blocks lan6 $SIX
check 'an error instead of a file' no_such_file lan1 192.0.2.2
check 'several clients at once' several_at_once
check 'only the server may answer, from one port' only_the_server_comes
need 'tftpd-hpa inside' server_inside
check 'the same clients outside, the server inside' all wan2 $OUTSIDE
check 'blocks larger than the link from inside' large_blocks wan1 $OUTSIDE
check 'a client inside reaches a server inside' all lan2 $OUTSIDE
check 'every packet is accounted for' balanced
check 'ports that are shared by their remote endpoints' shared_ports
check 'several workers' several_workers
check 'every packet is accounted for with several workers' balanced
finish
