/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A picture of the box between two samples, for people: what the ports carry, how busy each lcore
 * is, sessions, pools, who has most, why packets are discarded, what helpers do, what was lost.
 * The most important things are at the top, since the end may be below the edge of a terminal.
 * top_json.c has the same for programs.
 *
 * Rates are of the time between the samples; subscribers and pools are those of the last survey,
 * which may be older (survey.c).
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include <rte_lcore.h>

#include "cli.h"
#include "cli_print.h"
#include "clock.h"
#include "events.h"
#include "helper.h"
#include "logstream.h"
#include "record.h"
#include "slots.h"
#include "survey.h"
#include "top.h"

static const char *const sides[] = { "inside", "outside" };

/* Four digits that count, and their unit, in one of a few buffers. */
static const char *
short_rate(double value)
{
	static const char *const units[] = { "", "k", "M", "G", "T" };
	static char buf[8][16];
	static unsigned int turn;
	char *text = buf[turn++ % RTE_DIM(buf)];
	unsigned int unit = 0;

	while (value >= 9999.5 && unit < RTE_DIM(units) - 1) {
		value /= 1000;
		unit++;
	}
	snprintf(text, sizeof(buf[0]), value < 99.95 ? "%.1f%s" : "%.0f%s", value, units[unit]);
	return text;
}

static double
percent(double part, double all)
{
	return all > 0 ? 100 * part / all : 0;
}

unsigned int
top_drops(const struct top_frame *f, struct top_drop drop[TOP_DROPS])
{
	unsigned int n = 0, at;

	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++) {
		struct top_drop d = { .counter = (enum sl_counter)c };

		if (!sl_counter_is_drop(d.counter))
			continue;
		d.total = sample_value(f->to, f->box, d.counter);
		d.rate = sample_sum(f->from, f->to, f->box, d.counter);
		at = n < TOP_DROPS ? n : TOP_DROPS - 1;
		if (d.total == 0 || (n == TOP_DROPS && drop[at].rate >= d.rate))
			continue;
		n += n < TOP_DROPS;
		for (; at > 0 &&
			(drop[at - 1].rate < d.rate ||
				(drop[at - 1].rate <= d.rate && drop[at - 1].total < d.total));
			at--)
			drop[at] = drop[at - 1];
		drop[at] = d;
	}
	return n;
}

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
put_head(const struct top_frame *f, FILE *out)
{
	uint64_t up = (clock_now() - f->box->started) / 1000;
	uint64_t now = value(f, SL_COUNTER_SESSIONS_NOW);
	time_t wall = time(NULL);
	struct tm tm;

	localtime_r(&wall, &tm);
	fprintf(out,
		"sluice top - %02d:%02d:%02d up %" PRIu64 " days %02u:%02u:%02u, %u workers, rates "
		"over %.1f s\n",
		tm.tm_hour, tm.tm_min, tm.tm_sec, up / 86400, (unsigned int)(up / 3600 % 24),
		(unsigned int)(up / 60 % 60), (unsigned int)(up % 60), f->box->n_workers,
		sample_seconds(f->from, f->to));
	fprintf(out, "sessions %" PRIu64 " of %u (%.1f%%), new %s/s, ended %s/s\n", now,
		f->box->max_sessions, percent((double)now, f->box->max_sessions),
		short_rate(sum(f, SL_COUNTER_SESSIONS_MADE)),
		short_rate(sum(f, SL_COUNTER_SESSIONS_ENDED)));
	fprintf(out,
		"mappings %" PRIu64 ", new %s/s; subscribers %" PRIu64 " of %u; IPv6 hosts %" PRIu64
		"\n",
		value(f, SL_COUNTER_MAPPINGS_NOW), short_rate(sum(f, SL_COUNTER_MAPPINGS_MADE)),
		value(f, SL_COUNTER_SUBSCRIBERS_NOW), f->box->max_subscribers,
		value(f, SL_COUNTER_HOSTS6_NOW));
}

