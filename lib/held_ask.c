/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Control asks for mappings that are held (held.c), and to have them end.
 */
#include <errno.h>

#include "held.h"
#include "mapping.h"
#include "pair.h"
#include "session.h"
#include "state.h"

#define ENDED 256 /* sessions ended by one call */

/* One of the two mappings of a request. */
struct half {
	rte_be16_t in_port;
	struct sl_map *map; /* NULL: yet to be made */
	bool made;
};

/* ---- making ---- */

static bool
lets_all_in(const struct sl_map *map)
{
	return (map->flags & (SL_MAP_HELD | SL_MAP_ONCE)) == SL_MAP_HELD && map->rem_addr == 0 &&
	       map->rem_port == 0;
}

static void
hold(struct sl_worker *w, struct half *h, const struct sl_map_request *r)
{
	uint32_t until = w->now + RTE_MIN(r->lifetime, (uint32_t)INT32_MAX);
	bool narrow = r->rem_addr != 0 || r->rem_port != 0 || r->once;
	struct sl_map *map = h->map;

	if (narrow && !r->lease && lets_all_in(map)) {
		if ((int32_t)(until - map->until) > 0)
			map->until = until;
		return;
	}
	if (!(map->flags & SL_MAP_HELD))
		w->maps.n_held++;
	map->flags &= (uint8_t) ~(SL_MAP_ONCE | SL_MAP_LEASE);
	map->flags |= SL_MAP_HELD | (r->once ? SL_MAP_ONCE : 0) | (r->lease ? SL_MAP_LEASE : 0);
	map->until = until;
	map->rem_addr = r->rem_addr;
	map->rem_port = r->rem_port;
	/* One that is made for somebody lets nobody else in, whatever the pool says. One that was
	 * there has flows, and these count on its filter, unless its host says that it shall be
	 * closed to others. (An address-dependent filter has contacts to count, and stays.) */
	if (narrow && (h->made || (r->lease && map->filter == SL_FILTER_EI)))
		map->filter = SL_FILTER_APD;
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
	p->key.tenant = (uint8_t)r->tenant;
}

static bool
makes_sense(const struct sl_worker *w, const struct sl_map_request *r)
{
	const struct sl_snap *s = w->snap;

	return (r->proto == IPPROTO_TCP || r->proto == IPPROTO_UDP) && r->in_addr != 0 &&
	       r->in_port != 0 && !(r->pair && r->in_port == RTE_BE16(UINT16_MAX)) &&
	       r->tenant < s->n_tenants && !s->tenant[r->tenant].absent &&
	       sl_owner_inside(w->nat, r->in_addr) == w->id &&
	       (!sl_stand_is(r->in_addr) || sl_host_of(w, r->in_addr) != NULL);
}

/* The stand-in of a request's IPv6 host, which is made when it is to have a mapping. */
static int
name_host(struct sl_worker *w, struct sl_map_request *r, bool make)
{
	enum sl_counter why = SL_COUNTER_DROP_HOSTS_FULL;
	const struct sl_snap *s = w->snap;
	uint8_t tenant = (uint8_t)r->tenant, nat64 = (uint8_t)r->nat64;
	const struct sl_host *h;
	uint32_t hash;

	if (!r->six)
		return 0;
	if (r->tenant >= s->n_tenants || r->nat64 >= s->n_nat64 ||
		s->nat64[nat64].prefix.len == 0 || s->nat64[nat64].tenant != tenant ||
		sl_ip6_bogon(&r->in6) || sl_owner_inside6(w->nat, s, tenant, &r->in6) != w->id)
		return -EINVAL;
	hash = sl_host_hash(&w->hosts.seed, tenant, nat64, &r->in6);
	h = sl_host_find(&w->hosts, hash, tenant, nat64, &r->in6);
	if (h == NULL && s->n_fixed > 0)
		h = sl_host_find_fixed(s, tenant, nat64, &r->in6);
	if (h == NULL && !make)
		return -ENOENT;
	if (h == NULL)
		h = sl_host_make(w, hash, tenant, nat64, &r->in6, &why);
	if (h == NULL)
		return why == SL_COUNTER_DROP_LIMIT_HOSTS ? -EDQUOT : -ENOSPC;
	r->in_addr = h->stand;
	return 0;
}

