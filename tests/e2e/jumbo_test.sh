#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Packets of 9000 bytes, and links of different MTU: sluice on net_af_packet over veth,
# whose MTUs it learns or sets. With a small link on one side, who may not be cut is told
# so, who may is cut, and TCP finds its way by path MTU discovery.
set -u
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
CLIENT=10.0.0.2
JUMBO=8872 # bytes of ICMP or UDP payload in a packet of 8900
SIZE=10485760

# link_mtu inside|outside MTU: each interface of that side, ports of sluice included.
link_mtu() {
	local dev
	if [ "$1" = inside ]; then
		for dev in br-in pin pin-sw lan1 lan2; do
			ip -n "$LAB-gw" link set "$dev" mtu "$2" || return
		done
		ip -n "$LAB-lan1" link set eth0 mtu "$2" && ip -n "$LAB-lan2" link set eth0 mtu "$2"
	else
		for dev in br-out pout pout-sw wan1; do
			ip -n "$LAB-gw" link set "$dev" mtu "$2" || return
		done
		ip -n "$LAB-wan1" link set eth0 mtu "$2"
	fi
}

# What was learned about paths is forgotten, so that it has to be learned again.
forget_paths() {
	local host
	for host in lan1 lan2 wan1; do
		ip -n "$LAB-$host" route flush cache
	done
}

# restart INSIDE-MTU OUTSIDE-MTU OPTION...: of the links; options are for lab start.
restart() {
	lab stop && link_mtu inside "$1" && link_mtu outside "$2" && forget_paths &&
		lab start --af-packet "${@:3}"
}

mtu_of() {
	ip -n "$LAB-$1" link show "$2" | grep -o 'mtu [0-9]*'
}

# The MTUs as the port, the exception TAP and the interface of the port have them.
mtus_are() {
	[ "$(ctl show interfaces | grep -o 'mtu [0-9]*' | tr '\n' ' ')" = "mtu $1 mtu $2 " ] &&
		says "mtu $1" mtu_of gw sluice-in && says "mtu $2" mtu_of gw sluice-out &&
		says "mtu $1" mtu_of gw pin && says "mtu $2" mtu_of gw pout
}

# big_ping HOST TARGET SIZE PING-OPTION...
big_ping() {
	on "$1" ping -n -c 5 -i 0.2 -W 2 -s "$3" "${@:4}" "$2"
}

# kernel_count HOST NAME: a counter of this host's IP.
kernel_count() {
	on "$1" nstat -asz "$2" | awk -v name="$2" '$1 == name { print $2 }'
}

# ---- the same large MTU on both sides ----

# udp_counts: what would move if a host or the box cut a packet.
udp_counts() {
	kernel_count lan1 IpFragCreates
	counter fragments_made
	kernel_count wan1 IpReasmReqds
}

udp_unfragmented() {
	local before got sent server
	serve wan1 tcp 5201 iperf3 -s -1 || return
	server=$SPAWNED_PID
	before=$(udp_counts) got=$(kernel_count wan1 UdpInDatagrams)
	on lan1 timeout 30 iperf3 -c $WAN -u -l $JUMBO -b 80M -t 2 -J >"$TMP/iperf.json"
	wait_for 5 process_gone "$server" || end_process "$server"
	sent=$(jq '.end.sum.packets' "$TMP/iperf.json")
	got=$(($(kernel_count wan1 UdpInDatagrams) - got))
	echo "$sent datagrams sent, $got received; before:" $before, after: $(udp_counts)
	[ "$sent" -gt 1000 ] && [ $((got * 100)) -gt $((sent * 99)) ] &&
		[ "$(udp_counts)" = "$before" ]
}

# The answer to a datagram of 8900 bytes is a little longer, and whole as well.
udp_echo() {
	local text
	text=$(head -c $((JUMBO - 100)) /dev/zero | tr '\0' x)
	says "$text" peer_on lan2 ask udp $WAN 7000 "$text"
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
	answer=$(on lan1 curl -sS --max-time 60 -T "$TMP/www/file" "http://$WAN:8080/up") &&
		[ "$answer" = "$(sha256sum <"$TMP/www/file" | cut -d' ' -f1)" ]
}

# tcp_segments inside|outside COMMAND...: what leaves there meanwhile has more than 4000
# bytes on average, though a handshake and some tails are among it.
tcp_segments() {
	local side=$1 packets bytes
	shift
	packets=$(counter "tx_$side") bytes=$(counter "tx_bytes_$side")
	"$@" || return
	packets=$(($(counter "tx_$side") - packets)) bytes=$(($(counter "tx_bytes_$side") - bytes))
	echo "$bytes bytes in $packets packets"
	[ "$bytes" -ge "$SIZE" ] && [ $((bytes / packets)) -gt 4000 ]
}

