/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The last stage: a packet that knows its next hop gets its Ethernet header and leaves.
 *
 * When the neighbour's MAC is not known yet the packet is held, a bounded number for each
 * neighbour and in all, control is asked once to have it resolved, and later packets to the
 * same neighbour queue behind it, so that order is kept. What waits too long is dropped.
 *
 * A packet larger than the link leaves in fragments (RFC 4787 REQ-13, RFC 791); that it
 * may be cut was decided when it was translated.
 */
#include <rte_ip_frag.h>

#include "out.h"
#include "punt.h"
#include "rewrite.h"
#include "route6.h"
#include "six_out.h"
#include "six_path.h"
#include "state.h"
#include "watching.h"

#define PIECES 48 /* of one packet */

/* Send in fragments what the link cannot take whole. */
static void
send_cut(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, enum sl_side side,
	uint64_t mac)
{
	struct rte_mbuf *part[PIECES];
	int n;

	rte_pktmbuf_adj(m, p->l3);
	n = rte_ipv4_fragment_packet(m, part, RTE_DIM(part), w->snap->mtu[side], w->pool, w->pool);
	if (n <= 0) {
		sl_count(w, SL_COUNTER_DROP_TOO_BIG, 1);
		rte_pktmbuf_free(m);
		return;
	}
	rte_pktmbuf_free(m);
	sl_count(w, SL_COUNTER_FRAGMENTS_MADE, (uint64_t)n - 1);
	for (int i = 0; i < n; i++) {
		struct sl_pkt piece = { .side = p->side, .tenant = p->tenant };
		struct rte_ipv4_hdr *ip = sl_pkt_ip(part[i], &piece);

		ip->hdr_checksum = 0;
		ip->hdr_checksum = (uint16_t)~sl_sum_words(ip, (ip->version_ihl & 15) * 4u);
		if (sl_out_ethernet(w, part[i], &piece, side, mac, RTE_BE16(RTE_ETHER_TYPE_IPV4)))
			sl_out_frame(w, side, part[i]);
	}
}

static inline void
transmit(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, const struct sl_hop *hop,
	uint64_t mac)
{
	enum sl_side side = (enum sl_side)hop->side;

	if (unlikely(p->flags & SL_PKT_NATIVE)) {
		if (sl_out_ethernet(w, m, p, side, mac, RTE_BE16(RTE_ETHER_TYPE_IPV6)))
			sl_out_frame(w, side, m);
	} else if (unlikely(hop->six))
		sl_six_send(w, m, p, mac);
	else if (unlikely(p->flags & SL_PKT_BIG))
		send_cut(w, m, p, side, mac);
	else if (likely(sl_out_ethernet(w, m, p, side, mac, RTE_BE16(RTE_ETHER_TYPE_IPV4))))
		sl_out_frame(w, side, m);
}

/* The IPv6 address that a packet goes to: its own, or that of the host its stand-in is for. */
static const struct sl_ip6 *
target6(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p)
{
	const struct sl_host *h;

	if (p->flags & SL_PKT_NATIVE)
		return rte_pktmbuf_mtod_offset(
			m, const struct sl_ip6 *, p->l3 + offsetof(struct rte_ipv6_hdr, dst_addr));
	h = sl_host_of(w, sl_pkt_ip(m, p)->dst_addr);
	return h != NULL ? &h->addr : NULL;
}

/* The next hop of a packet of IPv6, or to a stand-in, which is its host or the way to it. */
static uint64_t
resolve6(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, struct sl_hop *hop)
{
	const struct sl_routes *r = &w->nat->routes;
	uint16_t nh = p->nh;

	if (nh < SL_NH_FIRST) {
		const struct sl_ip6 *to = target6(w, m, p);

		if (to == NULL)
			return 0;
		hop->addr = *to;
		nh = sl_routes6_lookup(r, hop->tenant, to);
		hop->scan = (p->flags & SL_PKT_NATIVE) || hop->side == SL_OUTSIDE;
		if (nh < SL_NH_FIRST)
			return 0;
	}
	hop->addr = r->nh[nh].addr6;
	return sl_nh_word6(r, nh);
}

/* The MAC word of where a packet goes next, and who that is; 0 while it is not known. */
static uint64_t
resolve(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, struct sl_hop *hop)
{
	const struct sl_routes *r = &w->nat->routes;
	rte_be32_t dst = sl_pkt_ip(m, p)->dst_addr;
	uint16_t nh = p->nh;

	*hop = (struct sl_hop){ .side = (uint8_t)sl_nh_side(r, nh) };
	hop->tenant = hop->side == SL_INSIDE ? p->tenant : 0;
	if (unlikely((p->flags & SL_PKT_NATIVE) || sl_stand_is(dst))) {
		hop->six = true;
		return resolve6(w, m, p, hop);
	}
	if (nh < SL_NH_FIRST) {
		memcpy(&hop->addr, &dst, sizeof(dst));
		hop->scan = hop->side == SL_OUTSIDE;
		nh = sl_routes_lookup(r, nh == SL_NH_LINK(SL_INSIDE) ? p->tenant : 0, dst);
		if (nh < SL_NH_FIRST)
			return 0;
	}
	memcpy(&hop->addr, &r->nh[nh].addr, sizeof(dst));
	return __atomic_load_n(&r->nh[nh].word, __ATOMIC_RELAXED);
}

static bool
same_hop(const struct sl_hop *a, const struct sl_hop *b)
{
	return sl_ip6_same(&a->addr, &b->addr) && a->side == b->side && a->tenant == b->tenant &&
	       a->six == b->six;
}

