/* SPDX-License-Identifier: BSD-3-Clause
 *
 * State that outlives the process, the way out: copies of what a worker has, as records (save.h).
 *
 * Who reads what, when. A shard is its worker's alone, so its worker copies it: SL_MSG_SAVE asks
 * for SL_SAVE_STEP places of one table, which lie one after the other in memory, so that a burst
 * waits a few microseconds for it. Control sends the next message when it likes. Once the workers
 * have ended control calls the same code itself (sl_worker_answer()).
 *
 * What is not copied, because it follows from what is: mappings that are only the place of their
 * sessions, subscribers, port maps, checksums, next hops, hash tables. What is lost: tokens of
 * rate limits, fragments and packets that wait, unsolicited SYNs, half-read messages of helpers.
 *
 * A walk takes a while, and sessions come and go meanwhile. Each record is true at the moment it
 * was taken, and stands for itself: whoever puts them back (restore.c) finds a mapping's missing
 * host or block and takes care of that.
 */
#include "save.h"
#include "saving.h"
#include "state.h"

_Static_assert(SL_SAVED_SUBSCRIBER == SL_HOST_SUBSCRIBER, "one name for the library's own use");

size_t
sl_saved_size(enum sl_saved_kind kind)
{
	static const size_t size[] = {
		[SL_SAVED_HOST] = sizeof(struct sl_saved_host),
		[SL_SAVED_BLOCK] = sizeof(struct sl_saved_block),
		[SL_SAVED_MAP] = sizeof(struct sl_saved_map),
		[SL_SAVED_FLOW] = sizeof(struct sl_saved_flow),
		[SL_SAVED_TCP] = sizeof(struct sl_saved_tcp),
		[SL_SAVED_REST] = sizeof(struct sl_saved_rest),
	};

	return kind < RTE_DIM(size) ? size[kind] : 0;
}

const char *
sl_saved_fate_text(enum sl_saved_fate fate)
{
	static const char *const text[] = {
		[SL_SAVED_BACK] = "back",
		[SL_SAVED_OVER] = "their time was over",
		[SL_SAVED_NO_TENANT] = "tenant gone",
		[SL_SAVED_NO_HOST] = "IPv6 host or prefix gone",
		[SL_SAVED_NO_ADDRESS] = "pool address gone",
		[SL_SAVED_NO_FORWARD] = "forward gone",
		[SL_SAVED_NO_PORT] = "port not theirs any more",
		[SL_SAVED_OTHER_WORKER] = "shared port of another worker",
		[SL_SAVED_LIMIT] = "limit of the subscriber",
		[SL_SAVED_FULL] = "table full",
		[SL_SAVED_HELPER] = "in the hands of a helper",
		[SL_SAVED_CLASH] = "in the way of each other",
		[SL_SAVED_NONSENSE] = "make no sense",
	};

	return fate < RTE_DIM(text) ? text[fate] : "?";
}

/* ---- one record each ---- */

static void
copy_end(const struct sl_tcp_end *e, struct sl_saved_end *to)
{
	*to = (struct sl_saved_end){ e->end, e->limit, e->win, e->scale, e->seen, e->scale_ok,
		e->again };
}

static bool
save_flow(const struct sl_worker *w, uint32_t i, bool tcp, struct sl_saved_flow *to)
{
	const struct sl_flow *f = &w->flows.flow[i];
	uint32_t idle = w->now - f->last;

	if (!(f->flags & SL_FLOW_LIVE) || (f->proto == IPPROTO_TCP) != tcp ||
		idle >= w->snap->timeout[f->timeout])
		return false;
	*to = (struct sl_saved_flow){
		.in_addr = f->in_addr,
		.rem_addr = f->rem_addr,
		.out_addr = f->out_addr,
		.in_port = f->in_port,
		.rem_port = f->rem_port,
		.out_port = f->out_port,
		.tenant = f->tenant,
		.proto = f->proto,
		.flags = f->flags,
		.tcp_state = f->tcp_state,
		.timeout = f->timeout,
		.helper = f->helper,
		.call = sl_flow_is_call(f) ? f->delta_l4 : 0,
		.idle = idle,
		.age = w->now - w->flows.link[i].created,
		.place = i,
		.created = w->flows.link[i].created,
		.bytes = { f->bytes[0], f->bytes[1] },
	};
	for (int d = 0; d < 2; d++)
		to->packets[d] = (uint64_t)f->packets_high[d] << 32 | f->packets[d];
	return true;
}

static bool
save_tcp(const struct sl_worker *w, uint32_t i, struct sl_saved_tcp *to)
{
	if (!save_flow(w, i, true, &to->flow))
		return false;
	for (int e = 0; e < 2; e++)
		copy_end(&w->flows.tcp[i].end[e], &to->end[e]);
	to->shift[SL_INSIDE] = to->shift[SL_OUTSIDE] = 0;
	return true;
}

