/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_BLOCK_H
#define SL_BLOCK_H

#include "sluice_counters.h"
#include "sub.h"

struct sl_worker;

/** A block of ports that a subscriber holds. */
struct sl_block {
	uint32_t paddr, sub;
	uint32_t next; /* of the same subscriber, or next free one */
	uint32_t idle; /* milliseconds, since when no port of it is used */
	uint16_t start; /* first port, host order */
	uint16_t live;
	uint32_t used; /* ports of all classes, resting ones included */
};

/** A block that is free at its worker becomes the subscriber's; NULL without memory. */
struct sl_block *sl_block_enter(
	struct sl_worker *w, struct sl_sub *sub, uint32_t paddr, uint16_t start);

/** One more block of ports on the subscriber's address; NULL with the reason in *why. */
struct sl_block *sl_block_more(struct sl_worker *w, struct sl_sub *sub, enum sl_counter *why);

/** Give back blocks that were idle for long, among the next so many. */
void sl_block_age(struct sl_worker *w, uint32_t most);

#endif /* SL_BLOCK_H */
