/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ICMPv6 errors that the box makes itself about packets that are IPv6 still: a routing header,
 * an unknown protocol, a hop limit that ran out. As those of IPv4 (icmp.c) they go back to the
 * station that sent the packet, its Ethernet header turned round. Section 2.4 of RFC 4443 says
 * when not to make one, and that it holds as much of the packet as fits into 1280 bytes.
 *
 * Errors about packets that have become IPv4 are made by icmp.c and then translated.
 */
#include "icmp6.h"
#include "out.h"
#include "six.h"
#include "state.h"

#define QUOTE (1280 - sizeof(struct rte_ipv6_hdr) - 8)

static const struct sl_ip6 *
own_address(const struct sl_worker *w, const struct sl_pkt *p)
{
	const struct sl_snap *s = w->snap;
	const struct sl_ip6 *a =
		p->side == SL_INSIDE ? &s->tenant[p->tenant].addr6 : &s->outside_addr6;

	return sl_ip6_bogon(a) ? NULL : a;
}

static bool
may_answer(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l3);
	uint8_t type;

	if (w->snap->icmp_mute[p->side] || (p->flags & (SL_PKT_CAST | SL_PKT_LATER)) ||
		sl_ip6_bogon((const struct sl_ip6 *)(const void *)(ip + 8)) || ip[24] == 0xff)
		return false;
	/* Types below 128 are errors. */
	if (p->key.proto != IPPROTO_ICMP || p->l4 == 0 || p->l4 >= m->data_len)
		return true;
	type = *rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l4);
	return type >= 128;
}

static void
fill(struct rte_mbuf *e, struct rte_mbuf *m, const struct sl_pkt *p, const struct sl_ip6 *from,
	uint32_t quote)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	const struct rte_ipv6_hdr *old = rte_pktmbuf_mtod_offset(m, struct rte_ipv6_hdr *, p->l3);
	struct rte_ether_hdr *out = rte_pktmbuf_mtod(e, struct rte_ether_hdr *);
	struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod_offset(e, struct rte_ipv6_hdr *, p->l3);
	uint8_t *to = (uint8_t *)(ip + 1) + 8;
	const void *data;

	memcpy(out, eth, p->l3); /* VLAN tags and all */
	out->dst_addr = eth->src_addr;
	out->src_addr = eth->dst_addr;
	*ip = (struct rte_ipv6_hdr){
		.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = rte_cpu_to_be_16((uint16_t)(8 + quote)),
		.proto = IPPROTO_ICMPV6,
		.hop_limits = 64,
	};
	memcpy(ip->src_addr, from, sizeof(*from));
	memcpy(ip->dst_addr, old->src_addr, sizeof(ip->dst_addr));
	data = rte_pktmbuf_read(m, p->l3, quote, to);
	if (data != to)
		memcpy(to, data, quote);
}

void
sl_icmp6_error(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, uint8_t type,
	uint8_t code, uint32_t word)
{
	uint32_t quote = RTE_MIN((uint32_t)p->ip_len, (uint32_t)QUOTE),
		 l4 = p->l3 + (uint32_t)sizeof(struct rte_ipv6_hdr);
	const struct sl_ip6 *from = own_address(w, p);
	struct rte_mbuf *e = NULL;
	rte_be32_t rest = rte_cpu_to_be_32(word);
	uint8_t *icmp;
	uint16_t sum;

	if (from == NULL || !may_answer(w, m, p) ||
		!sl_bucket_take(&w->icmp_bucket, w->snap->icmp_rate, w->now64) ||
		sl_dry_error(w, true, type, code) || (e = rte_pktmbuf_alloc(w->pool)) == NULL ||
		rte_pktmbuf_append(e, (uint16_t)(l4 + 8 + quote)) == NULL) {
		rte_pktmbuf_free(e);
		sl_count(w, SL_COUNTER_ICMP_MUTED, 1);
		return;
	}
	fill(e, m, p, from, quote);
	icmp = rte_pktmbuf_mtod_offset(e, uint8_t *, l4);
	icmp[0] = type;
	icmp[1] = code;
	memset(icmp + 2, 0, 2);
	memcpy(icmp + 4, &rest, sizeof(rest));
	sum = (uint16_t)~sl_fold((uint64_t)sl_icmp_sum(e, l4, 8 + quote) + sl_ip6_sum(from) +
				 sl_ip6_sum(rte_pktmbuf_mtod_offset(e, uint8_t *, l4 - 16)) +
				 rte_cpu_to_be_16((uint16_t)(8 + quote)) +
				 RTE_BE16(IPPROTO_ICMPV6));
	memcpy(icmp + 2, &sum, sizeof(sum));
	sl_count(w, SL_COUNTER_ICMP_MADE, 1);
	sl_out_frame(w, p->side, e);
}
