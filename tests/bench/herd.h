/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_HERD_H
#define BENCH_HERD_H

#include "rig.h"

#define HERD_MAX 3 /**< workers */

/** Several workers of one gateway that take turns on one lcore. */
struct herd {
	unsigned int n;
	uint64_t sessions; /* of all together, shared out evenly, each worker at least one */
	struct rig *rig[HERD_MAX];
	struct sl_out out[HERD_MAX];
	/* what arrives at each worker: packets of its own sessions and of others' */
	struct arrival *arrival[HERD_MAX];
	uint64_t n_arrivals, at;
	enum sl_side from;
	unsigned int share; /* percent that others own; what arrival[] is filled for */
	/* packets that are not in the gateway, the oldest first */
	struct rte_mbuf *mbuf[RIG_MBUFS];
	unsigned int first, n_mbufs;
	uint64_t lost;
};

/** A gateway with its sessions open; NULL with a sentence on standard error. */
struct herd *herd_create(unsigned int workers, uint64_t sessions);

/** What comes from now on; share is the percentage that arrives at the wrong worker. */
int herd_aim(struct herd *h, enum sl_side from, unsigned int share);

/** Arrivals only, or the whole of it; each a work_fn, a burst being one worker's. */
void herd_arrive(void *herd, unsigned int bursts);
void herd_work(void *herd, unsigned int bursts);

/** Let what was handed over come out; 0, or -EIO when packets were lost. */
int herd_settle(struct herd *h);

/** NULL is fine. */
void herd_destroy(struct herd *h);

#endif /* BENCH_HERD_H */
