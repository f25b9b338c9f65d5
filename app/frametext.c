/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A frame in one line, for those who look at packets: what "explain" takes is written the same
 * way. Frames come from strangers, and may have been cut short: whatever is not there is left
 * out, and nothing is read past the end.
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>

#include "frametext.h"
#include "types.h"

/* A frame that is being read, and the text that has come of it so far. */
struct reader {
	const uint8_t *b;
	uint32_t n, at;
	char *text;
	size_t size, len;
};

__rte_format_printf(2, 3) static void say(struct reader *r, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(r->text + r->len, r->size - r->len, format, ap);
	va_end(ap);
	if (n > 0)
		r->len = RTE_MIN(r->len + (size_t)n, r->size - 1);
}

static bool
has(const struct reader *r, uint32_t n)
{
	return r->n - r->at >= n;
}

static uint16_t
get16(const struct reader *r, uint32_t at)
{
	return (uint16_t)(r->b[r->at + at] << 8 | r->b[r->at + at + 1]);
}

static void
say_end(struct reader *r, int family, const void *addr, int port)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, addr, text, sizeof(text));
	if (port < 0)
		say(r, "%s", text);
	else
		say(r, family == AF_INET6 ? "[%s]:%d" : "%s:%d", text, port);
}

static void
say_flags(struct reader *r, uint8_t flags)
{
	static const char letters[] = "FSRPAUEC";
	char text[9];
	int n = 0;

	for (int i = 0; i < 8; i++)
		if (flags >> i & 1)
			text[n++] = letters[i];
	text[n] = '\0';
	say(r, ", flags %s", n > 0 ? text : "none");
}

static bool
is_query(int family, uint8_t type)
{
	return family == AF_INET ? type == 8 || type == 0 || type == 13 || type == 14
				 : type == 128 || type == 129;
}

/* The transport header; of a later fragment there is none. */
static void
say_l4(struct reader *r, int family, uint8_t proto, const void *src, const void *dst, bool later)
{
	bool icmp = proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
	bool ports = proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
		     proto == IPPROTO_UDPLITE;
	int sport = -1, dport = -1;
	char name[8];

	say(r, "%s ", icmp ? "icmp" : proto_name(proto, name, sizeof(name)));
	if (!later && ports && has(r, 4)) {
		sport = get16(r, 0);
		dport = get16(r, 2);
	} else if (!later && icmp && has(r, 8) && is_query(family, r->b[r->at])) {
		sport = get16(r, 4);
	}
	say_end(r, family, src, sport);
	say(r, " > ");
	say_end(r, family, dst, dport);
	if (later)
		return;
	if (icmp && has(r, 2))
		say(r, ", type %u code %u", r->b[r->at], r->b[r->at + 1]);
	if (proto == IPPROTO_TCP && has(r, 14))
		say_flags(r, r->b[r->at + 13]);
}

static void
say_ipv4(struct reader *r)
{
	const uint8_t *ip = r->b + r->at;
	uint16_t frag, total;
	uint32_t ihl;

	if (!has(r, sizeof(struct rte_ipv4_hdr))) {
		say(r, "IPv4, cut short");
		return;
	}
	total = get16(r, 2);
	frag = get16(r, 6);
	ihl = (ip[0] & 15) * 4u;
	r->at += has(r, ihl) ? ihl : r->n - r->at;
	say_l4(r, AF_INET, ip[9], ip + 12, ip + 16, (frag & 0x1fff) != 0);
	say(r, ", %u bytes, ttl %u", total, ip[8]);
	if (frag & 0x3fff)
		say(r, ", fragment at %u%s", (frag & 0x1fff) * 8, frag & 0x2000 ? " and more" : "");
	if (frag & 0x4000)
		say(r, ", df");
}

static void
say_ipv6(struct reader *r)
{
	const uint8_t *ip = r->b + r->at;
	bool later = false, fragment = false;
	uint8_t next;
	uint32_t total;

	if (!has(r, sizeof(struct rte_ipv6_hdr))) {
		say(r, "IPv6, cut short");
		return;
	}
	total = get16(r, 4) + (uint32_t)sizeof(struct rte_ipv6_hdr);
	next = ip[6];
	r->at += (uint32_t)sizeof(struct rte_ipv6_hdr);
	while (has(r, 8) && (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING ||
				    next == IPPROTO_DSTOPTS || next == IPPROTO_FRAGMENT)) {
		uint32_t n = next == IPPROTO_FRAGMENT ? 8 : 8 + r->b[r->at + 1] * 8u;

		fragment |= next == IPPROTO_FRAGMENT;
		later |= next == IPPROTO_FRAGMENT && (get16(r, 2) & 0xfff8) != 0;
		next = r->b[r->at];
		r->at += has(r, n) ? n : r->n - r->at;
	}
	say_l4(r, AF_INET6, next, ip + 8, ip + 24, later);
	say(r, ", %u bytes, ttl %u%s", total, ip[7], fragment ? ", fragment" : "");
}

static void
say_arp(struct reader *r)
{
	if (!has(r, 28)) {
		say(r, "ARP, cut short");
		return;
	}
	say(r, "arp %s ", get16(r, 6) == 1 ? "who has" : get16(r, 6) == 2 ? "answer to" : "about");
	say_end(r, AF_INET, r->b + r->at + 24, -1);
	say(r, ", says ");
	say_end(r, AF_INET, r->b + r->at + 14, -1);
}

void
frametext(const uint8_t *frame, uint32_t kept, uint32_t len, char *text, size_t size)
{
	struct reader r = { .b = frame, .n = RTE_MIN(kept, len), .text = text, .size = size };
	uint16_t type;

	*text = '\0';
	if (!has(&r, RTE_ETHER_HDR_LEN)) {
		say(&r, "a frame of %u bytes", len);
		return;
	}
	type = get16(&r, 12);
	r.at = RTE_ETHER_HDR_LEN;
	for (int i = 0;
		i < 2 && (type == RTE_ETHER_TYPE_VLAN || type == RTE_ETHER_TYPE_QINQ) && has(&r, 4);
		i++) {
		say(&r, "vlan %u ", get16(&r, 0) & 0xfff);
		type = get16(&r, 2);
		r.at += 4;
	}
	if (type == RTE_ETHER_TYPE_IPV4)
		say_ipv4(&r);
	else if (type == RTE_ETHER_TYPE_IPV6)
		say_ipv6(&r);
	else if (type == RTE_ETHER_TYPE_ARP)
		say_arp(&r);
	else
		say(&r, "EtherType 0x%04x, %u bytes", type, len);
}
