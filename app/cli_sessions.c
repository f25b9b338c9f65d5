/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sessions, mappings and subscribers: shown, counted, cleared.
 *
 * The tables belong to the workers, and may hold millions. So each of these statements
 * leaves a walk behind: a step asks one worker for at most CHUNK entries from where the
 * last step ended, and prints them; whoever runs the walk takes the next step when the
 * output has gone away. Entries that come or go during the walk may be missed; none is
 * shown twice unless it moved.
 *
 * Lines are those of conntrack -L in content: protocol, state, seconds left, endpoints,
 * traffic.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json.h"
#include "slots.h"

#define CHUNK 256 /* entries of one step */
#define LIMIT 1000 /* entries shown unless told otherwise */

struct table_walk {
	struct walk walk;
	struct box *box;
	struct sl_msg msg; /* cursor and selection */
	unsigned int worker; /* being asked */
	uint64_t limit, shown, more; /* entries */
	bool json_on, count, begun;
	struct json json;
	union {
		struct sl_session session[CHUNK];
		struct sl_mapping mapping[CHUNK];
		struct sl_subscriber subscriber[CHUNK];
	} buf;
};

static const char *
noun(const struct table_walk *w)
{
	return w->msg.op == SL_MSG_MAPPINGS      ? "mappings"
	       : w->msg.op == SL_MSG_SUBSCRIBERS ? "subscribers"
						 : "sessions";
}

static const char *
tenant_name(const struct table_walk *w, unsigned int tenant)
{
	/* The configuration may have changed since the last step. */
	return slots_no_tenant(w->box->config, tenant) ? "?" : w->box->config->tenant[tenant].name;
}

static const char *
state_name(const struct sl_session *s)
{
	return s->tcp_state == SL_TCP_NONE ? "-" : sl_tcp_state_name(s->tcp_state);
}

static const char *
inside(bool six, const struct sl_ip6 *in6, rte_be32_t addr, rte_be16_t port)
{
	return six ? text_endpoint6(in6, port) : text_endpoint(addr, port);
}

/* The NAT64 prefix by which an IPv6 host goes; the configuration may have changed since. */
static const char *
nat64_name(const struct table_walk *w, unsigned int nat64)
{
	const struct sl_config *c = w->box->config;

	return nat64 < c->n_nat64 && c->nat64[nat64].prefix.plen != 0
		       ? text_net6(&c->nat64[nat64].prefix)
		       : "?";
}

static const char *
subscriber_name(const struct sl_subscriber *s)
{
	if (!s->six)
		return text_addr(s->in_addr);
	return s->in6.plen == 128 ? text_addr6(&s->in6.addr) : text_net6(&s->in6);
}

static void
session_text(struct table_walk *w, const struct sl_session *s, FILE *out)
{
	char proto[8];

	fprintf(out,
		"%s %s %u %s > %s nat %s packets %" PRIu64 "/%" PRIu64 " bytes %" PRIu64
		"/%" PRIu64,
		proto_name(s->proto, proto, sizeof(proto)), state_name(s), s->left / 1000,
		inside(s->six, &s->in6, s->in_addr, s->in_port),
		text_endpoint(s->rem_addr, s->rem_port), text_endpoint(s->out_addr, s->out_port),
		s->packets[0], s->packets[1], s->bytes[0], s->bytes[1]);
	if (s->tenant != 0)
		fprintf(out, " tenant %s", tenant_name(w, s->tenant));
	fprintf(out, "%s worker %u\n", s->opened_inbound ? " inbound" : "", s->worker);
}

static void
session_json(struct table_walk *w, const struct sl_session *s)
{
	struct json *j = &w->json;
	char proto[8];

	json_object(j, NULL);
	json_text(j, "protocol", proto_name(s->proto, proto, sizeof(proto)));
	json_text(j, "state", state_name(s));
	json_text(j, "tenant", tenant_name(w, s->tenant));
	json_text(j, "inside", inside(s->six, &s->in6, s->in_addr, s->in_port));
	if (s->six)
		json_text(j, "nat64", nat64_name(w, s->nat64));
	json_text(j, "remote", text_endpoint(s->rem_addr, s->rem_port));
	json_text(j, "outside", text_endpoint(s->out_addr, s->out_port));
	json_flag(j, "inbound", s->opened_inbound);
	json_number(j, "age_ms", s->age);
	json_number(j, "idle_ms", s->idle);
	json_number(j, "left_ms", s->left);
	json_number(j, "packets_out", s->packets[0]);
	json_number(j, "packets_in", s->packets[1]);
	json_number(j, "bytes_out", s->bytes[0]);
	json_number(j, "bytes_in", s->bytes[1]);
	json_number(j, "worker", s->worker);
	json_object_end(j);
}

