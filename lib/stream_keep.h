/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STREAM_KEEP_H
#define SL_STREAM_KEEP_H

#include "stream_emit.h"

/**
 * From now on a patch is ours to repeat until the receiver has it.
 * @return how many of its bytes the receiver's window has room for now
 */
uint32_t sl_keep_begin(struct sl_stream *s, enum sl_side from, const struct sl_patch *patch);

/** The receiver of this side's bytes has acknowledged up to una_y; more: than before. */
void sl_keep_acked(struct sl_stream *s, struct sl_half *h, bool more, const struct sl_segment *g);

/** Send what the last acknowledgement made room for. */
void sl_keep_push(struct sl_stream *s, enum sl_side from);

/** Repeat when it is time; false: in vain for too long. */
bool sl_keep_tick(struct sl_stream *s, enum sl_side from);

#endif /* SL_STREAM_KEEP_H */
