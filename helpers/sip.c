/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SIP (RFC 3261), over UDP and TCP: calls, and phones that are called from outside.
 *
 *	sip_message.c  messages: framing, header fields, short forms, folds
 *	sip_address.c  addresses in header fields, both ways
 *	sip_body.c     bodies of one part or several
 *	sdp.c          session descriptions
 *	sip_media.c    what they offer, and who may send media to it
 *	sip_dialog.c   dialogs, which outlive flows, and what they have opened
 *	sip_edit.c     what is replaced, and Content-Length
 *	sip_six.c      addresses as each end writes them, one of IPv6 (NAT64) as well
 *
 * Here is the life of what is opened. It is there as long as its dialog, to whose remote end it
 * belongs:
 *
 *	INVITE, 1xx   for EARLY_MS, again with each of them
 *	2xx           for as long as the session timer says (RFC 4028), or TALK_MS
 *	refused, BYE  closed; a refusal within the call takes back what it offered
 *	REGISTER      for PENDING_MS, then as long as the registrar says
 *
 * A message's SDP counts in its dialog only: of INVITE, and of what follows when there was one.
 * Only the inside host's own address is ever replaced or opened, at ports that the framework
 * allows. What cannot be read passes as it is: TLS, and datagrams that are no SIP, by which
 * hosts keep their flows. An IPv6 host that says in Via that it is one of IPv4 speaks through a
 * CLAT (RFC 6877), whose addresses nobody knows here: hands off.
 */
#include <rte_common.h>

#include "all.h"
#include "sip_work.h"

#define EARLY_MS 180000 /* as Timer C, RFC 3261 section 16.6 */
#define LINGER_MS 32000 /* 64 T1: an INVITE that was challenged, or cancelled */
#define TALK_MS 7200000 /* the longest that there is */
#define PENDING_MS 60000
#define GRACE_MS 32000 /* beyond what was agreed upon */

static int
frame(struct sl_helper *h, enum sl_side from, struct sl_slice data)
{
	(void)h;
	(void)from;
	return sip_message_length(data);
}

/* ---- how long ---- */

static uint32_t
talk_ms(const struct sip_message *m)
{
	uint64_t ms = RTE_MAX(m->session, 90u) * 1000ull + GRACE_MS;

	/* RFC 4028 section 4: at least 90 seconds. */
	return m->session != 0 ? (uint32_t)RTE_MIN(ms, (uint64_t)TALK_MS) : TALK_MS;
}

static bool
is_invite_ok(const struct sip_message *m)
{
	return !m->request && m->method == SIP_INVITE && m->status >= 200 && m->status < 300;
}

static uint32_t
lifetime_of(const struct sip_work *w)
{
	const struct sip_message *m = &w->m;

	if (m->method == SIP_REGISTER || m->method == SIP_SUBSCRIBE)
		return PENDING_MS;
	if (is_invite_ok(m) || (w->dialog != NULL && w->dialog->confirmed))
		return talk_ms(m);
	return EARLY_MS;
}

/* All that a dialog has opened lives for so long from now on. */
static void
prolong(struct sl_helper *h, struct sip_dialog *d, uint32_t ms)
{
	d->until = h->now + ms;
	for (unsigned int i = 0; i < d->n; i++) {
		const struct sip_hole *hole = &d->hole[i];
		uint64_t left = ms;
		bool same;

		if (hole->media == SIP_SIGNAL)
			left = RTE_MAX(left,
				sip_signal_left(h, d->call, hole->proto, hole->in_port, &same));
		sl_helper_prolong(h, hole->proto, h->in_addr, hole->in_port, (uint32_t)left);
	}
}

/* ---- what becomes of a dialog ---- */

/* Both ends have agreed, or have not: then what was agreed upon before counts. */
static void
settle(struct sl_helper *h, struct sip_dialog *d, bool agreed)
{
	for (unsigned int i = d->n; i-- > 0;) {
		struct sip_hole *hole = &d->hole[i];

		if (agreed)
			hole->now = hole->next;
		hole->next = hole->now;
		if (!hole->now)
			sip_hole_close(h, d, i);
	}
}

/* Write down what a message has opened and said. */
static void
note(struct sip_work *w)
{
	struct sip_dialog *d = w->dialog;

	if (w->described && w->from == SL_INSIDE)
		for (unsigned int i = 0; i < d->n; i++)
			d->hole[i].next = d->hole[i].media == SIP_SIGNAL;
	for (unsigned int i = 0; i < w->n_holes; i++)
		sip_hole_put(d, &w->hole[i]);
	if (!w->described || w->from == SL_INSIDE)
		return;
	for (unsigned int i = 0; i < SIP_MEDIA; i++)
		if (w->media_addr[i] != 0)
			d->media_addr[i] = w->media_addr[i];
	for (unsigned int i = 0; i < d->n; i++)
		if (d->hole[i].media < SIP_MEDIA && w->media_off[d->hole[i].media])
			d->hole[i].next = false;
}

