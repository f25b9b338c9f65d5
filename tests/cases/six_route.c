/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Native IPv6 (lib/six_route.c): what is routed, answered and refused, and what stays NAT64's.
 */
#include "table.h"

/* clang-format off */
#define CONF "inside6 2001:db8:1::1/64; outside6 2001:db8:2::1/64; nat64 64:ff9b::/96; ipv6-route on; "
#define H "2001:db8:1::2"
#define FAR "2001:db8:9::9"
#define ROUTES \
	{ 0, DO, "route6 out 2001:db8:2::/64", NONE, "", "" }, \
	{ 0, DO, "route6 out ::/0 2001:db8:2::2", NONE, "", "" }, \
	{ 0, DO, "neigh6 out 2001:db8:2::2 up", NONE, "", "" }
#define DROPPED(side, packet, counter) { 1, side, packet, NONE, "", counter }

/* Two tenants beside the default one, blue (1) with a network behind a router of its own. */
#define TENANTS CONF "tenant blue vlan=10 10.0.0.1/24; tenant red vlan=20 inner=7 10.0.0.1/24; " \
	"inside6 2001:db8:b::1/64 tenant=1; inside6 2001:db8:d::1/64 tenant=2; "
#define BLUE "2001:db8:b::2"
#define RED "2001:db8:d::2"
#define BY2 " dmac=02:60:00:00:00:02"
#define BY3 " dmac=02:60:00:00:00:03"

