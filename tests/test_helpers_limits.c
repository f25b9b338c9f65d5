/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Helpers without a gateway: what they may open and how much, flows that come, end, are mistaken
 * for others, and helpers that are switched off.
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

#define HOST 2

static int
set_up(void **state)
{
	*state = fake_create(64, 128);
	return 0;
}

static int
tear_down(void **state)
{
	fake_destroy(*state);
	return 0;
}

/* What a flow's helper is told when it expects something; nobody is asked when it may not. */
static void
assert_told(struct fake *f, const struct sl_helper_note *flow, const char *word, int status)
{
	unsigned int sent = f->n_sent;
	char text[16];

	fake_say(f, flow, word);
	if (status == 0) {
		assert_int_equal(f->n_sent, sent + 1);
		fake_answer(f, 0, 0);
		assert_int_not_equal(*fake_got(f), '!');
		return;
	}
	snprintf(text, sizeof(text), "!%d", status);
	assert_string_equal(fake_got(f), text);
	assert_int_equal(f->n_sent, sent);
}

/* ---- what may be opened ---- */

static void
only_the_flows_own_host_is_opened(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	assert_told(f, &flow, "X10.0.0.3:7000", EPERM);
	assert_told(f, &flow, "X192.0.2.1:7000", EPERM);
	assert_told(f, &flow, "X198.51.100.9:7000", EPERM);
	assert_told(f, &flow, "X10.0.0.2:7000", 0);
	assert_int_equal(fake_count(f, TOY)->refused, 3);
}

static void
helper_that_speaks_for_others_opens_inside_hosts(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	flow.helper = TOY_PROXY;
	assert_told(f, &flow, "X10.0.0.8:7000", 0);
	assert_told(f, &flow, "X10.1.0.8:7000", EPERM);
	assert_told(f, &flow, "X198.51.100.9:7000", EPERM);
}

static void
worker_of_the_other_host_is_asked(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	flow.helper = TOY_PROXY;
	fake_say(f, &flow, "X10.0.0.9:7000");
	assert_int_equal(f->asked[0].worker, 1);
	fake_answer(f, 0, 0);
}

static void
low_ports_and_services_are_not_opened(void **state)
{
	static const char *const words[] = { "E0", "E22", "E1023", "E1434", "E1900", "E3389",
		"E5060", "E5353", "E11211", "D3388" };
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	for (size_t i = 0; i < RTE_DIM(words); i++)
		assert_told(f, &flow, words[i], EPERM);
	/* nor where helpers have their servers, on or off */
	assert_told(f, &flow, "E4000", EPERM);
	assert_told(f, &flow, "E4001", EPERM);
	assert_told(f, &flow, "E1024", 0);
	assert_told(f, &flow, "E65535", 0);
	/* X11 is not served by UDP, media take such ports */
	assert_told(f, &flow, "E6000", 0);
	assert_told(f, &flow, "D65535", EINVAL);
}

static void
own_endpoint_may_be_a_services(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 4000);
	struct fake *f = *state;

	assert_told(f, &flow, "E4000", 0);
	flow = fake_flow(HOST, 5000);
	assert_told(f, &flow, "E4000", EPERM);
}

/* ---- how much ---- */

static void
flow_has_a_quota(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000), other = fake_flow(HOST, 5001);
	struct fake *f = *state;
	char word[16];

	for (int i = 0; i < 32; i++) {
		snprintf(word, sizeof(word), "E%u", 7000 + i);
		assert_told(f, &flow, word, 0);
	}
	assert_told(f, &flow, "E8100", EDQUOT);
	/* the same again is nothing new; another flow has its own; what stays is no flow's */
	assert_told(f, &flow, "E7000", 0);
	assert_told(f, &other, "E8100", 0);
	assert_told(f, &flow, "S8200", 0);
	fake_say(f, &flow, "U7000 E8101");
	fake_answer(f, 1, 0);
	fake_answer(f, 0, 0);
	assert_string_equal(fake_got(f), "U7000 20035");
}

