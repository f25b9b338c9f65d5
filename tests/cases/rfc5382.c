/* SPDX-License-Identifier: BSD-3-Clause
 *
 * RFC 5382, NAT behaviour for TCP, a test for each requirement; the finer points of the
 * state machine are in tcp.c and peer_tcp.c.
 */
#include "table.h"

#define C "10.0.0.2:5000"
#define S "198.51.100.9:80"
#define P "192.0.2.1:$p"

/* clang-format off */
#define OUTBOUND(when, text) { when, IN, "tcp " C " > " S " " text, OUT, "tcp " P " > " S " " text, "" }
#define INBOUND(when, text) { when, OUT, "tcp " S " > " P " " text, IN, "tcp " S " > " C " " text, "" }
#define HANDSHAKE \
	OUTBOUND(0, "SYN seq=1000 win=65535"), INBOUND(10, "SYN ACK seq=9000 ack=1001 win=65535"), \
	OUTBOUND(20, "ACK seq=1001 ack=9001 win=65535")
#define STATE(when, text) { when, DO, "sessions 1 rem=198.51.100.9 " text, NONE, "", "" }
#define N "203.0.113.7:80"
#define OWN "ttl=64 tos=* ipid=*"
#define SYN(when, from, seq) { when, OUT, "tcp " from " > 203.0.113.1:4000 SYN seq=" seq, NONE, "", "drop_no_mapping icmp_made=0" }
#define ANSWERED(when, from, seq) \
	{ when, DO, "poll 4", OUT, "icmp unreachable 192.0.2.1 > 203.0.113.7 code=3 " OWN " [tcp " from " > 203.0.113.1:4000 ttl=64 SYN seq=" seq "]", "icmp_made" }
#define UNREACHABLE(when, code, tail) \
	{ when, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=" code " [tcp " P " > " S " " tail "]", \
		IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=" code " [tcp " C " > " S " " tail "]", "icmp_errors" }

