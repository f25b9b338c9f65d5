/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_FRONT_H
#define SL_FRONT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_vect.h>

#include "hash.h"

/**
 * What answers first: an index of one cache line a bucket, from a hash to the number of a
 * flow, without the key. The flow's own line holds the key, so a hit touches two lines, this
 * one and the flow's, where rte_hash touches three. Two entries for each flow, one a
 * direction. Written and read by one worker.
 *
 * A few buckets in a hundred get more entries than they have ways. What does not fit strays to
 * the next bucket with room of a group of 16, and its home remembers how many have and how far;
 * who finds nothing at home looks there only then. Where a whole group is full, the index
 * forgets an entry for a new one, and whoever finds nothing asks the table of record.
 */
#define SL_FRONT_WAYS 10
#define SL_FRONT_GROUP 16

struct sl_front_bucket {
	uint16_t sig[SL_FRONT_WAYS]; /* 0: free */
	uint32_t ref[SL_FRONT_WAYS];
	uint16_t strayed; /* at least so many of its entries lie elsewhere in the group */
	uint16_t far; /* and none of them farther */
} __rte_cache_aligned;

_Static_assert(sizeof(struct sl_front_bucket) == RTE_CACHE_LINE_SIZE, "a bucket is one line");

struct sl_front {
	struct sl_front_bucket *bucket;
	uint32_t n; /* whole groups */
};

static inline struct sl_front_bucket *
sl_front_bucket(const struct sl_front *t, uint32_t hash)
{
	return &t->bucket[sl_reduce(hash, t->n)];
}

/** The bucket that is `far` from another one, in its group. */
static inline struct sl_front_bucket *
sl_front_near(const struct sl_front *t, const struct sl_front_bucket *home, uint32_t far)
{
	return &t->bucket[(uint32_t)(home - t->bucket) ^ far];
}

/* The bucket goes by the high bits, the signature by the low ones. */
static inline uint16_t
sl_front_sig(uint32_t hash)
{
	uint16_t sig = (uint16_t)hash;

	return (uint16_t)(sig + (sig == 0));
}

#ifdef RTE_ARCH_X86
/** Bit i is set when way i has this signature. */
static inline uint32_t
sl_front_match(const struct sl_front_bucket *b, uint16_t sig)
{
	const __m128i *line = (const __m128i *)(const void *)b, s = _mm_set1_epi16((short)sig);
	__m128i low = _mm_cmpeq_epi16(_mm_load_si128(line), s),
		high = _mm_cmpeq_epi16(_mm_load_si128(line + 1), s);

	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high)) &
	       ((1u << SL_FRONT_WAYS) - 1);
}
#else
static inline uint32_t
sl_front_match(const struct sl_front_bucket *b, uint16_t sig)
{
	uint32_t mask = 0;

	for (unsigned int i = 0; i < SL_FRONT_WAYS; i++)
		mask |= (uint32_t)(b->sig[i] == sig) << i;
	return mask;
}
#endif

static inline bool
sl_front_put(struct sl_front_bucket *b, uint32_t hash, uint32_t ref)
{
	uint32_t free = sl_front_match(b, 0);
	unsigned int way;

	if (unlikely(free == 0))
		return false;
	way = (unsigned int)__builtin_ctz(free);
	b->sig[way] = sl_front_sig(hash);
	b->ref[way] = ref;
	return true;
}

static inline bool
sl_front_take(struct sl_front_bucket *b, uint32_t hash, uint32_t ref)
{
	uint32_t mask = sl_front_match(b, sl_front_sig(hash));

	for (; mask != 0; mask &= mask - 1) {
		unsigned int way = (unsigned int)__builtin_ctz(mask);

		if (b->ref[way] != ref)
			continue;
		b->sig[way] = 0;
		return true;
	}
	return false;
}

/** sl_front_add() and sl_front_del() of what is not at home. */
bool sl_front_add_far(
	struct sl_front *t, struct sl_front_bucket *home, uint32_t hash, uint32_t ref);
bool sl_front_del_far(
	struct sl_front *t, struct sl_front_bucket *home, uint32_t hash, uint32_t ref);

/**
 * Enter a reference.
 * @return false when another entry had to go for it
 */
static inline bool
sl_front_add(struct sl_front *t, uint32_t hash, uint32_t ref)
{
	struct sl_front_bucket *home = sl_front_bucket(t, hash);

	return likely(sl_front_put(home, hash, ref)) || sl_front_add_far(t, home, hash, ref);
}

/** Take a reference out; false when it was not there any more. */
static inline bool
sl_front_del(struct sl_front *t, uint32_t hash, uint32_t ref)
{
	struct sl_front_bucket *home = sl_front_bucket(t, hash);

	return likely(sl_front_take(home, hash, ref)) || sl_front_del_far(t, home, hash, ref);
}

/**
 * The next reference under a hash.
 * @param far  how far from home the last one was, 0 at first
 * @param mask  ways there that are yet to be looked at
 */
bool sl_front_next(
	const struct sl_front *t, uint32_t hash, uint32_t *far, uint32_t *mask, uint32_t *ref);

#endif /* SL_FRONT_H */
