/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the path asks and tells about a packet that is only imagined (dry_shadow.c).
 */
#include "dry.h"
#include "state.h"

void
sl_dry_keep(struct sl_worker *w, const struct sl_flow *f)
{
	uint32_t at = sl_flow_index(&w->flows, f);

	w->dry->old = (struct sl_dry_flow){
		.kept = true,
		.at = at,
		.flow = *f,
		.tcp = w->flows.tcp[at],
		.link = w->flows.link[at],
	};
}

void
sl_dry_keep_free(struct sl_worker *w)
{
	const struct sl_flows *t = &w->flows;
	uint32_t at = t->free != SL_NONE ? t->free : t->high;

	if (t->n_free > 0)
		sl_dry_keep(w, &t->flow[at]);
}

bool
sl_dry_error(struct sl_worker *w, bool six, uint8_t type, uint8_t code)
{
	if (likely(w->dry == NULL))
		return false;
	w->dry->error = true;
	w->dry->error_six = six;
	w->dry->error_type = type;
	w->dry->error_code = code;
	return true;
}

/* So many sessions of the subscriber would have ended, and their mapping if those were all. */
static void
take_ended(struct sl_sub *sub, const struct sl_map *map, uint32_t n)
{
	sub->sessions -= n;
	if (n < map->n_flows)
		return;
	sub->n_maps--;
	if (!(map->flags & (SL_MAP_STATIC | SL_MAP_SHARED)))
		sub->ports[sl_port_class(map->proto)]--;
}

static void
take_all_ended(const struct sl_worker *w, struct sl_sub *sub, uint32_t at)
{
	const struct sl_dry *dry = w->dry;
	uint32_t map = dry->over != SL_NONE ? w->flows.link[dry->over].map : SL_NONE;

	if (dry->ended_map != SL_NONE && w->maps.map[dry->ended_map].sub == at)
		take_ended(sub, &w->maps.map[dry->ended_map], dry->ended);
	if (map != SL_NONE && map != dry->ended_map && w->maps.map[map].sub == at)
		take_ended(sub, &w->maps.map[map], 1);
}

struct sl_sub *
sl_dry_sub(struct sl_worker *w, const struct sl_map *map, uint16_t tenant, rte_be32_t inside)
{
	rte_be32_t addr = map != NULL ? inside : sl_host_subscriber(w, inside);
	const struct sl_subs *t = &w->subs;
	struct sl_dry *dry = w->dry;
	uint32_t at = map != NULL ? map->sub : *sl_sub_head(t, tenant, addr);

	while (map == NULL && at != SL_NONE &&
		(t->sub[at].in_addr != addr || t->sub[at].tenant != tenant))
		at = t->sub[at].next;
	if (at == SL_NONE && t->free == SL_NONE && t->high >= t->max)
		return NULL;
	dry->has_sub = true;
	dry->sub_there = at != SL_NONE;
	dry->sub = (struct sl_sub){
		.in_addr = addr,
		.tenant = tenant,
		.paddr = SL_NONE,
		.tokens = UINT32_MAX,
		.filled = w->now,
		.blocks = SL_NONE,
	};
	if (dry->sub_there) {
		struct sl_sub sub = t->sub[at];

		take_all_ended(w, &sub, at);
		/* With the last of its mappings it would have gone. */
		if (sub.n_maps > 0 || sub.n_blocks > 0 || t->sub[at].n_maps == 0)
			dry->sub = sub;
	}
	dry->sub_before = dry->sub;
	return &dry->sub;
}

struct sl_map *
sl_dry_map(struct sl_worker *w, uint16_t tenant, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, rte_be32_t out_addr, rte_be16_t out_port)
{
	const struct sl_maps *t = &w->maps;

	if (t->free == SL_NONE && t->high >= t->max)
		return NULL;
	w->dry->has_map = true;
	w->dry->map = (struct sl_map){
		.in_addr = in_addr,
		.out_addr = out_addr,
		.in_port = in_port,
		.out_port = out_port,
		.tenant = (uint8_t)tenant,
		.proto = proto,
		.next_in = SL_NONE,
		.next_out = SL_NONE,
		.flows = SL_NONE,
	};
	return &w->dry->map;
}

bool
sl_dry_map_lives(struct sl_worker *w, const struct sl_map *map, unsigned int most)
{
	uint32_t at = map->flows;
	unsigned int n = 0;

	while (n < most && at != SL_NONE) {
		const struct sl_flow *f = &w->flows.flow[at];

		if (w->now - f->last < w->snap->timeout[f->timeout])
			break;
		at = w->flows.link[at].next;
		n++;
	}
	w->dry->ended_map = (uint32_t)(map - w->maps.map);
	w->dry->ended = n;
	return at != SL_NONE;
}
