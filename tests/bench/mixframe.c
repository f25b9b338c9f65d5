/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames of mixblast. Each carries a tag right after its headers: that it is ours, the number
 * of its flow, its direction. A later fragment has a tag too, so that what comes back is known
 * without putting datagrams together. Payload is zeros: sums are those of a template plus what
 * differs. Sums of what came back are worked out by DPDK's own functions.
 */
#include "mixframe.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_udp.h>

#define MAGIC 0x4d49 /* "MI" */
#define AT_IP 14
#define AT_L4 34
#define AT_PAYLOAD 42

struct tag {
	uint16_t magic;
	uint16_t way;
	uint32_t flow;
};

static uint32_t
sum_words(const void *data, unsigned int bytes)
{
	const uint8_t *p = data;
	uint32_t sum = 0;
	uint16_t w;

	for (unsigned int i = 0; i + 1 < bytes; i += 2) {
		memcpy(&w, p + i, 2);
		sum += w;
	}
	return sum;
}

static uint16_t
fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/*
 * One frame of a UDP datagram of so many bytes of IP payload. A fragment begins at byte `from`
 * of it.
 */
static void
frame_make(struct mix_frame *f, uint16_t size, uint16_t from, uint16_t datagram)
{
	struct rte_ether_hdr *eth = (void *)f->bytes;
	struct rte_ipv4_hdr *ip = (void *)(f->bytes + AT_IP);
	struct rte_udp_hdr *udp = (void *)(f->bytes + AT_L4);

	memset(f, 0, sizeof(*f));
	f->size = size;
	f->later = from > 0;
	f->more = from + size - AT_L4 < datagram;
	f->tag_at = f->later ? AT_L4 : AT_PAYLOAD;
	eth->dst_addr.addr_bytes[0] = eth->src_addr.addr_bytes[0] = 2;
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->total_length = rte_cpu_to_be_16((uint16_t)(size - AT_IP));
	ip->time_to_live = 64;
	ip->next_proto_id = IPPROTO_UDP;
	ip->fragment_offset =
		rte_cpu_to_be_16((uint16_t)(from / 8 | (f->more ? RTE_IPV4_HDR_MF_FLAG : 0)));
	f->ip_sum = sum_words(ip, sizeof(*ip));
	if (f->later)
		return;
	udp->dgram_len = rte_cpu_to_be_16(datagram);
	/* pseudo header and header both have the length */
	f->udp_sum = 2u * udp->dgram_len + RTE_BE16(IPPROTO_UDP);
}

const struct mix_pattern *
mix_pattern(enum mix_kind kind)
{
	static const uint8_t imix[] = { 0, 1, 0, 0, 1, 0, 2, 0, 1, 0, 1, 0 };
	static const uint16_t imix_size[] = { 60, 566, 1514 };
	static struct mix_frame frame[3];
	static struct mix_pattern p;

	memset(&p, 0, sizeof(p));
	switch (kind) {
	case MIX_IMIX:
		for (unsigned int i = 0; i < 3; i++)
			frame_make(&frame[i], imix_size[i], 0, (uint16_t)(imix_size[i] - AT_L4));
		for (p.n = 0; p.n < RTE_DIM(imix); p.n++)
			p.frame[p.n] = &frame[imix[p.n]];
		break;
	case MIX_FRAGMENT:
		frame_make(&frame[0], 1514, 0, 1480 + 80);
		frame_make(&frame[1], 114, 1480, 1480 + 80);
		p.frame[0] = &frame[0];
		p.frame[1] = &frame[1];
		p.n = 2;
		break;
	case MIX_PLAIN:
		frame_make(&frame[0], 64, 0, 64 - AT_L4);
		p.frame[0] = &frame[0];
		p.n = 1;
		break;
	}
	return &p;
}

void
mix_frame_write(const struct mix_frame *f, struct rte_mbuf *m, const struct mix_ends *e,
	uint32_t flow, enum mix_way way, uint16_t id)
{
	const struct tag tag = { .magic = MAGIC, .way = (uint16_t)way, .flow = flow };
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);
	uint32_t addresses = sum_words(&e->src, 8), sum;
	uint16_t w;

	memcpy(p, f->bytes, f->size);
	p[5] = (uint8_t)(1 + way); /* 02:00:00:00:00:01 inside, :02 outside */
	memcpy(p + 18, &id, 2);
	memcpy(p + 26, &e->src, 8);
	w = (uint16_t)~fold(f->ip_sum + id + addresses);
	memcpy(p + 24, &w, 2);
	memcpy(p + f->tag_at, &tag, sizeof(tag));
	if (!f->later) {
		memcpy(p + AT_L4, &e->sport, 4);
		/* the sum is over the whole datagram, and a later fragment has the same tag */
		sum = f->udp_sum + addresses + sum_words(&e->sport, 4) +
		      (f->more ? 2 : 1) * sum_words(&tag, sizeof(tag));
		w = (uint16_t)~fold(sum);
		w = w ? w : 0xffff;
		memcpy(p + AT_L4 + 6, &w, 2);
	}
	m->data_len = f->size;
	m->pkt_len = f->size;
}

bool
mix_frame_read(const struct rte_mbuf *m, struct mix_seen *seen)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	const struct rte_ipv4_hdr *ip = (const void *)(p + AT_IP);
	unsigned int at;
	struct tag tag;

	if (m->data_len < AT_PAYLOAD + sizeof(tag) || p[12] != 8 || p[13] != 0)
		return false;
	seen->has_ports = !(ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK));
	at = seen->has_ports ? AT_PAYLOAD : AT_L4;
	memcpy(&tag, p + at, sizeof(tag));
	if (tag.magic != MAGIC || tag.way > MIX_OUT2IN)
		return false;
	memcpy(&seen->ends, p + 26, sizeof(seen->ends));
	seen->flow = tag.flow;
	seen->way = (enum mix_way)tag.way;
	return true;
}

bool
mix_frame_sums(struct rte_mbuf *m)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, AT_IP);
	struct rte_udp_hdr *udp;
	uint16_t sum;

	if (rte_raw_cksum(ip, sizeof(*ip)) != 0xffff)
		return false;
	if (ip->fragment_offset & RTE_BE16(0x3fff))
		return true;
	udp = (void *)(ip + 1);
	sum = udp->dgram_cksum;
	udp->dgram_cksum = 0;
	return sum == rte_ipv4_udptcp_cksum(ip, udp);
}
