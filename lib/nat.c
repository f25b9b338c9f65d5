/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A gateway's life: creation takes all memory there will ever be for sessions, each
 * worker's on its own NUMA node; configuration is published as a snapshot, and an old one is
 * freed when no worker can be reading it. Control only; what workers enter by is in worker.c.
 */
#include <errno.h>
#include <stdio.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mbuf_dyn.h>

#include "handoff.h"
#include "log.h"
#include "route6.h"
#include "state.h"

RTE_LOG_REGISTER(sl_logtype, sluice.lib, NOTICE);

/* For the datagrams of helpers, each worker: a burst of large ones, not a flood. */
#define REASM_DATAGRAMS 256
#define REASM_BYTES (4u << 20)
#define REASM_MS 15000 /* until there is a configuration */
#define HOSTS6 65536 /* hosts behind NAT64 unless told otherwise */

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
free_worker(struct sl_worker *w)
{
	if (w == NULL)
		return;
	for (unsigned int i = 0; i < w->n_held; i++)
		rte_pktmbuf_free(w->held[i].m);
	for (unsigned int i = 0; i < SL_WORKERS_MAX; i++) {
		sl_handoff_drain(w->from[i]);
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
	sl_ids_fini(&w->ids);
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
		w->from[i] = make_ring(w, what, sizeof(struct sl_handed), size, socket);
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
make_worker(struct sl_nat *nat, unsigned int id, const struct sl_params *p, uint32_t sessions,
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
	if (sl_ids_init(&w->ids, (uint16_t)nat->random(nat->random_arg), socket) != 0 ||
		sl_alloc_init(&w->alloc, sessions, subscribers, socket) != 0 ||
		sl_flows_init(&w->flows, name, sessions, own_ports, socket, &seed) != 0 ||
		sl_maps_init(&w->maps, sessions, socket, &seed) != 0 ||
		sl_subs_init(&w->subs, subscribers, socket, &seed) != 0 ||
		sl_hosts_init(&w->hosts, hosts6, socket, &seed) != 0 ||
		sl_defrag_init(&w->defrag, socket, &seed) != 0 ||
		sl_reasm_init(&w->reasm, REASM_DATAGRAMS, REASM_BYTES, REASM_MS, socket, &seed) !=
			0 ||
		make_rings(w, p, socket) != 0 || sl_random_init(&w->random) != 0) {
		free_worker(w);
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
	uint32_t hosts6 = p->max_hosts6 ? p->max_hosts6 : RTE_MIN(subscribers, HOSTS6);

	/* Subscribers do not fall evenly on workers: an eighth more for each. */
	if (n > 1) {
		sessions = sessions / n + sessions / n / 8;
		subscribers = subscribers / n + subscribers / n / 8 + 8;
		own_ports = own_ports / n + own_ports / n / 8;
		hosts6 = hosts6 / n + hosts6 / n / 8 + 8;
	}
	for (unsigned int i = 0; i < n; i++) {
		nat->worker[i] = make_worker(nat, i, p, RTE_MAX(sessions, 8u),
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
	uint32_t max_routes = params->max_routes ? params->max_routes : 65536;
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
		sl_routes_init(&nat->routes, nat->name, max_routes, nat->qsbr, &route_seed) != 0 ||
		sl_routes6_init(&nat->routes, nat->name, max_routes) != 0 ||
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
		free_worker(nat->worker[i]);
	free_old(nat, true);
	sl_snap_destroy(nat->snap);
	sl_paddr_fini(nat);
	sl_routes6_fini(&nat->routes);
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
	s->record_mask = s->logged_mask | nat->listen_mask;
	s->serial = nat->serial++;
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

void
sl_nat_listen(struct sl_nat *nat, uint32_t mask)
{
	nat->listen_mask = mask;
	if (nat->snap != NULL)
		__atomic_store_n(
			&nat->snap->record_mask, nat->snap->logged_mask | mask, __ATOMIC_RELAXED);
}

static void
use_of(const struct sl_nat *nat, unsigned int pool, uint32_t i, struct sl_pool_use *use)
{
	const struct sl_snap *s = nat->snap;
	const struct sl_paddr *pa = nat->paddr[s->paddr[s->pool[pool].first + i]];

	*use = (struct sl_pool_use){ .addr = pa->addr, .pool = pool };
	for (unsigned int k = 0; k < nat->n_workers; k++) {
		use->ports += pa->ports[k]->n_owned;
		for (int c = 0; c < SL_PORTS_COUNT; c++)
			use->used[c] +=
				__atomic_load_n(&pa->ports[k]->c[c].n_used, __ATOMIC_RELAXED);
	}
}

unsigned int
sl_pool_use_of(struct sl_nat *nat, unsigned int pool, unsigned int first, struct sl_pool_use *use,
	unsigned int n)
{
	const struct sl_snap *s = nat->snap;
	unsigned int got = 0;

	if (s == NULL || pool >= s->n_pools)
		return 0;
	for (uint32_t i = first; i < s->pool[pool].n && got < n; i++)
		use_of(nat, pool, i, &use[got++]);
	return got;
}

unsigned int
sl_pool_use(struct sl_nat *nat, unsigned int first, struct sl_pool_use *use, unsigned int n)
{
	const struct sl_snap *s = nat->snap;
	unsigned int got = 0;

	for (uint32_t p = 0; s != NULL && p < s->n_pools && got < n; p++) {
		if (first >= s->pool[p].n) {
			first -= s->pool[p].n;
			continue;
		}
		got += sl_pool_use_of(nat, p, first, &use[got], n - got);
		first = 0;
	}
	return got;
}
