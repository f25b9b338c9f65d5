/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lib/route.c by itself: random routes and neighbours of several tenants come and go, and every
 * look-up must agree with a plain list searched for the longest prefix; a worker that looks up
 * while control writes must never see what was not there.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"
#include "state.h"

#define ROUTES 120
#define ROUNDS 1600
#define TENANTS 4
#define BLUE 1
#define RED 2

/** A route of the plain list. */
struct plain {
	uint32_t prefix; /* host order */
	uint16_t tenant;
	uint8_t plen;
	enum sl_side side;
	rte_be32_t gw;
	bool there;
};

static struct plain plain[ROUTES];
static uint64_t random_state = 3;

static uint32_t
draw(void)
{
	random_state = random_state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(random_state >> 32);
}

static uint32_t
mask(uint8_t plen)
{
	return plen == 0 ? 0 : UINT32_MAX << (32 - plen);
}

static const struct plain *
longest(uint16_t tenant, uint32_t addr, uint8_t least)
{
	const struct plain *best = NULL;

	for (unsigned int i = 0; i < ROUTES; i++)
		if (plain[i].there && plain[i].tenant == tenant && plain[i].plen >= least &&
			(addr & mask(plain[i].plen)) == plain[i].prefix &&
			(best == NULL || plain[i].plen > best->plen))
			best = &plain[i];
	return best;
}

static void
compare_one(const struct sl_nat *nat, const struct plain *want, uint16_t nh)
{
	if (want == NULL) {
		assert_int_equal(nh, SL_NH_NONE);
		return;
	}
	assert_int_not_equal(nh, SL_NH_NONE);
	assert_int_equal(sl_nh_side(&nat->routes, nh), want->side);
	if (want->gw == 0)
		assert_int_equal(nh, SL_NH_LINK(want->side));
	else
		assert_int_equal(nat->routes.nh[nh].addr, want->gw);
	if (want->gw != 0)
		assert_int_equal(nat->routes.nh[nh].tenant, want->tenant);
}

static void
compare(const struct sl_nat *nat, uint32_t addr)
{
	const struct sl_routes *r = &nat->routes;

	for (uint16_t t = 0; t < TENANTS; t++) {
		compare_one(
			nat, longest(t, addr, 0), sl_routes_lookup(r, t, rte_cpu_to_be_32(addr)));
		if (t != 0)
			compare_one(nat, longest(t, addr, 1),
				sl_routes_lookup_own(r, t, rte_cpu_to_be_32(addr)));
	}
}

static bool
known(const struct plain *new)
{
	for (unsigned int i = 0; i < ROUTES; i++)
		if (plain[i].there && plain[i].tenant == new->tenant &&plain[i].prefix ==
					      new->prefix &&plain[i].plen == new->plen)
			return true;
	return false;
}

/* Few different bits, so that prefixes nest and tenants have the same ones. */
static struct plain
draw_route(void)
{
	struct plain new = {
		.tenant = (uint16_t)(draw() % TENANTS),
		.plen = (uint8_t)(draw() % 33),
		.there = true,
	};

	new.prefix = (0x0b000000 | (draw() & 0x00070707)) & mask(new.plen);
	new.side = new.tenant == 0 && draw() % 2 ? SL_OUTSIDE : SL_INSIDE;
	new.gw = draw() % 2 ? rte_cpu_to_be_32(0xc6336401 + draw() % 5) : 0;
	return new;
}

/* Bench without the fixtures' routes. */
static struct pipe *
empty(void)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);

	assert_int_equal(sl_route_del(p->nat, 0, 0, 0), 0);
	assert_int_equal(sl_route_del(p->nat, 0, conf_addr("10.0.0.0"), 24), 0);
	assert_int_equal(sl_route_del(p->nat, 0, conf_addr("192.0.2.0"), 24), 0);
	for (unsigned int i = 2; i < 11; i++)
		pipe_neigh(p, 0, SL_INSIDE, rte_cpu_to_be_32(0x0a000000 + i), false);
	for (unsigned int i = 9; i < 12; i++)
		pipe_neigh(p, 0, SL_OUTSIDE, rte_cpu_to_be_32(0xc0000200 + i), false);
	pipe_neigh(p, 0, SL_OUTSIDE, conf_addr("192.0.2.254"), false);
	pipe_settle(p);
	return p;
}

