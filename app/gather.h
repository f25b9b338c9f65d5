/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef GATHER_H
#define GATHER_H

#include "box.h"
#include "image.h"

/** State on its way from the workers into an image. Control only. */
struct gather;

/** Begin to gather while workers run; NULL without memory. */
struct gather *gather_create(struct box *box);

/** Ask for what comes next; true when all is there. */
bool gather_poll(struct gather *gather);

/** An answered message; false when it is not of this gathering. */
bool gather_answer(struct gather *gather, struct sl_msg *msg);

/**
 * Hand the image over, and free the rest; when gather_poll() has said that all is there.
 * @return 0 or -ENOMEM; the image is the caller's to free either way
 */
int gather_finish(struct gather *gather, struct image *image);

/** Free it; only when no worker runs any more, since a message of it may be under way. */
void gather_destroy(struct gather *gather);

/** All of it at once, after the workers have ended; as gather_finish(). */
int gather_now(struct box *box, struct image *image);

#endif /* GATHER_H */
