/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NEIGH_INDEX_H
#define NEIGH_INDEX_H

#include "kernel.h"

/** From the address of a neighbour to its place in a table. Control lcore only. */
struct neigh_index;

/** With places 0 to `entries` (one of them is never used); NULL with errno. */
struct neigh_index *neigh_index_create(unsigned int entries);

/** Free it; NULL is fine. */
void neigh_index_destroy(struct neigh_index *index);

/** Its place, or a negative errno. */
int neigh_index_find(const struct neigh_index *index, unsigned int tenant, enum sl_side side,
	const struct addr *addr);

/** Its place, a free one when it had none, or a negative errno: there is none left. */
int neigh_index_add(
	struct neigh_index *index, unsigned int tenant, enum sl_side side, const struct addr *addr);

/** Its place is free again. */
void neigh_index_del(
	struct neigh_index *index, unsigned int tenant, enum sl_side side, const struct addr *addr);

/** Places that are taken. */
unsigned int neigh_index_count(const struct neigh_index *index);

#endif /* NEIGH_INDEX_H */
