/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reassembly when not all is well: time that runs out, a full table, full buffers, sources
 * that want too much, and floods, which must cost a bounded time and memory and part
 * nobody else from a datagram.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "csum.h"
#include "reasmkit.h"

#define FLOOD 100000
#define BUFFER RTE_MBUF_DEFAULT_BUF_SIZE

static struct kit_whole whole;
static uint8_t frame[KIT_MAX];

static const struct piece first = { 0, 24, true, false }, middle = { 24, 24, true, false },
			  last = { 48, 13, false, false };

/* A datagram of host number n with an id; of IPv6, hosts 256 apart share nothing. */
static const struct kit_whole *
numbered(unsigned int v6, uint32_t n, uint32_t id)
{
	uint8_t *ip;

	if (v6)
		kit_ipv6(&whole, 0, "", "", 61);
	else
		kit_ipv4(&whole, 0, 0, 61);
	ip = whole.b + whole.l3;
	whole.id = id;
	if (v6) {
		frag_put16(ip + 8 + 4, n >> 24);
		frag_put16(ip + 8 + 6, n >> 8 & 0xffff); /* of its /64 */
		ip[8 + 15] = (uint8_t)n;
	} else {
		frag_put16(ip + 4, id);
		frag_put16(ip + 12, 0x0a00 | n >> 16);
		frag_put16(ip + 14, n & 0xffff);
		frag_put16(ip + 10, 0);
		frag_put16(ip + 10, csum_ip4(ip));
	}
	return &whole;
}

static const struct kit_whole *
from(unsigned int v6, uint32_t n)
{
	return numbered(v6, n, 1);
}

/* The piece that is missing of the datagram made last. */
static void
complete(struct kit *k)
{
	kit_same(kit_add(k, &whole, &middle), whole.b, whole.len, "complete");
}

/* ---- life ---- */

static void
table_without_room_is_refused(void **state)
{
	const struct sl_seed seed = { { 1, 2, 3, 4 } };
	struct sl_reasm t = { 0 };

	(void)state;
	assert_int_equal(sl_reasm_init(&t, 0, 1, 1, SOCKET_ID_ANY, &seed), -EINVAL);
	assert_int_equal(sl_reasm_init(&t, 1, 0, 1, SOCKET_ID_ANY, &seed), -EINVAL);
	assert_int_equal(sl_reasm_init(&t, UINT32_MAX, 1, 1, SOCKET_ID_ANY, &seed), -EINVAL);
	assert_int_equal(sl_reasm_init(&t, 1 << 20, 1, 1, SOCKET_ID_ANY, &seed), -ENOMEM);
	sl_reasm_fini(&t);
	assert_int_equal(sl_reasm_init(&t, 100, 1 << 20, 1, SOCKET_ID_ANY, &seed), 0);
	sl_reasm_fini(&t);
	sl_reasm_fini(&t);
}

static void
end_frees_what_is_held(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);

	(void)state;
	for (uint32_t i = 0; i < 50; i++) {
		kit_expect(k, from(i % 2, i << 8), &first, SL_REASM_HELD, "held");
		kit_expect(k, &whole, &last, SL_REASM_HELD, "held");
	}
	assert_int_equal(pipe_mbufs_out(), 100);
	sl_reasm_fini(&k->t);
	assert_int_equal(pipe_mbufs_out(), 0);
	free(k);
}

/* ---- time ---- */

static void
time_that_is_over_frees_and_hands_back_the_first(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);
	struct sl_reasm_first got[2];
	uint32_t len;

	(void)state;
	k->realm = 7;
	kit_expect(k, from(0, 1), &middle, SL_REASM_HELD, "with the first");
	kit_expect(k, &whole, &first, SL_REASM_HELD, "with the first");
	kit_expect(k, from(0, 2), &middle, SL_REASM_HELD, "without it");
	kit_expect(k, from(1, 3), &first, SL_REASM_HELD, "with the first");
	kit_expect(k, from(1, 0x400), &first, SL_REASM_HELD, "dead");
	kit_expect(k, &whole, &first, SL_REASM_DUPLICATE, "dead");
	kit_expect(k, &whole, &(struct piece){ 8, 8, true, false }, SL_REASM_OVERLAP, "dead");
	assert_int_equal(k->t.n, 4);
	assert_int_equal(sl_reasm_age(&k->t, k->now + KIT_TIMEOUT - 1, 64, got, 2), 0);
	assert_int_equal(k->t.n_held, 4);
	assert_int_equal(sl_reasm_age(&k->t, k->now + KIT_TIMEOUT, 64, got, 2), 2);
	assert_int_equal(k->t.n, 0);
	assert_int_equal(kit_count(k, SL_REASM_TIMEOUT), 4);
	assert_int_equal(pipe_mbufs_out(), 2);
	for (unsigned int i = 0; i < 2; i++) {
		len = kit_cut(from(i, i == 0 ? 1 : 3), &first, frame);
		assert_int_equal(got[i].l3, whole.l3);
		assert_int_equal(got[i].realm, 7);
		kit_same(got[i].m, frame, len, "as it came");
	}
	kit_end(k);
}

