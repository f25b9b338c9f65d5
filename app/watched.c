/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a copy of a packet says, for "trace" and "capture": the line of the packet, and below it
 * the stages of its way with the counters that it moved there. Which stage moves a counter is
 * known by the counter, see the drawing at the head of lib/path.c.
 *
 * Times: a worker stamps copies with the TSC, which is held against the time of day once, when
 * the watch begins.
 */
#include <inttypes.h>
#include <time.h>

#include <rte_cycles.h>

#include "clock.h"
#include "frametext.h"
#include "slots.h"
#include "watched.h"

static const char *const stages[] = { "parse", "fragments", "steer", "lookup", "settle", "finish" };

enum {
	PARSE,
	FRAGMENTS,
	STEER,
	LOOKUP,
	SETTLE,
	FINISH,
};

struct watched_clock
watched_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct watched_clock){
		.cycles = rte_get_tsc_cycles(),
		.ms = clock_now(),
		.wall = (uint64_t)now.tv_sec * (uint64_t)NS_PER_S + (uint64_t)now.tv_nsec,
	};
}

uint64_t
watched_when(const struct watched_clock *clock, const struct sl_seen *s)
{
	double since;

	if (s->cycles == 0)
		return clock->wall + (s->when - clock->ms) * 1000000;
	since = (double)(int64_t)(s->cycles - clock->cycles) / (double)rte_get_tsc_hz();
	return clock->wall + (uint64_t)(int64_t)(since * (double)NS_PER_S);
}

static int
stage_of(enum sl_counter c)
{
	switch (c) {
	case SL_COUNTER_NAT64_OUT:
	case SL_COUNTER_ROUTED6:
		return PARSE;
	case SL_COUNTER_FRAGMENTS_HELD:
	case SL_COUNTER_FRAGMENTS_JOINED:
	case SL_COUNTER_DROP_FRAGMENT_BAD ... SL_COUNTER_DROP_FRAGMENT_SOURCE:
		return FRAGMENTS;
	case SL_COUNTER_DROP_SHORT ... SL_COUNTER_DROP_DMAC:
	case SL_COUNTER_DROP_IPV6:
	case SL_COUNTER_DROP_IPV6_EXTENSION:
		return PARSE;
	case SL_COUNTER_HANDOFF_OUT:
	case SL_COUNTER_DROP_HANDOFF_FULL:
		return STEER;
	case SL_COUNTER_FLOW_HITS:
		return LOOKUP;
	case SL_COUNTER_PUNTED_ARP ... SL_COUNTER_PUNTED_HELPER:
	case SL_COUNTER_DROP_PUNT_RATE ... SL_COUNTER_DROP_HELPER_FULL:
	case SL_COUNTER_HELD:
	case SL_COUNTER_DROP_HOLD_FULL ... SL_COUNTER_DROP_HEADROOM:
	case SL_COUNTER_FRAGMENTS_MADE:
	case SL_COUNTER_HAIRPINNED:
	case SL_COUNTER_NAT64_IN:
		return FINISH;
	default:
		return SETTLE;
	}
}

/* The counters of a stage, separated by blanks; empty: none. */
static void
stage_text(const struct sl_seen *s, int stage, char *text, size_t size)
{
	size_t n = 0;

	*text = '\0';
	for (unsigned int i = 0; i < s->n_moved && n < size; i++)
		if (stage_of((enum sl_counter)s->moved[i]) == stage)
			n += (size_t)snprintf(text + n, size - n, "%s%s", n > 0 ? " " : "",
				sl_counter_name((enum sl_counter)s->moved[i]));
}

static const char *
side_name(uint8_t side)
{
	return side == SL_INSIDE ? "inside" : "outside";
}

static bool
is_drop(const struct sl_seen *s)
{
	return s->verdict < SL_COUNTER_COUNT && sl_counter_is_drop((enum sl_counter)s->verdict);
}

static void
time_text(uint64_t when, char *text, size_t size)
{
	time_t seconds = (time_t)(when / (uint64_t)NS_PER_S);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(text, size, "%H:%M:%S", &tm);
	snprintf(text + n, size - n, ".%06" PRIu64, when % (uint64_t)NS_PER_S / 1000);
}

static const char *
kind_text(const struct sl_seen *s)
{
	switch (s->kind) {
	case SL_SEEN_CAME:
		return s->handed ? "handed over" : "received";
	case SL_SEEN_LEFT:
		return "leaves";
	case SL_SEEN_LATER:
		return "leaves later";
	default:
		return "waited in vain";
	}
}

