/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The configuration as its owner edits it: plain data, deep copies, defaults from the RFCs, and
 * the plan of a deterministic pool. What is wrong with one is config_check.c's. Control only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice.h"
#include "state.h"

struct sl_config *
sl_config_create(void)
{
	struct sl_config *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->tenant = calloc(1, sizeof(*c->tenant));
	if (c->tenant == NULL) {
		free(c);
		return NULL;
	}
	c->n_tenants = 1;
	snprintf(c->tenant[0].name, sizeof(c->tenant[0].name), "default");
	/* RFC 6888 REQ-4 and REQ-5 want limits; these hurt nobody who behaves. */
	c->tenant[0].limits = (struct sl_limits){ .ports = 4096, .sessions = 16384, .rate = 2000 };
	c->state.interval = 60;
	c->timeout[SL_TIMEOUT_UDP] = 300; /* RFC 4787 REQ-5c */
	c->timeout[SL_TIMEOUT_TCP_EST] = 7440; /* RFC 5382 REQ-5: 2 h 4 min */
	c->timeout[SL_TIMEOUT_TCP_OPENING] = 240; /* RFC 7857 section 2.1 */
	c->timeout[SL_TIMEOUT_TCP_CLOSING] = 240;
	c->timeout[SL_TIMEOUT_TCP_SYN_IN] = 6; /* RFC 5382 REQ-4 */
	c->timeout[SL_TIMEOUT_ICMP] = 60; /* RFC 5508 REQ-2 */
	c->timeout[SL_TIMEOUT_OTHER] = 300;
	c->timeout[SL_TIMEOUT_FRAGMENT] = 15;
	c->timeout[SL_TIMEOUT_PORT_REST] = 120; /* RFC 6888 REQ-8 */
	c->punt_rate[SL_PUNT_ARP] = 1000;
	c->punt_rate[SL_PUNT_ND] = 1000;
	c->punt_rate[SL_PUNT_LOCAL] = 20000;
	c->punt_rate[SL_PUNT_MULTICAST] = 500;
	c->punt_rate[SL_PUNT_HELPER] = 50000;
	c->icmp_rate = 1000;
	c->icmp_refusal_code = 13; /* RFC 5508 REQ-8 */
	c->announce.hold = 3;
	c->kernel_port_min = 32768;
	c->kernel_port_max = 60999;
	c->probe = SL_PROBE_NAT64; /* RFC 6146 section 3.5.2.2 */
	c->syn_answer = true; /* RFC 5382 REQ-4 */
	c->port_parity = true; /* RFC 4787 REQ-4 */
	c->hairpin = true;
	c->other_protocols = true;
	c->block_idle = 300;
	c->source_check = true;
	c->nat64_checksum = true;
	return c;
}

static void *
copy(const void *from, size_t n, size_t size)
{
	void *to;

	if (n == 0)
		return NULL;
	to = malloc(n * size);
	if (to != NULL)
		memcpy(to, from, n * size);
	return to;
}

#define CLONE(to, from, list, count)                                                               \
	((to)->list = copy((from)->list, (from)->count, sizeof(*(from)->list)),                    \
		(from)->count == 0 || (to)->list != NULL)

static bool
clone_nested(struct sl_config *to, const struct sl_config *from)
{
	bool ok = true;

	for (unsigned int i = 0; i < to->n_tenants; i++) {
		ok &= CLONE(&to->tenant[i], &from->tenant[i], addr, n_addrs);
		ok &= CLONE(&to->tenant[i], &from->tenant[i], addr6, n_addrs6);
	}
	for (unsigned int i = 0; i < to->n_pools; i++)
		ok &= CLONE(&to->pool[i], &from->pool[i], range, n_ranges);
	return ok;
}

