/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an IPv6 frame is: for the box, for a NAT64 prefix, or nothing to us. As in parse.c every
 * length is checked before it is believed, and the rest works with the notes left here.
 *
 * Extension headers are skipped (RFC 7915 section 5.1): hop-by-hop options, which only come
 * first, destination options, and routing headers with nothing left to visit; one that has is
 * answered as the RFC says. There may be a few of them (six_walk.c), all in the first segment:
 * a chain is cheap to send and dear to walk. Behind a fragment header the transport begins
 * (RFC 7915 section 5.1.1), a first fragment holds all of it (RFC 7112), and a second fragment
 * header is a hiding place that no honest sender makes.
 *
 * What an ICMPv6 error is about is the host that it quotes: routers report for hosts.
 *
 * Sources are not looked at here: who has sessions passed the checks of six_path.c once.
 */
#include "csum.h"
#include "host.h"
#include "icmp6.h"
#include "six_pkt.h"
#include "six_route.h"
#include "state.h"

/* ---- who it is for ---- */

static bool
is_own(const struct sl_snap *s, uint16_t realm, const uint8_t *addr)
{
	for (uint32_t i = 0; i < s->n_own6; i++)
		if (s->own6[i].realm == realm && memcmp(&s->own6[i].addr, addr, 16) == 0)
			return true;
	return false;
}

static bool
find_prefix(const struct sl_snap *s, uint8_t tenant, const void *addr, uint8_t *nat64)
{
	for (uint32_t i = 0; i < s->n_nat64; i++) {
		if (s->nat64[i].tenant == tenant && sl_prefix_holds(&s->nat64[i].match, addr)) {
			*nat64 = (uint8_t)i;
			return true;
		}
	}
	return false;
}

/* ---- transport ---- */

static enum sl_verdict
parse_tcp(struct sl_worker *w, const struct rte_tcp_hdr *h, struct sl_pkt *p, uint32_t l4_len,
	uint32_t here)
{
	uint32_t off;

	if (l4_len < sizeof(*h) || here < sizeof(*h))
		return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
	off = (h->data_off >> 4) * 4u;
	if (off < sizeof(*h) || off > l4_len || off > here)
		return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
	p->key.sport = h->src_port;
	p->key.dport = h->dst_port;
	p->tcp_flags = h->tcp_flags;
	return SL_SIX;
}

static enum sl_verdict
parse_udp(struct sl_worker *w, const struct rte_udp_hdr *h, struct sl_pkt *p, uint32_t l4_len,
	uint32_t here)
{
	uint16_t n;

	if (l4_len < sizeof(*h) || here < sizeof(*h))
		return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
	n = rte_be_to_cpu_16(h->dgram_len);
	if (n < sizeof(*h) || (n > l4_len && !(p->flags & SL_PKT_FRAGMENT)))
		return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
	p->key.sport = h->src_port;
	p->key.dport = h->dst_port;
	return SL_SIX;
}

/* The sum of an ICMPv6 message and its pseudo header; 0xffff when it is right. */
static uint16_t
icmp6_sum(struct rte_mbuf *m, const struct sl_pkt *p, const uint8_t *ip, uint32_t l4_len)
{
	return sl_fold((uint64_t)sl_icmp_sum(m, p->l4, l4_len) + sl_ip6_sum(ip + 8) +
		       sl_ip6_sum(ip + 24) + rte_cpu_to_be_16((uint16_t)l4_len) +
		       RTE_BE16(IPPROTO_ICMPV6));
}

/* An error about a packet that we sent to an inside host: that host is whom it is about. */
static enum sl_verdict
parse_error(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_six *x,
	uint32_t l4_len, uint32_t here)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l3);
	const uint8_t *q = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l4 + 8u);
	uint32_t len = RTE_MIN(here, l4_len);
	struct sl_six_walk walk;

	if (p->flags & SL_PKT_FRAGMENT)
		return sl_drop(w, SL_COUNTER_DROP_FRAGMENT_BAD);
	if (len < 8 + sizeof(struct rte_ipv6_hdr) + 8 || q[0] >> 4 != 6)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_QUOTE);
	len -= 8;
	/* Whoever reports must report to the sender of what it quotes. */
	if (sl_six_walk(q, len, &walk) != SL_WALK_OK || walk.l4 + 8u > len ||
		(walk.frag & RTE_BE16(0x1fff)) != 0 || memcmp(q + 8, ip + 24, 16) != 0)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_QUOTE);
	if (icmp6_sum(m, p, ip, l4_len) != 0xffff)
		return sl_drop(w, SL_COUNTER_DROP_ICMP_CHECKSUM);
	x->error = true;
	x->host = (uint16_t)(p->l4 + 8u + 24);
	return SL_SIX;
}

static enum sl_verdict
parse_icmp6(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_six *x,
	uint32_t l4_len, uint32_t here)
{
	const struct rte_icmp_hdr *h = rte_pktmbuf_mtod_offset(m, struct rte_icmp_hdr *, p->l4);

	p->key.proto = IPPROTO_ICMP;
	if (l4_len < sizeof(*h) || here < sizeof(*h))
		return sl_drop(w, SL_COUNTER_DROP_L4_LENGTH);
	p->key.sport = h->icmp_ident;
	switch (h->icmp_type) {
	case SL_ICMP6_ECHO:
		p->key.dport = SL_ICMP_ASKED_INSIDE;
		return SL_SIX;
	case SL_ICMP6_ECHO_REPLY:
		p->key.dport = SL_ICMP_ASKED_OUTSIDE;
		return SL_SIX;
	case SL_ICMP6_UNREACH:
	case SL_ICMP6_TOO_BIG:
	case SL_ICMP6_TIME:
	case SL_ICMP6_PARAM:
		return parse_error(w, m, p, x, l4_len, here);
	default: /* RFC 7915 section 5.2: all others, of the link above all, are dropped */
		return sl_drop(w, SL_COUNTER_DROP_ICMP_TYPE);
	}
}

