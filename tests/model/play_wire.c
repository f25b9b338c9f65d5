/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets of the model's games, field by field: segments that a connection's end could send and
 * such as it could not, queries and answers, checksums right and wrong, IPv4 or IPv6 around them.
 */
#include "play_wire.h"

#include <string.h>

struct m_addr
play_four(uint32_t a)
{
	return (struct m_addr){ .v4 = a };
}

static void
put_tcp(struct wire_pkt *k, const struct m_session *s, enum sl_side side, uint64_t *r)
{
	static const uint8_t any[] = { M_ACK, M_ACK, M_ACK | M_PSH, M_FIN | M_ACK, M_RST,
		M_RST | M_ACK, M_SYN, M_SYN | M_ACK, M_SYN | M_RST, 0, M_FIN, M_SYN | M_FIN };
	const struct m_tcp_end none = { .edge = 5000, .next = 5000 };
	const struct m_tcp_end *e = s ? &s->tcp[side] : &none, *o = s ? &s->tcp[1 - side] : &none;
	uint32_t seq = e->heard ? e->next : (uint32_t)play_random(r), ack = o->next;
	unsigned int at = 20, flags = any[play_random(r) % 12], n = play_random(r) % 40;

	if (s == NULL)
		flags = play_random(r) % 8 ? M_SYN : flags;
	else if (s->state == SL_TCP_SYN_OUT || s->state == SL_TCP_SYN_IN)
		flags = play_random(r) % 3 ? (unsigned int)(e->heard ? M_SYN : M_SYN | M_ACK)
					   : flags;
	else if (play_random(r) % 4)
		flags = M_ACK | (play_random(r) % 2 ? M_PSH : 0);
	switch (play_random(r) % 16) {
	case 0:
		seq = e->edge + (uint32_t)(play_random(r) % 3) - 1;
		break;
	case 1:
		seq += (uint32_t)play_random(r);
		break;
	case 2:
		ack += (uint32_t)(play_random(r) % 5) - 2;
		break;
	case 3:
		ack = (uint32_t)play_random(r);
		break;
	case 4:
		seq = e->next - o->window - n - (uint32_t)(play_random(r) % 3) + 1;
		break;
	case 5:
		seq -= (uint32_t)(play_random(r) % 3000);
		break;
	default:
		break;
	}
	memset(k->l4, 0, 40);
	m_put32(k->l4 + 4, seq);
	m_put32(k->l4 + 8, flags & M_ACK || play_random(r) % 8 == 0 ? ack : 0);
	k->l4[13] = (uint8_t)flags;
	m_put16(k->l4 + 14,
		play_random(r) % 16 ? 1000 + play_random(r) % 60000 : play_random(r) % 2);
	if (flags & M_SYN && play_random(r) % 4) {
		static const uint8_t option[] = { 2, 4, 5, 0xb4, 1, 3, 3 };

		memcpy(k->l4 + 20, option, sizeof(option));
		k->l4[27] = (uint8_t)(play_random(r) % 16);
		at = play_random(r) % 4 ? 28 : 24;
	}
	k->l4[12] = (uint8_t)(at / 4 << 4);
	for (k->len = at; k->len < at + (flags & M_SYN ? 0 : n); k->len++)
		k->l4[k->len] = (uint8_t)play_random(r);
}

/* The transport header and payload of a packet whose ends are set. */
void
play_put_l4(struct wire_pkt *k, const struct m_session *s, enum sl_side side, uint64_t *r)
{
	unsigned int n = play_random(r) % 60;

	if (k->proto == M_TCP) {
		put_tcp(k, s, side, r);
	} else {
		k->len = 8 + n;
		for (unsigned int i = 0; i < k->len; i++)
			k->l4[i] = (uint8_t)play_random(r);
		if (k->proto == M_UDP)
			m_put16(k->l4 + 4, k->len);
	}
	if (k->proto == M_ICMP) {
		bool ask = k->query < 100 ? side == SL_INSIDE : side == SL_OUTSIDE;

		k->l4[0] = (uint8_t)(k->query % 100 == 8 ? (ask ? 8 : 0) : (ask ? 13 : 14));
		k->l4[1] = 0;
		m_put16(k->l4 + 4, side == SL_INSIDE ? k->sport : k->dport);
		if (k->src.six)
			k->l4[0] = ask ? 128 : 129;
	} else {
		m_put16(k->l4, k->sport);
		m_put16(k->l4 + 2, k->dport);
	}
}

