/* SPDX-License-Identifier: BSD-3-Clause
 *
 * FTP control connections through a gateway on the bench.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ftpkit.h"

struct pipe *
ftp_gateway(void **state, const char *conf)
{
	char text[256];

	snprintf(text, sizeof(text), "helper ftp on; %s", conf);
	return pipe_create(*(unsigned int *)*state, text, 1, BASE);
}

void
ftp_finish(struct pipe *p)
{
	char why[128] = "";

	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

void
ftp_log_in(struct talk *t, enum sl_side server)
{
	enum sl_side client = SL_ACROSS(server);

	assert_string_equal(
		talk_say(t, server, "220-Hello\r\n220 you\r\n"), "220-Hello\r\n220 you\r\n");
	assert_string_equal(talk_say(t, client, "USER anonymous\r\n"), "USER anonymous\r\n");
	assert_string_equal(talk_say(t, server, "331 password?\r\n"), "331 password?\r\n");
	assert_string_equal(talk_say(t, client, "PASS x@\r\n"), "PASS x@\r\n");
	assert_string_equal(talk_say(t, server, "230 in\r\n"), "230 in\r\n");
}

void
ftp_client_inside(struct talk *t, struct pipe *p)
{
	talk_open(t, p, CLIENT, SERVER);
	ftp_log_in(t, SL_OUTSIDE);
}

void
ftp_server_inside(struct talk *t, struct pipe *p)
{
	talk_open_inbound(t, p, "198.51.100.7:4444", "192.0.2.1:2121", "10.0.0.3:21");
	ftp_log_in(t, SL_INSIDE);
}

void
ftp_untouched(struct talk *t, enum sl_side from, const char *text)
{
	assert_string_equal(talk_say(t, from, text), text);
}

struct talk_end
ftp_six(const char *text, const char *before)
{
	unsigned int a[4], p[2];
	struct talk_end e;
	int end = 0;

	assert_int_equal(strncmp(text, before, strlen(before)), 0);
	if (sscanf(text + strlen(before), "%u,%u,%u,%u,%u,%u%n", &a[0], &a[1], &a[2], &a[3], &p[0],
		    &p[1], &end) != 6)
		fail_msg("no six numbers: %s", text);
	e.addr = rte_cpu_to_be_32(a[0] << 24 | a[1] << 16 | a[2] << 8 | a[3]);
	e.port = (uint16_t)(p[0] << 8 | p[1]);
	return e;
}

void
ftp_reached(struct talk_end got, const char *want)
{
	struct talk_end e = talk_end(want);

	assert_int_equal(got.port, e.port);
	assert_int_equal(got.addr, e.addr);
}

uint64_t
ftp_mappings(const struct pipe *p)
{
	return sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW);
}

int
ftp_run(const struct CMUnitTest *tests, size_t n)
{
	static unsigned int workers[3] = { 1, 2, 3 };
	static struct CMUnitTest all[64 * 3];

	assert_true(n * 3 <= RTE_DIM(all));
	for (size_t i = 0; i < n * 3; i++) {
		all[i] = tests[i / 3];
		all[i].initial_state = &workers[i % 3];
	}
	return _cmocka_run_group_tests("ftp", all, n * 3, pipe_setup, NULL);
}
