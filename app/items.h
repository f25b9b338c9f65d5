/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ITEMS_H
#define ITEMS_H

#include <stddef.h>

#include <rte_common.h>

#include "addr.h"

enum item_kind {
	ITEM_ADDR,
	ITEM_ROUTE,
	ITEM_NEIGH,
};

/** One wish; zeroed before it is filled. */
struct item {
	uint32_t kind; /**< enum item_kind */
	uint32_t side; /**< of a route: where its gateway is */
	struct addr addr; /**< address, prefix, neighbour */
	uint32_t plen;
	struct addr gw;
	struct rte_ether_addr mac;
	uint16_t zero;
};

/** Items in order; a zeroed one is empty. */
struct items {
	struct item *item; /**< owned: free() */
	unsigned int n;
};

/**
 * The items of a tenant in a configuration: gateways found, doubles refused. Tenant 0 has
 * the outside with it, and all static neighbours.
 * @return 0, or -errno with a sentence in why
 */
int items_make(struct items *items, const struct sl_config *config, unsigned int tenant, char *why,
	size_t size);

/** The item of the same name, or NULL. */
const struct item *items_find(const struct items *items, const struct item *name);

/** True when the very same item is among them. */
bool items_hold(const struct items *items, const struct item *item);

/** Write "route 192.0.2.0/24 via 10.0.0.1: " or the like, then the reason; returns -EINVAL. */
int items_explain(const struct item *item, char *why, size_t size, const char *format, ...)
	__rte_format_printf(4, 5);

#endif /* ITEMS_H */
