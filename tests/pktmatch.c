/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Comparing a frame with the text that is expected of it, in two steps.
 *
 * First the frame is shown as text and the two texts are compared token by token:
 * words before the options in order, options in any order, the quoted packet by the
 * same rules again. On the way names are bound, and * and ... take over what the frame
 * has. The result is the expected text without any unknown, so, second, the frame it
 * describes is built and compared with what came byte by byte: a field that no text
 * shows, or the checksum of a quote that is cut, cannot be wrong unseen.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csum.h"
#include "pkttoken.h"

/** The expected text with names and wildcards filled in. */
struct resolved {
	char s[PT_TEXT_MAX];
	size_t n;
};

static void
add(struct resolved *r, const char *s, size_t n)
{
	if (r->n + n + 1 < sizeof(r->s)) {
		memcpy(r->s + r->n, s, n);
		r->n += n;
	}
	r->s[r->n] = 0;
}

static bool
same_number(const char *a, size_t a_n, const char *b, size_t b_n)
{
	char x[32], y[32], *x_end, *y_end;
	unsigned long long v, w;

	snprintf(x, sizeof(x), "%.*s", (int)a_n, a);
	snprintf(y, sizeof(y), "%.*s", (int)b_n, b);
	v = strtoull(x, &x_end, 0);
	w = strtoull(y, &y_end, 0);
	return a_n > 0 && b_n > 0 && *x_end == 0 && *y_end == 0 && v == w;
}

/* A value: equal, a name that fits, or *. */
static bool
value_fits(const char *e, size_t e_n, const char *a, size_t a_n, struct pt_names *names,
	struct resolved *r)
{
	char value[64];

	snprintf(value, sizeof(value), "%.*s", (int)a_n, a);
	if (e_n > 0 && *e == '$') {
		if (pt_name_match(names, e, e_n, value) < 0)
			return false;
	} else if (!(e_n == 1 && *e == '*') && !(e_n == a_n && memcmp(e, a, e_n) == 0) &&
		   !same_number(e, e_n, a, a_n)) {
		return false;
	}
	add(r, a, a_n);
	return true;
}

static size_t
find(const char *s, size_t n, char c)
{
	const char *p = memchr(s, c, n);

	return p == NULL ? n : (size_t)(p - s);
}

/* IPv6 addresses have many spellings. */
static bool
address_fits(const char *e, size_t e_n, const char *a, size_t a_n, struct resolved *r)
{
	char x[64], y[64];
	uint8_t b[2][16];

	snprintf(x, sizeof(x), "%.*s", (int)e_n, e);
	snprintf(y, sizeof(y), "%.*s", (int)a_n, a);
	if (inet_pton(AF_INET6, x, b[0]) != 1 || inet_pton(AF_INET6, y, b[1]) != 1 ||
		memcmp(b[0], b[1], sizeof(b[0])) != 0)
		return false;
	add(r, a, a_n);
	return true;
}

static bool
end6_fits(const char *e, size_t e_n, const char *a, size_t a_n, struct pt_names *names,
	struct resolved *r)
{
	size_t e_c = find(e, e_n, '#'), a_c = find(a, a_n, '#');

	if ((e_c == e_n) != (a_c == a_n) || !address_fits(e, e_c, a, a_c, r))
		return false;
	if (e_c == e_n)
		return true;
	add(r, "#", 1);
	return value_fits(e + e_c + 1, e_n - e_c - 1, a + a_c + 1, a_n - a_c - 1, names, r);
}

/* A word before the options: an address with a port, or any word. */
static bool
word_fits(const char *e, size_t e_n, const char *a, size_t a_n, struct pt_names *names,
	struct resolved *r)
{
	size_t e_c = find(e, e_n, ':'), a_c = find(a, a_n, ':');

	if (e_c < e_n && find(e + e_c + 1, e_n - e_c - 1, ':') < e_n - e_c - 1)
		return end6_fits(e, e_n, a, a_n, names, r);
	/* Braces may hold a colon no more than an IPv4 address does. */
	if ((e_c == e_n) != (a_c == a_n) || !value_fits(e, e_c, a, a_c, names, r))
		return false;
	if (e_c == e_n)
		return true;
	add(r, ":", 1);
	return value_fits(e + e_c + 1, e_n - e_c - 1, a + a_c + 1, a_n - a_c - 1, names, r);
}

