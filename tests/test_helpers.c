/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Helpers without a gateway: messages that are replaced, that wait and are shown again, in
 * order, and what becomes of them when the flow ends, the answer is late or a ring is full.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helperfake.h"
#include "pipe.h"

#define HOST 2 /* 10.0.0.2, of worker 0 */

static int
set_up(void **state)
{
	*state = fake_create(64, 0);
	return 0;
}

static int
tear_down(void **state)
{
	fake_destroy(*state);
	return 0;
}

/* ---- addresses ---- */

static void
addresses_behind_the_prefix_of_a_flow(void **state)
{
	struct sl_helper h = {
		.six = true, .net6 = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x64, 0xff } }, .plen6 = 64
	};
	const struct sl_ip6 want = { { 0x20, 0x01, 0x0d, 0xb8, 0, 0x64, 0xff, 0, 0, 0xc0, 0, 2,
		2 } };
	struct sl_ip6 six = sl_helper_join(&h, RTE_BE32(0xc0000202)), other;
	rte_be32_t addr = 0;

	(void)state;
	assert_memory_equal(&six, &want, sizeof(six));
	assert_true(sl_helper_split(&h, &six, &addr));
	assert_int_equal(addr, RTE_BE32(0xc0000202));
	/* another suffix, another prefix, a flow of IPv4 */
	other = six;
	other.b[15] = 1;
	assert_false(sl_helper_split(&h, &other, &addr));
	other = six;
	other.b[5] = 0x65;
	assert_false(sl_helper_split(&h, &other, &addr));
	h.plen6 = 96;
	assert_false(sl_helper_split(&h, &other, &addr));
	h = (struct sl_helper){ .six = false };
	assert_false(sl_helper_split(&h, &six, &addr));
}

/* ---- replacing ---- */

static void
message_without_requests_goes_on_as_it_came(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "hello world");
	assert_int_equal(f->given[0].worker, 0);
	assert_int_equal(f->given[0].note.flow, 5000);
	assert_int_equal(f->given[0].note.side, SL_INSIDE);
	assert_string_equal(fake_got(f), "hello world");
	assert_int_equal(toy_shown, 1);
	assert_int_equal(fake_count(f, TOY)->replaced, 0);
	/* from outside just so, and nothing of both is kept */
	fake_punt(f, &flow, SL_OUTSIDE, fake_datagram(&flow, SL_OUTSIDE, "back", 4));
	assert_int_equal(f->given[0].note.side, SL_OUTSIDE);
	assert_string_equal(fake_got(f), "back");
}

static void
replaced_bytes_have_right_lengths_and_checksums(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "a # b # c");
	assert_string_equal(fake_got(f), "a 0 b 0 c");
	fake_say(f, &flow, "# B5 B0 x");
	assert_string_equal(fake_got(f), "1 bbbbb  x");
	assert_int_equal(fake_count(f, TOY)->replaced, 2);
}

static void
datagram_that_grows_may_be_cut_and_spans_segments(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;
	const char *got;

	fake_say(f, &flow, "x B9000 y");
	assert_true(f->given[0].m->nb_segs > 1);
	assert_int_equal(rte_pktmbuf_mtod(f->given[0].m, uint8_t *)[6], 0); /* no DF */
	got = fake_got(f);
	assert_int_equal(strlen(got), 9004);
	assert_string_equal(got + 9001, "b y");
}

static void
datagram_without_checksum_stays_without(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;
	struct rte_mbuf *m = fake_datagram(&flow, SL_INSIDE, "#", 1);
	uint8_t *sum = rte_pktmbuf_mtod_offset(m, uint8_t *, 14 + 20 + 6);

	sum[0] = sum[1] = 0;
	fake_punt(f, &flow, SL_INSIDE, m);
	sum = rte_pktmbuf_mtod_offset(f->given[0].m, uint8_t *, 26);
	assert_int_equal(sum[0] | sum[1], 0);
	assert_string_equal(fake_got(f), "0");
}

static void
corrupt_datagram_is_not_made_right(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;
	struct rte_mbuf *m = fake_datagram(&flow, SL_INSIDE, "# x", 3);

	rte_pktmbuf_mtod_offset(m, uint8_t *, 14 + 28)[2] ^= 1;
	fake_punt(f, &flow, SL_INSIDE, m);
	assert_null(fake_got(f));
	assert_int_equal(fake_count(f, TOY)->dropped, 1);
}

