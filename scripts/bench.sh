#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What sluice costs, measured on this machine, beside what it is held against.
#
#   scripts/bench.sh [--quick] [--flows LIST] [--json FILE] [--rounds N] [--secs S]
#                    [--only library|ports] [--build DIR]
#
#   --quick    1 and 64K sessions, short: about two minutes, to see that it works
#   --flows    sessions, comma separated, K and M are powers of two (1,64K,1M)
#   --json     where the figures go (bench.json in the build folder)
#   --rounds   times that every device is started anew, in turn (5; quick 2)
#   --secs     seconds of near slices for each figure over ports (1; quick 0.3)
#
# Two parts. (a) The library alone, tests/bench/libbench.c: cycles per packet on CPU 1
# beside rte_hash_lookup_bulk_data on a table of that size. (b) Over two memif ports:
# sluice with one worker on CPU 1 and control on CPU 0, and in the same run, in turn with it,
# dpdk-testpmd io, csum and 5tswap on the same ports; tests/bench/pktblast.c on CPU 0 makes,
# checks and counts the packets. io moves packets without a look at them: it is the ceiling.
# A ratio is taken between neighbours in time, then min/median/max over the rounds.
#
# Figures mean something on an otherwise idle machine with 2 MB pages; this script reserves
# pages when too few are free, and gives them back. It ends everything it started, on
# Ctrl-C too, and leaves nothing but the build folder and the JSON file.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

flows=1,64K,1M rounds=5 secs=1 repeats=5 lib_secs=0.3 only=both json='' build=$ROOT/build-bench
run='' dut='' blast='' pages_before='' autogroup='' status=0

usage() {
	sed -n '/^#   scripts\/bench.sh/,/^# Two parts/p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//' >&2
	exit 2
}

parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--quick) flows=1,64K rounds=2 secs=0.3 repeats=3 lib_secs=0.1 ;;
		--flows | --json | --rounds | --secs | --only | --build)
			[ $# -ge 2 ] || usage
			printf -v "${1#--}" %s "$2"
			shift
			;;
		*) usage ;;
		esac
		shift
	done
	[[ $flows =~ ^[0-9]+[KM]?(,[0-9]+[KM]?)*$ ]] || usage
	[[ $rounds =~ ^[1-9][0-9]*$ && $secs =~ ^[0-9.]+$ ]] || usage
	[[ $only =~ ^(both|library|ports)$ ]] || usage
	[ -n "$json" ] || json=$build/bench.json
}

# ---- the machine ----

free_pages() {
	awk '/^HugePages_Free/ { print $2 }' /proc/meminfo
}

# number 64K -> 65536
number() {
	local n=${1%[KM]}
	case $1 in
	*K) n=$((n * 1024)) ;;
	*M) n=$((n * 1048576)) ;;
	esac
	printf '%s\n' "$n"
}

