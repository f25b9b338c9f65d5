/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Material for the tests of bad input: packets of every kind that the gateway knows, and
 * the repair of checksums after something was spoilt, so that not every bad packet ends
 * at the first check.
 */
#include "hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"

/* clang-format off */
const struct hostile_packet hostile_packets[] = {
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'" },
	{ SL_INSIDE, "udp 10.0.0.3:7000 > 198.51.100.9:53 csum=0 ipopt=94040000 'hello'" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$p 'hello' trailer=10" },
	{ SL_INSIDE, "tcp 10.0.0.2:5000 > 198.51.100.9:80 ACK seq=2 ack=10 tcpopt=0101080a0000000100000002 'data'" },
	{ SL_INSIDE, "tcp 10.0.0.4:5000 > 198.51.100.9:80 SYN seq=2 tcpopt=020405b40402080a000000010000000001030307" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:80 > 192.0.2.1:$t ACK seq=10 ack=2 'data'" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:80 > 192.0.2.1:$t FIN ACK seq=14 ack=2" },
	{ SL_OUTSIDE, "tcp 198.51.100.7:80 > 192.0.2.1:$t SYN seq=14 tcpopt=01030307" },
	{ SL_INSIDE, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping'" },
	{ SL_OUTSIDE, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=1 'ping'" },
	{ SL_OUTSIDE, "icmp echo 198.51.100.9 > 192.0.2.1 id=$i seq=1 'ping'" },
	{ SL_OUTSIDE, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 'hello']" },
	{ SL_OUTSIDE, "icmp frag-needed 198.51.100.1 > 192.0.2.1 mtu=68 [tcp 192.0.2.1:$t > 198.51.100.9:80 ipopt=94040000 ACK seq=2 ack=10 tcpopt=0101080a0000000100000002]" },
	{ SL_OUTSIDE, "icmp time-exceeded 198.51.100.1 > 192.0.2.1 len=8 [icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1] ext=20000000" },
	{ SL_INSIDE, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 'hello' cut=28]" },
	{ SL_INSIDE, "icmp param-problem 10.0.0.9 > 198.51.100.9 ptr=20 [tcp 198.51.100.9:80 > 10.0.0.2:5000 ACK seq=10 cut=30]" },
	{ SL_INSIDE, "udp 10.0.0.3:7000 > 192.0.2.1:$p 'hairpin'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 10.0.0.1:53 'local'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=10 'blue'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=20.7 'red'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'short life'" },
	{ SL_INSIDE, "ip 10.0.0.2 > 198.51.100.9 proto=47 hex=0000080045000014" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 mf data=24" },
	{ SL_INSIDE, "arp request 10.0.0.2 > 10.0.0.1" },
	{ SL_INSIDE, "ip6 fe80::2 > ff02::1 nh=58 ttl=255 dmac=33:33:00:00:00:01 hex=8700000000000000" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:5000 > 192.0.2.1:8080 SYN seq=10 mss=1460" },
};
/* clang-format on */

const unsigned int hostile_n = RTE_DIM(hostile_packets);

#define CONF                                                                                       \
	"limit ports=0 sessions=0 rate=0; tenant blue vlan=10 10.0.0.1/24 ports=0 sessions=0; "    \
	"tenant red vlan=20 inner=7 10.0.0.1/24; forward tcp 192.0.2.1:8080 > 10.0.0.2:80; "       \
	"icmp-rate 100000; punt-rate local 1000000"

/* Let one packet through and bind the name that stands for its outside port. */
static void
open_session(struct pipe *p, struct pt_names *names, const struct hostile_opener *o)
{
	const struct hostile_packet packet = { o->side, o->packet };
	static struct pt_frame f;
	struct pt_default def;
	struct rte_mbuf *m;
	const uint8_t *b;
	char why[256];
	size_t len;

	hostile_frame(p, names, &packet, &f);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, 0, o->side, &m, 1);
	pipe_settle(p);
	assert_int_equal(p->n_got, 1);
	b = rte_pktmbuf_mtod(p->got[0].m, uint8_t *);
	len = p->got[0].m->pkt_len;
	def = pipe_default_out(p, p->got[0].side, 0, b, len);
	if (pt_match(o->expect, b, len, &def, names, why, sizeof(why)) < 0)
		fail_msg("%s: %s", o->expect, why);
	pipe_discard(p);
}

struct pipe *
hostile_open_with(unsigned int n_workers, const char *conf, const struct hostile_opener *opener,
	struct pt_names *names)
{
	struct pipe *p = pipe_create(n_workers, conf, 99, UINT32_MAX - 5000);

	names->n = 0;
	for (; opener->packet != NULL; opener++)
		open_session(p, names, opener);
	return p;
}

struct pipe *
hostile_open(unsigned int n_workers, struct pt_names *names)
{
	static const struct hostile_opener openers[] = {
		{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53",
			"udp 192.0.2.1:$p > 198.51.100.9:53" },
		{ SL_INSIDE, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=1",
			"tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=1" },
		{ SL_INSIDE, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1",
			"icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1" },
		{ SL_INSIDE, NULL, NULL },
	};

	return hostile_open_with(n_workers, CONF, openers, names);
}

void
hostile_frame(const struct pipe *p, const struct pt_names *names,
	const struct hostile_packet *packet, struct pt_frame *f)
{
	struct pt_default def = pipe_default_in(p, packet->side, NULL, 0);
	char text[1024], why[256];

	if (pt_subst(names, packet->text, text, sizeof(text), why, sizeof(why)) < 0 ||
		pt_build(text, &def, f, why, sizeof(why)) < 0)
		fail_msg("%s", why);
	def = pipe_default_in(p, packet->side, f->b, f->len);
	assert_int_equal(pt_build(text, &def, f, why, sizeof(why)), 0);
}

void
hostile_build(
	const struct pipe *p, const struct pt_names *names, unsigned int i, struct pt_frame *f)
{
	hostile_frame(p, names, &hostile_packets[i], f);
}

static void
set16(uint8_t *b, size_t v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

/* The header at ip, of which n bytes are there; returns its length, or 0 when it is none. */
static size_t
repair_ip(uint8_t *ip, size_t n)
{
	size_t hlen = n >= 20 ? (ip[0] & 15) * 4U : 0;

	if (hlen < 20 || hlen > n)
		return 0;
	set16(ip + 10, csum_ip4(ip));
	return hlen;
}

/* IPv6 at ip, of which n bytes are there: its length, and the checksum of ICMPv6. */
static void
repair_ip6(uint8_t *ip, size_t n, enum hostile_repair how)
{
	size_t at = 40;
	uint8_t next;

	if (n < 40 || how < HOSTILE_LENGTH)
		return;
	set16(ip + 4, n - 40);
	next = ip[6];
	while ((next == 0 || next == 43 || next == 60) && at + 8 <= n) {
		next = ip[at];
		at += 8 + ip[at + 1] * 8U;
	}
	if (how == HOSTILE_ICMP && next == 58 && at + 8 <= n)
		set16(ip + at + 2, csum_l4_6(ip, ip + at, n - at, 58, 2));
}

void
hostile_repair(uint8_t *b, size_t len, enum hostile_repair how)
{
	size_t l3 = 14, hlen, total;

	while (len >= l3 + 4 &&
		((b[l3 - 2] == 0x81 && b[l3 - 1] == 0) || (b[l3 - 2] == 0x88 && b[l3 - 1] == 0xa8)))
		l3 += 4;
	if (how == HOSTILE_RAW || len < l3 + 20)
		return;
	if (b[l3 - 2] == 0x86 && b[l3 - 1] == 0xdd) {
		repair_ip6(b + l3, len - l3, how);
		return;
	}
	if (how >= HOSTILE_LENGTH)
		set16(b + l3 + 2, len - l3);
	hlen = repair_ip(b + l3, len - l3);
	total = (size_t)b[l3 + 2] << 8 | b[l3 + 3];
	if (how < HOSTILE_ICMP || hlen == 0 || b[l3 + 9] != 1 || total < hlen + 8 ||
		total > len - l3)
		return;
	repair_ip(b + l3 + hlen + 8, total - hlen - 8);
	set16(b + l3 + hlen + 2, csum_icmp(b + l3 + hlen, total - hlen));
}

uint64_t
hostile_draw(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

void
hostile_spoil(uint64_t *s, struct pt_frame *f)
{
	static const uint16_t awkward[] = { 0, 1, 7, 8, 0x7fff, 0xffff };

	for (uint64_t n = hostile_draw(s) % 6; n > 0; n--) {
		size_t at = hostile_draw(s) % f->len;

		switch (hostile_draw(s) % 5) {
		case 0:
			f->b[at] ^= (uint8_t)(1 << hostile_draw(s) % 8);
			break;
		case 1:
			f->b[at] = (uint8_t)hostile_draw(s);
			break;
		case 2:
			f->b[at] = hostile_draw(s) % 2 ? 0 : 255;
			break;
		case 3:
			set16(f->b + (at & ~(size_t)1), awkward[hostile_draw(s) % 6]);
			break;
		default:
			memmove(f->b + at, f->b + hostile_draw(s) % f->len, f->len - at);
		}
	}
	if (hostile_draw(s) % 4 == 0)
		f->len = hostile_draw(s) % (f->len + 64);
	hostile_repair(f->b, f->len, (enum hostile_repair)(hostile_draw(s) % HOSTILE_REPAIRS));
}
