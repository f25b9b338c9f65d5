/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The netlink mirror: what the kernel knows about routes and neighbours on the exception
 * TAPs goes into rib.c and neigh.c, and from there to the library and the workers.
 *
 * First subscribe, then dump: an event that is older than the dump is applied once more in
 * its order, so the end is always the kernel's state. When the kernel had to drop events
 * (ENOBUFS) everything that waits is thrown away, then dumped anew; what the dump does not
 * bring is forgotten. The same dump, not counted as an overrun, follows whatever makes the kernel
 * lose routes without a word: an address deleted, a link set down, a next-hop object gone.
 *
 * One mirror for each network namespace: that of tenant 0 with the outside, and one for each
 * further tenant, whose routes lead to its inside routers.
 *
 * Control lcore only. Limits: at most two dumps a second; EVENTS datagrams for each wake-up.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <rte_common.h>

#include "clock.h"
#include "digest.h"
#include "log.h"
#include "mirror.h"

#define EVENTS 64
#define RECEIVE_BUFFER (4 << 20)
#define RESYNC_MS 1000
#define DUMP_TRIES 3

struct mirror {
	struct mirror_parts parts;
	struct mnl_socket *socket;
	int fd;
	uint8_t dumping; /* messages come from a dump of this family now; 0: no */
	bool due; /* a dump must follow */
	bool relinked;
	bool up[2]; /* IFF_UP of the TAPs */
	uint64_t synced; /* when the last dump began */
	uint64_t resyncs;
	char in[NETLINK_BUFFER];
};

/* Without IPv6 the kernel answers for it with all that it has, the IPv4 routes once more. */
static bool
is_stray(const struct mirror *m, const struct nlmsghdr *nlh)
{
	return m->dumping != 0 && *(const uint8_t *)mnl_nlmsg_get_payload(nlh) != m->dumping;
}

static void
take_route(struct mirror *m, const struct nlmsghdr *nlh)
{
	bool replace = (nlh->nlmsg_flags & NLM_F_REPLACE) != 0, sure = true;
	struct rib *rib = m->parts.rib;
	struct digest_route d;

	if (!digest_route(m->parts.tap, nlh, &d) || is_stray(m, nlh))
		return;
	d.route.tenant = m->parts.tenant;
	if (nlh->nlmsg_type == RTM_DELROUTE) {
		if (d.ours || d.multipath)
			sure = rib_del(rib, &d.route, d.metric, d.multipath);
	} else if (m->dumping != 0) {
		if (d.ours)
			rib_add(rib, &d.route, d.metric, RIB_DUMP);
	} else if (d.ours) {
		sure = rib_add(rib, &d.route, d.metric, replace ? RIB_REPLACE : RIB_NEW);
	} else if (replace) {
		/* It leads elsewhere now, or nowhere. */
		sure = rib_del(rib, &d.route, d.metric, true);
	}
	m->due |= !sure;
}

static void
take_neigh(struct mirror *m, const struct nlmsghdr *nlh)
{
	struct kernel_neigh neigh;
	uint16_t state;

	if (!digest_neigh(m->parts.tap, nlh, &neigh, &state) || is_stray(m, nlh))
		return;
	neigh.tenant = m->parts.tenant;
	if (nlh->nlmsg_type == RTM_DELNEIGH)
		neigh_del(m->parts.neighs, neigh.tenant, neigh.side, &neigh.addr);
	else
		neigh_set(m->parts.neighs, &neigh, state, clock_now());
}

static void
take_link(struct mirror *m, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	enum sl_side side;
	bool up;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi) || ifi->ifi_family != AF_UNSPEC ||
		!digest_side(m->parts.tap, (unsigned int)ifi->ifi_index, &side))
		return;
	up = (ifi->ifi_flags & IFF_UP) != 0;
	if (nlh->nlmsg_type == RTM_DELLINK)
		tap_lost(&m->parts.tap[side]);
	else if (up && !m->up[side])
		m->relinked = true;
	m->up[side] = up;
	m->due = true;
}

static void
take_addr(struct mirror *m, const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	enum sl_side side;

	/* Routes may have gone with the address, which the kernel tells nobody. */
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*ifa) && nlh->nlmsg_type == RTM_DELADDR &&
		digest_side(m->parts.tap, ifa->ifa_index, &side))
		m->due = true;
}

static void
take_message(void *arg, const struct nlmsghdr *nlh)
{
	struct mirror *m = arg;

	switch (nlh->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		take_route(m, nlh);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		take_neigh(m, nlh);
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
		take_link(m, nlh);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		take_addr(m, nlh);
		break;
	case RTM_DELNEXTHOP:
		m->due = true; /* and its routes with it, which is not told either */
		break;
	}
}

