/* SPDX-License-Identifier: BSD-3-Clause
 *
 * HTTP for a device, by libmicrohttpd without threads: it has an epoll descriptor of its own,
 * which is one more descriptor of control's loop, and never waits.
 *
 * Connections are accepted here and handed to the library, since its own limits are too kind
 * to slow clients: its time-out starts again with each byte. Here a connection has so long
 * for all of it, then it is shut down. A host has few at a time, whoever has more is refused at
 * once; when hosts together hold all of them, the oldest makes room for the new one. A request
 * is answered and the connection closed.
 */
#include "upnp_http.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "upnp_request.h"

#define BACKLOG 64
#define ACCEPT_MAX 32 /* in one go: others want their turn */
#define MEMORY (3 * SL_HTTP_HEADER_MAX) /* of a connection: headers as they came and as parsed */

struct line {
	int fd; /* -1: free */
	rte_be32_t client;
	uint64_t since;
	bool cut; /* shut down; the library is about to close it */
};

struct sl_http {
	const struct sl_upnp_params *params;
	struct sl_request_env env;
	struct MHD_Daemon *daemon;
	int listener, epoll;
	/* Twice as many: those that were cut are there until the library has closed them. */
	struct line line[2 * SL_HTTP_MAX];
};

static void
on_connection(void *arg, struct MHD_Connection *c, void **socket_state,
	enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sl_http *http = arg;

	(void)socket_state;
	if (what != MHD_CONNECTION_NOTIFY_CLOSED || info == NULL)
		return;
	for (unsigned int i = 0; i < RTE_DIM(http->line); i++)
		if (http->line[i].fd == info->connect_fd)
			http->line[i].fd = -1;
}

/* ---- connections ---- */

static void
cut(struct line *line)
{
	shutdown(line->fd, SHUT_RDWR);
	line->cut = true;
}

/* A place for a new connection, NULL: this host has enough. */
static struct line *
find_line(struct sl_http *http, rte_be32_t client)
{
	struct line *free_line = NULL, *oldest = NULL;
	unsigned int n = 0, of_host = 0;

	for (unsigned int i = 0; i < RTE_DIM(http->line); i++) {
		struct line *line = &http->line[i];

		if (line->fd < 0) {
			free_line = line;
			continue;
		}
		of_host += line->client == client;
		if (line->cut)
			continue;
		n++;
		if (oldest == NULL || line->since < oldest->since)
			oldest = line;
	}
	if (of_host >= SL_HTTP_MAX_HOST || free_line == NULL)
		return NULL;
	if (n >= SL_HTTP_MAX)
		cut(oldest);
	return free_line;
}

/* What came in by the TAP may still be meant for another address of the box. */
static bool
is_ours(const struct sl_http *http, int fd)
{
	struct sockaddr_in own = { 0 };
	socklen_t len = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &len) != 0)
		return false;
	for (unsigned int i = 0; i < http->params->n_addrs; i++)
		if (http->params->addr[i].addr == own.sin_addr.s_addr)
			return true;
	return false;
}

static void
take_connection(struct sl_http *http, int fd, const struct sockaddr_in *from)
{
	struct line *line = is_ours(http, fd) ? find_line(http, from->sin_addr.s_addr) : NULL;

	if (line == NULL) {
		close(fd);
		return;
	}
	*line = (struct line){
		.fd = fd,
		.client = from->sin_addr.s_addr,
		.since = http->params->now(http->params->arg),
	};
	/* Closes it when it fails. */
	if (MHD_add_connection(http->daemon, fd, (const struct sockaddr *)from, sizeof(*from)) !=
		MHD_YES)
		line->fd = -1;
}

static void
on_listener(void *arg, uint32_t ready)
{
	struct sl_http *http = arg;

	(void)ready;
	for (int i = 0; i < ACCEPT_MAX; i++) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		int fd = accept4(http->listener, (struct sockaddr *)&from, &len,
			SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			break;
		take_connection(http, fd, &from);
	}
	MHD_run(http->daemon);
	http->env.wake(http->env.wake_arg);
}

static void
on_epoll(void *arg, uint32_t ready)
{
	struct sl_http *http = arg;

	(void)ready;
	MHD_run(http->daemon);
	http->env.wake(http->env.wake_arg);
}

uint64_t
sl_http_poll(struct sl_http *http, uint64_t now)
{
	uint32_t deadline = http->params->deadline;
	uint64_t next = UINT64_MAX;
	MHD_UNSIGNED_LONG_LONG wait;

	if (deadline == 0)
		deadline = SL_HTTP_DEADLINE;
	for (unsigned int i = 0; i < RTE_DIM(http->line); i++) {
		struct line *line = &http->line[i];

		if (line->fd >= 0 && !line->cut && now >= line->since + deadline)
			cut(line);
		if (line->fd >= 0 && !line->cut)
			next = RTE_MIN(next, line->since + deadline);
	}
	MHD_run(http->daemon);
	if (MHD_get_timeout(http->daemon, &wait) == MHD_YES)
		next = RTE_MIN(next, now + wait);
	return next;
}

/* ---- life ---- */

static int
listen_on(struct sl_http *http)
{
	const struct sl_upnp_params *p = http->params;
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = rte_cpu_to_be_16(p->port) };
	const int on = 1;

	http->listener = p->socket(p->arg, AF_INET, SOCK_STREAM, 0);
	if (http->listener < 0)
		return http->listener;
	setsockopt(http->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(http->listener, (struct sockaddr *)&own, sizeof(own)) != 0 ||
		listen(http->listener, BACKLOG) != 0)
		return -errno;
	return p->watch(p->arg, http->listener, EPOLLIN, on_listener, http);
}

static int
start(struct sl_http *http)
{
	const struct sl_upnp_params *p = http->params;
	const union MHD_DaemonInfo *info;

	http->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
		sl_request_on, &http->env, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)RTE_DIM(http->line), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MEMORY, MHD_OPTION_NOTIFY_COMPLETED, sl_request_done, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_CONNECTION_TIMEOUT,
		0U, MHD_OPTION_END);
	if (http->daemon == NULL)
		return -ENOMEM;
	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL || info->epoll_fd < 0)
		return -ENOTSUP;
	if (p->watch(p->arg, info->epoll_fd, EPOLLIN, on_epoll, http) == 0)
		http->epoll = info->epoll_fd;
	return http->epoll >= 0 ? listen_on(http) : -ENOMEM;
}

struct sl_http *
sl_http_create(const struct sl_upnp_params *params, struct sl_igd *igd, struct sl_events *events,
	void (*wake)(void *arg), void *arg)
{
	struct sl_http *http = calloc(1, sizeof(*http));
	int rc;

	if (http == NULL)
		return NULL;
	http->params = params;
	http->env = (struct sl_request_env){ params, igd, events, wake, arg };
	http->listener = http->epoll = -1;
	for (unsigned int i = 0; i < RTE_DIM(http->line); i++)
		http->line[i].fd = -1;
	rc = start(http);
	if (rc != 0) {
		sl_http_destroy(http);
		errno = -rc;
		return NULL;
	}
	return http;
}

void
sl_http_destroy(struct sl_http *http)
{
	if (http == NULL)
		return;
	if (http->listener >= 0) {
		http->params->unwatch(http->params->arg, http->listener);
		close(http->listener);
	}
	if (http->epoll >= 0)
		http->params->unwatch(http->params->arg, http->epoll);
	if (http->daemon != NULL)
		MHD_stop_daemon(http->daemon);
	free(http);
}
