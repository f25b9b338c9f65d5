/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Looking at how the box is doing: counters, workers, the way to the kernel, memory,
 * versions. Numbers of workers are read while they count: each one is right, two of
 * them may be from different moments.
 */

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include <rte_malloc.h>
#include <rte_version.h>

#include "cli.h"
#include "clock.h"
#include "json.h"
#include "kernel.h"
#include "procinfo.h"
#include "version.h"
#include "worker.h"

static int
show_counters(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };

	if (call->json)
		json_object(&json, NULL);
	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++) {
		uint64_t value = sl_counter_sum(call->box->nat, c);

		if (call->json)
			json_number(&json, sl_counter_name(c), value);
		else if (value != 0 || arg[0].set)
			fprintf(call->out, "%-24s %15" PRIu64 "  %s\n", sl_counter_name(c), value,
				sl_counter_text(c));
	}
	if (call->json)
		json_object_end(&json);
	return 0;
}

static int
clear_counters(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	for (unsigned int i = 0; i < call->box->n_workers; i++) {
		struct sl_msg msg = { .op = SL_MSG_COUNTERS_CLEAR };
		int rc = box_ask(call->box, i, &msg);

		if (rc < 0)
			return call_fail(call, rc,
				"worker %u does not answer: %s; 'show workers' tells how it is", i,
				strerror(-rc));
	}
	return 0;
}

/* A worker's figures while it runs. */
struct share {
	uint64_t loops, busy_loops, busy, idle;
	double percent; /* of cycles with work, since it started */
};

static struct share
share_of(const struct lcore_worker *worker)
{
	struct share s = { 0 };

	if (worker == NULL)
		return s;
	s.loops = __atomic_load_n(&worker->loops, __ATOMIC_RELAXED);
	s.busy_loops = __atomic_load_n(&worker->busy_loops, __ATOMIC_RELAXED);
	s.busy = __atomic_load_n(&worker->busy_cycles, __ATOMIC_RELAXED);
	s.idle = __atomic_load_n(&worker->idle_cycles, __ATOMIC_RELAXED);
	if (s.busy + s.idle > 0)
		s.percent = 100.0 * (double)s.busy / (double)(s.busy + s.idle);
	return s;
}

static void
worker_json(struct json *json, const struct box *box, unsigned int i)
{
	struct share s = share_of(box->worker[i]);

	json_object(json, NULL);
	json_number(json, "worker", i);
	json_number(json, "lcore", box->lcore[i]);
	json_ratio(json, "busy_percent", s.percent);
	json_number(json, "busy_cycles", s.busy);
	json_number(json, "idle_cycles", s.idle);
	json_number(json, "loops", s.loops);
	json_number(json, "busy_loops", s.busy_loops);
	json_number(json, "sessions", sl_counter_get(box->nat, i, SL_COUNTER_SESSIONS_NOW));
	json_number(json, "subscribers", sl_counter_get(box->nat, i, SL_COUNTER_SUBSCRIBERS_NOW));
	json_number(json, "handoff_in", sl_counter_get(box->nat, i, SL_COUNTER_HANDOFF_IN));
	json_number(json, "handoff_out", sl_counter_get(box->nat, i, SL_COUNTER_HANDOFF_OUT));
	json_number(json, "stuck_seconds", box->watch[i].stuck);
	json_number(json, "stuck_times", box->watch[i].times);
	json_object_end(json);
}

/* What stands behind a worker's figures. */
static const char *
state_of(const struct box_watch *watch, char *buf, size_t size)
{
	if (watch->stuck > 0)
		snprintf(buf, size, "stuck for %u s", watch->stuck);
	else if (watch->times > 0)
		snprintf(buf, size, "runs, was stuck %u times", watch->times);
	else
		snprintf(buf, size, "runs");
	return buf;
}

static int
show_workers(struct call *call, const struct arg *arg)
{
	const struct box *box = call->box;
	struct json json = { .out = call->out };
	char state[40];

	RTE_SET_USED(arg);
	if (call->json) {
		json_object(&json, NULL);
		json_array(&json, "workers");
	} else {
		fprintf(call->out, "worker lcore    busy     sessions      handoff in     handoff "
				   "out  state\n");
	}
	for (unsigned int i = 0; i < box->n_workers; i++) {
		if (call->json)
			worker_json(&json, box, i);
		else
			fprintf(call->out,
				"%6u %5u %6.2f%% %12" PRIu64 " %15" PRIu64 " %15" PRIu64 "  %s\n",
				i, box->lcore[i], share_of(box->worker[i]).percent,
				sl_counter_get(box->nat, i, SL_COUNTER_SESSIONS_NOW),
				sl_counter_get(box->nat, i, SL_COUNTER_HANDOFF_IN),
				sl_counter_get(box->nat, i, SL_COUNTER_HANDOFF_OUT),
				state_of(&box->watch[i], state, sizeof(state)));
	}
	if (call->json) {
		json_array_end(&json);
		json_object_end(&json);
	}
	return 0;
}

