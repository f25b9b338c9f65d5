/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_EXPECT_H
#define SL_HELPER_EXPECT_H

#include "helper_state.h"

/** Take the memory for max expectations; 0 or -ENOMEM. */
int sl_expected_init(struct sl_helpers *hs, uint32_t max);

/** Give it back. */
void sl_expected_fini(struct sl_helpers *hs);

/** The expectation for the same endpoint, also one that is to go; NULL. */
struct sl_expected *sl_expected_find(const struct sl_helper_flow *f, const struct sl_expect *e);

/** The one alive that has this inside port, alone or as number *off of a pair; NULL. */
const struct sl_expected *sl_expected_find_port(const struct sl_helper_flow *f, uint8_t proto,
	rte_be32_t in_addr, rte_be16_t in_port, uint16_t *off);

/** The inside port of this flow's host that an outside endpoint stands for; false: none. */
bool sl_expected_find_out(const struct sl_helper_flow *f, uint8_t proto, rte_be32_t out_addr,
	rte_be16_t out_port, rte_be16_t *in_port);

/** How many an inside host has, by all helpers. */
unsigned int sl_expected_of_host(const struct sl_helper_flow *f, rte_be32_t in_addr);

/** A new one that belongs to a flow; its worker knows nothing of it. NULL: no room. */
struct sl_expected *sl_expected_make(struct sl_helper_flow *f, const struct sl_expect *e);

/** It belongs to this flow from here on, and is wanted like this. */
void sl_expected_own(struct sl_expected *x, struct sl_helper_flow *f, const struct sl_expect *e);

/** Have its worker told, as soon as can be. */
void sl_expected_want(struct sl_expected *x, enum sl_expected_todo todo);

/** It is to go. */
void sl_expected_end(struct sl_expected *x);

/** The cookie of the expectation that a new flow came by; false when it is gone already. */
bool sl_expected_cookie(const struct sl_helper_flow *f, uint32_t *cookie);

/** A message is done: what it has asked for is here to stay. */
void sl_expected_keep(struct sl_helper_flow *f, const struct sl_turn *t);

/** A message is given up: what it has asked for goes. */
void sl_expected_abandon(struct sl_helper_flow *f, const struct sl_turn *t);

/** A flow ends, and what it expects but for what stays. */
void sl_expected_flow_ends(struct sl_helper_flow *f);

/** One end has closed the flow, or it was reset: the calls that it controls end. */
void sl_expected_calls_end(struct sl_helper_flow *f);

/**
 * A message has come back: what its worker has said is known from here on.
 * @return who waits for it; sl_expected_next() when that has been told
 */
struct sl_waiter sl_expected_answer(struct sl_expected *x);

/** Do what is to be done next with an expectation whose message is back; it may be forgotten. */
void sl_expected_next(struct sl_expected *x);

/** Send what has waited for room on the way to a worker. */
void sl_expected_push(struct sl_helpers *hs, unsigned int worker);

/** Whoever was expected once has come. */
void sl_expected_met(struct sl_helpers *hs, const struct sl_event *event);

/** Forget what is over. */
void sl_expected_age(struct sl_helpers *hs);

#endif /* SL_HELPER_EXPECT_H */
