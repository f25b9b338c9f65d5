/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What happens in the box, told to those who listen while it happens.
 *
 *   workers -> records (lib/record.c) -> record.c -\
 *   new configuration, leases, links, watchdog -----> events_*() -> a ring for each listener
 *
 * While nobody listens the workers make no records but those for the logs, and nothing here does
 * anything: events_*() look at one pointer. A listener says what it wants; the workers are asked
 * for the records that all listeners together want (sl_nat_listen()), and each event is copied
 * into the ring of each that wants it. What the events say is put into words only when a listener
 * takes them (cli_events.c), at its own speed.
 *
 * A ring that is full takes no more. What is lost is counted, and told as an event of its own at
 * the place where it is missing, so whoever counts what it reads knows what it has not read. Nobody
 * is ever waited for: neither workers nor control know how fast a listener reads.
 *
 * Records that did not even reach control (records_lost) are told to listeners that want records.
 * They may have been ones that this listener did not want.
 *
 * Control lcore only, but for events_stats().
 */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include <rte_common.h>

#include "addr.h"
#include "box.h"
#include "clock.h"
#include "events.h"

#define RING 8192 /* events that may wait for one listener, 88 bytes each */

struct listener {
	LIST_ENTRY(listener) next;
	struct box *box;
	struct event_want want;
	void (*ready)(void *arg);
	void *arg;
	struct event *ring;
	uint32_t head, n;
	uint64_t gap; /* lost since the last one in the ring */
	uint64_t overflow; /* records_lost when it was last told */
	uint64_t taken, lost;
	bool dry; /* found nothing: ready() is to be called */
};

struct events {
	LIST_HEAD(listener_list, listener) listeners;
	struct event_stats stats; /* w: control, r: telemetry */
};

#define KIND(kind) (1u << EVENT_##kind)
#define RECORDS (KIND(SESSION) | KIND(MAPPING) | KIND(BLOCK) | KIND(LIMIT))

/* ---- who wants what ---- */

static bool
in_net(rte_be32_t addr, const struct sl_ifaddr *net)
{
	struct addr a = addr_net(addr_of4(addr), net->plen),
		    b = addr_net(addr_of4(net->addr), net->plen);

	return net->plen == 0 || addr_same(&a, &b);
}

static bool
in_net6(const struct event *e, const struct sl_ifaddr6 *net)
{
	struct addr a = addr_net(addr_of6(&e->in6), net->plen),
		    b = addr_net(addr_of6(&net->addr), net->plen);

	return net->plen == 0 || (e->six && addr_same(&a, &b));
}

bool
event_wanted(const struct event_want *want, const struct event *e)
{
	bool of_box = e->kind == EVENT_PORT || e->kind == EVENT_WORKER;

	if (!(want->kinds & 1u << e->kind))
		return false;
	/* A filter for subscribers leaves out what is not about any. */
	if (of_box)
		return want->in.plen == 0 && want->out.plen == 0 && want->rem.plen == 0 &&
		       want->in6.plen == 0 && want->proto == 0 && want->tenant == 0;
	return (want->proto == 0 || want->proto == e->proto) &&
	       (want->tenant == 0 || want->tenant == e->tenant + 1) &&
	       (want->in.plen == 0 || (!e->six && in_net(e->in_addr, &want->in))) &&
	       in_net6(e, &want->in6) && in_net(e->out_addr, &want->out) &&
	       in_net(e->rem_addr, &want->rem);
}

/* Ask the workers for what all listeners want. */
static void
ask_workers(struct box *box)
{
	const struct listener *l;
	uint32_t kinds = 0, mask = 0;

	LIST_FOREACH(l, &box->events->listeners, next)
		kinds |= l->want.kinds;
	if (kinds & KIND(SESSION))
		mask |= 1u << SL_RECORD_SESSION_ADD | 1u << SL_RECORD_SESSION_DEL;
	if (kinds & KIND(MAPPING))
		mask |= 1u << SL_RECORD_MAPPING_ADD | 1u << SL_RECORD_MAPPING_DEL;
	if (kinds & KIND(BLOCK))
		mask |= 1u << SL_RECORD_BLOCK_ADD | 1u << SL_RECORD_BLOCK_DEL;
	if (kinds & KIND(LIMIT))
		mask |= 1u << SL_RECORD_PORTS_EXHAUSTED | 1u << SL_RECORD_SESSIONS_FULL |
			1u << SL_RECORD_LIMIT;
	sl_nat_listen(box->nat, mask);
}

static bool
anybody(const struct box *box)
{
	return box->events != NULL && !LIST_EMPTY(&box->events->listeners);
}

/* ---- the ring of a listener ---- */

static uint64_t
wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void
push(struct listener *l, const struct event *e)
{
	l->ring[(l->head + l->n++) % RING] = *e;
}

static struct event
gap_of(const struct listener *l)
{
	return (struct event){
		.kind = EVENT_LOST, .what = EVENT_SLOW, .wall = wall_now(), .count = l->gap
	};
}

