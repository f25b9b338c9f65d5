/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Outside addresses and ports as whole sets: every port, every block, every entry of a plan,
 * with 1, 2 and 3 workers. What a case of a few packets shows is in tests/cases (blocks,
 * fixed, shared, pool); here it is counted to the last one, again and again.
 *
 * The arithmetic of RFC 7422 plans is written down a second time (struct plan7422), from the
 * RFC and not from the library, and every port of every address is held against it. Hosts
 * live in 10.1.0.0/16 behind an inside router, so that no neighbour is missing; a packet's
 * payload says who sent it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "pipe.h"
#include "portmap.h"

#define NET 0x0a010000u /* 10.1.0.0/16 */
#define REMOTE 0xc6336409u /* 198.51.100.9 */
#define POOL 0xcb007101u /* 203.0.113.1 */
#define ALL_PORTS (65536 - 1024)
#define QUIET "icmp-refusal 255; icmp-rate 0; limit ports=0 sessions=0 rate=0; "

static uint64_t random_state = 42;
static unsigned int turn;

static uint64_t
draw(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* ---- a gateway with a routed inside ---- */

static struct pipe *
begin(unsigned int workers, const char *conf)
{
	struct pipe *p = pipe_create(workers, conf, 99, 1000);

	pipe_route(p, 0, (struct sl_ifaddr){ rte_cpu_to_be_32(NET), 16 }, SL_INSIDE,
		conf_addr("10.0.0.2"));
	turn = 0;
	return p;
}

static void
end(struct pipe *p)
{
	char why[128];

	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

static const char *
dotted(uint32_t a)
{
	static char text[2][16];
	static unsigned int n;
	char *t = text[n++ % 2];

	snprintf(t, sizeof(text[0]), "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
	return t;
}

static void
send_text(struct pipe *p, unsigned int worker, enum sl_side side, const char *text)
{
	static struct pt_frame f;
	struct pt_default def = pipe_default_in(p, side, NULL, 0);
	char why[128];
	struct rte_mbuf *m;

	if (pt_build(text, &def, &f, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, worker % p->n_workers, side, &m, 1);
}

/* One packet of a host towards the remote; the payload is the host. */
static void
send_out(struct pipe *p, uint8_t proto, uint32_t host, uint16_t port)
{
	char text[128];

	if (proto == IPPROTO_ICMP)
		snprintf(text, sizeof(text), "icmp echo %s > %s id=%u seq=1 hex=%08x", dotted(host),
			dotted(REMOTE), port, host);
	else
		snprintf(text, sizeof(text), "%s %s:%u > %s:53 %s hex=%08x",
			proto == IPPROTO_TCP ? "tcp" : "udp", dotted(host), port, dotted(REMOTE),
			proto == IPPROTO_TCP ? "SYN" : "", host);
	send_text(p, turn++, SL_INSIDE, text);
}

static uint32_t
get(const uint8_t *b, unsigned int n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | *b++;
	return v;
}

/** What came out on the outside: who sent it, and its outside endpoint. */
struct given {
	uint32_t host, addr;
	uint16_t port;
};

static bool
read_given(const struct pipe *p, unsigned int i, struct given *g)
{
	const uint8_t *ip = rte_pktmbuf_mtod_offset(p->got[i].m, const uint8_t *, 14);
	unsigned int l4 = 20, data = ip[9] == IPPROTO_TCP ? 40 : 28;

	if (p->got[i].punt || p->got[i].side != SL_OUTSIDE)
		return false;
	g->addr = get(ip + 12, 4);
	g->port = (uint16_t)get(ip + l4 + (ip[9] == IPPROTO_ICMP ? 4 : 0), 2);
	g->host = get(ip + data, 4);
	return true;
}

/* The outside endpoint of one packet; false when it was dropped. */
static bool
ask(struct pipe *p, uint8_t proto, uint32_t host, uint16_t port, struct given *g)
{
	bool got;

	send_out(p, proto, host, port);
	pipe_settle(p);
	got = p->n_got == 1 && read_given(p, 0, g);
	if (got)
		assert_int_equal(g->host, host);
	pipe_discard(p);
	return got;
}

static void
clear_all(struct pipe *p)
{
	pipe_ask(p, SL_MSG_CLEAR, NULL, NULL, 0, 0);
	pipe_discard(p);
}

static void
wait_ms(struct pipe *p, uint64_t ms)
{
	p->now += ms;
	for (unsigned int i = 0; i < 400; i++) {
		p->now++;
		pipe_poll(p, 1);
	}
	pipe_discard(p);
}

/* ---- blocks ---- */

#define BIG_BLOCKS "pool 203.0.113.1 block=1024; block-idle 1; timeout port-rest 0; " QUIET
#define N_BIG (ALL_PORTS / 1024)

/* Take blocks with new hosts until all are given; owner[b] is the host of each. */
static unsigned int
take_all_blocks(struct pipe *p, unsigned int shift, unsigned int from, uint32_t *owner)
{
	unsigned int n = 0, total = 65536u >> shift;

	memset(owner, 0, total * sizeof(*owner));
	for (unsigned int i = 0; i < 3 * total; i++) {
		struct given g;

		if (!ask(p, IPPROTO_UDP, NET + 1 + (from + i) % 60000, (uint16_t)(2000 + i % 2),
			    &g))
			continue;
		assert_int_equal(g.addr, POOL);
		assert_int_equal(owner[g.port >> shift], 0);
		owner[g.port >> shift] = g.host;
		n++;
	}
	return n;
}

/* Every record is of a block that owner knows; returns how many of a type. */
static unsigned int
check_records(struct pipe *p, enum sl_record_type type, unsigned int size, const uint32_t *owner)
{
	struct sl_record r[64];
	unsigned int n, total = 0;

	while ((n = sl_control_records(p->nat, r, RTE_DIM(r))) > 0) {
		for (unsigned int i = 0; i < n; i++) {
			unsigned int start = rte_be_to_cpu_16(r[i].out_port);

			assert_int_equal(r[i].type, type);
			assert_int_equal(r[i].block_size, size);
			assert_int_equal(start % size, 0);
			assert_int_equal(r[i].out_addr, rte_cpu_to_be_32(POOL));
			assert_int_equal(rte_be_to_cpu_32(r[i].in_addr), owner[start / size]);
			total++;
		}
	}
	return total;
}

static void
all_blocks_come_and_go_a_hundred_times(void **state)
{
	static uint32_t owner[64];

	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct pipe *p = begin(workers, BIG_BLOCKS "record block-add block-del");

		for (unsigned int round = 0; round < 100; round++) {
			assert_int_equal(take_all_blocks(p, 10, round * 500, owner), N_BIG);
			assert_int_equal(check_records(p, SL_RECORD_BLOCK_ADD, 1024, owner), N_BIG);
			clear_all(p);
			wait_ms(p, 1001);
			assert_int_equal(check_records(p, SL_RECORD_BLOCK_DEL, 1024, owner), N_BIG);
		}
		assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_RECORDS_LOST), 0);
		wait_ms(p, 3000);
		assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SUBSCRIBERS_NOW), 0);
		end(p);
	}
}

