/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A packet that has a flow becomes what the other side shall see: addresses, ports, TTL,
 * checksums, and the flow what the packet tells about it. sl_translate_quick() in the header
 * is the short way of the usual packet; here is the whole of it, with hairpins, fragments,
 * ICMP errors, links that are too small, and next hops that are yet to be looked up.
 */
#include "translate.h"
#include "helped.h"
#include "icmp.h"
#include "six_path.h"

bool
sl_translate_quick6(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f,
	enum sl_side from, uint16_t gen)
{
	if (from == SL_OUTSIDE &&
		unlikely(p->ip_len > sl_translate_room6(w->snap, sl_pkt_ip(m, p)->fragment_offset)))
		return false;
	/* The way out reads it, a burst later. */
	if (from == SL_OUTSIDE)
		rte_prefetch0(&w->hosts.host[sl_stand_place(f->in_addr)]);
	return sl_translate_usual(w, m, p, f, from, gen, SL_FLOW_HAIRPIN);
}

/* The next hop of a flow in one direction, looked up again when routes have moved. */
static uint16_t
next_hop(struct sl_worker *w, struct sl_flow *f, enum sl_side to)
{
	const struct sl_routes *r = &w->nat->routes;
	uint16_t gen = __atomic_load_n(&r->gen, __ATOMIC_ACQUIRE), nh;

	if (likely(f->nh_gen == gen && f->nh[to] != SL_NH_NONE))
		return f->nh[to];
	if (f->nh_gen != gen) {
		f->nh[SL_INSIDE] = f->nh[SL_OUTSIDE] = SL_NH_NONE;
		f->nh_gen = gen;
	}
	nh = to == SL_OUTSIDE ? sl_routes_lookup(r, 0, f->rem_addr)
			      : sl_six_next_hop(w, f->tenant, f->in_addr);
	/* The link itself stands for a station not known yet. What is kept leads straight on:
	 * the quick way does not look where it leads. */
	if (nh >= SL_NH_FIRST && sl_nh_side(r, nh) == to)
		f->nh[to] = nh;
	return nh;
}

static bool
fits(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint32_t room)
{
	if (likely(p->ip_len <= room))
		return true;
	if (sl_pkt_ip(m, p)->fragment_offset & RTE_BE16(RTE_IPV4_HDR_DF_FLAG)) {
		sl_icmp_error(w, m, p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_TOO_BIG, (uint16_t)room);
		return false;
	}
	p->flags |= SL_PKT_BIG;
	return true;
}

bool
sl_translate_fits(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	return fits(w, m, p, w->snap->mtu[sl_nh_side(&w->nat->routes, p->nh)]);
}

/* The longest packet that may go to an IPv6 host; an error is made as small as it must be. */
static __rte_noinline uint32_t
room6(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p)
{
	if (p->side == SL_INSIDE)
		return w->snap->mtu[sl_nh_side(&w->nat->routes, p->nh)];
	return p->flags & SL_PKT_ERROR
		       ? UINT16_MAX
		       : sl_translate_room6(w->snap, sl_pkt_ip(m, p)->fragment_offset);
}

/* The longest packet that may go on as it is. */
static inline uint32_t
room(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, const struct sl_flow *f)
{
	return unlikely(f->flags & SL_FLOW_SIX) ? room6(w, m, p)
						: w->snap->mtu[sl_nh_side(&w->nat->routes, p->nh)];
}

/* Where a packet of a flow goes next; SL_GO, or SL_DROP. */
static enum sl_verdict
way_on(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f)
{
	enum sl_side to = SL_ACROSS(p->side);

	p->nh = next_hop(w, f, to);
	if (unlikely(p->nh == SL_NH_NONE)) {
		sl_icmp_error(w, m, p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_NET, 0);
		return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
	}
	/* What came in must not leave again by the same door. */
	if (unlikely(to == SL_INSIDE && sl_nh_side(&w->nat->routes, p->nh) == SL_OUTSIDE))
		return sl_drop(w, SL_COUNTER_DROP_LOOP);
	if (unlikely(!fits(w, m, p, room(w, m, p, f))))
		return sl_drop(w, SL_COUNTER_DROP_TOO_BIG);
	return SL_GO;
}

