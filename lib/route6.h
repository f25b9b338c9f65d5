/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_ROUTE6_H
#define SL_ROUTE6_H

#include "route.h"

/** Make empty tables beside those of IPv4; 0 or -ENOMEM. */
int sl_routes6_init(struct sl_routes *r, const char *name, uint32_t max);

/** Free them; fine on zeroed ones. */
void sl_routes6_fini(struct sl_routes *r);

/** The next hop towards addr, or SL_NH_NONE; any lcore. */
uint16_t sl_routes6_lookup(const struct sl_routes *r, uint16_t tenant, const struct sl_ip6 *addr);

/** The same in networks of the tenant's own: a default route is none. Any lcore. */
uint16_t sl_routes6_lookup_own(
	const struct sl_routes *r, uint16_t tenant, const struct sl_ip6 *addr);

#define SL_ROUTE_SEVERAL UINT16_MAX /* tenants */

/**
 * The next hop towards an address of which nobody says in which tenant it is; any lcore.
 * @param tenant  becomes the one whose longest prefix it is (0 of the outside and by its default
 *                route), or SL_ROUTE_SEVERAL; then there is no next hop
 */
uint16_t sl_routes6_find(const struct sl_routes *r, const struct sl_ip6 *addr, uint16_t *tenant);

/** The MAC word of an IPv6 next hop that is a station, 0 while it is not known; any lcore. */
static inline uint64_t
sl_nh_word6(const struct sl_routes *r, uint16_t nh)
{
	return __atomic_load_n(&r->word6[nh], __ATOMIC_RELAXED);
}

#endif /* SL_ROUTE6_H */
