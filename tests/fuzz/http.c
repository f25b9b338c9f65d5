/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of HTTP requests, from a socket on: connections, libmicrohttpd as it is used, checks of
 * header and size, SOAP, descriptions, subscriptions. The network is played: what listens is a
 * pair of sockets' one end, and each connection another pair, so nothing outside is touched and
 * an input means the same each time. The input is what clients say:
 *
 *	flags, bytes, 0xfe 0xfd, flags, bytes, ...
 *
 * A record's bits 0 and 1 are the connection that says it, bits 2 and 3 its host; bit 4: it then
 * says that it has no more; bit 5: the server gets no turn before the next one; bit 6: two seconds
 * go by. However a connection went, it is closed when its time is over, nothing is left of it, and
 * what it was answered begins as HTTP does.
 */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_common.h>

#include "../upnpkit.h"
#include "fuzz.h"
#include "httpd.h"
#include "upnp_http.h"

#define CONNECTIONS 4
#define WATCHES 8
#define PORT 5000
#define OURS RTE_BE32(0x0a000001)

enum record_flags {
	CONNECTION = 3,
	HOST = 12,
	ENDS = 16,
	AT_ONCE = 32,
	LATER = 64,
};

struct client {
	int fd; /* -1: none */
	char said[9]; /* the beginning of what it was answered */
	size_t n;
};

struct watch {
	int fd;
	sl_upnp_fd_fn *fn;
	void *arg;
};

static struct {
	uint64_t now;
	int listener[2], arriving; /* -1: nobody */
	rte_be32_t from;
	struct client client[CONNECTIONS];
	struct watch watch[WATCHES];
} net;

/* ---- the network ---- */

int
bind(int fd, const struct sockaddr *to, socklen_t len)
{
	(void)to;
	(void)len;
	return fd == net.listener[0] ? 0 : -1;
}

int
listen(int fd, int n)
{
	(void)n;
	return fd == net.listener[0] ? 0 : -1;
}

int
accept4(int fd, struct sockaddr *from, socklen_t *len, int flags)
{
	struct sockaddr_in client = {
		.sin_family = AF_INET, .sin_port = RTE_BE16(40000), .sin_addr.s_addr = net.from
	};
	int arrived = net.arriving;

	(void)flags;
	assert(fd == net.listener[0] && *len >= sizeof(client));
	if (arrived < 0) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(from, &client, sizeof(client));
	*len = sizeof(client);
	net.arriving = -1;
	return arrived;
}

int
getsockname(int fd, struct sockaddr *own, socklen_t *len)
{
	struct sockaddr_in ours = {
		.sin_family = AF_INET, .sin_port = RTE_BE16(PORT), .sin_addr.s_addr = OURS
	};

	(void)fd;
	memcpy(own, &ours, RTE_MIN((size_t)*len, sizeof(ours)));
	*len = sizeof(ours);
	return 0;
}

static uint64_t
now_of(void *arg)
{
	(void)arg;
	return net.now;
}

/* The listener; nobody is reached who wants to be told of changes. */
static int
socket_of(void *arg, int domain, int type, int proto)
{
	(void)arg;
	(void)domain;
	(void)type;
	(void)proto;
	if (net.listener[0] >= 0)
		return -EMFILE;
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, net.listener) == 0
		       ? net.listener[0]
		       : -errno;
}

static int
watch(void *arg, int fd, uint32_t events, sl_upnp_fd_fn *fn, void *fn_arg)
{
	(void)arg;
	(void)events;
	for (unsigned int i = 0; i < WATCHES; i++) {
		if (net.watch[i].fn == NULL) {
			net.watch[i] = (struct watch){ fd, fn, fn_arg };
			return 0;
		}
	}
	return -ENOSPC;
}

static int
rewatch(void *arg, int fd, uint32_t events)
{
	(void)arg;
	(void)fd;
	(void)events;
	return 0;
}