static void
add(uint64_t *figure, uint64_t n)
{
	__atomic_store_n(figure, *figure + n, __ATOMIC_RELAXED);
}

static void
tell(struct listener *l, const struct event *e)
{
	struct event gap;

	/* A gap is told before what comes behind it. */
	if (l->n + (l->gap > 0) >= RING) {
		l->gap++;
		l->lost++;
		add(&l->box->events->stats.lost, 1);
		return;
	}
	if (l->gap > 0) {
		gap = gap_of(l);
		push(l, &gap);
		l->gap = 0;
	}
	push(l, e);
	if (l->dry) {
		l->dry = false;
		l->ready(l->arg);
	}
}

static void
tell_all(struct box *box, const struct event *e)
{
	struct listener *l;

	LIST_FOREACH(l, &box->events->listeners, next)
		if (event_wanted(&l->want, e))
			tell(l, e);
}

bool
events_take(struct listener *l, struct event *e)
{
	uint64_t overflow = sl_counter_sum(l->box->nat, SL_COUNTER_RECORDS_LOST);

	if (overflow < l->overflow)
		l->overflow = 0; /* counters were cleared */
	if (overflow > l->overflow && (l->want.kinds & RECORDS)) {
		*e = (struct event){ .kind = EVENT_LOST,
			.what = EVENT_OVERFLOW,
			.wall = wall_now(),
			.count = overflow - l->overflow };
		l->overflow = overflow;
		return true;
	}
	if (l->n > 0) {
		*e = l->ring[l->head];
		l->head = (l->head + 1) % RING;
		l->n--;
		if (e->kind != EVENT_LOST) {
			l->taken++;
			add(&l->box->events->stats.told, 1);
		}
		return true;
	}
	if (l->gap > 0) {
		*e = gap_of(l);
		l->gap = 0;
		return true;
	}
	l->dry = true;
	return false;
}

/* ---- listeners ---- */

struct listener *
events_listen(struct box *box, const struct event_want *want, void (*ready)(void *arg), void *arg)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (box->events == NULL) /* zero is an empty list */
		__atomic_store_n(&box->events, calloc(1, sizeof(*box->events)), __ATOMIC_RELEASE);
	if (l != NULL)
		l->ring = malloc(RING * sizeof(l->ring[0]));
	if (box->events == NULL || l == NULL || l->ring == NULL) {
		if (l != NULL)
			free(l->ring);
		free(l);
		return NULL;
	}
	l->box = box;
	l->want = *want;
	l->ready = ready;
	l->arg = arg;
	l->overflow = sl_counter_sum(box->nat, SL_COUNTER_RECORDS_LOST);
	LIST_INSERT_HEAD(&box->events->listeners, l, next);
	ask_workers(box);
	return l;
}

void
events_leave(struct listener *l)
{
	if (l == NULL)
		return;
	LIST_REMOVE(l, next);
	ask_workers(l->box);
	free(l->ring);
	free(l);
}

struct listener_stats
events_listener(const struct listener *l)
{
	return (struct listener_stats){ .taken = l->taken, .lost = l->lost, .waiting = l->n };
}

void
events_each(const struct box *box,
	void (*fn)(void *arg, const struct event_want *want, const struct listener_stats *stats),
	void *arg)
{
	const struct listener *l;

	if (box->events == NULL)
		return;
	LIST_FOREACH(l, &box->events->listeners, next) {
		struct listener_stats stats = events_listener(l);

		fn(arg, &l->want, &stats);
	}
}

struct event_stats
events_stats(const struct box *box)
{
	const struct events *events = __atomic_load_n(&box->events, __ATOMIC_ACQUIRE);
	struct event_stats s = { 0 };

	if (events != NULL) {
		s.told = __atomic_load_n(&events->stats.told, __ATOMIC_RELAXED);
		s.lost = __atomic_load_n(&events->stats.lost, __ATOMIC_RELAXED);
	}
	return s;
}

void
events_destroy(struct box *box)
{
	free(box->events);
	box->events = NULL;
}

/* ---- those who tell ---- */

static enum event_kind
kind_of(uint8_t type)
{
	return type <= SL_RECORD_SESSION_DEL   ? EVENT_SESSION
	       : type <= SL_RECORD_MAPPING_DEL ? EVENT_MAPPING
	       : type <= SL_RECORD_BLOCK_DEL   ? EVENT_BLOCK
					       : EVENT_LIMIT;
}

void
events_record(struct box *box, const struct sl_record *r, uint64_t wall, uint32_t limit)
{
	struct event e;

	if (!anybody(box))
		return;
	e = (struct event){
		.wall = wall,
		.kind = (uint8_t)kind_of(r->type),
		.proto = r->proto,
		.tenant = r->tenant,
		.worker = r->worker,
		.in_addr = r->in_addr,
		.out_addr = r->out_addr,
		.rem_addr = r->rem_addr,
		.in_port = r->in_port,
		.out_port = r->out_port,
		.rem_port = r->rem_port,
		.ports = r->block_size,
		.why = r->limit,
		.six = r->six,
		.plen6 = r->plen6,
		.in6 = r->in6,
		.count = limit,
	};
	e.what = e.kind == EVENT_LIMIT                        ? EVENT_REACHED
		 : (r->type - SL_RECORD_SESSION_ADD) % 2 == 0 ? EVENT_NEW
							      : EVENT_END;
	tell_all(box, &e);
}

