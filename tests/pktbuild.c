/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From a packet's text to the bytes of its frame. pktspec.c has the grammar; this file
 * lays out the headers, lies where the text asks for it, and fills in the checksums
 * last, computed by csum.c over what was laid out.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "csum.h"
#include "pktspec.h"

#define TRAILER_BYTE 0xa5

static void
put(struct pt_frame *f, const void *b, size_t n)
{
	if (f->len > PT_FRAME_MAX || n > PT_FRAME_MAX - f->len)
		return; /* what does not fit is left out whole */
	memcpy(f->b + f->len, b, n);
	f->len += n;
}

static void
put8(struct pt_frame *f, uint64_t v)
{
	uint8_t b = (uint8_t)v;

	put(f, &b, 1);
}

static void
put16(struct pt_frame *f, uint64_t v)
{
	put8(f, v >> 8);
	put8(f, v);
}

static void
put32(struct pt_frame *f, uint64_t v)
{
	put16(f, v >> 16);
	put16(f, v);
}

static void
set16(uint8_t *b, uint64_t v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

/* A checksum, spoilt by a constant when asked: an incremental update keeps the error. */
static uint16_t
spoil(uint16_t c, bool bad)
{
	return bad ? (uint16_t)~csum_fold((uint64_t)c + 0x1111) : c;
}

static void
put_udp(struct pt_frame *f, const struct pt_spec *s, size_t ip)
{
	size_t l4 = f->len, n = 8 + s->data_len;

	put16(f, s->sport);
	put16(f, s->dport);
	put16(f, s->has[PT_ULEN] ? s->field[PT_ULEN] : n);
	put16(f, 0);
	put(f, s->data, s->data_len);
	set16(f->b + l4 + 6, s->has[PT_CSUM] ? s->field[PT_CSUM]
					     : spoil(csum_l4(f->b + ip, f->b + l4, n, 17, 6),
						       s->flags & PT_BADCSUM));
}

static void
put_tcp(struct pt_frame *f, const struct pt_spec *s, size_t ip)
{
	size_t opt = (s->tcpopt_len + (s->has[PT_MSS] ? 4 : 0) + 3) / 4 * 4, l4 = f->len;
	static const uint8_t zero[4];

	put16(f, s->sport);
	put16(f, s->dport);
	put32(f, s->field[PT_SEQ]);
	put32(f, s->field[PT_ACK]);
	put8(f, (s->has[PT_DOFF] ? s->field[PT_DOFF] : 5 + opt / 4) << 4 | s->field[PT_RES]);
	put8(f, s->flags & 255);
	put16(f, s->field[PT_WIN]);
	put16(f, 0);
	put16(f, s->field[PT_URGENT]);
	if (s->has[PT_MSS])
		put32(f, 0x02040000 | s->field[PT_MSS]);
	put(f, s->tcpopt, s->tcpopt_len);
	put(f, zero, l4 + 20 + opt - f->len);
	put(f, s->data, s->data_len);
	set16(f->b + l4 + 16,
		spoil(csum_l4(f->b + ip, f->b + l4, f->len - l4, 6, 16), s->flags & PT_BADCSUM));
}

static int put_ip4(struct pt_frame *f, const struct pt_spec *s, char *why, size_t size);

/* The rest of the ICMP header, bytes 4 to 7. */
static void
put_icmp_rest(struct pt_frame *f, const struct pt_spec *s)
{
	switch (s->field[PT_TYPE]) {
	case 0:
	case 8:
	case 13:
	case 14:
		put16(f, s->field[PT_ID]);
		put16(f, s->field[PT_SEQ]);
		break;
	case 5:
		put(f, s->gw, 4);
		break;
	case 12:
		put8(f, s->field[PT_PTR]);
		put8(f, s->field[PT_LEN]);
		put16(f, 0);
		break;
	default:
		put8(f, 0);
		put8(f, s->field[PT_LEN]);
		put16(f, s->field[PT_MTU]);
	}
}

static int
put_icmp(struct pt_frame *f, const struct pt_spec *s, char *why, size_t size)
{
	size_t l4 = f->len;

	put8(f, s->field[PT_TYPE]);
	put8(f, s->field[PT_CODE]);
	put16(f, 0);
	if (s->has[PT_REST])
		put32(f, s->field[PT_REST]);
	else
		put_icmp_rest(f, s);
	if (s->quote != NULL) {
		static const struct pt_default def = { .ttl = PT_QUOTE_TTL };
		static struct pt_spec quoted;
		size_t at = f->len;

		if (pt_read(s->quote, s->quote_len, &def, &quoted, why, size) < 0)
			return -1;
		if (quoted.quote != NULL || put_ip4(f, &quoted, why, size) < 0) {
			snprintf(why, size, "cannot quote: %.*s", (int)s->quote_len, s->quote);
			return -1;
		}
		while (s->field[PT_LEN] != 0 && f->len < at + s->field[PT_LEN] * 4)
			put8(f, 0);
	}
	put(f, s->data, s->data_len);
	put(f, s->ext, s->ext_len);
	set16(f->b + l4 + 2, spoil(csum_icmp(f->b + l4, f->len - l4), s->flags & PT_BADCSUM));
	return 0;
}

static int
put_ip4(struct pt_frame *f, const struct pt_spec *s, char *why, size_t size)
{
	static const uint8_t proto[] = { [PT_UDP] = 17, [PT_TCP] = 6, [PT_ICMP] = 1 };
	size_t ip = f->len, opt = (s->opt_len + 3) / 4 * 4;
	uint16_t offset = (uint16_t)(s->field[PT_OFF] / 8);

	if (s->kind > PT_IP) {
		snprintf(why, size, "not IPv4");
		return -1;
	}
	offset |= (s->flags & PT_DF ? 0x4000 : 0) | (s->flags & PT_MF ? 0x2000 : 0);
	put8(f, (s->has[PT_VERSION] ? s->field[PT_VERSION] : 4) << 4 |
			(s->has[PT_IHL] ? s->field[PT_IHL] : 5 + opt / 4));
	put8(f, s->field[PT_TOS]);
	put16(f, 0);
	put16(f, s->field[PT_IPID]);
	put16(f, offset);
	put8(f, s->field[PT_TTL]);
	put8(f, s->kind == PT_IP || s->has[PT_PROTO] ? s->field[PT_PROTO] : proto[s->kind]);
	put16(f, 0);
	put(f, s->src, 4);
	put(f, s->dst, 4);
	put(f, s->opt, s->opt_len);
	for (size_t i = s->opt_len; i < opt; i++)
		put8(f, 0);
	if (s->kind == PT_UDP)
		put_udp(f, s, ip);
	else if (s->kind == PT_TCP)
		put_tcp(f, s, ip);
	else if (s->kind == PT_IP)
		put(f, s->data, s->data_len);
	else if (put_icmp(f, s, why, size) < 0)
		return -1;
	set16(f->b + ip + 2, s->has[PT_TLEN] ? s->field[PT_TLEN] : f->len - ip);
	/* A lying header length must not make the checksum read past what is there. */
	if ((f->b[ip] & 15) * 4U >= 20 && (f->b[ip] & 15) * 4U <= f->len - ip)
		set16(f->b + ip + 10, spoil(csum_ip4(f->b + ip), s->flags & PT_BADIPCSUM));
	if (s->has[PT_CUT] && f->len > ip + s->field[PT_CUT])
		f->len = ip + s->field[PT_CUT];
	return 0;
}

static void
put_ip6(struct pt_frame *f, const struct pt_spec *s)
{
	put32(f, 6U << 28 | s->field[PT_TOS] << 20);
	put16(f, s->has[PT_TLEN] ? s->field[PT_TLEN] : s->data_len);
	put8(f, s->field[PT_NH]);
	put8(f, s->field[PT_TTL]);
	put(f, s->src, 16);
	put(f, s->dst, 16);
	put(f, s->data, s->data_len);
}

static void
put_arp(struct pt_frame *f, const struct pt_spec *s)
{
	static const struct rte_ether_addr zero;

	put32(f, 0x00010800);
	put16(f, 0x0604);
	put16(f, s->field[PT_OP]);
	put(f, &s->smac, 6);
	put(f, s->src, 4);
	put(f, s->field[PT_OP] == 1 ? &zero : &s->dmac, 6);
	put(f, s->dst, 4);
}

static void
put_ether(struct pt_frame *f, const struct pt_spec *s)
{
	uint16_t type = 0x0800;

	put(f, &s->dmac, 6);
	put(f, &s->smac, 6);
	for (unsigned int i = 0; i < s->n_vlans; i++) {
		put16(f, s->n_vlans == 2 && i == 0 ? 0x88a8 : 0x8100);
		put16(f, s->vlan[i]);
	}
	if (s->kind == PT_IP6)
		type = 0x86dd;
	if (s->kind == PT_ARP)
		type = 0x0806;
	put16(f, s->has[PT_TYPE] && s->kind != PT_ICMP ? s->field[PT_TYPE] : type);
	f->l3 = f->len;
}

int
pt_build(const char *text, const struct pt_default *def, struct pt_frame *f, char *why, size_t size)
{
	static struct pt_spec s;

	f->len = 0;
	f->l3 = 14;
	if (pt_read(text, strlen(text), def, &s, why, size) < 0)
		return -1;
	if (s.kind == PT_HEX) {
		put(f, s.data, s.data_len);
		return 0;
	}
	put_ether(f, &s);
	if (s.kind == PT_ETH)
		put(f, s.data, s.data_len);
	else if (s.kind == PT_ARP)
		put_arp(f, &s);
	else if (s.kind == PT_IP6)
		put_ip6(f, &s);
	else if (put_ip4(f, &s, why, size) < 0)
		return -1;
	for (uint64_t i = 0; i < s.field[PT_TRAILER]; i++)
		put8(f, TRAILER_BYTE);
	return 0;
}
