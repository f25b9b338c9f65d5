/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Conversations by TCP through a gateway on the bench. Numbers are kept on both sides of what a
 * helper may change: seq[] is what an end believes of itself, seen[] what the other one believes
 * of it, and each packet has to fit both. Packets of IPv6 are read as if they were of IPv4.
 */
#include "talk.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"

#define WIN 60000

/** A segment that came out. */
struct segment {
	struct talk_end src, dst;
	uint32_t seq, ack;
	uint8_t flags;
	const uint8_t *data;
	uint32_t n;
};

static unsigned int turn;

struct talk_end
talk_end(const char *text)
{
	struct talk_end e;
	char addr[32];
	int port;

	if (sscanf(text, "%31[0-9.]:%d", addr, &port) != 2)
		fail_msg("not an endpoint: %s", text);
	e.addr = conf_addr(addr);
	e.port = (uint16_t)port;
	return e;
}

bool
talk_is_six(struct talk_end e)
{
	return (e.addr & RTE_BE32(0xffffff00)) == RTE_BE32(0x0a060000);
}

void
talk_end_text(struct talk_end e, bool six, char *text, size_t size)
{
	char addr[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &e.addr, addr, sizeof(addr));
	if (!six)
		snprintf(text, size, "%s:%u", addr, e.port);
	else if (talk_is_six(e))
		snprintf(text, size, "2001:db8:1::%x#%u", rte_be_to_cpu_32(e.addr) & 0xff, e.port);
	else
		snprintf(text, size, "64:ff9b::%s#%u", addr, e.port);
}

static void
transmit(struct pipe *p, enum sl_side side, struct talk_end src, struct talk_end dst,
	const char *flags, uint32_t seq, uint32_t ack, const void *bytes, uint32_t len)
{
	static struct pt_frame f;
	static char text[3 * TALK_MAX];
	bool six = side == SL_INSIDE && talk_is_six(src);
	char from[64], to[64], why[128];
	const uint8_t *data = bytes;
	struct pt_default def;
	struct rte_mbuf *m;
	size_t n;

	talk_end_text(src, six, from, sizeof(from));
	talk_end_text(dst, six, to, sizeof(to));
	n = (size_t)snprintf(text, sizeof(text), "tcp%s %s > %s %s seq=%u ack=%u win=%u%s",
		six ? "6" : "", from, to, flags, seq, ack, WIN, len > 0 ? " hex=" : "");
	for (uint32_t i = 0; i < len; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%02x", data[i]);
	def = pipe_default_in(p, side, NULL, 0);
	if (pt_build(text, &def, &f, why, sizeof(why)) < 0)
		fail_msg("%s: %s", text, why);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, turn++ % p->n_workers, side, &m, 1);
	pipe_settle(p);
}

static uint32_t
get32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

rte_be32_t
talk_stands_for(const uint8_t *six)
{
	static const uint8_t host[15] = { 0x20, 0x01, 0x0d, 0xb8, 0, 1 },
			     net[12] = { 0, 0x64, 0xff, 0x9b };
	rte_be32_t addr;

	if (memcmp(six, host, sizeof(host)) == 0)
		return rte_cpu_to_be_32(0x0a060000u | six[15]);
	assert_memory_equal(six, net, sizeof(net));
	memcpy(&addr, six + 12, sizeof(addr));
	return addr;
}

/* The IP header of a packet that came out; returns where TCP is and its length. */
static const uint8_t *
read_ip(const uint8_t *ip, uint32_t there, struct segment *s, uint32_t *len)
{
	bool six = ip[0] >> 4 == 6;
	const uint8_t *tcp = ip + (six ? 40 : 20);
	uint16_t sum;

	*len = six ? (uint32_t)ip[4] << 8 | ip[5] : ((uint32_t)ip[2] << 8 | ip[3]) - 20;
	assert_int_equal(*len + (six ? 40 : 20), there);
	assert_int_equal(ip[six ? 6 : 9], IPPROTO_TCP);
	if (six) {
		s->src.addr = talk_stands_for(ip + 8);
		s->dst.addr = talk_stands_for(ip + 24);
		sum = csum_l4_6(ip, tcp, *len, IPPROTO_TCP, 16);
	} else {
		assert_int_equal(ip[0], 0x45);
		assert_int_equal(ip[10] << 8 | ip[11], csum_ip4(ip));
		memcpy(&s->src.addr, ip + 12, 4);
		memcpy(&s->dst.addr, ip + 16, 4);
		sum = csum_l4(ip, tcp, *len, IPPROTO_TCP, 16);
	}
	assert_int_equal(tcp[16] << 8 | tcp[17], sum);
	return tcp;
}