/* Each block of 64 to a host, and answers to every worker: handed over once at most. */
static void
every_block_leads_back_from_every_worker(void **state)
{
	static uint32_t owner[1024];

	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct pipe *p = begin(workers, "pool 203.0.113.1 block=64; max-subscribers 8000; "
						"max-sessions 8000; " QUIET);
		unsigned int answers = 0;
		uint64_t handed;

		assert_int_equal(take_all_blocks(p, 6, 0, owner), ALL_PORTS / 64);
		handed = sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_OUT);
		for (unsigned int i = 0; i < 65536; i++) {
			static struct sl_mapping m[4];
			struct sl_select s = { .in = { rte_cpu_to_be_32(owner[i / 64]), 32 } };
			char text[96];

			if (i % 64 != 0 || owner[i / 64] == 0)
				continue;
			/* once a block: its port is known by its mapping */
			assert_int_equal(
				pipe_ask(p, SL_MSG_MAPPINGS, &s, m, sizeof(m[0]), RTE_DIM(m)), 1);
			snprintf(text, sizeof(text), "udp %s:53 > 203.0.113.1:%u", dotted(REMOTE),
				rte_be_to_cpu_16(m[0].out_port));
			assert_int_equal(rte_be_to_cpu_16(m[0].out_port) / 64, i / 64);
			for (unsigned int w = 0; w < workers; w++) {
				send_text(p, w, SL_OUTSIDE, text);
				pipe_settle(p);
				assert_int_equal(p->n_got, 1);
				assert_int_equal(p->got[0].side, SL_INSIDE);
				assert_int_equal(p->got[0].worker, m[0].worker);
				pipe_discard(p);
				answers++;
			}
		}
		/* of the workers' turns all but the owner's were handed over */
		assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_HANDOFF_OUT) - handed,
			answers / workers * (workers - 1));
		end(p);
	}
}

