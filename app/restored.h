/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RESTORED_H
#define RESTORED_H

#include "box.h"

/** A state file that was read, on its way into the gateway. Control only. */
struct restored;

/**
 * Read and check a file, make the gateway share subscribers out as then, and add the forwards of
 * then to a configuration that is not in force yet.
 * @param foreign  set when the file is something else than a state file
 * @return NULL when there is nothing to put back; what is wrong was said
 */
struct restored *restored_open(
	struct box *box, struct sl_config *config, const char *path, bool *foreign);

/** Put the rest of it into the configured gateway, and say what became of it. */
void restored_put(struct restored *r, struct box *box, uint64_t *sessions, uint64_t *left_out);

/** Free it; NULL is fine. */
void restored_close(struct restored *r);

#endif /* RESTORED_H */
