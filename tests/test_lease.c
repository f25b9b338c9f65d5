/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The store of ports that hosts open: where a lease gets its place, who may have one, what a
 * renewal, an end and a change of the gateway do to it. Time and workers are the test's.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "conf.h"
#include "leasefake.h"

#define HOUR UINT64_C(3600000)

static int
begin(void **state)
{
	*state = lease_fake_create(256);
	return 0;
}

static int
end(void **state)
{
	lease_fake_destroy(*state);
	return 0;
}

static uint16_t
own_port(uint8_t host, uint16_t from)
{
	while (!lease_fake_owns(host, from))
		from++;
	return from;
}

static uint16_t
foreign_port(uint8_t host, uint16_t from)
{
	while (lease_fake_owns(host, from))
		from++;
	return from;
}

static int
open_port(struct lease_fake *f, uint8_t host, uint16_t in, uint16_t out, struct sl_lease *l)
{
	struct sl_lease_request r = lease_fake_wish(host, in, out);

	return sl_lease_open(f->ls, &r, f->now, l);
}

static void
configure(struct lease_fake *f, const struct sl_lease_policy *p)
{
	assert_int_equal(sl_leases_configure(f->ls, p), 0);
}

/* ---- places ---- */

static void
new_lease_is_held_by_the_worker_for_anybody(void **state)
{
	struct lease_fake *f = *state;
	uint16_t port = own_port(3, 20000);
	const struct fake_map *m;
	struct sl_lease l;

	assert_int_equal(open_port(f, 3, 80, port, &l), 0);
	m = lease_fake_in(f, 3, 80);
	assert_non_null(m);
	assert_false(m->forward);
	assert_int_equal(m->q.rem_addr, 0);
	assert_int_equal(m->q.rem_port, 0);
	assert_int_equal(l.out_port, rte_cpu_to_be_16(port));
	assert_int_equal(l.out_addr, conf_addr(FAKE_OUT));
	assert_int_equal(l.expires, f->now + HOUR);
	/* A little more than the lease, never less. */
	assert_true(m->until >= l.expires && m->until <= l.expires + 10000);
	assert_int_equal(lease_fake_told(f, SL_LEASE_ADDED), 1);
}

static void
port_of_another_worker_is_a_forward(void **state)
{
	struct lease_fake *f = *state;
	uint16_t port = foreign_port(3, 20000);
	struct sl_lease l;

	assert_int_equal(open_port(f, 3, 80, port, &l), 0);
	assert_non_null(lease_fake_out(f, port));
	assert_true(lease_fake_out(f, port)->forward);
	assert_int_equal(l.out_port, rte_cpu_to_be_16(port));
	assert_int_equal(sl_lease_close(f->ls, &l), 0);
	assert_null(lease_fake_out(f, port));
}

static void
any_port_is_the_worker_s_own_and_what_the_host_has(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease l;

	lease_fake_dynamic(f, 3, 80, 30000);
	assert_int_equal(open_port(f, 3, 80, 0, &l), 0);
	assert_int_equal(l.out_port, RTE_BE16(30000));
	assert_int_equal(open_port(f, 3, 81, 0, &l), 0);
	assert_true(lease_fake_owns(3, rte_be_to_cpu_16(l.out_port)));
}

static void
exact_port_moves_a_host_whose_mapping_is_elsewhere(void **state)
{
	struct lease_fake *f = *state;
	uint16_t port = own_port(3, 20000);
	struct sl_lease l;

	lease_fake_dynamic(f, 3, 80, 30000);
	assert_int_equal(open_port(f, 3, 80, port, &l), 0);
	assert_true(lease_fake_out(f, port)->forward);
}

