/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PCP: MAP, what it asks of the store and what it makes of its answers.
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

#define TCP IPPROTO_TCP
#define UDP IPPROTO_UDP
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

static void
open_map(struct kit *k, uint8_t nonce, uint8_t proto, uint16_t port)
{
	kit_map(k, nonce, proto, port, 600);
	assert_int_equal(kit_send(k), SUCCESS);
}

/* ---- MAP ---- */

static void
map_opens_a_port(void **state)
{
	struct kit *k = *state;
	const struct sl_lease *l = &k->ls.lease[0];

	kit_map(k, 7, TCP, 8000, 600);
	memset(k->request + 37, 0xaa, 3); /* reserved: ignored, and not sent back */
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->len, 60);
	assert_int_equal(kit_seconds(k), 600);
	assert_int_equal(kit_out_port(k), 40000);
	assert_memory_equal(k->reply + 24, k->request + 24, 13);
	assert_memory_equal(k->reply + 37, "\0\0\0\x1f\x40", 5);
	assert_int_equal(l->origin, SL_LEASE_PCP);
	assert_int_equal(l->in_addr, kit_addr(HOST));
	assert_int_equal(l->in_port, RTE_BE16(8000));
	assert_int_equal(l->rem_addr, 0);
	assert_true(l->enabled && !l->peer);
	assert_memory_equal(l->nonce, "\7\7\7\7\7\7\7\7\7\7\7\7", 12);
	assert_int_equal(k->ls.asked.client, kit_addr(HOST));
	assert_false(k->ls.asked.third_party || k->ls.asked.exact);
}

static void
lifetime_is_two_minutes_to_a_day_or_what_the_policy_has(void **state)
{
	static const struct {
		uint32_t asked, policy, given;
	} row[] = {
		{ 1, 0, 120 },
		{ 119, 0, 120 },
		{ 121, 0, 121 },
		{ 86401, 0, 86400 },
		{ UINT32_MAX, 0, 86400 },
		{ UINT32_MAX, 604800, 86400 },
		{ 7200, 3600, 3600 },
		{ 600, 5, 5 },
	};
	struct kit *k = *state;

	for (size_t i = 0; i < RTE_DIM(row); i++) {
		k->ls.policy.seconds = row[i].policy;
		kit_map(k, 1, TCP, 8000, row[i].asked);
		assert_int_equal(kit_send(k), SUCCESS);
		assert_int_equal(kit_seconds(k), row[i].given);
		assert_int_equal(k->ls.asked.seconds, row[i].given);
	}
}

static void
suggestions_are_wishes(void **state)
{
	struct kit *k = *state;

	kit_map(k, 1, TCP, 8000, 600);
	kit_suggest(k, "192.0.2.1", 8080);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_out_port(k), 8080);
	/* another host's now, another address, below 1024: each time something else */
	kit_from(k, OTHER);
	kit_map(k, 1, TCP, 8000, 600);
	kit_suggest(k, NULL, 8080);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_out_port(k), 40000);
	kit_map(k, 1, TCP, 8001, 600);
	kit_suggest(k, "192.0.2.99", 8081);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_out_port(k), 8081);
	kit_map(k, 1, TCP, 80, 600);
	kit_suggest(k, NULL, 80);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_out_port(k), 40001);
	k->ls.policy.port_min = 20000;
	k->ls.policy.port_max = 30000;
	kit_map(k, 1, TCP, 8002, 600);
	kit_suggest(k, NULL, 30001);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_out_port(k), 40002);
}

static void
renewal_needs_the_nonce(void **state)
{
	struct kit *k = *state;

	open_map(k, 1, TCP, 8000);
	k->now += 300000;
	kit_map(k, 1, TCP, 8000, 1200);
	kit_suggest(k, NULL, 5000); /* the one that is there is the answer */
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_out_port(k), 40000);
	assert_int_equal(kit_seconds(k), 1200);
	kit_map(k, 2, TCP, 8000, 1200);
	assert_int_equal(kit_send(k), NOT_AUTHORIZED);
	assert_int_equal(kit_seconds(k), 1800);
	assert_int_equal(k->ls.n, 1);
}

