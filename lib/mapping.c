/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The life of a mapping: an inside endpoint, what it is called outside, and whose it is.
 *
 * An outside port is taken when a mapping is made and rests after the mapping is gone
 * (RFC 6888 REQ-8). A subscriber keeps one outside address for as long as it has a mapping
 * (paired pooling, RFC 4787 REQ-2).
 */
#include "mapping.h"
#include "record.h"
#include "six_path.h"
#include "state.h"

/* A new mapping, of an imagined packet in no table. */
static inline struct sl_map *
add_map(struct sl_worker *w, uint16_t tenant, uint8_t proto, rte_be32_t in_addr, rte_be16_t in_port,
	rte_be32_t out_addr, rte_be16_t out_port)
{
	if (unlikely(w->dry != NULL))
		return sl_dry_map(w, tenant, proto, in_addr, in_port, out_addr, out_port);
	return sl_map_add(&w->maps, tenant, proto, in_addr, in_port, out_addr, out_port);
}

struct sl_map *
sl_mapping_make(struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, rte_be16_t want,
	enum sl_counter *why)
{
	enum sl_port_class c = sl_port_class(p->key.proto);
	const struct sl_snap *s = w->snap;
	struct sl_map *map;
	int port;

	if (s->tenant[p->tenant].limits.ports &&
		sub->ports[c] >= s->tenant[p->tenant].limits.ports) {
		*why = SL_COUNTER_DROP_LIMIT_PORTS;
		return NULL;
	}
	port = want ? sl_alloc_this(w, p, sub, rte_be_to_cpu_16(want), why)
		    : sl_alloc_port(w, p, sub, why);
	if (port < 0)
		return NULL;
	map = add_map(w, p->tenant, p->key.proto, p->key.src, p->key.sport,
		w->nat->paddr[sub->paddr]->addr, rte_cpu_to_be_16((uint16_t)port));
	if (map == NULL) {
		sl_alloc_undo(w, sub->paddr, c, (uint16_t)port);
		*why = SL_COUNTER_DROP_SESSIONS_FULL;
		return NULL;
	}
	if (unlikely(w->dry != NULL))
		w->dry->port = port; /* to be given back */
	map->paddr = (uint16_t)sub->paddr;
	map->filter = s->pool[s->tenant[p->tenant].pool].filter[c];
	sub->ports[c]++;
	return map;
}

struct sl_map *
sl_mapping_make_shared(
	struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why)
{
	const struct sl_paddr *pa = sl_alloc_address(w, sub, 0, why);
	struct sl_map *map;

	if (pa == NULL)
		return NULL;
	map = add_map(w, p->tenant, p->key.proto, p->key.src, 0, pa->addr, 0);
	if (map == NULL) {
		*why = SL_COUNTER_DROP_SESSIONS_FULL;
		return NULL;
	}
	map->flags = SL_MAP_SHARED;
	w->n_shared++;
	map->paddr = (uint16_t)sub->paddr;
	map->filter = SL_FILTER_APD;
	return map;
}

bool
sl_mapping_keeps_port(const struct sl_worker *w, const struct sl_pkt *p)
{
	switch (p->key.proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		return false;
	case IPPROTO_ICMP:
		return p->side == SL_INSIDE && sl_snap_addr(w->snap, 0, p->key.dst) != NULL;
	default:
		return true; /* by address alone */
	}
}

bool
sl_mapping_is_shared(const struct sl_worker *w, uint16_t tenant, const struct sl_pkt *p)
{
	return sl_mapping_keeps_port(w, p) ||
	       w->snap->pool[w->snap->tenant[tenant].pool].shared[sl_port_class(p->key.proto)];
}

/* A host that is known at a forward's address opens its own sessions from there, unless it has
 * another address already (RFC 4787 REQ-2): a TFTP server answers from a port of its own. */
static void
pair_with(const struct sl_worker *w, struct sl_sub *sub, const struct sl_fwd *fwd)
{
	const struct sl_addr *a = sl_snap_addr(w->snap, 0, fwd->out_addr);

	if (sub->n_maps == 0 && sub->n_blocks == 0 && a != NULL && a->paddr != SL_NONE &&
		a->pool == w->snap->tenant[sub->tenant].pool)
		sub->paddr = a->paddr;
}

struct sl_map *
sl_mapping_make_static(
	struct sl_worker *w, const struct sl_fwd *fwd, struct sl_sub *sub, enum sl_counter *why)
{
	struct sl_map *map = add_map(w, fwd->tenant, fwd->proto, fwd->in_addr, fwd->in_port,
		fwd->out_addr, fwd->out_port);

	if (map == NULL) {
		*why = SL_COUNTER_DROP_SESSIONS_FULL;
		return NULL;
	}
	map->flags = SL_MAP_STATIC;
	w->n_static++;
	map->filter = SL_FILTER_EI;
	pair_with(w, sub, fwd);
	return map;
}

void
sl_mapping_attach(struct sl_worker *w, struct sl_map *map, struct sl_sub *sub)
{
	if (unlikely(w->dry != NULL))
		return;
	map->sub = (uint32_t)(sub - w->subs.sub);
	sub->n_maps++;
	sl_count(w, SL_COUNTER_MAPPINGS_MADE, 1);
	w->counter[SL_COUNTER_MAPPINGS_NOW] = w->maps.n;
	w->counter[SL_COUNTER_SUBSCRIBERS_NOW] = w->subs.n;
	if (unlikely(sl_stand_is(map->in_addr)))
		sl_host_hold(w, map->in_addr, 1);
	sl_record_mapping(w, SL_RECORD_MAPPING_ADD, map);
}

struct sl_map *
sl_mapping_open(struct sl_worker *w, const struct sl_pkt *p, rte_be16_t want, enum sl_counter *why)
{
	struct sl_sub *sub =
		sl_sub_get(&w->subs, p->tenant, sl_host_subscriber(w, p->key.src), w->now);
	struct sl_map *map;

	*why = SL_COUNTER_DROP_SUBSCRIBERS_FULL;
	if (sub == NULL)
		return NULL;
	map = sl_mapping_make(w, p, sub, want, why);
	if (map != NULL)
		sl_mapping_attach(w, map, sub);
	return map;
}

void
sl_mapping_drop(struct sl_worker *w, struct sl_map *map)
{
	enum sl_port_class c = sl_port_class(map->proto);
	struct sl_sub *sub = &w->subs.sub[map->sub];

	if (!(map->flags & (SL_MAP_STATIC | SL_MAP_SHARED))) {
		sub->ports[c]--;
		sl_alloc_give(w, map->paddr, c, rte_be_to_cpu_16(map->out_port));
	}
	if (map->flags & SL_MAP_SHARED) {
		w->n_shared--;
		w->calls.n -= sl_map_is_calls(map);
	}
	if (map->flags & SL_MAP_STATIC)
		w->n_static--;
	sl_record_mapping(w, SL_RECORD_MAPPING_DEL, map);
	if (unlikely(sl_stand_is(map->in_addr)))
		sl_host_hold(w, map->in_addr, -1);
	sl_map_del(&w->maps, map);
	sub->n_maps--;
	sl_sub_put(&w->subs, sub);
	w->counter[SL_COUNTER_MAPPINGS_NOW] = w->maps.n;
	w->counter[SL_COUNTER_SUBSCRIBERS_NOW] = w->subs.n;
}
