/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets whose next hop is not resolved wait, bounded in number and time, and leave in
 * the order they came.
 */
#include "table.h"

/* clang-format off */
#define OPEN { 0, IN, "udp 10.0.0.50:5000 > 198.51.100.9:53 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" }
#define BACK(when, text) { when, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p " text, NONE, "", "held held_now" }
#define COMES(text) "udp 198.51.100.9:53 > 10.0.0.50:5000 " text

static const struct table_case cases[] = {
	{ "packets_wait_for_a_host_and_leave_in_order", "", ROWS(
		OPEN,
		BACK(1, "'one'"),
		{ 1, DO, "resolve in 10.0.0.50", NONE, "", "" },
		BACK(2, "'two'"), BACK(3, "'three'"),
		{ 4, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'four' + udp 198.51.100.9:53 > 192.0.2.1:$p 'five'", NONE, "", "held=2" },
		{ 1000, DO, "neigh in 10.0.0.50 up", IN,
			COMES("'one'") " + " COMES("'two'") " + " COMES("'three'") " + " COMES("'four'") " + " COMES("'five'"), "held_now=-5" },
		{ 1001, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'six'", IN, COMES("'six'"), "held=0" })
	},
	{ "packets_wait_for_the_router", "", ROWS(
		{ 0, DO, "neigh out 192.0.2.254 down", NONE, "", "" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'one'", NONE, "", "held held_now" },
		{ 0, DO, "resolve out 192.0.2.254", NONE, "", "" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'two'", NONE, "", "held held_now" },
		{ 2, IN, "udp 10.0.0.2:5000 > 192.0.2.9:53 'direct'", OUT, "udp 192.0.2.1:$p > 192.0.2.9:53 'direct'", "" },
		{ 2, DO, "neigh out 192.0.2.254 up", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'one' + udp 192.0.2.1:$p > 198.51.100.9:53 'two'", "held_now=-2" })
	},
	{ "packet_without_answer_is_dropped_in_time", "", ROWS(
		OPEN,
		BACK(1, "'one'"), BACK(1000, "'two'"),
		{ 60000, DO, "poll 2", NONE, "", "drop_hold_timeout=2 held_now=-2" },
		BACK(60001, "'three'"),
		{ 60001, DO, "neigh in 10.0.0.50 up", IN, COMES("'three'"), "" })
	},
	{ "too_many_packets_do_not_wait", "", ROWS(
		OPEN,
		{ 1, DO, "repeat 2000 out udp 198.51.100.9:53 > 192.0.2.1:$p '#'", NONE, "", "held=* drop_hold_full=*" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'x'", NONE, "", "drop_hold_full" },
		{ 2, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$q 'y'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'y'", "" })
	},
	{ "a_scan_leaves_room_for_hosts_with_sessions", "", ROWS(
		OPEN,
		{ 1, DO, "repeat 54 in @0 udp 10.0.0.2:5000 > 192.0.2.2#:53 'x'", NONE, "", "held=54 held_now=54 mappings_made=* sessions_made=* mappings_now=* sessions_now=*" },
		{ 1, DO, "repeat 54 in @0 udp 10.0.0.2:5001 > 192.0.2.2#:53 'x'", NONE, "", "held=54 held_now=54 mappings_made=* sessions_made=* mappings_now=* sessions_now=*" },
		{ 1, DO, "repeat 54 in @0 udp 10.0.0.2:5002 > 192.0.2.2#:53 'x'", NONE, "", "held=20 held_now=20 drop_hold_full=34 mappings_made=* sessions_made=* mappings_now=* sessions_now=*" },
		BACK(2, "'one'"),
		{ 2, DO, "resolve in 10.0.0.50", NONE, "", "" },
		{ 3, DO, "neigh in 10.0.0.50 up", IN, COMES("'one'"), "held_now=-1" })
	},
	{ "neighbour_that_goes_makes_packets_wait", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'a'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'a'", "" },
		{ 2, DO, "neigh in 10.0.0.2 down", NONE, "", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'b'", NONE, "", "held" },
		{ 2, DO, "resolve in 10.0.0.2", NONE, "", "" },
		{ 3, DO, "neigh in 10.0.0.2 up", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'b'", "" })
	},
	{ "held_packets_are_freed_with_the_gateway", "", ROWS(
		OPEN, BACK(1, "'one'"))
	},
};
/* clang-format on */

SUITE(hold, cases);
