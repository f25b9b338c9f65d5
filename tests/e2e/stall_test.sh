#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Parts of the box that stand still, and what it hangs on: a worker, control, the reader of its
# log, its disk, its links, the wall clock. It says so, it counts what is lost, and the flows
# that have nothing to do with it go on without missing a packet.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/freezelib.sh"
. "$(dirname "$0")/steadylib.sh"
. "$(dirname "$0")/pcplib.sh"

FAR=198.51.100.2

# The program whose wall clock can be moved (tests/faults), under the name that the lab starts.
program() {
	mkdir -p "$TMP/build/app" && ln -s "$BUILD/tests/faults/sluice-faults" "$TMP/build/app/sluice" &&
		ln -s "$BUILD/app/sluicectl" "$TMP/build/app/sluicectl"
}

# The log goes into a pipe, which is read into sluice.out until it is "left".
log_pipe() {
	mkdir -p "$RUN" && mkfifo "$RUN/sluice.log" && exec 7<>"$RUN/sluice.log" && log_read
}

log_read() {
	cat <&7 >>"$TMP/out.log" &
	READER=$!
	SPAWNED+=("$READER")
}

log_left() {
	end_process "$READER"
}

log_has() {
	grep -q "$1" "$TMP/out.log"
}

pid() {
	cat "$RUN/sluice.pid"
}

# during NAME COMMAND...: what it does happens to flows, and they do not notice.
during() {
	local name=$1 status=0 in who
	shift
	steady "$name" lan1 $FAR 7000 10 10 || return
	in=$STEADY_IN who=$STEADY_PID
	"$@" || status=1
	exec {in}>&-
	unharmed "$name" "$who" && return $status
}

# ---- a worker ----

stuck_worker_is_said() {
	freeze "$(worker_thread 1)" && wait_for 10 log_has 'worker 1 (lcore 2) has not moved for' &&
		says 'stuck for ' ctl show workers &&
		[ "$(ctl -j show workers | jq '.workers[1].stuck_seconds > 0 and .workers[0].stuck_seconds == 0')" = true ] &&
		telemetry_says '"stuck_times": 1'
}

telemetry_says() {
	says "$1" sh -c "echo /sluice/worker,1 | timeout 10 dpdk-telemetry.py -f '$LAB'"
}

# Routes, statements and the other worker do not wait for the one that stands still.
box_goes_on() {
	ip -n "$LAB-gw" route add 198.18.0.0/15 via 192.0.2.2 &&
		wait_for 5 says 198.18.0.0/15 ctl show routes && ctl timeout udp 299 && ctl reload &&
		ip -n "$LAB-gw" route del 198.18.0.0/15 && says 'timeout' timeout 20 "$BUILD/app/sluicectl" -s "$RUN/ctl" show configuration all
}

worker_goes_on() {
	thaw
	wait_for 10 log_has 'worker 1 (lcore 2) goes on' && says 'was stuck 1 times' ctl show workers &&
		many_subscribers
}

# Sixteen subscribers, so that each worker has some.
many_subscribers() {
	local i
	for i in $(seq 10 25); do
		ip -n "$LAB-lan1" addr add "10.0.0.$i/24" dev eth0 2>/dev/null
		on lan1 ping -n -q -c 1 -W 2 -I "10.0.0.$i" $FAR || return
	done
}

# ---- control ----

control_stands_still() {
	freeze "$(pid)" && sleep 6 && fails timeout 0.5 "$BUILD/app/sluicectl" -s "$RUN/ctl" show version
	local status=$?
	thaw
	[ $status -eq 0 ] && wait_for 5 ctl show version
}

# ---- the log ----

lines_lost() {
	echo /sluice/log | timeout 10 dpdk-telemetry.py -f "$LAB" | grep -o '"lines_lost": [0-9]*' | grep -o '[0-9]*$'
}

