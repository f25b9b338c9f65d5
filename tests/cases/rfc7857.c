/* SPDX-License-Identifier: BSD-3-Clause
 *
 * RFC 7857, updates of RFC 4787, 5382 and 5508, by section.
 */
#include "table.h"

#define C "10.0.0.2:5000"
#define S "198.51.100.9:80"
#define P "192.0.2.1:$p"

/* clang-format off */
#define OUTBOUND(when, text) { when, IN, "tcp " C " > " S " " text, OUT, "tcp " P " > " S " " text, "" }
#define INBOUND(when, text) { when, OUT, "tcp " S " > " P " " text, IN, "tcp " S " > " C " " text, "" }
#define HANDSHAKE \
	OUTBOUND(0, "SYN seq=1000 win=65535"), INBOUND(10, "SYN ACK seq=9000 ack=1001 win=65535"), OUTBOUND(20, "ACK seq=1001 ack=9001 win=65535")
#define STATE(when, text) { when, DO, "sessions 1 " text, NONE, "", "" }
#define UDP(when) { when, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$u > 198.51.100.9:53", "" }

static const struct table_case cases[] = {
	{ "rfc7857_s2_states_of_rfc6146", "", ROWS(
		OUTBOUND(0, "SYN seq=1000 win=65535"), STATE(0, "state=SYN_OUT"), INBOUND(10, "SYN ACK seq=9000 ack=1001 win=65535"), STATE(10, "state=ESTABLISHED"),
		OUTBOUND(20, "FIN ACK seq=1001 ack=9001 win=65535"), STATE(20, "state=FIN_OUT"), INBOUND(30, "FIN ACK seq=9001 ack=1002 win=65535"), STATE(30, "state=FIN_BOTH"))
	},
	{ "rfc7857_s2_states_of_rfc6146_from_outside", "forward tcp 192.0.2.1:80 > 10.0.0.2:80", ROWS(
		{ 0, OUT, "tcp 198.51.100.9:5 > 192.0.2.1:80 SYN seq=1", IN, "tcp 198.51.100.9:5 > 10.0.0.2:80 SYN seq=1", "" }, STATE(0, "state=SYN_IN"),
		{ 1, IN, "tcp 10.0.0.2:80 > 198.51.100.9:5 SYN ACK seq=9 ack=2", OUT, "tcp 192.0.2.1:80 > 198.51.100.9:5 SYN ACK seq=9 ack=2", "" }, STATE(1, "state=ESTABLISHED"),
		{ 2, OUT, "tcp 198.51.100.9:5 > 192.0.2.1:80 FIN ACK seq=2 ack=10", IN, "tcp 198.51.100.9:5 > 10.0.0.2:80 FIN ACK seq=2 ack=10", "" }, STATE(2, "state=FIN_IN"))
	},
	{ "rfc7857_s2_1_opening_and_closing_have_a_timer_each_of_four_minutes", "", ROWS(
		OUTBOUND(0, "SYN seq=1000 win=65535"), STATE(0, "left=240000"), INBOUND(10, "SYN ACK seq=9000 ack=1001 win=65535"),
		OUTBOUND(20, "FIN ACK seq=1001 ack=9001 win=65535"), INBOUND(30, "FIN ACK seq=9001 ack=1002 win=65535"), STATE(30, "left=240000"))
	},
	{ "rfc7857_s2_1_opening_and_closing_times_are_set_apart", "timeout tcp-opening 250; timeout tcp-closing 300", ROWS(
		OUTBOUND(0, "SYN seq=1000 win=65535"), STATE(0, "left=250000"), INBOUND(10, "SYN ACK seq=9000 ack=1001 win=65535"), OUTBOUND(20, "RST seq=1001"), STATE(20, "left=300000"))
	},
	{ "rfc7857_s2_2_rst_is_translated_and_the_state_stays_four_minutes", "", ROWS(
		HANDSHAKE, INBOUND(1000, "RST ACK seq=9001 ack=1001"), STATE(1000, "state=TRANS left=240000"), INBOUND(240999, "RST ACK seq=9001 ack=1001"),
		{ 241001, OUT, "tcp " S " > " P " RST ACK seq=9001 ack=1001", NONE, "", "drop_no_mapping" })
	},
	{ "rfc7857_s2_2_packet_after_a_rst_takes_the_session_back", "", ROWS(
		HANDSHAKE, INBOUND(1000, "RST ACK seq=9001 ack=1001"), OUTBOUND(2000, "ACK seq=1001 ack=9001 win=65535 'x'"), STATE(2000, "state=ESTABLISHED left=7440000"))
	},
	{ "rfc7857_s2_2_forged_rst_changes_nothing", "", ROWS(
		HANDSHAKE, { 1000, OUT, "tcp " S " > " P " RST seq=2000000000", IN, "tcp " S " > " C " RST seq=2000000000", "tcp_out_of_window" }, STATE(1000, "state=ESTABLISHED left=7439020"))
	},
	{ "rfc7857_s3_ports_do_not_overlap_by_default", "pool 192.0.2.1 ports=2000-2001 tcp=apd udp=apd; workers 1; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:1 > 198.51.100.8:53", OUT, "udp 192.0.2.1:$b{!a} > 198.51.100.8:53", "" },
		{ 0, IN, "udp 10.0.0.4:1 > 198.51.100.7:53", NONE, "", "drop_no_port" })
	},
	{ "rfc7857_s4_pairing_is_by_subscriber_and_not_by_protocol", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" }, { 0, IN, "udp 10.0.0.3:1 > 198.51.100.9:53", OUT, "udp *:* > 198.51.100.9:53", "" },
		{ 0, IN, "tcp 10.0.0.2:1 > 198.51.100.9:53 SYN", OUT, "tcp $a:* > 198.51.100.9:53 SYN", "" }, { 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=1 seq=1", OUT, "icmp echo $a > 198.51.100.9 id=* seq=1", "" })
	},
	/* Section 4 leaves it open what happens when the address is full; here: no other address. */
	{ "rfc7857_s4_subscriber_of_a_full_address_is_refused_rather_than_split", "pool 203.0.113.1-203.0.113.2 ports=2000-2001; workers 1; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" }, { 0, IN, "udp 10.0.0.2:2 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:3 > 198.51.100.9:53", NONE, "", "drop_no_port" }, { 0, IN, "udp 10.0.0.3:3 > 198.51.100.9:53", OUT, "udp $b{!a}:* > 198.51.100.9:53", "" })
	},
	{ "rfc7857_s5_mappings_are_made_for_each_protocol", "", ROWS(
		UDP(0), { 0, DO, "mappings 1", NONE, "", "" },
		/* the same number of TCP is not open by that */
		{ 1, OUT, "tcp 198.51.100.9:53 > 192.0.2.1:$u SYN", NONE, "", "drop_no_mapping" },
		{ 2, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:53 SYN", OUT, "tcp 192.0.2.1:$t > 198.51.100.9:53 SYN", "mappings_made" }, { 2, DO, "mappings 2", NONE, "", "" })
	},
	{ "rfc7857_s6_filter_state_is_the_protocols_own", "pool 192.0.2.1 udp=ad tcp=ad", ROWS(
		UDP(0), OUTBOUND(0, "SYN"), { 0, IN, "tcp " C " > 203.0.113.7:7 SYN", OUT, "tcp " P " > 203.0.113.7:7 SYN", "" },
		/* TCP went to 203.0.113.7, UDP did not */
		{ 1, OUT, "tcp 203.0.113.7:8 > " P " SYN", IN, "tcp 203.0.113.7:8 > " C " SYN", "" }, { 1, OUT, "udp 203.0.113.7:7 > 192.0.2.1:$u", NONE, "", "drop_filtered" })
	},
	{ "rfc7857_s7_inbound_packets_do_not_hold_a_mapping_open", "", ROWS(
		UDP(0), { 200000, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$u", IN, "udp 203.0.113.7:1 > 10.0.0.2:5000", "" }, { 299999, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$u", IN, "udp 203.0.113.7:1 > 10.0.0.2:5000", "" },
		{ 300001, OUT, "udp 203.0.113.7:1 > 192.0.2.1:$u", NONE, "", "drop_no_mapping" })
	},
	{ "rfc7857_s7_1_outbound_icmp_error_does_not_refresh", "", ROWS(
		UDP(0), { 299000, IN, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000]",
			OUT, "icmp unreachable 192.0.2.1 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 192.0.2.1:$u]", "icmp_errors" },
		{ 299000, DO, "sessions 1 left=1000", NONE, "", "" })
	},
	{ "rfc7857_s7_1_outbound_rst_does_not_refresh", "", ROWS(
		HANDSHAKE, OUTBOUND(1000, "RST seq=1001"), STATE(1000, "left=240000"), OUTBOUND(100000, "RST seq=1001"), OUTBOUND(200000, "RST seq=1001"), STATE(200000, "left=41000"))
	},
	{ "rfc7857_s7_1_rst_answers_to_unsolicited_syns_do_not_hold_a_mapping_open", "", ROWS(
		OUTBOUND(0, "SYN seq=1000"),
		{ 100000, OUT, "tcp 203.0.113.7:7 > " P " SYN seq=5", IN, "tcp 203.0.113.7:7 > " C " SYN seq=5", "sessions_made" },
		{ 100001, IN, "tcp " C " > 203.0.113.7:7 RST ACK seq=0 ack=6", OUT, "tcp " P " > 203.0.113.7:7 RST ACK seq=0 ack=6", "" },
		{ 239000, OUT, "tcp 203.0.113.7:7 > " P " SYN seq=7", IN, "tcp 203.0.113.7:7 > " C " SYN seq=7", "sessions_made=0" },
		{ 239001, IN, "tcp " C " > 203.0.113.7:7 RST ACK seq=0 ack=8", OUT, "tcp " P " > 203.0.113.7:7 RST ACK seq=0 ack=8", "" },
		/* the inside's own SYN ends at 240000, and nothing that strangers do may outlive it */
		{ 345000, OUT, "tcp 203.0.113.7:7 > " P " SYN seq=9", NONE, "", "drop_no_mapping" })
	},
	{ "rfc7857_s9_ports_are_not_sequential", "workers 1; limit ports=0 sessions=0 rate=0", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a{!5000} > 198.51.100.9:53", "" },
		{ 0, DO, "repeat 3 in udp 10.0.0.2:#5001# > 198.51.100.9:53", ANY, "", "mappings_made=3" })
	},
	/* RFC 6864 section 5.3.1: ids of what may be fragmented are unique behind the shared address;
	 * those of atomic datagrams (DF, not fragmented) mean nothing. */
	{ "rfc7857_s10_fragments_of_two_subscribers_get_ids_of_their_own", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 mf data=16", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53 ipid=$i mf data=16", "" },
		{ 0, IN, "udp 10.0.0.3:5 > 198.51.100.9:53 ipid=7 mf data=16", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53 ipid=$j{!i} mf data=16", "" },
		{ 1, IN, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 'A'", OUT, "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=24 'A'", "" },
		{ 1, IN, "ip 10.0.0.3 > 198.51.100.9 proto=17 ipid=7 off=24 'B'", OUT, "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$j off=24 'B'", "" })
	},
	{ "rfc7857_s10_packets_that_are_cut_here_get_ids_of_their_own", "mtu outside 68", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 csum=0 data=48", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53 ipid=$i mf ulen=56 csum=0 ... + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=48 ...", "fragments_made" },
		{ 0, IN, "udp 10.0.0.3:5 > 198.51.100.9:53 ipid=7 csum=0 data=48", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53 ipid=$j{!i} mf ulen=56 csum=0 ... + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$j off=48 ...", "fragments_made" })
	},
	{ "rfc7857_s10_packets_that_others_may_cut_get_ids_of_their_own", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 'x'", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53 ipid=$i 'x'", "" },
		{ 0, IN, "udp 10.0.0.3:5 > 198.51.100.9:53 ipid=7 'x'", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53 ipid=$j{!i} 'x'", "" })
	},
	{ "rfc7857_s10_atomic_packets_keep_their_id", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 df 'x'", OUT, "udp 192.0.2.1:$a > 198.51.100.9:53 ipid=7 df 'x'", "" })
	},
	{ "rfc7857_s11_query_mapping_ends_with_its_last_session", "", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1", "" },
		{ 30000, IN, "icmp echo 10.0.0.2 > 203.0.113.7 id=7 seq=1", OUT, "icmp echo 192.0.2.1 > 203.0.113.7 id=$i seq=1", "mappings_made=0" },
		{ 61000, DO, "poll 50", NONE, "", "" }, { 62000, DO, "poll 50", NONE, "", "" }, { 62000, DO, "mappings 1", NONE, "", "" },
		{ 91000, DO, "poll 50", NONE, "", "" }, { 92000, DO, "poll 50", NONE, "", "" }, { 92000, DO, "mappings 0", NONE, "", "" })
	},
	{ "rfc7857_s12_hairpinned_query_reaches_the_host_and_is_answered", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1", OUT, "icmp echo $a > 198.51.100.9 id=$i seq=1", "" },
		{ 1, IN, "icmp echo 10.0.0.3 > $a id=$i seq=1 'hi'", IN, "icmp echo $b > 10.0.0.2 id=7 seq=1 'hi'", "hairpinned" },
		{ 2, IN, "icmp echo-reply 10.0.0.2 > $b id=7 seq=1 'hi'", IN, "icmp echo-reply $a > 10.0.0.3 id=$i seq=1 'hi'", "hairpinned" })
	},
};
/* clang-format on */

SUITE(rfc7857, cases);
