/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lib/stream.c packet by packet: beginning and end of connections, keepalives, urgent data,
 * ECN, timestamps, limits, and packets that somebody made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "streamrig.h"

#define AP (T_ACK | T_PSH)

/* ---- beginning ---- */

static void
a_connection_without_syn_is_not_touched(void **state)
{
	uint32_t delta[2];

	(void)state;
	rig_text(IN, 50, 9, AP, "@1\n");
	rig_expect(IN, 50, 9, AP, "@1\n");
	rig_text(OUT, 9, 53, T_ACK, NULL);
	rig_expect(OUT, 9, 53, T_ACK, NULL);
	assert_int_equal(rig.toy.asked[IN], 0);
	assert_true(sl_stream_settled(rig.s, delta));
	assert_int_equal(delta[IN] | delta[OUT], 0);
}

static void
one_syn_is_not_enough(void **state)
{
	(void)state;
	rig_give((struct tcpwire){ .from = OUT, .flags = T_SYN | T_ACK, .ack = 1, .mss = 500 });
	rig_expect(OUT, 0, 1, T_SYN | T_ACK, NULL);
	rig_text(IN, 1, 1, AP, "@1\n");
	rig_expect(IN, 1, 1, AP, "@1\n");
}

static void
syns_may_come_again_and_data_in_them_comes_later(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		rig_text(IN, 0, 0, T_SYN, "@1\n");
		rig_expect(IN, 0, 0, T_SYN, NULL);
	}
	for (int i = 0; i < 2; i++) {
		rig_text(OUT, 0, 1, T_SYN | T_ACK, NULL);
		rig_expect(OUT, 0, 1, T_SYN | T_ACK, NULL);
	}
	rig_text(IN, 1, 1, AP, "@1\n");
	rig_expect(IN, 1, 1, AP, "11111\n");
	rig_text(OUT, 0, 1, T_SYN | T_ACK, NULL);
	rig_expect(OUT, 0, 1, T_SYN | T_ACK, NULL);
	assert_int_equal(rig.toy.begun, 1);
}

static void
both_may_open_at_once(void **state)
{
	(void)state;
	rig_text(IN, 0, 0, T_SYN, NULL);
	rig_text(OUT, 0, 0, T_SYN, NULL);
	rig_text(IN, 0, 1, T_SYN | T_ACK, NULL);
	rig_text(OUT, 0, 1, T_SYN | T_ACK, NULL);
	rig.n_expected = rig.n_out;
	rig_text(OUT, 1, 1, AP, "@1\n");
	rig_expect(OUT, 1, 1, AP, "11111\n");
	rig_text(IN, 1, 7, AP, "@2\n");
	rig_expect(IN, 1, 4, AP, "2222222222\n");
}

static void
a_syn_within_a_connection_means_nothing(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "@1\n");
	rig_expect(IN, 1, 1, AP, "11111\n");
	rig_text(IN, 5000, 0, T_SYN, NULL);
	rig_expect(IN, 5000, 0, T_SYN, NULL);
	rig_text(IN, 4, 1, AP, "@1\n");
	rig_expect(IN, 7, 1, AP, "11111\n");
}

static void
the_same_addresses_may_begin_again(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "@1\n");
	rig_expect(IN, 1, 1, AP, "11111\n");
	rig_text(IN, 4, 1, T_RST | T_ACK, NULL);
	rig_expect(IN, 7, 1, T_RST | T_ACK, NULL);
	rig.isn[IN] += 90000;
	rig.isn[OUT] += 80000;
	rig_open();
	assert_int_equal(rig.toy.begun, 2);
	rig_text(IN, 1, 1, AP, "@2\n");
	rig_expect(IN, 1, 1, AP, "2222222222\n");
}

/* ---- end ---- */

static void
a_fin_sends_off_what_is_held(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "@1\nx@");
	rig_expect(IN, 1, 1, AP, "11111\n");
	rig_text(OUT, 1, 7, T_ACK, NULL);
	rig_expect(OUT, 1, 6, T_ACK, NULL);
	rig_text(IN, 6, 1, AP | T_FIN, "1");
	rig_expect(IN, 7, 1, AP | T_FIN, "x@1");
	/* only the FIN is missing: that is the sender's */
	rig_text(OUT, 1, 10, T_ACK, NULL);
	rig_expect(OUT, 1, 7, T_ACK, NULL);
	rig_wait(100000);
	rig_expect_nothing();
	rig_text(IN, 7, 1, T_ACK | T_FIN, NULL);
	rig_expect(IN, 10, 1, T_ACK | T_FIN, NULL);
	rig_text(OUT, 1, 11, T_ACK, NULL);
	rig_expect(OUT, 1, 8, T_ACK, NULL);
	/* half closed: the other direction goes on */
	rig_text(OUT, 1, 11, AP, "@1\n");
	rig_expect(OUT, 1, 8, AP, "11111\n");
	rig_text(IN, 8, 7, T_ACK, NULL);
	rig_expect(IN, 11, 4, T_ACK, NULL);
}

