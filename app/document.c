/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The parts of the manual that tell of things which the program has in tables: its options,
 * the statements, their arguments, the counters. The pages below man/ name a part where it
 * belongs, and the build puts it there, so that page and program cannot differ.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "cli.h"
#include "document.h"
#include "options.h"

/* Text in which roff sees nothing of its own. */
static void
put_text(FILE *out, const char *text, size_t n)
{
	if (n > 0 && (*text == '.' || *text == '\''))
		fputs("\\&", out);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\\')
			fputs("\\e", out);
		else if (text[i] == '-')
			fputs("\\-", out);
		else
			fputc(text[i], out);
	}
}

static void
put_line(FILE *out, const char *text)
{
	put_text(out, text, strlen(text));
	fputc('\n', out);
}

/* A sentence of the tables, which have neither a capital nor a full stop. */
static void
put_sentence(FILE *out, const char *text)
{
	if (*text == '\0')
		return;
	fputc(toupper((unsigned char)*text), out);
	put_text(out, text + 1, strlen(text + 1));
	fputs(".\n", out);
}

static void
put_option(FILE *out, char letter, const char *name, const char *value, const char *help)
{
	fprintf(out, ".TP\n\\fB\\-%c\\fR, \\fB\\-\\-", letter);
	put_text(out, name, strlen(name));
	fputs("\\fR", out);
	if (value != NULL) {
		fputs(" \\fI", out);
		put_text(out, value, strlen(value));
		fputs("\\fR", out);
	}
	fputc('\n', out);
	put_sentence(out, help);
}

/* Fixed words are bold, arguments (upper case) are set off. */
static void
put_pattern(FILE *out, const char *pattern)
{
	for (size_t n; *pattern != '\0'; pattern += n) {
		n = strcspn(pattern, "[]| ");
		if (n == 0) {
			fputc(*pattern, out);
			n = 1;
			continue;
		}
		fputs(isupper((unsigned char)*pattern) ? "\\fI" : "\\fB", out);
		put_text(out, pattern, n);
		fputs("\\fR", out);
	}
	fputc('\n', out);
}

static void
put_statements(FILE *out, enum statement_kind kind)
{
	const char *title;

	for (const struct grammar_table *table = cli_grammar.tables; table->rows != NULL; table++) {
		title = table->title;
		for (const struct statement *s = table->rows; s->pattern != NULL; s++) {
			if (s->kind != kind)
				continue;
			if (title != NULL)
				fprintf(out, ".SS %s\n", title);
			title = NULL;
			fputs(".TP\n", out);
			put_pattern(out, s->pattern);
			put_sentence(out, s->help);
		}
	}
}

static void
put_options(FILE *out)
{
	options_each(put_option, out);
}

static void
put_config(FILE *out)
{
	put_statements(out, ST_CONFIG);
}

static void
put_commands(FILE *out)
{
	put_statements(out, ST_NOW);
}

static void
put_arguments(FILE *out)
{
	const struct arg_type *type;

	for (unsigned int i = 0; (type = arg_type_at(i)) != NULL; i++) {
		fprintf(out, ".TP\n.I ");
		put_line(out, type->name);
		put_sentence(out, type->expected);
	}
}

static void
put_counters(FILE *out)
{
	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++) {
		fprintf(out, ".TP\n.B ");
		put_line(out, sl_counter_name((enum sl_counter)c));
		put_sentence(out, sl_counter_text((enum sl_counter)c));
	}
}

int
document_print(const char *part, FILE *out, FILE *err)
{
	static const struct {
		const char *name;
		void (*put)(FILE *out);
	} parts[] = {
		{ "options", put_options },
		{ "statements", put_config },
		{ "commands", put_commands },
		{ "arguments", put_arguments },
		{ "counters", put_counters },
	};

	for (unsigned int i = 0; i < RTE_DIM(parts); i++) {
		if (strcmp(part, parts[i].name) == 0) {
			parts[i].put(out);
			return 0;
		}
	}
	fprintf(err,
		"sluice: --document '%s': expected options, statements, commands, arguments or "
		"counters\n",
		part);
	return -EINVAL;
}
