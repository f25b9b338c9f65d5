/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Strange packets and strange times: errors that quote any number of bytes, chains of headers
 * as long as they may be, a second host that wants the first one's port, and clocks shortly
 * before each wrap. tests/ATTACKS.md says what each is about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_cycles.h>

#include "pipe.h"

#define BURST 32
#define H "2001:db8:1::2"
#define R "64:ff9b::198.51.100.9"
#define SIX "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; limit sessions=0 rate=0 ports=0"

static struct rte_mbuf *
packet(const struct pipe *p, enum sl_side side, const char *text)
{
	struct pt_default def = pipe_default_in(p, side, NULL, 0);
	static struct pt_frame f;
	char why[128];

	if (pt_build(text, &def, &f, why, sizeof(why)) < 0)
		fail_msg("%s: %s", text, why);
	return pipe_mbuf(f.b, f.len);
}

static void
send(struct pipe *p, enum sl_side side, const char *text)
{
	struct rte_mbuf *m = packet(p, side, text);

	pipe_receive(p, 0, side, &m, 1);
	pipe_settle(p);
}

static void
end(struct pipe *p)
{
	char why[128];

	pipe_settle(p);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static unsigned int
port_of(const struct pipe *p)
{
	const uint8_t *b;

	assert_int_equal(p->n_got, 1);
	b = rte_pktmbuf_mtod_offset(p->got[0].m, const uint8_t *, 34);
	return (unsigned int)b[0] << 8 | b[1];
}

static void
errors_with_any_length_of_quote_are_accounted_for(void **state)
{
	struct pipe *p = pipe_create(1, SIX, 3, 1000);
	char text[256];
	unsigned int port, passed = 0;

	(void)state;
	send(p, SL_INSIDE, "udp6 " H "#5000 > " R "#53 'a datagram to quote'");
	port = port_of(p);
	pipe_discard(p);
	for (unsigned int cut = 0; cut <= 66; cut++) {
		snprintf(text, sizeof(text),
			"icmp6 unreachable " H " > " R " [udp6 " R "#53 > " H
			"#5000 'a datagram to quote' cut=%u]",
			cut);
		send(p, SL_INSIDE, text);
		passed += p->n_got;
		if (p->n_got > 0)
			assert_true(cut >= 48); /* both headers */
		pipe_discard(p);
	}
	assert_true(passed > 0);
	for (unsigned int cut = 0, got = 0; cut <= 46; cut++, got = 0) {
		snprintf(text, sizeof(text),
			"icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [udp 192.0.2.1:%u > "
			"198.51.100.9:53 'a datagram to quote' cut=%u]",
			port, cut);
		send(p, SL_OUTSIDE, text);
		got = p->n_got;
		if ((got > 0) != (cut >= 28))
			fail_msg("%u bytes quoted: %u packets", cut, got);
		pipe_discard(p);
	}
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW), 1);
	end(p);
}

static uint64_t
cost(struct pipe *p, const char *text)
{
	struct rte_mbuf *m[BURST];
	uint64_t began, took;

	for (unsigned int i = 0; i < BURST; i++)
		m[i] = packet(p, SL_INSIDE, text);
	began = rte_rdtsc();
	pipe_receive(p, 0, SL_INSIDE, m, BURST);
	took = rte_rdtsc() - began;
	pipe_settle(p);
	pipe_discard(p);
	return took;
}

#define OPTIONS "3c00000000000000"
#define SEVEN OPTIONS OPTIONS OPTIONS OPTIONS OPTIONS OPTIONS OPTIONS

