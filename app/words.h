/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define WORDS_MAX 48 /* words of one statement */
#define LINE_LEN_MAX 1024 /* bytes of one line */
#define TEXT_LEN_MAX (16u << 20) /* bytes of one file */

/** A line cut into words; quotes and comment are gone. */
struct words {
	unsigned int n;
	bool open; /**< the line ends inside a word: what completion has to complete */
	const char *word[WORDS_MAX]; /**< into buf */
	char buf[LINE_LEN_MAX + 1];
};

/**
 * Cut a line of len bytes into words.
 * @param why  gets what is wrong, one sentence
 * @return 0 or -EINVAL
 */
int words_split(struct words *words, const char *line, size_t len, char *why, size_t size);

/** Print a word so that words_split() reads it back. */
void words_print(FILE *out, const char *word);

/**
 * Read a whole text file; to be freed by the caller.
 * @param pipes  also from a pipe, which may block
 * @param why    gets what is wrong, without the file's name
 * @return 0 or -errno
 */
int words_read_file(const char *path, bool pipes, char **text, size_t *len, char *why, size_t size);

#endif /* WORDS_H */
