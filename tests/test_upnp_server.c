/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A UPnP server on the loopback: HTTP with clients that are right, wrong, slow and many; events
 * to subscribers that listen, do not, or are somebody else. Time is real but can be put forward.
 */
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
#include <rte_byteorder.h>
#include <rte_common.h>

#include "loop.h"
#include "upnpkit.h"

#define DEADLINE 400
#define REPLY_MAX 65536
#define LAN1 "127.0.0.2"
#define LAN2 "127.0.0.3"
#define BOX "127.0.0.1"

struct rig {
	struct kit *kit;
	struct loop *loop;
	struct sl_upnp *upnp;
	struct sl_ifaddr addr;
	uint64_t skew; /* put forward */
	char reply[REPLY_MAX];
	size_t n;
	bool closed; /* by the server */
};

/* ---- the server's surroundings ---- */

static uint64_t
real_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static uint64_t
now_of(void *arg)
{
	const struct rig *rig = arg;

	return real_ms() + rig->skew;
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

static unsigned int port;

static void
open_server(struct rig *rig)
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
		.now = now_of,
		.socket = socket_of,
		.watch = watch,
		.rewatch = rewatch,
		.unwatch = unwatch,
		.figures = figures,
	};

	/* A port that nobody has: other tests may run at the same time. */
	for (port = 20000 + (unsigned int)getpid() % 20000; rig->upnp == NULL; port++) {
		assert_true(port < 60000);
		params.port = (uint16_t)port;
		rig->upnp = sl_upnp_create(&params);
		assert_true(rig->upnp != NULL || errno == EADDRINUSE);
	}
	port--;
}

static int
set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	rig->kit = kit_create(2);
	rig->loop = loop_create();
	rig->addr = (struct sl_ifaddr){ kit_addr(BOX), 8 };
	open_server(rig);
	*state = rig;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *rig = *state;

	sl_upnp_destroy(rig->upnp);
	loop_destroy(rig->loop);
	kit_destroy(rig->kit);
	free(rig);
	return 0;
}

/* ---- clients ---- */

static int
dial(struct rig *rig, const char *from)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = kit_addr(from) };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = kit_addr(BOX),
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_true(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 || errno == EINPROGRESS);
	loop_turn(rig->loop, 0);
	return fd;
}

static void
say(struct rig *rig, int fd, const char *data, size_t n)
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

/* Until the server has closed, or ms have passed. */
static void
hear(struct rig *rig, int fd, unsigned int ms)
{
	uint64_t end = real_ms() + ms;

	rig->n = 0;
	rig->closed = false;
	while (!rig->closed && real_ms() < end) {
		ssize_t n = recv(fd, rig->reply + rig->n, REPLY_MAX - 1 - rig->n, 0);

		if (n > 0)
			rig->n += (size_t)n;
		else if (n == 0 || errno != EAGAIN)
			rig->closed = true;
		loop_turn(rig->loop, rig->closed || n > 0 ? 0 : 1);
	}
	rig->reply[rig->n] = '\0';
}

/* Status of a reply, 0: there was none. */
static unsigned int
status_of(const struct rig *rig)
{
	return strncmp(rig->reply, "HTTP/1.1 ", 9) == 0 ? (unsigned int)atoi(rig->reply + 9) : 0;
}

static unsigned int
ask(struct rig *rig, const char *from, const char *request, size_t n)
{
	int fd = dial(rig, from);

	say(rig, fd, request, n);
	hear(rig, fd, 3000);
	assert_true(rig->closed);
	close(fd);
	return status_of(rig);
}

/* A request for BOX; head has lines that end in CRLF. */
static unsigned int
http(struct rig *rig, const char *from, const char *line, const char *head, const char *body)
{
	static char request[REPLY_MAX];
	int n = snprintf(request, sizeof(request),
		"%s HTTP/1.1\r\nHOST: " BOX ":%u\r\n%sContent-Length: %zu\r\n\r\n%s", line, port,
		head, strlen(body), body);

	return ask(rig, from, request, (size_t)n);
}

