/* SPDX-License-Identifier: BSD-3-Clause
 *
 * H.245 through whole gateways, on connections of its own and within call signalling: logical
 * channels, their media, and what ends them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "h323say.h"

static const struct h323_make plain_setup = { .type = SL_Q931_SETUP, .call = 1 };

static struct talk_end
next_port(struct talk_end e)
{
	e.port++;
	return e;
}

static const char *
text_of(struct talk_end e)
{
	static char text[4][32];
	static unsigned int next;
	const uint8_t *b = (const uint8_t *)&e.addr;
	char *to = text[next++ % 4];

	snprintf(to, sizeof(text[0]), "%u.%u.%u.%u:%u", b[0], b[1], b[2], b[3], e.port);
	return to;
}

/* ---- connections ---- */

/* The caller is inside and listens for H.245; the remote end connects. */
static void
insider_listens(struct talk *call, struct talk *h245, struct pipe *p)
{
	const struct h323_make m = { .type = SL_Q931_SETUP, .call = 1, .h245 = "10.0.0.2:6200" };
	struct talk_end at;

	h323_from_inside(call, p);
	h323_say(call, SL_INSIDE, &m);
	at = h323_became("10.0.0.2:6200", 0);
	talk_open_inbound(h245, p, "198.51.100.9:4100", text_of(at), "10.0.0.2:6200");
}

/* The remote end listens, the caller inside connects. */
static void
remote_listens(struct talk *call, struct talk *h245, struct pipe *p)
{
	const struct h323_make m = {
		.type = SL_Q931_CONNECT,
		.call = 0x8001,
		.h245 = "198.51.100.9:3000",
	};

	h323_from_inside(call, p);
	h323_untouched(call, SL_INSIDE, &plain_setup);
	h323_untouched(call, SL_OUTSIDE, &m);
	talk_open(h245, p, "10.0.0.2:5001", "198.51.100.9:3000");
}

/* Both ends open a channel and get an Ack; where the media of 10.0.0.2 came to be. */
static struct talk_end
open_channels(struct talk *h245)
{
	struct talk_end rtp, rtcp;

	h245_untouched(h245, SL_INSIDE, h245_determination());
	h245_say(h245, SL_INSIDE, h245_open(1, H323_G711, NULL, "10.0.0.2:7001"));
	rtcp = h323_became("10.0.0.2:7001", 0);
	h323_rest_is_as_said();
	h245_untouched(h245, SL_OUTSIDE, h245_open(1, H323_G711, NULL, "198.51.100.9:8001"));
	h245_untouched(h245, SL_OUTSIDE, h245_ack(1, "198.51.100.9:8000", "198.51.100.9:8001"));
	h245_say(h245, SL_INSIDE, h245_ack(1, "10.0.0.2:7000", "10.0.0.2:7001"));
	rtp = h323_became("10.0.0.2:7000", 0);
	assert_int_equal(h323_became("10.0.0.2:7001", 0).port, rtp.port + 1);
	h323_rest_is_as_said();
	assert_int_equal(rtp.addr, conf_addr("192.0.2.1"));
	assert_int_equal(rtp.port % 2, 0);
	assert_int_equal(rtcp.port, rtp.port + 1);
	return rtp;
}

static void
assert_media(struct pipe *p, struct talk_end rtp)
{
	assert_nobody(h323_media(p, "203.0.113.66:8000", rtp));
	assert_end(h323_media(p, "198.51.100.9:8000", rtp), "10.0.0.2:7000");
	assert_end(h323_media(p, "198.51.100.9:8001", next_port(rtp)), "10.0.0.2:7001");
}

static void
remote_end_connects_to_h245(void **state)
{
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;

	insider_listens(&call, &h245, p);
	assert_media(p, open_channels(&h245));
	h323_finish(p);
}

static void
insider_connects_to_h245(void **state)
{
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;

	remote_listens(&call, &h245, p);
	assert_media(p, open_channels(&h245));
	h323_finish(p);
}

