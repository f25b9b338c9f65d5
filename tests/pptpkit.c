/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Both ends of PPTP on the bench: control messages as RFC 2637 lays them out, and enhanced GRE.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pptpkit.h"

static unsigned int turn;

struct pipe *
pptp_gateway_plain(void **state, const char *conf)
{
	return pipe_create(*(unsigned int *)*state, conf, 1, PPTP_BASE);
}

struct pipe *
pptp_gateway(void **state, const char *conf)
{
	char text[512];

	snprintf(text, sizeof(text), "helper pptp on; %s", conf);
	return pptp_gateway_plain(state, text);
}

void
pptp_finish(struct pipe *p)
{
	char why[128] = "";

	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

/* ---- control messages ---- */

static void
put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t
pptp_build(uint8_t *b, unsigned int type, uint16_t id, uint16_t peer, uint8_t result)
{
	static const uint16_t length[] = { 0, 156, 156, 16, 16, 16, 20, 168, 32, 220, 24, 28, 16,
		148, 40, 24 };
	static const uint8_t head[] = { 0, 0, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d };
	uint32_t n = length[type];

	/* What nobody may touch is to be seen. */
	for (uint32_t i = 0; i < n; i++)
		b[i] = (uint8_t)(i * 7 + type);
	memcpy(b, head, sizeof(head));
	put16(b, n);
	put16(b + 8, type);
	put16(b + 12, id);
	put16(b + 14, peer);
	if (type == SCCRP)
		b[14] = result;
	else if (n > 16)
		b[16] = result;
	return n;
}

struct ids
pptp_say(struct talk *t, enum sl_side from, unsigned int type, uint16_t id, uint16_t peer,
	uint8_t result)
{
	uint8_t b[256];
	uint32_t n = pptp_build(b, type, id, peer, result);
	const uint8_t *got = talk_send(t, from, b, n);

	assert_int_equal(t->n_got, n);
	assert_memory_equal(got, b, 12);
	assert_memory_equal(got + 16, b + 16, n - 16);
	return (struct ids){ get16(got + 12), get16(got + 14) };
}

void
pptp_untouched(struct talk *t, enum sl_side from, unsigned int type, uint16_t id, uint16_t peer,
	uint8_t result)
{
	uint8_t b[256];
	uint32_t n = pptp_build(b, type, id, peer, result);
	const uint8_t *got = talk_send(t, from, b, n);

	assert_int_equal(t->n_got, n);
	assert_memory_equal(got, b, n);
}

static void
start(struct talk *t, enum sl_side opener)
{
	pptp_untouched(t, opener, SCCRQ, 0x100, 0, 0);
	pptp_untouched(t, SL_ACROSS(opener), SCCRP, 0x100, 0, 1);
}

void
pptp_open(struct talk *t, struct pipe *p, const char *inside, const char *server)
{
	char from[32], to[32];

	snprintf(from, sizeof(from), "%s:%u", inside, 40000 + turn % 1000);
	snprintf(to, sizeof(to), "%s:1723", server);
	talk_open(t, p, from, to);
	start(t, SL_INSIDE);
}

void
pptp_open_inbound(struct talk *t, struct pipe *p, const char *remote, const char *inside)
{
	char from[32], to[32];

	snprintf(from, sizeof(from), "%s:%u", remote, 40000 + turn % 1000);
	snprintf(to, sizeof(to), "%s:1723", inside);
	talk_open_inbound(t, p, from, "192.0.2.1:1723", to);
	start(t, SL_OUTSIDE);
}

uint16_t
pptp_dial(struct talk *t, enum sl_side caller, uint16_t own, uint16_t other)
{
	struct ids asked = pptp_say(t, caller, OCRQ, own, 0x4444, 0), told;

	assert_int_equal(asked.peer, 0x4444);
	told = pptp_say(t, SL_ACROSS(caller), OCRP, other, asked.id, 1);
	assert_int_equal(told.peer, own);
	if (caller == SL_INSIDE)
		assert_int_equal(told.id, other);
	else
		assert_int_equal(asked.id, own);
	return caller == SL_INSIDE ? asked.id : told.id;
}

/* ---- packets ---- */

static void
assert_came(struct pipe *p, enum sl_side side, const char *want)
{
	static struct pt_names names;
	static uint8_t flat[PT_FRAME_MAX];
	struct pt_default def;
	char why[512] = "";
	const uint8_t *b;
	uint32_t len;

	if (strncmp(want, "@in ", 4) == 0) {
		side = SL_INSIDE;
		want += 4;
	}
	if (p->n_got != 1)
		fail_msg("%u packets instead of: %s", p->n_got, want);
	assert_false(p->got[0].punt);
	assert_int_equal(p->got[0].side, side);
	len = p->got[0].m->pkt_len;
	b = rte_pktmbuf_read(p->got[0].m, 0, len, flat);
	def = pipe_default_out(p, side, 0, b, len);
	names.n = 0;
	if (pt_match(want, b, len, &def, &names, why, sizeof(why)) != 0) {
		pt_dump("came", b, len);
		fail_msg("%s; wanted: %s", why, want);
	}
}

void
pptp_packet(struct pipe *p, enum sl_side side, const char *in, const char *out)
{
	struct pt_default def = pipe_default_in(p, side, NULL, 0);
	static struct pt_frame f;
	struct rte_mbuf *m;
	char why[256];

	if (pt_build(in, &def, &f, why, sizeof(why)) < 0)
		fail_msg("%s: %s", in, why);
	/* Its bytes say who sent it. */
	def = pipe_default_in(p, side, f.b, f.len);
	pt_build(in, &def, &f, why, sizeof(why));
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, turn++ % p->n_workers, side, &m, 1);
	pipe_settle(p);
	if (out != NULL)
		assert_came(p, SL_ACROSS(side), out);
	else
		assert_int_equal(p->n_got, 0);
	pipe_discard(p);
}

