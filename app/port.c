/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two ports: finding, starting, link, end. What a device is asked for is in fit.c.
 *
 * Queues. One pair for each worker, or what there is; a worker without a TX queue gets a
 * ring to lend its packets to one that has it, see worker.c.
 *
 * Removal. A device that is pulled out is reported on EAL's interrupt thread, which sets
 * `gone`; workers leave its queues alone from their next loop, control logs it. One that stands
 * on an interface of the kernel may come back, see replug.c.
 *
 * Control lcore only, except that flag.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "clock.h"
#include "fit.h"
#include "log.h"
#include "netdev.h"
#include "port.h"

#define DESCRIPTORS 1024
#define LEND_SIZE 2048

static const char *const side_name[2] = { "inside", "outside" };

static void
log_ports(void)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	uint16_t id;

	if (rte_eth_dev_count_avail() == 0)
		SL_LOG(ERR, "there is no port at all: bind devices to vfio-pci and allow them "
			    "with -a, or make virtual ones with --vdev");
	RTE_ETH_FOREACH_DEV(id) {
		if (rte_eth_dev_get_name_by_port(id, name) == 0)
			SL_LOG(ERR, "there is port %u, \"%s\"", id, name);
	}
}

int
port_find(const char *word, uint16_t otherwise, uint16_t *id)
{
	unsigned long number = otherwise;
	char *end = NULL;

	if (word != NULL && rte_eth_dev_get_port_by_name(word, id) == 0)
		return 0;
	if (word != NULL)
		number = strtoul(word, &end, 10);
	if ((word == NULL || (*word != '\0' && *end == '\0')) && number < RTE_MAX_ETHPORTS &&
		rte_eth_dev_is_valid_port((uint16_t)number)) {
		*id = (uint16_t)number;
		return 0;
	}
	if (word != NULL)
		SL_LOG(ERR, "no port \"%s\"; those that there are follow", word);
	else
		SL_LOG(ERR, "no port %u; those that there are follow", otherwise);
	log_ports();
	return -ENODEV;
}

/* On EAL's interrupt thread. */
static int
on_removal(uint16_t id, enum rte_eth_event_type type, void *arg, void *ret)
{
	struct port *port = arg;

	RTE_SET_USED(id);
	RTE_SET_USED(type);
	RTE_SET_USED(ret);
	__atomic_store_n(&port->gone, true, __ATOMIC_RELAXED);
	return 0;
}

static int
setup_queues(struct port *port, struct rte_mempool *const *pool, const struct port_options *options)
{
	uint16_t n_rxd = options->n_rxd != 0 ? options->n_rxd : DESCRIPTORS;
	uint16_t n_txd = options->n_txd != 0 ? options->n_txd : DESCRIPTORS;
	unsigned int socket =
		port->socket < 0 ? (unsigned int)SOCKET_ID_ANY : (unsigned int)port->socket;
	int rc = rte_eth_dev_adjust_nb_rx_tx_desc(port->id, &n_rxd, &n_txd);

	if (rc < 0) {
		SL_LOG(ERR, "%s: no fitting number of descriptors: %s; try --rxd and --txd",
			port->name, rte_strerror(-rc));
		return rc;
	}
	for (uint16_t q = 0; q < port->n_rxq; q++) {
		rc = rte_eth_rx_queue_setup(port->id, q, n_rxd, socket, NULL, pool[q]);
		if (rc < 0) {
			SL_LOG(ERR, "%s: RX queue %u with %u descriptors: %s; try fewer with --rxd",
				port->name, q, n_rxd, rte_strerror(-rc));
			return rc;
		}
	}
	for (uint16_t q = 0; q < port->n_txq; q++) {
		rc = rte_eth_tx_queue_setup(port->id, q, n_txd, socket, NULL);
		if (rc < 0) {
			SL_LOG(ERR, "%s: TX queue %u with %u descriptors: %s; try fewer with --txd",
				port->name, q, n_txd, rte_strerror(-rc));
			return rc;
		}
	}
	return 0;
}

