/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A door: where the hosts of one tenant ask for ports. Its sockets are made inside the tenant's
 * network namespace and bound to its inside TAP, so what comes from outside or from another
 * tenant never reaches them, whatever address it is sent to.
 *
 *   UDP 5351   NAT-PMP and PCP: a datagram in, perhaps one out, from the address it was sent to;
 *              by IPv6 in door6.c
 *   UPnP       a server of its own (SSDP, HTTP)
 *
 * Life: made when the tenant's switch is on and its kernel is there; made anew when its kernel,
 * an address or a port changes (leased.c).
 *
 * Control lcore only. Limits: BATCH datagrams for each wake-up; longer ones than DATAGRAM_MAX are
 * cut, which no protocol here takes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "datagram.h"
#include "door.h"
#include "door6.h"
#include "igd.h"
#include "kernel.h"
#include "log.h"
#include "pcpd.h"
#include "tenant_socket.h"

#define RETRY_MS 5000
#define BATCH 32
#define DATAGRAM_MAX (SL_PCP_MAX + 4) /* some that tell of more */

struct door {
	struct door_house house;
	struct door_kind kind;
	struct sl_ifaddr *addr; /* owned */
	unsigned int n_addrs;
	int pcp; /* socket, -1: none */
	struct door6 *six; /* NULL: none */
	struct igd *igd; /* NULL: none */
	uint64_t retry; /* when to open what could not be opened; 0: not tried yet */
};

/* Who asked, and at which address. */
struct caller {
	struct sockaddr_in from;
	struct in_pktinfo to;
};

/* ---- NAT-PMP and PCP ---- */

/* What is said to a request; 0: nothing. */
static size_t
answer(struct door *d, const struct caller *caller, const uint8_t *request, size_t n,
	uint8_t reply[DATAGRAM_MAX])
{
	struct sl_pcp_peer from = {
		.tenant = d->kind.tenant,
		.client = caller->from.sin_addr.s_addr,
		.port = caller->from.sin_port,
		.own = caller->to.ipi_addr.s_addr,
	};

	return pcpd_answer(d->house.pcpd, &from, request, n, reply);
}

static bool
is_own(const struct door *d, rte_be32_t addr)
{
	for (unsigned int i = 0; i < d->n_addrs; i++)
		if (d->addr[i].addr == addr)
			return true;
	return false;
}

static struct datagram
ends(struct caller *caller)
{
	return (struct datagram){ &caller->from, sizeof(caller->from), IPPROTO_IP, IP_PKTINFO,
		&caller->to, sizeof(caller->to) };
}

/* From the address that was asked. */
static void
give(int fd, struct caller *caller, const uint8_t *buf, size_t n)
{
	struct datagram d = ends(caller);
	int rc;

	caller->to.ipi_spec_dst = caller->to.ipi_addr;
	caller->to.ipi_ifindex = 0;
	rc = datagram_give(fd, &d, buf, n);
	if (rc < 0)
		SL_LOG(DEBUG, "an answer of NAT-PMP or PCP is lost: %s", strerror(-rc));
}

void
door_announce(struct door *d)
{
	struct caller all = {
		.from = {
			.sin_family = AF_INET,
			.sin_port = RTE_BE16(SL_PCP_CLIENT_PORT),
			.sin_addr.s_addr = rte_cpu_to_be_32(SL_PCP_GROUP),
		},
	};
	uint8_t said[SL_PCP_MAX];
	size_t n;

	if (d->six != NULL)
		door6_announce(d->six);
	if (d->pcp < 0)
		return;
	for (unsigned int i = 0; i < d->n_addrs; i++) {
		all.to.ipi_addr.s_addr = d->addr[i].addr;
		for (unsigned int k = 0;
			(n = pcpd_announcement(d->house.pcpd, d->kind.tenant, k, said)) > 0; k++)
			give(d->pcp, &all, said, n);
	}
}

static void
on_pcp(void *arg, uint32_t events)
{
	uint8_t request[DATAGRAM_MAX], reply[DATAGRAM_MAX];
	struct door *d = arg;

	RTE_SET_USED(events);
	for (unsigned int i = 0; i < BATCH; i++) {
		struct caller caller;
		struct datagram got = ends(&caller);
		ssize_t n = datagram_take(d->pcp, &got, request, sizeof(request));
		size_t said;

		if (n == -EAGAIN || n == -EWOULDBLOCK)
			return;
		if (n <= 0 || !is_own(d, caller.to.ipi_addr.s_addr))
			continue;
		said = answer(d, &caller, request, (size_t)n, reply);
		if (said > 0)
			give(d->pcp, &caller, reply, said);
	}
}

