/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lib/stream.c packet by packet: messages changed, repeated, and numbers shifted both ways.
 * Every test runs twice, the second time with numbers that wrap in its middle. The
 * protocol is that of streamtoy.c: "@1" becomes "11111", "@0" nothing, "%" waits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "streamrig.h"

#define AP (T_ACK | T_PSH)

/* ---- changes and numbers ---- */

static void
unchanged_messages_pass_as_they_are(void **state)
{
	const struct tcpwire *t;

	(void)state;
	rig_open();
	rig_give((struct tcpwire){ .from = IN,
		.seq = 1,
		.ack = 1,
		.flags = AP,
		.tos = 0xb8,
		.ttl = 33,
		.win = 1234,
		.data = (const uint8_t *)"one\ntwo\n",
		.n = 8 });
	t = rig_expect(IN, 1, 1, AP, "one\ntwo\n");
	assert_int_equal(t->win, 1234);
	assert_int_equal(t->tos, 0xb8);
	assert_int_equal(t->ttl, 33);
	rig_text(OUT, 1, 9, AP, "ok\n");
	rig_expect(OUT, 1, 9, AP, "ok\n");
	assert_int_equal(rig.toy.shown[IN], 2);
	assert_int_equal(rig.toy.shown[OUT], 1);
	assert_int_equal(rig.streams->n_free_chunks, rig.chunks);
}

static void
growth_and_shrinking_shift_both_directions_for_ever(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "a@1b\n"); /* 5 become 8 */
	rig_expect(IN, 1, 1, AP, "a11111b\n");
	rig_text(OUT, 1, 9, AP, "yes\n");
	rig_expect(OUT, 1, 6, AP, "yes\n");
	rig_text(IN, 6, 5, AP, "plain\n");
	rig_expect(IN, 9, 5, AP, "plain\n");
	rig_text(OUT, 5, 15, T_ACK, NULL);
	rig_expect(OUT, 5, 12, T_ACK, NULL);
	rig_text(IN, 12, 5, AP, "x@0y@0\n"); /* 7 become 3: back to -1 */
	rig_expect(IN, 15, 5, AP, "xy\n");
	rig_text(OUT, 5, 18, AP, "@2\n"); /* the other direction grows by 8 */
	rig_expect(OUT, 5, 19, AP, "2222222222\n");
	rig_text(IN, 19, 16, AP, "end\n");
	rig_expect(IN, 18, 8, AP, "end\n");
	rig_text(OUT, 8, 22, T_ACK, NULL);
	rig_expect(OUT, 16, 23, T_ACK, NULL);
}

static void
several_messages_of_a_segment_share_a_packet(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "a@1\nb\nc@0\n!gone\nd\n");
	rig_expect(IN, 1, 1, AP, "a11111\nb\nc\nd\n");
	assert_int_equal(rig.toy.shown[IN], 5);
	/* acknowledged one by one */
	rig_text(OUT, 1, 8, T_ACK, NULL);
	rig_expect(OUT, 1, 5, T_ACK, NULL);
	rig_text(OUT, 1, 10, T_ACK, NULL);
	rig_expect(OUT, 1, 7, T_ACK, NULL);
	rig_text(OUT, 1, 12, T_ACK, NULL); /* what became nothing has arrived too */
	rig_expect(OUT, 1, 17, T_ACK, NULL);
	rig_text(OUT, 1, 14, T_ACK, NULL);
	rig_expect(OUT, 1, 19, T_ACK, NULL);
}

static void
a_message_that_became_nothing_is_acknowledged_here(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "!gone\n");
	rig_expect(OUT, 1, 7, T_ACK, NULL);
	rig_text(IN, 7, 1, AP, "next\n");
	rig_expect(IN, 1, 1, AP, "next\n");
	rig_text(OUT, 1, 6, T_ACK, NULL);
	rig_expect(OUT, 1, 12, T_ACK, NULL);
	/* the sender missed it: the receiver is asked, and answers for both */
	rig_text(IN, 1, 1, AP, "!gone\n");
	rig_expect(IN, 5, 1, T_ACK, NULL);
}

static void
growth_beyond_the_segment_size_is_split(void **state)
{
	char in[101], out[512] = "";

	(void)state;
	rig_open();
	memset(in, 'x', 90);
	strcpy(in + 90, "@9@9@9@9\n");
	memset(out, 'x', 90);
	memset(out + 90, '9', 180);
	strcpy(out + 270, "\n");
	rig_text(IN, 1, 1, AP, in);
	for (unsigned int at = 0; at < 271; at += RIG_MSS) {
		char part[RIG_MSS + 1];

		snprintf(part, sizeof(part), "%.*s", RIG_MSS, out + at);
		rig_expect(IN, 1 + at, 1, at < 200 ? T_ACK : AP, part);
	}
}

