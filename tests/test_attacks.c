/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Attacks through the whole path, counted to the packet: a subscriber that wants a million
 * sessions, scans of the outside, forged resets and errors about live sessions, addresses that
 * nobody may send from. What they must not change is looked at before and after, with the clock
 * standing still. tests/ATTACKS.md says which attack is where; e2e/floods_test.sh sends them at
 * their rates to the program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_cycles.h>

#include "csum.h"
#include "pipe.h"

#define FLOOD 1000000
#define FORGED 100000
#define SESSIONS 1000
#define BURST 32
#define LIMIT 1000 /* sessions of a subscriber */
#define ROOM "max-sessions 16384; max-subscribers 8192; "
#define L3 14
#define L4 34

static struct pipe *p;
static struct pt_frame frame;
static struct rte_mbuf *burst[BURST];
static unsigned int n_burst;

static uint64_t
draw(void)
{
	static uint64_t state = 0xf100d;
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint64_t
sum(enum sl_counter c)
{
	return sl_counter_sum(p->nat, c);
}

/* A frame to be changed by set32() and set16(). */
static void
model(enum sl_side side, const char *text)
{
	struct pt_default def = pipe_default_in(p, side, NULL, 0);
	char why[128];

	if (pt_build(text, &def, &frame, why, sizeof(why)) < 0)
		fail_msg("%s: %s", text, why);
}

static void
set16(size_t at, uint32_t v)
{
	frame.b[at] = (uint8_t)(v >> 8);
	frame.b[at + 1] = (uint8_t)v;
}

static void
set32(size_t at, uint32_t v)
{
	set16(at, v >> 16);
	set16(at + 2, v);
}

static void
flush(enum sl_side side)
{
	static unsigned int turn;

	if (n_burst > 0)
		pipe_receive(p, turn++ % p->n_workers, side, burst, n_burst);
	n_burst = 0;
	pipe_settle(p);
}

static void
send(enum sl_side side)
{
	set16(L3 + 10, 0);
	set16(L3 + 10, csum_ip4(frame.b + L3));
	burst[n_burst++] = pipe_mbuf(frame.b, frame.len);
	if (n_burst == BURST)
		flush(side);
}

static void
begin(unsigned int n_workers, const char *conf)
{
	p = pipe_create(n_workers, conf, 42, 1000);
	pipe_route(p, 0, (struct sl_ifaddr){ conf_addr("10.1.0.0"), 16 }, SL_INSIDE,
		conf_addr("10.0.0.7"));
}

static void
end(void)
{
	char why[128];

	pipe_settle(p);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

/* ---- sessions ---- */

static void
subscriber_that_wants_a_million_sessions_gets_its_limit(void **state)
{
	uint32_t others = 0;

	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers += 2) {
		begin(workers, ROOM "limit sessions=1000 rate=0 ports=0; icmp-refusal 255");
		others = 0;
		for (uint32_t i = 0; i < FLOOD / workers; i++) {
			model(SL_INSIDE, "udp 10.0.0.2:1 > 198.51.100.9:53 csum=0 'x'");
			for (; i % LIMIT != LIMIT - 1; i++) {
				set16(L4, i);
				set32(L3 + 16, 0xc6336400 + (i >> 16));
				send(SL_INSIDE);
				pipe_discard(p);
			}
			flush(SL_INSIDE);
			pipe_discard(p);
			model(SL_INSIDE, "udp 10.1.0.1:5000 > 198.51.100.9:53 csum=0 'x'");
			set32(L3 + 12, 0x0a010001 + others++);
			send(SL_INSIDE);
			flush(SL_INSIDE);
			assert_int_equal(p->n_got, 1);
			pipe_discard(p);
		}
		assert_int_equal(sum(SL_COUNTER_SESSIONS_NOW), LIMIT + others);
		assert_true(sum(SL_COUNTER_DROP_LIMIT_SESSIONS) > FLOOD / workers / 2);
		end();
	}
}

static uint64_t
cost_of_burst(enum sl_side side, void (*next)(void))
{
	struct rte_mbuf *m[BURST];
	uint64_t began, took;

	for (unsigned int i = 0; i < BURST; i++) {
		next();
		set16(L3 + 10, 0);
		set16(L3 + 10, csum_ip4(frame.b + L3));
		m[i] = pipe_mbuf(frame.b, frame.len);
	}
	began = rte_rdtsc();
	pipe_receive(p, 0, side, m, BURST);
	took = rte_rdtsc() - began;
	pipe_settle(p);
	pipe_discard(p);
	return took;
}

static void
next_scan(void)
{
	static bool tcp;

	tcp = !tcp;
	model(SL_OUTSIDE, tcp ? "tcp 203.0.113.5:80 > 192.0.2.1:1 SYN"
			      : "udp 203.0.113.5:53 > 192.0.2.1:1 csum=0 'x'");
	set32(L3 + 12, 0xcb007100 + (uint32_t)(draw() & 0xff));
	set32(L4, (uint32_t)draw() | 0x10001);
	if (frame.b[L3 + 9] == 17 && (frame.b[L4 + 2] & 0xff) < 4)
		frame.b[L4 + 2] = 4;
}

static void
next_miss(void)
{
	static uint32_t n;

	model(SL_INSIDE, "udp 10.1.0.1:5000 > 198.51.100.9:53 csum=0 'x'");
	n++;
	set32(L3 + 12, 0x0a010001 + n % 5000);
	set16(L4, 2000 + n / 5000);
}

static void
scan_makes_no_session_and_costs_less_than_a_miss(void **state)
{
	uint64_t scan = UINT64_MAX, miss = UINT64_MAX;

	(void)state;
	begin(1, ROOM "limit sessions=0 rate=0 ports=0; unsolicited-syn off");
	for (unsigned int i = 0; i < 300; i++) {
		miss = RTE_MIN(miss, cost_of_burst(SL_INSIDE, next_miss));
		scan = RTE_MIN(scan, cost_of_burst(SL_OUTSIDE, next_scan));
	}
	print_message("note: a packet of a scan costs %.2f of an inside miss\n",
		(double)scan / (double)miss);
	if (scan >= miss)
		fail_msg("%lu cycles a burst, an inside miss %lu", scan, miss);
	end();
	begin(1, ROOM);
	for (unsigned int i = 0; i < FLOOD / 4; i++) {
		next_scan();
		send(SL_OUTSIDE);
		pipe_discard(p); /* what the kernel gets: some of its ports are meant */
	}
	flush(SL_OUTSIDE);
	pipe_discard(p);
	assert_int_equal(sum(SL_COUNTER_SESSIONS_MADE), 0);
	assert_int_equal(sum(SL_COUNTER_MAPPINGS_NOW), 0);
	assert_int_equal(sum(SL_COUNTER_SUBSCRIBERS_NOW), 0);
	end();
}

/* ---- neighbours ---- */

static void
next_established(void)
{
	model(SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 csum=0 'x'");
}

/* A burst of an established flow and the poll behind it. */
static uint64_t
cost_of_turn(void)
{
	uint64_t took = cost_of_burst(SL_INSIDE, next_established), began = rte_rdtsc();

	sl_worker_poll(sl_nat_worker(p->nat, 0), p->now, &p->out);
	return took + rte_rdtsc() - began;
}

/*
 * As many packets wait for stations that do not exist as may: half of all, so that those for
 * hosts that have sessions find room. A packet for somebody else had to be held against each of
 * them once.
 */
static void
packets_that_wait_do_not_slow_others(void **state)
{
	struct pipe *scanned, *idle;
	uint64_t evil = UINT64_MAX, plain = UINT64_MAX;

	(void)state;
	begin(1, ROOM "limit sessions=0 rate=0 ports=0");
	idle = p;
	begin(1, ROOM "limit sessions=0 rate=0 ports=0");
	scanned = p;
	for (uint32_t i = 0; i < 2000; i++) {
		model(SL_INSIDE, "udp 10.0.0.2:7000 > 192.0.2.20:53 csum=0 'x'");
		set32(L3 + 16, 0xc0000214 + i % 200);
		send(SL_INSIDE);
	}
	flush(SL_INSIDE);
	assert_int_equal(p->n_got, 0);
	assert_int_equal(sum(SL_COUNTER_HELD_NOW), 128);
	for (unsigned int i = 0; i < 1000; i++) {
		p = scanned;
		evil = RTE_MIN(evil, cost_of_turn());
		p = idle;
		plain = RTE_MIN(plain, cost_of_turn());
	}
	print_message("note: beside packets that wait a packet costs %.2f\n",
		(double)evil / (double)plain);
	if (evil > plain * 2)
		fail_msg("%lu cycles a turn, %lu without packets that wait", evil, plain);
	pipe_destroy(p);
	p = scanned;
	assert_int_equal(sum(SL_COUNTER_HELD_NOW), 128);
	end();
}

/* ---- live sessions ---- */

/* Half of them TCP that is established, half UDP. Outside ports as they were learned. */
static struct {
	uint16_t port;
	bool tcp;
} live[SESSIONS];

static void
open_one(uint32_t i)
{
	live[i].tcp = i % 2 == 0;
	model(SL_INSIDE, live[i].tcp ? "tcp 10.0.0.2:1 > 198.51.100.9:80 SYN seq=1000"
				     : "udp 10.0.0.2:1 > 198.51.100.9:80 csum=0 'x'");
	set32(L3 + 12, 0x0a010001 + i / 16);
	set16(L4, 2000 + i);
	send(SL_INSIDE);
	flush(SL_INSIDE);
	assert_int_equal(p->n_got, 1);
	memcpy(&live[i].port, rte_pktmbuf_mtod_offset(p->got[0].m, uint8_t *, L4), 2);
	live[i].port = rte_be_to_cpu_16(live[i].port);
	pipe_discard(p);
	if (!live[i].tcp)
		return;
	model(SL_OUTSIDE, "tcp 198.51.100.9:80 > 192.0.2.1:1 SYN ACK seq=5000 ack=1001");
	set16(L4 + 2, live[i].port);
	send(SL_OUTSIDE);
	flush(SL_OUTSIDE);
	model(SL_INSIDE, "tcp 10.0.0.2:1 > 198.51.100.9:80 ACK seq=1001 ack=5001");
	set32(L3 + 12, 0x0a010001 + i / 16);
	set16(L4, 2000 + i);
	send(SL_INSIDE);
	flush(SL_INSIDE);
	assert_int_equal(p->n_got, 2);
	pipe_discard(p);
}

static int
by_port(const void *a, const void *b)
{
	const struct sl_session *x = a, *y = b;

	return x->out_port != y->out_port ? x->out_port - y->out_port : x->proto - y->proto;
}

/* What attacks must not change. */
static void
look(struct sl_session s[SESSIONS])
{
	const struct sl_select all = { 0 };

	memset(s, 0, sizeof(*s) * SESSIONS);
	assert_int_equal(pipe_ask(p, SL_MSG_SESSIONS, &all, s, sizeof(*s), SESSIONS + 1), SESSIONS);
	qsort(s, SESSIONS, sizeof(*s), by_port);
}

static unsigned int
changed(const struct sl_session a[SESSIONS], const struct sl_session b[SESSIONS])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < SESSIONS; i++)
		n += a[i].out_port != b[i].out_port || a[i].tcp_state != b[i].tcp_state ||
		     a[i].left != b[i].left || a[i].idle != b[i].idle;
	return n;
}

