/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv4 to IPv6 (RFC 7915 section 4), for packets to a stand-in. Two halves: the transport, over
 * the packet as it came, and the header, which the pieces of a packet that must be cut get one
 * by one. In place: the data begins 20 bytes earlier, 28 with a fragment header, less where
 * IPv4 options go away (section 4.1; a source route that is not over does not come this far).
 *
 * UDP without a checksum gets one, from all of the datagram; a fragment cannot (section 4.5),
 * so whoever calls has it made whole before. There is no fragment header on what is no fragment
 * (RFC 8021). Whether it fits the link was decided when the packet was NAT44's.
 *
 * ICMP: echo changes its type and gets a pseudo header; errors are rebuilt from a copy,
 * six_icmp.c, and are finished at once; what else there is has no counterpart (section 4.2).
 */
#include "six_xlat.h"

/* The sum of the pseudo header of what goes up. */
static uint64_t
pseudo(const struct rte_ipv4_hdr *ip, const struct sl_xlat *with, uint32_t len, uint8_t proto)
{
	struct sl_ip6 src = with->from != NULL ? *with->from
					       : sl_prefix_join(&with->host->prefix, ip->src_addr);

	return (uint64_t)sl_ip6_sum(&src) + sl_ip6_sum(&with->host->addr) +
	       rte_cpu_to_be_16((uint16_t)len) + rte_cpu_to_be_16(proto);
}

/* A checksum for a datagram that has none. */
static int
give_checksum(struct rte_mbuf *m, uint32_t l4, uint32_t len, const struct rte_ipv4_hdr *ip,
	const struct sl_xlat *with)
{
	struct rte_udp_hdr *u = rte_pktmbuf_mtod_offset(m, struct rte_udp_hdr *, l4);
	uint32_t n = rte_be_to_cpu_16(u->dgram_len);
	uint16_t c;

	if (!with->checksum || (ip->fragment_offset & RTE_BE16(0x3fff)) || n > len || n < 8)
		return SL_COUNTER_DROP_NAT64_CHECKSUM;
	c = (uint16_t)~sl_fold(sl_icmp_sum(m, l4, n) + pseudo(ip, with, n, IPPROTO_UDP));
	u->dgram_cksum = c != 0 ? c : 0xffff;
	return 0;
}

static int
udp_up(struct rte_mbuf *m, uint32_t l4, uint32_t len, const struct rte_ipv4_hdr *ip,
	const struct sl_xlat *with)
{
	struct rte_udp_hdr *u = rte_pktmbuf_mtod_offset(m, struct rte_udp_hdr *, l4);
	uint16_t c;

	if (unlikely(u->dgram_cksum == 0))
		return give_checksum(m, l4, len, ip, with);
	c = sl_csum_fix(u->dgram_cksum, (uint16_t)~sl_host_delta(with->host, ip->src_addr));
	u->dgram_cksum = c != 0 ? c : 0xffff;
	return 0;
}

static int
echo_up(struct rte_mbuf *m, uint32_t l4, uint32_t len, const struct rte_ipv4_hdr *ip,
	const struct sl_xlat *with)
{
	struct rte_icmp_hdr *h = rte_pktmbuf_mtod_offset(m, struct rte_icmp_hdr *, l4);
	uint16_t old, new;

	if (h->icmp_type != 8 && h->icmp_type != 0)
		return SL_COUNTER_DROP_ICMP_TYPE;
	if (ip->fragment_offset & RTE_BE16(0x3fff))
		return SL_COUNTER_DROP_FRAGMENT_BAD; /* nobody made it whole */
	memcpy(&old, h, sizeof(old));
	h->icmp_type = h->icmp_type == 8 ? SL_ICMP6_ECHO : SL_ICMP6_ECHO_REPLY;
	memcpy(&new, h, sizeof(new));
	h->icmp_cksum = sl_csum_fix(h->icmp_cksum,
		sl_fold(pseudo(ip, with, len, IPPROTO_ICMPV6) + sl_delta16(old, new)));
	return 0;
}

/* Make room for n bytes that end where the packet's first segment ends; the rest goes. */
static bool
replace(struct rte_mbuf *m, uint32_t n)
{
	uint32_t end = m->data_off + (uint32_t)m->data_len;

	if (n > end)
		end = m->buf_len;
	if (n > end)
		return false;
	rte_pktmbuf_free(m->next);
	m->next = NULL;
	m->nb_segs = 1;
	m->data_off = (uint16_t)RTE_ALIGN_FLOOR(end - n, 2u); /* headers lie on even bytes */
	m->data_len = (uint16_t)n;
	m->pkt_len = n;
	return true;
}

static int
error_up(
	struct rte_mbuf *m, struct sl_pkt *p, uint32_t l4, uint32_t len, const struct sl_xlat *with)
{
	const struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	uint8_t in[SL_ICMP_QUOTE_MAX], out[SL_ICMP_ERROR_MAX];
	const uint8_t *msg;
	struct rte_ipv6_hdr six = { .proto = IPPROTO_ICMPV6, .hop_limits = ip->time_to_live };
	struct sl_ip6 src = with->from != NULL ? *with->from
					       : sl_prefix_join(&with->host->prefix, ip->src_addr);
	uint32_t n;
	uint16_t sum;

