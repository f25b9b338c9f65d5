/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TAP_H
#define TAP_H

#include <net/if.h>

#include "sluice.h"

/** One exception TAP: the kernel's end of a side's link. */
struct tap {
	int fd; /**< -1: not open */
	unsigned int ifindex;
	bool gone; /**< was deleted underneath; nothing works any more */
	char name[IFNAMSIZ];
};

/**
 * Make a TAP of this name, still down, and give it the settings of an exception TAP.
 * It vanishes with tap_fini().
 * @return 0 or -errno, logged
 */
int tap_init(struct tap *tap, const char *name);

/**
 * Write a frame to the kernel; m stays the caller's.
 * @param l3  offset of the network header: VLAN tags before it are left out
 * @return 0 or -errno
 */
int tap_write(struct tap *tap, const struct rte_mbuf *m, unsigned int l3);

/**
 * Read a frame into an empty mbuf.
 * @return 1; 0 when there is none; -EMSGSIZE when it did not fit; another -errno
 */
int tap_read(struct tap *tap, struct rte_mbuf *m);

/** Throw away the next frame, for want of an mbuf. */
void tap_skip(struct tap *tap);

/** Set the carrier. */
void tap_carrier(struct tap *tap, bool up);

/** The interface does not exist any more: say it once. */
void tap_lost(struct tap *tap);

/** Close it, which removes the interface; fine on one that was never made (fd -1). */
void tap_fini(struct tap *tap);

#endif /* TAP_H */
