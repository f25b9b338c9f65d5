/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a packet looks like when it leaves: made from the one that came, field by field, every
 * checksum computed from nothing. A transport checksum that was wrong must stay wrong by the same
 * amount (RFC 5382, 4787: a NAT hides no damage), one that was right must be right.
 *
 * Between IPv6 and IPv4: RFC 7915, headers by sections 4.1 and 5.1, echo by 4.2 and 5.2.
 */
#include "model.h"

#include <string.h>

/* Who the next station is: the fixtures' hosts, or the router outside. */
void
model_ethernet(struct model *m, struct m_out *o, enum sl_side side, const struct m_addr *to)
{
	uint32_t hop = to->v4;

	(void)m;
	o->side = side;
	o->b[0] = 2;
	o->b[1] = (uint8_t)((to->six ? 0x60 : 0) + side);
	if (side == SL_OUTSIDE && hop != 0xc0000209)
		hop = 0xc00002fe;
	m_put32(o->b + 2, hop);
	if (to->six)
		memcpy(o->b + 2, to->v6 + 12, 4);
	memcpy(o->b + 6, (uint8_t[]){ 2, 0xff, 0, 0, 0, (uint8_t)(1 + side) }, 6);
	m_put16(o->b + 12, to->six ? 0x86dd : 0x0800);
}

static struct m_out *
next_out(struct model *m)
{
	struct m_out *o = &m->out[m->n_out < M_OUTS ? m->n_out++ : M_OUTS - 1];

	o->len = 0;
	o->punt = o->any_id = o->own = false;
	o->quote = 0;
	o->piece = NULL;
	o->sum_at = -1;
	return o;
}

void
model_emit_punt(struct model *m, const struct m_pkt *p)
{
	struct m_out *o = next_out(m);

	/* Padding goes when an IPv4 packet has been looked at. */
	o->len = p->total != 0 ? M_ETH + p->total : p->len;
	memcpy(o->b, p->frame, o->len);
	o->side = p->side;
	o->punt = true;
}

/* The IP header of what goes from src to dst with n bytes behind it; returns where it ends. */
static unsigned int
put_header(struct m_out *o, const struct m_pkt *p, const struct m_addr *src,
	const struct m_addr *dst, unsigned int proto, unsigned int n, unsigned int ttl)
{
	uint8_t *ip = o->b + M_ETH;
	unsigned int at = M_ETH + 40;

	if (src->six) {
		memset(ip, 0, 48);
		m_put16(ip, 6u << 12 | p->tos << 4);
		m_put16(ip + 4, n + (p->frag ? 8 : 0));
		ip[6] = (uint8_t)(p->frag ? 44 : proto);
		ip[7] = (uint8_t)ttl;
		memcpy(ip + 8, src->v6, 16);
		memcpy(ip + 24, dst->v6, 16);
		if (p->frag) {
			ip[40] = (uint8_t)proto;
			m_put16(ip + 42, p->off | p->more);
			m_put16(ip + 46, p->id);
			at += 8;
		}
		return at;
	}
	if (p->six) {
		memset(ip, 0, 20);
		ip[0] = 0x45;
		ip[1] = (uint8_t)p->tos;
		if (p->hlen == 48) /* RFC 7915 section 5.1.1: may be cut further */
			m_put16(ip + 6, p->off / 8 | (p->more ? 0x2000 : 0));
		else if (n + 20 > 1260)
			m_put16(ip + 6, 0x4000);
		m_put16(ip + 4, p->hlen == 48 ? p->id : 0);
		ip[9] = (uint8_t)proto;
		at = M_ETH + 20;
	} else {
		memcpy(ip, p->ip, p->hlen);
		at = M_ETH + p->hlen;
	}
	m_put16(ip + 2, at - M_ETH + n);
	ip[8] = (uint8_t)ttl;
	m_put32(ip + 12, src->v4);
	m_put32(ip + 16, dst->v4);
	m_seal(ip);
	return at;
}

