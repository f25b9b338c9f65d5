/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_WATCHING_H
#define SL_WATCHING_H

#include <netinet/in.h>

#include "watch.h"

/* The workers' side of a watch. */

struct rte_mbuf;
struct sl_worker;

/** Where a packet comes from and goes to, of either family; IPv4 in the first four bytes. */
struct sl_ends {
	bool six;
	uint8_t proto; /* as IPv4 numbers it */
	struct sl_ip6 src, dst;
	rte_be16_t sport, dport; /* 0: none; of an ICMP query both its id */
	bool has_ports;
	uint8_t icmp_type; /* as ICMPv4 numbers it */
	uint8_t n_tags;
	uint16_t vlan[2];
};

/** What a frame says of itself; false when it is not IP. */
bool sl_ends_of(const uint8_t *frame, uint32_t len, struct sl_ends *e);

/**
 * Does a packet fit that came in on a side, or leaves by it? `dropped` is not asked for. Reads
 * the worker's tables only.
 * @param tenant  becomes that of its tags inside, else 0
 */
bool sl_watch_fits(struct sl_worker *w, const struct sl_watch_filter *f, enum sl_side side,
	bool leaves, const uint8_t *frame, uint32_t len, uint16_t *tenant);

/** Takes a burst through the path, and what turns round or was waiting for it; its bytes. */
typedef uint64_t sl_run_fn(struct sl_worker *w, enum sl_side side, uint16_t flags,
	struct rte_mbuf **m, unsigned int n);

/** As `run` does, but those that fit go one by one. */
uint64_t sl_watch_run(struct sl_worker *w, struct sl_watch *watch, sl_run_fn *run,
	enum sl_side side, uint16_t flags, struct rte_mbuf **m, unsigned int n, bool handed);

/** Look at the frames that have come to leave since there were from[] of each side. */
void sl_watch_later(struct sl_worker *w, struct sl_watch *watch, const unsigned int from[2]);

/** This frame, which was to leave by a side, is dropped after it has waited. */
void sl_watch_gone(
	struct sl_worker *w, const struct rte_mbuf *m, enum sl_side side, enum sl_counter why);

#endif /* SL_WATCHING_H */
