/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A picture of the box as one line of JSON: what top.c prints, with totals beside the rates.
 * The keys are stable.
 */
#include <time.h>

#include <rte_lcore.h>

#include "cli.h"
#include "cli_print.h"
#include "clock.h"
#include "events.h"
#include "helper.h"
#include "json.h"
#include "logstream.h"
#include "record.h"
#include "slots.h"
#include "survey.h"
#include "top.h"

static const char *const sides[] = { "inside", "outside" };
static const char *const classes[] = { "tcp", "udp", "icmp" };

static double
sum(const struct top_frame *f, enum sl_counter c)
{
	return sample_sum(f->from, f->to, f->box, c);
}

static uint64_t
value(const struct top_frame *f, enum sl_counter c)
{
	return sample_value(f->to, f->box, c);
}

static void
put_head(const struct top_frame *f, struct json *j)
{
	json_number(j, "time", (uint64_t)time(NULL));
	json_number(j, "uptime", (clock_now() - f->box->started) / 1000);
	json_ratio(j, "seconds", sample_seconds(f->from, f->to));
	json_object(j, "sessions");
	json_number(j, "now", value(f, SL_COUNTER_SESSIONS_NOW));
	json_number(j, "max", f->box->max_sessions);
	json_number(j, "made", value(f, SL_COUNTER_SESSIONS_MADE));
	json_ratio(j, "made_per_second", sum(f, SL_COUNTER_SESSIONS_MADE));
	json_ratio(j, "ended_per_second", sum(f, SL_COUNTER_SESSIONS_ENDED));
	json_object_end(j);
	json_number(j, "mappings", value(f, SL_COUNTER_MAPPINGS_NOW));
	json_number(j, "subscribers", value(f, SL_COUNTER_SUBSCRIBERS_NOW));
	json_number(j, "hosts6", value(f, SL_COUNTER_HOSTS6_NOW));
}

static void
put_port(const struct top_frame *f, int side, struct json *j)
{
	const struct rte_eth_stats *a = &f->from->port[side], *b = &f->to->port[side];
	double s = sample_seconds(f->from, f->to);

	json_object(j, NULL);
	json_text(j, "side", sides[side]);
	json_text(j, "name", f->box->port[side].name);
	json_flag(j, "up", f->box->port[side].up);
	json_ratio(j, "rx_packets_per_second", sample_rate(a->ipackets, b->ipackets, s));
	json_ratio(j, "rx_bits_per_second", 8 * sample_rate(a->ibytes, b->ibytes, s));
	json_ratio(j, "tx_packets_per_second", sample_rate(a->opackets, b->opackets, s));
	json_ratio(j, "tx_bits_per_second", 8 * sample_rate(a->obytes, b->obytes, s));
	json_ratio(j, "missed_per_second",
		sample_rate(a->imissed + a->rx_nombuf, b->imissed + b->rx_nombuf, s));
	json_ratio(j, "errors_per_second",
		sample_rate(a->ierrors + a->oerrors, b->ierrors + b->oerrors, s));
	json_number(j, "rx_packets", b->ipackets);
	json_number(j, "tx_packets", b->opackets);
	json_object_end(j);
}

static double
one(const struct top_frame *f, unsigned int i, enum sl_counter c)
{
	return sample_counter(f->from, f->to, i, c);
}

