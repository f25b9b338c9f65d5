/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HEALTH_H
#define HEALTH_H

#include <stdbool.h>
#include <stdint.h>

struct box;

/** What may be wrong with the box. */
enum health_problem {
	HEALTH_STARTING, /**< nobody has looked yet */
	HEALTH_LEAVING, /**< it is about to end */
	HEALTH_INSIDE_DOWN, /**< the port has no link, or is gone */
	HEALTH_OUTSIDE_DOWN,
	HEALTH_WORKER_STUCK,
	HEALTH_POOL_FULL, /**< no port left: new sessions suffer, those there do not */
	HEALTH_PROBLEMS
};

/** Problems with which the box does not forward what it should, bits 1 << problem. */
#define HEALTH_FATAL                                                                               \
	(1u << HEALTH_STARTING | 1u << HEALTH_LEAVING | 1u << HEALTH_INSIDE_DOWN |                 \
		1u << HEALTH_OUTSIDE_DOWN | 1u << HEALTH_WORKER_STUCK)

/** How the box is; part of struct box, written by control. */
struct health {
	uint32_t problems; /**< bits 1 << enum health_problem */
	bool up; /**< healthy, and has been for the hold time: others may rely on it */
	uint64_t changed; /**< milliseconds, clock_now() when `up` changed */
	uint64_t good; /**< since when there is no fatal problem */
};

/** Nothing known yet. Control; so are the others. */
void health_init(struct box *box);

/** Look at ports, workers and pools: once a second. */
void health_tick(struct box *box);

/** The box is about to end: it is not healthy any more. */
void health_leave(struct box *box);

/** "healthy", "degraded" or "unhealthy"; a constant. */
const char *health_state(const struct box *box);

/** Name of a problem, as in "worker-stuck"; a constant. */
const char *health_name(enum health_problem problem);

/** What it means, and what to do; a constant. */
const char *health_text(enum health_problem problem);

#endif /* HEALTH_H */
