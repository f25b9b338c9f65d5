/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Enhanced GRE by call ids, packet by packet: errors, fragments, what is no call's, who may send,
 * and what control is told of sessions.
 */
#include "pptpkit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define C PPTP_CLIENT
#define C2 "10.0.0.3"
#define S PPTP_SERVER
#define O PPTP_OUTSIDE
#define R1 "198.51.100.7"

/* Two calls with the same id of two clients; the outside id of the second one, which is not its
 * own. The server's ids are 7 and 8. */
static uint16_t
two_calls(struct pipe *p, struct talk *a, struct talk *b)
{
	pptp_open(a, p, C, S);
	pptp_open(b, p, C2, S);
	assert_int_equal(pptp_dial(a, SL_INSIDE, 100, 7), 100);
	return pptp_dial(b, SL_INSIDE, 100, 8);
}

/* A packet with an id in the text, which is hexadecimal there. */
static void
packet(struct pipe *p, enum sl_side side, const char *in, uint16_t in_id, const char *out,
	uint16_t out_id)
{
	char a[512], b[512];

	snprintf(a, sizeof(a), in, in_id);
	if (out != NULL)
		snprintf(b, sizeof(b), out, out_id);
	pptp_packet(p, side, a, out != NULL ? b : NULL);
}

#define GRE "proto=47 hex=2001880b0004%04x00000009deadbeef"

static void
errors_from_outside_find_the_sender(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;

	two_calls(p, &a, &b);
	/* what is quoted carries the server's id */
	packet(p, SL_OUTSIDE,
		"icmp frag-needed 203.0.113.5 > " O " mtu=1400 [ip " O " > " S " " GRE "]", 8,
		"icmp frag-needed 203.0.113.5 > " C2 " mtu=1400 [ip " C2 " > " S " " GRE "]", 8);
	packet(p, SL_OUTSIDE, "icmp time-exceeded 203.0.113.5 > " O " [ip " O " > " S " " GRE "]",
		7, "icmp time-exceeded 203.0.113.5 > " C " [ip " C " > " S " " GRE "]", 7);
	packet(p, SL_OUTSIDE, "icmp time-exceeded 203.0.113.5 > " O " [ip " O " > " S " " GRE "]",
		9, NULL, 0);
	packet(p, SL_OUTSIDE, "icmp time-exceeded 203.0.113.5 > " O " [ip " O " > " R1 " " GRE "]",
		7, NULL, 0);
	pptp_finish(p);
}

static void
errors_from_inside_show_the_outside_id(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;
	uint16_t out = two_calls(p, &a, &b);

	packet(p, SL_INSIDE, "icmp unreachable " C2 " > " S " code=2 [ip " S " > " C2 " " GRE "]",
		100, "icmp unreachable " O " > " S " code=2 [ip " S " > " O " " GRE "]", out);
	packet(p, SL_INSIDE, "icmp unreachable " C " > " S " code=2 [ip " S " > " C " " GRE "]",
		100, "icmp unreachable " O " > " S " code=2 [ip " S " > " O " " GRE "]", 100);
	packet(p, SL_INSIDE, "icmp unreachable " C2 " > " S " code=2 [ip " S " > " C2 " " GRE "]",
		101, NULL, 0);
	pptp_finish(p);
}

static void
errors_after_the_end_find_nobody(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;

	two_calls(p, &a, &b);
	talk_close(&b, SL_INSIDE, true);
	packet(p, SL_OUTSIDE, "icmp time-exceeded 203.0.113.5 > " O " [ip " O " > " S " " GRE "]",
		8, NULL, 0);
	packet(p, SL_OUTSIDE, "icmp time-exceeded 203.0.113.5 > " O " [ip " O " > " S " " GRE "]",
		7, "icmp time-exceeded 203.0.113.5 > " C " [ip " C " > " S " " GRE "]", 7);
	pptp_finish(p);
}

static void
fragments_go_by_the_id_of_the_first(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;
	uint16_t out = two_calls(p, &a, &b);

	packet(p, SL_INSIDE, "ip " C2 " > " S " ipid=7 mf " GRE, 8,
		"ip " O " > " S " ipid=* mf " GRE, 8);
	pptp_packet(p, SL_INSIDE, "ip " C2 " > " S " ipid=7 off=16 proto=47 'rest'",
		"ip " O " > " S " ipid=* off=16 proto=47 'rest'");
	packet(p, SL_OUTSIDE, "ip " S " > " O " ipid=9 mf " GRE, out,
		"ip " S " > " C2 " ipid=* mf " GRE, 100);
	pptp_packet(p, SL_OUTSIDE, "ip " S " > " O " ipid=9 off=16 proto=47 'rest'",
		"ip " S " > " C2 " ipid=* off=16 proto=47 'rest'");
	pptp_finish(p);
}

