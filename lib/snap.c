/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The workers' form of the configuration: hashed tables instead of lists, milliseconds
 * instead of seconds, pool addresses as indices. Control builds one for every change and
 * publishes it whole; a worker takes the pointer once a burst.
 *
 * Pool addresses outlive snapshots, because workers keep port bitmaps for them: the same
 * address with the same ports finds its old entry again.
 */
#include <rte_malloc.h>

#include "helped.h"
#include "log.h"
#include "snap.h"
#include "snap_slot.h"
#include "state.h"

static struct sl_addr *
add_addr(struct sl_snap *s, uint16_t realm, rte_be32_t addr, uint8_t kind)
{
	uint32_t i = sl_snap_addr_slot(s, realm, addr);

	while (s->addr[i].kind != 0 && (s->addr[i].addr != addr || s->addr[i].realm != realm))
		i = (i + 1) & s->addr_mask;
	if (s->addr[i].kind == 0)
		s->addr[i] = (struct sl_addr){ .addr = addr, .realm = realm, .paddr = SL_NONE };
	s->addr[i].kind |= kind;
	return &s->addr[i];
}

/* How the ports of the pool's next address are given out. */
static void
describe(const struct sl_nat *nat, const struct sl_pool *pool, uint32_t at, struct sl_paddr *want)
{
	struct sl_plan plan;

	want->mode = SL_PADDR_PLAIN;
	want->shift = nat->port_shift;
	if (pool == NULL)
		return;
	if (pool->block_size) {
		want->mode = SL_PADDR_BLOCKS;
		want->shift = (uint8_t)__builtin_ctz(pool->block_size);
	} else if (sl_pool_plan(pool, &plan)) {
		want->mode = SL_PADDR_FIXED;
		want->base = plan.base;
		want->first = at * plan.per_addr;
		want->n = want->first >= plan.n_inside
				  ? 0
				  : RTE_MIN(plan.per_addr, plan.n_inside - want->first);
		want->each = plan.each;
		want->port_max = (uint16_t)(want->port_min + plan.each * plan.per_addr - 1);
	}
}

static int
add_pool_addr(struct sl_nat *nat, struct sl_snap *s, const struct sl_config *c, uint32_t pool,
	rte_be32_t addr, uint16_t min, uint16_t max)
{
	struct sl_paddr want = { .addr = addr, .port_min = min, .port_max = max };
	struct sl_addr *a = add_addr(s, 0, addr, SL_ADDR_POOL);

	if (a->paddr != SL_NONE)
		return 0; /* an address is in one pool, the first that names it */
	if (a->kind & SL_ADDR_LOCAL) {
		want.hole_min = c->kernel_port_min;
		want.hole_max = c->kernel_port_max;
	}
	describe(nat, c->n_pools ? &c->pool[pool] : NULL, s->pool[pool].n, &want);
	a->paddr = sl_paddr_get(nat, &want);
	a->pool = pool;
	if (a->paddr == SL_NONE)
		return -1;
	s->paddr[s->pool[pool].first + s->pool[pool].n++] = a->paddr;
	return 0;
}

static uint32_t
range_size(const struct sl_range4 *r)
{
	return rte_be_to_cpu_32(r->last) - rte_be_to_cpu_32(r->first) + 1;
}

static uint32_t
count_pool_addrs(const struct sl_config *c)
{
	uint32_t n = c->n_pools == 0 ? c->n_outside : 0;

	for (unsigned int p = 0; p < c->n_pools; p++)
		if (c->pool[p].name[0] != 0)
			n += sl_pool_size(&c->pool[p]);
	return n;
}

static int
fill_pools(struct sl_nat *nat, struct sl_snap *s, const struct sl_config *c)
{
	uint32_t next = 0;

	if (c->n_pools == 0) {
		s->pool[0] = (struct sl_snap_pool){ 0 };
		for (unsigned int i = 0; i < c->n_outside; i++)
			if (add_pool_addr(nat, s, c, 0, c->outside[i].addr, 1024, 65535) != 0)
				return -1;
		return 0;
	}
	for (unsigned int p = 0; p < c->n_pools; p++) {
		const struct sl_pool *pool = &c->pool[p];
		uint16_t min = pool->port_max ? pool->port_min : 1024;
		uint16_t max = pool->port_max ? pool->port_max : 65535;
		struct sl_plan plan;

		if (pool->name[0] == 0)
			continue; /* removed */
		s->pool[p] = (struct sl_snap_pool){
			.first = next,
			.filter = { pool->filter_tcp, pool->filter_udp, SL_FILTER_EI },
			.shared = { pool->shared_tcp, pool->shared_udp, false },
			.blocks_max = pool->blocks_max ? pool->blocks_max : 1,
			.drain = pool->drain,
		};
		if (sl_pool_plan(pool, &plan)) {
			s->pool[p].mode = SL_PADDR_FIXED;
			s->pool[p].base = plan.base;
			s->pool[p].n_inside = plan.n_inside;
			s->pool[p].per_addr = plan.per_addr;
		}
		for (unsigned int r = 0; r < pool->n_ranges; r++) {
			uint32_t a = rte_be_to_cpu_32(pool->range[r].first),
				 n = range_size(&pool->range[r]);

			for (uint32_t i = 0; i < n; i++)
				if (add_pool_addr(nat, s, c, p, rte_cpu_to_be_32(a + i), min, max))
					return -1;
		}
		next += s->pool[p].n;
	}
	return 0;
}

