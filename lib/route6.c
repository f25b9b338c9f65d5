/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv6 routes and neighbours, as route.c has those of IPv4: control writes, workers read, and
 * next hops share one array and one generation, so that a flow keeps either kind.
 *
 * The table is what route.c has for further tenants, here for all of them: one hash of {prefix,
 * tenant, length} and for each tenant the set of lengths in use, tried from the longest on.
 * rte_fib6 and rte_lpm6 of 22.11 do not wait for readers (no RCU): a worker could follow a
 * group that serves another prefix already. A look-up costs a probe for each length in use,
 * for a new flow or when a route has moved and not for each packet; rarely are there ten.
 *
 * Workers may send to an IPv6 station only what has been made IPv6. So that no packet of IPv4
 * goes there by mistake, nor has to look, the word of such a next hop says that its MAC is not
 * known, and the MAC lies in an array of its own.
 *
 * The outside and tenant 0 share a table, further tenants have insides only. What comes for an
 * IPv6 address from outside, or from another tenant, is the tenant's whose prefix it is: so each
 * prefix is once more in the hash under SL_ROUTE_ALL, with its tenant and next hop, or with the
 * note that several tenants have it, which makes it nobody's. Default routes are not: that of
 * tenant 0 is the last resort, that of a further tenant does not hide the outside.
 */
/* rte_hash_rcu_qsbr_add() became stable after 22.11; it has not changed since. */
#define ALLOW_EXPERIMENTAL_API

#include <errno.h>

#include <rte_hash.h>
#include <rte_malloc.h>

#include "route6.h"
#include "six.h"
#include "state.h"

/* Key of both hashes: a station, or a network. */
struct route6_key {
	struct sl_ip6 addr;
	uint16_t tenant;
	uint16_t what; /* enum sl_side of a station, prefix length of a network */
};

static hash_sig_t
hash_of(const struct sl_routes *r, const struct route6_key *key)
{
	uint64_t a[2];

	memcpy(a, &key->addr, sizeof(a));
	a[0] = sl_mum(
		a[0] ^ r->seed.s[0], ((uint64_t)key->tenant << 16 | key->what) ^ r->seed.s[1]);
	return sl_hash128(a[0], a[1], &r->seed);
}

int
sl_routes6_init(struct sl_routes *r, const char *name, uint32_t max)
{
	/* Each prefix is in it twice. */
	r->nets6 = sl_routes_hash(r, name, "n6", sizeof(struct route6_key), max * 2);
	r->hosts6 = sl_routes_hash(r, name, "h6", sizeof(struct route6_key), max);
	r->word6 = rte_zmalloc(NULL, sizeof(*r->word6) * r->n_nh, RTE_CACHE_LINE_SIZE);
	return r->nets6 != NULL && r->hosts6 != NULL && r->word6 != NULL ? 0 : -ENOMEM;
}

void
sl_routes6_fini(struct sl_routes *r)
{
	rte_hash_free(r->nets6);
	rte_hash_free(r->hosts6);
	rte_free(r->word6);
}

/* ---- looking up ---- */

/* What an entry says: a next hop, in SL_ROUTE_ALL its tenant above it; 0: there is none. */
static uint32_t
find_word(const struct sl_routes *r, const struct rte_hash *hash, const struct route6_key *key)
{
	void *data;

	if (rte_hash_lookup_with_hash_data(hash, key, hash_of(r, key), &data) < 0)
		return SL_NH_NONE;
	return (uint32_t)(uintptr_t)data;
}

static uint16_t
find(const struct sl_routes *r, const struct rte_hash *hash, const struct route6_key *key)
{
	return (uint16_t)find_word(r, hash, key);
}

static uint32_t
find_longest(const struct sl_routes *r, uint16_t tenant, const struct sl_ip6 *addr, bool def)
{
	/* What comes or goes meanwhile is looked up again: its generation is a new one. */
	for (int i = 2; i >= 0; i--) {
		uint64_t plens = __atomic_load_n(&r->plens6[tenant][i], __ATOMIC_RELAXED);

		if (i == 0 && !def)
			plens &= ~UINT64_C(1);
		while (plens != 0) {
			unsigned int bit = 63 - (unsigned int)__builtin_clzll(plens);
			uint8_t plen = (uint8_t)(i * 64 + (int)bit);
			struct route6_key key = { sl_ip6_net(addr, plen), tenant, plen };
			uint32_t word = find_word(r, r->nets6, &key);

			if (word != SL_NH_NONE)
				return word;
			plens ^= UINT64_C(1) << bit;
		}
	}
	return SL_NH_NONE;
}

