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
#include "state.h"

#define PIECES 48 /* of one packet */

void
sl_out_frame(struct sl_worker *w, enum sl_side side, struct rte_mbuf *m)
{
	struct sl_out *out = w->out;

	if (unlikely(out->n[side] == SL_OUT_MAX)) {
		sl_count(w, SL_COUNTER_DROP_OUT_FULL, 1);
		rte_pktmbuf_free(m);
		return;
	}
	sl_count(w, side == SL_INSIDE ? SL_COUNTER_TX_BYTES_INSIDE : SL_COUNTER_TX_BYTES_OUTSIDE,
		m->pkt_len);
	out->m[side][out->n[side]++] = m;
}

char *
sl_out_header(struct rte_mbuf *m, struct sl_pkt *p, unsigned int hlen)
{
	int grow = (int)hlen - p->l3;

	if (unlikely(grow != 0)) {
		if (grow > (int)rte_pktmbuf_headroom(m))
			return NULL;
		m->data_off = (uint16_t)(m->data_off - grow);
		m->data_len = (uint16_t)(m->data_len + grow);
		m->pkt_len += (uint32_t)grow;
		p->l3 = (uint16_t)hlen;
	}
	return rte_pktmbuf_mtod(m, char *);
}

static bool
write_header(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, enum sl_side side,
	uint16_t tenant, uint64_t mac)
{
	const struct sl_snap_tenant *t = &w->snap->tenant[tenant];
	unsigned int tags = side == SL_OUTSIDE ? 0 : (t->vlan != 0) + (t->vlan_inner != 0);
	struct rte_ether_hdr *eth = (void *)sl_out_header(m, p, sizeof(*eth) + tags * 4);

	if (unlikely(eth == NULL)) {
		sl_count(w, SL_COUNTER_DROP_HEADROOM, 1);
		rte_pktmbuf_free(m);
		return false;
	}
	memcpy(&eth->dst_addr, &mac, sizeof(eth->dst_addr));
	eth->src_addr = w->snap->mac[side];
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	if (unlikely(tags > 0)) {
		struct rte_vlan_hdr *v = (void *)(eth + 1);

		eth->ether_type =
			tags == 2 ? RTE_BE16(RTE_ETHER_TYPE_QINQ) : RTE_BE16(RTE_ETHER_TYPE_VLAN);
		v->vlan_tci = rte_cpu_to_be_16(t->vlan);
		v->eth_proto = RTE_BE16(RTE_ETHER_TYPE_IPV4);
		if (tags == 2) {
			v->eth_proto = RTE_BE16(RTE_ETHER_TYPE_VLAN);
			v++;
			v->vlan_tci = rte_cpu_to_be_16(t->vlan_inner);
			v->eth_proto = RTE_BE16(RTE_ETHER_TYPE_IPV4);
		}
	}
	return true;
}

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
		if (write_header(w, part[i], &piece, side, p->tenant, mac))
			sl_out_frame(w, side, part[i]);
	}
}

static inline void
transmit(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, enum sl_side side, uint64_t mac)
{
	if (unlikely(p->flags & SL_PKT_BIG))
		send_cut(w, m, p, side, mac);
	else if (likely(write_header(w, m, p, side, p->tenant, mac)))
		sl_out_frame(w, side, m);
}

/* The MAC word of where a packet goes next, and who that is; 0 while it is not known. */
static uint64_t
resolve(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, rte_be32_t *addr)
{
	const struct sl_routes *r = &w->nat->routes;
	uint16_t nh = p->nh;

	if (nh < SL_NH_FIRST) {
		*addr = sl_pkt_ip(m, p)->dst_addr;
		nh = sl_routes_lookup(r, nh == SL_NH_LINK(SL_INSIDE) ? p->tenant : 0, *addr);
		if (nh < SL_NH_FIRST)
			return 0;
	}
	*addr = r->nh[nh].addr;
	return __atomic_load_n(&r->nh[nh].word, __ATOMIC_RELAXED);
}

/* How many packets wait for the neighbour of this one already. */
static unsigned int
waiting(const struct sl_worker *w, enum sl_side side, uint16_t tenant, rte_be32_t addr)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < w->n_held; i++)
		n += w->held[i].addr == addr && w->held[i].side == side &&
		     (side == SL_OUTSIDE || w->held[i].pkt.tenant == tenant);
	return n;
}

static void
hold(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, enum sl_side side,
	rte_be32_t addr)
{
	unsigned int each = waiting(w, side, p->tenant, addr);
	uint32_t asked = w->now;

	if (each == 0 && !sl_punt_resolve(w, side, side == SL_INSIDE ? p->tenant : 0, addr))
		asked -= SL_HELD_ASK_MS;
	if (w->n_held == SL_HELD_MAX || each >= SL_HELD_EACH) {
		sl_count(w, SL_COUNTER_DROP_HOLD_FULL, 1);
		rte_pktmbuf_free(m);
		return;
	}
	w->held[w->n_held++] = (struct sl_held){
		.m = m,
		.addr = addr,
		.side = side,
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
	rte_be32_t addr;
	uint64_t word = resolve(w, m, p, &addr);
	enum sl_side side = sl_nh_side(&w->nat->routes, p->nh);

	if (unlikely(word == 0 || (w->n_held > 0 && waiting(w, side, p->tenant, addr) > 0))) {
		hold(w, m, p, side, addr);
		return;
	}
	transmit(w, m, p, side, word);
}

/* An answer or the question may be lost: the oldest packet of a neighbour asks again. */
static void
ask_again(struct sl_worker *w, struct sl_held *h, unsigned int older)
{
	h->asked = w->now;
	for (unsigned int i = 0; i < older; i++)
		if (w->held[i].addr == h->addr && w->held[i].side == h->side &&
			(h->side == SL_OUTSIDE || w->held[i].pkt.tenant == h->pkt.tenant))
			return;
	if (!sl_punt_resolve(w, h->side, h->side == SL_INSIDE ? h->pkt.tenant : 0, h->addr))
		h->asked -= SL_HELD_ASK_MS;
}

void
sl_out_held(struct sl_worker *w)
{
	unsigned int keep = 0;

	for (unsigned int i = 0; i < w->n_held; i++) {
		struct sl_held *h = &w->held[i];
		enum sl_side side = h->side;
		rte_be32_t addr;
		uint64_t word;

		/* A next hop's number means nothing after a quiescent state. */
		h->pkt.nh = sl_routes_lookup(&w->nat->routes, side == SL_INSIDE ? h->pkt.tenant : 0,
			sl_pkt_ip(h->m, &h->pkt)->dst_addr);
		word = h->pkt.nh == SL_NH_NONE ? 0 : resolve(w, h->m, &h->pkt, &addr);
		if (word != 0 && sl_nh_side(&w->nat->routes, h->pkt.nh) == side) {
			transmit(w, h->m, &h->pkt, side, word);
		} else if ((int32_t)(w->now - h->until) >= 0) {
			sl_count(w, SL_COUNTER_DROP_HOLD_TIMEOUT, 1);
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
