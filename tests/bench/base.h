/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_BASE_H
#define BENCH_BASE_H

#include <stdint.h>

#include <rte_hash.h>

#include "frame.h"

/** The baseline: nothing but rte_hash_lookup_bulk_data() on a table of the same size. */
struct base {
	struct rte_hash *hash; /**< NULL when there was no memory for it */
	const struct arrival *arrival; /**< random order, as the packets come */
	uint64_t n; /**< a multiple of BURST */
	uint64_t at;
	uint64_t missed; /**< lookups that found nothing: must stay 0 */
	uint64_t sink; /**< keeps the compiler from dropping the work */
	uint8_t proto;
};

/**
 * Fill a table with the keys of one or two arrays of arrivals.
 * @param n        entries of each array that are different sessions
 * @param lookups  length of the arrays, which repeat after n
 * @return 0 or -ENOMEM
 */
int base_create(struct base *b, const char *name, uint8_t proto, const struct arrival *one,
	const struct arrival *two, uint64_t n, uint64_t lookups);

/** Which array to look up from here on. */
void base_aim(struct base *b, const struct arrival *arrival);

/** Make the keys of that many bursts and look them up; a work_fn. */
void base_lookup(void *base, unsigned int bursts);

/** Make the keys only; a work_fn. */
void base_keys(void *base, unsigned int bursts);

void base_destroy(struct base *b);

#endif /* BENCH_BASE_H */
