/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a helper may ask for while it has a message: helper.h tells it how. A question is held
 * against the rules (helper_rule.c) and the quotas when it is asked for the first time; what
 * comes of it stands in the message's memo and is the same however often the message is shown.
 *
 * Quotas: SL_EXPECTED_EACH for a flow, SL_EXPECTED_SUB for an inside host, and a table. What is
 * to stay beyond its flow does not count for it. The worker counts ports against the host's own
 * limit besides.
 */
#include <errno.h>

#include "helper_expect.h"
#include "helper_rule.h"
#include "helper_turn.h"
#include "six.h"

static struct sl_turn *
turn_of(struct sl_helper *h)
{
	return sl_helper_flow_of(h)->turn;
}

/* An expectation to ask the worker for; NULL with *why. */
static struct sl_expected *
prepare(struct sl_helper_flow *f, const struct sl_expect *e, int *why)
{
	struct sl_expected *x = sl_expected_find(f, e);
	bool fresh = x == NULL || x->ending || x->met;

	*why = sl_helper_rule(f, e);
	if (*why != 0)
		return NULL;
	*why = -EDQUOT;
	if (!e->stays && f->n_expected >= SL_EXPECTED_EACH && (x == NULL || x->flow != f))
		return NULL;
	if (fresh && sl_expected_of_host(f, e->in_addr) >= SL_EXPECTED_SUB)
		return NULL;
	*why = -ENOSPC;
	if (x == NULL)
		x = sl_expected_make(f, e);
	else if (x->next_waits.turn != NULL)
		return NULL; /* two wait for it already */
	else
		sl_expected_own(x, f, e);
	if (x == NULL)
		return NULL;
	/* What was there before this message outlives it. */
	x->maker = fresh || x->maker != NULL ? f->turn : NULL;
	x->ending = x->met = false;
	return x;
}

static void
ask(struct sl_helper_flow *f, struct sl_memo *memo)
{
	struct sl_turn *t = f->turn;
	struct sl_expected *x = prepare(f, &memo->expect, &memo->status);

	if (x == NULL) {
		sl_helper_counts(f)->refused++;
		return;
	}
	memo->pending = x;
	t->n_pending++;
	x->next_waits = (struct sl_waiter){ t, (unsigned int)(memo - t->memo) };
	sl_expected_want(x, SL_TODO_ADD);
}

int
sl_helper_expect(struct sl_helper *h, struct sl_expect *expect)
{
	struct sl_helper_flow *f = sl_helper_flow_of(h);
	struct sl_turn *t = turn_of(h);
	struct sl_memo *memo;
	bool known;

	if (t == NULL)
		return -ENOSPC;
	memo = sl_turn_memo(t, SL_MEMO_EXPECT, expect, &known);
	if (memo == NULL)
		return -ENOSPC;
	if (!known)
		ask(f, memo);
	if (memo->pending != NULL) {
		t->again = true;
		return -EAGAIN;
	}
	if (memo->status == 0) {
		expect->out_addr = memo->expect.out_addr;
		expect->out_port = memo->expect.out_port;
	}
	return memo->status;
}

/* The expectation that a helper speaks of, if it was not spoken of in a run before. */
static struct sl_expected *
mentioned(struct sl_helper *h, enum sl_memo_kind kind, const struct sl_expect *e)
{
	struct sl_helper_flow *f = sl_helper_flow_of(h);
	struct sl_turn *t = turn_of(h);
	struct sl_expected *x;
	bool known = false;

	if (t != NULL && sl_turn_memo(t, kind, e, &known) == NULL)
		return NULL;
	x = known ? NULL : sl_expected_find(f, e);
	return x != NULL && !x->ending && !x->met ? x : NULL;
}

