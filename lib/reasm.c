/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Full reassembly of IPv4 and IPv6 datagrams, for packets that someone needs whole: a helper
 * that reads the payload, or the translation between the two versions. All else goes through
 * virtual reassembly (defrag.c) and keeps its fragments.
 *
 * The fragments of a datagram lie in its table entry, ordered by offset, until none is missing;
 * then they become one packet, no byte is copied. An exact duplicate is dropped by itself
 * (RFC 8200 section 4.5 allows it; networks do duplicate). Everything else that cannot be true
 * ends the datagram: overlaps (RFC 5722 section 4; for IPv4 the same reasons hold), a second
 * end, lengths that no sender makes. A dead datagram stays known until its time is over, so
 * that what follows is dropped too. After a complete one nothing is remembered: the next with
 * its id is another.
 *
 * An atomic IPv6 fragment never meets others of its id (RFC 6946 section 4). Of the headers
 * only those of the first fragment count (RFC 8200 section 4.5), but for DF, which any one may
 * set, and ECN (RFC 3168 section 5.3): CE in one is CE in the whole, unless another says that
 * the transport cannot do ECN; then the datagram is dropped.
 *
 * Memory is taken at the start, and held packets are counted by the size of their buffers:
 * tiny fragments cost as much as large ones. A full table, or full buffers, give up the oldest
 * datagram. A source (of IPv6 its /64) has an eighth of both at most, counted by two hashes;
 * only who is at the cap in both is refused, so that a flood takes hardly anybody with it.
 * Every step costs a bounded time: a chain of the keyed hash, 64 places of one datagram, and
 * the packets that are freed, each of which was paid for when it came.
 *
 * One worker calls everything here.
 */
#include "reasm.h"

#include <errno.h>

#include <rte_malloc.h>

#include "flow.h"

#define SHARE 8 /* of the whole that one source may have, its inverse */
#define NOT_ECT 0
#define CE 3

int
sl_reasm_init(struct sl_reasm *t, uint32_t max, uint32_t bytes, uint32_t timeout, int socket,
	const struct sl_seed *seed)
{
	uint32_t heads = rte_align32pow2(max);

	if (max == 0 || max > 1 << 20 || bytes == 0)
		return -EINVAL;
	memset(t, 0, sizeof(*t));
	t->timeout = timeout;
	t->max_bytes = bytes;
	t->each = RTE_MAX(max / SHARE, 1u);
	t->each_bytes = bytes / SHARE;
	t->mask = heads - 1;
	t->seed = *seed;
	t->datagram = rte_zmalloc_socket("sluice reasm", sizeof(*t->datagram) * max, 64, socket);
	t->head = rte_malloc_socket("sluice reasm heads", sizeof(*t->head) * heads, 64, socket);
	t->source = rte_zmalloc_socket(
		"sluice reasm sources", sizeof(*t->source) * 2 * SL_REASM_SOURCES, 64, socket);
	if (t->datagram == NULL || t->head == NULL || t->source == NULL) {
		sl_reasm_fini(t);
		return -ENOMEM;
	}
	memset(t->head, 0xff, sizeof(*t->head) * heads);
	for (uint32_t i = 0; i < max; i++)
		t->datagram[i].next = i + 1 < max ? i + 1 : SL_NONE;
	t->oldest = t->newest = SL_NONE;
	return 0;
}

/* ---- who holds how much ---- */

static struct sl_reasm_source *
source(const struct sl_reasm *t, const struct sl_piece_key *key, unsigned int row)
{
	uint64_t addr; /* of IPv6, its network */
	uint32_t h;

	memcpy(&addr, key->src, sizeof(addr));
	h = sl_hash128(addr, (uint64_t)key->realm << 16 | key->version << 8 | row, &t->seed);
	return &t->source[row * SL_REASM_SOURCES + h % SL_REASM_SOURCES];
}

static void
count_source(struct sl_reasm *t, const struct sl_piece_key *key, int datagrams, uint32_t bytes)
{
	for (unsigned int row = 0; row < 2; row++) {
		struct sl_reasm_source *s = source(t, key, row);

		s->datagrams += (uint32_t)datagrams;
		s->bytes += bytes;
	}
}

/* ---- the table ---- */

/* What a datagram holds is held no more: it goes on, or it is freed. */
static void
unhold(struct sl_reasm *t, struct sl_reasm_datagram *g)
{
	count_source(t, &g->key, 0, -g->bytes);
	t->bytes -= g->bytes;
	t->n_held -= g->n;
	g->bytes = 0;
}

static void
drop_parts(struct sl_reasm *t, struct sl_reasm_datagram *g, enum sl_reasm_result why)
{
	for (unsigned int i = 0; i < g->n; i++)
		rte_pktmbuf_free(g->part[i].m);
	t->count[why] += g->n;
	unhold(t, g);
	g->n = 0;
}

