/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets of streams: the only place that reads or writes their headers. IPv4 with options
 * and IPv6 without extension headers; the version is read packet by packet, because the two
 * sides of a NAT64 connection differ in it.
 *
 * A packet made here looks like the last one of the side it speaks for: same IP header (TTL,
 * DSCP, options), same ports, its window, its timestamps (RFC 7323: TSval never goes back),
 * what it acknowledged. Checksums are made anew over the whole packet, therefore packets are
 * taken only when theirs were right: a damaged byte must not leave with a good checksum.
 */
#include <rte_ip.h>

#include "csum.h"
#include "stream_wire.h"

#define TS_BYTES 12 /* NOP, NOP, kind 8, length 10, two values */
#define NOP 1
#define CE 3
#define ECT0 2

static bool
is_v6(const struct rte_mbuf *m)
{
	return *rte_pktmbuf_mtod(m, const uint8_t *) >> 4 == 6;
}

/* Offset of the TCP header, and where the packet ends; 0 when it is not TCP. */
static uint32_t
ip_extent(const struct rte_mbuf *m, uint32_t *end)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *);
	const struct rte_ipv6_hdr *ip6 = rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *);
	uint32_t l4;

	if (m->data_len < sizeof(*ip))
		return 0;
	if (is_v6(m)) {
		if (m->data_len < sizeof(*ip6) || ip6->proto != IPPROTO_TCP)
			return 0;
		*end = sizeof(*ip6) + rte_be_to_cpu_16(ip6->payload_len);
		return sizeof(*ip6);
	}
	l4 = (ip->version_ihl & 15) * 4u;
	if (ip->version_ihl >> 4 != 4 || l4 < sizeof(*ip) || ip->next_proto_id != IPPROTO_TCP ||
		(ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)))
		return 0;
	*end = rte_be_to_cpu_16(ip->total_length);
	return l4;
}

static uint8_t
get_ecn(const struct rte_mbuf *m)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

	return is_v6(m) ? (p[1] >> 4) & 3 : p[1] & 3;
}

static void
set_ecn(struct rte_mbuf *m, uint8_t ecn)
{
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);

	if (is_v6(m))
		p[1] = (uint8_t)((p[1] & ~0x30) | ecn << 4);
	else
		p[1] = (uint8_t)((p[1] & ~3) | ecn);
}

static void
read_option(struct sl_segment *g, const uint8_t *o, uint16_t at)
{
	switch (*o) {
	case 2:
		if (o[1] == 4)
			g->mss = (uint16_t)(o[2] << 8 | o[3]);
		break;
	case 3:
		if (o[1] == 3) {
			g->scales = true;
			g->scale = RTE_MIN(o[2], 14); /* RFC 7323 section 2.3 */
		}
		break;
	case 4:
		g->sack_ok = o[1] == 2;
		break;
	case 5:
		g->sacks = (uint8_t)((o[1] - 2) / 8);
		g->sack_at = (uint16_t)(at + 2);
		break;
	case 8:
		if (o[1] == 10) {
			g->ts = true;
			g->ts_at = (uint16_t)(at + 2);
			g->tsval = sl_get32(o + 2);
			g->tsecr = sl_get32(o + 6);
		}
		break;
	default:
		break;
	}
}

static void
read_options(struct sl_segment *g)
{
	const uint8_t *p = rte_pktmbuf_mtod(g->m, const uint8_t *);
	uint16_t at = (uint16_t)(g->l4 + sizeof(struct rte_tcp_hdr));

	while (at < g->data && p[at] != 0) {
		if (p[at] == 1) {
			at++;
			continue;
		}
		if (at + 1 >= g->data || p[at + 1] < 2 || at + p[at + 1] > g->data)
			return;
		read_option(g, p + at, at);
		at = (uint16_t)(at + p[at + 1]);
	}
}

bool
sl_wire_parse(struct rte_mbuf *m, struct sl_segment *g)
{
	const struct rte_tcp_hdr *t;
	uint32_t end, l4 = ip_extent(m, &end);

	if (l4 == 0 || end > m->pkt_len || l4 + sizeof(*t) > RTE_MIN(end, (uint32_t)m->data_len))
		return false;
	if (m->pkt_len > end && rte_pktmbuf_trim(m, (uint16_t)(m->pkt_len - end)) != 0)
		return false;
	*g = (struct sl_segment){ .m = m, .l4 = (uint16_t)l4 };
	t = sl_segment_tcp(g);
	g->data = (uint16_t)(l4 + (t->data_off >> 4) * 4u);
	if (g->data < l4 + sizeof(*t) || g->data > end || g->data > m->data_len)
		return false;
	g->flags = t->tcp_flags;
	g->seq = rte_be_to_cpu_32(t->sent_seq);
	g->ack = rte_be_to_cpu_32(t->recv_ack);
	g->win = rte_be_to_cpu_16(t->rx_win);
	g->urp = rte_be_to_cpu_16(t->tcp_urp);
	g->n = end - g->data;
	g->ce = get_ecn(m) == CE;
	read_options(g);
	return true;
}

