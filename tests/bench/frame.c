/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames for the library benchmark. A driver's receive puts a whole frame and its
 * metadata into an mbuf that is warm; here a 64-byte template is copied and the twelve
 * bytes of addresses and ports with two checksums are laid over it. The checksums of every
 * session are worked out beforehand, so that an arrival costs the same handful of cycles
 * whatever the session is, and can be measured alone and subtracted. frame_right() looks
 * at what came out with DPDK's own checksum functions, not with those that made it.
 */
#include "frame.h"

#include <netinet/in.h>

#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

static uint32_t
sum_words(const void *data, unsigned int bytes)
{
	const uint8_t *p = data;
	uint32_t sum = 0;
	uint16_t w;

	for (unsigned int i = 0; i < bytes; i += 2) {
		memcpy(&w, p + i, 2);
		sum += w;
	}
	return sum;
}

static uint16_t
sum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The transport header of a template. */
static void
put_l4(struct frame *f, unsigned int at, unsigned int l4_len, uint8_t proto, uint8_t tcp_flags,
	uint32_t seq, uint32_t ack)
{
	if (proto == IPPROTO_TCP) {
		struct rte_tcp_hdr *tcp = (void *)(f->bytes + at);

		tcp->sent_seq = rte_cpu_to_be_32(seq);
		tcp->recv_ack = rte_cpu_to_be_32(ack);
		tcp->data_off = sizeof(*tcp) << 2;
		tcp->tcp_flags = tcp_flags;
		tcp->rx_win = RTE_BE16(65000);
		f->l4_sum_at = at + offsetof(struct rte_tcp_hdr, cksum);
	} else {
		struct rte_udp_hdr *udp = (void *)(f->bytes + at);

		udp->dgram_len = rte_cpu_to_be_16(l4_len);
		f->l4_sum_at = at + offsetof(struct rte_udp_hdr, dgram_cksum);
	}
}

void
frame_init(struct frame *f, uint8_t proto, uint8_t tcp_flags, uint32_t seq, uint32_t ack,
	const struct rte_ether_addr *dst)
{
	static const struct rte_ether_addr from = { .addr_bytes = { 2, 0, 0, 0, 0xbe, 0xef } };
	struct rte_ether_hdr *eth = (void *)f->bytes;
	struct rte_ipv4_hdr *ip = (void *)(f->bytes + sizeof(*eth));
	unsigned int l4_len = FRAME_SIZE - FRAME_L4;

	memset(f, 0, sizeof(*f));
	eth->dst_addr = *dst;
	eth->src_addr = from;
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->total_length = rte_cpu_to_be_16(FRAME_SIZE - sizeof(*eth));
	ip->time_to_live = 64;
	ip->next_proto_id = proto;
	put_l4(f, FRAME_L4, l4_len, proto, tcp_flags, seq, ack);
	f->ip_part = sum_words(ip, sizeof(*ip));
	f->l4_part =
		sum_words(f->bytes + FRAME_L4, l4_len) + rte_cpu_to_be_16(l4_len) + RTE_BE16(proto);
}

void
frame_init6(struct frame *f, uint8_t proto, uint8_t tcp_flags, uint32_t seq, uint32_t ack,
	const struct rte_ether_addr *dst, const uint8_t *host, const uint8_t *prefix)
{
	static const struct rte_ether_addr from = { .addr_bytes = { 2, 0, 0, 0, 0xbe, 0xef } };
	struct rte_ether_hdr *eth = (void *)f->bytes;
	struct rte_ipv6_hdr *ip = (void *)(f->bytes + sizeof(*eth));
	unsigned int l4_len = FRAME6_SIZE - FRAME6_L4;

	memset(f, 0, sizeof(*f));
	f->six = true;
	eth->dst_addr = *dst;
	eth->src_addr = from;
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV6);
	ip->vtc_flow = RTE_BE32(6u << 28);
	ip->payload_len = rte_cpu_to_be_16((uint16_t)l4_len);
	ip->proto = proto;
	ip->hop_limits = 64;
	memcpy(ip->src_addr, host, 16);
	memcpy(ip->dst_addr, prefix, 16);
	put_l4(f, FRAME6_L4, l4_len, proto, tcp_flags, seq, ack);
	f->l4_part = sum_words(f->bytes + FRAME6_L4, l4_len) + sum_words(ip->src_addr, 32) +
		     rte_cpu_to_be_16(l4_len) + RTE_BE16(proto);
}

void
frame_arrival(const struct frame *f, rte_be32_t src, rte_be16_t sport, rte_be32_t dst,
	rte_be16_t dport, struct arrival *a)
{
	uint32_t addrs;

	*a = (struct arrival){ .src = src, .dst = dst, .sport = sport, .dport = dport };
	addrs = sum_words(a, 8);
	a->ip_sum = (uint16_t)~sum_fold(f->ip_part + addrs);
	a->l4_sum = (uint16_t)~sum_fold(f->l4_part + addrs + sport + dport);
	if (a->l4_sum == 0 && f->l4_sum_at == (f->six ? FRAME6_L4 : FRAME_L4) +
						      offsetof(struct rte_udp_hdr, dgram_cksum))
		a->l4_sum = 0xffff;
}

void
frame_read(const struct rte_mbuf *m, struct arrival *a)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

	memset(a, 0, sizeof(*a));
	if (p[14] >> 4 == 6) {
		memcpy(&a->src, p + 34, 4); /* behind the prefix */
		memcpy(&a->dst, p + 42, 4); /* bytes 4 to 7 of the host's */
		memcpy(&a->sport, p + FRAME6_L4, 4);
		return;
	}
	memcpy(a, p + FRAME_IP_SRC, 12);
}

static bool
right6(const struct rte_mbuf *m)
{
	const struct rte_ipv6_hdr *ip =
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv6_hdr *, RTE_ETHER_HDR_LEN);
	uint16_t l4 = rte_ipv6_udptcp_cksum(ip, ip + 1);

	return m->data_len == FRAME6_SIZE && m->pkt_len == FRAME6_SIZE && ip->hop_limits == 63 &&
	       rte_be_to_cpu_16(ip->payload_len) == FRAME6_SIZE - FRAME6_L4 &&
	       l4 == (ip->proto == IPPROTO_UDP ? 0xffff : 0);
}

bool
frame_right(const struct rte_mbuf *m)
{
	const struct rte_ipv4_hdr *ip =
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, RTE_ETHER_HDR_LEN);
	uint16_t l4;

	if (ip->version_ihl >> 4 == 6)
		return right6(m);
	if (m->data_len != FRAME_SIZE || m->pkt_len != FRAME_SIZE || ip->time_to_live != 63 ||
		rte_raw_cksum(ip, sizeof(*ip)) != 0xffff)
		return false;
	/* over a right checksum the sum is 0, which UDP writes as all ones */
	l4 = rte_ipv4_udptcp_cksum(ip, ip + 1);
	return l4 == (ip->next_proto_id == IPPROTO_UDP ? 0xffff : 0);
}
