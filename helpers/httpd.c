/* SPDX-License-Identifier: BSD-3-Clause
 *
 * HTTP by libmicrohttpd without threads: it has an epoll descriptor of its own, which is one
 * more descriptor of control's loop, and never waits.
 *
 * Connections are accepted here and handed to the library, since its own limits are too kind
 * to slow clients: its time-out starts again with each byte. Here a connection has so long
 * for all of it, then it is shut down. A host has few at a time, whoever has more is refused at
 * once; when hosts together hold all of them, the oldest makes room for the new one. A request
 * is answered and the connection closed.
 *
 * Control lcore only. Limits: SL_HTTPD_MAX connections, and as many that were cut and that the
 * library is about to close.
 */
#include "httpd.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_common.h>

#define REST 100 /* milliseconds until accept is tried again */
#define ACCEPT_MAX 32 /* in one go: others want their turn */
#define MEMORY (3 * SL_HTTPD_HEADER_MAX) /* of a connection: headers as they came and as parsed */

/* Who connects: an IPv4 address, or the first half of an IPv6 one, of which a host has many. */
struct client {
	uint8_t net[8];
	sa_family_t family;
};

struct line {
	int fd; /* -1: free */
	struct client client;
	uint64_t since;
	bool cut; /* shut down; the library is about to close it */
};

struct sl_httpd {
	struct sl_httpd_params params;
	struct MHD_Daemon *daemon;
	int listener, epoll;
	uint64_t rests; /* nothing is accepted until then; 0: it is */
	uint64_t refused;
	struct line line[2 * SL_HTTPD_MAX];
};

static void
on_connection(void *arg, struct MHD_Connection *c, void **socket_state,
	enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sl_httpd *httpd = arg;

	(void)socket_state;
	if (what != MHD_CONNECTION_NOTIFY_CLOSED || info == NULL)
		return;
	for (unsigned int i = 0; i < RTE_DIM(httpd->line); i++)
		if (httpd->line[i].fd == info->connect_fd)
			httpd->line[i].fd = -1;
}

/* ---- connections ---- */

static struct client
client_of(const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)from;
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)from;
	struct client c = { .family = from->ss_family };

	/* By a socket of both families IPv4 clients come as ::ffff:a.b.c.d. */
	if (c.family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		c.family = AF_INET;
		memcpy(c.net, &six->sin6_addr.s6_addr[12], 4);
	} else if (c.family == AF_INET6) {
		memcpy(c.net, &six->sin6_addr, sizeof(c.net));
	} else {
		memcpy(c.net, &four->sin_addr, 4);
	}
	return c;
}

static bool
same_client(const struct client *a, const struct client *b)
{
	return a->family == b->family && memcmp(a->net, b->net, sizeof(a->net)) == 0;
}

static void
cut(struct sl_httpd *httpd, struct line *line)
{
	shutdown(line->fd, SHUT_RDWR);
	line->cut = true;
	httpd->refused++;
}

/* A place for a new connection, NULL: this host has enough. */
static struct line *
find_line(struct sl_httpd *httpd, const struct client *client)
{
	struct line *free_line = NULL, *oldest = NULL;
	unsigned int n = 0, of_host = 0;

	for (unsigned int i = 0; i < RTE_DIM(httpd->line); i++) {
		struct line *line = &httpd->line[i];

		if (line->fd < 0) {
			free_line = line;
			continue;
		}
		of_host += same_client(&line->client, client);
		if (line->cut)
			continue;
		n++;
		if (oldest == NULL || line->since < oldest->since)
			oldest = line;
	}
	if (of_host >= httpd->params.max_host || free_line == NULL)
		return NULL;
	if (n >= SL_HTTPD_MAX)
		cut(httpd, oldest);
	return free_line;
}

static void
take_connection(struct sl_httpd *httpd, int fd, const struct sockaddr_storage *from, socklen_t len)
{
	const struct sl_httpd_params *p = &httpd->params;
	struct client client = client_of(from);
	struct line *line = NULL;

	if (p->welcome == NULL || p->welcome(p->arg, fd))
		line = find_line(httpd, &client);
	if (line == NULL) {
		httpd->refused++;
		close(fd);
		return;
	}
	*line = (struct line){ .fd = fd, .client = client, .since = p->now(p->arg) };
	/* Closes it when it fails. */
	if (MHD_add_connection(httpd->daemon, fd, (const struct sockaddr *)from, len) != MHD_YES)
		line->fd = -1;
}

static void
turn(struct sl_httpd *httpd)
{
	MHD_run(httpd->daemon);
	if (httpd->params.wake != NULL)
		httpd->params.wake(httpd->params.arg);
}

