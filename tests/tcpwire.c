/* SPDX-License-Identifier: BSD-3-Clause
 *
 * TCP segments as bytes and back, for the tests of streams. One connection, inside 10.0.0.2
 * port 4000, outside 203.0.113.9 port 21, the same in IPv6. Shares nothing with lib/.
 */
#include "tcpwire.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"

static const uint8_t addr4[2][4] = { { 10, 0, 0, 2 }, { 203, 0, 113, 9 } };
static const uint8_t addr6[2][16] = {
	{ 0x20, 0x01, 0x0d, 0xb8, [15] = 2 },
	{ 0x20, 0x01, 0x0d, 0xb8, [15] = 9 },
};
static const uint16_t port[2] = { 4000, 21 };

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static uint32_t
get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t
get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

static uint8_t *
put_options(const struct tcpwire *t, uint8_t *o)
{
	if (t->mss != 0) {
		o[0] = 2, o[1] = 4;
		put16(o + 2, t->mss);
		o += 4;
	}
	if (t->scales) {
		o[0] = 1, o[1] = 3, o[2] = 3, o[3] = t->scale;
		o += 4;
	}
	if (t->sack_ok) {
		o[0] = 1, o[1] = 1, o[2] = 4, o[3] = 2;
		o += 4;
	}
	if (t->ts) {
		o[0] = 1, o[1] = 1, o[2] = 8, o[3] = 10;
		put32(o + 4, t->tsval);
		put32(o + 8, t->tsecr);
		o += 12;
	}
	if (t->n_sacks > 0) {
		o[0] = 1, o[1] = 1, o[2] = 5, o[3] = (uint8_t)(2 + 8 * t->n_sacks);
		for (unsigned int i = 0; i < t->n_sacks; i++) {
			put32(o + 4 + 8 * i, t->sack[i][0]);
			put32(o + 8 + 8 * i, t->sack[i][1]);
		}
		o += 4 + 8 * t->n_sacks;
	}
	return o;
}

static uint16_t
tcp_csum(const uint8_t *ip, const uint8_t *l4, size_t n)
{
	uint64_t sum;

	if (ip[0] >> 4 == 4)
		return csum_l4(ip, l4, n, IPPROTO_TCP, 16);
	sum = csum_add(0, ip + 8, 32) + IPPROTO_TCP + n;
	sum = csum_add(sum, l4, 16);
	return csum_fold(csum_add(sum, l4 + 18, n - 18));
}

static uint8_t *
put_ip(const struct tcpwire *t, uint8_t *ip)
{
	uint8_t ttl = t->ttl != 0 ? t->ttl : t->from == SL_INSIDE ? 60 : 50;

	if (t->v6) {
		ip[0] = (uint8_t)(0x60 | t->tos >> 4);
		ip[1] = (uint8_t)(t->tos << 4);
		ip[6] = IPPROTO_TCP;
		ip[7] = ttl;
		memcpy(ip + 8, addr6[t->from], 16);
		memcpy(ip + 24, addr6[SL_ACROSS(t->from)], 16);
		return ip + 40;
	}
	ip[0] = 0x45;
	ip[1] = t->tos;
	ip[6] = 0x40; /* DF */
	ip[8] = ttl;
	ip[9] = IPPROTO_TCP;
	memcpy(ip + 12, addr4[t->from], 4);
	memcpy(ip + 16, addr4[SL_ACROSS(t->from)], 4);
	return ip + 20;
}

/* Copy a frame into an mbuf, or into a chain whose later parts have `cut` bytes each. */
static struct rte_mbuf *
to_mbuf(struct rte_mempool *pool, const uint8_t *b, uint32_t n, uint32_t head, uint32_t cut)
{
	struct rte_mbuf *first = NULL, *m;

	for (uint32_t at = 0; at < n;) {
		uint32_t k = cut == 0 ? n : at == 0 ? head : RTE_MIN(cut, n - at);

		m = rte_pktmbuf_alloc(pool);
		if (m == NULL) {
			rte_pktmbuf_free(first);
			return NULL;
		}
		memcpy(rte_pktmbuf_append(m, (uint16_t)k), b + at, k);
		if (first == NULL)
			first = m;
		else
			assert_int_equal(rte_pktmbuf_chain(first, m), 0);
		at += k;
	}
	return first;
}

