/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Virtual reassembly of IPv4 fragments: a later fragment has no ports, so it must learn
 * them from the first one. Fragments are translated one by one and keep their sizes; only
 * those that come before the first one wait.
 *
 * All fragments of a datagram meet at one worker, its home (a keyed hash of source,
 * destination, id and protocol), which finds out the ports and hands each fragment, with
 * them in its note, to the worker that owns the flow. The owner never waits.
 *
 * A datagram dies whole when two of its fragments overlap (RFC 5722 section 4 for IPv6; the
 * same reasons hold here), when it claims to go past 65535 bytes, when its last fragment
 * contradicts another, when its first does not hold the transport header (RFC 1858), or
 * when it is in too many pieces. An exact duplicate is only dropped. What dies stays known
 * until its time is over, so that what follows is dropped too.
 *
 * Memory: a fixed table, the oldest goes first when it is full; so many held fragments, the
 * oldest go first; so many datagrams by source, new ones are refused. A flood evicts its own
 * kind long before a legal datagram's fragments, which come within moments, are parted.
 * Translated fragments carry an id of our choice (RFC 6864 section 5.3): subscribers that
 * share an outside address would else collide at the receiver.
 */
#include <errno.h>

#include <rte_malloc.h>

#include "defrag.h"
#include "parse.h"
#include "state.h"

enum {
	WAITING, /* first fragment not seen */
	KNOWN,
	DEAD,
};

int
sl_defrag_init(struct sl_defrag *d, int socket, const struct sl_seed *seed)
{
	d->seed = *seed;
	d->datagram = rte_zmalloc_socket(
		"sluice defrag", sizeof(*d->datagram) * SL_DATAGRAMS, 64, socket);
	if (d->datagram == NULL)
		return -ENOMEM;
	memset(d->head, 0xff, sizeof(d->head));
	for (uint32_t i = 0; i < SL_DATAGRAMS; i++)
		d->datagram[i].next = i + 1 < SL_DATAGRAMS ? i + 1 : SL_NONE;
	d->free = 0;
	d->oldest = d->newest = SL_NONE;
	return 0;
}

void
sl_defrag_fini(struct sl_defrag *d)
{
	for (uint32_t i = 0; d->datagram != NULL && i < SL_DATAGRAMS; i++)
		for (unsigned int k = 0; k < d->datagram[i].n_held; k++)
			rte_pktmbuf_free(d->datagram[i].held[k]);
	rte_free(d->datagram);
	d->datagram = NULL;
}

static uint32_t
hash(const struct sl_seed *seed, rte_be32_t src, rte_be32_t dst, rte_be16_t id, uint8_t proto,
	uint16_t realm)
{
	return sl_hash128((uint64_t)src << 32 | dst,
		(uint64_t)realm << 32 | (uint64_t)proto << 16 | id, seed);
}

static uint16_t
realm(const struct sl_pkt *p)
{
	return p->side == SL_INSIDE ? (uint16_t)(p->tenant + 1) : 0;
}

unsigned int
sl_defrag_home(const struct sl_worker *w, const struct rte_mbuf *m, const struct sl_pkt *p)
{
	const struct rte_ipv4_hdr *ip =
		rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, p->l3);

	return sl_reduce(hash(&w->nat->home_seed, ip->src_addr, ip->dst_addr, ip->packet_id,
				 ip->next_proto_id, realm(p)),
		w->nat->n_workers);
}

static uint16_t *
source_count(struct sl_defrag *d, rte_be32_t src, int which)
{
	return &d->source[which]
			 [sl_hash128(src, (uint64_t)which, &d->seed) % RTE_DIM(d->source[0])];
}

static void
count_source(struct sl_defrag *d, rte_be32_t src, int change)
{
	for (int i = 0; i < 2; i++) {
		uint16_t *n = source_count(d, src, i);

		*n = (uint16_t)(*n + change);
	}
}

static void
set_gauge(struct sl_worker *w)
{
	w->counter[SL_COUNTER_FRAGMENTS_HELD_NOW] = w->defrag.n_held + w->reasm.n_held;
}

/* Give up what waits in a datagram. */
static void
drop_held(struct sl_worker *w, struct sl_datagram *g, enum sl_counter why)
{
	if (g->n_held == 0)
		return;
	sl_count(w, why, g->n_held);
	rte_pktmbuf_free_bulk(g->held, g->n_held);
	w->defrag.n_held -= g->n_held;
	g->n_held = 0;
	set_gauge(w);
}

