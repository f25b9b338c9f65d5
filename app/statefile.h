/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef STATEFILE_H
#define STATEFILE_H

#include "box.h"

/** State that outlives the process, in a file. Control only. */
struct statefile;

#define STATE_INTERVAL_DEFAULT 60 /* seconds */

/** What it has done so far. */
struct statefile_view {
	bool saving; /**< one is under way */
	bool barred; /**< the file is something else, nothing is written to it */
	uint64_t saves, failures;
	uint64_t saved; /**< clock_now() of the last save, 0: none yet */
	uint64_t sessions, bytes; /**< in it */
	uint32_t gather_ms, write_ms; /**< it took so long */
	uint64_t restored, left_out; /**< sessions at start */
	uint32_t restore_ms;
};

/**
 * Read the file that a configuration names, before the gateway has one. What is wrong with it is
 * said, and then the box starts empty.
 * @param config  gets the forwards that were made at run time
 * @return 0 or -ENOMEM
 */
int statefile_create(struct box *box, struct sl_config *config);

/** Put back what was read: the configuration is in force, no worker runs yet. */
void statefile_restore(struct box *box);

/** Begin to save. 0, -EBUSY, -ENOENT without a file, -EPERM when it is no state file, -ENOMEM. */
int statefile_save(struct box *box);

/** Do what is due. True when something is under way. */
bool statefile_poll(struct box *box);

/** How the last save ended: 0 or -errno. */
int statefile_result(const struct box *box);

/** Save a last time; the workers have ended. */
void statefile_leave(struct box *box);

void statefile_look(const struct box *box, struct statefile_view *view);

void statefile_destroy(struct box *box);

#endif /* STATEFILE_H */
