/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From the bytes of a frame to its text, in the grammar of pktspec.c.
 *
 * What has its default is left out. Every checksum is computed anew by csum.c, and a
 * wrong one shows as badcsum or badipcsum, so an expected text without these words
 * claims that the checksums are right. A header that contradicts itself is not
 * explained but shown as hex, which no expected text equals by accident.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csum.h"
#include "pktlay.h"

void
pt_say(struct pt_text *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	t->n += (size_t)vsnprintf(t->s + t->n, t->size - t->n, format, ap);
	va_end(ap);
	if (t->n >= t->size)
		t->n = t->size - 1;
}

static uint16_t
get16(const uint8_t *b)
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static uint32_t
get32(const uint8_t *b)
{
	return (uint32_t)get16(b) << 16 | get16(b + 2);
}

void
pt_say_hex(struct pt_text *t, const char *key, const uint8_t *b, size_t n)
{
	pt_say(t, "%s", key);
	for (size_t i = 0; i < n; i++)
		pt_say(t, "%02x", b[i]);
}

static bool
is_pattern(const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b[i] != (uint8_t)(i * 7 + 1))
			return false;
	return n > 0;
}

void
pt_say_payload(struct pt_text *t, const uint8_t *b, size_t n)
{
	bool plain = true;

	for (size_t i = 0; i < n; i++)
		plain = plain && isprint(b[i]) && b[i] != '"' && b[i] != '\'' && b[i] != '\\';
	if (n == 0)
		return;
	if (is_pattern(b, n))
		pt_say(t, " data=%zu", n);
	else if (plain)
		pt_say(t, " \"%.*s\"", (int)n, (const char *)b);
	else
		pt_say_hex(t, " hex=", b, n);
}

static void
say_ends(struct pt_text *t, const uint8_t *ip, const uint8_t *ports)
{
	char a[INET_ADDRSTRLEN], b[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, ip + 12, a, sizeof(a));
	inet_ntop(AF_INET, ip + 16, b, sizeof(b));
	if (ports == NULL)
		pt_say(t, " %s > %s", a, b);
	else
		pt_say(t, " %s:%u > %s:%u", a, get16(ports), b, get16(ports + 2));
}

static void
say_ip_options(
	struct pt_text *t, const uint8_t *ip, size_t hlen, size_t n, uint8_t ttl, bool quoted)
{
	if (ip[8] != ttl)
		pt_say(t, " ttl=%u", ip[8]);
	if (ip[1] != 0)
		pt_say(t, " tos=%u", ip[1]);
	if (get16(ip + 4) != 0)
		pt_say(t, " ipid=%u", get16(ip + 4));
	if (get16(ip + 6) & 0x4000)
		pt_say(t, " df");
	if (get16(ip + 6) & 0x2000)
		pt_say(t, " mf");
	if (get16(ip + 6) & 0x1fff)
		pt_say(t, " off=%u", (get16(ip + 6) & 0x1fff) * 8);
	if (hlen > 20)
		pt_say_hex(t, " ipopt=", ip + 20, hlen - 20);
	if (get16(ip + 10) != csum_ip4(ip))
		pt_say(t, " badipcsum");
	if (quoted && get16(ip + 2) > n)
		pt_say(t, " cut=%zu", n);
}

static void
say_flags(struct pt_text *t, unsigned int flags)
{
	for (unsigned int i = 0; pt_flag_word[i].word != NULL; i++)
		if (pt_flag_word[i].value < 256 && flags & pt_flag_word[i].value)
			pt_say(t, " %s", pt_flag_word[i].word);
}

static uint16_t
sum_l4(const uint8_t *ip, const uint8_t *l4, size_t n, uint8_t proto, size_t at)
{
	return ip[0] >> 4 == 6 ? csum_l4_6(ip, l4, n, proto, at) : csum_l4(ip, l4, n, proto, at);
}

/* The whole packet is there when cut is false; otherwise n bytes of the L4 part. */
void
pt_say_udp(struct pt_text *t, const uint8_t *ip, const uint8_t *l4, size_t n, bool cut)
{
	if (!cut && get16(l4 + 6) == 0)
		pt_say(t, " csum=0");
	else if (!cut && get16(l4 + 6) != sum_l4(ip, l4, n, 17, 6))
		pt_say(t, " badcsum");
	if (!cut && get16(l4 + 4) != n)
		pt_say(t, " ulen=%u", get16(l4 + 4));
	if (!cut)
		pt_say_payload(t, l4 + 8, n - 8);
}

