/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements that come as a text of many lines. Control lcore only.
 */
#ifndef LINES_H
#define LINES_H

#include "cli_call.h"

/**
 * Run all lines of a transaction, which change call->config. Reading goes on after a wrong line,
 * so that one run finds all the mistakes, up to a limit.
 * @return 0, or a negative errno after every wrong line has been told on call->err
 */
int lines_read(struct call *call, const char *text, size_t len);

/** As statement_load(); pipes: also from one, which may keep control waiting. */
struct sl_config *lines_load(
	struct box *box, const struct grammar *grammar, const char *path, bool pipes, FILE *err);

/** As statement_syntax(). */
int lines_syntax(struct box *box, const struct grammar *grammar, const char *path, FILE *err);

/** As statement_complete(). */
void lines_complete(const struct box *box, const struct grammar *grammar, const char *line,
	complete_fn *fn, void *arg);

#endif /* LINES_H */
