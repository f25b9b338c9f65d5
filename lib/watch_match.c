/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Does a packet fit the filter of a watch? Filters name addresses as people know them: an inside
 * host, a server, an outside port. So a packet is held against the filter twice, as it is, and as
 * its session, its mapping or a port forward would translate it; that is looked up, and nothing
 * of it is written. What is no IP fits only a filter that asks for nothing of IP.
 *
 * Frames are read as strangers send them: every length is checked, nothing is believed. Fragments
 * but the first have no ports, and fit no filter that asks for one.
 */
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>

#include "session_find.h"
#include "six_path.h"
#include "state.h"
#include "watching.h"

#define TAGS 2
#define HEADERS 8 /* of an IPv6 packet */

/* ---- what a frame says ---- */

static bool
is_query(uint8_t type)
{
	return type == 8 || type == 0 || type == 13 || type == 14;
}

/* Ports, or the id of a query; n bytes are there. */
static void
read_ports(const uint8_t *l4, uint32_t n, struct sl_ends *e)
{
	switch (e->proto) {
	case IPPROTO_ICMP:
		if (n < 8)
			return;
		e->icmp_type = l4[0];
		if (e->six)
			e->icmp_type = l4[0] == 128 ? 8 : l4[0] == 129 ? 0 : UINT8_MAX;
		if (!is_query(e->icmp_type))
			return;
		memcpy(&e->sport, l4 + 4, sizeof(e->sport));
		e->dport = e->sport;
		e->has_ports = true;
		return;
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
		if (n < 4)
			return;
		memcpy(&e->sport, l4, sizeof(e->sport));
		memcpy(&e->dport, l4 + 2, sizeof(e->dport));
		e->has_ports = true;
		return;
	default:
		return;
	}
}

static bool
read_ipv4(const uint8_t *ip, uint32_t n, struct sl_ends *e)
{
	uint32_t ihl;

	if (n < sizeof(struct rte_ipv4_hdr) || ip[0] >> 4 != 4)
		return false;
	ihl = (ip[0] & 15) * 4u;
	e->proto = ip[9];
	memcpy(&e->src, ip + 12, 4);
	memcpy(&e->dst, ip + 16, 4);
	if (ihl >= sizeof(struct rte_ipv4_hdr) && ihl <= n && ((ip[6] & 0x1f) | ip[7]) == 0)
		read_ports(ip + ihl, n - ihl, e);
	return true;
}

static bool
read_ipv6(const uint8_t *ip, uint32_t n, struct sl_ends *e)
{
	uint32_t at = sizeof(struct rte_ipv6_hdr);
	bool later = false;

	if (n < at || ip[0] >> 4 != 6)
		return false;
	e->six = true;
	e->proto = ip[6];
	memcpy(&e->src, ip + 8, 16);
	memcpy(&e->dst, ip + 24, 16);
	for (int i = 0; i < HEADERS && at + 8 <= n; i++) {
		const uint8_t *h = ip + at;

		if (e->proto == IPPROTO_FRAGMENT) {
			later |= (h[2] | (h[3] & 0xf8)) != 0;
			at += 8;
		} else if (e->proto == IPPROTO_HOPOPTS || e->proto == IPPROTO_ROUTING ||
			   e->proto == IPPROTO_DSTOPTS) {
			at += 8 + h[1] * 8u;
		} else {
			break;
		}
		e->proto = h[0];
	}
	if (e->proto == IPPROTO_ICMPV6)
		e->proto = IPPROTO_ICMP;
	if (!later && at <= n)
		read_ports(ip + at, n - at, e);
	return true;
}

bool
sl_ends_of(const uint8_t *frame, uint32_t len, struct sl_ends *e)
{
	uint32_t at = sizeof(struct rte_ether_hdr);
	rte_be16_t type;

	memset(e, 0, sizeof(*e));
	if (len < at)
		return false;
	memcpy(&type, frame + 12, sizeof(type));
	while ((type == RTE_BE16(RTE_ETHER_TYPE_VLAN) || type == RTE_BE16(RTE_ETHER_TYPE_QINQ)) &&
		e->n_tags < TAGS && at + 4 <= len) {
		e->vlan[e->n_tags++] = (uint16_t)((frame[at] & 0x0f) << 8 | frame[at + 1]);
		memcpy(&type, frame + at + 2, sizeof(type));
		at += 4;
	}
	if (type == RTE_BE16(RTE_ETHER_TYPE_IPV4))
		return read_ipv4(frame + at, len - at, e);
	return type == RTE_BE16(RTE_ETHER_TYPE_IPV6) && read_ipv6(frame + at, len - at, e);
}

