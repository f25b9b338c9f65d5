/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SUB_H
#define SL_SUB_H

#include <rte_common.h>

#include "flow.h"
#include "portmap.h"
#include "sluice.h"

/**
 * A subscriber: tenant and inside address. It keeps one outside address for as long as it
 * has a mapping (paired pooling, RFC 4787 REQ-2), and counts what it holds.
 */
struct sl_sub {
	rte_be32_t in_addr;
	uint16_t tenant;
	uint16_t n_blocks;
	uint32_t paddr; /* its pool address, SL_NONE before the first port */
	uint32_t n_maps;
	uint32_t sessions;
	uint32_t ports[SL_PORTS_COUNT];
	uint32_t tokens; /* new sessions it may open now, in 1/1000 */
	uint32_t filled; /* milliseconds, when tokens were last added */
	uint32_t next; /* hash chain, or next free one */
	uint32_t blocks; /* port blocks that it holds, sl_alloc.block */
	uint32_t refused[SL_REFUSED_COUNT]; /* sessions; UINT32_MAX: so many or more */
} __rte_aligned(64);

_Static_assert(sizeof(struct sl_sub) == 64, "a subscriber is one cache line");

/** The subscribers of one worker; written by it alone. */
struct sl_subs {
	struct sl_sub *sub;
	uint32_t *head;
	uint32_t mask, max, n, free, high;
	uint32_t sweep;
	struct sl_seed seed;
	struct sl_tenant_use use[UINT8_MAX + 1]; /* by tenant; r: control */
};

/** Take the memory for max subscribers; 0 or -ENOMEM. */
int sl_subs_init(struct sl_subs *t, uint32_t max, int socket, const struct sl_seed *seed);

/** Give it back; fine on a zeroed table. */
void sl_subs_fini(struct sl_subs *t);

/** Where the chain of a subscriber begins. */
uint32_t *sl_sub_head(const struct sl_subs *t, uint16_t tenant, rte_be32_t addr);

/** Find a subscriber, or make it (a full bucket of tokens is the caller's to give); NULL when full. */
struct sl_sub *sl_sub_get(struct sl_subs *t, uint16_t tenant, rte_be32_t addr, uint32_t now);

/** Is there such a subscriber? */
bool sl_sub_exists(const struct sl_subs *t, uint16_t tenant, rte_be32_t addr);

/** Free it if it holds nothing. */
void sl_sub_put(struct sl_subs *t, struct sl_sub *s);

/** Look at up to n subscribers in turn and free those that have held nothing for a while. */
void sl_subs_age(struct sl_subs *t, uint32_t n, uint32_t now);

/** A new session was refused for this reason. */
void sl_sub_refuse(struct sl_sub *s, enum sl_counter why);

/** Pay for one new session at `rate` a second (0: free); false when it has no tokens left. */
bool sl_sub_pay(struct sl_sub *s, uint32_t rate, uint32_t now);

#endif /* SL_SUB_H */
