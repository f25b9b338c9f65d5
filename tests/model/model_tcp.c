/* SPDX-License-Identifier: BSD-3-Clause
 *
 * TCP states as RFC 6146 section 3.5.2.2 draws them, timers of RFC 5382 REQ-5 and RFC 7857
 * section 2: a FIN from each end closes, a RST makes the session transitory until data shows
 * that nobody believed it. A RST or FIN that cannot be of this connection, by its numbers,
 * changes nothing (RFC 7857 section 2.2), nor does a stranger's SYN (section 7.1). Ports may be
 * used again once both ends begin anew.
 */
#include "model.h"

#define CLOSED(state) ((state) == SL_TCP_FIN_BOTH || (state) == SL_TCP_TRANS)

/* At half of the circle nothing is defined (RFC 1982 section 3.2): either is before the other. */
static bool
less(uint32_t a, uint32_t b)
{
	return a != b && b - a <= 0x80000000u;
}

static uint32_t
bytes(const struct m_pkt *p)
{
	return p->l4_len - (p->l4[12] >> 4) * 4u + !!(p->flags & M_SYN) + !!(p->flags & M_FIN);
}

static void
enter(struct m_session *s, enum sl_tcp_state state)
{
	s->state = state;
	s->time = state == SL_TCP_SYN_OUT || state == SL_TCP_SYN_IN ? M_T_OPENING
		  : CLOSED(state)                                   ? M_T_CLOSING
								    : M_T_EST;
}

static void
options(struct m_tcp_end *e, const struct m_pkt *p)
{
	unsigned int end = (p->l4[12] >> 4) * 4u;

	e->shift = 0;
	e->scaled = false;
	for (unsigned int at = 20; at < end && p->l4[at] != 0;) {
		unsigned int len = at + 1 < end ? p->l4[at + 1] : 0;

		if (p->l4[at] == 1) {
			at++;
			continue;
		}
		if (len < 2 || at + len > end)
			return;
		if (p->l4[at] == 3 && len == 3) {
			e->scaled = true;
			e->shift = p->l4[at + 2] < 14 ? p->l4[at + 2] : 14;
		}
		at += len;
	}
}

/* An end says where its numbers begin. */
static void
first_word(struct m_tcp_end *e, const struct m_pkt *p)
{
	uint32_t seq = m_get32(p->l4 + 4);

	e->heard = true;
	e->next = seq + bytes(p);
	e->edge = seq + 1;
	e->window = m_get16(p->l4 + 14);
	if (e->window == 0)
		e->window = 1;
	options(e, p);
}

static void
acknowledge(struct m_tcp_end *e, struct m_tcp_end *other, const struct m_pkt *p)
{
	uint32_t ack = m_get32(p->l4 + 8), window = m_get16(p->l4 + 14);

	if (!(p->flags & M_SYN) && e->scaled && other->scaled)
		window <<= e->shift;
	if (window == 0)
		window = 1;
	if (window > e->window)
		e->window = window;
	if (less(other->edge, ack + window))
		other->edge = ack + window;
}

static bool
answers_syn(const struct m_tcp_end *other, const struct m_pkt *p)
{
	uint32_t ack = m_get32(p->l4 + 8);

	return !less(ack, other->edge) && !less(other->next, ack);
}

/* Could the connection's own end have sent this? */
static bool
plausible(const struct m_tcp_end *e, const struct m_tcp_end *other, const struct m_pkt *p)
{
	uint32_t seq = m_get32(p->l4 + 4), end = seq + bytes(p), ack = m_get32(p->l4 + 8);

	if (!e->heard)
		return (p->flags & M_ACK) && answers_syn(other, p);
	if (!other->heard)
		return true;
	return !less(e->edge, seq) && !less(end, e->next - other->window) &&
	       (!(p->flags & M_ACK) || !less(other->next, ack));
}

void
model_tcp_open(struct m_session *s, const struct m_pkt *p)
{
	first_word(&s->tcp[p->side], p);
	enter(s, p->side == SL_INSIDE ? SL_TCP_SYN_OUT : SL_TCP_SYN_IN);
}

static bool
step_syn(struct m_session *s, const struct m_pkt *p)
{
	struct m_tcp_end *e = &s->tcp[p->side], *other = &s->tcp[1 - p->side];
	bool opener = (s->state == SL_TCP_SYN_OUT) == (p->side == SL_INSIDE);

	if (s->state == SL_TCP_SYN_OUT || s->state == SL_TCP_SYN_IN) {
		if ((p->flags & M_ACK) && (!other->heard || !answers_syn(other, p)))
			return false;
		first_word(e, p);
		if (p->flags & M_ACK)
			acknowledge(e, other, p);
		if (opener)
			return p->side == SL_INSIDE; /* again; a stranger's keeps nothing alive */
		if (!e->scaled || !other->scaled)
			e->shift = other->shift = 0;
		enter(s, SL_TCP_ESTABLISHED);
		return true;
	}
	if (!CLOSED(s->state))
		return false;
	first_word(e, p);
	e->anew = true;
	if (p->flags & M_ACK)
		acknowledge(e, other, p);
	if (!other->anew)
		return false;
	e->anew = other->anew = false;
	enter(s, SL_TCP_ESTABLISHED);
	return true;
}

static bool
step_fin(struct m_session *s, enum sl_side side)
{
	enum sl_tcp_state mine = side == SL_INSIDE ? SL_TCP_FIN_OUT : SL_TCP_FIN_IN;

	if (s->state == SL_TCP_ESTABLISHED || s->state == SL_TCP_TRANS)
		enter(s, mine);
	else if (s->state == SL_TCP_FIN_OUT || s->state == SL_TCP_FIN_IN)
		enter(s, s->state == mine ? mine : SL_TCP_FIN_BOTH);
	else
		return false;
	return true;
}

bool
model_tcp_step(struct m_session *s, const struct m_pkt *p)
{
	struct m_tcp_end *e = &s->tcp[p->side], *other = &s->tcp[1 - p->side];
	bool good;

	if (p->flags & M_SYN)
		return step_syn(s, p);
	good = plausible(e, other, p);
	if (good && !(p->flags & M_RST)) {
		uint32_t end = m_get32(p->l4 + 4) + bytes(p);

		if (!e->heard || less(e->next, end))
			e->next = end;
		e->heard = true;
		if (p->flags & M_ACK)
			acknowledge(e, other, p);
	}
	if ((p->flags & (M_FIN | M_RST)) && !good)
		return false;
	if (p->flags & M_FIN)
		return step_fin(s, p->side);
	switch (s->state) {
	case SL_TCP_ESTABLISHED:
	case SL_TCP_FIN_OUT:
	case SL_TCP_FIN_IN:
		if (p->flags & M_RST)
			enter(s, SL_TCP_TRANS);
		return true;
	case SL_TCP_TRANS:
		if ((p->flags & M_RST) || !good || e->anew || other->anew)
			return false;
		enter(s, SL_TCP_ESTABLISHED);
		return true;
	default:
		return false;
	}
}
