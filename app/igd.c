/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A UPnP server with this program around it: control's loop, the door's sockets, and the figures
 * of the outside port. Those are the gateway's, of all tenants together: there is one outside.
 * The connection is up as long as the link is, and its time counts from when that came up.
 */
#include "igd.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <rte_common.h>
#include <rte_ethdev.h>

#include "clock.h"
#include "tenant_socket.h"
#include "upnp.h"

struct igd {
	struct box *box;
	unsigned int tenant;
	struct sl_upnp *upnp;
	bool up; /* as it was told */
};

static uint64_t
now_of(void *arg)
{
	RTE_SET_USED(arg);
	return clock_now();
}

static int
socket_of(void *arg, int domain, int type, int protocol)
{
	const struct igd *igd = arg;

	return tenant_socket(igd->box->kernel, igd->tenant, domain, type, protocol);
}

static int
watch(void *arg, int fd, uint32_t events, sl_upnp_fd_fn *fn, void *fn_arg)
{
	const struct igd *igd = arg;

	return loop_add(igd->box->loop, fd, events, fn, fn_arg);
}

static int
rewatch(void *arg, int fd, uint32_t events)
{
	const struct igd *igd = arg;

	return loop_mod(igd->box->loop, fd, events);
}

static void
unwatch(void *arg, int fd)
{
	const struct igd *igd = arg;

	loop_del(igd->box->loop, fd);
}

static bool
link_is_up(const struct box *box)
{
	return __atomic_load_n(&box->port[SL_OUTSIDE].up, __ATOMIC_RELAXED);
}

static void
figures(void *arg, struct sl_upnp_figures *f)
{
	const struct igd *igd = arg;
	const struct box *box = igd->box;
	struct rte_eth_link link = { 0 };

	f->bytes_sent = sl_counter_sum(box->nat, SL_COUNTER_TX_BYTES_OUTSIDE);
	f->bytes_received = sl_counter_sum(box->nat, SL_COUNTER_RX_BYTES_OUTSIDE);
	f->packets_sent = sl_counter_sum(box->nat, SL_COUNTER_TX_OUTSIDE);
	f->packets_received = sl_counter_sum(box->nat, SL_COUNTER_RX_OUTSIDE);
	f->up = link_is_up(box);
	f->uptime = (clock_now() - box->port[SL_OUTSIDE].up_since) / 1000;
	if (!__atomic_load_n(&box->port[SL_OUTSIDE].gone, __ATOMIC_RELAXED) &&
		rte_eth_link_get_nowait(box->port[SL_OUTSIDE].id, &link) == 0 &&
		link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		f->bits = (uint64_t)link.link_speed * 1000000;
}

struct igd *
igd_create(const struct door_house *house, const struct door_kind *kind,
	const struct sl_ifaddr *addr, unsigned int n)
{
	struct igd *igd = calloc(1, sizeof(*igd));
	struct sl_upnp_params params = {
		.leases = house->leases,
		.tenant = kind->tenant,
		.name = house->box->config->tenant[kind->tenant].name,
		.mac = house->box->port[SL_INSIDE].mac,
		.addr = addr,
		.n_addrs = n,
		.igd = kind->igd,
		.port = kind->http_port,
		.boot_id = (uint32_t)time(NULL) & INT32_MAX,
		.arg = igd,
		.now = now_of,
		.socket = socket_of,
		.watch = watch,
		.rewatch = rewatch,
		.unwatch = unwatch,
		.figures = figures,
	};
	int rc;

	if (igd == NULL)
		return NULL;
	igd->box = house->box;
	igd->tenant = kind->tenant;
	igd->up = link_is_up(house->box);
	igd->upnp = sl_upnp_create(&params);
	if (igd->upnp == NULL) {
		rc = errno;
		free(igd);
		errno = rc;
		return NULL;
	}
	return igd;
}

void
igd_destroy(struct igd *igd)
{
	if (igd == NULL)
		return;
	sl_upnp_destroy(igd->upnp);
	free(igd);
}

void
igd_changed(struct igd *igd)
{
	sl_upnp_changed(igd->upnp);
}

void
igd_poll(struct igd *igd)
{
	if (link_is_up(igd->box) == igd->up)
		return;
	igd->up = !igd->up;
	igd_changed(igd);
}
