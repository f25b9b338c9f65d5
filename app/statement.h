/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef STATEMENT_H
#define STATEMENT_H

#include <stddef.h>
#include <stdio.h>

#include "box.h"
#include "walk.h"

/**
 * The one grammar: the start-up file, the prompt and sluicectl hand their lines here.
 * Control lcore only.
 */

/** Where a line comes from; named in messages as "file:line: word: ...". */
struct statement_origin {
	const char *name; /**< file name, "prompt" or "sluicectl" */
	unsigned int line;
};

/**
 * Read a start-up file into a configuration; nothing is applied.
 * @param err  gets "file:line: 'word': what was expected" for each wrong line
 * @return a configuration, or NULL when anything was wrong
 */
struct sl_config *statement_load(struct box *box, const char *path, FILE *err);

/**
 * Read a file of any statements, also such as show or do something, which are not run. What the
 * lines configure must fit together, but need not be a whole box.
 * @param err  as statement_load()
 * @return 0; -errno with a message on err
 */
int statement_syntax(struct box *box, const char *path, FILE *err);

/**
 * Run one line: change the configuration at once, or show something.
 * @param json  print shows as JSON where they can
 * @return 0; -errno with a message on err, and nothing changed
 */
int statement_run(struct box *box, const struct statement_origin *origin, const char *line,
	bool json, FILE *out, FILE *err);

/** Run the lines of a buffer as one transaction: all or nothing. As statement_run(). */
int statement_run_all(struct box *box, const struct statement_origin *origin, const char *text,
	bool json, FILE *out, FILE *err);

/**
 * Read the file again that the configuration came from, and put it into force as a whole.
 * @param err  as statement_load()
 * @return 0; -errno with a message on err, and nothing changed
 */
int statement_reload(struct box *box, FILE *err);

/** What is left to do after statement_start(). */
struct statement_after {
	struct walk *walk; /**< not NULL: call walk_step() until it is done, then walk_destroy() */
	bool quit; /**< the one who typed it wants to leave */
};

/**
 * As statement_run(), but long work is left to the caller, piece by piece, so that
 * neither control nor memory is taken by one big answer.
 */
int statement_start(struct box *box, const struct statement_origin *origin, const char *line,
	bool json, FILE *out, FILE *err, struct statement_after *after);

/** Print statements that make the same box again. */
void statement_write(const struct sl_config *config, FILE *out);

/**
 * Completions of a line so far.
 * @param fn  called with each next word that fits and what it means
 */
void statement_complete(struct box *box, const char *line,
	void (*fn)(void *arg, const char *word, const char *help), void *arg);

#endif /* STATEMENT_H */
