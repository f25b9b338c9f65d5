#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# PPTP with real programs: pptp-linux against pptpd, the client inside or the server inside. This
# kernel has no PPP, so pppend.py stands in for pppd at both ends; random bytes go both ways
# through each tunnel and are compared.
set -u
. "$(dirname "$0")/lib.sh"

END=$ROOT/tests/e2e/pppend.py
OUTSIDE=192.0.2.1
DATA=$TMP/data
SIZE=${SIZE:-150000}

# ---- ends ----

# pptpd HOST; the data of its tunnels are in $DATA. Its call ids are random enough.
pptpd_on() {
	mkdir -p "$DATA"
	: >"$DATA/options"
	printf '%s\n' "ppp $END" "option $DATA/options" 'localip 10.99.0.1' \
		'remoteip 10.99.0.2-100' noipparam debug >"$TMP/pptpd-$1.conf"
	serve "$1" tcp 1723 pptpd --fg --conf "$TMP/pptpd-$1.conf" --pidfile "$TMP/pptpd-$1.pid"
}

# dial HOST NAME SERVER: a tunnel that stays; its process is in $SPAWNED_PID. Clients find each
# other by sockets in /run, which each of them has to itself here.
dial() {
	rm -f "$DATA/$2".*
	# shellcheck disable=SC2016
	spawn "$1" unshare -m --propagation private sh -c \
		'mount -t tmpfs tmpfs /run && exec "$@"' sh "$END" client "$2" "$DATA" "$SIZE" \
		pptp "$3" --nolaunchpppd --nohostroute --loglevel 2
}

hang_up() {
	end_process "$1" 5
	wait "$1" 2>/dev/null
}

is_done() {
	[ -e "$DATA/$1.done" ]
}

# What one end sent is what the other one got, both ways.
same() {
	wait_for 20 is_done "$1" && wait_for 5 test -s "$DATA/$1.server-got" &&
		[ "$(stat -c %s "$DATA/$1.client-sent")" -eq "$SIZE" ] &&
		cmp "$DATA/$1.client-sent" "$DATA/$1.server-got" &&
		cmp "$DATA/$1.server-sent" "$DATA/$1.client-got"
}

answers() {
	cat "$DATA/$1.alive" 2>/dev/null || echo 0
}

answers_above() {
	[ "$(answers "$1")" -gt "$2" ]
}

alive() {
	wait_for 5 answers_above "$1" $(($(answers "$1") + 3))
}

# ---- looking ----

gre_sessions() {
	ctl -j show sessions proto gre | jq '.sessions | length'
}

gre_sessions_are() {
	[ "$(gre_sessions)" -eq "$1" ]
}

helper_figure() {
	ctl -j show helpers | jq ".helpers[] | select(.helper == \"pptp\") | .$1"
}

# ---- tunnels ----

off_by_default() {
	[ "$(helper_figure flows)" -eq 0 ] && ctl show configuration | fails grep 'helper pptp on' &&
		ctl helper pptp on && says 'helper pptp on' ctl show configuration
}

one_client() {
	dial lan1 one 192.0.2.2 && ONE=$SPAWNED_PID && same one && gre_sessions_are 1
}

two_clients_at_once() {
	dial lan2 two 192.0.2.2 && TWO=$SPAWNED_PID && same two && gre_sessions_are 2 &&
		alive one && alive two
}

another_server() {
	dial lan1 far 198.51.100.2 && same far && gre_sessions_are 3 && hang_up "$SPAWNED_PID" &&
		wait_for 5 gre_sessions_are 2 && alive one
}

# The program ends its call by a message; the other one goes on.
ends_by_message() {
	hang_up "$ONE" && wait_for 5 gre_sessions_are 1 && alive two
}

# The control connection is cut in the middle, and both ends go on sending.
dies_with_its_connection() {
	local before
	before=$(counter drop_call_over)
	ctl clear sessions proto tcp inside 10.0.0.3 remote 192.0.2.2:1723 &&
		wait_for 5 gre_sessions_are 0 && wait_for 5 counter_above drop_call_over $((before + 5)) &&
		before=$(answers two) && wait_for 5 counter_above drop_call_over \
		$(($(counter drop_call_over) + 10)) && [ "$(answers two)" -le $((before + 1)) ] &&
		gre_sessions_are 0
	local status=$?
	hang_up "$TWO"
	return $status
}

# The client's call manager is killed: its kernel closes the connection.
dies_with_its_process() {
	dial lan1 killed 192.0.2.2 && same killed || return
	pid=$(on lan1 ss -Htnp dport = :1723 | sed -n 's/.*pid=\([0-9]*\).*/\1/p' | head -1)
	[ -n "$pid" ] && kill -KILL "$pid" && wait_for 5 gre_sessions_are 0
	local status=$?
	hang_up "$SPAWNED_PID"
	return $status
}

# By addresses alone, a server has one client.
switched_off() {
	local first before status=0
	ctl helper pptp off && dial lan1 off1 192.0.2.2 && first=$SPAWNED_PID && same off1 || status=1
	before=$(counter drop_no_port)
	dial lan2 off2 192.0.2.2
	wait_for 10 counter_above drop_no_port "$before" || status=1
	fails is_done off2 || status=1
	hang_up "$SPAWNED_PID"
	hang_up "$first"
	ctl clear sessions proto gre
	ctl helper pptp on
	return $status
}

server_inside() {
	pptpd_on lan2 && ctl forward tcp $OUTSIDE:1723 to 10.0.0.3:1723
}

clients_outside() {
	local a b
	dial wan1 in1 $OUTSIDE && a=$SPAWNED_PID && dial wan2 in2 $OUTSIDE && b=$SPAWNED_PID &&
		same in1 && same in2 && gre_sessions_are 2 && alive in1 && hang_up "$a" &&
		wait_for 5 gre_sessions_are 1 && alive in2 && hang_up "$b" && wait_for 5 gre_sessions_are 0
}

hairpin() {
	dial lan1 pin $OUTSIDE && same pin && gre_sessions_are 2 && hang_up "$SPAWNED_PID" &&
		wait_for 5 gre_sessions_are 0
}

several_workers() {
	local a b
	lab stop && lab start --workers 3 && wait_for 10 on lan1 ping -c 1 -W 1 192.0.2.2 &&
		ctl helper pptp on && dial lan1 w1 192.0.2.2 && a=$SPAWNED_PID && dial lan2 w2 192.0.2.2 &&
		b=$SPAWNED_PID && same w1 && same w2 && gre_sessions_are 2 && hang_up "$a" &&
		wait_for 5 gre_sessions_are 1 && alive w2 && hang_up "$b" && wait_for 5 gre_sessions_are 0
}

begin
need 'lab comes up' lab up
need 'pptpd outside' pptpd_on wan1
need 'another one outside' pptpd_on wan2
check 'off by default' off_by_default
need 'a tunnel carries data both ways' one_client
check 'two clients of one server at the same time' two_clients_at_once
check 'one client of two servers at the same time' another_server
check 'a call ends by its message, the other one goes on' ends_by_message
check 'a tunnel dies with its control connection' dies_with_its_connection
check 'a tunnel dies when its client is killed' dies_with_its_process
check 'switched off: one client for each server' switched_off
need 'pptpd inside behind a forward' server_inside
check 'two clients outside of a server inside' clients_outside
check 'a client inside reaches a server inside' hairpin
check 'every packet is accounted for' balanced
check 'several workers' several_workers
check 'every packet is accounted for with several workers' balanced
finish
