/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The life of a session: nat44.c decides that there shall be one; here it is held against
 * limits, made behind its subscriber's mapping (mapping.c), and ended.
 *
 * Limits are asked in the order rate, sessions, ports; a refusal never touches what is there
 * (RFC 6888 REQ-11).
 */
#include "session.h"
#include "contact.h"
#include "held.h"
#include "helped.h"
#include "icmp.h"
#include "mapping.h"
#include "probe.h"
#include "record.h"
#include "rewrite.h"
#include "six_path.h"
#include "state.h"
#include "tcp.h"

/* Flows of a mapping that are looked at when it may be over; one with more may last until the
 * sweep comes, a second at most. */
#define LOOKED_AT 64

/* Of those that live, the newest that tell how long a mapping would. */
#define ASKED 16

/* Refused for want of something: RFC 5508 REQ-8, RFC 6888 REQ-11B. */
static enum sl_verdict
refuse(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, enum sl_counter why)
{
	if (m == NULL)
		return SL_DROP; /* nobody's packet */
	if (p->side == SL_INSIDE && w->snap->icmp_refusal_code != 255 &&
		why != SL_COUNTER_DROP_LOOP)
		sl_icmp_error(w, m, p, SL_ICMP_UNREACH, w->snap->icmp_refusal_code, 0);
	return sl_drop(w, why);
}

static uint8_t
first_timeout(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_UDP:
		return SL_TIMEOUT_UDP;
	case IPPROTO_ICMP:
		return SL_TIMEOUT_ICMP;
	default:
		return SL_TIMEOUT_OTHER;
	}
}

struct sl_flow *
sl_session_find(struct sl_worker *w, const struct sl_key *key)
{
	struct sl_flow *f = sl_flow_find(&w->flows, key);
	const struct sl_map *map;
	struct sl_key in;

	if (f != NULL || key->side == SL_INSIDE || w->flows.forgotten == 0)
		return f;
	/* Forgotten by the front: the mapping knows the inside endpoint, the record the rest. */
	map = sl_map_find_out(&w->maps, key->proto, key->dst, key->dport);
	if (map == NULL || (map->flags & SL_MAP_SHARED))
		return NULL;
	in = (struct sl_key){
		.src = map->in_addr,
		.dst = key->src,
		.sport = map->in_port,
		.dport = key->sport,
		.tenant = map->tenant,
		.proto = key->proto,
		.side = SL_INSIDE,
	};
	f = sl_flow_find(&w->flows, &in);
	/* An endpoint with a forward may have a second mapping: the session can be that one's. */
	if (f == NULL || f->out_port != key->dport || f->out_addr != key->dst)
		return NULL;
	sl_flow_remember(&w->flows, key, f);
	return f;
}

bool
sl_session_busy(struct sl_worker *w, const struct sl_key *key)
{
	struct sl_flow *f = sl_flow_find(&w->flows, key);

	if (f == NULL)
		return false;
	if (!sl_probe_over(w, f))
		return true;
	if (likely(w->dry == NULL))
		sl_session_end(w, f);
	return false;
}

/* The outside port of a new flow (wire order); false with *why when there is none. */
static bool
flow_port(struct sl_worker *w, const struct sl_pkt *p, const struct sl_map *map, struct sl_sub *sub,
	rte_be16_t *port, enum sl_counter *why)
{
	struct sl_key key = {
		.src = p->key.dst,
		.dst = map->out_addr,
		.sport = p->key.dport,
		.dport = p->key.sport,
		.proto = p->key.proto,
		.side = SL_OUTSIDE,
	};
	int n;

	*port = map->out_port;
	if (!(map->flags & SL_MAP_SHARED)) {
		/* A shared flow of before a change of configuration may be in the way. */
		key.dport = *port;
		return w->n_shared == 0 || p->side == SL_OUTSIDE || !sl_session_busy(w, &key);
	}
	if (!sl_mapping_keeps_port(w, p)) {
		n = sl_alloc_shared(w, p, sub, why);
		*port = rte_cpu_to_be_16((uint16_t)n);
		return n >= 0;
	}
	/* The port stays as it is; another subscriber may have this very pair already. */
	*port = p->key.sport;
	*why = SL_COUNTER_DROP_NO_PORT;
	if (p->key.dst == map->out_addr && p->key.dport == p->key.sport) {
		*why = SL_COUNTER_DROP_LOOP; /* it would speak to itself */
		return false;
	}
	return !sl_session_busy(w, &key);
}

