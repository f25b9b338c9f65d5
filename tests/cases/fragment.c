/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv4 fragments: each is translated by itself with the ports of the first one; those
 * that come before it wait; overlap kills a datagram whole (RFC 4787 REQ-14, RFC 5722,
 * RFC 1858). What a receiver makes of thousands of generated datagrams, and floods, are in
 * test_fragments.c.
 */
#include "table.h"

/* clang-format off */
#define HEX16 "00112233445566778899aabbccddeeff"
#define F1 "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 mf data=16"
#define F2 "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 mf hex=" HEX16
#define F3 "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=40 'rest'"
#define T1 "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i mf data=16"
#define T2 "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=24 mf hex=" HEX16
#define T3 "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=40 'rest'"
/* The same from outside, to the endpoint that OPEN has mapped. */
#define OPEN { 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" }
#define R1 "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 mf data=16"
#define R2 "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 mf hex=" HEX16
#define R3 "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=40 'rest'"
#define U1 "udp 198.51.100.9:53 > 10.0.0.2:5 ipid=$r mf data=16"
#define U2 "ip 198.51.100.9 > 10.0.0.2 proto=17 ipid=$r off=24 mf hex=" HEX16
#define U3 "ip 198.51.100.9 > 10.0.0.2 proto=17 ipid=$r off=40 'rest'"
#define HELD(when, side, packet) { when, side, packet, NONE, "", "fragments_held" }
#define DROPPED(when, side, packet, counter) { when, side, packet, NONE, "", counter }
/* A later fragment of F1's datagram. */
#define LATER(tail) "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 " tail