static void
chain_at_the_cap_costs_less_than_twice_a_plain_packet(void **state)
{
	struct pipe *p = pipe_create(1, SIX, 3, 1000);
	uint64_t most = UINT64_MAX, beyond = UINT64_MAX, plain = UINT64_MAX;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		plain = RTE_MIN(plain, cost(p, "udp6 " H "#5000 > " R "#53 data=64"));
		most = RTE_MIN(most, cost(p, "ip6 " H " > " R " nh=60 hex=" SEVEN
					     "11000000000000001388003500080000"));
		beyond = RTE_MIN(beyond, cost(p, "ip6 " H " > " R " nh=60 hex=" SEVEN OPTIONS
						 "11000000000000001388003500080000"));
	}
	print_message("note: eight headers cost %.2f, nine %.2f of a plain packet\n",
		(double)most / (double)plain, (double)beyond / (double)plain);
	if (most > 2 * plain || beyond > 2 * plain)
		fail_msg("%lu and %lu cycles a burst, plain %lu", most, beyond, plain);
	end(p);
}

static void
second_host_never_has_the_firsts_port(void **state)
{
	struct pipe *p = pipe_create(1, "", 3, 1000);
	unsigned int port;
	char text[128];

	(void)state;
	send(p, SL_INSIDE, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=1");
	port = port_of(p);
	pipe_discard(p);
	/* the same port inside, to the same server, and the outside tuple itself as a source */
	send(p, SL_INSIDE, "tcp 10.0.0.3:5000 > 198.51.100.9:80 SYN seq=1");
	assert_int_not_equal(port_of(p), port);
	pipe_discard(p);
	snprintf(text, sizeof(text), "tcp 10.0.0.3:%u > 198.51.100.9:80 SYN seq=1", port);
	send(p, SL_INSIDE, text);
	assert_int_not_equal(port_of(p), port);
	pipe_discard(p);
	snprintf(text, sizeof(text), "tcp 192.0.2.1:%u > 198.51.100.9:80 RST seq=2", port);
	send(p, SL_INSIDE, text);
	assert_int_equal(p->n_got, 0);
	/* a reset that the second host may send is no end of the first one's connection */
	send(p, SL_INSIDE, "tcp 10.0.0.3:5000 > 198.51.100.9:80 RST seq=2");
	pipe_discard(p);
	snprintf(
		text, sizeof(text), "tcp 198.51.100.9:80 > 192.0.2.1:%u SYN ACK seq=7 ack=2", port);
	send(p, SL_OUTSIDE, text);
	assert_int_equal(p->n_got, 1);
	assert_memory_equal(
		rte_pktmbuf_mtod_offset(p->got[0].m, const uint8_t *, 30), "\x0a\0\0\2", 4);
	end(p);
}

static void
sessions_live_as_long_at_every_wrap(void **state)
{
	static const uint64_t wrap[] = { 1ULL << 16, 1ULL << 31, 1ULL << 32, 3ULL << 31, 1ULL << 33,
		1ULL << 42, 1ULL << 48, 1ULL << 63 };
	static const uint64_t before[] = { 0, 1, 1000, 299999, 300000, 3600000 };

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(wrap) * RTE_DIM(before); i++) {
		uint64_t w = wrap[i / RTE_DIM(before)], b = before[i % RTE_DIM(before)];
		uint64_t base = w > b ? w - b : w;
		struct pipe *p = pipe_create(1, "", 3, base);
		unsigned int port;
		char text[128];

		send(p, SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'");
		port = port_of(p);
		pipe_discard(p);
		snprintf(text, sizeof(text), "udp 198.51.100.9:53 > 192.0.2.1:%u 'y'", port);
		for (unsigned int k = 0; k < 2; k++) {
			p->now = base + 299900 + k * 200;
			pipe_poll(p, 300);
			send(p, SL_OUTSIDE, text);
			if (p->n_got != 1 - k)
				fail_msg("%lu ms before %lx: %u packets at %lu ms", b, w, p->n_got,
					p->now - base);
			pipe_discard(p);
		}
		end(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_with_any_length_of_quote_are_accounted_for),
		cmocka_unit_test(chain_at_the_cap_costs_less_than_twice_a_plain_packet),
		cmocka_unit_test(second_host_never_has_the_firsts_port),
		cmocka_unit_test(sessions_live_as_long_at_every_wrap),
	};

	return cmocka_run_group_tests_name("strange", tests, pipe_setup, NULL);
}
