/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Workers and control in threads of their own, for the thread sanitizer: no field may have two
 * writers, nor be read while it is written, but by the means that are made for it. Two workers
 * get packets of every kind for either; control meanwhile takes punts, events and records, asks,
 * configures, changes routes and neighbours, reads counters, ends sessions.
 *
 * Meant for a build with -Db_sanitize=thread -Dc_args=-DRTE_USE_C11_MEM_MODEL: so that rte_ring
 * uses atomics that the sanitizer knows, instead of plain stores and barriers. DPDK's mempools
 * are compiled without it; a mempool of a mutex and a stack takes their place here.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_mempool.h>

#include "hostile.h"

#define WORKERS 2
#define TURNS 20000 /* of each worker */
#define CONF                                                                                       \
	"inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; limit ports=0 sessions=0 rate=0; "          \
	"icmp-rate 100000; punt-rate local 1000000; timeout fragment 2; "                          \
	"record session-add session-del"

static struct sl_nat *nat;
static struct rte_mempool *pool;
static struct pt_frame frame[64];
static uint64_t clock_ms = 1000000;
static unsigned int running = WORKERS;

/* ---- a mempool that the sanitizer sees through ---- */

struct stack {
	pthread_mutex_t lock;
	unsigned int n;
	void *at[16384];
};

static int
stack_alloc(struct rte_mempool *mp)
{
	struct stack *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	pthread_mutex_init(&s->lock, NULL);
	mp->pool_data = s;
	return 0;
}

static void
stack_free(struct rte_mempool *mp)
{
	free(mp->pool_data);
}

static int
stack_put(struct rte_mempool *mp, void *const *obj, unsigned int n)
{
	struct stack *s = mp->pool_data;

	pthread_mutex_lock(&s->lock);
	memcpy(s->at + s->n, obj, n * sizeof(*obj));
	s->n += n;
	pthread_mutex_unlock(&s->lock);
	return 0;
}

static int
stack_get(struct rte_mempool *mp, void **obj, unsigned int n)
{
	struct stack *s = mp->pool_data;
	int rc = -ENOBUFS;

	pthread_mutex_lock(&s->lock);
	if (s->n >= n) {
		s->n -= n;
		memcpy(obj, s->at + s->n, n * sizeof(*obj));
		rc = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static unsigned int
stack_count(const struct rte_mempool *mp)
{
	return ((const struct stack *)mp->pool_data)->n;
}

static const struct rte_mempool_ops stack_ops = {
	.name = "mutex_stack",
	.alloc = stack_alloc,
	.free = stack_free,
	.enqueue = stack_put,
	.dequeue = stack_get,
	.get_count = stack_count,
};

RTE_MEMPOOL_REGISTER_OPS(stack_ops)

/* ---- workers ---- */

static uint64_t
next_random(void *arg)
{
	static _Thread_local uint64_t state = 0x5eed;

	(void)arg;
	return hostile_draw(&state);
}

static void
free_out(struct sl_worker *w, struct sl_out *out)
{
	for (int s = 0; s < 2; s++) {
		rte_pktmbuf_free_bulk(out->m[s], out->n[s]);
		sl_worker_sent(w, (enum sl_side)s, out->n[s], 0);
		out->n[s] = 0;
	}
}

static void *
work(void *arg)
{
	unsigned int index = (unsigned int)(uintptr_t)arg;
	struct sl_worker *w = sl_nat_worker(nat, index);
	struct sl_out *out = calloc(1, sizeof(*out));
	uint64_t seed = index + 1;

	sl_worker_online(w);
	for (unsigned int turn = 0; turn < TURNS; turn++) {
		uint64_t now = __atomic_add_fetch(&clock_ms, turn % 8 == 0, __ATOMIC_RELAXED);
		unsigned int i = (unsigned int)(hostile_draw(&seed) % hostile_n);
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

		if (m != NULL) {
			uint8_t *b = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)frame[i].len);

			memcpy(b, frame[i].b, frame[i].len);
			if (frame[i].len > 38 && hostile_draw(&seed) % 2 == 0) {
				b[35] = (uint8_t)hostile_draw(&seed); /* another source port */
				b[29] = (uint8_t)(2 + hostile_draw(&seed) % 8); /* or host */
				hostile_repair(b, frame[i].len, HOSTILE_IP);
			}
			sl_worker_receive(w, hostile_packets[i].side, &m, 1, now, out);
		}
		sl_worker_poll(w, now, out);
		free_out(w, out);
	}
	__atomic_sub_fetch(&running, 1, __ATOMIC_RELEASE);
	/* Until control has seen it: it may wait for an answer, or for a quiet worker. */
	while (__atomic_load_n(&running, __ATOMIC_ACQUIRE) != UINT32_MAX) {
		sl_worker_poll(w, __atomic_load_n(&clock_ms, __ATOMIC_RELAXED), out);
		free_out(w, out);
	}
	sl_worker_offline(w);
	free(out);
	return NULL;
}

