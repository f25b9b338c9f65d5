/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kernel as the box's own host stack: the exception path and what belongs to it.
 *
 *   worker -> punt ring -> kernel_deliver() -> TAP -> Linux: ARP, ND, ping, sockets
 *                               |                       |
 *                     arp.c: pool addresses     TAP, domain.c -> inject ring -> worker
 *
 *   Linux: routes, neighbours -> mirror.c -> rib.c, neigh.c -> sl_route_*(), sl_neigh_set()
 *   worker misses a neighbour -> kernel_resolve() -> neigh.c -> netlink.c: Linux asks by ARP or ND
 *   configuration -> kernel_apply() -> imprint.c -> netlink.c -> Linux
 *
 * TAPs, mirror and imprint exist once for each tenant (domain.c says where), the tables once
 * for all.
 *
 * Life: kernel_create() makes tenant 0's domain with the ports' addresses; kernel_apply()
 * makes and ends those of further tenants, then fills in addresses and routes; closing the
 * TAPs at the end removes all that was put there. When the kernel refuses a configuration,
 * applying the old one makes again what has ended and ends what was new. With option
 * off there is neither TAP nor netlink: the configuration goes straight into the tables, and
 * arp.c answers for all addresses of the box.
 *
 * Control lcore only; it sleeps in its loop until a TAP, netlink or a timer wakes it, the
 * timer once a second. Limits: FRAMES on their way; with option off tenants other than 0 have
 * neither routes nor neighbours.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "arp.h"
#include "box.h"
#include "clock.h"
#include "domain.h"
#include "kernel.h"
#include "log.h"

#define FRAMES 1024
#define TICK_MS 1000
#define TENANTS UINT8_MAX /* as many as the library takes */
#define MTU_MIN 68 /* RFC 791; below it Linux takes IPv4 from the interface */
#define MTU_DEFAULT 1500
/* Ethernet, two VLAN tags, and the byte that tells a frame that was cut. */
#define FRAME_ROOM(mtu) ((mtu) + sizeof(struct rte_ether_hdr) + 2 * sizeof(struct rte_vlan_hdr) + 1)

struct kernel {
	struct domain_common common;
	struct kernel_options options;
	int timer;
	struct domain *domain[TENANTS]; /* by tenant; NULL: it has none */
	struct arp *arp;
};

static void
on_tick(void *arg)
{
	struct kernel *k = arg;

	for (unsigned int i = 0; i < TENANTS; i++) {
		if (k->domain[i] != NULL)
			domain_tick(k->domain[i]);
	}
	rib_tick(k->common.rib);
	neigh_tick(k->common.neighs, clock_now());
}

static struct domain *
find_domain(const struct kernel *k, enum sl_side side, unsigned int tenant)
{
	if (side == SL_OUTSIDE)
		tenant = 0;
	return tenant < TENANTS ? k->domain[tenant] : NULL;
}

static int
ask_neigh(void *arg, unsigned int tenant, enum sl_side side, const struct addr *addr)
{
	struct domain *d = find_domain(arg, side, tenant);

	return d != NULL ? domain_ask(d, side, addr) : -ENODEV;
}

/* Tables and mbufs, needed with and without a kernel. */
static int
create_tables(struct kernel *k)
{
	struct domain_common *c = &k->common;
	size_t room =
		FRAME_ROOM(RTE_MAX(domain_mtu(c->box, SL_INSIDE), domain_mtu(c->box, SL_OUTSIDE)));

	c->rib = rib_create(c->box->nat);
	c->neighs = neigh_create(c->box->nat, ask_neigh, k);
	/* No cache: workers free what control takes, so control's would never fill. */
	c->pool = rte_pktmbuf_pool_create("sluice_kernel", FRAMES, 0, 0,
		(uint16_t)RTE_MIN(RTE_PKTMBUF_HEADROOM + room, (size_t)UINT16_MAX), SOCKET_ID_ANY);
	if (c->rib == NULL || c->neighs == NULL || c->pool == NULL) {
		SL_LOG(ERR, "no memory for routes, neighbours and frames of the kernel");
		return -ENOMEM;
	}
	return 0;
}

