/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT64: fragments both ways (RFC 7915 sections 4.1 and 5.1.1), in order and not, and packets
 * that do not fit the other side's link.
 */
#include "table.h"

/* clang-format off */
#define CONF "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; "
#define H "2001:db8:1::2"
#define R "64:ff9b::198.51.100.9"
#define HEX16 "00112233445566778899aabbccddeeff"
#define OPEN { 0, IN, "udp6 " H "#5000 > " R "#53 'hello'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "sessions_made" }
/* outbound: a first, a middle and a last one */
#define F1 "udp6 " H "#5000 > " R "#53 frag=0x10007 mf data=16"
#define F2 "ip6 " H " > " R " nh=17 frag=0x10007 off=24 mf hex=" HEX16
#define F3 "ip6 " H " > " R " nh=17 frag=0x10007 off=40 'rest'"
#define T1 "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i mf data=16"
#define T2 "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=24 mf hex=" HEX16
#define T3 "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=40 'rest'"
/* and inbound */
#define R1 "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 mf data=16"
#define R2 "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 mf hex=" HEX16
#define R3 "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=40 'rest'"
#define U1 "udp6 " R "#53 > " H "#5000 frag=$r mf data=16"
#define U2 "ip6 " R " > " H " nh=17 frag=$r off=24 mf hex=" HEX16
#define U3 "ip6 " R " > " H " nh=17 frag=$r off=40 'rest'"
#define HELD(when, side, packet) { when, side, packet, NONE, "", "fragments_held" }

