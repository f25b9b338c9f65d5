/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPERS_H
#define SL_HELPERS_H

/**
 * @file
 * All flows of a gateway that have a helper, as control sees them; the essay is in helpers.c.
 * One lcore calls all of it. What lies around it comes as functions, so that it runs without a
 * gateway too.
 */

#include "helper.h"
#include "stream.h"

/** What the helpers are made of; fixed for their life. */
struct sl_helpers_params {
	const struct sl_helper_ops *const *ops; /**< the same list as in struct sl_params */
	uint32_t max_flows; /**< 0 is 2048 */
	uint32_t max_expected; /**< expectations alive at once; 0 is 2 max_flows */
	struct rte_mempool *pool; /**< for packets made here */
	int socket; /**< NUMA node, or SOCKET_ID_ANY */
	void *arg; /**< of the functions: */
	/** The worker that owns a subscriber. */
	unsigned int (*worker)(void *arg, rte_be32_t in_addr);
	/** Send a message to a worker, its answer comes by sl_helpers_answer(); 0 or -errno. */
	int (*ask)(void *arg, unsigned int worker, struct sl_msg *msg);
	/** Give a packet back to a worker, as sl_control_return(); 0, or -errno and not taken. */
	int (*give)(void *arg, unsigned int worker, struct rte_mbuf *m);
	/** Is this an inside host of the tenant's? */
	bool (*is_inside)(void *arg, unsigned int tenant, rte_be32_t addr);
};

/** What happened to one helper's flows. */
struct sl_helper_count {
	uint64_t flows_now; /**< alive */
	uint64_t flows; /**< seen so far */
	uint64_t messages; /**< shown to the helper */
	uint64_t replaced; /**< of which it changed */
	uint64_t expected; /**< expectations made */
	uint64_t refused; /**< expectations refused: not allowed, too many, no port */
	uint64_t passed; /**< flows that are looked at no further */
	uint64_t late; /**< messages whose answer did not come in time */
	uint64_t dropped; /**< packets: refused, malformed, no room to wait, ring full */
};

/** An expectation as others see it; a copy. */
struct sl_expected_view {
	const struct sl_helper_ops *helper;
	uint16_t tenant;
	struct sl_expect what; /**< with the answer */
	uint32_t left; /**< milliseconds */
	bool six; /**< the inside host is in6, in_addr its stand-in */
	struct sl_ip6 in6;
};

struct sl_helper_note;
struct sl_helpers; /**< all of it */

/** Take all memory; NULL with rte_errno. */
struct sl_helpers *sl_helpers_create(const struct sl_helpers_params *params);

/** Free it, waiting packets included; no message may come back any more. NULL is fine. */
void sl_helpers_destroy(struct sl_helpers *hs);

/** Let the functions of params lead to a gateway, and arg. */
void sl_helpers_of(struct sl_helpers_params *params, struct sl_nat *nat);

/** Put a configuration into force that the gateway has, too. It is read at once. */
void sl_helpers_configure(struct sl_helpers *hs, const struct sl_config *config);

/** Enter what helpers are by default into a configuration that says nothing of them yet. */
void sl_helper_defaults(struct sl_config *config, const struct sl_helper_ops *const *ops);

/** A packet punted by SL_PUNT_HELPER, which is taken. */
void sl_helpers_packet(struct sl_helpers *hs, const struct sl_punt *punt, uint64_t now);

/** A packet for the box itself: true when a helper has taken it, and then it is gone. */
bool sl_helpers_local(struct sl_helpers *hs, const struct sl_punt *punt, uint64_t now);

/** An event, after all the punts that were there when it was taken. */
void sl_helpers_event(struct sl_helpers *hs, const struct sl_event *event, uint64_t now);

/** An answered message of any kind; false when it is not one of these. */
bool sl_helpers_answer(struct sl_helpers *hs, struct sl_msg *msg, uint64_t now);

/** Do what is due; returns when it wants to be called again, at the latest. */
uint64_t sl_helpers_poll(struct sl_helpers *hs, uint64_t now);

/**
 * What a helper's changes add to the sequence numbers of each side of a flow of TCP, known as in
 * struct sl_helper_note. 0, also when nobody has looked at the flow; -EBUSY as sl_stream_shift().
 */
int sl_helpers_shift(const struct sl_helpers *hs, uint32_t worker, uint32_t flow, uint32_t created,
	uint32_t shift[2]);

/**
 * Lead a flow of TCP on whose numbers a helper had shifted in an earlier process. Nobody looks at
 * its messages any more.
 * @param note  as the packets of the flow will have it
 * @return 0; -EINVAL: no such helper; -ENOSPC: no room
 */
int sl_helpers_past(struct sl_helpers *hs, const struct sl_helper_note *note,
	const uint32_t shift[2], uint64_t now);

/** What happened to the flows of helper number i; any lcore, each figure for itself. */
const struct sl_helper_count *sl_helpers_count(const struct sl_helpers *hs, unsigned int i);

/** What happened to all TCP streams. */
const struct sl_streams_count *sl_helpers_streams(const struct sl_helpers *hs);

/** Call fn for every expectation that is alive. */
void sl_helpers_walk(struct sl_helpers *hs, uint64_t now,
	void (*fn)(void *arg, const struct sl_expected_view *view), void *arg);

#endif /* SL_HELPERS_H */