/* Rings for the workers that have no TX queue here. */
static int
make_lend(struct port *port)
{
	char name[RTE_RING_NAMESIZE];

	for (unsigned int i = port->n_txq; i < port->n_workers; i++) {
		snprintf(name, sizeof(name), "lend-%u-%u", port->side, i);
		port->lend[i] = rte_ring_create(
			name, LEND_SIZE, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (port->lend[i] == NULL) {
			SL_LOG(ERR, "%s: no memory for a ring between workers; give EAL more (-m)",
				port->name);
			return -ENOMEM;
		}
	}
	if (port->n_rxq < port->n_workers)
		SL_LOG(NOTICE,
			"%s: %u RX queues for %u workers, the others get packets by hand-off",
			port->name, port->n_rxq, port->n_workers);
	if (port->n_txq < port->n_workers)
		SL_LOG(NOTICE, "%s: %u TX queues for %u workers, the others lend packets to them",
			port->name, port->n_txq, port->n_workers);
	return 0;
}

/* What a device may refuse without harm: each refusal is one line. */
static void
set_address(struct port *port, const struct port_options *options)
{
	struct rte_ether_addr mac = options->mac[port->side];
	int rc;

	if (!rte_is_zero_ether_addr(&mac)) {
		rc = rte_eth_dev_default_mac_addr_set(port->id, &mac);
		if (rc < 0)
			SL_LOG(WARNING,
				"%s: the device keeps its MAC (%s), the gateway uses the one asked "
				"for",
				port->name, rte_strerror(-rc));
		port->mac = mac;
	} else if (rte_eth_macaddr_get(port->id, &port->mac) < 0 ||
		   rte_is_zero_ether_addr(&port->mac)) {
		rte_eth_random_addr(port->mac.addr_bytes);
		SL_LOG(NOTICE, "%s: has no MAC, a random one is used", port->name);
	}
}

/* What the driver cannot be told, its interface is. */
static void
set_mtu(const struct port *port, const struct rte_eth_dev_info *info)
{
	uint16_t told = fit_device_mtu(port, info);
	char name[IF_NAMESIZE];
	int rc;

	if (told != port->mtu && info->if_index != 0 &&
		if_indextoname(info->if_index, name) != NULL)
		rc = netdev_set_mtu(name, port->mtu);
	else
		rc = rte_eth_dev_set_mtu(port->id, told);
	if (rc < 0 && rc != -ENOTSUP)
		SL_LOG(WARNING,
			"%s: MTU %u refused: %s; packets of that size may be lost, set it at the "
			"device or "
			"give a smaller one",
			port->name, port->mtu, rte_strerror(-rc));
}

/* Promiscuous by default: the library itself drops what is for other stations. */
static void
set_promiscuous(const struct port *port, bool on)
{
	int rc = on ? rte_eth_promiscuous_enable(port->id) : rte_eth_allmulticast_enable(port->id);

	if (rc < 0 && rc != -ENOTSUP)
		SL_LOG(WARNING,
			"%s: %s mode refused: %s; what the device does not take for its own is "
			"lost",
			port->name, on ? "promiscuous" : "all-multicast", rte_strerror(-rc));
}

/* Queues, MTU and start, of a device that was never started or is there anew. */
static int
open_device(struct port *port)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(port->id, &info);

	if (rc < 0) {
		SL_LOG(ERR, "%s: the driver tells nothing about the device: %s", port->name,
			rte_strerror(-rc));
		return rc;
	}
	rc = fit_port(port, &info, rte_pktmbuf_data_room_size(port->pool[0]) - RTE_PKTMBUF_HEADROOM,
		&port->options);
	if (rc == 0)
		rc = setup_queues(port, port->pool, &port->options);
	if (rc < 0)
		return rc;
	set_address(port, &port->options);
	set_mtu(port, &info);
	rc = rte_eth_dev_callback_register(port->id, RTE_ETH_EVENT_INTR_RMV, on_removal, port);
	if (rc < 0)
		SL_LOG(WARNING, "%s: nobody will say when it is removed: %s", port->name,
			rte_strerror(-rc));
	rc = rte_eth_dev_start(port->id);
	if (rc < 0)
		SL_LOG(ERR,
			"%s: the device does not start: %s; lines of its driver may stand above",
			port->name, rte_strerror(-rc));
	else
		set_promiscuous(port, port->options.promiscuous);
	return rc;
}

int
port_reopen(struct port *port, uint16_t id)
{
	struct port anew = *port;
	int rc;

	if (id != port->id)
		return -ENODEV;
	/* As neighbours know it. */
	anew.options.mac[port->side] = port->mac;
	anew.options.mtu[port->side] = port->mtu;
	rc = open_device(&anew);
	if (rc == 0 && (anew.n_rxq != port->n_rxq || anew.n_txq != port->n_txq))
		rc = -ENODEV;
	rte_eth_dev_callback_unregister(id, RTE_ETH_EVENT_INTR_RMV, on_removal, &anew);
	if (rc < 0)
		return rc;
	rte_eth_dev_callback_register(id, RTE_ETH_EVENT_INTR_RMV, on_removal, port);
	return 0;
}

