/* clang-format off */
/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pktblast - traffic generator, translation checker and no-drop-rate finder
 * for a NAT gateway with two ports. One core. Port 0 is the inside, port 1 the
 * outside; any DPDK port will do, memif is what it was made for.
 *
 *   cc -O3 -march=native -o pktblast pktblast.c $(pkg-config --cflags --libs libdpdk) -lm
 *
 *   pktblast -l 0 --no-pci --file-prefix=blast --single-file-segments -m 128 \
 *     --vdev net_memif0,role=client,id=0,socket=in.sock,socket-abstract=no,zero-copy=yes \
 *     --vdev net_memif1,role=client,id=1,socket=out.sock,socket-abstract=no,zero-copy=yes \
 *     -- --flows 64K --modes in2out,out2in,bidir --repeat 3 --secs 2
 *
 * Every frame carries its flow number, a sequence number and a time stamp, with
 * good IP and UDP/TCP checksums. What comes back is checked: direction, the
 * translated address and port (the same for every packet of a flow, not shared
 * by two flows), the restored address and port the other way, and checksums.
 *
 * Modes (comma separated, run in turn, each --repeat times):
 *   cps      one packet of each of N flows never seen before: sessions per second
 *   in2out   learned flows, inside to outside, as fast as the peer takes them
 *   out2in   the replies to the learned outside address and port
 *   bidir    both at once
 *   ndr-in2out, ndr-out2in, ndr-bidir
 *            binary search for the highest rate with loss <= --loss
 *   rate-in2out, rate-out2in, rate-bidir
 *            fixed --pps per direction: loss and latency
 *
 * "As fast as the peer takes them": a full ring holds the generator back, so
 * the figure is the peer's own ceiling. `full` is the share of send attempts
 * that found the ring full: near 0 the GENERATOR was the limit and the figure
 * says nothing about the peer.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <rte_arp.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_memcpy.h>
#include <rte_prefetch.h>

#define BURST	64
#define MAGIC	0xb1a5
#define MAXSIZE	1518
#define LATBINS	1920

enum { IN2OUT = 0, OUT2IN = 1 };

struct pay {
	uint16_t magic;
	uint8_t dir, epoch;
	uint32_t flow, seq;
	uint64_t tsc;
} __rte_packed;

struct rec {			/* what was learned of a flow */
	uint32_t ip;
	uint16_t port;
	uint16_t state;
};

struct dirstat {
	uint64_t tx, full, tries, skipped;	/* sent; refused (rated mode) */
	uint64_t refused;			/* attempts that hit a full ring */
	uint64_t rx, bad, moved, csum;
	uint64_t rx_mark, tx_mark;
	uint64_t lat[LATBINS];
};

struct result {
	double secs, offered[2], tx[2], rx[2];
	uint64_t sent[2], lost[2], bad, moved, csum, dropped;
	double full[2], lat50[2], lat99[2], lat999[2], latmax[2];
	int behind;		/* the generator could not offer the rate */
	double clk;		/* core clock / TSC clock around the trial */
	double far_pps;		/* the same where the two cores were far apart */
	unsigned int near, far, mixed;
};

static struct {
	uint64_t flows;
	uint32_t src_base, dst_base, src_start;
	uint32_t ppi_shift, dst_count;
	uint16_t sport, dport;
	unsigned int size, repeat, tries, verify, rxq_desc;
	int tcp;
	double secs, warm, pps, loss, step, setup_pps, link_wait, start_pps, rest, slice, near_ns, patience;
	int peer_cpu;
	char modes[256], json[256], label[64];
	uint32_t ip[2], gw[2];
	struct rte_ether_addr dmac[2];
	int have_dmac[2];
} cf = {
	.flows = 1024, .src_base = 0x0a000000, .dst_base = 0xc6120001,
	.ppi_shift = 6, .dst_count = 1, .sport = 1024, .dport = 53,
	.size = 64, .repeat = 3, .tries = 2, .verify = 1,
	.secs = 2, .warm = 0.3, .step = 0.01, .link_wait = 30, .rest = 0,
	.slice = 0.1, .near_ns = 160, .patience = 60, .peer_cpu = 1,
	.modes = "in2out,out2in,bidir",
};

static volatile sig_atomic_t stop;
static struct rte_mempool *pool;
static struct rte_ether_addr mac[2];
static struct rec *tab;
static struct dirstat st[2];
static uint64_t alien, stale, learned;
static uint8_t epoch;
static uint32_t kbits, kmask, l4len = 8, poff;
static uint64_t hz;
static uint8_t tmpl[2][RTE_ALIGN_MUL_CEIL(MAXSIZE, 64)] __rte_cache_aligned;
static uint32_t ipsum0, l4sum0;
static uint8_t tcpflags = 0x10;
static FILE *json;

