#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The library in somebody else's program: tests/embed/natbox.c, built against an installed
# libsluice by pkg-config alone, carries ping and curl between two namespaces.
set -u
. "$(dirname "$0")/lib.sh"

STAGE=$TMP/stage
HOST_MAC=02:00:00:00:00:02
ROUTER_MAC=02:00:00:00:01:02

# What a package would put into /usr, here below a directory.
install_library() {
	meson install -C "$BUILD" --no-rebuild --destdir "$STAGE" || return
	PC=$(dirname "$(find "$STAGE" -name libsluice.pc)")
	sed -i "s|^prefix=|prefix=$STAGE|" "$PC/libsluice.pc"
	export PKG_CONFIG_PATH=$PC
	LIBDIR=$(pkg-config --variable=libdir libsluice)
}

# Sanitizers of the library are wanted by the program as well.
sanitizers() {
	! nm -D "$LIBDIR/libsluice.so" | grep -q __asan_ || printf '%s\n' -fsanitize=address,undefined
}

build_program() {
	# shellcheck disable=SC2046
	${CC:-cc} -O2 -Wall -Wextra -Werror $(sanitizers) "$ROOT/tests/embed/natbox.c" \
		$(pkg-config --cflags --libs libsluice) -o "$TMP/natbox"
}

# Each header by itself, as C and, where there is a compiler for it, as C++.
headers_alone() {
	local header cxx
	cxx=$(command -v g++ || :)
	for header in "$STAGE"/usr/local/include/sluice/*.h; do
		# shellcheck disable=SC2046
		${CC:-cc} -Wall -Wextra -Werror $(pkg-config --cflags libsluice) -fsyntax-only -x c "$header" &&
			{ [ -z "$cxx" ] || $cxx -Wall -Wextra -Werror $(pkg-config --cflags libsluice) \
				-fsyntax-only -x c++ "$header"; } || return
	done
}

# link NAMESPACE MAC ADDRESS GATEWAY: a veth from there to gw; the gateway's MAC is known.
make_link() {
	local ns=$1 mac=$2 addr=$3
	ip netns add "$LAB-$ns" &&
		ip -n "$LAB-gw" link add "$ns" type veth peer name eth0 netns "$LAB-$ns" &&
		ip -n "$LAB-$ns" link set eth0 address "$mac" up &&
		ip -n "$LAB-$ns" addr add "$addr" dev eth0 &&
		ip -n "$LAB-$ns" link set lo up &&
		ip -n "$LAB-gw" link set "$ns" up &&
		on "$ns" ethtool -K eth0 tx off && on gw ethtool -K "$ns" tx off
}

mac_in_gw() {
	ip netns exec "$LAB-gw" cat "/sys/class/net/$1/address"
}

make_network() {
	ip netns add "$LAB-gw" &&
		make_link lan1 $HOST_MAC 10.0.0.2/24 && make_link wan1 $ROUTER_MAC 192.0.2.2/24 &&
		ip -n "$LAB-lan1" route add default via 10.0.0.1 &&
		ip -n "$LAB-lan1" neigh add 10.0.0.1 lladdr "$(mac_in_gw lan1)" dev eth0 nud permanent &&
		ip -n "$LAB-wan1" neigh add 192.0.2.1 lladdr "$(mac_in_gw wan1)" dev eth0 nud permanent
}

start_program() {
	# shellcheck disable=SC2046
	LD_LIBRARY_PATH=$LIBDIR spawn gw "$TMP/natbox" -l 0 --no-pci --no-telemetry \
		--file-prefix "$LAB-natbox" $(memory_options) \
		--vdev net_af_packet0,iface=lan1 --vdev net_af_packet1,iface=wan1 -- \
		10.0.0.2 $HOST_MAC 192.0.2.2 $ROUTER_MAC
	NATBOX=$SPAWNED_PID
	wait_for 30 on lan1 ping -n -c 1 -W 1 192.0.2.2
}

sees_the_pool() {
	says 192.0.2.1: on lan1 "$PEER" ask tcp 192.0.2.2 7 hello
}

download() {
	on lan1 curl -sS --max-time 60 -o "$TMP/got" http://192.0.2.2:8080/file &&
		cmp "$TMP/www/file" "$TMP/got"
}

serve_files() {
	mkdir "$TMP/www" && head -c 4000000 /dev/urandom >"$TMP/www/file" &&
		serve wan1 tcp 8080 "$PEER" web 8080 "$TMP/www" && serve wan1 tcp 7 "$PEER" echo 7
}

ends_clean() {
	end_process "$NATBOX" 10
	wait "$NATBOX" || return
	grep -E '^[1-9][0-9]* sessions, [1-9][0-9]* packets' "$TMP/spawned.log"
}

begin
need 'the library installs, with header and pkg-config file' install_library
need 'a program builds against it by pkg-config' build_program
check 'each header compiles alone, as C and C++' headers_alone
need 'two namespaces and a gateway between them' make_network
need 'the program starts and a ping comes back' start_program
need 'servers outside' serve_files
check 'a server sees the outside address' sees_the_pool
check 'curl fetches a file' download
check 'SIGTERM ends it with its figures' ends_clean
check 'no sanitizer report' no_sanitizer_report
printf '1..%d\n' "$N_CHECKS"
[ "$N_FAILED" -eq 0 ]
