/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_NOTE_H
#define SL_HELPER_NOTE_H

#include <string.h>

#include <rte_mbuf.h>

#include "sluice.h"

#define SL_NOTE_INBOUND (1 << 0) /**< the flow was opened from outside */
#define SL_NOTE_EXPECTED (1 << 1) /**< it came by an expectation */
#define SL_NOTE_SIX (1 << 3) /**< the inside host is in6, and sees the outside behind net6 */
#define SL_NOTE_TURNS (1 << 2) /**< the packet turns round: its receiver is inside too */

/**
 * What control must know of a packet of a flow with a helper, and its worker when it comes
 * back. It lies in the mbuf before the data, both ways.
 */
struct sl_helper_note {
	uint32_t worker, flow, created; /**< which flow: its worker, its place there, its birth */
	rte_be32_t in_addr, out_addr, rem_addr;
	rte_be16_t in_port, out_port, rem_port;
	uint8_t tenant, helper, proto;
	uint8_t flags; /**< SL_NOTE_* */
	uint8_t side; /**< enum sl_side where the packet came from */
	uint8_t plen6;
	struct sl_ip6 in6, net6;
};

_Static_assert(sizeof(struct sl_helper_note) == 68, "no room in it that nobody fills");

/** Write it before the packet; false without room. */
static inline bool
sl_helper_note_put(struct rte_mbuf *m, const struct sl_helper_note *note)
{
	if (rte_pktmbuf_headroom(m) < sizeof(*note))
		return false;
	memcpy(rte_pktmbuf_mtod(m, char *) - sizeof(*note), note, sizeof(*note));
	return true;
}

/** Read it. */
static inline void
sl_helper_note_get(const struct rte_mbuf *m, struct sl_helper_note *note)
{
	memcpy(note, rte_pktmbuf_mtod(m, const char *) - sizeof(*note), sizeof(*note));
}

#endif /* SL_HELPER_NOTE_H */
