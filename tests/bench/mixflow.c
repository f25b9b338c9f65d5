/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets of mixblast: chosen, built, sent, taken back and looked at. Flows are visited each
 * once a round in an order that no prefetcher can follow. A flow's outside endpoint is learned
 * from its first packet and must stay; what comes back to the inside must have its inside
 * endpoint again. Where sessions never seen before are due, they take places in the bursts
 * from inside, so that they wait for the device as all others do.
 */
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_prefetch.h>

#include "mixblast.h"

#define BURSTS_A_CALL 4
#define TAKES_A_CALL 16
#define LEARN_ROUNDS 5
#define FRESH_A_BURST (MIX_BURST / 2)

#define SUBSCRIBERS 0x0a010000u /* 10.1.0.0: 64 flows each, as pktblast has them */
#define FRESH_SUBSCRIBERS 0x0a800000u /* 10.128.0.0 */
#define SERVER RTE_BE32(0xc6120001u) /* 198.18.0.1 */
#define SERVER_PORT RTE_BE16(53)

static inline struct mix_ends
inside_ends(uint32_t base, uint64_t k)
{
	return (struct mix_ends){
		.src = rte_cpu_to_be_32(base + (uint32_t)(k >> 6)),
		.dst = SERVER,
		.sport = rte_cpu_to_be_16((uint16_t)(1024 + (k & 63))),
		.dport = SERVER_PORT,
	};
}

/* One to one on the flows' power of two. */
static inline uint32_t
scatter(const struct mix *x, uint32_t v)
{
	uint32_t mask = (uint32_t)((1ull << x->bits) - 1), h = x->bits / 2 + 1;

	v = v * 0x9e3779b1u & mask;
	v ^= v >> h;
	v = v * 0x85ebca6bu & mask;
	return v ^ v >> h;
}

static inline uint32_t
next_flow(const struct mix *x, struct mix_gen *g)
{
	uint32_t f;

	do
		f = scatter(x, g->step++);
	while (unlikely(f >= x->flows));
	return f;
}

/* Flows of one burst; a later fragment is of the flow before it. */
static inline void
choose(struct mix *x, struct mix_gen *g, enum mix_way way, const struct mix_frame **frame,
	uint32_t *flow)
{
	unsigned int fresh = 0;

	for (unsigned int i = 0; i < MIX_BURST; i++) {
		frame[i] = x->pattern->frame[g->turn];
		g->turn = g->turn + 1 < x->pattern->n ? g->turn + 1 : 0;
		if (!frame[i]->later) {
			bool due = way == MIX_IN2OUT && x->fresh_sent + fresh < x->fresh_due &&
				   fresh < FRESH_A_BURST;

			g->flow = due ? MIX_FRESH : next_flow(x, g);
			fresh += due;
		}
		flow[i] = g->flow;
		if (way == MIX_OUT2IN)
			rte_prefetch0(&x->flow[flow[i]]);
	}
}

static inline bool
build(struct mix *x, enum mix_way way)
{
	struct mix_gen *g = &x->gen[way];
	const struct mix_frame *frame[MIX_BURST];
	uint32_t flow[MIX_BURST];

	if (unlikely(rte_pktmbuf_alloc_bulk(x->pool, g->m, MIX_BURST) != 0))
		return false;
	choose(x, g, way, frame, flow);
	for (unsigned int i = 0; i < MIX_BURST; i++) {
		struct mix_ends e = unlikely(flow[i] == MIX_FRESH)
					    ? inside_ends(FRESH_SUBSCRIBERS, x->fresh_sent++)
					    : inside_ends(SUBSCRIBERS, flow[i]);

		if (way == MIX_OUT2IN) {
			const struct mix_flow *f = &x->flow[flow[i]];

			e = (struct mix_ends){ SERVER, f->ip, SERVER_PORT, f->port };
		}
		g->id += !frame[i]->later;
		mix_frame_write(frame[i], g->m[i], &e, flow[i], way,
			frame[i]->more || frame[i]->later ? g->id : 0);
	}
	g->at = 0;
	g->n = MIX_BURST;
	return true;
}

void
mix_send(struct mix *x, enum mix_way way)
{
	struct mix_gen *g = &x->gen[way];
	struct mix_count *c = &x->count[way];

	for (unsigned int k = 0; k < BURSTS_A_CALL; k++) {
		unsigned int n;

		if (g->at == g->n && !build(x, way))
			return;
		n = rte_eth_tx_burst(way, 0, g->m + g->at, (uint16_t)(g->n - g->at));
		c->sent += n;
		c->tries++;
		g->at += n;
		if (g->at != g->n) {
			c->full++;
			return;
		}
	}
}

static inline void
learn_one(struct mix *x, struct mix_flow *f, const struct mix_ends *e)
{
	f->ip = e->src;
	f->port = e->sport;
	f->known = 1;
	x->learned++;
}