enum sl_verdict
sl_translate_way(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f)
{
	struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	enum sl_side to = SL_ACROSS(p->side);
	rte_be16_t field = ip->fragment_offset & (rte_be16_t)~RTE_BE16(RTE_IPV4_HDR_DF_FLAG);

	p->nh = next_hop(w, f, to);
	if (unlikely(p->nh == SL_NH_NONE))
		return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
	if (unlikely(to == SL_INSIDE && sl_nh_side(&w->nat->routes, p->nh) == SL_OUTSIDE))
		return sl_drop(w, SL_COUNTER_DROP_LOOP);
	if (unlikely(p->ip_len > room(w, m, p, f))) {
		/* It was small enough when its sender sent it: nobody else can make it so. */
		ip->hdr_checksum =
			sl_csum_fix(ip->hdr_checksum, sl_delta16(ip->fragment_offset, field));
		ip->fragment_offset = field;
		p->flags |= SL_PKT_BIG;
	}
	return SL_SEND;
}

static void
rewrite(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f)
{
	struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	uint32_t ttl = p->flags & SL_PKT_HAIRPIN ? 0 : SL_TTL_DELTA;

	if (sl_flow_refreshes(w, m, p, f, p->side))
		f->last = w->now;
	sl_flow_account(f, p->side, p->ip_len);
	if (unlikely((p->tcp_flags & RTE_TCP_SYN_FLAG) && w->snap->mss))
		sl_tcp_clamp(m, p, w->snap->mss);
	if (likely(!(p->flags & SL_PKT_LATER)))
		sl_rewrite(ip, (uint8_t *)ip + (p->l4 - p->l3), f, p->side, ttl);
	if (p->side == SL_INSIDE && !(ip->fragment_offset & RTE_BE16(0x7fff)))
		ip->hdr_checksum =
			sl_csum_fix(ip->hdr_checksum, sl_ids_give(&w->ids, ip, f->out_port));
	if (unlikely(p->flags & SL_PKT_FRAGMENT)) {
		sl_ids_note(&w->ids, p->frag_id, ip->packet_id, f->out_port);
		sl_rewrite_fragment(ip, p, f, ttl);
	}
}

enum sl_verdict
sl_translate(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f)
{
	bool hairpinned = p->flags & SL_PKT_HAIRPIN, turns;

	/* Nobody outside may speak for one of us, not even with a tuple that exists. */
	if (unlikely((f->flags & SL_FLOW_HAIRPIN) && p->side == SL_OUTSIDE && !hairpinned))
		return sl_drop(w,
			p->key.src == p->key.dst ? SL_COUNTER_DROP_LAND : SL_COUNTER_DROP_SPOOFED);
	if (unlikely(sl_pkt_ip(m, p)->time_to_live <= 1 && !hairpinned)) {
		sl_icmp_error(w, m, p, SL_ICMP_TIME, 0, 0);
		return sl_drop(w, SL_COUNTER_DROP_TTL);
	}
	turns = p->side == SL_INSIDE && unlikely(f->flags & SL_FLOW_HAIRPIN);
	p->tenant = f->tenant;
	if (!turns) {
		enum sl_verdict v = way_on(w, m, p, f);

		if (unlikely(v != SL_GO))
			return v;
	}
	if (unlikely(p->flags & SL_PKT_ERROR)) {
		/* RFC 5508 REQ-6: an error neither refreshes nor ends anything. */
		sl_ids_restore(&w->ids, rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, p->q3),
			f->out_port);
		sl_rewrite_error(m, p, f, !hairpinned);
		sl_count(w, SL_COUNTER_ICMP_ERRORS, 1);
	} else {
		rewrite(w, m, p, f);
	}
	if (unlikely(f->helper != 0) && !(p->flags & SL_PKT_ERROR))
		return sl_helped_punt(w, m, p, f, turns);
	return unlikely(turns) ? SL_AGAIN : SL_SEND;
}
