/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIX_QUICK_H
#define SL_SIX_QUICK_H

#include "quick6.h"
#include "route6.h"

/*
 * The translations of usual packets: TCP or UDP behind 20 or 40 bytes of header, whole, of a
 * host whose prefix has the IPv4 address on even bytes. They do what six_down.c and six_up.c do
 * (tests/test_quick6.c), in a third of the instructions.
 */

static inline bool
sl_six_even(const struct sl_host *h)
{
	return h->prefix.len == 96 || h->prefix.len == 32;
}

/**
 * Make a packet that sl_quick6_parse() has let pass IPv4.
 * @return false when it is special in some way: then nothing was changed
 */
static inline bool
sl_six_down_quick(
	struct rte_mbuf *m, struct sl_pkt *p, const struct sl_six *x, const struct sl_host *h)
{
	uint8_t *eth = rte_pktmbuf_mtod(m, uint8_t *), *six = eth + SL_QUICK_L3,
		*ip = eth + SL_QUICK6_L4 - sizeof(struct rte_ipv4_hdr), *l4 = eth + SL_QUICK6_L4;
	uint32_t total = p->ip_len - 20u, word[3];
	uint64_t a = sl_load64(eth), s;
	uint32_t b = sl_load32(eth + 8);
	uint16_t *sum, c;

	if (unlikely(p->l4 != SL_QUICK6_L4 || p->l3 != SL_QUICK_L3 || six[7] <= 1 ||
		     !sl_six_even(h) || six[6] != p->key.proto || p->flags != 0))
		return false;
	sum = (uint16_t *)(void *)(l4 + (p->key.proto == IPPROTO_TCP ? 16 : 6));
	if (unlikely(*sum == 0 && p->key.proto == IPPROTO_UDP))
		return false;
	c = sl_csum_fix(*sum, h->delta);
	*sum = c == 0 && p->key.proto == IPPROTO_UDP ? 0xffff : c;
	word[0] = rte_cpu_to_be_32(
		0x45u << 24 | (uint32_t)(uint8_t)(six[0] << 4 | six[1] >> 4) << 16 | total);
	word[1] = total > 1260 ? RTE_BE32(RTE_IPV4_HDR_DF_FLAG) : 0;
	word[2] = rte_cpu_to_be_32((uint32_t)six[7] << 24 | (uint32_t)p->key.proto << 16);
	s = (uint64_t)word[0] + word[1] + word[2] + h->stand + x->dst;
	word[2] |= rte_cpu_to_be_32((uint32_t)rte_be_to_cpu_16((uint16_t)~sl_fold(s)));
	p->key.src = h->stand;
	p->key.dst = x->dst;
	memcpy(eth + 20, &a, sizeof(a));
	memcpy(eth + 28, &b, sizeof(b));
	memcpy(eth + 32, &(rte_be16_t){ RTE_BE16(RTE_ETHER_TYPE_IPV4) }, 2);
	memcpy(ip, word, sizeof(word));
	memcpy(ip + 12, &p->key.src, 8);
	m->data_off = (uint16_t)(m->data_off + 20);
	m->data_len = (uint16_t)(m->data_len - 20);
	m->pkt_len -= 20;
	p->l4 = SL_QUICK_L4;
	p->ip_len = (uint16_t)total;
	return true;
}

/**
 * Make a packet of the hit path to a stand-in IPv6 and send it.
 * @return false when anything is special: then it is sl_out_packet()'s
 */
static inline bool
sl_six_out_quick(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p)
{
	uint8_t *ip = rte_pktmbuf_mtod_offset(m, uint8_t *, SL_QUICK_L3), *l4 = ip + 20;
	rte_be32_t src = sl_load32(ip + 12), dst = sl_load32(ip + 16);
	uint32_t place = sl_stand_place(dst), first = sl_load32(ip), second = sl_load32(ip + 8),
		 len;
	struct sl_out *out = w->out;
	const struct sl_host *h;
	uint64_t word, part[2];
	uint16_t *sum, c;
	uint8_t *eth;

	if (unlikely(!sl_stand_is(dst) || p->flags != 0 || p->nh < SL_NH_FIRST ||
		     p->l3 != SL_QUICK_L3 || *ip != RTE_IPV4_VHL_DEF || place >= w->hosts.high ||
		     (sl_load16(ip + 6) & RTE_BE16(0x3fff)) != 0 || p->tenant != 0 ||
		     !w->snap->plain6 || w->n_held > 0 || out->n[SL_INSIDE] == SL_OUT_MAX ||
		     rte_pktmbuf_headroom(m) < 20))
		return false;
	h = &w->hosts.host[place];
	word = sl_nh_word6(&w->nat->routes, p->nh);
	if (unlikely(h->stand != dst || word == 0 || !sl_six_even(h)))
		return false;
	if (p->key.proto == IPPROTO_TCP)
		sum = (uint16_t *)(void *)(l4 + 16);
	else if (p->key.proto == IPPROTO_UDP)
		sum = (uint16_t *)(void *)(l4 + 6);
	else
		return false;
	if (unlikely(*sum == 0 && p->key.proto == IPPROTO_UDP))
		return false;
	c = sl_csum_fix(*sum, (uint16_t)~h->delta);
	*sum = c == 0 && p->key.proto == IPPROTO_UDP ? 0xffff : c;
	len = rte_be_to_cpu_32(first);
	m->data_off = (uint16_t)(m->data_off - 20);
	m->data_len = (uint16_t)(m->data_len + 20);
	m->pkt_len += 20;
	eth = rte_pktmbuf_mtod(m, uint8_t *);
	memcpy(eth, &word, 8);
	memcpy(eth + RTE_ETHER_ADDR_LEN, &w->snap->mac_word[SL_INSIDE], 8);
	memcpy(eth + 12, &(rte_be16_t){ RTE_BE16(RTE_ETHER_TYPE_IPV6) }, 2);
	ip = eth + SL_QUICK_L3;
	/* traffic class | payload length, next header, hop limit */
	part[0] = (uint64_t)(6u << 28 | (len & 0x00ff0000) << 4) << 32 |
		  (uint64_t)((len & 0xffff) - 20) << 16 | (uint64_t)p->key.proto << 8 |
		  (uint8_t)second;
	part[0] = rte_cpu_to_be_64(part[0]);
	memcpy(ip, part, 8);
	memcpy(part, &h->prefix.net, sizeof(part));
	memcpy(ip + 8, part, sizeof(part));
	memcpy(ip + 8 + (h->prefix.len == 96 ? 12 : 4), &src, sizeof(src));
	memcpy(part, &h->addr, sizeof(part));
	memcpy(ip + 24, part, sizeof(part));
	sl_count(w, SL_COUNTER_NAT64_IN, 1);
	sl_count(w, SL_COUNTER_TX_BYTES_INSIDE, m->pkt_len);
	out->m[SL_INSIDE][out->n[SL_INSIDE]++] = m;
	return true;
}

#endif /* SL_SIX_QUICK_H */
