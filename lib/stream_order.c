/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Segments put in order. Every segment falls into up to three parts by its numbers:
 *
 *	      floor_x          x            next
 *	--------|--------------|-------------|------------->  x
 *	 forgot |  given before|    held     |  new
 *
 * What was given before is given again: plain bytes from the segment itself, patches from
 * memory, always whole, so that the receiver sees the same bytes at the same numbers however
 * the sender cuts its segments. If the receiver has acknowledged all of it, the sender must
 * have missed that: the receiver gets the segment empty and one number before its window, and
 * answers with an acknowledgement (RFC 9293 section 3.10.7.4). The same happens to keepalives,
 * so that they reach the one whose life they ask for.
 *
 * New bytes are looked at in order. What comes early waits in a short queue, and the sender is
 * told by a duplicate acknowledgement with a SACK block, as the receiver would have told it;
 * that binds nobody, SACK may be taken back (RFC 2018 section 8). When the queue is full the
 * later ones are discarded and their sender repeats them.
 */
#include "stream_order.h"
#include "stream_keep.h"

static bool
is_new(const struct sl_half *h, const struct sl_segment *g)
{
	uint32_t n = g->n + sl_segment_fin(g);

	return n > 0 && !h->fin && sl_seq_before(sl_half_next(h), g->seq + n);
}

/* A segment without payload: where does it belong among what the receiver got? */
static uint32_t
empty_y(const struct sl_stream *s, const struct sl_half *h, uint32_t x)
{
	if (sl_seq_before(x, h->x))
		return sl_half_y(h, x);
	if (s->pass && !h->waiting)
		return h->y + (x - h->x);
	/* Before the next byte but in what is held: a keepalive. Else it is as far as can be. */
	return sl_seq_before(x, sl_half_next(h)) ? h->y - 1 : h->y;
}

/* Give again what was given before and is in x0..x1. */
static void
give_again(struct sl_emit *e, uint32_t x0, uint32_t x1)
{
	const struct sl_segment *g = e->g;
	const struct sl_half *h = &e->s->half[e->from];
	const struct sl_patch *p = sl_half_patch_in(h, x0, x1);

	if (p == NULL && !sl_seq_before(x0, h->floor_x)) {
		sl_emit_own(e, x0 - g->seq, x1 - x0, sl_half_y(h, x0));
		return;
	}
	e->probe = true;
	x0 = sl_seq_max(x0, sl_half_ack(h, h->una_y));
	while (sl_seq_before(x0, x1)) {
		uint32_t end = x1;

		p = sl_half_patch_in(h, x0, x1);
		if (p != NULL && !sl_seq_before(x0, p->x0)) {
			uint32_t y = sl_seq_max(p->y0, h->una_y);

			if (sl_seq_before(y, p->y1))
				sl_emit_bytes(e, &p->bytes, y - p->y0, p->y1 - y, y);
			x0 = p->x1;
			continue;
		}
		if (p != NULL)
			end = p->x0;
		sl_emit_own(e, x0 - g->seq, end - x0, sl_half_y(h, x0));
		x0 = end;
	}
}

/* Bytes that are held come again. If the sender was told that they are here it has not heard;
 * one byte alone may also be a keepalive, which is for the receiver to answer. */
static void
held_again(struct sl_emit *e)
{
	const struct sl_segment *g = e->g;
	struct sl_half *h = &e->s->half[e->from];

	if (!sl_half_owed(h))
		return;
	if (g->n == 1 && g->seq + 1 == sl_half_next(h))
		e->probe = true;
	else
		sl_emit_ack(e->s, e->from, NULL);
}

/* A FIN goes behind everything; what is held before it will never be a message. When nobody
 * looks any more it goes with its bytes, whatever is missing before it. */
static void
take_fin(struct sl_emit *e)
{
	struct sl_half *h = &e->s->half[e->from];
	uint32_t at = e->g->seq + e->g->n;

	if (!h->fin && at == sl_half_next(h)) {
		sl_cut_flush(e);
		h->fin = true;
		sl_half_plain(h, 1);
		if (e->s->ops->ended != NULL)
			e->s->ops->ended(e->s->arg);
	}
	if (e->s->pass || (h->fin && at + 1 == h->x)) {
		e->fin = true;
		e->fin_y = sl_seq_before(at, h->x) ? sl_half_y(h, at) : h->y + (at - h->x);
	}
}

/* Out of the receiver's window. It would not keep this, neither do we. */
static bool
out_of_window(const struct sl_half *h, const struct sl_segment *g)
{
	return !sl_seq_before(g->seq, h->told_x + (h->edge_y - h->una_y));
}

static void
insert(struct sl_stream *s, struct sl_half *h, const struct sl_segment *g)
{
	struct sl_queued *q = h->queue;
	uint32_t end = g->seq + g->n + sl_segment_fin(g);
	unsigned int i = h->n_queue;

	while (i > 0 && sl_seq_before(g->seq, q[i - 1].seq))
		i--;
	memmove(q + i + 1, q + i, (h->n_queue - i) * sizeof(*q));
	q[i] = (struct sl_queued){ g->m, g->seq, end };
	h->n_queue++;
	s->all->n_queued++;
	s->all->count.queued++;
}

static void
remove_queued(struct sl_stream *s, struct sl_half *h, unsigned int i)
{
	h->n_queue--;
	s->all->n_queued--;
	memmove(h->queue + i, h->queue + i + 1, (h->n_queue - i) * sizeof(h->queue[0]));
}

static bool
covered(const struct sl_half *h, const struct sl_segment *g)
{
	uint32_t end = g->seq + g->n + sl_segment_fin(g);

	for (unsigned int i = 0; i < h->n_queue; i++)
		if (!sl_seq_before(g->seq, h->queue[i].seq) && !sl_seq_before(h->queue[i].end, end))
			return true;
	return false;
}

