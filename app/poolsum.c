/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How full pools are, as sums over their addresses. A pool may have tens of thousands of
 * addresses, and control no time to look at all of them at once: a turn takes SLICE, and the
 * sums of a round count when it has come to its end. Where all addresses are in one slice a
 * turn is a round.
 *
 * Workers write the figures that are read here, each for itself; nobody is asked. Control only.
 */
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "poolsum.h"

#define SLICE 4096 /* addresses in one turn */
#define BATCH 256

struct round {
	struct poolsum_pool *pool;
	unsigned int n;
};

struct poolsum {
	struct round done, next;
	unsigned int at; /* address that the next turn begins with */
};

struct poolsum *
poolsum_create(void)
{
	return calloc(1, sizeof(struct poolsum));
}

void
poolsum_destroy(struct poolsum *sum)
{
	if (sum == NULL)
		return;
	free(sum->done.pool);
	free(sum->next.pool);
	free(sum);
}

void
poolsum_reset(struct poolsum *sum)
{
	sum->done.n = sum->next.n = sum->at = 0;
}

/* Pool number i of a round, zero when it is new; NULL without memory. */
static struct poolsum_pool *
take(struct round *round, unsigned int i)
{
	if (i >= round->n) {
		struct poolsum_pool *more = realloc(round->pool, (i + 1) * sizeof(*more));

		if (more == NULL)
			return NULL;
		memset(&more[round->n], 0, (i + 1 - round->n) * sizeof(*more));
		round->pool = more;
		round->n = i + 1;
	}
	return &round->pool[i];
}

static void
add(struct round *round, const struct sl_pool_use *use)
{
	struct poolsum_pool *pool = take(round, use->pool);

	if (pool == NULL)
		return;
	pool->addresses++;
	pool->ports += use->ports;
	for (unsigned int c = 0; c < RTE_DIM(pool->used); c++) {
		pool->used[c] += use->used[c];
		if (use->ports > 0)
			pool->fullest[c] =
				RTE_MAX(pool->fullest[c], (double)use->used[c] / use->ports);
	}
}

void
poolsum_turn(struct poolsum *sum, const struct box *box)
{
	struct sl_pool_use use[BATCH];
	unsigned int n = BATCH;
	struct round done;

	for (unsigned int i = 0; i < SLICE && n == BATCH; i += n) {
		n = sl_pool_use(box->nat, sum->at, use, BATCH);
		for (unsigned int k = 0; k < n; k++)
			add(&sum->next, &use[k]);
		sum->at += n;
	}
	if (n == BATCH)
		return; /* the next turn goes on */
	done = sum->done;
	sum->done = sum->next;
	sum->next = (struct round){ .pool = done.pool };
	sum->at = 0;
}

const struct poolsum_pool *
poolsum_get(const struct poolsum *sum, unsigned int i)
{
	return i < sum->done.n ? &sum->done.pool[i] : NULL;
}
