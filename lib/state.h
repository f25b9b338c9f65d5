/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STATE_H
#define SL_STATE_H

#include <rte_mbuf_dyn.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

#include "alloc.h"
#include "awaited.h"
#include "call.h"
#include "defrag.h"
#include "dry.h"
#include "flow.h"
#include "handed.h"
#include "host.h"
#include "ident.h"
#include "map.h"
#include "paddr.h"
#include "portmap.h"
#include "random.h"
#include "reasm.h"
#include "route.h"
#include "sluice.h"
#include "snap.h"
#include "steer.h"
#include "sub.h"
#include "syn.h"

#define SL_HELD_MAX 256 /* packets of one worker that wait for neighbours */
#define SL_HELD_SCAN 128 /* of them for neighbours that may be made up */
#define SL_SCAN_RATE 256 /* questions for those, a second and worker */
#define SL_HELD_EACH 32 /* of them for one next hop */
#define SL_HELD_MS 3000 /* at most this long */
#define SL_HELD_SLOTS 1024
#define SL_HELD_ASK_MS 1000 /* control is told again of a neighbour after this long */

/** Notes that travel with an mbuf over a ring. */
struct sl_note {
	uint8_t side;
	uint8_t cause;
	uint8_t tenant;
	uint16_t flags; /* SL_PKT_HAIRPIN, SL_PKT_KNOWN, SL_PKT_OTHER, SL_PKT_SIX */
	uint16_t l3;
	uint16_t frag_id; /* with SL_PKT_KNOWN, as the ports */
	rte_be16_t sport, dport;
};

extern int sl_note_offset;

static inline struct sl_note *
sl_note(struct rte_mbuf *m)
{
	return RTE_MBUF_DYNFIELD(m, sl_note_offset, struct sl_note *);
}

/** A token bucket; a second's worth is its depth. */
struct sl_bucket {
	uint64_t tokens; /* thousandths */
	uint64_t filled; /* milliseconds */
};

/** A neighbour whose MAC is missing. */
struct sl_hop {
	struct sl_ip6 addr; /* of IPv4 in the first four bytes */
	uint16_t tenant;
	uint8_t side;
	bool six;
	bool scan; /* anybody can make such an address up: no session and no route names it */
};

/** A packet that waits for a neighbour. */
struct sl_held {
	struct rte_mbuf *m;
	struct sl_hop hop;
	uint32_t until;
	uint32_t asked; /* milliseconds, when control was told of the neighbour for it */
	struct sl_pkt pkt;
};

/** Packets of this burst for another worker. */
struct sl_waiting {
	unsigned int n;
	struct sl_handed packet[SL_BURST_MAX];
};

/** One worker. Everything here is its own unless marked otherwise. */
struct sl_worker {
	/* read for every burst */
	struct sl_nat *nat;
	const struct sl_snap *snap; /* in force for this burst */
	unsigned int id;
	uint32_t n_shared; /* mappings without a port of their own */
	uint32_t n_static; /* mappings of forwards */
	struct sl_dry *dry; /* NULL but at the shadow of a worker, see dry_shadow.c */
	struct sl_ids ids; /* of packets that may be cut */
	uint32_t now; /* low half of now64: flows keep 32 bits, compared modulo 2^32 */
	uint64_t now64;
	struct sl_flows flows;
	struct sl_maps maps;
	struct sl_subs subs;
	struct sl_alloc alloc;
	struct sl_hosts hosts;
	struct sl_defrag defrag;
	struct sl_reasm reasm; /* datagrams of helpers */
	struct sl_awaited awaited; /* flows that helpers wait for */
	struct rte_mempool *pool;
	struct sl_out *out; /* of the call that runs */
	uint64_t swept; /* milliseconds, when the sweep was last told of time */
	uint32_t due; /* flows that it has yet to look at */
	uint32_t paced; /* sessions made when it last kept pace */
	uint64_t pressed; /* milliseconds, when a full table was last searched */
	uint64_t probed; /* milliseconds, when an inside host was last asked */
	uint32_t recheck; /* flows yet to be held against a new configuration */
	struct sl_bucket punt_bucket[SL_PUNT_COUNT], known_bucket, scan_bucket, icmp_bucket;
	struct sl_random random;

	/* packets that wait for a neighbour, oldest first */
	struct sl_held held[SL_HELD_MAX];
	unsigned int n_held, n_scan; /* of them for neighbours that may be made up */
	uint16_t held_for[SL_HELD_SLOTS]; /* how many, by a hash of the next hop */
	uint32_t held_told, held_at; /* sl_routes.told and the time when they were last looked at */

	/* packets of this burst that others own */
	unsigned int n_waiting;
	uint8_t waiting_for[SL_WORKERS_MAX];
	struct sl_waiting waiting[SL_WORKERS_MAX];

