/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv6 packets: from their text to bytes and back, beside pktbuild.c and pktshow.c. Extension
 * headers other than those that a text can ask for, and what contradicts itself, show as ip6
 * with everything behind the header as payload.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "csum.h"
#include "pktlay.h"

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

/* ---- text to bytes ---- */

/* Types whose words say what the four bytes behind the checksum are. */
static void
put_rest(struct pt_frame *f, const struct pt_spec *s)
{
	switch (s->field[PT_TYPE]) {
	case 2:
		pt_put32(f, s->field[PT_MTU]);
		break;
	case 4:
		pt_put32(f, s->field[PT_PTR]);
		break;
	case 128:
	case 129:
		pt_put16(f, s->field[PT_ID]);
		pt_put16(f, s->field[PT_SEQ]);
		break;
	default:
		pt_put32(f, s->field[PT_LEN] << 24);
	}
}

static int
put_icmp6(struct pt_frame *f, const struct pt_spec *s, size_t ip, char *why, size_t size)
{
	size_t l4 = f->len;

	pt_put8(f, s->field[PT_TYPE]);
	pt_put8(f, s->field[PT_CODE]);
	pt_put16(f, 0);
	if (s->has[PT_REST])
		pt_put32(f, s->field[PT_REST]);
	else
		put_rest(f, s);
	if (s->quote != NULL) {
		static const struct pt_default def = { .ttl = PT_QUOTE_TTL };
		static struct pt_spec quoted;
		size_t at = f->len;

		if (pt_read(s->quote, s->quote_len, &def, &quoted, why, size) < 0)
			return -1;
		if (quoted.quote != NULL || quoted.kind < PT_IP6 || quoted.kind > PT_ICMP6 ||
			pt_put_ip6(f, &quoted, why, size) < 0) {
			snprintf(why, size, "cannot quote: %.*s", (int)s->quote_len, s->quote);
			return -1;
		}
		while (s->field[PT_LEN] != 0 && f->len < at + s->field[PT_LEN] * 8)
			pt_put8(f, 0);
	}
	pt_put(f, s->data, s->data_len);
	pt_put(f, s->ext, s->ext_len);
	pt_set16(f->b + l4 + 2, pt_spoil(csum_l4_6(f->b + ip, f->b + l4, f->len - l4, 58, 2),
					s->flags & PT_BADCSUM));
	return 0;
}

/* Extension headers of eight bytes; each names the next one. */
static void
put_extensions(struct pt_frame *f, const struct pt_spec *s, uint8_t proto, size_t *next)
{
	static const uint8_t pad[] = { 0, 0, 1, 4, 0, 0, 0, 0 };
	uint8_t h[8];

	f->b[*next] = proto;
	if (s->flags & PT_HBH) {
		f->b[*next] = 0;
		*next = f->len;
		pt_put(f, pad, sizeof(pad));
	}
	if (s->has[PT_RH]) {
		f->b[*next] = 43;
		*next = f->len;
		memset(h, 0, sizeof(h));
		h[3] = (uint8_t)s->field[PT_RH];
		pt_put(f, h, sizeof(h));
	}
	if (s->flags & PT_DSTOPT) {
		f->b[*next] = 60;
		*next = f->len;
		pt_put(f, pad, sizeof(pad));
	}
	if (s->has[PT_FRAG]) {
		f->b[*next] = 44;
		*next = f->len;
		pt_put16(f, 0);
		pt_put16(f, s->field[PT_OFF] | (s->flags & PT_MF ? 1 : 0));
		pt_put32(f, s->field[PT_FRAG]);
	}
	f->b[*next] = proto;
}

