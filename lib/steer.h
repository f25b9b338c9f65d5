/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STEER_H
#define SL_STEER_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>

#include "sluice.h"

/** Owners of subscribers as the inside NIC spreads them; made by control, then only read. */
struct sl_spread {
	uint16_t part[4][256]; /* what each byte of an address, in wire order, adds to the index */
	uint8_t owner[]; /* by index: the NIC's indirection table */
};

/** The worker that owns a subscriber: its place in the indirection table is a sum of four. */
static inline unsigned int
sl_spread_owner(const struct sl_spread *s, rte_be32_t addr)
{
	uint32_t a = rte_be_to_cpu_32(addr);

	return s->owner[s->part[0][a >> 24] ^ s->part[1][a >> 16 & 255] ^ s->part[2][a >> 8 & 255] ^
			s->part[3][a & 255]];
}

/** True when the steering of both sides can be followed. */
bool sl_steer_valid(const struct sl_params *params);

/** Decide who owns what; 0 or -ENOMEM. */
int sl_steer_init(struct sl_nat *nat, const struct sl_params *params);

/** Free what that took. */
void sl_steer_fini(struct sl_nat *nat);

#endif /* SL_STEER_H */
