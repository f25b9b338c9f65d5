/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MIRROR_H
#define MIRROR_H

#include "loop.h"
#include "neigh.h"
#include "netlink.h"
#include "rib.h"
#include "tap.h"

/** Follows the kernel's routes and neighbours on the TAPs of a tenant. */
struct mirror;

/** What a mirror works with; all of it outlives the mirror. */
struct mirror_parts {
	struct loop *loop;
	struct netlink *netlink; /**< for dumps */
	struct tap *tap; /**< two, by enum sl_side */
	unsigned int tenant; /**< whose they are */
	struct rib *rib;
	struct neigh_table *neighs;
};

/** Subscribe in the caller's network namespace, then take what is there; NULL with errno. */
struct mirror *mirror_create(const struct mirror_parts *parts);

/** Unsubscribe; NULL is fine. */
void mirror_destroy(struct mirror *mirror);

/** Take all events that are waiting; control's loop does it by itself. */
void mirror_drain(struct mirror *mirror);

/** Once a second: a dump that is due. */
void mirror_tick(struct mirror *mirror);

/** True once after a TAP has come up again: the kernel has dropped its routes meanwhile. */
bool mirror_relinked(struct mirror *mirror);

/** Overruns that were answered by a new dump. */
uint64_t mirror_resyncs(const struct mirror *mirror);

#endif /* MIRROR_H */
