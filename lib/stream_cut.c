/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Bytes cut into messages. What is held and what has just come are looked at side by side;
 * when nothing is held that is the packet itself, and a packet of whole messages that nobody
 * changed costs no copy.
 *
 *	view   |--------- held --------|-------------- new -------------|
 *	       |------ message ------------|--- message ---|---- rest ---|
 *
 * A message that was changed becomes a patch. One that was not is plain, its sender repeats it
 * when it is lost, unless its beginning was held and acknowledged to the sender: then what was
 * held becomes a patch of the same bytes, which is ours to repeat. For that the held chunks
 * themselves are taken, so it cannot fail: whatever was acknowledged can always be kept. The
 * rest of an unfinished message is held.
 *
 * Memory may run out at two places. No chunk for more of a message: it goes unseen and
 * unchanged. No chunk or patch for a change: the message goes unchanged. Either way the stream
 * is left alone from there on (`pass`), and its numbers stay right.
 */
#include "stream_cut.h"
#include "stream_keep.h"

#define WAIT_MAX 3000 /* milliseconds that a message may wait for an answer */

/** The bytes of one call. */
struct view {
	struct sl_emit *e;
	struct sl_stream *s;
	struct sl_half *h;
	const uint8_t *p;
	uint32_t n;
	uint32_t held; /* of them, at first */
	uint32_t off; /* of the first new byte in e->payload */
	uint32_t pos; /* done */
};

int
sl_edits_add(struct sl_edits *edits, size_t at, size_t n, const void *bytes, size_t len)
{
	struct sl_edit *last = edits->n > 0 ? &edits->edit[edits->n - 1] : NULL;
	int status = 0;

	if (at > edits->limit || n > edits->limit - at ||
		(last != NULL && at < (size_t)last->at + last->n))
		status = -EINVAL;
	else if (edits->n == SL_HELPER_EDITS_MAX || len > sizeof(edits->bytes) - edits->used)
		status = -ENOSPC;
	if (status != 0 || edits->failed) {
		edits->failed = true;
		return status != 0 ? status : -EINVAL;
	}
	edits->edit[edits->n++] =
		(struct sl_edit){ (uint32_t)at, (uint32_t)n, edits->used, (uint32_t)len };
	if (len > 0)
		memcpy(edits->bytes + edits->used, bytes, len);
	edits->used += (uint32_t)len;
	return 0;
}

static void
leave_alone(struct sl_stream *s, uint64_t *why)
{
	s->pass = true;
	++*why;
}

/* Let go the held bytes; if they are owed they become a patch. The first of a view. */
static void
put_held(struct sl_emit *e, const uint8_t *p)
{
	struct sl_half *h = &e->s->half[e->from];
	const struct sl_patch *patch = NULL;
	uint32_t n = h->hold.n;

	h->need = 0;
	h->waiting = false;
	if (n == 0)
		return;
	/* Nobody is owed anything while the receiver lacks a patch, so there is always room. */
	if (sl_half_owed(h))
		patch = sl_half_patch(e->s, h, n, &h->hold);
	if (patch != NULL) {
		sl_emit_bytes(e, &patch->bytes, 0, sl_keep_begin(e->s, e->from, patch), patch->y0);
		return;
	}
	sl_emit_copy(e, p, n, h->y);
	sl_bytes_free(e->s, &h->hold);
	sl_half_plain(h, n);
}

void
sl_cut_flush(struct sl_emit *e)
{
	struct sl_bytes *b = &e->s->half[e->from].hold;

	sl_bytes_copy(b, 0, b->n, e->s->all->view);
	put_held(e, e->s->all->view);
}

/* The next n bytes of the view go as they are. */
static void
put_plain(struct view *v, uint32_t n)
{
	if (v->pos < v->held && n > 0) {
		put_held(v->e, v->p);
		n -= v->held - v->pos;
		v->pos = v->held;
	}
	if (n == 0)
		return;
	sl_emit_own(v->e, v->off + v->pos - v->held, n, v->h->y);
	sl_half_plain(v->h, n);
	v->pos += n;
}

/* The message with its changes, as it will lie in memory; false when there is none for it. */
static bool
apply_edits(struct view *v, uint32_t n, struct sl_bytes *out)
{
	const struct sl_edits *edits = &v->s->all->edits;
	const uint8_t *p = v->p + v->pos;
	uint32_t at = 0;
	bool good = true;

	for (unsigned int i = 0; i < edits->n && good; i++) {
		const struct sl_edit *d = &edits->edit[i];

		good = sl_bytes_add(v->s, out, p + at, d->at - at) &&
		       sl_bytes_add(v->s, out, edits->bytes + d->from, d->len);
		at = d->at + d->n;
	}
	if (good && sl_bytes_add(v->s, out, p + at, n - at))
		return true;
	sl_bytes_free(v->s, out);
	return false;
}

