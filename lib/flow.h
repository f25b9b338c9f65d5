/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_FLOW_H
#define SL_FLOW_H

#include <string.h>

#include <rte_common.h>
#include <rte_hash.h>

#include "front.h"
#include "hash.h"
#include "pkt.h"

#define SL_NONE UINT32_MAX
#define SL_FLOW_LATE 32

#define SL_FLOW_LIVE (1 << 0)
#define SL_FLOW_INBOUND (1 << 1) /**< opened from outside */
#define SL_FLOW_HAIRPIN (1 << 2) /**< its remote end is an outside address of ours */
#define SL_FLOW_STATIC (1 << 3) /**< behind a port forward: the outside may keep it alive */
#define SL_FLOW_OWN_PORT (1 << 4) /**< its outside port is not its mapping's: two records */
#define SL_FLOW_EXPECTED (1 << 5) /**< a helper has asked for it, and reads it */
#define SL_FLOW_SIX (1 << 6) /**< its inside host is an IPv6 one, behind a NAT64 prefix */
#define SL_FLOW_HALF (1 << 7) /**< a call whose remote end has not told its id yet */

/**
 * A session: one 5-tuple behind one mapping, both directions. This line is all that a packet
 * of a UDP session reads and writes; it begins with the tuple in an order in which either
 * direction's addresses, and its ports, lie as they do in a packet: inside, remote, outside.
 * Everything is written by the worker that owns the shard, nobody else reads it.
 */
struct sl_flow {
	rte_be32_t in_addr, rem_addr, out_addr;
	rte_be16_t in_port, rem_port, out_port;
	uint8_t tenant;
	uint8_t proto; /* 0: not in use */
	uint8_t flags; /* SL_FLOW_* */
	uint8_t tcp_state; /* enum sl_tcp_state */
	uint8_t timeout; /* enum sl_timeout */
	uint8_t helper; /* number of its helper, 0: none */
	uint16_t delta_ip; /* outbound change of the IP checksum; inbound is its complement */
	uint16_t delta_l4; /* the same for the transport checksum; of a call the inside's own id */
	uint32_t last; /* milliseconds, of the last packet that refreshed */
	uint16_t nh[2]; /* next hop towards the inside, towards the outside */
	uint16_t nh_gen; /* generation of the routes when nh was looked up */
	uint8_t packets_high[2];
	uint32_t packets[2]; /* outbound, inbound */
	uint64_t bytes[2];
} __rte_cache_aligned;

_Static_assert(sizeof(struct sl_flow) == 64, "a flow is one cache line");
_Static_assert(offsetof(struct sl_flow, rem_addr) == 4 && offsetof(struct sl_flow, rem_port) == 14,
	"either direction's tuple lies as in a packet");

/** Is it a call of PPTP? Then its ports are as SL_GRE_CALL says. */
static inline bool
sl_flow_is_call(const struct sl_flow *f)
{
	return f->proto == IPPROTO_GRE && f->rem_port == SL_GRE_CALL;
}

/** A flow's inside port as people know it: of a call the id that the inside host has given it. */
static inline rte_be16_t
sl_flow_in_port(const struct sl_flow *f)
{
	return sl_flow_is_call(f) ? f->delta_l4 : f->in_port;
}

/** And its remote port: of a call the remote end's id, 0 while that is not known. */
static inline rte_be16_t
sl_flow_rem_port(const struct sl_flow *f)
{
	if (f->proto == IPPROTO_ICMP || (f->flags & SL_FLOW_HALF))
		return 0;
	return sl_flow_is_call(f) ? f->in_port : f->rem_port;
}

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

/** What TCP adds to a flow; kept beside it, so that nobody else pays for it. */
struct sl_tcp {
	struct sl_tcp_end end[2]; /* inside end, outside end */
} __rte_aligned(32);

_Static_assert(sizeof(struct sl_tcp) == 32, "two of them share a line, none straddles two");

/** What only opening and ending need. */
struct sl_flow_link {
	uint32_t map; /* index of its mapping */
	uint32_t next, prev; /* its neighbours in the mapping's list; next also chains free ones */
	uint32_t created; /* milliseconds */
} __rte_aligned(16);

/** The flows of one worker. */
struct sl_flows {
	struct sl_front front; /**< answers first */
	uint32_t forgotten; /**< directions of flows that are not in it */
	struct sl_flow *flow; /**< all of them, and beside each: */
	struct sl_tcp *tcp;
	struct sl_flow_link *link;
	struct rte_hash *hash; /**< the record: inside tuple -> flow, and more; see flow.c */
	uint32_t free; /**< chain of free ones that were used before */
	uint32_t n_free, max;
	uint32_t high; /**< flows from here on were never used */
	uint32_t sweep; /**< where ageing goes on */
	struct sl_seed seed;
	uint32_t n_late; /**< outside directions that are yet to be entered in the front */
	struct {
		uint32_t hash, ref;
	} late[SL_FLOW_LATE];
};

/**
 * Take the memory for max flows on a NUMA node, of which `own` may have an outside port of
 * their own or contacts; 0 or -errno.
 */
int sl_flows_init(struct sl_flows *t, const char *name, uint32_t max, uint32_t own, int socket,
	const struct sl_seed *seed);

/** Give it back; fine on a zeroed table. */
void sl_flows_fini(struct sl_flows *t);

