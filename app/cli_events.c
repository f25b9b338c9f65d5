/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What happens in the box, line by line as it happens: "events", as conntrack -E has it. The
 * statement goes on until whoever gave it leaves. Its walk (cli.h) takes a few events a step and is
 * idle when there are none, so it costs nothing while nothing happens; what a slow reader loses is
 * told where it is missing (events.c).
 *
 *     2026-11-23T06:00:00.123Z new session udp 10.0.0.2:5000 > 198.51.100.9:53 nat 192.0.2.1:40000
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "cli.h"
#include "events.h"
#include "json.h"
#include "slots.h"

#define CHUNK 64

struct event_walk {
	struct walk walk;
	struct box *box;
	struct listener *listener;
	uint64_t limit, shown;
	bool json_on;
};

static const char *const kinds[] = { "session", "mapping", "block", "forward", "lease", "port",
	"limit", "worker", "lost" };
static const char *const whats[] = { "new", "end", "renewed", "expired", "up", "down", "reached",
	"stuck", "runs", "slow", "overflow" };
static const char *const sides[] = { "inside", "outside" };

_Static_assert(RTE_DIM(kinds) == EVENT_KINDS + 1 && RTE_DIM(whats) == EVENT_WHATS, "a word each");

static const char *
time_text(uint64_t wall, char *buf, size_t size)
{
	time_t seconds = (time_t)(wall / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, size - n, ".%03uZ", (unsigned int)(wall % 1000));
	return buf;
}

static const char *
tenant_of(const struct sl_config *c, const struct event *e)
{
	return slots_no_tenant(c, e->tenant) ? "?" : c->tenant[e->tenant].name;
}

/* Blocks and limits are a subscriber's, which has no port. */
static const char *
inside_of(const struct event *e)
{
	const struct sl_ifaddr6 net = { e->in6, e->plen6 };

	if (e->kind == EVENT_BLOCK || e->kind == EVENT_LIMIT)
		return !e->six           ? text_addr(e->in_addr)
		       : e->plen6 == 128 ? text_addr6(&e->in6)
					 : text_net6(&net);
	return e->six ? text_endpoint6(&e->in6, e->in_port) : text_endpoint(e->in_addr, e->in_port);
}

static const char *
remote_of(const struct event *e)
{
	if (e->rem_addr == 0)
		return "any";
	return e->kind == EVENT_LEASE && e->rem_port == 0 ? text_addr(e->rem_addr)
							  : text_endpoint(e->rem_addr, e->rem_port);
}

/* What a line says of a subscriber's affairs. */
static void
affair_text(const struct sl_config *c, const struct event *e, FILE *out)
{
	const uint16_t first = rte_be_to_cpu_16(e->out_port);
	char proto[8];

	if (e->kind == EVENT_LEASE)
		fprintf(out, " %s", text_origin(e->origin));
	if (e->proto != 0)
		fprintf(out, " %s", proto_name(e->proto, proto, sizeof(proto)));
	if (e->kind == EVENT_LEASE || e->kind == EVENT_FORWARD)
		fprintf(out, " %s to %s", text_endpoint(e->out_addr, e->out_port), inside_of(e));
	else
		fprintf(out, " %s", inside_of(e));
	if (e->kind == EVENT_SESSION)
		fprintf(out, " > %s", remote_of(e));
	if (e->kind == EVENT_SESSION || e->kind == EVENT_MAPPING)
		fprintf(out, " nat %s", text_endpoint(e->out_addr, e->out_port));
	if (e->kind == EVENT_BLOCK)
		fprintf(out, " nat %s:%u-%u", text_addr(e->out_addr), first, first + e->ports - 1u);
	if (e->kind == EVENT_FORWARD && e->ports > 1)
		fprintf(out, " ports %u", e->ports);
	if (e->kind == EVENT_LEASE && e->rem_addr != 0)
		fprintf(out, " from %s", remote_of(e));
	if (e->kind == EVENT_LEASE)
		fprintf(out, " left %" PRIu64, e->count);
	if (e->kind == EVENT_LIMIT)
		fprintf(out, " %s", e->why < SL_COUNTER_COUNT ? sl_counter_name(e->why) : "-");
	if (e->kind == EVENT_LIMIT && e->count != 0)
		fprintf(out, " at %" PRIu64, e->count);
	if (e->tenant != 0)
		fprintf(out, " tenant %s", tenant_of(c, e));
}

