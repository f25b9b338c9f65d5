/* SPDX-License-Identifier: BSD-3-Clause
 *
 * RAS (H.225.0): what H.323 endpoints inside and a gatekeeper outside have to say to each other,
 * a datagram each. An endpoint tells where it is called, and the gatekeeper where a call goes to:
 *
 *	GRQ, RRQ, LRQ, IRR   rasAddress: the flow's own outside endpoint
 *	RRQ                  callSignalAddress: the gatekeeper's connections to it are let in
 *	RCF, RRJ             for how long, or not
 *	URQ                  no longer, whoever says so
 *	ARQ, IRR, URQ        call signal addresses that are registered
 *	ACF, LCF, RCF        where the inside host will signal; its own one is turned back
 *	GCF, LCF             where RAS is spoken from now on
 *
 * The connections are call signalling, read by the helper "h323", whatever the port; without it
 * nobody would see to their media, so nothing is opened while it is off.
 *
 * What is opened is there for PENDING_MS until the gatekeeper has agreed, then as long as the
 * registration: what the gatekeeper says, or else the endpoint, or else USUAL_S. A registration
 * that is renewed without any address (keepAlive) has those of before. What a request names
 * that the granted one did not is closed when it is refused, and the other way round.
 *
 * Only the inside host's own addresses are replaced or opened, at ports that the framework
 * allows, for the gatekeeper alone. Requests that open something must begin as those of H.225.0
 * do, with its protocolIdentifier; answers count for the flow's own requests, by their number.
 */
#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>

#include "all.h"
#include "h225.h"
#include "ras.h"

#define PENDING_MS 60000 /* until there is an answer; a call until it is signalled */
#define GRACE_MS 30000 /* beyond what was agreed upon */
#define LONGEST_MS 7200000 /* as the framework has it */
#define USUAL_S 3600
#define ENDPOINTS 14 /* of one message that are looked at; fewer than requests and edits */
#define ASKED 32 /* requests of a flow without an answer */

/** State of a flow: requests that an answer may come to. */
struct ras_flow {
	uint8_t next;
	uint8_t kind[ASKED]; /* enum sl_ras_mark, 0: none */
	uint16_t number[ASKED];
};

_Static_assert(sizeof(struct ras_flow) <= SL_HELPER_STATE_MAX, "fits a flow's state");

/** A message in our hands. */
struct ras_message {
	struct sl_helper *h;
	struct sl_slice bytes;
	uint8_t kind; /* enum sl_ras_mark */
	uint16_t number;
	size_t behind; /* the number: where the protocolIdentifier is */
	uint32_t seconds; /* timeToLive, 0: none */
	unsigned int n;
	struct ras_endpoint {
		uint8_t mark;
		size_t at;
		rte_be32_t addr;
		rte_be16_t port;
	} end[ENDPOINTS];
};

/* ---- reading ---- */

static void
read_hit(struct ras_message *m, const struct sl_per_hit *hit)
{
	struct ras_endpoint *e = &m->end[m->n];

	if (hit->what == SL_PER_CHOSEN && hit->mark < SL_RAS_SIGNAL) {
		m->kind = hit->mark;
	} else if (hit->what == SL_PER_NUMBER && hit->mark == SL_RAS_SEQUENCE) {
		m->number = (uint16_t)hit->value;
		m->behind = hit->at;
	} else if (hit->what == SL_PER_NUMBER && hit->mark == SL_RAS_TIME) {
		m->seconds = hit->value;
	} else if (hit->what == SL_PER_ADDRESS && m->n < ENDPOINTS &&
		   (hit->mark == SL_RAS_SIGNAL || hit->mark == SL_RAS_RAS)) {
		e->mark = hit->mark;
		e->at = hit->at;
		memcpy(&e->addr, m->bytes.p + hit->at, 4);
		memcpy(&e->port, m->bytes.p + hit->at + 4, 2);
		m->n++;
	}
}

static bool
read_bytes(struct ras_message *m)
{
	struct sl_per_hits hits;

	hits.n = 0;
	if (sl_per_walk(&sl_h225_ras, m->bytes, 0, &hits) == 0)
		return false;
	for (unsigned int i = 0; i < hits.n; i++)
		read_hit(m, &hits.hit[i]);
	return m->kind != SL_RAS_NONE && m->number != 0;
}

/* protocolIdentifier: itu-t(0) recommendation(0) h(8) 2250 version(0), any version. */
static bool
is_h225(const struct ras_message *m)
{
	static const uint8_t id[] = { 6, 0x00, 0x08, 0x91, 0x4a, 0x00 };

	return m->bytes.n > m->behind + sizeof(id) &&
	       memcmp(m->bytes.p + m->behind, id, sizeof(id)) == 0;
}

