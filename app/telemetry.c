/* SPDX-License-Identifier: BSD-3-Clause
 *
 * /sluice/... in rte_telemetry, as dpdk-telemetry.py and Telegraf read it.
 *
 * The callbacks run on the telemetry thread, at any time. They use what the library
 * marks "any lcore", figures that are single aligned words, and nothing that control
 * replaces (box->config). A lock is between them and telemetry_destroy(), after which
 * they have no box; nobody else takes it, so neither control nor a worker ever waits.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_telemetry.h>
#include <rte_version.h>

#include "box.h"
#include "clock.h"
#include "events.h"
#include "helpers.h"
#include "leased.h"
#include "log.h"
#include "logstream.h"
#include "record.h"
#include "telemetry.h"
#include "version.h"
#include "worker.h"

#define POOL_ADDRESSES 256 /* most that one answer of rte_telemetry holds */

static struct {
	pthread_mutex_t lock;
	const struct box *box; /* NULL: answer nothing */
} tel = { .lock = PTHREAD_MUTEX_INITIALIZER };

typedef int answer_fn(const struct box *box, const char *params, struct rte_tel_data *d);

/* Answer while the box is there. */
static int
answer(answer_fn *fn, const char *params, struct rte_tel_data *d)
{
	int rc = -ENODEV;

	pthread_mutex_lock(&tel.lock);
	if (tel.box != NULL)
		rc = fn(tel.box, params, d);
	pthread_mutex_unlock(&tel.lock);
	return rc;
}

static int
counters(const struct box *box, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(params);
	rte_tel_data_start_dict(d);
	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++)
		rte_tel_data_add_dict_u64(d, sl_counter_name(c), sl_counter_sum(box->nat, c));
	return 0;
}

static uint64_t
relaxed(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static int
worker(const struct box *box, const char *params, struct rte_tel_data *d)
{
	const struct lcore_worker *w;
	unsigned long i;
	char *end;

	i = params != NULL ? strtoul(params, &end, 10) : 0;
	if (params == NULL || end == params || *end != '\0' || i >= box->n_workers)
		return -EINVAL;
	w = box->worker[i];
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_u64(d, "lcore", box->lcore[i]);
	if (w != NULL) {
		rte_tel_data_add_dict_u64(d, "loops", relaxed(&w->loops));
		rte_tel_data_add_dict_u64(d, "busy_loops", relaxed(&w->busy_loops));
		rte_tel_data_add_dict_u64(d, "busy_cycles", relaxed(&w->busy_cycles));
		rte_tel_data_add_dict_u64(d, "idle_cycles", relaxed(&w->idle_cycles));
	}
	rte_tel_data_add_dict_u64(
		d, "stuck_seconds", __atomic_load_n(&box->watch[i].stuck, __ATOMIC_RELAXED));
	rte_tel_data_add_dict_u64(
		d, "stuck_times", __atomic_load_n(&box->watch[i].times, __ATOMIC_RELAXED));
	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++)
		rte_tel_data_add_dict_u64(d, sl_counter_name(c), sl_counter_get(box->nat, i, c));
	return 0;
}

static struct rte_tel_data *
interface(const struct port *port)
{
	struct rte_tel_data *d = rte_tel_data_alloc();
	struct rte_eth_stats stats = { 0 };

	if (d == NULL)
		return NULL;
	if (port->started)
		rte_eth_stats_get(port->id, &stats);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "name", port->name);
	rte_tel_data_add_dict_u64(d, "port", port->id);
	rte_tel_data_add_dict_u64(d, "up", __atomic_load_n(&port->up, __ATOMIC_RELAXED));
	rte_tel_data_add_dict_u64(d, "mtu", port->mtu);
	rte_tel_data_add_dict_u64(d, "rx_queues", port->n_rxq);
	rte_tel_data_add_dict_u64(d, "tx_queues", port->n_txq);
	rte_tel_data_add_dict_u64(d, "rx_packets", stats.ipackets);
	rte_tel_data_add_dict_u64(d, "rx_bytes", stats.ibytes);
	rte_tel_data_add_dict_u64(d, "rx_missed", stats.imissed);
	rte_tel_data_add_dict_u64(d, "rx_errors", stats.ierrors);
	rte_tel_data_add_dict_u64(d, "rx_nombuf", stats.rx_nombuf);
	rte_tel_data_add_dict_u64(d, "tx_packets", stats.opackets);
	rte_tel_data_add_dict_u64(d, "tx_bytes", stats.obytes);
	rte_tel_data_add_dict_u64(d, "tx_errors", stats.oerrors);
	return d;
}

