/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_MAP_H
#define SL_MAP_H

#include <rte_common.h>

#include "flow.h"

#define SL_MAP_STATIC (1 << 0) /**< its outside port belongs to a port forward */
#define SL_MAP_HELD (1 << 2) /**< lives until its time even without flows */
#define SL_MAP_ONCE (1 << 3) /**< lets one flow in from outside */
#define SL_MAP_LEASE (1 << 4) /**< held for a lease, which is kept elsewhere */
#define SL_MAP_SHARED (1 << 1) /**< has no port: each of its flows has one that others share */

#define SL_MAP_LATE 32

/**
 * A mapping: an inside endpoint and its outside endpoint, the same for every destination
 * (RFC 4787 REQ-1). It owns its flows. Written by its worker alone.
 */
struct sl_map {
	rte_be32_t in_addr, out_addr;
	rte_be16_t in_port, out_port;
	uint8_t tenant;
	uint8_t proto; /* 0: free */
	uint8_t flags; /* SL_MAP_* */
	uint8_t filter; /* enum sl_filter */
	uint32_t next_in, next_out; /* hash chains; next_in also chains free ones */
	uint32_t flows; /* its first flow */
	uint32_t n_flows;
	uint32_t sub; /* its subscriber */
	uint16_t paddr; /* index of its pool address, but of a forward */
	rte_be16_t rem_port; /* with rem_addr: who alone may open a flow from outside, 0: any */
	rte_be32_t rem_addr;
	uint32_t until; /* milliseconds, with SL_MAP_HELD */
} __rte_aligned(16);

_Static_assert(sizeof(struct sl_map) == 48, "three quarters of a line: they are many");

/** The mappings of one worker. */
struct sl_maps {
	struct sl_map *map;
	uint32_t *by_in, *by_out; /* chain heads */
	uint32_t heads, max, n, free, high, sweep;
	uint32_t n_held; /* of them with SL_MAP_HELD */
	struct sl_seed seed;
	uint32_t n_late; /* that are yet to be entered in by_out */
	uint32_t *late_head[SL_MAP_LATE]; /* where, and */
	uint32_t late[SL_MAP_LATE]; /* which */
};

/** Take the memory for max mappings; 0 or -ENOMEM. */
int sl_maps_init(struct sl_maps *t, uint32_t max, int socket, const struct sl_seed *seed);

/** Give it back; fine on a zeroed table. */
void sl_maps_fini(struct sl_maps *t);

/** Where the chain of an inside or an outside endpoint begins. */
uint32_t *sl_map_head_in(
	const struct sl_maps *t, uint16_t tenant, uint8_t proto, rte_be32_t addr, rte_be16_t port);
uint32_t *sl_map_head_out(const struct sl_maps *t, uint8_t proto, rte_be32_t addr, rte_be16_t port);

/** Does it stand for the calls of a host (call.c)? Then it has no ports, and its keys say so. */
static inline bool
sl_map_is_calls(const struct sl_map *m)
{
	return m->proto == IPPROTO_GRE && m->in_port == SL_GRE_CALL;
}

/**
 * The newest mapping of an inside endpoint, or NULL. An endpoint has one dynamic mapping at most,
 * and one static mapping more for each forward that leads to it: sl_map_next_in() walks them.
 */
struct sl_map *sl_map_find_in(
	const struct sl_maps *t, uint16_t tenant, uint8_t proto, rte_be32_t addr, rte_be16_t port);

/** The next older mapping of the same inside endpoint, or NULL. */
struct sl_map *sl_map_next_in(const struct sl_maps *t, const struct sl_map *m);

/** The mapping of an outside endpoint, or NULL. */
struct sl_map *sl_map_find_out(struct sl_maps *t, uint8_t proto, rte_be32_t addr, rte_be16_t port);

/** A new mapping with these endpoints, without flows; NULL when full. */
struct sl_map *sl_map_add(struct sl_maps *t, uint16_t tenant, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, rte_be32_t out_addr, rte_be16_t out_port);

/**
 * Enter what was added under its outside endpoint too. Its head is known only when the port has
 * been drawn, so it is fetched then and written later, by this or by whoever comes to need it.
 */
void sl_maps_settle(struct sl_maps *t);

/** Take a mapping without flows out of the chains and free it. */
void sl_map_del(struct sl_maps *t, struct sl_map *m);

/** Put a flow at the head of a mapping's list. */
void sl_map_link(struct sl_maps *t, struct sl_flows *flows, struct sl_map *m, struct sl_flow *f);

/** Take a flow out of its mapping's list. */
void sl_map_unlink(struct sl_flows *flows, struct sl_map *m, struct sl_flow *f);

#endif /* SL_MAP_H */
