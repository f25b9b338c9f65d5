/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Bad input through the whole path: every packet of hostile.c cut at every byte, with
 * every 16-bit field set to awkward values, in chained mbufs split at every offset, and
 * then spoilt at random. Nothing may be read or written where it must not (the build with
 * sanitizers sees it), every packet is accounted for, every mbuf comes back; and a packet
 * in several segments must fare as the same packet in one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hostile.h"

#define BURST 32
#define RANDOM_PACKETS 200000

static struct pipe *p;
static struct pt_names names;
static struct rte_mbuf *burst[2][BURST];
static unsigned int n_burst[2], turn;
static unsigned long n_sent;

static void
check(void)
{
	char why[128];

	pipe_settle(p);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_discard(p);
}

static void
flush(enum sl_side side)
{
	if (n_burst[side] > 0)
		pipe_receive(p, turn++ % p->n_workers, side, burst[side], n_burst[side]);
	n_burst[side] = 0;
	check();
}

static void
send(enum sl_side side, struct rte_mbuf *m)
{
	n_sent++;
	burst[side][n_burst[side]++] = m;
	if (n_burst[side] == BURST)
		flush(side);
}

static void
begin(unsigned int n_workers)
{
	p = hostile_open(n_workers, &names);
	n_sent = 0;
}

static void
end(void)
{
	flush(SL_INSIDE);
	flush(SL_OUTSIDE);
	print_message("%u workers: %lu packets, %lu sent, %lu translated errors\n", p->n_workers,
		n_sent,
		sl_counter_sum(p->nat, SL_COUNTER_TX_INSIDE) +
			sl_counter_sum(p->nat, SL_COUNTER_TX_OUTSIDE),
		sl_counter_sum(p->nat, SL_COUNTER_ICMP_ERRORS));
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
packets_cut_at_every_byte_are_accounted_for(void **state)
{
	static struct pt_frame f, g;

	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++) {
		begin(workers);
		for (unsigned int i = 0; i < hostile_n; i++) {
			hostile_build(p, &names, i, &f);
			for (size_t len = 0; len <= f.len; len++) {
				for (int how = 0; how < HOSTILE_REPAIRS; how++) {
					g = f;
					hostile_repair(g.b, len, (enum hostile_repair)how);
					send(hostile_packets[i].side, pipe_mbuf(g.b, len));
				}
			}
		}
		end();
	}
}

static void
fields_set_to_awkward_values_are_accounted_for(void **state)
{
	static const uint16_t value[] = { 0, 1, 7, 8, 0x7fff, 0xffff };
	static struct pt_frame f, g;

	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++) {
		begin(workers);
		for (unsigned int i = 0; i < hostile_n; i++) {
			hostile_build(p, &names, i, &f);
			for (size_t at = 0; at + 2 <= f.len; at++) {
				for (unsigned int v = 0; v < RTE_DIM(value) * HOSTILE_REPAIRS;
					v++) {
					g = f;
					g.b[at] = (uint8_t)(value[v / HOSTILE_REPAIRS] >> 8);
					g.b[at + 1] = (uint8_t)value[v / HOSTILE_REPAIRS];
					hostile_repair(g.b, g.len,
						(enum hostile_repair)(v % HOSTILE_REPAIRS));
					send(hostile_packets[i].side, pipe_mbuf(g.b, g.len));
				}
			}
		}
		end();
	}
}

