/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Between a TCP stream (stream.c), which makes messages of segments and segments of messages,
 * and the helper that reads them. All are called by the stream, within its own functions.
 */
#include "helper_tcp.h"
#include "helper_expect.h"
#include "helper_flow.h"
#include "helper_turn.h"

static void
tcp_begin(void *arg)
{
	sl_helper_flow_forget(arg);
}

static int
tcp_frame(void *arg, enum sl_side from, struct sl_slice data)
{
	struct sl_helper_flow *f = arg;
	int n;

	if (!f->pass && !sl_helper_flow_wanted(f))
		sl_helper_flow_pass(f);
	if (f->pass || f->ops->frame == NULL)
		return -1;
	f->h.now = f->all->now;
	n = f->ops->frame(&f->h, from, data);
	if (n < 0 || n > SL_HELPER_MESSAGE_MAX)
		sl_helper_flow_pass(f);
	return n;
}

static enum sl_stream_verdict
tcp_message(void *arg, enum sl_side from, struct sl_slice message, struct sl_edits *edits)
{
	struct sl_helper_flow *f = arg;

	if (f->late || !sl_helper_flow_wanted(f)) {
		if (f->turn != NULL)
			sl_turn_abandon(f->turn);
		sl_helper_flow_pass(f);
		return SL_STREAM_PASS;
	}
	switch (sl_turn_run(f, from, message, edits)) {
	case SL_TURN_WAIT:
		return SL_STREAM_WAIT;
	case SL_TURN_PASS:
	case SL_TURN_REFUSE: /* a byte that is acknowledged cannot be taken back */
		sl_helper_flow_pass(f);
		return SL_STREAM_PASS;
	default:
		return SL_STREAM_GO;
	}
}

static void
tcp_ended(void *arg)
{
	sl_expected_calls_end(arg);
}

static void
tcp_emit(void *arg, enum sl_side from, struct rte_mbuf *m)
{
	sl_helper_flow_give(arg, from, m);
}

struct sl_stream *
sl_helper_tcp_begin(struct sl_helper_flow *f)
{
	static const struct sl_stream_ops ops = {
		.begin = tcp_begin,
		.frame = tcp_frame,
		.message = tcp_message,
		.emit = tcp_emit,
		.ended = tcp_ended,
	};

	return sl_stream_begin(f->all->streams, &ops, f, f->all->mtu);
}

int
sl_helpers_shift(const struct sl_helpers *hs, uint32_t worker, uint32_t flow, uint32_t created,
	uint32_t shift[2])
{
	const struct sl_helper_flow *f = sl_helper_flow_find(hs, worker, flow, created);

	shift[SL_INSIDE] = shift[SL_OUTSIDE] = 0;
	return f != NULL && f->stream != NULL ? sl_stream_shift(f->stream, shift) : 0;
}