/* Both pieces in the wrong order: the first one lets out both. */
static void
fragments_in_the_wrong_order(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;
	uint16_t out = two_calls(p, &a, &b);
	struct pt_default def = pipe_default_in(p, SL_OUTSIDE, NULL, 0);
	static struct pt_frame f;
	struct rte_mbuf *m;
	char text[256], why[128];

	pptp_packet(p, SL_OUTSIDE, "ip " S " > " O " ipid=9 off=16 proto=47 'rest'", NULL);
	snprintf(text, sizeof(text), "ip " S " > " O " ipid=9 mf " GRE, out);
	assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, 0, SL_OUTSIDE, &m, 1);
	pipe_settle(p);
	assert_int_equal(p->n_got, 2);
	for (unsigned int i = 0; i < 2; i++) {
		const uint8_t *ip = rte_pktmbuf_mtod_offset(p->got[i].m, const uint8_t *, 14);
		rte_be32_t to = conf_addr(C2);

		assert_memory_equal(ip + 16, &to, 4);
		if ((ip[6] & 0x1f) == 0 && ip[7] == 0)
			assert_int_equal(ip[26] << 8 | ip[27], 100);
	}
	pipe_discard(p);
	pptp_finish(p);
}

/* Version 0, ESP, and enhanced GRE without a call: one session for each pair of addresses. */
static void
other_gre_goes_by_addresses_as_ever(void **state)
{
	struct pipe *p = pptp_gateway(state, "icmp-refusal 255");
	struct talk a, b;
	uint16_t out = two_calls(p, &a, &b);

	pptp_packet(p, SL_INSIDE, "ip " C " > " S " proto=47 hex=0000080045000000",
		"ip " O " > " S " proto=47 hex=0000080045000000");
	pptp_packet(p, SL_OUTSIDE, "ip " S " > " O " proto=47 hex=0000080045000000",
		"ip " S " > " C " proto=47 hex=0000080045000000");
	pptp_packet(p, SL_INSIDE, "ip " C2 " > " S " proto=47 hex=0000080045000000", NULL);
	pptp_gre(p, SL_INSIDE, C, S, 55, O, S, 55);
	pptp_gre(p, SL_OUTSIDE, S, O, 56, S, C, 56);
	/* no key, a checksum, routing, another type, version 2: not enhanced */
	pptp_packet(p, SL_OUTSIDE, "ip " S " > " O " proto=47 hex=1001880b0004006400000009",
		"ip " S " > " C " proto=47 hex=1001880b0004006400000009");
	pptp_packet(p, SL_OUTSIDE, "ip " S " > " O " proto=47 hex=a001880b0004006400000009",
		"ip " S " > " C " proto=47 hex=a001880b0004006400000009");
	pptp_packet(p, SL_OUTSIDE, "ip " S " > " O " proto=47 hex=6001880b0004006400000009",
		"ip " S " > " C " proto=47 hex=6001880b0004006400000009");
	pptp_packet(p, SL_OUTSIDE, "ip " S " > " O " proto=47 hex=200108000004006400000009",
		"ip " S " > " C " proto=47 hex=200108000004006400000009");
	pptp_packet(p, SL_OUTSIDE, "ip " S " > " O " proto=47 hex=2002880b0004006400000009",
		"ip " S " > " C " proto=47 hex=2002880b0004006400000009");
	/* too short for an id */
	pptp_packet(p, SL_OUTSIDE, "ip " S " > " O " proto=47 hex=2001880b000400", NULL);
	pptp_tunnel(p, C, O, S, 100, 100, 7);
	pptp_tunnel(p, C2, O, S, 100, out, 8);
	assert_int_equal(pptp_sessions(p), 3);
	pptp_finish(p);
}

static void
strangers_have_no_way_in(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;
	uint16_t out = two_calls(p, &a, &b);

	pptp_gre(p, SL_OUTSIDE, R1, O, out, NULL, NULL, 0);
	pptp_gre(p, SL_OUTSIDE, S, O, (uint16_t)(out + 1), NULL, NULL, 0);
	/* the host's own id, and the server's, are not the outside one */
	pptp_gre(p, SL_OUTSIDE, S, O, 8, NULL, NULL, 0);
	/* another insider does not get into the call either: it has its own address pair */
	pptp_gre(p, SL_INSIDE, "10.0.0.4", S, 8, O, S, 8);
	pptp_gre(p, SL_OUTSIDE, S, O, out, S, C2, 100);
	pptp_finish(p);
}

