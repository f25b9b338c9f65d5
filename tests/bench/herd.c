/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Several workers in turn on one lcore. Each has a rig of its own, by which its sessions are
 * opened; after that the herd feeds them: a burst to each worker, then its poll, in which it
 * takes what others have handed over. Packets go round through one list, whichever worker they
 * come out of.
 */
#include "herd.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "setup.h"

#define SETTLE_POLLS 1024

struct herd *
herd_create(unsigned int workers, uint64_t sessions)
{
	struct herd *h = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*h));
	struct rig_options o = { .proto = IPPROTO_UDP, .rest = 60, .n_workers = workers };

	if (h == NULL)
		return NULL;
	memset(h, 0, sizeof(*h));
	h->n = workers;
	o.sessions = RTE_MAX(sessions / workers, (uint64_t)1);
	h->sessions = RTE_MAX(sessions, (uint64_t)workers);
	o.room = h->sessions + h->sessions / 4 + 4096;
	for (unsigned int i = 0; i < workers; i++) {
		o.worker = i;
		o.host = h->rig[0];
		h->rig[i] = rig_create(&o);
		if (h->rig[i] == NULL || rig_open(h->rig[i], o.sessions, 0, NULL) < 0 ||
			rig_shuffle(h->rig[i]) < 0) {
			herd_destroy(h);
			return NULL;
		}
	}
	h->n_arrivals = h->rig[0]->n_order;
	h->n_mbufs = RIG_MBUFS;
	/* the others' lie idle, but for those of the rigs themselves */
	if (rte_pktmbuf_alloc_bulk(h->rig[0]->pool, h->mbuf, RIG_MBUFS) < 0) {
		herd_destroy(h);
		return NULL;
	}
	return h;
}

/* Whose session the i-th packet at a worker is: its own or in turn one of the others'. */
static unsigned int
owner(const struct herd *h, unsigned int worker, uint64_t i, unsigned int share)
{
	bool other = h->n > 1 && (share == 100 || (share == 50 && i % 2));

	return other ? (worker + 1 + (unsigned int)(i / 2 % (h->n - 1))) % h->n : worker;
}

int
herd_aim(struct herd *h, enum sl_side from, unsigned int share)
{
	uint64_t next[HERD_MAX] = { 0 };

	h->from = from;
	h->share = share;
	h->at = 0;
	for (unsigned int w = 0; w < h->n; w++) {
		rig_aim(h->rig[w], from);
		if (h->arrival[w] == NULL)
			h->arrival[w] = setup_memory(h->n_arrivals * sizeof(struct arrival));
		if (h->arrival[w] == NULL)
			return -ENOMEM;
	}
	for (uint64_t i = 0; i < h->n_arrivals; i++)
		for (unsigned int w = 0; w < h->n; w++) {
			unsigned int o = owner(h, w, i, share);

			h->arrival[w][i] = h->rig[o]->arrival[next[o]++ % h->n_arrivals];
		}
	return 0;
}

static inline void
arrive(struct herd *h, unsigned int w, struct rte_mbuf **m)
{
	const struct frame *f = &h->rig[0]->frame[h->from];

	for (unsigned int i = 0; i < BURST; i++) {
		m[i] = h->mbuf[h->first];
		h->first = (h->first + 1) % RIG_MBUFS;
		frame_receive(f, &h->arrival[w][h->at + i], m[i]);
	}
	h->n_mbufs -= BURST;
	__asm__ volatile("" : : : "memory");
}

static inline void
give_back(struct herd *h, struct rte_mbuf **m, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		h->mbuf[(h->first + h->n_mbufs + i) % RIG_MBUFS] = m[i];
	h->n_mbufs += n;
}

static inline void
next(struct herd *h)
{
	h->at = h->at + BURST < h->n_arrivals ? h->at + BURST : 0;
}

void
herd_arrive(void *herd, unsigned int bursts)
{
	struct herd *h = herd;
	struct rte_mbuf *m[BURST];

	for (unsigned int k = 0, w = 0; k < bursts; k++) {
		arrive(h, w, m);
		give_back(h, m, BURST);
		w = w + 1 < h->n ? w + 1 : 0;
		if (w == 0)
			next(h);
	}
}

static inline void
poll(struct herd *h, unsigned int w, enum sl_side to)
{
	struct rig *r = h->rig[w];
	struct sl_out *out = &h->out[w];

	sl_worker_poll(r->w, h->rig[0]->now, out);
	sl_worker_sent(r->w, to, out->n[to], 0);
	give_back(h, out->m[to], out->n[to]);
	out->n[to] = 0;
}

void
herd_work(void *herd, unsigned int bursts)
{
	struct herd *h = herd;
	enum sl_side to = SL_ACROSS(h->from);
	struct rte_mbuf *m[BURST];

	rig_clock(h->rig[0]);
	for (unsigned int k = 0, w = 0; k < bursts; k++) {
		if (unlikely(h->n_mbufs < BURST))
			break;
		arrive(h, w, m);
		sl_worker_receive(h->rig[w]->w, h->from, m, BURST, h->rig[0]->now, &h->out[w]);
		poll(h, w, to);
		w = w + 1 < h->n ? w + 1 : 0;
		if (w == 0)
			next(h);
	}
}

int
herd_settle(struct herd *h)
{
	uint64_t drops = 0;

	for (unsigned int k = 0; k < SETTLE_POLLS && h->n_mbufs < RIG_MBUFS; k++)
		poll(h, k % h->n, SL_ACROSS(h->from));
	drops = rig_drops(h->rig[0]);
	h->lost += drops + (RIG_MBUFS - h->n_mbufs);
	return h->lost ? -EIO : 0;
}

void
herd_destroy(struct herd *h)
{
	if (h == NULL)
		return;
	for (unsigned int i = HERD_MAX; i-- > 0;) {
		free(h->arrival[i]);
		if (i > 0)
			rig_destroy(h->rig[i]);
	}
	rig_destroy(h->rig[0]);
	free(h);
}
