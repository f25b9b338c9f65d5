/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HASH_H
#define SL_HASH_H

#include <stdint.h>

/**
 * The keyed mix behind every table that an outsider can feed. CRC and Toeplitz are linear:
 * whoever finds one set of colliding keys has it for every seed. A 64 by 64 bit
 * multiplication of key and secret, folded, is not, and costs about as much.
 */
struct sl_seed {
	uint64_t s[4];
};

static inline uint64_t
sl_mum(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 r = (unsigned __int128)a * b;

	return (uint64_t)r ^ (uint64_t)(r >> 64);
}

/** 32 hash bits of two words. */
static inline uint32_t
sl_hash128(uint64_t a, uint64_t b, const struct sl_seed *seed)
{
	uint64_t h = sl_mum(a ^ seed->s[0], b ^ seed->s[1]);

	h = sl_mum(h ^ seed->s[2], a ^ seed->s[3]);
	return (uint32_t)(h ^ (h >> 32));
}

/** Map 32 hash bits to 0..n-1 without a division. */
static inline uint32_t
sl_reduce(uint32_t h, uint32_t n)
{
	return (uint32_t)(((uint64_t)h * n) >> 32);
}

#endif /* SL_HASH_H */
