/* SPDX-License-Identifier: BSD-3-Clause
 *
 * No cache line is written by two workers: a line that goes to and fro between cores costs
 * more than the packet. Structures that only one worker writes begin a line of their own, by
 * static assertion; and whole packets show it. Before one worker runs, all memory that DPDK's
 * heap has, and the program's own variables, are copied; afterwards every line that differs is
 * put down as this worker's. No line may be put down for both. Packets themselves travel from
 * worker to worker when they are handed over, so their buffers are left out there.
 *
 * A store of the value that was there already is not seen; several rounds with other packets
 * and another time make that unlikely.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_ring.h>

#include "rig.h"
#include "state.h"

#define LINE RTE_CACHE_LINE_SIZE
#define OWN_LINES(type) (_Alignof(type) % LINE == 0 && sizeof(type) % LINE == 0)

/* What one worker writes while others write theirs. */
_Static_assert(OWN_LINES(struct sl_worker), "a worker begins and ends with a line");
_Static_assert(offsetof(struct sl_worker, counter) % LINE == 0, "counters begin a line");
_Static_assert(OWN_LINES(struct sl_ports), "each worker's ports of an address begin a line");
_Static_assert(OWN_LINES(struct sl_flow) || sizeof(struct sl_flow) == LINE, "flows fill lines");
/* DPDK's: producer and consumer of a ring, what a worker tells the reclaimer. */
_Static_assert(offsetof(struct rte_ring, cons) - offsetof(struct rte_ring, prod) >= LINE,
	"the two ends of a ring are lines apart");
_Static_assert(OWN_LINES(struct rte_rcu_qsbr_cnt), "each worker reports on a line of its own");

#define AREAS 64
#define WORKERS 2
#define SESSIONS 256
#define ROUNDS 6

/* A stretch of memory, what it held, and who wrote each line of it. */
struct area {
	uint8_t *at, *copy, *writers;
	size_t lines;
	bool variables; /* of the program, not the heap */
};

static struct area *area; /* on libc's heap: what is looked at must not move by looking */
static unsigned int n_areas;

extern uint8_t __data_start[], _end[]; /* the linker's */

static void
area_add(void *at, size_t bytes, bool variables)
{
	uintptr_t first = RTE_ALIGN_CEIL((uintptr_t)at, LINE);
	struct area *a = &area[n_areas++];

	assert_true(n_areas <= AREAS);
	a->at = (uint8_t *)first;
	a->lines = ((uintptr_t)at + bytes - first) / LINE;
	a->variables = variables;
	a->copy = malloc(a->lines * LINE);
	a->writers = calloc(a->lines, 1);
	assert_non_null(a->copy);
	assert_non_null(a->writers);
}

static int
add_segment(const struct rte_memseg_list *msl, const struct rte_memseg *ms, size_t bytes, void *arg)
{
	(void)msl;
	(void)arg;
	area_add(ms->addr, bytes, false);
	return 0;
}

static void
look_begin(void)
{
	area = calloc(AREAS, sizeof(*area));
	assert_non_null(area);
	n_areas = 0;
	rte_memseg_contig_walk(add_segment, NULL);
	area_add(__data_start, (size_t)(_end - __data_start), true);
}

static void
look_end(void)
{
	for (unsigned int i = 0; i < n_areas; i++) {
		free(area[i].copy);
		free(area[i].writers);
	}
	free(area);
}

/* Remember everything. */
static __attribute__((no_sanitize("address"))) void
before(void)
{
	for (unsigned int i = 0; i < n_areas; i++) {
		const uint64_t *from = (const uint64_t *)(const void *)area[i].at;
		uint64_t *to = (uint64_t *)(void *)area[i].copy;

		for (size_t k = 0; k < area[i].lines * LINE / 8; k++)
			to[k] = from[k];
	}
}

/* Put down what has changed as this worker's. */
static __attribute__((no_sanitize("address"))) void
after(unsigned int worker, bool with_variables)
{
	for (unsigned int i = 0; i < n_areas; i++) {
		const uint64_t *now = (const uint64_t *)(const void *)area[i].at;
		const uint64_t *then = (const uint64_t *)(const void *)area[i].copy;

		if (area[i].variables && !with_variables)
			continue;
		for (size_t k = 0; k < area[i].lines; k++) {
			uint64_t differs = 0;

			for (unsigned int w = 0; w < LINE / 8; w++)
				differs |= now[8 * k + w] ^ then[8 * k + w];
			if (differs)
				area[i].writers[k] |= (uint8_t)(1u << worker);
		}
	}
}

