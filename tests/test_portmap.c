/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lib/portmap.c by itself: ports are drawn evenly (chi-square), each one once, down to the
 * last, and none is lost however often they are taken and given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "portmap.h"

#define PORTS (65535 - 1024 + 1)

static struct sl_ports ports;
static uint8_t taken[65536];
static uint64_t random_state = 88172645463325252;

static uint64_t
draw(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static bool
own_all(const void *arg, uint16_t port)
{
	(void)arg;
	(void)port;
	return true;
}

/* What one worker of several owns: some pages of 64 ports. */
static bool
own_some(const void *arg, uint16_t port)
{
	return (port >> 6) % 3 == *(const unsigned int *)arg;
}

static void
begin(uint16_t min, uint16_t max)
{
	memset(taken, 0, sizeof(taken));
	memset(&ports, 0, sizeof(ports));
	sl_ports_init(&ports, min, max, own_all, NULL);
}

/* All but the kernel's ports. */
static bool
own_around(const void *arg, uint16_t port)
{
	(void)arg;
	return port < 32768 || port > 60999;
}

/* Take every port there is; returns how many. */
static unsigned int
take_all(uint16_t like)
{
	unsigned int n = 0;
	int port;

	while ((port = sl_ports_take(&ports, SL_PORTS_UDP, like, draw())) >= 0) {
		assert_int_equal(taken[port], 0);
		taken[port] = 1;
		n++;
	}
	return n;
}

static void
every_port_is_given_once_and_then_none(void **state)
{
	(void)state;
	begin(1024, 65535);
	assert_int_equal(ports.n_owned, PORTS);
	assert_int_equal(take_all(5000), PORTS);
	assert_int_equal(ports.c[SL_PORTS_UDP].n_used, PORTS);
	for (unsigned int i = 0; i < 65536; i++)
		assert_int_equal(taken[i], i >= 1024);
	/* the other protocols have ports of their own */
	assert_true(sl_ports_take(&ports, SL_PORTS_TCP, 5000, draw()) >= 1024);
}

static void
any_range_is_used_to_its_edges(void **state)
{
	static const uint16_t range[][2] = { { 1024, 1024 }, { 2000, 2003 }, { 65535, 65535 },
		{ 65472, 65535 }, { 1087, 1090 }, { 32767, 32769 } };

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(range); i++) {
		begin(range[i][0], range[i][1]);
		assert_int_equal(take_all(5000), range[i][1] - range[i][0] + 1);
		assert_int_equal(taken[range[i][0]], 1);
		assert_int_equal(taken[range[i][1]], 1);
	}
}

static void
parity_is_kept_while_there_are_ports(void **state)
{
	(void)state;
	begin(1024, 65535);
	for (unsigned int i = 0; i < PORTS / 2; i++)
		assert_int_equal(sl_ports_take(&ports, SL_PORTS_UDP, 5001, draw()) & 1, 1);
	/* no odd one is left */
	assert_int_equal(sl_ports_take(&ports, SL_PORTS_UDP, 5001, draw()) & 1, 0);
	assert_int_equal(sl_ports_take(&ports, SL_PORTS_UDP, 5000, draw()) & 1, 0);
}

static void
low_and_high_ports_do_not_mix(void **state)
{
	(void)state;
	begin(512, 2047);
	for (unsigned int i = 0; i < 512; i++) {
		int port = sl_ports_take(&ports, SL_PORTS_UDP, 500, draw());

		assert_in_range(port, 512, 1023);
	}
	for (unsigned int i = 0; i < 1024; i++)
		assert_in_range(sl_ports_take(&ports, SL_PORTS_UDP, 5000, draw()), 1024, 2047);
}

/* 64 classes of 1008 ports: chi-square with 63 degrees passes below 113.5 (p = 0.0001). */
static void
ports_are_drawn_evenly(void **state)
{
	(void)state;
	for (unsigned int filled = 0; filled <= 50; filled += 25) {
		unsigned int seen[64] = { 0 }, n = 100000;
		double chi = 0, expect = n / 64.0;

		begin(1024, 65535);
		for (unsigned int i = 0; i < PORTS * filled / 100; i++)
			(void)sl_ports_take(&ports, SL_PORTS_UDP, (uint16_t)(5000 + i), draw());
		for (unsigned int i = 0; i < n; i++) {
			int port =
				sl_ports_take(&ports, SL_PORTS_UDP, (uint16_t)(5000 + i), draw());

			seen[(port - 1024) / 1008]++;
			sl_ports_give(&ports, SL_PORTS_UDP, (uint16_t)port);
		}
		for (unsigned int i = 0; i < 64; i++)
			chi += (seen[i] - expect) * (seen[i] - expect) / expect;
		/* Half of the ports taken at random leave classes of unequal size. */
		if (filled == 0 && chi > 113.5)
			fail_msg("chi-square %f", chi);
		if (filled > 0 && chi > 113.5 + filled * 40)
			fail_msg("chi-square %f with %u %% taken", chi, filled);
	}
}

static void
no_port_is_lost_in_a_hundred_rounds(void **state)
{
	(void)state;
	begin(1024, 65535);
	assert_int_equal(take_all(5000), PORTS);
	for (unsigned int round = 0; round < 100; round++) {
		unsigned int given = 0;

		for (unsigned int i = 0; i < 700; i++) {
			uint16_t port = (uint16_t)(1024 + draw() % PORTS);

			if (taken[port]) {
				sl_ports_give(&ports, SL_PORTS_UDP, port);
				taken[port] = 0;
				given++;
			}
		}
		assert_int_equal(ports.c[SL_PORTS_UDP].n_used, PORTS - given);
		assert_int_equal(take_all((uint16_t)(5000 + round)), given);
	}
}

