/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The packet's way, top to bottom. A burst lives in arrays side by side: m[], pkt[],
 * flow[], verdict[] (burst.h). Each stage walks the whole burst and skips packets that are
 * decided. The first, parse, is in burst_parse.c.
 *
 *   RX burst   rx_*                        handoff_in        injected
 *      |                                       |                |
 *   parse      drop_short, drop_length ...     |                |
 *      |       IPv6 for a NAT64 prefix: made IPv4 (nat64_out)   |
 *      |          punted_arp, _nd, _multicast  |                |
 *   fragments  fragments_held until the first one comes         |
 *      |       drop_fragment_*                                  |
 *   steer      handoff_out --> ring of the worker that owns it  |
 *      |                                                        |
 *   lookup     hash -> front -> a flow's line, fetched ahead     |
 *      |                                                        |
 *   settle     hit: flow_hits                                   |
 *      |       miss: the record; nat44.c opens (sessions_made), |
 *      |             punts (punted_local), routes, drops        |
 *      |       translate: rewrite, TTL, TCP state, next hop     |
 *      |       punted_helper --> control, changes payloads --->-+
 *      |                                                        |
 *   finish     Ethernet header; wait for a neighbour (held)     |
 *      |       for an IPv6 host: made IPv6 (nat64_in)           |
 *      |       hairpin: once more from the top, as inbound      |
 *   TX burst   tx_*, tx_refused_*  <----------------------------+
 *
 * Each stage fetches what the next one reads, a whole burst ahead: parse the front's line,
 * lookup the flow's, settle the next hop's. What lookup leaves in flow[] is a guess; flows that
 * are made or ended while a burst is settled do no harm, because settle holds it against the key.
 */
#include <rte_prefetch.h>

#include "ahead.h"
#include "burst.h"
#include "call.h"
#include "handoff.h"
#include "nat44.h"
#include "out.h"
#include "owner.h"
#include "path.h"
#include "probe.h"
#include "punt.h"
#include "session.h"
#include "session_find.h"
#include "six_out.h"
#include "six_path.h"
#include "six_quick.h"
#include "stage.h"
#include "translate.h"
#include "whole.h"

#define FLOWS_AHEAD 12 /* flows that are on their way while one is settled */

/* Fragments meet at their home, which tells them what they are part of. */
static void
stage_fragments(struct sl_worker *w, struct sl_burst *b)
{
	for (unsigned int i = 0; i < b->n; i++) {
		struct sl_pkt *p = &b->pkt[i];

		if (likely(b->verdict[i] != SL_GO || !(p->flags & SL_PKT_FRAGMENT)))
			continue;
		if (unlikely(w->dry != NULL)) {
			b->verdict[i] = SL_HELD;
			continue;
		}
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
		/* Those of an IPv6 host have met already: they have one owner. */
		p->to = sl_stand_is(sl_pkt_ip(b->m[i], p)->src_addr)
				? (uint16_t)w->id
				: (uint16_t)sl_defrag_home(w, b->m[i], p);
		b->verdict[i] = p->to == w->id ? sl_defrag_take(w, b->m[i], p) : SL_HANDOFF;
	}
}

unsigned int
sl_path_owner(const struct sl_worker *w, const struct sl_key *key)
{
	struct sl_pkt p = { .key = *key, .side = key->side, .tenant = key->tenant };

	return sl_owner(w, &p);
}

/* What others own is for them, what is ours is aimed at. */
static inline __attribute__((always_inline)) void
steer(struct sl_worker *w, struct sl_burst *b, bool six)
{
	for (unsigned int i = 0; i < b->n; i++) {
		struct sl_pkt *p = &b->pkt[i];

		if (b->verdict[i] != SL_GO || (p->flags & SL_PKT_OTHER))
			continue;
		/* A burst of usual packets of IPv4 need not look. */
		if (six && p->side == SL_INSIDE && sl_stand_is(p->key.src))
			continue;
		p->to = (uint16_t)sl_owner(w, p);
		if (p->to == w->id)
			sl_burst_aim(w, p);
		else
			b->verdict[i] = SL_HANDOFF;
	}
}

static void
stage_steer(struct sl_worker *w, struct sl_burst *b)
{
	if (unlikely(b->odd))
		steer(w, b, true);
	else
		steer(w, b, false);
}

static inline bool
has_key(const struct sl_burst *b, unsigned int i)
{
	return b->verdict[i] == SL_GO && !(b->pkt[i].flags & SL_PKT_OTHER);
}

static inline void
fetch_flow(const struct sl_worker *w, const struct sl_burst *b, unsigned int i)
{
	if (i >= b->n || b->flow[i] == NULL)
		return;
	rte_prefetch0(b->flow[i]);
	if (b->pkt[i].key.proto == IPPROTO_TCP)
		rte_prefetch0(sl_flow_tcp(&w->flows, b->flow[i]));
}

