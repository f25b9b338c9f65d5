/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A plain, slow NAT to hold the real one against: NAT44 and NAT64, mappings endpoint-independent
 * or not, any filter, deterministic ports or blocks of them. Written from RFC 4787, 5382, 5508,
 * 6146, 6888, 7857 and 7915 and from what README.md promises; it shares no code with lib/.
 *
 * model_run() takes one frame and writes down what must leave, which drop must be counted and
 * what becomes of the table. Where the gateway is free (an outside port, an IPv4 id) its choice is
 * asked for, looked at, and from then on binding.
 *
 * The world is that of the tests' fixtures: inside 10.0.0.1/24 and 2001:db8:1::1/64, outside
 * 192.0.2.1/24 with a router 192.0.2.254, every neighbour known. Not modelled: tenants, bypass,
 * helpers, leases, other protocols by address, answers to unsolicited SYNs, fragments out of
 * order, hairpinned queries, limits of rate.
 */
#include "model.h"

#include <stddef.h>
#include <string.h>

#define BOX_IN 0x0a000001
#define BOX_OUT 0xc0000201

static void inbound(struct model *m, struct m_pkt *p);

static bool
bogon(uint32_t a)
{
	return a >> 24 == 0 || a >> 24 == 127 || a >> 28 >= 14 || a >> 16 == 0xa9fe;
}

/* RFC 6052 section 3.1: the well-known prefix stands for no address that is not global. */
static bool
hidden(const struct model *m, uint32_t a)
{
	if (m->c.prefix.len != 96 || m->c.prefix.net[1] != 0x64)
		return false;
	return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 22 == 0x191;
}

bool
model_ours(const struct model *m, uint32_t addr)
{
	if (addr == BOX_OUT || addr - m->c.pool < m->c.pool_n)
		return true;
	for (unsigned int i = 0; i < M_FORWARDS; i++)
		if (m->c.forward[i].on && m->c.forward[i].out == addr)
			return true;
	return false;
}

static bool
opens(const struct m_pkt *p)
{
	return p->proto != M_TCP || (p->flags & (M_SYN | M_ACK | M_RST)) == M_SYN;
}

static void
drop(struct model *m, enum sl_counter why)
{
	m->drop = why;
}

/* RFC 4787 REQ-6: the inside keeps a session alive, the outside only when told so. */
static bool
refreshes(const struct model *m, const struct m_pkt *p, struct m_session *s)
{
	if (p->proto == M_TCP)
		return !p->later && model_tcp_step(s, p);
	return p->side == SL_INSIDE || m->c.refresh || (s->map != NULL && s->map->fixed);
}

/* A hairpin: what has just been emitted comes in once more, from outside. */
static void
turn(struct model *m)
{
	struct m_out back = m->out[m->n_out - 1];
	struct m_pkt p = { .side = SL_OUTSIDE, .hairpin = true, .frame = back.b, .len = back.len };
	bool punt = false;
	enum sl_counter why;

	m->n_out--;
	memcpy(back.b, (uint8_t[]){ 2, 0xff, 0, 0, 0, 2 }, 6);
	m_put16(back.b + 12, 0x0800);
	why = model_parse(m, &p, &punt);
	if (why != M_NO_DROP) {
		drop(m, why);
		return;
	}
	inbound(m, &p);
	if (m->n_out > 0 && m->drop == M_NO_DROP)
		m->out[m->n_out - 1].any_id =
			back.any_id && m_get16(m->out[m->n_out - 1].b + 12) == 0x0800;
}

/* A packet that has a session: RFC 4787 REQ-9 for those that turn round. */
static void
follow(struct model *m, struct m_pkt *p, struct m_session *s)
{
	if (m->flow == NULL) {
		m->flow = s;
		m->flow_old = m->made == 0;
	}
	if (s->turned && p->side == SL_OUTSIDE && !p->hairpin) {
		drop(m, p->src == p->dst ? SL_COUNTER_DROP_LAND : SL_COUNTER_DROP_SPOOFED);
		return;
	}
	if (p->ttl <= 1 && !p->hairpin) {
		model_own_error(m, p, 11, 0);
		drop(m, SL_COUNTER_DROP_TTL);
		return;
	}
	if (p->error) {
		model_emit_error(m, p, s); /* neither refreshes nor ends anything, RFC 5508 REQ-6 */
		return;
	}
	if (refreshes(m, p, s))
		s->last = m->now;
	model_emit(m, p, s);
	if (s->turned && p->side == SL_INSIDE)
		turn(m);
}

/* ---- from inside ---- */

/* Another inside host of the box's own network: no translation. */
static void
route(struct model *m, struct m_pkt *p)
{
	if (p->ttl <= 1) {
		model_own_error(m, p, 11, 0);
		drop(m, SL_COUNTER_DROP_TTL);
		return;
	}
	model_emit_plain(m, p);
}

static const struct m_forward *
forward_of(const struct model *m, const struct m_pkt *p)
{
	for (unsigned int i = 0; i < M_FORWARDS; i++) {
		const struct m_forward *f = &m->c.forward[i];

		if (f->on && f->proto == p->proto && f->in_port == p->sport &&
			m_same(&f->in, &p->host))
			return f;
	}
	return NULL;
}

