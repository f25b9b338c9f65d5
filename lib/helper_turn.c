/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Messages in their helper's hands. What a helper asks of a worker is answered later, and a
 * helper is plain code that cannot stop in the middle. So it is run again: before a message is
 * shown the helper's state is saved, each request gets a memo, and when one has no answer yet
 * the run counts for nothing. With the answer there, the state is put back and the message shown
 * from its start; requests find their memos in the order in which they were made.
 *
 *	run 1   expect A -> asked, -EAGAIN
 *	run 2   expect A -> memo: there it is    expect B -> asked, -EAGAIN
 *	run 3   expect A -> memo                 expect B -> memo          done
 *
 * Everything a run does is undone with it: state, replacements, sl_helper_pass(). What went to
 * a worker is not, so even requests without an answer have memos. Until the last run is over
 * the expectations belong to the message, and go with it when it is given up: after a time, or
 * when the connection is reset.
 *
 * While a message waits, so do all that follow it, in both directions: the helper's state is of
 * one piece.
 */
#include <errno.h>

#include "helper_expect.h"
#include "helper_turn.h"

static struct sl_turn *
take(struct sl_helper_flow *f, enum sl_side from)
{
	struct sl_turn *t = LIST_FIRST(&f->all->free_turns);

	if (t == NULL)
		return NULL;
	LIST_REMOVE(t, link);
	LIST_INSERT_HEAD(&f->all->turns, t, link);
	t->flow = f;
	t->from = from;
	t->begun = f->all->now;
	t->n = t->n_pending = 0;
	memcpy(t->saved, f->h.state, f->ops->state_size);
	f->turn = t;
	return t;
}

static void
release(struct sl_turn *t)
{
	struct sl_helpers *hs = t->flow->all;

	t->flow->turn = NULL;
	t->flow = NULL;
	LIST_REMOVE(t, link);
	LIST_INSERT_HEAD(&hs->free_turns, t, link);
}

void
sl_turn_abandon(struct sl_turn *t)
{
	struct sl_helper_flow *f = t->flow;

	sl_expected_abandon(f, t);
	memcpy(f->h.state, t->saved, f->ops->state_size);
	release(t);
}

/* The helper has had its say. */
static enum sl_turn_result
finish(struct sl_helper_flow *f, struct sl_turn *t, const struct sl_edits *edits)
{
	bool pass = t->pass, refuse = t->refuse;

	if (edits->failed) {
		/* What it has opened is of no use when nobody is told. */
		sl_expected_abandon(f, t);
	} else {
		sl_expected_keep(f, t);
	}
	release(t);
	sl_helper_counts(f)->messages++;
	if (edits->n > 0 && !edits->failed)
		sl_helper_counts(f)->replaced++;
	if (pass || refuse)
		return refuse ? SL_TURN_REFUSE : SL_TURN_PASS;
	return SL_TURN_GO;
}

enum sl_turn_result
sl_turn_run(struct sl_helper_flow *f, enum sl_side from, struct sl_slice message,
	struct sl_edits *edits)
{
	struct sl_turn *t = f->turn;

	if (t != NULL && (t->from != from || t->n_pending > 0)) {
		f->blocked |= t->from != from;
		return SL_TURN_WAIT;
	}
	if (t != NULL)
		memcpy(f->h.state, t->saved, f->ops->state_size);
	else
		t = take(f, from);
	if (t == NULL) {
		sl_helper_counts(f)->late++;
		return SL_TURN_GO;
	}
	t->next = 0;
	t->again = t->pass = t->refuse = false;
	t->edits = edits;
	f->h.now = f->all->now;
	if (from == SL_INSIDE && f->ops->outbound != NULL)
		f->ops->outbound(&f->h, message);
	else if (from == SL_OUTSIDE && f->ops->inbound != NULL)
		f->ops->inbound(&f->h, message);
	t->edits = NULL;
	return t->again ? SL_TURN_WAIT : finish(f, t, edits);
}

/* ---- requests ---- */

static bool
asks_the_same(const struct sl_memo *memo, enum sl_memo_kind kind, const struct sl_expect *e)
{
	const struct sl_expect *was = &memo->expect;

	return memo->kind == kind && was->proto == e->proto && was->in_addr == e->in_addr &&
	       was->in_port == e->in_port && was->rem_addr == e->rem_addr &&
	       was->rem_port == e->rem_port && was->pair == e->pair && was->outward == e->outward;
}

struct sl_memo *
sl_turn_memo(struct sl_turn *t, enum sl_memo_kind kind, const struct sl_expect *expect, bool *known)
{
	struct sl_memo *memo = &t->memo[t->next];

	*known = t->next < t->n;
	if (t->next == SL_HELPER_MEMOS || (*known && !asks_the_same(memo, kind, expect)))
		return NULL;
	t->next++;
	if (*known)
		return memo;
	t->n = t->next;
	*memo = (struct sl_memo){ .kind = kind, .expect = *expect };
	return memo;
}

void
sl_turn_answered(const struct sl_waiter *waiter, int status, const struct sl_expect *answer)
{
	struct sl_memo *memo;

	if (waiter->turn == NULL)
		return;
	memo = &waiter->turn->memo[waiter->memo];
	memo->pending = NULL;
	memo->status = status;
	memo->expect.out_addr = answer->out_addr;
	memo->expect.out_port = answer->out_port;
	waiter->turn->n_pending--;
}

/* ---- what a helper may do with a message ---- */

int
sl_helper_replace(struct sl_helper *h, size_t at, size_t n, const void *bytes, size_t len)
{
	struct sl_turn *t = sl_helper_flow_of(h)->turn;

	if (t == NULL || t->edits == NULL)
		return -EINVAL;
	return sl_edits_add(t->edits, at, n, bytes, len);
}

void
sl_helper_pass(struct sl_helper *h)
{
	struct sl_turn *t = sl_helper_flow_of(h)->turn;

	if (t != NULL)
		t->pass = true;
}

void
sl_helper_refuse(struct sl_helper *h)
{
	struct sl_turn *t = sl_helper_flow_of(h)->turn;

	if (t != NULL)
		t->refuse = true;
}
