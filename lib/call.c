/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Calls of PPTP (RFC 2637). A tunnel is enhanced GRE between two addresses, and its packets carry
 * the receiver's call id, which the two ends have told each other on the control connection.
 * Its helper reads that and asks here for a session:
 *
 *	inside host, its id C  <-- id C --  outside id O  <-- id O --  remote end, its id R
 *	                       -- id R ------------------ id R -->
 *
 * So what goes out keeps its id, and what comes in has O made C. Two hosts that have chosen the
 * same C for calls to one server get different O. The session is a flow like all others, found
 * by the ids that packets carry (SL_GRE_CALL in pkt.h); its own id C stands in the flow where
 * other protocols have the change of a checksum, which enhanced GRE does not have. All calls of
 * a host by one outside address are behind one mapping without a port, as its other GRE is.
 *
 * O is there before R is known, and the remote end may send at once; until then the flow is a
 * half (SL_FLOW_HALF), and its outbound key has O for R.
 *
 * GRE belongs to the worker of the remote address, calls too. A packet's key is that of a call
 * wherever it looks like one, and its owner finds out (sl_call_settle()): without such a call
 * it is GRE like any other, one session for each pair of addresses.
 *
 * Except that a call is over when its control connection says so, not when its last packet was
 * sent: going on by addresses alone would keep the tunnel alive. So the tuples of ended calls
 * are remembered, in a small table that forgets by chance when it is used much, for OVER_MS
 * after the last packet from inside, and such packets are dropped. Nobody writes any of it but
 * the worker.
 */
#include <errno.h>

#include "call.h"
#include "mapping.h"
#include "session.h"
#include "session_find.h"
#include "state.h"
#include "translate.h"

#define OVER_MS 60000
#define TRIES 64 /* ids looked at before there is none */

/* ---- packets ---- */

static struct sl_call_over *
over_slot(struct sl_worker *w, const struct sl_key *key)
{
	return &w->calls.over[sl_flow_hash(&w->flows, key) & (SL_CALLS_OVER - 1)];
}

static void
remember(struct sl_worker *w, const struct sl_flow *f)
{
	w->calls.until = w->now64 + OVER_MS;
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		struct sl_key key;
		struct sl_call_over *o;

		sl_flow_key(f, (enum sl_side)side, &key);
		o = over_slot(w, &key);
		*o = (struct sl_call_over){ .key = key, .until = w->calls.until };
	}
}

static bool
is_over(struct sl_worker *w, const struct sl_key *key)
{
	struct sl_call_over *o;

	if (w->calls.until <= w->now64)
		return false;
	o = over_slot(w, key);
	if (o->until <= w->now64 || memcmp(&o->key, key, sizeof(*key)) != 0)
		return false;
	if (key->side == SL_INSIDE)
		o->until = w->calls.until = w->now64 + OVER_MS;
	return true;
}

/* The call of a key, or NULL. */
static struct sl_flow *
find(struct sl_worker *w, const struct sl_key *key)
{
	struct sl_flow *f = key->zero ? sl_flow_quoted(&w->flows, key) : sl_session_find(w, key);

	if (f == NULL || !sl_flow_expired(w, f))
		return f;
	if (likely(w->dry == NULL))
		sl_session_end(w, f);
	return NULL;
}

enum sl_verdict
sl_call_settle(struct sl_worker *w, struct sl_pkt *p)
{
	struct sl_key key = p->key;
	struct sl_flow *f = NULL;

	if ((key.sport | key.dport) == 0)
		return SL_GO;
	if (p->flags & SL_PKT_ERROR)
		key.zero = 1;
	if (w->calls.n > 0)
		f = find(w, &key);
	if (f != NULL) {
		sl_flow_key(f, (enum sl_side)p->key.side, &p->key);
		return SL_GO;
	}
	if (is_over(w, &key))
		return sl_drop(w, SL_COUNTER_DROP_CALL_OVER);
	p->key.sport = p->key.dport = 0;
	return SL_GO;
}