static void
put_ports(const struct top_frame *f, FILE *out)
{
	double s = sample_seconds(f->from, f->to);

	fprintf(out, "\n%-8s %-4s %9s %9s %9s %9s %9s %9s  %s\n", "port", "link", "rx pkt/s",
		"rx bit/s", "tx pkt/s", "tx bit/s", "missed/s", "errors/s", "device");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		const struct rte_eth_stats *a = &f->from->port[side], *b = &f->to->port[side];

		fprintf(out, "%-8s %-4s %9s %9s", sides[side],
			f->box->port[side].up ? "up" : "down",
			short_rate(sample_rate(a->ipackets, b->ipackets, s)),
			short_rate(8 * sample_rate(a->ibytes, b->ibytes, s)));
		fprintf(out, " %9s %9s %9s %9s  %s\n",
			short_rate(sample_rate(a->opackets, b->opackets, s)),
			short_rate(8 * sample_rate(a->obytes, b->obytes, s)),
			short_rate(sample_rate(
				a->imissed + a->rx_nombuf, b->imissed + b->rx_nombuf, s)),
			short_rate(
				sample_rate(a->ierrors + a->oerrors, b->ierrors + b->oerrors, s)),
			f->box->port[side].name);
	}
}

static void
put_lcores(const struct top_frame *f, FILE *out)
{
	const struct box *box = f->box;

	fprintf(out, "\n%5s %-10s %6s %9s %9s %9s %9s %9s %9s\n", "lcore", "does", "busy",
		"rx pkt/s", "tx pkt/s", "handed/s", "sessions", "new/s", "drops/s");
	fprintf(out, "%5u %-10s %5.1f%%\n", rte_get_main_lcore(), "control",
		sample_control(f->from, f->to));
	for (unsigned int i = 0; i < box->n_workers; i++) {
		double drops = 0;
		char name[24];

		for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++)
			if (sl_counter_is_drop((enum sl_counter)c))
				drops += sample_counter(f->from, f->to, i, (enum sl_counter)c);
		snprintf(name, sizeof(name), "worker %u", i);
		fprintf(out, "%5u %-10s %5.1f%% %9s %9s", box->lcore[i], name,
			sample_busy(f->from, f->to, i),
			short_rate(sample_counter(f->from, f->to, i, SL_COUNTER_RX_INSIDE) +
				   sample_counter(f->from, f->to, i, SL_COUNTER_RX_OUTSIDE)),
			short_rate(sample_counter(f->from, f->to, i, SL_COUNTER_TX_INSIDE) +
				   sample_counter(f->from, f->to, i, SL_COUNTER_TX_OUTSIDE)));
		fprintf(out, " %9s %9" PRIu64 " %9s %9s%s\n",
			short_rate(sample_counter(f->from, f->to, i, SL_COUNTER_HANDOFF_OUT)),
			f->to->worker[i].counter[SL_COUNTER_SESSIONS_NOW],
			short_rate(sample_counter(f->from, f->to, i, SL_COUNTER_SESSIONS_MADE)),
			short_rate(drops), box->watch[i].stuck > 0 ? "  stuck" : "");
	}
}

static void
put_pools(const struct top_frame *f, const struct survey_view *v, FILE *out)
{
	const struct sl_config *c = f->box->config;
	unsigned int shown = 0;

	fprintf(out, "\n%-16s %9s %12s %20s %20s %20s\n", "pool", "addresses", "ports", "tcp used",
		"udp used", "icmp used");
	for (unsigned int i = 0; i < v->n_pools && shown < f->rows; i++) {
		const struct survey_pool *p = &v->pool[i];

		if (p->addresses == 0)
			continue;
		shown++;
		fprintf(out, "%-16s %9u %12" PRIu64,
			slots_no_pool(c, i) ? "outside" : c->pool[i].name, p->addresses, p->ports);
		for (int k = 0; k < 3; k++)
			fprintf(out, " %12" PRIu64 " %6.2f%%", p->used[k],
				percent((double)p->used[k], (double)p->ports));
		fputc('\n', out);
	}
}

