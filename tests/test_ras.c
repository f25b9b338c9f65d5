/* SPDX-License-Identifier: BSD-3-Clause
 *
 * RAS through whole gateways: registrations with a gatekeeper outside, what they let in and for
 * how long, calls that it admits, and what must open nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dgram.h"
#include "h323say.h"
#include "rasmake.h"

#define PHONE "10.0.0.2:1719"
#define SIGNAL "10.0.0.2:1720"
#define KEEPER "198.51.100.9:1719"
#define CALLS "198.51.100.9:4000" /* the gatekeeper's connections come from */

/* A conversation between an endpoint and its gatekeeper; the last message of it. */
static struct {
	struct pipe *p;
	struct talk_end phone, seen, keeper; /* seen: as the gatekeeper knows the phone */
	uint8_t said[H323_MAX];
	size_t n;
	struct dgram came;
} ras;

static struct pipe *
gateway(void **state, const char *conf)
{
	ras.p = pipe_create(*(unsigned int *)*state, conf, 1, 1000000);
	ras.phone = talk_end(PHONE);
	ras.keeper = talk_end(KEEPER);
	return ras.p;
}

static struct pipe *
both_on(void **state)
{
	return gateway(state, "helper h323 on; helper ras on");
}

static void
carry(enum sl_side from)
{
	struct talk_end src = from == SL_INSIDE ? ras.phone : ras.keeper;
	struct talk_end dst = from == SL_INSIDE ? ras.keeper : ras.seen;

	assert_true(dgram_send(ras.p, from, src, dst, ras.said, ras.n, &ras.came));
	assert_int_equal(ras.came.side, 1 - from);
	assert_int_equal(ras.came.n, ras.n);
	if (from == SL_INSIDE)
		ras.seen = ras.came.src;
}

static void
say(enum sl_side from, const struct ras_make *m)
{
	ras.n = ras_make(m, ras.said);
	carry(from);
}

static void
assert_rest(void)
{
	assert_memory_equal(ras.came.text, ras.said, ras.n);
}

static void
untouched(enum sl_side from, const struct ras_make *m)
{
	say(from, m);
	assert_rest();
}

/* What came in place of the i-th of these endpoints. */
static struct talk_end
became(const char *endpoint, unsigned int i)
{
	size_t at = h323_find(ras.said, ras.n, 0, endpoint);
	struct talk_end e;

	while (i-- > 0)
		at = h323_find(ras.said, ras.n, at + 1, endpoint);
	assert_true(at + 6 <= ras.n);
	memcpy(&e.addr, ras.came.text + at, 4);
	e.port = (uint16_t)((uint8_t)ras.came.text[at + 4] << 8 | (uint8_t)ras.came.text[at + 5]);
	memcpy(ras.came.text + at, ras.said + at, 6);
	return e;
}

static void
assert_same(struct talk_end a, struct talk_end b)
{
	assert_int_equal(a.addr, b.addr);
	assert_int_equal(a.port, b.port);
}

static const char *
text_of(struct talk_end e)
{
	static char text[4][32];
	static unsigned int turn;
	char *t = text[turn++ % 4];
	const uint8_t *b = (const uint8_t *)&e.addr;

	snprintf(t, sizeof(text[0]), "%u.%u.%u.%u:%u", b[0], b[1], b[2], b[3], e.port);
	return t;
}

/* Ask for a registration; where calls will come to. */
static struct talk_end
ask(uint16_t number, const char *signal, uint32_t seconds)
{
	const struct ras_make m = {
		.kind = RAS_RRQ,
		.number = number,
		.signal = { signal },
		.ras = PHONE,
		.seconds = seconds,
	};
	struct talk_end at = { .port = 0 };

	say(SL_INSIDE, &m);
	if (signal != NULL)
		at = became(signal, 0);
	assert_same(became(PHONE, 0), ras.seen);
	assert_rest();
	return at;
}

static void
grant(uint16_t number, uint32_t seconds)
{
	const struct ras_make m = { .kind = RAS_RCF, .number = number, .seconds = seconds };

	untouched(SL_OUTSIDE, &m);
	pipe_settle(ras.p);
}