static void
what_was_met_counts_for_no_quota(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;
	char word[16];

	for (uint16_t i = 0; i < 100; i++) {
		snprintf(word, sizeof(word), "O%u", 7000 + i);
		assert_told(f, &flow, word, 0);
		fake_met(f, HOST, 7000 + i);
	}
}

static void
host_has_a_quota_over_its_flows(void **state)
{
	struct fake *f = *state;
	struct sl_helper_note flow = fake_flow(HOST, 5000), other = fake_flow(HOST + 2, 5000);
	char word[16];

	for (unsigned int i = 0; i < 64; i++) {
		flow = fake_flow(HOST, (uint16_t)(5000 + i / 16));
		snprintf(word, sizeof(word), "E%u", 7000 + i);
		assert_told(f, &flow, word, 0);
	}
	assert_told(f, &flow, "E8100", EDQUOT);
	other.flow = 6000;
	assert_told(f, &other, "E8100", 0);
	/* time gives them back */
	fake_wait(f, 10001);
	assert_told(f, &flow, "E8100", 0);
}

static void
table_has_an_end(void **state)
{
	struct fake *f = *state;
	struct sl_helper_note flow;
	char word[16];

	for (unsigned int i = 0; i < 128; i++) {
		flow = fake_flow((uint8_t)(10 + i / 4), (uint16_t)(5000 + i / 4));
		snprintf(word, sizeof(word), "E%u", 7000 + i);
		assert_told(f, &flow, word, 0);
	}
	flow = fake_flow(100, 6000);
	assert_told(f, &flow, "E7000", ENOSPC);
}

static void
lifetime_is_cut(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	assert_told(f, &flow, "E7000", 0);
	fake_wait(f, 9999);
	assert_int_equal(fake_expectations(f), 1);
	fake_wait(f, 1);
	assert_int_equal(fake_expectations(f), 0);
}

static void
one_message_may_ask_for_so_much(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;
	char text[64 * 6] = "";

	for (unsigned int i = 0; i < 3 * SL_HELPER_REQUESTS_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "U%u ", 1000 + i);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "E7000");
	fake_say(f, &flow, text);
	snprintf(text, sizeof(text), "!%d", ENOSPC);
	assert_non_null(strstr(fake_got(f), text));
	assert_int_equal(f->n_sent, 0);
}

/* ---- flows ---- */

static void
flow_at_the_same_place_is_another_one(void **state)
{
	struct sl_helper_note old = fake_flow(HOST, 5000), new = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &old, "one");
	fake_say(f, &old, "E7000");
	fake_answer(f, 0, 0);
	new.created++;
	fake_say(f, &new, "#");
	assert_int_equal(toy_ended, 1);
	fake_got(f);
	fake_got(f);
	assert_string_equal(fake_got(f), "0");
	assert_int_equal(f->asked[0].msg->op, SL_MSG_MAP_DEL);
	/* the end of the old one comes late, and means nothing */
	fake_end(f, &old);
	assert_int_equal(toy_ended, 1);
	fake_say(f, &new, "#");
	assert_string_equal(fake_got(f), "1");
	fake_answer(f, 0, 0);
}

static void
flow_born_in_the_same_millisecond_is_told_apart(void **state)
{
	struct sl_helper_note old = fake_flow(HOST, 5000), new = fake_flow(HOST, 5001);
	struct fake *f = *state;

	fake_say(f, &old, "#");
	new.flow = old.flow;
	fake_say(f, &new, "#");
	fake_got(f);
	assert_string_equal(fake_got(f), "0");
	assert_int_equal(toy_ended, 1);
}

static void
end_of_an_unknown_flow_is_nothing(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_end(f, &flow);
	assert_int_equal(toy_ended, 0);
}

static void
silent_flow_is_forgotten_when_its_end_was_lost(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	fake_say(f, &flow, "x");
	fake_wait(f, 300000);
	assert_int_equal(toy_ended, 0);
	fake_wait(f, 60001);
	assert_int_equal(toy_ended, 1);
	assert_int_equal(fake_count(f, TOY)->flows_now, 0);
}