/* The address on which the wanted port is not to be had. */
static void
tell_address(struct sl_worker *w, struct sl_map_request *r, const struct sl_map *map)
{
	struct sl_sub *sub =
		sl_sub_get(&w->subs, r->tenant, sl_host_subscriber(w, r->in_addr), w->now);
	enum sl_counter why;
	const struct sl_paddr *pa;

	if (sub == NULL)
		return;
	pa = map != NULL ? w->nat->paddr[map->paddr] : sl_alloc_address(w, sub, 0, &why);
	if (pa != NULL)
		r->out_addr = pa->addr;
	if (w->snap->tenant[r->tenant].limits.rate == 0)
		sl_sub_put(&w->subs, sub);
}

static const struct sl_fwd *
forward_of(const struct sl_worker *w, const struct sl_map_request *r, rte_be16_t in_port)
{
	return sl_snap_fwd_in(
		w->snap, r->tenant, r->proto, sl_host_forwarded(w, r->in_addr), in_port);
}

/* Find the mapping that the inside endpoint has already. */
static int
look_up(struct sl_worker *w, const struct sl_map_request *r, struct half *h)
{
	h->map = sl_session_live_in(
		w, sl_map_find_in(&w->maps, r->tenant, r->proto, r->in_addr, h->in_port));
	if (h->map == NULL)
		return forward_of(w, r, h->in_port) ? -ENOSPC : 0;
	/* On its way out, since the configuration has changed. */
	return (h->map->flags & SL_MAP_STATIC) || !sl_held_permitted(w, h->map) ? -ENOSPC : 0;
}

/* Make a mapping at the port wanted (0: any), with any other where that is as good. */
static int
make(struct sl_worker *w, const struct sl_map_request *r, struct half *h, rte_be16_t want,
	bool exact)
{
	enum sl_counter why = SL_COUNTER_DROP_NO_PORT;
	struct sl_pkt p;

	if (h->map != NULL)
		return exact && h->map->out_port != want ? -EADDRINUSE : 0;
	fake(r, h->in_port, &p);
	h->map = sl_mapping_open(w, &p, want, &why);
	if (h->map == NULL && want != 0 && !exact && why == SL_COUNTER_DROP_NO_PORT)
		h->map = sl_mapping_open(w, &p, 0, &why);
	h->made = h->map != NULL;
	if (h->made)
		return 0;
	return exact && why == SL_COUNTER_DROP_NO_PORT ? -EADDRINUSE : why_to_errno(why);
}

/* The even port at which a pair begins, host order: what is there says where, else what is
 * wanted, else what is free. Or -errno. */
static int
pair_base(struct sl_worker *w, struct sl_sub *sub, const struct sl_map_request *r,
	const struct half half[2])
{
	enum sl_counter why = SL_COUNTER_DROP_NO_PORT;
	int want = rte_be_to_cpu_16(r->out_port), port = -1;
	struct sl_pkt p;

	for (int i = 0; i < 2; i++) {
		if (half[i].map == NULL)
			continue;
		port = rte_be_to_cpu_16(half[i].map->out_port) - i;
		return port & 1 ? -ENOSPC : port;
	}
	fake(r, r->in_port, &p);
	if (want != 0 && sl_pair_free(w, &p, sub, (uint16_t)want, &why))
		return want;
	if (want != 0 && r->exact)
		return -EADDRINUSE;
	port = sl_pair_find(w, &p, sub, &why);
	return port >= 0 ? port : why_to_errno(why);
}

static int
make_pair(struct sl_worker *w, struct sl_sub *sub, const struct sl_map_request *r,
	struct half half[2])
{
	uint32_t limit = w->snap->tenant[r->tenant].limits.ports;
	uint32_t missing = (half[0].map == NULL) + (half[1].map == NULL);
	int base = pair_base(w, sub, r, half), rc;

