/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PCP and NAT-PMP over the real store, whose gateway is played: what the protocols do to one
 * another's leases, and what is left of them in time.
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

#include "lease.h"
#include "pcp.h"

#define HOST RTE_BE32(0x0a000002)
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define OUTSIDE RTE_BE32(0xc0000201)

/* RFC 6887 section 7.4 */
enum {
	SUCCESS = 0,
	NOT_AUTHORIZED = 2,
};

/* A worker with one mapping that it gives away. */
struct world {
	struct sl_leases *ls;
	struct sl_pcp *pcp;
	uint64_t now;
	unsigned int added, deleted;
	struct sl_map_request last;
	uint8_t reply[SL_PCP_MAX];
};

static int
ask(void *arg, enum sl_msg_op op, struct sl_map_request *request)
{
	struct world *w = arg;

	if (op == SL_MSG_MAP_ADD)
		w->added++;
	else
		w->deleted++;
	request->status = 0;
	request->out_addr = OUTSIDE;
	if (request->out_port == 0)
		request->out_port =
			rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(request->in_port) + 10000));
	w->last = *request;
	return 0;
}

static int
holder(void *arg, uint8_t proto, rte_be32_t out_addr, rte_be16_t out_port,
	struct sl_mapping *mapping)
{
	(void)arg;
	(void)proto;
	(void)out_addr;
	(void)out_port;
	(void)mapping;
	return -ENOENT;
}

static int
forward(void *arg, const struct sl_lease *lease, bool add)
{
	(void)arg;
	(void)lease;
	(void)add;
	return 0;
}

static rte_be32_t
outside(void *arg, unsigned int tenant, rte_be32_t in_addr)
{
	(void)arg;
	(void)tenant;
	(void)in_addr;
	return OUTSIDE;
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sl_leases_params leases = {
		.max = 100,
		.arg = w,
		.ask = ask,
		.holder = holder,
		.forward = forward,
		.outside = outside,
	};
	struct sl_pcp_params pcp = { 0 };

	assert_non_null(w);
	w->now = 1000000;
	w->ls = sl_leases_create(&leases);
	assert_non_null(w->ls);
	pcp.leases = w->ls;
	w->pcp = sl_pcp_create(&pcp, w->now);
	assert_non_null(w->pcp);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	sl_pcp_destroy(w->pcp);
	sl_leases_destroy(w->ls);
	free(w);
	return 0;
}

static size_t
say(struct world *w, const uint8_t *request, size_t n)
{
	const struct sl_pcp_peer from = {
		.client = HOST,
		.port = RTE_BE16(5555),
		.own = RTE_BE32(0x0a000001),
	};

	return sl_pcp_answer(w->pcp, &from, request, n, w->now, w->reply);
}

/* MAP, or PEER when there is a remote port; UDP port 5000. The result code. */
static int
pcp(struct world *w, uint8_t nonce, uint32_t seconds, uint16_t rem_port)
{
	uint8_t q[80] = { 2, rem_port != 0 ? 2 : 1, [6] = (uint8_t)(seconds >> 8),
		[7] = (uint8_t)seconds, [18] = 0xff, [19] = 0xff, 10, 0, 0,
		2, [36] = 17, [40] = 0x13, [41] = 0x88, [54] = 0xff, [55] = 0xff,
		[60] = (uint8_t)(rem_port >> 8), [61] = (uint8_t)rem_port, [74] = 0xff, [75] = 0xff,
		198, 51, 100, 7 };

	memset(q + 24, nonce, 12);
	assert_true(say(w, q, rem_port != 0 ? 80 : 60) >= 60);
	return w->reply[3];
}

/* NAT-PMP for UDP port 5000. */
static int
natpmp(struct world *w, uint32_t seconds)
{
	uint8_t q[12] = { 0, 1, 0, 0, 0x13, 0x88, 0, 0, 0, 0, (uint8_t)(seconds >> 8),
		(uint8_t)seconds };

	assert_int_equal(say(w, q, sizeof(q)), 16);
	return w->reply[3];
}

