/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A stream on the bench: packets in, packets out, one by one. Numbers in the tests begin at 1
 * with the first byte of data on each side, whatever the initial sequence numbers are.
 */
#include "streamrig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipe.h"

struct rig rig;
uint32_t rig_isn = 1000;

static void
take(void *arg, enum sl_side from, struct rte_mbuf *m)
{
	struct tcpwire *t = &rig.out[rig.n_out];

	(void)arg;
	assert_true(rig.n_out < RIG_OUT);
	tcpwire_read(m, from, t, rig.data[rig.n_out], sizeof(rig.data[0]));
	rig.n_out++;
	rte_pktmbuf_free(m);
}

int
rig_setup(void **state)
{
	if (pipe_setup(state) != 0)
		return -1;
	if (rig.pool == NULL)
		rig.pool = rte_pktmbuf_pool_create(
			"rig", RIG_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	return rig.pool == NULL ? -1 : 0;
}

void
rig_streams(const struct sl_streams_params *params)
{
	static const uint16_t mtu[2] = { 1500, 1500 };
	struct sl_streams_params p = { .max = 2, .socket = SOCKET_ID_ANY };

	if (params != NULL)
		p = *params;
	p.pool = rig.pool;
	sl_streams_destroy(rig.streams);
	rig.streams = sl_streams_create(&p);
	assert_non_null(rig.streams);
	rig.chunks = rig.streams->n_free_chunks;
	rig.s = sl_stream_begin(rig.streams, &toy_ops, &rig.toy, mtu);
	assert_non_null(rig.s);
}

int
rig_begin(void **state)
{
	struct rte_mempool *pool = rig.pool;

	(void)state;
	memset(&rig, 0, sizeof(rig));
	rig.pool = pool;
	rig.toy.emit = take;
	rig.now = 1000000;
	rig.win = 60000;
	rig.isn[IN] = rig_isn;
	rig.isn[OUT] = rig_isn < 7000 ? 7000 : rig_isn - 3;
	rig_streams(NULL);
	return 0;
}

int
rig_end(void **state)
{
	(void)state;
	rig_expect_nothing();
	sl_stream_end(rig.s);
	assert_int_equal(rig.streams->n_free_chunks, rig.chunks);
	assert_int_equal(rig.streams->n_queued, 0);
	assert_true(LIST_EMPTY(&rig.streams->armed));
	sl_streams_destroy(rig.streams);
	assert_int_equal(rte_mempool_avail_count(rig.pool), RIG_MBUFS);
	return 0;
}

void
rig_give(struct tcpwire t)
{
	struct rte_mbuf *m;

	t.v6 = rig.v6;
	t.ts |= rig.ts;
	if (t.win == 0)
		t.win = rig.win;
	if (t.tsval == 0)
		t.tsval = (uint32_t)rig.now;
	t.seq += rig.isn[t.from];
	if (t.flags & T_ACK)
		t.ack += rig.isn[SL_ACROSS(t.from)];
	for (unsigned int i = 0; i < t.n_sacks; i++) {
		t.sack[i][0] += rig.isn[SL_ACROSS(t.from)];
		t.sack[i][1] += rig.isn[SL_ACROSS(t.from)];
	}
	m = tcpwire_build(rig.pool, &t);
	assert_non_null(m);
	sl_stream_segment(rig.s, t.from, m, TCPWIRE_L3, rig.now);
}

void
rig_text(enum sl_side from, uint32_t seq, uint32_t ack, uint8_t flags, const char *text)
{
	rig_give((struct tcpwire){
		.from = from,
		.seq = seq,
		.ack = ack,
		.flags = flags,
		.data = (const uint8_t *)text,
		.n = text != NULL ? (uint32_t)strlen(text) : 0,
	});
}

const struct tcpwire *
rig_next(void)
{
	struct tcpwire *t = &rig.out[rig.n_expected];

	assert_true(rig.n_expected < rig.n_out);
	rig.n_expected++;
	t->seq -= rig.isn[t->from];
	if (t->flags & T_ACK)
		t->ack -= rig.isn[SL_ACROSS(t->from)];
	for (unsigned int i = 0; i < t->n_sacks; i++) {
		t->sack[i][0] -= rig.isn[SL_ACROSS(t->from)];
		t->sack[i][1] -= rig.isn[SL_ACROSS(t->from)];
	}
	return t;
}

const struct tcpwire *
rig_expect(enum sl_side from, uint32_t seq, uint32_t ack, uint8_t flags, const char *text)
{
	const struct tcpwire *t = rig_next();

	assert_int_equal(t->from, from);
	assert_int_equal(t->flags, flags);
	assert_int_equal(t->seq, seq);
	if (flags & T_ACK)
		assert_int_equal(t->ack, ack);
	assert_int_equal(t->n, text != NULL ? strlen(text) : 0);
	if (text != NULL)
		assert_memory_equal(t->data, text, t->n);
	return t;
}

void
rig_expect_nothing(void)
{
	assert_int_equal(rig.n_out, rig.n_expected);
	rig.n_out = rig.n_expected = 0;
}

void
rig_wait(uint64_t ms)
{
	rig.now += ms;
	sl_streams_tick(rig.streams, rig.now);
}

void
rig_open(void)
{
	struct tcpwire syn = { .from = IN,
		.flags = T_SYN,
		.mss = RIG_MSS,
		.sack_ok = true,
		.scales = rig.scale > 0,
		.scale = rig.scale };

	rig_give(syn);
	rig_expect(IN, 0, 0, T_SYN, NULL);
	syn.from = OUT;
	syn.flags |= T_ACK;
	syn.ack = 1;
	rig_give(syn);
	rig_expect(OUT, 0, 1, T_SYN | T_ACK, NULL);
	rig_text(IN, 1, 1, T_ACK, NULL);
	rig_expect(IN, 1, 1, T_ACK, NULL);
}

int
rig_run(const struct CMUnitTest *tests, size_t n)
{
	int failed = 0;

	for (uint32_t back = 0; back < 32 && failed == 0; back += 3) {
		rig_isn = back == 0 ? 1000 : 0u - back;
		failed = _cmocka_run_group_tests("stream", tests, n, rig_setup, NULL);
	}
	return failed;
}
