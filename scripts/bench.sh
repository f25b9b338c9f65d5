#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What sluice costs, measured on this machine, beside what it is held against.
#
#   scripts/bench.sh [--quick | --full] [--only NAME...] [--flows LIST] [--rounds N]
#                    [--secs S] [--json FILE] [--plots DIR] [--build DIR]
#
#   --quick    1 and 64K sessions, two short rounds: some minutes, to see that it works
#   --full     with 10M sessions: needs 14 GB of memory
#   --only     only these parts, by name (below)
#   --flows    sessions, comma separated, K and M are powers of two (1,64K,1M)
#   --rounds   times that every device is started anew, in turn (5; quick 2)
#   --secs     seconds of near slices for each figure over ports (1; quick 0.3)
#   --json     where the figures go (bench.json in the build folder)
#   --plots    where the plots go, as SVG (beside the JSON file)
#
# Parts. Of the library alone, on CPU 1, tests/bench/libbench.c and scale.c:
#   library    cycles per packet beside rte_hash_lookup_bulk_data on a table of that size,
#              cycles per new session with ageing running; udp6 is NAT64
#   age        the longest that one call holds a burst while all sessions end
#   memory     bytes per session by table, and of the whole process above an idle one
#   scale      cycles per packet with 1, 2, 3 workers, 0, 50, 100 % handed over
# Over two memif ports, sluice with one worker on CPU 1 and control on CPU 0, and in the same
# run, in turn with it, dpdk-testpmd; tests/bench/pktblast.c and mixblast.c on CPU 0 make,
# check and count the packets:
#   ports      64-byte UDP by number of sessions beside io, csum and 5tswap
#   frames     IMIX, 1400 bytes, TCP, fragments beside io
#   latency    at half of the no-drop rate, beside io at that rate
#   fresh      established traffic while 200,000 new sessions a second are made
# Over two veth pairs:
#   kernel     the kernel's masquerade, sluice over af_packet and af_xdp, io over af_packet
#
# io moves packets without a look at them: it is the ceiling. A ratio is taken between
# neighbours in time, then min/median/max over the rounds. At the end what was to be reached
# is printed beside what was.
#
# Figures mean something on an otherwise idle machine with 2 MB pages; this script reserves
# pages when too few are free, and gives them back. It ends everything it started, on
# Ctrl-C too, and leaves nothing but the build folder, the JSON file and the plots.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/tests/bench/ports.sh"
. "$ROOT/tests/bench/veth.sh"

PARTS='library age memory scale ports frames latency fresh kernel'
flows=1,64K,1M rounds=5 secs=1 repeats=5 lib_secs=0.3 scale_secs=0.1 only='' json='' plots='' build=$ROOT/build-bench
middle=64K memory_flows=10M age_flows=10M
run='' dut='' blast='' pages_before='' autogroup='' status=0
no_veth='' inside=() statements=() spare=0 ports=()

usage() {
	sed -n '/^#   scripts\/bench.sh/,/^# io moves/p' "${BASH_SOURCE[0]}" | sed '$d; s/^# \{0,1\}//' >&2
	exit 2
}

parse() {
	local name
	while [ $# -gt 0 ]; do
		case $1 in
		--quick) flows=1,64K rounds=2 secs=0.3 repeats=3 lib_secs=0.1 scale_secs=0.03 memory_flows=1M age_flows=64K ;;
		--full) flows=1,64K,1M,10M ;;
		--only)
			while [ $# -ge 2 ] && [[ $2 != --* ]]; do
				[[ " $PARTS " == *" $2 "* ]] || usage
				only+=" $2 "
				shift
			done
			[ -n "$only" ] || usage
			;;
		--flows | --json | --plots | --rounds | --secs | --build)
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
	[ -n "$json" ] || json=$build/bench.json
	[ -n "$plots" ] || plots=$(dirname "$json")
}

