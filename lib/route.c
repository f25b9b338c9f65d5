/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Routes and neighbours as the kernel has them. Control writes, workers read.
 *
 * A route leads to a next hop: a station (an address on a side's link, with its MAC once
 * the kernel knows it) or the link itself, where the destination is looked for among the
 * stations. Flows keep the result with the generation it came from and look up again when that has moved;
 * a changed MAC moves nothing, it is read from the next hop with every packet.
 *
 * The inside of tenants other than 0 has no table of routes here: their subscribers are on
 * the link and are found among the hosts.
 *
 * rte_lpm and rte_hash wait for readers through RCU (QSBR); a next hop's slot is used
 * again only after every worker has passed a quiescent state.
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

struct host_key {
	rte_be32_t addr;
	uint16_t tenant;
	uint16_t side;
};

static int
make_tables(struct sl_routes *r, const char *name, uint32_t max)
{
	struct rte_lpm_config lc = { .max_rules = max, .number_tbl8s = RTE_MIN(max, 65536u) };
	struct rte_lpm_rcu_config lr = { .v = r->qsbr, .mode = RTE_LPM_QSBR_MODE_DQ };
	struct rte_hash_rcu_config hr = { .v = r->qsbr, .mode = RTE_HASH_QSBR_MODE_DQ };
	char id[RTE_HASH_NAMESIZE];
	struct rte_hash_parameters hp = {
		.name = id,
		.entries = max + max / 4,
		.key_len = sizeof(struct host_key),
		.socket_id = SOCKET_ID_ANY,
		.extra_flag = RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF,
	};

	snprintf(id, sizeof(id), "%s.r", name);
	r->lpm = rte_lpm_create(id, SOCKET_ID_ANY, &lc);
	if (r->lpm == NULL || rte_lpm_rcu_qsbr_add(r->lpm, &lr) != 0)
		return -ENOMEM;
	r->hosts = rte_hash_create(&hp);
	if (r->hosts == NULL || rte_hash_rcu_qsbr_add(r->hosts, &hr) != 0)
		return -ENOMEM;
	return 0;
}

int
sl_routes_init(struct sl_routes *r, const char *name, uint32_t max, struct rte_rcu_qsbr *qsbr)
{
	r->qsbr = qsbr;
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
	rte_hash_free(r->hosts);
	rte_free(r->nh);
	rte_free(r->free);
	rte_free(r->free_token);
	memset(r, 0, sizeof(*r));
}

static uint16_t
find_host(const struct sl_routes *r, uint16_t tenant, enum sl_side side, rte_be32_t addr)
{
	struct host_key key = { addr, tenant, side };
	void *data;

	if (rte_hash_lookup_data(r->hosts, &key, &data) < 0)
		return SL_NH_NONE;
	return (uint16_t)(uintptr_t)data;
}

uint16_t
sl_routes_lookup(const struct sl_routes *r, uint16_t tenant, rte_be32_t addr)
{
	uint16_t link = SL_NH_LINK(SL_INSIDE), host;
	uint32_t nh;

	if (tenant == 0) {
		if (rte_lpm_lookup(r->lpm, rte_be_to_cpu_32(addr), &nh) == 0)
			link = (uint16_t)nh;
		else
			link = __atomic_load_n(&r->def, __ATOMIC_RELAXED);
		if (link == SL_NH_NONE || link >= SL_NH_FIRST)
			return link;
	}
	host = find_host(r, tenant, sl_nh_side(r, link), addr);
	return host != SL_NH_NONE ? host : link;
}

static void
moved(struct sl_routes *r)
{
	__atomic_store_n(&r->gen, (uint16_t)(r->gen + 1), __ATOMIC_RELEASE);
}

static uint16_t
take_slot(struct sl_routes *r)
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

