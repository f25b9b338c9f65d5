/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of what the kernel says: the program's mirror of routes and neighbours (mirror.c,
 * netlink.c, digest.c, rib.c, neigh.c) over sockets that are played here, with the library
 * behind it. The sockets of libmnl bring datagrams made from the input, one record each:
 *
 *	flags, kind of message, then either bytes as they are or a message that is built
 *
 * Flags: bit 0 to bit 2 how many messages the datagram has; bit 3 the bytes are raw, bit 4 the
 * sequence number is wrong, bit 5 the queue has run over, bit 6 a second goes by, bit 7 a worker
 * asks for a neighbour. A built message has family, index of the device, and four bytes more,
 * the number of attributes and these: type, length, that many bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "clock.h"
#include "fuzz.h"
#include "loop.h"
#include "mirror.h"
#include "pipe.h"

#define TENANTS 2
#define TURNS_MAX 64

static struct {
	const uint8_t *p;
	size_t n;
	unsigned int sockets; /* opened so far */
	uint32_t seq; /* of the last request */
	uint64_t now;
	loop_fd_fn *fn;
	void *fn_arg;
} in;

static struct pipe *p;
static struct rib *rib;
static struct neigh_table *neighs;
static struct tap tap[2];
static struct netlink *requests;

static uint8_t
take(void)
{
	if (in.n == 0)
		return 0;
	in.n--;
	return *in.p++;
}

/* ---- what the program calls ---- */

uint64_t
clock_now(void)
{
	return in.now;
}

int
loop_add(struct loop *loop, int fd, uint32_t events, loop_fd_fn *fn, void *arg)
{
	(void)loop;
	(void)fd;
	(void)events;
	in.fn = fn;
	in.fn_arg = arg;
	return 0;
}

void
loop_del(struct loop *loop, int fd)
{
	(void)loop;
	(void)fd;
}

void
tap_lost(struct tap *lost)
{
	lost->gone = true;
}

/* Sockets are numbers here. */
static struct mnl_socket *sockets[3];

struct mnl_socket *
mnl_socket_open2(int bus, int flags)
{
	(void)bus;
	(void)flags;
	in.sockets++;
	return (struct mnl_socket *)(void *)&sockets[in.sockets > 1];
}

static bool
is_for_requests(const struct mnl_socket *nl)
{
	return (const void *)nl == (const void *)&sockets[0];
}

int
mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	(void)nl;
	(void)groups;
	(void)pid;
	return 0;
}

int
mnl_socket_get_fd(const struct mnl_socket *nl)
{
	(void)nl;
	return -1;
}

int
mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf, socklen_t len)
{
	(void)nl;
	(void)type;
	(void)buf;
	(void)len;
	return 0;
}

int
mnl_socket_close(struct mnl_socket *nl)
{
	(void)nl;
	return 0;
}

ssize_t
mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t n)
{
	const struct nlmsghdr *nlh = req;

	(void)nl;
	if (n < sizeof(*nlh) || nlh->nlmsg_len != n || n > 512)
		abort();
	in.seq = nlh->nlmsg_seq;
	return (ssize_t)n;
}

static const uint16_t kinds[] = { RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWNEIGH, RTM_DELNEIGH,
	RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR, RTM_NEWNEXTHOP, RTM_DELNEXTHOP,
	NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP };

static const unsigned int devices[] = { 7, 8, 0, 9 }; /* inside, outside, none, a foreign one */

