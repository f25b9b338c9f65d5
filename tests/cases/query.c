/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What control asks of the workers: sessions, mappings and subscribers by any selection,
 * and clearing.
 */
#include "table.h"

/* clang-format off */
#define THREE \
	{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" }, \
	{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN", OUT, "tcp 192.0.2.1:$b > 198.51.100.9:80 SYN", "" }, \
	{ 0, IN, "udp 10.0.0.3:5000 > 203.0.113.7:53", OUT, "udp 192.0.2.1:$c > 203.0.113.7:53", "" }
#define SESSIONS(text) { 5, DO, "sessions " text, NONE, "", "" }

static const struct table_case cases[] = {
	{ "sessions_are_selected_by_every_field", "", ROWS(
		THREE,
		SESSIONS("3"), SESSIONS("2 proto=udp"), SESSIONS("1 proto=tcp"), SESSIONS("0 proto=icmp"),
		SESSIONS("2 in=10.0.0.2"), SESSIONS("3 in=:5000"), SESSIONS("0 in=10.0.0.9"),
		SESSIONS("1 out=192.0.2.1:$a proto=udp"), SESSIONS("3 out=192.0.2.1"),
		SESSIONS("2 rem=198.51.100.9"), SESSIONS("1 rem=198.51.100.9:80"), SESSIONS("2 rem=:53"),
		SESSIONS("3 tenant=0"), SESSIONS("0 tenant=1"),
		SESSIONS("1 proto=udp in=10.0.0.2:5000 rem=198.51.100.9:53"))
	},
	{ "session_tells_age_traffic_and_time_since_it_was_refreshed", "", ROWS(
		THREE,
		{ 700, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$a 'xy'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'xy'", "" },
		{ 1000, DO, "sessions 1 proto=udp in=10.0.0.2 age=1000 idle=1000 left=299000 packets=1/1 bytes=28/30", NONE, "", "" })
	},
	{ "mappings_and_subscribers_are_listed", "", ROWS(
		THREE,
		{ 1, IN, "udp 10.0.0.2:5000 > 203.0.113.7:53", OUT, "udp 192.0.2.1:$a > 203.0.113.7:53", "" },
		{ 1, DO, "mappings 3", NONE, "", "" }, { 1, DO, "mappings 2 in=10.0.0.2", NONE, "", "" },
		{ 1, DO, "mappings 1 proto=tcp", NONE, "", "" }, { 1, DO, "mappings 1 out=192.0.2.1:$c proto=udp", NONE, "", "" },
		{ 1, DO, "subscribers 2", NONE, "", "" }, { 1, DO, "subscribers 1 in=10.0.0.3", NONE, "", "" },
		{ 1, DO, "subscribers 0 in=10.0.0.4", NONE, "", "" })
	},
	{ "long_lists_take_several_messages", "limit rate=0", ROWS(
		{ 0, DO, "repeat 500 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=500" },
		{ 0, DO, "repeat 200 in udp 10.0.0.3:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=200" },
		SESSIONS("700"), SESSIONS("500 in=10.0.0.2"),
		{ 0, DO, "mappings 700", NONE, "", "" }, { 0, DO, "subscribers 2", NONE, "", "" },
		{ 1, DO, "clear in=10.0.0.2", NONE, "", "sessions_ended=500" },
		SESSIONS("200"),
		{ 5, DO, "subscribers 1 in=10.0.0.3", NONE, "", "" })
	},
	{ "clear_takes_all_and_traffic_builds_anew", "", ROWS(
		THREE,
		{ 1, DO, "clear", NONE, "", "sessions_ended=3 sessions_now=-3" },
		SESSIONS("0"), { 5, DO, "mappings 0", NONE, "", "" },
		{ 6, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$a", NONE, "", "drop_no_mapping" },
		{ 7, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$z{!a} > 198.51.100.9:53", "sessions_made" })
	},
	{ "clear_ends_one_session_by_either_tuple", "", ROWS(
		THREE,
		{ 1, DO, "clear proto=udp in=10.0.0.2:5000 rem=198.51.100.9:53", NONE, "", "sessions_ended=1" },
		{ 1, DO, "clear proto=udp out=192.0.2.1:$c", NONE, "", "sessions_ended=1" },
		SESSIONS("1"), SESSIONS("1 proto=tcp") )
	},
	{ "clear_of_nothing_changes_nothing", "", ROWS(
		THREE,
		{ 1, DO, "clear in=10.9.9.9", NONE, "", "sessions_ended=0" },
		SESSIONS("3"))
	},
};
/* clang-format on */

SUITE(query, cases);