static void
wanted_port_is_taken_once(void **state)
{
	(void)state;
	begin(1024, 2047);
	assert_true(sl_ports_take_this(&ports, SL_PORTS_TCP, 1500));
	assert_false(sl_ports_take_this(&ports, SL_PORTS_TCP, 1500));
	assert_true(sl_ports_take_this(&ports, SL_PORTS_UDP, 1500));
	assert_false(sl_ports_take_this(&ports, SL_PORTS_TCP, 1023));
	assert_false(sl_ports_take_this(&ports, SL_PORTS_TCP, 2048));
	sl_ports_give(&ports, SL_PORTS_TCP, 1500);
	assert_true(sl_ports_take_this(&ports, SL_PORTS_TCP, 1500));
}

static void
pair_is_found_as_long_as_there_is_one(void **state)
{
	(void)state;
	begin(1025, 2046);
	for (uint16_t port = 1025; port <= 2046; port += 2)
		if (port != 1501)
			assert_true(sl_ports_take_this(&ports, SL_PORTS_TCP, port));
	for (int i = 0; i < 100; i++)
		assert_int_equal(sl_ports_find_pair(&ports, SL_PORTS_TCP, 0, 65535, draw()), 1500);
	assert_int_equal(sl_ports_find_pair(&ports, SL_PORTS_TCP, 1500, 1501, draw()), 1500);
	assert_int_equal(sl_ports_find_pair(&ports, SL_PORTS_TCP, 1501, 65535, draw()), -1);
	assert_int_equal(sl_ports_find_pair(&ports, SL_PORTS_TCP, 0, 1500, draw()), -1);
	assert_true(sl_ports_take_this(&ports, SL_PORTS_TCP, 1500));
	assert_int_equal(sl_ports_find_pair(&ports, SL_PORTS_TCP, 0, 65535, draw()), -1);
	assert_in_range(sl_ports_find_pair(&ports, SL_PORTS_UDP, 0, 65535, draw()), 1026, 2044);
}

static void
pairs_are_found_evenly(void **state)
{
	static unsigned int hits[512];

	(void)state;
	begin(1024, 2047);
	for (int i = 0; i < 51200; i++) {
		int port = sl_ports_find_pair(&ports, SL_PORTS_TCP, 1024, 2047, draw());

		assert_true(port >= 1024 && port < 2047 && port % 2 == 0);
		hits[(port - 1024) / 2]++;
	}
	for (unsigned int i = 0; i < RTE_DIM(hits); i++)
		assert_in_range(hits[i], 50, 160);
}

static void
workers_never_share_a_port(void **state)
{
	static uint8_t owner[65536];
	unsigned int total = 0;

	(void)state;
	memset(taken, 0, sizeof(taken));
	memset(owner, 0, sizeof(owner));
	for (unsigned int w = 0; w < 3; w++) {
		memset(&ports, 0, sizeof(ports));
		sl_ports_init(&ports, 1024, 65535, own_some, &w);
		total += take_all(5000); /* fails when a port was taken before */
	}
	assert_int_equal(total, PORTS);
}

/* The words behind the kernel's ports are drawn as often as others. */
static void
assert_no_rush(int (*next)(uint16_t like))
{
	static unsigned int hits[SL_PORT_WORDS];

	memset(hits, 0, sizeof(hits));
	memset(&ports, 0, sizeof(ports));
	sl_ports_init(&ports, 1024, 65535, own_around, NULL);
	for (unsigned int i = 0; i < 20000; i++) {
		int port = next((uint16_t)(5000 + i % 2));

		assert_true(port >= 0);
		hits[port / 64]++;
		sl_ports_give(&ports, SL_PORTS_UDP, (uint16_t)port);
	}
	/* 583 words, 34 each */
	for (unsigned int w = 16; w < SL_PORT_WORDS; w++)
		assert_in_range(hits[w], 0, w < 512 || w >= 953 ? 80 : 0);
}

static int
take_one(uint16_t like)
{
	return sl_ports_take(&ports, SL_PORTS_UDP, like, draw());
}

static int
any_one(uint16_t like)
{
	return sl_ports_any(&ports, like, draw());
}

static void
gap_sends_nobody_to_the_ports_behind_it(void **state)
{
	(void)state;
	assert_no_rush(take_one);
	assert_no_rush(any_one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_port_is_given_once_and_then_none),
		cmocka_unit_test(any_range_is_used_to_its_edges),
		cmocka_unit_test(parity_is_kept_while_there_are_ports),
		cmocka_unit_test(low_and_high_ports_do_not_mix),
		cmocka_unit_test(ports_are_drawn_evenly),
		cmocka_unit_test(no_port_is_lost_in_a_hundred_rounds),
		cmocka_unit_test(wanted_port_is_taken_once),
		cmocka_unit_test(pair_is_found_as_long_as_there_is_one),
		cmocka_unit_test(pairs_are_found_evenly),
		cmocka_unit_test(workers_never_share_a_port),
		cmocka_unit_test(gap_sends_nobody_to_the_ports_behind_it),
	};

	return cmocka_run_group_tests_name("portmap", tests, NULL, NULL);
}
