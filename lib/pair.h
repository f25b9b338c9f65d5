/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PAIR_H
#define SL_PAIR_H

#include "pkt.h"
#include "sub.h"

struct sl_worker;

/**
 * Find an even port and the next one that are both free for a packet's inside endpoint, on
 * the subscriber's address; sub->paddr says which. Takes neither.
 * @return the even one (host order), or -1 with the counter of the reason in *why
 */
int sl_pair_find(
	struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why);

/** Is this port (host order) even, and are it and the next one free? Else the reason in *why. */
bool sl_pair_free(struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, uint16_t port,
	enum sl_counter *why);

#endif /* SL_PAIR_H */