static int
interfaces(const struct box *box, const char *params, struct rte_tel_data *d)
{
	static const char *const names[] = { "inside", "outside" };

	RTE_SET_USED(params);
	rte_tel_data_start_dict(d);
	for (int side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		struct rte_tel_data *one = interface(&box->port[side]);

		if (one == NULL)
			return -ENOMEM;
		rte_tel_data_add_dict_container(d, names[side], one, 0);
	}
	return 0;
}

/* Names of entries may hold letters, digits, '_' and '/' only: dots become '_'. */
static struct rte_tel_data *
pool_address(const struct sl_pool_use *use, char *name, size_t size)
{
	struct rte_tel_data *d = rte_tel_data_alloc();
	char addr[INET_ADDRSTRLEN];

	if (d == NULL)
		return NULL;
	inet_ntop(AF_INET, &use->addr, addr, sizeof(addr));
	snprintf(name, size, "%s", addr);
	for (char *p = name; *p != '\0'; p++)
		*p = *p == '.' ? '_' : *p;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "address", addr);
	rte_tel_data_add_dict_u64(d, "pool", use->pool);
	rte_tel_data_add_dict_u64(d, "ports", use->ports);
	rte_tel_data_add_dict_u64(d, "tcp", use->used[0]);
	rte_tel_data_add_dict_u64(d, "udp", use->used[1]);
	rte_tel_data_add_dict_u64(d, "icmp", use->used[2]);
	return d;
}

/* "/sluice/pools" or "/sluice/pools,FIRST": from that address on. */
static int
pools(const struct box *box, const char *params, struct rte_tel_data *d)
{
	static struct sl_pool_use use[POOL_ADDRESSES]; /* under the lock */
	unsigned int first = params != NULL ? strtoul(params, NULL, 10) : 0;
	unsigned int n = sl_pool_use(box->nat, first, use, RTE_DIM(use));
	char name[INET_ADDRSTRLEN];

	rte_tel_data_start_dict(d);
	for (unsigned int i = 0; i < n; i++) {
		struct rte_tel_data *one = pool_address(&use[i], name, sizeof(name));

		if (one == NULL)
			return -ENOMEM;
		if (rte_tel_data_add_dict_container(d, name, one, 0) < 0)
			rte_tel_data_free(one);
	}
	return 0;
}

static int
sessions(const struct box *box, const char *params, struct rte_tel_data *d)
{
	static const enum sl_counter shown[] = { SL_COUNTER_SESSIONS_NOW, SL_COUNTER_SESSIONS_MADE,
		SL_COUNTER_SESSIONS_ENDED, SL_COUNTER_MAPPINGS_NOW, SL_COUNTER_MAPPINGS_MADE,
		SL_COUNTER_SUBSCRIBERS_NOW };

	RTE_SET_USED(params);
	rte_tel_data_start_dict(d);
	for (size_t i = 0; i < RTE_DIM(shown); i++)
		rte_tel_data_add_dict_u64(
			d, sl_counter_name(shown[i]), sl_counter_sum(box->nat, shown[i]));
	return 0;
}

static int
logs(const struct box *box, const char *params, struct rte_tel_data *d)
{
	struct event_stats events = events_stats(box);
	struct record_stats stats;

	RTE_SET_USED(params);
	record_stats(box->recorder, &stats);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_u64(d, "taken", stats.taken);
	rte_tel_data_add_dict_u64(d, "held_back", stats.held_back);
	rte_tel_data_add_dict_u64(d, "overflow", sl_counter_sum(box->nat, SL_COUNTER_RECORDS_LOST));
	rte_tel_data_add_dict_u64(d, "sent", stats.sent);
	rte_tel_data_add_dict_u64(d, "lost", stats.lost);
	rte_tel_data_add_dict_u64(d, "lines_lost", logstream_lost());
	rte_tel_data_add_dict_u64(d, "events_told", events.told);
	rte_tel_data_add_dict_u64(d, "events_lost", events.lost);
	return 0;
}

static struct rte_tel_data *
helper(const struct sl_helper_count *c)
{
	struct rte_tel_data *d = rte_tel_data_alloc();

	if (d == NULL)
		return NULL;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_u64(d, "flows_now", relaxed(&c->flows_now));
	rte_tel_data_add_dict_u64(d, "flows", relaxed(&c->flows));
	rte_tel_data_add_dict_u64(d, "messages", relaxed(&c->messages));
	rte_tel_data_add_dict_u64(d, "replaced", relaxed(&c->replaced));
	rte_tel_data_add_dict_u64(d, "expected", relaxed(&c->expected));
	rte_tel_data_add_dict_u64(d, "refused", relaxed(&c->refused));
	rte_tel_data_add_dict_u64(d, "passed", relaxed(&c->passed));
	rte_tel_data_add_dict_u64(d, "late", relaxed(&c->late));
	rte_tel_data_add_dict_u64(d, "dropped", relaxed(&c->dropped));
	return d;
}