# Nobody reads the log; each wrong file is 20 lines of it.
log_blocked() {
	local i
	seq -f 'no such statement %g' 30 >"$TMP/wrong.conf"
	cp "$RUN/sluice.conf" "$TMP/good.conf"
	log_left
	cp "$TMP/wrong.conf" "$RUN/sluice.conf"
	for i in $(seq 200); do
		kill -HUP "$(pid)"
		timeout 5 "$BUILD/app/sluicectl" -s "$RUN/ctl" show version >/dev/null || { echo "control waits"; return 1; }
		[ $((i % 20)) -ne 0 ] || [ "$(lines_lost)" -eq 0 ] || break
	done
	cp "$TMP/good.conf" "$RUN/sluice.conf"
	echo "$(lines_lost) lines lost"
	[ "$(lines_lost)" -gt 0 ]
}

# The first line that there is room for says it: not the one that comes before the reader does.
log_comes_back() {
	log_read
	wait_for 10 lost_lines_told && wait_for 5 log_has 'was read again'
}

lost_lines_told() {
	kill -HUP "$(pid)" && log_has 'lines of the log were lost'
}

# ---- the disk ----

small_disk() {
	mkdir "$TMP/disk" && mount -t tmpfs -o size=64k none "$TMP/disk"
}

disk_full() {
	dd if=/dev/zero of="$TMP/disk/fill" bs=4k status=none 2>/dev/null
	[ "$(df --output=avail "$TMP/disk" | tail -1)" -eq 0 ]
}

file_has() {
	grep -q "$1" "$TMP/disk/leases"
}

# The lease is there, the file is the old one, whole, and later it is the new one.
leases_on_a_full_disk() {
	ctl port-mapping file "$TMP/disk/leases" && pcpc lan1 map tcp 7001 && wait_for 5 file_has 7001 &&
		cp "$TMP/disk/leases" "$TMP/leases" && disk_full && pcpc lan1 map udp 7002 &&
		wait_for 10 log_has 'leases: ports that hosts have opened are not saved: No space' &&
		listed 7002 && cmp "$TMP/leases" "$TMP/disk/leases" && [ "$(find "$TMP/disk" -name 'leases.*' | wc -l)" -eq 0 ] &&
		rm "$TMP/disk/fill" && wait_for 20 file_has 7002 && wait_for 5 log_has 'are saved again'
}

save_on_a_full_disk() {
	ctl save "$TMP/disk/conf" && cp "$TMP/disk/conf" "$TMP/conf" && disk_full || return
	ctl timeout udp 280 && says 'No space left' ctl save "$TMP/disk/conf" && cmp "$TMP/conf" "$TMP/disk/conf" &&
		[ "$(find "$TMP/disk" -name 'conf.*' | wc -l)" -eq 0 ] && rm "$TMP/disk/fill" && ctl save "$TMP/disk/conf" &&
		fails cmp -s "$TMP/conf" "$TMP/disk/conf"
}

# ---- the wall clock ----

# wall SECONDS: as sluice sees it.
wall() {
	/bin/kill -s USR2 -q "$1" "$(pid)"
}

lease_left() {
	ctl -j show port-forwards | jq '[.port_forwards[] | select(.inside | endswith(":7001")) | .left][0]'
}

# The wall clock jumps; leases have as long to live as before, and their file follows the clock.
clock_jumps() {
	local jump left
	pcpc lan1 map tcp 7001 && left=$(lease_left) && [ "$left" -gt 60 ] || return
	for jump in 3600 -3600 0; do
		wall "$jump" && sleep 1.2 && pcpc lan1 map udp 7002 && listed 7001 && listed 7002 || return
		echo "$jump: $(lease_left) of $left s"
		[ "$(lease_left)" -le "$left" ] && [ "$(lease_left)" -ge $((left - 60)) ] || return
	done
}

# ---- the links ----

tcp_sessions() {
	ctl show sessions proto tcp | grep -c "$FAR:7000"
}

