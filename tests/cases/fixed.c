/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Deterministic NAT (RFC 7422): the plan alone says which ports a subscriber has. The ranges
 * here are worked out by hand: with H inside addresses on A outside ones, host number h lives
 * on outside address h / ceil(H/A), slot h % ceil(H/A), and has floor(P/ceil(H/A)) ports.
 * Every port of larger plans is looked at in test_alloc.c.
 */
#include "table.h"

/* clang-format off */
/* 256 inside addresses on 2: 128 on each, 64512 / 128 = 504 ports */
#define PLAN "pool 203.0.113.1-203.0.113.2 fixed=10.0.0.0/24; limit rate=0"
/* 8 inside addresses on 1, 32 ports each: 10.0.0.2 has 4160-4191, 10.0.0.3 has 4192-4223 */
#define SMALL "pool 203.0.113.1 ports=4096-4351 fixed=10.0.0.0/29; limit rate=0"
#define OPENS(when, host, port, out) \
	{ when, IN, "udp " host ":" port " > 198.51.100.9:53 'x'", OUT, "udp " out " > 198.51.100.9:53 'x'", "sessions_made" }
#define REFUSED(when, host, port, code, counter) \
	{ when, IN, "udp " host ":" port " > 198.51.100.9:53 'x'", \
		IN, "icmp unreachable 10.0.0.1 > " host " ttl=64 tos=* ipid=* code=" code " [udp " host ":" port " > 198.51.100.9:53 ttl=64 'x']", \
		counter " icmp_made sessions_made=0" }
#define ANSWER(when, out, in) { when, OUT, "udp 198.51.100.9:53 > " out " 'y'", IN, "udp 198.51.100.9:53 > " in " 'y'", "flow_hits" }
#define TCP_OPEN(when, host) \
	{ when, IN, "tcp " host ":5000 > 198.51.100.9:80 SYN seq=1", OUT, "tcp 203.0.113.1:$t > 198.51.100.9:80 SYN seq=1", "" }, \
	{ when, OUT, "tcp 198.51.100.9:80 > 203.0.113.1:$t SYN ACK seq=9 ack=2", IN, "tcp 198.51.100.9:80 > " host ":5000 SYN ACK seq=9 ack=2", "" }, \
	{ when, IN, "tcp " host ":5000 > 198.51.100.9:80 ACK seq=2 ack=10", OUT, "tcp 203.0.113.1:$t > 198.51.100.9:80 ACK seq=2 ack=10", "" }

