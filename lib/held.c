/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Mappings on request. Where a dynamic mapping lives by its flows, a held one has a time of
 * its own: a helper expects a connection, a host has asked for a port. Its port comes from
 * the subscriber's address as any other, so packets find their worker as always. When its
 * time is over and flows are left, it lives on as a dynamic mapping.
 *
 * A request may name who alone may come in, and that only one may (an expectation).
 */
#include <errno.h>

#include "alloc.h"
#include "held.h"
#include "session.h"
#include "state.h"

unsigned int
sl_subscriber_worker(const struct sl_nat *nat, rte_be32_t in_addr)
{
	return sl_owner_inside(nat, in_addr);
}

static int
why_to_errno(enum sl_counter why)
{
	switch (why) {
	case SL_COUNTER_DROP_LIMIT_PORTS:
	case SL_COUNTER_DROP_LIMIT_RATE:
		return -EDQUOT;
	default:
		return -ENOSPC;
	}
}

/* A packet as if the host had sent one, for the allocator. */
static void
fake(const struct sl_map_request *r, rte_be16_t in_port, struct sl_pkt *p)
{
	memset(p, 0, sizeof(*p));
	p->tenant = (uint8_t)r->tenant;
	p->key.src = r->in_addr;
	p->key.sport = in_port;
	p->key.proto = r->proto;
	p->key.tenant = r->tenant;
}

static void
hold(struct sl_worker *w, struct sl_map *map, const struct sl_map_request *r)
{
	/* One that is made for somebody lets nobody else in, whatever the pool says. */
	if (map->n_flows == 0 && !(map->flags & SL_MAP_HELD) && (r->rem_addr != 0 || r->once))
		map->filter = SL_FILTER_APD;
	map->flags |= SL_MAP_HELD | (r->once ? SL_MAP_ONCE : 0);
	map->until = w->now + r->lifetime;
	map->rem_addr = r->rem_addr;
	map->rem_port = r->rem_port;
}

static int
add_one(struct sl_worker *w, struct sl_map_request *r, rte_be16_t in_port, rte_be16_t want,
	struct sl_map **map)
{
	enum sl_counter why = SL_COUNTER_DROP_NO_PORT;
	struct sl_pkt p;

	*map = sl_map_find_in(&w->maps, r->tenant, r->proto, r->in_addr, in_port);
	if (*map != NULL && !((*map)->flags & SL_MAP_SHARED)) {
		/* The host has a mapping already: EIM says it is the one. */
		if (want != 0 && r->exact && (*map)->out_port != want)
			return -EADDRINUSE;
		return 0;
	}
	fake(r, in_port, &p);
	*map = sl_session_map(w, &p, want, &why);
	if (*map != NULL)
		return 0;
	return want != 0 && r->exact ? -EADDRINUSE : why_to_errno(why);
}

static void
undo(struct sl_worker *w, struct sl_map *map)
{
	if (map->n_flows == 0 && !(map->flags & SL_MAP_HELD))
		sl_session_drop_map(w, map);
}

/* An even port and the one after it. A few draws find one unless the address is nearly full. */
static int
add_pair(struct sl_worker *w, struct sl_map_request *r, struct sl_map **first)
{
	rte_be16_t next_in = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(r->in_port) + 1));
	struct sl_map *second;
	bool exact = r->exact;
	int rc = -ENOSPC;

	for (int try = 0; try < 32 && rc != 0; try++) {
		uint16_t port;

		rc = add_one(w, r, r->in_port, r->out_port, first);
		if (rc != 0)
			return rc;
		port = rte_be_to_cpu_16((*first)->out_port);
		r->exact = true;
		rc = port & 1 ? -ENOSPC
			      : add_one(w, r, next_in, rte_cpu_to_be_16((uint16_t)(port + 1)),
					&second);
		r->exact = exact;
		if (rc == 0) {
			hold(w, second, r);
			return 0;
		}
		if ((*first)->n_flows > 0 || ((*first)->flags & SL_MAP_HELD))
			return -ENOSPC; /* it was there before and has no free neighbour */
		undo(w, *first);
	}
	return rc;
}

void
sl_held_add(struct sl_worker *w, struct sl_map_request *r)
{
	struct sl_map *map = NULL;

	r->status = r->pair ? add_pair(w, r, &map) : add_one(w, r, r->in_port, r->out_port, &map);
	if (r->status != 0)
		return;
	hold(w, map, r);
	r->out_addr = map->out_addr;
	r->out_port = map->out_port;
}

static void
end_map(struct sl_worker *w, struct sl_map *map)
{
	map->flags &= (uint8_t)~SL_MAP_HELD;
	if (map->n_flows == 0) {
		sl_session_drop_map(w, map);
		return;
	}
	for (uint32_t left = map->n_flows; left > 0; left--)
		sl_session_end(w, &w->flows.flow[map->flows]);
}

void
sl_held_del(struct sl_worker *w, struct sl_map_request *r)
{
	struct sl_map *map = sl_map_find_in(&w->maps, r->tenant, r->proto, r->in_addr, r->in_port);

	r->status = map != NULL && (map->flags & SL_MAP_HELD) ? 0 : -ENOENT;
	if (r->status == 0)
		end_map(w, map);
}

bool
sl_held_admits(struct sl_map *map, rte_be32_t rem_addr, rte_be16_t rem_port)
{
	if (!(map->flags & SL_MAP_HELD))
		return false;
	if ((map->rem_addr != 0 && map->rem_addr != rem_addr) ||
		(map->rem_port != 0 && map->rem_port != rem_port))
		return false;
	if (map->flags & SL_MAP_ONCE) {
		/* The flow that is made now keeps the mapping; nobody else gets in. */
		map->flags &= (uint8_t) ~(SL_MAP_HELD | SL_MAP_ONCE);
		map->filter = SL_FILTER_APD;
	}
	return true;
}

void
sl_held_age(struct sl_worker *w)
{
	struct sl_maps *t = &w->maps;

	for (uint32_t n = RTE_MIN(t->high, 64u); n > 0; n--) {
		struct sl_map *map;

		t->sweep = t->sweep + 1 < t->high ? t->sweep + 1 : 0;
		map = &t->map[t->sweep];
		if (map->proto == 0 || !(map->flags & SL_MAP_HELD) ||
			(int32_t)(w->now - map->until) < 0)
			continue;
		map->flags &= (uint8_t) ~(SL_MAP_HELD | SL_MAP_ONCE);
		if (map->n_flows == 0)
			sl_session_drop_map(w, map);
	}
}
