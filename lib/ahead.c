/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Opening a session reads a dozen lines that no cache holds, ending one as many. One after the
 * other each of them is waited for; here those that can be known beforehand are asked for
 * all at once, for a whole burst of new sessions or a slice of dead ones. Nothing depends on
 * it but speed. What leads to other lines (a chain's head to its first entry) goes in rounds,
 * so that the first answers are there when the next questions need them.
 */
#include <rte_prefetch.h>

#include "ahead.h"
#include "alloc.h"
#include "state.h"

#define MOST SL_BURST_MAX

/* Three quarters of a line may lie in two. */
static inline void
fetch_map(const struct sl_maps *t, uint32_t i)
{
	rte_prefetch0(&t->map[i]);
	rte_prefetch0(&t->map[i].until);
}

static inline void
fetch_first(const struct sl_maps *t, const uint32_t *head, uint32_t but)
{
	if (*head != SL_NONE && *head != but)
		fetch_map(t, *head);
}

/* The one behind a chain's first, which is there already. */
static inline void
fetch_second(const struct sl_maps *t, const uint32_t *head, enum sl_side side)
{
	uint32_t i;

	if (*head == SL_NONE)
		return;
	i = side == SL_INSIDE ? t->map[*head].next_in : t->map[*head].next_out;
	if (i != SL_NONE)
		rte_prefetch0(&t->map[i]);
}

static void
fetch_sub(const struct sl_subs *t, const uint32_t *head)
{
	if (*head != SL_NONE)
		rte_prefetch0(&t->sub[*head]);
}

void
sl_ahead_open(struct sl_worker *w, struct sl_pkt *const *pkt, unsigned int n)
{
	const uint32_t *map[MOST], *sub[MOST];
	struct sl_random next = w->random; /* a copy: nothing is drawn yet */

	for (unsigned int i = 0; i < n; i++) {
		const struct sl_key *k = &pkt[i]->key;

		if (k->side == SL_INSIDE) {
			map[i] = sl_map_head_in(&w->maps, k->tenant, k->proto, k->src, k->sport);
			sub[i] = sl_sub_head(&w->subs, k->tenant, sl_host_subscriber(w, k->src));
			rte_prefetch0(sub[i]);
		} else {
			map[i] = sl_map_head_out(&w->maps, k->proto, k->dst, k->dport);
			sub[i] = NULL;
		}
		rte_prefetch0(map[i]);
	}
	if (n > 1)
		sl_flow_fetch_keys(&w->flows, pkt, n);
	for (unsigned int i = 0; i < n; i++) {
		fetch_first(&w->maps, map[i], SL_NONE);
		if (sub[i] != NULL)
			fetch_sub(&w->subs, sub[i]);
	}
	for (unsigned int i = 0; i < n; i++) {
		fetch_second(&w->maps, map[i], pkt[i]->key.side);
		if (sub[i] != NULL && *sub[i] != SL_NONE)
			sl_alloc_fetch(w, pkt[i], &w->subs.sub[*sub[i]], &next);
	}
}

void
sl_ahead_end(struct sl_worker *w, struct sl_flow *const *flow, uint32_t (*hash)[2], unsigned int n)
{
	const struct sl_flows *t = &w->flows;
	const uint32_t *in[MOST], *out[MOST];

	for (unsigned int i = 0; i < n; i++) {
		rte_prefetch0(sl_flow_link(t, flow[i]));
		sl_flow_hashes(t, flow[i], hash[i]);
		rte_prefetch0(sl_front_bucket(&t->front, hash[i][SL_INSIDE]));
		rte_prefetch0(sl_front_bucket(&t->front, hash[i][SL_OUTSIDE]));
	}
	for (unsigned int i = 0; i < n; i++)
		fetch_map(&w->maps, sl_flow_link(t, flow[i])->map);
	sl_flow_fetch_flows(t, flow, hash, n);
	for (unsigned int i = 0; i < n; i++) {
		const struct sl_map *m = &w->maps.map[sl_flow_link(t, flow[i])->map];

		in[i] = sl_map_head_in(&w->maps, m->tenant, m->proto, m->in_addr, m->in_port);
		out[i] = sl_map_head_out(&w->maps, m->proto, m->out_addr, m->out_port);
		rte_prefetch0(in[i]);
		rte_prefetch0(out[i]);
		rte_prefetch0(&w->subs.sub[m->sub]);
	}
	for (unsigned int i = 0; i < n; i++) {
		uint32_t map = sl_flow_link(t, flow[i])->map;

		fetch_first(&w->maps, in[i], map);
		fetch_first(&w->maps, out[i], map);
	}
	for (unsigned int i = 0; i < n; i++) {
		fetch_second(&w->maps, in[i], SL_INSIDE);
		fetch_second(&w->maps, out[i], SL_OUTSIDE);
	}
}
