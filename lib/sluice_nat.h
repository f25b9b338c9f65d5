/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SLUICE_NAT_H
#define SLUICE_NAT_H

/**
 * @file
 * A gateway and its workers: made, configured, given packets, ended.
 */

#include <stddef.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "sluice_config.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SL_STEERING_KEY_MIN 16 /**< bytes of an RSS key that matter here */

/**
 * How a NIC spreads what it receives on one side over its queues: the Toeplitz hash of source
 * address, destination address, source and destination port is an index into a table of
 * queues, and worker i polls queue i. Subscribers (inside) or outside ports (outside) then
 * belong to the worker whose queue their packets get, and TCP and UDP need no hand-off.
 */
struct sl_steering {
	const uint8_t *key; /**< RSS key, SL_STEERING_KEY_MIN bytes at least; NULL: no steering */
	const uint16_t *reta; /**< a worker for each of the last bits of the hash */
	uint32_t reta_size; /**< power of two, at most 32768 */
};

/**
 * Make a key by which only the source address (inside) or the destination port (outside)
 * decides about the queue; any lcore.
 * @param side       which of the two keys
 * @param reta_size  entries of the NIC's table
 * @param random     64 random bits
 * @param key        filled
 * @param key_len    its bytes, as the NIC wants them; SL_STEERING_KEY_MIN at least
 * @return 0, or -EINVAL: the table or the key is too small, or no power of two
 */
int sl_steering_key(
	enum sl_side side, uint32_t reta_size, uint64_t random, uint8_t *key, size_t key_len);

/**
 * Make the table for such a key; any lcore.
 * @param side       the key's
 * @param key        made by sl_steering_key()
 * @param n_workers  queues to share among
 * @param block      outside: ports of the largest block that pools will have, 0: none
 * @param reta       reta_size entries, filled
 * @param reta_size  entries, a power of two
 * @return 0, or -EINVAL: no power of two, or too short to be even, less than 4 n_workers
 */
int sl_steering_reta(enum sl_side side, const uint8_t *key, unsigned int n_workers, uint32_t block,
	uint16_t *reta, uint32_t reta_size);

/** A helper; helper.h says what that is. */
struct sl_helper_ops;

/** What a gateway is made of; fixed for its life. */
struct sl_params {
	unsigned int n_workers; /**< 1..SL_WORKERS_MAX */
	int socket[SL_WORKERS_MAX]; /**< NUMA node of each worker's state, or SOCKET_ID_ANY */
	struct rte_mempool *pool[SL_WORKERS_MAX]; /**< for packets that a worker makes itself */
	uint32_t max_sessions; /**< all workers together; 0 is 262144 */
	uint32_t max_subscribers; /**< all workers together; 0 is max_sessions / 8 */
	/** Sessions of all workers whose outside port is not their mapping's (shared pools, GRE,
	 * ESP, SCTP, UDP-Lite, hairpinned queries), and contacts of address-dependent filters;
	 * 0 is max_sessions / 16. Beyond it such sessions are refused as if the table were full. */
	uint32_t max_own_ports;
	uint32_t
		max_hosts6; /**< IPv6 hosts with NAT64 state, all workers; 0 is as max_subscribers, at most 65536 */
	/** IPv4 routes of all tenants, as many of IPv6, as many neighbours of both; 0 is 65536 */
	uint32_t max_routes;
	uint32_t
		record_ring_size; /**< records a worker may have waiting, power of two; 0 is 16384 */
	uint32_t ring_size; /**< punt, inject and handoff rings, power of two; 0 is 2048 */
	/** Random 64-bit numbers, unpredictable ones in production: ports and hash keys
	 * come from here. NULL: seeded from the kernel by getrandom(2). */
	uint64_t (*random)(void *arg);
	void *random_arg; /**< given to random */
	/** All helpers, NULL at the end, for the gateway's life; NULL: none. */
	const struct sl_helper_ops *const *helpers;
	/** A counter of cycles that any lcore may read, as rte_rdtsc(); NULL: nothing is timed. */
	uint64_t (*cycles)(void);
	/** By enum sl_side, each independent of the other; read by sl_nat_create() alone. */
	struct sl_steering steering[2];
};

/** Packets that leave; filled by the library, emptied by the caller, who then owns them. */
struct sl_out {
	unsigned int n[2]; /**< by enum sl_side */
	struct rte_mbuf *m[2][SL_OUT_MAX]; /**< whole frames, by enum sl_side, n of each */
};

/**
 * Create a gateway, after EAL has started. All memory for sessions is taken here, from DPDK's heap.
 * @param params  not kept, but what it points to is: pools, helpers and functions live as long as
 *                the gateway
 * @return NULL with rte_errno: EINVAL (also when the outside steering parts an even port from
 *         the next odd one), ENOMEM
 */
struct sl_nat *sl_nat_create(const struct sl_params *params);

/** Free it; no worker may run any more. Packets still in it are freed. NULL is fine. */
void sl_nat_destroy(struct sl_nat *nat);

/**
 * Put a configuration into force, at once and without waiting. The old one stays until all
 * workers that are online have left it; sessions that the new one still permits go on untouched.
 * Packets that come before the first configuration are dropped (drop_unconfigured).
 * @param nat     the gateway
 * @param config  copied as far as it is needed: it stays the caller's, who may edit or free it
 * @return 0, -EINVAL (see sl_config_check()), -ENOMEM: then nothing has changed
 */
int sl_nat_configure(struct sl_nat *nat, const struct sl_config *config);

/** Worker number i, NULL from n_workers on; it is the gateway's. Any lcore. */
struct sl_worker *sl_nat_worker(struct sl_nat *nat, unsigned int i);

/* ---- workers: each function only on the lcore that runs this worker ---- */

/** From here on what a configuration has replaced is kept until this worker's sl_worker_poll(). */
void sl_worker_online(struct sl_worker *w);

/** The worker will not be polled until it is online again. */
void sl_worker_offline(struct sl_worker *w);

/**
 * Take a burst that was received on one side.
 * @param w    the worker that this lcore runs
 * @param side where they came in
 * @param m    the packets, whole Ethernet frames; the library owns them from here
 * @param n    at most SL_BURST_MAX
 * @param now  monotonic time in milliseconds, the same clock on all lcores
 * @param out  packets to send are added here; room for n is enough for forwarding,
 *             what finds none is dropped and counted (drop_out_full)
 */
void sl_worker_receive(struct sl_worker *w, enum sl_side side, struct rte_mbuf **m, unsigned int n,
	uint64_t now, struct sl_out *out);

/**
 * Everything else a worker does, once a loop: packets handed over by other workers,
 * packets from control, messages, waiting packets, a bounded slice of ageing.
 * @param w    the worker that this lcore runs
 * @param now  as for sl_worker_receive()
 * @param out  packets to send are added here
 * @return how much was done; 0 when idle
 */
unsigned int sl_worker_poll(struct sl_worker *w, uint64_t now, struct sl_out *out);

/**
 * Report what became of packets of struct sl_out; moves counters, frees nothing.
 * @param w        the worker that this lcore runs
 * @param side     the port that they were for
 * @param n        packets that the port has taken
 * @param refused  packets that it had no room for, which the caller frees
 */
void sl_worker_sent(struct sl_worker *w, enum sl_side side, unsigned int n, unsigned int refused);

/** True once after something was put on this worker's way to a control lcore that sleeps (see
 * sl_control_asleep()): wake it. */
bool sl_worker_woke_control(struct sl_worker *w);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_NAT_H */
