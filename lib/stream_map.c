/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sequence numbers of one direction: x is the sender's, y the receiver's. Between patches
 * y - x is constant, over a patch it changes:
 *
 *	x   ----plain----|==patch==|------plain------|=patch=|---- h->x
 *	y   ----plain----|=====patch=====|------plain------|=|---- h->y
 *
 * Forward: a number inside a patch keeps its distance from the patch's end, so that the last
 * byte of the one is the last byte of the other and "one before the next" (keepalives) stays
 * that. Backward: an acknowledgement inside a patch means its beginning; of two x for one y
 * (a patch that became nothing) it means the greater, everything before has arrived. A SACK
 * block shrinks to what it covers whole.
 *
 * Patches stand in a ring in ascending order. When many small messages are on their way and
 * half of the ring is taken the newest patch grows instead, over unchanged messages too, at the
 * price of a coarser acknowledgement. The receiver's acknowledgement frees their bytes,
 * their numbers stay until the place is needed or they are so old that they might soon look
 * new; `floor` is where the map then begins, what is below has arrived long ago.
 */
#include "stream_map.h"

#define AGE (1u << 29) /* farther behind, nobody will ask */

static struct sl_patch *
patch_at(const struct sl_half *h, unsigned int i)
{
	return (struct sl_patch *)&h->patch[(h->first_patch + i) % SL_PATCHES];
}

static uint32_t
chunks_of(uint32_t n)
{
	return (n + SL_CHUNK_BYTES - 1) / SL_CHUNK_BYTES;
}

static void
add_chunk(struct sl_stream *s, struct sl_bytes *b)
{
	struct sl_chunk *c = s->all->free_chunk;

	s->all->free_chunk = c->next;
	s->all->n_free_chunks--;
	s->n_chunks++;
	c->next = NULL;
	if (b->last == NULL)
		b->first = c;
	else
		b->last->next = c;
	b->last = c;
}

static bool
has_memory(const struct sl_stream *s, const struct sl_bytes *b, uint32_t n)
{
	uint32_t more = chunks_of(b->n + n) - chunks_of(b->n);

	return more <= s->all->n_free_chunks && s->n_chunks + more <= s->all->chunks_each;
}

bool
sl_bytes_add(struct sl_stream *s, struct sl_bytes *b, const uint8_t *p, uint32_t n)
{
	if (!has_memory(s, b, n))
		return false;
	while (n > 0) {
		uint32_t at = b->n % SL_CHUNK_BYTES, k = RTE_MIN(n, SL_CHUNK_BYTES - at);

		if (at == 0)
			add_chunk(s, b);
		memcpy(b->last->b + at, p, k);
		b->n += k;
		p += k;
		n -= k;
	}
	return true;
}

void
sl_bytes_copy(const struct sl_bytes *b, uint32_t off, uint32_t n, uint8_t *to)
{
	const struct sl_chunk *c = b->first;

	for (; off >= SL_CHUNK_BYTES && n > 0; off -= SL_CHUNK_BYTES)
		c = c->next;
	while (n > 0) {
		uint32_t k = RTE_MIN(n, SL_CHUNK_BYTES - off);

		memcpy(to, c->b + off, k);
		to += k;
		n -= k;
		off = 0;
		c = c->next;
	}
}

void
sl_bytes_free(struct sl_stream *s, struct sl_bytes *b)
{
	uint32_t n = chunks_of(b->n);

	if (n > 0) {
		b->last->next = s->all->free_chunk;
		s->all->free_chunk = b->first;
		s->all->n_free_chunks += n;
		s->n_chunks -= n;
	}
	*b = (struct sl_bytes){ 0 };
}

void
sl_half_plain(struct sl_half *h, uint32_t n)
{
	h->x += n;
	h->y += n;
}

static void
drop_first(struct sl_stream *s, struct sl_half *h)
{
	struct sl_patch *p = patch_at(h, 0);

	sl_bytes_free(s, &p->bytes);
	h->floor_x = p->x1;
	h->floor_y = p->y1;
	h->first_patch++;
	h->n_patches--;
}

bool
sl_half_grows(const struct sl_half *h)
{
	const struct sl_patch *p = patch_at(h, h->n_patches - 1);

	return h->n_patches > SL_PATCHES / 2 && p->x1 == h->x && sl_seq_before(h->una_y, p->y1) &&
	       h->keep.patch != p && p->bytes.n < SL_HELPER_MESSAGE_MAX;
}

static struct sl_patch *
grow_last(struct sl_stream *s, struct sl_half *h, struct sl_bytes *bytes)
{
	struct sl_patch *p = patch_at(h, h->n_patches - 1);

	if (!sl_half_grows(h) || !has_memory(s, &p->bytes, bytes->n))
		return NULL;
	for (uint32_t off = 0; off < bytes->n; off += SL_CHUNK_BYTES) {
		uint8_t part[SL_CHUNK_BYTES];
		uint32_t k = RTE_MIN(bytes->n - off, (uint32_t)SL_CHUNK_BYTES);

		sl_bytes_copy(bytes, off, k, part);
		sl_bytes_add(s, &p->bytes, part, k);
	}
	return p;
}