static struct event
event_of(const struct sl_forward *f, enum event_what what)
{
	return (struct event){
		.wall = wall_now(),
		.kind = EVENT_FORWARD,
		.what = (uint8_t)what,
		.proto = f->proto,
		.tenant = (uint16_t)f->tenant,
		.in_addr = f->in_addr,
		.out_addr = f->out_addr,
		.in_port = f->in_port,
		.out_port = f->out_port,
		.ports = RTE_MAX(f->ports, 1),
		.six = f->six,
		.plen6 = 128,
		.in6 = f->in6,
	};
}

/* By outside endpoint, then by all else that makes it another one. */
static int
compare(const void *a, const void *b)
{
	const struct sl_forward *f = *(const struct sl_forward *const *)a,
				*g = *(const struct sl_forward *const *)b;
	const uint64_t x[] = { f->proto, f->out_addr, f->out_port, f->ports, f->in_addr, f->in_port,
		f->tenant, f->six, f->from.addr, f->from.plen };
	const uint64_t y[] = { g->proto, g->out_addr, g->out_port, g->ports, g->in_addr, g->in_port,
		g->tenant, g->six, g->from.addr, g->from.plen };

	for (size_t i = 0; i < RTE_DIM(x); i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return memcmp(&f->in6, &g->in6, sizeof(f->in6));
}

/* The operator's forwards in order; NULL without memory, or without any. */
static const struct sl_forward **
sorted(const struct sl_config *c, unsigned int *n)
{
	const struct sl_forward **list = NULL;

	*n = 0;
	if (c != NULL && c->n_forwards > 0)
		list = calloc(c->n_forwards, sizeof(const struct sl_forward *));
	for (unsigned int i = 0; list != NULL && i < c->n_forwards; i++)
		if (!c->forward[i].leased)
			list[(*n)++] = &c->forward[i];
	if (*n > 0)
		qsort(list, *n, sizeof(const struct sl_forward *), compare);
	return list;
}

void
events_forwards(struct box *box, const struct sl_config *from, const struct sl_config *to)
{
	const struct sl_forward **old, **new;
	unsigned int n_old, n_new, i = 0, k = 0;
	struct event e;
	int c;

	if (!anybody(box))
		return;
	old = sorted(from, &n_old);
	new = sorted(to, &n_new);
	while (i < n_old || k < n_new) {
		c = i == n_old ? 1 : k == n_new ? -1 : compare(&old[i], &new[k]);
		if (c != 0) {
			e = c < 0 ? event_of(old[i], EVENT_END) : event_of(new[k], EVENT_NEW);
			tell_all(box, &e);
		}
		i += c <= 0;
		k += c >= 0;
	}
	free(old);
	free(new);
}

void
events_lease(struct box *box, enum sl_lease_change change, const struct sl_lease *l)
{
	static const enum event_what what[] = {
		[SL_LEASE_ADDED] = EVENT_NEW,
		[SL_LEASE_RENEWED] = EVENT_RENEWED,
		[SL_LEASE_REMOVED] = EVENT_END,
		[SL_LEASE_EXPIRED] = EVENT_EXPIRED,
		[SL_LEASE_LOST] = EVENT_END,
	};
	uint64_t now = clock_now();
	struct event e;

	if (!anybody(box))
		return;
	e = (struct event){
		.wall = wall_now(),
		.kind = EVENT_LEASE,
		.what = (uint8_t)what[change],
		.proto = l->proto,
		.origin = (uint8_t)l->origin,
		.tenant = l->tenant,
		.in_addr = l->in_addr,
		.out_addr = l->out_addr,
		.rem_addr = l->rem_addr,
		.in_port = l->in_port,
		.out_port = l->out_port,
		.rem_port = l->rem_port,
		.count = l->expires > now ? (l->expires - now + 999) / 1000 : 0,
	};
	tell_all(box, &e);
}

void
events_port(struct box *box, const struct port *port)
{
	struct event e;

	if (!anybody(box))
		return;
	e = (struct event){
		.wall = wall_now(),
		.kind = EVENT_PORT,
		.what = port->up ? EVENT_UP : EVENT_DOWN,
		.side = (uint8_t)port->side,
	};
	tell_all(box, &e);
}

void
events_worker(struct box *box, unsigned int worker, bool stuck)
{
	struct event e;

	if (!anybody(box))
		return;
	e = (struct event){
		.wall = wall_now(),
		.kind = EVENT_WORKER,
		.what = stuck ? EVENT_STUCK : EVENT_RUNS,
		.worker = (uint16_t)worker,
	};
	tell_all(box, &e);
}
