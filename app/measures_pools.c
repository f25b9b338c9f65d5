/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Figures of pools and tenants. Where there are more than POOLS pools, those beyond are one,
 * "(others)". Control only.
 */
#include <stdio.h>

#include <rte_common.h>

#include "leased.h"
#include "measures.h"
#include "slots.h"

#define POOLS 256

/* A number as a label. */
struct number {
	char text[12];
};

static struct number
number(unsigned int n)
{
	struct number label;

	snprintf(label.text, sizeof(label.text), "%u", n);
	return label;
}

static const char *
pool_name(const struct box *box, unsigned int i)
{
	return slots_no_pool(box->config, i) ? "outside" : box->config->pool[i].name;
}

/* What a family tells of a pool: a figure, or one for each kind of port. */
enum pool_figure {
	POOL_ADDRESSES,
	POOL_PORTS,
	POOL_USED,
	POOL_FULLEST
};

static void
pool_row(struct exposition *x, const char *name, const struct poolsum_pool *p, enum pool_figure f)
{
	static const char *const kinds[] = { "tcp", "udp", "icmp" };

	if (f == POOL_ADDRESSES)
		exposition_add(x, p->addresses, "pool", name, NULL);
	for (unsigned int c = 0; c < RTE_DIM(kinds) && f != POOL_ADDRESSES; c++) {
		if (f == POOL_PORTS)
			exposition_add(x, p->ports, "pool", name, "protocol", kinds[c], NULL);
		else if (f == POOL_USED)
			exposition_add(x, p->used[c], "pool", name, "protocol", kinds[c], NULL);
		else
			exposition_real(x, p->fullest[c], "pool", name, "protocol", kinds[c], NULL);
	}
}

static void
pool_add(struct poolsum_pool *to, const struct poolsum_pool *p)
{
	to->addresses += p->addresses;
	to->ports += p->ports;
	for (unsigned int c = 0; c < RTE_DIM(to->used); c++) {
		to->used[c] += p->used[c];
		to->fullest[c] = RTE_MAX(to->fullest[c], p->fullest[c]);
	}
}

static void
write_pool_family(struct exposition *x, const struct box *box, const struct poolsum *pools,
	enum pool_figure f)
{
	struct poolsum_pool others = { 0 };
	const struct poolsum_pool *p;
	unsigned int shown = 0;

	for (unsigned int i = 0; (p = poolsum_get(pools, i)) != NULL; i++) {
		if (p->addresses == 0)
			continue;
		if (shown++ < POOLS)
			pool_row(x, pool_name(box, i), p, f);
		else
			pool_add(&others, p);
	}
	if (others.addresses > 0)
		pool_row(x, "(others)", &others, f);
}

void
measures_pools(struct exposition *x, const struct box *box, const struct poolsum *pools)
{
	exposition_family(x, "sluice_pool_addresses", EXPOSITION_GAUGE, "addresses of a pool");
	write_pool_family(x, box, pools, POOL_ADDRESSES);
	exposition_family(
		x, "sluice_pool_ports", EXPOSITION_GAUGE, "ports of a pool, all its addresses");
	write_pool_family(x, box, pools, POOL_PORTS);
	exposition_family(x, "sluice_pool_ports_used", EXPOSITION_GAUGE,
		"ports of a pool that mappings hold, or that rest");
	write_pool_family(x, box, pools, POOL_USED);
	exposition_family(x, "sluice_pool_fullest_ratio", EXPOSITION_GAUGE,
		"share of used ports on the address of a pool where it is greatest");
	write_pool_family(x, box, pools, POOL_FULLEST);
}

void
measures_tenants(struct exposition *x, const struct box *box)
{
	static const char *const families[] = { "sluice_tenant_sessions",
		"sluice_tenant_subscribers", "sluice_tenant_opened_ports" };
	static const char *const helps[] = { "sessions of a tenant's subscribers",
		"subscribers of a tenant with state", "ports that a tenant's hosts have opened" };
	const struct sl_config *c = box->config;

	exposition_family(x, "sluice_tenant", EXPOSITION_INFO, "tenants with VLAN and pool");
	for (unsigned int i = 0; i < c->n_tenants; i++)
		if (!slots_no_tenant(c, i))
			exposition_add(x, 1, "tenant", c->tenant[i].name, "vlan",
				number(c->tenant[i].vlan).text, "vlan_inner",
				number(c->tenant[i].vlan_inner).text, "pool",
				pool_name(box, c->tenant[i].pool), NULL);
	for (unsigned int f = 0; f < RTE_DIM(families); f++) {
		exposition_family(x, families[f], EXPOSITION_GAUGE, helps[f]);
		for (unsigned int i = 0; i < c->n_tenants; i++) {
			struct sl_tenant_use use;

			if (slots_no_tenant(c, i))
				continue;
			sl_tenant_use(box->nat, i, &use);
			exposition_add(x,
				f == 0   ? use.sessions
				: f == 1 ? use.subscribers
					 : sl_lease_count(leased_store(box), i),
				"tenant", c->tenant[i].name, NULL);
		}
	}
}
