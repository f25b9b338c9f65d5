#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Endurance: workers and control in threads of their own under the thread sanitizer, the reference
# model against the packet path, every mode with 1, 2 and 3 workers and seeds that nobody has tried,
# then real programs through the running box.
#
#   scripts/soak.sh --minutes N [--seed S]
#
# Half of the time is the model's, a tenth of that under ASan and UBSan; the rest is the box's.
# What fails says how to see it again. The last line is "N passed, N failed".
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT" || exit

MODES=(ei ed fixed blocks nat64)
MINUTES='' SEED=$(date +%s)
PASSED=0 FAILED=0
CHILD=''
TMP=$(mktemp -d /tmp/sluice-soak.XXXXXX)

export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1:${ASAN_OPTIONS:-}
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:${UBSAN_OPTIONS:-}

clean_up() {
	trap '' INT TERM
	if process_alive "$CHILD"; then
		kill "$CHILD"
		wait_for 20 process_gone "$CHILD"
	fi
	rm -rf "$TMP"
}

# run COMMAND...: in the background, so that a signal to this script is acted upon at once.
run() {
	"$@" &
	CHILD=$!
	wait "$CHILD"
}

# build_dir DIRECTORY TARGETS MESON-OPTION...
build_dir() {
	local dir=$1 targets
	read -ra targets <<<"$2"
	shift 2
	[ -f "$dir/build.ninja" ] || run meson setup "$dir" "$@" >"$TMP/build.log" 2>&1 ||
		{ tail -n 30 "$TMP/build.log"; return 1; }
	run ninja -C "$dir" "${targets[@]}" >"$TMP/build.log" 2>&1 ||
		{ grep -A 8 -E 'error|FAILED' "$TMP/build.log" | head -n 60; return 1; }
}

build() {
	say "== build"
	build_dir build-release 'app/sluice app/sluicectl tests/test_model' -Dbuildtype=release &&
		build_dir build-asan tests/test_model -Db_sanitize=address,undefined -Db_lundef=false -Dbuildtype=debugoptimized &&
		build_dir build-tsan tests/test_threads -Db_sanitize=thread -Db_lundef=false -Dbuildtype=debugoptimized \
			'-Dc_args=-DRTE_USE_C11_MEM_MODEL -Wno-tsan'
}

# No field has two writers, or is read while it is written, but by the means that are made for it.
threads() {
	local log=$TMP/threads.log
	say "== threads"
	if TSAN_OPTIONS="history_size=7 suppressions=$ROOT/tests/tsan.supp" run build-tsan/tests/test_threads >"$log" 2>&1 &&
		! grep -q 'WARNING: ThreadSanitizer' "$log"; then
		say "ok - two workers and control under the thread sanitizer"
		PASSED=$((PASSED + 1))
	else
		sed 's/^/#   /' "$log" | head -n 200
		say "not ok - two workers and control under the thread sanitizer"
		FAILED=$((FAILED + 1))
	fi
}

# model DIRECTORY MODE WORKERS SECONDS: one game after the other.
model() {
	local log=$TMP/model.log
	SEED=$((SEED + 100003))
	if run "$1/tests/test_model" --mode "$2" --workers "$3" --seconds "$4" --seed "$SEED" \
		>"$log" 2>&1; then
		say "ok - model, $1: $(grep -m1 'steps in' "$log")"
		PASSED=$((PASSED + 1))
	else
		sed 's/^/#   /' "$log" | head -n 400
		say "not ok - model, $1: $2, $3 workers, from seed $SEED on"
		FAILED=$((FAILED + 1))
	fi
}

models() {
	local mode workers total=$((MINUTES * 60 / 2)) each
	each=$((total * 9 / 10 / 15))
	say "== model, $SEED"
	for mode in "${MODES[@]}"; do
		for workers in 1 2 3; do
			model build-release "$mode" "$workers" $((each > 0 ? each : 1))
			model build-asan "$mode" "$workers" $((each > 9 ? each / 9 : 1))
		done
	done
}

box() {
	local line
	say "== box"
	mkfifo "$TMP/pipe"
	SLUICE_BUILD=$ROOT/build-release tests/e2e/soak.sh $((MINUTES * 60 / 2)) >"$TMP/pipe" 2>&1 &
	CHILD=$!
	while IFS= read -r line; do
		say "$line"
		case $line in
		'ok - '*) PASSED=$((PASSED + 1)) ;;
		'not ok - '*) FAILED=$((FAILED + 1)) ;;
		esac
	done <"$TMP/pipe"
	if ! wait "$CHILD" && [ "$FAILED" -eq 0 ]; then
		say "not ok - the box's part did not run to its end"
		FAILED=$((FAILED + 1))
	fi
}

main() {
	while [ $# -gt 1 ]; do
		case $1 in
		--minutes) MINUTES=$2 ;;
		--seed) SEED=$2 ;;
		*) break ;;
		esac
		shift 2
	done
	[[ $# -eq 0 && $MINUTES =~ ^[1-9][0-9]*$ && $SEED =~ ^[0-9]+$ ]] ||
		die "usage: scripts/soak.sh --minutes N [--seed S]"
	need_root
	trap clean_up EXIT
	trap 'exit 130' INT TERM
	run scripts/setup.sh || exit
	if ! build; then
		say "not ok - build"
		say "0 passed, 1 failed"
		exit 1
	fi
	threads
	models
	box
	say "$PASSED passed, $FAILED failed"
	[ "$FAILED" -eq 0 ]
}

main "$@"
