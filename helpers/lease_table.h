/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_LEASE_TABLE_H
#define SL_LEASE_TABLE_H

#include "hash.h"
#include "lease.h"

#define SL_LEASE_NONE UINT32_MAX
#define SL_LEASE_TENANTS UINT8_MAX /* indices below it */

/** A place in a list. */
struct sl_lease_link {
	uint32_t prev, next;
};

/** A list in order of creation. */
struct sl_lease_list {
	uint32_t first, last, n;
};

/** A lease with all that it hangs on; next_in chains free ones, too. */
struct sl_lease_entry {
	struct sl_lease lease;
	uint32_t next_in, next_out, next_host; /* hash chains */
	struct sl_lease_link all, mine; /* of all tenants, of its own */
	uint32_t heap; /* where it is in the heap */
	bool forward; /* its worker cannot give that port: params.forward() has it */
	bool live;
};

/** All leases by whatever they are looked up by. Fixed memory, control lcore only. */
struct sl_lease_table {
	struct sl_lease_entry *entry;
	uint32_t *in, *out, *host; /* chain heads */
	uint32_t *heap; /* the first one is over first */
	uint32_t mask, max, high, free;
	struct sl_seed seed;
	struct sl_lease_list all, of[SL_LEASE_TENANTS];
};

/** Take memory for max leases; 0 or -ENOMEM. */
int sl_lease_table_init(struct sl_lease_table *t, uint32_t max);

/** Give it back; fine on a zeroed table. */
void sl_lease_table_fini(struct sl_lease_table *t);

/** Enter a copy, as the latest; NULL when full. Its endpoints are in no other entry. */
struct sl_lease_entry *sl_lease_table_add(struct sl_lease_table *t, const struct sl_lease *lease);

/** Take an entry out. */
void sl_lease_table_del(struct sl_lease_table *t, struct sl_lease_entry *e);

/** Give an entry another outside endpoint. */
void sl_lease_table_move(
	struct sl_lease_table *t, struct sl_lease_entry *e, rte_be32_t addr, rte_be16_t port);

/** Give it another end. */
void sl_lease_table_until(struct sl_lease_table *t, struct sl_lease_entry *e, uint64_t expires);

/** By inside endpoint, or NULL. */
struct sl_lease_entry *sl_lease_table_in(const struct sl_lease_table *t, unsigned int tenant,
	uint8_t proto, rte_be32_t addr, rte_be16_t port);

/** By outside endpoint, at any address with addr 0; tenant -1: of any. NULL: none. */
struct sl_lease_entry *sl_lease_table_out(const struct sl_lease_table *t, int tenant, uint8_t proto,
	rte_be32_t addr, rte_be16_t port);

/** Leases of one host; one of them in *some (may be NULL). */
uint32_t sl_lease_table_host(const struct sl_lease_table *t, unsigned int tenant, rte_be32_t addr,
	struct sl_lease_entry **some);

/** The one that is over first, or NULL. */
struct sl_lease_entry *sl_lease_table_first_over(const struct sl_lease_table *t);

#endif /* SL_LEASE_TABLE_H */
