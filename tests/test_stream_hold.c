/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lib/stream.c packet by packet: messages cut over segments, held, acknowledged and repeated
 * here; messages that wait for an answer; hands off. Every test runs with several initial
 * sequence numbers, with most of which the numbers wrap in its middle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "streamrig.h"

#define AP (T_ACK | T_PSH)

/* ---- cut messages ---- */

static void
a_beginning_is_held_and_acknowledged(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "x@");
	rig_expect(OUT, 1, 3, T_ACK, NULL);
	rig_text(IN, 3, 1, AP, "1");
	rig_expect(OUT, 1, 4, T_ACK, NULL);
	rig_text(IN, 4, 1, AP, "\n");
	rig_expect(IN, 1, 1, AP, "x11111\n");
	/* no acknowledgement goes back behind our word, or beyond the receiver's */
	rig_text(OUT, 1, 1, T_ACK, NULL);
	rig_expect(OUT, 1, 4, T_ACK, NULL);
	rig_text(OUT, 1, 5, T_ACK, NULL);
	rig_expect(OUT, 1, 4, T_ACK, NULL);
	rig_text(OUT, 1, 8, T_ACK, NULL);
	rig_expect(OUT, 1, 5, T_ACK, NULL);
	assert_int_equal(rig.streams->n_free_chunks, rig.chunks);
	rig_wait(1000000);
}

static void
what_is_ours_is_repeated_until_it_has_arrived(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "ab");
	rig_expect(OUT, 1, 3, T_ACK, NULL);
	rig_text(IN, 3, 1, AP, "c\nd\n");
	rig_expect(IN, 1, 1, AP, "abc\nd\n");
	rig_wait(299);
	rig_expect_nothing();
	rig_wait(1);
	rig_expect(IN, 1, 1, AP, "ab");
	rig_wait(599);
	rig_expect_nothing();
	rig_wait(1);
	rig_expect(IN, 1, 1, AP, "ab");
	/* the rest is the sender's */
	rig_text(OUT, 1, 3, T_ACK, NULL);
	rig_expect(OUT, 1, 3, T_ACK, NULL);
	rig_wait(1000000);
	rig_expect_nothing();
	rig_text(IN, 3, 1, AP, "c\nd\n");
	rig_expect(IN, 3, 1, AP, "c\nd\n");
}

static void
a_beginning_behind_bytes_on_their_way_is_acknowledged_after_them(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "a\nb");
	rig_expect(IN, 1, 1, AP, "a\n");
	rig_expect_nothing();
	/* it was lost: the sender repeats it, and more */
	rig_text(IN, 1, 1, AP, "a\nb");
	rig_expect(IN, 1, 1, AP, "a\n");
	rig_text(OUT, 1, 3, T_ACK, NULL);
	rig_expect(OUT, 1, 4, T_ACK, NULL);
	/* that was lost too: we say it again */
	rig_text(IN, 1, 1, AP, "a\nb");
	rig_expect(OUT, 1, 4, T_ACK, NULL);
	rig_expect(IN, 1, 1, AP, "a\n");
	rig_text(IN, 4, 1, AP, "c\n");
	rig_expect(IN, 3, 1, AP, "bc\n");
}

static void
three_duplicates_repeat_what_is_ours_at_once(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "ab");
	rig_expect(OUT, 1, 3, T_ACK, NULL);
	rig_text(IN, 3, 1, AP, "@1\n");
	rig_expect(IN, 1, 1, AP, "ab11111\n");
	for (int i = 0; i < 5; i++) {
		rig_text(OUT, 1, 1, T_ACK, NULL);
		rig_expect(OUT, 1, 3, T_ACK, NULL);
		if (i == 2)
			rig_expect(IN, 1, 1, AP, "ab11111\n");
	}
}

/* n times c, up to RIG_MSS * 4. */
static const char *
many(char c, unsigned int n)
{
	static char text[RIG_MSS * 4 + 1];

	memset(text, c, n);
	text[n] = 0;
	return text;
}

/* A message whose beginning is held; it becomes 210 x and "11111\n". */
static void
give_long_message(void)
{
	char text[204];

	memset(text, 'x', 200);
	memcpy(text + 200, "@1\n", 4);
	rig_text(IN, 1, 1, T_ACK, many('x', 10));
	rig_expect(OUT, 1, 11, T_ACK, NULL);
	rig_text(IN, 11, 1, AP, text);
}

