/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kernel as the box's own host stack: the exception path and what belongs to it.
 *
 *   worker -> punt ring -> kernel_deliver() -> TAP -> Linux: ARP, ND, ping, sockets
 *                               |                       |
 *                     arp.c: pool addresses     TAP, on_tap() -> inject ring -> worker
 *
 *   Linux: routes, neighbours -> mirror.c -> rib.c, neigh.c -> sl_route_*(), sl_neigh_set()
 *   worker misses a neighbour -> kernel_resolve() -> neigh.c -> netlink.c: Linux asks by ARP
 *   configuration -> kernel_apply() -> imprint.c -> netlink.c -> Linux
 *
 * Life: kernel_create() makes two TAPs with the ports' addresses, then the mirror;
 * kernel_apply() fills in addresses and routes; closing the TAPs at the end removes all that
 * was put there. With option off there is neither TAP nor netlink: the configuration goes
 * straight into the tables, and arp.c answers for all addresses of the box.
 *
 * Control lcore only; it sleeps in its loop until a TAP, netlink or a timer wakes it, the
 * timer once a second. Limits: tenant 0 (VLAN tags are left out towards the kernel, and none
 * is put in front of what it sends); BATCH frames for each wake-up; FRAMES on their way.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "arp.h"
#include "box.h"
#include "imprint.h"
#include "kernel.h"
#include "log.h"
#include "mirror.h"

#define BATCH 64
#define FRAMES 1024
#define TICK_MS 1000
#define MTU_MIN 68 /* RFC 791; below it Linux takes IPv4 from the interface */
#define MTU_DEFAULT 1500
/* Ethernet, two VLAN tags, and the byte that tells a frame that was cut. */
#define FRAME_ROOM(mtu) ((mtu) + sizeof(struct rte_ether_hdr) + 2 * sizeof(struct rte_vlan_hdr) + 1)

/* One end of the exception path: what the loop hands to on_tap(). */
struct end {
	struct kernel *kernel;
	enum sl_side side;
	struct tap *tap;
};

struct kernel {
	struct box *box;
	bool off;
	int timer;
	struct tap tap[2];
	struct end end[2];
	uint16_t mtu[2]; /* of the TAPs now */
	struct netlink *netlink;
	struct rib *rib;
	struct neigh_table *neighs;
	struct mirror *mirror;
	struct imprint *imprint;
	struct arp *arp;
	struct rte_mempool *pool;
	struct rte_mbuf *spare; /* for the next frame */
	struct kernel_stats stats;
};

static uint16_t
port_mtu(const struct kernel *k, enum sl_side side)
{
	uint16_t mtu = k->box->port[side].mtu;

	return mtu != 0 ? mtu : MTU_DEFAULT;
}

/* An empty mbuf, the one kept from last time if there is one. */
static struct rte_mbuf *
take_mbuf(struct kernel *k)
{
	struct rte_mbuf *m = k->spare;

	k->spare = NULL;
	return m != NULL ? m : rte_pktmbuf_alloc(k->pool);
}

static void
inject(struct kernel *k, enum sl_side side, struct rte_mbuf *m)
{
	if (sl_control_inject(k->box->nat, side, m) == 0) {
		k->stats.from_kernel[side]++;
		return;
	}
	k->stats.lost[side]++;
	rte_pktmbuf_free(m);
}

static void
drop_tap(struct end *end)
{
	loop_del(end->kernel->box->loop, end->tap->fd);
	tap_lost(end->tap);
}

static void
on_tap(void *arg, uint32_t events)
{
	struct end *end = arg;
	struct kernel *k = end->kernel;

	for (unsigned int i = 0; i < BATCH; i++) {
		struct rte_mbuf *m = take_mbuf(k);
		int rc;

		if (m == NULL) {
			/* All frames are on their way; what is left here must not keep us awake. */
			tap_skip(end->tap);
			k->stats.lost[end->side]++;
			return;
		}
		rc = tap_read(end->tap, m);
		if (rc == 1) {
			inject(k, end->side, m);
			continue;
		}
		k->spare = m;
		if (rc == -EMSGSIZE) {
			k->stats.lost[end->side]++;
			continue;
		}
		/* Whatever else goes wrong with a TAP is that it is not there any more. */
		if (rc < 0 || events & (EPOLLERR | EPOLLHUP))
			drop_tap(end);
		return;
	}
}

static void
on_tick(void *arg)
{
	struct kernel *k = arg;

	mirror_tick(k->mirror);
	if (mirror_relinked(k->mirror))
		imprint_restore(k->imprint);
	neigh_tick(k->neighs, box_now());
}

