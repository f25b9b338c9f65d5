/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "upnprig.h"

/* ---- the server's surroundings ---- */

uint64_t
rig_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t
rig_now(void *arg)
{
	const struct rig *rig = arg;

	return rig_ms() + rig->skew;
}

static int
socket_of(void *arg, int domain, int type, int proto)
{
	int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);

	(void)arg;
	return fd < 0 ? -errno : fd;
}

static int
watch(void *arg, int fd, uint32_t events, sl_upnp_fd_fn *fn, void *fn_arg)
{
	return loop_add(((struct rig *)arg)->loop, fd, events, fn, fn_arg);
}

static int
rewatch(void *arg, int fd, uint32_t events)
{
	return loop_mod(((struct rig *)arg)->loop, fd, events);
}

static void
unwatch(void *arg, int fd)
{
	loop_del(((struct rig *)arg)->loop, fd);
}

static void
figures(void *arg, struct sl_upnp_figures *f)
{
	*f = ((struct rig *)arg)->kit->figures;
}

unsigned int rig_port;

void
rig_open(struct rig *rig)
{
	struct sl_upnp_params params = {
		.leases = rig->kit->leases,
		.name = "default",
		.mac = { { 2, 0, 0, 0, 0, 1 } },
		.addr = &rig->addr,
		.n_addrs = 1,
		.igd = 2,
		.boot_id = 1,
		.deadline = DEADLINE,
		.arg = rig,
		.now = rig_now,
		.socket = socket_of,
		.watch = watch,
		.rewatch = rewatch,
		.unwatch = unwatch,
		.figures = figures,
	};

	/* A port that nobody has: other tests may run at the same time. */
	for (rig_port = 20000 + (unsigned int)getpid() % 20000; rig->upnp == NULL; rig_port++) {
		assert_true(rig_port < 60000);
		params.port = (uint16_t)rig_port;
		rig->upnp = sl_upnp_create(&params);
		assert_true(rig->upnp != NULL || errno == EADDRINUSE);
	}
	rig_port--;
}

int
rig_set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	rig->kit = kit_create(2);
	rig->loop = loop_create();
	rig->addr = (struct sl_ifaddr){ kit_addr(BOX), 8 };
	rig_open(rig);
	*state = rig;
	return 0;
}

int
rig_tear_down(void **state)
{
	struct rig *rig = *state;

	sl_upnp_destroy(rig->upnp);
	loop_destroy(rig->loop);
	kit_destroy(rig->kit);
	free(rig);
	return 0;
}

/* ---- clients ---- */

int
rig_dial(struct rig *rig, const char *from)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = kit_addr(from) };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = kit_addr(BOX),
		.sin_port = htons((uint16_t)rig_port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_true(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 || errno == EINPROGRESS);
	loop_turn(rig->loop, 0);
	return fd;
}

void
rig_say(struct rig *rig, int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);

		loop_turn(rig->loop, 0);
		if (sent < 0 && errno != EAGAIN)
			return; /* the server has heard enough */
		if (sent > 0) {
			data += sent;
			n -= (size_t)sent;
		}
	}
}

void
rig_hear(struct rig *rig, int fd, unsigned int ms)
{
	uint64_t end = rig_ms() + ms;

	rig->n = 0;
	rig->closed = false;
	while (!rig->closed && rig_ms() < end) {
		ssize_t n = recv(fd, rig->reply + rig->n, REPLY_MAX - 1 - rig->n, 0);

		if (n > 0)
			rig->n += (size_t)n;
		else if (n == 0 || errno != EAGAIN)
			rig->closed = true;
		loop_turn(rig->loop, rig->closed || n > 0 ? 0 : 1);
	}
	rig->reply[rig->n] = '\0';
}

unsigned int
rig_status(const struct rig *rig)
{
	return strncmp(rig->reply, "HTTP/1.1 ", 9) == 0 ? (unsigned int)atoi(rig->reply + 9) : 0;
}

unsigned int
rig_ask(struct rig *rig, const char *from, const char *request, size_t n)
{
	int fd = rig_dial(rig, from);

	rig_say(rig, fd, request, n);
	rig_hear(rig, fd, 3000);
	assert_true(rig->closed);
	close(fd);
	return rig_status(rig);
}

unsigned int
rig_http(struct rig *rig, const char *from, const char *line, const char *head, const char *body)
{
	static char request[REPLY_MAX];
	int n = snprintf(request, sizeof(request),
		"%s HTTP/1.1\r\nHOST: " BOX ":%u\r\n%sContent-Length: %zu\r\n\r\n%s", line,
		rig_port, head, strlen(body), body);

	return rig_ask(rig, from, request, (size_t)n);
}

bool
rig_says(const struct rig *rig, const char *text)
{
	return strstr(rig->reply, text) != NULL;
}

void
rig_turn_for(struct rig *rig, unsigned int ms)
{
	uint64_t end = rig_ms() + ms;

	while (rig_ms() < end)
		loop_turn(rig->loop, 1);
}
