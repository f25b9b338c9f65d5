/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What people look for among sessions and subscribers: each filter of "show sessions" with one
 * that fits and one that does not, what a subscriber was refused, its blocks, and records for
 * somebody who looks on.
 */
#include "table.h"

/* clang-format off */
#define SESSIONS(when, text) { when, DO, "sessions " text, NONE, "", "" }
#define SUBSCRIBERS(when, text) { when, DO, "subscribers " text, NONE, "", "" }
#define OUTBOUND { 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" }
#define ANSWERED { 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$a", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000", "" }
#define INBOUND { 2, OUT, "tcp 203.0.113.7:6000 > 192.0.2.1:80 SYN", IN, "tcp 203.0.113.7:6000 > 10.0.0.3:8080 SYN", "" }
#define WEB "forward tcp 192.0.2.1:80 > 10.0.0.3:8080"
#define OPENS(when, host, port, address) { when, IN, "udp " host ":" port " > 198.51.100.9:53", OUT, "udp " address ":* > 198.51.100.9:53", "" }
#define REFUSED(when, host, port, counter) { when, IN, "udp " host ":" port " > 198.51.100.9:53", ANY, "", counter " icmp_made=*" }

static const struct table_case cases[] = {
	{ "tuples_of_a_session_from_inside_are_those_of_conntrack", WEB, ROWS(
		OUTBOUND, INBOUND,
		SESSIONS(3, "1 osrc=10.0.0.2:5000"), SESSIONS(3, "1 osrc=10.0.0.2 proto=udp"), SESSIONS(3, "0 osrc=198.51.100.9"),
		SESSIONS(3, "1 odst=198.51.100.9:53"), SESSIONS(3, "0 odst=198.51.100.9:54"),
		SESSIONS(3, "1 rsrc=198.51.100.9:53"), SESSIONS(3, "0 rsrc=192.0.2.1:$a"),
		SESSIONS(3, "1 rdst=192.0.2.1:$a"), SESSIONS(3, "0 rdst=10.0.0.2"),
		SESSIONS(3, "1 osrc=10.0.0.2 odst=198.51.100.9 rsrc=198.51.100.9 rdst=192.0.2.1"))
	},
	{ "tuples_of_a_session_from_outside_are_those_of_conntrack", WEB, ROWS(
		OUTBOUND, INBOUND,
		SESSIONS(3, "1 osrc=203.0.113.7:6000"), SESSIONS(3, "0 osrc=10.0.0.3"),
		SESSIONS(3, "1 odst=192.0.2.1:80"), SESSIONS(3, "1 odst=192.0.2.1"), SESSIONS(3, "0 odst=203.0.113.7"),
		SESSIONS(3, "1 rsrc=10.0.0.3:8080"), SESSIONS(3, "0 rsrc=192.0.2.1"),
		SESSIONS(3, "1 rdst=203.0.113.7"), SESSIONS(3, "1 rdst=:6000"),
		SESSIONS(3, "0 osrc=203.0.113.7 rdst=192.0.2.1"))
	},
	{ "sessions_are_told_apart_by_who_opened_them_answers_and_forwards", WEB, ROWS(
		OUTBOUND, ANSWERED, INBOUND, OPENS(2, "10.0.0.4", "1", "192.0.2.1"),
		SESSIONS(3, "1 with=inbound"), SESSIONS(3, "2 without=inbound"),
		SESSIONS(3, "1 with=replied"), SESSIONS(3, "2 without=replied"), SESSIONS(3, "1 without=replied,inbound"),
		SESSIONS(3, "1 with=forwarded"), SESSIONS(3, "1 with=forwarded,inbound"), SESSIONS(3, "0 with=forwarded,replied"),
		SESSIONS(3, "0 with=hairpin"), SESSIONS(3, "0 with=six"), SESSIONS(3, "3 without=six"))
	},
	{ "hairpinned_sessions_are_found", "", ROWS(
		OUTBOUND,
		{ 1, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$a", IN, "udp 192.0.2.1:$c > 10.0.0.2:5000", "hairpinned" },
		SESSIONS(2, "2 with=hairpin"), SESSIONS(2, "1 without=hairpin"))
	},
	{ "sessions_are_selected_by_age_and_time_without_packets", "", ROWS(
		OUTBOUND, OPENS(4000, "10.0.0.3", "1", "192.0.2.1"),
		{ 6000, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" },
		SESSIONS(9000, "2 older=5000"), SESSIONS(9000, "1 older=5001"), SESSIONS(9000, "1 older=9000"), SESSIONS(9000, "0 older=9001"),
		SESSIONS(9000, "2 resting=3000"), SESSIONS(9000, "1 resting=3001 in=10.0.0.3"), SESSIONS(9000, "0 resting=5001"))
	},
	{ "sessions_are_selected_by_pool", "pool 203.0.113.1; pool 203.0.113.9; tenant blue vlan=10 10.0.0.1/24 pool=1", ROWS(
		OPENS(0, "10.0.0.2", "1", "203.0.113.1"),
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.9:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:1 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.9:* > 198.51.100.9:53", "" },
		SESSIONS(1, "1 pool=0"), SESSIONS(1, "2 pool=1"), SESSIONS(1, "0 pool=2"), SESSIONS(1, "0 pool=0 tenant=1"),
		{ 1, DO, "mappings 2 pool=1", NONE, "", "" }, SUBSCRIBERS(1, "1 pool=0"), SUBSCRIBERS(1, "2 pool=1"))
	},
	{ "sessions_are_selected_by_helper", "helper tftp on", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:69", ANY, "", "sessions_made punted_helper=* drop_helper_full=*" }, OPENS(0, "10.0.0.3", "1", "192.0.2.1"),
		SESSIONS(1, "2"), SESSIONS(1, "0 helper=15"), SESSIONS(1, "1 helper=2"))
	},
	{ "nat64_sessions_are_selected_by_the_ends_that_the_host_sees", "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96", ROWS(
		{ 0, IN, "udp6 2001:db8:1::2#5000 > 64:ff9b::198.51.100.9#53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		OPENS(0, "10.0.0.3", "1", "192.0.2.1"),
		SESSIONS(1, "1 with=six"), SESSIONS(1, "1 without=six"),
		SESSIONS(1, "1 osrc=2001:db8:1::/64"), SESSIONS(1, "0 osrc=2001:db8:2::/64"),
		SESSIONS(1, "1 odst=64:ff9b::c633:6409"), SESSIONS(1, "0 odst=64:ff9b::c633:640a"), SESSIONS(1, "2 odst=198.51.100.9:53"),
		SESSIONS(1, "1 rdst=192.0.2.1:$p"), SESSIONS(1, "0 rdst=2001:db8:1::2"))
	},
	{ "clear_takes_the_same_filters", WEB, ROWS(
		OUTBOUND, ANSWERED, INBOUND, OPENS(2, "10.0.0.4", "1", "192.0.2.1"),
		{ 3, DO, "clear without=replied,inbound", NONE, "", "sessions_ended" },
		SESSIONS(4, "2"), SESSIONS(4, "1 with=replied"), SESSIONS(4, "1 with=inbound"))
	},
	{ "busy_subscribers_are_found_by_sessions_or_ports", "limit rate=0", ROWS(
		OPENS(0, "10.0.0.2", "1", "192.0.2.1"), OPENS(0, "10.0.0.3", "1", "192.0.2.1"), OPENS(0, "10.0.0.3", "2", "192.0.2.1"),
		{ 0, IN, "udp 10.0.0.2:1 > 203.0.113.7:53", OUT, "udp 192.0.2.1:* > 203.0.113.7:53", "" },
		{ 0, IN, "udp 10.0.0.2:1 > 203.0.113.8:53", OUT, "udp 192.0.2.1:* > 203.0.113.8:53", "" },
		SUBSCRIBERS(1, "2 least=1/0"), SUBSCRIBERS(1, "1 least=3/0"), SUBSCRIBERS(1, "0 least=4/0"),
		SUBSCRIBERS(1, "2 least=0/1"), SUBSCRIBERS(1, "1 least=0/2"), SUBSCRIBERS(1, "2 least=3/2"), SUBSCRIBERS(1, "0 least=9/9"))
	},
	{ "subscriber_tells_what_it_was_refused_by", "limit sessions=2 rate=0 ports=2", ROWS(
		OPENS(0, "10.0.0.2", "1", "192.0.2.1"), OPENS(0, "10.0.0.2", "2", "192.0.2.1"),
		REFUSED(1, "10.0.0.2", "3", "drop_limit_sessions"), REFUSED(1, "10.0.0.2", "4", "drop_limit_sessions"),
		SUBSCRIBERS(1, "1 in=10.0.0.2 refused=0/2/0/0"),
		{ 2, DO, "config limit sessions=0 rate=0 ports=2", NONE, "", "" },
		REFUSED(3, "10.0.0.2", "5", "drop_limit_ports"), SUBSCRIBERS(3, "1 refused=1/2/0/0"),
		{ 4, DO, "config limit sessions=0 rate=1 ports=0", NONE, "", "" },
		{ 5, DO, "repeat 6 in udp 10.0.0.3:#100# > 198.51.100.9:53", ANY, "", "drop_limit_rate=5 sessions_made=* icmp_made=*" },
		SUBSCRIBERS(6, "1 in=10.0.0.3 refused=0/0/5/0"))
	},
	{ "subscriber_tells_its_blocks", "pool 203.0.113.1 block=64 blocks=2; limit rate=0", ROWS(
		{ 0, DO, "blocks 0 in=10.0.0.2", NONE, "", "" },
		OPENS(0, "10.0.0.2", "1", "203.0.113.1"), OPENS(0, "10.0.0.3", "1", "203.0.113.1"),
		{ 1, DO, "blocks 1 in=10.0.0.2 size=64", NONE, "", "" },
		{ 1, DO, "repeat 64 in udp 10.0.0.2:#100# > 198.51.100.9:53", ANY, "", "" },
		{ 2, DO, "blocks 2 in=10.0.0.2 size=64", NONE, "", "" }, SUBSCRIBERS(2, "1 in=10.0.0.2 holds=2"), SUBSCRIBERS(2, "1 in=10.0.0.3 holds=1"),
		{ 3, DO, "blocks 0 in=10.0.0.2 tenant=1", NONE, "", "" })
	},
	{ "use_of_a_pool_counts_its_own_addresses", "pool 203.0.113.1-203.0.113.5; pool 203.0.113.9-203.0.113.11; tenant blue vlan=10 10.0.0.1/24 pool=1", ROWS(
		{ 0, IN, "tcp 10.0.0.2:1 > 198.51.100.9:53 SYN", OUT, "tcp *:* > 198.51.100.9:53 SYN", "" },
		{ 0, IN, "tcp 10.0.0.2:1 > 198.51.100.9:53 SYN vlan=10", OUT, "tcp *:* > 198.51.100.9:53 SYN", "" },
		{ 0, IN, "tcp 10.0.0.3:1 > 198.51.100.9:53 SYN vlan=10", OUT, "tcp *:* > 198.51.100.9:53 SYN", "" },
		{ 1, DO, "use 0 5 1", NONE, "", "" }, { 1, DO, "use 1 3 2", NONE, "", "" }, { 1, DO, "use 2 0 0", NONE, "", "" },
		{ 1, DO, "used tcp 3", NONE, "", "" })
	},
	{ "records_are_made_while_somebody_listens", "", ROWS(
		OPENS(0, "10.0.0.2", "1", "192.0.2.1"), { 1, DO, "records 0 session-add", NONE, "", "" },
		{ 1, DO, "listen session-add", NONE, "", "" },
		OPENS(1, "10.0.0.2", "2", "192.0.2.1"), { 1, DO, "records 1 session-add in=10.0.0.2", NONE, "", "" }, { 1, DO, "records 0 mapping-add", NONE, "", "" },
		/* a new configuration changes nothing about it */
		{ 2, DO, "config record mapping-add", NONE, "", "" },
		OPENS(2, "10.0.0.2", "3", "192.0.2.1"), { 2, DO, "records 2 session-add", NONE, "", "" }, { 2, DO, "records 1 mapping-add", NONE, "", "" },
		{ 3, DO, "listen", NONE, "", "" },
		OPENS(3, "10.0.0.2", "4", "192.0.2.1"), { 3, DO, "records 2 session-add", NONE, "", "" }, { 3, DO, "records 2 mapping-add", NONE, "", "" })
	},
};
/* clang-format on */

SUITE(filter, cases);
