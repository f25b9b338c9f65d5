/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Figures for people who look at stdout: a line now and then (--stats), and the tables
 * at the end. Everything is read from counters that others keep; control lcore only.
 */
#include <inttypes.h>

#include <rte_common.h>
#include <rte_ethdev.h>

#include "clock.h"
#include "report.h"
#include "worker.h"

static const char *const side_name[2] = { "inside", "outside" };

static uint64_t
sum_drops(const struct box *box)
{
	uint64_t sum = 0;

	for (int c = 0; c < SL_COUNTER_COUNT; c++) {
		if (sl_counter_is_drop((enum sl_counter)c))
			sum += sl_counter_sum(box->nat, (enum sl_counter)c);
	}
	return sum;
}

static void
read_base(const struct box *box, struct report_base *base)
{
	base->at = clock_now();
	base->rx[SL_INSIDE] = sl_counter_sum(box->nat, SL_COUNTER_RX_INSIDE);
	base->rx[SL_OUTSIDE] = sl_counter_sum(box->nat, SL_COUNTER_RX_OUTSIDE);
	base->tx[SL_INSIDE] = sl_counter_sum(box->nat, SL_COUNTER_TX_INSIDE);
	base->tx[SL_OUTSIDE] = sl_counter_sum(box->nat, SL_COUNTER_TX_OUTSIDE);
	base->made = sl_counter_sum(box->nat, SL_COUNTER_SESSIONS_MADE);
	base->drops = sum_drops(box);
}

/* Per second; a counter that was cleared meanwhile shows as 0. */
static uint64_t
rate(uint64_t now, uint64_t then, uint64_t ms)
{
	return now > then && ms > 0 ? (now - then) * 1000 / ms : 0;
}

void
report_line(const struct box *box, struct report_base *base, FILE *out)
{
	struct report_base now;
	uint64_t ms;

	read_base(box, &now);
	ms = now.at - (base->at != 0 ? base->at : box->started);
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		fprintf(out, "%s rx %" PRIu64 " tx %" PRIu64 " pps, ", side_name[side],
			rate(now.rx[side], base->rx[side], ms),
			rate(now.tx[side], base->tx[side], ms));
	fprintf(out, "%" PRIu64 " sessions, %" PRIu64 " new/s, %" PRIu64 " drops/s\n",
		sl_counter_sum(box->nat, SL_COUNTER_SESSIONS_NOW), rate(now.made, base->made, ms),
		rate(now.drops, base->drops, ms));
	fflush(out);
	*base = now;
}

static void
report_ports(const struct box *box, FILE *out)
{
	fprintf(out, "%-8s %-20s %14s %16s %14s %16s %10s %10s\n", "port", "device", "rx packets",
		"rx bytes", "tx packets", "tx bytes", "rx missed", "errors");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		const struct port *port = &box->port[side];
		struct rte_eth_stats stats = { 0 };

		rte_eth_stats_get(port->id, &stats);
		fprintf(out,
			"%-8s %-20s %14" PRIu64 " %16" PRIu64 " %14" PRIu64 " %16" PRIu64
			" %10" PRIu64 " %10" PRIu64 "\n",
			side_name[side], port->name, stats.ipackets, stats.ibytes, stats.opackets,
			stats.obytes, stats.imissed + stats.rx_nombuf,
			stats.ierrors + stats.oerrors);
	}
}

static void
report_workers(const struct box *box, FILE *out)
{
	fprintf(out, "\n%-8s %6s %16s %16s %7s\n", "worker", "lcore", "loops", "with work", "busy");
	for (unsigned int i = 0; i < box->n_workers; i++) {
		const struct lcore_worker *worker = box->worker[i];
		uint64_t cycles = worker->busy_cycles + worker->idle_cycles;

		fprintf(out, "%-8u %6u %16" PRIu64 " %16" PRIu64 " %6.1f%%\n", i, box->lcore[i],
			worker->loops, worker->busy_loops,
			100.0 * (double)worker->busy_cycles / (double)RTE_MAX(cycles, 1UL));
	}
}

void
report_final(const struct box *box, FILE *out)
{
	uint64_t seconds = (clock_now() - box->started) / 1000;

	fprintf(out, "\nsluice ran %" PRIu64 " seconds\n\n", seconds);
	report_ports(box, out);
	report_workers(box, out);
	fprintf(out, "\n%-24s %16s  %s\n", "counter", "value", "what it counts");
	for (int c = 0; c < SL_COUNTER_COUNT; c++) {
		uint64_t value = sl_counter_sum(box->nat, (enum sl_counter)c);

		if (value != 0)
			fprintf(out, "%-24s %16" PRIu64 "  %s\n",
				sl_counter_name((enum sl_counter)c), value,
				sl_counter_text((enum sl_counter)c));
	}
	fflush(out);
}
