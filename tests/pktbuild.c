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
#include "pktlay.h"

#define TRAILER_BYTE 0xa5

void
pt_put(struct pt_frame *f, const void *b, size_t n)
{
	if (f->len > PT_FRAME_MAX || n > PT_FRAME_MAX - f->len)
		return; /* what does not fit is left out whole */
	memcpy(f->b + f->len, b, n);
	f->len += n;
}

void
pt_put8(struct pt_frame *f, uint64_t v)
{
	uint8_t b = (uint8_t)v;

	pt_put(f, &b, 1);
}

void
pt_put16(struct pt_frame *f, uint64_t v)
{
	pt_put8(f, v >> 8);
	pt_put8(f, v);
}

void
pt_put32(struct pt_frame *f, uint64_t v)
{
	pt_put16(f, v >> 16);
	pt_put16(f, v);
}

void
pt_set16(uint8_t *b, uint64_t v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

/* A checksum, spoilt by a constant when asked: an incremental update keeps the error. */
uint16_t
pt_spoil(uint16_t c, bool bad)
{
	return bad ? (uint16_t)~csum_fold((uint64_t)c + 0x1111) : c;
}

/* The checksum that fits a segment behind either kind of IP header. */
static uint16_t
sum_l4(const uint8_t *ip, const uint8_t *l4, size_t n, uint8_t proto, size_t at)
{
	return ip[0] >> 4 == 6 ? csum_l4_6(ip, l4, n, proto, at) : csum_l4(ip, l4, n, proto, at);
}

void
pt_put_udp(struct pt_frame *f, const struct pt_spec *s, size_t ip)
{
	size_t l4 = f->len, n = 8 + s->data_len;

	pt_put16(f, s->sport);
	pt_put16(f, s->dport);
	pt_put16(f, s->has[PT_ULEN] ? s->field[PT_ULEN] : n);
	pt_put16(f, 0);
	pt_put(f, s->data, s->data_len);
	pt_set16(f->b + l4 + 6, s->has[PT_CSUM] ? s->field[PT_CSUM]
						: pt_spoil(sum_l4(f->b + ip, f->b + l4, n, 17, 6),
							  s->flags & PT_BADCSUM));
}

void
pt_put_tcp(struct pt_frame *f, const struct pt_spec *s, size_t ip)
{
	size_t opt = (s->tcpopt_len + (s->has[PT_MSS] ? 4 : 0) + 3) / 4 * 4, l4 = f->len;
	static const uint8_t zero[4];

	pt_put16(f, s->sport);
	pt_put16(f, s->dport);
	pt_put32(f, s->field[PT_SEQ]);
	pt_put32(f, s->field[PT_ACK]);
	pt_put8(f, (s->has[PT_DOFF] ? s->field[PT_DOFF] : 5 + opt / 4) << 4 | s->field[PT_RES]);
	pt_put8(f, s->flags & 255);
	pt_put16(f, s->field[PT_WIN]);
	pt_put16(f, 0);
	pt_put16(f, s->field[PT_URGENT]);
	if (s->has[PT_MSS])
		pt_put32(f, 0x02040000 | s->field[PT_MSS]);
	pt_put(f, s->tcpopt, s->tcpopt_len);
	pt_put(f, zero, l4 + 20 + opt - f->len);
	pt_put(f, s->data, s->data_len);
	pt_set16(f->b + l4 + 16,
		pt_spoil(sum_l4(f->b + ip, f->b + l4, f->len - l4, 6, 16), s->flags & PT_BADCSUM));
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
		pt_put16(f, s->field[PT_ID]);
		pt_put16(f, s->field[PT_SEQ]);
		break;
	case 5:
		pt_put(f, s->gw, 4);
		break;
	case 12:
		pt_put8(f, s->field[PT_PTR]);
		pt_put8(f, s->field[PT_LEN]);
		pt_put16(f, 0);
		break;
	default:
		pt_put8(f, 0);
		pt_put8(f, s->field[PT_LEN]);
		pt_put16(f, s->field[PT_MTU]);
	}
}

