/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pool addresses: which worker owns which port, and the port maps.
 *
 * Plain addresses are cut evenly: runs of 2^shift ports to one worker after the other, or
 * as the outside NIC spreads them, see steer.c. For port blocks the runs are the blocks.
 * With deterministic NAT it is the other way round: the owner of a subscriber owns its
 * ports, and who that is can be computed from the port (RFC 7422 section 2).
 *
 * A port whose mapping was restored may have a subscriber at another worker than its own. Then
 * the port goes there, for good: it is taken at the one, and free at the other when its mapping
 * ends. Owners change only before workers run, so whoever reads them needs no lock.
 */
#include <errno.h>

#include <rte_malloc.h>

#include "paddr.h"
#include "state.h"

unsigned int
sl_paddr_owner(const struct sl_nat *nat, const struct sl_paddr *pa, uint16_t port)
{
	uint32_t slot;

	if (pa->mode != SL_PADDR_FIXED)
		return nat->owner[(65536u + port) >> pa->shift];
	if (port < pa->port_min)
		return 0;
	slot = (port - pa->port_min) / pa->each;
	if (slot >= pa->n)
		return 0;
	return sl_owner_inside(nat, rte_cpu_to_be_32(pa->base + pa->first + slot));
}

unsigned int
sl_paddr_worker(const struct sl_nat *nat, const struct sl_paddr *pa, uint8_t proto, uint16_t port)
{
	enum sl_port_class c;

	if (unlikely(pa->any_moved)) {
		c = sl_port_class(proto);
		if (pa->moved[c] != NULL)
			return pa->moved[c][port];
	}
	return sl_paddr_owner(nat, pa, port);
}

static int
open_moved(const struct sl_nat *nat, struct sl_paddr *pa, enum sl_port_class c)
{
	if (pa->moved[c] != NULL)
		return 0;
	pa->moved[c] = rte_malloc("sluice moved", 65536, RTE_CACHE_LINE_SIZE);
	if (pa->moved[c] == NULL)
		return -ENOMEM;
	for (uint32_t port = 0; port < 65536; port++)
		pa->moved[c][port] = (uint8_t)sl_paddr_owner(nat, pa, (uint16_t)port);
	pa->any_moved = true;
	return 0;
}

int
sl_paddr_move(const struct sl_nat *nat, struct sl_paddr *pa, enum sl_port_class c, uint16_t port,
	unsigned int to)
{
	int rc = open_moved(nat, pa, c);

	if (rc != 0 || pa->moved[c][port] == to)
		return rc;
	if (!sl_ports_move(pa->ports[pa->moved[c][port]], pa->ports[to], c, port))
		return -EADDRINUSE;
	pa->moved[c][port] = (uint8_t)to;
	return 0;
}

int
sl_paddr_move_block(const struct sl_nat *nat, struct sl_paddr *pa, uint16_t start, unsigned int to)
{
	unsigned int from = sl_paddr_worker(nat, pa, IPPROTO_TCP, start);
	int rc = 0;

	if (from == to)
		return 0;
	if (!sl_ports_has_block(pa->ports[from], pa->shift, start))
		return -EADDRINUSE;
	for (int c = 0; c < SL_PORTS_COUNT && rc == 0; c++)
		rc = open_moved(nat, pa, (enum sl_port_class)c);
	for (int c = 0; c < SL_PORTS_COUNT && rc == 0; c++)
		for (uint32_t i = 0; i < 1u << pa->shift && rc == 0; i++)
			rc = sl_paddr_move(
				nat, pa, (enum sl_port_class)c, (uint16_t)(start + i), to);
	if (rc == 0) {
		sl_ports_take_this_block(pa->ports[from], pa->shift, start);
		sl_ports_give_block(pa->ports[to], pa->shift, start);
	}
	return rc;
}

bool
sl_paddr_fixed_ports(const struct sl_paddr *pa, uint32_t inside, uint16_t *lo, uint16_t *hi)
{
	uint32_t i = inside - pa->base - pa->first;

	if (i >= pa->n)
		return false;
	*lo = (uint16_t)(pa->port_min + i * pa->each);
	*hi = (uint16_t)(*lo + pa->each - 1);
	return true;
}

static bool
in_hole(const struct sl_paddr *pa, uint32_t lo, uint32_t hi)
{
	return pa->hole_max != 0 && hi >= pa->hole_min && lo <= pa->hole_max;
}