void
sl_session_end(struct sl_worker *w, struct sl_flow *f)
{
	uint32_t hash[2];

	sl_flow_hashes(&w->flows, f, hash);
	sl_session_end_hashed(w, f, hash);
}

void
sl_session_end_hashed(struct sl_worker *w, struct sl_flow *f, const uint32_t hash[2])
{
	struct sl_map *map = &w->maps.map[sl_flow_link(&w->flows, f)->map];
	struct sl_sub *sub = &w->subs.sub[map->sub];

	sl_record_session(w, SL_RECORD_SESSION_DEL, f);
	if (unlikely(f->helper != 0))
		sl_helped_end(w, f);
	sub->sessions--;
	w->subs.use[sub->tenant].sessions--;
	if (map->filter == SL_FILTER_AD && !(f->flags & SL_FLOW_INBOUND))
		sl_flow_contact_del(&w->flows, sl_flow_link(&w->flows, f)->map, f->rem_addr);
	sl_map_unlink(&w->flows, map, f);
	sl_flow_put_hashed(&w->flows, f, hash);
	sl_count(w, SL_COUNTER_SESSIONS_ENDED, 1);
	w->counter[SL_COUNTER_SESSIONS_NOW]--;
	if (map->n_flows == 0 && !(map->flags & SL_MAP_HELD))
		sl_mapping_drop(w, map);
}

/* A mapping that the sweep has not come to may be dead: end some of its flows that are. */
struct sl_map *
sl_session_live(struct sl_worker *w, struct sl_map *map)
{
	uint32_t at;

	if (map != NULL && map->tenant >= w->snap->n_tenants)
		return NULL; /* its tenant is gone, the sweep ends it */
	if (unlikely(w->dry != NULL))
		return map != NULL && (sl_dry_map_lives(w, map, LOOKED_AT) || sl_held_holds(w, map))
			       ? map
			       : NULL;
	if (map != NULL && (map->flags & SL_MAP_HELD))
		map = sl_held_live(w, map);
	at = map ? map->flows : SL_NONE;
	for (int n = 0; n < LOOKED_AT && at != SL_NONE; n++) {
		struct sl_flow *f = &w->flows.flow[at];
		bool last = map->n_flows == 1 && !(map->flags & SL_MAP_HELD);

		if (!sl_probe_over(w, f))
			return map;
		at = w->flows.link[at].next;
		sl_session_end(w, f);
		if (last)
			return NULL;
	}
	return map;
}

struct sl_map *
sl_session_live_in(struct sl_worker *w, struct sl_map *map)
{
	while (map != NULL) {
		struct sl_map *older = sl_map_next_in(&w->maps, map); /* while it is there */

		map = sl_session_live(w, map);
		if (map != NULL)
			return map;
		map = older;
	}
	return NULL;
}

/* How long a mapping would live on without the flow that is being made behind it. What
 * strangers open must not outlive that, or they could hold it open for ever (RFC 7857
 * section 7): only what the inside answers makes it longer. */
static uint32_t
remaining(const struct sl_worker *w, const struct sl_map *map)
{
	uint32_t at = map->flows, most = 0;

	if ((map->flags & SL_MAP_HELD) && (int32_t)(map->until - w->now) > 0)
		most = map->until - w->now;
	for (int n = 0, live = 0; n < LOOKED_AT && live < ASKED && at != SL_NONE; n++) {
		const struct sl_flow *f = &w->flows.flow[at];
		uint32_t timeout = w->snap->timeout[f->timeout], idle = w->now - f->last;

		if (idle < timeout) {
			most = RTE_MAX(most, timeout - idle);
			live++;
		}
		at = w->flows.link[at].next;
	}
	return most;
}

