/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IRC (RFC 1459, 2812; tags as in IRCv3), for the sake of DCC: files and chats go from client to
 * client, and how they find each other is said by messages through the server (dcc.c).
 *
 *	SEND, CHAT     the client listens at an address and a port; somebody will connect to it,
 *	               who it is nobody here can tell. It gets an expectation for one
 *	               connection from anywhere, and the outside endpoint takes its place.
 *	port 0         passive: the other one shall listen. Only the address is replaced.
 *	RESUME         comes from outside and names our outside port: the inside one is put back.
 *	ACCEPT         goes to the outside and names the inside port of our offer, likewise.
 *
 * A line is a message. What lets strangers in is read as narrowly as the protocol allows it:
 *
 * - from a client inside, never from a server; server links and servers inside are left alone;
 * - a connection begins with the commands that register a client. Whatever else comes first, as
 *   the HTTP that a web page lets a browser say to port 6667 (NAT slipstreaming), ends the
 *   inspection, and so does a line that is no command;
 * - requests count after the client has said NICK and USER and the server has welcomed it (001);
 * - in the text of PRIVMSG or NOTICE, which has to begin with it. A NOTICE is what clients answer
 *   by themselves, with text of others in it ("PING ..."): there nothing counts after a CTCP that
 *   is none of DCC;
 * - the address has to be the sender's own, inside or outside.
 *
 * Between IPv6 and IPv4 (NAT64) an offer of IPv6 goes out as one of IPv4, a number, and one that
 * comes in becomes text of IPv6, behind the client's prefix, until the client has shown by an
 * offer of IPv4 that it speaks through a CLAT (RFC 6877).
 *
 * A line has 512 bytes without its tags, servers cut what is beyond. One that could become longer
 * stays as it is. After STARTTLS (670) nobody can read what follows: hands off.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "all.h"
#include "dcc.h"

#define TEXT_MAX 512 /* a line, with its end */
#define TAGS_MAX 8191 /* before it (IRCv3 message-tags) */
#define OFFERS 32 /* that RESUME and ACCEPT may name; beyond it the oldest are forgotten */
#define OFFER_MS 120000 /* people answer these */

struct offer {
	rte_be16_t in_port, out_port;
};

struct irc {
	bool nick, user; /* the client has said so */
	bool welcome; /* and the server has heard it */
	bool clat; /* an IPv6 host that speaks of IPv4 */
	uint8_t next; /* offer to be forgotten */
	struct offer offer[OFFERS];
};

_Static_assert(sizeof(struct irc) <= SL_HELPER_STATE_MAX, "fits a flow's state");

/* A line in its parts. */
struct line {
	struct sl_slice whole, verb, args;
	size_t room; /* bytes that it may grow by */
};

/* ---- lines ---- */

static int
frame(struct sl_helper *h, enum sl_side from, struct sl_slice data)
{
	size_t end = sl_slice_find(data, '\n');

	(void)h;
	(void)from;
	/* No line begins with a control character; TLS does. */
	if (data.n > 0 && data.p[0] < ' ' && data.p[0] != '\r' && data.p[0] != '\n')
		return -1;
	if (end >= TAGS_MAX + TEXT_MAX)
		return -1;
	return end < data.n ? (int)end + 1 : 0;
}

static struct sl_slice
skip_blanks(struct sl_slice s)
{
	while (s.n > 0 && s.p[0] == ' ')
		s = sl_slice_skip(s, 1);
	return s;
}

/* [@tags] [:source] verb [args] */
static struct line
split(struct sl_slice whole)
{
	struct sl_slice rest = whole;
	struct line l = { .whole = whole };

	if (rest.n > 0 && rest.p[0] == '@')
		rest = skip_blanks(sl_slice_skip(rest, sl_slice_find(rest, ' ')));
	l.room = rest.n < TEXT_MAX ? TEXT_MAX - rest.n : 0;
	while (rest.n > 0 && (rest.p[rest.n - 1] == '\n' || rest.p[rest.n - 1] == '\r'))
		rest.n--;
	rest = skip_blanks(rest);
	if (rest.n > 0 && rest.p[0] == ':')
		rest = skip_blanks(sl_slice_skip(rest, sl_slice_find(rest, ' ')));
	l.verb = sl_slice_head(rest, sl_slice_find(rest, ' '));
	l.args = skip_blanks(sl_slice_skip(rest, l.verb.n));
	return l;
}

