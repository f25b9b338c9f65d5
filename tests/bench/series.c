/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Time a piece of work and keep what came out. A figure is never shown without its
 * spread: everything is measured several times, what is compared is measured in turns, and
 * a difference or ratio is taken between neighbours in time before the median is.
 */
#include "series.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#define BURSTS_A_LOOK 256 /* work between two looks at the clock */

double
clock_ratio(void)
{
	uint64_t x = 3, t0 = rte_rdtsc_precise();

	/* a chain of multiplications: 3 cycles each on every current x86 */
	for (int i = 0; i < 20000; i++)
		__asm__ volatile(".rept 20\n\timul $5, %0, %0\n\t.endr" : "+r"(x));
	return (double)(rte_rdtsc_precise() - t0) / (20000 * 60.0);
}

static double
run_for(work_fn *work, void *arg, double seconds)
{
	uint64_t limit = (uint64_t)(seconds * (double)rte_get_tsc_hz());
	uint64_t t0 = rte_rdtsc_precise(), t1, packets = 0;

	do {
		work(arg, BURSTS_A_LOOK);
		packets += BURSTS_A_LOOK * BURST;
		t1 = rte_rdtsc_precise();
	} while (t1 - t0 < limit);
	return (double)(t1 - t0) / (double)packets;
}

double
time_work(work_fn *work, void *arg, double seconds, double *clock)
{
	double before, cycles;

	run_for(work, arg, seconds / 4);
	before = clock_ratio();
	cycles = run_for(work, arg, seconds);
	*clock = (before + clock_ratio()) / 2;
	return cycles;
}

void
series_add(struct series *s, double v)
{
	if (s->n < SERIES_MAX)
		s->v[s->n++] = v;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
nth(const struct series *s, unsigned int i)
{
	double v[SERIES_MAX];

	if (s->n == 0)
		return NAN;
	memcpy(v, s->v, s->n * sizeof(*v));
	qsort(v, s->n, sizeof(*v), compare);
	return v[i];
}

double
series_min(const struct series *s)
{
	return nth(s, 0);
}

double
series_median(const struct series *s)
{
	return nth(s, s->n / 2);
}

double
series_max(const struct series *s)
{
	return nth(s, s->n ? s->n - 1 : 0);
}

void
series_minus(struct series *to, const struct series *a, const struct series *b)
{
	to->n = 0;
	for (unsigned int i = 0; i < a->n && i < b->n; i++)
		series_add(to, a->v[i] - b->v[i]);
}

void
series_over(struct series *to, const struct series *a, const struct series *b)
{
	to->n = 0;
	for (unsigned int i = 0; i < a->n && i < b->n; i++)
		series_add(to, a->v[i] / b->v[i]);
}

void
series_json(FILE *f, const char *name, const struct series *s)
{
	if (s->n == 0)
		return;
	fprintf(f, ",\"%s\":[%.3f,%.3f,%.3f]", name, series_min(s), series_median(s),
		series_max(s));
}
