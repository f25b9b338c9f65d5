/* SPDX-License-Identifier: BSD-3-Clause
 *
 * app/rib.c with the library behind it: what the kernels of several tenants say, in events and
 * dumps, and what workers then find.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pipe.h"
#include "rib.h"
#include "route6.h"
#include "state.h"

#define BLUE 1
#define RED 2
#define ROUTES 256 /* of the bench, with three of its own */

static struct kernel_route
route(unsigned int tenant, const char *prefix, uint8_t plen, const char *gw)
{
	return (struct kernel_route){
		.tenant = tenant,
		.prefix = addr_of4(conf_addr(prefix)),
		.plen = plen,
		.side = SL_INSIDE,
		.gw = addr_of4(gw != NULL ? conf_addr(gw) : 0),
	};
}

static void
add(struct rib *rib, const struct kernel_route *r, uint32_t metric, enum rib_how how)
{
	assert_true(rib_add(rib, r, metric, how));
}

/* The gateway towards an address as a worker finds it; 0.0.0.0: none. */
static void
expect(const struct pipe *p, uint16_t tenant, const char *addr, const char *gw)
{
	const struct sl_routes *r = &p->nat->routes;
	uint16_t nh = sl_routes_lookup(r, tenant, conf_addr(addr));

	assert_int_equal(nh < SL_NH_FIRST ? 0 : r->nh[nh].addr, conf_addr(gw));
}

static void
lowest_metric_of_each_tenant_is_used(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct rib *rib = rib_create(p->nat);
	struct kernel_route near = route(BLUE, "10.9.0.0", 16, "10.0.0.3"),
			    far = route(BLUE, "10.9.0.0", 16, "10.0.0.4"),
			    red = route(RED, "10.9.0.0", 16, "10.0.0.5");

	(void)state;
	add(rib, &far, 20, RIB_NEW);
	add(rib, &near, 10, RIB_NEW);
	add(rib, &red, 30, RIB_NEW);
	rib_flush(rib);
	assert_int_equal(rib_count(rib), 2);
	expect(p, BLUE, "10.9.0.1", "10.0.0.3");
	expect(p, RED, "10.9.0.1", "10.0.0.5");
	assert_true(rib_del(rib, &near, 10, false));
	rib_flush(rib);
	expect(p, BLUE, "10.9.0.1", "10.0.0.4");
	assert_true(rib_del(rib, &far, 20, false));
	rib_flush(rib);
	expect(p, BLUE, "10.9.0.1", "0.0.0.0");
	expect(p, RED, "10.9.0.1", "10.0.0.5");
	rib_destroy(rib);
	pipe_destroy(p);
}

static void
dump_of_a_tenant_forgets_nothing_of_others(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct rib *rib = rib_create(p->nat);
	struct kernel_route blue = route(BLUE, "10.9.0.0", 16, "10.0.0.3"),
			    gone = route(BLUE, "10.8.0.0", 16, "10.0.0.3"),
			    red = route(RED, "10.9.0.0", 16, "10.0.0.5");

	(void)state;
	add(rib, &blue, 0, RIB_NEW);
	add(rib, &gone, 0, RIB_NEW);
	add(rib, &red, 0, RIB_NEW);
	rib_flush(rib);
	rib_dump_begin(rib, BLUE);
	add(rib, &blue, 0, RIB_DUMP);
	rib_dump_end(rib, BLUE);
	rib_flush(rib);
	expect(p, BLUE, "10.9.0.1", "10.0.0.3");
	expect(p, BLUE, "10.8.0.1", "0.0.0.0");
	expect(p, RED, "10.9.0.1", "10.0.0.5");
	rib_dump_begin(rib, RED);
	rib_dump_end(rib, RED);
	rib_flush(rib);
	expect(p, BLUE, "10.9.0.1", "10.0.0.3");
	expect(p, RED, "10.9.0.1", "0.0.0.0");
	rib_destroy(rib);
	pipe_destroy(p);
}