/* The header behind that of netlink: one of the route, neighbour, link or address kind. */
static void
put_header(struct nlmsghdr *nlh)
{
	uint8_t family = take(), device = take(), a = take(), b = take(), c = take(), d = take();
	unsigned int ifindex = devices[device % RTE_DIM(devices)];

	family = family % 8 == 7 ? family : family % 2 ? AF_INET6 : AF_INET;
	if (nlh->nlmsg_type == RTM_NEWROUTE || nlh->nlmsg_type == RTM_DELROUTE) {
		struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

		*rtm = (struct rtmsg){ .rtm_family = family,
			.rtm_dst_len = a,
			.rtm_table = b % 4 == 0   ? RT_TABLE_LOCAL
				     : b % 4 == 3 ? b
						  : RT_TABLE_MAIN,
			.rtm_type = c % 8 == 7 ? RTN_BLACKHOLE : RTN_UNICAST,
			.rtm_flags = d % 4 == 3 ? d : 0 };
		mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
	} else if (nlh->nlmsg_type == RTM_NEWNEIGH || nlh->nlmsg_type == RTM_DELNEIGH) {
		struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

		*ndm = (struct ndmsg){ .ndm_family = family,
			.ndm_ifindex = (int)ifindex,
			.ndm_state = a,
			.ndm_flags = b % 4 == 3 ? b : 0,
			.ndm_type = RTN_UNICAST };
	} else if (nlh->nlmsg_type == RTM_NEWLINK || nlh->nlmsg_type == RTM_DELLINK) {
		struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

		ifi->ifi_family = d % 4 == 3 ? family : AF_UNSPEC;
		ifi->ifi_index = (int)ifindex;
		ifi->ifi_flags = a % 2 ? IFF_UP : 0;
	} else if (nlh->nlmsg_type == NLMSG_ERROR) {
		struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

		err->error = a % 2 ? -a : 0;
		err->msg.nlmsg_len = b % 4 == 3 ? (uint32_t)c << 8 | d : sizeof(err->msg);
		nlh->nlmsg_flags = (uint16_t)(a << 8);
	} else {
		struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

		*ifa = (struct ifaddrmsg){ .ifa_family = family, .ifa_index = ifindex };
	}
}

static void
put_attributes(struct nlmsghdr *nlh)
{
	for (unsigned int n = take() % 8; n > 0; n--) {
		uint16_t type = take();
		size_t len = RTE_MIN((size_t)take(), in.n);
		uint8_t copy[256];

		memcpy(copy, in.p, len);
		in.p += len;
		in.n -= len;
		mnl_attr_put(nlh, type, len, copy);
	}
}

static size_t
build(uint8_t *to, bool wrong)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(to);
	uint8_t kind = take();

	nlh->nlmsg_type = kinds[kind % RTE_DIM(kinds)];
	nlh->nlmsg_flags =
		(uint16_t)((kind & 64 ? NLM_F_REPLACE : 0) | (kind & 128 ? NLM_F_DUMP_INTR : 0));
	put_header(nlh);
	put_attributes(nlh);
	nlh->nlmsg_seq = in.seq + wrong;
	return nlh->nlmsg_len;
}

/* One datagram; what is behind it in the buffer is not the kernel's. */
ssize_t
mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	uint8_t *made = aligned_alloc(8, NETLINK_BUFFER), flags = take();
	size_t len = 0;

	if (made == NULL || (in.n == 0 && !is_for_requests(nl))) {
		free(made);
		errno = EAGAIN;
		return -1;
	}
	if (in.n == 0 || (flags & 32) != 0) {
		free(made);
		errno = in.n == 0 ? EIO : is_for_requests(nl) ? EINTR : ENOBUFS;
		return -1;
	}
	if (flags & 8) {
		len = RTE_MIN((size_t)take(), in.n);
		memcpy(made, in.p, len);
		in.p += len;
		in.n -= len;
		if (len >= sizeof(struct nlmsghdr) && is_for_requests(nl))
			((struct nlmsghdr *)(void *)made)->nlmsg_seq = in.seq;
	} else {
		for (unsigned int i = 0; i <= (flags & 7U); i++)
			len += build(made + len, (flags & 16) != 0);
	}
	len = RTE_MIN(len, size);
	memcpy(buf, made, len);
	memset((uint8_t *)buf + len, 0xff, size - len);
	free(made);
	return (ssize_t)len;
}

/* ---- the target ---- */

