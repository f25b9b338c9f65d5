/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets that somebody wants to see. A worker has one pointer to look at for each burst; while
 * it is NULL that is all. When a watch is armed, a burst is walked: packets that do not fit its
 * filter go through the path in runs as ever, each one that fits goes alone. It is copied, the
 * path runs, and the worker's counters of before and after tell which stages it met and where it
 * ended; what is to leave now is copied as well. So the path itself knows nothing of watches.
 *
 * Order: a run of packets that do not fit goes before the one that does, so nothing overtakes.
 *
 * Copies lie in a ring of slots for each worker, one writer and one reader (control). All copies
 * of a packet are published at once. A ring that is full loses copies, which are counted; packets
 * never wait. Memory is taken when the watch is made, and bounded by who makes it.
 *
 * A worker takes the pointer once a call and forgets it before its next quiescent state; control
 * waits for that before it frees the watch.
 *
 * Limits: a packet that waits (for a neighbour, at control for a helper, for other fragments) is
 * told of when it came; when it leaves it is found again by the filter alone.
 */
#include <errno.h>

#include <rte_malloc.h>

#include "state.h"
#include "watching.h"

struct ring {
	/* w: worker, r: control */
	uint32_t head; /* release, acquire */
	uint32_t number; /* of packets seen */
	uint64_t lost; /* relaxed */
	/* w: control, r: worker */
	uint32_t tail __rte_cache_aligned; /* release, acquire */
	uint8_t *slots;
} __rte_cache_aligned;

struct sl_watch {
	struct sl_nat *nat;
	struct sl_watch_filter filter;
	uint32_t keep, size, mask; /* size: of a slot, bytes */
	uint64_t token; /* RCU, once disarmed */
	bool disarmed;
	unsigned int turn; /* worker whose ring is read */
	struct ring ring[SL_WORKERS_MAX];
};

struct sl_watch *
sl_watch_create(
	struct sl_nat *nat, const struct sl_watch_filter *filter, uint32_t keep, uint32_t slots)
{
	struct sl_watch *watch = rte_zmalloc("sluice watch", sizeof(*watch), RTE_CACHE_LINE_SIZE);

	if (watch == NULL)
		return NULL;
	watch->nat = nat;
	watch->filter = *filter;
	watch->keep = RTE_MIN(keep, (uint32_t)SL_WATCH_LONGEST);
	watch->size = (uint32_t)RTE_ALIGN(sizeof(struct sl_seen) + watch->keep, 8);
	watch->mask = slots - 1;
	for (unsigned int i = 0; i < nat->n_workers; i++) {
		watch->ring[i].slots = rte_malloc(
			"sluice watch", (size_t)watch->size * slots, RTE_CACHE_LINE_SIZE);
		if (watch->ring[i].slots == NULL) {
			sl_watch_destroy(watch);
			return NULL;
		}
	}
	return watch;
}

int
sl_watch_arm(struct sl_watch *watch)
{
	if (watch->nat->watch != NULL)
		return -EBUSY;
	__atomic_store_n(&watch->nat->watch, watch, __ATOMIC_RELEASE);
	return 0;
}

void
sl_watch_disarm(struct sl_watch *watch)
{
	if (watch->nat->watch != watch)
		return;
	__atomic_store_n(&watch->nat->watch, NULL, __ATOMIC_RELEASE);
	watch->token = rte_rcu_qsbr_start(watch->nat->qsbr);
	watch->disarmed = true;
}

bool
sl_watch_idle(struct sl_watch *watch)
{
	return watch->nat->watch != watch &&
	       (!watch->disarmed || rte_rcu_qsbr_check(watch->nat->qsbr, watch->token, false) == 1);
}

void
sl_watch_destroy(struct sl_watch *watch)
{
	if (watch == NULL)
		return;
	for (unsigned int i = 0; i < SL_WORKERS_MAX; i++)
		rte_free(watch->ring[i].slots);
	rte_free(watch);
}

/* ---- control takes ---- */

static struct sl_seen *
slot(const struct sl_watch *watch, const struct ring *r, uint32_t i)
{
	return (struct sl_seen *)(void *)(r->slots + (size_t)(i & watch->mask) * watch->size);
}

