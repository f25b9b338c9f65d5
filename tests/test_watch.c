/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Watches: which packets fit, what is copied of them, and that whoever watches changes nothing.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"
#include "watch.h"

#define SLOTS 64
#define KEEP 256
#define SERVER "198.51.100.9:53"

static struct rte_mbuf *
packet(const struct pipe *p, enum sl_side side, const char *text)
{
	struct pt_default def = pipe_default_in(p, side, NULL, 0);
	static struct pt_frame f;
	char why[128];

	if (pt_build(text, &def, &f, why, sizeof(why)) < 0)
		fail_msg("%s: %s", text, why);
	def = pipe_default_in(p, side, f.b, f.len);
	assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
	return pipe_mbuf(f.b, f.len);
}

static void
send_by(struct pipe *p, unsigned int worker, enum sl_side side, const char *text)
{
	struct rte_mbuf *m = packet(p, side, text);

	pipe_receive(p, worker, side, &m, 1);
	pipe_settle(p);
}

static void
put(struct pipe *p, enum sl_side side, const char *text)
{
	send_by(p, 0, side, text);
}

static struct sl_watch *
watch(struct pipe *p, const struct sl_watch_filter *f)
{
	struct sl_watch *w = sl_watch_create(p->nat, f, KEEP, SLOTS);

	assert_non_null(w);
	assert_int_equal(sl_watch_arm(w), 0);
	return w;
}

/* The next copy is of this kind and side, with this verdict, and says this. */
static void
next(struct sl_watch *w, enum sl_seen_kind kind, enum sl_side side, int verdict, const char *text)
{
	static const struct pt_default none;
	static char shown[PT_TEXT_MAX];
	const struct sl_seen *s = sl_watch_peek(w);

	assert_non_null(s);
	assert_int_equal(s->kind, kind);
	assert_int_equal(s->side, side);
	assert_int_equal(s->kept, s->len);
	if (verdict >= 0)
		assert_string_equal(sl_counter_name((enum sl_counter)s->verdict),
			sl_counter_name((enum sl_counter)verdict));
	pt_show(s->bytes, s->kept, &none, shown, sizeof(shown));
	if (strstr(shown, text) == NULL)
		fail_msg("expected %s, got %s", text, shown);
	sl_watch_next(w);
}

static bool
moved(const struct sl_seen *s, enum sl_counter c)
{
	for (unsigned int i = 0; i < s->n_moved; i++)
		if (s->moved[i] == c)
			return true;
	return false;
}

static void
unwatch(struct pipe *p, struct sl_watch *w)
{
	sl_watch_disarm(w);
	assert_false(sl_watch_idle(w));
	pipe_settle(p);
	assert_true(sl_watch_idle(w));
	sl_watch_destroy(w);
}

