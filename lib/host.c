/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Inside IPv6 hosts that have state, and the IPv4 addresses that stand for them.
 *
 * Behind a NAT64 prefix a host is to the rest of the library an IPv4 one: packets from it are
 * made IPv4 before anything is looked up (six_down.c), those to it are made IPv6 when they
 * leave (six_up.c). So mappings, flows, limits, pools, filters, helpers and logs are those of
 * NAT44. The address in between is from 240.0.0.0/4, which no packet may carry, and names the
 * worker that keeps the host.
 *
 * A host that uses two prefixes is two entries: what comes back must come from the prefix that
 * was asked. A subscriber is a network of hosts, by default a /64, since a host chooses
 * addresses in it as it likes; it has an entry and a stand-in of its own, which limits, paired
 * addresses and port blocks go by.
 *
 * Life: an entry is made for a packet that is about to open a session, and forgotten a while
 * after its last mapping has gone: longer than a packet may wait for a neighbour. A subscriber
 * goes after its hosts, when it holds no port block either. Hosts that forwards lead to are not
 * here: control gives them places of their own, and they come with the configuration (snap.h);
 * they look the same. But one that is here already when it gets a forward stays here for as long
 * as it has mappings, so its sessions go on: sl_host_forward() and sl_host_forwarded() turn the
 * one stand-in into the other.
 *
 * Memory is fixed, each subscriber may have a bounded number of hosts, and the hash is keyed.
 */
#include "host.h"

#include <errno.h>

#include <rte_malloc.h>

#include "state.h"

#define IDLE_MS (SL_HELD_MS + 1000)
#define SWEEP 64 /* entries looked at by one call */

int
sl_hosts_init(struct sl_hosts *t, uint32_t max, int socket, const struct sl_seed *seed)
{
	uint32_t heads;

	max = RTE_MIN(max, SL_STAND_FIXED / 2) * 2; /* a subscriber each */
	heads = rte_align32pow2(max);
	t->max = max;
	t->mask = heads - 1;
	t->seed = *seed;
	t->free = SL_NONE;
	t->host = rte_zmalloc_socket("sluice hosts", sizeof(*t->host) * max, 64, socket);
	t->head = rte_malloc_socket("sluice hosts", sizeof(uint32_t) * heads, 64, socket);
	if (t->host == NULL || t->head == NULL) {
		sl_hosts_fini(t);
		return -ENOMEM;
	}
	memset(t->head, 0xff, sizeof(uint32_t) * heads);
	return 0;
}

void
sl_hosts_fini(struct sl_hosts *t)
{
	rte_free(t->host);
	rte_free(t->head);
	t->host = NULL;
	t->head = NULL;
}

/* A free entry, entered in its chain; NULL when there is none. */
static struct sl_host *
take(struct sl_worker *w, uint32_t hash)
{
	struct sl_hosts *t = &w->hosts;
	uint32_t *head = &t->head[hash & t->mask], i;

	if (t->free != SL_NONE) {
		i = t->free;
		t->free = t->host[i].next;
	} else if (t->high < t->max) {
		i = t->high++;
	} else {
		return NULL;
	}
	t->host[i] = (struct sl_host){
		.next = *head, .stand = sl_stand(w->id, i), .sub = SL_NONE, .last = w->now
	};
	*head = i;
	t->n++;
	w->counter[SL_COUNTER_HOSTS6_NOW] = t->n;
	return &t->host[i];
}

static void
unlink_host(struct sl_hosts *t, const struct sl_host *h)
{
	uint32_t i = (uint32_t)(h - t->host),
		 *p = &t->head[sl_host_hash(&t->seed, h->tenant, h->nat64, &h->addr) & t->mask];

	while (*p != i)
		p = &t->host[*p].next;
	*p = h->next;
}

static void
give(struct sl_worker *w, struct sl_host *h)
{
	struct sl_hosts *t = &w->hosts;
	uint32_t i = (uint32_t)(h - t->host);

	unlink_host(t, h);
	h->stand = 0;
	h->next = t->free;
	t->free = i;
	t->n--;
	w->counter[SL_COUNTER_HOSTS6_NOW] = t->n;
}