/* Ports come and go at random; a port is never in two hands or in a foreign block. */
static void
blocks_keep_their_owner_in_a_random_walk(void **state)
{
	static uint32_t holder[65536], block[1024];
	static struct sl_record r[256];

	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct pipe *p = begin(workers,
			"pool 203.0.113.1 ports=2048-6143 block=64 blocks=3; block-idle 2; "
			"timeout port-rest 1; timeout udp 4; record block-add block-del; " QUIET);

		memset(block, 0, sizeof(block));
		memset(holder, 0, sizeof(holder));
		for (unsigned int i = 0; i < 20000; i++) {
			struct given g;
			unsigned int n;
			uint32_t host = NET + 1 + (uint32_t)(draw() % 40);

			p->now += draw() % 8;
			if (draw() % 2000 == 0)
				clear_all(p);
			bool got = ask(p, IPPROTO_UDP, host, (uint16_t)(2000 + draw() % 300), &g);

			/* records first: they tell what happened before the packet left */
			while ((n = sl_control_records(p->nat, r, RTE_DIM(r))) > 0) {
				for (unsigned int k = 0; k < n; k++) {
					unsigned int b = rte_be_to_cpu_16(r[k].out_port) / 64;
					uint32_t who = rte_be_to_cpu_32(r[k].in_addr);
					bool add = r[k].type == SL_RECORD_BLOCK_ADD;

					assert_int_equal(block[b], add ? 0 : who);
					block[b] = add ? who : 0;
				}
			}
			if (!got)
				continue;
			assert_in_range(g.port, 2048, 6143);
			assert_int_equal(block[g.port / 64], host);
		}
		/* sessions end, ports rest, blocks are idle, subscribers are forgotten */
		for (unsigned int i = 0; i < 4; i++)
			wait_ms(p, 5000);
		for (unsigned int b = 0; b < 1024; b++)
			holder[b] = block[b];
		check_records(p, SL_RECORD_BLOCK_DEL, 64, holder);
		assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SUBSCRIBERS_NOW), 0);
		end(p);
	}
}

/* ---- plain pools ---- */

static void
address_is_filled_to_the_last_port_and_each_freed_one_serves_again(void **state)
{
	static uint8_t taken[65536];

	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct pipe *p =
			begin(workers, "pool 203.0.113.1; max-sessions 120000; "
				       "max-subscribers 8000; timeout port-rest 0; " QUIET);
		unsigned int n = 0, sent = 0;
		struct given g;

		memset(taken, 0, sizeof(taken));
		/* hosts fall on workers at random: some more until each worker's ports are used */
		for (; sent < ALL_PORTS + (workers > 1 ? ALL_PORTS / 4 : 1); sent++) {
			send_out(p, IPPROTO_UDP, NET + 1 + sent % 3000,
				(uint16_t)(2000 + sent / 3000));
			if (sent % 500 != 499 && sent != ALL_PORTS)
				continue;
			pipe_settle(p);
			for (unsigned int i = 0; i < p->n_got; i++) {
				assert_true(read_given(p, i, &g));
				assert_int_equal(g.addr, POOL);
				assert_in_range(g.port, 1024, 65535);
				assert_int_equal(taken[g.port], 0);
				taken[g.port] = 1;
				n++;
			}
			pipe_discard(p);
		}
		pipe_settle(p);
		pipe_discard(p);
		assert_int_equal(n, ALL_PORTS);
		assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_DROP_NO_PORT), sent - ALL_PORTS);
		for (unsigned int round = 0; round < 100 && workers == 1; round++) {
			uint16_t port = (uint16_t)(1024 + draw() % ALL_PORTS);
			struct sl_select s = { .out = { rte_cpu_to_be_32(POOL), 32 },
				.out_port = rte_cpu_to_be_16(port) };

			assert_false(ask(p, IPPROTO_UDP, NET + 5000 + round, 9999, &g));
			pipe_ask(p, SL_MSG_CLEAR, &s, NULL, 0, 0);
			assert_true(ask(p, IPPROTO_UDP, NET + 4000 + round, 9999, &g));
			assert_int_equal(g.port, port);
		}
		end(p);
	}
}

