/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A packet from inside that has no flow: what is for the box is punted, what goes to another
 * inside network is routed, the rest gets a mapping (endpoint-independent, RFC 4787 REQ-1), a
 * flow behind it, and from then on stays on the fast path.
 */
#include "icmp.h"
#include "mapping.h"
#include "nat44_side.h"
#include "session.h"
#include "state.h"

/* The forward that serves the inside endpoint of a packet, or NULL. */
static const struct sl_fwd *
forward_of(const struct sl_worker *w, const struct sl_pkt *p, struct sl_fwd *own)
{
	if (likely(w->snap->n_fwds == 0))
		return NULL;
	return sl_host_forward(w,
		sl_snap_fwd_in(w->snap, p->tenant, p->key.proto, sl_host_forwarded(w, p->key.src),
			p->key.sport),
		own);
}

/* Behind the mapping that there is, the forward that serves the host, or a new mapping. */
static inline __attribute__((always_inline)) enum sl_verdict
open_dynamic(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow)
{
	const struct sl_key *k = &p->key;
	struct sl_fwd own;
	const struct sl_fwd *fwd = forward_of(w, p, &own);
	bool shared = fwd == NULL && sl_mapping_is_shared(w, p->tenant, p);
	struct sl_map *map =
		sl_map_find_in(&w->maps, p->tenant, k->proto, k->src, shared ? 0 : k->sport);

	if (map != NULL)
		map = sl_session_live_in(w, map);
	if (map != NULL && ((map->flags & SL_MAP_SHARED) != 0) != shared)
		map = NULL;
	return sl_session_open(w, m, p, map, map ? NULL : fwd, flow);
}

/* The way to another inside network of the packet's tenant, or SL_NH_NONE. */
static uint16_t
own_network(const struct sl_worker *w, const struct sl_pkt *p, rte_be32_t dst)
{
	const struct sl_routes *r = &w->nat->routes;
	uint16_t nh;

	/* Its default route leads to subscribers behind it, and does not hide the outside. */
	if (p->tenant != 0)
		return sl_routes_lookup_own(r, p->tenant, dst);
	nh = sl_routes_lookup(r, 0, dst);
	return nh != SL_NH_NONE && sl_nh_side(r, nh) == SL_INSIDE ? nh : SL_NH_NONE;
}

/*
 * From an IPv6 host, made IPv4 already; its source has been looked at. All that it can reach is
 * outside, by a mapping: networks inside have no business with a stand-in, nor has the kernel.
 */
static enum sl_verdict
open_six(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow)
{
	rte_be32_t dst = sl_pkt_ip(m, p)->dst_addr;
	const struct sl_host *h = sl_host_of(w, p->key.src);
	const struct sl_addr *out;
	uint16_t nh;

	if (p->flags & SL_PKT_ERROR)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_NO_FLOW);
	if (p->flags & SL_PKT_OTHER)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_TYPE);
	if (sl_nat44_bogon(dst) || (h != NULL && sl_prefix_hides(&h->prefix, dst)))
		return sl_drop(w, SL_COUNTER_DROP_NAT64_ADDRESS);
	if (sl_snap_addr(w->snap, (uint16_t)(p->tenant + 1), dst) != NULL)
		return sl_drop(w, SL_COUNTER_DROP_SERVICE);
	nh = sl_routes_lookup(&w->nat->routes, 0, dst);
	out = sl_snap_addr(w->snap, 0, dst);
	if (out != NULL ? !w->snap->hairpin
			: nh == SL_NH_NONE || sl_nh_side(&w->nat->routes, nh) == SL_INSIDE) {
		sl_icmp_error(w, m, p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_NET, 0);
		return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
	}
	if (out == NULL)
		p->nh = nh;
	if (!sl_nat44_creates(p))
		return sl_drop(w, SL_COUNTER_DROP_NO_STATE);
	return open_dynamic(w, m, p, flow);
}