static void
forget(struct sl_worker *w, struct sl_datagram *g, enum sl_counter why)
{
	struct sl_defrag *d = &w->defrag;
	uint32_t i = (uint32_t)(g - d->datagram), *p;

	drop_held(w, g, why);
	p = &d->head[hash(&d->seed, g->src, g->dst, g->id, g->proto, g->realm) % SL_DATAGRAMS];
	while (*p != i)
		p = &d->datagram[*p].next;
	*p = g->next;
	*(g->older != SL_NONE ? &d->datagram[g->older].newer : &d->oldest) = g->newer;
	*(g->newer != SL_NONE ? &d->datagram[g->newer].older : &d->newest) = g->older;
	count_source(d, g->src, -1);
	g->proto = 0;
	g->next = d->free;
	d->free = i;
}

static struct sl_datagram *
find(struct sl_defrag *d, const struct rte_ipv4_hdr *ip, uint16_t in)
{
	uint32_t i = d->head[hash(&d->seed, ip->src_addr, ip->dst_addr, ip->packet_id,
				     ip->next_proto_id, in) %
			     SL_DATAGRAMS];

	while (i != SL_NONE) {
		struct sl_datagram *g = &d->datagram[i];

		if (g->src == ip->src_addr && g->dst == ip->dst_addr && g->id == ip->packet_id &&
			g->proto == ip->next_proto_id && g->realm == in)
			return g;
		i = g->next;
	}
	return NULL;
}

static struct sl_datagram *
begin(struct sl_worker *w, const struct rte_ipv4_hdr *ip, uint16_t in)
{
	struct sl_defrag *d = &w->defrag;
	struct sl_datagram *g;
	uint32_t i, *head;

	if (*source_count(d, ip->src_addr, 0) >= SL_DATAGRAMS_EACH &&
		*source_count(d, ip->src_addr, 1) >= SL_DATAGRAMS_EACH)
		return NULL;
	if (d->free == SL_NONE)
		forget(w, &d->datagram[d->oldest], SL_COUNTER_DROP_FRAGMENT_EVICTED);
	i = d->free;
	g = &d->datagram[i];
	d->free = g->next;
	memset(g, 0, offsetof(struct sl_datagram, part));
	g->src = ip->src_addr;
	g->dst = ip->dst_addr;
	g->id = ip->packet_id;
	g->proto = ip->next_proto_id;
	g->realm = in;
	g->until = w->now + w->snap->timeout[SL_TIMEOUT_FRAGMENT];
	head = &d->head[hash(&d->seed, g->src, g->dst, g->id, g->proto, in) % SL_DATAGRAMS];
	g->next = *head;
	*head = i;
	g->older = d->newest;
	g->newer = SL_NONE;
	*(d->newest != SL_NONE ? &d->datagram[d->newest].newer : &d->oldest) = i;
	d->newest = i;
	count_source(d, ip->src_addr, 1);
	return g;
}

static enum sl_verdict
kill_whole(struct sl_worker *w, struct sl_datagram *g, enum sl_counter why)
{
	g->state = DEAD;
	drop_held(w, g, why);
	return sl_drop(w, why);
}

/* Enter a fragment's place in its datagram; SL_GO when it fits. */
static enum sl_verdict
place(struct sl_worker *w, struct sl_datagram *g, uint32_t off, uint32_t len, bool more)
{
	uint32_t end = off + len;

	if (len == 0 || (more && len % 8 != 0) || end > UINT16_MAX - sizeof(struct rte_ipv4_hdr))
		return kill_whole(w, g, SL_COUNTER_DROP_FRAGMENT_BAD);
	for (unsigned int i = 0; i < g->n_parts; i++) {
		if (g->part[i].off == off && g->part[i].end == end)
			return sl_drop(w, SL_COUNTER_DROP_FRAGMENT_DUPLICATE);
		if (off < g->part[i].end && g->part[i].off < end)
			return kill_whole(w, g, SL_COUNTER_DROP_FRAGMENT_OVERLAP);
		if (!more && g->part[i].end > end)
			return kill_whole(w, g, SL_COUNTER_DROP_FRAGMENT_BAD);
	}
	if (g->total != 0 && (!more || end > g->total))
		return kill_whole(w, g, SL_COUNTER_DROP_FRAGMENT_BAD);
	if (g->n_parts == SL_FRAGMENTS_EACH)
		return kill_whole(w, g, SL_COUNTER_DROP_FRAGMENT_BAD);
	if (!more)
		g->total = end;
	g->seen += len;
	g->part[g->n_parts].off = (uint16_t)off;
	g->part[g->n_parts++].end = (uint16_t)end;
	return SL_GO;
}

/* What the datagram is part of, into a fragment's notes. */
static void
tell(const struct sl_datagram *g, struct sl_pkt *p)
{
	p->key.sport = g->sport;
	p->key.dport = g->dport;
	p->frag_id = g->new_id;
	p->flags |= SL_PKT_KNOWN | g->flags;
}

