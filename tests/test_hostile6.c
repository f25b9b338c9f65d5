/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT64 against frames that nobody should send: good ones of every kind with bytes changed,
 * cut short and in several segments, from both sides, to several workers. Nothing may be read
 * or written beside a frame (the bench poisons it), every packet must be accounted for, and no
 * buffer may be lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"

#define ROUNDS 100000
#define H "2001:db8:1::2"
#define R "64:ff9b::198.51.100.9"

static const char *const from_inside[] = {
	"udp6 " H "#5000 > " R "#53 'hello'",
	"udp6 " H "#5000 > " R "#53 hbh rh=0 dstopt 'hello'",
	"udp6 " H "#5000 > " R "#53 frag=7 mf data=16",
	"ip6 " H " > " R " nh=17 frag=7 off=24 'rest'",
	"ip6 " H " > " R " nh=58 frag=8 mf hex=80005ea90007000100112233445566778899aabbccddeeff",
	"ip6 " H " > " R " nh=58 frag=8 off=24 'rest'",
	"tcp6 " H "#5000 > " R "#80 SYN seq=1 mss=1440",
	"icmp6 echo " H " > " R " id=7 seq=1 'ping'",
	"icmp6 unreachable 2001:db8:1::9 > " R " [udp6 " R "#53 > " H "#5000 'hi']",
	"icmp6 time-exceeded 2001:db8:1::9 > " R " len=16 [udp6 " R "#53 > " H
	"#5000 'hi'] ext=2000bdfe00080101004c4c01",
	"icmp6 too-big 2001:db8:1::9 > " R " mtu=1280 [udp6 " R "#53 > " H "#5000 frag=9 mf 'hi']",
	"ip6 " H " > " R
	" nh=60 hex=3c000000000000003c0000000000000011000000000000000001000200080000",
};

static const char *const from_outside[] = {
	"udp 198.51.100.9:53 > 192.0.2.1:1024 'hi'",
	"udp 198.51.100.9:53 > 192.0.2.1:1024 csum=0 'hi'",
	"udp 198.51.100.9:53 > 192.0.2.1:1024 ipid=9 mf csum=0 data=16",
	"ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 'rest'",
	"udp 198.51.100.9:53 > 192.0.2.1:1024 ipopt=94040000 data=1300",
	"icmp time-exceeded 198.51.100.1 > 192.0.2.1 [udp 192.0.2.1:1024 > 198.51.100.9:53 "
	"'hello']",
	"icmp frag-needed 198.51.100.1 > 192.0.2.1 [udp 192.0.2.1:1024 > 198.51.100.9:53 'hello']",
	"icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 len=32 [udp 192.0.2.1:1024 > "
	"198.51.100.9:53 'hello'] ext=2000bdfe00080101004c4c01",
};

static uint64_t random_state = 3;

static uint32_t
draw(uint32_t n)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % n);
}

static void
build(const struct pipe *p, enum sl_side side, const char *text, struct pt_frame *f)
{
	struct pt_default def = { .ttl = 64 };
	char why[256];

	if (pt_build(text, &def, f, why, sizeof(why)) < 0)
		fail_msg("%s: %s", text, why);
	def = pipe_default_in(p, side, f->b, f->len);
	assert_int_equal(pt_build(text, &def, f, why, sizeof(why)), 0);
}

/* Spoil a frame behind its Ethernet header, mostly in the headers. */
static void
spoil(struct pt_frame *f)
{
	for (uint32_t n = draw(4); n > 0; n--) {
		uint32_t room = (uint32_t)f->len - 14;
		uint32_t at = 14 + draw(draw(2) && room > 60 ? 60 : room);

		f->b[at] = draw(2) ? (uint8_t)draw(256) : (uint8_t)(f->b[at] ^ 1u << draw(8));
	}
	if (draw(4) == 0)
		f->len = 14 + draw((uint32_t)f->len - 13);
}

static void
run(unsigned int n_workers, bool joins)
{
	static struct pt_frame f;
	struct pipe *p = pipe_create(n_workers,
		"inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; pool 192.0.2.1 ports=1024-1031; "
		"forward6 udp 192.0.2.1:1024 > " H "#5000; timeout fragment 2",
		17, 1000);
	char why[128];

	pipe_joins = joins;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		enum sl_side side = draw(3) ? SL_INSIDE : SL_OUTSIDE;
		const char *text = side == SL_INSIDE ? from_inside[draw(RTE_DIM(from_inside))]
						     : from_outside[draw(RTE_DIM(from_outside))];
		struct rte_mbuf *m;

		/* Joining writes behind the last byte of a frame. */
		if (!joins && (strstr(text, " mf") != NULL || strstr(text, "off=") != NULL))
			continue;
		build(p, side, text, &f);
		spoil(&f);
		m = joins && f.len > 20 && draw(4) == 0
			    ? pipe_mbuf_split(f.b, f.len, 14 + draw((uint32_t)f.len - 14))
			    : pipe_mbuf(f.b, f.len);
		pipe_receive(p, draw(n_workers), side, &m, 1);
		if (i % 16 == 0) {
			p->now += draw(200);
			pipe_settle(p);
			pipe_discard(p);
		}
	}
	pipe_settle(p);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	assert_true(sl_counter_sum(p->nat, SL_COUNTER_NAT64_OUT) > ROUNDS / 20);
	assert_true(sl_counter_sum(p->nat, SL_COUNTER_NAT64_IN) > ROUNDS / 100);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
spoilt_frames_do_no_harm(void **state)
{
	(void)state;
	run(1, false);
}

static void
spoilt_frames_in_segments_do_no_harm_to_several_workers(void **state)
{
	(void)state;
	run(3, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spoilt_frames_do_no_harm),
		cmocka_unit_test(spoilt_frames_in_segments_do_no_harm_to_several_workers),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
