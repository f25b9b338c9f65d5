/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_MAPPING_H
#define SL_MAPPING_H

#include "map.h"
#include "pkt.h"
#include "snap.h"
#include "sub.h"

struct sl_worker;

/* Those that make one give NULL with *why when they cannot. What they make is nobody's until
 * sl_mapping_attach(). */

/** For the inside endpoint of p, with a port of its own: `want` (wire order) if that is not 0. */
struct sl_map *sl_mapping_make(struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub,
	rte_be16_t want, enum sl_counter *why);

/**
 * The one that stands for a subscriber's flows of a protocol whose ports are shared: it has no
 * port, each flow has.
 */
struct sl_map *sl_mapping_make_shared(
	struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why);

/** One whose outside port a forward has set aside. */
struct sl_map *sl_mapping_make_static(
	struct sl_worker *w, const struct sl_fwd *fwd, struct sl_sub *sub, enum sl_counter *why);

/** A new mapping is its subscriber's from here on. */
void sl_mapping_attach(struct sl_worker *w, struct sl_map *map, struct sl_sub *sub);

/**
 * A dynamic mapping for the inside endpoint of p, its subscriber's, without flows; at `want`
 * (wire order) if that is not 0. NULL with *why.
 */
struct sl_map *sl_mapping_open(
	struct sl_worker *w, const struct sl_pkt *p, rte_be16_t want, enum sl_counter *why);

/** End a mapping without flows; its port rests, its subscriber goes when it was its last. */
void sl_mapping_drop(struct sl_worker *w, struct sl_map *map);

/** Will a flow of this packet have a port of its own instead of its mapping's? */
bool sl_mapping_is_shared(const struct sl_worker *w, uint16_t tenant, const struct sl_pkt *p);

/**
 * Must its port stay as it is? A query to another subscriber keeps its id, which alone says whom
 * it is for (RFC 7857 section 12); protocols without ports go by address alone.
 */
bool sl_mapping_keeps_port(const struct sl_worker *w, const struct sl_pkt *p);

#endif /* SL_MAPPING_H */
