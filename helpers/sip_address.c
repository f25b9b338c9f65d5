/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Addresses in SIP's header fields (RFC 3261 sections 7, 20, 25.1). From inside, the host's own
 * address becomes the outside one; from outside, what stands for the host becomes its own again,
 * to the letter where a transaction depends on it (sent-by of Via, section 18.1.2). Others'
 * addresses and names stay as they are, but for the family of the former (sip_six.c).
 *
 * Via, Contact, Route, Record-Route and Request-URI say where messages go: address and port are
 * one, without a port it is 5060, and the outside port is always said but when it is that. The
 * flow's own port has its outside port already. Another one gets an expectation, read by this
 * helper, for the remote end of the flow. From, To and the like say who somebody is: there the
 * port is changed only where it is known.
 *
 * What is in quotes is text. TLS and websockets are left alone: "sips:", transport=tls.
 */
#include <rte_byteorder.h>
#include <rte_common.h>

#include "sip_work.h"

#define PORT RTE_BE16(5060)
#define SIGNAL_MS 60000 /* for a request's answer, and a registrar's */

/** An address as it is written. */
struct place {
	struct sl_slice host, port; /* port.n == 0: none */
	rte_be32_t addr;
	rte_be16_t number; /* of the port, or the default one */
	uint8_t proto;
	enum sip_field field;
};

/* ---- ports for requests ---- */

/* Is it for its Contact that a dialog needs the port? */
static bool
holds(const struct sip_work *w, enum sip_field field)
{
	const struct sip_message *m = &w->m;

	if (field != SIP_FIELD_CONTACT)
		return false;
	if (m->method == SIP_REGISTER || m->method == SIP_SUBSCRIBE)
		return m->request && m->expires != 0;
	return m->method == SIP_INVITE && (m->request || m->status < 300);
}

/* What stands for an inside port of the flow's own remote end; NULL: nothing. */
static struct sip_signal *
open_signal(struct sip_work *w, const struct place *p)
{
	struct sl_helper *h = w->h;
	struct sip_signal *s = &w->signal[w->n_signals];
	struct sl_expect e = {
		.proto = p->proto,
		.helper = SL_HELPER_SELF,
		.in_port = p->number,
		.rem_addr = h->rem_addr,
	};
	bool own = p->proto == h->proto && p->number == h->in_port, same;
	uint64_t left = sip_signal_left(h, w->m.call, p->proto, p->number, &same);

	if (w->n_signals == SIP_SIGNALS)
		return NULL;
	*s = (struct sip_signal){ .proto = p->proto, .in_port = p->number };
	e.lifetime = RTE_MAX(holds(w, p->field) ? w->lifetime : SIGNAL_MS, (uint32_t)left);
	/* Somebody else has it for a time: the latter one gets what is there. */
	if (same)
		s->status = sip_expect(w, &e);
	else
		s->status = sl_helper_expected(
				    h, p->proto, h->in_addr, p->number, &e.out_addr, &e.out_port)
				    ? 0
				    : -1;
	if (w->again)
		return NULL;
	if (s->status == 0 && same && holds(w, p->field))
		sip_opened(w, &e, SIP_SIGNAL);
	if (own) {
		s->status = 0;
		e.out_addr = h->out_addr;
		e.out_port = h->out_port;
	}
	s->out_addr = e.out_addr;
	s->out_port = e.out_port;
	w->n_signals++;
	return s;
}

/* A flow's own port is open to it. But the remote end may come from another port, or by another
 * connection, and the flow may be forgotten before its dialog is: then it has to be held. */
static bool
outside_of(struct sip_work *w, const struct place *p, rte_be32_t *addr, rte_be16_t *port)
{
	struct sl_helper *h = w->h;
	bool own = p->proto == h->proto && p->number == h->in_port;
	const struct sip_signal *s = NULL;

	*addr = h->out_addr;
	*port = h->out_port;
	if (own && !holds(w, p->field))
		return true;
	if (p->field == SIP_FIELD_OTHER)
		return false;
	for (unsigned int i = 0; i < w->n_signals && s == NULL; i++)
		if (w->signal[i].proto == p->proto && w->signal[i].in_port == p->number)
			s = &w->signal[i];
	if (s == NULL)
		s = open_signal(w, p);
	if (s == NULL || s->status != 0)
		return own;
	*addr = s->out_addr;
	*port = s->out_port;
	return true;
}

