/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tables that are full, ports that run out, limits of a subscriber (RFC 6888 REQ-4,
 * REQ-5, REQ-8, REQ-11): the newcomer is refused and counted, nobody else notices.
 */
#include "table.h"

/* clang-format off */
#define REFUSED(when, port, counter) \
	{ when, IN, "udp 10.0.0.2:" port " > 198.51.100.9:53 'x'", \
		IN, "icmp unreachable 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* code=13 [udp 10.0.0.2:" port " > 198.51.100.9:53 ttl=64 'x']", \
		counter " icmp_made sessions_made=0" }
#define OPENS(when, host, port, name) \
	{ when, IN, "udp " host ":" port " > 198.51.100.9:53 'x'", OUT, "udp 192.0.2.1:" name " > 198.51.100.9:53 'x'", "sessions_made" }

static const struct table_case cases[] = {
	{ "full_session_table_refuses_and_keeps_the_old", "max-sessions 60; limit sessions=0 rate=0 ports=0; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$p"),
		{ 0, DO, "repeat 200 in udp 10.0.0.2:#2000# > 198.51.100.9:53", ANY, "", "sessions_made=* drop_sessions_full=* icmp_made=0" },
		{ 1, IN, "udp 10.0.0.2:5999 > 198.51.100.9:53", NONE, "", "drop_sessions_full" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'y'", IN, "udp 198.51.100.9:53 > 10.0.0.2:1000 'y'", "flow_hits" },
		{ 3, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "flow_hits" },
		{ 4, DO, "clear", NONE, "", "" },
		{ 4, DO, "sessions 0", NONE, "", "" },
		OPENS(5, "10.0.0.2", "1000", "$q") )
	},
	{ "table_full_of_expired_sessions_takes_new_ones_at_once", "max-sessions 60; limit sessions=0 rate=0 ports=0; workers 1", ROWS(
		{ 0, DO, "repeat 100 in udp 10.0.0.2:#2000# > 198.51.100.9:53", ANY, "", "sessions_made=60 drop_sessions_full=40" },
		OPENS(300001, "10.0.0.2", "1000", "$q"))
	},
	{ "session_limit_is_exact_and_others_are_not_affected", "limit sessions=3 rate=0", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), OPENS(0, "10.0.0.2", "2", "$b"), OPENS(0, "10.0.0.2", "3", "$c"),
		REFUSED(0, "4", "drop_limit_sessions"),
		OPENS(0, "10.0.0.3", "1", "$d"),
		{ 1, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 'again'", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53 'again'", "flow_hits" },
		{ 1, DO, "clear in=10.0.0.2:2", NONE, "", "" },
		OPENS(2, "10.0.0.2", "4", "$e"),
		REFUSED(2, "5", "drop_limit_sessions"))
	},
	{ "session_limit_holds_for_sessions_from_outside", "limit sessions=3 rate=0", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"),
		{ 1, OUT, "udp 203.0.113.1:1 > 192.0.2.1:$a", IN, "udp 203.0.113.1:1 > 10.0.0.2:1", "" },
		{ 1, OUT, "udp 203.0.113.1:2 > 192.0.2.1:$a", IN, "udp 203.0.113.1:2 > 10.0.0.2:1", "" },
		{ 1, OUT, "udp 203.0.113.1:3 > 192.0.2.1:$a", NONE, "", "drop_limit_sessions icmp_made=0" })
	},
	{ "port_limit_counts_each_protocol_apart", "limit ports=2 rate=0", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), OPENS(0, "10.0.0.2", "2", "$b"),
		REFUSED(0, "3", "drop_limit_ports"),
		{ 1, IN, "udp 10.0.0.2:1 > 203.0.113.9:53", OUT, "udp 192.0.2.1:$a > 203.0.113.9:53", "sessions_made" },
		{ 1, IN, "tcp 10.0.0.2:1 > 203.0.113.9:53 SYN", OUT, "tcp 192.0.2.1:$t > 203.0.113.9:53 SYN", "sessions_made" })
	},
	{ "rate_of_new_sessions_is_limited", "limit rate=5; icmp-refusal 255", ROWS(
		{ 0, DO, "repeat 20 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=5 drop_limit_rate=15" },
		{ 0, IN, "udp 10.0.0.3:1000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$x > 198.51.100.9:53", "" },
		{ 1000, DO, "repeat 20 in udp 10.0.0.2:#2000# > 198.51.100.9:53", ANY, "", "sessions_made=5 drop_limit_rate=15" },
		{ 1200, DO, "repeat 20 in udp 10.0.0.2:#3000# > 198.51.100.9:53", ANY, "", "sessions_made=1 drop_limit_rate=19" },
		{ 60000, DO, "repeat 20 in udp 10.0.0.2:#4000# > 198.51.100.9:53", ANY, "", "sessions_made=5 drop_limit_rate=15" })
	},
	{ "refusal_can_be_silent_or_have_another_code", "limit sessions=1 rate=0; icmp-refusal 1", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"),
		{ 0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53 'x'",
			IN, "icmp unreachable 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* code=1 [udp 10.0.0.2:2 > 198.51.100.9:53 ttl=64 'x']", "drop_limit_sessions icmp_made" })
	},
	{ "exhausted_port_range_refuses_and_keeps_the_old", "pool 192.0.2.1 ports=2000-2001; workers 1; icmp-refusal 255; timeout port-rest 120", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a{2000-2001}"), OPENS(0, "10.0.0.2", "2", "$b{2000-2001,!a}"),
		{ 0, IN, "udp 10.0.0.2:3 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 0, IN, "udp 10.0.0.3:1 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 0, IN, "tcp 10.0.0.3:1 > 198.51.100.9:53 SYN", OUT, "tcp 192.0.2.1:$t > 198.51.100.9:53 SYN", "" },
		{ 0, DO, "used udp 2", NONE, "", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$a 'y'", IN, "udp 198.51.100.9:53 > 10.0.0.2:1 'y'", "flow_hits" })
	},
	{ "freed_port_rests_and_then_comes_back", "pool 192.0.2.1 ports=2000-2001; workers 1; icmp-refusal 255; timeout port-rest 120", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), OPENS(0, "10.0.0.2", "2", "$b"),
		{ 0, DO, "clear in=10.0.0.2:1", NONE, "", "" },
		{ 119999, IN, "udp 10.0.0.2:3 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 119999, DO, "used udp 2", NONE, "", "" },
		{ 120004, DO, "poll 2", NONE, "", "" },
		{ 120004, DO, "used udp 1", NONE, "", "" },
		OPENS(120004, "10.0.0.2", "3", "$a"))
	},
	{ "port_without_rest_comes_back_at_once", "pool 192.0.2.1 ports=2000-2000; workers 1; timeout port-rest 0", ROWS(
		OPENS(0, "10.0.0.2", "2", "$a"),
		{ 0, DO, "clear", NONE, "", "" },
		OPENS(1, "10.0.0.3", "2", "$a"))
	},
	{ "one_address_full_another_takes_new_subscribers", "pool 192.0.2.1-192.0.2.2 ports=2000-2001; workers 1; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:3 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 0, IN, "udp 10.0.0.3:1 > 198.51.100.9:53", OUT, "udp $b{!a}:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:2 > 198.51.100.9:53", OUT, "udp $b:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.4:2 > 198.51.100.9:53", NONE, "", "drop_no_port" })
	},
	{ "full_subscriber_table_refuses", "max-subscribers 8; workers 1; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"),
		{ 0, DO, "repeat 7 in udp 10.0.0.#3#:1 > 198.51.100.9:53", ANY, "", "sessions_made=7" },
		{ 0, IN, "udp 10.0.0.77:1 > 198.51.100.9:53", NONE, "", "drop_subscribers_full" },
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 'x'", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53 'x'", "flow_hits" },
		OPENS(1, "10.0.0.2", "2", "$c"))
	},
	{ "kernel_ports_of_the_box_are_left_to_the_kernel", "workers 1; pool 192.0.2.1 ports=32766-61001; limit ports=0 sessions=0 rate=0; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "2002", "$a{32766-61001,even}"), OPENS(0, "10.0.0.2", "2003", "$b{32766-61001,odd}"),
		OPENS(0, "10.0.0.2", "2004", "$c{32766-61001,even,!a}"), OPENS(0, "10.0.0.2", "2005", "$d{32766-61001,odd,!b}"),
		{ 0, IN, "udp 10.0.0.2:6 > 198.51.100.9:53", NONE, "", "drop_no_port" })
	},
	{ "ports_of_the_boxs_services_are_given_to_nobody", "workers 1; pool 192.0.2.1 ports=5000-5003; service udp 5001; service tcp 5002; limit ports=0 sessions=0 rate=0; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "2002", "$a{5000-5003,even}"), OPENS(0, "10.0.0.2", "2004", "$b{5000-5003,even,!a}"),
		OPENS(0, "10.0.0.2", "2003", "5003"), { 0, IN, "udp 10.0.0.2:2005 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 1, OUT, "udp 198.51.100.7:9 > 192.0.2.1:5001", PUNT, "udp 198.51.100.7:9 > 192.0.2.1:5001", "punted_local" },
		{ 2, DO, "config workers 1; pool 192.0.2.1 ports=5000-5003; limit ports=0 sessions=0 rate=0; icmp-refusal 255", NONE, "", "" },
		OPENS(3, "10.0.0.2", "2005", "5001"))
	},
	{ "ports_of_services_are_free_at_addresses_that_are_not_the_boxs", "workers 1; pool 203.0.113.1 ports=5001-5001; service udp 5001; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 203.0.113.1:5001 > 198.51.100.9:53", "" })
	},
	{ "shared_ports_are_none_of_a_service", "workers 1; pool 192.0.2.1 ports=5000-5001 shared=both; service udp 5001; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 192.0.2.1:5000 > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:1 > 198.51.100.9:53", NONE, "", "drop_no_port" })
	},
};
/* clang-format on */

SUITE(limit, cases);
