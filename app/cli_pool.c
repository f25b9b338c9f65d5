/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about pools.
 *
 * Tenants name their pool by its index, which is for life (slots.h). A pool that a tenant
 * uses stays, unless it is the last one: then the box's own outside addresses become the
 * pool again.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "slots.h"

/* The pool of this name, made when it is new; NULL without memory. */
struct sl_pool *
take_pool(struct sl_config *config, const char *name)
{
	struct sl_pool new = { .filter_udp = SL_FILTER_EI, .filter_tcp = SL_FILTER_EI };
	int i = slots_find_pool(config, name);

	if (i < 0) {
		snprintf(new.name, sizeof(new.name), "%s", name);
		i = slots_add_pool(config, &new);
	}
	return i < 0 ? NULL : &config->pool[i];
}

static int
no_place(const struct call *call, const struct arg *arg)
{
	return call_fail(call, -ENOSPC, "'%s': no room for one more pool; 'no pool' makes some",
		arg[0].word);
}

/* A range that shares an address with this one, and its pool. */
static const struct sl_range4 *
overlapping(const struct sl_config *config, const struct arg *arg, const struct sl_pool **pool)
{
	for (unsigned int i = 0; i < config->n_pools; i++) {
		*pool = &config->pool[i];
		for (unsigned int j = 0; j < (*pool)->n_ranges; j++) {
			const struct sl_range4 *r = &(*pool)->range[j];

			if (ntohl(r->first) <= ntohl(arg->max) && ntohl(arg->u) <= ntohl(r->last))
				return r;
		}
	}
	return NULL;
}

static int
pool_address(struct call *call, const struct arg *arg)
{
	struct sl_range4 range = { arg[1].u, arg[1].max };
	const struct sl_range4 *other;
	const struct sl_pool *owner;
	struct sl_pool *pool;

	other = overlapping(call->config, &arg[1], &owner);
	if (other != NULL && other->first == range.first && other->last == range.last &&
		strcmp(owner->name, arg[0].word) == 0)
		return 0;
	if (other != NULL)
		return call_fail(call, -EEXIST,
			"'%s': overlaps %s of pool %s; an address has one pool", arg[1].word,
			text_range(other), owner->name);
	pool = take_pool(call->config, arg[0].word);
	if (pool == NULL)
		return no_place(call, arg);
	return array_add(&pool->range, &pool->n_ranges, sizeof(range), &range);
}

static int
pool_ports(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = take_pool(call->config, arg[0].word);

	if (pool == NULL)
		return no_place(call, arg);
	pool->port_min = arg[1].u;
	pool->port_max = arg[1].max;
	return 0;
}

static int
pool_filtering(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = take_pool(call->config, arg[0].word);

	if (pool == NULL)
		return no_place(call, arg);
	*(arg[1].u == 0 ? &pool->filter_udp : &pool->filter_tcp) = arg[2].u;
	return 0;
}

static int
no_pool_address(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = &call->config->pool[arg[0].u];

	for (unsigned int i = 0; i < pool->n_ranges; i++)
		if (pool->range[i].first == arg[1].u && pool->range[i].last == arg[1].max) {
			array_del(&pool->range, &pool->n_ranges, sizeof(*pool->range), i);
			return 0;
		}
	return call_fail(call, -ENOENT,
		"'%s': pool %s has no such range; 'show configuration' has those there are",
		arg[1].word, pool->name);
}

static int
no_pool_ports(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = &call->config->pool[arg[0].u];

	pool->port_min = pool->port_max = 0;
	return 0;
}

static int
no_pool(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	unsigned int gone = arg[0].u;
	bool last = true;

	for (unsigned int i = 0; i < config->n_pools; i++)
		last &= i == gone || slots_no_pool(config, i);
	for (unsigned int i = 0; !last && i < config->n_tenants; i++)
		if (!slots_no_tenant(config, i) && config->tenant[i].pool == gone)
			return call_fail(call, -EBUSY,
				"'%s': tenant %s uses it; give that another one first with "
				"'tenant %s pool NAME'",
				arg[0].word, config->tenant[i].name, config->tenant[i].name);
	slots_del_pool(config, gone);
	return 0;
}

const struct statement cli_pool_statements[] = {
	{ "pool NAME address RANGE", pool_address, "add outside addresses to a pool", ST_CONFIG },
	{ "pool NAME ports PORTS", pool_ports, "the ports that a pool hands out", ST_CONFIG },
	{ "pool NAME filtering udp|tcp "
	  "endpoint-independent|address-dependent|address-and-port-dependent",
		pool_filtering, "who may send to a mapping of this pool (RFC 4787 section 5)",
		ST_CONFIG },
	{ "no pool POOL", no_pool, "remove a pool", ST_CONFIG },
	{ "no pool POOL address RANGE", no_pool_address, "remove outside addresses from a pool",
		ST_CONFIG },
	{ "no pool POOL ports", no_pool_ports, "back to all ports from 1024", ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
