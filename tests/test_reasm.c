/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reassembly of whole datagrams: what was cut comes back byte for byte, in every order, with
 * every kind of header, over all segments; and what contradicts itself does not come back.
 * 40,000 random sets are held against a model that works byte by byte. Time, memory and
 * floods are in test_reasm_limits.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reasmkit.h"

#define SETS 40000
#define PIECES_MAX 12

static struct kit_whole whole, other;

/* Divide a datagram into pieces of `step` bytes. */
static unsigned int
divide(const struct kit_whole *w, uint32_t step, struct piece *piece)
{
	uint32_t len = kit_len(w), n = 0;

	for (uint32_t off = 0; off < len; off += step, n++)
		piece[n] = (struct piece){ off, RTE_MIN(step, len - off), off + step < len, false };
	return n;
}

/* ---- order ---- */

/* Send pieces in an order, the last of which must bring the datagram back. */
static void
assemble(struct kit *k, const struct kit_whole *w, const struct piece *piece,
	const unsigned int *order, unsigned int n, const char *what)
{
	for (unsigned int i = 0; i + 1 < n; i++)
		kit_expect(k, w, &piece[order[i]], SL_REASM_HELD, what);
	kit_same(kit_add(k, w, &piece[order[n - 1]]), w->b, w->len, what);
	assert_int_equal(k->last.result, SL_REASM_WHOLE);
	assert_int_equal(k->last.fragments, n);
	assert_int_equal(k->last.id, w->id);
	assert_int_equal(k->t.n, 0);
}

/* Order number k of n pieces. */
static void
order_of(unsigned int number, unsigned int n, unsigned int *order)
{
	for (unsigned int i = 0; i < n; i++) {
		unsigned int at = number % (i + 1);

		number /= i + 1;
		memmove(order + at + 1, order + at, (i - at) * sizeof(*order));
		order[at] = i;
	}
}

static void
every_order(struct kit *k, const struct kit_whole *w)
{
	struct piece piece[8];
	unsigned int order[8], n = divide(w, 24, piece);

	assert_int_equal(n, 5);
	for (unsigned int number = 0; number < 120; number++) {
		order_of(number, n, order);
		assemble(k, w, piece, order, n, "order");
		assert_int_equal(k->last.largest, w->part - w->l3 + (w->v6 ? 8 : 0) + 24);
	}
}

static void
datagram_comes_back_whole_in_every_order(void **state)
{
	struct kit *k = kit_begin(16, KIT_BYTES);

	(void)state;
	for (unsigned int tags = 0; tags < 3; tags++) {
		kit_ipv4(&whole, tags, tags * 20, 109);
		every_order(k, &whole);
		kit_ipv6(&whole, tags, "", "", 109);
		every_order(k, &whole);
	}
	kit_end(k);
}

/* ---- generated sets ---- */

static unsigned int
random_set(const struct kit_whole *w, struct piece *sent)
{
	uint32_t len = kit_len(w), off = 0, step;
	unsigned int n = 0, extra = kit_draw(2) * kit_draw(4);

	while (off < len) {
		step = n == PIECES_MAX - 1 ? len : 8 * (1 + kit_draw(8));
		step = RTE_MIN(step, len - off);
		if (off == 0 && step == len)
			step = 8;
		sent[n++] = (struct piece){ off, step, off + step < len, false };
		off += step;
	}
	for (; extra > 0; extra--) {
		struct piece p = sent[kit_draw(n)];

		if (kit_draw(2)) {
			p.off = 8 * kit_draw(len / 8 + 3);
			p.len = kit_draw(4) == 0 ? kit_draw(40) : 8 * kit_draw(6);
			p.more = p.off == 0 || kit_draw(3) != 0;
			p.forged = true;
		}
		sent[n++] = p;
	}
	for (unsigned int i = n - 1; i > 0; i--) {
		unsigned int at = kit_draw(i + 1);
		struct piece swap = sent[i];

		sent[i] = sent[at];
		sent[at] = swap;
	}
	return n;
}