static void
forget(struct sl_reasm *t, struct sl_reasm_datagram *g, enum sl_reasm_result why)
{
	uint32_t i = (uint32_t)(g - t->datagram), *p = &t->head[g->hash & t->mask];

	drop_parts(t, g, why);
	while (*p != i)
		p = &t->datagram[*p].next;
	*p = g->next;
	*(g->older != SL_NONE ? &t->datagram[g->older].newer : &t->oldest) = g->newer;
	*(g->newer != SL_NONE ? &t->datagram[g->newer].older : &t->newest) = g->older;
	count_source(t, &g->key, -1, 0);
	g->next = t->free;
	t->free = i;
	t->n--;
}

void
sl_reasm_fini(struct sl_reasm *t)
{
	while (t->datagram != NULL && t->n > 0)
		forget(t, &t->datagram[t->oldest], SL_REASM_EVICTED);
	rte_free(t->datagram);
	rte_free(t->head);
	rte_free(t->source);
	t->datagram = NULL;
	t->head = NULL;
	t->source = NULL;
}

static bool
expired(const struct sl_reasm *t, const struct sl_reasm_datagram *g, uint32_t now)
{
	return now - g->born >= t->timeout;
}

static uint32_t
hash(const struct sl_reasm *t, const struct sl_piece_key *key)
{
	uint64_t w[5], ends;

	memcpy(w, key, sizeof(w));
	ends = (uint64_t)sl_hash128(w[0], w[1], &t->seed) << 32 | sl_hash128(w[2], w[3], &t->seed);
	return sl_hash128(ends, w[4], &t->seed);
}

static struct sl_reasm_datagram *
find(const struct sl_reasm *t, const struct sl_piece_key *key, uint32_t h)
{
	for (uint32_t i = t->head[h & t->mask]; i != SL_NONE; i = t->datagram[i].next) {
		struct sl_reasm_datagram *g = &t->datagram[i];

		if (g->hash == h && memcmp(&g->key, key, sizeof(*key)) == 0)
			return g;
	}
	return NULL;
}

static struct sl_reasm_datagram *
begin(struct sl_reasm *t, const struct sl_piece_key *key, uint32_t h, uint32_t now)
{
	struct sl_reasm_datagram *g;
	uint32_t i;

	if (source(t, key, 0)->datagrams >= t->each && source(t, key, 1)->datagrams >= t->each)
		return NULL;
	if (t->free == SL_NONE) {
		g = &t->datagram[t->oldest];
		forget(t, g, expired(t, g, now) ? SL_REASM_TIMEOUT : SL_REASM_EVICTED);
	}
	i = t->free;
	g = &t->datagram[i];
	t->free = g->next;
	memset(g, 0, offsetof(struct sl_reasm_datagram, part));
	g->key = *key;
	g->hash = h;
	g->born = now;
	g->next = t->head[h & t->mask];
	t->head[h & t->mask] = i;
	g->older = t->newest;
	g->newer = SL_NONE;
	*(t->newest != SL_NONE ? &t->datagram[t->newest].newer : &t->oldest) = i;
	t->newest = i;
	count_source(t, key, 1, 0);
	t->n++;
	return g;
}

/* ---- a fragment among the others ---- */

/* Where a fragment belongs; SL_REASM_HELD when it fits there. */
static enum sl_reasm_result
place(const struct sl_reasm_datagram *g, const struct sl_piece *p, uint32_t segs, unsigned int *at)
{
	bool first = p->off != 0 && g->n > 0 && g->part[0].off == 0; /* is here already */
	uint32_t base = first ? g->first.base : p->head.base;
	unsigned int i = g->n;

	if (p->end == p->off)
		return SL_REASM_EMPTY;
	if (p->more && (p->end - p->off) % 8 != 0)
		return SL_REASM_ODD;
	if (base + RTE_MAX(g->top, p->end) > UINT16_MAX)
		return SL_REASM_LONG;
	while (i > 0 && g->part[i - 1].off >= p->off)
		i--;
	*at = i;
	if (i < g->n && g->part[i].off == p->off && g->part[i].end == p->end)
		return p->more == (g->total != p->end) ? SL_REASM_DUPLICATE : SL_REASM_LAST;
	if ((i < g->n && g->part[i].off < p->end) || (i > 0 && g->part[i - 1].end > p->off))
		return SL_REASM_OVERLAP;
	if ((!p->more && g->top > p->end) || (g->total != 0 && p->end > g->total))
		return SL_REASM_LAST;
	if (g->n == SL_REASM_PIECES || g->segs + segs > RTE_MBUF_MAX_NB_SEGS)
		return SL_REASM_MANY;
	return SL_REASM_HELD;
}

