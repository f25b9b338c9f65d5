/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Mappings on request. Where a dynamic mapping lives by its flows, a held one has a time of
 * its own: a helper expects a connection, a host has asked for a port. Its port comes from
 * the subscriber's address as any other, so packets find their worker as always. When its
 * time is over and flows are left, it lives on as a dynamic mapping.
 *
 * An inside endpoint has one mapping, whoever made it (RFC 4787 REQ-1): a request for one
 * that is there holds that one. A port forward is stronger, its endpoint is the answer.
 *
 * A request may name who alone may come in, and that only one may (an expectation). A
 * mapping made for an expectation is closed to all others for its life; one that was there
 * keeps its filter. It remembers one expectation, the latest; what is open to everybody stays
 * so until its time is over.
 *
 * Time is exact: whoever looks a mapping up by sl_session_live() finds none that is over. The
 * sweep only gives memory and ports back, and ends what a new configuration has left behind.
 */
#include "held.h"
#include "helped.h"
#include "mapping.h"
#include "state.h"

#define SWEEP 64 /* mappings looked at by one call */

void
sl_held_let_go(struct sl_worker *w, struct sl_map *map)
{
	if (!(map->flags & SL_MAP_HELD))
		return;
	map->flags &= (uint8_t) ~(SL_MAP_HELD | SL_MAP_ONCE | SL_MAP_LEASE);
	w->maps.n_held--;
}

bool
sl_held_permitted(const struct sl_worker *w, const struct sl_map *map)
{
	const struct sl_snap *s = w->snap;
	const struct sl_addr *a = sl_snap_addr(s, 0, map->out_addr);
	uint16_t lo, hi, port = rte_be_to_cpu_16(map->out_port);
	const struct sl_paddr *pa;

	if (map->tenant >= s->n_tenants || s->tenant[map->tenant].absent || a == NULL ||
		a->paddr == SL_NONE ||
		sl_snap_fwd_out(s, map->proto, map->out_addr, map->out_port) != NULL)
		return false;
	pa = w->nat->paddr[a->paddr];
	if (pa->mode == SL_PADDR_FIXED &&
		(!sl_paddr_fixed_ports(pa, rte_be_to_cpu_32(map->in_addr), &lo, &hi) || port < lo ||
			port > hi))
		return false;
	return sl_paddr_worker(w->nat, pa, map->proto, port) == w->id;
}

bool
sl_held_holds(const struct sl_worker *w, const struct sl_map *map)
{
	return (map->flags & SL_MAP_HELD) && (int32_t)(w->now - map->until) < 0 &&
	       sl_held_permitted(w, map);
}

struct sl_map *
sl_held_live(struct sl_worker *w, struct sl_map *map)
{
	if (sl_held_holds(w, map))
		return map;
	sl_held_let_go(w, map);
	if (map->n_flows > 0)
		return map;
	sl_mapping_drop(w, map);
	return NULL;
}

bool
sl_held_admits(const struct sl_map *map, rte_be32_t rem_addr, rte_be16_t rem_port)
{
	return (map->flags & SL_MAP_HELD) && (map->rem_addr == 0 || map->rem_addr == rem_addr) &&
	       (map->rem_port == 0 || map->rem_port == rem_port);
}

void
sl_held_met(struct sl_worker *w, struct sl_map *map)
{
	/* From here on the flow keeps the mapping, and nobody else gets in. */
	if (!(map->flags & SL_MAP_ONCE))
		return;
	sl_held_let_go(w, map);
	sl_helped_met(w, map);
}

void
sl_held_age(struct sl_worker *w)
{
	struct sl_maps *t = &w->maps;

	for (uint32_t n = RTE_MIN(t->high, (uint32_t)SWEEP); n > 0; n--) {
		struct sl_map *map;

		t->sweep = t->sweep + 1 < t->high ? t->sweep + 1 : 0;
		map = &t->map[t->sweep];
		if (map->proto != 0 && (map->flags & SL_MAP_HELD))
			sl_held_live(w, map);
	}
}
