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

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cli_filter.h"
#include "cli_print.h"
#include "json.h"

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

/* What one step has brought. */
static void
print_chunk(struct table_walk *w, FILE *out)
{
	struct print to = { w->box->config, out, w->json_on ? &w->json : NULL };

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
			print_session(&to, &w->buf.session[i]);
		else if (w->msg.op == SL_MSG_MAPPINGS)
			print_mapping(&to, &w->buf.mapping[i]);
		else
			print_subscriber(&to, &w->buf.subscriber[i]);
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
	filter_sessions(&w->msg.select, arg);
	return bound(w, &arg[FILTER_SESSIONS_ARGS]);
}

static int
show_mappings(struct call *call, const struct arg *arg)
{
	struct table_walk *w = begin(call, SL_MSG_MAPPINGS);

	if (w == NULL)
		return -ENOMEM;
	filter_ends(&w->msg.select, arg);
	return bound(w, &arg[FILTER_ENDS_ARGS]);
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
	w->msg.select.pool = arg[3].set ? arg[3].u + 1 : 0;
	return bound(w, &arg[4]);
}

static int
clear_sessions(struct call *call, const struct arg *arg)
{
	struct table_walk *w = begin(call, SL_MSG_CLEAR);

	if (w == NULL)
		return -ENOMEM;
	filter_sessions(&w->msg.select, arg);
	return 0;
}

const struct statement cli_session_statements[] = {
	{ "show sessions " FILTER_SESSIONS " [limit COUNT] [count] [json]", show_sessions,
		"sessions, by default the first 1000; count says only how many; age and idle are "
		"seconds at least",
		ST_NOW },
	{ "show mappings " FILTER_ENDS " [limit COUNT] [count] [json]", show_mappings,
		"mappings of inside to outside endpoints", ST_NOW },
	{ "show subscribers [inside NETWORK] [outside PREFIX] [tenant TENANT] [pool POOL] "
	  "[limit COUNT] [count] [json]",
		show_subscribers, "subscribers with what they hold", ST_NOW },
	{ "clear sessions " FILTER_SESSIONS " [json]", clear_sessions,
		"end sessions, all or those that fit", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