static const struct table_case cases[] = {
	{ "packets_are_routed_both_ways_as_they_are", CONF, ROWS(
		ROUTES,
		{ 0, IN, "udp6 " H "#5000 > " FAR "#53 tos=0xb9 flow=0x12345 'hello'", OUT, "udp6 " H "#5000 > " FAR "#53 tos=0xb9 flow=0x12345 ttl=63 'hello'", "routed6 sessions_made=0" },
		{ 0, OUT, "udp6 " FAR "#53 > " H "#5000 'hi'", IN, "udp6 " FAR "#53 > " H "#5000 ttl=63 'hi'", "routed6" },
		{ 0, OUT, "tcp6 " FAR "#9 > " H "#22 SYN", IN, "tcp6 " FAR "#9 > " H "#22 ttl=63 SYN", "routed6" },
		{ 0, IN, "icmp6 echo " H " > " FAR " id=7 seq=1 'x'", OUT, "icmp6 echo " H " > " FAR " ttl=63 id=7 seq=1 'x'", "routed6" },
		{ 0, IN, "ip6 " H " > " FAR " nh=47 hex=0102", OUT, "ip6 " H " > " FAR " ttl=63 nh=47 hex=0102", "routed6" })
	},
	{ "hop_limit_that_runs_out_is_answered", CONF, ROWS(
		ROUTES,
		{ 0, IN, "udp6 " H "#5000 > " FAR "#53 ttl=1 'x'", IN, "icmp6 time-exceeded 2001:db8:1::1 > " H " ttl=64 [udp6 " H "#5000 > " FAR "#53 ttl=1 'x']", "drop_ttl icmp_made" },
		{ 0, OUT, "udp6 " FAR "#53 > " H "#5000 ttl=1 'x'", OUT, "icmp6 time-exceeded 2001:db8:2::1 > " FAR " ttl=64 [udp6 " FAR "#53 > " H "#5000 ttl=1 'x']", "drop_ttl icmp_made" },
		{ 0, IN, "udp6 " H "#5000 > " FAR "#53 ttl=2 'x'", OUT, "udp6 " H "#5000 > " FAR "#53 ttl=1 'x'", "routed6" },
		/* an error is not answered by one */
		{ 0, IN, "icmp6 unreachable " H " > " FAR " ttl=1 code=4 [udp6 " FAR "#53 > " H "#5000 'x']", NONE, "", "drop_ttl icmp_made=0" })
	},
	{ "larger_than_the_next_link_is_answered", CONF "mtu outside 1400", ROWS(
		ROUTES,
		{ 0, IN, "udp6 " H "#5000 > " FAR "#53 data=1352", OUT, "udp6 " H "#5000 > " FAR "#53 ttl=63 data=1352", "routed6" },
		{ 0, IN, "udp6 " H "#5000 > " FAR "#53 data=1353", IN, "icmp6 too-big 2001:db8:1::1 > " H " ttl=64 mtu=1400 [udp6 " H "#5000 > " FAR "#53 data=1353 ttl=64 cut=1232]", "drop_too_big icmp_made" })
	},
	{ "without_a_route_there_is_an_answer", CONF, ROWS(
		{ 0, IN, "udp6 " H "#5000 > " FAR "#53 'x'", IN, "icmp6 unreachable 2001:db8:1::1 > " H " ttl=64 code=0 [udp6 " H "#5000 > " FAR "#53 ttl=64 'x']", "drop_no_route icmp_made" })
	},
	{ "sources_belong_where_they_come_from", CONF, ROWS(
		ROUTES,
		DROPPED(IN, "udp6 2001:db8:77::1#5000 > " FAR "#53", "drop_spoofed"),
		DROPPED(IN, "udp6 2001:db8:2::1#5000 > " FAR "#53", "drop_spoofed"),
		DROPPED(IN, "udp6 2001:db8:1::1#5000 > " FAR "#53", "drop_spoofed"),
		DROPPED(IN, "udp6 64:ff9b::10.0.0.2#5000 > " FAR "#53", "drop_spoofed"),
		DROPPED(IN, "udp6 fe80::2#5000 > " FAR "#53", "drop_bogon"),
		DROPPED(IN, "udp6 ::#5000 > " FAR "#53", "drop_bogon"),
		DROPPED(IN, "udp6 ::1#5000 > " FAR "#53", "drop_bogon"),
		DROPPED(IN, "udp6 ff02::1#5000 > " FAR "#53", "drop_bogon"),
		DROPPED(IN, "udp6 " H "#5000 > ::ffff:198.51.100.9#53", "drop_bogon"),
		DROPPED(IN, "udp6 " H "#5000 > ::1#53", "drop_bogon"),
		DROPPED(IN, "udp6 " H "#5000 > " H "#53", "drop_land"),
		DROPPED(OUT, "udp6 2001:db8:1::3#5000 > " H "#53", "drop_spoofed"),
		DROPPED(OUT, "udp6 2001:db8:2::1#5000 > " H "#53", "drop_spoofed"))
	},
	{ "nobody_outside_speaks_for_ipv4_hosts", CONF, ROWS(
		ROUTES,
		DROPPED(OUT, "udp6 64:ff9b::198.51.100.9#53 > " H "#5000", "drop_spoofed"),
		DROPPED(OUT, "udp6 " FAR "#53 > 64:ff9b::198.51.100.9#53", "drop_not_ours"))
	},
	{ "nothing_goes_back_outside", CONF, ROWS(
		ROUTES,
		DROPPED(OUT, "udp6 " FAR "#53 > 2001:db8:8::8#53", "drop_not_ours"),
		DROPPED(OUT, "udp6 " FAR "#53 > 2001:db8:1::1#53", "drop_not_ours"))
	},
	{ "the_prefix_is_nat64s_still", CONF, ROWS(
		ROUTES,
		{ 0, IN, "udp6 " H "#5000 > 64:ff9b::198.51.100.9#53 'x'", OUT, "udp 192.0.2.1:$p{even} > 198.51.100.9:53 'x'", "nat64_out routed6=0" },
		{ 0, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'y'", IN, "udp6 64:ff9b::198.51.100.9#53 > " H "#5000 'y'", "nat64_in" })
	},
	{ "inside_networks_reach_each_other", CONF "inside6 2001:db8:4::1/64", ROWS(
		{ 0, IN, "udp6 " H "#5000 > 2001:db8:4::3#53 'x'", IN, "udp6 " H "#5000 > 2001:db8:4::3#53 ttl=63 'x'", "routed6" })
	},
	{ "the_box_itself_is_reached_where_a_service_is", CONF "service tcp 179", ROWS(
		ROUTES,
		{ 0, OUT, "tcp6 " FAR "#5000 > 2001:db8:2::1#179 SYN", PUNT, "tcp6 " FAR "#5000 > 2001:db8:2::1#179 SYN", "punted_nd" },
		{ 0, OUT, "icmp6 echo " FAR " > 2001:db8:2::1 id=1 seq=1", PUNT, "icmp6 echo " FAR " > 2001:db8:2::1 id=1 seq=1", "punted_nd" },
		{ 0, OUT, "udp6 " FAR "#53 > 2001:db8:2::1#40000 'answer'", PUNT, "udp6 " FAR "#53 > 2001:db8:2::1#40000 'answer'", "punted_nd" },
		{ 0, OUT, "tcp6 " FAR "#80 > 2001:db8:2::1#40000 SYN ACK", PUNT, "tcp6 " FAR "#80 > 2001:db8:2::1#40000 SYN ACK", "punted_nd" },
		{ 0, IN, "tcp6 " H "#5000 > 2001:db8:1::1#22 SYN", PUNT, "tcp6 " H "#5000 > 2001:db8:1::1#22 SYN", "punted_nd" },
		{ 0, IN, "tcp6 " H "#5000 > 2001:db8:2::1#22 SYN", PUNT, "tcp6 " H "#5000 > 2001:db8:2::1#22 SYN", "punted_nd" },
		DROPPED(OUT, "tcp6 " FAR "#5000 > 2001:db8:2::1#22 SYN", "drop_service"),
		DROPPED(OUT, "tcp6 " FAR "#5000 > 2001:db8:2::1#40000 SYN", "drop_service"),
		DROPPED(OUT, "udp6 " FAR "#5000 > 2001:db8:2::1#1900 'x'", "drop_service"),
		DROPPED(OUT, "ip6 " FAR " > 2001:db8:2::1 nh=17 hex=0102", "drop_service"),
		DROPPED(OUT, "ip6 " FAR " > 2001:db8:2::1 nh=60 hex=11ff", "drop_service"),
		DROPPED(OUT, "ip6 " FAR " > 2001:db8:2::1 nh=47 hex=00000800", "drop_service"))
	},
	{ "switched_off_it_is_dropped", "inside6 2001:db8:1::1/64; outside6 2001:db8:2::1/64; ipv6-route off", ROWS(
		ROUTES,
		DROPPED(IN, "udp6 " H "#5000 > " FAR "#53", "drop_ipv6"),
		DROPPED(OUT, "udp6 " FAR "#53 > " H "#5000", "drop_ipv6"))
	},
	{ "packets_wait_for_a_neighbour", CONF, ROWS(
		{ 0, DO, "route6 out 2001:db8:2::/64", NONE, "", "" },
		{ 0, IN, "udp6 " H "#5000 > 2001:db8:2::7#53 'x'", NONE, "", "held routed6" },
		{ 1, DO, "neigh6 out 2001:db8:2::7 up", OUT, "udp6 " H "#5000 > 2001:db8:2::7#53 ttl=63 'x'", "" })
	},
	/* ---- tenants ---- */
	{ "tenants_reach_the_outside_and_are_reached_by_their_prefix", TENANTS, ROWS(
		ROUTES,
		{ 0, IN, "udp6 " BLUE "#5000 > " FAR "#53 vlan=10 tos=0xb9 'b'", OUT, "udp6 " BLUE "#5000 > " FAR "#53 tos=0xb9 ttl=63 'b'", "routed6" },
		{ 0, IN, "udp6 " RED "#5000 > " FAR "#53 vlan=20.7 'r'", OUT, "udp6 " RED "#5000 > " FAR "#53 ttl=63 'r'", "routed6" },
		{ 1, OUT, "udp6 " FAR "#53 > " BLUE "#5000 'b'", IN, "udp6 " FAR "#53 > " BLUE "#5000 vlan=10 ttl=63 'b'", "routed6" },
		{ 1, OUT, "udp6 " FAR "#53 > " RED "#5000 'r'", IN, "udp6 " FAR "#53 > " RED "#5000 vlan=20.7 ttl=63 'r'", "routed6" },
		{ 1, OUT, "udp6 " FAR "#53 > " H "#5000 'd'", IN, "udp6 " FAR "#53 > " H "#5000 ttl=63 'd'", "routed6" },
		DROPPED(OUT, "udp6 " FAR "#53 > 2001:db8:b::1#53", "drop_not_ours"),
		DROPPED(OUT, "udp6 " FAR "#53 > 2001:db8:e::1#53", "drop_not_ours"))
	},
	{ "networks_behind_routers_of_tenants", TENANTS, ROWS(
		ROUTES,
		{ 0, DO, "route6 in 2001:db8:b0::/44 2001:db8:b::3 1", NONE, "", "" },
		{ 0, DO, "neigh6 in 2001:db8:b::3 up 1", NONE, "", "" },
		{ 0, IN, "udp6 2001:db8:b7::5#5 > " FAR "#53 vlan=10", OUT, "udp6 2001:db8:b7::5#5 > " FAR "#53 ttl=63", "routed6" },
		{ 0, OUT, "udp6 " FAR "#53 > 2001:db8:b7::5#5", IN, "udp6 " FAR "#53 > 2001:db8:b7::5#5 vlan=10 ttl=63" BY3, "routed6" },
		/* the longest prefix of all tenants; what is red's is not blue's to send from */
		{ 1, DO, "route6 in 2001:db8:b7::/48 2001:db8:d::2 2", NONE, "", "" },
		{ 1, OUT, "udp6 " FAR "#53 > 2001:db8:b7::5#5", IN, "udp6 " FAR "#53 > 2001:db8:b7::5#5 vlan=20.7 ttl=63" BY2, "routed6" },
		{ 1, IN, "udp6 2001:db8:b7::5#5 > " FAR "#53", NONE, "", "drop_spoofed" },
		/* within blue it is still blue's */
		{ 1, IN, "udp6 " BLUE "#5 > 2001:db8:b7::5#5 vlan=10", IN, "udp6 " BLUE "#5 > 2001:db8:b7::5#5 vlan=10 ttl=63" BY3, "routed6" },
		{ 2, DO, "unroute6 2001:db8:b7::/48 2", NONE, "", "" },
		{ 2, OUT, "udp6 " FAR "#53 > 2001:db8:b7::5#5", IN, "udp6 " FAR "#53 > 2001:db8:b7::5#5 vlan=10 ttl=63" BY3, "routed6" },
		{ 3, DO, "unroute6 2001:db8:b0::/44 1", NONE, "", "" },
		DROPPED(OUT, "udp6 " FAR "#53 > 2001:db8:b7::5#5", "drop_not_ours"),
		{ 3, IN, "udp6 2001:db8:b7::5#5 > " FAR "#53 vlan=10", NONE, "", "drop_spoofed" })
	},
	{ "what_several_tenants_have_is_nobodys", TENANTS, ROWS(
		ROUTES,
		{ 0, DO, "route6 in 2001:db8:f0::/44 " BLUE " 1", NONE, "", "" },
		{ 0, OUT, "udp6 " FAR "#53 > 2001:db8:f1::5#5", IN, "udp6 " FAR "#53 > 2001:db8:f1::5#5 vlan=10 ttl=63" BY2, "routed6" },
		{ 1, DO, "route6 in 2001:db8:f0::/44 " RED " 2", NONE, "", "" },
		{ 1, OUT, "udp6 " FAR "#53 > 2001:db8:f1::5#5", OUT, "icmp6 unreachable 2001:db8:2::1 > " FAR " ttl=64 code=0 [udp6 " FAR "#53 > 2001:db8:f1::5#5 ttl=64]", "drop_two_tenants icmp_made" },
		{ 1, IN, "udp6 " H "#53 > 2001:db8:f1::5#5", IN, "icmp6 unreachable 2001:db8:1::1 > " H " ttl=64 code=0 [udp6 " H "#53 > 2001:db8:f1::5#5 ttl=64]", "drop_two_tenants icmp_made" },
		{ 1, OUT, "udp6 2001:db8:f1::5#5 > " H "#5", NONE, "", "drop_spoofed" },
		/* each has its own, all the same */
		{ 1, IN, "udp6 " BLUE "#5 > 2001:db8:f1::5#5 vlan=10", IN, "udp6 " BLUE "#5 > 2001:db8:f1::5#5 vlan=10 ttl=63" BY2, "routed6" },
		{ 1, IN, "udp6 " RED "#5 > 2001:db8:f1::5#5 vlan=20.7", IN, "udp6 " RED "#5 > 2001:db8:f1::5#5 vlan=20.7 ttl=63" BY2, "routed6" },
		{ 2, DO, "unroute6 2001:db8:f0::/44 1", NONE, "", "" },
		{ 2, OUT, "udp6 " FAR "#53 > 2001:db8:f1::5#5", IN, "udp6 " FAR "#53 > 2001:db8:f1::5#5 vlan=20.7 ttl=63" BY2, "routed6" },
		{ 2, DO, "route6 in 2001:db8:f0::/44 2001:db8:1::3 0", NONE, "", "" },
		{ 2, DO, "route6 in 2001:db8:f0::/44 " BLUE " 1", NONE, "", "" },
		{ 2, DO, "unroute6 2001:db8:f0::/44 2", NONE, "", "" },
		{ 2, IN, "udp6 " RED "#53 > 2001:db8:f1::5#5 vlan=20.7", IN, "icmp6 unreachable 2001:db8:d::1 > " RED " vlan=20.7 ttl=64 code=0 [udp6 " RED "#53 > 2001:db8:f1::5#5 ttl=64]", "drop_two_tenants icmp_made" },
		{ 2, DO, "unroute6 2001:db8:f0::/44 1", NONE, "", "" },
		{ 2, OUT, "udp6 " FAR "#53 > 2001:db8:f1::5#5", IN, "udp6 " FAR "#53 > 2001:db8:f1::5#5 ttl=63" BY3, "routed6" })
	},
	{ "tenants_meet_by_their_prefixes", TENANTS, ROWS(
		ROUTES,
		{ 0, IN, "udp6 " BLUE "#5 > " RED "#6 vlan=10 'x'", IN, "udp6 " BLUE "#5 > " RED "#6 vlan=20.7 ttl=63 'x'", "routed6" },
		{ 0, IN, "udp6 " RED "#6 > " H "#5 vlan=20.7 'x'", IN, "udp6 " RED "#6 > " H "#5 ttl=63 'x'", "routed6" },
		{ 0, IN, "udp6 " H "#5 > " BLUE "#5 'x'", IN, "udp6 " H "#5 > " BLUE "#5 vlan=10 ttl=63 'x'", "routed6" })
	},
	{ "sources_belong_to_their_tenant", TENANTS, ROWS(
		ROUTES,
		{ 0, IN, "udp6 " RED "#5 > " FAR "#6 vlan=10", NONE, "", "drop_spoofed" },
		{ 0, IN, "udp6 " H "#5 > " FAR "#6 vlan=10", NONE, "", "drop_spoofed" },
		{ 0, IN, "udp6 " BLUE "#5 > " FAR "#6", NONE, "", "drop_spoofed" },
		{ 0, IN, "udp6 2001:db8:b::1#5 > " FAR "#6 vlan=10", NONE, "", "drop_spoofed" },
		{ 0, OUT, "udp6 " RED "#5 > " BLUE "#6", NONE, "", "drop_spoofed" },
		{ 0, OUT, "udp6 " BLUE "#5 > " H "#6", NONE, "", "drop_spoofed" })
	},
	{ "addresses_of_the_box_are_their_tenants", TENANTS, ROWS(
		ROUTES,
		{ 0, IN, "icmp6 echo " BLUE " > 2001:db8:b::1 vlan=10 id=1 seq=1", PUNT, "icmp6 echo " BLUE " > 2001:db8:b::1 vlan=10 id=1 seq=1", "punted_nd" },
		{ 0, IN, "icmp6 echo " BLUE " > 2001:db8:d::1 vlan=10 id=1 seq=1", NONE, "", "drop_service" },
		{ 0, IN, "icmp6 echo " BLUE " > 2001:db8:2::1 vlan=10 id=1 seq=1", NONE, "", "drop_service" },
		{ 0, IN, "icmp6 echo " H " > 2001:db8:b::1 id=1 seq=1", NONE, "", "drop_service" },
		{ 0, IN, "icmp6 echo " H " > 2001:db8:2::1 id=1 seq=1", PUNT, "icmp6 echo " H " > 2001:db8:2::1 id=1 seq=1", "punted_nd" })
	},
	{ "default_route_of_a_tenant_does_not_hide_the_outside", TENANTS, ROWS(
		ROUTES,
		{ 0, DO, "route6 in ::/0 " BLUE " 1", NONE, "", "" },
		{ 0, IN, "udp6 " BLUE "#5 > " FAR "#6 vlan=10", OUT, "udp6 " BLUE "#5 > " FAR "#6 ttl=63", "routed6" },
		/* what comes from behind it may come */
		{ 0, IN, "udp6 2001:db8:77::1#5 > " FAR "#6 vlan=10", OUT, "udp6 2001:db8:77::1#5 > " FAR "#6 ttl=63", "routed6" },
		{ 0, IN, "udp6 " H "#5 > 2001:db8:77::1#6", OUT, "udp6 " H "#5 > 2001:db8:77::1#6 ttl=63", "routed6" })
	},
	{ "errors_go_back_into_the_tenant", TENANTS "mtu outside 1400", ROWS(
		ROUTES,
		{ 0, IN, "udp6 " BLUE "#5 > " FAR "#6 vlan=10 ttl=1 'x'", IN, "icmp6 time-exceeded 2001:db8:b::1 > " BLUE " vlan=10 ttl=64 [udp6 " BLUE "#5 > " FAR "#6 ttl=1 'x']", "drop_ttl icmp_made" },
		{ 0, IN, "udp6 " RED "#5 > " FAR "#6 vlan=20.7 data=1353", IN, "icmp6 too-big 2001:db8:d::1 > " RED " vlan=20.7 ttl=64 mtu=1400 [udp6 " RED "#5 > " FAR "#6 data=1353 ttl=64 cut=1232]", "drop_too_big icmp_made" },
		{ 0, OUT, "udp6 " FAR "#6 > " BLUE "#5 ttl=1 'x'", OUT, "icmp6 time-exceeded 2001:db8:2::1 > " FAR " ttl=64 [udp6 " FAR "#6 > " BLUE "#5 ttl=1 'x']", "drop_ttl icmp_made" },
		{ 0, IN, "udp6 " BLUE "#5 > " RED "#6 vlan=10 ttl=1 'x'", IN, "icmp6 time-exceeded 2001:db8:b::1 > " BLUE " vlan=10 ttl=64 [udp6 " BLUE "#5 > " RED "#6 ttl=1 'x']", "drop_ttl icmp_made" })
	},
	{ "packets_wait_for_a_neighbour_of_their_tenant", TENANTS, ROWS(
		ROUTES,
		{ 0, OUT, "udp6 " FAR "#53 > 2001:db8:b::77#5 'x'", NONE, "", "held routed6" },
		{ 1, DO, "neigh6 in 2001:db8:b::77 up 2", NONE, "", "" },
		{ 2, DO, "neigh6 in 2001:db8:b::77 up 1", IN, "udp6 " FAR "#53 > 2001:db8:b::77#5 vlan=10 ttl=63 'x'", "" },
		{ 3, IN, "udp6 " BLUE "#5 > 2001:db8:2::7#53 vlan=10 'y'", NONE, "", "held routed6" },
		{ 4, DO, "neigh6 out 2001:db8:2::7 up", OUT, "udp6 " BLUE "#5 > 2001:db8:2::7#53 ttl=63 'y'", "" })
	},
	{ "a_removed_tenant_has_no_prefixes", TENANTS, ROWS(
		ROUTES,
		{ 0, OUT, "udp6 " FAR "#53 > 2001:db8:d::77#5 'x'", NONE, "", "held routed6" },
		{ 1, DO, "config " CONF, NONE, "", "" },
		{ 1, DO, "neigh6 in 2001:db8:d::77 up 2", NONE, "", "" },
		{ 1, OUT, "udp6 " FAR "#53 > " BLUE "#5000 'b'", NONE, "", "drop_not_ours" },
		{ 1, IN, "udp6 " H "#5000 > " RED "#5", IN, "icmp6 unreachable 2001:db8:1::1 > " H " ttl=64 code=0 [udp6 " H "#5000 > " RED "#5 ttl=64]", "drop_no_route icmp_made" },
		{ 60000, DO, "poll 2", NONE, "", "drop_hold_timeout held_now=-1" },
		{ 60001, DO, "config " CONF "tenant blue vlan=10 10.0.0.1/24; tenant red vlan=20 inner=7 absent; inside6 2001:db8:b::1/64 tenant=1", NONE, "", "" },
		{ 60001, OUT, "udp6 " FAR "#53 > " BLUE "#5000 'b'", IN, "udp6 " FAR "#53 > " BLUE "#5000 vlan=10 ttl=63 'b'", "routed6" },
		{ 60001, OUT, "udp6 " FAR "#53 > " RED "#5000 'b'", NONE, "", "drop_not_ours" })
	},
};

SUITE(six_route, cases);