/* How many words come before the options. */
static unsigned int
head_length(const struct pt_tokens *t)
{
	for (unsigned int i = 0; i < t->n; i++)
		if (pt_is(t, i, ">"))
			return i + 2 < t->n ? i + 2 : t->n;
	return pt_is(t, 0, "hex") ? t->n : 1;
}

/* The token of t that sets the same thing as token i of e, or -1. */
static int
counterpart(const struct pt_tokens *t, unsigned int from, const struct pt_tokens *e, unsigned int i)
{
	size_t key = find(e->s[i], e->len[i], '=');
	bool payload = pt_is_payload(e, i);

	for (unsigned int k = from; k < t->n; k++) {
		if (payload                 ? pt_is_payload(t, k)
			: e->s[i][0] == '[' ? t->s[k][0] == '['
					    : find(t->s[k], t->len[k], '=') == key &&
						      (key < e->len[i]) == (key < t->len[k]) &&
						      memcmp(t->s[k], e->s[i], key) == 0)
			return (int)k;
	}
	return -1;
}

static int text_fits(const char *e, size_t e_n, const char *a, size_t a_n, struct pt_names *names,
	struct resolved *r, char *why, size_t size);

/* A quoted payload may name what is bound already: it becomes the only token of to. */
static bool
resolve_payload(const struct pt_tokens *e, unsigned int i, const struct pt_names *names,
	struct pt_tokens *to)
{
	static char text[PT_TEXT_MAX], out[PT_TEXT_MAX];
	char why[64];

	snprintf(text, sizeof(text), "%.*s", (int)e->len[i], e->s[i]);
	if (pt_subst(names, text, out, sizeof(out), why, sizeof(why)) < 0)
		return false;
	*to = (struct pt_tokens){ .n = 1, .s = { out }, .len = { strlen(out) } };
	return true;
}

static bool
payload_fits(const struct pt_tokens *e, unsigned int i, const struct pt_tokens *a, unsigned int k,
	const struct pt_names *names, struct resolved *r)
{
	bool quoted = e->s[i][0] == '\'' || e->s[i][0] == '"';
	struct pt_tokens known;

	if (quoted && memchr(e->s[i], '$', e->len[i]) != NULL) {
		if (!resolve_payload(e, i, names, &known))
			return false;
		e = &known;
		i = 0;
	}

	if (pt_is(e, i, "..."))
		add(r, a->s[k], a->len[k]);
	else
		add(r, e->s[i], e->len[i]);
	if (pt_is(e, i, "...") || (quoted && memchr(e->s[i], '\\', e->len[i]) != NULL))
		return true; /* the bytes are compared later */
	if (quoted && (a->s[k][0] == '"' || a->s[k][0] == '\''))
		return e->len[i] == a->len[k] &&
		       memcmp(e->s[i] + 1, a->s[k] + 1, e->len[i] - 2) == 0;
	if (quoted || a->s[k][0] == '"')
		return !quoted; /* hex= may be text; the bytes are compared later */
	return true;
}

/* An option of the expected text against the frame's. */
static int
option_fits(const struct pt_tokens *e, unsigned int i, const struct pt_tokens *a, int k,
	struct pt_names *names, struct resolved *r, char *why, size_t size)
{
	size_t key = find(e->s[i], e->len[i], '=') + 1;
	bool any = key + 1 == e->len[i] && e->s[i][key] == '*';

	if (k < 0 && (any || pt_is(e, i, "...")))
		return 0;
	if (k < 0 && (key > e->len[i] || e->s[i][key] == '$'))
		return -1;
	add(r, " ", 1);
	if (k < 0) { /* a default said aloud is not shown; the bytes are compared later */
		add(r, e->s[i], e->len[i]);
		return 0;
	}
	if (e->s[i][0] == '[') {
		int rc;

		add(r, "[", 1);
		rc = text_fits(e->s[i] + 1, e->len[i] - 2, a->s[k] + 1, a->len[k] - 2, names, r,
			why, size);
		add(r, "]", 1);
		return rc;
	}
	if (pt_is_payload(e, i))
		return payload_fits(e, i, a, (unsigned int)k, names, r) ? 0 : -1;
	if (key > e->len[i]) {
		add(r, e->s[i], e->len[i]);
		return 0;
	}
	add(r, e->s[i], key);
	return value_fits(e->s[i] + key, e->len[i] - key, a->s[k] + key, a->len[k] - key, names, r)
		       ? 0
		       : -1;
}