struct rte_mbuf *
tcpwire_build(struct rte_mempool *pool, const struct tcpwire *t)
{
	uint8_t b[2200] = { 0 }, *ip = b + TCPWIRE_L3, *l4 = put_ip(t, ip), *end;
	uint32_t head;

	put16(l4, port[t->from]);
	put16(l4 + 2, port[SL_ACROSS(t->from)]);
	put32(l4 + 4, t->seq);
	put32(l4 + 8, t->ack);
	l4[13] = t->flags;
	put16(l4 + 14, t->win);
	put16(l4 + 18, t->urp);
	end = put_options(t, l4 + 20);
	l4[12] = (uint8_t)((end - l4) / 4 << 4);
	head = (uint32_t)(end - b);
	assert_true(head + t->n <= sizeof(b));
	if (t->n > 0)
		memcpy(end, t->data, t->n);
	end += t->n;
	put16(ip + (t->v6 ? 4 : 2), (uint32_t)(end - (t->v6 ? l4 : ip)));
	if (!t->v6)
		put16(ip + 10, csum_ip4(ip));
	put16(l4 + 16, tcp_csum(ip, l4, (size_t)(end - l4)));
	return to_mbuf(pool, b, (uint32_t)(end - b), head, t->cut);
}

static void
read_option(struct tcpwire *t, const uint8_t *o)
{
	switch (o[0]) {
	case 2:
		t->mss = (uint16_t)get16(o + 2);
		break;
	case 3:
		t->scales = true;
		t->scale = o[2];
		break;
	case 4:
		t->sack_ok = true;
		break;
	case 5:
		assert_true(o[1] > 2 && (o[1] - 2) % 8 == 0);
		t->n_sacks = (o[1] - 2u) / 8;
		for (unsigned int i = 0; i < t->n_sacks; i++) {
			t->sack[i][0] = get32(o + 2 + 8 * i);
			t->sack[i][1] = get32(o + 6 + 8 * i);
		}
		break;
	case 8:
		t->ts = true;
		t->tsval = get32(o + 2);
		t->tsecr = get32(o + 6);
		break;
	default:
		break;
	}
}

static void
read_options(struct tcpwire *t, const uint8_t *o, const uint8_t *end)
{
	while (o < end && o[0] != 0) {
		if (o[0] == 1) {
			o++;
			continue;
		}
		assert_true(o + 1 < end && o[1] >= 2 && o + o[1] <= end);
		read_option(t, o);
		o += o[1];
	}
}

static const uint8_t *
read_ip(struct tcpwire *t, const uint8_t *ip, uint32_t len)
{
	t->v6 = ip[0] >> 4 == 6;
	if (t->v6) {
		assert_int_equal(get16(ip + 4), len - 40);
		assert_memory_equal(ip + 8, addr6[t->from], 16);
		assert_memory_equal(ip + 24, addr6[SL_ACROSS(t->from)], 16);
		t->tos = (uint8_t)(ip[0] << 4 | ip[1] >> 4);
		t->ttl = ip[7];
		return ip + 40;
	}
	assert_int_equal(ip[0], 0x45);
	assert_int_equal(get16(ip + 2), len);
	assert_int_equal(get16(ip + 10), csum_ip4(ip));
	assert_memory_equal(ip + 12, addr4[t->from], 4);
	assert_memory_equal(ip + 16, addr4[SL_ACROSS(t->from)], 4);
	t->tos = ip[1];
	t->ttl = ip[8];
	return ip + 20;
}

void
tcpwire_read(const struct rte_mbuf *m, enum sl_side from, struct tcpwire *t, uint8_t *data,
	uint32_t size)
{
	static uint8_t flat[65536];
	const uint8_t *ip = rte_pktmbuf_read(m, 0, m->pkt_len, flat), *l4, *p;

	*t = (struct tcpwire){ .from = from };
	assert_non_null(ip);
	l4 = read_ip(t, ip, m->pkt_len);
	assert_int_equal(get16(l4), port[from]);
	assert_int_equal(get16(l4 + 2), port[SL_ACROSS(from)]);
	p = l4 + (l4[12] >> 4) * 4u;
	t->seq = get32(l4 + 4);
	t->ack = get32(l4 + 8);
	t->flags = l4[13];
	t->win = (uint16_t)get16(l4 + 14);
	t->urp = (uint16_t)get16(l4 + 18);
	read_options(t, l4 + 20, p);
	t->n = m->pkt_len - (uint32_t)(p - ip);
	assert_int_equal(get16(l4 + 16), tcp_csum(ip, l4, m->pkt_len - (size_t)(l4 - ip)));
	assert_true(t->n <= size);
	memcpy(data, p, t->n);
	t->data = data;
}
