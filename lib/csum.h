/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_CSUM_H
#define SL_CSUM_H

#include <string.h>

#include <rte_mbuf.h>

/*
 * One's complement arithmetic on 16-bit words as they lie in memory (RFC 1071: it does not
 * matter which byte order, as long as it is the same one everywhere).
 */

/** Fold a sum of words to 16 bits. */
static inline uint16_t
sl_fold(uint64_t s)
{
	s = (s & 0xffffffff) + (s >> 32);
	s = (s & 0xffffffff) + (s >> 32);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

/** The folded sum of len bytes, len a multiple of 4, as of an IP header; 0xffff if its checksum is right. */
static inline uint16_t
sl_sum_words(const void *data, unsigned int len)
{
	const uint8_t *p = data;
	uint64_t s = 0;
	uint32_t word;

	for (unsigned int i = 0; i < len; i += 4) {
		memcpy(&word, p + i, sizeof(word));
		s += word;
	}
	return sl_fold(s);
}

/** The change of a sum when a word turns from `from` into `to` (RFC 1624 equation 3). */
static inline uint32_t
sl_delta16(uint16_t from, uint16_t to)
{
	return (uint32_t)(uint16_t)~from + to;
}

/** The same for an address. */
static inline uint32_t
sl_delta32(uint32_t from, uint32_t to)
{
	return sl_delta16((uint16_t)from, (uint16_t)to) +
	       sl_delta16((uint16_t)(from >> 16), (uint16_t)(to >> 16));
}

/** A checksum after its data changed by delta. */
static inline uint16_t
sl_csum_fix(uint16_t csum, uint32_t delta)
{
	uint32_t s = (uint16_t)~csum + delta;

	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/** The folded sum of len bytes of an mbuf from offset off, over all segments. */
uint16_t sl_icmp_sum(const struct rte_mbuf *m, uint32_t off, uint32_t len);

#endif /* SL_CSUM_H */
