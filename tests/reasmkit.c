/* SPDX-License-Identifier: BSD-3-Clause
 *
 * For the tests of reassembly: datagrams with all kinds of headers, the scissors, and a
 * second opinion. The datagram is built whole, cut as RFC 791 and RFC 8200 section 4.5 say,
 * and what comes back must be equal to what was cut, byte for byte. The model decides with
 * one flag for each byte of a datagram and has nothing of the table's ordered places.
 */
#include "reasmkit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_ether.h>

#include "csum.h"

/* ---- whole ones ---- */

static void
put_link(struct kit_whole *w, unsigned int tags, unsigned int type)
{
	memset(w, 0, sizeof(*w));
	memcpy(w->b, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02", 12);
	w->l3 = 12;
	for (unsigned int i = tags; i > 0; i--) {
		frag_put16(w->b + w->l3, i > 1 ? RTE_ETHER_TYPE_QINQ : RTE_ETHER_TYPE_VLAN);
		frag_put16(w->b + w->l3 + 2, 10 * i);
		w->l3 += 4;
	}
	frag_put16(w->b + w->l3, type);
	w->l3 += 2;
}

/* A UDP header and bytes that are not the same anywhere near each other. */
static void
put_payload(struct kit_whole *w, uint32_t at)
{
	for (uint32_t i = at; i < w->len; i++)
		w->b[i] = (uint8_t)((i * 2654435761u) >> 13);
	if (w->len - at < 8)
		return;
	frag_put16(w->b + at, 5060);
	frag_put16(w->b + at + 2, 5060);
	frag_put16(w->b + at + 4, (w->len - at) & 0xffff);
}

void
kit_ipv4(struct kit_whole *w, unsigned int tags, unsigned int options, uint32_t n)
{
	uint8_t *ip;

	put_link(w, tags, RTE_ETHER_TYPE_IPV4);
	ip = w->b + w->l3;
	w->part = w->l3 + 20 + options;
	w->len = w->part + n;
	w->id = 0x1234;
	ip[0] = (uint8_t)(0x45 + options / 4);
	frag_put16(ip + 2, 20 + options + n);
	frag_put16(ip + 4, w->id);
	ip[8] = 61;
	ip[9] = 17;
	memcpy(ip + 12, "\xc6\x33\x64\x09\xc0\0\x02\x01", 8); /* 198.51.100.9 > 192.0.2.1 */
	memset(ip + 20, 1, options);
	frag_put16(ip + 10, csum_ip4(ip));
	put_payload(w, w->part);
}

static const struct header {
	char letter;
	uint8_t type, length; /* as they stand in the packet */
	uint8_t len;
} headers[] = {
	{ 'h', 0, 1, 16 },
	{ 'r', 43, 0, 8 },
	{ 'd', 60, 2, 24 },
	{ 'a', 51, 4, 24 },
	{ 'b', 51, 1, 12 },
	{ 'f', 44, 0, 8 },
};

/* Lay a chain of extension headers at `at`; `field` says what the first one is. */
static uint32_t
put_chain(struct kit_whole *w, uint32_t at, uint32_t *field, const char *chain, uint8_t last)
{
	for (; *chain != '\0'; chain++) {
		const struct header *h = headers;

		while (h->letter != *chain)
			h++;
		memset(w->b + at, 0, h->len);
		w->b[*field] = h->type;
		w->b[at + 1] = h->length;
		*field = at;
		at += h->len;
	}
	w->b[*field] = last;
	return at;
}

void
kit_ipv6(struct kit_whole *w, unsigned int tags, const char *before, const char *behind, uint32_t n)
{
	static const uint8_t src[] = { 0x20, 1, 0xd, 0xb8, [15] = 9 };
	static const uint8_t dst[] = { 0x20, 1, 0xd, 0xb8, [6] = 7, [15] = 1 };
	uint32_t field, at;
	uint8_t *ip;

	put_link(w, tags, RTE_ETHER_TYPE_IPV6);
	ip = w->b + w->l3;
	w->v6 = true;
	w->id = 0x12345678;
	ip[0] = 0x60;
	ip[3] = 0x77; /* flow label */
	ip[7] = 61;
	memcpy(ip + 8, src, 16);
	memcpy(ip + 24, dst, 16);
	field = w->l3 + 6;
	w->part = put_chain(w, w->l3 + 40, &field, before, 17);
	w->prev = field;
	at = put_chain(w, w->part, &field, behind, 17);
	w->len = w->part + n;
	frag_put16(ip + 4, w->len - w->l3 - 40);
	put_payload(w, at);
}

uint32_t
kit_len(const struct kit_whole *w)
{
	return w->len - w->part;
}

/* ---- pieces ---- */

uint32_t
kit_cut(const struct kit_whole *w, const struct piece *p, uint8_t *frame)
{
	uint8_t *ip = frame + w->l3, *to = frame + w->part;

	memcpy(frame, w->b, w->part);
	if (w->v6) {
		to[0] = frame[w->prev];
		to[1] = 0;
		frag_put16(to + 2, p->off | p->more);
		frag_put16(to + 4, w->id >> 16);
		frag_put16(to + 6, w->id);
		frame[w->prev] = 44;
		to += 8;
		frag_put16(ip + 4, (unsigned int)(to - ip) - 40 + p->len);
	} else {
		frag_put16(ip + 2, w->part - w->l3 + p->len);
		frag_put16(ip + 6, frag_get16(ip + 6) | (p->more ? 0x2000 : 0) | p->off / 8);
		frag_put16(ip + 10, 0);
		frag_put16(ip + 10, csum_ip4(ip));
	}
	for (uint32_t i = 0; i < p->len; i++) {
		uint32_t at = w->part + p->off + i;

		to[i] = (at < w->len ? w->b[at] : 0xaa) ^ (p->forged ? 0xff : 0);
	}
	return (uint32_t)(to - frame) + p->len;
}

struct rte_mbuf *
kit_mbuf(const uint8_t *b, size_t len, size_t step)
{
	struct rte_mbuf *m = NULL, *more;

	if (step == 0)
		step = 1900;
	for (size_t at = 0; at < len; at += step) {
		more = pipe_mbuf(b + at, RTE_MIN(step, len - at));
		if (m == NULL)
			m = more;
		else
			assert_int_equal(rte_pktmbuf_chain(m, more), 0);
	}
	return m;
}

struct kit *
kit_begin(uint32_t max, uint32_t bytes)
{
	static const struct sl_seed seed = { { 0x1234567890abcdef, 2, 0xfedcba0987654321, 4 } };
	struct kit *k = calloc(1, sizeof(*k));

	assert_non_null(k);
	assert_int_equal(sl_reasm_init(&k->t, max, bytes, KIT_TIMEOUT, SOCKET_ID_ANY, &seed), 0);
	k->now = UINT32_MAX - 500; /* it will wrap */
	return k;
}

void
kit_end(struct kit *k)
{
	uint64_t counter[SL_COUNTER_COUNT] = { 0 }, dropped = 0;

	sl_reasm_collect(&k->t, counter);
	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++)
		if (sl_counter_is_drop((enum sl_counter)c))
			dropped += counter[c];
	assert_int_equal(k->in, k->out + dropped + k->t.n_held);
	while (k->t.n > 0)
		sl_reasm_age(&k->t, k->now + KIT_TIMEOUT, 7, NULL, 0);
	assert_int_equal(k->t.n_held, 0);
	assert_int_equal(k->t.bytes, 0);
	for (unsigned int i = 0; i < 2 * SL_REASM_SOURCES; i++) {
		assert_int_equal(k->t.source[i].datagrams, 0);
		assert_int_equal(k->t.source[i].bytes, 0);
	}
	sl_reasm_fini(&k->t);
	free(k);
	assert_int_equal(pipe_mbufs_out(), 0);
}

