/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Endpoints in messages of H.323. One of the inside host's becomes an outside one: for H.245 and
 * T.120 a TCP connection of the remote end is let in, for media a pair of ports, since RTP has
 * an even port and RTCP the next one (RFC 3550 section 11) and the two have to stay neighbours
 * outside. What is asked for again, in another message or for another codec, has the same
 * answer. One that is not the inside host's opens nothing and stays as it is.
 *
 * Of the remote end's endpoints only that of H.245 matters: the inside host's connection to it is
 * to be read, too. Nothing is opened for that.
 */
#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>

#include "h323.h"

#define WAIT_MS 240000 /* until somebody has come; a call may ring for three minutes (Q.931 T301) */

static void
put_endpoint(struct sl_h323_message *m, size_t at, rte_be32_t addr, rte_be16_t port)
{
	uint8_t six[6];

	memcpy(six, &addr, 4);
	memcpy(six + 4, &port, 2);
	if (memcmp(m->bytes.p + at, six, sizeof(six)) != 0)
		sl_helper_replace(m->h, at, sizeof(six), six, sizeof(six));
}

static void
remember(struct sl_h323 *s, uint16_t call, const struct sl_expect *e)
{
	for (unsigned int i = 0; i < s->n_opened; i++)
		if (s->opened[i].proto == e->proto && s->opened[i].port == e->in_port) {
			s->opened[i].call = call;
			return;
		}
	if (s->n_opened < SL_H323_OPENED)
		s->opened[s->n_opened++] = (struct sl_h323_opened){ call, e->in_port, e->proto };
}

/* As sl_helper_expect(), once for each endpoint in a message. */
static int
expect(struct sl_h323_message *m, struct sl_expect *e)
{
	struct sl_h323_asked *a = m->asked;

	for (; a < m->asked + m->n_asked; a++)
		if (a->e.proto == e->proto && a->e.in_port == e->in_port && a->e.pair == e->pair)
			break;
	if (a == m->asked + SL_H323_ASKED)
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
read_media(struct sl_h323_message *m, size_t at, uint16_t port, bool rtcp)
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
read_listener(struct sl_h323_message *m, size_t at, uint16_t port, bool h245)
{
	struct sl_expect e = from_remote(m->h, IPPROTO_TCP, port);
	int rc;

	e.once = true;
	e.helper = h245 ? SL_HELPER_SELF : 0;
	e.cookie = h245 ? SL_H323_H245 : 0;
	rc = expect(m, &e);
	if (rc == 0)
		put_endpoint(m, at, e.out_addr, e.out_port);
	return rc;
}

static int
read_own(struct sl_h323_message *m, const struct sl_per_hit *hit, rte_be32_t addr, rte_be16_t port)
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
read_remote(
	struct sl_h323_message *m, const struct sl_per_hit *hit, rte_be32_t addr, rte_be16_t port)
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
		.cookie = SL_H323_H245,
	};

	if (hit->mark == SL_H323_SIGNAL && addr == h->out_addr && port == h->out_port)
		put_endpoint(m, hit->at, h->in_addr, h->in_port);
	if (hit->mark == SL_H323_CONTROL && addr == h->rem_addr && port != 0)
		return sl_helper_expect(m->h, &e);
	return 0;
}

int
sl_h323_endpoint(struct sl_h323_message *m, const struct sl_per_hit *hit)
{
	rte_be32_t addr;
	rte_be16_t port;

	memcpy(&addr, m->bytes.p + hit->at, 4);
	memcpy(&port, m->bytes.p + hit->at + 4, 2);
	return m->from == SL_INSIDE ? read_own(m, hit, addr, port)
				    : read_remote(m, hit, addr, port);
}

void
sl_h323_end_call(struct sl_helper *h, uint16_t call)
{
	struct sl_h323 *s = h->state;
	unsigned int kept = 0;

	for (unsigned int i = 0; i < s->n_opened; i++) {
		const struct sl_h323_opened *o = &s->opened[i];

		if (o->call == call)
			sl_helper_unexpect(h, o->proto, h->in_addr, o->port);
		else
			s->opened[kept++] = *o;
	}
	s->n_opened = (uint8_t)kept;
}
