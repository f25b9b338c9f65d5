/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Several workers behind ports whose RSS is of no help: every outside port is given once
 * and leads back from whichever worker receives the answer, the packets of a flow keep
 * their order over the handoff rings, and a full ring is a counted drop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"

#define KERNEL_MIN 32768 /* ports that the default configuration leaves to the kernel */
#define KERNEL_MAX 60999
#define PORTS (65536 - 1024 - (KERNEL_MAX - KERNEL_MIN + 1))
#define HOSTS 4000 /* even spread over workers, so that all of them run out */

static struct {
	uint32_t host;
	uint16_t port;
	bool taken;
} lent[65536];

static unsigned int turn;

static void
send_udp(struct pipe *p, enum sl_side side, uint32_t src, uint16_t sport, uint32_t dst,
	uint16_t dport, uint32_t payload)
{
	static struct pt_frame f;
	struct pt_default def;
	char text[160], why[128];
	struct rte_mbuf *m;

	snprintf(text, sizeof(text), "udp %u.%u.%u.%u:%u > %u.%u.%u.%u:%u hex=%08x", src >> 24,
		src >> 16 & 255, src >> 8 & 255, src & 255, sport, dst >> 24, dst >> 16 & 255,
		dst >> 8 & 255, dst & 255, dport, payload);
	def = pipe_default_in(p, side, NULL, 0);
	assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, turn++ % p->n_workers, side, &m, 1);
}

static unsigned int
get16(const uint8_t *b)
{
	return (unsigned int)b[0] << 8 | b[1];
}

static uint32_t
get32(const uint8_t *b)
{
	return get16(b) << 16 | get16(b + 2);
}

static const uint8_t *
got_ip(const struct pipe *p, unsigned int i)
{
	return rte_pktmbuf_mtod_offset(p->got[i].m, const uint8_t *, 14);
}

/* Note which ports were given to whom; no two may be the same. */
static unsigned int
note_ports(struct pipe *p)
{
	unsigned int n = 0;

	pipe_settle(p);
	for (unsigned int i = 0; i < p->n_got; i++) {
		const uint8_t *ip = got_ip(p, i);
		unsigned int port = get16(ip + 20);

		if (p->got[i].side != SL_OUTSIDE)
			continue;
		assert_in_range(port, 1024, 65535);
		assert_false(port >= KERNEL_MIN && port <= KERNEL_MAX);
		assert_false(lent[port].taken);
		lent[port].taken = true;
		lent[port].host = get32(ip + 28) >> 16;
		lent[port].port = (uint16_t)get32(ip + 28);
		n++;
	}
	pipe_discard(p);
	return n;
}

#define CONF                                                                                       \
	"max-sessions 120000; max-subscribers 40000; limit ports=0 sessions=0 rate=0; "            \
	"inside 10.0.0.1/16; icmp-refusal 255; icmp-rate 0"

/* The payload carries host and inside port, so that the answer can be checked. */
static void
exhaust(unsigned int workers)
{
	struct pipe *p = pipe_create(workers, CONF, 77, 1000);
	unsigned int n = 0, back = 0;
	char why[128];

	memset(lent, 0, sizeof(lent));
	for (unsigned int i = 0; i < PORTS + PORTS / 3; i++) {
		uint32_t host = 2 + i % HOSTS, port = 3000 + i / HOSTS;

		send_udp(p, SL_INSIDE, 0x0a000000 + host, (uint16_t)port, 0xc6336409, 53,
			host << 16 | port);
		if (i % 500 == 499)
			n += note_ports(p);
	}
	n += note_ports(p);
	assert_int_equal(n, PORTS);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_DROP_NO_PORT), PORTS / 3);
	for (unsigned int port = 1024; port < 65536; port++) {
		if (lent[port].taken)
			send_udp(p, SL_OUTSIDE, 0xc6336409, 53, 0xc0000201, (uint16_t)port,
				(uint32_t)lent[port].host << 16 | lent[port].port);
		/* hosts that are not resolved wait: tell of them as the kernel would */
		pipe_settle(p);
		for (unsigned int i = 0; i < p->n_events; i++)
			pipe_neigh(p, 0, SL_INSIDE, p->event[i].addr, true);
		if (p->n_events > 0)
			pipe_settle(p);
		for (unsigned int i = 0; i < p->n_events; i++)
			pipe_neigh(p, 0, SL_INSIDE, p->event[i].addr, false);
		p->n_events = 0;
		for (unsigned int i = 0; i < p->n_got; i++) {
			const uint8_t *ip = got_ip(p, i);

			if (p->got[i].punt)
				continue;
			assert_int_equal(get32(ip + 16), 0x0a000000 + (get32(ip + 28) >> 16));
			assert_int_equal(get16(ip + 22), get32(ip + 28) & 0xffff);
			back++;
		}
		pipe_discard(p);
	}
	assert_int_equal(back, PORTS);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
