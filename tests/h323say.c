/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Conversations in H.323 through whole gateways. The last message is kept, as it was said and as
 * it arrived, so that a test can ask what became of it, byte by byte.
 */
#include "h323say.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct {
	uint8_t said[H323_MAX], arrived[H323_MAX];
	size_t n;
} last;

struct pipe *
h323_gateway(void **state, const char *conf)
{
	char text[256];

	snprintf(text, sizeof(text), "helper h323 on; %s", conf);
	return pipe_create(*(unsigned int *)*state, text, 1, 1000000);
}

void
h323_finish(struct pipe *p)
{
	char why[128] = "";

	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

void
h323_from_inside(struct talk *t, struct pipe *p)
{
	talk_open(t, p, CALLER, CALLEE);
}

void
h323_from_outside(struct talk *t, struct pipe *p)
{
	talk_open_inbound(t, p, PEER, OUTSIDE, SERVER);
}

static void
send_last(struct talk *t, enum sl_side from)
{
	const uint8_t *got = talk_send(t, from, last.said, (uint32_t)last.n);

	assert_int_equal(t->n_got, last.n);
	memcpy(last.arrived, got, last.n);
}

void
h323_say(struct talk *t, enum sl_side from, const struct h323_make *make)
{
	last.n = h323_make(make, last.said);
	send_last(t, from);
}

void
h323_untouched(struct talk *t, enum sl_side from, const struct h323_make *make)
{
	h323_say(t, from, make);
	h323_rest_is_as_said();
}

void
h245_say(struct talk *t, enum sl_side from, struct bits message)
{
	last.n = h323_tpkt(&message, last.said);
	send_last(t, from);
}

void
h245_untouched(struct talk *t, enum sl_side from, struct bits message)
{
	h245_say(t, from, message);
	h323_rest_is_as_said();
}

struct talk_end
h323_became(const char *endpoint, unsigned int i)
{
	size_t at = h323_find(last.said, last.n, 0, endpoint);
	struct talk_end e;

	while (i-- > 0)
		at = h323_find(last.said, last.n, at + 1, endpoint);
	assert_true(at + 6 <= last.n);
	memcpy(&e.addr, last.arrived + at, 4);
	e.port = (uint16_t)(last.arrived[at + 4] << 8 | last.arrived[at + 5]);
	memcpy(last.arrived + at, last.said + at, 6);
	return e;
}

void
h323_rest_is_as_said(void)
{
	assert_memory_equal(last.arrived, last.said, last.n);
}

struct talk_end
h323_media(struct pipe *p, const char *remote, struct talk_end at)
{
	struct talk_end reached = { .port = 0 };
	static struct pt_frame f;
	char text[128], why[128];
	struct pt_default def = pipe_default_in(p, SL_OUTSIDE, NULL, 0);
	const uint8_t *b = (const uint8_t *)&at.addr;
	struct rte_mbuf *m;

	snprintf(text, sizeof(text), "udp %s > %u.%u.%u.%u:%u \"rtp\"", remote, b[0], b[1], b[2],
		b[3], at.port);
	if (pt_build(text, &def, &f, why, sizeof(why)) < 0)
		fail_msg("%s: %s", text, why);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, 0, SL_OUTSIDE, &m, 1);
	pipe_settle(p);
	if (p->n_got > 0) {
		b = rte_pktmbuf_mtod(p->got[0].m, const uint8_t *) + 14;
		assert_int_equal(p->n_got, 1);
		assert_false(p->got[0].punt);
		assert_int_equal(p->got[0].side, SL_INSIDE);
		assert_int_equal(b[9], IPPROTO_UDP);
		memcpy(&reached.addr, b + 16, 4);
		reached.port = (uint16_t)(b[22] << 8 | b[23]);
	}
	pipe_discard(p);
	return reached;
}

void
assert_end(struct talk_end got, const char *want)
{
	struct talk_end e = talk_end(want);

	assert_int_equal(got.port, e.port);
	assert_int_equal(got.addr, e.addr);
}

void
assert_nobody(struct talk_end got)
{
	assert_int_equal(got.port, 0);
}

uint64_t
h323_mappings(const struct pipe *p)
{
	return sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW);
}
