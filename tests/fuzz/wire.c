/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of packets with some knowledge of what they are: each record names a good packet of
 * the target's kit (wire_kits.c), named by KIT when this is compiled, and what to change in it.
 * After each input the packets are accounted for, and each one that left is whole. A record is
 *
 *	flags, packet, number of changes, changes of four bytes (what, where (two bytes), value)
 *
 * Flags: bit 0 from the other side; bits 1 and 2 enum hostile_repair; bit 3 in two segments;
 * bit 4 some time has gone by before it; bits 5 and 6 the worker that receives it. A packet
 * beyond the kit's is a raw frame: its length in two bytes, then its bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csum.h"
#include "fuzz.h"
#include "wire.h"

#define WORKERS 2
#define INPUTS 64 /* with one gateway */
#define PACKET_MAX 48
#define SPLIT_MAX 1500 /* bytes of a first segment */
#define ETHER 14

enum change {
	SET_BYTE,
	FLIP,
	AWKWARD, /* a 16-bit field to one of some values */
	CUT,
	PIECE, /* a fragment: from `where` times eight on, `value` modulo 128 times eight bytes */
	HEADER, /* one more extension header, or options */
	GROW,
	LINK, /* a byte of the Ethernet header, or a tag before the network header */
	CHANGES
};

/* What is left of an input. */
struct input {
	const uint8_t *p;
	size_t n;
};

static struct pipe *pipe;
static struct pt_frame good[PACKET_MAX]; /* the kit's packets, of the gateway that is open */

