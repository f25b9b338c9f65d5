/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CREW_H
#define CREW_H

#include <stdint.h>

#include "box.h"

struct options;

/**
 * Make the gateway and its workers; lcores, nodes and pools of the box must be known.
 * @return 0 or -errno, logged; crew_destroy() in both cases
 */
int crew_create(struct box *box, const struct options *options);

/** Start every worker's loop; 0 or -errno, logged; crew_end() in both cases. */
int crew_launch(struct box *box);

/** Stop the box, wait for the workers, free what they held. */
void crew_end(struct box *box);

/** Free workers and gateway. */
void crew_destroy(struct box *box);

#endif /* CREW_H */
