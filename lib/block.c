/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Blocks of ports, for pools that give them to subscribers: taken at random among the free ones
 * of the subscriber's address, given back when no port of them was in use for long. Both are
 * logged, and nothing else of such a pool is (RFC 6888 REQ-14).
 */
#include "block.h"

#include "record.h"
#include "state.h"

static uint32_t
new_block(struct sl_alloc *a)
{
	uint32_t i = a->free;

	if (i != SL_NONE)
		a->free = a->block[i].next;
	else if (a->high < a->max)
		i = a->high++;
	return i;
}

static void
record_block(struct sl_worker *w, enum sl_record_type type, const struct sl_block *b,
	const struct sl_sub *sub)
{
	const struct sl_paddr *pa = w->nat->paddr[b->paddr];

	sl_record_block(w, type, sub->tenant, sub->in_addr, pa->addr, b->start,
		(uint16_t)(1u << pa->shift));
}

struct sl_block *
sl_block_enter(struct sl_worker *w, struct sl_sub *sub, uint32_t paddr, uint16_t start)
{
	struct sl_alloc *a = &w->alloc;
	const struct sl_paddr *pa = w->nat->paddr[paddr];
	struct sl_ports *ports = pa->ports[w->id];
	uint32_t i = new_block(a);

	if (i == SL_NONE) {
		sl_ports_give_block(ports, pa->shift, start);
		return NULL;
	}
	a->block[i] = (struct sl_block){
		.paddr = paddr,
		.sub = (uint32_t)(sub - w->subs.sub),
		.next = sub->blocks,
		.idle = w->now,
		.start = start,
		.live = 1,
	};
	ports->block[start >> pa->shift] = i;
	sub->blocks = i;
	sub->n_blocks++;
	return &a->block[i];
}

/* One more block for a subscriber, at random among the free ones of its address. */
static struct sl_block *
take_block(struct sl_worker *w, struct sl_sub *sub)
{
	const struct sl_paddr *pa = w->nat->paddr[sub->paddr];
	int start = sl_ports_take_block(pa->ports[w->id], pa->shift, sl_worker_random(w));
	struct sl_block *b;

	if (start < 0)
		return NULL;
	b = sl_block_enter(w, sub, sub->paddr, (uint16_t)start);
	if (b != NULL)
		record_block(w, SL_RECORD_BLOCK_ADD, b, sub);
	return b;
}

static void
drop_block(struct sl_worker *w, struct sl_block *b)
{
	struct sl_alloc *a = &w->alloc;
	const struct sl_paddr *pa = w->nat->paddr[b->paddr];
	struct sl_sub *sub = &w->subs.sub[b->sub];
	uint32_t i = (uint32_t)(b - a->block), *p = &sub->blocks;

	record_block(w, SL_RECORD_BLOCK_DEL, b, sub);
	sl_ports_give_block(pa->ports[w->id], pa->shift, b->start);
	while (*p != i)
		p = &a->block[*p].next;
	*p = b->next;
	sub->n_blocks--;
	b->live = 0;
	b->next = a->free;
	a->free = i;
	sl_sub_put(&w->subs, sub);
}

struct sl_block *
sl_block_more(struct sl_worker *w, struct sl_sub *sub, enum sl_counter *why)
{
	const struct sl_snap_pool *pool = &w->snap->pool[w->snap->tenant[sub->tenant].pool];
	unsigned int held = 0;

	for (uint32_t i = sub->blocks; i != SL_NONE; i = w->alloc.block[i].next)
		held += w->alloc.block[i].paddr ==
			sub->paddr; /* others: of an earlier configuration */
	if (held < pool->blocks_max)
		return take_block(w, sub);
	*why = SL_COUNTER_DROP_LIMIT_PORTS;
	return NULL;
}

void
sl_block_age(struct sl_worker *w, uint32_t most)
{
	struct sl_alloc *a = &w->alloc;

	for (uint32_t n = RTE_MIN(a->high, most); n > 0; n--) {
		struct sl_block *b;

		a->sweep = a->sweep + 1 < a->high ? a->sweep + 1 : 0;
		b = &a->block[a->sweep];
		if (b->live && b->used == 0 && w->now - b->idle >= w->snap->block_idle)
			drop_block(w, b);
	}
}
