/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a frame is. This is the only place that reads lengths and types from the wire and
 * believes them; the rest works with the notes left here in struct sl_pkt. Every header is
 * checked against the mbuf's data before it is read, and Ethernet padding is cut off by
 * the IP total length.
 *
 * Headers must lie in the first segment. When they do not, as much as a header chain can
 * take is pulled up from the following segments; payload stays where it is.
 */
#include "parse.h"
#include "csum.h"
#include "icmp.h"
#include "state.h"

#define PULL 256 /* bytes of headers wanted in the first segment */

/* Bytes of the first segment, after headers that were cut over segments were pulled up. */
static uint32_t
pull(struct rte_mbuf *m)
{
	uint32_t want = RTE_MIN(m->pkt_len, (uint32_t)PULL), room;
	struct rte_mbuf *s;

	while (m->data_len < want && m->next != NULL) {
		uint16_t n;

		s = m->next;
		room = rte_pktmbuf_tailroom(m);
		room = RTE_MIN(room, want - m->data_len);
		n = (uint16_t)RTE_MIN(room, (uint32_t)s->data_len);
		if (n == 0 && s->data_len > 0)
			break;
		memcpy(rte_pktmbuf_mtod_offset(m, char *, m->data_len), rte_pktmbuf_mtod(s, char *),
			n);
		m->data_len += n;
		s->data_off += n;
		s->data_len -= n;
		if (s->data_len == 0) {
			m->next = s->next;
			m->nb_segs--;
			s->next = NULL;
			s->nb_segs = 1;
			rte_pktmbuf_free_seg(s);
		}
	}
	return m->data_len;
}

enum route {
	ROUTE_NONE,
	ROUTE_OVER, /* all of it has been visited */
	ROUTE_BROKEN,
	ROUTE_LEFT,
};

/* What one source route (RFC 791 section 3.1) is; n bytes are there. */
static enum route
route_state(const uint8_t *o, unsigned int n)
{
	if (n < 3)
		return ROUTE_BROKEN;
	if (o[2] <= o[1])
		return ROUTE_LEFT;
	return o[1] >= 3 && o[1] <= n ? ROUTE_OVER : ROUTE_BROKEN;
}

/* The worst of what source routes there are; where the first that is over lies goes to *over. */
static enum route
source_route(const struct rte_ipv4_hdr *ip, unsigned int len, unsigned int *over)
{
	const uint8_t *start = (const uint8_t *)ip, *o = (const uint8_t *)(ip + 1),
		      *end = start + len;
	enum route found = ROUTE_NONE;

	while (o < end && *o != 0) {
		if (*o == 1) {
			o++;
			continue;
		}
		if (*o == 131 || *o == 137) {
			enum route r = route_state(o, (unsigned int)(end - o));

			if (r != ROUTE_OVER)
				return r;
			if (found == ROUTE_NONE)
				*over = (unsigned int)(o - start);
			found = r;
		}
		if (o + 1 >= end || o[1] < 2)
			break;
		o += o[1];
	}
	return found;
}

/* Query types and which end asked; false for everything that is no query. */
static bool
icmp_query(uint8_t type, enum sl_side side, rte_be16_t *remote)
{
	bool in = side == SL_INSIDE;

	switch (type) {
	case 8:
		*remote = in ? SL_ICMP_ASKED_INSIDE : SL_ICMP_ASKED_OUTSIDE;
		return true;
	case 0:
		*remote = in ? SL_ICMP_ASKED_OUTSIDE : SL_ICMP_ASKED_INSIDE;
		return true;
	case 13:
		*remote = in ? SL_ICMP_STAMP_INSIDE : SL_ICMP_STAMP_OUTSIDE;
		return true;
	case 14:
		*remote = in ? SL_ICMP_STAMP_OUTSIDE : SL_ICMP_STAMP_INSIDE;
		return true;
	default:
		return false;
	}
}

static void
set_ports(struct sl_key *key, enum sl_side side, rte_be16_t near, rte_be16_t remote)
{
	key->sport = side == SL_INSIDE ? near : remote;
	key->dport = side == SL_INSIDE ? remote : near;
}

/* Enhanced GRE (RFC 2637 section 4.1): a key and version 1; its low half is the call id. Whether
 * there is such a call is found by whoever owns it (call.c). */
