/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Streams between two TCP ends in simulated time (tcpsim.c): whatever the network does and
 * however the ends are, each gets exactly what the other one sent with its messages changed,
 * told independently (streamtoy.c), and both come to an end. One number makes a connection: a
 * failure names it, and "test_stream_sim FIRST [LAST]" runs these alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"
#include "stream_state.h"
#include "tcpsim.h"

#define RUNS 1000
#define FILE_MAX 12000
#define MBUFS 4095
#define BOX_MBUFS 63
#define TEST(name) cmocka_unit_test_teardown(name, describe)

static struct rte_mempool *pool, *box_pool;
static struct tcpsim sim;
static uint64_t running; /* the number of a connection that is not over */
static uint8_t file[2][FILE_MAX + 64], want[TCPSIM_BUF];

static int
setup(void **state)
{
	if (pipe_setup(state) != 0)
		return -1;
	pool = rte_pktmbuf_pool_create(
		"sim", MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	box_pool = rte_pktmbuf_pool_create(
		"box", BOX_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	return pool == NULL || box_pool == NULL ? -1 : 0;
}

static struct sl_streams *
make_streams(uint32_t each, uint64_t all, uint32_t queued)
{
	struct sl_streams_params params = {
		.max = 4,
		.bytes_each = each,
		.bytes_all = all,
		.queued_all = queued,
		.pool = box_pool,
		.socket = SOCKET_ID_ANY,
	};
	struct sl_streams *streams = sl_streams_create(&params);

	assert_non_null(streams);
	return streams;
}

/* Nothing may be left behind: no mbuf, no chunk, no place in the queue. */
static void
expect_clean(const struct sl_streams *streams, uint32_t chunks)
{
	assert_int_equal(rte_mempool_avail_count(pool), MBUFS);
	assert_int_equal(rte_mempool_avail_count(box_pool), BOX_MBUFS);
	assert_int_equal(streams->n_free_chunks, chunks);
	assert_int_equal(streams->n_queued, 0);
	assert_true(LIST_EMPTY(&streams->armed));
}

/* ---- files ---- */

static uint32_t
add_text(uint8_t *p, uint32_t n, const char *extra)
{
	for (uint32_t i = 0; i < n; i++) {
		p[i] = (uint8_t)('a' + tcpsim_draw(&sim, 26));
		if (i + 1 < n && tcpsim_draw(&sim, 150) == 0) {
			p[i++] = '@';
			p[i] = (uint8_t)('0' + tcpsim_draw(&sim, 10));
		}
	}
	if (*extra != 0 && n > 0)
		p[tcpsim_draw(&sim, n)] = (uint8_t)*extra;
	return n;
}

static uint32_t
add_message(uint8_t *p, uint32_t max, bool waits)
{
	uint32_t kind = tcpsim_draw(&sim, 100), n = 1 + tcpsim_draw(&sim, max);

	if (kind < 10) { /* with its length in front */
		n = RTE_MIN(n + 5, 9999u);
		snprintf((char *)p, 6, "#%04u", n);
		add_text(p + 5, n - 5, "\n");
		return n;
	}
	if (kind < 40) /* nothing to change */
		memset(p, 'x', n);
	else
		add_text(p, n, waits && kind < 50 ? "%" : "");
	if (kind >= 95)
		p[0] = '!';
	p[n] = '\n';
	return n + 1;
}

static uint32_t
make_file(uint8_t *p, uint32_t max, bool waits)
{
	static const uint32_t longest[] = { 4, 30, 80, 300, 3000 };
	uint32_t n = 0, size = tcpsim_draw(&sim, max), len = longest[tcpsim_draw(&sim, 5)];

	while (n < size && n + len + 8 < FILE_MAX)
		n += add_message(p + n, len, waits);
	if (tcpsim_draw(&sim, 4) == 0) /* no message any more */
		n += add_text(p + n, tcpsim_draw(&sim, 40), "");
	return n;
}

/* ---- connections ---- */

static void
choose_end(struct tcpsim_conf *c, bool waits)
{
	static const uint16_t mss[] = { 0, 80, 200, 536, 1220, 1460 };
	static const uint32_t room[] = { 300, 2000, 8192, 32768, 65535, 200000 };
	static const uint32_t cut[] = { 1, 3, 20, 200, 0, 0, 0 };
	uint32_t kind = tcpsim_draw(&sim, 8);

	*c = (struct tcpsim_conf){
		.isn = kind == 0   ? -tcpsim_draw(&sim, FILE_MAX)
		       : kind == 1 ? 0x7fffffff - tcpsim_draw(&sim, FILE_MAX)
				   : tcpsim_draw(&sim, UINT32_MAX),
		.nagle = tcpsim_draw(&sim, 2),
		.sack = tcpsim_draw(&sim, 3) > 0,
		.ts = tcpsim_draw(&sim, 3) > 0,
		.scales = tcpsim_draw(&sim, 3) > 0,
		.scale = (uint8_t)tcpsim_draw(&sim, 8),
		.late_close = tcpsim_draw(&sim, 3) == 0,
		.mss = mss[tcpsim_draw(&sim, RTE_DIM(mss))],
		.rcvbuf = room[tcpsim_draw(&sim, RTE_DIM(room))],
		.write_max = 1 + tcpsim_draw(&sim, tcpsim_draw(&sim, 2) ? 20 : 4000),
		.write_gap = tcpsim_draw(&sim, 30),
		.read_max = tcpsim_draw(&sim, 3) == 0 ? 1 + tcpsim_draw(&sim, 200) : 0,
		.cut_max = cut[tcpsim_draw(&sim, RTE_DIM(cut))],
		.delack = tcpsim_draw(&sim, 2) * (20 + tcpsim_draw(&sim, 180)),
		.cwnd = tcpsim_draw(&sim, 4) == 0 ? 536 : 0,
	};
	c->data = file[c - sim.conf];
	c->n = make_file(file[c - sim.conf],
		c->cut_max != 0 && c->cut_max < 10 ? 1500 : FILE_MAX - 400, waits);
}

static void
choose(uint64_t seed, struct sl_streams *streams)
{
	static const unsigned int loss[] = { 0, 0, 20, 100, 250 };
	bool waits, rough;

	sim.seed = seed;
	rough = tcpsim_draw(&sim, 4) > 0;
	waits = tcpsim_draw(&sim, 3) == 0;
	sim.pool = pool;
	sim.box_pool = box_pool;
	sim.streams = streams;
	sim.v6 = tcpsim_draw(&sim, 8) == 0;
	sim.both_open = tcpsim_draw(&sim, 8) == 0;
	sim.opener = tcpsim_draw(&sim, 2);
	sim.loss = loss[tcpsim_draw(&sim, RTE_DIM(loss))];
	sim.dup = rough ? tcpsim_draw(&sim, 100) : 0;
	sim.late = rough ? tcpsim_draw(&sim, 200) : 0;
	sim.split = rough ? tcpsim_draw(&sim, 200) : 0;
	sim.starve = 0;
	sim.delay = 1 + tcpsim_draw(&sim, 40);
	sim.waits = waits ? 1 + tcpsim_draw(&sim, 30) : 0;
	sim.limit = 3600000;
	sim.mtu[0] = tcpsim_draw(&sim, 4) ? 1500 : 600;
	sim.mtu[1] = 1500;
	sim.silent[0] = sim.silent[1] = false;
	choose_end(&sim.conf[0], waits);
	choose_end(&sim.conf[1], waits);
	if (sim.conf[0].late_close) /* or both would wait for ever */
		sim.conf[1].late_close = false;
	/* Ends that send segments larger than the MTU would have to be told by ICMP. */
	if (sim.mtu[0] == 600)
		sim.conf[0].mss = RTE_MIN(sim.conf[0].mss, 520);
}

/* After a test, good or bad. */
static int
describe(void **state)
{
	(void)state;
	if (running == 0)
		return 0;
	fprintf(stderr, "connection %llu: loss %u dup %u late %u split %u delay %u at %llu ms\n",
		(unsigned long long)running, sim.loss, sim.dup, sim.late, sim.split, sim.delay,
		(unsigned long long)sim.now);
	for (int i = 0; i < 2; i++) {
		const struct tcpsim_end *e = &sim.end[i];
		const struct tcpsim_conf *c = e->conf;

		fprintf(stderr,
			"  %u bytes nagle %d sack %d ts %d mss %u rcvbuf %u cut %u: una %u max %u "
			"written %u wnd %u; got %u fin %u rst %d\n",
			c->n, c->nagle, c->sack, c->ts, c->mss, c->rcvbuf, c->cut_max, e->una,
			e->max, e->written, e->wnd, e->rnxt, e->fin, e->got_rst);
	}
	running = 0;
	return 0;
}

/* Did this side's bytes arrive with the first `messages` messages changed, and only these? */
static bool
arrived(enum sl_side from, unsigned int messages)
{
	uint32_t got_n;
	const uint8_t *got = tcpsim_got(&sim, SL_ACROSS(from), &got_n);
	size_t n = toy_expect(file[from], sim.conf[from].n, messages, want);

	return n == got_n && memcmp(want, got, n) == 0;
}

static void
run_one(uint64_t seed, struct sl_streams *streams)
{
	uint32_t chunks = streams->n_free_chunks;

	running = seed;
	choose(seed, streams);
	assert_true(tcpsim_run(&sim));
	assert_true(arrived(SL_INSIDE, UINT32_MAX));
	assert_true(arrived(SL_OUTSIDE, UINT32_MAX));
	expect_clean(streams, chunks);
	running = 0;
}

static void
any_connection_gets_exactly_the_changed_bytes(void **state)
{
	struct sl_streams *streams = make_streams(0, 0, 0);

	(void)state;
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		run_one(seed, streams);
	assert_true(sl_streams_count(streams)->edited > RUNS);
	assert_true(sl_streams_count(streams)->acks > RUNS);
	assert_true(sl_streams_count(streams)->resent > 0);
	assert_int_equal(sl_streams_count(streams)->full, 0);
	assert_int_equal(sl_streams_count(streams)->gave_up, 0);
	sl_streams_destroy(streams);
}

/* ---- Nagle ---- */

/* Both ends write byte by byte on a good network: how long does it take? */
static uint64_t
time_of_small_writes(bool nagle, struct sl_streams *streams)
{
	choose(1, streams);
	sim.loss = sim.dup = sim.late = sim.split = sim.waits = 0;
	sim.v6 = sim.both_open = false;
	sim.delay = 1;
	sim.mtu[0] = sim.mtu[1] = 1500;
	for (int i = 0; i < 2; i++) {
		struct tcpsim_conf *c = &sim.conf[i];

		*c = (struct tcpsim_conf){ .isn = 99,
			.nagle = nagle,
			.sack = true,
			.ts = true,
			.mss = 1460,
			.rcvbuf = 30000,
			.write_max = 1,
			.cut_max = 1,
			.data = file[i],
			.delack = 40 };
		c->n = 0;
		while (c->n < 600)
			c->n += (uint32_t)sprintf((char *)file[i] + c->n, "word@2 and@0 more\n");
	}
	assert_true(tcpsim_run(&sim));
	assert_true(arrived(SL_INSIDE, UINT32_MAX));
	assert_true(arrived(SL_OUTSIDE, UINT32_MAX));
	return sim.now - 1000;
}

static void
small_writes_never_stall(void **state)
{
	struct sl_streams *streams = make_streams(0, 0, 0);

	(void)state;
	/* A byte each millisecond without Nagle, and one each round trip with it: a stall of 300
	 * milliseconds, or of a delayed acknowledgement, for each message would show. */
	assert_in_range(time_of_small_writes(false, streams), 600, 1200);
	assert_in_range(time_of_small_writes(true, streams), 600, 4000);
	assert_int_equal(sl_streams_count(streams)->resent, 0);
	expect_clean(streams, streams->n_free_chunks);
	sl_streams_destroy(streams);
}

/* ---- too little of everything ---- */

/* The first few messages were changed, however few, and the rest arrived as it was. */
static bool
arrived_in_part(enum sl_side from)
{
	unsigned int n = toy_messages(file[from], sim.conf[from].n);

	for (unsigned int i = 0; i <= n; i++)
		if (arrived(from, i))
			return true;
	return false;
}

static void
run_in_part(uint64_t seed, struct sl_streams *streams)
{
	uint32_t chunks = streams->n_free_chunks;

	running = seed;
	choose(seed, streams);
	assert_true(tcpsim_run(&sim));
	assert_true(arrived_in_part(SL_INSIDE));
	assert_true(arrived_in_part(SL_OUTSIDE));
	expect_clean(streams, chunks);
	running = 0;
}

static void
little_memory_corrupts_nothing(void **state)
{
	struct sl_streams *streams = make_streams(0, 5 * sizeof(struct sl_chunk), 3);

	(void)state;
	for (uint64_t seed = 1; seed <= RUNS / 8; seed++)
		run_in_part(seed * 104729, streams);
	assert_true(sl_streams_count(streams)->full > 0);
	assert_true(sl_streams_count(streams)->edited > 0);
	assert_true(sl_streams_count(streams)->drop_queue > 0);
	sl_streams_destroy(streams);
}

static void
want_of_mbufs_is_like_loss(void **state)
{
	struct sl_streams *streams = make_streams(0, 0, 0);
	uint32_t chunks = streams->n_free_chunks;

	(void)state;
	for (uint64_t seed = 1; seed <= RUNS / 8; seed++) {
		running = seed * 15485863;
		choose(running, streams);
		sim.starve = 200;
		assert_true(tcpsim_run(&sim));
		assert_true(arrived(SL_INSIDE, UINT32_MAX));
		assert_true(arrived(SL_OUTSIDE, UINT32_MAX));
		expect_clean(streams, chunks);
		running = 0;
	}
	assert_true(sl_streams_count(streams)->drop_mbuf > 0);
	sl_streams_destroy(streams);
}

/* A letter somewhere that makes the box look away: "~" or "^" at the start of a line. */
static void
hands_off_at_any_moment_corrupts_nothing(void **state)
{
	struct sl_streams *streams = make_streams(0, 0, 0);
	uint32_t chunks = streams->n_free_chunks;

	(void)state;
	for (uint64_t seed = 1; seed <= RUNS / 8; seed++) {
		enum sl_side side = seed % 2;
		uint8_t *p;

		running = seed * 32452843;
		choose(running, streams);
		p = sim.conf[side].n > 0 ? memchr(file[side], '\n', sim.conf[side].n) : NULL;
		if (p != NULL)
			p[p > file[side] ? -1 : 0] = '~';
		assert_true(tcpsim_run(&sim));
		assert_true(arrived_in_part(SL_INSIDE));
		assert_true(arrived_in_part(SL_OUTSIDE));
		expect_clean(streams, chunks);
		running = 0;
	}
	sl_streams_destroy(streams);
}

/* ---- hours ---- */

static void
thousands_of_changes_need_no_more_memory_than_one(void **state)
{
	struct sl_streams *streams = make_streams(0, 0, 0);
	uint32_t chunks = streams->n_free_chunks;

	(void)state;
	choose(2, streams);
	sim.loss = 20;
	sim.late = sim.split = sim.dup = 10;
	sim.waits = 0;
	sim.both_open = false;
	sim.limit = 100 * 3600000;
	sim.delay = 5;
	for (int i = 0; i < 2; i++) {
		struct tcpsim_conf *c = &sim.conf[i];

		*c = (struct tcpsim_conf){ .isn = 0u - 3000,
			.nagle = true,
			.sack = true,
			.mss = 1460,
			.rcvbuf = 30000,
			.write_max = 8,
			.write_gap = 12000,
			.data = file[i] };
		c->n = 0;
		while (c->n < FILE_MAX - 16)
			c->n += (uint32_t)sprintf(
				(char *)file[i] + c->n, c->n % 3 ? "@1x\n" : "y@0z@0\n");
	}
	assert_true(tcpsim_run(&sim));
	assert_true(sim.now > 3 * 3600000);
	assert_true(arrived(SL_INSIDE, UINT32_MAX));
	assert_true(arrived(SL_OUTSIDE, UINT32_MAX));
	assert_true(sl_streams_count(streams)->edited > 4000);
	assert_int_equal(sl_streams_count(streams)->full, 0);
	expect_clean(streams, chunks);
	sl_streams_destroy(streams);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(any_connection_gets_exactly_the_changed_bytes),
		TEST(small_writes_never_stall),
		TEST(little_memory_corrupts_nothing),
		TEST(want_of_mbufs_is_like_loss),
		TEST(hands_off_at_any_moment_corrupts_nothing),
		TEST(thousands_of_changes_need_no_more_memory_than_one),
	};

	if (argc > 1) {
		struct sl_streams *streams;
		uint64_t last = strtoull(argv[argc - 1], NULL, 10);

		if (setup(NULL) != 0)
			return 1;
		streams = make_streams(0, 0, 0);
		for (uint64_t seed = strtoull(argv[1], NULL, 10); seed <= last; seed++)
			run_one(seed, streams);
		return 0;
	}
	return cmocka_run_group_tests(tests, setup, NULL);
}
