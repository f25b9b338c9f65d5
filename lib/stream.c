/* SPDX-License-Identifier: BSD-3-Clause
 *
 * TCP connections whose bytes a helper reads and changes. All of their packets come here, both
 * directions, translated already; control is the only lcore. Two ends that know nothing of us
 * go on speaking TCP with each other: what they acknowledge, their windows, their retransmission
 * and their timers stay theirs. We do three things to a direction:
 *
 *	                     .-- whole messages, unchanged: the packet itself
 *	sender -- in order --+-- changed: a patch, made into new packets        --> receiver
 *	                     '-- not whole: held until the rest comes
 *
 * and shift numbers: seq by what was changed before, ack and SACK of the other direction back.
 *
 * Who repeats what is lost? The sender, as ever. Its segment passes again, and where it touches
 * a patch the patch is given again whole, because its bytes are kept until acknowledged.
 *
 * With one exception. A held beginning of a message reaches nobody, so nobody acknowledges it,
 * and a sender that waits for that (Nagle, a window of one segment) would wait for ever. We
 * acknowledge it in the receiver's name, as soon as the receiver has everything before it: from
 * its own acknowledgement, which is raised on its way, or by a packet that we make. From then
 * on these bytes are ours: when the message is whole we repeat it until the receiver has it
 * (stream_keep.c), and no later acknowledgement of the receiver goes back behind our word.
 * The receiver's window is passed on as it is, so a sender may send that much more than the
 * receiver has room for; what is ours waits, what is the sender's is repeated by it.
 *
 *	stream_pool.c   streams made and ended
 *	stream.c        SYN, RST, acknowledgements, timers
 *	stream_order.c  segments into order; what comes again
 *	stream_cut.c    bytes into messages, changes, holding
 *	stream_map.c    numbers of both sides, patches and their memory
 *	stream_emit.c   bytes into packets
 *	stream_keep.c   repeating what is ours
 *	stream_past.c   connections of an earlier process
 *	stream_wire.c   headers
 *
 * Limits. A stream has bytes_each bytes and in a direction 32 patches that are not acknowledged
 * and 32 waiting packets; all together have bytes_all and queued_all. When bytes or patches run
 * out, when a message does not come to an end within SL_HELPER_MESSAGE_MAX, or when an answer
 * takes longer than three seconds, the stream is left alone: what is held goes on unchanged,
 * nobody looks at the rest, numbers stay right to the end of the connection. What was
 * acknowledged is never lost for want of memory, it is there before the acknowledgement is.
 * Packets that find no place to wait are discarded, their sender has them.
 *
 * The beginning. Numbers begin with the SYN of each side. A connection whose SYN we have not
 * seen is not touched at all. Data in a SYN (RFC 7413 and RFC 9293 both have it) is cut off:
 * its receiver acknowledges the SYN alone, and the data comes again in its order. A SYN within
 * a connection passes unchanged and means nothing; only after a RST that its receiver must
 * believe (RFC 5961 section 3.2), or when both FINs are acknowledged, does it begin another.
 *
 * The end. A FIN sends off what is held before it. A RST passes at once and ends everything; a
 * receiver who lacks bytes of ours gets one with the number that it expects too, or it would
 * only ask back. When a receiver does not answer any more for bytes that are ours, both ends
 * get a RST: their connection has a hole that nobody can fill.
 *
 * Not in here: IPv6 extension headers, AccECN counters in packets that we make.
 */
#include <errno.h>

#include "stream_keep.h"
#include "stream_order.h"
#include "stream_past.h"

#define FIN RTE_TCP_FIN_FLAG
#define SYN RTE_TCP_SYN_FLAG
#define RST RTE_TCP_RST_FLAG
#define ACK RTE_TCP_ACK_FLAG

/* ---- timers ---- */

static uint64_t
due(const struct sl_stream *s)
{
	uint64_t at = UINT64_MAX;

	for (int side = 0; side < 2; side++) {
		const struct sl_half *h = &s->half[side];

		if (h->keep.patch != NULL)
			at = RTE_MIN(at, h->keep.due);
		if (h->waiting)
			at = RTE_MIN(at, h->wait_until);
	}
	return at;
}

static void
arm(struct sl_stream *s)
{
	bool wanted = due(s) != UINT64_MAX;

	if (wanted && !s->armed)
		LIST_INSERT_HEAD(&s->all->armed, s, link);
	else if (!wanted && s->armed)
		LIST_REMOVE(s, link);
	s->armed = wanted;
}

/* ---- a segment ---- */

static void
begin_half(struct sl_stream *s, struct sl_half *h, const struct sl_segment *g)
{
	sl_half_empty(s, h);
	sl_half_restart(s, h, g->seq);
	sl_half_plain(h, 1);
	h->isn = h->una_y = h->edge_y = h->told_x = g->seq;
	h->known = true;
	h->spoke = h->fin = h->urg = h->ce = h->cwr = false;
	h->scales = g->scales;
	h->scale = g->scale;
	h->sack_ok = g->sack_ok;
	h->mss = g->mss;
}

