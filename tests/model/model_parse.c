/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a frame is, by RFC 791, 8200, 792, 4443, 768 and 9293. Lengths are held against what is
 * there from the outside in, and the first that does not fit names the reason.
 */
#include "model.h"

#include <string.h>

/* How a query is known to its session: by who asked and what. */
static bool
query_of(unsigned int type, enum sl_side side, uint8_t *query)
{
	bool ask = type == 8 || type == 13;

	if (!ask && type != 0 && type != 14)
		return false;
	*query = type == 8 || type == 0 ? 8 : 13;
	if (ask != (side == SL_INSIDE))
		*query += 100; /* asked by the outside */
	return true;
}

enum route {
	NO_ROUTE,
	BROKEN_ROUTE,
	ROUTE_LEFT
};

/* Of all source routes (RFC 791 section 3.1); one that has been gone to its end is none. */
static enum route
source_route(uint8_t *ip, unsigned int hlen, bool forget)
{
	for (unsigned int at = 20, n; at < hlen && ip[at] != 0; at += n) {
		n = ip[at] == 1 ? 1 : at + 1 < hlen ? ip[at + 1] : 0;
		if (ip[at] == 131 || ip[at] == 137) {
			if (at + 3 > hlen)
				return BROKEN_ROUTE;
			if (ip[at + 2] <= n)
				return ROUTE_LEFT;
			if (n < 3 || at + n > hlen)
				return BROKEN_ROUTE;
			if (forget)
				memset(ip + at, 1, n);
		} else if (ip[at] != 1 && n < 2) {
			break;
		}
	}
	return NO_ROUTE;
}

/* The packet that an error quotes: its ends are those of the session, seen from across. */
static enum sl_counter
parse_quote(struct m_pkt *p)
{
	const uint8_t *q = p->l4 + 8, *l4;
	unsigned int n = p->l4_len - 8, hlen, type;

	p->q = q;
	p->q_len = n;
	if (p->six) {
		if (p->l4_len < 56 || q[0] >> 4 != 6 || memcmp(q + 8, p->ip + 24, 16) != 0)
			return SL_COUNTER_DROP_ICMP_QUOTE;
		p->proto = q[6];
		l4 = q + 40;
		p->host.six = true;
		memcpy(p->host.v6, q + 24, 16);
	} else {
		hlen = (q[0] & 15) * 4u;
		if (p->l4_len < 36 || q[0] >> 4 != 4 || hlen < 20 || hlen + 8 > n ||
			m_checksum(q, hlen, -1, 0) != 0 || (m_get16(q + 6) & 0x1fff) != 0 ||
			m_get32(q + 12) != p->dst)
			return SL_COUNTER_DROP_ICMP_QUOTE;
		p->proto = q[9];
		l4 = q + hlen;
		if (p->side == SL_INSIDE)
			p->host = (struct m_addr){ .v4 = m_get32(q + 16) };
		p->src = m_get32(q + 16);
		p->dst = m_get32(q + 12);
	}
	if (p->sum_error != 0)
		return SL_COUNTER_DROP_ICMP_CHECKSUM;
	p->error = true;
	p->sport = (uint16_t)m_get16(l4 + 2);
	p->dport = (uint16_t)m_get16(l4);
	switch (p->proto) {
	case M_TCP:
	case M_UDP:
		return M_NO_DROP;
	case M_ICMP:
	case M_ICMP6:
		type = p->six ? (l4[0] == 128 ? 8u : l4[0] == 129 ? 0u : 255u) : l4[0];
		p->proto = M_ICMP;
		if (!query_of(type, SL_ACROSS(p->side), &p->query))
			return SL_COUNTER_DROP_ICMP_QUOTE;
		p->sport = p->dport = (uint16_t)m_get16(l4 + 4);
		return M_NO_DROP;
	default:
		p->other = true;
		return M_NO_DROP;
	}
}

static enum sl_counter
parse_icmp(struct m_pkt *p)
{
	unsigned int type = p->l4[0];

	if (p->six) {
		if (type < 128)
			return parse_quote(p);
		if (type != 128 && type != 129)
			return SL_COUNTER_DROP_ICMP_TYPE;
		type = type == 128 ? 8 : 0;
	} else if (type == 3 || type == 11 || type == 12) {
		if (p->l4_len < 36)
			return SL_COUNTER_DROP_ICMP_QUOTE;
		return parse_quote(p);
	}
	p->sport = p->dport = (uint16_t)m_get16(p->l4 + 4);
	p->other = !query_of(type, p->side, &p->query);
	return M_NO_DROP;
}

