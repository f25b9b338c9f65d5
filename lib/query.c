/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Control's questions, answered by the worker that owns the shard: copies of sessions,
 * mappings and subscribers, and clearing. Each request walks at most STEP entries from its
 * cursor on, so that a dump of millions never holds up a burst; a session that comes or
 * goes between two steps may or may not be seen.
 */
#include "query.h"
#include "awaited.h"
#include "call.h"
#include "describe.h"
#include "explain.h"
#include "held.h"
#include "probe.h"
#include "save.h"
#include "saving.h"
#include "select.h"
#include "session.h"
#include "state.h"

#define STEP 256

static uint32_t
walk_sessions(struct sl_worker *w, struct sl_msg *msg, bool clear)
{
	uint32_t i = msg->cursor, end = RTE_MIN(w->flows.high, i + STEP);

	for (; i < end; i++) {
		struct sl_flow *f = &w->flows.flow[i];

		if (!(f->flags & SL_FLOW_LIVE) || sl_probe_over(w, f) ||
			!sl_select_flow(w, &msg->select, f))
			continue;
		if (!clear) {
			if (msg->n == msg->max)
				return i;
			sl_describe_session(w, f, (struct sl_session *)msg->buf + msg->n);
		}
		msg->n++;
		if (clear)
			sl_session_end(w, f);
	}
	return i < w->flows.high ? i : UINT32_MAX;
}

static uint32_t
walk_mappings(struct sl_worker *w, struct sl_msg *msg)
{
	const struct sl_select *s = &msg->select;
	uint32_t i = msg->cursor, end = RTE_MIN(w->maps.high, i + STEP);

	for (; i < end; i++) {
		const struct sl_map *m = &w->maps.map[i];

		if (m->proto == 0 || !sl_select_ends(w, s, m->tenant, m->in_addr, m->out_addr) ||
			(s->proto != 0 && s->proto != m->proto) ||
			(s->in_port != 0 && s->in_port != m->in_port) ||
			(s->out_port != 0 && s->out_port != m->out_port))
			continue;
		if (msg->n == msg->max)
			return i;
		sl_describe_mapping(w, m, &((struct sl_mapping *)msg->buf)[msg->n++]);
	}
	return i < w->maps.high ? i : UINT32_MAX;
}

/* One that is named in full is found without a walk. */
static uint32_t
find_subscriber(struct sl_worker *w, struct sl_msg *msg)
{
	const struct sl_select *s = &msg->select;
	uint16_t tenant = (uint16_t)(s->tenant - 1);

	for (uint32_t i = *sl_sub_head(&w->subs, tenant, s->in.addr); i != SL_NONE;
		i = w->subs.sub[i].next) {
		const struct sl_sub *sub = &w->subs.sub[i];

		if (sub->in_addr == s->in.addr && sub->tenant == tenant && msg->max > 0) {
			sl_describe_subscriber(w, sub, msg->buf);
			msg->n = sl_select_ends(w, s, tenant, sub->in_addr,
				((struct sl_subscriber *)msg->buf)->out_addr);
			break;
		}
	}
	return UINT32_MAX;
}

/* A subscriber has few, so there is one answer, which may not hold all of them. */
static void
copy_blocks(struct sl_worker *w, struct sl_msg *msg)
{
	uint16_t tenant = (uint16_t)(msg->select.tenant - 1);
	uint32_t i = *sl_sub_head(&w->subs, tenant, msg->select.in.addr);

	while (i != SL_NONE &&
		(w->subs.sub[i].in_addr != msg->select.in.addr || w->subs.sub[i].tenant != tenant))
		i = w->subs.sub[i].next;
	if (i == SL_NONE)
		return;
	for (i = w->subs.sub[i].blocks; i != SL_NONE && msg->n < msg->max;
		i = w->alloc.block[i].next) {
		const struct sl_block *b = &w->alloc.block[i];
		const struct sl_paddr *pa = w->nat->paddr[b->paddr];

		((struct sl_block_view *)msg->buf)[msg->n++] = (struct sl_block_view){
			.out_addr = pa->addr,
			.start = b->start,
			.size = (uint16_t)(1u << pa->shift),
			.used = b->used,
			.idle = b->used == 0 ? w->now - b->idle : 0,
		};
	}
}