/* An endpoint that had a mapping when a forward came for it may have two: the newer serves it. */
static struct m_map *
newest_map(struct model *m, const struct m_pkt *p)
{
	struct m_map *map = NULL;

	for (struct m_map *x = m->map; x < m->map + m->n_map; x++)
		if (x->live && x->proto == p->proto && x->in_port == p->sport &&
			m_same(&x->in, &p->host) && (map == NULL || x->order > map->order))
			map = x;
	return map;
}

static void
open_outbound(struct model *m, struct m_pkt *p)
{
	struct m_map *map = newest_map(m, p);
	struct m_session *s = model_open(m, p, map, map ? NULL : forward_of(m, p));

	if (s != NULL)
		follow(m, p, s);
}

static void
outbound_six(struct model *m, struct m_pkt *p)
{
	if (p->error)
		drop(m, SL_COUNTER_DROP_ICMP_NO_FLOW);
	else if (bogon(p->dst) || hidden(m, p->dst))
		drop(m, SL_COUNTER_DROP_NAT64_ADDRESS);
	else if (p->dst == BOX_IN)
		drop(m, SL_COUNTER_DROP_SERVICE);
	else if (!opens(p))
		drop(m, SL_COUNTER_DROP_NO_STATE);
	else
		open_outbound(m, p);
}

static void
outbound_new(struct model *m, struct m_pkt *p)
{
	uint32_t src = p->six ? 0 : m_get32(p->ip + 12), dst = p->six ? 0 : m_get32(p->ip + 16);

	if (p->six) {
		outbound_six(m, p);
	} else if (src == dst) {
		drop(m, SL_COUNTER_DROP_LAND);
	} else if (bogon(src)) {
		drop(m, SL_COUNTER_DROP_BOGON);
	} else if (model_ours(m, src) || src == BOX_IN) {
		drop(m, SL_COUNTER_DROP_SPOOFED);
	} else if (dst == BOX_IN || dst == 0x0a0000ff) {
		model_emit_punt(m, p);
	} else if (bogon(dst)) {
		drop(m, SL_COUNTER_DROP_BOGON);
	} else if (p->error && dst >> 8 != 0x0a0000) {
		drop(m, SL_COUNTER_DROP_ICMP_NO_FLOW);
	} else if (src >> 8 != 0x0a0000) {
		drop(m, SL_COUNTER_DROP_SPOOFED); /* RFC 2827: no inside route claims it */
	} else if (dst == BOX_OUT &&
		   (p->proto == M_ICMP ||
			   (p->dport >= 32768 && p->dport <= 60999 &&
				   (p->proto == M_UDP ||
					   (p->proto == M_TCP &&
						   (p->flags & (M_SYN | M_ACK)) != M_SYN))))) {
		model_emit_punt(m, p);
	} else if (dst >> 8 == 0x0a0000) {
		route(m, p);
	} else if (p->other) {
		drop(m, p->proto == M_ICMP ? SL_COUNTER_DROP_ICMP_TYPE : SL_COUNTER_DROP_PROTOCOL);
	} else if (!opens(p)) {
		drop(m, SL_COUNTER_DROP_NO_STATE);
	} else if (p->ttl <= 1) {
		model_own_error(m, p, 11, 0);
		drop(m, SL_COUNTER_DROP_TTL);
	} else {
		open_outbound(m, p);
	}
}

static bool
has_state(const struct model *m, const struct m_addr *host)
{
	for (unsigned int i = 0; i < m->n_s; i++)
		if (m->s[i].live && m_same(&m->s[i].in, host))
			return true;
	return false;
}

static void
outbound(struct model *m, struct m_pkt *p)
{
	struct m_session *s = NULL;
	unsigned int made = m->made;

	if (p->six && p->ttl <= 1) {
		model_own_error(m, p, 11, 0);
		drop(m, SL_COUNTER_DROP_TTL);
		return;
	}
	if (!p->other)
		s = model_find_in(m, &p->host, p->proto, p->sport, p->dst,
			p->proto == M_ICMP ? 0 : p->dport, p->query);
	if (s != NULL) {
		follow(m, p, s);
		return;
	}
	if (p->six && !p->error && !has_state(m, &p->host) && p->host.v6[0] == 0xfe) {
		drop(m, opens(p) ? SL_COUNTER_DROP_BOGON : SL_COUNTER_DROP_NO_STATE);
		return;
	}
	outbound_new(m, p);
	if (p->other)
		model_hold(m, M_FOREIGN_PROTOCOL, m->made == made, "a session for it");
}

/* ---- from outside ---- */

/* RFC 4787 REQ-8: may this remote end come in? */
static bool
filter_passes(const struct model *m, const struct m_map *map, uint32_t src)
{
	if (map->filter != SL_FILTER_AD)
		return map->filter == SL_FILTER_EI;
	for (unsigned int i = 0; i < m->n_s; i++)
		if (m->s[i].live && m->s[i].map == map && !m->s[i].inbound && m->s[i].rem == src)
			return true;
	return false;
}