static const struct table_case cases[] = {
	{ "rfc5382_req1_mapping_is_endpoint_independent", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, IN, "tcp " C " > " S " SYN", OUT, "tcp $a:$q > " S " SYN", "mappings_made" },
		{ 1, IN, "tcp " C " > 198.51.100.9:81 SYN", OUT, "tcp $a:$q > 198.51.100.9:81 SYN", "mappings_made=0" },
		{ 2, IN, "tcp " C " > 192.0.2.9:80 SYN", OUT, "tcp $a:$q > 192.0.2.9:80 SYN", "mappings_made=0" },
		{ 3, IN, "tcp 10.0.0.2:5001 > " S " SYN", OUT, "tcp $a:$r{!q} > " S " SYN", "mappings_made" })
	},
	{ "rfc5382_req2_three_way_handshake_and_both_closes", "", ROWS(
		HANDSHAKE, OUTBOUND(30, "PSH ACK seq=1001 ack=9001 win=65535 'GET'"), INBOUND(40, "PSH ACK seq=9001 ack=1004 win=65535 'OK'"),
		OUTBOUND(50, "FIN ACK seq=1004 ack=9003 win=65535"), INBOUND(60, "FIN ACK seq=9003 ack=1005 win=65535"), OUTBOUND(70, "ACK seq=1005 ack=9004 win=65535"),
		STATE(70, "state=FIN_BOTH"))
	},
	{ "rfc5382_req2_connection_from_outside_through_a_mapping", "", ROWS(
		OUTBOUND(0, "SYN seq=1000"),
		{ 1, OUT, "tcp 203.0.113.7:7 > " P " SYN seq=5", IN, "tcp 203.0.113.7:7 > " C " SYN seq=5", "sessions_made" },
		{ 2, IN, "tcp " C " > 203.0.113.7:7 SYN ACK seq=50 ack=6", OUT, "tcp " P " > 203.0.113.7:7 SYN ACK seq=50 ack=6", "" },
		{ 3, OUT, "tcp 203.0.113.7:7 > " P " ACK seq=6 ack=51 'x'", IN, "tcp 203.0.113.7:7 > " C " ACK seq=6 ack=51 'x'", "" },
		{ 3, DO, "sessions 1 rem=203.0.113.7 state=ESTABLISHED", NONE, "", "" })
	},
	{ "rfc5382_req2_split_handshake_passes", "", ROWS( /* the server answers SYN by ACK and a SYN of its own */
		OUTBOUND(0, "SYN seq=1000"), INBOUND(1, "ACK seq=0 ack=1001"), INBOUND(2, "SYN seq=9000"), OUTBOUND(3, "SYN ACK seq=1000 ack=9001"), INBOUND(4, "ACK seq=9001 ack=1001"),
		STATE(4, "state=ESTABLISHED"))
	},
	{ "rfc5382_req2a_simultaneous_open_works", "", ROWS(
		OUTBOUND(0, "SYN seq=1000"), INBOUND(1, "SYN seq=9000"),
		OUTBOUND(2, "SYN ACK seq=1000 ack=9001"), INBOUND(2, "SYN ACK seq=9000 ack=1001"),
		OUTBOUND(3, "ACK seq=1001 ack=9001 'x'"), INBOUND(4, "ACK seq=9001 ack=1002 'y'"),
		STATE(4, "state=ESTABLISHED left=7440000"))
	},
	/* The inside SYN comes while the outside one is on its way: strictest filter. */
	{ "rfc5382_req2a_simultaneous_open_works_with_a_strict_filter", "pool 192.0.2.1 tcp=apd", ROWS(
		OUTBOUND(0, "SYN seq=1000"), INBOUND(1, "SYN seq=9000"),
		OUTBOUND(2, "SYN ACK seq=1000 ack=9001"), INBOUND(3, "ACK seq=9001 ack=1001"), STATE(3, "state=ESTABLISHED"))
	},
	{ "rfc5382_req3_endpoint_independent_filter_lets_anyone_open", "", ROWS(
		OUTBOUND(0, "SYN seq=1000"), { 1, OUT, "tcp 203.0.113.7:7 > " P " SYN seq=5", IN, "tcp 203.0.113.7:7 > " C " SYN seq=5", "" })
	},
	{ "rfc5382_req3a_address_dependent_filter_lets_known_addresses_open", "pool 192.0.2.1 tcp=ad udp=ei", ROWS(
		OUTBOUND(0, "SYN seq=1000"),
		{ 1, OUT, "tcp 198.51.100.9:7 > " P " SYN seq=5", IN, "tcp 198.51.100.9:7 > " C " SYN seq=5", "" },
		{ 1, OUT, "tcp 203.0.113.7:80 > " P " SYN seq=5", NONE, "", "drop_filtered icmp_made=0" },
		{ 2, IN, "udp " C " > 198.51.100.9:53", OUT, "udp 192.0.2.1:$u > 198.51.100.9:53", "" },
		{ 3, OUT, "udp 203.0.113.7:53 > 192.0.2.1:$u", IN, "udp 203.0.113.7:53 > " C, "" })
	},
	{ "rfc5382_req4_unsolicited_syn_is_not_answered_within_six_seconds", "pool 192.0.2.1 tcp=apd", ROWS(
		OUTBOUND(0, "SYN seq=1000"),
		{ 1, OUT, "tcp 203.0.113.7:80 > " P " SYN seq=5", NONE, "", "drop_filtered icmp_made=0" },
		{ 6000, DO, "poll 4", NONE, "", "icmp_made=0" })
	},
	{ "rfc5382_req4_outbound_syn_in_time_takes_the_answer_back", "pool 192.0.2.1 tcp=apd", ROWS(
		OUTBOUND(0, "SYN seq=1000"),
		{ 1, OUT, "tcp 203.0.113.7:80 > " P " SYN seq=5", NONE, "", "drop_filtered icmp_made=0" },
		{ 3000, IN, "tcp " C " > 203.0.113.7:80 SYN seq=1", OUT, "tcp " P " > 203.0.113.7:80 SYN seq=1", "" },
		/* the first SYN is never answered; its repetition makes a simultaneous open */
		{ 3001, OUT, "tcp 203.0.113.7:80 > " P " SYN seq=5", IN, "tcp 203.0.113.7:80 > " C " SYN seq=5", "" },
		{ 7000, DO, "poll 4", NONE, "", "icmp_made=0" })
	},
	{ "rfc5382_req4_unsolicited_syn_is_answered_after_six_seconds", "pool 203.0.113.1 tcp=apd", ROWS(
		{ 0, IN, "tcp " C " > " S " SYN seq=1", OUT, "tcp 203.0.113.1:$p > " S " SYN seq=1", "" },
		{ 1, OUT, "tcp " N " > 203.0.113.1:$p SYN seq=5", NONE, "", "drop_filtered icmp_made=0" }, { 2, OUT, "tcp " N " > 203.0.113.1:4000 SYN seq=6 mss=1460", NONE, "", "drop_no_mapping icmp_made=0" },
		{ 6000, DO, "poll 4", NONE, "", "icmp_made=0" },
		{ 6001, DO, "poll 4", OUT, "icmp unreachable 192.0.2.1 > 203.0.113.7 code=3 " OWN " [tcp " N " > 203.0.113.1:$p ttl=64 SYN seq=5]", "icmp_made" },
		{ 6002, DO, "poll 4", OUT, "icmp unreachable 192.0.2.1 > 203.0.113.7 code=3 " OWN " [tcp " N " > 203.0.113.1:4000 ttl=64 SYN seq=6 mss=1460]", "icmp_made" },
		{ 20000, DO, "poll 4", NONE, "", "icmp_made=0" })
	},
	{ "rfc5382_req4_quote_is_both_headers_with_options", "pool 203.0.113.1", ROWS(
		{ 0, OUT, "tcp " N " > 203.0.113.1:4000 SYN seq=6 ipopt=01010101 tcpopt=020405b40103030704020000 'early data'", NONE, "", "drop_no_mapping" },
		{ 6000, DO, "poll 4", OUT, "icmp unreachable 192.0.2.1 > 203.0.113.7 code=3 " OWN " [tcp " N " > 203.0.113.1:4000 ttl=64 SYN seq=6 ipopt=01010101 tcpopt=020405b40103030704020000 'early data' cut=56]", "icmp_made" })
	},
	{ "rfc5382_req4_repeated_syn_is_answered_once", "pool 203.0.113.1", ROWS(
		SYN(0, "203.0.113.7:80", "5"), SYN(1000, "203.0.113.7:80", "5"), SYN(1000, "203.0.113.7:81", "5"), SYN(3000, "203.0.113.7:80", "5"), ANSWERED(6000, "203.0.113.7:80", "5"),
		SYN(6999, "203.0.113.7:80", "5"), ANSWERED(7000, "203.0.113.7:81", "5"), { 12998, DO, "poll 4", NONE, "", "icmp_made=0" }, ANSWERED(12999, "203.0.113.7:80", "5"))
	},
	{ "rfc5382_req4_time_is_configurable", "pool 203.0.113.1; timeout tcp-syn-in 10", ROWS( SYN(0, "203.0.113.7:80", "5"), { 9999, DO, "poll 4", NONE, "", "" }, ANSWERED(10000, "203.0.113.7:80", "5")) },
	{ "rfc5382_req4_only_a_syn_is_answered", "pool 203.0.113.1", ROWS(
		{ 0, OUT, "tcp " N " > 203.0.113.1:4000 SYN ACK seq=5 ack=5", NONE, "", "drop_no_mapping" }, { 0, OUT, "tcp " N " > 203.0.113.1:4000 RST seq=5", NONE, "", "drop_no_mapping" },
		{ 0, OUT, "tcp " N " > 203.0.113.1:4000 ACK seq=5", NONE, "", "drop_no_mapping" }, { 0, OUT, "udp " N " > 203.0.113.1:4000", NONE, "", "drop_no_mapping" },
		{ 0, IN, "tcp " C " > 203.0.113.1:4000 SYN seq=5", NONE, "", "hairpinned drop_no_mapping" }, { 7000, DO, "poll 4", NONE, "", "icmp_made=0" })
	},
	{ "rfc5382_req4_kept_syns_are_few_and_answers_as_many_as_icmp_rate_allows", "pool 203.0.113.1; workers 1; icmp-rate 20", ROWS(
		{ 0, DO, "repeat 300 out tcp 198.51.100.9:#1000# > 203.0.113.1:4000 SYN seq=1", ANY, "", "drop_no_mapping=300 syns_unanswered=44 icmp_made=0" },
		{ 6000, DO, "poll 20", ANY, "", "icmp_made=20 icmp_muted=236" }, { 7001, DO, "poll 20", ANY, "", "icmp_made=0 icmp_muted=0" },
		/* there is room again */
		SYN(9000, "203.0.113.7:80", "5"), ANSWERED(15000, "203.0.113.7:80", "5"))
	},
	{ "rfc5382_req4_answer_is_for_what_is_still_ours_and_still_wanted", "pool 203.0.113.1", ROWS(
		SYN(0, "203.0.113.7:80", "5"), { 1, DO, "config pool 203.0.113.2", NONE, "", "" }, { 6000, DO, "poll 4", NONE, "", "icmp_made=0" },
		{ 6001, DO, "config pool 203.0.113.1", NONE, "", "" }, SYN(7000, "203.0.113.7:80", "5"), { 7001, DO, "config pool 203.0.113.1; unsolicited-syn off", NONE, "", "" },
		{ 14000, DO, "poll 4", NONE, "", "icmp_made=0" })
	},
	{ "rfc5382_req4_box_itself_does_not_answer_for_its_services", "", ROWS(
		{ 0, OUT, "tcp " N " > 192.0.2.1:80 SYN seq=5", NONE, "", "drop_service" }, { 7000, DO, "poll 4", NONE, "", "icmp_made=0" })
	},
	{ "rfc5382_req4a_silence_may_be_the_policy", "pool 203.0.113.1; unsolicited-syn off", ROWS(
		SYN(0, "203.0.113.7:80", "5"), { 7000, DO, "poll 4", NONE, "", "icmp_made=0 icmp_muted=0" })
	},
	{ "rfc5382_req4a_muted_side_is_silent", "pool 203.0.113.1; icmp-mute outside", ROWS(
		SYN(0, "203.0.113.7:80", "5"), { 7000, DO, "poll 4", NONE, "", "icmp_made=0" })
	},
	{ "rfc5382_req5_established_connection_lives_idle_two_hours_and_four_minutes", "", ROWS(
		HANDSHAKE, INBOUND(7440019, "ACK seq=9001 ack=1001 win=65535 'still'"))
	},
	{ "rfc5382_req5_transitory_connection_lives_four_minutes", "", ROWS(
		OUTBOUND(0, "SYN seq=1000"), STATE(0, "left=240000"), INBOUND(239999, "SYN ACK seq=9000 ack=1001"))
	},
	{ "rfc5382_req5_closed_connection_lives_four_minutes", "", ROWS(
		HANDSHAKE, OUTBOUND(100, "FIN ACK seq=1001 ack=9001 win=65535"), INBOUND(200, "FIN ACK seq=9001 ack=1002 win=65535"),
		STATE(200, "left=240000"), OUTBOUND(240199, "ACK seq=1002 ack=9002 win=65535"))
	},
	{ "rfc5382_req5a_times_are_configurable", "timeout tcp-est 10000; timeout tcp-opening 300; timeout tcp-closing 500", ROWS(
		OUTBOUND(0, "SYN seq=1000 win=65535"), STATE(0, "left=300000"), INBOUND(10, "SYN ACK seq=9000 ack=1001 win=65535"), STATE(10, "left=10000000"),
		OUTBOUND(20, "RST seq=1001"), STATE(20, "state=TRANS left=500000"))
	},
	{ "rfc5382_req6_payload_with_addresses_is_left_alone_by_default", "", ROWS(
		{ 0, IN, "tcp " C " > 198.51.100.9:1723 SYN seq=1000", OUT, "tcp " P " > 198.51.100.9:1723 SYN seq=1000", "" },
		{ 1, OUT, "tcp 198.51.100.9:1723 > " P " SYN ACK seq=9000 ack=1001", IN, "tcp 198.51.100.9:1723 > " C " SYN ACK seq=9000 ack=1001", "" },
		{ 2, IN, "tcp " C " > 198.51.100.9:1723 PSH ACK seq=1001 ack=9001 'PORT 10,0,0,2,19,137\\r\\n'", OUT, "tcp " P " > 198.51.100.9:1723 PSH ACK seq=1001 ack=9001 'PORT 10,0,0,2,19,137\\r\\n'", "" })
	},
	{ "rfc5382_req7_port_is_never_overloaded", "pool 192.0.2.1 ports=2000-2001; workers 1; icmp-refusal 255", ROWS(
		{ 0, IN, "tcp 10.0.0.2:5 > 198.51.100.9:80 SYN", OUT, "tcp 192.0.2.1:$a > 198.51.100.9:80 SYN", "" },
		{ 0, IN, "tcp 10.0.0.3:5 > 198.51.100.8:80 SYN", OUT, "tcp 192.0.2.1:$b{!a} > 198.51.100.8:80 SYN", "" },
		{ 0, IN, "tcp 10.0.0.4:5 > 198.51.100.7:80 SYN", NONE, "", "drop_no_port" })
	},
	{ "rfc5382_req8_hairpinning_works", "", ROWS(
		OUTBOUND(0, "SYN seq=1000"),
		{ 1, IN, "tcp 10.0.0.3:6 > " P " SYN seq=5", IN, "tcp 192.0.2.1:$q > " C " SYN seq=5", "hairpinned" },
		{ 2, IN, "tcp " C " > 192.0.2.1:$q SYN ACK seq=50 ack=6", IN, "tcp " P " > 10.0.0.3:6 SYN ACK seq=50 ack=6", "hairpinned" })
	},
	{ "rfc5382_req8a_hairpinned_peer_sees_the_external_source", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, IN, "tcp 10.0.0.2:5 > 198.51.100.9:80 SYN", OUT, "tcp $a:$q > 198.51.100.9:80 SYN", "" },
		{ 0, IN, "tcp 10.0.0.3:6 > 198.51.100.9:80 SYN", OUT, "tcp $b:$r > 198.51.100.9:80 SYN", "" },
		{ 1, IN, "tcp 10.0.0.3:6 > $a:$q SYN", IN, "tcp $b:$r > 10.0.0.2:5 SYN", "hairpinned mappings_made=0" })
	},
	{ "rfc5382_req9_every_code_of_unreachable_is_translated", "", ROWS(
		HANDSHAKE, UNREACHABLE(30, "0", "ACK seq=1001 ack=9001 win=65535"), UNREACHABLE(30, "1", "ACK seq=1001 cut=28"), UNREACHABLE(30, "3", "ACK seq=1001 cut=28"),
		UNREACHABLE(30, "9", "ACK seq=1001 cut=28"), UNREACHABLE(30, "10", "ACK seq=1001 cut=28"), UNREACHABLE(30, "13", "ACK seq=1001 cut=28"),
		{ 31, OUT, "icmp frag-needed 198.51.100.1 > 192.0.2.1 mtu=1280 [tcp " P " > " S " ACK seq=1001 df cut=28]",
			IN, "icmp frag-needed 198.51.100.1 > 10.0.0.2 mtu=1280 [tcp " C " > " S " ACK seq=1001 df cut=28]", "icmp_errors" })
	},
	{ "rfc5382_req10_icmp_ends_neither_mapping_nor_connection", "", ROWS(
		HANDSHAKE, UNREACHABLE(30, "1", "ACK seq=1001 cut=28"), UNREACHABLE(30, "2", "ACK seq=1001 cut=28"), UNREACHABLE(30, "3", "ACK seq=1001 cut=28"),
		{ 30, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=2 [tcp " S " > " C " SYN ACK seq=9000 cut=28]",
			OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=2 [tcp " S " > " P " SYN ACK seq=9000 cut=28]", "icmp_errors" },
		STATE(40, "state=ESTABLISHED left=7439980"), { 40, DO, "mappings 1", NONE, "", "" },
		INBOUND(7440019, "ACK seq=9001 ack=1001 win=65535 'still'"))
	},
};
/* clang-format on */

SUITE(rfc5382, cases);