# ---- links that differ ----

told_by_box() {
	local before
	before=$(counter drop_too_big)
	says 'From 10.0.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1500)' \
		big_ping lan1 $WAN $JUMBO -M 'do' || return
	counter_above drop_too_big "$before"
}

# 8900 bytes are six packets of 1500.
cut_by_box() {
	local joined made
	forget_paths
	joined=$(kernel_count wan1 IpReasmOKs) made=$(counter fragments_made)
	big_ping lan1 $WAN $JUMBO -M dont || return
	joined=$(($(kernel_count wan1 IpReasmOKs) - joined)) made=$(($(counter fragments_made) - made))
	echo "$made fragments more, $joined datagrams joined"
	[ "$joined" -eq 5 ] && [ "$made" -eq 25 ]
}

# finds_path HOST TARGET COMMAND...: the command succeeds, and by then HOST has been told.
finds_path() {
	local host=$1 target=$2 made
	shift 2
	made=$(counter icmp_made)
	forget_paths
	"$@" || return
	ip -n "$LAB-$host" route get "$target"
	says 'mtu 1500' ip -n "$LAB-$host" route get "$target" && counter_above icmp_made "$made"
}

# The server offers segments that the way to it does not take, as one does whose link is
# larger than one in between.
small_outside() {
	ip -n "$LAB-wan1" route change 192.0.2.0/24 dev eth0 src $WAN advmss 8960 &&
		finds_path lan1 $WAN upload && download &&
		ip -n "$LAB-wan1" route change 192.0.2.0/24 dev eth0 src $WAN
}

small_inside() {
	ip -n "$LAB-lan1" route change default via 10.0.0.1 advmss 8960 &&
		finds_path wan1 192.0.2.1 download && upload &&
		ip -n "$LAB-lan1" route change default via 10.0.0.1
}

# ---- what cannot be ----

net_tap_refuses() {
	lab stop && says 'net_tap0: MTU 9000 is above the device'"'"'s limit of 1504' \
		lab start -- --inside-mtu 9000 && fails ctl show configuration && lab stop
}

# Who chooses frames himself is told when they are too small.
small_frames_refused() {
	local memory
	mapfile -t memory < <(memory_options)
	says 'MTU 9000 is above the device'"'"'s limit of 4000, which follows from framesz' \
		on gw timeout 20 "$BUILD/app/sluice" --lcores "$(lcores_for 1)" "${memory[@]}" --no-pci \
		--file-prefix "$LAB-small" --vdev net_af_packet0,iface=pin,framesz=4096,blocksz=4096 \
		--vdev net_af_packet1,iface=pout -- --inside-mtu 9000
}

begin
need 'lab comes up' lab up --af-packet
mkdir "$TMP/www" && head -c $SIZE /dev/urandom >"$TMP/www/file"
need 'a web server outside' serve wan1 tcp 8080 "$PEER" web 8080 "$TMP/www"
need 'an echo server outside' serve wan1 udp 7000 "$PEER" echo 7000

check '9000: starts, 2 workers' restart 9000 9000 --workers 2
check '9000: the MTUs of the links are learned' mtus_are 9000 9000
check '9000: ping of 8900 bytes that may not be cut' big_ping lan1 $WAN $JUMBO -M 'do'
check '9000: ping of 9000 bytes that may not be cut' big_ping lan2 $WAN 8972 -M 'do'
check '9000: ping of the box itself' big_ping lan1 10.0.0.1 8972 -M 'do'
check '9000: ping of the box from outside' big_ping wan1 192.0.2.1 8972 -M 'do'
check '9000: UDP of 8900 bytes is cut nowhere' udp_unfragmented
check '9000: UDP there and back' udp_echo
check '9000: download in large segments' tcp_segments inside download
check '9000: upload in large segments' tcp_segments outside upload
check '9000: every packet is accounted for' balanced

check 'small outside: starts' restart 9000 1500
check 'small outside: the MTUs of the links are learned' mtus_are 9000 1500
check 'small outside: a packet that may not be cut is answered with 1500' told_by_box
check 'small outside: others are cut, their answers joined' cut_by_box
check 'small outside: TCP learns the path and carries 10 MB each way' small_outside
check 'small outside: every packet is accounted for' balanced

check 'small inside: starts with --outside-mtu' restart 1500 1500 -- --outside-mtu 9000
check 'small inside: the MTU asked for is set' mtus_are 1500 9000
link_mtu outside 9000
check 'small inside: the server learns the path, 10 MB each way' small_inside
check 'small inside: every packet is accounted for' balanced

check 'net_tap refuses what it could not send' net_tap_refuses
check 'frames that are too small for the MTU are refused' small_frames_refused
finish