static void
bound_life(const struct sl_worker *w, struct sl_flow *f, const struct sl_map *map)
{
	uint32_t timeout = w->snap->timeout[f->timeout], left = remaining(w, map);

	if (left < timeout)
		f->last = w->now - (timeout - left);
}

/* A flow behind a mapping, both directions; NULL with *why. */
static struct sl_flow *
make_flow(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, struct sl_map *map,
	struct sl_sub *sub, enum sl_counter *why)
{
	rte_be16_t out_port;
	bool out = p->side == SL_INSIDE;
	struct sl_flow *f;

	if (!flow_port(w, p, map, sub, &out_port, why))
		return NULL;
	*why = SL_COUNTER_DROP_SESSIONS_FULL;
	if (unlikely(w->dry != NULL))
		sl_dry_keep_free(w);
	f = sl_flow_get(&w->flows);
	if (f == NULL)
		return NULL;
	f->in_addr = map->in_addr;
	f->in_port = map->flags & SL_MAP_SHARED ? p->key.sport : map->in_port;
	f->out_addr = map->out_addr;
	f->out_port = out_port;
	f->rem_addr = out ? p->key.dst : p->key.src;
	f->rem_port = out ? p->key.dport : p->key.sport;
	f->tenant = map->tenant;
	f->proto = map->proto;
	f->timeout = first_timeout(f->proto);
	f->last = w->now;
	sl_flow_link(&w->flows, f)->created = w->now;
	if (map->flags & SL_MAP_STATIC)
		f->flags |= SL_FLOW_STATIC;
	if (map->flags & SL_MAP_SHARED)
		f->flags |= SL_FLOW_OWN_PORT;
	if (!out)
		f->flags |= SL_FLOW_INBOUND;
	if (unlikely(sl_stand_is(f->in_addr)))
		f->flags |= SL_FLOW_SIX;
	sl_helped_bind(w, f);
	sl_rewrite_prepare(f);
	if (unlikely(m == NULL)) {
		f->delta_l4 = p->frag_id;
		f->flags |= SL_FLOW_HALF;
	}
	if (f->proto == IPPROTO_TCP)
		sl_tcp_open(w, f, p->side, rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, p->l4),
			p->ip_len - (uint32_t)(p->l4 - p->l3));
	if (!out && !(map->flags & SL_MAP_STATIC) &&
		!(w->snap->inbound_refresh && f->proto == IPPROTO_UDP))
		bound_life(w, f, map);
	if (unlikely(w->dry != NULL))
		return f;
	if (sl_flow_add(&w->flows, f) != 0) {
		sl_flow_put(&w->flows, f);
		return NULL;
	}
	sl_map_link(&w->maps, &w->flows, map, f);
	if (map->filter == SL_FILTER_AD && out)
		sl_flow_contact_add(&w->flows, (uint32_t)(map - w->maps.map), f->rem_addr);
	sl_record_session(w, SL_RECORD_SESSION_ADD, f);
	sl_count(w, SL_COUNTER_SESSIONS_MADE, 1);
	w->counter[SL_COUNTER_SESSIONS_NOW]++;
	return f;
}