static void
a_fin_that_comes_early_waits(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 4, 1, T_ACK | T_FIN, NULL);
	rig_expect(OUT, 1, 1, T_ACK, NULL);
	rig_text(IN, 1, 1, AP, "@1\n");
	rig_expect(IN, 1, 1, AP, "11111\n");
	rig_expect(IN, 7, 1, T_ACK | T_FIN, NULL);
}

static void
a_rst_ends_everything_at_once(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "@1\nhalf");
	rig_expect(IN, 1, 1, AP, "11111\n");
	rig_text(OUT, 1, 7, T_ACK, NULL);
	rig_expect(OUT, 1, 8, T_ACK, NULL);
	rig_text(IN, 8, 1, T_RST | T_ACK, NULL);
	rig_expect(IN, 7, 1, T_RST | T_ACK, NULL);
	assert_int_equal(rig.streams->n_free_chunks, rig.chunks);
	rig_wait(100000);
}

static void
a_receiver_that_lacks_our_bytes_believes_the_rst_too(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "ab");
	rig_expect(OUT, 1, 3, T_ACK, NULL);
	rig_text(IN, 3, 1, AP, "@1\n");
	rig_expect(IN, 1, 1, AP, "ab11111\n");
	rig_text(IN, 6, 1, T_RST | T_ACK, NULL);
	rig_expect(IN, 1, 1, T_RST | T_ACK, NULL);
	rig_expect(IN, 9, 1, T_RST | T_ACK, NULL);
	rig_wait(100000);
}

static void
a_guessed_rst_ends_nothing(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 500, 1, T_RST | T_ACK, NULL);
	rig_expect(IN, 500, 1, T_RST | T_ACK, NULL);
	rig_text(IN, 1, 1, AP, "@1\n");
	rig_expect(IN, 1, 1, AP, "11111\n");
}

static void
a_silent_receiver_is_given_up(void **state)
{
	unsigned int n = 0;

	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "ab");
	rig_expect(OUT, 1, 3, T_ACK, NULL);
	rig_text(IN, 3, 1, AP, "@1\n");
	rig_expect(IN, 1, 1, AP, "ab11111\n");
	while (sl_streams_count(rig.streams)->gave_up == 0) {
		rig_wait(1000);
		assert_true(n++ < 300);
	}
	assert_true(n > 100); /* RFC 9293 section 3.8.3 */
	for (int i = 0; i < 9; i++)
		rig_expect(IN, 1, 1, AP, "ab11111\n");
	rig_expect(IN, 1, 1, T_RST | T_ACK, NULL);
	rig_expect(OUT, 1, 3, T_RST | T_ACK, NULL);
}

/* ---- odd segments ---- */

static void
keepalives_reach_the_one_they_ask_for(void **state)
{
	(void)state;
	rig_open();
	rig_text(IN, 1, 1, AP, "a@1\n");
	rig_expect(IN, 1, 1, AP, "a11111\n");
	rig_text(OUT, 1, 8, T_ACK, NULL);
	rig_expect(OUT, 1, 5, T_ACK, NULL);
	rig_text(IN, 4, 1, T_ACK, NULL);
	rig_expect(IN, 7, 1, T_ACK, NULL);
	rig_text(IN, 4, 1, T_ACK, "?"); /* with a byte of nothing (RFC 9293 section 3.8.4) */
	rig_expect(IN, 7, 1, T_ACK, NULL);
	/* while something is held: neither may it become part of that */
	rig_text(IN, 5, 1, AP, "hal");
	rig_expect(OUT, 1, 8, T_ACK, NULL);
	rig_text(IN, 7, 1, T_ACK, NULL);
	rig_expect(IN, 7, 1, T_ACK, NULL);
	rig_text(IN, 7, 1, T_ACK, "?");
	rig_expect(IN, 7, 1, T_ACK, NULL);
	rig_text(OUT, 1, 8, T_ACK, NULL);
	rig_expect(OUT, 1, 8, T_ACK, NULL);
	rig_text(IN, 8, 1, AP, "f\n");
	rig_expect(IN, 8, 1, AP, "half\n");
}