static void
add_local(struct sl_snap *s, uint16_t realm, const struct sl_ifaddr *a)
{
	add_addr(s, realm, a->addr, SL_ADDR_LOCAL);
	if (a->plen < 31) {
		rte_be32_t host = rte_cpu_to_be_32(a->plen ? UINT32_MAX >> a->plen : UINT32_MAX);

		add_addr(s, realm, a->addr | host, SL_ADDR_CAST);
		add_addr(s, realm, a->addr & ~host, SL_ADDR_CAST);
	}
}

static void
fill_tenants(struct sl_snap *s, const struct sl_config *c)
{
	for (unsigned int i = 0; i < c->n_outside; i++)
		add_local(s, 0, &c->outside[i]);
	s->outside_addr = c->n_outside ? c->outside[0].addr : 0;
	for (unsigned int t = 0; t < c->n_tenants; t++) {
		const struct sl_tenant *tn = &c->tenant[t];

		s->tenant[t] = (struct sl_snap_tenant){
			.addr = tn->n_addrs ? tn->addr[0].addr : 0,
			.absent = t > 0 && tn->name[0] == 0,
			.vlan = tn->vlan,
			.vlan_inner = tn->vlan_inner,
			.pool = tn->pool,
			.limits = tn->limits,
		};
		for (unsigned int i = 0; i < tn->n_addrs; i++)
			add_local(s, (uint16_t)(t + 1), &tn->addr[i]);
	}
}

static void
add_forward(struct sl_snap *s, const struct sl_fwd *e)
{
	uint32_t i = sl_snap_fwd_slot(s, 0, e->proto, e->out_addr, e->out_port);

	while (s->fwd_out[i].proto != 0)
		i = (i + 1) & s->fwd_mask;
	s->fwd_out[i] = *e;
	i = sl_snap_fwd_slot(s, e->tenant, e->proto, e->in_addr, e->in_port);
	while (s->fwd_in[i].proto != 0)
		i = (i + 1) & s->fwd_mask;
	s->fwd_in[i] = *e;
	s->n_fwds++;
}

static int
fill_forwards(struct sl_nat *nat, struct sl_snap *s, const struct sl_config *c)
{
	for (unsigned int n = 0; n < c->n_forwards; n++) {
		const struct sl_forward *f = &c->forward[n];
		struct sl_fwd e = {
			.out_addr = f->out_addr,
			.in_addr = f->six ? sl_snap_stand(nat, s, f) : f->in_addr,
			.from = f->from.addr,
			.from_mask = f->from.plen
					     ? rte_cpu_to_be_32(UINT32_MAX << (32 - f->from.plen))
					     : 0,
			.expires = f->expires,
			.tenant = (uint16_t)f->tenant,
			.proto = f->proto,
		};

		if (e.in_addr == 0)
			return -1;
		e.from &= e.from_mask;
		for (uint32_t k = 0; k < RTE_MAX(f->ports, 1u); k++) {
			e.out_port =
				rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(f->out_port) + k));
			e.in_port = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(f->in_port) + k));
			add_forward(s, &e);
		}
		/* A forward may use an outside address that is no pool's. */
		add_addr(s, 0, e.out_addr, SL_ADDR_POOL);
	}
	return 0;
}

static uint32_t
count_forwards(const struct sl_config *c)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < c->n_forwards; i++)
		n += RTE_MAX(c->forward[i].ports, 1);
	return n;
}

