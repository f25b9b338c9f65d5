/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Endpoint-dependent mapping with ports that many subscribers share (RFC 7857 section 3):
 * two flows may have one outside port when their remote endpoints differ, and only then; the
 * filter is address- and port-dependent. With one worker all ports of the pool are its own,
 * so those cases count to the port; the others leave each worker some.
 */
#include "table.h"

/* clang-format off */
#define FOUR "pool 203.0.113.1 ports=2000-2003 shared=both; workers 1; limit rate=0"
/* each of up to three workers owns at least four of these */
#define TWELVE "pool 203.0.113.1 ports=2004-2015 shared=both; limit rate=0"
#define OPENS(when, host, port, remote, name) \
	{ when, IN, "udp " host ":" port " > " remote " 'x'", OUT, "udp 203.0.113.1:" name " > " remote " 'x'", "sessions_made" }
#define ANSWER(when, host, port, remote, name) \
	{ when, OUT, "udp " remote " > 203.0.113.1:" name " 'y'", IN, "udp " remote " > " host ":" port " 'y'", "flow_hits" }
#define REFUSED(when, host, port, remote) \
	{ when, IN, "udp " host ":" port " > " remote " 'x'", \
		IN, "icmp unreachable 10.0.0.1 > " host " ttl=64 tos=* ipid=* code=13 [udp " host ":" port " > " remote " ttl=64 'x']", \
		"drop_no_port icmp_made sessions_made=0" }
#define STRANGER(when, from, name) { when, OUT, "udp " from " > 203.0.113.1:" name, NONE, "", "drop_no_mapping sessions_made=0" }

