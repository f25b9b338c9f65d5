/* SPDX-License-Identifier: BSD-3-Clause
 *
 * An IPv6 header and the extension headers behind it, up to the transport.
 */
#include <string.h>

#include "six_pkt.h"

#define EXTENSIONS_MAX 8

static enum sl_walk
walk_fragment(const uint8_t *h, uint32_t at, struct sl_six_walk *walk)
{
	uint16_t field = (uint16_t)(h[2] << 8 | h[3]);

	walk->fragment = true;
	walk->frag = rte_cpu_to_be_16((uint16_t)(field >> 3 | (field & 1) << 13));
	memcpy(&walk->id, h + 6, sizeof(walk->id));
	walk->proto = h[0];
	walk->l4 = (uint16_t)(at + 8);
	switch (h[0]) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_FRAGMENT:
		return SL_WALK_BAD;
	default:
		return SL_WALK_OK;
	}
}

enum sl_walk
sl_six_walk(const uint8_t *ip, uint32_t len, struct sl_six_walk *walk)
{
	uint32_t at = sizeof(struct rte_ipv6_hdr);
	uint8_t next = ip[6];

	memset(walk, 0, sizeof(*walk));
	for (unsigned int n = 0;; n++) {
		const uint8_t *h = ip + at;

		switch (next) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_FRAGMENT:
			break;
		case IPPROTO_NONE:
			return SL_WALK_NOTHING;
		default:
			walk->proto = next;
			walk->l4 = (uint16_t)at;
			return SL_WALK_OK;
		}
		if (n == EXTENSIONS_MAX || at + 8 > len || (next == IPPROTO_HOPOPTS && n > 0))
			return SL_WALK_BAD;
		if (next == IPPROTO_FRAGMENT)
			return walk_fragment(h, at, walk);
		if (next == IPPROTO_ROUTING && h[3] != 0) {
			walk->at = (uint16_t)(at + 3);
			return SL_WALK_ROUTED;
		}
		next = h[0];
		at += (h[1] + 1u) * 8;
		if (at > len)
			return SL_WALK_BAD;
	}
}
