/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Mappings and sessions put back (restore.c). A session finds its mapping by its inside endpoint,
 * as a packet does, or makes it; then it is entered under both its keys with the time that it has
 * left, its TCP state and its figures, and held against the same rule as after a change of
 * configuration (sl_session_permitted()). Last, packets of both directions must be steered to the
 * worker where it is, by the very rule of the path.
 */
#include "call.h"
#include "contact.h"
#include "helped.h"
#include "helper_note.h"
#include "helpers.h"
#include "path.h"
#include "restore.h"
#include "rewrite.h"
#include "session.h"
#include "session_find.h"
#include "state.h"

#define LEASE_MS 120000 /* a lease that is kept elsewhere has been read back by then */
#define FLAGS                                                                                      \
	(SL_FLOW_LIVE | SL_FLOW_INBOUND | SL_FLOW_HAIRPIN | SL_FLOW_STATIC | SL_FLOW_OWN_PORT |    \
		SL_FLOW_EXPECTED | SL_FLOW_SIX | SL_FLOW_HALF)

/* What a record says, in this gateway's terms. */
struct place {
	struct sl_worker *w;
	const struct sl_addr *a; /* of out_addr */
	rte_be32_t in_addr, out_addr;
	rte_be16_t in_port, out_port;
	uint8_t tenant, proto;
};

/* ---- mappings ---- */

/* Enter a mapping that is new; it has ports and flags already. */
static void
enter(const struct sl_restore *r, const struct place *at, struct sl_map *map, struct sl_sub *sub)
{
	struct sl_worker *w = at->w;

	map->paddr = at->a->paddr != SL_NONE ? (uint16_t)at->a->paddr : 0;
	map->sub = (uint32_t)(sub - w->subs.sub);
	sub->n_maps++;
	sl_restore_pair(r, sub, at->a);
	if (unlikely(sl_stand_is(map->in_addr)))
		sl_host_hold(w, map->in_addr, 1);
	w->n_static += (map->flags & SL_MAP_STATIC) != 0;
	if (map->flags & SL_MAP_SHARED) {
		w->n_shared++;
		w->calls.n += sl_map_is_calls(map);
	}
}

static enum sl_saved_fate
make_dynamic(
	const struct sl_restore *r, const struct place *at, struct sl_sub *sub, struct sl_map **map)
{
	enum sl_port_class c = sl_port_class(at->proto);
	const struct sl_snap_tenant *t = &r->snap->tenant[at->tenant];
	uint16_t port = rte_be_to_cpu_16(at->out_port);
	enum sl_saved_fate fate;

	if (t->limits.ports && sub->ports[c] >= t->limits.ports)
		return SL_SAVED_LIMIT;
	if (at->w->maps.n >= at->w->maps.max)
		return SL_SAVED_FULL;
	if (sl_map_find_out(&at->w->maps, at->proto, at->out_addr, at->out_port) != NULL)
		return SL_SAVED_CLASH;
	fate = sl_restore_port(r, at->w, sub, at->a, at->proto, port);
	if (fate != SL_SAVED_BACK)
		return fate;
	*map = sl_map_add(&at->w->maps, at->tenant, at->proto, at->in_addr, at->in_port,
		at->out_addr, at->out_port);
	(*map)->filter = r->snap->pool[t->pool].filter[c];
	sub->ports[c]++;
	return SL_SAVED_BACK;
}

static enum sl_saved_fate
make_map(const struct sl_restore *r, const struct place *at, uint8_t flags, struct sl_map **map)
{
	struct sl_worker *w = at->w;
	struct sl_sub *sub =
		sl_sub_get(&w->subs, at->tenant, sl_host_subscriber(w, at->in_addr), w->now);
	enum sl_saved_fate fate = SL_SAVED_FULL;

	*map = NULL;
	if (sub == NULL)
		return SL_SAVED_FULL;
	if (flags == 0) {
		fate = make_dynamic(r, at, sub, map);
	} else {
		*map = sl_map_add(&w->maps, at->tenant, at->proto, at->in_addr, at->in_port,
			at->out_addr, at->out_port);
		if (*map != NULL) {
			(*map)->flags = flags;
			(*map)->filter = flags & SL_MAP_SHARED ? SL_FILTER_APD : SL_FILTER_EI;
		}
	}
	if (*map != NULL) {
		enter(r, at, *map, sub);
		return SL_SAVED_BACK;
	}
	sl_sub_put(&w->subs, sub);
	return fate;
}

