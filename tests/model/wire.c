/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Bytes and checksums as the RFCs have them (791, 1071, 6052), each computed anew from what is
 * there. Nothing here is clever and nothing is the gateway's.
 */
#include "wire.h"

#include <string.h>

unsigned int
m_get16(const uint8_t *b)
{
	return (unsigned int)b[0] << 8 | b[1];
}

uint32_t
m_get32(const uint8_t *b)
{
	return (uint32_t)m_get16(b) << 16 | m_get16(b + 2);
}

void
m_put16(uint8_t *b, unsigned int v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

void
m_put32(uint8_t *b, uint32_t v)
{
	m_put16(b, v >> 16);
	m_put16(b + 2, v & 0xffff);
}

bool
m_same(const struct m_addr *a, const struct m_addr *b)
{
	if (a->six != b->six)
		return false;
	return a->six ? memcmp(a->v6, b->v6, 16) == 0 : a->v4 == b->v4;
}

struct m_addr
m_embed(const struct m_prefix *p, uint32_t v4)
{
	struct m_addr a = { .six = true };
	unsigned int at = p->len / 8;

	memcpy(a.v6, p->net, at);
	for (int i = 3; i >= 0; i--, at++) {
		if (at == 8)
			at++; /* bits 64 to 71 are left out */
		a.v6[at] = (uint8_t)(v4 >> (8 * i));
	}
	return a;
}

bool
m_extract(const struct m_prefix *p, const uint8_t *v6, uint32_t *v4)
{
	unsigned int at = p->len / 8;
	struct m_addr back;

	if (memcmp(v6, p->net, at) != 0)
		return false;
	*v4 = 0;
	for (int i = 0; i < 4; i++, at++) {
		if (at == 8)
			at++;
		*v4 = *v4 << 8 | v6[at];
	}
	back = m_embed(p, *v4);
	return memcmp(back.v6, v6, 16) == 0;
}

static uint32_t
fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)sum;
}

uint16_t
m_checksum(const uint8_t *b, unsigned int n, int hole, uint32_t more)
{
	uint64_t sum = more;

	for (unsigned int i = 0; i < n; i += 2) {
		if ((int)i == hole)
			continue;
		sum += (uint64_t)b[i] << 8;
		if (i + 1 < n)
			sum += b[i + 1];
	}
	return (uint16_t)~fold(sum);
}

int
m_sum_at(unsigned int proto)
{
	switch (proto) {
	case M_TCP:
		return 16;
	case M_UDP:
		return 6;
	case M_ICMP:
	case M_ICMP6:
		return 2;
	default:
		return -1;
	}
}

uint16_t
m_transport_sum(const struct m_addr *src, const struct m_addr *dst, unsigned int proto,
	const uint8_t *b, unsigned int n, unsigned int whole)
{
	uint32_t more = 0;
	uint8_t a[8];

	if (src->six) {
		more = fold((uint64_t)(uint16_t)~m_checksum(src->v6, 16, -1, 0) +
			    (uint16_t)~m_checksum(dst->v6, 16, -1, 0) + proto + whole);
	} else if (proto != M_ICMP) {
		m_put32(a, src->v4);
		m_put32(a + 4, dst->v4);
		more = fold((uint64_t)(uint16_t)~m_checksum(a, 8, -1, 0) + proto + whole);
	}
	return m_checksum(b, n, m_sum_at(proto), more);
}

unsigned int
m_plus(unsigned int a, unsigned int b)
{
	return (a + b) % 0xffff;
}

unsigned int
m_minus(unsigned int a, unsigned int b)
{
	return (a % 0xffff + 0xffff - b % 0xffff) % 0xffff;
}

void
m_seal(uint8_t *ip)
{
	m_put16(ip + 10, m_checksum(ip, (ip[0] & 15) * 4u, 10, 0));
}
