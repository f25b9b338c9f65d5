/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Inside to inside through outside addresses (RFC 4787 REQ-9, 5382 REQ-8, 5508 REQ-7):
 * the receiver sees the sender's outside endpoint, whichever workers own the two.
 */
#include "table.h"

/* clang-format off */
#define SERVER { 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$s > 198.51.100.9:53", "" }

static const struct table_case cases[] = {
	{ "udp_between_two_insiders_shows_outside_endpoints", "", ROWS(
		SERVER,
		{ 1, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$s 'hi'", IN, "udp 192.0.2.1:$c > 10.0.0.2:5000 'hi'", "hairpinned" },
		{ 2, IN, "udp 10.0.0.2:5000 > 192.0.2.1:$c 'ho'", IN, "udp 192.0.2.1:$s > 10.0.0.3:6000 'ho'", "hairpinned" },
		{ 3, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$s 'hi'", IN, "udp 192.0.2.1:$c > 10.0.0.2:5000 'hi'", "hairpinned sessions_made=0" },
		/* the client's mapping is the same towards the Internet */
		{ 4, IN, "udp 10.0.0.3:6000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$c > 198.51.100.9:53", "mappings_made=0" })
	},
	{ "tcp_between_two_insiders_connects", "", ROWS(
		{ 0, IN, "tcp 10.0.0.2:80 > 198.51.100.9:53 SYN", OUT, "tcp 192.0.2.1:$s > 198.51.100.9:53 SYN", "" },
		{ 1, IN, "tcp 10.0.0.3:6000 > 192.0.2.1:$s SYN seq=10", IN, "tcp 192.0.2.1:$c > 10.0.0.2:80 SYN seq=10", "hairpinned" },
		{ 2, IN, "tcp 10.0.0.2:80 > 192.0.2.1:$c SYN ACK seq=90 ack=11", IN, "tcp 192.0.2.1:$s > 10.0.0.3:6000 SYN ACK seq=90 ack=11", "hairpinned" },
		{ 3, IN, "tcp 10.0.0.3:6000 > 192.0.2.1:$s ACK seq=11 ack=91 'x'", IN, "tcp 192.0.2.1:$c > 10.0.0.2:80 ACK seq=11 ack=91 'x'", "hairpinned" },
		{ 3, DO, "sessions 2 rem=192.0.2.1 state=ESTABLISHED", NONE, "", "" })
	},
	{ "host_reaches_itself_through_the_outside", "", ROWS(
		SERVER,
		{ 1, IN, "udp 10.0.0.2:6000 > 192.0.2.1:$s 'me'", IN, "udp 192.0.2.1:$c{!s} > 10.0.0.2:5000 'me'", "hairpinned" },
		{ 2, IN, "udp 10.0.0.2:5000 > 192.0.2.1:$c 'you'", IN, "udp 192.0.2.1:$s > 10.0.0.2:6000 'you'", "hairpinned" })
	},
	{ "error_about_a_hairpinned_packet_comes_back", "", ROWS(
		SERVER,
		{ 1, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$s 'hi'", IN, "udp 192.0.2.1:$c > 10.0.0.2:5000 'hi'", "" },
		{ 2, IN, "icmp unreachable 10.0.0.2 > 192.0.2.1 code=3 [udp 192.0.2.1:$c > 10.0.0.2:5000 'hi']",
			IN, "icmp unreachable 192.0.2.1 > 10.0.0.3 code=3 [udp 10.0.0.3:6000 > 192.0.2.1:$s 'hi']", "icmp_errors=*" })
	},
	{ "ttl_is_lowered_and_ttl_of_one_is_answered", "", ROWS(
		SERVER,
		{ 1, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$s ttl=2", IN, "udp 192.0.2.1:$c > 10.0.0.2:5000 ttl=1", "" },
		{ 1, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$s ttl=1", IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.3 ttl=64 tos=* ipid=* [udp 10.0.0.3:6000 > 192.0.2.1:$s ttl=1]", "drop_ttl icmp_made" })
	},
	{ "hairpin_to_a_port_of_nobody_is_dropped", "pool 203.0.113.0-203.0.113.3", ROWS(
		{ 0, IN, "udp 10.0.0.3:6000 > 203.0.113.1:4000", NONE, "", "drop_no_mapping hairpinned=*" },
		{ 0, IN, "tcp 10.0.0.3:6000 > 203.0.113.1:4000 SYN", NONE, "", "drop_no_mapping=*  hairpinned=*" })
	},
	{ "hairpin_can_be_switched_off", "hairpin off", ROWS(
		SERVER,
		{ 1, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$s 'hi'", NONE, "", "hairpinned=0 drop_no_route=* drop_no_mapping=* drop_service=*" })
	},
	{ "filter_applies_to_hairpins", "pool 192.0.2.1 udp=ad", ROWS(
		SERVER,
		{ 1, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$s 'hi'", NONE, "", "drop_filtered hairpinned=*" })
	},
	{ "hairpin_reaches_a_forwarded_port", "forward tcp 192.0.2.1:80 > 10.0.0.2:8080", ROWS(
		{ 1, IN, "tcp 10.0.0.3:6000 > 192.0.2.1:80 SYN seq=10", IN, "tcp 192.0.2.1:$c > 10.0.0.2:8080 SYN seq=10", "hairpinned" },
		{ 2, IN, "tcp 10.0.0.2:8080 > 192.0.2.1:$c SYN ACK seq=90 ack=11", IN, "tcp 192.0.2.1:80 > 10.0.0.3:6000 SYN ACK seq=90 ack=11", "hairpinned" })
	},
	{ "mapping_to_itself_does_not_loop", "forward udp 192.0.2.1:7 > 10.0.0.2:7", ROWS(
		{ 0, IN, "udp 10.0.0.2:7 > 192.0.2.1:7 'echo'", ANY, "", "tx_inside=*" },
		{ 1, OUT, "udp 192.0.2.1:7 > 192.0.2.1:7 'echo'", NONE, "", "drop_land" })
	},
};
/* clang-format on */

SUITE(hairpin, cases);
