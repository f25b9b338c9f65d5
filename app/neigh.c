/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Neighbours as the kernel has them on the exception TAPs.
 *
 * The kernel resolves, we only ask. A worker that finds no neighbour for a packet sends an
 * event; the first one within a second makes the kernel ask by ARP or ND, and the answer comes
 * back through the mirror to the library. Since forwarded packets never pass the kernel, it
 * sees no use of its entries and lets them go stale for ever: every REFRESH_MS we say for a
 * stale one that it is used, which makes the kernel send a unicast question, so a host that
 * died or moved is noticed within about a minute. An entry that fails is reported to the
 * library at once and asked for again when a packet wants it. While packets wait, their
 * worker does not repeat itself; so what the kernel has given up or was made to forget in
 * between (by `ip neigh`, by its own limits) is asked for again every second.
 *
 * Whoever floods the link with solicitations from hosts that are made up fills the kernel's table,
 * which then forgets neighbours that are there, and knows no way to ask for them. While that goes
 * on (punts over their rate, a full table, or many new neighbours), the address of one that is
 * lost is kept: a packet that wants it has it at once. When it is over, the kernel is asked for
 * those that are in use, and the others are forgotten.
 *
 * Life: made by event, dump or question; gone when the kernel forgets it, when a dump (a new
 * generation) has not brought it, or when a question had no answer for ORPHAN_MS; with its
 * tenant at the latest. One table for all tenants, whose addresses may be the same.
 *
 * Control lcore only. Limits: NEIGHBOURS entries; ASK_RATE questions a second, so that a scan
 * of a large network does not become a storm of ARP, ASK_RATE_TENANT for each further tenant, so
 * that its scans do not silence others, and ASK_RATE_SCAN for all addresses that no session and no
 * route names; the kernel itself keeps no more than
 * net.ipv4.neigh.default.gc_thresh3 (1024 unless raised) in all namespaces together, and as many
 * of IPv6 as net.ipv6 says.
 */
#include <errno.h>
#include <stdlib.h>

#include <linux/neighbour.h>

#include "log.h"
#include "neigh.h"
#include "neigh_index.h"

#define NEIGHBOURS 65536
#define ASK_MS 1000 /* the same address not more often */
#define ASK_RATE 512 /* questions of packets, a second */
#define ASK_RATE_TENANT 64 /* the same for each tenant but the first */
#define ASK_RATE_SCAN 128 /* the same for addresses that no session and no route names */
#define TENANTS (UINT8_MAX + 1)
#define REFRESH_MS 30000
#define REFRESH_RATE 256 /* refreshes a second */
#define ORPHAN_MS 60000
#define WANTED_MS 3000 /* as long as packets wait for it */
#define KEPT_MS 5000 /* a kept one is asked for not more often */
#define LATE_KEPT 16384 /* kept of those that came in a flood */
#define FLOOD_NEW 128 /* neighbours made in a second that are called a flood */
#define FLOOD_TICKS 10 /* seconds without a sign until it is called over */

#define USABLE (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP)
#define FIXED (NUD_PERMANENT | NUD_NOARP)

struct neigh {
	uint64_t asked; /* when we last asked, or first saw it */
	uint64_t wanted; /* when a worker last missed it, 0: never */
	uint32_t generation;
	struct addr addr;
	struct rte_ether_addr mac;
	uint16_t state; /* NUD_*, 0: not in the kernel */
	uint16_t tenant;
	uint8_t side;
	bool known; /* this place is in use */
	bool told; /* the library has mac */
	bool scan; /* only wanted by packets to addresses that anybody can make up */
	bool late; /* came in a flood: nobody knows whether it is there */
	bool kept; /* lost in a flood, mac is what it had */
};

struct neigh_table {
	struct sl_nat *nat;
	neigh_ask_fn *ask;
	void *ask_arg;
	struct neigh_index *index;
	uint32_t generation[TENANTS];
	uint32_t high; /* places from here on were never used */
	uint32_t cursor; /* where the next refresh begins */
	unsigned int budget[TENANTS]; /* questions left in this second */
	unsigned int scans; /* the same for what may be a scan */
	bool full, refused; /* already logged */
	unsigned int made; /* neighbours, in this second */
	unsigned int late; /* neighbours that are late and kept */
	unsigned int flood; /* seconds that neighbours are still kept, 0: no flood */
	uint64_t punts_dropped; /* when that was last looked at */
	uint64_t now; /* of the last tick */
	struct neigh neigh[NEIGHBOURS + 1];
};

static void
fill_budgets(struct neigh_table *table)
{
	table->scans = ASK_RATE_SCAN;
	table->budget[0] = ASK_RATE;
	for (unsigned int i = 1; i < TENANTS; i++)
		table->budget[i] = ASK_RATE_TENANT;
}

struct neigh_table *
neigh_create(struct sl_nat *nat, neigh_ask_fn *ask, void *arg)
{
	struct neigh_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->index = neigh_index_create(NEIGHBOURS);
	if (table->index == NULL) {
		free(table);
		return NULL;
	}
	table->nat = nat;
	table->ask = ask;
	table->ask_arg = arg;
	fill_budgets(table);
	return table;
}

