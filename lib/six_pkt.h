/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIX_PKT_H
#define SL_SIX_PKT_H

#include "pkt.h"
#include "six.h"

#define SL_ICMP6_UNREACH 1
#define SL_ICMP6_TOO_BIG 2
#define SL_ICMP6_TIME 3
#define SL_ICMP6_PARAM 4
#define SL_ICMP6_ECHO 128
#define SL_ICMP6_ECHO_REPLY 129

/** What a walk over an IPv6 header and its extension headers found. */
struct sl_six_walk {
	uint16_t l4; /**< where the transport header begins, from the IPv6 header on */
	uint16_t at; /**< of SL_WALK_ROUTED: where Segments Left is */
	rte_be16_t id; /**< low half of a fragment's identification */
	rte_be16_t frag; /**< offset and MF as IPv4 has them */
	uint8_t proto; /**< of the transport, as IPv6 numbers it */
	bool fragment; /**< there is a fragment header; frag is 0 when it is all in one */
};

enum sl_walk {
	SL_WALK_OK,
	SL_WALK_BAD, /**< past the end, too many, out of order, hidden behind a fragment header */
	SL_WALK_ROUTED, /**< a routing header with segments left */
	SL_WALK_NOTHING, /**< no next header */
};

/**
 * Walk the headers of a packet.
 * @param ip   its IPv6 header, len bytes contiguous from there, 40 at least
 */
enum sl_walk sl_six_walk(const uint8_t *ip, uint32_t len, struct sl_six_walk *walk);

/** What parse learned of an IPv6 packet that goes to a NAT64 prefix, beside its struct sl_pkt. */
struct sl_six {
	uint32_t hash; /**< of the inside host and prefix that it is about */
	rte_be32_t dst; /**< the IPv4 address that it goes to */
	uint16_t host; /**< where that host's address lies in the frame */
	rte_be16_t frag, id; /**< as in struct sl_six_walk */
	uint8_t nat64; /**< index of the prefix */
	bool fragment;
	bool error; /**< an ICMPv6 error: the host is the one whose packet is quoted */
};

struct sl_worker;

/**
 * Learn what an IPv6 frame is: p->l3 and p->tenant are known, the header is not.
 * @return SL_SIX with ports in p->key and x filled in, SL_PUNT, or SL_DROP
 */
enum sl_verdict sl_six_parse(
	struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_six *x);

#endif /* SL_SIX_PKT_H */
