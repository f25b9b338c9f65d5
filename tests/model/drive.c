/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The gateway and its model take the same step, and then everything that can be seen of either is
 * compared: each byte that left, by which side, the one drop that was counted, sessions and
 * mappings made; now and then the tables, entry by entry, and the ports in use.
 *
 * Packets come to any worker, which hands them to their owner; the step is over when all workers
 * have nothing more to do. Time moves before a packet, with or without a turn of the workers, so
 * that it may find what is over and not swept yet.
 */
#include "drive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define QUOTED (M_ETH + 40 + 8) /* the packet that an ICMPv6 error quotes */

static void __attribute__((format(printf, 2, 3))) differ(struct drive *d, const char *format, ...)
{
	va_list ap;

	if (d->why[0] != 0)
		return;
	va_start(ap, format);
	vsnprintf(d->why, sizeof(d->why), format, ap);
	va_end(ap);
}

/* ---- what the gateway has chosen ---- */

static unsigned int
got_bytes(const struct pipe_packet *g, uint8_t *b)
{
	unsigned int len = RTE_MIN(g->m->pkt_len, (uint32_t)M_FRAME_MAX);
	const void *from = rte_pktmbuf_read(g->m, 0, len, b);

	if (from != b)
		memcpy(b, from, len);
	return len;
}

/* The outer tuple, as the receiver sees it. */
static bool
pick_from_packet(const struct drive *d, const struct m_session *s, uint32_t *out, uint16_t *port)
{
	uint8_t b[M_FRAME_MAX];
	unsigned int at;

	if (d->p->n_got != 1 || d->p->got[0].punt || d->m->real != M_NO_DROP)
		return false;
	got_bytes(&d->p->got[0], b);
	if (m_get16(b + 12) == 0x0800 && (m_get16(b + M_ETH + 6) & 0x1fff) != 0)
		return false; /* a later fragment has no ports */
	at = M_ETH + (b[M_ETH] & 15) * 4u;
	*out = m_get32(b + M_ETH + 12);
	if (m_get16(b + 12) == 0x86dd) {
		at = M_ETH + 40;
		if (!m_extract(&d->m->c.prefix, b + M_ETH + 8, out))
			return false;
	}
	*port = (uint16_t)m_get16(b + at + (s->proto == M_ICMP ? 4 : 0));
	return true;
}

static bool
pick(void *arg, const struct m_session *s, uint32_t *out, uint16_t *port)
{
	struct drive *d = arg;
	struct sl_session found[16];
	struct sl_select select = { .in_port = rte_cpu_to_be_16(s->in_port),
		.rem = { rte_cpu_to_be_32(s->rem), 32 },
		.rem_port = rte_cpu_to_be_16(s->rem_port),
		.proto = s->proto };
	unsigned int n;

	if (pick_from_packet(d, s, out, port))
		return true;
	if (s->in.six) {
		memcpy(select.in6.addr.b, s->in.v6, 16);
		select.in6.plen = 128;
	} else {
		select.in = (struct sl_ifaddr){ rte_cpu_to_be_32(s->in.v4), 32 };
	}
	n = pipe_ask(d->p, SL_MSG_SESSIONS, &select, found, sizeof(found[0]), RTE_DIM(found));
	for (unsigned int i = 0; i < n; i++) {
		if (found[i].age != 0 || found[i].opened_inbound)
			continue;
		*out = rte_be_to_cpu_32(found[i].out_addr);
		*port = rte_be_to_cpu_16(found[i].out_port);
		return true;
	}
	return false;
}

static bool
full(void *arg)
{
	struct drive *d = arg;
	unsigned int n = d->workers, max = d->m->c.max_sessions, each = max;

	if (n > 1)
		each = max / n + max / n / 8;
	for (unsigned int i = 0; i < n; i++)
		if (sl_counter_get(d->p->nat, i, SL_COUNTER_SESSIONS_NOW) >= each)
			return true;
	return false;
}

/* ---- a step ---- */

static bool
zeros(const uint8_t *a)
{
	return m_get16(a) == 0 || m_get16(a) == 0xffff;
}

