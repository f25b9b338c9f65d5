/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Flows with helpers through whole gateways: who is bound to what, packets on their way to
 * control and back, datagrams in fragments, hairpins, expectations that real workers answer.
 * The helpers are those of helpertoy.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helpers.h"
#include "helpertoy.h"
#include "table.h"

#define C "10.0.0.2:5000"
#define S "198.51.100.9:4000"
#define P "192.0.2.1:$p"
#define ON "helper toy on"
#define BASE 1000000 /* milliseconds */

/* clang-format off */
#define THROUGH "punted_helper injected"
#define PAST "punted_helper=0 injected=0"
#define UP(when, from, to, text, got, counter) { when, IN, "udp " from " > " to " " text, OUT, "udp " P " > " to " " got, counter }
#define DOWN(when, to, from, text, got, counter) { when, OUT, "udp " from " > " P " " text, IN, "udp " from " > " to " " got, counter }
/* Binds $q to the outside port of 10.0.0.2:7000. */
#define LEARN_Q(when) { when, IN, "udp 10.0.0.2:7000 > 198.51.100.8:9 'x'", OUT, "udp 192.0.2.1:$q > 198.51.100.8:9 'x'", PAST }
#define F1 "udp " C " > " S " ipid=7 mf ulen=28 csum=0 '# aaaaaaaaaaaaa '"
#define F2 "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 '# bb'"
#define WHOLE "udp " P " > " S " csum=0 '0 aaaaaaaaaaaaa 0 bb'"
#define TCP_UP(when, text, got) { when, IN, "tcp " C " > " S " " text, OUT, "tcp " P " > " S " " got, THROUGH }
#define TCP_DOWN(when, text, got) { when, OUT, "tcp " S " > " P " " text, IN, "tcp " S " > " C " " got, THROUGH }
#define HANDSHAKE \
	TCP_UP(0, "SYN seq=1000 win=60000", "SYN seq=1000 win=60000"), \
	TCP_DOWN(1, "SYN ACK seq=9000 ack=1001 win=60000", "SYN ACK seq=9000 ack=1001 win=60000"), \
	TCP_UP(2, "ACK seq=1001 ack=9001 win=60000", "ACK seq=1001 ack=9001 win=60000")

