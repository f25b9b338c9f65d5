/* SPDX-License-Identifier: BSD-3-Clause
 *
 * State that outlives the process, the way back: records (save.h) become hosts, blocks, mappings
 * and sessions again, before any worker runs. Control writes the shards here, which it never does
 * otherwise; it also sets the workers' clocks, since what is put back is measured from now.
 *
 *	kind       goes to the worker of    brings with it
 *	host       its subscriber's prefix  a new stand-in, which replaces the old one in what follows
 *	block      its subscriber           the block's ports, if they were another worker's
 *	mapping    its subscriber           its outside port, likewise
 *	session    as its packets do        mapping, port, subscriber, if they are not there yet
 *	rest       the port's owner
 *
 * Everything keeps its outside address and port. A port that belongs to another worker than its
 * subscriber changes its owner for good (sl_paddr_move()); for that nothing else may be said of
 * it, so a port that many share stays where it is, and its session is left out unless it has come
 * to the same worker. With as many workers as before sl_owners_set() makes that true of all.
 *
 * What the configuration does not permit is left out, and so is whatever has no room or would
 * break a limit; the fate of each record is counted. Nothing is recorded for the logs as made,
 * since it was when it was made; what is left out of the blocks is recorded as gone.
 *
 * Records come from a file, whose reader has looked at a checksum. Here each is looked at as if an
 * enemy had written it: it may be refused or make a session that never was, nothing worse.
 */
#include "restore.h"

#include <errno.h>

#include <rte_malloc.h>

#include "alloc_back.h"
#include "mapping.h"
#include "record.h"
#include "state.h"

/* ---- hosts, blocks, ports ---- */

enum sl_saved_fate
sl_restore_host(struct sl_restore *r, const struct sl_saved_host *h)
{
	bool network = h->nat64 == SL_HOST_SUBSCRIBER;
	enum sl_counter why = SL_COUNTER_DROP_HOSTS_FULL;
	const struct sl_host *fixed, *is;
	struct sl_worker *w;
	uint8_t tenant, nat64 = SL_HOST_SUBSCRIBER;
	enum sl_saved_fate fate = sl_restore_tenant(r, h->tenant, &tenant);

	if (fate != SL_SAVED_BACK)
		return fate;
	if (!sl_stand_is(h->stand))
		return SL_SAVED_NONSENSE;
	if (!network) {
		int n = h->nat64 < r->names->n_nat64 ? r->names->nat64[h->nat64] : -1;

		if (n < 0 || (uint32_t)n >= r->snap->n_nat64 || n >= SL_HOST_SUBSCRIBER ||
			r->snap->nat64[n].tenant != tenant)
			return SL_SAVED_NO_HOST;
		nat64 = (uint8_t)n;
		fixed = r->snap->n_fixed > 0 ? sl_host_find_fixed(r->snap, tenant, nat64, &h->addr)
					     : NULL;
		if (fixed != NULL) {
			sl_restore_stand(r, h->stand, fixed->stand);
			return SL_SAVED_BACK;
		}
	} else if (h->plen != r->snap->subscriber6) {
		return SL_SAVED_NO_HOST;
	}
	w = r->nat->worker[sl_owner_inside6(r->nat, r->snap, tenant, &h->addr)];
	is = sl_host_back(w, tenant, nat64, &h->addr, &why);
	if (is == NULL)
		return why == SL_COUNTER_DROP_LIMIT_HOSTS ? SL_SAVED_LIMIT : SL_SAVED_FULL;
	sl_restore_stand(r, h->stand, is->stand);
	return SL_SAVED_BACK;
}

static enum sl_saved_fate
put_block(struct sl_restore *r, struct sl_worker *w, uint8_t tenant, rte_be32_t inside,
	const struct sl_saved_block *b)
{
	const struct sl_paddr *pa;
	const struct sl_addr *a;
	struct sl_block *block;
	struct sl_sub *sub;
	enum sl_saved_fate fate = sl_restore_address(r, b->out_addr, &a);

	if (fate != SL_SAVED_BACK)
		return fate;
	pa = a->paddr != SL_NONE ? r->nat->paddr[a->paddr] : NULL;
	if (pa == NULL || pa->mode != SL_PADDR_BLOCKS || 1u << pa->shift != b->ports ||
		(b->start & (b->ports - 1)) != 0 || a->pool != r->snap->tenant[tenant].pool)
		return SL_SAVED_NO_PORT;
	sub = sl_sub_get(&w->subs, tenant, sl_host_subscriber(w, inside), w->now);
	if (sub == NULL)
		return SL_SAVED_FULL;
	sl_restore_pair(r, sub, a);
	fate = sl_alloc_back_block(w, sub, a->paddr, b->start, &block);
	sl_sub_put(&w->subs, sub);
	return fate;
}

enum sl_saved_fate
sl_restore_block(struct sl_restore *r, const struct sl_saved_block *b)
{
	struct sl_worker *w;
	rte_be32_t inside;
	uint8_t tenant;
	enum sl_saved_fate fate = sl_restore_tenant(r, b->tenant, &tenant);

	if (fate == SL_SAVED_BACK)
		fate = sl_restore_inside(r, b->in_addr, &inside);
	if (fate != SL_SAVED_BACK)
		return fate;
	w = sl_restore_worker(r, inside);
	fate = put_block(r, w, tenant, inside, b);
	/* The logs say that it is its subscriber's, which ends here. */
	if (fate != SL_SAVED_BACK && fate != SL_SAVED_CLASH)
		sl_record_block(
			w, SL_RECORD_BLOCK_DEL, tenant, inside, b->out_addr, b->start, b->ports);
	return fate;
}

