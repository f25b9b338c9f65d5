/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames that leave, and their Ethernet headers.
 */
#include "out.h"

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

bool
sl_out_ethernet(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, enum sl_side side,
	uint64_t mac, rte_be16_t type)
{
	const struct sl_snap_tenant *t = &w->snap->tenant[p->tenant];
	unsigned int tags = side == SL_OUTSIDE ? 0 : (t->vlan != 0) + (t->vlan_inner != 0);
	struct rte_ether_hdr *eth = (void *)sl_out_header(m, p, sizeof(*eth) + tags * 4);

	if (unlikely(eth == NULL)) {
		sl_count(w, SL_COUNTER_DROP_HEADROOM, 1);
		rte_pktmbuf_free(m);
		return false;
	}
	memcpy(&eth->dst_addr, &mac, sizeof(eth->dst_addr));
	eth->src_addr = w->snap->mac[side];
	eth->ether_type = type;
	if (unlikely(tags > 0)) {
		struct rte_vlan_hdr *v = (void *)(eth + 1);

		eth->ether_type =
			tags == 2 ? RTE_BE16(RTE_ETHER_TYPE_QINQ) : RTE_BE16(RTE_ETHER_TYPE_VLAN);
		v->vlan_tci = rte_cpu_to_be_16(t->vlan);
		v->eth_proto = type;
		if (tags == 2) {
			v->eth_proto = RTE_BE16(RTE_ETHER_TYPE_VLAN);
			v++;
			v->vlan_tci = rte_cpu_to_be_16(t->vlan_inner);
			v->eth_proto = type;
		}
	}
	return true;
}