static bool
says(const struct rig *rig, const char *text)
{
	return strstr(rig->reply, text) != NULL;
}

static void
turn_for(struct rig *rig, unsigned int ms)
{
	uint64_t end = real_ms() + ms;

	while (real_ms() < end)
		loop_turn(rig->loop, 1);
}

#define SOAP_HEAD "SOAPACTION: \"urn:schemas-upnp-org:service:WANIPConnection:1#GetStatusInfo\"\r\n"
#define SOAP_BODY                                                                                  \
	"<s:Envelope xmlns:s=\"x\"><s:Body><u:GetStatusInfo xmlns:u=\"y\"/></s:Body></s:Envelope>"

/* ---- HTTP ---- */

static void
descriptions_are_where_they_are_said_to_be(void **state)
{
	struct rig *rig = *state;
	char line[128], *copy;

	assert_int_equal(http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
	assert_true(says(rig, "\r\nContent-Type: text/xml; charset=\"utf-8\"\r\n"));
	assert_true(says(rig, "\r\nConnection: close\r\n"));
	copy = strdup(rig->reply);
	for (char *url = copy; (url = strstr(url, "<SCPDURL>")) != NULL;) {
		url += 9;
		snprintf(line, sizeof(line), "GET %.*s", (int)strcspn(url, "<"), url);
		assert_int_equal(http(rig, LAN1, line, "", ""), 200);
		assert_true(says(rig, "<scpd "));
	}
	for (char *url = copy; (url = strstr(url, "<controlURL>")) != NULL;) {
		url += 12;
		snprintf(line, sizeof(line), "POST %.*s", (int)strcspn(url, "<"), url);
		assert_int_equal(http(rig, LAN1, line, "SOAPACTION: x\r\n", ""), 500);
		assert_true(says(rig, "<errorCode>401</errorCode>"));
	}
	free(copy);
	assert_int_equal(http(rig, LAN1, "HEAD /rootDesc.xml", "", ""), 200);
	assert_true(strstr(rig->reply, "\r\n\r\n")[4] == '\0');
}

static void
other_paths_and_methods_are_refused(void **state)
{
	static const char *const none[] = { "GET /", "GET /ctl", "GET /evt/", "GET /ipc.xml/",
		"GET /../rootDesc.xml", "GET /rootDesc.xm", "POST /ctl/xyz", "SUBSCRIBE /evt/x",
		"GET /%00" };
	static const char *const method[] = { "POST /rootDesc.xml", "PUT /ipc.xml", "GET /ctl/ipc",
		"OPTIONS /ctl/ipc", "M-POST /ctl/ipc", "GET /evt/ipc", "POST /evt/ipc",
		"DELETE /ctl/ipc" };
	struct rig *rig = *state;

	for (unsigned int i = 0; i < RTE_DIM(none); i++)
		if (http(rig, LAN1, none[i], "", "") != 404)
			fail_msg("%s: %s", none[i], rig->reply);
	for (unsigned int i = 0; i < RTE_DIM(method); i++) {
		assert_int_equal(http(rig, LAN1, method[i], "", ""), 405);
		assert_true(says(rig, "\r\nAllow: "));
	}
}

/* DNS rebinding: the browser tells whom it believes to talk to. */
static void
host_must_be_an_address_of_the_box(void **state)
{
	static const char *const bad[] = { "evil.example", "evil.example:%u", BOX, BOX ":1%u",
		BOX ":%ux", BOX ":", "127.0.0.2:%u", BOX ".evil.example:%u", "localhost:%u",
		"[::1]:%u", "2130706433:%u", "0177.0.0.1:%u", "x@" BOX ":%u", "" };
	struct rig *rig = *state;
	char request[512], host[128];
	unsigned int status;

	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		snprintf(host, sizeof(host), bad[i], port);
		snprintf(request, sizeof(request), "GET /rootDesc.xml HTTP/1.1\r\nHost: %s\r\n\r\n",
			host);
		status = ask(rig, LAN1, request, strlen(request));
		if (status != 403 && status != 400)
			fail_msg("%s: %u", host, status);
		assert_false(says(rig, "<root"));
	}
	snprintf(request, sizeof(request),
		"GET /rootDesc.xml HTTP/1.1\r\nHost: " BOX ":%u\r\nHost: evil\r\n\r\n", port);
	assert_int_equal(ask(rig, LAN1, request, strlen(request)), 400);
	assert_int_equal(ask(rig, LAN1, "GET /rootDesc.xml HTTP/1.1\r\n\r\n", 30), 400);
	assert_int_equal(ask(rig, LAN1, "GET /rootDesc.xml HTTP/1.0\r\n\r\n", 30), 400);
}

