/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_FLOW_H
#define SL_HELPER_FLOW_H

#include "helper_state.h"

/** Flows whose place of a worker falls together with this one. */
struct sl_helper_flow_list *sl_helper_flow_chain(
	const struct sl_helpers *hs, uint32_t worker, uint32_t flow);

/** The flow at this place of a worker, or NULL. */
struct sl_helper_flow *sl_helper_flow_at(
	const struct sl_helpers *hs, uint32_t worker, uint32_t flow);

/** The same, if it is the one born then. */
struct sl_helper_flow *sl_helper_flow_find(
	const struct sl_helpers *hs, uint32_t worker, uint32_t flow, uint32_t created);

/** Another connection by the same flow: forget what was said in the one before. */
void sl_helper_flow_forget(struct sl_helper_flow *f);

/** Give a packet that begins with its IP header back to its worker. Takes m. */
void sl_helper_flow_give(struct sl_helper_flow *f, enum sl_side from, struct rte_mbuf *m);

/** The same for a flow that nobody has room for: as it is. */
void sl_helper_give(struct sl_helpers *hs, const struct sl_helper_note *note, struct rte_mbuf *m);

/** Look no further at this flow. */
void sl_helper_flow_pass(struct sl_helper_flow *f);

/** Does the configuration in force still want its helper? */
static inline bool
sl_helper_flow_wanted(const struct sl_helper_flow *f)
{
	return f->all->mask[f->h.tenant] >> f->number & 1;
}

#endif /* SL_HELPER_FLOW_H */