/* The subscriber of an address, made when it is new. */
static struct sl_host *
get_subscriber(struct sl_worker *w, uint8_t tenant, const struct sl_ip6 *addr)
{
	static const struct sl_prefix none;
	struct sl_ip6 net = sl_ip6_net(addr, w->snap->subscriber6);
	uint32_t hash = sl_host_hash(&w->hosts.seed, tenant, SL_HOST_SUBSCRIBER, &net);
	struct sl_host *h = sl_host_find(&w->hosts, hash, tenant, SL_HOST_SUBSCRIBER, &net);

	if (h != NULL)
		return h;
	h = take(w, hash);
	if (h == NULL)
		return NULL;
	sl_host_prepare(h, &net, &none, h->stand);
	h->tenant = tenant;
	h->nat64 = SL_HOST_SUBSCRIBER;
	h->prefix.len = w->snap->subscriber6;
	return h;
}

struct sl_host *
sl_host_make(struct sl_worker *w, uint32_t hash, uint8_t tenant, uint8_t nat64,
	const struct sl_ip6 *addr, enum sl_counter *why)
{
	struct sl_host *sub = get_subscriber(w, tenant, addr), *h;

	*why = SL_COUNTER_DROP_HOSTS_FULL;
	if (sub == NULL)
		return NULL;
	if (sub->n >= w->snap->hosts6) {
		*why = SL_COUNTER_DROP_LIMIT_HOSTS;
		return NULL;
	}
	h = take(w, hash);
	if (h == NULL)
		return NULL;
	sl_host_prepare(h, addr, &w->snap->nat64[nat64].prefix, h->stand);
	h->tenant = tenant;
	h->nat64 = nat64;
	h->sub = (uint32_t)(sub - w->hosts.host);
	sub->n++;
	return h;
}

const struct sl_host *
sl_host_back(struct sl_worker *w, uint8_t tenant, uint8_t nat64, const struct sl_ip6 *addr,
	enum sl_counter *why)
{
	uint32_t hash;
	struct sl_host *h;

	if (nat64 == SL_HOST_SUBSCRIBER)
		return get_subscriber(w, tenant, addr);
	hash = sl_host_hash(&w->hosts.seed, tenant, nat64, addr);
	h = sl_host_find(&w->hosts, hash, tenant, nat64, addr);
	return h != NULL ? h : sl_host_make(w, hash, tenant, nat64, addr, why);
}

/* ---- hosts of forwards ---- */

uint32_t *
sl_host_fixed_head(const struct sl_snap *s, uint8_t tenant, uint8_t nat64, const void *addr)
{
	/* The operator wrote what is in the table, a constant seed does. */
	static const struct sl_seed plain = { { 0x9e3779b97f4a7c15, 0xd1b54a32d192ed03,
		0x8cb92ba72f3d8dd7, 0xaef17502108ef2d9 } };

	return &s->fixed_head[sl_host_hash(&plain, tenant, nat64, addr) & s->fixed_mask];
}

const struct sl_host *
sl_host_fixed(const struct sl_snap *s, rte_be32_t stand)
{
	uint32_t i = sl_stand_place(stand) - SL_STAND_FIXED;

	return i < s->n_fixed && s->fixed[i].stand == stand ? &s->fixed[i] : NULL;
}

const struct sl_host *
sl_host_find_fixed(const struct sl_snap *s, uint8_t tenant, uint8_t nat64, const void *addr)
{
	uint32_t i = *sl_host_fixed_head(s, tenant, nat64, addr);

	while (i != SL_NONE && !sl_host_is(&s->fixed[i], tenant, nat64, addr))
		i = s->fixed[i].next;
	return i != SL_NONE ? &s->fixed[i] : NULL;
}

/* ---- by stand-in ---- */

const struct sl_host *
sl_host_of(const struct sl_worker *w, rte_be32_t stand)
{
	uint32_t at = sl_stand_place(stand);
	const struct sl_host *h;

	if (at >= SL_STAND_FIXED)
		return sl_host_fixed(w->snap, stand);
	if (sl_stand_worker(stand) != w->id || at >= w->hosts.high)
		return NULL;
	h = &w->hosts.host[at];
	return h->stand == stand ? h : NULL;
}

rte_be32_t
sl_host_subscriber6(struct sl_worker *w, rte_be32_t addr)
{
	const struct sl_host *h = sl_host_of(w, addr), *sub;

	if (h == NULL || h->nat64 == SL_HOST_SUBSCRIBER)
		return addr;
	if (h->sub != SL_NONE)
		return w->hosts.host[h->sub].stand;
	/* The host of a forward. */
	sub = get_subscriber(w, h->tenant, &h->addr);
	return sub != NULL ? sub->stand : addr;
}

