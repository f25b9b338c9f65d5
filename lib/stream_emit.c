/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Bytes on their way to a receiver. They are put one after the other, some from the packet
 * that has just come, some from memory. As long as all are one run of that packet's own
 * payload nothing is copied, and in the end the packet goes as it is, perhaps shorter, with
 * other numbers. Otherwise packets are made anew, none larger than the receiver takes, and
 * what is contiguous shares a packet.
 *
 * A packet that gives no bytes on may still have something to say: what it acknowledges, a
 * window, a SACK block. Then it goes without payload. When nothing of that is new it does not
 * go, because its receiver would count it as a duplicate acknowledgement.
 *
 * What a consumed packet had in its header is made good on those made from it: CE and CWR on
 * the next one, the urgent pointer on all up to the urgent byte.
 */
#include "stream_emit.h"

#define FIN RTE_TCP_FIN_FLAG
#define PSH RTE_TCP_PSH_FLAG
#define ACK RTE_TCP_ACK_FLAG
#define URG RTE_TCP_URG_FLAG
#define CWR RTE_TCP_CWR_FLAG

void
sl_emit_begin(struct sl_emit *e, struct sl_stream *s, enum sl_side from, struct sl_segment *g)
{
	struct sl_half *h = &s->half[from];

	*e = (struct sl_emit){ .s = s, .from = from, .g = g };
	if (g == NULL)
		return;
	e->payload = rte_pktmbuf_read(g->m, g->data, g->n, s->all->flat);
	if (g->late) {
		sl_wire_sacks(g, 0);
		sl_wire_freshen(s, g);
	}
	h->ce |= g->ce;
	h->cwr |= (g->flags & CWR) != 0;
	if (g->flags & URG) {
		h->urg = true;
		h->urg_x = g->seq + g->urp;
	}
}

/* Where the urgent pointer points to for the receiver; not all of it may have been sent. */
static uint32_t
urgent_y(const struct sl_half *h)
{
	return sl_seq_before(h->x, h->urg_x) ? h->y + (h->urg_x - h->x) : sl_half_y(h, h->urg_x);
}

static void
set_urgent(struct sl_half *h, struct rte_tcp_hdr *t, uint32_t y, uint32_t n)
{
	uint32_t up = urgent_y(h) - y;

	t->tcp_flags &= (uint8_t)~URG;
	t->tcp_urp = 0;
	if (!h->urg)
		return;
	if (up > 0 && up <= UINT16_MAX) {
		t->tcp_flags |= URG;
		t->tcp_urp = rte_cpu_to_be_16((uint16_t)up);
	}
	if (up <= n || up > UINT16_MAX)
		h->urg = false;
}

void
sl_emit_as_is(struct sl_stream *s, struct sl_segment *g, uint32_t y)
{
	struct sl_half *h = &s->half[g->from];
	struct rte_tcp_hdr *t = sl_segment_tcp(g);

	t->sent_seq = rte_cpu_to_be_32(y);
	if ((g->flags & ACK) && !g->late)
		t->recv_ack = rte_cpu_to_be_32(g->ack);
	if (g->n > 0) {
		set_urgent(h, t, y, g->n);
		if (h->cwr)
			t->tcp_flags |= CWR;
		if (h->ce)
			sl_wire_mark(g->m, true);
		h->ce = h->cwr = false;
	}
	sl_wire_send(s, g->from, g->m);
}

/* Finish the packet that is being made. */
static void
close_packet(struct sl_emit *e, uint8_t flags)
{
	struct sl_half *h = &e->s->half[e->from];
	struct rte_tcp_hdr *t;

	if (e->m == NULL)
		return;
	t = sl_wire_tcp(e->m);
	t->tcp_flags |= flags;
	set_urgent(h, t, e->y, e->n);
	if (e->repeat) {
		sl_wire_mark(e->m, false);
	} else {
		if (h->cwr)
			t->tcp_flags |= CWR;
		if (h->ce)
			sl_wire_mark(e->m, true);
		h->ce = h->cwr = false;
	}
	sl_wire_send(e->s, e->from, e->m);
	e->m = NULL;
	e->any = true;
}

static bool
open_packet(struct sl_emit *e, uint32_t y)
{
	struct sl_word word = { .seq = y, .flags = ACK, .tsecr = e->s->half[e->from].tsecr };

	close_packet(e, 0);
	e->m = sl_wire_make(e->s, e->from, &word);
	e->y = y;
	e->n = 0;
	return e->m != NULL;
}

/* Room for up to n bytes at y in the packet that is being made; how many. */
static uint32_t
make_room(struct sl_emit *e, uint32_t n, uint32_t y)
{
	uint32_t room = sl_wire_room(e->s, e->from);

	if (e->m != NULL && e->y + e->n == y) {
		room = RTE_MIN(room, e->n + rte_pktmbuf_tailroom(e->m));
		if (e->n < room)
			return RTE_MIN(n, room - e->n);
		room = sl_wire_room(e->s, e->from);
	}
	if (!open_packet(e, y))
		return 0;
	return RTE_MIN(n, RTE_MIN(room, (uint32_t)rte_pktmbuf_tailroom(e->m)));
}

