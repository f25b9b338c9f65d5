/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets to stand-ins leave as IPv6. One that may be cut and is larger than an IPv6 host is
 * sure to receive is cut as IPv4 first, each piece so that it fits with an IPv6 header and a
 * fragment header, and the pieces are made IPv6 one by one (RFC 7915 section 4). Its transport
 * is put right before that, while it is one.
 */
#include <rte_ip_frag.h>

#include "out.h"
#include "six_out.h"
#include "six_path.h"
#include "six_quick.h"
#include "six_with.h"

#define PIECES 64 /* of one packet */

bool
sl_six_out(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p)
{
	return sl_six_out_quick(w, m, p);
}

static void
drop(struct sl_worker *w, struct rte_mbuf *m, int why)
{
	sl_count(w, (enum sl_counter)why, 1);
	rte_pktmbuf_free(m);
}

static void
send_one(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint64_t mac)
{
	if (likely(sl_out_ethernet(w, m, p, SL_INSIDE, mac, RTE_BE16(RTE_ETHER_TYPE_IPV6))))
		sl_out_frame(w, SL_INSIDE, m);
}

static void
send_cut(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, const struct sl_xlat *with,
	uint64_t mac)
{
	struct rte_mbuf *part[PIECES];
	int n, why = sl_six_up_l4(m, p, with);

	if (why != 0) {
		drop(w, m, why);
		return;
	}
	/* An error is IPv6 already, and small. */
	if (rte_pktmbuf_mtod(m, uint8_t *)[p->l3] >> 4 == 6) {
		send_one(w, m, p, mac);
		return;
	}
	rte_pktmbuf_adj(m, p->l3);
	n = rte_ipv4_fragment_packet(
		m, part, RTE_DIM(part), (uint16_t)(w->snap->whole6 - 8), w->pool, w->pool);
	rte_pktmbuf_free(m);
	if (n <= 0) {
		sl_count(w, SL_COUNTER_DROP_TOO_BIG, 1);
		return;
	}
	sl_count(w, SL_COUNTER_FRAGMENTS_MADE, (uint64_t)n - 1);
	for (int i = 0; i < n; i++) {
		struct sl_pkt piece = { .side = p->side, .tenant = p->tenant };

		why = sl_six_up_l3(part[i], &piece, with);
		if (why != 0)
			drop(w, part[i], why);
		else
			send_one(w, part[i], &piece, mac);
	}
}

void
sl_six_send(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint64_t mac)
{
	const struct sl_host *h = sl_host_of(w, sl_pkt_ip(m, p)->dst_addr);
	struct sl_xlat with = sl_six_with(w, h, SL_INSIDE);
	int why;

	if (unlikely(h == NULL)) {
		drop(w, m, SL_COUNTER_DROP_NO_ROUTE);
		return;
	}
	sl_count(w, SL_COUNTER_NAT64_IN, 1);
	if (unlikely(p->flags & SL_PKT_BIG)) {
		send_cut(w, m, p, &with, mac);
		return;
	}
	why = sl_six_up(m, p, &with);
	if (unlikely(why != 0))
		drop(w, m, why);
	else
		send_one(w, m, p, mac);
}
