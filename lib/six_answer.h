/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIX_ANSWER_H
#define SL_SIX_ANSWER_H

#include "pkt.h"

struct sl_worker;

/** An ICMPv4 error of our own for a stand-in: make it ICMPv6, from our own address. Takes e. */
void sl_six_answer(struct sl_worker *w, struct rte_mbuf *e, const struct sl_pkt *p);

#endif /* SL_SIX_ANSWER_H */
