/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Media: what the inside host says of itself in SDP becomes what stands for it outside: o=, c= of the session and of
 * each medium, the port of each m= with all that its count says, a=rtcp (RFC 3605). RTP has an
 * even port and RTCP the next one, so they get such a pair outside.
 *
 * Who may send there: until the remote end has said where its media are, the remote end of the
 * signalling, since early media come from there if from anywhere; afterwards that address alone.
 * Its port stays open, as RTP need not be symmetric, and more than one flow may come: ringing
 * tones and the call itself have different senders. When nobody says anything, inside hosts open
 * the way by their own packets, as always.
 *
 * Port 0 is no medium (RFC 3264 section 6), 0.0.0.0 is one on hold (section 8.4): its port stays
 * what it is. Names and addresses of others are left alone, but for the latter's family
 * (sip_six.c); so is the whole description when it has candidates of ICE (RFC 8445), whose checks
 * open the way. A medium whose port is refused
 * is left as it is; when all are, so is the address.
 */
#include <errno.h>
#include <stdio.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "sdp.h"
#include "sip_work.h"

#define COUNT_MAX 4 /* pairs of one m= */

/* ---- what the inside host says ---- */

/* Who may come in. */
static rte_be32_t
remote_of(const struct sip_work *w, unsigned int media)
{
	rte_be32_t addr = w->dialog != NULL ? w->dialog->media_addr[media] : 0;

	return addr != 0 ? addr : w->h->rem_addr;
}

/* One port or two, at the wanted outside port if it is not 0; 0 or -errno. */
static int
open_ports(struct sip_work *w, const struct sdp *d, unsigned int i, uint32_t port, bool pair,
	rte_be16_t want, struct sl_expect *e)
{
	const struct sdp_media *m = &d->media[i];
	int rc;

	*e = (struct sl_expect){
		.proto = m->proto,
		.pair = pair,
		.in_port = rte_cpu_to_be_16((uint16_t)port),
		.rem_addr = remote_of(w, i),
		.lifetime = w->lifetime,
		.out_port = want,
	};
	rc = sip_expect(w, e);
	if (rc == 0)
		sip_opened(w, e, (uint8_t)i);
	return rc;
}

/* Without two free ones in a row, where a forward has the first, or where the phone was quicker
 * with its media than with its answer: both apart, and RTCP's port will be said. */
static int
open_pair(struct sip_work *w, struct sdp *d, unsigned int i, uint32_t port, rte_be16_t want,
	struct sl_expect *e)
{
	struct sl_expect rtcp;
	int rc = open_ports(w, d, i, port, true, want, e);

	if (rc != -ENOSPC)
		return rc;
	rc = open_ports(w, d, i, port, false, want, e);
	if (rc == 0 && port < UINT16_MAX && open_ports(w, d, i, port + 1, false, 0, &rtcp) == 0 &&
		rte_be_to_cpu_16(rtcp.out_port) != rte_be_to_cpu_16(e->out_port) + 1)
		d->media[i].out_rtcp = rtcp.out_port;
	return w->again ? -EAGAIN : rc;
}

static bool
is_port(uint32_t port)
{
	return port > 0 && port <= UINT16_MAX;
}

/* All ports of an m=: its own, RTCP's, and those that its count adds. */
static void
open_media(struct sip_work *w, struct sdp *d, unsigned int i)
{
	struct sdp_media *m = &d->media[i];
	bool apart = m->rtcp.n > 0 && m->rtcp_number != m->number + 1;
	bool pair = m->rtp && !apart && m->number < UINT16_MAX;
	struct sl_expect e, more;

	if ((pair ? open_pair(w, d, i, m->number, 0, &e)
		  : open_ports(w, d, i, m->number, false, 0, &e)) != 0)
		return;
	m->open = true;
	m->out_addr = e.out_addr;
	m->out_port = e.out_port;
	m->out_n = 1;
	if (apart && m->rtcp_number != m->number &&
		open_ports(w, d, i, m->rtcp_number, false, 0, &more) == 0)
		m->out_rtcp = more.out_port;
	while (m->out_n < RTE_MIN(m->n, (uint32_t)COUNT_MAX) && !w->again) {
		uint32_t step = (pair ? 2u : 1u) * m->out_n, port = m->number + step,
			 want = rte_be_to_cpu_16(e.out_port) + step;

		if (!is_port(port + pair) || !is_port(want + pair) ||
			open_ports(w, d, i, port, pair, rte_cpu_to_be_16((uint16_t)want), &more) !=
				0 ||
			more.out_addr != e.out_addr || rte_be_to_cpu_16(more.out_port) != want)
			return;
		m->out_n++;
	}
}

/* Is this port open already, of a medium that is on hold now? */
static bool
is_held(const struct sip_work *w, const struct sdp_media *m)
{
	const struct sip_dialog *dialog = w->dialog;

	for (unsigned int i = 0; m->addr == 0 && !m->odd && dialog != NULL && i < dialog->n; i++)
		if (dialog->hole[i].in_port == rte_cpu_to_be_16((uint16_t)m->number) &&
			dialog->hole[i].proto == m->proto)
			return true;
	return false;
}

/* RTCP is not next to RTP any more (RFC 3605). */
static void
add_rtcp(struct sip_work *w, const struct sdp_media *m)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "a=rtcp:%u\r\n", rte_be_to_cpu_16(m->out_rtcp));

	if (m->end.p[-1] == '\n')
		sip_edit_add(w, m->end, text, (size_t)len);
}

