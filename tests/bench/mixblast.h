/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MIXBLAST_H
#define BENCH_MIXBLAST_H

#include <signal.h>

#include <rte_mempool.h>

#include "mixframe.h"

#define MIX_BURST 32

/** What is known of a flow. */
struct mix_flow {
	rte_be32_t ip; /* outside endpoint, learned */
	rte_be16_t port;
	uint16_t known;
};

/** Packets of one direction. */
struct mix_count {
	uint64_t sent, back, bad, sums; /* bad: wrong addresses; sums: wrong checksums */
	uint64_t tries, full; /* attempts to send, and those that found a full ring */
};

/** One direction's generator. */
struct mix_gen {
	struct rte_mbuf *m[MIX_BURST];
	unsigned int at, n; /* built, not yet taken by the port */
	uint32_t turn; /* of the pattern */
	uint32_t step; /* of the random order */
	uint32_t flow; /* of the frame before, for its second fragment */
	uint16_t id;
};

/** The generator. One core writes all of it. */
struct mix {
	uint32_t flows, bits; /* the next power of two */
	struct mix_flow *flow;
	const struct mix_pattern *pattern;
	struct rte_mempool *pool;
	struct mix_gen gen[2];
	struct mix_count count[2];
	uint64_t learned;
	uint64_t fresh_due, fresh_sent, fresh_back; /* sessions never seen before */
	uint64_t alien;
};

extern volatile sig_atomic_t mix_stop; /**< a signal came */

/** Two ports, started, their links up; 0 or -1 with a sentence. */
int mix_ports_start(struct mix *x, double link_wait);
void mix_ports_stop(void);

/** Send up to a few bursts in this direction; what is refused waits. */
void mix_send(struct mix *x, enum mix_way way);

/** Take what has come back on both ports; how many. */
unsigned int mix_receive(struct mix *x);

/** Receive until nothing comes for so long, or the limit is over. */
void mix_drain(struct mix *x, double quiet, double limit);

/** Learn the outside endpoint of each flow; 0, or -1 when some never came back. */
int mix_learn(struct mix *x);

/** Forget what is built and counted. */
void mix_clear(struct mix *x);

#endif /* BENCH_MIXBLAST_H */