static void
large_datagrams_in_several_segments_are_read_whole(void **state)
{
	static char text[SL_HELPER_MESSAGE_MAX + 2];
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	memset(text, 'z', sizeof(text));
	memcpy(text + SL_HELPER_MESSAGE_MAX - 2, " #", 3);
	fake_say(f, &flow, text);
	assert_string_equal(fake_got(f) + SL_HELPER_MESSAGE_MAX - 3, "z 0");
	/* one more byte and nobody looks */
	memcpy(text + SL_HELPER_MESSAGE_MAX - 2, "z #", 4);
	fake_say(f, &flow, text);
	assert_string_equal(fake_got(f) + SL_HELPER_MESSAGE_MAX - 3, "zz #");
	assert_int_equal(toy_shown, 1);
}

static void
refused_datagram_is_discarded(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "R");
	assert_null(fake_got(f));
	assert_int_equal(fake_count(f, TOY)->dropped, 1);
	fake_say(f, &flow, "next");
	assert_string_equal(fake_got(f), "next");
}

static void
passed_flow_is_looked_at_no_further(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "# P");
	assert_string_equal(fake_got(f), "0 P");
	fake_say(f, &flow, "#");
	assert_string_equal(fake_got(f), "#");
	assert_int_equal(fake_count(f, TOY)->passed, 1);
}

/* ---- waiting ---- */

static void
request_is_asked_once_and_its_message_shown_again_as_before(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "one");
	fake_got(f);
	fake_say(f, &flow, "# E7000 #");
	assert_null(fake_got(f));
	assert_int_equal(f->n_asked, 1);
	assert_int_equal(f->asked[0].worker, 0);
	assert_int_equal(fake_request(f, 0)->in_addr, flow.in_addr);
	assert_int_equal(fake_request(f, 0)->in_port, RTE_BE16(7000));
	assert_int_equal(fake_request(f, 0)->rem_addr, flow.rem_addr);
	assert_int_equal(fake_request(f, 0)->proto, IPPROTO_UDP);
	assert_int_equal(fake_request(f, 0)->lifetime, 10000);
	fake_answer(f, 0, 0);
	/* its state was put back: still the second message */
	assert_string_equal(fake_got(f), "1 20000 1");
	assert_int_equal(toy_shown, 3);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(fake_count(f, TOY)->messages, 2);
	assert_int_equal(fake_expectations(f), 1);
}

static void
requests_of_a_message_are_asked_one_after_the_other(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "E7000 E7002 E7004 #");
	for (uint16_t port = 7000; port < 7006; port += 2) {
		assert_int_equal(f->n_asked, 1);
		assert_int_equal(fake_request(f, 0)->in_port, rte_cpu_to_be_16(port));
		assert_null(fake_got(f));
		fake_answer(f, 0, 0);
	}
	assert_string_equal(fake_got(f), "20000 20001 20002 0");
	assert_int_equal(toy_shown, 4);
}

static void
refusal_of_a_worker_reaches_the_helper(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;
	char text[32];

	fake_say(f, &flow, "E7000 E7002");
	fake_answer(f, 0, -EDQUOT);
	fake_answer(f, 0, 0);
	snprintf(text, sizeof(text), "!%d 20000", EDQUOT);
	assert_string_equal(fake_got(f), text);
	assert_int_equal(fake_count(f, TOY)->refused, 1);
	assert_int_equal(fake_expectations(f), 1);
}

static void
packets_behind_a_waiting_one_keep_their_order(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000), other = fake_flow(HOST, 5001);
	struct fake *f = *state;

	fake_say(f, &flow, "E7000");
	fake_say(f, &flow, "second #");
	fake_punt(f, &flow, SL_OUTSIDE, fake_datagram(&flow, SL_OUTSIDE, "third #", 7));
	fake_say(f, &flow, "E7002 fourth");
	fake_say(f, &flow, "fifth #");
	fake_say(f, &other, "another flow does not wait");
	assert_string_equal(fake_got(f), "another flow does not wait");
	assert_null(fake_got(f));
	fake_answer(f, 0, 0);
	assert_string_equal(fake_got(f), "20000");
	assert_string_equal(fake_got(f), "second 1");
	assert_int_equal(f->given[0].note.side, SL_OUTSIDE);
	assert_string_equal(fake_got(f), "third 2");
	assert_null(fake_got(f));
	fake_answer(f, 0, 0);
	assert_string_equal(fake_got(f), "20001 fourth");
	assert_string_equal(fake_got(f), "fifth 4");
}

