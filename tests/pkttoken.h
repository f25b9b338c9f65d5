/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_PKTTOKEN_H
#define TEST_PKTTOKEN_H

#include "pkttext.h"

#define PT_TOKENS_MAX 64

/** The tokens of a text; they point into it. */
struct pt_tokens {
	unsigned int n;
	const char *s[PT_TOKENS_MAX];
	size_t len[PT_TOKENS_MAX];
};

/** Split at blanks, quoted strings and [quoted packets] kept whole; -1 when unbalanced. */
int pt_split(const char *text, size_t n, struct pt_tokens *t);

/** The value after "key=" in token i, or NULL when it is another token. */
const char *pt_value(const struct pt_tokens *t, unsigned int i, const char *key);

/** True when token i is this word. */
bool pt_is(const struct pt_tokens *t, unsigned int i, const char *word);

/** True when token i gives the payload. */
bool pt_is_payload(const struct pt_tokens *t, unsigned int i);

/**
 * Compare value with the name of n characters at s ("$p{even}"), binding it on first use.
 * @return 0, or -1 when the name has another value or a constraint does not hold
 */
int pt_name_match(struct pt_names *names, const char *s, size_t n, const char *value);

#endif