static const struct table_case cases[] = {
	/* ---- who is bound ---- */
	{ "flow_to_a_servers_port_goes_through_its_helper_both_ways", ON, ROWS(
		UP(0, C, S, "'#'", "'0'", THROUGH), DOWN(1, C, S, "'#'", "'1'", THROUGH),
		UP(2, C, "198.51.100.9:53", "'#'", "'#'", PAST), DOWN(3, C, "198.51.100.9:53", "'#'", "'#'", PAST))
	},
	{ "nobody_is_bound_when_it_is_off", "", ROWS(UP(0, C, S, "'#'", "'#'", PAST)) },
	{ "server_inside_is_known_by_its_inside_port", ON "; forward udp 192.0.2.1:9000 > 10.0.0.2:4000", ROWS(
		{ 0, OUT, "udp 198.51.100.8:7 > 192.0.2.1:9000 '#'", IN, "udp 198.51.100.8:7 > 10.0.0.2:4000 '0'", THROUGH },
		{ 1, IN, "udp 10.0.0.2:4000 > 198.51.100.8:7 '#'", OUT, "udp 192.0.2.1:9000 > 198.51.100.8:7 '1'", THROUGH })
	},
	{ "client_from_a_servers_port_is_none", ON, ROWS(
		UP(0, "10.0.0.2:4000", "198.51.100.9:53", "'#'", "'#'", PAST), DOWN(1, "10.0.0.2:4000", "198.51.100.9:53", "'#'", "'#'", PAST))
	},
	{ "servers_have_the_ports_that_are_configured", ON " port=4100,53", ROWS(
		UP(0, C, S, "'#'", "'#'", PAST), UP(1, C, "198.51.100.9:53", "'#'", "'0'", THROUGH), UP(2, C, "198.51.100.9:4100", "'#'", "'0'", THROUGH))
	},
	{ "tenant_has_the_last_word", "tenant blue vlan=10 10.0.0.1/24; " ON "; helper toy off tenant=0", ROWS(
		UP(0, C, S, "'#'", "'#'", PAST),
		{ 1, IN, "udp 10.0.0.2:5000 > " S " vlan=10 '#'", OUT, "udp 192.0.2.1:$b > " S " '0'", THROUGH })
	},
	{ "pools_subscribers_have_it", "pool 192.0.2.1-192.0.2.1; helper toy off; helper toy on pool=0", ROWS(UP(0, C, S, "'#'", "'0'", THROUGH)) },
	{ "tenants_word_is_stronger_than_its_pools", "pool 192.0.2.1-192.0.2.1; helper toy on pool=0; helper toy off tenant=0", ROWS(
		UP(0, C, S, "'#'", "'#'", PAST))
	},
	{ "switch_is_for_new_flows_and_ends_the_looking", "", ROWS(
		UP(0, C, S, "'#'", "'#'", PAST),
		{ 1, DO, "config " ON, NONE, "", "" },
		UP(2, C, S, "'#'", "'#'", PAST), UP(3, C, "198.51.100.7:4000", "'#'", "'0'", THROUGH),
		{ 4, DO, "config helper toy off", NONE, "", "" },
		UP(5, C, "198.51.100.7:4000", "'#'", "'#'", THROUGH), UP(6, C, "198.51.100.6:4000", "'#'", "'#'", PAST))
	},

	/* ---- on the way ---- */
	{ "errors_about_a_flow_go_the_usual_way", ON, ROWS(
		UP(0, C, S, "'x'", "'x'", THROUGH),
		{ 1, OUT, "icmp unreachable 198.51.100.9 > 192.0.2.1 code=3 [udp " P " > " S " 'x']", IN, "icmp unreachable 198.51.100.9 > 10.0.0.2 code=3 [udp " C " > " S " 'x']", PAST " icmp_errors" })
	},
	{ "packet_whose_ttl_runs_out_does_not_get_there", ON, ROWS(
		UP(0, C, S, "'x'", "'x'", THROUGH),
		{ 1, IN, "udp " C " > " S " ttl=1 'x'", IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.2 ttl=64 tos=0xc0 [udp " C " > " S " ttl=1 'x']", PAST " drop_ttl icmp_made" })
	},
	{ "packet_waits_for_a_neighbour_after_it_has_come_back", ON, ROWS(
		{ 0, DO, "neigh out 192.0.2.254 down", NONE, "", "" },
		{ 1, IN, "udp " C " > " S " '#'", NONE, "", THROUGH " held" },
		{ 2, IN, "udp " C " > " S " '#'", NONE, "", THROUGH " held" },
		{ 3, DO, "neigh out 192.0.2.254 up", OUT, "udp " P " > " S " '0' + udp " P " > " S " '1'", "" })
	},
	{ "flow_without_a_route_is_dropped_before", ON, ROWS(
		{ 0, DO, "unroute 0.0.0.0/0", NONE, "", "" },
		{ 1, IN, "udp " C " > " S " '#'", IN, "icmp unreachable 10.0.0.1 > 10.0.0.2 code=0 ttl=64 tos=0xc0 [udp " C " > " S " ttl=64 '#']", PAST " drop_no_route icmp_made" })
	},
	{ "datagram_that_grows_beyond_the_link_is_cut", ON "; mtu outside 576", ROWS(
		{ 0, IN, "udp " C " > " S " df 'B1200'", ANY, "", THROUGH " fragments_made=2" })
	},
	{ "rate_of_helpers_is_their_own", ON "; punt-rate helper 3", ROWS(
		{ 0, DO, "repeat 5 in udp " C " > " S " 'x'", ANY, "", "punted_helper=3 injected=3 drop_helper_rate=2" },
		{ 1000, IN, "udp " C " > " S " 'x'", ANY, "", THROUGH })
	},
	{ "burst_keeps_its_order", ON, ROWS(
		{ 0, IN, "udp " C " > " S " 'a #' + udp " C " > " S " 'b #' + udp " C " > " S " 'c #'", OUT, "udp " P " > " S " 'a 0' + udp " P " > " S " 'b 1' + udp " P " > " S " 'c 2'", "punted_helper=3 injected=3" })
	},

	/* ---- fragments ---- */
	{ "fragments_become_the_datagram_that_is_read", ON, ROWS(
		{ 0, IN, F1, NONE, "", "fragments_held" },
		{ 1, IN, F2, OUT, WHOLE, THROUGH " fragments_joined fragments_held=0" })
	},
	{ "fragments_in_disorder_do_too", ON, ROWS(
		UP(0, C, S, "'x'", "'x'", THROUGH),
		{ 1, IN, F2, NONE, "", "fragments_held" },
		{ 2, IN, F1, OUT, "udp " P " > " S " csum=0 '1 aaaaaaaaaaaaa 1 bb'", THROUGH " fragments_joined fragments_held=*" })
	},
	{ "fragments_from_outside", ON, ROWS(
		UP(0, C, S, "'x'", "'x'", THROUGH),
		{ 1, OUT, "udp " S " > " P " ipid=9 mf ulen=28 csum=0 '# aaaaaaaaaaaaaa'", NONE, "", "fragments_held" },
		{ 2, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 ' # b'", IN, "udp " S " > " C " csum=0 '1 aaaaaaaaaaaaaa 1 b'", THROUGH " fragments_joined" })
	},
	{ "fragments_that_must_not_be_cut_may_be_when_they_are_whole", ON "; mtu outside 576", ROWS(
		{ 0, IN, "udp " C " > " S " ipid=7 mf df ulen=1016 csum=0 data=504 + ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 df off=512 data=504", ANY, "", THROUGH " fragments_joined fragments_held=* fragments_made" })
	},
	{ "fragment_alone_is_given_up", ON, ROWS(
		{ 0, IN, F1, NONE, "", "fragments_held" },
		{ 15001, DO, "poll 2", NONE, "", "drop_fragment_timeout" })
	},
	{ "fragments_of_others_go_one_by_one", ON, ROWS(
		{ 0, IN, "udp " C " > 198.51.100.9:53 ipid=7 mf ulen=28 csum=0 '# aaaaaaaaaaaaa '", OUT, "udp " P " > 198.51.100.9:53 ipid=$i mf ulen=28 csum=0 '# aaaaaaaaaaaaa '", "fragments_joined=0" })
	},

	/* ---- expectations ---- */
	{ "expected_remote_comes_in_and_nobody_else", ON, ROWS(
		UP(0, C, S, "'E7000'", "...", THROUGH " mappings_made=2"), LEARN_Q(1), UP(2, C, S, "'E7000'", "'$q'", THROUGH),
		{ 3, OUT, "udp 198.51.100.9:77 > 192.0.2.1:$q 'in'", IN, "udp 198.51.100.9:77 > 10.0.0.2:7000 'in'", "sessions_made" },
		{ 4, OUT, "udp 203.0.113.7:77 > 192.0.2.1:$q 'in'", NONE, "", "drop_filtered" })
	},
	{ "expected_once_comes_in_once", ON, ROWS(
		UP(0, C, S, "'O7000'", "...", THROUGH), LEARN_Q(1),
		{ 3, OUT, "udp 198.51.100.9:77 > 192.0.2.1:$q 'in'", IN, "udp 198.51.100.9:77 > 10.0.0.2:7000 'in'", "sessions_made" },
		{ 4, OUT, "udp 198.51.100.9:78 > 192.0.2.1:$q 'in'", NONE, "", "drop_filtered" })
	},
	{ "expectation_has_its_time", ON, ROWS(
		UP(0, C, S, "'E7000'", "...", THROUGH), LEARN_Q(1),
		{ 10001, OUT, "udp 198.51.100.9:77 > 192.0.2.1:$q 'in'", NONE, "", "drop_filtered" })
	},
	{ "pair_is_even_and_the_next", ON, ROWS(
		UP(0, C, S, "'D7000'", "...", THROUGH " mappings_made=3"),
		{ 1, IN, "udp 10.0.0.2:7000 > 198.51.100.8:9 'x'", OUT, "udp 192.0.2.1:$q{even} > 198.51.100.8:9 'x'", PAST },
		{ 2, IN, "udp 10.0.0.2:7001 > 198.51.100.8:9 'x'", OUT, "udp 192.0.2.1:$r{q/2,odd} > 198.51.100.8:9 'x'", PAST },
		UP(3, C, S, "'Q7000 Q7001'", "'$q $r'", THROUGH))
	},
	{ "expectations_end_with_their_flow", ON, ROWS(
		UP(0, C, S, "'E7000 S7002'", "...", THROUGH), LEARN_Q(1),
		{ 1, DO, "mappings 3", NONE, "", "" },
		{ 2, DO, "clear rem=" S, NONE, "", "" },
		{ 3, OUT, "udp 198.51.100.9:77 > 192.0.2.1:$q 'in'", NONE, "", "drop_no_mapping" },
		{ 3, DO, "mappings 1", NONE, "", "" })
	},
	{ "unexpected_again_is_closed_again", ON, ROWS(
		UP(0, C, S, "'E7000'", "...", THROUGH), LEARN_Q(1), UP(2, C, S, "'U7000'", "'U7000'", THROUGH),
		{ 3, OUT, "udp 198.51.100.9:77 > 192.0.2.1:$q 'in'", NONE, "", "drop_no_mapping" })
	},
	{ "subscribers_limit_of_ports_counts", ON "; limit ports=2", ROWS(
		UP(0, C, S, "'E7000 E7001'", "...", THROUGH " mappings_made=2"), UP(1, C, S, "'E7001'", "'!122'", THROUGH))
	},
	{ "expected_flow_is_read_when_that_was_asked_for", ON, ROWS(
		UP(0, C, S, "'H7000'", "...", THROUGH), LEARN_Q(1),
		{ 2, OUT, "udp 198.51.100.9:77 > 192.0.2.1:$q 'C'", IN, "udp 198.51.100.9:77 > 10.0.0.2:7000 '7000'", THROUGH },
		{ 3, IN, "udp 10.0.0.2:7000 > 198.51.100.9:77 '# C'", OUT, "udp 192.0.2.1:$q > 198.51.100.9:77 '1 7000'", THROUGH })
	},
	{ "awaited_flow_to_the_outside_is_read", ON, ROWS(
		UP(0, C, S, "'W8000'", "'0'", THROUGH " mappings_made"),
		{ 1, IN, "udp 10.0.0.3:6000 > 198.51.100.9:8000 'C'", OUT, "udp 192.0.2.1:$x > 198.51.100.9:8000 'C'", PAST },
		{ 2, IN, "udp 10.0.0.2:6000 > 198.51.100.9:8000 'C'", OUT, "udp 192.0.2.1:$y > 198.51.100.9:8000 '8000'", THROUGH },
		{ 3, IN, "udp 10.0.0.2:6001 > 198.51.100.9:8000 'C'", OUT, "udp 192.0.2.1:$z > 198.51.100.9:8000 'C'", PAST })
	},
	{ "awaited_flow_comes_in_time_or_not_at_all", ON, ROWS(
		UP(0, C, S, "'W8000'", "'0'", THROUGH),
		{ 10001, IN, "udp 10.0.0.2:6000 > 198.51.100.9:8000 'C'", OUT, "udp 192.0.2.1:$y > 198.51.100.9:8000 'C'", PAST })
	},

	/* ---- hairpins ---- */
	{ "hairpin_is_read_by_both_flows_helpers", ON "; forward udp 192.0.2.1:4000 > 10.0.0.3:4000", ROWS(
		{ 0, IN, "udp " C " > 192.0.2.1:4000 '#'", IN, "udp 192.0.2.1:$c > 10.0.0.3:4000 '0'", "punted_helper=2 injected=2 hairpinned sessions_made=2" },
		{ 1, IN, "udp 10.0.0.3:4000 > 192.0.2.1:$c '#'", IN, "udp 192.0.2.1:4000 > " C " '1'", "punted_helper=2 injected=2 hairpinned" })
	},
	{ "hairpin_of_a_flow_with_a_helper_to_one_without", ON, ROWS(
		{ 0, IN, "udp 10.0.0.3:9 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$s > 198.51.100.9:53", PAST },
		{ 1, DO, "config " ON "; forward udp 192.0.2.1:4000 > 10.0.0.3:9000", NONE, "", "" },
		{ 2, IN, "udp " C " > 192.0.2.1:4000 '#'", IN, "udp 192.0.2.1:$c > 10.0.0.3:9000 '0'", "punted_helper injected hairpinned" })
	},

	/* ---- TCP ---- */
	{ "numbers_are_shifted_for_the_rest_of_the_connection", ON, ROWS(
		HANDSHAKE,
		TCP_UP(3, "PSH ACK seq=1001 ack=9001 win=60000 'B9\\x0a'", "PSH ACK seq=1001 ack=9001 win=60000 'bbbbbbbbb\\x0a'"),
		TCP_DOWN(4, "ACK seq=9001 ack=1011 win=60000", "ACK seq=9001 ack=1004 win=60000"),
		TCP_UP(5, "PSH ACK seq=1004 ack=9001 win=60000 '#\\x0a'", "PSH ACK seq=1011 ack=9001 win=60000 '1\\x0a'"),
		TCP_DOWN(6, "PSH ACK seq=9001 ack=1013 win=60000 'B0 x\\x0a'", "PSH ACK seq=9001 ack=1006 win=60000 ' x\\x0a'"),
		TCP_UP(7, "ACK seq=1006 ack=9004 win=60000", "ACK seq=1013 ack=9006 win=60000"),
		TCP_UP(8, "FIN ACK seq=1006 ack=9004 win=60000", "FIN ACK seq=1013 ack=9006 win=60000"),
		TCP_DOWN(9, "FIN ACK seq=9006 ack=1014 win=60000", "FIN ACK seq=9004 ack=1007 win=60000"),
		TCP_UP(10, "ACK seq=1007 ack=9005 win=60000", "ACK seq=1014 ack=9007 win=60000"),
		{ 10, DO, "sessions 1 state=FIN_BOTH", NONE, "", "" })
	},
	{ "line_that_waits_for_an_answer_goes_when_it_is_here", ON, ROWS(
		HANDSHAKE,
		TCP_UP(3, "PSH ACK seq=1001 ack=9001 win=60000 'E7000\\x0a'", "PSH ACK seq=1001 ack=9001 win=60000 ..."),
		{ 4, DO, "mappings 2", NONE, "", "" })
	},
	{ "reset_passes_and_ends_it", ON, ROWS(
		HANDSHAKE,
		TCP_DOWN(3, "RST ACK seq=9001 ack=1001", "RST ACK seq=9001 ack=1001"),
		{ 4, DO, "sessions 1 state=TRANS", NONE, "", "" })
	},
};
/* clang-format on */

static void
run_case(void **state)
{
	table_run(*state);
}

/* ---- what no table can say ---- */

/* Send n datagrams of one flow, as the inside host does; nobody else has a turn. */
static void
send_burst(struct pipe *p, const char *text, unsigned int n)
{
	static struct pt_frame f;
	struct pt_default def = pipe_default_in(p, SL_INSIDE, NULL, 0);
	char why[128];

	assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
	for (unsigned int i = 0; i < n; i++) {
		struct rte_mbuf *m = pipe_mbuf(f.b, f.len);

		pipe_receive(p, 0, SL_INSIDE, &m, 1);
	}
}

static uint64_t
count(const struct pipe *p, enum sl_counter c)
{
	return sl_counter_sum(p->nat, c);
}

static void
helpers_leave_room_in_the_ring_for_the_kernel(void **state)
{
	struct pipe *p = pipe_create(1, ON "; ring 64", 1, BASE);

	(void)state;
	send_burst(p, "udp " C " > " S " 'x'", 60);
	assert_int_equal(count(p, SL_COUNTER_PUNTED_HELPER), 48);
	assert_int_equal(count(p, SL_COUNTER_DROP_HELPER_FULL), 12);
	send_burst(p, "arp request 10.0.0.2 > 10.0.0.1", 1);
	assert_int_equal(count(p, SL_COUNTER_PUNTED_ARP), 1);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
packet_of_a_session_that_has_ended_meanwhile_does_not_go_out(void **state)
{
	struct pipe *p = pipe_create(1, ON, 1, BASE);
	struct sl_helpers *hs = p->helpers;
	struct sl_punt punt = { .cause = SL_PUNT_HELPER, .side = SL_INSIDE, .l3 = 14 };

	(void)state;
	/* Control is busy elsewhere: what is punted stays with the bench. */
	p->helpers = NULL;
	send_burst(p, "udp " C " > " S " 'x'", 1);
	pipe_settle(p);
	assert_int_equal(p->n_got, 1);
	assert_int_equal(p->got[0].cause, SL_PUNT_HELPER);
	pipe_ask(p, SL_MSG_CLEAR, NULL, NULL, 0, 0);
	assert_int_equal(p->n_events, 1);
	assert_int_equal(p->event[0].type, SL_EVENT_HELPER_END);
	/* The same place is taken by another session at once. */
	send_burst(p, "udp 10.0.0.2:5001 > " S " 'y'", 1);
	punt.m = p->got[0].m;
	p->n_got = 0;
	sl_helpers_packet(hs, &punt, p->now);
	p->helpers = hs;
	sl_helpers_event(hs, &p->event[0], p->now);
	pipe_settle(p);
	assert_int_equal(count(p, SL_COUNTER_DROP_HELPER_GONE), 1);
	assert_int_equal(p->n_got, 1); /* the other session's */
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
packet_without_headroom_is_dropped(void **state)
{
	static struct pt_frame f;
	struct pipe *p = pipe_create(1, ON, 1, BASE);
	struct pt_default def = pipe_default_in(p, SL_INSIDE, NULL, 0);
	struct rte_mbuf *m;
	char why[128];

	(void)state;
	assert_int_equal(pt_build("udp " C " > " S " 'x'", &def, &f, why, sizeof(why)), 0);
	m = pipe_mbuf(f.b, f.len);
	memmove(m->buf_addr, rte_pktmbuf_mtod(m, void *), f.len);
	m->data_off = 0;
	pipe_receive(p, 0, SL_INSIDE, &m, 1);
	assert_int_equal(count(p, SL_COUNTER_DROP_HEADROOM), 1);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

int
main(int argc, char **argv)
{
	static struct CMUnitTest tests[RTE_DIM(cases) + 8] = {
		cmocka_unit_test(helpers_leave_room_in_the_ring_for_the_kernel),
		cmocka_unit_test(packet_of_a_session_that_has_ended_meanwhile_does_not_go_out),
		cmocka_unit_test(packet_without_headroom_is_dropped),
	};
	size_t n = 3;

	pipe_helpers = toy_helpers;
	pipe_joins = true;
	for (size_t i = 0; i < RTE_DIM(cases); i++)
		if (argc < 2 || strstr(cases[i].name, argv[1]) != NULL)
			tests[n++] = (struct CMUnitTest){ cases[i].name, run_case, NULL, NULL,
				(void *)(uintptr_t)&cases[i] };
	return _cmocka_run_group_tests("helped", tests, n, pipe_setup, NULL);
}