static void
what_is_ours_stays_inside_the_window(void **state)
{
	(void)state;
	rig.win = 120;
	rig_open();
	give_long_message();
	rig_expect(IN, 1, 1, T_ACK, many('x', 100));
	rig_expect(IN, 101, 1, AP, many('x', 20));
	rig_text(OUT, 1, 101, T_ACK, NULL);
	rig_expect(OUT, 1, 11, T_ACK, NULL);
	assert_int_equal(rig_next()->n, 96);
	rig_text(OUT, 1, 217, T_ACK, NULL);
	rig_expect(OUT, 1, 214, T_ACK, NULL);
}

static void
windows_are_scaled_when_both_said_so(void **state)
{
	(void)state;
	rig.scale = 7;
	rig.win = 1000;
	rig_open();
	rig.win = 2;
	rig_text(OUT, 1, 1, T_ACK, NULL);
	assert_int_equal(rig_expect(OUT, 1, 1, T_ACK, NULL)->win, 2);
	rig.win = 1000;
	give_long_message();
	rig_expect(IN, 1, 1, T_ACK, many('x', 100));
	rig_expect(IN, 101, 1, T_ACK, many('x', 100));
	assert_int_equal(rig_next()->n, 16);
}

static void
a_closed_window_is_probed_until_it_opens(void **state)
{
	(void)state;
	rig_open();
	rig.win = 0;
	rig_text(OUT, 1, 1, T_ACK, NULL);
	assert_int_equal(rig_expect(OUT, 1, 1, T_ACK, NULL)->win, 0);
	rig.win = 60000;
	give_long_message();
	for (int i = 0; i < 50; i++) {
		rig_expect_nothing();
		rig_wait(60000);
		rig_expect(IN, 1, 1, AP, "x");
		rig.win = 0;
		rig_text(OUT, 1, 1, T_ACK, NULL);
		rig_expect(OUT, 1, 11, T_ACK, NULL);
	}
	rig.win = 1000;
	rig_text(OUT, 1, 1, T_ACK, NULL);
	assert_int_equal(rig_expect(OUT, 1, 11, T_ACK, NULL)->win, 1000);
	rig_expect(IN, 2, 1, T_ACK, many('x', 100));
	rig_expect(IN, 102, 1, AP, many('x', 100));
	rig_text(OUT, 1, 202, T_ACK, NULL);
	rig_expect(OUT, 1, 11, T_ACK, NULL);
	assert_int_equal(rig_next()->n, 15);
}

static void
a_message_cut_at_every_byte_arrives_whole(void **state)
{
	static const char text[] = "a@3b@0c\n", want[] = "a333333333333333bc\n";

	(void)state;
	rig_open();
	for (unsigned int cut = 1; cut < sizeof(text) - 1; cut++) {
		uint32_t x = (cut - 1) * (sizeof(text) - 1), y = (cut - 1) * (sizeof(want) - 1);
		char head[sizeof(text)] = "";

		memcpy(head, text, cut);
		rig_text(IN, 1 + x, 1, T_ACK, head);
		rig_expect(OUT, 1, 1 + x + cut, T_ACK, NULL);
		rig_text(IN, 1 + x + cut, 1, AP, text + cut);
		rig_expect(IN, 1 + y, 1, AP, want);
		rig_text(OUT, 1, y + sizeof(want), T_ACK, NULL);
		rig_expect(OUT, 1, x + sizeof(text), T_ACK, NULL);
	}
}

static void
a_message_that_says_its_length_is_not_asked_about_before(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "#0012\n\n@1");
	rig_expect(OUT, 1, 10, T_ACK, NULL);
	rig_text(IN, 10, 1, AP, "\n\n");
	rig_expect(OUT, 1, 12, T_ACK, NULL);
	assert_int_equal(rig.toy.framed[IN], 1);
	rig_text(IN, 12, 1, AP, "\nx\n");
	rig_expect(IN, 1, 1, AP, "#0012\n\n11111\n\n\nx\n");
	assert_int_equal(rig.toy.shown[IN], 2);
}

static void
a_held_segment_gives_on_what_it_acknowledges(void **state)
{
	(void)state;
	rig_open();
	rig_text(OUT, 1, 1, AP, "@1\n");
	rig_expect(OUT, 1, 1, AP, "11111\n");
	rig_text(IN, 1, 7, AP, "ab");
	rig_expect(IN, 1, 4, T_ACK, NULL);
	rig_expect(OUT, 7, 3, T_ACK, NULL);
	/* nothing new: no duplicate acknowledgement is made of it */
	rig_text(IN, 3, 7, AP, "cd");
	rig_expect(OUT, 7, 5, T_ACK, NULL);
	/* a window is news */
	rig.win = 5;
	rig_text(IN, 5, 7, AP, "ef");
	assert_int_equal(rig_expect(IN, 1, 4, T_ACK, NULL)->win, 5);
	rig_expect(OUT, 7, 7, T_ACK, NULL);
}

