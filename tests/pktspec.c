/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reading the text of a packet. One line a packet, as tcpdump would say it:
 *
 *     udp 10.0.0.2:5000 > 192.0.2.9:53 "hello"
 *     tcp 10.0.0.2:5000 > 192.0.2.9:80 SYN seq=1 win=1000 mss=1460
 *     icmp echo 10.0.0.2 > 192.0.2.9 id=7 seq=1 "x"
 *     icmp unreachable 192.0.2.9 > 192.0.2.1 code=3 [udp 192.0.2.1:1024 > 192.0.2.9:53]
 *     ip 10.0.0.2 > 192.0.2.9 proto=47 hex=0011      arp request 10.0.0.2 > 10.0.0.1
 *     ip6 fe80::1 > ff02::1 nh=58 hex=8700           eth type=0x88cc "lldp"
 *     udp6 2001:db8::2#5000 > 64:ff9b::192.0.2.9#53 "hello"      tcp6, icmp6 likewise
 *     hex 0200...                                    the whole frame
 *
 * after which come, in any order:
 *
 * - IP: ttl= tos= df ipid= off= (bytes) mf ipopt=HEX; to lie: ihl= version= tlen= badipcsum
 * - IPv6: ttl= tos= flow= version= tlen= (payload); hbh, dstopt, rh=N (segments left) and, with
 *   off= and mf, frag=ID put extension headers of eight bytes there, in this order
 * - UDP: csum=0 (sent without) badcsum; to lie: ulen=
 * - TCP: FIN SYN RST PSH ACK URG ECE CWR seq= ack= win= urgent= mss= tcpopt=HEX badcsum; doff= res=
 * - ICMP: code= id= seq= mtu= ptr= gw=ADDRESS rest= (the 4 bytes whole) badcsum,
 *   len= (RFC 4884, words; pads the quote) ext=HEX
 * - a quoted packet in [brackets], with cut=N when only N bytes of it are quoted
 * - frame: vlan=N or vlan=N.M (outer.inner), smac= dmac= trailer=N (bytes of padding)
 * - payload: "text" or 'text' with \n and \xNN, data=N (N bytes of a pattern), hex=BYTES
 */
#include "pktspec.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const char *const pt_field_name[PT_FIELD_COUNT] = {
	[PT_TTL] = "ttl", [PT_TOS] = "tos", [PT_IPID] = "ipid", [PT_OFF] = "off", [PT_IHL] = "ihl",
	[PT_VERSION] = "version", [PT_TLEN] = "tlen", [PT_ULEN] = "ulen", [PT_DOFF] = "doff",
	[PT_PROTO] = "proto", [PT_TYPE] = "type", [PT_TRAILER] = "trailer", [PT_CUT] = "cut",
	[PT_CSUM] = "csum", [PT_SEQ] = "seq", [PT_ACK] = "ack", [PT_WIN] = "win",
	[PT_URGENT] = "urgent", [PT_MSS] = "mss", [PT_ID] = "id", [PT_CODE] = "code",
	[PT_MTU] = "mtu", [PT_PTR] = "ptr", [PT_REST] = "rest", [PT_LEN] = "len", [PT_NH] = "nh",
	[PT_DATA] = "data", [PT_OP] = "op", [PT_RES] = "res", [PT_FRAG] = "frag", [PT_RH] = "rh",
	[PT_FLOW] = "flow",
};

const struct pt_word pt_flag_word[] = {
	{ "FIN", PT_FIN }, { "SYN", PT_SYN }, { "RST", PT_RST }, { "PSH", PT_PSH },
	{ "ACK", PT_ACKF }, { "URG", PT_URG }, { "ECE", PT_ECE }, { "CWR", PT_CWR },
	{ "df", PT_DF }, { "mf", PT_MF }, { "badcsum", PT_BADCSUM },
	{ "badipcsum", PT_BADIPCSUM }, { "hbh", PT_HBH }, { "dstopt", PT_DSTOPT }, { NULL, 0 },
};

/* type, and 256 + code when the word means one code */
const struct pt_word pt_icmp_word[] = {
	{ "echo-reply", 0 }, { "frag-needed", 3 | (256 + 4) << 8 }, { "unreachable", 3 },
	{ "quench", 4 }, { "redirect", 5 }, { "echo", 8 }, { "time-exceeded", 11 },
	{ "param-problem", 12 }, { "timestamp", 13 }, { "timestamp-reply", 14 }, { NULL, 0 },
};

