/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two doors by which workers enter, sl_worker_receive() and sl_worker_poll(), and what is
 * done at each: the clock, packets of other workers and of control, hairpins, ageing.
 *
 * A worker reports a quiescent state at the start of each poll, when it holds no pointer
 * into anything that control frees.
 */
#include <rte_ring.h>

#include "age.h"
#include "handoff.h"
#include "helped.h"
#include "out.h"
#include "path.h"
#include "query.h"
#include "stage.h"
#include "state.h"
#include "watching.h"

void
sl_worker_online(struct sl_worker *w)
{
	rte_rcu_qsbr_thread_register(w->nat->qsbr, w->id);
	rte_rcu_qsbr_thread_online(w->nat->qsbr, w->id);
}

void
sl_worker_offline(struct sl_worker *w)
{
	rte_rcu_qsbr_thread_offline(w->nat->qsbr, w->id);
	rte_rcu_qsbr_thread_unregister(w->nat->qsbr, w->id);
}

/* What every call begins with; false before there is a configuration. */
static bool
begin(struct sl_worker *w, uint64_t now, struct sl_out *out)
{
	const struct sl_snap *s = __atomic_load_n(&w->nat->snap, __ATOMIC_ACQUIRE);

	w->out = out;
	w->now64 = now;
	w->now = (uint32_t)now;
	if (unlikely(s != w->snap)) {
		sl_hosts_retire(w, s);
		w->snap = s;
		w->recheck = w->flows.high;
	}
	return s != NULL;
}

/* Fragments that waited, after the first one of their datagram has gone. */
static void
run_released(struct sl_worker *w)
{
	struct rte_mbuf *m[RTE_DIM(w->released)];
	unsigned int n = w->n_released;

	memcpy(m, w->released, n * sizeof(m[0]));
	w->n_released = 0;
	for (unsigned int i = 0; i < n; i += SL_BURST_MAX / 2) {
		unsigned int k = RTE_MIN(n - i, (unsigned int)SL_BURST_MAX / 2);

		/* One side and one kind at a time; the notes say which. */
		for (unsigned int a = i, b = i + 1; a < i + k; b++) {
			const struct sl_note *note = sl_note(m[a]);

			if (b < i + k && sl_note(m[b])->side == note->side &&
				sl_note(m[b])->flags == note->flags)
				continue;
			sl_path_run(w, note->side, note->flags, m + a, b - a);
			a = b;
		}
	}
}

/* What turns round, and fragments that waited. Only hairpins turn, and they do it once. */
static void
run_again(struct sl_worker *w)
{
	struct rte_mbuf *again[SL_BURST_MAX];

	while (unlikely(w->n_again > 0 || w->n_released > 0)) {
		unsigned int n = w->n_again;

		if (w->n_released > 0) {
			run_released(w);
			continue;
		}
		memcpy(again, w->again, n * sizeof(again[0]));
		w->n_again = 0;
		sl_path_run(w, SL_OUTSIDE, SL_PKT_HAIRPIN, again, n);
	}
}

/* A burst through the path, and what turns round or was waiting for it; its bytes. */
static uint64_t
run_all(struct sl_worker *w, enum sl_side side, uint16_t flags, struct rte_mbuf **m, unsigned int n)
{
	uint64_t bytes = sl_path_run(w, side, flags, m, n);

	run_again(w);
	return bytes;
}

/* The same, and somebody may be watching. */
static uint64_t
run(struct sl_worker *w, enum sl_side side, uint16_t flags, struct rte_mbuf **m, unsigned int n,
	bool handed)
{
	struct sl_watch *watch = __atomic_load_n(&w->nat->watch, __ATOMIC_ACQUIRE);

	if (unlikely(watch != NULL))
		return sl_watch_run(w, watch, run_all, side, flags, m, n, handed);
	return run_all(w, side, flags, m, n);
}

void
sl_worker_receive(struct sl_worker *w, enum sl_side side, struct rte_mbuf **m, unsigned int n,
	uint64_t now, struct sl_out *out)
{
	uint64_t bytes = 0;

	sl_count(w, side == SL_INSIDE ? SL_COUNTER_RX_INSIDE : SL_COUNTER_RX_OUTSIDE, n);
	if (likely(begin(w, now, out))) {
		bytes = run(w, side, 0, m, n, false);
	} else {
		for (unsigned int i = 0; i < n; i++)
			bytes += m[i]->pkt_len;
		sl_count(w, SL_COUNTER_DROP_UNCONFIGURED, n);
		rte_pktmbuf_free_bulk(m, n);
	}
	sl_count(w, side == SL_INSIDE ? SL_COUNTER_RX_BYTES_INSIDE : SL_COUNTER_RX_BYTES_OUTSIDE,
		bytes);
}

static enum sl_side
handed_side(const struct sl_handed *h)
{
	return h->usual ? (enum sl_side)h->key.side : (enum sl_side)sl_note(h->m)->side;
}

