/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Expectations. A helper asks for one (helper_ask.c); the worker that owns the inside host makes
 * a mapping of it (held.c) and answers with the outside port. Here is what control remembers:
 * whose it is, what its worker knows of it, when it is over.
 *
 *	wanted --> queue of its worker --> under way --> known --> forgotten at its time
 *	                 ^                    |            |
 *	                 '--- what to do next '<-----------'  prolong, unexpect, end of its flow
 *
 * There is one for an inside endpoint of a helper, whoever asks, and it has one message, so
 * what is asked of it happens in order: what is to be done next waits until the last answer is
 * here. SL_ASKED messages are under way to a worker at most, or they would keep others out.
 * One that is over is forgotten without a word, the worker has a clock of its own; one for a
 * single flow is over when that has come.
 */
#include <errno.h>
#include <stdlib.h>

#include "helper_expect.h"
#include "helper_rule.h"

#define MET_MS 2000 /* that it is remembered for the flow that came by it */

int
sl_expected_init(struct sl_helpers *hs, uint32_t max)
{
	uint32_t slots = rte_align32pow2(max);

	hs->expected = calloc(max, sizeof(*hs->expected));
	hs->expected_by_host = calloc(slots, sizeof(*hs->expected_by_host));
	if (hs->expected == NULL || hs->expected_by_host == NULL)
		return -ENOMEM;
	hs->max_expected = max;
	hs->expected_mask = slots - 1;
	for (uint32_t i = max; i-- > 0;)
		LIST_INSERT_HEAD(&hs->free_expected, &hs->expected[i], by_host);
	for (unsigned int i = 0; i < SL_WORKERS_MAX; i++)
		TAILQ_INIT(&hs->queue[i]);
	return 0;
}

void
sl_expected_fini(struct sl_helpers *hs)
{
	free(hs->expected);
	free(hs->expected_by_host);
}

/* ---- finding ---- */

static struct sl_expected_list *
chain(const struct sl_helpers *hs, uint16_t tenant, rte_be32_t in_addr)
{
	return &hs->expected_by_host[sl_helper_host(tenant, in_addr, hs->expected_mask)];
}

/* One inside host may give two servers the same call id. */
static bool
is_call_elsewhere(const struct sl_expected *x, const struct sl_helper_flow *f)
{
	return x->what.proto == IPPROTO_GRE && x->what.rem_addr != f->h.rem_addr;
}

static bool
is_for(const struct sl_expected *x, const struct sl_helper_flow *f, uint8_t proto,
	rte_be32_t in_addr)
{
	return x->tenant == f->h.tenant && x->number == f->number && x->what.proto == proto &&
	       x->what.in_addr == in_addr && !is_call_elsewhere(x, f);
}

static bool
is_at(const struct sl_expected *x, const struct sl_expect *e)
{
	if (x->what.outward != e->outward)
		return false;
	return e->outward ? x->what.rem_addr == e->rem_addr && x->what.rem_port == e->rem_port
			  : x->what.in_port == e->in_port;
}

struct sl_expected *
sl_expected_find(const struct sl_helper_flow *f, const struct sl_expect *e)
{
	struct sl_expected *x;

	LIST_FOREACH(x, chain(f->all, f->h.tenant, e->in_addr), by_host)
		if (is_for(x, f, e->proto, e->in_addr) && is_at(x, e))
			return x;
	return NULL;
}

/* What a flow has come by: its helper may not be the one that expected it. */
static struct sl_expected *
find_by_reader(const struct sl_helper_flow *f, const struct sl_expect *e)
{
	struct sl_expected *x;

	LIST_FOREACH(x, chain(f->all, f->h.tenant, e->in_addr), by_host)
		if (x->tenant == f->h.tenant && x->reader == f->number &&
			x->what.proto == e->proto && x->what.in_addr == e->in_addr && is_at(x, e))
			return x;
	return NULL;
}