# 2 MB pages for the largest row: gateway, baseline table and packets of it.
reserve_pages() {
	local f n most=0 need free
	for f in ${flows//,/ }; do
		n=$(number "$f")
		[ "$n" -gt "$most" ] && most=$n
	done
	need=$((300 + most / 1700))
	free=$(free_pages)
	[ "$free" -ge "$need" ] && return
	pages_before=$(cat /proc/sys/vm/nr_hugepages)
	sysctl -qw vm.nr_hugepages=$((pages_before + need - free))
	[ "$(free_pages)" -ge "$need" ] && return
	say "NOTE: only $(free_pages) of $need huge pages of 2 MB can be had."
	say "      Ordinary pages are used: the figures say little about sluice."
	memory=(--no-huge --no-shconf -m $((2 * need))) generator=() zero_copy=''
}

machine() {
	local line
	say "machine   $(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) CPUs, $(systemd-detect-virt 2>/dev/null || echo virtualisation unknown)"
	say "kernel    $(uname -r), $(awk '/^HugePages_Total/ { t = $2 } /^HugePages_Free/ { f = $2 } END { print f " of " t }' /proc/meminfo) huge pages free, load $(cut -d' ' -f1-3 /proc/loadavg)"
	line=$(git -C "$ROOT" rev-parse --short=12 HEAD 2>/dev/null || echo 'no commit')
	[ -n "$(git -C "$ROOT" status --porcelain 2>/dev/null)" ] && line+=' and uncommitted changes'
	say "program   $line, $(gcc --version | head -1), DPDK $(pkg-config --modversion libdpdk)"
	say "date      $(date -u +'%Y-%m-%d %H:%M UTC')"
}

# A terminal's processes share one scheduling group; raise it, nice alone does not count.
raise_priority() {
	autogroup=$(awk '{ print $NF }' /proc/$$/autogroup 2>/dev/null)
	echo -20 >/proc/$$/autogroup 2>/dev/null || autogroup=''
}

clean_up() {
	trap '' INT TERM HUP
	end_process "$blast"
	end_process "$dut"
	[ -n "$autogroup" ] && echo "$autogroup" >/proc/$$/autogroup 2>/dev/null
	[ -n "$pages_before" ] && sysctl -qw vm.nr_hugepages="$pages_before"
	[ -n "$run" ] && rm -rf "$run"
}

prepare() {
	[ ! -x "$ROOT/scripts/setup.sh" ] || "$ROOT/scripts/setup.sh" build || die "setup failed"
	command -v dpdk-testpmd >/dev/null ||
		apt-get install -qq -y --no-install-recommends dpdk-dev >"$run/apt.log" 2>&1 ||
		say "NOTE: no dpdk-testpmd (package dpdk-dev): no baseline over ports."
	[ -f "$build/build.ninja" ] || meson setup "$build" "$ROOT" >"$run/meson.log" 2>&1 ||
		{ tail -n 20 "$run/meson.log" >&2; die "meson setup failed"; }
	ninja -C "$build" app/sluice tests/bench/libbench tests/bench/pktblast >"$run/build.log" 2>&1 ||
		{ tail -n 30 "$run/build.log" >&2; die "build failed"; }
}

# Run a program in the background and wait for it, so that Ctrl-C is seen at once.
run_blast() {
	nice -n -20 "$@" &
	blast=$!
	wait "$blast"
	local rc=$?
	blast=''
	return $rc
}

# ---- (a) the library alone ----

library() {
	say
	say "(a) library alone, CPU ${cpu[1]}"
	run_blast "$build/tests/bench/libbench" -l "${cpu[1]}" --no-pci --no-telemetry "${memory[@]}" \
		-- --sessions "$flows" --repeats "$repeats" --seconds "$lib_secs" --json "$run/library" \
		2> >(grep -v '^EAL' >&2) && return
	say "NOTE: the library benchmark failed"
	status=1
}

# ---- (b) over memif ports ----

memif() { # NUMBER ROLE SOCKET
	printf 'net_memif%s,role=%s,id=%s,socket=%s,socket-abstract=no' "$1" "$2" "$1" "$run/$3.sock"
}

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
}

