/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv4 fragments: each is translated by itself with the ports of the first one; overlap
 * kills a datagram whole (RFC 4787 REQ-14, RFC 5722, RFC 1858).
 */
#include "table.h"

/* clang-format off */
#define F1 "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 mf data=16"
#define F2 "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 mf hex=00112233445566778899aabbccddeeff"
#define F3 "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=40 'rest'"
#define T1 "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i mf data=16"
#define T2 "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=24 mf hex=00112233445566778899aabbccddeeff"
#define T3 "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=40 'rest'"

static const struct table_case cases[] = {
	{ "fragments_in_order_are_translated_one_by_one", "", ROWS(
		{ 0, IN, F1, OUT, T1, "sessions_made" },
		{ 1, IN, F2, OUT, T2, "" },
		{ 2, IN, F3, OUT, T3, "" })
	},
	{ "fragments_before_the_first_wait_for_it", "", ROWS(
		{ 0, IN, F3, NONE, "", "fragments_held" },
		{ 1, IN, F2, NONE, "", "fragments_held" },
		{ 2, IN, F1, OUT, T1 " + " T3 " + " T2, "sessions_made" })
	},
	{ "packet_larger_than_the_link_leaves_in_fragments", "mtu outside 100", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 data=200",
			ANY, "", "fragments_made=2" })
	},
	{ "packet_that_must_not_be_cut_is_answered_with_the_mtu", "mtu outside 60", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 df data=80",
			IN, "icmp frag-needed 10.0.0.1 > 10.0.0.2 ttl=64 tos=192 ipid=* mtu=60 [udp 10.0.0.2:5 > 198.51.100.9:53 ttl=64 df data=80]", "drop_too_big icmp_made" })
	},
};

SUITE(fragment, cases);