static void
actions_come_by_post(void **state)
{
	struct rig *rig = *state;
	char request[1024];

	assert_int_equal(http(rig, LAN1, "POST /ctl/ipc", SOAP_HEAD, SOAP_BODY), 200);
	assert_true(says(rig, "<NewConnectionStatus>Connected<"));
	assert_true(says(rig, "\r\nEXT:"));
	assert_int_equal(http(rig, LAN1, "POST /ctl/ipc",
				 SOAP_HEAD "Content-Type: application/octet-stream\r\n", SOAP_BODY),
		200);
	assert_int_equal(http(rig, LAN1, "POST /ctl/ipc", "", SOAP_BODY), 400);
	assert_int_equal(http(rig, LAN1, "POST /ctl/ipc", SOAP_HEAD, "<a>"), 400);
	/* of another service */
	assert_int_equal(http(rig, LAN1, "POST /ctl/cif", SOAP_HEAD, SOAP_BODY), 500);
	snprintf(request, sizeof(request),
		"POST /ctl/ipc HTTP/1.1\r\nHost: " BOX ":%u\r\n" SOAP_HEAD
		"Transfer-Encoding: chunked\r\n\r\n%zx\r\n" SOAP_BODY "\r\n0\r\n\r\n",
		port, strlen(SOAP_BODY));
	assert_int_equal(ask(rig, LAN1, request, strlen(request)), 200);
}

static void
request_in_pieces_is_read(void **state)
{
	struct rig *rig = *state;
	char request[1024];
	int fd = dial(rig, LAN1), n;

	n = snprintf(request, sizeof(request),
		"POST /ctl/ipc HTTP/1.1\r\nHost: " BOX ":%u\r\n" SOAP_HEAD
		"Content-Length: %zu\r\n\r\n" SOAP_BODY,
		port, strlen(SOAP_BODY));
	for (int i = 0; i < n; i++)
		say(rig, fd, request + i, 1);
	hear(rig, fd, 3000);
	assert_int_equal(status_of(rig), 200);
	close(fd);
}

/* The mapping's owner is who asks, by the connection and not by what is said. */
static void
clients_are_told_apart_by_their_address(void **state)
{
	static const char head[] =
		"SOAPACTION: \"urn:schemas-upnp-org:service:WANIPConnection:1#AddPortMapping\"\r\n"
		"X-Forwarded-For: " LAN2 "\r\n";
	static const char body[] =
		"<Envelope><Body><AddPortMapping><NewRemoteHost/><NewExternalPort>6000"
		"</NewExternalPort><NewProtocol>UDP</NewProtocol><NewInternalPort>6000"
		"</NewInternalPort><NewInternalClient>" LAN2 "</NewInternalClient><NewEnabled>1"
		"</NewEnabled><NewPortMappingDescription/><NewLeaseDuration>60</NewLeaseDuration>"
		"</AddPortMapping></Body></Envelope>";
	struct rig *rig = *state;

	assert_int_equal(http(rig, LAN1, "POST /ctl/ipc", head, body), 500);
	assert_true(says(rig, "<errorCode>606<"));
	assert_int_equal(http(rig, LAN2, "POST /ctl/ipc", head, body), 200);
	assert_int_equal(sl_lease_count(rig->kit->leases, 0), 1);
}