int
port_start(struct port *port, uint16_t id, enum sl_side side, unsigned int n_workers,
	struct rte_mempool *const *pool, const struct port_options *options)
{
	char name[RTE_ETH_NAME_MAX_LEN] = "";
	char mac[RTE_ETHER_ADDR_FMT_SIZE];
	int rc;

	memset(port, 0, sizeof(*port));
	port->id = id;
	port->side = side;
	port->n_workers = n_workers;
	port->socket = rte_eth_dev_socket_id(id);
	rte_eth_dev_get_name_by_port(id, name);
	snprintf(port->name, sizeof(port->name), "%s", name);
	port->pool = pool;
	port->options = *options;
	port->started = true;
	rc = open_device(port);
	if (rc == 0)
		rc = make_lend(port);
	if (rc < 0) {
		port_stop(port);
		return rc;
	}
	rte_ether_format_addr(mac, sizeof(mac), &port->mac);
	SL_LOG(INFO, "%s is port %u, %s: MAC %s, MTU %u, %u RX and %u TX queues", side_name[side],
		id, port->name, mac, port->mtu, port->n_rxq, port->n_txq);
	return 0;
}

/*
 * The driver's word, but for ports that stand on an interface of the kernel. net_tap asks
 * for its interface by name, in this namespace: one that was moved to another, as labs
 * do, is there as long as the driver is, and counts as up. net_af_packet and net_af_xdp
 * say "up" for ever, also after the interface went away. 1, 0, or -errno when it cannot be
 * told now, for want of a descriptor or of memory: that is no reason to take a link for lost.
 */
static int
is_up(const struct port *port)
{
	struct rte_eth_dev_info info;
	struct rte_eth_link link = { 0 };
	char name[IF_NAMESIZE];
	int rc = rte_eth_dev_info_get(port->id, &info);
	bool here;

	if (rc < 0)
		return rc == -ENODEV ? 0 : rc;
	errno = 0;
	here = info.if_index != 0 && if_indextoname(info.if_index, name) != NULL;
	if (!here && errno != 0 && errno != ENXIO)
		return -errno;
	if (strcmp(info.driver_name, "net_tap") == 0 && info.if_index != 0 && !here)
		return 1;
	if (strcmp(info.driver_name, "net_af_packet") == 0 ||
		strcmp(info.driver_name, "net_af_xdp") == 0)
		return here ? netdev_is_up(name) : 0;
	rc = rte_eth_link_get_nowait(port->id, &link);
	return rc < 0 ? rc : link.link_status == RTE_ETH_LINK_UP;
}

bool
port_check_link(struct port *port)
{
	bool gone = __atomic_load_n(&port->gone, __ATOMIC_RELAXED);
	int up = gone ? 0 : is_up(port);

	if (up < 0 || (up != 0) == port->up)
		return false;
	__atomic_store_n(&port->up, up != 0, __ATOMIC_RELAXED);
	if (up) {
		port->up_since = clock_now();
		SL_LOG(NOTICE, "%s: link is up", port->name);
		return true;
	}
	port->link_losses++;
	SL_LOG(WARNING, "%s: %s", port->name, gone ? "the device was removed" : "link is down");
	return true;
}

void
port_close(struct port *port)
{
	int rc;

	rte_eth_dev_callback_unregister(port->id, RTE_ETH_EVENT_INTR_RMV, on_removal, port);
	rc = rte_eth_dev_stop(port->id);
	if (rc < 0 && rc != -ENOTSUP && rc != -EINVAL)
		SL_LOG(WARNING, "%s: does not stop: %s", port->name, rte_strerror(-rc));
	rc = rte_eth_dev_close(port->id);
	if (rc < 0)
		SL_LOG(WARNING, "%s: does not close: %s", port->name, rte_strerror(-rc));
}

void
port_stop(struct port *port)
{
	if (!port->started)
		return;
	port->started = false;
	if (!port->back.closed)
		port_close(port);
	for (unsigned int i = 0; i < port->n_workers; i++) {
		rte_ring_free(port->lend[i]);
		port->lend[i] = NULL;
	}
}
