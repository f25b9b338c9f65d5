/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_CONTACT_H
#define SL_CONTACT_H

#include "flow.h"

#define SL_CONTACT_TAG 2 /* in the low bits of a word of the record, flow.c has the others */

/**
 * Contacts, for address-dependent filtering: whom a mapping's inside has sent to. Each flow
 * opened from inside adds its remote address once and takes it away when it ends.
 * @param map  index of the mapping
 */
void sl_flow_contact_add(struct sl_flows *t, uint32_t map, rte_be32_t rem_addr);
void sl_flow_contact_del(struct sl_flows *t, uint32_t map, rte_be32_t rem_addr);

/** Has the inside behind this mapping a flow to the remote address? */
bool sl_flow_contact(const struct sl_flows *t, uint32_t map, rte_be32_t rem_addr);

#endif /* SL_CONTACT_H */
