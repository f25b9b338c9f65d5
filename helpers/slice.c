/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What of slice.h is more than a few instructions.
 */
#include "slice.h"

#include <rte_byteorder.h>

bool
sl_slice_ipv4(struct sl_slice *s, rte_be32_t *addr)
{
	struct sl_slice rest = *s;
	uint32_t a = 0;

	for (int i = 0; i < 4; i++) {
		size_t before;
		uint32_t part;

		if (i > 0) {
			if (rest.n == 0 || rest.p[0] != '.')
				return false;
			rest = sl_slice_skip(rest, 1);
		}
		before = rest.n;
		/* More digits are octal to some, and none of these four numbers to others. */
		if (!sl_slice_number(&rest, 255, &part) || before - rest.n > 3)
			return false;
		a = a << 8 | part;
	}
	*addr = rte_cpu_to_be_32(a);
	*s = rest;
	return true;
}
