/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Subscribers of one worker: chained table, keyed hash, one line each. Looked up only
 * when a session is made; a mapping keeps the index. A subscriber goes when its last
 * mapping goes; one that was refused before it had any goes a moment later.
 */
#include <errno.h>

#include <rte_malloc.h>

#include "sub.h"

int
sl_subs_init(struct sl_subs *t, uint32_t max, int socket, const struct sl_seed *seed)
{
	uint32_t heads = rte_align32pow2(max);

	t->max = max;
	t->mask = heads - 1;
	t->seed = *seed;
	t->free = SL_NONE;
	t->sub = rte_zmalloc_socket("sluice subs", sizeof(*t->sub) * max, 64, socket);
	t->head = rte_malloc_socket("sluice subs", sizeof(uint32_t) * heads, 64, socket);
	if (t->sub == NULL || t->head == NULL) {
		sl_subs_fini(t);
		return -ENOMEM;
	}
	memset(t->head, 0xff, sizeof(uint32_t) * heads);
	return 0;
}

void
sl_subs_fini(struct sl_subs *t)
{
	rte_free(t->sub);
	rte_free(t->head);
	t->sub = NULL;
	t->head = NULL;
}

uint32_t *
sl_sub_head(const struct sl_subs *t, uint16_t tenant, rte_be32_t addr)
{
	return &t->head[sl_hash128(addr, tenant, &t->seed) & t->mask];
}

struct sl_sub *
sl_sub_get(struct sl_subs *t, uint16_t tenant, rte_be32_t addr, uint32_t now)
{
	uint32_t *head = sl_sub_head(t, tenant, addr), i;
	struct sl_sub *s;

	for (i = *head; i != SL_NONE; i = t->sub[i].next) {
		s = &t->sub[i];
		if (s->in_addr == addr && s->tenant == tenant)
			return s;
	}
	if (t->free != SL_NONE) {
		i = t->free;
		t->free = t->sub[i].next;
	} else if (t->high < t->max) {
		i = t->high++;
	} else {
		return NULL;
	}
	s = &t->sub[i];
	*s = (struct sl_sub){
		.in_addr = addr,
		.tenant = tenant,
		.paddr = SL_NONE,
		.tokens = UINT32_MAX,
		.filled = now,
		.next = *head,
		.blocks = SL_NONE,
	};
	*head = i;
	t->n++;
	t->use[tenant].subscribers++;
	return s;
}

bool
sl_sub_exists(const struct sl_subs *t, uint16_t tenant, rte_be32_t addr)
{
	for (uint32_t i = *sl_sub_head(t, tenant, addr); i != SL_NONE; i = t->sub[i].next)
		if (t->sub[i].in_addr == addr && t->sub[i].tenant == tenant)
			return true;
	return false;
}

void
sl_sub_put(struct sl_subs *t, struct sl_sub *s)
{
	uint32_t i = (uint32_t)(s - t->sub), *p;

	if (s->n_maps > 0 || s->n_blocks > 0)
		return;
	for (p = sl_sub_head(t, s->tenant, s->in_addr); *p != i;)
		p = &t->sub[*p].next;
	*p = s->next;
	s->in_addr = 0;
	s->next = t->free;
	t->free = i;
	t->n--;
	t->use[s->tenant].subscribers--;
}

void
sl_subs_age(struct sl_subs *t, uint32_t n, uint32_t now)
{
	for (n = RTE_MIN(n, t->high); n > 0; n--) {
		struct sl_sub *s;

		t->sweep = t->sweep + 1 < t->high ? t->sweep + 1 : 0;
		s = &t->sub[t->sweep];
		if (s->in_addr != 0 && s->n_maps == 0 && s->n_blocks == 0 && now - s->filled > 2000)
			sl_sub_put(t, s);
	}
}

void
sl_sub_refuse(struct sl_sub *s, enum sl_counter why)
{
	enum sl_refusal by = why == SL_COUNTER_DROP_LIMIT_PORTS      ? SL_REFUSED_PORTS
			     : why == SL_COUNTER_DROP_LIMIT_SESSIONS ? SL_REFUSED_SESSIONS
			     : why == SL_COUNTER_DROP_LIMIT_MAPPING  ? SL_REFUSED_SESSIONS
			     : why == SL_COUNTER_DROP_LIMIT_RATE     ? SL_REFUSED_RATE
								     : SL_REFUSED_OTHER;

	if (likely(s->refused[by] < UINT32_MAX))
		s->refused[by]++;
}

bool
sl_sub_pay(struct sl_sub *s, uint32_t rate, uint32_t now)
{
	uint64_t tokens = s->tokens, full = (uint64_t)rate * 1000;

	if (rate == 0)
		return true;
	/* The bucket holds what a second brings: a page's burst passes, a flood does not. */
	tokens += (uint64_t)(now - s->filled) * rate;
	s->filled = now;
	if (tokens > full)
		tokens = full;
	if (tokens < 1000) {
		s->tokens = (uint32_t)tokens;
		return false;
	}
	s->tokens = (uint32_t)(tokens - 1000);
	return true;
}
