/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_RANDOM_H
#define SL_RANDOM_H

#include <stdint.h>

/** A keyed generator: SipHash-2-4 of a counter. What it gave away tells nothing of what follows. */
struct sl_random {
	uint64_t key[2];
	uint64_t counter;
};

/** Seed from the kernel; 0 or -errno. */
int sl_random_init(struct sl_random *random);

/** The next 64 bits; arg is a struct sl_random, so that it fits sl_params.random. */
uint64_t sl_random_next(void *arg);

#endif /* SL_RANDOM_H */
