/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Native IPv6: what is neither for the box nor for a NAT64 prefix is routed by the mirrored
 * routes, without any state, on whichever worker it came to. It is a router's work (RFC 8200):
 * a hop less, an error when none is left or when the next link is too small, and nothing of the
 * packet behind its first header is looked at, unless an error is to be made.
 *
 *	inside --> inside or outside		outside --> inside
 *
 * Sources are checked as those of IPv4: nobody comes with an address that is not routed to
 * where he is, with one of the box, or with one of those that stand for IPv4 hosts, since those
 * are the box's to use. What would go back outside came by mistake.
 *
 * Tenants: a packet goes where its own tenant's routes lead, but for their default route; else
 * it is as if it came from outside, and belongs to the tenant whose prefix is the longest, or
 * leaves. A prefix that several tenants have is nobody's: an address alone does not tell then
 * in which of them its host is. Errors go back into the tenant that the packet came from.
 *
 * What comes from outside for an address of the box itself may go where the configuration says
 * that a service is, as with IPv4; the link's own talk, by link-local addresses, always may.
 */
#include "six_route.h"
#include "icmp6.h"
#include "route6.h"
#include "six_pkt.h"
#include "state.h"

/* An address of the box outside, or in the network of this tenant? */
static bool
is_own(const struct sl_snap *s, uint16_t tenant, const struct sl_ip6 *addr)
{
	for (uint32_t i = 0; i < s->n_own6; i++)
		if ((s->own6[i].realm == 0 || s->own6[i].realm == tenant + 1) &&
			sl_ip6_same(&s->own6[i].addr, addr))
			return true;
	return false;
}

static bool
is_translated(const struct sl_snap *s, const struct sl_ip6 *addr)
{
	for (uint32_t i = 0; i < s->n_nat64; i++)
		if (sl_prefix_holds(&s->nat64[i].match, addr))
			return true;
	return false;
}

/* Has any tenant this address inside? */
static bool
is_inside(const struct sl_worker *w, const struct sl_ip6 *addr)
{
	uint16_t tenant, nh = sl_routes6_find(&w->nat->routes, addr, &tenant);

	return tenant == SL_ROUTE_SEVERAL ||
	       (nh != SL_NH_NONE && sl_nh_side(&w->nat->routes, nh) == SL_INSIDE);
}

static bool
belongs(const struct sl_worker *w, uint16_t tenant, const struct sl_ip6 *addr)
{
	uint16_t nh = sl_routes6_lookup(&w->nat->routes, tenant, addr);

	return nh != SL_NH_NONE && sl_nh_side(&w->nat->routes, nh) == SL_INSIDE;
}

/* Is this a source that may come from there? 0, or the counter of the reason. */
static int
check_source(const struct sl_worker *w, const struct sl_pkt *p, const struct sl_ip6 *src,
	const struct sl_ip6 *dst)
{
	if (sl_ip6_bogon(src) || sl_ip6_bogon(dst))
		return SL_COUNTER_DROP_BOGON;
	if (sl_ip6_same(src, dst))
		return SL_COUNTER_DROP_LAND;
	if (is_own(w->snap, p->tenant, src) || is_translated(w->snap, src))
		return SL_COUNTER_DROP_SPOOFED;
	if (p->side == SL_OUTSIDE)
		return is_inside(w, src) ? SL_COUNTER_DROP_SPOOFED : 0;
	if (w->snap->source_check && !belongs(w, p->tenant, src))
		return SL_COUNTER_DROP_SPOOFED;
	return 0;
}

/* An error for the sender, unless the packet is one itself: to learn that takes a walk. */
static void
answer(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint8_t type, uint8_t code,
	uint32_t word)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l3);
	uint32_t len = RTE_MIN((uint32_t)m->data_len - p->l3, (uint32_t)p->ip_len);
	struct sl_six_walk walk;

	switch (sl_six_walk(ip, len, &walk)) {
	case SL_WALK_OK:
		p->l4 = (uint16_t)(p->l3 + walk.l4);
		p->key.proto = walk.proto == IPPROTO_ICMPV6 ? IPPROTO_ICMP : walk.proto;
		if (walk.frag & RTE_BE16(0x1fff))
			p->flags |= SL_PKT_LATER;
		if (walk.proto == IPPROTO_ICMPV6 && walk.l4 >= len)
			return;
		break;
	case SL_WALK_BAD:
		return;
	default:
		break;
	}
	sl_icmp6_error(w, m, p, type, code, word);
}

