/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef POOLSUM_H
#define POOLSUM_H

#include "box.h"

/** Use of a pool: all its addresses and workers together. */
struct poolsum_pool {
	uint32_t addresses;
	uint64_t ports; /**< of one protocol */
	uint64_t used[3]; /**< TCP, UDP, ICMP: in use or resting */
	double fullest[3]; /**< share of ports used on the address where it is greatest */
};

/** Pools of a configuration with their use; see poolsum.c. */
struct poolsum;

/** Nothing known yet; NULL without memory. */
struct poolsum *poolsum_create(void);

/** Free it; NULL is fine. */
void poolsum_destroy(struct poolsum *sum);

/** Look at some more addresses: once a second, and before figures are wanted. Control. */
void poolsum_turn(struct poolsum *sum, const struct box *box);

/** Pools are others now, and the figures as of before: forget them. */
void poolsum_reset(struct poolsum *sum);

/**
 * Pool number i of the configuration as of the last look at all of them.
 * @return NULL: there is none of this number, or nobody has looked yet
 */
const struct poolsum_pool *poolsum_get(const struct poolsum *sum, unsigned int i);

#endif /* POOLSUM_H */
