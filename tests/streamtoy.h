/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_STREAMTOY_H
#define TEST_STREAMTOY_H

#include "stream.h"

/** The helper of the toy protocol (streamtoy.c) for one stream. */
struct toy {
	unsigned int waits; /* a line with '%' must be asked about so often more */
	unsigned int begun, framed[2], asked[2], shown[2];
	bool waiting[2];
	struct {
		uint8_t text[64];
		size_t n;
	} last[2]; /* the beginning of the last message shown */
	void (*emit)(void *arg, enum sl_side from, struct rte_mbuf *m);
	void *emit_arg;
};

/** Its functions; their arg is a struct toy. */
extern const struct sl_stream_ops toy_ops;

/**
 * What becomes of a whole stream, told without the library.
 * @param messages  so many are changed, the rest stays as it is
 * @return bytes written to out
 */
size_t toy_expect(const uint8_t *in, size_t n, unsigned int messages, uint8_t *out);

/** Messages in a stream. */
unsigned int toy_messages(const uint8_t *in, size_t n);

#endif
