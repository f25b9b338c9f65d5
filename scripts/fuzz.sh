#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Drive every fuzz target of tests/fuzz/ with libFuzzer, two at a time, so that who works on the
# machine does not notice, and tell how much of its source the inputs reach.
#
#   scripts/fuzz.sh SECONDS [--target NAME]... [--coverage] [--keep]
#
#   SECONDS     of processor time for each target; 0: only run what is there
#   --target    only this one; may be given again
#   --coverage  lines reached of each source file, not only of all of them
#   --keep      what reaches something new goes into tests/fuzz/found/, as few inputs as will do
#
# What was learned stays in build-fuzz/corpus/TARGET and is where the next run begins; an
# input that brings a target down, in build-fuzz/found/. The last line is "N passed, N failed".
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT" || exit

BUILD=build-fuzz
INPUT_MAX=8192
KEEP_MAX=2048 # bytes of an input that is kept
MEMORY_MB=2048
JOBS=2
declare -A RUNNING=() # name of each target, by pid
COVERAGE='' KEEP=''

export LLVM_PROFILE_FILE=/dev/null
export ASAN_OPTIONS=detect_leaks=1:${ASAN_OPTIONS:-}
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:${UBSAN_OPTIONS:-}

clean_up() {
	local pid
	trap '' INT TERM
	for pid in "${!RUNNING[@]}"; do
		end_process "$pid"
	done
}

build() {
	local flags="-fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping"
	scripts/setup.sh build && scripts/setup.sh fuzz || return 1
	[ -f "$BUILD/build.ninja" ] ||
		CC=clang meson setup "$BUILD" -Dfuzz=true -Db_sanitize=address,undefined \
			-Db_lundef=false -Dbuildtype=debugoptimized -Dc_args="$flags" \
			-Dc_link_args=-fprofile-instr-generate >"$BUILD.log" 2>&1 ||
		{ tail -n 20 "$BUILD.log"; return 1; }
	ninja -C "$BUILD" fuzz-targets >"$BUILD.log" 2>&1 || { tail -n 40 "$BUILD.log"; return 1; }
	rm -f "$BUILD.log"
}

targets() {
	find "$BUILD/tests/fuzz" -maxdepth 1 -name 'fuzz_*' -type f -executable -printf '%f\n' |
		sed 's/^fuzz_//' | sort
}

# inputs TARGET: folders of inputs, the one that grows first.
inputs() {
	mkdir -p "$BUILD/corpus/$1"
	printf '%s\n' "$BUILD/corpus/$1" "tests/fuzz/corpus/$1"
	[ ! -d "tests/fuzz/found/$1" ] || printf '%s\n' "tests/fuzz/found/$1"
}

# drive TARGET OPTION...: libFuzzer, out of everybody's way; its words go to a log. Without its
# choice by entropy, which for targets with this many branches took nine tenths of the time.
drive() {
	local target=$1
	shift
	exec nice -n 19 "$BUILD/tests/fuzz/fuzz_$target" -rss_limit_mb="$MEMORY_MB" -timeout=20 -entropic=0 \
		-artifact_prefix="$BUILD/found/$target-" "$@" >>"$BUILD/$target.log" 2>&1
}

# seconds_used FILE: of a processor, that the ended children of a shell had: what its times says.
seconds_used() {
	awk -F '[ms ]+' 'NR == 2 { printf "%d\n", 60 * ($1 + $3) + $2 + $4 }' "$1"
}

# excused TARGET: it ended for an input that took too long, and alone takes no time: the machine
# stood still.
excused() {
	local input
	input=$(sed -n 's/.*Test unit written to //p' "$BUILD/$1.log" | tail -n 1)
	[[ $input == *-timeout-* ]] && [ -f "$input" ] && (drive "$1" "$input") && rm "$input"
}

# fuzz TARGET: one target until it has had SECONDS of a processor: libFuzzer looks at the clock
# on the wall, so who shares the machine would take of it.
fuzz() {
	local folders time=(-runs=0) used=0 child
	mapfile -t folders < <(inputs "$1")
	mkdir -p "$BUILD/found"
	rm -f "$BUILD/$1.log"
	while
		[ "$SECONDS_EACH" -eq 0 ] || time=(-max_total_time=$((SECONDS_EACH - used)))
		drive "$1" "${time[@]}" -max_len="$INPUT_MAX" -print_final_stats=1 "${folders[@]}" &
		child=$!
		trap 'end_process "$child"; exit 143' TERM
		wait "$child" || excused "$1" || return
		times >"$BUILD/$1.times" # not in a pipe: that shell would tell of its own children
		used=$(seconds_used "$BUILD/$1.times")
		[ "$used" -lt "$SECONDS_EACH" ]
	do :; done
}

