/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Datagrams in pieces for the tests: cut from whole ones, and put together again from what
 * came out of the gateway. What right is, the gateway says itself: it translates the same
 * datagram whole first, and that is what the packet tables check.
 */
#include "fragcut.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"

static unsigned int turn;

void
frag_put16(uint8_t *b, unsigned int v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

unsigned int
frag_get16(const uint8_t *b)
{
	return (unsigned int)b[0] << 8 | b[1];
}

const uint8_t *
frag_got_ip(const struct pipe *p, unsigned int i)
{
	return rte_pktmbuf_mtod_offset(p->got[i].m, const uint8_t *, 14);
}

void
frag_build(const struct pipe *p, enum sl_side side, const char *text, struct pt_frame *f)
{
	struct pt_default def = pipe_default_in(p, side, NULL, 0);
	char why[128];

	if (pt_build(text, &def, f, why, sizeof(why)) < 0)
		fail_msg("%s: %s", text, why);
	def = pipe_default_in(p, side, f->b, f->len);
	assert_int_equal(pt_build(text, &def, f, why, sizeof(why)), 0);
}

void
frag_receive(struct pipe *p, enum sl_side side, const struct pt_frame *f)
{
	struct rte_mbuf *m = pipe_mbuf(f->b, f->len);

	pipe_receive(p, turn++ % p->n_workers, side, &m, 1);
}

/* A piece of a whole datagram as a frame; forged bytes differ, but never in the ports. */
void
frag_cut(const struct pt_frame *whole, const struct piece *piece, uint16_t id, struct pt_frame *f)
{
	uint8_t *ip = f->b + 14;

	memcpy(f->b, whole->b, 34);
	f->len = 34 + piece->len;
	f->l3 = 14;
	frag_put16(ip + 2, 20 + piece->len);
	frag_put16(ip + 4, id);
	frag_put16(ip + 6, (piece->more ? 0x2000 : 0) | piece->off / 8);
	frag_put16(ip + 10, 0);
	frag_put16(ip + 10, csum_ip4(ip));
	for (uint32_t i = 0; i < piece->len; i++) {
		uint32_t at = piece->off + i;

		f->b[34 + i] = at < L4_LEN ? whole->b[34 + at] : 0xaa;
		if (piece->forged && at >= 24)
			f->b[34 + i] ^= 0xff;
	}
}

/* ---- the ways ---- */

static unsigned int
make_way(struct pipe *p, struct way *way, enum sl_side side, const char *text)
{
	way->in = side;
	frag_build(p, side, text, &way->whole);
	assert_int_equal(way->whole.len, 34 + L4_LEN);
	frag_receive(p, side, &way->whole);
	pipe_settle(p);
	assert_int_equal(p->n_got, 1);
	assert_int_equal(p->got[0].side, SL_ACROSS(side));
	memcpy(way->right, frag_got_ip(p, 0) + 20, L4_LEN);
	pipe_discard(p);
	return frag_get16(way->right); /* source port, or type and code */
}

static void
say(struct pipe *p, enum sl_side side, const char *text)
{
	static struct pt_frame f;

	frag_build(p, side, text, &f);
	frag_receive(p, side, &f);
	pipe_settle(p);
	assert_int_equal(p->n_got, 1);
}

void
frag_ways(struct pipe *p, struct way way[WAYS])
{
	unsigned int port;
	char text[160];

	port = make_way(p, &way[0], SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:80 data=69");
	snprintf(text, sizeof(text), "udp 198.51.100.9:80 > 192.0.2.1:%u data=69", port);
	make_way(p, &way[1], SL_OUTSIDE, text);

	make_way(p, &way[2], SL_INSIDE, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 data=69");
	snprintf(text, sizeof(text), "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=%u seq=1 data=69",
		frag_get16(way[2].right + 4));
	make_way(p, &way[3], SL_OUTSIDE, text);

	say(p, SL_INSIDE, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=1000 win=65535");
	port = frag_get16(frag_got_ip(p, 0) + 20);
	pipe_discard(p);
	snprintf(text, sizeof(text),
		"tcp 198.51.100.9:80 > 192.0.2.1:%u SYN ACK seq=9000 ack=1001 win=65535", port);
	say(p, SL_OUTSIDE, text);
	pipe_discard(p);
	make_way(p, &way[4], SL_INSIDE,
		"tcp 10.0.0.2:5000 > 198.51.100.9:80 ACK seq=1001 ack=9001 win=65535 data=57");
	snprintf(text, sizeof(text),
		"tcp 198.51.100.9:80 > 192.0.2.1:%u ACK seq=9001 ack=1001 win=65535 data=57", port);
	make_way(p, &way[5], SL_OUTSIDE, text);
}

/* Put together what came out under one id: -1 not complete, 0 wrong, 1 right. */
int
frag_assemble(const struct pipe *p, const struct way *way, unsigned int id)
{
	uint8_t byte[256], seen[256] = { 0 };
	uint32_t total = 0;
	bool clash = false;

	for (unsigned int i = 0; i < p->n_got; i++) {
		const uint8_t *ip = frag_got_ip(p, i);
		uint32_t off = (frag_get16(ip + 6) & 0x1fff) * 8u, len = frag_get16(ip + 2) - 20u;

		if (frag_get16(ip + 4) != id || off + len > sizeof(byte))
			continue;
		assert_int_equal(p->got[i].side, SL_ACROSS(way->in));
		assert_int_equal(frag_get16(ip + 10), csum_ip4(ip));
		if (!(frag_get16(ip + 6) & 0x2000))
			total = off + len;
		for (uint32_t b = 0; b < len; b++) {
			clash = clash || (seen[off + b] && byte[off + b] != ip[20 + b]);
			byte[off + b] = ip[20 + b];
			seen[off + b] = 1;
		}
	}
	for (uint32_t b = 0; b < total; b++)
		if (!seen[b])
			return -1;
	if (total == 0)
		return -1;
	return !clash && total == L4_LEN && memcmp(byte, way->right, L4_LEN) == 0;
}