static void
end(struct pipe *p)
{
	char why[128];

	pipe_settle(p);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

/* The outside port of the one session, as text. */
static const char *
reply(const struct pipe *p, const char *format)
{
	static char text[256];
	struct sl_session s;
	struct pipe *asked = (struct pipe *)(uintptr_t)p;

	assert_int_equal(pipe_ask(asked, SL_MSG_SESSIONS, NULL, &s, sizeof(s), 1), 1);
	snprintf(text, sizeof(text), format, rte_be_to_cpu_16(s.out_port));
	return text;
}

static void
packets_are_seen_before_and_after(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct sl_watch_filter f = { .proto = IPPROTO_UDP };
	struct sl_watch *w = watch(p, &f);

	(void)state;
	put(p, SL_INSIDE, "udp 10.0.0.2:5000 > " SERVER);
	assert_true(moved(sl_watch_peek(w), SL_COUNTER_SESSIONS_MADE));
	next(w, SL_SEEN_CAME, SL_INSIDE, SL_COUNTER_TX_OUTSIDE, "10.0.0.2:5000 > " SERVER);
	next(w, SL_SEEN_LEFT, SL_OUTSIDE, -1, "192.0.2.1:");
	put(p, SL_INSIDE, "tcp 10.0.0.2:5000 > " SERVER " SYN seq=1");
	assert_null(sl_watch_peek(w));
	unwatch(p, w);
	end(p);
}

static void
the_inside_address_finds_the_answers(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct sl_watch_filter f = { .any[0] = { .net = { conf_addr("10.0.0.2"), 32 },
					     .port = RTE_BE16(5000) } };
	struct sl_watch *w;

	(void)state;
	put(p, SL_INSIDE, "udp 10.0.0.2:5000 > " SERVER);
	w = watch(p, &f);
	put(p, SL_OUTSIDE, reply(p, "udp " SERVER " > 192.0.2.1:%u"));
	assert_true(moved(sl_watch_peek(w), SL_COUNTER_FLOW_HITS));
	next(w, SL_SEEN_CAME, SL_OUTSIDE, SL_COUNTER_TX_INSIDE, SERVER " > 192.0.2.1:");
	next(w, SL_SEEN_LEFT, SL_INSIDE, -1, SERVER " > 10.0.0.2:5000");
	/* A stranger meets the mapping, and is told of it as well. */
	put(p, SL_OUTSIDE, reply(p, "udp 198.51.100.7:99 > 192.0.2.1:%u"));
	next(w, SL_SEEN_CAME, SL_OUTSIDE, -1, "198.51.100.7:99 > 192.0.2.1:");
	unwatch(p, w);
	end(p);
}

static void
only_the_dropped_are_seen(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct sl_watch_filter f = { .dropped = true, .has_from = true, .from = SL_OUTSIDE };
	struct sl_watch *w = watch(p, &f);

	(void)state;
	put(p, SL_INSIDE, "udp 10.0.0.2:5000 > " SERVER);
	put(p, SL_OUTSIDE, reply(p, "udp " SERVER " > 192.0.2.1:%u"));
	assert_null(sl_watch_peek(w));
	put(p, SL_OUTSIDE, "udp " SERVER " > 192.0.2.1:2000");
	next(w, SL_SEEN_CAME, SL_OUTSIDE, SL_COUNTER_DROP_NO_MAPPING, SERVER " > 192.0.2.1:2000");
	assert_null(sl_watch_peek(w));
	unwatch(p, w);
	end(p);
}

static void
one_watch_at_a_time(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct sl_watch_filter f = { .proto = IPPROTO_UDP };
	struct sl_watch *w = watch(p, &f), *second = sl_watch_create(p->nat, &f, KEEP, SLOTS);

	(void)state;
	assert_int_equal(sl_watch_arm(second), -EBUSY);
	assert_true(sl_watch_idle(second));
	sl_watch_destroy(second);
	unwatch(p, w);
	end(p);
}

static void
what_finds_no_room_is_counted(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct sl_watch_filter f = { .proto = IPPROTO_UDP };
	struct sl_watch *w = sl_watch_create(p->nat, &f, KEEP, 4);
	unsigned int n = 0;

	(void)state;
	assert_int_equal(sl_watch_arm(w), 0);
	for (int i = 0; i < 10; i++)
		put(p, SL_INSIDE, "udp 10.0.0.2:5000 > " SERVER);
	assert_int_equal(sl_watch_lost(w), 8);
	for (; sl_watch_peek(w) != NULL; n++)
		sl_watch_next(w);
	assert_int_equal(n, 4);
	put(p, SL_INSIDE, "udp 10.0.0.2:5000 > " SERVER);
	next(w, SL_SEEN_CAME, SL_INSIDE, SL_COUNTER_TX_OUTSIDE, "10.0.0.2:5000");
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_TX_OUTSIDE), 11);
	unwatch(p, w);
	end(p);
}

/* Each worker tells its part: who receives a packet, and who owns it. */
static void
handed_over_packets_are_seen_twice(void **state)
{
	struct pipe *p = pipe_create(2, "", 1, 1000);
	struct sl_watch_filter f = { .proto = IPPROTO_UDP };
	struct sl_watch *w = watch(p, &f);
	unsigned int handed = 0;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		const struct sl_seen *s;

		send_by(p, i, SL_INSIDE, "udp 10.0.0.2:5000 > " SERVER);
		while ((s = sl_watch_peek(w)) != NULL) {
			if (s->verdict == SL_COUNTER_HANDOFF_OUT) {
				assert_false(s->handed);
				handed++;
			} else if (s->handed) {
				assert_string_equal(
					sl_counter_name((enum sl_counter)s->verdict), "tx_outside");
			}
			sl_watch_next(w);
		}
	}
	assert_int_equal(handed, 1);
	unwatch(p, w);
	end(p);
}

