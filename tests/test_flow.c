/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lib/flow.c, lib/map.c and lib/sub.c by themselves: what was entered is found under both
 * keys and nothing else is, a full table says so, and what was freed can be had again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "contact.h"
#include "flow.h"
#include "map.h"
#include "pipe.h"
#include "sub.h"

#define FLOWS 1000
#define MANY 40000 /* so many that some buckets overflow */

static const struct sl_seed seed = { { 11, 22, 33, 44 } };

static void
fill(struct sl_flow *f, uint32_t i)
{
	f->in_addr = rte_cpu_to_be_32(0x0a000000 + i % 250);
	f->out_addr = RTE_BE32(0xc0000201);
	f->rem_addr = rte_cpu_to_be_32(0xc6336400 + i % 7);
	f->in_port = rte_cpu_to_be_16((uint16_t)(1000 + i));
	f->out_port = rte_cpu_to_be_16((uint16_t)(20000 + i));
	f->rem_port = RTE_BE16(53);
	f->proto = i % 2 ? 17 : 6;
	f->flags = SL_FLOW_OWN_PORT; /* or it takes a mapping to find it from outside */
}

static void
flow_is_found_under_both_keys_until_it_is_put(void **state)
{
	struct sl_flows t = { 0 };
	static struct sl_flow *f[FLOWS];
	struct sl_key key;

	(void)state;
	assert_int_equal(sl_flows_init(&t, "unit", FLOWS, FLOWS, SOCKET_ID_ANY, &seed), 0);
	for (uint32_t i = 0; i < FLOWS; i++) {
		f[i] = sl_flow_get(&t);
		assert_non_null(f[i]);
		fill(f[i], i);
		assert_int_equal(sl_flow_add(&t, f[i]), 0);
	}
	assert_null(sl_flow_get(&t));
	for (uint32_t i = 0; i < FLOWS; i += 3)
		sl_flow_put(&t, f[i]);
	for (uint32_t i = 0; i < FLOWS; i++) {
		struct sl_flow want = { 0 };

		fill(&want, i);
		for (int side = 0; side < 2; side++) {
			sl_flow_key(&want, (enum sl_side)side, &key);
			assert_ptr_equal(sl_flow_find(&t, &key), i % 3 ? f[i] : NULL);
			key.tenant ^= 1;
			assert_null(sl_flow_find(&t, &key));
		}
	}
	for (uint32_t i = 0; i < (FLOWS + 2) / 3; i++)
		assert_non_null(sl_flow_get(&t));
	assert_null(sl_flow_get(&t));
	sl_flows_fini(&t);
}

/* The front has fewer ways than flows hash to one bucket: some are forgotten, none is lost. */
static void
forgotten_flow_is_found_in_the_record(void **state)
{
	struct sl_flows t = { 0 };
	struct sl_key key;

	(void)state;
	assert_int_equal(sl_flows_init(&t, "front", FLOWS, FLOWS, SOCKET_ID_ANY, &seed), 0);
	t.front.n = SL_FRONT_GROUP; /* 160 ways for two thousand entries */
	for (uint32_t i = 0; i < FLOWS; i++) {
		struct sl_flow *f = sl_flow_get(&t);

		fill(f, i);
		assert_int_equal(sl_flow_add(&t, f), 0);
	}
	sl_flow_settle(&t);
	assert_int_equal(t.forgotten, 2 * FLOWS - SL_FRONT_GROUP * SL_FRONT_WAYS);
	for (uint32_t i = 0; i < 3 * FLOWS; i++) {
		struct sl_flow want = { 0 };

		fill(&want, i % FLOWS);
		sl_flow_key(&want, i % 5 ? SL_INSIDE : SL_OUTSIDE, &key);
		assert_ptr_equal(sl_flow_find(&t, &key), &t.flow[i % FLOWS]);
		/* What was found is in front now. */
		assert_ptr_not_equal(sl_flow_guess(&t, sl_flow_hash(&t, &key)), NULL);
		assert_int_equal(t.forgotten, 2 * FLOWS - SL_FRONT_GROUP * SL_FRONT_WAYS);
	}
	for (uint32_t i = 0; i < FLOWS; i++)
		sl_flow_put(&t, &t.flow[i]);
	assert_int_equal(t.forgotten, 0);
	assert_int_equal(rte_hash_count(t.hash), 0);
	sl_flows_fini(&t);
}

