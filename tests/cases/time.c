/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Time: what is over is over to the millisecond for everybody, whether or not ageing has
 * come to it, and ageing takes everything in the end.
 */
#include "table.h"

/* clang-format off */
#define OPEN { 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" }

static const struct table_case cases[] = {
	{ "mapping_whose_only_session_is_over_lets_nobody_in", "", ROWS(
		OPEN,
		{ 299999, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$p", IN, "udp 203.0.113.7:1 > 10.0.0.2:5000", "" },
		{ 299999, DO, "clear rem=203.0.113.7", NONE, "", "" },
		{ 300001, OUT, "udp 203.0.113.8:1 > 192.0.2.1:$p", NONE, "", "drop_no_mapping" })
	},
	/* RFC 4787 REQ-6, RFC 7857 section 7: what comes in must not hold a mapping open. */
	{ "strangers_do_not_hold_a_mapping_open", "", ROWS(
		OPEN,
		{ 200000, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$p", IN, "udp 203.0.113.7:1 > 10.0.0.2:5000", "" },
		{ 299000, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$p", IN, "udp 203.0.113.7:1 > 10.0.0.2:5000", "" },
		{ 400000, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$p", NONE, "", "drop_no_mapping" },
		{ 400000, DO, "poll 100", NONE, "", "" },
		{ 400000, DO, "mappings 0", NONE, "", "" })
	},
	{ "answer_of_the_inside_keeps_a_session_from_outside", "", ROWS(
		OPEN,
		{ 200000, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$p", IN, "udp 203.0.113.7:1 > 10.0.0.2:5000", "" },
		{ 250000, IN, "udp 10.0.0.2:5000 > 203.0.113.7:1", OUT, "udp 192.0.2.1:$p > 203.0.113.7:1", "" },
		{ 549999, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$p", IN, "udp 203.0.113.7:1 > 10.0.0.2:5000", "" },
		{ 550001, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$p", NONE, "", "drop_no_mapping" })
	},
	{ "outbound_packet_of_an_ended_session_opens_another", "", ROWS(
		OPEN,
		{ 300001, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:* > 198.51.100.9:53", "sessions_made" })
	},
	{ "outbound_packet_of_another_session_does_not_revive_an_ended_mapping", "", ROWS(
		OPEN,
		{ 300001, IN, "udp 10.0.0.2:5000 > 203.0.113.7:53", OUT, "udp 192.0.2.1:* > 203.0.113.7:53", "sessions_made" },
		{ 300002, DO, "poll 50", NONE, "", "" },
		{ 300002, DO, "sessions 1", NONE, "", "" })
	},
	{ "hundreds_of_sessions_age_in_slices", "limit rate=0", ROWS(
		{ 0, DO, "repeat 900 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=900" },
		{ 200000, DO, "repeat 100 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "flow_hits=100" },
		{ 301000, DO, "poll 300", NONE, "", "" },
		{ 310000, DO, "poll 300", NONE, "", "" },
		{ 320000, DO, "poll 300", NONE, "", "" },
		{ 320000, DO, "sessions 100", NONE, "", "" })
	},
	{ "many_protocols_age_each_in_its_time", "", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1", "" },
		{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN", OUT, "tcp 192.0.2.1:$t > 198.51.100.9:80 SYN", "" },
		OPEN,
		{ 59000, DO, "poll 100", NONE, "", "" }, { 59000, DO, "sessions 3", NONE, "", "" },
		{ 70000, DO, "poll 100", NONE, "", "" }, { 80000, DO, "poll 100", NONE, "", "" }, { 80000, DO, "sessions 2", NONE, "", "" },
		{ 250000, DO, "poll 100", NONE, "", "" }, { 260000, DO, "poll 100", NONE, "", "" }, { 260000, DO, "sessions 1 proto=udp", NONE, "", "" },
		{ 310000, DO, "poll 100", NONE, "", "" }, { 320000, DO, "poll 100", NONE, "", "" }, { 320000, DO, "sessions 0", NONE, "", "" })
	},
};
/* clang-format on */

SUITE(time, cases);
