/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_RECORD_H
#define SL_RECORD_H

#include "flow.h"
#include "map.h"
#include "sub.h"

struct sl_worker;

/** Record that a session began or ended, when such records are wanted. */
void sl_record_session(struct sl_worker *w, enum sl_record_type type, const struct sl_flow *f);

/** Record that a mapping began or ended. */
void sl_record_mapping(struct sl_worker *w, enum sl_record_type type, const struct sl_map *m);

/** Record that a subscriber got or gave back a block of ports (start in host order). */
void sl_record_block(struct sl_worker *w, enum sl_record_type type, uint16_t tenant,
	rte_be32_t in_addr, rte_be32_t out_addr, uint16_t start, uint16_t size);

/**
 * Record that something ran out for a subscriber; one a second for each type. Exhausted ports
 * are told with the outside address whose ports they are.
 */
void sl_record_refusal(
	struct sl_worker *w, const struct sl_sub *sub, uint8_t proto, enum sl_counter why);

#endif /* SL_RECORD_H */
