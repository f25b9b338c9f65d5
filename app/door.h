/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DOOR_H
#define DOOR_H

#include "box.h"
#include "lease.h"

struct aliases;
struct pcpd;

/** Where one tenant's hosts ask for ports: sockets on its inside TAP. Control lcore only. */
struct door;

/** What all doors share and are outlived by. */
struct door_house {
	struct box *box;
	struct sl_leases *leases;
	struct pcpd *pcpd;
	struct aliases *aliases; /**< IPv6 hosts */
};

/** What a door is like; one that is to be different has to be made anew. */
struct door_kind {
	unsigned int tenant; /**< index */
	unsigned int serial; /**< of its kernel, see kernel_serial() */
	bool upnp, pcp;
	bool six; /**< PCP by IPv6 as well */
	uint8_t igd; /**< version of the IGD, 1 or 2 */
	uint16_t http_port; /**< of UPnP, host order */
};

/**
 * Open a tenant's door.
 * @param addr  the gateway's inside addresses, n of them, copied
 * @return NULL without memory; a port that cannot be had is logged and tried again
 */
struct door *door_create(const struct door_house *house, const struct door_kind *kind,
	const struct sl_ifaddr *addr, unsigned int n);

/** Close it, with a good-bye to those who listen. NULL is fine. */
void door_destroy(struct door *door);

/** Is this door what it should be? */
bool door_fits(const struct door *door, const struct door_kind *kind, const struct sl_ifaddr *addr,
	unsigned int n);

/** A configuration has come into force, and this door still fits. */
void door_applied(struct door *door);

/** The store has changed. */
void door_changed(struct door *door, enum sl_lease_change change, const struct sl_lease *lease);

/** Tell all hosts of PCP's epoch, and of NAT-PMP's address. */
void door_announce(struct door *door);

/** Do what is due; when to be called again, at the latest. */
uint64_t door_poll(struct door *door, uint64_t now);

#endif /* DOOR_H */
