/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_ICMP_H
#define SL_ICMP_H

#include "pkt.h"

struct sl_worker;

/** Types and codes of the errors that the box makes itself. */
#define SL_ICMP_UNREACH 3
#define SL_ICMP_UNREACH_NET 0
#define SL_ICMP_UNREACH_PROTOCOL 2
#define SL_ICMP_UNREACH_PORT 3
#define SL_ICMP_UNREACH_TOO_BIG 4
#define SL_ICMP_UNREACH_ROUTE 5
#define SL_ICMP_TIME 11

/**
 * Answer a packet that is not yet rewritten with an ICMP error to its sender, from the
 * box's address on the side that it came from. Rate limited, never about an ICMP error, a
 * fragment other than the first, or a multicast; the packet itself stays the caller's.
 * @param mtu  for type 3 code 4, else 0
 */
void sl_icmp_error(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, uint8_t type,
	uint8_t code, uint16_t mtu);

#endif /* SL_ICMP_H */