static void
open_all(void)
{
	begin(1, ROOM "limit sessions=0 rate=0 ports=0; icmp-rate 1000");
	for (uint32_t i = 0; i < SESSIONS; i++)
		open_one(i);
	p->now += 5000;
	pipe_settle(p);
}

static void
blind_resets_change_no_session(void **state)
{
	static struct sl_session before[SESSIONS + 1], after[SESSIONS + 1];

	(void)state;
	open_all();
	look(before);
	for (uint32_t i = 0; i < FORGED; i++) {
		model(SL_OUTSIDE, "tcp 198.51.100.9:80 > 192.0.2.1:1 RST seq=1");
		set16(L4 + 2, live[i % SESSIONS & ~1u].port);
		/* anything but the window, which a blind sender meets once in 65536 */
		set32(L4 + 4, 0x20000 + (uint32_t)draw() % 0xfffc0000);
		frame.b[L4 + 13] = i / 2 % 2 ? 0x14 : 0x04;
		send(SL_OUTSIDE);
		pipe_discard(p);
	}
	flush(SL_OUTSIDE);
	pipe_discard(p);
	look(after);
	assert_int_equal(changed(before, after), 0);
	end();
}

static void
next_forged_error(uint32_t i)
{
	static const uint8_t kind[][2] = { { 3, 0 }, { 3, 1 }, { 3, 3 }, { 3, 4 }, { 3, 13 },
		{ 4, 0 }, { 5, 0 }, { 5, 1 }, { 11, 0 }, { 11, 1 }, { 12, 0 } };
	const uint8_t *k = kind[i % RTE_DIM(kind)];
	uint32_t at = (uint32_t)(draw() % SESSIONS);
	uint16_t port = live[at].port;

	model(SL_OUTSIDE, live[at].tcp ? "icmp unreachable 203.0.113.5 > 192.0.2.1 code=3 "
					 "[tcp 192.0.2.1:1 > 198.51.100.9:80 ACK seq=1 ack=1]"
				       : "icmp unreachable 203.0.113.5 > 192.0.2.1 code=3 "
					 "[udp 192.0.2.1:1 > 198.51.100.9:80 csum=0 'x']");
	set32(L3 + 12, 0xcb007100 + (uint32_t)(draw() & 0xff));
	frame.b[L4] = k[0];
	frame.b[L4 + 1] = k[1];
	if (k[0] == 3 && k[1] == 4)
		set16(L4 + 6, 68);
	if (i % 5 == 0)
		port = (uint16_t)draw();
	set16(L4 + 8 + 20, port);
	if (i % 7 == 0)
		set32(L4 + 8 + 16, (uint32_t)draw()); /* to whom nothing was sent */
	set16(L4 + 8 + 10, 0);
	set16(L4 + 8 + 10, csum_ip4(frame.b + L4 + 8));
	set16(L4 + 2, 0);
	if (i % 11 != 0)
		set16(L4 + 2, csum_icmp(frame.b + L4, frame.len - L4));
}

