/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A gateway between two NICs that steer (softnic.c): packets arrive at the worker whose queue
 * the NIC chooses, so none of TCP and UDP is ever handed over, either way, with any number
 * of workers; and what RSS cannot steer still finds its way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "pipe.h"
#include "softnic.h"

#define REMOTE 0xc6336400u /* 198.51.100.0/24 */
#define NET 0x0a010000u /* 10.1.0.0/16, behind a router */
#define PLENTY "max-sessions 20000; max-subscribers 4000; limit ports=0 sessions=0 rate=0"

static struct softnic nics[2];
static uint64_t random_state = 7;

static uint64_t
draw(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Two NICs for n workers; the next gateway is between them. */
static void
make_nics(unsigned int n, uint32_t reta_size, uint32_t block)
{
	for (enum sl_side side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		softnic_make(&nics[side], side, n, reta_size, block, draw());
		pipe_steering[side] =
			(struct sl_steering){ nics[side].key, nics[side].reta, reta_size };
	}
}

static struct pipe *
begin(unsigned int n, const char *conf)
{
	struct pipe *p = pipe_create(n, conf, 99, 1000);

	pipe_route(p, 0, (struct sl_ifaddr){ rte_cpu_to_be_32(NET), 16 }, SL_INSIDE,
		conf_addr("10.0.0.2"));
	return p;
}

static void
end(struct pipe *p)
{
	char why[128];

	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

static void
receive(struct pipe *p, enum sl_side side, const char *text)
{
	static struct pt_frame f;
	struct pt_default def = pipe_default_in(p, side, NULL, 0);
	char why[128];
	struct rte_mbuf *m;

	if (pt_build(text, &def, &f, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, softnic_queue(&nics[side], m), side, &m, 1);
}

static uint32_t
get(const uint8_t *b, unsigned int n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | *b++;
	return v;
}

#define DOTTED(a) (a) >> 24, (a) >> 16 & 255, (a) >> 8 & 255, (a)&255

/* Answer what has left for the outside; how many answers have reached the inside. */
static unsigned int
answer_all(struct pipe *p)
{
	unsigned int n = 0, back = 0;
	char text[64][160];

	pipe_settle(p);
	for (unsigned int i = 0; i < p->n_got; i++) {
		const uint8_t *ip = rte_pktmbuf_mtod_offset(p->got[i].m, const uint8_t *, 14);
		uint32_t src = get(ip + 12, 4), dst = get(ip + 16, 4);

		assert_int_equal(p->got[i].side, SL_OUTSIDE);
		assert_true(n < RTE_DIM(text));
		if (ip[9] == IPPROTO_ICMP)
			snprintf(text[n++], sizeof(text[0]),
				"icmp echo-reply %u.%u.%u.%u > %u.%u.%u.%u id=%u seq=1",
				DOTTED(dst), DOTTED(src), get(ip + 24, 2));
		else
			snprintf(text[n++], sizeof(text[0]),
				"%s %u.%u.%u.%u:%u > %u.%u.%u.%u:%u %s",
				ip[9] == IPPROTO_TCP ? "tcp" : "udp", DOTTED(dst), get(ip + 22, 2),
				DOTTED(src), get(ip + 20, 2),
				ip[9] == IPPROTO_TCP ? "SYN ACK" : "");
	}
	pipe_discard(p);
	for (unsigned int i = 0; i < n; i++)
		receive(p, SL_OUTSIDE, text[i]);
	pipe_settle(p);
	for (unsigned int i = 0; i < p->n_got; i++)
		back += p->got[i].side == SL_INSIDE && !p->got[i].punt;
	pipe_discard(p);
	return back;
}

/* 300 hosts, one TCP and two UDP sessions each, an answer to each packet. */
static void
exchange(struct pipe *p)
{
	for (unsigned int i = 0; i < 900; i += 30) {
		for (unsigned int k = i; k < i + 30; k++) {
			uint32_t host = NET + k / 3 * 7, to = REMOTE + (uint8_t)draw();
			char text[128];

			snprintf(text, sizeof(text), "%s %u.%u.%u.%u:%u > %u.%u.%u.%u:%u %s",
				k % 3 ? "udp" : "tcp", DOTTED(host), 1024 + (uint16_t)draw() / 2,
				DOTTED(to), 1 + (uint16_t)draw() / 2, k % 3 ? "" : "SYN");
			receive(p, SL_INSIDE, text);
		}
		assert_int_equal(answer_all(p), 30);
	}
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_MADE), 900);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_FLOW_HITS), 900);
	for (unsigned int i = 0; i < p->n_workers; i++)
		assert_true(sl_counter_get(p->nat, i, SL_COUNTER_SESSIONS_MADE) > 0);
}

static void
check_traffic(unsigned int n, uint32_t size)
{
	struct pipe *p;

	make_nics(n, size, 0);
	p = begin(n, PLENTY);
	exchange(p);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_OUT), 0);
	end(p);
}

static void
no_packet_is_handed_over_behind_nics_that_steer(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= 13; n += n < 8 ? 1 : 5) {
		check_traffic(n, 64);
		check_traffic(n, 128);
		check_traffic(n, 2048);
	}
}

static void
no_packet_is_handed_over_with_port_blocks(void **state)
{
	(void)state;
	for (unsigned int n = 2; n <= 5; n++) {
		struct pipe *p;

		make_nics(n, 128, 1024);
		p = begin(n, PLENTY "; pool 203.0.113.1-203.0.113.20 block=1024; "
				    "pool 203.0.113.21 block=64");
		exchange(p);
		assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_OUT), 0);
		end(p);
	}
}

/* The other side's packets come as they do, and find their way. */
static void
one_side_can_steer_without_the_other(void **state)
{
	(void)state;
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		struct pipe *p;
		uint64_t moved;

		make_nics(3, 128, 0);
		pipe_steering[1 - side].key = NULL;
		p = begin(3, PLENTY);
		exchange(p);
		moved = sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_OUT);
		/* two thirds of one direction */
		assert_in_range(moved, 500, 700);
		end(p);
	}
}

static void
what_rss_cannot_steer_is_handed_over(void **state)
{
	struct pipe *p;

	(void)state;
	make_nics(4, 128, 0);
	p = begin(4, PLENTY "; forward udp 192.0.2.1:5000 > 10.1.0.77:53");
	for (uint32_t i = 0; i < 30; i++) {
		char text[128];

		snprintf(
			text, sizeof(text), "icmp echo 10.1.0.%u > 198.51.100.9 id=7 seq=1", i + 1);
		receive(p, SL_INSIDE, text);
	}
	/* inside, the address is hashed whatever the protocol */
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_OUT), 0);
	assert_int_equal(answer_all(p), 30);
	assert_true(sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_OUT) > 0);
	receive(p, SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:5000 'x'");
	pipe_settle(p);
	assert_int_equal(p->n_got, 1);
	assert_int_equal(p->got[0].side, SL_INSIDE);
	end(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_packet_is_handed_over_behind_nics_that_steer),
		cmocka_unit_test(no_packet_is_handed_over_with_port_blocks),
		cmocka_unit_test(one_side_can_steer_without_the_other),
		cmocka_unit_test(what_rss_cannot_steer_is_handed_over),
	};

	return cmocka_run_group_tests_name("nic", tests, pipe_setup, NULL);
}
