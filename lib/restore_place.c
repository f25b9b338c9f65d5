/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where what a record says is now (restore.c): tenants, inside and outside addresses, workers.
 */
#include "alloc_back.h"
#include "restore.h"
#include "state.h"

static uint32_t
stand_slot(const struct sl_restore *r, rte_be32_t was)
{
	return sl_hash128(was, 0, &r->nat->home_seed) & r->stand_mask;
}

void
sl_restore_stand(struct sl_restore *r, rte_be32_t was, rte_be32_t is)
{
	uint32_t i = stand_slot(r, was);

	if (r->n_stands > r->stand_mask / 2)
		return; /* more than were announced: their sessions find no host */
	while (r->stand[i].was != 0 && r->stand[i].was != was)
		i = (i + 1) & r->stand_mask;
	r->n_stands += r->stand[i].was == 0;
	r->stand[i] = (struct sl_stand_pair){ was, is };
}

enum sl_saved_fate
sl_restore_inside(const struct sl_restore *r, rte_be32_t was, rte_be32_t *is)
{
	uint32_t i;

	*is = was;
	if (!sl_stand_is(was))
		return was != 0 ? SL_SAVED_BACK : SL_SAVED_NONSENSE;
	for (i = stand_slot(r, was); r->stand[i].was != 0; i = (i + 1) & r->stand_mask) {
		if (r->stand[i].was == was) {
			*is = r->stand[i].is;
			return SL_SAVED_BACK;
		}
	}
	return SL_SAVED_NO_HOST;
}

enum sl_saved_fate
sl_restore_tenant(const struct sl_restore *r, unsigned int was, uint8_t *is)
{
	int t = was < r->names->n_tenants ? r->names->tenant[was] : -1;

	if (t < 0 || t > UINT8_MAX || (uint32_t)t >= r->snap->n_tenants ||
		r->snap->tenant[t].absent)
		return SL_SAVED_NO_TENANT;
	*is = (uint8_t)t;
	return SL_SAVED_BACK;
}

enum sl_saved_fate
sl_restore_address(const struct sl_restore *r, rte_be32_t addr, const struct sl_addr **a)
{
	*a = sl_snap_addr(r->snap, 0, addr);
	return *a != NULL && ((*a)->kind & SL_ADDR_POOL) ? SL_SAVED_BACK : SL_SAVED_NO_ADDRESS;
}

void
sl_restore_pair(const struct sl_restore *r, struct sl_sub *sub, const struct sl_addr *a)
{
	if (sub->paddr == SL_NONE && a->paddr != SL_NONE &&
		a->pool == r->snap->tenant[sub->tenant].pool)
		sub->paddr = a->paddr;
}

struct sl_worker *
sl_restore_worker(const struct sl_restore *r, rte_be32_t inside)
{
	return r->nat->worker[sl_owner_inside(r->nat, inside) % r->nat->n_workers];
}

enum sl_saved_fate
sl_restore_port(const struct sl_restore *r, struct sl_worker *w, struct sl_sub *sub,
	const struct sl_addr *a, uint8_t proto, uint16_t port)
{
	const struct sl_snap *s = r->snap;

	if (a->paddr == SL_NONE ||
		sl_snap_fwd_out(s, proto, a->addr, rte_cpu_to_be_16(port)) != NULL ||
		sl_snap_serves(s, proto, a->addr, rte_cpu_to_be_16(port)))
		return SL_SAVED_NO_PORT;
	return sl_alloc_back_port(w, sub, a->paddr, proto, port);
}