/* ---- one address ---- */

static bool
is_person(enum sip_field field)
{
	return field == SIP_FIELD_FROM || field == SIP_FIELD_TO || field == SIP_FIELD_PERSON;
}

static void
put_endpoint(struct sip_work *w, const struct place *p, rte_be32_t addr, rte_be16_t port)
{
	if (addr != p->addr || w->h->six)
		sip_edit_addr(w, p->host, SIP_HOST, addr);
	if (p->port.n > 0) {
		if (port != p->number)
			sip_edit_number(w, p->port, rte_be_to_cpu_16(port));
	} else if (port != PORT) {
		char text[8] = ":";
		const struct sl_slice behind = { p->host.p + p->host.n, 0 };
		unsigned int n = rte_be_to_cpu_16(port), len = 1;

		for (unsigned int d = 10000; d > 0; d /= 10)
			if (n >= d)
				text[len++] = (char)('0' + n / d % 10);
		sip_edit_add(w, behind, text, len);
	}
}

/* True when it was ours. */
static bool
go_out(struct sip_work *w, const struct place *p)
{
	struct sl_helper *h = w->h;
	rte_be32_t addr = h->out_addr;
	rte_be16_t port = h->out_port;

	if (p->addr != h->in_addr)
		return false;
	if (is_person(p->field)) {
		if (p->port.n > 0 && p->number == h->in_port)
			put_endpoint(w, p, addr, port);
		else
			sip_edit_addr(w, p->host, SIP_HOST, addr);
	} else if (outside_of(w, p, &addr, &port)) {
		put_endpoint(w, p, addr, port);
	}
	return true;
}

/* The same. */
static bool
come_in(struct sip_work *w, const struct place *p)
{
	struct sl_helper *h = w->h;
	rte_be16_t port;

	if (p->addr == h->out_addr && p->number == h->out_port && p->proto == h->proto &&
		(p->port.n > 0 || !is_person(p->field))) {
		put_endpoint(w, p, h->in_addr, h->in_port);
		return true;
	}
	if (is_person(p->field) || (p->field == SIP_FIELD_OTHER && p->port.n == 0)) {
		if (p->addr == h->out_addr)
			sip_edit_addr(w, p->host, SIP_HOST, h->in_addr);
		return p->addr == h->out_addr;
	}
	/* A helper's answers are remembered: ask only for what may be ours. */
	if (p->addr == h->rem_addr || !sl_helper_inside(h, p->proto, p->addr, p->number, &port))
		return false;
	put_endpoint(w, p, h->in_addr, port);
	return true;
}

static bool
translate(struct sip_work *w, const struct place *p)
{
	bool ours = w->from == SL_OUTSIDE ? come_in(w, p) : go_out(w, p);

	if (!ours && w->h->six)
		sip_edit_addr(w, p->host, SIP_HOST, p->addr);
	return ours && w->from == SL_OUTSIDE;
}

/* ---- hosts and ports ---- */

/* host [":" port] off the front; false when it is no address that we read. White space may be around
 * the colon in Via. */
static bool
take_place(const struct sip_work *w, struct sl_slice *rest, struct place *p)
{
	struct sl_slice s = *rest, colon;
	uint32_t number;

	if (!sip_take_addr(w, &s, &p->addr))
		return false;
	p->host = sl_slice_head(*rest, rest->n - s.n);
	p->port = (struct sl_slice){ s.p, 0 };
	p->number = PORT;
	colon = sip_space(s);
	if (colon.n > 0 && colon.p[0] == ':') {
		s = sip_space(sl_slice_skip(colon, 1));
		p->port = s;
		if (!sl_slice_number(&s, UINT16_MAX, &number) || number == 0)
			return false;
		p->port.n -= s.n;
		p->number = rte_cpu_to_be_16((uint16_t)number);
	}
	*rest = s;
	/* Not "10.0.0.2.example.net". */
	return s.n == 0 || memchr(";?>, \t\r\n", s.p[0], 9) != NULL;
}

