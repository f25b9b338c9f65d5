/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPFIX messages, read by a decoder of their own: it knows RFC 7011 and, from the IANA
 * registry, how long each information element is, and nothing of app/ipfix.c.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "ipfix.h"

#define WALL 1700000000123ull
#define A(a, b, c, d) RTE_BE32((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* Lengths from the IANA registry. */
static const struct {
	uint16_t id, len;
} registry[] = { { 4, 1 }, { 7, 2 }, { 8, 4 }, { 27, 16 }, { 28, 16 }, { 29, 1 }, { 170, 16 },
	{ 11, 2 }, { 12, 4 }, { 225, 4 }, { 226, 4 }, { 227, 2 }, { 228, 2 }, { 230, 1 },
	{ 234, 4 }, { 235, 4 }, { 283, 4 }, { 323, 8 }, { 361, 2 }, { 362, 2 }, { 363, 2 },
	{ 364, 2 }, { 466, 4 }, { 471, 4 }, { 473, 4 }, { 474, 4 } };

struct collector {
	struct {
		uint16_t id, n, field[32], len[32];
	} template[32];
	unsigned int n_templates;
	uint32_t seconds, sequence, domain;
	/* Decoded records: value by element, -1 where there is none. */
	struct {
		int64_t value[512];
		uint16_t template;
	} record[64];
	unsigned int n_records;
};

static uint64_t
get(const uint8_t *p, unsigned int len)
{
	uint64_t v = 0;

	while (len-- > 0)
		v = v << 8 | *p++;
	return v;
}

static unsigned int
registered(uint16_t id)
{
	for (size_t i = 0; i < RTE_DIM(registry); i++)
		if (registry[i].id == id)
			return registry[i].len;
	fail_msg("element %u is not known here", id);
	return 0;
}

static void
learn(struct collector *c, const uint8_t *p, const uint8_t *end)
{
	while (p + 4 <= end) {
		unsigned int t = c->n_templates++;

		c->template[t].id = (uint16_t)get(p, 2);
		c->template[t].n = (uint16_t)get(p + 2, 2);
		assert_true(c->template[t].id >= 256);
		p += 4;
		for (unsigned int i = 0; i < c->template[t].n; i++, p += 4) {
			assert_true(p + 4 <= end);
			c->template[t].field[i] = (uint16_t)get(p, 2);
			c->template[t].len[i] = (uint16_t)get(p + 2, 2);
			assert_int_equal(
				c->template[t].len[i], registered(c->template[t].field[i]));
		}
	}
	assert_ptr_equal(p, end);
}

static void
decode(struct collector *c, uint16_t id, const uint8_t *p, const uint8_t *end)
{
	unsigned int t = 0;

	while (t < c->n_templates && c->template[t].id != id)
		t++;
	assert_true(t < c->n_templates);
	while (p < end) {
		memset(&c->record[c->n_records], 0xff, sizeof(c->record[0]));
		c->record[c->n_records].template = id;
		for (unsigned int i = 0; i < c->template[t].n; i++) {
			assert_true(p + c->template[t].len[i] <= end);
			c->record[c->n_records].value[c->template[t].field[i]] =
				(int64_t)get(p, c->template[t].len[i]);
			p += c->template[t].len[i];
		}
		c->n_records++;
	}
}

static void
collect(struct collector *c, const uint8_t *buf, size_t len)
{
	const uint8_t *p = buf + 16, *end = buf + len;

	assert_int_equal(get(buf, 2), 10);
	assert_int_equal(get(buf + 2, 2), len);
	c->seconds = (uint32_t)get(buf + 4, 4);
	c->sequence = (uint32_t)get(buf + 8, 4);
	c->domain = (uint32_t)get(buf + 12, 4);
	c->n_records = 0;
	while (p < end) {
		uint16_t id = (uint16_t)get(p, 2), size = (uint16_t)get(p + 2, 2);

		assert_true(size > 4 && p + size <= end);
		if (id == 2)
			learn(c, p + 4, p + size);
		else
			decode(c, id, p + 4, p + size);
		p += size;
	}
}

static struct sl_record
record(enum sl_record_type type)
{
	return (struct sl_record){ .type = (uint8_t)type,
		.proto = IPPROTO_UDP,
		.in_addr = A(10, 0, 0, 2),
		.out_addr = A(192, 0, 2, 1),
		.rem_addr = A(198, 51, 100, 7),
		.in_port = RTE_BE16(5000),
		.out_port = RTE_BE16(40000),
		.rem_port = RTE_BE16(53) };
}

