/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The engine of the grammar: patterns of statements against words.
 *
 * A pattern is compiled to tokens each time it is needed; that costs less than a
 * microsecond and leaves no state. Reading a statement is a walk over those tokens with
 * one question, "which tokens may come next?". Parsing takes the one that accepts the
 * word, a message lists what they expect, completion offers them: so these three can
 * never say different things.
 *
 * Of all statements that do not fit, those that got furthest speak in the message.
 */

#include <ctype.h>
#include <string.h>

#include "grammar.h"

#define TOKENS_MAX 64 /* a bit each in struct reader */

enum token_kind {
	TOKEN_WORD,
	TOKEN_CHOICE,
	TOKEN_TYPE,
};

struct token {
	enum token_kind kind;
	const char *text; /* into the pattern */
	unsigned int len;
	const struct arg_type *type;
	int arg; /* its number, or -1 */
	bool opens, closes; /* an optional group */
};

struct pattern {
	struct token token[TOKENS_MAX];
	unsigned int n;
	unsigned int n_fixed; /* tokens before the optional groups */
};

/* How far a statement has been read. */
struct reader {
	struct pattern pattern;
	unsigned int next; /* token, == n_fixed between groups */
	uint64_t used; /* bit of each group's first token */
};

static void
compile(struct pattern *p, const char *text)
{
	bool group = false;
	int args = 0;

	memset(p, 0, sizeof(*p));
	while (*text != '\0' && p->n < TOKENS_MAX) {
		struct token *t = &p->token[p->n++];

		t->opens = *text == '[';
		group |= t->opens;
		t->text = text + t->opens;
		t->len = strcspn(t->text, " ]");
		t->closes = t->text[t->len] == ']';
		t->kind = isupper((unsigned char)*t->text)       ? TOKEN_TYPE
			  : memchr(t->text, '|', t->len) != NULL ? TOKEN_CHOICE
								 : TOKEN_WORD;
		if (t->kind == TOKEN_TYPE)
			t->type = arg_type_find(t->text, t->len);
		t->arg = t->kind != TOKEN_WORD || (t->opens && t->closes) ? args++ : -1;
		p->n_fixed += !group;
		text = t->text + t->len + t->closes;
		text += *text == ' ';
	}
}

/* The tokens that may come next: the i-th of them, or NULL. */
static const struct token *
candidate(const struct reader *r, unsigned int i)
{
	const struct pattern *p = &r->pattern;

	if (r->next != p->n_fixed)
		return i == 0 ? &p->token[r->next] : NULL;
	for (unsigned int t = p->n_fixed; t < p->n; t++)
		if (p->token[t].opens && !(r->used & UINT64_C(1) << t) && i-- == 0)
			return &p->token[t];
	return NULL;
}

static bool
is_complete(const struct reader *r)
{
	return r->next == r->pattern.n_fixed;
}

/* Number of word in a choice a|b|c, or -1. */
static int
choice_index(const struct token *t, const char *word)
{
	const char *p = t->text, *end = t->text + t->len;
	size_t len = strlen(word);

	for (int i = 0; p < end; i++) {
		size_t n = strcspn(p, "| ]");

		if (n == len && memcmp(p, word, n) == 0)
			return i;
		p += n + 1;
	}
	return -1;
}

static bool
accepts(const struct token *t, const struct sl_config *config, const char *word, struct arg *arg,
	char *why, size_t size)
{
	int i;

	if (t->kind == TOKEN_WORD)
		return strlen(word) == t->len && memcmp(word, t->text, t->len) == 0;
	if (t->kind == TOKEN_TYPE)
		return t->type != NULL && t->type->parse(t->type, config, word, arg, why, size);
	i = choice_index(t, word);
	arg->u = i;
	return i >= 0;
}

static void
advance(struct reader *r, const struct token *t)
{
	unsigned int i = t - r->pattern.token;

	if (t->opens)
		r->used |= UINT64_C(1) << i;
	r->next = t->closes ? r->pattern.n_fixed : i + 1;
}

