/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The packet's way, top to bottom. A burst lives in arrays side by side: m[], pkt[],
 * flow[], verdict[]. Each stage walks the whole burst and skips packets that are decided.
 *
 *   RX burst   rx_*                        handoff_in        injected
 *      |                                       |                |
 *   parse      drop_short, drop_length ...     |                |
 *      |          punted_arp, _nd, _multicast  |                |
 *   fragments  fragments_held until the first one comes         |
 *      |       drop_fragment_*                                  |
 *   steer      handoff_out --> ring of the worker that owns it  |
 *      |                                                        |
 *   lookup     one bulk call on this worker's rte_hash          |
 *      |                                                        |
 *   settle     hit: flow_hits                                   |
 *      |       miss: nat44.c opens (sessions_made), punts       |
 *      |             (punted_local), routes (routed), drops     |
 *      |       translate: rewrite, TTL, TCP state, next hop     |
 *      |                                                        |
 *   finish     Ethernet header; wait for a neighbour (held)     |
 *      |       hairpin: once more from the top, as inbound      |
 *   TX burst   tx_*, tx_refused_*  <----------------------------+
 *
 * Flows that are made or ended while a burst is settled would leave stale pointers in
 * flow[]: from the first such change on, the rest of the burst is looked up again.
 */
#include <rte_prefetch.h>

#include "icmp.h"
#include "nat44.h"
#include "out.h"
#include "path.h"
#include "punt.h"
#include "rewrite.h"
#include "session.h"
#include "state.h"
#include "tcp.h"

#define AHEAD 4 /* packets that are fetched before they are parsed */

/* A burst on its way. */
struct burst {
	struct rte_mbuf **m;
	unsigned int n;
	struct sl_pkt pkt[SL_BURST_MAX];
	struct sl_flow *flow[SL_BURST_MAX];
	uint8_t verdict[SL_BURST_MAX];
};

static void
stage_parse(struct sl_worker *w, struct burst *b, enum sl_side side, uint8_t flags)
{
	for (unsigned int i = 0; i < RTE_MIN(b->n, (unsigned int)AHEAD); i++)
		rte_prefetch0(rte_pktmbuf_mtod(b->m[i], void *));
	for (unsigned int i = 0; i < b->n; i++) {
		if (i + AHEAD < b->n)
			rte_prefetch0(rte_pktmbuf_mtod(b->m[i + AHEAD], void *));
		b->verdict[i] = sl_pkt_parse(w, side, b->m[i], &b->pkt[i]);
		b->pkt[i].flags |= flags;
		b->flow[i] = NULL;
	}
}

/* Fragments meet at their home, which tells them what they are part of. */
static void
stage_fragments(struct sl_worker *w, struct burst *b)
{
	for (unsigned int i = 0; i < b->n; i++) {
		struct sl_pkt *p = &b->pkt[i];

		if (likely(b->verdict[i] != SL_GO || !(p->flags & SL_PKT_FRAGMENT)))
			continue;
		if (p->flags & SL_PKT_KNOWN) {
			const struct sl_note *note = sl_note(b->m[i]);

			p->key.sport = note->sport;
			p->key.dport = note->dport;
			p->frag_id = note->frag_id;
			if (p->key.proto == IPPROTO_TCP && !(p->flags & SL_PKT_LATER))
				p->tcp_flags = rte_pktmbuf_mtod_offset(
					b->m[i], struct rte_tcp_hdr *, p->l4)
						       ->tcp_flags;
			continue;
		}
		p->to = (uint16_t)sl_defrag_home(w, b->m[i], p);
		b->verdict[i] = p->to == w->id ? sl_defrag_take(w, b->m[i], p) : SL_HANDOFF;
	}
}

