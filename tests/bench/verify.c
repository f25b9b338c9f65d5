/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A figure counts only when the work was done. Before anything is timed, packets of many
 * sessions go through one by one under these eyes: the same mbuf in the same place, on the
 * other side, with the addresses and ports of its session, TTL less one, both checksums
 * right. Afterwards no drop counter may have moved.
 */
#include "rig.h"

static bool
one_right(
	const struct rig *r, const struct rte_mbuf *m, const struct arrival *sent, uint64_t session)
{
	bool out = r->from == SL_INSIDE;
	const struct endpoint *e = &r->outside[session];
	struct endpoint in;
	struct arrival got;

	frame_read(m, &got);
	if (!frame_right(m))
		return false;
	rig_inside(r, session, &in);
	if (out)
		return got.src == e->addr && got.sport == e->port && got.dst == sent->dst &&
		       got.dport == sent->dport;
	return sent->dst == e->addr && sent->dport == e->port && got.src == sent->src &&
	       got.sport == sent->sport && got.dst == in.addr && got.dport == in.port;
}

uint64_t
rig_verify(struct rig *r, uint64_t most)
{
	uint64_t n = RTE_MIN(RTE_ALIGN_MUL_FLOOR(most, BURST), r->n_order), bad = 0;
	const struct rte_mbuf *sent[BURST];

	for (uint64_t i = 0; i < n; i += BURST) {
		struct rte_mbuf **slot = r->mbuf + r->slot;
		uint64_t lost = r->lost;

		memcpy(sent, slot, sizeof(sent));
		rig_burst(r, r->arrival + i, slot);
		for (unsigned int k = 0; k < BURST; k++)
			/* the same packets in the same order, each translated */
			bad += r->lost != lost || slot[k] != sent[k] ||
			       !one_right(r, slot[k], &r->arrival[i + k], r->who[r->from][i + k]);
		r->slot = (r->slot + BURST) % RIG_MBUFS;
	}
	return bad;
}

uint64_t
rig_drops(const struct rig *r)
{
	uint64_t sum = 0;

	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++) {
		uint64_t n = sl_counter_is_drop(c) ? sl_counter_sum(r->nat, c) : 0;

		if (n)
			fprintf(stderr, "libbench: %s %lu: %s\n", sl_counter_name(c),
				(unsigned long)n, sl_counter_text(c));
		sum += n;
	}
	return sum;
}