static uint32_t
walk_subscribers(struct sl_worker *w, struct sl_msg *msg)
{
	uint32_t i = msg->cursor, end = RTE_MIN(w->subs.high, i + STEP);

	for (; i < end; i++) {
		const struct sl_sub *s = &w->subs.sub[i];
		rte_be32_t out = s->paddr != SL_NONE ? w->nat->paddr[s->paddr]->addr : 0;

		if (s->in_addr == 0 || !sl_select_busy(&msg->select, s) ||
			!sl_select_ends(w, &msg->select, s->tenant, s->in_addr, out))
			continue;
		if (msg->n == msg->max)
			return i;
		sl_describe_subscriber(w, s, &((struct sl_subscriber *)msg->buf)[msg->n++]);
	}
	return i < w->subs.high ? i : UINT32_MAX;
}

static void
clear_counters(struct sl_worker *w)
{
	memset(w->stage, 0, sizeof(w->stage));
	for (int c = 0; c < SL_COUNTER_COUNT; c++) {
		switch (c) {
		case SL_COUNTER_HELD_NOW:
		case SL_COUNTER_FRAGMENTS_HELD_NOW:
		case SL_COUNTER_SESSIONS_NOW:
		case SL_COUNTER_MAPPINGS_NOW:
		case SL_COUNTER_SUBSCRIBERS_NOW:
		case SL_COUNTER_HOSTS6_NOW:
			break;
		default:
			w->counter[c] = 0;
			break;
		}
	}
}

/* A mapping, and who reads what comes by it. */
static void
add_map(struct sl_worker *w, struct sl_map_request *r)
{
	int rc = r->helper != 0 ? sl_awaited_add(w, r) : 0;

	r->status = rc;
	if (rc != 0 || r->outward)
		return;
	if (r->proto == IPPROTO_GRE) {
		sl_call_add(w, r);
		return;
	}
	sl_held_add(w, r);
	if (r->status != 0 && r->helper != 0)
		sl_awaited_del(w, r);
}

static bool
del_map(struct sl_worker *w, struct sl_map_request *r, bool again)
{
	int rc = r->helper != 0 ? sl_awaited_del(w, r) : 0;

	if (r->proto == IPPROTO_GRE) {
		sl_call_del(w, r);
		return true;
	}
	if (!r->outward)
		return sl_held_del(w, r, again);
	r->status = rc;
	return true;
}

void
sl_query(struct sl_worker *w, struct sl_msg *msg)
{
	struct sl_map *map;

	msg->n = 0;
	switch (msg->op) {
	case SL_MSG_SESSIONS:
		msg->cursor = walk_sessions(w, msg, false);
		break;
	case SL_MSG_CLEAR:
		msg->cursor = walk_sessions(w, msg, true);
		break;
	case SL_MSG_MAPPINGS:
		msg->cursor = walk_mappings(w, msg);
		break;
	case SL_MSG_MAPPING_AT:
		map = sl_session_live(w, sl_map_find_out(&w->maps, msg->select.proto,
						 msg->select.out.addr, msg->select.out_port));
		if (map != NULL && msg->max > 0)
			sl_describe_mapping(w, map, &((struct sl_mapping *)msg->buf)[msg->n++]);
		msg->cursor = UINT32_MAX;
		break;
	case SL_MSG_MAP_ADD:
		add_map(w, msg->buf);
		msg->cursor = UINT32_MAX;
		break;
	case SL_MSG_MAP_DEL:
		msg->cursor = del_map(w, msg->buf, msg->cursor != 0) ? UINT32_MAX : 1;
		break;
	case SL_MSG_SUBSCRIBERS:
		msg->cursor = msg->select.in.plen == 32 && msg->select.tenant != 0
				      ? find_subscriber(w, msg)
				      : walk_subscribers(w, msg);
		break;
	case SL_MSG_BLOCKS:
		copy_blocks(w, msg);
		msg->cursor = UINT32_MAX;
		break;
	case SL_MSG_COUNTERS_CLEAR:
		clear_counters(w);
		msg->cursor = UINT32_MAX;
		break;
	case SL_MSG_SAVE:
		sl_save_walk(w, msg);
		break;
	case SL_MSG_EXPLAIN:
		sl_explain(w, msg->buf);
		msg->cursor = UINT32_MAX;
		break;
	}
}

void
sl_worker_answer(struct sl_worker *w, struct sl_msg *msg)
{
	sl_query(w, msg);
}