/* What a packet does to all counters but those of bytes and of worker traffic. */
static void
fate(struct rte_mbuf *m, enum sl_side side, uint64_t *moved, char *text, size_t size)
{
	static uint8_t copy[PT_FRAME_MAX];

	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		moved[c] = sl_counter_sum(p->nat, (enum sl_counter)c);
	pipe_receive(p, 0, side, &m, 1);
	pipe_settle(p);
	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		moved[c] = sl_counter_sum(p->nat, (enum sl_counter)c) - moved[c];
	text[0] = 0;
	for (unsigned int i = 0; i < p->n_got; i++) {
		struct pt_default def = { .ttl = 64 };
		size_t n = strlen(text), len = p->got[i].m->pkt_len;
		const uint8_t *b = rte_pktmbuf_read(p->got[i].m, 0, (uint32_t)len, copy);

		assert_non_null(b);
		n += (size_t)snprintf(
			text + n, size - n, " [%d%d] ", p->got[i].punt, p->got[i].side);
		pt_show(b, len, &def, text + n, size - n);
	}
	check();
}

/* Each packet that may be cut gets another id; what they look like must not depend on it. */
static void
forget_ids(char *text)
{
	for (char *at = text; (at = strstr(at, " ipid=")) != NULL;) {
		size_t n = strspn(at + 6, "0123456789") + 6;

		memmove(at, at + n, strlen(at + n) + 1);
	}
}

static void
chained_packets_fare_as_whole_ones(void **state)
{
	static struct pt_frame f;
	static char whole[PT_TEXT_MAX], split[PT_TEXT_MAX];
	uint64_t a[SL_COUNTER_COUNT], b[SL_COUNTER_COUNT];

	(void)state;
	for (unsigned int workers = 1; workers <= 2; workers++) {
		begin(workers);
		for (unsigned int i = 0; i < hostile_n; i++) {
			hostile_build(p, &names, i, &f);
			/* twice, so that a session it makes is there both times */
			fate(pipe_mbuf(f.b, f.len), hostile_packets[i].side, a, whole,
				sizeof(whole));
			fate(pipe_mbuf(f.b, f.len), hostile_packets[i].side, a, whole,
				sizeof(whole));
			forget_ids(whole);
			for (size_t at = 1; at < f.len; at++) {
				fate(pipe_mbuf_split(f.b, f.len, at), hostile_packets[i].side, b,
					split, sizeof(split));
				forget_ids(split);
				for (int c = 0; c < SL_COUNTER_COUNT; c++)
					if (a[c] != b[c])
						fail_msg("%s split at %zu: %s moved by %lu, whole "
							 "by %lu",
							hostile_packets[i].text, at,
							sl_counter_name((enum sl_counter)c), b[c],
							a[c]);
				if (strcmp(whole, split) != 0)
					fail_msg("%s split at %zu:\n%s\n%s",
						hostile_packets[i].text, at, whole, split);
			}
		}
		end();
	}
}

static void
packets_spoilt_at_random_are_accounted_for(void **state)
{
	static struct pt_frame f;
	uint64_t s = 0x5eed5eed5eed;
	struct rte_mbuf *m;

	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++) {
		begin(workers);
		for (unsigned int k = 0; k < RANDOM_PACKETS / 3; k++) {
			unsigned int i = (unsigned int)(hostile_draw(&s) % hostile_n);
			enum sl_side side = hostile_packets[i].side;

			hostile_build(p, &names, i, &f);
			hostile_spoil(&s, &f);
			m = f.len > 2 && hostile_draw(&s) % 4 == 0
				    ? pipe_mbuf_split(
					      f.b, f.len, 1 + hostile_draw(&s) % (f.len - 1))
				    : pipe_mbuf(f.b, f.len);
			send(hostile_draw(&s) % 16 == 0 ? SL_ACROSS(side) : side, m);
			p->now += hostile_draw(&s) % 3;
			if (hostile_draw(&s) % 20000 == 0)
				p->now += 400000;
		}
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_cut_at_every_byte_are_accounted_for),
		cmocka_unit_test(fields_set_to_awkward_values_are_accounted_for),
		cmocka_unit_test(chained_packets_fare_as_whole_ones),
		cmocka_unit_test(packets_spoilt_at_random_are_accounted_for),
	};

	return cmocka_run_group_tests_name("hostile", tests, pipe_setup, NULL);
}
