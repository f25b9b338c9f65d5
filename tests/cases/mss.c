/* SPDX-License-Identifier: BSD-3-Clause
 *
 * MSS clamping (peers 111): a SYN may announce no more than the limit, either way; the
 * checksum stays right wherever the option lies; what cannot be read is left as it is.
 */
#include "table.h"

/* clang-format off */
#define SENT(tail) "tcp 10.0.0.2:5000 > 198.51.100.9:80 " tail
#define GONE(tail) "tcp 192.0.2.1:$t > 198.51.100.9:80 " tail
#define CAME(tail) "tcp 198.51.100.9:80 > 192.0.2.1:$t " tail
#define GOT(tail) "tcp 198.51.100.9:80 > 10.0.0.2:5000 " tail
/* One SYN, and what becomes of it. */
#define SYN(before, after) ROWS({ 0, IN, SENT("SYN seq=77 ") before, OUT, GONE("SYN seq=77 ") after, "sessions_made" })
#define KEPT(tail) SYN(tail, tail)

static const struct table_case cases[] = {
	{ "mss_above_the_limit_is_lowered", "mss 1400", SYN("mss=1460", "mss=1400") },
	{ "largest_mss_is_lowered", "mss 536", SYN("mss=65535", "mss=536") },
	{ "mss_at_the_limit_stays", "mss 1400", KEPT("mss=1400") },
	{ "mss_below_the_limit_stays", "mss 1400", KEPT("mss=1399") },
	{ "mss_of_zero_stays", "mss 1400", KEPT("mss=0") },
	{ "off_means_untouched", "", KEPT("mss=9000") },
	{ "syn_without_options_stays", "mss 1400", KEPT("") },
	{ "syn_with_other_options_stays", "mss 1400", KEPT("tcpopt=0402080a000000010000000003030701") },
	{ "answer_from_outside_is_lowered_too", "mss 1400", ROWS(
		{ 0, IN, SENT("SYN seq=77 mss=1460"), OUT, GONE("SYN seq=77 mss=1400"), "" },
		{ 1, OUT, CAME("SYN ACK seq=9 ack=78 mss=1440"), IN, GOT("SYN ACK seq=9 ack=78 mss=1400"), "" },
		{ 2, IN, SENT("SYN seq=77 mss=1460"), OUT, GONE("SYN seq=77 mss=1400"), "flow_hits" })
	},
	{ "connection_from_outside_is_lowered_both_ways", "mss 1400; forward tcp 192.0.2.1:80 > 10.0.0.2:8080", ROWS(
		{ 0, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:80 SYN seq=1 mss=1460", IN, "tcp 198.51.100.9:5000 > 10.0.0.2:8080 SYN seq=1 mss=1400", "" },
		{ 1, IN, "tcp 10.0.0.2:8080 > 198.51.100.9:5000 SYN ACK seq=9 ack=2 mss=1460", OUT, "tcp 192.0.2.1:80 > 198.51.100.9:5000 SYN ACK seq=9 ack=2 mss=1400", "" })
	},
	{ "only_a_syn_is_looked_at", "mss 1400", ROWS(
		{ 0, IN, SENT("SYN seq=77 mss=1460"), OUT, GONE("SYN seq=77 mss=1400"), "" },
		{ 1, OUT, CAME("SYN ACK seq=9 ack=78"), IN, GOT("SYN ACK seq=9 ack=78"), "" },
		{ 2, IN, SENT("ACK seq=78 ack=10 mss=1460 'x'"), OUT, GONE("ACK seq=78 ack=10 mss=1460 'x'"), "" },
		{ 3, OUT, CAME("RST seq=10 mss=1460"), IN, GOT("RST seq=10 mss=1460"), "" })
	},
	/* 020405b4 is 1460, 02040578 is 1400; 01 is a NOP */
	{ "option_behind_others_is_found", "mss 1400", SYN("tcpopt=0402080a0000000100000000020405b4", "tcpopt=0402080a000000010000000002040578") },
	{ "option_behind_one_nop_keeps_the_checksum_right", "mss 1400", SYN("tcpopt=01020405b4000000", "tcpopt=0102040578000000") },
	{ "option_behind_two_nops_keeps_the_checksum_right", "mss 1400", SYN("tcpopt=0101020405b40000", "tcpopt=0101020405780000") },
	{ "option_behind_three_nops_keeps_the_checksum_right", "mss 1400", SYN("tcpopt=010101020405b400", "tcpopt=0101010204057800") },
	{ "option_behind_an_odd_option_keeps_the_checksum_right", "mss 1400", SYN("tcpopt=030307020405b400", "tcpopt=0303070204057800") },
	{ "odd_offset_from_outside_keeps_the_checksum_right", "mss 1234", ROWS(
		{ 0, IN, SENT("SYN seq=77 tcpopt=01020423280000ff"), OUT, GONE("SYN seq=77 tcpopt=01020404d20000ff"), "" },
		{ 1, OUT, CAME("SYN ACK seq=9 ack=78 tcpopt=0102042328010101"), IN, GOT("SYN ACK seq=9 ack=78 tcpopt=01020404d2010101"), "" })
	},
	{ "checksum_that_was_wrong_stays_wrong", "mss 1400", SYN("badcsum mss=1460", "badcsum mss=1400") },
	{ "options_and_data_in_the_syn_are_kept", "mss 1400", SYN("tcpopt=020405b40402080a000000010000000001030307 'early'", "tcpopt=020405780402080a000000010000000001030307 'early'") },
	{ "forty_bytes_of_options_with_the_mss_last", "mss 1400", SYN("tcpopt=010101010101010101010101010101010101010101010101010101010101010101010101020405b4", "tcpopt=01010101010101010101010101010101010101010101010101010101010101010101010102040578") },
	/* ---- options that contradict themselves survive as they are ---- */
	{ "mss_behind_the_end_of_options_is_not_touched", "mss 1400", KEPT("tcpopt=00000000020405b4") },
	{ "option_of_length_zero_is_not_followed", "mss 1400", KEPT("tcpopt=05000000020405b4") },
	{ "option_of_length_one_is_not_followed", "mss 1400", KEPT("tcpopt=05010101020405b4") },
	{ "option_longer_than_the_header_is_not_followed", "mss 1400", KEPT("tcpopt=05ff0101020405b4") },
	{ "mss_of_length_three_is_not_touched", "mss 1400", KEPT("tcpopt=020305b4") },
	{ "mss_of_length_five_is_not_touched", "mss 1400", KEPT("tcpopt=020505b4ff000000") },
	{ "mss_of_length_zero_is_not_touched", "mss 1400", KEPT("tcpopt=020005b4") },
	{ "mss_cut_at_the_end_of_the_header_is_not_touched", "mss 1400", KEPT("tcpopt=0101010101010204") },
	{ "mss_cut_after_its_kind_is_not_touched", "mss 1400", KEPT("tcpopt=01010102") },
	{ "mss_cut_at_the_end_of_the_header_with_data_behind_is_not_touched", "mss 1400", KEPT("tcpopt=0101010101010204 'zzzzzzzz'") },
	/* ---- with the rest of the gateway ---- */
	{ "hairpinned_syn_is_lowered", "mss 1400; forward tcp 192.0.2.1:80 > 10.0.0.2:8080", ROWS(
		{ 0, IN, "tcp 10.0.0.3:6000 > 192.0.2.1:80 SYN seq=1 mss=1460", IN, "tcp 192.0.2.1:$c > 10.0.0.2:8080 SYN seq=1 mss=1400", "hairpinned" },
		{ 1, IN, "tcp 10.0.0.2:8080 > 192.0.2.1:$c SYN ACK seq=9 ack=2 tcpopt=01020405b4000000", IN, "tcp 192.0.2.1:80 > 10.0.0.3:6000 SYN ACK seq=9 ack=2 tcpopt=0102040578000000", "hairpinned" })
	},
	{ "limit_can_be_changed_at_run_time", "mss 1400", ROWS(
		{ 0, IN, SENT("SYN seq=77 mss=1460"), OUT, GONE("SYN seq=77 mss=1400"), "" },
		{ 1, DO, "config mss 1300", NONE, "", "" }, { 2, IN, SENT("SYN seq=77 mss=1460"), OUT, GONE("SYN seq=77 mss=1300"), "" },
		{ 3, DO, "config ", NONE, "", "" }, { 4, IN, SENT("SYN seq=77 mss=1460"), OUT, GONE("SYN seq=77 mss=1460"), "" })
	},
	{ "udp_that_looks_like_it_is_not_touched", "mss 1400", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 hex=000000000000000060020000020405b4", OUT, "udp 192.0.2.1:$u > 198.51.100.9:53 hex=000000000000000060020000020405b4", "" })
	},
};
/* clang-format on */

SUITE(mss, cases);
