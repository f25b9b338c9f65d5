/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Attacks on a NAT gateway with two ports, while a thousand established flows go both ways
 * through it at a steady rate and are counted to the packet. One core. Port 0 is the box's
 * inside, port 1 its outside; any DPDK port will do, memif is what it was made for.
 *
 * Commands come by standard input, one a line, each answered by one line:
 *
 *   learn                      open the flows                    learned=N
 *   capacity SECONDS           as fast as the box takes them     capacity=PPS
 *   run ATTACK COUNT RATE PPS  so many packets of an attack      sent=N ... lost=N ...
 *
 * While an attack runs, new flows of others and fragmented datagrams both ways are sent as
 * well. Nothing of that is ever skipped: what a full ring does not take waits, and `late` says
 * for how long at most (microseconds). Attack packets do not wait. At the end one packet of
 * each flow is sent each way: `alive` says how many arrived.
 *
 * Between commands it sleeps: ports are not read, and the box drops at full rings.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "flood.h"
#include "genport.h"

#define BURST 32
#define DESCRIPTORS 16384
#define PACKETS 65535
#define FRESH_RATE 200 /* new flows a second */
#define DATAGRAM_RATE 100 /* fragmented datagrams a second, each way */
#define QUIET_MS 100 /* nothing more comes */
#define SAMPLE 17 /* one of so many has its sums looked at; prime: each flow has its turn */
#define FRESH_HOSTS 4096

/* Frames of one origin on their way to one port. */
struct stream {
	enum flood_side side;
	struct rte_mbuf *m[BURST];
	unsigned int at, n;
	uint64_t built, sent;
};

struct count {
	uint64_t sent[2], got[2]; /* established, by the port they were sent to */
	uint64_t bad; /* wrong endpoint or sum */
	uint64_t fresh_sent, fresh_got;
	uint64_t pieces_sent, pieces_got;
	uint64_t attack_sent, attack_refused, attack_got;
	uint64_t answers, answer_bytes; /* what is none of ours */
	uint64_t late; /* cycles */
};

static struct rte_mempool *pool;
static struct flood_flow flow[FLOOD_FLOWS];
static struct stream est[2] = { { .side = INSIDE }, { .side = OUTSIDE } };
static struct count c;
static uint64_t hz, n_fresh;
static uint16_t n_datagram;
static unsigned int n_known;

/* ---- ports ---- */

static int
ports_start(void)
{
	struct rte_eth_link link;

	pool = rte_pktmbuf_pool_create(
		"flood", PACKETS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (pool == NULL || rte_eth_dev_count_avail() != 2) {
		fprintf(stderr, "flood: needs memory and two ports\n");
		return -1;
	}
	for (uint16_t port = 0; port < 2; port++)
		if (gen_port_start("flood", port, pool, DESCRIPTORS, DESCRIPTORS) != 0)
			return -1;
	for (uint16_t port = 0; port < 2; port++) {
		uint64_t until = rte_rdtsc() + 20 * hz;

		do {
			memset(&link, 0, sizeof(link));
			rte_eth_link_get_nowait(port, &link);
			if (rte_rdtsc() > until) {
				fprintf(stderr, "flood: port %u: no link\n", port);
				return -1;
			}
		} while (!link.link_status && usleep(10000) == 0);
	}
	return 0;
}

/* ---- packets that come ---- */

static const void *
payload(const struct rte_mbuf *m, const struct rte_ipv4_hdr *ip)
{
	const uint8_t *l4 = (const uint8_t *)(ip + 1);
	size_t at = (size_t)(l4 - rte_pktmbuf_mtod(m, const uint8_t *));
	size_t head = ip->next_proto_id == IPPROTO_TCP ? 20 : 8;

	return at + head + sizeof(struct flood_tag) <= m->data_len ? l4 + head : NULL;
}

static bool
sum_is_right(const struct rte_ipv4_hdr *ip)
{
	uint16_t l4 = rte_ipv4_udptcp_cksum(ip, ip + 1);

	return (l4 == 0 || l4 == 0xffff) && rte_ipv4_cksum(ip) == 0;
}

static void
take_established(enum flood_side side, const struct rte_ipv4_hdr *ip, const struct flood_tag *tag)
{
	const struct flood_flow *f = &flow[tag->flow % FLOOD_FLOWS];
	const struct rte_udp_hdr *l4 = (const void *)(ip + 1); /* ports are TCP's as well */
	bool right = side == OUTSIDE ? ip->src_addr == rte_cpu_to_be_32(f->out_addr) &&
					       l4->src_port == rte_cpu_to_be_16(f->out_port)
				     : ip->dst_addr == rte_cpu_to_be_32(f->in_addr) &&
					       l4->dst_port == rte_cpu_to_be_16(f->in_port);

	if (!right || (tag->number % SAMPLE == 0 && !sum_is_right(ip)))
		c.bad++;
	else
		c.got[side == OUTSIDE ? INSIDE : OUTSIDE]++;
}

static void
take(enum flood_side side, const struct rte_mbuf *m)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	const struct rte_ipv4_hdr *ip = (const void *)(eth + 1);
	struct flood_tag tag;
	const void *at;

	if (m->data_len >= 42 && eth->ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV4)) {
		bool udp_tcp = ip->next_proto_id == IPPROTO_TCP || ip->next_proto_id == IPPROTO_UDP;

		if ((ip->fragment_offset & RTE_BE16(0x3fff)) != 0) {
			c.pieces_got++;
			return;
		}
		at = udp_tcp ? payload(m, ip) : NULL;
		if (at != NULL) {
			memcpy(&tag, at, sizeof(tag));
			if (tag.magic == FLOOD_MAGIC) {
				if (tag.kind == ESTABLISHED)
					take_established(side, ip, &tag);
				c.fresh_got += tag.kind == FRESH;
				c.attack_got += tag.kind == ATTACK;
				return;
			}
		}
	}
	c.answers++;
	c.answer_bytes += m->pkt_len;
}