static void
live_mapping_of_another_host_is_not_taken(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease l;

	lease_fake_dynamic(f, 4, 5000, 20002);
	assert_int_equal(open_port(f, 3, 80, 20002, &l), -EADDRINUSE);
	assert_int_equal(l.in_addr, 0); /* no lease is in the way */
	assert_null(lease_fake_in(f, 3, 80));
	/* Nor one of its own, behind which other sessions are. */
	lease_fake_dynamic(f, 3, 5001, own_port(3, 21000));
	assert_int_equal(open_port(f, 3, 80, own_port(3, 21000), &l), -EADDRINUSE);
}

static void
port_of_another_s_lease_is_refused_and_named(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease l;

	for (uint16_t port = 20000; port < 20012; port++) {
		assert_int_equal(open_port(f, 3, port, port, &l), 0);
		assert_int_equal(open_port(f, 4, 80, port, &l), -EADDRINUSE);
		assert_int_equal(l.in_addr, lease_fake_host(3));
		assert_int_equal(l.in_port, rte_cpu_to_be_16(port));
	}
	assert_int_equal(sl_lease_count(f->ls, 0), 12);
}

static void
operator_s_forward_is_not_taken(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease l;

	f->no_forward = true;
	assert_int_equal(open_port(f, 3, 80, foreign_port(3, 20000), &l), -EADDRINUSE);
	assert_int_equal(sl_lease_count(f->ls, 0), 0);
}

static void
disabled_lease_holds_its_port_for_nobody(void **state)
{
	struct lease_fake *f = *state;
	uint16_t ports[] = { own_port(3, 20000), foreign_port(3, 20000) };

	for (unsigned int i = 0; i < RTE_DIM(ports); i++) {
		struct sl_lease_request r = lease_fake_wish(3, (uint16_t)(80 + i), ports[i]);
		struct sl_lease l;

		r.lease.enabled = false;
		assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
		assert_int_equal(lease_fake_out(f, ports[i])->q.rem_addr, UINT32_MAX);
		assert_int_equal(open_port(f, 4, 90, ports[i], &l), -EADDRINUSE);
		r.lease.enabled = true;
		assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
		assert_int_equal(lease_fake_out(f, ports[i])->q.rem_addr, 0);
		r.lease.enabled = false;
		assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
		assert_int_equal(lease_fake_out(f, ports[i])->q.rem_addr, UINT32_MAX);
	}
}

static void
narrow_range_is_kept(void **state)
{
	const struct sl_lease_policy p = { .port_min = 50000, .port_max = 50009 };
	struct lease_fake *f = *state;
	struct sl_lease_request r;
	struct sl_lease l;

	configure(f, &p);
	assert_int_equal(open_port(f, 3, 80, 49999, &l), -EPERM);
	assert_int_equal(open_port(f, 3, 80, 50010, &l), -EPERM);
	/* A mapping outside it is left where it is. */
	lease_fake_dynamic(f, 3, 1, 30000);
	for (uint16_t in = 1; in <= 10; in++) {
		r = lease_fake_wish(3, in, 40000);
		r.exact = false;
		assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
		assert_in_range(rte_be_to_cpu_16(l.out_port), 50000, 50009);
	}
	assert_non_null(lease_fake_out(f, 30000));
	assert_int_equal(open_port(f, 3, 11, 0, &l), -ENOSPC);
}

/* ---- who ---- */

static void
port_below_1024_is_nobody_s(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease_request r = lease_fake_wish(3, 80, 80);
	struct sl_lease l;

	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
	r.lease.out_port = RTE_BE16(1023);
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
	r.lease.out_port = RTE_BE16(80);
	r.exact = false;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	assert_true(rte_be_to_cpu_16(l.out_port) >= 1024);
}

