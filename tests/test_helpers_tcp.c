/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Helpers of TCP flows without a gateway: what lies between the stream, which has tests of its
 * own, and the helper: messages that wait, both directions, another connection by the same flow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helperfake.h"
#include "pipe.h"
#include "tcpwire.h"

/* The connection of tcpwire.c, as both ends number it. */
struct talk {
	struct fake *f;
	struct sl_helper_note flow;
	uint32_t seq[2]; /* next of each side */
};

static int
set_up(void **state)
{
	struct talk *t = calloc(1, sizeof(*t));

	t->f = fake_create(8, 0);
	t->flow = fake_flow(2, 4000);
	t->flow.proto = IPPROTO_TCP;
	t->flow.rem_addr = RTE_BE32(0xcb007109);
	t->flow.rem_port = RTE_BE16(21);
	*state = t;
	return 0;
}

static int
tear_down(void **state)
{
	struct talk *t = *state;

	fake_destroy(t->f);
	free(t);
	return 0;
}

static void
transmit(struct talk *t, struct tcpwire *seg)
{
	struct rte_mbuf *m = tcpwire_build(rte_mempool_lookup("wire"), seg);

	assert_non_null(m);
	fake_punt(t->f, &t->flow, seg->from, m);
}

/* The next packet that control gives back; its data is text. */
static bool
receive(struct talk *t, struct tcpwire *seg)
{
	static uint8_t data[4096];
	struct fake_given *g = &t->f->given[0];

	if (t->f->n_given == 0)
		return false;
	tcpwire_read(g->m, g->note.side, seg, data, sizeof(data) - 1);
	data[seg->n] = 0;
	rte_pktmbuf_free(g->m);
	t->f->n_given--;
	memmove(g, g + 1, t->f->n_given * sizeof(*g));
	return true;
}

static void
say(struct talk *t, enum sl_side from, const char *text)
{
	struct tcpwire seg = {
		.from = from,
		.flags = T_ACK | T_PSH,
		.seq = t->seq[from],
		.ack = t->seq[SL_ACROSS(from)],
		.win = 60000,
		.data = (const uint8_t *)text,
		.n = (uint32_t)strlen(text),
	};

	transmit(t, &seg);
	t->seq[from] += seg.n;
}

static void
shake_hands(struct talk *t, uint32_t isn)
{
	struct tcpwire seg = { .from = SL_INSIDE, .flags = T_SYN, .seq = isn, .win = 60000 };

	transmit(t, &seg);
	seg = (struct tcpwire){ .from = SL_OUTSIDE,
		.flags = T_SYN | T_ACK,
		.seq = isn + 5000,
		.ack = isn + 1,
		.win = 60000 };
	transmit(t, &seg);
	t->seq[SL_INSIDE] = isn + 1;
	t->seq[SL_OUTSIDE] = isn + 5001;
	say(t, SL_INSIDE, "");
	for (int i = 0; i < 3; i++)
		assert_true(receive(t, &seg));
	assert_false(receive(t, &seg));
}

/* The next packet with data must be this; those without are let go. */
static void
assert_says(struct talk *t, enum sl_side from, const char *text)
{
	struct tcpwire seg;

	do
		assert_true(receive(t, &seg));
	while (seg.n == 0);
	assert_int_equal(seg.from, from);
	assert_string_equal((const char *)seg.data, text);
}

static void
assert_silence(struct talk *t)
{
	struct tcpwire seg;

	while (receive(t, &seg))
		assert_int_equal(seg.n, 0);
}

static void
line_is_replaced_when_it_is_whole(void **state)
{
	struct talk *t = *state;

	shake_hands(t, 1000);
	say(t, SL_INSIDE, "# B");
	assert_silence(t);
	say(t, SL_INSIDE, "4 #\n");
	assert_says(t, SL_INSIDE, "0 bbbb 0\n");
	say(t, SL_OUTSIDE, "x #\ny #\n");
	assert_says(t, SL_OUTSIDE, "x 1\ny 2\n");
	assert_int_equal(fake_count(t->f, TOY)->messages, 3);
}

static void
line_waits_for_its_answer_and_so_does_the_other_direction(void **state)
{
	struct talk *t = *state;

	shake_hands(t, 1000);
	say(t, SL_INSIDE, "E7000 #\nnext #\n");
	say(t, SL_OUTSIDE, "back #\n");
	assert_silence(t);
	assert_int_equal(t->f->n_asked, 1);
	fake_answer(t->f, 0, 0);
	assert_says(t, SL_INSIDE, "20000 0\n");
	assert_says(t, SL_INSIDE, "next 1\n");
	assert_says(t, SL_OUTSIDE, "back 2\n");
	assert_int_equal(fake_count(t->f, TOY)->messages, 3);
}

static void
both_directions_may_ask_one_after_the_other(void **state)
{
	struct talk *t = *state;

	shake_hands(t, 1000);
	say(t, SL_OUTSIDE, "E7000 #\n");
	say(t, SL_INSIDE, "E7002 #\n");
	assert_int_equal(t->f->n_asked, 1);
	fake_answer(t->f, 0, 0);
	assert_says(t, SL_OUTSIDE, "20000 0\n");
	assert_silence(t);
	assert_int_equal(t->f->n_asked, 1);
	fake_answer(t->f, 0, 0);
	assert_says(t, SL_INSIDE, "20001 1\n");
}

