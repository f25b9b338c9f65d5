#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Ports of net_virtio_user: the other end of each is a vhost-user port of testpmd, another
# process, as a hypervisor or a switch would be. First testpmd bridges to TAPs, so that
# real programs talk across; then it plays files of counted packets from both sides.
#
# vhost needs memory that another process can map. That is had without hugepages too: of
# ordinary pages EAL makes one memfd, whereas many hugepages are too many regions. testpmd
# must not lock its memory, or it fills all of that file before it answers.
set -u
export LAB_NO_HUGE=yes
. "$(dirname "$0")/lib.sh"

WAN=192.0.2.2
SIZE=10485760
RING=1024 # descriptors of a queue
N_OUT=1000 # packets from inside, in the file: a ring takes them all, none must be refused
N_IN=500 # from outside
VHOST='' # process id of testpmd
VHOST_RUN=0 # how often it was started

# vhost QUEUES DEVICE DEVICE OPTION...: testpmd with two vhost ports, each paired with a device.
vhost() {
	local cpu queues=$1 name
	cpu=$(allowed_cpus | head -1)
	VHOST_RUN=$((VHOST_RUN + 1))
	name=$LAB-vhost$VHOST_RUN
	rm -f "$TMP/v0" "$TMP/v1" "$TMP/vhost.in"
	mkfifo "$TMP/vhost.in"
	ip netns exec "$LAB-gw" dpdk-testpmd --lcores "0@$cpu,1@$cpu" --no-huge -m 256 --no-pci \
		--file-prefix "$name" --vdev "net_vhost0,iface=$TMP/v0,queues=$queues" --vdev "$2" \
		--vdev "net_vhost1,iface=$TMP/v1,queues=$queues" --vdev "$3" -- \
		--no-mlockall --total-num-mbufs=8192 --rxq="$queues" --txq="$queues" --interactive "${@:4}" \
		<>"$TMP/vhost.in" >"$TMP/$name.log" 2>&1 &
	VHOST=$!
	SPAWNED+=("$VHOST")
	wait_for 60 test -S "$TMP/v1"
}

# with_vhost WORKERS OPTION...: sluice with as many queues as workers; options are for lab start.
with_vhost() {
	lab start --workers "$1" --vdev "net_virtio_user0,path=$TMP/v0,queues=$1,queue_size=$RING" \
		--vdev "net_virtio_user1,path=$TMP/v1,queues=$1,queue_size=$RING" "${@:2}" && wait_for 10 links_are up
}

links_are() {
	[ "$(ctl show interfaces | grep -c "link $1")" = 2 ]
}

# What it answers waits in a buffer until it ends; what it does it does at once.
tell_vhost() {
	printf '%s\n' "$@" >"$TMP/vhost.in"
}

# What testpmd has sent and received on its vhost ports, 0 and 2.
vhost_counts() {
	printf '/ethdev/stats,0\n/ethdev/stats,2\n' |
		timeout 5 dpdk-telemetry.py -f "$LAB-vhost$VHOST_RUN" |
		jq -r '.["/ethdev/stats"] | .opackets, .ipackets'
}

# Each packet that one process says it sent, the other says it got.
counts() {
	local vhost
	mapfile -t vhost < <(vhost_counts)
	echo "in:  ${vhost[0]} sent, $(counter rx_inside) received;" \
		"$(counter tx_inside) sent, ${vhost[1]} received"
	echo "out: ${vhost[2]} sent, $(counter rx_outside) received;" \
		"$(counter tx_outside) sent, ${vhost[3]} received"
}

counts_equal() {
	counts | tee "$TMP/counts" |
		awk '$2 != $4 || $6 != $8 || $2 == "" { bad = 1 } END { exit bad || NR != 2 }'
}

same_counts() {
	wait_for 10 counts_equal && cat "$TMP/counts" && return
	cat "$TMP/counts"
	return 1
}

bridge_taps() {
	local dev i=0
	for dev in vin vout; do
		i=$((i + 1))
		wait_for 10 ip -n "$LAB-gw" link show $dev || return
		ip -n "$LAB-gw" link set $dev address "02:00:00:00:0b:0$i" &&
			on gw sysctl -qw net.ipv6.conf.$dev.disable_ipv6=1 net.ipv4.conf.$dev.arp_ignore=8 &&
			ip -n "$LAB-gw" link set $dev master "br-${dev#v}" up || return
	done
}

# ---- real programs ----

ping_ok() {
	on "$1" ping -n -c 3 -i 0.2 -W 2 "$2"
}

download() {
	on lan1 curl -sS --max-time 100 -o "$TMP/got" "http://$WAN:8080/file" &&
		cmp "$TMP/www/file" "$TMP/got"
}

upload() {
	local answer
	answer=$(on lan2 curl -sS --max-time 100 -T "$TMP/www/file" "http://$WAN:8080/up") &&
		[ "$answer" = "$(sha256sum <"$TMP/www/file" | cut -d' ' -f1)" ]
}

many_subscribers() {
	local i
	for i in $(seq 10 29); do
		ip -n "$LAB-lan1" addr add "10.0.0.$i/24" dev eth0 2>/dev/null
		on lan1 ping -n -c 1 -W 2 -I "10.0.0.$i" $WAN || { echo "10.0.0.$i"; return 1; }
	done
}

