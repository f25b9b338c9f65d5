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
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "all.h"
#include "h225.h"
#include "q931.h"

#define COOKIE_H245 0x245
#define WAIT_MS 240000 /* until somebody has come; a call may ring for three minutes (Q.931 T301) */
#define CALLS 16 /* in one connection */
#define CHANNELS 24 /* without an answer, of each end */
#define OPENED 32
#define ASKED 16 /* in one message */

struct call {
	uint16_t reference;
	bool used;
	uint8_t caller; /* enum sl_side */
};

/* What was opened, and for which call. */
struct opened {
	uint16_t call;
	rte_be16_t port;
	uint8_t proto;
};

struct h323 {
	bool begun; /* there was a Setup */
	uint8_t n_opened, next_call;
	uint8_t next_channel[2];
	struct call call[CALLS];
	uint16_t channel[2][CHANNELS]; /* that were asked for by each side, 0: none */
	struct opened opened[OPENED];
};

_Static_assert(sizeof(struct h323) <= SL_HELPER_STATE_MAX, "fits a flow's state");

/* A message in our hands. */
struct message {
	struct sl_helper *h;
	enum sl_side from;
	struct sl_slice bytes;
	uint16_t call;
	bool over; /* it ends the call */
	unsigned int n_asked;
	struct asked {
		struct sl_expect e;
		int rc;
	} asked[ASKED]; /* the same endpoint stands in many proposals */
};

/* ---- endpoints ---- */

static void
put_endpoint(struct message *m, size_t at, rte_be32_t addr, rte_be16_t port)
{
	uint8_t six[6];

	memcpy(six, &addr, 4);
	memcpy(six + 4, &port, 2);
	if (memcmp(m->bytes.p + at, six, sizeof(six)) != 0)
		sl_helper_replace(m->h, at, sizeof(six), six, sizeof(six));
}

static void
remember(struct h323 *s, uint16_t call, const struct sl_expect *e)
{
	for (unsigned int i = 0; i < s->n_opened; i++)
		if (s->opened[i].proto == e->proto && s->opened[i].port == e->in_port) {
			s->opened[i].call = call;
			return;
		}
	if (s->n_opened < OPENED)
		s->opened[s->n_opened++] = (struct opened){ call, e->in_port, e->proto };
}

/* As sl_helper_expect(), once for each endpoint in a message. */
static int
expect(struct message *m, struct sl_expect *e)
{
	struct asked *a = m->asked;

	for (; a < m->asked + m->n_asked; a++)
		if (a->e.proto == e->proto && a->e.in_port == e->in_port && a->e.pair == e->pair)
			break;
	if (a == m->asked + ASKED)
		return -ENOSPC;
	if (a == m->asked + m->n_asked) {
		a->e = *e;
		a->rc = sl_helper_expect(m->h, &a->e);
		m->n_asked++;
	}
	*e = a->e;
	if (a->rc == 0)
		remember(m->h->state, m->call, e);
	return a->rc;
}

static struct sl_expect
from_remote(const struct sl_helper *h, uint8_t proto, uint16_t port)
{
	return (struct sl_expect){
		.proto = proto,
		.in_addr = h->in_addr,
		.in_port = rte_cpu_to_be_16(port),
		.rem_addr = h->rem_addr,
		.lifetime = WAIT_MS,
	};
}

/* RTP has an even port and RTCP the next one (RFC 3550 section 11). */
static int
read_media(struct message *m, size_t at, uint16_t port, bool rtcp)
{
	uint16_t first = rtcp && port % 2 != 0 ? port - 1 : port, off = (uint16_t)(port - first);
	struct sl_expect e = from_remote(m->h, IPPROTO_UDP, first);
	int rc;

	e.pair = first % 2 == 0;
	rc = expect(m, &e);
	if (rc != 0 && rc != -EAGAIN && e.pair) {
		/* Better one of them than none: the next port may be taken. */
		e = from_remote(m->h, IPPROTO_UDP, port);
		off = 0;
		rc = expect(m, &e);
	}
	if (rc == 0)
		put_endpoint(m, at, e.out_addr,
			rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(e.out_port) + off)));
	return rc;
}

/* A connection of the remote end's, to H.245 or T.120. */
static int
read_listener(struct message *m, size_t at, uint16_t port, bool h245)
{
	struct sl_expect e = from_remote(m->h, IPPROTO_TCP, port);
	int rc;

	e.once = true;
	e.helper = h245 ? SL_HELPER_SELF : 0;
	e.cookie = h245 ? COOKIE_H245 : 0;
	rc = expect(m, &e);
	if (rc == 0)
		put_endpoint(m, at, e.out_addr, e.out_port);
	return rc;
}

