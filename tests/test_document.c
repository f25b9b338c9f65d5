/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the program says of itself is whole: each statement, argument, option, counter and word of
 * the grammar has a sentence, and no pattern is there twice. The manual is made of these tables.
 * That the written documents say nothing else is docs_check.py's.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli.h"
#include "document.h"
#include "options.h"

static unsigned int wrong;

/* A part of a sentence: neither empty nor ended, which document.c does. */
static void
look_at(const char *what, const char *name, const char *text)
{
	size_t n = text != NULL ? strlen(text) : 0;

	if (n >= 3 && text[n - 1] != '.' && text[n - 1] != ' ')
		return;
	print_message("%s '%s': expected a sentence without a full stop, it has '%s'\n", what, name,
		text != NULL ? text : "nothing");
	wrong++;
}

static bool
same_pattern_before(const struct statement *of)
{
	for (const struct grammar_table *table = cli_grammar.tables; table->rows != NULL; table++)
		for (const struct statement *s = table->rows; s->pattern != NULL; s++) {
			if (s == of)
				return false;
			if (strcmp(s->pattern, of->pattern) == 0)
				return true;
		}
	return false;
}

static void
every_statement_has_a_sentence(void **state)
{
	(void)state;
	wrong = 0;
	for (const struct grammar_table *table = cli_grammar.tables; table->rows != NULL; table++) {
		look_at("table that begins with", table->rows->pattern, table->title);
		for (const struct statement *s = table->rows; s->pattern != NULL; s++) {
			look_at("statement", s->pattern, s->help);
			if (same_pattern_before(s)) {
				print_message("statement '%s' is there twice\n", s->pattern);
				wrong++;
			}
		}
	}
	assert_int_equal(wrong, 0);
}

/* cli_words.c has a row for each fixed word, types.c for each kind of argument. */
static void
every_word_of_a_pattern_is_explained(void **state)
{
	(void)state;
	assert_int_equal(grammar_check(&cli_grammar, stdout), 0);
}

static void
every_argument_has_a_sentence(void **state)
{
	const struct arg_type *type;

	(void)state;
	wrong = 0;
	for (unsigned int i = 0; (type = arg_type_at(i)) != NULL; i++)
		look_at("argument", type->name, type->expected);
	assert_int_equal(wrong, 0);
}

static void
look_at_option(FILE *out, char letter, const char *name, const char *value, const char *help)
{
	(void)out;
	(void)letter;
	(void)value;
	look_at("option", name, help);
}

static void
every_option_has_a_sentence(void **state)
{
	(void)state;
	wrong = 0;
	options_each(look_at_option, stdout);
	assert_int_equal(wrong, 0);
}

static void
every_counter_has_a_name_and_a_sentence(void **state)
{
	const char *name;

	(void)state;
	wrong = 0;
	for (unsigned int c = 0; c < SL_COUNTER_COUNT; c++) {
		name = sl_counter_name((enum sl_counter)c);
		look_at("counter", name, sl_counter_text((enum sl_counter)c));
		for (const char *p = name; *p != '\0'; p++)
			if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
				wrong++;
		for (unsigned int d = 0; d < c; d++)
			if (strcmp(name, sl_counter_name((enum sl_counter)d)) == 0) {
				print_message("counter '%s' is there twice\n", name);
				wrong++;
			}
	}
	assert_int_equal(wrong, 0);
}

/* How often a line of the text is ".TP": each begins an entry of the manual. */
static unsigned int
count_entries(const char *part)
{
	unsigned int n = 0;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(document_print(part, f, stderr), 0);
	fclose(f);
	for (const char *p = text; (p = strstr(p, ".TP\n")) != NULL; p++)
		n++;
	free(text);
	return n;
}

static void
the_manual_has_them_all(void **state)
{
	unsigned int n = 0;

	(void)state;
	for (const struct grammar_table *table = cli_grammar.tables; table->rows != NULL; table++)
		for (const struct statement *s = table->rows; s->pattern != NULL; s++)
			n++;
	assert_int_equal(count_entries("statements") + count_entries("commands"), n);
	assert_int_equal(count_entries("counters"), SL_COUNTER_COUNT);
	for (n = 0; arg_type_at(n) != NULL; n++)
		;
	assert_int_equal(count_entries("arguments"), n);
	assert_true(count_entries("options") > 20);
}

static void
an_unknown_part_is_named(void **state)
{
	char text[256] = "";
	FILE *err = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(err);
	assert_int_not_equal(document_print("chapters", stdout, err), 0);
	fclose(err);
	assert_non_null(strstr(text, "'chapters'"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement_has_a_sentence),
		cmocka_unit_test(every_word_of_a_pattern_is_explained),
		cmocka_unit_test(every_argument_has_a_sentence),
		cmocka_unit_test(every_option_has_a_sentence),
		cmocka_unit_test(every_counter_has_a_name_and_a_sentence),
		cmocka_unit_test(the_manual_has_them_all),
		cmocka_unit_test(an_unknown_part_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
