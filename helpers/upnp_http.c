/* SPDX-License-Identifier: BSD-3-Clause
 *
 * HTTP for a device: the server of httpd.c, which says what slow and greedy clients get, on the
 * tenant's inside. upnp_request.c answers.
 */
#include "upnp_http.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_byteorder.h>

#include "httpd.h"
#include "upnp_request.h"

#define BACKLOG 64

struct sl_http {
	const struct sl_upnp_params *params;
	struct sl_request_env env;
	struct sl_httpd *httpd;
};

static uint64_t
now_of(void *arg)
{
	const struct sl_http *http = arg;

	return http->params->now(http->params->arg);
}

static int
watch(void *arg, int fd, uint32_t events, sl_httpd_fd_fn *fn, void *fn_arg)
{
	const struct sl_http *http = arg;

	return http->params->watch(http->params->arg, fd, events, fn, fn_arg);
}

static void
unwatch(void *arg, int fd)
{
	const struct sl_http *http = arg;

	http->params->unwatch(http->params->arg, fd);
}

static void
wake(void *arg)
{
	const struct sl_http *http = arg;

	http->env.wake(http->env.wake_arg);
}

/* What came in by the TAP may still be meant for another address of the box. */
static bool
is_ours(void *arg, int fd)
{
	const struct sl_http *http = arg;
	struct sockaddr_in own = { 0 };
	socklen_t len = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &len) != 0)
		return false;
	for (unsigned int i = 0; i < http->params->n_addrs; i++)
		if (http->params->addr[i].addr == own.sin_addr.s_addr)
			return true;
	return false;
}

/* A listening socket, or -errno. */
static int
listen_on(const struct sl_upnp_params *p)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = rte_cpu_to_be_16(p->port) };
	const int on = 1;
	int rc, fd = p->socket(p->arg, AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

struct sl_http *
sl_http_create(const struct sl_upnp_params *params, struct sl_igd *igd, struct sl_events *events,
	void (*wake_fn)(void *arg), void *arg)
{
	struct sl_http *http = calloc(1, sizeof(*http));
	struct sl_httpd_params server = {
		.max_host = SL_HTTP_MAX_HOST,
		.deadline = params->deadline,
		.arg = http,
		.now = now_of,
		.watch = watch,
		.unwatch = unwatch,
		.welcome = is_ours,
		.wake = wake,
		.request = sl_request_on,
		.done = sl_request_done,
	};
	int listener;

	if (http == NULL)
		return NULL;
	http->params = params;
	http->env = (struct sl_request_env){ params, igd, events, wake_fn, arg };
	server.request_arg = &http->env;
	listener = listen_on(params);
	if (listener >= 0)
		http->httpd = sl_httpd_create(&server, listener);
	else
		errno = -listener;
	if (http->httpd == NULL) {
		free(http);
		return NULL;
	}
	return http;
}

void
sl_http_destroy(struct sl_http *http)
{
	if (http == NULL)
		return;
	sl_httpd_destroy(http->httpd);
	free(http);
}

uint64_t
sl_http_poll(struct sl_http *http, uint64_t now)
{
	return sl_httpd_poll(http->httpd, now);
}