static inline uint32_t
sl_flow_hash(const struct sl_flows *t, const struct sl_key *key)
{
	const uint64_t *k = (const uint64_t *)(const void *)key;

	return sl_hash128(k[0], k[1], &t->seed);
}

static inline uint32_t
sl_flow_index(const struct sl_flows *t, const struct sl_flow *f)
{
	return (uint32_t)(f - t->flow);
}

static inline struct sl_tcp *
sl_flow_tcp(const struct sl_flows *t, const struct sl_flow *f)
{
	return &t->tcp[sl_flow_index(t, f)];
}

static inline struct sl_flow_link *
sl_flow_link(const struct sl_flows *t, const struct sl_flow *f)
{
	return &t->link[sl_flow_index(t, f)];
}

/** Is this the flow of a packet with this key? A flow that is not in use is nobody's. */
static inline bool
sl_flow_is(const struct sl_flow *f, const struct sl_key *key)
{
	const uint8_t *addr = (const uint8_t *)&f->in_addr + key->side * 4,
		      *port = (const uint8_t *)&f->in_port + key->side * 2;
	uint64_t a, b;
	uint32_t c, d;

	memcpy(&a, addr, 8);
	memcpy(&b, &key->src, 8);
	memcpy(&c, port, 4);
	memcpy(&d, &key->sport, 4);
	return ((a ^ b) | (c ^ d) | (uint64_t)(f->proto ^ key->proto)) == 0 &&
	       (key->side == SL_OUTSIDE || f->tenant == key->tenant);
}

/** sl_flow_settle() when there is something to be entered. */
void sl_flow_settle_late(struct sl_flows *t);

/**
 * Enter the outside directions of flows that were added: before anybody guesses. Which line of
 * the front it will be is known only when the port has been drawn, so it is fetched then, and
 * written when others have had their turn.
 */
static inline void
sl_flow_settle(struct sl_flows *t)
{
	if (unlikely(t->n_late > 0))
		sl_flow_settle_late(t);
}

/** sl_flow_guess() of what is not at home in the front. */
struct sl_flow *sl_flow_guess_far(const struct sl_flows *t, uint32_t hash);

/**
 * The flow that a hash leads to first, to be held against the key; NULL when there is none.
 * Needs sl_flow_settle().
 */
static inline struct sl_flow *
sl_flow_guess(const struct sl_flows *t, uint32_t hash)
{
	const struct sl_front_bucket *b = sl_front_bucket(&t->front, hash);
	uint32_t mask = sl_front_match(b, sl_front_sig(hash));

	if (likely(mask != 0))
		return &t->flow[b->ref[__builtin_ctz(mask)]];
	return unlikely(b->strayed > 0) ? sl_flow_guess_far(t, hash) : NULL;
}

/**
 * The flow of a key, or NULL. The record knows the inside tuple of every flow, but the outside
 * one only of SL_FLOW_OWN_PORT: one that the front has forgotten is found by its mapping
 * (sl_session_find()).
 */
struct sl_flow *sl_flow_find(struct sl_flows *t, const struct sl_key *key);

/** The front has forgotten this key of a live flow, which has been found in another way. */
void sl_flow_remember(struct sl_flows *t, const struct sl_key *key, const struct sl_flow *f);

/** A zeroed flow that is in no table yet; NULL when all are in use. */
struct sl_flow *sl_flow_get(struct sl_flows *t);

/** Enter a filled flow; 0, or -ENOSPC and it is in no table. */
int sl_flow_add(struct sl_flows *t, struct sl_flow *f);

/** Take a flow out of the tables, if it is there, and back to the free ones. */
void sl_flow_put(struct sl_flows *t, struct sl_flow *f);

/** The hashes under which packets of either side find the flow. */
void sl_flow_hashes(const struct sl_flows *t, const struct sl_flow *f, uint32_t hash[2]);

/** sl_flow_put() of a flow whose hashes the caller has. */
void sl_flow_put_hashed(struct sl_flows *t, struct sl_flow *f, const uint32_t hash[2]);

/**
 * Fetch the record's lines of new packets' keys, and of flows' inside keys with these hashes:
 * all at once, so that nobody waits for them one by one. At most SL_BURST_MAX.
 */
void sl_flow_fetch_keys(const struct sl_flows *t, struct sl_pkt *const *pkt, unsigned int n);
void sl_flow_fetch_flows(const struct sl_flows *t, struct sl_flow *const *flow,
	const uint32_t (*hash)[2], unsigned int n);

/**
 * Calls: packets carry their receiver's id, so a packet that is quoted to its sender has another
 * one than those that come from there. Both are entered for it; what has no room, or is another
 * call's already, is just not found.
 */
void sl_flow_quotes_add(struct sl_flows *t, struct sl_flow *f);

/** The call whose packet is quoted; key as in an error of p->side, NULL when there is none. */
struct sl_flow *sl_flow_quoted(const struct sl_flows *t, const struct sl_key *key);

/** The remote end's id is another one; 0, or -ENOSPC: then the call is good for nothing more. */
int sl_flow_rename(struct sl_flows *t, struct sl_flow *f, rte_be16_t in_port);

/** The key under which packets of a direction find the flow. */
void sl_flow_key(const struct sl_flow *f, enum sl_side side, struct sl_key *key);

#endif /* SL_FLOW_H */
