/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about pools and tenants.
 *
 * Tenants name their pool by its index, so whoever takes a pool or a tenant away has to
 * move the indices behind it. A pool that a tenant uses stays, unless it is the last
 * one: then the box's own outside addresses become the pool again. With a tenant go the
 * port forwards that lead into it; other tenants notice nothing.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static int
find_pool(const struct sl_config *config, const char *name)
{
	for (unsigned int i = 0; i < config->n_pools; i++)
		if (strcmp(config->pool[i].name, name) == 0)
			return i;
	return -1;
}

/* The pool of this name, made when it is new; NULL without memory. */
static struct sl_pool *
take_pool(struct sl_config *config, const char *name)
{
	struct sl_pool new = { .filter_udp = SL_FILTER_EI, .filter_tcp = SL_FILTER_EI };
	int i = find_pool(config, name);

	if (i < 0) {
		snprintf(new.name, sizeof(new.name), "%s", name);
		if (array_add(&config->pool, &config->n_pools, sizeof(new), &new) < 0)
			return NULL;
		i = config->n_pools - 1;
	}
	return &config->pool[i];
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
		return call_fail(call, -EEXIST, "'%s': overlaps %s of pool %s", arg[1].word,
			text_range(other), owner->name);
	pool = take_pool(call->config, arg[0].word);
	if (pool == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	return array_add(&pool->range, &pool->n_ranges, sizeof(range), &range);
}

static int
pool_ports(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = take_pool(call->config, arg[0].word);

	if (pool == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	pool->port_min = arg[1].u;
	pool->port_max = arg[1].max;
	return 0;
}

static int
pool_filtering(struct call *call, const struct arg *arg)
{
	struct sl_pool *pool = take_pool(call->config, arg[0].word);

	if (pool == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
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
	return call_fail(call, -ENOENT, "'%s': pool %s has no such range", arg[1].word, pool->name);
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

	for (unsigned int i = 0; config->n_pools > 1 && i < config->n_tenants; i++)
		if (config->tenant[i].pool == gone)
			return call_fail(call, -EBUSY,
				"'%s': tenant %s uses it; give that another one first with "
				"'tenant %s pool NAME'",
				arg[0].word, config->tenant[i].name, config->tenant[i].name);
	for (unsigned int i = 0; i < config->n_tenants; i++)
		config->tenant[i].pool -= config->tenant[i].pool > gone;
	free(config->pool[gone].range);
	array_del(&config->pool, &config->n_pools, sizeof(*config->pool), gone);
	return 0;
}

static int
tenant_vlan(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	struct sl_tenant new = { .pool = 0 };
	unsigned int i = 0;

	while (i < config->n_tenants && strcmp(config->tenant[i].name, arg[0].word) != 0)
		i++;
	if (i == config->n_tenants) {
		snprintf(new.name, sizeof(new.name), "%s", arg[0].word);
		if (default_limits(&new.limits) < 0 ||
			array_add(&config->tenant, &config->n_tenants, sizeof(new), &new) < 0)
			return call_fail(call, -ENOMEM, "out of memory");
	}
	for (unsigned int j = 0; j < config->n_tenants; j++)
		if (j != i && config->tenant[j].vlan == arg[1].u &&
			config->tenant[j].vlan_inner == arg[2].u)
			return call_fail(call, -EEXIST, "'%s': tenant %s has this VLAN",
				arg[1].word, config->tenant[j].name);
	config->tenant[i].vlan = arg[1].u;
	config->tenant[i].vlan_inner = arg[2].u;
	return 0;
}

static int
tenant_pool(struct call *call, const struct arg *arg)
{
	call->config->tenant[arg[0].u].pool = arg[1].u;
	return 0;
}

static int
no_tenant(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	unsigned int gone = arg[0].u;

	if (gone == 0)
		return call_fail(call, -EBUSY, "'%s': this tenant is always there", arg[0].word);
	for (unsigned int i = config->n_forwards; i-- > 0;) {
		if (config->forward[i].tenant == gone)
			array_del(
				&config->forward, &config->n_forwards, sizeof(*config->forward), i);
		else
			config->forward[i].tenant -= config->forward[i].tenant > gone;
	}
	free(config->tenant[gone].addr);
	array_del(&config->tenant, &config->n_tenants, sizeof(*config->tenant), gone);
	return 0;
}

static int
no_tenant_vlan(struct call *call, const struct arg *arg)
{
	if (arg[0].u != 0)
		return call_fail(call, -EINVAL, "'%s': only tenant default can do without a VLAN",
			arg[0].word);
	call->config->tenant[0].vlan = call->config->tenant[0].vlan_inner = 0;
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
	{ "tenant NAME vlan VLAN [inner VLAN]", tenant_vlan,
		"a tenant: subscribers with an address space of their own on a VLAN", ST_CONFIG },
	{ "tenant TENANT pool POOL", tenant_pool, "the pool that a tenant's subscribers use",
		ST_CONFIG },
	{ "no tenant TENANT", no_tenant, "remove a tenant with its sessions and forwards",
		ST_CONFIG },
	{ "no tenant TENANT vlan", no_tenant_vlan, "tenant default is untagged again", ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