/* A SYN: false when it means nothing within the connection that is there. */
static bool
take_syn(struct sl_stream *s, const struct sl_segment *g)
{
	struct sl_half *h = &s->half[g->from], *peer = &s->half[SL_ACROSS(g->from)];

	if (h->known && g->seq == h->isn && !s->closed)
		return true;
	if (s->closed && !(g->flags & ACK)) {
		for (int side = 0; side < 2; side++) {
			sl_half_empty(s, &s->half[side]);
			s->half[side].known = s->half[side].spoke = false;
		}
		s->closed = s->pass = s->begun = false;
	}
	if (s->closed || h->spoke || (peer->spoke && h->known))
		return false;
	if ((g->flags & ACK) && !peer->known) {
		s->raw = true;
		return false;
	}
	begin_half(s, h, g);
	if (!s->begun && s->ops->begin != NULL)
		s->ops->begin(s->arg);
	s->begun = true;
	return true;
}

/* What the sender shall read when its receiver acknowledges y. */
static uint32_t
raise_ack(const struct sl_half *h, uint32_t y)
{
	uint32_t x = sl_half_ack(h, y);

	if (y == h->y) {
		if (!h->waiting)
			return sl_half_next(h);
		return sl_seq_max(x, h->told_x);
	}
	if (h->keep.patch != NULL && !sl_seq_before(y, h->keep.patch->y0))
		x = sl_seq_max(x, h->keep.x);
	return x;
}

/* What a segment acknowledges; from here on in the numbers of the one who reads it. */
static void
take_ack(struct sl_stream *s, struct sl_segment *g)
{
	struct sl_half *h = &s->half[SL_ACROSS(g->from)];
	uint8_t scale = sl_stream_scales(s) && !(g->flags & SYN) ? s->half[g->from].scale : 0;
	uint32_t y = g->ack;
	bool more = sl_seq_before(h->una_y, y) && !sl_seq_before(h->y, y);

	if (more) {
		h->una_y = y;
		sl_half_acked(s, h);
	}
	if (y == h->una_y)
		h->edge_y = y + ((uint32_t)g->win << scale);
	sl_keep_acked(s, h, more, g);
	g->ack = raise_ack(h, y);
	if (g->sacks > 0) {
		g->news = true;
		sl_half_sack(h, g, y, g->ack);
	}
	if (!sl_seq_before(h->y, y) && sl_seq_before(h->told_x, g->ack)) {
		h->told_x = g->ack;
		g->news = true;
	}
}

static void
close_stream(struct sl_stream *s)
{
	s->closed = s->pass = true;
	if (s->ops->ended != NULL)
		s->ops->ended(s->arg);
	sl_half_empty(s, &s->half[SL_INSIDE]);
	sl_half_empty(s, &s->half[SL_OUTSIDE]);
}

/* The receiver's number for a RST; it must be the very next one to be believed. */
static uint32_t
rst_y(const struct sl_half *h, uint32_t x)
{
	const struct sl_patch *p = sl_half_patch_in(h, x, x + 1);

	if (p != NULL && sl_seq_before(p->x0, x))
		return p->y1;
	if (sl_seq_before(x, h->x))
		return sl_half_y(h, x);
	return h->y + (sl_seq_before(sl_half_next(h), x) ? x - sl_half_next(h) : 0);
}

static void
take_rst(struct sl_stream *s, struct sl_segment *g)
{
	struct sl_half *h = &s->half[g->from];
	uint32_t y = rst_y(h, g->seq);
	struct sl_word word = { .seq = h->una_y, .flags = RST | ACK, .tsecr = h->tsecr };

	if (y == h->y || y == h->una_y || g->seq == h->told_x) {
		if (h->keep.patch != NULL && y != h->una_y)
			sl_emit_word(s, g->from, &word);
		close_stream(s);
	}
	sl_emit_as_is(s, g, y);
}

/* A sender learns what it should believe to have arrived when nobody else can tell it. */
static void
acknowledge(struct sl_stream *s)
{
	for (int side = 0; side < 2; side++) {
		struct sl_half *h = &s->half[side];

		if (h->una_y != h->y || h->waiting || !sl_seq_before(h->told_x, sl_half_next(h)))
			continue;
		h->told_x = sl_half_next(h);
		sl_emit_ack(s, side, NULL);
	}
}

static bool
both_ended(const struct sl_stream *s)
{
	const struct sl_half *a = &s->half[SL_INSIDE], *b = &s->half[SL_OUTSIDE];

	return a->fin && b->fin && a->una_y == a->y && b->una_y == b->y;
}

