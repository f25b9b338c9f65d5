/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef METRICS_H
#define METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "box.h"

/** Figures over HTTP, for Prometheus and whoever reads OpenMetrics. Control lcore only. */
struct metrics;

/** Nothing is served yet; 0 or -ENOMEM. Before the first box_apply(). */
int metrics_create(struct box *box);

/** Stop serving; fine when there is none. */
void metrics_destroy(struct box *box);

/**
 * Serve where config says, or nowhere.
 * @return 0, or -errno with a sentence in why: then it is served where it was before
 */
int metrics_apply(struct box *box, const struct sl_config *config, char *why, size_t size);

/** Do what is due; milliseconds until it wants to be called again, at most UINT16_MAX. */
unsigned int metrics_poll(struct box *box);

/** What it has done so far. */
struct metrics_view {
	uint64_t answers; /**< requests for figures that were answered */
	uint64_t looks; /**< times that the figures were read for that */
	uint64_t refused; /**< connections that were too many or too slow */
	uint32_t bytes; /**< of the last answer */
	uint32_t us; /**< that the last look took, microseconds */
};

void metrics_look(const struct box *box, struct metrics_view *view);

#endif /* METRICS_H */
