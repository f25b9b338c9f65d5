/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PUNT_H
#define SL_PUNT_H

#include "pkt.h"

struct sl_worker;

/** Give a packet to control: within the rate of its cause; frees it otherwise. */
void sl_punt(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p);

/** Tell control that a neighbour is wanted; when the ring is full it will be told again. */
void sl_punt_resolve(struct sl_worker *w, enum sl_side side, uint16_t tenant, rte_be32_t addr);

/** Packets of one other worker, wanted by this one: note what they are and put them in its ring. */
void sl_handoff(struct sl_worker *w, unsigned int to, struct rte_mbuf **m, unsigned int n);

#endif /* SL_PUNT_H */
