/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the packet path is held against: rte_hash_lookup_bulk_data() with the 16-byte key,
 * the burst and the hash function of natbench, on a table with as many sessions, asked in
 * the same random order. It is measured in turns with the path, so that a mood of the
 * machine hits both.
 */
#include "base.h"

#include <errno.h>
#include <string.h>

#include <rte_lcore.h>

#include "series.h"

struct key {
	rte_be32_t src, dst;
	rte_be16_t sport, dport;
	uint8_t proto, dir;
	uint16_t vrf;
} __rte_aligned(16);

_Static_assert(sizeof(struct key) == 16, "the key of natbench");

static inline void
key_make(struct key *k, const struct arrival *a, uint8_t proto)
{
	memcpy(k, a, 12);
	k->proto = proto;
	k->dir = 0;
	k->vrf = 0;
}

static uint32_t
key_hash(const void *key, uint32_t len, uint32_t init)
{
	const uint64_t *k = key;
	uint64_t h = init;

	(void)len;
	h = __builtin_ia32_crc32di(h, k[0]);
	h = __builtin_ia32_crc32di(h, k[1]);
	return (uint32_t)h;
}

static int
fill(struct base *b, const struct arrival *a, uint64_t n)
{
	struct key k;

	for (uint64_t i = 0; i < n; i++) {
		key_make(&k, &a[i], b->proto);
		if (rte_hash_add_key_data(b->hash, &k, (void *)(uintptr_t)(i + 1)) < 0)
			return -ENOMEM;
	}
	return 0;
}

int
base_create(struct base *b, const char *name, uint8_t proto, const struct arrival *one,
	const struct arrival *two, uint64_t n, uint64_t lookups)
{
	uint64_t entries = two ? 2 * n : n;
	struct rte_hash_parameters p = {
		.name = name,
		.entries = (uint32_t)(entries + entries / 4 + 64),
		.key_len = sizeof(struct key),
		.hash_func = key_hash,
		.socket_id = (int)rte_socket_id(),
	};

	*b = (struct base){ .proto = proto, .arrival = one, .n = lookups };
	b->hash = rte_hash_create(&p);
	if (b->hash == NULL)
		return -ENOMEM;
	if (fill(b, one, n) < 0 || (two && fill(b, two, n) < 0)) {
		base_destroy(b);
		return -ENOMEM;
	}
	return 0;
}

void
base_aim(struct base *b, const struct arrival *arrival)
{
	b->arrival = arrival;
	b->at = 0;
}

static inline void
keys_next(struct base *b, struct key *k)
{
	for (unsigned int i = 0; i < BURST; i++)
		key_make(&k[i], &b->arrival[b->at + i], b->proto);
	b->at += BURST;
	if (b->at >= b->n)
		b->at = 0;
}

void
base_lookup(void *base, unsigned int bursts)
{
	struct base *b = base;
	struct key k[BURST];
	const void *kp[BURST];
	void *data[BURST];
	uint64_t hit = 0;

	for (unsigned int i = 0; i < BURST; i++)
		kp[i] = &k[i];
	while (bursts--) {
		keys_next(b, k);
		rte_hash_lookup_bulk_data(b->hash, kp, BURST, &hit, data);
		b->missed += hit != UINT32_MAX;
		b->sink += (uintptr_t)data[3];
	}
}

void
base_keys(void *base, unsigned int bursts)
{
	struct base *b = base;
	struct key k[BURST];

	while (bursts--) {
		keys_next(b, k);
		__asm__ volatile("" : : "r"(k) : "memory");
	}
}

void
base_destroy(struct base *b)
{
	rte_hash_free(b->hash);
	b->hash = NULL;
}
