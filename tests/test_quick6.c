/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT64 by itself, without a gateway: each translation against packets that are laid out by
 * hand and checksums that the tests compute, and the short ways against the long ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"
#include "pipe.h"
#include "six_quick.h"
#include "six_xlat.h"

#define ROUNDS 100000

static uint64_t random_state = 11;

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

/* A host with a random address behind a random prefix of some length. */
static void
random_host(struct sl_host *h)
{
	static const uint8_t plen[] = { 96, 96, 32, 40, 48, 56, 64 };
	struct sl_ifaddr6 net = { .plen = plen[draw() % RTE_DIM(plen)] };
	struct sl_prefix prefix;
	struct sl_ip6 addr;

	for (unsigned int i = 0; i < 16; i++) {
		net.addr.b[i] = i == 8 ? 0 : (uint8_t)draw();
		addr.b[i] = (uint8_t)draw();
	}
	assert_true(sl_prefix_init(&prefix, &net));
	memset(h, 0, sizeof(*h));
	sl_host_prepare(h, &addr, &prefix, sl_stand(0, (uint32_t)(draw() % SL_STAND_FIXED)));
}

/* The IPv6 packet of a host to an address, with right checksums; returns its length. */
static size_t
build6(uint8_t *ip, const struct sl_host *h, rte_be32_t remote, uint8_t proto, size_t payload)
{
	struct sl_ip6 dst = sl_prefix_join(&h->prefix, remote);
	size_t n = (proto == 6 ? 20 : 8) + payload;
	unsigned int at = proto == 6 ? 16 : proto == 17 ? 6 : 2;
	uint8_t *l4 = ip + 40;

	for (size_t i = 0; i < n; i++)
		l4[i] = (uint8_t)draw();
	memset(ip, 0, 40);
	ip[0] = (uint8_t)(0x60 | (draw() & 15));
	ip[1] = (uint8_t)draw();
	set16(ip + 4, (unsigned int)n);
	ip[6] = proto;
	ip[7] = (uint8_t)(2 + draw() % 254);
	memcpy(ip + 8, &h->addr, 16);
	memcpy(ip + 24, &dst, 16);
	if (proto == 6)
		l4[12] = 5 << 4;
	else if (proto == 17)
		set16(l4 + 4, (unsigned int)n);
	else
		set16(l4, draw() % 2 ? 0x8000 : 0x8100);
	set16(l4 + at, csum_l4_6(ip, l4, n, proto, at));
	return 40 + n;
}

static bool
verifies4(const uint8_t *ip, size_t n, uint8_t proto)
{
	const uint8_t *l4 = ip + 20;

	if (proto == 17)
		return get16(l4 + 6) == csum_l4(ip, l4, n, 17, 6);
	if (proto == 1)
		return csum_fold(csum_add(0, l4, n)) == 0;
	return csum_fold(csum_add(csum_pseudo4(ip + 12, ip + 16, 6, n), l4, n)) == 0;
}

static bool
verifies6(const uint8_t *ip, size_t n, uint8_t proto)
{
	const uint8_t *l4 = ip + 40;

	if (proto == 17)
		return get16(l4 + 6) == csum_l4_6(ip, l4, n, 17, 6);
	return csum_fold(csum_add(csum_add(0, ip + 8, 32) + n + proto, l4, n)) == 0;
}

static struct rte_mbuf *
frame6(const uint8_t *ip, size_t n, uint16_t l3)
{
	uint8_t b[2048] = { 2, 0xff, 0, 0, 0, 1, 2 };

	set16(b + l3 - 2, 0x86dd);
	memcpy(b + l3, ip, n);
	return pipe_mbuf(b, l3 + n);
}

/* What parse would have found out. */
static void
notes(const uint8_t *ip, size_t n, rte_be32_t remote, uint16_t l3, struct sl_pkt *p,
	struct sl_six *x)
{
	*p = (struct sl_pkt){ .l3 = l3, .l4 = (uint16_t)(l3 + 40), .ip_len = (uint16_t)n };
	p->key.proto = ip[6] == 58 ? 1 : ip[6];
	*x = (struct sl_six){ .dst = remote, .host = (uint16_t)(l3 + 8) };
}