/* Encode one record and decode it again; the collector knows all templates. */
static void
pass(struct collector *c, const struct sl_record *r, const struct record_view *like)
{
	static struct ipfix x;
	struct record_view view = *like;
	uint8_t buf[IPFIX_MESSAGE_MAX];
	size_t len;

	view.record = r;
	view.wall = WALL;
	memset(c, 0, sizeof(*c));
	ipfix_init(&x, 77);
	len = ipfix_templates(&x, 1700000001, buf, sizeof(buf));
	assert_in_range(len, 20, sizeof(buf));
	collect(c, buf, len);
	assert_int_equal(ipfix_add(&x, &view), 1);
	len = ipfix_finish(&x, 1700000001);
	collect(c, x.buf, len);
	assert_int_equal(c->n_records, 1);
	assert_int_equal(c->seconds, 1700000001);
	assert_int_equal(c->domain, 77);
	assert_int_equal(c->record[0].value[323], (int64_t)WALL);
}

static struct collector c;

#define VALUE(ie) (c.record[0].value[ie])

static void
sessions_carry_both_tuples(void **state)
{
	const struct record_view view = { .vlan = 100, .vlan_inner = 7 };
	struct sl_record r = record(SL_RECORD_SESSION_ADD);

	RTE_SET_USED(state);
	pass(&c, &r, &view);
	assert_int_equal(VALUE(230), 4);
	assert_int_equal(VALUE(4), 17);
	assert_int_equal(VALUE(8), 0x0a000002);
	assert_int_equal(VALUE(7), 5000);
	assert_int_equal(VALUE(225), 0xc0000201);
	assert_int_equal(VALUE(227), 40000);
	assert_int_equal(VALUE(12), 0xc6336407);
	assert_int_equal(VALUE(11), 53);
	assert_int_equal(VALUE(226), 0xc6336407);
	assert_int_equal(VALUE(228), 53);
	assert_int_equal(VALUE(234), 100 + 7 * 4096);
	assert_int_equal(VALUE(235), 0);
	r.type = SL_RECORD_SESSION_DEL;
	pass(&c, &r, &view);
	assert_int_equal(VALUE(230), 5);
}

static void
mappings_are_nat44_bib_events_without_destination(void **state)
{
	struct sl_record r = record(SL_RECORD_MAPPING_ADD);

	RTE_SET_USED(state);
	pass(&c, &r, &(struct record_view){ 0 });
	assert_int_equal(VALUE(230), 8);
	assert_int_equal(VALUE(8), 0x0a000002);
	assert_int_equal(VALUE(225), 0xc0000201);
	assert_int_equal(VALUE(7), 5000);
	assert_int_equal(VALUE(227), 40000);
	assert_int_equal(VALUE(12), -1);
	r.type = SL_RECORD_MAPPING_DEL;
	pass(&c, &r, &(struct record_view){ 0 });
	assert_int_equal(VALUE(230), 9);
}

static void
blocks_carry_their_range(void **state)
{
	struct sl_record r = record(SL_RECORD_BLOCK_ADD);

	RTE_SET_USED(state);
	r.out_port = RTE_BE16(65024);
	r.block_size = 512;
	pass(&c, &r, &(struct record_view){ 0 });
	assert_int_equal(VALUE(230), 16);
	assert_int_equal(VALUE(361), 65024);
	assert_int_equal(VALUE(362), 65535);
	assert_int_equal(VALUE(363), 1);
	assert_int_equal(VALUE(364), 512);
	assert_int_equal(VALUE(8), 0x0a000002);
	assert_int_equal(VALUE(225), 0xc0000201);
	r.type = SL_RECORD_BLOCK_DEL;
	pass(&c, &r, &(struct record_view){ 0 });
	assert_int_equal(VALUE(230), 17);
}

static void
exhaustion_has_an_event_for_addresses_and_one_for_ports(void **state)
{
	struct sl_record r = record(SL_RECORD_PORTS_EXHAUSTED);

	RTE_SET_USED(state);
	r.limit = SL_COUNTER_DROP_NO_POOL;
	pass(&c, &r, &(struct record_view){ .pool = 3 });
	assert_int_equal(VALUE(230), 3);
	assert_int_equal(VALUE(283), 3);
	r.limit = SL_COUNTER_DROP_NO_PORT;
	pass(&c, &r, &(struct record_view){ .pool = 3 });
	assert_int_equal(VALUE(230), 12);
	assert_int_equal(VALUE(4), 17);
	assert_int_equal(VALUE(225), 0xc0000201);
}