/* Read a packet that came out; its lengths and checksums must be right. */
static void
read_segment(const struct pipe_packet *got, struct segment *s)
{
	static uint8_t flat[16384];
	const uint8_t *ip, *tcp;
	uint32_t len;

	assert_false(got->punt);
	ip = (const uint8_t *)rte_pktmbuf_read(got->m, 0, got->m->pkt_len, flat) + 14;
	tcp = read_ip(ip, got->m->pkt_len - 14, s, &len);
	assert_int_equal(ip[0] >> 4 == 6,
		got->side == SL_INSIDE && (talk_is_six(s->dst) || talk_is_six(s->src)));
	s->src.port = (uint16_t)(tcp[0] << 8 | tcp[1]);
	s->dst.port = (uint16_t)(tcp[2] << 8 | tcp[3]);
	s->seq = get32(tcp + 4);
	s->ack = get32(tcp + 8);
	s->flags = tcp[13];
	s->data = tcp + (tcp[12] >> 4) * 4;
	s->n = len - (uint32_t)(s->data - tcp);
}

static void
assert_same_end(struct talk_end a, struct talk_end b)
{
	assert_int_equal(a.addr, b.addr);
	assert_int_equal(a.port, b.port);
}

static enum sl_side
port_of(const struct talk *t, enum sl_side end)
{
	return t->hairpin ? SL_INSIDE : end;
}

/* Who sent this segment? Its endpoints must be those that the receiver knows. */
static enum sl_side
sender(const struct talk *t, const struct pipe_packet *got, const struct segment *s)
{
	enum sl_side from =
		s->dst.addr == t->end[SL_OUTSIDE].addr && s->dst.port == t->end[SL_OUTSIDE].port
			? SL_INSIDE
			: SL_OUTSIDE;

	assert_int_equal(got->side, port_of(t, SL_ACROSS(from)));
	assert_same_end(s->src, t->from[from]);
	assert_same_end(s->dst, t->end[SL_ACROSS(from)]);
	return from;
}

/* Take what came out; the bytes that one end gets from the other in order. */
static const char *
take(struct talk *t, enum sl_side from)
{
	static char text[4][TALK_MAX];
	static unsigned int next;
	char *to = text[next++ % 4];
	size_t n = 0;

	for (unsigned int i = 0; i < t->p->n_got; i++) {
		struct segment s;

		read_segment(&t->p->got[i], &s);
		if (sender(t, &t->p->got[i], &s) != from) {
			/* a word to the one who spoke: nothing that it has not said */
			assert_int_equal(s.n, 0);
			assert_true((int32_t)(t->seq[from] - s.ack) >= 0);
			continue;
		}
		assert_int_equal(s.ack, t->seq[SL_ACROSS(from)]);
		if (s.n == 0)
			continue;
		assert_int_equal(s.seq, t->seen[from]);
		assert_true(n + s.n < TALK_MAX);
		memcpy(to + n, s.data, s.n);
		n += s.n;
		t->seen[from] += s.n;
	}
	pipe_discard(t->p);
	to[n] = 0;
	t->n_got = (uint32_t)n;
	return to;
}

/* An end sends; with its own numbers, and what it has seen of the other one. */
static void
speak(struct talk *t, enum sl_side from, const char *flags, const void *data, uint32_t n)
{
	transmit(t->p, port_of(t, from), t->end[from], t->at[from], flags, t->seq[from],
		t->seen[SL_ACROSS(from)], data, n);
}

/* A packet without data that must arrive as it is but for its numbers. */
static void
deliver(struct talk *t, enum sl_side from, const char *flags)
{
	struct segment s;

	speak(t, from, flags, "", 0);
	assert_int_equal(t->p->n_got, 1);
	read_segment(&t->p->got[0], &s);
	assert_int_equal(sender(t, &t->p->got[0], &s), from);
	assert_int_equal(s.seq, t->seen[from]);
	assert_int_equal(s.n, 0);
	if (strstr(flags, "ACK") != NULL)
		assert_int_equal(s.ack, t->seq[SL_ACROSS(from)]);
	pipe_discard(t->p);
}