static struct sl_patch *
new_patch(struct sl_stream *s, struct sl_half *h)
{
	struct sl_patch *p;

	if (h->n_patches == SL_PATCHES) {
		if (sl_seq_before(h->una_y, patch_at(h, 0)->y1))
			return NULL;
		drop_first(s, h);
	}
	p = patch_at(h, h->n_patches++);
	*p = (struct sl_patch){ .x0 = h->x, .y0 = h->y };
	return p;
}

const struct sl_patch *
sl_half_patch(struct sl_stream *s, struct sl_half *h, uint32_t n, struct sl_bytes *bytes)
{
	uint32_t len = bytes->n;
	struct sl_patch *p = grow_last(s, h, bytes);

	if (p != NULL) {
		sl_bytes_free(s, bytes);
	} else {
		p = new_patch(s, h);
		if (p == NULL)
			return NULL;
		p->bytes = *bytes;
		*bytes = (struct sl_bytes){ 0 };
	}
	h->x += n;
	h->y += len;
	p->x1 = h->x;
	p->y1 = h->y;
	return p;
}

void
sl_half_acked(struct sl_stream *s, struct sl_half *h)
{
	for (unsigned int i = 0; i < h->n_patches; i++) {
		if (sl_seq_before(h->una_y, patch_at(h, i)->y1))
			break;
		sl_bytes_free(s, &patch_at(h, i)->bytes);
	}
	while (h->n_patches > 0 && sl_seq_before(patch_at(h, 0)->y1, h->una_y - AGE))
		drop_first(s, h);
}

void
sl_half_restart(struct sl_stream *s, struct sl_half *h, uint32_t x)
{
	while (h->n_patches > 0)
		drop_first(s, h);
	h->keep.patch = NULL;
	h->x = h->y = h->floor_x = h->floor_y = x;
}

uint32_t
sl_half_y(const struct sl_half *h, uint32_t x)
{
	uint32_t delta = h->floor_y - h->floor_x;

	for (unsigned int i = 0; i < h->n_patches; i++) {
		const struct sl_patch *p = patch_at(h, i);

		if (!sl_seq_before(p->x0, x))
			break;
		delta = p->y1 - p->x1;
	}
	return x + delta;
}

const struct sl_patch *
sl_half_patch_in(const struct sl_half *h, uint32_t x0, uint32_t x1)
{
	for (unsigned int i = 0; i < h->n_patches; i++) {
		const struct sl_patch *p = patch_at(h, i);

		if (sl_seq_before(x0, p->x1))
			return sl_seq_before(p->x0, x1) ? p : NULL;
	}
	return NULL;
}

uint32_t
sl_half_ack(const struct sl_half *h, uint32_t y)
{
	uint32_t delta = h->floor_y - h->floor_x;

	for (unsigned int i = 0; i < h->n_patches; i++) {
		const struct sl_patch *p = patch_at(h, i);

		if (sl_seq_before(y, p->y1)) {
			if (sl_seq_before(p->y0, y))
				return p->x0;
			break;
		}
		delta = p->y1 - p->x1;
	}
	return y - delta;
}

/* Edges of a SACK block: a patch that is in it partly is not in it. */
static uint32_t
sack_left(const struct sl_half *h, uint32_t y)
{
	const struct sl_patch *p;
	uint32_t x = sl_half_ack(h, y);

	p = sl_half_patch_in(h, x, x + 1);
	return p != NULL && sl_seq_before(p->y0, y) ? p->x1 : x;
}

static uint32_t
sack_right(const struct sl_half *h, uint32_t y)
{
	uint32_t delta = h->floor_y - h->floor_x;

	for (unsigned int i = 0; i < h->n_patches; i++) {
		const struct sl_patch *p = patch_at(h, i);

		if (!sl_seq_before(p->y0, y))
			break;
		if (sl_seq_before(y, p->y1))
			return p->x0;
		delta = p->y1 - p->x1;
	}
	return y - delta;
}

void
sl_half_sack(const struct sl_half *h, struct sl_segment *g, uint32_t ack_y, uint32_t ack)
{
	uint8_t *to = rte_pktmbuf_mtod_offset(g->m, uint8_t *, g->sack_at), *from = to;
	unsigned int n = 0;

	for (unsigned int i = 0; i < g->sacks; i++, from += 8) {
		uint32_t left_y = sl_get32(from), right_y = sl_get32(from + 4);
		uint32_t left = sack_left(h, left_y), right = sack_right(h, right_y);
		/* RFC 2883: a block of what was acknowledged before reports a duplicate. */
		bool old = !sl_seq_before(ack_y, right_y);

		if (!sl_seq_before(left, right) || (!old && !sl_seq_before(ack, left)))
			continue;
		sl_put32(to, left);
		sl_put32(to + 4, right);
		to += 8;
		n++;
	}
	sl_wire_sacks(g, n);
}