/* ---- waiting for an answer ---- */

static void
what_waits_keeps_its_order(void **state)
{
	(void)state;
	rig.toy.waits = 3;
	rig_open();
	rig_text(IN, 1, 1, AP, "a\n@1%\nb\n");
	rig_expect(IN, 1, 1, AP, "a\n");
	rig_text(IN, 9, 1, AP, "c\n");
	rig_text(IN, 11, 1, AP, "@0d\n");
	rig_text(IN, 1, 1, AP, "a\n@1%\nb\n"); /* again: the sender knows nothing of waiting */
	rig_expect(IN, 1, 1, AP, "a\n");
	rig_text(IN, 15, 1, T_ACK, NULL); /* this need not wait */
	rig_expect(IN, 3, 1, T_ACK, NULL);
	rig_text(OUT, 1, 3, AP, "other\n"); /* nor the other direction */
	rig_expect(OUT, 1, 3, AP, "other\n");
	sl_stream_resume(rig.s, rig.now);
	sl_stream_resume(rig.s, rig.now);
	rig_expect_nothing();
	sl_stream_resume(rig.s, rig.now);
	rig_expect(IN, 3, 1, AP, "11111%\n");
	rig_expect(IN, 10, 1, AP, "b\n");
	rig_expect(IN, 12, 1, AP, "c\n");
	rig_expect(IN, 14, 1, AP, "d\n");
	assert_int_equal(rig.toy.asked[IN], 3 + 5);
	assert_int_equal(rig.toy.shown[IN], 5);
	sl_stream_resume(rig.s, rig.now);
	rig_expect_nothing();
}

static void
an_answer_that_does_not_come_ends_the_inspection(void **state)
{
	(void)state;
	rig.toy.waits = 1000;
	rig_open();
	rig_text(OUT, 1, 1, AP, "half");
	rig_expect(IN, 1, 5, T_ACK, NULL);
	rig_text(IN, 1, 1, AP, "x%");
	rig_expect(OUT, 1, 3, T_ACK, NULL);
	rig_text(IN, 3, 1, AP, "@1\n@1\n");
	rig_wait(2999);
	sl_stream_resume(rig.s, rig.now);
	rig_expect_nothing();
	rig_wait(1);
	rig_expect(IN, 1, 5, AP, "x%@1\n");
	rig_expect(IN, 6, 5, AP, "@1\n");
	rig_expect(OUT, 1, 3, AP, "half");
	assert_int_equal(sl_streams_count(rig.streams)->late, 1);
	/* what was acknowledged is still ours */
	rig_wait(300);
	rig_expect(IN, 1, 5, AP, "x%@1\n");
	rig_expect(OUT, 1, 3, AP, "half");
}

static void
hands_off_means_both_directions_from_the_next_message_on(void **state)
{
	uint32_t delta[2];

	(void)state;
	rig_open();
	rig_text(OUT, 1, 1, AP, "@1");
	rig_expect(IN, 1, 3, T_ACK, NULL);
	rig_text(IN, 7, 1, AP, "zz\n"); /* early */
	assert_int_equal(rig_next()->n_sacks, 1);
	rig_text(IN, 1, 1, AP, "@1~\n@1");
	rig_expect(IN, 1, 3, AP, "11111~\n@1");
	rig_expect(IN, 10, 3, AP, "zz\n");
	rig_expect(OUT, 1, 1, AP, "@1");
	assert_false(sl_stream_settled(rig.s, delta));
	rig_text(OUT, 3, 13, AP, "\n@2\n");
	rig_expect(OUT, 3, 10, AP, "\n@2\n");
	rig_text(IN, 10, 7, AP, "@3\n");
	rig_expect(IN, 13, 7, AP, "@3\n");
	assert_true(sl_stream_settled(rig.s, delta));
	assert_int_equal(delta[IN], 3);
	assert_int_equal(delta[OUT], 0);
	/* a gap is the receiver's now */
	rig_text(IN, 16, 7, AP, "later");
	rig_expect(IN, 19, 7, AP, "later");
	rig_text(IN, 13, 7, AP, "two");
	rig_expect(IN, 16, 7, AP, "two");
	assert_int_equal(rig.toy.shown[IN], 1);
	assert_int_equal(rig.toy.shown[OUT], 0);
}

