/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HANDOFF_H
#define SL_HANDOFF_H

#include "quick.h"
#include "state.h"

/** What is known of a packet that is special in some way goes into its note. */
void sl_handoff_note(struct rte_mbuf *m, const struct sl_pkt *p);

/** Put what was handed over since the last flush into the rings of its owners. */
void sl_handoff_flush(struct sl_worker *w);

/** A packet that another worker owns. It goes with the next flush. Takes m. */
static inline void
sl_handoff(struct sl_worker *w, unsigned int to, struct rte_mbuf *m, const struct sl_pkt *p)
{
	struct sl_waiting *q = &w->waiting[to];
	bool usual = p->flags == 0 && p->l3 == SL_QUICK_L3 && p->l4 == SL_QUICK_L4 &&
		     p->key.tenant == 0 &&
		     (p->key.proto == IPPROTO_TCP || p->key.proto == IPPROTO_UDP);

	if (q->n == 0)
		w->waiting_for[w->n_waiting++] = (uint8_t)to;
	q->packet[q->n] = (struct sl_handed){
		.key = p->key,
		.m = m,
		.serial = w->snap->serial,
		.ip_len = p->ip_len,
		.tcp_flags = p->tcp_flags,
		.usual = usual,
	};
	if (unlikely(!usual))
		sl_handoff_note(m, p);
	if (unlikely(++q->n == SL_BURST_MAX))
		sl_handoff_flush(w);
}

/** Free what is left in a ring of packets. */
void sl_handoff_drain(struct rte_ring *r);

#endif /* SL_HANDOFF_H */
