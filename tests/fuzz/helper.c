/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of one helper, named by HELPER when this is compiled. The framework around it is
 * played here, as strictly as helper.h allows: a message lies in memory of its own to the byte,
 * each request is answered only when the message comes again, and then has to be the same one,
 * state is put back before; replacements ascend and lie within. The input is what both ends say:
 *
 *	flags, bytes, 0xfe 0xfd, flags, bytes, ...
 *
 * A record's bit 0 is its direction, from outside when set. The first one's further bits make
 * the flow: bit 1 TCP, bit 2 opened from outside, bit 3 expected by an earlier one, bit 4
 * has requests refused now and then, and bit 5 makes its inside host one of IPv6.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "all.h"
#include "fuzz.h"

#define STREAM_MAX (2 * SL_HELPER_MESSAGE_MAX)

enum record_flags {
	FROM_OUTSIDE = 1,
	TCP = 2,
	INBOUND = 4,
	EXPECTED = 8,
	REFUSALS = 16,
	SIX = 32,
};

struct request {
	struct sl_expect asked, answer;
	int status;
};

/* The flow, and the message that is being read. */
static struct {
	const struct sl_helper_ops *ops;
	struct sl_helper h;
	uint8_t state[SL_HELPER_STATE_MAX];
	bool passed, refusals;
	/* the message */
	size_t n, edited, edits, growth;
	unsigned int n_requests, turn; /* made so far; the next one of this turn */
	bool again;
	struct request request[SL_HELPER_REQUESTS_MAX];
	/* bytes without a whole message yet, from each side */
	uint8_t stream[2][STREAM_MAX];
	size_t held[2];
	uint32_t seed;
} flow;

/* ---- what a helper may call ---- */

int
sl_helper_replace(struct sl_helper *h, size_t at, size_t n, const void *bytes, size_t len)
{
	const volatile uint8_t *p = bytes;

	assert(h == &flow.h);
	for (size_t i = 0; i < len; i++)
		(void)p[i];
	if (at > flow.n || n > flow.n - at || at < flow.edited)
		return -EINVAL;
	if (flow.edits == SL_HELPER_EDITS_MAX || len > SL_HELPER_MESSAGE_MAX)
		return -ENOSPC;
	flow.edits++;
	flow.edited = at + n;
	return 0;
}

static int
status_of_next(void)
{
	static const int refused[] = { -EPERM, -EDQUOT, -ENOSPC, -EADDRINUSE };

	flow.seed = flow.seed * 1103515245 + 12345;
	if (!flow.refusals || (flow.seed >> 16 & 3) != 0)
		return 0;
	return refused[flow.seed >> 18 & 3];
}

static void
answer(struct request *r)
{
	r->answer = r->asked;
	r->status = status_of_next();
	if (r->status != 0 || r->asked.outward)
		return;
	r->answer.out_addr = flow.h.out_addr;
	if (r->asked.out_port == 0)
		r->answer.out_port = RTE_BE16(20000);
}

int
sl_helper_expect(struct sl_helper *h, struct sl_expect *expect)
{
	struct request *r = &flow.request[flow.turn];

	assert(h == &flow.h);
	if (rte_be_to_cpu_16(expect->in_port) < 1024 && !expect->outward &&
		expect->proto != IPPROTO_GRE)
		return -EPERM;
	if (flow.turn == SL_HELPER_REQUESTS_MAX)
		return -ENOSPC;
	/* Who does not return at once gets no answer to what comes behind. */
	if (flow.again)
		return -EAGAIN;
	flow.turn++;
	if (flow.turn > flow.n_requests) {
		r->asked = *expect;
		answer(r);
		flow.n_requests++;
		flow.again = true;
		return -EAGAIN;
	}
	assert(r->asked.proto == expect->proto && r->asked.in_addr == expect->in_addr &&
		r->asked.in_port == expect->in_port && r->asked.rem_addr == expect->rem_addr &&
		r->asked.rem_port == expect->rem_port && r->asked.pair == expect->pair &&
		r->asked.outward == expect->outward && r->asked.cookie == expect->cookie);
	*expect = r->answer;
	return r->status;
}

