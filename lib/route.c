/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Routes and neighbours as the kernel has them. Control writes, workers read.
 *
 * A route leads to a next hop: a station (an address on a side's link, with its MAC once
 * the kernel knows it) or the link itself, where the destination is looked for among the
 * stations. Flows keep the result with the generation it came from and look up again when that has moved;
 * a changed MAC moves nothing, it is read from the next hop with every packet.
 *
 * The outside and tenant 0 share an rte_lpm. The insides of all further tenants share one hash
 * of {prefix, tenant, length}; beside it stands for each tenant the set of lengths that it has,
 * and a look-up tries these from the longest on. That is one probe for each length in use, 33
 * at most, for a new flow or when a route has moved and not for each packet; an rte_lpm for
 * each tenant would take 64 MB for it. Keys of different tenants differ, so prefixes that
 * overlap never meet. A tenant's own table has no outside: its subscribers reach that by the
 * routes of tenant 0.
 *
 * rte_lpm and rte_hash wait for readers through RCU (QSBR); a next hop's slot is used
 * again only after every worker has passed a quiescent state.
 *
 * Limits: max_routes routes of all tenants together, and as many neighbours and gateways.
 */
/* rte_lpm_rcu_qsbr_add() became stable after 22.11; it has not changed since. */
#define ALLOW_EXPERIMENTAL_API

#include <errno.h>

#include <rte_errno.h>
#include <rte_hash.h>
#include <rte_malloc.h>

#include "hash.h"
#include "log.h"
#include "route.h"
#include "state.h"

/* Key of both hashes: a station, or a network of a tenant. */
struct route_key {
	rte_be32_t addr;
	uint16_t tenant;
	uint16_t what; /* enum sl_side of a station, prefix length of a network */
};

static hash_sig_t
hash_of(const struct sl_routes *r, const struct route_key *key)
{
	return sl_hash128(
		(uint64_t)key->addr << 32 | (uint32_t)key->tenant << 16 | key->what, 0, &r->seed);
}

/* Stations and networks are others' to choose, so the hash is ours (hash.h). */
static uint32_t
hash_unused(const void *key, uint32_t len, uint32_t init)
{
	RTE_SET_USED(key);
	return len ^ init;
}

struct rte_hash *
sl_routes_hash(const struct sl_routes *r, const char *name, const char *what, uint32_t key_len,
	uint32_t max)
{
	struct rte_hash_rcu_config rcu = { .v = r->qsbr, .mode = RTE_HASH_QSBR_MODE_DQ };
	char id[RTE_HASH_NAMESIZE];
	struct rte_hash_parameters params = {
		.name = id,
		/* A bucket may be full before the table is. */
		.entries = max + max / 4,
		.key_len = key_len,
		.hash_func = hash_unused,
		.socket_id = SOCKET_ID_ANY,
		.extra_flag = RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF,
	};
	struct rte_hash *hash;

	snprintf(id, sizeof(id), "%s.%s", name, what);
	hash = rte_hash_create(&params);
	if (hash != NULL && rte_hash_rcu_qsbr_add(hash, &rcu) == 0)
		return hash;
	rte_hash_free(hash);
	return NULL;
}

static int
make_tables(struct sl_routes *r, const char *name, uint32_t max)
{
	/* A group of 256 for each /24 that has longer prefixes in it. */
	struct rte_lpm_config lc = {
		.max_rules = max,
		.number_tbl8s = RTE_MIN(RTE_MAX(max / 8, 256u), 65536u),
	};
	struct rte_lpm_rcu_config lr = { .v = r->qsbr, .mode = RTE_LPM_QSBR_MODE_DQ };
	char id[RTE_LPM_NAMESIZE];

	snprintf(id, sizeof(id), "%s.r", name);
	r->lpm = rte_lpm_create(id, SOCKET_ID_ANY, &lc);
	if (r->lpm == NULL || rte_lpm_rcu_qsbr_add(r->lpm, &lr) != 0)
		return -ENOMEM;
	r->nets = sl_routes_hash(r, name, "n", sizeof(struct route_key), max);
	r->hosts = sl_routes_hash(r, name, "h", sizeof(struct route_key), max);
	return r->nets != NULL && r->hosts != NULL ? 0 : -ENOMEM;
}

