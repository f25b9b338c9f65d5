/* SPDX-License-Identifier: BSD-3-Clause
 *
 * FTP (RFC 959, 2428). The control connection names endpoints for data connections:
 *
 *	PORT h1,h2,h3,h4,p1,p2        the client listens, the server will connect
 *	EPRT |1|address|port|
 *	227 ... (h1,h2,h3,h4,p1,p2)   the server listens; answers PASV
 *	229 ... (|||port|)            the same at the address that the client knows; answers EPSV
 *
 * Whoever listens on the inside gets an expectation for one connection from the other end of
 * this control connection, and what was named becomes the outside endpoint. Who listens on the
 * outside is reached like any server, but for one that names a private address: the client is
 * told the address that it has already.
 *
 * A line is a message. Commands are read only as the protocol allows them, since a browser can
 * be made to say anything to port 21 (NAT slipstreaming), in whatever order:
 *
 * - the server greets first; a client that speaks before it does, or HTTP, is none of FTP;
 * - PORT and EPRT count after the login alone (230), and from the client;
 * - 227 and 229 count as the answer to PASV and EPSV. Clients send commands ahead, so the kinds
 *   of those without a final reply (RFC 959 section 4.2) stand in a queue. Replies that are more
 *   than they should be are common around ABOR: one that cannot be the answer to the PASV at
 *   the head of the queue leaves it there;
 * - what lies within a multi-line reply is text.
 *
 * An address that is not the sender's own opens nothing, and the line stays as it is (the bounce
 * attack, RFC 2577). There is one data connection at a time, so a new expectation ends the one
 * before that nobody has used. After a successful AUTH (RFC 2228, 4217) nobody can read what
 * follows: hands off.
 *
 * Between IPv6 and IPv4 commands and replies become others: ftp_six.c.
 *
 * Addresses and ports as FTP writes them: ftp_data.c.
 *
 * EPSV names no address. Should the port that stands for the server's not be at the address
 * that the client has, its server is made to refuse, and the client goes on with PASV.
 */
#include <stdio.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "ftp.h"

#define LINE_MAX_LEN 4096 /* no command and no line of a reply is longer */

/* ---- lines ---- */

static int
frame(struct sl_helper *h, enum sl_side from, struct sl_slice data)
{
	size_t end = sl_slice_find(data, '\n');

	(void)h;
	(void)from;
	/* A line begins with text, or with Telnet's IAC; TLS does not. */
	if (data.n > 0 && data.p[0] < ' ' && data.p[0] != '\r' && data.p[0] != '\n' &&
		data.p[0] != '\t')
		return -1;
	if (end >= LINE_MAX_LEN)
		return -1;
	return end < data.n ? (int)end + 1 : 0;
}