/* The frame that the pieces of the model make. */
static void
compose(const struct kit_whole *w, const struct kit_model *model, struct kit_whole *right)
{
	static uint8_t frame[KIT_MAX];
	uint32_t total = 0;

	for (unsigned int i = 0; i < model->n; i++)
		total = RTE_MAX(total, model->piece[i].off + model->piece[i].len);
	if (w->v6)
		kit_ipv6(right, 1, "hd", "", total);
	else
		kit_ipv4(right, 1, 8, total);
	for (unsigned int i = 0; i < model->n; i++) {
		const struct piece *p = &model->piece[i];
		uint32_t len = kit_cut(w, p, frame);

		memcpy(right->b + right->part + p->off, frame + len - p->len, p->len);
	}
}

static void
random_sets_end_as_foretold(void **state)
{
	static struct kit_model model;
	struct kit *k = kit_begin(16, KIT_BYTES);
	unsigned int ended[SL_REASM_RESULTS] = { 0 };
	struct piece sent[PIECES_MAX + 4];

	(void)state;
	for (unsigned int set = 0; set < SETS; set++) {
		enum sl_reasm_result want = SL_REASM_HELD;
		unsigned int n;

		if (set % 2)
			kit_ipv6(&whole, 1, "hd", "", 9 + kit_draw(200));
		else
			kit_ipv4(&whole, 1, 8, 9 + kit_draw(200));
		n = random_set(&whole, sent);
		memset(&model, 0, sizeof(model));
		model.base = whole.part - whole.l3 - (whole.v6 ? 40 : 0);
		for (unsigned int i = 0; i < n && want != SL_REASM_WHOLE; i++) {
			struct rte_mbuf *m = kit_add(k, &whole, &sent[i]);

			want = kit_foretell(&model, &sent[i]);
			ended[want]++;
			if (k->last.result != want)
				fail_msg("set %u, piece %u: %d instead of %d", set, i,
					k->last.result, want);
			if (want != SL_REASM_WHOLE)
				continue;
			compose(&whole, &model, &other);
			kit_same(m, other.b, other.len, "random set");
		}
		k->now += KIT_TIMEOUT;
		sl_reasm_age(&k->t, k->now, 1, NULL, 0);
		assert_int_equal(pipe_mbufs_out(), 0);
	}
	assert_true(ended[SL_REASM_WHOLE] > SETS / 2);
	assert_true(ended[SL_REASM_OVERLAP] > SETS / 20 && ended[SL_REASM_DUPLICATE] > SETS / 20);
	assert_true(ended[SL_REASM_LAST] > SETS / 200 && ended[SL_REASM_ODD] > SETS / 200);
	kit_end(k);
}

/* ---- what contradicts itself ---- */

struct row {
	const char *when;
	const char *pieces; /* from-to, and + when more follow; all but the last one are kept */
	enum sl_reasm_result want;
};

