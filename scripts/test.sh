#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every test there is: style, unit tests and packet tables under ASan and UBSan, then
# tests/e2e/ with real programs in network namespaces, sluice built with sanitizers too.
#
#   scripts/test.sh [--quick] [PATTERN]
#
#   --quick    of the end-to-end tests only basic_test.sh
#   PATTERN    only tests whose name contains it (lint, a meson test, an e2e script)
#
# What failed is named once more at the end. The last line is "N passed, N failed"; the exit
# status is 0 when none failed and some ran.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT" || exit

QUICK='' PATTERN=''
PASSED=0 FAILED=0 SKIPPED=0
BAD=() # what failed, by name
E2E_LIMIT=300 # seconds for one script
E2E_LANES=2 # so many scripts at a time: each waits for others' programs most of the time
E2E_ALONE='basic faults floods looking restart stall' # not beside another: these look at times and rates
CHILD=''
declare -A LANE=() # process -> its script
declare -A BEGAN=()
AGAIN=() # scripts that have failed once
AGAIN_MAX=6
TMP=$(mktemp -d /tmp/sluice-test.XXXXXX)

export ASAN_OPTIONS=abort_on_error=1:${ASAN_OPTIONS:-}
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1:${UBSAN_OPTIONS:-}

clean_up() {
	trap '' INT TERM
	local pid
	for pid in $CHILD "${!LANE[@]}"; do
		process_alive "$pid" || continue
		kill "$pid"
		wait_for 20 process_gone "$pid"
		[ -z "${LANE[$pid]:-}" ] || e2e_leftovers "$pid"
	done
	rm -rf "$TMP"
}

wanted() {
	[[ $1 == *"$PATTERN"* ]]
}

# run COMMAND...: in the background, so that a signal to this script is acted upon at once.
run() {
	"$@" &
	CHILD=$!
	wait "$CHILD"
}

# ---- build ----

build_dir() {
	local dir=$1
	shift
	[ -f "$dir/build.ninja" ] || run meson setup "$dir" "$@" >"$TMP/build.log" 2>&1 ||
		{ tail -n 30 "$TMP/build.log"; return 1; }
	run ninja -C "$dir" >"$TMP/build.log" 2>&1 ||
		{ grep -A 8 -E 'error|FAILED' "$TMP/build.log" | head -n 60; return 1; }
}

build() {
	say "== build"
	build_dir build-asan -Db_sanitize=address,undefined -Db_lundef=false -Dbuildtype=debugoptimized
}

# ---- style ----

lint() {
	say "== lint"
	if run scripts/lint.sh; then
		PASSED=$((PASSED + 1))
	else
		FAILED=$((FAILED + 1))
		BAD+=(lint)
	fi
}

# ---- unit tests and packet tables ----

