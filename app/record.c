/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Records on their way from the workers to the logs.
 *
 *   worker -> record ring -> record_serve() -> syslog.c -> sink.c -> collector, /dev/log
 *             full: lost,                   -> ipfix.c  -> sink.c -> collector
 *             counted                                      not taken: lost, counted
 *
 * Life. record_apply() makes the recorder with the first configuration and keeps each sink
 * that the next one still has, with its socket, counts and sequence numbers. Workers make
 * only the records that some sink wants (record_mask()).
 *
 * Pace. A turn takes at most BURST records, no more than the kernel's exception TAP gives
 * back in a turn, since a collector may be behind it. IPFIX packs what a turn brought; a
 * message is sent when it is full or when no more is waiting.
 *
 * The end. Control serves until its workers are quiet, while they still forward: the collector may
 * be behind this very box. record_drain() sends what they have recorded after that.
 *
 * What runs out is told once in HOLD_MS for each kind, tenant and, at a limit of its own,
 * subscriber; the rest is counted as held back. The workers hold back too, see lib/record.c.
 *
 * Time. A record has the time of the monotonic clock; the wall's is what it is now, less the
 * record's age. Control lcore only, but for record_stats().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_common.h>

#include "box.h"
#include "clock.h"
#include "events.h"
#include "outlet.h"
#include "record.h"

#define BURST 64
#define HOLD_MS 10000
#define HELD_MAX 64

/* Something that ran out and was told. */
struct held {
	uint64_t when; /* 0: free */
	rte_be32_t in_addr;
	uint16_t tenant, limit;
	uint8_t type;
};

struct recorder {
	struct outlet *outlet[RECORD_SINKS_MAX];
	unsigned int n_outlets;
	struct held held[HELD_MAX];
	struct syslog_origin origin;
	struct record_stats gone; /* sent and lost by sinks that are no more */
	struct record_stats stats; /* w: control, r: telemetry */
};

uint32_t
record_mask(const struct sl_config *config)
{
	uint32_t mask = 0;

	for (unsigned int i = 0; i < config->n_sinks; i++)
		mask |= config->sink[i].mask;
	return mask;
}

static struct outlet_time
time_now(void)
{
	struct outlet_time t = { .now = clock_now() };
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	t.wall = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	return t;
}

static void
set(uint64_t *figure, uint64_t value)
{
	__atomic_store_n(figure, value, __ATOMIC_RELAXED);
}

/* Totals for whoever reads them: sinks that are, and those that were. */
static void
publish(struct recorder *rec)
{
	struct record_stats sum = rec->gone;

	for (unsigned int i = 0; i < rec->n_outlets; i++) {
		sum.sent += rec->outlet[i]->sink.sent;
		sum.lost += rec->outlet[i]->sink.lost;
	}
	set(&rec->stats.sent, sum.sent);
	set(&rec->stats.lost, sum.lost);
}

/* Was the same told a moment ago? If not, remember that it is told now. */
static bool
is_repeated(struct recorder *rec, const struct sl_record *r)
{
	struct held new = { r->when, r->type == SL_RECORD_LIMIT ? r->in_addr : 0, r->tenant,
		r->limit, r->type };
	struct held *oldest = &rec->held[0];

	if (r->type < SL_RECORD_PORTS_EXHAUSTED)
		return false;
	for (unsigned int i = 0; i < HELD_MAX; i++) {
		struct held *h = &rec->held[i];

		if (h->when != 0 && h->type == new.type && h->limit == new.limit &&
			h->tenant == new.tenant && h->in_addr == new.in_addr) {
			/* Workers' clocks differ by a loop; the later one may be first. */
			if (r->when < h->when + HOLD_MS)
				return true;
			oldest = h;
			break;
		}
		if (h->when < oldest->when)
			oldest = h;
	}
	*oldest = new;
	return false;
}

static uint32_t
limit_of(const struct box *box, const struct sl_tenant *t, const struct sl_record *r)
{
	switch (r->limit) {
	case SL_COUNTER_DROP_LIMIT_PORTS:
		return t->limits.ports;
	case SL_COUNTER_DROP_LIMIT_SESSIONS:
		return t->limits.sessions;
	case SL_COUNTER_DROP_LIMIT_RATE:
		return t->limits.rate;
	case SL_COUNTER_DROP_LIMIT_MAPPING:
		return t->limits.mapping;
	case SL_COUNTER_DROP_SESSIONS_FULL:
		return box->max_sessions;
	case SL_COUNTER_DROP_SUBSCRIBERS_FULL:
		return box->max_subscribers;
	default:
		return 0;
	}
}

static struct record_view
view_of(const struct box *box, const struct sl_record *r, const struct outlet_time *t)
{
	const struct sl_config *c = box->config;
	struct record_view v = { .record = r, .wall = t->wall - (t->now - r->when), .tenant = "-" };

	/* The tenant may be gone since. */
	if (c == NULL || r->tenant >= c->n_tenants)
		return v;
	v.tenant = c->tenant[r->tenant].name;
	v.vlan = c->tenant[r->tenant].vlan;
	v.vlan_inner = c->tenant[r->tenant].vlan_inner;
	v.pool = c->tenant[r->tenant].pool;
	v.limit = limit_of(box, &c->tenant[r->tenant], r);
	if (r->six && r->nat64 < c->n_nat64)
		v.rem6 = sl_nat64_embed(&c->nat64[r->nat64].prefix, r->rem_addr);
	return v;
}

