/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Figures as Prometheus reads them: its text format 0.0.4 and OpenMetrics 1.0.0, which is the
 * same text but for how counters and infos are announced, what is escaped, and its end.
 *
 * Which of the two is a matter of HTTP's content negotiation (RFC 9110 section 12.5.1):
 * OpenMetrics for who names it and likes it at least as well as plain text, else plain text,
 * which people at curl and old scrapers can read.
 *
 * No state but the family that is being written.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "exposition.h"

#define OPENMETRICS "application/openmetrics-text"
#define TEXT "text/plain"

/* ---- which format ---- */

/* Parameter q of a media range in thousandths; 1000 without one, 0 for nonsense. */
static unsigned int
quality(const char *range, size_t n)
{
	const char *end = range + n, *p = range;
	double q;

	while ((p = memchr(p, ';', (size_t)(end - p))) != NULL) {
		char *rest;

		p++;
		p += strspn(p, " \t");
		if (p >= end || strncasecmp(p, "q=", 2) != 0)
			continue;
		q = strtod(p + 2, &rest);
		return rest > p + 2 && rest <= end && q >= 0 && q <= 1 ? (unsigned int)(q * 1000)
								       : 0;
	}
	return 1000;
}

static bool
is_range(const char *range, size_t n, const char *type)
{
	size_t len = strcspn(range, "; \t,");

	return len <= n && len == strlen(type) && strncasecmp(range, type, len) == 0;
}

enum exposition_format
exposition_choose(const char *accept)
{
	unsigned int openmetrics = 0, text = 0;

	while (accept != NULL && *accept != '\0') {
		size_t n;

		accept += strspn(accept, ", \t");
		n = strcspn(accept, ",");
		if (is_range(accept, n, OPENMETRICS) && quality(accept, n) > openmetrics)
			openmetrics = quality(accept, n);
		else if (is_range(accept, n, TEXT) && quality(accept, n) > text)
			text = quality(accept, n);
		accept += n;
	}
	return openmetrics > 0 && openmetrics >= text ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT;
}

const char *
exposition_type(enum exposition_format format)
{
	return format == EXPOSITION_OPENMETRICS ? OPENMETRICS "; version=1.0.0; charset=utf-8"
						: TEXT "; version=0.0.4; charset=utf-8";
}

/* ---- figures ---- */

/* Backslash and newline are escaped everywhere, quotes in labels and in OpenMetrics. */
static void
put_escaped(FILE *out, const char *text, bool quotes)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '\\' || (*text == '"' && quotes))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static const char *
suffix(const struct exposition *x)
{
	switch (x->kind) {
	case EXPOSITION_COUNTER:
		return "_total";
	case EXPOSITION_INFO:
		return "_info";
	case EXPOSITION_GAUGE:
		break;
	}
	return "";
}

static const char *
type_name(const struct exposition *x)
{
	if (x->kind == EXPOSITION_COUNTER)
		return "counter";
	/* The text format knows no infos. */
	return x->kind == EXPOSITION_INFO && x->format == EXPOSITION_OPENMETRICS ? "info" : "gauge";
}

void
exposition_family(
	struct exposition *x, const char *name, enum exposition_kind kind, const char *help)
{
	const char *end;

	x->name = name;
	x->kind = kind;
	/* In OpenMetrics a family goes by its name, in the text format by that of its figures. */
	end = x->format == EXPOSITION_OPENMETRICS ? "" : suffix(x);
	fprintf(x->out, "# HELP %s%s ", name, end);
	put_escaped(x->out, help, x->format == EXPOSITION_OPENMETRICS);
	fprintf(x->out, "\n# TYPE %s%s %s\n", name, end, type_name(x));
}

static void
put_name(const struct exposition *x, const char *const *labels)
{
	const char *sep = "{";

	fprintf(x->out, "%s%s", x->name, suffix(x));
	for (; labels[0] != NULL; labels += 2) {
		fprintf(x->out, "%s%s=\"", sep, labels[0]);
		put_escaped(x->out, labels[1], true);
		fputc('"', x->out);
		sep = ",";
	}
	if (*sep == ',')
		fputc('}', x->out);
}

void
exposition_put(struct exposition *x, uint64_t value, const char *const *labels)
{
	put_name(x, labels);
	fprintf(x->out, " %" PRIu64 "\n", value);
}

void
exposition_put_real(struct exposition *x, double value, const char *const *labels)
{
	put_name(x, labels);
	fprintf(x->out, " %.6f\n", value);
}

void
exposition_one(struct exposition *x, const char *name, enum exposition_kind kind, const char *help,
	uint64_t value)
{
	exposition_family(x, name, kind, help);
	exposition_add(x, value, NULL);
}

void
exposition_end(struct exposition *x)
{
	if (x->format == EXPOSITION_OPENMETRICS)
		fputs("# EOF\n", x->out);
}
