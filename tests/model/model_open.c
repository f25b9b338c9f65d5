/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Another session: refused by a limit (RFC 6888 REQ-4, REQ-5), or made behind the mapping of its
 * inside endpoint (RFC 4787 REQ-1), or with an outer tuple that the gateway has chosen. Its
 * choice is looked at here: an address of the pool, the subscriber's own (RFC 4787 REQ-2), a port
 * that may be given, that nobody has, that does not rest (RFC 6888 REQ-8), of the right parity
 * (RFC 4787 REQ-4), out of the subscriber's blocks or of its share of the plan (RFC 7422).
 *
 * Room that the gateway has not got back yet, of sessions that are over (ghosts), may count
 * against a limit; what is alive must.
 */
#include "model.h"

#include <stddef.h>

#define ASKED 16 /* sessions of a mapping */

static bool
mine(const struct model *m, const struct m_addr *sub, const struct m_addr *in)
{
	struct m_addr of = model_subscriber(m, in);

	return m_same(sub, &of);
}

static struct m_session *
refuse(struct model *m, const struct m_pkt *p, enum sl_counter why)
{
	if (p->side == SL_INSIDE && m->c.refusal != 255)
		model_own_error(m, p, 3, m->c.refusal);
	m->drop = why;
	return NULL;
}

/* Did it refuse this very session for that reason? (A hairpin may open two.) */
static bool
said(const struct model *m, enum sl_counter why)
{
	return m->real == why && m->made >= m->real_made;
}

/* Must it refuse, or has it, rightly so? */
static bool
over(const struct model *m, unsigned int limit, unsigned int live, unsigned int ghosts,
	enum sl_counter why)
{
	return limit != 0 && (live >= limit || (said(m, why) && live + ghosts >= limit));
}

static bool
over_sessions(const struct model *m, const struct m_addr *sub)
{
	unsigned int live = 0, ghosts = 0;

	if (m->c.sessions == 0)
		return false;
	for (unsigned int i = 0; i < m->n_s; i++)
		live += m->s[i].live && mine(m, sub, &m->s[i].in);
	for (unsigned int i = 0; i < m->n_ghost; i++)
		ghosts += mine(m, sub, &m->ghost[i].in);
	return over(m, m->c.sessions, live, ghosts, SL_COUNTER_DROP_LIMIT_SESSIONS);
}

static bool
over_mapping(const struct model *m, const struct m_map *map)
{
	unsigned int ghosts = 0;

	if (map == NULL || m->c.mapping == 0)
		return false;
	for (unsigned int i = 0; i < m->n_ghost; i++)
		ghosts += m->ghost[i].proto == map->proto && m->ghost[i].in_port == map->in_port &&
			  m_same(&m->ghost[i].in, &map->in);
	return over(m, m->c.mapping, map->n, ghosts, SL_COUNTER_DROP_LIMIT_MAPPING);
}

/* Ports that a subscriber has of a protocol: those alive, and all that may not be free. */
static unsigned int
ports_of(const struct model *m, const struct m_addr *sub, unsigned int proto, unsigned int *unsure)
{
	unsigned int live = 0;

	*unsure = 0;
	for (unsigned int i = 0; i < m->n_map; i++)
		live += m->map[i].live && !m->map[i].fixed && m->map[i].proto == proto &&
			mine(m, sub, &m->map[i].in);
	for (unsigned int i = 0; i < m->n_ghost; i++)
		*unsure += m->ghost[i].port && m->ghost[i].proto == proto &&
			   mine(m, sub, &m->ghost[i].in);
	return live;
}

static unsigned int
resting_of(const struct model *m, const struct m_addr *sub, unsigned int proto)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < m->rest_n; i++) {
		const struct m_rest *r = &m->rest[(m->rest_head + i) % M_RESTING_MAX];

		n += r->proto == proto && mine(m, sub, &r->in);
	}
	return n;
}

/* The plan of deterministic NAT: where a host's ports begin, and how many. */
static unsigned int
plan(const struct m_conf *c, uint32_t host, uint32_t *out, unsigned int *lo)
{
	uint32_t n = 1u << (32 - c->fixed_len), each = (n + c->pool_n - 1) / c->pool_n,
		 at = host - (c->fixed & ~(n - 1));
	unsigned int ports = (c->port_max - c->port_min + 1) / each;

	*out = c->pool + at / each;
	*lo = c->port_min + at % each * ports;
	return at < n ? ports : 0;
}

/* Has the gateway no port to give, as it says? */
static bool
exhausted(const struct model *m, const struct m_addr *sub, unsigned int proto)
{
	unsigned int unsure, live = ports_of(m, sub, proto, &unsure), lo, have;
	uint32_t out;

	if (m->c.fixed_len != 0)
		have = plan(&m->c, sub->v4, &out, &lo);
	else if (m->c.block != 0)
		have = m->c.block * m->c.blocks;
	else
		return false;
	return live + unsure + resting_of(m, sub, proto) + M_FORWARDS >= have;
}

