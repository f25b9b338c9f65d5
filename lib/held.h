/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELD_H
#define SL_HELD_H

#include "map.h"

struct sl_worker;

/** Make the mapping or the pair that a request of control asks for; the answer is in it. */
void sl_held_add(struct sl_worker *w, struct sl_map_request *r);

/** End the mapping of a request, with its sessions. */
void sl_held_del(struct sl_worker *w, struct sl_map_request *r);

/** May this remote endpoint open a flow through a mapping? Uses up one that admits once. */
bool sl_held_admits(struct sl_map *map, rte_be32_t rem_addr, rte_be16_t rem_port);

/** Let go of held mappings whose time is over; a bounded slice. */
void sl_held_age(struct sl_worker *w);

#endif /* SL_HELD_H */