/* Every subscriber keeps one address; no address is off the mean by more than a third. */
static void
spread(unsigned int workers, unsigned int n, uint32_t stride, uint32_t first)
{
	struct pipe *p = begin(workers,
		"pool 203.0.113.0-203.0.113.7; max-sessions 12000; max-subscribers 6000; " QUIET);
	unsigned int seen[8] = { 0 };
	struct given g, again;

	for (unsigned int i = 0; i < n; i++) {
		uint32_t host = NET + (first + i * stride) % 65536;

		assert_true(ask(p, IPPROTO_UDP, host, 5000, &g));
		assert_true(ask(p, IPPROTO_TCP, host, 5001, &again));
		assert_int_equal(g.addr, again.addr);
		assert_in_range(g.addr, POOL - 1, POOL + 6);
		seen[g.addr - (POOL - 1)]++;
	}
	for (unsigned int i = 0; i < 8; i++)
		if (seen[i] * 3 * 8 < n * 2 || seen[i] * 3 * 8 > n * 4)
			fail_msg("%u workers: %u of %u subscribers, stride %u, on address %u",
				workers, seen[i], n, stride, i);
	end(p);
}

static void
neighbouring_subscribers_spread_evenly_over_addresses(void **state)
{
	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++)
		spread(workers, 2000, 1, 1);
}

/* One subscriber a /30, /28 or /24, as access networks number them. */
static void
subscribers_with_a_stride_spread_evenly_over_addresses(void **state)
{
	(void)state;
	spread(1, 2000, 4, 2);
	spread(2, 2000, 16, 2);
	spread(3, 240, 256, 2);
}

/* ---- deterministic ---- */

/** A plan by RFC 7422 section 2, from its parameters and nothing else. */
struct plan7422 {
	uint32_t inside, hosts, addrs, min, max;
};

/* Who has a port, or 0. */
static uint32_t
who(const struct plan7422 *p, uint32_t nth_addr, uint32_t port)
{
	uint32_t ratio = p->hosts / p->addrs + (p->hosts % p->addrs != 0);
	uint32_t each = (p->max - p->min + 1) / ratio, slot, host;

	if (port < p->min || port > p->max)
		return 0;
	slot = (port - p->min) / each;
	host = nth_addr * ratio + slot;
	return slot < ratio && host < p->hosts ? p->inside + host : 0;
}

static const struct {
	const char *conf;
	struct plan7422 plan;
} plans[] = {
	{ "pool 203.0.113.0-203.0.113.1 fixed=10.1.0.0/24; ", { NET, 256, 2, 1024, 65535 } },
	{ "pool 203.0.113.0 fixed=10.1.0.0/26; ", { NET, 64, 1, 1024, 65535 } },
	{ "pool 203.0.113.0-203.0.113.2 fixed=10.1.0.0/25; ", { NET, 128, 3, 1024, 65535 } },
	{ "pool 203.0.113.0-203.0.113.6 ports=5000-5999 fixed=10.1.8.0/26; ",
		{ NET + 0x800, 64, 7, 5000, 5999 } },
	{ "pool 203.0.113.0-203.0.113.4 ports=1-65535 fixed=10.1.1.0/28; ",
		{ NET + 0x100, 16, 5, 1, 65535 } },
	{ "pool 203.0.113.0-203.0.113.7 ports=60000-65535 fixed=10.1.0.0/30; ",
		{ NET, 4, 8, 60000, 65535 } },
	{ "pool 203.0.113.0 fixed=10.1.0.9/32; ", { NET + 9, 1, 1, 1024, 65535 } },
};

