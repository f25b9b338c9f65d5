/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From the worker that has received a packet to the one that owns it, by a ring for each pair
 * of workers: one producer, one consumer. A full ring drops and counts, nobody waits.
 *
 * Usual packets take with them what was parsed. Their owner believes it as long as it works by
 * the same configuration; else it parses anew, and may hand the packet on. What is special in
 * any way (a fragment, an error, a tagged frame, IPv6) is parsed again always, and what it must
 * not forget lies in the mbuf's note.
 */
#include "handoff.h"

void
sl_handoff_note(struct rte_mbuf *m, const struct sl_pkt *p)
{
	*sl_note(m) = (struct sl_note){
		.side = p->side,
		.flags = p->flags & (SL_PKT_HAIRPIN | SL_PKT_KNOWN | SL_PKT_OTHER | SL_PKT_SIX),
		.sport = p->key.sport,
		.dport = p->key.dport,
		.frag_id = p->frag_id,
	};
}

/* As many as there is room for. */
static unsigned int
put(struct rte_ring *r, const struct sl_handed *packet, unsigned int n)
{
	struct rte_ring_zc_data room;
	unsigned int k = rte_ring_enqueue_zc_burst_elem_start(r, sizeof(*packet), n, &room, NULL);

	if (k == 0)
		return 0;
	memcpy(room.ptr1, packet, room.n1 * sizeof(*packet));
	if (unlikely(k > room.n1))
		memcpy(room.ptr2, packet + room.n1, (k - room.n1) * sizeof(*packet));
	rte_ring_enqueue_zc_elem_finish(r, k);
	return k;
}

void
sl_handoff_flush(struct sl_worker *w)
{
	for (unsigned int i = 0; i < w->n_waiting; i++) {
		unsigned int to = w->waiting_for[i], n = w->waiting[to].n, k;
		const struct sl_handed *packet = w->waiting[to].packet;

		k = put(w->to[to], packet, n);
		sl_count(w, SL_COUNTER_HANDOFF_OUT, k);
		sl_count(w, SL_COUNTER_DROP_HANDOFF_FULL, n - k);
		for (; unlikely(k < n); k++)
			rte_pktmbuf_free(packet[k].m);
		w->waiting[to].n = 0;
	}
	w->n_waiting = 0;
}

void
sl_handoff_drain(struct rte_ring *r)
{
	struct sl_handed h;

	while (r != NULL && rte_ring_sc_dequeue_elem(r, &h, sizeof(h)) == 0)
		rte_pktmbuf_free(h.m);
}
