/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The next link is smaller: what may be cut leaves in fragments, what must not be is
 * answered with the MTU (RFC 4787 REQ-13, RFC 791, RFC 1191).
 */
#include "table.h"

/* clang-format off */
#define D40 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
#define R40 "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
#define D80 D40 R40

static const struct table_case cases[] = {
	{ "packet_larger_than_the_link_leaves_in_fragments_in_order", "mtu outside 68", ROWS(
		/* 8 + 80 bytes in pieces of 48 and 40; the checksum is that of the whole */
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipid=7 csum=0 hex=" D80,
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i mf csum=0 ulen=88 hex=" D40 " + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=48 hex=" R40, "fragments_made" })
	},
	{ "mtu_that_is_no_multiple_of_eight_is_used_as_far_as_it_goes", "mtu outside 75", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipid=7 csum=0 hex=" D80,
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i mf csum=0 ulen=88 hex=" D40 " + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=48 hex=" R40, "fragments_made" })
	},
	{ "packet_that_just_fits_is_not_cut", "mtu outside 108", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipid=7 hex=" D80, OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=* hex=" D80, "fragments_made=0" })
	},
	{ "packet_from_outside_is_cut_for_a_smaller_inside", "mtu inside 68", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=7 csum=0 hex=" D80,
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 ipid=$i mf csum=0 ulen=88 hex=" D40 " + ip 198.51.100.9 > 10.0.0.2 proto=17 ipid=$i off=48 hex=" R40, "fragments_made" })
	},
	{ "packet_for_a_tenant_is_cut_with_its_tags", "mtu inside 68; tenant red vlan=20 inner=7 10.0.0.1/24", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=20.7", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p ipid=7 csum=0 hex=" D80,
			IN, "udp 198.51.100.9:53 > 10.0.0.2:5000 ipid=$i vlan=20.7 mf csum=0 ulen=88 hex=" D40 " + ip 198.51.100.9 > 10.0.0.2 proto=17 ipid=$i vlan=20.7 off=48 hex=" R40, "fragments_made" })
	},
	{ "first_fragment_is_cut_further_and_keeps_more_fragments", "mtu outside 68", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipid=7 mf csum=0 hex=" D80,
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i mf csum=0 ulen=88 hex=" D40 " + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=48 mf hex=" R40, "fragments_made" },
		{ 1, IN, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=88 hex=" D80,
			OUT, "ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=88 mf hex=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=136 hex=303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f", "fragments_made" })
	},
	{ "held_fragments_that_do_not_fit_are_cut_when_released", "mtu outside 68", ROWS(
		{ 0, IN, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 hex=" D80, NONE, "", "fragments_held" },
		{ 1, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 mf data=16",
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i mf data=16 + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=24 mf hex=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i off=72 hex=303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f", "fragments_made" })
	},
	/* RFC 791: an option without the copied bit is in the first piece only; router alert (0x94) is copied. */
	{ "copied_ip_option_is_in_every_piece", "mtu outside 76", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipid=7 csum=0 ipopt=94040000 hex=" D80,
			OUT, "udp 192.0.2.1:$p > 198.51.100.9:53 ipid=$i ipopt=94040000 mf csum=0 ulen=88 hex=" D40 " + ip 192.0.2.1 > 198.51.100.9 proto=17 ipid=$i ipopt=94040000 off=48 hex=" R40, "fragments_made" })
	},
	{ "packet_in_several_segments_is_cut", "mtu inside 9000; mtu outside 1500", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipid=7 data=8000", ANY, "", "fragments_made=5 tx_outside=6" })
	},
	{ "packet_that_waits_for_a_neighbour_is_cut_when_it_leaves", "mtu outside 68", ROWS(
		{ 0, IN, "udp 10.0.0.2:5000 > 192.0.2.77:53 ipid=7 csum=0 hex=" D80, NONE, "", "held fragments_made=0" },
		{ 1, DO, "neigh out 192.0.2.77 up", OUT, "udp 192.0.2.1:$p > 192.0.2.77:53 ipid=$i mf csum=0 ulen=88 hex=" D40 " + ip 192.0.2.1 > 192.0.2.77 proto=17 ipid=$i off=48 hex=" R40, "fragments_made" })
	},
	/* ---- DF ---- */
	{ "packet_that_must_not_be_cut_is_answered_with_the_mtu", "mtu outside 68", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 df data=80",
			IN, "icmp frag-needed 10.0.0.1 > 10.0.0.2 ttl=64 tos=192 ipid=* mtu=68 [udp 10.0.0.2:5 > 198.51.100.9:53 ttl=64 df data=80]", "drop_too_big icmp_made" })
	},
	{ "packet_from_outside_that_must_not_be_cut_is_answered_with_the_public_quote", "mtu inside 68", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53", OUT, "udp 192.0.2.1:$p > 198.51.100.9:53", "" },
		{ 1, OUT, "udp 198.51.100.9:53 > 192.0.2.1:$p df data=80",
			OUT, "icmp frag-needed 192.0.2.1 > 198.51.100.9 ttl=64 tos=192 ipid=* mtu=68 [udp 198.51.100.9:53 > 192.0.2.1:$p ttl=64 df data=80]", "drop_too_big icmp_made" })
	},
	{ "first_fragment_with_df_that_is_too_big_is_answered_with_the_mtu", "mtu outside 68", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 198.51.100.9:53 ipid=7 df mf data=80",
			IN, "icmp frag-needed 10.0.0.1 > 10.0.0.2 ttl=64 tos=192 ipid=* mtu=68 [udp 10.0.0.2:5 > 198.51.100.9:53 ttl=64 ipid=7 df mf data=80]", "drop_too_big icmp_made" },
		/* RFC 1122 section 3.2.2: no error about a later fragment */
		{ 1, IN, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=88 df hex=" D80, NONE, "", "drop_too_big icmp_made=0 icmp_muted=*" })
	},
	{ "too_big_error_from_beyond_reaches_the_subscriber", "", ROWS(
		{ 0, IN, "tcp 10.0.0.2:5 > 198.51.100.9:80 SYN df", OUT, "tcp 192.0.2.1:$p > 198.51.100.9:80 SYN df", "" },
		{ 1, OUT, "icmp frag-needed 198.51.100.1 > 192.0.2.1 mtu=1280 [tcp 192.0.2.1:$p > 198.51.100.9:80 ACK seq=1 df data=1440 cut=548]",
			IN, "icmp frag-needed 198.51.100.1 > 10.0.0.2 mtu=1280 [tcp 10.0.0.2:5 > 198.51.100.9:80 ACK seq=1 df data=1440 cut=548]", "icmp_errors" })
	},
	{ "routed_packet_is_cut_too", "mtu inside 68; inside 10.0.0.1/24; inside 10.0.9.1/24", ROWS(
		{ 0, IN, "udp 10.0.0.2:5 > 10.0.9.3:53 csum=0 ipid=7 hex=" D80, ANY, "", "routed fragments_made tx_inside=2" },
		{ 1, IN, "udp 10.0.0.2:5 > 10.0.9.3:53 df data=80",
			IN, "icmp frag-needed 10.0.0.1 > 10.0.0.2 ttl=64 tos=192 ipid=* mtu=68 [udp 10.0.0.2:5 > 10.0.9.3:53 ttl=64 df data=80]", "drop_too_big icmp_made" })
	},
};
/* clang-format on */

SUITE(refragment, cases);
