/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PCP: headers and options of requests, replies to what is wrong, who is answered at all, and
 * the epoch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "pcpkit.h"

#define LONG 1800
#define SHORT 30
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

/* The reply is the request with another header, and nothing has happened. */
static void
refused(struct kit *k, int result, uint32_t seconds)
{
	assert_int_equal(kit_send(k), result);
	assert_int_equal(kit_seconds(k), seconds);
	assert_int_equal(k->len, k->n);
	assert_memory_equal(k->reply + 24, k->request + 24, k->n - 24);
	assert_int_equal(k->ls.n, 0);
}

/* ---- headers ---- */

static void
announce_is_answered_with_the_epoch(void **state)
{
	struct kit *k = *state;

	k->now += 7999;
	kit_announce(k);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->len, 24);
	assert_int_equal(kit_seconds(k), 0);
	assert_int_equal(kit_epoch(k), 7);
	for (int i = 12; i < 24; i++)
		assert_int_equal(k->reply[i], 0);
}

static void
other_versions_are_told_ours(void **state)
{
	struct kit *k = *state;

	for (int version = 1; version < 256; version++) {
		if (version == 2)
			continue;
		kit_map(k, 1, IPPROTO_TCP, 8000, 600);
		k->request[0] = (uint8_t)version;
		assert_int_equal(kit_send(k), UNSUPP_VERSION);
		assert_int_equal(kit_seconds(k), LONG);
		assert_int_equal(k->len, 24);
	}
	assert_int_equal(k->ls.n_opened, 0);
}

static void
requests_of_a_wrong_length_are_malformed(void **state)
{
	struct kit *k = *state;

	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	for (size_t n = 2; n < 60; n++) {
		assert_int_equal(kit_raw(k, k->request, n), n < 24 ? 24 : (n + 3) / 4 * 4);
		assert_int_equal(k->reply[1], 0x81);
		assert_int_equal(k->reply[3], MALFORMED_REQUEST);
	}
	assert_int_equal(kit_raw(k, k->request, 61), 64);
	assert_int_equal(k->reply[3], MALFORMED_REQUEST);
	assert_int_equal(kit_raw(k, k->request, 1104), SL_PCP_MAX);
	assert_int_equal(k->reply[3], MALFORMED_REQUEST);
	assert_int_equal(kit_raw(k, k->request, SL_PCP_MAX + 1), SL_PCP_MAX);
	assert_int_equal(k->reply[3], MALFORMED_REQUEST);
	assert_int_equal(kit_raw(k, k->request, 1), 0);
	assert_int_equal(kit_raw(k, k->request, 0), 0);
	assert_int_equal(k->ls.n_opened, 0);
	kit_peer(k, 1, IPPROTO_TCP, 8000, 600, REMOTE, 80);
	kit_raw(k, k->request, 76);
	assert_int_equal(k->reply[3], MALFORMED_REQUEST);
}

static void
header_of_what_was_not_understood_keeps_the_client(void **state)
{
	struct kit *k = *state;

	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	k->request[1] = 77;
	refused(k, UNSUPP_OPCODE, LONG);
	assert_memory_equal(k->reply + 12, k->request + 12, 12);
	/* understood, but refused */
	kit_map(k, 1, IPPROTO_SCTP, 8000, 600);
	refused(k, UNSUPP_PROTOCOL, LONG);
	for (int i = 12; i < 24; i++)
		assert_int_equal(k->reply[i], 0);
}

static void
longest_request_is_answered(void **state)
{
	struct kit *k = *state;
	uint8_t data[SL_PCP_MAX - 60 - 4] = { 0 };

	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_option(k, 200, data, sizeof(data));
	assert_int_equal(k->n, SL_PCP_MAX);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->len, 60); /* what was not heeded does not come back */
}