static void
tenant_that_goes_takes_its_routes_along(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct rib *rib = rib_create(p->nat);
	struct kernel_route blue = route(BLUE, "10.9.0.0", 16, "10.0.0.3"),
			    worse = route(BLUE, "10.9.0.0", 16, "10.0.0.4"),
			    red = route(RED, "10.9.0.0", 16, "10.0.0.5");

	(void)state;
	add(rib, &blue, 0, RIB_NEW);
	add(rib, &worse, 5, RIB_NEW);
	add(rib, &red, 0, RIB_NEW);
	rib_flush(rib);
	rib_drop(rib, BLUE);
	assert_int_equal(rib_count(rib), 1);
	expect(p, BLUE, "10.9.0.1", "0.0.0.0");
	expect(p, RED, "10.9.0.1", "10.0.0.5");
	/* and may have others when it is there again */
	add(rib, &worse, 0, RIB_NEW);
	rib_flush(rib);
	expect(p, BLUE, "10.9.0.1", "10.0.0.4");
	rib_destroy(rib);
	pipe_destroy(p);
}

/* The same bits in both families are two routes. */
static void
families_do_not_meet(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct rib *rib = rib_create(p->nat);
	struct kernel_route four = route(0, "10.9.0.0", 16, "10.0.0.3"), six = four;
	struct sl_ip6 host = { { 10, 9, 0, 1 } };
	const struct sl_routes *r = &p->nat->routes;

	(void)state;
	six.prefix.six = 1;
	six.gw.six = 1;
	six.gw.v6.b[0] = 0x20;
	add(rib, &four, 0, RIB_NEW);
	add(rib, &six, 0, RIB_NEW);
	rib_flush(rib);
	assert_int_equal(rib_count(rib), 2);
	expect(p, 0, "10.9.0.1", "10.0.0.3");
	assert_memory_equal(&r->nh[sl_routes6_lookup(r, 0, &host)].addr6, &six.gw.v6, 16);
	assert_true(rib_del(rib, &four, 0, false));
	rib_flush(rib);
	assert_memory_equal(&r->nh[sl_routes6_lookup(r, 0, &host)].addr6, &six.gw.v6, 16);
	assert_true(rib_del(rib, &six, 0, false));
	rib_flush(rib);
	assert_int_equal(sl_routes6_lookup(r, 0, &host), SL_NH_NONE);
	rib_destroy(rib);
	pipe_destroy(p);
}

static void
route_without_room_is_told_again(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct rib *rib = rib_create(p->nat);
	struct kernel_route late = route(BLUE, "10.9.0.0", 16, "10.0.0.3");

	(void)state;
	for (uint32_t i = 0; i < ROUTES - 3; i++)
		assert_int_equal(sl_route_add(p->nat, RED, rte_cpu_to_be_32(0x0b000000 + i), 32,
					 SL_INSIDE, 0),
			0);
	add(rib, &late, 0, RIB_NEW);
	rib_flush(rib);
	assert_int_equal(rib_count(rib), 1);
	assert_int_equal(rib_refused(rib), 1);
	expect(p, BLUE, "10.9.0.1", "0.0.0.0");
	rib_tick(rib);
	assert_int_equal(rib_refused(rib), 1);
	assert_int_equal(sl_route_del(p->nat, RED, conf_addr("11.0.0.0"), 32), 0);
	pipe_settle(p);
	rib_tick(rib);
	assert_int_equal(rib_refused(rib), 0);
	expect(p, BLUE, "10.9.0.1", "10.0.0.3");
	assert_true(rib_del(rib, &late, 0, false));
	rib_flush(rib);
	expect(p, BLUE, "10.9.0.1", "0.0.0.0");
	/* one that never had room leaves no trace */
	assert_int_equal(sl_route_add(p->nat, RED, conf_addr("11.0.0.0"), 32, SL_INSIDE, 0), 0);
	add(rib, &late, 0, RIB_NEW);
	rib_flush(rib);
	rib_drop(rib, BLUE);
	assert_int_equal(rib_refused(rib), 0);
	assert_int_equal(rib_count(rib), 0);
	rib_destroy(rib);
	pipe_destroy(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lowest_metric_of_each_tenant_is_used),
		cmocka_unit_test(dump_of_a_tenant_forgets_nothing_of_others),
		cmocka_unit_test(tenant_that_goes_takes_its_routes_along),
		cmocka_unit_test(families_do_not_meet),
		cmocka_unit_test(route_without_room_is_told_again),
	};

	return cmocka_run_group_tests_name("rib", tests, pipe_setup, NULL);
}
