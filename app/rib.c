/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Routes as the kernel has them on the exception TAPs of all tenants.
 *
 * The kernel keeps several routes for a prefix and uses the one with the lowest metric; the
 * library knows one. So each prefix has a list here, sorted by metric, and rib_flush() tells
 * the library of those whose head has changed. It is called once after a batch of events, so
 * what the kernel takes away and puts back at once (the connected route, when an address
 * changes) is no gap for packets. Of several routes with one prefix and one metric (ip route
 * append) only the first is kept and marked as having company: which one follows when it
 * goes, only a dump tells, and the functions ask for it by returning false.
 *
 * Life: entries come by event or dump and go by event, because a later dump of their tenant (a
 * new generation) has not brought them, or with their tenant. One table for all tenants, whose
 * prefixes may be the same. What the library has no room for is counted, logged once and told
 * again every second. Control lcore only; the library copies what the workers read.
 *
 * Limits: ROUTES routes of all tenants together, what is beyond is logged once and not forwarded
 * by; of multi-path routes the mirror hands in one next hop; no type of service.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include <rte_errno.h>
#include <rte_hash.h>
#include <rte_jhash.h>

#include "log.h"
#include "rib.h"

#define ROUTES 131072
#define TENANTS (UINT8_MAX + 1)
#define NONE UINT32_MAX

struct prefix_key {
	uint32_t tenant;
	struct addr prefix;
	uint32_t plen;
};

/* One route of a prefix. */
struct path {
	uint32_t next; /* higher metric, or the next free one */
	uint32_t metric;
	struct addr gw;
	uint32_t generation;
	uint8_t side;
	bool company; /* the kernel has more routes of this metric */
};

/* One prefix, at the position that the hash gave it. */
struct prefix {
	struct prefix_key key;
	uint32_t head; /* best path; NONE: none is left */
	struct addr gw; /* as the library was told */
	uint8_t side;
	bool told;
	bool refused; /* the library had no room for it */
	bool used; /* this place belongs to key */
	bool dirty; /* waits for rib_flush() */
	uint32_t next_dirty;
};

struct rib {
	struct sl_nat *nat;
	struct rte_hash *hash;
	uint32_t generation[TENANTS];
	uint32_t free; /* first free path */
	uint32_t dirty; /* first prefix to tell of */
	uint32_t high; /* prefixes from here on were never used */
	uint32_t n_refused; /* prefixes */
	bool full, refused; /* already logged */
	struct path path[ROUTES];
	struct prefix prefix[ROUTES + 1];
};

struct rib *
rib_create(struct sl_nat *nat)
{
	struct rte_hash_parameters params = {
		.name = "sluice_rib",
		.entries = ROUTES,
		.key_len = sizeof(struct prefix_key),
		.hash_func = rte_jhash,
		.socket_id = SOCKET_ID_ANY,
		.extra_flag = RTE_HASH_EXTRA_FLAGS_EXT_TABLE,
	};
	struct rib *rib = calloc(1, sizeof(*rib));

	if (rib == NULL)
		return NULL;
	if (getrandom(&params.hash_func_init_val, sizeof(params.hash_func_init_val), 0) < 0)
		params.hash_func_init_val = 0; /* routes are not an outsider's to choose */
	rib->hash = rte_hash_create(&params);
	if (rib->hash == NULL) {
		errno = rte_errno;
		free(rib);
		return NULL;
	}
	rib->nat = nat;
	rib->dirty = NONE;
	for (uint32_t i = 0; i < ROUTES; i++)
		rib->path[i].next = i + 1 < ROUTES ? i + 1 : NONE;
	return rib;
}

void
rib_destroy(struct rib *rib)
{
	if (rib == NULL)
		return;
	rte_hash_free(rib->hash);
	free(rib);
}

static struct prefix_key
make_key(const struct kernel_route *route)
{
	return (struct prefix_key){
		.tenant = route->tenant,
		.prefix = route->prefix,
		.plen = route->plen,
	};
}