/* TCP's maximum segment size, no larger than configured. */
static void
clamp(struct model *m, uint8_t *tcp, const struct m_pkt *p)
{
	unsigned int end = (tcp[12] >> 4) * 4u;

	if (!(p->flags & M_SYN) || m->c.mss == 0)
		return;
	for (unsigned int at = 20; at < end && tcp[at] != 0;) {
		if (tcp[at] == 1) {
			at++;
			continue;
		}
		if (at + 1 >= end || tcp[at + 1] < 2 || at + tcp[at + 1] > end)
			return;
		if (tcp[at] == 2 && tcp[at + 1] == 4) {
			if (m_get16(tcp + at + 2) > m->c.mss)
				m_put16(tcp + at + 2, m->c.mss);
			return;
		}
		at += tcp[at + 1];
	}
}

static uint8_t
other_echo(uint8_t type, bool six)
{
	if (six)
		return type == 8 ? 128 : 129;
	return type == 128 ? 8 : 0;
}

/* Put a port or id where it belongs. */
static void
put_port(uint8_t *l4, unsigned int proto, bool source, unsigned int port)
{
	m_put16(l4 + (proto == M_ICMP ? 4 : source ? 0 : 2), port);
}

/* A checksum at `l4` for what is there, as wrong as it was before. */
static void
put_sum(uint8_t *l4, const struct m_addr *src, const struct m_addr *dst, unsigned int proto,
	unsigned int n, unsigned int whole, unsigned int error)
{
	unsigned int sum = m_transport_sum(src, dst, proto, l4, n, whole);

	if (error != 0)
		sum = m_plus(sum, error);
	if (proto == M_UDP && sum == 0)
		sum = 0xffff;
	m_put16(l4 + m_sum_at(proto), sum);
}

static void
ends_of(const struct model *m, const struct m_pkt *p, const struct m_session *s, struct m_addr *src,
	struct m_addr *dst)
{
	if (p->side == SL_INSIDE) {
		*src = (struct m_addr){ .v4 = s->out };
		*dst = (struct m_addr){ .v4 = s->rem };
	} else {
		*src = s->in.six ? m_embed(&m->c.prefix, s->rem) : (struct m_addr){ .v4 = s->rem };
		*dst = s->in;
	}
}

void
model_emit(struct model *m, const struct m_pkt *p, const struct m_session *s)
{
	struct m_out *o;
	struct m_addr src, dst;
	unsigned int at, proto = p->proto;
	uint8_t *l4;

	ends_of(m, p, s, &src, &dst);
	if (src.six && proto == M_ICMP)
		proto = M_ICMP6;
	if (src.six && p->no_sum && p->frag) {
		m->drop = SL_COUNTER_DROP_NAT64_CHECKSUM;
		return;
	}
	if (src.six && p->proto == M_ICMP && p->query != 8 && p->query != 108) {
		m->drop = SL_COUNTER_DROP_ICMP_TYPE;
		return;
	}
	o = next_out(m);
	at = put_header(o, p, &src, &dst, proto, p->l4_len, p->hairpin ? p->ttl : p->ttl - 1);
	l4 = o->b + at;
	memcpy(l4, p->l4, p->l4_len);
	o->len = at + p->l4_len;
	if (!p->later) {
		put_port(l4, p->proto, p->side == SL_INSIDE,
			p->side == SL_INSIDE ? s->out_port : s->in_port);
		if (proto == M_TCP)
			clamp(m, l4, p);
		if (p->proto == M_ICMP && src.six != p->six)
			l4[0] = other_echo(l4[0], src.six);
		if (!p->no_sum)
			put_sum(l4, &src, &dst, proto, p->l4_len, p->l4_len, p->sum_error);
		else if (src.six)
			put_sum(l4, &src, &dst, proto, m_get16(l4 + 4), m_get16(l4 + 4), 0);
		o->sum_at = (int)at + m_sum_at(proto);
		if (p->proto == M_UDP)
			o->sum_at = -1;
	}
	o->piece = p->frag ? p->piece : NULL;
	o->any_id = !src.six && p->side == SL_INSIDE && !p->frag &&
		    (m_get16(o->b + M_ETH + 6) & 0x4000) == 0;
	model_ethernet(m, o, SL_ACROSS(p->side), &dst);
}

