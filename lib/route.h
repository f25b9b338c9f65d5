/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_ROUTE_H
#define SL_ROUTE_H

#include <rte_lpm.h>
#include <rte_rcu_qsbr.h>

#include "hash.h"
#include "sluice.h"

/* Next hops that are no station. */
#define SL_NH_NONE 0 /* no route */
#define SL_NH_LINK(side) (1 + (side)) /* on the link: the destination is its own next hop */
#define SL_NH_FIRST 3

#define SL_NH_RESOLVED (UINT64_C(1) << 48)

#define SL_ROUTE_TENANTS (UINT8_MAX + 1) /* as many as a packet can name */
#define SL_ROUTE_ALL SL_ROUTE_TENANTS /* in the place of one: what all of them have, of IPv6 */

/**
 * A next hop. `word` holds the MAC in its low 48 bits (as in memory) and SL_NH_RESOLVED, so
 * that one load gives workers all of it. Written by control.
 */
struct sl_nh {
	uint64_t word; /* relaxed atomic; of an IPv6 station 0, its word is in sl_routes.word6 */
	union {
		rte_be32_t addr;
		struct sl_ip6 addr6;
	};
	uint16_t tenant;
	uint8_t side;
	bool six;
	uint32_t refs; /* routes that lead to it */
};

_Static_assert(sizeof(struct sl_nh) == 32, "two of them share a line");

/** Routes and next hops: control writes, workers read without a lock. */
struct sl_routes {
	struct sl_nh *nh;
	uint32_t n_nh; /* slots */
	uint16_t gen; /* grows with every change that moves a destination; relaxed atomic */
	uint16_t def; /* next hop of 0.0.0.0/0, relaxed atomic */
	uint32_t told; /* grows with every change of a route or neighbour; release, acquire */
	struct rte_lpm *lpm; /* outside and tenant 0 */
	struct rte_hash *nets; /* {prefix, tenant, plen} of further tenants -> index of nh */
	struct rte_hash *hosts; /* {addr, tenant, side} -> index of nh */
	struct rte_hash *nets6, *hosts6; /* the same of IPv6, tenant 0 too */
	uint64_t *word6; /* by index of nh; relaxed atomic */
	struct sl_seed seed; /* of both hashes */
	uint64_t plens[SL_ROUTE_TENANTS]; /* lengths that a further tenant has; relaxed atomic */
	uint64_t plens6[SL_ROUTE_ALL + 1][3]; /* lengths that a tenant has of IPv6; the same */
	/* control only */
	uint32_t n_routes, max_routes;
	uint32_t n_plen[SL_ROUTE_TENANTS][33]; /* routes of each length */
	uint32_t n_routes6;
	uint32_t n_plen6[SL_ROUTE_ALL + 1][129];
	uint32_t high; /* slots from here on were never used */
	uint16_t *free; /* slots free at once or after their grace period */
	uint64_t *free_token;
	uint32_t free_head, n_free;
	struct rte_rcu_qsbr *qsbr;
};

/** Make empty tables; 0 or -errno. */
int sl_routes_init(struct sl_routes *r, const char *name, uint32_t max, struct rte_rcu_qsbr *qsbr,
	const struct sl_seed *seed);

/** Free them; fine on zeroed ones. */
void sl_routes_fini(struct sl_routes *r);

/** An empty table that readers need no lock for; whoever uses it brings hashes along. NULL. */
struct rte_hash *sl_routes_hash(const struct sl_routes *r, const char *name, const char *what,
	uint32_t key_len, uint32_t max);

/** The next hop towards addr, or SL_NH_NONE; any lcore. */
uint16_t sl_routes_lookup(const struct sl_routes *r, uint16_t tenant, rte_be32_t addr);

/**
 * The next hop towards addr when it is in a network of the tenant's own: as the look-up, but a
 * default route is none. Not for tenant 0; any lcore.
 */
uint16_t sl_routes_lookup_own(const struct sl_routes *r, uint16_t tenant, rte_be32_t addr);

/** For route6.c: a free slot of nh[], or SL_NH_NONE; and back, when nobody finds it any more. */
uint16_t sl_routes_take(struct sl_routes *r);
void sl_routes_give(struct sl_routes *r, uint16_t nh);

/** For route6.c: some destination has another next hop now. */
void sl_routes_moved(struct sl_routes *r);

/** For route6.c: control has written something that packets may wait for. */
void sl_routes_told(struct sl_routes *r);

/** The side that a next hop lies on; not for SL_NH_NONE. */
static inline enum sl_side
sl_nh_side(const struct sl_routes *r, uint16_t nh)
{
	return nh < SL_NH_FIRST ? (enum sl_side)(nh - 1) : (enum sl_side)r->nh[nh].side;
}

#endif /* SL_ROUTE_H */