static void
host_asks_for_itself_unless_it_may_for_others(void **state)
{
	struct sl_ifaddr may = { lease_fake_host(9), 32 }, never = { lease_fake_host(8), 29 };
	const struct sl_lease_policy p = {
		.third_party = &may, .n_third_party = 1, .deny = &never, .n_deny = 1
	};
	struct lease_fake *f = *state;
	struct sl_lease_request r = lease_fake_wish(3, 80, 0);
	struct sl_lease l;

	r.client = lease_fake_host(20);
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
	r.third_party = true;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
	r.client = lease_fake_host(9);
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
	configure(f, &(struct sl_lease_policy){ .third_party = &may, .n_third_party = 1 });
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	r.third_party = false;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
	configure(f, &p); /* 10.0.0.8/29 gets nothing, whoever asks */
	r.third_party = true;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
	assert_int_equal(open_port(f, 15, 80, 0, &l), -EPERM);
	assert_int_equal(open_port(f, 16, 80, 0, &l), 0);
	assert_int_equal(sl_leases_counts(f->ls)->denied, 6);
}

static void
what_is_no_inside_host_gets_nothing(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease_request r = lease_fake_wish(3, 80, 0);
	struct sl_lease l;

	r.client = r.lease.in_addr = conf_addr("192.0.2.7");
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
}

static void
wish_that_makes_no_sense_is_refused(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease_request r;
	struct sl_lease l;

	for (int i = 0; i < 7; i++) {
		r = lease_fake_wish(3, 80, 20000);
		if (i == 0)
			r.lease.proto = IPPROTO_ICMP;
		else if (i == 1)
			r.lease.in_port = 0;
		else if (i == 2)
			r.lease.in_addr = 0;
		else if (i == 3)
			r.lease.tenant = 255;
		else if (i == 4)
			r.lease.out_port = 0; /* exactly any */
		else if (i == 5)
			memset(r.lease.description, 'x', sizeof(r.lease.description));
		else
			r.client = 0;
		assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EINVAL);
	}
	assert_int_equal(f->n_asked, 0);
}

static void
quotas_refuse_new_leases_and_no_renewal(void **state)
{
	const struct sl_lease_policy p = { .max = 5, .max_host = 3 };
	struct lease_fake *f = *state;
	struct sl_lease l;

	configure(f, &p);
	for (uint16_t in = 1; in <= 3; in++)
		assert_int_equal(open_port(f, 3, in, 0, &l), 0);
	assert_int_equal(open_port(f, 3, 4, 0, &l), -EDQUOT);
	assert_int_equal(open_port(f, 3, 1, 0, &l), 0);
	assert_int_equal(open_port(f, 4, 1, 0, &l), 0);
	assert_int_equal(open_port(f, 4, 2, 0, &l), 0);
	assert_int_equal(open_port(f, 5, 1, 0, &l), -ENOSPC);
	assert_int_equal(open_port(f, 4, 2, 0, &l), 0);
	assert_int_equal(sl_lease_close(f->ls, &l), 0);
	assert_int_equal(open_port(f, 5, 1, 0, &l), 0);
	assert_int_equal(sl_leases_counts(f->ls)->quota, 1);
	assert_int_equal(sl_leases_counts(f->ls)->full, 1);
	/* Nobody held a mapping in vain. */
	assert_null(lease_fake_in(f, 3, 4));
}

static void
lifetime_is_cut(void **state)
{
	const struct sl_lease_policy p = { .seconds = 600 };
	struct lease_fake *f = *state;
	struct sl_lease_request r = lease_fake_wish(3, 80, 0);
	struct sl_lease l;

	r.seconds = 0;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	assert_int_equal(l.expires, f->now + 7 * 24 * HOUR);
	r.lease.origin = SL_LEASE_NATPMP;
	r.seconds = UINT32_MAX;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	assert_int_equal(l.expires, f->now + 24 * HOUR);
	configure(f, &p);
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	assert_int_equal(l.expires, f->now + 600000);
	r.seconds = 30;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	assert_int_equal(l.expires, f->now + 30000);
}

/* ---- renewing and closing ---- */

