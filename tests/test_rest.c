/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Without a descriptor left: who waits to be accepted does not keep the loop awake, and is served
 * as soon as there is one again. Descriptors are real ones, used up to the limit.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <rte_common.h>

#include "httpd.h"
#include "loop.h"

#define MANY 256 /* descriptors that are open at most */
#define BODY "here"

static struct loop *loop;
static struct sl_httpd *httpd;
static struct sockaddr_in box;
static int used[MANY];
static unsigned int n_used;

static uint64_t
now_of(void *arg)
{
	struct timespec ts;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int
watch(void *arg, int fd, uint32_t events, sl_httpd_fd_fn *fn, void *fn_arg)
{
	(void)arg;
	return loop_add(loop, fd, events, fn, fn_arg);
}

static void
unwatch(void *arg, int fd)
{
	(void)arg;
	loop_del(loop, fd);
}

static enum MHD_Result
answer(void *arg, struct MHD_Connection *c, const char *url, const char *method,
	const char *version, const char *data, size_t *size, void **own)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		sizeof(BODY) - 1, (void *)(uintptr_t)BODY, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result rc = MHD_queue_response(c, MHD_HTTP_OK, r);

	(void)arg, (void)url, (void)method, (void)version, (void)data, (void)size, (void)own;
	MHD_destroy_response(r);
	return rc;
}

/* ---- descriptors ---- */

static void
limit(rlim_t n)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	r.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
}

/* All of them, but those that are open. */
static void
use_up(void)
{
	limit(MANY);
	while ((used[n_used] = dup(STDERR_FILENO)) >= 0)
		n_used++;
	assert_int_equal(errno, EMFILE);
}

static void
give_back(void)
{
	while (n_used > 0)
		close(used[--n_used]);
}

/* ---- the loop as control turns it ---- */

/* Turns of the loop in so many milliseconds. */
static unsigned int
turns_in(unsigned int ms)
{
	uint64_t end = now_of(NULL) + ms;
	unsigned int n = 0;

	for (uint64_t now; (now = now_of(NULL)) < end; n++) {
		uint64_t next = httpd != NULL ? sl_httpd_poll(httpd, now) : UINT64_MAX;

		assert_int_equal(loop_turn(loop, (int)RTE_MIN(next - now, end - now)), 0);
	}
	return n;
}

static int
listener(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(box);

	box = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (struct sockaddr *)&box, sizeof(box)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&box, &len), 0);
	return fd;
}

static int
client(void)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&box, sizeof(box)), 0);
	assert_int_equal(send(fd, request, sizeof(request) - 1, 0), sizeof(request) - 1);
	return fd;
}

/* A server, and a client that it has not accepted yet. */
static int
client_of_server(void)
{
	const struct sl_httpd_params params = {
		.max_host = 4,
		.now = now_of,
		.watch = watch,
		.unwatch = unwatch,
		.request = answer,
	};

	httpd = sl_httpd_create(&params, listener());
	assert_non_null(httpd);
	return client();
}

static void
end_server(void)
{
	sl_httpd_destroy(httpd);
	httpd = NULL;
}

/* Has the server answered since this was asked last? */
static bool
is_answered(int fd)
{
	char reply[512] = "";
	ssize_t n = recv(fd, reply, sizeof(reply) - 1, MSG_DONTWAIT);

	return n > 0 && strstr(reply, BODY) != NULL;
}

static void
server_waits_asleep_for_a_descriptor(void **state)
{
	int fd = client_of_server();

	(void)state;
	use_up();
	assert_true(turns_in(500) < 100);
	assert_false(is_answered(fd));
	give_back();
	for (unsigned int i = 0; i < 100 && !is_answered(fd); i++)
		assert_in_range(turns_in(20), 1, 1000);
	close(fd);
	fd = client(); /* and as ever */
	turns_in(20);
	assert_true(is_answered(fd));
	close(fd);
	end_server();
}

/* Also while it rests. */
static void
server_ends_without_a_descriptor(void **state)
{
	int fd = client_of_server();

	(void)state;
	use_up();
	turns_in(20);
	end_server();
	give_back();
	assert_int_equal(recv(fd, &(char){ 0 }, 1, 0), -1); /* reset: nobody listens */
	close(fd);
}

static unsigned int n_ready;

static void
on_ready(void *arg, uint32_t events)
{
	(void)events;
	n_ready++;
	if (arg != NULL)
		loop_rest(loop, *(int *)arg, 50);
}

/* What is ready stays ready, and is said again when the rest is over. */
static void
watch_that_rests_is_left_alone(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(send(pair[1], "x", 1, 0), 1);
	assert_int_equal(loop_add(loop, pair[0], EPOLLIN, on_ready, &pair[0]), 0);
	n_ready = 0;
	turns_in(490);
	assert_in_range(n_ready, 2, 10);
	/* Another wish does not wake it; it counts afterwards. */
	assert_int_equal(loop_mod(loop, pair[0], EPOLLIN | EPOLLOUT), 0);
	n_ready = 0;
	assert_int_equal(loop_turn(loop, 0), 0);
	turns_in(200);
	assert_in_range(n_ready, 1, 5);
	/* It may end meanwhile; its number may be another's at once. */
	loop_del(loop, pair[0]);
	loop_rest(loop, pair[0], 50);
	assert_int_equal(loop_add(loop, pair[0], EPOLLIN, on_ready, NULL), 0);
	n_ready = 0;
	loop_turn(loop, 0);
	assert_int_equal(n_ready, 1);
	loop_del(loop, pair[0]);
	loop_turn(loop, 0);
	close(pair[0]);
	close(pair[1]);
}

static int
set_up(void **state)
{
	(void)state;
	loop = loop_create();
	return loop == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	loop_destroy(loop);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(watch_that_rests_is_left_alone),
		cmocka_unit_test(server_waits_asleep_for_a_descriptor),
		cmocka_unit_test(server_ends_without_a_descriptor),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
