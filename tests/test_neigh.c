/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Neighbours as control keeps them: what the kernel has is told to the library; in a flood of
 * hosts that are made up, which makes the kernel forget those that are there, one that is in use
 * stays, and when it is over the kernel's word counts again.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/neighbour.h>

#include "neigh.h"
#include "pipe.h"
#include "route.h"
#include "state.h"

#define FLOOD 150 /* hosts a second: the bench has room for 256 */

static struct pipe *p;
static struct neigh_table *table;
static uint64_t now;
static unsigned int asked, refuses;

/* The kernel's part: it is asked for a neighbour, or its table is full. */
static int
on_ask(void *arg, unsigned int tenant, enum sl_side side, const struct addr *addr)
{
	(void)arg;
	(void)tenant;
	(void)side;
	(void)addr;
	asked++;
	return refuses > 0 ? -ENOBUFS : 0;
}

static int
begin(void **state)
{
	(void)state;
	p = pipe_create(1, "inside 10.0.0.1/16", 1, 1000);
	table = neigh_create(p->nat, on_ask, NULL);
	now = 1000000;
	asked = refuses = 0;
	neigh_tick(table, now);
	return table == NULL;
}

static int
end(void **state)
{
	(void)state;
	neigh_destroy(table);
	pipe_destroy(p);
	return 0;
}

static struct addr
host(unsigned int i)
{
	return addr_of4(rte_cpu_to_be_32(0x0a000100 + i));
}

static void
set(unsigned int i, uint16_t state)
{
	struct kernel_neigh neigh = {
		.side = SL_INSIDE,
		.addr = host(i),
		.mac = { { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } },
		.resolved = state != NUD_FAILED && state != NUD_INCOMPLETE,
	};

	neigh_set(table, &neigh, state, now);
}

static void
del(unsigned int i)
{
	struct addr addr = host(i);

	neigh_del(table, 0, SL_INSIDE, &addr);
}

static void
want(unsigned int i, bool scan)
{
	struct addr addr = host(i);

	neigh_resolve(table, 0, SL_INSIDE, &addr, scan, now);
}

/* Does a worker find the host's MAC? */
static bool
told(unsigned int i)
{
	const struct sl_routes *r = &p->nat->routes;
	uint16_t nh = sl_routes_lookup(r, 0, host(i).v4);

	return nh >= SL_NH_FIRST &&
	       (uint16_t)(r->nh[nh].word >> 32) == (uint16_t)((i & 255) << 8 | i >> 8) &&
	       (r->nh[nh].word & SL_NH_RESOLVED) != 0;
}

static void
second(void)
{
	now += 1000;
	neigh_tick(table, now);
}

/* A second of a flood: hosts that solicit, are noted by the kernel, and forgotten soon. */
static void
flood(unsigned int turn)
{
	for (unsigned int i = 0; i < FLOOD && turn > 0; i++)
		del(2000 + (turn - 1) % 50 * FLOOD + i);
	pipe_poll(p, 1);
	for (unsigned int i = 0; i < FLOOD; i++)
		set(2000 + turn % 50 * FLOOD + i, NUD_STALE);
	second();
}

static void
what_the_kernel_has_is_told(void **state)
{
	(void)state;
	set(1, NUD_REACHABLE);
	assert_true(told(1));
	set(1, NUD_FAILED);
	assert_false(told(1));
	set(2, NUD_REACHABLE);
	del(2);
	assert_false(told(2));
	/* Nobody floods: what is gone is gone, and is asked for. */
	want(2, false);
	assert_false(told(2));
	assert_int_equal(asked, 1);
	set(2, NUD_INCOMPLETE);
	set(2, NUD_REACHABLE);
	assert_true(told(2));
}

static void
in_a_flood_the_one_in_use_stays(void **state)
{
	(void)state;
	set(1, NUD_REACHABLE);
	set(2, NUD_REACHABLE);
	for (unsigned int turn = 0; turn < 200; turn++) {
		flood(turn);
		if (turn == 5) {
			refuses = 1; /* the kernel's table is full */
			del(1);
			del(2);
			want(1, false);
		}
		if (turn > 30)
			assert_true(told(1));
	}
	assert_true(told(1));
	assert_false(told(2)); /* nobody wanted it for long */
	/* It is over, and the kernel knows it again, or says that it is not there. */
	refuses = 0;
	for (unsigned int i = 0; i < 15; i++)
		second();
	assert_true(told(1));
	set(1, NUD_INCOMPLETE);
	assert_true(told(1));
	set(1, NUD_FAILED);
	assert_false(told(1));
	/* What the flood has left is forgotten. */
	for (unsigned int i = 0; i < 100; i++)
		second();
	assert_true(neigh_count(table) <= FLOOD + 2);
}

static void
in_a_flood_one_that_fails_is_there_when_wanted(void **state)
{
	(void)state;
	set(1, NUD_REACHABLE);
	flood(0);
	flood(1);
	set(1, NUD_FAILED);
	assert_false(told(1));
	want(1, false);
	assert_true(told(1));
	/* It has moved. */
	set(1, NUD_REACHABLE);
	assert_true(told(1));
}

static void
a_scan_has_questions_of_its_own(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 5000; i++)
		want(100 + i, true);
	assert_int_equal(asked, 128);
	want(1, false);
	assert_int_equal(asked, 129);
	second(); /* while packets wait for them, all are asked again, and no more */
	assert_int_equal(asked, 2 * 129);
	want(6000, true);
	assert_int_equal(asked, 2 * 129);
	want(6000, false);
	assert_int_equal(asked, 2 * 129 + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_the_kernel_has_is_told, begin, end),
		cmocka_unit_test_setup_teardown(in_a_flood_the_one_in_use_stays, begin, end),
		cmocka_unit_test_setup_teardown(
			in_a_flood_one_that_fails_is_there_when_wanted, begin, end),
		cmocka_unit_test_setup_teardown(a_scan_has_questions_of_its_own, begin, end),
	};

	return cmocka_run_group_tests_name("neigh", tests, pipe_setup, NULL);
}
