/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a host writes into a description ends on the operator's terminal, in a file of one line a
 * lease, in JSON and in XML. So it is well-formed UTF-8 without control characters before it is
 * kept: each byte that is not part of such becomes a question mark (RFC 3629 section 3).
 */
#include <string.h>

#include "lease_state.h"

/* Bytes of the character that begins here, 0: none that may stay. */
static unsigned int
character(const unsigned char *s)
{
	unsigned int n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? s[0] : s[0] & (0x7f >> n);
	static const uint32_t first[] = { 0, 0x20, 0xa0, 0x800, 0x10000 };

	if (s[0] == 0x7f || (s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4)
		return 0;
	for (unsigned int i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0; /* also at the final zero */
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < first[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) || (c & 0xfffe) == 0xfffe)
		return 0;
	return n;
}

void
sl_lease_clean(char *text)
{
	unsigned char *s = (unsigned char *)text;

	while (*s != '\0') {
		unsigned int n = character(s);

		if (n == 0)
			*s = '?';
		s += n > 0 ? n : 1;
	}
}