static void
put(struct ras_message *m, const struct ras_endpoint *e, rte_be32_t addr, rte_be16_t port)
{
	uint8_t six[6];

	memcpy(six, &addr, 4);
	memcpy(six + 4, &port, 2);
	if (memcmp(m->bytes.p + e->at, six, sizeof(six)) != 0)
		sl_helper_replace(m->h, e->at, sizeof(six), six, sizeof(six));
}

/* ---- requests of a flow ---- */

static void
ask(struct ras_message *m)
{
	struct ras_flow *f = m->h->state;

	for (unsigned int i = 0; i < ASKED; i++)
		if (f->kind[i] == m->kind && f->number[i] == m->number)
			return; /* sent once more */
	f->kind[f->next] = m->kind;
	f->number[f->next] = m->number;
	f->next = (uint8_t)((f->next + 1) % ASKED);
}

/* Is this the answer to a request of that kind? It is told once. */
static bool
was_asked(struct ras_message *m, uint8_t kind)
{
	struct ras_flow *f = m->h->state;

	for (unsigned int i = 0; i < ASKED; i++) {
		if (f->kind[i] != kind || f->number[i] != m->number)
			continue;
		f->kind[i] = SL_RAS_NONE;
		return true;
	}
	return false;
}

/* ---- from inside ---- */

/* The inside host's own endpoints as they are known outside. */
static void
translate(struct ras_message *m)
{
	struct sl_helper *h = m->h;

	for (const struct ras_endpoint *e = m->end; e < m->end + m->n; e++) {
		uint8_t proto = e->mark == SL_RAS_RAS ? IPPROTO_UDP : IPPROTO_TCP;
		const struct sl_ras_port *p;
		rte_be32_t addr;
		rte_be16_t port;

		if (e->addr != h->in_addr)
			continue;
		if (e->mark == SL_RAS_RAS && e->port == h->in_port)
			put(m, e, h->out_addr, h->out_port);
		else if (sl_helper_expected(h, proto, e->addr, e->port, &addr, &port))
			put(m, e, addr, port);
		else if ((p = sl_ras_known(sl_ras_find(h), proto, e->port)) != NULL)
			put(m, e, p->out_addr, p->out_port);
	}
}

static struct sl_expect
from_gatekeeper(const struct sl_helper *h, const struct ras_endpoint *e)
{
	const struct sl_ras_registration *r = sl_ras_find(h);
	uint64_t left = r != NULL && !r->over ? r->until - h->now : 0;

	return (struct sl_expect){
		.proto = e->mark == SL_RAS_RAS ? IPPROTO_UDP : IPPROTO_TCP,
		.stays = true,
		.helper = e->mark == SL_RAS_RAS ? SL_HELPER_SELF : SL_HELPER_OTHER,
		.in_addr = e->addr,
		.in_port = e->port,
		.rem_addr = h->rem_addr,
		.lifetime = (uint32_t)RTE_MAX(left, (uint64_t)PENDING_MS),
	};
}

/* Write down what a request has opened. */
static void
note(struct ras_message *m, const struct sl_ras_port *port, unsigned int n)
{
	struct sl_ras_registration *r = sl_ras_get(m->h);
	bool all = false;

	if (r == NULL)
		return;
	for (unsigned int i = 0; i < n; i++)
		all |= port[i].proto == IPPROTO_TCP;
	for (unsigned int i = 0; i < r->n; i++)
		r->port[i].next = !all && r->port[i].now;
	for (unsigned int i = 0; i < n; i++)
		sl_ras_name(r, &port[i]);
	r->asked = m->number;
	r->seconds = m->seconds;
	r->until = RTE_MAX(r->until, m->h->now + PENDING_MS);
}

static void
register_endpoint(struct ras_message *m)
{
	struct sl_ras_port port[SL_RAS_PORTS];
	struct sl_helper *h = m->h;
	unsigned int n = 0;

	for (const struct ras_endpoint *e = m->end; e < m->end + m->n && n < SL_RAS_PORTS; e++) {
		struct sl_expect x = from_gatekeeper(h, e);
		int rc;

		if (e->addr != h->in_addr)
			continue;
		rc = sl_helper_expect(h, &x);
		if (rc == -EAGAIN)
			return;
		if (rc == 0) {
			put(m, e, x.out_addr, x.out_port);
			port[n++] = (struct sl_ras_port){
				.proto = x.proto,
				.in_port = e->port,
				.out_port = x.out_port,
				.out_addr = x.out_addr,
			};
		} else if (e->mark == SL_RAS_RAS && e->port == h->in_port) {
			put(m, e, h->out_addr, h->out_port);
		}
	}
	note(m, port, n);
}

static void
unregister(struct sl_helper *h)
{
	struct sl_ras_registration *r = sl_ras_find(h);

	if (r != NULL)
		sl_ras_end(h, r);
}