int
pt_put_ip6(struct pt_frame *f, const struct pt_spec *s, char *why, size_t size)
{
	static const uint8_t proto[] = { [PT_UDP6] = 17, [PT_TCP6] = 6, [PT_ICMP6] = 58 };
	size_t ip = f->len, next = ip + 6;
	uint64_t version = s->has[PT_VERSION] ? s->field[PT_VERSION] : 6;

	pt_put32(f, version << 28 | s->field[PT_TOS] << 20 | s->field[PT_FLOW]);
	pt_put16(f, 0);
	pt_put8(f, 0);
	pt_put8(f, s->field[PT_TTL]);
	pt_put(f, s->src, 16);
	pt_put(f, s->dst, 16);
	put_extensions(f, s, s->kind == PT_IP6 ? (uint8_t)s->field[PT_NH] : proto[s->kind], &next);
	if (s->kind == PT_UDP6)
		pt_put_udp(f, s, ip);
	else if (s->kind == PT_TCP6)
		pt_put_tcp(f, s, ip);
	else if (s->kind == PT_IP6)
		pt_put(f, s->data, s->data_len);
	else if (put_icmp6(f, s, ip, why, size) < 0)
		return -1;
	pt_set16(f->b + ip + 4, s->has[PT_TLEN] ? s->field[PT_TLEN] : f->len - ip - 40);
	if (s->has[PT_CUT] && f->len > ip + s->field[PT_CUT])
		f->len = ip + s->field[PT_CUT];
	return 0;
}

/* ---- bytes to text ---- */

/* What precedes the transport. */
struct chain {
	size_t l4;
	uint8_t proto;
	bool hbh, dstopt, rh, frag, mf, odd;
	uint8_t left;
	uint16_t off;
	uint32_t id;
};

static struct chain
read_chain(const uint8_t *ip, size_t n)
{
	struct chain c = { .l4 = 40, .proto = ip[6] };
	unsigned int last = 0;

	for (;;) {
		const uint8_t *h = ip + c.l4;
		unsigned int rank = c.proto == 0    ? 1
				    : c.proto == 43 ? 2
				    : c.proto == 60 ? 3
				    : c.proto == 44 ? 4
						    : 0;

		if (rank == 0)
			return c;
		c.odd = c.odd || rank <= last || n < c.l4 + 8 || (rank != 4 && h[1] != 0);
		if (c.odd)
			return c;
		last = rank;
		c.hbh |= rank == 1;
		c.rh |= rank == 2;
		c.dstopt |= rank == 3;
		if (rank == 2)
			c.left = h[3];
		if (rank == 4) {
			c.frag = true;
			c.mf = h[3] & 1;
			c.off = get16(h + 2) & 0xfff8;
			c.id = get32(h + 4);
		}
		c.proto = h[0];
		c.l4 += 8;
	}
}

static void
say_ends(struct pt_text *t, const uint8_t *ip, const uint8_t *ports)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, ip + 8, src, sizeof(src));
	inet_ntop(AF_INET6, ip + 24, dst, sizeof(dst));
	if (ports == NULL)
		pt_say(t, " %s > %s", src, dst);
	else
		pt_say(t, " %s#%u > %s#%u", src, get16(ports), dst, get16(ports + 2));
}

static void
say_options(struct pt_text *t, const uint8_t *ip, const struct chain *c, uint8_t ttl)
{
	uint32_t first = get32(ip);

	if (ip[7] != ttl)
		pt_say(t, " ttl=%u", ip[7]);
	if (first >> 20 & 255)
		pt_say(t, " tos=%u", first >> 20 & 255);
	if (first & 0xfffff)
		pt_say(t, " flow=%u", first & 0xfffff);
	if (c->hbh)
		pt_say(t, " hbh");
	if (c->rh)
		pt_say(t, " rh=%u", c->left);
	if (c->dstopt)
		pt_say(t, " dstopt");
	if (c->frag)
		pt_say(t, " frag=%u", c->id);
	if (c->mf)
		pt_say(t, " mf");
	if (c->off != 0)
		pt_say(t, " off=%u", c->off);
}

