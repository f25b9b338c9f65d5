/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ICMP errors that the box makes itself: Time Exceeded, Unreachable, Fragmentation Needed.
 * They go back to the station that sent the packet, so its Ethernet header is turned
 * round and no neighbour has to be known; the source address is the box's own on that
 * side (RFC 1812 section 4.3.2.4), so an inside address never shows outside.
 *
 * Errors are made for packets as they came, before any rewrite: each side is quoted what
 * it sent. RFC 1812 section 4.3.2.7 says when not to; section 4.3.2.8 wants a rate limit.
 */
#include "icmp.h"
#include "out.h"
#include "rewrite.h"
#include "six_answer.h"
#include "state.h"

#define QUOTE 548 /* RFC 1812 section 4.3.2.3: the whole error at most 576 bytes */

static bool
may_answer(const struct sl_worker *w, const struct rte_ipv4_hdr *ip, const struct sl_pkt *p)
{
	uint32_t src = rte_be_to_cpu_32(ip->src_addr);

	if (w->snap->icmp_mute[p->side] ||
		(p->flags & (SL_PKT_ERROR | SL_PKT_CAST | SL_PKT_HAIRPIN)))
		return false;
	if (ip->fragment_offset & RTE_BE16(0x1fff))
		return false;
	return src >> 24 != 0 && src >> 24 != 127 && (src >> 28 < 0xe || sl_stand_is(ip->src_addr));
}

static rte_be32_t
own_address(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p)
{
	if (unlikely(sl_stand_is(sl_pkt_ip(m, p)->src_addr)))
		return RTE_BE32(INADDR_LOOPBACK); /* will be an IPv6 one */
	return p->side == SL_INSIDE ? w->snap->tenant[p->tenant].addr : w->snap->outside_addr;
}

static void
fill(struct rte_mbuf *e, struct rte_mbuf *m, const struct sl_pkt *p, rte_be32_t from,
	uint32_t quote)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	const struct rte_ipv4_hdr *old = sl_pkt_ip(m, p);
	struct rte_ether_hdr *out = rte_pktmbuf_mtod(e, struct rte_ether_hdr *);
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(e, struct rte_ipv4_hdr *, p->l3);
	const void *data;

	memcpy(out, eth, p->l3); /* VLAN tags and all */
	out->dst_addr = eth->src_addr;
	out->src_addr = eth->dst_addr;
	*ip = (struct rte_ipv4_hdr){
		.version_ihl = 0x45,
		.type_of_service = 0xc0, /* RFC 1812 section 4.3.2.5 */
		.total_length = rte_cpu_to_be_16((uint16_t)(sizeof(*ip) + 8 + quote)),
		.time_to_live = 64,
		.next_proto_id = IPPROTO_ICMP,
		.src_addr = from,
		.dst_addr = old->src_addr,
	};
	ip->hdr_checksum = (uint16_t)~sl_sum_words(ip, sizeof(*ip));
	data = rte_pktmbuf_read(m, p->l3, quote, (uint8_t *)(ip + 1) + 8);
	if (data != (uint8_t *)(ip + 1) + 8)
		memcpy((uint8_t *)(ip + 1) + 8, data, quote);
}

void
sl_icmp_error(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, uint8_t type,
	uint8_t code, uint16_t mtu)
{
	const struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	uint32_t quote = RTE_MIN((uint32_t)p->ip_len, (uint32_t)QUOTE),
		 len = p->l3 + 20 + 8 + quote;
	rte_be32_t from = own_address(w, m, p);
	struct rte_mbuf *e = NULL;
	uint8_t *icmp;

	if (from == 0 || !may_answer(w, ip, p) ||
		!sl_bucket_take(&w->icmp_bucket, w->snap->icmp_rate, w->now64) ||
		sl_dry_error(w, false, type, code) || (e = rte_pktmbuf_alloc(w->pool)) == NULL ||
		rte_pktmbuf_append(e, (uint16_t)len) == NULL) {
		rte_pktmbuf_free(e);
		sl_count(w, SL_COUNTER_ICMP_MUTED, 1);
		return;
	}
	fill(e, m, p, from, quote);
	icmp = rte_pktmbuf_mtod_offset(e, uint8_t *, p->l3 + 20u);
	icmp[0] = type;
	icmp[1] = code;
	memset(icmp + 2, 0, 6);
	mtu = rte_cpu_to_be_16(mtu);
	memcpy(icmp + 6, &mtu, sizeof(mtu));
	*(unaligned_uint16_t *)(icmp + 2) = (uint16_t)~sl_icmp_sum(e, p->l3 + 20u, 8 + quote);
	if (unlikely(sl_stand_is(ip->src_addr))) {
		sl_six_answer(w, e, p);
		return;
	}
	sl_count(w, SL_COUNTER_ICMP_MADE, 1);
	sl_out_frame(w, p->side, e);
}
