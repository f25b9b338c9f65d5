/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What control can tell of a subscriber without asking its worker: which worker that is, the
 * outside address that it begins with, and whether it can be one at all.
 *
 * The address is a forecast by the same rule as in alloc.c: one that holds a mapping may be
 * elsewhere, since its first address was full at that time; its worker knows.
 */
#include "route6.h"
#include "state.h"

unsigned int
sl_subscriber_worker(const struct sl_nat *nat, rte_be32_t in_addr)
{
	return sl_owner_inside(nat, in_addr);
}

unsigned int
sl_subscriber_worker6(const struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *addr)
{
	return nat->snap != NULL ? sl_owner_inside6(nat, nat->snap, (uint8_t)tenant, addr) : 0;
}

rte_be32_t
sl_subscriber_outside(const struct sl_nat *nat, unsigned int tenant, rte_be32_t in_addr)
{
	const struct sl_snap *s = nat->snap;
	const struct sl_snap_pool *pool;
	uint32_t host = rte_be_to_cpu_32(in_addr), at;

	if (s == NULL || tenant >= s->n_tenants || s->tenant[tenant].absent)
		return 0;
	pool = &s->pool[s->tenant[tenant].pool];
	at = sl_alloc_turn(pool, host);
	return at < pool->n ? nat->paddr[s->paddr[pool->first + at]]->addr : 0;
}

bool
sl_subscriber_possible(const struct sl_nat *nat, unsigned int tenant, rte_be32_t in_addr)
{
	const struct sl_snap *s = nat->snap;
	uint32_t a = rte_be_to_cpu_32(in_addr);
	uint16_t nh;

	if (s == NULL || tenant >= s->n_tenants || s->tenant[tenant].absent)
		return false;
	if (a >> 24 == 0 || a >> 24 == 127 || a >> 28 >= 0xe || a >> 16 == 0xa9fe)
		return false;
	if (sl_snap_addr(s, 0, in_addr) != NULL ||
		sl_snap_addr(s, (uint16_t)(tenant + 1), in_addr) != NULL)
		return false;
	nh = sl_routes_lookup(&nat->routes, (uint16_t)tenant, in_addr);
	return nh != SL_NH_NONE && sl_nh_side(&nat->routes, nh) == SL_INSIDE;
}

bool
sl_subscriber_possible6(const struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *addr)
{
	const struct sl_snap *s = nat->snap;
	uint16_t nh;

	if (s == NULL || tenant >= s->n_tenants || s->tenant[tenant].absent || sl_ip6_bogon(addr))
		return false;
	for (uint32_t i = 0; i < s->n_nat64; i++)
		if (s->nat64[i].tenant == tenant && sl_prefix_holds(&s->nat64[i].match, addr))
			return false;
	for (uint32_t i = 0; i < s->n_own6; i++)
		if (sl_ip6_same(&s->own6[i].addr, addr))
			return false;
	nh = sl_routes6_lookup(&nat->routes, (uint16_t)tenant, addr);
	return nh != SL_NH_NONE && sl_nh_side(&nat->routes, nh) == SL_INSIDE;
}
