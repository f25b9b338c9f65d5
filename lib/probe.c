/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Established TCP sessions whose time has run out (RFC 6146 section 3.5.2.2). The inside host is
 * asked whether the connection is still there, by a keepalive as its peer would send one
 * (RFC 9293 section 3.8.4): no data, an acknowledgement of what the host has sent, the number
 * before the next one. A host that has the connection answers, one that has not sends RST. The
 * session waits in the state TRANS for the closing time; anything but a RST makes it
 * established again (tcp.c), and silence ends it.
 *
 * The sweep asks (age.c), so no packet pays for this. It asks one host in a millisecond, and a
 * worker so 1000 in a second: where very many sessions run out at once, those that wait for their
 * turn stay as they are, for the closing time at most. A packet that comes meanwhile is as good
 * as an answer.
 *
 * By default only sessions of IPv6 hosts are asked for, as the RFC says: what RFC 5382 REQ-5 and
 * RFC 7857 say of NAT44 is that a session may end then, and each probe keeps a dead one for
 * another four minutes.
 */
#include <rte_ip.h>

#include "out.h"
#include "probe.h"
#include "translate.h"

#define TTL 64
#define SHIFT_MAX 65536u /* how far a helper may have moved an end's numbers (tcp.c) */

static void
fill(const struct sl_worker *w, const struct sl_flow *f, struct rte_ipv4_hdr *ip)
{
	const struct sl_tcp *tcp = sl_flow_tcp(&w->flows, f);
	const struct sl_tcp_end *peer = &tcp->end[SL_OUTSIDE], *host = &tcp->end[SL_INSIDE];
	struct rte_tcp_hdr *t = (struct rte_tcp_hdr *)(ip + 1);

	*ip = (struct rte_ipv4_hdr){
		.version_ihl = RTE_IPV4_VHL_DEF,
		.total_length = RTE_BE16(sizeof(*ip) + sizeof(*t)),
		.fragment_offset = RTE_BE16(RTE_IPV4_HDR_DF_FLAG),
		.time_to_live = TTL,
		.next_proto_id = IPPROTO_TCP,
		.src_addr = f->rem_addr,
		.dst_addr = f->in_addr,
	};
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	*t = (struct rte_tcp_hdr){
		.src_port = f->rem_port,
		.dst_port = f->in_port,
		.sent_seq = rte_cpu_to_be_32(
			peer->end - 1 - (unlikely(f->helper != 0) ? SHIFT_MAX : 0)),
		.recv_ack = rte_cpu_to_be_32(host->end),
		.data_off = sizeof(*t) / 4 << 4,
		.tcp_flags = RTE_TCP_ACK_FLAG,
		.rx_win = rte_cpu_to_be_16(
			(uint16_t)RTE_MIN(peer->win >> peer->scale, (uint32_t)UINT16_MAX)),
	};
	t->cksum = rte_ipv4_udptcp_cksum(ip, t);
}

void
sl_probe_answered(struct sl_worker *w, struct sl_flow *f)
{
	sl_tcp_doubt(f);
	f->last = w->now;
}

void
sl_probe_ask(struct sl_worker *w, struct sl_flow *f)
{
	struct sl_pkt p = { .side = SL_OUTSIDE,
		.tenant = f->tenant,
		.l4 = sizeof(struct rte_ipv4_hdr),
		.ip_len = sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_tcp_hdr) };
	struct rte_mbuf *m;

	if (w->probed == w->now64 || w->out->n[SL_INSIDE] == SL_OUT_MAX)
		return;
	m = rte_pktmbuf_alloc(w->pool);
	if (m == NULL)
		return;
	w->probed = w->now64;
	fill(w, f, (struct rte_ipv4_hdr *)rte_pktmbuf_append(m, p.ip_len));
	sl_flow_key(f, SL_OUTSIDE, &p.key);
	sl_probe_answered(w, f);
	sl_count(w, SL_COUNTER_TCP_PROBES, 1);
	if (sl_translate_way(w, m, &p, f) == SL_SEND)
		sl_out_packet(w, m, &p);
	else
		rte_pktmbuf_free(m);
}
