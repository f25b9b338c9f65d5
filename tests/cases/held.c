/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Mappings on request: what a helper expects and a host asks for. Their time, who may come
 * in, which port they get, what they share with dynamic mappings, and how they end.
 */
#include "table.h"

#define C "10.0.0.2:5000"
#define S "198.51.100.9:53"
#define P "192.0.2.1:$p"

/* clang-format off */
#define ADD(when, text, answer) { when, DO, "map add " text, NONE, answer, "" }
#define DEL(when, text, answer) { when, DO, "map del " text, NONE, answer, "" }
#define COUNT(when, what, n) { when, DO, what " " n, NONE, "", "" }
#define COMES_IN(when, from, to, name) { when, OUT, "udp " from " > 192.0.2.1:" name " 'i'", IN, "udp " from " > " to " 'i'", "" }
#define KEPT_OUT(when, from, name, counter) { when, OUT, "udp " from " > 192.0.2.1:" name " 'i'", NONE, "", counter }
#define GOES_OUT(when, from, to, name) { when, IN, "udp " from " > " to " 'o'", OUT, "udp 192.0.2.1:" name " > " to " 'o'", "" }
#define TCP_IN(when, from, text) { when, OUT, "tcp " from " > " P " " text, IN, "tcp " from " > " C " " text, "" }
#define TCP_OUT(when, to, text) { when, IN, "tcp " C " > " to " " text, OUT, "tcp " P " > " to " " text, "" }
#define TCP_DROP(when, from, text, counter) { when, OUT, "tcp " from " > " P " " text, NONE, "", counter }
#define TENANTS "tenant blue vlan=10 10.0.0.1/24; tenant red vlan=20 10.0.0.1/24"

