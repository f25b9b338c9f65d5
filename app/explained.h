/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef EXPLAINED_H
#define EXPLAINED_H

#include "cli.h"
#include "explain.h"
#include "json.h"

/** An explanation on its way out: steps, then a verdict. */
struct explained {
	struct call *call;
	struct json json;
};

/** Begin. */
void explained_begin(struct explained *e, struct call *call);

/** One step: its name, and a sentence. */
__rte_format_printf(3, 4) void explained_step(
	struct explained *e, const char *name, const char *format, ...);

/** The steps of one worker's answer, but for its verdict. */
void explained_tell(struct explained *e, const struct sl_explain *x);

/** The verdict, and the end; NULL: nobody could tell. */
void explained_end(struct explained *e, const struct sl_explain *x);

#endif /* EXPLAINED_H */
