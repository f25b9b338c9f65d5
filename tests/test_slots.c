/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Places of tenants and pools: who is removed leaves a hole, nobody moves, a hole is filled
 * only when there is no new place, the oldest first; a file read anew keeps places by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "slots.h"

#define SLOTS 255

static int
add_tenant(struct sl_config *c, const char *name)
{
	struct sl_tenant t = { .pool = slots_first_pool(c) };

	snprintf(t.name, sizeof(t.name), "%s", name);
	return slots_add_tenant(c, &t);
}

static int
add_pool(struct sl_config *c, const char *name)
{
	struct sl_pool p = { .n_ranges = 0 };

	snprintf(p.name, sizeof(p.name), "%s", name);
	return slots_add_pool(c, &p);
}

static void
removed_tenant_leaves_a_hole_and_nobody_moves(void **state)
{
	struct sl_config *c = sl_config_create();

	(void)state;
	assert_int_equal(add_tenant(c, "blue"), 1);
	assert_int_equal(add_tenant(c, "red"), 2);
	c->tenant[1].addr = calloc(1, sizeof(*c->tenant[1].addr));
	c->tenant[1].addr6 = calloc(1, sizeof(*c->tenant[1].addr6));
	slots_del_tenant(c, 1); /* with all that it owned */
	assert_true(slots_no_tenant(c, 1));
	assert_int_equal(slots_find_tenant(c, "red"), 2);
	assert_int_equal(slots_find_tenant(c, "blue"), -1);
	assert_int_equal(slots_find_tenant(c, ""), -1);
	assert_int_equal(add_tenant(c, "blue"), 3);
	sl_config_destroy(c);
}

static void
oldest_hole_is_filled_when_all_places_were_used(void **state)
{
	struct sl_config *c = sl_config_create();
	char name[16];

	(void)state;
	for (int i = 1; i < SLOTS; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		assert_int_equal(add_tenant(c, name), i);
	}
	assert_int_equal(add_tenant(c, "one too many"), -28 /* ENOSPC */);
	slots_del_tenant(c, 200);
	slots_del_tenant(c, 7);
	slots_del_tenant(c, 100);
	assert_int_equal(add_tenant(c, "a"), 200);
	slots_del_tenant(c, 200);
	assert_int_equal(add_tenant(c, "b"), 7);
	assert_int_equal(add_tenant(c, "c"), 100);
	assert_int_equal(add_tenant(c, "d"), 200);
	assert_int_equal(add_tenant(c, "e"), -28);
	sl_config_destroy(c);
}

static void
last_pool_takes_the_holes_with_it(void **state)
{
	struct sl_config *c = sl_config_create();

	(void)state;
	assert_int_equal(add_pool(c, "a"), 0);
	assert_int_equal(add_pool(c, "b"), 1);
	c->tenant[0].pool = 1;
	slots_del_pool(c, 0);
	assert_int_equal(slots_first_pool(c), 1);
	assert_int_equal(c->n_pools, 2);
	slots_del_pool(c, 1);
	assert_int_equal(c->n_pools, 0);
	assert_int_equal(c->tenant[0].pool, 0);
	assert_int_equal(add_pool(c, "c"), 0);
	sl_config_destroy(c);
}

/* What a file says, laid out as what runs: places by name, holes, new ones behind. */
static void
file_keeps_places_by_name(void **state)
{
	struct sl_config *run = sl_config_create(), *file = sl_config_create();
	struct sl_forward to_red = { .tenant = 1 };
	struct sl_static_route of_red = { .tenant = 1 };

	(void)state;
	add_pool(run, "p");
	add_pool(run, "q");
	add_tenant(run, "blue");
	add_tenant(run, "gone before");
	add_tenant(run, "red");
	add_tenant(run, "gone now");
	slots_del_tenant(run, 2);
	add_pool(file, "q");
	add_pool(file, "p");
	add_tenant(file, "red");
	add_tenant(file, "new");
	add_tenant(file, "blue");
	file->tenant[1].pool = 1;
	file->tenant[3].vlan = 10;
	file->forward = malloc(sizeof(to_red));
	assert_non_null(file->forward);
	file->forward[0] = to_red;
	file->n_forwards = 1;
	file->route = malloc(sizeof(of_red));
	assert_non_null(file->route);
	file->route[0] = of_red;
	file->n_routes = 1;
	assert_int_equal(slots_align(file, run), 0);
	assert_int_equal(slots_find_tenant(file, "default"), 0);
	assert_int_equal(slots_find_tenant(file, "blue"), 1);
	assert_true(slots_no_tenant(file, 2));
	assert_int_equal(slots_find_tenant(file, "red"), 3);
	assert_true(slots_no_tenant(file, 4));
	assert_int_equal(slots_find_tenant(file, "new"), 5);
	assert_int_equal(slots_find_pool(file, "p"), 0);
	assert_int_equal(slots_find_pool(file, "q"), 1);
	assert_int_equal(file->tenant[3].pool, 0);
	assert_int_equal(file->tenant[0].pool, 1);
	assert_int_equal(file->tenant[1].vlan, 10);
	assert_int_equal(file->forward[0].tenant, 3);
	assert_int_equal(file->route[0].tenant, 3);
	sl_config_destroy(run);
	sl_config_destroy(file);
}

/* The prefixes of a file: those that are in force keep their index, a new one fills a hole. */
static void
prefixes_keep_their_index(void **state)
{
	struct sl_config *run = sl_config_create(), *file = sl_config_create();
	const struct sl_nat64 is[] = {
		{ .prefix = { .addr = { .b = { 1 } }, .plen = 96 } },
		{ .prefix = { .plen = 0 } },
		{ .prefix = { .addr = { .b = { 2 } }, .plen = 96 }, .tenant = 2 },
	};
	const struct sl_nat64 said[] = {
		{ .prefix = { .addr = { .b = { 3 } }, .plen = 96 } },
		{ .prefix = { .addr = { .b = { 2 } }, .plen = 96 }, .tenant = 1 },
	};
	struct sl_forward by_two = { .six = true, .nat64 = 1 };

	(void)state;
	add_tenant(run, "blue");
	add_tenant(run, "red");
	add_tenant(file, "red");
	run->nat64 = malloc(sizeof(is));
	file->nat64 = malloc(sizeof(said));
	file->forward = malloc(sizeof(by_two));
	assert_true(run->nat64 != NULL && file->nat64 != NULL && file->forward != NULL);
	memcpy(run->nat64, is, sizeof(is));
	memcpy(file->nat64, said, sizeof(said));
	memcpy(file->forward, &by_two, sizeof(by_two));
	run->n_nat64 = 3;
	file->n_nat64 = 2;
	file->n_forwards = 1;
	assert_int_equal(slots_align(file, run), 0);
	assert_int_equal(file->n_nat64, 3);
	assert_int_equal(file->nat64[0].prefix.addr.b[0], 3);
	assert_int_equal(file->nat64[1].prefix.plen, 0);
	assert_int_equal(file->nat64[2].prefix.addr.b[0], 2);
	assert_int_equal(file->nat64[2].tenant, 2);
	assert_int_equal(file->forward[0].nat64, 2);
	sl_config_destroy(run);
	sl_config_destroy(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removed_tenant_leaves_a_hole_and_nobody_moves),
		cmocka_unit_test(oldest_hole_is_filled_when_all_places_were_used),
		cmocka_unit_test(last_pool_takes_the_holes_with_it),
		cmocka_unit_test(file_keeps_places_by_name),
		cmocka_unit_test(prefixes_keep_their_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
