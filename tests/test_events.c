/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Events for those who look on: who gets which, what a slow reader is told, and that the workers
 * make no records while nobody listens.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "box.h"
#include "clock.h"
#include "events.h"
#include "pipe.h"

#define ALL ((1u << EVENT_KINDS) - 1)

static unsigned int woken;
static struct pipe *the_pipe;

static void
ready(void *arg)
{
	(void)arg;
	woken++;
}

static int
setup(void **state)
{
	int rc = pipe_setup(state);

	clock_init();
	return rc;
}

static void
begin(struct box *box, const char *text)
{
	woken = 0;
	the_pipe = pipe_create(1, text, 3, 1000);
	*box = (struct box){ .nat = the_pipe->nat };
}

static void
open_one(unsigned int port)
{
	static struct pt_frame f;
	char text[96], why[128];
	struct pt_default def = pipe_default_in(the_pipe, SL_INSIDE, NULL, 0);
	struct rte_mbuf *m;

	snprintf(text, sizeof(text), "udp 10.0.0.2:%u > 198.51.100.9:53", port);
	assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
	def = pipe_default_in(the_pipe, SL_INSIDE, f.b, f.len);
	pt_build(text, &def, &f, why, sizeof(why));
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(the_pipe, 0, SL_INSIDE, &m, 1);
	pipe_settle(the_pipe);
	pipe_discard(the_pipe);
}

static unsigned int
records(struct box *box)
{
	struct sl_record r[64];
	unsigned int n = sl_control_records(box->nat, r, 64);

	for (unsigned int i = 0; i < n; i++)
		events_record(box, &r[i], 1000, 0);
	return n;
}

static void
workers_record_only_while_somebody_listens(void **state)
{
	struct event_want sessions = { .kinds = 1u << EVENT_SESSION }, all = { .kinds = ALL };
	struct listener *a, *b;
	struct box box;
	struct event e;

	(void)state;
	begin(&box, "limit rate=0");
	open_one(1000);
	assert_int_equal(records(&box), 0);
	a = events_listen(&box, &sessions, ready, NULL);
	open_one(1001);
	assert_int_equal(records(&box), 1); /* no mapping: nobody wants that */
	assert_true(events_take(a, &e));
	assert_int_equal(e.kind, EVENT_SESSION);
	assert_int_equal(e.what, EVENT_NEW);
	assert_int_equal(e.in_port, htons(1001));
	assert_int_equal(e.rem_port, htons(53));
	b = events_listen(&box, &all, ready, NULL);
	open_one(1002);
	assert_int_equal(records(&box), 2);
	events_leave(b);
	open_one(1003);
	assert_int_equal(records(&box), 1);
	events_leave(a);
	open_one(1004);
	assert_int_equal(records(&box), 0);
	events_destroy(&box);
	pipe_destroy(the_pipe);
}

static struct sl_record
record(enum sl_record_type type, const char *in, uint8_t proto, uint16_t tenant)
{
	struct sl_record r = { .type = (uint8_t)type, .proto = proto, .tenant = tenant };

	if (strchr(in, ':') != NULL) {
		r.six = true;
		r.plen6 = 128;
		r.in6 = conf_addr6(in, strlen(in)).addr;
		r.in_addr = inet_addr("0.0.0.9"); /* stands for it */
	} else {
		r.in_addr = inet_addr(in);
	}
	r.out_addr = inet_addr("192.0.2.1");
	r.rem_addr = inet_addr("198.51.100.9");
	return r;
}

/* How many of the events below fit. */
static unsigned int
fitting(struct event_want want)
{
	struct sl_record r[] = {
		record(SL_RECORD_SESSION_ADD, "10.0.0.2", IPPROTO_UDP, 0),
		record(SL_RECORD_SESSION_DEL, "10.0.0.3", IPPROTO_TCP, 0),
		record(SL_RECORD_MAPPING_ADD, "10.0.0.2", IPPROTO_UDP, 1),
		record(SL_RECORD_BLOCK_ADD, "10.0.1.2", 0, 0),
		record(SL_RECORD_LIMIT, "10.0.0.2", IPPROTO_TCP, 0),
		record(SL_RECORD_SESSION_ADD, "2001:db8:1::2", IPPROTO_UDP, 0),
	};
	struct port port = { .side = SL_OUTSIDE, .up = true };
	struct listener *l;
	unsigned int n = 0;
	struct box box;
	struct event e;

	begin(&box, "");
	want.kinds = want.kinds != 0 ? want.kinds : ALL;
	l = events_listen(&box, &want, ready, NULL);
	for (unsigned int i = 0; i < RTE_DIM(r); i++)
		events_record(&box, &r[i], 1000 + i, 0);
	events_port(&box, &port);
	events_worker(&box, 0, true);
	while (events_take(l, &e))
		n++;
	events_leave(l);
	events_destroy(&box);
	pipe_destroy(the_pipe);
	return n;
}