static void
protocols_without_ports_are_not_mapped(void **state)
{
	struct kit *k = *state;

	for (int proto = 1; proto < 256; proto++) {
		kit_map(k, 1, (uint8_t)proto, 8000, 600);
		assert_int_equal(
			kit_send(k), proto == TCP || proto == UDP ? SUCCESS : UNSUPP_PROTOCOL);
	}
	/* all protocols with a port: nonsense; all ports: not here */
	kit_map(k, 1, 0, 8000, 600);
	assert_int_equal(kit_send(k), MALFORMED_REQUEST);
	kit_map(k, 1, 0, 0, 600);
	assert_int_equal(kit_send(k), UNSUPP_PROTOCOL);
	kit_map(k, 1, TCP, 0, 600);
	assert_int_equal(kit_send(k), UNSUPP_PROTOCOL);
	assert_int_equal(k->ls.n, 2);
}

static void
errors_of_the_store_have_their_codes(void **state)
{
	static const struct {
		int error, result;
		uint32_t seconds;
	} row[] = {
		{ -EPERM, NOT_AUTHORIZED, 1800 },
		{ -EDQUOT, USER_EX_QUOTA, 30 },
		{ -ENOSPC, NO_RESOURCES, 30 },
		{ -ETIMEDOUT, NO_RESOURCES, 30 },
		{ -ENOBUFS, NO_RESOURCES, 30 },
		{ -EINVAL, MALFORMED_REQUEST, 1800 },
		{ -EADDRINUSE, NO_RESOURCES, 30 },
		{ -EADDRNOTAVAIL, NETWORK_FAILURE, 30 },
	};
	struct kit *k = *state;

	for (size_t i = 0; i < RTE_DIM(row); i++) {
		k->ls.fails = row[i].error;
		kit_map(k, 1, TCP, 8000, 600);
		assert_int_equal(kit_send(k), row[i].result);
		assert_int_equal(kit_seconds(k), row[i].seconds);
		assert_memory_equal(k->reply + 24, k->request + 24, 36);
	}
}

/* ---- PREFER_FAILURE ---- */

static int
prefer(struct kit *k, uint16_t in_port, const char *addr, uint16_t port)
{
	kit_map(k, 1, TCP, in_port, 600);
	kit_suggest(k, addr, port);
	kit_option(k, 2, NULL, 0);
	return kit_send(k);
}

static void
prefer_failure_gets_that_port_or_nothing(void **state)
{
	struct kit *k = *state;

	assert_int_equal(prefer(k, 8000, NULL, 8080), SUCCESS);
	assert_int_equal(kit_out_port(k), 8080);
	assert_int_equal(k->len, 64);
	assert_memory_equal(k->reply + 60, "\2\0\0\0", 4);
	assert_true(k->ls.asked.exact);
	assert_int_equal(prefer(k, 8000, NULL, 8080), SUCCESS); /* renewed */
	assert_int_equal(prefer(k, 8000, NULL, 8081), CANNOT_PROVIDE_EXTERNAL);
	assert_int_equal(kit_seconds(k), 30);
	assert_int_equal(prefer(k, 8000, "192.0.2.9", 8080), CANNOT_PROVIDE_EXTERNAL);
	kit_from(k, OTHER);
	assert_int_equal(prefer(k, 8000, NULL, 8080), CANNOT_PROVIDE_EXTERNAL);
	assert_int_equal(prefer(k, 8000, NULL, 80), CANNOT_PROVIDE_EXTERNAL);
	assert_int_equal(prefer(k, 8000, "192.0.2.9", 8082), CANNOT_PROVIDE_EXTERNAL);
	assert_int_equal(prefer(k, 8000, "192.0.2.9", 0), CANNOT_PROVIDE_EXTERNAL);
	assert_int_equal(k->ls.n, 1);
	/* the address alone */
	assert_int_equal(prefer(k, 8000, "192.0.2.1", 0), SUCCESS);
	assert_int_equal(prefer(k, 8000, NULL, 0), MALFORMED_OPTION);
}

/* An address that is known only once a port is open. */
static void
prefer_failure_leaves_nothing_at_another_address(void **state)
{
	struct kit *k = *state;

	k->ls.outside = 0;
	assert_int_equal(prefer(k, 8000, "192.0.2.9", 8080), CANNOT_PROVIDE_EXTERNAL);
	assert_int_equal(k->ls.n_opened, 1);
	assert_int_equal(k->ls.n, 0);
}

