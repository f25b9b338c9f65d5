/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Addresses that must not pass, and headers that contradict themselves: each one a drop
 * with a name.
 */
#include "table.h"

/* clang-format off */
#define DROPPED(in, packet, counter) { 0, in, packet, NONE, "", counter }

static const struct table_case cases[] = {
	{ "inbound_to_an_address_that_is_not_ours_is_dropped", "", ROWS(
		DROPPED(OUT, "udp 198.51.100.9:53 > 192.0.2.77:5000", "drop_not_ours"),
		DROPPED(OUT, "udp 198.51.100.9:53 > 10.0.0.2:5000", "drop_not_ours"),
		DROPPED(OUT, "tcp 198.51.100.9:53 > 203.0.113.1:80 SYN", "drop_not_ours"),
		DROPPED(OUT, "icmp echo 198.51.100.9 > 203.0.113.1 id=1 seq=1", "drop_not_ours"),
		DROPPED(OUT, "ip 198.51.100.9 > 203.0.113.1 proto=47", "drop_not_ours"))
	},
	{ "inbound_to_a_gone_pool_is_dropped_even_with_a_live_port", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		DROPPED(OUT, "udp 198.51.100.9:53 > 192.0.2.2:$p", "drop_not_ours"))
	},
	{ "source_equal_to_destination_is_dropped", "", ROWS(
		DROPPED(IN, "udp 10.0.0.2:5000 > 10.0.0.2:5000", "drop_land"),
		DROPPED(IN, "tcp 10.0.0.2:5000 > 10.0.0.2:80 SYN", "drop_land"),
		DROPPED(OUT, "udp 192.0.2.1:5000 > 192.0.2.1:5000", "drop_land"),
		DROPPED(OUT, "tcp 192.0.2.1:5000 > 192.0.2.1:80 SYN", "drop_land"))
	},
	{ "bogons_from_inside_are_dropped", "", ROWS(
		DROPPED(IN, "udp 127.0.0.1:5 > 198.51.100.9:53", "drop_bogon"),
		DROPPED(IN, "udp 0.0.0.5:5 > 198.51.100.9:53", "drop_bogon"),
		DROPPED(IN, "udp 224.0.0.5:5 > 198.51.100.9:53", "drop_bogon"),
		DROPPED(IN, "udp 255.255.255.255:5 > 198.51.100.9:53", "drop_bogon"),
		DROPPED(IN, "udp 240.0.0.5:5 > 198.51.100.9:53", "drop_bogon"),
		DROPPED(IN, "udp 169.254.7.7:5 > 198.51.100.9:53", "drop_bogon"),
		DROPPED(IN, "udp 10.0.0.2:5 > 127.0.0.1:53", "drop_bogon"),
		DROPPED(IN, "udp 10.0.0.2:5 > 0.0.0.0:53", "drop_bogon"),
		DROPPED(IN, "udp 10.0.0.2:5 > 250.0.0.1:53", "drop_bogon"),
		DROPPED(IN, "udp 10.0.0.2:5 > 169.254.1.1:53", "drop_bogon"),
		{ 0, DO, "sessions 0", NONE, "", "" })
	},
	{ "bogons_from_outside_are_dropped", "", ROWS(
		DROPPED(OUT, "udp 127.0.0.1:5 > 192.0.2.1:5000", "drop_bogon"),
		DROPPED(OUT, "udp 0.0.0.0:5 > 192.0.2.1:5000", "drop_bogon"),
		DROPPED(OUT, "udp 224.0.0.5:5 > 192.0.2.1:5000", "drop_bogon"),
		DROPPED(OUT, "udp 255.255.255.255:5 > 192.0.2.1:5000", "drop_bogon"),
		DROPPED(OUT, "udp 240.0.0.5:5 > 192.0.2.1:5000", "drop_bogon"))
	},
	{ "spoofed_sources_from_inside_are_dropped", "pool 203.0.113.0-203.0.113.15", ROWS(
		DROPPED(IN, "udp 172.16.0.5:5 > 198.51.100.9:53", "drop_spoofed"),
		DROPPED(IN, "udp 192.0.2.9:5 > 198.51.100.9:53", "drop_spoofed"),
		DROPPED(IN, "udp 192.0.2.1:5 > 198.51.100.9:53", "drop_spoofed"),
		DROPPED(IN, "udp 203.0.113.3:5 > 198.51.100.9:53", "drop_spoofed"),
		DROPPED(IN, "udp 10.0.0.1:5 > 198.51.100.9:53", "drop_spoofed"),
		DROPPED(IN, "udp 10.0.0.255:5 > 198.51.100.9:53", "drop_spoofed"),
		{ 0, DO, "sessions 0", NONE, "", "" })
	},
	{ "spoofed_sources_from_outside_are_dropped", "pool 203.0.113.0-203.0.113.15", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp $a:$p > 198.51.100.9:53", "" },
		DROPPED(OUT, "udp 10.0.0.5:5 > $a:$p", "drop_spoofed"),
		DROPPED(OUT, "udp 192.0.2.1:5 > $a:$p", "drop_spoofed"),
		DROPPED(OUT, "udp 203.0.113.15:5 > 203.0.113.14:$p", "drop_spoofed"),
		{ 0, DO, "sessions 1", NONE, "", "" })
	},
	{ "spoofed_ping_of_the_box_is_dropped", "", ROWS(
		DROPPED(OUT, "icmp echo 10.0.0.5 > 192.0.2.1 id=1 seq=1", "drop_spoofed"),
		DROPPED(IN, "icmp echo 192.0.2.1 > 10.0.0.1 id=1 seq=1", "drop_spoofed"))
	},
	{ "destination_without_route_is_unreachable", "", ROWS(
		{ 0, DO, "unroute 0.0.0.0/0", NONE, "", "" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 'x'",
			IN, "icmp unreachable 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* code=* [udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=64 'x']", "drop_no_route icmp_made" },
		{ 1, IN, "udp 10.0.0.2:5000 > 192.0.2.9:53 'x'", OUT, "udp 192.0.2.1:$p > 192.0.2.9:53 'x'", "" })
	},
	{ "another_inside_network_is_routed_without_translation", "inside 10.0.0.1/24; inside 10.0.9.1/24", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 10.0.9.3:53 'x'", IN, "udp 10.0.0.2:5000 > 10.0.9.3:53 'x'", "routed sessions_made=0" },
		{ 0, IN, "tcp 10.0.9.3:53 > 10.0.0.2:5000 SYN ACK", IN, "tcp 10.0.9.3:53 > 10.0.0.2:5000 SYN ACK", "routed" },
		{ 0, IN, "udp 10.0.0.2:5000 > 10.0.9.3:53 ttl=1 'x'",
			IN, "icmp time-exceeded 10.0.0.1 > 10.0.0.2 ttl=64 tos=* ipid=* [udp 10.0.0.2:5000 > 10.0.9.3:53 ttl=1 'x']", "drop_ttl icmp_made" })
	},
	{ "inside_network_behind_a_router_is_reached", "", ROWS(
		{ 0, DO, "route in 10.7.0.0/16 10.0.0.7", NONE, "", "" },
		{ 0, IN, "udp 10.7.1.1:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p", IN, "udp 198.51.100.9:53 > 10.7.1.1:5000", "" })
	},
	/* ---- form ---- */
	{ "frame_shorter_than_its_headers_is_dropped", "", ROWS(
		DROPPED(IN, "hex 02ff", "drop_short"),
		DROPPED(IN, "hex 02ff00000001020000000077", "drop_short"),
		DROPPED(IN, "hex 02ff000000010200000000770800", "drop_short"),
		DROPPED(IN, "hex 02ff00000001020000000077080045", "drop_short"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 cut=19", "drop_short"),
		DROPPED(OUT, "hex 02ff0000000202000000007786dd60", "drop_short"))
	},
	{ "ip_length_that_lies_is_dropped", "", ROWS(
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 tlen=1500 'x'", "drop_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 tlen=65535 'x'", "drop_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 tlen=30 'x'", "drop_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 tlen=19 'x'", "drop_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 tlen=0 'x'", "drop_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ihl=4 'x'", "drop_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ihl=0 'x'", "drop_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ihl=15 'x'", "drop_length"))
	},
	{ "wrong_ip_version_is_dropped", "", ROWS(
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 version=6", "drop_version"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 version=0", "drop_version"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 data=40 type=0x86dd", "drop_version"))
	},
	{ "wrong_ip_checksum_is_dropped", "", ROWS(
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 badipcsum", "drop_ip_checksum"),
		DROPPED(OUT, "udp 198.51.100.9:53 > 192.0.2.1:5 badipcsum", "drop_ip_checksum"))
	},
	{ "transport_length_that_lies_is_dropped", "", ROWS(
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ulen=7 'x'", "drop_l4_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ulen=0 'x'", "drop_l4_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ulen=10 'x'", "drop_l4_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ulen=65535 'x'", "drop_l4_length"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 tlen=27", "drop_l4_length"),
		DROPPED(IN, "ip 10.0.0.2 > 198.51.100.9 proto=17", "drop_l4_length"),
		DROPPED(IN, "tcp 10.0.0.2:5 > 198.51.100.9:53 SYN doff=4", "drop_l4_length"),
		DROPPED(IN, "tcp 10.0.0.2:5 > 198.51.100.9:53 SYN doff=6", "drop_l4_length"),
		DROPPED(IN, "tcp 10.0.0.2:5 > 198.51.100.9:53 SYN doff=15 'x'", "drop_l4_length"),
		DROPPED(IN, "ip 10.0.0.2 > 198.51.100.9 proto=6 hex=00010002000000010000000250020000000000", "drop_l4_length"),
		DROPPED(IN, "ip 10.0.0.2 > 198.51.100.9 proto=1 hex=08000000000000", "drop_l4_length"))
	},
	{ "source_routes_are_dropped", "", ROWS(
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipopt=830704cb007105", "drop_source_route"),
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipopt=01890704cb007105", "drop_source_route"))
	},
	/* RFC 791: with nothing left to visit it is a record, which is nobody's business behind the box. */
	{ "source_route_that_is_over_becomes_no_operations", "", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipopt=018307080a00000744040500 'x'", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipopt=010101010101010144040500 'x'", "drop_source_route=0" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipopt=890708cb00710500 'y'", IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 ipopt=0101010101010100 'y'", "" })
	},
	{ "frame_for_another_station_is_dropped", "", ROWS(
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 dmac=02:ff:00:00:00:02", "drop_dmac"),
		DROPPED(OUT, "udp 198.51.100.9:53 > 192.0.2.1:5 dmac=02:00:00:00:00:02", "drop_dmac"))
	},
	{ "unwanted_ethertype_is_dropped", "", ROWS(
		DROPPED(IN, "eth type=0x88cc 'lldp'", "drop_ethertype"),
		DROPPED(OUT, "eth type=100 'length field of 802.3'", "drop_ethertype"))
	},
	{ "ipv6_that_is_not_for_the_box_is_dropped", "", ROWS(
		DROPPED(IN, "ip6 2001:db8::5 > 2001:db8:1::5 nh=17 hex=0001000200080000", "drop_ipv6"))
	},
	{ "vlan_of_nobody_is_dropped", "", ROWS(
		DROPPED(IN, "udp 10.0.0.2:5 > 198.51.100.9:53 vlan=9", "drop_vlan"),
		DROPPED(OUT, "udp 198.51.100.9:53 > 192.0.2.1:5 vlan=9", "drop_vlan"))
	},
	{ "other_protocols_are_dropped", "", ROWS(
		DROPPED(IN, "ip 10.0.0.2 > 198.51.100.9 proto=51 data=20", "drop_protocol"),
		DROPPED(IN, "ip 10.0.0.2 > 198.51.100.9 proto=255 'x'", "drop_protocol"))
	},
};
/* clang-format on */

SUITE(address, cases);
