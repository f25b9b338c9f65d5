#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Drive every fuzz target of tests/fuzz/ with libFuzzer, two at a time or as many as there are
# processors, and tell how much of its source the inputs reach.
#
#   scripts/fuzz.sh SECONDS [TARGET...]
#
# What was learned stays in build-fuzz/corpus/TARGET and is where the next run begins; an
# input that brings a target down, in build-fuzz/found/. The last line is "N passed, N failed".
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT" || exit

BUILD=build-fuzz
INPUT_MAX=8192
MEMORY_MB=2048
PIDS=()

export LLVM_PROFILE_FILE=/dev/null
export ASAN_OPTIONS=detect_leaks=1:${ASAN_OPTIONS:-}
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:${UBSAN_OPTIONS:-}

clean_up() {
	local pid
	trap '' INT TERM
	for pid in "${PIDS[@]}"; do
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

# fuzz TARGET: one target for SECONDS; its words go to a log.
fuzz() {
	mkdir -p "$BUILD/corpus/$1" "$BUILD/found"
	exec "$BUILD/tests/fuzz/fuzz_$1" -max_total_time="$SECONDS_EACH" \
		-max_len="$INPUT_MAX" -rss_limit_mb="$MEMORY_MB" -timeout=10 -print_final_stats=1 \
		-artifact_prefix="$BUILD/found/$1-" "$BUILD/corpus/$1" "tests/fuzz/corpus/$1" \
		>"$BUILD/$1.log" 2>&1
}

# covered TARGET: lines of the target's own source that all its inputs reach together.
covered() {
	local raw=$BUILD/$1.profraw data=$BUILD/$1.profdata source
	source=$(sed "s:[^ ]*:$ROOT/&:g" "$BUILD/tests/fuzz/$1.sources")
	LLVM_PROFILE_FILE=$raw "$BUILD/tests/fuzz/fuzz_$1" -runs=0 "$BUILD/corpus/$1" \
		"tests/fuzz/corpus/$1" >/dev/null 2>&1
	llvm-profdata-14 merge -o "$data" "$raw" &&
		# shellcheck disable=SC2086 # a list of files
		llvm-cov-14 report "$BUILD/tests/fuzz/fuzz_$1" -instr-profile="$data" $source \
			2>/dev/null | awk '$1 == "TOTAL" { print $10 }'
	rm -f "$raw" "$data"
}

report() {
	local runs line
	runs=$(awk '/number_of_executed_units/ { print $2 }' "$BUILD/$1.log")
	if [ "$2" -eq 0 ]; then
		line="ok - $1: ${runs:-0} inputs, $(covered "$1") of the lines reached"
		PASSED=$((PASSED + 1))
	else
		line="not ok - $1: see $BUILD/$1.log and $BUILD/found/"
		FAILED=$((FAILED + 1))
	fi
	say "$line"
}

main() {
	local all jobs started name rc
	[[ ${1:-} =~ ^[0-9]+$ ]] || die "usage: scripts/fuzz.sh SECONDS [TARGET...]"
	SECONDS_EACH=$1
	shift
	build || die "build failed"
	if [ $# -gt 0 ]; then
		all=("$@")
	else
		mapfile -t all < <(targets)
	fi
	jobs=$(nproc)
	trap clean_up EXIT
	trap 'exit 130' INT TERM
	PASSED=0 FAILED=0
	while [ ${#all[@]} -gt 0 ]; do
		started=("${all[@]:0:$jobs}")
		all=("${all[@]:${#started[@]}}")
		PIDS=()
		for name in "${started[@]}"; do
			[ -x "$BUILD/tests/fuzz/fuzz_$name" ] || die "no such target: $name"
			fuzz "$name" &
			PIDS+=($!)
		done
		for name in "${started[@]}"; do
			wait "${PIDS[0]}"
			rc=$?
			PIDS=("${PIDS[@]:1}")
			report "$name" "$rc"
		done
	done
	say "$PASSED passed, $FAILED failed"
	[ "$FAILED" -eq 0 ]
}

main "$@"
