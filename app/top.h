/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TOP_H
#define TOP_H

#include <stdio.h>

#include "sample.h"

#define TOP_DROPS 32 /**< reasons shown at most */

/** What one picture of the box is made from. */
struct top_frame {
	const struct box *box;
	const struct sample *from, *to;
	unsigned int rows; /**< of subscribers, reasons and pools */
};

/** A reason for which packets are discarded. */
struct top_drop {
	enum sl_counter counter;
	double rate; /**< packets a second */
	uint64_t total;
};

/** The reasons that have ever been, most frequent first; returns how many, at most TOP_DROPS. */
unsigned int top_drops(const struct top_frame *f, struct top_drop drop[TOP_DROPS]);

/** A picture as text, about 100 columns wide. */
void top_text(const struct top_frame *f, FILE *out);

/** The same as one line of JSON; its keys are stable. */
void top_json(const struct top_frame *f, FILE *out);

#endif /* TOP_H */
