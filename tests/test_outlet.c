/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sinks and what they count, over sockets of the loopback interface. Nothing waits for the
 * wall clock: the loopback delivers before send() returns.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_common.h>

#include "outlet.h"

static const struct syslog_origin origin = { .host = "cgn1", .pid = 1 };
static const struct outlet_time start = { 1000, 1700000000000ull };

/* A collector on the loopback; fills in where it is. */
static int
listen_at(struct sl_log_sink *to, rte_be16_t port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	to->addr = addr.sin_addr.s_addr;
	to->port = addr.sin_port;
	to->mask = UINT32_MAX;
	return fd;
}

/* One datagram: its length, -1 when there is none. */
static ssize_t
receive(int fd, uint8_t *buf, size_t size)
{
	return recv(fd, buf, size, MSG_DONTWAIT);
}

static void
put(struct outlet *o, enum sl_record_type type)
{
	struct sl_record r = { .type = (uint8_t)type, .proto = IPPROTO_UDP };
	struct record_view view = { .record = &r, .wall = start.wall, .tenant = "default" };

	outlet_put(o, &origin, &view, &start);
}

static void
syslog_is_sent_at_once_and_only_what_is_wanted(void **state)
{
	struct sl_log_sink to = { .kind = SL_LOG_SYSLOG };
	int fd = listen_at(&to, 0);
	struct outlet *o;
	uint8_t buf[2048];

	RTE_SET_USED(state);
	to.mask = 1u << SL_RECORD_MAPPING_ADD;
	o = outlet_create(&to);
	put(o, SL_RECORD_MAPPING_ADD);
	put(o, SL_RECORD_SESSION_ADD);
	assert_true(receive(fd, buf, sizeof(buf)) > 100);
	assert_memory_equal(buf, "<134>1 ", 7);
	assert_int_equal(receive(fd, buf, sizeof(buf)), -1);
	assert_int_equal(o->sink.sent, 1);
	assert_int_equal(o->sink.lost, 0);
	outlet_destroy(o, &start);
	close(fd);
}

static void
ipfix_sends_templates_first_and_again(void **state)
{
	struct sl_log_sink to = { .kind = SL_LOG_IPFIX, .domain = 9 };
	int fd = listen_at(&to, 0);
	struct outlet *o = outlet_create(&to);
	struct outlet_time t = start;
	uint8_t buf[2048];

	RTE_SET_USED(state);
	for (int i = 0; i < 3; i++)
		put(o, SL_RECORD_SESSION_ADD);
	assert_int_equal(receive(fd, buf, sizeof(buf)), -1);
	outlet_flush(o, &t);
	assert_true(receive(fd, buf, sizeof(buf)) > 20);
	assert_int_equal(buf[17], 2);
	assert_int_equal(receive(fd, buf, sizeof(buf)), 16 + 4 + 3 * 42);
	assert_int_equal(o->sink.sent, 3);
	/* Not again a moment later, but after half a minute. */
	t.now += 29000;
	outlet_tick(o, &t);
	assert_int_equal(receive(fd, buf, sizeof(buf)), -1);
	t.now += 1000;
	outlet_tick(o, &t);
	assert_true(receive(fd, buf, sizeof(buf)) > 20);
	assert_int_equal(buf[17], 2);
	assert_int_equal(buf[11], 3);
	outlet_destroy(o, &t);
	close(fd);
}

static void
a_full_message_is_sent_without_a_flush(void **state)
{
	struct sl_log_sink to = { .kind = SL_LOG_IPFIX };
	int fd = listen_at(&to, 0);
	struct outlet *o = outlet_create(&to);
	uint8_t buf[2048];
	unsigned int n = 0;
	ssize_t len;

	RTE_SET_USED(state);
	for (int i = 0; i < 1000; i++)
		put(o, SL_RECORD_MAPPING_ADD);
	outlet_flush(o, &start);
	receive(fd, buf, sizeof(buf));
	for (; (len = receive(fd, buf, sizeof(buf))) > 0; n += (unsigned int)(len - 20) / 30)
		assert_in_range(len, 20, IPFIX_MESSAGE_MAX);
	assert_int_equal(n, 1000);
	assert_int_equal(o->sink.sent, 1000);
	outlet_destroy(o, &start);
	close(fd);
}