static void
first_without_room_is_freed(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);
	struct sl_reasm_first got[1];

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		kit_expect(k, from(0, i), &first, SL_REASM_HELD, "held");
	assert_int_equal(sl_reasm_age(&k->t, k->now + KIT_TIMEOUT, 64, got, 1), 1);
	rte_pktmbuf_free(got[0].m);
	assert_int_equal(k->t.n, 0);
	kit_end(k);
}

static void
ageing_does_no_more_than_its_budget(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		k->now += 100; /* over the turn of the clock */
		kit_expect(k, from(0, i), &first, SL_REASM_HELD, "held");
	}
	k->now += KIT_TIMEOUT - 1000;
	sl_reasm_age(&k->t, k->now, 4, NULL, 0);
	assert_int_equal(k->t.n, 16);
	sl_reasm_age(&k->t, k->now, 64, NULL, 0);
	assert_int_equal(k->t.n, 10);
	k->t.timeout = KIT_TIMEOUT - 300;
	sl_reasm_age(&k->t, k->now, 64, NULL, 0);
	assert_int_equal(k->t.n, 7);
	kit_end(k);
}

static void
fragment_after_the_time_begins_another_datagram(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);

	(void)state;
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		kit_expect(k, from(v6, 1), &first, SL_REASM_HELD, "held");
		kit_expect(k, &whole, &middle, SL_REASM_HELD, "held");
		k->now += KIT_TIMEOUT;
		kit_expect(k, &whole, &last, SL_REASM_HELD, "too late");
		assert_int_equal(kit_count(k, SL_REASM_TIMEOUT), 2 + 2 * v6);
		assert_int_equal(k->t.n_held, 1);
		kit_expect(k, &whole, &first, SL_REASM_HELD, "again");
		complete(k);
	}
	kit_end(k);
}

/* ---- a full table, full buffers ---- */

static void
full_table_gives_up_the_oldest(void **state)
{
	struct kit *k = kit_begin(8, KIT_BYTES);

	(void)state;
	for (uint32_t i = 0; i < 8; i++) {
		kit_expect(k, from(i % 2, i << 8), &first, SL_REASM_HELD, "held");
		kit_expect(k, &whole, &last, SL_REASM_HELD, "held");
	}
	kit_expect(k, from(0, 77), &first, SL_REASM_HELD, "one too many");
	assert_int_equal(k->t.n, 8);
	assert_int_equal(kit_count(k, SL_REASM_EVICTED), 2);
	for (uint32_t i = 1; i < 8; i++) {
		from(i % 2, i << 8);
		complete(k);
	}
	kit_expect(k, from(0, 0), &middle, SL_REASM_HELD, "of the one that had to go");
	k->now += KIT_TIMEOUT;
	for (uint32_t i = 0; i < 8; i++)
		kit_expect(k, from(0, 100 + i), &first, SL_REASM_HELD, "time is over");
	assert_int_equal(kit_count(k, SL_REASM_TIMEOUT), 2);
	assert_int_equal(kit_count(k, SL_REASM_EVICTED), 2);
	kit_end(k);
}

static void
full_buffers_give_up_the_oldest(void **state)
{
	struct kit *k = kit_begin(64, 16 * BUFFER); /* two for each source */

	(void)state;
	for (uint32_t i = 0; i < 8; i++) {
		kit_expect(k, from(0, i), &first, SL_REASM_HELD, "held");
		kit_expect(k, &whole, &last, SL_REASM_HELD, "held");
	}
	assert_int_equal(k->t.bytes, 16 * BUFFER);
	kit_expect(k, from(0, 8), &first, SL_REASM_HELD, "one too many");
	assert_int_equal(kit_count(k, SL_REASM_EVICTED), 2);
	assert_int_equal(k->t.bytes, 15 * BUFFER);
	/* What completes a datagram needs no room. */
	kit_expect(k, from(0, 9), &first, SL_REASM_HELD, "full again");
	from(0, 1);
	complete(k);
	assert_int_equal(kit_count(k, SL_REASM_EVICTED), 2);
	kit_end(k);
}

