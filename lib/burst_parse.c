/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The first stages of a packet's way (path.c): what a burst that was received is, and packets of
 * IPv6 hosts as they are in IPv4.
 */
#include <rte_prefetch.h>

#include "burst.h"
#include "owner.h"
#include "parse.h"
#include "quick.h"
#include "six_path.h"
#include "six_quick.h"
#include "state.h"

#define AHEAD 4 /* packets that are fetched before they are parsed */

/* Anything but a usual packet of IPv4. */
static __rte_noinline enum sl_verdict
parse_odd(
	struct sl_worker *w, struct sl_burst *b, unsigned int i, enum sl_side side, uint16_t flags)
{
	struct rte_mbuf *m = b->m[i];
	struct sl_pkt *p = &b->pkt[i];
	enum sl_verdict v;

	if (side == SL_INSIDE && flags == 0 && w->snap->plain[side] && w->snap->n_nat64 > 0 &&
		sl_quick6_parse(w, m, p, &b->six[i])) {
		b->odd |= SL_BURST_SIX;
		return SL_SIX;
	}
	b->odd |= SL_BURST_ODD;
	v = sl_pkt_parse(w, side, m, p);
	p->flags |= flags;
	if (v == SL_SIX) {
		b->odd |= SL_BURST_SIX;
		return sl_six_parse(w, m, p, &b->six[i]);
	}
	/* What stands for IPv6 hosts comes from no wire. */
	if (v == SL_GO && side == SL_INSIDE && !(flags & SL_PKT_SIX) &&
		(sl_stand_is(sl_pkt_ip(m, p)->src_addr) || sl_stand_is(p->key.src)))
		return sl_drop(w, SL_COUNTER_DROP_BOGON);
	return v;
}

uint64_t
sl_burst_parse(struct sl_worker *w, struct sl_burst *b, enum sl_side side, uint16_t flags)
{
	const struct sl_snap *s = w->snap;
	bool usual = flags == 0 && s->plain[side], alone = w->nat->n_workers == 1;
	uint64_t bytes = 0;

	b->odd = 0;
	for (unsigned int i = 0; i < RTE_MIN(b->n, (unsigned int)AHEAD); i++)
		rte_prefetch0(rte_pktmbuf_mtod(b->m[i], void *));
	for (unsigned int i = 0; i < b->n; i++) {
		if (i + AHEAD < b->n)
			rte_prefetch0(rte_pktmbuf_mtod(b->m[i + AHEAD], void *));
		bytes += b->m[i]->pkt_len;
		if (likely(usual && sl_quick_parse(s, side, b->m[i], &b->pkt[i]))) {
			b->verdict[i] = SL_GO;
			if (alone) /* else when it is known to be ours */
				sl_burst_aim(w, &b->pkt[i]);
			continue;
		}
		b->verdict[i] = parse_odd(w, b, i, side, flags);
		if (b->verdict[i] == SL_SIX)
			rte_prefetch0(&w->hosts.head[b->six[i].hash & w->hosts.mask]);
	}
	return bytes;
}

/* The usual packet of a host that has state, at its owner. */
static inline bool
enter_quick(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, const struct sl_six *x)
{
	const uint8_t *addr = rte_pktmbuf_mtod_offset(m, const uint8_t *, x->host);
	const struct sl_host *h;

	if (unlikely(x->error || w->snap->tos_mask[SL_OUTSIDE] != 0 ||
		     (w->nat->n_workers > 1 &&
			     sl_owner_inside6(w->nat, w->snap, p->tenant, addr) != w->id)))
		return false;
	h = sl_host_find(&w->hosts, x->hash, p->tenant, x->nat64, addr);
	if (unlikely(h == NULL || !sl_six_down_quick(m, p, x, h)))
		return false;
	sl_count(w, SL_COUNTER_NAT64_OUT, 1);
	return true;
}

/* Their hosts are fetched first, all at once. */
void
sl_burst_six(struct sl_worker *w, struct sl_burst *b)
{
	for (unsigned int i = 0; i < b->n; i++) {
		uint32_t at = b->verdict[i] == SL_SIX
				      ? w->hosts.head[b->six[i].hash & w->hosts.mask]
				      : SL_NONE;

		if (at != SL_NONE)
			rte_prefetch0(&w->hosts.host[at]);
	}
	for (unsigned int i = 0; i < b->n; i++) {
		struct sl_pkt *p = &b->pkt[i];

		if (b->verdict[i] != SL_SIX)
			continue;
		if (likely(enter_quick(w, b->m[i], p, &b->six[i]))) {
			b->verdict[i] = SL_GO;
			sl_burst_aim(w, p);
			continue;
		}
		b->verdict[i] = sl_six_enter(w, &b->m[i], p, &b->six[i]);
		if (unlikely(b->verdict[i] != SL_GO || (p->flags & ~SL_PKT_ERROR)))
			continue;
		sl_burst_aim(w, p);
	}
}
