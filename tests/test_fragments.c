/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a receiver makes of fragments that went through the gateway.
 *
 * A datagram in 3, 4 and 5 pieces, in every order, each time with one more
 * piece of every kind that must not be believed (overlaps on all sides, a last one that
 * contradicts, one past the end of all datagrams), pushed in at every place in turn: 2,100
 * sets for each number of workers, with UDP, TCP and ICMP, in both directions. The pieces
 * that come out are put together as RFC 791 says. The result is the translated datagram
 * whole and right, or nothing that is complete. Which of the two is foretold from the order
 * by a model of twenty lines; only when a forged piece takes the exact place of true ones and
 * comes first is there nothing to see, and the receiver's checksum has to decide.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fragcut.h"

#define PIECES_MAX 5

enum kind {
	NO_MORE, /* just the pieces */
	SAME, /* one of them twice */
	FRONT, /* over the end of one and the beginning of the next */
	BACK,
	WITHIN,
	AROUND,
	LONGER, /* same place, other length */
	SHORTER,
	LAST_LONGER,
	LAST_SHORTER,
	PAST_65535,
	ODD, /* more fragments, and no multiple of 8 */
	EMPTY,
	BEYOND, /* behind the last */
	KINDS
};

/* ---- the sets ---- */

static const uint32_t lengths[PIECES_MAX + 1][PIECES_MAX] = {
	[3] = { 24, 24, 29 },
	[4] = { 24, 16, 16, 21 },
	[5] = { 24, 16, 8, 16, 13 },
};

static void
divide(struct piece *piece, unsigned int n)
{
	uint32_t off = 0;

	for (unsigned int i = 0; i < n; i++) {
		piece[i] = (struct piece){ off, lengths[n][i], i + 1 < n, false };
		off += piece[i].len;
	}
}

/* The piece too many; k chooses which of the others it is about. */
static struct piece
extra(const struct piece *piece, unsigned int n, enum kind kind, unsigned int k)
{
	struct piece any = piece[k % n], last = piece[n - 1], later = piece[1 + k % (n - 1)];
	struct piece inner = piece[k % (n - 1)];

	switch (kind) {
	case SAME:
		return any;
	case FRONT:
		return (struct piece){ later.off - 8, 16, true, true };
	case BACK:
		return (struct piece){ inner.off + inner.len - 8, 24, true, true };
	case WITHIN:
		return (struct piece){ (k & 1) * 8, 8, true, true };
	case AROUND:
		return (struct piece){ piece[1].off - 8, piece[1].len + 16, true, true };
	case LONGER:
		return (struct piece){ inner.off, inner.len + 8, true, true };
	case SHORTER: /* the first is 24 bytes: 16 of them hold all ports */
		return (struct piece){ piece[0].off, 16, true, true };
	case LAST_LONGER:
		return (struct piece){ last.off, last.len + 5, false, true };
	case LAST_SHORTER:
		return (struct piece){ last.off, last.len - 8, false, true };
	case PAST_65535:
		return (struct piece){ 65512, 16, false, true };
	case ODD:
		return (struct piece){ later.off, 13, true, true };
	case EMPTY:
		return (struct piece){ later.off, 0, true, true };
	default:
		return (struct piece){ 96, 8, true, true };
	}
}

enum fate {
	NOTHING, /* a piece contradicted another before all were there */
	RIGHT,
	FORGED, /* complete without a contradiction, with a piece that is not true */
};

/* Whether a piece may join those that are there; total is where the last one ends, or 0. */
static bool
joins(const struct piece *there, unsigned int n, uint32_t total, const struct piece *p)
{
	uint32_t end = p->off + p->len;

	if (p->len == 0 || (p->more && p->len % 8 != 0) || end > 65515)
		return false;
	if (total != 0 && (!p->more || end > total))
		return false;
	for (unsigned int i = 0; i < n; i++)
		if ((p->off < there[i].off + there[i].len && there[i].off < end) ||
			(!p->more && there[i].off + there[i].len > end))
			return false;
	return true;
}

static enum fate
foretell(const struct piece *sent, unsigned int n)
{
	struct piece there[PIECES_MAX + 1];
	uint32_t bytes = 0, total = 0;
	unsigned int m = 0;
	bool forged = false;

	for (unsigned int i = 0; i < n; i++) {
		bool again = false;

		for (unsigned int k = 0; k < m; k++)
			again = again ||
				(there[k].off == sent[i].off && there[k].len == sent[i].len &&
					there[k].more == sent[i].more);
		if (again)
			continue;
		if (!joins(there, m, total, &sent[i]))
			return NOTHING;
		there[m++] = sent[i];
		bytes += sent[i].len;
		forged = forged || sent[i].forged;
		if (!sent[i].more)
			total = sent[i].off + sent[i].len;
		if (bytes == total)
			return forged ? FORGED : RIGHT;
	}
	return NOTHING;
}

