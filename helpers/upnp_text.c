/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Text of answers, on the heap: a few hundred bytes for most, a list of port mappings may be
 * long. A failure sticks, so that it needs to be asked for once, at the end.
 *
 * What goes in comes from strangers (descriptions). Bytes that are not UTF-8 become '?', and
 * characters that XML 1.0 does not know (section 2.2) as well: one such byte would make the
 * whole answer unreadable for every client.
 */
#include "upnp_text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for n more bytes and the zero. */
static bool
make_room(struct sl_text *t, size_t n)
{
	size_t size = t->size == 0 ? 1024 : t->size;
	char *p;

	if (t->failed || n > SL_TEXT_MAX - t->n) {
		t->failed = true;
		return false;
	}
	while (size < t->n + n + 1)
		size *= 2;
	if (size == t->size)
		return true;
	p = realloc(t->p, size);
	if (p == NULL) {
		t->failed = true;
		return false;
	}
	t->p = p;
	t->size = size;
	return true;
}

static void
append(struct sl_text *t, const char *bytes, size_t n)
{
	if (!make_room(t, n))
		return;
	memcpy(t->p + t->n, bytes, n);
	t->n += n;
	t->p[t->n] = '\0';
}

void
sl_text_add(struct sl_text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0 || !make_room(t, (size_t)n)) {
		t->failed = true;
		return;
	}
	va_start(ap, format);
	vsnprintf(t->p + t->n, (size_t)n + 1, format, ap);
	va_end(ap);
	t->n += (size_t)n;
}

/* Bytes of the character at s, 0 when it is none (RFC 3629) or one that XML has not. */
static size_t
character(const uint8_t *s)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t c = n == 1 ? s[0] : s[0] & (0x7f >> n);

	if (n == 1)
		return s[0] >= 0x20 || s[0] == '\t' || s[0] == '\n' || s[0] == '\r' ? 1 : 0;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80) /* also at the final zero */
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || c == 0xfffe ||
		c == 0xffff)
		return 0;
	return n;
}

void
sl_text_xml(struct sl_text *t, const char *s)
{
	while (*s != '\0') {
		size_t n = character((const uint8_t *)s);

		if (n == 0)
			append(t, "?", 1);
		else if (*s == '&')
			append(t, "&amp;", 5);
		else if (*s == '<')
			append(t, "&lt;", 4);
		else if (*s == '>')
			append(t, "&gt;", 4);
		else if (*s == '"')
			append(t, "&quot;", 6);
		else if (*s == '\'')
			append(t, "&apos;", 6);
		else if (*s == '\r')
			append(t, "&#13;", 5); /* a bare one is read as a line feed */
		else
			append(t, s, n);
		s += n == 0 ? 1 : n;
	}
}

void
sl_text_clear(struct sl_text *t)
{
	t->n = 0;
	t->failed = false;
	if (t->p != NULL)
		t->p[0] = '\0';
}

void
sl_text_fini(struct sl_text *t)
{
	free(t->p);
	*t = (struct sl_text){ 0 };
}
