/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Interfaces that are deleted under a port, and come back: a container's, a tunnel's, a driver's
 * that was loaded anew. net_af_packet and net_af_xdp stand on an interface by its number, and
 * serve nobody for ever when that number is gone; no event says so.
 *
 *	there --deleted--> gone: workers leave the port alone, what goes there is dropped and counted
 *	gone --all workers have looped since, an interface of the name is there--> opened anew: there
 *
 * Sessions, routes and neighbours know nothing of it but that the link is down. The port keeps its
 * number, MAC address and queues, or stays gone: workers read these without asking. A device on a
 * bus that was pulled out (port.c) does not come back here.
 *
 * Control lcore only.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_ethdev.h>

#include "log.h"
#include "replug.h"
#include "worker.h"

#define BUS "vdev"

static bool
stands_on_interface(const struct rte_eth_dev_info *info)
{
	return strcmp(info->driver_name, "net_af_packet") == 0 ||
	       strcmp(info->driver_name, "net_af_xdp") == 0;
}

/* The interface in the device's arguments, as in "iface=eth0,framesz=4096". */
static bool
interface_of(const char *args, char name[IF_NAMESIZE])
{
	const char *at = strstr(args, "iface=");
	size_t len;

	if (at == NULL)
		return false;
	at += strlen("iface=");
	len = strcspn(at, ",");
	if (len == 0 || len >= IF_NAMESIZE)
		return false;
	memcpy(name, at, len);
	name[len] = '\0';
	return true;
}

static void
mark_gone(struct box *box, struct port *port)
{
	const struct rte_devargs *device;
	struct rte_eth_dev_info info;
	char name[IF_NAMESIZE];

	if (rte_eth_dev_info_get(port->id, &info) < 0 || !stands_on_interface(&info) ||
		info.if_index == 0 || if_indextoname(info.if_index, name) != NULL || errno != ENXIO)
		return;
	device = rte_dev_devargs(info.device);
	if (device == NULL || device->args == NULL ||
		!interface_of(device->args, port->back.interface))
		return;
	snprintf(port->back.args, sizeof(port->back.args), "%s", device->args);
	for (unsigned int i = 0; i < box->n_workers; i++)
		port->back.loops[i] = __atomic_load_n(&box->worker[i]->loops, __ATOMIC_RELAXED);
	port->back.may = true;
	__atomic_store_n(&port->gone, true, __ATOMIC_RELEASE);
}

/* A worker that has begun a loop since has seen that the port is gone. */
static bool
workers_have_left(const struct box *box, const struct port *port)
{
	for (unsigned int i = 0; i < box->n_workers; i++)
		if (__atomic_load_n(&box->worker[i]->loops, __ATOMIC_RELAXED) <
			port->back.loops[i] + 2)
			return false;
	return true;
}

static int
open_anew(struct port *port)
{
	uint16_t id;
	int rc = rte_eal_hotplug_add(BUS, port->name, port->back.args);

	if (rc < 0)
		return rc;
	rc = rte_eth_dev_get_port_by_name(port->name, &id);
	if (rc == 0)
		rc = port_reopen(port, id);
	if (rc < 0)
		rte_eal_hotplug_remove(BUS, port->name);
	return rc;
}

static void
come_back(const struct box *box, struct port *port)
{
	int rc;

	if (!workers_have_left(box, port))
		return;
	if (!port->back.closed) {
		port_close(port);
		rte_eal_hotplug_remove(BUS, port->name);
		port->back.closed = true;
	}
	if (if_nametoindex(port->back.interface) == 0)
		return;
	rc = open_anew(port);
	if (rc < 0) {
		if (!port->back.refused)
			SL_LOG(ERR, "%s: %s is there again, and does not open: %s; trying again",
				port->name, port->back.interface, rte_strerror(-rc));
		port->back.refused = true;
		return;
	}
	SL_LOG(NOTICE, "%s: %s is there again", port->name, port->back.interface);
	port->back.may = port->back.closed = port->back.refused = false;
	__atomic_store_n(&port->gone, false, __ATOMIC_RELEASE);
}

void
replug_look(struct box *box, enum sl_side side)
{
	struct port *port = &box->port[side];

	if (port->back.may)
		come_back(box, port);
	else if (!__atomic_load_n(&port->gone, __ATOMIC_RELAXED))
		mark_gone(box, port);
}
