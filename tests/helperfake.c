/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The world around helpers, without a gateway. Requests stay where they are until the test has
 * them answered, packets that come back are kept; nothing happens by itself.
 */
#include "helperfake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"
#include "pipe.h"

#define L3 14 /* bytes before the IP header of what is punted */

static unsigned int
worker(void *arg, rte_be32_t in_addr)
{
	(void)arg;
	return rte_be_to_cpu_32(in_addr) % FAKE_WORKERS;
}

static int
ask(void *arg, unsigned int w, struct sl_msg *msg)
{
	struct fake *f = arg;

	if (f->ask_full)
		return -1;
	assert_true(f->n_asked < FAKE_ASKED);
	f->asked[f->n_asked].msg = msg;
	f->asked[f->n_asked++].worker = w;
	f->n_sent++;
	return 0;
}

static int
give(void *arg, unsigned int w, struct rte_mbuf *m)
{
	struct fake *f = arg;
	struct fake_given *g = &f->given[f->n_given];

	if (f->give_full)
		return -1;
	assert_true(f->n_given < FAKE_GIVEN);
	g->m = m;
	g->worker = w;
	sl_helper_note_get(m, &g->note);
	assert_int_equal(g->note.worker, w);
	f->n_given++;
	return 0;
}

static bool
is_inside(void *arg, unsigned int tenant, rte_be32_t addr)
{
	(void)arg;
	(void)tenant;
	return rte_be_to_cpu_32(addr) >> 8 == 0x0a0000;
}

struct fake *
fake_create(uint32_t max_flows, uint32_t max_expected)
{
	struct fake *f = calloc(1, sizeof(*f));
	struct sl_helpers_params params = {
		.ops = toy_helpers,
		.max_flows = max_flows,
		.max_expected = max_expected,
		.pool = rte_mempool_lookup("own"),
		.socket = SOCKET_ID_ANY,
		.arg = f,
		.worker = worker,
		.ask = ask,
		.give = give,
		.is_inside = is_inside,
	};
	struct sl_config *c = sl_config_create();

	assert_non_null(f);
	f->now = 1000000;
	f->next_port = 20000;
	f->hs = sl_helpers_create(&params);
	assert_non_null(f->hs);
	sl_helper_defaults(c, toy_helpers);
	c->helper[TOY_PROXY - 1].on = true;
	sl_helpers_configure(f->hs, c);
	sl_config_destroy(c);
	toy_ended = toy_shown = toy_local = 0;
	return f;
}

void
fake_destroy(struct fake *f)
{
	for (unsigned int i = 0; i < f->n_given; i++)
		rte_pktmbuf_free(f->given[i].m);
	sl_helpers_destroy(f->hs);
	free(f);
	assert_int_equal(pipe_mbufs_out(), 0);
}

struct sl_helper_note
fake_flow(uint8_t host, uint16_t port)
{
	return (struct sl_helper_note){
		.worker = host % FAKE_WORKERS,
		.flow = port,
		.created = 5,
		.in_addr = rte_cpu_to_be_32(0x0a000000u + host),
		.out_addr = RTE_BE32(0xc0000201),
		.rem_addr = RTE_BE32(0xc6336409),
		.in_port = rte_cpu_to_be_16(port),
		.out_port = rte_cpu_to_be_16((uint16_t)(port + 10000)),
		.rem_port = RTE_BE16(4000),
		.helper = TOY,
		.proto = IPPROTO_UDP,
	};
}

/* ---- datagrams ---- */

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

struct rte_mbuf *
fake_datagram(const struct sl_helper_note *note, enum sl_side from, const void *payload, size_t n)
{
	static uint8_t b[65536 + L3];
	uint8_t *ip = b + L3, *udp = ip + 20;
	bool in = from == SL_INSIDE;

	assert_true(n <= 65507);
	memset(b, 0, L3 + 28);
	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)n + 28);
	ip[6] = 0x40; /* DF */
	ip[8] = 63;
	ip[9] = IPPROTO_UDP;
	memcpy(ip + 12, in ? &note->out_addr : &note->rem_addr, 4);
	memcpy(ip + 16, in ? &note->rem_addr : &note->in_addr, 4);
	put16(ip + 10, csum_ip4(ip));
	memcpy(udp, in ? &note->out_port : &note->rem_port, 2);
	memcpy(udp + 2, in ? &note->rem_port : &note->in_port, 2);
	put16(udp + 4, (uint32_t)n + 8);
	memcpy(udp + 8, payload, n);
	put16(udp + 6, csum_l4(ip, udp, n + 8, IPPROTO_UDP, 6));
	return pipe_mbuf(b, L3 + 28 + n);
}