/* Is this packet as it must be? */
static inline bool
right(struct mix *x, const struct mix_seen *s)
{
	struct mix_flow *f = &x->flow[s->flow];
	struct mix_ends in;

	if (s->way == MIX_IN2OUT) {
		if (unlikely(!f->known && s->has_ports))
			learn_one(x, f, &s->ends);
		return s->ends.src == f->ip && s->ends.dst == SERVER &&
		       (!s->has_ports ||
			       (s->ends.sport == f->port && s->ends.dport == SERVER_PORT));
	}
	in = inside_ends(SUBSCRIBERS, s->flow);
	return s->ends.dst == in.src && s->ends.src == SERVER &&
	       (!s->has_ports || (s->ends.dport == in.sport && s->ends.sport == SERVER_PORT));
}

static unsigned int
take(struct mix *x, enum mix_way way)
{
	struct mix_count *c = &x->count[way];
	struct rte_mbuf *m[MIX_BURST];
	struct mix_seen seen[MIX_BURST];
	bool ours[MIX_BURST];
	/* what goes to the outside comes out of port 1 */
	unsigned int n = rte_eth_rx_burst(way == MIX_IN2OUT, 0, m, MIX_BURST);

	for (unsigned int i = 0; i < n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(m[i], void *));
	for (unsigned int i = 0; i < n; i++) {
		ours[i] = mix_frame_read(m[i], &seen[i]);
		if (ours[i] && seen[i].flow < x->flows)
			rte_prefetch0(&x->flow[seen[i].flow]);
	}
	for (unsigned int i = 0; i < n; i++) {
		if (unlikely(!ours[i])) {
			x->alien++;
			continue;
		}
		if (i == 0 && unlikely(!mix_frame_sums(m[0])))
			c->sums++;
		c->back++;
		if (unlikely(seen[i].flow == MIX_FRESH))
			x->fresh_back++;
		else if (unlikely(seen[i].flow >= x->flows || seen[i].way != way ||
				  !right(x, &seen[i])))
			c->bad++;
	}
	if (n > 0)
		rte_pktmbuf_free_bulk(m, n);
	return n;
}

unsigned int
mix_receive(struct mix *x)
{
	unsigned int sum = 0;

	for (unsigned int way = 0; way < 2; way++)
		for (unsigned int k = 0, n = MIX_BURST; k < TAKES_A_CALL && n == MIX_BURST; k++)
			sum += n = take(x, way);
	return sum;
}

void
mix_drain(struct mix *x, double quiet, double limit)
{
	uint64_t hz = rte_get_tsc_hz(), t0 = rte_rdtsc(), last = t0, now = t0;

	while (now - last < (uint64_t)(quiet * (double)hz) &&
		now - t0 < (uint64_t)(limit * (double)hz)) {
		now = rte_rdtsc();
		if (mix_receive(x) > 0)
			last = now;
	}
}

/* One packet of each flow that is not known. */
static void
learn_round(struct mix *x)
{
	const struct mix_frame *frame = x->pattern->frame[0];
	uint32_t f = 0;

	while (f < x->flows && !mix_stop) {
		struct rte_mbuf *m[MIX_BURST];
		unsigned int n = 0, sent = 0;

		if (rte_pktmbuf_alloc_bulk(x->pool, m, MIX_BURST) != 0) {
			mix_receive(x);
			continue;
		}
		for (; f < x->flows && n < MIX_BURST; f++) {
			struct mix_ends e = inside_ends(SUBSCRIBERS, f);

			if (!x->flow[f].known)
				mix_frame_write(frame, m[n++], &e, f, MIX_IN2OUT, 0);
		}
		while (sent < n && !mix_stop) {
			sent += rte_eth_tx_burst(0, 0, m + sent, (uint16_t)(n - sent));
			mix_receive(x);
		}
		rte_pktmbuf_free_bulk(m + sent, MIX_BURST - sent);
	}
	mix_drain(x, 0.1, 1);
}

int
mix_learn(struct mix *x)
{
	x->pattern = mix_pattern(MIX_PLAIN);
	for (unsigned int i = 0; i < LEARN_ROUNDS && x->learned < x->flows; i++)
		learn_round(x);
	if (x->learned == x->flows)
		return 0;
	fprintf(stderr, "mixblast: %lu of %u flows learned\n", (unsigned long)x->learned, x->flows);
	return -1;
}

void
mix_clear(struct mix *x)
{
	for (unsigned int way = 0; way < 2; way++) {
		struct mix_gen *g = &x->gen[way];

		rte_pktmbuf_free_bulk(g->m + g->at, g->n - g->at);
		g->at = g->n = g->turn = 0;
	}
	mix_drain(x, 0.005, 0.2);
	memset(x->count, 0, sizeof(x->count));
	x->fresh_due = x->fresh_sent;
	x->fresh_back = x->alien = 0;
}
