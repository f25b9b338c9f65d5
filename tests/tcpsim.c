/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Two TCP ends with the box between them, in simulated time. The four legs between ends and
 * box lose, double, delay and split packets by a seeded random source; after a minute they
 * lose nothing any more, so that every connection must end. Whatever the box does to an end
 * that RFC 9293 forbids fails the test.
 */
#include "tcpsim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NEVER UINT64_MAX
#define CALM 60000 /* milliseconds; from then on nothing is lost */

uint32_t
tcpsim_draw(struct tcpsim *sim, uint32_t n)
{
	uint64_t z = sim->seed += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return (uint32_t)(((z >> 32) * n) >> 32);
}

uint16_t
tcpsim_mss(const struct tcpsim *sim)
{
	return sim->v6 ? 1220 : 536;
}

static bool
chance(struct tcpsim *sim, unsigned int mille)
{
	return tcpsim_draw(sim, 1000) < mille;
}

/* ---- legs ---- */

static void
put_on(struct tcpsim *sim, const struct tcpwire *seg, bool to_box)
{
	struct tcpsim_slot *slot = &sim->slot[sim->n_slots];
	unsigned int leg = seg->from * 2u + to_box;
	uint64_t at = sim->now + sim->delay;

	if (sim->silent[seg->from] || sim->n_slots == TCPSIM_SLOTS ||
		(sim->now < CALM && chance(sim, sim->loss)))
		return;
	sim->n_slots++;
	if (chance(sim, sim->late))
		at += 1 + tcpsim_draw(sim, 4 * sim->delay + 8);
	else
		sim->last_at[leg] = at = RTE_MAX(at, sim->last_at[leg]);
	slot->at = at;
	slot->order = sim->order++;
	slot->to_box = to_box;
	sim->seg[slot->place] = *seg;
	sim->seg[slot->place].data = sim->data[slot->place];
	if (seg->n > 0)
		memcpy(sim->data[slot->place], seg->data, seg->n);
}

static void
put_twice(struct tcpsim *sim, const struct tcpwire *seg, bool to_box)
{
	put_on(sim, seg, to_box);
	if (chance(sim, sim->dup))
		put_on(sim, seg, to_box);
}

void
tcpsim_send(struct tcpsim *sim, struct tcpwire *seg)
{
	struct tcpwire head = *seg;

	/* Somebody on the way cuts segments in two. */
	if (seg->n < 2 || (seg->flags & T_SYN) || !chance(sim, sim->split)) {
		put_twice(sim, seg, true);
		return;
	}
	head.n = 1 + tcpsim_draw(sim, seg->n - 1);
	head.flags &= (uint8_t) ~(T_FIN | T_PSH);
	seg->data += head.n;
	seg->seq += head.n;
	seg->n -= head.n;
	put_twice(sim, &head, true);
	put_twice(sim, seg, true);
}

/* ---- the box ---- */

static void
from_box(void *arg, enum sl_side from, struct rte_mbuf *m)
{
	struct tcpsim *sim = arg;
	const struct tcpsim_end *to = &sim->end[SL_ACROSS(from)];
	uint8_t data[2048];
	struct tcpwire t;

	tcpwire_read(m, from, &t, data, sizeof(data));
	assert_int_equal(t.ttl, from == SL_INSIDE ? 60 : 50);
	assert_true(m->pkt_len <= sim->mtu[SL_ACROSS(from)]);
	assert_true(
		t.n + (t.ts ? 12 : 0) <= (to->conf->mss != 0 ? to->conf->mss : tcpsim_mss(sim)));
	assert_true(t.flags & (T_ACK | T_SYN | T_RST));
	rte_pktmbuf_free(m);
	put_twice(sim, &t, false);
}

static void
to_box(struct tcpsim *sim, struct tcpwire *seg)
{
	struct rte_mbuf *m, *all[64];
	unsigned int n = 0;

	seg->cut = chance(sim, 100) ? 100 + tcpsim_draw(sim, 300) : 0;
	m = tcpwire_build(sim->pool, seg);
	assert_non_null(m);
	if (chance(sim, sim->starve))
		while (n < RTE_DIM(all) && (all[n] = rte_pktmbuf_alloc(sim->box_pool)) != NULL)
			n++;
	sl_stream_segment(sim->stream, seg->from, m, TCPWIRE_L3, sim->now);
	rte_pktmbuf_free_bulk(all, n);
}