static void
renewal_keeps_the_endpoint(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease_request r = lease_fake_wish(3, 80, foreign_port(3, 20000));
	struct sl_lease l, k;

	for (int i = 0; i < 2; i++) {
		r = lease_fake_wish(
			3, (uint16_t)(80 + i), i ? foreign_port(3, 20000) : own_port(3, 20000));
		assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
		f->now += 1000;
		snprintf(r.lease.description, sizeof(r.lease.description), "again");
		assert_int_equal(sl_lease_open(f->ls, &r, f->now, &k), 0);
		assert_int_equal(k.out_port, l.out_port);
		assert_int_equal(k.expires, l.expires + 1000);
		assert_true(sl_lease_of(f->ls, 0, IPPROTO_TCP, l.in_addr, l.in_port, &k));
		assert_string_equal(k.description, "again");
	}
	assert_int_equal(sl_lease_count(f->ls, 0), 2);
	assert_int_equal(lease_fake_told(f, SL_LEASE_RENEWED), 2);
}

static void
second_outside_port_for_an_inside_one_is_refused(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease_request r = lease_fake_wish(3, 80, 25000);
	struct sl_lease l;

	assert_int_equal(open_port(f, 3, 80, 20000, &l), 0);
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EEXIST);
	assert_int_equal(l.out_port, RTE_BE16(20000));
	r.lease.origin = SL_LEASE_NATPMP;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EEXIST);
	r.exact = false;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	assert_int_equal(l.out_port, RTE_BE16(20000));
}

static void
nonce_of_pcp_is_asked_for(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease_request r = lease_fake_wish(3, 80, 0);
	struct sl_lease l;

	r.lease.origin = SL_LEASE_PCP;
	memset(r.lease.nonce, 7, sizeof(r.lease.nonce));
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	r.lease.nonce[11]++;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
	assert_int_equal(sl_lease_close(f->ls, &r.lease), -EPERM);
	r.lease.nonce[11]--;
	r.lease.origin = SL_LEASE_UPNP; /* has no nonce that counts */
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), -EPERM);
	assert_int_equal(sl_lease_close(f->ls, &r.lease), -EPERM);
	assert_non_null(lease_fake_in(f, 3, 80));
	r.lease.origin = SL_LEASE_PCP;
	assert_int_equal(sl_lease_close(f->ls, &r.lease), 0);
	assert_null(lease_fake_in(f, 3, 80));
	assert_int_equal(sl_lease_close(f->ls, &r.lease), -ENOENT);
}

static void
peer_does_not_close_what_is_open_to_all(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease_request r = lease_fake_wish(3, 80, 0);
	struct sl_lease l;

	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	r.lease.peer = true;
	r.lease.rem_addr = conf_addr("198.51.100.9");
	r.lease.rem_port = RTE_BE16(53);
	r.seconds = 60;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	assert_false(l.peer);
	assert_int_equal(l.expires, f->now + HOUR);
	assert_int_equal(lease_fake_in(f, 3, 80)->q.rem_addr, 0);
}

static void
order_is_that_of_creation(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease l, first;

	for (uint16_t in = 1; in <= 6; in++)
		assert_int_equal(open_port(f, 3, in, 0, &l), 0);
	assert_int_equal(open_port(f, 3, 2, 0, &l), 0); /* a renewal moves nothing */
	assert_true(sl_lease_index(f->ls, 0, 2, &l));
	assert_int_equal(sl_lease_close(f->ls, &l), 0);
	assert_true(sl_lease_index(f->ls, 0, 0, &first));
	assert_int_equal(sl_lease_remove(f->ls, IPPROTO_TCP, first.out_addr, first.out_port), 0);
	assert_int_equal(open_port(f, 3, 3, 0, &l), 0);
	static const uint16_t want[] = { 2, 4, 5, 6, 3 };

	assert_int_equal(sl_lease_count(f->ls, 0), RTE_DIM(want));
	for (unsigned int i = 0; i < RTE_DIM(want); i++) {
		assert_true(sl_lease_index(f->ls, 0, i, &l));
		assert_int_equal(l.in_port, rte_cpu_to_be_16(want[i]));
	}
	assert_false(sl_lease_index(f->ls, 0, RTE_DIM(want), &l));
	assert_false(sl_lease_index(f->ls, 1, 0, &l));
	assert_false(sl_lease_index(f->ls, UINT32_MAX, 0, &l));
}