/* The next hop of a station, made when it is new. */
static uint16_t
get_host(struct sl_routes *r, uint16_t tenant, enum sl_side side, rte_be32_t addr)
{
	struct host_key key = { addr, tenant, side };
	uint16_t i = find_host(r, tenant, side, addr);

	if (i != SL_NH_NONE)
		return i;
	i = take_slot(r);
	if (i == SL_NH_NONE)
		return i;
	r->nh[i] = (struct sl_nh){ .addr = addr, .tenant = tenant, .side = side };
	if (rte_hash_add_key_data(r->hosts, &key, (void *)(uintptr_t)i) < 0) {
		uint32_t at = (r->free_head + r->n_free++) % r->n_nh;

		r->free[at] = i;
		r->free_token[at] = rte_rcu_qsbr_start(r->qsbr);
		return SL_NH_NONE;
	}
	return i;
}

/* Forget a station that has no MAC and no route. */
static void
put_host(struct sl_routes *r, uint16_t i)
{
	struct sl_nh *nh = &r->nh[i];
	struct host_key key = { nh->addr, nh->tenant, nh->side };
	uint32_t at;

	if (i < SL_NH_FIRST || nh->refs > 0 || nh->word != 0)
		return;
	rte_hash_del_key(r->hosts, &key);
	moved(r); /* flows that remember the slot look again */
	at = (r->free_head + r->n_free++) % r->n_nh;
	r->free[at] = i;
	r->free_token[at] = rte_rcu_qsbr_start(r->qsbr);
}

static rte_be32_t
network(rte_be32_t addr, uint8_t plen)
{
	return plen == 0 ? 0 : addr & rte_cpu_to_be_32(UINT32_MAX << (32 - plen));
}

/* What an exact prefix leads to now, SL_NH_NONE if it is not there. */
static uint16_t
find_exact(struct sl_routes *r, uint32_t prefix, uint8_t plen)
{
	uint32_t nh;

	if (plen == 0)
		return r->def;
	return rte_lpm_is_rule_present(r->lpm, prefix, plen, &nh) == 1 ? (uint16_t)nh : SL_NH_NONE;
}

static void
unref(struct sl_routes *r, uint16_t nh)
{
	if (nh >= SL_NH_FIRST) {
		r->nh[nh].refs--;
		put_host(r, nh);
	}
}

int
sl_route_add(struct sl_nat *nat, unsigned int tenant, rte_be32_t prefix, uint8_t plen,
	enum sl_side side, rte_be32_t gw)
{
	struct sl_routes *r = &nat->routes;
	uint16_t nh = SL_NH_LINK(side), old;
	uint32_t host;

	if (plen > 32 || tenant != 0)
		return -EINVAL;
	host = rte_be_to_cpu_32(network(prefix, plen));
	if (gw != 0 && (nh = get_host(r, 0, side, gw)) == SL_NH_NONE)
		return -ENOSPC;
	old = find_exact(r, host, plen);
	if (nh >= SL_NH_FIRST)
		r->nh[nh].refs++;
	if (plen == 0) {
		__atomic_store_n(&r->def, nh, __ATOMIC_RELAXED);
	} else if (rte_lpm_add(r->lpm, host, plen, nh) != 0) {
		unref(r, nh);
		return -ENOSPC;
	}
	if (old != SL_NH_NONE)
		unref(r, old);
	moved(r);
	return 0;
}

int
sl_route_del(struct sl_nat *nat, unsigned int tenant, rte_be32_t prefix, uint8_t plen)
{
	struct sl_routes *r = &nat->routes;
	uint32_t host;
	uint16_t old;

	if (plen > 32 || tenant != 0)
		return -EINVAL;
	host = rte_be_to_cpu_32(network(prefix, plen));
	old = find_exact(r, host, plen);
	if (old == SL_NH_NONE)
		return -ENOENT;
	if (plen == 0)
		__atomic_store_n(&r->def, SL_NH_NONE, __ATOMIC_RELAXED);
	else
		rte_lpm_delete(r->lpm, host, plen);
	moved(r);
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
	return 0;
}