static void
log_full(struct rib *rib)
{
	if (!rib->full)
		SL_LOG(WARNING,
			"more than %u routes: the rest is not forwarded by; filter what the "
			"routing "
			"daemon takes in",
			ROUTES);
	rib->full = true;
}

static void
set_refused(struct rib *rib, struct prefix *p, bool refused)
{
	rib->n_refused += (uint32_t)refused - (uint32_t)p->refused;
	p->refused = refused;
	if (refused && !rib->refused)
		SL_LOG(WARNING, "no room for more routes and gateways: some are not forwarded by; "
				"filter what the "
				"routing daemon takes in");
	rib->refused |= refused;
}

static int
add_route(struct rib *rib, const struct prefix_key *key, const struct path *path)
{
	enum sl_side side = (enum sl_side)path->side;

	if (key->prefix.six != 0)
		return sl_route6_add(rib->nat, key->tenant, &key->prefix.v6, (uint8_t)key->plen,
			side, addr_none(&path->gw) ? NULL : &path->gw.v6);
	return sl_route_add(
		rib->nat, key->tenant, key->prefix.v4, (uint8_t)key->plen, side, path->gw.v4);
}

static void
del_route(struct rib *rib, const struct prefix_key *key)
{
	if (key->prefix.six != 0)
		sl_route6_del(rib->nat, key->tenant, &key->prefix.v6, (uint8_t)key->plen);
	else
		sl_route_del(rib->nat, key->tenant, key->prefix.v4, (uint8_t)key->plen);
}

/* Tell the library if the best path of a prefix is another one now. */
static void
tell(struct rib *rib, struct prefix *p)
{
	const struct prefix_key *key = &p->key;
	const struct path *best;
	int rc;

	if (p->head == NONE) {
		if (p->told)
			del_route(rib, key);
		set_refused(rib, p, false);
		p->used = p->told = false;
		rte_hash_del_key(rib->hash, key);
		return;
	}
	best = &rib->path[p->head];
	if (p->told && addr_same(&p->gw, &best->gw) && p->side == best->side)
		return;
	rc = add_route(rib, key, best);
	set_refused(rib, p, rc == -ENOSPC);
	if (rc < 0 && p->told) /* better no route than the one that is no more */
		del_route(rib, key);
	p->told = rc == 0;
	p->gw = best->gw;
	p->side = best->side;
}

/* Remember to tell the library. */
static void
touch(struct rib *rib, struct prefix *p)
{
	if (p->dirty)
		return;
	p->dirty = true;
	p->next_dirty = rib->dirty;
	rib->dirty = (uint32_t)(p - rib->prefix);
}

void
rib_flush(struct rib *rib)
{
	while (rib->dirty != NONE) {
		struct prefix *p = &rib->prefix[rib->dirty];

		rib->dirty = p->next_dirty;
		p->dirty = false;
		tell(rib, p);
	}
}

void
rib_tick(struct rib *rib)
{
	for (uint32_t i = 0; i < rib->high && rib->n_refused > 0; i++) {
		if (rib->prefix[i].used && rib->prefix[i].refused)
			touch(rib, &rib->prefix[i]);
	}
	rib_flush(rib);
}

/* The link that leads to the first path with this metric or a higher one. */
static uint32_t *
find_link(struct rib *rib, struct prefix *p, uint32_t metric)
{
	uint32_t *link = &p->head;

	while (*link != NONE && rib->path[*link].metric < metric)
		link = &rib->path[*link].next;
	return link;
}

static struct prefix *
get_prefix(struct rib *rib, const struct prefix_key *key)
{
	int at = rte_hash_lookup(rib->hash, key);

	if (at < 0) {
		/* Every prefix has a path at least, so without one there is no room. */
		at = rib->free == NONE ? -ENOSPC : rte_hash_add_key(rib->hash, key);
		if (at < 0)
			return NULL;
		rib->prefix[at] = (struct prefix){ .key = *key, .head = NONE, .used = true };
		rib->high = RTE_MAX(rib->high, (uint32_t)at + 1);
	}
	return &rib->prefix[at];
}

