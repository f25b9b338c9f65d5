/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Protocols that go by address alone: GRE and ESP one flow for each pair of addresses, SCTP
 * and UDP-Lite with the ports they have. The frames are spelt out: the SCTP ones carry a
 * CRC32c that was computed apart and must arrive as it was (RFC 9260 section 6.8 leaves the
 * addresses out of it), the UDP-Lite ones the checksum over the addresses before and after
 * (RFC 3828 section 3.1) for coverage of everything, of the header and of 13 bytes.
 */
#include "table.h"

/* clang-format off */
#define GRE "proto=47 hex=3081880b001000010000000141424344"
#define ESP "proto=50 hex=deadbeef0000000141424344454647484950"
#define INIT "proto=132 hex=138813c400000000ffafcaef01000014112233440000ffff0001000100000007"
#define INIT_ACK "proto=132 hex=13c413881122334488acbd1b02000014556677880000ffff0001000100000009"
#define TEXT "68656c6c6f206c697465"
/* 5000 > 5060 before and after, 5060 > 5000 before and after; by coverage */
#define LITE_0 "proto=136 hex=138813c400007f19" TEXT
#define LITE_0_OUT "proto=136 hex=138813c40000c719" TEXT
#define LITE_0_BACK "proto=136 hex=13c413880000c719" TEXT
#define LITE_0_IN "proto=136 hex=13c4138800007f19" TEXT
#define LITE_8 "proto=136 hex=138813c40008a3d2" TEXT
#define LITE_8_OUT "proto=136 hex=138813c40008ebd2" TEXT
#define LITE_8_BACK "proto=136 hex=13c413880008ebd2" TEXT
#define LITE_8_IN "proto=136 hex=13c413880008a3d2" TEXT
#define LITE_13 "proto=136 hex=138813c4000d5ffb" TEXT
#define LITE_13_OUT "proto=136 hex=138813c4000da7fb" TEXT
#define LITE_13_BACK "proto=136 hex=13c41388000da7fb" TEXT
#define LITE_13_IN "proto=136 hex=13c41388000d5ffb" TEXT
#define A "10.0.0.2 > 198.51.100.9 "
#define A_OUT "192.0.2.1 > 198.51.100.9 "
#define A_BACK "198.51.100.9 > 192.0.2.1 "
#define A_IN "198.51.100.9 > 10.0.0.2 "
#define OPENS(when, what) { when, IN, "ip " A what, OUT, "ip " A_OUT what, "sessions_made" }
#define GOES(when, what) { when, IN, "ip " A what, OUT, "ip " A_OUT what, "flow_hits sessions_made=0" }
#define COMES(when, what) { when, OUT, "ip " A_BACK what, IN, "ip " A_IN what, "flow_hits sessions_made=0" }
#define NOBODY(when, what, counter) { when, OUT, "ip " A_BACK what, NONE, "", counter " sessions_made=0" }
#define REFUSED(when, host, what, code) \
	{ when, IN, "ip " host " > 198.51.100.9 " what, \
		IN, "icmp unreachable 10.0.0.1 > " host " ttl=64 tos=* ipid=* code=" code " [ip " host " > 198.51.100.9 ttl=64 " what "]", \
		"drop_no_port icmp_made sessions_made=0" }

