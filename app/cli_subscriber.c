/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Everything about one subscriber, the answer to "why does this customer's line not work":
 * what it has, what it may have, what it was refused, ports of its own, forwards, ports that its
 * hosts have opened, mappings and sessions.
 *
 * One worker owns a subscriber, and only that one is asked, one question a step: who it is, its
 * blocks, then mappings and sessions in chunks as in cli_sessions.c. The walk over the worker's
 * tables is the same as there, so it may take a while in a large box and stops nobody.
 *
 * An IPv6 subscriber is a prefix (nat64 subscriber); any address in it names it.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cli_print.h"
#include "clock.h"
#include "json.h"
#include "leased.h"
#include "slots.h"

#define CHUNK 256
#define LIMIT 100 /* mappings, and sessions, shown unless told otherwise */
#define BLOCKS_MAX 255
#define PREFIX6 64 /* of a subscriber, unless configured */

enum stage {
	WHO,
	BLOCKS,
	MAPPINGS,
	SESSIONS,
};

struct sub_walk {
	struct walk walk;
	struct box *box;
	enum stage stage;
	struct sl_msg msg;
	unsigned int tenant, worker;
	bool six;
	rte_be32_t addr;
	struct sl_ifaddr6 net6;
	struct sl_subscriber who;
	bool found;
	uint64_t limit, shown;
	struct json json;
	bool json_on;
	union {
		struct sl_subscriber subscriber[CHUNK];
		struct sl_block_view block[BLOCKS_MAX];
		struct sl_mapping mapping[CHUNK];
		struct sl_session session[CHUNK];
	} buf;
};

static void
next_stage(struct sub_walk *w, enum stage stage, enum sl_msg_op op, unsigned int max)
{
	w->stage = stage;
	w->shown = 0;
	w->msg = (struct sl_msg){ .op = op, .max = max, .buf = &w->buf };
	w->msg.select.tenant = (uint16_t)(w->tenant + 1);
	if (w->six)
		w->msg.select.in6 = w->net6;
	else
		w->msg.select.in = (struct sl_ifaddr){ w->addr, 32 };
}

static const struct sl_pool *
pool_of(const struct sub_walk *w)
{
	const struct sl_config *c = w->box->config;
	unsigned int pool = w->tenant < c->n_tenants ? c->tenant[w->tenant].pool : UINT32_MAX;

	return slots_no_pool(c, pool) ? NULL : &c->pool[pool];
}

/* ---- who it is ---- */

struct may {
	struct sl_limits limits;
	const char *mode;
	uint32_t first, last; /* ports by plan; 0,0: none */
	uint32_t blocks, block_size; /* at most */
	rte_be32_t outside; /* where it is, or would be */
};

static struct may
may_have(const struct sub_walk *w)
{
	const struct sl_config *c = w->box->config;
	const struct sl_pool *pool = pool_of(w);
	struct may m = { .mode = "dynamic" };
	struct sl_plan plan;
	uint32_t slot;

	if (!slots_no_tenant(c, w->tenant))
		m.limits = c->tenant[w->tenant].limits;
	m.outside = w->who.out_addr;
	if (m.outside == 0 && !w->six)
		m.outside = sl_subscriber_outside(w->box->nat, w->tenant, w->addr);
	if (pool != NULL && pool->block_size != 0) {
		m.mode = "blocks";
		m.blocks = RTE_MAX(pool->blocks_max, 1);
		m.block_size = pool->block_size;
	} else if (pool != NULL && pool->fixed.plen != 0) {
		m.mode = "deterministic";
		if (!w->six && sl_pool_plan(pool, &plan) &&
			ntohl(w->addr) - plan.base < plan.n_inside) {
			slot = (ntohl(w->addr) - plan.base) % plan.per_addr;
			m.first = plan.port_min + slot * plan.each;
			m.last = m.first + plan.each - 1;
		}
	}
	return m;
}

static const char *
name_of(const struct sub_walk *w)
{
	return w->six ? text_net6(&w->net6) : text_addr(w->addr);
}

