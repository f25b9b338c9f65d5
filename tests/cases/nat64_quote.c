/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT64: what else is tried on translators, after the list of what Jool's tests send: errors that
 * quote fragments, options, extension headers and datagrams without a checksum, errors at the end
 * of their way, and connections that both ends open or that turn round.
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
/* an error from outside that quotes q4 of ours, as the host gets it */
#define UP(q4, q6) { 1, OUT, "icmp time-exceeded " ROUTER " > 192.0.2.1 [" q4 "]", IN, "icmp6 time-exceeded " ROUTER6 " > " H " [" q6 "]", "icmp_errors" }
/* and one from inside */
#define DOWN(q6, q4) { 1, IN, "icmp6 time-exceeded " H " > " R " [" q6 "]", OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 [" q4 "]", "icmp_errors" }
#define LOST(side, packet, counter) { 1, side, packet, NONE, "", counter }
#define U4 "udp 192.0.2.1:$p > 198.51.100.9:53"
#define U6 "udp6 " H "#5000 > " R "#53"
#define D4 "udp 198.51.100.9:53 > 192.0.2.1:$p"
#define D6 "udp6 " R "#53 > " H "#5000"

static const struct table_case cases[] = {
	{ "errors_quote_first_fragments", CONF, ROWS(
		OPEN,
		UP(U4 " ipid=9 mf data=16", U6 " frag=9 mf data=16"),
		DOWN(D6 " frag=0x10009 mf data=16", D4 " ipid=9 mf data=16"))
	},
	{ "errors_about_later_fragments_have_no_session", CONF, ROWS(
		OPEN,
		LOST(OUT, "icmp time-exceeded " ROUTER " > 192.0.2.1 [ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=9 off=24 'rest']", "drop_icmp_quote"),
		LOST(IN, "icmp6 time-exceeded " H " > " R " [ip6 " R " > " H " nh=17 frag=9 off=24 'rest']", "drop_icmp_quote"))
	},
	{ "errors_quote_options_and_extension_headers", CONF, ROWS(
		OPEN,
		UP(U4 " ipopt=01010101 'hello'", U6 " 'hello'"),
		DOWN(D6 " hbh 'hi'", D4 " 'hi'"),
		DOWN(D6 " hbh rh=0 dstopt 'hi'", D4 " 'hi'"),
		DOWN(D6 " frag=5 'hi'", D4 " ipid=5 'hi'"))
	},
	{ "errors_quote_tos_and_ttl_as_they_were", CONF, ROWS(
		OPEN,
		UP(U4 " tos=0xb9 ttl=1 'hello'", U6 " tos=0xb9 ttl=1 'hello'"),
		DOWN(D6 " tos=0x47 ttl=2 flow=0x12345 'hi'", D4 " tos=0x47 ttl=2 'hi'"))
	},
	{ "errors_at_the_end_of_their_way_die_in_silence", CONF, ROWS(
		OPEN,
		LOST(OUT, "icmp time-exceeded " ROUTER " > 192.0.2.1 ttl=1 [" U4 " 'hello']", "drop_ttl icmp_muted"),
		LOST(IN, "icmp6 time-exceeded " H " > " R " ttl=1 [" D6 " 'hi']", "drop_ttl icmp_muted"))
	},
	{ "tos_of_errors_is_their_own", CONF, ROWS(
		OPEN,
		{ 1, OUT, "icmp time-exceeded " ROUTER " > 192.0.2.1 tos=0xc0 ttl=9 [" U4 " 'hello']", IN, "icmp6 time-exceeded " ROUTER6 " > " H " tos=0xc0 ttl=8 [" U6 " 'hello']", "icmp_errors" },
		{ 1, IN, "icmp6 time-exceeded " H " > " R " tos=0x20 ttl=9 [" D6 " 'hi']", OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 tos=0x20 ttl=8 [" D4 " 'hi']", "icmp_errors" })
	},
	/* ---- connections ---- */
	{ "rfc6146_s3522_both_ends_open", CONF "pool 192.0.2.1 tcp=apd", ROWS(
		{ 0, IN, "tcp6 " H "#5000 > " R "#80 SYN seq=100", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN seq=100", "sessions_made" },
		{ 1, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p SYN seq=900", IN, "tcp6 " R "#80 > " H "#5000 SYN seq=900", "flow_hits" },
		{ 2, IN, "tcp6 " H "#5000 > " R "#80 SYN ACK seq=100 ack=901", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN ACK seq=100 ack=901", "flow_hits" },
		{ 2, DO, "sessions 1 state=ESTABLISHED", NONE, "", "" })
	},
	{ "rfc6146_s3522_syn_that_came_first_is_answered_unless_the_host_opens", CONF "pool 203.0.113.1 tcp=apd", ROWS(
		{ 0, IN, "tcp6 " H "#5000 > " R "#80 SYN seq=100", OUT, "tcp 203.0.113.1:$p > 198.51.100.9:80 SYN seq=100", "sessions_made" },
		{ 1, OUT, "tcp 203.0.113.7:90 > 203.0.113.1:$p SYN seq=5", NONE, "", "drop_filtered" },
		{ 1, OUT, "tcp 203.0.113.8:90 > 203.0.113.1:$p SYN seq=6", NONE, "", "drop_filtered" },
		{ 2, IN, "tcp6 " H "#5000 > 64:ff9b::203.0.113.7#90 SYN seq=9", OUT, "tcp 203.0.113.1:$p > 203.0.113.7:90 SYN seq=9", "sessions_made" },
		{ 6002, DO, "poll 4", OUT, "icmp unreachable 192.0.2.1 > 203.0.113.8 code=3 tos=0xc0 ttl=64 [tcp 203.0.113.8:90 > 203.0.113.1:$p ttl=64 SYN seq=6]", "icmp_made" })
	},
	{ "tcp_turns_round", CONF, ROWS(
		{ 0, IN, "tcp6 " H "#5000 > " R "#80 SYN seq=1", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN seq=1", "" },
		{ 1, IN, "tcp6 2001:db8:1::3#6000 > 64:ff9b::192.0.2.1#$p SYN seq=7", IN, "tcp6 64:ff9b::192.0.2.1#$q > " H "#5000 SYN seq=7", "hairpinned" },
		{ 2, IN, "tcp6 " H "#5000 > 64:ff9b::192.0.2.1#$q SYN ACK seq=8 ack=8", IN, "tcp6 64:ff9b::192.0.2.1#$p > 2001:db8:1::3#6000 SYN ACK seq=8 ack=8", "hairpinned" },
		{ 3, IN, "tcp6 2001:db8:1::3#6000 > 64:ff9b::192.0.2.1#$p ACK seq=8 ack=9 'x'", IN, "tcp6 64:ff9b::192.0.2.1#$q > " H "#5000 ACK seq=8 ack=9 'x'", "hairpinned" },
		{ 4, IN, "icmp6 unreachable " H " > 64:ff9b::192.0.2.1 code=4 [tcp6 64:ff9b::192.0.2.1#$q > " H "#5000 ACK seq=8 ack=9 'x']",
			IN, "icmp6 unreachable 64:ff9b::192.0.2.1 > 2001:db8:1::3 code=4 [tcp6 2001:db8:1::3#6000 > 64:ff9b::192.0.2.1#$p ACK seq=8 ack=9 'x']", "icmp_errors=2 hairpinned" })
	},
	/* One forward, taken away: its port is nobody's, and the dynamic mapping beside it stays. */
	{ "rfc6146_s31_bib_entries_side_by_side", CONF "forward6 udp 192.0.2.1:8080 > " H "#5000", ROWS(
		{ 0, IN, "udp6 " H "#5001 > " R "#53 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "sessions_made" },
		{ 0, IN, "udp6 " H "#5000 > " R "#53 'y'", OUT, "udp 192.0.2.1:8080 > 198.51.100.9:53 'y'", "sessions_made" },
		{ 0, DO, "mappings 2 in6=" H, NONE, "", "" },
		{ 1, DO, "config " CONF, NONE, "", "" },
		{ 1, DO, "poll 30", NONE, "", "" },
		{ 1, DO, "mappings 1 in6=" H, NONE, "", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:8080 'z'", NONE, "", "drop_no_mapping" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'z'", IN, "udp6 " R "#53 > " H "#5001 'z'", "flow_hits" })
	},
};

SUITE(nat64_quote, cases);
