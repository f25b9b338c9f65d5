/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the world does to the gateway, a step at a time: hosts that talk and answer, strangers
 * that knock, routers that report, and frames that nobody should send. A step is a handful of
 * numbers; its frames are made from them and from the sessions that there are at that moment, so
 * that it can be played again in a shorter history.
 */
#include "play_wire.h"

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
	k->dst = k->src.six ? m_embed(&m->c.prefix, a) : play_four(a);
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
	play_put_l4(k, s, SL_INSIDE, r);
	if (play_random(r) % 64 == 0)
		play_aim_at_zero(m, k, s, SL_INSIDE);
	return true;
}

static bool
inward(struct play_step *step, struct model *m, struct wire_pkt *k, uint64_t *r)
{
	const struct m_forward *f = &m->c.forward[play_random(r) % M_FORWARDS];
	struct m_session *s = NULL;

	k->src = play_four(remote(play_random(r)));
	k->sport = remote_port(play_random(r)) + (play_random(r) % 8 == 0);
	k->proto = play_random(r) % 2 ? M_UDP : M_TCP;
	k->dst = play_four(m->c.pool + (uint32_t)(play_random(r) % (m->c.pool_n + 1)));
	k->dport = play_random(r) & 0xffff;
	if (step->kind == PLAY_IN_FLOW || step->kind == PLAY_IN_OTHER) {
		s = play_session(step, m);
		if (s == NULL)
			return false;
		k->proto = s->proto;
		k->query = s->query;
		k->dst = play_four(s->out);
		k->dport = s->out_port;
		if (step->kind == PLAY_IN_FLOW || play_random(r) % 4 == 0)
			k->src = play_four(s->rem);
		if (step->kind == PLAY_IN_FLOW)
			k->sport = s->rem_port;
	} else if (step->kind == PLAY_FORWARD) {
		if (!f->on)
			return false;
		k->proto = f->proto;
		k->dst = play_four(f->out);
		k->dport = f->out_port;
	} else if (play_random(r) % 3 == 0) {
		k->proto = M_ICMP;
		k->query = play_random(r) % 2 ? 8 : 108;
	}
	s = model_find_out(m, k->proto, k->dst.v4, (uint16_t)k->dport, k->src.v4,
		(uint16_t)(k->proto == M_ICMP ? 0 : k->sport),
		(uint8_t)(k->proto == M_ICMP ? k->query : 0));
	play_put_l4(k, s, SL_OUTSIDE, r);
	if (play_random(r) % 64 == 0)
		play_aim_at_zero(m, k, s, SL_OUTSIDE);
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
	q.src = in          ? play_four(s->out)
		: s->in.six ? m_embed(&m->c.prefix, s->rem)
			    : play_four(s->rem);
	q.dst = in ? play_four(s->rem) : s->in;
	q.sport = in ? s->out_port : s->rem_port;
	q.dport = in ? s->rem_port : s->in_port;
	if (play_random(r) % 16 == 0)
		q.sport ^= 1; /* about somebody else */
	if (q.proto == M_ICMP && !in)
		q.sport = q.dport;
	play_put_l4(&q, NULL, in ? SL_INSIDE : SL_OUTSIDE, r);
	play_put_sum(&q, r);
	n = play_frame(&q, SL_INSIDE, quote, r) - M_ETH;
	if (!q.src.six && play_random(r) % 2)
		n = 20 + 8 + (quote[M_ETH] > 0x45 ? 4 : 0); /* as little as RFC 792 wants */
	k->proto = M_ICMP;
	k->src = in ? play_four(play_random(r) % 2 ? s->rem : 0xc6336463) : s->in;
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

/* Its header made longer by a source route (RFC 791 section 3.1) that may be over, or broken. */
static void
route(uint8_t *ip, unsigned int *len, uint64_t *r)
{
	const uint8_t option[8] = { play_random(r) % 2 ? 131 : 137, play_random(r) % 8 ? 7 : 9,
		(uint8_t)(play_random(r) % 12), 198, 51, 100, 7, play_random(r) % 2 };

	if (*len + sizeof(option) > M_FRAME_MAX || ip[0] > 0x4d)
		return;
	memmove(ip + 20 + sizeof(option), ip + 20, *len - M_ETH - 20);
	memcpy(ip + 20, option, sizeof(option));
	ip[0] += 2;
	m_put16(ip + 2, m_get16(ip + 2) + sizeof(option));
	*len += sizeof(option);
}

/* Something wrong with a frame that was right; the IP checksum is made right again, or not. */
static void
spoil(uint8_t *b, unsigned int *len, uint64_t *r)
{
	uint8_t *ip = b + M_ETH;
	bool four_ = m_get16(b + 12) == 0x0800;

	switch (play_random(r) % 13) {
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
	case 11:
		if (four_)
			route(ip, len, r);
		break;
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
		f->len[f->n++] = play_frame(k, f->side, f->b[0], r);
		return;
	}
	memcpy(all, k->l4, whole);
	part.id = number & 0xffff;
	part.field = 0x2000;
	part.len = first;
	f->len[f->n++] = play_frame(&part, f->side, f->b[0], r);
	part.field = first / 8;
	part.len = whole - first;
	memcpy(part.l4, all + first, part.len);
	f->len[f->n++] = play_frame(&part, f->side, f->b[1], r);
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
		play_put_sum(&k, NULL);
		cut(step->number, &k, f, r);
		return;
	}
	play_put_sum(&k, like.kind == PLAY_ERROR_IN || like.kind == PLAY_ERROR_OUT ? NULL : r);
	if ((like.kind == PLAY_ERROR_IN || like.kind == PLAY_ERROR_OUT) && play_random(r) % 24 == 0)
		k.l4[2] ^= 0x55;
	f->len[f->n++] = play_frame(&k, f->side, f->b[0], r);
	if (step->kind == PLAY_ODD)
		spoil(f->b[0], &f->len[0], r);
}
