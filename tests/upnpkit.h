/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef UPNPKIT_H
#define UPNPKIT_H

#include "upnp_soap.h"

/*
 * A device without sockets: the real store over a worker that is played, at 192.0.2.1 for all
 * hosts but 10.9.0.0/16, who have no outside address. Time is kit->now.
 */

#define KIT_L3F 0 /* numbers of services */
#define KIT_CIF 1
#define KIT_IPC 2

#define KIT_TAKEN 7777 /* an outside port that somebody has who is no lease */

struct kit_mapping {
	struct sl_map_request q;
	bool live;
};

struct kit {
	struct sl_leases *leases;
	struct sl_igd igd;
	uint64_t now;
	struct sl_upnp_figures figures;
	struct sl_lease_policy policy;
	struct kit_mapping mapping[256];
	rte_be32_t outside;
	struct sl_text answer;
	char value[1024]; /* what kit_value() has found */
	unsigned int changes;
};

struct kit *kit_create(unsigned int version);
void kit_destroy(struct kit *kit);

/** Put kit->policy into force. */
void kit_configure(struct kit *kit);

/**
 * Call an action; args are "Name=value" lines, one after the other, NULL for none.
 * @return the HTTP status when it is not 500, else the UPnP error
 */
unsigned int kit_call(struct kit *kit, const char *client, unsigned int service, const char *action,
	const char *args);

/** The same with a body as it is. */
unsigned int kit_post(struct kit *kit, const char *client, unsigned int service, const char *header,
	const char *body, size_t n);

/** A result of the last call, entities as they are; "" when there is none. */
const char *kit_value(struct kit *kit, const char *name);

/** AddPortMapping of a TCP port, most as usual. */
unsigned int kit_add(struct kit *kit, const char *client, unsigned int ext, const char *host,
	unsigned int in, unsigned int seconds);

rte_be32_t kit_addr(const char *text);

#endif