static void
give_own(struct sl_emit *e)
{
	uint32_t n = e->own_n;

	e->own_n = 0;
	if (n > 0)
		sl_emit_copy(e, e->payload + e->own_off, n, e->own_y);
}

void
sl_emit_own(struct sl_emit *e, uint32_t off, uint32_t n, uint32_t y)
{
	if (n == 0)
		return;
	if (e->own_n > 0 && e->own_off + e->own_n == off && e->own_y + e->own_n == y) {
		e->own_n += n;
		return;
	}
	give_own(e);
	e->own_off = off;
	e->own_n = n;
	e->own_y = y;
}

void
sl_emit_copy(struct sl_emit *e, const uint8_t *p, uint32_t n, uint32_t y)
{
	give_own(e);
	while (n > 0) {
		uint32_t k = make_room(e, n, y);

		if (k == 0) /* no mbuf: lost on the way, as packets are */
			return;
		memcpy(rte_pktmbuf_append(e->m, (uint16_t)k), p, k);
		e->n += k;
		p += k;
		y += k;
		n -= k;
	}
}

void
sl_emit_bytes(struct sl_emit *e, const struct sl_bytes *b, uint32_t off, uint32_t n, uint32_t y)
{
	give_own(e);
	while (n > 0) {
		uint32_t k = make_room(e, n, y);

		if (k == 0)
			return;
		sl_bytes_copy(b, off, k, (uint8_t *)rte_pktmbuf_append(e->m, (uint16_t)k));
		e->n += k;
		off += k;
		y += k;
		n -= k;
	}
}

/* Can g go itself? Its payload is one run, with the FIN right behind or without one. */
static bool
goes_itself(const struct sl_emit *e)
{
	bool whole = e->own_off == 0 && e->own_n == e->g->n;

	return !e->lend && !e->any && e->m == NULL && (whole || e->g->m->nb_segs == 1) &&
	       (!e->fin || e->own_n == 0 || e->own_y + e->own_n == e->fin_y);
}

static void
go_itself(struct sl_emit *e)
{
	struct sl_segment *g = e->g;
	struct rte_tcp_hdr *t;

	if (e->own_n == 0)
		sl_wire_strip(g);
	else if (e->own_n != g->n)
		sl_wire_cut(g, e->own_off, e->own_n);
	t = sl_segment_tcp(g);
	t->tcp_flags &= (uint8_t)~FIN;
	if (e->fin)
		t->tcp_flags |= FIN;
	sl_emit_as_is(e->s, g, e->own_n > 0 ? e->own_y : e->fin_y);
}

/* Nothing of g's payload goes, but its header may. */
static void
go_empty(struct sl_emit *e)
{
	struct sl_half *h = &e->s->half[e->from];
	struct sl_segment *g = e->g;

	if (!e->probe && !g->news) {
		rte_pktmbuf_free(g->m);
		return;
	}
	sl_wire_strip(g);
	sl_segment_tcp(g)->tcp_flags &= (uint8_t) ~(FIN | PSH | URG | CWR);
	sl_segment_tcp(g)->tcp_urp = 0;
	sl_wire_mark(g->m, false);
	sl_emit_as_is(e->s, g, e->probe ? h->una_y - 1 : h->y);
}

static void
end_made(struct sl_emit *e)
{
	bool with = e->fin && e->m != NULL && e->y + e->n == e->fin_y;

	close_packet(e, with ? PSH | FIN : PSH);
	if (e->fin && !with && open_packet(e, e->fin_y))
		close_packet(e, FIN);
}

void
sl_emit_end(struct sl_emit *e)
{
	const struct sl_half *h = &e->s->half[e->from];
	struct sl_word word = { .seq = h->y, .flags = ACK, .tsecr = h->tsecr };

	if (e->g != NULL && (e->own_n > 0 || e->fin) && goes_itself(e)) {
		go_itself(e);
		return;
	}
	give_own(e);
	end_made(e);
	if (e->g == NULL)
		return;
	if (e->lend) {
		if (!e->any && e->g->news)
			sl_emit_word(e->s, e->from, &word);
	} else if (!e->any) {
		go_empty(e);
	} else {
		rte_pktmbuf_free(e->g->m);
	}
}

void
sl_emit_word(struct sl_stream *s, enum sl_side from, const struct sl_word *word)
{
	struct rte_mbuf *m = sl_wire_make(s, from, word);

	if (m == NULL)
		return;
	sl_wire_mark(m, false);
	sl_wire_send(s, from, m);
}

void
sl_emit_ack(struct sl_stream *s, enum sl_side to, const uint32_t *sack)
{
	const struct sl_half *h = &s->half[to], *back = &s->half[SL_ACROSS(to)];
	struct sl_word word = { .seq = back->y, .flags = ACK, .tsecr = h->tsval };

	if (sack != NULL && h->sack_ok && back->sack_ok) {
		word.has_sack = true;
		word.sack[0] = sack[0];
		word.sack[1] = sack[1];
	}
	s->all->count.acks++;
	sl_emit_word(s, SL_ACROSS(to), &word);
}
