/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_ALLOC_BACK_H
#define SL_ALLOC_BACK_H

#include "alloc.h"
#include "save.h"

/*
 * What a subscriber had before a restart, for restore.c: no worker may run. What belongs to another
 * worker comes to this one first. Ports are in host order, paddr is the index of a pool address.
 */

/** A block of ports; *b is set when it is back. */
enum sl_saved_fate sl_alloc_back_block(struct sl_worker *w, struct sl_sub *sub, uint32_t paddr,
	uint16_t start, struct sl_block **b);

/** The port of a mapping, with the block that it is in. */
enum sl_saved_fate sl_alloc_back_port(
	struct sl_worker *w, struct sl_sub *sub, uint32_t paddr, uint8_t proto, uint16_t port);

/** A port that rests for so many milliseconds. */
enum sl_saved_fate sl_alloc_back_rest(
	struct sl_worker *w, uint32_t paddr, enum sl_port_class c, uint16_t port, uint32_t left);

#endif /* SL_ALLOC_BACK_H */
