#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# FRR beside sluice announces the pools to an FRR router outside, over the outside TAP, while the
# box is healthy, and takes in the default route from it.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/freezelib.sh"
. "$(dirname "$0")/frrlib.sh"

ROUTER=192.0.2.2
POOL=203.0.113.0/28
PORT=9464

config() {
	cat >"$TMP/bgp.conf" <<-END
		inside address 10.0.0.1/24
		outside address 192.0.2.1/24
		pool cgn address $POOL
		service tcp 179
		announce pools hold 1
		metrics address 127.0.0.1:$PORT
	END
	# The box's FRR, as in app/guide/routing.md.
	cat >"$TMP/frr-gw.conf" <<-END
		ip prefix-list POOLS seq 5 permit 203.0.113.0/24 le 32
		route-map POOLS permit 10
		 match ip address prefix-list POOLS
		exit
		router bgp 65001
		 bgp router-id 192.0.2.1
		 no bgp ebgp-requires-policy
		 neighbor $ROUTER remote-as 65000
		 neighbor $ROUTER timers 3 9
		 neighbor $ROUTER timers connect 1
		 address-family ipv4 unicast
		  redistribute kernel route-map POOLS
		 exit-address-family
		exit
	END
	cat >"$TMP/frr-wan1.conf" <<-END
		router bgp 65000
		 bgp router-id $ROUTER
		 no bgp ebgp-requires-policy
		 neighbor 192.0.2.1 remote-as 65001
		 neighbor 192.0.2.1 timers 3 9
		 neighbor 192.0.2.1 timers connect 1
		 address-family ipv4 unicast
		  neighbor 192.0.2.1 default-originate
		 exit-address-family
		exit
	END
}

# ---- what is where ----

# told PREFIX...: the prefixes that sluice has for a routing daemon now, in order.
told() {
	local now
	now=$(on gw ip -4 route show proto 201 | awk '{ print $1 }' | sort | xargs)
	echo "told: $now; $(ctl show health)"
	[ "$now" = "$*" ]
}

# learned PREFIX: the router outside sends it to the box.
learned() {
	on wan1 ip route show "$1" proto bgp
	[ -n "$(on wan1 ip route show "$1" via 192.0.2.1 proto bgp)" ]
}

unlearned() {
	! learned "$1"
}

# The session itself stays: it was a message that took the route away.
withdrawn() {
	wait_for 5 unlearned $POOL && bgp_up wan1 192.0.2.1
}

healthy() {
	ctl check health && says 'state           healthy' ctl show health
}

health_page() {
	[ "$(on gw curl -s -o "$TMP/body" -w '%{http_code}' "http://127.0.0.1:$PORT/health")" = "$1" ] &&
		says "$2" cat "$TMP/body"
}

health_figure() {
	on gw curl -s "http://127.0.0.1:$PORT/metrics" | grep -x "$1"
}

from_pool() {
	says 203.0.113. peer_on lan1 ask udp 198.51.100.2 7000 hello
}

# ---- the checks ----

announced() {
	wait_for 5 told $POOL && on gw ip route show proto 201 | grep 'dev sluice-out scope link' &&
		health_page 200 healthy && health_figure 'sluice_announced_prefixes 1'
}

default_learned() {
	wait_for 5 says '0.0.0.0/0            via 192.0.2.2 outside' ctl show routes &&
		fails says $POOL ctl show routes # what is for others only
}

inside_down() {
	on gw ip link set dtap0 down && wait_for 5 fails ctl check health && ctl show health &&
		says inside-down ctl check health && says unhealthy ctl show health &&
		wait_for 3 told && withdrawn && health_page 503 'inside port has no link' &&
		health_figure 'sluice_healthy 0' && health_figure 'sluice_health_problem{problem="inside-down"} 1'
}

inside_up() {
	on gw ip link set dtap0 up && wait_for 5 healthy && wait_for 5 learned $POOL && from_pool
}

worker_stuck() {
	freeze "$(worker_thread 1)" && wait_for 6 says worker-stuck ctl check health && wait_for 2 told
	local rc=$?
	thaw
	wait_for 6 healthy && wait_for 5 told $POOL && return $rc
}

pools_change() {
	ctl pool cgn address 203.0.113.32-203.0.113.37 &&
		wait_for 5 told $POOL 203.0.113.32/30 203.0.113.36/31 && wait_for 5 learned 203.0.113.36/31 &&
		ctl no pool cgn address 203.0.113.32-203.0.113.37 && wait_for 5 told $POOL &&
		wait_for 5 unlearned 203.0.113.36/31
}

deleted_by_hand() {
	on gw ip route del $POOL proto 201 && wait_for 3 told $POOL
}

# A pool of one address with two ports, which one of the workers has, and subscribers of both.
full_pool_stays() {
	ctl pool tiny address 203.0.113.99 && ctl pool tiny ports 2000-2001 && ctl tenant default pool tiny || return
	on lan2 ip addr add 10.0.0.97/27 dev lo && on lan2 /usr/bin/python3 -c '
import socket
for host in range(97, 127):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_IP, 15, 1)  # IP_FREEBIND
    s.bind((f"10.0.0.{host}", 0)); s.sendto(b"x", ("198.51.100.2", 7001))' &&
		wait_for 5 says degraded ctl show health && says pool-full ctl show health &&
		ctl check health && told $POOL 203.0.113.99 && health_figure 'sluice_health_problem{problem="pool-full"} 1' &&
		ctl tenant default pool cgn && ctl no pool tiny && wait_for 5 healthy && told $POOL
}

not_announced() {
	ctl no announce && told && withdrawn && ctl announce pools hold 1 && wait_for 5 told $POOL &&
		wait_for 5 learned $POOL && says 'announce pools hold 1' ctl show configuration
}

# At its end the box takes leave; the hold time of the session is longer than this waits.
taken_back_at_the_end() {
	lab stop && wait_for 4 unlearned $POOL && [ -z "$(on gw ip route show proto 201)" ]
}

need_root
begin
config
need 'a lab that announces its pool' lab up --workers 2 --config "$TMP/bgp.conf"
serve wan2 udp 7000 "$PEER" echo 7000
check 'the kernel has the route of the pool' announced
need 'FRR beside sluice' frr_start gw
need 'FRR outside' frr_start wan1
need 'they talk BGP over the outside TAP' wait_for 15 bgp_up wan1 192.0.2.1
check 'the pool is announced' wait_for 10 learned $POOL
check 'the default route is taken in, the pool is no route of ours' default_learned
check 'traffic uses both' from_pool
check 'the inside port is down: the pool is withdrawn' inside_down
check 'it is up: announced again' inside_up
check 'a worker stands still: no routes' worker_stuck
check 'ranges become prefixes, and follow the configuration' pools_change
check 'what somebody deletes comes back' deleted_by_hand
check 'a full pool is degraded, and stays announced' full_pool_stays
check 'no announce' not_announced
check 'the counters balance' balanced
check 'no sanitizer report before the end' no_sanitizer_report
check 'the end is told' taken_back_at_the_end
finish
