/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ICMPv4 errors that the box makes itself, for those that are IPv6 hosts.
 */
#include "six_answer.h"
#include "out.h"
#include "six_with.h"

void
sl_six_answer(struct sl_worker *w, struct rte_mbuf *e, const struct sl_pkt *p)
{
	const struct sl_ip6 *from = &w->snap->tenant[p->tenant].addr6;
	const rte_be16_t type = RTE_BE16(RTE_ETHER_TYPE_IPV6);
	struct sl_pkt answer = { .l3 = p->l3, .side = SL_OUTSIDE };
	uint8_t eth[RTE_ETHER_HDR_LEN + 8], *to;
	struct sl_xlat with;

	with = sl_six_with(w, sl_host_of(w, sl_pkt_ip(e, p)->dst_addr), SL_INSIDE);
	with.tos_mask = with.tos = 0; /* nobody sent it but we */
	with.from = from;
	memcpy(eth, rte_pktmbuf_mtod(e, void *), p->l3);
	if (with.host == NULL || sl_ip6_bogon(from) || sl_six_up(e, &answer, &with) != 0 ||
		(to = (uint8_t *)rte_pktmbuf_prepend(e, p->l3)) == NULL) {
		rte_pktmbuf_free(e);
		sl_count(w, SL_COUNTER_ICMP_MUTED, 1);
		return;
	}
	memcpy(to, eth, p->l3);
	memcpy(to + p->l3 - sizeof(type), &type, sizeof(type));
	sl_count(w, SL_COUNTER_ICMP_MADE, 1);
	sl_out_frame(w, SL_INSIDE, e);
}