static void
packets_go_down_and_up_with_right_checksums(void **state)
{
	static const uint8_t protos[] = { 6, 17, 58 };
	uint8_t six[2048];

	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint8_t proto = protos[draw() % 3], down = proto == 58 ? 1 : proto;
		uint16_t l3 = draw() % 4 == 0 ? 22 : 14;
		rte_be32_t remote = draw() % 16 == 0 ? UINT32_MAX : (rte_be32_t)draw();
		struct rte_mbuf *m;
		struct sl_host h;
		struct sl_pkt p;
		struct sl_six x;
		struct sl_xlat with = { .host = &h, .mtu4 = 1500, .mtu6 = 1500 };
		size_t n, l4n;
		uint8_t *ip;

		random_host(&h);
		n = build6(six, &h, remote, proto, draw() % 1300);
		l4n = n - 40;
		m = frame6(six, n, l3);
		notes(six, n, remote, l3, &p, &x);
		assert_int_equal(sl_six_down(m, &p, &x, &with), 0);
		assert_int_equal(m->pkt_len, l3 + n - 20);
		ip = rte_pktmbuf_mtod_offset(m, uint8_t *, p.l3);
		assert_int_equal(get16(ip - 2), 0x0800);
		assert_int_equal(csum_ip4(ip), get16(ip + 10));
		assert_int_equal(ip[0], 0x45);
		assert_int_equal(ip[1], (six[0] << 4 | six[1] >> 4) & 255);
		assert_int_equal(get16(ip + 2), n - 20);
		assert_int_equal(get16(ip + 6), n - 20 > 1260 ? 0x4000 : 0);
		assert_int_equal(ip[8], six[7]);
		assert_int_equal(ip[9], down);
		assert_memory_equal(ip + 12, &h.stand, 4);
		assert_memory_equal(ip + 16, &remote, 4);
		assert_true(verifies4(ip, l4n, down));

		/* and back: as if the remote had sent it to the host */
		memcpy(ip + 12, &remote, 4);
		memcpy(ip + 16, &h.stand, 4);
		set16(ip + 10, csum_ip4(ip));
		assert_true(verifies4(ip, l4n, down)); /* a sum does not know an order */
		assert_int_equal(sl_six_up(m, &p, &with), 0);
		ip = rte_pktmbuf_mtod_offset(m, uint8_t *, p.l3);
		assert_int_equal(m->pkt_len, n);
		assert_memory_equal(ip + 8, six + 24, 16);
		assert_memory_equal(ip + 24, six + 8, 16);
		assert_int_equal(get16(ip + 4), l4n);
		assert_int_equal(ip[6], proto);
		assert_true(verifies6(ip, l4n, proto));
		assert_memory_equal(ip + 40 + 8, six + 40 + 8, l4n > 24 ? 8 : 0);
		rte_pktmbuf_free(m);
	}
}

static void
short_way_down_is_the_long_one(void **state)
{
	uint8_t six[2048];
	unsigned int taken = 0;

	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint8_t proto = draw() % 2 ? 6 : 17;
		rte_be32_t remote = (rte_be32_t)draw();
		struct rte_mbuf *a, *b;
		struct sl_host h;
		struct sl_pkt p, q;
		struct sl_six x;
		struct sl_xlat with = { .host = &h };
		size_t n;

		random_host(&h);
		n = build6(six, &h, remote, proto, draw() % 1300);
		if (draw() % 16 == 0)
			memset(six + 40 + (proto == 6 ? 16 : 6), 0, 2);
		a = frame6(six, n, 14);
		b = frame6(six, n, 14);
		notes(six, n, remote, 14, &p, &x);
		q = p;
		assert_int_equal(sl_six_down(a, &p, &x, &with), 0);
		if (sl_six_down_quick(b, &q, &x, &h)) {
			taken++;
			assert_int_equal(a->pkt_len, b->pkt_len);
			assert_memory_equal(rte_pktmbuf_mtod(a, void *),
				rte_pktmbuf_mtod(b, void *), a->pkt_len);
			assert_memory_equal(&p, &q, sizeof(p));
		}
		rte_pktmbuf_free(a);
		rte_pktmbuf_free(b);
	}
	assert_true(taken > ROUNDS / 3);
}

