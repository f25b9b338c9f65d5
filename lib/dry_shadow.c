/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A packet that is only imagined. To tell what would become of a packet, nobody writes the rules
 * down a second time: the very path that packets take runs, on a shadow of the worker. The shadow
 * is a copy of struct sl_worker, so counters, buckets, rings' places and heads of free lists are
 * its own; the tables that they lead to are the worker's. Where the path would write to these,
 * off the way of packets that have a session, it looks at w->dry:
 *
 *	what ends (sessions, mappings)		is passed over, as if it had ended
 *	subscriber, mapping of a new session	are copies in struct sl_dry
 *	its flow				is written to the next free one, and put back
 *	the flow of a session that is there	is written, and put back
 *	a port, a block of ports		are taken, and put back
 *	IPv6 hosts				are made, and put back
 *	what an IPv4 id stands for		is written where the next packet will write
 *	records, events, own ICMP errors	are not made; the errors are counted
 *
 * Putting back is safe because one lcore does all of it before it looks at another packet, and
 * nobody else reads a shard. What control reads of a port map, the number of ports in use, may be
 * one more for that moment. Ports that are drawn come from the worker's own random numbers, of
 * which a copy is used up, so the next real packet draws as if nobody had asked.
 */
#include "dry.h"
#include "state.h"

static void
keep_hosts(struct sl_dry *dry, const struct sl_hosts *t)
{
	uint32_t at = t->free, high = t->high;

	for (int i = 0; i < SL_DRY_HOSTS; i++) {
		dry->host_at[i] = at != SL_NONE ? at : high < t->max ? high++ : SL_NONE;
		if (dry->host_at[i] == SL_NONE)
			continue;
		dry->host[i] = t->host[dry->host_at[i]];
		at = at != SL_NONE ? dry->host[i].next : SL_NONE;
	}
}

void
sl_dry_begin(struct sl_worker *shadow, struct sl_worker *w, struct sl_dry *dry)
{
	const struct sl_alloc *a = &w->alloc;

	/* What is to be entered in a table must not be entered by both. */
	sl_flow_settle(&w->flows);
	sl_maps_settle(&w->maps);
	memset(dry, 0, sizeof(*dry));
	dry->port = -1;
	dry->over = dry->ended_map = SL_NONE;
	dry->block_at = a->free != SL_NONE ? a->free : a->high < a->max ? a->high : SL_NONE;
	if (dry->block_at != SL_NONE)
		dry->block = a->block[dry->block_at];
	keep_hosts(dry, &w->hosts);
	*shadow = *w;
	shadow->dry = dry;
	shadow->out = NULL;
}

/* ---- putting back ---- */

static void
give_port(struct sl_worker *w, const struct sl_dry *dry)
{
	enum sl_port_class c = sl_port_class(dry->map.proto);
	const struct sl_paddr *pa = w->nat->paddr[dry->sub.paddr];
	struct sl_ports *ports = pa->ports[w->id];
	struct sl_block *b = pa->mode == SL_PADDR_BLOCKS
				     ? &w->alloc.block[ports->block[dry->port >> pa->shift]]
				     : NULL;
	uint32_t idle = b != NULL ? b->idle : 0;

	sl_alloc_undo(w, dry->sub.paddr, c, (uint16_t)dry->port);
	if (b != NULL)
		b->idle = idle;
}

static void
give_block(struct sl_worker *w, const struct sl_dry *dry)
{
	struct sl_block *b = &w->alloc.block[dry->block_at];
	const struct sl_paddr *pa = w->nat->paddr[b->paddr];

	sl_ports_give_block(pa->ports[w->id], pa->shift, b->start);
	*b = dry->block;
}

static void
give_hosts(struct sl_worker *shadow, const struct sl_worker *w, const struct sl_dry *dry)
{
	struct sl_hosts *t = &shadow->hosts;

	for (uint32_t n = t->n - w->hosts.n; n > 0; n--) {
		struct sl_host *h = &t->host[dry->host_at[n - 1]];
		uint32_t hash = sl_host_hash(&t->seed, h->tenant, h->nat64, &h->addr);

		t->head[hash & t->mask] = h->next;
		if (h->nat64 != SL_HOST_SUBSCRIBER && h->sub != SL_NONE)
			t->host[h->sub].n--;
		*h = dry->host[n - 1];
	}
}

void
sl_dry_end(struct sl_worker *shadow, const struct sl_worker *w)
{
	struct sl_dry *dry = shadow->dry;
	const struct sl_dry_flow *old = &dry->old;

	if (old->kept) {
		shadow->flows.flow[old->at] = old->flow;
		shadow->flows.tcp[old->at] = old->tcp;
		shadow->flows.link[old->at] = old->link;
	}
	if (dry->port >= 0)
		give_port(shadow, dry);
	if (dry->has_sub && dry->sub.n_blocks > dry->sub_before.n_blocks)
		give_block(shadow, dry);
	give_hosts(shadow, w, dry);
}
