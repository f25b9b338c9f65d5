/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Set up and take down the benchmark's gateway: a configuration by hand through the public
 * header, a pool with two ports for each session there is
 * room for, so that looking for a free port is not what is measured, and two routers as neighbours.
 */
#include "setup.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#define IP(a, b, c, d) RTE_BE32((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define INSIDE_ROUTER IP(10, 255, 255, 254)
#define OUTSIDE_ROUTER IP(192, 0, 2, 254)
#define SERVER IP(198, 18, 0, 1)
#define POOL_FIRST 0xcb000000u /* 203.0.0.0 */
#define PORTS_AN_ADDRESS 64512u

static const struct rte_ether_addr port_mac[2] = {
	{ .addr_bytes = { 2, 0, 0, 0, 0, 1 } },
	{ .addr_bytes = { 2, 0, 0, 0, 0, 2 } },
};
static const struct rte_ether_addr router_mac[2] = {
	{ .addr_bytes = { 2, 0, 0, 0, 1, 1 } },
	{ .addr_bytes = { 2, 0, 0, 0, 1, 2 } },
};

/* A host's address without the four bytes that tell hosts apart, and the well-known prefix. */
static const struct sl_ip6 host6 = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
static const struct sl_ip6 router6 = { { 0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, [15] = 0xfe } };
static const struct sl_ip6 prefix6 = { { 0x00, 0x64, 0xff, 0x9b } };

void *
setup_memory(size_t bytes)
{
	size_t size = RTE_ALIGN_MUL_CEIL(bytes, SETUP_HUGE);
	void *p = aligned_alloc(SETUP_HUGE, size);

	if (p == NULL)
		return NULL;
	madvise(p, size, MADV_HUGEPAGE);
	return memset(p, 0, size);
}

void
setup_frame(struct rig *r, enum sl_side from, uint8_t tcp_flags)
{
	bool syn = tcp_flags & 0x02;
	uint32_t ends[2] = { 1000u + !syn, 5000u + !syn };
	/* a SYN and ACK acknowledges the SYN, everything later both */
	uint32_t ack = from == SL_OUTSIDE ? 1001 : syn ? 0 : 5001;

	if (r->o.six && from == SL_INSIDE)
		frame_init6(&r->frame[from], r->o.proto, tcp_flags, ends[from], ack,
			&port_mac[from], host6.b, prefix6.b);
	else
		frame_init(
			&r->frame[from], r->o.proto, tcp_flags, ends[from], ack, &port_mac[from]);
}

void
setup_arrival(const struct rig *r, uint64_t session, struct arrival *a)
{
	rte_be16_t port = r->o.proto == IPPROTO_TCP ? RTE_BE16(443) : RTE_BE16(4433);
	const struct frame *f = &r->frame[r->from];
	struct endpoint in;

	rig_inside(r, session, &in);
	if (r->from == SL_INSIDE)
		frame_arrival(f, in.addr, in.port, SERVER, port, a);
	else
		frame_arrival(
			f, SERVER, port, r->outside[session].addr, r->outside[session].port, a);
}

static struct sl_config *
configuration(const struct rig_options *o)
{
	uint64_t addresses = 2 * o->room / PORTS_AN_ADDRESS + 2;
	struct sl_config *c = sl_config_create();

	if (c == NULL)
		return NULL;
	c->outside = calloc(1, sizeof(*c->outside));
	c->tenant[0].addr = calloc(1, sizeof(*c->tenant[0].addr));
	c->pool = calloc(1, sizeof(*c->pool));
	if (c->pool)
		c->pool->range = calloc(1, sizeof(*c->pool->range));
	if (!c->outside || !c->tenant[0].addr || !c->pool || !c->pool->range) {
		sl_config_destroy(c);
		return NULL;
	}
	c->link[0].mac = port_mac[0];
	c->link[1].mac = port_mac[1];
	c->outside[0] = (struct sl_ifaddr){ IP(192, 0, 2, 1), 24 };
	c->n_outside = 1;
	c->tenant[0].addr[0] = (struct sl_ifaddr){ IP(10, 0, 0, 1), 8 };
	c->tenant[0].n_addrs = 1;
	c->tenant[0].pool = 0;
	c->tenant[0].limits = (struct sl_limits){ 0 };
	snprintf(c->pool->name, sizeof(c->pool->name), "bench");
	c->pool->range[0].first = rte_cpu_to_be_32(POOL_FIRST);
	c->pool->range[0].last = rte_cpu_to_be_32(POOL_FIRST + (uint32_t)addresses - 1);
	c->pool->n_ranges = 1;
	c->n_pools = 1;
	if (o->six) {
		c->nat64 = calloc(1, sizeof(*c->nat64));
		if (c->nat64 != NULL)
			c->nat64[c->n_nat64++].prefix = (struct sl_ifaddr6){ prefix6, 96 };
	}
	c->performance = o->timed;
	c->timeout[SL_TIMEOUT_UDP] = o->timeout ? o->timeout : 3600;
	c->timeout[SL_TIMEOUT_PORT_REST] = o->rest;
	return c;
}

