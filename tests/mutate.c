/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mutate - sends spoilt packets to a running gateway. Two ports, port 0 at its inside, port 1 at
 * its outside, one core; any DPDK port will do, tests/e2e/mutate_test.sh takes memif.
 *
 *   mutate --no-pci --vdev net_memif0,... --vdev net_memif1,... -- PACKETS SEED INSIDE OUTSIDE
 *
 * INSIDE and OUTSIDE are the MAC addresses of the gateway's ports. Good packets of every kind
 * are the base; one in eight goes as it is, so that sessions live, and their outside ports are
 * read off what comes out. All others are spoilt as hostile.c does it. When PACKETS have been
 * taken by the ports it says how many by each, then goes on receiving, and says for each byte of
 * its input how much came. It ends with its input, and not before: a memif peer that leaves would
 * take the gateway's rings with it.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#include "hostile.h"

#define BURST 32
#define RENEW 4096 /* packets after which the base is built with the ports that are known then */
#define DESCRIPTORS 512
#define MBUFS 16383
#define QUEUES 2 /* no fewer than the gateway has: memif's would read each other's */
#define H "2001:db8:1::2"
#define R "64:ff9b::198.51.100.9"

/* clang-format off */
/* Outbound packets open sessions; those of hostile.c are sent too. */
static const struct hostile_packet packets[] = {
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 'hello'" },
	{ SL_INSIDE, "tcp 10.0.0.2:5000 > 198.51.100.9:80 SYN seq=1 mss=1460" },
	{ SL_INSIDE, "icmp echo 10.0.0.2 > 198.51.100.9 id=7 seq=1 'ping'" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#54 'hello'" },
	{ SL_INSIDE, "tcp6 " H "#5000 > " R "#81 SYN seq=1 mss=1440" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:80 > 192.0.2.1:$t SYN ACK seq=9 ack=2 mss=1460" },
	{ SL_OUTSIDE, "tcp 198.51.100.9:81 > 192.0.2.1:$v SYN ACK seq=9 ack=2 mss=1460" },
	{ SL_OUTSIDE, "udp 198.51.100.9:54 > 192.0.2.1:$u 'hi'" },
	{ SL_OUTSIDE, "udp 198.51.100.9:54 > 192.0.2.1:$u ipid=9 mf csum=0 data=16" },
	{ SL_OUTSIDE, "ip 198.51.100.9 > 192.0.2.1 proto=17 ipid=9 off=24 'rest'" },
	{ SL_OUTSIDE, "icmp frag-needed 198.51.100.1 > 192.0.2.1 mtu=1200 [tcp 192.0.2.1:$v > 198.51.100.9:81 SYN seq=1]" },
	{ SL_OUTSIDE, "icmp unreachable 198.51.100.1 > 192.0.2.1 code=1 [udp 192.0.2.1:$u > 198.51.100.9:54 'hello']" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#54 hbh rh=0 dstopt 'hello'" },
	{ SL_INSIDE, "udp6 " H "#5000 > " R "#54 frag=7 mf data=16" },
	{ SL_INSIDE, "ip6 " H " > " R " nh=17 frag=7 off=24 'rest'" },
	{ SL_INSIDE, "icmp6 echo " H " > " R " id=7 seq=1 'ping'" },
	{ SL_INSIDE, "icmp6 too-big 2001:db8:1::9 > " R " mtu=1280 [udp6 " R "#54 > " H "#5000 'hi']" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 ipid=7 mf data=16" },
	{ SL_INSIDE, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=24 mf data=16" },
	{ SL_INSIDE, "ip 10.0.0.2 > 198.51.100.9 proto=17 ipid=7 off=40 'rest'" },
	{ SL_INSIDE, "udp 10.0.0.2:5000 > 198.51.100.9:53 data=1470" },
	/* helpers */
	{ SL_INSIDE, "tcp 10.0.0.3:5000 > 198.51.100.9:21 SYN seq=1 mss=1460" },
	{ SL_INSIDE, "tcp 10.0.0.3:5000 > 198.51.100.9:21 ACK seq=2 ack=10 'PORT 10,0,0,3,19,137\\r\\n'" },
	{ SL_INSIDE, "udp 10.0.0.3:5060 > 198.51.100.9:5060 'OPTIONS sip:a@198.51.100.9 SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.3:5060;branch=z9hG4bK1\\r\\nContact: <sip:b@10.0.0.3>\\r\\nContent-Length: 0\\r\\n\\r\\n'" },
	{ SL_INSIDE, "udp 10.0.0.3:5001 > 198.51.100.9:69 hex=000161006f6374657400" },
	{ SL_INSIDE, "tcp 10.0.0.3:5002 > 198.51.100.9:1723 SYN seq=1 mss=1460" },
};
/* clang-format on */

static struct pt_frame base[64];
static enum sl_side base_side[64];
static unsigned int n_base;
static struct pt_default def[2] = { { .ttl = 64 }, { .ttl = 64 } };
static struct pt_names names;
static struct rte_mempool *pool;
static uint64_t sent[2], received[2], state;

static void
fail(const char *what)
{
	fprintf(stderr, "mutate: %s\n", what);
	exit(1);
}

/* ---- the base ---- */

static void
name_is(const char *name, unsigned int value)
{
	unsigned int i = 0;

	while (i < names.n && strcmp(names.name[i], name) != 0)
		i++;
	if (i == names.n)
		names.n++;
	snprintf(names.name[i], sizeof(names.name[i]), "%s", name);
	snprintf(names.value[i], sizeof(names.value[i]), "%u", value);
}

static void
add_base(const struct hostile_packet *packet)
{
	char text[2048], why[256];
	struct pt_frame *f = &base[n_base];

	if (pt_subst(&names, packet->text, text, sizeof(text), why, sizeof(why)) < 0 ||
		pt_build(text, &def[packet->side], f, why, sizeof(why)) < 0)
		fail(why);
	base_side[n_base++] = packet->side;
}

static void
build_base(void)
{
	n_base = 0;
	for (unsigned int i = 0; i < RTE_DIM(packets); i++)
		add_base(&packets[i]);
	for (unsigned int i = 0; i < hostile_n && n_base < RTE_DIM(base); i++)
		add_base(&hostile_packets[i]);
}

/* What came out of the outside may tell the port of a session. */
static void
learn(const struct rte_mbuf *m)
{
	const uint8_t *b = rte_pktmbuf_mtod(m, const uint8_t *), *l4 = b + 34;
	unsigned int sport, dport;

	if (m->data_len < 42 || b[12] != 8 || b[13] != 0 || b[14] != 0x45)
		return;
	sport = (unsigned int)l4[0] << 8 | l4[1];
	dport = (unsigned int)l4[2] << 8 | l4[3];
	if (b[23] == 17 && dport == 53)
		name_is("p", sport);
	else if (b[23] == 17 && dport == 54)
		name_is("u", sport);
	else if (b[23] == 6 && dport == 80)
		name_is("t", sport);
	else if (b[23] == 6 && dport == 81)
		name_is("v", sport);
	else if (b[23] == 1 && l4[0] == 8)
		name_is("i", (unsigned int)l4[4] << 8 | l4[5]);
}

/* ---- ports ---- */

static void
open_port(uint16_t id)
{
	static const struct rte_eth_conf conf;

	if (rte_eth_dev_configure(id, QUEUES, QUEUES, &conf) < 0)
		fail("a port has too few queues");
	for (uint16_t q = 0; q < QUEUES; q++)
		if (rte_eth_rx_queue_setup(id, q, DESCRIPTORS, SOCKET_ID_ANY, NULL, pool) < 0 ||
			rte_eth_tx_queue_setup(id, q, DESCRIPTORS, SOCKET_ID_ANY, NULL) < 0)
			fail("a queue cannot be had");
	if (rte_eth_dev_start(id) < 0)
		fail("a port does not start");
}

static void
wait_for_links(void)
{
	for (unsigned int i = 0; i < 3000; i++) {
		struct rte_eth_link link[2] = { { 0 }, { 0 } };

		if (rte_eth_link_get_nowait(0, &link[0]) == 0 &&
			rte_eth_link_get_nowait(1, &link[1]) == 0 && link[0].link_status &&
			link[1].link_status)
			return;
		rte_delay_us_sleep(10000);
	}
	fail("no link");
}

static unsigned int
take(void)
{
	struct rte_mbuf *m[BURST];
	unsigned int sum = 0;

	for (unsigned int i = 0; i < 2 * QUEUES; i++) {
		uint16_t id = i / QUEUES, n = rte_eth_rx_burst(id, i % QUEUES, m, BURST);

		for (uint16_t k = 0; k < n && id == SL_OUTSIDE; k++)
			learn(m[k]);
		rte_pktmbuf_free_bulk(m, n);
		received[id] += n;
		sum += n;
	}
	return sum;
}

static void
give(enum sl_side side, struct rte_mbuf *m)
{
	uint16_t queue = (uint16_t)(hostile_draw(&state) % QUEUES);

	while (rte_eth_tx_burst((uint16_t)side, queue, &m, 1) == 0)
		if (take() == 0)
			sched_yield();
	sent[side]++;
}

static struct rte_mbuf *
make(const struct pt_frame *f)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	if (m == NULL)
		return NULL;
	memcpy(rte_pktmbuf_mtod(m, uint8_t *), f->b, f->len);
	m->data_len = (uint16_t)f->len;
	m->pkt_len = (uint32_t)f->len;
	return m;
}

static void
send_next(bool good)
{
	static struct pt_frame f;
	unsigned int i = (unsigned int)(hostile_draw(&state) % n_base);
	enum sl_side side = base_side[i];
	struct rte_mbuf *m;

	memcpy(f.b, base[i].b, base[i].len + 64);
	f.len = base[i].len;
	f.l3 = base[i].l3;
	if (!good) {
		hostile_spoil(&state, &f);
		if (hostile_draw(&state) % 16 == 0)
			side = SL_ACROSS(side);
	}
	/* memif has no frames without a byte. */
	f.len = RTE_MAX(f.len, 1U);
	m = make(&f);
	if (m == NULL)
		take();
	else
		give(side, m);
}

/* Receive until the input ends; for each byte of it say how much that was. */
static void
drain(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char byte;

	for (;;) {
		if (take() == 0)
			rte_delay_us_sleep(500);
		if (poll(&in, 1, 0) <= 0)
			continue;
		if (read(STDIN_FILENO, &byte, 1) <= 0)
			return;
		printf("received %lu %lu\n", received[0], received[1]);
		fflush(stdout);
	}
}

int
main(int argc, char **argv)
{
	static const char *const all[] = { "p", "t", "i", "u", "v" };
	int used = rte_eal_init(argc, argv);
	uint64_t n;

	if (used < 0 || argc - used != 5)
		fail("expected: EAL OPTIONS -- PACKETS SEED INSIDE-MAC OUTSIDE-MAC");
	argv += used;
	n = strtoull(argv[1], NULL, 0);
	state = strtoull(argv[2], NULL, 0) | 1;
	for (int s = 0; s < 2; s++) {
		if (rte_ether_unformat_addr(argv[3 + s], &def[s].dmac) != 0)
			fail("not a MAC address");
		def[s].smac = (struct rte_ether_addr){ { 2, 0, 0, 0, (uint8_t)(s + 1), 0xfe } };
	}
	pool = rte_pktmbuf_pool_create(
		"mutate", MBUFS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (pool == NULL)
		fail("no memory");
	open_port(0);
	open_port(1);
	wait_for_links();
	for (unsigned int i = 0; i < RTE_DIM(all); i++)
		name_is(all[i], 1024 + i);
	while (sent[0] + sent[1] < n) {
		uint64_t turn = sent[0] + sent[1];

		if (turn % RENEW == 0 || n_base == 0)
			build_base();
		send_next(hostile_draw(&state) % 8 == 0);
		if (turn % 8 == 0)
			take();
	}
	printf("sent %lu %lu\n", sent[0], sent[1]);
	fflush(stdout);
	drain();
	return 0;
}
