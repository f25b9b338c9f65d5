/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The store over whole gateways of 1, 2 and 3 workers: what a host has opened lets anybody in from
 * the first packet on, whichever worker owns the port, whatever the pool's filter says, and nobody
 * once it is closed. Beside it: what control can tell of a subscriber.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lease.h"
#include "pipe.h"

#define BASE 1000
#define FIRST 20000
#define N_PORTS 12
#define POLLS_MAX 10000

/* A gateway, the store, and the exception table as text. */
struct world {
	struct pipe *p;
	struct sl_leases *ls;
	const char *conf;
	bool there[N_PORTS]; /* forward of port FIRST + i, UDP, to 10.0.0.2:7000 + i */
	unsigned int turn, salt; /* added to the remote port */
};

static void
ask_worker(struct pipe *p, unsigned int worker, struct sl_msg *msg)
{
	for (msg->cursor = 0; msg->cursor != UINT32_MAX;) {
		assert_int_equal(sl_msg_send(p->nat, worker, msg), 0);
		for (unsigned int i = 0; pipe_answer(p, worker) == NULL; i++) {
			assert_true(i < POLLS_MAX);
			pipe_poll(p, 1);
		}
	}
}

static int
ask(void *arg, enum sl_msg_op op, struct sl_map_request *request)
{
	struct world *w = arg;
	struct sl_msg msg = { .op = op, .buf = request };

	ask_worker(w->p, sl_subscriber_worker(w->p->nat, request->in_addr), &msg);
	return 0;
}

static int
holder(void *arg, uint8_t proto, rte_be32_t addr, rte_be16_t port, struct sl_mapping *mapping)
{
	struct world *w = arg;

	for (unsigned int i = 0; i < w->p->n_workers; i++) {
		struct sl_msg msg = { .op = SL_MSG_MAPPING_AT,
			.select = { .proto = proto, .out = { addr, 32 }, .out_port = port },
			.max = 1,
			.buf = mapping };

		ask_worker(w->p, i, &msg);
		if (msg.n == 1)
			return 0;
	}
	return -ENOENT;
}

static int
forward(void *arg, const struct sl_lease *l, bool add)
{
	struct world *w = arg;
	unsigned int at = rte_be_to_cpu_16(l->out_port) - FIRST;
	char text[2048];
	int n = snprintf(text, sizeof(text), "%s", w->conf);

	assert_true(at < N_PORTS);
	w->there[at] = add;
	for (unsigned int i = 0; i < N_PORTS; i++)
		if (w->there[i])
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				"; forward udp 192.0.2.1:%u > 10.0.0.2:%u", FIRST + i, 7000 + i);
	return pipe_configure(w->p, text);
}

static rte_be32_t
outside(void *arg, unsigned int tenant, rte_be32_t in_addr)
{
	const struct world *w = arg;

	return sl_subscriber_outside(w->p->nat, tenant, in_addr);
}

static void
begin(struct world *w, unsigned int workers, const char *conf)
{
	struct sl_leases_params params = { .max = 64,
		.arg = w,
		.ask = ask,
		.holder = holder,
		.forward = forward,
		.outside = outside };

	memset(w, 0, sizeof(*w));
	w->conf = conf;
	w->p = pipe_create(workers, conf, 7, BASE);
	w->ls = sl_leases_create(&params);
	assert_non_null(w->ls);
}

static void
end(struct world *w)
{
	char why[128];

	assert_true(pipe_balanced(w->p, why, sizeof(why)));
	pipe_discard(w->p);
	sl_leases_destroy(w->ls);
	pipe_destroy(w->p);
}

/* A datagram from 198.51.100.HOST to an outside port: the inside port it comes out at, or 0. */
static unsigned int
come_in(struct world *w, unsigned int host, unsigned int port)
{
	static struct pt_frame f;
	char text[128], why[128];
	struct pt_default def;
	unsigned int at = 0;
	struct rte_mbuf *m;

	snprintf(text, sizeof(text), "udp 198.51.100.%u:%u > 192.0.2.1:%u 'i'", host,
		4000 + w->salt, port);
	def = pipe_default_in(w->p, SL_OUTSIDE, NULL, 0);
	assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(w->p, w->turn++ % w->p->n_workers, SL_OUTSIDE, &m, 1);
	pipe_settle(w->p);
	for (unsigned int i = 0; i < w->p->n_got; i++) {
		const uint8_t *ip = rte_pktmbuf_mtod_offset(w->p->got[i].m, const uint8_t *, 14);

		if (w->p->got[i].side == SL_INSIDE && !w->p->got[i].punt)
			at = (unsigned int)ip[22] << 8 | ip[23];
	}
	pipe_discard(w->p);
	return at;
}