enum sl_saved_fate
sl_restore_rest(struct sl_restore *r, const struct sl_saved_rest *e)
{
	static const uint8_t proto[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP };
	const struct sl_addr *a;
	enum sl_saved_fate fate = sl_restore_address(r, e->out_addr, &a);
	struct sl_paddr *pa;
	struct sl_worker *w;

	if (fate != SL_SAVED_BACK)
		return fate;
	if (e->kind >= RTE_DIM(proto) || e->left > INT32_MAX)
		return SL_SAVED_NONSENSE;
	if (e->left <= r->elapsed)
		return SL_SAVED_OVER;
	pa = a->paddr != SL_NONE ? r->nat->paddr[a->paddr] : NULL;
	if (pa == NULL || pa->mode != SL_PADDR_PLAIN)
		return SL_SAVED_NO_PORT; /* only the block's own subscriber could get it */
	w = r->nat->worker[sl_paddr_worker(r->nat, pa, proto[e->kind], e->port)];
	return sl_alloc_back_rest(w, a->paddr, (enum sl_port_class)e->kind, e->port,
		(uint32_t)(e->left - r->elapsed));
}

/* ---- the whole of it ---- */

struct sl_restore *
sl_restore_begin(struct sl_nat *nat, const struct sl_saved_names *names, uint32_t n_hosts,
	uint64_t elapsed, uint64_t now)
{
	uint32_t slots = rte_align32pow2(RTE_MIN(n_hosts, 1u << 24) * 2 + 2);
	struct sl_restore *r;

	if (nat->snap == NULL)
		return NULL;
	r = rte_zmalloc("sluice restore", sizeof(*r), 0);
	if (r == NULL)
		return NULL;
	r->nat = nat;
	r->snap = nat->snap;
	r->names = names;
	r->now = (uint32_t)now;
	r->elapsed = elapsed;
	r->stand_mask = slots - 1;
	r->stand = rte_calloc("sluice restore", slots, sizeof(*r->stand), 0);
	if (r->stand == NULL) {
		rte_free(r);
		return NULL;
	}
	for (unsigned int i = 0; i < nat->n_workers; i++) {
		struct sl_worker *w = nat->worker[i];

		w->snap = nat->snap;
		w->now64 = now;
		w->now = (uint32_t)now;
	}
	return r;
}

static enum sl_saved_fate
put(struct sl_restore *r, enum sl_saved_kind kind, const void *record)
{
	const struct sl_saved_tcp *t = record;

	switch (kind) {
	case SL_SAVED_HOST:
		return sl_restore_host(r, record);
	case SL_SAVED_BLOCK:
		return sl_restore_block(r, record);
	case SL_SAVED_MAP:
		return sl_restore_map(r, record);
	case SL_SAVED_FLOW:
		return sl_restore_flow(r, record, NULL);
	case SL_SAVED_TCP:
		return sl_restore_flow(r, &t->flow, t);
	case SL_SAVED_REST:
		return sl_restore_rest(r, record);
	default:
		return SL_SAVED_NONSENSE;
	}
}

void
sl_restore_put(struct sl_restore *r, enum sl_saved_kind kind, const void *record, unsigned int n)
{
	bool flows = kind == SL_SAVED_FLOW || kind == SL_SAVED_TCP;
	size_t size = sl_saved_size(kind);

	for (unsigned int i = 0; i < n; i++) {
		const char *next = (const char *)record + i * size;

		/* Both kinds begin with the same. */
		if (flows && i % SL_RESTORE_AHEAD == 0)
			sl_restore_ahead(r, next, size, RTE_MIN(n - i, SL_RESTORE_AHEAD));
		r->count[kind][put(r, kind, next)]++;
	}
}

uint64_t
sl_restore_count(const struct sl_restore *r, enum sl_saved_kind kind, enum sl_saved_fate fate)
{
	return r->count[kind][fate];
}

/* Mappings that had only sessions to live by, and got none. */
static void
drop_empty(struct sl_worker *w)
{
	for (uint32_t i = 0; i < w->maps.high; i++) {
		struct sl_map *m = &w->maps.map[i];

		if (m->proto != 0 && m->n_flows == 0 && !(m->flags & SL_MAP_HELD))
			sl_mapping_drop(w, m);
	}
}

void
sl_restore_end(struct sl_restore *r)
{
	if (r == NULL)
		return;
	for (unsigned int i = 0; i < r->nat->n_workers; i++) {
		struct sl_worker *w = r->nat->worker[i];

		drop_empty(w);
		w->counter[SL_COUNTER_MAPPINGS_NOW] = w->maps.n;
		w->counter[SL_COUNTER_SUBSCRIBERS_NOW] = w->subs.n;
	}
	rte_free(r->stand);
	rte_free(r);
}

int
sl_owners_set(struct sl_nat *nat, const struct sl_owners *owners)
{
	if (nat->snap != NULL)
		return -EBUSY;
	if (owners->n_workers != nat->n_workers)
		return -EINVAL;
	nat->owner_seed = owners->four;
	memcpy(nat->home_seed.s, owners->six, sizeof(owners->six));
	return 0;
}
