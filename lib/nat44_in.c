/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A packet from outside that has no flow: the mapping of the outside endpoint, or a port forward,
 * decides; the mapping's filter says who may come in (RFC 4787 REQ-8).
 */
#include "contact.h"
#include "held.h"
#include "icmp.h"
#include "nat44_side.h"
#include "probe.h"
#include "session.h"
#include "state.h"

#define CONTACTS 64 /* flows of a mapping that are looked at one by one */

/* A contact counts flows that are over until the sweep has come to them: is one alive? */
static bool
in_contact(const struct sl_worker *w, const struct sl_map *map, rte_be32_t addr)
{
	uint32_t at = map->flows;

	if (!sl_flow_contact(&w->flows, (uint32_t)(map - w->maps.map), addr))
		return false;
	for (int n = 0; n < CONTACTS; n++) {
		const struct sl_flow *f;

		if (at == SL_NONE)
			return false;
		f = &w->flows.flow[at];
		if (f->rem_addr == addr && !(f->flags & SL_FLOW_INBOUND) && !sl_probe_over(w, f))
			return true;
		at = w->flows.link[at].next;
	}
	return true; /* too many to look at each */
}

/* May this remote endpoint come in through the mapping? */
static bool
filter_passes(const struct sl_worker *w, const struct sl_map *map, const struct sl_pkt *p)
{
	if (map->filter == SL_FILTER_EI)
		return true;
	if (map->filter == SL_FILTER_APD)
		return false; /* an exact match has a flow */
	return in_contact(w, map, p->key.src);
}

/* Does a packet that came from outside carry a source of ours or of the inside? */
static bool
from_inside(const struct sl_worker *w, rte_be32_t src)
{
	uint16_t nh;

	if (sl_snap_addr(w->snap, 0, src) != NULL || sl_snap_addr(w->snap, 1, src) != NULL)
		return true;
	nh = sl_routes_lookup(&w->nat->routes, 0, src);
	return w->snap->source_check && nh != SL_NH_NONE &&
	       sl_nh_side(&w->nat->routes, nh) == SL_INSIDE;
}

/* Not for an outside address: an answer to what went out untranslated, or nothing of ours. */
static enum sl_verdict
inbound_plain(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	rte_be32_t dst = sl_pkt_ip(m, p)->dst_addr, src = sl_pkt_ip(m, p)->src_addr;
	uint16_t nh;

	if (w->snap->n_bypasses == 0 || sl_nat44_bogon(src) || src == dst ||
		!sl_snap_bypass(w->snap, p->key.proto, p->key.src, p->key.sport))
		return sl_drop(w, SL_COUNTER_DROP_NOT_OURS);
	if (from_inside(w, src))
		return sl_drop(w, SL_COUNTER_DROP_SPOOFED);
	nh = sl_routes_lookup(&w->nat->routes, 0, dst);
	if (nh == SL_NH_NONE || sl_nh_side(&w->nat->routes, nh) != SL_INSIDE ||
		sl_snap_addr(w->snap, 1, dst) != NULL)
		return sl_drop(w, SL_COUNTER_DROP_NOT_OURS);
	return sl_nat44_route(w, m, p, nh);
}

/* Can a mapping have this port of one of our addresses at all? */
static bool
port_for_mappings(const struct sl_worker *w, const struct sl_addr *dst, const struct sl_pkt *p)
{
	uint16_t n = rte_be_to_cpu_16(p->key.dport);
	const struct sl_paddr *pa;

	if (dst->paddr == SL_NONE)
		return false;
	if (p->key.proto != IPPROTO_TCP && p->key.proto != IPPROTO_UDP)
		return true;
	pa = w->nat->paddr[dst->paddr];
	return pa->ports[sl_paddr_worker(w->nat, pa, p->key.proto, n)]->owned[n / 64] >> (n % 64) &
	       1;
}

/* A SYN that is dropped so may be answered later. */
static enum sl_verdict
unsolicited(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, enum sl_counter why)
{
	if (p->key.proto == IPPROTO_TCP && sl_nat44_creates(p) && w->dry == NULL)
		sl_syn_keep(w, m, p);
	return sl_drop(w, why);
}

/*
 * A protocol that NAT64 cannot carry, to an address that may have mappings of NAT64: its sender
 * is told so (RFC 6146 section 3.5). Behind NAT44 alone nobody answers for a host unknown.
 */
static void
tell_protocol(
	struct sl_worker *w, struct rte_mbuf *m, const struct sl_addr *dst, const struct sl_pkt *p)
{
	switch (p->key.proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_ICMP:
		return;
	default:
		if (w->snap->n_nat64 > 0 && dst->paddr != SL_NONE)
			sl_icmp_error(w, m, p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_PROTOCOL, 0);
	}
}

static enum sl_verdict
inbound_for_box(
	struct sl_worker *w, struct rte_mbuf *m, const struct sl_addr *dst, struct sl_pkt *p)
{
	if (dst->kind & SL_ADDR_CAST)
		return sl_drop(w, SL_COUNTER_DROP_NOT_OURS);
	if (dst->kind & SL_ADDR_LOCAL) {
		if (!(p->flags & SL_PKT_HAIRPIN) && sl_nat44_service(w, p))
			return sl_nat44_punt_local(p);
		if (!(p->flags & SL_PKT_ERROR) &&
			((p->flags & SL_PKT_OTHER) || !port_for_mappings(w, dst, p))) {
			tell_protocol(w, m, dst, p);
			return sl_drop(w, SL_COUNTER_DROP_SERVICE);
		}
	}
	if (p->flags & SL_PKT_ERROR)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_NO_FLOW);
	tell_protocol(w, m, dst, p);
	if (p->flags & SL_PKT_OTHER)
		return sl_drop(w, p->key.proto == IPPROTO_ICMP ? SL_COUNTER_DROP_ICMP_TYPE
							       : SL_COUNTER_DROP_PROTOCOL);
	return unsolicited(w, m, p, SL_COUNTER_DROP_NO_MAPPING);
}

