/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pairs of outside ports: an even one and the next, as RTP and RTCP want them (RFC 3550
 * section 11). They are only found here; whoever asked then takes both by name. So nothing
 * has to be given back, and rest, when half of a pair would be there.
 *
 * Where a pair may lie is the pool's mode: anywhere on the address, in a block that the
 * subscriber holds or one more, in the ports of its plan. Two numbers of a pair always have
 * the same owner (sl_nat.port_shift).
 */
#include "pair.h"
#include "state.h"

#define TRIES 16
#define LOW 1023 /* the last of the well-known ports */

/* Forwards, services of the box, and mappings made under an earlier configuration are not in the
 * bitmap. */
static bool
taken_otherwise(struct sl_worker *w, const struct sl_paddr *pa, const struct sl_pkt *p, int port)
{
	for (int i = port; i <= port + 1; i++) {
		rte_be16_t at = rte_cpu_to_be_16((uint16_t)i);

		if (sl_snap_fwd_out(w->snap, p->key.proto, pa->addr, at) != NULL ||
			sl_snap_serves(w->snap, p->key.proto, pa->addr, at) ||
			sl_map_find_out(&w->maps, p->key.proto, pa->addr, at) != NULL)
			return true;
	}
	return false;
}

static int
find_between(struct sl_worker *w, const struct sl_paddr *pa, const struct sl_pkt *p, uint16_t lo,
	uint16_t hi)
{
	enum sl_port_class c = sl_port_class(p->key.proto);

	for (int try = 0; try < TRIES; try++) {
		int port = sl_ports_find_pair(pa->ports[w->id], c, lo, hi, sl_worker_random(w));

		if (port < 0 || !taken_otherwise(w, pa, p, port))
			return port;
	}
	return -1;
}

/* RFC 4787 REQ-3a, as portmap.c has it for single ports. */
static int
find_plain(struct sl_worker *w, const struct sl_paddr *pa, const struct sl_pkt *p)
{
	bool low = rte_be_to_cpu_16(p->key.sport) <= LOW;
	int port =
		low ? find_between(w, pa, p, 0, LOW) : find_between(w, pa, p, LOW + 1, UINT16_MAX);

	if (port >= 0)
		return port;
	return low ? find_between(w, pa, p, LOW + 1, UINT16_MAX) : find_between(w, pa, p, 0, LOW);
}

static int
find_in_block(struct sl_worker *w, const struct sl_block *b, const struct sl_pkt *p)
{
	const struct sl_paddr *pa = w->nat->paddr[b->paddr];

	return find_between(w, pa, p, b->start, (uint16_t)(b->start + (1u << pa->shift) - 1));
}

static int
find_in_blocks(
	struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why)
{
	const struct sl_block *b;

	for (uint32_t i = sub->blocks; i != SL_NONE; i = w->alloc.block[i].next) {
		int port = -1;

		if (w->alloc.block[i].paddr == sub->paddr)
			port = find_in_block(w, &w->alloc.block[i], p);
		if (port >= 0)
			return port;
	}
	b = sl_block_more(w, sub, why);
	return b != NULL ? find_in_block(w, b, p) : -1;
}

int
sl_pair_find(struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why)
{
	const struct sl_snap_pool *pool = &w->snap->pool[w->snap->tenant[p->tenant].pool];
	bool bound = sub->n_maps > 0 || sub->n_blocks > 0 || pool->mode == SL_PADDR_FIXED;
	int port = -1;

	*why = SL_COUNTER_DROP_NO_POOL;
	/* As sl_alloc_port(): one that is bound to no address yet may try the others. */
	for (unsigned int try = 0; port < 0 && try < (bound ? 1 : pool->n); try++) {
		const struct sl_paddr *pa = sl_alloc_address(w, sub, try, why);
		uint16_t lo, hi;

		if (pa == NULL)
			return -1;
		*why = SL_COUNTER_DROP_NO_PORT;
		if (pa->mode == SL_PADDR_BLOCKS)
			port = find_in_blocks(w, p, sub, why);
		else if (pa->mode == SL_PADDR_PLAIN)
			port = find_plain(w, pa, p);
		else if (sl_paddr_fixed_ports(pa, rte_be_to_cpu_32(sub->in_addr), &lo, &hi))
			port = find_between(w, pa, p, lo, hi);
	}
	return port;
}

bool
sl_pair_free(struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, uint16_t port,
	enum sl_counter *why)
{
	const struct sl_paddr *pa = sl_alloc_address(w, sub, 0, why);

	/* That it is the subscriber's to take is found when it is taken. */
	return pa != NULL && (port & 1) == 0 &&
	       find_between(w, pa, p, port, (uint16_t)(port + 1)) == port;
}
