/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GENPORT_H
#define GENPORT_H

#include <stdint.h>

#include <rte_mempool.h>

/**
 * Start a port of a packet generator, whatever driver: one queue each way, promiscuous.
 * @param who  the generator's name, for the message when it fails
 * @return 0 or -errno, said on stderr
 */
int gen_port_start(
	const char *who, uint16_t port, struct rte_mempool *pool, uint16_t rxd, uint16_t txd);

#endif /* GENPORT_H */
