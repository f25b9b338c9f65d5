/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ICMP errors: translated in both directions with what they quote (RFC 5508 REQ-3 to
 * REQ-6), and made by the gateway itself (RFC 1812).
 */
#include "table.h"

/* clang-format off */
#define OPEN_UDP \
	{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'", \
		OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "" }
#define OPEN_TCP \
	{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=77 mss=1460", \
		OUT, "tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=77 mss=1460", "" }
#define OPEN_ECHO \
	{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping'", \
		OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1 'ping'", "" }
/* An error from outside about what went out, and what must become of it. */
#define FROM_OUTSIDE(when, head, mid, tail) \
	{ when, OUT, "icmp " head " 198.51.100.1 > 192.0.2.1 " mid " [udp 192.0.2.1:$p > 198.51.100.9:53 " tail "]", \
		IN, "icmp " head " 198.51.100.1 > 10.0.0.2 " mid " [udp 10.0.0.2:5000 > 198.51.100.9:53 " tail "]", "icmp_errors" }

static const struct table_case cases[] = {
	{ "errors_about_udp_come_in_restored", "", ROWS(
		OPEN_UDP,
		FROM_OUTSIDE(1, "unreachable", "code=3", "'hello'"),
		FROM_OUTSIDE(1, "unreachable", "code=1", "'hello'"),
		FROM_OUTSIDE(1, "unreachable", "code=13", "'hello'"),
		FROM_OUTSIDE(1, "frag-needed", "mtu=1300", "df 'hello'"),
		FROM_OUTSIDE(1, "time-exceeded", "", "ttl=1 'hello'"),
		FROM_OUTSIDE(1, "time-exceeded", "code=1", "'hello'"),
		FROM_OUTSIDE(1, "param-problem", "ptr=8", "'hello'"))
	},
	{ "error_about_tcp_comes_in_restored", "", ROWS(
		OPEN_TCP,
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=77 mss=1460]",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=1 [tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=77 mss=1460]", "icmp_errors" })
	},
	{ "error_about_echo_comes_in_restored", "", ROWS(
		OPEN_ECHO,
		{ 1, OUT, "icmp time-exceeded 198.51.100.1 > 192.0.2.1 [icmp echo 192.0.2.1 > 198.51.100.9 ttl=1 id=$i seq=1 'ping']",
			IN, "icmp time-exceeded 198.51.100.1 > 10.0.0.2 [icmp echo 10.0.0.2 > 198.51.100.9 ttl=1 id=7 seq=1 'ping']", "icmp_errors" })
	},
	{ "quote_of_eight_bytes_is_enough", "", ROWS(
		OPEN_UDP, OPEN_TCP, OPEN_ECHO,
		FROM_OUTSIDE(1, "unreachable", "code=3", "'hello' cut=28"),
		FROM_OUTSIDE(1, "unreachable", "code=3", "'hello' cut=29"),
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=77 cut=28]",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=1 [tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=77 cut=28]", "icmp_errors" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=77 mss=1460 cut=36]",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=1 [tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=77 mss=1460 cut=36]", "icmp_errors" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=77 mss=1460 cut=38]",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=1 [tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=77 mss=1460 cut=38]", "icmp_errors" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1 'ping' cut=28]",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=1 [icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping' cut=28]", "icmp_errors" })
	},
	{ "quote_of_a_long_packet_is_restored", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 data=1400",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 data=1400", "" },
		FROM_OUTSIDE(1, "frag-needed", "mtu=1280", "data=1400 cut=548"),
		FROM_OUTSIDE(1, "frag-needed", "mtu=1280", "data=1400 cut=549"))
	},
	{ "errors_from_inside_go_out_with_public_addresses", "", ROWS(
		OPEN_UDP,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'hi'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'hi'", "" },
		{ 2, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 'hi']",
			OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 192.0.2.1:$p 'hi']", "icmp_errors" },
		{ 2, IN, "icmp time-exceeded 10.0.0.9 > 198.51.100.9 [udp 198.51.100.9:53 > 10.0.0.2:5000 'hi' cut=28]",
			OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 [udp 198.51.100.9:53 > 192.0.2.1:$p 'hi' cut=28]", "icmp_errors" })
	},
	{ "error_from_inside_about_tcp_and_echo_goes_out", "", ROWS(
		OPEN_TCP, OPEN_ECHO,
		{ 2, IN, "icmp frag-needed 10.0.0.2 > 198.51.100.9 mtu=1000 [tcp 198.51.100.9:80 > 10.0.0.2:5000 SYN ACK seq=9 ack=78]",
			OUT, "icmp frag-needed 192.0.2.1 > 198.51.100.9 mtu=1000 [tcp 198.51.100.9:80 > 192.0.2.1:$t SYN ACK seq=9 ack=78]", "icmp_errors" },
		{ 2, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=1 [icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1 'ping']",
			OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=1 [icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=1 'ping']", "icmp_errors" })
	},
	{ "extensions_of_rfc4884_are_left_alone", "", ROWS(
		OPEN_UDP,
		{ 1, OUT, "icmp time-exceeded 198.51.100.1 > 192.0.2.1 len=32 [udp 192.0.2.1:$p > 198.51.100.9:53 'hello'] ext=2000bdfe00080101004c4c01",
			IN, "icmp time-exceeded 198.51.100.1 > 10.0.0.2 len=32 [udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'] ext=2000bdfe00080101004c4c01", "icmp_errors" })
	},
	{ "ip_options_in_the_quote_are_skipped", "", ROWS(
		OPEN_UDP,
		FROM_OUTSIDE(1, "unreachable", "code=3", "ipopt=94040000 'hello'"),
		FROM_OUTSIDE(1, "unreachable", "code=3", "ipopt=01010101010101010101010101010101010101010101010101010101010101010101010101010101 'hello' cut=68"))
	},
	{ "ip_options_of_the_error_itself_are_skipped", "", ROWS(
		OPEN_UDP,
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 ipopt=94040000 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 'hello']",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 ipopt=94040000 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:53 'hello']", "icmp_errors" })
	},
	{ "quoted_checksum_of_zero_stays_zero", "", ROWS(
		OPEN_UDP, FROM_OUTSIDE(1, "unreachable", "code=3", "csum=0 'hello'"))
	},
	{ "quoted_transport_checksum_is_not_judged", "", ROWS(
		OPEN_UDP, FROM_OUTSIDE(1, "unreachable", "code=3", "badcsum 'hello'"))
	},
	{ "error_with_a_wrong_checksum_is_dropped", "", ROWS(
		OPEN_UDP,
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 badcsum [udp 192.0.2.1:$p > 198.51.100.9:53 'hello']",
			NONE, "", "drop_icmp_checksum" })
	},
	{ "quote_with_a_wrong_ip_checksum_is_dropped", "", ROWS(
		OPEN_UDP,
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 badipcsum 'hello']",
			NONE, "", "drop_icmp_quote" })
	},
	{ "quote_that_is_too_short_is_dropped", "", ROWS(
		OPEN_UDP,
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3", NONE, "", "drop_icmp_quote" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 hex=45", NONE, "", "drop_icmp_quote" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 cut=19]", NONE, "", "drop_icmp_quote" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 cut=20]", NONE, "", "drop_icmp_quote" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 cut=27]", NONE, "", "drop_icmp_quote" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 ipopt=01010101 cut=31]", NONE, "", "drop_icmp_quote" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 version=6]", NONE, "", "drop_icmp_quote" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 ihl=4]", NONE, "", "drop_icmp_quote" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 ihl=15]", NONE, "", "drop_icmp_quote" })
	},
	{ "error_about_a_session_that_is_not_there_is_dropped", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, OUT, "icmp unreachable 198.51.100.1 > 203.0.113.1 code=3 [udp 203.0.113.1:4000 > 198.51.100.9:53 'x']", NONE, "", "drop_icmp_no_flow" },
		{ 0, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 'x']", NONE, "", "drop_icmp_no_flow" },
		{ 0, DO, "sessions 0", NONE, "", "" })
	},
	{ "error_whose_quote_was_not_sent_by_us_is_dropped", "", ROWS(
		OPEN_UDP,
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 198.51.100.9:53 > 192.0.2.1:$p 'x']", NONE, "", "drop_icmp_quote=* drop_icmp_no_flow=*" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:53 'x']", NONE, "", "drop_icmp_quote=* drop_icmp_no_flow=*" })
	},
	{ "error_neither_refreshes_nor_ends_a_session", "", ROWS(
		OPEN_UDP,
		FROM_OUTSIDE(299000, "unreachable", "code=3", "'hello'"),
		{ 299000, DO, "sessions 1 left=1000", NONE, "", "" },
		{ 299500, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'hi'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'hi'", "" },
		{ 300001, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'hi'", NONE, "", "drop_no_mapping" })
	},
	{ "error_from_inside_does_not_refresh", "", ROWS(
		OPEN_UDP,
		{ 299000, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 'hi']",
			OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 192.0.2.1:$p 'hi']", "icmp_errors" },
		{ 299000, DO, "sessions 1 left=1000", NONE, "", "" })
	},
	{ "error_does_not_end_a_tcp_connection", "", ROWS(
		OPEN_TCP,
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=77 cut=28]",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=1 [tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=77 cut=28]", "" },
		{ 1, DO, "sessions 1 state=SYN_OUT left=239999", NONE, "", "" })
	},
	{ "inside_ttl_of_one_is_answered_from_the_inside_address", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'hello'",
			IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'hello']", "drop_ttl icmp_made" },
		OPEN_UDP,
		{ 2, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'hello'",
			IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'hello']", "drop_ttl icmp_made" },
		{ 3, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=0 'hello'",
			IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=0 'hello']", "drop_ttl icmp_made" })
	},
	{ "inside_ttl_of_two_leaves_with_one", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=2 'hello'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ttl=1 'hello'", "" },
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 ttl=255 id=1 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 ttl=254 id=$i seq=1", "" })
	},
	{ "outside_ttl_of_one_is_answered_from_the_outside_address_with_the_public_quote", "", ROWS(
		OPEN_UDP,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ttl=1 'hi'",
			OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 ttl=64 tos=* ipid=* [udp 198.51.100.9:53 > 192.0.2.1:$p ttl=1 'hi']", "drop_ttl icmp_made" })
	},
	{ "own_error_quotes_at_most_548_bytes", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 data=1400",
			IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 data=1400 cut=548]", "drop_ttl icmp_made" })
	},
	{ "no_error_is_made_about_an_error", "", ROWS(
		OPEN_UDP,
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 ttl=1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 'hello']",
			NONE, "", "drop_ttl icmp_made=0" })
	},
	{ "errors_can_be_muted_by_side", "icmp-mute inside", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'hello'", NONE, "", "drop_ttl icmp_made=0 icmp_muted" },
		OPEN_UDP,
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ttl=1 'hi'",
			OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 ttl=64 tos=* ipid=* [udp 198.51.100.9:53 > 192.0.2.1:$p ttl=1 'hi']", "drop_ttl icmp_made" })
	},
	{ "own_errors_are_limited_by_rate", "icmp-rate 3", ROWS(
		{ 0, DO, "repeat 10 in @0 udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'hello'", ANY, "", "drop_ttl=10 icmp_made=3 icmp_muted=7" },
		{ 1000, DO, "repeat 10 in @0 udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'hello'", ANY, "", "drop_ttl=10 icmp_made=3 icmp_muted=7" })
	},
	{ "too_big_with_df_is_answered_with_the_mtu", "mtu outside 1300", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 df data=1300",
			IN, "icmp frag-needed 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* mtu=1300 [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=64 df data=1300 cut=548]", "drop_too_big icmp_made" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 df data=1272",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 df data=1272", "" })
	},
};
/* clang-format on */

SUITE(icmp_error, cases);
