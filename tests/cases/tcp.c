/* SPDX-License-Identifier: BSD-3-Clause
 *
 * TCP through the gateway: states and timers of RFC 5382, 6146 and 7857, and what a
 * forged segment must not do.
 */
#include "table.h"

#define C "10.0.0.2:5000"
#define S "198.51.100.9:80"
#define P "192.0.2.1:$p"

/* clang-format off */
#define HANDSHAKE \
	{ 0, IN, "tcp " C " > " S " SYN seq=1000 win=65535 mss=1460", \
		OUT, "tcp " P " > " S " SYN seq=1000 win=65535 mss=1460", "sessions_made" }, \
	{ 10, OUT, "tcp " S " > " P " SYN ACK seq=9000 ack=1001 win=65535 mss=1400", \
		IN, "tcp " S " > " C " SYN ACK seq=9000 ack=1001 win=65535 mss=1400", "flow_hits" }, \
	{ 20, IN, "tcp " C " > " S " ACK seq=1001 ack=9001 win=65535", \
		OUT, "tcp " P " > " S " ACK seq=1001 ack=9001 win=65535", "flow_hits" }

#define TO_SERVER(when, text) { when, IN, "tcp " C " > " S " " text, OUT, "tcp " P " > " S " " text, "" }
#define TO_CLIENT(when, text) { when, OUT, "tcp " S " > " P " " text, IN, "tcp " S " > " C " " text, "" }
#define STATE(when, text) { when, DO, "sessions 1 " text, NONE, "", "" }

