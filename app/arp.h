/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ARP_H
#define ARP_H

#include "sluice.h"

/** Addresses for which the box answers ARP in the kernel's place. */
struct arp;

/**
 * The addresses of a configuration that the kernel does not answer for: those of the pools,
 * on the outside.
 * @param all  there is no kernel: the box's own addresses, too
 * @return NULL with errno
 */
struct arp *arp_create(const struct sl_config *config, bool all);

/** NULL is fine. */
void arp_destroy(struct arp *arp);

/**
 * Answer a request for one of them.
 * @param punt   the frame received; stays the caller's
 * @param mac    the address to answer with
 * @param reply  an empty mbuf, filled when the result is true
 */
bool arp_answer(const struct arp *arp, const struct sl_punt *punt, const struct rte_ether_addr *mac,
	struct rte_mbuf *reply);

#endif /* ARP_H */
