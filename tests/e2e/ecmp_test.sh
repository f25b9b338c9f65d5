#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Two boxes with a pool each, and a router inside that shares out subscribers by ECMP: default
# routes by BGP from the boxes' FRR, which go with the boxes' health, as app/guide/routing.md says.
set -u
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pairlib.sh"
. "$(dirname "$0")/frrlib.sh"

FAR=198.51.100.2

# config LAST POOL: the box and its FRR; lan1 is a router with subscribers in 10.9.0.0/24.
config() {
	cat >"$TMP/box$1.conf" <<-END
		inside address 10.0.0.$1/24
		outside address 192.0.2.$1/24
		route 0.0.0.0/0 via 192.0.2.2
		route 10.9.0.0/24 via 10.0.0.2
		pool cgn address $2
		announce pools hold 1
	END
	cat >"$TMP/frr$1.conf" <<-END
		ip prefix-list HEALTHY seq 5 permit $2
		ip prefix-list DEFAULT seq 5 permit 0.0.0.0/0
		ip prefix-list POOLS seq 5 permit 203.0.113.0/24 le 32
		route-map HEALTHY permit 10
		 match ip address prefix-list HEALTHY
		exit
		route-map DEFAULT permit 10
		 match ip address prefix-list DEFAULT
		exit
		route-map POOLS permit 10
		 match ip address prefix-list POOLS
		exit
		router bgp 65001
		 bgp router-id 10.0.0.$1
		 no bgp ebgp-requires-policy
		 neighbor 10.0.0.2 remote-as 65002
		 neighbor 10.0.0.2 timers 3 9
		 neighbor 10.0.0.2 timers connect 1
		 address-family ipv4 unicast
		  redistribute kernel route-map POOLS
		  neighbor 10.0.0.2 default-originate route-map HEALTHY
		  neighbor 10.0.0.2 route-map DEFAULT out
		 exit-address-family
		exit
	END
}

router_config() {
	cat <<-END
		router bgp 65002
		 bgp router-id 10.0.0.2
		 no bgp ebgp-requires-policy
		 bgp bestpath as-path multipath-relax
		 neighbor 10.0.0.1 remote-as 65001
		 neighbor 10.0.0.1 timers 3 9
		 neighbor 10.0.0.1 timers connect 1
		 neighbor 10.0.0.4 remote-as 65001
		 neighbor 10.0.0.4 timers 3 9
		 neighbor 10.0.0.4 timers connect 1
		 address-family ipv4 unicast
		  maximum-paths 8
		 exit-address-family
		exit
	END
}

routers() {
	on wan1 ip route add 203.0.113.0/28 via 192.0.2.1 && on wan1 ip route add 203.0.113.16/28 via 192.0.2.4 &&
		on lan1 ip route del default && on lan1 ip addr add 10.9.0.1/24 dev lo &&
		on lan1 sysctl -qw net.ipv4.fib_multipath_hash_policy=3 net.ipv4.fib_multipath_hash_fields=0x0001 ||
		return
	router_config >"$TMP/frr-lan1.conf"
	mv "$TMP/frr1.conf" "$TMP/frr-gw.conf"
	frr_start gw && frr_start lan1 && LAB=$SECOND RUN=/run/$SECOND-lab second_frr
}

second_frr() {
	mv "$TMP/frr4.conf" "$TMP/frr-gw.conf" && frr_start gw
}

# by ADDRESS...: the router's default route leads to these.
by() {
	local now
	now=$(on lan1 ip route show default proto bgp | grep -o 'via [0-9.]*' | cut -d' ' -f2 | sort | xargs)
	echo "by: $now"
	[ "$now" = "$*" ]
}

# Each of 16 subscribers asks on four ports: "SUBSCRIBER OUTSIDE" for each answer.
asked() {
	on lan1 /usr/bin/python3 - "$FAR" <<-'END'
		import socket, sys
		for host in range(1, 17):
		    for port in range(7000, 7004):
		        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		        s.settimeout(2)
		        s.setsockopt(socket.SOL_IP, 15, 1)  # IP_FREEBIND
		        s.bind((f"10.9.0.{host}", 0))
		        s.sendto(b"x", (sys.argv[1], port))
		        print(f"10.9.0.{host}", s.recv(100).decode().split(":")[0])
	END
}

# pools POOL-END...: all were answered, each subscriber from one outside address, and both or one
# of the pools had some.
from_pools() {
	asked >"$TMP/asked" || return
	sort "$TMP/asked" | uniq -c
	[ "$(wc -l <"$TMP/asked")" = 64 ] && [ "$(sort -u "$TMP/asked" | wc -l)" = 16 ] &&
		[ "$(awk '{ split($2, a, "."); print (a[4] < 16 ? "first" : "second") }' "$TMP/asked" | sort -u | xargs)" = "$*" ]
}

first_fails() {
	on gw ip link set dtap1 down && wait_for 8 by 10.0.0.4 && from_pools second
}

first_is_back() {
	# FRR looks for the condition of a default route every few seconds.
	on gw ip link set dtap1 up
	wait_for 15 by 10.0.0.1 10.0.0.4 || { by 10.0.0.1 10.0.0.4; ctl show health; return 1; }
	wait_for 5 from_pools first second || from_pools first second
}

clean_up_both() {
	second_down
	clean_up
}

need_root
begin
trap clean_up_both EXIT
config 1 203.0.113.0/28
config 4 203.0.113.16/28
need 'the first box' lab up --config "$TMP/box1.conf"
need 'the second box' second_up "$TMP/box4.conf"
for port in 7000 7001 7002 7003; do
	serve wan2 udp $port "$PEER" echo $port
done
need 'FRR on both boxes and the router inside' routers
check 'the router has a default route by each' wait_for 15 by 10.0.0.1 10.0.0.4
check 'both have subscribers, each subscriber has one address' from_pools first second
check 'the first has no outside: its subscribers move' first_fails
check 'it is back: both have some again' first_is_back
finish
