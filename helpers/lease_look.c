/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Looking at the store: copies of leases, by endpoint and by number.
 */
#include "lease_state.h"

static bool
copy(const struct sl_lease_entry *e, struct sl_lease *lease)
{
	if (e == NULL)
		return false;
	*lease = e->lease;
	return true;
}

bool
sl_lease_at(const struct sl_leases *ls, unsigned int tenant, uint8_t proto, rte_be32_t out_addr,
	rte_be16_t out_port, struct sl_lease *lease)
{
	return copy(sl_lease_table_out(&ls->table, (int)tenant, proto, out_addr, out_port), lease);
}

bool
sl_lease_of(const struct sl_leases *ls, unsigned int tenant, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, struct sl_lease *lease)
{
	return copy(sl_lease_table_in(&ls->table, tenant, proto, in_addr, in_port), lease);
}

bool
sl_lease_index(
	const struct sl_leases *ls, unsigned int tenant, unsigned int i, struct sl_lease *lease)
{
	uint32_t at;

	if (tenant >= SL_LEASE_TENANTS || i >= ls->table.of[tenant].n)
		return false;
	at = ls->table.of[tenant].first;
	while (i-- > 0)
		at = ls->table.entry[at].mine.next;
	return copy(&ls->table.entry[at], lease);
}

unsigned int
sl_lease_count(const struct sl_leases *ls, unsigned int tenant)
{
	return tenant < SL_LEASE_TENANTS ? ls->table.of[tenant].n : 0;
}

void
sl_lease_walk(
	const struct sl_leases *ls, void (*fn)(void *arg, const struct sl_lease *lease), void *arg)
{
	uint32_t at = ls->table.all.first;

	for (; at != SL_LEASE_NONE; at = ls->table.entry[at].all.next)
		fn(arg, &ls->table.entry[at].lease);
}

rte_be32_t
sl_lease_outside(const struct sl_leases *ls, unsigned int tenant, rte_be32_t in_addr)
{
	struct sl_lease_entry *e = NULL;

	/* A host has one outside address as long as it has a mapping. */
	if (sl_lease_table_host(&ls->table, tenant, in_addr, &e) > 0)
		return e->lease.out_addr;
	return ls->params.outside(ls->params.arg, tenant, in_addr);
}

const struct sl_lease_counts *
sl_leases_counts(const struct sl_leases *ls)
{
	return &ls->counts;
}