const struct sl_expected *
sl_expected_find_port(const struct sl_helper_flow *f, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, uint16_t *off)
{
	const struct sl_expected *x;

	LIST_FOREACH(x, chain(f->all, f->h.tenant, in_addr), by_host) {
		*off = (uint16_t)(rte_be_to_cpu_16(in_port) - rte_be_to_cpu_16(x->what.in_port));
		if (is_for(x, f, proto, in_addr) && !x->what.outward && x->known && !x->ending &&
			*off <= x->what.pair)
			return x;
	}
	return NULL;
}

bool
sl_expected_find_out(const struct sl_helper_flow *f, uint8_t proto, rte_be32_t out_addr,
	rte_be16_t out_port, rte_be16_t *in_port)
{
	const struct sl_expected *x;

	LIST_FOREACH(x, chain(f->all, f->h.tenant, f->h.in_addr), by_host) {
		uint16_t off =
			(uint16_t)(rte_be_to_cpu_16(out_port) - rte_be_to_cpu_16(x->what.out_port));

		if (!is_for(x, f, proto, f->h.in_addr) || x->what.outward || !x->known ||
			x->ending || x->what.out_addr != out_addr || off > x->what.pair)
			continue;
		*in_port = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(x->what.in_port) + off));
		return true;
	}
	return false;
}

unsigned int
sl_expected_of_host(const struct sl_helper_flow *f, rte_be32_t in_addr)
{
	const struct sl_expected *x;
	unsigned int n = 0;

	LIST_FOREACH(x, chain(f->all, f->h.tenant, in_addr), by_host)
		n += x->tenant == f->h.tenant && x->what.in_addr == in_addr && !x->ending &&
		     !x->met;
	return n;
}

/* ---- to whom they belong ---- */

static void
disown(struct sl_expected *x)
{
	if (x->flow == NULL)
		return;
	LIST_REMOVE(x, of_flow);
	x->flow->n_expected -= !x->what.stays;
	x->flow = NULL;
}

/* The one has come. */
static void
meet(struct sl_expected *x)
{
	/* Asked for again meanwhile: this tells of the time before. */
	if (!x->what.once || !x->known || x->ending || x->sent || x->queued)
		return;
	disown(x);
	x->met = true;
	x->until = x->all->now + MET_MS;
}

bool
sl_expected_cookie(const struct sl_helper_flow *f, uint32_t *cookie)
{
	const struct sl_expect e = {
		.proto = f->h.proto,
		.outward = !f->h.inbound,
		.in_addr = f->h.in_addr,
		.in_port = f->h.in_port,
		.rem_addr = f->h.rem_addr,
		.rem_port = f->h.rem_port,
	};
	struct sl_expected *x = find_by_reader(f, &e);

	if (x == NULL)
		return false;
	*cookie = x->what.cookie;
	/* Of the others the worker tells (sl_expected_met()): they have a mapping. */
	if (x->what.outward)
		meet(x);
	return true;
}

void
sl_expected_own(struct sl_expected *x, struct sl_helper_flow *f, const struct sl_expect *e)
{
	struct sl_expect was = x->what;

	disown(x);
	x->what = *e;
	x->six = f->h.six;
	x->in6 = f->h.in6;
	if (x->known) { /* until there is another answer; wanted again, too */
		x->what.out_addr = was.out_addr;
		x->what.out_port = was.out_port;
	}
	if (e->proto == IPPROTO_GRE) /* as the remote end knows the inside host */
		x->what.out_addr = f->h.out_addr;
	if (e->lifetime == 0)
		x->what.lifetime = SL_EXPECTED_MS;
	x->what.lifetime = RTE_MIN(x->what.lifetime, (uint32_t)SL_EXPECTED_MS_MAX);
	x->reader = sl_helper_reader(f, e);
	x->flow = f;
	f->n_expected += !e->stays;
	LIST_INSERT_HEAD(&f->expected, x, of_flow);
}

