/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_REWRITE_H
#define SL_REWRITE_H

#include "csum.h"
#include "flow.h"
#include "pkt.h"

/** Compute the checksum deltas of a flow whose endpoints are filled in. */
void sl_rewrite_prepare(struct sl_flow *f);

/** Where enhanced GRE has the call id (RFC 2637 section 4.1). */
#define SL_GRE_ID 6

/** The change that lowering TTL makes to the IP checksum. */
#if RTE_BYTE_ORDER == RTE_LITTLE_ENDIAN
#define SL_TTL_DELTA 0xfffeu
#else
#define SL_TTL_DELTA 0xfeffu
#endif

/**
 * Rewrite a packet of a flow: address, port or query id, both checksums, and TTL.
 * @param ttl  SL_TTL_DELTA to lower it, 0 to leave it
 */
static inline void
sl_rewrite(struct rte_ipv4_hdr *ip, uint8_t *l4, const struct sl_flow *f, enum sl_side from,
	uint32_t ttl)
{
	uint16_t port = from == SL_INSIDE ? f->out_port : f->in_port;
	uint32_t dip, dl4;

	if (from == SL_INSIDE) {
		ip->src_addr = f->out_addr;
		dip = f->delta_ip;
		dl4 = f->delta_l4;
	} else {
		ip->dst_addr = f->in_addr;
		dip = (uint16_t)~f->delta_ip;
		dl4 = (uint16_t)~f->delta_l4;
	}
	ip->time_to_live -= ttl != 0;
	ip->hdr_checksum = sl_csum_fix(ip->hdr_checksum, dip + ttl);
	if (f->proto == IPPROTO_UDP) {
		struct rte_udp_hdr *h = (void *)l4;

		if (from == SL_INSIDE)
			h->src_port = port;
		else
			h->dst_port = port;
		if (h->dgram_cksum != 0) {
			uint16_t c = sl_csum_fix(h->dgram_cksum, dl4);

			h->dgram_cksum = c != 0 ? c : 0xffff;
		}
	} else if (f->proto == IPPROTO_TCP) {
		struct rte_tcp_hdr *h = (void *)l4;

		if (from == SL_INSIDE)
			h->src_port = port;
		else
			h->dst_port = port;
		h->cksum = sl_csum_fix(h->cksum, dl4);
	} else if (f->proto == IPPROTO_ICMP) {
		struct rte_icmp_hdr *h = (void *)l4;

		h->icmp_ident = port;
		h->icmp_cksum = sl_csum_fix(h->icmp_cksum, dl4);
		/* A message of zeros only has the checksum 0xffff (RFC 1624 section 3). */
		if (unlikely(h->icmp_cksum == 0 && port == 0))
			h->icmp_cksum = 0xffff;
	} else if (f->proto == IPPROTO_UDPLITE) {
		/* RFC 3828 section 3.1: the checksum covers the addresses and is never zero. */
		struct rte_udp_hdr *h = (void *)l4;
		uint16_t c = sl_csum_fix(h->dgram_cksum, dl4);

		h->dgram_cksum = c != 0 ? c : 0xffff;
	} else if (from == SL_OUTSIDE && sl_flow_is_call(f)) {
		/* What goes out carries the remote end's own id; enhanced GRE has no checksum. */
		*(unaligned_uint16_t *)(l4 + SL_GRE_ID) = f->delta_l4;
	}
}

/** Rewrite what is left of a fragment: the id, and of a later one the address and TTL. */
void sl_rewrite_fragment(
	struct rte_ipv4_hdr *ip, const struct sl_pkt *p, const struct sl_flow *f, uint32_t ttl);

/** Rewrite an ICMP error and the packet that it quotes, all checksums included. */
void sl_rewrite_error(
	struct rte_mbuf *m, const struct sl_pkt *p, const struct sl_flow *f, bool lower_ttl);

#endif /* SL_REWRITE_H */
