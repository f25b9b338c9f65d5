/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_FORETELL_H
#define TEST_FORETELL_H

#include "explain.h"
#include "pipe.h"

/**
 * Ask the gateway what would become of a frame that a worker receives now.
 * @param worker  becomes the one that gave the answer
 * @return false when it cannot be told (a fragment)
 */
bool foretell(struct pipe *p, unsigned int *worker, enum sl_side side, const uint8_t *b, size_t len,
	struct sl_explain *x);

/**
 * Hold an answer against what has happened since.
 * @param before  all counters, summed over workers, from before the packet
 * @return false with a sentence in why
 */
bool foretold(const struct pipe *p, const struct sl_explain *x, const uint64_t *before, char *why,
	size_t size);

#endif