static void
an_absent_collector_is_noticed_and_gets_templates_when_it_is_back(void **state)
{
	struct sl_log_sink to = { .kind = SL_LOG_IPFIX };
	int fd = listen_at(&to, 0);
	struct outlet *o = outlet_create(&to);
	uint8_t buf[2048];

	RTE_SET_USED(state);
	close(fd);
	for (int i = 0; i < 10; i++) {
		put(o, SL_RECORD_MAPPING_ADD);
		outlet_flush(o, &start);
	}
	assert_int_equal(o->sink.sent + o->sink.lost, 10);
	assert_true(o->sink.lost > 0);
	assert_int_equal(o->sink.error, ECONNREFUSED);
	fd = listen_at(&to, to.port);
	put(o, SL_RECORD_MAPPING_ADD);
	outlet_flush(o, &start);
	assert_true(receive(fd, buf, sizeof(buf)) > 20);
	assert_int_equal(buf[17], 2);
	assert_int_equal(receive(fd, buf, sizeof(buf)), 50);
	/* What was lost is missing in the sequence. */
	assert_int_equal(buf[11], 10);
	/* All is well again when nothing has happened for ten seconds. */
	for (int i = 0; i < 10; i++) {
		assert_int_equal(o->sink.error, ECONNREFUSED);
		outlet_tick(o, &start);
	}
	assert_int_equal(o->sink.error, 0);
	outlet_destroy(o, &start);
	close(fd);
}

static void
a_socket_that_cannot_be_opened_loses_and_is_tried_again(void **state)
{
	struct sl_log_sink to = { .kind = SL_LOG_SYSLOG };
	int fd = listen_at(&to, 0);
	rte_be32_t addr = to.addr;
	struct outlet *o;
	uint8_t buf[2048];

	RTE_SET_USED(state);
	/* Broadcast is not permitted without asking: connect() fails. */
	to.addr = INADDR_BROADCAST;
	o = outlet_create(&to);
	assert_int_equal(o->sink.fd, -1);
	assert_true(o->sink.error != 0);
	put(o, SL_RECORD_MAPPING_ADD);
	assert_int_equal(o->sink.lost, 1);
	o->sink.to.addr = addr;
	outlet_tick(o, &start);
	assert_int_equal(o->sink.error, 0);
	put(o, SL_RECORD_MAPPING_ADD);
	assert_int_equal(o->sink.sent, 1);
	assert_true(receive(fd, buf, sizeof(buf)) > 100);
	outlet_destroy(o, &start);
	close(fd);
}

static void
the_same_place_is_recognized(void **state)
{
	struct sl_log_sink to = { .kind = SL_LOG_IPFIX, .domain = 9 }, other;
	int fd = listen_at(&to, 0);
	struct outlet *o = outlet_create(&to);

	RTE_SET_USED(state);
	other = to;
	other.mask = 1;
	assert_true(outlet_is_for(o, &other));
	other.domain = 10;
	assert_false(outlet_is_for(o, &other));
	outlet_destroy(o, &start);
	outlet_destroy(NULL, &start);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syslog_is_sent_at_once_and_only_what_is_wanted),
		cmocka_unit_test(ipfix_sends_templates_first_and_again),
		cmocka_unit_test(a_full_message_is_sent_without_a_flush),
		cmocka_unit_test(an_absent_collector_is_noticed_and_gets_templates_when_it_is_back),
		cmocka_unit_test(a_socket_that_cannot_be_opened_loses_and_is_tried_again),
		cmocka_unit_test(the_same_place_is_recognized),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
