/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two ports of mixblast, whatever driver: one queue each, as pktblast sets them up. Few
 * packets, so that they stay in the cache.
 */
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "genport.h"
#include "mixblast.h"

#define DESCRIPTORS 1024
#define PACKETS 8191

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
	if (x->pool == NULL)
		return -1;
	for (uint16_t port = 0; port < 2; port++)
		if (gen_port_start("mixblast", port, x->pool, DESCRIPTORS, DESCRIPTORS) != 0)
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
