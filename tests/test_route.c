/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lib/route.c by itself: random routes and neighbours come and go, and every look-up must
 * agree with a plain list searched for the longest prefix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"
#include "state.h"

#define ROUTES 60
#define ROUNDS 400

/** A route of the plain list. */
struct plain {
	uint32_t prefix; /* host order */
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
longest(uint32_t addr)
{
	const struct plain *best = NULL;

	for (unsigned int i = 0; i < ROUTES; i++)
		if (plain[i].there && (addr & mask(plain[i].plen)) == plain[i].prefix &&
			(best == NULL || plain[i].plen > best->plen))
			best = &plain[i];
	return best;
}

static void
compare(const struct sl_nat *nat, uint32_t addr)
{
	const struct plain *want = longest(addr);
	uint16_t nh = sl_routes_lookup(&nat->routes, 0, rte_cpu_to_be_32(addr));

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
}

static bool
known(uint32_t prefix, uint8_t plen)
{
	for (unsigned int i = 0; i < ROUTES; i++)
		if (plain[i].there && plain[i].prefix == prefix && plain[i].plen == plen)
			return true;
	return false;
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
		struct plain *r = &plain[draw() % ROUTES];

		if (r->there) {
			assert_int_equal(
				sl_route_del(p->nat, 0, rte_cpu_to_be_32(r->prefix), r->plen), 0);
			r->there = false;
		} else {
			struct plain new = { .plen = (uint8_t)(draw() % 33), .there = true };

			/* few different bits, so that prefixes nest */
			new.prefix = (0x0b000000 | (draw() & 0x00070707)) & mask(new.plen);
			new.side = draw() % 2 ? SL_INSIDE : SL_OUTSIDE;
			new.gw = draw() % 2 ? rte_cpu_to_be_32(0xc6336401 + draw() % 5) : 0;
			if (known(new.prefix, new.plen))
				continue;
			assert_int_equal(sl_route_add(p->nat, 0, rte_cpu_to_be_32(new.prefix),
						 new.plen, new.side, new.gw),
				0);
			*r = new;
		}
		pipe_settle(p);
		for (unsigned int i = 0; i < 60; i++)
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
		cmocka_unit_test(neighbours_come_and_go_without_eating_the_table),
		cmocka_unit_test(full_table_of_neighbours_says_so_and_keeps_the_old),
	};

	return cmocka_run_group_tests_name("route", tests, pipe_setup, NULL);
}