void
model_emit_plain(struct model *m, const struct m_pkt *p)
{
	struct m_out *o = next_out(m);
	struct m_addr dst = { .v4 = p->dst };

	memcpy(o->b, p->frame, M_ETH + p->total);
	o->len = M_ETH + p->total;
	o->b[M_ETH + 8]--;
	m_seal(o->b + M_ETH);
	model_ethernet(m, o, SL_INSIDE, &dst);
}

/* RFC 7915 section 4.2: an error of IPv4 as one of IPv6; false when there is none. */
static bool
head_up(uint8_t *icmp, const struct m_pkt *p)
{
	static const uint8_t code[14] = { 0, 0, 0, 4, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1 };
	unsigned int mtu = m_get16(icmp + 6);

	if (icmp[0] == 11) {
		icmp[0] = 3;
		m_put32(icmp + 4, 0);
		return true;
	}
	if (icmp[0] != 3 || icmp[1] > 13)
		return false;
	m_put32(icmp + 4, 0);
	if (icmp[1] == 2) {
		icmp[0] = 4;
		icmp[1] = 1;
		m_put32(icmp + 4, 6);
	} else if (icmp[1] == 4) {
		icmp[0] = 2;
		icmp[1] = 0;
		(void)p;
		mtu = mtu + 20 < 1500 ? mtu + 20 : 1500;
		m_put32(icmp + 4, mtu < 1280 ? 1280 : mtu);
	} else {
		icmp[0] = 1;
		icmp[1] = code[icmp[1]];
	}
	return true;
}

/* Section 5.2: the other way. */
static bool
head_down(uint8_t *icmp)
{
	static const uint8_t code[5] = { 1, 10, 1, 1, 3 };
	uint32_t mtu = m_get32(icmp + 4);

	m_put32(icmp + 4, 0);
	if (icmp[0] == 1 && icmp[1] < 5) {
		icmp[0] = 3;
		icmp[1] = code[icmp[1]];
	} else if (icmp[0] == 2) {
		icmp[0] = 3;
		icmp[1] = 4;
		mtu = mtu < 88 ? 68 : mtu - 20;
		m_put16(icmp + 6, mtu < 1480 ? mtu : 1480);
	} else if (icmp[0] == 3) {
		icmp[0] = 11;
	} else {
		return false;
	}
	return true;
}

/*
 * The quoted packet as the other side knows it, into `to`: the session's tuple the other way
 * round, its checksums as wrong as they were. Returns its length.
 */
static unsigned int
put_quote(const struct model *m, uint8_t *to, const struct m_pkt *p, const struct m_session *s)
{
	struct m_addr from[2], as[2] = { { .v4 = s->rem }, { .v4 = s->out } };
	struct m_pkt q = { .six = p->six, .ip = p->q };
	struct m_out o;
	unsigned int n, at, wrong = 0, whole, proto = p->proto, was = p->proto;
	int sum;
	bool out = p->side == SL_INSIDE; /* the error goes out: the quote is of what came in */

	if (p->six) {
		q.hlen = 40;
		q.tos = (m_get16(p->q) >> 4) & 0xff;
		q.ttl = p->q[7];
		whole = m_get16(p->q + 4);
	} else {
		q.hlen = (p->q[0] & 15) * 4u;
		q.tos = p->q[1];
		q.ttl = p->q[8];
		whole = m_get16(p->q + 2) - q.hlen;
	}
	n = p->q_len - q.hlen;
	if (p->six != (s->in.six && !out) && n > whole)
		n = whole;
	if (!out) {
		as[0] = s->in;
		as[1] = s->in.six ? m_embed(&m->c.prefix, s->rem) : (struct m_addr){ .v4 = s->rem };
	}
	from[0] = (struct m_addr){ .v4 = p->six ? 0 : m_get32(p->q + 12), .six = p->six };
	from[1] = (struct m_addr){ .v4 = p->six ? 0 : m_get32(p->q + 16), .six = p->six };
	if (p->six) {
		memcpy(from[0].v6, p->q + 8, 16);
		memcpy(from[1].v6, p->q + 24, 16);
	}
	proto = as[0].six && proto == M_ICMP ? M_ICMP6 : proto;
	was = p->six && was == M_ICMP ? M_ICMP6 : was;
	at = put_header(&o, &q, &as[0], &as[1], proto, whole, q.ttl) - M_ETH;
	memcpy(to, o.b + M_ETH, at);
	memcpy(to + at, p->q + q.hlen, n);
	sum = m_sum_at(proto);
	if ((int)n >= sum + 2)
		wrong = m_minus(m_get16(to + at + sum),
			m_transport_sum(&from[0], &from[1], was, to + at, n, whole));
	if (p->proto == M_ICMP && as[0].six != p->six)
		to[at] = other_echo(to[at], as[0].six);
	put_port(to + at, p->proto, !out, out ? s->out_port : s->in_port);
	if ((int)n >= sum + 2 && !(p->proto == M_UDP && m_get16(to + at + sum) == 0))
		put_sum(to + at, &as[0], &as[1], proto, n, whole, wrong);
	return at + n;
}