/* ---- requests ---- */

static bool
makes_sense(const struct sl_worker *w, const struct sl_map_request *r)
{
	const struct sl_snap *s = w->snap;
	const struct sl_addr *a = sl_snap_addr(s, 0, r->out_addr);

	return r->in_addr != 0 && r->rem_addr != 0 && !r->pair && !r->once &&
	       r->tenant < s->n_tenants && !s->tenant[r->tenant].absent && s->other_protocols &&
	       a != NULL && (a->kind & SL_ADDR_POOL) &&
	       sl_owner_inside(w->nat, r->rem_addr) == w->id;
}

/* The tuple from inside of a packet of the request's hosts that carries an id. */
static struct sl_key
key_inside(const struct sl_map_request *r, rte_be16_t id)
{
	return (struct sl_key){
		.src = r->in_addr,
		.dst = r->rem_addr,
		.sport = id,
		.dport = SL_GRE_CALL,
		.tenant = (uint8_t)r->tenant,
		.proto = IPPROTO_GRE,
		.side = SL_INSIDE,
	};
}

/* The call that a request speaks of, if it is there. */
static struct sl_flow *
find_requested(struct sl_worker *w, const struct sl_map_request *r)
{
	struct sl_key key = key_inside(r, r->in_port);

	key.zero = 1;
	return find(w, &key);
}

/* May this be a new call's outside id? Until the remote id is known it stands for that too. */
static bool
is_free(struct sl_worker *w, const struct sl_map_request *r, rte_be16_t id)
{
	struct sl_key in = key_inside(r, id), out = {
		.src = r->rem_addr,
		.dst = r->out_addr,
		.sport = SL_GRE_CALL,
		.dport = id,
		.proto = IPPROTO_GRE,
		.side = SL_OUTSIDE,
	};

	return id != 0 && id != SL_GRE_CALL && !sl_session_busy(w, &out) &&
	       !sl_session_busy(w, &in);
}

/* The outside id: the one wanted, else the host's own, else any; 0: none. */
static rte_be16_t
choose_id(struct sl_worker *w, const struct sl_map_request *r)
{
	if (r->out_port != 0 && is_free(w, r, r->out_port))
		return r->out_port;
	if (r->out_port != 0 && r->exact)
		return 0;
	if (is_free(w, r, r->in_port))
		return r->in_port;
	for (int i = 0; i < TRIES; i++) {
		rte_be16_t id = (rte_be16_t)sl_worker_random(w);

		if (is_free(w, r, id))
			return id;
	}
	return 0;
}

/* All calls of the host by this outside address; NULL when it has none. */
static struct sl_map *
find_map(struct sl_worker *w, const struct sl_map_request *r)
{
	uint32_t i = *sl_map_head_in(&w->maps, r->tenant, IPPROTO_GRE, r->in_addr, SL_GRE_CALL);

	for (; i != SL_NONE; i = w->maps.map[i].next_in) {
		struct sl_map *m = &w->maps.map[i];

		if (m->in_addr == r->in_addr && m->in_port == SL_GRE_CALL &&
			m->proto == IPPROTO_GRE && m->tenant == r->tenant &&
			m->out_addr == r->out_addr)
			return m;
	}
	return NULL;
}

static struct sl_map *
make_map(struct sl_worker *w, const struct sl_map_request *r)
{
	struct sl_sub *sub = sl_sub_get(&w->subs, r->tenant, r->in_addr, w->now);
	struct sl_map *map;

	if (sub == NULL)
		return NULL;
	map = sl_map_add(&w->maps, r->tenant, IPPROTO_GRE, r->in_addr, SL_GRE_CALL, r->out_addr,
		SL_GRE_CALL);
	if (map == NULL) {
		sl_sub_put(&w->subs, sub);
		return NULL;
	}
	map->flags = SL_MAP_SHARED;
	map->filter = SL_FILTER_APD;
	w->n_shared++;
	w->calls.n++;
	sl_mapping_attach(w, map, sub);
	return map;
}

