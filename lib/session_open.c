/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A session begins: nat44_in.c and nat44_out.c decide that there shall be one; here it is held
 * against limits and made behind its subscriber's mapping (mapping.c).
 *
 * Limits are asked in the order rate, sessions, ports; a refusal never touches what is there
 * (RFC 6888 REQ-11).
 */
#include "contact.h"
#include "helped.h"
#include "icmp.h"
#include "mapping.h"
#include "record.h"
#include "rewrite.h"
#include "session.h"
#include "state.h"
#include "tcp.h"

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

/* How long a mapping would live on without the flow that is being made behind it. What
 * strangers open must not outlive that, or they could hold it open for ever (RFC 7857
 * section 7): only what the inside answers makes it longer. */
static uint32_t
remaining(const struct sl_worker *w, const struct sl_map *map)
{
	uint32_t at = map->flows, most = 0;

	if ((map->flags & SL_MAP_HELD) && (int32_t)(map->until - w->now) > 0)
		most = map->until - w->now;
	for (int n = 0, live = 0; n < SL_SESSION_LOOK && live < ASKED && at != SL_NONE; n++) {
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