static void
tenants_do_not_see_each_other(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease_request r = lease_fake_wish(3, 80, 0);
	struct sl_lease l, other;

	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
	r.lease.tenant = 7;
	assert_int_equal(sl_lease_open(f->ls, &r, f->now, &other), 0);
	assert_int_not_equal(l.out_port, other.out_port);
	assert_false(sl_lease_at(f->ls, 0, IPPROTO_TCP, 0, other.out_port, &other));
	assert_true(sl_lease_at(f->ls, 0, IPPROTO_TCP, 0, l.out_port, &l));
	assert_true(sl_lease_at(f->ls, 0, IPPROTO_TCP, l.out_addr, l.out_port, &l));
	assert_false(sl_lease_at(f->ls, 0, IPPROTO_UDP, 0, l.out_port, &l));
	assert_int_equal(sl_lease_count(f->ls, 0), 1);
	assert_int_equal(sl_lease_count(f->ls, 7), 1);
}

/* ---- time ---- */

static void
lease_ends_to_the_millisecond_with_its_mapping(void **state)
{
	struct lease_fake *f = *state;
	uint64_t begin = f->now;
	struct sl_lease l;

	assert_int_equal(open_port(f, 3, 80, own_port(3, 20000), &l), 0);
	assert_int_equal(open_port(f, 3, 81, foreign_port(3, 20000), &l), 0);
	assert_int_equal(sl_leases_poll(f->ls, begin + HOUR - 1), begin + HOUR);
	assert_int_equal(sl_lease_count(f->ls, 0), 2);
	f->now = begin + HOUR;
	assert_int_equal(sl_leases_poll(f->ls, f->now), UINT64_MAX);
	assert_int_equal(sl_lease_count(f->ls, 0), 0);
	assert_null(lease_fake_in(f, 3, 80));
	assert_null(lease_fake_in(f, 3, 81));
	assert_int_equal(lease_fake_told(f, SL_LEASE_EXPIRED), 2);
}

static void
many_ends_take_many_polls(void **state)
{
	struct lease_fake *f = *state;
	unsigned int n = 0;
	struct sl_lease l;

	for (uint16_t in = 1; in <= 200; in++)
		assert_int_equal(open_port(f, (uint8_t)(in % 5), in, 0, &l), 0);
	f->now += HOUR;
	while (sl_lease_count(f->ls, 0) > 0) {
		sl_leases_poll(f->ls, f->now);
		assert_true(++n < 20);
	}
	assert_true(n >= 2);
	for (int i = 0; i < FAKE_MAPS; i++)
		assert_false(f->map[i].there);
}

static void
worker_that_does_not_answer(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease l, k;

	assert_int_equal(open_port(f, 3, 80, 0, &l), 0);
	f->dead = true;
	assert_int_equal(open_port(f, 3, 81, 0, &k), -ETIMEDOUT);
	assert_int_equal(open_port(f, 3, 80, 0, &k), -ETIMEDOUT);
	assert_int_equal(sl_lease_close(f->ls, &l), -ETIMEDOUT);
	sl_leases_reassert(f->ls, f->now);
	assert_int_equal(sl_lease_count(f->ls, 0), 1);
	f->now += HOUR;
	sl_leases_poll(f->ls, f->now);
	assert_int_equal(sl_lease_count(f->ls, 0), 0);
}

/* ---- the gateway changes ---- */