/* A half call; NULL with the reason in the request. */
static struct sl_flow *
make(struct sl_worker *w, struct sl_map_request *r)
{
	rte_be16_t id = choose_id(w, r);
	struct sl_pkt p = { .key = key_inside(r, id), .side = SL_INSIDE };
	struct sl_flow *f = NULL;
	struct sl_map *map;

	r->status = r->exact && r->out_port != 0 ? -EADDRINUSE : -ENOSPC;
	if (id == 0)
		return NULL;
	map = find_map(w, r);
	if (map == NULL)
		map = make_map(w, r);
	r->status = -ENOSPC;
	if (map == NULL)
		return NULL;
	p.tenant = (uint8_t)r->tenant;
	p.frag_id = r->in_port;
	r->status = w->flows.n_free == 0 ? -ENOSPC : -EDQUOT;
	if (sl_session_open(w, NULL, &p, map, NULL, &f) != SL_GO) {
		if (map->proto != 0 && map->n_flows == 0)
			sl_mapping_drop(w, map);
		return NULL;
	}
	if (sl_snap_addr(w->snap, 0, f->rem_addr) != NULL)
		f->flags |= SL_FLOW_HAIRPIN;
	/* It lives as long as a control connection that says nothing does. */
	f->timeout = SL_TIMEOUT_TCP_EST;
	sl_flow_quotes_add(&w->flows, f);
	return f;
}

/* The remote end has told its id. Another call that has it must be older: ids are unique between
 * two hosts. */
static bool
set_remote(struct sl_worker *w, struct sl_flow *f, const struct sl_map_request *r, rte_be16_t id)
{
	struct sl_key key = key_inside(r, id);
	struct sl_flow *other = f->in_port != id ? sl_flow_find(&w->flows, &key) : NULL;

	if (other != NULL && other != f)
		sl_session_end(w, other);
	if (f->in_port != id && sl_flow_rename(&w->flows, f, id) != 0) {
		sl_session_end(w, f);
		return false;
	}
	f->flags &= (uint8_t)~SL_FLOW_HALF;
	return true;
}

/* It is dialled anew, and the remote end's id will be another one. */
static bool
clear_remote(struct sl_worker *w, struct sl_flow *f, const struct sl_map_request *r)
{
	struct sl_key key = key_inside(r, f->out_port);

	if ((f->flags & SL_FLOW_HALF) || sl_session_busy(w, &key))
		return true;
	if (sl_flow_rename(&w->flows, f, f->out_port) != 0) {
		sl_session_end(w, f);
		return false;
	}
	f->flags |= SL_FLOW_HALF;
	return true;
}

void
sl_call_add(struct sl_worker *w, struct sl_map_request *r)
{
	uint32_t timeout = w->snap->timeout[SL_TIMEOUT_TCP_EST];
	struct sl_flow *f;
	bool done;

	r->status = -EINVAL;
	if (!makes_sense(w, r))
		return;
	f = find_requested(w, r);
	if (f != NULL && f->out_addr != r->out_addr) {
		sl_session_end(w, f);
		f = NULL;
	}
	if (f == NULL)
		f = make(w, r);
	if (f == NULL)
		return;
	r->status = -ENOSPC;
	done = r->half ? clear_remote(w, f, r) : set_remote(w, f, r, r->rem_port);
	if (!done)
		return;
	f->last = w->now - (timeout - RTE_MIN(timeout, r->lifetime));
	r->out_port = f->out_port;
	r->status = 0;
}

void
sl_call_del(struct sl_worker *w, struct sl_map_request *r)
{
	struct sl_flow *f = find_requested(w, r);

	r->status = -ENOENT;
	if (f == NULL)
		return;
	if (!(f->flags & SL_FLOW_HALF))
		remember(w, f);
	sl_session_end(w, f);
	r->status = 0;
}
