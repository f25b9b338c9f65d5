/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_CALL_H
#define CLI_CALL_H

#include <stdbool.h>
#include <stdio.h>

#include <rte_common.h>

#include "grammar.h"
#include "statement.h"

/** A statement that is being run. */
struct call {
	struct box *box;
	const struct grammar *grammar; /**< that it was found in */
	struct sl_config *config; /**< the one to change; for others the one in force */
	const struct statement_origin *origin;
	const struct words *words;
	bool json;
	FILE *out, *err;
	struct statement_after *after;
	bool file; /**< it stands in a file that is being loaded */
	bool syntax; /**< only to be read: what shows or does something is right, and is not run */
};

/** Print "file:line: message" (no file without a line) on call->err; returns rc. */
__rte_format_printf(3, 4) int call_fail(const struct call *call, int rc, const char *fmt, ...);

#endif /* CLI_CALL_H */
