/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Outside addresses and ports for subscribers, by the mode of the pool.
 *
 * Plain: any free port of the subscriber's address. Blocks: the subscriber holds blocks of
 * ports and draws from those; only blocks are logged (RFC 6888 REQ-14), and a block without
 * ports in use goes back after its idle time. Fixed: the ports that the plan gives it (RFC
 * 7422), nothing else. Shared: endpoint-dependent mapping, where a port serves many
 * subscribers as long as their remote endpoints differ (RFC 7857 section 3).
 *
 * A subscriber keeps its address while it holds a mapping or a block (paired pooling, RFC
 * 4787 REQ-2). A port that is given back rests before it is used again (RFC 6888 REQ-8).
 */
#include <errno.h>

#include <rte_malloc.h>

#include "alloc.h"
#include "block.h"
#include "state.h"

#define BLOCKS_A_SLICE 16
#define REST_AHEAD 8 /* resting ports that are fetched ahead */
#define TRIES 64

int
sl_alloc_init(struct sl_alloc *a, uint32_t sessions, uint32_t subscribers, int socket)
{
	a->max = subscribers * 2;
	a->free = SL_NONE;
	a->rest.size = sessions;
	a->rest.entry =
		rte_malloc_socket("sluice rest", sizeof(*a->rest.entry) * a->rest.size, 0, socket);
	a->block = rte_zmalloc_socket("sluice blocks", sizeof(*a->block) * a->max, 0, socket);
	if (a->rest.entry == NULL || a->block == NULL) {
		sl_alloc_fini(a);
		return -ENOMEM;
	}
	return 0;
}

void
sl_alloc_fini(struct sl_alloc *a)
{
	rte_free(a->rest.entry);
	rte_free(a->block);
	a->rest.entry = NULL;
	a->block = NULL;
}

static const struct sl_snap_pool *
pool_of(const struct sl_worker *w, const struct sl_sub *sub)
{
	return &w->snap->pool[w->snap->tenant[sub->tenant].pool];
}

uint32_t
sl_alloc_turn(const struct sl_snap_pool *pool, uint32_t host)
{
	if (pool->mode == SL_PADDR_FIXED) {
		host -= pool->base;
		return host < pool->n_inside ? host / pool->per_addr : UINT32_MAX;
	}
	if (pool->n == 0)
		return UINT32_MAX;
	return (host + (host >> 8) + (host >> 16) + (host >> 24)) % pool->n;
}

/* RFC 7422: the plan says which address. */
static const struct sl_paddr *
fixed_address(struct sl_worker *w, struct sl_sub *sub, const struct sl_snap_pool *pool)
{
	uint32_t at = sl_alloc_turn(pool, rte_be_to_cpu_32(sub->in_addr));

	if (at >= pool->n)
		return NULL;
	sub->paddr = w->snap->paddr[pool->first + at];
	return w->nat->paddr[sub->paddr];
}

const struct sl_paddr *
sl_alloc_address(struct sl_worker *w, struct sl_sub *sub, unsigned int try, enum sl_counter *why)
{
	const struct sl_snap *s = w->snap;
	const struct sl_snap_pool *pool = pool_of(w, sub);
	uint32_t host = rte_be_to_cpu_32(sub->in_addr);

	*why = SL_COUNTER_DROP_NO_POOL;
	if (pool->drain)
		return NULL;
	if (pool->mode == SL_PADDR_FIXED)
		return fixed_address(w, sub, pool);
	if (sub->paddr != SL_NONE && (sub->n_maps > 0 || sub->n_blocks > 0)) {
		const struct sl_addr *a = sl_snap_addr(s, 0, w->nat->paddr[sub->paddr]->addr);

		/* Unless the address has left the pool. */
		if (a != NULL && a->paddr != SL_NONE && a->pool == s->tenant[sub->tenant].pool) {
			sub->paddr = a->paddr;
			return w->nat->paddr[a->paddr];
		}
	}
	if (pool->n == 0)
		return NULL;
	/* By inside address, so that every worker comes to the same result: neighbours one after
	 * the other, and each /24, /16 and /8 begins elsewhere, for those with a stride. */
	sub->paddr = s->paddr[pool->first + (sl_alloc_turn(pool, host) + try) % pool->n];
	return w->nat->paddr[sub->paddr];
}

/* Not in the bitmap, but in use: ports of forwards, of services of the box itself, and of
 * mappings made under an earlier configuration. */
