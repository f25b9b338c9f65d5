/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv6 hosts as the store of leases knows them. The store, and what asks it, tell hosts apart by
 * IPv4 addresses; an IPv6 host gets one of 240.0.0.0/4 for as long as it has a lease. It means
 * nothing to workers: leased.c turns it into the host's own address before it asks them, and they
 * have stand-ins of their own (lib/host.h).
 *
 * A host that only asks leaves no trace: when a new one asks, all that have no lease are forgotten,
 * and not before, since whoever ends a host's last lease may go on to look at it.
 *
 * Control lcore only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <rte_common.h>
#include <rte_random.h>

#include "alias.h"

#define NONE UINT32_MAX
#define FIRST UINT32_C(0xf0000000)

static uint32_t *
head_of(struct aliases *as, uint16_t tenant, const struct sl_ip6 *addr)
{
	uint64_t words[2];

	memcpy(words, addr, sizeof(words));
	return &as->head[sl_hash128(words[0] ^ tenant, words[1], &as->seed) % ALIAS_HEADS];
}

static bool
is_host(const struct alias *a, uint16_t tenant, const struct sl_ip6 *addr)
{
	return a->tenant == tenant && sl_ip6_same(&a->addr, addr);
}

void
alias_init(struct aliases *as)
{
	memset(as, 0, sizeof(*as));
	memset(as->head, 0xff, sizeof(as->head));
	as->free = as->idle = NONE;
	if (getrandom(&as->seed, sizeof(as->seed), GRND_NONBLOCK) == (ssize_t)sizeof(as->seed))
		return;
	/* So early the kernel has none; these do. */
	for (unsigned int i = 0; i < RTE_DIM(as->seed.s); i++)
		as->seed.s[i] = rte_rand();
}

void
alias_fini(struct aliases *as)
{
	free(as->alias);
	alias_init(as);
}

static void
put_idle(struct aliases *as, uint32_t i)
{
	if (as->alias[i].idle)
		return;
	as->alias[i].idle = true;
	as->alias[i].next_idle = as->idle;
	as->idle = i;
}

/* Out of its chain, into that of the free ones. */
static void
forget(struct aliases *as, uint32_t i)
{
	struct alias *a = &as->alias[i];
	uint32_t *p = head_of(as, a->tenant, &a->addr);

	while (*p != i)
		p = &as->alias[*p].next;
	*p = a->next;
	a->next = as->free;
	as->free = i;
}

static void
forget_idle(struct aliases *as)
{
	while (as->idle != NONE) {
		uint32_t i = as->idle;

		as->idle = as->alias[i].next_idle;
		as->alias[i].idle = false;
		if (as->alias[i].leases == 0)
			forget(as, i);
	}
}

static uint32_t
take(struct aliases *as)
{
	struct alias *more;
	uint32_t i = as->free, room = as->room * 2 + 16;

	if (i != NONE) {
		as->free = as->alias[i].next;
		return i;
	}
	if (as->n == as->room) {
		more = realloc(as->alias, room * sizeof(*more));
		if (more == NULL)
			return NONE;
		as->alias = more;
		as->room = room;
	}
	return as->n++;
}

rte_be32_t
alias_get(struct aliases *as, uint16_t tenant, const struct sl_ip6 *addr)
{
	uint32_t *head = head_of(as, tenant, addr), i;

	/* One that is idle is in its chain still. */
	for (i = *head; i != NONE; i = as->alias[i].next)
		if (is_host(&as->alias[i], tenant, addr))
			return rte_cpu_to_be_32(FIRST | i);
	forget_idle(as);
	i = take(as);
	if (i == NONE)
		return 0;
	as->alias[i] = (struct alias){ .addr = *addr, .tenant = tenant, .next = *head };
	*head = i;
	put_idle(as, i);
	return rte_cpu_to_be_32(FIRST | i);
}

const struct alias *
alias_of(const struct aliases *as, rte_be32_t alias)
{
	uint32_t i = rte_be_to_cpu_32(alias) & ~FIRST;

	return alias_is(alias) && i < as->n ? &as->alias[i] : NULL;
}

void
alias_hold(struct aliases *as, rte_be32_t alias, int by)
{
	uint32_t i = rte_be_to_cpu_32(alias) & ~FIRST;

	if (alias_of(as, alias) == NULL)
		return;
	as->alias[i].leases += (uint32_t)by;
	if (as->alias[i].leases == 0)
		put_idle(as, i);
}

uint32_t
alias_kin(const struct aliases *as, rte_be32_t alias, uint8_t plen)
{
	const struct alias *me = alias_of(as, alias);
	struct sl_ip6 net, other;
	uint32_t n = 0;

	if (me == NULL)
		return 0;
	net = sl_ip6_net(&me->addr, plen);
	for (uint32_t i = 0; i < as->n; i++) {
		const struct alias *a = &as->alias[i];

		if (a == me || a->leases == 0 || a->tenant != me->tenant)
			continue;
		other = sl_ip6_net(&a->addr, plen);
		if (sl_ip6_same(&net, &other))
			n += a->leases;
	}
	return n;
}
