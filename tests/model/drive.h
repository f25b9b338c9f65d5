/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MODEL_DRIVE_H
#define MODEL_DRIVE_H

#include "pipe.h"
#include "play.h"

/** A game: the gateway and its model, side by side. */
struct drive {
	struct pipe *p;
	struct model *m;
	enum play_mode mode;
	unsigned int workers;
	uint64_t counter[SL_COUNTER_COUNT]; /* sums before the step */
	unsigned int delta_drops; /* drops counted in the last step */
	const struct play_frames *frames; /* of this step, for who shows it */
	struct play_frames frame;
	char why[512]; /* the divergence; empty: none */
	bool over; /* all time has run out */
	uint64_t clean; /* comparisons of the whole table */
};

/** Both at their beginning. */
struct drive *drive_create(enum play_mode mode, unsigned int workers, uint64_t seed);
void drive_destroy(struct drive *d);

/** One step of both; false when they differ, d->why says how. */
bool drive_step(struct drive *d, struct play_step *step);

/** The whole of both tables; false when they differ. */
bool drive_compare(struct drive *d);

/** Time goes on until the gateway has swept up what is over; false when it does not. */
bool drive_clean(struct drive *d);

/** Print the sessions that only one of the tables has, or with another time left. */
void drive_show(struct drive *d);

/** Everything must run out in the end: sessions, ports, packets. */
bool drive_end(struct drive *d);

#endif