static void
lookups_agree_with_a_plain_list(void **state)
{
	struct pipe *p = empty();

	(void)state;
	memset(plain, 0, sizeof(plain));
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct plain *r = &plain[draw() % ROUTES], new = draw_route();

		if (r->there) {
			assert_int_equal(sl_route_del(p->nat, r->tenant,
						 rte_cpu_to_be_32(r->prefix), r->plen),
				0);
			r->there = false;
		} else if (!known(&new)) {
			assert_int_equal(
				sl_route_add(p->nat, new.tenant, rte_cpu_to_be_32(new.prefix),
					new.plen, new.side, new.gw),
				0);
			*r = new;
		}
		pipe_settle(p);
		for (unsigned int i = 0; i < 20; i++)
			compare(p->nat, 0x0b000000 | (draw() & 0x00070707));
		compare(p->nat, draw());
	}
	pipe_destroy(p);
}

static void
route_that_is_not_there_cannot_be_removed(void **state)
{
	struct pipe *p = empty();

	(void)state;
	assert_int_equal(sl_route_del(p->nat, 0, conf_addr("10.1.0.0"), 16), -ENOENT);
	assert_int_equal(sl_route_add(p->nat, 0, conf_addr("10.1.0.0"), 33, SL_INSIDE, 0), -EINVAL);
	assert_int_equal(sl_route_add(p->nat, 0, conf_addr("10.1.2.3"), 16, SL_INSIDE, 0), 0);
	/* host bits are ignored, and adding again replaces */
	assert_int_equal(sl_route_add(p->nat, 0, conf_addr("10.1.0.0"), 16, SL_OUTSIDE, 0), 0);
	assert_int_equal(sl_routes_lookup(&p->nat->routes, 0, conf_addr("10.1.9.9")),
		SL_NH_LINK(SL_OUTSIDE));
	assert_int_equal(sl_route_del(p->nat, 0, conf_addr("10.1.0.0"), 16), 0);
	assert_int_equal(sl_routes_lookup(&p->nat->routes, 0, conf_addr("10.1.9.9")), SL_NH_NONE);
	pipe_destroy(p);
}

static void
tenants_have_an_inside_only(void **state)
{
	struct pipe *p = empty();

	(void)state;
	assert_int_equal(
		sl_route_add(p->nat, BLUE, conf_addr("10.1.0.0"), 16, SL_OUTSIDE, 0), -EINVAL);
	assert_int_equal(
		sl_route_add(p->nat, BLUE, conf_addr("10.1.0.0"), 33, SL_INSIDE, 0), -EINVAL);
	assert_int_equal(
		sl_route_add(p->nat, 256, conf_addr("10.1.0.0"), 16, SL_INSIDE, 0), -EINVAL);
	assert_int_equal(sl_route_del(p->nat, 256, conf_addr("10.1.0.0"), 16), -EINVAL);
	assert_int_equal(sl_route_add(p->nat, 255, conf_addr("10.1.2.3"), 16, SL_INSIDE, 0), 0);
	assert_int_equal(sl_route_del(p->nat, BLUE, conf_addr("10.1.0.0"), 16), -ENOENT);
	assert_int_equal(sl_route_del(p->nat, 255, conf_addr("10.1.0.0"), 16), 0);
	assert_int_equal(sl_route_del(p->nat, 255, conf_addr("10.1.0.0"), 16), -ENOENT);
	pipe_destroy(p);
}

