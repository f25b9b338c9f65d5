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
#include "held.h"
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

/* ---- what the path asks ---- */

void
sl_dry_keep(struct sl_worker *w, const struct sl_flow *f)
{
	uint32_t at = sl_flow_index(&w->flows, f);

	w->dry->old = (struct sl_dry_flow){
		.kept = true,
		.at = at,
		.flow = *f,
		.tcp = w->flows.tcp[at],
		.link = w->flows.link[at],
	};
}

void
sl_dry_keep_free(struct sl_worker *w)
{
	const struct sl_flows *t = &w->flows;
	uint32_t at = t->free != SL_NONE ? t->free : t->high;

	if (t->n_free > 0)
		sl_dry_keep(w, &t->flow[at]);
}

bool
sl_dry_error(struct sl_worker *w, bool six, uint8_t type, uint8_t code)
{
	if (likely(w->dry == NULL))
		return false;
	w->dry->error = true;
	w->dry->error_six = six;
	w->dry->error_type = type;
	w->dry->error_code = code;
	return true;
}

/* So many sessions of the subscriber would have ended, and their mapping if those were all. */
static void
take_ended(struct sl_sub *sub, const struct sl_map *map, uint32_t n)
{
	sub->sessions -= n;
	if (n < map->n_flows)
		return;
	sub->n_maps--;
	if (!(map->flags & (SL_MAP_STATIC | SL_MAP_SHARED)))
		sub->ports[sl_port_class(map->proto)]--;
}

static void
take_all_ended(const struct sl_worker *w, struct sl_sub *sub, uint32_t at)
{
	const struct sl_dry *dry = w->dry;
	uint32_t map = dry->over != SL_NONE ? w->flows.link[dry->over].map : SL_NONE;

	if (dry->ended_map != SL_NONE && w->maps.map[dry->ended_map].sub == at)
		take_ended(sub, &w->maps.map[dry->ended_map], dry->ended);
	if (map != SL_NONE && map != dry->ended_map && w->maps.map[map].sub == at)
		take_ended(sub, &w->maps.map[map], 1);
}

struct sl_sub *
sl_dry_sub(struct sl_worker *w, const struct sl_map *map, uint16_t tenant, rte_be32_t inside)
{
	rte_be32_t addr = map != NULL ? inside : sl_host_subscriber(w, inside);
	const struct sl_subs *t = &w->subs;
	struct sl_dry *dry = w->dry;
	uint32_t at = map != NULL ? map->sub : *sl_sub_head(t, tenant, addr);

	while (map == NULL && at != SL_NONE &&
		(t->sub[at].in_addr != addr || t->sub[at].tenant != tenant))
		at = t->sub[at].next;
	if (at == SL_NONE && t->free == SL_NONE && t->high >= t->max)
		return NULL;
	dry->has_sub = true;
	dry->sub_there = at != SL_NONE;
	dry->sub = (struct sl_sub){
		.in_addr = addr,
		.tenant = tenant,
		.paddr = SL_NONE,
		.tokens = UINT32_MAX,
		.filled = w->now,
		.blocks = SL_NONE,
	};
	if (dry->sub_there) {
		struct sl_sub sub = t->sub[at];

		take_all_ended(w, &sub, at);
		/* With the last of its mappings it would have gone. */
		if (sub.n_maps > 0 || sub.n_blocks > 0 || t->sub[at].n_maps == 0)
			dry->sub = sub;
	}
	dry->sub_before = dry->sub;
	return &dry->sub;
}

struct sl_map *
sl_dry_map(struct sl_worker *w, uint16_t tenant, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, rte_be32_t out_addr, rte_be16_t out_port)
{
	const struct sl_maps *t = &w->maps;

	if (t->free == SL_NONE && t->high >= t->max)
		return NULL;
	w->dry->has_map = true;
	w->dry->map = (struct sl_map){
		.in_addr = in_addr,
		.out_addr = out_addr,
		.in_port = in_port,
		.out_port = out_port,
		.tenant = (uint8_t)tenant,
		.proto = proto,
		.next_in = SL_NONE,
		.next_out = SL_NONE,
		.flows = SL_NONE,
	};
	return &w->dry->map;
}

bool
sl_dry_map_lives(struct sl_worker *w, const struct sl_map *map, unsigned int most)
{
	uint32_t at = map->flows;
	unsigned int n = 0;

	while (n < most && at != SL_NONE) {
		const struct sl_flow *f = &w->flows.flow[at];

		if (w->now - f->last < w->snap->timeout[f->timeout])
			break;
		at = w->flows.link[at].next;
		n++;
	}
	w->dry->ended_map = (uint32_t)(map - w->maps.map);
	w->dry->ended = n;
	return at != SL_NONE || ((map->flags & SL_MAP_HELD) && sl_held_holds(w, map));
}
