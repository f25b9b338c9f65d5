#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What the house style refuses, formatting, and what cppcheck and clang-tidy find in lib, helpers
# and app. Prints each offence as file:line: text.
#
#   scripts/lint.sh [--tidy]     --tidy: all that .clang-tidy names, which takes many minutes;
#                                else those of it that find something and are quick (QUICK)
#
# Both are slow, so a file that was clean is not looked at again until it, a header or the
# rules change: build-lint keeps a stamp of each, of either set.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT" || exit

OFFENCES=0
TIDY=${TIDY:-}

sources() {
	find "$@" -name '*.[ch]' 2>/dev/null | sort
}

# The file with comments and strings blanked out, its lines as they were.
bare() {
	perl -0777 -pe 's{(/\*.*?\*/|//[^\n]*)|("(?:\\.|[^"\\\n])*")|(\x27(?:\\.|[^\x27\\\n])*\x27)}
		{ my $t = $&; $t =~ s/[^\n]/ /g; $t }gsex' "$1"
}

# refuse WHAT REGEX FILE...: the regex must not occur outside comments and strings.
refuse() {
	local what=$1 regex=$2 file found
	shift 2
	for file in "$@"; do
		found=$(bare "$file" | grep -nP "$regex") || continue
		printf '%s\n' "$found" | sed "s|^\([0-9]*\):[[:space:]]*|$file:\1: $what: |"
		OFFENCES=$((OFFENCES + 1))
	done
}

format() {
	local files found
	mapfile -t files < <(sources lib app helpers tests)
	found=$(clang-format --dry-run "${files[@]}" 2>&1 | sed -n 's/^\([^:]*:[0-9]*\):.*/\1: not as clang-format writes it/p' |
		sort -u -t: -k1,1 -k2,2n)
	[ -z "$found" ] && return
	printf '%s\n' "$found" | head -n 40
	OFFENCES=$((OFFENCES + $(wc -l <<<"$found")))
}

# What an outsider feeds is hashed by lib/hash.h. Others may be foreseen: routes, whose hash
# nobody feeds, numbers that stand for something, and the checksum of a file.
foreseen() {
	local files
	mapfile -t files < <(sources lib app helpers |
		grep -v -e '^app/image\.c$' -e '^app/pcpd\.c$' -e '^app/rib\.c$' -e '^helpers/lease_place\.c$')
	refuse 'hash that can be foreseen' '\brte_(jhash|hash_crc|softrss)\w*\s*\(|=\s*rte_(jhash|hash_crc)\b' "${files[@]}"
}

