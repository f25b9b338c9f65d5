/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_HOLD_H
#define BENCH_HOLD_H

#include "rig.h"

/** The longest calls, in microseconds. */
struct hold {
	double receive, poll; /**< one sl_worker_receive(), one sl_worker_poll(), undisturbed */
	double poll_most; /**< what 99.99 % of the calls of poll stay below */
	struct series raw; /**< the longest poll of each repeat, disturbed or not */
	struct series machine; /**< the longest disturbance of as many empty loops */
	double ended; /**< sessions that ageing took away in each repeat */
	uint64_t calls;
};

/** Let so many sessions end under established traffic, several times; 0 or -errno. */
int hold_measure(uint64_t sessions, unsigned int repeats, struct hold *hold);

#endif /* BENCH_HOLD_H */
