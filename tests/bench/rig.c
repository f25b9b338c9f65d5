/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The gateway under the library benchmark. Subscribers 10.1.0.0 and up with 64 sessions
 * each (as the generator over memif makes them), or as many /64s with an IPv6 host each, one server behind a router, no limits, everything else as a box has it by default. All packets are allocated once and
 * go round: what the library gives back takes the place of what it was given, so that
 * neither the mempool nor a cold mbuf is part of the figure. The clock that the library
 * sees moves while measuring as real time does, and is moved by hand when sessions are to
 * end.
 */
#include "rig.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_prefetch.h>

#include "setup.h"

struct rig *
rig_create(const struct rig_options *o)
{
	struct rig *r = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*r));

	if (r == NULL)
		return NULL;
	memset(r, 0, sizeof(*r));
	r->o = *o;
	r->now = 1000000;
	r->outside = setup_memory(sizeof(*r->outside) * o->sessions);
	if (r->outside == NULL || setup_gateway(r) < 0) {
		fprintf(stderr, "libbench: %lu sessions: %s\n", (unsigned long)o->sessions,
			rte_strerror(rte_errno ? rte_errno : ENOMEM));
		rig_destroy(r);
		return NULL;
	}
	return r;
}

/* Some packets are missing or elsewhere: count them and fill their places. */
static __rte_noinline void
repair(struct rig *r, enum sl_side to, struct rte_mbuf **slot)
{
	struct sl_out *out = &r->out;
	unsigned int n = out->n[to] < BURST ? out->n[to] : BURST;

	r->lost += BURST - n;
	memcpy(slot, out->m[to], n * sizeof(*slot));
	rte_pktmbuf_free_bulk(out->m[to] + n, out->n[to] - n);
	rte_pktmbuf_free_bulk(out->m[1 - to], out->n[1 - to]);
	out->n[0] = out->n[1] = 0;
	if (n < BURST && rte_pktmbuf_alloc_bulk(r->pool, slot + n, BURST - n) < 0) {
		fprintf(stderr, "libbench: packets run out: the gateway keeps them\n");
		exit(1);
	}
}

static __rte_always_inline void
arrive(struct rig *r, const struct arrival *a, struct rte_mbuf **slot)
{
	const struct frame *f = &r->frame[r->from];

	if (f->six)
		for (unsigned int i = 0; i < BURST; i++)
			frame_receive6(f, &a[i], slot[i]);
	else
		for (unsigned int i = 0; i < BURST; i++)
			frame_receive(f, &a[i], slot[i]);
	__asm__ volatile("" : : : "memory");
}

/* One burst through the library; `whole` adds what a worker's loop does besides. */
static __rte_always_inline void
burst(struct rig *r, const struct arrival *a, struct rte_mbuf **slot, bool whole)
{
	enum sl_side to = SL_ACROSS(r->from);
	struct rte_mbuf *m[BURST];

	arrive(r, a, slot);
	memcpy(m, slot, sizeof(m));
	sl_worker_receive(r->w, r->from, m, BURST, r->now, &r->out);
	if (whole) {
		sl_worker_sent(r->w, to, r->out.n[to], 0);
		sl_worker_poll(r->w, r->now, &r->out);
	}
	if (unlikely(r->out.n[to] != BURST)) {
		repair(r, to, slot);
		return;
	}
	memcpy(slot, r->out.m[to], BURST * sizeof(*slot));
	r->out.n[to] = 0;
}

static __rte_always_inline void
next(struct rig *r)
{
	r->at += BURST;
	if (r->at >= r->n_order)
		r->at = 0;
	r->slot = (r->slot + BURST) % RIG_MBUFS;
}

void
rig_arrive(void *rig, unsigned int bursts)
{
	struct rig *r = rig;
	struct rte_mbuf *m[BURST];

	while (bursts--) {
		arrive(r, r->arrival + r->at, r->mbuf + r->slot);
		memcpy(m, r->mbuf + r->slot, sizeof(m));
		__asm__ volatile("" : : "r"(m) : "memory");
		next(r);
	}
}

void
rig_clock(struct rig *r)
{
	uint64_t ms = rte_rdtsc() / (rte_get_tsc_hz() / 1000);

	if (r->ticked != 0 && ms > r->ticked)
		r->now += ms - r->ticked;
	r->ticked = ms;
}

void
rig_path(void *rig, unsigned int bursts)
{
	struct rig *r = rig;

	rig_clock(r);
	while (bursts--) {
		burst(r, r->arrival + r->at, r->mbuf + r->slot, false);
		next(r);
	}
}

void
rig_loop(void *rig, unsigned int bursts)
{
	struct rig *r = rig;

	rig_clock(r);
	while (bursts--) {
		burst(r, r->arrival + r->at, r->mbuf + r->slot, true);
		next(r);
	}
}

void
rig_burst(struct rig *r, const struct arrival *a, struct rte_mbuf **slot)
{
	burst(r, a, slot, true);
}

void
rig_aim(struct rig *r, enum sl_side from)
{
	r->from = from;
	r->arrival = r->order[from];
	r->at = 0;
}

void
rig_destroy(struct rig *r)
{
	if (r == NULL)
		return;
	if (r->w != NULL)
		sl_worker_offline(r->w);
	if (r->o.host == NULL)
		sl_nat_destroy(r->nat);
	rte_mempool_free(r->pool);
	for (unsigned int side = 0; side < 2; side++) {
		free(r->order[side]);
		free(r->who[side]);
	}
	free(r->subscriber);
	free(r->outside);
	free(r);
}
