/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A fragment by itself, IPv4 or IPv6: where it belongs, and how the headers of a first one
 * become those of the whole datagram. What fragments are to each other is in reasm.c.
 *
 * Nothing here expects headers in one segment, and every length is checked before it is
 * believed, that of IPv4 too, so that whoever calls need not know who looked before.
 *
 * Before an IPv6 fragment header there may be hop-by-hop options, a routing header and
 * destination options (RFC 8200 section 4.5), nothing else. A first fragment must hold all
 * headers up to that of the transport (RFC 7112, RFC 8200 section 4.5), or else it hides from
 * everybody on the way what the datagram is. A second fragment header behind the first is
 * taken for such a hiding place too: no honest sender makes one. For IPv4 there is no such
 * rule: whoever reassembles sees the whole, and RFC 1858 is about those who do not.
 */
#include "piece.h"

#include <netinet/in.h>

#include <rte_ip.h>

#include "csum.h"

#define EXTENSIONS_MAX 8 /* headers before the fragment header, and again behind it */
#define ECN_MASK 3

/* The length of an IPv6 extension header that lies before `end`, or 0; then what follows it. */
static uint32_t
extension(const struct rte_mbuf *m, uint32_t at, uint32_t end, uint8_t *next)
{
	uint8_t copy[2];
	const uint8_t *h = rte_pktmbuf_read(m, at, sizeof(copy), copy);
	uint32_t len;

	if (h == NULL)
		return 0;
	len = *next == IPPROTO_AH ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
	if (at + len > end)
		return 0;
	*next = h[0];
	return len;
}

/* Whether all headers of a datagram lie between `at` and `end`. */
static bool
holds_headers(const struct rte_mbuf *m, uint32_t at, uint32_t end, uint8_t next)
{
	for (unsigned int n = 0; n < EXTENSIONS_MAX; n++) {
		uint32_t len;

		switch (next) {
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_AH:
		case IPPROTO_MH:
		case 139: /* HIP */
		case 140: /* Shim6 */
			len = extension(m, at, end, &next);
			if (len == 0)
				return false;
			at += len;
			break;
		case IPPROTO_HOPOPTS: /* only ever the first of all */
		case IPPROTO_FRAGMENT:
			return false;
		case IPPROTO_NONE:
			return true;
		case IPPROTO_TCP:
			return at + 20 <= end;
		case IPPROTO_UDP:
			return at + 8 <= end;
		case IPPROTO_ICMPV6: /* RFC 7112 section 2 */
			return at + 4 <= end;
		default:
			return at < end;
		}
	}
	return false;
}

static enum sl_piece_kind
read_ipv4(const struct rte_mbuf *m, struct sl_piece *p)
{
	struct rte_ipv4_hdr copy;
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_read(m, p->head.l3, sizeof(copy), &copy);
	uint32_t hlen, total;
	uint16_t field;

	if (ip == NULL)
		return SL_PIECE_BAD;
	hlen = (ip->version_ihl & 15) * 4u;
	total = rte_be_to_cpu_16(ip->total_length);
	if (hlen < sizeof(*ip) || total < hlen || p->head.l3 + total > m->pkt_len)
		return SL_PIECE_BAD;
	field = rte_be_to_cpu_16(ip->fragment_offset);
	if ((field & (RTE_IPV4_HDR_OFFSET_MASK | RTE_IPV4_HDR_MF_FLAG)) == 0)
		return SL_PIECE_NONE;
	memcpy(p->key.src, &ip->src_addr, sizeof(ip->src_addr));
	memcpy(p->key.dst, &ip->dst_addr, sizeof(ip->dst_addr));
	p->key.id = rte_be_to_cpu_16(ip->packet_id);
	p->key.proto = ip->next_proto_id;
	p->off = (field & RTE_IPV4_HDR_OFFSET_MASK) * 8u;
	p->end = p->off + total - hlen;
	p->more = field & RTE_IPV4_HDR_MF_FLAG;
	p->df = field & RTE_IPV4_HDR_DF_FLAG;
	p->ecn = ip->type_of_service & ECN_MASK;
	p->size = total;
	p->head.len = (uint16_t)(p->head.l3 + hlen);
	p->head.base = (uint16_t)hlen;
	return SL_PIECE_FRAGMENT;
}

/* Find the fragment header; false when the headers before it contradict themselves. */
static bool
find_fragment(const struct rte_mbuf *m, struct sl_piece_head *h, uint32_t end)
{
	uint32_t at = h->len, len;

	for (unsigned int n = 0; h->next == IPPROTO_HOPOPTS || h->next == IPPROTO_ROUTING ||
				 h->next == IPPROTO_DSTOPTS;
		n++) {
		if (n == EXTENSIONS_MAX || (h->next == IPPROTO_HOPOPTS && n > 0))
			return false;
		len = extension(m, at, end, &h->next);
		if (len == 0)
			return false;
		h->prev = (uint16_t)at;
		at += len;
	}
	h->len = (uint16_t)at;
	return true;
}

