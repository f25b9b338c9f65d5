/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PATH_H
#define SL_PATH_H

#include "pkt.h"

struct sl_handed;
struct sl_worker;

/** Take a burst through all stages; returns its bytes as they came. */
uint64_t sl_path_run(struct sl_worker *w, enum sl_side side, uint16_t flags, struct rte_mbuf **m,
	unsigned int n);

/**
 * The same for usual packets that another worker has parsed, by the configuration that is in
 * force here. At most SL_BURST_MAX.
 */
void sl_path_run_handed(struct sl_worker *w, const struct sl_handed *h, unsigned int n);

/** Make a hairpinned packet look as if it had come in from outside, for a second run. */
void sl_path_turn(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

/** The worker that a packet with this key belongs to. */
unsigned int sl_path_owner(const struct sl_worker *w, const struct sl_key *key);

#endif /* SL_PATH_H */