static void
adopt_id(struct m_out *o, const uint8_t *real)
{
	bool six = m_get16(o->b + 12) == 0x86dd;
	uint8_t *id = o->b + M_ETH + (six ? 46 : 4);

	if (!o->any_id && o->piece == NULL)
		return;
	if (o->piece == NULL || !o->piece->picked)
		memcpy(id, real + (id - o->b), 2);
	else
		m_put16(id, o->piece->new_id);
	if (o->piece != NULL) {
		o->piece->picked = true;
		o->piece->new_id = m_get16(id);
	}
	if (!six)
		m_seal(o->b + M_ETH);
}

/* The id of a quoted packet is what it was before the gateway gave it one of its own, if it has
 * given that one to a packet of the session: the header's checksum must be as right as before. */
static void
adopt_quoted_id(struct m_out *o, const uint8_t *real)
{
	uint8_t *q = o->b + o->quote;
	unsigned int was, sum;

	if (o->quote == 0)
		return;
	was = m_get16(q + 4);
	memcpy(q + 4, real + o->quote + 4, 2);
	sum = (0xffff - m_get16(q + 10)) + (0xffff - was) + m_get16(q + 4);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	m_put16(q + 10, 0xffff - sum);
	if (zeros(q + 10) && zeros(real + o->quote + 10))
		memcpy(q + 10, real + o->quote + 10, 2);
}

/* Where the checksum of a quoted ICMPv6 query or TCP segment is; zero may be either zero there. */
static unsigned int
quoted_sum(const uint8_t *b)
{
	switch (b[QUOTED + 6]) {
	case M_TCP:
		return QUOTED + 40 + 16;
	case M_ICMP6:
		return QUOTED + 40 + 2;
	default:
		return 0;
	}
}

static void
compare_bytes(struct drive *d, struct m_out *o, const struct pipe_packet *g)
{
	uint8_t b[M_FRAME_MAX];
	unsigned int len = got_bytes(g, b), at;

	adopt_id(o, b);
	adopt_quoted_id(o, b);
	/* Made as one of IPv4: the traffic class, and zero in a quoted checksum, are its own. */
	if (o->own && m_get16(b + 12) == 0x86dd) {
		at = quoted_sum(o->b);
		memcpy(o->b + M_ETH, b + M_ETH, 4);
		if (at > 0 && zeros(o->b + at) && zeros(b + at))
			memcpy(o->b + at, b + at, 2);
	}
	if (o->sum_at > 0 && zeros(o->b + o->sum_at) && zeros(b + o->sum_at))
		memcpy(o->b + o->sum_at, b + o->sum_at, 2);
	if (len != o->len)
		differ(d, "a frame of %u bytes left, %u expected", len, o->len);
	for (unsigned int i = 0; i < RTE_MIN(len, o->len); i++)
		if (b[i] != o->b[i])
			differ(d, "byte %u of the frame is %02x, %02x expected", i, b[i], o->b[i]);
	model_hold(d->m, M_FIELDS_EQUAL, d->why[0] == 0, "bytes of the frame");
}

static void
compare_outputs(struct drive *d)
{
	bool used[M_OUTS] = { false };

	if (d->p->n_got != d->m->n_out) {
		differ(d, "%u frames left, %u expected (model: %s)", d->p->n_got, d->m->n_out,
			d->m->drop == M_NO_DROP ? "no drop" : sl_counter_name(d->m->drop));
		return;
	}
	for (unsigned int i = 0; i < d->m->n_out; i++) {
		struct m_out *o = &d->m->out[i];
		unsigned int k = 0;

		while (k < d->p->n_got &&
			(used[k] || d->p->got[k].side != o->side || d->p->got[k].punt != o->punt))
			k++;
		if (k == d->p->n_got) {
			differ(d, "a frame left by another side than %d, or was punted", o->side);
			return;
		}
		used[k] = true;
		compare_bytes(d, o, &d->p->got[k]);
	}
}

/* Which drop was counted since the last step. */
static enum sl_counter
real_drop(struct drive *d)
{
	enum sl_counter why = M_NO_DROP;

	d->delta_drops = 0;
	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++) {
		uint64_t n;

		if (!sl_counter_is_drop((enum sl_counter)c))
			continue;
		n = sl_counter_sum(d->p->nat, (enum sl_counter)c);
		if (n != d->counter[c]) {
			why = (enum sl_counter)c;
			d->delta_drops += (unsigned int)(n - d->counter[c]);
			d->counter[c] = n;
		}
	}
	return why;
}