void
pt_say_tcp(struct pt_text *t, const uint8_t *ip, const uint8_t *l4, size_t n, bool cut)
{
	size_t hlen = (l4[12] >> 4) * 4U;

	say_flags(t, l4[13]);
	if (get32(l4 + 4) != 0)
		pt_say(t, " seq=%u", get32(l4 + 4));
	if (get32(l4 + 8) != 0)
		pt_say(t, " ack=%u", get32(l4 + 8));
	if (get16(l4 + 14) != 1000)
		pt_say(t, " win=%u", get16(l4 + 14));
	if (get16(l4 + 18) != 0)
		pt_say(t, " urgent=%u", get16(l4 + 18));
	if (l4[12] & 15)
		pt_say(t, " res=%u", l4[12] & 15);
	if (hlen == 24 && get32(l4 + 20) >> 16 == 0x0204)
		pt_say(t, " mss=%u", get16(l4 + 22));
	else if (hlen > 20)
		pt_say_hex(t, " tcpopt=", l4 + 20, hlen - 20);
	if (!cut && get16(l4 + 16) != sum_l4(ip, l4, n, 6, 16))
		pt_say(t, " badcsum");
	if (!cut)
		pt_say_payload(t, l4 + hlen, n - hlen);
}

static void show_ip4(struct pt_text *t, const uint8_t *ip, size_t n, uint8_t ttl, bool quoted);

static void
say_icmp_error(struct pt_text *t, const uint8_t *l4, size_t n)
{
	size_t quote = n - 8;

	if (l4[0] == 5)
		pt_say(t, " gw=%u.%u.%u.%u", l4[4], l4[5], l4[6], l4[7]);
	else if (l4[0] == 12 && l4[4] != 0)
		pt_say(t, " ptr=%u", l4[4]);
	if (l4[0] != 5 && l4[5] != 0)
		pt_say(t, " len=%u", l4[5]);
	if (l4[0] != 5 && get16(l4 + 6) != 0)
		pt_say(t, " mtu=%u", get16(l4 + 6));
	if (l4[0] != 5 && l4[5] != 0 && l4[5] * 4U <= quote)
		quote = l4[5] * 4U;
	if (quote >= 20) {
		/* RFC 4884 pads the quote with zeros: the quoted length says where it ends. */
		size_t len = l4[5] != 0 && get16(l4 + 10) < quote ? get16(l4 + 10) : quote;

		pt_say(t, " [");
		show_ip4(t, l4 + 8, len, PT_QUOTE_TTL, true);
		pt_say(t, "]");
	} else if (quote > 0) {
		pt_say_hex(t, " hex=", l4 + 8, quote);
	}
	if (n - 8 > quote)
		pt_say_hex(t, " ext=", l4 + 8 + quote, n - 8 - quote);
}

static void
say_icmp(struct pt_text *t, const uint8_t *l4, size_t n, bool cut)
{
	if (l4[0] == 0 || l4[0] == 8 || l4[0] == 13 || l4[0] == 14) {
		pt_say(t, " id=%u seq=%u", get16(l4 + 4), get16(l4 + 6));
		if (!cut)
			pt_say_payload(t, l4 + 8, n - 8);
	} else if (l4[0] == 3 || l4[0] == 4 || l4[0] == 5 || l4[0] == 11 || l4[0] == 12) {
		say_icmp_error(t, l4, n);
	} else {
		pt_say(t, " rest=%u", get32(l4 + 4));
		pt_say_payload(t, l4 + 8, n - 8);
	}
	/* Zero and minus zero are the same, but not for a message of nothing but zeros. */
	if (!cut && csum_fold(csum_add(0, l4, n)) != 0)
		pt_say(t, " badcsum");
}

static void
say_icmp_head(struct pt_text *t, const uint8_t *ip, const uint8_t *l4)
{
	const struct pt_word *w = pt_icmp_word;

	while (w->word != NULL &&
		((w->value & 255) != l4[0] || (w->value >> 8 && (w->value >> 8 & 255) != l4[1])))
		w++;
	pt_say(t, "icmp%s%s", w->word != NULL ? " " : "", w->word != NULL ? w->word : "");
	say_ends(t, ip, NULL);
	if (w->word == NULL)
		pt_say(t, " type=%u", l4[0]);
	if (l4[1] != 0 && (w->word == NULL || w->value >> 8 == 0))
		pt_say(t, " code=%u", l4[1]);
}

