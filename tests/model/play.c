/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the world does to the gateway, a step at a time: hosts that talk and answer, strangers
 * that knock, routers that report, and frames that nobody should send. A step is a handful of
 * numbers; its frames are made from them and from the sessions that there are at that moment, so
 * that it can be played again in a shorter history.
 */
#include "play.h"

#include <stddef.h>
#include <string.h>

const char *const play_name[PLAY_KINDS] = { "out", "out, flow", "in, flow", "in, other", "in, any",
	"in, forward", "hairpin", "error in", "error out", "pieces", "odd", "clear", "conf" };

/* xorshift64*, Vigna */
uint64_t
play_random(uint64_t *state)
{
	uint64_t x = *state + 0x2545f4914f6cdd1d;

	*state = x;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	x *= 0x2545f4914f6cdd1d;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93;
	return x ^ x >> 32;
}

static const uint8_t weight[PLAY_KINDS] = { 60, 50, 60, 20, 6, 5, 12, 8, 6, 4, 10, 0, 0 };

struct play_step
play_step(uint64_t *state, uint64_t number, unsigned int workers)
{
	uint64_t roll = play_random(state), clock = play_random(state) % 1000;
	struct play_step s = { .number = number, .random = play_random(state) };
	unsigned int sum = 0, at = 0;

	s.worker = (uint8_t)(play_random(state) % workers);
	if (clock < 300)
		s.wait = play_random(state) % 40;
	else if (clock < 340)
		s.wait = play_random(state) % 3000;
	else if (clock < 344)
		s.wait = play_random(state) % 400000;
	else if (clock == 344 && roll % 5 == 0)
		s.wait = play_random(state) % 9000000;
	s.polls = (uint8_t)(s.wait > 0 && play_random(state) % 2 ? 4 : 0);
	for (unsigned int i = 0; i < PLAY_KINDS; i++)
		sum += weight[i];
	roll = play_random(state) % (sum * 10);
	if (roll < 5) {
		s.kind = roll < 3 ? PLAY_CONF : PLAY_CLEAR;
		return s;
	}
	for (roll /= 10; roll >= weight[at]; at++)
		roll -= weight[at];
	s.kind = (uint8_t)at;
	if ((at == PLAY_OUT_FLOW || at == PLAY_IN_FLOW || at == PLAY_IN_OTHER) &&
		play_random(state) % 400 == 0)
		s.edge = (uint8_t)(1 + play_random(state) % 3);
	return s;
}

struct m_session *
play_session(struct play_step *step, struct model *m)
{
	uint64_t r = step->random, skip;
	struct m_session *s;

	if (step->about == 0) {
		if (m->live == 0)
			return NULL;
		skip = play_random(&r) % m->live;
		for (s = m->s; !s->live || skip-- > 0;)
			s++;
		step->about = s->born;
		step->then = (uint64_t)s->inbound;
	}
	for (s = m->s; s < m->s + m->n_s; s++)
		if (s->live && s->born == step->about && s->inbound == (step->then != 0))
			return s;
	return NULL;
}

/* ---- frames ---- */

struct wire_pkt {
	struct m_addr src, dst;
	unsigned int proto, sport, dport, query;
	uint8_t l4[1600];
	unsigned int len;
	unsigned int id, field, ttl; /* of IPv4 */
};

static struct m_addr
four(uint32_t a)
{
	return (struct m_addr){ .v4 = a };
}

static struct m_addr
host(const struct model *m, uint64_t n)
{
	struct m_addr a = { .v4 = 0x0a000002 + (uint32_t)(n % 8) };

	if (m->c.six) {
		a = (struct m_addr){ .six = true };
		memcpy(a.v6, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, 0, 1 }, 16);
		a.v6[15] = (uint8_t)(2 + n % 8);
	}
	return a;
}

static uint32_t
remote(uint64_t n)
{
	static const uint32_t some[] = { 0xc6336409, 0xc6336407, 0xcb007109, 0xc0000209 };

	return some[n % 4];
}