const struct pt_word pt_icmp6_word[] = {
	{ "unreachable", 1 }, { "too-big", 2 }, { "time-exceeded", 3 }, { "param-problem", 4 },
	{ "echo", 128 }, { "echo-reply", 129 }, { NULL, 0 },
};

static const struct pt_word kind_word[] = {
	{ "udp", PT_UDP }, { "tcp", PT_TCP }, { "icmp", PT_ICMP }, { "ip", PT_IP },
	{ "ip6", PT_IP6 }, { "udp6", PT_UDP6 }, { "tcp6", PT_TCP6 }, { "icmp6", PT_ICMP6 },
	 { "arp", PT_ARP }, { "eth", PT_ETH }, { "hex", PT_HEX }, { NULL, 0 },
};
/* clang-format on */

static int
find_word(const struct pt_word *w, const struct pt_tokens *t, unsigned int i)
{
	for (unsigned int k = 0; w[k].word != NULL; k++)
		if (pt_is(t, i, w[k].word))
			return (int)w[k].value;
	return -1;
}

static int
read_hex(const char *s, size_t n, uint8_t *out, size_t max, size_t *len)
{
	for (*len = 0; n >= 2; s += 2, n -= 2) {
		unsigned int v;

		if (*len == max || sscanf(s, "%2x", &v) != 1)
			return -1;
		out[(*len)++] = (uint8_t)v;
	}
	return n == 0 ? 0 : -1;
}

static int
read_string(const char *s, size_t n, struct pt_spec *spec)
{
	spec->data_len = 0;
	for (size_t i = 1; i + 1 < n; i++) {
		unsigned int v = (uint8_t)s[i];

		if (s[i] == '\\' && s[i + 1] == 'x' && i + 4 < n) {
			if (sscanf(s + i + 2, "%2x", &v) != 1)
				return -1;
			i += 3;
		} else if (s[i] == '\\') {
			i++;
			v = s[i] == 'n' ? '\n' : s[i] == 'r' ? '\r' : (uint8_t)s[i];
		}
		if (spec->data_len == sizeof(spec->data))
			return -1;
		spec->data[spec->data_len++] = (uint8_t)v;
	}
	return 0;
}

static int
read_mac(const char *s, struct rte_ether_addr *mac)
{
	unsigned int b[6];

	if (sscanf(s, "%x:%x:%x:%x:%x:%x", b, b + 1, b + 2, b + 3, b + 4, b + 5) != 6)
		return -1;
	for (unsigned int i = 0; i < 6; i++)
		mac->addr_bytes[i] = (uint8_t)b[i];
	return 0;
}

static int
read_end(const char *s, size_t n, bool v6, uint8_t *addr, uint16_t *port)
{
	char copy[64], *colon;

	snprintf(copy, sizeof(copy), "%.*s", (int)n, s);
	colon = strchr(copy, v6 ? '#' : ':');
	if (colon != NULL) {
		char *rest;

		*colon = 0;
		*port = (uint16_t)strtoul(colon + 1, &rest, 10);
		if (*rest != 0 || rest == colon + 1)
			return -1;
	}
	return inet_pton(v6 ? AF_INET6 : AF_INET, copy, addr) == 1 ? 0 : -1;
}

static int
read_number(struct pt_spec *spec, const struct pt_tokens *t, unsigned int i)
{
	for (unsigned int f = 0; f < PT_FIELD_COUNT; f++) {
		const char *v = pt_value(t, i, pt_field_name[f]);
		char *rest;

		if (v == NULL)
			continue;
		spec->field[f] = strtoull(v, &rest, 0);
		spec->has[f] = true;
		return rest == t->s[i] + t->len[i] ? 0 : -1;
	}
	return -1;
}