static unsigned int
receive(void)
{
	struct rte_mbuf *m[BURST];
	unsigned int n, sum = 0;

	for (uint16_t port = 0; port < 2; port++) {
		n = rte_eth_rx_burst(port, 0, m, BURST);
		for (unsigned int i = 0; i < n; i++)
			take((enum flood_side)port, m[i]);
		if (n > 0)
			rte_pktmbuf_free_bulk(m, n);
		sum += n;
	}
	return sum;
}

/* ---- packets that go ---- */

static struct rte_mbuf *
frame_new(uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	if (m != NULL)
		m->pkt_len = m->data_len = len;
	return m;
}

/* Send one frame; it waits for room. False only without memory. */
static bool
send_one(enum flood_side side, const uint8_t *frame, uint16_t len)
{
	struct rte_mbuf *m = frame_new(len);

	if (m == NULL)
		return false;
	memcpy(rte_pktmbuf_mtod(m, void *), frame, len);
	while (rte_eth_tx_burst(side, 0, &m, 1) == 0)
		receive();
	return true;
}

/* Up to `due` packets of the established flows to one port. */
static void
send_established(struct stream *s, uint64_t due)
{
	if (s->at == s->n) {
		unsigned int n = (unsigned int)RTE_MIN(due - s->sent, (uint64_t)BURST);

		if (rte_pktmbuf_alloc_bulk(pool, s->m, n) != 0)
			return;
		for (unsigned int i = 0; i < n; i++) {
			const struct flood_flow *f = &flow[s->built % FLOOD_FLOWS];
			struct flood_tag tag;
			uint8_t *b = rte_pktmbuf_mtod(s->m[i], uint8_t *);

			memcpy(b, f->frame[s->side], f->len[s->side]);
			tag = flood_tag(ESTABLISHED, (uint32_t)(s->built % FLOOD_FLOWS),
				(uint32_t)s->built);
			memcpy(b + (f->tcp ? 54 : 42), &tag, sizeof(tag));
			s->m[i]->pkt_len = s->m[i]->data_len = f->len[s->side];
			s->built++;
		}
		s->at = 0;
		s->n = n;
	}
	if (s->at < s->n) {
		unsigned int k =
			rte_eth_tx_burst(s->side, 0, s->m + s->at, (uint16_t)(s->n - s->at));

		s->at += k;
		s->sent += k;
		c.sent[s->side] += k;
	}
}

static void
send_fresh(void)
{
	uint32_t host = (uint32_t)(n_fresh % FRESH_HOSTS);
	const struct flood_ip ip = { INSIDE, NEWCOMERS + 256 + host, SERVER, 0, 0, IPPROTO_UDP, 0 };
	const struct flood_tag tag = flood_tag(FRESH, 0, (uint32_t)n_fresh);
	uint8_t frame[FLOOD_FRAME];
	uint16_t len = flood_udp(frame, &ip, (uint16_t)(2000 + n_fresh / FRESH_HOSTS), 7, &tag);

	n_fresh++;
	c.fresh_sent += send_one(INSIDE, frame, len);
}

