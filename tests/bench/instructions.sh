#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Instructions a packet of the library's hit path, counted by callgrind, against the bounds
# in instructions.txt. A count does not depend on the machine's mood: it is the same in every
# run, so 2 % more is a change of the code and fails.
#
#   instructions.sh METER COMPILER-VERSION [--write | --functions]
#
#   --write      put the counts of this run into instructions.txt as the new bounds
#   --functions  show in which functions the instructions of each row are
#
# A row that has become 5 % cheaper is told of: then its bound is to be lowered, by --write,
# in the change that earned it. With another compiler than the bounds were taken with, the
# counts say nothing: the test is skipped.
set -u

bounds=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/instructions.txt
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

# count METER: one dump of callgrind for each row, $tmp/out.*
count() {
	local cpu
	cpu=$(taskset -cp $$ | sed 's/.*[ :]\([0-9]*\).*/\1/')
	unset ASAN_OPTIONS UBSAN_OPTIONS LD_PRELOAD
	export RUNTIME_DIRECTORY=$tmp # EAL's own files
	valgrind --tool=callgrind --toggle-collect=sl_worker_receive \
		--callgrind-out-file="$tmp/out" "$1" --no-huge -m 256 --no-shconf --no-pci \
		--no-telemetry --lcores "0@$cpu" >"$tmp/log" 2>&1 && return
	tail -n 20 "$tmp/log"
	return 1
}

# One line for each dump: protocol, what, sessions, instructions a packet.
rows() {
	local f
	for f in "$tmp"/out.*; do
		awk '/^desc: Trigger: Client Request: row=/ {
				split($5, name, /[=,]/); split($6, packets, "=")
				row = name[2] " " name[3] " " name[4]
			}
			/^summary:/ && row { printf "%s %.1f\n", row, $2 / packets[2] }' "$f"
	done
}

functions() {
	local f n
	for f in "$tmp"/out.*; do
		n=$(sed -n 's/^desc: Trigger: .* packets=//p' "$f")
		[ -n "$n" ] || continue
		sed -n 's/^desc: Trigger: Client Request: row=//p' "$f"
		callgrind_annotate --threshold=100 --auto=no "$f" | awk -v n="$n" '
			/^ *[0-9,]+ \([ 0-9.]+%\)/ && !/100\.0%/ {
				count = $1; gsub(",", "", count); sub(/.*%\) */, "")
				if (count / n >= 1) printf "%10.1f  %s\n", count / n, $0
			}'
	done
}

write() { # COMPILER-VERSION
	{
		sed '/^compiler/,$d' "$bounds"
		echo "compiler $1"
		cat "$tmp/rows"
	} >"$tmp/new" && cp "$tmp/new" "$bounds"
	cat "$bounds"
}

compare() {
	awk 'NR == FNR { if (NF == 4) bound[$1 " " $2 " " $3] = $4; next }
		{
			row = $1 " " $2 " " $3; told = "ok"
			if (!(row in bound)) { told = "NO BOUND"; bad = 1 }
			else if ($4 > bound[row] * 1.02) { told = "TOO MANY"; bad = 1 }
			else if ($4 < bound[row] * 0.95) { told = "cheaper"; better = 1 }
			printf "%-20s %8.1f instructions a packet, bound %8.1f  %s\n", row, $4,
				bound[row], told
		}
		END {
			if (better) print "note: tests/bench/instructions.txt can be tightened, by instructions.sh METER COMPILER --write"
			exit bad
		}' "$bounds" "$tmp/rows"
}

main() {
	local meter=$1 compiler=$2 what=${3:-} known
	known=$(sed -n 's/^compiler //p' "$bounds")
	if [ "$compiler" != "$known" ] && [ -z "$what" ]; then
		echo "bounds are for compiler $known, this is $compiler: skipped"
		exit 77
	fi
	count "$meter" || exit 1
	rows >"$tmp/rows"
	[ "$(wc -l <"$tmp/rows")" -ge 9 ] || { cat "$tmp/log"; echo "rows are missing"; exit 1; }
	case $what in
	--functions) functions ;;
	--write) write "$compiler" ;;
	*) compare ;;
	esac
}

main "$@"