static int
read_own(struct message *m, const struct sl_per_hit *hit, rte_be32_t addr, rte_be16_t port)
{
	const struct sl_helper *h = m->h;

	if (addr != h->in_addr && (addr != h->out_addr || hit->mark == SL_H323_SIGNAL))
		return 0;
	switch (hit->mark) {
	case SL_H323_SIGNAL:
		put_endpoint(m, hit->at, h->out_addr, h->out_port);
		return 0;
	case SL_H323_CONTROL:
		return read_listener(m, hit->at, rte_be_to_cpu_16(port), true);
	case SL_H323_DATA:
		return read_listener(m, hit->at, rte_be_to_cpu_16(port), false);
	case SL_H323_MEDIA:
	case SL_H323_RTCP:
		return read_media(m, hit->at, rte_be_to_cpu_16(port), hit->mark == SL_H323_RTCP);
	default:
		return 0;
	}
}

static int
read_remote(struct message *m, const struct sl_per_hit *hit, rte_be32_t addr, rte_be16_t port)
{
	const struct sl_helper *h = m->h;
	struct sl_expect e = {
		.proto = IPPROTO_TCP,
		.outward = true,
		.once = true,
		.helper = SL_HELPER_SELF,
		.in_addr = h->in_addr,
		.rem_addr = addr,
		.rem_port = port,
		.lifetime = WAIT_MS,
		.cookie = COOKIE_H245,
	};

	if (hit->mark == SL_H323_SIGNAL && addr == h->out_addr && port == h->out_port)
		put_endpoint(m, hit->at, h->in_addr, h->in_port);
	if (hit->mark == SL_H323_CONTROL && addr == h->rem_addr && port != 0)
		return sl_helper_expect(m->h, &e);
	return 0;
}

static int
read_endpoint(struct message *m, const struct sl_per_hit *hit)
{
	rte_be32_t addr;
	rte_be16_t port;

	memcpy(&addr, m->bytes.p + hit->at, 4);
	memcpy(&port, m->bytes.p + hit->at + 4, 2);
	return m->from == SL_INSIDE ? read_own(m, hit, addr, port)
				    : read_remote(m, hit, addr, port);
}

/* ---- channels ---- */

static void
channel_asked(struct h323 *s, enum sl_side by, uint16_t channel)
{
	s->channel[by][s->next_channel[by]] = channel;
	s->next_channel[by] = (uint8_t)((s->next_channel[by] + 1) % CHANNELS);
}

/* Has this side asked for the channel? It is told once. */
static bool
channel_was_asked(struct h323 *s, enum sl_side by, uint16_t channel)
{
	for (unsigned int i = 0; i < CHANNELS; i++) {
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
follow(struct message *m, const struct sl_per_hits *hits)
{
	struct h323 *s = m->h->state;
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
			   read_endpoint(m, hit) == -EAGAIN) {
			return false;
		}
	}
	return true;
}

static void
end_call(struct sl_helper *h, uint16_t call)
{
	struct h323 *s = h->state;
	unsigned int kept = 0;

	for (unsigned int i = 0; i < s->n_opened; i++) {
		const struct opened *o = &s->opened[i];

		if (o->call == call)
			sl_helper_unexpect(h, o->proto, h->in_addr, o->port);
		else
			s->opened[kept++] = *o;
	}
	s->n_opened = (uint8_t)kept;
}

/* ---- H.245 on a connection of its own ---- */

static void
read_h245(struct message *m)
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
		end_call(m->h, 0);
}

/* ---- call signalling ---- */

static struct call *
find_call(struct h323 *s, uint16_t reference)
{
	for (unsigned int i = 0; i < CALLS; i++)
		if (s->call[i].used && s->call[i].reference == reference)
			return &s->call[i];
	return NULL;
}

/* The call that a message belongs to, which may be a new one; NULL: it is out of place. */
static struct call *
call_of(const struct message *m, const struct sl_q931 *q)
{
	struct h323 *s = m->h->state;
	struct call *call = find_call(s, q->call);

	switch (q->type) {
	case SL_Q931_SETUP:
		/* Once there was a call, either end may place others. */
		if (!s->begun && m->from != (m->h->inbound ? SL_OUTSIDE : SL_INSIDE))
			return NULL;
		if (call == NULL) {
			call = &s->call[s->next_call];
			s->next_call = (uint8_t)((s->next_call + 1) % CALLS);
			*call = (struct call){ q->call, true, (uint8_t)m->from };
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
read_signalling(struct message *m)
{
	struct sl_per_hits hits;
	struct sl_slice upto;
	struct call *call;
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
		end_call(m->h, q.call);
	if (q.type == SL_Q931_RELEASE_COMPLETE)
		call->used = false;
}

static void
read_message(struct sl_helper *h, enum sl_side from, struct sl_slice bytes)
{
	struct message m;

	m.h = h;
	m.from = from;
	m.bytes = bytes;
	m.call = 0;
	m.over = false;
	m.n_asked = 0;
	if (bytes.n <= SL_TPKT_HEADER)
		return; /* keeps a connection alive */
	if (h->expected && h->cookie == COOKIE_H245)
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
	.state_size = sizeof(struct h323),
	.frame = frame,
	.outbound = outbound,
	.inbound = inbound,
};