static void
call_ports(struct sl_pkt *p, const uint8_t *gre)
{
	rte_be16_t type, id;

	memcpy(&type, gre + 2, 2);
	if ((gre[0] & 0xe0) != 0x20 || (gre[1] & 7) != 1 || type != SL_GRE_CALL)
		return;
	memcpy(&id, gre + 6, 2);
	set_ports(&p->key, p->side, id, SL_GRE_CALL);
}

/* Protocols that go by address alone. SCTP's checksum does not cover addresses (RFC 9260
 * section 6.8) and its ports must not change; UDP-Lite's are left alone too. GRE and ESP have
 * none: one flow for each pair of addresses, but for calls of PPTP. */
static bool
by_address(const struct sl_worker *w, struct sl_pkt *p, const uint8_t *l4)
{
	if (!w->snap->other_protocols)
		return false;
	switch (p->key.proto) {
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
		memcpy(&p->key.sport, l4, 2);
		memcpy(&p->key.dport, l4 + 2, 2);
		return true;
	case IPPROTO_GRE:
		call_ports(p, l4);
		return true;
	case IPPROTO_ESP:
		return true;
	default:
		return false;
	}
}

/* An ICMP error: the key becomes that of the flow whose packet is quoted, as if that flow
 * had sent another packet in the error's direction. */
static enum sl_verdict
parse_error(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint32_t len)
{
	uint32_t end = p->l3 + p->ip_len, q3 = p->l4 + 8u, q4;
	const struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p), *q;
	const uint8_t *l4;
	rte_be16_t sport, dport;

	end = RTE_MIN(end, len);
	if (q3 + sizeof(*q) + 8 > end)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_QUOTE);
	q = rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, q3);
	q4 = q3 + (q->version_ihl & 15) * 4u;
	if (q->version_ihl >> 4 != 4 || (q->version_ihl & 15) < 5 || q4 + 8 > end ||
		sl_sum_words(q, q4 - q3) != 0xffff || (q->fragment_offset & RTE_BE16(0x1fff)) != 0)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_QUOTE);
	/* Whoever reports must report to the sender of what it quotes. */
	if (q->src_addr != ip->dst_addr)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_QUOTE);
	if (sl_icmp_sum(m, p->l4, p->ip_len - (p->l4 - p->l3)) != 0xffff)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_CHECKSUM);
	l4 = rte_pktmbuf_mtod_offset(m, const uint8_t *, q4);
	p->key.src = q->dst_addr;
	p->key.dst = q->src_addr;
	p->key.proto = q->next_proto_id;
	switch (q->next_proto_id) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		memcpy(&sport, l4, 2);
		memcpy(&dport, l4 + 2, 2);
		p->key.sport = dport;
		p->key.dport = sport;
		break;
	case IPPROTO_ICMP:
		/* The quoted query went the other way. */
		if (!icmp_query(l4[0], SL_ACROSS(p->side), &dport))
			return sl_drop(w, SL_COUNTER_DROP_ICMP_QUOTE);
		memcpy(&sport, l4 + 4, 2);
		set_ports(&p->key, p->side, sport, dport);
		break;
	default:
		if (!by_address(w, p, l4))
			p->flags |= SL_PKT_OTHER;
		else if (q->next_proto_id != IPPROTO_GRE)
			RTE_SWAP(p->key.sport, p->key.dport);
		break;
	}
	p->q3 = (uint16_t)q3;
	p->q4 = (uint16_t)q4;
	p->flags |= SL_PKT_ERROR;
	return SL_GO;
}

static enum sl_verdict
parse_icmp(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint32_t len)
{
	const struct rte_icmp_hdr *h =
		rte_pktmbuf_mtod_offset(m, const struct rte_icmp_hdr *, p->l4);
	rte_be16_t remote;

	if (p->l4 + sizeof(*h) > p->l3 + (uint32_t)p->ip_len)
		return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
	switch (h->icmp_type) {
	case 3:
	case 11:
	case 12:
		return parse_error(w, m, p, len);
	default:
		if (icmp_query(h->icmp_type, p->side, &remote))
			set_ports(&p->key, p->side, h->icmp_ident, remote);
		else
			p->flags |= SL_PKT_OTHER;
		return SL_GO;
	}
}

