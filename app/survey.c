/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Who uses the box most, and how full its pools are: what no counter tells, because it takes a look
 * at every subscriber and every pool address. "top" wants it again and again, and a large box has
 * millions of the one and tens of thousands of the other, so a survey goes on in small steps:
 *
 * Every STEP_MS each worker gets one message, for STEP (lib/query.c) places of its table of
 * subscribers, one line of memory each. It copies only those that would enter the lists as they
 * are, which after the first few are hardly any. Control reads ADDRESSES pool addresses in that
 * time. Nobody waits for an answer. So a worker gives 128000 places a second about a thousandth of
 * its time, and a million subscribers at four workers take two seconds.
 *
 * There is one survey for all who look, and none while nobody does: it is begun by who wants one,
 * ends by itself, and the next one begins AGAIN_MS later at the earliest. A worker that hangs is
 * left out; its message is not used again before it has come back.
 *
 * Control lcore only.
 */
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "clock.h"
#include "survey.h"

#define STEP_MS 2
#define ADDRESSES 128
#define AGAIN_MS 50
#define CHUNK 64 /* subscribers of one answer */

struct question {
	struct sl_msg msg;
	unsigned int pass; /* of this survey */
	bool asked; /* it is with the worker */
	bool done;
	struct sl_subscriber found[CHUNK];
};

struct survey {
	struct box *box;
	struct question *question; /* by worker */
	int timer; /* 0: none is under way */
	unsigned int pass;
	uint64_t begun;
	unsigned int pool, next; /* address to be read */
	struct survey_view now, last; /* under way; finished */
};

uint32_t
survey_ports(const struct sl_subscriber *s)
{
	return s->ports[0] + s->ports[1] + s->ports[2];
}

static uint32_t
weight(const struct sl_subscriber *s, bool ports)
{
	return ports ? survey_ports(s) : s->sessions;
}

/* Into a list in falling order. One that has moved during the survey may be met twice. */
static void
rank(struct sl_subscriber *list, unsigned int *n, const struct sl_subscriber *s, bool ports)
{
	unsigned int i;

	if (weight(s, ports) == 0)
		return;
	for (i = 0; i < *n; i++)
		if (list[i].in_addr == s->in_addr && list[i].tenant == s->tenant)
			return;
	if (*n == SURVEY_TOP && weight(s, ports) <= weight(&list[SURVEY_TOP - 1], ports))
		return;
	i = *n < SURVEY_TOP ? (*n)++ : SURVEY_TOP - 1;
	for (; i > 0 && weight(&list[i - 1], ports) < weight(s, ports); i--)
		list[i] = list[i - 1];
	list[i] = *s;
}

/* What one must have at least to enter a list. */
static uint32_t
entrance(const struct sl_subscriber *list, unsigned int n, bool ports)
{
	return n < SURVEY_TOP ? 1 : weight(&list[SURVEY_TOP - 1], ports) + 1;
}

static void
ask(struct survey *s, unsigned int worker)
{
	struct question *q = &s->question[worker];

	if (q->asked || q->done)
		return;
	q->pass = s->pass;
	q->msg.op = SL_MSG_SUBSCRIBERS;
	q->msg.max = CHUNK;
	q->msg.buf = q->found;
	q->msg.select.least_sessions = entrance(s->now.by_sessions, s->now.n_sessions, false);
	q->msg.select.least_ports = entrance(s->now.by_ports, s->now.n_ports, true);
	q->asked = sl_msg_send(s->box->nat, worker, &q->msg) == 0;
}