/* Read words; returns how many fitted. */
static unsigned int
read_words(struct reader *r, const struct statement *s, const struct sl_config *config,
	const struct words *words, unsigned int n, struct arg *args, char *why, size_t size)
{
	unsigned int w;

	r->next = r->used = 0;
	compile(&r->pattern, s->pattern);
	memset(args, 0, ARGS_MAX * sizeof(*args));
	for (w = 0; w < n; w++) {
		const struct token *t;
		struct arg arg = { .set = true, .word = words->word[w] };

		why[0] = '\0';
		for (unsigned int i = 0; (t = candidate(r, i)) != NULL; i++)
			if (accepts(t, config, words->word[w], &arg, why, size))
				break;
		if (t == NULL)
			break;
		if (t->arg >= 0 && t->arg < ARGS_MAX)
			args[t->arg] = arg;
		advance(r, t);
	}
	return w;
}

/* What was expected at the furthest point, a list without doubles. */
struct expected {
	unsigned int at;
	unsigned int n;
	char text[40][160];
	char why[160]; /* a type's own reason, better than the list */
	unsigned int near_at; /* the word before: what a type said of it, when another took it */
	char near_why[160];
};

static void
expect(struct expected *e, const char *text, unsigned int len)
{
	for (unsigned int i = 0; i < e->n; i++)
		if (strlen(e->text[i]) == len && memcmp(e->text[i], text, len) == 0)
			return;
	if (e->n < RTE_DIM(e->text))
		snprintf(e->text[e->n++], sizeof(e->text[0]), "%.*s", (int)len, text);
}

static void
expect_token(struct expected *e, const struct token *t)
{
	const char *p = t->text, *end = t->text + t->len;

	if (t->kind == TOKEN_TYPE && t->type != NULL) {
		expect(e, t->type->expected, strlen(t->type->expected));
		return;
	}
	while (p < end) {
		size_t n = strcspn(p, "| ]");

		expect(e, p, n);
		p += n + 1;
	}
}

/* A statement that did not fit adds what it would have liked to see. */
static void
note_failure(struct expected *e, const struct reader *r, unsigned int at, const char *why)
{
	const struct token *t;

	if (why[0] != '\0') {
		e->near_at = at;
		snprintf(e->near_why, sizeof(e->near_why), "%s", why);
	}
	if (at < e->at)
		return;
	if (at > e->at) {
		e->at = at;
		e->n = 0;
		e->why[0] = '\0';
	}
	if (why[0] != '\0')
		snprintf(e->why, sizeof(e->why), "%s", why);
	for (unsigned int i = 0; (t = candidate(r, i)) != NULL; i++)
		expect_token(e, t);
	if (is_complete(r))
		expect(e, "the end", strlen("the end"));
}

static void
print_expected(const struct expected *e, const struct words *words, char *why, size_t size)
{
	FILE *f = fmemopen(why, size, "w");

	if (f == NULL)
		return;
	if (e->at < words->n)
		fprintf(f, "'%s': ", words->word[e->at]);
	else
		fprintf(f, "after '%s': ", words->word[words->n - 1]);
	if (e->at == 0)
		fprintf(f, "expected a statement; 'help' lists them");
	else if (e->why[0] != '\0')
		fprintf(f, "%s", e->why);
	else
		for (unsigned int i = 0; i < e->n; i++)
			fprintf(f, "%s%s",
				i == 0         ? "expected "
				: i < e->n - 1 ? ", "
					       : " or ",
				e->text[i]);
	if (e->at > 0 && e->why[0] == '\0' && e->near_why[0] != '\0' && e->near_at == e->at - 1)
		fprintf(f, " ('%s': %s)", words->word[e->near_at], e->near_why);
	fclose(f);
	why[size - 1] = '\0';
}

/* A glance that spares compiling most patterns: begins it with another fixed word? */
static bool
begins_otherwise(const char *pattern, const char *word)
{
	size_t len = strlen(word);

	return pattern[strcspn(pattern, " |")] != '|' &&
	       (strncmp(pattern, word, len) != 0 || (pattern[len] != ' ' && pattern[len] != '\0'));
}