	if (base < 0)
		return base;
	if (r->exact && r->out_port != 0 && base != rte_be_to_cpu_16(r->out_port))
		return -EADDRINUSE;
	/* Both or neither: one made in vain would rest its port. */
	if (limit != 0 && sub->ports[sl_port_class(r->proto)] + missing > limit)
		return -EDQUOT;
	if (w->maps.n + missing > w->maps.max)
		return -ENOSPC;
	rc = make(w, r, &half[0], rte_cpu_to_be_16((uint16_t)base), true);
	if (rc == 0)
		rc = make(w, r, &half[1], rte_cpu_to_be_16((uint16_t)(base + 1)), true);
	if (rc == -EADDRINUSE && !r->exact)
		rc = -ENOSPC; /* what is there has no free neighbour */
	if (rc != 0 && half[0].made)
		sl_mapping_drop(w, half[0].map);
	return rc;
}

/* All that is missing, at the cost of one new session. */
static int
make_missing(struct sl_worker *w, const struct sl_map_request *r, struct half half[2])
{
	struct sl_sub *sub =
		sl_sub_get(&w->subs, r->tenant, sl_host_subscriber(w, r->in_addr), w->now);
	uint32_t rate = w->snap->tenant[r->tenant].limits.rate;
	int rc;

	if (sub == NULL)
		return -ENOSPC;
	if ((half[0].map == NULL || (r->pair && half[1].map == NULL)) &&
		!sl_sub_pay(sub, rate, w->now))
		return -EDQUOT;
	if (r->pair)
		rc = make_pair(w, sub, r, half);
	else
		rc = make(w, r, &half[0], r->out_port, r->exact && r->out_port != 0);
	if (rc != 0 && rate == 0)
		sl_sub_put(&w->subs, sub);
	return rc;
}

void
sl_held_add(struct sl_worker *w, struct sl_map_request *r)
{
	struct half half[2] = { { .in_port = r->in_port },
		{ .in_port = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(r->in_port) + 1)) } };
	const struct sl_fwd *fwd;

	r->status = name_host(w, r, true);
	if (r->status != 0)
		return;
	r->status = -EINVAL;
	if (!makes_sense(w, r))
		return;
	fwd = forward_of(w, r, r->in_port);
	if (fwd != NULL && !r->pair) {
		r->status = r->exact && r->out_port != 0 && r->out_port != fwd->out_port
				    ? -EADDRINUSE
				    : 0;
		r->out_addr = fwd->out_addr;
		r->out_port = fwd->out_port;
		return;
	}
	r->status = look_up(w, r, &half[0]);
	if (r->status == 0 && r->pair)
		r->status = look_up(w, r, &half[1]);
	if (r->status == 0)
		r->status = make_missing(w, r, half);
	if (r->status == -EADDRINUSE)
		tell_address(w, r, half[0].map);
	if (r->status != 0)
		return;
	for (int i = 0; i < (r->pair ? 2 : 1); i++)
		hold(w, &half[i], r);
	r->out_addr = half[0].map->out_addr;
	r->out_port = half[0].map->out_port;
}

/* ---- ending ---- */

/* End a mapping with its sessions, a bounded number of them; false when some are left. */
static bool
end_some(struct sl_worker *w, struct sl_map *map)
{
	uint32_t n = RTE_MIN(map->n_flows, (uint32_t)ENDED);
	bool all = n == map->n_flows;

	if (all)
		sl_held_let_go(w, map);
	if (n == 0)
		sl_mapping_drop(w, map);
	while (n-- > 0)
		sl_session_end(w, &w->flows.flow[map->flows]);
	return all;
}

/* The held mapping of an inside endpoint, where a forward's may be newer. */
static struct sl_map *
held_of(struct sl_worker *w, const struct sl_map_request *r, rte_be16_t port)
{
	struct sl_map *map = sl_map_find_in(&w->maps, r->tenant, r->proto, r->in_addr, port);

	while (map != NULL && !(map->flags & SL_MAP_HELD))
		map = sl_map_next_in(&w->maps, map);
	return map;
}

bool
sl_held_del(struct sl_worker *w, struct sl_map_request *r, bool again)
{
	if (!again)
		r->status = -ENOENT;
	if (name_host(w, r, false) != 0)
		return true;
	for (int i = 0; i < (r->pair ? 2 : 1); i++) {
		rte_be16_t port = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(r->in_port) + i));
		struct sl_map *map = held_of(w, r, port);

		if (!again)
			map = sl_session_live(w, map);
		if (map == NULL || !(map->flags & SL_MAP_HELD))
			continue;
		r->status = 0;
		if (!end_some(w, map))
			return false;
	}
	return true;
}
