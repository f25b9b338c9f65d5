/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Events of a UPnP server on the loopback, to subscribers that listen, do not, or are somebody
 * else. Time is real but can be put forward.
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
#include <rte_byteorder.h>
#include <rte_common.h>

#include "upnprig.h"

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
	uint64_t end = rig_ms() + ms;
	int fd = -1;

	while (fd < 0 && rig_ms() < end) {
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
		assert_true(rig_ms() < end);
	}
	rig_say(l->rig, fd, "HTTP/1.1 200 OK\r\n\r\n", 19);
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
	rig_http(rig, from, "SUBSCRIBE /evt/ipc", head, "");
	at = strstr(rig->reply, "\r\nSID: ");
	if (sid != NULL && at != NULL)
		snprintf(sid, 64, "%.*s", (int)strcspn(at + 7, "\r"), at + 7);
	return rig_status(rig);
}

static unsigned int
with_sid(struct rig *rig, const char *from, const char *method, const char *sid, const char *more)
{
	char head[256], line[64];

	snprintf(line, sizeof(line), "%s /evt/ipc", method);
	snprintf(head, sizeof(head), "SID: %s\r\n%s", sid, more);
	return rig_http(rig, from, line, head, "");
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

	assert_int_equal(sl_lease_open(rig->kit->leases, &r, rig_now(rig), &lease), 0);
	sl_upnp_changed(rig->upnp);
}

static void
subscriber_is_told_all_and_then_what_changes(void **state)
{
	struct rig *rig = *state;
	struct listener l = subscribed(rig, LAN1);

	assert_true(rig_says(rig, "\r\nTIMEOUT: Second-300\r\n"));
	assert_true(rig_says(rig, "\r\nSID: uuid:"));
	assert_true(next_event(&l, 2000));
	assert_int_equal(strncmp(rig->reply, "NOTIFY /a/b?c=d HTTP/1.1\r\n", 26), 0);
	assert_true(rig_says(rig, l.sid));
	assert_true(rig_says(rig, "\r\nSEQ: 0\r\n"));
	assert_true(rig_says(rig, "\r\nNT: upnp:event\r\nNTS: upnp:propchange\r\n"));
	assert_true(rig_says(rig, "<ConnectionStatus>Connected</ConnectionStatus>"));
	assert_true(rig_says(rig, "<ExternalIPAddress>192.0.2.1</ExternalIPAddress>"));
	assert_true(rig_says(rig, "<PortMappingNumberOfEntries>0</PortMappingNumberOfEntries>"));
	assert_true(rig_says(rig, "<PossibleConnectionTypes>IP_Routed</PossibleConnectionTypes>"));
	assert_true(rig_says(rig, "<SystemUpdateID>0</SystemUpdateID>"));
	assert_false(next_event(&l, 300));
	add_lease(rig, LAN1);
	assert_true(next_event(&l, 2000));
	assert_true(rig_says(rig, "\r\nSEQ: 1\r\n"));
	assert_true(rig_says(rig, "<PortMappingNumberOfEntries>1</PortMappingNumberOfEntries>"));
	assert_false(rig_says(rig, "ConnectionStatus"));
	rig->kit->figures.up = false;
	sl_upnp_changed(rig->upnp);
	assert_true(next_event(&l, 2000));
	assert_true(rig_says(rig, "\r\nSEQ: 2\r\n"));
	assert_true(rig_says(rig, "<ConnectionStatus>Disconnected</ConnectionStatus>"));
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
	assert_true(rig_says(rig, "<SystemUpdateID>1000</SystemUpdateID>"));
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
	assert_true(rig_says(rig, "\r\nTIMEOUT: Second-1800\r\n"));
	assert_true(rig_says(rig, l.sid));
	assert_false(next_event(&l, 200));
	assert_int_equal(with_sid(rig, LAN2, "SUBSCRIBE", l.sid, ""), 412);
	assert_int_equal(with_sid(rig, LAN2, "UNSUBSCRIBE", l.sid, ""), 412);
	assert_int_equal(with_sid(rig, LAN1, "SUBSCRIBE", "uuid:1", ""), 412);
	assert_int_equal(with_sid(rig, LAN1, "SUBSCRIBE", l.sid, "NT: upnp:event\r\n"), 400);
	assert_int_equal(with_sid(rig, LAN1, "UNSUBSCRIBE", l.sid, "NT: upnp:event\r\n"), 400);
	assert_int_equal(rig_http(rig, LAN1, "UNSUBSCRIBE /evt/ipc", "", ""), 412);
	assert_int_equal(rig_http(rig, LAN1, "SUBSCRIBE /evt/ipc", "", ""), 412);
	assert_int_equal(
		rig_http(rig, LAN1, "SUBSCRIBE /evt/ipc", "CALLBACK: <http://127.0.0.2/>\r\n", ""),
		412);
	assert_int_equal(rig_http(rig, LAN1, "SUBSCRIBE /evt/ipc",
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
	sl_upnp_poll(rig->upnp, rig_now(rig));
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
	start = rig_ms();
	assert_true(next_event(&l, 2000));
	add_lease(rig, LAN1);
	assert_true(next_event(&l, 2000));
	assert_true(rig_ms() - start < 1000);
	assert_int_equal(rig_http(rig, LAN1, "GET /rootDesc.xml", "", ""), 200);
	/* and who was silent for long is told again what has changed since */
	rig_turn_for(rig, 50);
	rig->skew += 5000;
	sl_upnp_poll(rig->upnp, rig_now(rig));
	close(accept(silent.fd, NULL, NULL));
	sl_upnp_changed(rig->upnp);
	assert_true(next_event(&silent, 2000));
	assert_false(rig_says(rig, "SEQ: 0\r\n"));
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
		rig_turn_for(rig, 60);
		sl_upnp_changed(rig->upnp);
		rig->skew += 1000;
		sl_upnp_poll(rig->upnp, rig_now(rig));
	}
	rig_turn_for(rig, 60);
	assert_int_equal(with_sid(rig, LAN1, "SUBSCRIBE", l.sid, ""), 412);
}

#define with_rig(test) cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