static void
for_box(struct model *m, struct m_pkt *p)
{
	bool kernel = p->dport >= 32768 && p->dport <= 60999;

	if (p->dst == BOX_OUT && !p->hairpin &&
		(p->proto == M_ICMP ||
			(kernel && (p->proto == M_UDP ||
					   (p->proto == M_TCP &&
						   (p->flags & (M_SYN | M_ACK)) != M_SYN)))))
		model_emit_punt(m, p);
	else if (p->dst == BOX_OUT && !p->error &&
		 (p->other || !m->c.box_pool ||
			 (p->proto != M_ICMP && (kernel || p->dport < 1024))))
		drop(m, SL_COUNTER_DROP_SERVICE);
	else if (p->error)
		drop(m, SL_COUNTER_DROP_ICMP_NO_FLOW);
	else if (p->other && p->proto == M_ICMP)
		drop(m, SL_COUNTER_DROP_ICMP_TYPE);
	else if (p->other) {
		if (m->c.six) /* RFC 6146 section 3.5 */
			model_own_error(m, p, 3, 2);
		drop(m, SL_COUNTER_DROP_PROTOCOL);
	} else
		drop(m, SL_COUNTER_DROP_NO_MAPPING);
}

static void
inbound_new(struct model *m, struct m_pkt *p)
{
	const struct m_forward *fwd;
	struct m_session *s;
	struct m_map *map;
	uint32_t src = m_get32(p->ip + 12);

	if (!model_ours(m, m_get32(p->ip + 16))) {
		drop(m, SL_COUNTER_DROP_NOT_OURS);
		return;
	}
	if (!p->hairpin && src == m_get32(p->ip + 16)) {
		drop(m, SL_COUNTER_DROP_LAND);
		return;
	}
	if (!p->hairpin && bogon(src)) {
		drop(m, SL_COUNTER_DROP_BOGON);
		return;
	}
	if (!p->hairpin && (model_ours(m, src) || src >> 8 == 0x0a0000)) {
		drop(m, SL_COUNTER_DROP_SPOOFED);
		return;
	}
	if (p->error || p->other || (p->proto == M_ICMP && p->query != 8 && !p->hairpin)) {
		for_box(m, p);
		return;
	}
	fwd = p->proto == M_ICMP ? NULL : model_forward_out(m, p->proto, p->dst, p->dport);
	if (fwd != NULL && fwd->from_len != 0 && (src ^ fwd->from) >> (32 - fwd->from_len) != 0) {
		drop(m, SL_COUNTER_DROP_FILTERED);
		return;
	}
	map = model_map_out(m, p->proto, p->dst, p->dport);
	if (map == NULL && fwd == NULL) {
		for_box(m, p);
		return;
	}
	if (fwd == NULL && !filter_passes(m, map, src)) {
		drop(m, SL_COUNTER_DROP_FILTERED);
		return;
	}
	if (map ? map->in.six : fwd->in.six)
		if (hidden(m, src)) {
			drop(m, SL_COUNTER_DROP_NAT64_ADDRESS);
			return;
		}
	/* An endpoint with a mapping and a forward: it answers a remote end one way only. */
	if (model_find_in(m, map ? &map->in : &fwd->in, p->proto, map ? map->in_port : fwd->in_port,
		    p->src, p->proto == M_ICMP ? 0 : p->sport, p->query) != NULL) {
		drop(m, SL_COUNTER_DROP_FILTERED);
		return;
	}
	if (!opens(p)) {
		drop(m, SL_COUNTER_DROP_NO_STATE);
		return;
	}
	if (p->ttl <= 1 && !p->hairpin) {
		model_own_error(m, p, 11, 0);
		drop(m, SL_COUNTER_DROP_TTL);
		return;
	}
	s = model_open(m, p, map, map ? NULL : fwd);
	if (s != NULL)
		follow(m, p, s);
}

static void
inbound(struct model *m, struct m_pkt *p)
{
	struct m_session *s = NULL;
	unsigned int made = m->made;

	if (!p->other)
		s = model_find_out(m, p->proto, p->dst, p->dport, p->src,
			p->proto == M_ICMP ? 0 : p->sport, p->query);
	if (s != NULL) {
		follow(m, p, s);
		return;
	}
	inbound_new(m, p);
	if (p->other)
		model_hold(m, M_FOREIGN_PROTOCOL, m->made == made, "a session for it");
}

/* ---- the whole ---- */

void
model_run(struct model *m, enum sl_side side, const uint8_t *frame, unsigned int len)
{
	struct m_pkt p = { .side = side, .frame = m->frame, .len = len };
	bool punt = false;

	m->drop = M_NO_DROP;
	m->n_out = m->made = m->maps_made = 0;
	m->flow = NULL;
	m->flow_old = false;
	m->kind = (struct m_pkt){ .proto = 0 };
	memcpy(m->frame, frame, len);
	model_expire(m);
	m->drop = model_parse(m, &p, &punt);
	if (m->drop != M_NO_DROP)
		return;
	m->kind = p;
	if (punt)
		model_emit_punt(m, &p);
	else if (side == SL_INSIDE)
		outbound(m, &p);
	else
		inbound(m, &p);
}
