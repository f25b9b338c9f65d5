/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_DRY_H
#define SL_DRY_H

#include "alloc.h"
#include "flow.h"
#include "host.h"
#include "map.h"
#include "sub.h"

#define SL_DRY_HOSTS 4 /* hosts and subscribers of IPv6 that one packet may bring */

/** A flow as it was before a packet that is only imagined. */
struct sl_dry_flow {
	bool kept;
	uint32_t at;
	struct sl_flow flow;
	struct sl_tcp tcp;
	struct sl_flow_link link;
};

/**
 * What belongs to a packet that is only imagined (explain.c): what the path has found out, what
 * would be made for it, and what is to be put back. The worker's own, like the worker.
 */
struct sl_dry {
	/* found out */
	struct sl_pkt pkt;
	uint8_t verdict; /* enum sl_verdict */
	bool hit; /* it belongs to a session */
	bool opens; /* it would open one */
	bool has_sub, sub_there; /* sub counts; it is there already */
	bool has_map, map_there; /* map counts; the same */
	bool whole; /* a fragment, or of a datagram that must be whole: no more is said */
	int port; /* a port that it might get, host order; -1: none was drawn */
	struct sl_flow flow; /* of hit and opens, as the packet would leave it */
	struct sl_sub sub; /* as it would be */
	struct sl_sub sub_before; /* as it is */
	struct sl_map map;
	bool error; /* its sender would get an ICMP error: */
	bool error_six; /* by ICMPv6 */
	uint8_t error_type, error_code;
	/* what would have ended before: a session, and those at the head of a mapping */
	uint32_t over; /* index of the flow, SL_NONE: none */
	uint32_t ended_map, ended; /* SL_NONE: none; how many flows */
	/* to be put back */
	struct sl_dry_flow old;
	struct sl_block block; /* the free one that would be taken first */
	uint32_t block_at;
	struct sl_host host[SL_DRY_HOSTS]; /* the same of hosts */
	uint32_t host_at[SL_DRY_HOSTS];
};

struct sl_worker;

/**
 * Begin: from here on `shadow` is a worker of its own that shares all tables with w, and what
 * it does to them is put back by sl_dry_end().
 */
void sl_dry_begin(struct sl_worker *shadow, struct sl_worker *w, struct sl_dry *dry);

/** Put back what the packet has changed in the tables that `shadow` shares with w. */
void sl_dry_end(struct sl_worker *shadow, const struct sl_worker *w);

/**
 * For session.c: the subscriber of a new session behind this mapping, or of this inside address
 * when that is NULL: a copy. NULL when there is no room.
 */
struct sl_sub *sl_dry_sub(
	struct sl_worker *w, const struct sl_map *map, uint16_t tenant, rte_be32_t inside);

/** For session.c: as sl_map_add(), but in no table; NULL when they are full. */
struct sl_map *sl_dry_map(struct sl_worker *w, uint16_t tenant, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, rte_be32_t out_addr, rte_be16_t out_port);

/** For session.c: has this mapping flows that are not over, as far as `most` of them tell? */
bool sl_dry_map_lives(struct sl_worker *w, const struct sl_map *map, unsigned int most);

/** For session.c: the next free flow is about to be written. */
void sl_dry_keep_free(struct sl_worker *w);

/** For icmp.c and icmp6.c: true when the packet is imagined, and the error not to be made. */
bool sl_dry_error(struct sl_worker *w, bool six, uint8_t type, uint8_t code);

/** For path.c: this flow is about to be written. */
void sl_dry_keep(struct sl_worker *w, const struct sl_flow *f);

#endif /* SL_DRY_H */
