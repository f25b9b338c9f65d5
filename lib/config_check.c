/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One function that says in words what is wrong with a configuration, before a snapshot is made
 * of it: who makes snapshots relies on all of it. IPv6 is looked at in six.c. Control only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "six.h"
#include "sluice.h"
#include "state.h"

static const char *
text(rte_be32_t addr)
{
	static char buf[INET_ADDRSTRLEN];

	return inet_ntop(AF_INET, &addr, buf, sizeof(buf));
}

static bool
unicast(rte_be32_t addr)
{
	uint32_t a = rte_be_to_cpu_32(addr);

	return a >> 24 != 0 && a >> 24 != 127 && a >> 28 < 0xe;
}

static int
check_addrs(const struct sl_ifaddr *a, unsigned int n, const char *what, char *why, size_t size)
{
	for (unsigned int i = 0; i < n; i++) {
		if (!unicast(a[i].addr) || a[i].plen > 32 || a[i].plen == 0) {
			snprintf(why, size, "%s address %s/%u cannot be that of an interface", what,
				text(a[i].addr), a[i].plen);
			return -EINVAL;
		}
		for (unsigned int k = 0; k < i; k++) {
			if (a[k].addr == a[i].addr) {
				snprintf(why, size, "%s address %s is there twice", what,
					text(a[i].addr));
				return -EINVAL;
			}
		}
	}
	return 0;
}

static int
check_tenants(const struct sl_config *c, char *why, size_t size)
{
	if (c->n_tenants == 0 || c->n_tenants > UINT8_MAX) {
		snprintf(why, size, "%u tenants, can be 1 to %u", c->n_tenants, UINT8_MAX);
		return -EINVAL;
	}
	for (unsigned int i = 0; i < c->n_tenants; i++) {
		const struct sl_tenant *t = &c->tenant[i];

		if (i > 0 && t->name[0] == 0)
			continue;
		if (t->pool >= RTE_MAX(c->n_pools, 1u) ||
			(c->n_pools > 0 && c->pool[t->pool].name[0] == 0)) {
			snprintf(why, size, "tenant %s uses a pool that is not there", t->name);
			return -EINVAL;
		}
		if (check_addrs(t->addr, t->n_addrs, "inside", why, size) != 0)
			return -EINVAL;
		for (unsigned int k = 0; k < i; k++) {
			if ((k == 0 || c->tenant[k].name[0] != 0) && c->tenant[k].vlan == t->vlan &&
				c->tenant[k].vlan_inner == t->vlan_inner) {
				snprintf(why, size, "tenants %s and %s have the same VLAN", t->name,
					c->tenant[k].name);
				return -EINVAL;
			}
		}
	}
	return 0;
}

static int
check_pool_mode(const struct sl_pool *p, char *why, size_t size)
{
	struct sl_plan plan;

	if (p->block_size != 0 && (p->block_size < 64 || p->block_size > 16384 ||
					  (p->block_size & (p->block_size - 1)) != 0)) {
		snprintf(why, size,
			"pool %s: blocks of %u ports, can be 64 to 16384 and a power of two",
			p->name, p->block_size);
		return -EINVAL;
	}
	if (p->block_size != 0) {
		uint32_t min = p->port_max ? p->port_min : 1024,
			 max = p->port_max ? p->port_max : 65535;
		uint32_t first =
			(RTE_MAX(min, 1u) + p->block_size - 1) / p->block_size * p->block_size;

		if (first + p->block_size - 1 > max) {
			snprintf(why, size, "pool %s: no block of %u ports lies within %u-%u",
				p->name, p->block_size, min, max);
			return -EINVAL;
		}
	}
	if (p->fixed.plen == 0)
		return 0;
	if (p->fixed.plen < 8 || p->fixed.plen > 32 || p->block_size != 0 || p->shared_udp ||
		p->shared_tcp) {
		snprintf(why, size,
			"pool %s: a deterministic pool has one inside network of /8 to /32 "
			"and neither blocks nor shared ports",
			p->name);
		return -EINVAL;
	}
	if (sl_pool_size(p) > 0 && !sl_pool_plan(p, &plan)) {
		snprintf(why, size, "pool %s: %u addresses are too few for the inside network",
			p->name, sl_pool_size(p));
		return -EINVAL;
	}
	return 0;
}