static int
open_pcp(struct door *d)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = RTE_BE16(SL_PCP_PORT) };
	int on = 1, off = 0;

	d->pcp = tenant_socket(d->house.box->kernel, d->kind.tenant, AF_INET, SOCK_DGRAM, 0);
	if (d->pcp < 0)
		return d->pcp;
	if (setsockopt(d->pcp, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0 ||
		setsockopt(d->pcp, IPPROTO_IP, IP_MULTICAST_LOOP, &off, sizeof(off)) < 0 ||
		bind(d->pcp, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -errno;
	return loop_add(d->house.box->loop, d->pcp, EPOLLIN, on_pcp, d);
}

static void
close_pcp(struct door *d)
{
	if (d->pcp < 0)
		return;
	loop_del(d->house.box->loop, d->pcp);
	close(d->pcp);
	d->pcp = -1;
}

/* ---- the whole door ---- */

static void
complain(const struct door *d, const char *what, unsigned int port, int rc)
{
	if (d->retry == 0)
		SL_LOG(WARNING, "tenant %u: %s on port %u of %s yet: %s; it is tried again",
			d->kind.tenant, what, port, kernel_tap(d->house.box->kernel, SL_INSIDE),
			strerror(-rc));
}

/* Open what is wanted and not open; another program may have the port, and leave it later. */
static void
open_missing(struct door *d)
{
	bool four = d->n_addrs > 0;
	int pcp = d->kind.pcp && four && d->pcp < 0 ? open_pcp(d) : 0, upnp = 0;

	if (d->kind.six && d->six == NULL) {
		d->six = door6_create(&d->house, d->kind.tenant);
		if (d->six == NULL) {
			upnp = -errno;
			complain(d, "PCP does not answer by IPv6", SL_PCP_PORT, upnp);
		}
	}
	if (pcp < 0) {
		close_pcp(d);
		complain(d, "NAT-PMP and PCP do not answer", SL_PCP_PORT, pcp);
	}
	if (d->kind.upnp && four && d->igd == NULL) {
		d->igd = igd_create(&d->house, &d->kind, d->addr, d->n_addrs);
		if (d->igd == NULL) {
			upnp = -errno;
			complain(d, "UPnP does not answer", d->kind.http_port, upnp);
		}
	}
	d->retry = pcp < 0 || upnp < 0 ? clock_now() + RETRY_MS : UINT64_MAX;
}

struct door *
door_create(const struct door_house *house, const struct door_kind *kind,
	const struct sl_ifaddr *addr, unsigned int n)
{
	struct door *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->house = *house;
	d->kind = *kind;
	d->pcp = -1;
	d->n_addrs = n;
	d->addr = calloc(n + 1, sizeof(*addr));
	if (d->addr == NULL) {
		door_destroy(d);
		errno = ENOMEM;
		return NULL;
	}
	if (n > 0)
		memcpy(d->addr, addr, n * sizeof(*addr));
	open_missing(d);
	return d;
}

void
door_destroy(struct door *d)
{
	if (d == NULL)
		return;
	igd_destroy(d->igd);
	close_pcp(d);
	door6_destroy(d->six);
	free(d->addr);
	free(d);
}

bool
door_fits(const struct door *d, const struct door_kind *kind, const struct sl_ifaddr *addr,
	unsigned int n)
{
	if (d->kind.tenant != kind->tenant || d->kind.serial != kind->serial ||
		d->kind.upnp != kind->upnp || d->kind.pcp != kind->pcp ||
		d->kind.six != kind->six || d->kind.igd != kind->igd ||
		d->kind.http_port != kind->http_port || d->n_addrs != n)
		return false;
	for (unsigned int i = 0; i < n; i++)
		if (d->addr[i].addr != addr[i].addr || d->addr[i].plen != addr[i].plen)
			return false;
	return true;
}

void
door_applied(struct door *d)
{
	if (d->igd != NULL)
		igd_changed(d->igd); /* outside addresses may be others now */
}

void
door_changed(struct door *d, enum sl_lease_change change, const struct sl_lease *lease)
{
	RTE_SET_USED(change);
	RTE_SET_USED(lease);
	if (d->igd != NULL)
		igd_changed(d->igd);
}

uint64_t
door_poll(struct door *d, uint64_t now)
{
	if (now >= d->retry)
		open_missing(d);
	if (d->igd != NULL)
		igd_poll(d->igd);
	return d->retry;
}