static void
write_media(struct sip_work *w, const struct sdp_media *m)
{
	char text[8];
	int len;

	sip_edit_number(w, m->port, rte_be_to_cpu_16(m->out_port));
	/* Fewer than it has: the rest would be somebody else's. */
	if (m->count.n > 0 && m->out_n < m->n) {
		len = snprintf(text, sizeof(text), "/%u", m->out_n);
		sip_edit_add(w, m->count, text, m->out_n > 1 ? (size_t)len : 0);
	}
	if (m->rtcp.n > 0 && (m->out_rtcp != 0 || m->rtcp_number == m->number + 1 ||
				     m->rtcp_number == m->number)) {
		uint32_t next = rte_be_to_cpu_16(m->out_port) + (m->rtcp_number != m->number);

		sip_edit_number(
			w, m->rtcp, m->out_rtcp != 0 ? rte_be_to_cpu_16(m->out_rtcp) : next);
		if (m->rtcp_addr.text.n > 0 && m->rtcp_addr.addr == w->h->in_addr)
			sip_edit_addr(w, m->rtcp_addr.text, SIP_CONN, m->out_addr);
	} else if (m->rtcp.n == 0 && m->out_rtcp != 0) {
		add_rtcp(w, m);
	}
}

/* The session's outside address: of its first medium, or the flow's; 0 when nothing is open
 * that should be. */
static rte_be32_t
session_addr(const struct sip_work *w, const struct sdp *d)
{
	bool refused = false;

	for (unsigned int i = 0; i < d->n_media; i++) {
		const struct sdp_media *m = &d->media[i];

		if (m->open)
			return m->out_addr;
		refused |= m->number != 0 && m->addr == w->h->in_addr;
	}
	return refused ? 0 : w->h->out_addr;
}

/* A forward's address may be another one than the host's: then a medium has its own c=. */
static void
add_conn(struct sip_work *w, const struct sdp_media *m)
{
	const struct sl_slice behind = { m->line.p + m->line.n, 0 };
	const uint8_t *b = (const uint8_t *)&m->out_addr;
	char text[40];
	int len = snprintf(text, sizeof(text), "c=IN IP4 %u.%u.%u.%u\r\n", b[0], b[1], b[2], b[3]);

	if (m->line.p[m->line.n - 1] == '\n')
		sip_edit_add(w, behind, text, (size_t)len);
}

static void
write_all(struct sip_work *w, const struct sdp *d)
{
	rte_be32_t session = session_addr(w, d);

	for (unsigned int i = 0; i < d->n_conn; i++) {
		const struct sdp_conn *c = &d->conn[i];
		const struct sdp_media *m = c->media >= 0 ? &d->media[c->media] : NULL;

		if (c->addr != w->h->in_addr) {
			if (w->h->six)
				sip_edit_addr(w, c->text, SIP_CONN, c->addr);
			continue;
		}
		if (m == NULL && session != 0)
			sip_edit_addr(w, c->text, SIP_CONN, session);
		else if (m != NULL && (m->open || m->number == 0))
			sip_edit_addr(w, c->text, SIP_CONN, m->open ? m->out_addr : w->h->out_addr);
	}
	for (unsigned int i = 0; i < d->n_media; i++) {
		const struct sdp_media *m = &d->media[i];

		if (!m->open)
			continue;
		write_media(w, m);
		if (!m->named && m->addr != 0 && m->out_addr != session)
			add_conn(w, m);
	}
}

static void
from_inside(struct sip_work *w, struct sdp *d)
{
	for (unsigned int i = 0; i < d->n_media && !w->again; i++) {
		struct sdp_media *m = &d->media[i];

		if (m->number != 0 && (m->addr == w->h->in_addr || is_held(w, m)))
			open_media(w, d, i);
	}
	if (!w->again)
		write_all(w, d);
}

/* ---- what the remote end says ---- */

/* What is open already is for this address from here on. */
static void
narrow(struct sip_work *w, unsigned int media, rte_be32_t addr)
{
	const struct sip_dialog *d = w->dialog;

	for (unsigned int i = 0; d != NULL && i < d->n && !w->again; i++) {
		const struct sip_hole *hole = &d->hole[i];
		struct sl_expect e = {
			.proto = hole->proto,
			.pair = hole->pair,
			.in_port = hole->in_port,
			.rem_addr = addr,
			.lifetime = w->lifetime,
		};

		if (hole->media == media && hole->next && sip_expect(w, &e) == 0)
			sip_opened(w, &e, (uint8_t)media);
	}
}

/* An IPv6 host reaches them behind its prefix. */
static void
write_six(struct sip_work *w, const struct sdp *d)
{
	for (unsigned int i = 0; i < d->n_conn; i++)
		sip_edit_addr(w, d->conn[i].text, SIP_CONN, d->conn[i].addr);
	for (unsigned int i = 0; i < d->n_media; i++)
		if (d->media[i].rtcp_addr.text.n > 0)
			sip_edit_addr(w, d->media[i].rtcp_addr.text, SIP_CONN,
				d->media[i].rtcp_addr.addr);
}

static void
from_outside(struct sip_work *w, const struct sdp *d)
{
	for (unsigned int i = 0; i < d->n_media && !w->again; i++) {
		const struct sdp_media *m = &d->media[i];

		w->media_off[i] = m->number == 0;
		if (m->number == 0 || m->addr == 0)
			continue;
		w->media_addr[i] = m->addr;
		narrow(w, i, m->addr);
	}
	if (!w->again && w->h->six)
		write_six(w, d);
}

void
sip_media_read(struct sip_work *w, struct sl_slice text)
{
	struct sdp d;

	sdp_read(&d, w, text);
	/* Candidates of the wrong family are of no use to anybody: an IPv6 host's default ones are
	 * changed and become a mismatch (RFC 8839 section 4.2.5), so that both do without. */
	if ((d.ice && !w->h->six) || d.too_long)
		return;
	w->described = true;
	if (w->from == SL_INSIDE)
		from_inside(w, &d);
	else
		from_outside(w, &d);
}