static void
unwatch(void *arg, int fd)
{
	(void)arg;
	for (unsigned int i = 0; i < WATCHES; i++)
		if (net.watch[i].fn != NULL && net.watch[i].fd == fd)
			net.watch[i].fn = NULL;
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
turn(struct sl_http *http)
{
	for (unsigned int i = 0; i < WATCHES; i++)
		if (net.watch[i].fn != NULL)
			net.watch[i].fn(net.watch[i].arg, EPOLLIN);
	sl_http_poll(http, net.now);
}

/* ---- clients ---- */

static void
hear(struct client *c)
{
	char data[4096];
	ssize_t n;

	while (c->fd >= 0) {
		n = recv(c->fd, data, sizeof(data), MSG_DONTWAIT);
		if (n <= 0) {
			if (n < 0 && errno == EAGAIN)
				return;
			close(c->fd);
			c->fd = -1;
			return;
		}
		for (ssize_t i = 0; i < n && c->n < sizeof(c->said) - 1; i++)
			c->said[c->n++] = data[i];
	}
}

static void
dial(struct sl_http *http, struct client *c, uint8_t flags)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	*c = (struct client){ .fd = pair[0] };
	net.arriving = pair[1];
	net.from = RTE_BE32(0x0a000002) + ((flags & HOST) >> 2 << 24);
	turn(http);
	assert(net.arriving < 0);
}

static void
say(struct sl_http *http, uint8_t flags, const uint8_t *data, size_t n)
{
	struct client *c = &net.client[flags & CONNECTION];

	if (c->fd < 0)
		dial(http, c, flags);
	while (n > 0 && c->fd >= 0) {
		ssize_t sent = send(c->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0)
			break; /* the server has heard enough */
		data += sent;
		n -= (size_t)sent;
	}
	if ((flags & ENDS) && c->fd >= 0)
		shutdown(c->fd, SHUT_WR);
	if (flags & LATER)
		net.now += 2000;
	if (flags & AT_ONCE)
		return;
	turn(http);
	for (unsigned int i = 0; i < CONNECTIONS; i++)
		hear(&net.client[i]);
}

/* All time is over: everybody was answered or sent away. */
static void
end(struct sl_http *http)
{
	net.now += SL_HTTPD_DEADLINE;
	for (unsigned int i = 0; i < 4; i++) {
		turn(http);
		for (unsigned int k = 0; k < CONNECTIONS; k++)
			hear(&net.client[k]);
	}
	for (unsigned int i = 0; i < CONNECTIONS; i++) {
		const struct client *c = &net.client[i];

		assert(c->fd < 0);
		assert(c->n == 0 || memcmp(c->said, "HTTP/1.1", RTE_MIN(c->n, (size_t)8)) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sl_ifaddr addr = { OURS, 24 };
	struct sl_upnp_params params = { .name = "default",
		.addr = &addr,
		.n_addrs = 1,
		.igd = 2,
		.port = PORT,
		.now = now_of,
		.socket = socket_of,
		.watch = watch,
		.rewatch = rewatch,
		.unwatch = unwatch };
	struct kit *kit = kit_create(2);
	struct sl_events *events;
	struct sl_http *http;

	memset(&net, 0, sizeof(net));
	net.now = kit->now;
	net.arriving = net.listener[0] = net.listener[1] = -1;
	for (unsigned int i = 0; i < CONNECTIONS; i++)
		net.client[i].fd = -1;
	events = sl_events_create(&params, &kit->igd, nothing, NULL);
	http = sl_http_create(&params, &kit->igd, events, nothing, NULL);
	assert(events != NULL && http != NULL);
	while (size > 0) {
		const uint8_t *next = memmem(data, size, "\xfe\xfd", 2);
		size_t n = next != NULL ? (size_t)(next - data) : size;

		if (n > 0)
			say(http, data[0], data + 1, n - 1);
		data += n;
		size -= n;
		if (next != NULL) {
			data += 2;
			size -= 2;
		}
	}
	end(http);
	sl_http_destroy(http);
	sl_events_destroy(events);
	close(net.listener[1]);
	kit_destroy(kit);
	return 0;
}
