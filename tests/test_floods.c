/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Floods of fragments: 100,000 datagrams that never become complete, from one source and
 * from 65,536, while others send fragmented and whole packets: those pass, and at no moment
 * is more than half of the mbufs held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"
#include "fragcut.h"

#define FLOOD 100000

static unsigned int
free_percent(const char *pool)
{
	const struct rte_mempool *mp = rte_mempool_lookup(pool);

	return rte_mempool_avail_count(mp) * 100 / mp->size;
}

/* Number i of a flood: a later piece of a datagram of its own. */
static void
flood(struct pipe *p, const struct pt_frame *model, enum sl_side side, uint32_t sources, uint32_t i)
{
	const struct piece piece = { 24, 48, true, true };
	static struct pt_frame f;
	uint32_t host = i % sources, nth = i / sources;

	memcpy(&f, model, sizeof(f.b));
	frag_cut(model, &piece, (uint16_t)nth, &f);
	frag_put16(f.b + 14 + 14, host);
	f.b[14 + 8] = (uint8_t)(64 - (nth >> 16)); /* TTL, not looked at */
	if (sources == 1) /* more datagrams than ids: other destinations, when there are any */
		f.b[14 + 9] = nth >> 16 ? 6 : 17;
	frag_put16(f.b + 14 + 10, 0);
	frag_put16(f.b + 14 + 10, csum_ip4(f.b + 14));
	frag_receive(p, side, &f);
}

static void
flooded(enum sl_side side, uint32_t sources, unsigned int n_workers)
{
	static const struct piece in_pieces[] = { { 48, 29, false, false }, { 24, 24, true, false },
		{ 0, 24, true, false } };
	struct pipe *p = pipe_create(n_workers, FRAG_CONF, 77, 1000);
	static struct pt_frame model, f;
	static struct way way[WAYS];
	char why[128];
	uint32_t i = 0;

	frag_ways(p, way);
	pipe_route(p, 0, (struct sl_ifaddr){ conf_addr("10.1.0.0"), 16 }, SL_INSIDE,
		conf_addr("10.0.0.7"));
	frag_build(p, side,
		side == SL_INSIDE ? "udp 10.1.0.0:5000 > 198.51.100.9:80 data=69"
				  : "udp 198.18.0.0:80 > 192.0.2.1:5000 data=69",
		&model);
	for (uint32_t round = 0; i < FLOOD; round++) {
		const struct way *w = &way[round % WAYS];

		for (uint32_t end = i + 494; i < end; i++) {
			flood(p, &model, side, sources, i);
			if (i % 16 == 0)
				pipe_settle(p);
		}
		pipe_settle(p);
		assert_int_equal(p->n_got, 0);
		/* somebody else's fragments, last one first, and a whole packet, in the midst of it */
		for (unsigned int k = 0; k < 3; k++) {
			frag_cut(&w->whole, &in_pieces[k], (uint16_t)round, &f);
			frag_receive(p, w->in, &f);
			for (uint32_t end = i + 2; i < end; i++)
				flood(p, &model, side, sources, i);
		}
		frag_receive(p, way[0].in, &way[0].whole);
		assert_true(free_percent("wire") >= 50);
		assert_true(free_percent("own") >= 50);
		pipe_settle(p);
		assert_int_equal(p->n_got, 4);
		for (unsigned int k = 0; k < p->n_got; k++)
			if (frag_get16(frag_got_ip(p, k) + 6) & 0x3fff) {
				assert_int_equal(
					frag_assemble(p, w, frag_get16(frag_got_ip(p, k) + 4)), 1);
				break;
			}
		pipe_discard(p);
		p->now += 5;
	}
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	p->now += 3000;
	pipe_poll(p, 300);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_FRAGMENTS_HELD_NOW), 0);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW), 3);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
flood_from_one_outside_source_hurts_nobody_else(void **state)
{
	(void)state;
	flooded(SL_OUTSIDE, 1, 1);
	flooded(SL_OUTSIDE, 1, 3);
}

static void
flood_from_65536_outside_sources_hurts_nobody_else(void **state)
{
	(void)state;
	flooded(SL_OUTSIDE, 65536, 1);
	flooded(SL_OUTSIDE, 65536, 3);
}

static void
flood_from_one_inside_source_hurts_nobody_else(void **state)
{
	(void)state;
	flooded(SL_INSIDE, 1, 3);
}

static void
flood_from_65536_inside_sources_hurts_nobody_else(void **state)
{
	(void)state;
	flooded(SL_INSIDE, 65536, 3);
}

/* A source at its cap; then 4,096 others send a datagram in two pieces, the last one first. */
static void
one_flooding_source_refuses_no_other(void **state)
{
	struct pipe *p =
		pipe_create(1, FRAG_CONF "; max-subscribers 8192; max-sessions 16384", 3, 1000);
	static const struct piece piece[] = { { 48, 29, false, false }, { 0, 48, true, false } };
	static struct pt_frame model, f;

	(void)state;
	pipe_route(p, 0, (struct sl_ifaddr){ conf_addr("10.1.0.0"), 16 }, SL_INSIDE,
		conf_addr("10.0.0.7"));
	frag_build(p, SL_INSIDE, "udp 10.1.0.0:5000 > 198.51.100.9:80 data=69", &model);
	for (uint32_t i = 0; i < 1000; i++)
		flood(p, &model, SL_INSIDE, 1, i);
	for (uint32_t i = 1; i <= 4096; i++) {
		for (unsigned int k = 0; k < 2; k++) {
			frag_cut(&model, &piece[k], 7, &f);
			frag_put16(f.b + 14 + 14, i);
			frag_put16(f.b + 14 + 10, 0);
			frag_put16(f.b + 14 + 10, csum_ip4(f.b + 14));
			frag_receive(p, SL_INSIDE, &f);
		}
		pipe_settle(p);
		if (p->n_got != 2)
			fail_msg("source %u: %u pieces came out", i, p->n_got);
		pipe_discard(p);
	}
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flood_from_one_outside_source_hurts_nobody_else),
		cmocka_unit_test(flood_from_65536_outside_sources_hurts_nobody_else),
		cmocka_unit_test(flood_from_one_inside_source_hurts_nobody_else),
		cmocka_unit_test(flood_from_65536_inside_sources_hurts_nobody_else),
		cmocka_unit_test(one_flooding_source_refuses_no_other),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
