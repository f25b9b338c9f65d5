/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The model's memory: arrays that are walked from the beginning, and nothing kept that can be
 * computed. A mapping lives as long as it has sessions; a session is over at the millisecond its
 * time runs out (RFC 4787 REQ-5, RFC 5382 REQ-5, RFC 5508 REQ-2). The gateway may take a moment
 * longer to give the room back: what is over and may still be counted there is a ghost.
 */
#include "model.h"

#include <stddef.h>
#include <string.h>

const char *const model_property[M_PROPERTIES] = {
	[M_EXPIRY_FIRST] = "1 expiry first",
	[M_FOREIGN_PROTOCOL] = "2 foreign protocol",
	[M_INBOUND_FLOW] = "3 outside, flow",
	[M_INBOUND_STRANGER] = "4 outside, no flow",
	[M_OUTBOUND_FLOW] = "5 inside, flow",
	[M_OUTBOUND_NEW] = "6 inside, no flow",
	[M_FIELDS_EQUAL] = "7 fields equal",
};

void
model_hold(struct model *m, enum m_property property, bool held, const char *what)
{
	m->checked[property]++;
	if (!held && m->wrong == NULL)
		m->wrong = what;
}

struct m_addr
model_subscriber(const struct model *m, const struct m_addr *in)
{
	struct m_addr a = *in;

	if (!a.six)
		return a;
	for (unsigned int i = 0; i < 16; i++)
		if (i * 8 >= m->c.subscriber_len)
			a.v6[i] = 0;
	return a;
}

uint64_t
model_left(const struct model *m, const struct m_session *s)
{
	uint64_t end = s->last + m->c.timeout[s->time];

	return end > m->now ? end - m->now : 0;
}

static void
drop_map(struct model *m, struct m_map *map)
{
	unsigned int at = (m->rest_head + m->rest_n) % M_RESTING_MAX;

	map->live = false;
	if (map->fixed || m->rest_n == M_RESTING_MAX)
		return;
	for (unsigned int i = 0; i < M_BLOCKS_MAX; i++)
		if (m->block[i].held && m->block[i].out == map->out &&
			m->block[i].start == map->out_port / (m->c.block ? m->c.block : 65536))
			m->block[i].used = m->now + m->c.timeout[M_T_REST];
	m->rest[at] = (struct m_rest){ map->in, map->proto, map->out, map->out_port,
		m->now + m->c.timeout[M_T_REST] };
	m->rest_n++;
}

void
model_end(struct model *m, struct m_session *s)
{
	if (m->n_ghost < M_SESSIONS_MAX)
		m->ghost[m->n_ghost++] = (struct m_ghost){ s->in, s->proto, s->out, s->in_port,
			s->out_port, s->map == NULL || !s->map->fixed };
	s->live = false;
	m->live--;
	if (s->map != NULL && --s->map->n == 0)
		drop_map(m, s->map);
}

void
model_expire(struct model *m)
{
	for (unsigned int i = 0; i < m->n_s; i++)
		if (m->s[i].live && model_left(m, &m->s[i]) == 0)
			model_end(m, &m->s[i]);
	while (m->n_s > 0 && !m->s[m->n_s - 1].live)
		m->n_s--;
	while (m->n_map > 0 && !m->map[m->n_map - 1].live)
		m->n_map--;
	while (m->rest_n > 0 && m->rest[m->rest_head].until <= m->now) {
		m->rest_head = (m->rest_head + 1) % M_RESTING_MAX;
		m->rest_n--;
	}
}

struct m_session *
model_find_in(struct model *m, const struct m_addr *in, unsigned int proto, uint16_t in_port,
	uint32_t rem, uint16_t rem_port, uint8_t query)
{
	for (unsigned int i = 0; i < m->n_s; i++) {
		struct m_session *s = &m->s[i];

		if (s->live && s->in_port == in_port && s->rem == rem && s->rem_port == rem_port &&
			s->proto == proto && s->query == query && m_same(&s->in, in))
			return s;
	}
	return NULL;
}

struct m_session *
model_find_out(struct model *m, unsigned int proto, uint32_t out, uint16_t out_port, uint32_t rem,
	uint16_t rem_port, uint8_t query)
{
	for (unsigned int i = 0; i < m->n_s; i++) {
		struct m_session *s = &m->s[i];

		if (s->live && s->out_port == out_port && s->rem == rem &&
			s->rem_port == rem_port && s->proto == proto && s->query == query &&
			s->out == out)
			return s;
	}
	return NULL;
}

struct m_map *
model_map_out(struct model *m, unsigned int proto, uint32_t out, uint16_t port)
{
	for (unsigned int i = 0; i < m->n_map; i++) {
		struct m_map *map = &m->map[i];

		if (map->live && map->out_port == port && map->proto == proto && map->out == out)
			return map;
	}
	return NULL;
}

const struct m_forward *
model_forward_out(const struct model *m, unsigned int proto, uint32_t out, uint16_t port)
{
	for (unsigned int i = 0; i < M_FORWARDS; i++) {
		const struct m_forward *f = &m->c.forward[i];

		if (f->on && f->out_port == port && f->proto == proto && f->out == out)
			return f;
	}
	return NULL;
}

static bool
permitted(const struct model *m, const struct m_session *s)
{
	const struct m_forward *f = model_forward_out(m, s->proto, s->out, s->out_port);

	if (s->map != NULL && s->map->fixed)
		return f != NULL && f->in_port == s->in_port && m_same(&f->in, &s->in) &&
		       (!s->inbound || f->from_len == 0 ||
			       (s->rem ^ f->from) >> (32 - f->from_len) == 0);
	return f == NULL;
}

void
model_recheck(struct model *m)
{
	model_expire(m);
	for (unsigned int i = 0; i < m->n_s; i++)
		if (m->s[i].live && !permitted(m, &m->s[i]))
			model_end(m, &m->s[i]);
}