/* A datagram of 48 bytes in two pieces, the last one first. */
static void
send_datagram(enum flood_side side)
{
	const struct flood_flow *f = &flow[1]; /* a UDP flow */
	struct flood_ip ip = { side, f->in_addr, SERVER, ++n_datagram, 3, IPPROTO_UDP, 0 };
	struct rte_udp_hdr udp = { .src_port = rte_cpu_to_be_16(f->in_port),
		.dst_port = RTE_BE16(UDP_PORT),
		.dgram_len = RTE_BE16(48) }; /* no checksum */
	uint8_t frame[FLOOD_FRAME] = { 0 };

	if (side == OUTSIDE) {
		ip.src = SERVER;
		ip.dst = f->out_addr;
		udp.src_port = RTE_BE16(UDP_PORT);
		udp.dst_port = rte_cpu_to_be_16(f->out_port);
	}
	c.pieces_sent += send_one(side, frame, flood_ip_frame(frame, &ip, 24));
	ip.frag = 0x2000;
	memcpy(frame + 34, &udp, sizeof(udp));
	c.pieces_sent += send_one(side, frame, flood_ip_frame(frame, &ip, 24));
}

/* Attack packets that a full ring does not take are not sent at all. */
static void
send_attack(const struct flood_attack *a, uint64_t *n, uint64_t due)
{
	struct rte_mbuf *m[BURST];
	unsigned int k, burst = (unsigned int)RTE_MIN(due - *n, (uint64_t)BURST);

	if (burst == 0 || rte_pktmbuf_alloc_bulk(pool, m, burst) != 0)
		return;
	for (unsigned int i = 0; i < burst; i++, (*n)++)
		m[i]->pkt_len = m[i]->data_len =
			a->build(rte_pktmbuf_mtod(m[i], uint8_t *), &flow[*n % FLOOD_FLOWS], *n);
	k = rte_eth_tx_burst(a->side, 0, m, (uint16_t)burst);
	c.attack_sent += k;
	c.attack_refused += burst - k;
	if (k < burst)
		rte_pktmbuf_free_bulk(m + k, burst - k);
}

/* Read until nothing more comes. */
static void
settle(void)
{
	uint64_t quiet = rte_rdtsc(), end = quiet + 5 * hz;

	for (uint64_t now = quiet; now - quiet < QUIET_MS * hz / 1000 && now < end;
		now = rte_rdtsc())
		if (receive() > 0)
			quiet = now;
}

/* ---- commands ---- */

static uint32_t
isn(unsigned int i, enum flood_side side)
{
	return (side == INSIDE ? 0x10000000u : 0x80000000u) + (i << 12);
}

/* The frames of a flow's steady state, once its endpoint is known. */
static void
flow_frames(unsigned int i)
{
	struct flood_flow *f = &flow[i];
	const struct flood_tag tag = flood_tag(ESTABLISHED, i, 0);
	const struct flood_ip in = { INSIDE, f->in_addr, SERVER, 0, 0,
		f->tcp ? IPPROTO_TCP : IPPROTO_UDP, 0 };
	const struct flood_ip out = { OUTSIDE, SERVER, f->out_addr, 0, 0, in.proto, 0 };
	uint32_t here = isn(i, INSIDE) + 1, there = isn(i, OUTSIDE) + 1;

	if (f->tcp) {
		f->len[INSIDE] = flood_tcp(f->frame[INSIDE], &in, f->in_port, TCP_PORT, here, there,
			RTE_TCP_ACK_FLAG, &tag);
		f->len[OUTSIDE] = flood_tcp(f->frame[OUTSIDE], &out, TCP_PORT, f->out_port, there,
			here, RTE_TCP_ACK_FLAG, &tag);
	} else {
		f->len[INSIDE] = flood_udp(f->frame[INSIDE], &in, f->in_port, UDP_PORT, &tag);
		f->len[OUTSIDE] = flood_udp(f->frame[OUTSIDE], &out, UDP_PORT, f->out_port, &tag);
	}
}