/* A plan must tell who it was: it serves one tenant. */
static int
check_plans(const struct sl_config *c, char *why, size_t size)
{
	for (unsigned int i = 0; i < c->n_tenants; i++) {
		const struct sl_tenant *t = &c->tenant[i];

		if (t->pool >= c->n_pools || c->pool[t->pool].fixed.plen == 0 ||
			(i > 0 && t->name[0] == 0) || t->n_addrs == 0)
			continue;
		for (unsigned int k = 0; k < i; k++) {
			const struct sl_tenant *u = &c->tenant[k];

			if (u->pool == t->pool && (k == 0 || u->name[0] != 0) && u->n_addrs > 0) {
				snprintf(why, size,
					"pool %s: a deterministic plan is for one tenant; %s and "
					"%s use it",
					c->pool[t->pool].name, u->name, t->name);
				return -EINVAL;
			}
		}
	}
	return 0;
}

static bool
ranges_overlap(const struct sl_range4 *a, const struct sl_range4 *b)
{
	return rte_be_to_cpu_32(a->first) <= rte_be_to_cpu_32(b->last) &&
	       rte_be_to_cpu_32(b->first) <= rte_be_to_cpu_32(a->last);
}

/* A plan counts addresses: each must be there once. */
static bool
repeats(const struct sl_pool *p)
{
	for (unsigned int a = 0; a < p->n_ranges; a++)
		for (unsigned int b = 0; b < a; b++)
			if (ranges_overlap(&p->range[a], &p->range[b]))
				return true;
	return false;
}

static bool
pools_overlap(const struct sl_pool *p, const struct sl_pool *q)
{
	for (unsigned int a = 0; a < p->n_ranges; a++)
		for (unsigned int b = 0; b < q->n_ranges; b++)
			if (ranges_overlap(&p->range[a], &q->range[b]))
				return true;
	return false;
}

static int
check_pools(const struct sl_config *c, char *why, size_t size)
{
	uint64_t total = 0;

	for (unsigned int i = 0; i < c->n_pools; i++) {
		const struct sl_pool *p = &c->pool[i];

		if (p->name[0] == 0)
			continue;
		if (check_pool_mode(p, why, size) != 0)
			return -EINVAL;
		if (repeats(p)) {
			snprintf(why, size, "pool %s names an address twice", p->name);
			return -EINVAL;
		}
		for (unsigned int k = 0; k < i; k++) {
			if (c->pool[k].name[0] != 0 && pools_overlap(p, &c->pool[k])) {
				snprintf(why, size, "pools %s and %s share addresses",
					c->pool[k].name, p->name);
				return -EINVAL;
			}
		}
		if (p->port_min > p->port_max) {
			snprintf(why, size, "pool %s: ports %u-%u are none", p->name, p->port_min,
				p->port_max);
			return -EINVAL;
		}
		for (unsigned int r = 0; r < p->n_ranges; r++) {
			uint32_t a = rte_be_to_cpu_32(p->range[r].first);
			uint32_t b = rte_be_to_cpu_32(p->range[r].last);

			if (a > b || !unicast(p->range[r].first) || !unicast(p->range[r].last)) {
				snprintf(why, size,
					"pool %s: the range from %s on holds no usable addresses",
					p->name, text(p->range[r].first));
				return -EINVAL;
			}
			total += (uint64_t)b - a + 1;
		}
	}
	if (total > SL_PADDR_MAX) {
		snprintf(why, size, "pools hold %llu addresses, can be %u",
			(unsigned long long)total, SL_PADDR_MAX);
		return -EINVAL;
	}
	return 0;
}

static bool
overlap(const struct sl_forward *f, const struct sl_forward *g)
{
	uint32_t a = rte_be_to_cpu_16(f->out_port), b = rte_be_to_cpu_16(g->out_port);

	return f->proto == g->proto && f->out_addr == g->out_addr && a < b + RTE_MAX(g->ports, 1) &&
	       b < a + RTE_MAX(f->ports, 1);
}

