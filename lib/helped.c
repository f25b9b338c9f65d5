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
 *
 * A helper reads whole datagrams, so fragments of its flows are put together before they are
 * translated (reasm.c), at the flow's owner, after their home has told them the ports. The
 * datagram then may be cut anew, whatever DF said: its sender did cut it.
 *
 * ICMP errors of such flows go the usual way, control has nothing to add to them.
 */
#include "helped.h"
#include "awaited.h"
#include "helper.h"
#include "helper_conf.h"
#include "helper_note.h"
#include "out.h"
#include "path.h"
#include "state.h"
#include "translate.h"

#define AGE_SLICE 64 /* incomplete datagrams looked at by one call */

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

/* ---- datagrams ---- */

static void
after_reasm(struct sl_worker *w)
{
	sl_reasm_collect(&w->reasm, w->counter);
	w->counter[SL_COUNTER_FRAGMENTS_HELD_NOW] = w->defrag.n_held + w->reasm.n_held;
}

static void
allow_cutting(struct rte_mbuf *m, uint16_t l3)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, l3);
	rte_be16_t field = ip->fragment_offset & (rte_be16_t)~RTE_BE16(RTE_IPV4_HDR_DF_FLAG);

	ip->hdr_checksum = sl_csum_fix(ip->hdr_checksum, sl_delta16(ip->fragment_offset, field));
	ip->fragment_offset = field;
}

enum sl_verdict
sl_helped_whole(struct sl_worker *w, struct rte_mbuf **m, struct sl_pkt *p)
{
	uint16_t realm = p->side == SL_INSIDE ? (uint16_t)(p->tenant + 1) : 0, l3 = p->l3;
	enum sl_side side = (enum sl_side)p->side;
	uint8_t hairpin = p->flags & SL_PKT_HAIRPIN;
	struct sl_reasm_out out;
	enum sl_verdict v;

	w->reasm.timeout = w->snap->timeout[SL_TIMEOUT_FRAGMENT];
	*m = sl_reasm_add(&w->reasm, *m, l3, realm, w->now, &out);
	after_reasm(w);
	if (*m == NULL)
		return SL_HELD;
	sl_count(w, SL_COUNTER_FRAGMENTS_JOINED, out.fragments - 1);
	allow_cutting(*m, l3);
	v = sl_pkt_parse(w, side, *m, p);
	p->flags |= hairpin;
	return v;
}

void
sl_helped_age(struct sl_worker *w)
{
	sl_reasm_age(&w->reasm, w->now, AGE_SLICE, NULL, 0);
	after_reasm(w);
}

/* ---- to control and back ---- */

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

/* The flow of a packet that comes back; NULL: it has ended meanwhile. */
static struct sl_flow *
find_again(const struct sl_worker *w, const struct sl_helper_note *note)
{
	struct sl_flow *f = note->flow < w->flows.max ? &w->flows.flow[note->flow] : NULL;

	if (f == NULL || !(f->flags & SL_FLOW_LIVE) || f->helper != note->helper ||
		sl_flow_link(&w->flows, f)->created != note->created ||
		f->in_addr != note->in_addr || f->in_port != note->in_port ||
		f->rem_addr != note->rem_addr || f->rem_port != note->rem_port)
		return NULL;
	return f;
}

void
sl_helped_return(struct sl_worker *w, struct rte_mbuf *m)
{
	struct sl_pkt p = { .l3 = 0 };
	struct sl_helper_note note;
	struct sl_flow *f;
	enum sl_verdict v;

	sl_helper_note_get(m, &note);
	f = find_again(w, &note);
	if (f == NULL) {
		sl_count(w, SL_COUNTER_DROP_HELPER_GONE, 1);
		rte_pktmbuf_free(m);
		return;
	}
	p.side = note.side;
	p.tenant = f->tenant;
	p.ip_len = (uint16_t)m->pkt_len;
	if (note.flags & SL_NOTE_TURNS) {
		sl_path_turn(w, m, &p);
		return;
	}
	v = sl_translate_way(w, m, &p, f);
	if (v == SL_SEND)
		sl_out_packet(w, m, &p);
	else
		rte_pktmbuf_free(m);
}