/* The worker that owns what a packet is about: the subscriber, or the outside port. */
static unsigned int
owner(const struct sl_worker *w, const struct sl_pkt *p)
{
	const struct sl_snap *s = w->snap;
	const struct sl_addr *a;
	const struct sl_fwd *fwd;

	/* What has no port to tell subscribers apart belongs to the remote end's owner. */
	if (unlikely(p->key.proto != IPPROTO_TCP && p->key.proto != IPPROTO_UDP &&
		     p->key.proto != IPPROTO_ICMP))
		return sl_owner_inside(w->nat, p->key.side == SL_INSIDE ? p->key.dst : p->key.src);
	if (p->key.side == SL_INSIDE && p->key.proto != IPPROTO_ICMP)
		return sl_owner_inside(w->nat, p->key.src);
	if (p->key.side == SL_INSIDE) {
		/* A query to one of our own goes by its id, as its answer will. */
		a = sl_snap_addr(s, 0, p->key.dst);
		if (a == NULL || a->paddr == SL_NONE || p->key.dport != SL_ICMP_ASKED_INSIDE ||
			(p->flags & SL_PKT_ERROR))
			return sl_owner_inside(w->nat, p->key.src);
		return sl_paddr_owner(
			w->nat, w->nat->paddr[a->paddr], rte_be_to_cpu_16(p->key.sport));
	}
	/* Forwards put any port on any host: a small table that all may read says which. */
	fwd = sl_snap_fwd_out(s, p->key.proto, p->key.dst, p->key.dport);
	if (fwd != NULL)
		return sl_owner_inside(w->nat, fwd->in_addr);
	a = sl_snap_addr(s, 0, p->key.dst);
	if (a == NULL || a->paddr == SL_NONE)
		return w->id;
	return sl_paddr_owner(w->nat, w->nat->paddr[a->paddr], rte_be_to_cpu_16(p->key.dport));
}

static void
stage_steer(struct sl_worker *w, struct burst *b)
{
	if (w->nat->n_workers == 1)
		return;
	for (unsigned int i = 0; i < b->n; i++) {
		if (b->verdict[i] != SL_GO || (b->pkt[i].flags & SL_PKT_OTHER))
			continue;
		b->pkt[i].to = (uint16_t)owner(w, &b->pkt[i]);
		if (b->pkt[i].to != w->id)
			b->verdict[i] = SL_HANDOFF;
	}
}

static void
stage_lookup(struct sl_worker *w, struct burst *b)
{
	const struct sl_key *key[SL_BURST_MAX];
	struct sl_flow *flow[SL_BURST_MAX];
	uint32_t hash[SL_BURST_MAX];
	uint8_t at[SL_BURST_MAX];
	unsigned int n = 0;
	uint64_t hits;

	for (unsigned int i = 0; i < b->n; i++) {
		if (b->verdict[i] != SL_GO || (b->pkt[i].flags & SL_PKT_OTHER))
			continue;
		key[n] = &b->pkt[i].key;
		hash[n] = sl_flow_hash(&w->flows, key[n]);
		at[n++] = (uint8_t)i;
	}
	if (n == 0)
		return;
	hits = sl_flow_lookup(&w->flows, key, hash, n, flow);
	for (unsigned int k = 0; k < n; k++) {
		if (!(hits >> k & 1))
			continue;
		rte_prefetch0(flow[k]);
		if (flow[k] != NULL && b->pkt[at[k]].key.proto == IPPROTO_TCP)
			rte_prefetch0(flow[k]->tcp);
		b->flow[at[k]] = flow[k];
	}
}

/* The next hop of a flow in one direction, looked up again when routes have moved. */
static uint16_t
next_hop(struct sl_worker *w, struct sl_flow *f, enum sl_side to)
{
	const struct sl_routes *r = &w->nat->routes;
	uint16_t gen = __atomic_load_n(&r->gen, __ATOMIC_ACQUIRE), nh;

	if (likely(f->nh_gen == gen && f->nh[to] != SL_NH_NONE))
		return f->nh[to];
	if (f->nh_gen != gen) {
		f->nh[SL_INSIDE] = f->nh[SL_OUTSIDE] = SL_NH_NONE;
		f->nh_gen = gen;
	}
	nh = to == SL_OUTSIDE ? sl_routes_lookup(r, 0, f->rem_addr)
			      : sl_routes_lookup(r, f->tenant, f->in_addr);
	if (nh >= SL_NH_FIRST) /* the link itself stands for a station not known yet */
		f->nh[to] = nh;
	return nh;
}

