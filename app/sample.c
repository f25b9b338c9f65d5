/* SPDX-License-Identifier: BSD-3-Clause
 *
 * All figures of the box at one moment, and what two such moments make: rates. Reading costs
 * workers nothing but that control looks at lines that they write; each figure is right, two of
 * them may be some nanoseconds apart.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "helper.h"
#include "sample.h"
#include "worker.h"

int
sample_init(struct sample *s, const struct box *box)
{
	memset(s, 0, sizeof(*s));
	s->worker = calloc(box->n_workers, sizeof(*s->worker));
	return s->worker != NULL ? 0 : -ENOMEM;
}

void
sample_fini(struct sample *s)
{
	free(s->worker);
	s->worker = NULL;
}

static uint64_t
read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void
take_worker(struct sample_worker *to, const struct box *box, unsigned int i)
{
	const struct lcore_worker *w = box->worker[i];

	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		to->counter[c] = sl_counter_get(box->nat, i, (enum sl_counter)c);
	if (w == NULL)
		return;
	to->busy = __atomic_load_n(&w->busy_cycles, __ATOMIC_RELAXED);
	to->idle = __atomic_load_n(&w->idle_cycles, __ATOMIC_RELAXED);
}

void
sample_take(struct sample *s, const struct box *box)
{
	s->ns = read_clock(CLOCK_MONOTONIC);
	s->control_ns = read_clock(CLOCK_THREAD_CPUTIME_ID);
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		memset(&s->port[side], 0, sizeof(s->port[side]));
		if (box->port[side].started)
			rte_eth_stats_get(box->port[side].id, &s->port[side]);
	}
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++)
		s->helper[i] = *sl_helpers_count(box->helpers, i + 1);
	for (unsigned int i = 0; i < box->n_workers; i++)
		take_worker(&s->worker[i], box, i);
}

double
sample_seconds(const struct sample *from, const struct sample *to)
{
	uint64_t ns = to->ns > from->ns ? to->ns - from->ns : 1;

	return (double)ns / 1e9;
}

double
sample_rate(uint64_t from, uint64_t to, double seconds)
{
	return (double)(to < from ? to : to - from) / seconds;
}

double
sample_counter(
	const struct sample *from, const struct sample *to, unsigned int worker, enum sl_counter c)
{
	return sample_rate(from->worker[worker].counter[c], to->worker[worker].counter[c],
		sample_seconds(from, to));
}

double
sample_sum(const struct sample *from, const struct sample *to, const struct box *box,
	enum sl_counter c)
{
	double sum = 0;

	for (unsigned int i = 0; i < box->n_workers; i++)
		sum += sample_counter(from, to, i, c);
	return sum;
}

uint64_t
sample_value(const struct sample *s, const struct box *box, enum sl_counter c)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < box->n_workers; i++)
		sum += s->worker[i].counter[c];
	return sum;
}

double
sample_busy(const struct sample *from, const struct sample *to, unsigned int worker)
{
	const struct sample_worker *a = &from->worker[worker], *b = &to->worker[worker];
	uint64_t busy = b->busy - a->busy, all = busy + b->idle - a->idle;

	return all == 0 ? 0 : 100.0 * (double)busy / (double)all;
}

double
sample_control(const struct sample *from, const struct sample *to)
{
	double share = (double)(to->control_ns - from->control_ns) / 1e9 / sample_seconds(from, to);

	return share > 1 ? 100 : 100 * share;
}