static void
event_text(const struct box *box, const struct event *e, FILE *out)
{
	char when[40];

	fprintf(out, "%s ", time_text(e->wall, when, sizeof(when)));
	if (e->kind == EVENT_LOST)
		fprintf(out, "lost %" PRIu64 " events: %s", e->count,
			e->what == EVENT_SLOW ? "they were not read in time"
					      : "too many for control, of any kind");
	else
		fprintf(out, "%s %s", whats[e->what], kinds[e->kind]);
	if (e->kind == EVENT_PORT)
		fprintf(out, " %s %s", sides[e->side], box->port[e->side].name);
	else if (e->kind == EVENT_WORKER)
		fprintf(out, " %u", e->worker);
	else if (e->kind != EVENT_LOST)
		affair_text(box->config, e, out);
	fputc('\n', out);
}

static void
affair_json(const struct sl_config *c, const struct event *e, struct json *j)
{
	const uint16_t first = rte_be_to_cpu_16(e->out_port);
	char proto[8];

	json_text(j, "tenant", tenant_of(c, e));
	if (e->kind == EVENT_LEASE)
		json_text(j, "origin", text_origin(e->origin));
	if (e->proto != 0)
		json_text(j, "protocol", proto_name(e->proto, proto, sizeof(proto)));
	json_text(j, "inside", inside_of(e));
	if (e->kind == EVENT_SESSION || e->kind == EVENT_LEASE)
		json_text(j, "remote", remote_of(e));
	if (e->kind == EVENT_BLOCK) {
		json_text(j, "outside", text_addr(e->out_addr));
		json_number(j, "port_min", first);
		json_number(j, "port_max", first + e->ports - 1u);
	} else if (e->kind == EVENT_LIMIT) {
		json_text(j, "reason", e->why < SL_COUNTER_COUNT ? sl_counter_name(e->why) : "");
		json_number(j, "limit", e->count);
	} else {
		json_text(j, "outside", text_endpoint(e->out_addr, e->out_port));
	}
	if (e->kind == EVENT_FORWARD)
		json_number(j, "ports", e->ports);
	if (e->kind == EVENT_LEASE)
		json_number(j, "left", e->count);
	if (e->kind < EVENT_FORWARD || e->kind == EVENT_LIMIT)
		json_number(j, "worker", e->worker);
}

static void
event_json(const struct box *box, const struct event *e, FILE *out)
{
	struct json json = { .out = out, .flat = true };
	char when[40];

	json_object(&json, NULL);
	json_text(&json, "time", time_text(e->wall, when, sizeof(when)));
	json_text(&json, "event", kinds[e->kind]);
	json_text(&json, "what", whats[e->what]);
	if (e->kind == EVENT_LOST) {
		json_number(&json, "events", e->count);
	} else if (e->kind == EVENT_PORT) {
		json_text(&json, "side", sides[e->side]);
		json_text(&json, "port", box->port[e->side].name);
	} else if (e->kind == EVENT_WORKER) {
		json_number(&json, "worker", e->worker);
	} else {
		affair_json(box->config, e, &json);
	}
	json_object_end(&json);
}

/* ---- events ---- */

static int
step(struct walk *walk, FILE *out, FILE *err)
{
	struct event_walk *w = container_of(walk, struct event_walk, walk);
	struct event e;

	RTE_SET_USED(err);
	for (unsigned int i = 0; i < CHUNK; i++) {
		if (!events_take(w->listener, &e))
			return WALK_IDLE;
		if (w->json_on)
			event_json(w->box, &e, out);
		else
			event_text(w->box, &e, out);
		if (++w->shown == w->limit)
			return 0;
	}
	return 1;
}