static void
every_port_of_a_plan_is_looked_up_as_the_rfc_says(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(plans); i++) {
		const struct plan7422 *plan = &plans[i].plan;
		struct conf_params params = { 0 };
		struct sl_config *c = conf_parse(plans[i].conf, 0, &params);
		const struct sl_pool *pool;

		assert_int_equal(sl_pool_size(&c->pool[0]), plan->addrs);
		for (uint32_t a = 0; a < plan->addrs; a++) {
			for (uint32_t port = 0; port < 65536; port++) {
				rte_be32_t addr = rte_cpu_to_be_32(POOL - 1 + a);
				uint32_t want = who(plan, a, port), have;

				pool = NULL;
				have = rte_be_to_cpu_32(
					sl_config_lookup(c, addr, (uint16_t)port, &pool));
				if (have != want)
					fail_msg("%s port %u of address %u: %s", plans[i].conf,
						port, a, dotted(have));
				if (want != 0)
					assert_ptr_equal(pool, &c->pool[0]);
			}
		}
		assert_int_equal(
			sl_config_lookup(c, rte_cpu_to_be_32(POOL + plan->addrs), 5000, &pool), 0);
		sl_config_destroy(c);
	}
}

static void
every_subscriber_of_a_plan_gets_its_ports_for_every_protocol(void **state)
{
	static const uint8_t proto[] = { IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP };

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(plans); i++) {
		const struct plan7422 *plan = &plans[i].plan;
		unsigned int workers = 1 + i % 3;
		char conf[512];
		struct pipe *p;

		snprintf(conf, sizeof(conf), "%s" QUIET, plans[i].conf);
		p = begin(workers, conf);
		for (uint32_t h = 0; h < plan->hosts; h++) {
			for (unsigned int k = 0; k < 3; k++) {
				struct given g;

				assert_true(ask(p, proto[k], plan->inside + h,
					(uint16_t)(5000 + k + h), &g));
				assert_in_range(g.addr, POOL - 1, POOL - 2 + plan->addrs);
				assert_int_equal(
					who(plan, g.addr - (POOL - 1), g.port), plan->inside + h);
			}
		}
		end(p);
	}
}

/* All ports of a small plan are drawn: each host gets all of its own and no other. */
static void
every_port_of_a_plan_can_be_drawn_by_its_subscriber(void **state)
{
	static const struct plan7422 plan = { NET, 32, 3, 2000, 2500 };
	static uint8_t taken[3][65536];

	(void)state;
	for (unsigned int workers = 1; workers <= 3; workers++) {
		struct pipe *p = begin(workers,
			"pool 203.0.113.0-203.0.113.2 ports=2000-2500 fixed=10.1.0.0/27; " QUIET);
		unsigned int n = 0, owned = 0;
		struct given g;

		memset(taken, 0, sizeof(taken));
		for (uint32_t h = 0; h < plan.hosts; h++) {
			for (uint16_t port = 3000; ask(p, IPPROTO_UDP, NET + h, port, &g); port++) {
				assert_int_equal(who(&plan, g.addr - (POOL - 1), g.port), NET + h);
				assert_int_equal(taken[g.addr - (POOL - 1)][g.port]++, 0);
				n++;
			}
		}
		for (uint32_t a = 0; a < plan.addrs; a++)
			for (uint32_t port = 0; port < 65536; port++)
				owned += who(&plan, a, port) != 0;
		assert_int_equal(n, owned);
		end(p);
	}
}

/* An address that is named twice must not shift the plan against the look-up. */
static void
look_up_and_packets_agree_when_an_address_is_named_twice(void **state)
{
	static const char conf[] = "pool 203.0.113.0,203.0.113.0-203.0.113.1 ports=2000-2999 "
				   "fixed=10.1.0.0/27; " QUIET;
	struct conf_params params = { 0 };
	struct sl_config *c = conf_parse(conf, 0, &params);
	const struct sl_pool *pool;
	char why[128];

	(void)state;
	if (sl_config_check(c, why, sizeof(why)) == 0) {
		struct pipe *p = begin(1, conf);

		for (uint32_t h = 0; h < 32; h++) {
			struct given g;

			if (ask(p, IPPROTO_UDP, NET + h, 5000, &g))
				assert_int_equal(rte_be_to_cpu_32(sl_config_lookup(c,
							 rte_cpu_to_be_32(g.addr), g.port, &pool)),
					NET + h);
		}
		end(p);
	}
	sl_config_destroy(c);
}