static void
judge(struct pipe *p, const struct way *way, enum fate fate, const char *set)
{
	unsigned int count[3] = { 0 };

	for (unsigned int i = 0; i < p->n_got; i++) {
		unsigned int id = frag_get16(frag_got_ip(p, i) + 4), k = 0;

		while (frag_get16(frag_got_ip(p, k) + 4) != id)
			k++;
		if (k == i) /* not judged yet */
			count[frag_assemble(p, way, id) + 1]++;
	}
	if (count[1] != (fate == FORGED))
		fail_msg("%s: %u complete and wrong", set, count[1]);
	if (count[2] != (fate == RIGHT))
		fail_msg("%s: %u complete and right", set, count[2]);
}

static void
run_set(struct pipe *p, const struct way *way, const struct piece *order, unsigned int n,
	bool any_order, unsigned int number)
{
	static struct pt_frame f;

	for (unsigned int i = 0; i < n; i++) {
		frag_cut(&way->whole, &order[i], (uint16_t)number, &f);
		frag_receive(p, way->in, &f);
		/* On their way between workers pieces overtake each other. */
		if (!any_order || (number + i) % 3 != 0)
			pipe_settle(p);
	}
	pipe_settle(p);
}

static bool
next_order(unsigned int *order, unsigned int n)
{
	unsigned int i = n - 1, k = n - 1, swap;

	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	while (order[k] <= order[i - 1])
		k--;
	swap = order[i - 1], order[i - 1] = order[k], order[k] = swap;
	for (k = n - 1; i < k; i++, k--)
		swap = order[i], order[i] = order[k], order[k] = swap;
	return true;
}

static unsigned int
all_orders(struct pipe *p, struct way *way, unsigned int n, enum kind kind, unsigned int number)
{
	unsigned int order[PIECES_MAX] = { 0, 1, 2, 3, 4 };
	struct piece piece[PIECES_MAX], sent[PIECES_MAX + 1];
	char why[128], set[64];

	divide(piece, n);
	do {
		unsigned int at = kind == NO_MORE ? n + 1 : number % (n + 1), m = 0;
		const struct way *w = &way[number / 2 % WAYS];

		for (unsigned int i = 0; i <= n; i++) {
			if (i == at)
				sent[m++] = extra(piece, n, kind, number / 3);
			if (i < n)
				sent[m++] = piece[order[i]];
		}
		number++;
		run_set(p, w, sent, m, kind == NO_MORE || kind == SAME, number);
		snprintf(set, sizeof(set), "set %u, kind %d, %u pieces", number, kind, n);
		judge(p, w, foretell(sent, m), set);
		if (kind == NO_MORE && p->n_got != n)
			fail_msg("%s: %u came out", set, p->n_got);
		pipe_discard(p);
		p->now += 2001;
		pipe_poll(p, 2);
		assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_FRAGMENTS_HELD_NOW), 0);
		if (!pipe_balanced(p, why, sizeof(why)))
			fail_msg("set %u: %s", number, why);
	} while (next_order(order, n));
	return number;
}

static void
every_order_and_overlap(unsigned int n_workers)
{
	struct pipe *p = pipe_create(n_workers, FRAG_CONF, 77, 1000);
	static struct way way[WAYS];
	unsigned int number = 0;

	frag_ways(p, way);
	for (unsigned int n = 3; n <= PIECES_MAX; n++)
		for (int kind = 0; kind < KINDS; kind++)
			number = all_orders(p, way, n, (enum kind)kind, number);
	assert_int_equal(number, (6 + 24 + 120) * KINDS);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
datagram_is_whole_and_right_or_nothing(void **state)
{
	(void)state;
	every_order_and_overlap(1);
}

static void
datagram_is_whole_and_right_or_nothing_with_two_workers(void **state)
{
	(void)state;
	every_order_and_overlap(2);
}

static void
datagram_is_whole_and_right_or_nothing_with_three_workers(void **state)
{
	(void)state;
	every_order_and_overlap(3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagram_is_whole_and_right_or_nothing),
		cmocka_unit_test(datagram_is_whole_and_right_or_nothing_with_two_workers),
		cmocka_unit_test(datagram_is_whole_and_right_or_nothing_with_three_workers),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
