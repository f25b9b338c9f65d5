/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MODEL_WIRE_H
#define MODEL_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#define M_ETH 14
#define M_FRAME_MAX 2048

enum {
	M_ICMP = 1,
	M_TCP = 6,
	M_UDP = 17,
	M_ICMP6 = 58
};
enum {
	M_FIN = 1,
	M_SYN = 2,
	M_RST = 4,
	M_PSH = 8,
	M_ACK = 16
};

/** An address; of IPv4 in host order. */
struct m_addr {
	bool six;
	uint32_t v4;
	uint8_t v6[16];
};

/** A NAT64 prefix (RFC 6052), length 0: none. */
struct m_prefix {
	uint8_t net[16];
	unsigned int len;
};

unsigned int m_get16(const uint8_t *b);
uint32_t m_get32(const uint8_t *b);
void m_put16(uint8_t *b, unsigned int v);
void m_put32(uint8_t *b, uint32_t v);

bool m_same(const struct m_addr *a, const struct m_addr *b);

/** The IPv6 address of an IPv4 one behind a prefix, and back; false when it is none. */
struct m_addr m_embed(const struct m_prefix *p, uint32_t v4);
bool m_extract(const struct m_prefix *p, const uint8_t *v6, uint32_t *v4);

/** The Internet checksum (RFC 1071) of n bytes; in place at `hole` stand zeros. */
uint16_t m_checksum(const uint8_t *b, unsigned int n, int hole, uint32_t more);

/** Where a transport header has its checksum; -1: nowhere. */
int m_sum_at(unsigned int proto);

/** The checksum that a transport message should have between these addresses. */
uint16_t m_transport_sum(const struct m_addr *src, const struct m_addr *dst, unsigned int proto,
	const uint8_t *b, unsigned int n, unsigned int whole);

/** a - b and a + b as sums of RFC 1071, 0 to 0xfffe. */
unsigned int m_minus(unsigned int a, unsigned int b);
unsigned int m_plus(unsigned int a, unsigned int b);

/** Compute the checksum of an IPv4 header. */
void m_seal(uint8_t *ip);

#endif
