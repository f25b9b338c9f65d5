/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv6 to IPv4 (RFC 7915 section 5). In place: the data begins 20 bytes later, more where
 * there were extension headers, which go away, and the Ethernet header moves along. The
 * transport checksum changes by the difference of the pseudo headers only.
 *
 * A packet of up to 1260 bytes (1280 as IPv6) may be cut on its way, a larger one not: its
 * sender can make it smaller, but need not go below that (section 5.1). What came in a
 * fragment may be cut in any case. Ids are given when it leaves (rewrite.h).
 *
 * ICMPv6 errors are rebuilt from a copy, six_icmp.c.
 */
#include "six_xlat.h"

/* Echo and echo reply: no pseudo header any more, another type. */
static void
echo(struct rte_mbuf *m, uint16_t at, const uint8_t *six, uint32_t l4_len)
{
	struct rte_icmp_hdr *h = rte_pktmbuf_mtod_offset(m, struct rte_icmp_hdr *, at);
	uint64_t pseudo = (uint64_t)sl_ip6_sum(six + 8) + sl_ip6_sum(six + 24) +
			  rte_cpu_to_be_16((uint16_t)l4_len) + RTE_BE16(IPPROTO_ICMPV6);
	uint16_t old, new;

	memcpy(&old, h, sizeof(old));
	h->icmp_type = h->icmp_type == SL_ICMP6_ECHO ? 8 : 0;
	memcpy(&new, h, sizeof(new));
	h->icmp_cksum = sl_csum_fix(h->icmp_cksum,
		sl_fold((uint64_t)sl_delta16(old, new) + (uint16_t)~sl_fold(pseudo)));
	/* A message of zeros only has the checksum 0xffff (RFC 1624 section 3). */
	if (unlikely(h->icmp_cksum == 0 && sl_icmp_sum(m, at, l4_len) == 0))
		h->icmp_cksum = 0xffff;
}

static void
transport(struct rte_mbuf *m, const struct sl_pkt *p, const struct sl_six *x, const uint8_t *six,
	const struct sl_host *h)
{
	uint8_t *l4 = rte_pktmbuf_mtod_offset(m, uint8_t *, p->l4);

	if (p->flags & SL_PKT_LATER)
		return;
	if (p->key.proto == IPPROTO_TCP) {
		struct rte_tcp_hdr *t = (void *)l4;

		t->cksum = sl_csum_fix(t->cksum, sl_host_delta(h, x->dst));
	} else if (p->key.proto == IPPROTO_UDP) {
		struct rte_udp_hdr *u = (void *)l4;
		uint16_t c;

		/* Tunnels may leave it out (RFC 6935), and IPv4 knows what that means. */
		if (unlikely(u->dgram_cksum == 0))
			return;
		c = sl_csum_fix(u->dgram_cksum, sl_host_delta(h, x->dst));
		u->dgram_cksum = c != 0 ? c : 0xffff;
	} else {
		echo(m, p->l4, six, p->l3 + (uint32_t)p->ip_len - p->l4);
	}
}

/* The Ethernet header of a packet whose IP header will begin at `to`; the data begins with it. */
static void
move_ethernet(struct rte_mbuf *m, uint16_t l3, uint32_t to)
{
	const rte_be16_t type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	uint8_t *eth = rte_pktmbuf_mtod(m, uint8_t *);
	uint32_t by = to - l3;

	if (likely(l3 == RTE_ETHER_HDR_LEN)) {
		uint64_t a;
		uint32_t b;

		memcpy(&a, eth, sizeof(a));
		memcpy(&b, eth + sizeof(a), sizeof(b));
		memcpy(eth + by, &a, sizeof(a));
		memcpy(eth + by + sizeof(a), &b, sizeof(b));
	} else {
		memmove(eth + by, eth, l3);
	}
	memcpy(eth + to - sizeof(type), &type, sizeof(type));
	m->data_off = (uint16_t)(m->data_off + by);
	m->data_len = (uint16_t)(m->data_len - by);
	m->pkt_len -= by;
}

/* An error: the packet is built anew, behind its Ethernet header. */
static int
error_down(struct rte_mbuf *m, struct sl_pkt *p, const struct sl_six *x, const struct sl_xlat *with)
{
	uint8_t in[SL_ICMP_QUOTE_MAX], out[SL_ICMP_ERROR_MAX];
	uint32_t len = RTE_MIN(m->pkt_len - p->l4, (uint32_t)sizeof(in)), n;
	const uint8_t *msg = rte_pktmbuf_read(m, p->l4, len, in);
	struct rte_ipv4_hdr ip;

	n = sl_six_error_down(msg, len, out, x->dst, with);
	if (n == 0)
		return SL_COUNTER_DROP_ICMP_TYPE;
	sl_six_header4(&ip, rte_pktmbuf_mtod_offset(m, uint8_t *, p->l3),
		(uint16_t)(n + sizeof(ip)), 0, 0, false);
	ip.type_of_service = sl_xlat_tos(with, ip.type_of_service);
	ip.next_proto_id = IPPROTO_ICMP;
	ip.src_addr = with->host->stand;
	ip.dst_addr = x->dst;
	ip.hdr_checksum = (uint16_t)~sl_sum_words(&ip, sizeof(ip));
	/* It has become shorter, but for headers over segments. */
	if (p->l3 + sizeof(ip) + n > m->data_len)
		return SL_COUNTER_DROP_LENGTH;
	rte_pktmbuf_free(m->next);
	m->next = NULL;
	m->nb_segs = 1;
	m->pkt_len = m->data_len = (uint16_t)(p->l3 + sizeof(ip) + n);
	memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, p->l3), &ip, sizeof(ip));
	memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, p->l3 + sizeof(ip)), out, n);
	move_ethernet(m, p->l3, p->l3);
	p->l4 = (uint16_t)(p->l3 + sizeof(ip));
	p->ip_len = (uint16_t)(n + sizeof(ip));
	p->key.src = ip.src_addr;
	p->key.dst = ip.dst_addr;
	return 0;
}

int
sl_six_down(
	struct rte_mbuf *m, struct sl_pkt *p, const struct sl_six *x, const struct sl_xlat *with)
{
	const uint8_t *six = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l3);
	uint32_t head = p->l4 - (uint32_t)p->l3,
		 total = p->ip_len - head + (uint32_t)sizeof(struct rte_ipv4_hdr);
	struct rte_ipv4_hdr ip;

	if (unlikely(x->error))
		return error_down(m, p, x, with);
	transport(m, p, x, six, with->host);
	sl_six_header4(&ip, six, (uint16_t)total, x->frag, x->id, x->fragment);
	ip.type_of_service = sl_xlat_tos(with, ip.type_of_service);
	ip.next_proto_id = p->key.proto;
	ip.src_addr = with->host->stand;
	ip.dst_addr = x->dst;
	ip.hdr_checksum = (uint16_t)~sl_sum_words(&ip, sizeof(ip));
	move_ethernet(m, p->l3, p->l4 - (uint32_t)sizeof(ip));
	p->l4 = (uint16_t)(p->l3 + sizeof(ip));
	p->ip_len = (uint16_t)total;
	p->key.src = ip.src_addr;
	p->key.dst = ip.dst_addr;
	memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, p->l3), &ip, sizeof(ip));
	return 0;
}