static unsigned int
remote_port(uint64_t n)
{
	static const unsigned int some[] = { 53, 80, 443 };

	return some[n % 3];
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
static void
put_l4(struct wire_pkt *k, const struct m_session *s, enum sl_side side, uint64_t *r)
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
static void
aim_at_zero(const struct model *m, struct wire_pkt *k, const struct m_session *s, enum sl_side side)
{
	struct m_addr src = k->src, dst = k->dst;
	uint8_t l4[sizeof(k->l4)];

	if (s == NULL || k->proto != M_UDP || k->len < 12)
		return;
	memcpy(l4, k->l4, k->len);
	m_put16(l4 + 8, 0);
	if (side == SL_INSIDE) {
		src = four(s->out);
		dst = four(s->rem);
		m_put16(l4, s->out_port);
	} else {
		dst = s->in;
		src = dst.six ? m_embed(&m->c.prefix, s->rem) : src;
		m_put16(l4 + 2, s->in_port);
	}
	m_put16(k->l4 + 8, m_transport_sum(&src, &dst, M_UDP, l4, k->len, k->len));
}

static void
put_sum(struct wire_pkt *k, uint64_t *r)
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
static unsigned int
frame(const struct wire_pkt *k, enum sl_side side, uint8_t *b, uint64_t *r)
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

static unsigned int
some_ttl(uint64_t *r)
{
	uint64_t n = play_random(r) % 100;

	return n < 3 ? (unsigned int)n : 64;
}

/* ---- the kinds ---- */

static struct m_session *
known(struct model *m, const struct wire_pkt *k)
{
	uint32_t rem = k->dst.v4;

	if (k->src.six)
		m_extract(&m->c.prefix, k->dst.v6, &rem);
	return model_find_in(m, &k->src, k->proto, (uint16_t)k->sport, rem,
		(uint16_t)(k->proto == M_ICMP ? 0 : k->dport),
		(uint8_t)(k->proto == M_ICMP ? k->query : 0));
}

static void
to_remote(struct model *m, struct wire_pkt *k, uint32_t a)
{
	k->dst = k->src.six ? m_embed(&m->c.prefix, a) : four(a);
}

static bool
outward(struct play_step *step, struct model *m, struct wire_pkt *k, uint64_t *r)
{
	struct m_session *s = NULL;
	uint64_t n = play_random(r) % 16;

	k->proto = n < 7 ? M_UDP : n < 13 ? M_TCP : M_ICMP;
	k->query = k->proto == M_ICMP ? (play_random(r) % 4 || m->c.six ? 8 : 13) : 0;
	k->src = host(m, play_random(r));
	k->sport = 1000 + play_random(r) % (play_random(r) % 8 ? 6 : 60);
	if (play_random(r) % 16 == 0)
		k->sport = 500 + play_random(r) % 2;
	to_remote(m, k, remote(play_random(r)));
	k->dport = remote_port(play_random(r));
	if (step->kind == PLAY_OUT_FLOW) {
		s = play_session(step, m);
		if (s == NULL || (s->proto == M_ICMP && s->query > 100))
			return false;
		k->proto = s->proto;
		k->query = s->query;
		k->src = s->in;
		k->sport = s->in_port;
		to_remote(m, k, s->rem);
		k->dport = s->rem_port;
	} else if (step->kind == PLAY_HAIRPIN) {
		s = play_session(step, m);
		if (s == NULL || s->proto == M_ICMP)
			return false;
		k->proto = s->proto;
		to_remote(m, k, s->out);
		k->dport = s->out_port;
		if (play_random(r) % 8 == 0 && !m->c.six)
			k->src = s->in; /* to itself, perhaps */
		if (play_random(r) % 8 == 0)
			k->sport = s->in_port;
	}
	s = known(m, k);
	put_l4(k, s, SL_INSIDE, r);
	if (play_random(r) % 64 == 0)
		aim_at_zero(m, k, s, SL_INSIDE);
	return true;
}

static bool
inward(struct play_step *step, struct model *m, struct wire_pkt *k, uint64_t *r)
{
	const struct m_forward *f = &m->c.forward[play_random(r) % M_FORWARDS];
	struct m_session *s = NULL;

	k->src = four(remote(play_random(r)));
	k->sport = remote_port(play_random(r)) + (play_random(r) % 8 == 0);
	k->proto = play_random(r) % 2 ? M_UDP : M_TCP;
	k->dst = four(m->c.pool + (uint32_t)(play_random(r) % (m->c.pool_n + 1)));
	k->dport = play_random(r) & 0xffff;
	if (step->kind == PLAY_IN_FLOW || step->kind == PLAY_IN_OTHER) {
		s = play_session(step, m);
		if (s == NULL)
			return false;
		k->proto = s->proto;
		k->query = s->query;
		k->dst = four(s->out);
		k->dport = s->out_port;
		if (step->kind == PLAY_IN_FLOW || play_random(r) % 4 == 0)
			k->src = four(s->rem);
		if (step->kind == PLAY_IN_FLOW)
			k->sport = s->rem_port;
	} else if (step->kind == PLAY_FORWARD) {
		if (!f->on)
			return false;
		k->proto = f->proto;
		k->dst = four(f->out);
		k->dport = f->out_port;
	} else if (play_random(r) % 3 == 0) {
		k->proto = M_ICMP;
		k->query = play_random(r) % 2 ? 8 : 108;
	}
	s = model_find_out(m, k->proto, k->dst.v4, (uint16_t)k->dport, k->src.v4,
		(uint16_t)(k->proto == M_ICMP ? 0 : k->sport),
		(uint8_t)(k->proto == M_ICMP ? k->query : 0));
	put_l4(k, s, SL_OUTSIDE, r);
	if (play_random(r) % 64 == 0)
		aim_at_zero(m, k, s, SL_OUTSIDE);
	return true;
}

/* An error about a packet of a session, of which so much is quoted. */
static bool
report(struct play_step *step, struct model *m, struct wire_pkt *k, uint64_t *r)
{
	static const uint8_t type4[][2] = { { 3, 1 }, { 3, 3 }, { 3, 4 }, { 11, 0 }, { 3, 13 },
		{ 3, 0 } };
	static const uint8_t type6[][2] = { { 1, 0 }, { 1, 4 }, { 2, 0 }, { 3, 0 }, { 1, 1 },
		{ 1, 3 } };
	bool in = step->kind == PLAY_ERROR_IN;
	struct m_session *s = play_session(step, m);
	struct wire_pkt q = { .ttl = 60 };
	uint8_t quote[M_FRAME_MAX];
	unsigned int n, kind = play_random(r) % 6;

	if (s == NULL || s->turned || (s->proto == M_ICMP && s->query > 100))
		return false;
	q.proto = s->proto;
	q.query = s->query;
	q.src = in ? four(s->out) : s->in.six ? m_embed(&m->c.prefix, s->rem) : four(s->rem);
	q.dst = in ? four(s->rem) : s->in;
	q.sport = in ? s->out_port : s->rem_port;
	q.dport = in ? s->rem_port : s->in_port;
	if (play_random(r) % 16 == 0)
		q.sport ^= 1; /* about somebody else */
	if (q.proto == M_ICMP && !in)
		q.sport = q.dport;
	put_l4(&q, NULL, in ? SL_INSIDE : SL_OUTSIDE, r);
	put_sum(&q, r);
	n = frame(&q, SL_INSIDE, quote, r) - M_ETH;
	if (!q.src.six && play_random(r) % 2)
		n = 20 + 8 + (quote[M_ETH] > 0x45 ? 4 : 0); /* as little as RFC 792 wants */
	k->proto = M_ICMP;
	k->src = in ? four(play_random(r) % 2 ? s->rem : 0xc6336463) : s->in;
	k->dst = q.src;
	memset(k->l4, 0, 8);
	k->l4[0] = k->src.six ? type6[kind][0] : type4[kind][0];
	k->l4[1] = k->src.six ? type6[kind][1] : type4[kind][1];
	if (kind == 2)
		m_put16(k->l4 + 6, 1200 + play_random(r) % 400);
	memcpy(k->l4 + 8, quote + M_ETH, n);
	if (play_random(r) % 32 == 0)
		k->l4[8 + 10] ^= 1; /* its header's checksum */
	k->len = 8 + n;
	return true;
}

/* Something wrong with a frame that was right; the IP checksum is made right again, or not. */
static void
spoil(uint8_t *b, unsigned int *len, uint64_t *r)
{
	uint8_t *ip = b + M_ETH;
	bool four_ = m_get16(b + 12) == 0x0800;

	switch (play_random(r) % 12) {
	case 0:
		*len = (unsigned int)(play_random(r) % *len);
		return;
	case 1:
		b[5] ^= 1;
		b[0] = 2;
		return;
	case 2:
		m_put16(b + 12, play_random(r) % 2 ? 0x8100 : 0x88cc);
		return;
	case 3:
		ip[four_ ? 10 : 0] ^= 0x80;
		return;
	case 4:
		m_put16(ip + (four_ ? 2 : 4), play_random(r) % 80);
		break;
	case 5:
		ip[four_ ? 9 : 6] = (uint8_t)(89 + play_random(r) % 8);
		break;
	case 6:
		if (four_)
			ip[20 + (play_random(r) % 2 ? 4 : 12)] = (uint8_t)play_random(r);
		break;
	case 7:
		if (four_)
			m_put32(ip + 12, (uint32_t[]){ 0x7f000001, 0xe0000001, 0x0a000001,
						 0xc0000201, 0xac100001 }[play_random(r) % 5]);
		break;
	case 8:
		if (four_)
			m_put32(ip + 16, (uint32_t[]){ 0x7f000001, 0xe0000001, 0x0a000001,
						 0xc0000201, 0x0a000005 }[play_random(r) % 5]);
		break;
	case 9:
		if (four_)
			ip[0] = (uint8_t)play_random(r);
		break;
	case 10:
		memset(b + *len, 0, 20); /* padding is no part of the packet */
		*len += 20;
		return;
	default:
		if (four_)
			memcpy(ip + 16, ip + 12, 4);
		break;
	}
	if (four_ && (ip[0] & 15) >= 5 && M_ETH + (ip[0] & 15) * 4u <= *len)
		m_seal(ip);
}

/* A datagram of UDP in two, the first part first. */
static void
cut(uint64_t number, struct wire_pkt *k, struct play_frames *f, uint64_t *r)
{
	unsigned int whole = k->len, first = 8 * (1 + (unsigned int)(play_random(r) % 4));
	uint8_t all[1600];
	struct wire_pkt part = *k;

	if (whole <= first || k->src.six) {
		f->len[f->n++] = frame(k, f->side, f->b[0], r);
		return;
	}
	memcpy(all, k->l4, whole);
	part.id = number & 0xffff;
	part.field = 0x2000;
	part.len = first;
	f->len[f->n++] = frame(&part, f->side, f->b[0], r);
	part.field = first / 8;
	part.len = whole - first;
	memcpy(part.l4, all + first, part.len);
	f->len[f->n++] = frame(&part, f->side, f->b[1], r);
}

void
play_frames(struct play_step *step, struct model *m, struct play_frames *f)
{
	uint64_t state = step->random + 1, *r = &state;
	struct play_step like = *step;
	struct wire_pkt k = { .ttl = some_ttl(r) };
	bool inside = true, sense;

	f->n = 0;
	if (like.kind == PLAY_ODD || like.kind == PLAY_PIECES)
		like.kind = (uint8_t)((enum play_kind[]){
			PLAY_OUT, PLAY_OUT_FLOW, PLAY_IN_FLOW, PLAY_IN_OTHER }[play_random(r) % 4]);
	switch (like.kind) {
	case PLAY_OUT:
	case PLAY_OUT_FLOW:
	case PLAY_HAIRPIN:
		sense = outward(&like, m, &k, r);
		break;
	case PLAY_ERROR_IN:
	case PLAY_ERROR_OUT:
		inside = like.kind == PLAY_ERROR_OUT;
		sense = report(&like, m, &k, r);
		break;
	default:
		inside = false;
		sense = inward(&like, m, &k, r);
		break;
	}
	step->about = like.about;
	step->then = like.then;
	if (!sense)
		return;
	f->side = inside ? SL_INSIDE : SL_OUTSIDE;
	if (step->kind == PLAY_PIECES) {
		if (k.proto != M_UDP || model_ours(m, k.src.six ? 0 : k.dst.v4) == inside)
			return;
		put_sum(&k, NULL);
		cut(step->number, &k, f, r);
		return;
	}
	put_sum(&k, like.kind == PLAY_ERROR_IN || like.kind == PLAY_ERROR_OUT ? NULL : r);
	if ((like.kind == PLAY_ERROR_IN || like.kind == PLAY_ERROR_OUT) && play_random(r) % 24 == 0)
		k.l4[2] ^= 0x55;
	f->len[f->n++] = frame(&k, f->side, f->b[0], r);
	if (step->kind == PLAY_ODD)
		spoil(f->b[0], &f->len[0], r);
}