static void
an_acknowledgement_inside_a_change_means_its_beginning(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "ab\n");
	rig_expect(IN, 1, 1, AP, "ab\n");
	rig_text(IN, 4, 1, AP, "@2@2\n");
	rig_expect(IN, 4, 1, AP, "22222222222222222222\n");
	for (uint32_t ack = 4; ack < 25; ack++) {
		rig_text(OUT, 1, ack, T_ACK, NULL);
		rig_expect(OUT, 1, 4, T_ACK, NULL);
	}
	rig_text(OUT, 1, 25, T_ACK, NULL);
	rig_expect(OUT, 1, 9, T_ACK, NULL);
	/* one that was overtaken stays what it was */
	rig_text(OUT, 1, 10, T_ACK, NULL);
	rig_expect(OUT, 1, 4, T_ACK, NULL);
}

/* Five messages: 6..11 become 6..17, 16..21 become 22..25. */
static void
give_five(void)
{
	rig_open();
	rig_text(IN, 1, 1, AP, "aaaa\n");
	rig_text(IN, 6, 1, AP, "@1@1\n"); /* 6..11 to 6..17 */
	rig_text(IN, 11, 1, AP, "bbbb\n"); /* 11..16 to 17..22 */
	rig_text(IN, 16, 1, AP, "c@0c\n"); /* 16..21 to 22..25 */
	rig_text(IN, 21, 1, AP, "dddd\n"); /* 21..26 to 25..30 */
	rig.n_expected = rig.n_out;
}

static void
sack_blocks_shift_and_shrink_to_what_is_there_whole(void **state)
{
	const struct tcpwire *t;

	(void)state;
	give_five();
	rig_give((struct tcpwire){ .from = OUT,
		.seq = 1,
		.ack = 1,
		.flags = T_ACK,
		.n_sacks = 3,
		.sack = { { 8, 22 }, { 25, 30 }, { 9, 16 } } });
	t = rig_expect(OUT, 1, 1, T_ACK, NULL);
	assert_int_equal(t->n_sacks, 2);
	assert_int_equal(t->sack[0][0], 11);
	assert_int_equal(t->sack[0][1], 16);
	assert_int_equal(t->sack[1][0], 21);
	assert_int_equal(t->sack[1][1], 26);
	/* a whole change, and half of the next one */
	rig_give((struct tcpwire){ .from = OUT,
		.seq = 1,
		.ack = 1,
		.flags = T_ACK,
		.n_sacks = 1,
		.sack = { { 6, 24 } } });
	t = rig_expect(OUT, 1, 1, T_ACK, NULL);
	assert_int_equal(t->n_sacks, 1);
	assert_int_equal(t->sack[0][0], 6);
	assert_int_equal(t->sack[0][1], 16);
}

static void
reported_duplicates_shift_and_vanish(void **state)
{
	const struct tcpwire *t;

	(void)state;
	give_five();
	/* a duplicate is reported (RFC 2883) */
	rig_give((struct tcpwire){ .from = OUT,
		.seq = 1,
		.ack = 22,
		.flags = T_ACK,
		.n_sacks = 2,
		.sack = { { 17, 22 }, { 25, 30 } } });
	t = rig_expect(OUT, 1, 16, T_ACK, NULL);
	assert_int_equal(t->n_sacks, 2);
	assert_int_equal(t->sack[0][0], 11);
	assert_int_equal(t->sack[0][1], 16);
	assert_int_equal(t->sack[1][0], 21);
	/* nothing is left of a block inside a change */
	rig_give((struct tcpwire){ .from = OUT,
		.seq = 1,
		.ack = 1,
		.flags = T_ACK,
		.n_sacks = 1,
		.sack = { { 7, 15 } } });
	assert_int_equal(rig_expect(OUT, 1, 1, T_ACK, NULL)->n_sacks, 0);
}

/* ---- what comes again ---- */

static void
repeated_bytes_are_the_same_however_they_are_cut(void **state)
{
	static const char text[] = "aaaa\nb@1b\ncc\n", want[] = "aaaa\nb11111b\ncc\n";
	uint8_t got[sizeof(want)];

	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, text);
	rig_expect(IN, 1, 1, AP, want);
	for (unsigned int from = 0; from < sizeof(text) - 1; from++) {
		for (unsigned int to = from + 1; to < sizeof(text); to++) {
			memset(got, 0, sizeof(got));
			rig_give((struct tcpwire){ .from = IN,
				.seq = 1 + from,
				.ack = 1,
				.flags = AP,
				.data = (const uint8_t *)text + from,
				.n = to - from });
			while (rig.n_expected < rig.n_out) {
				const struct tcpwire *t = rig_next();

				assert_true(t->seq >= 1 && t->seq - 1 + t->n < sizeof(want));
				assert_memory_equal(t->data, want + t->seq - 1, t->n);
				memset(got + t->seq - 1, 1, t->n);
			}
			/* no byte that was asked for is missing */
			for (unsigned int i = from; i < to; i++)
				assert_true(got[i < 5 ? i : i < 10 ? 5 : i + 3]);
			if (from < 10 && to > 5)
				assert_non_null(memchr(got + 5, 1, 8));
		}
	}
	assert_int_equal(rig.toy.shown[IN], 3);
}