static void
sizes_are_limited(void **state)
{
	struct rig *rig = *state;
	char *big = malloc(40000);
	int n;

	memset(big, 'a', 40000);
	n = snprintf(big, 200, "GET /rootDesc.xml HTTP/1.1\r\nHost: " BOX ":%u\r\nX: ", port);
	big[n] = 'a';
	memcpy(big + 9000, "\r\n\r\n", 4);
	assert_int_equal(ask(rig, LAN1, big, 9004), 431);
	memset(big + 9000, 'a', 4);
	memcpy(big + 39000, "\r\n\r\n", 4);
	assert_int_not_equal(ask(rig, LAN1, big, 39004), 200);
	/* in good time, before anything of it has come */
	n = snprintf(big, 400,
		"POST /ctl/ipc HTTP/1.1\r\nHost: " BOX ":%u\r\n" SOAP_HEAD
		"Content-Length: 16385\r\n\r\n",
		port);
	assert_int_equal(ask(rig, LAN1, big, (size_t)n), 413);
	n = snprintf(big, 400,
		"POST /ctl/ipc HTTP/1.1\r\nHost: " BOX ":%u\r\n" SOAP_HEAD
		"Transfer-Encoding: chunked\r\n\r\n6000\r\n",
		port);
	big[n] = '<';
	assert_int_equal(ask(rig, LAN1, big, 30000), 0);
	assert_int_equal(http(rig, LAN1, "POST /ctl/ipc", SOAP_HEAD, SOAP_BODY), 200);
	free(big);
}

