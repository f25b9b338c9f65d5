/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PKT_H
#define SL_PKT_H

#include <netinet/in.h>

#include <rte_icmp.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "sluice.h"

/** What happens to a packet. A drop is only ever written as `return sl_drop(w, REASON)`. */
enum sl_verdict {
	SL_GO, /**< undecided: the next stage looks at it */
	SL_SEND, /**< finished but for its Ethernet header */
	SL_PUNT, /**< to control */
	SL_HANDOFF, /**< to another worker */
	SL_AGAIN, /**< hairpin: once more as an inbound packet */
	SL_SIX, /**< IPv6 that is to become IPv4 */
	SL_HELD, /**< kept by this worker */
	SL_DROP, /**< counted already; free it */
};

/** Key of one direction of a flow; all 16 bytes are hashed and compared. */
struct sl_key {
	rte_be32_t src, dst;
	rte_be16_t sport, dport;
	uint8_t tenant; /**< index for SL_INSIDE, 0 for SL_OUTSIDE */
	uint8_t proto;
	uint8_t side;
	uint8_t zero;
} __rte_aligned(16);

/* For ICMP queries the port of the inside host is the query id; the remote port is this,
 * so that a query and its answer share a flow and the two directions of asking do not. */
#define SL_ICMP_ASKED_INSIDE RTE_BE16(0) /* echo out, reply in */
#define SL_ICMP_ASKED_OUTSIDE RTE_BE16(8) /* echo in, reply out */
#define SL_ICMP_STAMP_INSIDE RTE_BE16(13) /* timestamp out, reply in */
#define SL_ICMP_STAMP_OUTSIDE RTE_BE16(14) /* timestamp in, reply out */

/* For a call of PPTP the port of the inside host is the call id that its packets carry, which is
 * the remote end's, the outside port the one that packets from outside carry (RFC 2637 section
 * 4.1: the receiver's), and the remote port this, so that no other GRE is taken for a call's. */
#define SL_GRE_CALL RTE_BE16(0x880b)

#define SL_PKT_ERROR (1 << 0) /**< ICMP error; the key is that of the quoted packet's flow */
#define SL_PKT_OTHER (1 << 1) /**< protocol without ports, or ICMP that is no query */
#define SL_PKT_HAIRPIN (1 << 2) /**< inbound, but from our own inside */
#define SL_PKT_FRAGMENT (1 << 3) /**< of an IPv4 datagram */
#define SL_PKT_CAST (1 << 4) /**< to a multicast or broadcast MAC or address */
#define SL_PKT_LATER (1 << 5) /**< a fragment without transport header */
#define SL_PKT_KNOWN (1 << 6) /**< a fragment whose ports defrag.c has found */
#define SL_PKT_BIG (1 << 7) /**< larger than the next link: leaves in fragments */
#define SL_PKT_SIX (1 << 8) /**< a fragment that was IPv6 when it came */
#define SL_PKT_NATIVE (1 << 9) /**< IPv6 that leaves as IPv6 (six_route.c) */

/** What parse learned of a packet; offsets count from the start of the mbuf's data. */
struct sl_pkt {
	struct sl_key key;
	uint32_t hash;
	uint16_t l3, l4; /**< network and transport header */
	uint16_t q3, q4; /**< quoted headers of an ICMP error */
	uint16_t ip_len; /**< IP total length, bytes */
	uint16_t flags; /**< SL_PKT_* */
	uint8_t tcp_flags;
	uint8_t side; /**< enum sl_side */
	uint8_t cause; /**< enum sl_punt_cause with SL_PUNT */
	uint8_t tenant; /**< index */
	uint8_t spare;
	uint16_t frag_id; /**< new IPv4 id of a fragment */
	uint16_t nh; /**< next hop of SL_SEND */
	uint16_t to; /**< worker of SL_HANDOFF */
} __rte_aligned(16);

_Static_assert(sizeof(struct sl_key) == 16, "the key is two words");
_Static_assert(sizeof(struct sl_pkt) == 48, "a packet's notes are three quarters of a line");

static inline struct rte_ipv4_hdr *
sl_pkt_ip(struct rte_mbuf *m, const struct sl_pkt *p)
{
	return rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, p->l3);
}

#endif /* SL_PKT_H */