static void
what_waits_is_seen_when_it_leaves(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct sl_watch_filter f = { .proto = IPPROTO_UDP,
		.any[0] = { .net = { conf_addr("10.0.0.2"), 32 } } };
	struct sl_watch *w = watch(p, &f);

	(void)state;
	put(p, SL_INSIDE, "udp 10.0.0.2:5000 > 192.0.2.77:53");
	next(w, SL_SEEN_CAME, SL_INSIDE, SL_COUNTER_HELD, "192.0.2.77:53");
	pipe_neigh(p, 0, SL_OUTSIDE, conf_addr("192.0.2.77"), true);
	pipe_settle(p);
	next(w, SL_SEEN_LATER, SL_OUTSIDE, SL_COUNTER_TX_OUTSIDE, "192.0.2.77:53");
	put(p, SL_INSIDE, "udp 10.0.0.2:5000 > 192.0.2.78:53");
	next(w, SL_SEEN_CAME, SL_INSIDE, SL_COUNTER_HELD, "192.0.2.78:53");
	p->now += 4000;
	pipe_settle(p);
	next(w, SL_SEEN_GONE, SL_OUTSIDE, SL_COUNTER_DROP_HOLD_TIMEOUT, "192.0.2.78:53");
	assert_null(sl_watch_peek(w));
	unwatch(p, w);
	end(p);
}

/* With a watch on half of the packets of a burst, all counters and the order are the same. */
static void
watching_changes_nothing(void **state)
{
	static char order[2][32 * 8];
	uint64_t count[2][SL_COUNTER_COUNT];

	(void)state;
	for (int watched = 0; watched < 2; watched++) {
		struct pipe *p = pipe_create(1, "", 4711, 1000);
		struct sl_watch_filter f = {
			.source = { .net = { conf_addr("10.0.0.2"), 32 } },
		};
		struct sl_watch *w = watched ? watch(p, &f) : NULL;
		struct rte_mbuf *m[32];
		char text[128];

		for (unsigned int i = 0; i < RTE_DIM(m); i++) {
			snprintf(text, sizeof(text), "udp 10.0.0.%u:%u > " SERVER, 2 + i % 3 % 2,
				5000 + i % 7);
			m[i] = packet(p, SL_INSIDE, text);
		}
		pipe_receive(p, 0, SL_INSIDE, m, RTE_DIM(m));
		pipe_settle(p);
		assert_int_equal(p->n_got, RTE_DIM(m));
		for (unsigned int i = 0; i < p->n_got; i++) {
			const uint8_t *b = rte_pktmbuf_mtod(p->got[i].m, const uint8_t *);

			snprintf(order[watched] + i * 7, 8, "%02x%02x%02x ", b[34], b[35], b[33]);
		}
		for (int c = 0; c < SL_COUNTER_COUNT; c++)
			count[watched][c] = sl_counter_sum(p->nat, (enum sl_counter)c);
		if (w != NULL)
			unwatch(p, w);
		end(p);
	}
	assert_string_equal(order[0], order[1]);
	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		if (count[0][c] != count[1][c])
			fail_msg("%s", sl_counter_name((enum sl_counter)c));
}

/* ---- filters ---- */

struct fit {
	struct sl_watch_filter f;
	enum sl_side side;
	const char *packet;
	bool fits;
};