static int
ask_neigh(void *arg, enum sl_side side, rte_be32_t addr)
{
	struct kernel *k = arg;

	if (k->tap[side].gone)
		return -ENODEV;
	return netlink_neigh_use(k->netlink, k->tap[side].ifindex, addr);
}

static int
create_tap(struct kernel *k, enum sl_side side, const char *name)
{
	const struct port *port = &k->box->port[side];
	struct tap *tap = &k->tap[side];
	int rc = tap_init(tap, name);

	if (rc < 0)
		return rc;
	k->end[side] = (struct end){ .kernel = k, .side = side, .tap = tap };
	k->mtu[side] = port_mtu(k, side);
	rc = netlink_link(k->netlink, tap->ifindex, &port->mac, k->mtu[side]);
	if (rc < 0) {
		SL_LOG(ERR, "%s: cannot bring it up with MTU %u: %s", tap->name, k->mtu[side],
			netlink_why(k->netlink));
		return rc;
	}
	tap_carrier(tap, __atomic_load_n(&port->up, __ATOMIC_RELAXED));
	return loop_add(k->box->loop, tap->fd, EPOLLIN, on_tap, &k->end[side]);
}

static int
create_taps(struct kernel *k, const struct kernel_options *options)
{
	int rc = 0;

	k->netlink = netlink_create();
	if (k->netlink == NULL) {
		SL_LOG(ERR, "cannot open a netlink socket: %s", strerror(errno));
		return -errno;
	}
	for (int side = SL_INSIDE; side <= SL_OUTSIDE && rc == 0; side++)
		rc = create_tap(k, (enum sl_side)side, options->tap[side]);
	return rc;
}

static int
create_mirror(struct kernel *k)
{
	struct mirror_parts parts = {
		.loop = k->box->loop,
		.netlink = k->netlink,
		.tap = k->tap,
		.rib = k->rib,
		.neighs = k->neighs,
	};

	k->mirror = mirror_create(&parts);
	if (k->mirror == NULL) {
		SL_LOG(ERR, "cannot follow the kernel's routes: %s", strerror(errno));
		return -errno;
	}
	k->timer = loop_timer(k->box->loop, TICK_MS, on_tick, k);
	return k->timer < 0 ? k->timer : 0;
}

/* Tables and mbufs, needed with and without a kernel. */
static int
create_tables(struct kernel *k)
{
	size_t room = FRAME_ROOM(RTE_MAX(port_mtu(k, SL_INSIDE), port_mtu(k, SL_OUTSIDE)));
	struct imprint_parts parts = { .netlink = k->netlink, .tap = k->tap };

	k->rib = rib_create(k->box->nat);
	k->neighs = neigh_create(k->box->nat, ask_neigh, k);
	parts.rib = k->rib;
	parts.neighs = k->neighs;
	k->imprint = imprint_create(&parts);
	/* No cache: workers free what control takes, so control's would never fill. */
	k->pool = rte_pktmbuf_pool_create("sluice_kernel", FRAMES, 0, 0,
		(uint16_t)RTE_MIN(RTE_PKTMBUF_HEADROOM + room, (size_t)UINT16_MAX), SOCKET_ID_ANY);
	if (k->rib == NULL || k->neighs == NULL || k->imprint == NULL || k->pool == NULL) {
		SL_LOG(ERR, "no memory for routes, neighbours and frames of the kernel");
		return -ENOMEM;
	}
	return 0;
}

struct kernel *
kernel_create(struct box *box, const struct kernel_options *options)
{
	struct kernel *k = calloc(1, sizeof(*k));
	int rc = 0;

	if (k == NULL)
		return NULL;
	k->box = box;
	k->off = options->off;
	k->timer = -1;
	k->tap[SL_INSIDE].fd = k->tap[SL_OUTSIDE].fd = -1;
	if (!k->off)
		rc = create_taps(k, options);
	if (rc == 0)
		rc = create_tables(k);
	if (rc == 0 && !k->off)
		rc = create_mirror(k);
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
	if (k == NULL)
		return;
	if (k->timer >= 0)
		loop_timer_del(k->box->loop, k->timer);
	mirror_destroy(k->mirror);
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		if (k->tap[side].fd >= 0 && !k->tap[side].gone)
			loop_del(k->box->loop, k->tap[side].fd);
		tap_fini(&k->tap[side]);
	}
	arp_destroy(k->arp);
	imprint_destroy(k->imprint);
	neigh_destroy(k->neighs);
	rib_destroy(k->rib);
	netlink_destroy(k->netlink);
	rte_pktmbuf_free(k->spare);
	/* A port or a ring may still hold frames; then the pool goes with the process. */
	if (k->pool != NULL && rte_mempool_full(k->pool))
		rte_mempool_free(k->pool);
	free(k);
}

