/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Syslog messages, compared to the letter. tests/e2e/log_test.sh has a parser of RFC 5424.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "syslog.h"

#define A(a, b, c, d) RTE_BE32((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static const struct syslog_origin origin = { .host = "cgn1", .pid = 812 };

static struct sl_record
record(enum sl_record_type type)
{
	return (struct sl_record){ .type = (uint8_t)type,
		.proto = IPPROTO_TCP,
		.in_addr = A(10, 0, 0, 2),
		.out_addr = A(192, 0, 2, 1),
		.rem_addr = A(198, 51, 100, 7),
		.in_port = RTE_BE16(5000),
		.out_port = RTE_BE16(40000),
		.rem_port = RTE_BE16(80) };
}

/* 1700000000.042 is 2023-11-14 22:13:20.042 UTC. */
static const char *
format(const struct sl_record *r, uint32_t limit, bool text)
{
	static char buf[SYSLOG_MESSAGE_MAX + 1];
	struct record_view view = {
		.record = r, .wall = 1700000000042ull, .tenant = "red", .vlan = 100, .limit = limit
	};
	size_t len = syslog_format(buf, sizeof(buf), &origin, &view, text);

	assert_int_equal(len, strlen(buf));
	return buf;
}

static void
sessions_have_both_tuples(void **state)
{
	struct sl_record r = record(SL_RECORD_SESSION_ADD);

	RTE_SET_USED(state);
	assert_string_equal(format(&r, 0, false),
		"<134>1 2023-11-14T22:13:20.042Z cgn1 sluice 812 SADD [nsess TENANT=\"red\" "
		"SVLAN=\"100\" IATYP=\"IPv4\" ISADDR=\"10.0.0.2\" ISPORT=\"5000\" XATYP=\"IPv4\" "
		"XSADDR=\"192.0.2.1\" XSPORT=\"40000\" PROTO=\"6\" XDADDR=\"198.51.100.7\" "
		"XDPORT=\"80\"]");
	r.type = SL_RECORD_SESSION_DEL;
	assert_non_null(strstr(format(&r, 0, false), " SDEL [nsess "));
}

static void
mappings_name_no_destination(void **state)
{
	struct sl_record r = record(SL_RECORD_MAPPING_ADD);

	RTE_SET_USED(state);
	assert_string_equal(format(&r, 0, true),
		"<134>1 2023-11-14T22:13:20.042Z cgn1 sluice 812 APMADD [napmap TENANT=\"red\" "
		"SVLAN=\"100\" IATYP=\"IPv4\" ISADDR=\"10.0.0.2\" ISPORT=\"5000\" XATYP=\"IPv4\" "
		"XSADDR=\"192.0.2.1\" XSPORT=\"40000\" PROTO=\"6\"] 10.0.0.2:5000 nat "
		"192.0.2.1:40000");
	r.type = SL_RECORD_MAPPING_DEL;
	assert_null(strstr(format(&r, 0, true), "198.51.100.7"));
	assert_non_null(strstr(format(&r, 0, true), " APMDEL [napmap "));
}

static void
ipv6_hosts_and_subscribers_are_named(void **state)
{
	struct sl_record r = record(SL_RECORD_SESSION_ADD);

	RTE_SET_USED(state);
	r.six = true;
	r.plen6 = 128;
	r.in6 = (struct sl_ip6){ { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 2 } };
	assert_string_equal(format(&r, 0, true),
		"<134>1 2023-11-14T22:13:20.042Z cgn1 sluice 812 SADD [nsess TENANT=\"red\" "
		"SVLAN=\"100\" IATYP=\"IPv6\" ISADDR=\"2001:db8:1::2\" ISPORT=\"5000\" "
		"XATYP=\"IPv4\" XSADDR=\"192.0.2.1\" XSPORT=\"40000\" PROTO=\"6\" "
		"XDADDR=\"198.51.100.7\" XDPORT=\"80\"] [2001:db8:1::2]:5000 nat "
		"192.0.2.1:40000 to 198.51.100.7:80");
	r.type = SL_RECORD_BLOCK_ADD;
	r.plen6 = 64;
	r.in6.b[15] = 0;
	r.block_size = 512;
	assert_non_null(strstr(format(&r, 0, true), " ISADDR=\"2001:db8:1::/64\" "));
	assert_non_null(strstr(format(&r, 0, true), "] 2001:db8:1::/64 nat 192.0.2.1:40000 and "));
}

