/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_OUT_H
#define SL_OUT_H

#include <string.h>

#include "pkt.h"
#include "state.h"

/** Add a finished frame to what leaves by a side; counted. Takes m. */
void sl_out_frame(struct sl_worker *w, enum sl_side side, struct rte_mbuf *m);

/** Send a packet to its next hop p->nh, or hold it until the neighbour is known. Takes m. */
void sl_out_packet(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

/**
 * Send a packet whose next hop is known, on a link without tags, with a header in place.
 * @param bytes  gets what it adds to the bytes sent of each side
 * @return false when anything is special: then it is sl_out_packet()'s
 */
static inline bool
sl_out_quick(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, uint64_t bytes[2])
{
	const struct sl_nh *nh = &w->nat->routes.nh[p->nh];
	uint64_t word = __atomic_load_n(&nh->word, __ATOMIC_RELAXED);
	struct sl_out *out = w->out;
	enum sl_side side = (enum sl_side)nh->side;
	uint8_t *eth = rte_pktmbuf_mtod(m, uint8_t *);

	if (unlikely(p->nh < SL_NH_FIRST || word == 0 || p->l3 != RTE_ETHER_HDR_LEN ||
		     (p->flags & SL_PKT_BIG) || w->n_held > 0 || out->n[side] == SL_OUT_MAX ||
		     (side == SL_INSIDE && (p->tenant != 0 || !w->snap->plain[SL_INSIDE]))))
		return false;
	/* Six bytes and eight: the second store puts right what the first one wrote too much. */
	memcpy(eth, &word, 8);
	memcpy(eth + RTE_ETHER_ADDR_LEN, &w->snap->eth_tail[side], 8);
	bytes[side] += m->pkt_len;
	out->m[side][out->n[side]++] = m;
	return true;
}

/**
 * Write the Ethernet header, with the tenant's tags inside, of a packet whose network header
 * is at p->l3.
 * @return false: there was no room, and m is gone
 */
bool sl_out_ethernet(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, enum sl_side side,
	uint64_t mac, rte_be16_t type);

/**
 * Where sl_out_packet() would leave a packet: SL_COUNTER_TX_*, _HELD or _DROP_HOLD_FULL.
 * @param mac  becomes the MAC word of the next hop, 0: nobody knows it
 */
enum sl_counter sl_out_judge(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p,
	struct sl_hop *hop, uint64_t *mac);

/** Send, or drop, packets that waited for a neighbour. */
void sl_out_held(struct sl_worker *w);

/** Make room for an Ethernet header of hlen bytes before the network header; NULL without room. */
char *sl_out_header(struct rte_mbuf *m, struct sl_pkt *p, unsigned int hlen);

#endif /* SL_OUT_H */
