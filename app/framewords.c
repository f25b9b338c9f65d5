/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A packet made of words, for explanations: Ethernet with a tenant's tags, IPv4 or IPv6, and the
 * header of its protocol, all lengths and checksums right, then zeros up to its length.
 *
 * Without more words it is what opens a session: a TCP SYN, a UDP datagram, an ICMP echo request;
 * of other protocols the shortest that has their header.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_icmp.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "framewords.h"

#define ECHO 8
#define ECHO6 128
#define OTHER 8 /* bytes of a header of another protocol */

static uint32_t
l4_len(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return sizeof(struct rte_tcp_hdr);
	case IPPROTO_SCTP:
		return 12;
	default:
		return OTHER; /* UDP, UDP-Lite, ICMP queries as well */
	}
}

static bool
has_ports(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
		return true;
	default:
		return false;
	}
}

static uint8_t
icmp_type(const struct framewords *f)
{
	return f->has_type ? f->type : f->src->six ? ECHO6 : ECHO;
}

static int
refuse(char *why, size_t size, const char *text)
{
	snprintf(why, size, "%s", text);
	return -EINVAL;
}

static int
check(const struct framewords *f, uint32_t len, size_t room, char *why, size_t size)
{
	uint32_t need = (f->src->six ? (uint32_t)sizeof(struct rte_ipv6_hdr)
				     : (uint32_t)sizeof(struct rte_ipv4_hdr)) +
			l4_len(f->proto);
	uint8_t type = icmp_type(f);
	bool ports = has_ports(f->proto);

	if (f->src->six != f->dst->six)
		return refuse(why, size, "both ends of a packet are IPv4, or both IPv6");
	if (ports && (f->src->port == 0 || f->dst->port == 0))
		return refuse(why, size, "both ends of this protocol have ports");
	if (!ports && f->proto != IPPROTO_ICMP && (f->src->port != 0 || f->dst->port != 0))
		return refuse(why, size, "this protocol has no ports");
	if (f->tcp_flags != 0 && f->proto != IPPROTO_TCP)
		return refuse(why, size, "only TCP has flags");
	if (f->has_type && f->proto != IPPROTO_ICMP)
		return refuse(why, size, "only ICMP has types");
	if (f->proto == IPPROTO_ICMP &&
		(f->src->six ? type < 128
			     : type == 3 || type == 4 || type == 5 || type == 11 || type == 12))
		return refuse(why, size,
			"an ICMP error goes the way of the packet that it quotes: explain that");
	if (f->src->six && f->df)
		return refuse(
			why, size, "IPv6 packets are never cut on their way, they have no DF");
	if (len < need) {
		snprintf(why, size, "a packet of this kind has %u bytes at least", need);
		return -EINVAL;
	}
	if (len + RTE_ETHER_HDR_LEN + 8 > room)
		return refuse(why, size, "the packet is too long");
	return 0;
}

/* Ethernet header and tags; returns their length. */
static uint32_t
put_ethernet(const struct framewords *f, uint8_t *frame)
{
	static const struct rte_ether_addr from = { { 0x02, 0, 0, 0, 0, 0xee } };
	rte_be16_t type =
		f->src->six ? RTE_BE16(RTE_ETHER_TYPE_IPV6) : RTE_BE16(RTE_ETHER_TYPE_IPV4);
	struct rte_ether_hdr *eth = (void *)frame;
	uint32_t at = sizeof(*eth);

	eth->dst_addr = f->to;
	eth->src_addr = from;
	eth->ether_type = type;
	for (int i = 0; i < 2 && f->vlan[i] != 0; i++) {
		struct rte_vlan_hdr tag = { rte_cpu_to_be_16(f->vlan[i]), type };
		rte_be16_t mark = i == 0 && f->vlan[1] != 0 ? RTE_BE16(RTE_ETHER_TYPE_QINQ)
							    : RTE_BE16(RTE_ETHER_TYPE_VLAN);

		memcpy(frame + at - 2, &mark, sizeof(mark));
		memcpy(frame + at, &tag, sizeof(tag));
		at += (uint32_t)sizeof(tag);
	}
	return at;
}

static void
put_icmp(const struct framewords *f, uint8_t *l4)
{
	rte_be16_t id = f->src->port != 0 ? f->src->port : f->dst->port;

	l4[0] = icmp_type(f);
	l4[1] = f->code;
	if (id == 0)
		id = RTE_BE16(1);
	memcpy(l4 + 4, &id, sizeof(id));
}

