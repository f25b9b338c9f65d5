/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whom a mapping's inside has sent to, in the record of flows (flow.c): the key is the word, the
 * value how many flows there are.
 */
#include "contact.h"

/* A word that no pointer is, because its tag says so. */
static uint64_t
contact_word(uint32_t map, rte_be32_t rem_addr)
{
	return (uint64_t)rem_addr << 32 | (uint64_t)(map & 0x0fffffff) << 4 | SL_CONTACT_TAG;
}

static uint32_t
contact_hash(const struct sl_flows *t, uint64_t word)
{
	return sl_hash128(word, 0, &t->seed);
}

static uintptr_t
contact_count(const struct sl_flows *t, uint64_t word)
{
	void *data;

	if (rte_hash_lookup_with_hash_data(t->hash, &word, contact_hash(t, word), &data) < 0)
		return 0;
	return (uintptr_t)data;
}

void
sl_flow_contact_add(struct sl_flows *t, uint32_t map, rte_be32_t rem_addr)
{
	uint64_t word = contact_word(map, rem_addr);
	uintptr_t n = contact_count(t, word);

	/* Without room the remote end just does not get in by another port. */
	rte_hash_add_key_with_hash_data(t->hash, &word, contact_hash(t, word), (void *)(n + 1));
}

void
sl_flow_contact_del(struct sl_flows *t, uint32_t map, rte_be32_t rem_addr)
{
	uint64_t word = contact_word(map, rem_addr);
	uintptr_t n = contact_count(t, word);

	if (n > 1)
		rte_hash_add_key_with_hash_data(
			t->hash, &word, contact_hash(t, word), (void *)(n - 1));
	else if (n == 1)
		rte_hash_del_key_with_hash(t->hash, &word, contact_hash(t, word));
}

bool
sl_flow_contact(const struct sl_flows *t, uint32_t map, rte_be32_t rem_addr)
{
	return contact_count(t, contact_word(map, rem_addr)) > 0;
}