static const struct table_case cases[] = {
	{ "handshake_and_data_are_translated", "", ROWS(
		HANDSHAKE,
		STATE(20, "state=ESTABLISHED left=7440000 packets=2/1"),
		TO_SERVER(30, "PSH ACK seq=1001 ack=9001 win=65535 'GET /'"),
		TO_CLIENT(40, "ACK seq=9001 ack=1006 win=65535 data=1400"),
		TO_SERVER(50, "ACK seq=1006 ack=10401 win=65535"),
		STATE(50, "state=ESTABLISHED left=7440000"))
	},
	{ "options_ecn_and_urgent_data_are_kept", "", ROWS(
		TO_SERVER(0, "SYN ECE CWR seq=1 tcpopt=020405b40402080a000000010000000001030307"),
		TO_CLIENT(1, "SYN ACK ECE seq=9 ack=2 tcpopt=020405b40402080a0000000200000001"),
		TO_SERVER(2, "ACK URG PSH seq=2 ack=10 urgent=1 res=1 tcpopt=0101080a0000000300000002 '!'"))
	},
	{ "syn_alone_lives_for_the_opening_time", "", ROWS(
		TO_SERVER(0, "SYN seq=1000"),
		STATE(0, "state=SYN_OUT left=240000"),
		TO_CLIENT(239999, "SYN ACK seq=9000 ack=1001"))
	},
	{ "syn_ack_after_the_opening_time_is_dropped", "", ROWS(
		TO_SERVER(0, "SYN seq=1000"),
		{ 240001, OUT, "tcp " S " > " P " SYN ACK seq=9000 ack=1001", NONE, "", "drop_no_mapping" })
	},
	{ "opening_time_is_configurable", "timeout tcp-opening 300", ROWS(
		TO_SERVER(0, "SYN seq=1000"),
		TO_CLIENT(299999, "SYN ACK seq=9000 ack=1001"))
	},
	{ "syn_retransmits_pass", "", ROWS(
		TO_SERVER(0, "SYN seq=1000"),
		TO_SERVER(1000, "SYN seq=1000"),
		TO_SERVER(3000, "SYN seq=1000"),
		TO_CLIENT(3100, "SYN ACK seq=9000 ack=1001"),
		TO_CLIENT(4100, "SYN ACK seq=9000 ack=1001"),
		TO_SERVER(4200, "ACK seq=1001 ack=9001"),
		STATE(4200, "state=ESTABLISHED left=7440000"))
	},
	{ "late_syn_ack_in_an_open_connection_passes_and_changes_nothing", "", ROWS(
		HANDSHAKE,
		TO_SERVER(30, "ACK seq=1001 ack=9001 win=65535 'data'"),
		TO_CLIENT(1000, "SYN ACK seq=9000 ack=1001 win=65535"),
		STATE(1000, "state=ESTABLISHED"))
	},
	{ "established_connection_lives_idle_for_two_hours_and_four_minutes", "", ROWS(
		HANDSHAKE,
		{ 7440019, OUT, "tcp " S " > " P " ACK seq=9001 ack=1001 win=65535 'still'",
			IN, "tcp " S " > " C " ACK seq=9001 ack=1001 win=65535 'still'", "flow_hits" })
	},
	{ "established_connection_ends_after_two_hours_and_four_minutes", "", ROWS(
		HANDSHAKE,
		{ 7440021, OUT, "tcp " S " > " P " ACK seq=9001 ack=1001 'late'", NONE, "", "drop_no_mapping" },
		{ 7440022, IN, "tcp " C " > " S " ACK seq=1001 ack=9001 'late'", NONE, "", "drop_no_state" })
	},
	{ "inside_segment_without_session_is_dropped", "", ROWS(
		{ 0, IN, "tcp " C " > " S " ACK seq=1 ack=1 'x'", NONE, "", "drop_no_state" },
		{ 0, IN, "tcp " C " > " S " RST seq=1", NONE, "", "drop_no_state" },
		{ 0, IN, "tcp " C " > " S " FIN ACK seq=1", NONE, "", "drop_no_state" },
		{ 0, IN, "tcp " C " > " S " SYN ACK seq=1 ack=1", NONE, "", "drop_no_state" },
		{ 0, IN, "tcp " C " > " S " SYN RST seq=1", NONE, "", "drop_no_state" },
		{ 0, DO, "sessions 0", NONE, "", "" })
	},
	{ "outside_segment_without_session_is_dropped", "", ROWS(
		TO_SERVER(0, "SYN seq=1000"),
		{ 1, OUT, "tcp 203.0.113.7:80 > " P " ACK seq=1 ack=1 'x'", NONE, "", "drop_no_state" },
		{ 1, OUT, "tcp 203.0.113.7:80 > " P " RST seq=1", NONE, "", "drop_no_state" },
		{ 1, DO, "sessions 1", NONE, "", "" })
	},
	{ "mapping_is_endpoint_independent", "", ROWS(
		TO_SERVER(0, "SYN seq=1000"),
		{ 1, IN, "tcp " C " > 203.0.113.7:443 SYN seq=5", OUT, "tcp " P " > 203.0.113.7:443 SYN seq=5",
			"mappings_made=0 sessions_made" })
	},
	{ "syn_from_outside_to_a_mapping_opens_when_filtering_allows", "", ROWS(
		TO_SERVER(0, "SYN seq=1000"),
		{ 1, OUT, "tcp 203.0.113.7:80 > " P " SYN seq=7", IN, "tcp 203.0.113.7:80 > " C " SYN seq=7", "sessions_made" },
		{ 1, DO, "sessions 1 rem=203.0.113.7 state=SYN_IN inbound=1", NONE, "", "" },
		{ 2, IN, "tcp " C " > 203.0.113.7:80 SYN ACK seq=70 ack=8", OUT, "tcp " P " > 203.0.113.7:80 SYN ACK seq=70 ack=8", "" },
		{ 3, OUT, "tcp 203.0.113.7:80 > " P " ACK seq=8 ack=71", IN, "tcp 203.0.113.7:80 > " C " ACK seq=8 ack=71", "" },
		{ 3, DO, "sessions 1 rem=203.0.113.7 state=ESTABLISHED left=7440000", NONE, "", "" })
	},
	{ "syn_from_outside_is_silent_without_a_mapping", "", ROWS(
		{ 0, OUT, "tcp 203.0.113.7:80 > 192.0.2.1:5000 SYN seq=7", NONE, "",
			"drop_no_mapping=*  icmp_made=0" })
	},
	{ "tcp_filter_may_differ_from_udp", "pool 192.0.2.1 tcp=apd udp=ei", ROWS(
		TO_SERVER(0, "SYN seq=1000"),
		{ 1, OUT, "tcp 203.0.113.7:80 > " P " SYN seq=7", NONE, "", "drop_filtered=* " },
		{ 2, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$u > 198.51.100.9:53", "" },
		{ 3, OUT, "udp 203.0.113.7:53 > 192.0.2.1:$u", IN, "udp 203.0.113.7:53 > 10.0.0.2:5000", "" })
	},
	{ "simultaneous_open_establishes", "", ROWS(
		TO_SERVER(0, "SYN seq=1000"),
		TO_CLIENT(1, "SYN seq=9000"),
		TO_SERVER(2, "SYN ACK seq=1000 ack=9001"),
		TO_CLIENT(3, "SYN ACK seq=9000 ack=1001"),
		TO_SERVER(4, "ACK seq=1001 ack=9001 'x'"),
		STATE(4, "state=ESTABLISHED left=7440000"))
	},
	{ "close_from_inside_frees_after_the_closing_time", "", ROWS(
		HANDSHAKE,
		TO_SERVER(100, "FIN ACK seq=1001 ack=9001 win=65535"),
		STATE(100, "state=FIN_OUT left=7440000"),
		TO_CLIENT(110, "ACK seq=9001 ack=1002 win=65535"),
		TO_CLIENT(200, "FIN ACK seq=9001 ack=1002 win=65535"),
		STATE(200, "state=FIN_BOTH left=240000"),
		TO_SERVER(210, "ACK seq=1002 ack=9002 win=65535"),
		TO_CLIENT(240199, "ACK seq=9002 ack=1002 win=65535"),
		{ 240201, OUT, "tcp " S " > " P " ACK seq=9002 ack=1002 win=65535", NONE, "", "drop_no_mapping" },
		{ 240202, IN, "tcp " C " > " S " ACK seq=1002 ack=9002 win=65535", NONE, "", "drop_no_state" },
		{ 240202, DO, "poll 20", NONE, "", "" })
	},
	{ "close_from_outside_frees_after_the_closing_time", "timeout tcp-closing 300", ROWS(
		HANDSHAKE,
		TO_CLIENT(100, "FIN ACK seq=9001 ack=1001 win=65535"),
		STATE(100, "state=FIN_IN left=7440000"),
		TO_SERVER(200, "FIN ACK seq=1001 ack=9002 win=65535"),
		STATE(200, "state=FIN_BOTH left=300000"),
		TO_CLIENT(300199, "ACK seq=9002 ack=1002 win=65535"),
		{ 300201, OUT, "tcp " S " > " P " ACK seq=9002 ack=1002 win=65535", NONE, "", "drop_no_mapping" })
	},
	{ "crossing_fins_close", "", ROWS(
		HANDSHAKE,
		TO_SERVER(100, "FIN ACK seq=1001 ack=9001 win=65535"),
		TO_CLIENT(100, "FIN ACK seq=9001 ack=1001 win=65535"),
		TO_SERVER(110, "ACK seq=1002 ack=9002 win=65535"),
		TO_CLIENT(110, "ACK seq=9002 ack=1002 win=65535"),
		STATE(110, "state=FIN_BOTH left=239990"))
	},
	{ "half_closed_connection_goes_on_for_hours", "", ROWS(
		HANDSHAKE,
		TO_SERVER(100, "FIN ACK seq=1001 ack=9001 win=65535"),
		TO_CLIENT(3600000, "ACK seq=9001 ack=1002 win=65535 'one'"),
		TO_SERVER(3600010, "ACK seq=1002 ack=9004 win=65535"),
		TO_CLIENT(11000000, "ACK seq=9004 ack=1002 win=65535 'two'"),
		STATE(11000000, "state=FIN_OUT left=7440000"))
	},
	{ "rst_in_the_window_shortens_to_the_closing_time", "", ROWS(
		HANDSHAKE,
		TO_CLIENT(100, "RST ACK seq=9001 ack=1001"),
		STATE(100, "state=TRANS left=240000"),
		{ 240101, OUT, "tcp " S " > " P " ACK seq=9001 ack=1001 win=65535", NONE, "", "drop_no_mapping" })
	},
	{ "data_after_a_rst_restores_the_connection", "", ROWS(
		HANDSHAKE,
		TO_CLIENT(100, "RST ACK seq=9001 ack=1001"),
		TO_SERVER(200, "ACK seq=1001 ack=9001 win=65535 'alive'"),
		STATE(200, "state=ESTABLISHED left=7440000"))
	},
	{ "rst_outside_the_window_changes_nothing", "", ROWS(
		HANDSHAKE,
		{ 100, OUT, "tcp " S " > " P " RST seq=200000", IN, "tcp " S " > " C " RST seq=200000", "tcp_out_of_window" },
		{ 100, OUT, "tcp " S " > " P " RST seq=4294000000", IN, "tcp " S " > " C " RST seq=4294000000", "tcp_out_of_window" },
		{ 100, IN, "tcp " C " > " S " RST seq=2000000000", OUT, "tcp " P " > " S " RST seq=2000000000", "tcp_out_of_window" },
		STATE(100, "state=ESTABLISHED left=7439920"))
	},
	{ "fin_outside_the_window_changes_nothing", "", ROWS(
		HANDSHAKE,
		{ 100, OUT, "tcp " S " > " P " FIN ACK seq=200000 ack=1001", IN, "tcp " S " > " C " FIN ACK seq=200000 ack=1001", "tcp_out_of_window" },
		STATE(100, "state=ESTABLISHED"))
	},
	{ "rst_of_a_refused_connection_shortens_nothing_for_others", "", ROWS(
		HANDSHAKE,
		{ 50, IN, "tcp " C " > 203.0.113.7:80 SYN seq=5", OUT, "tcp " P " > 203.0.113.7:80 SYN seq=5", "" },
		{ 60, OUT, "tcp 203.0.113.7:80 > " P " RST ACK seq=0 ack=6", IN, "tcp 203.0.113.7:80 > " C " RST ACK seq=0 ack=6", "" },
		{ 300060, DO, "poll 50", NONE, "", "" },
		{ 300060, DO, "sessions 1", NONE, "", "" },
		{ 300060, DO, "sessions 1 rem=198.51.100.9 state=ESTABLISHED", NONE, "", "" },
		TO_CLIENT(300060, "ACK seq=9001 ack=1001 win=65535 'x'"))
	},
	{ "closed_ports_are_not_reopened_by_one_end_alone", "", ROWS(
		HANDSHAKE,
		TO_SERVER(100, "FIN ACK seq=1001 ack=9001 win=65535"),
		TO_CLIENT(100, "FIN ACK seq=9001 ack=1002 win=65535"),
		TO_CLIENT(200, "SYN seq=99000"),
		STATE(200, "state=FIN_BOTH"),
		{ 240101, OUT, "tcp " S " > " P " SYN seq=99000", NONE, "", "drop_no_mapping=* " })
	},
	{ "ports_are_used_again_after_a_close", "", ROWS(
		HANDSHAKE,
		TO_SERVER(100, "FIN ACK seq=1001 ack=9001 win=65535"),
		TO_CLIENT(100, "FIN ACK seq=9001 ack=1002 win=65535"),
		TO_SERVER(200, "SYN seq=500000 win=65535"),
		STATE(200, "state=FIN_BOTH"),
		TO_CLIENT(210, "SYN ACK seq=700000 ack=500001 win=65535"),
		STATE(210, "state=ESTABLISHED left=7440000"),
		TO_SERVER(220, "ACK seq=500001 ack=700001 win=65535 'again'"))
	},
	{ "window_scale_is_followed", "", ROWS(
		{ 0, IN, "tcp " C " > " S " SYN seq=1000 win=65535 tcpopt=01030307", OUT, "tcp " P " > " S " SYN seq=1000 win=65535 tcpopt=01030307", "" },
		{ 1, OUT, "tcp " S " > " P " SYN ACK seq=9000 ack=1001 win=65535 tcpopt=01030307", IN, "tcp " S " > " C " SYN ACK seq=9000 ack=1001 win=65535 tcpopt=01030307", "" },
		TO_SERVER(2, "ACK seq=1001 ack=9001 win=65535"),
		/* 65535 << 7 is allowed now: beyond the unscaled window, inside the scaled one */
		{ 3, OUT, "tcp " S " > " P " RST seq=1009001", IN, "tcp " S " > " C " RST seq=1009001", "tcp_out_of_window=0" },
		STATE(3, "state=TRANS"))
	},
	{ "checksum_wrong_stays_wrong", "", ROWS(
		TO_SERVER(0, "SYN seq=1000 badcsum"))
	},
	{ "sequence_numbers_wrap", "", ROWS(
		TO_SERVER(0, "SYN seq=4294967290 win=65535"),
		TO_CLIENT(1, "SYN ACK seq=4294967295 ack=4294967291 win=65535"),
		TO_SERVER(2, "ACK seq=4294967291 ack=0 win=65535 data=1000"),
		TO_CLIENT(3, "ACK seq=0 ack=995 win=65535 data=1000"),
		{ 4, OUT, "tcp " S " > " P " RST seq=1000", IN, "tcp " S " > " C " RST seq=1000", "tcp_out_of_window=0" },
		STATE(4, "state=TRANS"))
	},
};
/* clang-format on */

SUITE(tcp, cases);