const struct sl_seen *
sl_watch_peek(struct sl_watch *watch)
{
	/* What belongs together is there together: it is read before another ring is. */
	for (unsigned int i = 0; i < watch->nat->n_workers; i++) {
		const struct ring *r = &watch->ring[watch->turn];

		if (__atomic_load_n(&r->head, __ATOMIC_ACQUIRE) != r->tail)
			return slot(watch, r, r->tail);
		watch->turn = (watch->turn + 1) % watch->nat->n_workers;
	}
	return NULL;
}

void
sl_watch_next(struct sl_watch *watch)
{
	struct ring *r = &watch->ring[watch->turn];

	__atomic_store_n(&r->tail, r->tail + 1, __ATOMIC_RELEASE);
}

uint64_t
sl_watch_lost(const struct sl_watch *watch)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < watch->nat->n_workers; i++)
		sum += __atomic_load_n(&watch->ring[i].lost, __ATOMIC_RELAXED);
	return sum;
}

/* ---- workers look ---- */

/* Slot number `at` from the head on; NULL when there is none left. */
static struct sl_seen *
room(const struct sl_watch *watch, struct ring *r, uint32_t at)
{
	if (r->head + at - __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE) > watch->mask) {
		__atomic_store_n(&r->lost, r->lost + 1, __ATOMIC_RELAXED);
		return NULL;
	}
	return slot(watch, r, r->head + at);
}

static void
publish(struct ring *r, uint32_t n)
{
	__atomic_store_n(&r->head, r->head + n, __ATOMIC_RELEASE);
}

static void
copy(const struct sl_worker *w, const struct sl_watch *watch, struct sl_seen *s,
	enum sl_seen_kind kind, enum sl_side side, const struct rte_mbuf *m)
{
	const void *data;

	memset(s, 0, sizeof(*s));
	s->kind = (uint8_t)kind;
	s->side = (uint8_t)side;
	s->worker = (uint16_t)w->id;
	s->when = w->now64;
	s->cycles = w->nat->cycles != NULL ? w->nat->cycles() : 0;
	s->verdict = SL_COUNTER_COUNT;
	s->len = m->pkt_len;
	s->kept = RTE_MIN(s->len, watch->keep);
	data = rte_pktmbuf_read(m, 0, s->kept, s->bytes);
	if (data != NULL && data != s->bytes)
		memcpy(s->bytes, data, s->kept);
	if (data == NULL)
		s->kept = 0;
}

/* Where a packet ended, by what it has moved; without any of these it is to leave. */
static bool
ends(unsigned int c)
{
	switch (c) {
	case SL_COUNTER_HANDOFF_OUT:
	case SL_COUNTER_PUNTED_ARP:
	case SL_COUNTER_PUNTED_ND:
	case SL_COUNTER_PUNTED_LOCAL:
	case SL_COUNTER_PUNTED_MULTICAST:
	case SL_COUNTER_PUNTED_HELPER:
	case SL_COUNTER_HELD:
	case SL_COUNTER_FRAGMENTS_HELD:
		return true;
	default:
		return sl_counter_is_drop((enum sl_counter)c);
	}
}

static bool
is_told(unsigned int c)
{
	switch (c) {
	case SL_COUNTER_HELD_NOW:
	case SL_COUNTER_FRAGMENTS_HELD_NOW:
	case SL_COUNTER_SESSIONS_NOW:
	case SL_COUNTER_MAPPINGS_NOW:
	case SL_COUNTER_SUBSCRIBERS_NOW:
	case SL_COUNTER_HOSTS6_NOW:
	case SL_COUNTER_TX_BYTES_INSIDE:
	case SL_COUNTER_TX_BYTES_OUTSIDE:
		return false;
	default:
		return true;
	}
}

/* What has moved since, and where the packet ended. */
static void
tell_moved(const struct sl_worker *w, struct sl_seen *s, const uint64_t *before)
{
	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++) {
		if (w->counter[c] == before[c])
			continue;
		if (ends(c) &&
			(s->verdict == SL_COUNTER_COUNT || sl_counter_is_drop((enum sl_counter)c)))
			s->verdict = (uint16_t)c;
		if (is_told(c) && s->n_moved < SL_WATCH_MOVED)
			s->moved[s->n_moved++] = (uint16_t)c;
	}
}

