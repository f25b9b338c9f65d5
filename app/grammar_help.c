/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The grammar looked at from outside: which statements begin with some words, for
 * "help", and whether the tables are sound, for the tests.
 */

#include <ctype.h>
#include <string.h>

#include "grammar.h"

/* Does the word number i of the pattern take this word, or is it an argument? */
static bool
pattern_word_fits(const char *pattern, unsigned int i, const char *word)
{
	size_t len = strlen(word), n;

	for (; i > 0; i--) {
		pattern += strcspn(pattern, " ");
		pattern += *pattern == ' ';
	}
	pattern += *pattern == '[';
	if (*pattern == '\0')
		return false;
	if (isupper((unsigned char)*pattern))
		return true;
	for (;; pattern += n + 1) {
		n = strcspn(pattern, "| ]");
		if (n >= len && memcmp(pattern, word, len) == 0)
			return true;
		if (pattern[n] != '|')
			return false;
	}
}

unsigned int
grammar_help(const struct grammar *grammar, const struct words *words, unsigned int skip,
	void (*fn)(void *arg, const struct statement *statement), void *fn_arg)
{
	unsigned int n = 0, w;

	for (const struct grammar_table *table = grammar->tables; table->rows != NULL; table++) {
		for (const struct statement *s = table->rows; s->pattern != NULL; s++) {
			for (w = skip; w < words->n; w++)
				if (!pattern_word_fits(s->pattern, w - skip, words->word[w]))
					break;
			if (w < words->n)
				continue;
			fn(fn_arg, s);
			n++;
		}
	}
	return n;
}

/* Every part of a token: choices apart, brackets gone. */
static unsigned int
check_token(const struct grammar *grammar, const struct statement *s, const char *text, FILE *err)
{
	char word[64];
	size_t n;

	if (isupper((unsigned char)*text)) {
		n = strcspn(text, " ]");
		if (arg_type_find(text, n) != NULL)
			return 0;
		fprintf(err, "%s: no type %.*s\n", s->pattern, (int)n, text);
		return 1;
	}
	for (unsigned int wrong = 0;; text += n + 1) {
		n = strcspn(text, "| ]");
		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		if (grammar_word_help(grammar, word) == NULL) {
			fprintf(err,
				"%s: nobody explains '%s': cli_words.c has a row for each word\n",
				s->pattern, word);
			wrong++;
		}
		if (text[n] != '|')
			return wrong;
	}
}

unsigned int
grammar_check(const struct grammar *grammar, FILE *err)
{
	unsigned int wrong = 0;

	for (const struct grammar_table *table = grammar->tables; table->rows != NULL; table++) {
		for (const struct statement *s = table->rows; s->pattern != NULL; s++) {
			for (const char *p = s->pattern; *p != '\0'; p += *p == ' ') {
				wrong += check_token(grammar, s, p + (*p == '['), err);
				p += strcspn(p, " ");
			}
		}
	}
	return wrong;
}