static void
outbound(struct sl_helper *h, struct sl_slice message)
{
	struct ras_message m = { .h = h, .bytes = message };

	if (!read_bytes(&m))
		return;
	switch (m.kind) {
	case SL_RAS_RRQ:
		if (is_h225(&m))
			register_endpoint(&m);
		break;
	case SL_RAS_GRQ:
		if (!is_h225(&m))
			break;
		/* fall through */
	case SL_RAS_ARQ:
	case SL_RAS_LRQ:
		ask(&m);
		translate(&m);
		break;
	case SL_RAS_URQ:
		translate(&m);
		unregister(h);
		break;
	case SL_RAS_IRR:
		translate(&m);
		break;
	default:
		break;
	}
}

/* ---- from outside ---- */

/* Where the inside host will go to, to be read there as well; false: the message comes again. */
static bool
follow(struct ras_message *m, const struct ras_endpoint *e, uint32_t lifetime, bool once)
{
	const struct sl_helper *h = m->h;
	bool ras = e->mark == SL_RAS_RAS;
	struct sl_expect x = {
		.proto = ras ? IPPROTO_UDP : IPPROTO_TCP,
		.outward = true,
		.once = once && !ras,
		.stays = true,
		.helper = ras ? SL_HELPER_SELF : SL_HELPER_OTHER,
		.in_addr = h->in_addr,
		.rem_addr = e->addr,
		.rem_port = e->port,
		.lifetime = lifetime,
	};

	if (e->addr == 0 || e->port == 0 || e->addr == h->in_addr || e->addr == h->out_addr ||
		(ras && e->addr == h->rem_addr && e->port == h->rem_port))
		return true;
	return sl_helper_expect(m->h, &x) != -EAGAIN;
}

/* Go on to all that an answer names; false: the message comes again. */
static bool
follow_all(struct ras_message *m, uint32_t lifetime, bool once)
{
	for (const struct ras_endpoint *e = m->end; e < m->end + m->n; e++)
		if (!follow(m, e, lifetime, once))
			return false;
	return true;
}

/* The inside host's outside endpoints as it knows them itself. */
static void
turn_back(struct ras_message *m)
{
	const struct sl_helper *h = m->h;

	for (const struct ras_endpoint *e = m->end; e < m->end + m->n; e++) {
		rte_be16_t port;

		if (e->mark == SL_RAS_RAS && e->addr == h->out_addr && e->port == h->out_port)
			put(m, e, h->in_addr, h->in_port);
		else if (e->mark == SL_RAS_SIGNAL &&
			 sl_helper_inside(h, IPPROTO_TCP, e->addr, e->port, &port))
			put(m, e, h->in_addr, port);
	}
}

static uint32_t
agreed_ms(const struct ras_message *m, const struct sl_ras_registration *r)
{
	uint64_t seconds = m->seconds != 0 ? m->seconds : r->seconds != 0 ? r->seconds : USUAL_S;

	return (uint32_t)RTE_MIN(seconds * 1000 + GRACE_MS, (uint64_t)LONGEST_MS);
}

static void
registered(struct ras_message *m)
{
	struct sl_ras_registration *r = sl_ras_find(m->h);

	turn_back(m);
	if (r == NULL || r->over || r->asked != m->number)
		return;
	if (m->kind == SL_RAS_RRJ)
		sl_ras_settle(m->h, r, false, 0);
	else if (follow_all(m, agreed_ms(m, r), false))
		sl_ras_settle(m->h, r, true, agreed_ms(m, r));
}

static void
inbound(struct sl_helper *h, struct sl_slice message)
{
	struct ras_message m = { .h = h, .bytes = message };

	if (!read_bytes(&m))
		return;
	switch (m.kind) {
	case SL_RAS_RCF:
	case SL_RAS_RRJ:
		registered(&m);
		break;
	case SL_RAS_ACF:
		turn_back(&m);
		if (was_asked(&m, SL_RAS_ARQ))
			follow_all(&m, PENDING_MS, true);
		break;
	case SL_RAS_LCF:
		turn_back(&m);
		if (was_asked(&m, SL_RAS_LRQ))
			follow_all(&m, PENDING_MS, true);
		break;
	case SL_RAS_GCF:
		if (was_asked(&m, SL_RAS_GRQ))
			follow_all(&m, PENDING_MS, false);
		break;
	case SL_RAS_URQ:
		turn_back(&m);
		unregister(h);
		break;
	default:
		break;
	}
}

const struct sl_helper_ops sl_helper_ras = {
	.name = "ras",
	.proto = { IPPROTO_UDP },
	.port = { 1719 },
	.mutual = true,
	.hands_to = "h323",
	.state_size = sizeof(struct ras_flow),
	.shared_size = sizeof(struct sl_ras_table),
	.outbound = outbound,
	.inbound = inbound,
};
