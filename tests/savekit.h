/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_SAVEKIT_H
#define TEST_SAVEKIT_H

#include "pipe.h"
#include "save.h"

#define RECORDS_MAX 2048

/** What was saved, each kind one after the other, with room to be read as any kind. */
struct saved {
	unsigned int n[SL_SAVED_KINDS];
	uint64_t record[SL_SAVED_KINDS][RECORDS_MAX * 15];
	struct sl_owners owners;
};

/** What became of the sessions last put back, by fate. */
extern uint64_t saved_fates[SL_SAVED_FATES];

/** All of a gateway, as the program saves it. */
void saved_take(struct pipe *p, struct saved *s);

/** The names of a gateway with the same configuration. */
struct sl_saved_names saved_names(void);

/** Put it back into another gateway, whose names are these, after `elapsed` milliseconds. */
void saved_put(
	struct pipe *p, const struct saved *s, uint64_t elapsed, struct sl_saved_names names);

#endif
