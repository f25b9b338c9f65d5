/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STREAM_MAP_H
#define SL_STREAM_MAP_H

#include "stream_wire.h"

/** Append n bytes, or nothing when there is no memory. */
bool sl_bytes_add(struct sl_stream *s, struct sl_bytes *b, const uint8_t *p, uint32_t n);

/** Copy out n bytes from `off` on, all of which are there. */
void sl_bytes_copy(const struct sl_bytes *b, uint32_t off, uint32_t n, uint8_t *to);

void sl_bytes_free(struct sl_stream *s, struct sl_bytes *b);

/** The next n bytes go to the receiver as they are. */
void sl_half_plain(struct sl_half *h, uint32_t n);

/**
 * The next n bytes of the sender become `bytes`, which are taken.
 * @return the patch, or NULL when there are too many that the receiver does not have yet;
 *         then nothing happened
 */
const struct sl_patch *sl_half_patch(
	struct sl_stream *s, struct sl_half *h, uint32_t n, struct sl_bytes *bytes);

/** Does the next message, even if nobody changes it, better become part of the last patch? */
bool sl_half_grows(const struct sl_half *h);

/** The receiver has more: free what only it could have asked for. */
void sl_half_acked(struct sl_stream *s, struct sl_half *h);

/** Forget all patches and begin anew at x = y. */
void sl_half_restart(struct sl_stream *s, struct sl_half *h, uint32_t x);

/** The receiver's number for x, at most h->x. */
uint32_t sl_half_y(const struct sl_half *h, uint32_t x);

/** The patch that has bytes in x0..x1, the first one; NULL: none. */
const struct sl_patch *sl_half_patch_in(const struct sl_half *h, uint32_t x0, uint32_t x1);

/** What an acknowledgement of y means to the sender: a patch counts when it is there whole. */
uint32_t sl_half_ack(const struct sl_half *h, uint32_t y);

/** Map the SACK blocks of a receiver to its sender's numbers; ack is the mapped one. */
void sl_half_sack(const struct sl_half *h, struct sl_segment *g, uint32_t ack_y, uint32_t ack);

#endif /* SL_STREAM_MAP_H */
