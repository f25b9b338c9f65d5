/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef IGD_H
#define IGD_H

#include "door.h"

/** A tenant's UPnP server in this program. Control lcore only. */
struct igd;

/**
 * Start it; addresses as for door_create().
 * @return NULL with errno
 */
struct igd *igd_create(const struct door_house *house, const struct door_kind *kind,
	const struct sl_ifaddr *addr, unsigned int n);

/** Take leave and free it. NULL is fine. */
void igd_destroy(struct igd *igd);

/** The store or the configuration has changed: subscribers hear of it. */
void igd_changed(struct igd *igd);

/** Look at the link; what else is due the server does by itself. */
void igd_poll(struct igd *igd);

#endif /* IGD_H */