void
neigh_destroy(struct neigh_table *table)
{
	if (table == NULL)
		return;
	neigh_index_destroy(table->index);
	free(table);
}

static struct neigh *
find(struct neigh_table *table, unsigned int tenant, enum sl_side side, const struct addr *addr)
{
	int at = neigh_index_find(table->index, tenant, side, addr);

	return at < 0 ? NULL : &table->neigh[at];
}

static struct neigh *
find_or_add(
	struct neigh_table *table, unsigned int tenant, enum sl_side side, const struct addr *addr)
{
	struct neigh *n = find(table, tenant, side, addr);
	int at;

	if (n != NULL)
		return n;
	at = neigh_index_add(table->index, tenant, side, addr);
	if (at < 0) {
		if (!table->full)
			SL_LOG(WARNING,
				"more than %u neighbours: the rest is not reached; put a router "
				"before them",
				NEIGHBOURS);
		table->full = true;
		return NULL;
	}
	table->made++;
	n = &table->neigh[at];
	*n = (struct neigh){
		.addr = *addr,
		.tenant = (uint16_t)tenant,
		.side = (uint8_t)side,
		.known = true,
		.late = table->flood > 0,
	};
	table->high = RTE_MAX(table->high, (uint32_t)at + 1);
	return n;
}

/* Tell the library. */
static int
tell(struct neigh_table *table, const struct neigh *n, const struct rte_ether_addr *mac)
{
	enum sl_side side = (enum sl_side)n->side;

	if (n->addr.six != 0)
		return sl_neigh6_set(table->nat, n->tenant, side, &n->addr.v6, mac);
	return sl_neigh_set(table->nat, n->tenant, side, n->addr.v4, mac);
}

static void
tell_gone(struct neigh_table *table, struct neigh *n)
{
	if (n->told)
		tell(table, n, NULL);
	n->told = false;
}

static void
set_kept(struct neigh_table *table, struct neigh *n, bool kept)
{
	if (n->late && kept != n->kept)
		table->late += kept ? 1 : -1u;
	n->kept = kept;
}

static void
forget(struct neigh_table *table, struct neigh *n)
{
	tell_gone(table, n);
	set_kept(table, n, false);
	neigh_index_del(table->index, n->tenant, (enum sl_side)n->side, &n->addr);
	n->known = false;
}

/* In a flood: what is in use stays so, and any other's address is there when it is wanted. */
static bool
keep(struct neigh_table *table, struct neigh *n)
{
	if (table->flood == 0 || !(n->told || n->kept))
		return false;
	if (!n->kept) {
		if (n->late && table->late >= LATE_KEPT)
			return false;
		set_kept(table, n, true);
		n->wanted = 0;
		n->asked = table->now;
		tell_gone(table, n);
	}
	n->state = 0;
	return true;
}

/* The kernel has it no more. While packets may wait for it, neigh_tick() asks again. */
static void
lose(struct neigh_table *table, struct neigh *n)
{
	if (keep(table, n))
		return;
	if (n->told || n->wanted == 0)
		forget(table, n);
	else
		n->state = 0;
}

void
neigh_set(struct neigh_table *table, const struct kernel_neigh *neigh, uint16_t state, uint64_t now)
{
	struct neigh *n = find_or_add(table, neigh->tenant, neigh->side, &neigh->addr);

	if (n == NULL)
		return;
	if (n->asked == 0)
		n->asked = now;
	n->state = state;
	n->generation = table->generation[n->tenant];
	if (state & NUD_INCOMPLETE && n->told)
		return; /* asked for once more: believed until there is an answer, or none */
	if ((state & USABLE) == 0 || !neigh->resolved) {
		if (!keep(table, n))
			tell_gone(table, n);
		return;
	}
	set_kept(table, n, false);
	if (n->told && rte_is_same_ether_addr(&n->mac, &neigh->mac))
		return;
	n->mac = neigh->mac;
	n->told = tell(table, n, &n->mac) == 0;
}

void
neigh_del(
	struct neigh_table *table, unsigned int tenant, enum sl_side side, const struct addr *addr)
{
	struct neigh *n = find(table, tenant, side, addr);

	if (n != NULL)
		lose(table, n);
}

void
neigh_flush(struct neigh_table *table, unsigned int tenant)
{
	for (uint32_t i = 0; i < table->high; i++) {
		if (table->neigh[i].known && table->neigh[i].tenant == tenant)
			forget(table, &table->neigh[i]);
	}
}

static void
ask(struct neigh_table *table, struct neigh *n, uint64_t now)
{
	int rc = table->ask(table->ask_arg, n->tenant, (enum sl_side)n->side, &n->addr);

	n->asked = now;
	if (rc == -ENOBUFS)
		table->flood = FLOOD_TICKS;
	if (rc == -ENOBUFS && !table->refused) {
		SL_LOG(WARNING,
			"the kernel's neighbour table is full: raise "
			"net.ipv%c.neigh.default.gc_thresh3 (and gc_thresh2)",
			n->addr.six != 0 ? '6' : '4');
		table->refused = true;
	}
}

