/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DIGEST_H
#define DIGEST_H

#include <libmnl/libmnl.h>

#include "kernel.h"
#include "tap.h"

/** A message about a route of the tables that count. */
struct digest_route {
	struct kernel_route route; /**< side and gw only when it is ours */
	uint32_t metric;
	bool ours; /**< usable, and leads to a TAP */
	bool multipath;
};

/** The side whose TAP has this index; tap points to two, by enum sl_side. */
bool digest_side(const struct tap *tap, unsigned int ifindex, enum sl_side *side);

/** Read RTM_NEWROUTE or RTM_DELROUTE; false when it does not concern us. */
bool digest_route(const struct tap *tap, const struct nlmsghdr *nlh, struct digest_route *d);

/**
 * Read RTM_NEWNEIGH or RTM_DELNEIGH; false when it does not concern us.
 * @param neigh  resolved: it has a MAC address
 * @param state  NUD_*
 */
bool digest_neigh(const struct tap *tap, const struct nlmsghdr *nlh, struct kernel_neigh *neigh,
	uint16_t *state);

#endif /* DIGEST_H */