static inline bool
expired(const struct sl_worker *w, const struct sl_flow *f)
{
	return w->now - f->last >= w->snap->timeout[f->timeout];
}

static inline void
account(struct sl_flow *f, enum sl_side from, uint16_t bytes)
{
	f->bytes[from] += bytes;
	if (unlikely(++f->packets[from] == 0))
		f->packets_high[from]++;
}

/* Does this packet keep its session alive? */
static inline bool
refreshes(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, struct sl_flow *f)
{
	enum sl_side from = p->side;

	if (f->proto == IPPROTO_TCP)
		return !(p->flags & SL_PKT_LATER) &&
		       sl_tcp_step(w, f, from,
			       rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, p->l4),
			       p->ip_len - (uint32_t)(p->l4 - p->l3));
	/* RFC 4787 REQ-6: the inside keeps a mapping alive, the outside only when told so. */
	return from == SL_INSIDE || w->snap->inbound_refresh || (f->flags & SL_FLOW_STATIC);
}

bool
sl_path_fits(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	uint16_t mtu = w->snap->mtu[sl_nh_side(&w->nat->routes, p->nh)];

	if (likely(p->ip_len <= mtu))
		return true;
	if (sl_pkt_ip(m, p)->fragment_offset & RTE_BE16(RTE_IPV4_HDR_DF_FLAG)) {
		sl_icmp_error(w, m, p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_TOO_BIG, mtu);
		return false;
	}
	p->flags |= SL_PKT_BIG;
	return true;
}

static enum sl_verdict
translate(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow *f)
{
	struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	bool hairpinned = p->flags & SL_PKT_HAIRPIN, turns;
	enum sl_side to = SL_ACROSS(p->side);

	/* Nobody outside may speak for one of us, not even with a tuple that exists. */
	if (unlikely((f->flags & SL_FLOW_HAIRPIN) && p->side == SL_OUTSIDE && !hairpinned))
		return sl_drop(w,
			p->key.src == p->key.dst ? SL_COUNTER_DROP_LAND : SL_COUNTER_DROP_SPOOFED);
	if (unlikely(ip->time_to_live <= 1 && !hairpinned)) {
		sl_icmp_error(w, m, p, SL_ICMP_TIME, 0, 0);
		return sl_drop(w, SL_COUNTER_DROP_TTL);
	}
	turns = p->side == SL_INSIDE && unlikely(f->flags & SL_FLOW_HAIRPIN);
	p->tenant = (uint8_t)f->tenant;
	if (!turns) {
		p->nh = next_hop(w, f, to);
		if (unlikely(p->nh == SL_NH_NONE)) {
			sl_icmp_error(w, m, p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_NET, 0);
			return sl_drop(w, SL_COUNTER_DROP_NO_ROUTE);
		}
		/* What came in must not leave again by the same door. */
		if (unlikely(to == SL_INSIDE && sl_nh_side(&w->nat->routes, p->nh) == SL_OUTSIDE))
			return sl_drop(w, SL_COUNTER_DROP_LOOP);
		if (unlikely(!sl_path_fits(w, m, p)))
			return sl_drop(w, SL_COUNTER_DROP_TOO_BIG);
	}
	if (unlikely(p->flags & SL_PKT_ERROR)) {
		/* RFC 5508 REQ-6: an error neither refreshes nor ends anything. */
		sl_rewrite_error(m, p, f, !hairpinned);
		sl_count(w, SL_COUNTER_ICMP_ERRORS, 1);
	} else {
		if (refreshes(w, m, p, f))
			f->last = w->now;
		account(f, p->side, p->ip_len);
		if (unlikely((p->tcp_flags & RTE_TCP_SYN_FLAG) && w->snap->mss))
			sl_tcp_clamp(m, p, w->snap->mss);
		if (likely(!(p->flags & SL_PKT_LATER)))
			sl_rewrite(ip, (uint8_t *)ip + (p->l4 - p->l3), f, p->side,
				hairpinned ? 0 : SL_TTL_DELTA);
		if (p->side == SL_INSIDE && !(ip->fragment_offset & RTE_BE16(0x7fff)))
			sl_rewrite_id(ip, w->ip_id++);
		if (unlikely(p->flags & SL_PKT_FRAGMENT))
			sl_rewrite_fragment(ip, p, f, hairpinned ? 0 : SL_TTL_DELTA);
	}
	return unlikely(turns) ? SL_AGAIN : SL_SEND;
}

