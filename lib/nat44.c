/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT44 off the fast path: what happens when a packet has no flow. nat44_out.c is for those from
 * inside, nat44_in.c for those from outside; here is where they meet, nat44_side.c what both ask.
 *
 * All checks of addresses are in these four: a tuple that passed them once has a flow, and a
 * flow matches this very tuple only.
 */
#include "nat44.h"
#include "age.h"
#include "nat44_side.h"
#include "state.h"

/* The remote end of a packet that has a way is outside: its session need not look again. */
static void
keep_way(struct sl_flow *f, uint16_t nh, uint16_t gen)
{
	f->nh_gen = gen;
	if (nh >= SL_NH_FIRST)
		f->nh[SL_OUTSIDE] = nh;
}

enum sl_verdict
sl_nat44_open(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow)
{
	/* Routes may move meanwhile: then the generation is a new one, and they are asked again. */
	uint16_t gen = __atomic_load_n(&w->nat->routes.gen, __ATOMIC_ACQUIRE);
	enum sl_verdict v;

	/* Before anything is looked up: this may end mappings. */
	if (unlikely(w->flows.n_free == 0)) {
		if (likely(w->dry == NULL))
			sl_age_pressed(w);
		else
			sl_age_imagined(w);
	}
	v = p->side == SL_OUTSIDE ? sl_nat44_open_in(w, m, p, flow)
				  : sl_nat44_open_out(w, m, p, flow);
	if (v != SL_GO)
		return v;
	if (p->nh != SL_NH_NONE) {
		keep_way(*flow, p->nh, gen);
	} else if (sl_snap_addr(w->snap, 0, (*flow)->rem_addr) != NULL) {
		(*flow)->flags |= SL_FLOW_HAIRPIN;
	}
	return v;
}
