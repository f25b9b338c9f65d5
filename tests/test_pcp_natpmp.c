/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT-PMP, which comes to the same port as PCP with another version.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "pcpkit.h"

#define UDP 1
#define TCP 2
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

/* RFC 6886 section 3.5 */
enum {
	REFUSED = 2,
	FAILURE = 3,
	RESOURCES = 4,
	OPCODE = 5,
};

static int
map(struct kit *k, uint8_t opcode, uint16_t in_port, uint16_t out_port, uint32_t seconds)
{
	uint8_t request[12] = { 0, opcode, 0xaa, 0xaa };

	kit_put16(request + 4, in_port);
	kit_put16(request + 6, out_port);
	kit_put32(request + 8, seconds);
	assert_int_equal(kit_raw(k, request, sizeof(request)), 16);
	assert_int_equal(k->reply[0], 0);
	assert_int_equal(k->reply[1], 128 + opcode);
	assert_int_equal(kit_get16(k->reply + 8), in_port);
	return kit_get16(k->reply + 2);
}

static uint16_t
given_port(const struct kit *k)
{
	return kit_get16(k->reply + 10);
}

static uint32_t
given_seconds(const struct kit *k)
{
	return kit_get32(k->reply + 12);
}

static void
address_is_told(void **state)
{
	struct kit *k = *state;

	k->now += 65000;
	assert_int_equal(kit_raw(k, "\0\0", 2), 12);
	assert_memory_equal(k->reply, "\0\x80\0\0\0\0\0\x41\xc0\0\2\1", 12);
	k->ls.outside = 0;
	assert_int_equal(kit_raw(k, "\0\0", 2), 12);
	assert_memory_equal(k->reply, "\0\x80\0\3\0\0\0\x41\0\0\0\0", 12);
}

static void
map_opens_a_port(void **state)
{
	struct kit *k = *state;

	k->now += 3000;
	assert_int_equal(map(k, TCP, 8000, 8080, 7200), 0);
	assert_int_equal(kit_get32(k->reply + 4), 3);
	assert_int_equal(given_port(k), 8080);
	assert_int_equal(given_seconds(k), 7200);
	assert_int_equal(k->ls.lease[0].proto, IPPROTO_TCP);
	assert_int_equal(k->ls.lease[0].origin, SL_LEASE_NATPMP);
	assert_int_equal(k->ls.lease[0].in_addr, kit_addr(HOST));
	assert_int_equal(map(k, UDP, 8000, 0, 60), 0);
	assert_int_equal(k->ls.lease[1].proto, IPPROTO_UDP);
	assert_int_equal(given_port(k), 40000);
	assert_int_equal(given_seconds(k), 60);
	assert_int_equal(map(k, UDP, 8001, 80, UINT32_MAX), 0);
	assert_int_equal(given_port(k), 40001);
	assert_int_equal(given_seconds(k), 86400);
	/* renewed, whatever is wished for now */
	assert_int_equal(map(k, TCP, 8000, 9090, 100), 0);
	assert_int_equal(given_port(k), 8080);
	assert_int_equal(given_seconds(k), 100);
}

static void
errors_of_the_store_have_their_codes(void **state)
{
	static const struct {
		int error, result;
	} row[] = {
		{ -EPERM, REFUSED },
		{ -EDQUOT, RESOURCES },
		{ -ENOSPC, RESOURCES },
		{ -ETIMEDOUT, RESOURCES },
		{ -EADDRINUSE, RESOURCES },
		{ -EADDRNOTAVAIL, FAILURE },
	};
	struct kit *k = *state;

	for (size_t i = 0; i < RTE_DIM(row); i++) {
		k->ls.fails = row[i].error;
		assert_int_equal(map(k, TCP, 8000, 8080, 7200), row[i].result);
		assert_int_equal(given_seconds(k), 0);
	}
	k->ls.fails = 0;
	assert_int_equal(map(k, TCP, 0, 8080, 7200), REFUSED);
	assert_int_equal(k->ls.n, 0);
}