/* A pool that is not there any more answers no look-up. */
static void
absent_pool_is_not_looked_up(void **state)
{
	struct conf_params params = { 0 };
	struct sl_config *c =
		conf_parse("pool 203.0.113.0 fixed=10.1.0.0/24 absent; "
			   "pool 203.0.113.0 ports=2000-2999 fixed=10.1.8.0/24; use-pool 1",
			0, &params);
	const struct sl_pool *pool = NULL;

	(void)state;
	assert_int_equal(
		rte_be_to_cpu_32(sl_config_lookup(c, rte_cpu_to_be_32(POOL - 1), 2000, &pool)),
		NET + 0x800);
	assert_ptr_equal(pool, &c->pool[1]);
	sl_config_destroy(c);
}

/* ---- the port map's parts for blocks and plans ---- */

static bool
own_all(const void *arg, uint16_t port)
{
	(void)arg;
	return port != 0;
}

static void
ports_of_a_range_are_given_once_each_and_no_other(void **state)
{
	static struct sl_ports ports;

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		uint16_t lo = (uint16_t)(1 + draw() % 65000), like = (uint16_t)draw();
		uint16_t hi =
			(uint16_t)RTE_MIN(65535u, lo + (uint32_t)(draw() % (i % 7 ? 300 : 3)));
		uint32_t n = (uint32_t)hi - lo + 1, parity = 0;
		static uint8_t taken[65536];

		memset(&ports, 0, sizeof(ports));
		memset(taken, 0, sizeof(taken));
		sl_ports_init(&ports, 1, 65535, own_all, NULL);
		for (uint32_t port = lo; port <= hi; port++)
			parity += (port & 1) == (like & 1);
		for (uint32_t k = 0; k < n; k++) {
			int port = sl_ports_take_in(&ports, SL_PORTS_TCP, lo, hi, like, draw());

			assert_in_range(port, lo, hi);
			assert_int_equal(taken[port]++, 0);
			assert_int_equal((port & 1) == (like & 1), k < parity);
		}
		assert_int_equal(sl_ports_take_in(&ports, SL_PORTS_TCP, lo, hi, like, draw()), -1);
		assert_int_equal(ports.c[SL_PORTS_TCP].n_used, n);
	}
}

static void
default_limits_of_a_subscriber_are_never_none(void **state)
{
	struct sl_config *c = sl_config_create();

	(void)state;
	assert_true(c->tenant[0].limits.sessions > 0);
	assert_true(c->tenant[0].limits.ports > 0);
	assert_true(c->tenant[0].limits.rate > 0);
	sl_config_destroy(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_of_a_range_are_given_once_each_and_no_other),
		cmocka_unit_test(default_limits_of_a_subscriber_are_never_none),
		cmocka_unit_test(every_port_of_a_plan_is_looked_up_as_the_rfc_says),
		cmocka_unit_test(every_subscriber_of_a_plan_gets_its_ports_for_every_protocol),
		cmocka_unit_test(every_port_of_a_plan_can_be_drawn_by_its_subscriber),
		cmocka_unit_test(look_up_and_packets_agree_when_an_address_is_named_twice),
		cmocka_unit_test(absent_pool_is_not_looked_up),
		cmocka_unit_test(all_blocks_come_and_go_a_hundred_times),
		cmocka_unit_test(every_block_leads_back_from_every_worker),
		cmocka_unit_test(blocks_keep_their_owner_in_a_random_walk),
		cmocka_unit_test(neighbouring_subscribers_spread_evenly_over_addresses),
		cmocka_unit_test(subscribers_with_a_stride_spread_evenly_over_addresses),
		cmocka_unit_test(
			address_is_filled_to_the_last_port_and_each_freed_one_serves_again),
	};

	return cmocka_run_group_tests_name("alloc", tests, pipe_setup, NULL);
}
