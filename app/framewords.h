/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FRAMEWORDS_H
#define FRAMEWORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_ether.h>

#include "types.h"

/** A packet as it is asked for. */
struct framewords {
	uint8_t proto; /**< as IPv4 numbers it; IPPROTO_ICMP is ICMPv6 where it is IPv6 */
	const struct arg *src, *dst; /**< ends, both of one family */
	bool has_type;
	uint8_t type, code; /**< of ICMP; without a type it is an echo request */
	uint8_t tcp_flags; /**< 0: SYN */
	uint8_t ttl;
	uint32_t len; /**< of the IP packet, bytes; 0: as short as it can be */
	bool df;
	uint16_t vlan[2]; /**< 0: none */
	struct rte_ether_addr to; /**< MAC that it is sent to */
};

/**
 * Make the frame.
 * @param why  gets what cannot be, one sentence
 * @return its length, or -EINVAL
 */
int framewords_build(
	const struct framewords *f, uint8_t *frame, size_t room, char *why, size_t size);

#endif /* FRAMEWORDS_H */
