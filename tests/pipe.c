/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The test bench: a gateway whose workers are all driven from one thread, round robin,
 * with the clock moved by hand and a random source that repeats itself.
 *
 * Nothing waits and nothing sleeps. A worker's turn is one sl_worker_receive() or
 * sl_worker_poll(); packets that leave are collected, reported as sent, and kept for the
 * caller to look at. Packets are put into mbufs whose unused room is poisoned for the
 * address sanitizer: one byte read behind the frame is a report.
 *
 * The library makes its own packets from a second mempool, and both must be full again
 * after every case.
 */
#include "pipe.h"
#include "pipehelp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_eal.h>
#include <rte_errno.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define MBUFS 8191
#define OWN_MBUFS 2047
#define SETTLE_MIN 4
#define SETTLE_MAX 200

struct sl_steering pipe_steering[2];
bool pipe_joins;

static struct rte_mempool *wire_pool, *own_pool;

int
pipe_setup(void **state)
{
	static const char *const args[] = { "test", "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "--log-level", "error", "--lcores", "0@0", "-m", "1024" };
	static char copy[sizeof(args) / sizeof(args[0])][24]; /* the EAL writes into them */
	static char *argv[sizeof(args) / sizeof(args[0]) + 1];

	(void)state;
	if (wire_pool != NULL)
		return 0;
	for (unsigned int i = 0; i < sizeof(args) / sizeof(args[0]); i++)
		snprintf(argv[i] = copy[i], sizeof(copy[i]), "%s", args[i]);
	if (rte_eal_init(sizeof(args) / sizeof(args[0]), argv) < 0) {
		fprintf(stderr, "EAL: %s\n", rte_strerror(rte_errno));
		return -1;
	}
	wire_pool = rte_pktmbuf_pool_create(
		"wire", MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	own_pool = rte_pktmbuf_pool_create(
		"own", OWN_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	return wire_pool == NULL || own_pool == NULL ? -1 : 0;
}

/* splitmix64: every state gives another number, and a run can be repeated. */
static uint64_t
next_random(void *arg)
{
	struct pipe *p = arg;
	uint64_t z = p->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

void
pipe_route(struct pipe *p, unsigned int tenant, struct sl_ifaddr prefix, enum sl_side side,
	rte_be32_t gw)
{
	rte_be32_t mask = prefix.plen == 0 ? 0 : rte_cpu_to_be_32(UINT32_MAX << (32 - prefix.plen));

	assert_int_equal(
		sl_route_add(p->nat, tenant, prefix.addr & mask, prefix.plen, side, gw), 0);
	assert_true(p->n_routes < PIPE_ROUTES_MAX);
	p->route[p->n_routes++] =
		(struct pipe_route){ prefix.addr & mask, gw, tenant, prefix.plen, side };
}

void
pipe_neigh(struct pipe *p, unsigned int tenant, enum sl_side side, rte_be32_t addr, bool there)
{
	struct rte_ether_addr mac = conf_host_mac(side, addr);

	assert_int_equal(sl_neigh_set(p->nat, tenant, side, addr, there ? &mac : NULL), 0);
}

/* The fixtures' routes and neighbours of one connected network. */
static void
connect_network(struct pipe *p, unsigned int tenant, enum sl_side side, struct sl_ifaddr a)
{
	static const uint8_t host[2][9] = { { 2, 3, 4, 5, 6, 7, 8, 9, 10 }, { 9, 10, 11, 254 } };
	uint32_t net;

	for (unsigned int i = 0; i < p->n_routes; i++)
		if (p->route[i].tenant == tenant && p->route[i].side == side &&
			p->route[i].plen == a.plen && p->route[i].gw == 0 &&
			rte_be_to_cpu_32(a.addr ^ p->route[i].prefix) >> (32 - a.plen) == 0)
			return;
	pipe_route(p, tenant, a, side, 0);
	net = rte_be_to_cpu_32(a.addr) & ~255U;
	for (unsigned int i = 0; i < sizeof(host[0]); i++)
		if (host[side][i] != 0 && net + host[side][i] != rte_be_to_cpu_32(a.addr))
			pipe_neigh(p, tenant, side, rte_cpu_to_be_32(net + host[side][i]), true);
}

void
pipe_route6(struct pipe *p, unsigned int tenant, struct sl_ifaddr6 prefix, enum sl_side side,
	const struct sl_ip6 *gw)
{
	assert_int_equal(sl_route6_add(p->nat, tenant, &prefix.addr, prefix.plen, side, gw), 0);
	assert_true(p->n_routes6 < PIPE_ROUTES_MAX);
	p->route6[p->n_routes6++] = (struct pipe_route6){ prefix,
		gw != NULL ? *gw : (struct sl_ip6){ { 0 } }, tenant, side };
}

void
pipe_neigh6(struct pipe *p, unsigned int tenant, enum sl_side side, const struct sl_ip6 *addr,
	bool there)
{
	struct rte_ether_addr mac = conf_host_mac6(side, addr);

	assert_int_equal(sl_neigh6_set(p->nat, tenant, side, addr, there ? &mac : NULL), 0);
}

/* The network of an inside address, and hosts ::2 to ::a in it. */
static void
connect_network6(struct pipe *p, unsigned int tenant, struct sl_ifaddr6 a)
{
	for (unsigned int i = 0; i < p->n_routes6; i++)
		if (p->route6[i].tenant == tenant && p->route6[i].prefix.plen == a.plen &&
			memcmp(&p->route6[i].prefix.addr, &a.addr, 8) == 0)
			return;
	pipe_route6(p, tenant, a, SL_INSIDE, NULL);
	for (unsigned int i = 2; i <= 10; i++) {
		a.addr.b[15] = (uint8_t)i;
		pipe_neigh6(p, tenant, SL_INSIDE, &a.addr, true);
	}
}

static int
configure(struct pipe *p, const struct sl_config *c)
{
	int rc = sl_nat_configure(p->nat, c);

	if (rc < 0)
		return rc;
	pipe_help_configure(p, c, own_pool);
	for (unsigned int i = 0; i < c->n_outside; i++)
		connect_network(p, 0, SL_OUTSIDE, c->outside[i]);
	for (unsigned int t = 0; t < c->n_tenants; t++)
		for (unsigned int i = 0; i < c->tenant[t].n_addrs; i++)
			connect_network(p, t, SL_INSIDE, c->tenant[t].addr[i]);
	for (unsigned int t = 0; t < c->n_tenants; t++)
		for (unsigned int i = 0; i < c->tenant[t].n_addrs6; i++)
			connect_network6(p, t, c->tenant[t].addr6[i]);
	return 0;
}

int
pipe_configure(struct pipe *p, const char *text)
{
	struct conf_params params = { 0 };
	struct sl_config *c = conf_parse(text, p->base, &params);
	int rc = configure(p, c);

	sl_config_destroy(c);
	pipe_settle(p);
	return rc;
}

struct pipe *
pipe_create(unsigned int n_workers, const char *text, uint64_t seed, uint64_t base)
{
	struct pipe *p = calloc(1, sizeof(*p));
	struct conf_params own = {
		.max_sessions = 4096, .max_subscribers = 1024, .ring_size = 1024
	};
	struct sl_config *c = conf_parse(text, base, &own);
	struct sl_params params = {
		.n_workers = n_workers,
		.max_sessions = own.max_sessions,
		.max_subscribers = own.max_subscribers,
		.max_own_ports = own.max_sessions,
		.max_hosts6 = own.max_hosts6,
		.max_routes = 256,
		.ring_size = own.ring_size,
		.random = next_random,
		.random_arg = p,
		.helpers = pipe_helpers,
		.steering = { pipe_steering[SL_INSIDE], pipe_steering[SL_OUTSIDE] },
	};

	assert_non_null(p);
	p->random = seed;
	p->now = p->base = base;
	p->n_workers = n_workers;
	for (unsigned int i = 0; i < n_workers; i++) {
		params.pool[i] = own_pool;
		params.socket[i] = SOCKET_ID_ANY;
	}
	p->nat = sl_nat_create(&params);
	if (p->nat == NULL)
		fail_msg("sl_nat_create: %s", rte_strerror(rte_errno));
	for (unsigned int i = 0; i < n_workers; i++)
		sl_worker_online(sl_nat_worker(p->nat, i));
	assert_int_equal(configure(p, c), 0);
	pipe_route(p, 0, (struct sl_ifaddr){ 0, 0 }, SL_OUTSIDE, conf_addr("192.0.2.254"));
	sl_config_destroy(c);
	return p;
}

void
pipe_destroy(struct pipe *p)
{
	if (p == NULL)
		return;
	pipe_discard(p);
	for (unsigned int i = 0; i < p->n_workers; i++)
		sl_worker_offline(sl_nat_worker(p->nat, i));
	pipe_help_end(p);
	sl_nat_destroy(p->nat);
	free(p);
}

/* An mbuf with its data at the usual place and its whole buffer readable. */
static struct rte_mbuf *
take_mbuf(const uint8_t *b, size_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(wire_pool);

	assert_non_null(m);
	UNPOISON(m->buf_addr, m->buf_len);
	assert_true(len <= rte_pktmbuf_tailroom(m));
	memcpy(rte_pktmbuf_mtod(m, uint8_t *), b, len);
	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	if (!pipe_joins)
		POISON(rte_pktmbuf_mtod(m, uint8_t *) + len, (size_t)rte_pktmbuf_tailroom(m));
	return m;
}

struct rte_mbuf *
pipe_mbuf(const uint8_t *b, size_t len)
{
	size_t first = RTE_MIN(len, (size_t)(RTE_MBUF_DEFAULT_BUF_SIZE - RTE_PKTMBUF_HEADROOM));

	return pipe_mbuf_split(b, len, first);
}

struct rte_mbuf *
pipe_mbuf_split(const uint8_t *b, size_t len, size_t first)
{
	struct rte_mbuf *m = take_mbuf(b, first), *last = m;

	if (first < len) /* headers may be pulled up into the first segment */
		UNPOISON(m->buf_addr, m->buf_len);
	while (first < len) {
		size_t n = RTE_MIN(len - first, (size_t)2000);

		last->next = take_mbuf(b + first, n);
		last = last->next;
		m->nb_segs++;
		m->pkt_len += (uint32_t)n;
		first += n;
	}
	return m;
}

static void
keep(struct pipe *p, const struct pipe_packet *got)
{
	assert_true(p->n_got < PIPE_GOT_MAX);
	for (struct rte_mbuf *m = got->m; m != NULL; m = m->next)
		UNPOISON(m->buf_addr, m->buf_len);
	p->got[p->n_got++] = *got;
}

/* Take what a worker put into out, as the loop around it would. */
static void
collect(struct pipe *p, unsigned int worker)
{
	for (int s = 0; s < 2; s++) {
		enum sl_side side = (enum sl_side)s;
		unsigned int refused = RTE_MIN(p->refuse[s], p->out.n[s]);
		unsigned int sent = p->out.n[s] - refused;

		if (p->out.n[s] == 0)
			continue;
		for (unsigned int i = 0; i < sent; i++)
			keep(p, &(struct pipe_packet){
					.m = p->out.m[s][i], .side = side, .worker = worker });
		for (unsigned int i = sent; i < p->out.n[s]; i++)
			rte_pktmbuf_free(p->out.m[s][i]);
		sl_worker_sent(sl_nat_worker(p->nat, worker), side, sent, refused);
		p->refuse[s] -= refused;
		p->out.n[s] = 0;
	}
}

/* Control's turn. */
static void
take_control(struct pipe *p)
{
	struct sl_punt punt[32];
	struct sl_event event;
	unsigned int n;

	while ((n = sl_control_punts(p->nat, punt, RTE_DIM(punt))) > 0)
		for (unsigned int i = 0; i < n; i++)
			if (!pipe_help_punt(p, &punt[i]))
				keep(p, &(struct pipe_packet){ .m = punt[i].m,
						.side = punt[i].side,
						.punt = true,
						.cause = punt[i].cause,
						.tenant = punt[i].tenant });
	while (p->n_events < PIPE_EVENTS_MAX && sl_control_events(p->nat, &event, 1) == 1)
		if (!pipe_help_event(p, &event))
			p->event[p->n_events++] = event;
	pipe_help_poll(p);
}

void
pipe_receive(
	struct pipe *p, unsigned int worker, enum sl_side side, struct rte_mbuf **m, unsigned int n)
{
	sl_worker_receive(sl_nat_worker(p->nat, worker), side, m, n, p->now, &p->out);
	collect(p, worker);
}

static unsigned int
poll_once(struct pipe *p)
{
	unsigned int done = 0;

	for (unsigned int i = 0; i < p->n_workers; i++) {
		done += sl_worker_poll(sl_nat_worker(p->nat, i), p->now, &p->out);
		collect(p, i);
	}
	take_control(p);
	return done;
}

void
pipe_settle(struct pipe *p)
{
	unsigned int done = 1;

	for (unsigned int i = 0; i < SETTLE_MIN || (done > 0 && i < SETTLE_MAX); i++)
		done = poll_once(p);
}

void
pipe_poll(struct pipe *p, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		poll_once(p);
}

void
pipe_discard(struct pipe *p)
{
	for (unsigned int i = 0; i < p->n_got; i++)
		rte_pktmbuf_free(p->got[i].m);
	p->n_got = 0;
}
