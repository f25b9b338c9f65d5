/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_ICMP6_H
#define SL_ICMP6_H

#include "pkt.h"

struct sl_worker;

/**
 * Answer an IPv6 packet as it came with an ICMPv6 error to its sender, from the box's address
 * on that side. Rate limited with the errors of IPv4, never about an ICMPv6 error, a later
 * fragment, a multicast or a packet from nobody; the packet itself stays the caller's.
 * @param word  the four bytes behind the checksum, host order: an MTU, a pointer
 */
void sl_icmp6_error(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, uint8_t type,
	uint8_t code, uint32_t word);

#endif /* SL_ICMP6_H */
