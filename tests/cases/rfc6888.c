/* SPDX-License-Identifier: BSD-3-Clause
 *
 * RFC 6888, requirements of carrier-grade NATs, a test for each that packets can show.
 * REQ-9 (PCP) and REQ-10 (management) are not the library's; RFC.md says where they are.
 */
#include "table.h"

/* clang-format off */
#define OPENS(when, host, port, name) \
	{ when, IN, "udp " host ":" port " > 198.51.100.9:53 'x'", OUT, "udp 192.0.2.1:" name " > 198.51.100.9:53 'x'", "sessions_made" }
#define REFUSED(when, port, code, counter) \
	{ when, IN, "udp 10.0.0.2:" port " > 198.51.100.9:53 'x'", \
		IN, "icmp unreachable 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* code=" code " [udp 10.0.0.2:" port " > 198.51.100.9:53 ttl=64 'x']", counter " icmp_made sessions_made=0" }
#define DROPPED(when, side, packet, counter) { when, side, packet, NONE, "", counter }
#define GONE(when, port) OPENS(when, "10.0.0.2", "2", port), { when, DO, "clear", NONE, "", "" }
#define RESTED "pool 192.0.2.1 ports=2000-2000; workers 1; icmp-refusal 255"

static const struct table_case cases[] = {
	{ "rfc6888_req1_every_forwarded_protocol_is_translated", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$u > 198.51.100.9:53", "" },
		{ 0, IN, "tcp 10.0.0.2:1 > 198.51.100.9:53 SYN", OUT, "tcp 192.0.2.1:$t > 198.51.100.9:53 SYN", "" },
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=1 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1", "" })
	},
	{ "rfc6888_req2_pooling_is_paired_by_default", "pool 203.0.113.0-203.0.113.7", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:1 > 198.51.100.9:53", OUT, "udp $b{!a}:* > 198.51.100.9:53", "" },
		{ 1, IN, "udp 10.0.0.2:2 > 203.0.113.99:53", OUT, "udp $a:* > 203.0.113.99:53", "" },
		{ 1, IN, "tcp 10.0.0.2:2 > 198.51.100.9:53 SYN", OUT, "tcp $a:* > 198.51.100.9:53 SYN", "" },
		{ 1, IN, "icmp echo 10.0.0.3 > 198.51.100.9 id=1 seq=1", OUT, "icmp echo $b > 198.51.100.9 id=* seq=1", "" })
	},
	{ "rfc6888_req3_pool_of_ranges_that_are_not_contiguous", "pool 203.0.113.1,203.0.113.9-203.0.113.10,198.51.100.200 ports=2000-2001; workers 1; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:1 > 198.51.100.9:53", OUT, "udp $b{!a}:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.4:1 > 198.51.100.9:53", OUT, "udp $c{!a,!b}:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.5:1 > 198.51.100.9:53", OUT, "udp $d{!a,!b,!c}:* > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.2:2000", NONE, "", "drop_not_ours" },
		{ 1, OUT, "udp 198.51.100.9:53 > 198.51.100.201:2000", NONE, "", "drop_not_ours" })
	},
	{ "rfc6888_req3_pool_grows_and_shrinks_without_a_restart", "pool 203.0.113.1", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$p > 198.51.100.9:53", "" },
		{ 1, DO, "config pool 203.0.113.1,203.0.113.77", NONE, "", "sessions_ended=0" },
		{ 2, OUT, "udp 198.51.100.9:53 > 203.0.113.1:$p", IN, "udp 198.51.100.9:53 > 10.0.0.2:1", "flow_hits" },
		{ 3, DO, "config pool 203.0.113.77", NONE, "", "" }, { 1000, DO, "poll 100", NONE, "", "" }, { 1000, DO, "sessions 0", NONE, "", "" },
		{ 1001, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 203.0.113.77:$q > 198.51.100.9:53", "" })
	},
	{ "rfc6888_req4_ports_of_a_subscriber_are_limited", "limit ports=2 rate=0", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), OPENS(0, "10.0.0.2", "2", "$b"), REFUSED(0, "3", "13", "drop_limit_ports"), OPENS(0, "10.0.0.3", "3", "$c"))
	},
	{ "rfc6888_req4a_port_limit_is_configurable_while_running", "limit ports=1 rate=0; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), DROPPED(0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", "drop_limit_ports"),
		{ 1, DO, "config limit ports=2 rate=0; icmp-refusal 255", NONE, "", "" }, OPENS(2, "10.0.0.2", "2", "$b"), DROPPED(2, IN, "udp 10.0.0.2:3 > 198.51.100.9:53", "drop_limit_ports"),
		{ 3, DO, "config limit ports=1 rate=0; icmp-refusal 255", NONE, "", "" },
		/* what is there goes on */
		{ 4, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53", "flow_hits" })
	},
	{ "rfc6888_req4b_port_limit_is_for_each_protocol", "limit ports=1 rate=0; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), DROPPED(0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", "drop_limit_ports"),
		{ 0, IN, "tcp 10.0.0.2:2 > 198.51.100.9:53 SYN", OUT, "tcp 192.0.2.1:$t > 198.51.100.9:53 SYN", "" }, DROPPED(0, IN, "tcp 10.0.0.2:3 > 198.51.100.9:53 SYN", "drop_limit_ports"),
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=2 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1", "" }, DROPPED(0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=3 seq=1", "drop_limit_ports"))
	},
	{ "rfc6888_req4c_rate_of_new_mappings_is_limited", "limit rate=3; icmp-refusal 255", ROWS(
		{ 0, DO, "repeat 10 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "mappings_made=3 drop_limit_rate=7" }, OPENS(0, "10.0.0.3", "1", "$a"),
		{ 1000, DO, "repeat 10 in udp 10.0.0.2:#2000# > 198.51.100.9:53", ANY, "", "mappings_made=3 drop_limit_rate=7" })
	},
	{ "rfc6888_req5_sessions_of_a_subscriber_are_limited", "limit sessions=2 rate=0", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), { 0, IN, "udp 10.0.0.2:1 > 198.51.100.8:53", OUT, "udp 192.0.2.1:$a > 198.51.100.8:53", "mappings_made=0" },
		REFUSED(0, "3", "13", "drop_limit_sessions"), OPENS(0, "10.0.0.3", "3", "$c"))
	},
	{ "rfc6888_req5_strangers_cannot_take_more_than_the_limit", "limit sessions=2 rate=0", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), { 1, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$a", IN, "udp 203.0.113.7:1 > 10.0.0.2:1", "" },
		DROPPED(1, OUT, "udp 203.0.113.7:2 > 192.0.2.1:$a", "drop_limit_sessions"))
	},
	{ "rfc6888_req5_sessions_behind_a_mapping_are_limited", "limit mapping=2; timeout udp 100; timeout port-rest 0", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), { 0, IN, "udp 10.0.0.2:1 > 198.51.100.8:53", OUT, "udp 192.0.2.1:$a > 198.51.100.8:53", "sessions_made mappings_made=0" },
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.7:53 'x'", IN, "icmp unreachable 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* code=13 [udp 10.0.0.2:1 > 198.51.100.7:53 ttl=64 'x']", "drop_limit_mapping icmp_made" },
		/* other mappings have room, those there go on, and what ends makes room */
		OPENS(1, "10.0.0.2", "2", "$b"), { 1, IN, "udp 10.0.0.2:1 > 198.51.100.8:53", OUT, "udp 192.0.2.1:$a > 198.51.100.8:53", "flow_hits" },
		{ 1, DO, "clear rem=198.51.100.8", NONE, "", "" }, { 2, IN, "udp 10.0.0.2:1 > 198.51.100.7:53", OUT, "udp 192.0.2.1:$a > 198.51.100.7:53", "sessions_made" })
	},
	{ "rfc6888_req5_strangers_cannot_take_more_than_the_limit_of_a_mapping", "limit mapping=2; forward udp 192.0.2.1:80 > 10.0.0.3:80", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), { 1, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$a", IN, "udp 203.0.113.7:1 > 10.0.0.2:1", "" },
		DROPPED(1, OUT, "udp 203.0.113.7:2 > 192.0.2.1:$a", "drop_limit_mapping"), { 2, OUT, "udp 203.0.113.7:1 > 192.0.2.1:80", IN, "udp 203.0.113.7:1 > 10.0.0.3:80", "" },
		{ 2, OUT, "udp 203.0.113.7:2 > 192.0.2.1:80", IN, "udp 203.0.113.7:2 > 10.0.0.3:80", "" }, DROPPED(2, OUT, "udp 203.0.113.7:3 > 192.0.2.1:80", "drop_limit_mapping"))
	},
	/* Where each session has a port of its own there is no mapping to speak of. */
	{ "rfc6888_req5_limit_of_a_mapping_is_not_for_shared_ports", "limit mapping=1; pool 192.0.2.1 shared=both", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 192.0.2.1:* > 198.51.100.9:53", "" }, { 0, IN, "udp 10.0.0.2:1 > 198.51.100.8:53", OUT, "udp 192.0.2.1:* > 198.51.100.8:53", "" })
	},
	{ "rfc6888_req5_limit_of_a_mapping_is_each_tenants_own", "limit mapping=2; tenant blue vlan=10 10.0.0.1/24 mapping=1; icmp-refusal 255; record limit; workers 1", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), { 0, IN, "udp 10.0.0.2:1 > 198.51.100.8:53", OUT, "udp 192.0.2.1:$a > 198.51.100.8:53", "" },
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.8:53 vlan=10", OUT, "udp 192.0.2.1:$b > 198.51.100.8:53", "" }, DROPPED(0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", "drop_limit_mapping"),
		{ 0, DO, "records 1 limit tenant=1 why=drop_limit_mapping", NONE, "", "" })
	},
	{ "rfc6888_req6_bypassed_destination_is_not_translated", "bypass 198.51.100.0/28", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'", OUT, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'", "sessions_made=0" },
		{ 1, OUT, "udp 198.51.100.9:53 > 10.0.0.2:5000 'y'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'y'", "sessions_made=0" },
		{ 2, IN, "udp 10.0.0.2:5000 > 198.51.100.16:53", OUT, "udp 192.0.2.1:$p > 198.51.100.16:53", "sessions_made" },
		DROPPED(3, OUT, "udp 198.51.100.16:53 > 10.0.0.2:5000", "drop_not_ours"))
	},
	{ "rfc6888_req6_bypass_may_name_a_port", "bypass 198.51.100.9/32 tcp 25", ROWS(
		{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:25 SYN", OUT, "tcp 10.0.0.2:5000 > 198.51.100.9:25 SYN", "sessions_made=0" },
		{ 0, OUT, "tcp 198.51.100.9:25 > 10.0.0.2:5000 SYN ACK", IN, "tcp 198.51.100.9:25 > 10.0.0.2:5000 SYN ACK", "" },
		{ 1, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:26 SYN", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:26 SYN", "sessions_made" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:25", OUT, "udp 192.0.2.1:$u > 198.51.100.9:25", "sessions_made" })
	},
	{ "rfc6888_req7_filtering_is_endpoint_independent_by_default", "", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), { 1, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$a", IN, "udp 203.0.113.7:1 > 10.0.0.2:1", "" },
		{ 2, IN, "tcp 10.0.0.2:1 > 198.51.100.9:53 SYN", OUT, "tcp 192.0.2.1:$t > 198.51.100.9:53 SYN", "" }, { 3, OUT, "tcp 203.0.113.7:1 > 192.0.2.1:$t SYN", IN, "tcp 203.0.113.7:1 > 10.0.0.2:1 SYN", "" })
	},
	{ "rfc6888_req8_freed_port_rests_for_two_minutes", RESTED, ROWS(
		OPENS(0, "10.0.0.2", "2", "$a"), { 0, DO, "clear", NONE, "", "" },
		DROPPED(119999, IN, "udp 10.0.0.3:2 > 198.51.100.9:53", "drop_no_port"), DROPPED(119999, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", "drop_no_port"),
		{ 120004, DO, "poll 2", NONE, "", "" }, OPENS(120004, "10.0.0.3", "2", "$a"))
	},
	{ "rfc6888_req8_rest_begins_when_the_mapping_ends_by_itself", RESTED, ROWS(
		OPENS(0, "10.0.0.2", "2", "$a"), { 300001, DO, "poll 4", NONE, "", "" }, { 301002, DO, "poll 4", NONE, "", "" }, { 301002, DO, "sessions 0", NONE, "", "" },
		DROPPED(420000, IN, "udp 10.0.0.3:2 > 198.51.100.9:53", "drop_no_port"), { 421003, DO, "poll 4", NONE, "", "" }, OPENS(421003, "10.0.0.3", "2", "$a"))
	},
	/* found by the model: where as many rested as there may be sessions, the next did not rest at all */
	{ "rfc6888_req8_port_that_has_rested_longest_makes_room", "max-sessions 8; pool 192.0.2.1 ports=2000-2008; workers 1; icmp-refusal 255", ROWS(
		GONE(1, "$a"), GONE(2, "$b"), GONE(3, "$c"), GONE(4, "$d"), GONE(5, "$e"), GONE(6, "$f"), GONE(7, "$g"), GONE(8, "$h"), GONE(9, "$i"),
		OPENS(10, "10.0.0.3", "2", "$a"), DROPPED(11, IN, "udp 10.0.0.4:2 > 198.51.100.9:53", "drop_no_port"))
	},
	{ "rfc6888_req11a_at_a_limit_the_packet_is_dropped_and_counted", "limit sessions=1 rate=0; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), DROPPED(1, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", "drop_limit_sessions"))
	},
	{ "rfc6888_req11b_at_a_limit_host_unreachable_may_be_sent", "limit sessions=1 rate=0; icmp-refusal 1", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), REFUSED(1, "2", "1", "drop_limit_sessions"))
	},
	{ "rfc6888_req11b_no_port_left_is_answered_too", "pool 192.0.2.1 ports=2000-2000; workers 1; icmp-refusal 1", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), REFUSED(1, "2", "1", "drop_no_port"))
	},
	{ "rfc6888_req11c_operator_is_told_of_limits_once_a_second", "limit sessions=1 rate=0; icmp-refusal 255; record exhausted full limit; workers 1", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"),
		{ 1, DO, "repeat 20 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "drop_limit_sessions=20" }, { 1, DO, "records 1 limit", NONE, "", "" },
		{ 2000, DO, "repeat 20 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "drop_limit_sessions=20" }, { 2000, DO, "records 2 limit", NONE, "", "" })
	},
	{ "rfc6888_req11c_operator_is_told_of_exhausted_ports", "pool 192.0.2.1 ports=2000-2000; icmp-refusal 255; record exhausted full limit; workers 1", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), DROPPED(1, IN, "udp 10.0.0.3:2 > 198.51.100.9:53", "drop_no_port"), { 1, DO, "records 1 exhausted in=10.0.0.3 out=192.0.2.1 why=drop_no_port", NONE, "", "" })
	},
	{ "rfc6888_req11c_operator_is_told_of_full_tables", "max-subscribers 8; max-sessions 9; limit sessions=0 rate=0 ports=0; icmp-refusal 255; record exhausted full limit; workers 1", ROWS(
		{ 0, DO, "repeat 8 in udp 10.0.0.#2#:1 > 198.51.100.9:53", ANY, "", "sessions_made=8" },
		DROPPED(1, IN, "udp 10.0.0.77:1 > 198.51.100.9:53", "drop_subscribers_full"), { 1, DO, "records 1 full in=10.0.0.77 out=0.0.0.0 why=drop_subscribers_full", NONE, "", "" },
		OPENS(2, "10.0.0.2", "2", "$b"), DROPPED(1002, IN, "udp 10.0.0.2:3 > 198.51.100.9:53", "drop_sessions_full"),
		{ 1002, DO, "records 1 full in=10.0.0.2 out=0.0.0.0 why=drop_sessions_full", NONE, "", "" })
	},
	{ "rfc6888_req11d_existing_mappings_are_never_given_up_for_new_ones", "max-sessions 60; limit sessions=0 rate=0 ports=0; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$p"), { 0, DO, "repeat 200 in udp 10.0.0.2:#2000# > 198.51.100.9:53", ANY, "", "sessions_made=* drop_sessions_full=* sessions_ended=0" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'y'", IN, "udp 198.51.100.9:53 > 10.0.0.2:1000 'y'", "flow_hits" })
	},
	{ "rfc6888_req12_nothing_is_recorded_unless_asked", "", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), { 1, DO, "clear", NONE, "", "" }, { 1, DO, "records 0 session-add", NONE, "", "records_lost=0" }, { 1, DO, "records 0 session-del", NONE, "", "" },
		{ 1, DO, "records 0 mapping-add", NONE, "", "" }, { 1, DO, "records 0 mapping-del", NONE, "", "" })
	},
	{ "rfc6888_req12_mapping_records_name_no_destination_and_are_one_for_all", "record mapping-add mapping-del", ROWS(
		OPENS(0, "10.0.0.2", "1", "$a"), { 1, IN, "udp 10.0.0.2:1 > 203.0.113.7:53", OUT, "udp 192.0.2.1:$a > 203.0.113.7:53", "" },
		{ 1, DO, "records 1 mapping-add", NONE, "", "" }, { 2, DO, "clear", NONE, "", "" }, { 2, DO, "records 1 mapping-del", NONE, "", "" })
	},
	{ "rfc6888_req13_every_port_of_an_address_is_used", "pool 192.0.2.1 ports=1024-2047; workers 1; limit ports=0 sessions=0 rate=0; icmp-refusal 255", ROWS(
		{ 0, DO, "repeat 1100 in udp 10.0.0.2:#3000# > 198.51.100.9:53", ANY, "", "mappings_made=1024 drop_no_port=76" }, { 0, DO, "used udp 1024", NONE, "", "" })
	},
	{ "rfc6888_req14_port_blocks_are_logged_and_their_ports_are_not", "pool 192.0.2.1 block=64; record block-add block-del; workers 1; limit ports=0 sessions=0 rate=0; block-idle 1; timeout port-rest 0", ROWS(
		{ 0, DO, "repeat 60 in udp 10.0.0.2:#3000# > 198.51.100.9:53", ANY, "", "mappings_made=60" }, { 0, DO, "records 1 block-add", NONE, "", "" },
		{ 1, IN, "tcp 10.0.0.2:1 > 198.51.100.9:53 SYN", OUT, "tcp 192.0.2.1:* > 198.51.100.9:53 SYN", "" }, { 1, DO, "records 1 block-add", NONE, "", "" },
		{ 2, IN, "udp 10.0.0.3:1 > 198.51.100.9:53", OUT, "udp 192.0.2.1:* > 198.51.100.9:53", "" }, { 2, DO, "records 2 block-add", NONE, "", "" })
	},
	{ "rfc6888_req14_plan_of_fixed_ports_needs_no_log", "pool 192.0.2.1 fixed=10.0.0.0/24; record block-add block-del", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" }, { 0, DO, "records 0 block-add", NONE, "", "" })
	},
	{ "rfc6888_req15_next_port_does_not_follow_from_the_last", "workers 1; pool 203.0.113.1", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$a > 198.51.100.9:53", "" }, { 0, IN, "udp 10.0.0.2:5002 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$b{!a} > 198.51.100.9:53", "" },
		{ 1, DO, "clear", NONE, "", "" },
		{ 2, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$c{!a,!b} > 198.51.100.9:53", "" })
	},
};
/* clang-format on */

SUITE(rfc6888, cases);