static void
put_lcores(const struct top_frame *f, struct json *j)
{
	json_array(j, "lcores");
	json_object(j, NULL);
	json_number(j, "lcore", rte_get_main_lcore());
	json_text(j, "does", "control");
	json_ratio(j, "busy_percent", sample_control(f->from, f->to));
	json_object_end(j);
	for (unsigned int i = 0; i < f->box->n_workers; i++) {
		double drops = 0;

		for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++)
			drops += sl_counter_is_drop((enum sl_counter)c)
					 ? one(f, i, (enum sl_counter)c)
					 : 0;
		json_object(j, NULL);
		json_number(j, "lcore", f->box->lcore[i]);
		json_text(j, "does", "worker");
		json_number(j, "worker", i);
		json_ratio(j, "busy_percent", sample_busy(f->from, f->to, i));
		json_ratio(j, "rx_packets_per_second",
			one(f, i, SL_COUNTER_RX_INSIDE) + one(f, i, SL_COUNTER_RX_OUTSIDE));
		json_ratio(j, "tx_packets_per_second",
			one(f, i, SL_COUNTER_TX_INSIDE) + one(f, i, SL_COUNTER_TX_OUTSIDE));
		json_ratio(j, "handoff_per_second", one(f, i, SL_COUNTER_HANDOFF_OUT));
		json_ratio(j, "sessions_made_per_second", one(f, i, SL_COUNTER_SESSIONS_MADE));
		json_ratio(j, "drops_per_second", drops);
		json_number(j, "sessions", f->to->worker[i].counter[SL_COUNTER_SESSIONS_NOW]);
		json_number(j, "stuck_seconds", f->box->watch[i].stuck);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
put_pools(const struct top_frame *f, const struct survey_view *v, struct json *j)
{
	const struct sl_config *c = f->box->config;

	json_array(j, "pools");
	for (unsigned int i = 0; i < v->n_pools; i++) {
		const struct survey_pool *p = &v->pool[i];

		if (p->addresses == 0)
			continue;
		json_object(j, NULL);
		json_text(j, "pool", slots_no_pool(c, i) ? "outside" : c->pool[i].name);
		json_number(j, "addresses", p->addresses);
		json_number(j, "ports", p->ports);
		for (int k = 0; k < 3; k++)
			json_number(j, classes[k], p->used[k]);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
put_list(const struct top_frame *f, const char *key, const struct sl_subscriber *list,
	unsigned int n, struct json *j)
{
	const struct print to = { f->box->config, j->out, j };

	json_array(j, key);
	for (unsigned int i = 0; i < RTE_MIN(n, f->rows); i++)
		print_subscriber(&to, &list[i]);
	json_array_end(j);
}

static void
put_survey(const struct top_frame *f, const struct survey_view *v, struct json *j)
{
	put_pools(f, v, j);
	put_list(f, "most_sessions", v->by_sessions, v->n_sessions, j);
	put_list(f, "most_ports", v->by_ports, v->n_ports, j);
	json_object(j, "survey");
	json_number(j, "age_ms", clock_now() - v->when);
	json_number(j, "took_ms", v->took);
	json_number(j, "workers_missing", v->missing);
	json_object_end(j);
}

static void
put_drops(const struct top_frame *f, struct json *j)
{
	struct top_drop drop[TOP_DROPS];
	unsigned int n = top_drops(f, drop);

	json_array(j, "drops");
	for (unsigned int i = 0; i < n; i++) {
		json_object(j, NULL);
		json_text(j, "reason", sl_counter_name(drop[i].counter));
		json_ratio(j, "packets_per_second", drop[i].rate);
		json_number(j, "packets", drop[i].total);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
put_helpers(const struct top_frame *f, struct json *j)
{
	double s = sample_seconds(f->from, f->to);

	json_array(j, "helpers");
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++) {
		const struct sl_helper_count *a = &f->from->helper[i], *b = &f->to->helper[i];

		json_object(j, NULL);
		json_text(j, "helper", sl_helpers[i]->name);
		json_flag(j, "on", f->box->config->helper[i].on);
		json_number(j, "flows_now", b->flows_now);
		json_ratio(j, "flows_per_second", sample_rate(a->flows, b->flows, s));
		json_ratio(j, "messages_per_second", sample_rate(a->messages, b->messages, s));
		json_ratio(j, "expected_per_second", sample_rate(a->expected, b->expected, s));
		json_ratio(j, "dropped_per_second", sample_rate(a->dropped, b->dropped, s));
		json_object_end(j);
	}
	json_array_end(j);
}

static void
put_lost(const struct top_frame *f, struct json *j)
{
	struct record_stats records;

	record_stats(f->box->recorder, &records);
	json_object(j, "lost");
	json_number(j, "records_at_workers", value(f, SL_COUNTER_RECORDS_LOST));
	json_number(j, "records_at_logs", records.lost);
	json_number(j, "events", events_stats(f->box).lost);
	json_number(j, "log_lines", logstream_lost());
	json_object_end(j);
}

void
top_json(const struct top_frame *f, FILE *out)
{
	const struct survey_view *v = survey_last(f->box);
	struct json json = { .out = out, .flat = true };

	json_object(&json, NULL);
	put_head(f, &json);
	json_array(&json, "ports");
	put_port(f, SL_INSIDE, &json);
	put_port(f, SL_OUTSIDE, &json);
	json_array_end(&json);
	put_lcores(f, &json);
	if (v != NULL)
		put_survey(f, v, &json);
	put_drops(f, &json);
	put_helpers(f, &json);
	put_lost(f, &json);
	json_object_end(&json);
}