static enum sl_verdict
parse_l4(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_six *x, uint8_t proto,
	uint32_t len)
{
	uint32_t l4_len = p->l3 + (uint32_t)p->ip_len - p->l4, here = len - p->l4;
	const void *h = rte_pktmbuf_mtod_offset(m, const void *, p->l4);

	p->key.proto = proto == IPPROTO_ICMPV6 ? IPPROTO_ICMP : proto;
	switch (proto) {
	case IPPROTO_TCP:
		return p->flags & SL_PKT_LATER ? SL_SIX : parse_tcp(w, h, p, l4_len, here);
	case IPPROTO_UDP:
		return p->flags & SL_PKT_LATER ? SL_SIX : parse_udp(w, h, p, l4_len, here);
	case IPPROTO_ICMPV6:
		return p->flags & SL_PKT_LATER ? SL_SIX : parse_icmp6(w, m, p, x, l4_len, here);
	default:
		/* RFC 6146 section 3.4. */
		if (!(p->flags & SL_PKT_LATER))
			sl_icmp6_error(w, m, p, SL_ICMP6_UNREACH, 4, 0);
		return sl_drop(w, SL_COUNTER_DROP_PROTOCOL);
	}
}

/* ---- the frame ---- */

static enum sl_verdict
parse_headers(
	struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_six *x, uint32_t len)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(m, const uint8_t *, p->l3);
	struct sl_six_walk walk;

	switch (sl_six_walk(ip, RTE_MIN(len - p->l3, (uint32_t)p->ip_len), &walk)) {
	case SL_WALK_OK:
		break;
	case SL_WALK_ROUTED: /* RFC 7915 section 5.1 */
		sl_icmp6_error(w, m, p, SL_ICMP6_PARAM, 0, walk.at);
		return sl_drop(w, SL_COUNTER_DROP_SOURCE_ROUTE);
	case SL_WALK_NOTHING:
		return sl_drop(w, SL_COUNTER_DROP_PROTOCOL);
	default:
		return sl_drop(w, SL_COUNTER_DROP_IPV6_EXTENSION);
	}
	p->l4 = (uint16_t)(p->l3 + walk.l4);
	if (p->l4 > len)
		return sl_drop(w, SL_COUNTER_DROP_IPV6_EXTENSION);
	x->fragment = walk.fragment;
	x->frag = walk.frag;
	x->id = walk.id;
	if (walk.frag != 0)
		p->flags |= SL_PKT_FRAGMENT;
	if (walk.frag & RTE_BE16(0x1fff))
		p->flags |= SL_PKT_LATER;
	return parse_l4(w, m, p, x, walk.proto, len);
}

enum sl_verdict
sl_six_parse(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_six *x)
{
	uint16_t realm = p->side == SL_INSIDE ? (uint16_t)(p->tenant + 1) : 0;
	const struct rte_ipv6_hdr *ip;
	uint32_t len = m->data_len, total;
	enum sl_verdict v;

	memset(x, 0, sizeof(*x));
	ip = rte_pktmbuf_mtod_offset(m, const struct rte_ipv6_hdr *, p->l3);
	if (p->l3 + sizeof(*ip) > len)
		return sl_drop(w, SL_COUNTER_DROP_SHORT);
	if (rte_be_to_cpu_32(ip->vtc_flow) >> 28 != 6)
		return sl_drop(w, SL_COUNTER_DROP_VERSION);
	/* The link's own talk: multicast, and to link-local addresses (fe80::/10). */
	if (ip->dst_addr[0] == 0xff ||
		(ip->dst_addr[0] == 0xfe && (ip->dst_addr[1] & 0xc0) == 0x80)) {
		p->cause = SL_PUNT_ND;
		return SL_PUNT;
	}
	if (is_own(w->snap, realm, ip->dst_addr))
		return sl_six_local(w, m, p);
	total = (uint32_t)sizeof(*ip) + rte_be_to_cpu_16(ip->payload_len);
	if (p->l3 + total > m->pkt_len || total > UINT16_MAX)
		return sl_drop(w, SL_COUNTER_DROP_LENGTH);
	if (m->pkt_len > p->l3 + total &&
		rte_pktmbuf_trim(m, (uint16_t)(m->pkt_len - p->l3 - total)) != 0)
		return sl_drop(w, SL_COUNTER_DROP_LENGTH);
	p->ip_len = (uint16_t)total;
	if (p->flags & SL_PKT_CAST)
		return sl_drop(w, SL_COUNTER_DROP_IPV6);
	if (p->side != SL_INSIDE || !find_prefix(w->snap, p->tenant, ip->dst_addr, &x->nat64))
		return w->snap->route6 ? sl_six_route(w, m, p) : sl_drop(w, SL_COUNTER_DROP_IPV6);
	if (!sl_prefix_split(&w->snap->nat64[x->nat64].prefix,
		    (const struct sl_ip6 *)(const void *)ip->dst_addr, &x->dst))
		return sl_drop(w, SL_COUNTER_DROP_NAT64_ADDRESS);
	x->host = (uint16_t)(p->l3 + offsetof(struct rte_ipv6_hdr, src_addr));
	v = parse_headers(w, m, p, x, m->data_len);
	if (v == SL_SIX)
		x->hash = sl_host_hash(&w->hosts.seed, p->tenant, x->nat64,
			rte_pktmbuf_mtod_offset(m, const void *, x->host));
	return v;
}