static void
no_more_than_so_many_packets_wait(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	for (int i = 0; i < 20; i++)
		fake_say(f, &flow, i == 0 ? "E7000" : "#");
	assert_int_equal(fake_count(f, TOY)->dropped, 4);
	fake_answer(f, 0, 0);
	assert_int_equal(f->n_given, 16);
	for (int i = 0; i < 15; i++)
		fake_got(f);
	assert_string_equal(fake_got(f), "15");
}

static void
answer_that_is_late_finds_its_message_discarded(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "E7000");
	fake_say(f, &flow, "second #");
	fake_wait(f, 2499);
	assert_null(fake_got(f));
	fake_wait(f, 1);
	/* as if the first one had never come */
	assert_string_equal(fake_got(f), "second 0");
	assert_int_equal(fake_count(f, TOY)->late, 1);
	/* what it had asked for is taken back as soon as that can be */
	assert_int_equal(f->n_asked, 1);
	fake_answer(f, 0, 0);
	assert_int_equal(f->n_asked, 1);
	assert_int_equal(f->asked[0].msg->op, SL_MSG_MAP_DEL);
	fake_answer(f, 0, 0);
	assert_int_equal(f->n_asked, 0);
	assert_int_equal(fake_expectations(f), 0);
}

static void
flow_that_ends_while_a_message_waits_leaves_nothing(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "E7000 E7002");
	fake_answer(f, 0, 0);
	fake_say(f, &flow, "second");
	fake_end(f, &flow);
	assert_int_equal(toy_ended, 1);
	assert_int_equal(fake_count(f, TOY)->flows_now, 0);
	/* the first is known and goes, the second when it is answered */
	assert_int_equal(f->n_asked, 2);
	assert_int_equal(f->asked[1].msg->op, SL_MSG_MAP_DEL);
	assert_int_equal(fake_request(f, 1)->in_port, RTE_BE16(7000));
	fake_answer(f, 0, 0);
	fake_answer(f, 0, 0);
	assert_int_equal(fake_request(f, 0)->in_port, RTE_BE16(7002));
	fake_answer(f, 0, -ENOENT);
	assert_int_equal(f->n_asked, 0);
	assert_int_equal(fake_expectations(f), 0);
	assert_null(fake_got(f));
}

static void
failed_replacement_takes_back_what_was_expected(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "E7000 B9000 B9000");
	fake_answer(f, 0, 0);
	/* more than fits: nothing is replaced */
	assert_string_equal(fake_got(f), "E7000 B9000 B9000");
	assert_int_equal(f->asked[0].msg->op, SL_MSG_MAP_DEL);
}

/* ---- expectations ---- */

static void
expectation_is_found_again_and_does_not_change_while_a_message_waits(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "Q7000 D7000 Q7000 E7008 Q7001 Q7002");
	fake_answer(f, 0, 0);
	fake_answer(f, 0, 0);
	assert_string_equal(fake_got(f), "- 20000 20000 20001 20001 -");
	fake_say(f, &flow, "Q7000 U7000 Q7000 E7010 Q7008");
	assert_int_equal(f->asked[0].msg->op, SL_MSG_MAP_DEL);
	fake_answer(f, 1, 0);
	assert_string_equal(fake_got(f), "20000 U7000 - 20002 20001");
}

static void
ending_and_asking_anew_reach_the_worker_in_this_order(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "E7000");
	fake_answer(f, 0, 0);
	fake_got(f);
	fake_say(f, &flow, "U7000 E7000");
	/* one thing at a time about one endpoint */
	assert_int_equal(f->n_asked, 1);
	assert_int_equal(f->asked[0].msg->op, SL_MSG_MAP_DEL);
	fake_answer(f, 0, 0);
	assert_int_equal(f->n_asked, 1);
	assert_int_equal(f->asked[0].msg->op, SL_MSG_MAP_ADD);
	fake_answer(f, 0, 0);
	assert_string_equal(fake_got(f), "U7000 20001");
	assert_int_equal(fake_expectations(f), 1);
}