static int
routes(struct sl_nat *nat)
{
	int rc = 0;

	/* one next hop for all subscribers: an aggregation router, not 16,000 neighbours */
	rc = rc ? rc : sl_route_add(nat, 0, IP(10, 0, 0, 0), 8, SL_INSIDE, INSIDE_ROUTER);
	rc = rc ? rc : sl_route_add(nat, 0, INSIDE_ROUTER, 32, SL_INSIDE, 0);
	rc = rc ? rc : sl_route_add(nat, 0, IP(192, 0, 2, 0), 24, SL_OUTSIDE, 0);
	rc = rc ? rc : sl_route_add(nat, 0, 0, 0, SL_OUTSIDE, OUTSIDE_ROUTER);
	rc = rc ? rc : sl_neigh_set(nat, 0, SL_INSIDE, INSIDE_ROUTER, &router_mac[0]);
	rc = rc ? rc : sl_route6_add(nat, 0, &host6, 32, SL_INSIDE, &router6);
	rc = rc ? rc : sl_neigh6_set(nat, 0, SL_INSIDE, &router6, &router_mac[0]);
	return rc ? rc : sl_neigh_set(nat, 0, SL_OUTSIDE, OUTSIDE_ROUTER, &router_mac[1]);
}

/* Everything that was taken from DPDK's heap and from libc's. */
static uint64_t
memory_taken(void)
{
	struct rte_malloc_socket_stats s;
	uint64_t sum = mallinfo2().uordblks + mallinfo2().hblkhd;

	for (unsigned int i = 0; i < rte_socket_count(); i++)
		if (rte_malloc_get_socket_stats(rte_socket_id_by_idx(i), &s) == 0)
			sum += s.heap_allocsz_bytes;
	return sum;
}

static uint64_t
read_cycles(void)
{
	return rte_rdtsc();
}

int
rig_timed(struct rig *r, bool on)
{
	struct sl_config *c;
	int rc = -ENOMEM;

	r->o.timed = on;
	c = configuration(&r->o);
	if (c != NULL)
		rc = sl_nat_configure(r->nat, c);
	sl_config_destroy(c);
	sl_worker_poll(r->w, r->now, &r->out);
	return rc;
}

/* Create, configure and route the gateway. */
static int
make_nat(struct rig *r)
{
	unsigned int n = r->o.n_workers ? r->o.n_workers : 1;
	struct sl_params p = {
		.n_workers = n,
		.max_sessions = (uint32_t)r->o.room,
		.random = r->o.random,
		.cycles = read_cycles,
	};
	struct sl_config *c = configuration(&r->o);
	uint64_t before = memory_taken();
	char why[256] = "";
	int rc;

	if (c == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < n; i++) {
		p.socket[i] = (int)rte_socket_id();
		p.pool[i] = r->pool;
	}
	r->nat = sl_nat_create(&p);
	rc = r->nat == NULL ? -rte_errno : sl_nat_configure(r->nat, c);
	if (rc < 0) {
		sl_config_check(c, why, sizeof(why));
		fprintf(stderr, "libbench: gateway: %s %s\n", rte_strerror(-rc), why);
	}
	sl_config_destroy(c);
	if (rc == 0)
		rc = routes(r->nat);
	r->memory = memory_taken() - before;
	return rc;
}

/* The addresses, from the first one on, that this rig's worker owns. */
static int
choose_subscribers(struct rig *r)
{
	uint64_t n = (r->o.sessions >> 6) + 1, k = 0;

	r->subscriber = calloc(n, sizeof(*r->subscriber));
	if (r->subscriber == NULL)
		return -ENOMEM;
	for (uint32_t a = RIG_SUBSCRIBERS; k < n; a++)
		if (sl_subscriber_worker(r->nat, rte_cpu_to_be_32(a)) == r->o.worker)
			r->subscriber[k++] = rte_cpu_to_be_32(a);
	return 0;
}

int
setup_gateway(struct rig *r)
{
	char name[16];
	int rc = 0;

	if (r->o.name != NULL)
		snprintf(name, sizeof(name), "%s", r->o.name);
	else
		snprintf(name, sizeof(name), "bench%u", r->o.worker);
	r->pool = rte_pktmbuf_pool_create(
		name, 4 * RIG_MBUFS - 1, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, (int)rte_socket_id());
	if (r->pool == NULL)
		return -ENOMEM;
	if (r->o.host != NULL)
		r->nat = r->o.host->nat;
	else
		rc = make_nat(r);
	if (rc == 0 && r->o.n_workers > 1)
		rc = choose_subscribers(r);
	if (rc < 0) {
		rte_errno = -rc;
		return rc;
	}
	r->w = sl_nat_worker(r->nat, r->o.worker);
	sl_worker_online(r->w);
	sl_worker_poll(r->w, r->now, &r->out);
	return rte_pktmbuf_alloc_bulk(r->pool, r->mbuf, RIG_MBUFS);
}

static uint64_t
random_below(uint64_t *s, uint64_t n)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return (*s >> 32) * n >> 32;
}

int
rig_shuffle(struct rig *r)
{
	uint64_t n = r->o.sessions, s = 88172645463325252ull;

	r->n_order = RTE_ALIGN_MUL_CEIL(RTE_MAX(n, (uint64_t)RIG_ORDER_MIN), BURST);
	for (unsigned int side = 0; side < 2; side++) {
		struct arrival *a = setup_memory(r->n_order * sizeof(*a));
		uint32_t *who = setup_memory(r->n_order * sizeof(*who));

		r->order[side] = a;
		r->who[side] = who;
		if (a == NULL || who == NULL)
			return -ENOMEM;
		r->from = side;
		setup_frame(r, side, 0x10);
		for (uint64_t i = 0; i < n; i++) {
			uint64_t k = random_below(&s, i + 1);

			who[i] = who[k];
			who[k] = (uint32_t)i;
		}
		for (uint64_t i = n; i < r->n_order; i++)
			who[i] = who[i % n];
		for (uint64_t i = 0; i < r->n_order; i++)
			setup_arrival(r, who[i], &a[i]);
	}
	return 0;
}
