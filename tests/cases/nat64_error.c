/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT64: ICMP errors both ways, every row of RFC 7915's tables, what they quote, MTUs, RFC 4884.
 */
#include "table.h"

/* clang-format off */
#define CONF "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; "
#define H "2001:db8:1::2"
#define R "64:ff9b::198.51.100.9"
#define ROUTER "198.51.100.1"
#define ROUTER6 "64:ff9b::198.51.100.1"
#define OPEN { 0, IN, "udp6 " H "#5000 > " R "#53 'hello'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "sessions_made" }, \
	{ 0, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'hi'", IN, "udp6 " R "#53 > " H "#5000 'hi'", "" }
#define Q4 "[udp 192.0.2.1:$p > 198.51.100.9:53 'hello']"
#define Q6 "[udp6 " H "#5000 > " R "#53 'hello']"
/* from outside to inside: ICMPv4 head, ICMPv6 head */
#define UP(from, to) { 1, OUT, "icmp " from " " Q4, IN, "icmp6 " to " " Q6, "icmp_errors nat64_in" }
#define UP_OF(word, options, word6, options6) UP(word " " ROUTER " > 192.0.2.1 " options, word6 " " ROUTER6 " > " H " " options6)
#define NOT_UP(from) { 1, OUT, "icmp " from " " Q4, NONE, "", "icmp_errors drop_icmp_type nat64_in=*" }
/* from inside to outside; a router inside reports */
#define P4 "[udp 198.51.100.9:53 > 192.0.2.1:$p 'hi']"
#define P6 "[udp6 " R "#53 > " H "#5000 'hi']"
#define DOWN_OF(word6, options6, word, options) { 1, IN, "icmp6 " word6 " 2001:db8:1::9 > " R " " options6 " " P6, OUT, "icmp " word " 192.0.2.1 > 198.51.100.9 " options " " P4, "icmp_errors nat64_out" }
#define NOT_DOWN(word6, options6) { 1, IN, "icmp6 " word6 " 2001:db8:1::9 > " R " " options6 " " P6, NONE, "", "drop_icmp_type" }
#define Z39 "000000000000000000000000000000000000000000000000000000000000000000000000000000"
#define Z40 "00000000000000000000000000000000000000000000000000000000000000000000000000000000"

static const struct table_case cases[] = {
	{ "rfc7915_s42_unreachable_goes_up", CONF, ROWS(
		OPEN,
		UP_OF("unreachable", "code=0", "unreachable", ""),
		UP_OF("unreachable", "code=1", "unreachable", ""),
		UP_OF("unreachable", "code=2", "param-problem", "code=1 ptr=6"),
		UP_OF("unreachable", "code=3", "unreachable", "code=4"),
		UP_OF("unreachable", "code=5", "unreachable", ""),
		UP_OF("unreachable", "code=6", "unreachable", ""),
		UP_OF("unreachable", "code=7", "unreachable", ""),
		UP_OF("unreachable", "code=8", "unreachable", ""),
		UP_OF("unreachable", "code=9", "unreachable", "code=1"),
		UP_OF("unreachable", "code=10", "unreachable", "code=1"),
		UP_OF("unreachable", "code=11", "unreachable", ""),
		UP_OF("unreachable", "code=12", "unreachable", ""),
		UP_OF("unreachable", "code=13", "unreachable", "code=1"),
		NOT_UP("unreachable " ROUTER " > 192.0.2.1 code=14"),
		UP_OF("unreachable", "code=15", "unreachable", "code=1"),
		NOT_UP("unreachable " ROUTER " > 192.0.2.1 code=16"))
	},
	{ "rfc7915_s42_time_exceeded_goes_up", CONF, ROWS(
		OPEN,
		UP_OF("time-exceeded", "", "time-exceeded", ""),
		UP_OF("time-exceeded", "code=1", "time-exceeded", "code=1"),
		NOT_UP("time-exceeded " ROUTER " > 192.0.2.1 code=2"))
	},
	{ "rfc7915_s42_pointers_go_up", CONF, ROWS(
		OPEN,
		UP_OF("param-problem", "ptr=0", "param-problem", ""),
		UP_OF("param-problem", "ptr=1", "param-problem", "ptr=1"),
		UP_OF("param-problem", "ptr=2", "param-problem", "ptr=4"),
		UP_OF("param-problem", "ptr=3", "param-problem", "ptr=4"),
		NOT_UP("param-problem " ROUTER " > 192.0.2.1 ptr=4"),
		NOT_UP("param-problem " ROUTER " > 192.0.2.1 ptr=5"),
		NOT_UP("param-problem " ROUTER " > 192.0.2.1 ptr=6"),
		NOT_UP("param-problem " ROUTER " > 192.0.2.1 ptr=7"),
		UP_OF("param-problem", "ptr=8", "param-problem", "ptr=7"),
		UP_OF("param-problem", "ptr=9", "param-problem", "ptr=6"),
		NOT_UP("param-problem " ROUTER " > 192.0.2.1 ptr=10"),
		NOT_UP("param-problem " ROUTER " > 192.0.2.1 ptr=11"),
		UP_OF("param-problem", "ptr=12", "param-problem", "ptr=8"),
		UP_OF("param-problem", "ptr=15", "param-problem", "ptr=8"),
		UP_OF("param-problem", "ptr=16", "param-problem", "ptr=24"),
		UP_OF("param-problem", "ptr=19", "param-problem", "ptr=24"),
		NOT_UP("param-problem " ROUTER " > 192.0.2.1 ptr=20"),
		NOT_UP("param-problem " ROUTER " > 192.0.2.1 code=1"),
		UP_OF("param-problem", "code=2 ptr=9", "param-problem", "ptr=6"))
	},
	{ "rfc7915_s42_mtu_goes_up", CONF, ROWS(
		OPEN,
		UP_OF("frag-needed", "mtu=1400", "too-big", "mtu=1420"),
		UP_OF("frag-needed", "mtu=1480", "too-big", "mtu=1500"),
		UP_OF("frag-needed", "mtu=1500", "too-big", "mtu=1500"),
		UP_OF("frag-needed", "mtu=65535", "too-big", "mtu=1500"),
		UP_OF("frag-needed", "mtu=1260", "too-big", "mtu=1280"),
		UP_OF("frag-needed", "mtu=1259", "too-big", "mtu=1280"),
		UP_OF("frag-needed", "mtu=68", "too-big", "mtu=1280"),
		UP_OF("frag-needed", "", "too-big", "mtu=1280"))
	},
	{ "mtu_is_that_of_the_smaller_link", CONF "mtu outside 1400; mtu inside 1450", ROWS(
		OPEN,
		UP_OF("frag-needed", "mtu=1500", "too-big", "mtu=1420"),
		DOWN_OF("too-big", "mtu=1500", "frag-needed", "mtu=1400"),
		DOWN_OF("too-big", "mtu=1410", "frag-needed", "mtu=1390"))
	},
	{ "old_routers_that_tell_no_mtu_mean_the_next_lower_plateau", CONF, ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53 data=1400", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 df data=1400", "" },
		{ 1, OUT, "icmp frag-needed " ROUTER " > 192.0.2.1 [udp 192.0.2.1:$p > 198.51.100.9:53 df data=1400 cut=548]",
			IN, "icmp6 too-big " ROUTER6 " > " H " mtu=1280 [udp6 " H "#5000 > " R "#53 data=1400 cut=568]", "icmp_errors" },
		{ 1, OUT, "icmp frag-needed " ROUTER " > 192.0.2.1 [udp 192.0.2.1:$p > 198.51.100.9:53 df data=1400]",
			IN, "icmp6 too-big " ROUTER6 " > " H " mtu=1280 [udp6 " H "#5000 > " R "#53 data=1400 cut=1232]", "icmp_errors" })
	},
	{ "other_types_from_outside_are_dropped", CONF "pool 192.0.2.10", ROWS(
		{ 0, IN, "udp6 " H "#5000 > " R "#53", OUT, "udp 192.0.2.10:$p > 198.51.100.9:53", "" },
		{ 1, OUT, "icmp quench " ROUTER " > 192.0.2.10 [udp 192.0.2.10:$p > 198.51.100.9:53]", NONE, "", "drop_icmp_type" },
		{ 1, OUT, "icmp redirect " ROUTER " > 192.0.2.10 gw=198.51.100.2 [udp 192.0.2.10:$p > 198.51.100.9:53]", NONE, "", "drop_icmp_type" })
	},
	{ "rfc7915_s52_unreachable_goes_down", CONF, ROWS(
		OPEN,
		DOWN_OF("unreachable", "code=0", "unreachable", "code=1"),
		DOWN_OF("unreachable", "code=1", "unreachable", "code=10"),
		DOWN_OF("unreachable", "code=2", "unreachable", "code=1"),
		DOWN_OF("unreachable", "code=3", "unreachable", "code=1"),
		DOWN_OF("unreachable", "code=4", "unreachable", "code=3"),
		NOT_DOWN("unreachable", "code=5"),
		NOT_DOWN("unreachable", "code=6"))
	},
	{ "rfc7915_s52_time_exceeded_and_too_big_go_down", CONF, ROWS(
		OPEN,
		DOWN_OF("time-exceeded", "", "time-exceeded", ""),
		DOWN_OF("time-exceeded", "code=1", "time-exceeded", "code=1"),
		NOT_DOWN("time-exceeded", "code=2"),
		DOWN_OF("too-big", "mtu=1400", "frag-needed", "mtu=1380"),
		DOWN_OF("too-big", "mtu=1280", "frag-needed", "mtu=1260"),
		DOWN_OF("too-big", "mtu=9000", "frag-needed", "mtu=1480"),
		DOWN_OF("too-big", "mtu=0", "frag-needed", "mtu=68"))
	},
	{ "rfc7915_s52_pointers_go_down", CONF, ROWS(
		OPEN,
		DOWN_OF("param-problem", "ptr=0", "param-problem", ""),
		DOWN_OF("param-problem", "ptr=1", "param-problem", "ptr=1"),
		NOT_DOWN("param-problem", "ptr=2"), NOT_DOWN("param-problem", "ptr=3"),
		DOWN_OF("param-problem", "ptr=4", "param-problem", "ptr=2"),
		DOWN_OF("param-problem", "ptr=5", "param-problem", "ptr=2"),
		DOWN_OF("param-problem", "ptr=6", "param-problem", "ptr=9"),
		DOWN_OF("param-problem", "ptr=7", "param-problem", "ptr=8"),
		DOWN_OF("param-problem", "ptr=8", "param-problem", "ptr=12"),
		DOWN_OF("param-problem", "ptr=23", "param-problem", "ptr=12"),
		DOWN_OF("param-problem", "ptr=24", "param-problem", "ptr=16"),
		DOWN_OF("param-problem", "ptr=39", "param-problem", "ptr=16"),
		NOT_DOWN("param-problem", "ptr=40"), NOT_DOWN("param-problem", "ptr=65536"),
		DOWN_OF("param-problem", "code=1 ptr=6", "unreachable", "code=2"),
		NOT_DOWN("param-problem", "code=2"))
	},
	{ "errors_about_tcp_and_echo_cross", CONF, ROWS(
		{ 0, IN, "tcp6 " H "#5000 > " R "#80 SYN seq=77 mss=1440", OUT, "tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=77 mss=1440", "" },
		{ 0, IN, "icmp6 echo " H " > " R " id=7 seq=1 'ping'", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1 'ping'", "" },
		{ 0, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=1 'ping'", IN, "icmp6 echo-reply " R " > " H " id=7 seq=1 'ping'", "" },
		{ 1, OUT, "icmp time-exceeded " ROUTER " > 192.0.2.1 [tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=77 mss=1440 ttl=1]",
			IN, "icmp6 time-exceeded " ROUTER6 " > " H " [tcp6 " H "#5000 > " R "#80 SYN seq=77 mss=1440 ttl=1]", "icmp_errors" },
		{ 1, OUT, "icmp time-exceeded " ROUTER " > 192.0.2.1 [tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=77 mss=1440 ttl=1 cut=28]",
			IN, "icmp6 time-exceeded " ROUTER6 " > " H " [tcp6 " H "#5000 > " R "#80 SYN seq=77 mss=1440 ttl=1 cut=48]", "icmp_errors" },
		{ 1, OUT, "icmp time-exceeded " ROUTER " > 192.0.2.1 [icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1 'ping' ttl=1]",
			IN, "icmp6 time-exceeded " ROUTER6 " > " H " [icmp6 echo " H " > " R " id=7 seq=1 'ping' ttl=1]", "icmp_errors" },
		{ 1, IN, "icmp6 unreachable " H " > " R " code=4 [icmp6 echo-reply " R " > " H " id=7 seq=1 'ping']",
			OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=3 [icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=1 'ping']", "icmp_errors" },
		{ 1, IN, "icmp6 time-exceeded " H " > " R " [tcp6 " R "#80 > " H "#5000 SYN ACK seq=9 ack=78 cut=48]",
			OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 [tcp 198.51.100.9:80 > 192.0.2.1:$t SYN ACK seq=9 ack=78 cut=28]", "icmp_errors" })
	},
	{ "errors_that_make_no_sense_are_dropped", CONF, ROWS(
		OPEN,
		/* checksum, no such session, no such host, to another than whom it quotes, too short, a later fragment, an error quoted */
		{ 1, IN, "icmp6 unreachable " H " > " R " badcsum " P6, NONE, "", "drop_icmp_checksum" },
		{ 1, IN, "icmp6 unreachable " H " > " R " [udp6 " R "#54 > " H "#5000 'hi']", NONE, "", "drop_icmp_no_flow" },
		{ 1, IN, "icmp6 unreachable " H " > " R " [udp6 " R "#53 > 2001:db8:1::3#5000 'hi']", NONE, "", "drop_icmp_no_flow" },
		{ 1, IN, "icmp6 unreachable " H " > 64:ff9b::203.0.113.1 " P6, NONE, "", "drop_icmp_quote" },
		{ 1, IN, "icmp6 unreachable " H " > " R " [udp6 " R "#53 > " H "#5000 'hi' cut=47]", NONE, "", "drop_icmp_quote" },
		{ 1, IN, "icmp6 unreachable " H " > " R " [ip6 " R " > " H " nh=17 frag=5 off=8 hex=0011223344556677]", NONE, "", "drop_icmp_quote" },
		{ 1, IN, "icmp6 unreachable " H " > " R " [ip6 " R " > " H " nh=60 hex=11ff001122334455]", NONE, "", "drop_icmp_quote" },
		{ 1, IN, "icmp6 unreachable " H " > " R " [ip6 " R " > " H " nh=58 hex=0100000000000000]", NONE, "", "drop_icmp_type" },
		{ 1, IN, "icmp6 unreachable " H " > " R " [ip6 " R " > " H " nh=17 version=4 hex=0001020304050607]", NONE, "", "drop_icmp_quote" },
		{ 1, IN, "icmp6 unreachable " H " > " R " frag=7 mf " P6, NONE, "", "drop_fragment_bad" },
		{ 1, IN, "ip6 " H " > " R " nh=58 hex=0500000000000000", NONE, "", "drop_icmp_type" })
	},
	{ "no_errors_about_errors", CONF, ROWS(
		OPEN,
		{ 1, IN, "icmp6 unreachable " H " > " R " ttl=1 " P6, NONE, "", "drop_ttl icmp_muted" })
	},
	{ "errors_are_not_made_when_told_so", CONF "icmp-mute inside", ROWS(
		{ 1, IN, "udp6 " H "#5000 > " R "#53 ttl=1", NONE, "", "drop_ttl icmp_muted" },
		{ 1, IN, "udp6 " H "#5000 > " R "#53 rh=1", NONE, "", "drop_source_route icmp_muted" })
	},
	{ "a_box_without_an_address_makes_no_errors", "nat64 64:ff9b::/96; source-check off", ROWS(
		{ 1, IN, "udp6 " H "#5000 > " R "#53 ttl=1", NONE, "", "drop_ttl icmp_muted" })
	},
	/* ---- what cannot come in ---- */
	{ "rfc7915_s41_source_routes_are_answered", CONF, ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=830704cb007105 'x'", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=5 tos=0xc0 ttl=64 [udp 198.51.100.9:53 > 192.0.2.1:$p ttl=64 ipopt=830704cb00710500 'x']", "drop_source_route icmp_made" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=01890704cb007105 'x'", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=5 tos=0xc0 ttl=64 [udp 198.51.100.9:53 > 192.0.2.1:$p ttl=64 ipopt=01890704cb007105 'x']", "drop_source_route icmp_made" },
		/* one of two is not over; broken; an error; to nobody; from nobody; from inside */
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=830708cb00710501890704cb00710501 'x'", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=5 tos=0xc0 ttl=64 [udp 198.51.100.9:53 > 192.0.2.1:$p ttl=64 ipopt=830708cb00710501890704cb00710501 'x']", "drop_source_route icmp_made" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=83070801 'x'", NONE, "", "drop_source_route icmp_made=0" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=83020801 'x'", NONE, "", "drop_source_route icmp_made=0" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=01010183 'x'", NONE, "", "drop_source_route icmp_made=0" },
		{ 1, OUT, "icmp unreachable 198.51.100.9 > 192.0.2.1 ipopt=830704cb007105 " Q4, NONE, "", "drop_source_route icmp_made=0" },
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.99:$p ipopt=830704cb007105 'x'", NONE, "", "drop_source_route icmp_made=0" },
		{ 1, OUT, "udp 224.0.0.9:53 > 192.0.2.1:$p ipopt=830704cb007105 'x'", NONE, "", "drop_source_route icmp_made=0" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipopt=830704cb007105 'x'", NONE, "", "drop_source_route icmp_made=0" })
	},
	{ "rfc7915_s41_a_source_route_that_is_over_is_ignored", CONF, ROWS(
		OPEN,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=830708cb007105 'x'", IN, "udp6 " R "#53 > " H "#5000 'x'", "nat64_in" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=01890709cb007105 'x'", IN, "udp6 " R "#53 > " H "#5000 'x'", "nat64_in" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=830304018303ff 'x'", IN, "udp6 " R "#53 > " H "#5000 'x'", "nat64_in" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=830708cb007105 ipid=9 mf data=16", IN, "udp6 " R "#53 > " H "#5000 frag=$f mf data=16", "nat64_in" })
	},
	{ "source_routes_are_not_answered_without_nat64", "", ROWS(
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:5000 ipopt=830704cb007105 'x'", NONE, "", "drop_source_route icmp_made=0" })
	},
	{ "rfc6146_s35_other_protocols_from_outside_are_answered", CONF "pool 203.0.113.1", ROWS(
		{ 1, OUT, "ip 198.51.100.9 > 203.0.113.1 proto=51 hex=00112233445566778899", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=2 tos=0xc0 ttl=64 [ip 198.51.100.9 > 203.0.113.1 proto=51 ttl=64 hex=00112233445566778899]", "drop_protocol icmp_made" },
		{ 1, OUT, "ip 198.51.100.9 > 203.0.113.1 proto=47 hex=0000080000000000", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=2 tos=0xc0 ttl=64 [ip 198.51.100.9 > 203.0.113.1 proto=47 ttl=64 hex=0000080000000000]", "drop_no_mapping icmp_made" },
		/* nobody asked; a query that may be somebody's; what is not for a pool */
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.1:5000 'x'", NONE, "", "drop_no_mapping icmp_made=0" },
		{ 1, OUT, "icmp echo 198.51.100.9 > 203.0.113.1 id=1 seq=1", NONE, "", "drop_no_mapping icmp_made=0" },
		{ 1, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=51 hex=00112233445566778899", NONE, "", "drop_service icmp_made=0" })
	},
	{ "answers_to_other_protocols_are_limited_by_rate", CONF "pool 203.0.113.1; icmp-rate 3", ROWS(
		{ 1, DO, "repeat 9 out @0 ip 198.51.100.9 > 203.0.113.1 proto=51 hex=00112233445566778899", ANY, "", "drop_protocol=9 icmp_made=3 icmp_muted=6" })
	},
	{ "other_protocols_to_the_box_are_answered_where_it_has_mappings", CONF, ROWS(
		{ 1, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=51 hex=00112233445566778899", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=2 tos=0xc0 ttl=64 [ip 198.51.100.9 > 192.0.2.1 proto=51 ttl=64 hex=00112233445566778899]", "drop_service icmp_made" })
	},
	{ "no_errors_to_a_side_that_is_to_get_none", CONF "icmp-mute outside", ROWS(
		OPEN,
		{ 1, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=51 hex=00112233445566778899", NONE, "", "drop_service icmp_muted" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=830704cb007105 'x'", NONE, "", "drop_source_route icmp_muted" })
	},
	/* ---- RFC 4884 ---- */
	{ "rfc4884_extensions_go_up", CONF, ROWS(
		OPEN,
		{ 1, OUT, "icmp time-exceeded " ROUTER " > 192.0.2.1 len=32 " Q4 " ext=2000bdfe00080101004c4c01",
			IN, "icmp6 time-exceeded " ROUTER6 " > " H " len=16 " Q6 " ext=2000bdfe00080101004c4c01", "icmp_errors" },
		{ 1, OUT, "icmp unreachable " ROUTER " > 192.0.2.1 code=1 len=33 " Q4 " ext=2000bdfe00080101004c4c01",
			IN, "icmp6 unreachable " ROUTER6 " > " H " len=16 " Q6 " ext=2000bdfe00080101004c4c01", "icmp_errors" },
		/* none where ICMPv6 has none */
		{ 1, OUT, "icmp param-problem " ROUTER " > 192.0.2.1 len=32 " Q4 " ext=2000bdfe00080101004c4c01",
			IN, "icmp6 param-problem " ROUTER6 " > " H " " Q6, "icmp_errors" })
	},
	{ "rfc4884_extensions_go_down", CONF, ROWS(
		OPEN,
		{ 1, IN, "icmp6 time-exceeded 2001:db8:1::9 > " R " len=16 " P6 " ext=2000bdfe00080101004c4c01",
			OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 len=32 " P4 " ext=2000bdfe00080101004c4c01", "icmp_errors" })
	},
	/* ---- hairpins ---- */
	{ "errors_about_hairpins_come_back", CONF, ROWS(
		OPEN,
		{ 1, IN, "udp6 2001:db8:1::3#6000 > 64:ff9b::192.0.2.1#$p 'hi'", IN, "udp6 64:ff9b::192.0.2.1#$q > " H "#5000 'hi'", "hairpinned" },
		{ 2, IN, "icmp6 unreachable " H " > 64:ff9b::192.0.2.1 code=4 [udp6 64:ff9b::192.0.2.1#$q > " H "#5000 'hi']",
			IN, "icmp6 unreachable 64:ff9b::192.0.2.1 > 2001:db8:1::3 code=4 [udp6 2001:db8:1::3#6000 > 64:ff9b::192.0.2.1#$p 'hi']", "icmp_errors=2 hairpinned" })
	},
	/* ---- what has brought others down ---- */
	{ "nat46_76_error_that_quotes_nothing", CONF, ROWS(
		OPEN,
		{ 1, IN, "ip6 " H " > " R " nh=58 hex=0104000000000000", NONE, "", "drop_icmp_quote" },
		{ 1, IN, "ip6 " H " > " R " nh=58 hex=02000000000005dc60", NONE, "", "drop_icmp_quote" },
		{ 1, IN, "ip6 " H " > " R " nh=58 hex=0300000000000000" Z39, NONE, "", "drop_icmp_quote" },
		{ 1, IN, "ip6 " H " > " R " nh=58 hex=01040000", NONE, "", "drop_l4_length" },
		{ 1, OUT, "ip " ROUTER " > 192.0.2.1 proto=1 hex=0303fcfc00000000", NONE, "", "drop_icmp_quote" },
		{ 1, OUT, "ip " ROUTER " > 192.0.2.1 proto=1 hex=03fc", NONE, "", "drop_l4_length" })
	},
	{ "jool_112_errors_about_errors", CONF, ROWS(
		OPEN,
		{ 1, OUT, "icmp unreachable " ROUTER " > 192.0.2.1 code=3 [ip 192.0.2.1 > 198.51.100.9 proto=1 hex=0b00f4ff00000000" Z39 "]", NONE, "", "drop_icmp_quote" },
		{ 1, IN, "icmp6 unreachable " H " > " R " code=4 [ip6 " R " > " H " nh=58 hex=0300000000000000" Z39 "]", NONE, "", "drop_icmp_type" })
	},
	{ "cve_2026_33790_malformed_icmp6", CONF, ROWS(
		OPEN,
		{ 1, IN, "icmp6 echo " H " > " R " tlen=3", NONE, "", "drop_l4_length" },
		{ 1, IN, "ip6 " H " > " R " nh=58", NONE, "", "drop_l4_length" },
		{ 1, IN, "ip6 " H " > " R " nh=58 hex=ff00000000000000", NONE, "", "drop_icmp_type" },
		{ 1, IN, "ip6 " H " > " R " nh=58 hex=8f00000000000000", NONE, "", "drop_icmp_type" },
		{ 1, IN, "icmp6 param-problem " H " > " R " ptr=4294967295 " P6, NONE, "", "drop_icmp_type" },
		{ 1, IN, "icmp6 too-big " H " > " R " mtu=4294967295 " P6, OUT, "icmp frag-needed 192.0.2.1 > 198.51.100.9 mtu=1480 " P4, "icmp_errors nat64_out" })
	},
	{ "vpp_1694_payload_length_that_lies", CONF, ROWS(
		{ 1, IN, "icmp6 echo " H " > " R " id=7 seq=1 'ping' tlen=13", NONE, "", "drop_length" },
		{ 1, IN, "icmp6 echo " H " > " R " id=7 seq=1 'ping' tlen=65535", NONE, "", "drop_length" },
		{ 1, IN, "tcp6 " H "#5000 > " R "#80 SYN tlen=65535", NONE, "", "drop_length" })
	},
};

SUITE(nat64_error, cases);
