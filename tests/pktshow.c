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
#include "pktspec.h"

/** Text that grows. */
struct text {
	char *s;
	size_t n, size;
};

static void __rte_format_printf(2, 3) say(struct text *t, const char *format, ...)
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

static void
say_hex(struct text *t, const char *key, const uint8_t *b, size_t n)
{
	say(t, "%s", key);
	for (size_t i = 0; i < n; i++)
		say(t, "%02x", b[i]);
}

static bool
is_pattern(const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b[i] != (uint8_t)(i * 7 + 1))
			return false;
	return n > 0;
}

static void
say_payload(struct text *t, const uint8_t *b, size_t n)
{
	bool plain = true;

	for (size_t i = 0; i < n; i++)
		plain = plain && isprint(b[i]) && b[i] != '"' && b[i] != '\'' && b[i] != '\\';
	if (n == 0)
		return;
	if (is_pattern(b, n))
		say(t, " data=%zu", n);
	else if (plain)
		say(t, " \"%.*s\"", (int)n, (const char *)b);
	else
		say_hex(t, " hex=", b, n);
}

static void
say_ends(struct text *t, const uint8_t *ip, const uint8_t *ports)
{
	char a[INET_ADDRSTRLEN], b[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, ip + 12, a, sizeof(a));
	inet_ntop(AF_INET, ip + 16, b, sizeof(b));
	if (ports == NULL)
		say(t, " %s > %s", a, b);
	else
		say(t, " %s:%u > %s:%u", a, get16(ports), b, get16(ports + 2));
}

static void
say_ip_options(struct text *t, const uint8_t *ip, size_t hlen, size_t n, uint8_t ttl, bool quoted)
{
	if (ip[8] != ttl)
		say(t, " ttl=%u", ip[8]);
	if (ip[1] != 0)
		say(t, " tos=%u", ip[1]);
	if (get16(ip + 4) != 0)
		say(t, " ipid=%u", get16(ip + 4));
	if (get16(ip + 6) & 0x4000)
		say(t, " df");
	if (get16(ip + 6) & 0x2000)
		say(t, " mf");
	if (get16(ip + 6) & 0x1fff)
		say(t, " off=%u", (get16(ip + 6) & 0x1fff) * 8);
	if (hlen > 20)
		say_hex(t, " ipopt=", ip + 20, hlen - 20);
	if (get16(ip + 10) != csum_ip4(ip))
		say(t, " badipcsum");
	if (quoted && get16(ip + 2) > n)
		say(t, " cut=%zu", n);
}

static void
say_flags(struct text *t, unsigned int flags)
{
	for (unsigned int i = 0; pt_flag_word[i].word != NULL; i++)
		if (pt_flag_word[i].value < 256 && flags & pt_flag_word[i].value)
			say(t, " %s", pt_flag_word[i].word);
}

/* The whole packet is there when cut is false; otherwise n bytes of the L4 part. */
static void
say_udp(struct text *t, const uint8_t *ip, const uint8_t *l4, size_t n, bool cut)
{
	if (!cut && get16(l4 + 6) == 0)
		say(t, " csum=0");
	else if (!cut && get16(l4 + 6) != csum_l4(ip, l4, n, 17, 6))
		say(t, " badcsum");
	if (!cut && get16(l4 + 4) != n)
		say(t, " ulen=%u", get16(l4 + 4));
	if (!cut)
		say_payload(t, l4 + 8, n - 8);
}

static void
say_tcp(struct text *t, const uint8_t *ip, const uint8_t *l4, size_t n, bool cut)
{
	size_t hlen = (l4[12] >> 4) * 4U;

	say_flags(t, l4[13]);
	if (get32(l4 + 4) != 0)
		say(t, " seq=%u", get32(l4 + 4));
	if (get32(l4 + 8) != 0)
		say(t, " ack=%u", get32(l4 + 8));
	if (get16(l4 + 14) != 1000)
		say(t, " win=%u", get16(l4 + 14));
	if (get16(l4 + 18) != 0)
		say(t, " urgent=%u", get16(l4 + 18));
	if (l4[12] & 15)
		say(t, " res=%u", l4[12] & 15);
	if (hlen == 24 && get32(l4 + 20) >> 16 == 0x0204)
		say(t, " mss=%u", get16(l4 + 22));
	else if (hlen > 20)
		say_hex(t, " tcpopt=", l4 + 20, hlen - 20);
	if (!cut && get16(l4 + 16) != csum_l4(ip, l4, n, 6, 16))
		say(t, " badcsum");
	if (!cut)
		say_payload(t, l4 + hlen, n - hlen);
}

static void show_ip4(struct text *t, const uint8_t *ip, size_t n, uint8_t ttl, bool quoted);

static void
say_icmp_error(struct text *t, const uint8_t *l4, size_t n)
{
	size_t quote = n - 8;

	if (l4[0] == 5)
		say(t, " gw=%u.%u.%u.%u", l4[4], l4[5], l4[6], l4[7]);
	else if (l4[0] == 12 && l4[4] != 0)
		say(t, " ptr=%u", l4[4]);
	if (l4[0] != 5 && l4[5] != 0)
		say(t, " len=%u", l4[5]);
	if (l4[0] != 5 && get16(l4 + 6) != 0)
		say(t, " mtu=%u", get16(l4 + 6));
	if (l4[0] != 5 && l4[5] != 0 && l4[5] * 4U <= quote)
		quote = l4[5] * 4U;
	if (quote >= 20) {
		/* RFC 4884 pads the quote with zeros: the quoted length says where it ends. */
		size_t len = l4[5] != 0 && get16(l4 + 10) < quote ? get16(l4 + 10) : quote;

		say(t, " [");
		show_ip4(t, l4 + 8, len, PT_QUOTE_TTL, true);
		say(t, "]");
	} else if (quote > 0) {
		say_hex(t, " hex=", l4 + 8, quote);
	}
	if (n - 8 > quote)
		say_hex(t, " ext=", l4 + 8 + quote, n - 8 - quote);
}