/* ---- what its session would make of it ---- */

static rte_be32_t
v4(const struct sl_ip6 *a)
{
	rte_be32_t addr;

	memcpy(&addr, a, sizeof(addr));
	return addr;
}

/* What stands for the remote port of a query: who has asked. */
static rte_be16_t
asked(enum sl_side side, uint8_t type)
{
	bool reply = type == 0 || type == 14, inside = (side == SL_INSIDE) != reply;

	if (type == 13 || type == 14)
		return inside ? SL_ICMP_STAMP_INSIDE : SL_ICMP_STAMP_OUTSIDE;
	return inside ? SL_ICMP_ASKED_INSIDE : SL_ICMP_ASKED_OUTSIDE;
}

/* The IPv4 packet that one of an IPv6 host would be; false when it has no state. */
static bool
stand_in(const struct sl_worker *w, const struct sl_ends *e, uint16_t tenant, rte_be32_t *src,
	rte_be32_t *dst)
{
	const struct sl_snap *s = w->snap;

	for (uint32_t i = 0; i < s->n_nat64; i++) {
		const struct sl_host *h;

		if (s->nat64[i].tenant != tenant || !sl_prefix_holds(&s->nat64[i].match, &e->dst) ||
			!sl_prefix_take(&s->nat64[i].prefix, e->dst.b, dst))
			continue;
		h = sl_host_find_fixed(s, (uint8_t)tenant, (uint8_t)i, &e->src);
		if (h == NULL)
			h = sl_host_find(&w->hosts,
				sl_host_hash(&w->hosts.seed, (uint8_t)tenant, (uint8_t)i, &e->src),
				(uint8_t)tenant, (uint8_t)i, &e->src);
		*src = h != NULL ? h->stand : 0;
		return h != NULL;
	}
	return false;
}

static void
set_inside(const struct sl_worker *w, struct sl_ends *to, rte_be32_t addr, rte_be16_t port)
{
	const struct sl_host *h = sl_stand_is(addr) ? sl_host_of(w, addr) : NULL;
	rte_be32_t remote = v4(&to->src);

	to->dport = port;
	if (h == NULL) {
		memcpy(&to->dst, &addr, sizeof(addr));
		return;
	}
	to->six = true;
	to->src = sl_prefix_join(&h->prefix, remote);
	to->dst = h->addr;
}

/* As a packet from inside leaves. */
static bool
translate_out(struct sl_worker *w, const struct sl_ends *e, uint16_t tenant, struct sl_ends *to)
{
	struct sl_key key = {
		.sport = e->sport,
		.dport = e->proto == IPPROTO_ICMP ? asked(SL_INSIDE, e->icmp_type) : e->dport,
		.tenant = (uint8_t)tenant,
		.proto = e->proto,
		.side = SL_INSIDE,
	};
	const struct sl_map *map;
	const struct sl_flow *f;

	key.src = v4(&e->src);
	key.dst = v4(&e->dst);
	if (e->six && !stand_in(w, e, tenant, &key.src, &key.dst))
		return false;
	f = sl_session_find(w, &key);
	map = f == NULL ? sl_map_find_in(&w->maps, tenant, e->proto, key.src, key.sport) : NULL;
	if (f == NULL && map == NULL)
		return false;
	*to = *e;
	to->six = false;
	memset(&to->src, 0, sizeof(to->src));
	memset(&to->dst, 0, sizeof(to->dst));
	memcpy(&to->src, f != NULL ? &f->out_addr : &map->out_addr, 4);
	memcpy(&to->dst, &key.dst, 4);
	to->sport = f != NULL ? f->out_port : map->out_port;
	if (e->proto == IPPROTO_ICMP)
		to->dport = to->sport;
	return true;
}