/* ---- control ---- */

static void
take_all(void)
{
	static struct sl_punt punt[32];
	static struct sl_record record[64];
	struct sl_event event;
	unsigned int n;

	while ((n = sl_control_punts(nat, punt, RTE_DIM(punt))) > 0)
		for (unsigned int i = 0; i < n; i++)
			rte_pktmbuf_free(punt[i].m);
	while (sl_control_events(nat, &event, 1) == 1)
		;
	while (sl_control_records(nat, record, RTE_DIM(record)) > 0)
		;
}

static void
ask(unsigned int worker, enum sl_msg_op op)
{
	static struct sl_session session[8];
	struct sl_msg msg = { .op = op, .max = RTE_DIM(session), .buf = session };

	if (sl_msg_send(nat, worker, &msg) < 0)
		return;
	while (sl_msg_recv(nat, worker) == NULL)
		take_all();
}

static void
control(unsigned int turn, const struct sl_config *config)
{
	struct rte_ether_addr mac = conf_host_mac(SL_INSIDE, conf_addr("10.0.0.2"));
	uint64_t sum = 0;

	take_all();
	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		sum += sl_counter_sum(nat, (enum sl_counter)c);
	assert_true(sum > 0 || turn < 1000);
	if (turn % 8 == 0)
		assert_int_equal(sl_nat_configure(nat, config), 0);
	sl_neigh_set(nat, 0, SL_INSIDE, conf_addr("10.0.0.2"), turn % 2 ? &mac : NULL);
	sl_route_add(nat, 0, conf_addr("198.51.100.0"), 24, SL_OUTSIDE, conf_addr("192.0.2.254"));
	if (turn % 4 == 0)
		sl_route_del(nat, 0, conf_addr("198.51.100.0"), 24);
	ask(turn % WORKERS, turn % 16 == 0 ? SL_MSG_CLEAR : SL_MSG_SESSIONS);
}

static void
build_frames(void)
{
	struct pt_names names = {
		.n = 3, .name = { "p", "t", "i" }, .value = { "1024", "1025", "1026" }
	};

	for (unsigned int i = 0; i < hostile_n; i++) {
		struct pt_default def = { .ttl = 64,
			.dmac = conf_port_mac(hostile_packets[i].side) };
		char text[1024], why[256];

		assert_int_equal(pt_subst(&names, hostile_packets[i].text, text, sizeof(text), why,
					 sizeof(why)),
			0);
		assert_int_equal(pt_build(text, &def, &frame[i], why, sizeof(why)), 0);
	}
}

static void
workers_and_control_share_nothing_unseen(void **state)
{
	struct conf_params own = { .max_sessions = 4096, .max_subscribers = 1024 };
	struct sl_config *config = conf_parse(CONF, 0, &own);
	struct sl_params params = { .n_workers = WORKERS,
		.max_sessions = own.max_sessions,
		.max_subscribers = own.max_subscribers,
		.max_hosts6 = 256,
		.max_routes = 256,
		.random = next_random };
	pthread_t thread[WORKERS];

	(void)state;
	build_frames();
	pool = rte_pktmbuf_pool_create_by_ops(
		"threads", 8191, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, "mutex_stack");
	assert_non_null(pool);
	for (unsigned int i = 0; i < WORKERS; i++) {
		params.pool[i] = pool;
		params.socket[i] = SOCKET_ID_ANY;
	}
	nat = sl_nat_create(&params);
	assert_non_null(nat);
	assert_int_equal(sl_nat_configure(nat, config), 0);
	for (uintptr_t i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, work, (void *)i), 0);
	for (unsigned int turn = 0; __atomic_load_n(&running, __ATOMIC_ACQUIRE) > 0; turn++)
		control(turn, config);
	__atomic_store_n(&running, UINT32_MAX, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < WORKERS; i++)
		pthread_join(thread[i], NULL);
	take_all();
	sl_nat_destroy(nat);
	sl_config_destroy(config);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
	rte_mempool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_and_control_share_nothing_unseen),
	};

	return cmocka_run_group_tests_name("threads", tests, pipe_setup, NULL);
}
