/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The session of a packet: by its key, and when the front has forgotten that, by its mapping.
 */
#include "session_find.h"
#include "mapping.h"
#include "state.h"

struct sl_flow *
sl_session_find(struct sl_worker *w, const struct sl_key *key)
{
	struct sl_flow *f = sl_flow_find(&w->flows, key);
	const struct sl_map *map;
	struct sl_key in;

	if (f != NULL || key->side == SL_INSIDE || w->flows.forgotten == 0)
		return f;
	/* Forgotten by the front: the mapping knows the inside endpoint, the record the rest. */
	map = sl_map_find_out(&w->maps, key->proto, key->dst, key->dport);
	if (map == NULL || (map->flags & SL_MAP_SHARED))
		return NULL;
	in = (struct sl_key){
		.src = map->in_addr,
		.dst = key->src,
		.sport = map->in_port,
		.dport = key->sport,
		.tenant = map->tenant,
		.proto = key->proto,
		.side = SL_INSIDE,
	};
	f = sl_flow_find(&w->flows, &in);
	/* An endpoint with a forward may have a second mapping: the session can be that one's. */
	if (f == NULL || f->out_port != key->dport || f->out_addr != key->dst)
		return NULL;
	sl_flow_remember(&w->flows, key, f);
	return f;
}
