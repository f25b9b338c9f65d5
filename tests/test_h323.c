/* SPDX-License-Identifier: BSD-3-Clause
 *
 * H.323 call signalling through whole gateways: what becomes of the addresses in each message,
 * which connections and media come in because of them, and what must open nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "h323say.h"

/* Answers, and what is said in a call at any time. */
static const uint8_t answers[] = { SL_Q931_CALL_PROCEEDING, SL_Q931_ALERTING, SL_Q931_CONNECT,
	SL_Q931_PROGRESS, Q931_FACILITY };

static const struct h323_make plain_setup = { .type = SL_Q931_SETUP, .call = 1 };

static struct talk_end
next_port(struct talk_end e)
{
	e.port++;
	return e;
}

/* ---- who may call whom ---- */

static void
setup_from_inside(void **state)
{
	const struct h323_make m = {
		.type = SL_Q931_SETUP,
		.call = 1,
		.source = CALLER,
		.dest = CALLEE,
		.alias = "10.0.0.2:1720",
		.h245 = "10.0.0.2:6200",
	};
	struct pipe *p = h323_gateway(state, "");
	struct talk_end at;
	struct talk t;

	h323_from_inside(&t, p);
	h323_say(&t, SL_INSIDE, &m);
	at = h323_became("10.0.0.2:6200", 0);
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	/* call signalling is at this connection's own endpoint */
	assert_memory_equal(&(struct talk_end[]){ h323_became(CALLER, 0) }, &t.from[SL_INSIDE], 6);
	assert_memory_equal(
		&(struct talk_end[]){ h323_became("10.0.0.2:1720", 0) }, &t.from[SL_INSIDE], 6);
	h323_rest_is_as_said();
	/* one connection of the remote end, whatever its port */
	assert_nobody(talk_knock(p, "203.0.113.66:4000", at));
	assert_nobody(h323_media(p, "198.51.100.9:4000", at));
	assert_end(talk_knock(p, "198.51.100.9:4000", at), "10.0.0.2:6200");
	assert_nobody(talk_knock(p, "198.51.100.9:4001", at));
	h323_finish(p);
}