/* A mapping that its sessions do not tell all of. */
static bool
save_map(const struct sl_worker *w, uint32_t i, struct sl_saved_map *to)
{
	const struct sl_map *m = &w->maps.map[i];
	const struct sl_snap *s = w->snap;
	bool held = m->flags & SL_MAP_HELD;

	if (m->proto == 0 || (m->flags & SL_MAP_SHARED) || m->tenant >= s->n_tenants)
		return false;
	if (held && (int32_t)(m->until - w->now) <= 0)
		held = false;
	if (!held &&
		((m->flags & SL_MAP_STATIC) ||
			m->filter ==
				s->pool[s->tenant[m->tenant].pool].filter[sl_port_class(m->proto)]))
		return false;
	*to = (struct sl_saved_map){
		.in_addr = m->in_addr,
		.out_addr = m->out_addr,
		.in_port = m->in_port,
		.out_port = m->out_port,
		.tenant = m->tenant,
		.proto = m->proto,
		.flags = m->flags,
		.filter = m->filter,
	};
	if (held) {
		to->rem_addr = m->rem_addr;
		to->rem_port = m->rem_port;
		to->left = m->until - w->now;
	} else {
		to->flags &= (uint8_t) ~(SL_MAP_HELD | SL_MAP_ONCE | SL_MAP_LEASE);
	}
	return true;
}

static bool
save_block(const struct sl_worker *w, uint32_t i, struct sl_saved_block *to)
{
	const struct sl_block *b = &w->alloc.block[i];
	const struct sl_paddr *pa = w->nat->paddr[b->paddr];
	const struct sl_sub *sub = &w->subs.sub[b->sub];

	if (!b->live)
		return false;
	*to = (struct sl_saved_block){
		.in_addr = sub->in_addr,
		.out_addr = pa->addr,
		.start = b->start,
		.ports = (uint16_t)(1u << pa->shift),
		.tenant = sub->tenant,
	};
	return true;
}

static bool
save_host(const struct sl_host *h, struct sl_saved_host *to)
{
	if (h->stand == 0)
		return false;
	*to = (struct sl_saved_host){
		.addr = h->addr,
		.stand = h->stand,
		.tenant = h->tenant,
		.nat64 = h->nat64,
		.plen = h->nat64 == SL_HOST_SUBSCRIBER ? h->prefix.len : 128,
	};
	return true;
}

static bool
save_rest(const struct sl_worker *w, uint32_t i, struct sl_saved_rest *to)
{
	const struct sl_rest *r = &w->alloc.rest;
	uint32_t at = r->head + i;
	const struct sl_rest_entry *e = &r->entry[at < r->size ? at : at - r->size];

	if ((int32_t)(e->until - w->now) <= 0)
		return false;
	*to = (struct sl_saved_rest){
		.out_addr = w->nat->paddr[e->paddr]->addr,
		.left = e->until - w->now,
		.port = e->port,
		.kind = (uint16_t)(e->until & 3),
	};
	return true;
}

/* ---- a piece of a table ---- */

static bool
save_place(const struct sl_worker *w, enum sl_saved_kind kind, uint32_t i, void *to)
{
	switch (kind) {
	case SL_SAVED_HOST:
		/* The first worker also tells of the hosts of forwards. */
		return save_host(
			i < w->hosts.high ? &w->hosts.host[i] : &w->snap->fixed[i - w->hosts.high],
			to);
	case SL_SAVED_BLOCK:
		return save_block(w, i, to);
	case SL_SAVED_MAP:
		return save_map(w, i, to);
	case SL_SAVED_FLOW:
		return save_flow(w, i, false, to);
	case SL_SAVED_TCP:
		return save_tcp(w, i, to);
	case SL_SAVED_REST:
		return save_rest(w, i, to);
	default:
		return false;
	}
}

static uint32_t
places(const struct sl_worker *w, enum sl_saved_kind kind)
{
	switch (kind) {
	case SL_SAVED_HOST:
		return w->hosts.high + (w->id == 0 ? w->snap->n_fixed : 0);
	case SL_SAVED_BLOCK:
		return w->alloc.high;
	case SL_SAVED_MAP:
		return w->maps.high;
	case SL_SAVED_FLOW:
	case SL_SAVED_TCP:
		return w->flows.high;
	case SL_SAVED_REST:
		return w->alloc.rest.n;
	default:
		return 0;
	}
}

void
sl_save_walk(struct sl_worker *w, struct sl_msg *msg)
{
	size_t size = sl_saved_size(msg->kind);
	uint32_t n, i = msg->cursor, end;

	if (w->snap == NULL) {
		msg->cursor = UINT32_MAX; /* it has never run */
		return;
	}
	n = places(w, msg->kind);
	end = RTE_MIN((uint64_t)n, (uint64_t)i + RTE_MIN(msg->max, (unsigned int)SL_SAVE_STEP));
	for (; i < end; i++)
		msg->n += save_place(w, msg->kind, i, (char *)msg->buf + msg->n * size);
	msg->cursor = i < n ? i : UINT32_MAX;
}

struct sl_owners
sl_owners_get(const struct sl_nat *nat)
{
	return (struct sl_owners){
		.six = { nat->home_seed.s[0], nat->home_seed.s[1], nat->home_seed.s[2],
			nat->home_seed.s[3] },
		.four = nat->owner_seed,
		.n_workers = nat->n_workers,
	};
}