static int
put_icmp(struct pt_frame *f, const struct pt_spec *s, char *why, size_t size)
{
	size_t l4 = f->len;

	pt_put8(f, s->field[PT_TYPE]);
	pt_put8(f, s->field[PT_CODE]);
	pt_put16(f, 0);
	if (s->has[PT_REST])
		pt_put32(f, s->field[PT_REST]);
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
			pt_put8(f, 0);
	}
	pt_put(f, s->data, s->data_len);
	pt_put(f, s->ext, s->ext_len);
	pt_set16(f->b + l4 + 2, pt_spoil(csum_icmp(f->b + l4, f->len - l4), s->flags & PT_BADCSUM));
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
	pt_put8(f, (s->has[PT_VERSION] ? s->field[PT_VERSION] : 4) << 4 |
			   (s->has[PT_IHL] ? s->field[PT_IHL] : 5 + opt / 4));
	pt_put8(f, s->field[PT_TOS]);
	pt_put16(f, 0);
	pt_put16(f, s->field[PT_IPID]);
	pt_put16(f, offset);
	pt_put8(f, s->field[PT_TTL]);
	pt_put8(f, s->kind == PT_IP || s->has[PT_PROTO] ? s->field[PT_PROTO] : proto[s->kind]);
	pt_put16(f, 0);
	pt_put(f, s->src, 4);
	pt_put(f, s->dst, 4);
	pt_put(f, s->opt, s->opt_len);
	for (size_t i = s->opt_len; i < opt; i++)
		pt_put8(f, 0);
	if (s->kind == PT_UDP)
		pt_put_udp(f, s, ip);
	else if (s->kind == PT_TCP)
		pt_put_tcp(f, s, ip);
	else if (s->kind == PT_IP)
		pt_put(f, s->data, s->data_len);
	else if (put_icmp(f, s, why, size) < 0)
		return -1;
	pt_set16(f->b + ip + 2, s->has[PT_TLEN] ? s->field[PT_TLEN] : f->len - ip);
	/* A lying header length must not make the checksum read past what is there. */
	if ((f->b[ip] & 15) * 4U >= 20 && (f->b[ip] & 15) * 4U <= f->len - ip)
		pt_set16(f->b + ip + 10, pt_spoil(csum_ip4(f->b + ip), s->flags & PT_BADIPCSUM));
	if (s->has[PT_CUT] && f->len > ip + s->field[PT_CUT])
		f->len = ip + s->field[PT_CUT];
	return 0;
}

static void
put_arp(struct pt_frame *f, const struct pt_spec *s)
{
	static const struct rte_ether_addr zero;

	pt_put32(f, 0x00010800);
	pt_put16(f, 0x0604);
	pt_put16(f, s->field[PT_OP]);
	pt_put(f, &s->smac, 6);
	pt_put(f, s->src, 4);
	pt_put(f, s->field[PT_OP] == 1 ? &zero : &s->dmac, 6);
	pt_put(f, s->dst, 4);
}

static void
put_ether(struct pt_frame *f, const struct pt_spec *s)
{
	uint16_t type = 0x0800;

	pt_put(f, &s->dmac, 6);
	pt_put(f, &s->smac, 6);
	for (unsigned int i = 0; i < s->n_vlans; i++) {
		pt_put16(f, s->n_vlans == 2 && i == 0 ? 0x88a8 : 0x8100);
		pt_put16(f, s->vlan[i]);
	}
	if (s->kind >= PT_IP6 && s->kind <= PT_ICMP6)
		type = 0x86dd;
	if (s->kind == PT_ARP)
		type = 0x0806;
	pt_put16(f, s->has[PT_TYPE] && s->kind != PT_ICMP && s->kind != PT_ICMP6 ? s->field[PT_TYPE]
										 : type);
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
		pt_put(f, s.data, s.data_len);
		return 0;
	}
	put_ether(f, &s);
	if (s.kind == PT_ETH) {
		pt_put(f, s.data, s.data_len);
	} else if (s.kind == PT_ARP) {
		put_arp(f, &s);
	} else if (s.kind >= PT_IP6 && s.kind <= PT_ICMP6) {
		if (pt_put_ip6(f, &s, why, size) < 0)
			return -1;
	} else if (put_ip4(f, &s, why, size) < 0) {
		return -1;
	}
	for (uint64_t i = 0; i < s.field[PT_TRAILER]; i++)
		pt_put8(f, TRAILER_BYTE);
	return 0;
}
