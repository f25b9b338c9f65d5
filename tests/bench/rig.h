/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_RIG_H
#define BENCH_RIG_H

#include "frame.h"
#include "series.h"
#include "sluice.h"

#define RIG_MBUFS 1024 /**< packets in turn, as many as a port's ring holds */
#define RIG_SUBSCRIBERS 0x0a010000u /**< the first of them, 10.1.0.0 */
#define RIG_ORDER_MIN 4096 /**< shortest random order, so that few sessions repeat */

/** What a rig is made of. */
struct rig_options {
	uint64_t sessions; /**< live while it is measured */
	uint64_t room; /**< sessions that the gateway has memory for */
	uint8_t proto;
	bool six; /**< subscribers are IPv6 hosts behind a NAT64 prefix */
	uint32_t timeout; /**< of UDP, seconds; 0: an hour */
	uint32_t rest; /**< of a freed port, seconds */
	bool timed; /**< its stages are timed, as for "show performance" */
	uint64_t (*random)(void *arg); /**< of the gateway; NULL: the kernel's */
	unsigned int n_workers; /**< of the gateway; 0 is 1 */
	unsigned int worker; /**< the one that this rig runs and whose subscribers it has */
	struct rig *host; /**< has the gateway already; NULL: make one */
	const char *name; /**< of its packets' pool; NULL: by the worker */
};

/**
 * One worker of a gateway, its configuration, routes and neighbours, the packets that go
 * round in it, and the clock that it sees. One lcore. With several workers there is a rig
 * for each; the first one, worker 0, has the gateway.
 */
struct rig {
	/* read and written for every burst */
	struct sl_worker *w;
	uint64_t now; /* milliseconds */
	uint64_t ticked; /* the same of the TSC when the clock last moved */
	uint64_t at, n_order; /* next arrival; their number, a multiple of BURST */
	unsigned int slot; /* next packets of mbuf[] */
	enum sl_side from;
	const struct arrival *arrival; /* of the side in use */
	uint64_t lost; /* packets that did not come out where they should: must stay 0 */
	struct frame frame[2]; /* by side they arrive on */
	struct rte_mbuf *mbuf[RIG_MBUFS];
	struct sl_out out;

	struct rig_options o;
	struct sl_nat *nat;
	struct rte_mempool *pool;
	struct arrival *order[2]; /* by side, each session once in random order */
	uint32_t *who[2]; /* their numbers */
	rte_be32_t *subscriber; /* with several workers: those that this one owns */
	struct endpoint {
		rte_be32_t addr;
		rte_be16_t port;
	} * outside; /* learned, by session number */
	uint64_t opened; /* sessions made so far; the next one's number */
	uint64_t memory; /* bytes that the gateway took, all of it */
};

/** Inside endpoint of a session number: 64 of them share an address. */
void rig_inside(const struct rig *r, uint64_t session, struct endpoint *e);

/** A gateway ready for packets; NULL with a sentence on standard error. */
struct rig *rig_create(const struct rig_options *o);

/**
 * Make new sessions.
 * @param step  milliseconds that the clock moves for each session
 * @param cost  gets TSC cycles per session: receive, sent and poll, less the arrival; or NULL
 * @return 0, or -EIO when not every first packet came out
 */
int rig_open(struct rig *r, uint64_t sessions, double step, struct series *cost);

/** Put the live sessions in a random order for both directions; 0 or -ENOMEM. */
int rig_shuffle(struct rig *r);

/** Take the packets of this side from here on. */
void rig_aim(struct rig *r, enum sl_side from);

/** Have the stages timed from here on, or not; 0 or a negative errno. Only a rig with one worker. */
int rig_timed(struct rig *r, bool on);

/** Move the clock on as far as time has gone. */
void rig_clock(struct rig *r);

/** Arrivals only, path (receive), or path with sent and poll; each a work_fn. */
void rig_arrive(void *rig, unsigned int bursts);
void rig_path(void *rig, unsigned int bursts);
void rig_loop(void *rig, unsigned int bursts);

/** One burst as rig_loop() does it, of packets and in mbufs of the caller's choice. */
void rig_burst(struct rig *r, const struct arrival *a, struct rte_mbuf **slot);

/**
 * Send a packet of up to `most` sessions and look at each that comes out: side, addresses,
 * ports, TTL, checksums.
 * @return packets that were wrong or missing
 */
uint64_t rig_verify(struct rig *r, uint64_t most);

/** Print the drop counters that are not zero; returns their sum. */
uint64_t rig_drops(const struct rig *r);

/** NULL is fine. */
void rig_destroy(struct rig *r);

#endif /* BENCH_RIG_H */