/* The mapping of an inside endpoint, made when it is new. */
static enum sl_saved_fate
get_map(const struct sl_restore *r, const struct place *at, uint8_t flags, struct sl_map **map)
{
	struct sl_map *m =
		sl_map_find_in(&at->w->maps, at->tenant, at->proto, at->in_addr, at->in_port);

	for (; m != NULL; m = sl_map_next_in(&at->w->maps, m)) {
		uint8_t kind = m->flags & (SL_MAP_STATIC | SL_MAP_SHARED);

		*map = m;
		if (kind == flags && m->out_addr == at->out_addr && m->out_port == at->out_port)
			return SL_SAVED_BACK;
		if (kind == flags && !(kind & SL_MAP_STATIC))
			return SL_SAVED_CLASH; /* of these it has one */
	}
	return make_map(r, at, flags, map);
}

/* Tenant, inside and outside address. */
static enum sl_saved_fate
find_place(const struct sl_restore *r, unsigned int tenant, rte_be32_t in_addr, rte_be32_t out_addr,
	struct place *at)
{
	enum sl_saved_fate fate = sl_restore_tenant(r, tenant, &at->tenant);

	if (fate == SL_SAVED_BACK)
		fate = sl_restore_inside(r, in_addr, &at->in_addr);
	if (fate == SL_SAVED_BACK)
		fate = sl_restore_address(r, out_addr, &at->a);
	at->out_addr = out_addr;
	return fate;
}

static bool
has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_ICMP;
}

enum sl_saved_fate
sl_restore_map(struct sl_restore *r, const struct sl_saved_map *m)
{
	struct place at = { .in_port = m->in_port, .out_port = m->out_port, .proto = m->proto };
	bool held = m->flags & SL_MAP_HELD;
	enum sl_saved_fate fate = find_place(r, m->tenant, m->in_addr, m->out_addr, &at);
	struct sl_map *map;
	uint64_t left;

	if (fate != SL_SAVED_BACK)
		return fate;
	if (!has_ports(m->proto) || (m->flags & ~(SL_MAP_HELD | SL_MAP_ONCE | SL_MAP_LEASE)) ||
		m->filter > SL_FILTER_APD || m->left > INT32_MAX)
		return SL_SAVED_NONSENSE;
	/* Its filter may count for its sessions, also when its own time is over. */
	if (held && m->left <= r->elapsed)
		held = false;
	at.w = sl_restore_worker(r, at.in_addr);
	fate = get_map(r, &at, 0, &map);
	if (fate != SL_SAVED_BACK)
		return fate;
	if (map->n_flows > 0 || (map->flags & SL_MAP_HELD))
		return SL_SAVED_CLASH;
	map->filter = m->filter;
	if (!held)
		return SL_SAVED_BACK;
	left = m->left - r->elapsed;
	if (m->flags & SL_MAP_LEASE)
		left = RTE_MIN(left, (uint64_t)LEASE_MS);
	map->flags |= m->flags;
	map->until = r->now + (uint32_t)left;
	map->rem_addr = m->rem_addr;
	map->rem_port = m->rem_port;
	at.w->maps.n_held++;
	return SL_SAVED_BACK;
}

/* ---- sessions ---- */

static bool
makes_sense(const struct sl_saved_flow *f, const struct sl_saved_tcp *t)
{
	bool shared = f->flags & SL_FLOW_OWN_PORT, six = sl_stand_is(f->in_addr);

	return f->proto != 0 && (f->proto == IPPROTO_TCP) == (t != NULL) &&
	       f->tcp_state < SL_TCP_STATE_COUNT && (f->tcp_state != SL_TCP_NONE) == (t != NULL) &&
	       f->timeout < SL_TIMEOUT_FRAGMENT && !(f->flags & ~FLAGS) &&
	       (has_ports(f->proto) || shared) && six == ((f->flags & SL_FLOW_SIX) != 0) &&
	       !(shared && (f->flags & SL_FLOW_STATIC)) && f->rem_addr != 0 &&
	       !sl_stand_is(f->rem_addr) && f->helper <= SL_HELPERS_MAX &&
	       (t == NULL || (t->end[0].scale <= 14 && t->end[1].scale <= 14));
}

