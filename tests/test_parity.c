/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Parity of ports, preserved or not (RFC 4787 REQ-4, RFC 7857 section 8), counted over many
 * sessions in every mode of a pool: one packet shows nothing, since a draw without regard to
 * parity is right half of the time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"

#define SESSIONS 400

static const char *const modes[] = { "", "pool 192.0.2.1 block=512",
	"pool 192.0.2.1 fixed=10.0.0.0/28", "pool 192.0.2.1 shared=both" };

/* The outside port of one packet from this inside port. */
static unsigned int
outside_port(struct pipe *p, const char *proto, unsigned int port)
{
	struct pt_default def = pipe_default_in(p, SL_INSIDE, NULL, 0);
	static struct pt_frame f;
	char text[128], why[128];
	struct rte_mbuf *m;
	const uint8_t *b;

	snprintf(text, sizeof(text), "%s 10.0.0.2:%u > 198.51.100.9:%u %s", proto, port, port,
		proto[0] == 't' ? "SYN" : "");
	assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
	def = pipe_default_in(p, SL_INSIDE, f.b, f.len);
	pt_build(text, &def, &f, why, sizeof(why));
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, port % p->n_workers, SL_INSIDE, &m, 1);
	pipe_settle(p);
	assert_int_equal(p->n_got, 1);
	assert_int_equal(p->got[0].side, SL_OUTSIDE);
	b = rte_pktmbuf_mtod_offset(p->got[0].m, const uint8_t *, 14 + 20);
	port = (unsigned int)b[0] << 8 | b[1];
	pipe_discard(p);
	return port;
}

/* How many of the sessions got a port of the other parity. */
static unsigned int
count_changed(unsigned int workers, const char *mode, const char *parity, const char *proto)
{
	unsigned int changed = 0;
	struct pipe *p;
	char conf[160];

	snprintf(conf, sizeof(conf), "%s; %s; limit ports=0 sessions=0 rate=0", mode, parity);
	p = pipe_create(workers, conf, 7, 1000);
	for (unsigned int i = 0; i < SESSIONS; i++)
		changed += (outside_port(p, proto, 2000 + i) ^ i) & 1;
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
	return changed;
}

static void
parity_is_preserved_by_default_in_every_mode(void **state)
{
	(void)state;
	for (size_t m = 0; m < RTE_DIM(modes); m++)
		for (unsigned int workers = 1; workers <= 3; workers++) {
			assert_int_equal(count_changed(workers, modes[m], "", "udp"), 0);
			assert_int_equal(
				count_changed(workers, modes[m], "port-parity on", "tcp"), 0);
		}
}

/* 200 of 400 on the average; 60 less or more is six standard deviations. */
static void
parity_that_is_switched_off_is_left_to_chance_in_every_mode(void **state)
{
	(void)state;
	for (size_t m = 0; m < RTE_DIM(modes); m++)
		for (unsigned int workers = 1; workers <= 3; workers++) {
			assert_in_range(count_changed(workers, modes[m], "port-parity off", "udp"),
				140, 260);
			assert_in_range(count_changed(workers, modes[m], "port-parity off", "tcp"),
				140, 260);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parity_is_preserved_by_default_in_every_mode),
		cmocka_unit_test(parity_that_is_switched_off_is_left_to_chance_in_every_mode),
	};

	return cmocka_run_group_tests_name("parity", tests, pipe_setup, NULL);
}
