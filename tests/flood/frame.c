/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames of the flood generator. It stands in for the router behind each port of the box.
 */
#include <netinet/in.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "flood.h"

#define AT_IP 14
#define AT_L4 34

static const struct rte_ether_addr box_mac[2] = { { { 2, 0, 0, 0, 1, 1 } },
	{ { 2, 0, 0, 0, 2, 1 } } };
static const struct rte_ether_addr own_mac[2] = { { { 2, 0, 0, 0, 10, 1 } },
	{ { 2, 0, 0, 0, 11, 1 } } };

uint16_t
flood_sum(const void *data, size_t n, uint32_t sum)
{
	const uint8_t *p = data;
	uint16_t w;

	for (size_t i = 0; i + 1 < n; i += 2) {
		memcpy(&w, p + i, 2);
		sum += w;
	}
	if (n % 2 != 0)
		sum += p[n - 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint16_t
flood_ip_frame(uint8_t *frame, const struct flood_ip *ip, uint16_t n)
{
	struct rte_ether_hdr *eth = (void *)frame;
	struct rte_ipv4_hdr h = {
		.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = rte_cpu_to_be_16((uint16_t)(sizeof(h) + n)),
		.packet_id = rte_cpu_to_be_16(ip->id),
		.fragment_offset = rte_cpu_to_be_16(ip->frag),
		.time_to_live = ip->ttl != 0 ? ip->ttl : 64,
		.next_proto_id = ip->proto,
		.src_addr = rte_cpu_to_be_32(ip->src),
		.dst_addr = rte_cpu_to_be_32(ip->dst),
	};

	eth->dst_addr = box_mac[ip->side];
	eth->src_addr = own_mac[ip->side];
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	h.hdr_checksum = flood_sum(&h, sizeof(h), 0);
	memcpy(frame + AT_IP, &h, sizeof(h));
	return (uint16_t)RTE_MAX(AT_L4 + n, 60);
}

/* The sum over addresses, protocol and length that is in front of the transport's own. */
static uint32_t
pseudo(const struct flood_ip *ip, uint16_t n)
{
	return (ip->src >> 16) + (ip->src & 0xffff) + (ip->dst >> 16) + (ip->dst & 0xffff) +
	       ip->proto + n;
}

static uint16_t
transport_sum(const uint8_t *l4, const struct flood_ip *ip, uint16_t n)
{
	uint32_t sum = pseudo(ip, n);

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return flood_sum(l4, n, rte_cpu_to_be_16((uint16_t)sum));
}

uint16_t
flood_udp(uint8_t *frame, const struct flood_ip *ip, uint16_t sport, uint16_t dport,
	const struct flood_tag *tag)
{
	uint16_t n = sizeof(struct rte_udp_hdr) + sizeof(*tag);
	struct rte_udp_hdr h = {
		.src_port = rte_cpu_to_be_16(sport),
		.dst_port = rte_cpu_to_be_16(dport),
		.dgram_len = rte_cpu_to_be_16(n),
	};

	memcpy(frame + AT_L4, &h, sizeof(h));
	memcpy(frame + AT_L4 + sizeof(h), tag, sizeof(*tag));
	h.dgram_cksum = transport_sum(frame + AT_L4, ip, n);
	if (h.dgram_cksum == 0)
		h.dgram_cksum = 0xffff; /* 0 would say that there is none */
	memcpy(frame + AT_L4, &h, sizeof(h));
	return flood_ip_frame(frame, ip, n);
}

uint16_t
flood_tcp(uint8_t *frame, const struct flood_ip *ip, uint16_t sport, uint16_t dport, uint32_t seq,
	uint32_t ack, uint8_t flags, const struct flood_tag *tag)
{
	uint16_t n = sizeof(struct rte_tcp_hdr);
	struct rte_tcp_hdr h = {
		.src_port = rte_cpu_to_be_16(sport),
		.dst_port = rte_cpu_to_be_16(dport),
		.sent_seq = rte_cpu_to_be_32(seq),
		.recv_ack = rte_cpu_to_be_32(ack),
		.data_off = 5 << 4,
		.tcp_flags = flags,
		.rx_win = RTE_BE16(0xffff),
	};

	memcpy(frame + AT_L4, &h, sizeof(h));
	if (tag != NULL) {
		memcpy(frame + AT_L4 + n, tag, sizeof(*tag));
		n += (uint16_t)sizeof(*tag);
	}
	h.cksum = transport_sum(frame + AT_L4, ip, n);
	memcpy(frame + AT_L4, &h, sizeof(h));
	return flood_ip_frame(frame, ip, n);
}

struct flood_tag
flood_tag(enum flood_kind kind, uint32_t flow, uint32_t number)
{
	return (struct flood_tag){ FLOOD_MAGIC, (uint16_t)kind, flow, number, ~number };
}

uint32_t
flood_random(void)
{
	static uint64_t s = 0x5eed0f100d5;

	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return (uint32_t)(s >> 16);
}