static uint64_t
tick_box(struct tcpsim *sim)
{
	if ((sim->toy.waiting[0] || sim->toy.waiting[1]) && sim->now >= sim->resume_at) {
		sl_stream_resume(sim->stream, sim->now);
		sim->resume_at = sim->now + 1 + tcpsim_draw(sim, 60);
	}
	sim->box_at = sl_streams_tick(sim->streams, sim->now);
	if (sim->toy.waiting[0] || sim->toy.waiting[1])
		return RTE_MIN(sim->box_at, sim->resume_at);
	return sim->box_at;
}

/* ---- time ---- */

static struct tcpsim_slot *
next_slot(struct tcpsim *sim)
{
	struct tcpsim_slot *best = NULL;

	for (unsigned int i = 0; i < sim->n_slots; i++) {
		struct tcpsim_slot *s = &sim->slot[i];

		if (best == NULL || s->at < best->at ||
			(s->at == best->at && s->order < best->order))
			best = s;
	}
	return best;
}

static void
begin(struct tcpsim *sim)
{
	sim->now = 1000;
	sim->toy = (struct toy){
		.waits = sim->waits,
		.emit = from_box,
		.emit_arg = sim,
	};
	for (unsigned int i = 0; i < RTE_DIM(sim->mtu); i++)
		if (sim->mtu[i] == 0)
			sim->mtu[i] = 1500;
	sim->n_slots = 0;
	sim->resume_at = 0;
	memset(sim->last_at, 0, sizeof(sim->last_at));
	for (unsigned int i = 0; i < TCPSIM_SLOTS; i++)
		sim->slot[i].place = i;
	tcpend_init(sim, SL_INSIDE);
	tcpend_init(sim, SL_OUTSIDE);
	sim->stream = sl_stream_begin(sim->streams, &toy_ops, &sim->toy, sim->mtu);
	assert_non_null(sim->stream);
	tcpend_open(sim, &sim->end[sim->opener]);
	if (sim->both_open)
		tcpend_open(sim, &sim->end[SL_ACROSS(sim->opener)]);
}

/* Deliver what has arrived by now. */
static void
deliver(struct tcpsim *sim)
{
	struct tcpsim_slot *slot;

	while ((slot = next_slot(sim)) != NULL && slot->at <= sim->now) {
		struct tcpsim_slot last = sim->slot[--sim->n_slots], this = *slot;
		struct tcpwire seg = sim->seg[this.place];
		uint8_t data[2048];

		*slot = last;
		sim->slot[sim->n_slots] = this; /* its place is free */
		memcpy(data, seg.data, seg.n);
		seg.data = data;
		if (this.to_box)
			to_box(sim, &seg);
		else
			tcpend_take(sim, &sim->end[SL_ACROSS(seg.from)], &seg);
	}
}

static bool
over(const struct tcpsim *sim)
{
	return (tcpend_done(&sim->end[0]) && tcpend_done(&sim->end[1])) || sim->end[0].got_rst ||
	       sim->end[1].got_rst;
}

bool
tcpsim_run(struct tcpsim *sim)
{
	bool done;

	begin(sim);
	while (!over(sim) && sim->now < sim->limit) {
		uint64_t at = NEVER, next;
		const struct tcpsim_slot *slot;

		deliver(sim);
		for (int side = 0; side < 2; side++) {
			next = tcpend_tick(sim, &sim->end[side]);
			at = RTE_MIN(at, next);
		}
		next = tick_box(sim);
		at = RTE_MIN(at, next);
		slot = next_slot(sim);
		if (slot != NULL)
			at = RTE_MIN(at, slot->at);
		if (at == NEVER)
			break; /* nobody will ever do anything again */
		sim->now = RTE_MAX(at, sim->now + (slot == NULL || slot->at > sim->now));
	}
	done = tcpend_done(&sim->end[0]) && tcpend_done(&sim->end[1]);
	sl_stream_end(sim->stream);
	return done;
}

const uint8_t *
tcpsim_got(const struct tcpsim *sim, enum sl_side side, uint32_t *n)
{
	const struct tcpsim_end *e = &sim->end[side];

	*n = e->rnxt > 0 ? e->rnxt - 1 - (e->fin != 0 && e->rnxt > e->fin) : 0;
	return e->buf + 1;
}