static uint64_t
moved(struct drive *d, enum sl_counter c)
{
	uint64_t n = sl_counter_sum(d->p->nat, c), by = n - d->counter[c];

	d->counter[c] = n;
	return by;
}

static const char *
name_of(enum sl_counter c)
{
	return c == M_NO_DROP ? "none" : sl_counter_name(c);
}

/* Does the frame carry this end, as source or destination? Read anew, not from the model's bytes. */
static bool
carries(const struct pipe_packet *g, bool source, const struct m_addr *a, unsigned int port,
	unsigned int proto)
{
	uint8_t b[M_FRAME_MAX];
	unsigned int len = got_bytes(g, b), at = M_ETH + 20, from = source ? 12 : 16;

	if (m_get16(b + 12) == 0x86dd) {
		if (!a->six || memcmp(b + M_ETH + (source ? 8 : 24), a->v6, 16) != 0)
			return false;
		if (b[M_ETH + 6] == 44)
			return true;
		at = M_ETH + 40;
	} else {
		if (a->six || m_get32(b + M_ETH + from) != a->v4)
			return false;
		if (m_get16(b + M_ETH + 6) & 0x1fff)
			return true;
		at = M_ETH + (b[M_ETH] & 15) * 4u;
	}
	return len >= at + 8 && m_get16(b + at + (proto == M_ICMP ? 4 : source ? 0 : 2)) == port;
}

/* The properties that VigNAT has proved, one by one (model.h). */
static void
check_properties(struct drive *d, uint64_t made)
{
	struct model *m = d->m;
	const struct m_session *s = m->flow;
	const struct m_addr out = { .v4 = s ? s->out : 0 };
	bool outside = m->kind.side == SL_OUTSIDE, sent = d->p->n_got > 0 && m->real == M_NO_DROP;
	bool plain = sent && s != NULL && !m->kind.error && !s->turned && !d->p->got[0].punt;

	if (m->kind.other)
		model_hold(m, M_FOREIGN_PROTOCOL, made == 0, "the table is changed");
	if (outside && m->flow_old && plain)
		model_hold(m, M_INBOUND_FLOW,
			d->p->got[0].side == SL_INSIDE &&
				carries(&d->p->got[0], false, &s->in, s->in_port, s->proto),
			"not to the flow's inside tuple");
	if (outside && s == NULL)
		model_hold(m, M_INBOUND_STRANGER, made == 0 && (!sent || d->p->got[0].punt),
			"a stranger's packet went on");
	if (!outside && m->flow_old && plain)
		model_hold(m, M_OUTBOUND_FLOW,
			d->p->got[0].side == SL_OUTSIDE &&
				carries(&d->p->got[0], true, &out, s->out_port, s->proto),
			"not with the flow's outer tuple");
	if (!outside && s == NULL && m->real != M_NO_DROP)
		model_hold(m, M_OUTBOUND_NEW, made == 0, "refused, and the table is changed");
}

static void
send(struct drive *d, const struct play_step *step, unsigned int i)
{
	const struct play_frames *f = &d->frame;
	struct rte_mbuf *mb = pipe_mbuf(f->b[i], f->len[i]);
	uint64_t made, now;

	d->m->now = d->p->now;
	pipe_receive(d->p, step->worker, f->side, &mb, 1);
	pipe_poll(d->p, d->workers > 1 ? 3 : 1);
	d->m->real = real_drop(d);
	d->m->born = step->number;
	d->m->wrong = NULL;
	made = moved(d, SL_COUNTER_SESSIONS_MADE);
	d->m->real_made = (unsigned int)made;
	model_run(d->m, f->side, f->b[i], f->len[i]);
	if (d->delta_drops > 1)
		differ(d, "%u drops counted for one packet", d->delta_drops);
	if (d->m->wrong == NULL && d->m->real != d->m->drop)
		differ(d, "drop counted: %s, expected: %s", name_of(d->m->real),
			name_of(d->m->drop));
	if (d->m->wrong == NULL && made != d->m->made)
		differ(d, "%u sessions made, %u expected", (unsigned int)made, d->m->made);
	if (d->m->wrong == NULL)
		compare_outputs(d);
	check_properties(d, made);
	if (d->m->wrong != NULL)
		differ(d, "%s", d->m->wrong);
	now = sl_counter_sum(d->p->nat, SL_COUNTER_SESSIONS_NOW);
	if (now < d->m->live || now > d->m->live + d->m->n_ghost)
		differ(d, "%u sessions alive, %u to %u expected", (unsigned int)now, d->m->live,
			d->m->live + d->m->n_ghost);
	if (now == d->m->live)
		d->m->n_ghost = 0;
	pipe_discard(d->p);
}