/* The protocol that a transport's name stands for; 0: none that we read. */
static uint8_t
proto_of(struct sl_slice transport)
{
	if (sip_is(transport, SL_SLICE("udp")))
		return IPPROTO_UDP;
	return sip_is(transport, SL_SLICE("tcp")) ? IPPROTO_TCP : 0;
}

/* An address in a parameter: only itself. */
static void
translate_param(struct sip_work *w, struct sl_slice value, enum sip_form form)
{
	struct sl_slice rest = value;
	rte_be32_t addr;

	if (!sip_take_addr(w, &rest, &addr) || rest.n > 0)
		return;
	if (w->from == SL_INSIDE && addr == w->h->in_addr)
		sip_edit_addr(w, value, form, w->h->out_addr);
	else if (w->from == SL_OUTSIDE && addr == w->h->out_addr)
		sip_edit_addr(w, value, form, w->h->in_addr);
	else if (w->h->six)
		sip_edit_addr(w, value, form, addr);
}

/* sip:user@host:port;parameters?headers; true when the host is ours, seen from outside. */
static bool
read_uri(struct sip_work *w, struct sl_slice uri, enum sip_field field)
{
	struct place p = { .proto = w->h->proto, .field = field };
	struct sl_slice rest, name, value, maddr = { NULL, 0 };
	size_t user;

	if (!sl_slice_starts(uri, SL_SLICE("sip:")))
		return false;
	rest = sl_slice_skip(uri, 4);
	user = sl_slice_find(rest, '@');
	if (user < rest.n)
		rest = sl_slice_skip(rest, user + 1);
	if (!take_place(w, &rest, &p)) {
		/* A name, but maddr is what counts. */
		p.addr = 0;
		rest = sl_slice_skip(rest, sl_slice_find(rest, ';'));
	}
	while (sip_param(&rest, &name, &value)) {
		if (sip_is(name, SL_SLICE("transport")))
			p.proto = proto_of(value);
		else if (sip_is(name, SL_SLICE("maddr")))
			maddr = value;
	}
	if (p.proto == 0)
		return false;
	if (maddr.n > 0)
		translate_param(w, maddr, SIP_HOST);
	return p.addr != 0 && translate(w, &p);
}

/* ---- header fields ---- */

/* Seconds of a binding that a registrar confirms. */
static void
read_granted(struct sip_work *w, struct sl_slice params)
{
	uint32_t seconds = w->m.expires != UINT32_MAX ? w->m.expires : 3600, v;
	struct sl_slice name, value;

	while (sip_param(&params, &name, &value))
		if (sip_is(name, SL_SLICE("expires")) && sl_slice_number(&value, INT32_MAX, &v))
			seconds = v;
	seconds = RTE_MIN(seconds, (uint32_t)INT32_MAX);
	w->granted = RTE_MAX(w->granted, (int)seconds);
}

/* Length of what is in quotes at the front, with both. */
static size_t
skip_quoted(struct sl_slice s)
{
	size_t i = 1;

	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' ? 2 : 1;
	return RTE_MIN(i + 1, s.n);
}

static size_t
bare_length(struct sl_slice s)
{
	size_t n = 0;

	while (n < s.n && memchr(",;? \t\r\n", s.p[n], 7) == NULL)
		n++;
	return n;
}

/* name-addr or addr-spec, several with commas between (section 25.1). */
static void
read_addresses(struct sip_work *w, struct sl_slice s, enum sip_field field)
{
	bool fresh = true; /* at the start of a value */

	while (s.n > 0 && !w->again) {
		size_t n = 1;
		bool ours = false;

		if (s.p[0] == '"') {
			n = skip_quoted(s);
			fresh = false;
		} else if (s.p[0] == '<') {
			n = sl_slice_find(s, '>');
			ours = read_uri(w, sl_slice_skip(sl_slice_head(s, n), 1), field);
			n++;
			fresh = false;
		} else if (fresh && sl_slice_starts(s, SL_SLICE("sip:"))) {
			n = bare_length(s);
			ours = read_uri(w, sl_slice_head(s, n), field);
			fresh = false;
		} else if (s.p[0] == ',') {
			fresh = true;
		} else if (sip_space(s).n == s.n) {
			fresh = false;
		}
		s = sl_slice_skip(s, n);
		if (ours && field == SIP_FIELD_CONTACT)
			read_granted(w, s);
	}
}

