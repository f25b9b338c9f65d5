/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LOGLEVEL_H
#define LOGLEVEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sluice.h"

/** A log type of this program. */
struct loglevel_type {
	char name[SL_LOG_TYPE_MAX]; /**< as in "sluice.port" */
	uint32_t id; /**< of rte_log */
	uint32_t start; /**< level without a statement: the default, or that of --log-level */
};

/** Type number i, in the order of the alphabet; NULL behind the last. Control, or before EAL. */
const struct loglevel_type *loglevel_type_at(unsigned int i);

/** Does a name, or a pattern with * and ?, mean any type of this program? */
bool loglevel_any(const char *pattern);

/** Name of a level of rte_log, 1 to 8; NULL: there is no such level. */
const char *loglevel_name(uint32_t level);

/** Level of this name, 0: there is none. */
uint32_t loglevel_find(const char *name);

/** Make levels those of config: what it says nothing of is as at the start. Control. */
void loglevel_apply(const struct sl_config *config);

#endif /* LOGLEVEL_H */