static void
garbage_harms_nobody(void **state)
{
	struct rig *rig = *state;
	unsigned int seed = 7;
	char bytes[3000];

	for (unsigned int i = 0; i < 300; i++) {
		int fd = dial(rig, LAN1);

		for (unsigned int b = 0; b < sizeof(bytes); b++)
			bytes[b] = (char)((seed = seed * 1103515245 + 12345) >> 16);
		if (i % 2 == 0)
			memcpy(bytes, "POST /ctl/ipc HTTP/1.1\r\n", 24);
		say(rig, fd, bytes, i * 10);
		close(fd);
		loop_turn(rig->loop, 0);
	}
	assert_int_equal(http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
}

/* ---- many and slow ---- */

/* Slowly: they begin a request and never end it. */
static void
open_slow(struct rig *rig, int *fd, unsigned int n, unsigned int hosts)
{
	char from[32];

	for (unsigned int i = 0; i < n; i++) {
		snprintf(from, sizeof(from), "127.0.1.%u", 1 + i % hosts);
		fd[i] = dial(rig, from);
		say(rig, fd[i], "GET /rootDesc.xml HTTP/1.1\r\nX: ", 31);
	}
}

static unsigned int
still_open(struct rig *rig, const int *fd, unsigned int n)
{
	unsigned int open = 0;

	for (unsigned int i = 0; i < n; i++) {
		hear(rig, fd[i], 1);
		open += !rig->closed;
	}
	return open;
}

static void
close_all(const int *fd, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		close(fd[i]);
}

static void
slow_host_keeps_few_and_others_are_served(void **state)
{
	struct rig *rig = *state;
	uint64_t start;
	int fd[200];

	rig->skew = 0;
	open_slow(rig, fd, 200, 1);
	start = real_ms();
	assert_int_equal(http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
	assert_true(real_ms() - start < DEADLINE);
	assert_true(still_open(rig, fd, 200) <= 4);
	close_all(fd, 200);
}

static void
slow_hosts_together_do_not_keep_others_out(void **state)
{
	struct rig *rig = *state;
	uint64_t start;
	int fd[200];

	open_slow(rig, fd, 200, 50);
	start = real_ms();
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
	assert_true(real_ms() - start < DEADLINE);
	assert_true(still_open(rig, fd, 200) <= 16);
	close_all(fd, 200);
}

static void
each_byte_is_no_new_deadline(void **state)
{
	struct rig *rig = *state;
	uint64_t start = real_ms();
	int fd = dial(rig, LAN1);

	rig->closed = false;
	say(rig, fd, "GET /rootDesc.xml HTTP/1.1\r\nX: ", 31);
	while (!rig->closed && real_ms() < start + 10 * DEADLINE) {
		say(rig, fd, "x", 1);
		hear(rig, fd, 20);
	}
	assert_true(rig->closed);
	assert_in_range(real_ms() - start, DEADLINE - 50, 4 * DEADLINE);
	close(fd);
	/* nor one that says nothing at all, nor one that does not read its answer */
	start = real_ms();
	fd = dial(rig, LAN1);
	hear(rig, fd, 10 * DEADLINE);
	assert_true(rig->closed);
	assert_true(real_ms() - start < 4 * DEADLINE);
	close(fd);
}

static void
server_ends_with_connections_open(void **state)
{
	struct rig *rig = *state;
	int fd[20];

	open_slow(rig, fd, 20, 5);
	sl_upnp_destroy(rig->upnp);
	rig->upnp = NULL;
	close_all(fd, 20);
	open_server(rig);
	assert_int_equal(http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
}

/* ---- SSDP by its socket ---- */

static void
search_by_unicast_is_answered(void **state)
{
	static const char search[] = "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: "
				     "urn:schemas-upnp-org:service:WANIPConnection:1\r\n\r\n";
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = kit_addr(LAN1) };
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = kit_addr(BOX), .sin_port = htons(1900)
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct rig *rig = *state;
	ssize_t n = -1;

	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_true(
		sendto(fd, search, sizeof(search) - 1, 0, (struct sockaddr *)&to, sizeof(to)) > 0);
	for (unsigned int i = 0; i < 1000 && n < 0; i++) {
		loop_turn(rig->loop, 1);
		n = recv(fd, rig->reply, REPLY_MAX - 1, 0);
	}
	assert_true(n > 0);
	rig->reply[n] = '\0';
	assert_int_equal(status_of(rig), 200);
	close(fd);
}

/* ---- events ---- */

struct listener {
	int fd, conn;
	unsigned int port;
	char sid[64];
	struct rig *rig;
};

static struct listener
listen_at(struct rig *rig, const char *host)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = kit_addr(host) };
	socklen_t len = sizeof(own);
	struct listener l = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), .rig = rig };

	assert_int_equal(bind(l.fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(listen(l.fd, 8), 0);
	getsockname(l.fd, (struct sockaddr *)&own, &len);
	l.port = ntohs(own.sin_port);
	return l;
}

/* The next message, answered; false: none within ms. */
static bool
next_event(struct listener *l, unsigned int ms)
{
	uint64_t end = real_ms() + ms;
	int fd = -1;

	while (fd < 0 && real_ms() < end) {
		loop_turn(l->rig->loop, 1);
		fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK);
	}
	if (fd < 0)
		return false;
	l->rig->n = 0;
	while (strstr(l->rig->reply, "</e:propertyset>") == NULL || l->rig->n == 0) {
		ssize_t n = recv(fd, l->rig->reply + l->rig->n, REPLY_MAX - 1 - l->rig->n, 0);

		loop_turn(l->rig->loop, 1);
		l->rig->n += n > 0 ? (size_t)n : 0;
		l->rig->reply[l->rig->n] = '\0';
		assert_true(real_ms() < end);
	}
	say(l->rig, fd, "HTTP/1.1 200 OK\r\n\r\n", 19);
	loop_turn(l->rig->loop, 1);
	close(fd);
	return true;
}

