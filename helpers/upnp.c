/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A UPnP server: SSDP's socket, HTTP, eventing and one timer, in the loop of control.
 *
 * The UUIDs are made of the box's MAC and the tenant's name, so the device is the same one after
 * a restart, and another one for each tenant. The timer is a timerfd: SSDP's answers want
 * milliseconds, and there is nothing to do for minutes else.
 */
#include "upnp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "ssdp.h"
#include "upnp_http.h"

#define DATAGRAM_MAX 2048
#define HEAR_MAX 32 /* datagrams in one go */

struct sl_upnp {
	struct sl_upnp_params params;
	struct sl_ifaddr *addr; /* params.addr */
	struct sl_igd igd;
	struct sl_ssdp *ssdp;
	struct sl_events *events;
	struct sl_http *http;
	int socket, timer; /* -1: none */
};

/* ---- the timer ---- */

static void
set_timer(struct sl_upnp *upnp, uint64_t ms)
{
	struct itimerspec when = { 0 };

	/* 0 would end it. */
	when.it_value.tv_sec = (time_t)(ms / 1000);
	when.it_value.tv_nsec = (long)(ms % 1000 * 1000000 + (ms == 0));
	timerfd_settime(upnp->timer, 0, &when, NULL);
}

static void
wake(void *arg)
{
	set_timer(arg, 0);
}

static void
on_timer(void *arg, uint32_t ready)
{
	struct sl_upnp *upnp = arg;
	uint64_t times;

	(void)ready;
	if (read(upnp->timer, &times, sizeof(times)) > 0)
		(void)sl_upnp_poll(upnp, upnp->params.now(upnp->params.arg));
}

static int
open_timer(struct sl_upnp *upnp)
{
	const struct sl_upnp_params *p = &upnp->params;
	int rc;

	upnp->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (upnp->timer < 0)
		return -errno;
	rc = p->watch(p->arg, upnp->timer, EPOLLIN, on_timer, upnp);
	if (rc == 0)
		wake(upnp);
	return rc;
}

/* ---- SSDP's socket ---- */