static void
what_waits_is_answered_even_after_hands_off(void **state)
{
	(void)state;
	rig.toy.waits = 1;
	rig_open();
	rig_text(IN, 1, 1, AP, "@1%\n@1\n");
	rig_text(OUT, 1, 1, AP, "~\n");
	rig_expect(OUT, 1, 1, AP, "~\n");
	rig_text(IN, 8, 3, AP, "@1\n");
	rig_expect(IN, 1, 3, T_ACK, NULL); /* what it acknowledges does not wait */
	rig_text(IN, 14, 3, AP, "far\n");
	rig_expect_nothing();
	sl_stream_resume(rig.s, rig.now);
	rig_expect(IN, 1, 3, AP, "11111%\n");
	rig_expect(IN, 8, 3, AP, "@1\n");
	rig_expect(IN, 11, 3, AP, "@1\n");
	rig_expect(IN, 17, 3, AP, "far\n");
}

static void
a_fin_before_missing_bytes_passes_when_nobody_looks(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "@1~\n");
	rig_expect(IN, 1, 1, AP, "11111~\n");
	rig_text(IN, 8, 1, T_ACK | T_FIN, NULL);
	rig_expect(IN, 11, 1, T_ACK | T_FIN, NULL);
	rig_text(IN, 5, 1, AP, "abc");
	rig_expect(IN, 8, 1, AP, "abc");
	rig_text(IN, 8, 1, T_ACK | T_FIN, NULL);
	rig_expect(IN, 11, 1, T_ACK | T_FIN, NULL);
	rig_text(OUT, 1, 12, T_ACK, NULL);
	rig_expect(OUT, 1, 9, T_ACK, NULL);
}

static void
numbers_stay_right_for_gigabytes(void **state)
{
	uint32_t x = 9, step = 1u << 28;

	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "@1\n@2~\n");
	rig_expect(IN, 1, 1, AP, "11111\n2222222222~\n");
	for (int i = 0; i < 100; i++, x += step) { /* all but the ends goes unseen, to be quick */
		rig_text(IN, x - 1, 1, T_ACK, "z");
		rig_expect(IN, x + 10, 1, T_ACK, "z");
		rig_text(IN, x - 1, 1, T_ACK, "z"); /* lost, and again */
		rig_expect(IN, x + 10, 1, T_ACK, "z");
		rig_text(OUT, 1, x + 11, T_ACK, NULL);
		rig_expect(OUT, 1, x, T_ACK, NULL);
		rig_text(OUT, 1, x - 5 + 11, T_ACK, NULL); /* an old one */
		rig_expect(OUT, 1, i == 0 ? 4 : x - 5, T_ACK, NULL);
		rig_expect_nothing();
	}
}

static void
another_protocol_is_left_alone(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "@1\n^\n@1\n");
	rig_expect(IN, 1, 1, AP, "11111\n^\n@1\n");
	rig_text(IN, 9, 1, AP, "@1\n");
	rig_expect(IN, 12, 1, AP, "@1\n");
	rig_text(OUT, 1, 15, AP, "@1\n");
	rig_expect(OUT, 1, 12, AP, "@1\n");
	assert_int_equal(sl_streams_count(rig.streams)->foreign, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_beginning_is_held_and_acknowledged),
		TEST(what_is_ours_is_repeated_until_it_has_arrived),
		TEST(a_beginning_behind_bytes_on_their_way_is_acknowledged_after_them),
		TEST(three_duplicates_repeat_what_is_ours_at_once),
		TEST(what_is_ours_stays_inside_the_window),
		TEST(windows_are_scaled_when_both_said_so),
		TEST(a_closed_window_is_probed_until_it_opens),
		TEST(a_message_cut_at_every_byte_arrives_whole),
		TEST(a_message_that_says_its_length_is_not_asked_about_before),
		TEST(a_held_segment_gives_on_what_it_acknowledges),
		TEST(what_waits_keeps_its_order),
		TEST(an_answer_that_does_not_come_ends_the_inspection),
		TEST(hands_off_means_both_directions_from_the_next_message_on),
		TEST(what_waits_is_answered_even_after_hands_off),
		TEST(a_fin_before_missing_bytes_passes_when_nobody_looks),
		TEST(numbers_stay_right_for_gigabytes),
		TEST(another_protocol_is_left_alone),
	};

	return rig_run(tests, RTE_DIM(tests));
}