/* Leave the buffers of packets out. */
static void
forget_chunk(struct rte_mempool *pool, void *arg, struct rte_mempool_memhdr *chunk, unsigned int n)
{
	const uint8_t *from = chunk->addr, *to = from + chunk->len;

	(void)pool;
	(void)arg;
	(void)n;
	for (unsigned int i = 0; i < n_areas; i++)
		for (size_t k = 0; k < area[i].lines; k++)
			if (area[i].at + k * LINE >= from && area[i].at + k * LINE < to)
				area[i].writers[k] = 0;
}

/* Where a line is, for who has to find the field. */
static void
tell(const struct area *a, size_t k, struct rig *const *rig)
{
	const uint8_t *p = a->at + k * LINE;

	print_message("written by both: %p", (const void *)p);
	for (unsigned int w = 0; w < WORKERS; w++) {
		const uint8_t *s = (const uint8_t *)rig[w]->w;

		if (p >= s && p < s + sizeof(struct sl_worker))
			print_message(", worker %u at byte %zu", w, (size_t)(p - s));
	}
	if (p >= (const uint8_t *)rig[0]->nat && p < (const uint8_t *)(rig[0]->nat + 1))
		print_message(
			", the gateway at byte %zu", (size_t)(p - (const uint8_t *)rig[0]->nat));
	print_message("%s\n", a->variables ? ", a variable" : "");
}

/* Lines of each worker, and those of both. */
static unsigned int
count_both(struct rig *const *rig, unsigned int lines[WORKERS])
{
	unsigned int both = 0;

	lines[0] = lines[1] = 0;
	for (unsigned int i = 0; i < n_areas; i++)
		for (size_t k = 0; k < area[i].lines; k++) {
			uint8_t w = area[i].writers[k];

			lines[0] += w & 1;
			lines[1] += w >> 1 & 1;
			both += w == 3;
			if (w == 3 && rig != NULL)
				tell(&area[i], k, rig);
		}
	return both;
}

/* ---- gateways with two workers ---- */

static uint64_t
next_random(void *arg)
{
	static uint64_t s = 88172645463325252ull;

	(void)arg;
	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return s;
}

static void
rigs_up(struct rig **rig, uint32_t timeout)
{
	struct rig_options o = { .sessions = SESSIONS,
		.room = 16 * SESSIONS,
		.proto = IPPROTO_UDP,
		.timeout = timeout,
		.rest = 1,
		.random = next_random,
		.n_workers = WORKERS };

	for (unsigned int w = 0; w < WORKERS; w++) {
		o.worker = w;
		o.host = w ? rig[0] : NULL;
		rig[w] = rig_create(&o);
		assert_non_null(rig[w]);
	}
}

static void
rigs_open(struct rig **rig)
{
	for (unsigned int w = 0; w < WORKERS; w++) {
		assert_int_equal(rig_open(rig[w], SESSIONS, 0, NULL), 0);
		assert_int_equal(rig_shuffle(rig[w]), 0);
	}
}

static void
rigs_down(struct rig **rig)
{
	rig_destroy(rig[1]);
	rig_destroy(rig[0]);
}

/* A burst of a rig's own packets, ready to be given to any worker. */
static struct rte_mbuf **
prepare(struct rig *r, enum sl_side from, unsigned int round)
{
	rig_aim(r, from);
	for (unsigned int i = 0; i < BURST; i++)
		frame_receive(&r->frame[from], &r->arrival[round * BURST + i], r->mbuf[i]);
	return r->mbuf;
}

/* What a worker's loop does; no more than the library may be seen. */
static void
loop(struct sl_worker *w, enum sl_side from, struct rte_mbuf **m, uint64_t now, struct sl_out *out)
{
	struct rte_mbuf *burst[BURST];

	if (m != NULL) {
		memcpy(burst, m, sizeof(burst));
		sl_worker_receive(w, from, burst, BURST, now, out);
	}
	sl_worker_poll(w, now, out);
	sl_worker_sent(w, SL_ACROSS(from), out->n[SL_ACROSS(from)], 0);
}

