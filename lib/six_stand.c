/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What others must know of stand-ins, the IPv4 addresses that IPv6 hosts have within NAT64.
 */
#include "route6.h"
#include "six_path.h"

uint16_t
sl_six_next_hop(const struct sl_worker *w, uint16_t tenant, rte_be32_t addr)
{
	const struct sl_host *h;

	if (likely(!sl_stand_is(addr)))
		return sl_routes_lookup(&w->nat->routes, tenant, addr);
	h = sl_host_of(w, addr);
	return h != NULL ? sl_routes6_lookup(&w->nat->routes, tenant, &h->addr) : SL_NH_NONE;
}

bool
sl_six_permitted(const struct sl_worker *w, rte_be32_t stand, uint8_t proto)
{
	const struct sl_host *h = sl_host_of(w, stand);
	const struct sl_snap_nat64 *n;

	if (h == NULL || h->nat64 >= w->snap->n_nat64)
		return false;
	/* Echoes may live at the owner of their id, see six_path.c. */
	if (proto != IPPROTO_ICMP &&
		sl_owner_inside6(w->nat, w->snap, h->tenant, &h->addr) != w->id)
		return false;
	n = &w->snap->nat64[h->nat64];
	return n->tenant == h->tenant && n->prefix.len == h->prefix.len &&
	       sl_ip6_same(&n->prefix.net, &h->prefix.net);
}

bool
sl_six_wants_whole(const struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p)
{
	if (p->side == SL_INSIDE)
		return false;
	if (p->key.proto == IPPROTO_ICMP)
		return true;
	if (p->key.proto != IPPROTO_UDP)
		return false;
	/* The first one decides, and comes first (defrag.c); the others follow it. */
	if (p->flags & SL_PKT_LATER)
		return w->reasm.n > 0 && sl_reasm_knows(&w->reasm, m, p->l3, 0);
	return rte_pktmbuf_mtod_offset(m, const struct rte_udp_hdr *, p->l4)->dgram_cksum == 0 &&
	       w->snap->checksum6;
}
