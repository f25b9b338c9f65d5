/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the PPTP helper must not open, how tunnels end, and how many there may be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pptpkit.h"

#define C PPTP_CLIENT
#define C2 "10.0.0.3"
#define S PPTP_SERVER
#define O PPTP_OUTSIDE
#define FORWARD "forward tcp 192.0.2.1:1723 > 10.0.0.3:1723"
#define R1 "198.51.100.7"
#define R2 "198.51.100.8"

/* ---- what opens nothing ---- */

static void
refused_call_opens_nothing(void **state)
{
	struct pipe *p = pptp_gateway(state, FORWARD);
	struct ids asked;
	struct talk t;

	pptp_open(&t, p, C, S);
	asked = pptp_say(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	assert_int_equal(pptp_say(&t, SL_OUTSIDE, OCRP, 0, asked.id, 4).peer, 100);
	assert_int_equal(pptp_sessions(p), 0);
	pptp_gre(p, SL_OUTSIDE, S, O, asked.id, NULL, NULL, 0);
	pptp_open_inbound(&t, p, R1, C2);
	pptp_untouched(&t, SL_OUTSIDE, OCRQ, 100, 0, 0);
	pptp_untouched(&t, SL_INSIDE, OCRP, 7, 100, 2);
	assert_int_equal(pptp_sessions(p), 0);
	/* and cannot be accepted afterwards */
	pptp_untouched(&t, SL_INSIDE, OCRP, 7, 100, 1);
	assert_int_equal(pptp_sessions(p), 0);
	pptp_finish(p);
}

static void
replies_nobody_asked_for_open_nothing(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct ids asked;
	struct talk t;

	pptp_open(&t, p, C, S);
	pptp_untouched(&t, SL_OUTSIDE, OCRP, 7, 100, 1);
	pptp_untouched(&t, SL_INSIDE, OCRP, 100, 7, 1);
	pptp_untouched(&t, SL_INSIDE, ICRP, 100, 7, 1);
	pptp_untouched(&t, SL_OUTSIDE, ICCN, 100, 7, 1);
	pptp_untouched(&t, SL_OUTSIDE, SLI, 100, 7, 1);
	pptp_untouched(&t, SL_INSIDE, CCRQ, 100, 7, 1);
	pptp_untouched(&t, SL_OUTSIDE, CDN, 100, 7, 1);
	assert_int_equal(pptp_sessions(p), 0);
	/* the reply to another kind of request, or for another call */
	pptp_untouched(&t, SL_OUTSIDE, OCRQ, 7, 0, 0);
	pptp_untouched(&t, SL_INSIDE, ICRP, 100, 7, 1);
	pptp_untouched(&t, SL_INSIDE, OCRP, 100, 8, 1);
	assert_int_equal(pptp_sessions(p), 0);
	asked = pptp_say(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_untouched(&t, SL_OUTSIDE, OCRP, 7, asked.id + 1, 1);
	pptp_gre(p, SL_INSIDE, C, S, 7, O, S, 7); /* as other GRE, by addresses */
	pptp_finish(p);
}

static void
calls_before_the_start_open_nothing(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;

	talk_open(&t, p, C ":5000", S ":1723");
	pptp_untouched(&t, SL_INSIDE, SCCRQ, 0x100, 0, 0);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	pptp_untouched(&t, SL_OUTSIDE, OCRP, 7, 100, 1);
	/* the answer is no */
	pptp_untouched(&t, SL_OUTSIDE, SCCRP, 0x100, 0, 2);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	/* without any start at all */
	talk_open(&t, p, C ":5001", S ":1723");
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	pptp_untouched(&t, SL_INSIDE, SCCRQ, 0x100, 0, 0);
	pptp_untouched(&t, SL_OUTSIDE, SCCRP, 0x100, 0, 1);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	/* the wrong end starts */
	talk_open(&t, p, C ":5002", S ":1723");
	pptp_untouched(&t, SL_OUTSIDE, SCCRQ, 0x100, 0, 0);
	pptp_untouched(&t, SL_INSIDE, SCCRP, 0x100, 0, 1);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	assert_int_equal(pptp_sessions(p), 0);
	pptp_finish(p);
}

static void
what_is_no_pptp_is_left_alone(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	uint8_t b[512];
	struct talk t;
	uint32_t n;

	talk_open(&t, p, C ":5000", S ":1723");
	assert_string_equal(
		talk_say(&t, SL_INSIDE, "GET / HTTP/1.0\r\n\r\n"), "GET / HTTP/1.0\r\n\r\n");
	/* another cookie, in the middle */
	pptp_open(&t, p, C2, S);
	n = pptp_build(b, OCRQ, 100, 0, 0);
	b[7]++;
	assert_memory_equal(talk_send(&t, SL_INSIDE, b, n), b, n);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	assert_int_equal(pptp_sessions(p), 0);
	pptp_finish(p);
}

/* Lengths that lie: too short for what there should be, and longer than anything. */
static void
short_messages_are_not_read_beyond(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	uint8_t b[512] = { 0 };
	struct talk t;

	pptp_open(&t, p, C, S);
	pptp_build(b, OCRP, 7, 100, 1);
	b[1] = 16;
	assert_memory_equal(talk_send(&t, SL_OUTSIDE, b, 16), b, 16);
	b[1] = 15;
	assert_memory_equal(talk_send(&t, SL_OUTSIDE, b, 16), b, 16);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	assert_int_equal(pptp_sessions(p), 0);
	pptp_finish(p);
}

/* ---- ends ---- */

/* How a tunnel may end with its control connection. */
static void
tunnel_dies_with_its_control_connection(void **state)
{
	for (int how = 0; how < 6; how++) {
		struct sl_select tcp = { .proto = IPPROTO_TCP };
		struct pipe *p = pptp_gateway(state, "");
		struct talk t;
		uint16_t out;

		pptp_open(&t, p, C, S);
		out = pptp_dial(&t, SL_INSIDE, 100, 7);
		pptp_tunnel(p, C, O, S, 100, out, 7);
		if (how < 4)
			talk_close(&t, how & 1 ? SL_INSIDE : SL_OUTSIDE, how & 2);
		else if (how == 4)
			pptp_untouched(&t, SL_OUTSIDE, STOP_RQ, 0x100, 0, 0);
		else
			pipe_ask(p, SL_MSG_CLEAR, &tcp, NULL, 0, 0);
		pipe_settle(p);
		assert_int_equal(pptp_sessions(p), 0);
		pptp_no_tunnel(p, C, O, S, out, 7, SL_COUNTER_DROP_CALL_OVER);
		pptp_finish(p);
	}
}

/* It stays dead for as long as somebody tries, and is like any GRE once nobody has. */
static void
dead_tunnel_is_not_revived_by_trying(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;
	uint16_t out;

	pptp_open(&t, p, C, S);
	out = pptp_dial(&t, SL_INSIDE, 100, 7);
	talk_close(&t, SL_INSIDE, true);
	for (int i = 0; i < 20; i++) {
		pptp_wait(p, 30000);
		pptp_gre(p, SL_INSIDE, C, S, 7, NULL, NULL, 0);
	}
	pptp_wait(p, 61000);
	pptp_gre(p, SL_OUTSIDE, S, O, out, NULL, NULL, 0);
	pptp_gre(p, SL_INSIDE, C, S, 7, O, S, 7);
	pptp_finish(p);
}

static void
call_nobody_answers_lapses(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;

	pptp_open(&t, p, C, S);
	pptp_say(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_wait(p, 119000);
	assert_int_equal(pptp_sessions(p), 1);
	pptp_wait(p, 2000);
	assert_int_equal(pptp_sessions(p), 0);
	pptp_finish(p);
}

/* A tunnel that is not used, with a control connection that says no more than it must. */
static void
idle_tunnel_lives_by_echoes(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;
	uint16_t out;

	pptp_open(&t, p, C, S);
	out = pptp_dial(&t, SL_INSIDE, 100, 7);
	for (int i = 0; i < 5 * 60; i++) {
		pptp_wait(p, 60000);
		pptp_untouched(&t, SL_INSIDE, ECHO_RQ, 1, 2, 0);
		pptp_untouched(&t, SL_OUTSIDE, ECHO_RP, 1, 2, 1);
	}
	pptp_tunnel(p, C, O, S, 100, out, 7);
	/* a control connection that does not even say that is none */
	for (int i = 0; i < 4; i++) {
		pptp_wait(p, 1500000);
		pptp_tunnel(p, C, O, S, 100, out, 7);
	}
	pptp_wait(p, 1300000);
	pptp_no_tunnel(p, C, O, S, out, 7, SL_COUNTER_DROP_CALL_OVER);
	pptp_finish(p);
}

/* ---- anything ---- */

/* Whatever the ends say, in whatever order, with ids that keep meeting: each message arrives with
 * its length, there are never more sessions than may be, and none is left at the end. */
static void
random_talk_leaves_nothing_behind(void **state)
{
	struct pipe *p = pptp_gateway(state, FORWARD);
	struct talk a, b;
	uint32_t seed = 12345;

	pptp_open(&a, p, C, S);
	pptp_open_inbound(&b, p, R1, C2);
	for (int i = 0; i < 3000; i++) {
		struct talk *t = i & 1 ? &a : &b;
		unsigned int type;

		seed = seed * 1103515245 + 12345;
		type = OCRQ + (seed >> 8) % 9;
		pptp_say(t, (seed >> 16) & 1, type, (seed >> 17) & 7, (seed >> 20) & 7,
			(seed >> 24) % 4 != 0);
		if (i % 50 == 0) {
			pptp_wait(p, 10000);
			assert_in_range(pptp_sessions(p), 0, 64);
		}
	}
	assert_in_range(pptp_sessions(p), 1, 64);
	talk_close(&a, SL_INSIDE, false);
	talk_close(&b, SL_INSIDE, true);
	assert_int_equal(pptp_sessions(p), 0);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW), 2);
	pptp_finish(p);
}

/* ---- limits ---- */

static void
calls_are_counted(void **state)
{
	struct pipe *p = pptp_gateway(state, "");
	struct talk t;
	uint16_t i;

	pptp_open(&t, p, C, S);
	for (i = 0; i < 32; i++)
		pptp_say(&t, SL_INSIDE, OCRQ, 100 + i, 0, 0);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100 + i, 0, 0);
	assert_int_equal(pptp_sessions(p), 32);
	/* by host, too */
	pptp_open(&t, p, C, R1);
	for (i = 0; i < 32; i++)
		pptp_say(&t, SL_INSIDE, OCRQ, 100 + i, 0, 0);
	pptp_open(&t, p, C, R2);
	pptp_untouched(&t, SL_INSIDE, OCRQ, 100, 0, 0);
	assert_int_equal(pptp_sessions(p), 64);
	pptp_finish(p);
}

