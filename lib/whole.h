/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_WHOLE_H
#define SL_WHOLE_H

#include "pkt.h"

struct sl_worker;

/**
 * Add a fragment to its datagram.
 * @param m      becomes the whole datagram
 * @param realm  0 outside, else the tenant's number and one
 * @return false: m is gone, it waits for others
 */
bool sl_whole_join(struct sl_worker *w, struct rte_mbuf **m, uint16_t l3, uint16_t realm);

/**
 * A fragment of IPv4 whose flow wants whole datagrams: wait for it.
 * @param m  becomes the whole datagram
 * @return SL_GO with the datagram in m and p; SL_HELD: m is gone; SL_DROP
 */
enum sl_verdict sl_whole_packet(struct sl_worker *w, struct rte_mbuf **m, struct sl_pkt *p);

/** Give up datagrams that do not get whole; a bounded slice. */
void sl_whole_age(struct sl_worker *w);

#endif /* SL_WHOLE_H */
