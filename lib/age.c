/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Ageing: a sweep over the array of flows, a slice after each burst. A packet never
 * finds an expired flow alive (path.c looks at the time), so the sweep only has to give
 * memory and ports back in good time: it goes round once a second, or at a million flows
 * a second when there are more than that, and never more than a few at once, so that no
 * burst waits for it.
 *
 * After a change of configuration the same sweep goes round once, faster, and ends what is
 * no longer permitted.
 */
#include "age.h"
#include "alloc.h"
#include "held.h"
#include "session.h"
#include "state.h"

#define SLICE 64
#define RECHECK_SLICE 256
#define MIN_ROUND 1000 /* milliseconds */

static void
look(struct sl_worker *w, bool recheck)
{
	struct sl_flows *t = &w->flows;
	struct sl_flow *f;

	t->sweep = t->sweep + 1 < t->high ? t->sweep + 1 : 0;
	f = &t->flow[t->sweep];
	if (!(f->flags & SL_FLOW_LIVE))
		return;
	if (w->now - f->last >= w->snap->timeout[f->timeout] ||
		(recheck && !sl_session_permitted(w, f)))
		sl_session_end(w, f);
}

unsigned int
sl_age(struct sl_worker *w)
{
	uint32_t high = w->flows.high, round = RTE_MAX((uint32_t)MIN_ROUND, high / 1000), n;
	uint64_t elapsed = w->now64 - w->swept;

	sl_alloc_age(w);
	sl_defrag_age(w);
	sl_held_age(w);
	w->counter[SL_COUNTER_SUBSCRIBERS_NOW] = w->subs.n;
	if (w->recheck > 0) {
		n = RTE_MIN(w->recheck, (uint32_t)RECHECK_SLICE);
		w->recheck -= n;
		for (uint32_t i = 0; i < n; i++)
			look(w, true);
		return n;
	}
	if (elapsed == 0)
		return 0;
	sl_subs_age(&w->subs, SLICE, w->now);
	if (elapsed > round)
		elapsed = round;
	n = (uint32_t)((uint64_t)high * elapsed / round);
	if (n == 0 && elapsed < round)
		return 0;
	n = RTE_MIN(n, (uint32_t)SLICE);
	/* What the slice could not take is taken by the next call of the same millisecond. */
	w->swept = n == SLICE ? RTE_MAX(w->swept + (uint64_t)n * round / high, w->now64 - elapsed)
			      : w->now64;
	for (uint32_t i = 0; i < n; i++)
		look(w, false);
	return n;
}

void
sl_age_pressed(struct sl_worker *w)
{
	uint32_t n = RTE_MIN(w->flows.high, (uint32_t)RECHECK_SLICE);

	if (w->pressed == w->now64)
		return;
	w->pressed = w->now64;
	while (n-- > 0)
		look(w, false);
}