static void
insert(struct sl_reasm_datagram *g, struct rte_mbuf *m, const struct sl_piece *p, unsigned int at)
{
	memmove(&g->part[at + 1], &g->part[at], sizeof(g->part[0]) * (g->n - at));
	g->part[at].m = m;
	g->part[at].off = (uint16_t)p->off;
	g->part[at].end = (uint16_t)p->end;
	g->part[at].skip = p->head.len;
	g->n++;
	if (p->off == 0)
		g->first = p->head;
	if (!p->more)
		g->total = p->end;
	g->top = RTE_MAX(g->top, p->end);
	g->seen += p->end - p->off;
	g->segs += m->nb_segs;
	g->largest = RTE_MAX(g->largest, p->size);
	g->df = g->df || p->df;
	g->ecn |= (uint8_t)(1 << p->ecn);
}

static enum sl_reasm_result
kill_whole(struct sl_reasm *t, struct sl_reasm_datagram *g, enum sl_reasm_result why)
{
	g->dead = true;
	drop_parts(t, g, why);
	return why;
}

/* Keep a fragment; the oldest datagrams make room, if need be this one. */
static enum sl_reasm_result
hold(struct sl_reasm *t, struct sl_reasm_datagram *g, struct rte_mbuf *m, const struct sl_piece *p,
	unsigned int at)
{
	uint32_t bytes = 0;

	for (const struct rte_mbuf *s = m; s != NULL; s = s->next)
		bytes += s->buf_len;
	if (source(t, &p->key, 0)->bytes + bytes > t->each_bytes &&
		source(t, &p->key, 1)->bytes + bytes > t->each_bytes)
		return kill_whole(t, g, SL_REASM_CAPPED);
	while (t->bytes + bytes > t->max_bytes) {
		struct sl_reasm_datagram *old = &t->datagram[t->oldest];

		if (old == g)
			return kill_whole(t, g, SL_REASM_CROWDED);
		forget(t, old, SL_REASM_EVICTED);
	}
	insert(g, m, p, at);
	g->bytes += bytes;
	t->bytes += bytes;
	t->n_held++;
	count_source(t, &p->key, 0, bytes);
	return SL_REASM_HELD;
}

/* The missing piece is here: all become one packet. */
static struct rte_mbuf *
join(struct sl_reasm *t, struct sl_reasm_datagram *g, struct rte_mbuf *m, const struct sl_piece *p,
	unsigned int at, struct sl_reasm_out *out)
{
	struct rte_mbuf *whole, *last;

	unhold(t, g);
	insert(g, m, p, at);
	whole = g->part[0].m;
	last = rte_pktmbuf_lastseg(whole);
	for (unsigned int i = 1; i < g->n; i++) {
		struct rte_mbuf *next = sl_piece_cut(g->part[i].m, 0, g->part[i].skip);

		whole->nb_segs = (uint16_t)(whole->nb_segs + next->nb_segs);
		whole->pkt_len += next->pkt_len;
		last->next = next;
		last = rte_pktmbuf_lastseg(next);
		next->pkt_len = next->data_len; /* means something in the head only */
	}
	sl_piece_whole(whole, &g->first, g->total, g->df, g->ecn >> CE);
	out->fragments = g->n;
	out->largest = g->largest;
	g->n = 0;
	forget(t, g, SL_REASM_WHOLE);
	return whole;
}

/* A fragment of a datagram that lives: kept or refused, or SL_REASM_WHOLE when none is missing. */
static enum sl_reasm_result
take(struct sl_reasm *t, struct sl_reasm_datagram *g, struct rte_mbuf *m, const struct sl_piece *p,
	unsigned int *at)
{
	uint8_t ecn = g->ecn | (uint8_t)(1 << p->ecn);
	enum sl_reasm_result r = place(g, p, m->nb_segs, at);

	if (r == SL_REASM_DUPLICATE)
		return r;
	if (r != SL_REASM_HELD)
		return kill_whole(t, g, r);
	if (p->cut_short)
		return kill_whole(t, g, SL_REASM_HEADERS);
	if ((ecn >> CE & 1) && (ecn >> NOT_ECT & 1))
		return kill_whole(t, g, SL_REASM_ECN);
	if (g->seen + p->end - p->off == (p->more ? g->total : p->end))
		return SL_REASM_WHOLE;
	return hold(t, g, m, p, *at);
}

static struct sl_reasm_datagram *
find_or_begin(struct sl_reasm *t, const struct sl_piece_key *key, uint32_t now)
{
	uint32_t h = hash(t, key);
	struct sl_reasm_datagram *g = find(t, key, h);

	if (g != NULL && expired(t, g, now)) {
		forget(t, g, SL_REASM_TIMEOUT);
		g = NULL;
	}
	return g != NULL ? g : begin(t, key, h, now);
}

