/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Another configuration while sessions live: what it still permits goes on untouched,
 * what it does not ends.
 */
#include "table.h"

/* clang-format off */
#define TWO_POOLS "pool 203.0.113.1-203.0.113.2"
#define SETTLE(when) { when, DO, "poll 200", NONE, "", "" }

static const struct table_case cases[] = {
	{ "same_configuration_changes_nothing", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1, DO, "config ", NONE, "", "sessions_ended=0" },
		{ 2, DO, "config ", NONE, "", "sessions_ended=0" },
		{ 3, DO, "config ", NONE, "", "sessions_ended=0" },
		SETTLE(2000),
		{ 2000, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000", "flow_hits" },
		{ 2001, IN, "udp 10.0.0.3:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$q{!p} > 198.51.100.9:53", "" })
	},
	{ "timers_change_for_running_sessions", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1000, DO, "config timeout udp 120", NONE, "", "" },
		{ 119999, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000", "" },
		{ 120001, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p", NONE, "", "drop_no_mapping" })
	},
	{ "removed_pool_address_ends_its_sessions_and_only_those", "pool 203.0.113.1-203.0.113.1", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$p > 198.51.100.9:53", "" },
		{ 1, DO, "config pool 203.0.113.7", NONE, "", "" },
		SETTLE(1000),
		{ 1000, DO, "sessions 0", NONE, "", "" },
		{ 1000, OUT, "udp 198.51.100.9:53 > 203.0.113.1:$p", NONE, "", "drop_not_ours" },
		{ 1001, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 203.0.113.7:$q > 198.51.100.9:53", "sessions_made" },
		{ 1002, OUT, "udp 198.51.100.9:53 > 203.0.113.7:$q", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000", "" })
	},
	{ "removed_address_stops_at_once_even_before_the_sweep", "pool 203.0.113.1", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$p > 198.51.100.9:53", "" },
		{ 1, DO, "config pool 203.0.113.7", NONE, "", "" },
		SETTLE(200),
		{ 200, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 203.0.113.7:$q > 198.51.100.9:53", "" })
	},
	{ "added_pool_address_keeps_sessions_and_is_used", TWO_POOLS, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp $a:$p > 198.51.100.9:53", "" },
		{ 1, DO, "config pool 203.0.113.1-203.0.113.4", NONE, "", "sessions_ended=0" },
		SETTLE(1000),
		{ 1000, OUT, "udp 198.51.100.9:53 > $a:$p", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000", "flow_hits" },
		{ 1001, IN, "udp 10.0.0.2:5001 > 198.51.100.9:53", OUT, "udp $a:$q > 198.51.100.9:53", "" })
	},
	{ "smaller_port_range_does_not_hand_out_a_live_port_again", "pool 203.0.113.1 ports=2000-2003; workers 1", ROWS(
		{ 0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$a > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:3 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$b > 198.51.100.9:53", "" },
		{ 1, DO, "config pool 203.0.113.1 ports=2000-2007; icmp-refusal 255", NONE, "", "" },
		SETTLE(1000),
		{ 1000, IN, "udp 10.0.0.2:4 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$c{!a,!b} > 198.51.100.9:53", "" },
		{ 1000, IN, "udp 10.0.0.2:5 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$d{!a,!b,!c} > 198.51.100.9:53", "" },
		{ 1000, IN, "udp 10.0.0.2:6 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$e{!a,!b,!c,!d} > 198.51.100.9:53", "" },
		{ 1000, IN, "udp 10.0.0.2:7 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$f{!a,!b,!c,!d,!e} > 198.51.100.9:53", "" },
		{ 1000, IN, "udp 10.0.0.2:8 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$g{!a,!b,!c,!d,!e,!f} > 198.51.100.9:53", "" },
		{ 1000, IN, "udp 10.0.0.2:9 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$h{!a,!b,!c,!d,!e,!f,!g} > 198.51.100.9:53", "" },
		{ 1000, IN, "udp 10.0.0.2:10 > 198.51.100.9:53", NONE, "", "drop_no_port" })
	},
	{ "pool_address_taken_away_and_given_back_works", "pool 203.0.113.1", ROWS(
		{ 0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$a > 198.51.100.9:53", "" },
		{ 1, DO, "config pool 203.0.113.2", NONE, "", "" },
		{ 2, DO, "config pool 203.0.113.1", NONE, "", "" },
		SETTLE(1000),
		{ 1000, IN, "udp 10.0.0.2:4 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$b{!a} > 198.51.100.9:53", "" },
		{ 1001, OUT, "udp 198.51.100.9:53 > 203.0.113.1:$b", IN, "udp 198.51.100.9:53 > 10.0.0.2:4", "" })
	},
	{ "refused_configuration_changes_nothing", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1, DO, "badconfig pool 203.0.113.9-203.0.113.1", NONE, "", "" },
		{ 1, DO, "badconfig timeout udp 0", NONE, "", "" },
		{ 1, DO, "badconfig pool 203.0.113.1 ports=2000-1000", NONE, "", "" },
		{ 1, DO, "badconfig pool 127.0.0.1", NONE, "", "" },
		{ 1, DO, "badconfig tenant blue vlan=5 10.0.0.1/24 pool=3", NONE, "", "" },
		{ 1, DO, "badconfig tenant blue vlan=5 10.0.0.1/24; tenant red vlan=5 10.0.0.1/24", NONE, "", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000", "flow_hits" })
	},
	{ "hundred_configurations_leave_no_trace", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1, DO, "configs 100", NONE, "", "sessions_ended=0" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000", "flow_hits" })
	},
};
/* clang-format on */

SUITE(config, cases);
