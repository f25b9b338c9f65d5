/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WATCHED_H
#define WATCHED_H

#include "cli.h"
#include "json.h"
#include "watch.h"

/** When the clocks that copies carry were read, to tell the time of day from them. */
struct watched_clock {
	uint64_t cycles, ms, wall; /**< TSC, clock_now(), nanoseconds since 1970 */
};

/** Read them. */
struct watched_clock watched_clock(void);

/** Nanoseconds since 1970 of a copy. */
uint64_t watched_when(const struct watched_clock *clock, const struct sl_seen *s);

/** Print one copy as a trace shows it. */
void watched_text(const struct watched_clock *clock, const struct sl_config *config,
	const struct sl_seen *s, FILE *out);

/** The same as an element of an array. */
void watched_json(const struct watched_clock *clock, const struct sl_config *config,
	const struct sl_seen *s, struct json *json);

/** What a capture says of a copy, in one line. */
void watched_comment(const struct sl_seen *s, char *text, size_t size);

#endif /* WATCHED_H */