const struct statement *
grammar_match(const struct grammar *grammar, const struct sl_config *config,
	const struct words *words, struct arg *arg, char *why, size_t size)
{
	struct expected expected = { .at = 0 };
	char reason[160] = "";
	struct reader r;
	unsigned int at;

	for (const struct grammar_table *table = grammar->tables; table->rows != NULL; table++) {
		for (const struct statement *s = table->rows; s->pattern != NULL; s++) {
			if (words->n > 0 && begins_otherwise(s->pattern, words->word[0]))
				continue;
			at = read_words(
				&r, s, config, words, words->n, arg, reason, sizeof(reason));
			if (at == words->n && is_complete(&r))
				return s;
			note_failure(&expected, &r, at, at < words->n ? reason : "");
		}
	}
	print_expected(&expected, words, why, size);
	return NULL;
}

/* Words offered so far: one offer for a word that several statements begin with. */
struct offers {
	const struct grammar *grammar;
	const char *prefix;
	unsigned int n;
	struct {
		char word[SL_NAME_MAX * 2];
		const char *help;
	} offer[256];
};

static void
add_offer(void *arg, const char *word, const char *help)
{
	struct offers *o = arg;
	const char *shared;

	if (strncmp(word, o->prefix, strlen(o->prefix)) != 0)
		return;
	for (unsigned int i = 0; i < o->n; i++)
		if (strcmp(o->offer[i].word, word) == 0) {
			shared = grammar_word_help(o->grammar, word);
			if (shared != NULL)
				o->offer[i].help = shared;
			return;
		}
	if (o->n == RTE_DIM(o->offer))
		return;
	snprintf(o->offer[o->n].word, sizeof(o->offer[0].word), "%s", word);
	o->offer[o->n++].help = help;
}

static void
offer_token(struct offers *o, const struct token *t, const struct statement *s,
	const struct sl_config *config)
{
	const char *p = t->text, *end = t->text + t->len, *help;
	char word[SL_NAME_MAX * 2];

	if (t->kind == TOKEN_TYPE) {
		if (t->type != NULL && t->type->complete != NULL) {
			t->type->complete(config, add_offer, o);
		} else if (t->type != NULL && *o->prefix == '\0') {
			snprintf(word, sizeof(word), "<%s>", t->type->name);
			add_offer(o, word, t->type->expected);
		}
		return;
	}
	while (p < end) {
		size_t n = strcspn(p, "| ]");

		snprintf(word, sizeof(word), "%.*s", (int)n, p);
		help = t->opens || t->kind == TOKEN_CHOICE ? grammar_word_help(o->grammar, word)
							   : NULL;
		add_offer(o, word, help != NULL ? help : s->help);
		p += n + 1;
	}
}

void
grammar_complete(const struct grammar *grammar, const struct sl_config *config,
	const struct words *words, complete_fn *fn, void *fn_arg)
{
	static struct offers o; /* control lcore only; too large for its stack */
	unsigned int n = words->n - (words->open && words->n > 0);
	struct arg args[ARGS_MAX];
	const struct token *t;
	struct reader r;
	char why[160];

	o.grammar = grammar;
	o.prefix = n < words->n ? words->word[n] : "";
	o.n = 0;
	for (const struct grammar_table *table = grammar->tables; table->rows != NULL; table++) {
		for (const struct statement *s = table->rows; s->pattern != NULL; s++) {
			if (read_words(&r, s, config, words, n, args, why, sizeof(why)) < n)
				continue;
			for (unsigned int i = 0; (t = candidate(&r, i)) != NULL; i++)
				offer_token(&o, t, s, config);
		}
	}
	for (unsigned int i = 0; i < o.n; i++)
		fn(fn_arg, o.offer[i].word, o.offer[i].help);
}

const char *
grammar_word_help(const struct grammar *grammar, const char *word)
{
	for (unsigned int i = 0; grammar->glossary[i][0] != NULL; i++)
		if (strcmp(grammar->glossary[i][0], word) == 0)
			return grammar->glossary[i][1];
	return NULL;
}
