/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SNAP_SLOT_H
#define SL_SNAP_SLOT_H

#include "hash.h"
#include "snap.h"

/* Where the search for an address or a forward begins: between snap.c and snap_find.c. */

/* One process may hold several gateways, but the tables hold only what the operator wrote:
 * a constant seed does. */
static const struct sl_seed sl_snap_seed = { { 0x9e3779b97f4a7c15, 0xd1b54a32d192ed03,
	0x8cb92ba72f3d8dd7, 0xaef17502108ef2d9 } };

static inline uint32_t
sl_snap_addr_slot(const struct sl_snap *s, uint16_t realm, rte_be32_t addr)
{
	/* Each new session asks for several: one multiplication does for a table like this. */
	return (uint32_t)sl_mum(
		       ((uint64_t)realm << 32 | addr) ^ sl_snap_seed.s[0], sl_snap_seed.s[1]) &
	       s->addr_mask;
}

static inline uint32_t
sl_snap_fwd_slot(
	const struct sl_snap *s, uint16_t tenant, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	return sl_hash128(
		       addr, (uint64_t)tenant << 32 | (uint64_t)proto << 16 | port, &sl_snap_seed) &
	       s->fwd_mask;
}

#endif /* SL_SNAP_SLOT_H */