/* clang-format off */
static const struct row rows[] = {
	{ "over the end of one", "0-24+ 16-40+", SL_REASM_OVERLAP },
	{ "over the beginning of one", "24-48+ 0-32+", SL_REASM_OVERLAP },
	{ "within one", "0-48+ 16-24+", SL_REASM_OVERLAP },
	{ "around one", "16-24+ 0-48+", SL_REASM_OVERLAP },
	{ "around all", "8-16+ 24-32+ 0-48+", SL_REASM_OVERLAP },
	{ "same place, longer", "8-24+ 8-32+", SL_REASM_OVERLAP },
	{ "same place, shorter", "8-24+ 8-16+", SL_REASM_OVERLAP },
	{ "same end", "8-24+ 16-24+", SL_REASM_OVERLAP },
	{ "over two", "0-16+ 24-40+ 8-32+", SL_REASM_OVERLAP },
	{ "between two, too long", "0-16+ 24-40+ 16-32+", SL_REASM_OVERLAP },
	{ "last over one byte of another", "24-32+ 8-25", SL_REASM_OVERLAP },
	{ "over one byte of the last", "8-17 16-24+", SL_REASM_OVERLAP },
	{ "first over all but a byte", "8-24+ 0-16+", SL_REASM_OVERLAP },
	{ "behind the last", "16-24 24-32+", SL_REASM_LAST },
	{ "far behind the last", "0-8+ 16-21 800-808+", SL_REASM_LAST },
	{ "second last, later", "8-16 16-24", SL_REASM_LAST },
	{ "second last, earlier", "24-32 8-16", SL_REASM_LAST },
	{ "last before another", "24-32+ 8-16", SL_REASM_LAST },
	{ "last after all, in the place of one", "8-16+ 8-16", SL_REASM_LAST },
	{ "not the last after all", "8-16 8-16+", SL_REASM_LAST },
	{ "first without bytes", "0-0+", SL_REASM_EMPTY },
	{ "later without bytes", "0-8+ 8-8+", SL_REASM_EMPTY },
	{ "last without bytes", "0-8+ 8-8", SL_REASM_EMPTY },
	{ "first of 13 bytes", "0-13+", SL_REASM_ODD },
	{ "later of 15 bytes", "0-8+ 8-23+", SL_REASM_ODD },
	{ "one byte that is not the last", "8-9+", SL_REASM_ODD },
	{ "past 65535", "0-8+ 65528-65544", SL_REASM_LONG },
	{ "far past 65535", "65528-67000", SL_REASM_LONG },
	{ "one byte past 65535", "65528-65536", SL_REASM_LONG },
};
/* clang-format on */

static unsigned int
parse_pieces(const char *text, struct piece *piece)
{
	unsigned int n = 0, from, to;
	int used;

	for (; sscanf(text, "%u-%u%n", &from, &to, &used) == 2; n++) {
		text += used;
		piece[n] = (struct piece){ from, to - from, *text == '+', false };
		text += *text == '+';
	}
	return n;
}

static void
run_row(struct kit *k, const struct kit_whole *w, const struct row *row)
{
	static const unsigned int order[] = { 1, 0, 2 };
	struct piece piece[8], good[8];
	unsigned int n = parse_pieces(row->pieces, piece);

	for (unsigned int i = 0; i + 1 < n; i++)
		kit_expect(k, w, &piece[i], SL_REASM_HELD, row->when);
	kit_expect(k, w, &piece[n - 1], row->want, row->when);
	assert_int_equal(kit_count(k, row->want), n);
	assert_int_equal(k->t.n_held, 0);
	assert_int_equal(pipe_mbufs_out(), 0);
	/* What belongs to it is refused until its time is over. */
	k->now += KIT_TIMEOUT - 1;
	assert_int_equal(divide(w, 24, good), 3);
	for (unsigned int i = 0; i < 3; i++)
		kit_expect(k, w, &good[i], SL_REASM_DEAD, row->when);
	k->now++;
	assemble(k, w, good, order, 3, row->when);
	assert_int_equal(kit_count(k, SL_REASM_TIMEOUT), 0);
}

static void
contradiction_ends_the_datagram(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2 * RTE_DIM(rows); i++) {
		struct kit *k = kit_begin(16, KIT_BYTES);

		if (i % 2)
			kit_ipv6(&whole, 0, "d", "", 61);
		else
			kit_ipv4(&whole, 0, 0, 61);
		run_row(k, &whole, &rows[i / 2]);
		kit_end(k);
	}
}

