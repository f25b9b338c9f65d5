/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Session descriptions (RFC 4566), as far as they name endpoints: o=, c= of the session and of
 * each medium, m= with its count of ports, a=rtcp (RFC 3605). What is longer than anything a
 * phone says is not read at all.
 */
#include "sdp.h"

#include <netinet/in.h>

#include <rte_byteorder.h>

#include "sip_work.h"

#define LINES_MAX 512

static struct sl_slice
take_word(struct sl_slice *rest)
{
	struct sl_slice s = sl_slice_trim(*rest), word = sl_slice_head(s, sl_slice_find(s, ' '));

	*rest = sl_slice_skip(s, word.n);
	return word;
}

/* "IN IP4 address" off the front, with anything behind the address that is none of it. */
static bool
take_conn(const struct sip_work *w, struct sl_slice *rest, struct sl_slice *text, rte_be32_t *addr)
{
	const struct sl_slice type = sip_six_said(w) ? SL_SLICE("IP6") : SL_SLICE("IP4");
	struct sl_slice s;

	if (!sip_is(take_word(rest), SL_SLICE("IN")))
		return false;
	*text = take_word(rest);
	if (!sip_is(*text, type))
		return false;
	s = take_word(rest);
	if (!sip_take_addr(w, &s, addr) || (s.n > 0 && s.p[0] != '/'))
		return false;
	text->n = (size_t)(s.p - text->p);
	return true;
}

static void
read_conn(struct sdp *d, const struct sip_work *w, struct sl_slice value, bool origin)
{
	struct sdp_conn *c = &d->conn[d->n_conn];
	struct sdp_media *m = d->n_media > 0 ? &d->media[d->n_media - 1] : NULL;
	bool known;

	for (int i = 0; origin && i < 3; i++)
		take_word(&value);
	if (d->n_conn == SDP_CONNECTIONS) {
		d->too_long = true;
		return;
	}
	*c = (struct sdp_conn){ .media = (int)d->n_media - 1, .origin = origin };
	known = take_conn(w, &value, &c->text, &c->addr);
	if (!origin && m == NULL) {
		d->addr = known ? c->addr : 0;
		d->odd = !known;
	} else if (!origin && !m->named) {
		m->named = true;
		m->addr = known ? c->addr : 0;
		m->odd = !known;
	}
	d->n_conn += known;
}

static void
read_media(struct sdp *d, struct sl_slice value, struct sl_slice line)
{
	struct sdp_media *m = &d->media[d->n_media];
	struct sl_slice rest = value, digits, proto;

	if (d->n_media == SIP_MEDIA) {
		d->too_long = true;
		return;
	}
	*m = (struct sdp_media){ .line = line, .n = 1, .proto = IPPROTO_UDP };
	d->n_media++;
	take_word(&rest); /* "audio" */
	digits = take_word(&rest);
	m->port = digits;
	if (!sl_slice_number(&digits, UINT16_MAX, &m->number))
		m->number = 0;
	m->port.n -= digits.n;
	m->count = digits;
	if (digits.n > 0) {
		digits = sl_slice_skip(digits, 1);
		if (m->count.p[0] != '/' || !sl_slice_number(&digits, UINT16_MAX, &m->n) ||
			m->n == 0 || digits.n > 0)
			m->number = 0;
	}
	proto = take_word(&rest);
	m->rtp = sl_slice_starts(proto, SL_SLICE("RTP/")) ||
		 sl_slice_starts(proto, SL_SLICE("UDP/TLS/RTP/"));
	if (sl_slice_starts(proto, SL_SLICE("TCP")))
		m->proto = IPPROTO_TCP;
}

static void
read_attribute(struct sdp *d, const struct sip_work *w, struct sl_slice value)
{
	struct sdp_media *m = d->n_media > 0 ? &d->media[d->n_media - 1] : NULL;

	if (sl_slice_starts(value, SL_SLICE("candidate:"))) {
		d->ice = true;
	} else if (m != NULL && sl_slice_starts(value, SL_SLICE("rtcp:"))) {
		struct sl_slice rest = sl_slice_skip(value, 5), from = rest;

		if (!sl_slice_number(&rest, UINT16_MAX, &m->rtcp_number) || m->rtcp_number == 0)
			return;
		m->rtcp = sl_slice_head(from, from.n - rest.n);
		if (!take_conn(w, &rest, &m->rtcp_addr.text, &m->rtcp_addr.addr))
			m->rtcp_addr.text.n = 0;
	}
}

static void
read_line(struct sdp *d, const struct sip_work *w, struct sl_slice line)
{
	struct sl_slice value = line;

	while (value.n > 0 && (value.p[value.n - 1] == '\n' || value.p[value.n - 1] == '\r'))
		value.n--;
	if (value.n < 2 || value.p[1] != '=')
		return;
	value = sl_slice_skip(value, 2);
	switch (line.p[0]) {
	case 'o':
		read_conn(d, w, value, true);
		break;
	case 'c':
		read_conn(d, w, value, false);
		break;
	case 'm':
		read_media(d, value, line);
		break;
	case 'a':
		read_attribute(d, w, value);
		break;
	default:
		break;
	}
}

void
sdp_read(struct sdp *d, const struct sip_work *w, struct sl_slice text)
{
	*d = (struct sdp){ .n_media = 0 };
	for (unsigned int i = 0; text.n > 0; i++) {
		struct sl_slice line = sl_slice_head(text, sl_slice_find(text, '\n') + 1);

		if (i == LINES_MAX)
			d->too_long = true;
		if (d->too_long)
			return;
		read_line(d, w, line);
		text = sl_slice_skip(text, line.n);
		if (d->n_media > 0)
			d->media[d->n_media - 1].end = (struct sl_slice){ text.p, 0 };
	}
	for (unsigned int i = 0; i < d->n_media; i++) {
		struct sdp_media *m = &d->media[i];

		if (!m->named) {
			m->addr = d->addr;
			m->odd = d->odd;
		}
	}
}