static void
filters_fit(void **state)
{
	const struct sl_watch_end five = { .net = { conf_addr("10.0.0.5"), 32 } };
	const struct sl_watch_end net = { .net = { conf_addr("10.0.0.0"), 24 } };
	const struct sl_watch_end dns = { .port = RTE_BE16(53) };
	const struct sl_watch_end six = { .net6 = conf_addr6("2001:db8:1::/64", 15) };
	const char *udp = "udp 10.0.0.5:4000 > " SERVER,
		   *ping = "icmp echo 10.0.0.5 > 198.51.100.9 "
			   "id=53 seq=1";
	const char *v6 = "udp6 2001:db8:1::5#4000 > 2001:db8:2::2#53";
	const struct fit rows[] = {
		{ { 0 }, SL_INSIDE, udp, true },
		{ { .proto = IPPROTO_UDP }, SL_INSIDE, udp, true },
		{ { .proto = IPPROTO_TCP }, SL_INSIDE, udp, false },
		{ { .proto = IPPROTO_ICMP }, SL_INSIDE, ping, true },
		{ { .any[0] = five }, SL_INSIDE, udp, true },
		{ { .any[0] = five, .any[1] = dns }, SL_INSIDE, udp, true },
		{ { .any[0] = dns }, SL_INSIDE, ping, true },
		{ { .any[0] = net }, SL_INSIDE, udp, true },
		{ { .source = net }, SL_INSIDE, udp, true },
		{ { .destination = net }, SL_INSIDE, udp, false },
		{ { .source = dns }, SL_INSIDE, udp, false },
		{ { .destination = dns }, SL_INSIDE, udp, true },
		{ { .has_from = true, .from = SL_OUTSIDE }, SL_INSIDE, udp, false },
		{ { .has_from = true, .from = SL_INSIDE }, SL_INSIDE, udp, true },
		{ { .tenant = 1 }, SL_INSIDE, udp, true },
		{ { .tenant = 2 }, SL_INSIDE, udp, false },
		{ { .any[0] = six }, SL_INSIDE, udp, false },
		{ { .any[0] = six }, SL_INSIDE, v6, true },
		{ { .source = six, .any[0] = dns }, SL_INSIDE, v6, true },
		{ { .destination = six }, SL_INSIDE, v6, false },
		{ { .any[0] = net }, SL_INSIDE, v6, false },
	};
	struct pipe *p = pipe_create(1, "", 1, 1000);

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		struct sl_watch *w = watch(p, &rows[i].f);

		put(p, rows[i].side, rows[i].packet);
		if ((sl_watch_peek(w) != NULL) != rows[i].fits)
			fail_msg("row %u", i);
		unwatch(p, w);
		pipe_discard(p);
	}
	end(p);
}

/* Frames of any bytes, cut anywhere, against a filter that asks for everything. */
static void
strange_frames_are_read_safely(void **state)
{
	struct pipe *p = pipe_create(1, "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96", 1, 1000);
	struct sl_watch_filter f = { .any[0] = { .net = { conf_addr("10.0.0.5"), 32 } },
		.any[1] = { .port = RTE_BE16(53) } };
	struct sl_watch *w = watch(p, &f);
	static const uint16_t types[] = { 0x0800, 0x86dd, 0x8100, 0x88a8 };

	(void)state;
	srand(4711);
	for (int i = 0; i < 20000; i++) {
		uint8_t b[128];
		size_t n = 1 + (size_t)rand() % (sizeof(b) - 1);
		enum sl_side side = (enum sl_side)(rand() % 2);
		struct rte_mbuf *m;

		for (size_t k = 0; k < n; k++)
			b[k] = (uint8_t)rand();
		if (n >= 15) {
			uint16_t type = rte_cpu_to_be_16(types[(unsigned int)rand() % 4]);

			memcpy(b + 12, &type, sizeof(type));
			b[14] = rand() % 2 ? 0x45 : 0x60;
		}
		m = pipe_mbuf(b, n);
		pipe_receive(p, 0, side, &m, 1);
		pipe_settle(p);
		pipe_discard(p);
		while (sl_watch_peek(w) != NULL)
			sl_watch_next(w);
	}
	unwatch(p, w);
	end(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_seen_before_and_after),
		cmocka_unit_test(the_inside_address_finds_the_answers),
		cmocka_unit_test(only_the_dropped_are_seen),
		cmocka_unit_test(one_watch_at_a_time),
		cmocka_unit_test(what_finds_no_room_is_counted),
		cmocka_unit_test(handed_over_packets_are_seen_twice),
		cmocka_unit_test(what_waits_is_seen_when_it_leaves),
		cmocka_unit_test(watching_changes_nothing),
		cmocka_unit_test(filters_fit),
		cmocka_unit_test(strange_frames_are_read_safely),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
