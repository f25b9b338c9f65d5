/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_SOFTNIC_H
#define TEST_SOFTNIC_H

#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "sluice.h"

#define SOFTNIC_KEY_MAX 52
#define SOFTNIC_RETA_MAX 4096

/** A NIC's receive side scaling as its data sheet has it, computed by rte_softrss(). */
struct softnic {
	uint8_t key[SOFTNIC_KEY_MAX] __rte_aligned(4);
	uint64_t types; /**< RTE_ETH_RSS_*; a packet of no type goes to queue 0 */
	uint16_t reta[SOFTNIC_RETA_MAX];
	uint32_t reta_size;
};

/** One with key and table as the library makes them, for n workers and blocks up to `block`. */
void softnic_make(struct softnic *nic, enum sl_side side, unsigned int n, uint32_t reta_size,
	uint32_t block, uint64_t random);

/** The queue of a tuple, host order; of addresses alone when the ports are not hashed. */
unsigned int softnic_tuple(const struct softnic *nic, uint32_t src, uint32_t dst, uint16_t sport,
	uint16_t dport, bool ports);

/** The queue of a frame. */
unsigned int softnic_queue(const struct softnic *nic, const struct rte_mbuf *m);

#endif /* TEST_SOFTNIC_H */
