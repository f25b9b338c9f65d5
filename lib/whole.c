/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whole datagrams where fragments will not do: for a helper, which reads them, and for checksums
 * that cover the length (six_path.c). They are put together (reasm.c) at the flow's owner, after
 * their home has told them the ports. The datagram then may be cut anew, whatever DF said: its
 * sender did cut it.
 */
#include "whole.h"
#include "csum.h"
#include "parse.h"
#include "state.h"

#define AGE_SLICE 64 /* incomplete datagrams looked at by one call */

static void
after_reasm(struct sl_worker *w)
{
	sl_reasm_collect(&w->reasm, w->counter);
	w->counter[SL_COUNTER_FRAGMENTS_HELD_NOW] = w->defrag.n_held + w->reasm.n_held;
}

bool
sl_whole_join(struct sl_worker *w, struct rte_mbuf **m, uint16_t l3, uint16_t realm)
{
	struct sl_reasm_out out;

	w->reasm.timeout = w->snap->timeout[SL_TIMEOUT_FRAGMENT];
	*m = sl_reasm_add(&w->reasm, *m, l3, realm, w->now, &out);
	after_reasm(w);
	if (*m == NULL)
		return false;
	sl_count(w, SL_COUNTER_FRAGMENTS_JOINED, out.fragments - 1);
	return true;
}

static void
allow_cutting(struct rte_mbuf *m, uint16_t l3)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, l3);
	rte_be16_t field = ip->fragment_offset & (rte_be16_t)~RTE_BE16(RTE_IPV4_HDR_DF_FLAG);

	ip->hdr_checksum = sl_csum_fix(ip->hdr_checksum, sl_delta16(ip->fragment_offset, field));
	ip->fragment_offset = field;
}

enum sl_verdict
sl_whole_packet(struct sl_worker *w, struct rte_mbuf **m, struct sl_pkt *p)
{
	uint16_t realm = p->side == SL_INSIDE ? (uint16_t)(p->tenant + 1) : 0, l3 = p->l3;
	enum sl_side side = (enum sl_side)p->side;
	uint8_t hairpin = p->flags & SL_PKT_HAIRPIN;
	enum sl_verdict v;

	if (!sl_whole_join(w, m, l3, realm))
		return SL_HELD;
	allow_cutting(*m, l3);
	v = sl_pkt_parse(w, side, *m, p);
	p->flags |= hairpin;
	return v;
}

void
sl_whole_age(struct sl_worker *w)
{
	sl_reasm_age(&w->reasm, w->now, AGE_SLICE, NULL, 0);
	after_reasm(w);
}