static bool
is_verb(const struct line *l, struct sl_slice name)
{
	return l->verb.n == name.n && sl_slice_starts(l->verb, name);
}

/* The text of a PRIVMSG or NOTICE: what follows its one target and a colon. */
static struct sl_slice
text_of(const struct line *l)
{
	struct sl_slice rest = l->args;

	rest = skip_blanks(sl_slice_skip(rest, sl_slice_find(rest, ' ')));
	if (l->args.n == 0 || l->args.p[0] == ':' || rest.n == 0 || rest.p[0] != ':')
		return sl_slice_head(rest, 0);
	return sl_slice_skip(rest, 1);
}

/* ---- offers ---- */

static void
remember(struct irc *irc, rte_be16_t in_port, rte_be16_t out_port)
{
	for (unsigned int i = 0; i < OFFERS; i++) {
		struct offer *o = &irc->offer[i];

		if (o->in_port == in_port || o->out_port == out_port)
			*o = (struct offer){ 0, 0 };
	}
	irc->offer[irc->next] = (struct offer){ in_port, out_port };
	irc->next = (uint8_t)((irc->next + 1) % OFFERS);
}

/* Put a number in the place of a word of the line. */
static void
put(struct sl_helper *h, const struct line *l, struct sl_slice word, uint32_t number)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", number);

	sl_helper_replace(h, (size_t)(word.p - l->whole.p), word.n, text, (size_t)len);
}

static void
put_address(struct sl_helper *h, const struct line *l, const struct sl_dcc *d, rte_be32_t addr)
{
	char text[INET_ADDRSTRLEN];

	if (d->form != SL_DCC_DOTTED) {
		put(h, l, d->addr, rte_be_to_cpu_32(addr));
		return;
	}
	inet_ntop(AF_INET, &addr, text, sizeof(text));
	sl_helper_replace(h, (size_t)(d->addr.p - l->whole.p), d->addr.n, text, strlen(text));
}

/* Is there room for the longest that may take a word's place? If so it is taken. */
static bool
take_room(struct line *l, struct sl_slice word, size_t longest)
{
	size_t more = longest > word.n ? longest - word.n : 0;

	if (more > l->room)
		return false;
	l->room -= more;
	return true;
}

/* Is it the sender's own address? */
static bool
is_own(const struct sl_helper *h, const struct sl_dcc *d)
{
	if (d->form == SL_DCC_SIX)
		return h->six && memcmp(&d->six, &h->in6, sizeof(d->six)) == 0;
	return d->at == h->out_addr || (d->at == h->in_addr && !h->six);
}

/* The inside client listens, or with port 0 asks the other one to. */
static void
read_offer(struct sl_helper *h, struct line *l, const struct sl_dcc *d)
{
	struct sl_expect e = {
		.proto = IPPROTO_TCP,
		.once = true,
		.in_addr = h->in_addr,
		.in_port = rte_cpu_to_be_16(d->number),
		.lifetime = OFFER_MS,
	};

	/* A passive one names nobody: irssi always says 1.1.1.1. */
	if (h->six && d->form != SL_DCC_SIX && d->number != 0)
		((struct irc *)h->state)->clat = true;
	if (!is_own(h, d) || !take_room(l, d->addr, d->form == SL_DCC_DOTTED ? 15 : 10))
		return;
	if (d->number == 0) {
		put_address(h, l, d, h->out_addr);
		return;
	}
	if (!take_room(l, d->port, 5) || sl_helper_expect(h, &e) != 0)
		return;
	remember(h->state, e.in_port, e.out_port);
	put_address(h, l, d, e.out_addr);
	put(h, l, d->port, rte_be_to_cpu_16(e.out_port));
}

/* Somebody outside listens, for a client that has IPv6. */
static void
read_offer_in(struct sl_helper *h, struct line *l, const struct sl_dcc *d)
{
	const struct irc *irc = h->state;
	char text[INET6_ADDRSTRLEN];
	struct sl_ip6 six;

	if (!h->six || irc->clat || d->form == SL_DCC_SIX)
		return;
	six = sl_helper_join(h, d->at);
	inet_ntop(AF_INET6, &six, text, sizeof(text));
	if (take_room(l, d->addr, strlen(text)))
		sl_helper_replace(
			h, (size_t)(d->addr.p - l->whole.p), d->addr.n, text, strlen(text));
}