# Is this part wanted?
part() {
	[ -z "$only" ] || [[ $only == *" $1 "* ]]
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

# The most 2 MB pages that any part wants.
pages_wanted() {
	local f most=0 need=500
	for f in ${flows//,/ }; do
		f=$(number "$f")
		[ "$f" -gt "$most" ] && most=$f
	done
	# sessions that end while as many are made, twice over, are the most
	part library && need=$((500 + most / 1700))
	f=$((500 + $(number "$age_flows") / 3500))
	part age && [ "$f" -gt "$need" ] && need=$f
	f=$((500 + $(number "$memory_flows") / 4500))
	part memory && [ "$f" -gt "$need" ] && need=$f
	printf '%s\n' "$need"
}

reserve_pages() {
	local need free
	need=$(pages_wanted)
	free=$(free_pages)
	[ "$free" -ge "$need" ] && return
	pages_before=$(cat /proc/sys/vm/nr_hugepages)
	sysctl -qw vm.nr_hugepages=$((pages_before + need - free))
	[ "$(free_pages)" -ge "$need" ] && return
	say "NOTE: only $(free_pages) of $need huge pages of 2 MB can be had."
	if [ "$(free_pages)" -ge 1200 ]; then
		say "      No row has more than 1M sessions."
		flows=${flows//,10M/} age_flows=1M memory_flows=1M
		return
	fi
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
	veth_down
	[ -n "$autogroup" ] && echo "$autogroup" >/proc/$$/autogroup 2>/dev/null
	[ -n "$pages_before" ] && sysctl -qw vm.nr_hugepages="$pages_before"
	[ -n "$run" ] && rm -rf "$run"
}

prepare() {
	[ ! -x "$ROOT/scripts/setup.sh" ] || "$ROOT/scripts/setup.sh" build || die "setup failed"
	[ ! -x "$ROOT/scripts/setup.sh" ] || "$ROOT/scripts/setup.sh" bench ||
		say "NOTE: packages are missing: not everything will be measured."
	[ -f "$build/build.ninja" ] || meson setup "$build" "$ROOT" >"$run/meson.log" 2>&1 ||
		{ tail -n 20 "$run/meson.log" >&2; die "meson setup failed"; }
	ninja -C "$build" app/sluice tests/bench/{libbench,scale,pktblast,mixblast} >"$run/build.log" 2>&1 ||
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

# ---- the library alone ----

# bench PROGRAM LCORES OPTION...: one of the library's benchmarks.
bench() {
	run_blast "$build/tests/bench/$1" -l "$2" --no-pci --no-telemetry "${memory[@]}" \
		-- --seconds "$lib_secs" --json "$run/library" "${@:3}" 2> >(grep -v '^EAL' >&2) && return
	say "NOTE: $1 ${*:3} failed"
	status=1
}

library_parts() {
	part library || part age || part memory || part scale || return
	say
	say "The library alone, CPU ${cpu[1]}"
	part library && bench libbench "${cpu[1]}" --only traffic,open,churn --proto udp,udp6,tcp \
		--sessions "$flows" --repeats "$repeats"
	part age && bench libbench "${cpu[1]}" --only age --sessions "$age_flows" --repeats 3
	part memory && bench libbench "${cpu[1]}" --only memory --sessions "$memory_flows"
	part memory && process_memory "$memory_flows"
	# short and often: what is compared should be close in time
	part scale && bench scale "${cpu[1]},${cpu[0]}" --sessions "${flows%,10M}" \
		--repeats $((3 * repeats)) --seconds "$scale_secs"
}

port_parts() {
	local round name
	say
	say "Over ports, device on CPU ${cpu[1]}, generator on CPU ${cpu[0]}"
	command -v dpdk-testpmd >/dev/null || say "NOTE: no dpdk-testpmd (package dpdk-dev): no baseline."
	memif_ports
	for ((round = 1; round <= rounds; round++)); do
		for name in ports frames latency fresh kernel; do
			part "$name" && "round_$name" "$round"
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
	mkfifo "$run/hold"
	library_parts
	port_parts
	say
	mkdir -p "$(dirname "$json")" "$plots"
	python3 "$ROOT/tests/bench/table.py" "$run" "$json" || status=1
	python3 "$ROOT/tests/bench/plot.py" "$json" "$plots" || status=1
	exit $status
}

main "$@"