/* Hosts choose whom they send to, so the hash is keyed. */
static unsigned int
slot(const struct sl_worker *w, const struct sl_hop *hop)
{
	return sl_host_hash(&w->hosts.seed, (uint8_t)hop->tenant,
		       (uint8_t)(hop->side | (unsigned int)hop->six << 1), &hop->addr) %
	       SL_HELD_SLOTS;
}

/*
 * How many packets wait for the neighbour of this one already. A stranger may keep as many
 * waiting as there is room for, so a small table of counts is asked first.
 */
static unsigned int
waiting(const struct sl_worker *w, const struct sl_hop *hop)
{
	unsigned int n = 0;

	if (likely(w->held_for[slot(w, hop)] == 0))
		return 0;
	for (unsigned int i = 0; i < w->n_held; i++)
		n += same_hop(&w->held[i].hop, hop);
	return n;
}

/* Who scans a network has questions asked for it, but not so many that nobody else has. False
 * when it must be asked again at once. */
static bool
ask(struct sl_worker *w, const struct sl_hop *hop)
{
	if (hop->scan && !sl_bucket_take(&w->scan_bucket, SL_SCAN_RATE, w->now64))
		return true;
	return sl_punt_resolve(w, hop);
}

/* Is there room for one more packet that waits for a neighbour, as `each` do already? */
static bool
has_room(const struct sl_worker *w, const struct sl_hop *hop, unsigned int each)
{
	return w->n_held < SL_HELD_MAX && each < SL_HELD_EACH &&
	       !(hop->scan && w->n_scan >= SL_HELD_SCAN);
}

static void
hold(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, const struct sl_hop *hop)
{
	unsigned int each = waiting(w, hop);
	uint32_t asked = w->now;

	if (each == 0 && !ask(w, hop))
		asked -= SL_HELD_ASK_MS;
	if (!has_room(w, hop, each)) {
		sl_count(w, SL_COUNTER_DROP_HOLD_FULL, 1);
		rte_pktmbuf_free(m);
		return;
	}
	w->held_for[slot(w, hop)]++;
	w->n_scan += hop->scan;
	w->held[w->n_held++] = (struct sl_held){
		.m = m,
		.hop = *hop,
		.until = w->now + SL_HELD_MS,
		.asked = asked,
		.pkt = *p,
	};
	sl_count(w, SL_COUNTER_HELD, 1);
	w->counter[SL_COUNTER_HELD_NOW] = w->n_held;
}

void
sl_out_packet(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	struct sl_hop hop;
	uint64_t word = resolve(w, m, p, &hop);

	if (unlikely(word == 0 || (w->n_held > 0 && waiting(w, &hop) > 0))) {
		hold(w, m, p, &hop);
		return;
	}
	transmit(w, m, p, &hop, word);
}

enum sl_counter
sl_out_judge(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p,
	struct sl_hop *hop, uint64_t *mac)
{
	unsigned int each;

	*mac = resolve(w, m, p, hop);
	each = w->n_held > 0 ? waiting(w, hop) : 0;
	if (*mac != 0 && each == 0)
		return hop->side == SL_INSIDE ? SL_COUNTER_TX_INSIDE : SL_COUNTER_TX_OUTSIDE;
	return has_room(w, hop, each) ? SL_COUNTER_HELD : SL_COUNTER_DROP_HOLD_FULL;
}

/* An answer or the question may be lost: the oldest packet of a neighbour asks again. */
static void
ask_again(struct sl_worker *w, struct sl_held *h, unsigned int older)
{
	h->asked = w->now;
	for (unsigned int i = 0; i < older; i++)
		if (same_hop(&w->held[i].hop, &h->hop))
			return;
	if (!ask(w, &h->hop))
		h->asked -= SL_HELD_ASK_MS;
}

static void
let_go(struct sl_worker *w, const struct sl_held *h)
{
	w->held_for[slot(w, &h->hop)]--;
	w->n_scan -= h->hop.scan;
}

void
sl_out_held(struct sl_worker *w)
{
	uint32_t told = __atomic_load_n(&w->nat->routes.told, __ATOMIC_ACQUIRE);
	unsigned int keep = 0;

	/* Nothing has changed for them since they were last looked at. */
	if (told == w->held_told && w->now == w->held_at)
		return;
	w->held_told = told;
	w->held_at = w->now;
	for (unsigned int i = 0; i < w->n_held; i++) {
		struct sl_held *h = &w->held[i];
		struct sl_hop hop;
		uint64_t word = 0;

		/* A next hop's number means nothing after a quiescent state. */
		h->pkt.nh = h->pkt.flags & SL_PKT_NATIVE
				    ? sl_routes6_lookup(&w->nat->routes, h->hop.tenant,
					      target6(w, h->m, &h->pkt))
				    : sl_six_next_hop(
					      w, h->hop.tenant, sl_pkt_ip(h->m, &h->pkt)->dst_addr);
		if (h->pkt.nh != SL_NH_NONE && sl_snap_has_tenant(w->snap, h->hop.tenant))
			word = resolve(w, h->m, &h->pkt, &hop);
		if (word != 0 && hop.side == h->hop.side) {
			let_go(w, h);
			transmit(w, h->m, &h->pkt, &hop, word);
		} else if ((int32_t)(w->now - h->until) >= 0) {
			let_go(w, h);
			sl_count(w, SL_COUNTER_DROP_HOLD_TIMEOUT, 1);
			if (h->pkt.l3 >= RTE_ETHER_HDR_LEN)
				sl_watch_gone(w, h->m, h->hop.side, SL_COUNTER_DROP_HOLD_TIMEOUT);
			rte_pktmbuf_free(h->m);
		} else {
			if (w->now - h->asked >= SL_HELD_ASK_MS)
				ask_again(w, h, keep);
			w->held[keep++] = *h;
		}
	}
	w->n_held = keep;
	w->counter[SL_COUNTER_HELD_NOW] = keep;
}