static void
lease_without_a_place_is_lost(void **state)
{
	struct lease_fake *f = *state;
	uint16_t own = own_port(3, 20000), foreign = foreign_port(3, 20000);
	struct sl_lease l;

	assert_int_equal(open_port(f, 3, 80, own, &l), 0);
	assert_int_equal(open_port(f, 3, 81, foreign, &l), 0);
	assert_int_equal(open_port(f, 3, 82, 0, &l), 0);
	sl_leases_reassert(f->ls, f->now);
	assert_int_equal(lease_fake_told(f, SL_LEASE_LOST), 0);
	assert_int_equal(lease_fake_told(f, SL_LEASE_RENEWED), 0);
	/* The operator has given both ports away. */
	lease_fake_out(f, own)->there = false;
	lease_fake_dynamic(f, 4, 1, own);
	lease_fake_out(f, foreign)->there = false;
	lease_fake_dynamic(f, 4, 2, foreign);
	sl_leases_reassert(f->ls, f->now);
	assert_int_equal(lease_fake_told(f, SL_LEASE_LOST), 2);
	assert_int_equal(sl_lease_count(f->ls, 0), 1);
	assert_true(sl_lease_of(f->ls, 0, IPPROTO_TCP, lease_fake_host(3), RTE_BE16(82), &l));
	f->out = 0; /* no pool */
	sl_leases_reassert(f->ls, f->now);
	assert_int_equal(sl_lease_count(f->ls, 0), 0);
}

static void
lease_follows_its_host_to_another_address(void **state)
{
	struct lease_fake *f = *state;
	uint16_t port[] = { own_port(3, 20000), foreign_port(3, 20000) };
	struct sl_lease l;

	assert_int_equal(open_port(f, 3, 80, port[0], &l), 0);
	assert_int_equal(open_port(f, 3, 81, port[1], &l), 0);
	lease_fake_out(f, port[0])->there = false;
	lease_fake_out(f, port[1])->there = false;
	f->out = conf_addr("192.0.2.99");
	sl_leases_reassert(f->ls, f->now);
	for (int i = 0; i < 2; i++) {
		assert_true(sl_lease_of(f->ls, 0, IPPROTO_TCP, lease_fake_host(3),
			rte_cpu_to_be_16((uint16_t)(80 + i)), &l));
		assert_int_equal(l.out_addr, f->out);
		assert_int_equal(l.out_port, rte_cpu_to_be_16(port[i]));
		assert_true(sl_lease_at(f->ls, 0, IPPROTO_TCP, f->out, l.out_port, &l));
		assert_non_null(lease_fake_out(f, port[i]));
	}
	assert_int_equal(lease_fake_told(f, SL_LEASE_RENEWED), 2);
}

static void
many_are_held_again_a_few_at_a_time(void **state)
{
	struct lease_fake *f = *state;
	unsigned int before;
	struct sl_lease l;

	for (uint16_t in = 1; in <= 200; in++)
		assert_int_equal(open_port(f, (uint8_t)(in % 5), in, 0, &l), 0);
	before = f->n_asked;
	sl_leases_reassert(f->ls, f->now);
	assert_true(f->n_asked - before < 64);
	for (int i = 0; sl_leases_poll(f->ls, f->now) == f->now; i++)
		assert_true(i < 20);
	assert_int_equal(f->n_asked - before, 200);
}

static void
saved_leases_come_back_with_what_is_left(void **state)
{
	const struct sl_lease_policy p = { .max_host = 1 };
	struct lease_fake *f = *state;
	struct sl_lease l, back;

	configure(f, &p);
	for (uint16_t in = 80; in < 90; in++) {
		uint16_t port = (uint16_t)(20000 + in);

		l = lease_fake_wish(3, in, port).lease;
		l.out_addr = f->out;
		l.expires = f->now + 5000;
		assert_int_equal(sl_lease_restore(f->ls, &l, f->now), 0);
		assert_int_equal(sl_lease_restore(f->ls, &l, f->now), -EEXIST);
		assert_non_null(lease_fake_out(f, port));
		assert_true(sl_lease_at(f->ls, 0, IPPROTO_TCP, f->out, l.out_port, &back));
		assert_int_equal(back.expires, f->now + 5000);
	}
	assert_int_equal(open_port(f, 3, 99, 0, &l), -EDQUOT);
	l = lease_fake_wish(4, 80, 20085).lease; /* another's by now */
	l.out_addr = f->out;
	l.expires = f->now + 5000;
	assert_int_equal(sl_lease_restore(f->ls, &l, f->now), -EADDRINUSE);
	l.expires = f->now;
	assert_int_equal(sl_lease_restore(f->ls, &l, f->now), -EINVAL);
}

