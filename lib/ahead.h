/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_AHEAD_H
#define SL_AHEAD_H

#include "pkt.h"

struct sl_flow;
struct sl_worker;

/** Fetch what opening flows for these packets, which have none, will read. */
void sl_ahead_open(struct sl_worker *w, struct sl_pkt *const *pkt, unsigned int n);

/** Fetch what ending these flows will read; their hashes are known then (sl_flow_hashes()). */
void sl_ahead_end(
	struct sl_worker *w, struct sl_flow *const *flow, uint32_t (*hash)[2], unsigned int n);

#endif /* SL_AHEAD_H */
