/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPED_H
#define SL_HELPED_H

#include "flow.h"
#include "map.h"
#include "pkt.h"

struct sl_helper_note;
struct sl_helper_ops;
struct sl_nat;
struct sl_snap;
struct sl_worker;

/** Enter the helpers' servers and who uses which helper into a snapshot that is being made. */
void sl_helped_fill(
	struct sl_snap *s, const struct sl_helper_ops *const *ops, const struct sl_config *config);

/** Give a flow that is being made its helper, if it has one. */
void sl_helped_bind(struct sl_worker *w, struct sl_flow *f);

/** Tell control that whoever was expected at a mapping has come. */
void sl_helped_met(struct sl_worker *w, const struct sl_map *map);

/** Tell control that a flow with a helper ends. */
void sl_helped_end(struct sl_worker *w, const struct sl_flow *f);

/** What control must know of a flow with a helper; without what a packet adds. */
void sl_helped_note(
	const struct sl_worker *w, const struct sl_flow *f, struct sl_helper_note *note);

/**
 * A packet is translated, now its flow's helper shall see it.
 * @param turns  its receiver is inside
 * @return SL_PUNT or SL_DROP
 */
enum sl_verdict sl_helped_punt(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p,
	const struct sl_flow *f, bool turns);

/** A packet has come back from control: send it on. Takes m. */
void sl_helped_return(struct sl_worker *w, struct rte_mbuf *m);

#endif /* SL_HELPED_H */
