/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PLACE_H
#define PLACE_H

#include "box.h"

/** When idle workers give way to others on their processor. */
enum place_yield {
	PLACE_YIELD_AUTO, /**< when lcores share a processor */
	PLACE_YIELD_ON,
	PLACE_YIELD_OFF,
};

/** Number the workers, find their NUMA nodes, decide on yielding; 0 or -errno, logged. */
int place_workers(struct box *box, enum place_yield yield);

/**
 * Make one mempool for each worker, on its node.
 * @param n_mbufs  of all pools together, 0: as many as queues and rings can hold
 * @param n_desc   RX and TX descriptors of a worker on both ports together
 * @param size     data room of an mbuf without headroom
 * @return 0 or -errno, logged
 */
int place_pools(struct box *box, unsigned int n_mbufs, unsigned int n_desc, unsigned int size);

/** Warn of ports on another node than a worker that polls them. */
void place_check_ports(const struct box *box);

/** Free the pools. */
void place_free(struct box *box);

#endif /* PLACE_H */