/* A block counts when all of it can be used. */
static void
init_blocks(struct sl_ports *p, const struct sl_nat *nat, const struct sl_paddr *pa,
	unsigned int worker)
{
	for (uint32_t b = 0; b < 65536u >> pa->shift; b++) {
		uint32_t lo = b << pa->shift, hi = lo + (1u << pa->shift) - 1;

		if (lo > 0 && lo >= pa->port_min && hi <= pa->port_max && !in_hole(pa, lo, hi) &&
			sl_paddr_owner(nat, pa, (uint16_t)lo) == worker)
			p->block_free[b / 64] |= UINT64_C(1) << (b % 64);
	}
}

struct whose {
	const struct sl_nat *nat;
	const struct sl_paddr *pa;
	unsigned int worker;
};

static bool
owned(const void *arg, uint16_t port)
{
	const struct whose *a = arg;
	uint32_t block = port >> a->pa->shift;

	if (in_hole(a->pa, port, port))
		return false;
	if (a->pa->mode == SL_PADDR_BLOCKS &&
		!(a->pa->ports[a->worker]->block_free[block / 64] >> (block % 64) & 1))
		return false;
	return sl_paddr_owner(a->nat, a->pa, port) == a->worker;
}

static int
make_ports(const struct sl_nat *nat, struct sl_paddr *pa)
{
	for (unsigned int i = 0; i < nat->n_workers; i++) {
		const struct whose whose = { nat, pa, i };
		struct sl_ports *p = rte_zmalloc(NULL, sizeof(*p), RTE_CACHE_LINE_SIZE);

		pa->ports[i] = p;
		if (p == NULL)
			return -1;
		if (pa->mode == SL_PADDR_BLOCKS) {
			p->block = rte_calloc(NULL, 65536u >> pa->shift, sizeof(*p->block), 0);
			if (p->block == NULL)
				return -1;
			init_blocks(p, nat, pa, i);
		}
		sl_ports_init(p, pa->port_min, pa->port_max, owned, &whose);
	}
	return 0;
}

static void
destroy(const struct sl_nat *nat, struct sl_paddr *pa)
{
	for (unsigned int i = 0; i < nat->n_workers; i++) {
		if (pa->ports[i] != NULL)
			rte_free(pa->ports[i]->block);
		rte_free(pa->ports[i]);
	}
	for (int c = 0; c < SL_PORTS_COUNT; c++)
		rte_free(pa->moved[c]);
	rte_free(pa);
}

static bool
same(const struct sl_paddr *a, const struct sl_paddr *b)
{
	return a->addr == b->addr && a->port_min == b->port_min && a->port_max == b->port_max &&
	       a->hole_min == b->hole_min && a->hole_max == b->hole_max && a->mode == b->mode &&
	       a->shift == b->shift && a->base == b->base && a->first == b->first && a->n == b->n &&
	       a->each == b->each;
}

uint32_t
sl_paddr_get(struct sl_nat *nat, const struct sl_paddr *want)
{
	const struct sl_addr *now = nat->snap ? sl_snap_addr(nat->snap, 0, want->addr) : NULL;
	struct sl_paddr *pa;
	bool again = false;

	/* Nearly always it is the one in force. */
	if (now != NULL && now->paddr != SL_NONE && same(nat->paddr[now->paddr], want))
		return now->paddr;
	for (uint32_t i = 0; i < nat->n_paddr; i++) {
		if (same(nat->paddr[i], want))
			return i;
		again |= nat->paddr[i]->addr == want->addr;
	}
	if (nat->n_paddr == SL_PADDR_MAX)
		return SL_NONE;
	pa = rte_zmalloc(NULL, sizeof(*pa), 0);
	if (pa == NULL)
		return SL_NONE;
	*pa = *want;
	if (make_ports(nat, pa) != 0) {
		destroy(nat, pa);
		return SL_NONE;
	}
	nat->paddr[nat->n_paddr] = pa;
	if (again)
		__atomic_store_n(&nat->paddr_again, true, __ATOMIC_RELAXED);
	return nat->n_paddr++;
}

void
sl_paddr_fini(struct sl_nat *nat)
{
	for (uint32_t i = 0; i < nat->n_paddr; i++)
		destroy(nat, nat->paddr[i]);
	rte_free(nat->paddr);
}