/* On the link, the station itself; the link as long as nobody knows it. */
static uint16_t
find_station(const struct sl_routes *r, uint16_t tenant, const struct sl_ip6 *addr, uint16_t nh)
{
	struct route6_key key = { *addr, tenant, 0 };
	uint16_t host;

	if (nh == SL_NH_NONE || nh >= SL_NH_FIRST)
		return nh;
	key.what = sl_nh_side(r, nh);
	host = find(r, r->hosts6, &key);
	return host != SL_NH_NONE ? host : nh;
}

uint16_t
sl_routes6_lookup(const struct sl_routes *r, uint16_t tenant, const struct sl_ip6 *addr)
{
	return find_station(r, tenant, addr, (uint16_t)find_longest(r, tenant, addr, true));
}

uint16_t
sl_routes6_lookup_own(const struct sl_routes *r, uint16_t tenant, const struct sl_ip6 *addr)
{
	return find_station(r, tenant, addr, (uint16_t)find_longest(r, tenant, addr, false));
}

uint16_t
sl_routes6_find(const struct sl_routes *r, const struct sl_ip6 *addr, uint16_t *tenant)
{
	uint32_t word = find_longest(r, SL_ROUTE_ALL, addr, true);

	if (word == SL_NH_NONE) {
		*tenant = 0;
		return sl_routes6_lookup(r, 0, addr);
	}
	*tenant = (uint16_t)(word >> 16);
	return find_station(r, *tenant, addr, (uint16_t)word);
}

/* ---- stations ---- */

static uint16_t
get_host(struct sl_routes *r, uint16_t tenant, enum sl_side side, const struct sl_ip6 *addr)
{
	struct route6_key key = { *addr, tenant, side };
	uint16_t i = find(r, r->hosts6, &key);

	if (i != SL_NH_NONE)
		return i;
	i = sl_routes_take(r);
	if (i == SL_NH_NONE)
		return i;
	r->nh[i] = (struct sl_nh){ .addr6 = *addr, .tenant = tenant, .side = side, .six = true };
	__atomic_store_n(&r->word6[i], 0, __ATOMIC_RELAXED);
	if (rte_hash_add_key_with_hash_data(
		    r->hosts6, &key, hash_of(r, &key), (void *)(uintptr_t)i) == 0)
		return i;
	sl_routes_give(r, i);
	return SL_NH_NONE;
}

/* Forget a station that has no MAC and no route. */
static void
put_host(struct sl_routes *r, uint16_t i)
{
	struct sl_nh *nh = &r->nh[i];
	struct route6_key key = { nh->addr6, nh->tenant, nh->side };

	if (i < SL_NH_FIRST || nh->refs > 0 || r->word6[i] != 0)
		return;
	rte_hash_del_key_with_hash(r->hosts6, &key, hash_of(r, &key));
	sl_routes_moved(r);
	sl_routes_give(r, i);
}

static void
unref(struct sl_routes *r, uint16_t nh)
{
	if (nh >= SL_NH_FIRST) {
		r->nh[nh].refs--;
		put_host(r, nh);
	}
}

/* ---- control's doors ---- */

/* Keep count of the prefixes that a tenant has of a length. */
static void
count(struct sl_routes *r, const struct route6_key *key, int by)
{
	uint32_t n = r->n_plen6[key->tenant][key->what] += (uint32_t)by;
	uint64_t bit = UINT64_C(1) << key->what % 64,
		 *set = &r->plens6[key->tenant][key->what / 64];

	if (key->tenant != SL_ROUTE_ALL)
		r->n_routes6 += (uint32_t)by;
	__atomic_store_n(set, n > 0 ? *set | bit : *set & ~bit, __ATOMIC_RELAXED);
}

static uint32_t
word_of(uint32_t tenant, uint16_t nh)
{
	return tenant << 16 | nh;
}

/* Whose a prefix is that several tenants had, or still have. */
static uint32_t
owner_of(const struct sl_routes *r, struct route6_key key)
{
	uint32_t word = SL_NH_NONE;

	for (unsigned int t = 0; t < SL_ROUTE_TENANTS; t++) {
		uint16_t nh = SL_NH_NONE;

		key.tenant = (uint16_t)t;
		if (r->n_plen6[t][key.what] > 0)
			nh = find(r, r->nets6, &key);
		if (nh != SL_NH_NONE && word != SL_NH_NONE)
			return word_of(SL_ROUTE_SEVERAL, SL_NH_NONE);
		if (nh != SL_NH_NONE)
			word = word_of(t, nh);
	}
	return word;
}