static int
create_first_domain(struct kernel *k)
{
	char why[256];

	k->domain[0] = domain_create(&k->common, NULL, 0, why, sizeof(why));
	if (k->domain[0] == NULL) {
		SL_LOG(ERR, "%s", why);
		return -errno;
	}
	if (k->options.off)
		return 0;
	k->timer = loop_timer(k->common.box->loop, TICK_MS, on_tick, k);
	if (k->timer < 0)
		SL_LOG(ERR, "no timer for the kernel's tables: %s", strerror(-k->timer));
	return k->timer < 0 ? k->timer : 0;
}

struct kernel *
kernel_create(struct box *box, const struct kernel_options *options)
{
	struct kernel *k = calloc(1, sizeof(*k));
	int rc;

	if (k == NULL) {
		SL_LOG(ERR, "no memory for the way to the kernel");
		return NULL;
	}
	k->options = *options;
	k->common.box = box;
	k->common.options = &k->options;
	k->timer = -1;
	rc = create_tables(k);
	if (rc == 0)
		rc = create_first_domain(k);
	if (rc < 0) {
		kernel_destroy(k);
		errno = -rc;
		return NULL;
	}
	return k;
}

void
kernel_destroy(struct kernel *k)
{
	struct domain_common *c;

	if (k == NULL)
		return;
	c = &k->common;
	if (k->timer >= 0)
		loop_timer_del(c->box->loop, k->timer);
	for (unsigned int i = 0; i < TENANTS; i++)
		domain_destroy(k->domain[i]);
	arp_destroy(k->arp);
	neigh_destroy(c->neighs);
	rib_destroy(c->rib);
	rte_pktmbuf_free(c->spare);
	/* A port or a ring may still hold frames; then the pool goes with the process. */
	if (c->pool != NULL && rte_mempool_full(c->pool))
		rte_mempool_free(c->pool);
	free(k);
}

/* The MTU of a side as configured; 0 with a sentence when it cannot be. */
static uint16_t
check_mtu(const struct kernel *k, const struct sl_config *config, enum sl_side side, char *why,
	size_t size)
{
	uint16_t most = domain_mtu(k->common.box, side), mtu = config->link[side].mtu;

	if (mtu == 0)
		return RTE_MIN(most, (uint16_t)MTU_DEFAULT);
	if (mtu >= MTU_MIN && mtu <= most)
		return mtu;
	snprintf(why, size, "MTU %u %s: the port takes %u to %u", mtu,
		side == SL_INSIDE ? "inside" : "outside", MTU_MIN, most);
	return 0;
}

static bool
wants_domain(const struct kernel *k, const struct sl_config *config, unsigned int tenant)
{
	if (tenant == 0)
		return true;
	return tenant < config->n_tenants && config->tenant[tenant].name[0] != '\0' &&
	       config->tenant[tenant].n_addrs + config->tenant[tenant].n_addrs6 > 0 &&
	       !k->options.off;
}

/* End what is not wanted or does not fit any more, then make what is missing. */
static int
make_domains(struct kernel *k, const struct sl_config *config, char *why, size_t size)
{
	for (unsigned int i = 1; i < TENANTS; i++) {
		if (k->domain[i] == NULL || (wants_domain(k, config, i) &&
						    domain_fits(k->domain[i], &config->tenant[i])))
			continue;
		domain_destroy(k->domain[i]);
		k->domain[i] = NULL;
	}
	for (unsigned int i = 1; i < config->n_tenants; i++) {
		if (!wants_domain(k, config, i) || k->domain[i] != NULL)
			continue;
		k->domain[i] = domain_create(&k->common, config, i, why, size);
		if (k->domain[i] == NULL)
			return -errno;
	}
	return 0;
}

