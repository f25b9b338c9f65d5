/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PCP from IPv6 hosts behind NAT64: who they are, and how they name IPv4 hosts.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_byteorder.h>

#include "pcpkit.h"

#define UDP IPPROTO_UDP
#define SIX "2001:db8:1::6"
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

static void
map_opens_a_port_of_ipv4(void **state)
{
	struct kit *k = *state;

	kit_from6(k, SIX, "64:ff9b::", 96);
	kit_map(k, 1, UDP, 5000, 600);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_out_port(k), 40000);
	assert_int_equal(k->ls.lease[0].in_addr, k->from.client);
	kit_map(k, 2, UDP, 5000, 600);
	assert_int_equal(kit_send(k), NOT_AUTHORIZED);
	kit_map(k, 1, UDP, 5000, 0);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->ls.n, 0);
	kit_announce(k);
	assert_int_equal(kit_send(k), SUCCESS);
}

static void
the_header_has_the_source(void **state)
{
	struct kit *k = *state;

	kit_from6(k, SIX, "64:ff9b::", 96);
	kit_map(k, 1, UDP, 5000, 600);
	k->request[23] ^= 1;
	assert_int_equal(kit_send(k), ADDRESS_MISMATCH);
	kit_put_addr(k->request + 8, HOST);
	assert_int_equal(kit_send(k), ADDRESS_MISMATCH);
	kit_from(k, HOST);
	kit_map(k, 1, UDP, 5000, 600);
	kit_put_addr(k->request + 8, SIX);
	assert_int_equal(kit_send(k), ADDRESS_MISMATCH);
	assert_int_equal(k->ls.n_opened, 0);
}

static void
natpmp_is_no_protocol_of_ipv6(void **state)
{
	const uint8_t address[2] = { 0, 0 };
	struct kit *k = *state;

	kit_from6(k, SIX, "64:ff9b::", 96);
	assert_int_equal(kit_raw(k, address, sizeof(address)), 24);
	assert_int_equal(k->reply[0], 2);
	assert_int_equal(k->reply[3], UNSUPP_VERSION);
}

static void
remote_hosts_are_behind_the_prefix(void **state)
{
	static const struct {
		const char *net, *remote;
		uint8_t plen;
	} row[] = {
		{ "64:ff9b::", "64:ff9b::198.51.100.7", 96 },
		{ "2001:db8:64::", "2001:db8:64:0:c6:3364:700::", 64 },
		{ "2001:db8::", "2001:db8:c633:6407::", 32 },
		{ "64:ff9b::", "::ffff:198.51.100.7", 96 },
	};
	struct kit *k = *state;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint16_t port = (uint16_t)(6000 + 2 * i);

		kit_from6(k, SIX, row[i].net, row[i].plen);
		kit_peer(k, 1, UDP, port, 600, row[i].remote, 443);
		assert_int_equal(kit_send(k), SUCCESS);
		assert_int_equal(k->ls.asked.lease.rem_addr, kit_addr(REMOTE));
		kit_map(k, 1, UDP, (uint16_t)(port + 1), 600);
		kit_filter(k, 128, row[i].remote, 443);
		assert_int_equal(kit_send(k), SUCCESS);
		assert_int_equal(k->ls.asked.lease.rem_addr, kit_addr(REMOTE));
		assert_int_equal(k->ls.asked.lease.rem_port, RTE_BE16(443));
	}
}

static void
filters_of_networks_and_of_strangers(void **state)
{
	struct kit *k = *state;

	kit_from6(k, SIX, "2001:db8:64::", 64);
	kit_map(k, 1, UDP, 5000, 600);
	kit_filter(k, 64, "2001:db8:64::", 443); /* any IPv4 host */
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->ls.asked.lease.rem_addr, 0);
	assert_int_equal(k->ls.asked.lease.rem_port, RTE_BE16(443));
	kit_map(k, 1, UDP, 5001, 600);
	kit_filter(k, 80, "2001:db8:64:0:c6:3300::", 443);
	assert_int_equal(kit_send(k), EXCESSIVE_REMOTE_PEERS);
	kit_map(k, 1, UDP, 5001, 600);
	kit_filter(k, 48, "2001:db8:64::", 443);
	assert_int_equal(kit_send(k), MALFORMED_OPTION);
	kit_map(k, 1, UDP, 5001, 600);
	kit_filter(k, 128, "2001:db8:65:0:c6:3364:700::", 443);
	assert_int_equal(kit_send(k), MALFORMED_OPTION);
	kit_peer(k, 1, UDP, 5001, 600, "2001:db8:65:0:c6:3364:700::", 443);
	assert_int_equal(kit_send(k), MALFORMED_REQUEST);
	kit_from(k, HOST);
	kit_map(k, 1, UDP, 5001, 600);
	kit_filter(k, 128, "64:ff9b::198.51.100.7", 443);
	assert_int_equal(kit_send(k), MALFORMED_OPTION);
}

static void
ipv6_hosts_are_no_third_party(void **state)
{
	const struct sl_ifaddr all = { 0, 0 };
	struct kit *k = *state;

	k->ls.policy.third_party = (struct sl_ifaddr *)(uintptr_t)&all;
	k->ls.policy.n_third_party = 1;
	kit_from6(k, SIX, "64:ff9b::", 96);
	kit_map(k, 1, UDP, 5000, 600);
	kit_third_party(k, HOST);
	assert_int_equal(kit_send(k), UNSUPP_OPTION);
	kit_from(k, HOST);
	kit_map(k, 1, UDP, 5000, 600);
	kit_third_party(k, SIX);
	assert_int_equal(kit_send(k), NOT_AUTHORIZED);
	assert_int_equal(k->ls.n_opened, 0);
	k->ls.policy.n_third_party = 0;
}

static void
suggested_addresses(void **state)
{
	struct kit *k = *state;

	kit_from6(k, SIX, "64:ff9b::", 96);
	kit_map(k, 1, UDP, 5000, 600);
	memset(k->request + 44, 0, 16); /* no preference, not for IPv4 either */
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_out_port(k), 40000);
	kit_map(k, 1, UDP, 5001, 600);
	kit_suggest(k, "2001:db8:9::9", 0);
	assert_int_equal(kit_send(k), SUCCESS);
	kit_map(k, 1, UDP, 5002, 600);
	kit_suggest(k, "2001:db8:9::9", 0);
	kit_option(k, 2, NULL, 0);
	assert_int_equal(kit_send(k), CANNOT_PROVIDE_EXTERNAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(map_opens_a_port_of_ipv4),
		TEST(the_header_has_the_source),
		TEST(natpmp_is_no_protocol_of_ipv6),
		TEST(remote_hosts_are_behind_the_prefix),
		TEST(filters_of_networks_and_of_strangers),
		TEST(ipv6_hosts_are_no_third_party),
		TEST(suggested_addresses),
	};

	return cmocka_run_group_tests_name("pcp_six", tests, NULL, NULL);
}