static void
line_whose_answer_is_late_goes_as_it_is(void **state)
{
	struct talk *t = *state;

	shake_hands(t, 1000);
	say(t, SL_INSIDE, "E7000 #\n");
	say(t, SL_OUTSIDE, "back #\n");
	fake_wait(t->f, 2500);
	assert_says(t, SL_INSIDE, "E7000 #\n");
	assert_says(t, SL_OUTSIDE, "back #\n");
	assert_int_equal(fake_count(t->f, TOY)->late, 1);
	assert_int_equal(fake_count(t->f, TOY)->passed, 1);
	fake_answer(t->f, 0, 0);
	assert_int_equal(t->f->asked[0].msg->op, SL_MSG_MAP_DEL);
	fake_answer(t->f, 0, 0);
	say(t, SL_INSIDE, "#\n");
	assert_says(t, SL_INSIDE, "#\n");
}

static void
reset_while_a_line_waits_takes_everything_back(void **state)
{
	struct talk *t = *state;
	struct tcpwire rst = { .from = SL_OUTSIDE, .flags = T_RST | T_ACK };

	shake_hands(t, 1000);
	say(t, SL_INSIDE, "E7000\n");
	rst.seq = t->seq[SL_OUTSIDE];
	rst.ack = t->seq[SL_INSIDE];
	transmit(t, &rst);
	fake_answer(t->f, 0, 0);
	assert_int_equal(t->f->asked[0].msg->op, SL_MSG_MAP_DEL);
	fake_answer(t->f, 0, 0);
	assert_int_equal(fake_expectations(t->f), 0);
}

static void
another_connection_by_the_same_flow_begins_anew(void **state)
{
	struct talk *t = *state;
	struct tcpwire rst = { .from = SL_INSIDE, .flags = T_RST };

	shake_hands(t, 1000);
	say(t, SL_INSIDE, "# E7000\n");
	fake_answer(t->f, 0, 0);
	assert_says(t, SL_INSIDE, "0 20000\n");
	rst.seq = t->seq[SL_INSIDE];
	transmit(t, &rst);
	assert_silence(t);
	shake_hands(t, 900000);
	assert_int_equal(t->f->asked[0].msg->op, SL_MSG_MAP_DEL);
	fake_answer(t->f, 0, 0);
	say(t, SL_INSIDE, "#\n");
	assert_says(t, SL_INSIDE, "0\n");
}

static void
other_protocol_is_left_alone(void **state)
{
	struct talk *t = *state;

	shake_hands(t, 1000);
	say(t, SL_INSIDE, "^ #\n");
	assert_says(t, SL_INSIDE, "^ #\n");
	say(t, SL_OUTSIDE, "#\n");
	assert_says(t, SL_OUTSIDE, "#\n");
	assert_int_equal(fake_count(t->f, TOY)->passed, 1);
	assert_int_equal(fake_count(t->f, TOY)->messages, 0);
}

static void
refused_line_ends_the_inspection(void **state)
{
	struct talk *t = *state;

	shake_hands(t, 1000);
	say(t, SL_INSIDE, "R #\n#\n");
	assert_says(t, SL_INSIDE, "R 0\n#\n");
}

static void
switched_off_connection_keeps_its_numbers(void **state)
{
	struct talk *t = *state;
	struct sl_config *c = sl_config_create();
	struct tcpwire seg;

	shake_hands(t, 1000);
	say(t, SL_INSIDE, "B9\n");
	assert_says(t, SL_INSIDE, "bbbbbbbbb\n");
	sl_helper_defaults(c, toy_helpers);
	c->helper[TOY - 1].on = false;
	sl_helpers_configure(t->f->hs, c);
	sl_config_destroy(c);
	say(t, SL_INSIDE, "#\n");
	assert_true(receive(t, &seg));
	assert_string_equal((const char *)seg.data, "#\n");
	assert_int_equal(seg.seq, 1001 + 10);
	say(t, SL_INSIDE, "#\n");
	assert_true(receive(t, &seg));
	assert_int_equal(seg.seq, 1001 + 12);
}

static void
connection_without_a_beginning_is_not_touched(void **state)
{
	struct talk *t = *state;

	t->seq[0] = 77;
	t->seq[1] = 88;
	say(t, SL_INSIDE, "#\n");
	assert_says(t, SL_INSIDE, "#\n");
}

static void
connection_that_ends_while_a_line_waits_leaves_nothing(void **state)
{
	struct talk *t = *state;

	shake_hands(t, 1000);
	say(t, SL_INSIDE, "E7000\n");
	say(t, SL_OUTSIDE, "waits\n");
	fake_end(t->f, &t->flow);
	assert_silence(t);
	fake_answer(t->f, 0, 0);
	fake_answer(t->f, 0, 0);
	assert_int_equal(fake_expectations(t->f), 0);
	assert_int_equal(pipe_mbufs_out(), 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(line_is_replaced_when_it_is_whole),
		T(line_waits_for_its_answer_and_so_does_the_other_direction),
		T(both_directions_may_ask_one_after_the_other),
		T(line_whose_answer_is_late_goes_as_it_is),
		T(reset_while_a_line_waits_takes_everything_back),
		T(another_connection_by_the_same_flow_begins_anew),
		T(other_protocol_is_left_alone),
		T(refused_line_ends_the_inspection),
		T(switched_off_connection_keeps_its_numbers),
		T(connection_without_a_beginning_is_not_touched),
		T(connection_that_ends_while_a_line_waits_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
