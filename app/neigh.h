/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NEIGH_H
#define NEIGH_H

#include "kernel.h"

/** The kernel's neighbours on the TAPs of all tenants; tells the library who is there. */
struct neigh_table;

/** Asks the kernel to resolve a neighbour; 0 or -errno. */
typedef int neigh_ask_fn(
	void *arg, unsigned int tenant, enum sl_side side, const struct addr *addr);

/** An empty table for this gateway; NULL with errno. */
struct neigh_table *neigh_create(struct sl_nat *nat, neigh_ask_fn *ask, void *arg);

/** Free it; NULL is fine. The library is told nothing. */
void neigh_destroy(struct neigh_table *table);

/**
 * Note a neighbour as the kernel has it.
 * @param state  NUD_* bits
 * @param now    milliseconds, clock_now()
 */
void neigh_set(
	struct neigh_table *table, const struct kernel_neigh *neigh, uint16_t state, uint64_t now);

/** Forget a neighbour. */
void neigh_del(
	struct neigh_table *table, unsigned int tenant, enum sl_side side, const struct addr *addr);

/** Forget all neighbours of a tenant. */
void neigh_flush(struct neigh_table *table, unsigned int tenant);

/**
 * A packet waits for this one: ask, at most once a second.
 * @param scan  anybody can make such an address up: others come first
 */
void neigh_resolve(struct neigh_table *table, unsigned int tenant, enum sl_side side,
	const struct addr *addr, bool scan, uint64_t now);

/** Once a second: have stale neighbours checked, forget questions without an answer. */
void neigh_tick(struct neigh_table *table, uint64_t now);

/** From here on, note what a dump of a tenant's neighbours brings... */
void neigh_dump_begin(struct neigh_table *table, unsigned int tenant);

/** ...and now forget all those that it has not brought. */
void neigh_dump_end(struct neigh_table *table, unsigned int tenant);

/** Neighbours known, resolved or not. */
unsigned int neigh_count(const struct neigh_table *table);

/** Call fn for every neighbour. */
void neigh_walk(const struct neigh_table *table,
	void (*fn)(void *arg, const struct kernel_neigh *neigh), void *arg);

#endif /* NEIGH_H */
