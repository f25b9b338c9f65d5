#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# API documentation of libsluice from its headers, by doxygen. A warning is an error: every
# function, field and value that a program can see is documented.
#
#   scripts/doc.sh [DIRECTORY]     HTML, by default into ./doc
#   scripts/doc.sh --check         nothing is written
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT" || exit

HEADERS=(lib/sluice.h lib/sluice_*.h lib/helper.h lib/save.h)
WORK=$(mktemp -d /tmp/sluice-doc.XXXXXX)
trap 'rm -rf "$WORK"' EXIT

# The counters are in a table that the header includes: doxygen sees them as they are expanded,
# each with its sentence.
write_filter() {
	cat >"$WORK/filter" <<-'END'
		#!/bin/sh
		sed -n 's/^SL_COUNTER(\([A-Z0-9_]*\), "[a-z0-9_]*", "\(.*\)")$/	SL_COUNTER_\1, \/**< \2 *\//p' \
			lib/counters.def >"$0.counters"
		sed -e '/^#include "counters.def"/r '"$0.counters" -e '/"counters.def"/d' -e '/SL_COUNTER(/d' \
			-e '/^#undef SL_COUNTER/d' "$1"
	END
	chmod +x "$WORK/filter"
}

write_main_page() {
	local h
	cat <<-'END'
		/** @mainpage libsluice

		A carrier-grade NAT as a library on DPDK: bursts of mbufs in, verdicts out. sluice.h says
		who may call what, and includes the rest but for helper.h and save.h:
	END
	for h in "${HEADERS[@]}"; do
		printf -- '- %s\n' "$(basename "$h")"
	done
	cat <<-'END'

		A whole program, built by

		    cc -O2 natbox.c $(pkg-config --cflags --libs libsluice) -o natbox

		@include natbox.c
		*/
	END
}

write_settings() {
	cat <<-END
		PROJECT_NAME = libsluice
		PROJECT_NUMBER = $(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
		INPUT = ${HEADERS[*]} $WORK/main.dox
		EXAMPLE_PATH = tests/embed
		OUTPUT_DIRECTORY = $1
		HTML_OUTPUT = .
		GENERATE_LATEX = NO
		QUIET = YES
		WARN_AS_ERROR = FAIL_ON_WARNINGS
		WARN_FORMAT = "\$file:\$line: \$text"
		JAVADOC_AUTOBRIEF = YES
		OPTIMIZE_OUTPUT_FOR_C = YES
		SORT_MEMBER_DOCS = NO
		STRIP_FROM_PATH = lib
		FULL_PATH_NAMES = NO
		FILTER_PATTERNS = *sluice_counters.h=$WORK/filter
		MACRO_EXPANSION = YES
		EXPAND_ONLY_PREDEF = YES
		PREDEFINED = "_Static_assert(x,y)="
		HAVE_DOT = NO
	END
}

command -v doxygen >/dev/null || die "doxygen is missing: scripts/setup.sh test"
write_filter
write_main_page >"$WORK/main.dox"
case ${1:-} in
--check) write_settings "$WORK/html" >"$WORK/settings" ;;
-*) die "'$1': expected a directory or --check" ;;
*)
	OUT=$(realpath -m "${1:-doc}")
	mkdir -p "$OUT" || exit
	write_settings "$OUT" >"$WORK/settings"
	;;
esac
doxygen "$WORK/settings" || die "doxygen has warnings, see above: each thing in a public header is documented"
[ -z "${OUT:-}" ] || say "$OUT/index.html"