static void
forward_syn(struct sl_stream *s, struct sl_segment *g)
{
	uint32_t ack = g->ack;

	if (!s->half[g->from].spoke)
		sl_wire_learn(&s->half[g->from], g);
	if (g->flags & ACK)
		take_ack(s, g);
	g->ack = ack;
	if (g->n > 0)
		sl_wire_strip(g);
	sl_emit_as_is(s, g, g->seq);
}

static void
forward(struct sl_stream *s, struct sl_segment *g)
{
	struct sl_half *h = &s->half[g->from];

	g->news = g->win != h->win;
	sl_wire_learn(h, g);
	h->spoke = true;
	if (g->flags & ACK)
		take_ack(s, g);
	if (g->flags & RST)
		take_rst(s, g);
	else
		sl_order_take(s, g);
	if (s->closed)
		return;
	sl_keep_push(s, SL_INSIDE);
	sl_keep_push(s, SL_OUTSIDE);
	acknowledge(s);
	if (both_ended(s))
		close_stream(s);
}

/* Is it part of a connection whose beginning we saw? */
static bool
ours(struct sl_stream *s, const struct sl_segment *g)
{
	if ((g->flags & (SYN | RST)) == SYN)
		return take_syn(s, g);
	if (s->half[0].known && s->half[1].known)
		return !(g->flags & SYN);
	if (g->n > 0 && !(g->flags & RST))
		s->raw = true;
	return false;
}

void
sl_stream_segment(
	struct sl_stream *s, enum sl_side from, struct rte_mbuf *m, uint32_t l3, uint64_t now)
{
	struct sl_segment g;

	s->now = now;
	if (rte_pktmbuf_adj(m, (uint16_t)l3) == NULL || !sl_wire_parse(m, &g) ||
		!sl_wire_intact(&g)) {
		s->all->count.drop_bad++;
		rte_pktmbuf_free(m);
		return;
	}
	g.from = from;
	if (s->past && sl_past_take(s, &g))
		return;
	if (!s->raw && ours(s, &g)) {
		if (g.flags & SYN)
			forward_syn(s, &g);
		else
			forward(s, &g);
		arm(s);
	} else {
		s->ops->emit(s->arg, from, m);
	}
}

void
sl_stream_resume(struct sl_stream *s, uint64_t now)
{
	s->now = now;
	sl_order_resume(s);
	acknowledge(s);
	arm(s);
}

/* Nobody answers for bytes that are ours. */
static void
give_up(struct sl_stream *s)
{
	for (int side = 0; side < 2; side++) {
		const struct sl_half *h = &s->half[side];
		struct sl_word word = { .seq = h->una_y, .flags = RST | ACK, .tsecr = h->tsecr };

		sl_emit_word(s, side, &word);
	}
	s->all->count.gave_up++;
	close_stream(s);
}

uint64_t
sl_stream_tick(struct sl_stream *s, uint64_t now)
{
	s->now = now;
	if (now < due(s))
		return due(s);
	for (int side = 0; side < 2; side++)
		if (s->half[side].waiting && now >= s->half[side].wait_until)
			sl_order_late(s, side);
	if (!sl_keep_tick(s, SL_INSIDE) || !sl_keep_tick(s, SL_OUTSIDE))
		give_up(s);
	else
		acknowledge(s);
	arm(s);
	return due(s);
}

uint64_t
sl_streams_tick(struct sl_streams *all, uint64_t now)
{
	struct sl_stream *s = LIST_FIRST(&all->armed), *next;
	uint64_t at = UINT64_MAX;

	for (; s != NULL; s = next) {
		uint64_t then;

		next = LIST_NEXT(s, link);
		then = sl_stream_tick(s, now);
		at = RTE_MIN(at, then);
	}
	return at;
}

static bool
half_settled(const struct sl_half *h)
{
	const struct sl_patch *p = sl_half_patch_in(h, sl_half_ack(h, h->una_y), h->x);

	return h->hold.n == 0 && h->n_queue == 0 && h->keep.patch == NULL && p == NULL && !h->urg;
}

int
sl_stream_shift(const struct sl_stream *s, uint32_t delta[2])
{
	const struct sl_half *h = s->half;

	delta[0] = s->past ? h[0].floor_y : 0;
	delta[1] = s->past ? h[1].floor_y : 0;
	if (s->past || s->raw || !s->begun)
		return 0;
	if (!half_settled(&h[0]) || !half_settled(&h[1]))
		return -EBUSY;
	delta[0] = h[0].y - h[0].x;
	delta[1] = h[1].y - h[1].x;
	return 0;
}

bool
sl_stream_settled(const struct sl_stream *s, uint32_t delta[2])
{
	const struct sl_half *h = s->half;

	delta[0] = delta[1] = 0;
	if (s->raw || s->past)
		return sl_stream_shift(s, delta) == 0;
	if (!s->pass || s->closed || !half_settled(&h[0]) || !half_settled(&h[1]))
		return false;
	delta[0] = h[0].y - h[0].x;
	delta[1] = h[1].y - h[1].x;
	return true;
}
