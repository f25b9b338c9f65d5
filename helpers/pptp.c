/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PPTP (RFC 2637). A control connection sets calls up; each is a tunnel of enhanced GRE, whose
 * packets carry the receiver's call id:
 *
 *	Outgoing-Call-Request   id            -->     asked for; the one who asks tells its id
 *	Outgoing-Call-Reply     id, peer's id <--     connected: now both are known
 *	Incoming-Call-Request   id            <--     the same from the other end,
 *	Incoming-Call-Reply     id, peer's id -->
 *	Incoming-Call-Connected     peer's id <--     and a third message
 *	WAN-Error-Notify, Set-Link-Info: peer's id    while it lasts
 *	Call-Clear-Request, Call-Disconnect-Notify: id
 *
 * Each id that the inside host gives to a call is replaced by the outside id that stands for it
 * (lib/call.c), and put back where the remote end says it. The remote end's ids stay. Either
 * end may be the one who asks, so a server inside is no other case than a client inside.
 *
 * Messages count as the protocol allows them: calls after the control connection was set up,
 * replies to what was asked, errors and clearing for calls that there are. An id that belongs to
 * no call is left alone, and so is a call for which there is no room. What is no PPTP, or has
 * another magic cookie, is nobody's business here.
 *
 * Call-Clear-Request and Call-Disconnect-Notify carry the sender's own id (sections 2.12 and
 * 2.13), because the peer's may not be known. There are programs that send the receiver's:
 * one that is no id of the sender's is taken for that.
 *
 * A call lasts while its control connection does. That one is not silent for longer than a
 * minute (section 3.1.4): echoes make the calls live on, and when none comes any more they end
 * by themselves. Whoever closes the connection, or resets it, ends them at once.
 */
#include <errno.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "all.h"
#include "slice.h"

#define COOKIE 0x1a2b3c4d
#define HEADER 12 /* bytes before what the type says */
#define MESSAGE_MIN 16 /* the shortest of all, Call-Clear-Request */
#define MESSAGE_LONGEST 1024 /* Incoming-Call-Request has 220; there may be newer ones */
#define CALLS 32 /* of one control connection; framework's limit for expectations, too */
#define ANSWER_MS 120000 /* until a call that was asked for must be answered */
#define LIVE_MS 7200000 /* that a call lives without a word on its control connection */
#define PROLONG_MS 30000 /* not more often */

enum type {
	START_REQUEST = 1,
	START_REPLY = 2,
	STOP_REQUEST = 3,
	STOP_REPLY = 4,
	OUT_REQUEST = 7,
	OUT_REPLY = 8,
	IN_REQUEST = 9,
	IN_REPLY = 10,
	IN_CONNECTED = 11,
	CLEAR = 12,
	DISCONNECT = 13,
	WAN_ERROR = 14,
	LINK_INFO = 15,
};

/* Offsets. */
#define AT_TYPE 8
#define AT_ID 12
#define AT_PEER 14
#define AT_RESULT 16
#define AT_START_RESULT 14

#define CONNECTED 1 /* of all results */

enum stage {
	FREE,
	ASKED, /* a request, no reply */
	UP,
	CLEARED, /* over, but the other end may say so once more */
};

struct call {
	uint8_t stage; /* enum stage */
	uint8_t asked_by; /* enum sl_side */
	uint8_t request; /* enum type, of what is to be replied to */
	rte_be16_t own, outside, remote; /* ids; what is not known yet means nothing */
};

struct pptp {
	uint8_t opened; /* 0, then 1 after the request, 2 after the reply, 3 over */
	uint64_t prolonged;
	struct call call[CALLS];
};

_Static_assert(sizeof(struct pptp) <= SL_HELPER_STATE_MAX, "fits a flow's state");

/* ---- messages ---- */