/* From hash to a flow's line, which stage_settle() will hold against the key. */
static void
stage_lookup(struct sl_worker *w, struct sl_burst *b)
{
	b->n_new = 0;
	sl_flow_settle(&w->flows);
	if (unlikely(b->odd & SL_BURST_ODD))
		for (unsigned int i = 0; i < b->n; i++)
			if (has_key(b, i)) {
				if (b->pkt[i].key.proto == IPPROTO_GRE)
					b->verdict[i] = sl_call_settle(w, &b->pkt[i]);
				sl_burst_aim(w, &b->pkt[i]);
			}
	for (unsigned int i = 0; i < b->n; i++) {
		struct sl_flow *f;

		b->flow[i] = NULL;
		if (unlikely(!has_key(b, i)))
			continue;
		f = sl_flow_guess(&w->flows, b->pkt[i].hash);
		if (unlikely(f == NULL)) {
			b->new[b->n_new++] = &b->pkt[i];
			continue;
		}
		b->flow[i] = f;
		if (i < FLOWS_AHEAD)
			fetch_flow(w, b, i);
	}
}

/* The live flow of a packet, or NULL. Other packets of the burst may have made or ended flows
 * since the guess. */
static inline struct sl_flow *
settle_flow(struct sl_worker *w, const struct sl_pkt *p, struct sl_flow *f)
{
	if (unlikely(f == NULL || !sl_flow_is(f, &p->key))) {
		if (p->flags & SL_PKT_OTHER)
			return NULL;
		f = sl_session_find(w, &p->key);
		if (f == NULL)
			return NULL;
	}
	/* Or its tenant has just gone, and the sweep has not come to it either. */
	if (unlikely(
		    sl_flow_expired(w, f) || (w->recheck > 0 && f->tenant >= w->snap->n_tenants))) {
		if (sl_probe_over(w, f) || f->tenant >= w->snap->n_tenants) {
			if (likely(w->dry == NULL))
				sl_session_end(w, f);
			else
				w->dry->over = sl_flow_index(&w->flows, f);
			return NULL;
		}
		if (likely(w->dry == NULL))
			sl_probe_answered(w, f);
	}
	return f;
}

/* A helper reads datagrams, not fragments: theirs are put together first. So are those that
 * cannot be made IPv6 piece by piece. */
static enum sl_verdict
translate(struct sl_worker *w, struct rte_mbuf **m, struct sl_pkt *p, struct sl_flow *f)
{
	enum sl_verdict v = SL_GO;

	if (unlikely(
		    (p->flags & SL_PKT_FRAGMENT) &&
		    (f->helper != 0 || ((f->flags & SL_FLOW_SIX) && sl_six_wants_whole(w, *m, p)))))
		v = sl_whole_packet(w, m, p);
	return v == SL_GO ? sl_translate(w, *m, p, f) : v;
}

static enum sl_verdict
open_and_translate(struct sl_worker *w, struct rte_mbuf **m, struct sl_pkt *p, uint16_t gen)
{
	struct sl_flow *f = NULL;
	enum sl_verdict v = sl_nat44_open(w, *m, p, &f);

	if (v != SL_GO)
		return v;
	return sl_translate_quick(w, *m, p, f, p->side, gen) ? SL_SEND : translate(w, m, p, f);
}

static void
stage_settle(struct sl_worker *w, struct sl_burst *b)
{
	const struct sl_routes *r = &w->nat->routes;
	uint16_t gen = __atomic_load_n(&r->gen, __ATOMIC_ACQUIRE);
	uint64_t hits = 0;

	if (b->n_new > 0)
		sl_ahead_open(w, b->new, b->n_new);
	for (unsigned int i = 0; i < b->n; i++) {
		struct sl_pkt *p = &b->pkt[i];
		struct sl_flow *f;

		fetch_flow(w, b, i + FLOWS_AHEAD);
		if (unlikely(b->verdict[i] != SL_GO))
			continue;
		f = settle_flow(w, p, b->flow[i]);
		if (unlikely(f == NULL)) {
			b->verdict[i] = open_and_translate(w, &b->m[i], p, gen);
			continue;
		}
		hits++;
		if (likely(sl_translate_quick(w, b->m[i], p, f, p->side, gen)) ||
			((f->flags & SL_FLOW_SIX) &&
				sl_translate_quick6(w, b->m[i], p, f, p->side, gen))) {
			b->verdict[i] = SL_SEND;
			rte_prefetch0(&r->nh[p->nh]);
		} else {
			b->verdict[i] = translate(w, &b->m[i], p, f);
		}
	}
	sl_count(w, SL_COUNTER_FLOW_HITS, hits);
}

