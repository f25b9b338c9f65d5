/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_TCP_H
#define SL_TCP_H

#include "flow.h"

struct sl_worker;

/** Nobody knows whether the connection is still there: TRANS, until a segment comes. */
void sl_tcp_doubt(struct sl_flow *f);

/** Begin the state of a flow with its first segment, a SYN. */
void sl_tcp_open(struct sl_worker *w, struct sl_flow *f, enum sl_side from,
	const struct rte_tcp_hdr *h, uint32_t len);

/**
 * Follow a connection by one segment.
 * @param len  bytes of the segment, TCP header included
 * @return true when the segment refreshes the session's timer
 */
bool sl_tcp_step(struct sl_worker *w, struct sl_flow *f, enum sl_side from,
	const struct rte_tcp_hdr *h, uint32_t len);

/** Lower the MSS option of a SYN to at most mss, checksum included. */
void sl_tcp_clamp(struct rte_mbuf *m, const struct sl_pkt *p, uint16_t mss);

#endif /* SL_TCP_H */