static const char *
mode_text(const struct may *m, char *buf, size_t size)
{
	if (m->blocks != 0)
		snprintf(buf, size, "blocks of %u, at most %u", m->block_size, m->blocks);
	else if (m->last != 0)
		snprintf(buf, size, "deterministic, ports %u-%u", m->first, m->last);
	else
		snprintf(buf, size, "%s", m->mode);
	return buf;
}

static void
who_text(const struct sub_walk *w, const struct may *m, FILE *out)
{
	const struct print to = { w->box->config, out, NULL };
	const struct sl_subscriber *s = &w->who;
	char mode[64];

	fprintf(out, "subscriber %s tenant %s worker %u%s\n", name_of(w),
		print_tenant(&to, w->tenant), w->worker,
		w->found ? ""
		: w->six || sl_subscriber_possible(w->box->nat, w->tenant, w->addr)
			? " without state"
			: " without state, and no route from inside leads to it");
	fprintf(out, "outside    %s%s pool %s, %s\n", m->outside != 0 ? text_addr(m->outside) : "-",
		w->who.out_addr == 0 && m->outside != 0 ? " (to come)" : "",
		print_pool(w->box->config, w->tenant), mode_text(m, mode, sizeof(mode)));
	fprintf(out, "sessions   %u\nports      tcp %u udp %u icmp %u\n", s->sessions, s->ports[0],
		s->ports[1], s->ports[2]);
	fprintf(out, "limits     sessions %u ports %u rate %u mapping-sessions %u (0: none)\n",
		m->limits.sessions, m->limits.ports, m->limits.rate, m->limits.mapping);
	fprintf(out, "refused    %" PRIu64 ": sessions %u ports %u rate %u other %u\n", s->refused,
		s->refused_by[SL_REFUSED_SESSIONS], s->refused_by[SL_REFUSED_PORTS],
		s->refused_by[SL_REFUSED_RATE], s->refused_by[SL_REFUSED_OTHER]);
}

static void
who_json(struct sub_walk *w, const struct may *m)
{
	const struct print to = { w->box->config, NULL, &w->json };
	const struct sl_subscriber *s = &w->who;
	struct json *j = &w->json;

	json_text(j, "subscriber", name_of(w));
	json_text(j, "tenant", print_tenant(&to, w->tenant));
	json_number(j, "worker", w->worker);
	json_flag(j, "state", w->found);
	json_flag(j, "possible", w->six || sl_subscriber_possible(w->box->nat, w->tenant, w->addr));
	json_text(j, "outside", m->outside != 0 ? text_addr(m->outside) : "");
	json_text(j, "pool", print_pool(w->box->config, w->tenant));
	json_text(j, "mode", m->mode);
	json_number(j, "port_min", m->first);
	json_number(j, "port_max", m->last);
	json_number(j, "block_size", m->block_size);
	json_number(j, "blocks_max", m->blocks);
	json_number(j, "sessions_now", s->sessions);
	json_object(j, "ports");
	json_number(j, "tcp", s->ports[0]);
	json_number(j, "udp", s->ports[1]);
	json_number(j, "icmp", s->ports[2]);
	json_object_end(j);
	json_object(j, "limits");
	json_number(j, "sessions", m->limits.sessions);
	json_number(j, "ports", m->limits.ports);
	json_number(j, "rate", m->limits.rate);
	json_number(j, "mapping_sessions", m->limits.mapping);
	json_object_end(j);
	json_object(j, "refused");
	json_number(j, "all", s->refused);
	json_number(j, "sessions", s->refused_by[SL_REFUSED_SESSIONS]);
	json_number(j, "ports", s->refused_by[SL_REFUSED_PORTS]);
	json_number(j, "rate", s->refused_by[SL_REFUSED_RATE]);
	json_number(j, "other", s->refused_by[SL_REFUSED_OTHER]);
	json_object_end(j);
}

static int
print_who(struct sub_walk *w, FILE *out)
{
	struct may may;

	if (w->msg.n > 0) {
		w->who = w->buf.subscriber[0];
		w->found = true;
	} else if (w->msg.cursor != UINT32_MAX) {
		return 1; /* an IPv6 one may be further on */
	}
	may = may_have(w);
	if (w->json_on) {
		json_object(&w->json, NULL);
		who_json(w, &may);
	} else {
		who_text(w, &may, out);
	}
	next_stage(w, BLOCKS, SL_MSG_BLOCKS, BLOCKS_MAX);
	/* A stand-in is an address like any other to the worker that gave it. */
	w->msg.select.in6.plen = 0;
	w->msg.select.in = (struct sl_ifaddr){ w->who.in_addr, 32 };
	return 1;
}

