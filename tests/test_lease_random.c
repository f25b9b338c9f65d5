/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The store against a list that does the same without any cleverness: thousands of wishes, renewals,
 * ends and polls at random; every look-up, the order and the times must agree after each of them.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "leasefake.h"

#define ROOM 64
#define HOSTS 6
#define PORTS 16
#define STEPS 40000

/* The list: what the store must hold, in order of creation. */
struct model {
	struct sl_lease l[ROOM];
	unsigned int n;
};

static uint32_t
draw(uint64_t *s, uint32_t n)
{
	*s = *s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*s >> 33) % n;
}

static int
find(const struct model *m, const struct sl_lease *l)
{
	for (unsigned int i = 0; i < m->n; i++)
		if (m->l[i].in_addr == l->in_addr && m->l[i].in_port == l->in_port &&
			m->l[i].tenant == l->tenant)
			return (int)i;
	return -1;
}

static void
drop(struct model *m, unsigned int i)
{
	memmove(&m->l[i], &m->l[i + 1], (m->n - i - 1) * sizeof(m->l[0]));
	m->n--;
}

static void
open_one(struct lease_fake *f, struct model *m, uint64_t *s)
{
	uint16_t out = draw(s, 2) ? (uint16_t)(30000 + draw(s, 40)) : 0;
	struct sl_lease_request r =
		lease_fake_wish((uint8_t)(1 + draw(s, HOSTS)), (uint16_t)(1 + draw(s, PORTS)), out);
	struct sl_lease l;
	int i, rc;

	r.lease.tenant = (uint16_t)draw(s, 2);
	r.seconds = 1 + draw(s, 100);
	i = find(m, &r.lease);
	rc = sl_lease_open(f->ls, &r, f->now, &l);
	if (rc == 0 && i < 0)
		m->l[m->n++] = l;
	else if (rc == 0)
		m->l[i] = l;
	if (rc == 0) {
		assert_int_equal(l.expires, f->now + r.seconds * UINT64_C(1000));
		assert_true(!r.exact || l.out_port == r.lease.out_port);
		return;
	}
	assert_true(rc == -EADDRINUSE || rc == -EEXIST || rc == -ENOSPC);
	assert_true(rc != -ENOSPC || m->n == ROOM);
	assert_true(rc != -EEXIST || i >= 0);
}

static void
close_one(struct lease_fake *f, struct model *m, uint64_t *s)
{
	unsigned int i = m->n > 0 ? draw(s, m->n) : 0;
	struct sl_lease l;

	if (m->n == 0)
		return;
	l = m->l[i];
	if (draw(s, 2))
		assert_int_equal(sl_lease_close(f->ls, &l), 0);
	else
		assert_int_equal(sl_lease_remove(f->ls, l.proto, l.out_addr, l.out_port), 0);
	drop(m, i);
}

static void
pass_time(struct lease_fake *f, struct model *m, uint64_t *s)
{
	uint64_t at, first = UINT64_MAX;

	f->now += draw(s, 8000);
	at = sl_leases_poll(f->ls, f->now);
	for (unsigned int i = m->n; i-- > 0;) {
		if (m->l[i].expires <= f->now)
			drop(m, i);
		else
			first = RTE_MIN(first, m->l[i].expires);
	}
	assert_int_equal(at, first);
}

/* The same leases, in the same order, each found by both ends, and a mapping for each. */
static void
compare(struct lease_fake *f, const struct model *m)
{
	unsigned int n[2] = { 0, 0 }, maps = 0;
	struct sl_lease l;

	for (unsigned int i = 0; i < m->n; i++) {
		const struct sl_lease *w = &m->l[i];

		assert_true(sl_lease_index(f->ls, w->tenant, n[w->tenant]++, &l));
		assert_memory_equal(&l, w, sizeof(l));
		assert_true(sl_lease_of(f->ls, w->tenant, w->proto, w->in_addr, w->in_port, &l));
		assert_memory_equal(&l, w, sizeof(l));
		assert_true(sl_lease_at(f->ls, w->tenant, w->proto, 0, w->out_port, &l));
		assert_memory_equal(&l, w, sizeof(l));
	}
	for (int i = 0; i < FAKE_MAPS; i++)
		maps += f->map[i].there;
	assert_int_equal(maps, m->n);
	assert_int_equal(sl_lease_count(f->ls, 0), n[0]);
	assert_int_equal(sl_lease_count(f->ls, 1), n[1]);
	assert_int_equal(sl_leases_counts(f->ls)->now, m->n);
}

static void
store_agrees_with_a_list(void **state)
{
	struct lease_fake *f = lease_fake_create(ROOM);
	struct model m = { .n = 0 };
	uint64_t seed = 1;

	RTE_SET_USED(state);
	for (int i = 0; i < STEPS; i++) {
		uint32_t what = draw(&seed, 20);

		if (what < 12)
			open_one(f, &m, &seed);
		else if (what < 16)
			close_one(f, &m, &seed);
		else if (what < 19)
			pass_time(f, &m, &seed);
		else
			sl_leases_reassert(f->ls, f->now);
		compare(f, &m);
	}
	assert_true(sl_leases_counts(f->ls)->made > 1000);
	assert_true(sl_leases_counts(f->ls)->expired > 100);
	assert_int_equal(sl_leases_counts(f->ls)->lost, 0);
	lease_fake_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(store_agrees_with_a_list) };

	return cmocka_run_group_tests_name("lease_random", tests, NULL, NULL);
}
