/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which sessions, mappings and subscribers a question is about. The worker that owns them decides,
 * one after the other: the plain fields first, which most questions have, then what costs a
 * look-up. A selection of zeros is everything.
 *
 * Tuples are those of conntrack: the original one as the first packet has it, the other as answers
 * to it have it where they arrive. Of a session opened from inside these are inside and remote,
 * then remote and outside; of one opened from outside remote and outside, then inside and remote.
 * With NAT64 the inside sees the remote end behind its prefix, and that is an end of IPv6 too.
 */
#include "select.h"
#include "state.h"

static bool
in_prefix(rte_be32_t addr, const struct sl_ifaddr *p)
{
	return p->plen == 0 ||
	       ((addr ^ p->addr) & rte_cpu_to_be_32(UINT32_MAX << (32 - p->plen))) == 0;
}

static bool
in_prefix6(const struct sl_ip6 *addr, const struct sl_ifaddr6 *p)
{
	struct sl_ip6 a = sl_ip6_net(addr, p->plen), b = sl_ip6_net(&p->addr, p->plen);

	return sl_ip6_same(&a, &b);
}

const struct sl_host *
sl_select_host(const struct sl_worker *w, rte_be32_t in)
{
	return sl_stand_is(in) ? sl_host_of(w, in) : NULL;
}

static bool
in_pool(const struct sl_worker *w, uint16_t pool, rte_be32_t out)
{
	const struct sl_addr *a = sl_snap_addr(w->snap, 0, out);

	return a != NULL && a->paddr != SL_NONE && a->pool == pool;
}

bool
sl_select_ends(const struct sl_worker *w, const struct sl_select *s, uint16_t tenant, rte_be32_t in,
	rte_be32_t out)
{
	const struct sl_host *h;

	if ((s->tenant != 0 && s->tenant != tenant + 1) || !in_prefix(in, &s->in) ||
		!in_prefix(out, &s->out) ||
		(s->pool != 0 && !in_pool(w, (uint16_t)(s->pool - 1), out)))
		return false;
	if (s->in6.plen == 0)
		return true;
	h = sl_select_host(w, in);
	return h != NULL && in_prefix6(&h->addr, &s->in6);
}

/* Where an end of a tuple lies. */
enum place {
	INSIDE,
	REMOTE,
	OUTSIDE,
};

static bool
wants_six(const struct sl_worker *w, const struct sl_ifaddr6 *net, const struct sl_flow *f,
	enum place place)
{
	const struct sl_host *h = sl_select_host(w, f->in_addr);
	struct sl_ip6 remote;

	if (h == NULL || place == OUTSIDE)
		return false;
	if (place == INSIDE)
		return in_prefix6(&h->addr, net);
	remote = sl_prefix_join(&h->prefix, f->rem_addr);
	return in_prefix6(&remote, net);
}

static bool
wants_end(const struct sl_worker *w, const struct sl_select_end *e, const struct sl_flow *f,
	enum place place)
{
	rte_be32_t addr = place == INSIDE   ? f->in_addr
			  : place == REMOTE ? f->rem_addr
					    : f->out_addr;
	rte_be16_t port = place == INSIDE   ? sl_flow_in_port(f)
			  : place == REMOTE ? sl_flow_rem_port(f)
					    : f->out_port;

	if (e->port != 0 && e->port != port)
		return false;
	if (e->net6.plen != 0)
		return wants_six(w, &e->net6, f, place);
	return in_prefix(addr, &e->net);
}

static bool
wants_tuples(const struct sl_worker *w, const struct sl_select *s, const struct sl_flow *f)
{
	bool in = f->flags & SL_FLOW_INBOUND;

	return wants_end(w, &s->orig[0], f, in ? REMOTE : INSIDE) &&
	       wants_end(w, &s->orig[1], f, in ? OUTSIDE : REMOTE) &&
	       wants_end(w, &s->reply[0], f, in ? INSIDE : REMOTE) &&
	       wants_end(w, &s->reply[1], f, in ? REMOTE : OUTSIDE);
}

static unsigned int
traits_of(const struct sl_flow *f)
{
	bool replied = (f->packets[0] | f->packets_high[0]) != 0 &&
		       (f->packets[1] | f->packets_high[1]) != 0;

	return (f->flags & SL_FLOW_SIX ? SL_TRAIT_SIX : 0) |
	       (f->flags & SL_FLOW_INBOUND ? SL_TRAIT_INBOUND : 0) |
	       (f->flags & SL_FLOW_STATIC ? SL_TRAIT_FORWARDED : 0) |
	       (f->flags & SL_FLOW_HAIRPIN ? SL_TRAIT_HAIRPIN : 0) |
	       (replied ? SL_TRAIT_REPLIED : 0);
}

bool
sl_select_flow(const struct sl_worker *w, const struct sl_select *s, const struct sl_flow *f)
{
	unsigned int traits = traits_of(f);

	return in_prefix(f->rem_addr, &s->rem) && (s->proto == 0 || s->proto == f->proto) &&
	       (s->in_port == 0 || s->in_port == sl_flow_in_port(f)) &&
	       (s->out_port == 0 || s->out_port == f->out_port) &&
	       (s->rem_port == 0 || s->rem_port == sl_flow_rem_port(f)) &&
	       (s->tcp_state == 0 || s->tcp_state == f->tcp_state + 1) &&
	       (s->helper == 0 || s->helper == f->helper) && (s->with & ~traits) == 0 &&
	       (s->without & traits) == 0 && (s->idle == 0 || w->now - f->last >= s->idle) &&
	       (s->age == 0 || w->now - sl_flow_link(&w->flows, f)->created >= s->age) &&
	       sl_select_ends(w, s, f->tenant, f->in_addr, f->out_addr) &&
	       (!s->tuples || wants_tuples(w, s, f));
}

bool
sl_select_busy(const struct sl_select *s, const struct sl_sub *sub)
{
	uint32_t ports = 0;

	if (s->least_sessions == 0 && s->least_ports == 0)
		return true;
	for (int c = 0; c < SL_PORTS_COUNT; c++)
		ports += sub->ports[c];
	return (s->least_sessions != 0 && sub->sessions >= s->least_sessions) ||
	       (s->least_ports != 0 && ports >= s->least_ports);
}