static inline uint16_t rd16(const void *p) { uint16_t v; memcpy(&v, p, 2); return v; }
static inline uint32_t rd32(const void *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static inline uint64_t rd64(const void *p) { uint64_t v; memcpy(&v, p, 8); return v; }
static inline void wr16(void *p, uint16_t v) { memcpy(p, &v, 2); }
static inline void wr32(void *p, uint32_t v) { memcpy(p, &v, 4); }

static inline uint32_t
add32(uint32_t v)
{
	return (v & 0xffff) + (v >> 16);
}

static inline uint16_t
fold(uint64_t s)
{
	s = (s & 0xffffffff) + (s >> 32);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

/* one to one on kbits bits, so that a run over the counter visits every flow
 * exactly once and in no order a table or a prefetcher could profit from */
static inline uint32_t
scatter(uint32_t x)
{
	uint32_t h = kbits / 2 + 1;

	x &= kmask;
	x = (x * 0x9e3779b1u) & kmask;
	x ^= x >> h;
	x = (x * 0x85ebca6bu) & kmask;
	x ^= x >> h;
	return x;
}

static inline uint32_t
flow_src(uint32_t f)
{
	return htonl(cf.src_start + (f >> cf.ppi_shift));
}

static inline uint16_t
flow_sport(uint32_t f)
{
	return htons(cf.sport + (f & ((1u << cf.ppi_shift) - 1)));
}

static inline uint32_t
flow_dst(uint32_t f)
{
	return htonl(cf.dst_base + (f & (cf.dst_count - 1)));
}

static void
mktemplates(void)
{
	for (int d = 0; d < 2; d++) {
		uint8_t *p = tmpl[d];
		struct rte_ether_hdr *e = (void *)p;
		struct rte_ipv4_hdr *ip = (void *)(p + 14);
		uint32_t n = cf.size - 34, i;

		memset(p, 0, sizeof(tmpl[d]));
		e->dst_addr = cf.dmac[d];
		e->src_addr = mac[d];
		e->ether_type = htons(RTE_ETHER_TYPE_IPV4);
		ip->version_ihl = 0x45;
		ip->total_length = htons(cf.size - 14);
		ip->time_to_live = 64;
		ip->next_proto_id = cf.tcp ? IPPROTO_TCP : IPPROTO_UDP;
		if (cf.tcp) {
			wr32(p + 38, htonl(d == IN2OUT ? 1001 : 5001));
			wr32(p + 42, htonl(d == IN2OUT ? 5001 : 1001));
			p[46] = 0x50;
			p[47] = tcpflags;
			if (tcpflags & 0x02) {
				wr32(p + 38, htonl(d == IN2OUT ? 1000 : 5000));
				if (d == IN2OUT)
					wr32(p + 42, 0);
			}
			wr16(p + 48, htons(65000));
		} else {
			wr16(p + 38, htons(n));
		}
		/* sums over everything that does not change */
		ipsum0 = 0;
		for (i = 14; i < 34; i += 2)
			ipsum0 += rd16(p + i);
		l4sum0 = htons(n) + htons(ip->next_proto_id);
		for (i = 34; i < 34 + l4len; i += 2)
			l4sum0 += rd16(p + i);
		/* the two directions differ in TCP sequence numbers only */
		wr32(p + 14 + 4, 0);
		((uint32_t *)tmpl[d])[RTE_ALIGN_MUL_CEIL(MAXSIZE, 64) / 4 - 1] = l4sum0;
	}
}

static inline uint32_t
tmpl_l4sum(int d)
{
	return ((uint32_t *)tmpl[d])[RTE_ALIGN_MUL_CEIL(MAXSIZE, 64) / 4 - 1];
}

static __rte_always_inline void
build(struct rte_mbuf *m, uint32_t f, uint32_t seq, int dir, uint64_t now, uint32_t l4s)
{
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *);
	uint32_t src, dst, ports, w = 0;
	struct pay y;
	uint64_t s, b[3];

	if (dir == IN2OUT) {
		src = flow_src(f);
		dst = flow_dst(f);
		ports = flow_sport(f) | (uint32_t)htons(cf.dport) << 16;
	} else {
		src = flow_dst(f);
		dst = tab[f].ip;
		ports = htons(cf.dport) | (uint32_t)tab[f].port << 16;
	}
	rte_memcpy(p, tmpl[dir], 64);
	if (unlikely(cf.size > 64))
		rte_memcpy(p + 64, tmpl[dir] + 64, cf.size - 64);
	wr32(p + 26, src);
	wr32(p + 30, dst);
	wr32(p + 34, ports);
	w = add32(src) + add32(dst);
	wr16(p + 24, (uint16_t)~fold(ipsum0 + w));
	y.magic = MAGIC;
	y.dir = dir;
	y.epoch = epoch;
	y.flow = f;
	y.seq = seq;
	y.tsc = now;
	memcpy(b, &y, 20);
	s = (uint64_t)(uint32_t)b[0] + (b[0] >> 32) + (uint32_t)b[1] + (b[1] >> 32) +
	    (uint32_t)b[2] + l4s + w + add32(ports);
	memcpy(p + poff, &y, sizeof(y));
	s = fold(s);
	s = (uint16_t)~s;
	if (cf.tcp)
		wr16(p + 50, s);
	else
		wr16(p + 40, s ? s : 0xffff);
	m->data_len = cf.size;
	m->pkt_len = cf.size;
}

/* 0 if the IP header and L4 checksums are right */
static int
check_sums(const uint8_t *p, uint32_t len)
{
	uint32_t n = ntohs(rd16(p + 16)), i;
	uint64_t s = 0;

	for (i = 0; i < 20; i += 2)
		s += rd16(p + 14 + i);
	if (fold(s) != 0xffff)
		return 1;
	if (n < 28 || n + 14 > len)
		return 1;
	if (!cf.tcp && rd16(p + 40) == 0)
		return 0;
	s = htons(n - 20) + htons(p[23]);
	for (i = 26; i + 8 <= n + 14; i += 8) {
		uint64_t q = rd64(p + i);

		s += (q & 0xffffffff) + (q >> 32);
	}
	for (; i + 2 <= n + 14; i += 2)
		s += rd16(p + i);
	if (i < n + 14)
		s += p[i];
	return fold(s) != 0xffff;
}

static void
arp_request(int port)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	struct rte_ether_hdr *e;
	struct rte_arp_hdr *a;

	if (m == NULL)
		return;
	e = (void *)rte_pktmbuf_append(m, 60);
	if (e == NULL) {
		rte_pktmbuf_free(m);
		return;
	}
	memset(e, 0, 60);
	memset(&e->dst_addr, 0xff, 6);
	e->src_addr = mac[port];
	e->ether_type = htons(RTE_ETHER_TYPE_ARP);
	a = (void *)(e + 1);
	a->arp_hardware = htons(1);
	a->arp_protocol = htons(RTE_ETHER_TYPE_IPV4);
	a->arp_hlen = 6;
	a->arp_plen = 4;
	a->arp_opcode = htons(RTE_ARP_OP_REQUEST);
	a->arp_data.arp_sha = mac[port];
	a->arp_data.arp_sip = cf.ip[port];
	a->arp_data.arp_tip = cf.gw[port];
	if (rte_eth_tx_burst(port, 0, &m, 1) != 1)
		rte_pktmbuf_free(m);
}

/* anything that is not one of our frames: answer ARP for every address */
static __rte_noinline void
slow(int port, struct rte_mbuf *m)
{
	struct rte_ether_hdr *e = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	struct rte_arp_hdr *a = (void *)(e + 1);

	if (m->pkt_len < 42 || e->ether_type != htons(RTE_ETHER_TYPE_ARP)) {
		alien++;
		return;
	}
	if (a->arp_opcode == htons(RTE_ARP_OP_REPLY) && a->arp_data.arp_sip == cf.gw[port]) {
		cf.dmac[port] = a->arp_data.arp_sha;
		cf.have_dmac[port] = 1;
	} else if (a->arp_opcode == htons(RTE_ARP_OP_REQUEST) &&
		   a->arp_data.arp_tip != a->arp_data.arp_sip &&
		   a->arp_data.arp_tip != cf.gw[port]) {
		struct rte_mbuf *r = rte_pktmbuf_alloc(pool);
		struct rte_ether_hdr *re;
		struct rte_arp_hdr *ra;

		if (r == NULL)
			return;
		re = (void *)rte_pktmbuf_append(r, 60);
		if (re == NULL) {
			rte_pktmbuf_free(r);
			return;
		}
		memset(re, 0, 60);
		ra = (void *)(re + 1);
		re->dst_addr = a->arp_data.arp_sha;
		re->src_addr = mac[port];
		re->ether_type = e->ether_type;
		*ra = *a;
		ra->arp_opcode = htons(RTE_ARP_OP_REPLY);
		ra->arp_data.arp_sha = mac[port];
		ra->arp_data.arp_sip = a->arp_data.arp_tip;
		ra->arp_data.arp_tha = a->arp_data.arp_sha;
		ra->arp_data.arp_tip = a->arp_data.arp_sip;
		if (rte_eth_tx_burst(port, 0, &r, 1) != 1)
			rte_pktmbuf_free(r);
	}
}

