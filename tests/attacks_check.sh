#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/ATTACKS.md names tests that exist, and has a row for each of the thirty classes. Prints
# each offence; exit status 1 when there are any.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit

OFFENCES=0

offence() {
	printf 'tests/ATTACKS.md: %s\n' "$1"
	OFFENCES=$((OFFENCES + 1))
}

# exists SUITE CASE: as rfc_check.sh has it; a test that is made by a macro of its file's counts
# when the file has a function of that name.
exists() {
	case $1 in
	fuzz) [ -d "fuzz/corpus/$2" ] ;;
	test_*) [ -f "$1.c" ] && grep -q "^$2(void \*\*state)" "$1.c" && [ "$(grep -c "\b$2\b" "$1.c")" -gt 1 ] ;;
	*) [ -f "cases/$1.c" ] && grep -q "^	{ \"$2\"," "cases/$1.c" ;;
	esac
}

while IFS=/ read -r suite name; do
	exists "$suite" "$name" || offence "there is no test $suite/$name"
done < <(grep -o '`[a-z0-9_]*/[a-z0-9_]*`' ATTACKS.md | tr -d '`' | grep -v '^tests/' | sort -u)

while read -r script name; do
	grep -qE "^check ['\"]$name['\"]" "e2e/${script%:}" 2>/dev/null ||
		offence "e2e/${script%:} has no check '$name'"
done < <(grep -o '`[a-z0-9_]*_test\.sh: [^`]*`' ATTACKS.md | tr -d '`' | sort -u)

for ((row = 1; row <= 31; row++)); do
	grep -q "^| $row |.*\`" ATTACKS.md || offence "there is no row $row with a test"
done

[ "$OFFENCES" -eq 0 ]
