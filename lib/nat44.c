/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT44 off the fast path: what happens when a packet has no flow. nat44_out.c is for those from
 * inside, nat44_in.c for those from outside; here is where they meet, and what both ask.
 *
 * All checks of addresses are in these three: a tuple that passed them once has a flow, and a
 * flow matches this very tuple only.
 */
#include "nat44.h"
#include "age.h"
#include "icmp.h"
#include "nat44_side.h"
#include "rewrite.h"
#include "state.h"
#include "translate.h"

bool
sl_nat44_service(const struct sl_worker *w, const struct sl_pkt *p)
{
	const struct sl_snap *s = w->snap;
	uint16_t port = rte_be_to_cpu_16(p->key.dport);

	if (p->key.proto == IPPROTO_ICMP)
		return true; /* ping and errors; the punt rate is its limit */
	for (uint32_t i = 0; i < s->n_services; i++)
		if (s->service[i].proto == 0 ||
			(s->service[i].proto == p->key.proto && s->service[i].port == p->key.dport))
			return true;
	if (p->key.proto != IPPROTO_TCP && p->key.proto != IPPROTO_UDP)
		return false;
	if (port < s->kernel_port_min || port > s->kernel_port_max)
		return false;
	/* Answers to the kernel's own connections, but no new ones. */
	return p->key.proto == IPPROTO_UDP ||
	       (p->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG)) != RTE_TCP_SYN_FLAG;
}

enum sl_verdict
sl_nat44_route(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint16_t nh)
{
	struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);

	if (ip->time_to_live <= 1) {
		sl_icmp_error(w, m, p, SL_ICMP_TIME, 0, 0);
		return sl_drop(w, SL_COUNTER_DROP_TTL);
	}
	p->nh = nh;
	if (!sl_translate_fits(w, m, p))
		return sl_drop(w, SL_COUNTER_DROP_TOO_BIG);
	ip->time_to_live--;
	ip->hdr_checksum = sl_csum_fix(ip->hdr_checksum, SL_TTL_DELTA);
	sl_count(w, SL_COUNTER_ROUTED, 1);
	return SL_SEND;
}

/* The remote end of a packet that has a way is outside: its session need not look again. */
static void
keep_way(struct sl_flow *f, uint16_t nh, uint16_t gen)
{
	f->nh_gen = gen;
	if (nh >= SL_NH_FIRST)
		f->nh[SL_OUTSIDE] = nh;
}

enum sl_verdict
sl_nat44_open(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow)
{
	/* Routes may move meanwhile: then the generation is a new one, and they are asked again. */
	uint16_t gen = __atomic_load_n(&w->nat->routes.gen, __ATOMIC_ACQUIRE);
	enum sl_verdict v;

	/* Before anything is looked up: this may end mappings. */
	if (unlikely(w->flows.n_free == 0)) {
		if (likely(w->dry == NULL))
			sl_age_pressed(w);
		else
			sl_age_imagined(w);
	}
	v = p->side == SL_OUTSIDE ? sl_nat44_open_in(w, m, p, flow)
				  : sl_nat44_open_out(w, m, p, flow);
	if (v != SL_GO)
		return v;
	if (p->nh != SL_NH_NONE) {
		keep_way(*flow, p->nh, gen);
	} else if (sl_snap_addr(w->snap, 0, (*flow)->rem_addr) != NULL) {
		(*flow)->flags |= SL_FLOW_HAIRPIN;
	}
	return v;
}
