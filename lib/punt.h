/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PUNT_H
#define SL_PUNT_H

#include "pkt.h"

struct sl_worker;
struct sl_hop;

/** Give a packet to control: within the rate of its cause; frees it otherwise. */
void sl_punt(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p);

/** Where a packet for control ends, as its counter: punted_*, or a drop. Pays for the rate. */
enum sl_counter sl_punt_judge(
	struct sl_worker *w, const struct rte_mbuf *m, const struct sl_pkt *p);

/** Tell control that a neighbour is wanted; false when the ring is full: tell it again. */
bool sl_punt_resolve(struct sl_worker *w, const struct sl_hop *hop);

#endif /* SL_PUNT_H */