static void
only_what_the_receiver_lacks_is_given_again(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "a@1\n@2\n");
	rig_expect(IN, 1, 1, AP, "a11111\n2222222222\n");
	rig_text(OUT, 1, 10, T_ACK, NULL); /* two bytes of the second */
	rig_expect(OUT, 1, 5, T_ACK, NULL);
	rig_text(IN, 1, 1, AP, "a@1\n@2\n");
	rig_expect(IN, 10, 1, AP, "22222222\n");
	rig_text(OUT, 1, 19, T_ACK, NULL);
	rig_expect(OUT, 1, 8, T_ACK, NULL);
	/* it has all: it is asked to say so again */
	rig_text(IN, 1, 1, AP, "a@1\n@2\n");
	rig_expect(IN, 18, 1, T_ACK, NULL);
	assert_int_equal(rig.streams->n_free_chunks, rig.chunks);
}

static void
a_segment_may_repeat_and_go_on(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "a@1\n");
	rig_expect(IN, 1, 1, AP, "a11111\n");
	rig_text(IN, 1, 1, AP, "a@1\nb@1\nc\n");
	rig_expect(IN, 1, 1, AP, "a11111\nb11111\nc\n");
	rig_text(IN, 3, 1, AP, "1\nb@1\nc\nd\n");
	rig_expect(IN, 1, 1, AP, "a11111\nb11111\nc\nd\n");
}

static void
early_segments_wait_and_the_sender_is_told(void **state)
{
	const struct tcpwire *t;

	(void)state;
	rig_open();
	rig_text(IN, 7, 1, AP, "ccc\n");
	t = rig_expect(OUT, 1, 1, T_ACK, NULL);
	assert_int_equal(t->n_sacks, 1);
	assert_int_equal(t->sack[0][0], 7);
	assert_int_equal(t->sack[0][1], 11);
	rig_text(IN, 4, 1, AP, "@1\n");
	assert_int_equal(rig_expect(OUT, 1, 1, T_ACK, NULL)->n_sacks, 1);
	rig_text(IN, 7, 1, AP, "ccc\n"); /* twice */
	assert_int_equal(rig_expect(OUT, 1, 1, T_ACK, NULL)->n_sacks, 1);
	rig_text(IN, 1, 1, AP, "aa\n");
	rig_expect(IN, 1, 1, AP, "aa\n");
	rig_expect(IN, 4, 1, AP, "11111\n");
	rig_expect(IN, 10, 1, AP, "ccc\n");
	assert_int_equal(rig.toy.shown[IN], 3);
}

static void
an_early_segment_gives_on_what_it_acknowledges(void **state)
{
	(void)state;
	rig_open();
	rig_text(OUT, 1, 1, AP, "@1\n");
	rig_expect(OUT, 1, 1, AP, "11111\n");
	rig_text(IN, 4, 7, AP, "b\n");
	rig_expect(IN, 1, 4, T_ACK, NULL);
	rig_expect(OUT, 7, 1, T_ACK, NULL);
	rig_text(IN, 1, 7, AP, "@1\n");
	rig_expect(IN, 1, 4, AP, "11111\n");
	rig_expect(IN, 7, 4, AP, "b\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unchanged_messages_pass_as_they_are),
		TEST(growth_and_shrinking_shift_both_directions_for_ever),
		TEST(several_messages_of_a_segment_share_a_packet),
		TEST(a_message_that_became_nothing_is_acknowledged_here),
		TEST(growth_beyond_the_segment_size_is_split),
		TEST(an_acknowledgement_inside_a_change_means_its_beginning),
		TEST(sack_blocks_shift_and_shrink_to_what_is_there_whole),
		TEST(reported_duplicates_shift_and_vanish),
		TEST(repeated_bytes_are_the_same_however_they_are_cut),
		TEST(only_what_the_receiver_lacks_is_given_again),
		TEST(a_segment_may_repeat_and_go_on),
		TEST(an_early_segment_gives_on_what_it_acknowledges),
		TEST(early_segments_wait_and_the_sender_is_told),
	};

	return rig_run(tests, RTE_DIM(tests));
}