static void
oldest_gives_itself_up_rather_than_newer_ones(void **state)
{
	struct kit *k = kit_begin(64, 16 * BUFFER);

	(void)state;
	kit_expect(k, from(0, 0), &first, SL_REASM_HELD, "the oldest");
	for (uint32_t i = 1; i < 16; i++)
		kit_expect(k, from(0, i), &first, SL_REASM_HELD, "full");
	kit_expect(k, from(0, 0), &middle, SL_REASM_CROWDED, "no room");
	kit_expect(k, from(0, 0), &last, SL_REASM_DEAD, "no room");
	assert_int_equal(k->t.n_held, 15);
	kit_end(k);
}

/* ---- sources ---- */

static void
source_may_have_an_eighth_of_the_table(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);

	(void)state;
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		for (uint32_t i = 0; i < 9; i++) {
			numbered(v6, v6 ? 0x1200 + i : 5, i); /* hosts of one /64 */
			kit_expect(k, &whole, &first, i < 8 ? SL_REASM_HELD : SL_REASM_SOURCE,
				"one source");
		}
		kit_expect(k, from(v6, 0x1300), &first, SL_REASM_HELD, "another");
		k->realm = 1;
		kit_expect(k, from(v6, v6 ? 0x1200 : 5), &first, SL_REASM_HELD, "other realm");
		k->realm = 0;
		/* One goes, one may come. */
		numbered(v6, v6 ? 0x1200 + 3 : 5, 3);
		kit_expect(k, &whole, &last, SL_REASM_HELD, "complete");
		complete(k);
		kit_expect(k, &whole, &last, SL_REASM_HELD, "room again");
	}
	kit_end(k);
}

static void
source_may_have_an_eighth_of_the_buffers(void **state)
{
	struct kit *k = kit_begin(64, 32 * BUFFER); /* four for each source */

	(void)state;
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		for (uint32_t i = 0; i < 2; i++) {
			numbered(v6, 0x500, i);
			kit_expect(k, &whole, &first, SL_REASM_HELD, "one source");
			kit_expect(k, &whole, &(struct piece){ 24, 8, true, false }, SL_REASM_HELD,
				"one source");
		}
		kit_expect(k, &whole, &last, SL_REASM_CAPPED, "one source");
		assert_int_equal(kit_count(k, SL_REASM_CAPPED), 3 + 3 * v6);
		kit_expect(k, from(v6, 0x600), &first, SL_REASM_HELD, "another");
		numbered(v6, 0x500, 0);
		kit_expect(k, &whole, &last, SL_REASM_HELD, "its other datagram");
	}
	kit_end(k);
}

/* ---- floods ---- */

/* The longest chain of the hash table. */
static unsigned int
longest_chain(const struct sl_reasm *t)
{
	unsigned int longest = 0;

	for (uint32_t h = 0; h <= t->mask; h++) {
		unsigned int n = 0;

		for (uint32_t i = t->head[h]; i != UINT32_MAX; i = t->datagram[i].next)
			n++;
		longest = RTE_MAX(longest, n);
	}
	return longest;
}

/* 100,000 datagrams that never become whole, of ever other sources or of one. */
static void
flood(struct kit *k, bool one_source)
{
	const struct piece pieces[] = { { 0, 8, true, false }, { 24, 8, true, false },
		{ 8, 8, true, false }, { 800, 1, false, false } };
	unsigned int chain = 0;
	clock_t began = clock();

	for (uint32_t i = 0; i < FLOOD; i++) {
		numbered(i % 2, one_source ? 0x77000 : i, i);
		for (unsigned int n = 0; n <= i % RTE_DIM(pieces); n++)
			assert_null(kit_add(k, &whole, &pieces[n]));
		if (i % 1000 == 0)
			chain = RTE_MAX(chain, longest_chain(&k->t));
		assert_true(k->t.n <= 256 && k->t.bytes <= k->t.max_bytes);
		assert_int_equal(pipe_mbufs_out(), k->t.n_held);
	}
	assert_true(chain < 12);
	/* The processor's time, with all that the test itself does: 100 microseconds each. */
	assert_true(clock() - began < FLOOD * (CLOCKS_PER_SEC / 10000));
}