static int
show_punts(struct call *call, const struct arg *arg)
{
	/* The punted_* counters stand in the order of enum sl_punt_cause. */
	const unsigned int first = SL_COUNTER_PUNTED_ARP;
	struct json json = { .out = call->out };
	uint64_t rate = sl_counter_sum(call->box->nat, SL_COUNTER_DROP_PUNT_RATE);
	uint64_t full = sl_counter_sum(call->box->nat, SL_COUNTER_DROP_PUNT_FULL);

	RTE_SET_USED(arg);
	if (call->json)
		json_object(&json, NULL);
	for (unsigned int i = 0; i < SL_PUNT_COUNT; i++) {
		uint64_t n = sl_counter_sum(call->box->nat, first + i);

		if (call->json) {
			json_object(&json, punt_names[i]);
			json_number(&json, "punted", n);
			json_number(&json, "rate", call->config->punt_rate[i]);
			json_object_end(&json);
		} else {
			fprintf(call->out, "%-12s %15" PRIu64 "  at most %u a second and worker\n",
				punt_names[i], n, call->config->punt_rate[i]);
		}
	}
	if (call->json) {
		json_number(&json, "over_rate", rate);
		json_number(&json, "ring_full", full);
		json_object_end(&json);
	} else {
		fprintf(call->out, "%-12s %15" PRIu64 "  dropped\n%-12s %15" PRIu64 "  dropped\n",
			"over rate", rate, "ring full", full);
	}
	return 0;
}

static int
show_kernel(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };
	struct kernel_stats s = { 0 };

	RTE_SET_USED(arg);
	if (call->box->kernel != NULL)
		kernel_stats(call->box->kernel, &s);

	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "to_kernel_inside", s.to_kernel[SL_INSIDE] },
		{ "to_kernel_outside", s.to_kernel[SL_OUTSIDE] },
		{ "from_kernel_inside", s.from_kernel[SL_INSIDE] },
		{ "from_kernel_outside", s.from_kernel[SL_OUTSIDE] },
		{ "lost_inside", s.lost[SL_INSIDE] },
		{ "lost_outside", s.lost[SL_OUTSIDE] },
		{ "routes", s.routes },
		{ "routes_refused", s.refused },
		{ "neighbors", s.neighbours },
		{ "resyncs", s.resyncs },
	};

	if (call->json)
		json_object(&json, NULL);
	for (size_t i = 0; i < RTE_DIM(rows); i++) {
		if (call->json)
			json_number(&json, rows[i].name, rows[i].value);
		else
			fprintf(call->out, "%-24s %15" PRIu64 "\n", rows[i].name, rows[i].value);
	}
	if (call->json)
		json_object_end(&json);
	return 0;
}

static int
show_version(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };
	uint64_t up = (clock_now() - call->box->started) / 1000;

	RTE_SET_USED(arg);
	if (!call->json) {
		fprintf(call->out,
			"sluice %s, %s, process %d, up %" PRIu64 " days %02u:%02u:%02u\n",
			SLUICE_VERSION, rte_version(), (int)getpid(), up / 86400,
			(unsigned int)(up / 3600 % 24), (unsigned int)(up / 60 % 60),
			(unsigned int)(up % 60));
		return 0;
	}
	json_object(&json, NULL);
	json_text(&json, "version", SLUICE_VERSION);
	json_text(&json, "dpdk", rte_version());
	json_number(&json, "pid", getpid());
	json_number(&json, "uptime", up);
	json_object_end(&json);
	return 0;
}

static void
memory_heap(const struct call *call, struct json *json, unsigned int node)
{
	struct rte_malloc_socket_stats s;

	if (rte_malloc_get_socket_stats(node, &s) < 0 || s.heap_totalsz_bytes == 0)
		return;
	if (!call->json) {
		fprintf(call->out, "node %u: %zu MiB, %zu MiB in use\n", node,
			s.heap_totalsz_bytes >> 20, s.heap_allocsz_bytes >> 20);
		return;
	}
	json_object(json, NULL);
	json_number(json, "node", node);
	json_number(json, "bytes", s.heap_totalsz_bytes);
	json_number(json, "used", s.heap_allocsz_bytes);
	json_object_end(json);
}

static void
memory_pool(const struct call *call, struct json *json, unsigned int worker)
{
	const struct rte_mempool *pool = call->box->pool[worker];

	if (pool == NULL)
		return;
	if (!call->json) {
		fprintf(call->out, "mbufs of worker %u: %u, %u free\n", worker, pool->size,
			rte_mempool_avail_count(pool));
		return;
	}
	json_object(json, NULL);
	json_number(json, "worker", worker);
	json_number(json, "mbufs", pool->size);
	json_number(json, "free", rte_mempool_avail_count(pool));
	json_object_end(json);
}

static int
show_memory(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };

	RTE_SET_USED(arg);
	if (call->json) {
		json_object(&json, NULL);
		json_number(&json, "resident", procinfo_resident());
		json_array(&json, "heaps");
	} else {
		fprintf(call->out, "resident: %" PRIu64 " MiB\n", procinfo_resident() >> 20);
	}
	for (unsigned int i = 0; i < rte_socket_count(); i++)
		memory_heap(call, &json, rte_socket_id_by_idx(i));
	if (call->json) {
		json_array_end(&json);
		json_array(&json, "pools");
	}
	for (unsigned int i = 0; i < call->box->n_workers; i++)
		memory_pool(call, &json, i);
	if (call->json) {
		json_array_end(&json);
		json_object_end(&json);
	}
	return 0;
}

const struct statement cli_status_statements[] = {
	{ "show counters [all] [json]", show_counters,
		"what was counted: names, values, meanings; with all, also zeros", ST_NOW },
	{ "show workers [json]", show_workers, "workers and the share of time they are busy",
		ST_NOW },
	{ "show punts [json]", show_punts, "packets for the kernel, by cause", ST_NOW },
	{ "show kernel [json]", show_kernel, "traffic with the kernel and what is mirrored from it",
		ST_NOW },
	{ "show memory [json]", show_memory, "memory and packet buffers", ST_NOW },
	{ "show version [json]", show_version, "versions and how long the box has been up",
		ST_NOW },
	{ "clear counters", clear_counters, "set all counters to zero", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