/* ---- what is set aside for it ---- */

static void
print_block(struct sub_walk *w, const struct sl_block_view *b, FILE *out)
{
	struct json *j = &w->json;

	if (!w->json_on) {
		fprintf(out, "block      %s:%u-%u used %u", text_addr(b->out_addr), b->start,
			b->start + b->size - 1, b->used);
		if (b->used == 0)
			fprintf(out, " idle %u", b->idle / 1000);
		fputc('\n', out);
		return;
	}
	json_object(j, NULL);
	json_text(j, "address", text_addr(b->out_addr));
	json_number(j, "port_min", b->start);
	json_number(j, "port_max", (uint64_t)b->start + b->size - 1);
	json_number(j, "used", b->used);
	json_number(j, "idle_ms", b->idle);
	json_object_end(j);
}

static bool
is_for(const struct sub_walk *w, const struct sl_forward *f)
{
	struct addr a, b;

	if (f->leased || f->tenant != w->tenant || f->six != w->six)
		return false;
	if (!w->six)
		return f->in_addr == w->addr;
	a = addr_net(addr_of6(&f->in6), w->net6.plen);
	b = addr_of6(&w->net6.addr);
	return addr_same(&a, &b);
}

static void
print_forwards(struct sub_walk *w, FILE *out)
{
	const struct sl_config *c = w->box->config;
	uint64_t now = clock_now();

	if (w->json_on)
		json_array(&w->json, "forwards");
	for (unsigned int i = 0; i < c->n_forwards; i++) {
		const struct sl_forward *f = &c->forward[i];
		char proto[8];

		if (!is_for(w, f) || (f->expires != 0 && f->expires <= now))
			continue;
		if (!w->json_on) {
			fprintf(out, "forward    %s %s to %s ports %u\n",
				proto_name(f->proto, proto, sizeof(proto)),
				text_endpoint(f->out_addr, f->out_port), text_target(f),
				RTE_MAX(f->ports, 1));
			continue;
		}
		json_object(&w->json, NULL);
		json_text(&w->json, "protocol", proto_name(f->proto, proto, sizeof(proto)));
		json_text(&w->json, "outside", text_endpoint(f->out_addr, f->out_port));
		json_text(&w->json, "inside", text_target(f));
		json_number(&w->json, "ports", RTE_MAX(f->ports, 1));
		json_object_end(&w->json);
	}
	if (w->json_on)
		json_array_end(&w->json);
}

static void
print_lease(void *arg, const struct sl_lease *l)
{
	struct sub_walk *w = arg;
	FILE *out = w->json.out;
	uint64_t now = clock_now(), left = l->expires > now ? (l->expires - now + 999) / 1000 : 0;
	char proto[8];
	const char *name = proto_name(l->proto, proto, sizeof(proto));

	if (w->six || l->tenant != w->tenant || l->in_addr != w->addr)
		return;
	if (!w->json_on) {
		fprintf(out, "lease      %s %s %s to %s left %" PRIu64 "\n", text_origin(l->origin),
			name, text_endpoint(l->out_addr, l->out_port),
			text_endpoint(l->in_addr, l->in_port), left);
		return;
	}
	json_object(&w->json, NULL);
	json_text(&w->json, "origin", text_origin(l->origin));
	json_text(&w->json, "protocol", name);
	json_text(&w->json, "outside", text_endpoint(l->out_addr, l->out_port));
	json_text(&w->json, "inside", text_endpoint(l->in_addr, l->in_port));
	json_number(&w->json, "left", left);
	json_object_end(&w->json);
}

static int
print_blocks(struct sub_walk *w, FILE *out)
{
	if (w->json_on)
		json_array(&w->json, "blocks");
	for (unsigned int i = 0; i < w->msg.n; i++)
		print_block(w, &w->buf.block[i], out);
	if (w->json_on)
		json_array_end(&w->json);
	print_forwards(w, out);
	if (w->json_on)
		json_array(&w->json, "leases");
	if (leased_store(w->box) != NULL)
		sl_lease_walk(leased_store(w->box), print_lease, w);
	if (w->json_on) {
		json_array_end(&w->json);
		json_array(&w->json, "mappings");
	}
	next_stage(w, MAPPINGS, SL_MSG_MAPPINGS, CHUNK);
	return 1;
}

