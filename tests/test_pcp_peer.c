/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PCP: PEER, alone and beside MAP.
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

#define UDP IPPROTO_UDP
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

static int
peer(struct kit *k, uint8_t nonce, uint32_t seconds, uint16_t rem_port)
{
	kit_peer(k, nonce, UDP, 5000, seconds, REMOTE, rem_port);
	return kit_send(k);
}

static void
peer_opens_for_one_remote_endpoint(void **state)
{
	struct kit *k = *state;
	const struct sl_lease *l = &k->ls.lease[0];

	assert_int_equal(peer(k, 1, 600, 443), SUCCESS);
	assert_int_equal(k->len, 80);
	assert_int_equal(kit_out_port(k), 40000);
	assert_memory_equal(k->reply + 60, k->request + 60, 20);
	assert_true(l->peer);
	assert_int_equal(l->rem_addr, kit_addr(REMOTE));
	assert_int_equal(l->rem_port, RTE_BE16(443));
	assert_int_equal(peer(k, 1, 1200, 443), SUCCESS);
	assert_int_equal(kit_seconds(k), 1200);
	assert_int_equal(peer(k, 2, 1200, 443), NOT_AUTHORIZED);
}

static void
peers_of_one_endpoint_share_its_mapping(void **state)
{
	struct kit *k = *state;
	const struct sl_lease *l = &k->ls.lease[0];

	assert_int_equal(peer(k, 1, 600, 443), SUCCESS);
	assert_int_equal(peer(k, 2, 300, 444), SUCCESS);
	assert_int_equal(kit_out_port(k), 40000);
	assert_int_equal(kit_seconds(k), 300);
	assert_int_equal(k->ls.n_opened, 1);
	assert_int_equal(peer(k, 3, 900, 445), SUCCESS);
	assert_int_equal(kit_seconds(k), 900);
	assert_int_equal(l->expires, k->now + 900000);
	assert_int_equal(l->rem_port, RTE_BE16(443));
	assert_memory_equal(l->nonce, "\1\1\1\1\1\1\1\1\1\1\1\1", 12);
	kit_suggest(k, NULL, 41000);
	assert_int_equal(kit_send(k), CANNOT_PROVIDE_EXTERNAL);
}

static void
peer_uses_what_map_has_opened(void **state)
{
	struct kit *k = *state;

	kit_map(k, 1, UDP, 5000, 600);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(peer(k, 2, 7200, 443), SUCCESS);
	assert_int_equal(kit_out_port(k), 40000);
	assert_int_equal(kit_seconds(k), 600);
	assert_int_equal(k->ls.lease[0].rem_addr, 0);
	assert_int_equal(k->ls.n_opened, 1);
}

static void
peer_never_deletes(void **state)
{
	struct kit *k = *state;

	assert_int_equal(peer(k, 1, 0, 443), SUCCESS);
	assert_int_equal(k->ls.n, 0);
	assert_int_equal(peer(k, 1, 600, 443), SUCCESS);
	assert_int_equal(peer(k, 2, 0, 443), NOT_AUTHORIZED);
	assert_int_equal(k->ls.lease[0].expires, k->now + 600000);
	assert_int_equal(peer(k, 1, 0, 443), SUCCESS);
	assert_int_equal(kit_seconds(k), 0);
	assert_int_equal(kit_out_port(k), 40000);
	assert_int_equal(k->ls.n, 0);
	assert_int_equal(peer(k, 1, 600, 443), SUCCESS);
	/* nor does MAP a PEER's */
	kit_map(k, 1, UDP, 5000, 0);
	assert_int_equal(kit_send(k), NOT_AUTHORIZED);
}

static void
peer_gets_what_it_suggests_or_nothing(void **state)
{
	struct kit *k = *state;

	kit_peer(k, 1, UDP, 5000, 600, REMOTE, 443);
	kit_suggest(k, "192.0.2.9", 0);
	assert_int_equal(kit_send(k), CANNOT_PROVIDE_EXTERNAL);
	k->ls.fails_wish = -EADDRINUSE;
	kit_suggest(k, NULL, 6000);
	assert_int_equal(kit_send(k), CANNOT_PROVIDE_EXTERNAL);
	k->ls.fails_wish = 0;
	kit_suggest(k, "192.0.2.1", 6000);
	assert_int_equal(kit_send(k), SUCCESS);
	assert_int_equal(kit_out_port(k), 6000);
}

static void
peer_of_all_or_none_is_malformed(void **state)
{
	struct kit *k = *state;

	assert_int_equal(peer(k, 1, 600, 0), MALFORMED_REQUEST);
	kit_peer(k, 1, 0, 5000, 600, REMOTE, 443);
	assert_int_equal(kit_send(k), MALFORMED_REQUEST);
	kit_peer(k, 1, UDP, 0, 600, REMOTE, 443);
	assert_int_equal(kit_send(k), MALFORMED_REQUEST);
	kit_peer(k, 1, UDP, 5000, 600, "0.0.0.0", 443);
	assert_int_equal(kit_send(k), MALFORMED_REQUEST);
	kit_peer(k, 1, UDP, 5000, 600, REMOTE, 443);
	k->request[64] = 0x20;
	assert_int_equal(kit_send(k), MALFORMED_REQUEST);
	kit_peer(k, 1, IPPROTO_SCTP, 5000, 600, REMOTE, 443);
	assert_int_equal(kit_send(k), UNSUPP_PROTOCOL);
	assert_int_equal(k->ls.n_opened, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(peer_opens_for_one_remote_endpoint),
		TEST(peers_of_one_endpoint_share_its_mapping),
		TEST(peer_uses_what_map_has_opened),
		TEST(peer_never_deletes),
		TEST(peer_gets_what_it_suggests_or_nothing),
		TEST(peer_of_all_or_none_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
