/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Between nat44.c, nat44_out.c and nat44_in.c.
 */
#ifndef SL_NAT44_SIDE_H
#define SL_NAT44_SIDE_H

#include <rte_byteorder.h>
#include <rte_tcp.h>

#include "flow.h"
#include "pkt.h"

struct sl_worker;

/** As sl_nat44_open(), of a packet from inside. */
enum sl_verdict sl_nat44_open_out(
	struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow);

/** As sl_nat44_open(), of a packet from outside, or one that was turned (SL_PKT_HAIRPIN). */
enum sl_verdict sl_nat44_open_in(
	struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_flow **flow);

/** May the outside reach the box at this port, or does the kernel expect it there? */
bool sl_nat44_service(const struct sl_worker *w, const struct sl_pkt *p);

/** A packet that must not or need not be translated leads to another inside network. */
enum sl_verdict sl_nat44_route(
	struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, uint16_t nh);

/** An address that is nobody's: of this network, this host, link-local, multicast and above. */
static inline bool
sl_nat44_bogon(rte_be32_t addr)
{
	uint32_t a = rte_be_to_cpu_32(addr);

	return a >> 24 == 0 || a >> 24 == 127 || a >> 28 >= 0xe || a >> 16 == 0xa9fe;
}

/** Of TCP only what begins a connection makes a session. */
static inline bool
sl_nat44_creates(const struct sl_pkt *p)
{
	return p->key.proto != IPPROTO_TCP ||
	       (p->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG | RTE_TCP_RST_FLAG)) ==
		       RTE_TCP_SYN_FLAG;
}

static inline enum sl_verdict
sl_nat44_punt_local(struct sl_pkt *p)
{
	p->cause = SL_PUNT_LOCAL;
	return SL_PUNT;
}

#endif /* SL_NAT44_SIDE_H */
