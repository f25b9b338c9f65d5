/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the tests of other implementations ask of a TCP state machine (VPP nat44-ed rows 34,
 * 35, 48-54, 60 and 61; the kernel's inexact_rst, rst_invalid, syn_challenge_ack and
 * synack_reuse), each where it can still fail after tcp.c and rfc5382.c.
 */
#include "table.h"

#define C "10.0.0.2:5000"
#define S "198.51.100.9:80"
#define P "192.0.2.1:$p"

/* clang-format off */
#define OUTBOUND(when, text) { when, IN, "tcp " C " > " S " " text, OUT, "tcp " P " > " S " " text, "" }
#define INBOUND(when, text) { when, OUT, "tcp " S " > " P " " text, IN, "tcp " S " > " C " " text, "" }
#define STRAY_IN(when, text) { when, OUT, "tcp " S " > " P " " text, IN, "tcp " S " > " C " " text, "tcp_out_of_window" }
#define STRAY_OUT(when, text) { when, IN, "tcp " C " > " S " " text, OUT, "tcp " P " > " S " " text, "tcp_out_of_window" }
#define HANDSHAKE \
	OUTBOUND(0, "SYN seq=1000 win=1000"), INBOUND(10, "SYN ACK seq=9000 ack=1001 win=2000"), \
	OUTBOUND(20, "ACK seq=1001 ack=9001 win=1000")
#define CLOSED \
	HANDSHAKE, OUTBOUND(100, "FIN ACK seq=1001 ack=9001 win=1000"), INBOUND(110, "ACK seq=9001 ack=1002 win=2000"), \
	INBOUND(120, "FIN ACK seq=9001 ack=1002 win=2000"), OUTBOUND(130, "ACK seq=1002 ack=9002 win=1000")
#define STATE(when, text) { when, DO, "sessions 1 " text, NONE, "", "" }
#define GONE(when) \
	{ when, OUT, "tcp " S " > " P " ACK seq=9002 ack=1002", NONE, "", "drop_no_mapping" }, \
	{ when, IN, "tcp " C " > " S " ACK seq=1002 ack=9002", NONE, "", "drop_no_state" }, \
	{ when, DO, "poll 50", NONE, "", "" }, { when + 1000, DO, "poll 50", NONE, "", "" }, { when + 1000, DO, "sessions 0", NONE, "", "" }

