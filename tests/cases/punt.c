/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What goes to the kernel and what the kernel sends: punts by cause and rate, services,
 * injected frames.
 */
#include "table.h"

/* clang-format off */
#define PUNTED(in, packet, counter) { 0, in, packet, PUNT, packet, counter " sessions_made=0" }

static const struct table_case cases[] = {
	{ "arp_goes_to_the_kernel_as_it_came", "", ROWS(
		PUNTED(IN, "arp request 10.0.0.2 > 10.0.0.1 dmac=ff:ff:ff:ff:ff:ff", "punted_arp"),
		PUNTED(IN, "arp reply 10.0.0.2 > 10.0.0.1 trailer=18", "punted_arp"),
		PUNTED(OUT, "arp request 192.0.2.254 > 192.0.2.1 dmac=ff:ff:ff:ff:ff:ff", "punted_arp"),
		PUNTED(OUT, "arp reply 192.0.2.254 > 192.0.2.1", "punted_arp"))
	},
	{ "neighbour_discovery_goes_to_the_kernel", "", ROWS(
		PUNTED(IN, "ip6 fe80::2 > ff02::1:ff00:1 nh=58 ttl=255 dmac=33:33:ff:00:00:01 hex=8700000000000000", "punted_nd"),
		PUNTED(IN, "ip6 fe80::2 > fe80::1 nh=58 ttl=255 hex=8800000000000000", "punted_nd"),
		PUNTED(OUT, "ip6 fe80::2 > ff02::1 nh=58 ttl=255 dmac=33:33:00:00:00:01 hex=8600000000000000", "punted_nd"))
	},
	{ "packets_for_the_inside_address_go_to_the_kernel", "", ROWS(
		PUNTED(IN, "icmp echo 10.0.0.2 > 10.0.0.1 id=1 seq=1 'ping'", "punted_local"),
		PUNTED(IN, "udp 10.0.0.2:5000 > 10.0.0.1:53 'dns'", "punted_local"),
		PUNTED(IN, "tcp 10.0.0.2:5000 > 10.0.0.1:80 SYN seq=1", "punted_local"),
		PUNTED(IN, "tcp 10.0.0.2:5000 > 10.0.0.1:80 ACK seq=1", "punted_local"),
		PUNTED(IN, "ip 10.0.0.2 > 10.0.0.1 proto=89 'ospf'", "punted_local"),
		PUNTED(IN, "udp 10.0.0.2:5000 > 10.0.0.1:53 ttl=1 'dns'", "punted_local"),
		PUNTED(IN, "udp 10.0.0.2:5000 > 10.0.0.1:53 mf data=16", "punted_local"))
	},
	{ "multicast_and_broadcast_go_to_the_kernel", "", ROWS(
		PUNTED(IN, "udp 10.0.0.2:5000 > 239.255.255.250:1900 ttl=2 dmac=01:00:5e:7f:ff:fa 'M-SEARCH'", "punted_multicast"),
		PUNTED(IN, "udp 0.0.0.0:68 > 255.255.255.255:67 dmac=ff:ff:ff:ff:ff:ff 'DHCP'", "punted_multicast"),
		PUNTED(IN, "udp 10.0.0.2:137 > 10.0.0.255:137 dmac=ff:ff:ff:ff:ff:ff 'netbios'", "punted_multicast"),
		PUNTED(IN, "udp 10.0.0.2:137 > 10.0.0.255:137 'netbios'", "punted_multicast"),
		PUNTED(OUT, "ip 192.0.2.254 > 224.0.0.5 proto=89 ttl=1 dmac=01:00:5e:00:00:05 'ospf'", "punted_multicast"))
	},
	{ "punts_are_limited_by_cause", "punt-rate arp 3; punt-rate local 2", ROWS(
		{ 0, DO, "repeat 10 in @0 arp request 10.0.0.2 > 10.0.0.1", ANY, "", "punted_arp=3 drop_punt_rate=7" },
		{ 0, DO, "repeat 10 in @0 udp 10.0.0.2:5000 > 10.0.0.1:53", ANY, "", "punted_local=2 drop_punt_rate=8" },
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1000, DO, "repeat 10 in @0 arp request 10.0.0.2 > 10.0.0.1", ANY, "", "punted_arp=3 drop_punt_rate=7" })
	},
	{ "known_neighbours_have_a_rate_of_their_own", "inside6 2001:db8:1::1/64; punt-rate arp 3; punt-rate nd 3", ROWS(
		{ 0, DO, "repeat 10 in @0 arp request 10.0.0.99 > 10.0.0.1 smac=02:00:0a:00:00:63", ANY, "", "punted_arp=3 drop_punt_rate=7" },
		{ 0, DO, "repeat 10 in @0 arp request 10.0.0.2 > 10.0.0.1 smac=02:00:0a:00:00:63", ANY, "", "drop_punt_rate=10" },
		{ 0, DO, "repeat 10 in @0 arp request 10.0.0.2 > 10.0.0.1 smac=02:00:0a:00:00:02", ANY, "", "punted_arp=3 drop_punt_rate=7" },
		{ 0, DO, "repeat 10 in @0 ip6 2001:db8:1::99 > ff02::1:ff00:1 nh=58 ttl=255 hex=8700000000000000", ANY, "", "punted_nd=3 drop_punt_rate=7" },
		{ 0, DO, "repeat 10 in @0 ip6 2001:db8:1::2 > ff02::1:ff00:1 nh=58 ttl=255 smac=02:00:00:00:00:99 hex=8700000000000000", ANY, "", "drop_punt_rate=10" },
		{ 1000, DO, "repeat 5 in @0 ip6 2001:db8:1::99 > ff02::1:ff00:1 nh=58 ttl=255 hex=8700000000000000", ANY, "", "punted_nd=3 drop_punt_rate=2" },
		{ 1000, IN, "ip6 2001:db8:1::2 > ff02::1:ff00:1 nh=58 ttl=255 hex=8700000000000000", PUNT, "ip6 2001:db8:1::2 > ff02::1:ff00:1 nh=58 ttl=255 hex=8700000000000000", "punted_nd" })
	},
	{ "full_punt_ring_drops_and_counts", "ring 16", ROWS(
		{ 0, DO, "repeat 31 in @0 arp request 10.0.0.2 > 10.0.0.1", ANY, "", "punted_arp=* drop_punt_full=*" },
		{ 1, IN, "arp request 10.0.0.2 > 10.0.0.1", PUNT, "arp request 10.0.0.2 > 10.0.0.1", "punted_arp" })
	},
	{ "outside_reaches_a_service_only_where_allowed", "service tcp 179", ROWS(
		PUNTED(OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:179 SYN seq=1", "punted_local"),
		{ 0, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:80 SYN seq=1", NONE, "", "drop_service" },
		{ 0, OUT, "udp 198.51.100.9:5000 > 192.0.2.1:179", NONE, "", "drop_service" },
		/* where mappings may be the box has no services */
		{ 0, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:5000 SYN seq=1", NONE, "", "drop_no_mapping" },
		{ 0, OUT, "udp 198.51.100.9:5000 > 192.0.2.1:5000", NONE, "", "drop_no_mapping" },
		{ 0, OUT, "ip 198.51.100.9 > 192.0.2.1 proto=89", NONE, "", "drop_service" })
	},
	{ "box_address_that_is_no_pool_has_services_only", "pool 203.0.113.1 ports=2000-3000", ROWS(
		{ 0, OUT, "tcp 198.51.100.9:5000 > 192.0.2.1:5000 SYN seq=1", NONE, "", "drop_service" }, { 0, OUT, "udp 198.51.100.9:5000 > 192.0.2.1:2000", NONE, "", "drop_service" },
		{ 0, OUT, "tcp 198.51.100.9:5000 > 203.0.113.1:5000 SYN seq=1", NONE, "", "drop_no_mapping" }, { 0, OUT, "udp 198.51.100.9:5000 > 203.0.113.1:2000", NONE, "", "drop_no_mapping" })
	},
	{ "answers_to_the_kernels_own_connections_reach_it", "kernel-ports 40000-50000", ROWS(
		PUNTED(OUT, "tcp 198.51.100.9:80 > 192.0.2.1:40000 SYN ACK seq=1 ack=1", "punted_local"),
		PUNTED(OUT, "udp 198.51.100.9:53 > 192.0.2.1:50000 'answer'", "punted_local"),
		{ 0, OUT, "tcp 198.51.100.9:80 > 192.0.2.1:40001 SYN seq=1", NONE, "", "drop_service" },
		{ 0, OUT, "udp 198.51.100.9:53 > 192.0.2.1:39999", NONE, "", "drop_no_mapping" })
	},
	{ "injected_frames_leave_as_they_are", "", ROWS(
		{ 0, DO, "inject in udp 10.0.0.1:53 > 10.0.0.2:5000 'answer'", IN, "udp 10.0.0.1:53 > 10.0.0.2:5000 'answer'", "injected tx_inside" },
		{ 0, DO, "inject out arp reply 192.0.2.1 > 192.0.2.254 dmac=02:01:c0:00:02:fe", OUT, "arp reply 192.0.2.1 > 192.0.2.254 dmac=02:01:c0:00:02:fe", "injected tx_outside" },
		{ 0, DO, "inject out hex ffffffffffff02ff000000020806", OUT, "hex ffffffffffff02ff000000020806", "injected" },
		{ 1, DO, "refuse in 1", NONE, "", "" },
		{ 1, DO, "inject in udp 10.0.0.1:53 > 10.0.0.2:5000 'answer'", NONE, "", "injected tx_refused_inside" })
	},
};
/* clang-format on */

SUITE(punt, cases);
