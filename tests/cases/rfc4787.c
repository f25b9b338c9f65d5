/* SPDX-License-Identifier: BSD-3-Clause
 *
 * RFC 4787, NAT behaviour for UDP: a test for each requirement, named after it. RFC.md
 * says what else covers a requirement.
 */
#include "table.h"

/* clang-format off */
#define OPEN { 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" }
#define IN_FROM(when, remote) { when, OUT, "udp " remote " > 192.0.2.1:$p 'y'", IN, "udp " remote " > 10.0.0.2:5000 'y'", "" }
#define NOT_IN(when, remote, counter) { when, OUT, "udp " remote " > 192.0.2.1:$p 'y'", NONE, "", counter }
#define UNREACHABLE(when, code) \
	{ when, OUT, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=" code " [udp 192.0.2.1:$p > 198.51.100.9:53 'x']", \
		IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=" code " [udp 10.0.0.2:5000 > 198.51.100.9:53 'x']", "icmp_errors" }

#define TO(port) \
	{ 1, IN, "udp 10.0.0.2:5000 > 203.0.113.7:" #port, OUT, "udp 192.0.2.1:$p > 203.0.113.7:" #port, "mappings_made=0" }

static const struct table_case cases[] = {
	{ "rfc4787_req1_mapping_is_endpoint_independent", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp $a:$p > 198.51.100.9:53", "mappings_made" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:54", OUT, "udp $a:$p > 198.51.100.9:54", "mappings_made=0" },
		{ 2, IN, "udp 10.0.0.2:5000 > 198.51.100.8:53", OUT, "udp $a:$p > 198.51.100.8:53", "mappings_made=0" },
		{ 3, IN, "udp 10.0.0.2:5000 > 192.0.2.9:1", OUT, "udp $a:$p > 192.0.2.9:1", "mappings_made=0" },
		{ 4, IN, "udp 10.0.0.3:5000 > 198.51.100.9:53", OUT, "udp *:$q > 198.51.100.9:53", "mappings_made" })
	},
	{ "rfc4787_req2_all_mappings_of_a_host_share_one_external_address", "pool 203.0.113.0-203.0.113.3,203.0.113.8", ROWS(
		{ 0, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:1000 > 198.51.100.9:53", OUT, "udp $b:* > 198.51.100.9:53", "" },
		{ 1, IN, "udp 10.0.0.2:1001 > 198.51.100.9:53", OUT, "udp $a:* > 198.51.100.9:53", "" },
		{ 1, IN, "udp 10.0.0.3:1001 > 203.0.113.99:53", OUT, "udp $b:* > 203.0.113.99:53", "" },
		{ 2, IN, "tcp 10.0.0.2:1001 > 198.51.100.9:53 SYN", OUT, "tcp $a:* > 198.51.100.9:53 SYN", "" },
		{ 3, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=9 seq=1", OUT, "icmp echo $a > 198.51.100.9 id=* seq=1", "" },
		{ 4, IN, "udp 10.0.0.2:9999 > 192.0.2.9:53", OUT, "udp $a:* > 192.0.2.9:53", "" })
	},
	{ "rfc4787_req3_port_is_never_overloaded", "pool 192.0.2.1 ports=2000-2001; workers 1; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:5000 > 198.51.100.8:53", OUT, "udp 192.0.2.1:$q{!p} > 198.51.100.8:53", "" },
		/* another destination would make the tuples differ, but the port is taken */
		{ 0, IN, "udp 10.0.0.4:5000 > 198.51.100.7:53", NONE, "", "drop_no_port" })
	},
	{ "rfc4787_req3a_well_known_and_other_ports_stay_in_their_range", "pool 203.0.113.1 ports=1-65535", ROWS(
		{ 0, IN, "udp 10.0.0.2:500 > 198.51.100.9:500", OUT, "udp 203.0.113.1:$a{1-1023} > 198.51.100.9:500", "" },
		{ 0, IN, "udp 10.0.0.3:500 > 198.51.100.9:500", OUT, "udp 203.0.113.1:$b{1-1023,!a} > 198.51.100.9:500", "" },
		{ 0, IN, "udp 10.0.0.2:1 > 198.51.100.9:500", OUT, "udp 203.0.113.1:$c{1-1023} > 198.51.100.9:500", "" },
		{ 0, IN, "udp 10.0.0.2:1023 > 198.51.100.9:500", OUT, "udp 203.0.113.1:$d{1-1023} > 198.51.100.9:500", "" },
		{ 0, IN, "udp 10.0.0.2:1024 > 198.51.100.9:500", OUT, "udp 203.0.113.1:$e{1024-65535} > 198.51.100.9:500", "" },
		{ 0, IN, "udp 10.0.0.2:65535 > 198.51.100.9:500", OUT, "udp 203.0.113.1:$f{1024-65535} > 198.51.100.9:500", "" })
	},
	{ "rfc4787_req4_parity_is_preserved", "pool 203.0.113.1 ports=1-65535", ROWS(
		{ 0, IN, "udp 10.0.0.2:5004 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$a{even} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.2:5005 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$b{odd} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:5004 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$c{even} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:5005 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$d{odd} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:124 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$e{even} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:123 > 198.51.100.9:53", OUT, "udp 203.0.113.1:$f{odd} > 198.51.100.9:53", "" })
	},
	{ "rfc4787_req5_mapping_lives_for_two_minutes_at_least", "", ROWS(
		OPEN, IN_FROM(120000, "198.51.100.9:53"))
	},
	{ "rfc4787_req5b_time_is_configurable", "timeout udp 600", ROWS(
		OPEN, IN_FROM(599999, "198.51.100.9:53"), NOT_IN(600001, "198.51.100.9:53", "drop_no_mapping"))
	},
	{ "rfc4787_req5c_default_time_is_five_minutes", "", ROWS(
		OPEN, IN_FROM(299999, "198.51.100.9:53"), NOT_IN(300001, "198.51.100.9:53", "drop_no_mapping"))
	},
	{ "rfc4787_req6_outbound_packet_refreshes_the_mapping_for_all", "", ROWS(
		OPEN, IN_FROM(1, "203.0.113.7:7"),
		/* another session of the mapping: the mapping lives, and so does its filter state */
		{ 299000, IN, "udp 10.0.0.2:5000 > 203.0.113.8:1", OUT, "udp 192.0.2.1:$p > 203.0.113.8:1", "" },
		IN_FROM(598999, "203.0.113.8:1"), IN_FROM(598999, "203.0.113.9:1"),
		NOT_IN(599001, "203.0.113.8:1", "drop_no_mapping"))
	},
	{ "rfc4787_req6a_inbound_packet_does_not_refresh_unless_told", "", ROWS(
		OPEN, IN_FROM(299999, "198.51.100.9:53"), NOT_IN(300001, "198.51.100.9:53", "drop_no_mapping"))
	},
	{ "rfc4787_req6a_inbound_packet_refreshes_when_told", "inbound-refresh on", ROWS(
		OPEN, IN_FROM(299999, "198.51.100.9:53"), IN_FROM(599998, "198.51.100.9:53"))
	},
	/* Not the default tenant: its networks and the outside share one table of routes. */
	{ "rfc4787_req7_inside_network_may_have_the_addresses_of_the_outside", "tenant blue vlan=10 192.0.2.1/24", ROWS(
		{ 0, IN, "udp 192.0.2.9:5000 > 198.51.100.9:53 vlan=10 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p 'y'", IN, "udp 198.51.100.9:53 > 192.0.2.9:5000 vlan=10 'y'", "" },
		/* and the outside's host of the same number, through the mapping */
		{ 2, OUT, "udp 192.0.2.9:7 > 192.0.2.1:$p 'z'", IN, "udp 192.0.2.9:7 > 192.0.2.9:5000 vlan=10 'z'", "" })
	},
	{ "rfc4787_req8_endpoint_independent_filter_lets_anyone_in", "", ROWS(
		OPEN, IN_FROM(1, "198.51.100.9:53"), IN_FROM(1, "198.51.100.9:54"), IN_FROM(1, "203.0.113.7:1"))
	},
	{ "rfc4787_req8_address_dependent_filter_lets_known_addresses_in", "pool 192.0.2.1 udp=ad", ROWS(
		OPEN, IN_FROM(1, "198.51.100.9:53"), IN_FROM(1, "198.51.100.9:54"), NOT_IN(1, "203.0.113.7:53", "drop_filtered"))
	},
	{ "rfc4787_req8a_filter_is_selectable_at_run_time_and_mapping_stays_independent", "pool 192.0.2.1 udp=apd", ROWS(
		OPEN, NOT_IN(1, "198.51.100.9:54", "drop_filtered"),
		{ 2, IN, "udp 10.0.0.2:5000 > 203.0.113.7:1", OUT, "udp 192.0.2.1:$p > 203.0.113.7:1", "mappings_made=0" },
		IN_FROM(3, "203.0.113.7:1"), NOT_IN(3, "203.0.113.7:2", "drop_filtered"),
		{ 4, DO, "config pool 192.0.2.1 udp=ei", NONE, "", "" },
		{ 5, IN, "udp 10.0.0.2:6000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$q > 198.51.100.9:53", "" },
		{ 6, OUT, "udp 203.0.113.99:9 > 192.0.2.1:$q", IN, "udp 203.0.113.99:9 > 10.0.0.2:6000", "" })
	},
	/* found by the model: with nine sessions and more a mapping outlived them until the sweep */
	{ "rfc4787_req5_mapping_with_many_sessions_ends_with_them", "timeout udp 10", ROWS(
		OPEN, TO(1), TO(2), TO(3), TO(4), TO(5), TO(6), TO(7), TO(8), TO(9), TO(10), TO(11),
		NOT_IN(10100, "203.0.113.7:54", "drop_no_mapping"))
	},
	/* found by the model: a contact counted until the sweep came, up to a second later */
	{ "rfc4787_req8_contact_that_is_over_lets_nobody_in", "pool 192.0.2.1 udp=ad; timeout udp 10", ROWS(
		OPEN, { 9000, IN, "udp 10.0.0.2:5000 > 203.0.113.7:53", OUT, "udp 192.0.2.1:$p > 203.0.113.7:53", "mappings_made=0" },
		NOT_IN(10000, "198.51.100.9:54", "drop_filtered"), IN_FROM(10000, "203.0.113.7:54"))
	},
	/* Who came in through the filter does not open it for others: the inside's own session does. */
	{ "rfc4787_req8_session_from_outside_opens_no_filter", "pool 192.0.2.1 udp=ad", ROWS(
		OPEN, IN_FROM(1, "198.51.100.9:54"), { 2, DO, "clear rem=198.51.100.9:53", NONE, "", "" },
		IN_FROM(3, "198.51.100.9:54"), NOT_IN(3, "198.51.100.9:55", "drop_filtered"))
	},
	{ "rfc4787_req9_hairpinning_works", "", ROWS(
		OPEN,
		{ 1, IN, "udp 10.0.0.3:6000 > 192.0.2.1:$p 'hi'", IN, "udp 192.0.2.1:$q > 10.0.0.2:5000 'hi'", "hairpinned" },
		{ 2, IN, "udp 10.0.0.2:5000 > 192.0.2.1:$q 'ho'", IN, "udp 192.0.2.1:$p > 10.0.0.3:6000 'ho'", "hairpinned" })
	},
	{ "rfc4787_req9a_hairpinned_peer_sees_the_external_source", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp $a:$p > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:6000 > 198.51.100.9:53", OUT, "udp $b:$q > 198.51.100.9:53", "" },
		{ 1, IN, "udp 10.0.0.3:6000 > $a:$p 'hi'", IN, "udp $b:$q > 10.0.0.2:5000 'hi'", "hairpinned mappings_made=0" },
		{ 2, IN, "udp 10.0.0.2:5000 > $b:$q 'ho'", IN, "udp $a:$p > 10.0.0.3:6000 'ho'", "hairpinned mappings_made=0" })
	},
	{ "rfc4787_req10_payload_with_addresses_is_left_alone_by_default", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5060 > 198.51.100.9:5060 'INVITE sip:x SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.2:5060\\r\\nContact: <sip:x@10.0.0.2:5060>\\r\\n\\r\\n'",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:5060 'INVITE sip:x SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.2:5060\\r\\nContact: <sip:x@10.0.0.2:5060>\\r\\n\\r\\n'", "" })
	},
	{ "rfc4787_req11_collisions_and_load_change_no_behaviour", "pool 192.0.2.1 ports=2000-2063; workers 1; icmp-refusal 255; limit ports=0 sessions=0 rate=0", ROWS(
		OPEN,
		/* every host uses the same source port, until the address is full */
		{ 1, DO, "repeat 61 in udp 10.0.0.#3#:5000 > 198.51.100.9:53", ANY, "", "mappings_made=61" },
		{ 2, IN, "udp 10.0.0.2:5000 > 203.0.113.7:1", OUT, "udp 192.0.2.1:$p > 203.0.113.7:1", "mappings_made=0" },
		IN_FROM(3, "203.0.113.99:9"),
		{ 4, IN, "udp 10.0.0.90:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$q{!p} > 198.51.100.9:53", "" },
		{ 4, IN, "udp 10.0.0.91:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$r{!p,!q} > 198.51.100.9:53", "" },
		{ 4, IN, "udp 10.0.0.92:5000 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 5, IN, "udp 10.0.0.90:5000 > 203.0.113.7:1", OUT, "udp 192.0.2.1:$q > 203.0.113.7:1", "mappings_made=0" },
		IN_FROM(6, "203.0.113.98:9"), IN_FROM(7, "198.51.100.9:53"))
	},
	{ "rfc4787_req12_icmp_does_not_end_a_mapping", "", ROWS(
		OPEN, UNREACHABLE(1, "3"), UNREACHABLE(1, "1"), UNREACHABLE(1, "2"), UNREACHABLE(1, "0"), UNREACHABLE(1, "13"),
		IN_FROM(2, "198.51.100.9:53"), { 2, DO, "sessions 1 left=299998", NONE, "", "" }, { 2, DO, "mappings 1", NONE, "", "" })
	},
	{ "rfc4787_req12a_icmp_error_of_any_router_passes_a_strict_filter", "pool 192.0.2.1 udp=apd", ROWS(
		OPEN, UNREACHABLE(1, "3"),
		{ 1, OUT, "icmp time-exceeded 203.0.113.250 > 192.0.2.1 [udp 192.0.2.1:$p > 198.51.100.9:53 'x' cut=28]",
			IN, "icmp time-exceeded 203.0.113.250 > 10.0.0.2 [udp 10.0.0.2:5000 > 198.51.100.9:53 'x' cut=28]", "icmp_errors" })
	},
	{ "rfc4787_req12b_every_code_of_unreachable_is_translated", "", ROWS(
		OPEN, UNREACHABLE(1, "0"), UNREACHABLE(1, "1"), UNREACHABLE(1, "2"), UNREACHABLE(1, "3"), UNREACHABLE(1, "5"), UNREACHABLE(1, "6"),
		UNREACHABLE(1, "7"), UNREACHABLE(1, "9"), UNREACHABLE(1, "10"), UNREACHABLE(1, "11"), UNREACHABLE(1, "12"), UNREACHABLE(1, "13"),
		{ 2, OUT, "icmp frag-needed 198.51.100.1 > 192.0.2.1 mtu=1280 [udp 192.0.2.1:$p > 198.51.100.9:53 'x']",
			IN, "icmp frag-needed 198.51.100.1 > 10.0.0.2 mtu=1280 [udp 10.0.0.2:5000 > 198.51.100.9:53 'x']", "icmp_errors" })
	},
	{ "rfc4787_req13_packet_with_df_that_is_too_big_is_answered", "mtu outside 1400", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 df data=1373",
			IN, "icmp frag-needed 10.0.0.1 > 10.0.0.2 ttl=64 tos=192 ipid=* mtu=1400 [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=64 df data=1373 cut=548]", "drop_too_big icmp_made" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 df data=1372", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 df data=1372", "" })
	},
	{ "rfc4787_req13a_packet_without_df_is_fragmented_in_order", "mtu outside 68", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipid=7 csum=0 hex=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i mf csum=0 ulen=64 hex=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
			" + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=48 hex=28292a2b2c2d2e2f3031323334353637", "fragments_made" })
	},
	{ "rfc4787_req14_out_of_order_fragments_are_translated", "", ROWS(
		OPEN,
		{ 1, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=32 'last'", NONE, "", "fragments_held" },
		{ 2, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 mf 'middle__'", NONE, "", "fragments_held" },
		{ 3, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=9 mf data=16",
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 ipid=$i mf data=16 + ip 198.51.100.9 > 10.0.0.2 proto=17 ipid=$i off=32 'last'"
			" + ip 198.51.100.9 > 10.0.0.2 proto=17 ipid=$i off=24 mf 'middle__'", "" })
	},
	{ "rfc4787_req14a_incomplete_fragments_do_not_hurt_whole_packets", "workers 1", ROWS(
		OPEN,
		{ 1, DO, "repeat 2000 out ip 203.0.113.7 > 192.0.2.1 proto=17 ipid=# off=24 'never'", ANY, "", "fragments_held=128 drop_fragment_source=1872" },
		IN_FROM(2, "198.51.100.9:53"), IN_FROM(2, "203.0.113.7:1"),
		{ 3, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 'x'", "flow_hits" })
	},
};
/* clang-format on */

SUITE(rfc4787, cases);
