/* SPDX-License-Identifier: BSD-3-Clause
 *
 * /metrics: the figures of measures.c over HTTP, and /health: can the box be relied on, at the address of the configuration, in the
 * network namespace that sluice was started in. httpd.c keeps slow and greedy clients in check.
 *
 * However often they are asked for, figures are read once in FRESH_MS for each format; who asks
 * in between gets the same answer. So neither control nor, by cache lines, a worker can be kept
 * busy from there, and many slow clients share one answer in memory.
 *
 * Nobody is asked for a password: the address is to be one that only those reach who may read,
 * as that of a management network. From outside a port of the box is not reached without a
 * statement `service`.
 *
 * Control lcore only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "cli.h"
#include "clock.h"
#include "exposition.h"
#include "httpd.h"
#include "log.h"
#include "measures.h"
#include "metrics.h"

#define FRESH_MS 100
#define MAX_HOST 8 /* connections of one client */
#define BACKLOG 64
#define PAGE "/metrics"
#define HEALTH "/health"

/* An answer of one format, good for a while. */
struct answer {
	struct MHD_Response *response; /* NULL: none yet */
	uint64_t made;
};

struct metrics {
	struct box *box;
	struct sl_metrics_policy at; /* where it is served */
	struct sl_httpd *httpd; /* NULL: nowhere */
	struct answer answer[2]; /* by enum exposition_format */
	struct metrics_view view;
};

/* ---- answers ---- */

static enum MHD_Result
reply(struct MHD_Connection *c, unsigned int status, const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result rc;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Connection", "close");
	MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, HEAD");
	rc = MHD_queue_response(c, status, response);
	MHD_destroy_response(response);
	return rc;
}

/* The figures of this moment as an answer; NULL without memory. */
static struct MHD_Response *
look(struct metrics *m, enum exposition_format format)
{
	struct exposition x = { .format = format };
	uint64_t cycles = rte_get_tsc_cycles();
	struct MHD_Response *response;
	char *text = NULL;
	size_t size;
	bool whole;

	x.out = open_memstream(&text, &size);
	if (x.out == NULL)
		return NULL;
	poolsum_turn(m->box->pools, m->box);
	measures_write(&x, m->box, m->box->pools, sl_httpd_refused(m->httpd));
	exposition_end(&x);
	whole = ferror(x.out) == 0;
	whole &= fclose(x.out) == 0;
	response =
		whole ? MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE) : NULL;
	if (response == NULL) {
		free(text);
		return NULL;
	}
	MHD_add_response_header(response, "Connection", "close");
	MHD_add_response_header(response, "Content-Type", exposition_type(format));
	m->view.looks++;
	m->view.bytes = (uint32_t)size;
	m->view.us = (uint32_t)((rte_get_tsc_cycles() - cycles) * 1000000 / rte_get_tsc_hz());
	return response;
}

static void
forget(struct answer *a)
{
	if (a->response != NULL)
		MHD_destroy_response(a->response); /* who is still being sent it keeps it */
	*a = (struct answer){ 0 };
}

static enum MHD_Result
send_figures(struct metrics *m, struct MHD_Connection *c)
{
	enum exposition_format format = exposition_choose(
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
	struct answer *a = &m->answer[format];
	uint64_t now = clock_now();

	if (a->response == NULL || now - a->made >= FRESH_MS) {
		forget(a);
		a->response = look(m, format);
		a->made = now;
	}
	if (a->response == NULL)
		return reply(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
	m->view.answers++;
	return MHD_queue_response(c, MHD_HTTP_OK, a->response);
}

/* For load balancers: can this box be relied on? */
static enum MHD_Result
send_health(const struct metrics *m, struct MHD_Connection *c)
{
	const struct health *h = &m->box->health;

	for (unsigned int i = 0; i < HEALTH_PROBLEMS; i++)
		if ((h->problems & HEALTH_FATAL & (1u << i)) != 0)
			return reply(c, MHD_HTTP_SERVICE_UNAVAILABLE,
				health_text((enum health_problem)i));
	return h->up ? reply(c, MHD_HTTP_OK, "healthy\n")
		     : reply(c, MHD_HTTP_SERVICE_UNAVAILABLE, "not healthy for long enough\n");
}

/* Once with the header alone, then with what follows, which is not wanted. */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method,
	const char *version, const char *data, size_t *n, void **state)
{
	static char seen;

	(void)version;
	(void)data;
	if (*state == NULL) {
		if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
			return reply(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET is expected\n");
		*state = &seen;
		return MHD_YES;
	}
	if (*n > 0) {
		*n = 0;
		return MHD_YES;
	}
	if (strcmp(url, PAGE) == 0)
		return send_figures(arg, c);
	if (strcmp(url, HEALTH) == 0)
		return send_health(arg, c);
	if (strcmp(url, "/") == 0)
		return reply(c, MHD_HTTP_OK,
			"sluice: figures are at " PAGE ", the box's health at " HEALTH "\n");
	return reply(
		c, MHD_HTTP_NOT_FOUND, "figures are at " PAGE ", the box's health at " HEALTH "\n");
}

/* ---- where ---- */

static uint64_t
now_of(void *arg)
{
	RTE_SET_USED(arg);
	return clock_now();
}

static int
watch(void *arg, int fd, uint32_t events, sl_httpd_fd_fn *fn, void *fn_arg)
{
	const struct metrics *m = arg;

	return loop_add(m->box->loop, fd, events, fn, fn_arg);
}

static void
unwatch(void *arg, int fd)
{
	const struct metrics *m = arg;

	loop_del(m->box->loop, fd);
}

static socklen_t
to_sockaddr(const struct sl_metrics_policy *at, struct sockaddr_storage *to)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)to;
	struct sockaddr_in *four = (struct sockaddr_in *)(void *)to;

	memset(to, 0, sizeof(*to));
	if (at->six) {
		six->sin6_family = AF_INET6;
		six->sin6_port = at->port;
		memcpy(&six->sin6_addr, &at->addr6, sizeof(at->addr6));
		return sizeof(*six);
	}
	four->sin_family = AF_INET;
	four->sin_port = at->port;
	four->sin_addr.s_addr = at->addr;
	return sizeof(*four);
}