static const struct table_case cases[] = {
	/* peers 145 */
	{ "ports_of_every_protocol_are_those_of_the_plan", PLAN, ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a{2032-2535,even}"), OPENS(0, "10.0.0.2", "5001", "203.0.113.1:$b{2032-2535,odd}"), OPENS(0, "10.0.0.2", "80", "203.0.113.1:$c{2032-2535,!a,!b}"),
		{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=1", OUT, "tcp 203.0.113.1:$t{2032-2535} > 198.51.100.9:80 SYN seq=1", "" },
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1", OUT, "icmp echo 203.0.113.1 > 198.51.100.9 id=$i{2032-2535} seq=1", "" },
		ANSWER(1, "203.0.113.1:$a", "10.0.0.2:5000"), ANSWER(1, "203.0.113.1:$b", "10.0.0.2:5001"), ANSWER(1, "203.0.113.1:$c", "10.0.0.2:80"),
		{ 1, OUT, "tcp 198.51.100.9:80 > 203.0.113.1:$t SYN ACK seq=9 ack=2", IN, "tcp 198.51.100.9:80 > 10.0.0.2:5000 SYN ACK seq=9 ack=2", "" },
		{ 1, OUT, "icmp echo-reply 198.51.100.9 > 203.0.113.1 id=$i seq=1", IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1", "" },
		{ 2, DO, "sessions 5 in=10.0.0.2", NONE, "", "" },
		{ 2, DO, "sessions 1 in=10.0.0.2:5000 proto=udp out=203.0.113.1:$a packets=1/1", NONE, "", "" },
		{ 2, DO, "sessions 1 in=10.0.0.2:5000 proto=tcp out=203.0.113.1:$t packets=1/1 state=ESTABLISHED", NONE, "", "" },
		{ 2, DO, "sessions 1 proto=icmp out=203.0.113.1:$i packets=1/1", NONE, "", "" })
	},
	{ "subscribers_are_laid_over_addresses_by_the_plan", PLAN, ROWS(
		OPENS(0, "10.0.0.3", "5000", "203.0.113.1:$a{2536-3039}"), OPENS(0, "10.0.0.127", "5000", "203.0.113.1:$b{65032-65535}"),
		OPENS(0, "10.0.0.128", "5000", "203.0.113.2:$c{1024-1527}"), OPENS(0, "10.0.0.130", "5000", "203.0.113.2:$d{2032-2535}"), OPENS(0, "10.0.0.254", "5000", "203.0.113.2:$e{64528-65031}"))
	},
	{ "plan_that_does_not_divide_leaves_the_rest_unused", "pool 203.0.113.1-203.0.113.3 ports=4096-4351 fixed=10.0.0.0/29", ROWS(
		/* ceil(8 / 3) = 3 on each address, 256 / 3 = 85 ports */
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a{4266-4350}"), OPENS(0, "10.0.0.3", "5000", "203.0.113.2:$b{4096-4180}"), OPENS(0, "10.0.0.5", "5000", "203.0.113.2:$c{4266-4350}"),
		OPENS(0, "10.0.0.6", "5000", "203.0.113.3:$d{4096-4180}"), OPENS(0, "10.0.0.7", "5000", "203.0.113.3:$e{4181-4265}"),
		ANSWER(1, "203.0.113.3:$d", "10.0.0.6:5000"), ANSWER(1, "203.0.113.3:$e", "10.0.0.7:5000"),
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.3:4351", NONE, "", "drop_no_mapping" }, { 1, OUT, "udp 198.51.100.9:53 > 203.0.113.3:4300", NONE, "", "drop_no_mapping" })
	},
	{ "ranges_that_are_not_contiguous_are_counted_through", "pool 203.0.113.1,203.0.113.77 ports=4096-4351 fixed=10.0.0.0/29", ROWS(
		OPENS(0, "10.0.0.3", "5000", "203.0.113.1:$a{4288-4351}"), OPENS(0, "10.0.0.4", "5000", "203.0.113.77:$b{4096-4159}"),
		ANSWER(1, "203.0.113.77:$b", "10.0.0.4:5000"))
	},
	{ "more_addresses_than_subscribers_leave_addresses_unused", "pool 203.0.113.0-203.0.113.15 ports=4096-4351 fixed=10.0.0.0/29", ROWS(
		OPENS(0, "10.0.0.7", "5000", "203.0.113.7:$a{4096-4351}"),
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.9:4096", NONE, "", "drop_no_mapping" }, ANSWER(1, "203.0.113.7:$a", "10.0.0.7:5000"))
	},
	{ "network_of_one_address_has_all_ports", "pool 203.0.113.1 fixed=10.0.0.2/32; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a{1024-65535}"), ANSWER(1, "203.0.113.1:$a", "10.0.0.2:5000"),
		{ 1, IN, "udp 10.0.0.3:5000 > 198.51.100.9:53", NONE, "", "drop_no_pool" })
	},
	{ "host_bits_of_the_network_do_not_matter", "pool 203.0.113.1 ports=4096-4351 fixed=10.0.0.5/29", ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a{4160-4191}"))
	},
	{ "subscriber_outside_the_network_is_refused", SMALL "; icmp-refusal 1; record exhausted", ROWS(
		REFUSED(0, "10.0.0.9", "5000", "1", "drop_no_pool"), REFUSED(0, "10.0.0.8", "5000", "1", "drop_no_pool"),
		{ 0, DO, "records 1 exhausted in=10.0.0.9", NONE, "", "" },
		OPENS(1, "10.0.0.7", "5000", "203.0.113.1:$a{4320-4351}"))
	},
	{ "range_used_up_refuses_and_others_do_not_notice", SMALL "; icmp-refusal 1", ROWS(
		OPENS(0, "10.0.0.2", "999", "203.0.113.1:$a{4160-4191}"),
		{ 0, DO, "repeat 31 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=31" },
		REFUSED(1, "10.0.0.2", "5000", "1", "drop_no_port"),
		OPENS(1, "10.0.0.3", "999", "203.0.113.1:$b{4192-4223}"),
		{ 1, DO, "repeat 31 in udp 10.0.0.3:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=31" },
		REFUSED(1, "10.0.0.3", "5000", "1", "drop_no_port"),
		{ 1, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN", OUT, "tcp 203.0.113.1:$t{4160-4191} > 198.51.100.9:80 SYN", "" },
		ANSWER(2, "203.0.113.1:$a", "10.0.0.2:999"),
		{ 2, IN, "udp 10.0.0.2:999 > 198.51.100.10:53", OUT, "udp 203.0.113.1:$a > 198.51.100.10:53", "mappings_made=0" })
	},
	/* RFC 6888 REQ-8 B: ports of a fixed plan need no rest */
	{ "freed_port_of_a_plan_is_there_at_once", SMALL "; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "999", "203.0.113.1:$a"),
		{ 0, DO, "repeat 31 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=31" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 1, DO, "clear in=10.0.0.2:999", NONE, "", "" },
		OPENS(1, "10.0.0.2", "5000", "203.0.113.1:$a"))
	},
	/* peers 146 */
	{ "same_port_of_two_subscribers_and_closing_by_either_tuple", SMALL, ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a{4160-4191}"), OPENS(0, "10.0.0.3", "5000", "203.0.113.1:$b{4192-4223}"),
		{ 1, DO, "sessions 2", NONE, "", "" },
		{ 1, DO, "clear in=10.0.0.2:5000", NONE, "", "" }, { 1, DO, "sessions 1 in=10.0.0.3", NONE, "", "" }, { 1, DO, "sessions 1", NONE, "", "" },
		OPENS(2, "10.0.0.2", "5000", "203.0.113.1:$c{4160-4191}"),
		{ 2, DO, "clear out=203.0.113.1:$b", NONE, "", "" }, { 2, DO, "sessions 1 in=10.0.0.2", NONE, "", "" }, { 2, DO, "sessions 1", NONE, "", "" })
	},
	/* peers 147 */
	{ "connection_closed_from_inside_frees_its_session", SMALL, ROWS(
		TCP_OPEN(0, "10.0.0.2"),
		{ 1, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 FIN ACK seq=2 ack=10", OUT, "tcp 203.0.113.1:$t > 198.51.100.9:80 FIN ACK seq=2 ack=10", "" },
		{ 2, OUT, "tcp 198.51.100.9:80 > 203.0.113.1:$t FIN ACK seq=10 ack=3", IN, "tcp 198.51.100.9:80 > 10.0.0.2:5000 FIN ACK seq=10 ack=3", "" },
		{ 3, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 ACK seq=3 ack=11", OUT, "tcp 203.0.113.1:$t > 198.51.100.9:80 ACK seq=3 ack=11", "" },
		{ 3, DO, "sessions 1 state=FIN_BOTH", NONE, "", "" },
		{ 242000, DO, "poll 20", NONE, "", "" }, { 242000, DO, "sessions 0", NONE, "", "" }, { 242000, DO, "used tcp 0", NONE, "", "" })
	},
	/* peers 148 */
	{ "connection_closed_from_outside_frees_its_session", SMALL, ROWS(
		TCP_OPEN(0, "10.0.0.2"),
		{ 1, OUT, "tcp 198.51.100.9:80 > 203.0.113.1:$t FIN ACK seq=10 ack=2", IN, "tcp 198.51.100.9:80 > 10.0.0.2:5000 FIN ACK seq=10 ack=2", "" },
		{ 2, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 FIN ACK seq=2 ack=11", OUT, "tcp 203.0.113.1:$t > 198.51.100.9:80 FIN ACK seq=2 ack=11", "" },
		{ 3, OUT, "tcp 198.51.100.9:80 > 203.0.113.1:$t ACK seq=11 ack=3", IN, "tcp 198.51.100.9:80 > 10.0.0.2:5000 ACK seq=11 ack=3", "" },
		{ 3, DO, "sessions 1 state=FIN_BOTH", NONE, "", "" },
		{ 242000, DO, "poll 20", NONE, "", "" }, { 242000, DO, "sessions 0", NONE, "", "" }, { 242000, DO, "used tcp 0", NONE, "", "" })
	},
	/* peers 149 */
	{ "sessions_of_all_protocols_expire", SMALL "; timeout udp 120; timeout tcp-opening 100; timeout icmp 60; timeout other 80", ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a"),
		{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN", OUT, "tcp 203.0.113.1:$t > 198.51.100.9:80 SYN", "" },
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1", OUT, "icmp echo 203.0.113.1 > 198.51.100.9 id=$i seq=1", "" },
		{ 0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=47 hex=0000880b00080001", OUT, "ip 203.0.113.1 > 198.51.100.9 proto=47 hex=0000880b00080001", "" },
		{ 0, DO, "sessions 4", NONE, "", "" },
		{ 61100, DO, "poll 20", NONE, "", "" }, { 61100, DO, "sessions 3", NONE, "", "" }, { 61100, DO, "used icmp 0", NONE, "", "" },
		{ 81200, DO, "poll 20", NONE, "", "" }, { 81200, DO, "sessions 2", NONE, "", "" },
		{ 101300, DO, "poll 20", NONE, "", "" }, { 101300, DO, "sessions 1", NONE, "", "" },
		{ 121400, DO, "poll 20", NONE, "", "" }, { 121400, DO, "sessions 0", NONE, "", "" }, { 121400, DO, "used udp 0", NONE, "", "" })
	},
	/* peers 150 */
	{ "thousand_sessions_and_the_next_is_refused_others_not", "pool 203.0.113.1 fixed=10.0.0.0/29; limit rate=0 sessions=1000 ports=0; icmp-refusal 1; record limit", ROWS(
		{ 0, DO, "repeat 1000 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=1000" },
		REFUSED(1, "10.0.0.2", "5000", "1", "drop_limit_sessions"), REFUSED(2, "10.0.0.2", "5001", "1", "drop_limit_sessions"), REFUSED(3, "10.0.0.2", "5002", "1", "drop_limit_sessions"),
		{ 3, DO, "records 1 limit in=10.0.0.2 why=drop_limit_sessions", NONE, "", "" }, { 3, DO, "records 1 limit", NONE, "", "" },
		OPENS(4, "10.0.0.3", "5000", "203.0.113.1:$b"),
		{ 5, IN, "udp 10.0.0.2:1500 > 198.51.100.9:53", OUT, "udp 203.0.113.1:* > 198.51.100.9:53", "flow_hits" })
	},
	{ "mapping_is_endpoint_independent_and_filters_as_configured", "pool 203.0.113.1 ports=4096-4351 fixed=10.0.0.0/29 udp=ad", ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a"),
		{ 1, IN, "udp 10.0.0.2:5000 > 203.0.113.99:53", OUT, "udp 203.0.113.1:$a > 203.0.113.99:53", "mappings_made=0" },
		{ 1, OUT, "udp 203.0.113.99:9 > 203.0.113.1:$a", IN, "udp 203.0.113.99:9 > 10.0.0.2:5000", "" },
		{ 1, OUT, "udp 198.51.100.77:9 > 203.0.113.1:$a", NONE, "", "drop_filtered" })
	},
	{ "hairpin_between_two_of_the_plan", SMALL, ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$s"),
		{ 1, IN, "udp 10.0.0.3:6000 > 203.0.113.1:$s 'hi'", IN, "udp 203.0.113.1:$c{4192-4223} > 10.0.0.2:5000 'hi'", "hairpinned" },
		{ 2, IN, "udp 10.0.0.2:5000 > 203.0.113.1:$c 'ho'", IN, "udp 203.0.113.1:$s > 10.0.0.3:6000 'ho'", "hairpinned" })
	},
	{ "ports_of_the_kernel_are_missing_from_the_plan", "pool 192.0.2.1 ports=32700-32827 fixed=10.0.0.0/29; kernel-ports 32768-60999; icmp-refusal 255", ROWS(
		/* 16 each: 10.0.0.2 has 32732-32747, 10.0.0.4 32764-32779 of which four are free */
		OPENS(0, "10.0.0.2", "5000", "192.0.2.1:$a{32732-32747}"),
		OPENS(0, "10.0.0.4", "5000", "192.0.2.1:$b{32764-32767}"), OPENS(0, "10.0.0.4", "5002", "192.0.2.1:$c{32764-32767}"), OPENS(0, "10.0.0.4", "5004", "192.0.2.1:$d{32764-32767}"), OPENS(0, "10.0.0.4", "5006", "192.0.2.1:$e{32764-32767}"),
		{ 0, IN, "udp 10.0.0.4:5008 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 0, IN, "udp 10.0.0.5:5000 > 198.51.100.9:53", NONE, "", "drop_no_port" })
	},
	{ "forward_in_the_plan_is_not_given_to_a_mapping", "pool 203.0.113.1 ports=4096-4351 fixed=10.0.0.0/29; limit rate=0; icmp-refusal 255; forward udp 203.0.113.1:4170 > 10.0.0.5:50", ROWS(
		{ 0, DO, "repeat 31 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=31" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.1:4170", IN, "udp 198.51.100.9:53 > 10.0.0.5:50", "" })
	},
	{ "plans_of_two_tenants_are_apart", SMALL "; pool 203.0.113.2 ports=4096-4351 fixed=10.0.0.0/29; tenant blue vlan=10 10.0.0.1/24 pool=1", ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a{4160-4191}"),
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.2:$b{4160-4191} > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.2:$b", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 vlan=10", "" }, ANSWER(1, "203.0.113.1:$a", "10.0.0.2:5000"))
	},
	{ "plans_that_cannot_be_are_refused", SMALL, ROWS(
		{ 0, DO, "badconfig pool 203.0.113.1 fixed=10.0.0.0/8", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1 fixed=10.0.0.0/7", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1 ports=4096-4102 fixed=10.0.0.0/29", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1 fixed=10.0.0.0/24 block=64", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1 fixed=10.0.0.0/24 shared=udp", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1 fixed=10.0.0.0/24 shared=tcp", NONE, "", "" },
		{ 0, DO, "config pool 203.0.113.1 ports=4096-4103 fixed=10.0.0.0/29", NONE, "", "" },
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:4098"))
	},
	{ "same_plan_again_changes_nothing", SMALL, ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a"), { 1, DO, "configs 20", NONE, "", "sessions_ended=0" }, { 1000, DO, "poll 200", NONE, "", "" },
		ANSWER(1001, "203.0.113.1:$a", "10.0.0.2:5000"), OPENS(1002, "10.0.0.2", "5001", "203.0.113.1:$b{4160-4191,!a}"))
	},
	/* Without a log the plan is all that tells who had a port: it must hold for every session. */
	{ "session_that_another_plan_gives_to_somebody_else_ends", SMALL, ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a{4160-4191}"),
		{ 1, DO, "config pool 203.0.113.1 ports=8192-8447 fixed=10.0.0.0/29; limit rate=0", NONE, "", "" }, { 1000, DO, "poll 200", NONE, "", "" },
		{ 1001, DO, "sessions 0", NONE, "", "" },
		{ 1001, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$b{8256-8287} > 198.51.100.9:53", "" })
	},
	{ "session_of_a_plain_pool_that_the_plan_gives_to_somebody_else_ends", "pool 203.0.113.1 ports=4224-4351", ROWS(
		/* by the plan these are ports of 10.0.0.4 to .7 */
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a{4224-4351}"),
		{ 1, DO, "config " SMALL, NONE, "", "" }, { 1000, DO, "poll 200", NONE, "", "" },
		{ 1001, DO, "sessions 0", NONE, "", "" }, OPENS(1001, "10.0.0.2", "5000", "203.0.113.1:$b{4160-4191}"))
	},
	{ "draining_plan_gives_no_new_mappings", SMALL "; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "5000", "203.0.113.1:$a"),
		{ 1, DO, "config pool 203.0.113.1 ports=4096-4351 fixed=10.0.0.0/29 drain; icmp-refusal 255", NONE, "", "" }, { 1000, DO, "poll 200", NONE, "", "" },
		ANSWER(1001, "203.0.113.1:$a", "10.0.0.2:5000"),
		{ 1002, IN, "udp 10.0.0.3:5000 > 198.51.100.9:53", NONE, "", "drop_no_pool" },
		{ 1002, IN, "udp 10.0.0.2:5001 > 198.51.100.9:53", NONE, "", "drop_no_pool" })
	},
};
/* clang-format on */

SUITE(fixed, cases);