/* Answer a flow's first packet as the server: its endpoint is that of the source. */
static void
learn_one(const struct rte_mbuf *m)
{
	const struct rte_ipv4_hdr *ip =
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, RTE_ETHER_HDR_LEN);
	const struct rte_tcp_hdr *tcp = (const void *)(ip + 1);
	uint8_t frame[FLOOD_FRAME];
	struct flood_ip answer = { OUTSIDE, SERVER, 0, 0, 0, IPPROTO_TCP, 0 };
	struct flood_tag tag;
	unsigned int i;

	if (m->data_len < 54 || ip->version_ihl != RTE_IPV4_VHL_DEF ||
		ip->dst_addr != RTE_BE32(SERVER))
		return;
	if (ip->next_proto_id == IPPROTO_TCP) {
		i = (rte_be_to_cpu_32(tcp->sent_seq) - isn(0, INSIDE)) >> 12;
	} else {
		memcpy(&tag, (const uint8_t *)(ip + 1) + 8, sizeof(tag));
		i = tag.flow;
	}
	if (i >= FLOOD_FLOWS || flow[i].known)
		return;
	flow[i].out_addr = rte_be_to_cpu_32(ip->src_addr);
	flow[i].out_port = rte_be_to_cpu_16(tcp->src_port);
	flow[i].known = true;
	n_known++;
	flow_frames(i);
	answer.dst = flow[i].out_addr;
	if (flow[i].tcp) {
		send_one(OUTSIDE, frame,
			flood_tcp(frame, &answer, TCP_PORT, flow[i].out_port, isn(i, OUTSIDE),
				isn(i, INSIDE) + 1, RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG, NULL));
		send_one(INSIDE, flow[i].frame[INSIDE], flow[i].len[INSIDE]);
	}
}

static void
learn_receive(void)
{
	struct rte_mbuf *m[BURST];
	unsigned int n;

	for (uint64_t end = rte_rdtsc() + hz / 20; rte_rdtsc() < end;) {
		n = rte_eth_rx_burst(OUTSIDE, 0, m, BURST);
		for (unsigned int i = 0; i < n; i++)
			learn_one(m[i]);
		if (n > 0)
			rte_pktmbuf_free_bulk(m, n);
		n = rte_eth_rx_burst(INSIDE, 0, m, BURST);
		if (n > 0)
			rte_pktmbuf_free_bulk(m, n);
	}
}

static void
learn(void)
{
	uint8_t frame[FLOOD_FRAME];

	for (unsigned int round = 0; round < 100 && n_known < FLOOD_FLOWS; round++) {
		for (unsigned int i = 0, sent = 0; i < FLOOD_FLOWS && sent < 200; i++) {
			struct flood_flow *f = &flow[i];
			struct flood_ip ip = { INSIDE, 0, SERVER, 0, 0, 0, 0 };
			const struct flood_tag tag = flood_tag(ESTABLISHED, i, 0);

			if (f->known)
				continue;
			f->tcp = i % 2 == 0;
			f->in_addr = ip.src = SUBSCRIBERS + 1 + i / 20;
			f->in_port = (uint16_t)(20000 + i);
			ip.proto = f->tcp ? IPPROTO_TCP : IPPROTO_UDP;
			sent += send_one(INSIDE, frame,
				f->tcp ? flood_tcp(frame, &ip, f->in_port, TCP_PORT, isn(i, INSIDE),
						 0, RTE_TCP_SYN_FLAG, NULL)
				       : flood_udp(frame, &ip, f->in_port, UDP_PORT, &tag));
		}
		learn_receive();
	}
	settle();
	printf("learned=%u\n", n_known);
}

static void
begin(void)
{
	settle();
	memset(&c, 0, sizeof(c));
	for (unsigned int i = 0; i < 2; i++)
		est[i].sent = 0; /* built frames that were not sent stay where they are */
}

static void
capacity(double seconds)
{
	uint64_t from, got;

	begin();
	for (uint64_t end = rte_rdtsc() + hz / 4; rte_rdtsc() < end; receive()) {
		send_established(&est[INSIDE], UINT64_MAX);
		send_established(&est[OUTSIDE], UINT64_MAX);
	}
	from = rte_rdtsc();
	got = c.got[0] + c.got[1];
	for (uint64_t end = from + (uint64_t)(seconds * (double)hz); rte_rdtsc() < end; receive()) {
		send_established(&est[INSIDE], UINT64_MAX);
		send_established(&est[OUTSIDE], UINT64_MAX);
	}
	got = c.got[0] + c.got[1] - got;
	printf("capacity=%.0f\n", (double)got * (double)hz / (double)(rte_rdtsc() - from));
	settle();
}