static bool
taken_otherwise(struct sl_worker *w, const struct sl_paddr *pa, const struct sl_pkt *p, int port)
{
	struct sl_key key = {
		.src = p->key.dst,
		.dst = pa->addr,
		.sport = p->key.dport,
		.dport = rte_cpu_to_be_16((uint16_t)port),
		.proto = p->key.proto,
		.side = SL_OUTSIDE,
	};

	return sl_snap_fwd_out(w->snap, key.proto, pa->addr, key.dport) != NULL ||
	       (w->snap->n_services > 0 &&
		       sl_snap_serves(w->snap, key.proto, pa->addr, key.dport)) ||
	       ((w->n_static > 0 || __atomic_load_n(&w->nat->paddr_again, __ATOMIC_RELAXED)) &&
		       sl_map_find_out(&w->maps, key.proto, pa->addr, key.dport) != NULL) ||
	       (w->n_shared > 0 && sl_flow_find(&w->flows, &key) != NULL);
}

uint16_t
sl_alloc_model(const struct sl_worker *w, const struct sl_pkt *p, uint64_t random)
{
	return rte_be_to_cpu_16(p->key.sport) ^ (w->snap->port_parity ? 0 : random >> 63);
}

/* Draw a port from lo..hi that nothing else uses; -1 when there is none. */
static int
draw(struct sl_worker *w, const struct sl_paddr *pa, const struct sl_pkt *p, uint16_t lo,
	uint16_t hi)
{
	enum sl_port_class c = sl_port_class(p->key.proto);
	struct sl_ports *ports = pa->ports[w->id];
	uint16_t refused[TRIES];
	unsigned int n = 0;
	int port;

	for (;;) {
		uint64_t random = sl_worker_random(w);
		uint16_t like = sl_alloc_model(w, p, random);

		port = pa->mode == SL_PADDR_PLAIN
			       ? sl_ports_take(ports, c, like, random)
			       : sl_ports_take_in(ports, c, lo, hi, like, random);
		if (port < 0 || !taken_otherwise(w, pa, p, port))
			break;
		refused[n++] = (uint16_t)port;
		if (n == TRIES) {
			port = -1;
			break;
		}
	}
	while (n > 0)
		sl_ports_give(ports, c, refused[--n]);
	return port;
}

void
sl_alloc_fetch(const struct sl_worker *w, const struct sl_pkt *p, const struct sl_sub *sub,
	struct sl_random *next)
{
	uint64_t random = sl_random_next(next);

	if (sub->paddr != SL_NONE && sub->n_maps > 0 &&
		w->nat->paddr[sub->paddr]->mode == SL_PADDR_PLAIN)
		sl_ports_fetch(w->nat->paddr[sub->paddr]->ports[w->id], sl_port_class(p->key.proto),
			sl_alloc_model(w, p, random), random);
}

static int
draw_in(struct sl_worker *w, struct sl_block *b, const struct sl_pkt *p)
{
	const struct sl_paddr *pa = w->nat->paddr[b->paddr];
	int port = draw(w, pa, p, b->start, (uint16_t)(b->start + (1u << pa->shift) - 1));

	if (port >= 0)
		b->used++;
	return port;
}

static int
draw_from_blocks(
	struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why)
{
	struct sl_block *b;
	int port;

	for (uint32_t i = sub->blocks; i != SL_NONE; i = w->alloc.block[i].next) {
		if (w->alloc.block[i].paddr != sub->paddr)
			continue;
		port = draw_in(w, &w->alloc.block[i], p);
		if (port >= 0)
			return port;
	}
	b = sl_block_more(w, sub, why);
	return b ? draw_in(w, b, p) : -1;
}

/* ---- the doors ---- */

int
sl_alloc_port(struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why)
{
	const struct sl_snap_pool *pool = pool_of(w, sub);
	bool bound = sub->n_maps > 0 || sub->n_blocks > 0 || pool->mode == SL_PADDR_FIXED;
	uint16_t lo = 0, hi = 0;
	int port = -1;

	/* One that is bound to no address yet may try the others when the first is full. */
	for (unsigned int try = 0; port < 0 && try < (bound ? 1 : pool->n); try++) {
		const struct sl_paddr *pa = sl_alloc_address(w, sub, try, why);

		if (pa == NULL)
			return -1;
		*why = SL_COUNTER_DROP_NO_PORT;
		if (pa->mode == SL_PADDR_BLOCKS) {
			port = draw_from_blocks(w, p, sub, why);
			continue;
		}
		if (pa->mode == SL_PADDR_FIXED &&
			!sl_paddr_fixed_ports(pa, rte_be_to_cpu_32(sub->in_addr), &lo, &hi))
			return -1;
		port = draw(w, pa, p, lo, hi);
	}
	if (port < 0 && pool->n == 0)
		*why = SL_COUNTER_DROP_NO_POOL;
	return port;
}

