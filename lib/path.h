/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PATH_H
#define SL_PATH_H

#include "pkt.h"

struct sl_worker;

/** Take a burst through all stages. */
void sl_path_run(
	struct sl_worker *w, enum sl_side side, uint8_t flags, struct rte_mbuf **m, unsigned int n);

/**
 * Does a packet with its next hop set fit the link? If not it is marked to leave in
 * fragments; false when it must not be (an ICMP error is on its way).
 */
bool sl_path_fits(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

#endif /* SL_PATH_H */