struct sl_expected *
sl_expected_make(struct sl_helper_flow *f, const struct sl_expect *e)
{
	struct sl_helpers *hs = f->all;
	struct sl_expected *x = LIST_FIRST(&hs->free_expected);

	if (x == NULL)
		return NULL;
	LIST_REMOVE(x, by_host);
	memset(x, 0, sizeof(*x));
	x->all = hs;
	x->tenant = f->h.tenant;
	x->number = f->number;
	x->worker = hs->params.worker(
		hs->params.arg, e->proto == IPPROTO_GRE ? e->rem_addr : e->in_addr);
	x->until = UINT64_MAX;
	LIST_INSERT_HEAD(chain(hs, f->h.tenant, e->in_addr), x, by_host);
	sl_expected_own(x, f, e);
	return x;
}

static void
forget(struct sl_helpers *hs, struct sl_expected *x)
{
	disown(x);
	if (x->queued)
		TAILQ_REMOVE(&hs->queue[x->worker], x, queue);
	x->queued = false;
	LIST_REMOVE(x, by_host);
	LIST_INSERT_HEAD(&hs->free_expected, x, by_host);
	x->all = NULL;
}

/* ---- messages ---- */

static void
write_message(struct sl_expected *x)
{
	const struct sl_expect *e = &x->what;

	x->msg = (struct sl_msg){
		.op = x->todo == SL_TODO_ADD ? SL_MSG_MAP_ADD : SL_MSG_MAP_DEL,
		.buf = &x->request,
	};
	x->request = (struct sl_map_request){
		.tenant = x->tenant,
		.proto = e->proto,
		.once = e->once,
		.pair = e->pair,
		.half = e->half,
		.exact = e->proto == IPPROTO_GRE && e->out_port != 0,
		.in_addr = e->in_addr,
		.in_port = e->in_port,
		.out_addr = e->out_addr,
		.out_port = e->out_port,
		.rem_addr = e->rem_addr,
		.rem_port = e->rem_port,
		.outward = e->outward,
		.helper = x->reader,
		.lifetime = e->lifetime,
	};
}

static bool
send_message(struct sl_helpers *hs, struct sl_expected *x)
{
	if (hs->params.ask(hs->params.arg, x->worker, &x->msg) != 0)
		return false;
	x->sent = true;
	x->more = false;
	x->doing = x->todo;
	x->todo = SL_TODO_NOTHING;
	x->waits = x->next_waits;
	x->next_waits.turn = NULL;
	x->until = hs->now + x->what.lifetime;
	hs->asked[x->worker]++;
	return true;
}

void
sl_expected_push(struct sl_helpers *hs, unsigned int worker)
{
	struct sl_expected *x;

	while (hs->asked[worker] < SL_ASKED && (x = TAILQ_FIRST(&hs->queue[worker])) != NULL) {
		if (!x->more)
			write_message(x);
		if (!send_message(hs, x))
			return;
		TAILQ_REMOVE(&hs->queue[worker], x, queue);
		x->queued = false;
	}
}

void
sl_expected_want(struct sl_expected *x, enum sl_expected_todo todo)
{
	struct sl_helpers *hs = x->all;

	x->todo = todo;
	if (!x->queued && !x->sent) {
		x->queued = true;
		TAILQ_INSERT_TAIL(&hs->queue[x->worker], x, queue);
	}
	sl_expected_push(hs, x->worker);
}

void
sl_expected_end(struct sl_expected *x)
{
	disown(x);
	x->maker = NULL;
	x->ending = true;
	x->next_waits.turn = NULL;
	if (x->known || x->sent)
		sl_expected_want(x, SL_TODO_DEL);
	else /* nobody has heard of it */
		forget(x->all, x);
}

/* What the worker has said of an expectation. */
static void
learn(struct sl_expected *x, enum sl_expected_todo done)
{
	struct sl_helper_count *count = &x->all->count[x->number - 1];
	bool known = done == SL_TODO_ADD && x->request.status == 0;

	count->expected += known && !x->known;
	count->refused += done == SL_TODO_ADD && !known;
	x->known = known;
	if (!known)
		return;
	x->what.out_addr = x->request.out_addr;
	x->what.out_port = x->request.out_port;
}

