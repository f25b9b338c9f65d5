/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Explanations on the bench: before a packet is received its workers are asked what would become
 * of it, and afterwards that is held against what has. A worker begins with a burst of no
 * packets, so that it knows the time; a poll would age.
 *
 * That asking changes nothing is shown by the tables themselves: their rows name ports and
 * counters, and every packet of theirs is asked about first.
 */
#include "foretell.h"

#include <stdio.h>
#include <string.h>

#define TURNS 6 /* to the owner, round, and to the owner of that */

bool
foretell(struct pipe *p, unsigned int *worker, enum sl_side side, const uint8_t *b, size_t len,
	struct sl_explain *x)
{
	if (len > sizeof(x->frame))
		return false;
	memset(x, 0, sizeof(*x));
	x->side = side;
	x->len = (uint32_t)len;
	memcpy(x->frame, b, len);
	for (int i = 0; i < TURNS; i++) {
		struct rte_mbuf *none[1] = { NULL };

		pipe_receive(p, *worker, (enum sl_side)x->side, none, 0);
		sl_explain(sl_nat_worker(p->nat, *worker), x);
		*worker = x->to;
		if (x->end == SL_EXPLAIN_TURN) {
			x->turned = true;
			x->side = SL_OUTSIDE;
		} else if (x->end != SL_EXPLAIN_HANDOFF) {
			return x->end == SL_EXPLAIN_VERDICT;
		}
	}
	return false;
}

/* A packet of a session that is there, or of none, leaves as was said, to the byte. */
static bool
same_frame(const struct pipe *p, const struct sl_explain *x)
{
	static uint8_t copy[SL_EXPLAIN_FRAME];

	for (unsigned int i = 0; i < p->n_got; i++) {
		uint32_t len = rte_pktmbuf_pkt_len(p->got[i].m);

		if (!p->got[i].punt && len == x->len &&
			memcmp(rte_pktmbuf_read(p->got[i].m, 0, len, copy), x->frame, len) == 0)
			return true;
	}
	return false;
}

bool
foretold(const struct pipe *p, const struct sl_explain *x, const uint64_t *before, char *why,
	size_t size)
{
	enum sl_counter c = (enum sl_counter)x->verdict;
	bool leaves = c == SL_COUNTER_TX_INSIDE || c == SL_COUNTER_TX_OUTSIDE;

	if (x->verdict >= SL_COUNTER_COUNT) {
		snprintf(why, size, "explained by no counter");
		return false;
	}
	if (sl_counter_sum(p->nat, c) == before[c]) {
		snprintf(why, size, "explained as %s, which did not move", sl_counter_name(c));
		return false;
	}
	for (unsigned int i = 0; i < x->n_moved; i++)
		if (sl_counter_sum(p->nat, (enum sl_counter)x->moved[i]) == before[x->moved[i]]) {
			snprintf(why, size, "explained with %s, which did not move",
				sl_counter_name((enum sl_counter)x->moved[i]));
			return false;
		}
	if (leaves && !x->opens && !x->turned && x->len > 0 && !same_frame(p, x)) {
		snprintf(why, size, "it did not leave as was explained");
		return false;
	}
	return true;
}