/* A bucket that is full leaves what comes to others of its group; a full table forgets nothing. */
static void
full_buckets_find_room_near_by(void **state)
{
	struct sl_flows t = { 0 };
	struct sl_key key;
	unsigned int strayed = 0;

	(void)state;
	assert_int_equal(sl_flows_init(&t, "near", MANY, MANY, SOCKET_ID_ANY, &seed), 0);
	for (int again = 0; again < 2; again++) {
		for (uint32_t i = 0; i < MANY; i++) {
			struct sl_flow *f = sl_flow_get(&t);

			fill(f, i);
			assert_int_equal(sl_flow_add(&t, f), 0);
		}
		sl_flow_settle(&t);
		assert_int_equal(t.forgotten, 0);
		for (uint32_t i = 0; i < t.front.n; i++)
			strayed += t.front.bucket[i].strayed;
		assert_int_not_equal(strayed, 0);
		for (uint32_t i = 0; i < 2 * MANY; i++) {
			struct sl_flow want = { 0 };

			fill(&want, i / 2);
			sl_flow_key(&want, i % 2 ? SL_INSIDE : SL_OUTSIDE, &key);
			assert_non_null(sl_flow_guess(&t, sl_flow_hash(&t, &key)));
			assert_true(sl_flow_is(sl_flow_find(&t, &key), &key));
		}
		for (uint32_t i = 0; i < MANY; i++)
			sl_flow_put(&t, &t.flow[i]);
		for (uint32_t i = 0; i < t.front.n; i++) {
			assert_int_equal(t.front.bucket[i].strayed, 0);
			assert_int_equal(t.front.bucket[i].far, 0);
			assert_int_equal(
				sl_front_match(&t.front.bucket[i], 0), (1 << SL_FRONT_WAYS) - 1);
		}
	}
	sl_flows_fini(&t);
}

static void
contact_is_known_until_its_last_flow_ends(void **state)
{
	struct sl_flows t = { 0 };

	(void)state;
	assert_int_equal(sl_flows_init(&t, "contacts", 8, 8, SOCKET_ID_ANY, &seed), 0);
	sl_flow_contact_add(&t, 3, RTE_BE32(0xc6336401));
	sl_flow_contact_add(&t, 3, RTE_BE32(0xc6336401));
	assert_true(sl_flow_contact(&t, 3, RTE_BE32(0xc6336401)));
	assert_false(sl_flow_contact(&t, 4, RTE_BE32(0xc6336401)));
	assert_false(sl_flow_contact(&t, 3, RTE_BE32(0xc6336402)));
	sl_flow_contact_del(&t, 3, RTE_BE32(0xc6336401));
	assert_true(sl_flow_contact(&t, 3, RTE_BE32(0xc6336401)));
	sl_flow_contact_del(&t, 3, RTE_BE32(0xc6336401));
	assert_false(sl_flow_contact(&t, 3, RTE_BE32(0xc6336401)));
	sl_flows_fini(&t);
}

static void
mapping_is_found_from_both_ends_until_it_is_deleted(void **state)
{
	struct sl_maps t = { 0 };
	static struct sl_map *m[FLOWS];

	(void)state;
	assert_int_equal(sl_maps_init(&t, FLOWS, SOCKET_ID_ANY, &seed), 0);
	for (unsigned int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < FLOWS; i++) {
			m[i] = sl_map_add(&t, (uint16_t)(i % 2), 17, rte_cpu_to_be_32(i), 1, 9,
				rte_cpu_to_be_16((uint16_t)i));
			assert_non_null(m[i]);
		}
		assert_null(sl_map_add(&t, 0, 17, 1, 2, 3, 4));
		for (uint32_t i = 0; i < FLOWS; i += 2)
			sl_map_del(&t, m[i]);
		for (uint32_t i = 0; i < FLOWS; i++) {
			struct sl_map *want = i % 2 ? m[i] : NULL;
			rte_be32_t in = rte_cpu_to_be_32(i);

			assert_ptr_equal(sl_map_find_in(&t, (uint16_t)(i % 2), 17, in, 1), want);
			assert_null(sl_map_find_in(&t, (uint16_t)(1 - i % 2), 17, in, 1));
			assert_null(sl_map_find_in(&t, (uint16_t)(i % 2), 6, in, 1));
			assert_ptr_equal(
				sl_map_find_out(&t, 17, 9, rte_cpu_to_be_16((uint16_t)i)), want);
		}
		for (uint32_t i = 1; i < FLOWS; i += 2)
			sl_map_del(&t, m[i]);
		assert_int_equal(t.n, 0);
	}
	sl_maps_fini(&t);
}

