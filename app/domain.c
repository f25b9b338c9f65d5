/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A domain: the kernel as one tenant sees it. Exception TAPs, the netlink sockets of their
 * network namespace, the mirror of what the kernel says there and the imprint of what the
 * configuration wants there.
 *
 *   tenant 0   the namespace sluice was started in, with the inside and the outside TAP
 *   others     a namespace of their own (netns.c), PREFIX-TENANT, with an inside TAP of the
 *              same name, MAC and MTU; so two tenants may have the same addresses, and their
 *              kernels' ARP, ND, ping and daemons never meet
 *
 * VLAN tags end here: tap.c leaves them out of what goes to the kernel, on_tap() puts the
 * tenant's in front of what comes from it, as lib/out_frame.c does for forwarded packets.
 *
 * Life: made when a tenant gets its first address, ended when it loses the last one or goes;
 * a tenant that moves to another VLAN gets a new domain, since nobody that the old kernel
 * knew is there. A namespace that existed before is used and left. Sockets and TAPs are
 * opened inside the namespace and used from anywhere.
 *
 * Routes are mirrored from each: those of a further tenant, by `ip -n` or a daemon that runs in
 * there, lead to subscribers behind its inside routers.
 *
 * Control lcore only. Limits: BATCH frames for each wake-up; three descriptors each.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "domain.h"
#include "imprint.h"
#include "log.h"
#include "mirror.h"
#include "netns.h"

#define BATCH 64
#define MTU_DEFAULT 1500
#define LOOPBACK 1 /* its index in every namespace */

/* One end of the exception path: what the loop hands to on_tap(). */
struct end {
	struct domain *domain;
	enum sl_side side;
};

struct domain {
	struct domain_common *common;
	unsigned int tenant, serial;
	char name[SL_NAME_MAX]; /* of the tenant */
	uint16_t vlan, vlan_inner;
	char netns[NETNS_NAME_MAX]; /* empty: where sluice was started */
	bool netns_made; /* by us, so it ends with us */
	struct tap tap[2];
	struct end end[2];
	uint16_t mtu[2]; /* of the TAPs now */
	struct netlink *netlink;
	struct mirror *mirror;
	struct imprint *imprint;
};

uint16_t
domain_mtu(const struct box *box, enum sl_side side)
{
	uint16_t mtu = box->port[side].mtu;

	return mtu != 0 ? mtu : MTU_DEFAULT;
}

struct rte_mbuf *
domain_take_mbuf(struct domain_common *common)
{
	struct rte_mbuf *m = common->spare;

	common->spare = NULL;
	return m != NULL ? m : rte_pktmbuf_alloc(common->pool);
}

void
domain_inject(struct domain_common *common, enum sl_side side, struct rte_mbuf *m)
{
	if (sl_control_inject(common->box->nat, side, m) == 0) {
		common->stats.from_kernel[side]++;
		return;
	}
	common->stats.lost[side]++;
	rte_pktmbuf_free(m);
}

/* Put the tenant's VLAN tags in front of the EtherType. */
static bool
put_tags(const struct domain *d, struct rte_mbuf *m)
{
	uint16_t id[2] = { d->vlan, d->vlan_inner };
	unsigned int n = (d->vlan != 0) + (d->vlan_inner != 0);
	rte_be16_t type[2] = { RTE_BE16(RTE_ETHER_TYPE_QINQ), RTE_BE16(RTE_ETHER_TYPE_VLAN) };
	char *frame;

	if (n == 0)
		return true;
	frame = rte_pktmbuf_prepend(m, (uint16_t)(n * sizeof(struct rte_vlan_hdr)));
	if (frame == NULL || m->data_len < sizeof(struct rte_ether_hdr) + n * 4)
		return false;
	memmove(frame, frame + n * sizeof(struct rte_vlan_hdr), 2 * RTE_ETHER_ADDR_LEN);
	frame += 2 * RTE_ETHER_ADDR_LEN;
	for (unsigned int i = 0; i < n; i++, frame += sizeof(struct rte_vlan_hdr)) {
		rte_be16_t tci = rte_cpu_to_be_16(id[i]);

		memcpy(frame, &type[2 - n + i], sizeof(tci));
		memcpy(frame + 2, &tci, sizeof(tci));
	}
	return true;
}

static void
drop_tap(struct domain *d, enum sl_side side)
{
	loop_del(d->common->box->loop, d->tap[side].fd);
	tap_lost(&d->tap[side]);
}