static void
prefer_failure_knows_no_other_family(void **state)
{
	struct kit *k = *state;

	kit_map(k, 1, TCP, 8000, 600);
	memset(k->request + 44, 0x20, 16);
	kit_option(k, 2, NULL, 0);
	assert_int_equal(kit_send(k), CANNOT_PROVIDE_EXTERNAL);
	assert_int_equal(k->ls.n, 0);
	/* without it, the suggestion is just not met; :: is no suggestion */
	kit_map(k, 1, TCP, 8000, 600);
	memset(k->request + 44, 0x20, 16);
	assert_int_equal(kit_send(k), SUCCESS);
	kit_map(k, 1, TCP, 8001, 600);
	memset(k->request + 44, 0, 16);
	assert_int_equal(kit_send(k), SUCCESS);
}

/* ---- FILTER ---- */

static void
filter_lets_one_in(void **state)
{
	struct kit *k = *state;
	const struct sl_lease *l = &k->ls.lease[0];

	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 128, REMOTE, 443);
	kit_filter(k, 128, REMOTE, 443); /* the same again is nothing new */
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->len, 60 + 48);
	assert_int_equal(l->rem_addr, kit_addr(REMOTE));
	assert_int_equal(l->rem_port, RTE_BE16(443));
	open_map(k, 1, TCP, 8000); /* renewed without: it stays */
	assert_int_equal(l->rem_addr, kit_addr(REMOTE));
	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 128, "198.51.100.8", 443);
	assert_int_equal(kit_send(k), EXCESSIVE_REMOTE_PEERS);
	assert_int_equal(kit_seconds(k), 1800);
	assert_int_equal(l->rem_addr, kit_addr(REMOTE));
	/* a stranger is not told that there is one */
	kit_map(k, 2, TCP, 8000, 600);
	kit_filter(k, 128, "198.51.100.8", 443);
	assert_int_equal(kit_send(k), NOT_AUTHORIZED);
	/* another one instead */
	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 0, "0.0.0.0", 0);
	kit_filter(k, 128, "198.51.100.8", 0);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(l->rem_addr, kit_addr("198.51.100.8"));
	assert_int_equal(l->rem_port, 0);
	/* none any more */
	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 0, "0.0.0.0", 0);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(l->rem_addr, 0);
}

static void
filters_that_cannot_be_kept_open_nothing(void **state)
{
	struct kit *k = *state;
	uint8_t data[20] = { 0, 128, 0, 0, 0x20, 1 };

	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 128, REMOTE, 0);
	kit_filter(k, 128, "198.51.100.8", 0);
	assert_int_equal(kit_send(k), EXCESSIVE_REMOTE_PEERS);
	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 120, "198.51.100.0", 0);
	assert_int_equal(kit_send(k), EXCESSIVE_REMOTE_PEERS);
	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 129, REMOTE, 0);
	assert_int_equal(kit_send(k), MALFORMED_OPTION);
	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 95, REMOTE, 0);
	assert_int_equal(kit_send(k), MALFORMED_OPTION);
	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 128, "0.0.0.0", 0);
	assert_int_equal(kit_send(k), MALFORMED_OPTION);
	kit_map(k, 1, TCP, 8000, 600);
	kit_option(k, 3, data, sizeof(data));
	assert_int_equal(kit_send(k), MALFORMED_OPTION);
	assert_int_equal(k->ls.n, 0);
	/* any address of a port */
	kit_map(k, 1, TCP, 8000, 600);
	kit_filter(k, 96, "0.0.0.0", 53);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->ls.lease[0].rem_addr, 0);
	assert_int_equal(k->ls.lease[0].rem_port, RTE_BE16(53));
}

/* ---- THIRD_PARTY ---- */

static int
third(struct kit *k, const char *host, uint32_t seconds)
{
	kit_map(k, 1, TCP, 8000, seconds);
	kit_third_party(k, host);
	return kit_send(k);
}