static void
address_of_somebody_else_is_a_mismatch(void **state)
{
	struct kit *k = *state;

	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_put_addr(k->request + 8, OTHER);
	refused(k, ADDRESS_MISMATCH, LONG);
	/* not IPv4-mapped */
	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	k->request[8] = 0x20;
	refused(k, ADDRESS_MISMATCH, LONG);
	kit_announce(k);
	kit_put_addr(k->request + 8, OTHER);
	assert_int_equal(kit_send(k), ADDRESS_MISMATCH);
}

static void
responses_are_never_answered(void **state)
{
	struct kit *k = *state;

	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	k->request[1] |= 0x80;
	assert_int_equal(kit_raw(k, k->request, k->n), 0);
	k->request[0] = 0;
	assert_int_equal(kit_raw(k, k->request, k->n), 0);
	k->request[0] = 9;
	assert_int_equal(kit_raw(k, k->request, k->n), 0);
}

static void
strangers_hear_nothing(void **state)
{
	static const char *const who[] = { REMOTE, "0.0.0.0", "127.0.0.1", "224.0.0.1",
		"255.255.255.255", "10.0.1.2", GATEWAY };
	struct kit *k = *state;

	for (size_t i = 0; i < RTE_DIM(who); i++) {
		kit_from(k, who[i]);
		kit_map(k, 1, IPPROTO_TCP, 8000, 600);
		assert_int_equal(kit_raw(k, k->request, k->n), 0);
		k->request[0] = 0;
		assert_int_equal(kit_raw(k, k->request, k->n), 0);
	}
	kit_from(k, HOST);
	k->from.port = 0;
	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	assert_int_equal(kit_raw(k, k->request, k->n), 0);
	assert_int_equal(k->ls.n_opened, 0);
}

/* ---- options ---- */

static void
unknown_options_fail_where_they_must_be_understood(void **state)
{
	struct kit *k = *state;

	for (int code = 4; code < 256; code++) {
		if (code == 128)
			continue;
		kit_announce(k);
		kit_option(k, (uint8_t)code, "abcdef", 6);
		if (code >= 128) {
			assert_int_equal(kit_send(k), SUCCESS);
			assert_int_equal(k->len, 24);
		} else {
			refused(k, UNSUPP_OPTION, LONG);
		}
	}
	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_option(k, 0, NULL, 0);
	refused(k, UNSUPP_OPTION, LONG);
}

static void
options_of_other_opcodes_are_unknown(void **state)
{
	struct kit *k = *state;

	kit_announce(k);
	kit_option(k, 2, NULL, 0);
	refused(k, UNSUPP_OPTION, LONG);
	kit_peer(k, 1, IPPROTO_TCP, 8000, 600, REMOTE, 80);
	kit_filter(k, 128, REMOTE, 0);
	refused(k, UNSUPP_OPTION, LONG);
	/* section 12.1 says otherwise of this one */
	kit_peer(k, 1, IPPROTO_TCP, 8000, 600, REMOTE, 80);
	kit_option(k, 2, NULL, 0);
	refused(k, MALFORMED_REQUEST, LONG);
}

static void
options_of_a_wrong_length_are_malformed(void **state)
{
	struct kit *k = *state;
	uint8_t data[32] = { 0 };

	for (size_t n = 0; n < sizeof(data); n++)
		for (uint8_t code = 1; code <= 3; code++) {
			if (n == (code == 1 ? 16U : code == 2 ? 0U : 20U))
				continue;
			kit_map(k, 1, IPPROTO_TCP, 8000, 600);
			kit_option(k, code, data, n);
			refused(k, MALFORMED_OPTION, LONG);
		}
}

static void
options_beyond_the_end_are_malformed(void **state)
{
	struct kit *k = *state;

	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_option(k, 200, "abcd", 4);
	kit_put16(k->request + 62, 5);
	refused(k, MALFORMED_OPTION, LONG);
	kit_put16(k->request + 62, 0xffff);
	refused(k, MALFORMED_OPTION, LONG);
}