/* What both families have. */
static int
dump(struct mirror *m, uint16_t type)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	int rc = 0;

	for (size_t f = 0; f < RTE_DIM(families) && rc == 0; f++) {
		m->dumping = families[f];
		rc = -EINTR;
		for (int i = 0; i < DUMP_TRIES && rc == -EINTR; i++)
			rc = netlink_dump(m->parts.netlink, type, families[f], take_message, m);
	}
	m->dumping = 0;
	return rc;
}

static int
dump_routes(struct mirror *m)
{
	int rc;

	rib_dump_begin(m->parts.rib, m->parts.tenant);
	rc = dump(m, RTM_GETROUTE);
	if (rc == 0)
		rib_dump_end(m->parts.rib, m->parts.tenant);
	return rc;
}

static int
dump_neighs(struct mirror *m)
{
	int rc;

	neigh_dump_begin(m->parts.neighs, m->parts.tenant);
	rc = dump(m, RTM_GETNEIGH);
	if (rc == 0)
		neigh_dump_end(m->parts.neighs, m->parts.tenant);
	return rc;
}

static void
resync(struct mirror *m)
{
	int rc;

	m->synced = clock_now();
	m->due = false;
	rc = dump_routes(m);
	if (rc == 0)
		rc = dump_neighs(m);
	if (rc < 0) {
		/* Keep what there was; the next tick tries again. */
		SL_LOG(WARNING,
			"the kernel's routes and neighbours cannot be read: %s; those known stay, "
			"the next try "
			"is within a second",
			strerror(-rc));
		m->due = true;
	}
}

/* Throw away all events that wait. */
static void
discard(struct mirror *m)
{
	for (int i = 0; i < RECEIVE_BUFFER / 64; i++) {
		if (mnl_socket_recvfrom(m->socket, m->in, sizeof(m->in)) < 0 && errno != ENOBUFS &&
			errno != ENOSPC)
			return;
	}
}

/* Take one datagram of events; false when there is none left. */
static bool
take_events(struct mirror *m)
{
	ssize_t got = mnl_socket_recvfrom(m->socket, m->in, sizeof(m->in));
	const struct nlmsghdr *nlh = (const void *)m->in;
	int left = (int)got;

	if (got < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
		/* Lost were the newest ones: what still waits is older than the dump to come
		 * and must not be applied after it. */
		m->resyncs++;
		m->due = true;
		discard(m);
		return false;
	}
	if (got < 0) {
		if (errno != EAGAIN && errno != EINTR)
			SL_LOG(ERR,
				"the kernel's messages about routes cannot be read: %s; what is "
				"forwarded by may be old",
				strerror(errno));
		return false;
	}
	for (; netlink_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		take_message(m, nlh);
	return true;
}

static void
take_some(struct mirror *m, int budget)
{
	while (budget-- > 0 && take_events(m))
		;
	if (m->due && clock_now() - m->synced >= RESYNC_MS)
		resync(m);
	rib_flush(m->parts.rib);
}

static void
on_events(void *arg, uint32_t events)
{
	RTE_SET_USED(events);
	take_some(arg, EVENTS);
}

static int
subscribe(struct mirror *m)
{
	static const unsigned int groups[] = { RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR,
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE, RTNLGRP_NEXTHOP };
	int size = RECEIVE_BUFFER;

	m->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (m->socket == NULL)
		return -errno;
	m->fd = mnl_socket_get_fd(m->socket);
	/* Only privileged may exceed rmem_max; a small buffer costs dumps, nothing else. */
	if (setsockopt(m->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(m->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_bind(m->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	for (size_t i = 0; i < RTE_DIM(groups); i++) {
		int group = (int)groups[i];

		if (mnl_socket_setsockopt(
			    m->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
			return -errno;
	}
	return loop_add(m->parts.loop, m->fd, EPOLLIN, on_events, m);
}

struct mirror *
mirror_create(const struct mirror_parts *parts)
{
	struct mirror *m = calloc(1, sizeof(*m));
	int rc;

	if (m == NULL)
		return NULL;
	m->parts = *parts;
	m->up[SL_INSIDE] = m->up[SL_OUTSIDE] = true;
	rc = subscribe(m);
	if (rc < 0) {
		if (m->socket != NULL)
			mnl_socket_close(m->socket);
		free(m);
		errno = -rc;
		return NULL;
	}
	resync(m);
	rib_flush(m->parts.rib);
	return m;
}

void
mirror_destroy(struct mirror *m)
{
	if (m == NULL)
		return;
	loop_del(m->parts.loop, m->fd);
	mnl_socket_close(m->socket);
	free(m);
}

void
mirror_drain(struct mirror *m)
{
	take_some(m, INT32_MAX);
}

void
mirror_tick(struct mirror *m)
{
	if (m->due)
		resync(m);
	rib_flush(m->parts.rib);
}

bool
mirror_relinked(struct mirror *m)
{
	bool relinked = m->relinked;

	m->relinked = false;
	return relinked;
}

uint64_t
mirror_resyncs(const struct mirror *m)
{
	return m->resyncs;
}