static void
quotas_tell_which_and_how_much(void **state)
{
	static const struct {
		enum sl_record_type type;
		enum sl_counter limit;
		int quota, element;
	} row[] = {
		{ SL_RECORD_SESSIONS_FULL, SL_COUNTER_DROP_SESSIONS_FULL, 1, 471 },
		{ SL_RECORD_SESSIONS_FULL, SL_COUNTER_DROP_SUBSCRIBERS_FULL, 4, 474 },
		{ SL_RECORD_LIMIT, SL_COUNTER_DROP_LIMIT_PORTS, 3, 473 },
		{ SL_RECORD_LIMIT, SL_COUNTER_DROP_LIMIT_SESSIONS, 3, 473 },
	};

	RTE_SET_USED(state);
	for (size_t i = 0; i < RTE_DIM(row); i++) {
		struct sl_record r = record(row[i].type);

		r.limit = (uint16_t)row[i].limit;
		pass(&c, &r, &(struct record_view){ .limit = 4096 });
		assert_int_equal(VALUE(230), 13);
		assert_int_equal(VALUE(466), row[i].quota);
		assert_int_equal(VALUE(row[i].element), 4096);
		if (row[i].quota == 3)
			assert_int_equal(VALUE(8), 0x0a000002);
	}
}

static struct sl_record
record6(enum sl_record_type type, uint8_t plen)
{
	struct sl_record r = record(type);

	r.six = true;
	r.plen6 = plen;
	r.in6 = (struct sl_ip6){ { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 2 } };
	return r;
}

static void
ipv6_hosts_have_events_of_nat64(void **state)
{
	static const struct {
		enum sl_record_type type;
		int event;
	} row[] = {
		{ SL_RECORD_SESSION_ADD, 6 },
		{ SL_RECORD_SESSION_DEL, 7 },
		{ SL_RECORD_MAPPING_ADD, 10 },
		{ SL_RECORD_MAPPING_DEL, 11 },
	};
	const struct record_view view = {
		.rem6 = { { 0, 0x64, 0xff, 0x9b, [12] = 198, 51, 100, 7 } }
	};

	RTE_SET_USED(state);
	for (size_t i = 0; i < RTE_DIM(row); i++) {
		struct sl_record r = record6(row[i].type, 128);

		pass(&c, &r, &view);
		assert_int_equal(VALUE(230), row[i].event);
		assert_int_equal(VALUE(8), -1);
		assert_int_equal(VALUE(27), 2); /* what fits of it */
		assert_int_equal(VALUE(7), 5000);
		assert_int_equal(VALUE(225), 0xc0000201);
		assert_int_equal(VALUE(227), 40000);
		assert_true(VALUE(28) == (i < 2 ? 0xc6336407ll : -1));
		assert_true(VALUE(226) == (i < 2 ? 0xc6336407ll : -1));
	}
}

static void
ipv6_subscribers_are_prefixes(void **state)
{
	struct sl_record r = record6(SL_RECORD_BLOCK_ADD, 64);

	RTE_SET_USED(state);
	r.block_size = 512;
	pass(&c, &r, &(struct record_view){ 0 });
	assert_int_equal(VALUE(230), 16);
	assert_int_equal(VALUE(29), 64);
	assert_int_equal(VALUE(170), 2);
	assert_int_equal(VALUE(364), 512);
	r = record6(SL_RECORD_LIMIT, 64);
	r.limit = SL_COUNTER_DROP_LIMIT_PORTS;
	pass(&c, &r, &(struct record_view){ .limit = 9 });
	assert_int_equal(VALUE(466), 3);
	assert_int_equal(VALUE(473), 9);
	assert_int_equal(VALUE(29), 64);
	r = record6(SL_RECORD_PORTS_EXHAUSTED, 64);
	r.limit = SL_COUNTER_DROP_NO_PORT;
	pass(&c, &r, &(struct record_view){ .pool = 3 });
	assert_int_equal(VALUE(230), 12);
	assert_int_equal(VALUE(29), 64);
	r.limit = SL_COUNTER_DROP_NO_POOL;
	pass(&c, &r, &(struct record_view){ .pool = 3 });
	assert_int_equal(VALUE(230), 3);
	assert_int_equal(VALUE(29), 64);
	r = record6(SL_RECORD_SESSIONS_FULL, 64);
	r.limit = SL_COUNTER_DROP_SESSIONS_FULL;
	pass(&c, &r, &(struct record_view){ 0 });
	assert_int_equal(VALUE(466), 1);
	assert_int_equal(VALUE(29), -1);
}