/* The size of the packet that leaves for one of 1,400 bytes, and how many it became. */
static size_t
size_outside(void)
{
	size_t len;

	model(SL_INSIDE, "udp 10.1.0.1:2001 > 198.51.100.9:80 csum=0 data=1372");
	send(SL_INSIDE);
	flush(SL_INSIDE);
	assert_int_equal(p->n_got, 1);
	len = p->got[0].m->pkt_len;
	pipe_discard(p);
	return len;
}

static void
forged_errors_change_no_session_and_no_mtu(void **state)
{
	static struct sl_session before[SESSIONS + 1], after[SESSIONS + 1];
	uint64_t made;
	size_t size;

	(void)state;
	open_all();
	size = size_outside();
	look(before);
	made = sum(SL_COUNTER_ICMP_MADE);
	for (uint32_t i = 0; i < FORGED; i++) {
		next_forged_error(i);
		send(SL_OUTSIDE);
		pipe_discard(p);
	}
	flush(SL_OUTSIDE);
	pipe_discard(p);
	look(after);
	assert_int_equal(changed(before, after), 0);
	assert_int_equal(sum(SL_COUNTER_ICMP_MADE), made);
	assert_int_equal(size_outside(), size);
	end();
}

static void
own_errors_are_at_most_the_limit(void **state)
{
	(void)state;
	begin(1, ROOM "icmp-rate 1000");
	for (uint32_t i = 0; i < FORGED; i++) {
		model(SL_INSIDE, "udp 10.0.0.2:1000 > 198.51.100.9:80 ttl=1 csum=0 'x'");
		set32(L3 + 16, 0xc6336400 + i % 200);
		send(SL_INSIDE);
		pipe_discard(p);
		p->now = 1000 + i / 100; /* in a second */
	}
	flush(SL_INSIDE);
	pipe_discard(p);
	assert_in_range(sum(SL_COUNTER_ICMP_MADE), 1000, 2001);
	assert_int_equal(sum(SL_COUNTER_DROP_TTL), FORGED);
	end();
}