static void
flood_of_all_sources_stays_within_its_memory(void **state)
{
	struct kit *k = kit_begin(256, 200 * BUFFER);

	(void)state;
	flood(k, false);
	assert_true(kit_count(k, SL_REASM_EVICTED) > FLOOD);
	/* What comes in one go is whole all the same. */
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		kit_expect(k, from(v6, 0x5555500), &last, SL_REASM_HELD, "in the flood");
		kit_expect(k, &whole, &first, SL_REASM_HELD, "in the flood");
		complete(k);
	}
	kit_end(k);
}

static void
flood_of_one_source_parts_no_other(void **state)
{
	struct kit *k = kit_begin(256, 1024 * BUFFER);

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		kit_expect(k, from(i % 2, i << 8), &first, SL_REASM_HELD, "before the flood");
	flood(k, true);
	assert_int_equal(kit_count(k, SL_REASM_EVICTED), 0);
	assert_true(kit_count(k, SL_REASM_SOURCE) > FLOOD);
	for (uint32_t i = 0; i < 100; i++) {
		kit_expect(k, from(i % 2, i << 8), &last, SL_REASM_HELD, "after the flood");
		complete(k);
	}
	kit_end(k);
}

static void
reasons_are_counted_as_drops(void **state)
{
	struct kit *k = kit_begin(8, KIT_BYTES);
	uint64_t counter[SL_COUNTER_COUNT] = { 0 };

	(void)state;
	kit_expect(k, from(0, 1), &first, SL_REASM_HELD, "held");
	kit_expect(k, &whole, &first, SL_REASM_DUPLICATE, "twice");
	kit_expect(k, &whole, &(struct piece){ 16, 16, true, false }, SL_REASM_OVERLAP, "over");
	kit_expect(k, &whole, &last, SL_REASM_DEAD, "dead");
	kit_expect(k, from(0, 2), &(struct piece){ 8, 9, true, false }, SL_REASM_ODD, "odd");
	kit_expect(k, numbered(0, 2, 2), &first, SL_REASM_SOURCE, "source");
	kit_expect(k, from(0, 3), &first, SL_REASM_HELD, "held");
	sl_reasm_age(&k->t, k->now + KIT_TIMEOUT, 64, NULL, 0);
	for (unsigned int i = 0; i < 2; i++) {
		sl_reasm_collect(&k->t, counter);
		assert_int_equal(counter[SL_COUNTER_FRAGMENTS_HELD], 2);
		assert_int_equal(counter[SL_COUNTER_DROP_FRAGMENT_DUPLICATE], 1);
		assert_int_equal(counter[SL_COUNTER_DROP_FRAGMENT_OVERLAP], 2);
		assert_int_equal(counter[SL_COUNTER_DROP_FRAGMENT_BAD], 2);
		assert_int_equal(counter[SL_COUNTER_DROP_FRAGMENT_SOURCE], 1);
		assert_int_equal(counter[SL_COUNTER_DROP_FRAGMENT_TIMEOUT], 1);
	}
	k->in = 0; /* all of it has been counted */
	kit_end(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_without_room_is_refused),
		cmocka_unit_test(end_frees_what_is_held),
		cmocka_unit_test(time_that_is_over_frees_and_hands_back_the_first),
		cmocka_unit_test(first_without_room_is_freed),
		cmocka_unit_test(ageing_does_no_more_than_its_budget),
		cmocka_unit_test(fragment_after_the_time_begins_another_datagram),
		cmocka_unit_test(full_table_gives_up_the_oldest),
		cmocka_unit_test(full_buffers_give_up_the_oldest),
		cmocka_unit_test(oldest_gives_itself_up_rather_than_newer_ones),
		cmocka_unit_test(source_may_have_an_eighth_of_the_table),
		cmocka_unit_test(source_may_have_an_eighth_of_the_buffers),
		cmocka_unit_test(flood_of_all_sources_stays_within_its_memory),
		cmocka_unit_test(flood_of_one_source_parts_no_other),
		cmocka_unit_test(reasons_are_counted_as_drops),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
