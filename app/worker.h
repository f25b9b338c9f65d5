/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WORKER_H
#define WORKER_H

#include <stdint.h>

#include <rte_common.h>

#include "sluice.h"

struct box;

/** A worker: argument of its lcore function, its figures, its packets on the way out. */
struct lcore_worker {
	/* line 0: worker only, after start */
	struct box *box;
	struct sl_worker *nat; /**< its part of the library */
	unsigned int index;
	int wake_fd; /**< eventfd: control sleeps on it */
	uint64_t busy_until; /**< cycles, last time that there was work */
	uint64_t crowded_until; /**< cycles; others have work on this processor */

	/* line 1: w: worker, r: control, for show and telemetry */
	struct {
		/** Loops, and TSC cycles with and without work. */
		uint64_t loops, busy_loops, busy_cycles, idle_cycles;
	} __rte_cache_aligned;

	/* line 2 and on: worker only */
	struct sl_out out;
} __rte_cache_aligned;

/** Make worker number index on its own NUMA node; NULL with rte_errno. */
struct lcore_worker *worker_create(struct box *box, unsigned int index);

/** The poll loop, for rte_eal_remote_launch(); returns 0 after box_halt(). */
int worker_main(void *arg);

/** After its lcore has ended: free, as refused, what it lent and nobody sent. */
void worker_end(struct lcore_worker *worker);

/** Free it; its lcore must have ended. NULL is fine. */
void worker_destroy(struct lcore_worker *worker);

#endif /* WORKER_H */