/* The one packet of an imagined burst: settled as any other, and then it is told how. */
static __rte_noinline void
settle_dry(struct sl_worker *w, struct sl_burst *b)
{
	uint16_t gen = __atomic_load_n(&w->nat->routes.gen, __ATOMIC_ACQUIRE);
	struct sl_dry *dry = w->dry;
	struct sl_pkt *p = &b->pkt[0];
	enum sl_verdict v = b->verdict[0];
	struct sl_flow *f;

	if (v == SL_GO) {
		f = settle_flow(w, p, b->flow[0]);
		dry->hit = f != NULL;
		if (f != NULL) {
			sl_dry_keep(w, f);
			v = translate(w, &b->m[0], p, f);
		} else {
			v = open_and_translate(w, &b->m[0], p, gen);
		}
		if (dry->old.kept)
			dry->flow = w->flows.flow[dry->old.at];
	}
	dry->pkt = *p;
	dry->verdict = (uint8_t)v;
}

void
sl_path_turn(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	struct rte_ether_hdr *eth = (void *)sl_out_header(m, p, sizeof(*eth));

	eth->dst_addr = w->snap->mac[SL_OUTSIDE];
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	w->again[w->n_again++] = m;
	sl_count(w, SL_COUNTER_HAIRPINNED, 1);
}

static void
stage_finish(struct sl_worker *w, struct sl_burst *b)
{
	struct rte_mbuf *drop[SL_BURST_MAX];
	unsigned int n_drop = 0;
	uint64_t bytes[2] = { 0, 0 };

	for (unsigned int i = 0; i < b->n; i++) {
		struct rte_mbuf *m = b->m[i];
		struct sl_pkt *p = &b->pkt[i];

		switch ((enum sl_verdict)b->verdict[i]) {
		case SL_SEND:
			if (unlikely(!sl_out_quick(w, m, p, bytes)) && !sl_six_out(w, m, p))
				sl_out_packet(w, m, p);
			break;
		case SL_AGAIN:
			sl_path_turn(w, m, p);
			break;
		case SL_PUNT:
			sl_punt(w, m, p);
			break;
		case SL_HELD:
			break;
		case SL_HANDOFF:
			sl_handoff(w, p->to, m, p);
			break;
		default:
			drop[n_drop++] = m;
			break;
		}
	}
	sl_count(w, SL_COUNTER_TX_BYTES_INSIDE, bytes[SL_INSIDE]);
	sl_count(w, SL_COUNTER_TX_BYTES_OUTSIDE, bytes[SL_OUTSIDE]);
	if (unlikely(w->n_waiting > 0))
		sl_handoff_flush(w);
	if (n_drop > 0)
		rte_pktmbuf_free_bulk(drop, n_drop);
}

/* From a key to the end. */
static void
stages(struct sl_worker *w, struct sl_burst *b, uint64_t at)
{
	stage_lookup(w, b);
	at = sl_stage_end(w, SL_STAGE_LOOKUP, b->n, at);
	if (unlikely(w->dry != NULL)) {
		settle_dry(w, b);
		return;
	}
	stage_settle(w, b);
	at = sl_stage_end(w, SL_STAGE_SETTLE, b->n, at);
	stage_finish(w, b);
	sl_stage_end(w, SL_STAGE_FINISH, b->n, at);
}

uint64_t
sl_path_run(
	struct sl_worker *w, enum sl_side side, uint16_t flags, struct rte_mbuf **m, unsigned int n)
{
	uint64_t bytes, at = sl_stage_begin(w);
	struct sl_burst b;

	b.m = m;
	b.n = n;
	bytes = sl_burst_parse(w, &b, side, flags);
	at = sl_stage_end(w, SL_STAGE_PARSE, n, at);
	if (unlikely(b.odd)) {
		if (b.odd & SL_BURST_SIX)
			sl_burst_six(w, &b);
		if (b.odd & SL_BURST_ODD)
			stage_fragments(w, &b);
		at = sl_stage_end(w, SL_STAGE_FRAGMENTS, n, at);
	}
	if (w->nat->n_workers > 1) {
		stage_steer(w, &b);
		at = sl_stage_end(w, SL_STAGE_STEER, n, at);
	}
	stages(w, &b, at);
	return bytes;
}

/* What another worker has parsed. */
static void
stage_handed(struct sl_worker *w, struct sl_burst *b, const struct sl_handed *h)
{
	b->odd = 0;
	for (unsigned int i = 0; i < b->n; i++)
		rte_prefetch0(h[i].m);
	for (unsigned int i = 0; i < b->n; i++) {
		b->m[i] = h[i].m;
		b->pkt[i] = sl_handed_pkt(&h[i]);
		b->verdict[i] = SL_GO;
		sl_burst_aim(w, &b->pkt[i]);
	}
	for (unsigned int i = 0; i < b->n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(b->m[i], void *));
}

void
sl_path_run_handed(struct sl_worker *w, const struct sl_handed *h, unsigned int n)
{
	struct rte_mbuf *m[SL_BURST_MAX];
	uint64_t at = sl_stage_begin(w);
	struct sl_burst b;

	b.m = m;
	b.n = n;
	stage_handed(w, &b, h);
	stages(w, &b, sl_stage_end(w, SL_STAGE_PARSE, n, at));
}