static void
print_session(struct table_walk *w, const struct sl_session *s, FILE *out)
{
	if (w->json_on)
		session_json(w, s);
	else
		session_text(w, s, out);
}

static void
print_mapping(struct table_walk *w, const struct sl_mapping *m, FILE *out)
{
	struct json *j = &w->json;
	char buf[8];
	const char *proto = proto_name(m->proto, buf, sizeof(buf));

	if (!w->json_on) {
		fprintf(out, "%s %s nat %s sessions %u%s", proto,
			inside(m->six, &m->in6, m->in_addr, m->in_port),
			text_endpoint(m->out_addr, m->out_port), m->sessions,
			m->is_static ? " forward" : "");
		if (m->tenant != 0)
			fprintf(out, " tenant %s", tenant_name(w, m->tenant));
		fprintf(out, " worker %u\n", m->worker);
		return;
	}
	json_object(j, NULL);
	json_text(j, "protocol", proto);
	json_text(j, "tenant", tenant_name(w, m->tenant));
	json_text(j, "inside", inside(m->six, &m->in6, m->in_addr, m->in_port));
	if (m->six)
		json_text(j, "nat64", nat64_name(w, m->nat64));
	json_text(j, "outside", text_endpoint(m->out_addr, m->out_port));
	json_number(j, "sessions", m->sessions);
	json_flag(j, "forward", m->is_static);
	json_number(j, "worker", m->worker);
	json_object_end(j);
}

static void
print_subscriber(struct table_walk *w, const struct sl_subscriber *s, FILE *out)
{
	struct json *j = &w->json;

	if (!w->json_on) {
		fprintf(out, "%s nat %s sessions %u ports tcp %u udp %u icmp %u refused %" PRIu64,
			subscriber_name(s), text_addr(s->out_addr), s->sessions, s->ports[0],
			s->ports[1], s->ports[2], s->refused);
		if (s->tenant != 0)
			fprintf(out, " tenant %s", tenant_name(w, s->tenant));
		fprintf(out, " worker %u\n", s->worker);
		return;
	}
	json_object(j, NULL);
	json_text(j, "tenant", tenant_name(w, s->tenant));
	json_text(j, "inside", subscriber_name(s));
	json_text(j, "outside", text_addr(s->out_addr));
	json_number(j, "sessions", s->sessions);
	json_number(j, "ports_tcp", s->ports[0]);
	json_number(j, "ports_udp", s->ports[1]);
	json_number(j, "ports_icmp", s->ports[2]);
	json_number(j, "refused", s->refused);
	json_number(j, "worker", s->worker);
	json_object_end(j);
}

/* What one step has brought. */
static void
print_chunk(struct table_walk *w, FILE *out)
{
	for (unsigned int i = 0; i < w->msg.n; i++) {
		if (w->count || w->msg.op == SL_MSG_CLEAR) {
			w->shown += w->msg.n;
			return;
		}
		if (w->limit != 0 && w->shown == w->limit) {
			w->more += w->msg.n - i;
			return;
		}
		if (w->msg.op == SL_MSG_SESSIONS)
			print_session(w, &w->buf.session[i], out);
		else if (w->msg.op == SL_MSG_MAPPINGS)
			print_mapping(w, &w->buf.mapping[i], out);
		else
			print_subscriber(w, &w->buf.subscriber[i], out);
		w->shown++;
	}
}

static void
print_head(struct table_walk *w)
{
	w->begun = true;
	if (!w->json_on)
		return;
	json_object(&w->json, NULL);
	if (!w->count && w->msg.op != SL_MSG_CLEAR)
		json_array(&w->json, noun(w));
}

static void
print_tail(struct table_walk *w, FILE *out)
{
	bool clear = w->msg.op == SL_MSG_CLEAR;

	if (w->json_on) {
		if (!w->count && !clear)
			json_array_end(&w->json);
		json_number(&w->json, clear ? "cleared" : w->count ? "count" : "shown", w->shown);
		if (!w->count && !clear)
			json_number(&w->json, "more", w->more);
		json_object_end(&w->json);
	} else if (w->count || clear) {
		fprintf(out, "%" PRIu64 " %s%s\n", w->shown, noun(w), clear ? " ended" : "");
	} else if (w->more > 0) {
		fprintf(out, "... and %" PRIu64 " more, 'limit 0' shows all\n", w->more);
	}
}

