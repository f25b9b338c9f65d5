/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A connection that another process has led (restore.c): what its helper has changed has arrived,
 * and all that is left of it is that the numbers of each side are so far from those that its peer
 * reads. Nothing else of the connection is known, neither what is on its way nor what either
 * side has seen; so every segment passes in whatever order, its numbers shifted, and no byte is
 * looked at. A number that was in use before the last change is as wrong for its reader as it
 * would be if the process had stayed and forgotten its patches: a late duplicate, refused.
 *
 * It ends when both have said FIN or one RST. A SYN of an inside host that uses the ports again
 * then begins a connection that is read as any other; one from outside does so after both FINs
 * only, since a RST is easily forged.
 */
#include "stream_past.h"
#include "stream_map.h"

void
sl_stream_past(struct sl_stream *s, const uint32_t shift[2])
{
	s->past = true;
	for (int side = 0; side < 2; side++)
		s->half[side].floor_y = shift[side];
}

/* Does this SYN begin another connection? */
static bool
is_next(const struct sl_stream *s, const struct sl_segment *g)
{
	if ((g->flags & (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG | RTE_TCP_RST_FLAG)) !=
		RTE_TCP_SYN_FLAG)
		return false;
	return (s->half[0].fin && s->half[1].fin) || (s->closed && g->from == SL_INSIDE);
}

bool
sl_past_take(struct sl_stream *s, struct sl_segment *g)
{
	const struct sl_half *peer = &s->half[SL_ACROSS(g->from)];
	struct rte_tcp_hdr *t = sl_segment_tcp(g);
	uint32_t y = g->ack;

	if (is_next(s, g)) {
		s->past = false;
		s->closed = true;
		return false;
	}
	if (g->flags & RTE_TCP_FIN_FLAG)
		s->half[g->from].fin = true;
	if (g->flags & RTE_TCP_RST_FLAG)
		s->closed = true;
	if (!(g->flags & RTE_TCP_SYN_FLAG)) {
		t->sent_seq = rte_cpu_to_be_32(sl_half_y(&s->half[g->from], g->seq));
		if (g->flags & RTE_TCP_ACK_FLAG)
			t->recv_ack = rte_cpu_to_be_32(sl_half_ack(peer, y));
		if (g->sacks > 0)
			sl_half_sack(peer, g, y, sl_half_ack(peer, y));
	}
	sl_wire_send(s, g->from, g->m);
	return true;
}
