/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_FLOW_H
#define SL_FLOW_H

#include <rte_common.h>
#include <rte_hash.h>

#include "hash.h"
#include "pkt.h"

#define SL_NONE UINT32_MAX

#define SL_FLOW_LIVE (1 << 0)
#define SL_FLOW_INBOUND (1 << 1) /**< opened from outside */
#define SL_FLOW_HAIRPIN (1 << 2) /**< its remote end is an outside address of ours */
#define SL_FLOW_STATIC (1 << 3) /**< behind a port forward: the outside may keep it alive */

/** One end of a TCP connection as its segments show it, all in that end's sequence space. */
struct sl_tcp_end {
	uint32_t end; /**< one past the last byte it sent */
	uint32_t limit; /**< one past the last byte its peer lets it send */
	uint32_t win; /**< largest window it announced, scaled, at least 1 */
	uint8_t scale; /**< of its announcements */
	uint8_t seen; /**< it has sent something */
	uint8_t scale_ok; /**< its SYN had a window scale option */
	uint8_t again; /**< its SYN came after the connection had ended: the ports are used again */
};

/**
 * A session: one 5-tuple behind one mapping, both directions.
 * Everything is written by the worker that owns the shard, nobody else reads it.
 */
struct sl_flow {
	/* line 0: all that a packet of a UDP session reads and writes */
	rte_be32_t in_addr, out_addr, rem_addr;
	rte_be16_t in_port, out_port, rem_port;
	uint16_t tenant;
	uint8_t proto;
	uint8_t flags; /* SL_FLOW_* */
	uint8_t tcp_state; /* enum sl_tcp_state */
	uint8_t timeout; /* enum sl_timeout */
	uint16_t delta_ip; /* outbound change of the IP checksum; inbound is its complement */
	uint16_t delta_l4; /* the same for the transport checksum */
	uint32_t last; /* milliseconds, of the last packet that refreshed */
	uint16_t nh[2]; /* next hop towards the inside, towards the outside */
	uint16_t nh_gen; /* generation of the routes when nh was looked up */
	uint16_t spare0;
	uint32_t packets[2]; /* outbound, inbound */
	uint64_t bytes[2];

	/* line 1: TCP, and what only opening and ending need */
	struct sl_tcp_end tcp[2]; /* inside end, outside end */
	uint32_t map; /* index of its mapping */
	uint32_t next, prev; /* its neighbours in the mapping's list */
	uint32_t created; /* milliseconds */
	uint16_t packets_high[2];
	uint32_t spare1[3];
} __rte_cache_aligned;

_Static_assert(sizeof(struct sl_flow) == 128, "a flow is two cache lines");
_Static_assert(offsetof(struct sl_flow, tcp) == 64, "TCP state starts line 1");

/** The flows of one worker. */
struct sl_flows {
	struct rte_hash *hash; /**< key of either direction -> struct sl_flow */
	struct sl_flow *flow; /**< all of them */
	uint32_t *free; /**< stack of free indices */
	uint32_t n_free, max;
	uint32_t high; /**< flows from here on were never used */
	uint32_t sweep; /**< where ageing goes on */
	struct sl_seed seed;
};

/** Take the memory for max flows on a NUMA node; 0 or -errno. */
int sl_flows_init(
	struct sl_flows *t, const char *name, uint32_t max, int socket, const struct sl_seed *seed);

/** Give it back; fine on a zeroed table. */
void sl_flows_fini(struct sl_flows *t);

static inline uint32_t
sl_flow_hash(const struct sl_flows *t, const struct sl_key *key)
{
	const uint64_t *k = (const uint64_t *)(const void *)key;

	return sl_hash128(k[0], k[1], &t->seed);
}

/**
 * Look up a burst.
 * @param key   n keys
 * @param hash  their hashes
 * @param flow  gets the flow of each hit
 * @return bit i is set when key i was found
 */
uint64_t sl_flow_lookup(const struct sl_flows *t, const struct sl_key **key, uint32_t *hash,
	unsigned int n, struct sl_flow **flow);

/** Look up one key; NULL when there is none. */
struct sl_flow *sl_flow_find(const struct sl_flows *t, const struct sl_key *key);

/** A zeroed flow that is in no table yet; NULL when all are in use. */
struct sl_flow *sl_flow_get(struct sl_flows *t);

/** Enter a filled flow under its two keys; 0, or -ENOSPC and it is in neither. */
int sl_flow_add(struct sl_flows *t, struct sl_flow *f);

/** Take a flow out of the table, if it is there, and back to the free ones. */
void sl_flow_put(struct sl_flows *t, struct sl_flow *f);

/**
 * Contacts, for address-dependent filtering: whom a mapping's inside has sent to. Each flow
 * opened from inside adds its remote address once and takes it away when it ends.
 */
void sl_flow_contact_add(struct sl_flows *t, const struct sl_flow *f);
void sl_flow_contact_del(struct sl_flows *t, const struct sl_flow *f);

/** Has the inside behind this outside endpoint a flow to the remote address? */
bool sl_flow_contact(const struct sl_flows *t, uint8_t proto, rte_be32_t out_addr,
	rte_be16_t out_port, rte_be32_t rem_addr);

/** The key under which packets of a direction find the flow. */
void sl_flow_key(const struct sl_flow *f, enum sl_side side, struct sl_key *key);

static inline uint32_t
sl_flow_index(const struct sl_flows *t, const struct sl_flow *f)
{
	return (uint32_t)(f - t->flow);
}

#endif /* SL_FLOW_H */