static void
options_that_come_twice_are_malformed(void **state)
{
	struct kit *k = *state;

	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_option(k, 2, NULL, 0);
	kit_option(k, 2, NULL, 0);
	refused(k, MALFORMED_OPTION, LONG);
	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_third_party(k, OTHER);
	kit_third_party(k, OTHER);
	refused(k, MALFORMED_OPTION, LONG);
	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_option(k, 128, "one", 3);
	kit_option(k, 128, "one", 3);
	refused(k, MALFORMED_OPTION, LONG);
}

static void
descriptions_are_kept_as_far_as_there_is_room(void **state)
{
	struct kit *k = *state;
	char text[200];

	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_option(k, 128, "a game \xc3\xa9", 9);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_string_equal(k->ls.lease[0].description, "a game \xc3\xa9");
	assert_int_equal(k->len, 60 + 16);
	assert_memory_equal(k->reply + 60,
		"\x80\0\0\x09"
		"a game \xc3\xa9\0\0\0",
		16);
	/* 62 letters and one of two bytes */
	memset(text, 'x', sizeof(text));
	memcpy(text + 62, "\xc3\xa9", 2);
	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_option(k, 128, text, sizeof(text));
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(strlen(k->ls.lease[0].description), 62);
	assert_int_equal(kit_get16(k->reply + 62), 62);
	/* renewed without, it stays */
	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(strlen(k->ls.lease[0].description), 62);
	/* renewed with an empty one, it goes */
	kit_map(k, 1, IPPROTO_TCP, 8000, 600);
	kit_option(k, 128, "", 0);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_string_equal(k->ls.lease[0].description, "");
}

static void
descriptions_that_are_not_clean_text_are_left_aside(void **state)
{
	static const char *const bad[] = { "\x1b[2J", "a\nb", "\x7f", "\xff", "\xc3", "\xc0\xaf",
		"\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xc2\x9b" };
	struct kit *k = *state;

	for (size_t i = 0; i < RTE_DIM(bad); i++) {
		kit_map(k, 1, IPPROTO_TCP, 8000, 600);
		kit_option(k, 128, bad[i], strlen(bad[i]));
		assert_int_equal(kit_send(k), SUCCESS);
		assert_int_equal(k->len, 60);
		assert_string_equal(k->ls.lease[0].description, "");
	}
}

/* ---- the epoch ---- */

static void
epoch_begins_anew_when_state_is_lost(void **state)
{
	struct kit *k = *state;
	uint64_t next;

	while (k->now += 100000, sl_pcp_due(k->pcp, k->now, &next))
		;
	kit_announce(k);
	kit_send(k);
	assert_true(kit_epoch(k) >= 1000);
	sl_pcp_lost(k->pcp, k->now);
	kit_send(k);
	assert_int_equal(kit_epoch(k), 0);
	assert_true(sl_pcp_due(k->pcp, k->now, &next));
}

static void
epoch_goes_on_where_state_was_saved(void **state)
{
	struct kit *k = *state;

	sl_pcp_resume(k->pcp, 86400, k->now);
	assert_int_equal(sl_pcp_epoch(k->pcp, k->now), 86400);
	assert_int_equal(sl_pcp_epoch(k->pcp, k->now + 10999), 86410);
	sl_pcp_lost(k->pcp, k->now + 11000);
	assert_int_equal(sl_pcp_epoch(k->pcp, k->now + 12000), 1);
}

/* RFC 6886 section 3.2.1, RFC 6887 section 14.1.3 */
static void
announcements_come_ten_times_further_and_further_apart(void **state)
{
	struct kit *k = *state;
	uint64_t next = 0, gap = 250;

	for (int i = 0; i < 10; i++) {
		assert_true(sl_pcp_due(k->pcp, k->now, &next));
		assert_false(sl_pcp_due(k->pcp, k->now, &next));
		if (i == 9)
			break;
		assert_int_equal(next, k->now + gap);
		assert_false(sl_pcp_due(k->pcp, next - 1, &next));
		k->now = next;
		gap *= 2;
	}
	assert_int_equal(next, UINT64_MAX);
	assert_false(sl_pcp_due(k->pcp, k->now + 1000000, &next));
}

