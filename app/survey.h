/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SURVEY_H
#define SURVEY_H

#include "box.h"

#define SURVEY_TOP 20 /**< subscribers of a list */

/** The use of a pool. */
struct survey_pool {
	uint32_t addresses;
	uint64_t ports; /**< of one protocol */
	uint64_t used[3]; /**< in use or resting: TCP, UDP, ICMP */
};

/** What a whole survey has found. */
struct survey_view {
	uint64_t when; /**< clock_now() at its end */
	uint32_t took; /**< milliseconds */
	unsigned int missing; /**< workers that did not answer */
	unsigned int n_sessions, n_ports; /**< entries of: */
	struct sl_subscriber by_sessions[SURVEY_TOP]; /**< most first */
	struct sl_subscriber by_ports[SURVEY_TOP]; /**< by ports of all protocols */
	unsigned int n_pools;
	struct survey_pool *pool; /**< by index */
};

/** Begin one, unless one is under way or has just ended. */
void survey_begin(struct box *box);

/** The last one that was finished; NULL: none yet. */
const struct survey_view *survey_last(const struct box *box);

/** Ports of all protocols. */
uint32_t survey_ports(const struct sl_subscriber *s);

/** Free it; the workers have ended. Fine when there is none. */
void survey_destroy(struct box *box);

#endif /* SURVEY_H */
