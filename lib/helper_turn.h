/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_TURN_H
#define SL_HELPER_TURN_H

#include "helper_state.h"

/** What a helper has done with a message. */
enum sl_turn_result {
	SL_TURN_GO, /**< with its edits */
	SL_TURN_WAIT, /**< to be shown once more when it is answered */
	SL_TURN_PASS, /**< with its edits, then look no further */
	SL_TURN_REFUSE, /**< not to go on */
};

/** Show a message to its helper; edits are empty at first. */
enum sl_turn_result sl_turn_run(struct sl_helper_flow *f, enum sl_side from,
	struct sl_slice message, struct sl_edits *edits);

/** It will not be shown any more: what it has asked for goes back, the state is as before. */
void sl_turn_abandon(struct sl_turn *t);

/**
 * The next request of this run.
 * @param known  set when it was made in a run before; then it is as it was
 * @return NULL when there are too many, or it is another one than before
 */
struct sl_memo *sl_turn_memo(
	struct sl_turn *t, enum sl_memo_kind kind, const struct sl_expect *expect, bool *known);

/** A request of this turn is answered; the flow is to be resumed when none is pending. */
void sl_turn_answered(const struct sl_waiter *waiter, int status, const struct sl_expect *answer);

#endif /* SL_HELPER_TURN_H */
