#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# fill.sh SLUICE VERSION EXAMPLE PAGE: print a page of the manual. A line @part@ becomes what
# `sluice --document part` prints, @example@ the example file.
set -eu
sluice=$1 version=$2 example=$3 page=$4

while IFS= read -r line; do
	case $line in
	@example@) sed 's/\\/\\e/g; s/-/\\-/g; s/^\([.'\'']\)/\\\&\1/' "$example" ;;
	@*@)
		part=${line#@}
		"$sluice" --document "${part%@}"
		;;
	*@VERSION@*) printf '%s\n' "${line%%@VERSION@*}$version${line#*@VERSION@}" ;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$page"