/* RESUME from outside: our outside port; ACCEPT from inside: our inside port. */
static void
read_port(struct sl_helper *h, enum sl_side from, struct line *l, const struct sl_dcc *d)
{
	rte_be16_t named = rte_cpu_to_be_16(d->number);
	const struct irc *irc = h->state;

	for (unsigned int i = 0; named != 0 && i < OFFERS; i++) {
		const struct offer *o = &irc->offer[i];
		bool in = from == SL_INSIDE;

		if ((in ? o->in_port : o->out_port) != named)
			continue;
		if (take_room(l, d->port, 5))
			put(h, l, d->port, rte_be_to_cpu_16(in ? o->out_port : o->in_port));
		return;
	}
}

static void
read_text(struct sl_helper *h, enum sl_side from, struct line *l, struct sl_slice text)
{
	bool notice = is_verb(l, SL_SLICE("NOTICE"));
	struct sl_slice ctcp;

	while (sl_ctcp_next(&text, &ctcp)) {
		struct sl_dcc d = sl_dcc_read(ctcp);

		if (notice && !sl_ctcp_is_dcc(ctcp))
			return;
		if (d.kind == SL_DCC_OFFER)
			(from == SL_INSIDE ? read_offer : read_offer_in)(h, l, &d);
		else if (d.kind == (from == SL_INSIDE ? SL_DCC_ACCEPT : SL_DCC_RESUME))
			read_port(h, from, l, &d);
	}
}

/* ---- the dialogue ---- */

/* What a client says before it has said who it is; irssi tries JOIN. */
static bool
registers(const struct line *l)
{
	static const char *const verbs[] = { "CAP", "PASS", "NICK", "USER", "AUTHENTICATE",
		"WEBIRC", "STARTTLS", "PROTOCTL", "JOIN", "PING", "PONG", "QUIT" };

	for (size_t i = 0; i < RTE_DIM(verbs); i++)
		if (is_verb(l, (struct sl_slice){ (const uint8_t *)verbs[i], strlen(verbs[i]) }))
			return true;
	return false;
}

/* Letters or three digits; "Host:" is none. */
static bool
may_be_verb(struct sl_slice verb)
{
	unsigned int digits = 0, letters = 0;

	for (size_t i = 0; i < verb.n; i++) {
		uint8_t c = sl_slice_lower(verb.p[i]);

		digits += c >= '0' && c <= '9';
		letters += c >= 'a' && c <= 'z';
	}
	return verb.n > 0 && (letters == verb.n || (digits == verb.n && digits == 3));
}

static void
outbound(struct sl_helper *h, struct sl_slice whole)
{
	struct line l = split(whole);
	struct irc *irc = h->state;

	if (h->inbound) { /* a server inside: its clients are not its own */
		sl_helper_pass(h);
		return;
	}
	if (l.verb.n == 0)
		return;
	if (!may_be_verb(l.verb) || (!(irc->nick && irc->user) && !registers(&l))) {
		sl_helper_pass(h);
		return;
	}
	irc->nick |= is_verb(&l, SL_SLICE("NICK"));
	irc->user |= is_verb(&l, SL_SLICE("USER"));
	if (irc->welcome && (is_verb(&l, SL_SLICE("PRIVMSG")) || is_verb(&l, SL_SLICE("NOTICE"))))
		read_text(h, SL_INSIDE, &l, text_of(&l));
}

static void
inbound(struct sl_helper *h, struct sl_slice whole)
{
	struct line l = split(whole);
	struct irc *irc = h->state;

	if (h->inbound || (l.verb.n > 0 && !may_be_verb(l.verb))) {
		sl_helper_pass(h);
		return;
	}
	if (is_verb(&l, SL_SLICE("670")))
		sl_helper_pass(h);
	else if (is_verb(&l, SL_SLICE("001")))
		irc->welcome |= irc->nick && irc->user;
	else if (irc->welcome &&
		 (is_verb(&l, SL_SLICE("PRIVMSG")) || is_verb(&l, SL_SLICE("NOTICE"))))
		read_text(h, SL_OUTSIDE, &l, text_of(&l));
}

const struct sl_helper_ops sl_helper_irc = {
	.name = "irc",
	.proto = { IPPROTO_TCP },
	.port = { 6667 },
	.six = true,
	.state_size = sizeof(struct irc),
	.frame = frame,
	.outbound = outbound,
	.inbound = inbound,
};
