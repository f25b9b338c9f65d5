/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Mappings of one worker. They are looked up only when a packet has no flow yet, by the
 * inside endpoint going out and by the outside endpoint coming in, so chained tables of
 * 32-bit indices with a keyed hash serve them at a third of rte_hash's memory.
 */
#include <errno.h>

#include <rte_malloc.h>
#include <rte_prefetch.h>

#include "map.h"

int
sl_maps_init(struct sl_maps *t, uint32_t max, int socket, const struct sl_seed *seed)
{
	uint32_t heads = max / 4 * 3 + 1;

	t->max = max;
	t->heads = heads;
	t->seed = *seed;
	t->free = SL_NONE;
	t->map = rte_zmalloc_socket("sluice maps", sizeof(*t->map) * max, 64, socket);
	t->by_in = rte_malloc_socket("sluice maps", sizeof(uint32_t) * heads, 64, socket);
	t->by_out = rte_malloc_socket("sluice maps", sizeof(uint32_t) * heads, 64, socket);
	if (t->map == NULL || t->by_in == NULL || t->by_out == NULL) {
		sl_maps_fini(t);
		return -ENOMEM;
	}
	memset(t->by_in, 0xff, sizeof(uint32_t) * heads);
	memset(t->by_out, 0xff, sizeof(uint32_t) * heads);
	return 0;
}

void
sl_maps_fini(struct sl_maps *t)
{
	rte_free(t->map);
	rte_free(t->by_in);
	rte_free(t->by_out);
	t->map = NULL;
	t->by_in = t->by_out = NULL;
}

uint32_t *
sl_map_head_in(
	const struct sl_maps *t, uint16_t tenant, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	uint64_t b = (uint64_t)tenant << 32 | (uint64_t)proto << 16 | port;

	return &t->by_in[sl_reduce(sl_hash128(addr, b, &t->seed), t->heads)];
}

uint32_t *
sl_map_head_out(const struct sl_maps *t, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	return &t->by_out[sl_reduce(
		sl_hash128(addr, (uint64_t)proto << 16 | port, &t->seed), t->heads)];
}

static inline struct sl_map *
walk_in(const struct sl_maps *t, uint32_t i, uint16_t tenant, uint8_t proto, rte_be32_t addr,
	rte_be16_t port)
{
	while (i != SL_NONE) {
		struct sl_map *m = &t->map[i];

		if (m->in_addr == addr && m->in_port == port && m->proto == proto &&
			m->tenant == tenant)
			return m;
		i = m->next_in;
	}
	return NULL;
}

struct sl_map *
sl_map_find_in(
	const struct sl_maps *t, uint16_t tenant, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	return walk_in(t, *sl_map_head_in(t, tenant, proto, addr, port), tenant, proto, addr, port);
}

struct sl_map *
sl_map_next_in(const struct sl_maps *t, const struct sl_map *m)
{
	return walk_in(t, m->next_in, m->tenant, m->proto, m->in_addr, m->in_port);
}

void
sl_maps_settle(struct sl_maps *t)
{
	for (uint32_t i = 0; i < t->n_late; i++) {
		t->map[t->late[i]].next_out = *t->late_head[i];
		*t->late_head[i] = t->late[i];
	}
	t->n_late = 0;
}

static bool
is_late(const struct sl_maps *t, const uint32_t *head)
{
	bool found = false;

	for (uint32_t i = 0; i < t->n_late; i++)
		found |= t->late_head[i] == head;
	return found;
}

struct sl_map *
sl_map_find_out(struct sl_maps *t, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	const uint32_t *head = sl_map_head_out(t, proto, addr, port);
	uint32_t i;

	if (unlikely(is_late(t, head)))
		sl_maps_settle(t);
	i = *head;
	while (i != SL_NONE) {
		struct sl_map *m = &t->map[i];

		if (m->out_addr == addr && m->out_port == port && m->proto == proto)
			return m;
		i = m->next_out;
	}
	return NULL;
}

struct sl_map *
sl_map_add(struct sl_maps *t, uint16_t tenant, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, rte_be32_t out_addr, rte_be16_t out_port)
{
	uint32_t *in = sl_map_head_in(t, tenant, proto, in_addr, in_port),
		 *out = sl_map_head_out(t, proto, out_addr, out_port);
	struct sl_map *m;
	uint32_t i;

	rte_prefetch0(out);

	if (t->free != SL_NONE) {
		i = t->free;
		t->free = t->map[i].next_in;
		if (t->free != SL_NONE)
			rte_prefetch0(&t->map[t->free]); /* for the next one */
	} else if (t->high < t->max) {
		i = t->high++;
	} else {
		return NULL;
	}
	m = &t->map[i];
	*m = (struct sl_map){
		.in_addr = in_addr,
		.out_addr = out_addr,
		.in_port = in_port,
		.out_port = out_port,
		.tenant = (uint8_t)tenant,
		.proto = proto,
		.flows = SL_NONE,
		.sub = SL_NONE,
	};
	m->next_in = *in;
	*in = i;
	m->next_out = SL_NONE;
	if (t->n_late == SL_MAP_LATE)
		sl_maps_settle(t);
	t->late_head[t->n_late] = out;
	t->late[t->n_late++] = i;
	t->n++;
	return m;
}

void
sl_map_del(struct sl_maps *t, struct sl_map *m)
{
	uint32_t i = (uint32_t)(m - t->map), *p;

	sl_maps_settle(t);
	for (p = sl_map_head_in(t, m->tenant, m->proto, m->in_addr, m->in_port); *p != i;)
		p = &t->map[*p].next_in;
	*p = m->next_in;
	for (p = sl_map_head_out(t, m->proto, m->out_addr, m->out_port); *p != i;)
		p = &t->map[*p].next_out;
	*p = m->next_out;
	m->proto = 0;
	m->next_in = t->free;
	t->free = i;
	t->n--;
}

void
sl_map_link(struct sl_maps *t, struct sl_flows *flows, struct sl_map *m, struct sl_flow *f)
{
	struct sl_flow_link *l = sl_flow_link(flows, f);

	l->map = (uint32_t)(m - t->map);
	l->prev = SL_NONE;
	l->next = m->flows;
	if (m->flows != SL_NONE)
		flows->link[m->flows].prev = sl_flow_index(flows, f);
	m->flows = sl_flow_index(flows, f);
	m->n_flows++;
}

void
sl_map_unlink(struct sl_flows *flows, struct sl_map *m, struct sl_flow *f)
{
	const struct sl_flow_link *l = sl_flow_link(flows, f);

	if (l->prev != SL_NONE)
		flows->link[l->prev].next = l->next;
	else
		m->flows = l->next;
	if (l->next != SL_NONE)
		flows->link[l->next].prev = l->prev;
	m->n_flows--;
}