/* The MTU of a side as configured; 0 with a sentence when it cannot be. */
static uint16_t
check_mtu(const struct kernel *k, const struct sl_config *config, enum sl_side side, char *why,
	size_t size)
{
	uint16_t most = port_mtu(k, side), mtu = config->link[side].mtu;

	if (mtu == 0)
		return RTE_MIN(most, (uint16_t)MTU_DEFAULT);
	if (mtu >= MTU_MIN && mtu <= most)
		return mtu;
	snprintf(why, size, "MTU %u %s: the port takes %u to %u", mtu,
		side == SL_INSIDE ? "inside" : "outside", MTU_MIN, most);
	return 0;
}

static int
set_mtus(struct kernel *k, const uint16_t mtu[2], char *why, size_t size)
{
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		int rc;

		if (k->off || k->tap[side].gone || k->mtu[side] == mtu[side])
			continue;
		rc = netlink_link(k->netlink, k->tap[side].ifindex, NULL, mtu[side]);
		if (rc < 0) {
			snprintf(why, size, "MTU %u of %s: %s", mtu[side], k->tap[side].name,
				netlink_why(k->netlink));
			return rc;
		}
		k->mtu[side] = mtu[side];
	}
	return 0;
}

int
kernel_apply(struct kernel *k, const struct sl_config *config, char *why, size_t size)
{
	uint16_t before[2] = { k->mtu[SL_INSIDE], k->mtu[SL_OUTSIDE] }, mtu[2];
	struct arp *arp;
	char unused[1];
	int rc;

	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		mtu[side] = check_mtu(k, config, (enum sl_side)side, why, size);
		if (mtu[side] == 0)
			return -EINVAL;
	}
	arp = arp_create(config, k->off);
	if (arp == NULL) {
		snprintf(why, size, "no memory for the addresses of the pools");
		return -ENOMEM;
	}
	rc = set_mtus(k, mtu, why, size);
	if (rc == 0)
		rc = imprint_apply(k->imprint, config, why, size);
	if (rc < 0) {
		set_mtus(k, before, unused, sizeof(unused));
		arp_destroy(arp);
		return rc;
	}
	arp_destroy(k->arp);
	k->arp = arp;
	/* The kernel has said already what follows from it; take that before going on. */
	if (!k->off)
		mirror_drain(k->mirror);
	return 0;
}

static void
answer_arp(struct kernel *k, const struct sl_punt *punt)
{
	struct rte_mbuf *reply = take_mbuf(k);

	if (reply == NULL)
		return;
	if (!arp_answer(k->arp, punt, &k->box->port[punt->side].mac, reply)) {
		k->spare = reply;
		return;
	}
	k->stats.arp_answers++;
	inject(k, punt->side, reply);
}

void
kernel_deliver(struct kernel *k, const struct sl_punt *punt)
{
	enum sl_side side = punt->side;

	if (punt->cause == SL_PUNT_ARP && k->arp != NULL)
		answer_arp(k, punt);
	if (!k->off && tap_write(&k->tap[side], punt->m, punt->l3) == 0)
		k->stats.to_kernel[side]++;
	else
		k->stats.lost[side]++;
	rte_pktmbuf_free(punt->m);
}

void
kernel_resolve(struct kernel *k, const struct sl_event *event)
{
	if (!k->off && event->tenant == 0 && event->side <= SL_OUTSIDE)
		neigh_resolve(k->neighs, (enum sl_side)event->side, event->addr, box_now());
}

void
kernel_carrier(struct kernel *k, enum sl_side side, bool up)
{
	if (!k->off)
		tap_carrier(&k->tap[side], up);
}

void
kernel_stats(const struct kernel *k, struct kernel_stats *stats)
{
	*stats = k->stats;
	stats->routes = rib_count(k->rib);
	stats->neighbours = neigh_count(k->neighs);
	stats->resyncs = k->mirror != NULL ? mirror_resyncs(k->mirror) : 0;
}

void
kernel_neigh_walk(
	const struct kernel *k, void (*fn)(void *arg, const struct kernel_neigh *neigh), void *arg)
{
	neigh_walk(k->neighs, fn, arg);
}

void
kernel_route_walk(
	const struct kernel *k, void (*fn)(void *arg, const struct kernel_route *route), void *arg)
{
	rib_walk(k->rib, fn, arg);
}