static enum sl_verdict
parse_l4(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint32_t len)
{
	uint32_t l4_len = p->l3 + (uint32_t)p->ip_len - p->l4;
	const uint8_t *l4 = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l4);

	switch (p->key.proto) {
	case IPPROTO_TCP: {
		const struct rte_tcp_hdr *h = (const void *)l4;
		uint32_t off;

		if (l4_len < sizeof(*h) || p->l4 + sizeof(*h) > len)
			return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
		off = (h->data_off >> 4) * 4u;
		if (off < sizeof(*h) || off > l4_len || p->l4 + off > len)
			return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
		p->key.sport = h->src_port;
		p->key.dport = h->dst_port;
		p->tcp_flags = h->tcp_flags;
		return SL_GO;
	}
	case IPPROTO_UDP: {
		const struct rte_udp_hdr *h = (const void *)l4;
		uint16_t n;

		if (l4_len < sizeof(*h) || p->l4 + sizeof(*h) > len)
			return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
		n = rte_be_to_cpu_16(h->dgram_len);
		if (n < sizeof(*h) || (n > l4_len && !(p->flags & SL_PKT_FRAGMENT)))
			return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
		p->key.sport = h->src_port;
		p->key.dport = h->dst_port;
		return SL_GO;
	}
	case IPPROTO_ICMP:
		return parse_icmp(w, m, p, len);
	default:
		if (l4_len < 8 || p->l4 + 8u > len || !by_address(w, p, l4))
			p->flags |= SL_PKT_OTHER;
		return SL_GO;
	}
}

enum sl_verdict
sl_pkt_parse_first(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	enum sl_verdict v = parse_l4(w, m, p, m->data_len);

	/* An ICMP error in pieces: its checksum cannot be verified. */
	if (v == SL_GO && (p->flags & SL_PKT_ERROR))
		return sl_drop(w, SL_COUNTER_DROP_FRAGMENT_BAD);
	return v;
}

enum sl_verdict
sl_pkt_parse_l4(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	return parse_l4(w, m, p, m->data_len);
}

/* Is this whole packet an ICMP message that is no query, or one whose type is not there? */
static bool
maybe_error(struct rte_mbuf *m, const struct sl_pkt *p, uint32_t len)
{
	rte_be16_t remote;

	return p->key.proto == IPPROTO_ICMP &&
	       (p->l4 >= len || !icmp_query(*rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l4),
					p->side, &remote));
}

/*
 * A packet that names its own way is dropped, unless it has gone all of it: then its route is to
 * be ignored (RFC 7915 section 4.1), and that by everybody behind us as well, so it becomes
 * no-operations: a host would answer along it, and it may tell inside addresses.
 *
 * Towards NAT64 the sender is told that it has not gone all of it. Whose host it is for is known
 * to the owner of the port only: told is who sends to an address that may have mappings of NAT64.
 */
static __rte_noinline enum sl_verdict
source_routed(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, uint32_t len)
{
	const struct sl_snap *s = w->snap;
	struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	const struct sl_addr *dst = sl_snap_addr(s, 0, ip->dst_addr);
	unsigned int hlen = p->l4 - (unsigned int)p->l3, at;
	enum route route;

	while ((route = source_route(ip, hlen, &at)) == ROUTE_OVER) {
		uint8_t *o = (uint8_t *)ip + at;

		memset(o, 1, o[1]);
		ip->hdr_checksum = 0;
		ip->hdr_checksum = (uint16_t)~sl_sum_words(ip, hlen);
	}
	if (route == ROUTE_NONE)
		return SL_GO;
	if (p->side == SL_OUTSIDE && s->n_nat64 > 0 && dst != NULL && dst->paddr != SL_NONE &&
		route == ROUTE_LEFT && !maybe_error(m, p, len))
		sl_icmp_error(w, m, p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_ROUTE, 0);
	return sl_drop(w, SL_COUNTER_DROP_SOURCE_ROUTE);
}