void
fake_punt(struct fake *f, const struct sl_helper_note *note, enum sl_side from, struct rte_mbuf *m)
{
	struct sl_punt punt = {
		.m = m,
		.cause = SL_PUNT_HELPER,
		.side = from,
		.tenant = note->tenant,
		.l3 = L3,
	};
	struct sl_helper_note copy = *note;

	copy.side = (uint8_t)from;
	assert_true(sl_helper_note_put(m, &copy));
	sl_helpers_packet(f->hs, &punt, f->now);
}

void
fake_say(struct fake *f, const struct sl_helper_note *note, const char *text)
{
	fake_punt(f, note, SL_INSIDE, fake_datagram(note, SL_INSIDE, text, strlen(text)));
}

static void
check_datagram(const uint8_t *ip, size_t n)
{
	static const uint8_t zero[2];
	const uint8_t *udp = ip + 20;

	assert_int_equal(ip[0], 0x45);
	assert_int_equal(ip[2] << 8 | ip[3], n);
	assert_int_equal(ip[10] << 8 | ip[11], csum_ip4(ip));
	assert_int_equal(udp[4] << 8 | udp[5], n - 20);
	if (memcmp(udp + 6, zero, 2) != 0)
		assert_int_equal(udp[6] << 8 | udp[7], csum_l4(ip, udp, n - 20, IPPROTO_UDP, 6));
}

const char *
fake_got(struct fake *f)
{
	static uint8_t flat[65536];
	static char text[65536];
	struct rte_mbuf *m;
	const uint8_t *ip;

	if (f->n_given == 0)
		return NULL;
	m = f->given[0].m;
	ip = rte_pktmbuf_read(m, 0, m->pkt_len, flat);
	check_datagram(ip, m->pkt_len);
	memcpy(text, ip + 28, m->pkt_len - 28);
	text[m->pkt_len - 28] = 0;
	rte_pktmbuf_free(m);
	f->n_given--;
	memmove(f->given, f->given + 1, f->n_given * sizeof(f->given[0]));
	return text;
}

/* ---- answers and time ---- */

void
fake_end(struct fake *f, const struct sl_helper_note *note)
{
	struct sl_event e = {
		.type = SL_EVENT_HELPER_END,
		.worker = note->worker,
		.flow = note->flow,
		.created = note->created,
	};

	sl_helpers_event(f->hs, &e, f->now);
}

void
fake_met(struct fake *f, uint8_t host, uint16_t port)
{
	struct sl_event e = {
		.type = SL_EVENT_MET,
		.worker = host % FAKE_WORKERS,
		.addr = rte_cpu_to_be_32(0x0a000000u + host),
		.port = rte_cpu_to_be_16(port),
		.proto = IPPROTO_UDP,
	};

	sl_helpers_event(f->hs, &e, f->now);
}

const struct sl_map_request *
fake_request(const struct fake *f, unsigned int i)
{
	assert_true(i < f->n_asked);
	return f->asked[i].msg->buf;
}

void
fake_answer(struct fake *f, unsigned int i, int status)
{
	struct sl_msg *msg;
	struct sl_map_request *r;

	assert_true(i < f->n_asked);
	msg = f->asked[i].msg;
	r = msg->buf;
	f->n_asked--;
	memmove(f->asked + i, f->asked + i + 1, (f->n_asked - i) * sizeof(f->asked[0]));
	r->status = status;
	if (msg->op == SL_MSG_MAP_ADD && status == 0) {
		r->out_addr = RTE_BE32(0xc0000201);
		r->out_port = rte_cpu_to_be_16(f->next_port++);
	}
	msg->cursor = UINT32_MAX;
	assert_true(sl_helpers_answer(f->hs, msg, f->now));
}

void
fake_wait(struct fake *f, uint64_t ms)
{
	f->now += ms;
	sl_helpers_poll(f->hs, f->now);
}

const struct sl_helper_count *
fake_count(const struct fake *f, unsigned int helper)
{
	return sl_helpers_count(f->hs, helper);
}

static void
count_one(void *arg, const struct sl_expected_view *view)
{
	unsigned int *n = arg;

	assert_non_null(view->helper);
	++*n;
}

unsigned int
fake_expectations(struct fake *f)
{
	unsigned int n = 0;

	sl_helpers_walk(f->hs, f->now, count_one, &n);
	return n;
}