	len = RTE_MIN(len, (uint32_t)sizeof(in));
	msg = rte_pktmbuf_read(m, l4, len, in);
	n = msg != NULL ? sl_six_error_up(msg, len, out, with) : 0;
	if (n == 0)
		return SL_COUNTER_DROP_ICMP_TYPE;
	six.vtc_flow =
		rte_cpu_to_be_32(6u << 28 | (uint32_t)sl_xlat_tos(with, ip->type_of_service) << 20);
	six.payload_len = rte_cpu_to_be_16((uint16_t)n);
	memcpy(six.src_addr, &src, sizeof(src));
	memcpy(six.dst_addr, &with->host->addr, sizeof(with->host->addr));
	sum = (uint16_t)~sl_fold((uint64_t)rte_raw_cksum(out, n) + sl_ip6_sum(&src) +
				 sl_ip6_sum(&with->host->addr) + six.payload_len +
				 RTE_BE16(IPPROTO_ICMPV6));
	memcpy(out + 2, &sum, sizeof(sum));
	if (!replace(m, (uint32_t)sizeof(six) + n))
		return SL_COUNTER_DROP_HEADROOM;
	memcpy(rte_pktmbuf_mtod(m, uint8_t *), &six, sizeof(six));
	memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, sizeof(six)), out, n);
	p->l3 = 0;
	p->l4 = sizeof(six);
	p->ip_len = (uint16_t)m->pkt_len;
	return 0;
}

static bool
is_error(uint8_t type)
{
	return type == 3 || type == 11 || type == 12;
}

int
sl_six_up_l4(struct rte_mbuf *m, struct sl_pkt *p, const struct sl_xlat *with)
{
	const struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	uint32_t hlen = (ip->version_ihl & 15) * 4u, l4 = p->l3 + hlen,
		 len = rte_be_to_cpu_16(ip->total_length) - hlen;
	struct rte_tcp_hdr *t;

	if (ip->fragment_offset & RTE_BE16(0x1fff))
		return 0;
	switch (ip->next_proto_id) {
	case IPPROTO_TCP:
		t = rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, l4);
		t->cksum =
			sl_csum_fix(t->cksum, (uint16_t)~sl_host_delta(with->host, ip->src_addr));
		return 0;
	case IPPROTO_UDP:
		return udp_up(m, l4, len, ip, with);
	case IPPROTO_ICMP:
		if (is_error(*rte_pktmbuf_mtod_offset(m, uint8_t *, l4)))
			return error_up(m, p, l4, len, with);
		return echo_up(m, l4, len, ip, with);
	default:
		return SL_COUNTER_DROP_PROTOCOL;
	}
}

int
sl_six_up_l3(struct rte_mbuf *m, struct sl_pkt *p, const struct sl_xlat *with)
{
	const struct rte_ipv4_hdr ip = *sl_pkt_ip(m, p);
	uint32_t hlen = (ip.version_ihl & 15) * 4u, len = rte_be_to_cpu_16(ip.total_length) - hlen;
	bool fragment = ip.fragment_offset & RTE_BE16(0x3fff);
	uint32_t head = (uint32_t)sizeof(struct rte_ipv6_hdr) + fragment * 8u;
	int by = (int)(p->l3 + hlen) - (int)head;
	uint8_t proto = ip.next_proto_id == IPPROTO_ICMP ? IPPROTO_ICMPV6 : ip.next_proto_id;
	struct sl_ip6 src = sl_prefix_join(&with->host->prefix, ip.src_addr);
	struct rte_ipv6_hdr *six;

	if (unlikely(by < 0 && -by > (int)rte_pktmbuf_headroom(m)))
		return SL_COUNTER_DROP_HEADROOM;
	m->data_off = (uint16_t)(m->data_off + by);
	m->data_len = (uint16_t)(m->data_len - by);
	m->pkt_len = (uint32_t)((int)m->pkt_len - by);
	six = rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *);
	six->vtc_flow =
		rte_cpu_to_be_32(6u << 28 | (uint32_t)sl_xlat_tos(with, ip.type_of_service) << 20);
	six->payload_len = rte_cpu_to_be_16((uint16_t)(len + fragment * 8u));
	six->proto = fragment ? IPPROTO_FRAGMENT : proto;
	six->hop_limits = ip.time_to_live;
	memcpy(six->src_addr, &src, sizeof(src));
	memcpy(six->dst_addr, &with->host->addr, sizeof(with->host->addr));
	if (unlikely(fragment)) {
		uint16_t field = rte_be_to_cpu_16(ip.fragment_offset);
		uint8_t *f = (uint8_t *)(six + 1);

		field = (uint16_t)((field & 0x1fff) << 3 | (field >> 13 & 1));
		memset(f, 0, 8);
		f[0] = proto;
		f[2] = (uint8_t)(field >> 8);
		f[3] = (uint8_t)field;
		memcpy(f + 6, &ip.packet_id, sizeof(ip.packet_id));
	}
	p->l3 = 0;
	p->l4 = (uint16_t)head;
	p->ip_len = (uint16_t)(head + len);
	return 0;
}

int
sl_six_up(struct rte_mbuf *m, struct sl_pkt *p, const struct sl_xlat *with)
{
	int why = sl_six_up_l4(m, p, with);

	/* An error is finished. */
	if (unlikely(why != 0 || rte_pktmbuf_mtod(m, uint8_t *)[p->l3] >> 4 == 6))
		return why;
	return sl_six_up_l3(m, p, with);
}