static uint8_t
take(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

static void
put16(uint8_t *b, size_t v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

static bool
is_six(const struct pt_frame *f)
{
	return f->len >= f->l3 + 40 && f->b[f->l3] >> 4 == 6;
}

/* Room for n bytes at `at`, which are zero then. */
static bool
insert(struct pt_frame *f, size_t at, size_t n)
{
	if (at > f->len || n > sizeof(f->b) - f->len)
		return false;
	memmove(f->b + at + n, f->b + at, f->len - at);
	memset(f->b + at, 0, n);
	f->len += n;
	return true;
}

static void
header6(struct pt_frame *f, uint8_t kind, size_t len)
{
	static const uint8_t kinds[] = { 0, 43, 60, 51, 44, 59, 135, 139 };
	uint8_t *ip = f->b + f->l3;
	uint8_t next = ip[6];

	kind = kinds[kind % sizeof(kinds)];
	if (kind == 44)
		len = 0;
	if (!insert(f, f->l3 + 40, 8 + 8 * len))
		return;
	ip[6] = kind;
	ip[40] = next;
	ip[41] = (uint8_t)(kind == 51 ? 2 * len : len);
	if (kind != 44 && kind != 51)
		ip[43] = (uint8_t)(4 + 8 * len); /* PadN, or the rest of a routing header */
	put16(ip + 4, f->len - f->l3 - 40);
}

/* Options of IPv4, the first of this type and length. */
static void
header4(struct pt_frame *f, uint8_t type, size_t len)
{
	uint8_t *ip = f->b + f->l3;
	size_t hlen = (ip[0] & 15) * 4U, n = 4 + len % 4 * 4;

	if (ip[0] >> 4 != 4 || hlen < 20 || f->len < f->l3 + hlen || hlen + n > 60 ||
		!insert(f, f->l3 + 20, n))
		return;
	ip[0] = (uint8_t)(ip[0] + n / 4);
	ip[20] = type;
	ip[21] = (uint8_t)len;
	put16(ip + 2, f->len - f->l3);
	put16(ip + 10, csum_ip4(ip));
}

/* Only a piece of what is behind the IP header of `hlen` bytes stays; false: nothing would. */
static bool
keep_piece(struct pt_frame *f, size_t hlen, size_t off, size_t n)
{
	size_t body = f->len - f->l3 - hlen;

	if (n == 0 || body == 0)
		return false;
	if (off < body) {
		n = off + n < body ? n : body - off;
		memmove(f->b + f->l3 + hlen, f->b + f->l3 + hlen + off, n);
	} else if (f->l3 + hlen + n <= sizeof(f->b)) {
		memset(f->b + f->l3 + hlen, 0x5a,
			n); /* behind its end: a datagram of another length */
	} else {
		return false;
	}
	f->len = f->l3 + hlen + n;
	return true;
}

static void
piece(struct pt_frame *f, size_t where, uint8_t value)
{
	uint8_t *ip = f->b + f->l3;
	size_t n = (value & 127) * 8U, off = (where & 0x1fff) * 8;
	bool more = (value & 128) != 0;

	if (is_six(f)) {
		if (!keep_piece(f, 40, off, n))
			return;
		header6(f, 4, 0);
		put16(ip + 42, off | more);
		put16(ip + 46, 1 + (where >> 13));
	} else if (f->len >= f->l3 + 20 && ip[0] == 0x45) {
		if (!keep_piece(f, 20, off, n))
			return;
		put16(ip + 2, f->len - f->l3);
		put16(ip + 4, 1 + (where >> 13));
		put16(ip + 6, (more ? 0x2000U : 0) | off / 8);
		put16(ip + 10, csum_ip4(ip));
	}
}

static void
tag(struct pt_frame *f, size_t where, uint8_t value)
{
	if (where < 12) {
		f->b[where] ^= value;
	} else if (insert(f, 12, 4)) {
		put16(f->b + 12, value & 1 ? 0x88a8 : 0x8100);
		f->b[15] = value;
		f->l3 += 4;
	}
}

static void
change(struct pt_frame *f, struct input *in)
{
	static const uint16_t awkward[] = { 0, 1, 7, 8, 0x7fff, 0xffff, 40, 1280 };
	uint8_t what = take(in) % CHANGES;
	size_t where = take(in), at;
	uint8_t value;

	where = where << 8 | take(in);
	value = take(in);
	if (f->len < ETHER + 2)
		return;
	at = f->l3 < f->len ? f->l3 + where % (f->len - f->l3) : f->len - 1;
	switch ((enum change)what) {
	case SET_BYTE:
		f->b[at] = value;
		break;
	case FLIP:
		f->b[at] ^= value;
		break;
	case AWKWARD:
		if ((at & ~1U) + 2 <= f->len)
			put16(f->b + (at & ~1U), awkward[value % RTE_DIM(awkward)]);
		break;
	case CUT:
		f->len = at;
		break;
	case PIECE:
		piece(f, where, value);
		break;
	case HEADER:
		if (is_six(f))
			header6(f, value, where & 31);
		else if (f->len >= f->l3 + 20)
			header4(f, value, where);
		break;
	case GROW:
		if (insert(f, f->len, value * 8U))
			memset(f->b + f->len - value * 8U, (int)where, value * 8U);
		break;
	case LINK:
		tag(f, where % 16, value);
		break;
	case CHANGES:
		break;
	}
}

static void
receive(struct input *in)
{
	static struct pt_frame f;
	uint8_t flags = take(in);
	unsigned int i = take(in) % (KIT.n + 1);
	enum sl_side side = i < KIT.n ? KIT.packet[i].side : SL_INSIDE;
	struct rte_mbuf *m;
	size_t n;

	if (i < KIT.n) {
		f = good[i];
		for (n = take(in) % 8; n > 0; n--)
			change(&f, in);
	} else {
		n = take(in);
		n = RTE_MIN(n << 8 | take(in), in->n);
		f.l3 = ETHER;
		f.len = RTE_MIN(n, sizeof(f.b));
		memcpy(f.b, in->p, f.len);
		in->p += n;
		in->n -= n;
	}
	if (flags & 16)
		pipe->now += KIT.step;
	hostile_repair(f.b, f.len, (enum hostile_repair)(flags >> 1 & 3));
	n = f.len;
	m = (flags & 8) != 0 && n > 1
		    ? pipe_mbuf_split(f.b, n, RTE_MIN(1 + n / 2, (size_t)SPLIT_MAX))
		    : pipe_mbuf(f.b, n);
	pipe_receive(pipe, (flags >> 5 & 3) % WORKERS, flags & 1 ? SL_ACROSS(side) : side, &m, 1);
}

/* What leaves is what its own header says. */
static void
check_whole(struct rte_mbuf *m)
{
	static uint8_t copy[PT_FRAME_MAX * 8];
	size_t len = m->pkt_len, l3 = ETHER;
	const uint8_t *b = rte_pktmbuf_read(m, 0, (uint32_t)len, copy);

	if (b == NULL)
		abort();
	while (len >= l3 + 4 &&
		((b[l3 - 2] == 0x81 && b[l3 - 1] == 0) || (b[l3 - 2] == 0x88 && b[l3 - 1] == 0xa8)))
		l3 += 4;
	if (b[l3 - 2] == 8 && b[l3 - 1] == 0 &&
		(len < l3 + 20 || b[l3] >> 4 != 4 ||
			(b[l3 + 2] << 8 | b[l3 + 3]) != (int)(len - l3) ||
			(b[l3 + 10] << 8 | b[l3 + 11]) != csum_ip4(b + l3))) {
		pt_dump("is not whole", b, len);
		abort();
	}
	if (b[l3 - 2] == 0x86 && b[l3 - 1] == 0xdd &&
		(len < l3 + 40 || b[l3] >> 4 != 6 ||
			(b[l3 + 4] << 8 | b[l3 + 5]) != (int)(len - l3 - 40))) {
		pt_dump("is not whole", b, len);
		abort();
	}
}

static void
check(void)
{
	char why[128];

	pipe_settle(pipe);
	for (unsigned int i = 0; i < pipe->n_got; i++)
		if (!pipe->got[i].punt)
			check_whole(pipe->got[i].m);
	if (!pipe_balanced(pipe, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	pipe_discard(pipe);
}

static void
open_gateway(void)
{
	static struct pt_names names;

	if (pipe_setup(NULL) != 0 || KIT.n > PACKET_MAX)
		abort();
	pipe_joins = KIT.joins;
	pipe = hostile_open_with(WORKERS, KIT.conf, KIT.opener, &names);
	if (KIT.route != NULL)
		KIT.route(pipe);
	for (unsigned int i = 0; i < KIT.n; i++)
		hostile_frame(pipe, &names, &KIT.packet[i], &good[i]);
}

static void
close_gateway(void)
{
	pipe_destroy(pipe);
	pipe = NULL;
	if (pipe_mbufs_out() != 0) {
		fprintf(stderr, "%u mbufs are missing\n", pipe_mbufs_out());
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	static unsigned int inputs;

	if (pipe == NULL)
		open_gateway();
	while (in.n > 2)
		receive(&in);
	check();
	if (++inputs % INPUTS == 0)
		close_gateway();
	return 0;
}