#define NET(a, n)                                                                                  \
	{                                                                                          \
		.in = { inet_addr(a), n }                                                          \
	}

static void
filters_take_what_fits(void **state)
{
	struct sl_ifaddr6 six = conf_addr6("2001:db8:1::/64", 15);

	(void)state;
	assert_int_equal(fitting((struct event_want){ 0 }), 8);
	assert_int_equal(fitting((struct event_want){ .kinds = 1u << EVENT_SESSION }), 3);
	assert_int_equal(fitting((struct event_want){ .kinds = 1u << EVENT_LIMIT }), 1);
	assert_int_equal(fitting((struct event_want){ .kinds = 1u << EVENT_PORT }), 1);
	assert_int_equal(fitting((struct event_want)NET("10.0.0.2", 32)), 3);
	assert_int_equal(fitting((struct event_want)NET("10.0.0.0", 24)), 4);
	/* what stands for an IPv6 host is nobody's address */
	assert_int_equal(fitting((struct event_want)NET("0.0.0.9", 32)), 0);
	assert_int_equal(fitting((struct event_want){ .in6 = six }), 1);
	assert_int_equal(fitting((struct event_want){ .proto = IPPROTO_TCP }), 2);
	assert_int_equal(fitting((struct event_want){ .tenant = 2 }), 1);
	assert_int_equal(
		fitting((struct event_want){ .rem = { inet_addr("198.51.100.9"), 32 } }), 6);
	assert_int_equal(
		fitting((struct event_want){ .rem = { inet_addr("198.51.100.8"), 32 } }), 0);
}

static void
slow_reader_is_told_how_much_is_missing_and_where(void **state)
{
	struct sl_record r = record(SL_RECORD_SESSION_ADD, "10.0.0.2", IPPROTO_UDP, 0);
	struct event_want want = { .kinds = ALL };
	uint64_t events = 0, lost = 0;
	struct listener *slow, *fast;
	struct box box;
	struct event e;

	(void)state;
	begin(&box, "");
	slow = events_listen(&box, &want, ready, NULL);
	fast = events_listen(&box, &want, ready, NULL);
	for (unsigned int i = 0; i < 20000; i++) {
		events_record(&box, &r, i, 0);
		assert_true(events_take(fast, &e));
		assert_int_equal(e.wall, i);
	}
	while (events_take(slow, &e)) {
		if (e.kind == EVENT_LOST)
			lost += e.count;
		else
			assert_int_equal(e.wall, events++); /* those before the gap, in order */
	}
	assert_true(events > 1000);
	assert_int_equal(events + lost, 20000);
	assert_int_equal(e.kind, EVENT_LOST);
	assert_int_equal(events_listener(slow).lost, lost);
	assert_int_equal(events_listener(fast).lost, 0);
	assert_int_equal(events_stats(&box).lost, lost);
	/* a gap comes before what is behind it */
	for (unsigned int i = 0; i < 10000; i++)
		events_record(&box, &r, i, 0);
	lost = events_listener(slow).lost - lost;
	assert_true(events_take(slow, &e) && events_take(slow, &e));
	events_record(&box, &r, 77777, 0);
	events = 2;
	while (events_take(slow, &e) && e.kind != EVENT_LOST)
		events++;
	assert_int_equal(e.count, lost);
	assert_int_equal(events + lost, 10000);
	assert_true(events_take(slow, &e));
	assert_int_equal(e.wall, 77777);
	assert_false(events_take(slow, &e));
	events_leave(slow);
	events_leave(fast);
	events_destroy(&box);
	pipe_destroy(the_pipe);
}