static void
third_party_is_for_those_who_may(void **state)
{
	struct kit *k = *state;
	struct sl_ifaddr may = { .addr = kit_addr(HOST), .plen = 32 };

	assert_int_equal(third(k, OTHER, 600), UNSUPP_OPTION);
	k->ls.policy.third_party = &may;
	k->ls.policy.n_third_party = 1;
	assert_int_equal(third(k, HOST, 600), MALFORMED_REQUEST);
	assert_int_equal(third(k, REMOTE, 600), NOT_AUTHORIZED);
	assert_int_equal(third(k, GATEWAY, 600), NOT_AUTHORIZED);
	assert_int_equal(third(k, "0.0.0.0", 600), NOT_AUTHORIZED);
	kit_from(k, OTHER);
	assert_int_equal(third(k, HOST, 600), NOT_AUTHORIZED);
	assert_int_equal(third(k, HOST, 0), NOT_AUTHORIZED);
	assert_int_equal(k->ls.n, 0);
	kit_from(k, HOST);
	assert_int_equal(third(k, OTHER, 600), SUCCESS);
	assert_int_equal(k->len, 80);
	assert_memory_equal(k->reply + 60, k->request + 60, 20);
	assert_int_equal(k->ls.lease[0].in_addr, kit_addr(OTHER));
	assert_int_equal(k->ls.asked.client, kit_addr(HOST));
	assert_true(k->ls.asked.third_party);
	assert_int_equal(third(k, OTHER, 0), SUCCESS);
	assert_int_equal(k->ls.n, 0);
}

/* ---- deletion ---- */

static void
lifetime_zero_deletes(void **state)
{
	struct kit *k = *state;

	open_map(k, 1, TCP, 8000);
	kit_map(k, 2, TCP, 8000, 0);
	assert_int_equal(kit_send(k), NOT_AUTHORIZED);
	kit_from(k, OTHER);
	kit_map(k, 1, TCP, 8000, 0); /* another host's port 8000 is not there */
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->ls.n, 1);
	kit_from(k, HOST);
	kit_map(k, 1, TCP, 8000, 0);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_seconds(k), 0);
	assert_int_equal(kit_out_port(k), 40000);
	assert_int_equal(k->ls.n, 0);
	assert_int_equal(kit_send(k), SUCCESS); /* once more */
	assert_int_equal(kit_seconds(k), 0);
	assert_int_equal(k->ls.n_opened, 1);
}

static void
lifetime_zero_and_port_zero_delete_all_of_the_nonce(void **state)
{
	struct kit *k = *state;

	for (uint16_t port = 8000; port < 8040; port++)
		open_map(k, 1, TCP, port);
	open_map(k, 1, UDP, 8000);
	open_map(k, 2, TCP, 9000);
	kit_from(k, OTHER);
	open_map(k, 1, TCP, 8000);
	k->from.tenant = 1;
	kit_from(k, HOST);
	open_map(k, 1, TCP, 8000);
	k->from.tenant = 0;
	kit_map(k, 3, TCP, 0, 0);
	assert_int_equal(kit_send(k), NOT_AUTHORIZED);
	assert_int_equal(k->ls.n, 44);
	kit_map(k, 1, TCP, 0, 0);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->ls.n, 4);
	kit_map(k, 1, 0, 0, 0);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->ls.n, 3);
	kit_map(k, 2, 0, 0, 0);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->ls.n, 2);
	assert_int_equal(kit_send(k), SUCCESS);
}

static void
leases_of_other_protocols_are_not_deleted(void **state)
{
	struct kit *k = *state;

	open_map(k, 0, TCP, 8000);
	k->ls.lease[0].origin = SL_LEASE_UPNP;
	kit_map(k, 0, TCP, 8000, 0);
	assert_int_equal(kit_send(k), NOT_AUTHORIZED);
	kit_map(k, 0, TCP, 0, 0);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(k->ls.n, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(map_opens_a_port),
		TEST(lifetime_is_two_minutes_to_a_day_or_what_the_policy_has),
		TEST(suggestions_are_wishes),
		TEST(renewal_needs_the_nonce),
		TEST(protocols_without_ports_are_not_mapped),
		TEST(errors_of_the_store_have_their_codes),
		TEST(prefer_failure_gets_that_port_or_nothing),
		TEST(prefer_failure_leaves_nothing_at_another_address),
		TEST(prefer_failure_knows_no_other_family),
		TEST(filter_lets_one_in),
		TEST(filters_that_cannot_be_kept_open_nothing),
		TEST(third_party_is_for_those_who_may),
		TEST(lifetime_zero_deletes),
		TEST(lifetime_zero_and_port_zero_delete_all_of_the_nonce),
		TEST(leases_of_other_protocols_are_not_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