static void
on_tap(void *arg, uint32_t events)
{
	const struct end *end = arg;
	struct domain *d = end->domain;
	struct domain_common *common = d->common;
	struct tap *tap = &d->tap[end->side];

	for (unsigned int i = 0; i < BATCH; i++) {
		struct rte_mbuf *m = domain_take_mbuf(common);
		int rc;

		if (m == NULL) {
			/* All frames are on their way; what is left here must not keep us awake. */
			tap_skip(tap);
			common->stats.lost[end->side]++;
			return;
		}
		rc = tap_read(tap, m);
		if (rc == 1 && (end->side == SL_OUTSIDE || put_tags(d, m))) {
			domain_inject(common, end->side, m);
			continue;
		}
		rte_pktmbuf_reset(m);
		common->spare = m;
		if (rc == 1 || rc == -EMSGSIZE) {
			common->stats.lost[end->side]++;
			continue;
		}
		/* Whatever else goes wrong with a TAP is that it is not there any more. */
		if (rc < 0 || events & (EPOLLERR | EPOLLHUP))
			drop_tap(d, end->side);
		return;
	}
}

static int
create_tap(struct domain *d, enum sl_side side, char *why, size_t size)
{
	uint16_t mtu = domain_mtu(d->common->box, side);
	const struct port *port = &d->common->box->port[side];
	const char *name = d->common->options->tap[side];
	struct tap *tap = &d->tap[side];
	int rc = tap_init(tap, name);

	if (rc < 0) {
		snprintf(why, size, "cannot make the interface %s: %s", name, strerror(-rc));
		return rc;
	}
	d->end[side] = (struct end){ .domain = d, .side = side };
	rc = netlink_link(d->netlink, tap->ifindex, &port->mac, mtu);
	if (rc < 0) {
		snprintf(why, size, "cannot bring %s up with MTU %u: %s", tap->name, mtu,
			netlink_why(d->netlink));
		return rc;
	}
	d->mtu[side] = mtu;
	tap_carrier(tap, __atomic_load_n(&port->up, __ATOMIC_RELAXED));
	rc = loop_add(d->common->box->loop, tap->fd, EPOLLIN, on_tap, &d->end[side]);
	if (rc < 0)
		snprintf(why, size, "%s: %s", tap->name, strerror(-rc));
	return rc;
}

/* Everything that lives in the namespace; the thread must be there now. */
static int
open_kernel(struct domain *d, char *why, size_t size)
{
	struct mirror_parts parts = {
		.loop = d->common->box->loop,
		.tap = d->tap,
		.tenant = d->tenant,
		.rib = d->common->rib,
		.neighs = d->common->neighs,
	};
	int last = d->tenant == 0 ? SL_OUTSIDE : SL_INSIDE, rc = 0;

	d->netlink = parts.netlink = netlink_create();
	if (d->netlink == NULL) {
		snprintf(why, size, "cannot open a netlink socket: %s", strerror(errno));
		return -errno;
	}
	for (int side = SL_INSIDE; side <= last && rc == 0; side++)
		rc = create_tap(d, (enum sl_side)side, why, size);
	if (rc < 0)
		return rc;
	d->mirror = mirror_create(&parts);
	if (d->mirror == NULL) {
		snprintf(why, size, "cannot follow the kernel's routes: %s", strerror(errno));
		return -errno;
	}
	return 0;
}

/* The same in a namespace of the tenant's own. */
static int
open_own_kernel(struct domain *d, char *why, size_t size)
{
	int rc, home = -1;

	snprintf(d->netns, sizeof(d->netns), "%s-%s", d->common->options->prefix, d->name);
	rc = netns_make(d->netns, &d->netns_made);
	if (rc == 0)
		rc = home = netns_enter(d->netns);
	if (rc < 0) {
		snprintf(why, size, "tenant %s: no network namespace %s: %s", d->name, d->netns,
			strerror(-rc));
		return rc;
	}
	rc = open_kernel(d, why, size);
	if (netns_leave(home) < 0 && rc == 0) {
		snprintf(why, size, "tenant %s: cannot leave its network namespace", d->name);
		rc = -EIO;
	}
	/* Daemons in there want to talk to each other. */
	if (rc == 0 && d->netns_made && netlink_link(d->netlink, LOOPBACK, NULL, 0) < 0)
		SL_LOG(WARNING, "tenant %s: its loopback interface is down: %s", d->name,
			netlink_why(d->netlink));
	return rc;
}

static int
open_domain(struct domain *d, char *why, size_t size)
{
	struct imprint_parts parts = {
		.tap = d->tap,
		.tenant = d->tenant,
		.rib = d->common->rib,
		.neighs = d->common->neighs,
	};
	int rc = 0;

	if (!d->common->options->off && d->tenant == 0)
		rc = open_kernel(d, why, size);
	else if (!d->common->options->off)
		rc = open_own_kernel(d, why, size);
	if (rc < 0)
		return rc;
	parts.netlink = d->netlink;
	d->imprint = imprint_create(&parts);
	if (d->imprint == NULL) {
		snprintf(why, size, "out of memory");
		return -ENOMEM;
	}
	return 0;
}

