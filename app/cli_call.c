/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>

#include "cli_call.h"

int
call_fail(const struct call *call, int rc, const char *fmt, ...)
{
	va_list ap;

	if (call->origin->line > 0)
		fprintf(call->err, "%s:%u: ", call->origin->name, call->origin->line);
	va_start(ap, fmt);
	vfprintf(call->err, fmt, ap);
	va_end(ap);
	fputc('\n', call->err);
	return rc;
}
