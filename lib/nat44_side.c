/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What packets without a flow are asked on both sides.
 */
#include "nat44_side.h"
#include "icmp.h"
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
