/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sessions, mappings and subscribers as control is told of them.
 */
#include "describe.h"
#include "select.h"
#include "state.h"

void
sl_describe_session(const struct sl_worker *w, const struct sl_flow *f, struct sl_session *s)
{
	uint32_t timeout = w->snap->timeout[f->timeout], since = w->now - f->last;
	const struct sl_host *h;

	*s = (struct sl_session){
		.in_addr = f->in_addr,
		.out_addr = f->out_addr,
		.rem_addr = f->rem_addr,
		.in_port = sl_flow_in_port(f),
		.out_port = f->out_port,
		.rem_port = sl_flow_rem_port(f),
		.tenant = f->tenant,
		.proto = f->proto,
		.tcp_state = f->tcp_state,
		.opened_inbound = f->flags & SL_FLOW_INBOUND,
		.helper = f->helper,
		.forwarded = f->flags & SL_FLOW_STATIC,
		.hairpin = f->flags & SL_FLOW_HAIRPIN,
		.age = w->now - sl_flow_link(&w->flows, f)->created,
		.idle = since,
		.left = since < timeout ? timeout - since : 0,
		.worker = w->id,
	};
	h = sl_select_host(w, f->in_addr);
	if (h != NULL) {
		s->six = true;
		s->nat64 = h->nat64;
		s->in6 = h->addr;
	}
	for (int d = 0; d < 2; d++) {
		s->packets[d] = (uint64_t)f->packets_high[d] << 32 | f->packets[d];
		s->bytes[d] = f->bytes[d];
	}
}

void
sl_describe_mapping(const struct sl_worker *w, const struct sl_map *m, struct sl_mapping *to)
{
	const struct sl_host *h = sl_select_host(w, m->in_addr);

	*to = (struct sl_mapping){
		.in_addr = m->in_addr,
		.out_addr = m->out_addr,
		.in_port = sl_map_is_calls(m) ? 0 : m->in_port,
		.out_port = sl_map_is_calls(m) ? 0 : m->out_port,
		.tenant = m->tenant,
		.proto = m->proto,
		.is_static = m->flags & SL_MAP_STATIC,
		.sessions = m->n_flows,
		.worker = w->id,
	};
	if (h != NULL) {
		to->six = true;
		to->nat64 = h->nat64;
		to->in6 = h->addr;
	}
}

void
sl_describe_subscriber(const struct sl_worker *w, const struct sl_sub *s, struct sl_subscriber *to)
{
	const struct sl_host *h = sl_select_host(w, s->in_addr);

	*to = (struct sl_subscriber){
		.in_addr = s->in_addr,
		.out_addr = s->paddr != SL_NONE ? w->nat->paddr[s->paddr]->addr : 0,
		.tenant = s->tenant,
		.sessions = s->sessions,
		.ports = { s->ports[0], s->ports[1], s->ports[2] },
		.blocks = s->n_blocks,
		.worker = w->id,
	};
	for (int i = 0; i < SL_REFUSED_COUNT; i++) {
		to->refused_by[i] = s->refused[i];
		to->refused += s->refused[i];
	}
	if (h != NULL) {
		to->six = true;
		to->in6.addr = h->addr;
		to->in6.plen = h->nat64 == SL_HOST_SUBSCRIBER ? h->prefix.len : 128;
	}
}