/* Find the datagram of a later fragment, or enter that of a first one. */
static void
remember_piece(struct model *m, struct m_pkt *p)
{
	for (unsigned int i = 0; i < M_DATAGRAMS; i++) {
		struct m_datagram *d = &m->datagram[i];

		if (p->later && d->until > m->now && d->id == p->id && d->src == p->src &&
			d->dst == p->dst && d->proto == p->proto && d->side == p->side) {
			p->piece = d;
			p->sport = d->sport & 0xffff;
			p->dport = d->dport & 0xffff;
			return;
		}
	}
	p->piece = &m->datagram[m->n_datagram++ % M_DATAGRAMS];
	*p->piece = (struct m_datagram){
		.src = p->src,
		.dst = p->dst,
		.id = p->id,
		.proto = p->proto,
		.sport = p->sport,
		.dport = p->dport,
		.side = p->side,
		.until = m->now + 60000,
	};
}

static enum sl_counter
parse_transport(struct model *m, struct m_pkt *p)
{
	const uint8_t *l4 = p->l4;
	struct m_addr src = { .v4 = p->src }, dst = { .v4 = p->dst };
	unsigned int n, at = (unsigned int)m_sum_at(p->proto);
	bool icmp = p->proto == M_ICMP || p->proto == M_ICMP6;
	enum sl_counter why = M_NO_DROP;

	if (p->later) {
		remember_piece(m, p);
		return M_NO_DROP;
	}
	if (p->proto != M_TCP && p->proto != M_UDP && !icmp) {
		p->other = true;
		if (p->six) /* RFC 6146 section 3.4 */
			model_own_error(m, p, 3, 3);
		return p->six ? SL_COUNTER_DROP_PROTOCOL : M_NO_DROP;
	}
	if (p->l4_len < (p->proto == M_TCP ? 20u : 8u))
		return SL_COUNTER_DROP_L4_LENGTH;
	if (p->six) {
		src.six = dst.six = true;
		memcpy(src.v6, p->ip + 8, 16);
		memcpy(dst.v6, p->ip + 24, 16);
	}
	p->no_sum = p->proto == M_UDP && m_get16(l4 + at) == 0;
	p->sum_error = m_minus(
		m_get16(l4 + at), m_transport_sum(&src, &dst, p->proto, l4, p->l4_len, p->l4_len));
	p->sport = (uint16_t)m_get16(l4);
	p->dport = (uint16_t)m_get16(l4 + 2);
	if (p->proto == M_TCP) {
		n = (l4[12] >> 4) * 4u;
		p->flags = l4[13];
		if (n < 20 || n > p->l4_len)
			return SL_COUNTER_DROP_L4_LENGTH;
	} else if (p->proto == M_UDP) {
		n = m_get16(l4 + 4);
		if (n < 8 || (n > p->l4_len && !p->frag))
			return SL_COUNTER_DROP_L4_LENGTH;
	} else {
		why = parse_icmp(p);
	}
	if (!p->error)
		p->proto = icmp ? M_ICMP : p->proto;
	if (p->frag && why == M_NO_DROP)
		remember_piece(m, p);
	return why;
}

static enum sl_counter
parse_six(struct model *m, struct m_pkt *p, bool *punt)
{
	const uint8_t *ip = p->ip;
	unsigned int here = p->len - p->l3, at = 40;

	if (here < 40)
		return SL_COUNTER_DROP_SHORT;
	if (ip[0] >> 4 != 6)
		return SL_COUNTER_DROP_VERSION;
	if (ip[24] == 0xff || (ip[24] == 0xfe && (ip[25] & 0xc0) == 0x80)) {
		*punt = true;
		return M_NO_DROP;
	}
	p->total = 40 + m_get16(ip + 4);
	if (p->total > here)
		return SL_COUNTER_DROP_LENGTH;
	if (p->side == SL_OUTSIDE || m->c.prefix.len == 0 ||
		memcmp(ip + 24, m->c.prefix.net, m->c.prefix.len / 8) != 0)
		return SL_COUNTER_DROP_IPV6;
	if (!m_extract(&m->c.prefix, ip + 24, &p->dst))
		return SL_COUNTER_DROP_NAT64_ADDRESS;
	p->six = p->host.six = true;
	memcpy(p->host.v6, ip + 8, 16);
	p->tos = (m_get16(ip) >> 4) & 0xff;
	p->ttl = ip[7];
	p->proto = ip[6];
	if (p->proto == 44) {
		if (p->total < 48)
			return SL_COUNTER_DROP_IPV6_EXTENSION;
		p->proto = ip[40];
		p->off = m_get16(ip + 42) & 0xfff8;
		p->more = ip[43] & 1;
		p->id = m_get16(ip + 46);
		p->frag = p->more || p->off != 0;
		p->later = p->off != 0;
		at = 48;
	}
	p->hlen = at;
	p->l4 = ip + at;
	p->l4_len = p->total - at;
	return parse_transport(m, p);
}