static void
every_pointer_and_code_has_its_row(void **state)
{
	struct sl_xlat with = { .mtu4 = 1500, .mtu6 = 1500 };

	(void)state;
	/* Whatever strangers write, a head is translated into one of the table or refused. */
	for (unsigned int type = 0; type < 256; type++) {
		for (unsigned int code = 0; code < 256; code++) {
			for (uint32_t word = 0; word < 64; word++) {
				struct sl_icmp_head up = { (uint8_t)type, (uint8_t)code, word };
				struct sl_icmp_head down = up;

				if (sl_six_head_up(&up, 1500, &with))
					assert_true(up.type >= 1 && up.type <= 4 && up.code <= 4);
				if (sl_six_head_down(&down, &with))
					assert_true((down.type == 3 && down.code <= 10) ||
						    (down.type == 11 && down.code <= 1) ||
						    (down.type == 12 && down.code == 0));
			}
		}
	}
}

/* A message of random bytes with heads that mean something, exactly as long as it claims. */
static void
hostile_errors_do_no_harm(void **state)
{
	struct sl_host h;
	struct sl_xlat with = { .host = &h, .mtu4 = 1500, .mtu6 = 1500 };
	uint8_t out[SL_ICMP_ERROR_MAX];

	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint32_t len =
			56 + (uint32_t)(draw() % (i % 8 == 0 ? SL_ICMP_QUOTE_MAX - 56 : 200));
		uint8_t *msg = malloc(len);
		uint32_t n;

		random_host(&h);
		for (uint32_t k = 0; k < len; k++)
			msg[k] = (uint8_t)draw();
		msg[0] = draw() % 2 ? 3 : (uint8_t)(1 + draw() % 12);
		msg[1] = (uint8_t)(draw() % 4);
		msg[5] = (uint8_t)(draw() % 64);
		msg[4] = (uint8_t)(draw() % 64);
		msg[8] = draw() % 4 ? 0x45 : 0x4f;
		n = sl_six_error_up(msg, len, out, &with);
		assert_true(n <= SL_ICMP6_MAX);
		msg[8] = 0x60;
		msg[14] = (uint8_t)(draw() % 4 ? 17 : draw() % 2 ? 44 : 60);
		n = sl_six_error_down(msg, len, out, (rte_be32_t)draw(), &with);
		assert_true(n <= sizeof(out));
		free(msg);
	}
}

static void
hostile_chains_end(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		static const uint8_t next[] = { 0, 43, 44, 60, 59, 6, 17, 58, 50, 51, 135 };
		uint32_t len = 40 + (uint32_t)(draw() % 120);
		uint8_t *ip = malloc(len);
		struct sl_six_walk walk;

		for (uint32_t k = 0; k < len; k++)
			ip[k] = k % 8 == 0 ? next[draw() % RTE_DIM(next)] : (uint8_t)(draw() % 3);
		ip[6] = next[draw() % RTE_DIM(next)];
		if (sl_six_walk(ip, len, &walk) == SL_WALK_OK)
			assert_true(walk.l4 >= 40 && walk.l4 <= len);
		free(ip);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_go_down_and_up_with_right_checksums),
		cmocka_unit_test(short_way_down_is_the_long_one),
		cmocka_unit_test(every_pointer_and_code_has_its_row),
		cmocka_unit_test(hostile_errors_do_no_harm),
		cmocka_unit_test(hostile_chains_end),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
