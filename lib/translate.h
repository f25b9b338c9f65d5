/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_TRANSLATE_H
#define SL_TRANSLATE_H

#include "quick.h"
#include "rewrite.h"
#include "state.h"
#include "tcp.h"

/** Translate a packet of a live flow; SL_SEND, SL_AGAIN, SL_DROP, or SL_PUNT to its helper. */
enum sl_verdict sl_translate(
	struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f);

/**
 * A translated packet of a flow has been changed since: look up where it goes.
 * @return SL_SEND or SL_DROP
 */
enum sl_verdict sl_translate_way(
	struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f);

/**
 * Does a packet with its next hop set fit the link? If not it is marked to leave in
 * fragments; false when it must not be (an ICMP error is on its way).
 */
bool sl_translate_fits(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

/** Has its time run out, though the sweep has not come to it? */
static inline bool
sl_flow_expired(const struct sl_worker *w, const struct sl_flow *f)
{
	return w->now - f->last >= w->snap->timeout[f->timeout];
}

static inline void
sl_flow_account(struct sl_flow *f, enum sl_side from, uint16_t bytes)
{
	f->bytes[from] += bytes;
	if (unlikely(++f->packets[from] == 0))
		f->packets_high[from]++;
}

/** Does this packet keep its session alive? */
static inline bool
sl_flow_refreshes(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p,
	struct sl_flow *f, enum sl_side from)
{
	if (p->key.proto == IPPROTO_TCP)
		return !(p->flags & SL_PKT_LATER) &&
		       sl_tcp_step(w, f, from,
			       rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, p->l4),
			       p->ip_len - (uint32_t)(p->l4 - p->l3));
	/* RFC 4787 REQ-6: the inside keeps a mapping alive, the outside only when told so. */
	return from == SL_INSIDE || w->snap->inbound_refresh || (f->flags & SL_FLOW_STATIC);
}

/* The same code for either kind of inside: `special` are the flow's flags that it is not for. */
static inline __attribute__((always_inline)) bool
sl_translate_usual(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f,
	enum sl_side from, uint16_t gen, uint8_t special)
{
	const struct sl_snap *s = w->snap;
	enum sl_side to = SL_ACROSS(from);
	struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	uint8_t *l4 = (uint8_t *)ip + (p->l4 - p->l3);
	uint16_t *sum, *port;
	uint32_t dip, dl4;

	if (unlikely(p->flags != 0 || (f->flags & special) || f->helper != 0 ||
		     ip->time_to_live <= 1 || f->nh_gen != gen || f->nh[to] == SL_NH_NONE ||
		     p->ip_len > s->mtu[to] || (p->tcp_flags & RTE_TCP_SYN_FLAG)))
		return false;
	if (p->key.proto == IPPROTO_UDP)
		sum = (uint16_t *)(void *)(l4 + offsetof(struct rte_udp_hdr, dgram_cksum));
	else if (p->key.proto == IPPROTO_TCP)
		sum = (uint16_t *)(void *)(l4 + offsetof(struct rte_tcp_hdr, cksum));
	else
		return false;
	p->nh = f->nh[to];
	p->tenant = f->tenant;
	if (sl_flow_refreshes(w, m, p, f, from))
		f->last = w->now;
	sl_flow_account(f, from, p->ip_len);
	port = (uint16_t *)(void *)l4;
	if (from == SL_INSIDE) {
		ip->src_addr = f->out_addr;
		port[0] = f->out_port;
		dip = f->delta_ip + SL_TTL_DELTA;
		dl4 = f->delta_l4;
		if (!(ip->fragment_offset & RTE_BE16(0x7fff)))
			dip += sl_ids_give(&w->ids, ip, f->out_port);
	} else {
		ip->dst_addr = f->in_addr;
		port[1] = f->in_port;
		dip = (uint16_t)~f->delta_ip + SL_TTL_DELTA;
		dl4 = (uint16_t)~f->delta_l4;
	}
	ip->time_to_live--;
	ip->hdr_checksum = sl_csum_fix(ip->hdr_checksum, dip);
	if (p->key.proto == IPPROTO_TCP) {
		*sum = sl_csum_fix(*sum, dl4);
	} else if (likely(*sum != 0)) {
		uint16_t c = sl_csum_fix(*sum, dl4);

		*sum = c != 0 ? c : 0xffff;
	}
	return true;
}

/**
 * The way of nearly every packet: TCP or UDP, nothing special about packet or flow, its next
 * hop known, small enough for the link.
 * @param gen  generation of the routes
 * @return false when anything is special: then nothing was changed
 */
static inline bool
sl_translate_quick(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f,
	enum sl_side from, uint16_t gen)
{
	return sl_translate_usual(w, m, p, f, from, gen, SL_FLOW_HAIRPIN | SL_FLOW_SIX);
}

/** The longest packet of this IPv4 fragment field that an IPv6 host gets whole. */
static inline uint32_t
sl_translate_room6(const struct sl_snap *s, rte_be16_t field)
{
	uint32_t room =
		field & RTE_BE16(RTE_IPV4_HDR_DF_FLAG) ? s->mtu[SL_INSIDE] - 20u : s->whole6;

	/* A fragment header takes eight more. */
	return field & RTE_BE16(0x3fff) ? room - 8 : room;
}

/** The same for flows of IPv6 hosts, which have less room. Not inline: it would cost others. */
bool sl_translate_quick6(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p,
	struct sl_flow *f, enum sl_side from, uint16_t gen);

#endif /* SL_TRANSLATE_H */