/* An answered message: true when it was ours. */
static bool
take(struct box *box, struct sl_msg *msg)
{
	struct survey *s = box->survey;
	struct question *q = NULL;

	for (unsigned int i = 0; s != NULL && i < box->n_workers; i++)
		if (msg == &s->question[i].msg)
			q = &s->question[i];
	if (q == NULL)
		return false;
	q->asked = false;
	if (s->timer == 0 || q->pass != s->pass) {
		q->msg.cursor = 0; /* too late for its survey */
		return true;
	}
	for (unsigned int i = 0; i < msg->n; i++) {
		rank(s->now.by_sessions, &s->now.n_sessions, &q->found[i], false);
		rank(s->now.by_ports, &s->now.n_ports, &q->found[i], true);
	}
	q->done = msg->cursor == UINT32_MAX;
	return true;
}

/* A chunk of pool addresses; false when all have been read. */
static bool
read_addresses(struct survey *s)
{
	struct sl_pool_use use[ADDRESSES];
	struct survey_pool *p;
	unsigned int n;

	if (s->pool == s->now.n_pools)
		return false;
	p = &s->now.pool[s->pool];
	n = sl_pool_use_of(s->box->nat, s->pool, s->next, use, ADDRESSES);
	for (unsigned int i = 0; i < n; i++) {
		p->addresses++;
		p->ports += use[i].ports;
		for (int c = 0; c < 3; c++)
			p->used[c] += use[i].used[c];
	}
	s->next += n;
	if (n < ADDRESSES) {
		s->pool++;
		s->next = 0;
	}
	return s->pool < s->now.n_pools;
}

static void
finish(struct survey *s)
{
	loop_timer_del(s->box->loop, s->timer);
	s->timer = 0;
	s->now.when = clock_now();
	s->now.took = (uint32_t)(s->now.when - s->begun);
	free(s->last.pool);
	s->last = s->now;
	s->now.pool = NULL;
}

static void
step(void *arg)
{
	struct survey *s = arg;
	bool more = read_addresses(s);

	s->now.missing = 0;
	for (unsigned int i = 0; i < s->box->n_workers; i++) {
		const struct question *q = &s->question[i];

		if (s->box->watch[i].stuck > 0 && !q->done) {
			s->now.missing++;
			continue;
		}
		ask(s, i);
		more |= !q->done;
	}
	if (!more)
		finish(s);
}

static struct survey *
create(struct box *box)
{
	struct survey *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->question = calloc(box->n_workers, sizeof(*s->question));
	if (s == NULL || s->question == NULL || box_takes(box, take) != 0) {
		if (s != NULL)
			free(s->question);
		free(s);
		return NULL;
	}
	s->box = box;
	return s;
}

void
survey_begin(struct box *box)
{
	struct survey *s = box->survey != NULL ? box->survey : create(box);
	unsigned int n = RTE_MAX(box->config->n_pools, 1u);
	struct survey_pool *pool;

	box->survey = s;
	if (s == NULL || s->timer != 0 ||
		(s->last.when != 0 && clock_now() < s->last.when + AGAIN_MS))
		return;
	pool = calloc(n, sizeof(*pool));
	s->timer = pool != NULL ? loop_timer(box->loop, STEP_MS, step, s) : 0;
	if (s->timer <= 0) {
		free(pool); /* without memory the last one has to do */
		s->timer = 0;
		return;
	}
	s->now = (struct survey_view){ .n_pools = n, .pool = pool };
	s->pass++;
	s->begun = clock_now();
	s->pool = s->next = 0;
	for (unsigned int i = 0; i < box->n_workers; i++) {
		s->question[i].done = false;
		if (!s->question[i].asked)
			s->question[i].msg.cursor = 0;
	}
	step(s);
}

const struct survey_view *
survey_last(const struct box *box)
{
	return box->survey != NULL && box->survey->last.when != 0 ? &box->survey->last : NULL;
}

void
survey_destroy(struct box *box)
{
	struct survey *s = box->survey;

	if (s == NULL)
		return;
	if (s->timer != 0)
		loop_timer_del(box->loop, s->timer);
	free(s->now.pool);
	free(s->last.pool);
	free(s->question);
	free(s);
	box->survey = NULL;
}
