/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_FLOW_H
#define SL_HELPER_FLOW_H

#include "helper_state.h"

/** The flow of a note, made when it is new; NULL when there is none left. */
struct sl_helper_flow *sl_helper_flow_get(struct sl_helpers *hs, const struct sl_helper_note *note);

/** The flow at this place of a worker, if it is the one born then. */
struct sl_helper_flow *sl_helper_flow_find(
	const struct sl_helpers *hs, uint32_t worker, uint32_t flow, uint32_t created);

/** It has ended: tell its helper, give everything back. */
void sl_helper_flow_end(struct sl_helper_flow *f);

/** Another connection by the same flow: forget what was said in the one before. */
void sl_helper_flow_forget(struct sl_helper_flow *f);

/** Answers have come: show the message that waits once more. */
void sl_helper_flow_resume(struct sl_helper_flow *f);

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
