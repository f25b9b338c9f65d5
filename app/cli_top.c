/* SPDX-License-Identifier: BSD-3-Clause
 *
 * "top": a picture of the box again and again (top.c), which "sluicectl top" puts on a screen.
 *
 * Its walk (cli.h) is idle between two pictures; a timer wakes it. Before each a survey of
 * subscribers and pools is begun (survey.c), as long before as the last one took, so that they are
 * shown as they are. Where that is longer than the interval an earlier survey has to do; only for
 * the first one, or when it is older than STALE_MS, the picture waits, WAIT_MS at most. A reader
 * that takes no picture gets fewer, over longer times.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "survey.h"
#include "top.h"

#define INTERVAL_MS 2000
#define LEAD_MS 100 /* from survey to picture, at least, but not more than half of the interval */
#define STALE_MS 10000
#define WAIT_MS 3000
#define LOOK_MS 20 /* whether the survey is finished */
#define ROWS 10

struct top_walk {
	struct walk walk;
	struct box *box;
	struct sample from, to;
	uint32_t interval; /* milliseconds */
	uint32_t lead, waited; /* the same, of this picture */
	uint32_t left; /* pictures, UINT32_MAX: without end */
	unsigned int rows;
	int timer;
	bool surveyed, due, begun, json_on, again;
};

static void set_timer(struct top_walk *w, uint32_t ms);

/* Is there no survey that is worth showing? */
static bool
is_stale(const struct box *box)
{
	const struct survey_view *v = survey_last(box);

	return v == NULL || clock_now() - v->when > STALE_MS;
}

static void
on_timer(void *arg)
{
	struct top_walk *w = arg;

	loop_timer_del(w->box->loop, w->timer);
	w->timer = 0;
	if (!w->surveyed) {
		survey_begin(w->box);
		w->surveyed = true;
		set_timer(w, w->lead);
		if (w->timer > 0)
			return;
	}
	if (is_stale(w->box) && w->waited < WAIT_MS) {
		w->waited += LOOK_MS;
		set_timer(w, LOOK_MS);
		if (w->timer > 0)
			return;
	}
	w->due = true;
	walk_ready(&w->walk);
}

static void
set_timer(struct top_walk *w, uint32_t ms)
{
	int id = loop_timer(w->box->loop, ms, on_timer, w);

	w->timer = id > 0 ? id : 0;
}

/* Wait for the next picture; false without memory. */
static bool
wait_on(struct top_walk *w)
{
	const struct survey_view *v = survey_last(w->box);
	uint32_t lead = v != NULL ? RTE_MAX(v->took + LOOK_MS, (uint32_t)LEAD_MS) : LEAD_MS;

	w->due = w->surveyed = false;
	w->waited = 0;
	w->lead = RTE_MIN(w->interval / 2, lead);
	set_timer(w, w->interval - w->lead);
	return w->timer > 0;
}

static void
show(struct top_walk *w, FILE *out)
{
	struct top_frame frame = { w->box, &w->from, &w->to, w->rows };
	struct sample old = w->from;

	sample_take(&w->to, w->box);
	if (w->again && !w->json_on)
		fputc('\n', out);
	if (w->json_on)
		top_json(&frame, out);
	else
		top_text(&frame, out);
	w->again = true;
	w->from = w->to;
	w->to = old;
}

static int
step(struct walk *walk, FILE *out, FILE *err)
{
	struct top_walk *w = container_of(walk, struct top_walk, walk);

	if (!w->begun) {
		w->begun = true;
		survey_begin(w->box); /* the first one may take long */
		sample_take(&w->from, w->box);
	} else if (!w->due) {
		return WALK_IDLE;
	} else {
		show(w, out);
		if (w->left != UINT32_MAX && --w->left == 0)
			return 0;
	}
	if (wait_on(w))
		return WALK_IDLE;
	fprintf(err, "out of memory\n");
	return -ENOMEM;
}

static void
destroy(struct walk *walk)
{
	struct top_walk *w = container_of(walk, struct top_walk, walk);

	if (w->timer > 0)
		loop_timer_del(w->box->loop, w->timer);
	sample_fini(&w->from);
	sample_fini(&w->to);
	free(w);
}

/* arg: 0 interval, 1 times, 2 rows, 3 json */
static int
top(struct call *call, const struct arg *arg)
{
	struct top_walk *w = calloc(1, sizeof(*w));

	if (w == NULL || sample_init(&w->from, call->box) < 0 ||
		sample_init(&w->to, call->box) < 0) {
		if (w != NULL)
			sample_fini(&w->from);
		free(w);
		return call_fail(call, -ENOMEM, "out of memory");
	}
	w->walk.step = step;
	w->walk.destroy = destroy;
	w->box = call->box;
	w->json_on = call->json;
	w->interval = arg[0].set ? arg[0].u : INTERVAL_MS;
	w->left = arg[1].set && arg[1].u != 0 ? arg[1].u : UINT32_MAX;
	w->rows = arg[2].set ? RTE_MIN(arg[2].u, (uint32_t)SURVEY_TOP) : ROWS;
	call->after->walk = &w->walk;
	return 0;
}

const struct statement cli_top_statements[] = {
	{ "top [interval PAUSE] [times COUNT] [rows COUNT] [json]", top,
		"the box at a glance, every two seconds or as said: rates by port and worker, busy "
		"share of lcores, sessions, pools, drops, subscribers with most, helpers",
		ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
