/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A file or a buffer of statements, read as one transaction: into a configuration that is the
 * caller's to put into force.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "lines.h"

#define WRONG_MAX 20 /* wrong lines of one file that are told */

/* One line of a transaction: changes call->config. */
static int
read_line(struct call *call, const char *line, size_t len)
{
	const struct statement *statement;
	struct arg arg[ARGS_MAX];
	struct words words;
	char why[1024];
	int rc;

	if (words_split(&words, line, len, why, sizeof(why)) < 0)
		return call_fail(call, -EINVAL, "%s", why);
	if (words.n == 0)
		return 0;
	statement = grammar_match(call->grammar, call->config, &words, arg, why, sizeof(why));
	if (statement == NULL)
		return call_fail(call, -EINVAL, "%s", why);
	if (statement->kind != ST_CONFIG && call->syntax)
		return 0;
	if (statement->kind != ST_CONFIG)
		return call_fail(call, -EINVAL,
			"'%s': expected a statement that configures, not one for the moment",
			words.word[0]);
	call->words = &words;
	rc = statement->run(call, arg);
	call->words = NULL;
	return rc;
}

int
lines_read(struct call *call, const char *text, size_t len)
{
	const struct statement_origin *whole = call->origin;
	struct statement_origin origin = *whole;
	unsigned int wrong = 0;
	int rc = 0;

	call->origin = &origin;
	if (origin.line == 0)
		origin.line = 1;
	for (const char *end; len > 0 && wrong < WRONG_MAX && rc != -ENOMEM; origin.line++) {
		end = memchr(text, '\n', len);
		rc = read_line(call, text, end != NULL ? (size_t)(end - text) : len);
		wrong += rc < 0;
		len -= end != NULL ? (size_t)(end - text) + 1 : len;
		text = end != NULL ? end + 1 : text;
	}
	if (wrong == WRONG_MAX)
		fprintf(call->err, "%s: too many wrong lines, the rest was not read\n",
			origin.name);
	call->origin = whole;
	return rc == -ENOMEM ? rc : wrong > 0 ? -EINVAL : 0;
}

struct sl_config *
lines_load(struct box *box, const struct grammar *grammar, const char *path, bool pipes, FILE *err)
{
	struct statement_origin origin = { path, 0 };
	struct call call = {
		.box = box, .grammar = grammar, .origin = &origin, .err = err, .file = true
	};
	char why[256], *text;
	size_t len;
	int rc;

	rc = words_read_file(path, pipes, &text, &len, why, sizeof(why));
	if (rc < 0) {
		fprintf(err, "%s: %s\n", path, why);
		return NULL;
	}
	call.config = config_new(box);
	rc = call.config == NULL ? -ENOMEM : lines_read(&call, text, len);
	if (rc == 0)
		rc = sl_config_check(call.config, why, sizeof(why));
	else
		why[0] = '\0';
	free(text);
	if (rc == 0)
		return call.config;
	if (rc == -ENOMEM)
		snprintf(why, sizeof(why), "out of memory");
	if (why[0] != '\0')
		fprintf(err, "%s: %s\n", path, why);
	sl_config_destroy(call.config);
	return NULL;
}

int
lines_syntax(struct box *box, const struct grammar *grammar, const char *path, FILE *err)
{
	struct statement_origin origin = { path, 0 };
	struct call call = { .box = box,
		.grammar = grammar,
		.origin = &origin,
		.err = err,
		.file = true,
		.syntax = true };
	char why[256], *text;
	size_t len;
	int rc = words_read_file(path, true, &text, &len, why, sizeof(why));

	if (rc < 0) {
		fprintf(err, "%s: %s\n", path, why);
		return rc;
	}
	call.config = config_new(box);
	rc = call.config == NULL ? -ENOMEM : lines_read(&call, text, len);
	if (rc == -ENOMEM)
		fprintf(err, "%s: out of memory\n", path);
	sl_config_destroy(call.config);
	free(text);
	return rc;
}

void
lines_complete(const struct box *box, const struct grammar *grammar, const char *line,
	complete_fn *fn, void *arg)
{
	struct words words;
	char why[256];

	if (words_split(&words, line, strlen(line), why, sizeof(why)) == 0)
		grammar_complete(grammar, box->config, &words, fn, arg);
}
