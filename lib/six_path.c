/* SPDX-License-Identifier: BSD-3-Clause
 *
 * NAT64 in the packet's way. It is a step before NAT44 and one after it, both stateless but for
 * the table of hosts (host.h), on one worker and in one pass:
 *
 *	IPv6 from inside --> parse6 --> host's owner --> IPv4, source a stand-in --> NAT44
 *	IPv4 from outside --> NAT44 --> destination is a stand-in --> IPv6 --> neighbour
 *
 * The owner is known before anything is changed, so IPv6 packets are handed over as they came.
 * It is the subscriber's, by a keyed hash; that of an echo to one of our own pool addresses is
 * the owner of its id, which then has a stand-in of its own for the host (path.c says why).
 * A stand-in therefore never leaves its worker.
 *
 * A host is made for a packet that may open a session, after the checks of its source: what
 * comes from a NAT64 prefix itself is a loop (RFC 6146 section 3.5). Everybody else has none,
 * and a packet that needs one is dropped here as NAT44 would drop it.
 *
 * ICMPv6 in fragments must be whole, since its checksum covers its length, and so must be
 * from outside ICMP and UDP without a checksum: reasm.c does that at the owner. All else goes
 * fragment by fragment; those of one datagram have one source and so one owner, which is their
 * home in defrag.c as well.
 */
#include "six_path.h"
#include "icmp6.h"
#include "parse.h"
#include "route6.h"
#include "six_with.h"
#include "whole.h"

/* ---- from inside ---- */

static unsigned int
owner(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, const struct sl_six *x)
{
	const struct sl_snap *s = w->snap;
	const struct sl_addr *a;

	if (p->key.proto == IPPROTO_ICMP && !x->error && !(p->flags & SL_PKT_FRAGMENT) &&
		p->key.dport == SL_ICMP_ASKED_INSIDE) {
		a = sl_snap_addr(s, 0, x->dst);
		if (a != NULL && a->paddr != SL_NONE)
			return sl_paddr_worker(w->nat, w->nat->paddr[a->paddr], IPPROTO_ICMP,
				rte_be_to_cpu_16(p->key.sport));
	}
	return sl_owner_inside6(
		w->nat, s, p->tenant, rte_pktmbuf_mtod_offset(m, const void *, x->host));
}

/* An ICMPv6 fragment: wait until its datagram is whole, then learn what that is. */
static enum sl_verdict
make_whole(struct sl_worker *w, struct rte_mbuf **m, struct sl_pkt *p, struct sl_six *x)
{
	enum sl_verdict v;

	if (!sl_whole_join(w, m, p->l3, (uint16_t)(p->tenant + 1)))
		return SL_HELD;
	v = sl_pkt_parse(w, SL_INSIDE, *m, p);
	if (v == SL_SIX)
		v = sl_six_parse(w, *m, p, x);
	x->fragment = true; /* its sender did cut it, so it may be cut */
	return v;
}

/* May this packet open a session? */
static bool
may_open(const struct sl_pkt *p, const struct sl_six *x)
{
	if (x->error)
		return false;
	switch (p->key.proto) {
	case IPPROTO_TCP:
		return (p->flags & SL_PKT_LATER) ||
		       (p->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG | RTE_TCP_RST_FLAG)) ==
			       RTE_TCP_SYN_FLAG;
	case IPPROTO_ICMP:
		return p->key.dport == SL_ICMP_ASKED_INSIDE;
	default:
		return true;
	}
}

/* Is this a source that a host may have? 0, or the counter of the reason. */
static int
check_source(const struct sl_worker *w, const struct sl_pkt *p, const struct sl_ip6 *src)
{
	const struct sl_snap *s = w->snap;
	uint16_t nh;

	if (sl_ip6_bogon(src))
		return SL_COUNTER_DROP_BOGON;
	for (uint32_t i = 0; i < s->n_nat64; i++)
		if (s->nat64[i].tenant == p->tenant && sl_prefix_holds(&s->nat64[i].match, src))
			return SL_COUNTER_DROP_LOOP;
	for (uint32_t i = 0; i < s->n_own6; i++)
		if (sl_ip6_same(&s->own6[i].addr, src))
			return SL_COUNTER_DROP_SPOOFED;
	if (s->source_check) {
		nh = sl_routes6_lookup(&w->nat->routes, p->tenant, src);
		if (nh == SL_NH_NONE || sl_nh_side(&w->nat->routes, nh) != SL_INSIDE)
			return SL_COUNTER_DROP_SPOOFED;
	}
	return 0;
}

static struct sl_host *
make_host(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p, const struct sl_six *x,
	enum sl_counter *why)
{
	const struct sl_ip6 *addr = rte_pktmbuf_mtod_offset(m, const struct sl_ip6 *, x->host);
	struct sl_host *h;
	int bad;

	*why = x->error                       ? SL_COUNTER_DROP_ICMP_NO_FLOW
	       : p->key.proto == IPPROTO_ICMP ? SL_COUNTER_DROP_ICMP_TYPE
					      : SL_COUNTER_DROP_NO_STATE;
	if (!may_open(p, x))
		return NULL;
	bad = check_source(w, p, addr);
	if (bad != 0) {
		*why = (enum sl_counter)bad;
		return NULL;
	}
	h = sl_host_make(w, x->hash, p->tenant, x->nat64, addr, why);
	if (h == NULL && w->snap->icmp_refusal_code != 255)
		sl_icmp6_error(w, m, p, SL_ICMP6_UNREACH, 1, 0);
	return h;
}

enum sl_verdict
sl_six_enter(struct sl_worker *w, struct rte_mbuf **m, struct sl_pkt *p, struct sl_six *x)
{
	const struct sl_host *h;
	enum sl_counter why;
	struct sl_xlat with;
	enum sl_verdict v;
	int bad;

	if (w->nat->n_workers > 1) {
		p->to = (uint16_t)owner(w, *m, p, x);
		if (p->to != w->id)
			return SL_HANDOFF;
	}
	if (unlikely((p->flags & SL_PKT_FRAGMENT) && p->key.proto == IPPROTO_ICMP)) {
		if (w->dry != NULL)
			return SL_HELD;
		v = make_whole(w, m, p, x);
		if (v != SL_SIX)
			return v;
		return sl_six_enter(w, m, p, x);
	}
	if (unlikely(rte_pktmbuf_mtod_offset(*m, const uint8_t *, p->l3)[7] <= 1)) {
		sl_icmp6_error(w, *m, p, SL_ICMP6_TIME, 0, 0);
		return sl_drop(w, SL_COUNTER_DROP_TTL);
	}
	h = sl_host_find(&w->hosts, x->hash, p->tenant, x->nat64,
		rte_pktmbuf_mtod_offset(*m, const void *, x->host));
	if (h == NULL && w->snap->n_fixed > 0)
		h = sl_host_find_fixed(w->snap, p->tenant, x->nat64,
			rte_pktmbuf_mtod_offset(*m, const void *, x->host));
	if (unlikely(h == NULL)) {
		h = make_host(w, *m, p, x, &why);
		if (h == NULL)
			return sl_drop(w, why);
	}
	with = sl_six_with(w, h, SL_OUTSIDE);
	bad = sl_six_down(*m, p, x, &with);
	if (unlikely(bad != 0))
		return sl_drop(w, (enum sl_counter)bad);
	sl_count(w, SL_COUNTER_NAT64_OUT, 1);
	return unlikely(x->error) ? sl_pkt_parse_l4(w, *m, p) : SL_GO;
}
