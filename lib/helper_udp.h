/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_UDP_H
#define SL_HELPER_UDP_H

#include "helper_state.h"

/** A datagram of the flow, translated already. Takes m, which begins with its IP header. */
void sl_helper_udp_take(struct sl_helper_flow *f, enum sl_side from, struct rte_mbuf *m);

/** Answers have come: show the datagram that waits once more, then those behind it. */
void sl_helper_udp_resume(struct sl_helper_flow *f);

/** Free what waits. */
void sl_helper_udp_drop(struct sl_helper_flow *f);

#endif /* SL_HELPER_UDP_H */
