/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELD_H
#define SL_HELD_H

#include "map.h"

struct sl_worker;

/** Make the mapping or the pair that a request of control asks for; the answer is in it. */
void sl_held_add(struct sl_worker *w, struct sl_map_request *r);

/**
 * End the mapping or the pair of a request, with a bounded number of its sessions.
 * @param again  false for the first call about a request
 * @return false when there are more: call again
 */
bool sl_held_del(struct sl_worker *w, struct sl_map_request *r, bool again);

/**
 * Look at the time and the right of a held mapping (SL_MAP_HELD).
 * @return the mapping, held or let go, or NULL: it is over, had no flows, and is gone
 */
struct sl_map *sl_held_live(struct sl_worker *w, struct sl_map *map);

/** Is a mapping held, and has it time and right still? Nothing is changed. */
bool sl_held_holds(const struct sl_worker *w, const struct sl_map *map);

/** Does the configuration in force still leave its port to this mapping? */
bool sl_held_permitted(const struct sl_worker *w, const struct sl_map *map);

/** From here on its sessions keep the mapping, if it has any. */
void sl_held_let_go(struct sl_worker *w, struct sl_map *map);

/** Did a request ask this remote endpoint in? */
bool sl_held_admits(const struct sl_map *map, rte_be32_t rem_addr, rte_be16_t rem_port);

/** A flow was opened that sl_held_admits() let in: uses up an expectation. */
void sl_held_met(struct sl_worker *w, struct sl_map *map);

/** Let go of held mappings whose time is over; a bounded slice. */
void sl_held_age(struct sl_worker *w);

#endif /* SL_HELD_H */
