/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Helpers, on control's side: protocols that carry addresses in their payload. A worker binds
 * a flow to its helper when it makes it, and sends all of its packets here (helped.c). Here they
 * become messages, the helper reads them and says what to replace and what to expect, and what
 * comes out goes back to the worker.
 *
 *	punt ring --> flow --> stream: TCP in order, cut into messages --> turn --> helper
 *	                 \---> datagram ---------------------------------^   |
 *	                                                                     '--> expectations
 *	inject ring <-- packets, changed or not                                     |   ^
 *	                                                        asked of the worker v   | answered
 *
 *	helper_flow.c    flows, where they are                helper_expect.c  expectations
 *	helper_life.c    their beginning and end              helper_ask.c     what a helper may ask
 *	helper_tcp.c     between streams and helpers          helper_rule.c    what may be opened
 *	helper_udp.c     datagrams                            helper_local.c   for the box itself
 *	helper_turn.c    messages that are shown again
 *
 * Everything is bounded and taken at the start: flows, streams, messages that wait,
 * expectations. Who finds no place is not looked at, packets pass as they are. Nothing waits:
 * what is asked of a worker is answered later, by sl_helpers_answer().
 *
 * A flow's helper stays its helper. When the configuration takes it away, the flow goes on being
 * led through here, since numbers may be shifted, but nobody looks at its messages any more.
 */
#include <errno.h>
#include <stdlib.h>

#include <rte_errno.h>

#include "helper_expect.h"
#include "helper_flow.h"
#include "helper_life.h"
#include "helper_rule.h"
#include "helper_turn.h"
#include "helper_udp.h"
#include "state.h"

#define SWEEP_MS 1000
#define IDLE_MORE 60 /* seconds that a flow is remembered beyond the longest it can live */

/* ---- life ---- */

static int
take_flows(struct sl_helpers *hs, uint32_t max)
{
	uint32_t slots = rte_align32pow2(max);

	hs->flow = calloc(max, sizeof(*hs->flow));
	hs->state = calloc(max, SL_HELPER_STATE_MAX);
	hs->flow_by_key = calloc(slots, sizeof(*hs->flow_by_key));
	hs->flow_by_host = calloc(slots, sizeof(*hs->flow_by_host));
	hs->turn = calloc(SL_TURNS, sizeof(*hs->turn));
	if (hs->flow == NULL || hs->state == NULL || hs->flow_by_key == NULL ||
		hs->flow_by_host == NULL || hs->turn == NULL)
		return -ENOMEM;
	hs->max_flows = max;
	hs->flow_mask = slots - 1;
	for (uint32_t i = max; i-- > 0;)
		LIST_INSERT_HEAD(&hs->free_flows, &hs->flow[i], link);
	for (uint32_t i = SL_TURNS; i-- > 0;)
		LIST_INSERT_HEAD(&hs->free_turns, &hs->turn[i], link);
	return 0;
}