/* A payload by which the checksum is zero on the other side, where UDP must not send it so. */
void
play_aim_at_zero(
	const struct model *m, struct wire_pkt *k, const struct m_session *s, enum sl_side side)
{
	struct m_addr src = k->src, dst = k->dst;
	uint8_t l4[sizeof(k->l4)];

	if (s == NULL || k->proto != M_UDP || k->len < 12)
		return;
	memcpy(l4, k->l4, k->len);
	m_put16(l4 + 8, 0);
	if (side == SL_INSIDE) {
		src = play_four(s->out);
		dst = play_four(s->rem);
		m_put16(l4, s->out_port);
	} else {
		dst = s->in;
		src = dst.six ? m_embed(&m->c.prefix, s->rem) : src;
		m_put16(l4 + 2, s->in_port);
	}
	m_put16(k->l4 + 8, m_transport_sum(&src, &dst, M_UDP, l4, k->len, k->len));
}

void
play_put_sum(struct wire_pkt *k, uint64_t *r)
{
	unsigned int proto = k->src.six && k->proto == M_ICMP ? M_ICMP6 : k->proto, sum;
	int at = m_sum_at(proto);

	if (at < 0)
		return;
	sum = m_transport_sum(&k->src, &k->dst, proto, k->l4, k->len, k->len);
	if (proto == M_UDP && sum == 0)
		sum = 0xffff;
	if (r != NULL && play_random(r) % 24 == 0)
		sum = play_random(r) & 0xffff;
	if (r != NULL && proto == M_UDP && play_random(r) % 16 == 0)
		sum = 0;
	m_put16(k->l4 + at, sum);
}

/* The packet as a frame from a station on this side. */
unsigned int
play_frame(const struct wire_pkt *k, enum sl_side side, uint8_t *b, uint64_t *r)
{
	uint8_t *ip = b + M_ETH;
	unsigned int hlen = 20;

	memcpy(b, (uint8_t[]){ 2, 0xff, 0, 0, 0, (uint8_t)(1 + side), 2, 0x11, 0, 0, 0, 9 }, 12);
	m_put16(b + 12, k->src.six ? 0x86dd : 0x0800);
	if (k->src.six) {
		memset(ip, 0, 40);
		ip[0] = 0x60;
		if (play_random(r) % 4 == 0)
			m_put16(ip, 0x6000 | (play_random(r) & 0xff) << 4);
		m_put16(ip + 4, k->len);
		ip[6] = (uint8_t)(k->proto == M_ICMP ? M_ICMP6 : k->proto);
		ip[7] = (uint8_t)k->ttl;
		memcpy(ip + 8, k->src.v6, 16);
		memcpy(ip + 24, k->dst.v6, 16);
		memcpy(ip + 40, k->l4, k->len);
		return M_ETH + 40 + k->len;
	}
	memset(ip, 0, 24);
	if (play_random(r) % 24 == 0 && k->field == 0) {
		memcpy(ip + 20, (uint8_t[]){ 148, 4, 0, 0 }, 4); /* router alert */
		hlen = 24;
	}
	ip[0] = (uint8_t)(0x40 | hlen / 4);
	ip[1] = (uint8_t)(play_random(r) % 4 ? 0 : play_random(r));
	m_put16(ip + 2, hlen + k->len);
	m_put16(ip + 4, k->field ? k->id : play_random(r) & 0xffff);
	m_put16(ip + 6, k->field ? k->field : (play_random(r) % 2 ? 0x4000 : 0));
	ip[8] = (uint8_t)k->ttl;
	ip[9] = (uint8_t)k->proto;
	m_put32(ip + 12, k->src.v4);
	m_put32(ip + 16, k->dst.v4);
	m_seal(ip);
	memcpy(ip + hlen, k->l4, k->len);
	return M_ETH + hlen + k->len;
}