static inline unsigned int
latbin(uint64_t v)
{
	unsigned int e;

	if (v < 32)
		return v;
	e = 63 - __builtin_clzll(v);
	return (e - 5) * 32 + (v >> (e - 5));
}

static double
latval(unsigned int i)
{
	unsigned int e;

	if (i < 64)
		return i;
	e = i / 32 - 1;
	return (double)((uint64_t)(i % 32 + 32) << e);
}

/* port 1 receives what went in to out, port 0 what went out to in */
static __rte_always_inline unsigned int
receive(const int port)
{
	const int dir = port == 1 ? IN2OUT : OUT2IN;
	struct rte_mbuf *m[BURST];
	unsigned int n = rte_eth_rx_burst(port, 0, m, BURST), i;
	struct dirstat *s = &st[dir];
	uint64_t now;

	if (n == 0)
		return 0;
	now = rte_rdtsc();
	for (i = 0; i < n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(m[i], void *));
	if (dir == IN2OUT)
		for (i = 0; i < n; i++) {
			uint32_t f = rd32(rte_pktmbuf_mtod(m[i], uint8_t *) + poff + 4);

			if (f < cf.flows)
				rte_prefetch0(&tab[f]);
		}
	for (i = 0; i < n; i++) {
		uint8_t *p = rte_pktmbuf_mtod(m[i], uint8_t *);
		struct pay y;
		uint32_t f;
		uint64_t d;

		if (unlikely(m[i]->data_len < poff + sizeof(y) ||
			     rd16(p + 12) != htons(RTE_ETHER_TYPE_IPV4) ||
			     rd16(p + poff) != MAGIC)) {
			slow(port, m[i]);
			continue;
		}
		memcpy(&y, p + poff, sizeof(y));
		f = y.flow;
		if (unlikely(y.epoch != epoch)) {
			stale++;
			continue;
		}
		if (unlikely(y.dir != dir || f >= cf.flows)) {
			s->bad++;
			continue;
		}
		if (dir == IN2OUT) {
			uint32_t ip = rd32(p + 26);
			uint16_t port_ = rd16(p + 34);
			struct rec *r = &tab[f];

			if (unlikely(r->state == 0)) {
				r->ip = ip;
				r->port = port_;
				r->state = 1;
				learned++;
			} else if (unlikely(r->ip != ip || r->port != port_)) {
				s->moved++;
				r->ip = ip;
				r->port = port_;
			}
			if (unlikely(rd32(p + 30) != flow_dst(f) ||
				     rd16(p + 36) != htons(cf.dport))) {
				s->bad++;
				continue;
			}
		} else if (unlikely(rd32(p + 30) != flow_src(f) ||
				    rd16(p + 36) != flow_sport(f) ||
				    rd32(p + 26) != flow_dst(f) ||
				    rd16(p + 34) != htons(cf.dport))) {
			s->bad++;
			continue;
		}
		if (cf.verify > 1 || (cf.verify && i == 0))
			if (unlikely(check_sums(p, m[i]->data_len)))
				s->csum++;
		s->rx++;
		d = now - y.tsc;
		if ((y.seq & 3) == 0 || cf.verify > 1)
			s->lat[(int64_t)d < 0 ? 0 : latbin(d)]++;
	}
	rte_pktmbuf_free_bulk(m, n);
	return n;
}

/* A ring that both sides look at all the time costs the peer a cache miss for
 * every look. So leave a ring alone for a while after finding it empty (or, when
 * sending, full): the peer then works through long runs undisturbed, which is
 * what makes its figure repeatable. Zero for latency. */
static uint64_t rest;
static uint64_t rx_rest[2], tx_rest[2];

static unsigned int
receive_all(void)
{
	unsigned int t = 0, n, k;
	uint64_t now = rte_rdtsc();

	if (now >= rx_rest[1]) {
		for (k = 0; k < 16; k++) {
			t += n = receive(1);
			if (n < BURST)
				break;
		}
		rx_rest[1] = rte_rdtsc() + rest;
	}
	if (now >= rx_rest[0]) {
		for (k = 0; k < 16; k++) {
			t += n = receive(0);
			if (n < BURST)
				break;
		}
		rx_rest[0] = rte_rdtsc() + rest;
	}
	return t;
}

static void
drain(double quiet, double limit)
{
	uint64_t t0 = rte_rdtsc(), last = t0, now;

	do {
		now = rte_rdtsc();
		if (receive_all())
			last = now;
	} while (now - last < quiet * hz && now - t0 < limit * hz && !stop);
}

/* ---- sending ---- */
struct gen {
	uint32_t ctr, mask_ctr;
	uint32_t id[BURST], seq[BURST];
	unsigned int have;
	struct rte_mbuf *m[BURST];
	unsigned int at, n;	/* built, not yet accepted */
	uint64_t left;		/* setup: counter steps left in this pass */
};

static struct gen gen[2];

/* choose the next flows and ask for what is known of them */
static __rte_always_inline void
choose(struct gen *g, const int dir, unsigned int want)
{
	while (g->have < want) {
		uint32_t c = g->ctr++, f = scatter(c);

		if (unlikely(f >= cf.flows))
			continue;
		g->id[g->have] = f;
		g->seq[g->have++] = c >> kbits;
		if (dir == OUT2IN)
			rte_prefetch0(&tab[f]);
	}
}

static __rte_always_inline unsigned int
make(struct gen *g, const int dir, unsigned int want, uint64_t now)
{
	uint32_t l4s = tmpl_l4sum(dir);
	unsigned int i, k = 0;

	choose(g, dir, want);
	if (unlikely(rte_pktmbuf_alloc_bulk(pool, g->m, want) != 0))
		return 0;
	for (i = 0; i < want; i++)
		rte_prefetch0(rte_pktmbuf_mtod(g->m[i], void *));
	for (i = 0; i < want; i++) {
		if (dir == OUT2IN && unlikely(tab[g->id[i]].state == 0)) {
			rte_pktmbuf_free(g->m[i]);
			continue;
		}
		g->m[k] = g->m[i];
		build(g->m[k++], g->id[i], g->seq[i], dir, now, l4s);
	}
	g->have = 0;
	choose(g, dir, BURST);		/* for the next time, already on the way */
	g->at = 0;
	g->n = k;
	return k;
}