static void
duplicate_is_dropped_alone(void **state)
{
	static const unsigned int order[] = { 2, 0, 1 };
	struct kit *k = kit_begin(16, KIT_BYTES);
	struct piece piece[8];

	(void)state;
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		if (v6)
			kit_ipv6(&whole, 0, "", "", 61);
		else
			kit_ipv4(&whole, 0, 0, 61);
		assert_int_equal(divide(&whole, 24, piece), 3);
		for (unsigned int i = 0; i < 2; i++) {
			kit_expect(k, &whole, &piece[order[i]], SL_REASM_HELD, "duplicate");
			for (unsigned int j = 0; j <= i; j++)
				kit_expect(k, &whole, &piece[order[j]], SL_REASM_DUPLICATE,
					"duplicate");
		}
		assert_int_equal(k->t.n_held, 2);
		kit_same(kit_add(k, &whole, &piece[1]), whole.b, whole.len, "duplicate");
	}
	assert_int_equal(kit_count(k, SL_REASM_DUPLICATE), 6);
	kit_end(k);
}

static void
sixty_four_pieces_are_whole_and_one_more_is_too_many(void **state)
{
	struct kit *k = kit_begin(16, KIT_BYTES);
	struct piece piece[80];
	unsigned int order[80];

	(void)state;
	kit_ipv4(&whole, 0, 0, 64 * 8);
	assert_int_equal(divide(&whole, 8, piece), 64);
	for (unsigned int i = 0; i < 64; i++)
		order[i] = i * 37 % 64;
	assemble(k, &whole, piece, order, 64, "64 pieces of 8 bytes");
	kit_ipv6(&whole, 0, "", "", 65 * 8);
	assert_int_equal(divide(&whole, 8, piece), 65);
	for (unsigned int i = 0; i < 64; i++)
		kit_expect(k, &whole, &piece[64 - i], SL_REASM_HELD, "many");
	kit_expect(k, &whole, &piece[0], SL_REASM_MANY, "many");
	kit_end(k);
}

/* ---- length ---- */

/* Cut into pieces as of an Ethernet, from the last to the first. */
static void
assemble_back(struct kit *k, const struct kit_whole *w, const char *what)
{
	static struct piece piece[80];
	unsigned int order[80], n = divide(w, 1448, piece);

	for (unsigned int i = 0; i < n; i++)
		order[i] = n - 1 - i;
	assemble(k, w, piece, order, n, what);
}

static void
datagram_of_65535_bytes_is_whole(void **state)
{
	const struct piece last4 = { 65512, 4, false, false }, last6 = { 65528, 8, false, false };
	const struct piece fits4 = { 65512, 3, false, false }, first = { 0, 48, true, false };
	struct kit *k = kit_begin(16, KIT_BYTES);

	(void)state;
	kit_ipv4(&whole, 2, 0, 65515);
	assemble_back(k, &whole, "IPv4 of 65535 bytes");
	kit_expect(k, &whole, &last4, SL_REASM_LONG, "IPv4 of 65536 bytes");
	k->now += KIT_TIMEOUT;
	kit_ipv4(&whole, 0, 40, 65475);
	assemble_back(k, &whole, "IPv4 of 65535 bytes with options");
	kit_ipv6(&whole, 2, "", "", 65535);
	assemble_back(k, &whole, "IPv6 of 65535 bytes");
	kit_expect(k, &whole, &last6, SL_REASM_LONG, "IPv6 of 65536 bytes");
	k->now += KIT_TIMEOUT;
	kit_ipv6(&whole, 0, "hr", "", 65535 - 24);
	assemble_back(k, &whole, "IPv6 of 65535 bytes with extension headers");

	/* Later fragments need not have the options of the first, which come on top. */
	kit_ipv4(&whole, 0, 0, 65515);
	kit_expect(k, &whole, &fits4, SL_REASM_HELD, "no options");
	kit_ipv4(&whole, 0, 4, 65475);
	kit_expect(k, &whole, &first, SL_REASM_LONG, "options of the first");
	k->now += KIT_TIMEOUT;
	kit_expect(k, &whole, &first, SL_REASM_HELD, "options of the first");
	kit_ipv4(&whole, 0, 0, 65515);
	kit_expect(k, &whole, &fits4, SL_REASM_LONG, "no options");
	kit_end(k);
}