/*
 * A listening socket, or -errno.
 * early: at an address that the machine has not got yet, as at its start, the socket waits for it
 */
static int
listen_at(const struct sl_metrics_policy *at, bool early)
{
	int rc, fd, on = 1, off = 0;
	struct sockaddr_storage own;
	socklen_t len = to_sockaddr(at, &own);

	fd = socket(own.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->six) /* [::] is for both families */
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	rc = bind(fd, (struct sockaddr *)&own, len);
	if (rc < 0 && errno == EADDRNOTAVAIL && early) {
		setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)); /* IPv6 minds it too */
		rc = bind(fd, (struct sockaddr *)&own, len);
		if (rc == 0)
			SL_LOG(WARNING,
				"metrics address: this machine has no such address yet; figures "
				"are served when it has");
	}
	if (rc == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* What to do about it. */
static const char *
advice(int error)
{
	switch (error) {
	case EADDRNOTAVAIL:
		return "; give an address that this machine has";
	case EADDRINUSE:
		return "; another program listens there, give another port";
	case EACCES:
		return "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
	default:
		return "";
	}
}

static struct sl_httpd *
serve(struct metrics *m, const struct sl_metrics_policy *at, char *why, size_t size)
{
	const struct sl_httpd_params params = {
		.max_host = MAX_HOST,
		.arg = m,
		.now = now_of,
		.watch = watch,
		.unwatch = unwatch,
		.request = on_request,
		.request_arg = m,
	};
	struct sl_httpd *httpd = NULL;
	int fd = listen_at(at, m->box->started == 0);

	if (fd >= 0)
		httpd = sl_httpd_create(&params, fd);
	if (httpd != NULL)
		return httpd;
	if (fd < 0)
		errno = -fd;
	snprintf(why, size, "metrics address %s: cannot listen there: %s%s",
		at->six ? text_endpoint6(&at->addr6, at->port) : text_endpoint(at->addr, at->port),
		strerror(errno), advice(errno));
	return NULL;
}

static bool
same_place(const struct sl_metrics_policy *a, const struct sl_metrics_policy *b)
{
	return a->on == b->on && a->six == b->six && a->port == b->port && a->addr == b->addr &&
	       memcmp(&a->addr6, &b->addr6, sizeof(a->addr6)) == 0;
}

int
metrics_apply(struct box *box, const struct sl_config *config, char *why, size_t size)
{
	const struct sl_metrics_policy *at = &config->metrics;
	struct metrics *m = box->metrics;
	struct sl_httpd *httpd = NULL;

	poolsum_reset(box->pools);
	if (same_place(at, &m->at))
		return 0;
	if (at->on) {
		httpd = serve(m, at, why, size);
		if (httpd == NULL)
			return -errno;
	}
	sl_httpd_destroy(m->httpd);
	m->httpd = httpd;
	m->at = *at;
	return 0;
}

unsigned int
metrics_poll(struct box *box)
{
	struct metrics *m = box->metrics;
	uint64_t now = clock_now(), at;

	if (m->httpd == NULL)
		return UINT16_MAX;
	at = sl_httpd_poll(m->httpd, now);
	return at <= now ? 0 : (unsigned int)RTE_MIN(at - now, (uint64_t)UINT16_MAX);
}

void
metrics_look(const struct box *box, struct metrics_view *view)
{
	*view = box->metrics->view;
	if (box->metrics->httpd != NULL)
		view->refused = sl_httpd_refused(box->metrics->httpd);
}

/* ---- life ---- */

int
metrics_create(struct box *box)
{
	box->pools = poolsum_create();
	box->metrics = calloc(1, sizeof(*box->metrics));
	if (box->pools == NULL || box->metrics == NULL) {
		SL_LOG(ERR, "no memory for the figures of pools and /metrics");
		metrics_destroy(box);
		return -ENOMEM;
	}
	box->metrics->box = box;
	return 0;
}

void
metrics_destroy(struct box *box)
{
	struct metrics *m = box->metrics;

	if (m != NULL) {
		sl_httpd_destroy(m->httpd);
		forget(&m->answer[EXPOSITION_TEXT]);
		forget(&m->answer[EXPOSITION_OPENMETRICS]);
		free(m);
	}
	poolsum_destroy(box->pools);
	box->metrics = NULL;
	box->pools = NULL;
}
