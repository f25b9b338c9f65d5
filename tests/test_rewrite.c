/* SPDX-License-Identifier: BSD-3-Clause
 *
 * lib/rewrite.c by itself: after an incremental update every checksum must be what a full
 * computation over the result says. Addresses, ports and payloads are random, lengths odd
 * and even, and the values around zero are searched for on purpose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"
#include "pipe.h"
#include "rewrite.h"

#define ROUNDS 200000

static uint64_t random_state = 7;

static uint64_t
draw(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void
set16(uint8_t *b, unsigned int v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

static unsigned int
get16(const uint8_t *b)
{
	return (unsigned int)b[0] << 8 | b[1];
}

static void
random_flow(struct sl_flow *f, uint8_t proto)
{
	memset(f, 0, sizeof(*f));
	f->proto = proto;
	f->in_addr = (rte_be32_t)draw();
	f->out_addr = (rte_be32_t)draw();
	f->rem_addr = (rte_be32_t)draw();
	f->in_port = draw() % 8 == 0 ? 0 : (rte_be16_t)draw();
	f->out_port = (rte_be16_t)draw();
	f->rem_port = (rte_be16_t)draw();
	sl_rewrite_prepare(f);
}

static const unsigned int csum_at[] = { [1] = 2, [6] = 16, [17] = 6 };
static const unsigned int header[] = { [1] = 8, [6] = 20, [17] = 8 };

static uint16_t
right_l4(const uint8_t *ip, const uint8_t *l4, size_t n, uint8_t proto)
{
	return proto == 1 ? csum_icmp(l4, n) : csum_l4(ip, l4, n, proto, csum_at[proto]);
}

/* Whether the sum over what is covered is right; the two zeros are one to ICMP and TCP. */
static bool
verifies(const uint8_t *ip, const uint8_t *l4, size_t n, uint8_t proto)
{
	if (proto == 17)
		return get16(l4 + 6) == right_l4(ip, l4, n, proto);
	return csum_fold(csum_add(
		       proto == 1 ? 0 : csum_pseudo4(ip + 12, ip + 16, proto, n), l4, n)) == 0;
}

/* A packet of the flow as it comes in from a side; returns its length. */
static size_t
make_packet(uint8_t *b, const struct sl_flow *f, enum sl_side from)
{
	bool out = from == SL_INSIDE;
	size_t n = 20 + header[f->proto] + draw() % 40;
	uint8_t *l4 = b + 20;

	for (size_t i = 0; i < n; i++)
		b[i] = draw() % 4 == 0 ? 0 : (uint8_t)draw();
	b[0] = 0x45;
	set16(b + 2, (unsigned int)n);
	b[8] = (uint8_t)(2 + draw() % 254);
	b[9] = f->proto;
	memcpy(b + 12, out ? &f->in_addr : &f->rem_addr, 4);
	memcpy(b + 16, out ? &f->rem_addr : &f->out_addr, 4);
	if (f->proto == 1) {
		l4[0] = out ? 8 : 0;
		l4[1] = 0;
		memcpy(l4 + 4, out ? &f->in_port : &f->out_port, 2);
	} else {
		memcpy(l4, out ? &f->in_port : &f->rem_port, 2);
		memcpy(l4 + 2, out ? &f->rem_port : &f->out_port, 2);
	}
	set16(b + 10, csum_ip4(b));
	set16(l4 + csum_at[f->proto], right_l4(b, l4, n - 20, f->proto));
	return n;
}

static void
incremental_checksums_equal_full_ones(void **state)
{
	static const uint8_t proto[] = { 1, 6, 17 };
	/* two bytes off a word, as behind an Ethernet header */
	uint8_t room[160] __rte_aligned(8), before[160], *b = room + 2;

	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct sl_flow f;
		enum sl_side from = draw() % 2 ? SL_INSIDE : SL_OUTSIDE;
		size_t n;

		random_flow(&f, proto[i % 3]);
		n = make_packet(b, &f, from);
		memcpy(before, b, n);
		sl_rewrite((struct rte_ipv4_hdr *)(void *)b, b + 20, &f, from, SL_TTL_DELTA);
		assert_int_equal(b[8], before[8] - 1);
		assert_int_equal(get16(b + 10), csum_ip4(b));
		if (!verifies(b, b + 20, n - 20, f.proto))
			fail_msg("protocol %u, checksum %04x", f.proto,
				get16(b + 20 + csum_at[f.proto]));
		assert_memory_equal(b + (from == SL_INSIDE ? 12 : 16),
			from == SL_INSIDE ? &f.out_addr : &f.in_addr, 4);
		assert_memory_equal(b + 20 + header[f.proto], before + 20 + header[f.proto],
			n - 20 - header[f.proto]);
	}
}

static void
udp_checksum_of_zero_is_kept_and_computed_zero_is_ones(void **state)
{
	uint8_t room[160] __rte_aligned(8), *b = room + 2;
	unsigned int ones = 0;

	(void)state;
	for (unsigned int i = 0; i < 400; i++) {
		struct sl_flow f;

		random_flow(&f, 17);
		make_packet(b, &f, SL_INSIDE);
		set16(b + 26, 0);
		sl_rewrite((struct rte_ipv4_hdr *)(void *)b, b + 20, &f, SL_INSIDE, SL_TTL_DELTA);
		assert_int_equal(get16(b + 26), 0);
	}
	for (unsigned int v = 0; v < 65536; v++) {
		static struct sl_flow f;

		if (v == 0)
			random_flow(&f, 17);
		random_state = 5; /* the same packet but for two bytes */
		size_t n = make_packet(b, &f, SL_OUTSIDE);
		while (n < 32)
			n = make_packet(b, &f, SL_OUTSIDE);
		set16(b + 28, v);
		set16(b + 26, csum_l4(b, b + 20, n - 20, 17, 6));
		sl_rewrite((struct rte_ipv4_hdr *)(void *)b, b + 20, &f, SL_OUTSIDE, SL_TTL_DELTA);
		assert_int_equal(get16(b + 26), csum_l4(b, b + 20, n - 20, 17, 6));
		ones += get16(b + 26) == 0xffff;
	}
	assert_true(ones > 0);
}

static void
sum_over_segments_equals_the_sum_over_bytes(void **state)
{
	uint8_t b[400];

	(void)state;
	for (unsigned int i = 0; i < 4000; i++) {
		size_t n = 2 + draw() % 300, off = draw() % 20 * 2,
		       first = 1 + draw() % (off + n - 1);
		struct rte_mbuf *m;

		for (size_t k = 0; k < off + n; k++)
			b[k] = (uint8_t)draw();
		m = pipe_mbuf_split(b, off + n, first);
		/* the library's sums are in memory order, folded but not complemented */
		assert_int_equal(
			rte_be_to_cpu_16(sl_icmp_sum(m, (uint32_t)off, (uint32_t)n)) % 0xffff,
			(uint16_t)~csum_fold(csum_add(0, b + off, n)) % 0xffff);
		rte_pktmbuf_free(m);
	}
	assert_int_equal(pipe_mbufs_out(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(incremental_checksums_equal_full_ones),
		cmocka_unit_test(udp_checksum_of_zero_is_kept_and_computed_zero_is_ones),
		cmocka_unit_test(sum_over_segments_equals_the_sum_over_bytes),
	};

	return cmocka_run_group_tests_name("rewrite", tests, pipe_setup, NULL);
}
