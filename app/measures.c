/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What /metrics tells, family by family. Names follow Prometheus' conventions: base units,
 * counters that end in _total (exposition.c adds it), text in labels of _info.
 *
 * Nobody is asked: all of it are words that workers, helpers and control write for themselves,
 * so a look costs a worker a cache line now and then, and control some hundred microseconds.
 *
 * How many figures there are is bounded: by the two ports, 64 workers, 255 tenants, the helpers,
 * the logs, the reasons of counters.def, and so many pools as measures_pools.c says.
 * Subscribers, addresses and sessions are no labels: "show subscribers" and "show pools" have
 * them.
 *
 * Control only.
 */
#include <stdio.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_version.h>

#include "announce.h"
#include "cli.h"
#include "clock.h"
#include "measures.h"
#include "procinfo.h"
#include "version.h"
#include "worker.h"

/* A number as a label. */
struct number {
	char text[12];
};

static const char *const side_names[] = { "inside", "outside" };

static struct number
number(unsigned int n)
{
	struct number label;

	snprintf(label.text, sizeof(label.text), "%u", n);
	return label;
}

static uint64_t
relaxed(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* ---- the process and the tables ---- */

static void
write_box(struct exposition *x, const struct box *box)
{
	uint64_t up = (clock_now() - box->started) / 1000;

	exposition_family(x, "sluice_build", EXPOSITION_INFO, "which program this is");
	exposition_add(x, 1, "version", SLUICE_VERSION, "dpdk", rte_version(), NULL);
	exposition_one(x, "sluice_uptime_seconds", EXPOSITION_GAUGE, "time since the start", up);
	exposition_one(x, "sluice_workers", EXPOSITION_GAUGE, "workers of the packet path",
		box->n_workers);
	exposition_one(x, "sluice_sessions_limit", EXPOSITION_GAUGE,
		"sessions that there is room for", box->max_sessions);
	exposition_one(x, "sluice_subscribers_limit", EXPOSITION_GAUGE,
		"subscribers that there is room for", box->max_subscribers);
	exposition_one(x, "process_resident_memory_bytes", EXPOSITION_GAUGE,
		"memory that the process occupies", procinfo_resident());
	exposition_family(x, "sluice_mbufs", EXPOSITION_GAUGE, "packet buffers of each worker");
	for (unsigned int i = 0; i < box->n_workers; i++)
		exposition_add(x, box->pool[i]->size, "worker", number(i).text, NULL);
	exposition_family(x, "sluice_mbufs_free", EXPOSITION_GAUGE, "of them, those not in use");
	for (unsigned int i = 0; i < box->n_workers; i++)
		exposition_add(
			x, rte_mempool_avail_count(box->pool[i]), "worker", number(i).text, NULL);
}

/* ---- ports ---- */

static void
write_port_state(struct exposition *x, const struct box *box)
{
	exposition_family(x, "sluice_port", EXPOSITION_INFO, "the device of each port");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		exposition_add(x, 1, "port", side_names[side], "device", box->port[side].name,
			"mac", text_mac(&box->port[side].mac), NULL);
	exposition_family(x, "sluice_port_up", EXPOSITION_GAUGE, "1: the port has a link");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		exposition_add(x, __atomic_load_n(&box->port[side].up, __ATOMIC_RELAXED), "port",
			side_names[side], NULL);
	exposition_family(
		x, "sluice_port_link_losses", EXPOSITION_COUNTER, "times that the link was lost");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		exposition_add(x, box->port[side].link_losses, "port", side_names[side], NULL);
}

static void
write_ports(struct exposition *x, const struct box *box)
{
	struct rte_eth_stats s[2] = { 0 };

	write_port_state(x, box);
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		if (!__atomic_load_n(&box->port[side].gone, __ATOMIC_RELAXED))
			rte_eth_stats_get(box->port[side].id, &s[side]);
	exposition_family(x, "sluice_port_missed_packets", EXPOSITION_COUNTER,
		"packets that the device dropped because its queues were full");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		exposition_add(x, s[side].imissed, "port", side_names[side], NULL);
	exposition_family(x, "sluice_port_no_buffer_packets", EXPOSITION_COUNTER,
		"packets that the device dropped because there was no packet buffer");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++)
		exposition_add(x, s[side].rx_nombuf, "port", side_names[side], NULL);
	exposition_family(x, "sluice_port_error_packets", EXPOSITION_COUNTER,
		"packets that the device found wrong or could not send");
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		exposition_add(
			x, s[side].ierrors, "port", side_names[side], "direction", "rx", NULL);
		exposition_add(
			x, s[side].oerrors, "port", side_names[side], "direction", "tx", NULL);
	}
}

/* ---- lcores ---- */