/* as fast as it goes: what is refused waits */
static __rte_always_inline void
blast(const int dir, uint64_t now)
{
	struct gen *g = &gen[dir];
	unsigned int n, k;

	if (now < tx_rest[dir])
		return;
	for (k = 0; k < 4; k++) {
		if (g->at == g->n && make(g, dir, BURST, now) == 0)
			return;
		n = rte_eth_tx_burst(dir, 0, g->m + g->at, g->n - g->at);
		st[dir].tx += n;
		st[dir].tries++;
		g->at += n;
		if (g->at != g->n) {
			st[dir].refused++;
			tx_rest[dir] = rte_rdtsc() + rest;
			return;
		}
	}
}

/* at a rate: what is refused is lost, as it would be at a full NIC ring */
static __rte_always_inline void
paced(const int dir, uint64_t now, uint64_t due)
{
	struct gen *g = &gen[dir];
	struct dirstat *s = &st[dir];
	uint64_t done = s->tx + s->full + s->skipped;
	unsigned int n, k;

	if (due <= done)
		return;
	due -= done;
	if (unlikely(due > 512)) {	/* we were held up: do not make it a burst */
		s->skipped += due - 512;
		due = 512;
	}
	/* choose() keeps BURST ids ready; unused ones stay for the next call */
	n = RTE_MIN(due, (uint64_t)BURST);
	choose(g, dir, BURST);
	if (unlikely(rte_pktmbuf_alloc_bulk(pool, g->m, n) != 0))
		return;
	for (k = 0; k < n; k++)
		build(g->m[k], g->id[BURST - 1 - k], g->seq[BURST - 1 - k], dir, now,
		      tmpl_l4sum(dir));
	g->have = BURST - n;
	choose(g, dir, BURST);
	k = rte_eth_tx_burst(dir, 0, g->m, n);
	s->tx += k;
	s->tries++;
	if (unlikely(k < n)) {
		s->full += n - k;
		s->refused++;
		rte_pktmbuf_free_bulk(g->m + k, n - k);
	}
}

static void
drop_pending(void)
{
	for (int d = 0; d < 2; d++) {
		if (gen[d].at < gen[d].n)
			rte_pktmbuf_free_bulk(gen[d].m + gen[d].at, gen[d].n - gen[d].at);
		gen[d].at = gen[d].n = 0;
	}
}

static void
percentiles(struct dirstat *s, double *p50, double *p99, double *p999, double *pmax)
{
	uint64_t tot = 0, c = 0;
	unsigned int i;

	*p50 = *p99 = *p999 = *pmax = 0;
	for (i = 0; i < LATBINS; i++)
		tot += s->lat[i];
	for (i = 0; i < LATBINS && tot; i++) {
		double v = latval(i) * 1e6 / hz;

		if (s->lat[i] == 0)
			continue;
		if (c < tot * 0.5)
			*p50 = v;
		if (c < tot * 0.99)
			*p99 = v;
		if (c < tot * 0.999)
			*p999 = v;
		*pmax = v;
		c += s->lat[i];
	}
}

static void
clear(void)
{
	drop_pending();
	drain(0.005, 0.2);
	memset(st, 0, sizeof(st));
	alien = stale = 0;
	epoch++;
}

/* how fast this core runs against the TSC just now: a VM's clock wanders, and
 * two figures compare only where this does */
static double
clock_ratio(void)
{
	uint64_t x = 3, t0 = rte_rdtsc();

	for (int i = 0; i < 10000; i++)	/* a multiplication takes 3 cycles */
		__asm__ volatile(".rept 20\n\timul $5, %0, %0\n\t.endr" : "+r"(x));
	return 10000 * 60.0 / (rte_rdtsc() - t0);
}

static void
trial(unsigned int dirs, double pps, double warm, double secs, struct result *r)
{
	uint64_t t0, tm, te, now, fence;
	int marked = 0;

	rest = 0;
	clear();
	rest = pps > 0 ? 0 : cf.rest * hz / 1e6;
	memset(r, 0, sizeof(*r));
	t0 = now = rte_rdtsc();
	tm = t0 + warm * hz;
	te = tm + secs * hz;
	for (;;) {
		now = rte_rdtsc();
		if (now >= te || stop)
			break;
		if (!marked && now >= tm) {
			for (int d = 0; d < 2; d++) {
				st[d].rx_mark = st[d].rx;
				st[d].tx_mark = st[d].tx;
			}
			tm = now;
			marked = 1;
		}
		if (pps > 0) {
			uint64_t due = (double)(now - t0) * pps / hz;

			if (dirs & 1)
				paced(IN2OUT, now, due);
			if (dirs & 2)
				paced(OUT2IN, now, due);
		} else {
			if (dirs & 1)
				blast(IN2OUT, now);
			if (dirs & 2)
				blast(OUT2IN, now);
		}
		receive_all();
	}
	fence = now;
	r->clk = 0;
	r->secs = (double)(fence - tm) / hz;
	for (int d = 0; d < 2; d++) {
		r->rx[d] = (st[d].rx - st[d].rx_mark) / r->secs;
		r->tx[d] = (st[d].tx - st[d].tx_mark) / r->secs;
	}
	drop_pending();
	rest = 0;
	drain(0.01, 0.5);
	r->clk = clock_ratio();
	for (int d = 0; d < 2; d++) {
		struct dirstat *s = &st[d];
		uint64_t back = s->rx + s->bad;

		r->sent[d] = s->tx;
		r->lost[d] = s->tx > back ? s->tx - back : 0;
		r->lost[d] += s->full;
		r->sent[d] += s->full;
		r->bad += s->bad;
		r->moved += s->moved;
		r->csum += s->csum;
		r->full[d] = s->tries ? 100.0 * s->refused / s->tries : 0;
		if (pps > 0 && (dirs & (1u << d))) {
			r->offered[d] = (s->tx + s->full) / ((double)(fence - t0) / hz);
			if (r->offered[d] < 0.95 * pps)
				r->behind = 1;
		}
		percentiles(s, &r->lat50[d], &r->lat99[d], &r->lat999[d], &r->latmax[d]);
	}
}

/* ---- where are the two cores? ----
 * A virtual machine's host moves its virtual cores about. While ours and the
 * peer's do not share a third-level cache, a cache line takes five times as long
 * between them and the peer forwards less than half. So blast in short slices,
 * time a cache line's round trip to the peer's CPU before and after each, and
 * count only the slices that were near at both ends. */
static sem_t probe_go;
static volatile uint32_t probe_line __rte_cache_aligned;
static volatile int probe_ready __rte_cache_aligned;
#define PROBES 200