/* Control ends the sessions of a host, or of a protocol. */
static void
clear(struct drive *d, struct play_step *step)
{
	struct m_session *s = play_session(step, d->m);
	struct sl_select select = { .proto = 0 };
	bool proto = step->random % 4 == 0;
	struct m_session like;

	if (s == NULL)
		return;
	like = *s;
	if (proto)
		select.proto = like.proto;
	else if (like.in.six)
		select.in6.plen = 128, memcpy(select.in6.addr.b, like.in.v6, 16);
	else
		select.in = (struct sl_ifaddr){ rte_cpu_to_be_32(like.in.v4), 32 };
	pipe_ask(d->p, SL_MSG_CLEAR, &select, NULL, 0, 0);
	for (s = d->m->s; s < d->m->s + d->m->n_s; s++)
		if (s->live && (proto ? s->proto == like.proto : m_same(&s->in, &like.in)))
			model_end(d->m, s);
}

static void
configure(struct drive *d, const struct play_step *step)
{
	char text[2048];

	/* What is over and not swept may live on when its time is made longer. */
	if (!drive_clean(d))
		return;
	play_next_conf(&d->m->c, step->random);
	play_conf_text(&d->m->c, text, sizeof(text));
	if (pipe_configure(d->p, text) != 0)
		differ(d, "refused: %s", text);
	pipe_settle(d->p);
	model_recheck(d->m);
}

/* A packet of a session that is or is not over at that very millisecond. */
static void
wait_for_edge(struct drive *d, struct play_step *step)
{
	struct m_session *s = play_session(step, d->m);

	play_frames(step, d->m, &d->frame);
	if (s != NULL)
		step->wait = model_left(d->m, s) + step->edge - 2;
}

bool
drive_step(struct drive *d, struct play_step *step)
{
	d->frame.n = 0;
	if (step->edge)
		wait_for_edge(d, step);
	d->p->now += step->wait;
	d->m->now = d->p->now;
	if (step->polls > 0)
		pipe_poll(d->p, step->polls);
	model_expire(d->m);
	if (step->kind == PLAY_CONF) {
		configure(d, step);
	} else if (step->kind == PLAY_CLEAR) {
		clear(d, step);
	} else {
		if (!step->edge)
			play_frames(step, d->m, &d->frame);
		for (unsigned int i = 0; i < d->frame.n && d->why[0] == 0; i++)
			send(d, step, i);
	}
	return d->why[0] == 0;
}

/* ---- the beginning ---- */

struct drive *
drive_create(enum play_mode mode, unsigned int workers, uint64_t seed)
{
	struct drive *d = calloc(1, sizeof(*d));
	char text[2048];
	uint64_t base =
		(seed % 3 == 0 ? (UINT64_C(1) << 32) - 100000 : 1000000000 + seed % 1000000);

	assert_non_null(d);
	d->m = calloc(1, sizeof(*d->m));
	assert_non_null(d->m);
	d->mode = mode;
	d->workers = workers;
	play_first_conf(&d->m->c, mode, workers, seed);
	play_conf_text(&d->m->c, text, sizeof(text));
	d->p = pipe_create(workers, text, seed, base);
	d->m->now = base;
	d->m->pick = pick;
	d->m->full = full;
	d->m->arg = d;
	return d;
}

void
drive_destroy(struct drive *d)
{
	pipe_destroy(d->p);
	free(d->m);
	free(d);
}