/* Who waits to be accepted and cannot be would keep the loop awake. */
static void
rest(struct sl_httpd *httpd)
{
	httpd->params.unwatch(httpd->params.arg, httpd->listener);
	httpd->rests = httpd->params.now(httpd->params.arg) + REST;
}

static void
on_listener(void *arg, uint32_t ready)
{
	struct sl_httpd *httpd = arg;

	(void)ready;
	for (int i = 0; i < ACCEPT_MAX; i++) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);
		int fd = accept4(httpd->listener, (struct sockaddr *)&from, &len,
			SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			take_connection(httpd, fd, &from, len);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			rest(httpd);
		if (fd < 0)
			break;
	}
	turn(httpd);
}

static void
on_epoll(void *arg, uint32_t ready)
{
	(void)ready;
	turn(arg);
}

/* The rest is over, if there is memory to say so. @return when to look again */
static uint64_t
end_rest(struct sl_httpd *httpd, uint64_t now)
{
	const struct sl_httpd_params *p = &httpd->params;

	if (httpd->rests != 0 && now >= httpd->rests) {
		bool over = p->watch(p->arg, httpd->listener, EPOLLIN, on_listener, httpd) == 0;

		httpd->rests = over ? 0 : now + REST;
	}
	return httpd->rests != 0 ? httpd->rests : UINT64_MAX;
}

uint64_t
sl_httpd_poll(struct sl_httpd *httpd, uint64_t now)
{
	uint64_t next = end_rest(httpd, now);
	MHD_UNSIGNED_LONG_LONG wait;

	for (unsigned int i = 0; i < RTE_DIM(httpd->line); i++) {
		struct line *line = &httpd->line[i];

		if (line->fd >= 0 && !line->cut && now >= line->since + httpd->params.deadline)
			cut(httpd, line);
		if (line->fd >= 0 && !line->cut)
			next = RTE_MIN(next, line->since + httpd->params.deadline);
	}
	MHD_run(httpd->daemon);
	if (MHD_get_timeout(httpd->daemon, &wait) == MHD_YES)
		next = RTE_MIN(next, now + wait);
	return next;
}

uint64_t
sl_httpd_refused(const struct sl_httpd *httpd)
{
	return httpd->refused;
}

/* ---- life ---- */

static int
start(struct sl_httpd *httpd, int listener)
{
	const struct sl_httpd_params *p = &httpd->params;
	const union MHD_DaemonInfo *info;
	int rc;

	httpd->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
		p->request, p->request_arg, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)RTE_DIM(httpd->line), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MEMORY, MHD_OPTION_NOTIFY_COMPLETED, p->done, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, httpd, MHD_OPTION_CONNECTION_TIMEOUT,
		0U, MHD_OPTION_END);
	if (httpd->daemon == NULL)
		return -ENOMEM;
	info = MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL || info->epoll_fd < 0)
		return -ENOTSUP;
	rc = p->watch(p->arg, info->epoll_fd, EPOLLIN, on_epoll, httpd);
	if (rc < 0)
		return rc;
	httpd->epoll = info->epoll_fd;
	rc = p->watch(p->arg, listener, EPOLLIN, on_listener, httpd);
	if (rc < 0)
		return rc;
	httpd->listener = listener;
	return 0;
}

struct sl_httpd *
sl_httpd_create(const struct sl_httpd_params *params, int listener)
{
	struct sl_httpd *httpd = calloc(1, sizeof(*httpd));
	int rc = -ENOMEM;

	if (httpd != NULL) {
		httpd->params = *params;
		if (params->deadline == 0)
			httpd->params.deadline = SL_HTTPD_DEADLINE;
		httpd->listener = httpd->epoll = -1;
		for (unsigned int i = 0; i < RTE_DIM(httpd->line); i++)
			httpd->line[i].fd = -1;
		rc = start(httpd, listener);
	}
	if (rc == 0)
		return httpd;
	sl_httpd_destroy(httpd);
	close(listener);
	errno = -rc;
	return NULL;
}

void
sl_httpd_destroy(struct sl_httpd *httpd)
{
	if (httpd == NULL)
		return;
	if (httpd->listener >= 0) {
		httpd->params.unwatch(httpd->params.arg, httpd->listener);
		close(httpd->listener);
	}
	if (httpd->epoll >= 0)
		httpd->params.unwatch(httpd->params.arg, httpd->epoll);
	if (httpd->daemon != NULL)
		MHD_stop_daemon(httpd->daemon);
	free(httpd);
}