static void *
probe_peer(void *arg __rte_unused)
{
	for (;;) {
		uint64_t t0;

		while (sem_wait(&probe_go))
			;
		probe_ready = 1;
		t0 = rte_rdtsc();
		for (uint32_t i = 1; i <= PROBES; i++) {
			while (probe_line != 2 * i - 1)
				if (rte_rdtsc() - t0 > hz / 100)
					goto out;
			probe_line = 2 * i;
		}
out:
		;
	}
	return NULL;
}

static void
probe_start(void)
{
	pthread_t t;
	pthread_attr_t a;
	cpu_set_t c;
	struct sched_param sp = { .sched_priority = 20 };

	if (cf.peer_cpu < 0)
		return;
	sem_init(&probe_go, 0, 0);
	CPU_ZERO(&c);
	CPU_SET(cf.peer_cpu, &c);
	pthread_attr_init(&a);
	pthread_attr_setaffinity_np(&a, sizeof(c), &c);
	pthread_attr_setinheritsched(&a, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&a, SCHED_FIFO);
	pthread_attr_setschedparam(&a, &sp);
	if (pthread_create(&t, &a, probe_peer, NULL)) {
		printf("no probe thread on CPU %d: placement unknown\n", cf.peer_cpu);
		cf.peer_cpu = -1;
	}
}

/* nanoseconds for a cache line's round trip; 0 if unknown */
static double
probe(void)
{
	uint64_t t0, t1 = 0;

	if (cf.peer_cpu < 0)
		return 1;
	probe_ready = 0;
	probe_line = 0;
	sem_post(&probe_go);
	t0 = rte_rdtsc();
	while (!probe_ready)
		if (rte_rdtsc() - t0 > hz / 50)
			return 0;
	t0 = rte_rdtsc();
	for (uint32_t i = 1; i <= PROBES; i++) {
		if (i == PROBES / 4)
			t1 = rte_rdtsc();
		probe_line = 2 * i - 1;
		while (probe_line != 2 * i)
			if (rte_rdtsc() - t0 > hz / 100)
				return 0;
	}
	return (double)(rte_rdtsc() - t1) / (PROBES - PROBES / 4 + 1) * 1e9 / hz;
}

