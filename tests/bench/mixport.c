/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two ports of mixblast, whatever driver: one queue each, as pktblast sets them up. Few
 * packets, so that they stay in the cache.
 */
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "mixblast.h"

#define DESCRIPTORS 1024
#define PACKETS 8191

static int
port_start(uint16_t port, struct rte_mempool *pool)
{
	struct rte_eth_conf conf;
	uint16_t rx = DESCRIPTORS, tx = DESCRIPTORS;
	int rc;

	memset(&conf, 0, sizeof(conf));
	rc = rte_eth_dev_configure(port, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(port, &rx, &tx);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port, 0, rx, (unsigned int)SOCKET_ID_ANY, NULL, pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(port, 0, tx, (unsigned int)SOCKET_ID_ANY, NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(port);
	rte_eth_promiscuous_enable(port);
	if (rc != 0)
		fprintf(stderr, "mixblast: port %u: %s\n", port, rte_strerror(-rc));
	return rc == 0 ? 0 : -1;
}

static int
link_wait_up(uint16_t port, uint64_t until)
{
	struct rte_eth_link link;

	do {
		memset(&link, 0, sizeof(link));
		rte_eth_link_get_nowait(port, &link);
		if (link.link_status)
			return 0;
		usleep(10000);
	} while (rte_rdtsc() < until && !mix_stop);
	fprintf(stderr, "mixblast: port %u: no link\n", port);
	return -1;
}

int
mix_ports_start(struct mix *x, double link_wait)
{
	uint64_t until = rte_rdtsc() + (uint64_t)(link_wait * (double)rte_get_tsc_hz());

	if (rte_eth_dev_count_avail() != 2) {
		fprintf(stderr, "mixblast: needs two ports\n");
		return -1;
	}
	x->pool = rte_pktmbuf_pool_create(
		"mix", PACKETS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (x->pool == NULL || port_start(0, x->pool) != 0 || port_start(1, x->pool) != 0)
		return -1;
	if (link_wait_up(0, until) != 0 || link_wait_up(1, until) != 0)
		return -1;
	mix_drain(x, 0.2, 0.5);
	return 0;
}

void
mix_ports_stop(void)
{
	rte_eth_dev_stop(0);
	rte_eth_dev_stop(1);
}