static void
put_subscriber(const struct top_frame *f, const struct sl_subscriber *s, FILE *out)
{
	const struct print to = { f->box->config, out, NULL };
	char name[SL_NAME_MAX + 64];

	if (s->tenant != 0)
		snprintf(name, sizeof(name), "%s %s", print_subscriber_name(s),
			print_tenant(&to, s->tenant));
	else
		snprintf(name, sizeof(name), "%s", print_subscriber_name(s));
	fprintf(out, "%-32s %8u %8u", name, s->sessions, survey_ports(s));
}

static void
put_subscribers(const struct top_frame *f, const struct survey_view *v, FILE *out)
{
	unsigned int n = RTE_MIN(RTE_MAX(v->n_sessions, v->n_ports), f->rows);

	if (n == 0)
		return;
	fprintf(out, "\n%-32s %8s %8s   %-32s %8s %8s\n", "most sessions", "sessions", "ports",
		"most ports", "sessions", "ports");
	for (unsigned int i = 0; i < n; i++) {
		if (i < v->n_sessions)
			put_subscriber(f, &v->by_sessions[i], out);
		else
			fprintf(out, "%50s", "");
		fputs("   ", out);
		if (i < v->n_ports)
			put_subscriber(f, &v->by_ports[i], out);
		fputc('\n', out);
	}
}

static void
put_drops(const struct top_frame *f, FILE *out)
{
	struct top_drop drop[TOP_DROPS];
	unsigned int n = RTE_MIN(top_drops(f, drop), f->rows);

	if (n > 0)
		fprintf(out, "\n%-24s %9s %15s  %s\n", "dropped", "pkt/s", "so far", "because");
	for (unsigned int i = 0; i < n; i++)
		fprintf(out, "%-24s %9s %15" PRIu64 "  %s\n", sl_counter_name(drop[i].counter),
			short_rate(drop[i].rate), drop[i].total, sl_counter_text(drop[i].counter));
}

static void
put_helpers(const struct top_frame *f, FILE *out)
{
	double s = sample_seconds(f->from, f->to);

	fprintf(out, "\n%-8s %-3s %9s %9s %10s %10s %9s\n", "helper", "on", "flows", "flows/s",
		"messages/s", "expected/s", "dropped/s");
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++) {
		const struct sl_helper_count *a = &f->from->helper[i], *b = &f->to->helper[i];

		if (!f->box->config->helper[i].on && b->flows_now == 0)
			continue;
		fprintf(out, "%-8s %-3s %9" PRIu64 " %9s %10s %10s %9s\n", sl_helpers[i]->name,
			f->box->config->helper[i].on ? "on" : "off", b->flows_now,
			short_rate(sample_rate(a->flows, b->flows, s)),
			short_rate(sample_rate(a->messages, b->messages, s)),
			short_rate(sample_rate(a->expected, b->expected, s)),
			short_rate(sample_rate(a->dropped, b->dropped, s)));
	}
}

static void
put_lost(const struct top_frame *f, FILE *out)
{
	struct record_stats records;

	record_stats(f->box->recorder, &records);
	fprintf(out,
		"\nlost so far: records %" PRIu64 " at workers, %" PRIu64
		" at logs, events %" PRIu64 ", log lines %" PRIu64 "\n",
		value(f, SL_COUNTER_RECORDS_LOST), records.lost, events_stats(f->box).lost,
		logstream_lost());
}

void
top_text(const struct top_frame *f, FILE *out)
{
	const struct survey_view *v = survey_last(f->box);

	put_head(f, out);
	put_ports(f, out);
	put_lcores(f, out);
	if (v != NULL)
		put_pools(f, v, out);
	put_drops(f, out);
	if (v != NULL)
		put_subscribers(f, v, out);
	put_helpers(f, out);
	put_lost(f, out);
}