int
sl_routes_init(struct sl_routes *r, const char *name, uint32_t max, struct rte_rcu_qsbr *qsbr,
	const struct sl_seed *seed)
{
	r->qsbr = qsbr;
	r->seed = *seed;
	r->max_routes = max;
	r->n_nh = RTE_MIN(max + SL_NH_FIRST, 65536u);
	r->nh = rte_zmalloc(NULL, sizeof(*r->nh) * r->n_nh, RTE_CACHE_LINE_SIZE);
	r->free = rte_zmalloc(NULL, sizeof(*r->free) * r->n_nh, 0);
	r->free_token = rte_zmalloc(NULL, sizeof(*r->free_token) * r->n_nh, 0);
	if (r->nh == NULL || r->free == NULL || r->free_token == NULL ||
		make_tables(r, name, max)) {
		sl_routes_fini(r);
		return -ENOMEM;
	}
	r->high = SL_NH_FIRST;
	r->def = SL_NH_NONE;
	return 0;
}

void
sl_routes_fini(struct sl_routes *r)
{
	rte_lpm_free(r->lpm);
	rte_hash_free(r->nets);
	rte_hash_free(r->hosts);
	rte_free(r->nh);
	rte_free(r->free);
	rte_free(r->free_token);
	memset(r, 0, sizeof(*r));
}

static rte_be32_t
network(rte_be32_t addr, uint8_t plen)
{
	return plen == 0 ? 0 : addr & rte_cpu_to_be_32(UINT32_MAX << (32 - plen));
}

static uint16_t
find_key(const struct sl_routes *r, const struct rte_hash *hash, const struct route_key *key)
{
	void *data;

	if (rte_hash_lookup_with_hash_data(hash, key, hash_of(r, key), &data) < 0)
		return SL_NH_NONE;
	return (uint16_t)(uintptr_t)data;
}

static uint16_t
find_host(const struct sl_routes *r, uint16_t tenant, enum sl_side side, rte_be32_t addr)
{
	struct route_key key = { addr, tenant, side };

	return find_key(r, r->hosts, &key);
}

/* The longest of these prefix lengths (bits) with which a further tenant has the address. */
static uint16_t
find_longest(const struct sl_routes *r, uint16_t tenant, rte_be32_t addr, uint64_t plens)
{
	/* What comes or goes meanwhile is looked up again: its generation is a new one. */
	while (plens != 0) {
		uint8_t plen = (uint8_t)(63 - __builtin_clzll(plens));
		struct route_key key = { network(addr, plen), tenant, plen };
		uint16_t nh = find_key(r, r->nets, &key);

		if (nh != SL_NH_NONE)
			return nh;
		plens ^= UINT64_C(1) << plen;
	}
	return SL_NH_NONE;
}

/* On the link, the station itself; the link as long as nobody knows it. */
static uint16_t
find_station(const struct sl_routes *r, uint16_t tenant, rte_be32_t addr, uint16_t nh)
{
	uint16_t host;

	if (nh == SL_NH_NONE || nh >= SL_NH_FIRST)
		return nh;
	host = find_host(r, tenant, sl_nh_side(r, nh), addr);
	return host != SL_NH_NONE ? host : nh;
}

static uint64_t
plens_of(const struct sl_routes *r, uint16_t tenant)
{
	return __atomic_load_n(&r->plens[tenant], __ATOMIC_RELAXED);
}

uint16_t
sl_routes_lookup(const struct sl_routes *r, uint16_t tenant, rte_be32_t addr)
{
	uint32_t nh;

	if (tenant != 0)
		nh = find_longest(r, tenant, addr, plens_of(r, tenant));
	else if (rte_lpm_lookup(r->lpm, rte_be_to_cpu_32(addr), &nh) != 0)
		nh = __atomic_load_n(&r->def, __ATOMIC_RELAXED);
	return find_station(r, tenant, addr, (uint16_t)nh);
}