static void
put_tcp(const struct framewords *f, uint8_t *l4)
{
	struct rte_tcp_hdr tcp = {
		.src_port = f->src->port,
		.dst_port = f->dst->port,
		.sent_seq = RTE_BE32(1),
		.data_off = 5 << 4,
		.tcp_flags = f->tcp_flags != 0 ? f->tcp_flags : RTE_TCP_SYN_FLAG,
		.rx_win = RTE_BE16(65535),
	};

	memcpy(l4, &tcp, sizeof(tcp));
}

static void
put_ports(const struct framewords *f, uint8_t *l4, uint32_t n)
{
	struct rte_udp_hdr udp = {
		.src_port = f->src->port,
		.dst_port = f->dst->port,
		.dgram_len = f->proto == IPPROTO_SCTP ? 0 : rte_cpu_to_be_16((uint16_t)n),
	};

	memcpy(l4, &udp, sizeof(udp));
}

/* The header of the protocol; n bytes are its packet's. */
static void
put_l4(const struct framewords *f, uint8_t *l4, uint32_t n)
{
	if (f->proto == IPPROTO_ICMP)
		put_icmp(f, l4);
	else if (f->proto == IPPROTO_TCP)
		put_tcp(f, l4);
	else if (has_ports(f->proto))
		put_ports(f, l4, n);
}

/* Where the checksum is; 0: there is none of our making. */
static uint32_t
sum_at(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return offsetof(struct rte_tcp_hdr, cksum);
	case IPPROTO_UDP:
		return offsetof(struct rte_udp_hdr, dgram_cksum);
	case IPPROTO_ICMP:
		return 2;
	default:
		return 0;
	}
}

static void
put_sum(const struct framewords *f, uint8_t *ip, uint8_t *l4, uint32_t n)
{
	uint32_t at = sum_at(f->proto);
	uint16_t sum;

	if (at == 0)
		return;
	if (f->src->six)
		sum = rte_ipv6_udptcp_cksum((const struct rte_ipv6_hdr *)(void *)ip, l4);
	else if (f->proto == IPPROTO_ICMP)
		sum = (uint16_t)~rte_raw_cksum(l4, n);
	else
		sum = rte_ipv4_udptcp_cksum((const struct rte_ipv4_hdr *)(void *)ip, l4);
	memcpy(l4 + at, &sum, sizeof(sum));
}

static uint8_t *
put_ipv4(const struct framewords *f, uint8_t *at, uint32_t len)
{
	struct rte_ipv4_hdr ip = {
		.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = rte_cpu_to_be_16((uint16_t)len),
		.packet_id = RTE_BE16(1),
		.fragment_offset = f->df ? RTE_BE16(RTE_IPV4_HDR_DF_FLAG) : 0,
		.time_to_live = f->ttl,
		.next_proto_id = f->proto,
		.src_addr = f->src->net.addr,
		.dst_addr = f->dst->net.addr,
	};

	ip.hdr_checksum = rte_ipv4_cksum(&ip);
	memcpy(at, &ip, sizeof(ip));
	return at + sizeof(ip);
}

static uint8_t *
put_ipv6(const struct framewords *f, uint8_t *at, uint32_t len)
{
	struct rte_ipv6_hdr ip = {
		.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = rte_cpu_to_be_16((uint16_t)(len - sizeof(ip))),
		.proto = f->proto == IPPROTO_ICMP ? IPPROTO_ICMPV6 : f->proto,
		.hop_limits = f->ttl,
	};

	memcpy(ip.src_addr, &f->src->net6.addr, sizeof(ip.src_addr));
	memcpy(ip.dst_addr, &f->dst->net6.addr, sizeof(ip.dst_addr));
	memcpy(at, &ip, sizeof(ip));
	return at + sizeof(ip);
}

int
framewords_build(const struct framewords *f, uint8_t *frame, size_t room, char *why, size_t size)
{
	uint32_t head = f->src->six ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);
	uint32_t len = f->len != 0 ? f->len : head + l4_len(f->proto), at;
	int rc = check(f, len, room, why, size);
	uint8_t *l4;

	if (rc < 0)
		return rc;
	at = put_ethernet(f, frame);
	memset(frame + at, 0, len);
	l4 = f->src->six ? put_ipv6(f, frame + at, len) : put_ipv4(f, frame + at, len);
	put_l4(f, l4, len - head);
	put_sum(f, frame + at, l4, len - head);
	return (int)(at + len);
}
