/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Port blocks (RFC 6888 REQ-14, RFC 7422 section 1): a subscriber draws its ports from
 * blocks that are aligned and its own, holds no more of them than the pool allows, and gives
 * one back when no port of it was used for the idle time; each coming and going is one record.
 */
#include "table.h"

/* clang-format off */
#define POOL "pool 203.0.113.1 block=64; record block-add block-del limit exhausted; limit rate=0"
#define OPENS(when, host, port, name) \
	{ when, IN, "udp " host ":" port " > 198.51.100.9:53 'x'", OUT, "udp 203.0.113.1:" name " > 198.51.100.9:53 'x'", "sessions_made" }
#define REFUSED(when, host, port, code, counter) \
	{ when, IN, "udp " host ":" port " > 198.51.100.9:53 'x'", \
		IN, "icmp unreachable 10.0.0.1 > " host " ttl=64 tos=* ipid=* code=" code " [udp " host ":" port " > 198.51.100.9:53 ttl=64 'x']", \
		counter " icmp_made sessions_made=0" }
#define ANSWER(when, host, port, name) \
	{ when, OUT, "udp 198.51.100.9:53 > 203.0.113.1:" name " 'y'", IN, "udp 198.51.100.9:53 > " host ":" port " 'y'", "flow_hits" }
#define LOG(when, what) { when, DO, "records " what, NONE, "", "" }
#define POLL(when) { when, DO, "poll 8", NONE, "", "" }