# One line for each meson test: name, passed, failed, skipped, by the cmocka tests in it.
COUNT_CMOCKA='
	((.stdout // "") + "\n" + (.stderr // "")) as $log
	| ([$log | scan("\\[       OK \\]")] | length) as $ok
	| ([$log | scan("\\[  FAILED  \\] ([A-Za-z0-9_]+)\\n")] | unique | length) as $bad
	| ([$log | scan("\\[  SKIPPED \\] ([A-Za-z0-9_]+)\\n")] | unique | length) as $skipped
	| (.result == "OK" or .result == "EXPECTEDFAIL") as $good
	| (.result == "SKIP") as $none
	| [.name,
	   (if $good and $ok == 0 then 1 else $ok end),
	   (if $good or $none then $bad else ([$bad, 1] | max) end),
	   (if $none and $skipped == 0 then 1 else $skipped end)]
	| @tsv'

unit_tests() {
	local names name passed failed skipped
	mapfile -t names < <(meson test -C build-asan --list 2>/dev/null |
		sed -n 's|^sluice[^/]* / ||p' | grep -F -- "$PATTERN")
	[ ${#names[@]} -eq 0 ] && return
	say "== unit tests and packet tables"
	rm -f build-asan/meson-logs/testlog.json
	run meson test -C build-asan --no-rebuild --print-errorlogs "${names[@]}" >"$TMP/unit.log" 2>&1 ||
		sed -n '/^Summary of Failures/q; p' "$TMP/unit.log" | tail -n 150
	while IFS=$'\t' read -r name passed failed skipped; do
		printf '%-32s %4d passed, %d failed\n' "$name" "$passed" "$failed"
		PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
		[ "$failed" -eq 0 ] || BAD+=("$name")
	done < <(jq -r "$COUNT_CMOCKA" build-asan/meson-logs/testlog.json)
	# what a passing test wants to be read
	jq -r '.stdout // empty' build-asan/meson-logs/testlog.json | grep '^note: '
}

# ---- end to end ----

e2e_scripts() {
	if [ -n "$QUICK" ]; then
		printf '%s\n' tests/e2e/basic_test.sh
	else
		printf '%s\n' tests/e2e/*_test.sh
	fi
}

# tally FILE: what one script has said; false when something failed, or it broke off.
tally() {
	local line ended=''
	OK=0 NOT_OK=0 LEFT_OUT=0
	while IFS= read -r line; do
		case $line in
		'ok - '*) OK=$((OK + 1)) ;;
		'not ok - '*) NOT_OK=$((NOT_OK + 1)) ;;
		'skip - '*) LEFT_OUT=$((LEFT_OUT + 1)) ;;
		'1..'*) ended=yes ;;
		esac
	done <"$1"
	[ -n "$ended" ] || NOT_OK=$((NOT_OK + 1))
	[ -n "$ended" ] && [ "$NOT_OK" -eq 0 ]
}

# Show what one script has said, and count it. One that failed may do so because the machine was
# busy: it gets a second run, alone, and that one counts. Both are shown.
e2e_count() {
	local script=$1 log=$TMP/$1.log
	say "== $script"
	if ! tally "$log" && [ ${#AGAIN[@]} -lt $AGAIN_MAX ] && [[ " ${AGAIN[*]} " != *" $script "* ]]; then
		AGAIN+=("$script")
		sed 's/^/# /' "$log"
		say "# $script has failed; it runs again, alone, at the end"
		return
	fi
	cat "$log"
	grep -q '^1\.\.' "$log" || say "not ok - $script did not run to its end"
	PASSED=$((PASSED + OK)) FAILED=$((FAILED + NOT_OK)) SKIPPED=$((SKIPPED + LEFT_OUT))
	[ "$NOT_OK" -eq 0 ] || BAD+=("$script")
}

# A session for each script: it has its share of the processors whatever another does, and what it
# may leave can be told.
e2e_start() {
	local script
	script=$(basename "$1")
	(
		export LAB=t$BASHPID SLUICE_BUILD=$ROOT/build-asan
		exec setsid timeout -k 30 "$E2E_LIMIT" "$1" >"$TMP/$script.log" 2>&1
	) &
	LANE[$!]=$script
	BEGAN[$script]=$SECONDS
}

# e2e_leftovers PROCESS: what a script that did not end by itself has left of its own.
e2e_leftovers() {
	local pid lab
	for pid in $(ps -o pid= -s "$1"); do
		process_alive "$pid" || continue
		ps -o pid=,args= -p "$pid" | sed 's/^/# left behind: /'
		kill -KILL "$pid" 2>/dev/null
	done
	for lab in "t$1" "t$1b"; do
		[ ! -d "/run/$lab-lab" ] || LAB=$lab scripts/lab.sh down
	done
}

# Wait until one script has ended.
e2e_end() {
	local pid script
	wait -n -p pid "${!LANE[@]}"
	script=${LANE[$pid]}
	unset "LANE[$pid]"
	e2e_leftovers "$pid" >>"$TMP/$script.log" 2>&1
	e2e_count "$script"
	say "   $((SECONDS - BEGAN[$script])) s"
}

# e2e_run LANES SCRIPT...
e2e_run() {
	local lanes=$1 script
	shift
	for script in "$@"; do
		while [ ${#LANE[@]} -ge "$lanes" ]; do
			e2e_end
		done
		e2e_start "$script"
	done
	while [ ${#LANE[@]} -gt 0 ]; do
		e2e_end
	done
}

e2e_tests() {
	local script name alone=() beside=()
	for script in $(e2e_scripts); do
		name=$(basename "$script" _test.sh)
		wanted "${name}_test" || continue
		case " $E2E_ALONE " in
		*" $name "*) alone+=("$script") ;;
		*) beside+=("$script") ;;
		esac
	done
	e2e_run 1 "${alone[@]}"
	e2e_run "$E2E_LANES" "${beside[@]}"
	e2e_run 1 "${AGAIN[@]/#/tests/e2e/}"
}

summary() {
	local skipped=''
	[ "$SKIPPED" -eq 0 ] || skipped=", $SKIPPED skipped"
	[ ${#BAD[@]} -eq 0 ] || say "failed: ${BAD[*]}"
	say "$PASSED passed, $FAILED failed$skipped"
	[ "$FAILED" -eq 0 ] && [ $((PASSED + FAILED)) -gt 0 ]
}

main() {
	[ "${1:-}" != --quick ] || { QUICK=yes && shift; }
	PATTERN=${1:-}
	[[ $PATTERN != -* ]] || { sed -n 's/^#   //p' "$0"; exit 2; }
	need_root
	trap clean_up EXIT
	trap 'exit 130' INT TERM
	run scripts/setup.sh || exit
	if ! build; then
		FAILED=$((FAILED + 1))
		say "not ok - build"
		summary
		exit
	fi
	! wanted lint || lint
	unit_tests
	e2e_tests
	summary
}

main "$@"
