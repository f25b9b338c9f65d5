/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets on their way: "trace" prints the next ones of a filter, "capture" writes them to a file
 * (capture.c).
 *
 * Both arm a watch (lib/watch.h), one at a time for the whole box, and are walks: each step takes
 * what the workers have copied since, a slice of it, and between steps control does its other
 * work. They end when enough packets, bytes or seconds have gone by, and when whoever asked is
 * gone: then the watch is disarmed, and the file is a whole one.
 */
#include <errno.h>

#include "capture.h"
#include "looking.h"

#define TRACE_COUNT 10
#define TRACE_KEEP 256
#define TRACE_SECONDS 3600
#define CAPTURE_COUNT 100000
#define CAPTURE_SIZE 100000000
#define CAPTURE_SECONDS 600
#define CAPTURE_KEEP 2048

/* Nine arguments. */
#define FILTER                                                                                     \
	"[proto PROTOCOL] [address INSIDE] [port PORT] [source INSIDE] [destination INSIDE] "      \
	"[from inside|outside] [tenant TENANT] [dropped]"

struct trace {
	struct looking look;
	bool json_on, begun;
	struct json json;
};

static void
set_end(struct sl_watch_end *end, const struct arg *arg)
{
	*end = (struct sl_watch_end){ .net = arg->net, .net6 = arg->net6, .port = arg->port };
}

static void
set_filter(struct sl_watch_filter *f, const struct arg *arg)
{
	*f = (struct sl_watch_filter){
		.proto = (uint8_t)arg[0].u,
		.has_from = arg[5].set,
		.from = (uint8_t)arg[5].u,
		.tenant = arg[6].set ? (uint16_t)(arg[6].u + 1) : 0,
		.dropped = arg[7].set,
	};
	if (f->proto == IPPROTO_ICMPV6)
		f->proto = IPPROTO_ICMP;
	set_end(&f->any[0], &arg[1]);
	f->any[1].port = rte_cpu_to_be_16((uint16_t)arg[2].u);
	set_end(&f->source, &arg[3]);
	set_end(&f->destination, &arg[4]);
}

/* ---- trace ---- */

static void
print_copy(struct trace *t, const struct sl_seen *s, FILE *out)
{
	if (t->json_on)
		watched_json(&t->look.clock, t->look.box->config, s, &t->json);
	else
		watched_text(&t->look.clock, t->look.box->config, s, out);
}

static int
trace_step(struct walk *walk, FILE *out, FILE *err)
{
	struct trace *t = (struct trace *)walk;
	struct looking *l = &t->look;
	const struct sl_seen *s;

	t->json.out = out;
	if (t->json_on && !t->begun)
		json_array(&t->json, NULL);
	t->begun = true;
	for (int i = 0; i < LOOKING_SLICE && (s = sl_watch_peek(l->watch)) != NULL; i++) {
		/* Its owner tells of it as well. */
		bool leads = s->kind != SL_SEEN_LEFT && s->verdict != SL_COUNTER_HANDOFF_OUT;

		if (leads && l->packets >= l->count)
			break;
		looking_count(l, s, leads);
		print_copy(t, s, out);
		sl_watch_next(l->watch);
	}
	if (!looking_is_over(l)) {
		walk->wait = LOOKING_WAIT_MS;
		return 1;
	}
	if (t->json_on)
		json_array_end(&t->json);
	looking_sum(l, err);
	looking_lost(l, err);
	return 0;
}

static void
trace_destroy(struct walk *walk)
{
	looking_end((struct looking *)walk);
}

/* ---- the statements ---- */

static int
trace(struct call *call, const struct arg *arg)
{
	struct sl_watch_filter filter;
	struct trace *t;
	int rc;

	set_filter(&filter, &arg[0]);
	t = (struct trace *)looking_begin(call, sizeof(*t), &filter, TRACE_KEEP);
	if (t == NULL)
		return -EBUSY;
	t->json_on = call->json;
	t->look.walk.step = trace_step;
	t->look.walk.destroy = trace_destroy;
	t->look.count = arg[8].set ? arg[8].u : TRACE_COUNT;
	t->look.until = (arg[9].set ? arg[9].u : TRACE_SECONDS) * UINT64_C(1000);
	rc = looking_arm(&t->look, call->err);
	if (rc < 0) {
		looking_end(&t->look);
		return rc;
	}
	call->after->walk = &t->look.walk;
	return 0;
}

static int
capture(struct call *call, const struct arg *arg)
{
	const struct capture_limits limits = {
		.packets = arg[9].set ? arg[9].u : CAPTURE_COUNT,
		.bytes = arg[10].set ? arg[10].u : CAPTURE_SIZE,
		.ms = (arg[11].set ? arg[11].u : CAPTURE_SECONDS) * UINT64_C(1000),
		.keep = arg[12].set ? arg[12].u : CAPTURE_KEEP,
	};
	struct sl_watch_filter filter;

	if (arg[0].word[0] != '/')
		return call_fail(call, -EINVAL,
			"'%s': expected a name that begins with '/': the box writes the file",
			arg[0].word);
	set_filter(&filter, &arg[1]);
	return capture_begin(call, arg[0].word, &filter, &limits);
}

const struct statement cli_watch_statements[] = {
	{ "trace " FILTER " [count PACKETS] [seconds FOR] [json]", trace,
		"the next packets that fit (10), each with every stage of its way and as it "
		"leaves; addresses fit before and after translation",
		ST_NOW },
	{ "capture FILE " FILTER " [count PACKETS] [size SIZE] [seconds FOR] [keep KEEP]", capture,
		"write packets that fit to a pcapng file, as they come and as they leave, those "
		"dropped with the reason as comment; at most 100000 packets, 100 MB, 600 seconds",
		ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
