/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A UPnP server on the loopback: HTTP with clients that are right, wrong, slow and many. Time is
 * real but can be put forward.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <rte_common.h>

#include "upnprig.h"

#define SOAP_HEAD "SOAPACTION: \"urn:schemas-upnp-org:service:WANIPConnection:1#GetStatusInfo\"\r\n"
#define SOAP_BODY                                                                                  \
	"<s:Envelope xmlns:s=\"x\"><s:Body><u:GetStatusInfo xmlns:u=\"y\"/></s:Body></s:Envelope>"

/* ---- HTTP ---- */

static void
descriptions_are_where_they_are_said_to_be(void **state)
{
	struct rig *rig = *state;
	char line[128], *copy;

	assert_int_equal(rig_http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
	assert_true(rig_says(rig, "\r\nContent-Type: text/xml; charset=\"utf-8\"\r\n"));
	assert_true(rig_says(rig, "\r\nConnection: close\r\n"));
	copy = strdup(rig->reply);
	for (char *url = copy; (url = strstr(url, "<SCPDURL>")) != NULL;) {
		url += 9;
		snprintf(line, sizeof(line), "GET %.*s", (int)strcspn(url, "<"), url);
		assert_int_equal(rig_http(rig, LAN1, line, "", ""), 200);
		assert_true(rig_says(rig, "<scpd "));
	}
	for (char *url = copy; (url = strstr(url, "<controlURL>")) != NULL;) {
		url += 12;
		snprintf(line, sizeof(line), "POST %.*s", (int)strcspn(url, "<"), url);
		assert_int_equal(rig_http(rig, LAN1, line, "SOAPACTION: x\r\n", ""), 500);
		assert_true(rig_says(rig, "<errorCode>401</errorCode>"));
	}
	free(copy);
	assert_int_equal(rig_http(rig, LAN1, "HEAD /rootDesc.xml", "", ""), 200);
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
		if (rig_http(rig, LAN1, none[i], "", "") != 404)
			fail_msg("%s: %s", none[i], rig->reply);
	for (unsigned int i = 0; i < RTE_DIM(method); i++) {
		assert_int_equal(rig_http(rig, LAN1, method[i], "", ""), 405);
		assert_true(rig_says(rig, "\r\nAllow: "));
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
		snprintf(host, sizeof(host), bad[i], rig_port);
		snprintf(request, sizeof(request), "GET /rootDesc.xml HTTP/1.1\r\nHost: %s\r\n\r\n",
			host);
		status = rig_ask(rig, LAN1, request, strlen(request));
		if (status != 403 && status != 400)
			fail_msg("%s: %u", host, status);
		assert_false(rig_says(rig, "<root"));
	}
	snprintf(request, sizeof(request),
		"GET /rootDesc.xml HTTP/1.1\r\nHost: " BOX ":%u\r\nHost: evil\r\n\r\n", rig_port);
	assert_int_equal(rig_ask(rig, LAN1, request, strlen(request)), 400);
	assert_int_equal(rig_ask(rig, LAN1, "GET /rootDesc.xml HTTP/1.1\r\n\r\n", 30), 400);
	assert_int_equal(rig_ask(rig, LAN1, "GET /rootDesc.xml HTTP/1.0\r\n\r\n", 30), 400);
}

static void
actions_come_by_post(void **state)
{
	struct rig *rig = *state;
	char request[1024];

	assert_int_equal(rig_http(rig, LAN1, "POST /ctl/ipc", SOAP_HEAD, SOAP_BODY), 200);
	assert_true(rig_says(rig, "<NewConnectionStatus>Connected<"));
	assert_true(rig_says(rig, "\r\nEXT:"));
	assert_int_equal(rig_http(rig, LAN1, "POST /ctl/ipc",
				 SOAP_HEAD "Content-Type: application/octet-stream\r\n", SOAP_BODY),
		200);
	assert_int_equal(rig_http(rig, LAN1, "POST /ctl/ipc", "", SOAP_BODY), 400);
	assert_int_equal(rig_http(rig, LAN1, "POST /ctl/ipc", SOAP_HEAD, "<a>"), 400);
	/* of another service */
	assert_int_equal(rig_http(rig, LAN1, "POST /ctl/cif", SOAP_HEAD, SOAP_BODY), 500);
	snprintf(request, sizeof(request),
		"POST /ctl/ipc HTTP/1.1\r\nHost: " BOX ":%u\r\n" SOAP_HEAD
		"Transfer-Encoding: chunked\r\n\r\n%zx\r\n" SOAP_BODY "\r\n0\r\n\r\n",
		rig_port, strlen(SOAP_BODY));
	assert_int_equal(rig_ask(rig, LAN1, request, strlen(request)), 200);
}

static void
request_in_pieces_is_read(void **state)
{
	struct rig *rig = *state;
	char request[1024];
	int fd = rig_dial(rig, LAN1), n;

	n = snprintf(request, sizeof(request),
		"POST /ctl/ipc HTTP/1.1\r\nHost: " BOX ":%u\r\n" SOAP_HEAD
		"Content-Length: %zu\r\n\r\n" SOAP_BODY,
		rig_port, strlen(SOAP_BODY));
	for (int i = 0; i < n; i++)
		rig_say(rig, fd, request + i, 1);
	rig_hear(rig, fd, 3000);
	assert_int_equal(rig_status(rig), 200);
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

	assert_int_equal(rig_http(rig, LAN1, "POST /ctl/ipc", head, body), 500);
	assert_true(rig_says(rig, "<errorCode>606<"));
	assert_int_equal(rig_http(rig, LAN2, "POST /ctl/ipc", head, body), 200);
	assert_int_equal(sl_lease_count(rig->kit->leases, 0), 1);
}

static void
sizes_are_limited(void **state)
{
	struct rig *rig = *state;
	char *big = malloc(40000);
	int n;

	memset(big, 'a', 40000);
	n = snprintf(big, 200, "GET /rootDesc.xml HTTP/1.1\r\nHost: " BOX ":%u\r\nX: ", rig_port);
	big[n] = 'a';
	memcpy(big + 9000, "\r\n\r\n", 4);
	assert_int_equal(rig_ask(rig, LAN1, big, 9004), 431);
	memset(big + 9000, 'a', 4);
	memcpy(big + 39000, "\r\n\r\n", 4);
	assert_int_not_equal(rig_ask(rig, LAN1, big, 39004), 200);
	/* in good time, before anything of it has come */
	n = snprintf(big, 400,
		"POST /ctl/ipc HTTP/1.1\r\nHost: " BOX ":%u\r\n" SOAP_HEAD
		"Content-Length: 16385\r\n\r\n",
		rig_port);
	assert_int_equal(rig_ask(rig, LAN1, big, (size_t)n), 413);
	n = snprintf(big, 400,
		"POST /ctl/ipc HTTP/1.1\r\nHost: " BOX ":%u\r\n" SOAP_HEAD
		"Transfer-Encoding: chunked\r\n\r\n6000\r\n",
		rig_port);
	big[n] = '<';
	assert_int_equal(rig_ask(rig, LAN1, big, 30000), 0);
	assert_int_equal(rig_http(rig, LAN1, "POST /ctl/ipc", SOAP_HEAD, SOAP_BODY), 200);
	free(big);
}

static void
garbage_harms_nobody(void **state)
{
	struct rig *rig = *state;
	unsigned int seed = 7;
	char bytes[3000];

	for (unsigned int i = 0; i < 300; i++) {
		int fd = rig_dial(rig, LAN1);

		for (unsigned int b = 0; b < sizeof(bytes); b++)
			bytes[b] = (char)((seed = seed * 1103515245 + 12345) >> 16);
		if (i % 2 == 0)
			memcpy(bytes, "POST /ctl/ipc HTTP/1.1\r\n", 24);
		rig_say(rig, fd, bytes, i * 10);
		close(fd);
		loop_turn(rig->loop, 0);
	}
	assert_int_equal(rig_http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
}

/* ---- many and slow ---- */

/* Slowly: they begin a request and never end it. */
static void
open_slow(struct rig *rig, int *fd, unsigned int n, unsigned int hosts)
{
	char from[32];

	for (unsigned int i = 0; i < n; i++) {
		snprintf(from, sizeof(from), "127.0.1.%u", 1 + i % hosts);
		fd[i] = rig_dial(rig, from);
		rig_say(rig, fd[i], "GET /rootDesc.xml HTTP/1.1\r\nX: ", 31);
	}
}

static unsigned int
still_open(struct rig *rig, const int *fd, unsigned int n)
{
	unsigned int open = 0;

	for (unsigned int i = 0; i < n; i++) {
		rig_hear(rig, fd[i], 1);
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
	start = rig_ms();
	assert_int_equal(rig_http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
	assert_true(rig_ms() - start < DEADLINE);
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
	start = rig_ms();
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(rig_http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
	assert_true(rig_ms() - start < DEADLINE);
	assert_true(still_open(rig, fd, 200) <= 16);
	close_all(fd, 200);
}

static void
each_byte_is_no_new_deadline(void **state)
{
	struct rig *rig = *state;
	uint64_t start = rig_ms();
	int fd = rig_dial(rig, LAN1);

	rig->closed = false;
	rig_say(rig, fd, "GET /rootDesc.xml HTTP/1.1\r\nX: ", 31);
	while (!rig->closed && rig_ms() < start + 10 * DEADLINE) {
		rig_say(rig, fd, "x", 1);
		rig_hear(rig, fd, 20);
	}
	assert_true(rig->closed);
	assert_in_range(rig_ms() - start, DEADLINE - 50, 4 * DEADLINE);
	close(fd);
	/* nor one that says nothing at all, nor one that does not read its answer */
	start = rig_ms();
	fd = rig_dial(rig, LAN1);
	rig_hear(rig, fd, 10 * DEADLINE);
	assert_true(rig->closed);
	assert_true(rig_ms() - start < 4 * DEADLINE);
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
	rig_open(rig);
	assert_int_equal(rig_http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
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
	assert_int_equal(rig_status(rig), 200);
	close(fd);
}

#define with_rig(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
