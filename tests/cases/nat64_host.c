/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT64: prefixes, hosts and subscribers, sources that nobody may have, neighbours and routes
 * of IPv6, forwards to IPv6 hosts, limits, tenants, changes of configuration.
 */
#include "table.h"

/* clang-format off */
#define CONF "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; "
#define H "2001:db8:1::2"
#define R "64:ff9b::198.51.100.9"
#define OPEN { 0, IN, "udp6 " H "#5000 > " R "#53 'hello'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "sessions_made" }
#define DROPPED(side, packet, counter) { 1, side, packet, NONE, "", counter }
#define BY(prefix, remote) { "prefix_of_" prefix "_bits", "inside6 2001:db8:1::1/64; nat64 2001:db8:64::/" prefix, ROWS( \
		{ 0, IN, "udp6 " H "#5000 > " remote "#53 'hello'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "" }, \
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'answer'", IN, "udp6 " remote "#53 > " H "#5000 'answer'", "" }, \
		{ 1, IN, "tcp6 " H "#5000 > " remote "#53 SYN", OUT, "tcp 192.0.2.1:$t > 198.51.100.9:53 SYN", "" }, \
		{ 2, IN, "icmp6 echo " H " > " remote " id=5 seq=6 'odd'", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=6 'odd'", "" }, \
		{ 3, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=6 'odd'", IN, "icmp6 echo-reply " remote " > " H " id=5 seq=6 'odd'", "" }) }

#define FROM(host) "udp6 2001:db8:5::" host "#1 > " R "#53"

