/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PATH_H
#define SL_PATH_H

#include "pkt.h"

struct sl_worker;

/** Add a finished frame to what leaves by a side; counted. */
void sl_path_send_frame(struct sl_worker *w, enum sl_side side, struct rte_mbuf *m);

/** Take a burst through all stages. */
void sl_path_run(
	struct sl_worker *w, enum sl_side side, uint8_t flags, struct rte_mbuf **m, unsigned int n);

/** Send, or drop, packets that waited for a neighbour. */
void sl_path_held(struct sl_worker *w);

#endif /* SL_PATH_H */