static unsigned int
subscribe(struct rig *rig, const char *from, const char *callback, char sid[64])
{
	char head[1024];
	const char *at;

	snprintf(head, sizeof(head), "CALLBACK: %s\r\nNT: upnp:event\r\nTIMEOUT: Second-300\r\n",
		callback);
	http(rig, from, "SUBSCRIBE /evt/ipc", head, "");
	at = strstr(rig->reply, "\r\nSID: ");
	if (sid != NULL && at != NULL)
		snprintf(sid, 64, "%.*s", (int)strcspn(at + 7, "\r"), at + 7);
	return status_of(rig);
}

static unsigned int
with_sid(struct rig *rig, const char *from, const char *method, const char *sid, const char *more)
{
	char head[256], line[64];

	snprintf(line, sizeof(line), "%s /evt/ipc", method);
	snprintf(head, sizeof(head), "SID: %s\r\n%s", sid, more);
	return http(rig, from, line, head, "");
}

static struct listener
subscribed(struct rig *rig, const char *host)
{
	struct listener l = listen_at(rig, host);
	char callback[128];

	snprintf(callback, sizeof(callback), "<http://%s:%u/a/b?c=d>", host, l.port);
	assert_int_equal(subscribe(rig, host, callback, l.sid), 200);
	return l;
}

static void
add_lease(struct rig *rig, const char *host)
{
	struct sl_lease_request r = {
		.lease = { .proto = IPPROTO_UDP,
			.enabled = true,
			.in_addr = kit_addr(host),
			.in_port = RTE_BE16(6000),
			.out_port = RTE_BE16(6000) },
		.client = kit_addr(host),
		.seconds = 3600,
	};
	struct sl_lease lease;

	assert_int_equal(sl_lease_open(rig->kit->leases, &r, now_of(rig), &lease), 0);
	sl_upnp_changed(rig->upnp);
}

static void
subscriber_is_told_all_and_then_what_changes(void **state)
{
	struct rig *rig = *state;
	struct listener l = subscribed(rig, LAN1);

	assert_true(says(rig, "\r\nTIMEOUT: Second-300\r\n"));
	assert_true(says(rig, "\r\nSID: uuid:"));
	assert_true(next_event(&l, 2000));
	assert_int_equal(strncmp(rig->reply, "NOTIFY /a/b?c=d HTTP/1.1\r\n", 26), 0);
	assert_true(says(rig, l.sid));
	assert_true(says(rig, "\r\nSEQ: 0\r\n"));
	assert_true(says(rig, "\r\nNT: upnp:event\r\nNTS: upnp:propchange\r\n"));
	assert_true(says(rig, "<ConnectionStatus>Connected</ConnectionStatus>"));
	assert_true(says(rig, "<ExternalIPAddress>192.0.2.1</ExternalIPAddress>"));
	assert_true(says(rig, "<PortMappingNumberOfEntries>0</PortMappingNumberOfEntries>"));
	assert_true(says(rig, "<PossibleConnectionTypes>IP_Routed</PossibleConnectionTypes>"));
	assert_true(says(rig, "<SystemUpdateID>0</SystemUpdateID>"));
	assert_false(next_event(&l, 300));
	add_lease(rig, LAN1);
	assert_true(next_event(&l, 2000));
	assert_true(says(rig, "\r\nSEQ: 1\r\n"));
	assert_true(says(rig, "<PortMappingNumberOfEntries>1</PortMappingNumberOfEntries>"));
	assert_false(says(rig, "ConnectionStatus"));
	rig->kit->figures.up = false;
	sl_upnp_changed(rig->upnp);
	assert_true(next_event(&l, 2000));
	assert_true(says(rig, "\r\nSEQ: 2\r\n"));
	assert_true(says(rig, "<ConnectionStatus>Disconnected</ConnectionStatus>"));
	close(l.fd);
}