/* received and rport are what the remote end has seen (RFC 3581): the host's own endpoint. */
static void
read_seen(struct sip_work *w, struct sl_slice name, struct sl_slice value)
{
	struct sl_slice rest = value;
	uint32_t number;

	if (sip_is(name, SL_SLICE("received")))
		translate_param(w, value, SIP_BARE);
	else if (sip_is(name, SL_SLICE("maddr")))
		translate_param(w, value, SIP_HOST);
	else if (sip_is(name, SL_SLICE("rport")) && w->from == SL_OUTSIDE &&
		 sl_slice_number(&rest, UINT16_MAX, &number) && rest.n == 0 &&
		 rte_cpu_to_be_16((uint16_t)number) == w->h->out_port)
		sip_edit_number(w, value, rte_be_to_cpu_16(w->h->in_port));
}

/* SIP/2.0/UDP host:port;parameters off the front. */
static void
read_via_one(struct sip_work *w, struct sl_slice *rest)
{
	struct place p = { .field = SIP_FIELD_VIA };
	struct sl_slice s = *rest, name, value, seen;
	bool ours = false, first = w->from == SL_INSIDE;
	rte_be32_t addr;

	for (int i = 0; i < 2; i++) { /* "SIP" "/" "2.0" "/" */
		s = sl_slice_skip(s, sl_slice_find(s, '/'));
		s = sip_space(sl_slice_skip(s, 1));
	}
	p.proto = proto_of(sl_slice_head(s, bare_length(s)));
	s = sip_space(sl_slice_skip(s, bare_length(s)));
	seen = s;
	w->clat |=
		w->n_vias++ == 0 && sip_six_said(w) && w->m.request && sl_slice_ipv4(&seen, &addr);
	if (p.proto != 0 && take_place(w, &s, &p)) {
		ours = w->from == SL_OUTSIDE ? p.addr == w->h->out_addr : p.addr == w->h->in_addr;
		translate(w, &p);
	} else {
		s = sl_slice_skip(s, RTE_MIN(sl_slice_find(s, ';'), sl_slice_find(s, ',')));
	}
	*rest = s;
	while (sip_param(&s, &name, &value)) {
		/* By a name or another address of its own it may be ours, too. */
		seen = value;
		if (sip_is(name, SL_SLICE("received")) && sl_slice_ipv4(&seen, &addr))
			ours |= w->from == SL_OUTSIDE && addr == w->h->out_addr;
	}
	while (sip_param(rest, &name, &value))
		if (ours || first)
			read_seen(w, name, value);
}

static void
read_via(struct sip_work *w, struct sl_slice s)
{
	while (s.n > 0 && !w->again) {
		read_via_one(w, &s);
		s = sip_space(s);
		if (s.n > 0 && s.p[0] != ',')
			return;
		s = sip_space(sl_slice_skip(s, 1));
	}
}

void
sip_address_all(struct sip_work *w)
{
	struct sl_slice rest = w->m.headers;
	struct sip_header header;

	w->granted = -1;
	if (w->m.request)
		read_uri(w, w->m.uri, SIP_FIELD_OTHER);
	while (!w->again && sip_header_next(&rest, &header)) {
		switch (header.field) {
		case SIP_FIELD_VIA:
			read_via(w, header.value);
			break;
		case SIP_FIELD_CONTACT:
		case SIP_FIELD_ROUTE:
		case SIP_FIELD_FROM:
		case SIP_FIELD_TO:
		case SIP_FIELD_PERSON:
			read_addresses(w, header.value, header.field);
			break;
		default:
			break;
		}
	}
}