/* The worker of a session whose port is shared: the one that a packet from inside goes to. */
static struct sl_worker *
worker_of_shared(const struct sl_restore *r, const struct sl_saved_flow *f, rte_be32_t inside)
{
	const struct sl_addr *a;

	if (!has_ports(f->proto))
		return sl_restore_worker(r, f->rem_addr);
	a = f->proto == IPPROTO_ICMP ? sl_snap_addr(r->snap, 0, f->rem_addr) : NULL;
	if (a == NULL || a->paddr == SL_NONE)
		return sl_restore_worker(r, inside);
	return r->nat->worker[sl_paddr_worker(
		r->nat, r->nat->paddr[a->paddr], IPPROTO_ICMP, rte_be_to_cpu_16(f->in_port))];
}

/* Where the session is to be, and the kind of its mapping in *flags. */
static enum sl_saved_fate
locate(const struct sl_restore *r, const struct sl_saved_flow *f, struct place *at, uint8_t *flags)
{
	enum sl_saved_fate fate = find_place(r, f->tenant, f->in_addr, f->out_addr, at);
	const struct sl_fwd *fwd;
	bool call = f->proto == IPPROTO_GRE && f->rem_port == SL_GRE_CALL;

	if (fate != SL_SAVED_BACK)
		return fate;
	at->proto = f->proto;
	at->in_port = f->in_port;
	at->out_port = f->out_port;
	at->w = sl_restore_worker(r, at->in_addr);
	*flags = 0;
	if (f->flags & SL_FLOW_STATIC) {
		*flags = SL_MAP_STATIC;
		fwd = sl_snap_fwd_out(r->snap, f->proto, f->out_addr, f->out_port);
		return fwd != NULL && fwd->in_addr == at->in_addr && fwd->in_port == f->in_port &&
				       fwd->tenant == at->tenant
			       ? SL_SAVED_BACK
			       : SL_SAVED_NO_FORWARD;
	}
	if (f->flags & SL_FLOW_OWN_PORT) {
		*flags = SL_MAP_SHARED;
		at->in_port = at->out_port = call ? SL_GRE_CALL : 0;
		at->w = worker_of_shared(r, f, at->in_addr);
	}
	return at->a->paddr != SL_NONE || call ? SL_SAVED_BACK : SL_SAVED_NO_ADDRESS;
}

static bool
is_shifted(const struct sl_saved_tcp *t)
{
	return t != NULL && (t->shift[0] | t->shift[1]) != 0;
}

/* A flow whose numbers are shifted goes through its helper whether that is on or not. */
static void
fill(const struct sl_restore *r, const struct sl_saved_flow *from, bool shifted,
	const struct place *at, struct sl_flow *f)
{
	uint8_t helper = r->names->helper[from->helper];

	f->in_addr = at->in_addr;
	f->rem_addr = from->rem_addr;
	f->out_addr = from->out_addr;
	f->in_port = from->in_port;
	f->rem_port = from->rem_port;
	f->out_port = from->out_port;
	f->tenant = at->tenant;
	f->proto = from->proto;
	f->flags = from->flags & (uint8_t)~SL_FLOW_LIVE;
	f->tcp_state = from->tcp_state;
	f->timeout = from->timeout;
	if (shifted || (r->snap->tenant[at->tenant].helpers >> helper & 1))
		f->helper = helper;
	f->last = r->now - (uint32_t)(from->idle + r->elapsed);
	for (int d = 0; d < 2; d++) {
		f->packets[d] = (uint32_t)from->packets[d];
		f->packets_high[d] = (uint8_t)(from->packets[d] >> 32);
		f->bytes[d] = from->bytes[d];
	}
	sl_rewrite_prepare(f);
	if (sl_flow_is_call(f))
		f->delta_l4 = from->call;
}

static void
fill_tcp(const struct sl_saved_tcp *from, struct sl_tcp *to)
{
	for (int i = 0; i < 2; i++) {
		const struct sl_saved_end *e = &from->end[i];

		to->end[i] = (struct sl_tcp_end){ e->end, e->limit, RTE_MAX(e->win, 1u), e->scale,
			e->seen, e->scale_ok, e->again };
	}
}