static void
print_stages(const struct sl_seen *s, FILE *out)
{
	char text[256];

	for (int i = PARSE; i <= FINISH; i++) {
		stage_text(s, i, text, sizeof(text));
		if (text[0] != '\0')
			fprintf(out, "    %-10s %s\n", stages[i], text);
	}
	if (is_drop(s))
		fprintf(out, "    %-10s %s\n", "dropped",
			sl_counter_text((enum sl_counter)s->verdict));
	else if (s->verdict == SL_COUNTER_HELD || s->verdict == SL_COUNTER_FRAGMENTS_HELD ||
		 s->verdict == SL_COUNTER_HANDOFF_OUT)
		fprintf(out, "    %-10s %s\n", "then",
			s->verdict == SL_COUNTER_HANDOFF_OUT ? "its owner goes on with it"
							     : "it waits, and leaves later");
	if (s->cut_short)
		fprintf(out, "    what left was not kept, for want of room\n");
}

void
watched_text(const struct watched_clock *clock, const struct sl_config *config,
	const struct sl_seen *s, FILE *out)
{
	char text[FRAMETEXT_MAX], at[32];

	frametext(s->bytes, s->kept, s->len, text, sizeof(text));
	if (s->kind == SL_SEEN_LEFT) {
		fprintf(out, "    %-10s %s: %s\n", "leaves", side_name(s->side), text);
		return;
	}
	time_text(watched_when(clock, s), at, sizeof(at));
	fprintf(out, "%s #%u.%u %s %s", at, s->worker, s->number, kind_text(s), side_name(s->side));
	if (s->kind == SL_SEEN_CAME && s->side == SL_INSIDE && s->tenant != 0)
		fprintf(out, " tenant %s",
			slots_no_tenant(config, s->tenant) ? "?" : config->tenant[s->tenant].name);
	fprintf(out, ": %s\n", text);
	print_stages(s, out);
}

static void
json_stages(const struct sl_seen *s, struct json *json)
{
	json_array(json, "counters");
	for (unsigned int i = 0; i < s->n_moved; i++) {
		json_object(json, NULL);
		json_text(json, "stage", stages[stage_of((enum sl_counter)s->moved[i])]);
		json_text(json, "counter", sl_counter_name((enum sl_counter)s->moved[i]));
		json_object_end(json);
	}
	json_array_end(json);
}

void
watched_json(const struct watched_clock *clock, const struct sl_config *config,
	const struct sl_seen *s, struct json *json)
{
	static const char *const kinds[] = { "came", "left", "later", "gone" };
	char text[FRAMETEXT_MAX];

	frametext(s->bytes, s->kept, s->len, text, sizeof(text));
	json_object(json, NULL);
	json_text(json, "kind", kinds[s->kind]);
	json_number(json, "time_ns", watched_when(clock, s));
	json_number(json, "worker", s->worker);
	json_number(json, "number", s->number);
	json_text(json, "side", side_name(s->side));
	json_text(json, "packet", text);
	if (s->kind == SL_SEEN_CAME) {
		json_flag(json, "handed_over", s->handed);
		if (s->side == SL_INSIDE && !slots_no_tenant(config, s->tenant))
			json_text(json, "tenant", config->tenant[s->tenant].name);
		json_stages(s, json);
	}
	if (s->verdict < SL_COUNTER_COUNT) {
		json_text(json, "verdict", sl_counter_name((enum sl_counter)s->verdict));
		json_flag(json, "dropped", is_drop(s));
	}
	json_object_end(json);
}

void
watched_comment(const struct sl_seen *s, char *text, size_t size)
{
	enum sl_counter c = (enum sl_counter)s->verdict;
	size_t n;

	if (s->kind == SL_SEEN_LEFT) {
		snprintf(text, size, "worker %u packet %u, as it leaves", s->worker, s->number);
		return;
	}
	n = (size_t)snprintf(
		text, size, "worker %u packet %u, %s", s->worker, s->number, kind_text(s));
	if (s->verdict < SL_COUNTER_COUNT && n < size)
		n += (size_t)snprintf(text + n, size - n, "; %s%s: %s",
			is_drop(s) ? "dropped, " : "", sl_counter_name(c), sl_counter_text(c));
	for (unsigned int i = 0; i < s->n_moved && n < size; i++)
		if (s->moved[i] != s->verdict)
			n += (size_t)snprintf(text + n, size - n, "; %s",
				sl_counter_name((enum sl_counter)s->moved[i]));
}
