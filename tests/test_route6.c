/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lib/route6.c against a list that is searched from end to end: random prefixes of all
 * lengths come, change and go, of several tenants, and every look-up must agree.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"
#include "route6.h"
#include "state.h"

#define ROUTES 200
#define ROUNDS 20000

static uint64_t random_state = 5;

static uint64_t
draw(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static struct {
	struct sl_ip6 net, gw;
	uint16_t tenant;
	uint8_t plen;
	bool live, link;
} list[ROUTES];

/* Few bits vary, so that prefixes lie in each other. */
static struct sl_ip6
random_address(void)
{
	struct sl_ip6 a = { { 0x20, 0x01, 0x0d, 0xb8 } };

	for (unsigned int i = 4; i < 16; i++)
		a.b[i] = (uint8_t)(draw() & draw() & draw() & draw() & draw());
	return a;
}

static bool
inside(const struct sl_ip6 *a, const struct sl_ip6 *net, uint8_t plen)
{
	for (unsigned int bit = 0; bit < plen; bit++)
		if ((a->b[bit / 8] ^ net->b[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	return true;
}

static int
expected(uint16_t tenant, const struct sl_ip6 *a)
{
	int best = -1;

	for (int i = 0; i < ROUTES; i++)
		if (list[i].live && list[i].tenant == tenant &&
			inside(a, &list[i].net, list[i].plen) &&
			(best < 0 || list[i].plen > list[best].plen))
			best = i;
	return best;
}

static void
check(const struct sl_routes *r)
{
	uint16_t tenant = (uint16_t)(draw() % 3);
	struct sl_ip6 a = random_address();
	int best = expected(tenant, &a);
	uint16_t nh = sl_routes6_lookup(r, tenant, &a);

	if (best < 0) {
		assert_int_equal(nh, SL_NH_NONE);
	} else if (list[best].link) {
		/* unless it is a router of another prefix */
		if (nh != SL_NH_LINK(SL_INSIDE))
			assert_memory_equal(&r->nh[nh].addr6, &a, 16);
	} else {
		assert_true(nh >= SL_NH_FIRST);
		assert_true(r->nh[nh].six);
		assert_int_equal(r->nh[nh].word, 0);
		assert_memory_equal(&r->nh[nh].addr6, &list[best].gw, 16);
	}
}

/* Of all tenants: default routes of tenant 0 only, and as the last resort. */
static void
check_all(const struct sl_routes *r)
{
	struct sl_ip6 a = random_address();
	int best = -1;
	bool several = false;
	uint16_t tenant, nh = sl_routes6_find(r, &a, &tenant);

	for (int i = 0; i < ROUTES; i++) {
		if (!list[i].live || !inside(&a, &list[i].net, list[i].plen) ||
			(list[i].plen == 0 && list[i].tenant != 0))
			continue;
		if (best >= 0 && list[i].plen == list[best].plen)
			several = true;
		else if (best < 0 || list[i].plen > list[best].plen) {
			best = i;
			several = false;
		}
	}
	if (best < 0 || several)
		assert_int_equal(nh, SL_NH_NONE);
	if (several)
		assert_int_equal(tenant, SL_ROUTE_SEVERAL);
	if (best < 0 || several)
		return;
	assert_int_equal(tenant, list[best].tenant);
	assert_int_equal(nh, sl_routes6_lookup(r, tenant, &a));
}

static void
change(struct sl_nat *nat)
{
	unsigned int i = (unsigned int)(draw() % ROUTES);

	if (list[i].live) {
		assert_int_equal(sl_route6_del(nat, list[i].tenant, &list[i].net, list[i].plen), 0);
		assert_int_equal(
			sl_route6_del(nat, list[i].tenant, &list[i].net, list[i].plen), -ENOENT);
		list[i].live = false;
		return;
	}
	list[i].net = random_address();
	list[i].plen = (uint8_t)(draw() % 129);
	list[i].tenant = (uint16_t)(draw() % 3);
	list[i].link = draw() % 2;
	list[i].gw = random_address();
	for (unsigned int k = 0; k < ROUTES; k++)
		if (k != i && list[k].live && list[k].plen == list[i].plen &&
			list[k].tenant == list[i].tenant &&
			inside(&list[k].net, &list[i].net, list[i].plen))
			return; /* there already */
	list[i].live = true;
	assert_int_equal(sl_route6_add(nat, list[i].tenant, &list[i].net, list[i].plen, SL_INSIDE,
				 list[i].link ? NULL : &list[i].gw),
		0);
}

static void
longest_prefix_wins_whatever_comes_and_goes(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);

	(void)state;
	memset(list, 0, sizeof(list));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		if (i % 4 == 0)
			change(p->nat);
		check(&p->nat->routes);
		check_all(&p->nat->routes);
		if (i % 16 == 0)
			pipe_poll(p, 1); /* a quiescent state: slots may be used again */
	}
	pipe_destroy(p);
}

static void
stations_are_found_on_the_link_and_forgotten(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	const struct sl_routes *r = &p->nat->routes;
	struct sl_ip6 net = { { 0x20, 0x01, 0x0d, 0xb8 } }, host = net;
	struct rte_ether_addr mac = { { 2, 3, 4, 5, 6, 7 } };
	uint16_t nh, gen;
	uint64_t word;

	(void)state;
	host.b[15] = 9;
	assert_int_equal(sl_route6_add(p->nat, 0, &net, 64, SL_INSIDE, NULL), 0);
	assert_int_equal(sl_routes6_lookup(r, 0, &host), SL_NH_LINK(SL_INSIDE));
	assert_int_equal(sl_neigh6_set(p->nat, 0, SL_INSIDE, &host, &mac), 0);
	nh = sl_routes6_lookup(r, 0, &host);
	assert_true(nh >= SL_NH_FIRST);
	word = sl_nh_word6(r, nh);
	assert_memory_equal(&word, &mac, 6);
	assert_int_equal(sl_nh_side(r, nh), SL_INSIDE);
	/* of another side or tenant it is somebody else */
	assert_int_equal(sl_neigh6_set(p->nat, 0, SL_OUTSIDE, &host, &mac), 0);
	assert_int_equal(sl_routes6_lookup(r, 0, &host), nh);
	gen = r->gen;
	assert_int_equal(sl_neigh6_set(p->nat, 0, SL_INSIDE, &host, NULL), 0);
	assert_int_not_equal(r->gen, gen);
	assert_int_equal(sl_routes6_lookup(r, 0, &host), SL_NH_LINK(SL_INSIDE));
	assert_int_equal(sl_neigh6_set(p->nat, 0, SL_INSIDE, &host, NULL), 0);
	pipe_destroy(p);
}

static void
impossible_routes_are_refused(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct sl_ip6 net = { { 0x20 } };

	(void)state;
	assert_int_equal(sl_route6_add(p->nat, 0, &net, 129, SL_INSIDE, NULL), -EINVAL);
	assert_int_equal(sl_route6_add(p->nat, 256, &net, 64, SL_INSIDE, NULL), -EINVAL);
	assert_int_equal(sl_route6_add(p->nat, 1, &net, 64, SL_OUTSIDE, NULL), -EINVAL);
	assert_int_equal(sl_route6_del(p->nat, 0, &net, 64), -ENOENT);
	/* 256 routes, as many as of IPv4 */
	for (unsigned int i = 0; i < 256; i++) {
		net.b[5] = (uint8_t)i;
		assert_int_equal(sl_route6_add(p->nat, 0, &net, 64, SL_INSIDE, NULL), 0);
	}
	net.b[6] = 1;
	assert_int_equal(sl_route6_add(p->nat, 0, &net, 64, SL_INSIDE, NULL), -ENOSPC);
	pipe_destroy(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_prefix_wins_whatever_comes_and_goes),
		cmocka_unit_test(stations_are_found_on_the_link_and_forgotten),
		cmocka_unit_test(impossible_routes_are_refused),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
