/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SLUICE_COUNTERS_H
#define SLUICE_COUNTERS_H

/**
 * @file
 * What a gateway has counted, and what the stages of its path have cost. Any lcore may read.
 */

#include "sluice_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Every counter: SL_COUNTER_<ID>. */
enum sl_counter {
#define SL_COUNTER(id, name, sentence) SL_COUNTER_##id,
#include "counters.def"
#undef SL_COUNTER
	SL_COUNTER_COUNT /**< how many there are */
};

/** Name of a counter, as in "drop_ttl"; a constant. */
const char *sl_counter_name(enum sl_counter c);

/** What it counts, one sentence; a constant. */
const char *sl_counter_text(enum sl_counter c);

/** Its value at one worker, below sl_params.n_workers; since the start, or since
 * SL_MSG_COUNTERS_CLEAR. Not exact to the packet while the worker runs. */
uint64_t sl_counter_get(const struct sl_nat *nat, unsigned int worker, enum sl_counter c);

/** The sum over all workers, as sl_counter_get(). */
uint64_t sl_counter_sum(const struct sl_nat *nat, enum sl_counter c);

/** True for drop_*: exactly one of them moves for each packet that is discarded. */
bool sl_counter_is_drop(enum sl_counter c);

/* ---- what the stages of the path cost: any lcore ---- */

/** Stages of the packet path, and the rest of a worker's loop. */
enum sl_stage {
	SL_STAGE_PARSE, /**< every length checked, headers found */
	SL_STAGE_FRAGMENTS, /**< fragments learn their ports; IPv6 for NAT64 becomes IPv4 */
	SL_STAGE_STEER, /**< which worker owns it; none with a single worker */
	SL_STAGE_LOOKUP, /**< hash to session */
	SL_STAGE_SETTLE, /**< translation, opening of sessions */
	SL_STAGE_FINISH, /**< Ethernet header, hand-off, punts */
	SL_STAGE_POLL, /**< sl_worker_poll() without the packets that it brings: ageing, messages */
	SL_STAGE_COUNT /**< how many there are */
};

/** What a stage has cost at one worker in the calls that were timed, a share of all. */
struct sl_stage_use {
	uint64_t calls; /**< timed ones */
	uint64_t packets; /**< in them */
	uint64_t cycles; /**< of sl_params.cycles */
};

/** Name of a stage, as in "lookup"; a constant. */
const char *sl_stage_name(enum sl_stage stage);

/** Read one; since sl_config.performance was set, or since SL_MSG_COUNTERS_CLEAR. */
struct sl_stage_use sl_stage_get(
	const struct sl_nat *nat, unsigned int worker, enum sl_stage stage);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_COUNTERS_H */
