/* SPDX-License-Identifier: BSD-3-Clause
 *
 * H.323. A call begins with a TCP connection to port 1720 for call signalling (q931.c, h225.c).
 * There both ends may name where H.245 is spoken, in which they then tell each other where they
 * want their media:
 *
 *	Setup, CallProceeding, Alerting, Connect, Progress, Facility:
 *	    call signal addresses        this connection's: replaced, nothing is opened
 *	    h245Address                  who listens there gets the other one's connection
 *	    fastStart                    OpenLogicalChannel of H.245, for media without H.245
 *	    h245Control                  H.245 itself, within this connection
 *	OpenLogicalChannel, its Ack:
 *	    mediaChannel, mediaControlChannel   RTP and RTCP, an even port and the next
 *	    networkAddress               T.120, TCP
 *
 * An endpoint of the inside host becomes an outside one, which lets in what comes from the
 * remote end: one connection to its H.245, media to its RTP port and to the next one together,
 * since the two have to stay neighbours outside. Where the remote end listens for H.245 the
 * inside host's connection is waited for, to be read as well. Endpoints take the same six
 * bytes before and after, so no length changes (per.c tells where they are; nobody searches).
 *
 * What opens something must be where it may be: a call begins with the Setup of who opened the
 * connection, answers come from the other end, an Ack to a channel that was asked for, all
 * within a call that is not over. Addresses other than the inside host's own stay as they are
 * and open nothing. An encoding that cannot be read stays as it is, too.
 *
 * What was opened ends with ReleaseComplete, EndSessionCommand or its connection. What was
 * asked for in an H.245 connection is that connection's own.
 */
#include <errno.h>

#include <rte_common.h>

#include "all.h"
#include "h323.h"
#include "q931.h"

/* ---- channels ---- */

static void
channel_asked(struct sl_h323 *s, enum sl_side by, uint16_t channel)
{
	s->channel[by][s->next_channel[by]] = channel;
	s->next_channel[by] = (uint8_t)((s->next_channel[by] + 1) % SL_H323_CHANNELS);
}

/* Has this side asked for the channel? It is told once. */
static bool
channel_was_asked(struct sl_h323 *s, enum sl_side by, uint16_t channel)
{
	for (unsigned int i = 0; i < SL_H323_CHANNELS; i++) {
		if (s->channel[by][i] != channel)
			continue;
		s->channel[by][i] = 0;
		return true;
	}
	return false;
}

/* ---- messages ---- */

/* Do as a message says; false: it comes again. */
static bool
follow(struct sl_h323_message *m, const struct sl_per_hits *hits)
{
	struct sl_h323 *s = m->h->state;
	uint8_t kind = SL_H323_NONE;
	bool answers = true;

	for (const struct sl_per_hit *hit = hits->hit; hit < hits->hit + hits->n; hit++) {
		if (hit->what == SL_PER_CHOSEN) {
			kind = hit->mark;
			answers = kind != SL_H323_ACK;
			m->over |= kind == SL_H323_END;
		} else if (hit->mark == SL_H323_CHANNEL && kind == SL_H323_OPEN) {
			channel_asked(s, m->from, (uint16_t)hit->value);
		} else if (hit->mark == SL_H323_CHANNEL && kind == SL_H323_ACK) {
			answers = channel_was_asked(s, SL_ACROSS(m->from), (uint16_t)hit->value);
		} else if (hit->what == SL_PER_ADDRESS && answers &&
			   sl_h323_endpoint(m, hit) == -EAGAIN) {
			return false;
		}
	}
	return true;
}

/* ---- H.245 on a connection of its own ---- */

static void
read_h245(struct sl_h323_message *m)
{
	struct sl_per_hits hits;
	size_t at = SL_TPKT_HEADER;

	hits.n = 0;
	while (at < m->bytes.n) {
		at = sl_per_walk(&sl_h245_message, m->bytes, at, &hits);
		if (at == 0)
			return;
	}
	if (follow(m, &hits) && m->over)
		sl_h323_end_call(m->h, 0);
}

