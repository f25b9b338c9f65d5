/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_QUICK6_H
#define SL_QUICK6_H

#include "host.h"
#include "quick.h"
#include "six_pkt.h"

/**
 * The usual packet for a NAT64 prefix: TCP or UDP behind an IPv6 header without extensions, in
 * one segment, to our own MAC, without a tag. All others are sl_six_parse()'s, which says the
 * same about a usual one (tests/test_quick6.c).
 */
#define SL_QUICK6_L4 ((uint16_t)(SL_QUICK_L3 + sizeof(struct rte_ipv6_hdr)))

/** The prefix of tenant 0 that holds an address; n_nat64 when there is none. */
static inline uint32_t
sl_quick6_prefix(const struct sl_snap *s, const uint8_t *addr)
{
	for (uint32_t i = 0; i < s->n_nat64; i++)
		if (likely(sl_prefix_holds(&s->nat64[i].match, addr)) && s->nat64[i].tenant == 0)
			return i;
	return s->n_nat64;
}

/**
 * Fill in p and x for a usual packet from inside.
 * @return false when it is none: then they are not valid and nothing was changed
 */
static inline bool
sl_quick6_parse(const struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_six *x)
{
	const struct sl_snap *s = w->snap;
	const uint8_t *eth = rte_pktmbuf_mtod(m, const uint8_t *), *ip = eth + SL_QUICK_L3,
		      *l4 = eth + SL_QUICK6_L4;
	uint32_t len = m->data_len, l4_len, i;
	uint8_t proto;

	if (unlikely(len < SL_QUICK6_L4 + sizeof(struct rte_udp_hdr) || m->nb_segs != 1))
		return false;
	l4_len = rte_be_to_cpu_16(sl_load16(ip + 4));
	proto = ip[6];
	if (unlikely(((sl_load64(eth) ^ s->mac_word[SL_INSIDE]) << 16) != 0 ||
		     sl_load16(eth + 12) != RTE_BE16(RTE_ETHER_TYPE_IPV6) || ip[0] >> 4 != 6 ||
		     l4_len > len - SL_QUICK6_L4 || l4_len < sizeof(struct rte_udp_hdr) ||
		     !sl_quick_l4(proto, l4, l4_len)))
		return false;
	i = sl_quick6_prefix(s, ip + 24);
	if (unlikely(i == s->n_nat64))
		return false;
	*x = (struct sl_six){
		.hash = sl_host_hash(&w->hosts.seed, 0, (uint8_t)i, ip + 8),
		.host = SL_QUICK_L3 + 8,
		.nat64 = (uint8_t)i,
	};
	if (unlikely(!sl_prefix_take(&s->nat64[i].prefix, ip + 24, &x->dst)))
		return false;
	*p = (struct sl_pkt){
		.key = {
			.sport = sl_load16(l4),
			.dport = sl_load16(l4 + 2),
			.proto = proto,
			.side = SL_INSIDE,
		},
		.l3 = SL_QUICK_L3,
		.l4 = SL_QUICK6_L4,
		.ip_len = (uint16_t)(sizeof(struct rte_ipv6_hdr) + l4_len),
		.side = SL_INSIDE,
		.tcp_flags = proto == IPPROTO_TCP
				     ? l4[offsetof(struct rte_tcp_hdr, tcp_flags)]
				     : 0,
	};
	if (len > SL_QUICK6_L4 + l4_len) /* padding */
		m->pkt_len = m->data_len = (uint16_t)(SL_QUICK6_L4 + l4_len);
	return true;
}

#endif /* SL_QUICK6_H */
