/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Ports of the packet generators.
 */
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>

#include "genport.h"

int
gen_port_start(const char *who, uint16_t port, struct rte_mempool *pool, uint16_t rxd, uint16_t txd)
{
	struct rte_eth_conf conf;
	int rc;

	memset(&conf, 0, sizeof(conf));
	rc = rte_eth_dev_configure(port, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(port, &rxd, &txd);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port, 0, rxd, (unsigned int)SOCKET_ID_ANY, NULL, pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(port, 0, txd, (unsigned int)SOCKET_ID_ANY, NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(port);
	rte_eth_promiscuous_enable(port);
	if (rc != 0)
		fprintf(stderr, "%s: port %u: %s\n", who, port, rte_strerror(-rc));
	return rc;
}
