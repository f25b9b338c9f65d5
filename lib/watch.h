/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_WATCH_H
#define SL_WATCH_H

#include "sluice.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @file
 * Packets that somebody wants to see on their way: copies of what came in and of what became of
 * it. One watch at a time; while none is armed, a burst pays for one look at a pointer.
 */

#define SL_WATCH_MOVED 16 /**< counters that are told of one packet */
#define SL_WATCH_LONGEST 9728 /**< most bytes of a frame that can be kept */

/** An end of a packet; zero means any. */
struct sl_watch_end {
	struct sl_ifaddr net; /**< plen 0: any */
	struct sl_ifaddr6 net6; /**< plen 0: any */
	rte_be16_t port; /**< 0: any; of an ICMP query its id */
};

/**
 * Which packets. Ends are held against the packet as it comes and as its session would
 * translate it, so that one filter finds both directions on both sides.
 */
struct sl_watch_filter {
	uint8_t proto; /**< 0: any; IPPROTO_ICMP is ICMPv6 as well */
	bool has_from; /**< only what came in on: */
	uint8_t from; /**< enum sl_side */
	uint16_t tenant; /**< index + 1; 0: any */
	bool dropped; /**< only what is dropped */
	struct sl_watch_end any[2]; /**< each fits one of the ends */
	struct sl_watch_end source, destination;
};

/** What a copy shows. */
enum sl_seen_kind {
	SL_SEEN_CAME, /**< a packet as it came to a worker; those that follow belong to it */
	SL_SEEN_LEFT, /**< what became of it, as it leaves: a frame, fragments, an ICMP error */
	SL_SEEN_LATER, /**< leaves after it has waited: for a neighbour, at control */
	SL_SEEN_GONE, /**< was dropped after it has waited */
};

/** One copy. */
struct sl_seen {
	uint8_t kind; /**< enum sl_seen_kind */
	uint8_t side; /**< enum sl_side: where it came in, or leaves */
	bool handed; /**< SL_SEEN_CAME: another worker received it and handed it over */
	bool cut_short; /**< SL_SEEN_CAME: for some of what became of it there was no room */
	uint16_t worker;
	uint16_t tenant; /**< of SL_SEEN_CAME inside: index */
	uint16_t verdict; /**< CAME, GONE: enum sl_counter in which it ended */
	uint16_t n_moved; /**< CAME: counters that it moved */
	uint16_t moved[SL_WATCH_MOVED];
	uint32_t number; /**< of its packet at this worker */
	uint32_t len; /**< bytes of the frame */
	uint32_t kept; /**< of them in bytes[] */
	uint64_t when; /**< milliseconds on the caller's clock */
	uint64_t cycles; /**< of sl_params.cycles, or 0 */
	uint8_t bytes[];
};

struct sl_watch;

/**
 * Make a watch. Control, as all but what workers do.
 * @param keep   bytes of a frame that are kept, at most SL_WATCH_LONGEST
 * @param slots  copies that each worker may have waiting, a power of two
 * @return NULL without memory
 */
struct sl_watch *sl_watch_create(
	struct sl_nat *nat, const struct sl_watch_filter *filter, uint32_t keep, uint32_t slots);

/** Let the workers look; -EBUSY while another one is armed. */
int sl_watch_arm(struct sl_watch *watch);

/** They shall look no more. What they have seen can still be taken. */
void sl_watch_disarm(struct sl_watch *watch);

/** True when no worker can be looking any more: then it may be destroyed. */
bool sl_watch_idle(struct sl_watch *watch);

/** The next copy, oldest first for each worker, or NULL; it stays until sl_watch_next(). */
const struct sl_seen *sl_watch_peek(struct sl_watch *watch);

/** Go on to the one after it. */
void sl_watch_next(struct sl_watch *watch);

/** Copies for which there was no room; any lcore. */
uint64_t sl_watch_lost(const struct sl_watch *watch);

/** Free it. NULL is fine. It must be idle, or no worker run any more. */
void sl_watch_destroy(struct sl_watch *watch);

#ifdef __cplusplus
}
#endif

#endif /* SL_WATCH_H */
