/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Splitting packet texts into tokens, and the names that stand for unknown ports.
 *
 * A token ends at a blank, except inside '...' or "..." (payload) and [...] (a quoted
 * packet, which may hold both again). A name is $letters; on its first use in an
 * expected text it may carry constraints in braces:
 *
 *     $p{even}  $p{odd}  $p{1024-2000}  $p{!q}   also several: $p{even,1024-65535,!q}
 *
 * Later uses must have the same value. In a packet that is sent, and in commands, a
 * name must have been bound before.
 */
#include "pkttoken.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The end of the token that starts at s, or NULL when a quote or bracket stays open. */
static const char *
token_end(const char *s, const char *end)
{
	unsigned int depth = 0;
	char quote = 0;

	for (; s < end; s++) {
		if (quote != 0) {
			if (*s == '\\' && s + 1 < end)
				s++;
			else if (*s == quote)
				quote = 0;
		} else if (*s == '"' || *s == '\'') {
			quote = *s;
		} else if (*s == '[') {
			depth++;
		} else if (*s == ']' && depth > 0) {
			depth--;
		} else if (*s == ' ' && depth == 0) {
			break;
		}
	}
	return quote != 0 || depth != 0 ? NULL : s;
}

int
pt_split(const char *text, size_t n, struct pt_tokens *t)
{
	const char *end = text + n;

	t->n = 0;
	while (text < end) {
		const char *e;

		if (*text == ' ' || *text == '\t') {
			text++;
			continue;
		}
		e = token_end(text, end);
		if (e == NULL || t->n == PT_TOKENS_MAX)
			return -1;
		t->s[t->n] = text;
		t->len[t->n++] = (size_t)(e - text);
		text = e;
	}
	return 0;
}

const char *
pt_value(const struct pt_tokens *t, unsigned int i, const char *key)
{
	size_t k = strlen(key);

	if (t->len[i] > k && memcmp(t->s[i], key, k) == 0 && t->s[i][k] == '=')
		return t->s[i] + k + 1;
	return NULL;
}

bool
pt_is(const struct pt_tokens *t, unsigned int i, const char *word)
{
	return i < t->n && t->len[i] == strlen(word) && memcmp(t->s[i], word, t->len[i]) == 0;
}

bool
pt_is_payload(const struct pt_tokens *t, unsigned int i)
{
	return t->s[i][0] == '"' || t->s[i][0] == '\'' || pt_is(t, i, "...") ||
	       pt_value(t, i, "data") != NULL || pt_value(t, i, "hex") != NULL;
}

static const char *
name_find(const struct pt_names *names, const char *name, size_t n)
{
	for (unsigned int i = 0; i < names->n; i++)
		if (strlen(names->name[i]) == n && memcmp(names->name[i], name, n) == 0)
			return names->value[i];
	return NULL;
}

static size_t
name_length(const char *s, size_t n)
{
	size_t k = 0;

	while (k < n && (isalnum((unsigned char)s[k]) || s[k] == '_'))
		k++;
	return k;
}

/* "a/64": in the same aligned run of 64 as $a. */
static bool
same_run(const struct pt_names *names, const char *c, unsigned long v)
{
	size_t n = strcspn(c, "/");
	unsigned long size = strtoul(c + n + 1, NULL, 0);
	const char *other = name_find(names, c, n);

	return other != NULL && size > 0 && strtoul(other, NULL, 0) / size == v / size;
}

/* One constraint of the comma separated list in braces. */
static bool
constraint_holds(const struct pt_names *names, const char *c, size_t n, const char *value)
{
	unsigned long v = strtoul(value, NULL, 0), low, high;
	char copy[64];

	snprintf(copy, sizeof(copy), "%.*s", (int)n, c);
	if (strcmp(copy, "even") == 0)
		return v % 2 == 0;
	if (strcmp(copy, "odd") == 0)
		return v % 2 == 1;
	if (copy[0] == '!' && strchr(copy, '/') != NULL)
		return !same_run(names, copy + 1, v);
	if (copy[0] == '!') {
		const char *other = name_find(names, copy + 1, strlen(copy + 1));

		return other == NULL || strcmp(other, value) != 0;
	}
	if (strchr(copy, '/') != NULL)
		return same_run(names, copy, v);
	return sscanf(copy, "%lu-%lu", &low, &high) == 2 && low <= v && v <= high;
}

int
pt_name_match(struct pt_names *names, const char *s, size_t n, const char *value)
{
	size_t k = name_length(s + 1, n - 1);
	const char *have = name_find(names, s + 1, k), *c = s + 1 + k, *end = s + n;

	if (have != NULL && strcmp(have, value) != 0)
		return -1;
	if (c < end && *c == '{') {
		for (c++; c < end && *c != '}'; c++) {
			const char *comma = c;

			while (comma < end && *comma != ',' && *comma != '}')
				comma++;
			if (!constraint_holds(names, c, (size_t)(comma - c), value))
				return -1;
			c = comma;
			if (*c == '}')
				break;
		}
	}
	if (have == NULL && names->n < PT_NAMES_MAX) {
		snprintf(names->name[names->n], sizeof(names->name[0]), "%.*s", (int)k, s + 1);
		snprintf(names->value[names->n++], sizeof(names->value[0]), "%s", value);
	}
	return 0;
}

int
pt_subst(const struct pt_names *names, const char *text, char *out, size_t size, char *why,
	size_t why_size)
{
	size_t n = 0;

	while (*text != 0 && n + 1 < size) {
		const char *value;
		size_t k;

		if (*text != '$') {
			out[n++] = *text++;
			continue;
		}
		k = name_length(text + 1, strlen(text + 1));
		value = name_find(names, text + 1, k);
		if (value == NULL) {
			snprintf(why, why_size, "$%.*s has no value yet", (int)k, text + 1);
			return -1;
		}
		n += (size_t)snprintf(out + n, size - n, "%s", value);
		text += k + 1;
	}
	out[n < size ? n : size - 1] = 0;
	return 0;
}
