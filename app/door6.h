/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DOOR6_H
#define DOOR6_H

#include "door.h"

/** The part of a door at which IPv6 hosts behind NAT64 ask, by PCP. Control lcore only. */
struct door6;

/** Open it for a tenant; NULL with errno. */
struct door6 *door6_create(const struct door_house *house, unsigned int tenant);

/** Close it. NULL is fine. */
void door6_destroy(struct door6 *door);

/** Tell all IPv6 hosts on the link of PCP's epoch. */
void door6_announce(struct door6 *door);

#endif /* DOOR6_H */
