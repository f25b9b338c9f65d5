/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Flows with a helper: where they are, and what becomes of their packets. A flow is known by its
 * worker, its place there and its birth.
 */
#include "helper_flow.h"
#include "helper_expect.h"
#include "helper_turn.h"

struct sl_helper_flow_list *
sl_helper_flow_chain(const struct sl_helpers *hs, uint32_t worker, uint32_t flow)
{
	uint32_t h = (flow + (worker << 26)) * 0x9e3779b1u;

	return &hs->flow_by_key[(h ^ h >> 15) & hs->flow_mask];
}

struct sl_helper_flow *
sl_helper_flow_at(const struct sl_helpers *hs, uint32_t worker, uint32_t flow)
{
	struct sl_helper_flow *f;

	LIST_FOREACH(f, sl_helper_flow_chain(hs, worker, flow), by_key)
		if (f->worker == worker && f->flow == flow)
			return f;
	return NULL;
}

struct sl_helper_flow *
sl_helper_flow_find(const struct sl_helpers *hs, uint32_t worker, uint32_t flow, uint32_t created)
{
	struct sl_helper_flow *f = sl_helper_flow_at(hs, worker, flow);

	return f != NULL && f->created == created ? f : NULL;
}

void
sl_helper_flow_forget(struct sl_helper_flow *f)
{
	if (f->turn != NULL)
		sl_turn_abandon(f->turn);
	sl_expected_flow_ends(f);
	memset(f->h.state, 0, f->ops->state_size);
	f->pass = f->late = f->blocked = false;
}

void
sl_helper_flow_pass(struct sl_helper_flow *f)
{
	if (!f->pass)
		sl_helper_counts(f)->passed++;
	f->pass = true;
}

/* ---- packets on their way back ---- */

/* A stream may have cut the packet anywhere; headers are to begin at an even address. */
static void
align(struct rte_mbuf *m)
{
	char *data = rte_pktmbuf_mtod(m, char *);

	if (((uintptr_t)data & 1) == 0 || rte_pktmbuf_headroom(m) == 0)
		return;
	memmove(data - 1, data, m->data_len);
	m->data_off--;
}

void
sl_helper_give(struct sl_helpers *hs, const struct sl_helper_note *note, struct rte_mbuf *m)
{
	align(m);
	if (sl_helper_note_put(m, note) && hs->params.give(hs->params.arg, note->worker, m) == 0)
		return;
	hs->count[note->helper - 1].dropped++;
	rte_pktmbuf_free(m);
}

void
sl_helper_flow_give(struct sl_helper_flow *f, enum sl_side from, struct rte_mbuf *m)
{
	const struct sl_helper_note note = {
		.worker = f->worker,
		.flow = f->flow,
		.created = f->created,
		.in_addr = f->h.in_addr,
		.out_addr = f->h.out_addr,
		.rem_addr = f->h.rem_addr,
		.in_port = f->h.in_port,
		.out_port = f->h.out_port,
		.rem_port = f->h.rem_port,
		.tenant = (uint8_t)f->h.tenant,
		.helper = f->number,
		.proto = f->h.proto,
		.flags = from == SL_INSIDE && f->turns ? SL_NOTE_TURNS : 0,
		.side = (uint8_t)from,
	};

	sl_helper_give(f->all, &note, m);
}
