/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The recorder with a real gateway and a collector on the loopback: that nothing which the
 * workers have recorded is left behind. Nothing waits: the loopback delivers before send()
 * returns.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "box.h"
#include "clock.h"
#include "ipfix.h"
#include "pipe.h"
#include "record.h"

#define SESSION_LEN                                                                                \
	42 /* bytes of a data record of a session, RFC 8158 section 5.6.1 as ipfix.c has it */

static int
setup(void **state)
{
	int rc = pipe_setup(state);

	clock_init();
	return rc;
}

/* A collector; fills in where it is. */
static int
listen_at(struct sl_log_sink *to)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	to->kind = SL_LOG_IPFIX;
	to->addr = addr.sin_addr.s_addr;
	to->port = addr.sin_port;
	to->mask = 1u << SL_RECORD_SESSION_ADD;
	return fd;
}

static void
open_sessions(struct pipe *p, unsigned int n)
{
	static struct pt_frame f;
	char text[128], why[128];
	struct rte_mbuf *m;

	for (unsigned int i = 0; i < n; i++) {
		struct pt_default def = pipe_default_in(p, SL_INSIDE, NULL, 0);

		snprintf(text, sizeof(text), "udp 10.0.0.%u:%u > 198.51.100.9:53", 2 + i % 8,
			1000 + i);
		assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
		def = pipe_default_in(p, SL_INSIDE, f.b, f.len);
		pt_build(text, &def, &f, why, sizeof(why));
		m = pipe_mbuf(f.b, f.len);
		pipe_receive(p, i % p->n_workers, SL_INSIDE, &m, 1);
		pipe_settle(p);
		pipe_discard(p);
	}
}

/* Data records in all messages that have come. */
static unsigned int
count_records(int fd)
{
	uint8_t b[IPFIX_MESSAGE_MAX];
	unsigned int n = 0;
	ssize_t len;

	while ((len = recv(fd, b, sizeof(b), MSG_DONTWAIT)) > 0)
		if ((b[16] << 8 | b[17]) >= 256)
			n += (unsigned int)(len - 16 - 4) / SESSION_LEN;
	return n;
}

static void
all_that_waits_is_sent_before_the_end(void **state)
{
	struct sl_config *config = sl_config_create();
	struct sl_log_sink to = { 0 };
	struct pipe *p = pipe_create(3, "record session-add; limit sessions=0 rate=0", 5, 1000);
	struct box box = { .nat = p->nat, .config = config };
	int fd = listen_at(&to);
	struct record_stats stats;

	(void)state;
	assert_non_null(config);
	config->sink = malloc(sizeof(to));
	config->sink[0] = to;
	config->n_sinks = 1;
	assert_int_equal(record_apply(&box, config), 0);
	/* More than a turn takes, and in no message's measure. */
	open_sessions(p, 1001);
	assert_true(record_serve(&box) < 1001);
	record_drain(&box);
	record_stats(box.recorder, &stats);
	assert_int_equal(stats.taken, 1001);
	assert_int_equal(stats.sent, 1001);
	assert_int_equal(stats.lost, 0);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_RECORDS_LOST), 0);
	assert_int_equal(count_records(fd), 1001);
	record_drain(&box); /* and then there is nothing more */
	assert_int_equal(count_records(fd), 0);
	record_destroy(box.recorder);
	sl_config_destroy(config);
	pipe_destroy(p);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_waits_is_sent_before_the_end),
	};

	return cmocka_run_group_tests_name("record", tests, setup, NULL);
}