const uint8_t *
talk_send(struct talk *t, enum sl_side from, const void *bytes, uint32_t n)
{
	const char *got;

	speak(t, from, "PSH ACK", bytes, n);
	t->seq[from] += n;
	got = take(t, from);
	if (t->n_got > 0)
		deliver(t, SL_ACROSS(from), "ACK");
	return (const uint8_t *)got;
}

void
talk_close(struct talk *t, enum sl_side from, bool abort)
{
	deliver(t, from, abort ? "RST ACK" : "FIN ACK");
	t->seq[from]++;
	t->seen[from]++;
}

const char *
talk_begin(struct talk *t, enum sl_side from, const char *text)
{
	speak(t, from, "PSH ACK", text, (uint32_t)strlen(text));
	t->seq[from] += (uint32_t)strlen(text);
	return take(t, from);
}

const char *
talk_say(struct talk *t, enum sl_side from, const char *text)
{
	const char *got = talk_begin(t, from, text);

	if (*got != 0)
		deliver(t, SL_ACROSS(from), "ACK");
	return got;
}

const char *
talk_repeat(struct talk *t, enum sl_side from, const char *text, uint32_t n)
{
	uint32_t seq = t->seq[from], seen = t->seen[from];
	struct segment s;

	t->seq[from] -= n;
	speak(t, from, "PSH ACK", text, n);
	t->seq[from] = seq;
	/* The same bytes at the same place; the place is the first packet's. */
	for (unsigned int i = 0; i < t->p->n_got; i++) {
		read_segment(&t->p->got[i], &s);
		if (s.n > 0 && sender(t, &t->p->got[i], &s) == from) {
			t->seen[from] = s.seq;
			break;
		}
	}
	const char *got = take(t, from);

	assert_int_equal(t->seen[from], seen);
	return got;
}

/* SYN, SYN-ACK, ACK; the first one tells what was not known yet. */
static void
shake_hands(struct talk *t, enum sl_side opener)
{
	enum sl_side other = SL_ACROSS(opener);
	struct segment s;

	t->seq[opener] = t->seen[opener] = 1000;
	t->seq[other] = t->seen[other] = 9000;
	speak(t, opener, "SYN", "", 0);
	assert_int_equal(t->p->n_got, 1);
	read_segment(&t->p->got[0], &s);
	assert_same_end(s.dst, t->end[other]);
	t->from[opener] = t->at[other] = s.src;
	pipe_discard(t->p);
	t->seq[opener] = t->seen[opener] = 1001;
	deliver(t, other, "SYN ACK");
	t->seq[other] = t->seen[other] = 9001;
	deliver(t, opener, "ACK");
}

void
talk_open(struct talk *t, struct pipe *p, const char *inside, const char *remote)
{
	*t = (struct talk){ .p = p };
	t->end[SL_INSIDE] = talk_end(inside);
	t->end[SL_OUTSIDE] = t->at[SL_INSIDE] = t->from[SL_OUTSIDE] = talk_end(remote);
	shake_hands(t, SL_INSIDE);
}

void
talk_open_inbound(
	struct talk *t, struct pipe *p, const char *remote, const char *outside, const char *inside)
{
	*t = (struct talk){ .p = p };
	t->end[SL_INSIDE] = talk_end(inside);
	t->end[SL_OUTSIDE] = talk_end(remote);
	t->at[SL_OUTSIDE] = t->from[SL_INSIDE] = talk_end(outside);
	shake_hands(t, SL_OUTSIDE);
}

void
talk_open_hairpin(
	struct talk *t, struct pipe *p, const char *inside, const char *outside, const char *remote)
{
	*t = (struct talk){ .p = p, .hairpin = true };
	t->end[SL_INSIDE] = talk_end(inside);
	t->end[SL_OUTSIDE] = talk_end(remote);
	t->at[SL_INSIDE] = t->from[SL_OUTSIDE] = talk_end(outside);
	shake_hands(t, SL_INSIDE);
}

struct talk_end
talk_knock(struct pipe *p, const char *remote, struct talk_end at)
{
	struct talk_end reached = { .port = 0 };
	struct segment s;

	transmit(p, SL_OUTSIDE, talk_end(remote), at, "SYN", 5000, 0, "", 0);
	if (p->n_got > 0) {
		assert_int_equal(p->n_got, 1);
		assert_int_equal(p->got[0].side, SL_INSIDE);
		read_segment(&p->got[0], &s);
		assert_same_end(s.src, talk_end(remote));
		reached = s.dst;
	}
	pipe_discard(p);
	return reached;
}