static void
setup_from_outside(void **state)
{
	const struct h323_make m = {
		.type = SL_Q931_SETUP,
		.call = 1,
		.source = PEER,
		.dest = OUTSIDE,
		.h245 = "198.51.100.7:6200",
	};
	struct pipe *p = h323_gateway(state, FORWARD);
	struct talk t;

	h323_from_outside(&t, p);
	h323_say(&t, SL_OUTSIDE, &m);
	assert_end(h323_became(OUTSIDE, 0), SERVER);
	h323_rest_is_as_said();
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static void
h245_address_in_each_answer_of_an_insider(void **state)
{
	for (size_t i = 0; i < RTE_DIM(answers); i++) {
		const struct h323_make m = {
			.type = answers[i],
			.call = 0x8001,
			.h245 = "10.0.0.3:6200",
		};
		struct pipe *p = h323_gateway(state, FORWARD);
		struct talk_end at;
		struct talk t;

		h323_from_outside(&t, p);
		h323_untouched(&t, SL_OUTSIDE, &plain_setup);
		h323_say(&t, SL_INSIDE, &m);
		at = h323_became("10.0.0.3:6200", 0);
		assert_int_equal(at.addr, conf_addr("192.0.2.1"));
		h323_rest_is_as_said();
		/* said again, it is the same */
		h323_say(&t, SL_INSIDE, &m);
		assert_int_equal(h323_became("10.0.0.3:6200", 0).port, at.port);
		assert_nobody(talk_knock(p, "203.0.113.66:4000", at));
		assert_end(talk_knock(p, "198.51.100.7:4000", at), "10.0.0.3:6200");
		h323_finish(p);
	}
}

static void
signal_address_in_facility(void **state)
{
	const struct h323_make m = {
		.type = Q931_FACILITY,
		.call = 1,
		.other = "10.0.0.2:1720",
	};
	const struct h323_make foreign = {
		.type = Q931_FACILITY,
		.call = 1,
		.other = "10.0.0.77:1720",
	};
	struct pipe *p = h323_gateway(state, "");
	struct talk t;

	h323_from_inside(&t, p);
	h323_untouched(&t, SL_INSIDE, &plain_setup);
	h323_say(&t, SL_INSIDE, &m);
	assert_int_equal(h323_became("10.0.0.2:1720", 0).port, t.from[SL_INSIDE].port);
	h323_rest_is_as_said();
	h323_untouched(&t, SL_INSIDE, &foreign);
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

/* ---- media ---- */

static void
assert_pair(struct pipe *p, struct talk_end rtp)
{
	assert_int_equal(rtp.addr, conf_addr("192.0.2.1"));
	assert_int_equal(rtp.port % 2, 0);
	assert_nobody(h323_media(p, "203.0.113.66:9000", rtp));
	assert_nobody(talk_knock(p, "198.51.100.9:9000", rtp));
	assert_end(h323_media(p, "198.51.100.9:9000", rtp), "10.0.0.2:7000");
	assert_end(h323_media(p, "198.51.100.9:9002", rtp), "10.0.0.2:7000");
	assert_end(h323_media(p, "198.51.100.9:9001", next_port(rtp)), "10.0.0.2:7001");
}

static void
fast_start_of_the_caller(void **state)
{
	struct bits sends = h323_open(1, H323_G711, NULL, "10.0.0.2:7001");
	struct bits gets = h323_open(2, H323_NULL, "10.0.0.2:7000", "10.0.0.2:7001");
	const struct h323_make m = {
		.type = SL_Q931_SETUP,
		.call = 1,
		.source = CALLER,
		.fast = { &sends, &gets },
	};
	struct pipe *p = h323_gateway(state, "");
	struct talk_end rtp, rtcp;
	struct talk t;

	h323_from_inside(&t, p);
	h323_say(&t, SL_INSIDE, &m);
	h323_became(CALLER, 0);
	rtp = h323_became("10.0.0.2:7000", 0);
	rtcp = h323_became("10.0.0.2:7001", 0);
	assert_int_equal(rtcp.port, rtp.port + 1);
	assert_int_equal(h323_became("10.0.0.2:7001", 1).port, rtcp.port);
	h323_rest_is_as_said();
	assert_pair(p, rtp);
	h323_finish(p);
}

static void
fast_start_in_each_answer(void **state)
{
	for (size_t i = 0; i < RTE_DIM(answers); i++) {
		struct bits open = h323_open(1, H323_G711, "10.0.0.3:7000", "10.0.0.3:7001");
		const struct h323_make m = {
			.type = answers[i],
			.call = 0x8001,
			.fast = { &open },
		};
		struct pipe *p = h323_gateway(state, FORWARD);
		struct talk_end rtp;
		struct talk t;

		h323_from_outside(&t, p);
		h323_untouched(&t, SL_OUTSIDE, &plain_setup);
		h323_say(&t, SL_INSIDE, &m);
		rtp = h323_became("10.0.0.3:7000", 0);
		assert_int_equal(h323_became("10.0.0.3:7001", 0).port, rtp.port + 1);
		h323_rest_is_as_said();
		assert_end(h323_media(p, "198.51.100.7:9000", rtp), "10.0.0.3:7000");
		h323_finish(p);
	}
}

static void
each_kind_of_media_is_walked_over(void **state)
{
	for (unsigned int kind = 0; kind < H323_MEDIA_KINDS; kind++) {
		struct bits open = h323_open(
			5, kind, "10.0.0.2:7000", kind == H323_T120 ? NULL : "10.0.0.2:7001");
		const struct h323_make m = {
			.type = SL_Q931_SETUP,
			.call = 1,
			.fast = { &open },
		};
		struct pipe *p = h323_gateway(state, "");
		struct talk_end at;
		struct talk t;

		h323_from_inside(&t, p);
		h323_say(&t, SL_INSIDE, &m);
		at = h323_became("10.0.0.2:7000", 0);
		if (kind == H323_T120) {
			assert_end(talk_knock(p, "198.51.100.9:9000", at), "10.0.0.2:7000");
		} else {
			h323_became("10.0.0.2:7001", 0);
			assert_pair(p, at);
		}
		h323_rest_is_as_said();
		h323_finish(p);
	}
}

static void
odd_port_for_media(void **state)
{
	struct bits open = h323_open(5, H323_G711, "10.0.0.2:7001", NULL);
	const struct h323_make m = { .type = SL_Q931_SETUP, .call = 1, .fast = { &open } };
	struct pipe *p = h323_gateway(state, "");
	struct talk_end at;
	struct talk t;

	h323_from_inside(&t, p);
	h323_say(&t, SL_INSIDE, &m);
	at = h323_became("10.0.0.2:7001", 0);
	assert_end(h323_media(p, "198.51.100.9:9000", at), "10.0.0.2:7001");
	h323_finish(p);
}

static void
many_proposals_ask_once(void **state)
{
	struct bits open[H323_LIST];
	struct h323_make m = { .type = SL_Q931_SETUP, .call = 1 };
	struct pipe *p = h323_gateway(state, "");
	struct talk_end at;
	struct talk t;

	for (unsigned int i = 0; i < H323_LIST; i++) {
		open[i] = h323_open((uint16_t)(i + 1), H323_G711, "10.0.0.2:7000", "10.0.0.2:7001");
		m.fast[i] = &open[i];
	}
	h323_from_inside(&t, p);
	h323_say(&t, SL_INSIDE, &m);
	at = h323_became("10.0.0.2:7000", 0);
	h323_became("10.0.0.2:7001", 0);
	for (unsigned int i = 1; i < H323_LIST; i++) {
		assert_int_equal(h323_became("10.0.0.2:7000", i).port, at.port);
		assert_int_equal(h323_became("10.0.0.2:7001", i).port, at.port + 1);
	}
	h323_rest_is_as_said();
	assert_int_equal(h323_mappings(p), 3);
	h323_finish(p);
}

/* ---- the same bytes elsewhere ---- */

static void
bytes_of_the_address_elsewhere_stay(void **state)
{
	static const uint8_t types[] = { SL_Q931_SETUP, SL_Q931_CALL_PROCEEDING, SL_Q931_ALERTING,
		SL_Q931_CONNECT, SL_Q931_PROGRESS, Q931_FACILITY };
	static const char elsewhere[] = "172.31.255.254:65533";

	for (size_t i = 0; i < RTE_DIM(types); i++) {
		bool caller = types[i] == SL_Q931_SETUP;
		struct h323_make m = {
			.type = types[i],
			.call = caller ? 1 : 0x8001,
			.h245 = elsewhere,
			.decoy = caller ? "10.0.0.2:6200" : "10.0.0.3:6200",
		};
		struct pipe *p = h323_gateway(state, caller ? "" : FORWARD);
		uint8_t b[H323_MAX];
		unsigned int before = 0;
		struct talk_end at;
		struct talk t;
		size_t n, where, k;

		/* where the field is, and which one of the same bytes that makes it */
		n = h323_make(&m, b);
		where = h323_find(b, n, 0, elsewhere);
		m.h245 = m.decoy;
		n = h323_make(&m, b);
		for (k = h323_find(b, n, 0, m.decoy); k < where; before++)
			k = h323_find(b, n, k + 1, m.decoy);
		assert_true(before >= 1 && k == where);
		if (caller) {
			h323_from_inside(&t, p);
		} else {
			h323_from_outside(&t, p);
			h323_untouched(&t, SL_OUTSIDE, &plain_setup);
		}
		h323_say(&t, SL_INSIDE, &m);
		at = h323_became(m.decoy, before);
		assert_int_equal(at.addr, conf_addr("192.0.2.1"));
		h323_rest_is_as_said();
		h323_finish(p);
	}
}

/* ---- what opens nothing ---- */

static void
foreign_addresses_and_low_ports_open_nothing(void **state)
{
	static const char *const ends[] = { "10.0.0.3:6200", "198.51.100.9:6200", "127.0.0.1:6200",
		"192.0.2.2:6200", "10.0.0.2:22", "10.0.0.2:0", "10.0.0.2:1023", "10.0.0.2:3389",
		"10.0.0.2:1720" };
	struct pipe *p = h323_gateway(state, "");
	struct talk t;

	h323_from_inside(&t, p);
	h323_untouched(&t, SL_INSIDE, &plain_setup);
	for (size_t i = 0; i < RTE_DIM(ends); i++) {
		struct bits open = h323_open(1, H323_G711, ends[i], NULL);
		const struct h323_make m = { .type = Q931_FACILITY, .call = 1, .h245 = ends[i] };
		const struct h323_make fast = {
			.type = Q931_FACILITY,
			.call = 1,
			.fast = { &open },
		};

		h323_untouched(&t, SL_INSIDE, &m);
		if (i + 1 < RTE_DIM(ends))
			h323_untouched(&t, SL_INSIDE, &fast);
	}
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static void
nothing_without_a_setup(void **state)
{
	struct pipe *p = h323_gateway(state, "");
	struct bits open = h323_open(1, H323_G711, "10.0.0.2:7000", NULL);
	struct h323_make m = { .call = 1, .h245 = "10.0.0.2:6200", .fast = { &open } };
	struct talk t;

	h323_from_inside(&t, p);
	for (size_t i = 0; i < RTE_DIM(answers); i++) {
		m.type = answers[i];
		h323_untouched(&t, SL_INSIDE, &m);
	}
	/* the first one is of who has opened the connection */
	h323_untouched(&t, SL_OUTSIDE, &plain_setup);
	m.type = SL_Q931_CONNECT;
	h323_untouched(&t, SL_INSIDE, &m);
	/* and another call's */
	h323_untouched(&t, SL_INSIDE, &plain_setup);
	m.type = Q931_FACILITY;
	m.call = 2;
	h323_untouched(&t, SL_INSIDE, &m);
	/* the caller does not answer itself */
	m.type = SL_Q931_CONNECT;
	m.call = 1;
	h323_untouched(&t, SL_INSIDE, &m);
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static void
nothing_after_the_call(void **state)
{
	const struct h323_make over = { .type = SL_Q931_RELEASE_COMPLETE, .call = 0x8001 };
	struct pipe *p = h323_gateway(state, "");
	struct bits open = h323_open(1, H323_G711, "10.0.0.2:7000", "10.0.0.2:7001");
	const struct h323_make m = {
		.type = Q931_FACILITY,
		.call = 1,
		.h245 = "10.0.0.2:6200",
		.fast = { &open },
	};
	struct talk_end rtp, h245;
	struct talk t;

	h323_from_inside(&t, p);
	h323_untouched(&t, SL_INSIDE, &plain_setup);
	h323_say(&t, SL_INSIDE, &m);
	h245 = h323_became("10.0.0.2:6200", 0);
	rtp = h323_became("10.0.0.2:7000", 0);
	assert_pair(p, rtp);
	h323_untouched(&t, SL_OUTSIDE, &over);
	pipe_settle(p);
	assert_nobody(h323_media(p, "198.51.100.9:9000", rtp));
	assert_nobody(h323_media(p, "198.51.100.9:9001", next_port(rtp)));
	assert_nobody(talk_knock(p, "198.51.100.9:9000", h245));
	h323_untouched(&t, SL_INSIDE, &m);
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static void
one_call_of_two_ends(void **state)
{
	const struct h323_make over = { .type = SL_Q931_RELEASE_COMPLETE, .call = 2 };
	struct bits one = h323_open(1, H323_G711, "10.0.0.2:7000", NULL);
	struct bits two = h323_open(1, H323_G711, "10.0.0.2:7002", NULL);
	const struct h323_make first = { .type = SL_Q931_SETUP, .call = 1, .fast = { &one } };
	const struct h323_make second = { .type = SL_Q931_SETUP, .call = 2, .fast = { &two } };
	struct pipe *p = h323_gateway(state, "");
	struct talk_end a, b;
	struct talk t;

	h323_from_inside(&t, p);
	h323_say(&t, SL_INSIDE, &first);
	a = h323_became("10.0.0.2:7000", 0);
	h323_say(&t, SL_INSIDE, &second);
	b = h323_became("10.0.0.2:7002", 0);
	h323_untouched(&t, SL_INSIDE, &over);
	pipe_settle(p);
	assert_nobody(h323_media(p, "198.51.100.9:9000", b));
	assert_end(h323_media(p, "198.51.100.9:9000", a), "10.0.0.2:7000");
	h323_finish(p);
}

static void
off_unless_switched_on(void **state)
{
	struct pipe *p = pipe_create(*(unsigned int *)*state, "helper ftp on", 1, 1000000);
	const struct h323_make m = {
		.type = SL_Q931_SETUP,
		.call = 1,
		.source = CALLER,
		.h245 = "10.0.0.2:6200",
	};
	struct talk t;

	h323_from_inside(&t, p);
	h323_untouched(&t, SL_INSIDE, &m);
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

/* ---- bytes ---- */

static void
message_cut_anywhere_comes_out_whole(void **state)
{
	const struct h323_make m = { .type = SL_Q931_SETUP, .call = 1, .h245 = "10.0.0.2:6200" };
	uint8_t b[H323_MAX], got[H323_MAX];
	size_t n = h323_make(&m, b), at = h323_find(b, n, 0, "10.0.0.2:6200");

	for (uint32_t cut = 1; cut < n; cut++) {
		struct pipe *p = h323_gateway(state, "");
		const uint8_t *part;
		struct talk_end e;
		struct talk t;
		uint32_t k;

		h323_from_inside(&t, p);
		part = talk_send(&t, SL_INSIDE, b, cut);
		k = t.n_got;
		memcpy(got, part, k);
		part = talk_send(&t, SL_INSIDE, b + cut, (uint32_t)n - cut);
		assert_int_equal(k + t.n_got, n);
		memcpy(got + k, part, t.n_got);
		memcpy(&e.addr, got + at, 4);
		e.port = (uint16_t)(got[at + 4] << 8 | got[at + 5]);
		memcpy(got + at, b + at, 6);
		assert_memory_equal(got, b, n);
		assert_end(talk_knock(p, "198.51.100.9:4000", e), "10.0.0.2:6200");
		h323_finish(p);
	}
}

/* Whatever is broken in it, it arrives, as long as it was; and the next message is as good. */
static void
broken_messages_pass(void **state)
{
	struct bits open = h323_open(1, H323_G711, "10.0.0.2:7000", "10.0.0.2:7001");
	const struct h323_make m = {
		.type = SL_Q931_SETUP,
		.call = 1,
		.source = CALLER,
		.h245 = "10.0.0.2:6200",
		.fast = { &open },
	};
	struct pipe *p = h323_gateway(state, "");
	uint8_t b[H323_MAX];
	size_t n = h323_make(&m, b);
	unsigned int random = 1;
	struct talk t;

	h323_from_inside(&t, p);
	for (unsigned int i = 0; i < 3000; i++) {
		uint8_t broken[H323_MAX];

		memcpy(broken, b, n);
		for (unsigned int k = 0; k <= i % 3; k++) {
			random = random * 1103515245 + 12345;
			broken[27 + (random >> 16) % (n - 27)] ^= (uint8_t)(1 << (random >> 8) % 8);
		}
		talk_send(&t, SL_INSIDE, broken, (uint32_t)n);
		assert_int_equal(t.n_got, n);
	}
	h323_say(&t, SL_INSIDE, &m);
	assert_int_equal(h323_became("10.0.0.2:6200", 0).addr, conf_addr("192.0.2.1"));
	h323_finish(p);
}

static void
cut_off_encodings_stay(void **state)
{
	const struct h323_make m = { .type = SL_Q931_SETUP, .call = 1, .h245 = "10.0.0.2:6200" };
	struct pipe *p = h323_gateway(state, "");
	uint8_t b[H323_MAX];
	size_t n = h323_make(&m, b);
	struct talk t;

	h323_from_inside(&t, p);
	for (size_t k = 28; k < n; k++) {
		const uint8_t *got;

		/* all the lengths around it tell of the cut */
		b[2] = (uint8_t)(k >> 8);
		b[3] = (uint8_t)k;
		b[24] = (uint8_t)((k - 26) >> 8);
		b[25] = (uint8_t)(k - 26);
		got = talk_send(&t, SL_INSIDE, b, (uint32_t)k);
		assert_int_equal(t.n_got, k);
		assert_memory_equal(got, b, k);
	}
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static void
others_at_this_port_pass(void **state)
{
	static const char *const words[] = { "POST / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x03",
		"\x03\x01\x01\x01", "\x04" };
	const struct h323_make m = { .type = SL_Q931_SETUP, .call = 1, .h245 = "10.0.0.2:6200" };

	for (size_t i = 0; i < RTE_DIM(words); i++) {
		struct pipe *p = h323_gateway(state, "");
		struct talk t;

		h323_from_inside(&t, p);
		assert_string_equal(talk_say(&t, SL_INSIDE, words[i]), words[i]);
		h323_untouched(&t, SL_INSIDE, &m);
		assert_int_equal(h323_mappings(p), 1);
		h323_finish(p);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(setup_from_inside),
	cmocka_unit_test(setup_from_outside),
	cmocka_unit_test(h245_address_in_each_answer_of_an_insider),
	cmocka_unit_test(signal_address_in_facility),
	cmocka_unit_test(fast_start_of_the_caller),
	cmocka_unit_test(fast_start_in_each_answer),
	cmocka_unit_test(each_kind_of_media_is_walked_over),
	cmocka_unit_test(odd_port_for_media),
	cmocka_unit_test(many_proposals_ask_once),
	cmocka_unit_test(bytes_of_the_address_elsewhere_stay),
	cmocka_unit_test(foreign_addresses_and_low_ports_open_nothing),
	cmocka_unit_test(nothing_without_a_setup),
	cmocka_unit_test(nothing_after_the_call),
	cmocka_unit_test(one_call_of_two_ends),
	cmocka_unit_test(off_unless_switched_on),
	cmocka_unit_test(message_cut_anywhere_comes_out_whole),
	cmocka_unit_test(broken_messages_pass),
	cmocka_unit_test(cut_off_encodings_stay),
	cmocka_unit_test(others_at_this_port_pass),
};

int
main(void)
{
	static struct CMUnitTest all[RTE_DIM(tests) * 3];
	static unsigned int workers[3] = { 1, 2, 3 };

	for (size_t i = 0; i < RTE_DIM(all); i++) {
		all[i] = tests[i / 3];
		all[i].initial_state = &workers[i % 3];
	}
	return cmocka_run_group_tests(all, pipe_setup, NULL);
}