/* Copies of what is to leave since there were from[]; returns how many slots they have taken. */
static uint32_t
copy_left(struct sl_worker *w, const struct sl_watch *watch, struct ring *r, uint32_t at,
	struct sl_seen *came, const unsigned int from[2])
{
	uint32_t n = at;

	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		for (unsigned int i = from[side]; i < w->out->n[side]; i++) {
			struct sl_seen *s = room(watch, r, n);

			if (s == NULL) {
				came->cut_short = true;
				continue;
			}
			copy(w, watch, s, SL_SEEN_LEFT, (enum sl_side)side, w->out->m[side][i]);
			s->number = came->number;
			n++;
			if (came->verdict == SL_COUNTER_COUNT)
				came->verdict = side == SL_INSIDE ? SL_COUNTER_TX_INSIDE
								  : SL_COUNTER_TX_OUTSIDE;
		}
	return n;
}

/* One packet that fits, alone. */
static uint64_t
look_at(struct sl_worker *w, struct sl_watch *watch, sl_run_fn *run, enum sl_side side,
	uint16_t flags, struct rte_mbuf *m, uint16_t tenant, bool handed)
{
	unsigned int from[2] = { w->out->n[SL_INSIDE], w->out->n[SL_OUTSIDE] };
	struct ring *r = &watch->ring[w->id];
	struct sl_seen *s = room(watch, r, 0);
	uint64_t before[SL_COUNTER_COUNT], bytes;
	uint32_t n;

	if (s == NULL)
		return run(w, side, flags, &m, 1);
	copy(w, watch, s, SL_SEEN_CAME, side, m);
	s->tenant = tenant;
	s->handed = handed;
	s->number = r->number;
	memcpy(before, w->counter, sizeof(before));
	bytes = run(w, side, flags, &m, 1);
	tell_moved(w, s, before);
	if (watch->filter.dropped && (s->verdict == SL_COUNTER_COUNT ||
					     !sl_counter_is_drop((enum sl_counter)s->verdict)))
		return bytes;
	r->number++;
	n = copy_left(w, watch, r, 1, s, from);
	publish(r, n);
	return bytes;
}

uint64_t
sl_watch_run(struct sl_worker *w, struct sl_watch *watch, sl_run_fn *run, enum sl_side side,
	uint16_t flags, struct rte_mbuf **m, unsigned int n, bool handed)
{
	uint64_t bytes = 0;
	unsigned int from = 0;
	uint16_t tenant;

	for (unsigned int i = 0; i < n; i++) {
		if (!sl_watch_fits(w, &watch->filter, side, false,
			    rte_pktmbuf_mtod(m[i], const uint8_t *), m[i]->data_len, &tenant))
			continue;
		if (i > from)
			bytes += run(w, side, flags, m + from, i - from);
		from = i + 1;
		bytes += look_at(w, watch, run, side, flags, m[i], tenant, handed);
	}
	if (n > from)
		bytes += run(w, side, flags, m + from, n - from);
	return bytes;
}

/* One copy by itself. */
static void
put(struct sl_worker *w, struct sl_watch *watch, enum sl_seen_kind kind, enum sl_side side,
	const struct rte_mbuf *m, unsigned int verdict)
{
	struct ring *r = &watch->ring[w->id];
	struct sl_seen *s = room(watch, r, 0);

	if (s == NULL)
		return;
	copy(w, watch, s, kind, side, m);
	s->number = r->number++;
	s->verdict = (uint16_t)verdict;
	publish(r, 1);
}

void
sl_watch_later(struct sl_worker *w, struct sl_watch *watch, const unsigned int from[2])
{
	uint16_t tenant;

	if (watch->filter.dropped)
		return;
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		for (unsigned int i = from[side]; i < w->out->n[side]; i++) {
			const struct rte_mbuf *m = w->out->m[side][i];

			if (sl_watch_fits(w, &watch->filter, (enum sl_side)side, true,
				    rte_pktmbuf_mtod(m, const uint8_t *), m->data_len, &tenant))
				put(w, watch, SL_SEEN_LATER, (enum sl_side)side, m,
					side == SL_INSIDE ? SL_COUNTER_TX_INSIDE
							  : SL_COUNTER_TX_OUTSIDE);
		}
}

void
sl_watch_gone(struct sl_worker *w, const struct rte_mbuf *m, enum sl_side side, enum sl_counter why)
{
	struct sl_watch *watch = __atomic_load_n(&w->nat->watch, __ATOMIC_ACQUIRE);
	uint16_t tenant;

	if (watch != NULL && sl_watch_fits(w, &watch->filter, side, true,
				     rte_pktmbuf_mtod(m, const uint8_t *), m->data_len, &tenant))
		put(w, watch, SL_SEEN_GONE, side, m, why);
}