static void
listener_is_woken_once_when_it_has_found_nothing(void **state)
{
	struct sl_record r = record(SL_RECORD_SESSION_ADD, "10.0.0.2", IPPROTO_UDP, 0);
	struct event_want want = { .kinds = 1u << EVENT_SESSION };
	struct listener *l;
	struct box box;
	struct event e;

	(void)state;
	begin(&box, "");
	l = events_listen(&box, &want, ready, NULL);
	events_record(&box, &r, 1, 0);
	assert_int_equal(woken, 0); /* it has not looked yet */
	assert_true(events_take(l, &e));
	assert_false(events_take(l, &e));
	events_worker(&box, 0, true); /* not wanted */
	assert_int_equal(woken, 0);
	events_record(&box, &r, 2, 0);
	events_record(&box, &r, 3, 0);
	assert_int_equal(woken, 1);
	events_leave(l);
	events_destroy(&box);
	pipe_destroy(the_pipe);
}

static struct sl_forward
forward(uint16_t out, uint16_t in)
{
	return (struct sl_forward){
		.proto = IPPROTO_TCP,
		.out_addr = inet_addr("192.0.2.1"),
		.out_port = htons(out),
		.in_addr = inet_addr("10.0.0.2"),
		.in_port = htons(in),
	};
}

static void
forwards_that_come_and_go_are_told(void **state)
{
	struct sl_forward before[] = { forward(80, 8080), forward(81, 8081), forward(82, 8082),
		forward(90, 9090) };
	struct sl_forward after[] = { forward(85, 85), forward(82, 8082), forward(81, 9999),
		forward(80, 8080), forward(91, 9191) };
	struct sl_config from = { .forward = before, .n_forwards = RTE_DIM(before) };
	struct sl_config to = { .forward = after, .n_forwards = RTE_DIM(after) };
	struct event_want want = { .kinds = 1u << EVENT_FORWARD };
	unsigned int made = 0, ended = 0;
	struct listener *l;
	struct box box;
	struct event e;

	(void)state;
	before[3].leased = after[4].leased = true; /* a host's: told as a lease */
	begin(&box, "");
	events_forwards(&box, &from, &to); /* nobody listens */
	l = events_listen(&box, &want, ready, NULL);
	events_forwards(&box, &from, &to);
	while (events_take(l, &e)) {
		assert_int_equal(e.kind, EVENT_FORWARD);
		if (e.what == EVENT_NEW) {
			made++;
			assert_true(e.out_port == htons(85) ||
				    (e.out_port == htons(81) && e.in_port == htons(9999)));
		} else {
			ended++;
			assert_int_equal(e.out_port, htons(81));
			assert_int_equal(e.in_port, htons(8081));
		}
	}
	assert_int_equal(made, 2);
	assert_int_equal(ended, 1);
	events_forwards(&box, NULL, &from); /* the first configuration */
	for (made = 0; events_take(l, &e);)
		made += e.what == EVENT_NEW;
	assert_int_equal(made, 3);
	events_leave(l);
	events_destroy(&box);
	pipe_destroy(the_pipe);
}

static void
leases_are_told_with_what_happened(void **state)
{
	const enum event_what what[] = { EVENT_NEW, EVENT_RENEWED, EVENT_END, EVENT_EXPIRED,
		EVENT_END };
	struct sl_lease lease = { .origin = SL_LEASE_PCP, .proto = IPPROTO_UDP };
	struct event_want want = { .kinds = 1u << EVENT_LEASE };
	struct listener *l;
	struct box box;
	struct event e;

	(void)state;
	begin(&box, "");
	l = events_listen(&box, &want, ready, NULL);
	lease.in_addr = inet_addr("10.0.0.5");
	lease.expires = clock_now() + 60000;
	for (unsigned int i = 0; i < RTE_DIM(what); i++) {
		events_lease(&box, (enum sl_lease_change)i, &lease);
		assert_true(events_take(l, &e));
		assert_int_equal(e.what, what[i]);
		assert_int_equal(e.origin, SL_LEASE_PCP);
		assert_int_equal(e.in_addr, lease.in_addr);
		assert_in_range(e.count, 59, 60);
	}
	events_leave(l);
	events_destroy(&box);
	pipe_destroy(the_pipe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_record_only_while_somebody_listens),
		cmocka_unit_test(filters_take_what_fits),
		cmocka_unit_test(slow_reader_is_told_how_much_is_missing_and_where),
		cmocka_unit_test(listener_is_woken_once_when_it_has_found_nothing),
		cmocka_unit_test(forwards_that_come_and_go_are_told),
		cmocka_unit_test(leases_are_told_with_what_happened),
	};

	return cmocka_run_group_tests_name("events", tests, setup, NULL);
}
