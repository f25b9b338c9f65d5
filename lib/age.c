/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Ageing: a sweep over the array of flows, a slice after each burst. A packet never
 * finds an expired flow alive (path.c looks at the time), so the sweep only has to give
 * memory and ports back in good time: it goes round once a second, or at a million flows
 * a second when there are more than that, faster where many sessions come and go, and never
 * more than a few at once, so that no burst waits for it. Hosts of established TCP sessions may
 * be asked first (probe.c).
 *
 * After a change of configuration the same sweep goes round once, faster, and ends what is
 * no longer permitted.
 */
#include <rte_prefetch.h>

#include "age.h"
#include "ahead.h"
#include "alloc.h"
#include "held.h"
#include "probe.h"
#include "session.h"
#include "state.h"
#include "whole.h"

#define SLICE 128 /* flows looked at by one call */
#define ENDS 32 /* flows ended by one call, at most */
#define ENDS_QUIET 8 /* of them when none were made since the last call */
#define FETCH 6 /* flows fetched ahead */
#define RECHECK_SLICE 256
#define MIN_ROUND 1000 /* milliseconds */

/* The next flow of the round, if it is to be ended. */
static struct sl_flow *
look(struct sl_worker *w, bool recheck)
{
	struct sl_flows *t = &w->flows;
	struct sl_flow *f;

	t->sweep = t->sweep + 1 < t->high ? t->sweep + 1 : 0;
	f = &t->flow[t->sweep];
	rte_prefetch0(f + FETCH);
	if (!(f->flags & SL_FLOW_LIVE) || (w->now - f->last < w->snap->timeout[f->timeout] &&
						  (!recheck || sl_session_permitted(w, f))))
		return NULL;
	if (likely(sl_probe_over(w, f)) || (recheck && !sl_session_permitted(w, f)))
		return f;
	sl_probe_ask(w, f);
	return NULL;
}

/* Look at n flows and end those that are over; returns how many were looked at, fewer when
 * so many had to be ended that the next burst would wait for the rest. */
static uint32_t
slice(struct sl_worker *w, uint32_t n, uint32_t ends, bool recheck)
{
	struct sl_flow *dead[ENDS];
	uint32_t hash[ENDS][2];
	uint32_t looked = 0, d = 0;

	while (looked < n && d < ends) {
		struct sl_flow *f = look(w, recheck);

		looked++;
		if (unlikely(f != NULL))
			dead[d++] = f;
	}
	if (d > 0)
		sl_ahead_end(w, dead, hash, d);
	for (uint32_t i = 0; i < d; i++)
		sl_session_end_hashed(w, dead[i], hash[i]);
	return looked;
}

/* What need not be done more often, and how much of the sweep has fallen due. */
static void
each_millisecond(struct sl_worker *w, uint64_t elapsed)
{
	uint32_t high = w->flows.high, round = RTE_MAX((uint32_t)MIN_ROUND, high / 1000);
	uint64_t due;

	w->swept = w->now64;
	sl_maps_settle(&w->maps); /* else what comes from outside looks through them each time */
	if (w->maps.n_held > 0)
		sl_held_age(w);
	sl_subs_age(&w->subs, SLICE, w->now);
	if (w->hosts.n > 0)
		sl_hosts_age(w);
	w->counter[SL_COUNTER_SUBSCRIBERS_NOW] = w->subs.n;
	/* A few more than the exact share: what is left over is never lost by rounding. */
	due = w->due + (uint64_t)high * RTE_MIN(elapsed, (uint64_t)round) / round + 1;
	w->due = (uint32_t)RTE_MIN(due, (uint64_t)high);
}

/*
 * As fast as sessions are made, four times as many are looked at: those that are over and not
 * yet ended never take more than a third of the room of the live ones. And about as many may be
 * ended: a burst that opened many has taken long already, one that opened none must not wait.
 */
static uint32_t
keep_pace(struct sl_worker *w)
{
	uint64_t made = w->counter[SL_COUNTER_SESSIONS_MADE];
	uint32_t fresh = (uint32_t)made - w->paced;

	w->paced = (uint32_t)made;
	w->due = (uint32_t)RTE_MIN(w->due + 4 * (uint64_t)fresh, (uint64_t)w->flows.high);
	return RTE_MIN(fresh + ENDS_QUIET, (uint32_t)ENDS);
}

unsigned int
sl_age(struct sl_worker *w)
{
	uint64_t elapsed = w->now64 - w->swept;
	uint32_t ends = keep_pace(w), n;

	sl_alloc_age(w, ends);
	if (unlikely(w->defrag.oldest != SL_NONE))
		sl_defrag_age(w);
	if (unlikely(w->reasm.n > 0))
		sl_whole_age(w);
	if (w->syns.n > 0)
		sl_syn_age(w);
	if (w->recheck > 0) {
		n = slice(w, RTE_MIN(w->recheck, (uint32_t)RECHECK_SLICE), ends, true);
		w->recheck -= n;
		return n;
	}
	if (elapsed != 0)
		each_millisecond(w, elapsed);
	n = slice(w, RTE_MIN(w->due, (uint32_t)SLICE), ends, false);
	w->due -= n;
	return n;
}

void
sl_age_pressed(struct sl_worker *w)
{
	if (w->pressed == w->now64)
		return;
	w->pressed = w->now64;
	slice(w, RTE_MIN(w->flows.high, (uint32_t)RECHECK_SLICE), ENDS / 2, false);
}

void
sl_age_imagined(struct sl_worker *w)
{
	for (uint32_t n = RTE_MIN(w->flows.high, (uint32_t)RECHECK_SLICE);
		n > 0 && w->pressed != w->now64; n--) {
		const struct sl_flow *f = look(w, false);
		const struct sl_map *map;

		if (f == NULL)
			continue;
		w->flows.free = sl_flow_index(&w->flows, f);
		w->flows.n_free = 1;
		map = &w->maps.map[sl_flow_link(&w->flows, f)->map];
		if (map->n_flows == 1 && !(map->flags & SL_MAP_HELD)) {
			w->maps.free = (uint32_t)(map - w->maps.map);
			w->subs.free = w->subs.sub[map->sub].n_maps == 1 ? map->sub : w->subs.free;
		}
		return;
	}
}