static uint32_t
get(const uint8_t *p, unsigned int n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* Length, message type 1 (control) and cookie; the earlier it is seen to be none the better. */
static int
frame(struct sl_helper *h, enum sl_side from, struct sl_slice data)
{
	uint32_t n;

	(void)h;
	(void)from;
	if (data.n < 2)
		return 0;
	n = get(data.p, 2);
	if (n < MESSAGE_MIN || n > MESSAGE_LONGEST)
		return -1;
	if (data.n < 4)
		return 0;
	if (get(data.p + 2, 2) != 1)
		return -1;
	if (data.n < 8)
		return 0;
	return get(data.p + 4, 4) == COOKIE ? (int)n : -1;
}

static rte_be16_t
id_at(struct sl_slice message, size_t at)
{
	rte_be16_t id;

	memcpy(&id, message.p + at, sizeof(id));
	return id;
}

static void
put_id(struct sl_helper *h, struct sl_slice message, size_t at, rte_be16_t id)
{
	if (id_at(message, at) != id)
		sl_helper_replace(h, at, sizeof(id), &id, sizeof(id));
}

/* ---- calls ---- */

/* Of calls with the same id those that are over come last. */
static struct call *
better(struct call *found, struct call *c)
{
	return found == NULL || found->stage == CLEARED ? c : found;
}

/* One of the inside host's id or, from outside, of the id that stands for it. */
static struct call *
find_own(struct pptp *s, rte_be16_t id, bool outside)
{
	struct call *found = NULL;

	for (unsigned int i = 0; i < CALLS; i++) {
		struct call *c = &s->call[i];

		if (c->stage == FREE || (c->stage == ASKED && c->asked_by == SL_OUTSIDE))
			continue;
		if (id == (outside ? c->outside : c->own))
			found = better(found, c);
	}
	return found;
}

/* One of the remote end's id. */
static struct call *
find_remote(struct pptp *s, rte_be16_t id)
{
	struct call *found = NULL;

	for (unsigned int i = 0; i < CALLS; i++) {
		struct call *c = &s->call[i];

		if (c->stage == FREE || (c->stage == ASKED && c->asked_by == SL_INSIDE))
			continue;
		if (id == c->remote)
			found = better(found, c);
	}
	return found;
}

static struct call *
find_place(struct pptp *s)
{
	struct call *old = NULL;

	for (unsigned int i = 0; i < CALLS; i++) {
		if (s->call[i].stage == FREE)
			return &s->call[i];
		if (s->call[i].stage == CLEARED)
			old = &s->call[i];
	}
	return old;
}

/* Have the session made, or told the remote id; 0: c->outside is known. -EAGAIN as ever. */
static int
expect(struct sl_helper *h, struct call *c, bool half)
{
	struct sl_expect e = {
		.proto = IPPROTO_GRE,
		.half = half,
		.in_addr = h->in_addr,
		.in_port = c->own,
		.rem_addr = h->rem_addr,
		.rem_port = half ? 0 : c->remote,
		.lifetime = half ? ANSWER_MS : LIVE_MS,
	};

	int rc = sl_helper_expect(h, &e);

	if (rc == 0)
		c->outside = e.out_port;
	return rc;
}

/* It is over; it stays known for what is yet to be said of it. */
static void
end_call(struct sl_helper *h, struct call *c, enum stage stage)
{
	if (c->stage == UP || (c->stage == ASKED && c->asked_by == SL_INSIDE))
		sl_helper_unexpect(h, IPPROTO_GRE, h->in_addr, c->own);
	c->stage = (uint8_t)stage;
}

static void
end_all(struct sl_helper *h)
{
	struct pptp *s = h->state;

	for (unsigned int i = 0; i < CALLS; i++)
		end_call(h, &s->call[i], FREE);
}

static void
live_on(struct sl_helper *h)
{
	struct pptp *s = h->state;

	if (h->now - s->prolonged < PROLONG_MS)
		return;
	s->prolonged = h->now;
	for (unsigned int i = 0; i < CALLS; i++)
		if (s->call[i].stage == UP)
			sl_helper_prolong(h, IPPROTO_GRE, h->in_addr, s->call[i].own, LIVE_MS);
}

/* ---- the dialogue ---- */

/* Outgoing- or Incoming-Call-Request. */
static void
request(struct sl_helper *h, enum sl_side from, struct sl_slice m, enum type type)
{
	struct pptp *s = h->state;
	rte_be16_t id = id_at(m, AT_ID);
	struct call *c = from == SL_INSIDE ? find_own(s, id, false) : find_remote(s, id), was;

	if (c == NULL)
		c = find_place(s);
	if (c == NULL)
		return;
	was = *c;
	if (c->stage == UP && (from == SL_OUTSIDE || c->own != id))
		end_call(h, c, FREE);
	*c = (struct call){ .stage = ASKED, .asked_by = (uint8_t)from, .request = (uint8_t)type };
	if (from == SL_OUTSIDE) {
		c->remote = id;
		return;
	}
	c->own = id;
	if (expect(h, c, true) == 0)
		put_id(h, m, AT_ID, c->outside);
	else
		*c = was.stage == UP ? was : (struct call){ .stage = FREE };
}

/* The reply to what the inside host has asked for. */
static void
reply_inbound(struct sl_helper *h, struct sl_slice m, enum type asked)
{
	struct pptp *s = h->state;
	struct call *c = find_own(s, id_at(m, AT_PEER), true);
	int rc = -ECONNREFUSED;

	if (c == NULL || c->stage != ASKED || c->request != asked)
		return;
	put_id(h, m, AT_PEER, c->own);
	c->remote = id_at(m, AT_ID);
	if (m.p[AT_RESULT] == CONNECTED)
		rc = expect(h, c, false);
	if (rc == -EAGAIN)
		return;
	if (rc != 0)
		end_call(h, c, FREE);
	else
		c->stage = UP;
}

/* The inside host's reply to what the remote end has asked for. */
static void
reply_outbound(struct sl_helper *h, struct sl_slice m, enum type asked)
{
	struct pptp *s = h->state;
	struct call *c = find_remote(s, id_at(m, AT_PEER));
	struct call *same = find_own(s, id_at(m, AT_ID), false);

	if (c == NULL || c->stage != ASKED || c->request != asked)
		return;
	if (m.p[AT_RESULT] != CONNECTED) {
		c->stage = FREE;
		return;
	}
	if (same != NULL) /* one id, one call */
		end_call(h, same, FREE);
	c->own = id_at(m, AT_ID);
	c->stage = FREE;
	if (expect(h, c, false) != 0)
		return;
	c->stage = UP;
	put_id(h, m, AT_ID, c->outside);
}

/* Call-Clear-Request, and Call-Disconnect-Notify after which nothing more is said. */
static void
clear(struct sl_helper *h, enum sl_side from, struct sl_slice m, enum stage after)
{
	struct pptp *s = h->state;
	rte_be16_t id = id_at(m, AT_ID);
	struct call *c = from == SL_INSIDE ? find_own(s, id, false) : find_remote(s, id);

	if (c != NULL) {
		if (from == SL_INSIDE)
			put_id(h, m, AT_ID, c->outside);
	} else {
		c = from == SL_INSIDE ? find_remote(s, id) : find_own(s, id, true);
		if (c != NULL && from == SL_OUTSIDE)
			put_id(h, m, AT_ID, c->own);
	}
	if (c != NULL)
		end_call(h, c, after);
}

/* Messages that name a call by the receiver's id. */
static void
name_peer(struct sl_helper *h, enum sl_side from, struct sl_slice m)
{
	struct pptp *s = h->state;
	struct call *c = from == SL_OUTSIDE ? find_own(s, id_at(m, AT_ID), true) : NULL;

	if (c != NULL)
		put_id(h, m, AT_ID, c->own);
}

/* Whoever opened the connection asks to start, the other one agrees. */
static void
start(struct sl_helper *h, enum sl_side from, struct sl_slice m, uint32_t type)
{
	enum sl_side opener = h->inbound ? SL_OUTSIDE : SL_INSIDE;
	struct pptp *s = h->state;

	if (s->opened == 0 && type == START_REQUEST && from == opener)
		s->opened = 1;
	else if (s->opened == 1 && type == START_REPLY && from != opener &&
		 m.p[AT_START_RESULT] == CONNECTED)
		s->opened = 2;
	else if (s->opened == 0)
		sl_helper_pass(h);
}

static void
control(struct sl_helper *h, enum sl_side from, struct sl_slice m, enum type type)
{
	switch (type) {
	case OUT_REQUEST:
	case IN_REQUEST:
		request(h, from, m, type);
		break;
	case OUT_REPLY:
	case IN_REPLY:
		if (m.n <= AT_RESULT)
			break;
		if (from == SL_INSIDE)
			reply_outbound(h, m, type - 1);
		else
			reply_inbound(h, m, type - 1);
		break;
	case CLEAR:
		clear(h, from, m, CLEARED);
		break;
	case DISCONNECT:
		clear(h, from, m, FREE);
		break;
	case IN_CONNECTED:
	case WAN_ERROR:
	case LINK_INFO:
		name_peer(h, from, m);
		break;
	default: /* Echo-Request, Echo-Reply: nothing is asked for besides */
		live_on(h);
		break;
	}
}

static void
read_message(struct sl_helper *h, enum sl_side from, struct sl_slice m)
{
	struct pptp *s = h->state;
	uint32_t type = get(m.p + AT_TYPE, 2);

	if (s->opened < 2) {
		start(h, from, m, type);
		return;
	}
	if (s->opened > 2)
		return;
	if (type == STOP_REQUEST || type == STOP_REPLY) {
		end_all(h);
		s->opened = 3;
		return;
	}
	control(h, from, m, (enum type)type);
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

const struct sl_helper_ops sl_helper_pptp = {
	.name = "pptp",
	.proto = { IPPROTO_TCP },
	.port = { 1723 },
	.state_size = sizeof(struct pptp),
	.frame = frame,
	.outbound = outbound,
	.inbound = inbound,
};
