/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_OUT_H
#define SL_OUT_H

#include "pkt.h"

struct sl_worker;

/** Add a finished frame to what leaves by a side; counted. Takes m. */
void sl_out_frame(struct sl_worker *w, enum sl_side side, struct rte_mbuf *m);

/** Send a packet to its next hop p->nh, or hold it until the neighbour is known. Takes m. */
void sl_out_packet(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

/** Send, or drop, packets that waited for a neighbour. */
void sl_out_held(struct sl_worker *w);

/** Make room for an Ethernet header of hlen bytes before the network header; NULL without room. */
char *sl_out_header(struct rte_mbuf *m, struct sl_pkt *p, unsigned int hlen);

#endif /* SL_OUT_H */