static int
fill_domains(struct kernel *k, const struct sl_config *config, const uint16_t mtu[2], char *why,
	size_t size)
{
	for (unsigned int i = 0; i < config->n_tenants; i++) {
		int rc = k->domain[i] == NULL ? 0
					      : domain_apply(k->domain[i], config, mtu, why, size);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int
kernel_apply(struct kernel *k, const struct sl_config *config, char *why, size_t size)
{
	uint16_t mtu[2];
	struct arp *arp;
	int rc;

	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		mtu[side] = check_mtu(k, config, (enum sl_side)side, why, size);
		if (mtu[side] == 0)
			return -EINVAL;
	}
	arp = arp_create(config, k->options.off);
	if (arp == NULL) {
		snprintf(why, size, "no memory for the addresses of the pools");
		return -ENOMEM;
	}
	rc = make_domains(k, config, why, size);
	if (rc == 0)
		rc = fill_domains(k, config, mtu, why, size);
	if (rc < 0) {
		arp_destroy(arp);
		return rc;
	}
	arp_destroy(k->arp);
	k->arp = arp;
	return 0;
}

static void
answer_arp(struct kernel *k, const struct sl_punt *punt)
{
	struct rte_mbuf *reply = domain_take_mbuf(&k->common);

	if (reply == NULL)
		return;
	if (!arp_answer(k->arp, punt, &k->common.box->port[punt->side].mac, reply)) {
		k->common.spare = reply;
		return;
	}
	k->common.stats.arp_answers++;
	domain_inject(&k->common, punt->side, reply);
}

void
kernel_deliver(struct kernel *k, const struct sl_punt *punt)
{
	struct domain *d = find_domain(k, punt->side, punt->tenant);

	if (punt->cause == SL_PUNT_ARP && k->arp != NULL)
		answer_arp(k, punt);
	if (d != NULL && domain_deliver(d, punt) == 0)
		k->common.stats.to_kernel[punt->side]++;
	else
		k->common.stats.lost[punt->side]++;
	rte_pktmbuf_free(punt->m);
}

void
kernel_resolve(struct kernel *k, const struct sl_event *event)
{
	enum sl_side side = (enum sl_side)event->side;
	unsigned int tenant = side == SL_INSIDE ? event->tenant : 0;
	struct addr addr = event->six ? addr_of6(&event->addr6) : addr_of4(event->addr);

	if (!k->options.off && find_domain(k, side, tenant) != NULL)
		neigh_resolve(k->common.neighs, tenant, side, &addr, event->scan, clock_now());
}

void
kernel_carrier(struct kernel *k, enum sl_side side, bool up)
{
	for (unsigned int i = 0; i < TENANTS; i++) {
		if (k->domain[i] != NULL)
			domain_carrier(k->domain[i], side, up);
	}
}

int
kernel_announce(struct kernel *k, const struct sl_ifaddr *net, bool add, char *why, size_t size)
{
	if (k->domain[0] == NULL || k->options.off) {
		snprintf(why, size, "there is no kernel");
		return -ENODEV;
	}
	return domain_announce(k->domain[0], net, add, why, size);
}

const char *
kernel_netns(const struct kernel *k, unsigned int tenant)
{
	const struct domain *d = find_domain(k, SL_INSIDE, tenant);

	return d != NULL ? domain_netns(d) : "";
}

const char *
kernel_tap(const struct kernel *k, enum sl_side side)
{
	return k->options.off ? NULL : k->options.tap[side];
}

unsigned int
kernel_serial(const struct kernel *k, unsigned int tenant)
{
	const struct domain *d = find_domain(k, SL_INSIDE, tenant);

	return d != NULL && !k->options.off ? domain_serial(d) : 0;
}

void
kernel_stats(const struct kernel *k, struct kernel_stats *stats)
{
	*stats = k->common.stats;
	stats->routes = rib_count(k->common.rib);
	stats->refused = rib_refused(k->common.rib);
	stats->neighbours = neigh_count(k->common.neighs);
	for (unsigned int i = 0; i < TENANTS; i++)
		stats->resyncs += k->domain[i] != NULL ? domain_resyncs(k->domain[i]) : 0;
}

void
kernel_neigh_walk(
	const struct kernel *k, void (*fn)(void *arg, const struct kernel_neigh *neigh), void *arg)
{
	neigh_walk(k->common.neighs, fn, arg);
}

void
kernel_route_walk(
	const struct kernel *k, void (*fn)(void *arg, const struct kernel_route *route), void *arg)
{
	rib_walk(k->common.rib, fn, arg);
}