/* Enter a flow for this packet behind the mapping of its inside endpoint, made if need be. */
enum sl_verdict
sl_session_open(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_map *map,
	const struct sl_fwd *fwd, struct sl_flow **flow)
{
	uint16_t tenant = map ? map->tenant : fwd ? fwd->tenant : p->tenant;
	const struct sl_limits *limit = &w->snap->tenant[tenant].limits;
	rte_be32_t inside = map ? map->in_addr : fwd ? fwd->in_addr : p->key.src;
	struct sl_sub *sub =
		unlikely(w->dry != NULL) ? sl_dry_sub(w, map, tenant, inside)
		: map                    ? &w->subs.sub[map->sub]
		      : sl_sub_get(&w->subs, tenant, sl_host_subscriber(w, inside), w->now);
	enum sl_counter why = SL_COUNTER_DROP_SUBSCRIBERS_FULL;

	if (sub == NULL) {
		sl_record_refusal(w,
			&(struct sl_sub){ .tenant = tenant, .in_addr = inside, .paddr = SL_NONE },
			p->key.proto, why);
		return refuse(w, m, p, why);
	}
	if (!sl_sub_pay(sub, limit->rate, w->now)) {
		why = SL_COUNTER_DROP_LIMIT_RATE;
		goto refused;
	}
	if (limit->sessions && sub->sessions >= limit->sessions) {
		why = SL_COUNTER_DROP_LIMIT_SESSIONS;
		goto refused;
	}
	if (limit->mapping && map != NULL && map->n_flows >= limit->mapping &&
		!(map->flags & SL_MAP_SHARED)) {
		why = SL_COUNTER_DROP_LIMIT_MAPPING;
		goto refused;
	}
	if (w->flows.n_free == 0) {
		why = SL_COUNTER_DROP_SESSIONS_FULL;
		goto refused;
	}
	if (map == NULL) {
		map = fwd ? sl_mapping_make_static(w, fwd, sub, &why)
		      : sl_mapping_is_shared(w, tenant, p) ? sl_mapping_make_shared(w, p, sub, &why)
							   : sl_mapping_make(w, p, sub, 0, &why);
		if (map == NULL)
			goto refused;
		sl_mapping_attach(w, map, sub);
	}
	*flow = make_flow(w, m, p, map, sub, &why);
	if (*flow == NULL) {
		sl_sub_refuse(sub, why);
		sl_record_refusal(w, sub, p->key.proto, why);
		if (map->n_flows == 0 && !(map->flags & SL_MAP_HELD) && w->dry == NULL)
			sl_mapping_drop(w, map);
		return refuse(w, m, p, why);
	}
	sub->sessions++;
	w->subs.use[sub->tenant].sessions++;
	return SL_GO;
refused:
	sl_sub_refuse(sub, why);
	sl_record_refusal(w, sub, p->key.proto, why);
	/* With a rate it stays even without mappings, or the rate would begin anew each time. */
	if (limit->rate == 0 && w->dry == NULL)
		sl_sub_put(&w->subs, sub);
	return refuse(w, m, p, why);
}

bool
sl_session_permitted(const struct sl_worker *w, const struct sl_flow *f)
{
	const struct sl_map *map = &w->maps.map[sl_flow_link(&w->flows, f)->map];
	const struct sl_addr *a = sl_snap_addr(w->snap, 0, f->out_addr);
	const struct sl_fwd *fwd;
	struct sl_fwd own;

	if (f->tenant >= w->snap->n_tenants || w->snap->tenant[f->tenant].absent || a == NULL ||
		!(a->kind & SL_ADDR_POOL))
		return false;
	if ((f->flags & SL_FLOW_SIX) && !sl_six_permitted(w, f->in_addr, f->proto))
		return false;
	if (sl_flow_is_call(f))
		return true; /* its address may be a forward's alone */
	fwd = sl_host_forward(
		w, sl_snap_fwd_out(w->snap, f->proto, f->out_addr, f->out_port), &own);
	if (map->flags & SL_MAP_STATIC)
		return fwd != NULL && fwd->in_addr == f->in_addr && fwd->in_port == f->in_port &&
		       fwd->tenant == f->tenant &&
		       (!(f->flags & SL_FLOW_INBOUND) ||
			       (f->rem_addr & fwd->from_mask) == fwd->from);
	if (fwd != NULL || a->paddr == SL_NONE)
		return false; /* a forward has taken the port over */
	if (map->flags & SL_MAP_SHARED)
		return true;
	if (w->nat->paddr[a->paddr]->mode == SL_PADDR_FIXED) {
		uint16_t lo, hi, port = rte_be_to_cpu_16(f->out_port);

		/* The plan may give the port to somebody else. */
		if (!sl_paddr_fixed_ports(
			    w->nat->paddr[a->paddr], rte_be_to_cpu_32(f->in_addr), &lo, &hi) ||
			port < lo || port > hi)
			return false;
	}
	/* It may belong to another worker now. */
	return sl_paddr_worker(w->nat, w->nat->paddr[a->paddr], f->proto,
		       rte_be_to_cpu_16(f->out_port)) == w->id;
}