uint16_t
sl_routes_lookup_own(const struct sl_routes *r, uint16_t tenant, rte_be32_t addr)
{
	uint16_t nh = find_longest(r, tenant, addr, plens_of(r, tenant) & ~UINT64_C(1));

	return find_station(r, tenant, addr, nh);
}

void
sl_routes_moved(struct sl_routes *r)
{
	__atomic_store_n(&r->gen, (uint16_t)(r->gen + 1), __ATOMIC_RELEASE);
	sl_routes_told(r);
}

void
sl_routes_told(struct sl_routes *r)
{
	__atomic_store_n(&r->told, r->told + 1, __ATOMIC_RELEASE);
}

uint16_t
sl_routes_take(struct sl_routes *r)
{
	uint16_t i;

	if (r->n_free > 0 && rte_rcu_qsbr_check(r->qsbr, r->free_token[r->free_head], false)) {
		i = r->free[r->free_head];
		r->free_head = (r->free_head + 1) % r->n_nh;
		r->n_free--;
		return i;
	}
	return r->high < r->n_nh ? (uint16_t)r->high++ : SL_NH_NONE;
}

/* A slot that nobody shall find any more may serve again after a grace period. */
void
sl_routes_give(struct sl_routes *r, uint16_t i)
{
	uint32_t at = (r->free_head + r->n_free++) % r->n_nh;

	r->free[at] = i;
	r->free_token[at] = rte_rcu_qsbr_start(r->qsbr);
}

/* The next hop of a station, made when it is new. */
static uint16_t
get_host(struct sl_routes *r, uint16_t tenant, enum sl_side side, rte_be32_t addr)
{
	struct route_key key = { addr, tenant, side };
	uint16_t i = find_host(r, tenant, side, addr);

	if (i != SL_NH_NONE)
		return i;
	i = sl_routes_take(r);
	if (i == SL_NH_NONE)
		return i;
	r->nh[i] = (struct sl_nh){ .addr = addr, .tenant = tenant, .side = side };
	if (rte_hash_add_key_with_hash_data(
		    r->hosts, &key, hash_of(r, &key), (void *)(uintptr_t)i) == 0)
		return i;
	sl_routes_give(r, i);
	return SL_NH_NONE;
}

/* Forget a station that has no MAC and no route. */
static void
put_host(struct sl_routes *r, uint16_t i)
{
	struct sl_nh *nh = &r->nh[i];
	struct route_key key = { nh->addr, nh->tenant, nh->side };

	if (i < SL_NH_FIRST || nh->refs > 0 || nh->word != 0)
		return;
	rte_hash_del_key_with_hash(r->hosts, &key, hash_of(r, &key));
	sl_routes_moved(r); /* flows that remember the slot look again */
	sl_routes_give(r, i);
}

/* What an exact prefix leads to now, SL_NH_NONE if it is not there. */
static uint16_t
find_exact(struct sl_routes *r, const struct route_key *key)
{
	uint8_t plen = (uint8_t)key->what;
	uint32_t nh;

	if (key->tenant != 0)
		return find_key(r, r->nets, key);
	if (plen == 0)
		return r->def;
	if (rte_lpm_is_rule_present(r->lpm, rte_be_to_cpu_32(key->addr), plen, &nh) != 1)
		return SL_NH_NONE;
	return (uint16_t)nh;
}

/* Let a prefix, new or not, lead to nh. */
static int
enter(struct sl_routes *r, const struct route_key *key, uint16_t nh)
{
	uint8_t plen = (uint8_t)key->what;

	if (key->tenant != 0)
		return rte_hash_add_key_with_hash_data(
			r->nets, key, hash_of(r, key), (void *)(uintptr_t)nh);
	if (plen != 0)
		return rte_lpm_add(r->lpm, rte_be_to_cpu_32(key->addr), plen, nh);
	__atomic_store_n(&r->def, nh, __ATOMIC_RELAXED);
	return 0;
}

