/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Ports and blocks that subscribers had before a restart, taken again (restore.c). What a port
 * needs is what it needed when it was drawn (alloc.c): that the pool still gives it out, that the
 * plan gives it to this subscriber, that it is in one of the subscriber's blocks. A block that
 * was not saved, since it is younger than the walk over blocks, is found by its first port.
 *
 * Control, while no worker runs: ports may change their owner here and nowhere else.
 */
#include "alloc_back.h"

#include <errno.h>

#include "state.h"

static uint32_t
blocks_of(const struct sl_worker *w, const struct sl_sub *sub, uint32_t paddr)
{
	uint32_t n = 0;

	for (uint32_t i = sub->blocks; i != SL_NONE; i = w->alloc.block[i].next)
		n += w->alloc.block[i].paddr == paddr;
	return n;
}

static struct sl_block *
find_block(const struct sl_worker *w, const struct sl_sub *sub, uint32_t paddr, uint16_t start)
{
	for (uint32_t i = sub->blocks; i != SL_NONE; i = w->alloc.block[i].next)
		if (w->alloc.block[i].paddr == paddr && w->alloc.block[i].start == start)
			return &w->alloc.block[i];
	return NULL;
}

enum sl_saved_fate
sl_alloc_back_block(struct sl_worker *w, struct sl_sub *sub, uint32_t paddr, uint16_t start,
	struct sl_block **b)
{
	const struct sl_snap *s = w->snap;
	struct sl_paddr *pa = w->nat->paddr[paddr];
	unsigned int owner = sl_paddr_worker(w->nat, pa, IPPROTO_TCP, start);

	*b = find_block(w, sub, paddr, start);
	if (*b != NULL)
		return SL_SAVED_BACK;
	if (!(pa->ports[owner]->owned[start / 64] >> (start % 64) & 1))
		return SL_SAVED_NO_PORT;
	if (blocks_of(w, sub, paddr) >= s->pool[s->tenant[sub->tenant].pool].blocks_max)
		return SL_SAVED_LIMIT;
	if (!sl_ports_has_block(pa->ports[owner], pa->shift, start))
		return SL_SAVED_CLASH;
	if (sl_paddr_move_block(w->nat, pa, start, w->id) != 0)
		return SL_SAVED_FULL;
	sl_ports_take_this_block(pa->ports[w->id], pa->shift, start);
	*b = sl_block_enter(w, sub, paddr, start);
	return *b != NULL ? SL_SAVED_BACK : SL_SAVED_FULL;
}

enum sl_saved_fate
sl_alloc_back_port(
	struct sl_worker *w, struct sl_sub *sub, uint32_t paddr, uint8_t proto, uint16_t port)
{
	enum sl_port_class c = sl_port_class(proto);
	struct sl_paddr *pa = w->nat->paddr[paddr];
	unsigned int owner = sl_paddr_worker(w->nat, pa, proto, port);
	enum sl_saved_fate fate;
	struct sl_block *b = NULL;
	uint16_t lo, hi;
	int rc;

	if (!(pa->ports[owner]->owned[port / 64] >> (port % 64) & 1))
		return SL_SAVED_NO_PORT;
	if (pa->mode == SL_PADDR_FIXED &&
		(!sl_paddr_fixed_ports(pa, rte_be_to_cpu_32(sub->in_addr), &lo, &hi) || port < lo ||
			port > hi))
		return SL_SAVED_NO_PORT;
	if (pa->mode == SL_PADDR_BLOCKS) {
		fate = sl_alloc_back_block(
			w, sub, paddr, (uint16_t)(port >> pa->shift << pa->shift), &b);
		if (fate != SL_SAVED_BACK)
			return fate;
	} else if (owner != w->id) {
		rc = sl_paddr_move(w->nat, pa, c, port, w->id);
		if (rc != 0)
			return rc == -ENOMEM ? SL_SAVED_FULL : SL_SAVED_CLASH;
	}
	if (!sl_ports_take_this(pa->ports[w->id], c, port))
		return SL_SAVED_CLASH;
	if (b != NULL)
		b->used++;
	return SL_SAVED_BACK;
}

enum sl_saved_fate
sl_alloc_back_rest(
	struct sl_worker *w, uint32_t paddr, enum sl_port_class c, uint16_t port, uint32_t left)
{
	struct sl_ports *ports = w->nat->paddr[paddr]->ports[w->id];

	if (!(ports->owned[port / 64] >> (port % 64) & 1))
		return SL_SAVED_NO_PORT;
	if (!sl_ports_take_this(ports, c, port))
		return SL_SAVED_CLASH;
	if (sl_alloc_rest(w, paddr, c, port, left))
		return SL_SAVED_BACK;
	sl_ports_give(ports, c, port);
	return SL_SAVED_FULL;
}