/* Do packets of both directions come here, and to nobody else? */
static enum sl_saved_fate
is_reached(struct sl_worker *w, const struct sl_flow *f)
{
	struct sl_key key;

	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		sl_flow_key(f, (enum sl_side)side, &key);
		if (side == SL_OUTSIDE || !(f->flags & SL_FLOW_SIX)) {
			if (sl_path_owner(w, &key) != w->id)
				return SL_SAVED_OTHER_WORKER;
		}
		if (sl_session_find(w, &key) != NULL)
			return SL_SAVED_CLASH;
	}
	return SL_SAVED_BACK;
}

/* Control has to know what it is to add to the numbers. */
static bool
shift_on(const struct sl_restore *r, const struct sl_worker *w, const struct sl_flow *f,
	const struct sl_saved_tcp *t)
{
	struct sl_helper_note note;

	if (r->names->helpers == NULL || (t->shift[0] & t->shift[1]) == UINT32_MAX)
		return false;
	sl_helped_note(w, f, &note);
	return sl_helpers_past(r->names->helpers, &note, t->shift, w->now64) == 0;
}

static enum sl_saved_fate
enter_flow(const struct sl_restore *r, const struct place *at, struct sl_map *map,
	const struct sl_saved_flow *from, const struct sl_saved_tcp *t)
{
	const struct sl_limits *limit = &r->snap->tenant[at->tenant].limits;
	struct sl_worker *w = at->w;
	struct sl_sub *sub = &w->subs.sub[map->sub];
	enum sl_saved_fate fate;
	struct sl_flow *f;

	if ((limit->sessions && sub->sessions >= limit->sessions) ||
		(limit->mapping && map->n_flows >= limit->mapping && !(map->flags & SL_MAP_SHARED)))
		return SL_SAVED_LIMIT;
	f = sl_flow_get(&w->flows);
	if (f == NULL)
		return SL_SAVED_FULL;
	fill(r, from, is_shifted(t), at, f);
	sl_flow_link(&w->flows, f)->created = r->now - (uint32_t)(from->age + r->elapsed);
	sl_flow_link(&w->flows, f)->map = (uint32_t)(map - w->maps.map);
	if (t != NULL)
		fill_tcp(t, sl_flow_tcp(&w->flows, f));
	fate = is_reached(w, f);
	if (fate == SL_SAVED_BACK && !sl_session_permitted(w, f))
		fate = map->flags & SL_MAP_STATIC ? SL_SAVED_NO_FORWARD : SL_SAVED_NO_PORT;
	if (fate == SL_SAVED_BACK && sl_flow_add(&w->flows, f) != 0)
		fate = SL_SAVED_FULL;
	if (fate == SL_SAVED_BACK && is_shifted(t) && !shift_on(r, w, f, t))
		fate = SL_SAVED_HELPER;
	if (fate != SL_SAVED_BACK) {
		sl_flow_put(&w->flows, f);
		return fate;
	}
	sl_map_link(&w->maps, &w->flows, map, f);
	if (map->filter == SL_FILTER_AD && !(f->flags & SL_FLOW_INBOUND))
		sl_flow_contact_add(&w->flows, (uint32_t)(map - w->maps.map), f->rem_addr);
	if (sl_flow_is_call(f))
		sl_flow_quotes_add(&w->flows, f);
	sub->sessions++;
	w->subs.use[sub->tenant].sessions++;
	w->counter[SL_COUNTER_SESSIONS_NOW]++;
	sl_count(w, SL_COUNTER_SESSIONS_RESTORED, 1);
	return SL_SAVED_BACK;
}

enum sl_saved_fate
sl_restore_flow(struct sl_restore *r, const struct sl_saved_flow *f, const struct sl_saved_tcp *t)
{
	enum sl_saved_fate fate;
	struct sl_map *map;
	struct place at;
	uint8_t flags;

	if (!makes_sense(f, t))
		return SL_SAVED_NONSENSE;
	if (f->idle + r->elapsed >= r->snap->timeout[f->timeout])
		return SL_SAVED_OVER;
	fate = locate(r, f, &at, &flags);
	if (fate == SL_SAVED_BACK)
		fate = get_map(r, &at, flags, &map);
	if (fate == SL_SAVED_BACK)
		fate = enter_flow(r, &at, map, f, t);
	return fate;
}
