/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STREAM_EMIT_H
#define SL_STREAM_EMIT_H

#include "stream_map.h"

/** Bytes on their way to the receiver, in its numbers, with or without a packet they are from. */
struct sl_emit {
	struct sl_stream *s;
	enum sl_side from;
	struct sl_segment *g; /* NULL: none */
	const uint8_t *payload; /* of g */
	/* a run of g's own payload, not copied yet: perhaps g can go as it is */
	uint32_t own_off, own_n, own_y;
	/* the packet that is being made */
	struct rte_mbuf *m;
	uint32_t y, n;
	uint32_t fin_y;
	bool fin; /* a FIN goes at fin_y */
	bool lend; /* g is still needed: it stays as it is */
	bool any; /* something has gone out */
	bool probe; /* an old segment: its receiver must at least hear of it */
	bool repeat; /* on our own timer: no ECN (RFC 3168 section 6.1.5) */
};

/** Begin; g may be NULL. */
void sl_emit_begin(struct sl_emit *e, struct sl_stream *s, enum sl_side from, struct sl_segment *g);

/** n bytes of g's payload from off on. */
void sl_emit_own(struct sl_emit *e, uint32_t off, uint32_t n, uint32_t y);

/** Bytes from elsewhere. */
void sl_emit_copy(struct sl_emit *e, const uint8_t *p, uint32_t n, uint32_t y);
void sl_emit_bytes(
	struct sl_emit *e, const struct sl_bytes *b, uint32_t off, uint32_t n, uint32_t y);

/** Send what is left, and free g unless it was lent. */
void sl_emit_end(struct sl_emit *e);

/** Send g as it is but for its numbers. */
void sl_emit_as_is(struct sl_stream *s, struct sl_segment *g, uint32_t y);

/** Send an empty packet in the name of a side. */
void sl_emit_word(struct sl_stream *s, enum sl_side from, const struct sl_word *word);

/**
 * Tell a side, in the name of its peer, what it should believe to have arrived.
 * @param sack  NULL, or two numbers: a block that came out of order
 */
void sl_emit_ack(struct sl_stream *s, enum sl_side to, const uint32_t *sack);

#endif /* SL_STREAM_EMIT_H */
