/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_CALL_H
#define SL_CALL_H

#include "pkt.h"

struct sl_map_request;
struct sl_worker;

#define SL_CALLS_OVER 512 /* directions of ended calls that are remembered, power of two */

/** A direction of a call that has ended. */
struct sl_call_over {
	struct sl_key key;
	uint64_t until; /* milliseconds */
	uint64_t spare;
};

/** What a worker knows of calls besides their flows; its own. */
struct sl_calls {
	uint32_t n; /* mappings that stand for calls of a subscriber */
	uint64_t until; /* milliseconds; from then on none of these is remembered: */
	struct sl_call_over over[SL_CALLS_OVER];
};

/** Make the call that a request asks for, or change it; the answer is in the request. */
void sl_call_add(struct sl_worker *w, struct sl_map_request *r);

/** End the call of a request. */
void sl_call_del(struct sl_worker *w, struct sl_map_request *r);

/**
 * A packet of GRE, or an error that quotes one, is at its owner: is it a call's? If it is none,
 * its key becomes that of all GRE between its addresses.
 * @return SL_GO or SL_DROP: its call has ended
 */
enum sl_verdict sl_call_settle(struct sl_worker *w, struct sl_pkt *p);

#endif /* SL_CALL_H */
