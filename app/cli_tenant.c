/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about tenants: their VLAN and pool, and how they come and go. Their addresses
 * and static routes are given in cli_config.c, their limits in cli_tune.c.
 *
 * A tenant is there from its first statement on, without one of its inside addresses it has
 * no gateway yet. With a tenant go its sessions, its static routes, its part of the kernel
 * (domain.c) with all routes and neighbours there, and the port forwards that lead into it;
 * other tenants notice nothing, for it leaves a hole where it was (slots.h).
 */

#include <errno.h>
#include <stdlib.h>

#include "cli.h"
#include "slots.h"

/* The index of the tenant of this name, made when it is new; -errno, told. */
static int
take_tenant(struct call *call, const char *name)
{
	struct sl_config *config = call->config;
	struct sl_tenant new = { .pool = slots_first_pool(config) };
	int i = slots_find_tenant(config, name);

	if (i >= 0)
		return i;
	snprintf(new.name, sizeof(new.name), "%s", name);
	i = default_limits(&new.limits);
	if (i == 0)
		i = slots_add_tenant(config, &new);
	if (i == -ENOSPC)
		return call_fail(call, i,
			"'%s': there are as many tenants as there can be; 'no tenant' makes room",
			name);
	return i < 0 ? call_fail(call, i, "out of memory") : i;
}

static int
tenant_vlan(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	int i = take_tenant(call, arg[0].word);

	if (i < 0)
		return i;
	for (unsigned int j = 0; j < config->n_tenants; j++)
		if (j != (unsigned int)i && !slots_no_tenant(config, j) &&
			config->tenant[j].vlan == arg[1].u &&
			config->tenant[j].vlan_inner == arg[2].u)
			return call_fail(call, -EEXIST,
				"'%s': tenant %s has this VLAN; each has its own", arg[1].word,
				config->tenant[j].name);
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
		return call_fail(call, -EBUSY,
			"'%s': this tenant is always there and cannot be removed", arg[0].word);
	for (unsigned int i = config->n_forwards; i-- > 0;)
		if (config->forward[i].tenant == gone)
			array_del(
				&config->forward, &config->n_forwards, sizeof(*config->forward), i);
	for (unsigned int i = config->n_routes; i-- > 0;)
		if (config->route[i].tenant == gone)
			array_del(&config->route, &config->n_routes, sizeof(*config->route), i);
	nat64_drop_tenant(config, gone);
	slots_del_tenant(config, gone);
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

const struct statement cli_tenant_statements[] = {
	{ "tenant NAME vlan VLAN [inner VLAN]", tenant_vlan,
		"a tenant: subscribers with an address space of their own on a VLAN", ST_CONFIG },
	{ "tenant TENANT pool POOL", tenant_pool, "the pool that a tenant's subscribers use",
		ST_CONFIG },
	{ "no tenant TENANT", no_tenant, "remove a tenant with its sessions and forwards",
		ST_CONFIG },
	{ "no tenant TENANT vlan", no_tenant_vlan, "tenant default is untagged again", ST_CONFIG },
	{ NULL, NULL, NULL, ST_CONFIG },
};
