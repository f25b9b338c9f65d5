/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Streams that get segments which no TCP would send: any flags, overlapping bytes that differ,
 * acknowledgements and SACK blocks of what never was, all near the numbers that would fit, from
 * both sides. What comes out must be well-formed, and nothing may be left behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"
#include "stream_state.h"
#include "streamtoy.h"
#include "tcpwire.h"

#define RUNS 600
#define MBUFS 511
#define IN SL_INSIDE
#define OUT SL_OUTSIDE

static struct rte_mempool *pool;
static uint64_t random_state;

static int
setup(void **state)
{
	if (pipe_setup(state) != 0)
		return -1;
	pool = rte_pktmbuf_pool_create(
		"hostile", MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	return pool == NULL ? -1 : 0;
}

static uint32_t
draw(uint32_t n)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return (uint32_t)(((z >> 32) * n) >> 32);
}

static void
swallow(void *arg, enum sl_side from, struct rte_mbuf *m)
{
	uint8_t data[2048];
	struct tcpwire t;

	(void)arg;
	tcpwire_read(m, from, &t, data, sizeof(data));
	rte_pktmbuf_free(m);
}

/* A segment near what would fit, with anything in it. */
static void
give_nonsense(struct sl_stream *s, uint32_t *at, uint64_t now)
{
	uint8_t data[600];
	enum sl_side from = draw(2);
	struct tcpwire t = { .from = from,
		.data = data,
		.n = draw(600),
		.seq = at[from] + draw(400) - 200,
		.ack = at[!from] + draw(400) - 200,
		.flags = draw(8) ? T_ACK : (uint8_t)draw(256),
		.win = (uint16_t)draw(65536),
		.urp = (uint16_t)draw(700),
		.ts = draw(2),
		.n_sacks = draw(4) };
	struct rte_mbuf *m;

	if (draw(3) == 0)
		t.n = 0;
	for (uint32_t i = 0; i < t.n; i++)
		data[i] = (uint8_t) "abc@123456789\n\n!%~^#0012"[draw(24)];
	if (t.n > 0 && (data[0] == '^' || draw(2)))
		data[0] = '\n';
	for (unsigned int i = 0; i < t.n_sacks; i++)
		for (int k = 0; k < 2; k++)
			t.sack[i][k] = t.ack + draw(1000) - 300;
	if (draw(2))
		at[from] = t.seq + t.n;
	m = tcpwire_build(pool, &t);
	assert_non_null(m);
	sl_stream_segment(s, from, m, TCPWIRE_L3, now);
}

static void
nonsense_does_no_harm(void **state)
{
	static const uint16_t mtu[2] = { 1500, 576 };
	const struct sl_streams_params params = {
		.max = 1,
		.bytes_each = 8192,
		.queued_all = 8,
		.pool = pool,
		.socket = SOCKET_ID_ANY,
	};
	struct sl_streams *streams = sl_streams_create(&params);
	uint32_t chunks = streams->n_free_chunks;

	(void)state;
	for (uint64_t seed = 1; seed <= RUNS; seed++) {
		struct toy toy = { .waits = 5, .emit = swallow };
		struct tcpwire syn = {
			.flags = T_SYN, .mss = 300, .scales = true, .scale = 5, .sack_ok = true
		};
		struct sl_stream *s = sl_stream_begin(streams, &toy_ops, &toy, mtu);
		uint32_t at[2] = { 1, 1 };
		uint64_t now = 1000;

		random_state = seed;
		sl_stream_segment(s, IN, tcpwire_build(pool, &syn), TCPWIRE_L3, now);
		syn.from = OUT;
		syn.flags |= T_ACK;
		syn.ack = 1;
		sl_stream_segment(s, OUT, tcpwire_build(pool, &syn), TCPWIRE_L3, now);
		for (int i = 0; i < 300; i++) {
			give_nonsense(s, at, now);
			now += draw(100);
			if (draw(5) == 0)
				sl_stream_resume(s, now);
			sl_streams_tick(streams, now);
		}
		sl_stream_end(s);
		assert_int_equal(rte_mempool_avail_count(pool), MBUFS);
		assert_int_equal(streams->n_free_chunks, chunks);
		assert_int_equal(streams->n_queued, 0);
	}
	sl_streams_destroy(streams);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nonsense_does_no_harm),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
