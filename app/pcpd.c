/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PCP and NAT-PMP in the program: one server for the doors of all tenants, with the gateway's
 * routes to tell hosts from strangers, and one epoch.
 *
 * The epoch begins anew when hosts have to ask again: when a lease that they count on has lost
 * its place, or when the outside addresses, or who gets which of them, are others. The first
 * configuration is no change: nobody has been answered before it.
 *
 * Control lcore only.
 */
#include <stdlib.h>

#include <rte_jhash.h>

#include "clock.h"
#include "pcpd.h"

struct pcpd {
	struct box *box;
	struct sl_pcp *server;
	uint32_t addresses; /* hash of the outside ones */
	bool answered; /* somebody knows of them */
};

static uint32_t
hash_pool(const struct sl_pool *pool, uint32_t hash)
{
	for (unsigned int i = 0; i < pool->n_ranges; i++)
		hash = rte_jhash_2words(pool->range[i].first, pool->range[i].last, hash);
	return rte_jhash_2words(pool->block_size, pool->fixed.plen, hash);
}

static uint32_t
hash_addresses(const struct sl_config *config)
{
	uint32_t hash = 0;

	for (unsigned int i = 0; i < config->n_outside; i++)
		hash = rte_jhash_1word(config->outside[i].addr, hash);
	for (unsigned int i = 0; i < config->n_pools; i++)
		hash = hash_pool(&config->pool[i], hash);
	return hash;
}

struct pcpd *
pcpd_create(struct box *box, struct sl_leases *leases, pcpd_possible_fn *possible, void *arg)
{
	struct pcpd *d = calloc(1, sizeof(*d));
	struct sl_pcp_params params = { .leases = leases, .arg = arg, .inside = possible };

	if (d == NULL)
		return NULL;
	d->box = box;
	d->server = sl_pcp_create(&params, clock_now());
	if (d->server == NULL) {
		free(d);
		return NULL;
	}
	return d;
}

void
pcpd_destroy(struct pcpd *d)
{
	if (d == NULL)
		return;
	sl_pcp_destroy(d->server);
	free(d);
}

void
pcpd_apply(struct pcpd *d)
{
	uint32_t hash = hash_addresses(d->box->config);

	if (hash != d->addresses && d->answered)
		sl_pcp_lost(d->server, clock_now());
	d->addresses = hash;
}

void
pcpd_changed(struct pcpd *d, enum sl_lease_change change, const struct sl_lease *lease)
{
	if (change == SL_LEASE_LOST && lease->origin != SL_LEASE_UPNP)
		sl_pcp_lost(d->server, clock_now());
}

struct sl_pcp *
pcpd_server(struct pcpd *d)
{
	return d->server;
}

size_t
pcpd_answer(struct pcpd *d, const struct sl_pcp_peer *from, const uint8_t *request, size_t n,
	uint8_t reply[SL_PCP_MAX])
{
	size_t said = sl_pcp_answer(d->server, from, request, n, clock_now(), reply);

	d->answered |= said > 0;
	return said;
}

bool
pcpd_due(struct pcpd *d, uint64_t now, uint64_t *next)
{
	return sl_pcp_due(d->server, now, next);
}

rte_be32_t
pcpd_only_outside(const struct sl_config *config, unsigned int tenant)
{
	const struct sl_pool *pool;

	if (config->n_pools == 0)
		return config->n_outside == 1 ? config->outside[0].addr : 0;
	if (tenant >= config->n_tenants || config->tenant[tenant].pool >= config->n_pools)
		return 0;
	pool = &config->pool[config->tenant[tenant].pool];
	return sl_pool_size(pool) == 1 ? pool->range[0].first : 0;
}

size_t
pcpd_announcement(const struct pcpd *d, unsigned int tenant, unsigned int i, uint8_t to[SL_PCP_MAX])
{
	uint64_t now = clock_now();

	if (i == 0)
		return sl_pcp_announcement(d->server, now, to);
	if (i == 1)
		return sl_natpmp_announcement(
			d->server, pcpd_only_outside(d->box->config, tenant), now, to);
	return 0;
}
