/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A burst of packets on its way through the stages of path.c: arrays side by side, of which each
 * stage skips what is decided.
 */
#ifndef SL_BURST_H
#define SL_BURST_H

#include <rte_prefetch.h>

#include "pkt.h"
#include "six_path.h"
#include "state.h"

/** What there is in a burst besides usual packets of IPv4 (quick.h). */
#define SL_BURST_ODD (1 << 0)
#define SL_BURST_SIX (1 << 1)

struct sl_burst {
	struct rte_mbuf **m;
	unsigned int n;
	uint8_t odd; /* SL_BURST_ODD, SL_BURST_SIX */
	struct sl_pkt pkt[SL_BURST_MAX];
	struct sl_flow *flow[SL_BURST_MAX];
	uint8_t verdict[SL_BURST_MAX];
	unsigned int n_new;
	struct sl_pkt *new[SL_BURST_MAX]; /* those without a flow */
	struct sl_six six[SL_BURST_MAX]; /* of those with verdict SL_SIX */
};

/** The front's line for a key that is complete; needed when the whole burst is parsed. */
static inline void
sl_burst_aim(struct sl_worker *w, struct sl_pkt *p)
{
	p->hash = sl_flow_hash(&w->flows, &p->key);
	rte_prefetch0(sl_front_bucket(&w->flows.front, p->hash));
}

/** What the packets are; returns their bytes as they came. */
uint64_t sl_burst_parse(struct sl_worker *w, struct sl_burst *b, enum sl_side side, uint16_t flags);

/** What is for a NAT64 prefix becomes IPv4. */
void sl_burst_six(struct sl_worker *w, struct sl_burst *b);

#endif /* SL_BURST_H */
