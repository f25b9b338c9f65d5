/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What would become of a packet: asked by control, answered by the worker between two bursts.
 *
 * The packet is put into an mbuf of this file's own, the path runs on a shadow of the worker
 * (dry_shadow.c), and what the path would have done at its end is judged instead of done: a punt by
 * sl_punt_judge(), a next hop by sl_out_judge(). So the answer comes from the code that decides
 * about real packets; tests/table.c asks before each packet of each table and holds the answer
 * against what then happens.
 *
 * Beside the verdict there are facts that help to understand it: the session or mapping that is
 * concerned, the subscriber and its limits, the use of its address, the next hop.
 *
 * Limits: a fragment's way depends on the others of its datagram, so of fragments nothing is
 * said. A port that would be drawn is one that might be drawn.
 */
#include "explain.h"
#include "describe.h"
#include "dry.h"
#include "held.h"
#include "out.h"
#include "path.h"
#include "punt.h"
#include "six_path.h"
#include "six_with.h"
#include "state.h"
#include "translate.h"

#define HEADROOM 256 /* VLAN tags, helpers' notes, an IPv6 header */
#define TAILROOM 64

/* A packet of our own, in nobody's mempool. */
struct parcel {
	struct rte_mbuf m;
	uint8_t buf[HEADROOM + SL_EXPLAIN_FRAME + TAILROOM];
};

static void
pack(struct parcel *c, const struct sl_explain *x)
{
	memset(&c->m, 0, sizeof(c->m));
	memset(c->buf, 0, HEADROOM);
	c->m.buf_addr = c->buf;
	c->m.buf_len = sizeof(c->buf);
	c->m.data_off = HEADROOM;
	c->m.nb_segs = 1;
	rte_mbuf_refcnt_set(&c->m, 1);
	c->m.data_len = (uint16_t)x->len;
	c->m.pkt_len = x->len;
	memcpy(c->buf + HEADROOM, x->frame, x->len);
	memset(c->buf + HEADROOM + x->len, 0, TAILROOM);
}

/* As the packet is now. */
static void
unpack(struct sl_explain *x, struct rte_mbuf *m)
{
	x->len = RTE_MIN((uint32_t)m->data_len, (uint32_t)SL_EXPLAIN_FRAME);
	memcpy(x->frame, rte_pktmbuf_mtod(m, void *), x->len);
}

/* ---- facts ---- */

static void
tell_mapping(const struct sl_worker *w, struct sl_explain *x, const struct sl_map *map)
{
	if (map == NULL)
		return;
	x->mapping = true;
	x->mapping_forward = map->flags & SL_MAP_STATIC;
	x->filter = map->filter;
	sl_describe_mapping(w, map, &x->at);
}

static void
tell_address(const struct sl_worker *w, struct sl_explain *x)
{
	const struct sl_dry *dry = w->dry;
	const struct sl_paddr *pa;
	const struct sl_ports *ports;
	enum sl_port_class c = sl_port_class(dry->pkt.key.proto);

	x->pool = (uint16_t)w->snap->tenant[dry->sub.tenant].pool;
	if (dry->sub.paddr == SL_NONE)
		return;
	pa = w->nat->paddr[dry->sub.paddr];
	ports = pa->ports[w->id];
	x->address = true;
	x->out_addr = pa->addr;
	x->mode = pa->mode;
	x->block_new = dry->sub.n_blocks > dry->sub_before.n_blocks;
	x->ports = ports->n_owned;
	/* The port that was drawn has not been given back yet. */
	x->ports_used = ports->c[c].n_used - (dry->port >= 0);
}

static void
tell_subscriber(const struct sl_worker *w, struct sl_explain *x)
{
	const struct sl_dry *dry = w->dry;

	if (!dry->has_sub)
		return;
	x->subscriber = true;
	x->subscriber_new = !dry->sub_there;
	sl_describe_subscriber(w, &dry->sub_before, &x->sub);
	x->limits = w->snap->tenant[dry->sub.tenant].limits;
	if (x->mapping_new && !x->mapping_forward)
		tell_address(w, x);
}