/* Without the end of line, and Telnet commands before it (RFC 959 section 5.3.1, ABOR). */
static struct sl_slice
text_of(struct sl_slice line)
{
	while (line.n > 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	while (line.n > 1 && line.p[0] == 0xff)
		line = sl_slice_skip(line, 2);
	return line;
}

static bool
is_verb(struct sl_slice verb, struct sl_slice name)
{
	return verb.n == name.n && sl_slice_starts(verb, name);
}

/* ---- data connections ---- */

/* The same for whoever names itself; false: leave the line as it is. */
static bool
expect_data(struct sl_helper *h, rte_be32_t addr, rte_be16_t port, struct sl_expect *e)
{
	if (addr != h->out_addr && (addr != h->in_addr || h->six))
		return false;
	return sl_ftp_expect(h, port, e);
}

static void
read_port(struct sl_helper *h, struct sl_slice line, struct sl_slice args)
{
	struct sl_slice rest = args;
	struct sl_expect e;
	rte_be32_t addr;
	rte_be16_t port;

	if (sl_ftp_take_six(&rest, &addr, &port) && sl_slice_trim(rest).n == 0 &&
		expect_data(h, addr, port, &e))
		sl_ftp_put_six(
			h, (size_t)(args.p - line.p), args.n - rest.n, e.out_addr, e.out_port);
}

/* EPRT<space><d><net-prt><d><net-addr><d><tcp-port><d>; 1 is IPv4 (RFC 2428 section 2). */
static void
read_eprt(struct sl_helper *h, struct sl_slice line, struct sl_slice args)
{
	uint8_t d = args.n > 0 ? args.p[0] : 0, *b;
	struct sl_slice rest = args, from;
	uint32_t proto, number;
	struct sl_expect e;
	char text[32];
	rte_be32_t addr;
	int len;

	if (!sl_ftp_take_byte(&rest, d) || !sl_slice_number(&rest, 1, &proto) || proto != 1 ||
		!sl_ftp_take_byte(&rest, d))
		return;
	from = rest;
	if (!sl_slice_ipv4(&rest, &addr) || !sl_ftp_take_byte(&rest, d) ||
		!sl_slice_number(&rest, UINT16_MAX, &number) || rest.n == 0 || rest.p[0] != d)
		return;
	if (!expect_data(h, addr, rte_cpu_to_be_16((uint16_t)number), &e))
		return;
	b = (uint8_t *)&e.out_addr;
	len = snprintf(text, sizeof(text), "%u.%u.%u.%u%c%u", b[0], b[1], b[2], b[3], d,
		rte_be_to_cpu_16(e.out_port));
	sl_helper_replace(h, (size_t)(from.p - line.p), from.n - rest.n, text, (size_t)len);
}

static void
read_227(struct sl_helper *h, enum sl_side from, struct sl_slice line, struct sl_slice text)
{
	struct sl_slice at, rest;
	struct sl_expect e;
	rte_be32_t addr;
	rte_be16_t port;

	if (!sl_ftp_find_six(text, &at, &rest, &addr, &port))
		return;
	if (from == SL_OUTSIDE) {
		if (addr != h->rem_addr && sl_ftp_is_private(addr))
			sl_ftp_put_six(
				h, (size_t)(at.p - line.p), at.n - rest.n, h->rem_addr, port);
	} else if (expect_data(h, addr, port, &e)) {
		sl_ftp_put_six(h, (size_t)(at.p - line.p), at.n - rest.n, e.out_addr, e.out_port);
	}
}

static void
read_229(struct sl_helper *h, struct sl_slice line, struct sl_slice text)
{
	static const char refusal[] = "502 Use PASV.\r\n";
	struct sl_slice at, rest;
	struct sl_expect e;
	uint32_t number;
	char port[8];
	int len;

	if (!sl_ftp_find_port(text, &at, &rest, &number) ||
		!sl_ftp_expect(h, rte_cpu_to_be_16((uint16_t)number), &e))
		return;
	if (e.out_addr != h->out_addr) {
		sl_helper_unexpect(h, e.proto, e.in_addr, e.in_port);
		sl_helper_replace(h, 0, line.n, refusal, sizeof(refusal) - 1);
		return;
	}
	len = snprintf(port, sizeof(port), "%u", rte_be_to_cpu_16(e.out_port));
	sl_helper_replace(h, (size_t)(at.p - line.p), at.n - rest.n, port, (size_t)len);
}

/* ---- the dialogue ---- */

static void
push(struct sl_ftp *ftp, enum sl_ftp_kind kind)
{
	if (ftp->n == SL_FTP_COMMANDS) {
		ftp->first = (uint8_t)((ftp->first + 1) % SL_FTP_COMMANDS);
		ftp->n--;
	}
	ftp->command[(ftp->first + ftp->n++) % SL_FTP_COMMANDS] = (uint8_t)kind;
}

static enum sl_ftp_kind
pop(struct sl_ftp *ftp)
{
	enum sl_ftp_kind kind = (enum sl_ftp_kind)ftp->command[ftp->first];

	ftp->first = (uint8_t)((ftp->first + 1) % SL_FTP_COMMANDS);
	ftp->n--;
	return kind;
}

/* Does this code say yes to a command that asks where to connect? */
static bool
is_yes(unsigned int kind, unsigned int code)
{
	if (code == 227)
		return kind == SL_FTP_PASV || kind == SL_FTP_EPSV_AS_PASV;
	return code == 229 && (kind == SL_FTP_EPSV || kind == SL_FTP_PASV_AS_EPSV);
}

static bool
is_waiting(const struct sl_ftp *ftp, unsigned int code)
{
	for (unsigned int i = 0; i < ftp->n; i++)
		if (is_yes(ftp->command[(ftp->first + i) % SL_FTP_COMMANDS], code))
			return true;
	return false;
}

/* Which command a final reply answers. */
static enum sl_ftp_kind
answered(struct sl_ftp *ftp, unsigned int code)
{
	enum sl_ftp_kind kind;

	if (ftp->n == 0)
		return SL_FTP_OTHER;
	if (code == 227 || code == 229) {
		if (!is_waiting(ftp, code))
			return SL_FTP_OTHER;
		do
			kind = pop(ftp);
		while (!is_yes(kind, code));
		return kind;
	}
	kind = (enum sl_ftp_kind)ftp->command[ftp->first];
	if ((is_yes(kind, 227) || is_yes(kind, 229)) && code < 400)
		return SL_FTP_OTHER;
	return pop(ftp);
}

static bool
is_http(struct sl_slice verb)
{
	static const char *const verbs[] = { "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE",
		"PATCH", "CONNECT", "TRACE" };

	for (size_t i = 0; i < RTE_DIM(verbs); i++)
		if (is_verb(verb, (struct sl_slice){ (const uint8_t *)verbs[i], strlen(verbs[i]) }))
			return true;
	return false;
}

/* Letters and digits, as all verbs of FTP are; "Host:" is none. */
static bool
may_be_verb(struct sl_slice verb)
{
	for (size_t i = 0; i < verb.n; i++) {
		uint8_t c = sl_slice_lower(verb.p[i]);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
			return false;
	}
	return verb.n >= 3 && verb.n <= 8 && !is_http(verb);
}

static void
read_command(struct sl_helper *h, enum sl_side from, struct sl_slice line)
{
	struct sl_slice text = text_of(line), verb, args;
	struct sl_ftp *ftp = h->state;
	enum sl_ftp_kind kind = SL_FTP_OTHER;

	verb = sl_slice_head(text, sl_slice_find(text, ' '));
	args = sl_slice_trim(sl_slice_skip(text, verb.n));
	if (!ftp->greeted || (text.n > 0 && !may_be_verb(verb))) {
		sl_helper_pass(h);
		return;
	}
	if (text.n == 0)
		return;
	if (is_verb(verb, SL_SLICE("PASV")))
		kind = SL_FTP_PASV;
	else if (is_verb(verb, SL_SLICE("EPSV")) &&
		 ((h->six && !ftp->as_is) || !is_verb(args, SL_SLICE("ALL"))))
		kind = SL_FTP_EPSV;
	else if (is_verb(verb, SL_SLICE("AUTH")))
		kind = SL_FTP_AUTH;
	if (h->six && from == SL_INSIDE && is_verb(verb, SL_SLICE("ALGS")))
		kind = sl_ftp_six_algs(h, line, args, &ftp->as_is);
	else if (h->six && !ftp->as_is)
		kind = sl_ftp_six_passive(h, from, kind, line, args);
	push(ftp, kind);
	if (from != SL_INSIDE || !ftp->logged_in)
		return;
	if (is_verb(verb, SL_SLICE("PORT")))
		read_port(h, line, args);
	else if (is_verb(verb, SL_SLICE("EPRT")) && !h->six)
		read_eprt(h, line, args);
	else if (is_verb(verb, SL_SLICE("EPRT")) && !ftp->as_is)
		sl_ftp_six_eprt(h, line, args);
}

static void
read_final(struct sl_helper *h, enum sl_side from, struct sl_slice line, unsigned int code)
{
	struct sl_slice text = text_of(line);
	struct sl_ftp *ftp = h->state;
	enum sl_ftp_kind kind;

	if (!ftp->greeted) {
		ftp->greeted = code == 220;
		return;
	}
	if (code < 200)
		return; /* another one will come */
	if (code == 230 || code == 232)
		ftp->logged_in = true;
	kind = answered(ftp, code);
	switch (kind) {
	case SL_FTP_PASV:
		if (code == 227)
			read_227(h, from, line, text);
		break;
	case SL_FTP_EPSV:
		if (code == 229 && from == SL_INSIDE)
			read_229(h, line, text);
		break;
	case SL_FTP_AUTH:
		if (code == 234 || code == 334)
			sl_helper_pass(h);
		break;
	case SL_FTP_OTHER:
		break;
	default:
		sl_ftp_six_reply(h, kind, code, line, text);
		break;
	}
}

static void
read_reply(struct sl_helper *h, enum sl_side from, struct sl_slice line)
{
	struct sl_slice text = text_of(line), rest = text;
	struct sl_ftp *ftp = h->state;
	uint32_t code;

	if (!sl_slice_number(&rest, 999, &code) || text.n - rest.n != 3 || code < 100)
		return;
	if (ftp->multi != 0 && (code != ftp->multi || (rest.n > 0 && rest.p[0] != ' ')))
		return;
	ftp->multi = rest.n > 0 && rest.p[0] == '-' ? (uint16_t)code : 0;
	if (ftp->multi == 0)
		read_final(h, from, line, code);
}

static void
outbound(struct sl_helper *h, struct sl_slice line)
{
	if (h->inbound)
		read_reply(h, SL_INSIDE, line);
	else
		read_command(h, SL_INSIDE, line);
}

static void
inbound(struct sl_helper *h, struct sl_slice line)
{
	if (h->inbound)
		read_command(h, SL_OUTSIDE, line);
	else
		read_reply(h, SL_OUTSIDE, line);
}

const struct sl_helper_ops sl_helper_ftp = {
	.name = "ftp",
	.proto = { IPPROTO_TCP },
	.port = { 21 },
	.on = true,
	.six = true,
	.state_size = sizeof(struct sl_ftp),
	.frame = frame,
	.outbound = outbound,
	.inbound = inbound,
};
