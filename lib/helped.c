/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Flows with a helper, on the worker's side. A flow is bound when it is made, for both
 * directions: by its server's port, or by the expectation that it came by. Its packets are
 * translated like all others and then go to control instead of out of a port; control lets the
 * helper read them, changes what is to be changed, and gives them back:
 *
 *	translate --> note before the data --> punt ring --> control: lib/helpers.c
 *	                                                        |
 *	out <-- next hop <-- is the flow still there? <-- inject ring
 *
 * Both rings keep order and belong to the flow's worker, so packets of a flow leave in the order
 * they came. A full ring drops. What turns round (a hairpin) does so after it has come back.
 * Here is the way there; helped_back.c has the way back, and whole.c makes datagrams of fragments.
 *
 * ICMP errors of such flows go the usual way, control has nothing to add to them.
 */
#include "helped.h"
#include "awaited.h"
#include "helper.h"
#include "helper_conf.h"
#include "helper_note.h"
#include "state.h"

/* ---- who has a helper ---- */

static uint32_t
server_slot(uint8_t proto, rte_be16_t port)
{
	return ((uint32_t)port * 0x9e3779b1u + proto) >> 16 & (SL_SNAP_SERVERS - 1);
}

static void
add_server(struct sl_snap *s, uint8_t proto, uint16_t port, uint8_t helper)
{
	uint32_t i = server_slot(proto, rte_cpu_to_be_16(port));

	while (s->server[i].helper != 0) {
		if (s->server[i].proto == proto && s->server[i].port == rte_cpu_to_be_16(port))
			return; /* the first one has it */
		i = (i + 1) & (SL_SNAP_SERVERS - 1);
	}
	s->server[i] = (struct sl_snap_server){ rte_cpu_to_be_16(port), proto, helper };
}

void
sl_helped_fill(
	struct sl_snap *s, const struct sl_helper_ops *const *ops, const struct sl_config *config)
{
	for (unsigned int i = 0; ops != NULL && i < SL_HELPERS_MAX && ops[i] != NULL; i++) {
		const struct sl_helper_config *c = &config->helper[i];

		for (unsigned int k = 0; k < RTE_DIM(ops[i]->proto); k++)
			for (unsigned int n = 0; ops[i]->proto[k] != 0 && n < c->n_ports; n++)
				add_server(s, ops[i]->proto[k], c->port[n], (uint8_t)(i + 1));
		if (ops[i]->six)
			s->helpers6 |= (uint16_t)(1u << (i + 1));
	}
	for (unsigned int t = 0; t < config->n_tenants; t++) {
		s->tenant[t].helpers = ops != NULL ? sl_helper_mask(config, t) : 0;
		s->helpers |= s->tenant[t].helpers;
	}
}

static uint8_t
find_server(const struct sl_snap *s, uint8_t proto, rte_be16_t port)
{
	uint32_t i = server_slot(proto, port);

	for (; s->server[i].helper != 0; i = (i + 1) & (SL_SNAP_SERVERS - 1))
		if (s->server[i].port == port && s->server[i].proto == proto)
			return s->server[i].helper;
	return 0;
}

void
sl_helped_bind(struct sl_worker *w, struct sl_flow *f)
{
	const struct sl_snap *s = w->snap;
	uint8_t helper = 0;

	if (likely(s->helpers == 0) || (f->proto != IPPROTO_TCP && f->proto != IPPROTO_UDP))
		return;
	if (unlikely((f->flags & SL_FLOW_SIX) && s->helpers6 == 0))
		return;
	if (unlikely(w->awaited.n > 0))
		helper = sl_awaited_take(w, f);
	if (helper != 0)
		f->flags |= SL_FLOW_EXPECTED;
	else
		helper = find_server(
			s, f->proto, f->flags & SL_FLOW_INBOUND ? f->in_port : f->rem_port);
	if ((f->flags & SL_FLOW_SIX) && !(s->helpers6 >> helper & 1))
		return;
	if (s->tenant[f->tenant].helpers >> helper & 1)
		f->helper = helper;
}

/* When the ring is full control finds out by itself, later. */
static void
tell(struct sl_worker *w, struct sl_event *e)
{
	if (rte_ring_sp_enqueue_elem(w->events, e, sizeof(*e)) == 0)
		w->punted = true;
}

void
sl_helped_met(struct sl_worker *w, const struct sl_map *map)
{
	struct sl_event e = {
		.type = SL_EVENT_MET,
		.tenant = map->tenant,
		.worker = w->id,
		.addr = map->in_addr,
		.port = map->in_port,
		.proto = map->proto,
	};

	if (w->snap->helpers != 0)
		tell(w, &e);
}

void
sl_helped_end(struct sl_worker *w, const struct sl_flow *f)
{
	struct sl_event e = {
		.type = SL_EVENT_HELPER_END,
		.tenant = f->tenant,
		.worker = w->id,
		.flow = sl_flow_index(&w->flows, f),
		.created = sl_flow_link(&w->flows, f)->created,
	};

	tell(w, &e);
}

/* ---- to control ---- */

void
sl_helped_note(const struct sl_worker *w, const struct sl_flow *f, struct sl_helper_note *note)
{
	const struct sl_host *h = f->flags & SL_FLOW_SIX ? sl_host_of(w, f->in_addr) : NULL;

	*note = (struct sl_helper_note){
		.worker = w->id,
		.flow = sl_flow_index(&w->flows, f),
		.created = sl_flow_link(&w->flows, f)->created,
		.in_addr = f->in_addr,
		.out_addr = f->out_addr,
		.rem_addr = f->rem_addr,
		.in_port = f->in_port,
		.out_port = f->out_port,
		.rem_port = f->rem_port,
		.tenant = f->tenant,
		.helper = f->helper,
		.proto = f->proto,
		.flags = (f->flags & SL_FLOW_INBOUND ? SL_NOTE_INBOUND : 0) |
			 (f->flags & SL_FLOW_EXPECTED ? SL_NOTE_EXPECTED : 0) |
			 (f->flags & SL_FLOW_SIX ? SL_NOTE_SIX : 0),
	};
	if (h != NULL) {
		note->in6 = h->addr;
		note->net6 = h->prefix.net;
		note->plen6 = h->prefix.len;
	}
}

enum sl_verdict
sl_helped_punt(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, const struct sl_flow *f,
	bool turns)
{
	struct sl_helper_note note;

	sl_helped_note(w, f, &note);
	note.flags |= turns ? SL_NOTE_TURNS : 0;
	note.side = p->side;
	if (!sl_helper_note_put(m, &note))
		return sl_drop(w, SL_COUNTER_DROP_HEADROOM);
	p->cause = SL_PUNT_HELPER;
	return SL_PUNT;
}
