/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RIB_H
#define RIB_H

#include "kernel.h"

/** The kernel's routes on the TAPs of all tenants; tells the library the best of each prefix. */
struct rib;

/** How a route came to be known. */
enum rib_how {
	RIB_NEW, /**< an event: one more route */
	RIB_REPLACE, /**< an event: takes the place of the one with this metric */
	RIB_DUMP, /**< from a dump: the first one of a metric is the one in use */
};

/** An empty table for this gateway; NULL with errno. */
struct rib *rib_create(struct sl_nat *nat);

/** Free it; NULL is fine. The library is told nothing. */
void rib_destroy(struct rib *rib);

/**
 * Note a route.
 * @return false when only a dump can tell which of two routes is in use now
 */
bool rib_add(struct rib *rib, const struct kernel_route *route, uint32_t metric, enum rib_how how);

/**
 * Forget a route.
 * @param any  whatever its gateway is
 * @return false when only a dump can tell what is left
 */
bool rib_del(struct rib *rib, const struct kernel_route *route, uint32_t metric, bool any);

/** From here on, note what a dump of a tenant's routes brings... */
void rib_dump_begin(struct rib *rib, unsigned int tenant);

/** ...and now forget all those that it has not brought. */
void rib_dump_end(struct rib *rib, unsigned int tenant);

/** Forget all routes of a tenant and tell the library. */
void rib_drop(struct rib *rib, unsigned int tenant);

/** Tell the library what has changed since the last time. */
void rib_flush(struct rib *rib);

/** Once a second: tell again what the library had no room for. */
void rib_tick(struct rib *rib);

/** Prefixes known. */
unsigned int rib_count(const struct rib *rib);

/** Those of them that the library has no room for. */
unsigned int rib_refused(const struct rib *rib);

/** Call fn for every prefix with its best route. */
void rib_walk(
	const struct rib *rib, void (*fn)(void *arg, const struct kernel_route *route), void *arg);

#endif /* RIB_H */