int
sl_alloc_this(struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, uint16_t port,
	enum sl_counter *why)
{
	const struct sl_paddr *pa = sl_alloc_address(w, sub, 0, why);
	enum sl_port_class c = sl_port_class(p->key.proto);
	struct sl_block *b = NULL;

	if (pa == NULL)
		return -1;
	*why = SL_COUNTER_DROP_NO_PORT;
	if (pa->mode == SL_PADDR_BLOCKS) {
		/* Only in a block that the subscriber holds. */
		for (uint32_t i = sub->blocks; i != SL_NONE && b == NULL;
			i = w->alloc.block[i].next)
			if (w->alloc.block[i].paddr == sub->paddr &&
				port >> pa->shift == w->alloc.block[i].start >> pa->shift)
				b = &w->alloc.block[i];
		if (b == NULL)
			return -1;
	} else if (pa->mode == SL_PADDR_FIXED) {
		uint16_t lo, hi;

		if (!sl_paddr_fixed_ports(pa, rte_be_to_cpu_32(sub->in_addr), &lo, &hi) ||
			port < lo || port > hi)
			return -1;
	}
	if (taken_otherwise(w, pa, p, port) || !sl_ports_take_this(pa->ports[w->id], c, port))
		return -1;
	if (b != NULL)
		b->used++;
	return port;
}

void
sl_alloc_undo(struct sl_worker *w, uint32_t paddr, enum sl_port_class c, uint16_t port)
{
	const struct sl_paddr *pa = w->nat->paddr[paddr];
	struct sl_ports *ports = pa->ports[w->id];

	sl_ports_give(ports, c, port);
	if (pa->mode == SL_PADDR_BLOCKS) {
		struct sl_block *b = &w->alloc.block[ports->block[port >> pa->shift]];

		if (--b->used == 0)
			b->idle = w->now;
	}
}

_Static_assert(SL_PADDR_MAX <= UINT16_MAX + 1 && SL_PORTS_COUNT <= 4, "an entry is eight bytes");

static void
rest_put(struct sl_rest *r, uint32_t until, uint32_t paddr, enum sl_port_class c, uint16_t port)
{
	uint32_t at = r->head + r->n++;

	r->entry[at < r->size ? at : at - r->size] = (struct sl_rest_entry){
		.until = ((until + 3) & ~3u) | (uint32_t)c, /* rather a moment longer */
		.paddr = (uint16_t)paddr,
		.port = port,
	};
}

static const struct sl_rest_entry *
rest_entry(const struct sl_rest *r, uint32_t n)
{
	uint32_t at = r->head + n;

	return &r->entry[at < r->size ? at : at - r->size];
}

/* The port that rests longest is free. */
static void
rest_over(struct sl_worker *w)
{
	struct sl_rest *r = &w->alloc.rest;
	const struct sl_rest_entry *e;

	if (r->n > REST_AHEAD) {
		e = rest_entry(r, REST_AHEAD);
		sl_ports_fetch_this(w->nat->paddr[e->paddr]->ports[w->id],
			(enum sl_port_class)(e->until & 3), e->port);
	}
	e = &r->entry[r->head];
	sl_alloc_undo(w, e->paddr, (enum sl_port_class)(e->until & 3), e->port);
	r->head = r->head + 1 < r->size ? r->head + 1 : 0;
	r->n--;
}

bool
sl_alloc_rest(
	struct sl_worker *w, uint32_t paddr, enum sl_port_class c, uint16_t port, uint32_t left)
{
	struct sl_rest *r = &w->alloc.rest;

	if (r->n == r->size)
		return false;
	rest_put(r, w->now + left, paddr, c, port);
	return true;
}

void
sl_alloc_give(struct sl_worker *w, uint32_t paddr, enum sl_port_class c, uint16_t port)
{
	uint32_t rest = w->snap->timeout[SL_TIMEOUT_PORT_REST];

	/* The ports of a fixed plan belong to nobody else (RFC 6888 REQ-8 B). */
	if (rest == 0 || w->nat->paddr[paddr]->mode == SL_PADDR_FIXED) {
		sl_alloc_undo(w, paddr, c, port);
		return;
	}
	/* Where so many rest, the one that has rested longest makes room. */
	if (unlikely(w->alloc.rest.n == w->alloc.rest.size))
		rest_over(w);
	sl_alloc_rest(w, paddr, c, port, rest);
}

void
sl_alloc_age(struct sl_worker *w, uint32_t most)
{
	struct sl_rest *r = &w->alloc.rest;

	for (uint32_t n = RTE_MIN(r->n, most); n > 0; n--) {
		if ((int32_t)(w->now - r->entry[r->head].until) < 0)
			break;
		rest_over(w);
	}
	sl_block_age(w, BLOCKS_A_SLICE);
}
