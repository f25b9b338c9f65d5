/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_RASMAKE_H
#define TEST_RASMAKE_H

#include "h323make.h"

#define RAS_LIST 24

/** Messages of RAS, by the number of their alternative. */
enum ras_kind {
	RAS_GRQ,
	RAS_GCF,
	RAS_RRQ = 3,
	RAS_RCF,
	RAS_RRJ,
	RAS_URQ,
	RAS_UCF,
	RAS_ARQ = 9,
	RAS_ACF,
	RAS_LRQ = 18,
	RAS_LCF,
	RAS_IRR = 22
};

/** A message: what is NULL or 0 is not in it, where it may be missing. "10.0.0.2:1720". */
struct ras_make {
	enum ras_kind kind;
	uint16_t number;
	const char *signal[RAS_LIST]; /* callSignalAddress; ARQ, ACF: destCallSignalAddress */
	const char *source; /* ARQ: srcCallSignalAddress */
	const char *ras; /* rasAddress; LRQ: replyAddress */
	uint32_t seconds; /* timeToLive */
	bool no_id; /* another protocolIdentifier */
};

/** Its length. */
size_t ras_make(const struct ras_make *make, uint8_t *out);

#endif