static const struct table_case cases[] = {
	{ "ports_of_a_subscriber_are_in_its_block", POOL, ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a{1024-65535}"), OPENS(0, "10.0.0.2", "1001", "$b{a/64,!a}"), OPENS(0, "10.0.0.2", "80", "$c{a/64,!a,!b}"),
		{ 0, IN, "tcp 10.0.0.2:1000 > 198.51.100.9:80 SYN", OUT, "tcp 203.0.113.1:$t{a/64} > 198.51.100.9:80 SYN", "" },
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1", OUT, "icmp echo 203.0.113.1 > 198.51.100.9 id=$i{a/64} seq=1", "" },
		LOG(1, "1 block-add"), LOG(1, "1 block-add in=10.0.0.2 out=203.0.113.1 has=$a size=64 tenant=0"), LOG(1, "1 block-add has=$b"),
		ANSWER(1, "10.0.0.2", "1000", "$a"), ANSWER(1, "10.0.0.2", "1001", "$b"), ANSWER(1, "10.0.0.2", "80", "$c"),
		{ 2, OUT, "tcp 198.51.100.9:80 > 203.0.113.1:$t SYN ACK", IN, "tcp 198.51.100.9:80 > 10.0.0.2:1000 SYN ACK", "" },
		{ 2, OUT, "icmp echo-reply 198.51.100.9 > 203.0.113.1 id=$i seq=1", IN, "icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1", "" },
		LOG(3, "0 block-del"))
	},
	{ "another_subscriber_has_another_block", POOL, ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"), OPENS(0, "10.0.0.3", "1000", "$b{!a/64}"), OPENS(0, "10.0.0.4", "1000", "$c{!a/64,!b/64}"),
		OPENS(0, "10.0.0.3", "1001", "$d{b/64}"), OPENS(0, "10.0.0.2", "1001", "$e{a/64}"), OPENS(0, "10.0.0.4", "1001", "$f{c/64}"),
		LOG(0, "3 block-add"), LOG(0, "1 block-add in=10.0.0.3 has=$b"), LOG(0, "1 block-add in=10.0.0.4 has=$c"),
		ANSWER(1, "10.0.0.4", "1001", "$f"), ANSWER(1, "10.0.0.3", "1001", "$d"), ANSWER(1, "10.0.0.2", "1001", "$e"))
	},
	{ "mapping_in_a_block_is_endpoint_independent", POOL, ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"),
		{ 1, IN, "udp 10.0.0.2:1000 > 203.0.113.77:53", OUT, "udp 203.0.113.1:$a > 203.0.113.77:53", "mappings_made=0" },
		{ 1, OUT, "udp 198.51.100.77:9 > 203.0.113.1:$a", IN, "udp 198.51.100.77:9 > 10.0.0.2:1000", "" })
	},
	{ "parity_is_kept_in_a_block", POOL, ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a{even}"), OPENS(0, "10.0.0.2", "1001", "$b{odd}"), OPENS(0, "10.0.0.2", "1002", "$c{even}"), OPENS(0, "10.0.0.2", "1003", "$d{odd}"))
	},
	{ "full_block_refuses_with_the_configured_code", POOL "; icmp-refusal 1", ROWS(
		OPENS(0, "10.0.0.2", "999", "$a"),
		{ 0, DO, "repeat 63 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=63" },
		LOG(0, "1 block-add"),
		REFUSED(1, "10.0.0.2", "5000", "1", "drop_limit_ports"),
		LOG(1, "1 block-add"), LOG(1, "1 limit in=10.0.0.2 why=drop_limit_ports"), LOG(1, "0 exhausted"),
		REFUSED(2, "10.0.0.2", "5001", "1", "drop_limit_ports"), LOG(2, "1 limit"),
		/* what is there goes on, other protocols and other subscribers have ports of their own */
		ANSWER(3, "10.0.0.2", "999", "$a"),
		{ 3, IN, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN", OUT, "tcp 203.0.113.1:$t{a/64} > 198.51.100.9:80 SYN", "" },
		OPENS(3, "10.0.0.3", "5000", "$b{!a/64}"),
		{ 3, IN, "udp 10.0.0.2:999 > 198.51.100.10:53", OUT, "udp 203.0.113.1:$a > 198.51.100.10:53", "mappings_made=0" })
	},
	{ "refusal_of_a_full_block_can_be_silent", POOL "; icmp-refusal 255", ROWS(
		{ 0, DO, "repeat 64 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=64" },
		{ 1, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", NONE, "", "drop_limit_ports icmp_made=0" })
	},
	{ "second_block_is_given_when_the_first_is_full", "pool 203.0.113.1 block=64 blocks=2; record block-add block-del; limit rate=0 ports=0; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "999", "$a"),
		{ 0, DO, "repeat 63 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=63" },
		LOG(0, "1 block-add"),
		OPENS(1, "10.0.0.2", "5000", "$b{!a/64}"),
		LOG(1, "2 block-add in=10.0.0.2"), LOG(1, "1 block-add has=$b"),
		{ 1, DO, "repeat 63 in udp 10.0.0.2:#2000# > 198.51.100.9:53", ANY, "", "sessions_made=63" },
		{ 1, DO, "repeat 5 in udp 10.0.0.2:#3000# > 198.51.100.9:53", ANY, "", "sessions_made=0 drop_limit_ports=5" },
		LOG(1, "2 block-add"),
		ANSWER(2, "10.0.0.2", "5000", "$b"), ANSWER(2, "10.0.0.2", "999", "$a"))
	},
	{ "all_blocks_of_a_subscriber_are_on_one_address", "pool 203.0.113.1-203.0.113.4 block=64 blocks=3; limit rate=0 ports=0", ROWS(
		{ 0, IN, "udp 10.0.0.2:999 > 198.51.100.9:53", OUT, "udp $x:$a > 198.51.100.9:53", "" },
		{ 0, DO, "repeat 63 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=63" },
		{ 0, IN, "udp 10.0.0.2:998 > 198.51.100.9:53", OUT, "udp $x:$b{!a/64} > 198.51.100.9:53", "" },
		{ 0, DO, "repeat 63 in udp 10.0.0.2:#2000# > 198.51.100.9:53", ANY, "", "sessions_made=63" },
		{ 0, IN, "udp 10.0.0.2:997 > 198.51.100.9:53", OUT, "udp $x:$c{!a/64,!b/64} > 198.51.100.9:53", "" },
		{ 0, IN, "icmp echo 10.0.0.2 > 198.51.100.9 id=1 seq=1", OUT, "icmp echo $x > 198.51.100.9 id=* seq=1", "" })
	},
	{ "no_block_left_refuses_and_the_owner_goes_on", "pool 203.0.113.1 ports=2048-2111 block=64; workers 1; icmp-refusal 1; record block-add exhausted", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a{2048-2111}"),
		REFUSED(1, "10.0.0.3", "1000", "1", "drop_no_port"),
		LOG(1, "1 exhausted in=10.0.0.3 why=drop_no_port"), LOG(1, "1 block-add"),
		OPENS(2, "10.0.0.2", "1001", "$b{2048-2111,!a}"), ANSWER(2, "10.0.0.2", "1000", "$a"))
	},
	/* the port rests until 120 s, from then on the block is idle */
	{ "block_goes_back_after_its_idle_time_and_not_before", "pool 203.0.113.1 ports=2048-2111 block=64; workers 1; icmp-refusal 255; block-idle 300; timeout port-rest 120; record block-add block-del", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"),
		{ 0, DO, "clear", NONE, "", "" },
		{ 0, DO, "subscribers 1", NONE, "", "" },
		POLL(120001), LOG(120001, "0 block-del"),
		POLL(420000), LOG(420000, "0 block-del"),
		{ 420000, IN, "udp 10.0.0.3:1000 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		POLL(420001), LOG(420001, "1 block-del in=10.0.0.2 out=203.0.113.1 has=$a size=64"), LOG(420001, "1 block-add"),
		OPENS(420002, "10.0.0.3", "1000", "$b{a/64}"),
		LOG(420002, "1 block-add in=10.0.0.3"), LOG(420002, "1 block-del"))
	},
	{ "subscriber_without_blocks_is_forgotten", "pool 203.0.113.1 block=64; block-idle 60; timeout port-rest 0; record block-del", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"),
		{ 0, DO, "clear", NONE, "", "" },
		{ 59999, DO, "subscribers 1", NONE, "", "" }, LOG(59999, "0 block-del"),
		POLL(60002), LOG(60002, "1 block-del"),
		{ 60003, DO, "subscribers 0", NONE, "", "" },
		{ 60003, DO, "used udp 0", NONE, "", "" })
	},
	{ "block_is_used_again_while_it_is_idle_and_its_time_begins_anew", "pool 203.0.113.1 block=64; block-idle 300; timeout port-rest 0; record block-add block-del", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"), { 0, DO, "clear", NONE, "", "" },
		OPENS(299000, "10.0.0.2", "1000", "$b{a/64}"), { 299000, DO, "clear", NONE, "", "" },
		POLL(598999), LOG(598999, "0 block-del"), LOG(598999, "1 block-add"),
		POLL(599001), LOG(599001, "1 block-del"))
	},
	{ "block_with_one_port_in_use_stays", "pool 203.0.113.1 block=64; block-idle 10; timeout port-rest 0; timeout udp 300; record block-add block-del", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"), OPENS(0, "10.0.0.2", "1001", "$b"),
		{ 1, DO, "clear in=10.0.0.2:1000", NONE, "", "" },
		{ 200000, IN, "udp 10.0.0.2:1001 > 198.51.100.9:53 'x'", OUT, "udp 203.0.113.1:$b > 198.51.100.9:53 'x'", "flow_hits" },
		{ 400000, IN, "udp 10.0.0.2:1001 > 198.51.100.9:53 'x'", OUT, "udp 203.0.113.1:$b > 198.51.100.9:53 'x'", "flow_hits" },
		{ 600000, IN, "udp 10.0.0.2:1001 > 198.51.100.9:53 'x'", OUT, "udp 203.0.113.1:$b > 198.51.100.9:53 'x'", "flow_hits" },
		LOG(600000, "0 block-del"), LOG(600000, "1 block-add"))
	},
	{ "second_block_goes_back_alone", "pool 203.0.113.1 block=64 blocks=2; limit rate=0; block-idle 10; timeout port-rest 0; record block-add block-del", ROWS(
		OPENS(0, "10.0.0.2", "999", "$a"),
		{ 0, DO, "repeat 63 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=63" },
		OPENS(0, "10.0.0.2", "998", "$b{!a/64}"),
		{ 0, DO, "clear in=10.0.0.2:998", NONE, "", "" },
		POLL(11000), LOG(11000, "1 block-del"), LOG(11000, "1 block-del has=$b"),
		OPENS(11001, "10.0.0.2", "997", "$c{!a/64}"), LOG(11001, "3 block-add in=10.0.0.2"),
		ANSWER(11002, "10.0.0.2", "999", "$a"))
	},
	{ "block_with_ports_of_the_kernel_is_never_given", "pool 192.0.2.1 ports=32000-33000 block=256; kernel-ports 32700-40000; workers 1; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a{32000-32511} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:1000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$b{32000-32511,!a/256} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.4:1000 > 198.51.100.9:53", NONE, "", "drop_no_port" })
	},
	{ "block_that_begins_right_behind_the_kernels_ports_is_given", "pool 192.0.2.1 ports=40000-41215 block=256; kernel-ports 32700-40959; workers 1; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$a{40960-41215} > 198.51.100.9:53", "" },
		{ 0, IN, "udp 10.0.0.3:1000 > 198.51.100.9:53", NONE, "", "drop_no_port" })
	},
	{ "block_over_the_edge_of_the_range_is_never_given", "pool 203.0.113.1 ports=2000-2200 block=64; workers 1; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a{2048-2175}"), OPENS(0, "10.0.0.3", "1000", "$b{2048-2175,!a/64}"),
		{ 0, IN, "udp 10.0.0.4:1000 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 0, DO, "repeat 63 in udp 10.0.0.2:#2000# > 198.51.100.9:53", ANY, "", "sessions_made=63" },
		{ 0, DO, "repeat 63 in udp 10.0.0.3:#2000# > 198.51.100.9:53", ANY, "", "sessions_made=63" })
	},
	{ "range_without_a_whole_block_is_refused", "", ROWS(
		{ 0, DO, "badconfig pool 203.0.113.1 ports=2050-2100 block=64", NONE, "", "" }, { 0, DO, "badconfig pool 203.0.113.1 ports=2049-2174 block=64", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1 ports=0-63 block=64", NONE, "", "" }, { 0, DO, "badconfig pool 203.0.113.1 ports=49153-65535 block=16384", NONE, "", "" },
		{ 0, DO, "config pool 203.0.113.1 ports=2049-2175 block=64", NONE, "", "" }, { 1, DO, "poll 2", NONE, "", "" })
	},
	{ "range_whose_blocks_are_all_the_kernels_gives_none", "pool 192.0.2.1 ports=33000-34999 block=512; icmp-refusal 255", ROWS(
		{ 0, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53", NONE, "", "drop_no_port" },
		{ 0, OUT, "udp 198.51.100.9:53 > 192.0.2.1:34000", PUNT, "udp 198.51.100.9:53 > 192.0.2.1:34000 ttl=64", "" })
	},
	{ "block_with_port_zero_is_never_given", "pool 203.0.113.1 ports=0-127 block=64; workers 1; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a{64-127}"),
		{ 0, IN, "udp 10.0.0.3:1000 > 198.51.100.9:53", NONE, "", "drop_no_port" })
	},
	{ "last_block_of_the_ports_is_given", "pool 203.0.113.1 ports=49152-65535 block=16384; workers 1; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a{49152-65535}"),
		{ 0, IN, "udp 10.0.0.3:1000 > 198.51.100.9:53", NONE, "", "drop_no_port" })
	},
	{ "sizes_that_are_no_block_are_refused", POOL, ROWS(
		{ 0, DO, "badconfig pool 203.0.113.1 block=63", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1 block=96", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1 block=32", NONE, "", "" },
		{ 0, DO, "badconfig pool 203.0.113.1 block=32768", NONE, "", "" },
		{ 0, DO, "config pool 203.0.113.1 block=16384", NONE, "", "" })
	},
	{ "limit_of_ports_counts_within_blocks", POOL "; limit ports=2; icmp-refusal 255", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"), OPENS(0, "10.0.0.2", "1001", "$b{a/64}"),
		{ 0, IN, "udp 10.0.0.2:1002 > 198.51.100.9:53", NONE, "", "drop_limit_ports" })
	},
	{ "subscriber_refused_for_its_rate_gets_no_block", "pool 203.0.113.1 block=64; limit rate=1; icmp-refusal 255; record block-add", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"),
		{ 0, IN, "udp 10.0.0.2:1001 > 198.51.100.9:53", NONE, "", "drop_limit_rate" }, LOG(0, "1 block-add"))
	},
	{ "hairpin_between_two_blocks", POOL, ROWS(
		OPENS(0, "10.0.0.2", "1000", "$s"),
		{ 1, IN, "udp 10.0.0.3:6000 > 203.0.113.1:$s 'hi'", IN, "udp 203.0.113.1:$c{!s/64} > 10.0.0.2:1000 'hi'", "hairpinned" },
		{ 2, IN, "udp 10.0.0.2:1000 > 203.0.113.1:$c 'ho'", IN, "udp 203.0.113.1:$s > 10.0.0.3:6000 'ho'", "hairpinned" })
	},
	{ "forward_in_a_block_is_not_given_to_a_mapping", "pool 203.0.113.1 ports=2048-2111 block=64; workers 1; icmp-refusal 255; limit rate=0; forward udp 203.0.113.1:2050 > 10.0.0.5:50", ROWS(
		{ 0, DO, "repeat 63 in udp 10.0.0.2:#1000# > 198.51.100.9:53", ANY, "", "sessions_made=63" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", NONE, "", "drop_limit_ports" },
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.1:2050", IN, "udp 198.51.100.9:53 > 10.0.0.5:50", "" })
	},
	{ "error_about_a_port_of_a_block_comes_in", POOL, ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"),
		{ 1, OUT, "icmp unreachable 198.51.100.1 > 203.0.113.1 code=3 [udp 203.0.113.1:$a > 198.51.100.9:53 'x']",
			IN, "icmp unreachable 198.51.100.1 > 10.0.0.2 code=3 [udp 10.0.0.2:1000 > 198.51.100.9:53 'x']", "icmp_errors" })
	},
	{ "port_of_a_block_without_mapping_lets_nobody_in", POOL, ROWS(
		{ 0, OUT, "udp 198.51.100.9:53 > 203.0.113.1:2048", NONE, "", "drop_no_mapping" },
		{ 0, OUT, "tcp 198.51.100.9:53 > 203.0.113.1:2048 SYN", NONE, "", "drop_no_mapping" })
	},
	{ "tenants_with_one_address_have_blocks_of_their_own", POOL "; tenant blue vlan=10 10.0.0.1/24", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"),
		{ 0, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53 vlan=10", OUT, "udp 203.0.113.1:$b{!a/64} > 198.51.100.9:53", "" },
		LOG(0, "1 block-add tenant=0 has=$a"), LOG(0, "1 block-add tenant=1 has=$b"),
		{ 1, OUT, "udp 198.51.100.9:53 > 203.0.113.1:$b", IN, "udp 198.51.100.9:53 > 10.0.0.2:1000 vlan=10", "" },
		ANSWER(1, "10.0.0.2", "1000", "$a"))
	},
	{ "same_configuration_keeps_blocks", POOL, ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"),
		{ 1, DO, "configs 20", NONE, "", "sessions_ended=0" }, { 1000, DO, "poll 200", NONE, "", "" },
		OPENS(1001, "10.0.0.2", "1001", "$b{a/64}"), LOG(1001, "1 block-add"), LOG(1001, "0 block-del"),
		ANSWER(1002, "10.0.0.2", "1000", "$a"))
	},
	{ "block_of_a_removed_address_is_recorded_once_as_gone", POOL "; block-idle 10; timeout port-rest 0", ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"),
		{ 1, DO, "config pool 203.0.113.7 block=64; record block-add block-del; block-idle 10; timeout port-rest 0", NONE, "", "" },
		{ 1000, DO, "poll 200", NONE, "", "" }, { 1000, DO, "sessions 0", NONE, "", "" },
		{ 1001, IN, "udp 10.0.0.2:1000 > 198.51.100.9:53", OUT, "udp 203.0.113.7:$b > 198.51.100.9:53", "" },
		LOG(1001, "1 block-add out=203.0.113.7 has=$b"),
		POLL(20000), LOG(20000, "1 block-del"), LOG(20000, "1 block-del in=10.0.0.2 out=203.0.113.1 has=$a"))
	},
	/* A block of a size that is no longer configured must not stand in the way of a new one. */
	{ "other_block_size_serves_subscribers_at_once", POOL, ROWS(
		OPENS(0, "10.0.0.2", "1000", "$a"),
		{ 1, DO, "config pool 203.0.113.1 block=128; record block-add block-del; limit rate=0", NONE, "", "" },
		{ 1000, DO, "poll 200", NONE, "", "" },
		OPENS(1001, "10.0.0.2", "1001", "$b{!a}"), LOG(1001, "1 block-add in=10.0.0.2 size=128 has=$b"),
		OPENS(1002, "10.0.0.3", "1001", "$c{!a,!b/128}"), LOG(1002, "1 block-add in=10.0.0.3 size=128 has=$c"))
	},
};
/* clang-format on */

SUITE(blocks, cases);
