/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What is sent in each attack. A frame depends on its number and on a random source that
 * repeats itself; those that aim at live flows are told one.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <rte_arp.h>
#include <rte_icmp.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include "flood.h"

#define AT_L4 34
#define AT_IP6_PAYLOAD 54

/* One subscriber, another tuple each time. */
static uint16_t
newflow(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	const struct flood_ip ip = { INSIDE, ATTACKER, (uint32_t)(STRANGERS + n / 60000), 0, 0,
		IPPROTO_UDP, 0 };
	const struct flood_tag tag = flood_tag(ATTACK, 0, (uint32_t)n);

	RTE_SET_USED(flow);
	return flood_udp(frame, &ip, (uint16_t)(2000 + n % 60000), 9, &tag);
}

static uint16_t
syn(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	const struct flood_ip ip = { INSIDE, ATTACKER + 1, STRANGERS + (flood_random() & 0xffff), 0,
		0, IPPROTO_TCP, 0 };

	RTE_SET_USED(flow);
	return flood_tcp(frame, &ip, (uint16_t)(1024 + n % 60000), 443, flood_random(), 0,
		RTE_TCP_SYN_FLAG, NULL);
}

/* Any address and port of the pool but that of a live flow, from anywhere. */
static struct flood_ip
stranger(uint8_t proto)
{
	return (struct flood_ip){ OUTSIDE, STRANGERS + (flood_random() & 0xffff),
		POOL + flood_random() % POOL_SIZE, (uint16_t)flood_random(), 0, proto, 0 };
}

static uint16_t
scan(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	const struct flood_tag tag = flood_tag(ATTACK, 0, (uint32_t)n);
	struct flood_ip ip = stranger(n % 2 ? IPPROTO_TCP : IPPROTO_UDP);
	uint16_t port = (uint16_t)(1 + flood_random() % 65535);

	RTE_SET_USED(flow);
	if (n % 2)
		return flood_tcp(frame, &ip, (uint16_t)n, port, flood_random(), flood_random(),
			RTE_TCP_ACK_FLAG, NULL);
	return flood_udp(frame, &ip, (uint16_t)n, port, &tag);
}

static uint16_t
synout(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	struct flood_ip ip = stranger(IPPROTO_TCP);

	RTE_SET_USED(flow);
	return flood_tcp(frame, &ip, (uint16_t)n, (uint16_t)(1 + flood_random() % 65535),
		flood_random(), 0, RTE_TCP_SYN_FLAG, NULL);
}

/* A later piece of a datagram of its own. */
static uint16_t
piece(uint8_t *frame, enum flood_side side, uint32_t src, uint32_t dst, uint64_t n)
{
	const struct flood_ip ip = { side, src, dst, (uint16_t)n, 0x2000 | 3,
		n >> 16 & 1 ? IPPROTO_TCP : IPPROTO_UDP, 0 };

	memset(frame + AT_L4, 0, 48);
	return flood_ip_frame(frame, &ip, 48);
}

static uint16_t
frag1(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	RTE_SET_USED(flow);
	return piece(frame, OUTSIDE, STRANGERS + 1, POOL + (uint32_t)(n >> 16) % POOL_SIZE, n);
}

static uint16_t
frag64k(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	RTE_SET_USED(flow);
	return piece(frame, OUTSIDE, STRANGERS + (uint32_t)(n & 0xffff), POOL, n >> 16);
}

static uint16_t
fragin(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	RTE_SET_USED(flow);
	return piece(frame, INSIDE, ATTACKER + 2, STRANGERS + (uint32_t)(n >> 16), n);
}

/* Who has the box's address, asked by ever other hosts. */
static uint16_t
arp(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	const struct flood_ip none = { INSIDE, 0, 0, 0, 0, 0, 0 };
	struct rte_ether_hdr *eth = (void *)frame;
	struct rte_arp_hdr h = {
		.arp_hardware = RTE_BE16(RTE_ARP_HRD_ETHER),
		.arp_protocol = RTE_BE16(RTE_ETHER_TYPE_IPV4),
		.arp_hlen = 6,
		.arp_plen = 4,
		.arp_opcode = RTE_BE16(RTE_ARP_OP_REQUEST),
		.arp_data.arp_sip = rte_cpu_to_be_32((BOX_INSIDE & ~255u) + 2 + n % 250),
		.arp_data.arp_tip = RTE_BE32(BOX_INSIDE),
	};

	RTE_SET_USED(flow);
	flood_ip_frame(frame, &none, 26);
	memset(&eth->dst_addr, 0xff, sizeof(eth->dst_addr));
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_ARP);
	h.arp_data.arp_sha = eth->src_addr;
	memcpy(frame + sizeof(*eth), &h, sizeof(h));
	return 60;
}

