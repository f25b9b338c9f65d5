/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_QUICK_H
#define SL_QUICK_H

#include <string.h>

#include "csum.h"
#include "pkt.h"
#include "state.h"

/**
 * The usual packet: TCP or UDP in a whole IPv4 packet without options, in one segment, to our
 * own MAC, without a tag. Nine of ten packets are such, and for them all that parse does is a
 * few loads. Everything else, all that is wrong included, is left to sl_pkt_parse(), which
 * says the same about a usual packet (tests/test_quick.c).
 */
#define SL_QUICK_L3 ((uint16_t)sizeof(struct rte_ether_hdr))
#define SL_QUICK_L4 ((uint16_t)(SL_QUICK_L3 + sizeof(struct rte_ipv4_hdr)))

static inline uint64_t
sl_load64(const void *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static inline uint32_t
sl_load32(const void *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static inline uint16_t
sl_load16(const void *at)
{
	uint16_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

/* The sum of the 20 bytes of an IPv4 header without options, folded. */
static inline uint16_t
sl_quick_sum(const uint8_t *ip)
{
	uint64_t a = sl_load64(ip), b = sl_load64(ip + 8), s;

	s = (a & UINT32_MAX) + (a >> 32) + (b & UINT32_MAX) + (b >> 32) + sl_load32(ip + 16);
	s = (s & UINT32_MAX) + (s >> 32);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

/** Length of the transport header when it is as it should be, else 0. */
static inline uint32_t
sl_quick_l4(uint8_t proto, const uint8_t *l4, uint32_t l4_len)
{
	uint32_t n;

	if (proto == IPPROTO_UDP) {
		n = rte_be_to_cpu_16(sl_load16(l4 + offsetof(struct rte_udp_hdr, dgram_len)));
		return n >= sizeof(struct rte_udp_hdr) && n <= l4_len;
	}
	if (proto != IPPROTO_TCP || l4_len < sizeof(struct rte_tcp_hdr))
		return 0;
	n = (l4[offsetof(struct rte_tcp_hdr, data_off)] >> 4) * 4u;
	return n >= sizeof(struct rte_tcp_hdr) && n <= l4_len;
}

/**
 * Fill in p for a usual packet.
 * @return false when it is none: then p is not valid and nothing was changed
 */
static inline bool
sl_quick_parse(const struct sl_snap *s, enum sl_side side, struct rte_mbuf *m, struct sl_pkt *p)
{
	const uint8_t *eth = rte_pktmbuf_mtod(m, const uint8_t *), *ip = eth + SL_QUICK_L3,
		      *l4 = eth + SL_QUICK_L4;
	uint32_t len = m->data_len, total, src, dst;
	uint8_t proto;

	if (unlikely(len < SL_QUICK_L4 + sizeof(struct rte_udp_hdr) || m->nb_segs != 1))
		return false;
	total = rte_be_to_cpu_16(sl_load16(ip + 2));
	proto = ip[9];
	src = sl_load32(ip + 12);
	dst = sl_load32(ip + 16);
	/* The network's order: 224.0.0.0/3 is no unicast, and holds what stands for IPv6 hosts. */
	if (unlikely(((sl_load64(eth) ^ s->mac_word[side]) << 16) != 0 ||
		     sl_load16(eth + 12) != RTE_BE16(RTE_ETHER_TYPE_IPV4) ||
		     ip[0] != RTE_IPV4_VHL_DEF || total > len - SL_QUICK_L3 ||
		     total < sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_udp_hdr) ||
		     (sl_load16(ip + 6) & RTE_BE16(0x3fff)) != 0 ||
		     (~dst & RTE_BE32(0xe0000000)) == 0 || (~src & RTE_BE32(0xe0000000)) == 0 ||
		     sl_quick_sum(ip) != 0xffff))
		return false;
	if (unlikely(!sl_quick_l4(proto, l4, total - (uint32_t)sizeof(struct rte_ipv4_hdr))))
		return false;
	*p = (struct sl_pkt){
		.key = {
			.src = src,
			.dst = dst,
			.sport = sl_load16(l4),
			.dport = sl_load16(l4 + 2),
			.proto = proto,
			.side = (uint8_t)side,
		},
		.l3 = SL_QUICK_L3,
		.l4 = SL_QUICK_L4,
		.ip_len = (uint16_t)total,
		.side = (uint8_t)side,
		.tcp_flags = proto == IPPROTO_TCP
				     ? l4[offsetof(struct rte_tcp_hdr, tcp_flags)]
				     : 0,
	};
	if (len > SL_QUICK_L3 + total) /* padding */
		m->pkt_len = m->data_len = (uint16_t)(SL_QUICK_L3 + total);
	return true;
}

#endif /* SL_QUICK_H */