static const struct table_case cases[] = {
	/* ---- prefixes ---- */
	{ "prefix_of_32_bits", "inside6 2001:db9:1::1/64; nat64 2001:db8::/32", ROWS(
		{ 0, IN, "udp6 2001:db9:1::2#5000 > 2001:db8:c633:6409::#53 'hello'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'answer'", IN, "udp6 2001:db8:c633:6409::#53 > 2001:db9:1::2#5000 'answer'", "" })
	},
	{ "prefix_of_40_bits", "inside6 2001:db8:1::1/64; nat64 2001:db8:6400::/40", ROWS(
		{ 0, IN, "udp6 " H "#5000 > 2001:db8:64c6:3364:9::#53 'hello'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'answer'", IN, "udp6 2001:db8:64c6:3364:9::#53 > " H "#5000 'answer'", "" })
	},
	BY("48", "2001:db8:64:c633:64:900::"),
	BY("56", "2001:db8:64:c6:33:6409::"),
	BY("64", "2001:db8:64:0:c6:3364:900::"),
	BY("96", "2001:db8:64::198.51.100.9"),
	{ "suffix_and_reserved_bits_must_be_zero", "inside6 2001:db8:1::1/64; nat64 2001:db8:64::/48", ROWS(
		DROPPED(IN, "udp6 " H "#5000 > 2001:db8:64:c633:64:900:0:1#53", "drop_nat64_address"),
		DROPPED(IN, "udp6 " H "#5000 > 2001:db8:64:c633:164:900::#53", "drop_nat64_address"))
	},
	{ "each_prefix_answers_for_itself", CONF "nat64 2001:db8:64::/96; nat64 ::ffff:0:0/96", ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 'one'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'one'", "sessions_made" },
		{ 0, IN, "udp6 " H "#5000 > 2001:db8:64::198.51.100.9#53 'two'", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53 'two'", "sessions_made" },
		{ 0, IN, "udp6 " H "#5000 > ::ffff:198.51.100.9#53 'three'", OUT, "udp 192.0.2.1:$r > 198.51.100.9:53 'three'", "sessions_made" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p '1'", IN, "udp6 " R "#53 > " H "#5000 '1'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$q '2'", IN, "udp6 2001:db8:64::198.51.100.9#53 > " H "#5000 '2'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$r '3'", IN, "udp6 ::ffff:198.51.100.9#53 > " H "#5000 '3'", "" },
		{ 1, DO, "subscribers 1", NONE, "", "" })
	},
	{ "what_no_prefix_holds_is_dropped", CONF, ROWS(
		DROPPED(IN, "udp6 " H "#5000 > 64:ff9b::1:198.51.100.9#53", "drop_ipv6"),
		DROPPED(IN, "udp6 " H "#5000 > 2001:db8:2::9#53", "drop_ipv6"),
		DROPPED(OUT, "udp6 2001:db8:7::1#5000 > " R "#53", "drop_ipv6"))
	},
	{ "rfc6052_s31_the_known_prefix_is_not_for_private_addresses", CONF, ROWS(
		DROPPED(IN, "udp6 " H "#5000 > 64:ff9b::10.9.0.9#53", "drop_nat64_address"),
		DROPPED(IN, "udp6 " H "#5000 > 64:ff9b::192.168.0.9#53", "drop_nat64_address"),
		DROPPED(IN, "udp6 " H "#5000 > 64:ff9b::127.0.0.1#53", "drop_nat64_address"),
		DROPPED(IN, "udp6 " H "#5000 > 64:ff9b::224.0.0.1#53", "drop_nat64_address"),
		DROPPED(IN, "udp6 " H "#5000 > 64:ff9b::240.0.0.1#53", "drop_nat64_address"))
	},
	/* found by the model: inbound such a packet passed */
	{ "rfc6052_s31_private_remote_does_not_come_in_by_the_known_prefix", CONF, ROWS(
		OPEN, DROPPED(OUT, "udp 172.16.0.1:53 > 192.0.2.1:$p 'x'", "drop_nat64_address"),
		{ 1, OUT, "udp 203.0.113.7:53 > 192.0.2.1:$p 'x'", IN, "udp6 64:ff9b::203.0.113.7#53 > " H "#5000 'x'", "sessions_made" })
	},
	{ "a_prefix_of_ones_own_may_be_for_private_addresses", "inside6 2001:db8:1::1/64; nat64 2001:db8:64::/96", ROWS(
		{ 0, IN, "udp6 " H "#5000 > 2001:db8:64::10.9.0.9#53", OUT, "udp 192.0.2.1:$p > 10.9.0.9:53", "" },
		DROPPED(IN, "udp6 " H "#5000 > 2001:db8:64::240.0.0.1#53", "drop_nat64_address"))
	},
	/* ---- sources ---- */
	{ "rfc6146_s35_loops_and_impossible_sources_are_dropped", CONF, ROWS(
		DROPPED(IN, "udp6 64:ff9b::198.51.100.77#5000 > " R "#53", "drop_loop"),
		DROPPED(IN, "udp6 ::1#5000 > " R "#53", "drop_bogon"),
		DROPPED(IN, "udp6 ::#5000 > " R "#53", "drop_bogon"),
		DROPPED(IN, "udp6 ff02::1#5000 > " R "#53", "drop_bogon"),
		DROPPED(IN, "udp6 fe80::2#5000 > " R "#53", "drop_bogon"),
		DROPPED(IN, "udp6 2001:db8:1::1#5000 > " R "#53", "drop_spoofed"),
		DROPPED(IN, "udp6 2001:db8:2::5#5000 > " R "#53", "drop_spoofed"))
	},
	{ "source_check_can_be_off", CONF "source-check off", ROWS(
		{ 0, IN, "udp6 2001:db8:2::5#5000 > " R "#53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" })
	},
	{ "addresses_that_stand_for_hosts_come_from_no_wire", CONF, ROWS(
		OPEN,
		DROPPED(IN, "udp 240.0.0.0:5000 > 198.51.100.9:53 'me'", "drop_bogon"),
		DROPPED(IN, "udp 240.0.0.1:5000 > 198.51.100.9:53 'me'", "drop_bogon"),
		DROPPED(IN, "ip 240.0.0.1 > 198.51.100.9 proto=17 mf hex=0001020304050607", "drop_bogon"),
		DROPPED(IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 240.0.0.1:5000 'hi']", "drop_bogon"),
		DROPPED(IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 240.0.0.0:5000 'hi']", "drop_bogon"),
		DROPPED(OUT, "udp 198.51.100.9:53 > 240.0.0.1:5000 'hi'", "drop_not_ours"),
		DROPPED(OUT, "udp 240.0.0.1:53 > 192.0.2.1:$p 'hi'", "drop_bogon"))
	},
	/* ---- the box itself ---- */
	{ "what_is_for_the_box_is_punted", CONF, ROWS(
		{ 0, IN, "icmp6 echo " H " > 2001:db8:1::1 id=1 seq=1", PUNT, "icmp6 echo " H " > 2001:db8:1::1 id=1 seq=1", "punted_nd" },
		{ 0, IN, "icmp6 echo fe80::2 > fe80::1 id=1 seq=1", PUNT, "icmp6 echo fe80::2 > fe80::1 id=1 seq=1", "punted_nd" },
		DROPPED(IN, "udp6 " H "#5000 > 64:ff9b::192.0.2.1#22", "drop_service sessions_made hairpinned"),
		DROPPED(OUT, "icmp6 echo " H " > 2001:db8:1::1 id=1 seq=1", "drop_ipv6"))
	},
	/* ---- neighbours and routes ---- */
	{ "packets_wait_for_an_ipv6_neighbour", CONF, ROWS(
		{ 0, IN, "udp6 2001:db8:1::77#5000 > " R "#53 'hello'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'one'", NONE, "", "held" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'two'", NONE, "", "held" },
		{ 1, DO, "resolve in 2001:db8:1::77", NONE, "", "" },
		{ 2, DO, "neigh6 in 2001:db8:1::77 up", IN, "udp6 " R "#53 > 2001:db8:1::77#5000 'one' + udp6 " R "#53 > 2001:db8:1::77#5000 'two'", "" },
		{ 3, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'three'", IN, "udp6 " R "#53 > 2001:db8:1::77#5000 'three'", "" },
		{ 4, DO, "neigh6 in 2001:db8:1::77 down", NONE, "", "" },
		{ 4, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'four'", NONE, "", "held" },
		{ 9000, DO, "poll 2", NONE, "", "drop_hold_timeout" })
	},
	{ "hosts_behind_a_router_are_reached", CONF, ROWS(
		{ 0, DO, "route6 in 2001:db8:9::/48 2001:db8:1::9", NONE, "", "" },
		{ 0, IN, "udp6 2001:db8:9:7::5#5000 > " R "#53 'hello'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'one'", IN, "udp6 " R "#53 > 2001:db8:9:7::5#5000 'one'", "" },
		{ 2, DO, "route6 in 2001:db8:9:7::/64 2001:db8:1::8", NONE, "", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'two'", IN, "udp6 " R "#53 > 2001:db8:9:7::5#5000 'two'", "" })
	},
	{ "a_host_without_a_route_is_not_reached", CONF "source-check off", ROWS(
		{ 0, IN, "udp6 2001:db8:2::5#5000 > " R "#53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'one'", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 tos=0xc0 ttl=64 [udp 198.51.100.9:53 > 192.0.2.1:$p ttl=64 'one']", "drop_no_route icmp_made" })
	},
	{ "no_route_outside_is_told_in_ipv6", CONF, ROWS(
		{ 0, DO, "unroute 0.0.0.0/0", NONE, "", "" },
		{ 0, IN, "udp6 " H "#5000 > " R "#53 'x'", IN, "icmp6 unreachable 2001:db8:1::1 > " H " tos=0xc0 ttl=64 [udp6 " H "#5000 > " R "#53 ttl=64 'x']", "drop_no_route icmp_made" })
	},
	/* ---- forwards ---- */
	{ "outside_reaches_a_host_by_a_forward", CONF "forward6 tcp 192.0.2.1:8080 > 2001:db8:1::5#80", ROWS(
		{ 0, OUT, "tcp 198.51.100.9:7000 > 192.0.2.1:8080 SYN seq=1", IN, "tcp6 " R "#7000 > 2001:db8:1::5#80 SYN seq=1", "sessions_made" },
		{ 1, IN, "tcp6 2001:db8:1::5#80 > " R "#7000 SYN ACK seq=2 ack=2", OUT, "tcp 192.0.2.1:8080 > 198.51.100.9:7000 SYN ACK seq=2 ack=2", "" },
		{ 2, IN, "tcp6 2001:db8:1::5#80 > 64:ff9b::203.0.113.5#1234 SYN seq=1", OUT, "tcp 192.0.2.1:8080 > 203.0.113.5:1234 SYN seq=1", "sessions_made" },
		{ 2, IN, "tcp6 2001:db8:1::5#81 > 64:ff9b::203.0.113.5#1234 SYN seq=1", OUT, "tcp 192.0.2.1:$q > 203.0.113.5:1234 SYN seq=1", "sessions_made" },
		{ 2, DO, "mappings 2 in6=2001:db8:1::5", NONE, "", "" },
		{ 2, DO, "subscribers 1", NONE, "", "" })
	},
	{ "a_forward_stays_the_same_over_configurations", CONF "forward6 udp 192.0.2.1:8080 > 2001:db8:1::5#80", ROWS(
		{ 0, OUT, "udp 198.51.100.9:7000 > 192.0.2.1:8080", IN, "udp6 " R "#7000 > 2001:db8:1::5#80", "sessions_made" },
		{ 1, DO, "config inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; forward6 udp 192.0.2.1:99 > 2001:db8:1::4#80; forward6 udp 192.0.2.1:8080 > 2001:db8:1::5#80", NONE, "", "" },
		{ 2, OUT, "udp 198.51.100.9:7000 > 192.0.2.1:8080 'x'", IN, "udp6 " R "#7000 > 2001:db8:1::5#80 'x'", "flow_hits" },
		{ 2, OUT, "udp 198.51.100.9:7000 > 192.0.2.1:99", IN, "udp6 " R "#7000 > 2001:db8:1::4#80", "sessions_made" },
		{ 3, DO, "config inside6 2001:db8:1::1/64; nat64 64:ff9b::/96", NONE, "", "" },
		{ 3, DO, "poll 30", NONE, "", "" },
		{ 3, DO, "sessions 0", NONE, "", "" })
	},
	/* It got another stand-in with the forward, and its sessions were lost. */
	{ "a_host_that_gets_a_forward_keeps_its_sessions", CONF, ROWS(
		{ 0, IN, "tcp6 2001:db8:1::5#90 > " R "#53 SYN seq=1", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:53 SYN seq=1", "sessions_made" },
		{ 0, OUT, "tcp 198.51.100.9:53 > 192.0.2.1:$p SYN ACK seq=5 ack=2", IN, "tcp6 " R "#53 > 2001:db8:1::5#90 SYN ACK seq=5 ack=2", "" },
		{ 1, IN, "udp6 2001:db8:1::5#80 > " R "#53 'a'", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53 'a'", "sessions_made" },
		{ 1, DO, "config inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; forward6 tcp 192.0.2.1:8080 > 2001:db8:1::5#80; forward6 udp 192.0.2.1:8080 > 2001:db8:1::5#80", NONE, "", "" },
		{ 1, DO, "poll 30", NONE, "", "" },
		{ 1, DO, "sessions 2", NONE, "", "" },
		{ 2, IN, "tcp6 2001:db8:1::5#90 > " R "#53 ACK seq=2 ack=6 'x'", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:53 ACK seq=2 ack=6 'x'", "flow_hits" },
		{ 2, OUT, "tcp 198.51.100.9:53 > 192.0.2.1:$p ACK seq=6 ack=3 'y'", IN, "tcp6 " R "#53 > 2001:db8:1::5#90 ACK seq=6 ack=3 'y'", "flow_hits" },
		{ 2, IN, "udp6 2001:db8:1::5#80 > " R "#53 'b'", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53 'b'", "flow_hits" },
		/* The forward is the same host's, which answers from its port. */
		{ 3, OUT, "tcp 198.51.100.9:7000 > 192.0.2.1:8080 SYN seq=1", IN, "tcp6 " R "#7000 > 2001:db8:1::5#80 SYN seq=1", "sessions_made" },
		{ 3, IN, "tcp6 2001:db8:1::5#80 > " R "#7000 SYN ACK seq=2 ack=2", OUT, "tcp 192.0.2.1:8080 > 198.51.100.9:7000 SYN ACK seq=2 ack=2", "flow_hits" },
		{ 3, IN, "tcp6 2001:db8:1::5#80 > 64:ff9b::203.0.113.5#1234 SYN seq=1", OUT, "tcp 192.0.2.1:8080 > 203.0.113.5:1234 SYN seq=1", "sessions_made" },
		{ 3, DO, "mappings 3 in6=2001:db8:1::5", NONE, "", "" },
		{ 3, DO, "subscribers 1", NONE, "", "" },
		/* And it goes as it came. */
		{ 4, DO, "config inside6 2001:db8:1::1/64; nat64 64:ff9b::/96", NONE, "", "" },
		{ 4, DO, "poll 30", NONE, "", "" },
		{ 4, DO, "sessions 2", NONE, "", "" },
		{ 5, OUT, "tcp 198.51.100.9:53 > 192.0.2.1:$p ACK seq=6 ack=3 'y'", IN, "tcp6 " R "#53 > 2001:db8:1::5#90 ACK seq=6 ack=3 'y'", "flow_hits" },
		{ 5, OUT, "tcp 198.51.100.9:7000 > 192.0.2.1:8080 ACK seq=2 ack=3", NONE, "", "drop_no_mapping" })
	},
	{ "a_host_that_loses_its_forward_keeps_its_other_sessions", CONF "forward6 udp 192.0.2.1:8080 > 2001:db8:1::5#80", ROWS(
		{ 0, OUT, "udp 198.51.100.9:7000 > 192.0.2.1:8080", IN, "udp6 " R "#7000 > 2001:db8:1::5#80", "sessions_made" },
		{ 0, IN, "udp6 2001:db8:1::5#90 > " R "#53 'a'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'a'", "sessions_made" },
		{ 1, DO, "config inside6 2001:db8:1::1/64; nat64 64:ff9b::/96", NONE, "", "" },
		{ 1, DO, "poll 30", NONE, "", "" },
		{ 1, DO, "sessions 1", NONE, "", "" },
		{ 2, IN, "udp6 2001:db8:1::5#90 > " R "#53 'b'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'b'", "flow_hits" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'c'", IN, "udp6 " R "#53 > 2001:db8:1::5#90 'c'", "flow_hits" },
		{ 3, DO, "config inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; forward6 udp 192.0.2.1:8081 > 2001:db8:1::5#80", NONE, "", "" },
		{ 3, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'd'", IN, "udp6 " R "#53 > 2001:db8:1::5#90 'd'", "flow_hits" },
		{ 3, OUT, "udp 198.51.100.9:7000 > 192.0.2.1:8081", IN, "udp6 " R "#7000 > 2001:db8:1::5#80", "sessions_made" })
	},
	/* The host's entry is another's by now when the forward comes back to life. */
	{ "a_forward_is_followed_when_the_sessions_before_it_are_gone", CONF "timeout udp 10", ROWS(
		{ 0, IN, "udp6 2001:db8:1::5#90 > " R "#53 'a'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'a'", "sessions_made" },
		{ 1, DO, "config inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; timeout udp 10; forward6 udp 192.0.2.1:8080 > 2001:db8:1::5#80", NONE, "", "" },
		{ 2, OUT, "udp 198.51.100.9:7000 > 192.0.2.1:8080 'b'", IN, "udp6 " R "#7000 > 2001:db8:1::5#80 'b'", "sessions_made" },
		{ 20000, DO, "poll 300", NONE, "", "sessions_now=-2" },
		{ 25000, DO, "poll 2", NONE, "", "hosts6_now=*" },
		{ 26000, DO, "poll 2", NONE, "", "hosts6_now=*" },
		{ 27000, OUT, "udp 198.51.100.9:7000 > 192.0.2.1:8080 'c'", IN, "udp6 " R "#7000 > 2001:db8:1::5#80 'c'", "sessions_made" },
		{ 27000, IN, "udp6 2001:db8:1::5#80 > " R "#7000 'd'", OUT, "udp 192.0.2.1:8080 > 198.51.100.9:7000 'd'", "flow_hits" },
		{ 27000, IN, "udp6 2001:db8:1::5#90 > " R "#53 'e'", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53 'e'", "sessions_made" })
	},
	/* ---- limits ---- */
	{ "a_subscriber_is_a_network_of_hosts", CONF "limit sessions=3 rate=0", ROWS(
		{ 0, IN, "udp6 2001:db8:1::2#1 > " R "#53", ANY, "", "tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::3#1 > " R "#53", ANY, "", "tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::4#1 > " R "#53", ANY, "", "tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::5#1 > " R "#53", IN, "icmp6 unreachable 2001:db8:1::1 > 2001:db8:1::5 code=1 tos=0xc0 ttl=64 [udp6 2001:db8:1::5#1 > " R "#53 ttl=64]", "drop_limit_sessions icmp_made" },
		{ 0, DO, "subscribers 1", NONE, "", "" })
	},
	{ "a_subscriber_may_be_one_host", CONF "limit sessions=1 rate=0; nat64-subscriber 128", ROWS(
		{ 0, IN, "udp6 2001:db8:1::2#1 > " R "#53", ANY, "", "tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::3#1 > " R "#53", ANY, "", "tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::3#2 > " R "#53", ANY, "", "drop_limit_sessions" },
		{ 0, DO, "subscribers 2", NONE, "", "" })
	},
	{ "hosts_that_come_to_another_worker_begin_anew", CONF, ROWS(
		{ 0, IN, "udp6 2001:db8:1::2#1 > " R "#53", ANY, "", "sessions_made tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::3#1 > " R "#53", ANY, "", "sessions_made tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::4#1 > " R "#53", ANY, "", "sessions_made tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::5#1 > " R "#53", ANY, "", "sessions_made tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::6#1 > " R "#53", ANY, "", "sessions_made tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::7#1 > " R "#53", ANY, "", "sessions_made tx_outside" },
		{ 1, DO, "config " CONF "nat64-subscriber 128", NONE, "", "" },
		{ 3000, DO, "poll 200", NONE, "", "" },
		{ 3001, IN, "udp6 2001:db8:1::2#1 > " R "#53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "tx_outside" },
		{ 3001, IN, "udp6 2001:db8:1::3#1 > " R "#53", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53", "tx_outside" },
		{ 3001, IN, "udp6 2001:db8:1::4#1 > " R "#53", OUT, "udp 192.0.2.1:$c > 198.51.100.9:53", "tx_outside" },
		{ 3001, IN, "udp6 2001:db8:1::5#1 > " R "#53", OUT, "udp 192.0.2.1:$d > 198.51.100.9:53", "tx_outside" },
		{ 3001, IN, "udp6 2001:db8:1::6#1 > " R "#53", OUT, "udp 192.0.2.1:$e > 198.51.100.9:53", "tx_outside" },
		{ 3001, IN, "udp6 2001:db8:1::7#1 > " R "#53", OUT, "udp 192.0.2.1:$f > 198.51.100.9:53", "tx_outside" },
		{ 3001, DO, "sessions 6", NONE, "", "" },
		{ 3002, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$a", IN, "udp6 " R "#53 > 2001:db8:1::2#1", "flow_hits" },
		{ 3002, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$b", IN, "udp6 " R "#53 > 2001:db8:1::3#1", "flow_hits" },
		{ 3002, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$c", IN, "udp6 " R "#53 > 2001:db8:1::4#1", "flow_hits" },
		{ 3002, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$d", IN, "udp6 " R "#53 > 2001:db8:1::5#1", "flow_hits" },
		{ 3002, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$e", IN, "udp6 " R "#53 > 2001:db8:1::6#1", "flow_hits" },
		{ 3002, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$f", IN, "udp6 " R "#53 > 2001:db8:1::7#1", "flow_hits" })
	},
	{ "hosts_of_a_subscriber_share_an_outside_address", CONF "pool 192.0.2.10-192.0.2.41", ROWS(
		{ 0, IN, "udp6 2001:db8:1::2#2 > " R "#53", OUT, "udp $a:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp6 2001:db8:1::3#2 > " R "#53", OUT, "udp $a:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp6 2001:db8:1::4#2 > " R "#53", OUT, "udp $a:* > 198.51.100.9:53", "" })
	},
	{ "blocks_are_the_subscribers", CONF "pool 192.0.2.1 block=64; record block-add", ROWS(
		{ 0, IN, "udp6 2001:db8:1::2#2 > " R "#53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" },
		{ 0, IN, "udp6 2001:db8:1::3#2 > " R "#53", OUT, "udp 192.0.2.1:$b{a/64} > 198.51.100.9:53", "" },
		{ 0, DO, "records 1 block-add in6=2001:db8:1::/64", NONE, "", "" })
	},
	/* What is computed from IPv4 addresses has nothing for others: their tenant needs a pool without. */
	{ "deterministic_pools_are_not_for_ipv6_hosts", CONF, ROWS(
		{ 0, DO, "badconfig " CONF "pool 192.0.2.1 fixed=10.0.0.0/28", NONE, "", "" },
		{ 0, DO, "config " CONF "pool 192.0.2.1; pool 192.0.2.2 fixed=10.0.0.0/28", NONE, "", "" },
		{ 0, DO, "badconfig " CONF "pool 192.0.2.1; pool 192.0.2.2 fixed=10.0.0.0/28; tenant red vlan=20 pool=1 10.0.0.1/24; nat64 2001:db8:64::/96 tenant=1", NONE, "", "" },
		{ 0, DO, "config pool 192.0.2.1 fixed=10.0.0.0/28", NONE, "", "" },
		{ 0, DO, "config nat64 none; pool 192.0.2.1 fixed=10.0.0.0/28", NONE, "", "" })
	},
	{ "a_subscriber_has_a_bounded_number_of_hosts", CONF "nat64-hosts 2", ROWS(
		{ 0, IN, "udp6 2001:db8:1::2#1 > " R "#53", ANY, "", "tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::3#1 > " R "#53", ANY, "", "tx_outside" },
		{ 0, IN, "udp6 2001:db8:1::4#1 > " R "#53", IN, "icmp6 unreachable 2001:db8:1::1 > 2001:db8:1::4 code=1 ttl=64 [udp6 2001:db8:1::4#1 > " R "#53 ttl=64]", "drop_limit_hosts icmp_made" },
		{ 0, IN, "udp6 2001:db8:1::2#2 > " R "#53", ANY, "", "tx_outside" })
	},
	{ "hosts_go_with_their_last_mapping", CONF "nat64-hosts 1; timeout udp 10", ROWS(
		{ 0, IN, "udp6 2001:db8:1::2#1 > " R "#53", ANY, "", "tx_outside hosts6_now=2" },
		{ 20000, DO, "poll 300", NONE, "", "sessions_now=-1" },
		{ 25000, DO, "poll 2", NONE, "", "hosts6_now=*" },
		{ 26000, DO, "poll 2", NONE, "", "hosts6_now=*" },
		{ 27000, IN, "udp6 2001:db8:1::3#1 > " R "#53", ANY, "", "tx_outside" })
	},
	{ "a_full_table_of_hosts_refuses_others", CONF "max-hosts6 8; workers 1; nat64-subscriber 128; source-check off", ROWS(
		{ 0, IN, FROM("11") " + " FROM("12") " + " FROM("13") " + " FROM("14") " + " FROM("3") " + " FROM("16") " + " FROM("17") " + " FROM("18"), ANY, "", "tx_outside=8" },
		{ 1, IN, "udp6 2001:db8:1::9#1 > " R "#53", ANY, "", "drop_hosts_full" },
		{ 1, IN, "udp6 2001:db8:5::3#2 > " R "#53", ANY, "", "tx_outside" })
	},
	{ "requests_are_for_hosts_that_are_there", CONF "workers 1", ROWS(
		OPEN,
		{ 1, DO, "map add udp 240.0.0.1:6000", NONE, "*:*", "" },
		{ 1, DO, "mappings 2 in6=" H, NONE, "", "" },
		{ 1, DO, "map add udp 240.0.0.9:6000", NONE, "EINVAL", "" },
		{ 1, DO, "map add udp 240.63.255.255:6000", NONE, "EINVAL", "" },
		{ 1, DO, "map add udp 240.32.0.1:6000", NONE, "EINVAL", "" })
	},
	{ "requests_make_hosts_and_their_mappings", CONF "timeout udp 10", ROWS(
		{ 0, DO, "map add udp 2001:db8:1::5#6000 lease life=30000", NONE, "192.0.2.1:$p{even}", "mappings_made hosts6_now=2" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'x'", IN, "udp6 " R "#53 > 2001:db8:1::5#6000 'x'", "sessions_made" },
		{ 1, IN, "udp6 2001:db8:1::5#6000 > " R "#99 'y'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:99 'y'", "sessions_made" },
		{ 2, DO, "map add udp 2001:db8:1::5#6000 lease life=30000", NONE, "192.0.2.1:$p", "mappings_made=0" },
		{ 2, DO, "map add udp 2001:db8:1::5#6000 lease astray", NONE, "EINVAL", "" },
		{ 2, DO, "mappings 1 in6=2001:db8:1::5", NONE, "", "" },
		{ 3, DO, "map del udp 2001:db8:1::5#6000", NONE, "", "" },
		{ 3, DO, "sessions 0", NONE, "", "" },
		{ 3, DO, "map del udp 2001:db8:1::5#6000", NONE, "ENOENT", "" },
		{ 3, DO, "map del udp 2001:db8:1::9#6000", NONE, "ENOENT", "" },
		{ 4, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'x'", NONE, "", "drop_no_mapping" },
		/* it goes as any other host does */
		{ 5000, DO, "poll 2", NONE, "", "hosts6_now=*" },
		{ 6000, DO, "poll 2", NONE, "", "hosts6_now=*" },
		{ 10000, DO, "poll 2", NONE, "", "hosts6_now=*" },
		{ 10001, DO, "mappings 0", NONE, "", "" })
	},
	{ "requests_are_for_hosts_that_can_be", CONF "nat64 2001:db8:64::/96; nat64 none; nat64-hosts 1", ROWS(
		{ 0, DO, "map add udp ff02::1#6000", NONE, "EINVAL", "" },
		{ 0, DO, "map add udp 2001:db8:1::5#6000 nat64=2", NONE, "EINVAL", "" },
		{ 0, DO, "map add udp 2001:db8:1::5#6000 nat64=3", NONE, "EINVAL", "" },
		{ 0, DO, "map add udp 2001:db8:1::5#6000 tenant=1", NONE, "EINVAL", "" },
		{ 0, DO, "map add udp 2001:db8:1::5#6000 nat64=1", NONE, "*:*", "" },
		{ 0, DO, "map add udp 2001:db8:1::6#6000 nat64=1", NONE, "EDQUOT", "" })
	},
	{ "requests_of_a_host_with_a_forward", CONF "forward6 udp 192.0.2.1:8080 > 2001:db8:1::5#80", ROWS(
		{ 0, DO, "map add udp 2001:db8:1::5#80", NONE, "192.0.2.1:8080", "" },
		{ 0, DO, "map add udp 2001:db8:1::5#81", NONE, "192.0.2.1:$p", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'x'", IN, "udp6 " R "#53 > 2001:db8:1::5#81 'x'", "sessions_made" })
	},
	/* ---- tenants ---- */
	{ "tenants_have_hosts_and_prefixes_of_their_own", CONF "tenant red vlan=20 inner=7 10.0.0.1/24 2001:db8:1::1/64; nat64 2001:db8:64::/96 tenant=1", ROWS(
		{ 0, IN, "udp6 " H "#5000 > 2001:db8:64::198.51.100.9#53 vlan=20.7 'red'", OUT, "udp 192.0.2.1:$r > 198.51.100.9:53 'red'", "sessions_made" },
		{ 0, IN, "udp6 " H "#5000 > " R "#53 'plain'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'plain'", "sessions_made" },
		DROPPED(IN, "udp6 " H "#5000 > " R "#53 vlan=20.7 'x'", "drop_ipv6"),
		DROPPED(IN, "udp6 " H "#5000 > 2001:db8:64::198.51.100.9#53 'x'", "drop_ipv6"),
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$r '1'", IN, "udp6 2001:db8:64::198.51.100.9#53 > " H "#5000 vlan=20.7 '1'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p '2'", IN, "udp6 " R "#53 > " H "#5000 '2'", "" },
		{ 1, IN, "icmp6 echo " H " > 2001:db8:64::198.51.100.9 ttl=1 id=1 seq=1 vlan=20.7", IN, "icmp6 time-exceeded 2001:db8:1::1 > " H " ttl=64 vlan=20.7 [icmp6 echo " H " > 2001:db8:64::198.51.100.9 ttl=1 id=1 seq=1]", "drop_ttl icmp_made" })
	},
	/* ---- configurations ---- */
	{ "a_prefix_that_is_removed_takes_its_sessions_along", CONF, ROWS(
		OPEN,
		{ 1, DO, "config inside6 2001:db8:1::1/64; nat64 none; nat64 2001:db8:64::/96", NONE, "", "" },
		{ 2, DO, "poll 30", NONE, "", "" },
		{ 2, DO, "sessions 0", NONE, "", "" },
		DROPPED(IN, "udp6 " H "#5000 > " R "#53 'x'", "drop_ipv6"),
		{ 3, IN, "udp6 " H "#5000 > 2001:db8:64::198.51.100.9#53 'x'", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53 'x'", "" })
	},
	/* Hosts of the old prefix were taken for those of the new one, and answers came from the old one. */
	{ "a_prefix_in_the_place_of_another_has_hosts_of_its_own", CONF, ROWS(
		OPEN,
		{ 1, DO, "config inside6 2001:db8:1::1/64; nat64 2001:db8:64::/96", NONE, "", "" },
		{ 1, IN, "udp6 " H "#5000 > 2001:db8:64::198.51.100.9#53 'x'", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53 'x'", "sessions_made" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$q 'y'", IN, "udp6 2001:db8:64::198.51.100.9#53 > " H "#5000 'y'", "flow_hits" },
		{ 2, DO, "poll 30", NONE, "", "" },
		{ 2, DO, "sessions 1", NONE, "", "" },
		{ 3, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'z'", NONE, "", "drop_no_mapping" })
	},
	{ "other_changes_leave_sessions_alone", CONF, ROWS(
		OPEN,
		{ 1, DO, "config inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; nat64 2001:db8:64::/96; nat64-subscriber 56", NONE, "", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'x'", IN, "udp6 " R "#53 > " H "#5000 'x'", "flow_hits" },
		{ 2, DO, "sessions 1", NONE, "", "" })
	},
	{ "wrong_configurations_are_refused", CONF, ROWS(
		{ 0, DO, "badconfig nat64 64:ff9b::/64; nat64 64:ff9b::/96", NONE, "", "" },
		{ 0, DO, "badconfig nat64 2001:db8::/33", NONE, "", "" },
		{ 0, DO, "badconfig nat64-mtu 1279", NONE, "", "" },
		{ 0, DO, "badconfig nat64-subscriber 47", NONE, "", "" },
		{ 0, DO, "badconfig inside6 ::1/64", NONE, "", "" },
		{ 0, DO, "badconfig forward6 udp 192.0.2.1:8080 > 2001:db8:1::5#80", NONE, "", "" })
	},
};

SUITE(nat64_host, cases);
