/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How much the parts of the program say of themselves. Each file that logs has a log type of
 * rte_log, "sluice." and its name (log.h), the library has "sluice.lib"; the statement
 * `log level` changes their levels while the box runs.
 *
 * The types are there before main() runs; rte_log tells of them by rte_log_dump() alone, so that
 * is read, once. What levels they had before the first configuration (--log-level) is what they
 * go back to when a statement is taken back.
 *
 * This is about the box; who had which outside port is told by records (record.c).
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_log.h>

#include "loglevel.h"

#define TYPES_MAX 128
#define PREFIX "sluice."

static struct {
	struct loglevel_type type[TYPES_MAX];
	unsigned int n;
	bool listed, started;
} levels;

static const char *const level_names[] = { NULL, "emergency", "alert", "critical", "error",
	"warning", "notice", "info", "debug" };

static int
by_name(const void *a, const void *b)
{
	const struct loglevel_type *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
list_types(void)
{
	char *text = NULL, *rest, *line;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (f == NULL)
		return;
	rte_log_dump(f);
	fclose(f);
	rest = text;
	while ((line = strsep(&rest, "\n")) != NULL && levels.n < TYPES_MAX) {
		struct loglevel_type *type = &levels.type[levels.n];

		if (sscanf(line, "id %u: %47[^,]", &type->id, type->name) == 2 &&
			strncmp(type->name, PREFIX, strlen(PREFIX)) == 0)
			levels.n++;
	}
	free(text);
	qsort(levels.type, levels.n, sizeof(levels.type[0]), by_name);
	levels.listed = true;
}

const struct loglevel_type *
loglevel_type_at(unsigned int i)
{
	if (!levels.listed)
		list_types();
	return i < levels.n ? &levels.type[i] : NULL;
}

bool
loglevel_any(const char *pattern)
{
	const struct loglevel_type *type;

	for (unsigned int i = 0; (type = loglevel_type_at(i)) != NULL; i++)
		if (fnmatch(pattern, type->name, 0) == 0)
			return true;
	return false;
}

const char *
loglevel_name(uint32_t level)
{
	return level < RTE_DIM(level_names) ? level_names[level] : NULL;
}

uint32_t
loglevel_find(const char *name)
{
	for (uint32_t i = 1; i < RTE_DIM(level_names); i++)
		if (strcmp(level_names[i], name) == 0)
			return i;
	return 0;
}

/* What the configuration says of a type; the last one that fits holds. */
static uint32_t
level_of(const struct sl_config *config, const struct loglevel_type *type)
{
	uint32_t level = type->start;

	for (unsigned int i = 0; i < config->n_log_levels; i++)
		if (fnmatch(config->log_level[i].type, type->name, 0) == 0)
			level = config->log_level[i].level;
	return level;
}

void
loglevel_apply(const struct sl_config *config)
{
	for (unsigned int i = 0; loglevel_type_at(i) != NULL; i++) {
		struct loglevel_type *type = &levels.type[i];

		if (!levels.started)
			type->start = (uint32_t)rte_log_get_level(type->id);
		rte_log_set_level(type->id, level_of(config, type));
	}
	levels.started = true;
}
