/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A gateway's life: creation takes all memory there will ever be for sessions, each
 * worker's on its own NUMA node; configuration is published as a snapshot; workers enter
 * through sl_worker_receive() and sl_worker_poll(), the two doors of this file.
 *
 * A worker reports a quiescent state at the start of each poll, when it holds no pointer
 * into anything that control frees.
 */
#include <errno.h>
#include <stdio.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mbuf_dyn.h>

#include "age.h"
#include "helped.h"
#include "log.h"
#include "out.h"
#include "path.h"
#include "query.h"
#include "stage.h"
#include "state.h"

RTE_LOG_REGISTER(sl_logtype, sluice.lib, NOTICE);

/* For the datagrams of helpers, each worker: a burst of large ones, not a flood. */
#define REASM_DATAGRAMS 256
#define REASM_BYTES (4u << 20)
#define REASM_MS 15000 /* until there is a configuration */

int sl_note_offset = -1;

static int
register_note(void)
{
	static const struct rte_mbuf_dynfield field = {
		.name = "sluice_note",
		.size = sizeof(struct sl_note),
		.align = __alignof__(struct sl_note),
	};

	if (sl_note_offset < 0)
		sl_note_offset = rte_mbuf_dynfield_register(&field);
	return sl_note_offset < 0 ? -rte_errno : 0;
}

static void
free_packets(struct rte_ring *r)
{
	void *m;

	while (r != NULL && rte_ring_sc_dequeue(r, &m) == 0)
		rte_pktmbuf_free(m);
}

static void
worker_destroy(struct sl_worker *w)
{
	if (w == NULL)
		return;
	for (unsigned int i = 0; i < w->n_held; i++)
		rte_pktmbuf_free(w->held[i].m);
	for (unsigned int i = 0; i < SL_WORKERS_MAX; i++) {
		free_packets(w->from[i]);
		rte_ring_free(w->from[i]);
	}
	free_packets(w->inject);
	free_packets(w->punt);
	rte_ring_free(w->inject);
	rte_ring_free(w->punt);
	rte_ring_free(w->events);
	rte_ring_free(w->records);
	rte_ring_free(w->asked);
	rte_ring_free(w->answered);
	sl_flows_fini(&w->flows);
	sl_maps_fini(&w->maps);
	sl_subs_fini(&w->subs);
	sl_defrag_fini(&w->defrag);
	sl_reasm_fini(&w->reasm);
	sl_alloc_fini(&w->alloc);
	sl_hosts_fini(&w->hosts);
	rte_free(w);
}

