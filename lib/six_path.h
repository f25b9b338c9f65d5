/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIX_PATH_H
#define SL_SIX_PATH_H

#include "six_pkt.h"
#include "state.h"

/**
 * An IPv6 packet that is to become IPv4: find its host, or make it, and translate.
 * @param m  becomes the whole datagram where that is needed
 * @return SL_GO with an IPv4 packet, its source a stand-in; SL_HANDOFF with p->to and the
 *         packet as it came; SL_HELD: m is gone; SL_DROP
 */
enum sl_verdict sl_six_enter(
	struct sl_worker *w, struct rte_mbuf **m, struct sl_pkt *p, struct sl_six *x);

/** The next hop towards an inside address, a stand-in or not. */
uint16_t sl_six_next_hop(const struct sl_worker *w, uint16_t tenant, rte_be32_t addr);

/**
 * May the host behind a stand-in have sessions of this protocol here still, by the configuration
 * in force? Its prefix may be gone, or the length of a subscriber's prefix another, so that its
 * packets come to another worker.
 */
bool sl_six_permitted(const struct sl_worker *w, rte_be32_t stand, uint8_t proto);

/** Must a fragment of this flow wait until its datagram is whole? */
bool sl_six_wants_whole(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p);

#endif /* SL_SIX_PATH_H */