bridged() {
	local workers=$1
	need "$workers queues: testpmd with vhost ports" vhost "$workers" net_tap0,iface=vin \
		net_tap1,iface=vout --auto-start
	need "$workers queues: sluice is their guest" with_vhost "$workers"
	check "$workers queues: TAPs join the bridges" bridge_taps
	check "$workers queues: ping through" wait_for 15 ping_ok lan1 $WAN
	check "$workers queues: ping the box itself" ping_ok lan2 10.0.0.1
	check "$workers queues: twenty subscribers" many_subscribers
	check "$workers queues: download of 10 MB" download
	check "$workers queues: upload of 10 MB" upload
	check "$workers queues: both processes count the same" same_counts
	check "$workers queues: every packet is accounted for" balanced
	end_process "$VHOST"
	check "$workers queues: the peer's end is the link's end, nothing else's" wait_for 10 links_are down
	check "$workers queues: ends" lab stop
}

# ---- counted packets ----

make_files() {
	/usr/bin/python3 - "$TMP" $N_OUT $N_IN <<-'END'
		import sys
		from scapy.all import Ether, IP, UDP, wrpcap
		to, n_out, n_in = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
		wrpcap(to + "/in.pcap", [
		    Ether(dst="02:00:00:00:01:01", src="02:00:00:00:00:05") /
		    IP(src=f"10.0.0.{2 + i % 50}", dst="198.51.100.9", ttl=64) / UDP(sport=4000, dport=53) /
		    (b"out %d" % i) for i in range(n_out)])
		wrpcap(to + "/out.pcap", [
		    Ether(dst="02:00:00:00:02:01", src="02:00:00:00:00:02") /
		    IP(src="198.51.100.9", dst="192.0.2.1", ttl=64) / UDP(sport=5000 + i, dport=8080) /
		    (b"in %d" % i) for i in range(n_in)])
	END
	cat >"$TMP/files.conf" <<-'END'
		inside address 10.0.0.1/24
		outside address 192.0.2.1/24
		route 0.0.0.0/0 via 192.0.2.2
		neighbor outside 192.0.2.2 02:00:00:00:00:02
		neighbor inside 10.0.0.5 02:00:00:00:00:05
		forward udp 192.0.2.1:8080 to 10.0.0.5:80
	END
}

played() {
	[ "$(counter rx_inside)" -ge $N_OUT ] && [ "$(counter rx_outside)" -ge $N_IN ]
}

# Nobody plays before somebody listens, and a full ring is waited for.
play() {
	tell_vhost 'set fwd io retry' 'set burst tx delay 10 retry 10000' start
	wait_for 30 played && same_counts || { ctl show counters; return 1; }
	[ "$(counter tx_outside)" -eq $N_OUT ] && [ "$(counter tx_inside)" -eq $N_IN ]
}

# testpmd writes its files when it ends.
end_of_play() {
	tell_vhost quit
	wait_for 10 process_gone "$VHOST"
}

# Each packet once, in its flow's order, translated, with right checksums.
arrived_outside() {
	tcpdump -nvvr "$TMP/out.got" 2>/dev/null | grep -i 'bad.*cksum' && return 1
	/usr/bin/python3 - "$TMP/out.got" $N_OUT <<-'END'
		import sys
		from scapy.all import IP, UDP, rdpcap
		seen, ports = {}, {}
		for p in rdpcap(sys.argv[1]):
		    i = int(bytes(p[UDP].payload).split()[1])
		    assert (p[IP].src, p[IP].dst, p[UDP].dport, p[IP].ttl) == ("192.0.2.1", "198.51.100.9", 53, 63), p
		    assert ports.setdefault(i % 50, p[UDP].sport) == p[UDP].sport, p
		    assert seen.setdefault(i % 50, -1) < i, p
		    seen[i % 50] = i
		    ports[i % 50] = p[UDP].sport
		n = len(rdpcap(sys.argv[1]))
		print(n, "packets from", len(set(ports.values())), "ports")
		sys.exit(n != int(sys.argv[2]) or len(set(ports.values())) != 50)
	END
}

arrived_inside() {
	tcpdump -nvvr "$TMP/in.got" 2>/dev/null | grep -i 'bad.*cksum' && return 1
	/usr/bin/python3 - "$TMP/in.got" $N_IN <<-'END'
		import sys
		from scapy.all import IP, UDP, rdpcap
		got = [(p[IP].src, p[UDP].sport, p[IP].dst, p[UDP].dport, p[IP].ttl, bytes(p[UDP].payload))
		       for p in rdpcap(sys.argv[1])]
		want = [("198.51.100.9", 5000 + i, "10.0.0.5", 80, 63, b"in %d" % i) for i in range(int(sys.argv[2]))]
		print(len(got), "packets")
		sys.exit(sorted(got) != sorted(want))
	END
}

from_files() {
	need 'files: packets are written' make_files
	need 'files: testpmd with vhost ports' vhost 1 \
		"net_pcap0,rx_pcap=$TMP/in.pcap,tx_pcap=$TMP/in.got" \
		"net_pcap1,rx_pcap=$TMP/out.pcap,tx_pcap=$TMP/out.got" --no-flush-rx
	need 'files: sluice is their guest' with_vhost 1 --config "$TMP/files.conf" -- --no-kernel
	check 'files: all get through, counted the same by both' play
	check 'files: testpmd ends' end_of_play
	check "files: $N_OUT packets of 50 subscribers have arrived outside, translated" arrived_outside
	check "files: $N_IN packets to a forward have arrived inside" arrived_inside
	check 'files: every packet is accounted for' balanced
	check 'files: ends' lab stop
}

begin
command -v dpdk-testpmd >/dev/null || { skip 'vhost' 'no dpdk-testpmd'; finish; }
need 'lab comes up' lab up --no-start
mkdir "$TMP/www" && head -c $SIZE /dev/urandom >"$TMP/www/file"
need 'a web server outside' serve wan1 tcp 8080 "$PEER" web 8080 "$TMP/www"
bridged 1
bridged 2
from_files
finish