static void
write_load(struct exposition *x, const struct box *box, bool busy)
{
	double up = (double)(clock_now() - box->started) / 1000;
	double control = (double)procinfo_thread_ns() / 1e9;
	struct number lcore = number(rte_get_main_lcore());

	exposition_real(x, busy ? control : RTE_MAX(up - control, 0.0), "lcore", lcore.text, "role",
		"control", "worker", "", NULL);
	for (unsigned int i = 0; i < box->n_workers; i++) {
		const struct lcore_worker *w = box->worker[i];
		uint64_t cycles = relaxed(busy ? &w->busy_cycles : &w->idle_cycles);

		exposition_real(x, (double)cycles / (double)rte_get_tsc_hz(), "lcore",
			number(box->lcore[i]).text, "role", "worker", "worker", number(i).text,
			NULL);
	}
}

static void
write_worker_counter(struct exposition *x, const struct box *box, enum sl_counter c)
{
	for (unsigned int i = 0; i < box->n_workers; i++)
		exposition_add(x, sl_counter_get(box->nat, i, c), "worker", number(i).text, NULL);
}

static void
write_workers(struct exposition *x, const struct box *box)
{
	exposition_family(x, "sluice_lcore_busy_seconds", EXPOSITION_COUNTER,
		"time that an lcore had something to do, by cycles of its own");
	write_load(x, box, true);
	exposition_family(x, "sluice_lcore_idle_seconds", EXPOSITION_COUNTER,
		"time that an lcore found nothing to do, or slept");
	write_load(x, box, false);
	exposition_family(
		x, "sluice_worker_loops", EXPOSITION_COUNTER, "turns of a worker's poll loop");
	for (unsigned int i = 0; i < box->n_workers; i++)
		exposition_add(x, relaxed(&box->worker[i]->loops), "worker", number(i).text, NULL);
	exposition_family(x, "sluice_worker_sessions", EXPOSITION_GAUGE, "sessions of a worker");
	write_worker_counter(x, box, SL_COUNTER_SESSIONS_NOW);
	exposition_family(
		x, "sluice_worker_subscribers", EXPOSITION_GAUGE, "subscribers of a worker");
	write_worker_counter(x, box, SL_COUNTER_SUBSCRIBERS_NOW);
	exposition_family(x, "sluice_worker_handoffs", EXPOSITION_COUNTER,
		"packets that a worker took over from others");
	write_worker_counter(x, box, SL_COUNTER_HANDOFF_IN);
	exposition_family(x, "sluice_worker_stuck_seconds", EXPOSITION_GAUGE,
		"time that a worker has stood still, 0: it runs");
	for (unsigned int i = 0; i < box->n_workers; i++)
		exposition_add(x, box->watch[i].stuck, "worker", number(i).text, NULL);
	exposition_family(
		x, "sluice_worker_stalls", EXPOSITION_COUNTER, "times that a worker stood still");
	for (unsigned int i = 0; i < box->n_workers; i++)
		exposition_add(x, box->watch[i].times, "worker", number(i).text, NULL);
	exposition_family(x, "sluice_control_delay_seconds", EXPOSITION_COUNTER,
		"time by which control was late for what it does each second, summed up");
	exposition_real(x, (double)box->late_ms / 1000, NULL);
}

static void
write_health(struct exposition *x, const struct box *box)
{
	exposition_one(x, "sluice_healthy", EXPOSITION_GAUGE,
		"1: the box can be relied on, and its pools are announced if they are to be",
		box->health.up);
	exposition_family(x, "sluice_health_problem", EXPOSITION_GAUGE,
		"1: the box has this problem; see \"show health\"");
	for (unsigned int i = 0; i < HEALTH_PROBLEMS; i++)
		exposition_add(x, (box->health.problems >> i) & 1, "problem",
			health_name((enum health_problem)i), NULL);
	exposition_one(x, "sluice_announced_prefixes", EXPOSITION_GAUGE,
		"prefixes of the pools that a routing daemon is told of",
		announce_walk(box, NULL, NULL));
}

static void
write_stages(struct exposition *x, const struct box *box)
{
	static const char *const families[] = { "sluice_stage_cycles", "sluice_stage_packets" };
	static const char *const helps[] = {
		"cycles of the timed bursts in a stage of the packet path; see \"performance on\"",
		"packets of the timed bursts in a stage of the packet path",
	};

	for (unsigned int f = 0; f < RTE_DIM(families); f++) {
		exposition_family(x, families[f], EXPOSITION_COUNTER, helps[f]);
		for (enum sl_stage stage = 0; stage < SL_STAGE_COUNT; stage++) {
			uint64_t sum = 0;

			for (unsigned int i = 0; i < box->n_workers; i++) {
				struct sl_stage_use use = sl_stage_get(box->nat, i, stage);

				sum += f == 0 ? use.cycles : use.packets;
			}
			exposition_add(x, sum, "stage", sl_stage_name(stage), NULL);
		}
	}
}

void
measures_write(
	struct exposition *x, const struct box *box, const struct poolsum *pools, uint64_t refused)
{
	write_box(x, box);
	write_ports(x, box);
	measures_counters(x, box->nat);
	write_workers(x, box);
	write_health(x, box);
	write_stages(x, box);
	measures_pools(x, box, pools);
	measures_tenants(x, box);
	measures_control(x, box);
	exposition_one(x, "sluice_metrics_refused_connections", EXPOSITION_COUNTER,
		"connections for these figures that were too many or too slow", refused);
}