/* What has come is over: it counts against nothing. */
static void
many_calls_by_one_connection(void **state)
{
	struct pipe *p = h323_gateway(state, "timeout tcp-closing 1");
	struct talk call;

	h323_from_inside(&call, p);
	for (uint16_t i = 1; i <= 80; i++) {
		const struct h323_make begin = { .type = SL_Q931_SETUP, .call = i };
		const struct h323_make over = { .type = SL_Q931_RELEASE_COMPLETE, .call = i };
		char from[32], to[32];
		struct h323_make m = {
			.type = SL_Q931_CONNECT,
			.call = 0x8000 | i,
			.h245 = to,
		};
		struct talk h245;

		snprintf(from, sizeof(from), "10.0.0.2:%u", 10000u + i);
		snprintf(to, sizeof(to), "198.51.100.9:%u", 3000u + i);
		h323_untouched(&call, SL_INSIDE, &begin);
		h323_untouched(&call, SL_OUTSIDE, &m);
		talk_open(&h245, p, from, to);
		h245_say(&h245, SL_INSIDE, h245_open(1, H323_G711, NULL, "10.0.0.2:7001"));
		assert_int_equal(h323_became("10.0.0.2:7001", 0).addr, conf_addr("192.0.2.1"));
		h323_rest_is_as_said();
		talk_close(&h245, SL_INSIDE, true);
		h323_untouched(&call, SL_INSIDE, &over);
		p->now += 1500;
		pipe_settle(p);
	}
	h323_finish(p);
}

static void
other_connections_are_not_h245(void **state)
{
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245, other;

	remote_listens(&call, &h245, p);
	talk_open(&other, p, "10.0.0.2:5002", "198.51.100.9:3001");
	h245_untouched(&other, SL_INSIDE, h245_open(1, H323_G711, NULL, "10.0.0.2:7001"));
	/* and call signalling is none either */
	h245_untouched(&call, SL_INSIDE, h245_open(1, H323_G711, NULL, "10.0.0.2:7001"));
	assert_int_equal(h323_mappings(p), 3);
	h323_finish(p);
}

static void
somebody_elses_listener_is_not_followed(void **state)
{
	const struct h323_make m = {
		.type = SL_Q931_CONNECT,
		.call = 0x8001,
		.h245 = "198.51.100.77:3000",
	};
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;

	h323_from_inside(&call, p);
	h323_untouched(&call, SL_INSIDE, &plain_setup);
	h323_untouched(&call, SL_OUTSIDE, &m);
	talk_open(&h245, p, "10.0.0.2:5001", "198.51.100.77:3000");
	h245_untouched(&h245, SL_INSIDE, h245_open(1, H323_G711, NULL, "10.0.0.2:7001"));
	h323_finish(p);
}

static void
several_messages_in_one_packet(void **state)
{
	struct bits a = h245_open(1, H323_G711, NULL, "10.0.0.2:7001");
	struct bits b = h245_open(2, H323_H261, NULL, "10.0.0.2:7003");
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;
	struct talk_end one, two;

	remote_listens(&call, &h245, p);
	/* one TPKT with both: each begins with a whole byte */
	a.n = (a.n + 7) / 8 * 8;
	memcpy(a.b + a.n / 8, b.b, (b.n + 7) / 8);
	a.n += b.n;
	h245_say(&h245, SL_INSIDE, a);
	one = h323_became("10.0.0.2:7001", 0);
	two = h323_became("10.0.0.2:7003", 0);
	h323_rest_is_as_said();
	assert_end(h323_media(p, "198.51.100.9:8001", one), "10.0.0.2:7001");
	assert_end(h323_media(p, "198.51.100.9:8001", two), "10.0.0.2:7003");
	h323_finish(p);
}

/* ---- within call signalling ---- */

static void
tunnelled(void **state)
{
	struct bits determination = h245_determination(),
		    open = h245_open(1, H323_G7231, NULL, "10.0.0.3:7001"),
		    theirs = h245_open(7, H323_G7231, NULL, "198.51.100.7:8001"),
		    ack = h245_ack(7, "10.0.0.3:7000", "10.0.0.3:7001");
	const struct h323_make first = {
		.type = SL_Q931_CONNECT,
		.call = 0x8001,
		.control = { &determination, &open },
	};
	const struct h323_make from_remote = {
		.type = Q931_FACILITY,
		.call = 1,
		.control = { &determination, &theirs },
	};
	const struct h323_make answer = {
		.type = Q931_FACILITY,
		.call = 0x8001,
		.control = { &ack },
		.decoy = "10.0.0.3:7000",
	};
	struct pipe *p = h323_gateway(state, FORWARD);
	struct talk_end rtp, rtcp;
	unsigned int before = 0;
	uint8_t b[H323_MAX];
	struct talk t;
	size_t n, k;

	h323_from_outside(&t, p);
	h323_untouched(&t, SL_OUTSIDE, &plain_setup);
	h323_say(&t, SL_INSIDE, &first);
	rtcp = h323_became("10.0.0.3:7001", 0);
	h323_rest_is_as_said();
	h323_untouched(&t, SL_OUTSIDE, &from_remote);
	h323_say(&t, SL_INSIDE, &answer);
	/* the last one of the same bytes is the mediaChannel */
	n = h323_make(&answer, b);
	for (k = h323_find(b, n, 0, answer.decoy); k < n; k = h323_find(b, n, k + 1, answer.decoy))
		before++;
	assert_true(before > 3);
	rtp = h323_became("10.0.0.3:7000", before - 1);
	assert_int_equal(h323_became("10.0.0.3:7001", 0).port, rtp.port + 1);
	assert_int_equal(rtcp.port, rtp.port + 1);
	h323_rest_is_as_said();
	assert_end(h323_media(p, "198.51.100.7:8000", rtp), "10.0.0.3:7000");
	h323_finish(p);
}

