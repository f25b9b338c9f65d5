/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A look at packets on their way: the watch and the walk that a trace and a capture are built
 * on. There is one at a time for the whole box. Control lcore only.
 */
#ifndef LOOKING_H
#define LOOKING_H

#include "watched.h"

#define LOOKING_WAIT_MS 20 /**< between two steps that found nothing */
#define LOOKING_SLICE 128 /**< copies taken in one step */

struct looking {
	struct walk walk; /**< first */
	struct box *box;
	struct sl_watch *watch;
	struct watched_clock clock;
	uint64_t until; /**< milliseconds: how long, and when it is armed until when */
	uint32_t count; /**< packets wanted */
	uint64_t packets, dropped; /**< so far */
};

/**
 * Make one of `size` bytes, which begin with struct looking; the walk's functions, `until` and
 * `count` are the caller's to set.
 * @param keep  bytes of each packet
 * @return NULL: the call has been told why
 */
struct looking *looking_begin(
	struct call *call, size_t size, const struct sl_watch_filter *filter, uint32_t keep);

/** From now on packets are copied. @return 0, or a negative errno, said on `err` */
int looking_arm(struct looking *l, FILE *err);

/** Enough packets, or seconds? */
bool looking_is_over(const struct looking *l);

/** Count a copy; of one packet there may be many, and one that `leads`. */
void looking_count(struct looking *l, const struct sl_seen *s, bool leads);

/** "N packets, M of them dropped" */
void looking_sum(const struct looking *l, FILE *out);

/** "; N copies were lost ..." if any were, and the end of the line. */
void looking_lost(const struct looking *l, FILE *out);

/** The end, of its memory as well. */
void looking_end(struct looking *l);

#endif /* LOOKING_H */