void
model_emit_error(struct model *m, const struct m_pkt *p, const struct m_session *s)
{
	struct m_out *o = next_out(m);
	uint8_t body[M_FRAME_MAX];
	struct m_addr src, dst;
	unsigned int n, at, proto;
	bool out = p->side == SL_INSIDE;

	memcpy(body, p->l4, 8);
	n = 8 + put_quote(m, body + 8, p, s);
	if (out) {
		src = (struct m_addr){ .v4 = s->out };
		dst = (struct m_addr){ .v4 = s->rem };
	} else {
		uint32_t from = m_get32(p->ip + 12);

		dst = s->in;
		src = dst.six ? m_embed(&m->c.prefix, from) : (struct m_addr){ .v4 = from };
	}
	if ((dst.six && !head_up(body, p)) || (p->six && !head_down(body))) {
		m->drop = SL_COUNTER_DROP_ICMP_TYPE;
		m->n_out--;
		return;
	}
	proto = dst.six ? M_ICMP6 : M_ICMP;
	at = put_header(o, p, &src, &dst, proto, n, p->hairpin ? p->ttl : p->ttl - 1);
	memcpy(o->b + at, body, n);
	put_sum(o->b + at, &src, &dst, proto, n, n, 0);
	o->sum_at = (int)at + 2;
	o->quote = dst.six ? 0 : at + 8;
	o->len = at + n;
	model_ethernet(m, o, SL_ACROSS(p->side), &dst);
}

void
model_own_error(struct model *m, const struct m_pkt *p, unsigned int type, unsigned int code)
{
	struct m_addr src = { .v4 = p->side == SL_INSIDE ? 0x0a000001 : 0xc0000201, .six = p->six },
		      dst = { .v4 = p->six ? 0 : m_get32(p->ip + 12), .six = p->six };
	struct m_pkt as = { .six = true, .tos = 0xc0 };
	unsigned int quote = p->total < 548 ? p->total : 548, at;
	struct m_out *o;

	/* RFC 1812 section 4.3.2.7, RFC 4443 section 2.4. */
	if (p->error || p->later || p->hairpin || dst.v4 >> 28 >= 0xe ||
		(!p->six && (dst.v4 >> 24 == 0 || dst.v4 >> 24 == 127)))
		return;
	if (p->six) {
		code = type != 3 || code == 0 ? 0 : code == 3 ? 4 : 1; /* RFC 7915 section 4.2 */
		type = type == 3 ? 1 : 3;
		memcpy(src.v6, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 1 }, 16);
		memcpy(dst.v6, p->ip + 8, 16);
	}
	o = next_out(m);
	at = put_header(o, &as, &src, &dst, p->six ? M_ICMP6 : M_ICMP, 8 + quote, 64);
	memset(o->b + at, 0, 8);
	o->b[at] = (uint8_t)type;
	o->b[at + 1] = (uint8_t)code;
	memcpy(o->b + at + 8, p->ip, quote);
	put_sum(o->b + at, &src, &dst, p->six ? M_ICMP6 : M_ICMP, 8 + quote, 8 + quote, 0);
	o->len = at + 8 + quote;
	o->own = true;
	o->sum_at = (int)at + 2;
	model_ethernet(m, o, p->side, &dst);
	memcpy(o->b, p->frame + 6, 6); /* back to the station that sent it */
}
