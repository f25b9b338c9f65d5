/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_DEFRAG_H
#define SL_DEFRAG_H

#include "hash.h"
#include "pkt.h"

#define SL_DATAGRAMS 2048 /* incomplete datagrams that one worker follows */
#define SL_FRAGMENTS_EACH 64 /* fragments of one datagram */
#define SL_FRAGMENTS_HELD 1024 /* fragments of one worker that wait for a first one */
#define SL_DATAGRAMS_EACH 128 /* incomplete datagrams from sources with the same hash */

/** An incomplete datagram. */
struct sl_datagram {
	rte_be32_t src, dst;
	rte_be16_t id;
	uint16_t realm; /* 0: from outside, else tenant + 1 */
	uint8_t proto; /* 0: free */
	uint8_t state;
	uint8_t n_parts, n_held;
	/* once the first fragment was seen: what it is part of */
	rte_be16_t sport, dport;
	uint16_t new_id;
	uint8_t flags; /* SL_PKT_OTHER */
	uint8_t spare;
	uint32_t until; /* milliseconds */
	uint32_t total, seen; /* payload bytes; total 0: last fragment not seen */
	uint32_t next; /* hash chain, or next free one */
	uint32_t older, newer; /* by age */
	struct {
		uint16_t off, end;
	} part[SL_FRAGMENTS_EACH];
	struct rte_mbuf *held[SL_FRAGMENTS_EACH];
};

/** The incomplete datagrams of one worker. */
struct sl_defrag {
	struct sl_datagram *datagram;
	uint32_t head[SL_DATAGRAMS];
	/* incomplete datagrams by two hashes of the source: only one that is at the cap in both
	 * is refused, so that a flood takes hardly anybody with it */
	uint16_t source[2][1024];
	uint32_t free, oldest, newest;
	uint32_t n_held;
	struct sl_seed seed;
};

struct sl_worker;

/** Take the memory; 0 or -ENOMEM. */
int sl_defrag_init(struct sl_defrag *d, int socket, const struct sl_seed *seed);

/** Free held fragments and the memory; fine on a zeroed one. */
void sl_defrag_fini(struct sl_defrag *d);

/** The worker at which all fragments of this datagram meet. */
unsigned int sl_defrag_home(
	const struct sl_worker *w, const struct rte_mbuf *m, const struct sl_pkt *p);

/**
 * A fragment at its home. Fragments that came before the first one are put into w->released
 * when it comes, to be run after it.
 * @return SL_GO with the ports in p->key, SL_HELD, or SL_DROP
 */
enum sl_verdict sl_defrag_take(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

/** End datagrams whose time is over. */
void sl_defrag_age(struct sl_worker *w);

#endif /* SL_DEFRAG_H */