unsigned int
record_serve(struct box *box)
{
	struct recorder *rec = box->recorder;
	struct sl_record record[BURST];
	unsigned int n = sl_control_records(box->nat, record, BURST), held_back = 0;
	struct outlet_time t;

	if (n == 0)
		return 0;
	t = time_now();
	for (unsigned int i = 0; i < n; i++) {
		struct record_view view = view_of(box, &record[i], &t);

		events_record(box, &record[i], view.wall, view.limit);
		if (is_repeated(rec, &record[i])) {
			held_back++;
			continue;
		}
		for (unsigned int k = 0; k < rec->n_outlets; k++)
			outlet_put(rec->outlet[k], &rec->origin, &view, &t);
	}
	/* A full burst says that more is waiting; the next turn will come at once. */
	for (unsigned int k = 0; n < BURST && k < rec->n_outlets; k++)
		outlet_flush(rec->outlet[k], &t);
	set(&rec->stats.taken, rec->stats.taken + n);
	set(&rec->stats.held_back, rec->stats.held_back + held_back);
	publish(rec);
	return n;
}

void
record_drain(struct box *box)
{
	while (record_serve(box) > 0)
		;
}

void
record_tick(struct box *box)
{
	struct outlet_time t = time_now();

	for (unsigned int i = 0; i < box->recorder->n_outlets; i++)
		outlet_tick(box->recorder->outlet[i], &t);
	publish(box->recorder);
}

/* The outlet that the recorder has for a sink, or NULL. */
static struct outlet **
find_outlet(struct recorder *rec, const struct sl_log_sink *to)
{
	for (unsigned int i = 0; i < rec->n_outlets; i++)
		if (outlet_is_for(rec->outlet[i], to))
			return &rec->outlet[i];
	return NULL;
}

static void
close_outlet(struct recorder *rec, struct outlet *o)
{
	struct outlet_time t = time_now();

	outlet_flush(o, &t);
	rec->gone.sent += o->sink.sent;
	rec->gone.lost += o->sink.lost;
	outlet_destroy(o, &t);
}

/* Everything that can fail first: the outlets that are new, in the order of the sinks. */
static int
open_new(struct recorder *rec, const struct sl_config *config, struct outlet **outlet)
{
	for (unsigned int i = 0; i < config->n_sinks; i++) {
		outlet[i] = NULL;
		if (find_outlet(rec, &config->sink[i]) != NULL)
			continue;
		outlet[i] = outlet_create(&config->sink[i]);
		if (outlet[i] != NULL)
			continue;
		while (i-- > 0)
			if (outlet[i] != NULL)
				close_outlet(rec, outlet[i]);
		return -ENOMEM;
	}
	return 0;
}

static int
create(struct box *box)
{
	box->recorder = calloc(1, sizeof(*box->recorder));
	if (box->recorder == NULL)
		return -ENOMEM;
	syslog_origin_init(&box->recorder->origin);
	return 0;
}

int
record_apply(struct box *box, const struct sl_config *config)
{
	struct outlet *outlet[RECORD_SINKS_MAX];
	struct recorder *rec;
	int rc = box->recorder == NULL ? create(box) : 0;

	rec = box->recorder;
	if (rc == 0)
		rc = config->n_sinks <= RECORD_SINKS_MAX ? open_new(rec, config, outlet) : -E2BIG;
	if (rc < 0)
		return rc;
	for (unsigned int i = 0; i < config->n_sinks; i++) {
		if (outlet[i] == NULL) {
			struct outlet **old = find_outlet(rec, &config->sink[i]);

			outlet[i] = *old;
			*old = rec->outlet[--rec->n_outlets];
		}
		outlet[i]->sink.to = config->sink[i];
	}
	for (unsigned int i = 0; i < rec->n_outlets; i++)
		close_outlet(rec, rec->outlet[i]);
	memcpy(rec->outlet, outlet, config->n_sinks * sizeof(outlet[0]));
	rec->n_outlets = config->n_sinks;
	publish(rec);
	return 0;
}

void
record_stats(const struct recorder *rec, struct record_stats *stats)
{
	stats->taken = __atomic_load_n(&rec->stats.taken, __ATOMIC_RELAXED);
	stats->held_back = __atomic_load_n(&rec->stats.held_back, __ATOMIC_RELAXED);
	stats->sent = __atomic_load_n(&rec->stats.sent, __ATOMIC_RELAXED);
	stats->lost = __atomic_load_n(&rec->stats.lost, __ATOMIC_RELAXED);
}

unsigned int
record_sinks(const struct recorder *rec, struct record_sink *sink, unsigned int n)
{
	for (unsigned int i = 0; i < rec->n_outlets && i < n; i++) {
		const struct sink *s = &rec->outlet[i]->sink;

		sink[i] = (struct record_sink){ s->to, s->sent, s->lost, s->error };
	}
	return rec->n_outlets;
}

void
record_destroy(struct recorder *rec)
{
	for (unsigned int i = 0; rec != NULL && i < rec->n_outlets; i++)
		close_outlet(rec, rec->outlet[i]);
	free(rec);
}