static enum sl_verdict
open_and_translate(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	struct sl_flow *f = NULL;
	enum sl_verdict v = sl_nat44_open(w, m, p, &f);

	return v == SL_GO ? translate(w, m, p, f) : v;
}

static void
stage_settle(struct sl_worker *w, struct burst *b)
{
	bool changed = false;
	uint64_t hits = 0;

	for (unsigned int i = 0; i < b->n; i++) {
		struct sl_pkt *p = &b->pkt[i];
		struct sl_flow *f = b->flow[i];

		if (b->verdict[i] != SL_GO)
			continue;
		if (unlikely(changed) && !(p->flags & SL_PKT_OTHER))
			f = sl_flow_find(&w->flows, &p->key);
		if (unlikely(f != NULL && expired(w, f))) {
			sl_session_end(w, f);
			changed = true;
			f = NULL;
		}
		if (likely(f != NULL)) {
			b->verdict[i] = translate(w, b->m[i], p, f);
			hits++;
		} else {
			b->verdict[i] = open_and_translate(w, b->m[i], p);
			changed = true;
		}
	}
	sl_count(w, SL_COUNTER_FLOW_HITS, hits);
}

/* Make a hairpinned packet look as if it had come in from outside. */
static void
turn_round(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	struct rte_ether_hdr *eth = (void *)sl_out_header(m, p, sizeof(*eth));

	eth->dst_addr = w->snap->mac[SL_OUTSIDE];
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	w->again[w->n_again++] = m;
	sl_count(w, SL_COUNTER_HAIRPINNED, 1);
}

static void
stage_finish(struct sl_worker *w, struct burst *b)
{
	struct rte_mbuf *drop[SL_BURST_MAX];
	unsigned int n_drop = 0;

	for (unsigned int i = 0; i < b->n; i++) {
		struct rte_mbuf *m = b->m[i];
		struct sl_pkt *p = &b->pkt[i];

		switch ((enum sl_verdict)b->verdict[i]) {
		case SL_SEND:
			sl_out_packet(w, m, p);
			break;
		case SL_AGAIN:
			turn_round(w, m, p);
			break;
		case SL_PUNT:
			sl_punt(w, m, p);
			break;
		case SL_HELD:
			break;
		case SL_HANDOFF:
			*sl_note(m) = (struct sl_note){
				.side = p->side,
				.flags = p->flags & (SL_PKT_HAIRPIN | SL_PKT_KNOWN | SL_PKT_OTHER),
				.sport = p->key.sport,
				.dport = p->key.dport,
				.frag_id = p->frag_id,
			};
			sl_handoff(w, p->to, &m, 1);
			break;
		default:
			drop[n_drop++] = m;
			break;
		}
	}
	if (n_drop > 0)
		rte_pktmbuf_free_bulk(drop, n_drop);
}

void
sl_path_run(
	struct sl_worker *w, enum sl_side side, uint8_t flags, struct rte_mbuf **m, unsigned int n)
{
	struct burst b;

	b.m = m;
	b.n = n;
	stage_parse(w, &b, side, flags);
	stage_fragments(w, &b);
	stage_steer(w, &b);
	stage_lookup(w, &b);
	stage_settle(w, &b);
	stage_finish(w, &b);
}