# start_dut NAME FLOWS: a device with two memif servers, working on CPU 1.
start_dut() {
	local n eal command
	n=$(number "$2")
	rm -f "$run"/*.sock "$run/ctl"
	eal=(-l "${cpu[0]},${cpu[1]}" --main-lcore "${cpu[0]}" --no-pci --file-prefix dut "${memory[@]}"
		--vdev "$(memif 0 server in),mac=02:00:00:00:00:01"
		--vdev "$(memif 1 server out),mac=02:00:00:00:00:02")
	case $1 in
	sluice)
		configuration >"$run/sluice.conf"
		command=("$build/app/sluice" "${eal[@]}" -- --no-kernel --socket "$run/ctl"
			--max-sessions $((n + n / 4 + 4096)) "$run/sluice.conf")
		;;
	*)
		command=(dpdk-testpmd --no-telemetry "${eal[@]}" -- --auto-start --nb-cores=1
			--total-num-mbufs=16384 --forward-mode="$1")
		;;
	esac
	# testpmd leaves at the end of its standard input: hold a pipe open
	nice -n -20 "${command[@]}" <>"$run/hold" >"$run/dut.log" 2>&1 &
	dut=$!
	disown "$dut" # its end is looked at in measure()
	wait_for 30 dut_ready && process_alive "$dut" && return
	grep -v -E '^(EAL|TELEMETRY)' "$run/dut.log" | tail -n 8 >&2
	end_process "$dut"
	return 1
}

# A memif port has its socket before it is started, and a peer that comes too early is sent
# away for good. testpmd then waits for the link, sluice opens its control socket.
dut_ready() {
	process_gone "$dut" || [ -S "$run/ctl" ] || grep -q '^Checking link' "$run/dut.log"
}

# measure NAME FLOWS ROUND: one start of a device under the generator.
measure() {
	local setup=() rc
	say "    round $3, $2 flows, $1"
	start_dut "$1" "$2" || { say "NOTE: $1 did not start"; status=1; return; }
	# 5tswap sends a packet back to where it came from, so there is nothing to learn
	[ "$1" = 5tswap ] && setup=(--no-setup)
	run_blast "$build/tests/bench/pktblast" -l "${cpu[0]}" --no-pci --no-telemetry --file-prefix blast \
		"${generator[@]}" "${memory[@]}" \
		--vdev "$(memif 0 client in)$zero_copy" --vdev "$(memif 1 client out)$zero_copy" \
		-- --flows "$2" --src 10.1.0.0 --peer-cpu "${cpu[1]}" --modes in2out,out2in,bidir --repeat 1 \
		--secs "$secs" --slice 0.1 --patience 20 --verify 1 "${setup[@]}" \
		--json "$run/ports" --label "$1/$3" >"$run/blast.log" 2>&1
	rc=$?
	# memif of DPDK 22.11 unmaps the rings of a peer that leaves while a core still polls
	# them: testpmd and sluice alike may fall then, after all figures were taken
	process_gone "$dut" && say "NOTE: $1 fell when the generator left (memif of DPDK 22.11)"
	end_process "$dut"
	# a dead or wrong device is not a figure; 5tswap is always "wrong" to the generator
	if [ "$rc" -ne 0 ] && [ "$1" != 5tswap ]; then
		say "NOTE: pktblast ended with $rc against $1:"
		grep -v -E '^(EAL|TELEMETRY)' "$run/blast.log" | tail -n 5
		tail -n 5 "$run/dut.log"
		status=1
	fi
}

ports() {
	local round f name devices=(sluice)
	command -v dpdk-testpmd >/dev/null && devices=(io sluice csum 5tswap)
	say
	say "(b) over memif, device on CPU ${cpu[1]}, generator on CPU ${cpu[0]}"
	mkfifo "$run/hold"
	for ((round = 1; round <= rounds; round++)); do
		for f in ${flows//,/ }; do
			for name in "${devices[@]}"; do
				measure "$name" "$f" "$round"
			done
		done
	done
}

main() {
	parse "$@"
	need_root
	mapfile -t cpu < <(allowed_cpus)
	[ ${#cpu[@]} -ge 2 ] || die "needs two CPUs: one for the generator, one for the device"
	run=$(mktemp -d)
	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	export RUNTIME_DIRECTORY=$run # EAL's own files
	ulimit -c 0
	memory=(--in-memory) generator=(--single-file-segments) zero_copy=,zero-copy=yes
	prepare
	reserve_pages
	raise_priority
	machine | tee "$run/machine"
	[ "$only" = ports ] || library
	[ "$only" = library ] || ports
	say
	mkdir -p "$(dirname "$json")"
	python3 "$ROOT/tests/bench/table.py" "$run" "$json" || status=1
	exit $status
}

main "$@"
