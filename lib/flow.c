/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The sessions of one worker: an array of flows and one rte_hash with two entries for
 * each, one a direction. Only the worker that owns the shard touches any of it, so the
 * hash needs no concurrency flags; it hashes with a keyed mix (hash.h) that is computed
 * by the caller for a whole burst at once.
 *
 * Flows are handed out from a stack, so that the used ones stay close together and the
 * ageing sweep has little to walk. A flow that was got is in no table until
 * sl_flow_add(); sl_flow_put() takes it out under whatever keys it has.
 */
#include <errno.h>

#include <rte_malloc.h>

#include "flow.h"

static uint32_t
hash_unused(const void *key, uint32_t len, uint32_t init)
{
	/* Every call below brings its own hash. rte_hash wants a function all the same. */
	const uint64_t *k = key;

	return (uint32_t)(k[0] ^ k[1] ^ len ^ init);
}

int
sl_flows_init(
	struct sl_flows *t, const char *name, uint32_t max, int socket, const struct sl_seed *seed)
{
	struct rte_hash_parameters p = {
		.name = name,
		/* A bucket may be full before the table is: leave an eighth. */
		.entries = max * 2 + max / 4 + 64,
		.key_len = sizeof(struct sl_key),
		.hash_func = hash_unused,
		.socket_id = socket,
	};

	t->max = max;
	t->seed = *seed;
	t->hash = rte_hash_create(&p);
	t->flow = rte_zmalloc_socket(
		"sluice flows", sizeof(*t->flow) * max, RTE_CACHE_LINE_SIZE, socket);
	t->free = rte_malloc_socket("sluice flows", sizeof(*t->free) * max, 0, socket);
	if (t->hash == NULL || t->flow == NULL || t->free == NULL) {
		sl_flows_fini(t);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < max; i++)
		t->free[i] = max - 1 - i;
	t->n_free = max;
	return 0;
}

void
sl_flows_fini(struct sl_flows *t)
{
	rte_hash_free(t->hash);
	rte_free(t->flow);
	rte_free(t->free);
	t->hash = NULL;
	t->flow = NULL;
	t->free = NULL;
}

uint64_t
sl_flow_lookup(const struct sl_flows *t, const struct sl_key **key, uint32_t *hash, unsigned int n,
	struct sl_flow **flow)
{
	uint64_t hits = 0;

	rte_hash_lookup_with_hash_bulk_data(
		t->hash, (const void **)key, hash, n, &hits, (void **)flow);
	return hits;
}

struct sl_flow *
sl_flow_find(const struct sl_flows *t, const struct sl_key *key)
{
	void *data;

	if (rte_hash_lookup_with_hash_data(t->hash, key, sl_flow_hash(t, key), &data) < 0)
		return NULL;
	return data;
}

struct sl_flow *
sl_flow_get(struct sl_flows *t)
{
	struct sl_flow *f;
	uint32_t i;

	if (t->n_free == 0)
		return NULL;
	i = t->free[--t->n_free];
	if (i >= t->high)
		t->high = i + 1;
	f = &t->flow[i];
	memset(f, 0, sizeof(*f));
	f->map = f->next = f->prev = SL_NONE;
	return f;
}

void
sl_flow_key(const struct sl_flow *f, enum sl_side side, struct sl_key *key)
{
	key->proto = f->proto;
	key->side = side;
	if (side == SL_INSIDE) {
		key->src = f->in_addr;
		key->dst = f->rem_addr;
		key->sport = f->in_port;
		key->dport = f->rem_port;
		key->tenant = f->tenant;
	} else {
		key->src = f->rem_addr;
		key->dst = f->out_addr;
		key->sport = f->rem_port;
		key->dport = f->out_port;
		key->tenant = 0;
	}
}

int
sl_flow_add(struct sl_flows *t, struct sl_flow *f)
{
	struct sl_key key;

	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		sl_flow_key(f, side, &key);
		if (rte_hash_add_key_with_hash_data(t->hash, &key, sl_flow_hash(t, &key), f) < 0) {
			if (side == SL_OUTSIDE) {
				sl_flow_key(f, SL_INSIDE, &key);
				rte_hash_del_key_with_hash(t->hash, &key, sl_flow_hash(t, &key));
			}
			return -ENOSPC;
		}
	}
	f->flags |= SL_FLOW_LIVE;
	return 0;
}

void
sl_flow_put(struct sl_flows *t, struct sl_flow *f)
{
	struct sl_key key;

	if (f->flags & SL_FLOW_LIVE) {
		for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
			sl_flow_key(f, side, &key);
			rte_hash_del_key_with_hash(t->hash, &key, sl_flow_hash(t, &key));
		}
	}
	f->flags = 0;
	t->free[t->n_free++] = sl_flow_index(t, f);
}

/* A key that no packet has: its side is neither. The entry's data is a count. */
static struct sl_key
contact_key(uint8_t proto, rte_be32_t out_addr, rte_be16_t out_port, rte_be32_t rem_addr)
{
	return (struct sl_key){
		.src = rem_addr,
		.dst = out_addr,
		.dport = out_port,
		.proto = proto,
		.side = 2,
	};
}

static uintptr_t
contact_count(const struct sl_flows *t, const struct sl_key *key)
{
	void *data;

	if (rte_hash_lookup_with_hash_data(t->hash, key, sl_flow_hash(t, key), &data) < 0)
		return 0;
	return (uintptr_t)data;
}

void
sl_flow_contact_add(struct sl_flows *t, const struct sl_flow *f)
{
	struct sl_key key = contact_key(f->proto, f->out_addr, f->out_port, f->rem_addr);
	uintptr_t n = contact_count(t, &key);

	/* Without room the remote end just does not get in by another port. */
	rte_hash_add_key_with_hash_data(t->hash, &key, sl_flow_hash(t, &key), (void *)(n + 1));
}

void
sl_flow_contact_del(struct sl_flows *t, const struct sl_flow *f)
{
	struct sl_key key = contact_key(f->proto, f->out_addr, f->out_port, f->rem_addr);
	uintptr_t n = contact_count(t, &key);

	if (n > 1)
		rte_hash_add_key_with_hash_data(
			t->hash, &key, sl_flow_hash(t, &key), (void *)(n - 1));
	else if (n == 1)
		rte_hash_del_key_with_hash(t->hash, &key, sl_flow_hash(t, &key));
}

bool
sl_flow_contact(const struct sl_flows *t, uint8_t proto, rte_be32_t out_addr, rte_be16_t out_port,
	rte_be32_t rem_addr)
{
	struct sl_key key = contact_key(proto, out_addr, out_port, rem_addr);

	return contact_count(t, &key) > 0;
}
