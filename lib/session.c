/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The life of a session that is there (session_open.c makes it): found, looked at, ended.
 */
#include "session.h"
#include "contact.h"
#include "held.h"
#include "helped.h"
#include "mapping.h"
#include "probe.h"
#include "record.h"
#include "six_path.h"
#include "state.h"

bool
sl_session_busy(struct sl_worker *w, const struct sl_key *key)
{
	struct sl_flow *f = sl_flow_find(&w->flows, key);

	if (f == NULL)
		return false;
	if (!sl_probe_over(w, f))
		return true;
	if (likely(w->dry == NULL))
		sl_session_end(w, f);
	return false;
}

void
sl_session_end(struct sl_worker *w, struct sl_flow *f)
{
	uint32_t hash[2];

	sl_flow_hashes(&w->flows, f, hash);
	sl_session_end_hashed(w, f, hash);
}

void
sl_session_end_hashed(struct sl_worker *w, struct sl_flow *f, const uint32_t hash[2])
{
	struct sl_map *map = &w->maps.map[sl_flow_link(&w->flows, f)->map];
	struct sl_sub *sub = &w->subs.sub[map->sub];

	sl_record_session(w, SL_RECORD_SESSION_DEL, f);
	if (unlikely(f->helper != 0))
		sl_helped_end(w, f);
	sub->sessions--;
	w->subs.use[sub->tenant].sessions--;
	if (map->filter == SL_FILTER_AD && !(f->flags & SL_FLOW_INBOUND))
		sl_flow_contact_del(&w->flows, sl_flow_link(&w->flows, f)->map, f->rem_addr);
	sl_map_unlink(&w->flows, map, f);
	sl_flow_put_hashed(&w->flows, f, hash);
	sl_count(w, SL_COUNTER_SESSIONS_ENDED, 1);
	w->counter[SL_COUNTER_SESSIONS_NOW]--;
	if (map->n_flows == 0 && !(map->flags & SL_MAP_HELD))
		sl_mapping_drop(w, map);
}

/* A mapping that the sweep has not come to may be dead: end some of its flows that are. */
struct sl_map *
sl_session_live(struct sl_worker *w, struct sl_map *map)
{
	uint32_t at;

	if (map != NULL && map->tenant >= w->snap->n_tenants)
		return NULL; /* its tenant is gone, the sweep ends it */
	if (unlikely(w->dry != NULL))
		return map != NULL && (sl_dry_map_lives(w, map, SL_SESSION_LOOK) ||
					      sl_held_holds(w, map))
			       ? map
			       : NULL;
	if (map != NULL && (map->flags & SL_MAP_HELD))
		map = sl_held_live(w, map);
	at = map ? map->flows : SL_NONE;
	for (int n = 0; n < SL_SESSION_LOOK && at != SL_NONE; n++) {
		struct sl_flow *f = &w->flows.flow[at];
		bool last = map->n_flows == 1 && !(map->flags & SL_MAP_HELD);

		if (!sl_probe_over(w, f))
			return map;
		at = w->flows.link[at].next;
		sl_session_end(w, f);
		if (last)
			return NULL;
	}
	return map;
}

struct sl_map *
sl_session_live_in(struct sl_worker *w, struct sl_map *map)
{
	while (map != NULL) {
		struct sl_map *older = sl_map_next_in(&w->maps, map); /* while it is there */

		map = sl_session_live(w, map);
		if (map != NULL)
			return map;
		map = older;
	}
	return NULL;
}

bool
sl_session_permitted(const struct sl_worker *w, const struct sl_flow *f)
{
	const struct sl_map *map = &w->maps.map[sl_flow_link(&w->flows, f)->map];
	const struct sl_addr *a = sl_snap_addr(w->snap, 0, f->out_addr);
	const struct sl_fwd *fwd;
	struct sl_fwd own;

	if (f->tenant >= w->snap->n_tenants || w->snap->tenant[f->tenant].absent || a == NULL ||
		!(a->kind & SL_ADDR_POOL))
		return false;
	if ((f->flags & SL_FLOW_SIX) && !sl_six_permitted(w, f->in_addr, f->proto))
		return false;
	if (sl_flow_is_call(f))
		return true; /* its address may be a forward's alone */
	fwd = sl_host_forward(
		w, sl_snap_fwd_out(w->snap, f->proto, f->out_addr, f->out_port), &own);
	if (map->flags & SL_MAP_STATIC)
		return fwd != NULL && fwd->in_addr == f->in_addr && fwd->in_port == f->in_port &&
		       fwd->tenant == f->tenant &&
		       (!(f->flags & SL_FLOW_INBOUND) ||
			       (f->rem_addr & fwd->from_mask) == fwd->from);
	if (fwd != NULL || a->paddr == SL_NONE)
		return false; /* a forward has taken the port over */
	if (map->flags & SL_MAP_SHARED)
		return true;
	if (w->nat->paddr[a->paddr]->mode == SL_PADDR_FIXED) {
		uint16_t lo, hi, port = rte_be_to_cpu_16(f->out_port);

		/* The plan may give the port to somebody else. */
		if (!sl_paddr_fixed_ports(
			    w->nat->paddr[a->paddr], rte_be_to_cpu_32(f->in_addr), &lo, &hi) ||
			port < lo || port > hi)
			return false;
	}
	/* It may belong to another worker now. */
	return sl_paddr_worker(w->nat, w->nat->paddr[a->paddr], f->proto,
		       rte_be_to_cpu_16(f->out_port)) == w->id;
}
