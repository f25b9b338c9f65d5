/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "types.h"
#include "words.h"

#define ARGS_MAX 32 /* arguments of one statement */

struct call;

/** When a statement may be given. */
enum statement_kind {
	ST_CONFIG, /**< changes the configuration: everywhere */
	ST_NOW, /**< shows or does something: at run time only */
};

/**
 * One statement. The pattern has fixed words, choices (a|b|c), types of argument (upper
 * case, see types.c) and, at its end, optional groups in any order ([word] or [word TYPE]).
 * Types, choices and groups of a word alone are arguments, numbered from 0 as they stand.
 */
struct statement {
	const char *pattern; /**< NULL ends a table */
	int (*run)(struct call *call, const struct arg *arg);
	const char *help; /**< one sentence */
	enum statement_kind kind;
};

/** Statements of one subject. */
struct grammar_table {
	const char *title; /**< a heading of the manual */
	const struct statement *rows; /**< NULL ends the tables */
};

/** The grammar: tables, and what words mean where several statements share them. */
struct grammar {
	const struct grammar_table *tables;
	const char *const (*glossary)[2]; /**< word, sentence; ended by NULL */
};

/**
 * Find the statement that words make.
 * @param config  what TENANT and POOL are looked up in
 * @param arg     ARGS_MAX of them, filled in
 * @param why     gets "'word': expected ..." when it is none
 */
const struct statement *grammar_match(const struct grammar *grammar, const struct sl_config *config,
	const struct words *words, struct arg *arg, char *why, size_t size);

/** Call fn for each word that may come next, or complete the last one when words->open. */
void grammar_complete(const struct grammar *grammar, const struct sl_config *config,
	const struct words *words, complete_fn *fn, void *fn_arg);

/** Call fn for each statement that begins with words[skip...]; returns how many. */
unsigned int grammar_help(const struct grammar *grammar, const struct words *words,
	unsigned int skip, void (*fn)(void *arg, const struct statement *statement), void *fn_arg);

/** What a word means where several statements share it, or NULL. */
const char *grammar_word_help(const struct grammar *grammar, const char *word);

/** Look for patterns with unknown types or words nobody explains; returns how many, on err. */
unsigned int grammar_check(const struct grammar *grammar, FILE *err);

#endif /* GRAMMAR_H */
