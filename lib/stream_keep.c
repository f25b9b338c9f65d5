/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Bytes in our keeping. A sender was told that the beginning of a message has arrived, so it
 * will never send it again: once the message has gone to the receiver we repeat it, by a timer
 * of our own, until the receiver has it whole. At most one patch of a direction is kept at a
 * time, because a sender is told so only when its receiver has everything before.
 *
 * This is a small sender of RFC 9293 section 3.8: it stays inside the window, begins again
 * with one segment when the timer runs out or the third duplicate acknowledgement comes, then
 * sends two segments for each acknowledgement. A closed window is probed with one byte for as
 * long as the receiver answers (section 3.8.6.1). After a few tries segments get small, in
 * case large ones do not fit through (RFC 4821 section 7.7); after TRIES of them, three
 * minutes, the receiver is given up (section 3.8.3: at least 100 seconds).
 */
#include "stream_keep.h"

#define RTO_FIRST 300 /* milliseconds */
#define RTO_MAX 60000
#define TRIES 9
#define TRIES_LARGE 3
#define SMALL 512 /* bytes that pass anywhere */

static void
restart_timer(struct sl_keep *k, uint64_t now)
{
	k->rto = RTO_FIRST;
	k->tries = 0;
	k->dups = 0;
	k->due = now + RTO_FIRST;
}

/* How far the receiver's window lets us go. */
static uint32_t
window_end(const struct sl_half *h)
{
	return sl_seq_min(h->keep.patch->y1, sl_seq_max(h->edge_y, h->una_y));
}

uint32_t
sl_keep_begin(struct sl_stream *s, enum sl_side from, const struct sl_patch *patch)
{
	struct sl_half *h = &s->half[from];
	struct sl_keep *k = &h->keep;

	if (patch->y0 == patch->y1)
		return 0;
	k->patch = patch;
	k->x = h->told_x;
	k->sent_y = window_end(h);
	restart_timer(k, s->now);
	return k->sent_y - patch->y0;
}

/* Give up to n bytes, beginning where we are. */
static void
give(struct sl_stream *s, enum sl_side from, uint32_t n)
{
	struct sl_half *h = &s->half[from];
	struct sl_keep *k = &h->keep;
	struct sl_emit e;

	n = RTE_MIN(n, k->patch->y1 - k->sent_y);
	sl_emit_begin(&e, s, from, NULL);
	e.repeat = true;
	sl_emit_bytes(&e, &k->patch->bytes, k->sent_y - k->patch->y0, n, k->sent_y);
	sl_emit_end(&e);
	k->sent_y += n;
	s->all->count.resent++;
}

void
sl_keep_acked(struct sl_stream *s, struct sl_half *h, bool more, const struct sl_segment *g)
{
	struct sl_keep *k = &h->keep;

	if (k->patch == NULL)
		return;
	if (!sl_seq_before(h->una_y, k->patch->y1)) {
		k->patch = NULL;
		return;
	}
	k->sent_y = sl_seq_max(k->sent_y, h->una_y);
	if (more)
		restart_timer(k, s->now);
	else if (g->win == 0)
		k->tries = 0; /* it lives, and has no room */
	else if (g->n == 0 && g->ack == h->una_y && k->dups < 3 && ++k->dups == 3)
		k->sent_y = h->una_y;
}

void
sl_keep_push(struct sl_stream *s, enum sl_side from)
{
	struct sl_half *h = &s->half[from];
	struct sl_keep *k = &h->keep;

	if (k->patch != NULL && sl_seq_before(k->sent_y, window_end(h)))
		give(s, from, RTE_MIN(2 * sl_wire_room(s, from), window_end(h) - k->sent_y));
}

bool
sl_keep_tick(struct sl_stream *s, enum sl_side from)
{
	struct sl_half *h = &s->half[from];
	struct sl_keep *k = &h->keep;
	uint32_t n = sl_wire_room(s, from);

	if (k->patch == NULL || s->now < k->due)
		return true;
	if (++k->tries > TRIES)
		return false;
	k->rto = RTE_MIN(k->rto * 2, (uint32_t)RTO_MAX);
	k->due = s->now + k->rto;
	k->dups = 0;
	k->sent_y = h->una_y;
	if (k->tries > TRIES_LARGE)
		n = RTE_MIN(n, (uint32_t)SMALL);
	n = RTE_MIN(n, window_end(h) - k->sent_y);
	give(s, from, RTE_MAX(n, 1u));
	return true;
}
