/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SYN_H
#define SL_SYN_H

#include "pkt.h"

#define SL_SYNS_MAX 256 /* power of two, at most 65535 */
#define SL_SYN_BYTES (RTE_ETHER_HDR_LEN + 60 + 60) /* Ethernet, IP and TCP header with options */

/** The headers of an unsolicited SYN. */
struct sl_syn {
	struct sl_key key;
	uint32_t when; /* milliseconds */
	uint8_t l3, l4, len;
	uint8_t bytes[SL_SYN_BYTES] __rte_aligned(2);
};

/** Those of one worker that wait for an answer: a ring, oldest first. */
struct sl_syns {
	uint32_t first, n; /* numbers count on; the place is the number modulo SL_SYNS_MAX */
	uint16_t latest[SL_SYNS_MAX]; /* by hash of the key: place of the latest */
	struct sl_syn syn[SL_SYNS_MAX];
};

struct sl_worker;

/** A SYN from outside is dropped for want of a mapping or by its filter: remember to answer it. */
void sl_syn_keep(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p);

/** Answer those whose time is over, unless the inside has opened the connection since. */
void sl_syn_age(struct sl_worker *w);

#endif /* SL_SYN_H */