/* The next n bytes of the view are a message, to be kept with its changes. */
static void
put_patch(struct view *v, uint32_t n)
{
	bool owed = sl_half_owed(v->h);
	const struct sl_patch *patch = NULL;
	struct sl_bytes out = { 0 };
	uint32_t y = v->h->y, len;

	if (apply_edits(v, n, &out)) {
		patch = sl_half_patch(v->s, v->h, n, &out);
		if (patch == NULL)
			sl_bytes_free(v->s, &out);
	}
	if (patch == NULL) {
		if (v->s->all->edits.n > 0)
			leave_alone(v->s, &v->s->all->count.full);
		put_plain(v, n);
		return;
	}
	if (v->s->all->edits.n > 0)
		v->s->all->count.edited++;
	len = v->h->y - y;
	if (owed)
		len = sl_keep_begin(v->s, v->e->from, patch);
	sl_emit_bytes(v->e, &patch->bytes, y - patch->y0, len, y);
	if (v->pos < v->held) {
		sl_bytes_free(v->s, &v->h->hold);
		v->h->need = 0;
		v->h->waiting = false;
	}
	v->pos += n;
}

/* Hold the next n bytes of the view; false without memory. */
static bool
hold(struct view *v, uint32_t n)
{
	uint32_t from = RTE_MAX(v->pos, v->held);

	return sl_bytes_add(v->s, &v->h->hold, v->p + from, v->pos + n - from);
}

/* A message of n bytes must wait. What follows stays in its packet, which will wait too. */
static void
begin_waiting(struct view *v, uint32_t n)
{
	bool again = v->h->waiting;

	if (!again && !hold(v, n)) {
		leave_alone(v->s, &v->s->all->count.full);
		return;
	}
	v->h->waiting = true;
	if (!again)
		v->h->wait_until = v->s->now + WAIT_MAX;
	if (v->e->g != NULL && v->pos + n < v->n + (sl_segment_fin(v->e->g) ? 1 : 0))
		v->e->lend = true;
}

/* Show a whole message; false when it must wait. */
static bool
show(struct view *v, uint32_t n)
{
	struct sl_stream *s = v->s;
	struct sl_edits *edits = &s->all->edits;
	enum sl_stream_verdict verdict;

	edits->n = edits->used = 0;
	edits->failed = false;
	edits->limit = n;
	verdict = s->ops->message(s->arg, v->e->from, (struct sl_slice){ v->p + v->pos, n }, edits);
	if (verdict == SL_STREAM_WAIT) {
		begin_waiting(v, n);
		return false;
	}
	s->all->count.messages++;
	if (verdict == SL_STREAM_PASS)
		s->pass = true;
	if (edits->failed)
		edits->n = 0;
	if (edits->n > 0 || sl_half_grows(v->h))
		put_patch(v, n);
	else
		put_plain(v, n);
	return true;
}

/* One message more; false when there is no whole one, or it must wait, or nobody looks. */
static bool
next_message(struct view *v)
{
	struct sl_streams *all = v->s->all;
	uint32_t left = v->n - v->pos;
	int n;

	if (v->s->pass || left == 0 || left < v->h->need)
		return false;
	n = v->s->ops->frame(v->s->arg, v->e->from, (struct sl_slice){ v->p + v->pos, left });
	/* The second: what was said of the held bytes is taken back. */
	if (n < 0 || (n > 0 && v->pos < v->held && (uint32_t)n <= v->held)) {
		leave_alone(v->s, &all->count.foreign);
		return false;
	}
	if (n > SL_HELPER_MESSAGE_MAX || (n == 0 && left >= SL_HELPER_MESSAGE_MAX)) {
		leave_alone(v->s, &all->count.foreign);
		return false;
	}
	v->h->need = (uint32_t)n > left ? (uint32_t)n : 0;
	if (n == 0 || (uint32_t)n > left)
		return false;
	return show(v, (uint32_t)n);
}

/* What is left of the view when there is no message more. */
static void
put_rest(struct view *v)
{
	if (!v->s->pass && v->pos < v->n && !hold(v, v->n - v->pos))
		leave_alone(v->s, &v->s->all->count.full);
	if (v->s->pass)
		put_plain(v, v->n - v->pos);
}

static void
look_at_both(struct view *v, uint32_t more)
{
	uint8_t *p = v->s->all->view;

	v->held = v->h->hold.n;
	sl_bytes_copy(&v->h->hold, 0, v->held, p);
	if (more > 0)
		memcpy(p + v->held, v->e->payload + v->off, more);
	v->p = p;
}

void
sl_cut(struct sl_emit *e, uint32_t off)
{
	struct sl_half *h = &e->s->half[e->from];
	uint32_t more = e->g != NULL ? e->g->n - off : 0;
	struct view v = { .e = e, .s = e->s, .h = h, .off = off };

	if (h->hold.n > 0)
		look_at_both(&v, more);
	else if (more > 0)
		v.p = e->payload + off;
	v.n = v.held + more;
	if (h->waiting) { /* asked again, even if nobody looks at the next one any more */
		show(&v, v.held);
		return;
	}
	while (next_message(&v))
		;
	if (!h->waiting)
		put_rest(&v);
}
