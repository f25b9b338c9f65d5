/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Running statements, wherever they come from.
 *
 * A line is cut into words (words.c), matched (grammar.c) and run. A statement that
 * configures gets a clone of the configuration to change; what comes out goes to
 * box_apply(), which checks it and puts it into force as a whole or not at all. One line
 * at run time is one such transaction, and so is a file or a buffer of many lines:
 * reading goes on after a wrong line, so that one run finds all the mistakes, but then
 * nothing is applied.
 *
 * Statements that show something may leave a walk behind (struct walk): work that is
 * done in pieces whenever the one who asked has room for more.
 *
 * All of it runs on the control lcore.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply.h"
#include "cli.h"
#include "clock.h"
#include "lines.h"

static const struct grammar_table tables[] = {
	{ "Addresses, routes and services", cli_config_statements },
	{ "IPv6", cli_six_statements },
	{ "NAT64", cli_nat64_statements },
	{ "Pools", cli_pool_statements },
	{ "Sharing of ports", cli_cgn_statements },
	{ "Tenants", cli_tenant_statements },
	{ "Limits, timeouts and rates", cli_tune_statements },
	{ "Port forwards", cli_forward_statements },
	{ "Helpers", cli_helper_statements },
	{ "Ports that hosts open by themselves", cli_lease_statements },
	{ "Open ports", cli_mapping_statements },
	{ "Records", cli_log_statements },
	{ "What the box says of itself", cli_loglevel_statements },
	{ "The box as it is set up", cli_show_statements },
	{ "Figures", cli_status_statements },
	{ "Figures for Prometheus", cli_metrics_statements },
	{ "Health, and routes of the pools for a routing daemon", cli_health_statements },
	{ "Cost of the packet path", cli_performance_statements },
	{ "Sessions, mappings, subscribers", cli_session_statements },
	{ "One subscriber", cli_subscriber_statements },
	{ "Use of pools", cli_usage_statements },
	{ "Watching", cli_top_statements },
	{ "Events", cli_event_statements },
	{ "What becomes of a packet", cli_explain_statements },
	{ "Packets on their way", cli_watch_statements },
	{ "Who had a port", cli_lookup_statements },
	{ "State over restarts", cli_state_statements },
	{ "Files, help and the end", cli_file_statements },
	{ NULL, NULL },
};

const struct grammar cli_grammar = { tables, cli_glossary };

/* Change a clone of the configuration and put it into force. */
static int
run_config(struct call *call, const struct statement *statement, const struct arg *arg)
{
	char why[256] = "";
	int rc;

	call->config = sl_config_clone(call->box->config);
	if (call->config == NULL)
		return call_fail(call, -ENOMEM, "out of memory");
	config_expire(call->config, clock_now());
	rc = statement->run(call, arg);
	if (rc == 0) {
		rc = box_apply(call->box, call->config, why, sizeof(why));
		if (rc < 0)
			call_fail(call, rc, "%s", why[0] != '\0' ? why : strerror(-rc));
	}
	if (rc < 0)
		sl_config_destroy(call->config);
	return rc;
}

int
statement_start(struct box *box, const struct statement_origin *origin, const char *line, bool json,
	FILE *out, FILE *err, struct statement_after *after)
{
	struct words words;
	struct call call = {
		.box = box,
		.grammar = &cli_grammar,
		.config = box->config,
		.origin = origin,
		.words = &words,
		.json = json,
		.out = out,
		.err = err,
		.after = after,
	};
	const struct statement *statement;
	struct arg arg[ARGS_MAX];
	char why[1024];

	*after = (struct statement_after){ 0 };
	if (words_split(&words, line, strlen(line), why, sizeof(why)) < 0)
		return call_fail(&call, -EINVAL, "%s", why);
	if (words.n == 0)
		return 0;
	statement = grammar_match(&cli_grammar, box->config, &words, arg, why, sizeof(why));
	if (statement == NULL)
		return call_fail(&call, -EINVAL, "%s", why);
	if (statement->kind == ST_CONFIG)
		return run_config(&call, statement, arg);
	if (strcmp(words.word[words.n - 1], "json") == 0)
		call.json = true;
	return statement->run(&call, arg);
}

int
statement_run(struct box *box, const struct statement_origin *origin, const char *line, bool json,
	FILE *out, FILE *err)
{
	struct statement_after after;
	int rc = statement_start(box, origin, line, json, out, err, &after);

	if (rc < 0 || after.walk == NULL)
		return rc;
	while ((rc = walk_step(after.walk, out, err)) == 1)
		if (after.walk->wait > 0)
			usleep(after.walk->wait * 1000);
	walk_destroy(after.walk);
	if (rc == WALK_IDLE) {
		fprintf(err, "this goes on for ever, which is for sluicectl or the prompt\n");
		rc = -EINVAL;
	}
	return rc;
}

struct sl_config *
statement_load(struct box *box, const char *path, FILE *err)
{
	struct sl_config *config = lines_load(box, &cli_grammar, path, true, err);

	if (config != NULL)
		file_remember(path);
	return config;
}

int
statement_reload(struct box *box, FILE *err)
{
	return config_reload(box, &cli_grammar, err);
}

int
statement_syntax(struct box *box, const char *path, FILE *err)
{
	return lines_syntax(box, &cli_grammar, path, err);
}

int
statement_run_all(struct box *box, const struct statement_origin *origin, const char *text,
	bool json, FILE *out, FILE *err)
{
	struct call call = {
		.box = box,
		.grammar = &cli_grammar,
		.config = sl_config_clone(box->config),
		.origin = origin,
		.json = json,
		.out = out,
		.err = err,
	};
	char why[256] = "";
	int rc;

	if (call.config == NULL)
		return call_fail(&call, -ENOMEM, "out of memory");
	config_expire(call.config, clock_now());
	rc = lines_read(&call, text, strlen(text));
	if (rc == 0) {
		rc = box_apply(box, call.config, why, sizeof(why));
		if (rc < 0)
			fprintf(err, "%s: %s\n", origin->name,
				why[0] != '\0' ? why : strerror(-rc));
	}
	if (rc < 0)
		sl_config_destroy(call.config);
	return rc;
}

void
statement_complete(struct box *box, const char *line,
	void (*fn)(void *arg, const char *word, const char *help), void *arg)
{
	lines_complete(box, &cli_grammar, line, fn, arg);
}
