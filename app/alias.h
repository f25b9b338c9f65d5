/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ALIAS_H
#define ALIAS_H

#include <stdbool.h>

#include "hash.h"
#include "six.h"

#define ALIAS_HEADS 1024

/** An IPv6 host of a tenant. */
struct alias {
	struct sl_ip6 addr;
	uint16_t tenant;
	uint32_t leases; /**< that it has; 0: the next new host may take its place */
	uint32_t next; /* in its chain, or of the free ones */
	uint32_t next_idle;
	bool idle; /* it is in the list of those that had no lease */
};

/** IPv6 hosts by IPv4 addresses that no host has; embedded, control only. */
struct aliases {
	struct alias *alias;
	uint32_t n, room, free, idle;
	struct sl_seed seed; /* hosts choose their addresses */
	uint32_t head[ALIAS_HEADS];
};

/** Begin with none. */
void alias_init(struct aliases *as);

/** Free what is held. */
void alias_fini(struct aliases *as);

/** Does this inside address stand for an IPv6 host? */
static inline bool
alias_is(rte_be32_t addr)
{
	return sl_stand_is(addr);
}

/**
 * The alias of a host, made when it is new. It is good until the next one is asked for, and for
 * as long as the host has leases. @return 0 without memory
 */
rte_be32_t alias_get(struct aliases *as, uint16_t tenant, const struct sl_ip6 *addr);

/** The host of an alias, or NULL. */
const struct alias *alias_of(const struct aliases *as, rte_be32_t alias);

/** A lease of the host has come (by 1) or gone (-1). */
void alias_hold(struct aliases *as, rte_be32_t alias, int by);

/** Leases of other hosts of the same subscriber, a prefix of this length. */
uint32_t alias_kin(const struct aliases *as, rte_be32_t alias, uint8_t plen);

#endif /* ALIAS_H */