/* An IPv6 header over n bytes at frame + 54. */
static uint16_t
six(uint8_t *frame, enum flood_side side, uint8_t proto, uint8_t hops, const char *src,
	const char *dst, uint16_t n)
{
	const struct flood_ip none = { side, 0, 0, 0, 0, 0, 0 };
	struct rte_ether_hdr *eth = (void *)frame;
	struct rte_ipv6_hdr h = {
		.vtc_flow = RTE_BE32(6u << 28),
		.payload_len = rte_cpu_to_be_16(n),
		.proto = proto,
		.hop_limits = hops,
	};

	flood_ip_frame(frame, &none, n);
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV6);
	memcpy(h.src_addr, src, 16);
	memcpy(h.dst_addr, dst, 16);
	memcpy(frame + sizeof(*eth), &h, sizeof(h));
	return (uint16_t)(AT_IP6_PAYLOAD + n);
}

/* Neighbour solicitations for the box, from ever other link-local addresses. */
static uint16_t
nd(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	static const char box[16] = "\x20\x01\x0d\xb8\0\1\0\0\0\0\0\0\0\0\0\1";
	char src[16] = "\xfe\x80", dst[16] = "\xff\x02\0\0\0\0\0\0\0\0\0\1\xff\0\0\1";
	uint8_t *icmp = frame + AT_IP6_PAYLOAD;
	uint16_t len, sum;
	uint8_t head[8] = { 0, 0, 0, 32, 0, 0, 0, IPPROTO_ICMPV6 };

	RTE_SET_USED(flow);
	memcpy(src + 12, &(uint32_t){ (uint32_t)n | 0x100 }, 4);
	len = six(frame, INSIDE, IPPROTO_ICMPV6, 255, src, dst, 32);
	memcpy(frame, "\x33\x33\xff\0\0\1", 6);
	memset(icmp, 0, 32);
	icmp[0] = 135;
	memcpy(icmp + 8, box, 16);
	icmp[24] = 1; /* source link-layer address */
	icmp[25] = 1;
	memcpy(icmp + 26, frame + 6, 6);
	sum = flood_sum(frame + 22, 32, (uint16_t)~flood_sum(head, sizeof(head), 0));
	sum = flood_sum(icmp, 32, (uint16_t)~sum);
	memcpy(icmp + 2, &sum, 2);
	return len;
}

/* Through the box to ever other stations of the inside network. */
static uint16_t
ndscan(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	static const char src[16] = "\x20\x01\x0d\xb8\0\3\0\0\0\0\0\0\0\0\0\1";
	char dst[16] = "\x20\x01\x0d\xb8\0\1\0\0\0\1";

	RTE_SET_USED(flow);
	memcpy(dst + 12, &(uint32_t){ (uint32_t)n | 0x1000 }, 4);
	memset(frame + AT_IP6_PAYLOAD, 0, 16);
	return six(frame, OUTSIDE, 59, 64, src, dst, 16);
}

static uint16_t
ttl1(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	const struct flood_ip ip = { INSIDE, flow->in_addr, SERVER, 0, 0, IPPROTO_UDP, 1 };
	const struct flood_tag tag = flood_tag(ATTACK, 0, (uint32_t)n);

	return flood_udp(frame, &ip, flow->in_port, UDP_PORT, &tag);
}

/* Datagrams, SYNs and pings to the box itself. */
static uint16_t
to_box(uint8_t *frame, struct flood_ip *ip, uint64_t n)
{
	const struct flood_tag tag = flood_tag(ATTACK, 0, (uint32_t)n);
	struct rte_icmp_hdr echo = { .icmp_type = 8, .icmp_ident = (uint16_t)n };

	switch (n % 3) {
	case 0:
		ip->proto = IPPROTO_UDP;
		return flood_udp(frame, ip, (uint16_t)n, (uint16_t)(flood_random() | 1), &tag);
	case 1:
		ip->proto = IPPROTO_TCP;
		return flood_tcp(frame, ip, (uint16_t)(n | 1), (uint16_t)(flood_random() | 1),
			flood_random(), 0, RTE_TCP_SYN_FLAG, NULL);
	default:
		ip->proto = IPPROTO_ICMP;
		echo.icmp_cksum = flood_sum(&echo, sizeof(echo), 0);
		memcpy(frame + AT_L4, &echo, sizeof(echo));
		return flood_ip_frame(frame, ip, sizeof(echo));
	}
}

static uint16_t
own(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	struct flood_ip ip = { INSIDE, flow->in_addr, BOX_INSIDE, 0, 0, 0, 0 };

	return to_box(frame, &ip, n);
}

static uint16_t
ownout(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	struct flood_ip ip = { OUTSIDE, STRANGERS + (flood_random() & 0xffff), BOX_OUTSIDE, 0, 0, 0,
		0 };

	RTE_SET_USED(flow);
	return to_box(frame, &ip, n);
}

