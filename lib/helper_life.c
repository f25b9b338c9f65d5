/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Flows with a helper, from their first packet to their end. The end comes as an event, after the
 * last packets; should that be lost, the next flow at the same place shows that it is over, or its
 * silence does (sl_helpers_poll()).
 *
 * One inside host may have an eighth of all flows; whoever wants more, and whoever comes when
 * all are taken, is not looked at: packets pass as they are.
 */
#include "helper_life.h"
#include "helper_expect.h"
#include "helper_flow.h"
#include "helper_tcp.h"
#include "helper_turn.h"
#include "helper_udp.h"

static bool
is_same(const struct sl_helper_flow *f, const struct sl_helper_note *note)
{
	return f->created == note->created && f->number == note->helper &&
	       f->h.proto == note->proto && f->h.in_addr == note->in_addr &&
	       f->h.in_port == note->in_port && f->h.rem_addr == note->rem_addr &&
	       f->h.rem_port == note->rem_port && f->h.tenant == note->tenant;
}

/* Has this host as many flows as one may have? */
static bool
has_enough(const struct sl_helpers *hs, const struct sl_helper_note *note, uint32_t slot)
{
	const struct sl_helper_flow *f;
	uint32_t n = 0;

	LIST_FOREACH(f, &hs->flow_by_host[slot], by_host)
		n += f->h.in_addr == note->in_addr && f->h.tenant == note->tenant;
	return n >= RTE_MAX(hs->max_flows / 8, 4u);
}

static void
fill(struct sl_helper_flow *f, struct sl_helpers *hs, const struct sl_helper_note *note)
{
	void *state = hs->state + (size_t)(f - hs->flow) * SL_HELPER_STATE_MAX;

	memset(f, 0, sizeof(*f));
	memset(state, 0, SL_HELPER_STATE_MAX);
	f->h = (struct sl_helper){
		.state = state,
		.shared = hs->shared[note->helper - 1],
		.now = hs->now,
		.tenant = note->tenant,
		.proto = note->proto,
		.inbound = note->flags & SL_NOTE_INBOUND,
		.in_addr = note->in_addr,
		.out_addr = note->out_addr,
		.rem_addr = note->rem_addr,
		.in_port = note->in_port,
		.out_port = note->out_port,
		.rem_port = note->rem_port,
		.six = note->flags & SL_NOTE_SIX,
		.in6 = note->in6,
		.net6 = note->net6,
		.plen6 = note->plen6,
	};
	f->all = hs;
	f->ops = hs->params.ops[note->helper - 1];
	f->number = note->helper;
	f->worker = note->worker;
	f->flow = note->flow;
	f->created = note->created;
	LIST_INIT(&f->expected);
}

static struct sl_helper_flow *
make(struct sl_helpers *hs, const struct sl_helper_note *note)
{
	uint32_t host = sl_helper_host(note->tenant, note->in_addr, hs->flow_mask);
	struct sl_helper_flow *f = LIST_FIRST(&hs->free_flows);

	if (f == NULL || has_enough(hs, note, host))
		return NULL;
	LIST_REMOVE(f, link);
	fill(f, hs, note);
	LIST_INSERT_HEAD(&hs->flows, f, link);
	LIST_INSERT_HEAD(sl_helper_flow_chain(hs, f->worker, f->flow), f, by_key);
	LIST_INSERT_HEAD(&hs->flow_by_host[host], f, by_host);
	if (note->flags & SL_NOTE_EXPECTED)
		f->h.expected = sl_expected_cookie(f, &f->h.cookie);
	if (f->h.proto == IPPROTO_TCP)
		f->stream = sl_helper_tcp_begin(f);
	f->pass = f->h.proto == IPPROTO_TCP && f->stream == NULL;
	sl_helper_counts(f)->flows++;
	sl_helper_counts(f)->flows_now++;
	return f;
}

struct sl_helper_flow *
sl_helper_flow_get(struct sl_helpers *hs, const struct sl_helper_note *note)
{
	struct sl_helper_flow *f = sl_helper_flow_at(hs, note->worker, note->flow);

	if (f != NULL && !is_same(f, note)) {
		sl_helper_flow_end(f);
		f = NULL;
	}
	if (f == NULL)
		f = make(hs, note);
	if (f == NULL)
		return NULL;
	f->turns = note->flags & SL_NOTE_TURNS;
	f->last = hs->now;
	return f;
}

void
sl_helper_flow_end(struct sl_helper_flow *f)
{
	struct sl_helpers *hs = f->all;

	if (f->turn != NULL)
		sl_turn_abandon(f->turn);
	sl_expected_flow_ends(f);
	f->h.now = hs->now;
	if (f->ops->flow_end != NULL)
		f->ops->flow_end(&f->h);
	if (f->stream != NULL)
		sl_stream_end(f->stream);
	sl_helper_udp_drop(f);
	sl_helper_counts(f)->flows_now--;
	LIST_REMOVE(f, link);
	LIST_REMOVE(f, by_key);
	LIST_REMOVE(f, by_host);
	LIST_INSERT_HEAD(&hs->free_flows, f, link);
}

void
sl_helper_flow_resume(struct sl_helper_flow *f)
{
	if (f->stream != NULL) {
		do {
			f->blocked = false;
			sl_stream_resume(f->stream, f->all->now);
		} while (f->turn == NULL && f->blocked);
	} else {
		sl_helper_udp_resume(f);
	}
	/* Nobody asks any more: the connection was reset. */
	if (f->turn != NULL && f->turn->n_pending == 0)
		sl_turn_abandon(f->turn);
}
