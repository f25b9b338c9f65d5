/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Internet checksums (RFC 1071), for the tests only.
 *
 * Written as the RFC says it, byte by byte and slow, and sharing nothing with lib/:
 * the library is judged by this file, so the two must not be able to share an error.
 * Every function leaves the checksum field itself out of the sum.
 */
#include "csum.h"

#include <string.h>

uint64_t
csum_add(uint64_t sum, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? b[i] : (uint64_t)b[i] << 8;
	return sum;
}

uint16_t
csum_fold(uint64_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(0xffff - sum);
}

uint64_t
csum_pseudo4(const uint8_t *src, const uint8_t *dst, uint8_t proto, size_t len)
{
	uint64_t sum = csum_add(0, src, 4);

	return csum_add(sum, dst, 4) + proto + len;
}

/* The sum over b without the 16-bit field at offset at. */
static uint64_t
add_without(uint64_t sum, const uint8_t *b, size_t n, size_t at)
{
	sum = csum_add(sum, b, at);
	return csum_add(sum, b + at + 2, n - at - 2);
}

uint16_t
csum_ip4(const uint8_t *ip)
{
	return csum_fold(add_without(0, ip, (ip[0] & 15) * 4U, 10));
}

uint16_t
csum_l4(const uint8_t *ip, const uint8_t *l4, size_t n, uint8_t proto, size_t at)
{
	uint16_t c = csum_fold(add_without(csum_pseudo4(ip + 12, ip + 16, proto, n), l4, n, at));

	/* RFC 768: a computed zero is sent as all ones. */
	return proto == 17 && c == 0 ? 0xffff : c;
}

uint16_t
csum_l4_6(const uint8_t *ip, const uint8_t *l4, size_t n, uint8_t proto, size_t at)
{
	/* RFC 8200 section 8.1: addresses, upper-layer length, next header. */
	uint64_t sum = csum_add(0, ip + 8, 32) + (n >> 16) + (n & 0xffff) + proto;
	uint16_t c = csum_fold(add_without(sum, l4, n, at));

	return proto == 17 && c == 0 ? 0xffff : c;
}

uint16_t
csum_icmp(const uint8_t *l4, size_t n)
{
	return csum_fold(add_without(0, l4, n, 2));
}
