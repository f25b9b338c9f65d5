/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where a neighbour stands in the table of neigh.c: an rte_hash, by tenant, side and address.
 * Hosts choose their addresses, so they must not know the hash: it has a key of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <rte_errno.h>
#include <rte_hash.h>

#include "hash.h"
#include "neigh_index.h"

struct neigh_key {
	struct addr addr;
	uint16_t tenant;
	uint16_t side;
};

struct neigh_index {
	struct rte_hash *hash;
	struct sl_seed seed;
};

/* Every call below brings its own hash; rte_hash wants a function all the same. */
static uint32_t
hash_unused(const void *key, uint32_t len, uint32_t init)
{
	RTE_SET_USED(key);
	return len ^ init;
}

static hash_sig_t
hash_of(const struct neigh_index *index, const struct neigh_key *key)
{
	uint64_t w[3];

	_Static_assert(sizeof(w) == sizeof(*key), "all of the key and nothing else");
	memcpy(w, key, sizeof(w));
	w[0] = sl_mum(w[0] ^ index->seed.s[0], w[1] ^ index->seed.s[1]);
	return sl_hash128(w[0], w[2], &index->seed);
}

static struct neigh_key
make_key(unsigned int tenant, enum sl_side side, const struct addr *addr)
{
	return (struct neigh_key){
		.addr = *addr,
		.tenant = (uint16_t)tenant,
		.side = (uint16_t)side,
	};
}

struct neigh_index *
neigh_index_create(unsigned int entries)
{
	struct rte_hash_parameters params = {
		.name = "sluice_neigh",
		.entries = entries,
		.key_len = sizeof(struct neigh_key),
		.hash_func = hash_unused,
		.socket_id = SOCKET_ID_ANY,
		.extra_flag = RTE_HASH_EXTRA_FLAGS_EXT_TABLE,
	};
	struct neigh_index *index = calloc(1, sizeof(*index));

	if (index == NULL)
		return NULL;
	if (getrandom(&index->seed, sizeof(index->seed), 0) < 0) {
		free(index);
		return NULL;
	}
	index->hash = rte_hash_create(&params);
	if (index->hash == NULL) {
		free(index);
		errno = rte_errno;
		return NULL;
	}
	return index;
}

void
neigh_index_destroy(struct neigh_index *index)
{
	if (index == NULL)
		return;
	rte_hash_free(index->hash);
	free(index);
}

int
neigh_index_find(const struct neigh_index *index, unsigned int tenant, enum sl_side side,
	const struct addr *addr)
{
	struct neigh_key key = make_key(tenant, side, addr);

	return rte_hash_lookup_with_hash(index->hash, &key, hash_of(index, &key));
}

int
neigh_index_add(
	struct neigh_index *index, unsigned int tenant, enum sl_side side, const struct addr *addr)
{
	struct neigh_key key = make_key(tenant, side, addr);

	return rte_hash_add_key_with_hash(index->hash, &key, hash_of(index, &key));
}

void
neigh_index_del(
	struct neigh_index *index, unsigned int tenant, enum sl_side side, const struct addr *addr)
{
	struct neigh_key key = make_key(tenant, side, addr);

	rte_hash_del_key_with_hash(index->hash, &key, hash_of(index, &key));
}

unsigned int
neigh_index_count(const struct neigh_index *index)
{
	return (unsigned int)rte_hash_count(index->hash);
}