/* A tenant's prefix leads there now, or nowhere any more: let it be found without the tenant.
 * That of links is in every tenant, and nothing is routed by it. */
static int
publish(struct sl_routes *r, const struct route6_key *key, uint16_t nh)
{
	struct route6_key all = { key->addr, SL_ROUTE_ALL, key->what };
	uint32_t old, new = nh != SL_NH_NONE ? word_of(key->tenant, nh) : SL_NH_NONE;

	if (key->what == 0 || sl_ip6_bogon(&key->addr))
		return 0;
	old = find_word(r, r->nets6, &all);
	if (old != SL_NH_NONE && old >> 16 != key->tenant)
		new = nh != SL_NH_NONE ? word_of(SL_ROUTE_SEVERAL, SL_NH_NONE) : owner_of(r, *key);
	if (new == SL_NH_NONE) {
		if (rte_hash_del_key_with_hash(r->nets6, &all, hash_of(r, &all)) >= 0)
			count(r, &all, -1);
		return 0;
	}
	if (rte_hash_add_key_with_hash_data(
		    r->nets6, &all, hash_of(r, &all), (void *)(uintptr_t) new) != 0)
		return -ENOSPC;
	if (old == SL_NH_NONE)
		count(r, &all, 1);
	return 0;
}

static bool
is_sound(unsigned int tenant, uint8_t plen, enum sl_side side)
{
	return plen <= 128 && tenant < SL_ROUTE_TENANTS && (tenant == 0 || side == SL_INSIDE);
}

int
sl_route6_add(struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *prefix, uint8_t plen,
	enum sl_side side, const struct sl_ip6 *gw)
{
	struct sl_routes *r = &nat->routes;
	struct route6_key key = { .tenant = (uint16_t)tenant, .what = plen };
	uint16_t nh = SL_NH_LINK(side), old;

	if (!is_sound(tenant, plen, side))
		return -EINVAL;
	key.addr = sl_ip6_net(prefix, plen);
	old = find(r, r->nets6, &key);
	if (old == SL_NH_NONE && r->n_routes6 == r->max_routes)
		return -ENOSPC;
	if (gw != NULL && (nh = get_host(r, key.tenant, side, gw)) == SL_NH_NONE)
		return -ENOSPC;
	if (nh >= SL_NH_FIRST)
		r->nh[nh].refs++;
	if (rte_hash_add_key_with_hash_data(
		    r->nets6, &key, hash_of(r, &key), (void *)(uintptr_t)nh) != 0) {
		unref(r, nh);
		return -ENOSPC;
	}
	if (publish(r, &key, nh) != 0) {
		/* It is new to all: one that is known has its place. */
		rte_hash_del_key_with_hash(r->nets6, &key, hash_of(r, &key));
		unref(r, nh);
		return -ENOSPC;
	}
	if (old == SL_NH_NONE)
		count(r, &key, 1);
	else
		unref(r, old);
	sl_routes_moved(r);
	return 0;
}

int
sl_route6_del(struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *prefix, uint8_t plen)
{
	struct sl_routes *r = &nat->routes;
	struct route6_key key = { .tenant = (uint16_t)tenant, .what = plen };
	uint16_t old;

	if (!is_sound(tenant, plen, SL_INSIDE))
		return -EINVAL;
	key.addr = sl_ip6_net(prefix, plen);
	old = find(r, r->nets6, &key);
	if (old == SL_NH_NONE)
		return -ENOENT;
	rte_hash_del_key_with_hash(r->nets6, &key, hash_of(r, &key));
	count(r, &key, -1);
	publish(r, &key, SL_NH_NONE);
	sl_routes_moved(r);
	unref(r, old);
	return 0;
}

int
sl_neigh6_set(struct sl_nat *nat, unsigned int tenant, enum sl_side side, const struct sl_ip6 *addr,
	const struct rte_ether_addr *mac)
{
	struct sl_routes *r = &nat->routes;
	struct route6_key key = { *addr, (uint16_t)tenant, side };
	uint64_t word = SL_NH_RESOLVED;
	uint16_t i;

	if (mac == NULL) {
		i = find(r, r->hosts6, &key);
		if (i == SL_NH_NONE)
			return 0;
		__atomic_store_n(&r->word6[i], 0, __ATOMIC_RELAXED);
		put_host(r, i);
		return 0;
	}
	i = get_host(r, (uint16_t)tenant, side, addr);
	if (i == SL_NH_NONE)
		return -ENOSPC;
	memcpy(&word, mac, sizeof(*mac));
	__atomic_store_n(&r->word6[i], word, __ATOMIC_RELAXED);
	sl_routes_told(r);
	return 0;
}