const struct sl_fwd *
sl_host_forward(const struct sl_worker *w, const struct sl_fwd *fwd, struct sl_fwd *own)
{
	const struct sl_host *fixed, *h;

	if (likely(fwd == NULL || !sl_stand_is(fwd->in_addr)))
		return fwd;
	fixed = sl_host_fixed(w->snap, fwd->in_addr);
	if (fixed == NULL)
		return fwd;
	h = sl_host_find(&w->hosts,
		sl_host_hash(&w->hosts.seed, fixed->tenant, fixed->nat64, &fixed->addr),
		fixed->tenant, fixed->nat64, &fixed->addr);
	if (likely(h == NULL))
		return fwd;
	*own = *fwd;
	own->in_addr = h->stand;
	return own;
}

rte_be32_t
sl_host_forwarded(const struct sl_worker *w, rte_be32_t addr)
{
	const struct sl_host *h;

	if (likely(!sl_stand_is(addr)) || w->snap->n_fixed == 0)
		return addr;
	h = sl_host_of(w, addr);
	if (h == NULL || h->nat64 == SL_HOST_SUBSCRIBER)
		return addr;
	h = sl_host_find_fixed(w->snap, h->tenant, h->nat64, &h->addr);
	return h != NULL ? h->stand : addr;
}

void
sl_host_hold(struct sl_worker *w, rte_be32_t stand, int by)
{
	uint32_t at = sl_stand_place(stand);
	struct sl_host *h = &w->hosts.host[at];

	if (at >= SL_STAND_FIXED)
		return;
	h->n += (uint32_t)by;
	if (h->n == 0)
		h->last = w->now;
}

static bool
same_prefix(const struct sl_snap *s, uint32_t nat64, const struct sl_prefix *prefix, uint8_t tenant)
{
	const struct sl_snap_nat64 *n = &s->nat64[nat64];

	return n->tenant == tenant && n->prefix.len == prefix->len &&
	       sl_ip6_same(&n->prefix.net, &prefix->net);
}

/* Does a prefix come to a place where it was not? */
static bool
prefixes_move(const struct sl_snap *was, const struct sl_snap *s)
{
	for (uint32_t i = 0; i < s->n_nat64; i++)
		if (s->nat64[i].prefix.len != 0 &&
			(i >= was->n_nat64 ||
				!same_prefix(was, i, &s->nat64[i].prefix, s->nat64[i].tenant)))
			return true;
	return false;
}

void
sl_hosts_retire(struct sl_worker *w, const struct sl_snap *s)
{
	struct sl_hosts *t = &w->hosts;

	if (w->snap == NULL || t->n == 0 || !prefixes_move(w->snap, s))
		return;
	for (uint32_t i = 0; i < t->high; i++) {
		struct sl_host *h = &t->host[i];
		uint32_t *head;

		if (h->stand == 0 || h->nat64 >= s->n_nat64 || s->nat64[h->nat64].prefix.len == 0 ||
			same_prefix(s, h->nat64, &h->prefix, h->tenant))
			continue;
		unlink_host(t, h);
		h->nat64 = SL_HOST_RETIRED;
		head = &t->head[sl_host_hash(&t->seed, h->tenant, h->nat64, &h->addr) & t->mask];
		h->next = *head;
		*head = i;
	}
}

void
sl_hosts_age(struct sl_worker *w)
{
	struct sl_hosts *t = &w->hosts;

	for (uint32_t n = RTE_MIN(t->high, (uint32_t)SWEEP); n > 0; n--) {
		struct sl_host *h, *sub;

		t->sweep = t->sweep + 1 < t->high ? t->sweep + 1 : 0;
		h = &t->host[t->sweep];
		if (h->stand == 0 || h->n > 0 || w->now - h->last < IDLE_MS)
			continue;
		if (h->nat64 == SL_HOST_SUBSCRIBER) {
			if (!sl_sub_exists(&w->subs, h->tenant, h->stand))
				give(w, h);
			continue;
		}
		sub = &t->host[h->sub];
		if (--sub->n == 0)
			sub->last = w->now;
		give(w, h);
	}
}
