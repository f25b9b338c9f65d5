/* SPDX-License-Identifier: BSD-3-Clause
 *
 * natbox: the smallest DPDK program around libsluice. One lcore, two ports; what comes in
 * by port 0 (10.0.0.1/24) leaves by port 1 as 192.0.2.1, and answers find their way back.
 *
 *   cc -O2 natbox.c $(pkg-config --cflags --libs libsluice) -o natbox
 *   natbox [EAL options] -- INSIDE-HOST MAC OUTSIDE-ROUTER MAC
 *
 * Neighbours come from the command line, so nobody has to speak ARP; a real program gives
 * what sl_control_punts() hands it to a host stack and tells of neighbours as they are found.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include <sluice.h>

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	(void)number;
	stop = 1;
}

static int
start_port(uint16_t port, struct rte_mempool *pool, struct sl_link *link)
{
	struct rte_eth_conf conf = { 0 };

	if (rte_eth_dev_configure(port, 1, 1, &conf) < 0 ||
		rte_eth_rx_queue_setup(port, 0, 512, SOCKET_ID_ANY, NULL, pool) < 0 ||
		rte_eth_tx_queue_setup(port, 0, 512, SOCKET_ID_ANY, NULL) < 0 ||
		rte_eth_dev_start(port) < 0)
		return -1;
	rte_eth_promiscuous_enable(port);
	return rte_eth_macaddr_get(port, &link->mac);
}

/* The gateway's addresses, a pool of one address, the routes and neighbours of both sides. */
static int
configure(struct sl_nat *nat, const struct sl_link *link, char **word)
{
	static struct sl_ifaddr inside, outside;
	struct sl_config *config = sl_config_create();
	struct rte_ether_addr mac[2];
	char why[128] = "no memory, or a wrong MAC address";
	int rc = -1;

	if (config != NULL && rte_ether_unformat_addr(word[1], &mac[0]) == 0 &&
		rte_ether_unformat_addr(word[3], &mac[1]) == 0) {
		inside = (struct sl_ifaddr){ inet_addr("10.0.0.1"), 24 };
		outside = (struct sl_ifaddr){ inet_addr("192.0.2.1"), 24 };
		config->link[SL_INSIDE] = link[0];
		config->link[SL_OUTSIDE] = link[1];
		config->tenant[0].addr = &inside;
		config->tenant[0].n_addrs = 1;
		config->outside = &outside;
		config->n_outside = 1;
		rc = sl_config_check(config, why, sizeof(why));
		if (rc == 0)
			rc = sl_nat_configure(nat, config);
		config->tenant[0].addr = config->outside = NULL; /* not from the heap */
		config->tenant[0].n_addrs = config->n_outside = 0;
	}
	sl_config_destroy(config);
	if (rc < 0)
		return fprintf(stderr, "natbox: %s\n", why), rc;
	sl_route_add(nat, 0, inside.addr, 24, SL_INSIDE, 0);
	sl_route_add(nat, 0, outside.addr, 24, SL_OUTSIDE, 0);
	sl_route_add(nat, 0, 0, 0, SL_OUTSIDE, inet_addr(word[2]));
	sl_neigh_set(nat, 0, SL_INSIDE, inet_addr(word[0]), &mac[0]);
	sl_neigh_set(nat, 0, SL_OUTSIDE, inet_addr(word[2]), &mac[1]);
	return 0;
}

static void
send_all(struct sl_worker *w, struct sl_out *out)
{
	for (uint16_t port = 0; port < 2; port++) {
		uint16_t sent = rte_eth_tx_burst(port, 0, out->m[port], (uint16_t)out->n[port]);

		sl_worker_sent(w, port, sent, out->n[port] - sent);
		rte_pktmbuf_free_bulk(&out->m[port][sent], out->n[port] - sent);
		out->n[port] = 0;
	}
}

/* The turn of control: this program answers nobody, so what is for the box itself is freed. */
static void
control(struct sl_nat *nat)
{
	struct sl_punt punt[32];
	struct sl_event event[32];
	unsigned int n = sl_control_punts(nat, punt, RTE_DIM(punt));

	while (n > 0)
		rte_pktmbuf_free(punt[--n].m);
	sl_control_events(nat, event, RTE_DIM(event));
}

static void
forward(struct sl_nat *nat)
{
	static struct sl_out out;
	struct sl_worker *w = sl_nat_worker(nat, 0);
	struct rte_mbuf *m[SL_BURST_MAX];

	sl_worker_online(w);
	while (!stop) {
		uint64_t now = rte_rdtsc() / (rte_get_tsc_hz() / 1000);

		for (uint16_t port = 0; port < 2; port++) {
			uint16_t n = rte_eth_rx_burst(port, 0, m, SL_BURST_MAX);

			if (n > 0)
				sl_worker_receive(w, port, m, n, now, &out);
		}
		sl_worker_poll(w, now, &out);
		send_all(w, &out);
		control(nat);
	}
	sl_worker_offline(w);
}

int
main(int argc, char **argv)
{
	int n_eal = rte_eal_init(argc, argv), rc = EXIT_FAILURE;
	struct sl_params params = {
		.n_workers = 1, .socket = { SOCKET_ID_ANY }, .max_sessions = 65536
	};
	struct sl_link link[2] = { 0 };
	struct sl_nat *nat = NULL;

	if (n_eal < 0 || argc - n_eal != 5 || rte_eth_dev_count_avail() < 2)
		return fprintf(stderr, "usage: natbox EAL -- HOST MAC ROUTER MAC; two ports\n"), rc;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	params.pool[0] = rte_pktmbuf_pool_create("packets", 8191, 256, 0, 2176, SOCKET_ID_ANY);
	if (params.pool[0] != NULL && start_port(0, params.pool[0], &link[0]) == 0 &&
		start_port(1, params.pool[0], &link[1]) == 0)
		nat = sl_nat_create(&params);
	if (nat != NULL && configure(nat, link, &argv[n_eal + 1]) == 0) {
		forward(nat);
		printf("%lu sessions, %lu packets sent outside\n",
			(unsigned long)sl_counter_sum(nat, SL_COUNTER_SESSIONS_MADE),
			(unsigned long)sl_counter_sum(nat, SL_COUNTER_TX_OUTSIDE));
		rc = EXIT_SUCCESS;
	}
	sl_nat_destroy(nat);
	rte_eal_cleanup();
	return rc;
}
