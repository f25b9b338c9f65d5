/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PROBE_H
#define SL_PROBE_H

#include "state.h"
#include "tcp.h"

/** Is the inside host of this session asked before it ends? */
static inline bool
sl_probe_wanted(const struct sl_worker *w, const struct sl_flow *f)
{
	return f->tcp_state == SL_TCP_ESTABLISHED &&
	       (w->snap->probe == SL_PROBE_ALL ||
		       (w->snap->probe == SL_PROBE_NAT64 && (f->flags & SL_FLOW_SIX)));
}

/**
 * Is the session over? One whose host is to be asked has the closing time beyond its own: then
 * it is so old that the sweep did not come to it.
 */
static inline bool
sl_probe_over(const struct sl_worker *w, const struct sl_flow *f)
{
	uint32_t idle = w->now - f->last, timeout = w->snap->timeout[f->timeout];

	return idle >= timeout &&
	       (likely(!sl_probe_wanted(w, f)) ||
		       idle - timeout >= w->snap->timeout[SL_TIMEOUT_TCP_CLOSING]);
}

/**
 * The time of an established session has run out, but it is not over: ask its inside host, if
 * one may be asked in this millisecond. Else nothing happens, and the next sweep asks.
 */
void sl_probe_ask(struct sl_worker *w, struct sl_flow *f);

/** The same, but a packet of the session came first: that is the answer. */
void sl_probe_answered(struct sl_worker *w, struct sl_flow *f);

#endif /* SL_PROBE_H */