static int
step(struct walk *walk, FILE *out, FILE *err)
{
	struct table_walk *w = container_of(walk, struct table_walk, walk);
	int rc;

	w->json.out = out;
	if (!w->begun)
		print_head(w);
	w->msg.n = 0;
	rc = box_ask(w->box, w->worker, &w->msg);
	if (rc < 0) {
		fprintf(err, "worker %u does not answer: %s; 'show workers' tells how it is\n",
			w->worker, strerror(-rc));
		return rc;
	}
	print_chunk(w, out);
	if (w->msg.cursor == UINT32_MAX) {
		w->msg.cursor = 0;
		w->worker++;
	}
	if (w->worker < w->box->n_workers)
		return 1;
	print_tail(w, out);
	return 0;
}

static void
destroy(struct walk *walk)
{
	free(container_of(walk, struct table_walk, walk));
}

static struct table_walk *
begin(struct call *call, enum sl_msg_op op)
{
	struct table_walk *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		call_fail(call, -ENOMEM, "out of memory");
		return NULL;
	}
	w->walk.step = step;
	w->walk.destroy = destroy;
	w->box = call->box;
	w->json_on = call->json;
	w->limit = LIMIT;
	w->msg.op = op;
	w->msg.max = CHUNK;
	w->msg.buf = &w->buf;
	call->after->walk = &w->walk;
	return w;
}

/* [proto] [inside] [outside] [tenant], which all of them begin with. */
#define FILTERS "[proto PROTOCOL] [inside INSIDE] [outside WHERE] [tenant TENANT]"

static void
select_common(struct sl_select *select, const struct arg *arg)
{
	select->proto = arg[0].u;
	select->in = arg[1].net;
	select->in6 = arg[1].net6;
	select->in_port = arg[1].port;
	select->out = arg[2].net;
	select->out_port = arg[2].port;
	select->tenant = arg[3].set ? arg[3].u + 1 : 0;
}

/* [remote] [state] */
static void
select_session(struct sl_select *select, const struct arg *arg)
{
	select->rem = arg[0].net;
	select->rem_port = arg[0].port;
	select->tcp_state = arg[1].set ? arg[1].u + 1 : 0;
}

/* [limit] [count] */
static int
bound(struct table_walk *w, const struct arg *arg)
{
	if (arg[0].set)
		w->limit = arg[0].u;
	w->count = arg[1].set;
	return 0;
}

static int
show_sessions(struct call *call, const struct arg *arg)
{
	struct table_walk *w = begin(call, SL_MSG_SESSIONS);

	if (w == NULL)
		return -ENOMEM;
	select_common(&w->msg.select, &arg[0]);
	select_session(&w->msg.select, &arg[4]);
	return bound(w, &arg[6]);
}

static int
show_mappings(struct call *call, const struct arg *arg)
{
	struct table_walk *w = begin(call, SL_MSG_MAPPINGS);

	if (w == NULL)
		return -ENOMEM;
	select_common(&w->msg.select, &arg[0]);
	return bound(w, &arg[4]);
}

static int
show_subscribers(struct call *call, const struct arg *arg)
{
	struct table_walk *w = begin(call, SL_MSG_SUBSCRIBERS);

	if (w == NULL)
		return -ENOMEM;
	w->msg.select.in = arg[0].net;
	w->msg.select.in6 = arg[0].net6;
	w->msg.select.out = arg[1].net;
	w->msg.select.tenant = arg[2].set ? arg[2].u + 1 : 0;
	return bound(w, &arg[3]);
}

static int
clear_sessions(struct call *call, const struct arg *arg)
{
	struct table_walk *w = begin(call, SL_MSG_CLEAR);

	if (w == NULL)
		return -ENOMEM;
	select_common(&w->msg.select, &arg[0]);
	select_session(&w->msg.select, &arg[4]);
	return 0;
}

const struct statement cli_session_statements[] = {
	{ "show sessions " FILTERS " [remote WHERE] [state STATE] [limit COUNT] [count] [json]",
		show_sessions, "sessions, by default the first 1000; count says only how many",
		ST_NOW },
	{ "show mappings " FILTERS " [limit COUNT] [count] [json]", show_mappings,
		"mappings of inside to outside endpoints", ST_NOW },
	{ "show subscribers [inside NETWORK] [outside PREFIX] [tenant TENANT] [limit COUNT] "
	  "[count] "
	  "[json]",
		show_subscribers, "subscribers with what they hold", ST_NOW },
	{ "clear sessions " FILTERS " [remote WHERE] [state STATE] [json]", clear_sessions,
		"end sessions, all or those that fit", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