static void
ready(void *arg)
{
	walk_ready(&((struct event_walk *)arg)->walk);
}

static void
destroy(struct walk *walk)
{
	struct event_walk *w = container_of(walk, struct event_walk, walk);

	events_leave(w->listener);
	free(w);
}

/* arg: 0 to 7 the kinds, 8 inside, 9 outside, 10 remote, 11 protocol, 12 tenant, 13 limit */
static int
follow(struct call *call, const struct arg *arg)
{
	struct event_walk *w = calloc(1, sizeof(*w));
	struct event_want want = {
		.in = arg[8].net,
		.in6 = arg[8].net6,
		.out = arg[9].net,
		.rem = arg[10].net,
		.proto = (uint8_t)arg[11].u,
		.tenant = arg[12].set ? (uint16_t)(arg[12].u + 1) : 0,
	};

	for (unsigned int i = 0; i < EVENT_KINDS; i++)
		want.kinds |= arg[i].set ? 1u << i : 0;
	if (want.kinds == 0)
		want.kinds = (1u << EVENT_KINDS) - 1;
	if (w != NULL)
		w->listener = events_listen(call->box, &want, ready, w);
	if (w == NULL || w->listener == NULL) {
		free(w);
		return call_fail(call, -ENOMEM, "out of memory");
	}
	w->walk.step = step;
	w->walk.destroy = destroy;
	w->box = call->box;
	w->limit = arg[13].u;
	w->json_on = call->json;
	call->after->walk = &w->walk;
	return 0;
}

/* ---- show events ---- */

struct listing {
	const struct call *call;
	struct json json;
};

static void
show_listener(void *arg, const struct event_want *want, const struct listener_stats *s)
{
	struct listing *l = arg;
	const char *gap = "";

	if (l->call->json) {
		json_object(&l->json, NULL);
		json_array(&l->json, "events");
	}
	for (unsigned int i = 0; i < EVENT_KINDS; i++) {
		if (!(want->kinds & 1u << i))
			continue;
		if (l->call->json)
			json_text(&l->json, NULL, kinds[i]);
		else
			fprintf(l->call->out, "%s%s", gap, kinds[i]);
		gap = ",";
	}
	if (!l->call->json) {
		fprintf(l->call->out, ": told %" PRIu64 ", waiting %u, lost %" PRIu64 "\n",
			s->taken, s->waiting, s->lost);
		return;
	}
	json_array_end(&l->json);
	json_number(&l->json, "told", s->taken);
	json_number(&l->json, "waiting", s->waiting);
	json_number(&l->json, "lost", s->lost);
	json_object_end(&l->json);
}

static int
show_events(struct call *call, const struct arg *arg)
{
	struct listing l = { .call = call, .json = { .out = call->out } };
	struct event_stats s = events_stats(call->box);

	RTE_SET_USED(arg);
	if (call->json) {
		json_object(&l.json, NULL);
		json_number(&l.json, "told", s.told);
		json_number(&l.json, "lost", s.lost);
		json_array(&l.json, "listeners");
	} else {
		fprintf(call->out, "all so far: told %" PRIu64 ", lost %" PRIu64 "\n", s.told,
			s.lost);
	}
	events_each(call->box, show_listener, &l);
	if (call->json) {
		json_array_end(&l.json);
		json_object_end(&l.json);
	}
	return 0;
}

const struct statement cli_event_statements[] = {
	{ "events [sessions] [mappings] [blocks] [forwards] [leases] [ports] [limits] [workers] "
	  "[inside NETWORK] [outside PREFIX] [remote PREFIX] [proto PROTOCOL] [tenant TENANT] "
	  "[limit COUNT] [json]",
		follow, "what happens, as it happens, until you leave or so many were shown",
		ST_NOW },
	{ "show events [json]", show_events,
		"who follows events, and how many were told and lost to slow readers", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
