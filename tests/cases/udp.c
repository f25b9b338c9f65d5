/* SPDX-License-Identifier: BSD-3-Clause
 *
 * UDP through the gateway: mappings, checksums, filters, timers (RFC 4787).
 */
#include "table.h"

/* clang-format off */
static const struct table_case cases[] = {
	{ "udp_out_and_back_is_translated", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "sessions_made mappings_made flow_hits=0" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'hi'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'hi'", "flow_hits sessions_made=0" },
		{ 2, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'again'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'again'", "flow_hits sessions_made=0" },
		{ 2, DO, "sessions 1 packets=2/1 bytes=66/30 left=300000 inbound=0", NONE, "", "" },
		{ 2, DO, "mappings 1", NONE, "", "" },
		{ 2, DO, "subscribers 1", NONE, "", "" })
	},
	{ "neighbour_on_the_outside_link_is_reached_directly", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 192.0.2.9:53 'hello'",
			OUT, "udp 192.0.2.1:$p > 192.0.2.9:53 'hello'", "" },
		{ 1, OUT, "udp 192.0.2.9:53 > 192.0.2.1:$p 'hi'",
			IN, "udp 192.0.2.9:53 > 10.0.0.2:5000 'hi'", "" })
	},
	{ "two_destinations_share_one_mapping", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'a'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'a'", "mappings_made sessions_made" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:54 'b'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:54 'b'", "mappings_made=0 sessions_made" },
		{ 2, IN, "udp 10.0.0.2:5000 > 203.0.113.77:53 'c'",
			OUT, "udp 192.0.2.1:$p > 203.0.113.77:53 'c'", "mappings_made=0 sessions_made" },
		{ 3, DO, "sessions 3", NONE, "", "" })
	},
	{ "two_inside_endpoints_never_share_a_port", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'a'",
			OUT, "udp 192.0.2.1:$a > 198.51.100.9:53 'a'", "" },
		{ 0, IN, "udp 10.0.0.2:5002 > 198.51.100.9:53 'b'",
			OUT, "udp 192.0.2.1:$b{!a} > 198.51.100.9:53 'b'", "" },
		{ 0, IN, "udp 10.0.0.3:5000 > 198.51.100.9:53 'c'",
			OUT, "udp 192.0.2.1:$c{!a,!b} > 198.51.100.9:53 'c'", "" },
		{ 0, IN, "udp 10.0.0.4:5000 > 198.51.100.9:53 'd'",
			OUT, "udp 192.0.2.1:$d{!a,!b,!c} > 198.51.100.9:53 'd'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$c 'to c'",
			IN, "udp 198.51.100.9:53 > 10.0.0.3:5000 'to c'", "" },
		{ 1, DO, "subscribers 3", NONE, "", "" })
	},
	{ "parity_and_range_of_the_port_are_kept", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53",
			OUT, "udp 192.0.2.1:$a{even,1024-65535} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:5001 > 198.51.100.9:53",
			OUT, "udp 192.0.2.1:$b{odd,1024-65535} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:65535 > 198.51.100.9:53",
			OUT, "udp 192.0.2.1:$c{odd,1024-65535} > 198.51.100.9:53", "" })
	},
	{ "checksum_of_zero_stays_zero", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 csum=0 'hello'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 csum=0 'hello'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p csum=0 'hi'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 csum=0 'hi'", "" })
	},
	/* b7de is what makes the checksum of the translated packet zero */
	{ "computed_checksum_of_zero_is_sent_as_ones", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'hello'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p hex=b7de",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 hex=b7de", "" })
	},
	{ "wrong_checksum_stays_wrong", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 badcsum 'hello'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 badcsum 'hello'", "" })
	},
	{ "ethernet_padding_is_trimmed", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 trailer=17 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p trailer=18",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000", "" })
	},
	{ "tos_df_and_id_are_kept", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 tos=185 ipid=4242 df 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 tos=185 ipid=4242 df 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p tos=3 ipid=65535 'x'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 tos=3 ipid=65535 'x'", "" })
	},
	{ "ip_options_are_kept", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipopt=94040000 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipopt=94040000 'x'", "" })
	},
	{ "jumbo_frames_pass_in_several_segments", "mtu inside 9000; mtu outside 9000", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 data=8972",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 data=8972", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p data=8001",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 data=8001", "" })
	},
	{ "one_burst_makes_one_session", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'a' + udp 10.0.0.2:5000 > 198.51.100.9:53 'b'"
			" + udp 10.0.0.2:5000 > 198.51.100.9:54 'c' + udp 10.0.0.2:5000 > 198.51.100.9:53 'd'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'a' + udp 192.0.2.1:$p > 198.51.100.9:53 'b'"
			" + udp 192.0.2.1:$p > 198.51.100.9:54 'c' + udp 192.0.2.1:$p > 198.51.100.9:53 'd'",
			"sessions_made=2 mappings_made" },
		{ 0, DO, "sessions 2", NONE, "", "" })
	},
	{ "one_burst_carries_many_subscribers_in_order", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'a' + udp 10.0.0.2:5000 > 198.51.100.9:53 'b'"
			" + udp 10.0.0.3:5000 > 198.51.100.9:53 'c' + udp 10.0.0.4:5000 > 198.51.100.9:53 'd'",
			ANY, "", "sessions_made=3 tx_outside=4" },
		{ 0, DO, "sessions 3", NONE, "", "" })
	},
	{ "inbound_without_mapping_is_dropped", "", ROWS(
		{ 0, OUT, "udp 198.51.100.9:53 > 192.0.2.1:5000 'x'", NONE, "", "drop_no_mapping" })
	},
	{ "anyone_may_send_to_a_mapping_when_filtering_is_endpoint_independent", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, OUT, "udp 203.0.113.7:99 > 192.0.2.1:$p 'game'",
			IN, "udp 203.0.113.7:99 > 10.0.0.2:5000 'game'", "sessions_made" },
		{ 2, IN, "udp 10.0.0.2:5000 > 203.0.113.7:99 'on'",
			OUT, "udp 192.0.2.1:$p > 203.0.113.7:99 'on'", "flow_hits mappings_made=0" },
		{ 2, DO, "sessions 1 rem=203.0.113.7:99 inbound=1", NONE, "", "" })
	},
	{ "address_dependent_filter_refuses_other_addresses", "pool 192.0.2.1 udp=ad", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, OUT, "udp 203.0.113.7:99 > 192.0.2.1:$p 'no'", NONE, "", "drop_filtered" },
		{ 2, OUT, "udp 198.51.100.9:99 > 192.0.2.1:$p 'yes'",
			IN, "udp 198.51.100.9:99 > 10.0.0.2:5000 'yes'", "" },
		{ 3, DO, "sessions 2", NONE, "", "" })
	},
	{ "address_and_port_dependent_filter_refuses_other_ports", "pool 192.0.2.1 udp=apd", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:99 > 192.0.2.1:$p 'no'", NONE, "", "drop_filtered" },
		{ 2, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'yes'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'yes'", "" },
		{ 3, DO, "sessions 1", NONE, "", "" })
	},
	{ "mapping_ends_after_five_minutes_and_not_before", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 299999, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'still'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'still'", "" },
		{ 300001, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'late'", NONE, "", "drop_no_mapping" },
		{ 300001, DO, "poll 20", NONE, "", "" })
	},
	{ "outbound_packet_refreshes", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 299999, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'y'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'y'", "" },
		{ 599998, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'still'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'still'", "" },
		{ 600001, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'late'", NONE, "", "drop_no_mapping" })
	},
	{ "inbound_packet_refreshes_when_configured", "inbound-refresh on", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 299999, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'y'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'y'", "" },
		{ 599998, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'still'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'still'", "" },
		{ 900001, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'late'", NONE, "", "drop_no_mapping" })
	},
	{ "one_live_session_keeps_the_mapping_for_the_others", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 200000, IN, "udp 10.0.0.2:5000 > 203.0.113.7:53 'y'",
			OUT, "udp 192.0.2.1:$p > 203.0.113.7:53 'y'", "" },
		{ 400000, DO, "poll 50", NONE, "", "" },
		{ 400000, DO, "sessions 1", NONE, "", "" },
		{ 400000, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "sessions_made mappings_made=0" })
	},
	{ "timeout_is_configurable", "timeout udp 120", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 119999, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'still'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'still'", "" },
		{ 120001, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'late'", NONE, "", "drop_no_mapping" })
	},
	{ "pool_apart_from_the_box_is_used", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp $a:$p > 198.51.100.9:53 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > $a:$p 'y'",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 'y'", "" },
		{ 2, IN, "udp 10.0.0.2:6000 > 198.51.100.9:53 'paired'",
			OUT, "udp $a:$q{!p} > 198.51.100.9:53 'paired'", "" },
		{ 2, IN, "tcp 10.0.0.2:6000 > 198.51.100.9:53 SYN",
			OUT, "tcp $a:$r > 198.51.100.9:53 SYN", "" },
		{ 3, OUT, "udp 198.51.100.9:53 > 203.0.113.16:$p 'y'", NONE, "", "drop_not_ours" })
	},
	{ "refused_by_the_port_is_counted", "", ROWS(
		{ 0, DO, "refuse out 1", NONE, "", "" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'", NONE, "", "tx_refused_outside tx_outside=0" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "tx_outside" })
	},
};
/* clang-format on */

SUITE(udp, cases);
