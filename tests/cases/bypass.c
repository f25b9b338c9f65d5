/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Destinations without translation (RFC 6888 REQ-6): both ways as a router would do it, for
 * these destinations, protocols and ports only, and no way in for spoofed sources.
 */
#include "table.h"

/* clang-format off */
#define NET "bypass 198.51.100.0/24"
/* Passes as it is but for the TTL. */
#define OUTWARD(when, packet) { when, IN, packet, OUT, packet, "routed sessions_made=0" }
#define INWARD(when, packet) { when, OUT, packet, IN, packet, "routed sessions_made=0" }
#define DROPPED(when, in, packet, counter) { when, in, packet, NONE, "", counter " routed=0" }

static const struct table_case cases[] = {
	{ "bypassed_network_is_reached_untranslated_both_ways", NET, ROWS(
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'"), INWARD(1, "udp 198.51.100.9:53 > 10.0.0.2:5000 'hi'"),
		OUTWARD(2, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=1 mss=1460"), INWARD(2, "tcp 198.51.100.9:80 > 10.0.0.2:5000 SYN ACK seq=9 ack=2"),
		OUTWARD(2, "tcp 10.0.0.2:5000 > 198.51.100.9:80 ACK seq=2 ack=10"), INWARD(2, "tcp 198.51.100.9:80 > 10.0.0.2:5000 RST seq=10"),
		OUTWARD(3, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping'"), INWARD(3, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1 'ping'"),
		INWARD(4, "icmp echo 198.51.100.9 > 10.0.0.2 id=7 seq=1 'ping'"), OUTWARD(4, "icmp echo-reply 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping'"),
		{ 5, DO, "sessions 0", NONE, "", "" }, { 5, DO, "mappings 0", NONE, "", "" }, { 5, DO, "subscribers 0", NONE, "", "" })
	},
	{ "outside_may_begin_towards_the_inside", NET, ROWS(
		INWARD(0, "udp 198.51.100.9:53 > 10.0.0.2:5000 'hi'"), INWARD(0, "tcp 198.51.100.9:1025 > 10.0.0.3:22 SYN"))
	},
	{ "any_protocol_goes_to_a_bypassed_network", NET, ROWS(
		OUTWARD(0, "ip 10.0.0.2 > 198.51.100.9 proto=47 hex=0000080045"), OUTWARD(0, "ip 10.0.0.2 > 198.51.100.9 proto=51 hex=00112233445566778899"), OUTWARD(0, "ip 10.0.0.2 > 198.51.100.9 proto=89 hex=02"),
		INWARD(0, "ip 198.51.100.9 > 10.0.0.2 proto=47 hex=0000080045"), INWARD(0, "ip 198.51.100.9 > 10.0.0.2 proto=51 hex=00112233445566778899"),
		OUTWARD(1, "ip 10.0.0.2 > 198.51.100.9 proto=50 hex=00112233445566778899"), INWARD(1, "ip 198.51.100.9 > 10.0.0.2 proto=50 hex=00112233445566778899"))
	},
	{ "other_destinations_are_translated_still", NET, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 203.0.113.9:53", OUT, "udp 192.0.2.1:$a > 203.0.113.9:53", "routed=0 sessions_made" },
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53"),
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.101.0:53", OUT, "udp 192.0.2.1:$a > 198.51.101.0:53", "routed=0" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.99.255:53", OUT, "udp 192.0.2.1:$a > 198.51.99.255:53", "routed=0" },
		OUTWARD(1, "udp 10.0.0.2:5000 > 198.51.100.0:53"), OUTWARD(1, "udp 10.0.0.2:5000 > 198.51.100.255:53"),
		{ 2, OUT, "udp 203.0.113.9:53 > 192.0.2.1:$a", IN, "udp 203.0.113.9:53 > 10.0.0.2:5000", "" })
	},
	{ "inside_takes_nothing_from_networks_that_are_not_bypassed", NET, ROWS(
		DROPPED(0, OUT, "udp 203.0.113.9:53 > 10.0.0.2:5000", "drop_not_ours"), DROPPED(0, OUT, "tcp 198.51.101.9:53 > 10.0.0.2:5000 SYN", "drop_not_ours"), DROPPED(0, OUT, "ip 203.0.113.9 > 10.0.0.2 proto=47 hex=00", "drop_not_ours"))
	},
	{ "inside_takes_nothing_with_a_source_of_its_own", "bypass 10.0.0.0/8; bypass 198.51.100.0/24", ROWS(
		DROPPED(0, OUT, "udp 10.0.0.3:53 > 10.0.0.2:5000", "drop_spoofed"), DROPPED(0, OUT, "tcp 10.0.0.3:53 > 10.0.0.2:5000 SYN", "drop_spoofed"),
		DROPPED(0, OUT, "udp 10.0.0.1:53 > 10.0.0.2:5000", "drop_spoofed"), DROPPED(0, OUT, "udp 10.0.0.2:53 > 10.0.0.2:53", "drop_not_ours=* drop_land=*"))
	},
	{ "inside_takes_nothing_with_a_source_of_the_box_or_the_pool", "bypass 0.0.0.0/0; pool 203.0.113.1", ROWS(
		DROPPED(0, OUT, "udp 192.0.2.1:53 > 10.0.0.2:5000", "drop_spoofed"), DROPPED(0, OUT, "udp 203.0.113.1:53 > 10.0.0.2:5000", "drop_spoofed"))
	},
	{ "bogons_do_not_pass_a_bypass_of_everything", "bypass 0.0.0.0/0", ROWS(
		DROPPED(0, OUT, "udp 127.0.0.1:53 > 10.0.0.2:5000", "drop_bogon=* drop_not_ours=*"), DROPPED(0, OUT, "udp 224.0.0.9:53 > 10.0.0.2:5000", "drop_bogon=* drop_not_ours=*"),
		DROPPED(0, OUT, "udp 0.0.0.0:53 > 10.0.0.2:5000", "drop_bogon=* drop_not_ours=*"), DROPPED(0, IN, "udp 10.0.0.2:5 > 127.0.0.1:53", "drop_bogon"), DROPPED(0, IN, "udp 127.0.0.1:5 > 198.51.100.9:53", "drop_bogon"))
	},
	{ "source_that_is_not_inside_does_not_go_out", NET "; pool 203.0.113.1", ROWS(
		DROPPED(0, IN, "udp 203.0.113.77:5000 > 198.51.100.9:53", "drop_spoofed"), DROPPED(0, IN, "udp 198.51.100.7:5000 > 198.51.100.9:53", "drop_spoofed"),
		DROPPED(0, IN, "udp 203.0.113.1:5000 > 198.51.100.9:53", "drop_spoofed"), DROPPED(0, IN, "udp 192.0.2.1:5000 > 198.51.100.9:53", "drop_spoofed"), DROPPED(0, IN, "udp 10.0.0.1:5000 > 198.51.100.9:53", "drop_spoofed"))
	},
	{ "addresses_of_the_box_inside_are_not_reached_from_outside", NET, ROWS(
		DROPPED(0, OUT, "udp 198.51.100.9:53 > 10.0.0.1:53", "drop_not_ours"), DROPPED(0, OUT, "tcp 198.51.100.9:53 > 10.0.0.1:22 SYN", "drop_not_ours"), DROPPED(0, OUT, "udp 198.51.100.9:53 > 10.0.0.255:7", "drop_not_ours"))
	},
	{ "what_is_not_inside_is_not_routed_back_out", NET, ROWS(
		DROPPED(0, OUT, "udp 198.51.100.9:53 > 203.0.113.200:53", "drop_not_ours"), DROPPED(0, OUT, "udp 198.51.100.9:53 > 192.0.2.9:53", "drop_not_ours"))
	},
	{ "ttl_that_runs_out_is_answered_on_both_sides", NET, ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'x'", IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'x']", "drop_ttl icmp_made" },
		{ 0, OUT, "udp 198.51.100.9:53 > 10.0.0.2:5000 ttl=1 'x'", OUT, "icmp time-exceeded 192.0.2.1 > 198.51.100.9 ttl=64 tos=* ipid=* [udp 198.51.100.9:53 > 10.0.0.2:5000 ttl=1 'x']", "drop_ttl icmp_made" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=2", OUT, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1", "" },
		{ 0, OUT, "udp 198.51.100.9:53 > 10.0.0.2:5000 ttl=255", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 ttl=254", "" })
	},
	{ "tos_id_options_and_checksums_stay", NET, ROWS(
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53 tos=185 ipid=4242 df ipopt=94040000 'x'"), OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53 csum=0 'x'"),
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53 badcsum 'x'"), INWARD(0, "udp 198.51.100.9:53 > 10.0.0.2:5000 tos=185 ipid=4242 df 'x'"))
	},
	{ "one_port_of_one_protocol_is_bypassed", "bypass 198.51.100.0/24 udp 53", ROWS(
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53"), INWARD(0, "udp 198.51.100.9:53 > 10.0.0.2:5000"),
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:54", OUT, "udp 192.0.2.1:$a > 198.51.100.9:54", "routed=0" },
		{ 1, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:53 SYN", OUT, "tcp 192.0.2.1:$b > 198.51.100.9:53 SYN", "routed=0" },
		{ 1, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$c seq=1", "routed=0" },
		DROPPED(2, OUT, "udp 198.51.100.9:54 > 10.0.0.2:5000", "drop_not_ours"), DROPPED(2, OUT, "udp 198.51.100.9:5000 > 10.0.0.2:53", "drop_not_ours"),
		DROPPED(2, OUT, "tcp 198.51.100.9:53 > 10.0.0.2:5000 SYN", "drop_not_ours"), DROPPED(2, OUT, "icmp echo 198.51.100.9 > 10.0.0.2 id=7 seq=1", "drop_not_ours"))
	},
	{ "one_protocol_is_bypassed", "bypass 198.51.100.0/24 icmp", ROWS(
		OUTWARD(0, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1"), INWARD(0, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1"),
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "routed=0" })
	},
	{ "several_entries_are_looked_through", "bypass 203.0.113.0/24 tcp 80; bypass 198.51.100.9/32 udp; bypass 198.51.100.128/25", ROWS(
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53"), OUTWARD(0, "tcp 10.0.0.2:5000 > 203.0.113.7:80 SYN"), OUTWARD(0, "tcp 10.0.0.2:5000 > 198.51.100.129:81 SYN"),
		{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN", OUT, "tcp 192.0.2.1:* > 198.51.100.9:80 SYN", "routed=0" }, { 0, IN, "udp 10.0.0.2:5000 > 198.51.100.10:53", OUT, "udp 192.0.2.1:* > 198.51.100.10:53", "routed=0" })
	},
	/* peers 105 */
	{ "fragments_pass_unchanged", NET, ROWS(
		OUTWARD(0, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 mf data=16"), OUTWARD(1, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 'rest'"),
		INWARD(2, "udp 198.51.100.9:53 > 10.0.0.2:5 ipid=9 mf data=16"), INWARD(3, "ip 198.51.100.9 > 10.0.0.2 proto=17 ipid=9 off=24 'rest'"),
		{ 4, DO, "sessions 0", NONE, "", "" })
	},
	{ "fragments_out_of_order_pass_unchanged", NET, ROWS(
		{ 0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 'rest'", NONE, "", "fragments_held" },
		{ 1, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 mf data=16", OUT, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 mf data=16 + ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 'rest'", "sessions_made=0 routed=2" },
		{ 2, OUT, "ip 198.51.100.9 > 10.0.0.2 proto=17 ipid=9 off=24 'rest'", NONE, "", "fragments_held" },
		{ 3, OUT, "udp 198.51.100.9:53 > 10.0.0.2:5 ipid=9 mf data=16", IN, "udp 198.51.100.9:53 > 10.0.0.2:5 ipid=9 mf data=16 + ip 198.51.100.9 > 10.0.0.2 proto=17 ipid=9 off=24 'rest'", "routed=2" })
	},
	{ "fragments_of_a_bypassed_port_pass_unchanged", "bypass 198.51.100.0/24 udp 53", ROWS(
		OUTWARD(0, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 mf data=16"), OUTWARD(1, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 'rest'"))
	},
	/* peers 59 */
	{ "error_going_out_about_a_bypassed_packet_stays_untranslated", NET, ROWS(
		INWARD(0, "udp 198.51.100.9:53 > 10.0.0.2:5000 'hi'"),
		{ 1, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 'hi']",
			OUT, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 'hi']", "sessions_made=0" })
	},
	{ "error_coming_in_about_a_bypassed_packet_reaches_its_sender", NET, ROWS(
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'"),
		{ 1, OUT, "icmp unreachable 198.51.100.9 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:53 'hello']",
			IN, "icmp unreachable 198.51.100.9 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:53 'hello']", "sessions_made=0" })
	},
	/* The router with the small link need not be in the bypassed network (path MTU discovery). */
	{ "error_of_a_router_on_the_way_reaches_the_sender", NET, ROWS(
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53 df 'hello'"),
		{ 1, OUT, "icmp frag-needed 203.0.113.5 > 10.0.0.2 mtu=1300 [udp 10.0.0.2:5000 > 198.51.100.9:53 df 'hello']",
			IN, "icmp frag-needed 203.0.113.5 > 10.0.0.2 mtu=1300 [udp 10.0.0.2:5000 > 198.51.100.9:53 df 'hello']", "sessions_made=0" })
	},
	{ "error_with_a_port_that_is_bypassed_reaches_its_sender", "bypass 198.51.100.0/24 udp 53", ROWS(
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'"),
		{ 1, OUT, "icmp unreachable 198.51.100.9 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:53 'hello']",
			IN, "icmp unreachable 198.51.100.9 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:53 'hello']", "sessions_made=0" },
		DROPPED(2, OUT, "icmp unreachable 198.51.100.9 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 198.51.100.9:54 'hello']", "drop_not_ours=* drop_icmp_no_flow=*"))
	},
	{ "too_big_for_the_next_link_is_answered_or_cut", NET "; mtu outside 600", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 df data=800", IN, "icmp frag-needed 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* mtu=600 [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=64 df data=800 cut=548]", "drop_too_big icmp_made" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipid=77 data=800", ANY, "", "tx_outside=2 fragments_made sessions_made=0" })
	},
	{ "bypass_is_for_the_default_tenant", NET "; tenant blue vlan=10 10.0.0.1/24", ROWS(
		OUTWARD(0, "udp 10.0.0.2:5000 > 198.51.100.9:53"),
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=10", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "routed=0" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$a", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 vlan=10", "" })
	},
	{ "bypass_does_not_touch_forwards_and_pool_addresses", NET "; forward udp 192.0.2.1:80 > 10.0.0.2:80", ROWS(
		{ 0, OUT, "udp 198.51.100.9:53 > 192.0.2.1:80", IN, "udp 198.51.100.9:53 > 10.0.0.2:80", "sessions_made routed=0" },
		{ 1, IN, "udp 10.0.0.2:80 > 198.51.100.9:53", OUT, "udp 192.0.2.1:80 > 198.51.100.9:53", "flow_hits routed=0" })
	},
	{ "bypass_that_comes_and_goes_at_run_time", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 203.0.113.9:53", OUT, "udp 192.0.2.1:$a > 203.0.113.9:53", "" },
		{ 1, DO, "config " NET, NONE, "", "sessions_ended=0" },
		OUTWARD(2, "udp 10.0.0.2:5000 > 198.51.100.9:53"), INWARD(2, "udp 198.51.100.9:53 > 10.0.0.2:5000"),
		{ 2, OUT, "udp 203.0.113.9:53 > 192.0.2.1:$a", IN, "udp 203.0.113.9:53 > 10.0.0.2:5000", "flow_hits" },
		{ 3, DO, "config ", NONE, "", "" },
		{ 4, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "routed=0" }, DROPPED(4, OUT, "udp 198.51.100.9:53 > 10.0.0.2:5001", "drop_not_ours"))
	},
	{ "bypass_is_by_outside_destination_not_by_inside_one", NET, ROWS(
		{ 0, IN, "udp 10.0.0.3:5000 > 203.0.113.9:53", OUT, "udp 192.0.2.1:$s > 203.0.113.9:53", "" },
		{ 1, IN, "udp 10.0.0.2:5000 > 192.0.2.1:$s", IN, "udp 192.0.2.1:$c > 10.0.0.3:5000", "hairpinned routed=0" })
	},
	{ "unknown_inside_host_is_asked_for", NET, ROWS(
		{ 0, OUT, "udp 198.51.100.9:53 > 10.0.0.77:5000 'x'", NONE, "", "held" }, { 0, DO, "resolve in 10.0.0.77", NONE, "", "" },
		{ 1, DO, "neigh in 10.0.0.77 up", IN, "udp 198.51.100.9:53 > 10.0.0.77:5000 'x'", "" })
	},
};
/* clang-format on */

SUITE(bypass, cases);
