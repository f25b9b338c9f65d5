/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT44 off the fast path: what happens when a packet has no flow.
 *
 * Outbound: what is for the box is punted, what goes to another inside network is routed,
 * the rest gets a mapping (endpoint-independent, RFC 4787 REQ-1), a flow behind it, and
 * from then on stays on the fast path. Inbound: the mapping of the outside endpoint, or a
 * port forward, decides; the mapping's filter says who may come in (RFC 4787 REQ-8).
 *
 * All checks of addresses are here: a tuple that passed them once has a flow, and a flow
 * matches this very tuple only.
 */
#include "nat44.h"
#include "age.h"
#include "contact.h"
#include "held.h"
#include "icmp.h"
#include "mapping.h"
#include "probe.h"
#include "rewrite.h"
#include "session.h"
#include "state.h"
#include "translate.h"

#define CONTACTS 64 /* flows of a mapping that are looked at one by one */

static bool
bogon(rte_be32_t addr)
{
	uint32_t a = rte_be_to_cpu_32(addr);

	return a >> 24 == 0 || a >> 24 == 127 || a >> 28 >= 0xe || a >> 16 == 0xa9fe;
}

static enum sl_verdict
punt_local(struct sl_pkt *p)
{
	p->cause = SL_PUNT_LOCAL;
	return SL_PUNT;
}

/* May the outside reach the box at this port, or does the kernel expect it there? */
static bool
service_allowed(const struct sl_worker *w, const struct sl_pkt *p)
{
	const struct sl_snap *s = w->snap;
	uint16_t port = rte_be_to_cpu_16(p->key.dport);

	if (p->key.proto == IPPROTO_ICMP)
		return true; /* ping and errors; the punt rate is its limit */
	for (uint32_t i = 0; i < s->n_services; i++)
		if (s->service[i].proto == 0 ||
			(s->service[i].proto == p->key.proto && s->service[i].port == p->key.dport))
			return true;
	if (p->key.proto != IPPROTO_TCP && p->key.proto != IPPROTO_UDP)
		return false;
	if (port < s->kernel_port_min || port > s->kernel_port_max)
		return false;
	/* Answers to the kernel's own connections, but no new ones. */
	return p->key.proto == IPPROTO_UDP ||
	       (p->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG)) != RTE_TCP_SYN_FLAG;
}

/* A packet that must not or need not be translated leads to another inside network. */
static enum sl_verdict
route_plain(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint16_t nh)
{
	struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);

	if (ip->time_to_live <= 1) {
		sl_icmp_error(w, m, p, SL_ICMP_TIME, 0, 0);
		return sl_drop(w, SL_COUNTER_DROP_TTL);
	}
	p->nh = nh;
	if (!sl_translate_fits(w, m, p))
		return sl_drop(w, SL_COUNTER_DROP_TOO_BIG);
	ip->time_to_live--;
	ip->hdr_checksum = sl_csum_fix(ip->hdr_checksum, SL_TTL_DELTA);
	sl_count(w, SL_COUNTER_ROUTED, 1);
	return SL_SEND;
}

static bool
creates_state(const struct sl_pkt *p)
{
	return p->key.proto != IPPROTO_TCP ||
	       (p->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG | RTE_TCP_RST_FLAG)) ==
		       RTE_TCP_SYN_FLAG;
}

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
	if (bogon(dst) || (h != NULL && sl_prefix_hides(&h->prefix, dst)))
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
	if (!creates_state(p))
		return sl_drop(w, SL_COUNTER_DROP_NO_STATE);
	return open_dynamic(w, m, p, flow);
}

