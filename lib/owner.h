/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_OWNER_H
#define SL_OWNER_H

#include "state.h"

/** The worker that owns what a packet is about: the subscriber, or the outside port. */
static inline unsigned int
sl_owner(const struct sl_worker *w, const struct sl_pkt *p)
{
	const struct sl_snap *s = w->snap;
	const struct sl_addr *a;
	const struct sl_fwd *fwd;

	/* What has no port to tell subscribers apart belongs to the remote end's owner. */
	if (unlikely(p->key.proto != IPPROTO_TCP && p->key.proto != IPPROTO_UDP &&
		     p->key.proto != IPPROTO_ICMP))
		return sl_owner_inside4(w->nat, p->key.side == SL_INSIDE ? p->key.dst : p->key.src);
	if (p->key.side == SL_INSIDE && p->key.proto != IPPROTO_ICMP)
		return sl_owner_inside4(w->nat, p->key.src);
	if (p->key.side == SL_INSIDE) {
		/* A query to one of our own goes by its id, as its answer will. */
		a = sl_snap_addr(s, 0, p->key.dst);
		if (a == NULL || a->paddr == SL_NONE || p->key.dport != SL_ICMP_ASKED_INSIDE ||
			(p->flags & SL_PKT_ERROR))
			return sl_owner_inside4(w->nat, p->key.src);
		return sl_paddr_worker(w->nat, w->nat->paddr[a->paddr], IPPROTO_ICMP,
			rte_be_to_cpu_16(p->key.sport));
	}
	/* Forwards put any port on any host: a small table that all may read says which. */
	fwd = sl_snap_fwd_out(s, p->key.proto, p->key.dst, p->key.dport);
	if (fwd != NULL)
		return sl_owner_inside(w->nat, fwd->in_addr);
	a = sl_snap_addr(s, 0, p->key.dst);
	if (a == NULL || a->paddr == SL_NONE)
		return w->id;
	return sl_paddr_worker(
		w->nat, w->nat->paddr[a->paddr], p->key.proto, rte_be_to_cpu_16(p->key.dport));
}

#endif /* SL_OWNER_H */