struct rte_mbuf *
kit_give(struct kit *k, struct rte_mbuf *m, uint32_t l3)
{
	k->in++;
	m = sl_reasm_add(&k->t, m, (uint16_t)l3, k->realm, k->now, &k->last);
	assert_int_equal(m != NULL, k->last.result <= SL_REASM_WHOLE);
	if (m != NULL)
		k->out += k->last.fragments;
	return m;
}

struct rte_mbuf *
kit_add(struct kit *k, const struct kit_whole *w, const struct piece *p)
{
	static uint8_t frame[KIT_MAX];

	return kit_give(k, kit_mbuf(frame, kit_cut(w, p, frame), 0), w->l3);
}

void
kit_expect(struct kit *k, const struct kit_whole *w, const struct piece *p,
	enum sl_reasm_result want, const char *what)
{
	struct rte_mbuf *m = kit_add(k, w, p);

	if (k->last.result != want || m != NULL)
		fail_msg("%s: %u-%u%s came to %d, not %d", what, p->off, p->off + p->len,
			p->more ? "+" : "", k->last.result, want);
}

uint64_t
kit_count(const struct kit *k, enum sl_reasm_result r)
{
	return k->t.count[r];
}

uint32_t
kit_draw(uint32_t below)
{
	static uint64_t state = 11;
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % below);
}

