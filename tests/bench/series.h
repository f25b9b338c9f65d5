/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H

#include <stdio.h>

#define BURST 32 /**< packets a call, as natbench and most drivers have it */
#define SERIES_MAX 64 /**< repeats */

/** One figure measured several times, in TSC cycles per packet, in order of time. */
struct series {
	double v[SERIES_MAX];
	unsigned int n;
};

/** Work of that many bursts. */
typedef void work_fn(void *arg, unsigned int bursts);

/** TSC cycles per core cycle: a virtual machine's clock wanders, and figures with it. */
double clock_ratio(void);

/**
 * Run work for about so many seconds, after a quarter of that as a warm-up.
 * @param clock  gets the mean of clock_ratio() before and after
 * @return TSC cycles per packet
 */
double time_work(work_fn *work, void *arg, double seconds, double *clock);

/** Add a figure; what is too much is left out. */
void series_add(struct series *s, double v);

double series_min(const struct series *s);
double series_median(const struct series *s);
double series_max(const struct series *s);

/** The differences, or ratios, of two series pair by pair: they were measured side by side. */
void series_minus(struct series *to, const struct series *a, const struct series *b);
void series_over(struct series *to, const struct series *a, const struct series *b);

/** "name":[min,median,max] with a comma before it, for a JSON object; nothing when empty. */
void series_json(FILE *f, const char *name, const struct series *s);

#endif /* BENCH_SERIES_H */