static int
cmpd(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* slices until cf.secs of them were near, or eight times that was tried */
static void
placed(unsigned int dirs, double pps, struct result *out)
{
	static uint64_t lat[2][LATBINS];
	unsigned int need = cf.secs / cf.slice + 0.5, n, nf = 0, nn = 0;
	double far_sum = 0, near_sum[2] = { 0 }, full[2] = { 0 };
	struct result r;

	uint64_t t0 = rte_rdtsc();

	need = need ? need : 1;
	memset(out, 0, sizeof(*out));
	memset(lat, 0, sizeof(lat));
	for (n = 0; n < 8 * need && nn < need && !stop; n++) {
		double a = probe(), b;

		/* a few far slices are enough to know; then wait for better */
		while (nf >= 5 && a > cf.near_ns && rte_rdtsc() - t0 < cf.patience * hz && !stop) {
			usleep(20000);
			a = probe();
		}
		trial(dirs, pps, RTE_MIN(cf.warm, cf.slice / 5), cf.slice, &r);
		b = probe();
		out->bad += r.bad;
		out->moved += r.moved;
		out->csum += r.csum;
		if (a > cf.near_ns && b > cf.near_ns) {
			far_sum += r.rx[0] + r.rx[1];
			nf++;
			continue;
		}
		if (!(a > 0 && a <= cf.near_ns && b > 0 && b <= cf.near_ns)) {
			out->mixed++;
			continue;
		}
		nn++;
		out->behind |= r.behind;
		out->clk = r.clk;
		for (int d = 0; d < 2; d++) {
			near_sum[d] += r.rx[d];
			full[d] += r.full[d];
			out->tx[d] += r.tx[d];
			out->sent[d] += r.sent[d];
			out->lost[d] += r.lost[d];
			for (unsigned int i = 0; i < LATBINS; i++)
				lat[d][i] += st[d].lat[i];
		}
	}
	out->near = nn;
	out->far = nf;
	out->far_pps = nf ? far_sum / nf : 0;
	for (int d = 0; d < 2; d++) {
		out->rx[d] = nn ? near_sum[d] / nn : 0;
		out->full[d] = nn ? full[d] / nn : 0;
		memcpy(st[d].lat, lat[d], sizeof(lat[d]));
		percentiles(&st[d], &out->lat50[d], &out->lat99[d], &out->lat999[d], &out->latmax[d]);
	}
}

static void
print_result(const char *mode, unsigned int k, const struct result *r)
{
	double total = r->rx[0] + r->rx[1];

	printf("%-12s #%u in2out %7.3f out2in %7.3f Mpps  total %7.3f  %6.1f cyc/pkt"
	       "  lost %" PRIu64 "/%" PRIu64 "  bad %" PRIu64 " moved %" PRIu64 " csum %" PRIu64
	       "  full %.0f%%/%.0f%%",
	       mode, k, r->rx[0] / 1e6, r->rx[1] / 1e6, total / 1e6,
	       total > 0 ? hz / total : 0, r->lost[0] + r->lost[1], r->sent[0] + r->sent[1],
	       r->bad, r->moved, r->csum, r->full[0], r->full[1]);
	for (int d = 0; d < 2; d++)
		if (r->latmax[d] > 0)
			printf("  %s us p50 %.1f p99 %.1f p99.9 %.1f max %.1f", d ? "out2in" : "in2out",
			       r->lat50[d], r->lat99[d], r->lat999[d], r->latmax[d]);
	if (cf.peer_cpu >= 0)
		printf("  near %u far %u (%.2f Mpps) mixed %u", r->near, r->far, r->far_pps / 1e6, r->mixed);
	printf("  clk %.2f GHz%s\n", r->clk * hz / 1e9, r->behind ? "  GENERATOR BEHIND" : "");
	fflush(stdout);
	if (json) {
		fprintf(json, "{\"label\":\"%s\",\"mode\":\"%s\",\"flows\":%" PRIu64 ",\"size\":%u,\"repeat\":%u,"
			"\"in2out_pps\":%.0f,\"out2in_pps\":%.0f,\"cyc_per_pkt\":%.1f,"
			"\"sent\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"moved\":%" PRIu64 ","
			"\"csum\":%" PRIu64 ",\"full_pct\":[%.1f,%.1f],"
			"\"clk\":%.3f,\"near\":%u,\"far\":%u,\"far_pps\":%.0f,\"lat_us\":[[%.2f,%.2f,%.2f,%.2f],[%.2f,%.2f,%.2f,%.2f]],\"behind\":%d}\n",
			cf.label, mode, cf.flows, cf.size, k, r->rx[0], r->rx[1], total > 0 ? hz / total : 0,
			r->sent[0] + r->sent[1], r->lost[0] + r->lost[1], r->bad, r->moved, r->csum,
			r->full[0], r->full[1], r->clk, r->near, r->far, r->far_pps, r->lat50[0], r->lat99[0], r->lat999[0], r->latmax[0],
			r->lat50[1], r->lat99[1], r->lat999[1], r->latmax[1], r->behind);
		fflush(json);
	}
}

/* one pass over the flows in state `want`, at most `pps`; returns seconds until
 * the last one was heard of */
static double
pass(int dir, int want, double pps)
{
	uint64_t left = (uint64_t)kmask + 1, t0, now, last, before, sent = 0;
	struct gen *g = &gen[dir];

	g->have = 0;
	g->ctr = 0;
	t0 = last = rte_rdtsc();
	before = st[dir].rx;
	while ((left || g->at < g->n) && !stop) {
		now = rte_rdtsc();
		if (g->at == g->n && (pps <= 0 || (now - t0) * pps / hz >= sent)) {
			unsigned int n = 0, i, k;
			uint32_t id[BURST];

			while (left && n < BURST) {
				/* not the order of blasting, or memory is read forwards */
				uint32_t f = scatter(g->ctr++ * 0x2545f491u + 12345u);

				left--;
				if (f < cf.flows && tab[f].state == want)
					id[n++] = f;
			}
			if (n && rte_pktmbuf_alloc_bulk(pool, g->m, n) == 0) {
				for (i = k = 0; i < n; i++)
					build(g->m[k++], id[i], 0, dir, now, tmpl_l4sum(dir));
				g->at = 0;
				g->n = n;
				sent += n;
			}
		}
		if (g->at < g->n) {
			unsigned int n = rte_eth_tx_burst(dir, 0, g->m + g->at, g->n - g->at);

			st[dir].tx += n;
			g->at += n;
		}
		receive_all();
		if (st[dir].rx != before) {
			before = st[dir].rx;
			last = now;
		}
	}
	now = rte_rdtsc();
	while (rte_rdtsc() - now < 0.1 * hz) {
		receive_all();
		if (st[dir].rx != before) {
			before = st[dir].rx;
			last = rte_rdtsc();
			now = last;
		}
	}
	return (double)(last - t0) / hz;
}

static int
cmp64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* flows that share an outside address and port towards the same destination */
static uint64_t
collisions(uint64_t *addresses)
{
	uint64_t *v = malloc(cf.flows * sizeof(*v)), n = 0, c = 0, i;
	uint32_t last = 0;

	*addresses = 0;
	if (v == NULL)
		return 0;
	for (i = 0; i < cf.flows; i++)
		if (tab[i].state)
			v[n++] = (uint64_t)ntohl(tab[i].ip) << 32 | (uint64_t)tab[i].port << 16 |
				 (i & (cf.dst_count - 1));
	qsort(v, n, sizeof(*v), cmp64);
	for (i = 0; i < n; i++) {
		if (i && v[i] == v[i - 1])
			c++;
		if (i == 0 || (uint32_t)(v[i] >> 32) != last)
			(*addresses)++;
		last = v[i] >> 32;
	}
	free(v);
	return c;
}

/* open every flow, learn its outside address and port */
static double
setup(int fresh, unsigned int k)
{
	double t, first;
	uint64_t got, dup, addrs;
	int round;

	if (fresh)
		cf.src_start += (cf.flows + (1u << cf.ppi_shift) - 1) >> cf.ppi_shift;
	clear();
	memset(tab, 0, cf.flows * sizeof(*tab));
	learned = 0;
	if (cf.tcp) {
		tcpflags = 0x02;
		mktemplates();
	}
	t = pass(IN2OUT, 0, cf.setup_pps);
	got = learned;
	first = got / t;
	for (round = 0; round < 5 && learned < cf.flows && !stop; round++)
		pass(IN2OUT, 0, 200000);
	if (cf.tcp) {
		tcpflags = 0x12;
		mktemplates();
		epoch++;
		pass(OUT2IN, 1, cf.setup_pps);
		tcpflags = 0x10;
		mktemplates();
		pass(IN2OUT, 1, cf.setup_pps);
	}
	dup = collisions(&addrs);
	printf("setup        #%u %" PRIu64 " flows: %" PRIu64 " answered the first time in %.3f s = %.3f M/s"
	       " (%.0f cyc/session), %" PRIu64 " in the end after %d more rounds, %" PRIu64
	       " outside addresses, %" PRIu64 " COLLISIONS, bad %" PRIu64 " csum %" PRIu64 "\n",
	       k, cf.flows, got, t, first / 1e6, hz / first, learned, round, addrs, dup,
	       st[0].bad + st[1].bad, st[0].csum + st[1].csum);
	fflush(stdout);
	if (json) {
		fprintf(json, "{\"label\":\"%s\",\"mode\":\"cps\",\"flows\":%" PRIu64 ",\"repeat\":%u,\"first\":%" PRIu64
			",\"cps\":%.0f,\"learned\":%" PRIu64 ",\"collisions\":%" PRIu64 ",\"addresses\":%" PRIu64 "}\n",
			cf.label, cf.flows, k, got, first, learned, dup, addrs);
		fflush(json);
	}
	for (int d = 0; d < 2; d++) {
		gen[d].have = 0;
		gen[d].ctr = rte_rdtsc();
	}
	return first;
}

static void
summary(const char *mode, double *v, unsigned int n, const char *unit)
{
	if (n == 0)
		return;
	qsort(v, n, sizeof(*v), cmpd);
	printf("== %s %s flows %" PRIu64 " size %u: min %.3f median %.3f max %.3f %s, spread %.1f%%, %.1f cyc at median\n",
	       cf.label, mode, cf.flows, cf.size, v[0] / 1e6, v[n / 2] / 1e6, v[n - 1] / 1e6, unit,
	       v[n / 2] > 0 ? 100 * (v[n - 1] - v[0]) / v[n / 2] : 0, v[n / 2] > 0 ? hz / v[n / 2] : 0);
	fflush(stdout);
}

/* the highest rate, per direction, that a trial survives */
static double
ndr(const char *mode, unsigned int dirs, unsigned int k)
{
	struct result r, best = { 0 };
	double lo = 0, hi, tol = cf.step;
	unsigned int nd = (dirs & 1) + (dirs >> 1), t;

	if (cf.start_pps > 0) {
		hi = cf.start_pps;
	} else {
		placed(dirs, 0, &r);
		hi = (r.rx[0] + r.rx[1]) / nd;
	}
	double rate = hi;

	while (!stop) {
		int ok = 0;

		for (t = 0; t < cf.tries && !ok && !stop; t++) {
			double sent, lost;

			placed(dirs, rate, &r);
			sent = r.sent[0] + r.sent[1];
			lost = r.lost[0] + r.lost[1];
			ok = r.near && !r.behind && sent > 0 && lost / sent <= cf.loss && r.bad == 0;
			if (cf.verify > 1)
				printf("   try %.3f Mpps: %s (lost %.0f of %.0f = %.2e)%s\n", rate / 1e6,
				       ok ? "pass" : "fail", lost, sent, sent > 0 ? lost / sent : 0,
				       r.behind ? " generator behind" : "");
		}
		if (ok) {
			lo = rate;
			best = r;
		} else {
			hi = rate;
		}
		if (hi - lo <= tol * hi || hi < 1000)
			break;
		rate = (lo + hi) / 2;
	}
	print_result(mode, k, &best);
	return best.rx[0] + best.rx[1];
}

static uint64_t
num(const char *s)
{
	char *e;
	double v = strtod(s, &e);

	return v * (*e == 'K' ? 1024 : *e == 'M' ? 1048576 : *e == 'k' ? 1e3 : *e == 'm' ? 1e6 : 1);
}

static uint32_t
addr(const char *s)
{
	struct in_addr a;

	if (inet_aton(s, &a) == 0)
		rte_exit(1, "bad address %s\n", s);
	return a.s_addr;
}

static void
on_signal(int s __rte_unused)
{
	stop = 1;
}

static void
usage(void)
{
	puts("pktblast [EAL options, two --vdev] -- [options]\n"
	     "  --flows N[K|M]      distinct flows (1024)\n"
	     "  --size BYTES        frame without FCS (64; TCP at least 74)\n"
	     "  --tcp               TCP with a handshake for each flow, else UDP\n"
	     "  --modes LIST        see the head of the source (in2out,out2in,bidir)\n"
	     "  --repeat N --secs S --warm S\n"
	     "  --pps R             per direction, for rate-*; --setup-pps R for the opening\n"
	     "  --loss F            accepted loss ratio of ndr-* (0); --step F resolution (0.01)\n"
	     "  --tries N           trials a rate gets before it counts as failed (2)\n"
	     "  --start-pps R       first rate of ndr-* (default: the blast rate)\n"
	     "  --verify 0|1|2      checksums of none, of one in a burst, of all (1)\n"
	     "  --src A --ports-per-ip 2^n --sport P --dst A --dst-count 2^n --dport P\n"
	     "  --in-ip A --in-gw A --out-ip A --out-gw A   ask by ARP for the gateway's MAC\n"
	     "  --in-dmac M --out-dmac M                    or say it (02:00:00:00:00:01/2)\n"
	     "  --json FILE --label NAME --link-wait S --no-setup\n"
	     "  --rest US           leave a full or empty ring alone this long when blasting (0)\n"
	     "  --peer-cpu N        where the peer works, for the placement probe (1; -1 none)\n"
	     "  --slice S --near-ns N   length of a slice (0.1), round trip that counts as near (160)\n"
	     "  --patience S        wait at most this long for the cores to come near (60)");
	exit(1);
}

static int no_setup;

static void
options(int argc, char **argv)
{
	enum { O_FLOWS = 256, O_SIZE, O_TCP, O_MODES, O_REPEAT, O_SECS, O_WARM, O_PPS, O_SETUP, O_LOSS,
	       O_STEP, O_TRIES, O_START, O_VERIFY, O_SRC, O_PPI, O_SPORT, O_DST, O_DSTN, O_DPORT, O_INIP,
	       O_INGW, O_OUTIP, O_OUTGW, O_INMAC, O_OUTMAC, O_JSON, O_LABEL, O_LINK, O_NOSETUP, O_REST, O_SLICE, O_PEER, O_NEAR, O_PATIENCE };
	static const struct option lo[] = {
		{ "flows", 1, 0, O_FLOWS }, { "size", 1, 0, O_SIZE }, { "tcp", 0, 0, O_TCP },
		{ "modes", 1, 0, O_MODES }, { "repeat", 1, 0, O_REPEAT }, { "secs", 1, 0, O_SECS },
		{ "warm", 1, 0, O_WARM }, { "pps", 1, 0, O_PPS }, { "setup-pps", 1, 0, O_SETUP },
		{ "loss", 1, 0, O_LOSS }, { "step", 1, 0, O_STEP }, { "tries", 1, 0, O_TRIES },
		{ "start-pps", 1, 0, O_START }, { "verify", 1, 0, O_VERIFY }, { "src", 1, 0, O_SRC },
		{ "ports-per-ip", 1, 0, O_PPI }, { "sport", 1, 0, O_SPORT }, { "dst", 1, 0, O_DST },
		{ "dst-count", 1, 0, O_DSTN }, { "dport", 1, 0, O_DPORT }, { "in-ip", 1, 0, O_INIP },
		{ "in-gw", 1, 0, O_INGW }, { "out-ip", 1, 0, O_OUTIP }, { "out-gw", 1, 0, O_OUTGW },
		{ "in-dmac", 1, 0, O_INMAC }, { "out-dmac", 1, 0, O_OUTMAC }, { "json", 1, 0, O_JSON },
		{ "label", 1, 0, O_LABEL }, { "link-wait", 1, 0, O_LINK }, { "no-setup", 0, 0, O_NOSETUP },
		{ "rest", 1, 0, O_REST }, { "slice", 1, 0, O_SLICE }, { "peer-cpu", 1, 0, O_PEER },
		{ "near-ns", 1, 0, O_NEAR },
		{ "patience", 1, 0, O_PATIENCE },
		{ 0, 0, 0, 0 }
	};
	int o;

	optind = 1;
	while ((o = getopt_long(argc, argv, "h", lo, NULL)) != -1) {
		switch (o) {
		case O_FLOWS: cf.flows = num(optarg); break;
		case O_SIZE: cf.size = atoi(optarg); break;
		case O_TCP: cf.tcp = 1; break;
		case O_MODES: snprintf(cf.modes, sizeof(cf.modes), "%s", optarg); break;
		case O_REPEAT: cf.repeat = atoi(optarg); break;
		case O_SECS: cf.secs = atof(optarg); break;
		case O_WARM: cf.warm = atof(optarg); break;
		case O_PPS: cf.pps = num(optarg); break;
		case O_SETUP: cf.setup_pps = num(optarg); break;
		case O_LOSS: cf.loss = atof(optarg); break;
		case O_STEP: cf.step = atof(optarg); break;
		case O_TRIES: cf.tries = atoi(optarg); break;
		case O_START: cf.start_pps = num(optarg); break;
		case O_VERIFY: cf.verify = atoi(optarg); break;
		case O_SRC: cf.src_base = ntohl(addr(optarg)); break;
		case O_PPI: cf.ppi_shift = __builtin_ctz(atoi(optarg) | 1 << 15); break;
		case O_SPORT: cf.sport = atoi(optarg); break;
		case O_DST: cf.dst_base = ntohl(addr(optarg)); break;
		case O_DSTN: cf.dst_count = 1u << __builtin_ctz(atoi(optarg) | 1 << 15); break;
		case O_DPORT: cf.dport = atoi(optarg); break;
		case O_INIP: cf.ip[0] = addr(optarg); break;
		case O_INGW: cf.gw[0] = addr(optarg); break;
		case O_OUTIP: cf.ip[1] = addr(optarg); break;
		case O_OUTGW: cf.gw[1] = addr(optarg); break;
		case O_INMAC:
		case O_OUTMAC:
			if (rte_ether_unformat_addr(optarg, &cf.dmac[o == O_OUTMAC]))
				usage();
			cf.have_dmac[o == O_OUTMAC] = 1;
			break;
		case O_JSON: snprintf(cf.json, sizeof(cf.json), "%s", optarg); break;
		case O_LABEL: snprintf(cf.label, sizeof(cf.label), "%s", optarg); break;
		case O_LINK: cf.link_wait = atof(optarg); break;
		case O_NOSETUP: no_setup = 1; break;
		case O_SLICE: cf.slice = atof(optarg); break;
		case O_PEER: cf.peer_cpu = atoi(optarg); break;
		case O_PATIENCE: cf.patience = atof(optarg); break;
		case O_NEAR: cf.near_ns = atof(optarg); break;
		case O_REST: cf.rest = atof(optarg); break;
		default: usage();
		}
	}
	if (cf.flows < 1 || cf.flows > 1u << 28 || cf.repeat < 1 || cf.repeat > 64)
		usage();
	if (cf.tcp)
		l4len = 20;
	poff = 34 + l4len;
	if (cf.size < poff + sizeof(struct pay))
		cf.size = RTE_MAX(64u, poff + (unsigned int)sizeof(struct pay));
	if (cf.size > MAXSIZE - 4)
		cf.size = MAXSIZE - 4;
	cf.src_start = cf.src_base;
	while ((1ull << kbits) < cf.flows)
		kbits++;
	kmask = (1ull << kbits) - 1;
}

static void
start_ports(void)
{
	uint64_t t0;

	if (rte_eth_dev_count_avail() != 2)
		rte_exit(1, "needs two ports, has %u\n", rte_eth_dev_count_avail());
	/* enough for both rings of both ports and no more: it should stay in cache */
	pool = rte_pktmbuf_pool_create("blast", 8191, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (pool == NULL)
		rte_exit(1, "no memory for mbufs\n");
	for (int p = 0; p < 2; p++) {
		struct rte_eth_conf ec = { 0 };
		uint16_t nr = 1024, nt = 1024;

		if (rte_eth_dev_configure(p, 1, 1, &ec) < 0)
			rte_exit(1, "port %d: configure\n", p);
		rte_eth_dev_adjust_nb_rx_tx_desc(p, &nr, &nt);
		if (rte_eth_rx_queue_setup(p, 0, nr, SOCKET_ID_ANY, NULL, pool) < 0 ||
		    rte_eth_tx_queue_setup(p, 0, nt, SOCKET_ID_ANY, NULL) < 0 ||
		    rte_eth_dev_start(p) < 0)
			rte_exit(1, "port %d: start\n", p);
		rte_eth_promiscuous_enable(p);
		rte_eth_macaddr_get(p, &mac[p]);
		if (!cf.have_dmac[p])
			cf.dmac[p] = (struct rte_ether_addr){ { 2, 0, 0, 0, 0, 1 + p } };
	}
	t0 = rte_rdtsc();
	for (int p = 0; p < 2; p++) {
		struct rte_eth_link l = { 0 };

		while (!stop) {
			rte_eth_link_get_nowait(p, &l);
			if (l.link_status)
				break;
			if (rte_rdtsc() - t0 > cf.link_wait * hz)
				rte_exit(1, "port %d: no link\n", p);
			usleep(10000);
		}
	}
	for (int p = 0; p < 2; p++) {
		if (cf.have_dmac[p] || cf.gw[p] == 0)
			continue;
		for (int k = 0; k < 50 && !cf.have_dmac[p] && !stop; k++) {
			arp_request(p);
			drain(0.1, 0.1);
		}
		if (!cf.have_dmac[p])
			rte_exit(1, "port %d: the gateway does not answer ARP\n", p);
	}
	drain(0.2, 0.5);
}

int
main(int argc, char **argv)
{
	size_t sz;
	int n = rte_eal_init(argc, argv), bad = 0;
	char *m, *save = NULL, modes[sizeof(cf.modes)];

	if (n < 0)
		return 1;
	options(argc - n, argv + n);
	hz = rte_get_tsc_hz();
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	if (cf.json[0])
		json = fopen(cf.json, "a");
	sz = RTE_ALIGN_CEIL(cf.flows * sizeof(*tab), (size_t)2 << 20);
	tab = aligned_alloc(2 << 20, sz);
	if (tab == NULL)
		rte_exit(1, "no memory for flows\n");
	madvise(tab, sz, MADV_HUGEPAGE);
	memset(tab, 0, sz);
	start_ports();
	probe_start();
	mktemplates();
	if (!no_setup) {
		setup(0, 0);
	} else {
		for (uint32_t f = 0; f < cf.flows; f++)
			tab[f] = (struct rec){ flow_src(f), flow_sport(f), 1 };
	}
	snprintf(modes, sizeof(modes), "%s", cf.modes);
	for (m = strtok_r(modes, ",", &save); m && !stop; m = strtok_r(NULL, ",", &save)) {
		unsigned int dirs = strstr(m, "bidir") ? 3 : strstr(m, "out2in") ? 2 : 1, k, got = 0;
		double v[64];
		struct result r;

		for (k = 0; k < cf.repeat && !stop; k++) {
			if (!strcmp(m, "cps")) {
				v[got++] = setup(1, k);
				continue;
			}
			if (!strncmp(m, "ndr-", 4)) {
				v[got++] = ndr(m, dirs, k);
				continue;
			}
			placed(dirs, !strncmp(m, "rate-", 5) ? cf.pps : 0, &r);
			print_result(m, k, &r);
			v[got] = r.rx[0] + r.rx[1];
			got += r.near > 0;
			bad |= r.bad || r.csum;
		}
		summary(m, v, got, !strcmp(m, "cps") ? "M sessions/s" : "Mpps");
	}
	if (alien)
		printf("%" PRIu64 " frames that were not ours\n", alien);
	for (int p = 0; p < 2; p++)
		rte_eth_dev_stop(p);
	rte_eal_cleanup();
	return bad ? 3 : 0;
}