static void
prolonging_asks_once_and_waits_for_nothing(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "L7000 E7000");
	fake_answer(f, 0, 0);
	fake_got(f);
	fake_say(f, &flow, "L7000");
	assert_string_equal(fake_got(f), "L7000");
	assert_int_equal(fake_request(f, 0)->lifetime, 60000);
	assert_int_equal(fake_request(f, 0)->out_port, RTE_BE16(20000));
	fake_answer(f, 0, 0);
	fake_wait(f, 59000);
	assert_int_equal(fake_expectations(f), 1);
	fake_wait(f, 1001);
	assert_int_equal(fake_expectations(f), 0);
	assert_int_equal(f->n_asked, 0);
}

static void
deletion_goes_on_until_all_sessions_are_gone(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;
	struct sl_msg *msg;

	fake_say(f, &flow, "E7000");
	fake_answer(f, 0, 0);
	fake_got(f);
	fake_end(f, &flow);
	msg = f->asked[0].msg;
	msg->cursor = 1; /* there are more */
	f->n_asked = 0;
	assert_true(sl_helpers_answer(f->hs, msg, f->now));
	assert_int_equal(f->n_asked, 1);
	assert_ptr_equal(f->asked[0].msg, msg);
	assert_int_equal(msg->cursor, 1);
	fake_answer(f, 0, 0);
	assert_int_equal(f->n_asked, 0);
}

static void
expectations_end_with_their_flow_unless_they_stay(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "E7000 S7002");
	fake_answer(f, 0, 0);
	fake_answer(f, 0, 0);
	fake_end(f, &flow);
	assert_int_equal(f->n_asked, 1);
	assert_int_equal(fake_request(f, 0)->in_port, RTE_BE16(7000));
	fake_answer(f, 0, 0);
	assert_int_equal(fake_expectations(f), 1);
	/* another flow of the same helper may speak of what stays */
	flow = fake_flow(HOST, 5001);
	fake_got(f);
	fake_say(f, &flow, "Q7002 U7002");
	assert_string_equal(fake_got(f), "20001 U7002");
	assert_int_equal(f->asked[0].msg->op, SL_MSG_MAP_DEL);
	fake_answer(f, 0, 0);
	assert_int_equal(fake_expectations(f), 0);
}

static void
expected_flow_has_the_cookie(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000), data;
	struct fake *f = *state;

	fake_say(f, &flow, "H7000 W8000");
	assert_int_equal(fake_request(f, 0)->helper, TOY);
	fake_answer(f, 0, 0);
	assert_true(fake_request(f, 0)->outward);
	fake_answer(f, 0, 0);
	fake_got(f);
	data = fake_flow(HOST, 7000);
	data.flags = SL_NOTE_INBOUND | SL_NOTE_EXPECTED;
	data.rem_port = RTE_BE16(1234);
	fake_say(f, &data, "C");
	assert_string_equal(fake_got(f), "7000");
	data = fake_flow(HOST, 9999);
	data.flags = SL_NOTE_EXPECTED;
	data.rem_port = RTE_BE16(8000);
	fake_say(f, &data, "C");
	assert_string_equal(fake_got(f), "8000");
	/* who was not expected has none */
	fake_say(f, &flow, "C");
	assert_string_equal(fake_got(f), "-");
}

static void
expectation_that_was_met_is_over(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000), data;
	struct fake *f = *state;

	fake_say(f, &flow, "H7000 E7002");
	fake_answer(f, 0, 0);
	fake_answer(f, 0, 0);
	fake_got(f);
	fake_met(f, HOST, 7000);
	fake_met(f, HOST, 7002); /* that is for more than one */
	assert_int_equal(fake_expectations(f), 1);
	/* whoever came is known for a while */
	data = fake_flow(HOST, 7000);
	data.flags = SL_NOTE_INBOUND | SL_NOTE_EXPECTED;
	fake_say(f, &data, "C");
	assert_string_equal(fake_got(f), "7000");
	/* it does not end with the flow that asked for it */
	fake_end(f, &flow);
	assert_int_equal(f->n_asked, 1);
	assert_int_equal(fake_request(f, 0)->in_port, RTE_BE16(7002));
	fake_answer(f, 0, 0);
	fake_wait(f, 3000);
	data = fake_flow(HOST, 7000);
	data.flow++;
	data.flags = SL_NOTE_INBOUND | SL_NOTE_EXPECTED;
	fake_say(f, &data, "C");
	assert_string_equal(fake_got(f), "-");
}

