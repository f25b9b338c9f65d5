/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_ALLOC_H
#define SL_ALLOC_H

#include "block.h"
#include "map.h"
#include "pkt.h"
#include "random.h"
#include "snap.h"
#include "sub.h"

struct sl_worker;

/** Blocks of one worker, and ports that rest before they are used again. */
struct sl_alloc {
	struct sl_block *block;
	uint32_t max, high, free, sweep;
	struct sl_rest rest;
};

/** Take the memory; 0 or -ENOMEM. */
int sl_alloc_init(struct sl_alloc *a, uint32_t sessions, uint32_t subscribers, int socket);

/** Give it back; fine on a zeroed one. */
void sl_alloc_fini(struct sl_alloc *a);

/**
 * An outside port for a packet's inside endpoint, on the subscriber's address; sub->paddr
 * says which.
 * @return the port (host order), or -1 with the counter of the reason in *why
 */
int sl_alloc_port(
	struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why);

/** Fetch what sl_alloc_port() will read of its address's ports, with the number that is drawn next. */
void sl_alloc_fetch(const struct sl_worker *w, const struct sl_pkt *p, const struct sl_sub *sub,
	struct sl_random *next);

/** This very port (host order) on the subscriber's address, or -1 with *why. */
int sl_alloc_this(struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, uint16_t port,
	enum sl_counter *why);

/** What a drawn port shall be like: even or odd as the inside port, unless that is left to
 * chance (RFC 7857 section 8); below 1024 or not in any case. */
uint16_t sl_alloc_model(const struct sl_worker *w, const struct sl_pkt *p, uint64_t random);

/**
 * A port towards one remote endpoint for endpoint-dependent mapping: used by others too,
 * but not towards this one.
 */
int sl_alloc_shared(
	struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why);

/**
 * Which of a pool's addresses a subscriber (host order) begins with: its number in the pool's
 * run, or beyond it when the plan has none or the pool is empty. Any lcore.
 */
uint32_t sl_alloc_turn(const struct sl_snap_pool *pool, uint32_t host);

/**
 * A subscriber's pool address; if it has none, number `try` of those it may have.
 * NULL with the reason in *why.
 */
const struct sl_paddr *sl_alloc_address(
	struct sl_worker *w, struct sl_sub *sub, unsigned int try, enum sl_counter *why);

/** This port rests for so many milliseconds; false when no more can. It is taken already. */
bool sl_alloc_rest(
	struct sl_worker *w, uint32_t paddr, enum sl_port_class c, uint16_t port, uint32_t left);

/** Give back the port of a mapping that ended: it rests first. */
void sl_alloc_give(struct sl_worker *w, uint32_t paddr, enum sl_port_class c, uint16_t port);

/** Give back a port that was never used. */
void sl_alloc_undo(struct sl_worker *w, uint32_t paddr, enum sl_port_class c, uint16_t port);

/** Free at most so many ports whose rest is over, and blocks that were idle for long; a slice. */
void sl_alloc_age(struct sl_worker *w, uint32_t most);

#endif /* SL_ALLOC_H */
