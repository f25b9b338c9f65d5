/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_NAT44_H
#define SL_NAT44_H

#include "flow.h"
#include "pkt.h"

struct sl_worker;

/**
 * A packet that has no flow: make one, or say what else becomes of the packet.
 * @return SL_GO with *flow set, SL_SEND with p->nh for a packet that is routed without
 *         translation, SL_PUNT with p->cause, or SL_DROP
 */
enum sl_verdict sl_nat44_open(
	struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow);

#endif /* SL_NAT44_H */