static void
what_was_met_may_be_expected_again(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	for (unsigned int i = 0; i < 100; i++) {
		fake_say(f, &flow, "O7000");
		fake_answer(f, 0, 0);
		assert_int_equal(*fake_got(f), '2');
		assert_int_equal(fake_expectations(f), 1);
		fake_met(f, HOST, 7000);
		assert_int_equal(fake_expectations(f), 0);
	}
	/* one that is being asked for is not the one that was met */
	fake_say(f, &flow, "O7000");
	fake_met(f, HOST, 7000);
	fake_answer(f, 0, 0);
	assert_int_equal(fake_expectations(f), 1);
}

/* ---- rings ---- */

static void
few_questions_are_under_way_to_a_worker_at_once(void **state)
{
	struct fake *f = *state;

	for (uint16_t i = 0; i < 10; i++) {
		struct sl_helper_note flow = fake_flow((uint8_t)(10 + 2 * i), 5000 + i);

		fake_say(f, &flow, "E7000");
	}
	assert_int_equal(f->n_asked, 8);
	/* the other worker's are not kept waiting */
	struct sl_helper_note odd = fake_flow(11, 6000);
	fake_say(f, &odd, "E7000");
	assert_int_equal(f->n_asked, 9);
	fake_answer(f, 0, 0);
	assert_int_equal(f->n_asked, 9);
	while (f->n_asked > 0)
		fake_answer(f, 0, 0);
	assert_int_equal(f->n_sent, 11);
	assert_int_equal(f->n_given, 11);
}

static void
question_waits_for_room_in_the_ring(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	f->ask_full = true;
	fake_say(f, &flow, "E7000");
	assert_int_equal(f->n_asked, 0);
	f->ask_full = false;
	fake_wait(f, 1000);
	assert_int_equal(f->n_asked, 1);
	fake_answer(f, 0, 0);
	assert_string_equal(fake_got(f), "20000");
}

static void
packet_for_a_full_ring_is_counted(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	f->give_full = true;
	fake_say(f, &flow, "lost");
	assert_int_equal(fake_count(f, TOY)->dropped, 1);
	assert_int_equal(pipe_mbufs_out(), 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(addresses_behind_the_prefix_of_a_flow),
		T(message_without_requests_goes_on_as_it_came),
		T(replaced_bytes_have_right_lengths_and_checksums),
		T(datagram_that_grows_may_be_cut_and_spans_segments),
		T(datagram_without_checksum_stays_without),
		T(corrupt_datagram_is_not_made_right),
		T(large_datagrams_in_several_segments_are_read_whole),
		T(refused_datagram_is_discarded),
		T(passed_flow_is_looked_at_no_further),
		T(request_is_asked_once_and_its_message_shown_again_as_before),
		T(requests_of_a_message_are_asked_one_after_the_other),
		T(refusal_of_a_worker_reaches_the_helper),
		T(packets_behind_a_waiting_one_keep_their_order),
		T(no_more_than_so_many_packets_wait),
		T(answer_that_is_late_finds_its_message_discarded),
		T(flow_that_ends_while_a_message_waits_leaves_nothing),
		T(failed_replacement_takes_back_what_was_expected),
		T(expectation_is_found_again_and_does_not_change_while_a_message_waits),
		T(ending_and_asking_anew_reach_the_worker_in_this_order),
		T(prolonging_asks_once_and_waits_for_nothing),
		T(deletion_goes_on_until_all_sessions_are_gone),
		T(expectations_end_with_their_flow_unless_they_stay),
		T(expected_flow_has_the_cookie),
		T(expectation_that_was_met_is_over),
		T(what_was_met_may_be_expected_again),
		T(few_questions_are_under_way_to_a_worker_at_once),
		T(question_waits_for_room_in_the_ring),
		T(packet_for_a_full_ring_is_counted),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
