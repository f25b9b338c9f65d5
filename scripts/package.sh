#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Debian packages: sluice, libsluice0, libsluice-dev, checked by lintian.
#
#   scripts/package.sh [DIRECTORY]     where they go; by default ./packages
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT" || exit

OUT=$(realpath -m "${1:-packages}")
WORK=$(mktemp -d /tmp/sluice-package.XXXXXX)
trap 'rm -rf "$WORK"' EXIT

# The tree without what was built in it, and its debian/ where the tools look for it.
copy_tree() {
	mkdir "$WORK/sluice" &&
		cp -a LICENSE README.md meson.build meson_options.txt app helpers lib scripts "$WORK/sluice/" &&
		mkdir "$WORK/sluice/tests" && cp -a tests/embed "$WORK/sluice/tests/" &&
		cp -a scripts/packaging/debian "$WORK/sluice/debian" &&
		cp scripts/packaging/sluice.conf "$WORK/sluice/debian/"
}

build_packages() {
	cd "$WORK/sluice" &&
		DEB_BUILD_OPTIONS="parallel=$(nproc) noautodbgsym" dpkg-buildpackage -b -us -uc >"$WORK/log" 2>&1
}

scripts/setup.sh build && scripts/setup.sh package || exit
copy_tree || die "cannot copy the tree"
(build_packages) || { tail -n 40 "$WORK/log"; die "dpkg-buildpackage failed"; }
# Whoever builds them is the maintainer, and puts a name of their own into debian/control.
lintian --allow-root --fail-on error --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog \
	"$WORK"/*.changes || die "lintian has found errors"
mkdir -p "$OUT" && cp "$WORK"/*.deb "$OUT/" && ls -l "$OUT"/*.deb