static void
many_changes_make_one_message(void **state)
{
	struct rig *rig = *state;
	struct listener l = subscribed(rig, LAN1);

	assert_true(next_event(&l, 2000));
	for (unsigned int i = 0; i < 1000; i++)
		sl_upnp_changed(rig->upnp);
	assert_true(next_event(&l, 2000));
	assert_true(says(rig, "<SystemUpdateID>1000</SystemUpdateID>"));
	assert_false(next_event(&l, 400));
	close(l.fd);
}

/* CallStranger, CVE-2020-12695. */
static void
nobody_is_told_but_the_subscriber(void **state)
{
	struct rig *rig = *state;
	struct listener other = listen_at(rig, LAN2), own = listen_at(rig, LAN1);
	static const char *const bad[] = { "<http://" LAN2 ":%u/>", "<http://localhost:%u/>",
		"<http://" LAN1 "@" LAN2 ":%u/>", "<http://" LAN1 ".example:%u/>",
		"http://" LAN1 ":%u/", "<https://" LAN1 ":%u/>", "<http://" LAN1 ":0/>",
		"<http://" LAN1 ":99999/>", "<http://" LAN1 ":%u/\x80>", "<>", "<", "",
		"<http://2130706434:%u/>" };
	char callback[256];

	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		snprintf(callback, sizeof(callback), bad[i], other.port);
		if (subscribe(rig, LAN1, callback, NULL) != 412)
			fail_msg("%s: %s", callback, rig->reply);
	}
	/* the first that is its own */
	snprintf(callback, sizeof(callback), "<http://" LAN2 ":%u/><http://" LAN1 ":%u/own>",
		other.port, own.port);
	assert_int_equal(subscribe(rig, LAN1, callback, NULL), 200);
	assert_true(next_event(&own, 2000));
	assert_int_equal(strncmp(rig->reply, "NOTIFY /own HTTP/1.1\r\n", 22), 0);
	assert_false(next_event(&other, 300));
	close(own.fd);
	close(other.fd);
}

static void
subscriptions_are_renewed_and_ended_by_their_owner(void **state)
{
	struct rig *rig = *state;
	struct listener l = subscribed(rig, LAN1);

	assert_true(next_event(&l, 2000));
	assert_int_equal(
		with_sid(rig, LAN1, "SUBSCRIBE", l.sid, "TIMEOUT: Second-infinite\r\n"), 200);
	assert_true(says(rig, "\r\nTIMEOUT: Second-1800\r\n"));
	assert_true(says(rig, l.sid));
	assert_false(next_event(&l, 200));
	assert_int_equal(with_sid(rig, LAN2, "SUBSCRIBE", l.sid, ""), 412);
	assert_int_equal(with_sid(rig, LAN2, "UNSUBSCRIBE", l.sid, ""), 412);
	assert_int_equal(with_sid(rig, LAN1, "SUBSCRIBE", "uuid:1", ""), 412);
	assert_int_equal(with_sid(rig, LAN1, "SUBSCRIBE", l.sid, "NT: upnp:event\r\n"), 400);
	assert_int_equal(with_sid(rig, LAN1, "UNSUBSCRIBE", l.sid, "NT: upnp:event\r\n"), 400);
	assert_int_equal(http(rig, LAN1, "UNSUBSCRIBE /evt/ipc", "", ""), 412);
	assert_int_equal(http(rig, LAN1, "SUBSCRIBE /evt/ipc", "", ""), 412);
	assert_int_equal(
		http(rig, LAN1, "SUBSCRIBE /evt/ipc", "CALLBACK: <http://127.0.0.2/>\r\n", ""),
		412);
	assert_int_equal(http(rig, LAN1, "SUBSCRIBE /evt/ipc",
				 "NT: upnp:other\r\nCALLBACK: <http://127.0.0.2/>\r\n", ""),
		412);
	assert_int_equal(with_sid(rig, LAN1, "UNSUBSCRIBE", l.sid, ""), 200);
	assert_int_equal(with_sid(rig, LAN1, "UNSUBSCRIBE", l.sid, ""), 412);
	sl_upnp_changed(rig->upnp);
	assert_false(next_event(&l, 400));
	close(l.fd);
}