static void
the_urgent_pointer_moves_along(void **state)
{
	const struct tcpwire *t;

	(void)state;
	rig_open();
	rig_give((struct tcpwire){ .from = IN,
		.seq = 1,
		.ack = 1,
		.flags = AP | T_URG,
		.urp = 5,
		.data = (const uint8_t *)"@1\nx\n",
		.n = 5 });
	t = rig_expect(IN, 1, 1, AP | T_URG, "11111\nx\n");
	assert_int_equal(t->urp, 8);
	rig_give((struct tcpwire){ .from = IN,
		.seq = 6,
		.ack = 1,
		.flags = AP | T_URG,
		.urp = 2,
		.data = (const uint8_t *)"z\n",
		.n = 2 });
	assert_int_equal(rig_expect(IN, 9, 1, AP | T_URG, "z\n")->urp, 2);
	rig_text(IN, 8, 1, AP, "y\n");
	rig_expect(IN, 11, 1, AP, "y\n");
}

static void
congestion_marks_are_not_lost(void **state)
{
	const struct tcpwire *t;

	(void)state;
	rig_open();
	rig_give((struct tcpwire){ .from = IN,
		.seq = 1,
		.ack = 1,
		.flags = AP | T_CWR,
		.tos = 3,
		.data = (const uint8_t *)"ab",
		.n = 2 });
	assert_int_equal(rig_expect(OUT, 1, 3, T_ACK, NULL)->tos & 3, 0);
	rig_give((struct tcpwire){ .from = IN,
		.seq = 3,
		.ack = 1,
		.flags = AP,
		.tos = 2,
		.data = (const uint8_t *)"@1\n",
		.n = 3 });
	t = rig_expect(IN, 1, 1, AP | T_CWR, "ab11111\n");
	assert_int_equal(t->tos & 3, 3);
	rig_wait(300); /* what is repeated is not ECN-capable */
	t = rig_expect(IN, 1, 1, AP, "ab11111\n");
	assert_int_equal(t->tos & 3, 0);
}

static void
timestamps_never_go_back(void **state)
{
	const struct tcpwire *t;

	(void)state;
	rig.ts = true;
	rig_open();
	rig_give((struct tcpwire){ .from = IN,
		.seq = 4,
		.ack = 1,
		.flags = AP,
		.tsval = 2000100,
		.data = (const uint8_t *)"b\n",
		.n = 2 });
	t = rig_expect(OUT, 1, 1, T_ACK, NULL);
	assert_true(t->ts);
	assert_int_equal(t->tsecr, 2000100);
	rig_give((struct tcpwire){ .from = IN,
		.seq = 1,
		.ack = 1,
		.flags = AP,
		.tsval = 2000500,
		.data = (const uint8_t *)"@1\n",
		.n = 3 });
	assert_int_equal(rig_expect(IN, 1, 1, AP, "11111\n")->tsval, 2000500);
	assert_int_equal(rig_expect(IN, 7, 1, AP, "b\n")->tsval, 2000500);
}

static void
ipv6_and_scattered_packets_are_no_different(void **state)
{
	(void)state;
	rig.v6 = true;
	rig_open();
	rig_give((struct tcpwire){ .from = IN,
		.seq = 1,
		.ack = 1,
		.flags = AP,
		.cut = 3,
		.data = (const uint8_t *)"a\nb@1b\nhalf",
		.n = 11 });
	rig_expect(IN, 1, 1, AP, "a\nb11111b\n");
	rig_text(OUT, 1, 11, T_ACK, NULL);
	rig_expect(OUT, 1, 12, T_ACK, NULL);
}

/* ---- limits ---- */

static void
a_message_without_end_is_passed_on(void **state)
{
	uint32_t x = 1;

	(void)state;
	rig.win = 65000;
	rig_open();
	for (; rig.toy.asked[IN] == 0 && sl_streams_count(rig.streams)->foreign == 0; x += 1000) {
		static uint8_t text[1000];

		assert_true(x < SL_HELPER_MESSAGE_MAX + 2000);
		memset(text, 'x', sizeof(text));
		rig.n_expected = rig.n_out = 0;
		rig_give((struct tcpwire){ .from = IN,
			.seq = x,
			.ack = 1,
			.flags = T_ACK,
			.data = text,
			.n = sizeof(text) });
	}
	/* all of it is there, and nothing more is asked */
	for (uint32_t y = 1; y < x;) {
		const struct tcpwire *t = rig_next();

		assert_int_equal(t->from, IN);
		assert_int_equal(t->seq, y);
		y += t->n;
	}
	rig_expect_nothing();
	rig_text(IN, x, 1, AP, "@1\n");
	rig_expect(IN, x, 1, AP, "@1\n");
}