/* What is due of a rate after so many cycles. */
static uint64_t
due(uint64_t cycles, double rate)
{
	return (uint64_t)((double)cycles * rate / (double)hz);
}

/* One packet of each flow each way; how many arrived. */
static uint64_t
alive(void)
{
	memset(&c.got, 0, sizeof(c.got));
	for (unsigned int side = 0; side < 2; side++) {
		for (unsigned int i = 0; i < FLOOD_FLOWS; i++) {
			send_one((enum flood_side)side, flow[i].frame[side], flow[i].len[side]);
			receive();
		}
	}
	settle();
	return c.got[0] + c.got[1];
}

static void
run(const struct flood_attack *a, uint64_t count, double rate, double pps)
{
	uint64_t start, now, n = 0, fresh = 0, datagrams = 0, want[2] = { 0, 0 }, rest;
	struct count done;
	bool over = false;

	begin();
	start = rte_rdtsc();
	for (now = start; !over || est[0].sent < want[0] || est[1].sent < want[1];
		now = rte_rdtsc()) {
		uint64_t t = now - start;

		over = a == NULL ? t >= (uint64_t)((double)count / rate * (double)hz) : n >= count;
		for (unsigned int i = 0; i < 2; i++) {
			if (!over)
				want[i] = due(t, pps / 2);
			if (est[i].sent >= want[i])
				continue;
			rest = (uint64_t)((double)(want[i] - est[i].sent) / (pps / 2) * (double)hz);
			c.late = RTE_MAX(c.late, rest);
			send_established(&est[i], want[i]);
		}
		if (a != NULL)
			send_attack(a, &n, RTE_MIN(count, due(t, rate)));
		if (!over && fresh < due(t, FRESH_RATE)) {
			send_fresh();
			fresh++;
		}
		if (!over && datagrams < due(t, DATAGRAM_RATE)) {
			send_datagram(INSIDE);
			send_datagram(OUTSIDE);
			datagrams++;
		}
		receive();
		if (t > 120 * hz) {
			printf("stuck\n");
			return;
		}
	}
	now = rte_rdtsc();
	settle();
	done = c;
	printf("sent=%" PRIu64 " refused=%" PRIu64 " seconds=%.3f passed=%" PRIu64
	       " answers=%" PRIu64 " answer_bytes=%" PRIu64 " established=%" PRIu64 " lost=%" PRId64
	       " bad=%" PRIu64 " late=%.0f new=%" PRIu64 " new_lost=%" PRId64 " pieces=%" PRIu64
	       " pieces_lost=%" PRId64 " alive=%" PRIu64 "\n",
		done.attack_sent, done.attack_refused, (double)(now - start) / (double)hz,
		done.attack_got, done.answers, done.answer_bytes, done.sent[0] + done.sent[1],
		(int64_t)(done.sent[0] + done.sent[1] - done.got[0] - done.got[1]), done.bad,
		(double)done.late * 1e6 / (double)hz, done.fresh_sent,
		(int64_t)(done.fresh_sent - done.fresh_got), done.pieces_sent,
		(int64_t)(done.pieces_sent - done.pieces_got), alive());
}

static void
command(const char *line)
{
	char name[16];
	double seconds, rate, pps;
	uint64_t count;

	if (strncmp(line, "learn", 5) == 0) {
		learn();
	} else if (sscanf(line, "capacity %lf", &seconds) == 1) {
		capacity(seconds);
	} else if (sscanf(line, "run %15s %" SCNu64 " %lf %lf", name, &count, &rate, &pps) == 4 &&
		   (strcmp(name, "none") == 0 || flood_attack(name) != NULL)) {
		run(flood_attack(name), count, rate, pps);
	} else {
		printf("unknown\n");
	}
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	char line[128];
	int rc = 1;

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	hz = rte_get_tsc_hz();
	if (ports_start() == 0) {
		printf("ready\n");
		fflush(stdout);
		while (fgets(line, sizeof(line), stdin) != NULL)
			command(line);
		rc = 0;
	}
	for (uint16_t port = 0; port < 2; port++)
		rte_eth_dev_stop(port);
	rte_eal_cleanup();
	return rc;
}