void
sl_helper_unexpect(struct sl_helper *h, uint8_t proto, rte_be32_t in_addr, rte_be16_t in_port)
{
	assert(h == &flow.h);
	(void)proto;
	(void)in_addr;
	(void)in_port;
}

void
sl_helper_prolong(struct sl_helper *h, uint8_t proto, rte_be32_t in_addr, rte_be16_t in_port,
	uint32_t lifetime)
{
	sl_helper_unexpect(h, proto, in_addr, in_port);
	(void)lifetime;
}

void
sl_helper_pass(struct sl_helper *h)
{
	assert(h == &flow.h);
	flow.passed = true;
}

void
sl_helper_refuse(struct sl_helper *h)
{
	assert(h == &flow.h);
	if (h->proto == IPPROTO_TCP)
		flow.passed = true;
}

bool
sl_helper_expected(const struct sl_helper *h, uint8_t proto, rte_be32_t in_addr, rte_be16_t in_port,
	rte_be32_t *out_addr, rte_be16_t *out_port)
{
	assert(h == &flow.h);
	if ((rte_be_to_cpu_16(in_port) & 8) != 0)
		return false;
	(void)proto;
	(void)in_addr;
	*out_addr = h->out_addr;
	*out_port = RTE_BE16(20002);
	return true;
}

bool
sl_helper_inside(const struct sl_helper *h, uint8_t proto, rte_be32_t out_addr, rte_be16_t out_port,
	rte_be16_t *in_port)
{
	assert(h == &flow.h);
	(void)proto;
	if (out_addr != h->out_addr || (rte_be_to_cpu_16(out_port) & 8) != 0)
		return false;
	*in_port = RTE_BE16(5002);
	return true;
}

/* The prefix is one of 96 bits. */
struct sl_ip6
sl_helper_join(const struct sl_helper *h, rte_be32_t addr)
{
	struct sl_ip6 six = h->net6;

	assert(h == &flow.h && h->six);
	memcpy(six.b + 12, &addr, sizeof(addr));
	return six;
}

bool
sl_helper_split(const struct sl_helper *h, const struct sl_ip6 *six, rte_be32_t *addr)
{
	assert(h == &flow.h && h->six);
	memcpy(addr, six->b + 12, sizeof(*addr));
	return memcmp(six, &h->net6, 12) == 0;
}

/* ---- messages ---- */

static void
give(enum sl_side from, const uint8_t *data, size_t n)
{
	struct sl_helper before = flow.h;
	uint8_t state[SL_HELPER_STATE_MAX], *copy = malloc(n > 0 ? n : 1);
	struct sl_slice message = { copy, n };

	assert(copy != NULL);
	memcpy(state, flow.state, sizeof(state));
	memcpy(copy, data, n);
	flow.n_requests = 0;
	do {
		flow.h = before;
		memcpy(flow.state, state, sizeof(state));
		flow.n = n;
		flow.edits = flow.edited = flow.turn = 0;
		flow.again = flow.passed = false;
		if (from == SL_INSIDE && flow.ops->outbound != NULL)
			flow.ops->outbound(&flow.h, message);
		else if (from == SL_OUTSIDE && flow.ops->inbound != NULL)
			flow.ops->inbound(&flow.h, message);
		for (size_t i = flow.ops->state_size; i < sizeof(flow.state); i++)
			assert(flow.state[i] == 0);
	} while (flow.again);
	assert(flow.n_requests == flow.turn);
	free(copy);
}