static void
tunnelled_in_parallel_to_fast_start(void **state)
{
	struct bits fast = h323_open(1, H323_G711, "10.0.0.2:7000", NULL);
	struct bits open = h245_open(2, H323_H263, NULL, "10.0.0.2:7101");
	const struct h323_make m = {
		.type = SL_Q931_SETUP,
		.call = 1,
		.fast = { &fast },
		.control = { &open },
	};
	struct pipe *p = h323_gateway(state, "");
	struct talk_end rtp, rtcp;
	struct talk t;

	h323_from_inside(&t, p);
	h323_say(&t, SL_INSIDE, &m);
	rtp = h323_became("10.0.0.2:7000", 0);
	rtcp = h323_became("10.0.0.2:7101", 0);
	h323_rest_is_as_said();
	assert_end(h323_media(p, "198.51.100.9:8000", rtp), "10.0.0.2:7000");
	assert_end(h323_media(p, "198.51.100.9:8000", rtcp), "10.0.0.2:7101");
	h323_finish(p);
}

/* ---- both inside ---- */

static void
two_insiders(void **state)
{
	const struct h323_make m = {
		.type = SL_Q931_CONNECT,
		.call = 0x8001,
		.h245 = "10.0.0.3:6200",
	};
	struct pipe *p = h323_gateway(state, FORWARD);
	struct talk_end at, rtp, rtcp;
	struct talk call, h245;

	talk_open_hairpin(&call, p, CALLER, OUTSIDE, SERVER);
	h323_untouched(&call, SL_INSIDE, &plain_setup);
	h323_say(&call, SL_OUTSIDE, &m);
	at = h323_became("10.0.0.3:6200", 0);
	assert_int_equal(at.addr, conf_addr("192.0.2.1"));
	h323_rest_is_as_said();
	talk_open_hairpin(&h245, p, "10.0.0.2:5001", text_of(at), "10.0.0.3:6200");
	h245_say(&h245, SL_INSIDE, h245_open(1, H323_G711, NULL, "10.0.0.2:7001"));
	rtcp = h323_became("10.0.0.2:7001", 0);
	assert_int_equal(rtcp.addr, conf_addr("192.0.2.1"));
	h245_say(&h245, SL_OUTSIDE, h245_ack(1, "10.0.0.3:7000", "10.0.0.3:7001"));
	rtp = h323_became("10.0.0.3:7000", 0);
	assert_int_equal(rtp.addr, conf_addr("192.0.2.1"));
	assert_int_equal(h323_became("10.0.0.3:7001", 0).port, rtp.port + 1);
	h323_rest_is_as_said();
	h323_finish(p);
}

/* ---- what opens nothing ---- */

static void
ack_that_nobody_asked_for(void **state)
{
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;

	remote_listens(&call, &h245, p);
	h245_untouched(&h245, SL_INSIDE, h245_ack(1, "10.0.0.2:7000", NULL));
	/* the channel is its own, or another one */
	h245_untouched(&h245, SL_INSIDE, h245_open(1, H323_G711, NULL, NULL));
	h245_untouched(&h245, SL_OUTSIDE, h245_open(2, H323_G711, NULL, NULL));
	h245_untouched(&h245, SL_INSIDE, h245_ack(1, "10.0.0.2:7000", NULL));
	assert_int_equal(h323_mappings(p), 2);
	h245_say(&h245, SL_INSIDE, h245_ack(2, "10.0.0.2:7000", NULL));
	h323_became("10.0.0.2:7000", 0);
	h323_rest_is_as_said();
	/* once */
	h245_untouched(&h245, SL_INSIDE, h245_ack(2, "10.0.0.2:7002", NULL));
	assert_int_equal(h323_mappings(p), 4);
	h323_finish(p);
}