/* Is it an ICMP message that is no query? */
static bool
maybe_error(const struct m_pkt *p)
{
	uint8_t query;

	return p->proto == M_ICMP && (p->l4_len == 0 || !query_of(p->l4[0], p->side, &query));
}

static enum sl_counter
parse_four(struct model *m, struct m_pkt *p, bool *punt)
{
	uint8_t *ip = p->frame + p->l3;
	unsigned int here = p->len - p->l3, field;
	enum route route;

	if (here < 20)
		return SL_COUNTER_DROP_SHORT;
	p->hlen = (ip[0] & 15) * 4u;
	p->total = m_get16(ip + 2);
	if (ip[0] >> 4 != 4)
		return SL_COUNTER_DROP_VERSION;
	if (p->hlen < 20 || p->hlen > here || p->total < p->hlen || p->total > here)
		return SL_COUNTER_DROP_LENGTH;
	if (m_checksum(ip, p->hlen, -1, 0) != 0)
		return SL_COUNTER_DROP_IP_CHECKSUM;
	p->src = m_get32(ip + 12);
	p->dst = m_get32(ip + 16);
	p->proto = ip[9];
	p->l4 = ip + p->hlen;
	p->l4_len = p->total - p->hlen;
	p->later = (m_get16(ip + 6) & 0x1fff) != 0;
	route = source_route(ip, p->hlen, false);
	if (route == ROUTE_LEFT && m->c.prefix.len > 0 && p->side == SL_OUTSIDE &&
		p->dst - m->c.pool < m->c.pool_n && !maybe_error(p)) /* RFC 7915 section 4.1 */
		model_own_error(m, p, 3, 5);
	if (route != NO_ROUTE)
		return SL_COUNTER_DROP_SOURCE_ROUTE;
	source_route(ip, p->hlen, true);
	m_seal(ip);
	if (p->dst >> 28 == 0xe || p->dst == 0xffffffff) {
		*punt = true;
		return M_NO_DROP;
	}
	p->tos = ip[1];
	p->id = m_get16(ip + 4);
	field = m_get16(ip + 6);
	p->df = field & 0x4000;
	p->more = field & 0x2000;
	p->off = (field & 0x1fff) * 8;
	p->frag = p->more || p->off != 0;
	p->ttl = ip[8];
	if (p->side == SL_INSIDE)
		p->host = (struct m_addr){ .v4 = p->src };
	return parse_transport(m, p);
}

enum sl_counter
model_parse(struct model *m, struct m_pkt *p, bool *punt)
{
	const uint8_t port[6] = { 2, 0xff, 0, 0, 0, (uint8_t)(1 + p->side) };
	unsigned int type;

	if (p->len < M_ETH)
		return SL_COUNTER_DROP_SHORT;
	if (memcmp(p->frame, port, 6) != 0)
		return SL_COUNTER_DROP_DMAC;
	p->l3 = M_ETH;
	p->ip = p->frame + M_ETH;
	type = m_get16(p->frame + 12);
	switch (type) {
	case 0x0800:
		return parse_four(m, p, punt);
	case 0x86dd:
		return parse_six(m, p, punt);
	case 0x0806:
		*punt = true;
		return M_NO_DROP;
	case 0x8100:
		if (p->len < M_ETH + 4)
			return SL_COUNTER_DROP_SHORT;
		/* A tag without a VLAN is for no tenant but the first; here it hides nothing. */
		return p->side == SL_INSIDE && (m_get16(p->ip) & 0xfff) == 0
			       ? SL_COUNTER_DROP_ETHERTYPE
			       : SL_COUNTER_DROP_VLAN;
	default:
		return SL_COUNTER_DROP_ETHERTYPE;
	}
}
