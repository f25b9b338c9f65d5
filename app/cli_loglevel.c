/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about what the box says of itself (loglevel.c); where records of sessions go is in
 * cli_log.c.
 */
#include <errno.h>
#include <string.h>

#include <rte_log.h>

#include "cli.h"
#include "json.h"
#include "loglevel.h"

#define LEVELS_MAX 64 /* statements */

bool
parse_log_type(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(type);
	RTE_SET_USED(config);
	RTE_SET_USED(arg);
	if (strlen(word) < SL_LOG_TYPE_MAX && loglevel_any(word))
		return true;
	snprintf(why, size,
		"no log type of sluice; 'show log levels' lists them, 'sluice.*' is all of them");
	return false;
}

void
complete_log_type(const struct sl_config *config, complete_fn *fn, void *fn_arg)
{
	const struct loglevel_type *type;

	RTE_SET_USED(config);
	fn(fn_arg, "sluice.*", "all log types");
	for (unsigned int i = 0; (type = loglevel_type_at(i)) != NULL; i++)
		fn(fn_arg, type->name, "a log type");
}

bool
parse_log_level(const struct arg_type *type, const struct sl_config *config, const char *word,
	struct arg *arg, char *why, size_t size)
{
	RTE_SET_USED(type);
	RTE_SET_USED(config);
	RTE_SET_USED(why);
	RTE_SET_USED(size);
	arg->u = loglevel_find(word);
	return arg->u != 0;
}

void
complete_log_level(const struct sl_config *config, complete_fn *fn, void *fn_arg)
{
	RTE_SET_USED(config);
	for (uint32_t level = 1; loglevel_name(level) != NULL; level++)
		fn(fn_arg, loglevel_name(level), "lines of this weight and weightier ones");
}

/* Take a statement out of the list; false: it is not there. */
static bool
drop(struct sl_config *config, const char *type)
{
	for (unsigned int i = 0; i < config->n_log_levels; i++) {
		if (strcmp(config->log_level[i].type, type) != 0)
			continue;
		array_del(
			&config->log_level, &config->n_log_levels, sizeof(config->log_level[0]), i);
		return true;
	}
	return false;
}

/* The last one that fits holds, so what is said again goes to the end. */
static int
log_level(struct call *call, const struct arg *arg)
{
	struct sl_config *config = call->config;
	struct sl_log_level level = { .level = (uint8_t)arg[1].u };

	drop(config, arg[0].word);
	if (config->n_log_levels == LEVELS_MAX)
		return call_fail(call, -ENOSPC,
			"'%s': there are %u log levels, no more are possible; 'log level "
			"sluice.* LEVEL' is for all types",
			arg[0].word, LEVELS_MAX);
	snprintf(level.type, sizeof(level.type), "%s", arg[0].word);
	return array_add(&config->log_level, &config->n_log_levels, sizeof(level), &level);
}

static int
no_log_level(struct call *call, const struct arg *arg)
{
	if (drop(call->config, arg[0].word))
		return 0;
	return call_fail(call, -ENOENT,
		"'%s': no statement 'log level' names it; 'show configuration' lists them",
		arg[0].word);
}

void
loglevel_write(const struct sl_config *config, FILE *out)
{
	for (unsigned int i = 0; i < config->n_log_levels; i++)
		fprintf(out, "log level %s %s\n", config->log_level[i].type,
			loglevel_name(config->log_level[i].level));
}

static int
show_log_levels(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };
	const struct loglevel_type *type;

	RTE_SET_USED(arg);
	if (call->json) {
		json_object(&json, NULL);
		json_array(&json, "types");
	} else {
		fprintf(call->out, "type                     level      at start\n");
	}
	for (unsigned int i = 0; (type = loglevel_type_at(i)) != NULL; i++) {
		const char *now = loglevel_name((uint32_t)rte_log_get_level(type->id));
		const char *start = loglevel_name(type->start);

		now = now != NULL ? now : "none";
		start = start != NULL ? start : "none";
		if (!call->json) {
			fprintf(call->out, "%-24s %-10s %s\n", type->name, now, start);
			continue;
		}
		json_object(&json, NULL);
		json_text(&json, "type", type->name);
		json_text(&json, "level", now);
		json_text(&json, "start", start);
		json_object_end(&json);
	}
	if (call->json) {
		json_array_end(&json);
		json_object_end(&json);
	}
	return 0;
}

const struct statement cli_loglevel_statements[] = {
	{ "log level LOG-TYPE LOG-LEVEL", log_level,
		"how much a part of the program says of itself, to standard output and syslog",
		ST_CONFIG },
	{ "no log level LOG-TYPE", no_log_level, "as much as at the start", ST_CONFIG },
	{ "show log levels [json]", show_log_levels,
		"how much the parts of the program say of themselves", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