static enum sl_verdict
open_outbound(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow)
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
	if (bogon(src) && !(src == 0 && in != NULL))
		return sl_drop(w, SL_COUNTER_DROP_BOGON);
	if (sl_snap_addr(s, 0, src) != NULL ||
		sl_snap_addr(s, (uint16_t)(p->tenant + 1), src) != NULL)
		return sl_drop(w, SL_COUNTER_DROP_SPOOFED);
	if (in != NULL) {
		if (in->kind & SL_ADDR_CAST) {
			p->cause = SL_PUNT_MULTICAST;
			return SL_PUNT;
		}
		return punt_local(p);
	}
	if (bogon(dst))
		return sl_drop(w, SL_COUNTER_DROP_BOGON);
	if ((p->flags & SL_PKT_ERROR) && own_network(w, p, dst) == SL_NH_NONE &&
		!sl_snap_bypass(s, p->key.proto, p->key.dst, p->key.dport))
		return sl_drop(w, SL_COUNTER_DROP_ICMP_NO_FLOW);
	if (s->source_check) {
		nh = sl_routes_lookup(&w->nat->routes, p->tenant, src);
		if (nh == SL_NH_NONE || sl_nh_side(&w->nat->routes, nh) != SL_INSIDE)
			return sl_drop(w, SL_COUNTER_DROP_SPOOFED);
	}
	if (out != NULL && (out->kind & SL_ADDR_LOCAL) && service_allowed(w, p))
		return punt_local(p);
	if (out != NULL && !s->hairpin)
		return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
	if (out == NULL) {
		if (p->tenant != 0 && (nh = own_network(w, p, dst)) != SL_NH_NONE)
			return route_plain(w, m, p, nh);
		nh = sl_routes_lookup(&w->nat->routes, 0, dst);
		if (nh == SL_NH_NONE) {
			sl_icmp_error(w, m, p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_NET, 0);
			return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
		}
		if (sl_nh_side(&w->nat->routes, nh) == SL_OUTSIDE) {
			/* The key of an ICMP error is about the packet that it quotes. */
			if (sl_snap_bypass(s, p->key.proto, p->key.dst, p->key.dport) &&
				p->tenant == 0)
				return route_plain(w, m, p, nh);
			if (p->flags & SL_PKT_ERROR)
				return sl_drop(w, SL_COUNTER_DROP_ICMP_NO_FLOW);
			p->nh = nh;
		} else {
			/* A tenant does not see the networks of another. */
			if (p->tenant != 0)
				return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
			return route_plain(w, m, p, nh);
		}
	}
	if (p->flags & SL_PKT_ERROR)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_NO_FLOW);
	if (p->flags & SL_PKT_OTHER)
		return sl_drop(w, p->key.proto == IPPROTO_ICMP ? SL_COUNTER_DROP_ICMP_TYPE
							       : SL_COUNTER_DROP_PROTOCOL);
	if (!creates_state(p))
		return sl_drop(w, SL_COUNTER_DROP_NO_STATE);
	if (sl_pkt_ip(m, p)->time_to_live <= 1) {
		sl_icmp_error(w, m, p, SL_ICMP_TIME, 0, 0);
		return sl_drop(w, SL_COUNTER_DROP_TTL);
	}
	return open_dynamic(w, m, p, flow);
}

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

	if (w->snap->n_bypasses == 0 || bogon(src) || src == dst ||
		!sl_snap_bypass(w->snap, p->key.proto, p->key.src, p->key.sport))
		return sl_drop(w, SL_COUNTER_DROP_NOT_OURS);
	if (from_inside(w, src))
		return sl_drop(w, SL_COUNTER_DROP_SPOOFED);
	nh = sl_routes_lookup(&w->nat->routes, 0, dst);
	if (nh == SL_NH_NONE || sl_nh_side(&w->nat->routes, nh) != SL_INSIDE ||
		sl_snap_addr(w->snap, 1, dst) != NULL)
		return sl_drop(w, SL_COUNTER_DROP_NOT_OURS);
	return route_plain(w, m, p, nh);
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
	if (p->key.proto == IPPROTO_TCP && creates_state(p) && w->dry == NULL)
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
		if (!(p->flags & SL_PKT_HAIRPIN) && service_allowed(w, p))
			return punt_local(p);
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

static enum sl_verdict
open_inbound(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow)
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
		if (bogon(ip->src_addr))
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
	if (!creates_state(p))
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

/* The remote end of a packet that has a way is outside: its session need not look again. */
static void
keep_way(struct sl_flow *f, uint16_t nh, uint16_t gen)
{
	f->nh_gen = gen;
	if (nh >= SL_NH_FIRST)
		f->nh[SL_OUTSIDE] = nh;
}

enum sl_verdict
sl_nat44_open(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow)
{
	/* Routes may move meanwhile: then the generation is a new one, and they are asked again. */
	uint16_t gen = __atomic_load_n(&w->nat->routes.gen, __ATOMIC_ACQUIRE);
	enum sl_verdict v;

	/* Before anything is looked up: this may end mappings. */
	if (unlikely(w->flows.n_free == 0)) {
		if (likely(w->dry == NULL))
			sl_age_pressed(w);
		else
			sl_age_imagined(w);
	}
	v = p->side == SL_OUTSIDE ? open_inbound(w, m, p, flow) : open_outbound(w, m, p, flow);
	if (v != SL_GO)
		return v;
	if (p->nh != SL_NH_NONE) {
		keep_way(*flow, p->nh, gen);
	} else if (sl_snap_addr(w->snap, 0, (*flow)->rem_addr) != NULL) {
		(*flow)->flags |= SL_FLOW_HAIRPIN;
	}
	return v;
}