void
sl_helper_unexpect(struct sl_helper *h, uint8_t proto, rte_be32_t in_addr, rte_be16_t in_port)
{
	const struct sl_expect e = { .proto = proto, .in_addr = in_addr, .in_port = in_port };
	struct sl_expected *x = mentioned(h, SL_MEMO_UNEXPECT, &e);

	if (x != NULL)
		sl_expected_end(x);
}

void
sl_helper_prolong(struct sl_helper *h, uint8_t proto, rte_be32_t in_addr, rte_be16_t in_port,
	uint32_t lifetime)
{
	const struct sl_expect e = { .proto = proto, .in_addr = in_addr, .in_port = in_port };
	struct sl_expected *x = mentioned(h, SL_MEMO_PROLONG, &e);

	if (x == NULL)
		return;
	x->what.lifetime = RTE_MIN(lifetime, (uint32_t)SL_EXPECTED_MS_MAX);
	sl_expected_want(x, SL_TODO_ADD);
}

static int
look_up(const struct sl_helper_flow *f, const struct sl_expect *e, struct sl_expect *answer)
{
	uint16_t off;
	const struct sl_expected *x =
		sl_expected_find_port(f, e->proto, e->in_addr, e->in_port, &off);

	if (x == NULL)
		return -ENOENT;
	answer->out_addr = x->what.out_addr;
	answer->out_port = rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(x->what.out_port) + off));
	return 0;
}

bool
sl_helper_expected(const struct sl_helper *h, uint8_t proto, rte_be32_t in_addr, rte_be16_t in_port,
	rte_be32_t *out_addr, rte_be16_t *out_port)
{
	const struct sl_helper_flow *f = (const struct sl_helper_flow *)h;
	const struct sl_expect e = { .proto = proto, .in_addr = in_addr, .in_port = in_port };
	struct sl_memo once = { .expect = e }, *memo = &once;
	bool known = false;

	/* The answer may not change while a message waits. */
	if (f->turn != NULL)
		memo = sl_turn_memo(f->turn, SL_MEMO_EXPECTED, &e, &known);
	if (memo == NULL)
		return false;
	if (!known)
		memo->status = look_up(f, &e, &memo->expect);
	*out_addr = memo->expect.out_addr;
	*out_port = memo->expect.out_port;
	return memo->status == 0;
}

bool
sl_helper_inside(const struct sl_helper *h, uint8_t proto, rte_be32_t out_addr, rte_be16_t out_port,
	rte_be16_t *in_port)
{
	const struct sl_helper_flow *f = (const struct sl_helper_flow *)h;
	const struct sl_expect e = {
		.proto = proto,
		.in_addr = h->in_addr,
		.rem_addr = out_addr, /* what the memo is known by */
		.rem_port = out_port,
	};
	struct sl_memo once = { .expect = e }, *memo = &once;
	bool known = false;

	if (f->turn != NULL)
		memo = sl_turn_memo(f->turn, SL_MEMO_INSIDE, &e, &known);
	if (memo == NULL)
		return false;
	if (!known)
		memo->status =
			sl_expected_find_out(f, proto, out_addr, out_port, &memo->expect.out_port)
				? 0
				: -ENOENT;
	*in_port = memo->expect.out_port;
	return memo->status == 0;
}

/* ---- addresses of NAT64 ---- */

static struct sl_prefix
prefix_of(const struct sl_helper *h)
{
	return (struct sl_prefix){ .net = h->net6, .len = h->plen6 };
}

struct sl_ip6
sl_helper_join(const struct sl_helper *h, rte_be32_t addr)
{
	struct sl_prefix x = prefix_of(h);

	return sl_prefix_join(&x, addr);
}

bool
sl_helper_split(const struct sl_helper *h, const struct sl_ip6 *six, rte_be32_t *addr)
{
	struct sl_prefix x = prefix_of(h);
	struct sl_ip6 again;

	if (!h->six || !sl_prefix_split(&x, six, addr))
		return false;
	again = sl_prefix_join(&x, *addr);
	return sl_ip6_same(&again, six);
}