static void
flows_beyond_a_hosts_share_are_not_looked_at(void **state)
{
	struct sl_helper_note flow;
	struct fake *f = *state;

	for (uint16_t i = 0; i < 9; i++) {
		flow = fake_flow(HOST, (uint16_t)(5000 + i));
		fake_say(f, &flow, "#");
		assert_string_equal(fake_got(f), i < 8 ? "0" : "#");
	}
	flow = fake_flow(HOST + 1, 6000);
	fake_say(f, &flow, "#");
	assert_string_equal(fake_got(f), "0");
	/* its place is free again when one ends */
	flow = fake_flow(HOST, 5000);
	fake_end(f, &flow);
	flow = fake_flow(HOST, 5008);
	fake_say(f, &flow, "#");
	assert_string_equal(fake_got(f), "0");
}

static void
note_of_no_helper_is_discarded(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct fake *f = *state;

	flow.helper = 3;
	fake_say(f, &flow, "x");
	assert_null(fake_got(f));
}

/* ---- switches ---- */

static void
configure(struct fake *f, uint16_t off)
{
	struct sl_config *c = sl_config_create();

	sl_helper_defaults(c, toy_helpers);
	c->tenant[0].helpers.off = off;
	sl_helpers_configure(f->hs, c);
	sl_config_destroy(c);
}

static void
switched_off_helper_looks_at_no_message_more(void **state)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000), other = fake_flow(HOST, 5001);
	struct fake *f = *state;

	fake_say(f, &flow, "E7000");
	configure(f, 1 << TOY);
	fake_say(f, &other, "#");
	assert_string_equal(fake_got(f), "#");
	/* the one that waits is done with */
	fake_answer(f, 0, 0);
	assert_string_equal(fake_got(f), "20000");
	fake_say(f, &flow, "#");
	assert_string_equal(fake_got(f), "#");
	/* whoever was passed over once stays so: half a dialogue is worse than none */
	configure(f, 0);
	fake_say(f, &flow, "#");
	assert_string_equal(fake_got(f), "#");
	other = fake_flow(HOST, 5002);
	fake_say(f, &other, "#");
	assert_string_equal(fake_got(f), "0");
}

/* ---- for the box itself ---- */

static bool
local(struct fake *f, uint16_t port, const char *text)
{
	struct sl_helper_note flow = fake_flow(HOST, 5000);
	struct sl_punt punt = { .cause = SL_PUNT_LOCAL, .side = SL_INSIDE, .l3 = 14 };

	flow.rem_port = rte_cpu_to_be_16(port);
	punt.m = fake_datagram(&flow, SL_INSIDE, text, strlen(text));
	if (sl_helpers_local(f->hs, &punt, f->now))
		return true;
	rte_pktmbuf_free(punt.m);
	return false;
}

static void
datagram_for_the_box_is_taken_when_the_helper_wants_it(void **state)
{
	struct fake *f = *state;

	assert_true(local(f, 4000, "T"));
	assert_false(local(f, 4000, "for the kernel"));
	assert_int_equal(toy_local, 2);
	assert_false(local(f, 4001, "T")); /* takes none */
	assert_false(local(f, 53, "T"));
	configure(f, 1 << TOY);
	assert_false(local(f, 4000, "T"));
	assert_int_equal(toy_local, 2);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(only_the_flows_own_host_is_opened),
		T(helper_that_speaks_for_others_opens_inside_hosts),
		T(worker_of_the_other_host_is_asked),
		T(low_ports_and_services_are_not_opened),
		T(own_endpoint_may_be_a_services),
		T(flow_has_a_quota),
		T(what_was_met_counts_for_no_quota),
		T(host_has_a_quota_over_its_flows),
		T(table_has_an_end),
		T(lifetime_is_cut),
		T(one_message_may_ask_for_so_much),
		T(flow_at_the_same_place_is_another_one),
		T(flow_born_in_the_same_millisecond_is_told_apart),
		T(end_of_an_unknown_flow_is_nothing),
		T(silent_flow_is_forgotten_when_its_end_was_lost),
		T(flows_beyond_a_hosts_share_are_not_looked_at),
		T(note_of_no_helper_is_discarded),
		T(switched_off_helper_looks_at_no_message_more),
		T(datagram_for_the_box_is_taken_when_the_helper_wants_it),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
