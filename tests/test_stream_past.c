/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Connections of an earlier process (lib/stream_past.c), packet by packet: numbers are shifted for
 * ever in whatever order segments come, no byte is looked at, and what follows is another one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "streamrig.h"

#define AP (T_ACK | T_PSH)

/* The inside's bytes are 3 further for the outside, the outside's 10 less for the inside. */
static void
begin(void)
{
	const uint32_t shift[2] = { 3, (uint32_t)-10 };

	sl_stream_past(rig.s, shift);
}

static void
numbers_are_shifted_both_ways(void **state)
{
	(void)state;
	begin();
	rig_text(IN, 101, 201, AP, "a@1b\n");
	rig_expect(IN, 104, 211, AP, "a@1b\n");
	rig_text(OUT, 211, 109, AP, "@0\n");
	rig_expect(OUT, 201, 106, AP, "@0\n");
	/* what was lost comes later, and comes again */
	rig_text(IN, 111, 204, AP, "later\n");
	rig_expect(IN, 114, 214, AP, "later\n");
	rig_text(IN, 106, 204, AP, "lost\n");
	rig_expect(IN, 109, 214, AP, "lost\n");
	rig_text(IN, 106, 204, AP, "lost\n");
	rig_expect(IN, 109, 214, AP, "lost\n");
	rig_expect_nothing();
	assert_int_equal(rig.toy.shown[IN] + rig.toy.shown[OUT], 0);
}

static void
sack_blocks_are_shifted_too(void **state)
{
	const struct tcpwire *t;

	(void)state;
	begin();
	rig_give((struct tcpwire){ .from = OUT,
		.seq = 211,
		.ack = 104,
		.flags = T_ACK,
		.n_sacks = 2,
		.sack = { { 114, 120 }, { 130, 140 } } });
	t = rig_expect(OUT, 201, 101, T_ACK, NULL);
	assert_int_equal(t->n_sacks, 2);
	assert_int_equal(t->sack[0][0], 111);
	assert_int_equal(t->sack[0][1], 117);
	assert_int_equal(t->sack[1][0], 127);
	assert_int_equal(t->sack[1][1], 137);
}

static void
shift_is_told_as_it_was(void **state)
{
	uint32_t shift[2];

	(void)state;
	begin();
	assert_int_equal(sl_stream_shift(rig.s, shift), 0);
	assert_int_equal(shift[IN], 3);
	assert_int_equal(shift[OUT], (uint32_t)-10);
	rig_text(IN, 101, 201, AP, "a\n");
	rig_expect(IN, 104, 211, AP, "a\n");
	assert_int_equal(sl_stream_shift(rig.s, shift), 0);
	assert_int_equal(shift[IN], 3);
	assert_true(sl_stream_settled(rig.s, shift));
	assert_int_equal(shift[OUT], (uint32_t)-10);
}

/* After both FINs the ports may be used again, and then everything is as ever. */
static void
connection_that_follows_is_looked_at(void **state)
{
	(void)state;
	begin();
	rig_text(IN, 101, 201, T_ACK | T_FIN, NULL);
	rig_expect(IN, 104, 211, T_ACK | T_FIN, NULL);
	rig_text(OUT, 211, 105, T_ACK | T_FIN, NULL);
	rig_expect(OUT, 201, 102, T_ACK | T_FIN, NULL);
	rig_text(IN, 102, 202, T_ACK, NULL);
	rig_expect(IN, 105, 212, T_ACK, NULL);
	rig_open();
	rig_text(IN, 1, 1, AP, "a@1b\n");
	rig_expect(IN, 1, 1, AP, "a11111b\n");
	assert_int_equal(rig.toy.shown[IN], 1);
}

/* A SYN within the connection means nothing, nor does one from outside after a RST from there. */
static void
forged_syn_means_nothing(void **state)
{
	(void)state;
	begin();
	rig_text(IN, 77, 0, T_SYN, NULL);
	rig_expect(IN, 77, 0, T_SYN, NULL);
	rig_text(OUT, 300, 0, T_RST, NULL);
	rig_expect(OUT, 290, 0, T_RST, NULL);
	rig_text(OUT, 77, 0, T_SYN, NULL);
	rig_expect(OUT, 77, 0, T_SYN, NULL);
	rig_text(IN, 101, 201, AP, "still\n");
	rig_expect(IN, 104, 211, AP, "still\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_shifted_both_ways),
		TEST(sack_blocks_are_shifted_too),
		TEST(shift_is_told_as_it_was),
		TEST(connection_that_follows_is_looked_at),
		TEST(forged_syn_means_nothing),
	};

	return rig_run(tests, RTE_DIM(tests));
}
