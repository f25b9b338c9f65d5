/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PORT_H
#define PORT_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include "sluice.h"
#include "steer.h"

#define PORT_ARGS_MAX 256
#define PORT_MTU_MAX 9600 /**< the largest that is asked for or learned */

/** What the command line says about ports. */
struct port_options {
	uint16_t n_rxd, n_txd; /**< descriptors, 0: default 1024 */
	uint16_t max_queues; /**< use at most so many of each kind, 0: one a worker */
	uint16_t mtu[2]; /**< 0: as the device or its interface has it */
	bool promiscuous;
	struct rte_ether_addr mac[2]; /**< zero: leave as is */
	unsigned int mbuf_size; /**< data room without headroom, 0: as the ports need */
};

/** A port that is gone, and how it may come back (replug.c). */
struct port_back {
	bool may; /**< it went away with its interface */
	bool closed; /**< the device is closed and removed */
	bool refused; /**< it was there, did not open, and that was said */
	char interface[IF_NAMESIZE];
	char args[PORT_ARGS_MAX]; /**< of the device */
	uint64_t loops[SL_WORKERS_MAX]; /**< of each worker when it went */
};

/** One ethdev port in its role as inside or outside. Control writes, workers read. */
struct port {
	uint16_t id; /**< ethdev port id */
	enum sl_side side;
	uint16_t n_rxq, n_txq; /**< queues in use; workers beyond n_rxq do not poll this port */
	uint16_t mtu;
	int socket; /**< NUMA node, or SOCKET_ID_ANY */
	bool started;
	bool gone; /**< device removed (relaxed atomic): nobody touches its queues any more */
	bool up; /**< last known link state, relaxed atomic */
	uint64_t up_since; /**< when it came up, clock_now(); control only */
	unsigned int n_workers;
	/** Worker i has no TX queue: it lends its packets to worker i % n_txq by this ring
	 * (single producer, single consumer). NULL for a worker with a queue. */
	struct rte_ring *lend[SL_WORKERS_MAX];
	struct rte_ether_addr mac;
	uint64_t link_losses; /**< times that the link was lost */
	struct steer steer; /**< how packets find their workers */
	char name[64]; /**< ethdev name, as in "net_tap0" */
	/* Control only: */
	struct rte_mempool *const *pool; /**< one for each worker */
	struct port_options options;
	struct port_back back;
};

/**
 * Find an ethdev port by name or number.
 * @param word  as given by the user, or NULL for port number `otherwise`
 * @return 0, or -ENODEV, logged with the ports that there are
 */
int port_find(const char *word, uint16_t otherwise, uint16_t *id);

/**
 * Configure and start an ethdev port with one queue pair a worker, or as many as it has.
 * @param pool  one mempool for each worker, indexed by worker; used as long as the port
 * @return 0 or -errno, logged
 */
int port_start(struct port *port, uint16_t id, enum sl_side side, unsigned int n_workers,
	struct rte_mempool *const *pool, const struct port_options *options);

/** Stop and close; does nothing to a port that was never started. */
void port_stop(struct port *port);

/** Close the device of a port that no worker touches; the port itself stays. */
void port_close(struct port *port);

/**
 * Configure and start the device of a port that was closed, as it was before.
 * @return 0; -ENODEV: it is another port now, or has other queues; -errno, logged
 */
int port_reopen(struct port *port, uint16_t id);

/** Look at the link (control lcore, about once a second); logs and returns true on a change. */
bool port_check_link(struct port *port);

#endif /* PORT_H */
