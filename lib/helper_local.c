/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Datagrams for the box itself on a helper's port: a helper that speaks for the box may take
 * them before the kernel does. There is no flow behind them, so no state, and nothing to
 * expect or to replace.
 */
#include <rte_ip.h>
#include <rte_udp.h>

#include "helper_flow.h"

/* What the helper sees of who has sent it. */
static void
fill(struct sl_helpers *hs, const struct sl_punt *punt, const struct rte_ipv4_hdr *ip,
	const struct rte_udp_hdr *udp, uint8_t number)
{
	bool outside = punt->side == SL_OUTSIDE;

	hs->local = (struct sl_helper_flow){
		.h = {
			.shared = hs->shared[number - 1],
			.now = hs->now,
			.tenant = (uint16_t)punt->tenant,
			.proto = IPPROTO_UDP,
			.inbound = outside,
			.in_addr = outside ? ip->dst_addr : ip->src_addr,
			.in_port = outside ? udp->dst_port : udp->src_port,
			.out_addr = ip->dst_addr,
			.out_port = udp->dst_port,
			.rem_addr = outside ? ip->src_addr : ip->dst_addr,
			.rem_port = outside ? udp->src_port : udp->dst_port,
		},
		.all = hs,
		.ops = hs->params.ops[number - 1],
		.number = number,
	};
}

bool
sl_helpers_local(struct sl_helpers *hs, const struct sl_punt *punt, uint64_t now)
{
	struct rte_mbuf *m = punt->m;
	const struct rte_ipv4_hdr *ip =
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, punt->l3);
	const struct rte_udp_hdr *udp;
	struct sl_slice message;
	uint32_t l4;
	uint8_t number;

	if (m->data_len < punt->l3 + sizeof(*ip) + sizeof(*udp) || ip->version_ihl >> 4 != 4 ||
		ip->next_proto_id != IPPROTO_UDP || (ip->fragment_offset & RTE_BE16(0x3fff)) != 0)
		return false;
	l4 = punt->l3 + (ip->version_ihl & 15) * 4u;
	if (m->data_len < l4 + sizeof(*udp))
		return false;
	udp = rte_pktmbuf_mtod_offset(m, const struct rte_udp_hdr *, l4);
	number = hs->server[rte_be_to_cpu_16(udp->dst_port)];
	message.n = rte_be_to_cpu_16(udp->dgram_len);
	if (number == 0 || hs->params.ops[number - 1]->local == NULL || message.n < sizeof(*udp) ||
		message.n > m->pkt_len - l4)
		return false;
	hs->now = now;
	fill(hs, punt, ip, udp, number);
	message.n -= sizeof(*udp);
	message.p = rte_pktmbuf_read(m, l4 + sizeof(*udp), (uint32_t)message.n, hs->flat);
	if (!sl_helper_flow_wanted(&hs->local) || !hs->local.ops->local(&hs->local.h, message))
		return false;
	rte_pktmbuf_free(m);
	return true;
}
