/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_STATE_H
#define SL_HELPER_STATE_H

#include <sys/queue.h>

#include "helper_note.h"
#include "helpers.h"

#define SL_HELPER_QUEUED 16 /* datagrams of a flow that wait */
#define SL_HELPER_MEMOS (3 * SL_HELPER_REQUESTS_MAX) /* requests of all kinds in one message */
#define SL_TURNS 256 /* messages that wait for an answer at once */
#define SL_TURN_MS 2500 /* at most so long; less than a stream would wait */
#define SL_ASKED 8 /* messages under way to one worker */
#define SL_EXPECTED_EACH 32 /* expectations of one flow */
#define SL_EXPECTED_SUB 64 /* of one subscriber */
#define SL_EXPECTED_MS 60000 /* lifetime when the helper names none */
#define SL_EXPECTED_MS_MAX (2 * 3600 * 1000) /* and at most */

struct sl_helper_flow;

enum sl_memo_kind {
	SL_MEMO_EXPECT,
	SL_MEMO_UNEXPECT,
	SL_MEMO_PROLONG,
	SL_MEMO_EXPECTED,
	SL_MEMO_INSIDE
};

/** A request that a helper has made in a message, and what it was told. */
struct sl_memo {
	enum sl_memo_kind kind;
	int status;
	struct sl_expected *pending; /* waits for its answer; else NULL */
	struct sl_expect expect;
};

/**
 * A message in its helper's hands: what is needed to show it once more. A flow has one while
 * it waits for answers, others only while the helper runs.
 */
struct sl_turn {
	LIST_ENTRY(sl_turn) link; /* free, or under way */
	struct sl_helper_flow *flow;
	enum sl_side from;
	struct sl_edits *edits; /* while the helper runs */
	uint64_t begun;
	unsigned int n, next; /* memos, and the next one of this run */
	unsigned int n_pending; /* of them without an answer */
	bool again; /* this run has met such a one */
	bool pass, refuse; /* asked for in this run */
	struct sl_memo memo[SL_HELPER_MEMOS];
	uint8_t saved[SL_HELPER_STATE_MAX]; /* the helper's state before */
};

LIST_HEAD(sl_turn_list, sl_turn);

enum sl_expected_todo {
	SL_TODO_NOTHING,
	SL_TODO_ADD,
	SL_TODO_DEL
};

/** Whom an answer is for. */
struct sl_waiter {
	struct sl_turn *turn;
	unsigned int memo;
};

/** An expectation: one for an inside endpoint and helper. */
struct sl_expected {
	struct sl_msg msg; /* first: an answer's address is ours */
	struct sl_map_request request;
	struct sl_expect what; /* as last asked for, with the answer */
	struct sl_helpers *all;
	struct sl_helper_flow *flow; /* whose it is; NULL: nobody's, it stays */
	struct sl_turn *maker; /* the message that is not done yet; it will go with it */
	uint16_t tenant;
	uint8_t number; /* of its helper */
	uint8_t reader; /* the helper of the expected flow, 0: none */
	bool six; /* NAT64: for whom in_addr stands, */
	struct sl_ip6 in6; /* so that others can be told */
	bool known; /* the worker has it */
	bool ending; /* to go as soon as it can */
	bool met; /* the one has come: it opens nothing more, and counts for nobody */
	bool queued, sent; /* its message waits to be sent, is under way */
	bool more; /* its message is to be sent once more as it came back */
	enum sl_expected_todo todo, doing;
	struct sl_waiter waits, next_waits; /* for what is under way, for what is to do */
	unsigned int worker;
	uint64_t until;
	LIST_ENTRY(sl_expected) by_host; /* also of free ones */
	LIST_ENTRY(sl_expected) of_flow;
	TAILQ_ENTRY(sl_expected) queue;
};

LIST_HEAD(sl_expected_list, sl_expected);
TAILQ_HEAD(sl_expected_queue, sl_expected);

/** A datagram that waits. */
struct sl_helper_queued {
	struct rte_mbuf *m; /* begins with its IP header */
	enum sl_side from;
};

/** A flow with a helper, on control's side. */
struct sl_helper_flow {
	struct sl_helper h; /* first: what its helper sees */
	struct sl_helpers *all;
	const struct sl_helper_ops *ops;
	uint8_t number;
	bool turns; /* its packets turn round */
	bool pass; /* looked at no further */
	bool late; /* the message that waits has waited too long */
	bool blocked; /* a message of the other direction waits for this one's turn */
	uint32_t worker, flow, created;
	uint64_t last;
	struct sl_stream *stream; /* TCP; NULL: there was none left */
	struct sl_turn *turn; /* or NULL */
	struct sl_expected_list expected;
	unsigned int n_expected; /* without those that stay */
	unsigned int n_queued;
	struct sl_helper_queued queue[SL_HELPER_QUEUED];
	LIST_ENTRY(sl_helper_flow) link; /* alive, or free */
	LIST_ENTRY(sl_helper_flow) by_key, by_host;
};

LIST_HEAD(sl_helper_flow_list, sl_helper_flow);

/** All of it. */
struct sl_helpers {
	struct sl_helpers_params params;
	struct sl_helper_count count[SL_HELPERS_MAX]; /* relaxed: read by any lcore */
	unsigned int n; /* helpers */
	uint64_t now, swept;
	struct sl_streams *streams;
	/* the configuration in force */
	uint16_t mtu[2];
	uint16_t mask[UINT8_MAX + 1]; /* by tenant */
	uint32_t idle_tcp, idle_udp; /* milliseconds after which no flow is alive any more */
	struct sl_helper_config config[SL_HELPERS_MAX];
	uint8_t service[2][65536 / 8]; /* TCP, UDP: ports that nobody may open */
	uint8_t server[65536]; /* UDP: number of the helper whose server's port it is */
	/* flows */
	struct sl_helper_flow *flow;
	uint8_t *state; /* of their helpers */
	void *shared[SL_HELPERS_MAX]; /* by helper, of all its flows */
	uint32_t max_flows, flow_mask;
	struct sl_helper_flow_list free_flows, flows, *flow_by_key, *flow_by_host;
	/* messages that wait */
	struct sl_turn *turn;
	struct sl_turn_list free_turns, turns;
	/* expectations */
	struct sl_expected *expected;
	uint32_t max_expected;
	struct sl_expected_list free_expected, *expected_by_host;
	uint32_t expected_mask;
	struct sl_expected_queue queue[SL_WORKERS_MAX];
	uint8_t asked[SL_WORKERS_MAX];
	/* datagrams */
	struct sl_helper_flow local; /* of none that is for the box itself */
	struct sl_edits edits;
	uint8_t flat[65536];
};

static inline struct sl_helper_flow *
sl_helper_flow_of(struct sl_helper *h)
{
	return (struct sl_helper_flow *)h;
}

static inline struct sl_helper_count *
sl_helper_counts(const struct sl_helper_flow *f)
{
	return &f->all->count[f->number - 1];
}

/** Where the chain of an inside host begins. */
static inline uint32_t
sl_helper_host(uint16_t tenant, rte_be32_t addr, uint32_t mask)
{
	uint32_t h = (addr ^ (uint32_t)tenant << 16) * 0x9e3779b1u;

	return (h ^ h >> 15) & mask;
}

#endif /* SL_HELPER_STATE_H */
