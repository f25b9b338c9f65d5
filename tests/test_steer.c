/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Steering: the owner that the library computes is the queue that a NIC chooses, for random
 * addresses, ports and keys, for tables of any size and any number of workers; subscribers
 * and ports are spread evenly; blocks stay together. Whole packets: test_nic.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_errno.h>

#include "pipe.h"
#include "softnic.h"
#include "state.h"

#define NET 0x0a010000u /* 10.1.0.0/16 */

static const unsigned int workers[] = { 1, 2, 3, 4, 5, 6, 7, 8, 13, 16 };
static const uint32_t sizes[] = { 64, 128, 512, 2048 };

static uint64_t random_state = 7;

static uint64_t
draw(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* The next gateway is behind it. */
static void
make_nic(struct softnic *nic, enum sl_side side, unsigned int n, uint32_t reta_size, uint32_t block)
{
	softnic_make(nic, side, n, reta_size, block, draw());
	pipe_steering[side] = (struct sl_steering){ nic->key, nic->reta, reta_size };
}

static void
end(struct pipe *p)
{
	char why[128];

	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

/* fn(workers, entries) for all that go together. */
static void
for_each_size(void (*fn)(unsigned int n, uint32_t size))
{
	for (unsigned int i = 0; i < RTE_DIM(workers); i++)
		for (unsigned int k = 0; k < RTE_DIM(sizes); k++)
			if (4 * workers[i] <= sizes[k])
				fn(workers[i], sizes[k]);
}

/* ---- owners ---- */

static void
check_subscribers(unsigned int n, uint32_t size)
{
	struct softnic nic;
	struct pipe *p;

	make_nic(&nic, SL_INSIDE, n, size, 0);
	p = pipe_create(n, "", 99, 1000);
	for (unsigned int i = 0; i < 3000; i++) {
		/* Unicast: what is above stands for IPv6 hosts, and comes from no NIC. */
		uint32_t src = (uint32_t)(draw() % 0xe0000000), dst = (uint32_t)draw();
		uint64_t ports = draw();
		unsigned int owner = sl_subscriber_worker(p->nat, rte_cpu_to_be_32(src));

		assert_int_equal(owner, softnic_tuple(&nic, src, dst, (uint16_t)ports,
						(uint16_t)(ports >> 16), i % 4 != 0));
	}
	end(p);
}

static void
subscriber_belongs_to_the_queue_of_its_packets(void **state)
{
	(void)state;
	for_each_size(check_subscribers);
}

static void
check_ports(unsigned int n, uint32_t size)
{
	struct softnic nic;
	struct pipe *p;

	make_nic(&nic, SL_OUTSIDE, n, size, 0);
	p = pipe_create(n, "", 99, 1000);
	assert_int_equal(p->nat->n_paddr, 1);
	for (uint32_t port = 0; port < 65536; port++) {
		unsigned int owner = sl_paddr_owner(p->nat, p->nat->paddr[0], (uint16_t)port);

		assert_int_equal(owner, softnic_tuple(&nic, (uint32_t)draw(), (uint32_t)draw(),
						(uint16_t)draw(), (uint16_t)port, true));
	}
	end(p);
}

static void
outside_port_belongs_to_the_queue_of_its_packets(void **state)
{
	(void)state;
	for_each_size(check_ports);
}

static void
check_runs(unsigned int n, uint32_t size)
{
	struct softnic nic;

	make_nic(&nic, SL_OUTSIDE, n, size, 0);
	for (uint32_t port = 0; port < 65536; port++)
		assert_int_equal(softnic_tuple(&nic, 0, 0, 0, (uint16_t)port, true),
			softnic_tuple(&nic, 0, 0, 0, (uint16_t)(port & ~(65536 / size - 1)), true));
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

static void
low_bits_of_an_outside_port_do_not_matter(void **state)
{
	(void)state;
	for_each_size(check_runs);
}

/* ---- evenness ---- */

static void
assert_even(const unsigned int *count, unsigned int n, unsigned int slack)
{
	unsigned int least = count[0], most = count[0];

	for (unsigned int i = 1; i < n; i++) {
		least = RTE_MIN(least, count[i]);
		most = RTE_MAX(most, count[i]);
	}
	if (most - least > slack)
		fail_msg("%u workers have %u to %u", n, least, most);
}

/* A network as large as the table, any network: each entry once. */
static void
check_networks(unsigned int n, uint32_t size)
{
	struct softnic nic;

	make_nic(&nic, SL_INSIDE, n, size, 0);
	for (unsigned int i = 0; i < 50; i++) {
		uint32_t net = (uint32_t)draw() & ~(size - 1);
		unsigned int count[16] = { 0 };

		for (uint32_t host = 0; host < size; host++)
			count[softnic_tuple(&nic, net + host, 1, 2, 3, true)]++;
		/* n neighbours are n workers', the rest is less than n */
		assert_even(count, n, 1);
	}
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

static void
subscribers_of_any_network_are_spread_evenly(void **state)
{
	(void)state;
	for_each_size(check_networks);
}

static void
neighbours_belong_to_different_workers(void **state)
{
	struct softnic nic;

	(void)state;
	for (unsigned int n = 2; n <= 16; n *= 2) {
		make_nic(&nic, SL_INSIDE, n, 128, 0);
		for (unsigned int i = 0; i < 100; i++) {
			uint32_t net = (uint32_t)draw() & ~(n - 1);
			unsigned int count[16] = { 0 };

			for (uint32_t host = 0; host < n; host++)
				count[softnic_tuple(&nic, net + host, 1, 2, 3, true)]++;
			assert_even(count, n, 0);
		}
	}
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

/* One subscriber in every fourth address: each has a /30. */
static void
subscribers_with_networks_of_their_own_are_spread(void **state)
{
	struct softnic nic;

	(void)state;
	for (unsigned int n = 2; n <= 8; n++) {
		unsigned int count[16] = { 0 };

		make_nic(&nic, SL_INSIDE, n, 512, 0);
		for (uint32_t i = 0; i < 1024; i++)
			count[softnic_tuple(&nic, NET + 4 * i + 2, 1, 2, 3, true)]++;
		/* exactly even for most n; 6 is the worst */
		assert_even(count, n, n == 6 ? 110 : 4);
	}
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

static void
check_shares(unsigned int n, uint32_t size)
{
	struct softnic nic;
	unsigned int count[16] = { 0 };

	make_nic(&nic, SL_OUTSIDE, n, size, 0);
	for (uint32_t port = 0; port < 65536; port++)
		count[softnic_tuple(&nic, 0, 0, 0, (uint16_t)port, true)]++;
	assert_even(count, n, 65536 / size);
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

static void
outside_ports_are_spread_evenly(void **state)
{
	(void)state;
	for_each_size(check_shares);
}

static void
inside_keys_differ_from_start_to_start(void **state)
{
	unsigned int moved = 0;
	struct softnic a, b;

	(void)state;
	make_nic(&a, SL_INSIDE, 2, 128, 0);
	make_nic(&b, SL_INSIDE, 2, 128, 0);
	for (uint32_t net = 0; net < 1024; net++)
		moved += softnic_tuple(&a, NET + net * 256, 1, 2, 3, true) !=
			 softnic_tuple(&b, NET + net * 256, 1, 2, 3, true);
	assert_in_range(moved, 1, 1023);
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

/* ---- blocks ---- */

static void
check_blocks(unsigned int n, unsigned int block, bool told)
{
	unsigned int count[16] = { 0 };
	struct softnic nic;
	char conf[64];
	struct pipe *p;

	make_nic(&nic, SL_OUTSIDE, n, 128, told ? block : 0);
	snprintf(conf, sizeof(conf), "pool 203.0.113.1 ports=1024-65535 block=%u", block);
	p = pipe_create(n, conf, 99, 1000);
	for (uint32_t port = 0; port < 65536; port++) {
		unsigned int owner = sl_paddr_owner(p->nat, p->nat->paddr[0], (uint16_t)port);

		assert_int_equal(owner,
			sl_paddr_owner(p->nat, p->nat->paddr[0], (uint16_t)(port & ~(block - 1))));
		if (told || block <= 512)
			assert_int_equal(owner, softnic_tuple(&nic, 1, 2, 3, (uint16_t)port, true));
		count[owner]++;
	}
	assert_even(count, n, RTE_MAX(block, 512u));
	end(p);
}

static void
block_belongs_to_the_queue_of_its_ports(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= 8; n++)
		for (unsigned int block = 64; block <= 16384 / n && block <= 2048; block *= 2)
			check_blocks(n, block, true);
}

static void
block_longer_than_a_run_has_one_owner_all_the_same(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= 8; n++)
		for (unsigned int block = 64; block <= 4096; block *= 2)
			check_blocks(n, block, false);
}

/* ---- what is refused ---- */

static bool
is_refused(enum sl_side side, const struct softnic *nic, unsigned int n)
{
	struct sl_params params = { .n_workers = n, .max_sessions = 64 };
	struct sl_nat *nat;

	params.steering[side] = (struct sl_steering){ nic->key, nic->reta, nic->reta_size };
	nat = sl_nat_create(&params);
	sl_nat_destroy(nat);
	return nat == NULL && rte_errno == EINVAL;
}

static void
steering_that_cannot_be_followed_is_refused(void **state)
{
	struct softnic nic;

	(void)state;
	make_nic(&nic, SL_INSIDE, 3, 128, 0);
	assert_false(is_refused(SL_INSIDE, &nic, 3));
	assert_true(is_refused(SL_INSIDE, &nic, 2)); /* the table names a third */
	nic.reta_size = 100;
	assert_true(is_refused(SL_INSIDE, &nic, 3));
	make_nic(&nic, SL_OUTSIDE, 3, 128, 0);
	assert_false(is_refused(SL_OUTSIDE, &nic, 3));
	for (unsigned int i = 0; i < 16; i++)
		nic.key[i] = (uint8_t)draw(); /* an even port here, the odd one there */
	assert_true(is_refused(SL_OUTSIDE, &nic, 3));
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

static void
tables_and_keys_of_no_use_are_refused(void **state)
{
	uint8_t key[40];
	uint16_t reta[128];

	(void)state;
	assert_int_equal(sl_steering_key(SL_INSIDE, 128, 1, key, 15), -EINVAL);
	assert_int_equal(sl_steering_key(SL_INSIDE, 0, 1, key, 40), -EINVAL);
	assert_int_equal(sl_steering_key(SL_OUTSIDE, 100, 1, key, 40), -EINVAL);
	assert_int_equal(sl_steering_key(SL_OUTSIDE, 65536, 1, key, 40), -EINVAL);
	assert_int_equal(sl_steering_key(SL_OUTSIDE, 128, 1, key, 40), 0);
	assert_int_equal(sl_steering_reta(SL_OUTSIDE, key, 33, 0, reta, 128), -EINVAL);
	assert_int_equal(sl_steering_reta(SL_OUTSIDE, key, 0, 0, reta, 128), -EINVAL);
	assert_int_equal(sl_steering_reta(SL_OUTSIDE, key, 2, 0, reta, 96), -EINVAL);
	assert_int_equal(sl_steering_reta(SL_OUTSIDE, key, 32, 0, reta, 128), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subscriber_belongs_to_the_queue_of_its_packets),
		cmocka_unit_test(outside_port_belongs_to_the_queue_of_its_packets),
		cmocka_unit_test(low_bits_of_an_outside_port_do_not_matter),
		cmocka_unit_test(subscribers_of_any_network_are_spread_evenly),
		cmocka_unit_test(neighbours_belong_to_different_workers),
		cmocka_unit_test(subscribers_with_networks_of_their_own_are_spread),
		cmocka_unit_test(outside_ports_are_spread_evenly),
		cmocka_unit_test(inside_keys_differ_from_start_to_start),
		cmocka_unit_test(block_belongs_to_the_queue_of_its_ports),
		cmocka_unit_test(block_longer_than_a_run_has_one_owner_all_the_same),
		cmocka_unit_test(steering_that_cannot_be_followed_is_refused),
		cmocka_unit_test(tables_and_keys_of_no_use_are_refused),
	};

	return cmocka_run_group_tests_name("steer", tests, pipe_setup, NULL);
}