/* A route holds on to its gateway, whether it is resolved or not, and lets go of it. */
static void
gateway_stays_as_long_as_a_route_leads_to_it(void **state)
{
	struct pipe *p = empty();
	rte_be32_t gw = conf_addr("10.0.0.7");
	struct sl_routes *r = &p->nat->routes;
	uint16_t nh, gen;

	(void)state;
	assert_int_equal(sl_route_add(p->nat, BLUE, conf_addr("10.9.0.0"), 16, SL_INSIDE, gw), 0);
	assert_int_equal(sl_route_add(p->nat, BLUE, conf_addr("10.8.0.0"), 16, SL_INSIDE, gw), 0);
	nh = sl_routes_lookup(r, BLUE, conf_addr("10.9.1.1"));
	assert_int_equal(r->nh[nh].word, 0);
	pipe_neigh(p, BLUE, SL_INSIDE, gw, true);
	assert_int_not_equal(r->nh[nh].word, 0);
	/* the same address of another tenant is somebody else */
	pipe_neigh(p, RED, SL_INSIDE, gw, true);
	pipe_neigh(p, RED, SL_INSIDE, gw, false);
	assert_int_not_equal(r->nh[nh].word, 0);
	pipe_neigh(p, BLUE, SL_INSIDE, gw, false);
	assert_int_equal(sl_routes_lookup(r, BLUE, conf_addr("10.9.1.1")), nh);
	assert_int_equal(r->nh[nh].word, 0);
	assert_int_equal(r->nh[nh].refs, 2);
	gen = r->gen;
	assert_int_equal(sl_route_add(p->nat, BLUE, conf_addr("10.9.0.0"), 16, SL_INSIDE, 0), 0);
	assert_int_not_equal(r->gen, gen);
	assert_int_equal(r->nh[nh].refs, 1);
	assert_int_equal(sl_routes_lookup(r, BLUE, gw), SL_NH_NONE);
	assert_int_equal(sl_route_del(p->nat, BLUE, conf_addr("10.8.0.0"), 16), 0);
	assert_int_equal(sl_route_add(p->nat, BLUE, conf_addr("10.0.0.0"), 24, SL_INSIDE, 0), 0);
	assert_int_equal(sl_routes_lookup(r, BLUE, gw), SL_NH_LINK(SL_INSIDE));
	pipe_destroy(p);
}

/* All tenants share the bench's 256 routes. */
static void
full_table_of_routes_says_so_and_keeps_the_old(void **state)
{
	struct pipe *p = empty();
	unsigned int n = 0;
	int rc = 0;

	(void)state;
	for (; n < 5000 && rc == 0; n++)
		rc = sl_route_add(p->nat, 1 + n % (TENANTS - 1),
			rte_cpu_to_be_32(0x0a000000 + n * 256), 24, SL_INSIDE, 0);
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(n, 257);
	for (uint16_t t = 0; t < TENANTS; t++)
		assert_int_equal(
			sl_route_add(p->nat, t, conf_addr("11.0.0.0"), 8, SL_INSIDE, 0), -ENOSPC);
	/* what is there may change, and what goes makes room for whoever comes first */
	assert_int_equal(sl_route_add(p->nat, BLUE, conf_addr("10.0.0.0"), 24, SL_INSIDE,
				 conf_addr("10.0.0.9")),
		0);
	assert_int_equal(sl_route_del(p->nat, BLUE, conf_addr("10.0.0.0"), 24), 0);
	pipe_settle(p);
	assert_int_equal(sl_route_add(p->nat, 0, conf_addr("11.0.0.0"), 8, SL_INSIDE, 0), 0);
	assert_int_equal(
		sl_route_add(p->nat, RED, conf_addr("11.0.0.0"), 8, SL_INSIDE, 0), -ENOSPC);
	assert_int_equal(sl_routes_lookup(&p->nat->routes, RED, conf_addr("10.0.1.9")),
		SL_NH_LINK(SL_INSIDE));
	pipe_destroy(p);
}

/* ---- a worker beside control ---- */

struct reader {
	struct sl_nat *nat;
	bool stop;
	unsigned int rounds, wrong;
};

static bool
leads_to(const struct sl_routes *r, uint16_t nh, uint16_t tenant, const char *gw)
{
	return nh >= SL_NH_FIRST && r->nh[nh].tenant == tenant && r->nh[nh].addr == conf_addr(gw);
}

