/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_LEASEFAKE_H
#define TEST_LEASEFAKE_H

#include "lease.h"

#define FAKE_MAPS 512
#define FAKE_TOLD 64
#define FAKE_OUT "192.0.2.1"

/** A mapping, held by a worker or, with forward, in the exception table. */
struct fake_map {
	bool there, forward, dynamic; /* dynamic: by packets, not by a request */
	struct sl_map_request q; /* of a forward: endpoints and who may come in */
	uint64_t until;
};

/**
 * A world without a gateway. Three workers: hosts go round by their last byte, ports by pairs, so
 * that two of three ports are another worker's than a host's.
 */
struct lease_fake {
	struct sl_leases *ls;
	uint64_t now;
	rte_be32_t out; /* the outside address, 0: no pool */
	bool dead; /* no worker answers */
	bool no_forward; /* the exception table takes nothing */
	unsigned int n_asked; /* requests so far */
	uint16_t next; /* dynamic port to try next */
	struct fake_map map[FAKE_MAPS];
	unsigned int n_told;
	enum sl_lease_change told[FAKE_TOLD]; /* the latest at the end */
	struct sl_lease last; /* told of last */
};

/** A world whose store has room for max leases. */
struct lease_fake *lease_fake_create(uint32_t max);
void lease_fake_destroy(struct lease_fake *f);

/** A wish of 10.0.0.HOST by UPnP for TCP: IN inside, OUT outside (0: any), for an hour. */
struct sl_lease_request lease_fake_wish(uint8_t host, uint16_t in, uint16_t out);

/** The mapping of an inside endpoint (TCP), or NULL. */
struct fake_map *lease_fake_in(struct lease_fake *f, uint8_t host, uint16_t port);

/** The mapping at an outside port (TCP), or NULL. */
struct fake_map *lease_fake_out(struct lease_fake *f, uint16_t port);

/** A mapping that packets have made. */
void lease_fake_dynamic(struct lease_fake *f, uint8_t host, uint16_t in, uint16_t out);

/** Does the worker of 10.0.0.HOST own this port? */
bool lease_fake_owns(uint8_t host, uint16_t port);

/** An address 10.0.0.HOST. */
rte_be32_t lease_fake_host(uint8_t host);

/** How often this has been told. */
unsigned int lease_fake_told(const struct lease_fake *f, enum sl_lease_change change);

#endif
