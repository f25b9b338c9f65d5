/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The places of leases: one array of entries, three hashes over it (inside endpoint, outside
 * protocol and port, host), two lists in order of creation (all, and each tenant's), and a
 * binary heap by end. Indices instead of pointers, all memory taken at once.
 *
 * Ports and addresses are a host's choice, so hashes are keyed at random (lib/hash.h). The outside chain
 * leaves the address out, so that one look finds a port at any address: it is as long as there
 * are outside addresses on which this port is leased.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "lease_table.h"
#include <rte_common.h>

int
sl_lease_table_init(struct sl_lease_table *t, uint32_t max)
{
	uint32_t heads = rte_align32pow2(RTE_MAX(max, 8U));

	memset(t, 0, sizeof(*t));
	t->max = max;
	t->mask = heads - 1;
	t->free = SL_LEASE_NONE;
	t->all = (struct sl_lease_list){ SL_LEASE_NONE, SL_LEASE_NONE, 0 };
	for (unsigned int i = 0; i < SL_LEASE_TENANTS; i++)
		t->of[i] = t->all;
	t->entry = calloc(max, sizeof(*t->entry));
	t->heap = calloc(max, sizeof(*t->heap));
	t->in = malloc(heads * sizeof(*t->in));
	t->out = malloc(heads * sizeof(*t->out));
	t->host = malloc(heads * sizeof(*t->host));
	if (t->entry == NULL || t->heap == NULL || t->in == NULL || t->out == NULL ||
		t->host == NULL || getrandom(&t->seed, sizeof(t->seed), 0) < 0) {
		sl_lease_table_fini(t);
		return -ENOMEM;
	}
	memset(t->in, 0xff, heads * sizeof(*t->in));
	memset(t->out, 0xff, heads * sizeof(*t->out));
	memset(t->host, 0xff, heads * sizeof(*t->host));
	return 0;
}

void
sl_lease_table_fini(struct sl_lease_table *t)
{
	free(t->entry);
	free(t->heap);
	free(t->in);
	free(t->out);
	free(t->host);
	memset(t, 0, sizeof(*t));
}

static uint32_t
index_of(const struct sl_lease_table *t, const struct sl_lease_entry *e)
{
	return (uint32_t)(e - t->entry);
}

/* ---- hashes ---- */

static uint32_t *
head_in(const struct sl_lease_table *t, unsigned int tenant, uint8_t proto, rte_be32_t addr,
	rte_be16_t port)
{
	uint64_t key = (uint64_t)tenant << 32 | (uint64_t)proto << 16 | port;

	return &t->in[sl_hash128(addr, key, &t->seed) & t->mask];
}

static uint32_t *
head_out(const struct sl_lease_table *t, uint8_t proto, rte_be16_t port)
{
	return &t->out[sl_hash128(proto, port, &t->seed) & t->mask];
}

static uint32_t *
head_host(const struct sl_lease_table *t, unsigned int tenant, rte_be32_t addr)
{
	return &t->host[sl_hash128(addr, tenant, &t->seed) & t->mask];
}

static void
chain_out(struct sl_lease_table *t, struct sl_lease_entry *e)
{
	uint32_t *head = head_out(t, e->lease.proto, e->lease.out_port);

	e->next_out = *head;
	*head = index_of(t, e);
}

static void
chain(struct sl_lease_table *t, struct sl_lease_entry *e)
{
	const struct sl_lease *l = &e->lease;
	uint32_t *head = head_in(t, l->tenant, l->proto, l->in_addr, l->in_port);

	e->next_in = *head;
	*head = index_of(t, e);
	head = head_host(t, l->tenant, l->in_addr);
	e->next_host = *head;
	*head = index_of(t, e);
	chain_out(t, e);
}

static void
unchain_out(struct sl_lease_table *t, struct sl_lease_entry *e)
{
	uint32_t *at = head_out(t, e->lease.proto, e->lease.out_port);

	while (*at != index_of(t, e))
		at = &t->entry[*at].next_out;
	*at = e->next_out;
}

static void
unchain(struct sl_lease_table *t, struct sl_lease_entry *e)
{
	const struct sl_lease *l = &e->lease;
	uint32_t *at = head_in(t, l->tenant, l->proto, l->in_addr, l->in_port);

	while (*at != index_of(t, e))
		at = &t->entry[*at].next_in;
	*at = e->next_in;
	at = head_host(t, l->tenant, l->in_addr);
	while (*at != index_of(t, e))
		at = &t->entry[*at].next_host;
	*at = e->next_host;
	unchain_out(t, e);
}

struct sl_lease_entry *
sl_lease_table_in(const struct sl_lease_table *t, unsigned int tenant, uint8_t proto,
	rte_be32_t addr, rte_be16_t port)
{
	uint32_t i = *head_in(t, tenant, proto, addr, port);

	for (; i != SL_LEASE_NONE; i = t->entry[i].next_in) {
		const struct sl_lease *l = &t->entry[i].lease;

		if (l->in_addr == addr && l->in_port == port && l->proto == proto &&
			l->tenant == tenant)
			return &t->entry[i];
	}
	return NULL;
}

struct sl_lease_entry *
sl_lease_table_out(
	const struct sl_lease_table *t, int tenant, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	uint32_t i = *head_out(t, proto, port);

	for (; i != SL_LEASE_NONE; i = t->entry[i].next_out) {
		const struct sl_lease *l = &t->entry[i].lease;

		if (l->out_port == port && l->proto == proto &&
			(addr == 0 || l->out_addr == addr) && (tenant < 0 || l->tenant == tenant))
			return &t->entry[i];
	}
	return NULL;
}

uint32_t
sl_lease_table_host(const struct sl_lease_table *t, unsigned int tenant, rte_be32_t addr,
	struct sl_lease_entry **some)
{
	uint32_t i = *head_host(t, tenant, addr), n = 0;

	for (; i != SL_LEASE_NONE; i = t->entry[i].next_host) {
		if (t->entry[i].lease.in_addr != addr || t->entry[i].lease.tenant != tenant)
			continue;
		if (some != NULL)
			*some = &t->entry[i];
		n++;
	}
	return n;
}

/* ---- lists ---- */

static struct sl_lease_link *
link_of(const struct sl_lease_table *t, uint32_t i, bool mine)
{
	return mine ? &t->entry[i].mine : &t->entry[i].all;
}

static void
list_add(struct sl_lease_table *t, struct sl_lease_list *list, uint32_t i, bool mine)
{
	*link_of(t, i, mine) = (struct sl_lease_link){ list->last, SL_LEASE_NONE };
	if (list->last != SL_LEASE_NONE)
		link_of(t, list->last, mine)->next = i;
	else
		list->first = i;
	list->last = i;
	list->n++;
}

static void
list_del(struct sl_lease_table *t, struct sl_lease_list *list, uint32_t i, bool mine)
{
	const struct sl_lease_link *link = link_of(t, i, mine);

	if (link->prev != SL_LEASE_NONE)
		link_of(t, link->prev, mine)->next = link->next;
	else
		list->first = link->next;
	if (link->next != SL_LEASE_NONE)
		link_of(t, link->next, mine)->prev = link->prev;
	else
		list->last = link->prev;
	list->n--;
}

/* ---- heap; it has as many elements as the list of all ---- */

static bool
sooner(const struct sl_lease_table *t, uint32_t a, uint32_t b)
{
	return t->entry[t->heap[a]].lease.expires < t->entry[t->heap[b]].lease.expires;
}

static void
heap_put(struct sl_lease_table *t, uint32_t at, uint32_t i)
{
	t->heap[at] = i;
	t->entry[i].heap = at;
}

static void
heap_swap(struct sl_lease_table *t, uint32_t a, uint32_t b)
{
	uint32_t i = t->heap[a];

	heap_put(t, a, t->heap[b]);
	heap_put(t, b, i);
}

/* Put the element at a place of a heap of n where it belongs. */
static void
heap_fix(struct sl_lease_table *t, uint32_t at, uint32_t n)
{
	for (; at > 0 && sooner(t, at, (at - 1) / 2); at = (at - 1) / 2)
		heap_swap(t, at, (at - 1) / 2);
	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child + 1 < n && sooner(t, child + 1, child))
			child++;
		if (child >= n || !sooner(t, child, at))
			return;
		heap_swap(t, at, child);
		at = child;
	}
}