static void
host_s_outside_address_is_told(void **state)
{
	struct lease_fake *f = *state;
	struct sl_lease l;

	assert_int_equal(sl_lease_outside(f->ls, 0, lease_fake_host(3)), conf_addr(FAKE_OUT));
	assert_int_equal(open_port(f, 3, 80, 0, &l), 0);
	f->out = 0;
	assert_int_equal(sl_lease_outside(f->ls, 0, lease_fake_host(3)), conf_addr(FAKE_OUT));
	assert_int_equal(sl_lease_outside(f->ls, 0, lease_fake_host(4)), 0);
}

static void
description_is_fit_for_terminals_and_xml(void **state)
{
	static const char *const text[][2] = {
		{ "plain <&> \"quoted\"", "plain <&> \"quoted\"" },
		{ "gr\303\274n \342\202\254 \360\237\230\200",
			"gr\303\274n \342\202\254 \360\237\230\200" },
		{ "a\033[2Jb\nc\177", "a?[2Jb?c?" },
		{ "\302\205 \300\257 \355\240\200 \364\220\200\200 \357\277\277 \377",
			"?? ?? ??? ???? ??? ?" },
		{ "cut \342\202", "cut ??" },
	};
	struct lease_fake *f = *state;

	for (unsigned int i = 0; i < RTE_DIM(text); i++) {
		struct sl_lease_request r = lease_fake_wish(3, 80, 0);
		struct sl_lease l;

		snprintf(r.lease.description, sizeof(r.lease.description), "%s", text[i][0]);
		assert_int_equal(sl_lease_open(f->ls, &r, f->now, &l), 0);
		assert_string_equal(l.description, text[i][1]);
	}
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(new_lease_is_held_by_the_worker_for_anybody),
		TEST(port_of_another_worker_is_a_forward),
		TEST(any_port_is_the_worker_s_own_and_what_the_host_has),
		TEST(exact_port_moves_a_host_whose_mapping_is_elsewhere),
		TEST(live_mapping_of_another_host_is_not_taken),
		TEST(port_of_another_s_lease_is_refused_and_named),
		TEST(operator_s_forward_is_not_taken),
		TEST(disabled_lease_holds_its_port_for_nobody),
		TEST(narrow_range_is_kept),
		TEST(port_below_1024_is_nobody_s),
		TEST(host_asks_for_itself_unless_it_may_for_others),
		TEST(what_is_no_inside_host_gets_nothing),
		TEST(wish_that_makes_no_sense_is_refused),
		TEST(quotas_refuse_new_leases_and_no_renewal),
		TEST(lifetime_is_cut),
		TEST(renewal_keeps_the_endpoint),
		TEST(second_outside_port_for_an_inside_one_is_refused),
		TEST(nonce_of_pcp_is_asked_for),
		TEST(peer_does_not_close_what_is_open_to_all),
		TEST(order_is_that_of_creation),
		TEST(tenants_do_not_see_each_other),
		TEST(lease_ends_to_the_millisecond_with_its_mapping),
		TEST(many_ends_take_many_polls),
		TEST(worker_that_does_not_answer),
		TEST(lease_without_a_place_is_lost),
		TEST(lease_follows_its_host_to_another_address),
		TEST(many_are_held_again_a_few_at_a_time),
		TEST(saved_leases_come_back_with_what_is_left),
		TEST(host_s_outside_address_is_told),
		TEST(description_is_fit_for_terminals_and_xml),
	};

	return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
