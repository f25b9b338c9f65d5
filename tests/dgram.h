/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_DGRAM_H
#define TEST_DGRAM_H

#include "talk.h"

#define DGRAM_MAX 8192

/** A datagram that came out. */
struct dgram {
	struct talk_end src, dst;
	enum sl_side side; /* where it left */
	size_t n;
	char text[DGRAM_MAX];
};

/** A datagram comes in from `from` to `to`; what comes out of it, with all its lengths and
 * checksums right. False: nothing. */
bool dgram_pass(struct pipe *p, enum sl_side side, struct talk_end from, struct talk_end to,
	const char *text, struct dgram *out);

/** The same for any n bytes. */
bool dgram_send(struct pipe *p, enum sl_side side, struct talk_end from, struct talk_end to,
	const void *bytes, size_t n, struct dgram *out);

/** Does a datagram from outside to this endpoint get in? The inside endpoint, port 0: no. */
struct talk_end dgram_knock(struct pipe *p, const char *remote, struct talk_end at);

#endif