static void
invite_answered(struct sip_work *w)
{
	struct sip_dialog *d = w->dialog;
	struct sl_helper *h = w->h;
	unsigned int status = w->m.status;

	if (status < 200) {
		if (!d->confirmed)
			prolong(h, d, EARLY_MS);
	} else if (status < 300) {
		if (d->tags == 0)
			d->tags = w->m.tags;
		d->confirmed = true;
		settle(h, d, true);
		prolong(h, d, w->lifetime);
	} else if (d->confirmed) {
		settle(h, d, false);
	} else if (status == 401 || status == 407 || status == 422) {
		prolong(h, d, LINGER_MS); /* it will be sent again, with what was wanted */
	} else {
		sip_dialog_end(h, d);
	}
}

static void
registered(struct sip_work *w)
{
	struct sl_helper *h = w->h;
	unsigned int status = w->m.status;
	uint32_t seconds = w->m.expires != UINT32_MAX ? w->m.expires : 3600;

	if (w->m.method == SIP_REGISTER && status >= 200 && status < 300)
		seconds = w->granted > 0 ? (uint32_t)w->granted : 0;
	if (status < 200 || status == 401 || status == 407 || status == 423)
		return;
	if (status >= 300 && w->dialog->confirmed)
		return; /* what was granted before still is */
	if (status >= 300 || seconds == 0) {
		sip_dialog_end(h, w->dialog);
		return;
	}
	w->dialog->confirmed = true;
	prolong(h, w->dialog,
		(uint32_t)RTE_MIN(seconds * 1000ull + GRACE_MS, (unsigned long long)TALK_MS));
}

static void
answered(struct sip_work *w)
{
	switch (w->m.method) {
	case SIP_INVITE:
		invite_answered(w);
		break;
	case SIP_REGISTER:
	case SIP_SUBSCRIBE:
		if (w->from == SL_OUTSIDE)
			registered(w);
		break;
	case SIP_UPDATE:
		if (w->m.status >= 200)
			settle(w->h, w->dialog, w->m.status < 300 || !w->dialog->confirmed);
		break;
	default:
		break;
	}
}

/* One that is known, or begins now. */
static bool
have_dialog(struct sip_work *w)
{
	const struct sip_message *m = &w->m;
	bool begins = m->request && (m->method == SIP_INVITE || w->n_holes > 0);

	if (w->dialog == NULL && begins) {
		w->dialog = sip_dialog_make(w->h, m->call);
		if (w->dialog != NULL)
			w->dialog->until = w->h->now + w->lifetime;
	}
	return w->dialog != NULL;
}

/* All is answered: from here on it has happened. */
static void
commit(struct sip_work *w)
{
	const struct sip_message *m = &w->m;

	if (!have_dialog(w))
		return;
	note(w);
	if (!m->request) {
		answered(w);
		return;
	}
	if (m->method == SIP_BYE) {
		/* One of two that an INVITE has led to (forking) is not the other. */
		if (w->dialog->tags == 0 || w->dialog->tags == m->tags)
			sip_dialog_end(w->h, w->dialog);
	} else if (m->method == SIP_CANCEL && !w->dialog->confirmed) {
		prolong(w->h, w->dialog, LINGER_MS);
	} else if (m->method == SIP_ACK && w->described) {
		settle(w->h, w->dialog, true);
	} else if (w->n_holes > 0) {
		w->dialog->until = RTE_MAX(w->dialog->until, w->h->now + w->lifetime);
	}
}

/* ---- messages ---- */

/* May this message describe a session? */
static bool
may_describe(const struct sip_work *w)
{
	const struct sip_message *m = &w->m;

	switch (m->method) {
	case SIP_INVITE:
		return w->dialog != NULL || m->request;
	case SIP_ACK:
	case SIP_UPDATE:
	case SIP_PRACK:
		return w->dialog != NULL;
	default:
		return false;
	}
}

static void
message(struct sl_helper *h, enum sl_side from, struct sl_slice text)
{
	struct sip_work w = { .h = h, .from = from, .text = text };

	while (text.n > 0 && (text.p[0] == '\r' || text.p[0] == '\n'))
		text = sl_slice_skip(text, 1);
	if (!sip_message_read(text, &w.m) || w.m.call == 0)
		return;
	/* What is subscribed to within a call has a life of its own. */
	if (w.m.method == SIP_REGISTER || w.m.method == SIP_SUBSCRIBE)
		w.m.call ^= (uint64_t)w.m.method;
	w.dialog = sip_dialog_find(h, w.m.call);
	w.lifetime = lifetime_of(&w);
	sip_address_all(&w);
	if (!w.again && !w.clat && (w.m.request || w.m.status < 300) && may_describe(&w))
		sip_body_read(&w);
	if (w.clat)
		sl_helper_pass(h);
	if (w.again || w.clat)
		return;
	sip_edits_make(&w);
	commit(&w);
}

static void
outbound(struct sl_helper *h, struct sl_slice text)
{
	message(h, SL_INSIDE, text);
}

static void
inbound(struct sl_helper *h, struct sl_slice text)
{
	message(h, SL_OUTSIDE, text);
}

const struct sl_helper_ops sl_helper_sip = {
	.name = "sip",
	.proto = { IPPROTO_UDP, IPPROTO_TCP },
	.port = { 5060 },
	.six = true,
	.mutual = true,
	.shared_size = sizeof(struct sip_dialogs),
	.frame = frame,
	.outbound = outbound,
	.inbound = inbound,
};
