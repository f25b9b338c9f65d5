/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT64: ICMP errors, both ways, every row of RFC 7915's tables.
 */
#include "table.h"

/* clang-format off */
#define CONF "inside6 2001:db8:1::1/64; nat64 64:ff9b::/96; "

static const struct table_case cases[] = {
	{ "none_yet", CONF, ROWS(
		{ 0, IN, "udp6 2001:db8:1::2#5000 > 64:ff9b::198.51.100.9#53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" })
	},
};

SUITE(nat64_error, cases);