static void
without_memory_nothing_acknowledged_is_lost(void **state)
{
	const struct sl_streams_params params = {
		.max = 1, .bytes_all = 2 * SL_CHUNK_BYTES, .socket = SOCKET_ID_ANY
	};
	char text[401] = "";

	(void)state;
	rig_streams(&params);
	rig_open();
	memset(text, 'x', 400);
	for (uint32_t x = 1; x < 801; x += 400) {
		rig_text(IN, x, 1, T_ACK, text);
		rig_expect(OUT, 1, x + 400, T_ACK, NULL);
	}
	rig_text(IN, 801, 1, T_ACK, text); /* does not fit: all goes */
	for (uint32_t y = 1; y < 1201;) {
		const struct tcpwire *t = rig_next();

		assert_int_equal(t->seq, y);
		y += t->n;
	}
	assert_int_equal(sl_streams_count(rig.streams)->full, 1);
	/* what was acknowledged is repeated, the rest is the sender's */
	rig_wait(300);
	assert_int_equal(rig_next()->seq, 1);
	rig_text(OUT, 1, 801, T_ACK, NULL);
	rig_expect(OUT, 1, 801, T_ACK, NULL);
	rig_wait(10000);
	rig_expect_nothing();
	rig_text(IN, 801, 1, T_ACK, text);
	rig_expect(IN, 801, 1, T_ACK, text);
}

static void
early_segments_have_few_places_and_the_window_bounds_them(void **state)
{
	(void)state;
	rig.win = 5000;
	rig_open();
	rig_text(IN, 5001, 1, AP, "y\n");
	assert_int_equal(rig.streams->n_queued, 0);
	for (uint32_t i = 0; i < SL_QUEUED + 10; i++)
		rig_text(IN, 100 - i * 2, 1, AP, "x\n");
	assert_int_equal(rig.streams->n_queued, SL_QUEUED);
	assert_int_equal(rig.s->half[IN].queue[0].seq, rig.isn[IN] + 100 - (SL_QUEUED + 9) * 2);
	assert_int_equal(sl_streams_count(rig.streams)->drop_queue, 11);
	rig.n_expected = rig.n_out;
}

static void
damaged_packets_are_discarded(void **state)
{
	struct tcpwire t = { .from = IN,
		.seq = rig.isn[IN] + 1,
		.ack = rig.isn[OUT] + 1,
		.flags = AP,
		.data = (const uint8_t *)"@1\n",
		.n = 3 };
	unsigned int len = TCPWIRE_L3 + 20 + 20 + 3;

	(void)state;
	rig_open();
	for (unsigned int i = TCPWIRE_L3; i < len; i++) {
		struct rte_mbuf *m = tcpwire_build(rig.pool, &t);

		*rte_pktmbuf_mtod_offset(m, uint8_t *, i) ^= 0x21;
		sl_stream_segment(rig.s, IN, m, TCPWIRE_L3, rig.now);
	}
	for (unsigned int cut = 1; cut < len; cut++) {
		struct rte_mbuf *m = tcpwire_build(rig.pool, &t);

		rte_pktmbuf_trim(m, (uint16_t)cut);
		sl_stream_segment(rig.s, IN, m, TCPWIRE_L3, rig.now);
	}
	assert_int_equal(sl_streams_count(rig.streams)->drop_bad, len - TCPWIRE_L3 + len - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_connection_without_syn_is_not_touched),
		TEST(one_syn_is_not_enough),
		TEST(syns_may_come_again_and_data_in_them_comes_later),
		TEST(both_may_open_at_once),
		TEST(a_syn_within_a_connection_means_nothing),
		TEST(the_same_addresses_may_begin_again),
		TEST(a_fin_sends_off_what_is_held),
		TEST(a_fin_that_comes_early_waits),
		TEST(a_rst_ends_everything_at_once),
		TEST(a_receiver_that_lacks_our_bytes_believes_the_rst_too),
		TEST(a_guessed_rst_ends_nothing),
		TEST(a_silent_receiver_is_given_up),
		TEST(keepalives_reach_the_one_they_ask_for),
		TEST(the_urgent_pointer_moves_along),
		TEST(congestion_marks_are_not_lost),
		TEST(timestamps_never_go_back),
		TEST(ipv6_and_scattered_packets_are_no_different),
		TEST(a_message_without_end_is_passed_on),
		TEST(without_memory_nothing_acknowledged_is_lost),
		TEST(early_segments_have_few_places_and_the_window_bounds_them),
		TEST(damaged_packets_are_discarded),
	};

	return rig_run(tests, RTE_DIM(tests));
}