static const struct table_case cases[] = {
	{ "answers_return_to_the_subscriber_who_asked_this_endpoint", FOUR, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a{2000-2003}"), OPENS(0, "10.0.0.3", "5000", "198.51.100.2:53", "$b{2000-2003}"),
		OPENS(0, "10.0.0.4", "5000", "198.51.100.3:53", "$c{2000-2003}"), OPENS(0, "10.0.0.5", "5000", "198.51.100.4:53", "$d{2000-2003}"),
		OPENS(0, "10.0.0.6", "5000", "198.51.100.5:53", "$e{2000-2003}"), OPENS(0, "10.0.0.7", "5000", "198.51.100.6:53", "$f{2000-2003}"),
		OPENS(0, "10.0.0.8", "5000", "198.51.100.6:54", "$g{2000-2003}"),
		ANSWER(1, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), ANSWER(1, "10.0.0.3", "5000", "198.51.100.2:53", "$b"), ANSWER(1, "10.0.0.4", "5000", "198.51.100.3:53", "$c"),
		ANSWER(1, "10.0.0.5", "5000", "198.51.100.4:53", "$d"), ANSWER(1, "10.0.0.6", "5000", "198.51.100.5:53", "$e"), ANSWER(1, "10.0.0.7", "5000", "198.51.100.6:53", "$f"),
		ANSWER(1, "10.0.0.8", "5000", "198.51.100.6:54", "$g"), { 2, DO, "sessions 7", NONE, "", "" })
	},
	{ "four_ports_serve_a_hundred_subscribers", FOUR "; icmp-refusal 255", ROWS(
		{ 0, DO, "repeat 100 in udp 10.0.0.#10#:5000 > 198.51.100.#1#:53", ANY, "", "sessions_made=100" },
		{ 0, DO, "sessions 100", NONE, "", "" }, { 0, DO, "subscribers 100", NONE, "", "" })
	},
	{ "shared_ports_of_several_workers_lead_back", TWELVE, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a{2004-2015}"), OPENS(0, "10.0.0.3", "5001", "198.51.100.2:53", "$b{2004-2015}"), OPENS(0, "10.0.0.4", "5000", "198.51.100.3:53", "$c{2004-2015}"),
		OPENS(0, "10.0.0.5", "5001", "198.51.100.4:53", "$d{2004-2015}"), OPENS(0, "10.0.0.6", "5000", "198.51.100.5:53", "$e{2004-2015}"), OPENS(0, "10.0.0.2", "5001", "198.51.100.6:53", "$f{2004-2015}"),
		ANSWER(1, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), ANSWER(1, "10.0.0.3", "5001", "198.51.100.2:53", "$b"), ANSWER(1, "10.0.0.4", "5000", "198.51.100.3:53", "$c"),
		ANSWER(1, "10.0.0.5", "5001", "198.51.100.4:53", "$d"), ANSWER(1, "10.0.0.6", "5000", "198.51.100.5:53", "$e"), ANSWER(1, "10.0.0.2", "5001", "198.51.100.6:53", "$f"),
		ANSWER(2, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), ANSWER(3, "10.0.0.2", "5000", "198.51.100.1:53", "$a"))
	},
	{ "same_endpoint_gets_different_ports_until_none_is_left", FOUR, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), OPENS(0, "10.0.0.3", "5001", "198.51.100.1:53", "$b{!a}"),
		OPENS(0, "10.0.0.4", "5002", "198.51.100.1:53", "$c{!a,!b}"), OPENS(0, "10.0.0.5", "5003", "198.51.100.1:53", "$d{!a,!b,!c}"),
		REFUSED(1, "10.0.0.6", "5000", "198.51.100.1:53"), REFUSED(1, "10.0.0.6", "5001", "198.51.100.1:53"), REFUSED(1, "10.0.0.2", "5001", "198.51.100.1:53"),
		OPENS(1, "10.0.0.6", "5000", "198.51.100.1:54", "$e"), OPENS(1, "10.0.0.6", "5001", "198.51.100.2:53", "$f"),
		{ 1, IN, "tcp 10.0.0.6:5000 > 198.51.100.1:53 SYN", OUT, "tcp 203.0.113.1:* > 198.51.100.1:53 SYN", "" },
		ANSWER(2, "10.0.0.4", "5002", "198.51.100.1:53", "$c"), ANSWER(2, "10.0.0.2", "5000", "198.51.100.1:53", "$a"))
	},
	/* parity is a wish: it must not halve the ports of a pool that is too small already */
	{ "ports_of_the_other_parity_are_used_too", FOUR, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), OPENS(0, "10.0.0.3", "5000", "198.51.100.1:53", "$b{!a}"),
		OPENS(0, "10.0.0.4", "5000", "198.51.100.1:53", "$c{!a,!b}"), OPENS(0, "10.0.0.5", "5000", "198.51.100.1:53", "$d{!a,!b,!c}"),
		REFUSED(1, "10.0.0.6", "5000", "198.51.100.1:53"))
	},
	{ "last_free_port_towards_an_endpoint_is_found", "pool 203.0.113.1 ports=2048-2303 shared=udp; workers 1; limit rate=0 ports=0; icmp-refusal 255", ROWS(
		{ 0, DO, "repeat 256 in udp 10.0.0.2:#1000# > 198.51.100.1:53", ANY, "", "sessions_made=256" },
		{ 1, IN, "udp 10.0.0.3:1000 > 198.51.100.1:53", NONE, "", "drop_no_port" },
		{ 1, DO, "clear in=10.0.0.2:1077", NONE, "", "" },
		OPENS(2, "10.0.0.3", "1000", "198.51.100.1:53", "$a"))
	},
	{ "one_inside_endpoint_has_another_port_for_another_remote", FOUR, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), OPENS(0, "10.0.0.3", "5000", "198.51.100.1:53", "$b{!a}"),
		OPENS(0, "10.0.0.2", "5000", "198.51.100.2:53", "$c"),
		ANSWER(1, "10.0.0.2", "5000", "198.51.100.2:53", "$c"), ANSWER(1, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), ANSWER(1, "10.0.0.3", "5000", "198.51.100.1:53", "$b"))
	},
	{ "strangers_are_dropped", TWELVE, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"),
		STRANGER(1, "198.51.100.2:53", "$a"), STRANGER(1, "198.51.100.1:54", "$a"), STRANGER(1, "203.0.113.99:53", "$a"),
		{ 1, OUT, "tcp 198.51.100.1:53 > 203.0.113.1:$a SYN", NONE, "", "drop_no_mapping" },
		ANSWER(2, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), { 2, DO, "sessions 1", NONE, "", "" })
	},
	{ "port_zero_from_outside_is_nobodys", TWELVE, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"),
		{ 1, OUT, "udp 198.51.100.1:53 > 203.0.113.1:0", NONE, "", "drop_no_mapping sessions_made=0" },
		{ 1, OUT, "tcp 198.51.100.1:53 > 203.0.113.1:0 SYN", NONE, "", "drop_no_mapping sessions_made=0" })
	},
	{ "source_port_zero_is_a_port_like_others", TWELVE, ROWS(
		OPENS(0, "10.0.0.2", "0", "198.51.100.1:53", "$a{2004-2015}"), ANSWER(1, "10.0.0.2", "0", "198.51.100.1:53", "$a"))
	},
	{ "closing_frees_the_port_for_this_endpoint", FOUR, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), OPENS(0, "10.0.0.3", "5001", "198.51.100.1:53", "$b"), OPENS(0, "10.0.0.4", "5002", "198.51.100.1:53", "$c"), OPENS(0, "10.0.0.5", "5003", "198.51.100.1:53", "$d"),
		REFUSED(1, "10.0.0.6", "5001", "198.51.100.1:53"),
		{ 1, DO, "clear in=10.0.0.3:5001", NONE, "", "" },
		OPENS(2, "10.0.0.6", "5001", "198.51.100.1:53", "$b"), ANSWER(2, "10.0.0.6", "5001", "198.51.100.1:53", "$b"))
	},
	{ "expiry_frees_the_port_for_this_endpoint", FOUR "; timeout udp 120", ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), OPENS(0, "10.0.0.3", "5001", "198.51.100.1:53", "$b"), OPENS(0, "10.0.0.4", "5002", "198.51.100.1:53", "$c"), OPENS(0, "10.0.0.5", "5003", "198.51.100.1:53", "$d"),
		{ 100000, IN, "udp 10.0.0.2:5000 > 198.51.100.1:53", OUT, "udp 203.0.113.1:$a > 198.51.100.1:53", "flow_hits" },
		{ 122000, DO, "poll 20", NONE, "", "" }, { 122000, DO, "sessions 1", NONE, "", "" },
		OPENS(122001, "10.0.0.6", "5001", "198.51.100.1:53", "$e{!a}"), OPENS(122001, "10.0.0.7", "5001", "198.51.100.1:53", "$f{!a,!e}"))
	},
	{ "hundred_rounds_of_filling_and_freeing", FOUR "; icmp-refusal 255", ROWS(
		{ 0, DO, "repeat 8 in udp 10.0.0.2:#1000# > 198.51.100.1:53", ANY, "", "sessions_made=4 drop_no_port=4" }, { 1, DO, "clear", NONE, "", "" },
		{ 1, DO, "repeat 8 in udp 10.0.0.2:#1000# > 198.51.100.1:53", ANY, "", "sessions_made=4 drop_no_port=4" }, { 2, DO, "clear", NONE, "", "" },
		{ 2, DO, "repeat 8 in udp 10.0.0.2:#1000# > 198.51.100.1:53", ANY, "", "sessions_made=4 drop_no_port=4" }, { 3, DO, "clear", NONE, "", "" },
		{ 4, DO, "sessions 0", NONE, "", "" }, { 4, DO, "mappings 0", NONE, "", "" })
	},
	{ "tcp_is_shared_and_udp_is_not", "pool 203.0.113.1 ports=2004-2015 shared=tcp", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.1:53", OUT, "udp 203.0.113.1:$u > 198.51.100.1:53", "" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.2:53", OUT, "udp 203.0.113.1:$u > 198.51.100.2:53", "mappings_made=0" },
		{ 1, OUT, "udp 203.0.113.99:9 > 203.0.113.1:$u", IN, "udp 203.0.113.99:9 > 10.0.0.2:5000", "" },
		{ 1, IN, "tcp 10.0.0.2:5000 > 198.51.100.1:80 SYN seq=1", OUT, "tcp 203.0.113.1:$t > 198.51.100.1:80 SYN seq=1", "" },
		{ 2, OUT, "tcp 203.0.113.99:80 > 203.0.113.1:$t SYN", NONE, "", "drop_no_mapping" },
		{ 2, OUT, "tcp 198.51.100.1:80 > 203.0.113.1:$t SYN ACK seq=9 ack=2", IN, "tcp 198.51.100.1:80 > 10.0.0.2:5000 SYN ACK seq=9 ack=2", "" },
		{ 3, DO, "sessions 1 proto=tcp state=ESTABLISHED", NONE, "", "" })
	},
	{ "queries_keep_ids_of_their_own", TWELVE, ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.1 id=7 seq=1", OUT, "icmp echo 203.0.113.1 > 198.51.100.1 id=$a{2004-2015} seq=1", "" },
		{ 0, IN, "icmp echo 10.0.0.3 > 198.51.100.1 id=7 seq=1", OUT, "icmp echo 203.0.113.1 > 198.51.100.1 id=$b{2004-2015,!a} seq=1", "" },
		{ 1, OUT, "icmp echo-reply 198.51.100.1 > 203.0.113.1 id=$b seq=1", IN, "icmp echo-reply 198.51.100.1 > 10.0.0.3 id=7 seq=1", "" },
		{ 1, OUT, "icmp echo-reply 198.51.100.1 > 203.0.113.1 id=$a seq=1", IN, "icmp echo-reply 198.51.100.1 > 10.0.0.2 id=7 seq=1", "" })
	},
	{ "error_is_translated_for_the_flow_that_it_quotes", TWELVE, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), OPENS(0, "10.0.0.3", "5000", "198.51.100.2:53", "$b"),
		{ 1, OUT, "icmp unreachable 198.51.100.77 > 203.0.113.1 code=1 [udp 203.0.113.1:$b > 198.51.100.2:53 'x']",
			IN, "icmp unreachable 198.51.100.77 > 10.0.0.3 code=1 [udp 10.0.0.3:5000 > 198.51.100.2:53 'x']", "icmp_errors" },
		{ 1, OUT, "icmp unreachable 198.51.100.77 > 203.0.113.1 code=1 [udp 203.0.113.1:$a > 198.51.100.1:53 'x']",
			IN, "icmp unreachable 198.51.100.77 > 10.0.0.2 code=1 [udp 10.0.0.2:5000 > 198.51.100.1:53 'x']", "icmp_errors" },
		{ 1, OUT, "icmp unreachable 198.51.100.77 > 203.0.113.1 code=1 [udp 203.0.113.1:$a > 198.51.100.9:53 'x']", NONE, "", "drop_icmp_no_flow" })
	},
	{ "forward_takes_its_port_out_of_the_share", "pool 203.0.113.1 ports=2000-2003 shared=both; workers 1; limit rate=0; icmp-refusal 255; forward udp 203.0.113.1:2001 > 10.0.0.9:80", ROWS(
		{ 0, DO, "repeat 8 in udp 10.0.0.2:#1000# > 198.51.100.1:53", ANY, "", "sessions_made=3 drop_no_port=5" },
		{ 1, OUT, "udp 198.51.100.1:53 > 203.0.113.1:2001", IN, "udp 198.51.100.1:53 > 10.0.0.9:80", "" },
		{ 1, IN, "udp 10.0.0.9:80 > 198.51.100.3:53", OUT, "udp 203.0.113.1:2001 > 198.51.100.3:53", "" })
	},
	{ "subscriber_cannot_reach_another_by_a_shared_port", TWELVE, ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"),
		{ 1, IN, "udp 10.0.0.3:6000 > 203.0.113.1:$a", NONE, "", "drop_no_mapping hairpinned=*" })
	},
	{ "session_limit_holds_with_shared_ports", "pool 203.0.113.1 ports=2004-2015 shared=both; limit rate=0 sessions=2; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"), OPENS(0, "10.0.0.2", "5000", "198.51.100.2:53", "$b"),
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.3:53", NONE, "", "drop_limit_sessions" },
		OPENS(0, "10.0.0.3", "5000", "198.51.100.3:53", "$c"))
	},
	{ "draining_share_lets_running_flows_go_on", TWELVE "; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"),
		{ 1, DO, "config pool 203.0.113.1 ports=2004-2015 shared=both drain; icmp-refusal 255", NONE, "", "" }, { 1000, DO, "poll 200", NONE, "", "" },
		ANSWER(1001, "10.0.0.2", "5000", "198.51.100.1:53", "$a"),
		{ 1002, IN, "udp 10.0.0.3:5000 > 198.51.100.1:53", NONE, "", "drop_no_pool" })
	},
	{ "plain_pool_that_becomes_shared_keeps_sessions_and_their_ports", "pool 203.0.113.1 ports=2000-2003; workers 1; limit rate=0", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.1:53", OUT, "udp 203.0.113.1:$a > 198.51.100.1:53", "" },
		{ 1, DO, "config pool 203.0.113.1 ports=2000-2003 shared=both; limit rate=0; icmp-refusal 255", NONE, "", "" }, { 1000, DO, "poll 200", NONE, "", "" },
		ANSWER(1001, "10.0.0.2", "5000", "198.51.100.1:53", "$a"),
		{ 1001, DO, "repeat 8 in udp 10.0.0.3:#1000# > 198.51.100.1:53", ANY, "", "sessions_made=3 drop_no_port=5" },
		ANSWER(1002, "10.0.0.2", "5000", "198.51.100.1:53", "$a"))
	},
	{ "shared_pool_that_becomes_plain_gives_no_port_twice_to_one_endpoint", "pool 203.0.113.1 ports=2000-2003 shared=both; workers 1; limit rate=0", ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"),
		{ 1, DO, "config pool 203.0.113.1 ports=2000-2003; limit rate=0; icmp-refusal 255", NONE, "", "" }, { 1000, DO, "poll 200", NONE, "", "" },
		{ 1001, IN, "udp 10.0.0.3:1000 > 198.51.100.1:53", OUT, "udp 203.0.113.1:$b{!a} > 198.51.100.1:53", "" }, { 1001, IN, "udp 10.0.0.3:1001 > 198.51.100.1:53", OUT, "udp 203.0.113.1:$c{!a,!b} > 198.51.100.1:53", "" },
		{ 1001, IN, "udp 10.0.0.3:1002 > 198.51.100.1:53", OUT, "udp 203.0.113.1:$d{!a,!b,!c} > 198.51.100.1:53", "" },
		ANSWER(1002, "10.0.0.2", "5000", "198.51.100.1:53", "$a"))
	},
	{ "tenants_share_ports_too", TWELVE "; tenant blue vlan=10 10.0.0.1/24", ROWS(
		OPENS(0, "10.0.0.2", "5000", "198.51.100.1:53", "$a"),
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.1:53 vlan=10", OUT, "udp 203.0.113.1:$b{!a} > 198.51.100.1:53", "" },
		ANSWER(1, "10.0.0.2", "5000", "198.51.100.1:53", "$a"),
		{ 1, OUT, "udp 198.51.100.1:53 > 203.0.113.1:$b", IN, "udp 198.51.100.1:53 > 10.0.0.2:5000 vlan=10", "" })
	},
};
/* clang-format on */

SUITE(shared, cases);
