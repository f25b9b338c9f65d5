/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Figures of what control does: helpers, ports that hosts open, logs, the kernel, state. Control only.
 */
#include <stddef.h>
#include <stdio.h>

#include "cli.h"
#include "clock.h"
#include "helper.h"
#include "helpers.h"
#include "kernel.h"
#include "leased.h"
#include "logstream.h"
#include "measures.h"
#include "record.h"
#include "statefile.h"

static const char *const side_names[] = { "inside", "outside" };

static uint64_t
relaxed(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static void
write_helpers(struct exposition *x, const struct box *box)
{
	static const struct {
		const char *family, *help;
		enum exposition_kind kind;
		size_t at;
	} rows[] = {
		{ "sluice_helper_sessions", "sessions that a helper reads", EXPOSITION_GAUGE,
			offsetof(struct sl_helper_count, flows_now) },
		{ "sluice_helper_flows", "sessions that a helper was given", EXPOSITION_COUNTER,
			offsetof(struct sl_helper_count, flows) },
		{ "sluice_helper_messages", "messages shown to a helper", EXPOSITION_COUNTER,
			offsetof(struct sl_helper_count, messages) },
		{ "sluice_helper_replaced_messages", "of them, those that it changed",
			EXPOSITION_COUNTER, offsetof(struct sl_helper_count, replaced) },
		{ "sluice_helper_expectations", "connections that a helper had let in",
			EXPOSITION_COUNTER, offsetof(struct sl_helper_count, expected) },
		{ "sluice_helper_refused_expectations",
			"connections that a helper could not have let in", EXPOSITION_COUNTER,
			offsetof(struct sl_helper_count, refused) },
		{ "sluice_helper_passed_flows", "sessions that a helper looks at no further",
			EXPOSITION_COUNTER, offsetof(struct sl_helper_count, passed) },
		{ "sluice_helper_late_messages", "messages whose answer did not come in time",
			EXPOSITION_COUNTER, offsetof(struct sl_helper_count, late) },
		{ "sluice_helper_dropped_packets", "packets of helped sessions that were dropped",
			EXPOSITION_COUNTER, offsetof(struct sl_helper_count, dropped) },
	};

	for (unsigned int r = 0; r < RTE_DIM(rows); r++) {
		exposition_family(x, rows[r].family, rows[r].kind, rows[r].help);
		for (unsigned int i = 0; sl_helpers[i] != NULL; i++) {
			const struct sl_helper_count *c = sl_helpers_count(box->helpers, i + 1);

			exposition_add(x,
				relaxed((const uint64_t *)(const void *)((const char *)c +
									 rows[r].at)),
				"helper", sl_helpers[i]->name, NULL);
		}
	}
}

static void
write_opened(struct exposition *x, const struct box *box)
{
	const struct sl_lease_counts *c = sl_leases_counts(leased_store(box));
	const struct {
		const char *result;
		uint64_t value;
	} rows[] = {
		{ "made", c->made },
		{ "renewed", c->renewed },
		{ "denied", c->denied },
		{ "in_use", c->in_use },
		{ "quota", c->quota },
		{ "full", c->full },
		{ "failed", c->failed },
	};

	exposition_one(x, "sluice_opened_ports", EXPOSITION_GAUGE,
		"ports that hosts have opened by themselves", c->now);
	exposition_family(x, "sluice_opened_port_requests", EXPOSITION_COUNTER,
		"requests of hosts for an open port, by what became of them");
	for (unsigned int i = 0; i < RTE_DIM(rows); i++)
		exposition_add(x, rows[i].value, "result", rows[i].result, NULL);
}

/* Where a log goes, as a label. */
static void
log_label(const struct sl_log_sink *to, char *text, size_t size)
{
	if (to->kind == SL_LOG_SYSLOG_LOCAL)
		snprintf(text, size, "syslog local");
	else
		snprintf(text, size, "%s %s", to->kind == SL_LOG_IPFIX ? "ipfix" : "syslog",
			text_endpoint(to->addr, to->port));
}

static void
write_logs(struct exposition *x, const struct box *box)
{
	struct record_sink sink[RECORD_SINKS_MAX];
	unsigned int n = record_sinks(box->recorder, sink, RTE_DIM(sink));
	char label[RECORD_SINKS_MAX][48];
	struct record_stats stats;

	record_stats(box->recorder, &stats);
	exposition_one(x, "sluice_log_records", EXPOSITION_COUNTER,
		"records taken from the workers", stats.taken);
	exposition_one(x, "sluice_log_records_held_back", EXPOSITION_COUNTER,
		"records of the same exhaustion again, which are not sent", stats.held_back);
	exposition_one(x, "sluice_log_records_sent", EXPOSITION_COUNTER, "records sent to all logs",
		stats.sent);
	exposition_one(x, "sluice_log_records_lost", EXPOSITION_COUNTER,
		"records that a log did not take, all logs", stats.lost);
	exposition_one(x, "sluice_log_lines_lost", EXPOSITION_COUNTER,
		"lines about the box itself that standard output or syslog did not take",
		logstream_lost());
	for (unsigned int i = 0; i < n; i++)
		log_label(&sink[i].to, label[i], sizeof(label[i]));
	exposition_family(x, "sluice_log_up", EXPOSITION_GAUGE, "1: a log takes records");
	for (unsigned int i = 0; i < n; i++)
		exposition_add(x, sink[i].error == 0, "log", label[i], NULL);
	exposition_family(x, "sluice_log_sink_lost", EXPOSITION_COUNTER,
		"records that this log did not take");
	for (unsigned int i = 0; i < n; i++)
		exposition_add(x, sink[i].lost, "log", label[i], NULL);
}

static void
write_kernel(struct exposition *x, const struct box *box)
{
	struct kernel_stats s = { 0 };

	kernel_stats(box->kernel, &s);
	exposition_family(x, "sluice_kernel_frames", EXPOSITION_COUNTER,
		"frames given to the kernel (to) and taken from it (from)");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		exposition_add(x, s.to_kernel[side], "port", side_names[side], "way", "to", NULL);
		exposition_add(
			x, s.from_kernel[side], "port", side_names[side], "way", "from", NULL);
	}
	exposition_family(x, "sluice_kernel_lost_frames", EXPOSITION_COUNTER,
		"frames of the kernel or for it that found no room");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		exposition_add(x, s.lost[side], "port", side_names[side], NULL);
	exposition_one(
		x, "sluice_routes", EXPOSITION_GAUGE, "routes mirrored from the kernel", s.routes);
	exposition_one(x, "sluice_routes_refused", EXPOSITION_GAUGE,
		"routes of the kernel that there is no room for", s.refused);
	exposition_one(x, "sluice_neighbors", EXPOSITION_GAUGE,
		"neighbours mirrored from the kernel", s.neighbours);
	exposition_one(x, "sluice_kernel_resyncs", EXPOSITION_COUNTER,
		"times that the kernel's tables were read anew because its messages were lost",
		s.resyncs);
}

static void
write_state(struct exposition *x, const struct box *box)
{
	struct statefile_view v;

	statefile_look(box, &v);
	exposition_one(x, "sluice_state_saves", EXPOSITION_COUNTER,
		"times that the state was saved", v.saves);
	exposition_one(x, "sluice_state_save_failures", EXPOSITION_COUNTER,
		"times that the state could not be saved", v.failures);
	exposition_one(x, "sluice_state_saved_sessions", EXPOSITION_GAUGE,
		"sessions in the state file", v.sessions);
	exposition_family(x, "sluice_state_age_seconds", EXPOSITION_GAUGE,
		"time since the state was saved; nothing: it never was");
	if (v.saved != 0)
		exposition_add(x, (clock_now() - v.saved) / 1000, NULL);
}

void
measures_control(struct exposition *x, const struct box *box)
{
	write_helpers(x, box);
	write_opened(x, box);
	write_logs(x, box);
	write_kernel(x, box);
	write_state(x, box);
}