static const struct table_case cases[] = {
	/* ---- time ---- */
	{ "anyone_comes_in_to_the_last_millisecond", "", ROWS(
		{ 0, DO, "map add udp " C " life=10000", NONE, P, "mappings_made" },
		COUNT(0, "mappings", "1"), COUNT(0, "subscribers", "1"), COUNT(0, "sessions", "0"), COUNT(0, "used udp", "1"),
		COMES_IN(9999, "203.0.113.7:7", C, "$p"))
	},
	{ "nobody_comes_in_when_the_time_is_over", "", ROWS(
		ADD(0, "udp " C " life=10000", P), KEPT_OUT(10000, "203.0.113.7:7", "$p", "drop_no_mapping"), COUNT(10000, "mappings", "0"))
	},
	{ "port_rests_after_the_time_is_over", "timeout port-rest 120", ROWS(
		ADD(0, "udp " C " life=10000", P), KEPT_OUT(10000, "203.0.113.7:7", "$p", "drop_no_mapping"), COUNT(10000, "used udp", "1"),
		{ 130006, DO, "poll 2", NONE, "", "" }, COUNT(130006, "used udp", "0"))
	},
	{ "mapping_nobody_asks_about_goes_within_two_seconds", "", ROWS(
		ADD(0, "udp " C " life=10000", P), { 11000, DO, "poll 4", NONE, "", "" }, { 12000, DO, "poll 4", NONE, "", "" }, COUNT(12000, "mappings", "0"))
	},
	{ "long_time_does_not_wrap", "", ROWS(
		ADD(0, "udp " C " life=4294967295", P), COMES_IN(2000000000, "203.0.113.7:7", C, "$p"))
	},
	{ "time_can_be_renewed_and_shortened", "", ROWS(
		ADD(0, "udp " C " life=10000", P), ADD(9000, "udp " C " life=10000", P), COMES_IN(18999, "203.0.113.7:7", C, "$p"),
		ADD(18999, "udp " C " life=1", P), KEPT_OUT(19000, "203.0.113.8:7", "$p", "drop_no_mapping"))
	},
	{ "mapping_outlives_its_sessions", "timeout udp 10", ROWS(
		ADD(0, "udp " C " life=60000", P), GOES_OUT(1, C, S, "$p"), COMES_IN(10002, "203.0.113.7:7", C, "$p"),
		COMES_IN(30000, "203.0.113.8:7", C, "$p"), GOES_OUT(59999, C, S, "$p"), COUNT(59999, "mappings", "1"))
	},
	{ "mapping_goes_on_as_a_dynamic_one_while_it_has_sessions", "", ROWS(
		ADD(0, "udp " C " life=10000", P), GOES_OUT(9000, C, S, "$p"), COMES_IN(10000, "203.0.113.7:7", C, "$p"),
		GOES_OUT(308999, C, S, "$p"), COMES_IN(600000, "203.0.113.8:7", C, "$p"), KEPT_OUT(608999, "203.0.113.9:7", "$p", "drop_no_mapping"))
	},
	{ "strangers_do_not_hold_it_open", "", ROWS(
		ADD(0, "udp " C " life=10000", P), COMES_IN(9000, "203.0.113.7:7", C, "$p"), COMES_IN(9999, "203.0.113.7:7", C, "$p"),
		KEPT_OUT(10000, "203.0.113.7:7", "$p", "drop_no_mapping"))
	},
	{ "session_from_outside_lives_on_once_it_is_answered", "", ROWS(
		ADD(0, "udp " C " life=10000", P), COMES_IN(9000, "203.0.113.7:7", C, "$p"), GOES_OUT(9500, C, "203.0.113.7:7", "$p"),
		COMES_IN(300000, "203.0.113.7:7", C, "$p"))
	},
	/* ---- who may come in ---- */
	{ "filter_of_the_pool_does_not_keep_out_whom_the_host_has_asked_in", "pool 192.0.2.1 udp=apd", ROWS(
		ADD(0, "udp " C " life=10000", P), COMES_IN(1, "203.0.113.7:7", C, "$p"), COMES_IN(2, "203.0.113.8:7", C, "$p"),
		GOES_OUT(3, C, S, "$p"), KEPT_OUT(10001, "203.0.113.9:7", "$p", "drop_filtered"))
	},
	{ "expected_address_comes_in_and_no_other", "", ROWS(
		ADD(0, "udp " C " rem=198.51.100.9", P), KEPT_OUT(1, "203.0.113.7:7", "$p", "drop_filtered"),
		COMES_IN(2, "198.51.100.9:7", C, "$p"), COMES_IN(3, "198.51.100.9:8", C, "$p"))
	},
	{ "expected_endpoint_comes_in_and_no_other", "", ROWS(
		ADD(0, "udp " C " rem=198.51.100.9:20", P), KEPT_OUT(1, "198.51.100.9:21", "$p", "drop_filtered"), KEPT_OUT(1, "203.0.113.7:20", "$p", "drop_filtered"),
		COMES_IN(2, "198.51.100.9:20", C, "$p"))
	},
	{ "expectation_admits_one_connection", "unsolicited-syn off", ROWS(
		ADD(0, "tcp " C " rem=198.51.100.9 once life=30000", P), TCP_DROP(1, "203.0.113.7:20", "SYN seq=1", "drop_filtered"),
		TCP_IN(2, "198.51.100.9:20", "SYN seq=9000 win=65535"), TCP_OUT(100, "198.51.100.9:20", "SYN ACK seq=1000 ack=9001 win=65535"),
		TCP_IN(200, "198.51.100.9:20", "ACK seq=9001 ack=1001 win=65535"), TCP_DROP(300, "198.51.100.9:21", "SYN seq=1", "drop_filtered"),
		{ 300, DO, "sessions 1 state=ESTABLISHED left=7439900 inbound=1", NONE, "", "" }, TCP_IN(7400000, "198.51.100.9:20", "ACK seq=9001 ack=1001 win=65535 'x'"))
	},
	{ "expectation_of_datagrams_admits_one_session", "", ROWS(
		ADD(0, "udp " C " rem=198.51.100.9 once life=30000", P), COMES_IN(2, "198.51.100.9:4000", C, "$p"), COMES_IN(1000, "198.51.100.9:4000", C, "$p"),
		GOES_OUT(2000, C, "198.51.100.9:4000", "$p"), COMES_IN(301999, "198.51.100.9:4000", C, "$p"), KEPT_OUT(301999, "198.51.100.9:4001", "$p", "drop_filtered"))
	},
	{ "expectation_is_not_used_up_by_what_opens_nothing", "limit sessions=1 rate=0", ROWS(
		ADD(0, "tcp " C " rem=198.51.100.9 once life=30000", P), TCP_DROP(1, "198.51.100.9:20", "ACK seq=9000", "drop_no_state"), TCP_DROP(1, "198.51.100.9:20", "RST seq=9000", "drop_no_state"),
		{ 2, IN, "udp 10.0.0.2:1 > " S, OUT, "udp 192.0.2.1:* > " S, "" }, TCP_DROP(3, "198.51.100.9:20", "SYN seq=9000", "drop_limit_sessions"),
		{ 4, DO, "clear in=10.0.0.2:1", NONE, "", "" }, TCP_IN(5, "198.51.100.9:20", "SYN seq=9000"), TCP_DROP(6, "198.51.100.9:21", "SYN seq=9000", "drop_filtered"))
	},
	{ "expectation_that_was_met_ends_with_its_session", "timeout port-rest 0", ROWS(
		ADD(0, "udp " C " once life=30000", P), COMES_IN(1, "203.0.113.7:7", C, "$p"), KEPT_OUT(2, "203.0.113.8:7", "$p", "drop_filtered"), COUNT(2, "mappings", "1"),
		{ 3, DO, "clear", NONE, "", "" }, COUNT(3, "mappings", "0"), COUNT(3, "used udp", "0"))
	},
	{ "expectation_that_was_not_met_ends_with_its_time", "", ROWS(
		ADD(0, "tcp " C " rem=198.51.100.9 once life=30000", P), TCP_DROP(30000, "198.51.100.9:20", "SYN seq=1", "drop_no_mapping"))
	},
	/* The inside uses the port as well: that opens it to nobody else. */
	{ "expectation_stays_closed_to_others_when_its_host_sends", "", ROWS(
		ADD(0, "udp " C " rem=203.0.113.7 life=10000", P), GOES_OUT(1, C, S, "$p"), { 2, OUT, "udp " S " > " P, IN, "udp " S " > " C, "flow_hits" },
		KEPT_OUT(3, "198.51.100.9:54", "$p", "drop_filtered"), COMES_IN(4, "203.0.113.7:1", C, "$p"), KEPT_OUT(10001, "203.0.113.7:2", "$p", "drop_filtered"))
	},
	{ "expectation_can_be_made_anew", "", ROWS(
		ADD(0, "udp " C " rem=198.51.100.9 once life=30000", P), COMES_IN(1, "198.51.100.9:7", C, "$p"), KEPT_OUT(2, "198.51.100.9:8", "$p", "drop_filtered"),
		ADD(3, "udp " C " rem=198.51.100.9 once life=30000", P), COMES_IN(4, "198.51.100.9:8", C, "$p"), KEPT_OUT(5, "198.51.100.9:9", "$p", "drop_filtered"))
	},
	{ "lease_is_open_to_anybody_whatever_the_pool_says", "pool 192.0.2.1 udp=apd tcp=apd", ROWS(
		ADD(0, "udp " C " lease", P), COMES_IN(1, "203.0.113.7:7", C, "$p"), GOES_OUT(2, C, S, "$p"), COMES_IN(3, "203.0.113.8:7", C, "$p"))
	},
	{ "host_narrows_what_it_has_opened_to_all", "", ROWS(
		ADD(0, "udp " C " lease", P), COMES_IN(1, "203.0.113.7:7", C, "$p"), ADD(2, "udp " C " lease rem=198.51.100.9", P),
		KEPT_OUT(3, "203.0.113.8:7", "$p", "drop_filtered"), COMES_IN(4, "198.51.100.9:7", C, "$p"),
		ADD(5, "udp " C " lease", P), COMES_IN(6, "203.0.113.9:7", C, "$p"), ADD(7, "udp " C " lease rem=255.255.255.255", P),
		KEPT_OUT(8, "203.0.113.5:7", "$p", "drop_filtered"), GOES_OUT(9, C, S, "$p"), KEPT_OUT(10, "203.0.113.5:7", "$p", "drop_filtered"))
	},
	{ "lease_that_is_deleted_ends_its_sessions", "", ROWS(
		ADD(0, "udp " C " lease", P), COMES_IN(1, "203.0.113.7:7", C, "$p"), GOES_OUT(2, C, "203.0.113.7:7", "$p"),
		DEL(3, "udp " C, ""), KEPT_OUT(4, "203.0.113.7:7", "$p", "drop_no_mapping"), COUNT(4, "sessions", "0"))
	},
	{ "lease_is_deleted_behind_the_mapping_of_a_newer_forward", "", ROWS(
		ADD(0, "udp " C " lease", P), COMES_IN(1, "203.0.113.7:7", C, "$p"),
		{ 2, DO, "config forward udp 192.0.2.1:8080 > " C, NONE, "", "" }, COMES_IN(3, "203.0.113.8:7", C, "8080"),
		DEL(4, "udp " C, ""), KEPT_OUT(5, "203.0.113.9:7", "$p", "drop_no_mapping"), COMES_IN(6, "203.0.113.9:7", C, "8080"))
	},
	{ "expectation_does_not_narrow_what_its_host_has_opened_to_all", "", ROWS(
		ADD(0, "udp " C " life=60000", P), ADD(1, "udp " C " rem=198.51.100.9 once life=1000", P), COMES_IN(2, "203.0.113.7:7", C, "$p"),
		COMES_IN(3, "198.51.100.9:7", C, "$p"), COMES_IN(59999, "203.0.113.8:7", C, "$p"), KEPT_OUT(60000, "203.0.113.9:7", "$p", "drop_no_mapping"))
	},
	{ "expectation_is_widened_by_its_host", "", ROWS(
		ADD(0, "udp " C " rem=198.51.100.9 once life=1000", P), ADD(1, "udp " C " life=60000", P), COMES_IN(2, "203.0.113.7:7", C, "$p"),
		COMES_IN(3, "203.0.113.7:8", C, "$p"), COMES_IN(59999, "203.0.113.8:7", C, "$p"))
	},
	/* Contacts of the host stay what they were; when the mapping ends, they must be gone. */
	{ "expectation_on_a_mapping_there_already_leaves_its_filter_alone", "pool 192.0.2.1 udp=ad; workers 1; timeout port-rest 0", ROWS(
		GOES_OUT(0, C, S, "$p"), ADD(1, "udp " C " rem=203.0.113.7 once", P), COMES_IN(2, "203.0.113.7:7", C, "$p"), KEPT_OUT(3, "203.0.113.7:8", "$p", "drop_filtered"),
		COMES_IN(4, "198.51.100.9:99", C, "$p"), { 5, DO, "clear", NONE, "", "" }, COUNT(5, "mappings", "0"),
		ADD(6, "udp 10.0.0.3:6000 out=$p exact rem=192.0.2.9", P), KEPT_OUT(7, "198.51.100.9:98", "$p", "drop_filtered"))
	},
	{ "hairpinned_peer_is_admitted_by_its_outside_address", "", ROWS(
		GOES_OUT(0, "10.0.0.3:7", S, "$q"), ADD(1, "udp " C " rem=192.0.2.1:$q once", P),
		{ 2, IN, "udp 10.0.0.4:7 > " P, NONE, "", "drop_filtered hairpinned" },
		{ 3, IN, "udp 10.0.0.3:7 > " P, IN, "udp 192.0.2.1:$q > " C, "hairpinned" })
	},
	/* ---- which port ---- */
	{ "host_that_sends_from_a_mapped_port_uses_the_mapping", "", ROWS(
		ADD(0, "udp " C, P), { 1, IN, "udp " C " > " S, OUT, "udp " P " > " S, "mappings_made=0 sessions_made" }, COUNT(1, "used udp", "1"))
	},
	{ "mapping_there_already_is_the_one", "", ROWS(
		GOES_OUT(0, C, S, "$p"), { 1, DO, "map add udp " C " life=600000", NONE, P, "mappings_made=0" }, COUNT(1, "sessions", "1"),
		COMES_IN(300000, "203.0.113.7:7", C, "$p"), COMES_IN(599999, "203.0.113.7:8", C, "$p"))
	},
	{ "mapping_that_is_over_is_not_the_one", "timeout udp 10; timeout port-rest 120", ROWS(
		GOES_OUT(0, C, S, "$p"), ADD(10000, "udp " C, "192.0.2.1:$q{!p}"), KEPT_OUT(10001, "203.0.113.7:7", "$p", "drop_no_mapping"))
	},
	{ "protocols_have_ports_of_their_own", "", ROWS(
		ADD(0, "udp " C, P), { 1, DO, "map add tcp " C, NONE, "192.0.2.1:$t", "mappings_made" }, COUNT(1, "mappings", "2"))
	},
	{ "parity_of_the_inside_port_is_kept", "", ROWS(
		ADD(0, "udp 10.0.0.2:5000", "192.0.2.1:$a{even}"), ADD(0, "udp 10.0.0.2:5001", "192.0.2.1:$b{odd}"))
	},
	{ "wanted_port_is_given_when_it_is_free", "timeout port-rest 0", ROWS(
		ADD(0, "udp " C, P), DEL(1, "udp " C, ""), ADD(2, "udp 10.0.0.2:6001 out=$p", P), COMES_IN(3, "203.0.113.7:7", "10.0.0.2:6001", "$p"),
		DEL(4, "udp 10.0.0.2:6001", ""), ADD(5, "udp 10.0.0.2:6002 out=$p exact", P), COMES_IN(6, "203.0.113.7:7", "10.0.0.2:6002", "$p"))
	},
	{ "wanted_port_that_is_taken_is_replaced_by_another", "", ROWS(
		ADD(0, "udp " C, P), ADD(1, "udp 10.0.0.2:6000 out=$p", "192.0.2.1:$q{!p}"), ADD(1, "udp 10.0.0.3:6000 out=$p", "192.0.2.1:$r{!p,!q}"),
		ADD(2, "udp " C " out=$q", P))
	},
	{ "exact_port_that_is_taken_is_refused", "", ROWS(
		ADD(0, "udp " C, P), ADD(1, "udp 10.0.0.2:6000 out=$p exact", "EADDRINUSE"), ADD(1, "udp 10.0.0.3:6000 out=$p exact", "EADDRINUSE"),
		ADD(2, "udp " C " out=$p exact", P), ADD(2, "udp " C " out=1 exact", "EADDRINUSE"), COUNT(3, "mappings", "1"), COUNT(3, "used udp", "1"))
	},
	{ "port_of_a_dynamic_mapping_of_another_host_is_refused", "", ROWS(
		GOES_OUT(0, "10.0.0.3:5000", S, "$p"), ADD(1, "udp " C " out=$p exact", "EADDRINUSE"), { 2, OUT, "udp " S " > " P, IN, "udp " S " > 10.0.0.3:5000", "flow_hits" })
	},
	{ "port_that_rests_is_refused", "timeout port-rest 120; workers 1", ROWS(
		ADD(0, "udp " C, P), DEL(1, "udp " C, ""), ADD(2, "udp 10.0.0.3:6000 out=$p exact", "EADDRINUSE"),
		{ 120006, DO, "poll 2", NONE, "", "" }, ADD(120006, "udp 10.0.0.3:6000 out=$p exact", P))
	},
	{ "port_outside_the_pool_is_refused", "pool 192.0.2.1 ports=2000-2999", ROWS(
		ADD(0, "udp " C " out=3000 exact", "EADDRINUSE"), ADD(0, "udp " C " out=80 exact", "EADDRINUSE"), ADD(0, "udp " C " out=3000", "192.0.2.1:$p{2000-2999}"))
	},
	/* ---- pairs ---- */
	{ "pair_is_an_even_port_and_the_next", "", ROWS(
		{ 0, DO, "map add udp 10.0.0.2:5000 pair", NONE, "192.0.2.1:$p{even}", "mappings_made=2" }, COUNT(0, "mappings", "2"),
		COMES_IN(1, "203.0.113.7:7", "10.0.0.2:5000", "$p"), ADD(2, "udp 10.0.0.2:5001", "192.0.2.1:$q{!p,odd}"), COMES_IN(3, "203.0.113.7:8", "10.0.0.2:5001", "$q"))
	},
	{ "pair_of_an_odd_port_is_even_first_too", "", ROWS(
		ADD(0, "udp 10.0.0.2:5001 pair", "192.0.2.1:$p{even}"), COMES_IN(1, "203.0.113.7:7", "10.0.0.2:5001", "$p"),
		ADD(2, "udp 10.0.0.2:5002", "192.0.2.1:$q{odd}"), COMES_IN(3, "203.0.113.7:8", "10.0.0.2:5002", "$q"))
	},
	{ "pair_is_found_when_one_is_left", "pool 192.0.2.1 ports=2000-2009; workers 1", ROWS(
		ADD(0, "udp 10.0.0.3:1 out=2001 exact", "192.0.2.1:2001"), ADD(0, "udp 10.0.0.3:2 out=2002 exact", "192.0.2.1:2002"), ADD(0, "udp 10.0.0.3:3 out=2005 exact", "192.0.2.1:2005"),
		ADD(0, "udp 10.0.0.3:4 out=2009 exact", "192.0.2.1:2009"), { 1, DO, "map add udp 10.0.0.2:5000 pair", NONE, "192.0.2.1:2006", "mappings_made=2" }, COUNT(1, "used udp", "6"),
		/* four single ports are left; to look for a pair costs none of them */
		{ 2, DO, "map add udp 10.0.0.2:6000 pair", NONE, "ENOSPC", "mappings_made=0" }, COUNT(2, "used udp", "6"), ADD(3, "udp 10.0.0.2:6000", "192.0.2.1:$s{2000-2008}"))
	},
	{ "pair_wanted_at_a_port_begins_there_or_elsewhere", "pool 192.0.2.1 ports=2000-2009; workers 1", ROWS(
		ADD(0, "udp 10.0.0.2:1 pair out=2004", "192.0.2.1:2004"), ADD(0, "udp 10.0.0.2:3 pair out=2004 exact", "EADDRINUSE"), ADD(0, "udp 10.0.0.2:3 pair out=2003 exact", "EADDRINUSE"),
		ADD(0, "udp 10.0.0.2:5 out=2007 exact", "192.0.2.1:2007"), ADD(0, "udp 10.0.0.2:3 pair out=2006 exact", "EADDRINUSE"), COUNT(0, "used udp", "3"),
		ADD(0, "udp 10.0.0.2:3 pair out=2004", "192.0.2.1:$q{2000-2009,even}"))
	},
	{ "pair_is_renewed_as_it_is", "", ROWS(
		ADD(0, "udp " C " pair life=10000", "192.0.2.1:$p{even}"), ADD(9000, "udp " C " pair life=10000", P), COUNT(9000, "mappings", "2"),
		ADD(9000, "udp 10.0.0.2:5001 life=10000", "192.0.2.1:$q{odd}"), COMES_IN(18999, "203.0.113.7:7", "10.0.0.2:5000", "$p"), COMES_IN(18999, "203.0.113.7:7", "10.0.0.2:5001", "$q"))
	},
	{ "pair_takes_in_a_mapping_there_already", "", ROWS(
		GOES_OUT(0, "10.0.0.2:5000", S, "$p"), GOES_OUT(0, "10.0.0.2:5011", S, "$q"), { 1, DO, "map add udp 10.0.0.2:5000 pair", NONE, P, "mappings_made" },
		{ 1, DO, "map add udp 10.0.0.2:5010 pair", NONE, "192.0.2.1:$r{!p,even}", "mappings_made" }, ADD(2, "udp 10.0.0.2:5011", "192.0.2.1:$q"))
	},
	{ "pair_around_an_odd_mapping_is_refused", "pool 192.0.2.1 ports=2000-2009; workers 1", ROWS(
		ADD(0, "udp 10.0.0.2:4 out=2003 exact", "192.0.2.1:2003"), { 1, DO, "map add udp 10.0.0.2:4 pair", NONE, "ENOSPC", "mappings_made=0" }, COUNT(1, "used udp", "1"))
	},
	{ "pair_ends_as_a_pair", "timeout port-rest 0", ROWS(
		ADD(0, "udp " C " pair", P), DEL(1, "udp " C " pair", ""), COUNT(1, "mappings", "0"), COUNT(1, "used udp", "0"), DEL(2, "udp " C " pair", "ENOENT"))
	},
	{ "pair_beyond_the_limit_costs_nothing", "limit ports=3; timeout port-rest 120", ROWS(
		ADD(0, "udp " C " pair", P), ADD(1, "udp 10.0.0.2:6000 pair", "EDQUOT"), COUNT(1, "used udp", "2"), COUNT(1, "mappings", "2"), ADD(2, "udp 10.0.0.2:6000", "192.0.2.1:*"))
	},
	/* ---- limits and ends of tables ---- */
	{ "port_limit_counts_mappings_on_request", "limit ports=2; icmp-refusal 255", ROWS(
		ADD(0, "udp 10.0.0.2:1", "192.0.2.1:*"), ADD(0, "udp 10.0.0.2:2", "192.0.2.1:*"), ADD(0, "udp 10.0.0.2:3", "EDQUOT"),
		{ 0, IN, "udp 10.0.0.2:4 > " S, NONE, "", "drop_limit_ports" }, ADD(0, "tcp 10.0.0.2:3", "192.0.2.1:*"), ADD(0, "udp 10.0.0.3:3", "192.0.2.1:*"),
		ADD(1, "udp 10.0.0.2:1", "192.0.2.1:*"), DEL(2, "udp 10.0.0.2:1", ""), ADD(3, "udp 10.0.0.2:3", "192.0.2.1:*"))
	},
	{ "rate_limit_counts_mappings_on_request", "limit rate=2; icmp-refusal 255", ROWS(
		ADD(0, "udp 10.0.0.2:1", "192.0.2.1:*"), ADD(0, "udp 10.0.0.2:2", "192.0.2.1:*"), ADD(0, "udp 10.0.0.2:3", "EDQUOT"), ADD(0, "udp 10.0.0.2:2", "192.0.2.1:*"),
		{ 0, IN, "udp 10.0.0.2:4 > " S, NONE, "", "drop_limit_rate" }, ADD(1000, "udp 10.0.0.2:3", "192.0.2.1:*"))
	},
	{ "full_address_refuses", "pool 192.0.2.1 ports=2000-2001; workers 1", ROWS(
		ADD(0, "udp 10.0.0.2:1", "192.0.2.1:*"), ADD(0, "udp 10.0.0.3:1", "192.0.2.1:*"), ADD(0, "udp 10.0.0.4:1", "ENOSPC"), ADD(0, "udp 10.0.0.4:1 out=2000", "ENOSPC"),
		COUNT(0, "mappings", "2"))
	},
	{ "full_table_refuses", "max-sessions 8; workers 1; limit ports=0 sessions=0 rate=0", ROWS(
		ADD(0, "udp 10.0.0.2:1 pair", "192.0.2.1:*"), ADD(0, "udp 10.0.0.2:3 pair", "192.0.2.1:*"), ADD(0, "udp 10.0.0.2:5 pair", "192.0.2.1:*"), ADD(0, "udp 10.0.0.2:7", "192.0.2.1:*"),
		ADD(0, "udp 10.0.0.2:8 pair", "ENOSPC"), COUNT(0, "mappings", "7"), ADD(0, "udp 10.0.0.2:8", "192.0.2.1:*"), ADD(0, "udp 10.0.0.2:9", "ENOSPC"))
	},
	{ "drained_pool_refuses", "pool 192.0.2.1 drain", ROWS( ADD(0, "udp " C, "ENOSPC"), COUNT(0, "mappings", "0")) },
	{ "nonsense_is_refused", "", ROWS(
		ADD(0, "1 10.0.0.2:5000", "EINVAL"), ADD(0, "47 10.0.0.2:5000", "EINVAL"), ADD(0, "udp 10.0.0.2:0", "EINVAL"), ADD(0, "udp 0.0.0.0:5000", "EINVAL"),
		ADD(0, "udp " C " tenant=7", "EINVAL"), ADD(0, "udp 10.0.0.2:65535 pair", "EINVAL"), ADD(0, "udp " C " astray", "EINVAL"), DEL(0, "udp " C " tenant=7", "ENOENT"),
		COUNT(0, "mappings", "0"), COUNT(0, "subscribers", "0"))
	},
	/* ---- how they end ---- */
	{ "end_on_request_ends_its_sessions", "timeout port-rest 0", ROWS(
		ADD(0, "udp " C, P), GOES_OUT(1, C, S, "$p"), COMES_IN(2, "203.0.113.7:7", C, "$p"), { 3, DO, "map del udp " C, NONE, "", "sessions_ended=2" },
		KEPT_OUT(4, "203.0.113.7:7", "$p", "drop_no_mapping"), COUNT(4, "mappings", "0"), COUNT(4, "subscribers", "0"), COUNT(4, "used udp", "0"), DEL(5, "udp " C, "ENOENT"))
	},
	{ "end_of_many_sessions", "limit sessions=0 rate=0", ROWS(
		ADD(0, "udp " C, P), { 1, DO, "repeat 900 out udp 198.51.100.9:#1000# > " P, ANY, "", "sessions_made=900" },
		{ 2, IN, "udp 10.0.0.2:6000 > " S, OUT, "udp 192.0.2.1:$q > " S, "" }, { 3, DO, "map del udp " C, NONE, "", "sessions_ended=900" }, COUNT(3, "mappings", "1"))
	},
	{ "end_is_for_mappings_on_request_only", "", ROWS(
		GOES_OUT(0, C, S, "$p"), DEL(1, "udp " C, "ENOENT"), ADD(2, "udp " C " life=1000", P), DEL(3002, "udp " C, "ENOENT"), DEL(3003, "tcp " C, "ENOENT"),
		{ 3004, OUT, "udp " S " > " P, IN, "udp " S " > " C, "flow_hits" })
	},
	{ "end_comes_too_late_when_the_time_is_over", "", ROWS( ADD(0, "udp " C " life=1000", P), DEL(1000, "udp " C, "ENOENT")) },
	{ "records_tell_of_mappings_on_request", "record mapping-add mapping-del", ROWS(
		ADD(0, "udp " C " pair", P), COUNT(0, "records 2 mapping-add", "in=10.0.0.2"), ADD(1, "udp " C " pair", P), COUNT(1, "records 2 mapping-add", "in=10.0.0.2"),
		DEL(2, "udp " C " pair", ""), COUNT(2, "records 2 mapping-del", "out=192.0.2.1"))
	},
	/* ---- with blocks, plans, shared ports, tenants, forwards ---- */
	{ "blocks_serve_mappings_on_request", "pool 192.0.2.1 ports=2048-65535 block=64 blocks=1; record block-add", ROWS(
		ADD(0, "udp 10.0.0.2:1 pair", "192.0.2.1:$p{even}"), ADD(0, "udp 10.0.0.2:4", "192.0.2.1:$q{p/64}"), { 1, IN, "udp 10.0.0.2:9 > " S, OUT, "udp 192.0.2.1:$r{p/64} > " S, "" },
		COUNT(1, "records 1 block-add", "in=10.0.0.2"), COMES_IN(2, "203.0.113.7:7", "10.0.0.2:4", "$q"), ADD(3, "udp 10.0.0.3:1 out=$p exact", "EADDRINUSE"))
	},
	{ "blocks_limit_mappings_on_request", "pool 192.0.2.1 ports=2048-65535 block=64 blocks=1; limit ports=0 rate=0 sessions=0; icmp-refusal 255", ROWS(
		{ 0, DO, "repeat 62 in udp 10.0.0.2:#1000# > " S, ANY, "", "mappings_made=62" }, ADD(1, "udp 10.0.0.2:1", "192.0.2.1:*"), ADD(1, "udp 10.0.0.2:2", "192.0.2.1:*"),
		ADD(1, "udp 10.0.0.2:3", "EDQUOT"), ADD(1, "udp 10.0.0.2:3 pair", "EDQUOT"))
	},
	{ "second_block_is_taken_for_a_pair", "pool 192.0.2.1 ports=2048-65535 block=64 blocks=2; limit ports=0 rate=0 sessions=0; record block-add", ROWS(
		{ 0, DO, "repeat 63 in udp 10.0.0.2:#1000# > " S, ANY, "", "mappings_made=63" }, ADD(1, "udp 10.0.0.2:1 pair", "192.0.2.1:$p{even}"), COUNT(1, "records 2 block-add", "in=10.0.0.2"))
	},
	{ "plan_serves_mappings_on_request", "pool 192.0.2.1 ports=2000-17999 fixed=10.0.0.0/28", ROWS(
		ADD(0, "udp 10.0.0.2:1", "192.0.2.1:$p{4000-4999}"), COMES_IN(1, "203.0.113.7:7", "10.0.0.2:1", "$p"), ADD(2, "udp 10.0.0.2:10 pair", "192.0.2.1:$q{4000-4999,even}"),
		ADD(3, "udp 10.0.0.2:2 out=4321", "192.0.2.1:4321"), ADD(3, "udp 10.0.0.2:3 out=5000 exact", "EADDRINUSE"), ADD(3, "udp 10.0.0.2:3 out=5000", "192.0.2.1:$r{4000-4999}"),
		ADD(4, "udp 10.0.0.99:1", "ENOSPC"))
	},
	{ "shared_ports_serve_mappings_on_request_alone", "pool 192.0.2.1 shared=both", ROWS(
		ADD(0, "udp " C, P), COMES_IN(1, "203.0.113.7:7", C, "$p"), { 2, IN, "udp " C " > 203.0.113.7:7", OUT, "udp " P " > 203.0.113.7:7", "flow_hits" },
		{ 3, DO, "repeat 200 in udp 10.0.0.3:#1000# > " S, ANY, "", "sessions_made=200" }, COMES_IN(4, "198.51.100.9:53", C, "$p"), DEL(5, "udp " C, ""),
		KEPT_OUT(6, "203.0.113.7:7", "$p", "drop_no_mapping"))
	},
	{ "tenants_have_mappings_of_their_own", TENANTS, ROWS(
		ADD(0, "udp " C " tenant=1", P), ADD(0, "udp " C " tenant=2", "192.0.2.1:$q{!p}"), ADD(0, "udp " C, "192.0.2.1:$r{!p,!q}"), COUNT(0, "subscribers", "3"),
		{ 1, OUT, "udp " S " > " P, IN, "udp " S " > " C " vlan=10", "" }, { 1, OUT, "udp " S " > 192.0.2.1:$q", IN, "udp " S " > " C " vlan=20", "" },
		{ 1, OUT, "udp " S " > 192.0.2.1:$r", IN, "udp " S " > " C, "" }, DEL(2, "udp " C " tenant=1", ""), KEPT_OUT(3, "203.0.113.7:7", "$p", "drop_no_mapping"),
		{ 3, OUT, "udp " S " > 192.0.2.1:$q", IN, "udp " S " > " C " vlan=20", "flow_hits" })
	},
	{ "host_behind_a_forward_is_told_the_forward", "forward udp 192.0.2.1:80 > 10.0.0.2:5000", ROWS(
		{ 0, DO, "map add udp " C, NONE, "192.0.2.1:80", "mappings_made=0" }, ADD(0, "udp " C " out=81 exact", "EADDRINUSE"), ADD(0, "udp " C " pair", "ENOSPC"), COUNT(0, "mappings", "0"),
		COMES_IN(1, "203.0.113.7:7", C, "80"), ADD(2, "udp " C, "192.0.2.1:80"), DEL(3, "udp " C, "ENOENT"), ADD(4, "udp 10.0.0.3:1 out=80 exact", "EADDRINUSE"),
		COMES_IN(5, "203.0.113.7:7", C, "80"))
	},
	/* ---- when the configuration changes ---- */
	{ "mapping_ends_with_its_tenant", "tenant blue vlan=10 10.0.0.1/24; timeout port-rest 0", ROWS(
		ADD(0, "udp " C " tenant=1", P), { 1, DO, "config timeout port-rest 0", NONE, "", "" }, KEPT_OUT(1, "203.0.113.7:7", "$p", "drop_no_mapping"),
		{ 1000, DO, "poll 8", NONE, "", "" }, COUNT(1000, "mappings", "0"), COUNT(1000, "used udp", "0"))
	},
	{ "mapping_ends_with_its_tenant_that_left_an_empty_place", TENANTS "; timeout port-rest 0", ROWS(
		ADD(0, "udp " C " tenant=1", P), { 1, DO, "config tenant blue vlan=10 absent; tenant red vlan=20 10.0.0.1/24; timeout port-rest 0", NONE, "", "" },
		KEPT_OUT(1, "203.0.113.7:7", "$p", "drop_no_mapping"), { 1000, DO, "poll 8", NONE, "", "" }, COUNT(1000, "mappings", "0"))
	},
	{ "mapping_ends_with_its_address", "pool 203.0.113.1", ROWS(
		ADD(0, "udp " C, "203.0.113.1:$p"), { 1, DO, "config pool 203.0.113.2", NONE, "", "" }, { 1, OUT, "udp " S " > 203.0.113.1:$p", NONE, "", "drop_not_ours" },
		{ 1000, DO, "poll 8", NONE, "", "" }, COUNT(1000, "mappings", "0"), ADD(1000, "udp " C, "203.0.113.2:*"))
	},
	{ "request_after_the_address_is_gone_gets_another_one", "pool 203.0.113.1", ROWS(
		ADD(0, "udp " C, "203.0.113.1:$p"), { 1, DO, "config pool 203.0.113.2", NONE, "", "" }, ADD(1, "udp " C, "203.0.113.2:$q"), { 2, OUT, "udp " S " > 203.0.113.2:$q", IN, "udp " S " > " C, "" })
	},
	{ "mapping_gives_way_to_a_forward", "", ROWS(
		ADD(0, "udp " C, P), { 1, DO, "config forward udp 192.0.2.1:$p > 10.0.0.3:80", NONE, "", "" }, COMES_IN(2, "203.0.113.7:7", "10.0.0.3:80", "$p"),
		{ 1000, DO, "poll 8", NONE, "", "" }, COUNT(1000, "mappings", "1"), COMES_IN(1001, "203.0.113.8:7", "10.0.0.3:80", "$p"))
	},
	{ "other_changes_leave_mappings_alone", "", ROWS(
		ADD(0, "udp " C, P), { 1, DO, "config pool 192.0.2.1,203.0.113.1; timeout udp 100", NONE, "", "" }, { 1000, DO, "poll 8", NONE, "", "" }, COMES_IN(1000, "203.0.113.7:7", C, "$p"))
	},
};
/* clang-format on */

SUITE(held, cases);