static struct sl_lease_request
wish(unsigned int i)
{
	return (struct sl_lease_request){
		.lease = { .proto = IPPROTO_UDP,
			.enabled = true,
			.in_addr = conf_addr("10.0.0.2"),
			.in_port = rte_cpu_to_be_16((uint16_t)(7000 + i)),
			.out_port = rte_cpu_to_be_16((uint16_t)(FIRST + i)) },
		.client = conf_addr("10.0.0.2"),
		.exact = true,
		.seconds = 60,
	};
}

static void
ports_of_all_workers(unsigned int workers, const char *conf)
{
	unsigned int elsewhere = 0;
	struct world w;
	struct sl_lease l;

	begin(&w, workers, conf);
	for (unsigned int i = 0; i < N_PORTS; i++) {
		struct sl_lease_request r = wish(i);

		assert_int_equal(come_in(&w, 9, FIRST + i), 0);
		assert_int_equal(sl_lease_open(w.ls, &r, w.p->now, &l), 0);
		elsewhere += w.there[i];
		assert_int_equal(come_in(&w, 9, FIRST + i), 7000 + i);
		assert_int_equal(come_in(&w, 10, FIRST + i), 7000 + i);
	}
	/* With one worker all ports are its own, else most are not. */
	assert_true(workers == 1 ? elsewhere == 0 : elsewhere >= N_PORTS / 3);
	for (unsigned int i = 0; i < N_PORTS; i += 2) {
		struct sl_lease_request r = wish(i);

		assert_int_equal(sl_lease_close(w.ls, &r.lease), 0);
		assert_int_equal(come_in(&w, 9, FIRST + i), 0); /* nor who was in */
		assert_int_equal(come_in(&w, 11, FIRST + i), 0);
		assert_int_equal(come_in(&w, 11, FIRST + i + 1), 7000 + i + 1);
	}
	for (unsigned int i = 0; i < N_PORTS; i += 2) {
		struct sl_lease_request r = wish(i);

		/* Its port still rests, or what a forward left is still there. */
		assert_int_equal(sl_lease_open(w.ls, &r, w.p->now, &l), 0);
		assert_int_equal(come_in(&w, 12, FIRST + i), 7000 + i);
	}
	w.p->now += 60000;
	sl_leases_poll(w.ls, w.p->now);
	assert_int_equal(sl_lease_count(w.ls, 0), 0);
	for (unsigned int i = 0; i < N_PORTS; i++)
		assert_int_equal(come_in(&w, 12, FIRST + i), 0);
	end(&w);
}

static void
leased_port_lets_anybody_in_until_it_is_closed(void **state)
{
	RTE_SET_USED(state);
	for (unsigned int workers = 1; workers <= 3; workers++) {
		ports_of_all_workers(workers, "");
		ports_of_all_workers(workers, "pool 192.0.2.1 udp=apd tcp=apd");
		ports_of_all_workers(workers, "pool 192.0.2.1 udp=ad");
		ports_of_all_workers(workers, "pool 192.0.2.1 shared=udp");
	}
}

/* The sweep over what the old host's sessions are takes many turns; the port does not wait. */
static void
port_given_to_another_host_leads_to_it_at_once(void **state)
{
	struct conf_params params = { 0 };
	struct sl_config *c =
		conf_parse("forward udp 192.0.2.1:20000 > 10.0.0.3:7100", BASE, &params);
	struct world w;

	RTE_SET_USED(state);
	begin(&w, 1, "forward udp 192.0.2.1:20000 > 10.0.0.2:7000");
	for (; w.salt < 700; w.salt++)
		assert_int_equal(come_in(&w, 9, FIRST), 7000);
	c->link[SL_INSIDE].mac = conf_port_mac(SL_INSIDE);
	c->link[SL_OUTSIDE].mac = conf_port_mac(SL_OUTSIDE);
	assert_int_equal(sl_nat_configure(w.p->nat, c), 0);
	pipe_poll(w.p, 2);
	assert_int_equal(come_in(&w, 251, FIRST), 7100);
	sl_config_destroy(c);
	end(&w);
}