static enum sl_verdict
parse_ipv4(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint32_t len)
{
	const struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	uint32_t hlen, total;

	if (unlikely(p->l3 + sizeof(*ip) > len))
		return sl_drop(w, SL_COUNTER_DROP_SHORT);
	hlen = (ip->version_ihl & 15) * 4u;
	total = rte_be_to_cpu_16(ip->total_length);
	if (unlikely(ip->version_ihl >> 4 != 4))
		return sl_drop(w, SL_COUNTER_DROP_VERSION);
	if (unlikely(hlen < sizeof(*ip) || p->l3 + hlen > len || total < hlen ||
		     p->l3 + total > m->pkt_len))
		return sl_drop(w, SL_COUNTER_DROP_LENGTH);
	if (unlikely(sl_sum_words(ip, hlen) != 0xffff))
		return sl_drop(w, SL_COUNTER_DROP_IP_CHECKSUM);
	if (m->pkt_len > p->l3 + total) {
		if (likely(m->next == NULL))
			m->pkt_len = m->data_len = (uint16_t)(p->l3 + total);
		else if (rte_pktmbuf_trim(m, (uint16_t)(m->pkt_len - p->l3 - total)) != 0)
			return sl_drop(w, SL_COUNTER_DROP_LENGTH);
		len = RTE_MIN(len, p->l3 + total);
	}
	p->ip_len = (uint16_t)total;
	p->l4 = (uint16_t)(p->l3 + hlen);
	p->key.src = ip->src_addr;
	p->key.dst = ip->dst_addr;
	p->key.proto = ip->next_proto_id;
	if (unlikely(hlen > sizeof(*ip) && source_routed(w, m, p, len) != SL_GO))
		return SL_DROP;
	if (unlikely((ip->dst_addr & RTE_BE32(0xf0000000)) == RTE_BE32(0xe0000000) ||
		     ip->dst_addr == UINT32_MAX || (p->flags & SL_PKT_CAST))) {
		p->cause = SL_PUNT_MULTICAST;
		return SL_PUNT;
	}
	if (unlikely(ip->fragment_offset & RTE_BE16(0x3fff))) {
		p->flags |= SL_PKT_FRAGMENT;
		if (ip->fragment_offset & RTE_BE16(0x1fff))
			p->flags |= SL_PKT_LATER;
		return SL_GO;
	}
	return parse_l4(w, m, p, len);
}

/* VLAN tags name the tenant. Outside, tags belong to nobody. */
static enum sl_verdict
parse_tags(
	struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, rte_be16_t *type, uint32_t len)
{
	uint16_t id[2] = { 0, 0 };
	int n = 0, tenant;

	while (*type == RTE_BE16(RTE_ETHER_TYPE_VLAN) || *type == RTE_BE16(RTE_ETHER_TYPE_QINQ)) {
		const struct rte_vlan_hdr *v;

		if (n == 2 || p->l3 + sizeof(*v) > len)
			return sl_drop(w, n == 2 ? SL_COUNTER_DROP_VLAN : SL_COUNTER_DROP_SHORT);
		v = rte_pktmbuf_mtod_offset(m, const struct rte_vlan_hdr *, p->l3);
		id[n++] = rte_be_to_cpu_16(v->vlan_tci) & 0xfff;
		*type = v->eth_proto;
		p->l3 += sizeof(*v);
	}
	tenant = p->side == SL_INSIDE ? sl_snap_tenant(w->snap, id[0], id[1]) : n == 0 ? 0 : -1;
	if (tenant < 0)
		return sl_drop(w, SL_COUNTER_DROP_VLAN);
	p->tenant = (uint8_t)tenant;
	return SL_GO;
}

enum sl_verdict
sl_pkt_parse(struct sl_worker *w, enum sl_side side, struct rte_mbuf *m, struct sl_pkt *p)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	uint32_t len = m->data_len;
	rte_be16_t type;

	if (unlikely(m->next != NULL))
		len = pull(m);
	memset(p, 0, sizeof(*p));
	p->side = side;
	p->key.side = side;
	p->l3 = sizeof(*eth);
	if (unlikely(len < sizeof(*eth)))
		return sl_drop(w, SL_COUNTER_DROP_SHORT);
	if (unlikely(!rte_is_same_ether_addr(&eth->dst_addr, &w->snap->mac[side]))) {
		if (!rte_is_multicast_ether_addr(&eth->dst_addr))
			return sl_drop(w, SL_COUNTER_DROP_DMAC);
		p->flags |= SL_PKT_CAST;
	}
	type = eth->ether_type;
	if (unlikely(type != RTE_BE16(RTE_ETHER_TYPE_IPV4) || w->snap->tenant[0].vlan != 0)) {
		enum sl_verdict v = parse_tags(w, m, p, &type, len);

		if (v != SL_GO)
			return v;
	}
	if (side == SL_INSIDE)
		p->key.tenant = p->tenant;
	if (likely(type == RTE_BE16(RTE_ETHER_TYPE_IPV4)))
		return parse_ipv4(w, m, p, len);
	if (type == RTE_BE16(RTE_ETHER_TYPE_IPV6))
		return SL_SIX;
	if (type == RTE_BE16(RTE_ETHER_TYPE_ARP)) {
		p->cause = SL_PUNT_ARP;
		return SL_PUNT;
	}
	return sl_drop(w, SL_COUNTER_DROP_ETHERTYPE);
}
