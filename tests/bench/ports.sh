# SPDX-License-Identifier: BSD-3-Clause
#
# The runs over ports, for scripts/bench.sh, which sources this: a device under test with
# two memif servers on CPU ${cpu[1]}, a generator on CPU ${cpu[0]}, one start of both for
# each measurement. Every measurement leaves lines in $run/ports, labelled KIND/DEVICE/ROUND.

memif() { # NUMBER ROLE SOCKET
	printf 'net_memif%s,role=%s,id=%s,socket=%s,socket-abstract=no' "$1" "$2" "$1" "$run/$3.sock"
}

# What sluice is told; more statements as arguments.
configuration() {
	cat <<-END
		inside address 10.255.255.1/24
		outside address 192.0.2.1/24
		pool bench address 203.0.112.0-203.0.115.255
		route 0.0.0.0/0 via 192.0.2.254
		route 10.0.0.0/8 via 10.255.255.254
		neighbor inside 10.255.255.254 02:00:00:00:01:01
		neighbor outside 192.0.2.254 02:00:00:00:01:02
		limit subscriber ports 0
		limit subscriber sessions 0
		limit subscriber rate 0
	END
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

# sluice_command EAL-OPTION... -- SESSIONS [STATEMENT...]: its command line in `command`.
sluice_command() {
	local eal=()
	while [ "$1" != -- ]; do
		eal+=("$1")
		shift
	done
	configuration "${@:3}" >"$run/sluice.conf"
	command=("$build/app/sluice" "${eal[@]}" -- --no-kernel --socket "$run/ctl"
		--max-sessions "$2" "$run/sluice.conf")
}

# testpmd_command MODE EAL-OPTION...: the same for dpdk-testpmd.
testpmd_command() {
	command=(dpdk-testpmd --no-telemetry "${@:2}" -- --auto-start --nb-cores=1
		--total-num-mbufs=16384 --forward-mode="$1")
}

# launch [PREFIX...]: start what is in `command`, as a device; false when it does not come up.
launch() {
	rm -f "$run/ctl"
	# testpmd leaves at the end of its standard input: hold a pipe open
	nice -n -20 "$@" "${command[@]}" <>"$run/hold" >"$run/dut.log" 2>&1 &
	dut=$!
	disown "$dut" # its end is looked at in finish_dut()
	wait_for 60 dut_ready && process_alive "$dut" && return
	grep -v -E '^(EAL|TELEMETRY)' "$run/dut.log" | tail -n 8 >&2
	end_process "$dut"
	dut=''
	return 1
}

# A memif port has its socket before it is started, and a peer that comes too early is sent
# away for good. testpmd then waits for the link, sluice opens its control socket.
dut_ready() {
	process_gone "$dut" || [ -S "$run/ctl" ] || grep -q '^Checking link' "$run/dut.log"
}

# start_dut NAME FLOWS [STATEMENT...]: a device with two memif servers.
start_dut() {
	local n eal command
	n=$(number "$2")
	rm -f "$run"/*.sock
	eal=(-l "${cpu[0]},${cpu[1]}" --main-lcore "${cpu[0]}" --no-pci --file-prefix dut "${memory[@]}"
		--vdev "$(memif 0 server in),mac=02:00:00:00:00:01"
		--vdev "$(memif 1 server out),mac=02:00:00:00:00:02")
	case $1 in
	sluice) sluice_command "${eal[@]}" -- $((n + n / 4 + spare + 4096)) "${@:3}" ;;
	*) testpmd_command "$1" "${eal[@]}" ;;
	esac
	launch && return
	say "NOTE: $1 did not start"
	status=1
	return 1
}

finish_dut() {
	# memif of DPDK 22.11 unmaps the rings of a peer that leaves while a core still polls
	# them: testpmd and sluice alike may fall then, after all figures were taken
	process_gone "$dut" && say "NOTE: $1 fell when the generator left (memif of DPDK 22.11)"
	end_process "$dut"
	dut=''
}

# generate LABEL FLOWS PROGRAM OPTION...: one generator run against the device.
generate() {
	local own=()
	[ "$3" = pktblast ] && own=(--src 10.1.0.0 --repeat 1 --verify 1)
	run_blast "${inside[@]}" "$build/tests/bench/$3" -l "${cpu[0]}" --no-pci --no-telemetry \
		--file-prefix blast "${generator[@]}" "${memory[@]}" "${ports[@]}" \
		-- --flows "$2" --peer-cpu "${cpu[1]}" --secs "$secs" --slice 0.1 --patience 20 \
		--json "$run/ports" --label "$1" "${own[@]}" "${@:4}" >"$run/blast.log" 2>&1
}

# measure KIND DEVICE FLOWS ROUND PROGRAM OPTION...: one start of a device under a generator.
measure() {
	local rc
	say "    round $4, $1, $3 flows, $2"
	start_dut "$2" "$3" "${statements[@]}" || return
	generate "$1/$2/$4" "$3" "${@:5}"
	rc=$?
	finish_dut "$2"
	# a dead or wrong device is not a figure; 5tswap is always "wrong" to the generator
	if [ "$rc" -ne 0 ] && [ "$2" != 5tswap ]; then
		say "NOTE: $5 ended with $rc against $2:"
		grep -v -E '^(EAL|TELEMETRY)' "$run/blast.log" | tail -n 5
		tail -n 5 "$run/dut.log"
		status=1
	fi
}

# Where the generators' ports are and what the measurement asks of the device.
memif_ports() {
	inside=() statements=() spare=0
	ports=(--vdev "$(memif 0 client in)$zero_copy" --vdev "$(memif 1 client out)$zero_copy")
}

# ---- what is measured ----

round_ports() { # ROUND: 64-byte UDP at each number of flows
	local f name setup devices=(sluice)
	command -v dpdk-testpmd >/dev/null && devices=(io sluice csum 5tswap)
	for f in ${flows//,/ }; do
		for name in "${devices[@]}"; do
			# 5tswap sends a packet back to where it came from: there is nothing to learn
			setup=()
			[ "$name" = 5tswap ] && setup=(--no-setup)
			measure plain "$name" "$f" "$1" pktblast --modes in2out,out2in,bidir "${setup[@]}"
		done
	done
}

round_frames() { # ROUND: other frames, beside io
	local name
	for name in io sluice; do
		measure imix $name "$middle" "$1" mixblast --kind imix
	done
	for name in io sluice; do
		measure 1400 $name "$middle" "$1" pktblast --size 1400
	done
	for name in io sluice; do
		measure tcp $name "$middle" "$1" pktblast --tcp
	done
	for name in io sluice; do
		measure fragment $name "$middle" "$1" mixblast --kind fragment
	done
}

# Median and 99th percentile at half of the no-drop rate, beside io at the same rate.
round_latency() { # ROUND
	local half name
	measure ndr sluice "$middle" "$1" pktblast --modes ndr-in2out --loss 0.00001 --step 0.05
	half=$(sed -n "s|^{\"label\":\"ndr/sluice/$1\",\"mode\":\"ndr-in2out\".*\"in2out_pps\":\([0-9]*\).*|\1|p" \
		"$run/ports" | tail -n 1)
	half=$((${half:-0} / 2))
	[ "$half" -gt 0 ] || { say "NOTE: no no-drop rate was found"; return; }
	for name in io sluice; do
		measure latency "$name" "$middle" "$1" pktblast --modes rate-in2out --pps "$half"
	done
}

# Established traffic while 200,000 new sessions a second are made, and as many end.
round_fresh() { # ROUND
	statements=('timeout udp 2') spare=2000000
	measure fresh sluice "$middle" "$1" mixblast --kind fresh --fresh 200000 --modes in2out,bidir
	statements=() spare=0
}

# ---- memory ----

# Resident bytes of a process, huge pages with them.
process_bytes() {
	[ -e "/proc/$1/status" ] || return
	awk '/^(VmRSS|HugetlbPages):/ { n += $2 } END { printf "%.0f\n", n * 1024 }' "/proc/$1/status" 2>/dev/null
}

# Follow a process's memory until it is gone; the most it had in the file.
watch_memory() {
	local most=0 now
	while now=$(process_bytes "$1") && [ -n "$now" ]; do
		[ "$now" -gt "$most" ] && most=$now && printf '%s\n' "$most" >"$2"
		sleep 0.2
	done
}

# Everything that the process takes with so many live sessions, above an idle one.
process_memory() { # SESSIONS
	local n idle full watcher command
	n=$(number "$1")
	say "    memory of the process, idle and with $1 sessions live"
	memif_ports
	start_dut sluice 1 || return
	idle=$(process_bytes "$dut")
	end_process "$dut"
	sluice_command -l "${cpu[0]},${cpu[1]}" --main-lcore "${cpu[0]}" --no-pci --file-prefix dut \
		"${memory[@]}" --vdev "$(memif 0 server in),mac=02:00:00:00:00:01" \
		--vdev "$(memif 1 server out),mac=02:00:00:00:00:02" -- "$n"
	rm -f "$run"/*.sock
	launch || { say "NOTE: sluice did not start with $1 sessions"; return; }
	watch_memory "$dut" "$run/most" &
	watcher=$!
	generate "memory/sluice/1" "$1" pktblast --modes rate-in2out --pps 1000 --secs 0.1
	finish_dut sluice
	wait "$watcher"
	full=$(cat "$run/most")
	printf '{"bench":"process","sessions":%s,"idle":%s,"full":%s}\n' "$n" "$idle" "$full" >>"$run/library"
}
