#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Starting and ending: every kind of virtual port, every common mistake, both signals, a
# port that vanishes. sluice runs in the lab's gateway namespace, without the lab's ports.
set -u
. "$(dirname "$0")/lib.sh"

PID=''
LOG=''
mapfile -t MEMORY < <(memory_options)

# sluice NAME EAL-OPTION... [-- OPTION...]: in the background; id in $PID, output in $LOG.
# "--" and the socket are added, so that OPTION... comes after it.
sluice() {
	local name=$1 eal=() own=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		eal+=("$1")
		shift
	done
	[ $# -eq 0 ] || { shift && own=("$@"); }
	LOG=$TMP/$name.log
	SOCKET=$TMP/$name.sock
	ip netns exec "$LAB-gw" "$BUILD/app/sluice" --lcores "$(lcores_for 1)" --no-pci \
		--file-prefix "$LAB-$name" "${eal[@]}" -- --socket "$SOCKET" "${own[@]}" >"$LOG" 2>&1 </dev/null &
	PID=$!
	SPAWNED+=("$PID")
}

ask() {
	"$BUILD/app/sluicectl" -s "$SOCKET" "$@"
}

answers_or_died() {
	process_gone "$PID" || ask show configuration
}

runs() {
	wait_for 20 answers_or_died && process_alive "$PID" && return
	tail -n 20 "$LOG"
	return 1
}

# ends SIGNAL: within a second, with status 0 and final counters in the output.
ends() {
	local began took status
	began=$(date +%s%N)
	kill "-$1" "$PID"
	wait "$PID"
	status=$?
	took=$((($(date +%s%N) - began) / 1000000))
	echo "ended after $took ms with status $status"
	tail -n 5 "$LOG"
	[ $status -eq 0 ] && [ $took -lt 1000 ] && grep -q 'sluice ran' "$LOG"
}

no_interfaces_left() {
	ip -n "$LAB-gw" -br link
	! ip -n "$LAB-gw" -br link | grep -qE '^(dtap|sluice)'
}

# port_kind NAME EAL-OPTION...: it starts with both ports, shows them, and ends.
port_kind() {
	local kind=$1
	shift
	sluice "$kind" "${MEMORY[@]}" "$@"
	runs && says inside ask show interfaces && says outside ask show interfaces &&
		fails says Sanitizer cat "$LOG" && ends TERM && no_interfaces_left
}

# A vhost-user backend for net_virtio_user, by testpmd, which ends with its stdin.
vhost_backend() {
	mkfifo "$TMP/vhost.in"
	ip netns exec "$LAB-gw" dpdk-testpmd --lcores "0@$(allowed_cpus | head -1),1@$(allowed_cpus | head -1)" \
		--no-huge -m 256 --no-pci --file-prefix "$LAB-vhost" --vdev "net_vhost0,iface=$TMP/v0" \
		--vdev "net_vhost1,iface=$TMP/v1" -- --total-num-mbufs=4096 --interactive \
		<>"$TMP/vhost.in" >"$TMP/vhost.log" 2>&1 &
	BACKEND=$!
	SPAWNED+=("$BACKEND")
	wait_for 15 test -S "$TMP/v1"
}

# Ordinary memory is one region; hundreds of hugepages are too many for vhost-user.
virtio_user() {
	local memory=("${MEMORY[@]}") status
	vhost_backend || return
	MEMORY=(--no-huge -m 512)
	port_kind virtio_user --vdev "net_virtio_user0,path=$TMP/v0" --vdev "net_virtio_user1,path=$TMP/v1"
	status=$?
	MEMORY=("${memory[@]}")
	end_process "$BACKEND"
	return $status
}

veth_pair() {
	ip -n "$LAB-gw" link show "$1" >/dev/null 2>&1 && return
	ip -n "$LAB-gw" link add "$1" type veth peer name "$1-sw" &&
		ip -n "$LAB-gw" link set "$1" up && ip -n "$LAB-gw" link set "$1-sw" up
}

pcap_files() {
	/usr/bin/python3 - "$TMP/in.pcap" <<-'END'
		import sys
		from scapy.all import Ether, IP, UDP, wrpcap
		wrpcap(sys.argv[1], [Ether(dst="02:00:00:00:00:01") / IP(src="10.0.0.2", dst="192.0.2.2") /
		                     UDP(sport=4000, dport=i) for i in range(1, 101)])
	END
	printf 'inside address 10.0.0.1/24\noutside address 192.0.2.1/24\n%s\n' \
		'neighbor outside 192.0.2.2 02:00:00:00:00:99' >"$TMP/pcap.conf"
}

# 100 packets come from a file, are translated and written to another one.
from_file_to_file() {
	pcap_files || return
	sluice pcapfile "${MEMORY[@]}" --vdev "net_pcap0,rx_pcap=$TMP/in.pcap,tx_pcap=$TMP/back.pcap" \
		--vdev "net_pcap1,rx_pcap=$TMP/in.pcap,tx_pcap=$TMP/out.pcap" -- --no-kernel \
		--inside-mac 02:00:00:00:00:01 "$TMP/pcap.conf"
	runs && wait_for 5 counter_is rx_inside 100 && ends TERM || return
	tcpdump -nr "$TMP/out.pcap" 2>/dev/null | tail -2
	[ "$(tcpdump -nr "$TMP/out.pcap" 'udp and src 192.0.2.1' 2>/dev/null | wc -l)" -eq 100 ]
}

counter_is() {
	[ "$(ask show counters | awk -v n="$1" '$1 == n { print $2 }')" = "$2" ]
}

# ---- mistakes ----

# refuses TEXT NAME OPTION...: sluice does not start, and says TEXT.
refuses() {
	local text=$1
	shift
	sluice "$@"
	wait_for 15 process_gone "$PID" || { echo "it runs"; end_process "$PID"; return 1; }
	wait "$PID"
	local status=$?
	tail -n 8 "$LOG"
	echo "status $status"
	[ $status -ne 0 ] && [ $status -lt 126 ] && grep -qF -- "$text" "$LOG"
}

NULLS=(--vdev net_null0 --vdev net_null1)

# In a mount namespace of its own the machine has no hugepages.
no_hugepages() {
	LOG=$TMP/nohuge.log
	on gw unshare -m sh -c 'mount -t tmpfs none /sys/kernel/mm/hugepages && exec "$@"' sh \
		"$BUILD/app/sluice" --lcores "$(lcores_for 1)" --no-pci --file-prefix "$LAB-nohuge" \
		"${NULLS[@]}" -- >"$LOG" 2>&1 </dev/null && return 1
	tail -n 8 "$LOG"
	grep -q 'no hugepages' "$LOG" && grep -q -e --no-huge "$LOG"
}

one_lcore() {
	LOG=$TMP/onelcore.log
	on gw timeout 15 "$BUILD/app/sluice" --lcores "0@$(allowed_cpus | head -1)" --no-pci \
		--file-prefix "$LAB-one" "${MEMORY[@]}" "${NULLS[@]}" -- >"$LOG" 2>&1 </dev/null
	local status=$?
	tail -n 8 "$LOG"
	[ $status -ne 0 ] && [ $status -lt 124 ] && grep -qi 'lcore' "$LOG"
}

second_instance() {
	sluice same --no-huge -m 512 "${NULLS[@]}"
	runs || return
	local first=$PID
	mv "$LOG" "$TMP/first.log"
	refuses 'already runs with file prefix' same --no-huge -m 512 "${NULLS[@]}"
	local status=$?
	LOG=$TMP/first.log PID=$first
	ends TERM && return $status
}

second_socket() {
	sluice other "${MEMORY[@]}" "${NULLS[@]}"
	runs || return
	local first=$PID
	refuses "$SOCKET" other2 "${MEMORY[@]}" "${NULLS[@]}" -- --socket "$SOCKET" \
		--tap-prefix other
	local status=$?
	LOG=$TMP/other.log PID=$first
	ends TERM && return $status
}

# ---- life and death ----

interrupted() {
	sluice interrupted "${MEMORY[@]}" --vdev net_tap0,iface=dtap0 --vdev net_tap1,iface=dtap1
	runs && ends INT && no_interfaces_left
}

# Ctrl-C while it is still starting.
interrupted_early() {
	sluice early "${MEMORY[@]}" --vdev net_tap0,iface=dtap0 --vdev net_tap1,iface=dtap1
	sleep 0.2
	kill -INT "$PID"
	wait_for 10 process_gone "$PID" && no_interfaces_left
}

killed_and_restarted() {
	sluice again "${MEMORY[@]}" --vdev net_tap0,iface=dtap0 --vdev net_tap1,iface=dtap1
	runs || return
	kill -KILL "$PID"
	wait "$PID"
	wait_for 5 no_interfaces_left || return
	sluice again "${MEMORY[@]}" --vdev net_tap0,iface=dtap0 --vdev net_tap1,iface=dtap1
	runs && ends TERM
}

# log_says COUNT TEXT: so many lines of the log have the text.
log_says() {
	[ "$(grep -c -- "$2" "$LOG")" -ge "$1" ]
}

link_lost() {
	veth_pair lost0 && veth_pair lost1 || return
	sluice linkloss "${MEMORY[@]}" --vdev net_af_packet0,iface=lost0 \
		--vdev net_af_packet1,iface=lost1
	runs || return
	ip -n "$LAB-gw" link set lost0 down
	wait_for 10 log_says 1 'net_af_packet0: link is down' || return
	ip -n "$LAB-gw" link set lost0 up
	wait_for 10 log_says 2 'net_af_packet0: link is up' && ends TERM
}

port_vanishes() {
	veth_pair gone0 && veth_pair gone1 || return
	sluice vanish "${MEMORY[@]}" --vdev net_af_packet0,iface=gone0 \
		--vdev net_af_packet1,iface=gone1
	runs || return
	ip -n "$LAB-gw" link del gone1
	wait_for 10 log_says 1 'net_af_packet1: the device was removed' || return
	says 'link down' ask show interfaces && ends TERM
}

check_option() {
	printf 'inside address 10.0.0.1/24\noutside address 192.0.2.1/24\n' >"$TMP/good.conf"
	printf 'inside address 10.0.0.1/24\noutside adress 192.0.2.1/24\n' >"$TMP/bad.conf"
	"$BUILD/app/sluice" -- --check "$TMP/good.conf" &&
		fails "$BUILD/app/sluice" -- --check "$TMP/bad.conf"
}

# launch NAME COMMAND...: a check after which no sluice runs, whatever it came to.
launch() {
	check "$@" || tail -n 20 "$LOG" | sed 's/^/#   | /'
	end_process "$PID"
}

begin
need 'namespaces' lab up --no-start
veth_pair p0
veth_pair p1
launch 'net_null' port_kind null "${NULLS[@]}"
launch 'net_ring' port_kind ring --vdev net_ring0 --vdev net_ring1
launch 'net_tap' port_kind tap --vdev net_tap0,iface=dtap0 --vdev net_tap1,iface=dtap1
launch 'net_af_packet' port_kind af_packet --vdev net_af_packet0,iface=p0 --vdev net_af_packet1,iface=p1
launch 'net_af_xdp' port_kind af_xdp --vdev net_af_xdp0,iface=p0 --vdev net_af_xdp1,iface=p1
launch 'net_pcap on interfaces' port_kind pcap --vdev net_pcap0,iface=p0 --vdev net_pcap1,iface=p1
launch 'net_pcap from file to file' from_file_to_file
launch 'net_memif' port_kind memif --vdev "net_memif0,role=server,id=0,socket-abstract=no,socket=$TMP/m.sock" \
	--vdev "net_memif1,role=server,id=1,socket-abstract=no,socket=$TMP/m.sock"
launch 'net_virtio_user' virtio_user
launch 'no hugepages: says what to do' no_hugepages
launch 'one lcore only: says what is missing' one_lcore
launch 'one port only: says what is missing' refuses port oneport "${MEMORY[@]}" --vdev net_null0
launch 'unknown option is named' refuses "'--frobnicate'" option "${MEMORY[@]}" "${NULLS[@]}" -- --frobnicate
launch 'missing file is named' refuses "/nonexistent.conf" file "${MEMORY[@]}" "${NULLS[@]}" -- /nonexistent.conf
launch 'a second instance with the same file prefix' second_instance
launch 'a second instance with the same socket' second_socket
launch '--check reads a file and starts nothing' check_option
launch 'Ctrl-C ends it within a second' interrupted
launch 'Ctrl-C during start' interrupted_early
launch 'killed: nothing is left, starts again' killed_and_restarted
launch 'a lost link is noticed and comes back' link_lost
launch 'a port that vanishes is said, the box goes on' port_vanishes
finish