static const struct table_case cases[] = {
	{ "fragments_go_out_one_by_one", CONF, ROWS(
		{ 0, IN, F1, OUT, T1, "sessions_made" }, { 1, IN, F2, OUT, T2, "" }, { 2, IN, F3, OUT, T3, "" })
	},
	{ "fragments_before_the_first_wait_for_it", CONF, ROWS(
		HELD(0, IN, F3), HELD(1, IN, F2),
		{ 2, IN, F1, OUT, T1 " + " T3 " + " T2, "sessions_made fragments_held_now=-2" })
	},
	{ "fragments_from_outside_come_in_one_by_one", CONF, ROWS(
		OPEN, { 1, OUT, R1, IN, U1, "" }, { 2, OUT, R2, IN, U2, "" }, { 3, OUT, R3, IN, U3, "" })
	},
	{ "fragments_from_outside_wait_for_the_first", CONF, ROWS(
		OPEN, HELD(1, OUT, R2), HELD(2, OUT, R3),
		{ 3, OUT, R1, IN, U1 " + " U2 " + " U3, "" })
	},
	{ "fragments_that_overlap_die", CONF, ROWS(
		{ 0, IN, F1, OUT, T1, "sessions_made" },
		{ 1, IN, "ip6 " H " > " R " nh=17 frag=0x10007 off=16 mf hex=" HEX16, NONE, "", "drop_fragment_overlap" },
		{ 2, IN, F3, NONE, "", "drop_fragment_bad" })
	},
	{ "first_fragments_hold_the_transport_header", CONF, ROWS(
		{ 0, IN, "ip6 " H " > " R " nh=17 frag=7 mf hex=0001020304", NONE, "", "drop_l4_length" },
		{ 0, IN, "ip6 " H " > " R " nh=6 frag=8 mf hex=000102030405060708090a0b0c0d0e0f", NONE, "", "drop_l4_length" })
	},
	{ "atomic_fragments_are_whole_packets_that_may_be_cut", CONF, ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 frag=7 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 0, IN, "udp6 " H "#5000 > " R "#53 frag=8 data=1300", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 data=1300", "" })
	},
	{ "echo_in_fragments_is_made_whole", CONF "joins on", ROWS(
		{ 0, IN, "ip6 " H " > " R " nh=58 frag=7 mf hex=80005ea900070001" HEX16, NONE, "", "fragments_held" },
		{ 1, IN, "ip6 " H " > " R " nh=58 frag=7 off=24 'rest'", ANY, "", "tx_outside fragments_joined sessions_made" })
	},
	{ "echo_from_outside_in_fragments_is_made_whole", CONF "joins on", ROWS(
		{ 0, IN, "icmp6 echo " H " > " R " id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1", "" },
		{ 1, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=1 ipid=9 mf data=16", NONE, "", "fragments_held" },
		{ 2, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=1 ipid=9 off=24 'rest'", ANY, "", "tx_inside fragments_joined" })
	},
	{ "udp_fragments_without_a_checksum_are_made_whole", CONF "joins on", ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 mf csum=0 ulen=28 hex=" HEX16, NONE, "", "fragments_held" },
		{ 2, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 'rest'", IN, "udp6 " R "#53 > " H "#5000 hex=" HEX16 "72657374", "fragments_joined" })
	},
	{ "udp_fragments_without_a_checksum_may_come_in_any_order", CONF "joins on", ROWS(
		OPEN,
		{ 1, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 'rest'", NONE, "", "fragments_held" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 mf csum=0 ulen=28 hex=" HEX16, IN, "udp6 " R "#53 > " H "#5000 hex=" HEX16 "72657374", "fragments_held=* fragments_joined" })
	},
	{ "udp_fragments_without_a_checksum_are_dropped_when_told_so", CONF "nat64-checksum off", ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 mf csum=0 ulen=28 hex=" HEX16, NONE, "", "drop_nat64_checksum" })
	},
	/* ---- links ---- */
	{ "packets_that_may_be_cut_leave_in_fragments_of_1280", CONF, ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 data=1232", IN, "udp6 " R "#53 > " H "#5000 data=1232", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 csum=0 data=1240", ANY, "", "tx_inside=2 fragments_made" })
	},
	{ "the_lowest_mtu_can_be_higher", CONF "nat64-mtu 1400", ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 data=1352", IN, "udp6 " R "#53 > " H "#5000 data=1352", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 data=1353", ANY, "", "tx_inside=2 fragments_made" })
	},
	{ "packets_that_must_not_be_cut_go_up_to_the_link", CONF, ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p df data=1452", IN, "udp6 " R "#53 > " H "#5000 data=1452", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p df data=1453", OUT, "icmp frag-needed 192.0.2.1 > 198.51.100.9 tos=0xc0 ttl=64 mtu=1480 [udp 198.51.100.9:53 > 192.0.2.1:$p df ttl=64 data=1453 cut=548]", "drop_too_big icmp_made" })
	},
	{ "hosts_are_told_what_the_outside_link_takes", CONF "mtu outside 1400", ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 data=1372", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 df data=1372", "" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 data=1373", IN, "icmp6 too-big 2001:db8:1::1 > " H " tos=0xc0 ttl=64 mtu=1420 [udp6 " H "#5000 > " R "#53 ttl=64 data=1373 cut=568]", "drop_too_big icmp_made" })
	},
	{ "small_packets_are_cut_for_a_small_outside_link", CONF "mtu outside 1000", ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 data=1232", ANY, "", "tx_outside=2 fragments_made" })
	},
	{ "fragments_that_do_not_fit_are_cut_further", CONF, ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 mf data=1472", ANY, "", "tx_inside=2 fragments_made" },
		{ 2, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=1480 hex=" HEX16, ANY, "", "tx_inside=1 fragments_made=0" })
	},
	/* ---- what has brought others down ---- */
	{ "cve_2023_4809_second_fragment_header", CONF, ROWS(
		{ 0, IN, "ip6 " H " > " R " nh=44 hex=2c00000100000007" "1100000000000007" HEX16, NONE, "", "drop_ipv6_extension" },
		{ 0, IN, "ip6 " H " > " R " nh=44 hex=2c00000000000007" "1100000000000007" HEX16, NONE, "", "drop_ipv6_extension" },
		{ 0, IN, "ip6 " H " > " R " nh=44 hex=3c00000100000007" "2c00000000000000" HEX16, NONE, "", "drop_ipv6_extension" })
	},
	{ "cve_2019_5597_fragments_behind_extension_headers", CONF "joins on", ROWS(
		{ 0, IN, "ip6 " H " > " R " nh=0 hex=2c00000000000000" "3a00000100000007" "80005ea900070001" HEX16, NONE, "", "fragments_held" },
		{ 1, IN, "ip6 " H " > " R " nh=58 frag=7 off=24 'rest'", ANY, "", "tx_outside fragments_joined sessions_made" },
		{ 2, IN, "ip6 " H " > " R " nh=44 hex=3a00", NONE, "", "drop_ipv6_extension" })
	},
	{ "cve_2022_22185_fragments_without_an_end", CONF, ROWS(
		OPEN,
		{ 1, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=65528 hex=" HEX16, NONE, "", "drop_fragment_bad" },
		{ 1, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=8 mf", NONE, "", "drop_fragment_bad" },
		{ 1, IN, "ip6 " H " > " R " nh=17 frag=8 off=65528 hex=" HEX16, NONE, "", "drop_fragment_bad" },
		{ 1, IN, "ip6 " H " > " R " nh=17 frag=8 off=8 mf hex=00112233445566", NONE, "", "drop_fragment_bad" })
	},
};

SUITE(nat64_fragment, cases);
