/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PCP by IPv6 (RFC 6887), for hosts behind a tenant's NAT64 prefix: a socket on the tenant's
 * inside TAP, as door.c makes it. It hears what is sent to the box's configured addresses and to
 * link-local ones, which is where hosts know their router; the host itself must ask from the
 * address that it wants a port for, so never from a link-local one. Answers come from the address
 * that was asked.
 *
 * The server knows hosts by IPv4 addresses: here is where an IPv6 one becomes one (alias.h).
 *
 * Control lcore only. Limit: BATCH datagrams for each wake-up.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alias.h"
#include "datagram.h"
#include "door6.h"
#include "log.h"
#include "pcpd.h"
#include "slots.h"
#include "tenant_socket.h"

#define BATCH 32
#define DATAGRAM_MAX (SL_PCP_MAX + 4) /* some that tell of more */

struct door6 {
	struct door_house house;
	unsigned int tenant;
	int fd;
};

/* Who asked, and at which address of which interface. */
struct caller {
	struct sockaddr_in6 from;
	struct in6_pktinfo to;
};

/* ---- datagrams ---- */

static struct datagram
ends(struct caller *caller)
{
	return (struct datagram){ &caller->from, sizeof(caller->from), IPPROTO_IPV6, IPV6_PKTINFO,
		&caller->to, sizeof(caller->to) };
}

/* With no address in caller->to the kernel chooses one. */
static void
give(int fd, struct caller *caller, const uint8_t *buf, size_t n)
{
	struct datagram d = ends(caller);
	int rc = datagram_give(fd, &d, buf, n);

	if (rc < 0)
		SL_LOG(DEBUG, "an answer of PCP is lost: %s", strerror(-rc));
}

/* ---- requests ---- */

static bool
is_own(const struct door6 *d, const struct in6_addr *addr)
{
	const struct sl_tenant *t = &d->house.box->config->tenant[d->tenant];

	if (IN6_IS_ADDR_LINKLOCAL(addr))
		return true;
	for (unsigned int i = 0; i < t->n_addrs6; i++)
		if (memcmp(&t->addr6[i].addr, addr, sizeof(*addr)) == 0)
			return true;
	return false;
}

/* What is said to a request; 0: nothing. */
static size_t
answer(struct door6 *d, const struct caller *caller, const uint8_t *request, size_t n,
	uint8_t reply[DATAGRAM_MAX])
{
	const struct sl_config *config = d->house.box->config;
	int prefix = slots_nat64(config, d->tenant);
	struct sl_pcp_peer from = {
		.tenant = d->tenant,
		.port = caller->from.sin6_port,
		.is_six = true,
	};

	/* Without one it is about to be closed. */
	if (prefix < 0)
		return 0;
	memcpy(&from.six, &caller->from.sin6_addr, sizeof(from.six));
	from.prefix = config->nat64[prefix].prefix;
	from.client = alias_get(d->house.aliases, (uint16_t)d->tenant, &from.six);
	if (from.client == 0)
		return 0;
	return pcpd_answer(d->house.pcpd, &from, request, n, reply);
}

static void
on_pcp(void *arg, uint32_t events)
{
	uint8_t request[DATAGRAM_MAX], reply[DATAGRAM_MAX];
	struct door6 *d = arg;

	RTE_SET_USED(events);
	for (unsigned int i = 0; i < BATCH; i++) {
		struct caller caller;
		struct datagram got = ends(&caller);
		ssize_t n = datagram_take(d->fd, &got, request, sizeof(request));
		size_t said;

		if (n == -EAGAIN || n == -EWOULDBLOCK)
			return;
		if (n <= 0 || !is_own(d, &caller.to.ipi6_addr))
			continue;
		said = answer(d, &caller, request, (size_t)n, reply);
		if (said > 0)
			give(d->fd, &caller, reply, said);
	}
}

void
door6_announce(struct door6 *d)
{
	struct caller all = {
		.from = {
			.sin6_family = AF_INET6,
			.sin6_port = RTE_BE16(SL_PCP_CLIENT_PORT),
		},
	};
	uint8_t said[SL_PCP_MAX];
	size_t n = pcpd_announcement(d->house.pcpd, d->tenant, 0, said);

	/* All nodes of the link, ff02::1; the socket is the TAP's. */
	all.from.sin6_addr.s6_addr[0] = 0xff;
	all.from.sin6_addr.s6_addr[1] = 0x02;
	all.from.sin6_addr.s6_addr[15] = 1;
	give(d->fd, &all, said, n);
}

/* ---- life ---- */

static int
open_socket(struct door6 *d)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = RTE_BE16(SL_PCP_PORT) };
	int on = 1, off = 0;

	d->fd = tenant_socket(d->house.box->kernel, d->tenant, AF_INET6, SOCK_DGRAM, 0);
	if (d->fd < 0)
		return d->fd;
	if (setsockopt(d->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0 ||
		setsockopt(d->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) < 0 ||
		setsockopt(d->fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &off, sizeof(off)) < 0 ||
		bind(d->fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -errno;
	return loop_add(d->house.box->loop, d->fd, EPOLLIN, on_pcp, d);
}

struct door6 *
door6_create(const struct door_house *house, unsigned int tenant)
{
	struct door6 *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL)
		return NULL;
	d->house = *house;
	d->tenant = tenant;
	rc = open_socket(d);
	if (rc == 0)
		return d;
	door6_destroy(d);
	errno = -rc;
	return NULL;
}

void
door6_destroy(struct door6 *d)
{
	if (d == NULL)
		return;
	if (d->fd >= 0) {
		loop_del(d->house.box->loop, d->fd);
		close(d->fd);
	}
	free(d);
}