static bool
busy(const struct model *m, const struct m_block *b)
{
	if (m->now < b->used + m->c.block_idle)
		return true;
	for (unsigned int i = 0; i < m->n_map; i++)
		if (m->map[i].live && !m->map[i].fixed && m->map[i].out == b->out &&
			m->map[i].out_port / m->c.block == b->start)
			return true;
	return false;
}

/* A port of a block: whose is that? */
static const char *
check_block(struct model *m, const struct m_addr *sub, uint32_t out, unsigned int port)
{
	unsigned int start = port / m->c.block, held = 0;
	struct m_block *free = NULL, *b;

	for (b = m->block; b < m->block + M_BLOCKS_MAX; b++) {
		if (b->held && !(b->out == out && b->start == start) && !busy(m, b))
			b->held = false;
		if (!b->held) {
			free = b;
			continue;
		}
		if (b->out == out && b->start == start) {
			if (m_same(&b->sub, sub)) {
				b->used = m->now;
				return NULL;
			}
			if (busy(m, b))
				return "a port of another subscriber's block";
			b->held = false;
			free = b;
			continue;
		}
		if (!m_same(&b->sub, sub))
			continue;
		held++;
		if (b->out != out)
			return "not the address where the subscriber has blocks (RFC 4787 REQ-2)";
	}
	if (held >= m->c.blocks)
		return "one block more than a subscriber may have";
	if (free != NULL)
		*free = (struct m_block){ true, *sub, out, start, m->now };
	return NULL;
}

/* Of an address that is in the pool, and the one that the subscriber has. */
static const char *
check_address(const struct model *m, const struct m_addr *sub, uint32_t out)
{
	if (out - m->c.pool >= m->c.pool_n)
		return "an address that is not in the pool";
	for (unsigned int i = 0; i < m->n_s; i++) {
		const struct m_session *s = &m->s[i];

		if (s->live && (s->map == NULL || !s->map->fixed) && s->out != out &&
			mine(m, sub, &s->in))
			return "not the subscriber's address (RFC 4787 REQ-2)";
	}
	return NULL;
}

static bool
has_parity(const struct model *m, const struct m_addr *sub, unsigned int proto)
{
	unsigned int unsure, live, lo, have = 65536;
	uint32_t out;

	if (!m->c.parity)
		return false;
	if (m->c.fixed_len != 0)
		have = plan(&m->c, sub->v4, &out, &lo);
	else if (m->c.block != 0)
		have = m->c.block;
	live = ports_of(m, sub, proto, &unsure);
	return live + unsure + resting_of(m, sub, proto) + M_FORWARDS + 1 < have / 2;
}

static const char *
check_port(struct model *m, const struct m_session *s, const struct m_addr *sub)
{
	unsigned int lo, n, first = 0, port = s->out_port;
	uint32_t out;

	if (port < m->c.port_min || port > m->c.port_max)
		return "a port outside the pool's range";
	if (m->c.box_pool && port >= 32768 && port <= 60999)
		return "a port that the kernel has";
	if (model_forward_out(m, s->proto, s->out, s->out_port) != NULL)
		return "a port that a forward has";
	if (model_map_out(m, s->proto, s->out, s->out_port) != NULL)
		return "a port that a mapping has";
	if (m->c.fixed_len != 0) {
		n = plan(&m->c, sub->v4, &out, &lo);
		if (s->out != out || port < lo || port >= lo + n)
			return "a port outside the subscriber's share of the plan (RFC 7422)";
	}
	if (has_parity(m, sub, s->proto) && ((port ^ s->in_port) & 1))
		return "parity of the port not kept (RFC 4787 REQ-4)";
	if (m->c.shared && s->proto != M_ICMP)
		return model_find_out(m, s->proto, s->out, s->out_port, s->rem, s->rem_port,
			       s->query) != NULL
			       ? "an outer tuple that another session has"
			       : NULL;
	/* A worker remembers as many as it may have sessions, in the order it swept them. */
	if (m->rest_n > m->c.max_sessions / m->c.workers / 2)
		first = m->rest_n - m->c.max_sessions / m->c.workers / 2;
	for (unsigned int i = first; i < m->rest_n && m->c.fixed_len == 0; i++) {
		const struct m_rest *r = &m->rest[(m->rest_head + i) % M_RESTING_MAX];

		/* Its time is kept to four milliseconds. */
		if (r->port == port && r->proto == s->proto && r->out == s->out &&
			r->until > m->now + 4)
			return "a port that rests (RFC 6888 REQ-8)";
	}
	return m->c.block != 0 ? check_block(m, sub, s->out, port) : NULL;
}

/*
 * What strangers open lives no longer than the mapping would have (RFC 7857 section 7). Of that the
 * gateway asks no more than its newest sessions.
 */