static const struct table_case cases[] = {
	{ "peer34_rst_in_a_half_open_session_ends_it_after_the_opening_time", "", ROWS(
		OUTBOUND(0, "SYN seq=1000"), INBOUND(10, "RST ACK seq=0 ack=1001"), GONE(240001))
	},
	{ "peer34_syn_reopens_after_a_rst_in_a_half_open_session", "", ROWS(
		OUTBOUND(0, "SYN seq=1000"), INBOUND(10, "RST ACK seq=0 ack=1001"),
		OUTBOUND(1000, "SYN seq=500000"), INBOUND(1010, "SYN ACK seq=9000 ack=500001"), OUTBOUND(1020, "ACK seq=500001 ack=9001"),
		STATE(1020, "state=ESTABLISHED left=7440000"))
	},
	{ "peer35_established_session_outlives_the_transitory_time_and_a_rst_ends_it", "", ROWS(
		HANDSHAKE, INBOUND(600000, "ACK seq=9001 ack=1001 win=2000 'x'"), OUTBOUND(600010, "RST seq=1001"), STATE(600010, "state=TRANS left=240000"), GONE(840011))
	},
	{ "peer35_data_of_either_end_after_a_rst_restores", "", ROWS(
		HANDSHAKE, OUTBOUND(100, "RST seq=1001"), STATE(100, "state=TRANS"), INBOUND(200, "ACK seq=9001 ack=1001 win=2000 'x'"), STATE(200, "state=ESTABLISHED left=7440000"))
	},
	{ "peer48_late_packet_does_not_resurrect_a_closed_session", "", ROWS(
		CLOSED, STATE(130, "state=FIN_BOTH"), INBOUND(200000, "ACK seq=9002 ack=1002 win=2000"), OUTBOUND(230000, "ACK seq=1002 ack=9002 win=1000"),
		STATE(230000, "state=FIN_BOTH left=10120"), GONE(240121))
	},
	{ "peer49_close_from_inside_then_data_is_dropped", "", ROWS(CLOSED, GONE(240121)) },
	{ "peer50_close_from_outside_then_data_is_dropped", "", ROWS(
		HANDSHAKE, INBOUND(100, "FIN ACK seq=9001 ack=1001 win=2000"), OUTBOUND(110, "ACK seq=1001 ack=9002 win=1000"),
		OUTBOUND(120, "FIN ACK seq=1001 ack=9002 win=1000"), INBOUND(130, "ACK seq=9002 ack=1002 win=2000"), STATE(130, "state=FIN_BOTH left=239990"), GONE(240121))
	},
	{ "peer51_crossing_fins_then_data_is_dropped", "", ROWS(
		HANDSHAKE, OUTBOUND(120, "FIN ACK seq=1001 ack=9001 win=1000"), INBOUND(120, "FIN ACK seq=9001 ack=1001 win=2000"),
		OUTBOUND(130, "ACK seq=1002 ack=9002 win=1000"), INBOUND(130, "ACK seq=9002 ack=1002 win=2000"), GONE(240121))
	},
	{ "peer51_retransmitted_fins_do_not_prolong", "", ROWS(
		CLOSED, OUTBOUND(1000, "FIN ACK seq=1001 ack=9002 win=1000"), INBOUND(60000, "FIN ACK seq=9001 ack=1002 win=2000"), STATE(60000, "state=FIN_BOTH left=180120"))
	},
	{ "peer52_inside_syn_alone_does_not_reopen", "", ROWS(
		CLOSED, OUTBOUND(200, "SYN seq=500000 win=1000"), OUTBOUND(1200, "SYN seq=500000 win=1000"), STATE(1200, "state=FIN_BOTH left=238920"))
	},
	{ "peer53_outside_syn_alone_does_not_reopen", "", ROWS(
		CLOSED, INBOUND(200, "SYN seq=500000 win=1000"), INBOUND(1200, "SYN seq=500000 win=1000"), STATE(1200, "state=FIN_BOTH left=238920"))
	},
	{ "peer54_syn_of_both_ends_reopens", "", ROWS(
		CLOSED, OUTBOUND(200, "SYN seq=500000 win=1000"), INBOUND(210, "SYN ACK seq=700000 ack=500001 win=2000"), OUTBOUND(220, "ACK seq=500001 ack=700001 win=1000"),
		STATE(220, "state=ESTABLISHED left=7440000"),
		/* and the old numbers mean nothing any more */
		STRAY_IN(230, "RST seq=9002"), STATE(230, "state=ESTABLISHED"), INBOUND(240, "RST seq=700001"), STATE(240, "state=TRANS"))
	},
	{ "peer54_reopened_from_outside", "", ROWS(
		CLOSED, INBOUND(200, "SYN seq=700000 win=2000"), OUTBOUND(210, "SYN ACK seq=500000 ack=700001 win=1000"), STATE(210, "state=ESTABLISHED left=7440000"))
	},
	{ "peer60_lost_syn_ack_or_ack_is_made_good", "", ROWS(
		OUTBOUND(0, "SYN seq=1000"), OUTBOUND(1000, "SYN seq=1000"), INBOUND(1010, "SYN ACK seq=9000 ack=1001"), INBOUND(2010, "SYN ACK seq=9000 ack=1001"),
		OUTBOUND(2020, "ACK seq=1001 ack=9001"), OUTBOUND(2030, "ACK seq=1001 ack=9001 'x'"), STATE(2030, "state=ESTABLISHED left=7440000"))
	},
	{ "peer61_repeated_syn_ack_after_data_keeps_the_session", "", ROWS(
		HANDSHAKE, OUTBOUND(30, "PSH ACK seq=1001 ack=9001 win=1000 'GET'"), INBOUND(1000, "SYN ACK seq=9000 ack=1001 win=2000"), STATE(1000, "state=ESTABLISHED"),
		OUTBOUND(1010, "ACK seq=1004 ack=9001 win=1000"), INBOUND(1020, "ACK seq=9001 ack=1004 win=2000 'OK'"), INBOUND(1030, "RST seq=9003"), STATE(1030, "state=TRANS"))
	},
	{ "ports_are_used_again_after_time_wait_and_the_session_is_new", "timeout port-rest 0", ROWS(
		CLOSED, { 240121, IN, "tcp " C " > " S " SYN seq=500000", OUT, "tcp 192.0.2.1:* > " S " SYN seq=500000", "sessions_made" }, STATE(240121, "state=SYN_OUT left=240000 packets=1/0"))
	},
	{ "port_of_a_closed_session_is_kept_while_another_session_holds_the_mapping", "", ROWS(
		CLOSED, { 200000, IN, "tcp " C " > 203.0.113.7:80 SYN", OUT, "tcp " P " > 203.0.113.7:80 SYN", "" },
		{ 240121, IN, "tcp " C " > " S " SYN seq=500000", OUT, "tcp " P " > " S " SYN seq=500000", "sessions_made mappings_made=0" })
	},
	/* ---- the window, to the byte: the client may send up to 3001, the server up to 10001 ---- */
	{ "rst_at_the_edges_of_the_window_counts_and_beyond_does_not", "", ROWS(
		HANDSHAKE,
		STRAY_IN(30, "RST seq=10002"), STATE(30, "state=ESTABLISHED"),
		STRAY_IN(31, "RST seq=7999"), STATE(31, "state=ESTABLISHED"), /* more than a window before */
		INBOUND(32, "RST seq=10001"), STATE(32, "state=TRANS"), OUTBOUND(33, "ACK seq=1001 ack=9001 win=1000 'x'"), STATE(33, "state=ESTABLISHED"),
		STRAY_OUT(34, "RST seq=3002"), STATE(34, "state=ESTABLISHED"), OUTBOUND(35, "RST seq=3001"), STATE(35, "state=TRANS"))
	},
	{ "fin_beyond_the_window_counts_not_and_within_does", "", ROWS(
		HANDSHAKE, STRAY_IN(30, "FIN ACK seq=10002 ack=1001"), STRAY_IN(30, "FIN ACK seq=5000 ack=1001"), STRAY_OUT(31, "FIN ACK seq=3002 ack=9001"), STATE(31, "state=ESTABLISHED"),
		INBOUND(32, "FIN ACK seq=9001 ack=1001 win=2000"), STATE(32, "state=FIN_IN"))
	},
	{ "rst_that_acknowledges_what_was_never_sent_counts_not", "", ROWS(
		HANDSHAKE, STRAY_IN(30, "RST ACK seq=9001 ack=1002"), STRAY_IN(30, "RST ACK seq=9001 ack=2000000000"), STATE(30, "state=ESTABLISHED"))
	},
	{ "forged_data_beyond_the_window_does_not_move_it", "", ROWS(
		HANDSHAKE, INBOUND(30, "ACK seq=3000000000 ack=1001 win=2000 'forged'"), STRAY_IN(31, "RST seq=3000000006"), INBOUND(32, "RST seq=9001"), STATE(32, "state=TRANS"))
	},
	{ "data_out_of_the_window_after_a_rst_does_not_restore", "", ROWS(
		HANDSHAKE, INBOUND(100, "RST seq=9001"), INBOUND(200, "ACK seq=3000000000 ack=1001 'forged'"), STATE(200, "state=TRANS left=239900"))
	},
	{ "rst_answering_a_rst_does_not_restore", "", ROWS(
		HANDSHAKE, INBOUND(100, "RST seq=9001"), OUTBOUND(200, "RST seq=1001"), STATE(200, "state=TRANS left=239900"))
	},
	{ "syn_of_a_client_that_lost_its_memory_is_settled_by_the_ends", "", ROWS( /* RFC 5961 section 4 */
		HANDSHAKE, OUTBOUND(1000, "SYN seq=800000 win=1000"), INBOUND(1010, "ACK seq=9001 ack=1001 win=2000"), OUTBOUND(1020, "RST seq=1001"), STATE(1020, "state=TRANS"),
		OUTBOUND(2000, "SYN seq=800000 win=1000"), INBOUND(2010, "SYN ACK seq=700000 ack=800001 win=2000"), OUTBOUND(2020, "ACK seq=800001 ack=700001 win=1000"),
		STATE(2020, "state=ESTABLISHED left=7440000"))
	},
	/* A guessed or late SYN-ACK must not set the server's numbers, or the true RST and FIN are taken for strays. */
	{ "syn_ack_that_answers_no_syn_of_ours_does_not_open", "", ROWS(
		OUTBOUND(0, "SYN seq=1000 win=1000"), INBOUND(5, "SYN ACK seq=4000000000 ack=777 win=2000"), STATE(5, "state=SYN_OUT"),
		INBOUND(10, "SYN ACK seq=9000 ack=1001 win=2000"), OUTBOUND(20, "ACK seq=1001 ack=9001 win=1000"), STATE(20, "state=ESTABLISHED"),
		INBOUND(30, "FIN ACK seq=9001 ack=1001 win=2000"), STATE(30, "state=FIN_IN"))
	},
	{ "half_closed_from_outside_lives_on_for_hours", "", ROWS(
		HANDSHAKE, INBOUND(100, "FIN ACK seq=9001 ack=1001 win=2000"), OUTBOUND(3600000, "ACK seq=1001 ack=9002 win=1000 'one'"),
		INBOUND(7200000, "ACK seq=9002 ack=1004 win=2000"), OUTBOUND(14000000, "ACK seq=1004 ack=9002 win=1000 'two'"), STATE(14000000, "state=FIN_IN left=7440000"))
	},
	{ "half_closed_connection_that_is_reset_ends_in_the_closing_time", "", ROWS(
		HANDSHAKE, OUTBOUND(100, "FIN ACK seq=1001 ack=9001 win=1000"), INBOUND(110, "RST seq=9001"), STATE(110, "state=TRANS left=240000"))
	},
	{ "zero_window_probe_and_keepalive_stay_inside", "", ROWS(
		HANDSHAKE, OUTBOUND(30, "ACK seq=1001 ack=9001 win=0"), INBOUND(40, "ACK seq=9001 ack=1001 win=2000 'p'"),
		INBOUND(50, "ACK seq=9000 ack=1001 win=2000"), /* keep-alive: one before */
		INBOUND(60, "RST seq=9001"), STATE(60, "state=TRANS"))
	},
};
/* clang-format on */

SUITE(peer_tcp, cases);
