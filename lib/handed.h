/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HANDED_H
#define SL_HANDED_H

#include "pkt.h"

/**
 * A packet on its way to the worker that owns it: an element of that worker's ring, half a
 * cache line. Of a usual packet it holds all that parsing has found out, so that its owner
 * begins with the lookup and reads neither the mbuf's note nor, before it is there, the frame.
 */
struct sl_handed {
	struct sl_key key; /* of a usual packet */
	struct rte_mbuf *m;
	uint32_t serial; /* of the configuration that chose the owner */
	uint16_t ip_len;
	uint8_t tcp_flags;
	bool usual; /* else all that is known is in the mbuf's note */
};

_Static_assert(sizeof(struct sl_handed) == 32, "two of them share a cache line");

/** What parsing found out. */
static inline struct sl_pkt
sl_handed_pkt(const struct sl_handed *h)
{
	return (struct sl_pkt){
		.key = h->key,
		.l3 = RTE_ETHER_HDR_LEN,
		.l4 = RTE_ETHER_HDR_LEN + sizeof(struct rte_ipv4_hdr),
		.ip_len = h->ip_len,
		.side = h->key.side,
		.tcp_flags = h->tcp_flags,
	};
}

#endif /* SL_HANDED_H */