/* The mapping that an inbound packet met, or would have. */
static const struct sl_map *
inbound_mapping(struct sl_worker *w, struct sl_explain *x, const struct sl_pkt *p)
{
	struct sl_map *map;

	if (p->side != SL_OUTSIDE || (p->flags & (SL_PKT_ERROR | SL_PKT_OTHER)) || p->key.dst == 0)
		return NULL;
	x->forward = sl_snap_fwd_out(w->snap, p->key.proto, p->key.dst, p->key.dport) != NULL;
	map = sl_map_find_out(&w->maps, p->key.proto, p->key.dst, p->key.dport);
	return map != NULL && map->tenant < w->snap->n_tenants &&
			       (sl_dry_map_lives(w, map, 1) || sl_held_holds(w, map))
		       ? map
		       : NULL;
}

static void
tell_facts(struct sl_worker *w, struct sl_explain *x)
{
	struct sl_dry *dry = w->dry;
	const struct sl_flow *f = dry->old.kept ? &w->flows.flow[dry->old.at] : NULL;

	x->tenant = dry->pkt.tenant;
	x->hit = dry->hit;
	x->opens = f != NULL && !dry->hit;
	if (f != NULL) {
		sl_describe_session(w, f, &x->session);
		x->shares_port = f->flags & SL_FLOW_OWN_PORT;
		x->helper = f->helper;
		x->tenant = f->tenant;
	}
	x->mapping_new = dry->has_map;
	if (dry->has_map)
		tell_mapping(w, x, &dry->map);
	else if (dry->hit)
		tell_mapping(w, x, &w->maps.map[sl_flow_link(&w->flows, f)->map]);
	else if (x->opens)
		tell_mapping(w, x, sl_map_find_out(&w->maps, f->proto, f->out_addr, f->out_port));
	else
		tell_mapping(w, x, inbound_mapping(w, x, &dry->pkt));
	tell_subscriber(w, x);
	x->error = dry->error;
	x->error_six = dry->error_six;
	x->error_type = dry->error_type;
	x->error_code = dry->error_code;
}

static bool
is_gauge(unsigned int c)
{
	switch (c) {
	case SL_COUNTER_HELD_NOW:
	case SL_COUNTER_FRAGMENTS_HELD_NOW:
	case SL_COUNTER_SESSIONS_NOW:
	case SL_COUNTER_MAPPINGS_NOW:
	case SL_COUNTER_SUBSCRIBERS_NOW:
	case SL_COUNTER_HOSTS6_NOW:
		return true;
	default:
		return false;
	}
}

static void
tell_moved(const struct sl_worker *shadow, const struct sl_worker *w, struct sl_explain *x)
{
	for (unsigned int c = 0; c < SL_COUNTER_COUNT && x->n_moved < SL_EXPLAIN_MOVED; c++) {
		if (shadow->counter[c] == w->counter[c] || c == x->verdict || is_gauge(c))
			continue;
		/* An error that is not made by the shadow counts there as one that is muted. */
		x->moved[x->n_moved++] =
			c == SL_COUNTER_ICMP_MUTED && x->error ? SL_COUNTER_ICMP_MADE : (uint16_t)c;
	}
}

/* ---- the end of the way ---- */

static uint16_t
moved_drop(const struct sl_worker *shadow, const struct sl_worker *w)
{
	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++)
		if (shadow->counter[c] != w->counter[c] && sl_counter_is_drop((enum sl_counter)c))
			return (uint16_t)c;
	return SL_COUNTER_COUNT; /* not reached: each drop is counted */
}

