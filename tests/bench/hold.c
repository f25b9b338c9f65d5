/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How long may a burst have to wait because the worker does something else? Worst for ageing
 * is a full table whose sessions all end at the same time, while some go on. That is made
 * here: all sessions are opened in one moment, some keep sending, the clock is moved to where
 * the others end and goes on until ageing has taken them. Each call is timed by itself.
 *
 * On a shared machine the longest call is an interrupt or the host, not the library. But the
 * clock that the library sees moves by a millisecond in every so many loops, so that the n-th
 * call has the same to do in every repeat: what counts for a call is its shortest time over
 * the repeats, and then the longest of all calls.
 */
#include "hold.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "setup.h"

#define LIFE 60 /* seconds of a session */
#define LOOPS_A_MS 150 /* as a worker with full bursts makes */
#define CALLS_MAX (8u << 20)
#define ACTIVE_MAX (64u << 10) /* sessions that go on */
#define SPIN_US 3

/* Cycles of each call, the least of all repeats. */
static struct {
	uint32_t *receive, *poll;
	uint64_t n;
} least;

static double
us(uint64_t cycles)
{
	return (double)cycles * 1e6 / (double)rte_get_tsc_hz();
}

/* One loop of a worker, its two calls timed. */
static void
turn(struct rig *r, uint32_t *receive, uint32_t *poll)
{
	struct rte_mbuf **slot = r->mbuf + r->slot, *m[BURST];
	struct sl_out *out = &r->out;
	uint64_t t0, t1, t2;

	for (unsigned int i = 0; i < BURST; i++)
		frame_receive(&r->frame[SL_INSIDE], &r->arrival[r->at + i], slot[i]);
	memcpy(m, slot, sizeof(m));
	t0 = rte_rdtsc_precise();
	sl_worker_receive(r->w, SL_INSIDE, m, BURST, r->now, out);
	t1 = rte_rdtsc_precise();
	sl_worker_poll(r->w, r->now, out);
	t2 = rte_rdtsc_precise();
	sl_worker_sent(r->w, SL_OUTSIDE, out->n[SL_OUTSIDE], 0);
	*receive = (uint32_t)(t1 - t0);
	*poll = (uint32_t)(t2 - t1);
	r->lost += BURST - RTE_MIN(out->n[SL_OUTSIDE], (unsigned int)BURST);
	memcpy(slot, out->m[SL_OUTSIDE], BURST * sizeof(*slot));
	out->n[SL_OUTSIDE] = 0;
	r->slot = (r->slot + BURST) % RIG_MBUFS;
	r->at = r->at + BURST < r->n_order ? r->at + BURST : 0;
}

static uint64_t
live(const struct rig *r)
{
	return sl_counter_sum(r->nat, SL_COUNTER_SESSIONS_NOW);
}

/* The longest that a loop of SPIN_US takes more than that, of so many. */
static double
disturbance(uint64_t loops)
{
	uint64_t spin = SPIN_US * rte_get_tsc_hz() / 1000000, worst = spin;

	while (loops-- > 0) {
		uint64_t t0 = rte_rdtsc_precise(), t1;

		do
			t1 = rte_rdtsc_precise();
		while (t1 - t0 < spin);
		worst = RTE_MAX(worst, t1 - t0);
	}
	return us(worst - spin);
}

/* From the moment before the sessions end until they are gone. */
static int
let_end(struct rig *r, bool first, struct hold *h)
{
	uint64_t active = r->n_order, before = live(r), calls = 0, ms0;
	uint32_t receive, poll, longest = 0;

	r->arrival = r->order[SL_INSIDE];
	r->at = 0;
	r->now += LIFE * 1000 - 500;
	do
		turn(r, &receive, &poll);
	while (r->at != 0);
	for (ms0 = r->now; live(r) > active && calls < CALLS_MAX; calls++) {
		r->now = ms0 + calls / LOOPS_A_MS;
		turn(r, &receive, &poll);
		least.receive[calls] = first ? receive : RTE_MIN(receive, least.receive[calls]);
		least.poll[calls] = first ? poll : RTE_MIN(poll, least.poll[calls]);
		longest = RTE_MAX(longest, poll);
	}
	least.n = first ? calls : RTE_MIN(calls, least.n);
	series_add(&h->raw, us(longest));
	series_add(&h->machine, disturbance(calls));
	h->ended = (double)(before - live(r));
	return r->lost == 0 && live(r) == active ? 0 : -EIO;
}

static int
compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
sum_up(struct hold *h)
{
	h->calls = least.n;
	qsort(least.receive, least.n, sizeof(*least.receive), compare);
	qsort(least.poll, least.n, sizeof(*least.poll), compare);
	h->receive = us(least.receive[least.n - 1]);
	h->poll = us(least.poll[least.n - 1]);
	h->poll_most = us(least.poll[(uint64_t)((double)(least.n - 1) * 0.9999)]);
}

static int
repeat(struct rig *r, unsigned int repeats, uint64_t active, struct hold *h)
{
	int rc = rig_open(r, r->o.sessions, 0, NULL);

	if (rc == 0)
		rc = rig_shuffle(r);
	for (unsigned int i = 0; i < repeats && rc == 0; i++) {
		if (i > 0)
			rc = rig_open(r, r->o.sessions - active, 0, NULL);
		r->from = SL_INSIDE;
		r->n_order = active;
		if (rc == 0)
			rc = let_end(r, i == 0, h);
	}
	return rc;
}

int
hold_measure(uint64_t sessions, unsigned int repeats, struct hold *hold)
{
	struct rig_options o = { .sessions = sessions,
		.room = sessions + sessions / 4 + 1024,
		.proto = IPPROTO_UDP,
		.timeout = LIFE,
		.rest = 1 };
	uint64_t active = RTE_ALIGN_MUL_FLOOR(RTE_MIN(sessions / 16, (uint64_t)ACTIVE_MAX), BURST);
	struct rig *r = rig_create(&o);
	int rc = -ENOMEM;

	memset(hold, 0, sizeof(*hold));
	least.receive = setup_memory(CALLS_MAX * sizeof(*least.receive));
	least.poll = setup_memory(CALLS_MAX * sizeof(*least.poll));
	if (r != NULL && least.receive != NULL && least.poll != NULL) {
		rc = repeat(r, repeats, active, hold);
		if (rc == 0)
			sum_up(hold);
		else
			fprintf(stderr, "libbench: of %lu sessions %lu did not end, %lu lost\n",
				(unsigned long)sessions, (unsigned long)(live(r) - active),
				(unsigned long)r->lost);
		rig_drops(r);
	}
	rig_destroy(r);
	free(least.receive);
	free(least.poll);
	return rc;
}