/* What is entered late is found, and can be ended, at once. */
static void
new_ones_are_found_from_outside_at_once(void **state)
{
	struct sl_flows flows = { 0 };
	struct sl_maps maps = { 0 };
	struct sl_key key;

	(void)state;
	assert_int_equal(sl_flows_init(&flows, "late", FLOWS, FLOWS, SOCKET_ID_ANY, &seed), 0);
	assert_int_equal(sl_maps_init(&maps, FLOWS, SOCKET_ID_ANY, &seed), 0);
	for (uint32_t i = 0; i < FLOWS; i++) {
		rte_be16_t port = rte_cpu_to_be_16((uint16_t)i);
		struct sl_map *m = sl_map_add(&maps, 0, 17, rte_cpu_to_be_32(i), 1, 9, port);
		struct sl_flow *f = sl_flow_get(&flows);

		fill(f, i);
		assert_int_equal(sl_flow_add(&flows, f), 0);
		sl_flow_key(f, SL_OUTSIDE, &key);
		if (i % 3 == 0) {
			assert_ptr_equal(sl_flow_find(&flows, &key), f);
			assert_ptr_equal(sl_map_find_out(&maps, 17, 9, port), m);
		}
		if (i % 7 == 0) {
			sl_map_del(&maps, m);
			assert_null(sl_map_find_out(&maps, 17, 9, port));
			sl_flow_put(&flows, f);
			assert_null(sl_flow_find(&flows, &key));
		}
	}
	sl_flows_fini(&flows);
	sl_maps_fini(&maps);
}

static void
mapping_counts_its_flows_in_any_order(void **state)
{
	struct sl_maps t = { 0 };
	struct sl_flows flows = { 0 };
	struct sl_flow *f[5];
	struct sl_map *m;

	(void)state;
	assert_int_equal(sl_maps_init(&t, 8, SOCKET_ID_ANY, &seed), 0);
	assert_int_equal(sl_flows_init(&flows, "links", 8, 8, SOCKET_ID_ANY, &seed), 0);
	m = sl_map_add(&t, 0, 17, 1, 1, 2, 2);
	for (unsigned int first = 0; first < 5; first++) {
		for (unsigned int i = 0; i < 5; i++) {
			f[i] = sl_flow_get(&flows);
			sl_map_link(&t, &flows, m, f[i]);
		}
		assert_int_equal(m->n_flows, 5);
		for (unsigned int i = 0; i < 5; i++) {
			unsigned int n = 0;

			sl_map_unlink(&flows, m, f[(first + i * 2) % 5]);
			sl_flow_put(&flows, f[(first + i * 2) % 5]);
			for (uint32_t k = m->flows; k != SL_NONE; k = flows.link[k].next)
				n++;
			assert_int_equal(n, 4 - i);
			assert_int_equal(m->n_flows, 4 - i);
		}
	}
	sl_map_del(&t, m);
	sl_flows_fini(&flows);
	sl_maps_fini(&t);
}

static void
subscriber_is_made_once_and_kept_while_it_has_mappings(void **state)
{
	struct sl_subs t = { 0 };
	struct sl_sub *a, *b;

	(void)state;
	assert_int_equal(sl_subs_init(&t, 8, SOCKET_ID_ANY, &seed), 0);
	a = sl_sub_get(&t, 0, 1, 0);
	b = sl_sub_get(&t, 1, 1, 0);
	assert_non_null(a);
	assert_ptr_not_equal(a, b);
	assert_ptr_equal(sl_sub_get(&t, 0, 1, 5), a);
	a->n_maps = 1;
	sl_sub_put(&t, a);
	assert_ptr_equal(sl_sub_get(&t, 0, 1, 5), a);
	assert_int_equal(t.n, 2);
	for (rte_be32_t i = 2; i < 8; i++)
		assert_non_null(sl_sub_get(&t, 0, i, 0));
	assert_null(sl_sub_get(&t, 0, 99, 0));
	sl_subs_fini(&t);
}

static void
subscriber_pays_for_sessions_at_its_rate(void **state)
{
	struct sl_subs t = { 0 };
	struct sl_sub *s;
	unsigned int n = 0;

	(void)state;
	assert_int_equal(sl_subs_init(&t, 8, SOCKET_ID_ANY, &seed), 0);
	s = sl_sub_get(&t, 0, 1, 1000);
	for (uint32_t now = 1000; now < 11000; now++)
		for (unsigned int i = 0; i < 3; i++)
			n += sl_sub_pay(s, 50, now);
	/* ten seconds' worth and what a full bucket gave at first */
	assert_in_range(n, 500, 551);
	for (unsigned int i = 0; i < 1000; i++)
		assert_true(sl_sub_pay(s, 0, 11000));
	sl_subs_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flow_is_found_under_both_keys_until_it_is_put),
		cmocka_unit_test(forgotten_flow_is_found_in_the_record),
		cmocka_unit_test(full_buckets_find_room_near_by),
		cmocka_unit_test(contact_is_known_until_its_last_flow_ends),
		cmocka_unit_test(mapping_is_found_from_both_ends_until_it_is_deleted),
		cmocka_unit_test(new_ones_are_found_from_outside_at_once),
		cmocka_unit_test(mapping_counts_its_flows_in_any_order),
		cmocka_unit_test(subscriber_is_made_once_and_kept_while_it_has_mappings),
		cmocka_unit_test(subscriber_pays_for_sessions_at_its_rate),
	};

	return cmocka_run_group_tests_name("flow", tests, pipe_setup, NULL);
}
