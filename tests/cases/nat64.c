/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT64 (RFC 6146 over RFC 7915): IPv6 hosts inside, IPv4 outside. Headers, sessions, echo,
 * TCP, hairpins; what goes wrong before that.
 */
#include "table.h"

/* clang-format off */
#define CONF "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; "
#define H "2001:db8:1::2"
#define R "64:ff9b::198.51.100.9"
#define OPEN { 0, IN, "udp6 " H "#5000 > " R "#53 'hello'", OUT, "udp 192.0.2.1:$p{even} > 198.51.100.9:53 'hello'", "sessions_made mappings_made nat64_out" }
#define DROPPED(side, packet, counter) { 1, side, packet, NONE, "", counter }

#define HANDSHAKE { 0, IN, "tcp6 " H "#5000 > " R "#80 SYN seq=100", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN seq=100", "" }, \
	{ 0, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p SYN ACK seq=900 ack=101", IN, "tcp6 " R "#80 > " H "#5000 SYN ACK seq=900 ack=101", "" }, \
	{ 0, IN, "tcp6 " H "#5000 > " R "#80 ACK seq=101 ack=901", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 ACK seq=101 ack=901", "" }
#define GO_OUT(when, rest) { when, IN, "tcp6 " H "#5000 > " R "#80 " rest, OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 " rest, "" }
#define COME_IN(when, rest) { when, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p " rest, IN, "tcp6 " R "#80 > " H "#5000 " rest, "" }
#define STATE(when, what) { when, DO, "sessions 1 " what, NONE, "", "" }

static const struct table_case cases[] = {
	{ "udp_goes_out_and_comes_back", CONF, ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'hi'", IN, "udp6 " R "#53 > " H "#5000 'hi'", "flow_hits nat64_in" },
		{ 2, IN, "udp6 " H "#5000 > " R "#53 'again'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'again'", "flow_hits" },
		{ 2, DO, "sessions 1 packets=2/1 in6=2001:db8:1::/64", NONE, "", "" },
		{ 2, DO, "sessions 0 in6=2001:db8:2::/64", NONE, "", "" },
		{ 2, DO, "mappings 1 in6=" H, NONE, "", "" },
		{ 2, DO, "subscribers 1", NONE, "", "" })
	},
	{ "mapping_serves_every_destination", CONF, ROWS(
		OPEN,
		{ 1, IN, "udp6 " H "#5000 > 64:ff9b::203.0.113.7#99 'x'", OUT, "udp 192.0.2.1:$p > 203.0.113.7:99 'x'", "sessions_made" },
		{ 1, OUT, "udp 203.0.113.200:1 > 192.0.2.1:$p 'y'", IN, "udp6 64:ff9b::203.0.113.200#1 > " H "#5000 'y'", "sessions_made" },
		{ 1, DO, "mappings 1", NONE, "", "" })
	},
	{ "filtering_is_the_pools", CONF "pool 192.0.2.1 udp=ad", ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:99 > 192.0.2.1:$p", IN, "udp6 " R "#99 > " H "#5000", "" },
		DROPPED(OUT, "udp 203.0.113.200:1 > 192.0.2.1:$p 'y'", "drop_filtered"))
	},
	{ "payloads_of_all_lengths_keep_right_checksums", CONF, ROWS(
		OPEN,
		{ 1, IN, "udp6 " H "#5000 > " R "#53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 data=1200", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 data=1200", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p", IN, "udp6 " R "#53 > " H "#5000", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p data=333", IN, "udp6 " R "#53 > " H "#5000 data=333", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p badcsum 'bad'", IN, "udp6 " R "#53 > " H "#5000 badcsum 'bad'", "" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 badcsum 'bad'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 badcsum 'bad'", "" })
	},
	{ "rfc7915_s51_tos_can_be_set", CONF "nat64-tos 32", ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 tos=0xb9 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 tos=0x21 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p tos=0x4a 'y'", IN, "udp6 " R "#53 > " H "#5000 tos=0x4a 'y'", "" },
		{ 2, IN, "icmp6 echo " H " > " R " tos=0xc0 id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 tos=0x20 id=$i seq=1", "" },
		{ 2, IN, "icmp6 unreachable " H " > " R " code=4 tos=0xc0 [udp6 " R "#53 > " H "#5000 tos=0x4a 'y']", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=3 tos=0x20 [udp 198.51.100.9:53 > 192.0.2.1:$p tos=0x4a 'y']", "icmp_errors" },
		{ 3, DO, "config " CONF "nat64-tos 0", NONE, "", "" },
		{ 3, IN, "udp6 " H "#5000 > " R "#53 tos=0xb9 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 tos=1 'x'", "flow_hits" })
	},
	{ "rfc7915_s41_traffic_class_can_be_zero", CONF "nat64-class 0", ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 tos=0xb9 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 tos=0xb9 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p tos=0x4b 'y'", IN, "udp6 " R "#53 > " H "#5000 tos=3 'y'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p tos=0xfc 'y'", IN, "udp6 " R "#53 > " H "#5000 'y'", "" },
		{ 2, OUT, "icmp time-exceeded 203.0.113.5 > 192.0.2.1 code=0 tos=0xc0 [udp 192.0.2.1:$p > 198.51.100.9:53 tos=0xb9 'x']", IN, "icmp6 time-exceeded 64:ff9b::203.0.113.5 > " H " [udp6 " H "#5000 > " R "#53 tos=0xb9 'x']", "icmp_errors" },
		/* The box's own are not translated. */
		{ 3, IN, "udp6 " H "#5000 > " R "#53 ttl=1 'x'", IN, "icmp6 time-exceeded 2001:db8:1::1 > " H " ttl=64 [udp6 " H "#5000 > " R "#53 ttl=1 'x']", "drop_ttl icmp_made" },
		{ 4, DO, "badconfig nat64-class 3", NONE, "", "" },
		{ 4, DO, "badconfig nat64-tos 1", NONE, "", "" })
	},
	{ "rfc7915_s5_traffic_class_hop_limit_and_flow_label", CONF, ROWS(
		OPEN,
		{ 1, IN, "udp6 " H "#5000 > " R "#53 tos=0xb9 flow=0x12345 ttl=17", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 tos=0xb9 ttl=16", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p tos=0x47 ttl=200", IN, "udp6 " R "#53 > " H "#5000 tos=0x47 ttl=199", "" })
	},
	{ "rfc7915_s5_df_is_for_more_than_1260_bytes", CONF, ROWS(
		OPEN,
		{ 1, IN, "udp6 " H "#5000 > " R "#53 data=1232", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 data=1232", "" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 data=1233", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 df data=1233", "" })
	},
	{ "hop_limit_that_runs_out_is_answered", CONF, ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 ttl=1 'x'", IN, "icmp6 time-exceeded 2001:db8:1::1 > " H " ttl=64 [udp6 " H "#5000 > " R "#53 ttl=1 'x']", "drop_ttl icmp_made" },
		OPEN,
		{ 1, IN, "udp6 " H "#5000 > " R "#53 ttl=1 'x'", IN, "icmp6 time-exceeded 2001:db8:1::1 > " H " ttl=64 [udp6 " H "#5000 > " R "#53 ttl=1 'x']", "drop_ttl icmp_made" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 ttl=2 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ttl=1 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ttl=1 'x'", OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 tos=0xc0 ttl=64 [udp 198.51.100.9:53 > 192.0.2.1:$p ttl=1 'x']", "drop_ttl icmp_made" })
	},
	{ "tcp_connection_opens_and_closes", CONF, ROWS(
		{ 0, IN, "tcp6 " H "#5000 > " R "#80 SYN seq=100 mss=1440", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN seq=100 mss=1440", "sessions_made" },
		{ 1, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p SYN ACK seq=900 ack=101 mss=1460", IN, "tcp6 " R "#80 > " H "#5000 SYN ACK seq=900 ack=101 mss=1460", "" },
		{ 2, IN, "tcp6 " H "#5000 > " R "#80 ACK seq=101 ack=901", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 ACK seq=101 ack=901", "" },
		{ 2, DO, "sessions 1 state=ESTABLISHED", NONE, "", "" },
		{ 3, IN, "tcp6 " H "#5000 > " R "#80 PSH ACK seq=101 ack=901 'GET'", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 PSH ACK seq=101 ack=901 'GET'", "" },
		{ 4, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p ACK seq=901 ack=104 data=1000 df", IN, "tcp6 " R "#80 > " H "#5000 ACK seq=901 ack=104 data=1000", "" },
		{ 5, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p FIN ACK seq=1901 ack=104", IN, "tcp6 " R "#80 > " H "#5000 FIN ACK seq=1901 ack=104", "" },
		{ 6, IN, "tcp6 " H "#5000 > " R "#80 FIN ACK seq=104 ack=1902", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 FIN ACK seq=104 ack=1902", "" },
		{ 6, DO, "sessions 1 state=FIN_BOTH", NONE, "", "" })
	},
	{ "tcp_without_a_session_is_dropped", CONF, ROWS(
		DROPPED(IN, "tcp6 " H "#5000 > " R "#80 ACK seq=1 ack=1", "drop_no_state"),
		DROPPED(IN, "tcp6 " H "#5000 > " R "#80 RST seq=1", "drop_no_state"),
		OPEN,
		DROPPED(IN, "tcp6 " H "#5000 > " R "#80 ACK seq=1 ack=1", "drop_no_state"))
	},
	{ "echo_and_its_answer_cross", CONF, ROWS(
		{ 0, IN, "icmp6 echo " H " > " R " id=7 seq=1 'ping'", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1 'ping'", "sessions_made" },
		{ 1, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=1 'ping'", IN, "icmp6 echo-reply " R " > " H " id=7 seq=1 'ping'", "" },
		{ 1, IN, "icmp6 echo " H " > " R " id=7 seq=2 'x'", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=2 'x'", "" },
		{ 1, IN, "icmp6 echo " H " > " R " id=7 seq=3 badcsum 'x'", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=3 badcsum 'x'", "" },
		{ 1, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=3 data=999", IN, "icmp6 echo-reply " R " > " H " id=7 seq=3 data=999", "" })
	},
	{ "answers_that_nobody_asked_for_are_dropped", CONF, ROWS(
		DROPPED(IN, "icmp6 echo-reply " H " > " R " id=7 seq=1 'ping'", "drop_icmp_type"))
	},
	{ "udp_without_a_checksum_gets_one", CONF, ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p csum=0 'hi'", IN, "udp6 " R "#53 > " H "#5000 'hi'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p csum=0 data=777", IN, "udp6 " R "#53 > " H "#5000 data=777", "" })
	},
	{ "udp_without_a_checksum_is_dropped_when_told_so", CONF "nat64-checksum off", ROWS(
		OPEN,
		DROPPED(OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p csum=0 'hi'", "drop_nat64_checksum"))
	},
	{ "ipv4_options_go_away", CONF, ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=94040000 'hi'", IN, "udp6 " R "#53 > " H "#5000 'hi'", "" })
	},
	{ "padding_is_cut_off", CONF, ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 'x' trailer=7", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'x' trailer=9", IN, "udp6 " R "#53 > " H "#5000 'x'", "" })
	},
	/* ---- extension headers ---- */
	{ "extension_headers_are_skipped", CONF, ROWS(
		OPEN,
		{ 1, IN, "udp6 " H "#5000 > " R "#53 hbh 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 dstopt 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 rh=0 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 hbh rh=0 dstopt 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 hbh frag=1 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" })
	},
	{ "rfc7915_s51_segments_left_is_answered", CONF, ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 rh=1 'x'", IN, "icmp6 param-problem 2001:db8:1::1 > " H " ttl=64 ptr=43 [udp6 " H "#5000 > " R "#53 ttl=64 rh=1 'x']", "drop_source_route icmp_made" },
		{ 0, IN, "udp6 " H "#5000 > " R "#53 hbh rh=3 'x'", IN, "icmp6 param-problem 2001:db8:1::1 > " H " ttl=64 ptr=51 [udp6 " H "#5000 > " R "#53 ttl=64 hbh rh=3 'x']", "drop_source_route icmp_made" })
	},
	{ "chains_that_lie_are_dropped", CONF, ROWS(
		/* a length past the end, a chain that ends nowhere, hop-by-hop twice, two fragment headers */
		DROPPED(IN, "ip6 " H " > " R " nh=60 hex=110900000000000000010002000800aa", "drop_ipv6_extension"),
		DROPPED(IN, "ip6 " H " > " R " nh=60 hex=3c00000000000000", "drop_ipv6_extension"),
		DROPPED(IN, "ip6 " H " > " R " nh=60 hex=1100", "drop_ipv6_extension"),
		DROPPED(IN, "ip6 " H " > " R " nh=0 hex=000000000000000011000000000000000001000200080000", "drop_ipv6_extension"),
		DROPPED(IN, "ip6 " H " > " R " nh=44 hex=2c0000000000000111000000000000010001000200080000", "drop_ipv6_extension"),
		DROPPED(IN, "ip6 " H " > " R " nh=44 hex=3c0000000000000111000000000000000001000200080000", "drop_ipv6_extension"),
		/* nine headers */
		DROPPED(IN, "ip6 " H " > " R " nh=60 hex=3c000000000000003c000000000000003c000000000000003c000000000000003c000000000000003c000000000000003c000000000000003c0000000000000011000000000000000001000200080000", "drop_ipv6_extension"),
		DROPPED(IN, "ip6 " H " > " R " nh=59", "drop_protocol"))
	},
	{ "eight_extension_headers_are_let_pass", CONF, ROWS(
		{ 0, IN, "ip6 " H " > " R " nh=60 hex=3c000000000000003c000000000000003c000000000000003c000000000000003c000000000000003c000000000000003c0000000000000011000000000000001388003500080000", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 csum=0", "" })
	},
	{ "lengths_that_lie_are_dropped", CONF, ROWS(
		DROPPED(IN, "udp6 " H "#5000 > " R "#53 'hello' tlen=14", "drop_length"),
		DROPPED(IN, "udp6 " H "#5000 > " R "#53 'hello' tlen=65535", "drop_length"),
		DROPPED(IN, "udp6 " H "#5000 > " R "#53 'hello' tlen=7", "drop_l4_length"),
		DROPPED(IN, "udp6 " H "#5000 > " R "#53 'hello' tlen=0", "drop_l4_length"),
		DROPPED(IN, "udp6 " H "#5000 > " R "#53 'hello' ulen=14", "drop_l4_length"),
		DROPPED(IN, "udp6 " H "#5000 > " R "#53 'hello' ulen=7", "drop_l4_length"),
		DROPPED(IN, "tcp6 " H "#5000 > " R "#80 SYN doff=4", "drop_l4_length"),
		DROPPED(IN, "tcp6 " H "#5000 > " R "#80 SYN doff=6", "drop_l4_length"),
		DROPPED(IN, "tcp6 " H "#5000 > " R "#80 SYN tlen=19", "drop_l4_length"),
		DROPPED(IN, "icmp6 echo " H " > " R " tlen=7", "drop_l4_length"),
		DROPPED(IN, "udp6 " H "#5000 > " R "#53 version=4 'x'", "drop_version"),
		DROPPED(IN, "eth type=0x86dd hex=600000000000", "drop_short"))
	},
	/* ---- other protocols ---- */
	{ "rfc6146_s34_other_protocols_are_answered", CONF, ROWS(
		{ 0, IN, "ip6 " H " > " R " nh=47 hex=0000080000000000", IN, "icmp6 unreachable 2001:db8:1::1 > " H " code=4 ttl=64 [ip6 " H " > " R " ttl=64 nh=47 hex=0000080000000000]", "drop_protocol icmp_made" },
		{ 0, IN, "ip6 " H " > " R " nh=50 hex=0000080000000000", IN, "icmp6 unreachable 2001:db8:1::1 > " H " code=4 ttl=64 [ip6 " H " > " R " ttl=64 nh=50 hex=0000080000000000]", "drop_protocol icmp_made" },
		DROPPED(IN, "ip6 " H " > " R " nh=58 hex=8700000000000000", "drop_icmp_type"),
		DROPPED(IN, "ip6 " H " > " R " nh=58 hex=8000000000000000 tlen=4", "drop_l4_length"))
	},
	/* ---- hairpins ---- */
	{ "hosts_reach_each_other_by_outside_addresses", CONF, ROWS(
		OPEN,
		{ 1, IN, "udp6 2001:db8:1::3#6000 > 64:ff9b::192.0.2.1#$p 'hi'", IN, "udp6 64:ff9b::192.0.2.1#$q > " H "#5000 'hi'", "hairpinned sessions_made=2" },
		{ 2, IN, "udp6 " H "#5000 > 64:ff9b::192.0.2.1#$q 'back'", IN, "udp6 64:ff9b::192.0.2.1#$p > 2001:db8:1::3#6000 'back'", "hairpinned" })
	},
	{ "ipv6_and_ipv4_hosts_reach_each_other", CONF, ROWS(
		OPEN,
		{ 1, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$p 'hi'", IN, "udp6 64:ff9b::192.0.2.1#$q > " H "#5000 'hi'", "hairpinned" },
		{ 2, IN, "udp6 " H "#5000 > 64:ff9b::192.0.2.1#$q 'back'", IN, "udp 192.0.2.1:$p > 10.0.0.3:6000 'back'", "hairpinned" })
	},
	{ "echo_to_another_subscriber_keeps_its_id", CONF, ROWS(
		{ 0, IN, "icmp6 echo " H " > " R " id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1", "" },
		{ 1, IN, "icmp6 echo 2001:db8:1::3 > 64:ff9b::192.0.2.1 id=$i seq=5", IN, "icmp6 echo 64:ff9b::192.0.2.1 > " H " id=7 seq=5", "hairpinned" },
		{ 2, IN, "icmp6 echo-reply " H " > 64:ff9b::192.0.2.1 id=7 seq=5", IN, "icmp6 echo-reply 64:ff9b::192.0.2.1 > 2001:db8:1::3 id=$i seq=5", "hairpinned" })
	},
	{ "records_name_the_host", CONF "record session-add session-del mapping-add; timeout udp 10", ROWS(
		OPEN,
		{ 1, DO, "records 1 session-add in6=2001:db8:1::2/128", NONE, "", "" },
		{ 1, DO, "records 1 mapping-add in6=2001:db8:1::2/128", NONE, "", "" },
		{ 20000, DO, "poll 2", NONE, "", "" },
		{ 30000, DO, "records 1 session-del in6=2001:db8:1::2/128", NONE, "", "" })
	},
	/* ---- states and lifetimes ---- */
	{ "rfc6146_s3522_rst_of_the_ipv4_end_leaves_four_minutes", CONF, ROWS(
		HANDSHAKE, STATE(0, "state=ESTABLISHED left=7440000"),
		COME_IN(1000, "RST ACK seq=901 ack=101"), STATE(1000, "state=TRANS left=240000"),
		GO_OUT(2000, "ACK seq=101 ack=901 'x'"), STATE(2000, "state=ESTABLISHED left=7440000"))
	},
	{ "rfc6146_s3522_rst_of_the_ipv6_end_leaves_four_minutes", CONF, ROWS(
		HANDSHAKE,
		GO_OUT(1000, "RST ACK seq=101 ack=901"), STATE(1000, "state=TRANS left=240000"),
		COME_IN(2000, "ACK seq=901 ack=101 'x'"), STATE(2000, "state=ESTABLISHED left=7440000"),
		GO_OUT(3000, "RST ACK seq=101 ack=902"),
		{ 243001, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p ACK seq=902 ack=101", NONE, "", "drop_no_mapping" })
	},
	{ "rfc6146_s3522_idle_session_is_probed_and_lives_on", CONF, ROWS(
		HANDSHAKE, GO_OUT(1, "ACK seq=101 ack=901 'x'"), COME_IN(2, "ACK seq=901 ack=102 'yz'"),
		{ 7440001, DO, "poll 300", NONE, "", "" },
		{ 7441002, DO, "poll 300", IN, "tcp6 " R "#80 > " H "#5000 ACK seq=902 ack=102 ttl=64", "tcp_probes" },
		STATE(7441002, "state=TRANS left=240000"),
		{ 7441003, DO, "poll 300", NONE, "", "" },
		GO_OUT(7442000, "ACK seq=102 ack=903"), STATE(7442000, "state=ESTABLISHED left=7440000"),
		/* And once more; the host has lost it meanwhile, says so, and that is no life. */
		{ 14883000, DO, "poll 300", IN, "tcp6 " R "#80 > " H "#5000 ACK seq=902 ack=102 ttl=64", "tcp_probes" },
		GO_OUT(14883001, "RST seq=102"), STATE(14883001, "state=TRANS left=239999"),
		{ 15123001, DO, "poll 300", NONE, "", "sessions_now=-1" },
		{ 15123002, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p ACK seq=903 ack=102", NONE, "", "drop_no_mapping" })
	},
	{ "rfc6146_s3522_probe_that_nobody_answers_ends_the_session", CONF, ROWS(
		HANDSHAKE,
		{ 7441000, DO, "poll 300", IN, "tcp6 " R "#80 > " H "#5000 ACK seq=900 ack=101 ttl=64", "tcp_probes" },
		{ 7680000, DO, "poll 300", NONE, "", "" }, STATE(7680000, "state=TRANS left=1000"),
		{ 7681001, DO, "poll 300", NONE, "", "sessions_now=-1" })
	},
	{ "rfc6146_s3522_packet_before_the_probe_is_an_answer", CONF "workers 1", ROWS(
		HANDSHAKE,
		COME_IN(7440000, "ACK seq=901 ack=101 'x'"), STATE(7440000, "state=ESTABLISHED left=7440000"),
		{ 7441000, DO, "poll 300", NONE, "", "" },
		GO_OUT(14880001, "RST ACK seq=101 ack=902"), STATE(14880001, "state=TRANS left=240000"))
	},
	/* One in a millisecond. What waits for its turn for too long is over. */
	{ "probes_are_few_at_a_time", CONF, ROWS(
		HANDSHAKE,
		{ 0, IN, "tcp6 " H "#5001 > " R "#80 SYN seq=100", OUT, "tcp 192.0.2.1:$q > 198.51.100.9:80 SYN seq=100", "" },
		{ 0, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$q SYN ACK seq=900 ack=101", IN, "tcp6 " R "#80 > " H "#5001 SYN ACK seq=900 ack=101", "" },
		{ 0, IN, "tcp6 " H "#5002 > " R "#80 SYN seq=100", OUT, "tcp 192.0.2.1:$r > 198.51.100.9:80 SYN seq=100", "" },
		{ 0, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$r SYN ACK seq=900 ack=101", IN, "tcp6 " R "#80 > " H "#5002 SYN ACK seq=900 ack=101", "" },
		{ 7441000, DO, "poll 300", ANY, "", "tcp_probes=1 tx_inside=1" },
		{ 7443000, DO, "poll 300", ANY, "", "tcp_probes=1 tx_inside=1" },
		{ 7443000, DO, "sessions 3", NONE, "", "" },
		{ 7680001, DO, "poll 300", NONE, "", "sessions_now=-1" },
		{ 7681001, DO, "poll 300", NONE, "", "sessions_now=-1" },
		{ 7683001, DO, "poll 300", NONE, "", "sessions_now=-1" })
	},
	{ "probes_can_be_off", CONF "tcp-probe off", ROWS(
		HANDSHAKE, { 7441000, DO, "poll 300", NONE, "", "sessions_now=-1" })
	},
	{ "probes_can_be_for_ipv4_hosts_too", "tcp-probe on", ROWS(
		{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=100", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN seq=100", "" },
		{ 0, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p SYN ACK seq=900 ack=101", IN, "tcp 198.51.100.9:80 > 10.0.0.2:5000 SYN ACK seq=900 ack=101", "" },
		{ 7441000, DO, "poll 300", IN, "tcp 198.51.100.9:80 > 10.0.0.2:5000 ACK seq=900 ack=101 ttl=64 df", "tcp_probes" },
		{ 7442000, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 ACK seq=101 ack=901", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 ACK seq=101 ack=901", "flow_hits" },
		STATE(7442000, "state=ESTABLISHED left=7440000"))
	},
	{ "sessions_of_ipv4_hosts_are_not_probed_by_default", CONF, ROWS(
		{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=100", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN seq=100", "" },
		{ 0, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p SYN ACK seq=900 ack=101", IN, "tcp 198.51.100.9:80 > 10.0.0.2:5000 SYN ACK seq=900 ack=101", "" },
		{ 7441000, DO, "poll 300", NONE, "", "sessions_now=-1" })
	},
	{ "a_host_that_is_not_on_the_link_is_probed_when_it_is", CONF, ROWS(
		{ 0, IN, "tcp6 2001:db8:1::77#5000 > " R "#80 SYN seq=100", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN seq=100", "" },
		{ 0, DO, "neigh6 in 2001:db8:1::77 up", NONE, "", "" },
		{ 0, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p SYN ACK seq=900 ack=101", IN, "tcp6 " R "#80 > 2001:db8:1::77#5000 SYN ACK seq=900 ack=101", "" },
		{ 1, DO, "neigh6 in 2001:db8:1::77 down", NONE, "", "" },
		{ 7441000, DO, "poll 300", NONE, "", "tcp_probes held" },
		{ 7441000, DO, "resolve in 2001:db8:1::77", NONE, "", "" },
		{ 7441001, DO, "neigh6 in 2001:db8:1::77 up", IN, "tcp6 " R "#80 > 2001:db8:1::77#5000 ACK seq=900 ack=101 ttl=64", "" })
	},
	{ "rfc6146_s3522_session_ends_after_its_lifetime", CONF "tcp-probe off", ROWS(
		HANDSHAKE,
		{ 7440001, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p ACK seq=901 ack=101", NONE, "", "drop_no_mapping" },
		{ 7440002, IN, "tcp6 " H "#5000 > " R "#80 ACK seq=101 ack=901", NONE, "", "drop_no_state" })
	},
	{ "rfc6146_s4_lifetimes", CONF, ROWS(
		OPEN, STATE(0, "proto=udp left=300000"),
		{ 0, IN, "icmp6 echo " H " > " R " id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1", "" }, STATE(0, "proto=icmp left=60000"),
		{ 0, IN, "tcp6 " H "#5000 > " R "#80 SYN seq=100", OUT, "tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=100", "" }, STATE(0, "proto=tcp left=240000"))
	},
};

SUITE(nat64, cases);
