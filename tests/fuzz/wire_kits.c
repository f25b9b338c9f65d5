/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the targets of wire.c begin with: a gateway, sessions that live, and good packets of
 * the kind that each is about.
 */
#include <string.h>

#include "wire.h"

/* clang-format off */
#define H "2001:db8:1::2"
#define R "64:ff9b::198.51.100.9"
#define FAR "2001:db8:9::9"
#define LIMITS "limit ports=0 sessions=0 rate=0; icmp-rate 100000; punt-rate local 1000000; "
#define SIX LIMITS "inside6 2001:db8:1::1/64; outside6 2001:db8:2::1/64; nat64 64:ff9b::/96; ipv6-route on; "
#define OPEN_SIX \
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53", "udp 192.0.2.1:$u > 198.51.100.9:53" }, \
	{ SL_INSIDE, "tcp6 " H "#5000 > " R "#80 SYN seq=1", "tcp 192.0.2.1:$v > 198.51.100.9:80 SYN seq=1" }, \
	{ SL_INSIDE, "icmp6 echo " H " > " R " id=7 seq=1 'ping'", "icmp echo 192.0.2.1 > 198.51.100.9 id=$j seq=1 'ping'" }
#define OPEN_FOUR \
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53", "udp 192.0.2.1:$p > 198.51.100.9:53" }, \
	{ SL_INSIDE, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=1", "tcp 192.0.2.1:$t > 198.51.100.9:80 SYN seq=1" }, \
	{ SL_INSIDE, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping'", "icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1 'ping'" }

static const struct hostile_opener openers[] = { OPEN_FOUR, OPEN_SIX, { SL_INSIDE, NULL, NULL } };

static const struct hostile_packet ether[] = {
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipopt=94040000 csum=0 'hello' trailer=10" },
	{ SL_INSIDE, "tcp 10.0.0.2:5000 > 198.51.100.9:80 ACK seq=2 ack=10 tcpopt=0101080a0000000100000002 'data'" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:80 > 192.0.2.1:$t SYN ACK seq=10 ack=2 mss=1460" },
	{ SL_INSIDE, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping'" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$p 'hello'" },
	{ SL_INSIDE, "ip 10.0.0.2 > 198.51.100.9 proto=47 hex=0000080045000014" },
	{ SL_INSIDE, "ip 10.0.0.2 > 198.51.100.9 proto=132 hex=138800500000000100000000" },
	{ SL_INSIDE, "ip 10.0.0.2 > 198.51.100.9 proto=50 hex=0000000100000001" },
	{ SL_INSIDE, "ip 10.0.0.2 > 198.51.100.9 proto=136 hex=1388005000080000" },
	{ SL_INSIDE, "ip 10.0.0.2 > 198.51.100.9 proto=33 hex=1388005000080000" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=10 'blue'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 vlan=20.7 'red'" },
	{ SL_INSIDE, "arp request 10.0.0.2 > 10.0.0.1" },
	{ SL_INSIDE, "udp 10.0.0.2:68 > 255.255.255.255:67 dmac=ff:ff:ff:ff:ff:ff 'dhcp'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 10.0.0.1:53 'local'" },
	{ SL_INSIDE, "ip6 fe80::2 > ff02::1 nh=58 ttl=255 dmac=33:33:00:00:00:01 hex=8700000000000000" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53 hbh rh=0 dstopt 'hello'" },
	{ SL_INSIDE, "tcp6 " H "#5000 > " R "#80 ACK seq=2 ack=10 'data'" },
	{ SL_INSIDE, "udp6 " H "#5000 > " FAR "#53 'hello'" },
	{ SL_INSIDE, "icmp6 echo " H " > 2001:db8:1::1 id=7 seq=1 'ping'" },
	{ SL_OUTSIDE, "udp6 " FAR "#53 > " H "#5000 'hi'" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:5000 > 192.0.2.1:8080 SYN seq=10 mss=1460" },
	{ SL_INSIDE, "ip 10.0.0.2 > 224.0.0.22 proto=2 ttl=1 dmac=01:00:5e:00:00:16 hex=2200000000000000" },
	{ SL_INSIDE, "tcp 10.0.0.2:5000 > 198.51.100.9:80 RST seq=2" },
};

static const struct hostile_packet fragments[] = {
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 data=200" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$p data=200" },
	{ SL_INSIDE, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 data=200" },
	{ SL_OUTSIDE, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$i seq=1 data=200" },
	{ SL_INSIDE, "tcp 10.0.0.2:5000 > 198.51.100.9:80 ACK seq=2 ack=10 data=200" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:80 > 192.0.2.1:$t ACK seq=10 ack=2 data=200" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53 data=200" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$u csum=0 data=200" },
	{ SL_INSIDE, "icmp6 echo " H " > " R " id=7 seq=1 data=200" },
	{ SL_OUTSIDE, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$j seq=1 data=200" },
	{ SL_INSIDE, "tcp6 " H "#5000 > " R "#80 ACK seq=2 ack=10 data=200" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$u data=1472" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipopt=94040000 data=200" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53 hbh dstopt data=200" },
	{ SL_INSIDE, "ip 10.0.0.2 > 198.51.100.9 proto=47 data=200" },
	{ SL_INSIDE, "udp6 2001:db8:1::3#5000 > " FAR "#53 data=200" },
	{ SL_INSIDE, "udp 10.0.0.3:69 > 192.0.2.1:$p data=200" },
	{ SL_INSIDE, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 data=160]" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:69 data=200" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53 csum=0 data=200" },
};

static const struct hostile_packet icmp[] = {
	{ SL_OUTSIDE, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 'hello']" },
	{ SL_OUTSIDE, "icmp frag-needed 198.51.100.1 > 192.0.2.1 mtu=68 [tcp 192.0.2.1:$t > 198.51.100.9:80 ipopt=94040000 ACK seq=2 ack=10 tcpopt=0101080a0000000100000002]" },
	{ SL_OUTSIDE, "icmp time-exceeded 198.51.100.1 > 192.0.2.1 len=8 [icmp echo 192.0.2.1 > 198.51.100.9 id=$i seq=1] ext=20000000" },
	{ SL_OUTSIDE, "icmp param-problem 198.51.100.1 > 192.0.2.1 ptr=8 [udp 192.0.2.1:$p > 198.51.100.9:53 'hello']" },
	{ SL_INSIDE, "icmp unreachable 10.0.0.2 > 198.51.100.9 code=3 [udp 198.51.100.9:53 > 10.0.0.2:5000 'hello' cut=28]" },
	{ SL_INSIDE, "icmp param-problem 10.0.0.9 > 198.51.100.9 ptr=20 [tcp 198.51.100.9:80 > 10.0.0.2:5000 ACK seq=10 cut=30]" },
	{ SL_INSIDE, "icmp time-exceeded 10.0.0.9 > 198.51.100.9 [icmp echo-reply 198.51.100.9 > 10.0.0.2 id=7 seq=1 'ping']" },
	{ SL_OUTSIDE, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [udp 192.0.2.1:$u > 198.51.100.9:53 'hello']" },
	{ SL_OUTSIDE, "icmp frag-needed 198.51.100.1 > 192.0.2.1 mtu=1200 [tcp 192.0.2.1:$v > 198.51.100.9:80 SYN seq=1]" },
	{ SL_OUTSIDE, "icmp param-problem 198.51.100.1 > 192.0.2.1 ptr=9 [icmp echo 192.0.2.1 > 198.51.100.9 id=$j seq=1 'ping']" },
	{ SL_OUTSIDE, "icmp time-exceeded 198.51.100.1 > 192.0.2.1 len=32 [udp 192.0.2.1:$u > 198.51.100.9:53 'hello'] ext=2000bdfe00080101004c4c01" },
	{ SL_INSIDE, "icmp6 unreachable 2001:db8:1::9 > " R " code=4 [udp6 " R "#53 > " H "#5000 'hi']" },
	{ SL_INSIDE, "icmp6 time-exceeded 2001:db8:1::9 > " R " len=16 [udp6 " R "#53 > " H "#5000 'hi'] ext=2000bdfe00080101004c4c01" },
	{ SL_INSIDE, "icmp6 too-big 2001:db8:1::9 > " R " mtu=1280 [tcp6 " R "#80 > " H "#5000 SYN ACK seq=10 ack=2]" },
	{ SL_INSIDE, "icmp6 param-problem 2001:db8:1::9 > " R " code=1 ptr=6 [icmp6 echo-reply " R " > " H " id=7 seq=1 'ping']" },
	{ SL_INSIDE, "icmp6 too-big 2001:db8:1::9 > " R " mtu=1280 [udp6 " R "#53 > " H "#5000 frag=9 mf 'hi']" },
	/* what the gateway answers with an error of its own */
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 ttl=1 'short life'" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53 ttl=1 'short life'" },
	{ SL_INSIDE, "udp6 " H "#5000 > " FAR "#53 ttl=1 'short life'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 df data=1400" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$u df data=1460" },
	{ SL_INSIDE, "udp6 " H "#5000 > " FAR "#53 data=1353" },
	{ SL_INSIDE, "udp6 " H "#5000 > 2001:db8:77::1#53 'no route'" },
	{ SL_OUTSIDE, "icmp redirect 198.51.100.1 > 192.0.2.1 [udp 192.0.2.1:$p > 198.51.100.9:53 'hello']" },
	{ SL_OUTSIDE, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=3 [udp 192.0.2.1:$p > 198.51.100.9:53 mf 'hello']" },
	{ SL_INSIDE, "icmp time-exceeded 10.0.0.2 > 192.0.2.1 [udp 192.0.2.1:$p > 10.0.0.2:5000 'hairpin']" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$p ttl=1 'x'" },
};

static const struct hostile_packet six[] = {
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53 'hello'" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53 hbh rh=0 dstopt 'hello'" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53 frag=7 mf data=16" },
	{ SL_INSIDE, "ip6 " H " > " R " nh=17 frag=7 off=24 'rest'" },
	{ SL_INSIDE, "tcp6 " H "#5000 > " R "#80 SYN seq=1 mss=1440" },
	{ SL_INSIDE, "tcp6 " H "#5000 > " R "#80 ACK seq=2 ack=10 'data'" },
	{ SL_INSIDE, "icmp6 echo " H " > " R " id=7 seq=1 'ping'" },
	{ SL_INSIDE, "icmp6 unreachable 2001:db8:1::9 > " R " [udp6 " R "#53 > " H "#5000 'hi']" },
	{ SL_INSIDE, "icmp6 too-big 2001:db8:1::9 > " R " mtu=1280 [udp6 " R "#53 > " H "#5000 frag=9 mf 'hi']" },
	{ SL_INSIDE, "ip6 " H " > " R " nh=60 hex=3c000000000000003c0000000000000011000000000000000001000200080000" },
	{ SL_INSIDE, "udp6 " H "#5000 > 64:ff9b::192.0.2.1#$u 'hairpin'" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#53 data=1400" },
	{ SL_INSIDE, "ip6 " H " > " R " nh=47 hex=00000800" },
	{ SL_INSIDE, "udp6 2001:db8:1::7#5000 > " R "#53 'another host'" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$u 'hi'" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$u csum=0 'hi'" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$u ipid=9 mf csum=0 data=16" },
	{ SL_OUTSIDE, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 'rest'" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$u ipopt=94040000 data=1300" },
	{ SL_OUTSIDE, "udp 198.51.100.9:53 > 192.0.2.1:$u data=1472" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:80 > 192.0.2.1:$v SYN ACK seq=10 ack=2 mss=1460" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:80 > 192.0.2.1:$v RST seq=10" },
	{ SL_OUTSIDE, "icmp echo-reply 198.51.100.9 > 192.0.2.1 id=$j seq=1 'ping'" },
	{ SL_OUTSIDE, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [udp 192.0.2.1:$u > 198.51.100.9:53 'hello']" },
	{ SL_OUTSIDE, "icmp frag-needed 198.51.100.1 > 192.0.2.1 mtu=1200 [tcp 192.0.2.1:$v > 198.51.100.9:80 SYN seq=1]" },
	{ SL_OUTSIDE, "udp 198.51.100.9:5000 > 192.0.2.1:8053 'to the static entry'" },
	{ SL_INSIDE, "udp6 " H "#5000 > " FAR "#53 'native'" },
	{ SL_OUTSIDE, "udp6 " FAR "#53 > " H "#5000 'native'" },
	{ SL_OUTSIDE, "icmp6 too-big " FAR " > " H " mtu=1280 [udp6 " H "#5000 > " FAR "#53 'native']" },
	{ SL_INSIDE, "udp6 2001:db8:1::3#5000 > 64:ff9b:1:fffe::192.0.2.9#53 'second prefix'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'" },
};
/* clang-format on */

static void
route(struct pipe *p)
{
	const struct sl_ip6 gw = conf_addr6("2001:db8:2::2", 13).addr;

	pipe_route6(p, 0, conf_addr6("2001:db8:2::/64", 15), SL_OUTSIDE, NULL);
	pipe_route6(p, 0, conf_addr6("2001:db8:9::/48", 15), SL_OUTSIDE, &gw);
	pipe_neigh6(p, 0, SL_OUTSIDE, &gw, true);
}

const struct wire_kit wire_ether = {
	.conf = SIX "tenant blue vlan=10 10.0.0.1/24 ports=0 sessions=0; "
		    "tenant red vlan=20 inner=7 10.0.0.1/24; "
		    "forward tcp 192.0.2.1:8080 > 10.0.0.2:80; other-protocols on",
	.step = 60000,
	.opener = openers,
	.route = route,
	.packet = ether,
	.n = RTE_DIM(ether),
};

const struct wire_kit wire_fragments = {
	.conf = SIX "timeout fragment 2; inbound-refresh on; helper tftp on",
	.joins = true,
	.step = 700,
	.opener = openers,
	.route = route,
	.packet = fragments,
	.n = RTE_DIM(fragments),
};

const struct wire_kit wire_icmp = {
	.conf = SIX "mtu outside 1400",
	.joins = true,
	.step = 20000,
	.opener = openers,
	.route = route,
	.packet = icmp,
	.n = RTE_DIM(icmp),
};

const struct wire_kit wire_six = {
	.conf = SIX "nat64 64:ff9b:1:fffe::/96; forward6 udp 192.0.2.1:8053 > " H "#53; "
		    "nat64-mtu 1400; timeout fragment 2",
	.joins = true,
	.step = 20000,
	.opener = openers,
	.route = route,
	.packet = six,
	.n = RTE_DIM(six),
};