# pull PORT DEVICE: its link goes down and comes up; sessions stay, traffic resumes by itself.
# (What is lost meanwhile is soon sent again.)
pull() {
	local before
	PATIENCE=2 steady "$2" lan1 $FAR 7000 5 5 || return
	before=$(tcp_sessions)
	ip -n "$LAB-gw" link set "$2" down && wait_for 10 log_has "$1: link is down" && sleep 1 || return
	echo "$before TCP sessions, $(tcp_sessions) without the link"
	[ "$before" -ge 5 ] && [ "$(tcp_sessions)" -eq "$before" ] && ip -n "$LAB-gw" link set "$2" up && wait_for 20 on lan1 ping -n -q -c 1 -W 1 $FAR && on lan1 "$PEER" ask udp $FAR 7000 again || return
	exec {STEADY_IN}>&-
	wait_for 20 process_gone "$STEADY_PID"
	cat "$TMP/$2.out"
	grep -q ' moved 0 broken 0 ' "$TMP/$2.out"
}

# unplug PORT DEVICE: the interface is deleted under it, and comes back.
unplug() {
	local before
	PATIENCE=2 steady "gone-$2" lan1 $FAR 7000 5 5 || return
	before=$(tcp_sessions)
	lab unplug "$2" && wait_for 10 log_has "$1: the device was removed" && sleep 1 || return
	echo "$before TCP sessions, $(tcp_sessions) without the interface"
	[ "$before" -ge 5 ] && [ "$(tcp_sessions)" -eq "$before" ] && says 'down' ctl show interfaces &&
		lab plug "$2" && wait_for 10 log_has "$1: $2 is there again" &&
		wait_for 20 on lan1 ping -n -q -c 1 -W 1 $FAR && on lan1 "$PEER" ask udp $FAR 7000 again || return
	exec {STEADY_IN}>&-
	wait_for 20 process_gone "$STEADY_PID"
	cat "$TMP/gone-$2.out"
	grep -q ' moved 0 broken 0 ' "$TMP/gone-$2.out"
}

end_disk() {
	umount "$TMP/disk" 2>/dev/null
}

begin
trap 'end_disk; clean_up' EXIT
need 'the program' program
cat >"$TMP/conf.start" <<-END
	inside address 10.0.0.1/24
	outside address 192.0.2.1/24
	route 0.0.0.0/0 via 192.0.2.2
	pcp on
END
need 'lab comes up' lab up --no-start --af-packet
need 'its log is a pipe' log_pipe
need 'sluice starts' lab start --af-packet --workers 2 --build "$TMP/build" --config "$TMP/conf.start"
need 'echo servers' serve wan2 udp 7000 "$PEER" echo 7000
check 'every subscriber gets through' many_subscribers
check 'a stuck worker is said, in the log and in figures' stuck_worker_is_said
check 'the box goes on without it' box_goes_on
check 'a worker that goes on is said, and serves its subscribers' worker_goes_on
check 'control stands still for six seconds: flows do not notice' during control control_stands_still
check 'a log that nobody reads: flows do not notice, control goes on' during log log_blocked
check 'lines lost are counted, and said when it is read again' log_comes_back
need 'a small disk' small_disk
check 'a full disk: leases are open, their file stays whole' leases_on_a_full_disk
check 'a full disk: a configuration cannot be saved, the old one stays' save_on_a_full_disk
check 'the wall clock jumps by an hour, and back' during clock clock_jumps
check 'the outside link goes down and comes back' pull net_af_packet1 pout
check 'the inside link goes down and comes back' pull net_af_packet0 pin
check 'the outside interface is deleted under the program, and comes back' unplug net_af_packet1 pout
check 'the inside interface is deleted under the program, and comes back' unplug net_af_packet0 pin
check 'every packet is accounted for' balanced
log_left
rm "$RUN/sluice.log" # what came out of it is read from out.log
finish