/* ---- mappings and sessions ---- */

static int
print_chunk(struct sub_walk *w, FILE *out)
{
	const struct print to = { w->box->config, out, w->json_on ? &w->json : NULL };
	bool maps = w->stage == MAPPINGS;

	for (unsigned int i = 0; i < w->msg.n; i++) {
		if (w->limit != 0 && w->shown++ >= w->limit)
			continue;
		if (!w->json_on)
			fputs(maps ? "mapping    " : "session    ", out);
		if (maps)
			print_mapping(&to, &w->buf.mapping[i]);
		else
			print_session(&to, &w->buf.session[i]);
	}
	if (w->msg.cursor != UINT32_MAX)
		return 1;
	if (w->json_on)
		json_array_end(&w->json);
	else if (w->limit != 0 && w->shown > w->limit)
		fprintf(out, "%s %" PRIu64 " more, 'limit 0' shows all\n",
			maps ? "mapping   " : "session   ", w->shown - w->limit);
	if (w->json_on)
		json_number(&w->json, maps ? "mappings_more" : "sessions_more",
			w->limit != 0 && w->shown > w->limit ? w->shown - w->limit : 0);
	if (!maps) {
		if (w->json_on)
			json_object_end(&w->json);
		return 0;
	}
	if (w->json_on)
		json_array(&w->json, "sessions");
	next_stage(w, SESSIONS, SL_MSG_SESSIONS, CHUNK);
	return 1;
}

static int
step(struct walk *walk, FILE *out, FILE *err)
{
	struct sub_walk *w = container_of(walk, struct sub_walk, walk);
	int rc;

	w->json.out = out;
	w->msg.n = 0;
	rc = box_ask(w->box, w->worker, &w->msg);
	if (rc < 0) {
		fprintf(err, "worker %u does not answer: %s\n", w->worker, strerror(-rc));
		return rc;
	}
	if (w->stage == WHO)
		return print_who(w, out);
	return w->stage == BLOCKS ? print_blocks(w, out) : print_chunk(w, out);
}

static void
destroy(struct walk *walk)
{
	free(container_of(walk, struct sub_walk, walk));
}

/* arg: 0 who, 1 tenant, 2 limit, 3 json */
static int
show_subscriber(struct call *call, const struct arg *arg)
{
	uint8_t plen =
		call->config->nat64_subscriber != 0 ? call->config->nat64_subscriber : PREFIX6;
	struct sub_walk *w;
	struct addr net;

	if (arg[0].six && arg[0].net6.plen < plen)
		return call_fail(call, -EINVAL,
			"'%s': a subscriber is a prefix of %u bits, this one has many", arg[0].word,
			plen);
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	w->walk.step = step;
	w->walk.destroy = destroy;
	w->box = call->box;
	w->json_on = call->json;
	w->tenant = arg[1].set ? arg[1].u : 0;
	w->limit = arg[2].set ? arg[2].u : LIMIT;
	w->six = arg[0].six;
	if (w->six) {
		net = addr_net(addr_of6(&arg[0].net6.addr), plen);
		w->net6 = (struct sl_ifaddr6){ net.v6, plen };
		w->worker = sl_subscriber_worker6(call->box->nat, w->tenant, &w->net6.addr);
	} else {
		w->addr = arg[0].net.addr;
		w->worker = sl_subscriber_worker(call->box->nat, w->addr);
	}
	next_stage(w, WHO, SL_MSG_SUBSCRIBERS, w->six ? CHUNK : 1);
	call->after->walk = &w->walk;
	return 0;
}

const struct statement cli_subscriber_statements[] = {
	{ "show subscriber SUBSCRIBER [tenant TENANT] [limit COUNT] [json]", show_subscriber,
		"all about one subscriber: what it holds, may hold and was refused, blocks, "
		"forwards, opened ports, mappings, sessions",
		ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