/* Ended calls leave nothing in the tables. */
static void
calls_come_and_go(void **state)
{
	struct pipe *p;
	struct talk t;
	char conf[64];

	snprintf(conf, sizeof(conf), "max-sessions %u", 96 * *(unsigned int *)*state);
	p = pptp_gateway(state, conf);
	pptp_open(&t, p, C, S);
	for (uint16_t i = 0; i < 600; i++) {
		uint16_t out = pptp_dial(&t, SL_INSIDE, i, (uint16_t)(1000 + i));

		pptp_tunnel(p, C, O, S, i, out, (uint16_t)(1000 + i));
		assert_int_equal(pptp_say(&t, SL_INSIDE, CCRQ, i, 0, 0).id, out);
		pptp_untouched(&t, SL_OUTSIDE, CDN, (uint16_t)(1000 + i), 0, 1);
	}
	pptp_finish(p);
}

static void
subscribers_limit_holds(void **state)
{
	struct pipe *p = pptp_gateway(state, "limit sessions=3");
	unsigned int had;
	struct talk t;

	pptp_open(&t, p, C, S);
	for (uint16_t i = 0; i < 5; i++)
		pptp_say(&t, SL_INSIDE, OCRQ, 100 + i, 0, 0);
	/* the control connection may be another worker's */
	had = pptp_sessions(p);
	assert_in_range(had, 2, 3);
	pptp_finish(p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(refused_call_opens_nothing),
	cmocka_unit_test(replies_nobody_asked_for_open_nothing),
	cmocka_unit_test(calls_before_the_start_open_nothing),
	cmocka_unit_test(what_is_no_pptp_is_left_alone),
	cmocka_unit_test(short_messages_are_not_read_beyond),
	cmocka_unit_test(tunnel_dies_with_its_control_connection),
	cmocka_unit_test(dead_tunnel_is_not_revived_by_trying),
	cmocka_unit_test(call_nobody_answers_lapses),
	cmocka_unit_test(idle_tunnel_lives_by_echoes),
	cmocka_unit_test(random_talk_leaves_nothing_behind),
	cmocka_unit_test(calls_are_counted),
	cmocka_unit_test(calls_come_and_go),
	cmocka_unit_test(subscribers_limit_holds),
};

int
main(void)
{
	return pptp_run(tests, RTE_DIM(tests));
}