static int
text_fits(const char *e_text, size_t e_n, const char *a_text, size_t a_n, struct pt_names *names,
	struct resolved *r, char *why, size_t size)
{
	struct pt_tokens e, a;
	unsigned int head;
	bool cut = false;

	if (pt_split(e_text, e_n, &e) < 0 || pt_split(a_text, a_n, &a) < 0) {
		snprintf(why, size, "unbalanced text");
		return -1;
	}
	head = head_length(&e);
	for (unsigned int i = 0; i < head || i < head_length(&a); i++) {
		if (i > 0)
			add(r, " ", 1);
		if (i >= e.n || i >= a.n ||
			!word_fits(e.s[i], e.len[i], a.s[i], a.len[i], names, r)) {
			snprintf(why, size, "word %u differs", i + 1);
			return -1;
		}
	}
	for (unsigned int i = head; i < e.n; i++)
		cut = cut || pt_value(&e, i, "cut") != NULL;
	for (unsigned int i = head; i < e.n; i++) {
		int k = counterpart(&a, head, &e, i);

		if (k < 0 && cut) {
			/* not quoted, but needed to compute the checksum */
			add(r, " ", 1);
			add(r, e.s[i], e.len[i]);
		} else if (option_fits(&e, i, &a, k, names, r, why, size) < 0) {
			if (*why == 0)
				snprintf(why, size, "'%.*s' is not so", (int)e.len[i], e.s[i]);
			return -1;
		}
	}
	for (unsigned int i = head; i < a.n; i++) {
		if (counterpart(&e, head, &a, i) < 0) {
			snprintf(why, size, "'%.*s' is not expected", (int)a.len[i], a.s[i]);
			return -1;
		}
	}
	return 0;
}

/* Whole packets that may be cut leave with an id of the box's own (RFC 6864): a text that
 * does not name it does not care. */
static const uint8_t *
without_id(const char *expect, const uint8_t *b, size_t len)
{
	static uint8_t copy[PT_FRAME_MAX];
	const char *quote = strchr(expect, '['), *id = strstr(expect, "ipid=");
	size_t l3 = 14;
	uint16_t sum;
	uint8_t *ip;

	if ((id != NULL && (quote == NULL || id < quote)) || len > sizeof(copy))
		return b;
	while (l3 + 24 <= len && (b[l3 - 2] != 0x08 || b[l3 - 1] != 0x00))
		l3 += 4; /* VLAN tags */
	if (l3 + 20 > len || b[l3 - 2] != 0x08 || b[l3 - 1] != 0x00 || b[l3] >> 4 != 4 ||
		(b[l3 + 6] & 0x7f) != 0 || b[l3 + 7] != 0 || (b[l3 + 4] == 0 && b[l3 + 5] == 0))
		return b;
	memcpy(copy, b, len);
	ip = copy + l3;
	if ((ip[0] & 15) < 5 || l3 + (ip[0] & 15u) * 4 > len ||
		csum_ip4(ip) != (ip[10] << 8 | ip[11]))
		return b;
	memset(ip + 4, 0, 2);
	sum = csum_ip4(ip);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	return copy;
}

int
pt_match(const char *expect, const uint8_t *b, size_t len, const struct pt_default *def,
	struct pt_names *names, char *why, size_t size)
{
	static char text[PT_TEXT_MAX];
	static struct resolved r;
	static struct pt_frame f;

	r.n = 0;
	why[0] = 0;
	b = without_id(expect, b, len);
	pt_show(b, len, def, text, sizeof(text));
	if (strncmp(expect, "hex ", 4) == 0)
		add(&r, expect, strlen(expect));
	else if (text_fits(expect, strlen(expect), text, strlen(text), names, &r, why, size) < 0)
		return -1;
	if (pt_build(r.s, def, &f, why, size) < 0)
		return -1;
	for (size_t i = 0; i < len || i < f.len; i++) {
		if (i >= len || i >= f.len || b[i] != f.b[i]) {
			snprintf(why, size, "byte %zu differs, expected %02x of %zu bytes", i,
				i < f.len ? f.b[i] : 0, f.len);
			return -1;
		}
	}
	return 0;
}

void
pt_dump(const char *title, const uint8_t *b, size_t len)
{
	fprintf(stderr, "%s, %zu bytes", title, len);
	for (size_t i = 0; i < len && i < 160; i++)
		fprintf(stderr, i % 16 == 0 ? "\n  %04zx  %02x" : " %.0zu%02x", i % 16 == 0 ? i : 0,
			b[i]);
	fprintf(stderr, "\n");
}
