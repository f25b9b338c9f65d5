/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIX_OUT_H
#define SL_SIX_OUT_H

#include "pkt.h"

struct sl_worker;

/**
 * A packet to a stand-in whose neighbour has this MAC: make it IPv6 and send it, in fragments
 * if it is SL_PKT_BIG. Takes m.
 */
void sl_six_send(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint64_t mac);

/** A packet of the hit path to a stand-in: send it as IPv6; false: it is sl_out_packet()'s. */
bool sl_six_out(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p);

#endif /* SL_SIX_OUT_H */