static enum sl_piece_kind
read_ipv6(const struct rte_mbuf *m, struct sl_piece *p)
{
	struct rte_ipv6_hdr copy;
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_read(m, p->head.l3, sizeof(copy), &copy);
	struct sl_piece_head *h = &p->head;
	uint8_t room[8];
	const uint8_t *frag;
	uint32_t end, field;

	if (ip == NULL)
		return SL_PIECE_BAD;
	end = h->l3 + (uint32_t)sizeof(*ip) + rte_be_to_cpu_16(ip->payload_len);
	if (end > m->pkt_len)
		return SL_PIECE_BAD;
	memcpy(p->key.src, ip->src_addr, sizeof(p->key.src));
	memcpy(p->key.dst, ip->dst_addr, sizeof(p->key.dst));
	p->ecn = rte_be_to_cpu_32(ip->vtc_flow) >> 20 & ECN_MASK;
	p->size = end - h->l3;
	h->prev = (uint16_t)(h->l3 + offsetof(struct rte_ipv6_hdr, proto));
	h->next = ip->proto;
	h->len = (uint16_t)(h->l3 + sizeof(*ip));
	if (!find_fragment(m, h, end))
		return SL_PIECE_BAD;
	if (h->next != IPPROTO_FRAGMENT)
		return SL_PIECE_NONE;
	if (h->len + sizeof(room) > end)
		return SL_PIECE_BAD;
	frag = rte_pktmbuf_read(m, h->len, sizeof(room), room);
	h->base = (uint16_t)(h->len - h->l3 - sizeof(*ip));
	h->len += sizeof(room);
	h->next = frag[0];
	field = (uint32_t)frag[2] << 8 | frag[3];
	p->key.id = (uint32_t)frag[4] << 24 | (uint32_t)frag[5] << 16 | (uint32_t)frag[6] << 8 |
		    frag[7];
	p->off = field & 0xfff8;
	p->end = p->off + end - h->len;
	p->more = field & 1;
	p->cut_short = p->off == 0 && !holds_headers(m, h->len, end, h->next);
	return p->off == 0 && !p->more ? SL_PIECE_ATOMIC : SL_PIECE_FRAGMENT;
}

enum sl_piece_kind
sl_piece_read(const struct rte_mbuf *m, uint16_t l3, struct sl_piece *p)
{
	uint8_t copy;
	const uint8_t *first = rte_pktmbuf_read(m, l3, sizeof(copy), &copy);

	memset(p, 0, sizeof(*p));
	if (first == NULL)
		return SL_PIECE_BAD;
	p->head.l3 = l3;
	p->head.version = p->key.version = *first >> 4;
	switch (p->head.version) {
	case 4:
		return read_ipv4(m, p);
	case 6:
		return read_ipv6(m, p);
	default:
		return SL_PIECE_BAD;
	}
}

struct rte_mbuf *
sl_piece_cut(struct rte_mbuf *m, uint32_t off, uint32_t n)
{
	struct rte_mbuf *s = m, *before = NULL, *next;
	uint32_t pkt_len = m->pkt_len - n, k;
	uint16_t nb_segs = m->nb_segs;

	for (; n > 0; s = next) {
		next = s->next;
		if (off >= s->data_len) {
			off -= s->data_len;
			before = s;
			continue;
		}
		k = RTE_MIN(n, s->data_len - off);
		n -= k;
		s->data_len = (uint16_t)(s->data_len - k);
		/* Unless these were its last bytes, what is before them moves up. */
		if (off < s->data_len) {
			char *data = rte_pktmbuf_mtod(s, char *);

			memmove(data + k, data, off);
			s->data_off = (uint16_t)(s->data_off + k);
		}
		off = 0;
		if (s->data_len > 0) {
			before = s;
			continue;
		}
		*(before != NULL ? &before->next : &m) = next;
		nb_segs--;
		rte_pktmbuf_free_seg(s);
	}
	m->pkt_len = pkt_len;
	m->nb_segs = nb_segs;
	return m;
}

static void
get_bytes(const struct rte_mbuf *m, uint32_t off, void *data, uint32_t n)
{
	const void *p = rte_pktmbuf_read(m, off, n, data);

	if (p != NULL && p != data)
		memcpy(data, p, n);
}

static void
put_bytes(struct rte_mbuf *m, uint32_t off, const void *data, uint32_t n)
{
	const char *from = data;

	for (; m != NULL && n > 0; m = m->next) {
		uint32_t k;

		if (off >= m->data_len) {
			off -= m->data_len;
			continue;
		}
		k = RTE_MIN(n, m->data_len - off);
		memcpy(rte_pktmbuf_mtod_offset(m, char *, off), from, k);
		from += k;
		n -= k;
		off = 0;
	}
}

static void
whole_ipv4(struct rte_mbuf *m, const struct sl_piece_head *h, uint32_t total, bool df, bool ce)
{
	union {
		struct rte_ipv4_hdr ip;
		uint8_t bytes[60];
	} u;

	get_bytes(m, h->l3, &u, h->base);
	u.ip.total_length = rte_cpu_to_be_16((uint16_t)(h->base + total));
	u.ip.fragment_offset = df ? RTE_BE16(RTE_IPV4_HDR_DF_FLAG) : 0;
	if (ce)
		u.ip.type_of_service |= ECN_MASK;
	u.ip.hdr_checksum = 0;
	u.ip.hdr_checksum = (rte_be16_t)~sl_sum_words(&u, h->base);
	put_bytes(m, h->l3, &u, h->base);
}

static void
whole_ipv6(struct rte_mbuf *m, const struct sl_piece_head *h, uint32_t total, bool ce)
{
	struct rte_ipv6_hdr ip;

	get_bytes(m, h->l3, &ip, sizeof(ip));
	ip.payload_len = rte_cpu_to_be_16((uint16_t)(h->base + total));
	if (ce)
		ip.vtc_flow |= RTE_BE32(ECN_MASK << 20);
	put_bytes(m, h->l3, &ip, sizeof(ip));
	put_bytes(m, h->prev, &h->next, sizeof(h->next));
	sl_piece_cut(m, h->len - 8u, 8);
}

void
sl_piece_whole(struct rte_mbuf *m, const struct sl_piece_head *h, uint32_t total, bool df, bool ce)
{
	if (h->version == 4)
		whole_ipv4(m, h, total, df, ce);
	else
		whole_ipv6(m, h, total, ce);
	/* What the port found out was about the fragment. */
	m->ol_flags &= ~(RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK);
	m->packet_type = 0;
}