shell_syntax() {
	local file
	for file in scripts/*.sh tests/*.sh tests/e2e/*.sh .ci/run; do
		bash -n "$file" || OFFENCES=$((OFFENCES + 1))
	done
}

# tests/RFC.md names tests that exist, and every test named after an RFC.
rfc_names() {
	local found
	found=$(bash tests/rfc_check.sh) && return
	printf '%s\n' "$found"
	OFFENCES=$((OFFENCES + $(wc -l <<<"$found")))
}

# tests/ATTACKS.md names tests that exist.
attack_names() {
	local found
	found=$(bash tests/attacks_check.sh) && return
	printf '%s\n' "$found"
	OFFENCES=$((OFFENCES + $(wc -l <<<"$found")))
}

# ---- clang-tidy and cppcheck ----

LINT=build-lint
INCLUDES=(-Ilib -Ihelpers -Iapp)

# About half a second for a file, of which most is reading DPDK's headers; all take ten times that.
QUICK='-*,bugprone-branch-clone,bugprone-integer-division,bugprone-macro-repeated-side-effects'
QUICK+=',bugprone-misplaced-*,bugprone-posix-return,bugprone-redundant-branch-condition'
QUICK+=',bugprone-string-literal-with-embedded-nul'
QUICK+=',bugprone-suspicious-enum-usage,bugprone-suspicious-include'
QUICK+=',bugprone-suspicious-mem*,bugprone-suspicious-missing-comma'
QUICK+=',bugprone-suspicious-semicolon,bugprone-suspicious-string-compare'
QUICK+=',bugprone-terminating-continue,bugprone-too-small-loop-variable'
QUICK+=',cert-env33-c,cert-flp30-c,cert-msc30-c,cert-pos44-c'
QUICK+=',misc-misplaced-const,misc-redundant-expression'

# What the verdict on a file depends on besides the file.
rules() {
	cat .clang-tidy scripts/lint.sh lib/*.h lib/counters.def helpers/*.h app/*.h
	clang-tidy --version
	cppcheck --version
	printf '%s\n' "$TIDY"
}

# One file; what is found goes to its log, a stamp tells that it was nothing.
analyse() {
	local file=$1 log="$LINT/$TIDY${1//\//.}" checks=()
	[ -n "$TIDY" ] || checks=("--checks=$QUICK")
	clang-tidy --quiet "${checks[@]}" "$file" -- -std=gnu17 -D_GNU_SOURCE '-DSLUICE_VERSION="lint"' \
		-include rte_config.h -march=corei7 "${INCLUDES[@]}" $DPDK_FLAGS 2>/dev/null |
		grep -E '(warning|error):' | sed "s|$ROOT/||" | sort -u >"$log.log"
	# uninitvar, invalidPrintfArgType: clang-tidy and gcc see through the macros, and cppcheck not
	cppcheck --quiet --std=c11 --library=bsd --enable=warning,performance,portability \
		--inline-suppr --suppress=missingInclude --suppress=unknownMacro \
		--suppress=uninitvar --suppress=ctuuninitvar --suppress=invalidPrintfArgType_uint --template='{file}:{line}: {message} [{id}]' \
		-D_GNU_SOURCE "${INCLUDES[@]}" "$file" >>"$log.log" 2>&1
	[ -s "$log.log" ] || { printf '%s\n' "$RULES" && cat "$file"; } | sha256sum >"$log.clean"
}

unclean() {
	local file
	for file in "$@"; do
		{ printf '%s\n' "$RULES" && cat "$file"; } | sha256sum |
			cmp -s - "$LINT/$TIDY${file//\//.}.clean" || printf '%s\n' "$file"
	done
}

analysers() {
	local files found
	command -v cppcheck >/dev/null || die "cppcheck is missing: scripts/setup.sh build"
	command -v clang-tidy >/dev/null || die "clang-tidy is missing: scripts/setup.sh lint"
	mkdir -p "$LINT"
	DPDK_FLAGS=$(pkg-config --cflags libdpdk libmnl libmicrohttpd expat | sed 's/-I/-isystem /g')
	RULES=$(rules | sha256sum)
	export LINT DPDK_FLAGS RULES ROOT TIDY
	mapfile -t files < <(find lib helpers app -name '*.c' | sort)
	mapfile -t files < <(unclean "${files[@]}")
	[ ${#files[@]} -gt 0 ] || return
	printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 1 "$0" --analyse
	found=$(for f in "${files[@]}"; do cat "$LINT/$TIDY${f//\//.}.log"; done | sort -u)
	[ -z "$found" ] && return
	printf '%s\n' "$found"
	OFFENCES=$((OFFENCES + $(wc -l <<<"$found")))
}

if [ "${1:-}" = --analyse ]; then
	analyse "$2"
	exit
fi

case ${1:-} in
'') ;;
--tidy) TIDY=all. ;;
*) die "'$1': expected --tidy" ;;
esac

mapfile -t ALL < <(sources lib app helpers)
mapfile -t LIBRARY < <(sources lib helpers)
mapfile -t NOT_MAIN < <(sources lib app helpers | grep -v '^app/main\.c$')

format
analysers
shell_syntax
rfc_names
attack_names
foreseen
refuse 'ends the program outside app/main.c' \
	'\b(exit|_exit|quick_exit|abort|rte_exit|rte_panic|RTE_VERIFY|assert)\s*\(' "${NOT_MAIN[@]}"
refuse 'prints from the library' '\b(v?f?printf|puts|fputs|putchar|perror)\s*\(' "${LIBRARY[@]}"
refuse 'unbounded string function' '\b(strcpy|strcat|sprintf|vsprintf|gets)\s*\(' "${ALL[@]}"
mapfile -t PATH_OF_PACKETS < <(sources lib | grep -v -e '^lib/nat\.c$' -e '^lib/log\.h$' && echo app/worker.c)
refuse 'logs on the packet path' '\b(SL_LOG|rte_v?log|RTE_LOG(_DP)?)\s*\(' "${PATH_OF_PACKETS[@]}"
refuse 'volatile' '\bvolatile\b' "${ALL[@]}"
refuse 'reads a clock' \
	'\b(rte_rdtsc\w*|rte_get_(tsc|timer)_cycles|clock_gettime|gettimeofday|time)\s*\(' "${LIBRARY[@]}"

[ "$OFFENCES" -eq 0 ] || { say "lint: $OFFENCES offences"; exit 1; }
