/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The index before the table of record; front.h says what it is. `strayed` of a bucket may be
 * larger than what really lies elsewhere, when the index had to forget a stray: that costs a
 * look, and is over when the last one that it knows of has gone.
 */
#include "front.h"

bool
sl_front_add_far(struct sl_front *t, struct sl_front_bucket *home, uint32_t hash, uint32_t ref)
{
	unsigned int way = (hash >> 4) % SL_FRONT_WAYS;

	for (uint16_t far = 1; far < SL_FRONT_GROUP && home->strayed < UINT16_MAX; far++) {
		if (!sl_front_put(sl_front_near(t, home, far), hash, ref))
			continue;
		home->strayed++;
		home->far = RTE_MAX(home->far, far);
		return true;
	}
	home->sig[way] = sl_front_sig(hash);
	home->ref[way] = ref;
	return false;
}

bool
sl_front_del_far(struct sl_front *t, struct sl_front_bucket *home, uint32_t hash, uint32_t ref)
{
	if (home->strayed == 0)
		return false;
	for (uint32_t far = 1; far <= home->far; far++) {
		if (!sl_front_take(sl_front_near(t, home, far), hash, ref))
			continue;
		if (--home->strayed == 0)
			home->far = 0;
		return true;
	}
	return false;
}

bool
sl_front_next(const struct sl_front *t, uint32_t hash, uint32_t *far, uint32_t *mask, uint32_t *ref)
{
	const struct sl_front_bucket *home = sl_front_bucket(t, hash), *b;

	while (*mask == 0) {
		if (*far >= home->far)
			return false;
		++*far;
		*mask = sl_front_match(sl_front_near(t, home, *far), sl_front_sig(hash));
	}
	b = sl_front_near(t, home, *far);
	*ref = b->ref[__builtin_ctz(*mask)];
	*mask &= *mask - 1;
	return true;
}
