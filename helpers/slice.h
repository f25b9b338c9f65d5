/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SLICE_H
#define SL_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "helper.h"

/*
 * Text of somebody else's: struct sl_slice is a pointer and a length, never zero-terminated.
 * Nothing here reads beyond it or changes it.
 */

#define SL_SLICE(literal) ((struct sl_slice){ (const uint8_t *)(literal), sizeof(literal) - 1 })

/** Without the first n bytes, or empty. */
static inline struct sl_slice
sl_slice_skip(struct sl_slice s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return (struct sl_slice){ s.p + n, s.n - n };
}

/** The first n bytes, or all. */
static inline struct sl_slice
sl_slice_head(struct sl_slice s, size_t n)
{
	return (struct sl_slice){ s.p, n < s.n ? n : s.n };
}

/** Offset of a byte, or s.n. */
static inline size_t
sl_slice_find(struct sl_slice s, uint8_t c)
{
	const uint8_t *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return at != NULL ? (size_t)(at - s.p) : s.n;
}

/** Same bytes. */
static inline bool
sl_slice_is(struct sl_slice s, struct sl_slice other)
{
	return s.n == other.n && (s.n == 0 || memcmp(s.p, other.p, s.n) == 0);
}

static inline uint8_t
sl_slice_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/** Does it begin with these bytes, letters in either case? */
static inline bool
sl_slice_starts(struct sl_slice s, struct sl_slice with)
{
	if (s.n < with.n)
		return false;
	for (size_t i = 0; i < with.n; i++)
		if (sl_slice_lower(s.p[i]) != sl_slice_lower(with.p[i]))
			return false;
	return true;
}

/** Without leading and trailing blanks and tabs. */
static inline struct sl_slice
sl_slice_trim(struct sl_slice s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = sl_slice_skip(s, 1);
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/** Take a decimal number off the front, at most `most`; false when there is none. */
static inline bool
sl_slice_number(struct sl_slice *s, uint32_t most, uint32_t *number)
{
	uint64_t v = 0;
	size_t i = 0;

	while (i < s->n && s->p[i] >= '0' && s->p[i] <= '9') {
		v = v * 10 + (s->p[i++] - '0');
		if (v > most)
			return false;
	}
	if (i == 0)
		return false;
	*number = (uint32_t)v;
	*s = sl_slice_skip(*s, i);
	return true;
}

/** Take an IPv4 address in dotted decimal off the front; false when there is none. */
bool sl_slice_ipv4(struct sl_slice *s, rte_be32_t *addr);

#endif /* SL_SLICE_H */
