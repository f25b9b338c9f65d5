/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SESSION_H
#define SL_SESSION_H

#include "flow.h"
#include "map.h"
#include "pkt.h"
#include "snap.h"
#include "sub.h"

struct sl_worker;

/** Flows of a mapping that are looked at when it may be over; one with more may last until the
 * sweep comes, a second at most. */
#define SL_SESSION_LOOK 64

/**
 * Make a session for a packet: behind `map` if there is one, else behind a new mapping,
 * static when `fwd` is given, dynamic otherwise.
 * @param m  NULL: no packet, but a call (call.c); p->frag_id is the inside host's id then
 * @return SL_GO with *flow set, or SL_DROP: a limit or a table's end, answered by ICMP as
 *         configured
 */
enum sl_verdict sl_session_open(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p,
	struct sl_map *map, const struct sl_fwd *fwd, struct sl_flow **flow);

/** End a flow; its mapping, port and subscriber go when it was their last. */
void sl_session_end(struct sl_worker *w, struct sl_flow *f);

/** The same of a flow whose hashes the caller has (sl_flow_hashes()). */
void sl_session_end_hashed(struct sl_worker *w, struct sl_flow *f, const uint32_t hash[2]);

/** A mapping that the sweep has not come to may be dead: the mapping if it lives, or NULL. */
struct sl_map *sl_session_live(struct sl_worker *w, struct sl_map *map);

/** A mapping if it lives, else the next older of its inside endpoint that does, or NULL. */
struct sl_map *sl_session_live_in(struct sl_worker *w, struct sl_map *map);

/** Has a live flow this key? A dead one that the sweep has not come to is ended. */
bool sl_session_busy(struct sl_worker *w, const struct sl_key *key);

/** False when the configuration in force no longer permits this flow. */
bool sl_session_permitted(const struct sl_worker *w, const struct sl_flow *f);

#endif /* SL_SESSION_H */