struct sl_waiter
sl_expected_answer(struct sl_expected *x)
{
	struct sl_waiter waiter = x->waits;
	enum sl_expected_todo done = x->doing;

	x->sent = false;
	x->waits.turn = NULL;
	x->doing = SL_TODO_NOTHING;
	x->all->asked[x->worker]--;
	/* A worker ends a bounded number of sessions at a time. */
	x->more = done == SL_TODO_DEL && x->msg.cursor != UINT32_MAX && x->todo != SL_TODO_ADD;
	learn(x, done);
	return waiter;
}

void
sl_expected_next(struct sl_expected *x)
{
	struct sl_helpers *hs = x->all;
	unsigned int worker = x->worker;

	if (x->more)
		sl_expected_want(x, SL_TODO_DEL);
	else if (x->todo != SL_TODO_NOTHING)
		sl_expected_want(x, x->todo);
	else if (!x->known)
		forget(hs, x);
	sl_expected_push(hs, worker);
}

/* ---- ends ---- */

void
sl_expected_met(struct sl_helpers *hs, const struct sl_event *event)
{
	struct sl_expected *x;

	LIST_FOREACH(x, chain(hs, event->tenant, event->addr), by_host) {
		if (x->tenant != event->tenant || x->what.in_addr != event->addr ||
			x->what.in_port != event->port || x->what.proto != event->proto ||
			x->what.outward)
			continue;
		meet(x);
	}
}

void
sl_expected_keep(struct sl_helper_flow *f, const struct sl_turn *t)
{
	struct sl_expected *x;

	LIST_FOREACH(x, &f->expected, of_flow)
		if (x->maker == t)
			x->maker = NULL;
}

void
sl_expected_abandon(struct sl_helper_flow *f, const struct sl_turn *t)
{
	struct sl_expected *x = LIST_FIRST(&f->expected), *next;

	for (unsigned int i = 0; i < t->n; i++) {
		struct sl_expected *p = t->memo[i].pending;

		if (p != NULL && p->waits.turn == t)
			p->waits.turn = NULL;
		if (p != NULL && p->next_waits.turn == t)
			p->next_waits.turn = NULL;
	}
	for (; x != NULL; x = next) {
		next = LIST_NEXT(x, of_flow);
		if (x->maker == t)
			sl_expected_end(x);
	}
}

void
sl_expected_flow_ends(struct sl_helper_flow *f)
{
	struct sl_expected *x;

	while ((x = LIST_FIRST(&f->expected)) != NULL) {
		if (x->what.stays)
			disown(x);
		else
			sl_expected_end(x);
	}
}

void
sl_expected_calls_end(struct sl_helper_flow *f)
{
	struct sl_expected *x = LIST_FIRST(&f->expected), *next;

	for (; x != NULL; x = next) {
		next = LIST_NEXT(x, of_flow);
		if (x->what.proto == IPPROTO_GRE)
			sl_expected_end(x);
	}
}

void
sl_expected_age(struct sl_helpers *hs)
{
	for (uint32_t i = 0; i < hs->max_expected; i++) {
		struct sl_expected *x = &hs->expected[i];

		if (x->all == NULL || !x->known || x->sent || x->queued || x->until > hs->now)
			continue;
		/* A call may have traffic, and nobody who could end it would be left. */
		if (x->what.proto == IPPROTO_GRE)
			sl_expected_end(x);
		else
			forget(hs, x);
	}
	for (unsigned int w = 0; w < SL_WORKERS_MAX; w++)
		sl_expected_push(hs, w);
}

void
sl_helpers_walk(struct sl_helpers *hs, uint64_t now,
	void (*fn)(void *arg, const struct sl_expected_view *view), void *arg)
{
	for (uint32_t i = 0; i < hs->max_expected; i++) {
		const struct sl_expected *x = &hs->expected[i];
		struct sl_expected_view view = {
			.tenant = x->tenant,
			.what = x->what,
			.left = x->until > now ? (uint32_t)(x->until - now) : 0,
			.six = x->six,
			.in6 = x->in6,
		};

		if (x->all == NULL || !x->known || x->ending || x->met || view.left == 0)
			continue;
		view.helper = hs->params.ops[x->number - 1];
		fn(arg, &view);
	}
}
