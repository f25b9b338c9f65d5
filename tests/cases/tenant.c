/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Tenants: inside networks with the same addresses, told apart by VLAN.
 */
#include "table.h"

/* clang-format off */
#define TENANTS "tenant blue vlan=10 10.0.0.1/24; tenant red vlan=20 inner=7 10.0.0.1/24"

static const struct table_case cases[] = {
	{ "same_addresses_of_three_tenants_stay_apart", TENANTS, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'plain'", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53 'plain'", "sessions_made" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=10 'blue'", OUT, "udp 192.0.2.1:$b{!a} > 198.51.100.9:53 'blue'", "sessions_made" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=20.7 'red'", OUT, "udp 192.0.2.1:$c{!a,!b} > 198.51.100.9:53 'red'", "sessions_made" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$b 'to blue'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 vlan=10 'to blue'", "flow_hits" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$c 'to red'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 vlan=20.7 'to red'", "flow_hits" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$a 'to plain'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'to plain'", "flow_hits" },
		{ 1, DO, "sessions 1 tenant=1", NONE, "", "" }, { 1, DO, "sessions 1 tenant=2", NONE, "", "" },
		{ 1, DO, "subscribers 3", NONE, "", "" },
		{ 2, DO, "clear tenant=1", NONE, "", "sessions_ended=1" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$c", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 vlan=20.7", "" })
	},
	{ "padding_of_a_tagged_frame_is_trimmed", TENANTS, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=20.7 trailer=10 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" })
	},
	{ "priority_bits_do_not_matter", TENANTS, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=24586 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" })
	},
	{ "unknown_tags_are_dropped", TENANTS, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=11", NONE, "", "drop_vlan" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=20", NONE, "", "drop_vlan" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=20.8", NONE, "", "drop_vlan" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=10.7", NONE, "", "drop_vlan" },
		{ 0, OUT, "udp 198.51.100.9:53 > 192.0.2.1:5000 vlan=10", NONE, "", "drop_vlan" })
	},
	{ "punt_keeps_the_tag", TENANTS, ROWS(
		{ 0, IN, "arp request 10.0.0.2 > 10.0.0.1 vlan=10", PUNT, "arp request 10.0.0.2 > 10.0.0.1 vlan=10", "punted_arp" },
		{ 0, IN, "icmp echo 10.0.0.2 > 10.0.0.1 id=1 seq=1 vlan=20.7", PUNT, "icmp echo 10.0.0.2 > 10.0.0.1 id=1 seq=1 vlan=20.7", "punted_local" })
	},
	{ "own_errors_carry_the_tag", TENANTS, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=20.7 ttl=1 'x'",
			IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.2 vlan=20.7 ttl=64 tos=* ipid=* [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'x']", "drop_ttl icmp_made" })
	},
	{ "translated_errors_carry_the_tag", TENANTS, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=10 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 'x']",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 vlan=10 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:53 'x']", "icmp_errors" })
	},
	{ "tenants_meet_only_through_outside_addresses", TENANTS, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$s > 198.51.100.9:53", "" },
		{ 1, IN, "udp 10.0.0.2:5000 > 192.0.2.1:$s vlan=20.7 'hi'", IN, "udp 192.0.2.1:$c > 10.0.0.2:5000 vlan=10 'hi'", "hairpinned" },
		{ 2, IN, "udp 10.0.0.2:5000 > 192.0.2.1:$c vlan=10 'ho'", IN, "udp 192.0.2.1:$s > 10.0.0.2:5000 vlan=20.7 'ho'", "hairpinned" })
	},
	{ "limits_are_the_tenants_own", "tenant blue vlan=10 10.0.0.1/24 sessions=1; limit sessions=2; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53 vlan=10", NONE, "", "drop_limit_sessions" },
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$c > 198.51.100.9:53", "" })
	},
	{ "pool_of_a_tenant_is_its_own", "pool 203.0.113.1; pool 203.0.113.2; tenant blue vlan=10 10.0.0.1/24 pool=1", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$a > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.2:$b > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.2:$b", IN, "udp 198.51.100.9:53 > 10.0.0.2:1 vlan=10", "" })
	},
	{ "forward_leads_to_its_tenant", TENANTS "; forward tcp 192.0.2.1:80 > 10.0.0.2:80 tenant=2", ROWS(
		{ 0, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:80 SYN", IN, "tcp 198.51.100.9:5000 > 10.0.0.2:80 SYN vlan=20.7", "" },
		{ 1, IN, "tcp 10.0.0.2:80 > 198.51.100.9:5000 SYN ACK vlan=20.7", OUT, "tcp 192.0.2.1:80 > 198.51.100.9:5000 SYN ACK", "" })
	},
	{ "hosts_of_two_tenants_are_resolved_apart", TENANTS, ROWS(
		{ 0, IN, "udp 10.0.0.50:5000 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.50:5000 > 198.51.100.9:53 vlan=20.7", OUT, "udp 192.0.2.1:$c > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$b 'b'", NONE, "", "held" },
		{ 1, DO, "resolve in 10.0.0.50 1", NONE, "", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$c 'c'", NONE, "", "held" },
		{ 1, DO, "resolve in 10.0.0.50 2", NONE, "", "" },
		{ 2, DO, "neigh in 10.0.0.50 up 2", IN, "udp 198.51.100.9:53 > 10.0.0.50:5000 vlan=20.7 'c'", "" },
		{ 3, DO, "neigh in 10.0.0.50 up 1", IN, "udp 198.51.100.9:53 > 10.0.0.50:5000 vlan=10 'b'", "" })
	},
	{ "stranger_finds_nothing_of_a_tenant_just_removed", "tenant blue vlan=10 10.0.0.1/24", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" },
		{ 0, DO, "repeat 700 in udp 10.0.0.2:#1000# > 198.51.100.9:53 vlan=10", ANY, "", "sessions_made=700" },
		{ 0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53", "" },
		{ 0, DO, "repeat 700 in udp 10.0.0.2:#3000# > 198.51.100.9:53 vlan=10", ANY, "", "sessions_made=700" },
		{ 0, IN, "udp 10.0.0.2:3 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$c > 198.51.100.9:53", "" },
		{ 1, DO, "config ", NONE, "", "" }, /* and the sweep has not come to all of them */
		{ 1, OUT, "udp 203.0.113.7:7 > 192.0.2.1:$a", NONE, "", "drop_no_mapping" }, { 1, OUT, "udp 203.0.113.7:7 > 192.0.2.1:$b", NONE, "", "drop_no_mapping" },
		{ 1, OUT, "udp 203.0.113.7:7 > 192.0.2.1:$c", NONE, "", "drop_no_mapping" })
	},
	{ "removed_tenant_loses_its_sessions_and_the_others_keep_theirs", "tenant blue vlan=10 10.0.0.1/24", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53", "" },
		{ 1, DO, "config ", NONE, "", "" },
		{ 1000, DO, "poll 100", NONE, "", "" },
		{ 1000, DO, "sessions 1", NONE, "", "" },
		{ 1000, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$b", NONE, "", "drop_no_mapping" },
		{ 1000, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$a", IN, "udp 198.51.100.9:53 > 10.0.0.2:1", "" },
		{ 1000, IN, "udp 10.0.0.2:1 > 198.51.100.9:53 vlan=10", NONE, "", "drop_vlan" })
	},
	{ "packets_that_wait_do_not_outlive_their_tenant", TENANTS, ROWS(
		{ 0, IN, "udp 10.0.0.50:5000 > 198.51.100.9:53 vlan=20.7", OUT, "udp 192.0.2.1:$c > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$c 'c'", NONE, "", "held" },
		{ 2, DO, "config ", NONE, "", "" },
		{ 2, DO, "neigh in 10.0.0.50 up 2", NONE, "", "" },
		{ 60000, DO, "poll 2", NONE, "", "drop_hold_timeout held_now=-1" })
	},
};
/* clang-format on */

SUITE(tenant, cases);
