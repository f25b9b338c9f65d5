/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SLOTS_H
#define SLOTS_H

#include "sluice.h"

/**
 * Which index a tenant or a pool has. Indices are for life: sessions, neighbours and namespaces
 * go by them, so one that is removed leaves a hole, an entry with an empty name.
 */

/** True for a hole among the tenants. */
static inline bool
slots_no_tenant(const struct sl_config *config, unsigned int i)
{
	return i >= config->n_tenants || config->tenant[i].name[0] == '\0';
}

/** True for a hole among the pools. */
static inline bool
slots_no_pool(const struct sl_config *config, unsigned int i)
{
	return i >= config->n_pools || config->pool[i].name[0] == '\0';
}

/** Index of the tenant or pool of this name, or -1. */
int slots_find_tenant(const struct sl_config *config, const char *name);
int slots_find_pool(const struct sl_config *config, const char *name);

/** Index of a tenant's first NAT64 prefix, or -1. */
int slots_nat64(const struct sl_config *config, unsigned int tenant);

/** The first pool there is, which new tenants use; 0 without any. */
unsigned int slots_first_pool(const struct sl_config *config);

/**
 * Take in a new one: at an index never used, or else in the hole that was made first.
 * @return its index, -ENOMEM, or -ENOSPC
 */
int slots_add_tenant(struct sl_config *config, const struct sl_tenant *tenant);
int slots_add_pool(struct sl_config *config, const struct sl_pool *pool);

/** Leave a hole; what refers to it is the caller's. */
void slots_del_tenant(struct sl_config *config, unsigned int i);

/** The same; with the last one, all holes go, and tenants use the outside addresses. */
void slots_del_pool(struct sl_config *config, unsigned int i);

/**
 * Give what a configuration read from a file has by the same name as the one in force the
 * same index as there.
 * @return 0, -ENOMEM or -ENOSPC: then config is good for nothing but to be destroyed
 */
int slots_align(struct sl_config *config, const struct sl_config *running);

#endif /* SLOTS_H */