static void
send_message(const struct sl_upnp *upnp, const struct sl_ssdp_message *m)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { 0 };
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = m->port, .sin_addr.s_addr = m->to
	};
	struct iovec data = { (void *)(uintptr_t)m->text, m->n };
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = m->from };

	control.header.cmsg_level = IPPROTO_IP;
	control.header.cmsg_type = IP_PKTINFO;
	control.header.cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(&control.header), &info, sizeof(info));
	/* What is lost is said again, or asked for again. But a device whose address has just
	 * gone still takes leave, from any address. */
	if (sendmsg(upnp->socket, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN &&
		m->to == RTE_BE32(SL_SSDP_GROUP)) {
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
		(void)sendmsg(upnp->socket, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
}

static rte_be32_t
destination_of(struct msghdr *msg)
{
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		return info.ipi_addr.s_addr;
	}
	return 0;
}

static bool
is_own(const struct sl_upnp *upnp, rte_be32_t addr)
{
	for (unsigned int i = 0; i < upnp->params.n_addrs; i++)
		if (upnp->addr[i].addr == addr)
			return true;
	return false;
}

/* False: nothing there. */
static bool
hear_one(struct sl_upnp *upnp, uint64_t now)
{
	char data[DATAGRAM_MAX], control[256];
	struct sockaddr_in from;
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(upnp->socket, &msg, MSG_DONTWAIT);
	struct sl_ssdp_heard heard;

	if (n < 0)
		return false;
	heard = (struct sl_ssdp_heard){
		.from = from.sin_addr.s_addr,
		.to = destination_of(&msg),
		.port = from.sin_port,
		.data = data,
		.n = (size_t)n,
	};
	if ((msg.msg_flags & MSG_TRUNC) == 0 &&
		(heard.to == RTE_BE32(SL_SSDP_GROUP) || is_own(upnp, heard.to)) &&
		getrandom(&heard.random, sizeof(heard.random), GRND_NONBLOCK) > 0)
		sl_ssdp_hear(upnp->ssdp, &heard, now);
	return true;
}

static void
on_datagram(void *arg, uint32_t ready)
{
	struct sl_upnp *upnp = arg;
	uint64_t now = upnp->params.now(upnp->params.arg);

	(void)ready;
	for (int i = 0; i < HEAR_MAX && hear_one(upnp, now); i++)
		;
	wake(upnp);
}

/* One address that cannot join must not keep the others from being heard. */
static int
join(const struct sl_upnp *upnp)
{
	int rc = -ENODEV;

	for (unsigned int i = 0; i < upnp->params.n_addrs; i++) {
		struct ip_mreqn group = {
			.imr_multiaddr.s_addr = RTE_BE32(SL_SSDP_GROUP),
			.imr_address.s_addr = upnp->addr[i].addr,
		};

		if (setsockopt(upnp->socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group,
			    sizeof(group)) == 0 ||
			errno == EADDRINUSE)
			rc = 0;
		else if (rc != 0)
			rc = -errno;
	}
	return rc;
}

static int
open_socket(struct sl_upnp *upnp)
{
	const struct sl_upnp_params *p = &upnp->params;
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = RTE_BE16(SL_SSDP_PORT) };
	const int on = 1, off = 0, ttl = 2;
	int rc;

	upnp->socket = p->socket(p->arg, AF_INET, SOCK_DGRAM, 0);
	if (upnp->socket < 0)
		return upnp->socket;
	setsockopt(upnp->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(upnp->socket, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	setsockopt(upnp->socket, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl));
	setsockopt(upnp->socket, IPPROTO_IP, IP_MULTICAST_LOOP, &off, sizeof(off));
	if (bind(upnp->socket, (struct sockaddr *)&any, sizeof(any)) != 0)
		return -errno;
	rc = join(upnp);
	return rc != 0 ? rc : p->watch(p->arg, upnp->socket, EPOLLIN, on_datagram, upnp);
}

/* ---- life ---- */

static void
name_devices(struct sl_upnp *upnp)
{
	/* The name space of this program's devices: a UUID that was rolled once. */
	static const uint8_t space[16] = { 0x5b, 0x1f, 0x6d, 0x2e, 0x83, 0x57, 0x4c, 0x0e, 0x9a,
		0x41, 0x77, 0x20, 0xd4, 0x3c, 0x96, 0xe8 };
	const struct sl_upnp_params *p = &upnp->params;
	uint8_t name[RTE_ETHER_ADDR_LEN + 1 + 64];
	size_t n = strnlen(p->name, 64);

	memcpy(name, p->mac.addr_bytes, RTE_ETHER_ADDR_LEN);
	memcpy(name + RTE_ETHER_ADDR_LEN + 1, p->name, n);
	for (unsigned int i = 0; i < RTE_DIM(upnp->igd.udn); i++) {
		name[RTE_ETHER_ADDR_LEN] = (uint8_t)i;
		sl_uuid_name(space, name, RTE_ETHER_ADDR_LEN + 1 + n, upnp->igd.udn[i]);
	}
}

static int
start(struct sl_upnp *upnp)
{
	const struct sl_upnp_params *p = &upnp->params;
	int rc;

	upnp->ssdp = sl_ssdp_create(
		&upnp->igd, upnp->addr, p->n_addrs, p->port, p->boot_id, p->now(p->arg));
	upnp->events = sl_events_create(p, &upnp->igd, wake, upnp);
	if (upnp->ssdp == NULL || upnp->events == NULL)
		return -ENOMEM;
	rc = open_socket(upnp);
	if (rc == 0)
		rc = open_timer(upnp);
	if (rc != 0)
		return rc;
	upnp->http = sl_http_create(p, &upnp->igd, upnp->events, wake, upnp);
	return upnp->http == NULL ? -errno : 0;
}

struct sl_upnp *
sl_upnp_create(const struct sl_upnp_params *params)
{
	struct sl_upnp *upnp = calloc(1, sizeof(*upnp));
	int rc = -ENOMEM;

	if (upnp == NULL)
		return NULL;
	upnp->params = *params;
	upnp->socket = upnp->timer = -1;
	upnp->addr = calloc(RTE_MAX(params->n_addrs, 1U), sizeof(*upnp->addr));
	if (upnp->addr != NULL) {
		memcpy(upnp->addr, params->addr, params->n_addrs * sizeof(*upnp->addr));
		upnp->params.addr = upnp->addr;
		upnp->igd.leases = params->leases;
		upnp->igd.tenant = params->tenant;
		upnp->igd.version = params->igd == 2 ? 2 : 1;
		upnp->igd.arg = params->arg;
		upnp->igd.figures = params->figures;
		name_devices(upnp);
		rc = start(upnp);
	}
	if (rc != 0) {
		sl_upnp_destroy(upnp);
		errno = -rc;
		return NULL;
	}
	return upnp;
}

static void
unwatch(struct sl_upnp *upnp, int *fd)
{
	if (*fd < 0)
		return;
	upnp->params.unwatch(upnp->params.arg, *fd);
	close(*fd);
	*fd = -1;
}

void
sl_upnp_destroy(struct sl_upnp *upnp)
{
	struct sl_ssdp_message m;

	if (upnp == NULL)
		return;
	/* Only what was announced takes leave. */
	for (unsigned int i = 0; upnp->http != NULL && sl_ssdp_byebye(upnp->ssdp, i, &m); i++)
		send_message(upnp, &m);
	sl_http_destroy(upnp->http);
	sl_events_destroy(upnp->events);
	unwatch(upnp, &upnp->socket);
	unwatch(upnp, &upnp->timer);
	sl_ssdp_destroy(upnp->ssdp);
	free(upnp->addr);
	free(upnp);
}

void
sl_upnp_changed(struct sl_upnp *upnp)
{
	upnp->igd.update_id++;
	sl_events_changed(upnp->events, upnp->params.now(upnp->params.arg));
	wake(upnp);
}

uint64_t
sl_upnp_poll(struct sl_upnp *upnp, uint64_t now)
{
	struct sl_ssdp_message m;
	uint64_t next;

	while (sl_ssdp_next(upnp->ssdp, now, &m))
		send_message(upnp, &m);
	next = sl_ssdp_due(upnp->ssdp);
	next = RTE_MIN(next, sl_events_poll(upnp->events, now));
	next = RTE_MIN(next, sl_http_poll(upnp->http, now));
	/* Far away is soon enough to look again. */
	next = RTE_MIN(next, now + 60000);
	set_timer(upnp, next > now ? next - now : 0);
	return next;
}