static void
heap_del(struct sl_lease_table *t, uint32_t at, uint32_t n)
{
	if (at == n - 1)
		return;
	heap_put(t, at, t->heap[n - 1]);
	heap_fix(t, at, n - 1);
}

struct sl_lease_entry *
sl_lease_table_first_over(const struct sl_lease_table *t)
{
	return t->all.n > 0 ? &t->entry[t->heap[0]] : NULL;
}

/* ---- all of it ---- */

struct sl_lease_entry *
sl_lease_table_add(struct sl_lease_table *t, const struct sl_lease *lease)
{
	struct sl_lease_entry *e;
	uint32_t i = t->free;

	if (i != SL_LEASE_NONE)
		t->free = t->entry[i].next_in;
	else if (t->high < t->max)
		i = t->high++;
	else
		return NULL;
	e = &t->entry[i];
	*e = (struct sl_lease_entry){ .lease = *lease, .live = true };
	chain(t, e);
	list_add(t, &t->all, i, false);
	list_add(t, &t->of[lease->tenant], i, true);
	heap_put(t, t->all.n - 1, i);
	heap_fix(t, t->all.n - 1, t->all.n);
	return e;
}

void
sl_lease_table_del(struct sl_lease_table *t, struct sl_lease_entry *e)
{
	uint32_t i = index_of(t, e);

	unchain(t, e);
	heap_del(t, e->heap, t->all.n);
	list_del(t, &t->all, i, false);
	list_del(t, &t->of[e->lease.tenant], i, true);
	e->live = false;
	e->next_in = t->free;
	t->free = i;
}

void
sl_lease_table_move(
	struct sl_lease_table *t, struct sl_lease_entry *e, rte_be32_t addr, rte_be16_t port)
{
	unchain_out(t, e);
	e->lease.out_addr = addr;
	e->lease.out_port = port;
	chain_out(t, e);
}

void
sl_lease_table_until(struct sl_lease_table *t, struct sl_lease_entry *e, uint64_t expires)
{
	e->lease.expires = expires;
	heap_fix(t, e->heap, t->all.n);
}
