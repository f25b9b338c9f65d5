/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef EXPOSITION_H
#define EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** The two formats that Prometheus reads. */
enum exposition_format {
	EXPOSITION_TEXT, /**< Prometheus text format 0.0.4 */
	EXPOSITION_OPENMETRICS, /**< OpenMetrics 1.0.0 */
};

/** What a family of figures is. */
enum exposition_kind {
	EXPOSITION_COUNTER, /**< only grows; its figures get the suffix _total */
	EXPOSITION_GAUGE,
	EXPOSITION_INFO, /**< text in labels; its figures are 1 and get the suffix _info */
};

/** Figures on their way out; one lcore. */
struct exposition {
	FILE *out;
	enum exposition_format format;
	const char *name; /**< of the family that is being written */
	enum exposition_kind kind;
};

/** The format that a client likes best by its Accept header, which may be NULL. */
enum exposition_format exposition_choose(const char *accept);

/** The value of Content-Type. */
const char *exposition_type(enum exposition_format format);

/**
 * Begin a family; each name once.
 * @param name  without suffix; stays the caller's, until the next family
 * @param help  one sentence
 */
void exposition_family(
	struct exposition *x, const char *name, enum exposition_kind kind, const char *help);

/** One figure of the family, and pairs of label and value, ended by NULL. */
void exposition_put(struct exposition *x, uint64_t value, const char *const *labels);

/** The same for one that is no integer. */
void exposition_put_real(struct exposition *x, double value, const char *const *labels);

/** The same with the pairs, and NULL, as arguments. */
#define exposition_add(x, value, ...) exposition_put(x, value, (const char *const[]){ __VA_ARGS__ })
#define exposition_real(x, value, ...)                                                             \
	exposition_put_real(x, value, (const char *const[]){ __VA_ARGS__ })

/** A family of one figure without labels. */
void exposition_one(struct exposition *x, const char *name, enum exposition_kind kind,
	const char *help, uint64_t value);

/** The end of all. */
void exposition_end(struct exposition *x);

#endif /* EXPOSITION_H */