struct domain *
domain_create(struct domain_common *common, const struct sl_config *config, unsigned int tenant,
	char *why, size_t size)
{
	struct domain *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL) {
		snprintf(why, size, "out of memory");
		return NULL;
	}
	d->common = common;
	d->tenant = tenant;
	d->serial = ++common->made;
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		d->tap[side] = (struct tap){ .fd = -1, .gone = true };
	if (config != NULL) {
		snprintf(d->name, sizeof(d->name), "%s", config->tenant[tenant].name);
		d->vlan = config->tenant[tenant].vlan;
		d->vlan_inner = config->tenant[tenant].vlan_inner;
	}
	rc = open_domain(d, why, size);
	if (rc < 0) {
		domain_destroy(d);
		errno = -rc;
		return NULL;
	}
	return d;
}

void
domain_destroy(struct domain *d)
{
	if (d == NULL)
		return;
	mirror_destroy(d->mirror);
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		if (d->tap[side].fd >= 0 && !d->tap[side].gone)
			loop_del(d->common->box->loop, d->tap[side].fd);
		tap_fini(&d->tap[side]);
	}
	imprint_destroy(d->imprint);
	netlink_destroy(d->netlink);
	if (d->tenant != 0) /* the first one goes last, when nobody looks any more */
		rib_drop(d->common->rib, d->tenant);
	neigh_flush(d->common->neighs, d->tenant);
	if (d->netns_made)
		netns_remove(d->netns);
	free(d);
}

bool
domain_fits(const struct domain *d, const struct sl_tenant *tenant)
{
	return tenant->vlan == d->vlan && tenant->vlan_inner == d->vlan_inner &&
	       !d->tap[SL_INSIDE].gone && strcmp(tenant->name, d->name) == 0;
}

static int
set_mtus(struct domain *d, const uint16_t mtu[2], char *why, size_t size)
{
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		int rc;

		if (d->tap[side].gone || d->mtu[side] == mtu[side])
			continue;
		rc = netlink_link(d->netlink, d->tap[side].ifindex, NULL, mtu[side]);
		if (rc < 0) {
			snprintf(why, size, "MTU %u of %s: %s", mtu[side], d->tap[side].name,
				netlink_why(d->netlink));
			return rc;
		}
		d->mtu[side] = mtu[side];
	}
	return 0;
}

int
domain_apply(struct domain *d, const struct sl_config *config, const uint16_t mtu[2], char *why,
	size_t size)
{
	int rc = set_mtus(d, mtu, why, size);

	if (rc == 0)
		rc = imprint_apply(d->imprint, config, why, size);
	if (rc < 0)
		return rc;
	d->vlan = config->tenant[d->tenant].vlan;
	d->vlan_inner = config->tenant[d->tenant].vlan_inner;
	/* The kernel has said already what follows from it; take that before going on. */
	if (d->mirror != NULL)
		mirror_drain(d->mirror);
	return 0;
}

int
domain_deliver(struct domain *d, const struct sl_punt *punt)
{
	return tap_write(&d->tap[punt->side], punt->m, punt->l3);
}

int
domain_ask(struct domain *d, enum sl_side side, const struct addr *addr)
{
	if (d->tap[side].gone)
		return -ENODEV;
	return netlink_neigh_use(d->netlink, d->tap[side].ifindex, addr);
}

int
domain_announce(struct domain *d, const struct sl_ifaddr *net, bool add, char *why, size_t size)
{
	const struct tap *tap = &d->tap[SL_OUTSIDE];
	int rc;

	if (tap->gone) {
		snprintf(why, size, "%s is gone", tap->name);
		return -ENODEV;
	}
	rc = netlink_announce(
		d->netlink, add ? RTM_NEWROUTE : RTM_DELROUTE, tap->ifindex, net->addr, net->plen);
	if (rc < 0)
		snprintf(why, size, "%s", netlink_why(d->netlink));
	return rc;
}

void
domain_tick(struct domain *d)
{
	if (d->mirror == NULL)
		return;
	mirror_tick(d->mirror);
	if (mirror_relinked(d->mirror))
		imprint_restore(d->imprint);
}

void
domain_carrier(struct domain *d, enum sl_side side, bool up)
{
	tap_carrier(&d->tap[side], up);
}

const char *
domain_netns(const struct domain *d)
{
	return d->netns;
}

unsigned int
domain_serial(const struct domain *d)
{
	return d->serial;
}

uint64_t
domain_resyncs(const struct domain *d)
{
	return d->mirror != NULL ? mirror_resyncs(d->mirror) : 0;
}