struct sl_config *
sl_config_clone(const struct sl_config *config)
{
	struct sl_config *c = malloc(sizeof(*c));
	bool ok = true;

	if (c == NULL)
		return NULL;
	*c = *config;
	ok &= CLONE(c, config, outside, n_outside);
	ok &= CLONE(c, config, forward, n_forwards);
	ok &= CLONE(c, config, service, n_services);
	ok &= CLONE(c, config, bypass, n_bypasses);
	ok &= CLONE(c, config, outside6, n_outside6);
	ok &= CLONE(c, config, nat64, n_nat64);
	ok &= CLONE(c, config, route, n_routes);
	ok &= CLONE(c, config, neigh, n_neighs);
	ok &= CLONE(c, config, sink, n_sinks);
	ok &= CLONE(c, config, log_level, n_log_levels);
	ok &= CLONE(&c->lease, &config->lease, deny, n_deny);
	ok &= CLONE(&c->lease, &config->lease, third_party, n_third_party);
	if (!CLONE(c, config, tenant, n_tenants)) {
		c->n_tenants = 0;
		ok = false;
	}
	if (!CLONE(c, config, pool, n_pools)) {
		c->n_pools = 0;
		ok = false;
	}
	if (!clone_nested(c, config) || !ok) {
		sl_config_destroy(c);
		return NULL;
	}
	return c;
}

void
sl_config_destroy(struct sl_config *config)
{
	if (config == NULL)
		return;
	for (unsigned int i = 0; i < config->n_tenants; i++) {
		free(config->tenant[i].addr);
		free(config->tenant[i].addr6);
	}
	for (unsigned int i = 0; i < config->n_pools; i++)
		free(config->pool[i].range);
	free(config->outside);
	free(config->tenant);
	free(config->pool);
	free(config->forward);
	free(config->service);
	free(config->bypass);
	free(config->outside6);
	free(config->nat64);
	free(config->route);
	free(config->neigh);
	free(config->sink);
	free(config->log_level);
	free(config->lease.deny);
	free(config->lease.third_party);
	free(config);
}

uint32_t
sl_pool_size(const struct sl_pool *p)
{
	uint32_t n = 0;

	for (unsigned int r = 0; r < p->n_ranges; r++)
		n += rte_be_to_cpu_32(p->range[r].last) - rte_be_to_cpu_32(p->range[r].first) + 1;
	return n;
}

bool
sl_pool_plan(const struct sl_pool *p, struct sl_plan *plan)
{
	uint32_t min = p->port_max ? p->port_min : 1024, max = p->port_max ? p->port_max : 65535;
	uint32_t n = sl_pool_size(p);

	if (p->name[0] == 0 || p->fixed.plen == 0 || n == 0)
		return false;
	plan->base = rte_be_to_cpu_32(p->fixed.addr) & (UINT32_MAX << (32 - p->fixed.plen));
	plan->n_inside = p->fixed.plen == 32 ? 1 : 1u << (32 - p->fixed.plen);
	plan->per_addr = (plan->n_inside + n - 1) / n;
	plan->port_min = min;
	plan->each = (max - min + 1) / plan->per_addr;
	return plan->each > 0;
}

rte_be32_t
sl_config_lookup(
	const struct sl_config *config, rte_be32_t addr, uint16_t port, const struct sl_pool **pool)
{
	uint32_t a = rte_be_to_cpu_32(addr);

	for (unsigned int i = 0; i < config->n_pools; i++) {
		const struct sl_pool *p = &config->pool[i];
		struct sl_plan plan;
		uint32_t at = 0;

		if (!sl_pool_plan(p, &plan))
			continue;
		for (unsigned int r = 0; r < p->n_ranges; r++) {
			uint32_t first = rte_be_to_cpu_32(p->range[r].first);
			uint32_t last = rte_be_to_cpu_32(p->range[r].last);
			uint32_t slot, host;

			if (a < first || a > last) {
				at += last - first + 1;
				continue;
			}
			if (port < plan.port_min)
				return 0;
			slot = (port - plan.port_min) / plan.each;
			host = (at + a - first) * plan.per_addr + slot;
			if (slot >= plan.per_addr || host >= plan.n_inside)
				return 0;
			*pool = p;
			return rte_cpu_to_be_32(plan.base + host);
		}
	}
	return 0;
}