static int
check_forwards(const struct sl_config *c, char *why, size_t size)
{
	for (unsigned int i = 0; i < c->n_forwards; i++) {
		const struct sl_forward *f = &c->forward[i];

		if ((f->proto != IPPROTO_TCP && f->proto != IPPROTO_UDP) || f->out_port == 0 ||
			f->in_port == 0 || !unicast(f->out_addr) ||
			(!f->six && !unicast(f->in_addr)) || f->tenant >= c->n_tenants ||
			f->from.plen > 32 || rte_be_to_cpu_16(f->out_port) + f->ports > 65536 ||
			rte_be_to_cpu_16(f->in_port) + f->ports > 65536) {
			snprintf(why, size, "forward at %s:%u is not complete", text(f->out_addr),
				rte_be_to_cpu_16(f->out_port));
			return -EINVAL;
		}
		for (unsigned int k = 0; k < i; k++) {
			if (overlap(f, &c->forward[k])) {
				snprintf(why, size, "%s:%u is forwarded already", text(f->out_addr),
					rte_be_to_cpu_16(f->out_port));
				return -EINVAL;
			}
		}
	}
	return 0;
}

static int
check_helpers(const struct sl_config *c, char *why, size_t size)
{
	for (unsigned int i = 0; i < SL_HELPERS_MAX; i++) {
		const struct sl_helper_config *h = &c->helper[i];

		for (int k = 0; k < h->n_ports && k < SL_HELPER_SERVERS_MAX; k++) {
			if (h->port[k] != 0)
				continue;
			snprintf(why, size, "helper %u has a server at port 0", i + 1);
			return -EINVAL;
		}
		if (h->n_ports > SL_HELPER_SERVERS_MAX) {
			snprintf(why, size, "helper %u has %u ports, can be %u", i + 1, h->n_ports,
				SL_HELPER_SERVERS_MAX);
			return -EINVAL;
		}
	}
	return 0;
}

int
sl_config_check(const struct sl_config *config, char *why, size_t size)
{
	static const struct {
		uint32_t min, max;
		const char *name;
	} range[SL_TIMEOUT_COUNT] = {
		[SL_TIMEOUT_UDP] = { 1, 86400, "udp" },
		[SL_TIMEOUT_TCP_EST] = { 1, 604800, "established tcp" },
		[SL_TIMEOUT_TCP_OPENING] = { 1, 86400, "opening tcp" },
		[SL_TIMEOUT_TCP_CLOSING] = { 1, 86400, "closing tcp" },
		[SL_TIMEOUT_TCP_SYN_IN] = { 1, 3600, "unsolicited syn" },
		[SL_TIMEOUT_ICMP] = { 1, 86400, "icmp" },
		[SL_TIMEOUT_OTHER] = { 1, 86400, "other" },
		[SL_TIMEOUT_FRAGMENT] = { 2, 60, "fragment" },
		[SL_TIMEOUT_PORT_REST] = { 0, 3600, "port rest" },
	};

	for (int i = 0; i < SL_TIMEOUT_COUNT; i++) {
		if (config->timeout[i] < range[i].min || config->timeout[i] > range[i].max) {
			snprintf(why, size, "%s timeout of %u s, can be %u to %u", range[i].name,
				config->timeout[i], range[i].min, range[i].max);
			return -EINVAL;
		}
	}
	if (config->kernel_port_min > config->kernel_port_max) {
		snprintf(why, size, "kernel ports %u-%u are none", config->kernel_port_min,
			config->kernel_port_max);
		return -EINVAL;
	}
	if (check_addrs(config->outside, config->n_outside, "outside", why, size) != 0 ||
		check_tenants(config, why, size) != 0 || check_pools(config, why, size) != 0 ||
		check_plans(config, why, size) != 0 || check_forwards(config, why, size) != 0 ||
		check_helpers(config, why, size) != 0 || sl_config_check6(config, why, size) != 0)
		return -EINVAL;
	return 0;
}