static void
tenants_are_apart(void **state)
{
	struct pipe *p = pptp_gateway(state, "tenant blue vlan=10 10.0.0.1/24; icmp-refusal 255");
	struct talk a, b;
	uint16_t out = two_calls(p, &a, &b);

	/* the same addresses and id elsewhere: no call of theirs */
	packet(p, SL_INSIDE, "ip " C2 " > " S " " GRE " vlan=10", 8, "ip " O " > " S " " GRE, 8);
	packet(p, SL_OUTSIDE, "ip " S " > " O " " GRE, out, "ip " S " > " C2 " " GRE, 100);
	pptp_finish(p);
}

static void
ttl_runs_out(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;

	two_calls(p, &a, &b);
	packet(p, SL_INSIDE, "ip " C2 " > " S " ttl=1 " GRE, 8,
		"@in icmp time-exceeded 10.0.0.1 > " C2 " ttl=64 tos=* ipid=* [ip " C2 " > " S
		" ttl=1 " GRE "]",
		8);
	pptp_finish(p);
}

/* Both ids are shown as the two ends know them, and bytes are counted. */
static void
session_shows_both_ids(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct sl_select one = {
		.proto = IPPROTO_GRE, .in_port = RTE_BE16(100), .rem_port = RTE_BE16(8)
	};
	struct sl_session s[4];
	struct talk a, b;
	uint16_t out = two_calls(p, &a, &b);

	pptp_tunnel(p, C2, O, S, 100, out, 8);
	assert_int_equal(pipe_ask(p, SL_MSG_SESSIONS, &one, s, sizeof(s[0]), RTE_DIM(s)), 1);
	assert_int_equal(s[0].in_addr, conf_addr(C2));
	assert_int_equal(s[0].in_port, RTE_BE16(100));
	assert_int_equal(s[0].out_port, rte_cpu_to_be_16(out));
	assert_int_equal(s[0].rem_port, RTE_BE16(8));
	assert_int_equal(s[0].packets[0], 1);
	assert_int_equal(s[0].packets[1], 1);
	/* cleared by hand: its mapping goes too */
	pipe_ask(p, SL_MSG_CLEAR, &(struct sl_select){ .proto = IPPROTO_GRE }, NULL, 0, 0);
	assert_int_equal(pptp_sessions(p), 0);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW), 2);
	pptp_finish(p);
}

/* The configuration may take away what calls need. */
static void
configuration_takes_calls_away(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk a, b;

	two_calls(p, &a, &b);
	assert_int_equal(pipe_configure(p, "helper pptp on; mtu inside 1400"), 0);
	pptp_wait(p, 2000);
	assert_int_equal(pptp_sessions(p), 2);
	pptp_tunnel(p, C, O, S, 100, 100, 7);
	assert_int_equal(pipe_configure(p, "helper pptp on; pool 203.0.113.1"), 0);
	pptp_wait(p, 2000);
	assert_int_equal(pptp_sessions(p), 0);
	pptp_finish(p);
}

static void
without_other_protocols_there_are_no_calls(void **state)
{
	struct pipe *p = pptp_gateway(state, "other-protocols off");
	struct talk t;

	pptp_open(&t, p, C, S);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	pptp_gre(p, SL_INSIDE, C, S, 7, NULL, NULL, 0);
	pptp_finish(p);
}

/* ---- what control asks for ---- */

static struct sl_map_request
half_call(void)
{
	return (struct sl_map_request){
		.proto = IPPROTO_GRE,
		.half = true,
		.in_addr = conf_addr(C),
		.in_port = RTE_BE16(100),
		.out_addr = conf_addr(O),
		.rem_addr = conf_addr(S),
		.lifetime = 5000,
	};
}

static int
ask(struct pipe *p, enum sl_msg_op op, struct sl_map_request *r)
{
	unsigned int w = sl_subscriber_worker(p->nat, r->rem_addr);
	struct sl_msg msg = { .op = op, .buf = r };

	assert_int_equal(sl_msg_send(p->nat, w, &msg), 0);
	pipe_settle(p);
	assert_ptr_equal(pipe_answer(p, w), &msg);
	return r->status;
}

