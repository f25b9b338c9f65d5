/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Names and texts of counters.def, and reading: any lcore may read any worker's counters,
 * each a relaxed load of a value that one lcore writes.
 */
#include <string.h>

#include "state.h"

static const char *const names[] = {
#define SL_COUNTER(id, name, sentence) [SL_COUNTER_##id] = name,
#include "counters.def"
#undef SL_COUNTER
};

static const char *const texts[] = {
#define SL_COUNTER(id, name, sentence) [SL_COUNTER_##id] = sentence,
#include "counters.def"
#undef SL_COUNTER
};

const char *
sl_counter_name(enum sl_counter c)
{
	return names[c];
}

const char *
sl_counter_text(enum sl_counter c)
{
	return texts[c];
}

bool
sl_counter_is_drop(enum sl_counter c)
{
	return strncmp(names[c], "drop_", 5) == 0;
}

uint64_t
sl_counter_get(const struct sl_nat *nat, unsigned int worker, enum sl_counter c)
{
	return __atomic_load_n(&nat->worker[worker]->counter[c], __ATOMIC_RELAXED);
}

uint64_t
sl_counter_sum(const struct sl_nat *nat, enum sl_counter c)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < nat->n_workers; i++)
		sum += sl_counter_get(nat, i, c);
	return sum;
}

void
sl_tenant_use(const struct sl_nat *nat, unsigned int tenant, struct sl_tenant_use *use)
{
	*use = (struct sl_tenant_use){ 0 };
	for (unsigned int i = 0; i < nat->n_workers; i++) {
		const struct sl_subs *subs = &nat->worker[i]->subs;

		if (tenant >= RTE_DIM(subs->use))
			return;
		use->sessions += __atomic_load_n(&subs->use[tenant].sessions, __ATOMIC_RELAXED);
		use->subscribers +=
			__atomic_load_n(&subs->use[tenant].subscribers, __ATOMIC_RELAXED);
	}
}