static void
a_rate_has_no_event(void **state)
{
	struct sl_record r = record(SL_RECORD_LIMIT);
	struct record_view view = { .record = &r };
	static struct ipfix x;

	RTE_SET_USED(state);
	ipfix_init(&x, 1);
	r.limit = SL_COUNTER_DROP_LIMIT_RATE;
	assert_int_equal(ipfix_add(&x, &view), 0);
	assert_int_equal(x.n, 0);
}

/* Fill a message with sessions and mappings by turns of a given length; returns how many. */
static unsigned int
fill(struct ipfix *x, unsigned int turn)
{
	struct sl_record r[2] = { record(SL_RECORD_SESSION_ADD), record(SL_RECORD_MAPPING_ADD) };
	unsigned int n = 0;
	int rc;

	for (;;) {
		struct record_view view = { .record = &r[n / turn % 2] };

		rc = ipfix_add(x, &view);
		if (rc != 1)
			break;
		n++;
	}
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(x->n, n);
	return n;
}

static void
a_message_is_full_below_the_mtu_and_the_sequence_counts_records(void **state)
{
	static struct ipfix x;
	uint8_t buf[IPFIX_MESSAGE_MAX];
	uint32_t before = 0;

	RTE_SET_USED(state);
	memset(&c, 0, sizeof(c));
	ipfix_init(&x, 5);
	collect(&c, buf, ipfix_templates(&x, 1, buf, sizeof(buf)));
	for (unsigned int turn = 1; turn < 9; turn++) {
		unsigned int n = fill(&x, turn);
		size_t len = ipfix_finish(&x, turn);

		assert_in_range(len, 1300, IPFIX_MESSAGE_MAX);
		collect(&c, x.buf, len);
		assert_int_equal(c.n_records, n);
		assert_int_equal(c.sequence, before);
		for (unsigned int i = 0; i < n; i++)
			assert_int_equal(c.record[i].value[230], i / turn % 2 == 0 ? 4 : 8);
		before += n;
		ipfix_next(&x);
	}
	/* Templates are no data records: the sequence stands still. */
	collect(&c, buf, ipfix_templates(&x, 1, buf, sizeof(buf)));
	assert_int_equal(c.sequence, before);
}

static void
the_sequence_wraps(void **state)
{
	static struct ipfix x;
	struct sl_record r = record(SL_RECORD_MAPPING_ADD);
	struct record_view view = { .record = &r };

	RTE_SET_USED(state);
	ipfix_init(&x, 5);
	x.sequence = UINT32_MAX;
	ipfix_add(&x, &view);
	ipfix_add(&x, &view);
	ipfix_finish(&x, 0);
	assert_int_equal(get(x.buf + 8, 4), UINT32_MAX);
	ipfix_next(&x);
	assert_int_equal(x.sequence, 1);
}

static void
templates_do_not_overrun_a_small_buffer(void **state)
{
	static struct ipfix x;
	uint8_t buf[64];

	RTE_SET_USED(state);
	ipfix_init(&x, 5);
	for (size_t size = 0; size <= sizeof(buf); size++)
		assert_int_equal(ipfix_templates(&x, 1, buf, size), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_carry_both_tuples),
		cmocka_unit_test(mappings_are_nat44_bib_events_without_destination),
		cmocka_unit_test(blocks_carry_their_range),
		cmocka_unit_test(exhaustion_has_an_event_for_addresses_and_one_for_ports),
		cmocka_unit_test(quotas_tell_which_and_how_much),
		cmocka_unit_test(a_rate_has_no_event),
		cmocka_unit_test(ipv6_hosts_have_events_of_nat64),
		cmocka_unit_test(ipv6_subscribers_are_prefixes),
		cmocka_unit_test(a_message_is_full_below_the_mtu_and_the_sequence_counts_records),
		cmocka_unit_test(the_sequence_wraps),
		cmocka_unit_test(templates_do_not_overrun_a_small_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