/* A port that is listed, or one where the kernel waits for answers. */
static bool
is_service(const struct sl_snap *s, uint8_t proto, const uint8_t *l4, uint32_t here)
{
	rte_be16_t port;

	for (uint32_t i = 0; i < s->n_services; i++)
		if (s->service[i].proto == 0)
			return true;
	if ((proto != IPPROTO_TCP && proto != IPPROTO_UDP) ||
		here < (proto == IPPROTO_TCP ? sizeof(struct rte_tcp_hdr)
					     : sizeof(struct rte_udp_hdr)))
		return false;
	memcpy(&port, l4 + 2, sizeof(port));
	for (uint32_t i = 0; i < s->n_services; i++)
		if (s->service[i].proto == proto && s->service[i].port == port)
			return true;
	if (rte_be_to_cpu_16(port) < s->kernel_port_min ||
		rte_be_to_cpu_16(port) > s->kernel_port_max)
		return false;
	return proto == IPPROTO_UDP ||
	       (l4[offsetof(struct rte_tcp_hdr, tcp_flags)] &
		       (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG)) != RTE_TCP_SYN_FLAG;
}

enum sl_verdict
sl_six_local(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l3);
	uint32_t len = m->data_len - p->l3;
	struct sl_six_walk walk;

	p->cause = SL_PUNT_ND;
	if (p->side == SL_INSIDE)
		return SL_PUNT;
	if (sl_six_walk(ip, len, &walk) != SL_WALK_OK || walk.l4 > len)
		return sl_drop(w, SL_COUNTER_DROP_SERVICE);
	/* Of a datagram in fragments the first one is asked; the kernel takes no others alone. */
	if (walk.proto == IPPROTO_ICMPV6 || (walk.frag & RTE_BE16(0x1fff)) != 0 ||
		is_service(w->snap, walk.proto, ip + walk.l4, len - walk.l4))
		return SL_PUNT;
	return sl_drop(w, SL_COUNTER_DROP_SERVICE);
}

/* Where it goes next, and in which tenant that is, or SL_ROUTE_SEVERAL. Routes may outlive their
 * tenant, and then lead nowhere. */
static uint16_t
find_way(const struct sl_worker *w, const struct sl_pkt *p, const struct sl_ip6 *dst,
	uint16_t *tenant)
{
	const struct sl_routes *r = &w->nat->routes;
	uint16_t nh = SL_NH_NONE;

	*tenant = p->tenant;
	if (p->side == SL_INSIDE && p->tenant != 0)
		nh = sl_routes6_lookup_own(r, p->tenant, dst);
	if (nh == SL_NH_NONE)
		nh = sl_routes6_find(r, dst, tenant);
	if (*tenant == SL_ROUTE_SEVERAL || sl_snap_has_tenant(w->snap, *tenant))
		return nh;
	*tenant = 0;
	return SL_NH_NONE;
}

/* For an address of the box that is another tenant's or side's to talk to: the kernel that has it
 * is that of the outside, and tenant default's as well. */
static enum sl_verdict
to_other_side(struct sl_worker *w, struct sl_pkt *p, uint16_t tenant)
{
	if (p->side == SL_OUTSIDE)
		return sl_drop(w, SL_COUNTER_DROP_NOT_OURS);
	if (p->tenant != 0 || tenant != 0)
		return sl_drop(w, SL_COUNTER_DROP_SERVICE);
	p->cause = SL_PUNT_ND;
	return SL_PUNT;
}

enum sl_verdict
sl_six_route(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv6_hdr *, p->l3);
	const struct sl_ip6 *src = (const void *)ip->src_addr, *dst = (const void *)ip->dst_addr;
	int bad = check_source(w, p, src, dst);
	enum sl_side to;
	uint16_t tenant;

	if (bad != 0)
		return sl_drop(w, (enum sl_counter)bad);
	p->nh = find_way(w, p, dst, &tenant);
	to = p->nh != SL_NH_NONE ? sl_nh_side(&w->nat->routes, p->nh) : SL_OUTSIDE;
	if (is_own(w->snap, tenant, dst))
		return to_other_side(w, p, tenant);
	if (p->side == SL_OUTSIDE && tenant != SL_ROUTE_SEVERAL &&
		(to == SL_OUTSIDE || is_translated(w->snap, dst)))
		return sl_drop(w, SL_COUNTER_DROP_NOT_OURS);
	if (ip->hop_limits <= 1) {
		answer(w, m, p, SL_ICMP6_TIME, 0, 0);
		return sl_drop(w, SL_COUNTER_DROP_TTL);
	}
	if (p->nh == SL_NH_NONE) {
		answer(w, m, p, SL_ICMP6_UNREACH, 0, 0);
		return sl_drop(w, tenant == SL_ROUTE_SEVERAL ? SL_COUNTER_DROP_TWO_TENANTS
							     : SL_COUNTER_DROP_NO_ROUTE);
	}
	if (p->ip_len > w->snap->mtu[to]) {
		answer(w, m, p, SL_ICMP6_TOO_BIG, 0, w->snap->mtu[to]);
		return sl_drop(w, SL_COUNTER_DROP_TOO_BIG);
	}
	ip->hop_limits--;
	p->flags |= SL_PKT_NATIVE;
	p->tenant = (uint8_t)tenant;
	sl_count(w, SL_COUNTER_ROUTED6, 1);
	return SL_SEND;
}