/* The sum over pseudo-header and segment. */
static uint16_t
tcp_sum(const struct rte_mbuf *m, uint32_t l4)
{
	uint64_t sum = sl_icmp_sum(m, l4, m->pkt_len - l4);

	if (is_v6(m))
		sum += rte_ipv6_phdr_cksum(rte_pktmbuf_mtod(m, const struct rte_ipv6_hdr *), 0);
	else
		sum += rte_ipv4_phdr_cksum(rte_pktmbuf_mtod(m, const struct rte_ipv4_hdr *), 0);
	return sl_fold(sum);
}

bool
sl_wire_intact(const struct sl_segment *g)
{
	if (!is_v6(g->m) && sl_sum_words(rte_pktmbuf_mtod(g->m, const uint8_t *), g->l4) != 0xffff)
		return false;
	return tcp_sum(g->m, g->l4) == 0xffff;
}

/* Window and timestamps of the packet that is newest by what it acknowledges: packets may
 * have overtaken each other. */
static void
learn_state(struct sl_half *h, const struct sl_segment *g)
{
	bool syn = g->flags & RTE_TCP_SYN_FLAG;

	if (g->flags & RTE_TCP_RST_FLAG)
		return;
	if (h->ip_n > 0 && !syn && sl_seq_before(g->ack, h->ack) && !h->win_syn)
		return;
	h->win = g->win;
	h->win_syn = syn;
	h->ack = g->ack;
	if (g->ts && (!h->ts || syn || sl_seq_before(h->tsval, g->tsval)))
		h->tsval = g->tsval;
	if (g->ts && (!h->ts || syn || sl_seq_before(h->tsecr, g->tsecr)))
		h->tsecr = g->tsecr;
	h->ts = g->ts;
}

void
sl_wire_learn(struct sl_half *h, const struct sl_segment *g)
{
	const struct rte_tcp_hdr *t = sl_segment_tcp(g);

	learn_state(h, g);
	h->ip_n = (uint8_t)g->l4;
	memcpy(h->ip, rte_pktmbuf_mtod(g->m, const uint8_t *), g->l4);
	h->sport = t->src_port;
	h->dport = t->dst_port;
}

void
sl_wire_freshen(struct sl_stream *s, const struct sl_segment *g)
{
	const struct sl_half *h = &s->half[g->from], *back = &s->half[SL_ACROSS(g->from)];
	struct rte_tcp_hdr *t = sl_segment_tcp(g);

	t->recv_ack = rte_cpu_to_be_32(back->told_x);
	t->rx_win = rte_cpu_to_be_16(h->win);
	/* An older one behind a newer one would be refused as an old duplicate (PAWS). */
	if (g->ts && h->ts) {
		sl_put32(rte_pktmbuf_mtod_offset(g->m, uint8_t *, g->ts_at), h->tsval);
		sl_put32(rte_pktmbuf_mtod_offset(g->m, uint8_t *, g->ts_at + 4), h->tsecr);
	}
}

void
sl_wire_sacks(struct sl_segment *g, unsigned int n)
{
	uint8_t *o = rte_pktmbuf_mtod_offset(g->m, uint8_t *, g->sack_at - 2);

	if (g->sacks == 0)
		return;
	if (n == 0)
		memset(o, NOP, 2);
	else
		o[1] = (uint8_t)(2 + n * 8);
	memset(o + 2 + n * 8, NOP, (g->sacks - n) * 8);
	g->sacks = (uint8_t)n;
}

static uint8_t *
add_options(const struct sl_half *h, const struct sl_word *word, uint8_t *o)
{
	static const uint8_t ts[] = { 1, 1, 8, 10 }, sack[] = { 1, 1, 5, 10 };

	if (h->ts) {
		memcpy(o, ts, sizeof(ts));
		sl_put32(o + 4, h->tsval);
		sl_put32(o + 8, word->tsecr);
		o += TS_BYTES;
	}
	if (word->has_sack) {
		memcpy(o, sack, sizeof(sack));
		sl_put32(o + 4, word->sack[0]);
		sl_put32(o + 8, word->sack[1]);
		o += 12;
	}
	return o;
}

/* A packet made here is no copy of the one whose header it has. */
static void
set_id(struct sl_stream *s, struct rte_mbuf *m)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, struct rte_ipv4_hdr *);

	if (!is_v6(m))
		ip->packet_id = rte_cpu_to_be_16(++s->ip_id);
}

