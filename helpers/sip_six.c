/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Addresses as both ends of SIP write them. Between IPv6 and IPv4 (RFC 6157 has no such gateway,
 * it leaves that to relays) the helper reads each message in its sender's family and writes it in
 * its receiver's; all between works with IPv4, as the rest of the gateway does:
 *
 *	the host's own          <-->  in_addr, its stand-in
 *	[64:ff9b::c633:6409]    <-->  198.51.100.9, by the prefix that the host's flow has
 *	::                      <-->  0.0.0.0, media on hold (RFC 3264 section 8.4)
 *
 * So everything that names somebody outside is rewritten, not only what names the host. What is
 * neither stays as it is: another IPv6 host's address means nothing to an IPv4 server, and what
 * the other family says of itself in passing (a Via of some hop behind) goes back to it to the
 * letter. Digest credentials quote the URI that the host has seen; they cannot be changed.
 *
 * In URIs and Via IPv6 is in brackets; received= has none (RFC 5118 section 4.5 has both read).
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "sip_work.h"

bool
sip_six_said(const struct sip_work *w)
{
	return w->h->six && w->from == SL_INSIDE;
}

bool
sip_six_heard(const struct sip_work *w)
{
	return w->h->six && w->from == SL_OUTSIDE;
}

/* Letters of an IPv6 address at the front. */
static size_t
six_length(struct sl_slice s)
{
	size_t n = 0;

	while (n < s.n && memchr("0123456789abcdefABCDEF:.", s.p[n], 24) != NULL)
		n++;
	return n;
}

static bool
is_nobody(const struct sl_ip6 *six)
{
	static const struct sl_ip6 nobody;

	return memcmp(six, &nobody, sizeof(nobody)) == 0;
}

static bool
take_six(const struct sl_helper *h, struct sl_slice *s, rte_be32_t *addr)
{
	bool bracket = s->n > 0 && s->p[0] == '[';
	struct sl_slice rest = sl_slice_skip(*s, bracket);
	size_t n = six_length(rest);
	char text[INET6_ADDRSTRLEN];
	struct sl_ip6 six;

	if (n >= sizeof(text) || (bracket && (n == rest.n || rest.p[n] != ']')))
		return false;
	memcpy(text, rest.p, n);
	text[n] = '\0';
	if (inet_pton(AF_INET6, text, &six) != 1)
		return false;
	*s = sl_slice_skip(rest, n + bracket);
	*addr = is_nobody(&six) ? 0 : h->in_addr;
	return *addr == 0 || memcmp(&six, &h->in6, sizeof(six)) == 0 ||
	       sl_helper_split(h, &six, addr);
}

bool
sip_take_addr(const struct sip_work *w, struct sl_slice *s, rte_be32_t *addr)
{
	return sip_six_said(w) ? take_six(w->h, s, addr) : sl_slice_ipv4(s, addr);
}

size_t
sip_put_addr(const struct sip_work *w, enum sip_form form, rte_be32_t addr, char text[48])
{
	static const char *const before[2][3] = { { "", "", "IP4 " }, { "", "[", "IP6 " } };
	struct sl_ip6 six = { { 0 } };
	bool heard = sip_six_heard(w);
	char bare[INET6_ADDRSTRLEN];

	if (heard && addr != 0)
		six = addr == w->h->in_addr ? w->h->in6 : sl_helper_join(w->h, addr);
	inet_ntop(
		heard ? AF_INET6 : AF_INET, heard ? (const void *)&six : &addr, bare, sizeof(bare));
	return (size_t)snprintf(text, 48, "%s%s%s", before[heard][form], bare,
		heard && form == SIP_HOST ? "]" : "");
}