/* The first fragment is here: those that waited are run after it. */
static void
release(struct sl_worker *w, struct sl_datagram *g, const struct sl_pkt *p)
{
	for (unsigned int i = 0; i < g->n_held; i++) {
		struct rte_mbuf *m = g->held[i];
		struct sl_note *note = sl_note(m);

		*note = (struct sl_note){
			.side = p->side,
			.flags = (p->flags & SL_PKT_HAIRPIN) | SL_PKT_KNOWN | g->flags |
				 (sl_stand_is(g->src) ? SL_PKT_SIX : 0),
			.sport = g->sport,
			.dport = g->dport,
			.frag_id = g->new_id,
		};
		w->released[w->n_released++] = m;
	}
	w->defrag.n_held -= g->n_held;
	g->n_held = 0;
	set_gauge(w);
}

static enum sl_verdict
take_first(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p, struct sl_datagram *g)
{
	enum sl_verdict v = sl_pkt_parse_first(w, m, p);

	if (v != SL_GO) {
		g->state = DEAD;
		drop_held(w, g, SL_COUNTER_DROP_FRAGMENT_BAD);
		return v;
	}
	g->state = KNOWN;
	g->sport = p->key.sport;
	g->dport = p->key.dport;
	g->flags = p->flags & SL_PKT_OTHER;
	g->new_id = (uint16_t)sl_worker_random(w);
	tell(g, p);
	if (w->n_released + g->n_held > RTE_DIM(w->released))
		drop_held(w, g, SL_COUNTER_DROP_FRAGMENT_EVICTED);
	release(w, g, p);
	return SL_GO;
}

static enum sl_verdict
wait_for_first(struct sl_worker *w, struct rte_mbuf *m, struct sl_datagram *g)
{
	struct sl_defrag *d = &w->defrag;

	/* Oldest out first; the newest, this one, is never the oldest that holds something. */
	for (uint32_t i = d->oldest; d->n_held >= SL_FRAGMENTS_HELD && i != SL_NONE;) {
		struct sl_datagram *old = &d->datagram[i];

		i = old->newer;
		if (old == g)
			return sl_drop(w, SL_COUNTER_DROP_FRAGMENT_EVICTED);
		forget(w, old, SL_COUNTER_DROP_FRAGMENT_EVICTED);
	}
	g->held[g->n_held++] = m;
	d->n_held++;
	sl_count(w, SL_COUNTER_FRAGMENTS_HELD, 1);
	set_gauge(w);
	return SL_HELD;
}

enum sl_verdict
sl_defrag_take(struct sl_worker *w, struct rte_mbuf *m, struct sl_pkt *p)
{
	const struct rte_ipv4_hdr *ip = sl_pkt_ip(m, p);
	uint16_t field = rte_be_to_cpu_16(ip->fragment_offset);
	uint32_t off = (field & RTE_IPV4_HDR_OFFSET_MASK) * 8u, len = p->ip_len - (p->l4 - p->l3);
	struct sl_datagram *g = find(&w->defrag, ip, realm(p));
	enum sl_verdict v;

	if (g != NULL && (int32_t)(w->now - g->until) >= 0) {
		forget(w, g, SL_COUNTER_DROP_FRAGMENT_TIMEOUT);
		g = NULL;
	}
	if (g == NULL)
		g = begin(w, ip, realm(p));
	if (g == NULL)
		return sl_drop(w, SL_COUNTER_DROP_FRAGMENT_SOURCE);
	if (g->state == DEAD)
		return sl_drop(w, SL_COUNTER_DROP_FRAGMENT_BAD);
	v = place(w, g, off, len, field & RTE_IPV4_HDR_MF_FLAG);
	if (v != SL_GO)
		return v;
	if (off == 0)
		v = take_first(w, m, p, g);
	else if (g->state == KNOWN)
		tell(g, p);
	else
		v = wait_for_first(w, m, g);
	if (v == SL_GO && g->seen == g->total)
		forget(w, g, SL_COUNTER_DROP_FRAGMENT_EVICTED); /* complete: nothing is held */
	return v;
}

void
sl_defrag_age(struct sl_worker *w)
{
	struct sl_defrag *d = &w->defrag;

	for (int n = 0; n < 64 && d->oldest != SL_NONE; n++) {
		struct sl_datagram *g = &d->datagram[d->oldest];

		if ((int32_t)(w->now - g->until) < 0)
			return;
		forget(w, g, SL_COUNTER_DROP_FRAGMENT_TIMEOUT);
	}
}
