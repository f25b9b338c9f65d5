/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Names and reading of what the stages cost (stage.h). The worker writes, any lcore may read:
 * each number by itself is right, three of them together may be a burst apart.
 */
#include "stage.h"

static const char *const names[SL_STAGE_COUNT] = {
	[SL_STAGE_PARSE] = "parse",
	[SL_STAGE_FRAGMENTS] = "fragments",
	[SL_STAGE_STEER] = "steer",
	[SL_STAGE_LOOKUP] = "lookup",
	[SL_STAGE_SETTLE] = "settle",
	[SL_STAGE_FINISH] = "finish",
	[SL_STAGE_POLL] = "poll",
};

const char *
sl_stage_name(enum sl_stage stage)
{
	return stage < SL_STAGE_COUNT ? names[stage] : "?";
}

struct sl_stage_use
sl_stage_get(const struct sl_nat *nat, unsigned int worker, enum sl_stage stage)
{
	const struct sl_stage_use *u = &nat->worker[worker]->stage[stage];

	return (struct sl_stage_use){
		.calls = __atomic_load_n(&u->calls, __ATOMIC_RELAXED),
		.packets = __atomic_load_n(&u->packets, __ATOMIC_RELAXED),
		.cycles = __atomic_load_n(&u->cycles, __ATOMIC_RELAXED),
	};
}