static void
bound(struct model *m, struct m_session *s)
{
	uint64_t most = 0, limit = m->c.timeout[s->time], before = UINT64_MAX;

	for (unsigned int k = 0; k < ASKED; k++) {
		const struct m_session *newest = NULL;

		for (const struct m_session *x = m->s; x < m->s + m->n_s; x++)
			if (x->live && x->map == s->map && x->order < before &&
				(newest == NULL || x->order > newest->order))
				newest = x;
		if (newest == NULL)
			break;
		before = newest->order;
		if (model_left(m, newest) > most)
			most = model_left(m, newest);
	}
	if (most < limit)
		s->last = m->now - (limit - most);
}

static struct m_map *
new_map(struct model *m, const struct m_session *s, bool fixed)
{
	unsigned int i = 0;

	while (i < M_SESSIONS_MAX - 1 && m->map[i].live)
		i++;
	if (i >= m->n_map)
		m->n_map = i + 1;
	m->map[i] = (struct m_map){ .live = true,
		.order = ++m->order,
		.fixed = fixed,
		.in = s->in,
		.proto = s->proto,
		.in_port = s->in_port,
		.out = s->out,
		.out_port = s->out_port,
		.filter = fixed || s->proto == M_ICMP ? SL_FILTER_EI
			  : s->proto == M_TCP         ? m->c.tcp
						      : m->c.udp };
	m->maps_made++;
	return &m->map[i];
}

/* Let the gateway choose; false when it has refused. */
static bool
choose(struct model *m, const struct m_pkt *p, struct m_session *s, const struct m_addr *sub)
{
	bool own = m->c.shared && s->proto != M_ICMP;
	unsigned int unsure, live = ports_of(m, sub, s->proto, &unsure);
	const char *bad;

	if (!own && over(m, m->c.ports, live, unsure, SL_COUNTER_DROP_LIMIT_PORTS)) {
		refuse(m, p, SL_COUNTER_DROP_LIMIT_PORTS);
		return false;
	}
	if (m->c.drain) {
		refuse(m, p, SL_COUNTER_DROP_NO_POOL);
		return false;
	}
	if ((said(m, SL_COUNTER_DROP_NO_PORT) || said(m, SL_COUNTER_DROP_LIMIT_PORTS)) &&
		exhausted(m, sub, s->proto)) {
		refuse(m, p, m->real);
		return false;
	}
	if (!m->pick(m->arg, s, &s->out, &s->out_port)) {
		model_hold(m, M_OUTBOUND_NEW, false, "no session, although there is room");
		return false;
	}
	bad = check_address(m, sub, s->out);
	if (bad == NULL)
		bad = check_port(m, s, sub);
	model_hold(m, M_OUTBOUND_NEW, bad == NULL, bad);
	if (!own)
		s->map = new_map(m, s, false);
	return true;
}

struct m_session *
model_open(struct model *m, const struct m_pkt *p, struct m_map *map, const struct m_forward *fwd)
{
	struct m_session *s = m->s;
	struct m_addr in = map ? map->in : fwd ? fwd->in : p->host, sub = model_subscriber(m, &in);

	if (over_sessions(m, &sub))
		return refuse(m, p, SL_COUNTER_DROP_LIMIT_SESSIONS);
	if (over_mapping(m, map))
		return refuse(m, p, SL_COUNTER_DROP_LIMIT_MAPPING);
	if (said(m, SL_COUNTER_DROP_SESSIONS_FULL) && m->full(m->arg))
		return refuse(m, p, SL_COUNTER_DROP_SESSIONS_FULL);
	if (m->live >= M_SESSIONS_MAX - 1 || (m->c.workers == 1 && m->live >= m->c.max_sessions)) {
		model_hold(m, M_OUTBOUND_NEW, m->live < m->c.max_sessions,
			"more than it has room for");
		return refuse(m, p, SL_COUNTER_DROP_SESSIONS_FULL);
	}
	while (s->live)
		s++;
	*s = (struct m_session){ .in = in,
		.proto = (uint8_t)p->proto,
		.query = p->query,
		.inbound = p->side == SL_OUTSIDE,
		.map = map,
		.last = m->now,
		.born = m->born,
		.order = ++m->order,
		.time = p->proto == M_UDP ? M_T_UDP : M_T_ICMP };
	s->in_port = map ? map->in_port : fwd ? fwd->in_port : p->sport;
	s->rem = p->side == SL_INSIDE ? p->dst : p->src;
	if (p->proto != M_ICMP)
		s->rem_port = p->side == SL_INSIDE ? p->dport : p->sport;
	if (map != NULL || fwd != NULL) {
		s->out = map ? map->out : fwd->out;
		s->out_port = map ? map->out_port : fwd->out_port;
		if (map == NULL)
			s->map = new_map(m, s, true);
	} else if (!choose(m, p, s, &sub)) {
		return NULL;
	}
	s->turned = model_ours(m, s->rem);
	if (p->proto == M_TCP)
		model_tcp_open(s, p);
	if (s->inbound && !s->map->fixed && !(m->c.refresh && p->proto == M_UDP))
		bound(m, s);
	s->live = true;
	if (s->map != NULL)
		s->map->n++;
	if ((unsigned int)(s - m->s) >= m->n_s)
		m->n_s = (unsigned int)(s - m->s) + 1;
	m->live++;
	m->made++;
	return s;
}