/* ---- call signalling ---- */

static struct sl_h323_call *
find_call(struct sl_h323 *s, uint16_t reference)
{
	for (unsigned int i = 0; i < SL_H323_CALLS; i++)
		if (s->call[i].used && s->call[i].reference == reference)
			return &s->call[i];
	return NULL;
}

/* The call that a message belongs to, which may be a new one; NULL: it is out of place. */
static struct sl_h323_call *
call_of(const struct sl_h323_message *m, const struct sl_q931 *q)
{
	struct sl_h323 *s = m->h->state;
	struct sl_h323_call *call = find_call(s, q->call);

	switch (q->type) {
	case SL_Q931_SETUP:
		/* Once there was a call, either end may place others. */
		if (!s->begun && m->from != (m->h->inbound ? SL_OUTSIDE : SL_INSIDE))
			return NULL;
		if (call == NULL) {
			call = &s->call[s->next_call];
			s->next_call = (uint8_t)((s->next_call + 1) % SL_H323_CALLS);
			*call = (struct sl_h323_call){ q->call, true, (uint8_t)m->from };
			s->begun = true;
		}
		return call->caller == m->from ? call : NULL;
	case SL_Q931_SETUP_ACK:
	case SL_Q931_CALL_PROCEEDING:
	case SL_Q931_ALERTING:
	case SL_Q931_CONNECT:
	case SL_Q931_PROGRESS:
		return call != NULL && call->caller != m->from ? call : NULL;
	default:
		return call;
	}
}

/* A Setup within any other message is not one. */
static bool
is_as_it_says(const struct sl_q931 *q, const struct sl_per_hits *hits)
{
	bool setup = hits->n > 0 && hits->hit[0].what == SL_PER_CHOSEN &&
		     hits->hit[0].mark == SL_H323_SETUP;

	return setup == (q->type == SL_Q931_SETUP);
}

static void
read_signalling(struct sl_h323_message *m)
{
	struct sl_per_hits hits;
	struct sl_slice upto;
	struct sl_h323_call *call;
	struct sl_q931 q;

	hits.n = 0;
	if (!sl_q931_read(m->bytes, &q)) {
		sl_helper_pass(m->h);
		return;
	}
	upto = (struct sl_slice){ m->bytes.p, q.end };
	if (q.user != 0 && (sl_per_walk(&sl_h225_message, upto, q.user, &hits) == 0 ||
				   !is_as_it_says(&q, &hits)))
		hits.n = 0;
	call = call_of(m, &q);
	if (call == NULL)
		return;
	m->call = q.call;
	if (!follow(m, &hits))
		return;
	if (m->over || q.type == SL_Q931_RELEASE_COMPLETE)
		sl_h323_end_call(m->h, q.call);
	if (q.type == SL_Q931_RELEASE_COMPLETE)
		call->used = false;
}

static void
read_message(struct sl_helper *h, enum sl_side from, struct sl_slice bytes)
{
	struct sl_h323_message m;

	m.h = h;
	m.from = from;
	m.bytes = bytes;
	m.call = 0;
	m.over = false;
	m.n_asked = 0;
	if (bytes.n <= SL_TPKT_HEADER)
		return; /* keeps a connection alive */
	if (h->expected && h->cookie == SL_H323_H245)
		read_h245(&m);
	else
		read_signalling(&m);
}

static int
frame(struct sl_helper *h, enum sl_side from, struct sl_slice data)
{
	(void)h;
	(void)from;
	return sl_tpkt_length(data);
}

static void
outbound(struct sl_helper *h, struct sl_slice message)
{
	read_message(h, SL_INSIDE, message);
}

static void
inbound(struct sl_helper *h, struct sl_slice message)
{
	read_message(h, SL_OUTSIDE, message);
}

const struct sl_helper_ops sl_helper_h323 = {
	.name = "h323",
	.proto = { IPPROTO_TCP },
	.port = { 1720 },
	.state_size = sizeof(struct sl_h323),
	.frame = frame,
	.outbound = outbound,
	.inbound = inbound,
};
