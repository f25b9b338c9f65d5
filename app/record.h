/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "sluice.h"

#define RECORD_SINKS_MAX 8

struct box;
struct recorder;

/** A record with what the configuration knows about it. */
struct record_view {
	const struct sl_record *record;
	uint64_t wall; /**< milliseconds since 1970, UTC */
	const char *tenant; /**< its name */
	uint16_t vlan, vlan_inner; /**< of the tenant */
	uint32_t pool; /**< index of its pool */
	uint32_t limit; /**< what was exceeded, for limits and full tables */
	struct sl_ip6 rem6; /**< NAT64: the remote address as the IPv6 host sees it */
};

/** What was done with records since the start. */
struct record_stats {
	uint64_t taken; /**< from the workers */
	uint64_t held_back; /**< the same exhaustion again within the interval */
	uint64_t sent, lost; /**< by and at all sinks there ever were */
};

/** One sink as it is now; a copy. */
struct record_sink {
	struct sl_log_sink to;
	uint64_t sent, lost; /**< records */
	int error; /**< errno of the last trouble; 0: none */
};

/** The records that a configuration's sinks want: what its record_mask must be. */
uint32_t record_mask(const struct sl_config *config);

/** Open and close sinks as the configuration says; 0 or -ENOMEM, then nothing has changed. */
int record_apply(struct box *box, const struct sl_config *config);

/** Take a bounded number of records and send them; returns how many. Control, each turn. */
unsigned int record_serve(struct box *box);

/** Take and send all records that are waiting; after the workers have ended. */
void record_drain(struct box *box);

/** Once a second: sockets that are not open, templates that are due. */
void record_tick(struct box *box);

/** Any lcore, as long as the box has its recorder. */
void record_stats(const struct recorder *recorder, struct record_stats *stats);

/** Copy up to n sinks; returns how many there are. */
unsigned int record_sinks(
	const struct recorder *recorder, struct record_sink *sink, unsigned int n);

/** Close everything; NULL is fine. */
void record_destroy(struct recorder *recorder);

#endif /* RECORD_H */