/* A token after the addresses. */
static int
read_option(struct pt_spec *spec, const struct pt_tokens *t, unsigned int i)
{
	size_t n = t->len[i];
	const char *s = t->s[i], *v;
	int flag = find_word(pt_flag_word, t, i);

	if (flag > 0) {
		spec->flags |= (unsigned int)flag;
		return 0;
	}
	if (*s == '"' || *s == '\'')
		return read_string(s, n, spec);
	if (*s == '[') {
		spec->quote = s + 1;
		spec->quote_len = n - 2;
		return 0;
	}
	if ((v = pt_value(t, i, "hex")) != NULL)
		return read_hex(
			v, (size_t)(s + n - v), spec->data, sizeof(spec->data), &spec->data_len);
	if ((v = pt_value(t, i, "ipopt")) != NULL)
		return read_hex(v, (size_t)(s + n - v), spec->opt, 40, &spec->opt_len);
	if ((v = pt_value(t, i, "tcpopt")) != NULL)
		return read_hex(v, (size_t)(s + n - v), spec->tcpopt, 40, &spec->tcpopt_len);
	if ((v = pt_value(t, i, "ext")) != NULL)
		return read_hex(
			v, (size_t)(s + n - v), spec->ext, sizeof(spec->ext), &spec->ext_len);
	if ((v = pt_value(t, i, "gw")) != NULL)
		return read_end(v, (size_t)(s + n - v), false, spec->gw, &spec->sport);
	if ((v = pt_value(t, i, "smac")) != NULL)
		return read_mac(v, &spec->smac);
	if ((v = pt_value(t, i, "dmac")) != NULL)
		return read_mac(v, &spec->dmac);
	if ((v = pt_value(t, i, "vlan")) != NULL) {
		spec->n_vlans = (unsigned int)sscanf(v, "%hu.%hu", spec->vlan, spec->vlan + 1);
		return spec->n_vlans == 1 || spec->n_vlans == 2 ? 0 : -1;
	}
	return read_number(spec, t, i);
}

/* The words before the options; returns how many, or -1. */
static int
read_head(struct pt_spec *spec, const struct pt_tokens *t)
{
	int kind = find_word(kind_word, t, 0), type;
	bool v6 = kind >= PT_IP6 && kind <= PT_ICMP6;
	unsigned int i = 1;

	if (kind < 0)
		return -1;
	spec->kind = (enum pt_kind)kind;
	if (kind == PT_HEX)
		return t->n == 2 && read_hex(t->s[1], t->len[1], spec->data, sizeof(spec->data),
					    &spec->data_len) == 0
			       ? 2
			       : -1;
	if (kind == PT_ETH)
		return 1;
	if (kind == PT_ICMP && (type = find_word(pt_icmp_word, t, 1)) >= 0) {
		spec->field[PT_TYPE] = (unsigned int)type & 255;
		spec->field[PT_CODE] = (unsigned int)type >> 8 & 255;
		i++;
	} else if (kind == PT_ICMP6 && (type = find_word(pt_icmp6_word, t, 1)) >= 0) {
		spec->field[PT_TYPE] = (unsigned int)type;
		i++;
	} else if (kind == PT_ARP && pt_is(t, 1, "request")) {
		spec->field[PT_OP] = 1;
		i++;
	} else if (kind == PT_ARP && pt_is(t, 1, "reply")) {
		spec->field[PT_OP] = 2;
		i++;
	}
	if (!pt_is(t, i + 1, ">") || i + 2 >= t->n)
		return -1;
	if (read_end(t->s[i], t->len[i], v6, spec->src, &spec->sport) < 0 ||
		read_end(t->s[i + 2], t->len[i + 2], v6, spec->dst, &spec->dport) < 0)
		return -1;
	return (int)i + 3;
}

int
pt_read(const char *text, size_t n, const struct pt_default *def, struct pt_spec *spec, char *why,
	size_t size)
{
	struct pt_tokens t;
	int i;

	memset(spec, 0, offsetof(struct pt_spec, data));
	spec->data_len = 0;
	spec->smac = def->smac;
	spec->dmac = def->dmac;
	spec->field[PT_TTL] = def->ttl;
	spec->field[PT_WIN] = 1000;
	if (pt_split(text, n, &t) < 0 || (i = read_head(spec, &t)) < 0) {
		snprintf(why, size, "not a packet: %.*s", (int)n, text);
		return -1;
	}
	for (unsigned int k = (unsigned int)i; k < t.n; k++) {
		if (read_option(spec, &t, k) < 0) {
			snprintf(why, size, "what is '%.*s' in: %.*s", (int)t.len[k], t.s[k],
				(int)n, text);
			return -1;
		}
	}
	if (spec->has[PT_DATA]) {
		spec->data_len = spec->field[PT_DATA] < sizeof(spec->data) ? spec->field[PT_DATA]
									   : sizeof(spec->data);
		for (size_t k = 0; k < spec->data_len; k++)
			spec->data[k] = (uint8_t)(k * 7 + 1);
	}
	return 0;
}