/* What remains to be done when the next hop's MAC is known. */
static void
finish(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_explain *x,
	uint64_t mac)
{
	rte_be16_t type = p->flags & SL_PKT_NATIVE || x->way_six ? RTE_BE16(RTE_ETHER_TYPE_IPV6)
								 : RTE_BE16(RTE_ETHER_TYPE_IPV4);
	int why = 0;

	x->cut = p->flags & SL_PKT_BIG;
	if (x->way_six && !(p->flags & SL_PKT_NATIVE)) {
		const struct sl_host *h = sl_host_of(w, sl_pkt_ip(m, p)->dst_addr);
		struct sl_xlat with = sl_six_with(w, h, SL_INSIDE);

		why = h == NULL ? SL_COUNTER_DROP_NO_ROUTE
		      : x->cut  ? sl_six_up_l4(m, p, &with)
				: sl_six_up(m, p, &with);
		if (h != NULL)
			sl_count(w, SL_COUNTER_NAT64_IN, 1);
	}
	if (why != 0)
		x->verdict = (uint16_t)why;
	else if (x->cut)
		x->len = 0;
	else if (sl_out_ethernet(w, m, p, (enum sl_side)x->way_side, mac, type))
		unpack(x, m);
}

static void
leave(struct sl_worker *w, struct rte_mbuf *m, struct sl_explain *x)
{
	struct sl_pkt *p = &w->dry->pkt;
	struct sl_hop hop;
	uint64_t mac;

	x->ip_len = p->ip_len;
	x->verdict = sl_out_judge(w, m, p, &hop, &mac);
	x->way = true;
	x->way_side = hop.side;
	x->way_six = hop.six;
	x->mtu = w->snap->mtu[hop.side];
	x->resolved = mac != 0;
	memcpy(&x->mac, &mac, sizeof(x->mac));
	if (hop.six)
		x->hop6 = hop.addr;
	else
		memcpy(&x->hop, &hop.addr, sizeof(x->hop));
	if (x->verdict == SL_COUNTER_TX_INSIDE || x->verdict == SL_COUNTER_TX_OUTSIDE)
		finish(w, m, p, x, mac);
}

static void
tell_end(struct sl_worker *shadow, const struct sl_worker *w, struct rte_mbuf *m,
	struct sl_explain *x)
{
	struct sl_dry *dry = shadow->dry;

	switch (dry->verdict) {
	case SL_SEND:
		leave(shadow, m, x);
		break;
	case SL_PUNT:
		x->cause = dry->pkt.cause;
		x->verdict = (uint16_t)sl_punt_judge(shadow, m, &dry->pkt);
		break;
	case SL_HANDOFF:
		x->end = SL_EXPLAIN_HANDOFF;
		x->to = dry->pkt.to;
		x->verdict = SL_COUNTER_HANDOFF_OUT;
		break;
	case SL_AGAIN:
		x->end = SL_EXPLAIN_TURN;
		x->verdict = SL_COUNTER_HAIRPINNED;
		sl_path_turn(shadow, m, &dry->pkt);
		unpack(x, m);
		break;
	case SL_HELD:
		x->end = SL_EXPLAIN_UNSAID;
		x->verdict = SL_COUNTER_FRAGMENTS_HELD;
		break;
	default:
		x->verdict = moved_drop(shadow, w);
		break;
	}
}

void
sl_explain(struct sl_worker *w, struct sl_explain *x)
{
	struct sl_worker shadow;
	struct sl_dry dry;
	struct parcel c;
	struct rte_mbuf *m = &c.m;

	memset((uint8_t *)x + offsetof(struct sl_explain, end), 0,
		sizeof(*x) - offsetof(struct sl_explain, end));
	x->worker = x->to = (uint16_t)w->id;
	x->len = RTE_MIN(x->len, (uint32_t)SL_EXPLAIN_FRAME);
	pack(&c, x);
	sl_dry_begin(&shadow, w, &dry);
	sl_path_run(&shadow, (enum sl_side)(x->side != 0), x->turned ? SL_PKT_HAIRPIN : 0, &m, 1);
	if (dry.verdict != SL_HANDOFF)
		tell_facts(&shadow, x);
	tell_end(&shadow, w, m, x);
	tell_moved(&shadow, w, x);
	sl_dry_end(&shadow, w);
}