struct rte_mbuf *
sl_reasm_add(struct sl_reasm *t, struct rte_mbuf *m, uint16_t l3, uint16_t realm, uint32_t now,
	struct sl_reasm_out *out)
{
	struct sl_piece p;
	enum sl_piece_kind kind = sl_piece_read(m, l3, &p);
	struct sl_reasm_datagram *g;
	unsigned int at = 0;

	*out = (struct sl_reasm_out){ SL_REASM_BAD, p.key.id, p.size, 1 };
	if (kind == SL_PIECE_NONE) {
		out->result = SL_REASM_NONE;
		return m;
	}
	if (kind != SL_PIECE_BAD && m->pkt_len > l3 + p.size)
		sl_piece_cut(m, l3 + p.size, m->pkt_len - l3 - p.size);
	if (kind == SL_PIECE_ATOMIC) {
		sl_piece_whole(m, &p.head, p.end, false, false);
		out->result = SL_REASM_ATOMIC;
		return m;
	}
	if (kind == SL_PIECE_FRAGMENT) {
		p.key.realm = realm;
		g = find_or_begin(t, &p.key, now);
		out->result = g == NULL ? SL_REASM_SOURCE
			      : g->dead ? SL_REASM_DEAD
					: take(t, g, m, &p, &at);
		if (out->result == SL_REASM_WHOLE)
			return join(t, g, m, &p, at, out);
	}
	t->count[out->result]++;
	if (out->result != SL_REASM_HELD)
		rte_pktmbuf_free(m);
	return NULL;
}

bool
sl_reasm_knows(const struct sl_reasm *t, const struct rte_mbuf *m, uint16_t l3, uint16_t realm)
{
	struct sl_piece p;

	if (sl_piece_read(m, l3, &p) != SL_PIECE_FRAGMENT)
		return false;
	p.key.realm = realm;
	return find(t, &p.key, hash(t, &p.key)) != NULL;
}

unsigned int
sl_reasm_age(struct sl_reasm *t, uint32_t now, unsigned int budget, struct sl_reasm_first *first,
	unsigned int n_first)
{
	unsigned int n = 0;

	for (; budget > 0 && t->oldest != SL_NONE; budget--) {
		struct sl_reasm_datagram *g = &t->datagram[t->oldest];

		if (!expired(t, g, now))
			break;
		if (n < n_first && g->n > 0 && g->part[0].off == 0) {
			first[n++] =
				(struct sl_reasm_first){ g->part[0].m, g->first.l3, g->key.realm };
			g->part[0].m = NULL;
		}
		forget(t, g, SL_REASM_TIMEOUT);
	}
	return n;
}

void
sl_reasm_collect(struct sl_reasm *t, uint64_t *counter)
{
	static const enum sl_counter name[SL_REASM_RESULTS] = {
		[SL_REASM_HELD] = SL_COUNTER_FRAGMENTS_HELD,
		[SL_REASM_DUPLICATE] = SL_COUNTER_DROP_FRAGMENT_DUPLICATE,
		[SL_REASM_OVERLAP] = SL_COUNTER_DROP_FRAGMENT_OVERLAP,
		[SL_REASM_EMPTY] = SL_COUNTER_DROP_FRAGMENT_BAD,
		[SL_REASM_ODD] = SL_COUNTER_DROP_FRAGMENT_BAD,
		[SL_REASM_LONG] = SL_COUNTER_DROP_FRAGMENT_BAD,
		[SL_REASM_LAST] = SL_COUNTER_DROP_FRAGMENT_BAD,
		[SL_REASM_MANY] = SL_COUNTER_DROP_FRAGMENT_BAD,
		[SL_REASM_HEADERS] = SL_COUNTER_DROP_FRAGMENT_BAD,
		[SL_REASM_ECN] = SL_COUNTER_DROP_FRAGMENT_BAD,
		[SL_REASM_CAPPED] = SL_COUNTER_DROP_FRAGMENT_SOURCE,
		[SL_REASM_CROWDED] = SL_COUNTER_DROP_FRAGMENT_EVICTED,
		[SL_REASM_DEAD] = SL_COUNTER_DROP_FRAGMENT_BAD,
		[SL_REASM_BAD] = SL_COUNTER_DROP_FRAGMENT_BAD,
		[SL_REASM_SOURCE] = SL_COUNTER_DROP_FRAGMENT_SOURCE,
		[SL_REASM_EVICTED] = SL_COUNTER_DROP_FRAGMENT_EVICTED,
		[SL_REASM_TIMEOUT] = SL_COUNTER_DROP_FRAGMENT_TIMEOUT,
	};

	for (unsigned int r = SL_REASM_HELD; r < SL_REASM_RESULTS; r++) {
		counter[name[r]] += t->count[r];
		t->count[r] = 0;
	}
}