/* RFC 6886 section 3.3: the port of the other protocol is the first host's. */
static void
twin_port_goes_to_the_same_host(void **state)
{
	struct kit *k = *state;

	assert_int_equal(map(k, TCP, 8000, 8080, 7200), 0);
	kit_from(k, OTHER);
	assert_int_equal(map(k, UDP, 8000, 8080, 7200), 0);
	assert_int_equal(given_port(k), 40000);
	kit_from(k, HOST);
	assert_int_equal(map(k, UDP, 8000, 8080, 7200), 0);
	assert_int_equal(given_port(k), 8080);
}

static void
lifetime_zero_deletes(void **state)
{
	struct kit *k = *state;

	assert_int_equal(map(k, TCP, 8000, 8080, 7200), 0);
	kit_from(k, OTHER);
	assert_int_equal(map(k, TCP, 8000, 0, 0), 0);
	assert_int_equal(k->ls.n, 1);
	kit_from(k, HOST);
	assert_int_equal(map(k, UDP, 8000, 0, 0), 0);
	assert_int_equal(k->ls.n, 1);
	assert_int_equal(map(k, TCP, 8000, 8080, 0), 0);
	assert_int_equal(given_port(k), 0);
	assert_int_equal(given_seconds(k), 0);
	assert_int_equal(k->ls.n, 0);
	assert_int_equal(map(k, TCP, 8000, 0, 0), 0);
}

static void
port_zero_deletes_all_of_the_protocol(void **state)
{
	struct kit *k = *state;

	for (uint16_t port = 8000; port < 8033; port++)
		assert_int_equal(map(k, TCP, port, 0, 7200), 0);
	assert_int_equal(map(k, UDP, 8000, 0, 7200), 0);
	kit_from(k, OTHER);
	assert_int_equal(map(k, TCP, 8000, 0, 7200), 0);
	kit_from(k, HOST);
	assert_int_equal(map(k, TCP, 0, 0, 0), 0);
	assert_int_equal(k->ls.n, 2);
	assert_int_equal(map(k, TCP, 0, 0, 0), 0);
	assert_int_equal(map(k, UDP, 0, 0, 0), 0);
	assert_int_equal(k->ls.n, 1);
}

static void
leases_of_other_protocols_are_not_deleted(void **state)
{
	struct kit *k = *state;

	assert_int_equal(map(k, TCP, 8000, 8080, 7200), 0);
	k->ls.lease[0].origin = SL_LEASE_PCP;
	assert_int_equal(map(k, TCP, 8000, 0, 0), REFUSED);
	assert_int_equal(map(k, TCP, 0, 0, 0), 0);
	assert_int_equal(k->ls.n, 1);
}

static void
unknown_opcodes_are_told_so(void **state)
{
	struct kit *k = *state;

	for (int opcode = 3; opcode < 128; opcode++) {
		uint8_t request[12] = { 0, (uint8_t)opcode };

		assert_int_equal(kit_raw(k, request, sizeof(request)), 8);
		assert_int_equal(k->reply[1], 128 + opcode);
		assert_int_equal(kit_get16(k->reply + 2), OPCODE);
	}
}

static void
short_requests_are_not_answered(void **state)
{
	struct kit *k = *state;
	uint8_t request[12] = { 0, TCP, 0, 0, 31, 64, 31, 64, 0, 0, 1, 0 };

	for (size_t n = 0; n < sizeof(request); n++)
		assert_int_equal(kit_raw(k, request, n), 0);
	assert_int_equal(k->ls.n, 0);
	assert_int_equal(kit_raw(k, request, sizeof(request)), 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(address_is_told),
		TEST(map_opens_a_port),
		TEST(errors_of_the_store_have_their_codes),
		TEST(twin_port_goes_to_the_same_host),
		TEST(lifetime_zero_deletes),
		TEST(port_zero_deletes_all_of_the_protocol),
		TEST(leases_of_other_protocols_are_not_deleted),
		TEST(unknown_opcodes_are_told_so),
		TEST(short_requests_are_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
