#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Install what is missing to build and to test sluice, from Debian 12 alone.
#
#   scripts/setup.sh [build|test|bench|fuzz|lint|package|all]      default: all, which is build and test
#
# Quiet and quick when nothing is missing; needs root otherwise. Packages that bring
# a daemon are kept from starting it, now and at the next boot.
set -u

BUILD_PACKAGES=(gcc libc6-dev meson ninja-build pkg-config libdpdk-dev dpdk libnuma-dev libmnl-dev
	libmicrohttpd-dev libexpat1-dev libsystemd-dev libcmocka-dev clang-format cppcheck)
TEST_PACKAGES=(clang-tidy iproute2 procps ethtool iputils-ping curl iperf3 bind9 bind9-dnsutils dnsmasq-base
	traceroute tcptraceroute netcat-openbsd tcpdump python3 python3-scapy socat jq nfdump
	coturn stun-client valgrind dpdk-dev unbound tayga radvd vsftpd python3-pyftpdlib lftp tnftp
	tftpd-hpa tftp-hpa atftp ngircd weechat-headless weechat-plugins irssi tshark
	sip-tester baresip kamailio pptp-linux pptpd openssl
	miniupnpc transmission-daemon gupnp-tools natpmpc python3-libtorrent
	doxygen man-db groff-base
	prometheus python3-prometheus-client frr keepalived)
BENCH_PACKAGES=(dpdk-dev iproute2 procps nftables python3)
LINT_PACKAGES=(clang-tidy)
PACKAGE_PACKAGES=(dpkg-dev debhelper fakeroot lintian)
FUZZ_PACKAGES=(clang llvm)

# Print those of the given packages that are not installed.
missing_packages() {
	local p
	for p in "$@"; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' ||
			printf '%s\n' "$p"
	done
}

# dpkg asks this script before it starts a service: 101 is "no".
POLICY=/usr/sbin/policy-rc.d
forbid_services() {
	[ -e "$POLICY" ] && return
	trap 'rm -f "$POLICY"' EXIT
	trap 'exit 130' INT TERM
	printf '#!/bin/sh\nexit 101\n' >"$POLICY"
	chmod +x "$POLICY"
}

install_packages() {
	local log
	log=$(mktemp)
	export DEBIAN_FRONTEND=noninteractive
	if ! apt-get install -y --no-install-recommends "$@" >"$log" 2>&1; then
		# The package lists may be absent or old: renew them and try once more.
		if ! { apt-get update && apt-get install -y --no-install-recommends "$@"; } \
			>"$log" 2>&1; then
			tail -n 20 "$log" >&2
			rm -f "$log"
			echo "setup: apt-get could not install: $*" >&2
			return 1
		fi
	fi
	rm -f "$log"
}

main() {
	local wanted=() missing
	case ${1:-all} in
	build) wanted=("${BUILD_PACKAGES[@]}") ;;
	test) wanted=("${TEST_PACKAGES[@]}") ;;
	bench) wanted=("${BENCH_PACKAGES[@]}") ;;
	fuzz) wanted=("${FUZZ_PACKAGES[@]}") ;;
	lint) wanted=("${LINT_PACKAGES[@]}") ;;
	package) wanted=("${PACKAGE_PACKAGES[@]}") ;;
	all) wanted=("${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}") ;;
	*)
		echo "usage: scripts/setup.sh [build|test|bench|fuzz|lint|package|all]" >&2
		return 2
		;;
	esac
	mapfile -t missing < <(missing_packages "${wanted[@]}")
	[ ${#missing[@]} -eq 0 ] && return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "setup: missing packages: ${missing[*]}; run scripts/setup.sh as root" >&2
		return 1
	fi
	echo "setup: installing ${missing[*]}"
	forbid_services
	install_packages "${missing[@]}"
}

main "$@"