static void
fill_plain(struct sl_snap *s, const struct sl_config *c)
{
	for (int i = 0; i < 2; i++) {
		rte_be16_t type = RTE_BE16(RTE_ETHER_TYPE_IPV4);

		s->mac[i] = c->link[i].mac;
		memcpy(&s->mac_word[i], &s->mac[i], RTE_ETHER_ADDR_LEN);
		memcpy(&s->eth_tail[i], &s->mac[i], RTE_ETHER_ADDR_LEN);
		memcpy((char *)&s->eth_tail[i] + RTE_ETHER_ADDR_LEN, &type, sizeof(type));
		s->plain[i] = i == SL_OUTSIDE || c->tenant[0].vlan == 0;
		s->mtu[i] = c->link[i].mtu ? c->link[i].mtu : 1500;
		s->icmp_mute[i] = c->icmp_mute[i];
	}
	for (int i = 0; i < SL_TIMEOUT_COUNT; i++)
		s->timeout[i] = c->timeout[i] * 1000;
	memcpy(s->punt_rate, c->punt_rate, sizeof(s->punt_rate));
	s->icmp_rate = c->icmp_rate;
	s->logged_mask = c->record_mask;
	s->kernel_port_min = c->kernel_port_min;
	s->kernel_port_max = c->kernel_port_max;
	s->icmp_refusal_code = c->icmp_refusal_code;
	s->performance = c->performance;
	s->probe = (uint8_t)c->probe;
	s->syn_answer = c->syn_answer;
	s->port_parity = c->port_parity;
	s->hairpin = c->hairpin;
	s->inbound_refresh = c->inbound_refresh;
	s->source_check = c->source_check;
	s->n_tenants = c->n_tenants;
	s->n_pools = RTE_MAX(c->n_pools, 1u);
	s->n_services = c->n_services;
	s->n_bypasses = c->n_bypasses;
	s->mss = c->mss;
	s->other_protocols = c->other_protocols;
	s->block_idle = c->block_idle * 1000;
}

static int
alloc_tables(struct sl_snap *s, const struct sl_config *c)
{
	uint32_t addrs = count_pool_addrs(c) + c->n_outside * 3 + c->n_forwards + 16;

	for (unsigned int t = 0; t < c->n_tenants; t++)
		addrs += c->tenant[t].n_addrs * 3;
	s->addr_mask = rte_align32pow2(addrs * 2) - 1;
	s->fwd_mask = rte_align32pow2(count_forwards(c) * 2 + 2) - 1;
	s->tenant = rte_calloc(NULL, s->n_tenants, sizeof(*s->tenant), 0);
	s->pool = rte_calloc(NULL, s->n_pools, sizeof(*s->pool), 0);
	s->paddr = rte_calloc(NULL, count_pool_addrs(c) + 1, sizeof(*s->paddr), 0);
	s->service = rte_calloc(NULL, c->n_services + 1, sizeof(*s->service), 0);
	s->bypass = rte_calloc(NULL, c->n_bypasses + 1, sizeof(*s->bypass), 0);
	s->addr = rte_calloc(NULL, s->addr_mask + 1, sizeof(*s->addr), 0);
	s->fwd_out = rte_calloc(NULL, s->fwd_mask + 1, sizeof(*s->fwd_out), 0);
	s->fwd_in = rte_calloc(NULL, s->fwd_mask + 1, sizeof(*s->fwd_in), 0);
	return s->tenant && s->pool && s->paddr && s->service && s->bypass && s->addr &&
			       s->fwd_out && s->fwd_in
		       ? 0
		       : -1;
}

struct sl_snap *
sl_snap_create(struct sl_nat *nat, const struct sl_config *config)
{
	struct sl_snap *s = rte_zmalloc(NULL, sizeof(*s), 0);

	if (s == NULL)
		return NULL;
	fill_plain(s, config);
	if (alloc_tables(s, config) != 0)
		goto fail;
	if (config->n_services)
		memcpy(s->service, config->service, config->n_services * sizeof(*s->service));
	if (config->n_bypasses)
		memcpy(s->bypass, config->bypass, config->n_bypasses * sizeof(*s->bypass));
	fill_tenants(s, config);
	if (sl_snap_fill6(nat, s, config) != 0 || fill_pools(nat, s, config) != 0 ||
		fill_forwards(nat, s, config) != 0)
		goto fail;
	sl_helped_fill(s, nat->helpers, config);
	return s;
fail:
	sl_snap_destroy(s);
	return NULL;
}

void
sl_snap_destroy(struct sl_snap *s)
{
	if (s == NULL)
		return;
	rte_free(s->tenant);
	rte_free(s->pool);
	rte_free(s->paddr);
	rte_free(s->service);
	rte_free(s->bypass);
	rte_free(s->addr);
	rte_free(s->fwd_out);
	rte_free(s->fwd_in);
	sl_snap_free6(s);
	rte_free(s);
}
