/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIX_ROUTE_H
#define SL_SIX_ROUTE_H

#include "pkt.h"

struct sl_worker;

/**
 * Route an IPv6 packet as it is: p->l3, p->tenant and p->ip_len are known, nothing of what is
 * behind the IPv6 header.
 * @return SL_SEND with p->nh and SL_PKT_NATIVE; SL_PUNT to the box; SL_DROP
 */
enum sl_verdict sl_six_route(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

/** A packet for an address of the box on that side; SL_PUNT, or SL_DROP where no service is. */
enum sl_verdict sl_six_local(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

#endif /* SL_SIX_ROUTE_H */