static struct rte_ring *
make_ring(const struct sl_worker *w, const char *what, unsigned int elem, unsigned int size,
	int socket)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "%.8s.%u%.8s", w->nat->name, w->id, what);
	return rte_ring_create_elem(name, elem, size, socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

static int
make_rings(struct sl_worker *w, const struct sl_params *p, int socket)
{
	unsigned int size = p->ring_size ? p->ring_size : 2048;
	unsigned int records = p->record_ring_size ? p->record_ring_size : 16384;
	char what[16];

	w->inject = make_ring(w, "i", sizeof(void *), size, socket);
	w->punt = make_ring(w, "p", sizeof(void *), size, socket);
	w->events = make_ring(w, "e", sizeof(struct sl_event), 1024, socket);
	w->records = make_ring(w, "l", sizeof(struct sl_record), records, socket);
	w->asked = make_ring(w, "q", sizeof(void *), 16, socket);
	w->answered = make_ring(w, "a", sizeof(void *), 16, socket);
	if (!w->inject || !w->punt || !w->events || !w->records || !w->asked || !w->answered)
		return -ENOMEM;
	for (unsigned int i = 0; i < w->nat->n_workers; i++) {
		if (i == w->id)
			continue;
		snprintf(what, sizeof(what), "h%u", i);
		w->from[i] = make_ring(w, what, sizeof(void *), size, socket);
		if (w->from[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static void
make_seed(struct sl_nat *nat, struct sl_seed *seed)
{
	for (int i = 0; i < 4; i++)
		seed->s[i] = nat->random(nat->random_arg) | 1;
}

static struct sl_worker *
worker_create(struct sl_nat *nat, unsigned int id, const struct sl_params *p, uint32_t sessions,
	uint32_t own_ports, uint32_t subscribers, uint32_t hosts6)
{
	int socket = p->socket[id];
	struct sl_worker *w =
		rte_zmalloc_socket("sluice worker", sizeof(*w), RTE_CACHE_LINE_SIZE, socket);
	struct sl_seed seed;
	char name[32];

	if (w == NULL)
		return NULL;
	w->nat = nat;
	w->id = id;
	w->pool = p->pool[id];
	snprintf(name, sizeof(name), "%s.%u", nat->name, id);
	make_seed(nat, &seed);
	w->ip_id = (uint16_t)nat->random(nat->random_arg);
	if (sl_alloc_init(&w->alloc, sessions, subscribers, socket) != 0 ||
		sl_flows_init(&w->flows, name, sessions, own_ports, socket, &seed) != 0 ||
		sl_maps_init(&w->maps, sessions, socket, &seed) != 0 ||
		sl_subs_init(&w->subs, subscribers, socket, &seed) != 0 ||
		sl_hosts_init(&w->hosts, hosts6, socket, &seed) != 0 ||
		sl_defrag_init(&w->defrag, socket, &seed) != 0 ||
		sl_reasm_init(&w->reasm, REASM_DATAGRAMS, REASM_BYTES, REASM_MS, socket, &seed) !=
			0 ||
		make_rings(w, p, socket) != 0 || sl_random_init(&w->random) != 0) {
		worker_destroy(w);
		return NULL;
	}
	return w;
}

static int
make_workers(struct sl_nat *nat, const struct sl_params *p)
{
	unsigned int n = p->n_workers;
	uint32_t sessions = p->max_sessions ? p->max_sessions : 262144;
	uint32_t subscribers = p->max_subscribers ? p->max_subscribers : RTE_MAX(sessions / 8, 64u);
	uint32_t own_ports = p->max_own_ports ? p->max_own_ports : sessions / 16;
	uint32_t hosts6 = p->max_hosts6 ? p->max_hosts6 : subscribers;

	/* Subscribers do not fall evenly on workers: an eighth more for each. */
	if (n > 1) {
		sessions = sessions / n + sessions / n / 8;
		subscribers = subscribers / n + subscribers / n / 8 + 8;
		own_ports = own_ports / n + own_ports / n / 8;
		hosts6 = hosts6 / n + hosts6 / n / 8 + 8;
	}
	for (unsigned int i = 0; i < n; i++) {
		nat->worker[i] = worker_create(nat, i, p, RTE_MAX(sessions, 8u),
			RTE_MAX(own_ports, 8u), RTE_MAX(subscribers, 8u), RTE_MAX(hosts6, 8u));
		if (nat->worker[i] == NULL)
			return -ENOMEM;
	}
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k < n; k++)
			nat->worker[i]->to[k] = nat->worker[k]->from[i];
	return 0;
}

static int
make_qsbr(struct sl_nat *nat)
{
	size_t size = rte_rcu_qsbr_get_memsize(SL_WORKERS_MAX);

	nat->qsbr = rte_zmalloc(NULL, size, RTE_CACHE_LINE_SIZE);
	return nat->qsbr != NULL && rte_rcu_qsbr_init(nat->qsbr, SL_WORKERS_MAX) == 0 ? 0 : -ENOMEM;
}

struct sl_nat *
sl_nat_create(const struct sl_params *params)
{
	static struct sl_random seeder;
	static unsigned int serial;
	struct sl_seed route_seed;
	struct sl_nat *nat;

	if (params->n_workers == 0 || params->n_workers > SL_WORKERS_MAX ||
		!sl_steer_valid(params)) {
		rte_errno = EINVAL;
		return NULL;
	}
	nat = rte_zmalloc("sluice", sizeof(*nat), RTE_CACHE_LINE_SIZE);
	if (nat == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	snprintf(nat->name, sizeof(nat->name), "sl%u", serial++);
	nat->n_workers = params->n_workers;
	nat->random = params->random;
	nat->random_arg = params->random_arg;
	nat->cycles = params->cycles;
	nat->helpers = params->helpers;
	if (nat->random == NULL) {
		if (sl_random_init(&seeder) != 0)
			goto fail;
		nat->random = sl_random_next;
		nat->random_arg = &seeder;
	}
	/* Pairs of ports, so that an even port and the next odd one have the same owner. */
	nat->port_shift = 1;
	nat->owner_seed = (uint32_t)nat->random(nat->random_arg);
	make_seed(nat, &nat->home_seed);
	make_seed(nat, &route_seed);
	nat->paddr = rte_calloc(NULL, SL_PADDR_MAX, sizeof(*nat->paddr), 0);
	if (nat->paddr == NULL || register_note() != 0 || make_qsbr(nat) != 0 ||
		sl_steer_init(nat, params) != 0 ||
		sl_routes_init(&nat->routes, nat->name,
			params->max_routes ? params->max_routes : 65536, nat->qsbr,
			&route_seed) != 0 ||
		make_workers(nat, params) != 0)
		goto fail;
	return nat;
fail:
	sl_nat_destroy(nat);
	rte_errno = ENOMEM; /* freeing may have left another word there */
	return NULL;
}

static void
free_old(struct sl_nat *nat, bool all)
{
	struct sl_snap **p = &nat->old;

	while (*p != NULL) {
		struct sl_snap *s = *p;

		if (all || rte_rcu_qsbr_check(nat->qsbr, s->token, false)) {
			*p = s->older;
			sl_snap_destroy(s);
		} else {
			p = &s->older;
		}
	}
}

void
sl_nat_destroy(struct sl_nat *nat)
{
	if (nat == NULL)
		return;
	for (unsigned int i = 0; i < nat->n_workers; i++)
		worker_destroy(nat->worker[i]);
	free_old(nat, true);
	sl_snap_destroy(nat->snap);
	sl_paddr_fini(nat);
	sl_routes_fini(&nat->routes);
	sl_steer_fini(nat);
	rte_free(nat->qsbr);
	rte_free(nat->fixed);
	rte_free(nat);
}

int
sl_nat_configure(struct sl_nat *nat, const struct sl_config *config)
{
	struct sl_snap *s, *old = nat->snap;
	char why[128];

	free_old(nat, false);
	if (sl_config_check(config, why, sizeof(why)) != 0) {
		SL_LOG(ERR, "configuration refused: %s", why);
		return -EINVAL;
	}
	s = sl_snap_create(nat, config);
	if (s == NULL)
		return -ENOMEM;
	__atomic_store_n(&nat->snap, s, __ATOMIC_RELEASE);
	if (old != NULL) {
		old->token = rte_rcu_qsbr_start(nat->qsbr);
		old->older = nat->old;
		nat->old = old;
	}
	return 0;
}

struct sl_worker *
sl_nat_worker(struct sl_nat *nat, unsigned int i)
{
	return i < nat->n_workers ? nat->worker[i] : NULL;
}

unsigned int
sl_pool_use(struct sl_nat *nat, unsigned int first, struct sl_pool_use *use, unsigned int n)
{
	const struct sl_snap *s = nat->snap;
	unsigned int got = 0, at = 0;

	if (s == NULL)
		return 0;
	for (uint32_t p = 0; p < s->n_pools; p++) {
		for (uint32_t i = 0; i < s->pool[p].n && got < n; i++, at++) {
			const struct sl_paddr *pa = nat->paddr[s->paddr[s->pool[p].first + i]];

			if (at < first)
				continue;
			use[got] = (struct sl_pool_use){ .addr = pa->addr, .pool = p };
			for (unsigned int k = 0; k < nat->n_workers; k++) {
				use[got].ports += pa->ports[k]->n_owned;
				for (int c = 0; c < SL_PORTS_COUNT; c++)
					use[got].used[c] += __atomic_load_n(
						&pa->ports[k]->c[c].n_used, __ATOMIC_RELAXED);
			}
			got++;
		}
	}
	return got;
}

uint64_t
sl_worker_random(struct sl_worker *w)
{
	struct sl_nat *nat = w->nat;

	return nat->random == sl_random_next ? sl_random_next(&w->random)
					     : nat->random(nat->random_arg);
}

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

static uint64_t
run(struct sl_worker *w, enum sl_side side, uint16_t flags, struct rte_mbuf **m, unsigned int n)
{
	uint64_t bytes = sl_path_run(w, side, flags, m, n);

	run_again(w);
	return bytes;
}

void
sl_worker_receive(struct sl_worker *w, enum sl_side side, struct rte_mbuf **m, unsigned int n,
	uint64_t now, struct sl_out *out)
{
	uint64_t bytes = 0;

	sl_count(w, side == SL_INSIDE ? SL_COUNTER_RX_INSIDE : SL_COUNTER_RX_OUTSIDE, n);
	if (likely(begin(w, now, out))) {
		bytes = run(w, side, 0, m, n);
	} else {
		for (unsigned int i = 0; i < n; i++)
			bytes += m[i]->pkt_len;
		sl_count(w, SL_COUNTER_DROP_UNCONFIGURED, n);
		rte_pktmbuf_free_bulk(m, n);
	}
	sl_count(w, side == SL_INSIDE ? SL_COUNTER_RX_BYTES_INSIDE : SL_COUNTER_RX_BYTES_OUTSIDE,
		bytes);
}

/* Handed-over packets, in runs of the same kind. */
static unsigned int
take_handoffs(struct sl_worker *w)
{
	struct rte_mbuf *m[SL_BURST_MAX];
	unsigned int done = 0;

	for (unsigned int k = 0; k < w->nat->n_workers; k++) {
		unsigned int n, from = 0;

		if (k == w->id)
			continue;
		n = rte_ring_sc_dequeue_burst(w->from[k], (void **)m, SL_BURST_MAX / 2, NULL);
		sl_count(w, SL_COUNTER_HANDOFF_IN, n);
		done += n;
		for (unsigned int i = 1; i <= n; i++) {
			const struct sl_note *a = sl_note(m[from]);

			if (i < n && sl_note(m[i])->side == a->side &&
				sl_note(m[i])->flags == a->flags)
				continue;
			run(w, a->side, a->flags, m + from, i - from);
			from = i;
		}
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
	unsigned int done;
	uint64_t since;
	void *msg;

	rte_rcu_qsbr_quiescent(w->nat->qsbr, w->id);
	if (unlikely(!begin(w, now, out)))
		return 0;
	done = w->nat->n_workers > 1 ? take_handoffs(w) : 0;
	done += take_injected(w);
	since = sl_stage_begin(w);
	if (unlikely(w->n_held > 0))
		sl_out_held(w);
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