every_port_is_given_once_and_leads_back_with_one_worker(void **state)
{
	(void)state;
	exhaust(1);
}

static void
every_port_is_given_once_and_leads_back_with_two_workers(void **state)
{
	(void)state;
	exhaust(2);
}

static void
every_port_is_given_once_and_leads_back_with_three_workers(void **state)
{
	(void)state;
	exhaust(3);
}

static void
packets_of_a_flow_keep_their_order(void **state)
{
	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct pipe *p = pipe_create(workers, "", 5, 1000);
		uint32_t next[3] = { 0 };

		for (uint32_t i = 0; i < 3000; i++) {
			/* one queue for each flow, as a NIC does it, but never the owner's choice */
			turn = i % 3 + i / 1000;
			send_udp(p, SL_INSIDE, 0x0a000002 + i % 3, 5000, 0xc6336409, 53,
				i % 3 << 16 | i / 3);
			if (i % 97 == 0 || i % 1000 == 999)
				pipe_settle(p);
			for (unsigned int k = 0; k < p->n_got; k++) {
				uint32_t v = get32(got_ip(p, k) + 28);

				assert_int_equal(v & 0xffff, next[v >> 16]++);
			}
			pipe_discard(p);
		}
		assert_int_equal(next[0] + next[1] + next[2], 3000);
		pipe_destroy(p);
	}
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
full_handoff_ring_drops_and_counts(void **state)
{
	struct pipe *p = pipe_create(2, "ring 16", 5, 1000);
	uint64_t full, out;
	char why[128];

	(void)state;
	for (uint32_t i = 0; i < 400; i++)
		send_udp(p, SL_INSIDE, 0x0a000002 + i % 8, 5000, 0xc6336409, 53, i);
	full = sl_counter_sum(p->nat, SL_COUNTER_DROP_HANDOFF_FULL);
	out = sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_OUT);
	assert_true(full > 0);
	assert_in_range(out, 15, 32);
	pipe_settle(p);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_IN), out);
	assert_int_equal(p->n_got, 400 - full);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

/* What control cannot give away stays control's, and the rest and others' packets go out. */
static void
full_inject_ring_refuses_and_loses_nothing_else(void **state)
{
	struct pipe *p = pipe_create(2, "ring 16", 5, 1000);
	const struct pt_default def = { .ttl = 63 };
	static struct pt_frame f;
	unsigned int taken = 0;
	char why[128];

	(void)state;
	assert_int_equal(
		pt_build("udp 192.0.2.1:179 > 198.51.100.9:179 'x'", &def, &f, why, sizeof(why)),
		0);
	for (unsigned int i = 0; i < 100; i++) {
		struct rte_mbuf *m = pipe_mbuf(f.b, f.len);

		if (sl_control_inject(p->nat, SL_OUTSIDE, m) == 0)
			taken++;
		else
			rte_pktmbuf_free(m);
	}
	assert_in_range(taken, 15, 16);
	send_udp(p, SL_INSIDE, 0x0a000002, 5000, 0xc6336409, 53, 1);
	pipe_settle(p);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_INJECTED), taken);
	assert_int_equal(p->n_got, taken + 1);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
packet_that_its_owner_receives_is_not_handed_over(void **state)
{
	struct pipe *p = pipe_create(3, "", 5, 1000);

	(void)state;
	for (uint32_t i = 0; i < 30; i++) {
		turn = i % 3;
		send_udp(p, SL_INSIDE, 0x0a000002, 5000, 0xc6336409, 53, i);
		pipe_settle(p);
	}
	/* one of three queues is the owner's */
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_OUT), 20);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_IN), 20);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_MADE), 1);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_port_is_given_once_and_leads_back_with_one_worker),
		cmocka_unit_test(every_port_is_given_once_and_leads_back_with_two_workers),
		cmocka_unit_test(every_port_is_given_once_and_leads_back_with_three_workers),
		cmocka_unit_test(packets_of_a_flow_keep_their_order),
		cmocka_unit_test(full_handoff_ring_drops_and_counts),
		cmocka_unit_test(full_inject_ring_refuses_and_loses_nothing_else),
		cmocka_unit_test(packet_that_its_owner_receives_is_not_handed_over),
	};

	return cmocka_run_group_tests_name("workers", tests, pipe_setup, NULL);
}
