#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Sixty seconds with sluice, without a NIC: build it, start it between two small networks,
# send real traffic through it, show what it saw, and take everything away again.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT" || exit

export LAB=demo$$
TMP=$(mktemp -d /tmp/sluice-quickstart.XXXXXX)
WEB=192.0.2.2
STEP=0
SERVERS=()
exec 3>&1 # for clean_up, which may run while stdout is redirected

clean_up() {
	local pid status=$?
	trap '' INT TERM
	for pid in "${SERVERS[@]}"; do
		end_process "$pid" 1
		wait "$pid" 2>/dev/null
	done
	scripts/lab.sh down >/dev/null 2>&1
	rm -rf "$TMP"
	[ $status -eq 0 ] || say "quickstart: stopped; nothing is left behind" >&3
}

step() {
	STEP=$((STEP + 1))
	printf '\n%d. %s\n' $STEP "$*"
}

# show COMMAND...: its output, indented; the end of the quickstart if it fails.
show() {
	"$@" >"$TMP/out" 2>&1
	local status=$?
	sed 's/^/     /' "$TMP/out"
	[ $status -eq 0 ] || die "failed: $*"
}

quiet() {
	"$@" >"$TMP/out" 2>&1 || { tail -n 30 "$TMP/out"; die "failed: $*"; }
}

on() {
	scripts/lab.sh exec "$@"
}

listening() {
	[ -n "$(on wan1 ss -Hltn "sport = :$1")" ]
}

# serve PORT COMMAND...: a server in wan1, until the end.
serve() {
	local port=$1
	shift
	ip netns exec "$LAB-wan1" "$@" >>"$TMP/servers.log" 2>&1 </dev/null &
	SERVERS+=($!)
	wait_for 10 listening "$port" || die "no server on port $port: $*"
}

build() {
	[ -f build/build.ninja ] || quiet meson setup build -Dtests=false
	quiet ninja -C build
}

servers() {
	mkdir "$TMP/www"
	head -c 10485760 /dev/urandom >"$TMP/www/file"
	serve 80 /usr/bin/python3 -m http.server --directory "$TMP/www" 80
	serve 5201 iperf3 -s
	serve 53 dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root \
		--no-resolv --no-hosts --listen-address=$WEB --bind-interfaces \
		--address=/www.example.net/203.0.113.7
}

download() {
	on lan1 curl -sS --max-time 60 -o "$TMP/got" -w '%{size_download} bytes in %{time_total} s\n' \
		"http://$WEB/file" && cmp "$TMP/www/file" "$TMP/got" && say "the same file on both sides"
}

speed() {
	on lan2 timeout 30 iperf3 -c $WEB -t 3 "$@" | grep -E 'sender|receiver'
}

main() {
	need_root
	trap clean_up EXIT
	trap 'exit 130' INT TERM
	step "Install what is missing, build"
	quiet scripts/setup.sh
	build
	step "A network of namespaces: two clients, sluice, a server, another one behind it"
	show scripts/lab.sh up
	servers
	show scripts/lab.sh status
	step "ping from a client, through sluice, to the server"
	show on lan1 ping -n -c 3 -i 0.2 -W 2 $WEB
	step "A file of 10 MB from the server's web server"
	show download
	step "iperf3, up and down"
	show speed
	show speed -R
	step "A name looked up by UDP, then by TCP"
	show on lan1 dig +short @$WEB www.example.net
	show on lan2 dig +short +tcp @$WEB www.example.net
	step "What sluice knows: sluicectl show sessions"
	show scripts/lab.sh ctl show sessions
	step "How busy it was: sluicectl show workers"
	show scripts/lab.sh ctl show workers
	step "What it has counted: sluicectl show counters"
	show scripts/lab.sh ctl show counters
	step "Everything is taken down again; scripts/lab.sh up gives you this network to play in"
}

main "$@"
