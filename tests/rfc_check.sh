#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/RFC.md and the tests agree: every test that it names exists, and every case that is
# named after an RFC is in it. Prints each offence; exit status 1 when there are any.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit

OFFENCES=0

offence() {
	printf 'tests/RFC.md: %s\n' "$1"
	OFFENCES=$((OFFENCES + 1))
}

# The file of a suite: a table of cases or a program.
file_of() {
	case $1 in
	test_*) printf '%s.c' "$1" ;;
	*) printf 'cases/%s.c' "$1" ;;
	esac
}

exists() {
	local file
	file=$(file_of "$1")
	[ -f "$file" ] || return
	case $1 in
	test_*) grep -q "\(TEST\|cmocka_unit_test\(_setup_teardown\)\?\)($2\b" "$file" ;;
	*) grep -q "^	{ \"$2\"," "$file" ;;
	esac
}

while IFS=/ read -r suite name; do
	exists "$suite" "$name" || offence "there is no test $suite/$name"
done < <(grep -o '`[a-z0-9_]*/[a-z0-9_]*`' RFC.md | tr -d '`' | grep -v '^tests/' | sort -u)

while IFS=: read -r file name; do
	suite=$(basename "$file" .c)
	grep -q "$suite/$name\`" RFC.md || offence "$suite/$name is not named"
done < <(grep -o '^	{ "rfc[0-9]*_[a-z0-9_]*"' cases/*.c | sed 's/:.*"\(.*\)"/:\1/')

[ "$OFFENCES" -eq 0 ]