static void
leave(struct sl_routes *r, const struct route_key *key)
{
	uint8_t plen = (uint8_t)key->what;

	if (key->tenant != 0)
		rte_hash_del_key_with_hash(r->nets, key, hash_of(r, key));
	else if (plen != 0)
		rte_lpm_delete(r->lpm, rte_be_to_cpu_32(key->addr), plen);
	else
		__atomic_store_n(&r->def, SL_NH_NONE, __ATOMIC_RELAXED);
}

/* Keep count of the prefixes that a tenant has of a length. */
static void
count(struct sl_routes *r, const struct route_key *key, int by)
{
	uint32_t n = r->n_plen[key->tenant][key->what] += (uint32_t)by;
	uint64_t bit = UINT64_C(1) << key->what, plens = r->plens[key->tenant];

	r->n_routes += (uint32_t)by;
	__atomic_store_n(
		&r->plens[key->tenant], n > 0 ? plens | bit : plens & ~bit, __ATOMIC_RELAXED);
}

static void
unref(struct sl_routes *r, uint16_t nh)
{
	if (nh >= SL_NH_FIRST) {
		r->nh[nh].refs--;
		put_host(r, nh);
	}
}

/* A tenant's own table has no outside. */
static bool
route_is_sound(unsigned int tenant, uint8_t plen, enum sl_side side)
{
	return plen <= 32 && tenant < SL_ROUTE_TENANTS && (tenant == 0 || side == SL_INSIDE);
}

int
sl_route_add(struct sl_nat *nat, unsigned int tenant, rte_be32_t prefix, uint8_t plen,
	enum sl_side side, rte_be32_t gw)
{
	struct sl_routes *r = &nat->routes;
	struct route_key key = { .tenant = (uint16_t)tenant, .what = plen };
	uint16_t nh = SL_NH_LINK(side), old;

	if (!route_is_sound(tenant, plen, side))
		return -EINVAL;
	key.addr = network(prefix, plen);
	old = find_exact(r, &key);
	if (old == SL_NH_NONE && r->n_routes == r->max_routes)
		return -ENOSPC;
	if (gw != 0 && (nh = get_host(r, key.tenant, side, gw)) == SL_NH_NONE)
		return -ENOSPC;
	if (nh >= SL_NH_FIRST)
		r->nh[nh].refs++;
	if (enter(r, &key, nh) != 0) {
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
sl_route_del(struct sl_nat *nat, unsigned int tenant, rte_be32_t prefix, uint8_t plen)
{
	struct sl_routes *r = &nat->routes;
	struct route_key key = { .tenant = (uint16_t)tenant, .what = plen };
	uint16_t old;

	if (!route_is_sound(tenant, plen, SL_INSIDE))
		return -EINVAL;
	key.addr = network(prefix, plen);
	old = find_exact(r, &key);
	if (old == SL_NH_NONE)
		return -ENOENT;
	leave(r, &key);
	count(r, &key, -1);
	sl_routes_moved(r);
	unref(r, old);
	return 0;
}

int
sl_neigh_set(struct sl_nat *nat, unsigned int tenant, enum sl_side side, rte_be32_t addr,
	const struct rte_ether_addr *mac)
{
	struct sl_routes *r = &nat->routes;
	uint64_t word = SL_NH_RESOLVED;
	uint16_t i;

	if (mac == NULL) {
		i = find_host(r, (uint16_t)tenant, side, addr);
		if (i == SL_NH_NONE)
			return 0;
		__atomic_store_n(&r->nh[i].word, 0, __ATOMIC_RELAXED);
		put_host(r, i);
		return 0;
	}
	i = get_host(r, (uint16_t)tenant, side, addr);
	if (i == SL_NH_NONE)
		return -ENOSPC;
	memcpy(&word, mac, sizeof(*mac));
	__atomic_store_n(&r->nh[i].word, word, __ATOMIC_RELAXED);
	sl_routes_told(r);
	return 0;
}
