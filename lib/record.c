/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Records for the logs: what a worker did that somebody may have to prove later (RFC 6888
 * REQ-12, RFC 8158). They go to control over a ring of their own; when it is full they are
 * lost and counted, the packet never waits. What comes in floods, refusals, is recorded once
 * a second.
 */
#include "record.h"
#include "state.h"

static bool
wanted(const struct sl_worker *w, enum sl_record_type type)
{
	return unlikely(__atomic_load_n(&w->snap->record_mask, __ATOMIC_RELAXED) & (1u << type)) &&
	       w->dry == NULL;
}

/* Whom a stand-in stands for. */
static void
name_host(const struct sl_worker *w, struct sl_record *r)
{
	const struct sl_host *h = sl_stand_is(r->in_addr) ? sl_host_of(w, r->in_addr) : NULL;

	if (h == NULL)
		return;
	r->six = true;
	r->in6 = h->addr;
	r->nat64 = h->nat64;
	r->plen6 = h->nat64 == SL_HOST_SUBSCRIBER ? h->prefix.len : 128;
}

static void
put(struct sl_worker *w, struct sl_record *r)
{
	name_host(w, r);
	r->when = w->now64;
	r->worker = (uint16_t)w->id;
	if (rte_ring_sp_enqueue_elem(w->records, r, sizeof(*r)) != 0)
		sl_count(w, SL_COUNTER_RECORDS_LOST, 1);
	w->punted = true;
}

void
sl_record_session(struct sl_worker *w, enum sl_record_type type, const struct sl_flow *f)
{
	if (!wanted(w, type))
		return;
	put(w, &(struct sl_record){
		       .type = (uint8_t)type,
		       .proto = f->proto,
		       .tenant = f->tenant,
		       .in_addr = f->in_addr,
		       .out_addr = f->out_addr,
		       .rem_addr = f->rem_addr,
		       .in_port = sl_flow_in_port(f),
		       .out_port = f->out_port,
		       .rem_port = sl_flow_rem_port(f),
	       });
}

void
sl_record_mapping(struct sl_worker *w, enum sl_record_type type, const struct sl_map *m)
{
	if (!wanted(w, type))
		return;
	put(w, &(struct sl_record){
		       .type = (uint8_t)type,
		       .proto = m->proto,
		       .tenant = m->tenant,
		       .in_addr = m->in_addr,
		       .out_addr = m->out_addr,
		       .in_port = sl_map_is_calls(m) ? 0 : m->in_port,
		       .out_port = sl_map_is_calls(m) ? 0 : m->out_port,
	       });
}

void
sl_record_block(struct sl_worker *w, enum sl_record_type type, uint16_t tenant, rte_be32_t in_addr,
	rte_be32_t out_addr, uint16_t start, uint16_t size)
{
	if (!wanted(w, type))
		return;
	put(w, &(struct sl_record){
		       .type = (uint8_t)type,
		       .tenant = tenant,
		       .in_addr = in_addr,
		       .out_addr = out_addr,
		       .out_port = rte_cpu_to_be_16(start),
		       .block_size = size,
	       });
}

static enum sl_record_type
refusal_type(enum sl_counter why)
{
	switch (why) {
	case SL_COUNTER_DROP_NO_PORT:
	case SL_COUNTER_DROP_NO_POOL:
		return SL_RECORD_PORTS_EXHAUSTED;
	case SL_COUNTER_DROP_SESSIONS_FULL:
	case SL_COUNTER_DROP_SUBSCRIBERS_FULL:
		return SL_RECORD_SESSIONS_FULL;
	default:
		return SL_RECORD_LIMIT;
	}
}

void
sl_record_refusal(struct sl_worker *w, const struct sl_sub *sub, uint8_t proto, enum sl_counter why)
{
	enum sl_record_type type = refusal_type(why);
	bool full = why == SL_COUNTER_DROP_NO_PORT && sub->paddr != SL_NONE;

	if (!wanted(w, type) || (w->told[type] != 0 && w->now64 - w->told[type] < 1000))
		return;
	w->told[type] = w->now64;
	put(w, &(struct sl_record){
		       .type = (uint8_t)type,
		       .proto = proto,
		       .tenant = sub->tenant,
		       .in_addr = sub->in_addr,
		       .out_addr = full ? w->nat->paddr[sub->paddr]->addr : 0,
		       .limit = (uint16_t)why,
	       });
}