static const struct table_case cases[] = {
	/* peers 37 */
	{ "gre_out_and_back_is_translated_by_address", "", ROWS(
		OPENS(0, GRE), COMES(1, GRE), GOES(2, GRE), COMES(3, "proto=47 hex=0000080045000000"),
		{ 3, DO, "sessions 1 proto=47 packets=2/2 left=299999 inbound=0", NONE, "", "" })
	},
	{ "esp_out_and_back_is_translated_by_address", "", ROWS(
		OPENS(0, ESP), COMES(1, ESP), GOES(2, "proto=50 hex=deadbeef000000024142434445464748"), COMES(2, "proto=50 hex=0123456700000001aabbccdd"),
		{ 3, DO, "sessions 1 proto=50", NONE, "", "" })
	},
	{ "gre_and_esp_of_one_pair_are_two_sessions", "", ROWS(
		OPENS(0, GRE), OPENS(0, ESP), COMES(1, ESP), COMES(1, GRE), { 1, DO, "sessions 2", NONE, "", "" }, { 1, DO, "subscribers 1", NONE, "", "" })
	},
	{ "second_subscriber_to_the_same_remote_is_refused", "icmp-refusal 1; record exhausted", ROWS(
		OPENS(0, GRE), OPENS(0, ESP),
		REFUSED(1, "10.0.0.3", GRE, "1"), REFUSED(1, "10.0.0.3", ESP, "1"),
		{ 1, DO, "records 1 exhausted in=10.0.0.3 why=drop_no_port", NONE, "", "" },
		COMES(2, GRE), COMES(2, ESP), { 2, DO, "sessions 2", NONE, "", "" }, { 2, DO, "sessions 2 in=10.0.0.2", NONE, "", "" })
	},
	{ "second_subscriber_to_another_remote_passes", "", ROWS(
		OPENS(0, GRE),
		{ 1, IN, "ip 10.0.0.3 > 198.51.100.10 " GRE, OUT, "ip 192.0.2.1 > 198.51.100.10 " GRE, "sessions_made" },
		{ 2, OUT, "ip 198.51.100.10 > 192.0.2.1 " GRE, IN, "ip 198.51.100.10 > 10.0.0.3 " GRE, "flow_hits" }, COMES(2, GRE))
	},
	{ "second_subscriber_of_another_address_passes", "pool 203.0.113.2-203.0.113.3", ROWS(
		{ 0, IN, "ip 10.0.0.2 > 198.51.100.9 " GRE, OUT, "ip $a > 198.51.100.9 " GRE, "sessions_made" },
		{ 0, IN, "ip 10.0.0.3 > 198.51.100.9 " GRE, OUT, "ip $b{!a} > 198.51.100.9 " GRE, "sessions_made" },
		{ 1, OUT, "ip 198.51.100.9 > $a " GRE, IN, "ip 198.51.100.9 > 10.0.0.2 " GRE, "flow_hits" }, { 1, OUT, "ip 198.51.100.9 > $b " GRE, IN, "ip 198.51.100.9 > 10.0.0.3 " GRE, "flow_hits" })
	},
	{ "remote_is_free_again_when_the_session_is_over", "icmp-refusal 255", ROWS(
		OPENS(0, GRE), { 1, IN, "ip 10.0.0.3 > 198.51.100.9 " GRE, NONE, "", "drop_no_port" },
		{ 299999, IN, "ip 10.0.0.3 > 198.51.100.9 " GRE, NONE, "", "drop_no_port" },
		{ 302000, DO, "poll 20", NONE, "", "" },
		{ 302001, IN, "ip 10.0.0.3 > 198.51.100.9 " GRE, OUT, "ip 192.0.2.1 > 198.51.100.9 " GRE, "sessions_made" },
		{ 302002, OUT, "ip 198.51.100.9 > 192.0.2.1 " GRE, IN, "ip 198.51.100.9 > 10.0.0.3 " GRE, "flow_hits" })
	},
	/* an expired session must not be in the way before the sweep has found it */
	{ "remote_is_free_again_at_once_when_the_session_is_over", "icmp-refusal 255; timeout other 60", ROWS(
		OPENS(0, GRE), { 60001, IN, "ip 10.0.0.3 > 198.51.100.9 " GRE, OUT, "ip 192.0.2.1 > 198.51.100.9 " GRE, "sessions_made" })
	},
	{ "address_is_the_one_that_the_subscriber_has_already", "pool 203.0.113.1-203.0.113.4", ROWS(
		{ 0, IN, "udp 10.0.0.5:5000 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" }, { 0, IN, "ip 10.0.0.5 > 198.51.100.9 " GRE, OUT, "ip $a > 198.51.100.9 " GRE, "" },
		{ 0, IN, "ip 10.0.0.5 > 203.0.113.99 " ESP, OUT, "ip $a > 203.0.113.99 " ESP, "" }, { 0, IN, "ip 10.0.0.5 > 203.0.113.98 " INIT, OUT, "ip $a > 203.0.113.98 " INIT, "" })
	},
	{ "sctp_keeps_ports_and_crc", "", ROWS(
		OPENS(0, INIT), COMES(1, INIT_ACK), GOES(2, INIT),
		{ 2, DO, "sessions 1 proto=132 in=10.0.0.2:5000 out=192.0.2.1:5000 rem=198.51.100.9:5060", NONE, "", "" })
	},
	{ "sctp_with_other_ports_is_another_session", "icmp-refusal 255", ROWS(
		OPENS(0, INIT),
		{ 1, IN, "ip 10.0.0.3 > 198.51.100.9 proto=132 hex=138913c400000000ffafcaef01000014112233440000ffff0001000100000007", OUT, "ip 192.0.2.1 > 198.51.100.9 proto=132 hex=138913c400000000ffafcaef01000014112233440000ffff0001000100000007", "sessions_made" },
		{ 1, IN, "ip 10.0.0.3 > 198.51.100.9 " INIT, NONE, "", "drop_no_port" },
		COMES(2, INIT_ACK), { 2, DO, "sessions 2", NONE, "", "" })
	},
	{ "udplite_keeps_ports_and_its_checksum_is_right_for_any_coverage", "", ROWS(
		{ 0, IN, "ip " A LITE_0, OUT, "ip " A_OUT LITE_0_OUT, "sessions_made" }, { 0, OUT, "ip " A_BACK LITE_0_BACK, IN, "ip " A_IN LITE_0_IN, "flow_hits" },
		{ 1, IN, "ip " A LITE_8, OUT, "ip " A_OUT LITE_8_OUT, "flow_hits" }, { 1, OUT, "ip " A_BACK LITE_8_BACK, IN, "ip " A_IN LITE_8_IN, "flow_hits" },
		{ 2, IN, "ip " A LITE_13, OUT, "ip " A_OUT LITE_13_OUT, "flow_hits" }, { 2, OUT, "ip " A_BACK LITE_13_BACK, IN, "ip " A_IN LITE_13_IN, "flow_hits" },
		{ 2, DO, "sessions 1 proto=136 in=10.0.0.2:5000 out=192.0.2.1:5000", NONE, "", "" })
	},
	{ "udplite_checksum_that_comes_out_as_zero_is_sent_as_ones", "", ROWS(
		{ 0, IN, "ip " A "proto=136 hex=138813c40000b7ffebe2", OUT, "ip " A_OUT "proto=136 hex=138813c40000ffffebe2", "" })
	},
	{ "second_subscriber_with_the_same_udplite_ports_is_refused", "icmp-refusal 255", ROWS(
		{ 0, IN, "ip " A LITE_0, OUT, "ip " A_OUT LITE_0_OUT, "" },
		{ 0, IN, "ip 10.0.0.3 > 198.51.100.9 proto=136 hex=138813c400007f18" TEXT, NONE, "", "drop_no_port" })
	},
	{ "outside_cannot_begin", "", ROWS(
		NOBODY(0, GRE, "drop_no_mapping"), NOBODY(0, ESP, "drop_no_mapping"), NOBODY(0, INIT, "drop_no_mapping"), NOBODY(0, LITE_0_BACK, "drop_no_mapping"),
		OPENS(1, GRE), NOBODY(2, ESP, "drop_no_mapping"), NOBODY(2, INIT_ACK, "drop_no_mapping"),
		{ 3, OUT, "ip 198.51.100.10 > 192.0.2.1 " GRE, NONE, "", "drop_no_mapping" }, { 3, DO, "sessions 1", NONE, "", "" })
	},
	{ "outside_cannot_begin_towards_a_pool_address", "pool 203.0.113.1", ROWS(
		{ 0, OUT, "ip 198.51.100.9 > 203.0.113.1 " GRE, NONE, "", "drop_no_mapping" }, { 0, OUT, "ip 198.51.100.9 > 203.0.113.1 " INIT, NONE, "", "drop_no_mapping" })
	},
	{ "all_of_them_can_be_switched_off", "other-protocols off; pool 203.0.113.1", ROWS(
		{ 0, IN, "ip " A GRE, NONE, "", "drop_protocol" }, { 0, IN, "ip " A ESP, NONE, "", "drop_protocol" }, { 0, IN, "ip " A INIT, NONE, "", "drop_protocol" }, { 0, IN, "ip " A LITE_0, NONE, "", "drop_protocol" },
		{ 0, OUT, "ip 198.51.100.9 > 203.0.113.1 " GRE, NONE, "", "drop_protocol" }, { 0, OUT, "ip 198.51.100.9 > 203.0.113.1 " INIT, NONE, "", "drop_protocol" },
		{ 0, DO, "sessions 0", NONE, "", "" }, { 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 203.0.113.1:* > 198.51.100.9:53", "" })
	},
	{ "switching_them_off_stops_them_at_once", "", ROWS(
		OPENS(0, GRE), { 1, DO, "config other-protocols off", NONE, "", "" },
		{ 2, IN, "ip " A GRE, NONE, "", "drop_protocol" }, { 2, OUT, "ip " A_BACK GRE, NONE, "", "drop_protocol=* drop_service=*" },
		{ 3, DO, "config ", NONE, "", "" }, { 4, IN, "ip " A GRE, OUT, "ip " A_OUT GRE, "" }, { 4, OUT, "ip " A_BACK GRE, IN, "ip " A_IN GRE, "" })
	},
	{ "protocols_that_cannot_be_translated_are_dropped_and_counted", "pool 203.0.113.1", ROWS(
		{ 0, IN, "ip " A "proto=51 hex=00112233445566778899", NONE, "", "drop_protocol" }, { 0, IN, "ip " A "proto=89 hex=00112233445566778899", NONE, "", "drop_protocol" },
		{ 0, IN, "ip " A "proto=4 hex=4500001400000000400000000a000002c6336409", NONE, "", "drop_protocol" }, { 0, IN, "ip " A "proto=41 hex=6000000000003b40", NONE, "", "drop_protocol" },
		{ 0, IN, "ip " A "proto=33 hex=001122334455667788990011", NONE, "", "drop_protocol" }, { 0, IN, "ip " A "proto=0 hex=0011223344556677", NONE, "", "drop_protocol" }, { 0, IN, "ip " A "proto=255 hex=0011223344556677", NONE, "", "drop_protocol" },
		{ 0, OUT, "ip 198.51.100.9 > 203.0.113.1 proto=51 hex=00112233445566778899", NONE, "", "drop_protocol" }, { 0, OUT, "ip 198.51.100.9 > 203.0.113.1 proto=2 hex=1100000000000000", NONE, "", "drop_protocol" },
		{ 0, DO, "sessions 0", NONE, "", "" })
	},
	{ "too_short_for_a_header_is_dropped", "", ROWS(
		{ 0, IN, "ip " A "proto=132 hex=138813c4", NONE, "", "drop_protocol=* drop_l4_length=*" }, { 0, IN, "ip " A "proto=136 hex=138813c4", NONE, "", "drop_protocol=* drop_l4_length=*" },
		{ 0, IN, "ip " A "proto=50", NONE, "", "drop_protocol=* drop_l4_length=*" }, { 0, IN, "ip " A "proto=47", NONE, "", "drop_protocol=* drop_l4_length=*" }, { 0, DO, "sessions 0", NONE, "", "" })
	},
	{ "errors_from_outside_come_in_with_the_quote_restored", "", ROWS(
		OPENS(0, GRE), OPENS(0, ESP), OPENS(0, INIT), { 0, IN, "ip " A LITE_0, OUT, "ip " A_OUT LITE_0_OUT, "" },
		{ 1, OUT, "icmp frag-needed 203.0.113.5 > 192.0.2.1 mtu=1400 [ip " A_OUT GRE "]", IN, "icmp frag-needed 203.0.113.5 > 10.0.0.2 mtu=1400 [ip " A GRE "]", "icmp_errors" },
		{ 1, OUT, "icmp frag-needed 203.0.113.5 > 192.0.2.1 mtu=1400 [ip " A_OUT ESP "]", IN, "icmp frag-needed 203.0.113.5 > 10.0.0.2 mtu=1400 [ip " A ESP "]", "icmp_errors" },
		{ 1, OUT, "icmp unreachable 198.51.100.9 > 192.0.2.1 code=2 [ip " A_OUT INIT "]", IN, "icmp unreachable 198.51.100.9 > 10.0.0.2 code=2 [ip " A INIT "]", "icmp_errors" },
		{ 1, OUT, "icmp unreachable 198.51.100.9 > 192.0.2.1 code=3 [ip " A_OUT LITE_0_OUT "]", IN, "icmp unreachable 198.51.100.9 > 10.0.0.2 code=3 [ip " A LITE_0 "]", "icmp_errors" },
		{ 1, OUT, "icmp time-exceeded 203.0.113.5 > 192.0.2.1 [ip 192.0.2.1 > 198.51.100.10 " GRE "]", NONE, "", "drop_icmp_no_flow" },
		{ 1, DO, "sessions 4", NONE, "", "" })
	},
	{ "errors_from_inside_go_out_with_the_quote_restored", "", ROWS(
		OPENS(0, GRE), OPENS(0, INIT), { 0, IN, "ip " A LITE_0, OUT, "ip " A_OUT LITE_0_OUT, "" },
		{ 1, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=2 [ip " A_IN GRE "]", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=2 [ip " A_BACK GRE "]", "icmp_errors" },
		{ 1, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=2 [ip " A_IN INIT_ACK "]", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=2 [ip " A_BACK INIT_ACK "]", "icmp_errors" },
		{ 1, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [ip " A_IN LITE_0_IN "]", OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=3 [ip " A_BACK LITE_0_BACK "]", "icmp_errors" })
	},
	{ "error_about_a_protocol_that_is_not_translated_is_dropped", "", ROWS(
		{ 0, OUT, "icmp unreachable 198.51.100.9 > 192.0.2.1 code=2 [ip " A_OUT "proto=51 hex=00112233445566778899]", NONE, "", "drop_icmp_no_flow=* drop_service=* punted_local=*" })
	},
	{ "hairpin_between_two_pool_addresses", "pool 203.0.113.2-203.0.113.3", ROWS(
		/* each must have spoken first: there is no port to tell who is meant */
		{ 0, IN, "ip 10.0.0.2 > 198.51.100.9 " GRE, OUT, "ip $a > 198.51.100.9 " GRE, "" }, { 0, IN, "ip 10.0.0.3 > 198.51.100.10 " GRE, OUT, "ip $b{!a} > 198.51.100.10 " GRE, "" },
		{ 1, IN, "ip 10.0.0.2 > $b " GRE, NONE, "", "drop_no_mapping hairpinned=*" },
		{ 2, IN, "ip 10.0.0.3 > $a " GRE, IN, "ip $b > 10.0.0.2 " GRE, "hairpinned" },
		{ 3, IN, "ip 10.0.0.2 > $b " GRE, IN, "ip $a > 10.0.0.3 " GRE, "hairpinned" })
	},
	{ "subscriber_does_not_get_its_own_packet_back", "", ROWS(
		OPENS(0, GRE), { 1, IN, "ip 10.0.0.2 > 192.0.2.1 " GRE, NONE, "", "drop_no_mapping=* drop_loop=* drop_land=* drop_service=* hairpinned=*" })
	},
	{ "session_ends_after_its_own_time", "timeout other 100", ROWS(
		OPENS(0, GRE), GOES(99000, GRE), { 99000, DO, "sessions 1 proto=47 left=100000", NONE, "", "" },
		COMES(150000, GRE), { 150000, DO, "sessions 1 proto=47 left=49000", NONE, "", "" },
		{ 199001, OUT, "ip " A_BACK GRE, NONE, "", "drop_no_mapping" }, { 199001, DO, "sessions 0", NONE, "", "" })
	},
	{ "inbound_refreshes_when_configured", "timeout other 100; inbound-refresh on", ROWS(
		OPENS(0, GRE), COMES(99000, GRE), COMES(198000, GRE), { 198000, DO, "sessions 1 left=100000", NONE, "", "" })
	},
	{ "ttl_that_runs_out_is_answered", "", ROWS(
		{ 0, IN, "ip " A "ttl=1 " GRE, IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* [ip " A "ttl=1 " GRE "]", "drop_ttl icmp_made sessions_made=0" })
	},
	{ "protocols_count_against_the_session_limit", "limit sessions=2 rate=0; icmp-refusal 255", ROWS(
		OPENS(0, GRE), OPENS(0, ESP), { 0, IN, "ip " A INIT, NONE, "", "drop_limit_sessions" })
	},
	{ "tenants_are_apart", "tenant blue vlan=10 10.0.0.1/24; icmp-refusal 255", ROWS(
		OPENS(0, GRE), { 0, IN, "ip " A GRE " vlan=10", NONE, "", "drop_no_port" },
		{ 0, IN, "ip 10.0.0.2 > 198.51.100.10 " GRE " vlan=10", OUT, "ip 192.0.2.1 > 198.51.100.10 " GRE, "" },
		{ 1, OUT, "ip 198.51.100.10 > 192.0.2.1 " GRE, IN, "ip 198.51.100.10 > 10.0.0.2 " GRE " vlan=10", "" }, COMES(1, GRE))
	},
	{ "fragments_are_translated", "", ROWS(
		{ 0, IN, "ip " A "ipid=7 mf " GRE, OUT, "ip " A_OUT "ipid=$i mf " GRE, "" }, { 1, IN, "ip " A "ipid=7 off=16 proto=47 'rest'", OUT, "ip " A_OUT "ipid=$i off=16 proto=47 'rest'", "" },
		{ 2, OUT, "ip " A_BACK "ipid=9 mf " GRE, IN, "ip " A_IN "ipid=$j mf " GRE, "" }, { 3, OUT, "ip " A_BACK "ipid=9 off=16 proto=47 'rest'", IN, "ip " A_IN "ipid=$j off=16 proto=47 'rest'", "" })
	},
	{ "they_work_with_every_kind_of_pool", "pool 203.0.113.1 block=64; pool 203.0.113.2 fixed=10.0.0.0/29; pool 203.0.113.3 shared=both; tenant blue vlan=10 10.0.0.1/24 pool=1; tenant red vlan=20 10.0.0.1/24 pool=2; record block-add", ROWS(
		{ 0, IN, "ip " A GRE, OUT, "ip 203.0.113.1 > 198.51.100.9 " GRE, "" }, { 0, IN, "ip " A GRE " vlan=10", OUT, "ip 203.0.113.2 > 198.51.100.9 " GRE, "" }, { 0, IN, "ip " A GRE " vlan=20", OUT, "ip 203.0.113.3 > 198.51.100.9 " GRE, "" },
		{ 1, OUT, "ip 198.51.100.9 > 203.0.113.1 " GRE, IN, "ip " A_IN GRE, "" }, { 1, OUT, "ip 198.51.100.9 > 203.0.113.2 " GRE, IN, "ip " A_IN GRE " vlan=10", "" }, { 1, OUT, "ip 198.51.100.9 > 203.0.113.3 " GRE, IN, "ip " A_IN GRE " vlan=20", "" },
		{ 1, DO, "records 0 block-add", NONE, "", "" })
	},
};
/* clang-format on */

SUITE(protocol, cases);