static unsigned int *
budget_of(struct neigh_table *table, unsigned int tenant, bool scan)
{
	return scan ? &table->scans : &table->budget[tenant];
}

/* Ask again for what packets still wait for, unless the kernel is at it. */
static void
ask_again(struct neigh_table *table, struct neigh *n, uint64_t now)
{
	unsigned int *budget = budget_of(table, n->tenant, n->scan);

	if (n->told || n->wanted == 0 || now - n->wanted >= WANTED_MS ||
		n->state & (FIXED | NUD_INCOMPLETE) || now - n->asked < ASK_MS || *budget == 0)
		return;
	(*budget)--;
	ask(table, n, now);
}

void
neigh_resolve(struct neigh_table *table, unsigned int tenant, enum sl_side side,
	const struct addr *addr, bool scan, uint64_t now)
{
	struct neigh *n = find(table, tenant, side, addr);

	if (n == NULL) {
		if (*budget_of(table, tenant, scan) == 0)
			return;
		n = find_or_add(table, tenant, side, addr);
		if (n == NULL)
			return;
		n->scan = scan;
		n->generation = table->generation[n->tenant];
	} else if (n->told) {
		/* The event is older than the answer: say it again, a worker may have missed it. */
		tell(table, n, &n->mac);
		return;
	}
	n->wanted = now;
	n->scan = n->scan && scan;
	ask_again(table, n, now);
	if (n->kept)
		n->told = tell(table, n, &n->mac) == 0;
}

/* Is somebody flooding a link? Those who are told that they are over their rate, and a table of
 * neighbours that grows, are signs. */
static void
watch_for_floods(struct neigh_table *table)
{
	uint64_t dropped = sl_counter_sum(table->nat, SL_COUNTER_DROP_PUNT_RATE);

	if (table->flood > 0)
		table->flood--;
	if (dropped != table->punts_dropped || table->made > FLOOD_NEW)
		table->flood = FLOOD_TICKS;
	table->punts_dropped = dropped;
	table->made = 0;
}

/* One that was lost in a flood: the kernel is asked now and then whether it is there, and when
 * the flood is over its answer is believed. One that nobody wanted is forgotten. */
static void
ask_kept(struct neigh_table *table, struct neigh *n, uint64_t now)
{
	if (!n->told && (table->flood == 0 || now - n->asked >= ORPHAN_MS)) {
		forget(table, n);
		return;
	}
	if (!n->told || table->budget[n->tenant] == 0 ||
		(table->flood > 0 && now - n->asked < KEPT_MS))
		return;
	table->budget[n->tenant]--;
	ask(table, n, now);
	set_kept(table, n, table->flood > 0);
}

void
neigh_tick(struct neigh_table *table, uint64_t now)
{
	unsigned int refresh = REFRESH_RATE;

	table->now = now;
	fill_budgets(table);
	watch_for_floods(table);
	for (uint32_t i = 0; i < table->high; i++) {
		struct neigh *n = &table->neigh[i];

		if (n->known && n->kept)
			ask_kept(table, n, now);
		else if (n->known)
			ask_again(table, n, now);
	}
	for (uint32_t looked = 0; looked < table->high && refresh > 0; looked++) {
		struct neigh *n;

		if (table->cursor >= table->high)
			table->cursor = 0;
		n = &table->neigh[table->cursor++];
		if (!n->known || n->kept)
			continue;
		if (n->state == 0 && now - n->asked >= ORPHAN_MS) {
			forget(table, n);
		} else if (n->state & NUD_STALE && now - n->asked >= REFRESH_MS) {
			ask(table, n, now);
			refresh--;
		}
	}
}

void
neigh_dump_begin(struct neigh_table *table, unsigned int tenant)
{
	table->generation[tenant]++;
}

void
neigh_dump_end(struct neigh_table *table, unsigned int tenant)
{
	for (uint32_t i = 0; i < table->high; i++) {
		struct neigh *n = &table->neigh[i];

		if (n->known && n->tenant == tenant && n->generation != table->generation[tenant])
			lose(table, n);
	}
}

unsigned int
neigh_count(const struct neigh_table *table)
{
	return neigh_index_count(table->index);
}

void
neigh_walk(const struct neigh_table *table, void (*fn)(void *arg, const struct kernel_neigh *neigh),
	void *arg)
{
	for (uint32_t i = 0; i < table->high; i++) {
		const struct neigh *n = &table->neigh[i];
		struct kernel_neigh neigh = {
			.side = (enum sl_side)n->side,
			.tenant = n->tenant,
			.addr = n->addr,
			.mac = n->mac,
			.resolved = n->told,
		};

		if (n->known)
			fn(arg, &neigh);
	}
}