	/* hairpins of this burst */
	struct rte_mbuf *again[SL_BURST_MAX];
	unsigned int n_again;
	/* fragments whose first one has come */
	struct rte_mbuf *released[4 * SL_BURST_MAX];
	unsigned int n_released;
	struct sl_calls calls; /* of PPTP */
	struct sl_syns syns; /* from outside, unsolicited */
	uint64_t told[SL_RECORD_TYPE_COUNT]; /* milliseconds, of the last record of a rare type */
	bool punted; /* told control something since sl_worker_woke_control() */

	/* rings: one producer, one consumer each */
	struct rte_ring *from[SL_WORKERS_MAX]; /* handoff; producer: that worker */
	struct rte_ring *inject; /* producer: control */
	struct rte_ring *punt; /* consumer: control */
	struct rte_ring *events; /* consumer: control; elements are struct sl_event */
	struct rte_ring *records; /* consumer: control; elements are struct sl_record */
	struct rte_ring *asked, *answered; /* messages */
	struct rte_ring *to[SL_WORKERS_MAX]; /* others' from[id] */

	/* w: worker, r: control, telemetry (relaxed) */
	struct sl_stage_use stage[SL_STAGE_COUNT];
	uint32_t stage_turn;
	uint64_t counter[SL_COUNTER_COUNT] __rte_cache_aligned;
} __rte_cache_aligned;

/** A gateway. Control writes, workers read. */
struct sl_nat {
	struct sl_snap *snap; /* in force; release/acquire */
	struct sl_watch *watch; /* armed, or NULL; the same; beside it, so that one line has both */
	unsigned int n_workers;
	struct sl_worker *worker[SL_WORKERS_MAX];
	struct sl_routes routes;
	struct sl_paddr **paddr;
	uint32_t n_paddr;
	bool paddr_again; /* an address was in a pool with other rules before; relaxed atomic */
	uint32_t owner_seed;
	struct sl_fixed *fixed; /* IPv6 hosts that forwards have ever led to */
	uint32_t n_fixed;
	struct sl_spread *spread; /* NULL: subscribers are shared out by owner_seed */
	struct sl_seed home_seed; /* of fragments' homes, the same at all workers */
	/* Run of 2^shift ports -> worker, at (65536 + port) >> shift, for every shift from 1. */
	uint8_t owner[65536];
	uint8_t port_shift;
	bool asleep; /* control sleeps; seq_cst with `punted` */
	/* control only */
	uint32_t listen_mask; /* records that are wanted whatever the configuration */
	uint32_t serial; /* of the next configuration */
	struct rte_rcu_qsbr *qsbr;
	struct sl_snap *old; /* snapshots that a worker may still read */
	unsigned int inject_turn, punt_turn;
	uint64_t (*cycles)(void); /* or NULL */
	const struct sl_helper_ops *const *helpers; /* or NULL */
	uint64_t (*random)(void *arg);
	void *random_arg;
	char name[16];
};

static inline void
sl_count(struct sl_worker *w, enum sl_counter c, uint64_t n)
{
	w->counter[c] += n;
}

static inline enum sl_verdict __attribute__((warn_unused_result))
sl_drop(struct sl_worker *w, enum sl_counter why)
{
	w->counter[why]++;
	return SL_DROP;
}

/** Take one token of `rate` a second; true when there was one. */
bool sl_bucket_take(struct sl_bucket *b, uint32_t rate, uint64_t now);

/** Random bits for this worker. */
static inline uint64_t
sl_worker_random(struct sl_worker *w)
{
	struct sl_nat *nat = w->nat;

	return nat->random == sl_random_next || w->dry != NULL ? sl_random_next(&w->random)
							       : nat->random(nat->random_arg);
}

/**
 * The worker that owns an IPv6 subscriber, a masked address. Only workers and control of one
 * gateway must agree, a NIC's RSS does not know of it.
 */
static inline unsigned int
sl_owner_inside6(
	const struct sl_nat *nat, const struct sl_snap *s, uint8_t tenant, const void *addr)
{
	uint64_t a[2];

	memcpy(a, addr, sizeof(a));
	a[0] &= s->subscriber_mask[0];
	a[1] &= s->subscriber_mask[1];
	a[0] = sl_mum(a[0] ^ nat->home_seed.s[2], tenant ^ nat->home_seed.s[3]);
	return sl_reduce(sl_hash128(a[0], a[1], &nat->home_seed), nat->n_workers);
}

/** The worker that owns a subscriber that is no stand-in. */
static inline unsigned int
sl_owner_inside4(const struct sl_nat *nat, rte_be32_t addr)
{
	uint32_t h = (addr ^ nat->owner_seed) * 0x9e3779b1u;

	if (nat->spread != NULL)
		return sl_spread_owner(nat->spread, addr);
	h ^= h >> 15;
	h *= 0x85ebca6bu;
	h ^= h >> 13;
	return sl_reduce(h, nat->n_workers);
}

/** The worker that owns a subscriber. */
static inline unsigned int
sl_owner_inside(const struct sl_nat *nat, rte_be32_t addr)
{
	return unlikely(sl_stand_is(addr)) ? sl_stand_worker(addr) : sl_owner_inside4(nat, addr);
}

#endif /* SL_STATE_H */