static struct sl_lease
the_lease(const struct world *w)
{
	struct sl_lease l;

	assert_int_equal(sl_lease_count(w->ls, 0), 1);
	assert_true(sl_lease_index(w->ls, 0, 0, &l));
	return l;
}

static void
map_ends_to_the_second_with_its_sessions(void **state)
{
	struct world *w = *state;

	assert_int_equal(pcp(w, 1, 300, 0), SUCCESS);
	assert_int_equal(sl_leases_poll(w->ls, w->now), w->now + 300000);
	sl_leases_poll(w->ls, w->now + 299999);
	assert_int_equal(sl_lease_count(w->ls, 0), 1);
	sl_leases_poll(w->ls, w->now + 300000);
	assert_int_equal(sl_lease_count(w->ls, 0), 0);
	assert_int_equal(w->deleted, 1);
}

/* What a host opens by itself outlives the lease that has kept it (RFC 6887 section 15). */
static void
peer_ends_without_its_sessions(void **state)
{
	struct world *w = *state;

	assert_int_equal(pcp(w, 1, 300, 53), SUCCESS);
	sl_leases_poll(w->ls, w->now + 300000);
	assert_int_equal(sl_lease_count(w->ls, 0), 0);
	assert_int_equal(w->deleted, 0);
	assert_int_equal(w->last.lifetime, 1);
	assert_int_equal(pcp(w, 1, 300, 53), SUCCESS);
	assert_int_equal(pcp(w, 1, 0, 53), SUCCESS);
	assert_int_equal(sl_lease_count(w->ls, 0), 0);
	assert_int_equal(w->deleted, 0);
	assert_int_equal(w->last.lifetime, 1);
}

static void
map_takes_over_what_peer_has_held(void **state)
{
	struct world *w = *state;
	struct sl_lease l;

	assert_int_equal(pcp(w, 1, 300, 53), SUCCESS);
	l = the_lease(w);
	assert_true(l.peer);
	assert_int_equal(w->last.rem_port, RTE_BE16(53));
	assert_int_equal(pcp(w, 2, 600, 0), SUCCESS);
	l = the_lease(w);
	assert_false(l.peer);
	assert_int_equal(l.rem_addr, 0);
	assert_int_equal(w->last.rem_addr, 0);
	assert_int_equal(l.out_port, RTE_BE16(15000));
	assert_int_equal(l.nonce[0], 2);
	/* the peer has the same mapping, and does not change it */
	assert_int_equal(pcp(w, 1, 300, 53), SUCCESS);
	assert_false(the_lease(w).peer);
	assert_int_equal(pcp(w, 1, 600, 0), NOT_AUTHORIZED);
	assert_int_equal(pcp(w, 2, 0, 0), SUCCESS);
	assert_int_equal(sl_lease_count(w->ls, 0), 0);
	assert_int_equal(w->deleted, 1);
}

static void
natpmp_leaves_pcp_alone(void **state)
{
	struct world *w = *state;

	assert_int_equal(pcp(w, 1, 300, 0), SUCCESS);
	assert_int_equal(natpmp(w, 60), 2);
	assert_int_equal(natpmp(w, 0), 2);
	assert_int_equal(the_lease(w).expires, w->now + 300000);
}

static void
pcp_takes_over_what_natpmp_has_opened(void **state)
{
	struct world *w = *state;

	assert_int_equal(natpmp(w, 60), 0);
	assert_int_equal(the_lease(w).origin, SL_LEASE_NATPMP);
	assert_int_equal(pcp(w, 1, 300, 0), SUCCESS);
	assert_int_equal(the_lease(w).origin, SL_LEASE_PCP);
	assert_int_equal(natpmp(w, 60), 2);
	assert_int_equal(pcp(w, 2, 300, 0), NOT_AUTHORIZED);
	assert_int_equal(w->deleted, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(map_ends_to_the_second_with_its_sessions),
		TEST(peer_ends_without_its_sessions),
		TEST(map_takes_over_what_peer_has_held),
		TEST(natpmp_leaves_pcp_alone),
		TEST(pcp_takes_over_what_natpmp_has_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
