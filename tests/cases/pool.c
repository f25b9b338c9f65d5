/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pools: several of them with ranges of their own, resized, drained, taken away and changed
 * to another kind while sessions live. How evenly addresses are used and how full they get
 * is in test_alloc.c.
 */
#include "table.h"

/* clang-format off */
#define SETTLE(when) { when, DO, "poll 200", NONE, "", "" }
#define CONFIG(when, text) { when, DO, "config " text, NONE, "", "" }
#define OPENS(when, host, port, out) \
	{ when, IN, "udp " host ":" port " > 198.51.100.9:53 'x'", OUT, "udp " out " > 198.51.100.9:53 'x'", "sessions_made" }
#define ANSWER(when, out, in) { when, OUT, "udp 198.51.100.9:53 > " out " 'y'", IN, "udp 198.51.100.9:53 > " in " 'y'", "flow_hits" }
#define NO_POOL(when, host, port) { when, IN, "udp " host ":" port " > 198.51.100.9:53", NONE, "", "drop_no_pool sessions_made=0" }

static const struct table_case cases[] = {
	{ "two_pools_with_ports_of_their_own", "pool 203.0.113.1 ports=2000-2999; pool 203.0.113.2 ports=5000-5999; tenant blue vlan=10 10.0.0.1/24 pool=1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a{2000-2999}"), OPENS(0, "10.0.0.3", "1000", "203.0.113.1:$b{2000-2999,!a}"),
		{ 0, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.2:$c{5000-5999} > 198.51.100.9:53", "" },
		{ 0, IN, "tcp 10.0.0.2:1000 > 198.51.100.9:80 SYN vlan=10", OUT, "tcp 203.0.113.2:$t{5000-5999} > 198.51.100.9:80 SYN", "" },
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=3 seq=1 vlan=10", OUT, "icmp echo 203.0.113.2 > 198.51.100.9 id=$i{5000-5999} seq=1", "" },
		ANSWER(1, "203.0.113.1:$b", "10.0.0.3:1000"), { 1, OUT, "udp 198.51.100.9:53 > 203.0.113.2:$c", IN, "udp 198.51.100.9:53 > 10.0.0.2:1000 vlan=10", "" },
		{ 2, OUT, "udp 198.51.100.9:53 > 203.0.113.2:$a", NONE, "", "drop_no_mapping" }, { 2, OUT, "udp 198.51.100.9:53 > 203.0.113.1:1999", NONE, "", "drop_no_mapping" }, { 2, OUT, "udp 198.51.100.9:53 > 203.0.113.1:3000", NONE, "", "drop_no_mapping" })
	},
	{ "second_pool_can_be_the_default_tenants", "pool 203.0.113.1; pool 203.0.113.2; use-pool 1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.2:$a"), { 1, OUT, "udp 198.51.100.9:53 > 203.0.113.1:$a", NONE, "", "drop_no_mapping" }, ANSWER(1, "203.0.113.2:$a", "10.0.0.2:1000"))
	},
	{ "pools_filter_as_each_is_told", "pool 203.0.113.1 udp=apd; pool 203.0.113.2 udp=ei; tenant blue vlan=10 10.0.0.1/24 pool=1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"), { 0, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.2:$b > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 203.0.113.99:9 > 203.0.113.1:$a", NONE, "", "drop_filtered" }, { 1, OUT, "udp 203.0.113.99:9 > 203.0.113.2:$b", IN, "udp 203.0.113.99:9 > 10.0.0.2:1000 vlan=10", "" })
	},
	{ "hairpin_between_two_pools", "pool 203.0.113.1; pool 203.0.113.2; tenant blue vlan=10 10.0.0.1/24 pool=1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"),
		{ 1, IN, "udp 10.0.0.2:7 > 203.0.113.1:$a vlan=10 'hi'", IN, "udp 203.0.113.2:$b > 10.0.0.2:1000 'hi'", "hairpinned" },
		{ 2, IN, "udp 10.0.0.2:1000 > 203.0.113.2:$b 'ho'", IN, "udp 203.0.113.1:$a > 10.0.0.2:7 vlan=10 'ho'", "hairpinned" })
	},
	{ "ranges_need_not_be_contiguous", "pool 203.0.113.1,203.0.113.77,198.18.0.5-198.18.0.6", ROWS(
		/* in turn by inside address: .4 is 0 modulo 4 */
		{ 0, IN, "udp 10.0.0.4:1 > 198.51.100.9:53", OUT, "udp $a:$p > 198.51.100.9:53", "" }, { 0, IN, "udp 10.0.0.5:1 > 198.51.100.9:53", OUT, "udp $b{!a}:$q > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.6:1 > 198.51.100.9:53", OUT, "udp $c{!a,!b}:$r > 198.51.100.9:53", "" }, { 0, IN, "udp 10.0.0.7:1 > 198.51.100.9:53", OUT, "udp $d{!a,!b,!c}:$s > 198.51.100.9:53", "" },
		ANSWER(1, "$a:$p", "10.0.0.4:1"), ANSWER(1, "$b:$q", "10.0.0.5:1"), ANSWER(1, "$c:$r", "10.0.0.6:1"), ANSWER(1, "$d:$s", "10.0.0.7:1"))
	},
	/* peers 36 */
	{ "pool_without_addresses_refuses_until_one_is_added", "pool none; icmp-refusal 255; record exhausted", ROWS(
		NO_POOL(0, "10.0.0.2", "1000"), { 0, IN, "tcp 10.0.0.2:1 > 198.51.100.9:80 SYN", NONE, "", "drop_no_pool" }, { 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=1 seq=1", NONE, "", "drop_no_pool" },
		{ 0, DO, "records 1 exhausted in=10.0.0.2 why=drop_no_pool", NONE, "", "" },
		{ 0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=47 hex=0000880b00080001", NONE, "", "drop_no_pool" },
		CONFIG(1, "pool 203.0.113.1"), OPENS(2, "10.0.0.2", "1000", "203.0.113.1:$a"), ANSWER(3, "203.0.113.1:$a", "10.0.0.2:1000"))
	},
	/* peers 46 */
	{ "pool_follows_the_address_of_the_outside", "", ROWS(
		OPENS(0, "10.0.0.2", "1000", "192.0.2.1:$a"), CONFIG(1, "outside 192.0.2.7/24"), SETTLE(1000), { 1000, DO, "sessions 0", NONE, "", "" },
		OPENS(1001, "10.0.0.2", "1000", "192.0.2.7:$b"), ANSWER(1002, "192.0.2.7:$b", "10.0.0.2:1000"))
	},
	{ "added_addresses_are_used_and_sessions_stay", "pool 203.0.113.4", ROWS(
		OPENS(0, "10.0.0.4", "1", "203.0.113.4:$a"), OPENS(0, "10.0.0.5", "1", "203.0.113.4:$b"),
		{ 1, DO, "config pool 203.0.113.4-203.0.113.7", NONE, "", "sessions_ended=0" }, SETTLE(1000),
		ANSWER(1001, "203.0.113.4:$a", "10.0.0.4:1"), ANSWER(1001, "203.0.113.4:$b", "10.0.0.5:1"),
		OPENS(1002, "10.0.0.5", "2", "203.0.113.4:$c{!b}"),
		{ 1003, IN, "udp 10.0.0.6:1 > 198.51.100.9:53", OUT, "udp $x:$d > 198.51.100.9:53", "" }, { 1003, IN, "udp 10.0.0.7:1 > 198.51.100.9:53", OUT, "udp $y{!x}:$e > 198.51.100.9:53", "" },
		{ 1003, IN, "udp 10.0.0.9:1 > 198.51.100.9:53", OUT, "udp $z{!x,!y}:$f > 198.51.100.9:53", "" },
		ANSWER(1004, "$x:$d", "10.0.0.6:1"), ANSWER(1004, "$y:$e", "10.0.0.7:1"), ANSWER(1004, "$z:$f", "10.0.0.9:1"), { 1005, DO, "sessions 6", NONE, "", "sessions_ended=0" })
	},
	{ "sessions_of_removed_addresses_end_and_others_stay", "pool 203.0.113.4-203.0.113.5", ROWS(
		{ 0, IN, "udp 10.0.0.4:1 > 198.51.100.9:53", OUT, "udp 203.0.113.4:$a > 198.51.100.9:53", "" }, { 0, IN, "udp 10.0.0.5:1 > 198.51.100.9:53", OUT, "udp 203.0.113.5:$b > 198.51.100.9:53", "" },
		{ 0, IN, "tcp 10.0.0.5:1 > 198.51.100.9:80 SYN", OUT, "tcp 203.0.113.5:$c > 198.51.100.9:80 SYN", "" },
		CONFIG(1, "pool 203.0.113.4"), SETTLE(1000), { 1000, DO, "sessions 1", NONE, "", "" },
		ANSWER(1001, "203.0.113.4:$a", "10.0.0.4:1"), { 1001, OUT, "udp 198.51.100.9:53 > 203.0.113.5:$b", NONE, "", "drop_not_ours" },
		{ 1002, IN, "udp 10.0.0.5:1 > 198.51.100.9:53", OUT, "udp 203.0.113.4:$d{!a} > 198.51.100.9:53", "sessions_made" }, ANSWER(1003, "203.0.113.4:$d", "10.0.0.5:1"))
	},
	{ "addresses_in_another_order_keep_sessions", "pool 203.0.113.4-203.0.113.7", ROWS(
		{ 0, IN, "udp 10.0.0.4:1 > 198.51.100.9:53", OUT, "udp $x:$a > 198.51.100.9:53", "" },
		{ 1, DO, "config pool 203.0.113.7,203.0.113.5,203.0.113.6,203.0.113.4", NONE, "", "sessions_ended=0" }, SETTLE(1000),
		ANSWER(1001, "$x:$a", "10.0.0.4:1"), { 1002, IN, "udp 10.0.0.4:2 > 198.51.100.9:53", OUT, "udp $x:$b{!a} > 198.51.100.9:53", "" }, { 1002, DO, "sessions 2", NONE, "", "sessions_ended=0" })
	},
	{ "address_that_moves_to_another_pool_keeps_its_sessions", "pool 203.0.113.4-203.0.113.5; pool 203.0.113.9", ROWS(
		{ 0, IN, "udp 10.0.0.5:1 > 198.51.100.9:53", OUT, "udp 203.0.113.5:$a > 198.51.100.9:53", "" },
		CONFIG(1, "pool 203.0.113.4; pool 203.0.113.9,203.0.113.5"), SETTLE(1000),
		ANSWER(1001, "203.0.113.5:$a", "10.0.0.5:1"), { 1002, IN, "udp 10.0.0.5:2 > 198.51.100.9:53", OUT, "udp 203.0.113.4:* > 198.51.100.9:53", "" })
	},
	{ "draining_pool_makes_no_mappings_and_lets_the_old_go_on", "pool 203.0.113.1; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"),
		{ 1, DO, "config pool 203.0.113.1 drain; icmp-refusal 255", NONE, "", "sessions_ended=0" }, SETTLE(1000),
		ANSWER(1001, "203.0.113.1:$a", "10.0.0.2:1000"), { 1001, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53 'x'", OUT, "udp 203.0.113.1:$a > 198.51.100.9:53 'x'", "flow_hits" },
		{ 1002, IN, "udp 10.0.0.2:1000 > 203.0.113.99:53", OUT, "udp 203.0.113.1:$a > 203.0.113.99:53", "mappings_made=0" },
		NO_POOL(1003, "10.0.0.3", "1000"), { 1003, IN, "icmp echo 10.0.0.3 > 198.51.100.9 id=1 seq=1", NONE, "", "drop_no_pool" },
		CONFIG(1004, "pool 203.0.113.1"), OPENS(1005, "10.0.0.3", "1000", "203.0.113.1:$b{!a}"))
	},
	{ "draining_pool_makes_no_mappings_for_who_has_one_already", "pool 203.0.113.1; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"),
		CONFIG(1, "pool 203.0.113.1 drain; icmp-refusal 255"), SETTLE(1000),
		NO_POOL(1001, "10.0.0.2", "1001"), { 1001, IN, "tcp 10.0.0.2:1000 > 198.51.100.9:80 SYN", NONE, "", "drop_no_pool" }, ANSWER(1002, "203.0.113.1:$a", "10.0.0.2:1000"))
	},
	{ "draining_blocks_give_no_new_mappings", "pool 203.0.113.1 block=64; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"), CONFIG(1, "pool 203.0.113.1 block=64 drain; icmp-refusal 255"), SETTLE(1000),
		ANSWER(1001, "203.0.113.1:$a", "10.0.0.2:1000"), NO_POOL(1002, "10.0.0.3", "1000"), NO_POOL(1002, "10.0.0.2", "1001"))
	},
	{ "draining_one_pool_does_not_touch_another", "pool 203.0.113.1 drain; pool 203.0.113.2; tenant blue vlan=10 10.0.0.1/24 pool=1; icmp-refusal 255", ROWS(
		NO_POOL(0, "10.0.0.2", "1000"), { 0, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.2:* > 198.51.100.9:53", "" })
	},
	/* an entry with an empty name is as if absent */
	{ "hole_among_pools_does_not_shift_the_others", "pool none absent; pool 203.0.113.2 ports=2000-2999; use-pool 1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.2:$a{2000-2999}"), ANSWER(1, "203.0.113.2:$a", "10.0.0.2:1000"))
	},
	{ "addresses_of_an_absent_pool_are_nobodys", "pool 203.0.113.1 absent; pool 203.0.113.2; use-pool 1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.2:$a"), { 1, OUT, "udp 198.51.100.9:53 > 203.0.113.1:5000", NONE, "", "drop_not_ours" },
		{ 1, IN, "udp 10.0.0.2:1000 > 203.0.113.1:53", OUT, "udp 203.0.113.2:$a > 203.0.113.1:53", "" })
	},
	{ "absent_pool_does_not_keep_an_address_from_another", "pool 203.0.113.1 ports=2000-2999 absent; pool 203.0.113.1 ports=5000-5999; use-pool 1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a{5000-5999}"), ANSWER(1, "203.0.113.1:$a", "10.0.0.2:1000"))
	},
	{ "whatever_an_absent_pool_holds_is_not_checked", "", ROWS(
		CONFIG(0, "pool 203.0.113.9-203.0.113.1 ports=2000-1000 block=63 absent; pool 203.0.113.2; use-pool 1"), OPENS(1, "10.0.0.2", "1000", "203.0.113.2:$a"))
	},
	{ "address_of_two_pools_is_refused", "", ROWS(
		{ 0, DO, "badconfig pool 203.0.113.1-203.0.113.5; pool 203.0.113.5-203.0.113.9", NONE, "", "" }, { 0, DO, "badconfig pool 203.0.113.9,203.0.113.1-203.0.113.5; pool 203.0.113.3", NONE, "", "" },
		{ 0, DO, "config pool 203.0.113.1-203.0.113.5; pool 203.0.113.6-203.0.113.9", NONE, "", "" })
	},
	{ "plan_for_two_tenants_is_refused", "", ROWS(
		{ 0, DO, "badconfig pool 203.0.113.1 fixed=10.0.0.0/29; tenant blue vlan=10 10.0.0.1/24", NONE, "", "" },
		{ 0, DO, "config pool 203.0.113.1 fixed=10.0.0.0/29; tenant blue vlan=10 10.0.0.1/24 absent", NONE, "", "" })
	},
	{ "absent_pool_cannot_be_used", "", ROWS(
		{ 0, DO, "badconfig pool 203.0.113.1 absent; pool 203.0.113.2", NONE, "", "" }, { 0, DO, "badconfig pool 203.0.113.1; tenant blue vlan=10 10.0.0.1/24 pool=1", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1; pool 203.0.113.2 absent; tenant blue vlan=10 10.0.0.1/24 pool=1", NONE, "", "" },
		{ 0, DO, "config pool 203.0.113.1; tenant blue vlan=10 10.0.0.1/24 pool=1 absent", NONE, "", "" })
	},
	{ "pool_that_becomes_a_hole_loses_its_sessions_and_others_keep_theirs", "pool 203.0.113.1; pool 203.0.113.2; tenant blue vlan=10 10.0.0.1/24 pool=1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"), { 0, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.2:$b > 198.51.100.9:53", "" },
		CONFIG(1, "pool 203.0.113.1; pool none absent; tenant blue vlan=10 10.0.0.1/24 pool=0"), SETTLE(1000),
		{ 1000, DO, "sessions 1", NONE, "", "" }, ANSWER(1001, "203.0.113.1:$a", "10.0.0.2:1000"),
		{ 1001, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.1:$c{!a} > 198.51.100.9:53", "" })
	},
	{ "hole_among_tenants_keeps_the_index_of_the_others", "tenant blue vlan=10 10.0.0.1/24; tenant red vlan=20 10.0.0.1/24", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53", "" }, { 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=20", OUT, "udp 192.0.2.1:$r > 198.51.100.9:53", "" },
		CONFIG(1, "tenant blue vlan=10 10.0.0.1/24 absent; tenant red vlan=20 10.0.0.1/24"), SETTLE(1000), { 1000, DO, "sessions 1 tenant=2", NONE, "", "" },
		{ 1001, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$r", IN, "udp 198.51.100.9:53 > 10.0.0.2:1 vlan=20", "" }, { 1001, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$b", NONE, "", "drop_no_mapping" },
		{ 1001, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", NONE, "", "drop_vlan" },
		/* its VLAN and address are free for another one */
		CONFIG(1002, "tenant blue vlan=10 10.0.0.1/24 absent; tenant red vlan=20 10.0.0.1/24; tenant green vlan=10 10.0.0.1/24"),
		{ 1003, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$g{!r} > 198.51.100.9:53", "" }, { 1003, DO, "sessions 1 tenant=3", NONE, "", "" })
	},
	{ "absent_tenants_own_address_is_nobodys", "tenant blue vlan=10 10.9.0.1/24 absent", ROWS(
		{ 0, IN, "udp 10.9.0.2:1 > 198.51.100.9:53 vlan=10", NONE, "", "drop_vlan" })
	},
	/* ---- another kind of pool at run time ---- */
	{ "plain_pool_that_becomes_blocks_serves_on", "pool 203.0.113.1; workers 1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"),
		{ 1, DO, "config pool 203.0.113.1 block=64; record block-add", NONE, "", "sessions_ended=0" }, SETTLE(1000),
		ANSWER(1001, "203.0.113.1:$a", "10.0.0.2:1000"), OPENS(1002, "10.0.0.2", "1001", "203.0.113.1:$b{!a}"), OPENS(1002, "10.0.0.3", "1001", "203.0.113.1:$c{!a,!b/64}"),
		{ 1003, DO, "records 1 block-add in=10.0.0.2 has=$b", NONE, "", "" }, { 1003, DO, "records 1 block-add in=10.0.0.3 has=$c", NONE, "", "" },
		ANSWER(1004, "203.0.113.1:$b", "10.0.0.2:1001"), ANSWER(1004, "203.0.113.1:$c", "10.0.0.3:1001"))
	},
	{ "plain_pool_that_becomes_blocks_serves_on_with_several_workers", "pool 203.0.113.1", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"), CONFIG(1, "pool 203.0.113.1 block=64"), SETTLE(1000),
		/* its port may belong to another worker now, then the session was ended and begins anew */
		{ 1001, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$b > 198.51.100.9:53", "" }, { 1002, OUT, "udp 198.51.100.9:53 > 203.0.113.1:$b", IN, "udp 198.51.100.9:53 > 10.0.0.2:1000", "" },
		{ 1003, DO, "sessions 1", NONE, "", "" })
	},
	{ "blocks_that_become_a_plain_pool_serve_on", "pool 203.0.113.1 block=64; block-idle 10; timeout port-rest 0; record block-add block-del", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"),
		CONFIG(1, "pool 203.0.113.1; block-idle 10; timeout port-rest 0; record block-add block-del"), SETTLE(1000),
		{ 1001, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$b > 198.51.100.9:53", "" }, { 1002, OUT, "udp 198.51.100.9:53 > 203.0.113.1:$b", IN, "udp 198.51.100.9:53 > 10.0.0.2:1000", "" },
		OPENS(1003, "10.0.0.3", "1000", "203.0.113.1:$c{!b}"),
		{ 1003, DO, "clear", NONE, "", "" }, { 12000, DO, "poll 20", NONE, "", "" }, { 12000, DO, "records 1 block-del", NONE, "", "" }, { 12000, DO, "records 1 block-add", NONE, "", "" })
	},
	{ "plain_pool_that_becomes_deterministic_serves_on", "pool 203.0.113.1 ports=4096-4351", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a"), CONFIG(1, "pool 203.0.113.1 ports=4096-4351 fixed=10.0.0.0/29"), SETTLE(1000),
		OPENS(1001, "10.0.0.3", "1000", "203.0.113.1:$b{4192-4223}"), OPENS(1001, "10.0.0.2", "1001", "203.0.113.1:$c{4160-4191}"), ANSWER(1002, "203.0.113.1:$b", "10.0.0.3:1000"), ANSWER(1002, "203.0.113.1:$c", "10.0.0.2:1001"))
	},
	{ "other_port_range_gives_new_mappings_ports_of_it", "pool 203.0.113.1 ports=2000-2999", ROWS(
		OPENS(0, "10.0.0.2", "1000", "203.0.113.1:$a{2000-2999}"), { 1, DO, "config pool 203.0.113.1 ports=5000-5999", NONE, "", "sessions_ended=0" }, SETTLE(1000),
		ANSWER(1001, "203.0.113.1:$a", "10.0.0.2:1000"), OPENS(1002, "10.0.0.2", "1001", "203.0.113.1:$b{5000-5999}"), ANSWER(1003, "203.0.113.1:$b", "10.0.0.2:1001"))
	},
	/* peers 109 */
	{ "ports_beyond_the_range_are_refused_and_come_back_with_the_sessions", "pool 203.0.113.1 ports=2000-2003; workers 1; icmp-refusal 255; timeout port-rest 0", ROWS(
		{ 0, DO, "repeat 6 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=4 drop_no_port=2" }, { 0, DO, "used udp 4", NONE, "", "" },
		{ 1, DO, "clear", NONE, "", "" }, { 1, DO, "used udp 0", NONE, "", "" },
		{ 1, DO, "repeat 6 in udp 10.0.0.3:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=4 drop_no_port=2" })
	},
	{ "subscribers_keep_one_address_for_all_protocols", "pool 203.0.113.1-203.0.113.8", ROWS(
		{ 0, IN, "udp 10.0.0.5:1 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" }, { 0, IN, "tcp 10.0.0.5:1 > 198.51.100.9:53 SYN", OUT, "tcp $a:* > 198.51.100.9:53 SYN", "" },
		{ 0, IN, "icmp echo 10.0.0.5 > 198.51.100.9 id=1 seq=1", OUT, "icmp echo $a > 198.51.100.9 id=* seq=1", "" }, { 0, IN, "udp 10.0.0.5:2 > 203.0.113.99:53", OUT, "udp $a:* > 203.0.113.99:53", "" })
	},
	{ "ranges_that_cannot_be_are_refused", "", ROWS(
		{ 0, DO, "badconfig pool 203.0.113.9-203.0.113.1", NONE, "", "" }, { 0, DO, "badconfig pool 224.0.0.1", NONE, "", "" }, { 0, DO, "badconfig pool 0.0.0.1", NONE, "", "" }, { 0, DO, "badconfig pool 198.18.0.0-198.20.0.0", NONE, "", "" })
	},
};
/* clang-format on */

SUITE(pool, cases);
