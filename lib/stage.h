/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STAGE_H
#define SL_STAGE_H

#include "state.h"

/*
 * What each stage of the path costs, when the configuration asks for it: every seventeenth
 * call is timed with the caller's counter of cycles, so that the looking costs next to nothing.
 */
#define SL_STAGE_EVERY 17 /* prime: whatever a loop calls in turn, each gets its share */

/** Begin to time a call, or not; 0 when this one is not timed. */
static inline uint64_t
sl_stage_begin(struct sl_worker *w)
{
	if (likely(!w->snap->performance || w->nat->cycles == NULL) ||
		++w->stage_turn % SL_STAGE_EVERY != 0)
		return 0;
	return w->nat->cycles();
}

/** A stage is over for n packets; `since` is what the one before it returned. */
static inline uint64_t
sl_stage_end(struct sl_worker *w, enum sl_stage stage, unsigned int n, uint64_t since)
{
	struct sl_stage_use *u = &w->stage[stage];
	uint64_t now;

	if (likely(since == 0))
		return 0;
	now = w->nat->cycles();
	u->calls++;
	u->packets += n;
	u->cycles += now - since;
	return now;
}

#endif /* SL_STAGE_H */