void
kit_same(struct rte_mbuf *m, const uint8_t *b, size_t len, const char *what)
{
	unsigned int segs = 0;
	size_t at = 0;

	if (m == NULL)
		fail_msg("%s: nothing came back", what);
	if (m->pkt_len != len)
		fail_msg("%s: %u bytes instead of %zu", what, m->pkt_len, len);
	for (const struct rte_mbuf *s = m; s != NULL; s = s->next, segs++) {
		const uint8_t *got = rte_pktmbuf_mtod(s, const uint8_t *);

		if (at + s->data_len > len)
			fail_msg("%s: segments longer than the packet", what);
		for (unsigned int i = 0; i < s->data_len; i++)
			if (got[i] != b[at + i])
				fail_msg("%s: byte %zu is %02x instead of %02x", what, at + i,
					got[i], b[at + i]);
		at += s->data_len;
	}
	if (at != len || segs != m->nb_segs)
		fail_msg("%s: %zu bytes, %u segments of %u", what, at, segs, m->nb_segs);
	rte_pktmbuf_free(m);
}

/* ---- the model ---- */

static enum sl_reasm_result
die(struct kit_model *k, enum sl_reasm_result why)
{
	k->dead = true;
	return why;
}

/* Where the last piece ends, 0 without one, and the furthest. */
static uint32_t
ends(const struct kit_model *k, uint32_t *top)
{
	uint32_t total = 0;

	*top = 0;
	for (unsigned int i = 0; i < k->n; i++) {
		uint32_t end = k->piece[i].off + k->piece[i].len;

		*top = RTE_MAX(*top, end);
		if (!k->piece[i].more)
			total = end;
	}
	return total;
}

enum sl_reasm_result
kit_foretell(struct kit_model *k, const struct piece *p)
{
	uint32_t end = p->off + p->len, top, total = ends(k, &top), missing = 0;

	if (k->dead)
		return SL_REASM_DEAD;
	if (p->len == 0)
		return die(k, SL_REASM_EMPTY);
	if (p->more && p->len % 8 != 0)
		return die(k, SL_REASM_ODD);
	if (k->base + end > 65535)
		return die(k, SL_REASM_LONG);
	for (unsigned int i = 0; i < k->n; i++)
		if (k->piece[i].off == p->off && k->piece[i].len == p->len)
			return k->piece[i].more == p->more ? SL_REASM_DUPLICATE
							   : die(k, SL_REASM_LAST);
	for (uint32_t i = p->off; i < end; i++)
		if (k->there[i])
			return die(k, SL_REASM_OVERLAP);
	if (p->more ? total != 0 && end > total : total != 0 || end < top)
		return die(k, SL_REASM_LAST);
	if (k->n == SL_REASM_PIECES)
		return die(k, SL_REASM_MANY);
	memset(k->there + p->off, 1, p->len);
	k->piece[k->n++] = *p;
	total = ends(k, &top);
	for (uint32_t i = 0; i < total; i++)
		missing += !k->there[i];
	return total != 0 && missing == 0 ? SL_REASM_WHOLE : SL_REASM_HELD;
}
