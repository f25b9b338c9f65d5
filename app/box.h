/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BOX_H
#define BOX_H

#include <stdbool.h>
#include <stdint.h>

#include "health.h"
#include "loop.h"
#include "port.h"
#include "sluice.h"

struct events;
struct announce;
struct flight;
struct kernel;
struct leased;
struct metrics;
struct poolsum;
struct recorder;
struct statefile;
struct survey;
struct sl_helpers;
struct lcore_worker;

#define BOX_TAKERS 4

struct box;

/** Is an answer theirs, who asked without box_ask()? Then they have it now. */
typedef bool box_take_fn(struct box *box, struct sl_msg *msg);

/** What control has seen of a worker that stood still. */
struct box_watch {
	uint32_t stuck; /**< seconds without a loop, 0: it runs */
	uint32_t times; /**< so often since the start */
};

/**
 * The program's one gateway and what belongs to it. Made by main(), read by all of app/,
 * written by the control lcore alone (the worker loops read `halt`, `nat`, `port`).
 */
struct box {
	struct loop *loop; /**< control's event loop */
	struct sl_nat *nat;
	struct sl_config *config; /**< in force; replaced by box_apply() only */
	struct kernel *kernel;
	struct sl_helpers *helpers; /**< see helped.h */
	struct leased *leased; /**< ports that hosts open by themselves, see leased.h */
	struct announce *announce; /**< routes of the pools, see announce.h */
	struct health health; /**< as control sees it */
	struct metrics *metrics; /**< see metrics.h */
	struct poolsum *pools; /**< how full they are, see poolsum.h */
	struct statefile *state; /**< see statefile.h */
	struct events *events; /**< from the first listener on, see events.h */
	struct survey *survey; /**< from the first one who asks on, see survey.h */
	struct recorder *recorder; /**< from the first box_apply() on */
	struct port port[2]; /**< by enum sl_side */
	unsigned int n_workers;
	unsigned int lcore[SL_WORKERS_MAX]; /**< lcore id of each worker */
	int socket[SL_WORKERS_MAX]; /**< NUMA node of each worker, or SOCKET_ID_ANY */
	struct lcore_worker *worker[SL_WORKERS_MAX]; /**< their loops and figures, see worker.h */
	struct rte_mempool *pool[SL_WORKERS_MAX]; /**< packets; any lcore may take from one */
	struct box_watch watch[SL_WORKERS_MAX]; /**< w: control, r: telemetry */
	struct flight *late; /**< requests given up by box_ask(), absorbed when answered */
	box_take_fn *take[BOX_TAKERS]; /**< see box_takes() */
	uint64_t started; /**< milliseconds, clock_now() at start */
	uint64_t late_ms; /**< by which control was late for each second's work, summed up */
	uint32_t max_sessions, max_subscribers; /**< tables of all workers together */
	bool yield; /**< workers share processors: give way when idle */
	bool reload; /**< the start-up file is to be read again (relaxed atomic) */
	bool stop; /**< the end is wanted: control takes leave (relaxed atomic) */
	bool halt; /**< set by control (relaxed atomic), ends the loops of the workers */
};

/** The box is to end; any lcore, also from a signal handler. */
void box_stop(struct box *box);

/** The start-up file is to be read again; any lcore, also from a signal handler. */
void box_reload(struct box *box);

/** True once after box_reload(); control. */
bool box_reloads(struct box *box);

/** True after box_stop(); any lcore. */
bool box_stopped(const struct box *box);

/** End the loops of the workers; control. */
void box_halt(struct box *box);

/** True after box_halt(); any lcore. */
bool box_halted(const struct box *box);

/**
 * Send a request to one worker and wait for the answer (control lcore only).
 * @return 0, -ENOBUFS, -ENOMEM, or -ETIMEDOUT when the worker does not answer within a
 *         second; msg and its buffer are the caller's again in each case
 */
int box_ask(struct box *box, unsigned int worker, struct sl_msg *msg);

/** From here on fn is shown what comes; once is enough. @return 0, or -ENOSPC after BOX_TAKERS. */
int box_takes(struct box *box, box_take_fn *fn);

/** Take answers that nobody waits for any more; returns how many. Control, each turn. */
unsigned int box_absorb(struct box *box);

/** Free requests that were never answered; after the workers have ended. */
void box_forget(struct box *box);

#endif /* BOX_H */
