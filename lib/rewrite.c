/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Rewrites that are not on every packet's way: preparing a flow's checksum deltas, and
 * ICMP errors, whose quoted packet is put back to what its sender knows.
 *
 * An ICMP error's checksum was verified by parse, so it is simply computed anew after the
 * quote was changed: nothing corrupt can be laundered by that.
 */
#include "rewrite.h"

void
sl_rewrite_prepare(struct sl_flow *f)
{
	uint32_t addr = sl_delta32(f->in_addr, f->out_addr),
		 port = sl_delta16(f->in_port, f->out_port);

	f->delta_ip = sl_fold(addr);
	/* ICMP has no pseudo header (RFC 792): only the id counts. */
	f->delta_l4 = f->proto == IPPROTO_ICMP ? sl_fold(port) : sl_fold((uint64_t)addr + port);
}

/* Put back the quoted packet: its source when it went out, its destination when it came in. */
static void
restore_quote(uint8_t *q3, uint8_t *q4, uint32_t l4_len, const struct sl_flow *f, enum sl_side side)
{
	struct rte_ipv4_hdr *q = (void *)q3;
	/* An error from outside quotes what went out: out -> in. From inside: in -> out. */
	bool to_in = side == SL_OUTSIDE;
	uint32_t dip = to_in ? (uint16_t)~f->delta_ip : f->delta_ip;
	uint32_t dl4 = to_in ? (uint16_t)~f->delta_l4 : f->delta_l4;
	uint16_t *port = NULL, *sum = NULL;

	if (to_in)
		q->src_addr = f->in_addr;
	else
		q->dst_addr = f->out_addr;
	q->hdr_checksum = sl_csum_fix(q->hdr_checksum, dip);
	switch (f->proto) {
	case IPPROTO_TCP:
		port = (uint16_t *)(void *)(q4 + (to_in ? 0 : 2));
		if (l4_len >= 18)
			sum = (uint16_t *)(void *)(q4 + 16);
		break;
	case IPPROTO_UDP:
		port = (uint16_t *)(void *)(q4 + (to_in ? 0 : 2));
		sum = (uint16_t *)(void *)(q4 + 6);
		if (*sum == 0)
			sum = NULL;
		break;
	case IPPROTO_UDPLITE:
		sum = (uint16_t *)(void *)(q4 + 6);
		break;
	default:
		if (sl_flow_is_call(f) && !to_in)
			*(unaligned_uint16_t *)(q4 + SL_GRE_ID) = f->out_port;
		if (f->proto != IPPROTO_ICMP)
			return; /* by address alone */
		port = (uint16_t *)(void *)(q4 + 4);
		sum = (uint16_t *)(void *)(q4 + 2);
		break;
	}
	if (port != NULL)
		*port = to_in ? f->in_port : f->out_port;
	if (sum != NULL) {
		*sum = sl_csum_fix(*sum, dl4);
		if (*sum == 0 && f->proto == IPPROTO_UDP)
			*sum = 0xffff;
	}
}

void
sl_rewrite_fragment(
	struct rte_ipv4_hdr *ip, const struct sl_pkt *p, const struct sl_flow *f, uint32_t ttl)
{
	uint32_t delta = sl_delta16(ip->packet_id, p->frag_id);

	ip->packet_id = p->frag_id;
	if (p->flags & SL_PKT_LATER) {
		if (p->side == SL_INSIDE) {
			ip->src_addr = f->out_addr;
			delta += f->delta_ip;
		} else {
			ip->dst_addr = f->in_addr;
			delta += (uint16_t)~f->delta_ip;
		}
		ip->time_to_live -= ttl != 0;
		delta += ttl;
	}
	ip->hdr_checksum = sl_csum_fix(ip->hdr_checksum, sl_fold(delta));
}

void
sl_rewrite_error(
	struct rte_mbuf *m, const struct sl_pkt *p, const struct sl_flow *f, bool lower_ttl)
{
	struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	uint32_t l4_len = p->ip_len - (uint32_t)(p->l4 - p->l3);
	struct rte_icmp_hdr *icmp = rte_pktmbuf_mtod_offset(m, struct rte_icmp_hdr *, p->l4);
	uint32_t quoted = RTE_MIN((uint32_t)(p->l3 + p->ip_len), (uint32_t)m->data_len) - p->q4;
	uint32_t delta;

	restore_quote(rte_pktmbuf_mtod_offset(m, uint8_t *, p->q3),
		rte_pktmbuf_mtod_offset(m, uint8_t *, p->q4), quoted, f, p->side);
	if (p->side == SL_OUTSIDE) {
		delta = sl_delta32(ip->dst_addr, f->in_addr);
		ip->dst_addr = f->in_addr;
	} else {
		/* Whichever inside router reports it: outside only the mapping's address shows. */
		delta = sl_delta32(ip->src_addr, f->out_addr);
		ip->src_addr = f->out_addr;
	}
	if (lower_ttl) {
		ip->time_to_live--;
		delta += SL_TTL_DELTA;
	}
	ip->hdr_checksum = sl_csum_fix(ip->hdr_checksum, sl_fold(delta));
	icmp->icmp_cksum = 0;
	icmp->icmp_cksum = (uint16_t)~sl_icmp_sum(m, p->l4, l4_len);
}