/* Whole messages off the front of what a side has said. */
static void
cut(enum sl_side from)
{
	uint8_t *stream = flow.stream[from];

	while (flow.held[from] > 0 && !flow.passed) {
		struct sl_slice data = { malloc(flow.held[from]), flow.held[from] };
		int n;

		assert(data.p != NULL);
		memcpy((void *)(uintptr_t)data.p, stream, data.n);
		n = flow.ops->frame(&flow.h, from, data);
		free((void *)(uintptr_t)data.p);
		if (n < 0 || n > SL_HELPER_MESSAGE_MAX)
			flow.passed = true;
		if (n <= 0 || (size_t)n > flow.held[from] || flow.passed)
			return;
		give(from, stream, (size_t)n);
		flow.held[from] -= (size_t)n;
		memmove(stream, stream + n, flow.held[from]);
	}
}

static void
say(enum sl_side from, const uint8_t *data, size_t n)
{
	if (flow.h.proto == IPPROTO_UDP) {
		flow.passed = false; /* every datagram for itself */
		give(from, data, RTE_MIN(n, (size_t)SL_HELPER_MESSAGE_MAX));
		return;
	}
	/* Byte by byte at the start, as a cut may lie anywhere. */
	while (n > 0 && flow.held[from] < STREAM_MAX && !flow.passed) {
		size_t piece = flow.held[from] < 16 ? 1 : n;

		piece = RTE_MIN(piece, STREAM_MAX - flow.held[from]);
		memcpy(flow.stream[from] + flow.held[from], data, piece);
		flow.held[from] += piece;
		data += piece;
		n -= piece;
		cut(from);
	}
}

/* ---- flows ---- */

/* What outlives flows would outlive inputs, and no finding could be repeated. */
static void *
shared_memory(void)
{
	static void *shared;

	if (HELPER.shared_size == 0)
		return NULL;
	if (shared == NULL)
		shared = malloc(HELPER.shared_size);
	assert(shared != NULL);
	return memset(shared, 0, HELPER.shared_size);
}

static void
open_flow(uint8_t flags)
{
	bool tcp = (flags & TCP) != 0;

	memset(&flow, 0, sizeof(flow));
	flow.ops = &HELPER;
	flow.refusals = (flags & REFUSALS) != 0;
	if (flow.ops->proto[1] == 0)
		tcp = flow.ops->proto[0] == IPPROTO_TCP;
	flow.h = (struct sl_helper){
		.state = flow.state,
		.shared = shared_memory(),
		.now = 1000000,
		.proto = tcp ? IPPROTO_TCP : IPPROTO_UDP,
		.inbound = (flags & INBOUND) != 0,
		.expected = (flags & EXPECTED) != 0,
		.cookie = (flags & EXPECTED) != 0 ? 1 + (flags >> 5) : 0,
		.in_addr = RTE_BE32(0x0a000002),
		.out_addr = RTE_BE32(0xc0000201),
		.rem_addr = RTE_BE32(0xc6336409),
		.in_port = RTE_BE16(5000),
		.out_port = RTE_BE16(15000),
		.rem_port = rte_cpu_to_be_16(flow.ops->port[0]),
		.six = flow.ops->six && (flags & SIX) != 0,
		.in6 = { { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 2 } },
		.net6 = { { 0x00, 0x64, 0xff, 0x9b } },
		.plen6 = 96,
	};
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t mark[2] = { 0xfe, 0xfd };
	bool first = true;

	while (size > 0) {
		uint8_t flags = data[0];
		const uint8_t *end = memmem(data + 1, size - 1, mark, sizeof(mark));
		size_t n = end != NULL ? (size_t)(end - data - 1) : size - 1;

		if (first)
			open_flow(flags);
		first = false;
		say((flags & FROM_OUTSIDE) != 0 ? SL_OUTSIDE : SL_INSIDE, data + 1, n);
		flow.h.now += 100;
		n += 1 + (end != NULL ? sizeof(mark) : 0);
		data += n;
		size -= n;
	}
	if (!first && flow.ops->flow_end != NULL)
		flow.ops->flow_end(&flow.h);
	return 0;
}
