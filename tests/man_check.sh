#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# man_check.sh DIRECTORY: each page of the manual below it is set without a warning of troff, has
# the sections that people look for, and no @part@ is left in it. Prints each offence.
set -u

OFFENCES=0

offence() {
	printf '%s\n' "$1"
	OFFENCES=$((OFFENCES + 1))
}

command -v man >/dev/null || { echo "man is missing: scripts/setup.sh test"; exit 1; }
shopt -s nullglob
PAGES=("$1"/*.[158])
[ ${#PAGES[@]} -gt 0 ] || offence "$1: there is no page"

for page in "${PAGES[@]}"; do
	found=$(LC_ALL=C.UTF-8 MANWIDTH=80 MANROFFSEQ='' man --warnings=w -E UTF-8 -l -Tutf8 "$page" 2>&1 >/dev/null)
	[ -z "$found" ] || offence "$found"
	for section in NAME SYNOPSIS DESCRIPTION EXAMPLES FILES 'SEE ALSO'; do
		grep -qx "\.SH $section" "$page" || offence "$page: there is no section $section"
	done
	found=$(grep -n '^@' "$page") && offence "$page: not filled in: $found"
done

[ "$OFFENCES" -eq 0 ]