static void
say_icmp(struct text *t, const uint8_t *l4, size_t n, bool cut)
{
	if (l4[0] == 0 || l4[0] == 8 || l4[0] == 13 || l4[0] == 14) {
		say(t, " id=%u seq=%u", get16(l4 + 4), get16(l4 + 6));
		if (!cut)
			say_payload(t, l4 + 8, n - 8);
	} else if (l4[0] == 3 || l4[0] == 4 || l4[0] == 5 || l4[0] == 11 || l4[0] == 12) {
		say_icmp_error(t, l4, n);
	} else {
		say(t, " rest=%u", get32(l4 + 4));
		say_payload(t, l4 + 8, n - 8);
	}
	/* Zero and minus zero are the same, but not for a message of nothing but zeros. */
	if (!cut && csum_fold(csum_add(0, l4, n)) != 0)
		say(t, " badcsum");
}

static void
say_icmp_head(struct text *t, const uint8_t *ip, const uint8_t *l4)
{
	const struct pt_word *w = pt_icmp_word;

	while (w->word != NULL &&
		((w->value & 255) != l4[0] || (w->value >> 8 && (w->value >> 8 & 255) != l4[1])))
		w++;
	say(t, "icmp%s%s", w->word != NULL ? " " : "", w->word != NULL ? w->word : "");
	say_ends(t, ip, NULL);
	if (w->word == NULL)
		say(t, " type=%u", l4[0]);
	if (l4[1] != 0 && (w->word == NULL || w->value >> 8 == 0))
		say(t, " code=%u", l4[1]);
}

/* n bytes are there, without trailer. */
static void
show_ip4(struct text *t, const uint8_t *ip, size_t n, uint8_t ttl, bool quoted)
{
	size_t hlen = (ip[0] & 15) * 4U, len = get16(ip + 2);
	const uint8_t *l4 = ip + hlen;
	size_t l4n = n - hlen;
	bool cut = len > n, later = get16(ip + 6) & 0x1fff;
	static const uint8_t least[256] = { [1] = 8, [6] = 20, [17] = 8 };

	if (ip[0] >> 4 != 4 || hlen < 20 || hlen > n || len < hlen || (cut && !quoted) ||
		(quoted && !cut && len < n)) {
		say_hex(t, "hex ", ip, n);
		return;
	}
	if (later || least[ip[9]] == 0 || l4n < 8 || (ip[9] != 6 && l4n < least[ip[9]]) ||
		(ip[9] == 6 && l4n < 20 && !cut) ||
		(ip[9] == 6 && l4n >= 20 && ((l4[12] >> 4) < 5 || (l4[12] >> 4) * 4U > l4n))) {
		say(t, "ip");
		say_ends(t, ip, NULL);
		say(t, " proto=%u", ip[9]);
		say_ip_options(t, ip, hlen, n, ttl, quoted);
		if (!cut)
			say_payload(t, l4, l4n);
		return;
	}
	if (ip[9] == 1) {
		say_icmp_head(t, ip, l4);
	} else {
		say(t, ip[9] == 6 ? "tcp" : "udp");
		say_ends(t, ip, l4);
	}
	say_ip_options(t, ip, hlen, n, ttl, quoted);
	if (ip[9] == 1)
		say_icmp(t, l4, l4n, cut);
	else if (ip[9] == 17)
		say_udp(t, ip, l4, l4n, cut);
	else if (l4n >= 20)
		say_tcp(t, ip, l4, l4n, cut);
	else
		say(t, " seq=%u", get32(l4 + 4));
}

static void
show_ip6(struct text *t, const uint8_t *b, size_t n, uint8_t ttl)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, b + 8, src, sizeof(src));
	inet_ntop(AF_INET6, b + 24, dst, sizeof(dst));
	say(t, "ip6 %s > %s nh=%u", src, dst, b[6]);
	if (b[7] != ttl)
		say(t, " ttl=%u", b[7]);
	say_payload(t, b + 40, n - 40);
}

static void
say_mac(struct text *t, const char *key, const uint8_t *have, const struct rte_ether_addr *want)
{
	if (memcmp(have, want, 6) != 0)
		say(t, " %s=%02x:%02x:%02x:%02x:%02x:%02x", key, have[0], have[1], have[2], have[3],
			have[4], have[5]);
}

void
pt_show(const uint8_t *b, size_t len, const struct pt_default *def, char *text, size_t size)
{
	struct text t = { .s = text, .size = size };
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
		say_hex(&t, "hex ", b, len);
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
		show_ip6(&t, b + l3, n, def->ttl);
	} else if (type == 0x0806 && n >= 28) {
		struct {
			uint8_t none[12], addr[8];
		} a;

		n = 28;
		memcpy(a.addr, b + l3 + 14, 4);
		memcpy(a.addr + 4, b + l3 + 24, 4);
		say(&t, "arp %s", b[l3 + 7] == 1 ? "request" : "reply");
		say_ends(&t, a.none, NULL);
	} else {
		say(&t, "eth type=%u", type);
		say_payload(&t, b + l3, n);
	}
	if (tags > 0)
		say(&t, tags == 1 ? " vlan=%u" : " vlan=%u.%u", get16(b + 14) & 4095,
			get16(b + 18) & 4095);
	if (len > l3 + n)
		say(&t, " trailer=%zu", len - l3 - n);
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
