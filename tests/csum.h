/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_CSUM_H
#define TEST_CSUM_H

#include <stddef.h>
#include <stdint.h>

/** RFC 1071 sum over n bytes, started from sum; not folded, so calls can be chained on even n. */
uint64_t csum_add(uint64_t sum, const uint8_t *b, size_t n);

/** Fold and complement: the value that goes into a header, host order. */
uint16_t csum_fold(uint64_t sum);

/** Pseudo-header sum of RFC 9293 and RFC 768; src and dst point at 4 bytes each. */
uint64_t csum_pseudo4(const uint8_t *src, const uint8_t *dst, uint8_t proto, size_t len);

/** The IPv4 header checksum field (host order) that fits the header at ip. */
uint16_t csum_ip4(const uint8_t *ip);

/** The checksum field (host order) that fits the TCP or UDP segment l4 of n bytes. */
uint16_t csum_l4(const uint8_t *ip, const uint8_t *l4, size_t n, uint8_t proto, size_t at);

/** The same behind the IPv6 header at ip; also that of an ICMPv6 message. */
uint16_t csum_l4_6(const uint8_t *ip, const uint8_t *l4, size_t n, uint8_t proto, size_t at);

/** The ICMP checksum field (host order) that fits the message. */
uint16_t csum_icmp(const uint8_t *l4, size_t n);

#endif