/* Searches in the name of every host of the network. */
static uint16_t
ssdp(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	static const char text[] = "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
				   "MAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n";
	const struct flood_ip ip = { INSIDE, (uint32_t)((BOX_INSIDE & ~255u) + 2 + n % 250),
		0xeffffffau, 0, 0, IPPROTO_UDP, 4 };
	uint8_t *l4 = frame + AT_L4;
	uint16_t n_text = sizeof(text) - 1, head[4];

	RTE_SET_USED(flow);
	head[0] = rte_cpu_to_be_16((uint16_t)(1024 + n % 60000));
	head[1] = RTE_BE16(1900);
	head[2] = rte_cpu_to_be_16((uint16_t)(8 + n_text));
	head[3] = 0; /* no checksum */
	memcpy(l4, head, sizeof(head));
	memcpy(l4 + 8, text, n_text);
	flood_ip_frame(frame, &ip, (uint16_t)(8 + n_text));
	memcpy(frame, "\x01\x00\x5e\x7f\xff\xfa", 6);
	return (uint16_t)(AT_L4 + 8 + n_text);
}

/* In the name of the server, to a live connection, at a random place in the stream. */
static uint16_t
rst(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	const struct flood_ip ip = { OUTSIDE, SERVER, flow->out_addr, 0, 0, IPPROTO_TCP, 0 };
	uint16_t port = flow->tcp ? TCP_PORT : UDP_PORT;

	return flood_tcp(frame, &ip, port, flow->out_port, flood_random(), flood_random(),
		n % 2 ? RTE_TCP_RST_FLAG : RTE_TCP_RST_FLAG | RTE_TCP_ACK_FLAG, NULL);
}

/* Errors of every kind about a live flow, and some about none. */
static uint16_t
icmp(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	static const uint8_t kind[][2] = { { 3, 0 }, { 3, 1 }, { 3, 2 }, { 3, 3 }, { 3, 4 },
		{ 4, 0 }, { 5, 1 }, { 11, 0 }, { 11, 1 }, { 12, 0 }, { 3, 13 } };
	const struct flood_ip ip = { OUTSIDE, STRANGERS + (flood_random() & 0xffff), flow->out_addr,
		0, 0, IPPROTO_ICMP, 0 };
	struct flood_ip quoted = { OUTSIDE, flow->out_addr, SERVER, 0, 0,
		flow->tcp ? IPPROTO_TCP : IPPROTO_UDP, 0 };
	uint8_t *l4 = frame + AT_L4, quote[FLOOD_FRAME];
	const struct flood_tag tag = flood_tag(ATTACK, 0, (uint32_t)n);
	uint16_t sum, port = flow->out_port;

	if (n % 7 == 0)
		port ^= 0x4000; /* not ours */
	if (flow->tcp)
		flood_tcp(
			quote, &quoted, port, TCP_PORT, flood_random(), 0, RTE_TCP_ACK_FLAG, NULL);
	else
		flood_udp(quote, &quoted, port, UDP_PORT, &tag);
	memset(l4, 0, 8);
	l4[0] = kind[n % RTE_DIM(kind)][0];
	l4[1] = kind[n % RTE_DIM(kind)][1];
	l4[7] = l4[0] == 3 && l4[1] == 4 ? 68 : 0; /* the smallest MTU there is */
	memcpy(l4 + 8, quote + 14, 28);
	sum = flood_sum(l4, 36, 0);
	memcpy(l4 + 2, &sum, 2);
	return flood_ip_frame(frame, &ip, 36);
}

/* Packets of a live flow with one byte of their headers spoilt. */
static uint16_t
bad(uint8_t *frame, const struct flood_flow *flow, uint64_t n)
{
	RTE_SET_USED(n);
	memcpy(frame, flow->frame[OUTSIDE], flow->len[OUTSIDE]);
	frame[14 + flood_random() % 16] ^= (uint8_t)(1 + flood_random() % 255);
	return flow->len[OUTSIDE];
}

const struct flood_attack *
flood_attack(const char *name)
{
	static const struct flood_attack all[] = {
		{ "newflow", INSIDE, newflow },
		{ "syn", INSIDE, syn },
		{ "scan", OUTSIDE, scan },
		{ "synout", OUTSIDE, synout },
		{ "frag1", OUTSIDE, frag1 },
		{ "frag64k", OUTSIDE, frag64k },
		{ "fragin", INSIDE, fragin },
		{ "arp", INSIDE, arp },
		{ "nd", INSIDE, nd },
		{ "ndscan", OUTSIDE, ndscan },
		{ "ttl1", INSIDE, ttl1 },
		{ "own", INSIDE, own },
		{ "ownout", OUTSIDE, ownout },
		{ "ssdp", INSIDE, ssdp },
		{ "rst", OUTSIDE, rst },
		{ "icmp", OUTSIDE, icmp },
		{ "bad", OUTSIDE, bad },
	};

	for (unsigned int i = 0; i < RTE_DIM(all); i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	return NULL;
}