static void
established_traffic_of_two_workers_shares_no_line(void **state)
{
	struct sl_out *out = calloc(1, sizeof(*out));
	unsigned int lines[WORKERS];
	struct rig *rig[WORKERS];

	(void)state;
	rigs_up(rig, 3600);
	rigs_open(rig);
	look_begin();
	for (unsigned int round = 0; round < ROUNDS; round++)
		for (unsigned int k = 0; k < 2 * WORKERS; k++) {
			enum sl_side from = k & 1 ? SL_INSIDE : SL_OUTSIDE;
			struct rig *r = rig[k >> 1];
			struct rte_mbuf **m = prepare(r, from, round);

			r->now += 7;
			before();
			loop(r->w, from, m, r->now, out);
			after(k >> 1, true);
			assert_int_equal(out->n[SL_ACROSS(from)], BURST);
			out->n[SL_ACROSS(from)] = 0;
		}
	assert_int_equal(count_both(rig, lines), 0);
	/* at least the packets and their flows were seen */
	assert_true(lines[0] > 2 * BURST && lines[1] > 2 * BURST);
	look_end();
	rigs_down(rig);
	free(out);
}

static void
packets_handed_over_share_nothing_but_themselves(void **state)
{
	struct sl_out *out = calloc(1, sizeof(*out));
	unsigned int lines[WORKERS];
	struct rig *rig[WORKERS];

	(void)state;
	rigs_up(rig, 3600);
	rigs_open(rig);
	look_begin();
	for (unsigned int round = 0; round < ROUNDS; round++)
		for (unsigned int k = 0; k < 2 * WORKERS; k++) {
			enum sl_side from = k & 1 ? SL_INSIDE : SL_OUTSIDE, to = SL_ACROSS(from);
			unsigned int at = k >> 1, owner = 1 - at;
			struct rte_mbuf **m = prepare(rig[owner], from, round);
			uint64_t now = rig[0]->now += 7;

			before();
			loop(rig[at]->w, from, m, now, out);
			after(at, true);
			assert_int_equal(out->n[to], 0);
			before();
			loop(rig[owner]->w, from, NULL, now, out);
			after(owner, true);
			assert_int_equal(out->n[to], BURST);
			out->n[to] = 0;
		}
	for (unsigned int w = 0; w < WORKERS; w++)
		rte_mempool_mem_iter(rig[w]->pool, forget_chunk, NULL);
	assert_int_equal(count_both(rig, lines), 0);
	assert_true(lines[0] > BURST && lines[1] > BURST);
	look_end();
	rigs_down(rig);
	free(out);
}

/* The benchmark's own variables change while sessions are opened: the heap only. */
static void
sessions_that_open_and_end_share_no_line(void **state)
{
	unsigned int lines[WORKERS];
	struct rig *rig[WORKERS];

	(void)state;
	rigs_up(rig, 2);
	look_begin();
	for (unsigned int round = 0; round < ROUNDS; round++)
		for (unsigned int w = 0; w < WORKERS; w++) {
			rig[w]->opened = 0; /* the same again: they have ended */
			before();
			assert_int_equal(rig_open(rig[w], SESSIONS, 0, NULL), 0);
			for (unsigned int ms = 0; ms < 4000; ms += 10) {
				rig[w]->now += 10;
				sl_worker_poll(rig[w]->w, rig[w]->now, &rig[w]->out);
			}
			after(w, false);
		}
	assert_int_equal(sl_counter_sum(rig[0]->nat, SL_COUNTER_SESSIONS_NOW), 0);
	assert_int_equal(
		sl_counter_sum(rig[0]->nat, SL_COUNTER_SESSIONS_MADE), WORKERS * ROUNDS * SESSIONS);
	assert_int_equal(count_both(rig, lines), 0);
	assert_true(lines[0] > SESSIONS && lines[1] > SESSIONS);
	look_end();
	rigs_down(rig);
}

static void
a_line_that_two_write_is_seen(void **state)
{
	uint8_t *p = rte_zmalloc(NULL, 2 * LINE, LINE);
	unsigned int lines[WORKERS];

	(void)state;
	look_begin();
	for (unsigned int w = 0; w < WORKERS; w++) {
		before();
		p[w * 8]++;
		after(w, true);
	}
	assert_int_equal(count_both(NULL, lines), 1);
	for (unsigned int w = 0; w < WORKERS; w++) {
		before();
		p[LINE]++;
		after(0, true);
	}
	assert_int_equal(count_both(NULL, lines), 1);
	look_end();
	rte_free(p);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_that_two_write_is_seen),
		cmocka_unit_test(established_traffic_of_two_workers_shares_no_line),
		cmocka_unit_test(packets_handed_over_share_nothing_but_themselves),
		cmocka_unit_test(sessions_that_open_and_end_share_no_line),
	};
	char *argv[] = { "test_layout", "--no-huge", "-m", "320", "--no-shconf", "--no-pci",
		"--no-telemetry", "--log-level=1" };

	if (rte_eal_init(RTE_DIM(argv), argv) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