/* The worker has a clock of its own, should control not come back. */
static void
request_lapses_by_itself(void **state)
{
	struct pipe *p = pptp_gateway_plain(state, "");
	struct sl_map_request r = half_call();

	assert_int_equal(ask(p, SL_MSG_MAP_ADD, &r), 0);
	assert_int_equal(r.out_port, RTE_BE16(100));
	pptp_gre(p, SL_OUTSIDE, S, O, 100, S, C, 100);
	pptp_wait(p, 4000);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_wait(p, 2000);
	assert_int_equal(pptp_sessions(p), 0);
	assert_int_equal(ask(p, SL_MSG_MAP_DEL, &r), -ENOENT);
	pptp_finish(p);
}

static void
request_that_makes_no_sense_is_refused(void **state)
{
	struct pipe *p = pptp_gateway_plain(state, "");
	struct sl_map_request r = half_call(), other;

	r.out_addr = conf_addr("203.0.113.77"); /* nobody's */
	assert_int_equal(ask(p, SL_MSG_MAP_ADD, &r), -EINVAL);
	r = half_call();
	r.tenant = 7;
	assert_int_equal(ask(p, SL_MSG_MAP_ADD, &r), -EINVAL);
	r = half_call();
	r.in_addr = 0;
	assert_int_equal(ask(p, SL_MSG_MAP_ADD, &r), -EINVAL);
	r = half_call();
	r.pair = true;
	assert_int_equal(ask(p, SL_MSG_MAP_ADD, &r), -EINVAL);
	assert_int_equal(pptp_sessions(p), 0);
	/* exactly an id that another one has */
	r = half_call();
	assert_int_equal(ask(p, SL_MSG_MAP_ADD, &r), 0);
	other = half_call();
	other.in_addr = conf_addr(C2);
	other.out_port = RTE_BE16(100);
	other.exact = true;
	assert_int_equal(ask(p, SL_MSG_MAP_ADD, &other), -EADDRINUSE);
	other.exact = false;
	assert_int_equal(ask(p, SL_MSG_MAP_ADD, &other), 0);
	assert_int_not_equal(other.out_port, RTE_BE16(100));
	assert_int_equal(ask(p, SL_MSG_MAP_DEL, &other), 0);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_finish(p);
}

/* More than the front of the flow table remembers: each is found by the record. */
static void
many_calls_of_many_hosts(void **state)
{
	uint16_t out[64];
	struct pipe *p;
	struct talk t;
	char host[32];

	/* All belong to one worker, the server's. */
	snprintf(host, sizeof(host), "max-sessions %u", 96 * *(unsigned int *)*state);
	p = pptp_gateway(state, host);

	for (uint16_t i = 0; i < RTE_DIM(out); i++) {
		snprintf(host, sizeof(host), "10.0.0.%u", 2 + i / 16);
		if (i % 16 == 0)
			pptp_open(&t, p, host, S);
		out[i] = pptp_dial(&t, SL_INSIDE, (uint16_t)(100 + i % 16), (uint16_t)(1 + i));
		for (uint16_t k = 0; k < i; k++)
			assert_int_not_equal(out[i], out[k]);
	}
	for (uint16_t i = 0; i < RTE_DIM(out); i++) {
		snprintf(host, sizeof(host), "10.0.0.%u", 2 + i / 16);
		pptp_tunnel(p, host, O, S, (uint16_t)(100 + i % 16), out[i], (uint16_t)(1 + i));
	}
	pptp_finish(p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(errors_from_outside_find_the_sender),
	cmocka_unit_test(errors_from_inside_show_the_outside_id),
	cmocka_unit_test(errors_after_the_end_find_nobody),
	cmocka_unit_test(fragments_go_by_the_id_of_the_first),
	cmocka_unit_test(fragments_in_the_wrong_order),
	cmocka_unit_test(other_gre_goes_by_addresses_as_ever),
	cmocka_unit_test(strangers_have_no_way_in),
	cmocka_unit_test(tenants_are_apart),
	cmocka_unit_test(ttl_runs_out),
	cmocka_unit_test(session_shows_both_ids),
	cmocka_unit_test(configuration_takes_calls_away),
	cmocka_unit_test(without_other_protocols_there_are_no_calls),
	cmocka_unit_test(request_lapses_by_itself),
	cmocka_unit_test(request_that_makes_no_sense_is_refused),
	cmocka_unit_test(many_calls_of_many_hosts),
};

int
main(void)
{
	return pptp_run(tests, RTE_DIM(tests));
}