/* What it finds must be right as long as it has not passed a quiescent state. */
static void *
read_routes(void *arg)
{
	struct reader *me = arg;
	const struct sl_routes *r = &me->nat->routes;
	rte_be32_t steady = conf_addr("10.9.2.5"), moving = conf_addr("10.9.1.5");

	while (!__atomic_load_n(&me->stop, __ATOMIC_RELAXED)) {
		uint16_t a = sl_routes_lookup(r, BLUE, steady),
			 b = sl_routes_lookup(r, BLUE, moving);
		uint16_t c = sl_routes_lookup(r, RED, moving);

		me->wrong += !leads_to(r, a, BLUE, "10.0.0.3");
		me->wrong += !leads_to(r, b, BLUE, "10.0.0.3") && !leads_to(r, b, BLUE, "10.0.0.4");
		me->wrong += c != SL_NH_NONE && !leads_to(r, c, RED, "10.0.0.5");
		rte_rcu_qsbr_quiescent(me->nat->qsbr, 0);
		__atomic_fetch_add(&me->rounds, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void
flip(struct sl_nat *nat, unsigned int tenant, rte_be32_t prefix, uint8_t plen, rte_be32_t gw)
{
	if (sl_route_del(nat, tenant, prefix, plen) == -ENOENT)
		sl_route_add(nat, tenant, prefix, plen, SL_INSIDE, gw);
}

static void
worker_reads_while_control_writes(void **state)
{
	struct pipe *p = empty();
	struct reader reader = { .nat = p->nat };
	pthread_t thread;

	(void)state;
	assert_int_equal(sl_route_add(p->nat, BLUE, conf_addr("10.9.0.0"), 16, SL_INSIDE,
				 conf_addr("10.0.0.3")),
		0);
	assert_int_equal(pthread_create(&thread, NULL, read_routes, &reader), 0);
	/* as many rounds as the worker makes beside it, so that both do run */
	for (unsigned int i = 0;
		i < 100000 || __atomic_load_n(&reader.rounds, __ATOMIC_RELAXED) < 1000; i++) {
		flip(p->nat, BLUE, conf_addr("10.9.1.0"), 24, conf_addr("10.0.0.4"));
		flip(p->nat, RED, conf_addr("10.9.0.0"), (uint8_t)(draw() % 20),
			conf_addr("10.0.0.5"));
		/* others fill the table up, so that entries move about in it */
		for (unsigned int k = 0; k < 4; k++)
			flip(p->nat, 3, rte_cpu_to_be_32(0x0b000000 + draw() % 400 * 256), 24,
				rte_cpu_to_be_32(0x0a000100 + draw() % 100));
		if (i % 64 == 0)
			sched_yield();
	}
	__atomic_store_n(&reader.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(reader.wrong, 0);
	pipe_destroy(p);
}

static void
neighbours_come_and_go_without_eating_the_table(void **state)
{
	struct pipe *p = empty();

	(void)state;
	assert_int_equal(sl_route_add(p->nat, 0, conf_addr("10.0.0.0"), 8, SL_INSIDE, 0), 0);
	/* far more than the table of 256 next hops holds at one time */
	for (unsigned int i = 0; i < 5000; i++) {
		rte_be32_t addr = rte_cpu_to_be_32(0x0a000000 + 256 + i);

		pipe_neigh(p, 0, SL_INSIDE, addr, true);
		assert_int_equal(
			sl_nh_side(&p->nat->routes, sl_routes_lookup(&p->nat->routes, 0, addr)),
			SL_INSIDE);
		pipe_neigh(p, 0, SL_INSIDE, addr, false);
		pipe_poll(p, 1);
	}
	pipe_destroy(p);
}

static void
full_table_of_neighbours_says_so_and_keeps_the_old(void **state)
{
	struct pipe *p = empty();
	struct rte_ether_addr mac = conf_host_mac(SL_INSIDE, 1);
	int rc = 0;

	(void)state;
	assert_int_equal(sl_route_add(p->nat, 0, conf_addr("10.0.0.0"), 8, SL_INSIDE, 0), 0);
	for (unsigned int i = 0; i < 5000 && rc == 0; i++)
		rc = sl_neigh_set(p->nat, 0, SL_INSIDE, rte_cpu_to_be_32(0x0a000100 + i), &mac);
	assert_int_equal(rc, -ENOSPC);
	assert_true(sl_routes_lookup(&p->nat->routes, 0, conf_addr("10.0.1.0")) >= SL_NH_FIRST);
	pipe_destroy(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups_agree_with_a_plain_list),
		cmocka_unit_test(route_that_is_not_there_cannot_be_removed),
		cmocka_unit_test(tenants_have_an_inside_only),
		cmocka_unit_test(gateway_stays_as_long_as_a_route_leads_to_it),
		cmocka_unit_test(full_table_of_routes_says_so_and_keeps_the_old),
		cmocka_unit_test(worker_reads_while_control_writes),
		cmocka_unit_test(neighbours_come_and_go_without_eating_the_table),
		cmocka_unit_test(full_table_of_neighbours_says_so_and_keeps_the_old),
	};

	return cmocka_run_group_tests_name("route", tests, pipe_setup, NULL);
}
