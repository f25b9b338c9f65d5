/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PARSE_H
#define SL_PARSE_H

#include "pkt.h"

struct sl_worker;

/**
 * Learn what a frame is: check every length, trim padding, fill in p.
 * @return SL_GO with a key, SL_PUNT with a cause, SL_DROP, or SL_SIX: see sl_six_parse()
 */
enum sl_verdict sl_pkt_parse(
	struct sl_worker *w, enum sl_side side, struct rte_mbuf *m, struct sl_pkt *p);

/**
 * Read the transport header of a first fragment, which must be whole, into p->key.
 * @return SL_GO or SL_DROP
 */
enum sl_verdict sl_pkt_parse_first(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

/** Read the transport header of a whole packet into p->key; SL_GO or SL_DROP. */
enum sl_verdict sl_pkt_parse_l4(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p);

#endif /* SL_PARSE_H */