void
pptp_gre(struct pipe *p, enum sl_side side, const char *src, const char *dst, uint16_t id,
	const char *want_src, const char *want_dst, uint16_t want_id)
{
	static const char gre[] =
		"%sip %s > %s proto=47 hex=3081880b0004%04x0000000700000009deadbeef";
	char in[256], out[256];

	snprintf(in, sizeof(in), gre, "", src, dst, id);
	if (want_src != NULL)
		snprintf(out, sizeof(out), gre, "", want_src, want_dst, want_id);
	pptp_packet(p, side, in, want_src != NULL ? out : NULL);
}

void
pptp_tunnel(struct pipe *p, const char *inside, const char *outside, const char *remote,
	uint16_t own, uint16_t out, uint16_t other)
{
	pptp_gre(p, SL_INSIDE, inside, remote, other, outside, remote, other);
	pptp_gre(p, SL_OUTSIDE, remote, outside, out, remote, inside, own);
}

void
pptp_no_tunnel(struct pipe *p, const char *inside, const char *outside, const char *remote,
	uint16_t out, uint16_t other, enum sl_counter why)
{
	uint64_t before = sl_counter_sum(p->nat, why);

	pptp_gre(p, SL_INSIDE, inside, remote, other, NULL, NULL, 0);
	pptp_gre(p, SL_OUTSIDE, remote, outside, out, NULL, NULL, 0);
	assert_int_equal(sl_counter_sum(p->nat, why), before + 2);
}

unsigned int
pptp_sessions(struct pipe *p)
{
	static struct sl_session s[256];
	struct sl_select gre = { .proto = IPPROTO_GRE };

	return pipe_ask(p, SL_MSG_SESSIONS, &gre, s, sizeof(s[0]), RTE_DIM(s));
}

void
pptp_wait(struct pipe *p, uint64_t ms)
{
	p->now += ms;
	pipe_poll(p, 64);
	pipe_settle(p);
}

int
pptp_run(const struct CMUnitTest *tests, size_t n)
{
	static struct CMUnitTest all[200];
	static unsigned int workers[3] = { 1, 2, 3 };

	assert_true(3 * n <= RTE_DIM(all));
	for (size_t i = 0; i < 3 * n; i++) {
		all[i] = tests[i / 3];
		all[i].initial_state = &workers[i % 3];
	}
	return _cmocka_run_group_tests("pptp", all, 3 * n, pipe_setup, NULL);
}
