/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What helpers have made, over a restart: connections whose sequence numbers they have shifted go
 * on, with both ends none the wiser, those that wait in the middle of a change are left out;
 * ports that were opened for somebody stay open for him; calls go on.
 */
#include <stdio.h>
#include <string.h>

#include "ftpkit.h"
#include "pptpkit.h"
#include "savekit.h"

#define ON "helper ftp on"
#define SEED 99 /* of the gateway that comes after */

static struct saved saved;

/* The gateway's end, and another one's beginning with its state. */
static struct pipe *
restart(struct pipe *p, unsigned int n_workers, const char *conf)
{
	uint64_t now = p->now;
	char why[128];

	saved_take(p, &saved);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	p = pipe_create(n_workers, conf, SEED, now + 1000);
	saved_put(p, &saved, 1000, saved_names());
	return p;
}

static void
finish(struct pipe *p)
{
	char why[128];

	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
}

static unsigned int
sessions(struct pipe *p)
{
	return (unsigned int)sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW);
}

/* A connection on which the client's numbers are shifted; where data connections come to. */
static struct talk_end
open_shifted(struct talk *t, struct pipe *p)
{
	struct talk_end at;

	ftp_client_inside(t, p);
	at = ftp_six(talk_say(t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n"), "PORT ");
	ftp_untouched(t, SL_OUTSIDE, "200 ok\r\n");
	return at;
}

static void
goes_on(struct talk *t)
{
	ftp_untouched(t, SL_INSIDE, "NOOP\r\n");
	ftp_untouched(t, SL_OUTSIDE, "200 ok\r\n");
}

static void
shifted_numbers_stay_shifted(void **state)
{
	(void)state;
	for (unsigned int from = 1; from <= 3; from++) {
		for (unsigned int to = 1; to <= 3; to++) {
			struct pipe *p = pipe_create(from, ON, 1, BASE);
			struct talk t;

			open_shifted(&t, p);
			assert_int_not_equal(t.seq[SL_INSIDE], t.seen[SL_INSIDE]);
			t.p = p = restart(p, to, ON);
			assert_int_equal(saved_fates[SL_SAVED_BACK], 1);
			goes_on(&t);
			/* and once more */
			t.p = p = restart(p, from, ON);
			goes_on(&t);
			/* nobody looks at the bytes any more */
			ftp_untouched(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n");
			finish(p);
		}
	}
}

static void
they_do_when_the_helper_is_off_now(void **state)
{
	struct pipe *p = pipe_create(2, ON, 1, BASE);
	struct talk t;

	(void)state;
	open_shifted(&t, p);
	t.p = p = restart(p, 2, "helper ftp off; helper irc on");
	assert_int_equal(saved_fates[SL_SAVED_BACK], 1);
	goes_on(&t);
	finish(p);
}

static void
connection_that_follows_is_read_again(void **state)
{
	struct pipe *p = pipe_create(2, ON, 1, BASE);
	struct talk t;

	(void)state;
	open_shifted(&t, p);
	t.p = p = restart(p, 2, ON);
	goes_on(&t);
	talk_close(&t, SL_INSIDE, false);
	talk_close(&t, SL_OUTSIDE, false);
	open_shifted(&t, p);
	goes_on(&t);
	talk_close(&t, SL_OUTSIDE, true);
	finish(p);
}

static void
from_outside(struct pipe *p, const struct talk *t, const char *rest)
{
	static struct pt_frame f;
	struct pt_default def = pipe_default_in(p, SL_OUTSIDE, NULL, 0);
	struct rte_mbuf *m;
	char text[160], why[128];

	snprintf(text, sizeof(text), "tcp " SERVER " > 192.0.2.1:%u %s", t->at[SL_OUTSIDE].port,
		rest);
	if (pt_build(text, &def, &f, why, sizeof(why)) != 0)
		fail_msg("%s: %s", text, why);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, 0, SL_OUTSIDE, &m, 1);
	pipe_settle(p);
	pipe_discard(p);
}

/* A blind RST and SYN from outside must not take the shift away. */
static void
forged_packets_do_not_end_the_shift(void **state)
{
	struct pipe *p = pipe_create(1, ON, 1, BASE);
	struct talk t;

	(void)state;
	open_shifted(&t, p);
	t.p = p = restart(p, 1, ON);
	from_outside(p, &t, "SYN seq=77 win=60000");
	from_outside(p, &t, "RST seq=77");
	from_outside(p, &t, "SYN seq=77 win=60000");
	goes_on(&t);
	finish(p);
}

static void
connection_in_the_middle_of_a_change_is_left_out(void **state)
{
	struct pipe *p = pipe_create(1, ON, 1, BASE);
	struct talk t;

	(void)state;
	ftp_client_inside(&t, p);
	talk_begin(&t, SL_INSIDE, "PORT 10,0,0,2,27,88\r\n");
	p = restart(p, 1, ON);
	assert_int_equal(saved_fates[SL_SAVED_HELPER], 1);
	assert_int_equal(sessions(p), 0);
	finish(p);
}

static void
connection_of_a_helper_that_is_gone_is_left_out(void **state)
{
	struct pipe *p = pipe_create(1, ON, 1, BASE);
	struct sl_saved_names names = saved_names();
	struct talk t;

	(void)state;
	open_shifted(&t, p);
	saved_take(p, &saved);
	pipe_destroy(p);
	p = pipe_create(1, ON, 2, BASE);
	memset(names.helper, 0, sizeof(names.helper));
	saved_put(p, &saved, 0, names);
	assert_int_equal(saved_fates[SL_SAVED_HELPER], 1);
	assert_int_equal(sessions(p), 0);
	finish(p);
}

static void
opened_port_stays_open_for_him_alone(void **state)
{
	(void)state;
	for (unsigned int from = 1; from <= 3; from++) {
		for (unsigned int to = 1; to <= 3; to++) {
			struct pipe *p = pipe_create(from, ON, 1, BASE);
			struct talk_end at, who;
			struct talk t;

			at = open_shifted(&t, p);
			p = restart(p, to, ON);
			who = talk_knock(p, "203.0.113.77:20", at);
			assert_int_equal(who.port, 0);
			who = talk_knock(p, "198.51.100.9:20", at);
			assert_int_equal(who.port, 27 << 8 | 88);
			assert_int_equal(who.addr, RTE_BE32(0x0a000002));
			finish(p);
		}
	}
}

/* Two clients with the same id of theirs, so that the outside one of the second is another. */
static void
calls_go_on(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= 3; n++) {
		/* with the owners of then, or shared ports may be another worker's */
		struct pipe *p = pipe_create(n, "helper pptp on", SEED, BASE);
		struct talk a, b;
		uint16_t out;

		pptp_open(&a, p, PPTP_CLIENT, PPTP_SERVER);
		pptp_open(&b, p, "10.0.0.3", PPTP_SERVER);
		assert_int_equal(pptp_dial(&a, SL_INSIDE, 100, 7), 100);
		out = pptp_dial(&b, SL_INSIDE, 100, 8);
		pptp_tunnel(p, PPTP_CLIENT, PPTP_OUTSIDE, PPTP_SERVER, 100, 100, 7);
		pptp_tunnel(p, "10.0.0.3", PPTP_OUTSIDE, PPTP_SERVER, 100, out, 8);
		p = restart(p, n, "helper pptp on");
		assert_int_equal(saved_fates[SL_SAVED_BACK], 4);
		pptp_tunnel(p, PPTP_CLIENT, PPTP_OUTSIDE, PPTP_SERVER, 100, 100, 7);
		pptp_tunnel(p, "10.0.0.3", PPTP_OUTSIDE, PPTP_SERVER, 100, out, 8);
		finish(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shifted_numbers_stay_shifted),
		cmocka_unit_test(they_do_when_the_helper_is_off_now),
		cmocka_unit_test(connection_that_follows_is_read_again),
		cmocka_unit_test(forged_packets_do_not_end_the_shift),
		cmocka_unit_test(connection_in_the_middle_of_a_change_is_left_out),
		cmocka_unit_test(connection_of_a_helper_that_is_gone_is_left_out),
		cmocka_unit_test(opened_port_stays_open_for_him_alone),
		cmocka_unit_test(calls_go_on),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