static bool
leads_so(const struct path *path, const struct kernel_route *route)
{
	return addr_same(&path->gw, &route->gw) && path->side == route->side;
}

bool
rib_add(struct rib *rib, const struct kernel_route *route, uint32_t metric, enum rib_how how)
{
	struct prefix_key key = make_key(route);
	struct prefix *p = get_prefix(rib, &key);
	uint32_t generation = rib->generation[route->tenant];
	bool sure = true, company = false;
	uint32_t *link, at;

	if (p == NULL) {
		log_full(rib);
		return true;
	}
	link = find_link(rib, p, metric);
	at = *link;
	if (at == NONE || rib->path[at].metric != metric) {
		at = rib->free;
		if (at == NONE) {
			log_full(rib);
			return true;
		}
		rib->free = rib->path[at].next;
		rib->path[at].next = *link;
		*link = at;
	} else if (how == RIB_DUMP && rib->path[at].generation == generation) {
		rib->path[at].company = true;
		return true;
	} else if (how == RIB_NEW && !leads_so(&rib->path[at], route)) {
		/* Appended or put before: the dump will say which. Keep the old one. */
		rib->path[at].company = true;
		return false;
	} else if (how == RIB_REPLACE) {
		company = rib->path[at].company;
		sure = !company;
	}
	rib->path[at].metric = metric;
	rib->path[at].gw = route->gw;
	rib->path[at].side = (uint8_t)route->side;
	rib->path[at].generation = generation;
	rib->path[at].company = company;
	touch(rib, p);
	return sure;
}

static void
free_path(struct rib *rib, uint32_t *link)
{
	uint32_t at = *link;

	*link = rib->path[at].next;
	rib->path[at].next = rib->free;
	rib->free = at;
}

bool
rib_del(struct rib *rib, const struct kernel_route *route, uint32_t metric, bool any)
{
	struct prefix_key key = make_key(route);
	int at = rte_hash_lookup(rib->hash, &key);
	struct prefix *p;
	uint32_t *link;
	bool sure;

	if (at < 0)
		return true;
	p = &rib->prefix[at];
	link = find_link(rib, p, metric);
	if (*link == NONE || rib->path[*link].metric != metric)
		return true;
	sure = !rib->path[*link].company;
	if (!any && !leads_so(&rib->path[*link], route))
		return sure;
	free_path(rib, link);
	touch(rib, p);
	return sure;
}

void
rib_dump_begin(struct rib *rib, unsigned int tenant)
{
	rib->generation[tenant]++;
}

void
rib_dump_end(struct rib *rib, unsigned int tenant)
{
	for (uint32_t i = 0; i < rib->high; i++) {
		struct prefix *p = &rib->prefix[i];
		uint32_t *link = &p->head;

		if (!p->used || p->key.tenant != tenant)
			continue;
		while (*link != NONE) {
			if (rib->path[*link].generation != rib->generation[tenant])
				free_path(rib, link);
			else
				link = &rib->path[*link].next;
		}
		touch(rib, p);
	}
}

void
rib_drop(struct rib *rib, unsigned int tenant)
{
	/* As a dump that has brought nothing. */
	rib_dump_begin(rib, tenant);
	rib_dump_end(rib, tenant);
	rib_flush(rib);
}

unsigned int
rib_count(const struct rib *rib)
{
	return (unsigned int)rte_hash_count(rib->hash);
}

unsigned int
rib_refused(const struct rib *rib)
{
	return rib->n_refused;
}

void
rib_walk(const struct rib *rib, void (*fn)(void *arg, const struct kernel_route *route), void *arg)
{
	for (uint32_t i = 0; i < rib->high; i++) {
		const struct prefix *p = &rib->prefix[i];
		const struct path *best;
		struct kernel_route route;

		if (!p->used || p->head == NONE)
			continue;
		best = &rib->path[p->head];
		route = (struct kernel_route){
			.tenant = p->key.tenant,
			.prefix = p->key.prefix,
			.plen = (uint8_t)p->key.plen,
			.side = (enum sl_side)best->side,
			.gw = best->gw,
		};
		fn(arg, &route);
	}
}