/* Has the IPv6 host no address for this remote one (RFC 6052 section 3.1)? */
static bool
unspeakable(const struct sl_worker *w, rte_be32_t inside, rte_be32_t remote)
{
	const struct sl_host *h = sl_stand_is(inside) ? sl_host_of(w, inside) : NULL;

	return h != NULL && sl_prefix_hides(&h->prefix, remote);
}

/* An inside endpoint that had a mapping when it got a forward has two. Answers to one remote
 * endpoint can go only one way: the session that is there keeps it. */
static bool
speaks_already(struct sl_worker *w, const struct sl_pkt *p, const struct sl_map *map,
	const struct sl_fwd *fwd)
{
	struct sl_key in = {
		.src = map != NULL ? map->in_addr : fwd->in_addr,
		.dst = p->key.src,
		.sport = map != NULL ? map->in_port : fwd->in_port,
		.dport = p->key.sport,
		.tenant = (uint8_t)(map != NULL ? map->tenant : fwd->tenant),
		.proto = p->key.proto,
		.side = SL_INSIDE,
	};

	return sl_session_busy(w, &in);
}

enum sl_verdict
sl_nat44_open_in(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow)
{
	const struct sl_snap *s = w->snap;
	const struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	const struct sl_addr *dst = sl_snap_addr(s, 0, ip->dst_addr);
	const struct sl_fwd *fwd;
	struct sl_fwd own;
	struct sl_map *map;
	enum sl_verdict v;
	bool expected;

	if (dst == NULL)
		return inbound_plain(w, m, p);
	if (!(p->flags & SL_PKT_HAIRPIN)) {
		if (ip->src_addr == ip->dst_addr)
			return sl_drop(w, SL_COUNTER_DROP_LAND);
		if (sl_nat44_bogon(ip->src_addr))
			return sl_drop(w, SL_COUNTER_DROP_BOGON);
		if (from_inside(w, ip->src_addr))
			return sl_drop(w, SL_COUNTER_DROP_SPOOFED);
	}
	if (p->flags & (SL_PKT_ERROR | SL_PKT_OTHER) || (dst->kind & SL_ADDR_CAST))
		return inbound_for_box(w, m, dst, p);
	/* Somebody asks an inside host by ICMP: the id is no address (RFC 5508 REQ-1). */
	if (p->key.proto == IPPROTO_ICMP && p->key.sport != SL_ICMP_ASKED_INSIDE &&
		!(p->flags & SL_PKT_HAIRPIN))
		return inbound_for_box(w, m, dst, p);
	fwd = sl_host_forward(
		w, sl_snap_fwd_out(s, p->key.proto, ip->dst_addr, p->key.dport), &own);
	if (fwd != NULL && ((ip->src_addr & fwd->from_mask) != fwd->from ||
				   (fwd->expires != 0 && fwd->expires <= w->now64)))
		return unsolicited(w, m, p, SL_COUNTER_DROP_FILTERED);
	map = sl_session_live(
		w, sl_map_find_out(&w->maps, p->key.proto, ip->dst_addr, p->key.dport));
	/* The forward has been given to another host, and the sweep has not come yet. */
	if (map != NULL && fwd != NULL && (map->flags & SL_MAP_STATIC) &&
		(map->in_addr != fwd->in_addr || map->in_port != fwd->in_port ||
			map->tenant != fwd->tenant))
		map = NULL;
	if (map == NULL && fwd == NULL)
		return inbound_for_box(w, m, dst, p);
	/* A shared port lets nobody in who was not asked, and the other protocols have none. */
	if (map != NULL && (map->flags & SL_MAP_SHARED))
		return inbound_for_box(w, m, dst, p);
	/* A forward came or went, and the sweep has not yet ended what it took over or left. */
	if (map != NULL && ((map->flags & SL_MAP_STATIC) != 0) != (fwd != NULL))
		return unsolicited(w, m, p, SL_COUNTER_DROP_FILTERED);
	expected = fwd == NULL && sl_held_admits(map, p->key.src, p->key.sport) &&
		   (likely(w->dry == NULL) || sl_held_holds(w, map));
	if (fwd == NULL && !expected && !filter_passes(w, map, p))
		return unsolicited(w, m, p, SL_COUNTER_DROP_FILTERED);
	if (unlikely(unspeakable(w, map != NULL ? map->in_addr : fwd->in_addr, ip->src_addr)))
		return sl_drop(w, SL_COUNTER_DROP_NAT64_ADDRESS);
	if ((fwd != NULL || w->n_static > 0) && speaks_already(w, p, map, fwd))
		return sl_drop(w, SL_COUNTER_DROP_FILTERED);
	if (!sl_nat44_creates(p))
		return sl_drop(w, SL_COUNTER_DROP_NO_STATE);
	if (ip->time_to_live <= 1 && !(p->flags & SL_PKT_HAIRPIN)) {
		sl_icmp_error(w, m, p, SL_ICMP_TIME, 0, 0);
		return sl_drop(w, SL_COUNTER_DROP_TTL);
	}
	v = sl_session_open(w, m, p, map, map ? NULL : fwd, flow);
	if (expected && v == SL_GO && w->dry == NULL)
		sl_held_met(w, map);
	return v;
}