static uint16_t
handed_flags(const struct sl_handed *h)
{
	return h->usual ? 0 : sl_note(h->m)->flags;
}

/* Is all that was parsed still true? */
static inline bool
known(const struct sl_worker *w, const struct sl_handed *h)
{
	return h->usual && h->serial == w->snap->serial;
}

/* Are two packets of one kind, so that they can go together? */
static bool
alike(const struct sl_worker *w, const struct sl_handed *a, const struct sl_handed *b)
{
	if (known(w, a) || known(w, b))
		return known(w, a) && known(w, b);
	return handed_side(a) == handed_side(b) && handed_flags(a) == handed_flags(b);
}

/* Handed-over packets of one kind. */
static void
run_handed(struct sl_worker *w, const struct sl_handed *h, unsigned int n)
{
	struct rte_mbuf *m[SL_BURST_MAX];

	if (likely(known(w, h) && __atomic_load_n(&w->nat->watch, __ATOMIC_ACQUIRE) == NULL)) {
		sl_path_run_handed(w, h, n);
		run_again(w);
		return;
	}
	for (unsigned int i = 0; i < n; i++)
		m[i] = h[i].m;
	run(w, handed_side(h), handed_flags(h), m, n, true);
}

/* Handed-over packets that lie side by side in a ring, in runs of the same kind. */
static void
run_handed_all(struct sl_worker *w, const struct sl_handed *h, unsigned int n)
{
	unsigned int from = 0;

	for (unsigned int i = 1; i <= n; i++) {
		if (i < n && alike(w, &h[i], &h[from]))
			continue;
		run_handed(w, &h[from], i - from);
		from = i;
	}
}

static unsigned int
take_handoffs(struct sl_worker *w)
{
	struct rte_ring_zc_data in;
	unsigned int done = 0;

	for (unsigned int k = 0; k < w->nat->n_workers; k++) {
		unsigned int n;

		if (k == w->id)
			continue;
		n = rte_ring_dequeue_zc_burst_elem_start(
			w->from[k], sizeof(struct sl_handed), SL_BURST_MAX / 2, &in, NULL);
		if (n == 0)
			continue;
		sl_count(w, SL_COUNTER_HANDOFF_IN, n);
		done += n;
		run_handed_all(w, in.ptr1, in.n1);
		if (unlikely(n > in.n1))
			run_handed_all(w, in.ptr2, n - in.n1);
		rte_ring_dequeue_zc_elem_finish(w->from[k], n);
	}
	return done;
}

static unsigned int
take_injected(struct sl_worker *w)
{
	struct rte_mbuf *m[SL_BURST_MAX / 2];
	unsigned int n = rte_ring_sc_dequeue_burst(w->inject, (void **)m, RTE_DIM(m), NULL);

	sl_count(w, SL_COUNTER_INJECTED, n);
	for (unsigned int i = 0; i < n; i++) {
		if (sl_note(m[i])->cause == SL_PUNT_HELPER)
			sl_helped_return(w, m[i]);
		else
			sl_out_frame(w, sl_note(m[i])->side, m[i]);
	}
	run_again(w);
	return n;
}

unsigned int
sl_worker_poll(struct sl_worker *w, uint64_t now, struct sl_out *out)
{
	struct sl_watch *watch;
	unsigned int done, left[2];
	uint64_t since;
	void *msg;

	rte_rcu_qsbr_quiescent(w->nat->qsbr, w->id);
	if (unlikely(!begin(w, now, out)))
		return 0;
	done = w->nat->n_workers > 1 ? take_handoffs(w) : 0;
	left[SL_INSIDE] = out->n[SL_INSIDE];
	left[SL_OUTSIDE] = out->n[SL_OUTSIDE];
	done += take_injected(w);
	since = sl_stage_begin(w);
	if (unlikely(w->n_held > 0))
		sl_out_held(w);
	watch = __atomic_load_n(&w->nat->watch, __ATOMIC_ACQUIRE);
	if (unlikely(watch != NULL))
		sl_watch_later(w, watch, left);
	if (unlikely(rte_ring_sc_dequeue(w->asked, &msg) == 0)) {
		sl_query(w, msg);
		/* There is room: whoever asks has no more than fit under way. */
		while (rte_ring_sp_enqueue(w->answered, msg) != 0)
			;
		w->punted = true;
		done++;
	}
	sl_age(w);
	sl_stage_end(w, SL_STAGE_POLL, 0, since);
	return done;
}

void
sl_worker_sent(struct sl_worker *w, enum sl_side side, unsigned int n, unsigned int refused)
{
	sl_count(w, side == SL_INSIDE ? SL_COUNTER_TX_INSIDE : SL_COUNTER_TX_OUTSIDE, n);
	sl_count(w,
		side == SL_INSIDE ? SL_COUNTER_TX_REFUSED_INSIDE : SL_COUNTER_TX_REFUSED_OUTSIDE,
		refused);
}