static const struct table_case cases[] = {
	{ "fragments_in_order_are_translated_one_by_one", "", ROWS(
		{ 0, IN, F1, OUT, T1, "sessions_made" },
		{ 1, IN, F2, OUT, T2, "" },
		{ 2, IN, F3, OUT, T3, "" },
		{ 2, DO, "sessions 1 packets=3/0", NONE, "", "" })
	},
	{ "fragments_before_the_first_wait_for_it", "", ROWS(
		HELD(0, IN, F3), HELD(1, IN, F2),
		{ 2, IN, F1, OUT, T1 " + " T3 " + " T2, "sessions_made fragments_held_now=-2" })
	},
	{ "fragments_around_the_first_are_translated", "", ROWS(
		HELD(0, IN, F2),
		{ 1, IN, F1, OUT, T1 " + " T2, "sessions_made" },
		{ 2, IN, F3, OUT, T3, "" })
	},
	{ "whole_datagram_in_one_burst_is_translated", "", ROWS(
		{ 0, IN, F3 " + " F1 " + " F2, ANY, "", "tx_outside=3 sessions_made fragments_held_now=0" },
		{ 1, IN, "@0 " F1 " + " F2 " + " F3, ANY, "", "tx_outside=3 sessions_made=0" })
	},
	{ "fragments_from_outside_in_order_are_translated", "", ROWS(
		OPEN,
		{ 1, OUT, R1, IN, U1, "" }, { 2, OUT, R2, IN, U2, "" }, { 3, OUT, R3, IN, U3, "" },
		{ 3, DO, "sessions 1 packets=1/3", NONE, "", "" })
	},
	{ "fragments_from_outside_out_of_order_are_translated", "", ROWS(
		OPEN,
		HELD(1, OUT, R2), HELD(2, OUT, R3),
		{ 3, OUT, R1, IN, U1 " + " U2 " + " U3, "" })
	},
	{ "fragmented_echo_is_translated_both_ways", "", ROWS(
		HELD(0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=1 ipid=7 off=24 'tail'"),
		{ 1, IN, "icmp echo 10.0.0.2 > 198.51.100.9 ipid=7 mf id=77 seq=1 data=16",
			OUT, "icmp echo 192.0.2.1 > 198.51.100.9 ipid=$i mf id=$p seq=1 data=16 + ip 192.0.2.1 > 198.51.100.9 proto=1 ipid=$i off=24 'tail'", "sessions_made" },
		HELD(2, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=1 ipid=9 off=24 'tail'"),
		{ 3, OUT, "icmp echo-reply 198.51.100.9 > 192.0.2.1 ipid=9 mf id=$p seq=1 data=16",
			IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 ipid=$j mf id=77 seq=1 data=16 + ip 198.51.100.9 > 10.0.0.2 proto=1 ipid=$j off=24 'tail'", "" })
	},
	{ "fragmented_tcp_is_translated_both_ways", "", ROWS(
		{ 0, IN, "tcp 10.0.0.2:5 > 198.51.100.9:80 SYN seq=1 win=9000", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN seq=1 win=9000", "" },
		{ 1, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p SYN ACK seq=9 ack=2 win=9000", IN, "tcp 198.51.100.9:80 > 10.0.0.2:5 SYN ACK seq=9 ack=2 win=9000", "" },
		HELD(2, IN, "ip 10.0.0.2 > 198.51.100.9 proto=6 ipid=7 off=40 'tail'"),
		{ 3, IN, "tcp 10.0.0.2:5 > 198.51.100.9:80 ACK seq=2 ack=10 win=9000 ipid=7 mf data=20",
			OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 ACK seq=2 ack=10 win=9000 ipid=$i mf data=20 + ip 192.0.2.1 > 198.51.100.9 proto=6 ipid=$i off=40 'tail'", "" },
		HELD(4, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=6 ipid=3 off=40 'tail'"),
		{ 5, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:$p ACK seq=10 ack=26 win=9000 ipid=3 mf data=20",
			IN, "tcp 198.51.100.9:80 > 10.0.0.2:5 ACK seq=10 ack=26 win=9000 ipid=$j mf data=20 + ip 198.51.100.9 > 10.0.0.2 proto=6 ipid=$j off=40 'tail'", "" },
		{ 5, DO, "sessions 1 state=ESTABLISHED", NONE, "", "" })
	},
	{ "fragments_of_a_segment_with_df_keep_it", "", ROWS(
		{ 0, IN, F1 " df", OUT, T1 " df", "" }, { 1, IN, F2 " df", OUT, T2 " df", "" }, { 2, IN, F3 " df", OUT, T3 " df", "" })
	},
	{ "ip_options_of_fragments_are_kept", "", ROWS(
		HELD(0, IN, F3 " ipopt=94040000"),
		{ 1, IN, F1 " ipopt=94040000", OUT, T1 " ipopt=94040000 + " T3 " ipopt=94040000", "" })
	},
	{ "udp_checksum_of_zero_stays_zero_in_fragments", "", ROWS(
		{ 0, IN, F1 " csum=0", OUT, T1 " csum=0", "" }, { 1, IN, F3, OUT, T3, "" })
	},
	{ "hairpinned_fragments_are_translated_in_any_order", "", ROWS(
		{ 0, IN, "udp 10.0.0.3:6 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$s > 198.51.100.9:53", "" },
		{ 1, IN, "udp 10.0.0.2:5 > 192.0.2.1:$s ipid=7 mf data=16", IN, "udp 192.0.2.1:$c > 10.0.0.3:6 ipid=$i mf data=16", "hairpinned" },
		{ 2, IN, "ip 10.0.0.2 > 192.0.2.1 proto=17 ipid=7 off=24 'rest'", IN, "ip 192.0.2.1 > 10.0.0.3 proto=17 ipid=$i off=24 'rest'", "hairpinned" },
		HELD(3, IN, "ip 10.0.0.2 > 192.0.2.1 proto=17 ipid=8 off=24 'rest'"),
		{ 4, IN, "udp 10.0.0.2:5 > 192.0.2.1:$s ipid=8 mf data=16", IN, "udp 192.0.2.1:$c > 10.0.0.3:6 ipid=$j mf data=16 + ip 192.0.2.1 > 10.0.0.3 proto=17 ipid=$j off=24 'rest'", "hairpinned=2" },
		HELD(5, IN, "ip 10.0.0.3 > 192.0.2.1 proto=17 ipid=9 off=24 'back'"),
		{ 6, IN, "udp 10.0.0.3:6 > 192.0.2.1:$c ipid=9 mf data=16", IN, "udp 192.0.2.1:$s > 10.0.0.2:5 ipid=$k mf data=16 + ip 192.0.2.1 > 10.0.0.2 proto=17 ipid=$k off=24 'back'", "hairpinned=2" })
	},
	{ "fragments_of_tenants_with_one_address_and_id_stay_apart", "tenant blue vlan=10 10.0.0.1/24", ROWS(
		HELD(0, IN, F3), HELD(0, IN, LATER("off=24 vlan=10 'blue'")),
		{ 1, IN, F1 " vlan=10", OUT, "udp 192.0.2.1:$b > 198.51.100.9:53 ipid=$j mf data=16 + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$j off=24 'blue'", "" },
		{ 2, IN, F1, OUT, T1 " + " T3, "" },
		{ 3, IN, F2, OUT, T2, "" })
	},
	{ "fragments_that_differ_in_protocol_or_id_are_not_mixed", "", ROWS(
		HELD(0, IN, F3), HELD(0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=1 ipid=7 off=24 'icmp'"),
		HELD(0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=8 off=40 'rest'"), HELD(0, IN, "ip 10.0.0.2 > 198.51.100.10 proto=17 ipid=7 off=40 'rest'"),
		{ 1, IN, F1, OUT, T1 " + " T3, "fragments_held_now=-1" })
	},
	{ "later_fragments_to_a_port_of_nobody_are_dropped", "", ROWS(
		HELD(0, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 'rest'"),
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:4000 ipid=9 mf data=16", NONE, "", "drop_no_mapping=2 sessions_made=0" })
	},
	{ "later_fragment_never_opens_a_session_by_itself", "", ROWS(
		HELD(0, IN, F3), { 0, DO, "sessions 0", NONE, "", "" }, { 0, DO, "subscribers 0", NONE, "", "" })
	},
	/* ---- duplicates and overlaps ---- */
	{ "duplicates_are_dropped_and_the_datagram_goes_on", "", ROWS(
		HELD(0, IN, F2), DROPPED(1, IN, F2, "drop_fragment_duplicate"),
		{ 2, IN, F1, OUT, T1 " + " T2, "" }, DROPPED(3, IN, F1, "drop_fragment_duplicate"), DROPPED(3, IN, F2, "drop_fragment_duplicate"),
		{ 4, IN, F3, OUT, T3, "" })
	},
	{ "overlap_at_the_front_kills_the_datagram", "", ROWS(
		HELD(0, IN, F3), { 1, IN, F1, OUT, T1 " + " T3, "" },
		DROPPED(2, IN, LATER("off=16 mf hex=" HEX16), "drop_fragment_overlap"), DROPPED(3, IN, F2, "drop_fragment_bad"))
	},
	{ "overlap_at_the_back_kills_the_datagram", "", ROWS(
		HELD(0, IN, F3), DROPPED(1, IN, LATER("off=32 mf hex=" HEX16), "drop_fragment_overlap=2 fragments_held_now=-1"),
		DROPPED(2, IN, F1, "drop_fragment_bad"), DROPPED(3, IN, F2, "drop_fragment_bad"), { 4, DO, "sessions 0", NONE, "", "" })
	},
	{ "fragment_within_another_kills_the_datagram", "", ROWS(
		HELD(0, IN, F2), HELD(0, IN, F3), DROPPED(1, IN, LATER("off=24 mf hex=0011223344556677"), "drop_fragment_overlap=3 fragments_held_now=-2"),
		DROPPED(2, IN, F1, "drop_fragment_bad"))
	},
	{ "fragment_around_another_kills_the_datagram", "", ROWS(
		HELD(0, IN, LATER("off=32 mf hex=0011223344556677")), DROPPED(1, IN, LATER("off=24 mf data=24"), "drop_fragment_overlap=2"),
		DROPPED(2, IN, F1, "drop_fragment_bad"))
	},
	/* RFC 1858 section 3: other ports in a second first fragment, or written over by a later one */
	{ "second_first_fragment_of_other_length_kills_the_datagram", "", ROWS(
		{ 0, IN, F1, OUT, T1, "" }, DROPPED(1, IN, "udp 10.0.0.2:5 > 198.51.100.9:22 ipid=7 mf data=8", "drop_fragment_overlap"),
		DROPPED(2, IN, F3, "drop_fragment_bad"), { 3, DO, "sessions 1", NONE, "", "" })
	},
	{ "fragmented_syn_opens_a_connection_whichever_worker_it_meets", "", ROWS(
		{ 0, IN, "tcp 10.0.0.2:5 > 198.51.100.9:80 SYN ipid=7 mf mss=1460", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN ipid=$i mf mss=1460", "sessions_made" },
		{ 1, IN, "ip 10.0.0.2 > 198.51.100.9 proto=6 ipid=7 off=24 'data'", OUT, "ip 192.0.2.1 > 198.51.100.9 proto=6 ipid=$i off=24 'data'", "" },
		{ 1, DO, "sessions 1 state=SYN_OUT", NONE, "", "" })
	},
	{ "later_fragment_over_the_transport_header_kills_the_datagram", "", ROWS(
		{ 0, IN, "tcp 10.0.0.2:5 > 198.51.100.9:80 SYN", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN", "" },
		{ 0, IN, "tcp 10.0.0.2:5 > 198.51.100.9:80 SYN ipid=7 mf mss=1460", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN ipid=$i mf mss=1460", "" },
		DROPPED(1, IN, "ip 10.0.0.2 > 198.51.100.9 proto=6 ipid=7 off=8 mf hex=" HEX16, "drop_fragment_overlap"))
	},
	{ "id_of_a_dead_datagram_serves_again_when_its_time_is_over", "timeout fragment 5", ROWS(
		HELD(0, IN, F3), DROPPED(1, IN, LATER("off=32 mf hex=" HEX16), "drop_fragment_overlap=2"),
		DROPPED(4999, IN, F1, "drop_fragment_bad"),
		{ 5002, IN, F1, OUT, T1, "" }, { 5003, IN, F2, OUT, T2, "" }, { 5004, IN, F3, OUT, T3, "" })
	},
	{ "finished_datagram_is_forgotten_and_its_id_serves_again", "", ROWS(
		{ 0, IN, F1, OUT, T1, "" }, { 0, IN, F2, OUT, T2, "" }, { 0, IN, F3, OUT, T3, "" },
		{ 1, IN, F1, OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$j{!i} mf data=16", "" })
	},
	/* ---- impossible ones ---- */
	{ "first_fragment_without_its_ports_kills_the_datagram", "", ROWS(
		HELD(0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=6 ipid=7 off=8 hex=" HEX16),
		DROPPED(1, IN, "ip 10.0.0.2 > 198.51.100.9 proto=6 ipid=7 mf hex=0005005000000001", "drop_l4_length drop_fragment_bad=1"),
		DROPPED(2, IN, "ip 10.0.0.2 > 198.51.100.9 proto=6 ipid=7 off=24 hex=00", "drop_fragment_bad"))
	},
	{ "first_fragment_of_part_of_a_tcp_header_is_dropped", "", ROWS(
		DROPPED(0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=6 ipid=7 mf hex=00050050000000010000000050022000", "drop_l4_length"),
		/* 28 bytes of header, 24 of them here */
		DROPPED(0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=6 ipid=8 mf hex=0005005000000001000000007802200000000000020405b4", "drop_l4_length"))
	},
	{ "udp_header_alone_is_enough_for_a_first_fragment", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 mf", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i mf", "" },
		{ 0, IN, LATER("off=8 'x'"), OUT, "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=8 'x'", "" })
	},
	{ "last_fragment_twice_with_another_length_kills_the_datagram", "", ROWS(
		HELD(0, IN, F3), DROPPED(1, IN, LATER("off=48 'more'"), "drop_fragment_bad=2"),
		DROPPED(2, IN, F1, "drop_fragment_bad"))
	},
	{ "fragment_behind_the_last_kills_the_datagram", "", ROWS(
		HELD(0, IN, F3), DROPPED(1, IN, LATER("off=48 mf hex=" HEX16), "drop_fragment_bad=2"), DROPPED(2, IN, F1, "drop_fragment_bad"))
	},
	{ "last_fragment_before_another_kills_the_datagram", "", ROWS(
		HELD(0, IN, LATER("off=48 mf hex=" HEX16)), DROPPED(1, IN, F3, "drop_fragment_bad=2"), DROPPED(2, IN, F1, "drop_fragment_bad"))
	},
	{ "fragment_past_65535_kills_the_datagram", "", ROWS(
		HELD(0, IN, F2), DROPPED(1, IN, LATER("off=65528 hex=" HEX16), "drop_fragment_bad=2"), DROPPED(2, IN, F1, "drop_fragment_bad"))
	},
	{ "fragment_that_ends_at_65535_is_translated", "", ROWS(
		HELD(0, IN, LATER("off=65512 'end'")),
		{ 1, IN, F1, OUT, T1 " + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=65512 'end'", "" },
		/* with the IP header it would be 65536 */
		DROPPED(2, IN, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=8 off=65512 'ends'", "drop_fragment_bad"))
	},
	{ "middle_fragment_of_odd_length_kills_the_datagram", "", ROWS(
		HELD(0, IN, F3), DROPPED(1, IN, LATER("off=24 mf 'odd'"), "drop_fragment_bad=2"), DROPPED(2, IN, F1, "drop_fragment_bad"))
	},
	{ "empty_fragment_kills_the_datagram", "", ROWS(
		HELD(0, IN, F3), DROPPED(1, IN, LATER("off=24 mf"), "drop_fragment_bad=2"), DROPPED(2, IN, F1, "drop_fragment_bad"))
	},
	{ "datagram_in_more_than_64_pieces_dies", "", ROWS(
		{ 0, IN, F1, OUT, T1, "" },
		{ 0, DO, "repeat 65 in ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=#1#000 mf hex=" HEX16, ANY, "", "tx_outside=63 drop_fragment_bad=2" },
		{ 0, DO, "sessions 1", NONE, "", "" })
	},
	{ "icmp_error_in_fragments_is_dropped", "", ROWS(
		OPEN, HELD(1, OUT, "ip 198.51.100.1 > 192.0.2.1 proto=1 ipid=9 off=40 'rest'"),
		DROPPED(2, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 ipid=9 mf code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 'abcd']", "drop_fragment_bad=2"))
	},
	{ "error_that_quotes_a_later_fragment_is_dropped", "", ROWS(
		OPEN, DROPPED(1, OUT, "icmp time-exceeded 198.51.100.1 > 192.0.2.1 [ip 192.0.2.1 > 198.51.100.9 proto=17 off=24 hex=0005003500000000]", "drop_icmp_quote"))
	},
	{ "error_that_quotes_a_first_fragment_comes_back", "", ROWS(
		{ 0, IN, F1, OUT, T1, "" },
		{ 1, OUT, "icmp time-exceeded 198.51.100.9 > 192.0.2.1 code=1 [" T1 "]", IN, "icmp time-exceeded 198.51.100.9 > 10.0.0.2 code=1 [udp 10.0.0.2:5 > 198.51.100.9:53 ipid=* mf data=16]", "icmp_errors" })
	},
	/* ---- time ---- */
	{ "fragments_whose_first_never_comes_time_out", "timeout fragment 2", ROWS(
		HELD(0, IN, F2), HELD(500, IN, F3),
		{ 2001, DO, "poll 4", NONE, "", "drop_fragment_timeout=* fragments_held_now=*" },
		{ 2002, IN, F1, OUT, T1, "drop_fragment_timeout=* fragments_held_now=*" },
		{ 2003, DO, "poll 4", NONE, "", "fragments_held_now=0" },
		{ 2003, IN, F2, OUT, T2, "" }, { 2004, IN, F3, OUT, T3, "" })
	},
	{ "first_fragment_in_time_still_finds_the_others", "timeout fragment 2", ROWS(
		HELD(0, IN, F3), { 1999, IN, F1, OUT, T1 " + " T3, "" })
	},
	{ "hole_is_left_to_the_receiver_and_forgotten", "timeout fragment 2", ROWS(
		{ 0, IN, F1, OUT, T1, "" }, { 1, IN, F3, OUT, T3, "" },
		{ 2001, DO, "poll 4", NONE, "", "" },
		HELD(2002, IN, F2))
	},
	/* ---- bounds: these fill one worker ---- */
	{ "source_with_too_many_incomplete_datagrams_is_refused_and_others_are_not", "workers 1", ROWS(
		{ 0, DO, "repeat 128 in ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=#100# off=40 'x'", ANY, "", "fragments_held=128" },
		DROPPED(1, IN, F3, "drop_fragment_source"), DROPPED(1, IN, F1, "drop_fragment_source"),
		HELD(2, IN, "ip 10.0.0.3 > 198.51.100.9 proto=17 ipid=7 off=24 'rest'"),
		{ 3, IN, "udp 10.0.0.3:5 > 198.51.100.9:53 ipid=7 mf data=16", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53 ipid=$j mf data=16 + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$j off=24 'rest'", "" },
		{ 4, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 'whole'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'whole'", "" },
		{ 15001, DO, "poll 10", NONE, "", "drop_fragment_timeout=128 fragments_held_now=-128" },
		{ 15002, IN, F1, OUT, T1, "" }, { 15003, IN, F2, OUT, T2, "" }, { 15004, IN, F3, OUT, T3, "" })
	},
	{ "source_whose_datagrams_are_finished_is_never_refused", "workers 1", ROWS(
		{ 0, DO, "repeat 300 in udp 10.0.0.2:5 > 198.51.100.9:53 ipid=#100# mf data=16 + ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=#100# off=24 'x'", ANY, "", "tx_outside=600 drop_fragment_source=0" })
	},
	{ "oldest_held_fragments_make_room_and_the_newest_stay", "workers 1", ROWS(
		HELD(0, IN, F3),
		{ 1, DO, "repeat 120 in ip 10.0.0.3 > 198.51.100.9 proto=17 ipid=#1# off=24 'x'", ANY, "", "fragments_held=120" },
		{ 1, DO, "repeat 120 in ip 10.0.0.4 > 198.51.100.9 proto=17 ipid=#1# off=24 'x'", ANY, "", "fragments_held=120" },
		{ 1, DO, "repeat 120 in ip 10.0.0.5 > 198.51.100.9 proto=17 ipid=#1# off=24 'x'", ANY, "", "fragments_held=120" },
		{ 1, DO, "repeat 120 in ip 10.0.0.6 > 198.51.100.9 proto=17 ipid=#1# off=24 'x'", ANY, "", "fragments_held=120" },
		{ 1, DO, "repeat 120 in ip 10.0.0.7 > 198.51.100.9 proto=17 ipid=#1# off=24 'x'", ANY, "", "fragments_held=120" },
		{ 1, DO, "repeat 120 in ip 10.0.0.8 > 198.51.100.9 proto=17 ipid=#1# off=24 'x'", ANY, "", "fragments_held=120" },
		{ 1, DO, "repeat 120 in ip 10.0.0.9 > 198.51.100.9 proto=17 ipid=#1# off=24 'x'", ANY, "", "fragments_held=120" },
		{ 1, DO, "repeat 120 in ip 10.0.0.10 > 198.51.100.9 proto=17 ipid=#1# off=24 'x'", ANY, "", "fragments_held=120" },
		{ 2, DO, "repeat 63 in ip 10.0.0.11 > 198.51.100.9 proto=17 ipid=#1# off=24 'x'", ANY, "", "fragments_held=63 fragments_held_now=63" },
		{ 3, DO, "repeat 2 in ip 10.0.0.11 > 198.51.100.9 proto=17 ipid=#200# off=24 'x'", ANY, "", "fragments_held=2 drop_fragment_evicted=2 fragments_held_now=0" },
		/* F3 was the oldest: its first one travels alone, the newest datagram is whole */
		{ 4, IN, F1, OUT, T1, "" },
		{ 5, IN, "udp 10.0.0.11:5 > 198.51.100.9:53 ipid=201 mf data=16", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53 ipid=$j mf data=16 + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$j off=24 'x'", "" },
		{ 6, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 'whole'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'whole'", "" })
	},
};
/* clang-format on */

SUITE(fragment, cases);