static void
say_error(struct pt_text *t, const uint8_t *l4, size_t n)
{
	size_t quote = n - 8, len = l4[0] == 1 || l4[0] == 3 ? l4[4] * 8u : 0;

	if (l4[0] == 2)
		pt_say(t, " mtu=%u", get32(l4 + 4));
	else if (l4[0] == 4 && get32(l4 + 4) != 0)
		pt_say(t, " ptr=%u", get32(l4 + 4));
	else if (len != 0)
		pt_say(t, " len=%u", l4[4]);
	if (len != 0 && len <= quote)
		quote = len;
	if (quote >= 40) {
		/* A padded quote ends where it says itself. */
		size_t own = get16(l4 + 12) + 40u;

		pt_say(t, " [");
		pt_show_ip6(t, l4 + 8, len != 0 && own < quote ? own : quote, PT_QUOTE_TTL, true);
		pt_say(t, "]");
	} else if (quote > 0) {
		pt_say_hex(t, " hex=", l4 + 8, quote);
	}
	if (n - 8 > quote)
		pt_say_hex(t, " ext=", l4 + 8 + quote, n - 8 - quote);
}

static void
say_icmp6(struct pt_text *t, const uint8_t *ip, const uint8_t *l4, size_t n, bool cut)
{
	if (l4[0] >= 128) {
		pt_say(t, " id=%u seq=%u", get16(l4 + 4), get16(l4 + 6));
		if (!cut)
			pt_say_payload(t, l4 + 8, n - 8);
	} else {
		say_error(t, l4, n);
	}
	if (!cut && get16(l4 + 2) != csum_l4_6(ip, l4, n, 58, 2))
		pt_say(t, " badcsum");
}

static const char *
icmp6_word(uint8_t type)
{
	const struct pt_word *w = pt_icmp6_word;

	while (w->word != NULL && w->value != type)
		w++;
	return w->word;
}

static void
show_plain(struct pt_text *t, const uint8_t *ip, size_t n, uint8_t ttl, const struct chain *c)
{
	static const struct chain none;
	size_t at = c->odd ? 40 : c->l4;

	pt_say(t, "ip6");
	say_ends(t, ip, NULL);
	pt_say(t, " nh=%u", c->odd ? ip[6] : c->proto);
	say_options(t, ip, c->odd ? &none : c, ttl);
	if (n > at)
		pt_say_payload(t, ip + at, n - at);
}

void
pt_show_ip6(struct pt_text *t, const uint8_t *ip, size_t n, uint8_t ttl, bool quoted)
{
	struct chain c = read_chain(ip, n);
	size_t len = get16(ip + 4) + 40u, l4n = n - RTE_MIN(n, c.l4);
	const uint8_t *l4 = ip + c.l4;
	bool cut = len > n;
	static const uint8_t least[256] = { [58] = 8, [6] = 20, [17] = 8 };

	if (c.odd || c.off != 0 || least[c.proto] == 0 || l4n < 8 ||
		(l4n < least[c.proto] && !(quoted && cut)) ||
		(c.proto == 6 && l4n >= 20 && ((l4[12] >> 4) < 5 || (l4[12] >> 4) * 4U > l4n)) ||
		(c.proto == 58 && icmp6_word(l4[0]) == NULL)) {
		show_plain(t, ip, n, ttl, &c);
	} else {
		if (c.proto == 58) {
			pt_say(t, "icmp6 %s", icmp6_word(l4[0]));
			say_ends(t, ip, NULL);
			if (l4[1] != 0)
				pt_say(t, " code=%u", l4[1]);
		} else {
			pt_say(t, c.proto == 6 ? "tcp6" : "udp6");
			say_ends(t, ip, l4);
		}
		say_options(t, ip, &c, ttl);
		if (c.proto == 58)
			say_icmp6(t, ip, l4, l4n, cut);
		else if (c.proto == 17)
			pt_say_udp(t, ip, l4, l4n, cut);
		else if (l4n >= 20)
			pt_say_tcp(t, ip, l4, l4n, cut);
		else
			pt_say(t, " seq=%u", get32(l4 + 4));
	}
	if (quoted && len > n)
		pt_say(t, " cut=%zu", n);
}