/* n bytes are there, without trailer. */
static void
show_ip4(struct pt_text *t, const uint8_t *ip, size_t n, uint8_t ttl, bool quoted)
{
	size_t hlen = (ip[0] & 15) * 4U, len = get16(ip + 2);
	const uint8_t *l4 = ip + hlen;
	size_t l4n = n - hlen;
	bool cut = len > n, later = get16(ip + 6) & 0x1fff;
	static const uint8_t least[256] = { [1] = 8, [6] = 20, [17] = 8 };

	if (ip[0] >> 4 != 4 || hlen < 20 || hlen > n || len < hlen || (cut && !quoted) ||
		(quoted && !cut && len < n)) {
		pt_say_hex(t, "hex ", ip, n);
		return;
	}
	if (later || least[ip[9]] == 0 || l4n < 8 || (ip[9] != 6 && l4n < least[ip[9]]) ||
		(ip[9] == 6 && l4n < 20 && !cut) ||
		(ip[9] == 6 && l4n >= 20 && ((l4[12] >> 4) < 5 || (l4[12] >> 4) * 4U > l4n))) {
		pt_say(t, "ip");
		say_ends(t, ip, NULL);
		pt_say(t, " proto=%u", ip[9]);
		say_ip_options(t, ip, hlen, n, ttl, quoted);
		if (!cut)
			pt_say_payload(t, l4, l4n);
		return;
	}
	if (ip[9] == 1) {
		say_icmp_head(t, ip, l4);
	} else {
		pt_say(t, ip[9] == 6 ? "tcp" : "udp");
		say_ends(t, ip, l4);
	}
	say_ip_options(t, ip, hlen, n, ttl, quoted);
	if (ip[9] == 1)
		say_icmp(t, l4, l4n, cut);
	else if (ip[9] == 17)
		pt_say_udp(t, ip, l4, l4n, cut);
	else if (l4n >= 20)
		pt_say_tcp(t, ip, l4, l4n, cut);
	else
		pt_say(t, " seq=%u", get32(l4 + 4));
}

static void
say_mac(struct pt_text *t, const char *key, const uint8_t *have, const struct rte_ether_addr *want)
{
	if (memcmp(have, want, 6) != 0)
		pt_say(t, " %s=%02x:%02x:%02x:%02x:%02x:%02x", key, have[0], have[1], have[2],
			have[3], have[4], have[5]);
}

void
pt_show(const uint8_t *b, size_t len, const struct pt_default *def, char *text, size_t size)
{
	struct pt_text t = { .s = text, .size = size };
	size_t l3 = 14, n;
	unsigned int tags = 0;
	uint16_t type;

	text[0] = 0;
	while (tags < 2 && len >= l3 + 4 &&
		(get16(b + l3 - 2) == 0x8100 || get16(b + l3 - 2) == 0x88a8)) {
		l3 += 4;
		tags++;
	}
	if (len < l3) {
		pt_say_hex(&t, "hex ", b, len);
		return;
	}
	type = get16(b + l3 - 2);
	n = len - l3;
	if (type == 0x0800 && n >= 20) {
		/* What lies behind the IP length is Ethernet's. */
		size_t end = get16(b + l3 + 2);

		n = end >= 20 && end < n ? end : n;
		show_ip4(&t, b + l3, n, def->ttl, false);
	} else if (type == 0x86dd && n >= 40) {
		n = RTE_MIN(n, get16(b + l3 + 4) + 40U);
		pt_show_ip6(&t, b + l3, n, def->ttl, false);
	} else if (type == 0x0806 && n >= 28) {
		struct {
			uint8_t none[12], addr[8];
		} a;

		n = 28;
		memcpy(a.addr, b + l3 + 14, 4);
		memcpy(a.addr + 4, b + l3 + 24, 4);
		pt_say(&t, "arp %s", b[l3 + 7] == 1 ? "request" : "reply");
		say_ends(&t, a.none, NULL);
	} else {
		pt_say(&t, "eth type=%u", type);
		pt_say_payload(&t, b + l3, n);
	}
	if (tags > 0)
		pt_say(&t, tags == 1 ? " vlan=%u" : " vlan=%u.%u", get16(b + 14) & 4095,
			get16(b + 18) & 4095);
	if (len > l3 + n)
		pt_say(&t, " trailer=%zu", len - l3 - n);
	say_mac(&t, "dmac", b, &def->dmac);
	say_mac(&t, "smac", b + 6, &def->smac);
}

/* An address of the IPv4 header of a frame, or 0. */
static uint32_t
address4(const uint8_t *b, size_t len, size_t at)
{
	size_t l3 = 14;
	uint32_t addr;

	while (len >= l3 + 4 && (get16(b + l3 - 2) == 0x8100 || get16(b + l3 - 2) == 0x88a8))
		l3 += 4;
	if (len < l3 + 20 || get16(b + l3 - 2) != 0x0800)
		return 0;
	memcpy(&addr, b + l3 + at, 4);
	return addr;
}

bool
pt_frame_ends6(const uint8_t *b, size_t len, uint8_t *src, uint8_t *dst)
{
	size_t l3 = 14;

	while (len >= l3 + 4 && (get16(b + l3 - 2) == 0x8100 || get16(b + l3 - 2) == 0x88a8))
		l3 += 4;
	if (len < l3 + 40 || get16(b + l3 - 2) != 0x86dd)
		return false;
	memcpy(src, b + l3 + 8, 16);
	memcpy(dst, b + l3 + 24, 16);
	return true;
}

uint32_t
pt_frame_src4(const uint8_t *b, size_t len)
{
	return address4(b, len, 12);
}

uint32_t
pt_frame_dst4(const uint8_t *b, size_t len)
{
	return address4(b, len, 16);
}