enum sl_verdict
sl_nat44_open_out(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow)
{
	const struct sl_snap *s = w->snap;
	const struct sl_addr *in =
		sl_snap_addr(s, (uint16_t)(p->tenant + 1), sl_pkt_ip(m, p)->dst_addr);
	const struct sl_addr *out = sl_snap_addr(s, 0, sl_pkt_ip(m, p)->dst_addr);
	rte_be32_t src = sl_pkt_ip(m, p)->src_addr, dst = sl_pkt_ip(m, p)->dst_addr;
	uint16_t nh;

	if (unlikely(sl_stand_is(src)))
		return open_six(w, m, p, flow);
	if (src == dst)
		return sl_drop(w, SL_COUNTER_DROP_LAND);
	if (sl_nat44_bogon(src) && !(src == 0 && in != NULL))
		return sl_drop(w, SL_COUNTER_DROP_BOGON);
	if (sl_snap_addr(s, 0, src) != NULL ||
		sl_snap_addr(s, (uint16_t)(p->tenant + 1), src) != NULL)
		return sl_drop(w, SL_COUNTER_DROP_SPOOFED);
	if (in != NULL) {
		if (in->kind & SL_ADDR_CAST) {
			p->cause = SL_PUNT_MULTICAST;
			return SL_PUNT;
		}
		return sl_nat44_punt_local(p);
	}
	if (sl_nat44_bogon(dst))
		return sl_drop(w, SL_COUNTER_DROP_BOGON);
	if ((p->flags & SL_PKT_ERROR) && own_network(w, p, dst) == SL_NH_NONE &&
		!sl_snap_bypass(s, p->key.proto, p->key.dst, p->key.dport))
		return sl_drop(w, SL_COUNTER_DROP_ICMP_NO_FLOW);
	if (s->source_check) {
		nh = sl_routes_lookup(&w->nat->routes, p->tenant, src);
		if (nh == SL_NH_NONE || sl_nh_side(&w->nat->routes, nh) != SL_INSIDE)
			return sl_drop(w, SL_COUNTER_DROP_SPOOFED);
	}
	if (out != NULL && (out->kind & SL_ADDR_LOCAL) && sl_nat44_service(w, p))
		return sl_nat44_punt_local(p);
	if (out != NULL && !s->hairpin)
		return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
	if (out == NULL) {
		if (p->tenant != 0 && (nh = own_network(w, p, dst)) != SL_NH_NONE)
			return sl_nat44_route(w, m, p, nh);
		nh = sl_routes_lookup(&w->nat->routes, 0, dst);
		if (nh == SL_NH_NONE) {
			sl_icmp_error(w, m, p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_NET, 0);
			return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
		}
		if (sl_nh_side(&w->nat->routes, nh) == SL_OUTSIDE) {
			/* The key of an ICMP error is about the packet that it quotes. */
			if (sl_snap_bypass(s, p->key.proto, p->key.dst, p->key.dport) &&
				p->tenant == 0)
				return sl_nat44_route(w, m, p, nh);
			if (p->flags & SL_PKT_ERROR)
				return sl_drop(w, SL_COUNTER_DROP_ICMP_NO_FLOW);
			p->nh = nh;
		} else {
			/* A tenant does not see the networks of another. */
			if (p->tenant != 0)
				return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
			return sl_nat44_route(w, m, p, nh);
		}
	}
	if (p->flags & SL_PKT_ERROR)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_NO_FLOW);
	if (p->flags & SL_PKT_OTHER)
		return sl_drop(w, p->key.proto == IPPROTO_ICMP ? SL_COUNTER_DROP_ICMP_TYPE
							       : SL_COUNTER_DROP_PROTOCOL);
	if (!sl_nat44_creates(p))
		return sl_drop(w, SL_COUNTER_DROP_NO_STATE);
	if (sl_pkt_ip(m, p)->time_to_live <= 1) {
		sl_icmp_error(w, m, p, SL_ICMP_TIME, 0, 0);
		return sl_drop(w, SL_COUNTER_DROP_TTL);
	}
	return open_dynamic(w, m, p, flow);
}