static void
blocks_have_their_ends(void **state)
{
	struct sl_record r = record(SL_RECORD_BLOCK_ADD);

	RTE_SET_USED(state);
	r.out_port = RTE_BE16(65024);
	r.block_size = 512;
	assert_non_null(strstr(format(&r, 0, false),
		" PBADD [npblock TENANT=\"red\" SVLAN=\"100\" ISADDR=\"10.0.0.2\" "
		"XSADDR=\"192.0.2.1\" XSPORTMIN=\"65024\" XSPORTMAX=\"65535\"]"));
	r.type = SL_RECORD_BLOCK_DEL;
	assert_non_null(strstr(format(&r, 0, false), " PBDEL [npblock "));
}

static void
refusals_are_warnings_with_a_reason(void **state)
{
	static const struct {
		enum sl_record_type type;
		enum sl_counter limit;
		const char *id, *reason;
	} row[] = {
		{ SL_RECORD_PORTS_EXHAUSTED, SL_COUNTER_DROP_NO_POOL, " ADDREX ", "drop_no_pool" },
		{ SL_RECORD_PORTS_EXHAUSTED, SL_COUNTER_DROP_NO_PORT, " PORTEX ", "drop_no_port" },
		{ SL_RECORD_SESSIONS_FULL, SL_COUNTER_DROP_SESSIONS_FULL, " SESSEX ",
			"drop_sessions_full" },
		{ SL_RECORD_SESSIONS_FULL, SL_COUNTER_DROP_SUBSCRIBERS_FULL, " SUBSEX ",
			"drop_subscribers_full" },
		{ SL_RECORD_LIMIT, SL_COUNTER_DROP_LIMIT_RATE, " QUOTEX ", "drop_limit_rate" },
	};

	RTE_SET_USED(state);
	for (size_t i = 0; i < RTE_DIM(row); i++) {
		struct sl_record r = record(row[i].type);

		r.limit = (uint16_t)row[i].limit;
		assert_ptr_equal(strstr(format(&r, 9, true), "<132>1 "), format(&r, 9, true));
		assert_non_null(strstr(format(&r, 9, true), row[i].id));
		assert_non_null(strstr(format(&r, 9, true), row[i].reason));
		assert_non_null(strstr(format(&r, 9, true), "LIMIT=\"9\"] "));
	}
}

/* Structured data is never cut: what is longest still fits, and nothing is overrun. */
static void
the_longest_message_fits_and_small_buffers_are_kept(void **state)
{
	struct sl_record r = record(SL_RECORD_SESSION_ADD);
	struct syslog_origin far = { .pid = INT32_MAX };
	struct record_view view = { .record = &r,
		.wall = 4102444800000ull,
		.tenant = "a-tenant-with-a-name-of-31-byte",
		.vlan = 4094 };
	char buf[SYSLOG_MESSAGE_MAX + 1], small[32];

	RTE_SET_USED(state);
	memset(far.host, 'h', 64);
	r.in_addr = r.out_addr = r.rem_addr = A(203, 113, 113, 113);
	r.in_port = r.out_port = r.rem_port = 0xffff;
	r.proto = 255;
	r.six = true;
	r.plen6 = 128;
	memset(&r.in6, 0xab, sizeof(r.in6));
	assert_in_range(syslog_format(buf, sizeof(buf), &far, &view, false), 300, 480);
	assert_int_equal(buf[strlen(buf) - 1], ']');
	for (size_t size = 1; size <= sizeof(small); size++)
		assert_int_equal(syslog_format(small, size, &far, &view, true), size - 1);
}

static void
the_host_has_a_printable_name(void **state)
{
	struct syslog_origin here;

	RTE_SET_USED(state);
	syslog_origin_init(&here);
	assert_in_range(strlen(here.host), 1, 64);
	for (const char *p = here.host; *p != '\0'; p++)
		assert_in_range(*p, 33, 126);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_have_both_tuples),
		cmocka_unit_test(mappings_name_no_destination),
		cmocka_unit_test(blocks_have_their_ends),
		cmocka_unit_test(ipv6_hosts_and_subscribers_are_named),
		cmocka_unit_test(refusals_are_warnings_with_a_reason),
		cmocka_unit_test(the_longest_message_fits_and_small_buffers_are_kept),
		cmocka_unit_test(the_host_has_a_printable_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