static void
announcements_never_come_closer_than_a_quarter_of_a_second(void **state)
{
	struct kit *k = *state;
	uint64_t next, start = k->now;
	unsigned int n = 0;

	for (; k->now < start + 10000; k->now++) {
		sl_pcp_lost(k->pcp, k->now);
		n += sl_pcp_due(k->pcp, k->now, &next);
	}
	assert_in_range(n, 2, 41);
}

static void
announcements_are_as_the_rfcs_have_them(void **state)
{
	struct kit *k = *state;
	uint8_t to[SL_PCP_ANNOUNCEMENT_MAX];

	k->now += 258000;
	assert_int_equal(sl_pcp_announcement(k->pcp, k->now, to), 24);
	assert_memory_equal(to, "\2\x80\0\0\0\0\0\0\0\0\1\2\0\0\0\0\0\0\0\0\0\0\0\0", 24);
	assert_int_equal(sl_natpmp_announcement(k->pcp, kit_addr("192.0.2.1"), k->now, to), 12);
	assert_memory_equal(to, "\0\x80\0\0\0\0\1\2\xc0\0\2\1", 12);
	assert_int_equal(sl_natpmp_announcement(k->pcp, 0, k->now, to), 0);
}

/* ---- noise ---- */

static void
any_bytes_are_survived(void **state)
{
	static const uint8_t some[32] = { 0, 128, 0, 80, [14] = 0xff, [15] = 0xff, 10, 0, 0, 3 };
	struct kit *k = *state;
	uint32_t seed = 1;

	for (int i = 0; i < 200000; i++) {
		size_t n;

		seed = seed * 1103515245 + 12345;
		switch (seed >> 29) {
		case 0:
			kit_announce(k);
			break;
		case 1:
		case 2:
			kit_peer(k, 1, IPPROTO_UDP, 8000, 600, REMOTE, 80);
			break;
		default:
			kit_map(k, (uint8_t)(seed >> 16 & 1), IPPROTO_TCP, 8000, seed >> 20);
			break;
		}
		if (seed >> 12 & 1)
			kit_option(k, (uint8_t)(seed >> 8 & 3), some, seed >> 5 & 31);
		n = k->n;
		for (int j = 0; j < 3; j++) {
			seed = seed * 1103515245 + 12345;
			k->request[(seed >> 8) % n] = (uint8_t)(seed >> 24);
		}
		kit_raw(k, k->request, (seed >> 7 & 3) == 0 ? (seed >> 9) % n : n);
		k->ls.policy.n_third_party = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(announce_is_answered_with_the_epoch),
		TEST(other_versions_are_told_ours),
		TEST(requests_of_a_wrong_length_are_malformed),
		TEST(header_of_what_was_not_understood_keeps_the_client),
		TEST(longest_request_is_answered),
		TEST(address_of_somebody_else_is_a_mismatch),
		TEST(responses_are_never_answered),
		TEST(strangers_hear_nothing),
		TEST(unknown_options_fail_where_they_must_be_understood),
		TEST(options_of_other_opcodes_are_unknown),
		TEST(options_of_a_wrong_length_are_malformed),
		TEST(options_beyond_the_end_are_malformed),
		TEST(options_that_come_twice_are_malformed),
		TEST(descriptions_are_kept_as_far_as_there_is_room),
		TEST(descriptions_that_are_not_clean_text_are_left_aside),
		TEST(epoch_begins_anew_when_state_is_lost),
		TEST(epoch_goes_on_where_state_was_saved),
		TEST(announcements_come_ten_times_further_and_further_apart),
		TEST(announcements_never_come_closer_than_a_quarter_of_a_second),
		TEST(announcements_are_as_the_rfcs_have_them),
		TEST(any_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
