/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv6 hosts as the store of leases knows them (app/alias.c), against a plain list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alias.h"

#define HOSTS 200
#define STEPS 20000

static struct sl_ip6
host(unsigned int i)
{
	struct sl_ip6 a = { { 0x20, 0x01, 0x0d, 0xb8 } };

	a.b[7] = (uint8_t)(i / 16);
	a.b[15] = (uint8_t)i;
	return a;
}

static void
a_host_keeps_its_alias_while_it_has_leases(void **state)
{
	struct {
		rte_be32_t alias;
		uint32_t leases;
	} known[HOSTS] = { { 0, 0 } };
	struct aliases as;
	uint32_t most = 0;

	(void)state;
	alias_init(&as);
	srand(7);
	for (unsigned int n = 0; n < STEPS; n++) {
		unsigned int i = (unsigned int)rand() % HOSTS;
		struct sl_ip6 a = host(i);
		rte_be32_t alias = alias_get(&as, (uint16_t)(i % 3), &a);

		assert_true(alias_is(alias));
		if (known[i].leases > 0)
			assert_int_equal(alias, known[i].alias);
		for (unsigned int k = 0; k < HOSTS; k++)
			assert_true(k == i || known[k].leases == 0 || known[k].alias != alias);
		known[i].alias = alias;
		assert_true(sl_ip6_same(&alias_of(&as, alias)->addr, &a));
		if (rand() % 2 == 0) {
			alias_hold(&as, alias, 1);
			known[i].leases++;
		}
		/* Some other's lease ends, which does not touch the one that asks. */
		i = (unsigned int)rand() % HOSTS;
		if (known[i].leases > 0) {
			alias_hold(&as, known[i].alias, -1);
			known[i].leases--;
			assert_true(sl_ip6_same(&alias_of(&as, alias)->addr, &a));
		}
		most = as.n > most ? as.n : most;
	}
	assert_in_range(most, 2, HOSTS);
	alias_fini(&as);
}

static void
hosts_that_only_ask_take_no_room(void **state)
{
	struct aliases as;

	(void)state;
	alias_init(&as);
	for (unsigned int i = 0; i < 1000; i++) {
		struct sl_ip6 a = host(i);

		assert_int_not_equal(alias_get(&as, 0, &a), 0);
	}
	assert_int_equal(as.n, 1);
	assert_null(alias_of(&as, rte_cpu_to_be_32(0x0a000001)));
	assert_null(alias_of(&as, rte_cpu_to_be_32(0xf0000005)));
	alias_hold(&as, rte_cpu_to_be_32(0x0a000001), 1);
	alias_fini(&as);
}

static void
kin_are_of_one_network_and_tenant(void **state)
{
	struct sl_ip6 a = host(1), b = host(2), c = host(33);
	rte_be32_t one, two;
	struct aliases as;

	(void)state;
	alias_init(&as);
	one = alias_get(&as, 0, &a);
	alias_hold(&as, one, 2);
	two = alias_get(&as, 0, &b);
	alias_hold(&as, two, 3);
	alias_hold(&as, alias_get(&as, 1, &b), 5);
	alias_hold(&as, alias_get(&as, 0, &c), 7);
	assert_int_equal(alias_kin(&as, one, 64), 3);
	assert_int_equal(alias_kin(&as, two, 64), 2);
	assert_int_equal(alias_kin(&as, two, 48), 9);
	assert_int_equal(alias_kin(&as, two, 128), 0);
	alias_fini(&as);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_keeps_its_alias_while_it_has_leases),
		cmocka_unit_test(hosts_that_only_ask_take_no_room),
		cmocka_unit_test(kin_are_of_one_network_and_tenant),
	};

	return cmocka_run_group_tests_name("alias", tests, NULL, NULL);
}