/* What the forecast says is what the first mapping gets, and then the worker says the same. */
static void
first_address(unsigned int workers, const char *conf)
{
	struct world w;

	begin(&w, workers, conf);
	for (uint32_t host = 2; host < 60; host++) {
		struct sl_map_request q = { .proto = IPPROTO_UDP,
			.in_addr = rte_cpu_to_be_32(0x0a000000 + host),
			.in_port = RTE_BE16(7000),
			.lifetime = 1000 };
		struct sl_subscriber sub = { 0 };
		struct sl_msg msg = { .op = SL_MSG_SUBSCRIBERS,
			.select = { .in = { q.in_addr, 32 }, .tenant = 1 },
			.max = 1,
			.buf = &sub };
		rte_be32_t told = outside(&w, 0, q.in_addr);

		ask_worker(w.p, sl_subscriber_worker(w.p->nat, q.in_addr), &msg);
		assert_int_equal(msg.n, 0);
		assert_int_equal(ask(&w, SL_MSG_MAP_ADD, &q), 0);
		if (q.status == -ENOSPC && told == 0)
			continue; /* the plan has none for it */
		assert_int_equal(q.status, 0);
		assert_int_equal(q.out_addr, told);
		ask_worker(w.p, sl_subscriber_worker(w.p->nat, q.in_addr), &msg);
		assert_int_equal(msg.n, 1);
		assert_int_equal(sub.out_addr, told);
		msg.select.tenant = 2;
		ask_worker(w.p, sl_subscriber_worker(w.p->nat, q.in_addr), &msg);
		assert_int_equal(msg.n, 0);
	}
	end(&w);
}

static void
outside_address_is_known_before_the_first_mapping(void **state)
{
	RTE_SET_USED(state);
	for (unsigned int workers = 1; workers <= 3; workers += 2) {
		first_address(workers, "");
		first_address(workers, "pool 203.0.113.0-203.0.113.6");
		first_address(workers, "pool 203.0.113.0-203.0.113.2 block=256");
		first_address(workers, "pool 203.0.113.0-203.0.113.2 fixed=10.0.0.0/27");
	}
}

static void
subscriber_is_an_inside_host(void **state)
{
	static const struct {
		const char *addr;
		unsigned int tenant;
		bool can;
	} row[] = {
		{ "10.0.0.2", 0, true },
		{ "10.0.0.1", 0, false }, /* the gateway itself */
		{ "10.0.0.255", 0, false },
		{ "192.0.2.1", 0, false },
		{ "192.0.2.9", 0, false }, /* outside */
		{ "198.51.100.9", 0, false },
		{ "127.0.0.1", 0, false },
		{ "224.0.0.1", 0, false },
		{ "10.9.0.2", 1, true },
		{ "10.9.0.1", 1, false },
		{ "10.9.0.2", 0, false }, /* another tenant's */
		{ "10.0.0.2", 2, false },
	};
	struct world w;

	RTE_SET_USED(state);
	begin(&w, 1, "tenant blue vlan=10 10.9.0.1/24");
	for (unsigned int i = 0; i < RTE_DIM(row); i++)
		if (sl_subscriber_possible(w.p->nat, row[i].tenant, conf_addr(row[i].addr)) !=
			row[i].can)
			fail_msg("%s of tenant %u", row[i].addr, row[i].tenant);
	end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leased_port_lets_anybody_in_until_it_is_closed),
		cmocka_unit_test(port_given_to_another_host_leads_to_it_at_once),
		cmocka_unit_test(outside_address_is_known_before_the_first_mapping),
		cmocka_unit_test(subscriber_is_an_inside_host),
	};

	return cmocka_run_group_tests_name("lease_pipe", tests, pipe_setup, NULL);
}