static void
foreign_media_open_nothing(void **state)
{
	static const char *const ends[] = { "10.0.0.3:7001", "198.51.100.9:7001", "127.0.0.1:7001",
		"10.0.0.2:23", "10.0.0.2:1", "10.0.0.2:0", "10.0.0.2:5060" };
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;

	remote_listens(&call, &h245, p);
	for (uint16_t i = 0; i < RTE_DIM(ends); i++)
		h245_untouched(&h245, SL_INSIDE, h245_open(i + 1, H323_G711, ends[i], ends[i]));
	assert_int_equal(h323_mappings(p), 2);
	h323_finish(p);
}

static void
no_more_than_the_quota(void **state)
{
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;
	char end[32];

	remote_listens(&call, &h245, p);
	for (uint16_t i = 0; i < 200; i++) {
		snprintf(end, sizeof(end), "10.0.0.2:%u", 20000 + 2 * i);
		h245_say(&h245, SL_INSIDE, h245_open(i + 1, H323_G711, NULL, end));
	}
	h323_rest_is_as_said();
	assert_true(h323_mappings(p) <= 2 + 2 * 32);
	h323_finish(p);
}

/* ---- ends ---- */

static void
end_session_ends_its_media(void **state)
{
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;
	struct talk_end rtp;

	remote_listens(&call, &h245, p);
	rtp = open_channels(&h245);
	assert_media(p, rtp);
	h245_untouched(&h245, SL_OUTSIDE, h245_end());
	pipe_settle(p);
	assert_nobody(h323_media(p, "198.51.100.9:8000", rtp));
	assert_int_equal(h323_mappings(p), 2);
	h323_finish(p);
}

static void
media_end_with_their_connection(void **state)
{
	struct pipe *p = h323_gateway(state, "timeout tcp-closing 1");
	struct talk call, h245;
	struct talk_end rtp;

	remote_listens(&call, &h245, p);
	rtp = open_channels(&h245);
	assert_media(p, rtp);
	talk_close(&h245, SL_OUTSIDE, true);
	for (unsigned int i = 0; i < 5; i++) {
		p->now += 1000;
		pipe_settle(p);
	}
	assert_int_equal(h323_mappings(p), 1);
	assert_nobody(h323_media(p, "198.51.100.9:8000", rtp));
	h323_finish(p);
}

static void
unused_media_lapse(void **state)
{
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;
	struct talk_end rtp;

	remote_listens(&call, &h245, p);
	rtp = open_channels(&h245);
	p->now += 241 * 1000;
	pipe_settle(p);
	assert_nobody(h323_media(p, "198.51.100.9:8000", rtp));
	assert_nobody(h323_media(p, "198.51.100.9:8001", next_port(rtp)));
	h323_finish(p);
}

/* ---- bytes ---- */

static void
broken_messages_pass(void **state)
{
	struct bits m = h245_open(1, H323_H263, "10.0.0.2:7000", "10.0.0.2:7001");
	struct pipe *p = h323_gateway(state, "");
	struct talk call, h245;
	unsigned int random = 1;
	uint8_t b[H323_MAX], broken[H323_MAX];
	size_t n = h323_tpkt(&m, b);

	remote_listens(&call, &h245, p);
	for (unsigned int i = 0; i < 3000; i++) {
		memcpy(broken, b, n);
		for (unsigned int k = 0; k <= i % 3; k++) {
			random = random * 1103515245 + 12345;
			broken[4 + (random >> 16) % (n - 4)] ^= (uint8_t)(1 << (random >> 8) % 8);
		}
		talk_send(&h245, SL_INSIDE, broken, (uint32_t)n);
		assert_int_equal(h245.n_got, n);
	}
	for (size_t k = 5; k < n; k++) {
		b[2] = 0;
		b[3] = (uint8_t)k;
		assert_memory_equal(talk_send(&h245, SL_INSIDE, b, (uint32_t)k), b, k);
	}
	h323_finish(p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(remote_end_connects_to_h245),
	cmocka_unit_test(insider_connects_to_h245),
	cmocka_unit_test(many_calls_by_one_connection),
	cmocka_unit_test(other_connections_are_not_h245),
	cmocka_unit_test(somebody_elses_listener_is_not_followed),
	cmocka_unit_test(several_messages_in_one_packet),
	cmocka_unit_test(tunnelled),
	cmocka_unit_test(tunnelled_in_parallel_to_fast_start),
	cmocka_unit_test(two_insiders),
	cmocka_unit_test(ack_that_nobody_asked_for),
	cmocka_unit_test(foreign_media_open_nothing),
	cmocka_unit_test(no_more_than_the_quota),
	cmocka_unit_test(end_session_ends_its_media),
	cmocka_unit_test(media_end_with_their_connection),
	cmocka_unit_test(unused_media_lapse),
	cmocka_unit_test(broken_messages_pass),
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