/* Is there a place in the queue? The last one gives way to one that comes before it. */
static bool
has_place(struct sl_stream *s, struct sl_half *h, const struct sl_segment *g)
{
	if (covered(h, g) || (out_of_window(h, g) && sl_seq_before(sl_half_next(h), g->seq)))
		return false;
	if (h->n_queue < SL_QUEUED && s->all->n_queued < s->all->queued_all)
		return true;
	if (h->n_queue == 0 || !sl_seq_before(g->seq, h->queue[h->n_queue - 1].seq))
		return false;
	rte_pktmbuf_free(h->queue[h->n_queue - 1].m);
	remove_queued(s, h, h->n_queue - 1);
	s->all->count.drop_queue++;
	return true;
}

/* The packet waits. What it says about the other direction does not. */
static void
enqueue(struct sl_stream *s, struct sl_segment *g)
{
	struct sl_half *h = &s->half[g->from];
	struct sl_word word = { .seq = h->y, .flags = RTE_TCP_ACK_FLAG, .tsecr = h->tsecr };
	const uint32_t sack[2] = { g->seq, g->seq + g->n };

	if (g->news && !g->late)
		sl_emit_word(s, g->from, &word);
	if (!h->waiting && !g->late)
		sl_emit_ack(s, g->from, g->n > 0 ? sack : NULL);
	if (has_place(s, h, g)) {
		insert(s, h, g);
	} else {
		s->all->count.drop_queue++;
		rte_pktmbuf_free(g->m);
	}
}

/* A segment whose new bytes, if any, are next in order. */
static void
deliver(struct sl_stream *s, struct sl_segment *g)
{
	struct sl_half *h = &s->half[g->from];
	uint32_t next = sl_half_next(h), end = g->seq + g->n;
	struct sl_emit e;

	if (g->n == 0 && !sl_segment_fin(g)) {
		sl_emit_as_is(s, g, empty_y(s, h, g->seq));
		return;
	}
	sl_emit_begin(&e, s, g->from, g);
	if (sl_seq_before(g->seq, h->x) && g->n > 0 && !g->late)
		give_again(&e, g->seq, sl_seq_min(end, h->x));
	if (is_new(h, g) && h->waiting)
		e.lend = true;
	else if (!h->fin && sl_seq_before(next, end))
		sl_cut(&e, next - g->seq);
	else if (sl_seq_before(h->x, end) && !g->late)
		held_again(&e);
	if (sl_segment_fin(g) && !h->waiting)
		take_fin(&e);
	sl_emit_end(&e);
	if (e.lend) {
		g->late = true;
		enqueue(s, g);
	}
}

/* Nobody looks any more: a gap is the receiver's business again. */
static void
deliver_unseen(struct sl_stream *s, struct sl_segment *g)
{
	struct sl_half *h = &s->half[g->from];

	if (is_new(h, g) && sl_seq_before(h->x, g->seq))
		sl_half_plain(h, g->seq - h->x);
	deliver(s, g);
}

static void
drain(struct sl_stream *s, enum sl_side from)
{
	struct sl_half *h = &s->half[from];

	while (h->n_queue > 0 && !h->waiting) {
		struct sl_segment g;

		if (!s->pass && sl_seq_before(sl_half_next(h), h->queue[0].seq))
			return;
		sl_wire_parse(h->queue[0].m, &g);
		remove_queued(s, h, 0);
		g.from = from;
		g.late = true;
		if (s->pass)
			deliver_unseen(s, &g);
		else
			deliver(s, &g);
	}
}

/* Hands off: let go of everything that does not wait for an answer. */
static void
release(struct sl_stream *s)
{
	struct sl_emit e;

	for (int side = 0; side < 2; side++) {
		if (s->half[side].waiting)
			continue;
		sl_emit_begin(&e, s, side, NULL);
		sl_cut_flush(&e);
		sl_emit_end(&e);
		drain(s, side);
	}
}

void
sl_order_take(struct sl_stream *s, struct sl_segment *g)
{
	struct sl_half *h = &s->half[g->from];
	enum sl_side from = g->from;
	bool early = sl_seq_before(sl_half_next(h), g->seq);
	bool again = sl_seq_before(g->seq, h->x);

	if (is_new(h, g) && (h->waiting ? !again : early && !s->pass))
		enqueue(s, g);
	else if (s->pass)
		deliver_unseen(s, g);
	else
		deliver(s, g);
	drain(s, from);
	if (s->pass)
		release(s);
}

void
sl_order_resume(struct sl_stream *s)
{
	struct sl_emit e;

	for (int side = 0; side < 2; side++) {
		if (!s->half[side].waiting)
			continue;
		sl_emit_begin(&e, s, side, NULL);
		sl_cut(&e, 0);
		sl_emit_end(&e);
		drain(s, side);
	}
	if (s->pass)
		release(s);
}

void
sl_order_late(struct sl_stream *s, enum sl_side from)
{
	struct sl_emit e;

	s->pass = true;
	s->all->count.late++;
	sl_emit_begin(&e, s, from, NULL);
	sl_cut_flush(&e);
	sl_emit_end(&e);
	release(s);
}

void
sl_order_drop(struct sl_stream *s, struct sl_half *h)
{
	while (h->n_queue > 0) {
		rte_pktmbuf_free(h->queue[h->n_queue - 1].m);
		remove_queued(s, h, h->n_queue - 1);
	}
}

void
sl_half_empty(struct sl_stream *s, struct sl_half *h)
{
	sl_order_drop(s, h);
	sl_bytes_free(s, &h->hold);
	h->keep.patch = NULL;
	h->told_x = sl_seq_min(h->told_x, h->x);
	h->need = 0;
	h->waiting = false;
}