# keep TARGET: inputs that reach a branch which nothing of tests/fuzz/ does.
keep() {
	local all=$BUILD/keep file
	rm -rf "$all" && mkdir "$all" && cp "tests/fuzz/corpus/$1/"* "$all"
	cp "tests/fuzz/found/$1/"* "$all" 2>/dev/null
	(drive "$1" -merge=1 -use_counters=0 -max_len="$KEEP_MAX" "$all" "$BUILD/corpus/$1")
	for file in "$all"/*; do
		[ -f "tests/fuzz/corpus/$1/${file##*/}" ] || { mkdir -p "tests/fuzz/found/$1" && cp "$file" "tests/fuzz/found/$1"; }
	done
	rm -rf "$all"
}

# covered TARGET: lines of the target's own source that all its inputs reach together, and with
# --coverage of each file.
covered() {
	local raw=$BUILD/$1.profraw data=$BUILD/$1.profdata source folders
	source=$(cat "$BUILD/tests/fuzz/$1.sources")
	mapfile -t folders < <(inputs "$1")
	LLVM_PROFILE_FILE=$raw nice -n 19 "$BUILD/tests/fuzz/fuzz_$1" -runs=0 "${folders[@]}" >/dev/null 2>&1
	llvm-profdata-14 merge -o "$data" "$raw" &&
		llvm-cov-14 report "$BUILD/tests/fuzz/fuzz_$1" -instr-profile="$data" 2>/dev/null |
		awk -v each="$COVERAGE" -v source="$source" '
			BEGIN { n = split(source, list, " "); for (i = 1; i <= n; i++) ours[list[i]] = 1 }
			$1 in ours { lines += $8; missed += $9; if (each != "") files = files ", " $1 " " $10 }
			END { printf "%.1f %% of the lines reached%s\n", (lines > 0 ? 100 - 100 * missed / lines : 0), files }'
	rm -f "$raw" "$data"
}

report() {
	local runs line
	runs=$(awk '/number_of_executed_units/ { n += $2 } END { print n + 0 }' "$BUILD/$1.log")
	if [ "$2" -eq 0 ]; then
		[ -z "$KEEP" ] || keep "$1"
		line="ok - $1: $runs inputs in $(seconds_used "$BUILD/$1.times") s, $(covered "$1")"
		PASSED=$((PASSED + 1))
	else
		line="not ok - $1: see $BUILD/$1.log and $BUILD/found/"
		FAILED=$((FAILED + 1))
	fi
	say "$line"
}

usage() {
	die "usage: scripts/fuzz.sh SECONDS [--target NAME]... [--coverage] [--keep]"
}

parse() {
	[[ ${1:-} =~ ^[0-9]+$ ]] || usage
	SECONDS_EACH=$1
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--target)
			[ $# -gt 1 ] || usage
			ALL+=("$2")
			shift
			;;
		--coverage) COVERAGE=yes ;;
		--keep) KEEP=yes ;;
		*) usage ;;
		esac
		shift
	done
}

main() {
	local name pid rc
	ALL=()
	parse "$@"
	PASSED=0 FAILED=0
	if ! build; then
		say "not ok - build"
		say "0 passed, 1 failed"
		exit 1
	fi
	[ ${#ALL[@]} -gt 0 ] || mapfile -t ALL < <(targets)
	for name in "${ALL[@]}"; do
		[ -x "$BUILD/tests/fuzz/fuzz_$name" ] || die "no such target: $name; there are: $(targets | tr '\n' ' ')"
	done
	trap clean_up EXIT
	trap 'exit 130' INT TERM
	while [ ${#ALL[@]} -gt 0 ] || [ ${#RUNNING[@]} -gt 0 ]; do
		while [ ${#ALL[@]} -gt 0 ] && [ ${#RUNNING[@]} -lt "$JOBS" ]; do
			fuzz "${ALL[0]}" &
			RUNNING[$!]=${ALL[0]}
			ALL=("${ALL[@]:1}")
		done
		wait -n -p pid "${!RUNNING[@]}"
		rc=$?
		name=${RUNNING[$pid]}
		unset "RUNNING[$pid]"
		report "$name" "$rc"
	done
	say "$PASSED passed, $FAILED failed"
	[ "$FAILED" -eq 0 ]
}

main "$@"