static void
what_is_behind_the_datagram_is_cut_off(void **state)
{
	struct kit *k = kit_begin(16, KIT_BYTES);
	static uint8_t frame[KIT_MAX];
	struct piece piece[8];

	(void)state;
	for (unsigned int i = 0; i < 2 * 64; i++) {
		struct rte_mbuf *m = NULL;

		if (i % 2)
			kit_ipv6(&whole, 0, "", "", 41);
		else
			kit_ipv4(&whole, 0, 0, 41);
		assert_int_equal(divide(&whole, 16, piece), 3);
		for (unsigned int n = 0; n < 3; n++) {
			uint32_t len = kit_cut(&whole, &piece[n], frame);

			memset(frame + len, 0xee, 64);
			m = kit_give(k, kit_mbuf(frame, len + i / 2, i % 3 == 0 ? 0 : i), whole.l3);
		}
		kit_same(m, whole.b, whole.len, "padding");
	}
	kit_end(k);
}

/* ---- segments ---- */

static void
cut_over_segments(struct kit *k, const struct kit_whole *w)
{
	static uint8_t frame[3][KIT_MAX];
	struct rte_mbuf *m = NULL;
	struct piece piece[8];
	uint32_t len[3];

	assert_int_equal(divide(w, (kit_len(w) / 3 + 7) & ~7u, piece), 3);
	for (unsigned int i = 0; i < 3; i++)
		len[i] = kit_cut(w, &piece[i], frame[i]);
	for (uint32_t step = 1; step < len[0]; step++) {
		for (unsigned int i = 0; i < 3; i++) /* all of them in segments of so many bytes */
			m = kit_give(k, kit_mbuf(frame[i], len[i], step), w->l3);
		kit_same(m, w->b, w->len, "steps");
		for (unsigned int i = 0; i < 3; i++) /* each cut once */
			m = kit_give(k,
				pipe_mbuf_split(frame[i], len[i], RTE_MIN(step, len[i] - 1)),
				w->l3);
		kit_same(m, w->b, w->len, "once");
	}
	for (unsigned int i = 0; i < 3; i++) { /* segments without a byte */
		m = kit_mbuf(frame[i], len[i], 50);
		assert_int_equal(rte_pktmbuf_chain(m, pipe_mbuf(frame[i], 0)), 0);
		m->pkt_len += 9;
		rte_pktmbuf_lastseg(m)->next = pipe_mbuf(frame[i], 9);
		m->nb_segs++;
		m = kit_give(k, m, w->l3);
	}
	kit_same(m, w->b, w->len, "empty segments");
}

static void
headers_lie_over_any_segments(void **state)
{
	struct kit *k = kit_begin(16, 64 << 20);

	(void)state;
	kit_ipv4(&whole, 0, 0, 69);
	cut_over_segments(k, &whole);
	kit_ipv4(&whole, 2, 40, 69);
	cut_over_segments(k, &whole);
	kit_ipv6(&whole, 0, "", "", 69);
	cut_over_segments(k, &whole);
	kit_ipv6(&whole, 1, "hrd", "da", 199);
	cut_over_segments(k, &whole);
	kit_end(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagram_comes_back_whole_in_every_order),
		cmocka_unit_test(random_sets_end_as_foretold),
		cmocka_unit_test(contradiction_ends_the_datagram),
		cmocka_unit_test(duplicate_is_dropped_alone),
		cmocka_unit_test(sixty_four_pieces_are_whole_and_one_more_is_too_many),
		cmocka_unit_test(datagram_of_65535_bytes_is_whole),
		cmocka_unit_test(what_is_behind_the_datagram_is_cut_off),
		cmocka_unit_test(headers_lie_over_any_segments),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
