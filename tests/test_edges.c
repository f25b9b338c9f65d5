/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Drops that no row of a table can reach, because the caller or the memory must play a
 * part: no configuration yet, no pool, no room for packets that leave, no headroom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"

static struct rte_mbuf *
packet(const struct pipe *p, enum sl_side side, const char *text)
{
	struct pt_default def = pipe_default_in(p, side, NULL, 0);
	static struct pt_frame f;
	char why[128];

	if (pt_build(text, &def, &f, why, sizeof(why)) < 0)
		fail_msg("%s", why);
	return pipe_mbuf(f.b, f.len);
}

static void
finish(struct pipe *p)
{
	char why[128];

	pipe_settle(p);
	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static void
packet_before_any_configuration_is_dropped(void **state)
{
	struct sl_params params = { .n_workers = 1, .max_sessions = 64 };
	static struct sl_out out;
	struct rte_mbuf *m;
	struct sl_nat *nat;
	struct pipe *p = pipe_create(1, "", 1, 1000);

	(void)state;
	m = packet(p, SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53");
	params.pool[0] = rte_mempool_lookup("own");
	params.socket[0] = SOCKET_ID_ANY;
	nat = sl_nat_create(&params);
	assert_non_null(nat);
	sl_worker_online(sl_nat_worker(nat, 0));
	sl_worker_receive(sl_nat_worker(nat, 0), SL_INSIDE, &m, 1, 1000, &out);
	sl_worker_poll(sl_nat_worker(nat, 0), 1000, &out);
	assert_int_equal(out.n[0] + out.n[1], 0);
	assert_int_equal(sl_counter_sum(nat, SL_COUNTER_RX_INSIDE), 1);
	assert_int_equal(sl_counter_sum(nat, SL_COUNTER_DROP_UNCONFIGURED), 1);
	sl_worker_offline(sl_nat_worker(nat, 0));
	sl_nat_destroy(nat);
	finish(p);
}

static void
new_session_without_pool_is_refused_and_works_once_there_is_one(void **state)
{
	struct conf_params none = { 0 };
	struct sl_config *c = conf_parse("icmp-refusal 255", 0, &none);
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct rte_mbuf *m;

	(void)state;
	c->n_outside = 0;
	assert_int_equal(sl_nat_configure(p->nat, c), 0);
	m = packet(p, SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53");
	pipe_receive(p, 0, SL_INSIDE, &m, 1);
	pipe_settle(p);
	assert_int_equal(p->n_got, 0);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_DROP_NO_POOL), 1);
	c->n_outside = 1;
	assert_int_equal(sl_nat_configure(p->nat, c), 0);
	m = packet(p, SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53");
	pipe_receive(p, 0, SL_INSIDE, &m, 1);
	pipe_settle(p);
	assert_int_equal(p->n_got, 1);
	sl_config_destroy(c);
	finish(p);
}

static void
packet_without_room_to_leave_is_dropped(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	static struct sl_out out;
	struct rte_mbuf *m;

	(void)state;
	m = packet(p, SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53");
	out.n[SL_OUTSIDE] = SL_OUT_MAX;
	sl_worker_receive(sl_nat_worker(p->nat, 0), SL_INSIDE, &m, 1, 1000, &out);
	assert_int_equal(out.n[SL_OUTSIDE], SL_OUT_MAX);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_DROP_OUT_FULL), 1);
	finish(p);
}

static void
packet_without_headroom_for_its_tag_is_dropped(void **state)
{
	struct pipe *p = pipe_create(1,
		"tenant blue vlan=10 10.0.0.1/24; "
		"forward udp 192.0.2.1:2000 > 10.0.0.2:5000 tenant=1",
		1, 1000);
	struct rte_mbuf *m;
	char *b;

	(void)state;
	for (unsigned int room = 0; room <= 4; room += 2) {
		m = packet(p, SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:2000 'x'");
		b = rte_pktmbuf_mtod(m, char *);
		memmove((char *)m->buf_addr + room, b, m->data_len);
		m->data_off = (uint16_t)room;
		pipe_receive(p, 0, SL_OUTSIDE, &m, 1);
		pipe_settle(p);
		assert_int_equal(p->n_got, room == 4);
		assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_DROP_HEADROOM),
			RTE_MIN(room / 2 + 1, 2U));
	}
	finish(p);
}

static void
every_counter_has_a_name_and_a_sentence_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < SL_COUNTER_COUNT; i++) {
		const char *name = sl_counter_name((enum sl_counter)i);

		assert_true(strlen(name) > 0 && strlen(sl_counter_text((enum sl_counter)i)) > 0);
		assert_int_equal(
			sl_counter_is_drop((enum sl_counter)i), strncmp(name, "drop_", 5) == 0);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, sl_counter_name((enum sl_counter)k));
	}
}

static void
counters_are_cleared_without_losing_what_is_there_now(void **state)
{
	struct pipe *p = pipe_create(1, "", 1, 1000);
	struct rte_mbuf *m;

	(void)state;
	m = packet(p, SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53");
	pipe_receive(p, 0, SL_INSIDE, &m, 1);
	pipe_settle(p);
	pipe_ask(p, SL_MSG_COUNTERS_CLEAR, NULL, NULL, 0, 0);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_RX_INSIDE), 0);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_TX_OUTSIDE), 0);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW), 1);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW), 1);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SUBSCRIBERS_NOW), 1);
	finish(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_before_any_configuration_is_dropped),
		cmocka_unit_test(new_session_without_pool_is_refused_and_works_once_there_is_one),
		cmocka_unit_test(packet_without_room_to_leave_is_dropped),
		cmocka_unit_test(packet_without_headroom_for_its_tag_is_dropped),
		cmocka_unit_test(every_counter_has_a_name_and_a_sentence_of_its_own),
		cmocka_unit_test(counters_are_cleared_without_losing_what_is_there_now),
	};

	return cmocka_run_group_tests_name("edges", tests, pipe_setup, NULL);
}
