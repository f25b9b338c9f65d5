/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ANNOUNCE_H
#define ANNOUNCE_H

#include "box.h"

#define ANNOUNCE_HOLD_DEFAULT 3 /**< seconds that the box must have been healthy */

/** The routes that tell a routing daemon of the pools. Control lcore only. */
struct announce;

/** No routes yet; 0 or -ENOMEM. After the kernel. */
int announce_create(struct box *box);

/** Forget; the routes go with the TAP. Fine when there is none. */
void announce_destroy(struct box *box);

/** Can it be done? 0, or -EINVAL with a sentence in why. */
int announce_check(const struct box *box, const struct sl_config *config, char *why, size_t size);

/** Make the routes those of the configuration and of the box's health: after either changed. */
void announce_tick(struct box *box);

/** Call fn for each prefix that has its route now; returns how many. fn may be NULL. */
unsigned int announce_walk(
	const struct box *box, void (*fn)(void *arg, const struct sl_ifaddr *net), void *arg);

#endif /* ANNOUNCE_H */