/* ---- addresses ---- */

/* Nobody may send from these; the host bits of a network do not matter. */
static const char *const nobody[] = { "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254",
	"224.0.0.1", "224.0.1.129", "239.255.255.250", "240.0.0.1", "250.1.2.3", "255.255.255.255",
	"169.254.1.1" };

static void
refused(enum sl_side side, const char *src, const char *dst, const char *what)
{
	uint64_t drops = 0, after = 0;
	uint32_t s = rte_be_to_cpu_32(conf_addr(src)), d = rte_be_to_cpu_32(conf_addr(dst));

	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		drops += sl_counter_is_drop((enum sl_counter)c) ? sum((enum sl_counter)c) : 0;
	model(side, side == SL_INSIDE ? "udp 10.0.0.2:5000 > 198.51.100.9:5000 csum=0 'x'"
				      : "udp 198.51.100.9:5000 > 192.0.2.1:5000 csum=0 'x'");
	set32(L3 + 12, s);
	set32(L3 + 16, d);
	send(side);
	flush(side);
	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		after += sl_counter_is_drop((enum sl_counter)c) ? sum((enum sl_counter)c) : 0;
	for (unsigned int i = 0; i < p->n_got; i++)
		if (rte_pktmbuf_mtod_offset(p->got[i].m, uint8_t *, L3)[9] != 1)
			fail_msg("%s: %s > %s came out", what, src, dst);
	if (after != drops + 1)
		fail_msg("%s: %s > %s moved drops by %lu", what, src, dst, after - drops);
	pipe_discard(p);
}