/* An hour may not pass at once: nothing would have been swept. */
static void
wait_s(unsigned int seconds)
{
	while (seconds-- > 0) {
		ras.p->now += 1000;
		pipe_poll(ras.p, 1);
	}
	pipe_discard(ras.p);
}

static void
assert_open(struct talk_end at, const char *inside)
{
	static unsigned int port = 5000;
	char from[32];

	snprintf(from, sizeof(from), "198.51.100.9:%u", port++);
	assert_end(talk_knock(ras.p, from, at), inside);
}

static void
assert_closed(struct talk_end at)
{
	assert_nobody(talk_knock(ras.p, CALLS, at));
}

/* ---- registration ---- */

static void
discovery_names_the_flow_itself(void **state)
{
	const struct ras_make ask_it = { .kind = RAS_GRQ, .number = 1, .ras = PHONE };
	const struct ras_make confirm = { .kind = RAS_GCF, .number = 1, .ras = KEEPER };
	const struct ras_make locate = { .kind = RAS_LRQ, .number = 2, .ras = PHONE };
	struct pipe *p = both_on(state);

	say(SL_INSIDE, &ask_it);
	assert_same(became(PHONE, 0), ras.seen);
	assert_int_equal(ras.seen.addr, conf_addr("192.0.2.1"));
	assert_rest();
	untouched(SL_OUTSIDE, &confirm);
	say(SL_INSIDE, &locate);
	assert_same(became(PHONE, 0), ras.seen);
	assert_rest();
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static void
registered_endpoint_is_called_by_its_gatekeeper(void **state)
{
	static const char *const signals[] = { SIGNAL, "10.0.0.2:11720" };

	for (unsigned int i = 0; i < RTE_DIM(signals); i++) {
		struct pipe *p = both_on(state);
		struct talk_end at = ask(7, signals[i], 300);
		struct h323_make setup = { .type = SL_Q931_SETUP, .call = 1 };
		struct h323_make answer = {
			.type = SL_Q931_CONNECT,
			.call = 0x8001,
			.h245 = "10.0.0.2:6200",
		};
		struct talk t;

		assert_int_equal(at.addr, conf_addr("192.0.2.1"));
		grant(7, 300);
		assert_nobody(talk_knock(p, "198.51.100.10:4000", at));
		assert_nobody(h323_media(p, CALLS, at));
		/* it is read as call signalling, whatever its port */
		setup.dest = text_of(at);
		talk_open_inbound(&t, p, CALLS, text_of(at), signals[i]);
		h323_say(&t, SL_OUTSIDE, &setup);
		assert_end(h323_became(setup.dest, 0), signals[i]);
		h323_rest_is_as_said();
		h323_say(&t, SL_INSIDE, &answer);
		at = h323_became("10.0.0.2:6200", 0);
		assert_open(at, "10.0.0.2:6200");
		h323_finish(p);
	}
}

static void
lives_as_long_as_was_agreed(void **state)
{
	struct pipe *p = both_on(state);
	struct talk_end at = ask(7, SIGNAL, 600);

	grant(7, 300);
	wait_s(310);
	assert_open(at, SIGNAL);
	wait_s(300);
	assert_closed(at);
	h323_finish(p);
}

static void
without_an_answer_it_lapses(void **state)
{
	struct pipe *p = both_on(state);
	struct talk_end at = ask(7, SIGNAL, 600);

	grant(8, 600); /* somebody else's */
	assert_open(at, SIGNAL);
	wait_s(400);
	assert_closed(at);
	h323_finish(p);
}

static void
is_kept_alive_without_an_address(void **state)
{
	struct pipe *p = both_on(state);
	struct talk_end at = ask(7, SIGNAL, 300);

	grant(7, 300);
	for (uint16_t i = 8; i < 12; i++) {
		wait_s(280);
		ask(i, NULL, 300);
		grant(i, 300);
	}
	assert_open(at, SIGNAL);
	assert_same(ask(12, SIGNAL, 300), at);
	h323_finish(p);
}

static void
refused_is_closed(void **state)
{
	const struct ras_make reject = { .kind = RAS_RRJ, .number = 7 };
	struct pipe *p = both_on(state);
	struct talk_end at = ask(7, SIGNAL, 300);

	untouched(SL_OUTSIDE, &reject);
	pipe_settle(p);
	assert_closed(at);
	h323_finish(p);
}

static void
refused_renewal_leaves_what_was_granted(void **state)
{
	const struct ras_make reject = { .kind = RAS_RRJ, .number = 8 };
	struct pipe *p = both_on(state);
	struct talk_end at = ask(7, SIGNAL, 300), other;

	grant(7, 300);
	other = ask(8, "10.0.0.2:11720", 300);
	untouched(SL_OUTSIDE, &reject);
	pipe_settle(p);
	assert_closed(other);
	assert_open(at, SIGNAL);
	h323_finish(p);
}

static void
granted_renewal_closes_what_it_does_not_name(void **state)
{
	struct pipe *p = both_on(state);
	struct talk_end at = ask(7, SIGNAL, 300), other;

	grant(7, 300);
	other = ask(8, "10.0.0.2:11720", 300);
	assert_open(at, SIGNAL);
	grant(8, 300);
	assert_closed(at);
	assert_open(other, "10.0.0.2:11720");
	h323_finish(p);
}

static void
either_end_unregisters(void **state)
{
	for (int from = SL_INSIDE; from <= SL_OUTSIDE; from++) {
		struct pipe *p = both_on(state);
		struct talk_end at = ask(7, SIGNAL, 300);
		struct ras_make m = { .kind = RAS_URQ, .number = 9 };

		grant(7, 300);
		assert_open(at, SIGNAL);
		m.signal[0] = from == SL_INSIDE ? SIGNAL : text_of(at);
		/* sent once more it is the same */
		for (unsigned int i = 0; i < 2 - (unsigned int)from; i++) {
			say((enum sl_side)from, &m);
			if (from == SL_INSIDE)
				assert_same(became(SIGNAL, 0), at);
			else
				assert_end(became(m.signal[0], 0), SIGNAL);
			assert_rest();
			pipe_settle(p);
			assert_closed(at);
		}
		untouched(SL_OUTSIDE, &(const struct ras_make){ .kind = RAS_UCF, .number = 9 });
		/* and may come back */
		at = ask(10, SIGNAL, 300);
		grant(10, 300);
		assert_open(at, SIGNAL);
		h323_finish(p);
	}
}

/* ---- calls ---- */

static void
own_address_in_requests_is_the_registered_one(void **state)
{
	const struct ras_make admit = {
		.kind = RAS_ARQ,
		.number = 8,
		.signal = { "198.51.100.7:1720" },
		.source = SIGNAL,
	};
	const struct ras_make report = {
		.kind = RAS_IRR,
		.number = 9,
		.signal = { SIGNAL },
		.ras = PHONE,
	};
	struct pipe *p = both_on(state);
	struct talk_end at;
	struct ras_make confirm = { .kind = RAS_ACF, .number = 8 };

	untouched(SL_INSIDE, &admit); /* it is not, yet */
	at = ask(7, SIGNAL, 300);
	grant(7, 300);
	say(SL_INSIDE, &admit);
	assert_same(became(SIGNAL, 0), at);
	assert_rest();
	say(SL_INSIDE, &report);
	assert_same(became(SIGNAL, 0), at);
	assert_same(became(PHONE, 0), ras.seen);
	assert_rest();
	/* a call to itself, as it is asked about when it answers */
	confirm.signal[0] = text_of(at);
	say(SL_OUTSIDE, &confirm);
	assert_end(became(confirm.signal[0], 0), SIGNAL);
	assert_rest();
	h323_finish(p);
}

/* Is what the inside host says to this endpoint read as call signalling? */
static bool
is_read_at(struct pipe *p, const char *inside, const char *remote)
{
	const struct h323_make m = { .type = SL_Q931_SETUP, .call = 1, .h245 = "10.0.0.2:6200" };
	struct talk t;

	talk_open(&t, p, inside, remote);
	h323_say(&t, SL_INSIDE, &m);
	return h323_became("10.0.0.2:6200", 0).addr == conf_addr("192.0.2.1");
}

static void
admitted_call_is_read_at_any_port(void **state)
{
	const struct ras_make admit = { .kind = RAS_ARQ, .number = 8, .source = SIGNAL };
	const struct ras_make confirm = {
		.kind = RAS_ACF,
		.number = 8,
		.signal = { "198.51.100.7:2720" },
	};
	const struct ras_make locate = { .kind = RAS_LRQ, .number = 9, .ras = PHONE };
	const struct ras_make found = {
		.kind = RAS_LCF,
		.number = 9,
		.signal = { "198.51.100.7:3720" },
		.ras = "198.51.100.7:3719",
	};
	struct pipe *p = both_on(state);

	ask(7, SIGNAL, 300);
	grant(7, 300);
	untouched(SL_OUTSIDE, &confirm); /* not asked */
	assert_false(is_read_at(p, "10.0.0.2:5001", "198.51.100.7:2720"));
	say(SL_INSIDE, &admit);
	untouched(SL_OUTSIDE, &confirm);
	assert_true(is_read_at(p, "10.0.0.2:5002", "198.51.100.7:2720"));
	/* one connection */
	assert_false(is_read_at(p, "10.0.0.2:5003", "198.51.100.7:2720"));
	say(SL_INSIDE, &locate);
	untouched(SL_OUTSIDE, &found);
	assert_true(is_read_at(p, "10.0.0.2:5004", "198.51.100.7:3720"));
	h323_finish(p);
}

static void
gatekeeper_moves_to_another_port(void **state)
{
	const struct ras_make discover = { .kind = RAS_GRQ, .number = 1, .ras = PHONE };
	const struct ras_make confirm = {
		.kind = RAS_GCF,
		.number = 1,
		.ras = "198.51.100.9:21719",
	};
	struct pipe *p = both_on(state);
	struct talk_end at;

	say(SL_INSIDE, &discover);
	untouched(SL_OUTSIDE, &confirm);
	ras.keeper = talk_end("198.51.100.9:21719");
	at = ask(7, SIGNAL, 300);
	grant(7, 300);
	assert_open(at, SIGNAL);
	h323_finish(p);
}

/* ---- what opens nothing ---- */

static void
foreign_addresses_and_low_ports_open_nothing(void **state)
{
	static const char *const ends[] = { "10.0.0.3:1720", "198.51.100.9:1720", "127.0.0.1:1720",
		"192.0.2.2:1720", "10.0.0.2:22", "10.0.0.2:0", "10.0.0.2:1023", "10.0.0.2:3389",
		"10.0.0.2:5060", "10.0.0.2:21" };
	struct pipe *p = both_on(state);

	ask(7, NULL, 300);
	for (uint16_t i = 0; i < RTE_DIM(ends); i++) {
		const struct ras_make m = {
			.kind = RAS_RRQ,
			.number = 8,
			.signal = { ends[i] },
			.ras = "10.0.0.3:1719",
		};

		untouched(SL_INSIDE, &m);
		grant(8, 300);
	}
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static void
many_addresses_open_a_few(void **state)
{
	static char text[RAS_LIST][32];
	struct ras_make m = { .kind = RAS_RRQ, .number = 8, .ras = PHONE };
	struct pipe *p = both_on(state);

	for (unsigned int i = 0; i < RAS_LIST; i++) {
		snprintf(text[i], sizeof(text[i]), "10.0.0.2:%u", 20000 + i);
		m.signal[i] = text[i];
	}
	say(SL_INSIDE, &m);
	assert_int_equal(became(text[0], 0).addr, conf_addr("192.0.2.1"));
	assert_end(became(text[RAS_LIST - 1], 0), text[RAS_LIST - 1]);
	assert_in_range(h323_mappings(p), 2, 17);
	h323_finish(p);
}

static void
other_protocols_open_nothing(void **state)
{
	const struct ras_make m = {
		.kind = RAS_RRQ,
		.number = 8,
		.signal = { SIGNAL },
		.ras = PHONE,
		.no_id = true,
	};
	struct pipe *p = both_on(state);

	untouched(SL_INSIDE, &m);
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static void
nothing_is_opened_that_nobody_reads(void **state)
{
	const struct ras_make m = { .kind = RAS_RRQ, .number = 8, .signal = { SIGNAL } };
	struct pipe *p = gateway(state, "helper ras on");

	untouched(SL_INSIDE, &m);
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static void
off_unless_switched_on(void **state)
{
	const struct ras_make m = {
		.kind = RAS_RRQ,
		.number = 8,
		.signal = { SIGNAL },
		.ras = PHONE,
	};
	struct pipe *p = gateway(state, "helper h323 on");

	untouched(SL_INSIDE, &m);
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

/* ---- bytes ---- */

/* Whatever is broken in it, it arrives, as long as it was; and the next message is as good. */
static void
broken_messages_pass(void **state)
{
	const struct ras_make request = {
		.kind = RAS_RRQ,
		.number = 7,
		.signal = { SIGNAL, "10.0.0.2:11720" },
		.ras = PHONE,
		.seconds = 300,
	};
	const struct ras_make answer = { .kind = RAS_RCF, .number = 7, .seconds = 300 };
	struct pipe *p = both_on(state);
	unsigned int random = 1;
	struct talk_end at;

	ask(6, NULL, 300);
	for (unsigned int i = 0; i < 2000; i++) {
		ras.n = ras_make(i % 2 != 0 ? &answer : &request, ras.said);
		for (unsigned int k = 0; k <= i % 3; k++) {
			random = random * 1103515245 + 12345;
			ras.said[(random >> 16) % ras.n] ^= (uint8_t)(1 << (random >> 8) % 8);
		}
		carry(i % 2 != 0 ? SL_OUTSIDE : SL_INSIDE);
	}
	/* what they have asked for meanwhile is forgotten in time */
	wait_s(7300);
	at = ask(8, SIGNAL, 300);
	grant(8, 300);
	assert_open(at, SIGNAL);
	h323_finish(p);
}

static void
cut_off_messages_open_nothing(void **state)
{
	const struct ras_make m = {
		.kind = RAS_RRQ,
		.number = 7,
		.signal = { SIGNAL },
		.ras = PHONE,
		.seconds = 300,
	};
	struct pipe *p = both_on(state);
	size_t n = ras_make(&m, ras.said);

	for (ras.n = 1; ras.n < n; ras.n++) {
		carry(SL_INSIDE);
		assert_rest();
	}
	assert_int_equal(h323_mappings(p), 1);
	h323_finish(p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(discovery_names_the_flow_itself),
	cmocka_unit_test(registered_endpoint_is_called_by_its_gatekeeper),
	cmocka_unit_test(lives_as_long_as_was_agreed),
	cmocka_unit_test(without_an_answer_it_lapses),
	cmocka_unit_test(is_kept_alive_without_an_address),
	cmocka_unit_test(refused_is_closed),
	cmocka_unit_test(refused_renewal_leaves_what_was_granted),
	cmocka_unit_test(granted_renewal_closes_what_it_does_not_name),
	cmocka_unit_test(either_end_unregisters),
	cmocka_unit_test(own_address_in_requests_is_the_registered_one),
	cmocka_unit_test(admitted_call_is_read_at_any_port),
	cmocka_unit_test(gatekeeper_moves_to_another_port),
	cmocka_unit_test(foreign_addresses_and_low_ports_open_nothing),
	cmocka_unit_test(many_addresses_open_a_few),
	cmocka_unit_test(other_protocols_open_nothing),
	cmocka_unit_test(nothing_is_opened_that_nobody_reads),
	cmocka_unit_test(off_unless_switched_on),
	cmocka_unit_test(broken_messages_pass),
	cmocka_unit_test(cut_off_messages_open_nothing),
};

int
main(void)
{
	static struct CMUnitTest all[RTE_DIM(tests) * 3];
	static unsigned int workers[3] = { 1, 2, 3 };

	for (size_t i = 0; i < RTE_DIM(all); i++) {
		all[i] = tests[i / 3];
		all[i].initial_state = &workers[i % 3];
	}
	return cmocka_run_group_tests(all, pipe_setup, NULL);
}