/* As a packet from outside arrives inside. */
static bool
translate_in(struct sl_worker *w, const struct sl_ends *e, struct sl_ends *to)
{
	struct sl_key key = {
		.src = v4(&e->src),
		.dst = v4(&e->dst),
		.sport = e->proto == IPPROTO_ICMP ? asked(SL_OUTSIDE, e->icmp_type) : e->sport,
		.dport = e->dport,
		.proto = e->proto,
		.side = SL_OUTSIDE,
	};
	const struct sl_fwd *fwd;
	const struct sl_map *map;
	const struct sl_flow *f;

	if (e->six)
		return false;
	*to = *e;
	f = sl_session_find(w, &key);
	map = f == NULL ? sl_map_find_out(&w->maps, e->proto, key.dst, key.dport) : NULL;
	fwd = f == NULL && map == NULL ? sl_snap_fwd_out(w->snap, e->proto, key.dst, key.dport)
				       : NULL;
	if (f != NULL)
		set_inside(w, to, f->in_addr, f->in_port);
	else if (map != NULL)
		set_inside(w, to, map->in_addr, map->in_port);
	else if (fwd != NULL)
		set_inside(w, to, fwd->in_addr, fwd->in_port);
	else
		return false;
	if (e->proto == IPPROTO_ICMP)
		to->sport = to->dport;
	return true;
}

/* ---- the filter ---- */

static bool
end_fits(const struct sl_watch_end *f, const struct sl_ends *e, const struct sl_ip6 *addr,
	rte_be16_t port)
{
	struct sl_ip6 a, b;

	if (f->port != 0 && (!e->has_ports || port != f->port))
		return false;
	if (f->net.plen != 0 &&
		(e->six || ((v4(addr) ^ f->net.addr) &
				   rte_cpu_to_be_32(UINT32_MAX << (32 - f->net.plen)))))
		return false;
	if (f->net6.plen == 0)
		return true;
	a = sl_ip6_net(addr, f->net6.plen);
	b = sl_ip6_net(&f->net6.addr, f->net6.plen);
	return e->six && sl_ip6_same(&a, &b);
}

static bool
any_fits(const struct sl_watch_end *f, const struct sl_ends *e)
{
	return end_fits(f, e, &e->src, e->sport) || end_fits(f, e, &e->dst, e->dport);
}

static bool
ends_fit(const struct sl_watch_filter *f, const struct sl_ends *e)
{
	return any_fits(&f->any[0], e) && any_fits(&f->any[1], e) &&
	       end_fits(&f->source, e, &e->src, e->sport) &&
	       end_fits(&f->destination, e, &e->dst, e->dport);
}

static bool
wants_end(const struct sl_watch_end *f)
{
	return f->port != 0 || f->net.plen != 0 || f->net6.plen != 0;
}

static bool
wants_ends(const struct sl_watch_filter *f)
{
	return wants_end(&f->any[0]) || wants_end(&f->any[1]) || wants_end(&f->source) ||
	       wants_end(&f->destination);
}

static void
swap_ends(struct sl_ends *e)
{
	struct sl_ip6 addr = e->src;
	rte_be16_t port = e->sport;

	e->src = e->dst;
	e->dst = addr;
	e->sport = e->dport;
	e->dport = port;
}

/* The other form of a packet on a side: what it becomes, or was before it came to leave there. */
static bool
other_form(struct sl_worker *w, const struct sl_ends *e, enum sl_side side, bool leaves,
	uint16_t tenant, struct sl_ends *to)
{
	struct sl_ends back = *e;
	bool found;

	if (leaves) {
		/* An answer to it would come in here; a query's, with the other type. */
		swap_ends(&back);
		back.icmp_type ^= e->icmp_type == 13 || e->icmp_type == 14 ? 3 : 8;
	}
	found = side == SL_INSIDE ? translate_out(w, &back, tenant, to)
				  : translate_in(w, &back, to);
	if (found && leaves)
		swap_ends(to);
	return found;
}

bool
sl_watch_fits(struct sl_worker *w, const struct sl_watch_filter *f, enum sl_side side, bool leaves,
	const uint8_t *frame, uint32_t len, uint16_t *tenant)
{
	enum sl_side from = leaves ? SL_ACROSS(side) : side;
	struct sl_ends e, to;
	bool ip = sl_ends_of(frame, len, &e);
	int t = side == SL_INSIDE ? sl_snap_tenant(w->snap, e.vlan[0], e.vlan[1]) : 0;

	*tenant = (uint16_t)(t > 0 ? t : 0);
	if (f->has_from && f->from != from)
		return false;
	if (f->tenant != 0 && side == SL_INSIDE && f->tenant != t + 1)
		return false;
	if (!ip)
		return f->proto == 0 && !wants_ends(f) && (f->tenant == 0 || side == SL_INSIDE);
	if (f->proto != 0 && f->proto != e.proto)
		return false;
	if (!wants_ends(f))
		return f->tenant == 0 || side == SL_INSIDE;
	if (ends_fit(f, &e))
		return true;
	return other_form(w, &e, side, leaves, *tenant, &to) && ends_fit(f, &to);
}