static int
helpers(const struct box *box, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(params);
	rte_tel_data_start_dict(d);
	for (unsigned int i = 0; sl_helpers[i] != NULL; i++) {
		struct rte_tel_data *one = helper(sl_helpers_count(box->helpers, i + 1));

		if (one == NULL)
			return -ENOMEM;
		rte_tel_data_add_dict_container(d, sl_helpers[i]->name, one, 0);
	}
	return 0;
}

static int
port_mapping(const struct box *box, const char *params, struct rte_tel_data *d)
{
	const struct sl_lease_counts *c = sl_leases_counts(leased_store(box));

	RTE_SET_USED(params);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_u64(d, "now", relaxed(&c->now));
	rte_tel_data_add_dict_u64(d, "made", relaxed(&c->made));
	rte_tel_data_add_dict_u64(d, "renewed", relaxed(&c->renewed));
	rte_tel_data_add_dict_u64(d, "removed", relaxed(&c->removed));
	rte_tel_data_add_dict_u64(d, "expired", relaxed(&c->expired));
	rte_tel_data_add_dict_u64(d, "lost", relaxed(&c->lost));
	rte_tel_data_add_dict_u64(d, "denied", relaxed(&c->denied));
	rte_tel_data_add_dict_u64(d, "in_use", relaxed(&c->in_use));
	rte_tel_data_add_dict_u64(d, "quota", relaxed(&c->quota));
	rte_tel_data_add_dict_u64(d, "full", relaxed(&c->full));
	rte_tel_data_add_dict_u64(d, "failed", relaxed(&c->failed));
	return 0;
}

static int
info(const struct box *box, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(params);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "version", SLUICE_VERSION);
	rte_tel_data_add_dict_string(d, "dpdk", rte_version());
	rte_tel_data_add_dict_u64(d, "pid", getpid());
	rte_tel_data_add_dict_u64(d, "workers", box->n_workers);
	rte_tel_data_add_dict_string(d, "health", health_state(box));
	rte_tel_data_add_dict_u64(d, "uptime", (clock_now() - box->started) / 1000);
	return 0;
}

/* rte_telemetry gives the command back, so one function answers them all. */
static const struct {
	const char *name;
	answer_fn *fn;
	const char *help;
} commands[] = {
	{ "/sluice/counters", counters, "All counters, summed over workers. No parameters" },
	{ "/sluice/worker", worker, "Load and counters of a worker. Parameter: its number" },
	{ "/sluice/interfaces", interfaces, "The inside and the outside port. No parameters" },
	{ "/sluice/pools", pools,
		"Use of up to 256 outside addresses. Parameter: number of the first, default 0" },
	{ "/sluice/sessions", sessions,
		"Totals of sessions, mappings, subscribers. No parameters" },
	{ "/sluice/log", logs, "Records taken, held back, sent, lost. No parameters" },
	{ "/sluice/helpers", helpers, "What each helper has done. No parameters" },
	{ "/sluice/port_mapping", port_mapping,
		"Ports that hosts have opened by themselves, and were refused. No parameters" },
	{ "/sluice/info", info, "Version, process, time since the start. No parameters" },
};

static int
on_command(const char *cmd, const char *params, struct rte_tel_data *d)
{
	for (size_t i = 0; i < RTE_DIM(commands); i++)
		if (strcmp(commands[i].name, cmd) == 0)
			return answer(commands[i].fn, params, d);
	return -ENOENT;
}

int
telemetry_create(struct box *box)
{
	int rc = 0;

	pthread_mutex_lock(&tel.lock);
	tel.box = box;
	pthread_mutex_unlock(&tel.lock);
	for (size_t i = 0; rc == 0 && i < RTE_DIM(commands); i++) {
		rc = rte_telemetry_register_cmd(commands[i].name, on_command, commands[i].help);
		/* A command stays for the life of the process; a second box inherits it. */
		if (rc == -EEXIST)
			rc = 0;
	}
	if (rc < 0) {
		SL_LOG(ERR, "rte_telemetry refuses a command: %s; --no-telemetry does without",
			strerror(-rc));
		telemetry_destroy();
	}
	return rc;
}

void
telemetry_destroy(void)
{
	pthread_mutex_lock(&tel.lock);
	tel.box = NULL;
	pthread_mutex_unlock(&tel.lock);
}