/* What flows of one helper have in common. */
static int
take_shared(struct sl_helpers *hs)
{
	for (unsigned int i = 0; i < hs->n; i++) {
		size_t size = hs->params.ops[i]->shared_size;

		hs->shared[i] = size > 0 ? calloc(1, size) : NULL;
		if (size > 0 && hs->shared[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

struct sl_helpers *
sl_helpers_create(const struct sl_helpers_params *params)
{
	uint32_t max = params->max_flows != 0 ? params->max_flows : 2048;
	uint32_t max_expected = params->max_expected != 0 ? params->max_expected : 2 * max;
	const struct sl_streams_params streams = {
		.max = max,
		.pool = params->pool,
		.socket = params->socket,
	};
	struct sl_helpers *hs = calloc(1, sizeof(*hs));

	if (hs == NULL)
		goto fail;
	hs->params = *params;
	while (hs->n < SL_HELPERS_MAX && params->ops[hs->n] != NULL)
		hs->n++;
	if (take_flows(hs, max) != 0 || take_shared(hs) != 0 ||
		sl_expected_init(hs, max_expected) != 0)
		goto fail;
	hs->streams = sl_streams_create(&streams);
	if (hs->streams != NULL)
		return hs;
fail:
	sl_helpers_destroy(hs);
	rte_errno = ENOMEM;
	return NULL;
}

void
sl_helpers_destroy(struct sl_helpers *hs)
{
	struct sl_helper_flow *f;

	if (hs == NULL)
		return;
	LIST_FOREACH(f, &hs->flows, link)
		sl_helper_udp_drop(f);
	sl_streams_destroy(hs->streams);
	sl_expected_fini(hs);
	free(hs->flow);
	free(hs->state);
	free(hs->flow_by_key);
	free(hs->flow_by_host);
	free(hs->turn);
	for (unsigned int i = 0; i < hs->n; i++)
		free(hs->shared[i]);
	free(hs);
}

void
sl_helpers_configure(struct sl_helpers *hs, const struct sl_config *config)
{
	const uint32_t *t = config->timeout;
	uint32_t tcp = RTE_MAX(t[SL_TIMEOUT_TCP_OPENING], t[SL_TIMEOUT_TCP_CLOSING]);

	sl_helper_rules(hs, config);
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		hs->mtu[side] = config->link[side].mtu != 0 ? config->link[side].mtu : 1500;
	tcp = RTE_MAX(tcp, t[SL_TIMEOUT_TCP_EST]);
	hs->idle_tcp = (tcp + IDLE_MORE) * 1000;
	hs->idle_udp = (t[SL_TIMEOUT_UDP] + IDLE_MORE) * 1000;
}

/* ---- a gateway around it ---- */

static unsigned int
nat_worker(void *arg, rte_be32_t in_addr)
{
	return sl_subscriber_worker(arg, in_addr);
}

static int
nat_ask(void *arg, unsigned int worker, struct sl_msg *msg)
{
	return sl_msg_send(arg, worker, msg);
}

static int
nat_give(void *arg, unsigned int worker, struct rte_mbuf *m)
{
	return sl_control_return(arg, worker, m);
}

static bool
nat_is_inside(void *arg, unsigned int tenant, rte_be32_t addr)
{
	const struct sl_nat *nat = arg;
	uint16_t nh = sl_routes_lookup(&nat->routes, (uint16_t)tenant, addr);

	return nh != SL_NH_NONE && sl_nh_side(&nat->routes, nh) == SL_INSIDE &&
	       sl_snap_addr(nat->snap, 0, addr) == NULL &&
	       sl_snap_addr(nat->snap, (uint16_t)(tenant + 1), addr) == NULL;
}

void
sl_helpers_of(struct sl_helpers_params *params, struct sl_nat *nat)
{
	params->arg = nat;
	params->worker = nat_worker;
	params->ask = nat_ask;
	params->give = nat_give;
	params->is_inside = nat_is_inside;
}

/* ---- what comes ---- */

void
sl_helpers_packet(struct sl_helpers *hs, const struct sl_punt *punt, uint64_t now)
{
	struct rte_mbuf *m = punt->m;
	struct sl_helper_note note;
	struct sl_helper_flow *f;

	hs->now = now;
	sl_helper_note_get(m, &note);
	if (note.helper == 0 || note.helper > hs->n ||
		rte_pktmbuf_adj(m, (uint16_t)punt->l3) == NULL) {
		rte_pktmbuf_free(m);
		return;
	}
	f = sl_helper_flow_get(hs, &note);
	if (f == NULL)
		sl_helper_give(hs, &note, m);
	else if (f->stream != NULL)
		sl_stream_segment(f->stream, punt->side, m, 0, now);
	else if (f->h.proto == IPPROTO_UDP)
		sl_helper_udp_take(f, punt->side, m);
	else
		sl_helper_flow_give(f, punt->side, m);
}

void
sl_helpers_event(struct sl_helpers *hs, const struct sl_event *event, uint64_t now)
{
	struct sl_helper_flow *f;

	hs->now = now;
	if (event->type == SL_EVENT_MET)
		sl_expected_met(hs, event);
	if (event->type != SL_EVENT_HELPER_END)
		return;
	f = sl_helper_flow_find(hs, event->worker, event->flow, event->created);
	if (f != NULL)
		sl_helper_flow_end(f);
}

bool
sl_helpers_answer(struct sl_helpers *hs, struct sl_msg *msg, uint64_t now)
{
	uintptr_t first = (uintptr_t)hs->expected, at = (uintptr_t)msg;
	struct sl_expected *x = (struct sl_expected *)msg;
	struct sl_waiter waiter;

	if (at < first || at >= first + hs->max_expected * sizeof(*hs->expected))
		return false;
	hs->now = now;
	waiter = sl_expected_answer(x);
	sl_turn_answered(&waiter, x->request.status, &x->what);
	sl_expected_next(x);
	if (waiter.turn != NULL && waiter.turn->n_pending == 0)
		sl_helper_flow_resume(waiter.turn->flow);
	return true;
}

/* ---- what is due ---- */

/* Messages that have waited too long; when the next one will have. */
static uint64_t
end_turns(struct sl_helpers *hs)
{
	struct sl_turn *t = LIST_FIRST(&hs->turns), *next;
	uint64_t at = UINT64_MAX;

	for (; t != NULL; t = next) {
		struct sl_helper_flow *f = t->flow;

		next = LIST_NEXT(t, link);
		if (hs->now - t->begun < SL_TURN_MS) {
			at = RTE_MIN(at, t->begun + SL_TURN_MS);
			continue;
		}
		sl_helper_counts(f)->late++;
		f->late = true;
		sl_helper_flow_resume(f);
		/* It may be in use again already, for the message behind. */
		if (f->turn == t && hs->now - t->begun >= SL_TURN_MS)
			sl_turn_abandon(t);
	}
	return at;
}

static void
sweep(struct sl_helpers *hs)
{
	struct sl_helper_flow *f = LIST_FIRST(&hs->flows), *next;

	hs->swept = hs->now;
	for (; f != NULL; f = next) {
		uint32_t idle = f->h.proto == IPPROTO_TCP ? hs->idle_tcp : hs->idle_udp;

		next = LIST_NEXT(f, link);
		if (hs->now - f->last > idle)
			sl_helper_flow_end(f);
	}
	sl_expected_age(hs);
}

uint64_t
sl_helpers_poll(struct sl_helpers *hs, uint64_t now)
{
	uint64_t turns, streams, at;

	hs->now = now;
	turns = end_turns(hs);
	streams = sl_streams_tick(hs->streams, now);
	if (now - hs->swept >= SWEEP_MS)
		sweep(hs);
	at = RTE_MIN(turns, streams);
	return RTE_MIN(at, hs->swept + SWEEP_MS);
}

int
sl_helpers_past(struct sl_helpers *hs, const struct sl_helper_note *note, const uint32_t shift[2],
	uint64_t now)
{
	struct sl_helper_flow *f;

	if (note->helper == 0 || note->helper > hs->n || note->proto != IPPROTO_TCP)
		return -EINVAL;
	hs->now = now;
	f = sl_helper_flow_get(hs, note);
	if (f == NULL)
		return -ENOSPC;
	if (f->stream == NULL) {
		sl_helper_flow_end(f);
		return -ENOSPC;
	}
	sl_stream_past(f->stream, shift);
	sl_helper_flow_pass(f);
	return 0;
}

const struct sl_helper_count *
sl_helpers_count(const struct sl_helpers *hs, unsigned int i)
{
	return &hs->count[i - 1];
}

const struct sl_streams_count *
sl_helpers_streams(const struct sl_helpers *hs)
{
	return sl_streams_count(hs->streams);
}
