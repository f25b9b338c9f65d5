/* SPDX-License-Identifier: BSD-3-Clause
 *
 * FTP between IPv6 and IPv4 (RFC 6384): an IPv6 client speaks RFC 2428, an IPv4 server may know
 * RFC 959 alone.
 *
 *	EPSV                      -->  PASV
 *	229 (|||port|)            <--  227 (h1,h2,h3,h4,p1,p2)
 *	EPRT |2|address|port|     -->  PORT h1,h2,h3,h4,p1,p2, of the outside endpoint
 *	ALGS STATUS64             -->  NOOP
 *	216 EPSV EPRT             <--  its reply
 *
 * The client connects to the address that it has, so a 227 with an address other than the
 * server's cannot be answered: it becomes a 425. A private one is most often the server's as it
 * sees itself behind a NAT of its own, and is taken for that, as with IPv4 clients.
 *
 * EPSV ALL would forbid the PASV that EPSV becomes. The server hears NOOP instead, and what it
 * says to that becomes the 504 that section 9 of the RFC wants.
 *
 * ALGS is for the box (section 11): STATUS64 asks what it does, DISABLE64 has everything pass as
 * it is, ENABLE64 takes that back. The server hears NOOP instead, so that both connections are
 * equally alive (section 12); its 421 is news to the client all the same.
 *
 * PASV from an IPv6 client comes from a CLAT (RFC 6877), behind which somebody speaks IPv4: its
 * words stay as they are. The other way round, an IPv4 client of an IPv6 server that a forward
 * leads to, PASV becomes EPSV and 229 becomes 227; the RFC does not ask for it.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include <rte_byteorder.h>

#include "ftp.h"

static void
say(struct sl_helper *h, struct sl_slice line, struct sl_slice text, const char *words)
{
	sl_helper_replace(h, (size_t)(text.p - line.p), text.n, words, strlen(words));
}

/* All of a line but its end. */
static struct sl_slice
without_end(struct sl_slice line)
{
	while (line.n > 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	return line;
}

enum sl_ftp_kind
sl_ftp_six_passive(struct sl_helper *h, enum sl_side from, enum sl_ftp_kind kind,
	struct sl_slice line, struct sl_slice args)
{
	struct sl_slice text = without_end(line);
	bool all = args.n == 3 && sl_slice_starts(args, SL_SLICE("ALL"));

	if (from == SL_OUTSIDE && kind == SL_FTP_PASV) {
		say(h, line, text, "EPSV");
		return SL_FTP_PASV_AS_EPSV;
	}
	if (from == SL_INSIDE && kind == SL_FTP_EPSV) {
		say(h, line, text, all ? "NOOP" : "PASV");
		return all ? SL_FTP_REFUSED : SL_FTP_EPSV_AS_PASV;
	}
	return all && kind == SL_FTP_EPSV ? SL_FTP_OTHER : kind;
}

enum sl_ftp_kind
sl_ftp_six_algs(struct sl_helper *h, struct sl_slice line, struct sl_slice args, bool *as_is)
{
	static const struct sl_slice status = SL_SLICE("STATUS64"), on = SL_SLICE("ENABLE64"),
				     off = SL_SLICE("DISABLE64");
	bool turns_on = args.n == on.n && sl_slice_starts(args, on);
	bool turns_off = args.n == off.n && sl_slice_starts(args, off);

	say(h, line, without_end(line), "NOOP");
	if (args.n == 0)
		return SL_FTP_ALGS_NOTHING;
	if (!turns_on && !turns_off && !(args.n == status.n && sl_slice_starts(args, status)))
		return SL_FTP_REFUSED;
	*as_is = turns_off || (*as_is && !turns_on);
	return *as_is ? SL_FTP_ALGS_OFF : SL_FTP_ALGS_ON;
}

/* An IPv6 address off the front, up to a delimiter. */
static bool
take_ip6(struct sl_slice *s, uint8_t d, struct sl_ip6 *addr)
{
	size_t n = sl_slice_find(*s, d);
	char text[INET6_ADDRSTRLEN];

	if (n == s->n || n >= sizeof(text))
		return false;
	memcpy(text, s->p, n);
	text[n] = '\0';
	*s = sl_slice_skip(*s, n);
	return inet_pton(AF_INET6, text, addr) == 1;
}

static int
write_six(char *to, size_t size, const char *before, const struct sl_expect *e, const char *after)
{
	uint32_t a = rte_be_to_cpu_32(e->out_addr), p = rte_be_to_cpu_16(e->out_port);

	return snprintf(to, size, "%s%u,%u,%u,%u,%u,%u%s", before, a >> 24, a >> 16 & 255,
		a >> 8 & 255, a & 255, p >> 8, p & 255, after);
}

void
sl_ftp_six_eprt(struct sl_helper *h, struct sl_slice line, struct sl_slice args)
{
	uint8_t d = args.n > 0 ? args.p[0] : 0;
	uint32_t proto, number;
	struct sl_slice rest = args;
	struct sl_expect e;
	struct sl_ip6 addr;
	char text[48];

	if (!sl_ftp_take_byte(&rest, d) || !sl_slice_number(&rest, 2, &proto) || proto != 2 ||
		!sl_ftp_take_byte(&rest, d) || !take_ip6(&rest, d, &addr) ||
		!sl_ftp_take_byte(&rest, d) || !sl_slice_number(&rest, UINT16_MAX, &number) ||
		rest.n == 0 || rest.p[0] != d)
		return;
	/* An address of somebody else opens nothing: the server refuses the line as it is. */
	if (memcmp(&addr, &h->in6, sizeof(addr)) != 0 ||
		!sl_ftp_expect(h, rte_cpu_to_be_16((uint16_t)number), &e))
		return;
	write_six(text, sizeof(text), "PORT ", &e, "");
	say(h, line, without_end(line), text);
}

/* The server's endpoint, which the client reaches behind the NAT64 prefix. */
static void
answer_epsv(struct sl_helper *h, struct sl_slice line, struct sl_slice text)
{
	struct sl_slice at, rest;
	rte_be32_t addr;
	rte_be16_t port;
	char words[64];

	if (!sl_ftp_find_six(text, &at, &rest, &addr, &port) || port == 0 ||
		(addr != h->rem_addr && !sl_ftp_is_private(addr))) {
		say(h, line, text, "425 Can't open data connection.");
		return;
	}
	snprintf(words, sizeof(words), "229 Entering Extended Passive Mode (|||%u|)",
		rte_be_to_cpu_16(port));
	say(h, line, text, words);
}

static void
answer_pasv(struct sl_helper *h, struct sl_slice line, struct sl_slice text)
{
	struct sl_slice at, rest;
	struct sl_expect e;
	uint32_t number;
	char words[80];

	if (!sl_ftp_find_port(text, &at, &rest, &number) ||
		!sl_ftp_expect(h, rte_cpu_to_be_16((uint16_t)number), &e))
		return;
	write_six(words, sizeof(words), "227 Entering Passive Mode (", &e, ").");
	say(h, line, text, words);
}

void
sl_ftp_six_reply(struct sl_helper *h, enum sl_ftp_kind kind, unsigned int code,
	struct sl_slice line, struct sl_slice text)
{
	static const char *const own[] = {
		[SL_FTP_REFUSED] = "504 Command not implemented for that parameter.",
		[SL_FTP_ALGS_NOTHING] = "501 Syntax error in parameters or arguments.",
		[SL_FTP_ALGS_ON] = "216 EPSV EPRT",
		[SL_FTP_ALGS_OFF] = "216 NONE",
	};

	if (kind >= SL_FTP_REFUSED) {
		if (code != 421)
			say(h, line, text, own[kind]);
	} else if (kind == SL_FTP_EPSV_AS_PASV && code == 227) {
		answer_epsv(h, line, text);
	} else if (kind == SL_FTP_PASV_AS_EPSV && code == 229) {
		answer_pasv(h, line, text);
	}
}