static void
subscription_is_over_in_time(void **state)
{
	struct rig *rig = *state;
	struct listener l = subscribed(rig, LAN1);

	assert_true(next_event(&l, 2000));
	rig->skew += 299000;
	assert_int_equal(with_sid(rig, LAN1, "SUBSCRIBE", l.sid, "TIMEOUT: Second-300\r\n"), 200);
	rig->skew += 301000;
	sl_upnp_poll(rig->upnp, now_of(rig));
	assert_int_equal(with_sid(rig, LAN1, "SUBSCRIBE", l.sid, ""), 412);
	close(l.fd);
}

static void
host_has_so_many_subscriptions(void **state)
{
	struct rig *rig = *state;

	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(subscribe(rig, LAN1, "<http://127.0.0.2:9/>", NULL), 200);
	assert_int_equal(subscribe(rig, LAN1, "<http://127.0.0.2:9/>", NULL), 503);
	assert_int_equal(subscribe(rig, LAN2, "<http://127.0.0.3:9/>", NULL), 200);
}

/* One accepts and never reads or answers, one is not there: the third hears at once. */
static void
slow_subscribers_delay_nobody(void **state)
{
	struct rig *rig = *state;
	struct listener silent = subscribed(rig, LAN2), l;
	uint64_t start;

	assert_int_equal(subscribe(rig, "127.0.0.9", "<http://127.0.0.9:9/>", NULL), 200);
	l = subscribed(rig, LAN1);
	start = real_ms();
	assert_true(next_event(&l, 2000));
	add_lease(rig, LAN1);
	assert_true(next_event(&l, 2000));
	assert_true(real_ms() - start < 1000);
	assert_int_equal(http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
	/* and who was silent for long is told again what has changed since */
	turn_for(rig, 50);
	rig->skew += 5000;
	sl_upnp_poll(rig->upnp, now_of(rig));
	close(accept(silent.fd, NULL, NULL));
	sl_upnp_changed(rig->upnp);
	assert_true(next_event(&silent, 2000));
	assert_false(says(rig, "SEQ: 0\r\n"));
	close(silent.fd);
	close(l.fd);
}

static void
subscriber_that_is_gone_is_forgotten(void **state)
{
	struct rig *rig = *state;
	struct listener l = subscribed(rig, LAN1);

	close(l.fd);
	for (unsigned int i = 0; i < 6; i++) {
		turn_for(rig, 60);
		sl_upnp_changed(rig->upnp);
		rig->skew += 1000;
		sl_upnp_poll(rig->upnp, now_of(rig));
	}
	turn_for(rig, 60);
	assert_int_equal(with_sid(rig, LAN1, "SUBSCRIBE", l.sid, ""), 412);
}

#define with_rig(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_rig(descriptions_are_where_they_are_said_to_be),
		with_rig(other_paths_and_methods_are_refused),
		with_rig(host_must_be_an_address_of_the_box),
		with_rig(actions_come_by_post),
		with_rig(request_in_pieces_is_read),
		with_rig(clients_are_told_apart_by_their_address),
		with_rig(sizes_are_limited),
		with_rig(garbage_harms_nobody),
		with_rig(slow_host_keeps_few_and_others_are_served),
		with_rig(slow_hosts_together_do_not_keep_others_out),
		with_rig(each_byte_is_no_new_deadline),
		with_rig(server_ends_with_connections_open),
		with_rig(search_by_unicast_is_answered),
		with_rig(subscriber_is_told_all_and_then_what_changes),
		with_rig(many_changes_make_one_message),
		with_rig(nobody_is_told_but_the_subscriber),
		with_rig(subscriptions_are_renewed_and_ended_by_their_owner),
		with_rig(subscription_is_over_in_time),
		with_rig(host_has_so_many_subscriptions),
		with_rig(slow_subscribers_delay_nobody),
		with_rig(subscriber_that_is_gone_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