static int
ask(void *arg, unsigned int tenant, enum sl_side side, const struct addr *addr)
{
	uint8_t flags = take();

	(void)arg;
	(void)tenant;
	return requests == NULL || flags % 2 ? -ENOBUFS
					     : netlink_neigh_use(requests, devices[side], addr);
}

static void
count_route(void *arg, const struct kernel_route *route)
{
	unsigned int *n = arg;

	if (route->plen > addr_bits(&route->prefix) || route->tenant >= TENANTS)
		abort();
	(*n)++;
}

static void
count_neigh(void *arg, const struct kernel_neigh *neigh)
{
	unsigned int *n = arg;

	if (neigh->side > SL_OUTSIDE || neigh->tenant >= TENANTS)
		abort();
	(*n)++;
}

/* Some of what the program asks of the kernel; only the answers are the input's. */
static void
request(void)
{
	const struct addr addr = addr_of4(RTE_BE32(0x0a000002));
	const struct rte_ether_addr mac = { { 2, 0, 0, 0, 0, 1 } };

	netlink_link(requests, 7, &mac, 1500);
	netlink_addr(requests, take() % 2 ? RTM_NEWADDR : RTM_DELADDR, 7, &addr, 24);
	netlink_route(
		requests, take() % 2 ? RTM_NEWROUTE : RTM_DELROUTE, 7, &addr, 32, &addr, false);
	netlink_neigh(requests, take() % 2 ? RTM_NEWNEIGH : RTM_DELNEIGH, 7, &addr, &mac);
	if (memchr(netlink_why(requests), 0, 128) == NULL)
		abort();
}

static void
run(struct mirror *m)
{
	for (unsigned int turn = 0; in.n > 0 && turn < TURNS_MAX; turn++) {
		uint8_t flags = take();
		struct addr addr = addr_of4(RTE_BE32(0x0a000000 | flags >> 4));

		in.now += flags & 4 ? 40000 : flags & 1 ? 1000 : 1;
		if (flags & 2)
			neigh_resolve(
				neighs, flags >> 3 & 1, SL_INSIDE, &addr, flags >> 5 & 1, in.now);
		in.fn(in.fn_arg, 0);
		mirror_tick(m);
		neigh_tick(neighs, in.now);
		rib_tick(rib);
		mirror_relinked(m);
	}
}

/* Once; tables are empty again after each input. */
static void
open_tables(void)
{
	if (p != NULL)
		return;
	if (pipe_setup(NULL) != 0)
		abort();
	p = pipe_create(1, "tenant blue vlan=10 10.0.0.1/24", 1, 1000);
	sl_worker_offline(sl_nat_worker(p->nat, 0));
	rib = rib_create(p->nat);
	neighs = neigh_create(p->nat, ask, NULL);
	if (rib == NULL || neighs == NULL)
		abort();
}

static void
check_tables(void)
{
	unsigned int routes = 0, found = 0;

	rib_walk(rib, count_route, &routes);
	neigh_walk(neighs, count_neigh, &found);
	if (routes != rib_count(rib) || found != neigh_count(neighs) ||
		rib_refused(rib) > rib_count(rib))
		abort();
	for (unsigned int t = 0; t < TENANTS; t++) {
		rib_drop(rib, t);
		neigh_flush(neighs, t);
	}
	rib_flush(rib);
	if (rib_count(rib) + neigh_count(neighs) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mirror *m;

	open_tables();
	in.p = data;
	in.n = size;
	in.sockets = 0;
	in.now += 100000;
	for (int s = 0; s < 2; s++)
		tap[s] = (struct tap){ .fd = -1, .ifindex = devices[s] };
	requests = netlink_create();
	if (requests == NULL)
		abort();
	m = mirror_create(&(struct mirror_parts){ .netlink = requests,
		.tap = tap,
		.tenant = size % TENANTS,
		.rib = rib,
		.neighs = neighs });
	if (m == NULL)
		abort();
	run(m);
	request();
	mirror_destroy(m);
	check_tables();
	netlink_destroy(requests);
	requests = NULL;
	return 0;
}