struct rte_mbuf *
sl_wire_make(struct sl_stream *s, enum sl_side from, const struct sl_word *word)
{
	const struct sl_half *h = &s->half[from];
	uint16_t scaled = sl_stream_scales(s) && h->win_syn ? h->scale : 0;
	struct rte_mbuf *m = rte_pktmbuf_alloc(s->all->pool);
	struct rte_tcp_hdr *t;
	uint8_t *p, *end;

	if (m == NULL) {
		s->all->count.drop_mbuf++;
		return NULL;
	}
	p = rte_pktmbuf_mtod(m, uint8_t *);
	memcpy(p, h->ip, h->ip_n);
	t = (struct rte_tcp_hdr *)(p + h->ip_n);
	*t = (struct rte_tcp_hdr){
		.src_port = h->sport,
		.dst_port = h->dport,
		.sent_seq = rte_cpu_to_be_32(word->seq),
		.recv_ack = rte_cpu_to_be_32(s->half[SL_ACROSS(from)].told_x),
		.tcp_flags = word->flags,
		.rx_win = rte_cpu_to_be_16((uint16_t)(h->win >> scaled)),
	};
	end = add_options(h, word, (uint8_t *)(t + 1));
	t->data_off = (uint8_t)((end - (uint8_t *)t) / 4 << 4);
	m->data_len = (uint16_t)(end - p);
	m->pkt_len = m->data_len;
	set_id(s, m);
	if (get_ecn(m) == CE)
		set_ecn(m, ECT0);
	return m;
}

uint32_t
sl_wire_room(const struct sl_stream *s, enum sl_side from)
{
	const struct sl_half *h = &s->half[from], *to = &s->half[SL_ACROSS(from)];
	uint32_t headers = h->ip_n + (uint32_t)sizeof(struct rte_tcp_hdr);
	uint32_t mtu = s->mtu[SL_ACROSS(from)], room = to->mss;

	if (room == 0) /* RFC 9293 section 3.7.1: what holds without the option */
		room = h->ip_n == sizeof(struct rte_ipv6_hdr) ? 1220 : 536;
	room = RTE_MIN(room, mtu > headers ? mtu - headers : 0);
	if (h->ts)
		room -= RTE_MIN(room, (uint32_t)TS_BYTES);
	return RTE_MAX(room, 64u);
}

void
sl_wire_cut(struct sl_segment *g, uint32_t off, uint32_t n)
{
	uint8_t *p = rte_pktmbuf_mtod(g->m, uint8_t *);

	rte_pktmbuf_trim(g->m, (uint16_t)(g->n - off - n));
	if (off > 0) {
		memmove(p + off, p, g->data);
		rte_pktmbuf_adj(g->m, (uint16_t)off);
	}
	g->n = n;
}

void
sl_wire_strip(struct sl_segment *g)
{
	struct rte_mbuf *m = g->m;

	rte_pktmbuf_free(m->next);
	m->next = NULL;
	m->nb_segs = 1;
	m->data_len = g->data;
	m->pkt_len = g->data;
	g->n = 0;
}

struct rte_tcp_hdr *
sl_wire_tcp(struct rte_mbuf *m)
{
	uint32_t l4 = is_v6(m) ? sizeof(struct rte_ipv6_hdr)
			       : (*rte_pktmbuf_mtod(m, const uint8_t *) & 15) * 4u;

	return rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, l4);
}

void
sl_wire_mark(struct rte_mbuf *m, bool ce)
{
	set_ecn(m, ce ? CE : 0);
}

void
sl_wire_send(struct sl_stream *s, enum sl_side from, struct rte_mbuf *m)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod(m, struct rte_ipv4_hdr *);
	struct rte_ipv6_hdr *ip6 = rte_pktmbuf_mtod(m, struct rte_ipv6_hdr *);
	struct rte_tcp_hdr *t = sl_wire_tcp(m);
	uint32_t l4 = (uint32_t)((uint8_t *)t - (uint8_t *)ip);

	if (is_v6(m)) {
		ip6->payload_len = rte_cpu_to_be_16((uint16_t)(m->pkt_len - l4));
	} else {
		ip->total_length = rte_cpu_to_be_16((uint16_t)m->pkt_len);
		ip->hdr_checksum = 0;
		ip->hdr_checksum = (uint16_t)~sl_sum_words(ip, l4);
	}
	t->cksum = 0;
	t->cksum = (uint16_t)~tcp_sum(m, l4);
	m->ol_flags &= ~RTE_MBUF_F_TX_OFFLOAD_MASK;
	s->ops->emit(s->arg, from, m);
}