static void
addresses_that_nobody_may_send_from_are_dropped(void **state)
{
	static const char *const to[] = { "198.51.100.9", "192.0.2.1", "10.0.0.3", "192.0.2.9" };
	/* inside: the box's, the pool's, the outside's, a stranger's; outside: inside's, the box's */
	static const char *const foreign[2][6] = { { "10.0.0.1", "192.0.2.1", "192.0.2.9",
							   "198.51.100.9", "10.77.0.1",
							   "203.0.113.5" },
		{ "192.0.2.1", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.1.2.3", "192.0.2.1" } };
	unsigned int n = 0;

	(void)state;
	begin(1, "source-check on");
	for (unsigned int side = 0; side < 2; side++) {
		for (unsigned int i = 0; i < RTE_DIM(nobody); i++)
			for (unsigned int k = 0; k < 2; k++, n++)
				refused((enum sl_side)side, nobody[i], to[k + (side == 1)],
					"nobody's");
		for (unsigned int i = 0; i < RTE_DIM(foreign[0]); i++)
			for (unsigned int k = 0; k < 2; k++, n++)
				refused((enum sl_side)side, foreign[side][i],
					to[side == 1 ? 1 : 3 * k], "foreign");
		for (unsigned int k = 0; k < RTE_DIM(to); k++, n++)
			refused((enum sl_side)side, to[k], to[k], "land");
	}
	assert_true(n >= 2 * 38);
	assert_int_equal(sum(SL_COUNTER_SESSIONS_MADE), 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subscriber_that_wants_a_million_sessions_gets_its_limit),
		cmocka_unit_test(scan_makes_no_session_and_costs_less_than_a_miss),
		cmocka_unit_test(packets_that_wait_do_not_slow_others),
		cmocka_unit_test(blind_resets_change_no_session),
		cmocka_unit_test(forged_errors_change_no_session_and_no_mtu),
		cmocka_unit_test(own_errors_are_at_most_the_limit),
		cmocka_unit_test(addresses_that_nobody_may_send_from_are_dropped),
	};

	return cmocka_run_group_tests_name("attacks", tests, pipe_setup, NULL);
}
