/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ICMP queries through the gateway (RFC 5508).
 */
#include "table.h"

/* clang-format off */
static const struct table_case cases[] = {
	{ "echo_out_and_back_is_translated", "", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping'",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$p seq=1 'ping'", "sessions_made mappings_made" },
		{ 1, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$p seq=1 'ping'",
			IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1 'ping'", "flow_hits" },
		{ 2, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=2 'ping'",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$p seq=2 'ping'", "flow_hits" },
		{ 2, DO, "sessions 1 packets=2/1 left=60000", NONE, "", "" })
	},
	{ "id_mapping_is_endpoint_independent", "", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$p seq=1", "mappings_made" },
		{ 1, IN, "icmp echo 10.0.0.2 > 203.0.113.7 id=7 seq=1",
			OUT, "icmp echo 192.0.2.1 > 203.0.113.7 id=$p seq=1", "mappings_made=0 sessions_made" },
		{ 2, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=9 seq=1",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$q{!p} seq=1", "mappings_made" })
	},
	{ "two_hosts_may_use_one_id", "", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$p seq=1", "" },
		{ 1, IN, "icmp echo 10.0.0.3 > 198.51.100.9 id=7 seq=1",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$q{!p} seq=1", "" },
		{ 2, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$q seq=1",
			IN, "icmp echo-reply 198.51.100.9 > 10.0.0.3 id=7 seq=1", "" },
		{ 2, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$p seq=1",
			IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1", "" })
	},
	{ "any_id_is_translated", "", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=0 seq=0",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$p seq=0", "" },
		{ 0, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$p seq=0",
			IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=0 seq=0", "" },
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=65535 seq=65535 'odd'",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$q{!p} seq=65535 'odd'", "" },
		{ 0, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$q seq=65535 'odd'",
			IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=65535 seq=65535 'odd'", "" })
	},
	{ "udp_tcp_and_icmp_do_not_share_sessions", "", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=5000 seq=1",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1", "mappings_made" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:8",
			OUT, "udp 192.0.2.1:$u > 198.51.100.9:8", "mappings_made" },
		{ 0, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:8 SYN",
			OUT, "tcp 192.0.2.1:$t > 198.51.100.9:8 SYN", "mappings_made" },
		{ 0, DO, "used icmp 1", NONE, "", "" },
		{ 0, DO, "used udp 1", NONE, "", "" },
		{ 0, DO, "used tcp 1", NONE, "", "" },
		{ 0, DO, "sessions 1 proto=icmp", NONE, "", "" })
	},
	{ "query_ends_after_sixty_seconds_and_not_before", "", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$p seq=1", "" },
		{ 59999, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$p seq=1",
			IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1", "" },
		{ 60001, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$p seq=1", ANY, "", "tx_inside=0 sessions_now=-1" })
	},
	{ "query_time_is_configurable", "timeout icmp 90", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$p seq=1", "" },
		{ 89999, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$p seq=1",
			IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1", "" })
	},
	{ "timestamp_query_is_translated", "", ROWS(
		{ 0, IN, "icmp timestamp 10.0.0.2 > 198.51.100.9 id=7 seq=1 hex=000000010000000000000000",
			OUT, "icmp timestamp 192.0.2.1 > 198.51.100.9 id=$p seq=1 hex=000000010000000000000000", "" },
		{ 1, OUT, "icmp timestamp-reply 198.51.100.9 > 192.0.2.1 id=$p seq=1 hex=000000010000000200000003",
			IN, "icmp timestamp-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1 hex=000000010000000200000003", "" })
	},
	{ "ping_of_the_own_outside_address_is_the_kernels", "", ROWS(
		{ 0, OUT, "icmp echo 198.51.100.9 > 192.0.2.1 id=7 seq=1",
			PUNT, "icmp echo 198.51.100.9 > 192.0.2.1 id=7 seq=1", "punted_local sessions_made=0" })
	},
	{ "ping_of_another_pool_address_is_dropped", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, OUT, "icmp echo 198.51.100.9 > 203.0.113.5 id=7 seq=1", NONE, "",
			"drop_no_mapping=* drop_icmp_type=* drop_no_state=*" },
		{ 0, OUT, "icmp echo-reply 198.51.100.9 > 203.0.113.5 id=7 seq=1", NONE, "",
			"drop_no_mapping=* drop_icmp_type=* drop_no_state=*" })
	},
	{ "padding_does_not_spoil_the_checksum", "", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'x' trailer=17",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$p seq=1 'x'", "" },
		{ 1, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$p seq=1 'x' trailer=17",
			IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1 'x'", "" })
	},
	{ "other_types_are_dropped", "", ROWS(
		{ 0, IN, "icmp 10.0.0.2 > 198.51.100.9 type=42 rest=1", NONE, "", "drop_icmp_type" },
		{ 0, IN, "icmp quench 10.0.0.2 > 198.51.100.9 [udp 198.51.100.9:53 > 10.0.0.2:5000]", NONE, "", "drop_icmp_type=* drop_icmp_no_flow=*" },
		{ 0, IN, "icmp 10.0.0.2 > 198.51.100.9 type=255 code=255 rest=4294967295", NONE, "", "drop_icmp_type" })
	},
};
/* clang-format on */

SUITE(icmp, cases);
