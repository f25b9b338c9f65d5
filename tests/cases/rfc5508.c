/* SPDX-License-Identifier: BSD-3-Clause
 *
 * RFC 5508, NAT behaviour for ICMP, a test for each requirement; every malformed quote is
 * in icmp_error.c.
 */
#include "table.h"

/* clang-format off */
#define PING(when) \
	{ when, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping'", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1 'ping'", "" }
#define PONG(when) \
	{ when, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=1 'ping'", IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1 'ping'", "" }
#define UDP(when) \
	{ when, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" }
#define ERROR_IN(when, head, tail) \
	{ when, OUT, "icmp " head " 198.51.100.1 > 192.0.2.1 " tail " [udp 192.0.2.1:$p > 198.51.100.9:53 'x']", \
		IN, "icmp " head " 198.51.100.1 > 10.0.0.2 " tail " [udp 10.0.0.2:5000 > 198.51.100.9:53 'x']", "icmp_errors" }
#define SENT(in, out) \
	{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 " in, OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 " out, "" }
#define QUOTED(out, in) \
	{ 1, OUT, "icmp time-exceeded 198.51.100.1 > 192.0.2.1 [udp 192.0.2.1:$p > 198.51.100.9:53 " out "]", \
		IN, "icmp time-exceeded 198.51.100.1 > 10.0.0.2 [udp 10.0.0.2:5000 > 198.51.100.9:53 " in "]", "icmp_errors" }
#define ERROR_OUT(when, head, tail) \
	{ when, IN, "icmp " head " 10.0.0.2 > 198.51.100.9 " tail " [udp 198.51.100.9:53 > 10.0.0.2:5000 'x']", \
		OUT, "icmp " head " 192.0.2.1 > 198.51.100.9 " tail " [udp 198.51.100.9:53 > 192.0.2.1:$p 'x']", "icmp_errors" }

static const struct table_case cases[] = {
	{ "rfc5508_req1_queries_from_inside_and_their_answers_pass", "", ROWS(
		PING(0), PONG(1),
		{ 2, IN, "icmp timestamp 10.0.0.2 > 198.51.100.9 id=8 seq=1 hex=000000010000000000000000", OUT, "icmp timestamp 192.0.2.1 > 198.51.100.9 id=$t seq=1 hex=000000010000000000000000", "" },
		{ 3, OUT, "icmp timestamp-reply 198.51.100.9 > 192.0.2.1 id=$t seq=1 hex=000000010000000200000003", IN, "icmp timestamp-reply 198.51.100.9 > 10.0.0.2 id=8 seq=1 hex=000000010000000200000003", "" })
	},
	{ "rfc5508_req1a_id_mapping_is_endpoint_independent", "", ROWS(
		PING(0),
		{ 1, IN, "icmp echo 10.0.0.2 > 203.0.113.7 id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 203.0.113.7 id=$i seq=1", "mappings_made=0" },
		{ 2, IN, "icmp echo 10.0.0.3 > 203.0.113.7 id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 203.0.113.7 id=$j{!i} seq=1", "mappings_made" })
	},
	{ "rfc5508_req2_query_mapping_lives_sixty_seconds", "", ROWS(
		PING(0), PONG(59999),
		{ 60001, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=1 'ping'", ANY, "", "tx_inside=0" })
	},
	{ "rfc5508_req2a_query_time_is_configurable", "timeout icmp 120", ROWS(PING(0), PONG(119999))
	},
	{ "rfc5508_req3_error_with_a_bad_checksum_is_dropped", "", ROWS(
		UDP(0),
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 badcsum [udp 192.0.2.1:$p > 198.51.100.9:53 'x']", NONE, "", "drop_icmp_checksum" },
		{ 1, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 badcsum [udp 198.51.100.9:53 > 10.0.0.2:5000 'x']", NONE, "", "drop_icmp_checksum" })
	},
	{ "rfc5508_req3a_quote_with_a_bad_ip_checksum_is_dropped", "", ROWS(
		UDP(0),
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 badipcsum 'x']", NONE, "", "drop_icmp_quote" },
		{ 1, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 badipcsum 'x']", NONE, "", "drop_icmp_quote" })
	},
	{ "rfc5508_req3b_ip_options_of_the_quote_are_traversed", "", ROWS(
		UDP(0),
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 ipopt=94040000 'x']",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:53 ipopt=94040000 'x']", "icmp_errors" },
		{ 1, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 ipopt=94040000 'x']",
			OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=94040000 'x']", "icmp_errors" })
	},
	{ "rfc5508_req3c_transport_checksum_of_the_quote_is_not_judged", "", ROWS(
		UDP(0),
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 badcsum 'x']",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:53 badcsum 'x']", "icmp_errors" })
	},
	{ "rfc5508_req3d_extensions_are_not_read_as_part_of_the_quote", "", ROWS(
		UDP(0),
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 len=32 [udp 192.0.2.1:$p > 198.51.100.9:53 'x'] ext=2000bdfe00080101004c4c01",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=3 len=32 [udp 10.0.0.2:5000 > 198.51.100.9:53 'x'] ext=2000bdfe00080101004c4c01", "icmp_errors" })
	},
	{ "rfc5508_req4_error_from_outside_without_mapping_is_dropped_silently", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, OUT, "icmp unreachable 198.51.100.1 > 203.0.113.1 code=3 [udp 203.0.113.1:4000 > 198.51.100.9:53 'x']", NONE, "", "drop_icmp_no_flow icmp_made=0" })
	},
	{ "rfc5508_req4a_error_from_outside_is_restored_for_the_inside", "", ROWS(
		UDP(0), ERROR_IN(1, "unreachable", "code=3"), ERROR_IN(1, "time-exceeded", "code=1"), ERROR_IN(1, "param-problem", "ptr=12"))
	},
	/* tcptraceroute knows its packets by their id */
	{ "rfc5508_req4_error_from_outside_quotes_the_id_that_was_sent", "", ROWS(
		SENT("ipid=7 'x'", "ipid=$i 'x'"), SENT("ipid=8 'x'", "ipid=$j{!i} 'x'"), SENT("ipid=9 df 'x'", "ipid=9 df 'x'"),
		QUOTED("ipid=$j 'x'", "ipid=8 'x'"), QUOTED("ipid=$i 'x'", "ipid=7 'x'"), QUOTED("ipid=9 df 'x'", "ipid=9 df 'x'"))
	},
	{ "rfc5508_req4_id_of_another_hosts_packet_is_left_in_a_quote", "", ROWS(
		UDP(0),
		{ 0, IN, "udp 10.0.0.3:5000 > 198.51.100.9:53 ipid=7 'x'", OUT, "udp 192.0.2.1:$q{!p} > 198.51.100.9:53 ipid=$i 'x'", "" },
		QUOTED("ipid=$i 'x'", "ipid=$i 'x'"))
	},
	{ "rfc5508_req4_error_about_a_fragment_quotes_the_id_that_was_sent", "", ROWS(
		SENT("ipid=7 mf ulen=56 csum=0 data=8", "ipid=$i mf ulen=56 csum=0 data=8"),
		QUOTED("ipid=$i mf ulen=56 csum=0 data=8", "ipid=7 mf ulen=56 csum=0 data=8"))
	},
	{ "rfc5508_req5_error_from_inside_is_restored_and_carries_the_external_source", "", ROWS(
		UDP(0), ERROR_OUT(1, "unreachable", "code=3"), ERROR_OUT(1, "unreachable", "code=10"), ERROR_OUT(1, "time-exceeded", "code=1"), ERROR_OUT(1, "param-problem", "ptr=12"),
		/* of a router between the host and the gateway: its private address does not show */
		{ 2, IN, "icmp time-exceeded 10.0.0.9 > 198.51.100.9 [udp 198.51.100.9:53 > 10.0.0.2:5000 'x']",
			OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 [udp 198.51.100.9:53 > 192.0.2.1:$p 'x']", "icmp_errors" })
	},
	{ "rfc5508_req5_error_from_inside_without_mapping_is_dropped", "", ROWS(
		{ 0, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 'x']", NONE, "", "drop_icmp_no_flow" })
	},
	{ "rfc5508_req6_error_neither_refreshes_nor_ends_the_session", "", ROWS(
		UDP(0), PING(0), ERROR_IN(100000, "unreachable", "code=3"), ERROR_OUT(200000, "unreachable", "code=3"),
		{ 200000, DO, "sessions 1 proto=udp left=100000", NONE, "", "" })
	},
	{ "rfc5508_req6_error_about_a_query_does_not_end_it", "", ROWS(
		PING(0),
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1 'ping']",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=1 [icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping']", "icmp_errors" },
		{ 2, DO, "sessions 1 left=59998", NONE, "", "" }, PONG(59999))
	},
	{ "rfc5508_req7_hairpinned_error_reaches_the_sender", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp $a:$p > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:6000 > 198.51.100.9:53", OUT, "udp $b:$q > 198.51.100.9:53", "" },
		{ 1, IN, "udp 10.0.0.3:6000 > $a:$p 'hi'", IN, "udp $b:$q > 10.0.0.2:5000 'hi'", "" },
		{ 2, IN, "icmp unreachable 10.0.0.2 > $b code=3 [udp $b:$q > 10.0.0.2:5000 'hi']",
			IN, "icmp unreachable $a > 10.0.0.3 code=3 [udp 10.0.0.3:6000 > $a:$p 'hi']", "icmp_errors=*" },
		{ 2, DO, "sessions 4", NONE, "", "" })
	},
	{ "rfc5508_req8_refusal_is_answered_with_administratively_prohibited", "limit sessions=1 rate=0", ROWS(
		PING(0),
		{ 1, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=8 seq=1 'x'",
			IN, "icmp unreachable 10.0.0.1 > 10.0.0.2 ttl=64 tos=192 ipid=* code=13 [icmp echo 10.0.0.2 > 198.51.100.9 ttl=64 id=8 seq=1 'x']", "drop_limit_sessions icmp_made" },
		{ 1, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 'x'",
			IN, "icmp unreachable 10.0.0.1 > 10.0.0.2 ttl=64 tos=192 ipid=* code=13 [udp 10.0.0.2:5 > 198.51.100.9:53 ttl=64 'x']", "drop_limit_sessions icmp_made" },
		PONG(2))
	},
	{ "rfc5508_req9_errors_can_be_muted_by_side", "icmp-mute inside; limit sessions=1 rate=0", ROWS(
		PING(0), { 1, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=8 seq=1 'x'", NONE, "", "drop_limit_sessions icmp_made=0 icmp_muted" })
	},
	{ "rfc5508_req10_unreachable_time_exceeded_and_echo_are_supported", "", ROWS(
		PING(0), PONG(1), UDP(2), ERROR_IN(3, "unreachable", "code=1"), ERROR_IN(3, "time-exceeded", ""), ERROR_OUT(3, "unreachable", "code=1"), ERROR_OUT(3, "time-exceeded", ""))
	},
	{ "rfc5508_req10b_redirect_and_source_quench_are_not_passed_on", "", ROWS(
		UDP(0),
		{ 1, OUT, "icmp quench 198.51.100.1 > 192.0.2.1 [udp 192.0.2.1:$p > 198.51.100.9:53 'x']", ANY, "", "tx_inside=0" },
		{ 1, OUT, "icmp redirect 198.51.100.1 > 192.0.2.1 code=1 gw=198.51.100.2 [udp 192.0.2.1:$p > 198.51.100.9:53 'x']", ANY, "", "tx_inside=0" },
		{ 2, IN, "icmp quench 10.0.0.2 > 198.51.100.9 [udp 198.51.100.9:53 > 10.0.0.2:5000 'x']", NONE, "", "drop_icmp_type" },
		{ 2, IN, "icmp redirect 10.0.0.2 > 198.51.100.9 code=1 gw=10.0.0.3 [udp 198.51.100.9:53 > 10.0.0.2:5000 'x']", NONE, "", "drop_icmp_type" })
	},
	{ "rfc5508_req11_other_types_are_dropped_and_counted", "", ROWS(
		{ 0, IN, "icmp 10.0.0.2 > 198.51.100.9 type=17 rest=1", NONE, "", "drop_icmp_type" }, { 0, IN, "icmp 10.0.0.2 > 198.51.100.9 type=15 rest=1", NONE, "", "drop_icmp_type" },
		{ 0, IN, "icmp 10.0.0.2 > 198.51.100.9 type=10 rest=0", NONE, "", "drop_icmp_type" }, { 0, IN, "icmp 10.0.0.2 > 198.51.100.9 type=9 rest=0", NONE, "", "drop_icmp_type" })
	},
};
/* clang-format on */

SUITE(rfc5508, cases);
