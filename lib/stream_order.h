/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STREAM_ORDER_H
#define SL_STREAM_ORDER_H

#include "stream_cut.h"

/** A segment that is neither SYN nor RST; taken. */
void sl_order_take(struct sl_stream *s, struct sl_segment *g);

/** Ask again about what waits, and go on behind it. */
void sl_order_resume(struct sl_stream *s);

/** A message has waited too long for its answer. */
void sl_order_late(struct sl_stream *s, enum sl_side from);

/** Free what waits. */
void sl_order_drop(struct sl_stream *s, struct sl_half *h);

/** Give back what a direction has; its numbers stay. */
void sl_half_empty(struct sl_stream *s, struct sl_half *h);

#endif /* SL_STREAM_ORDER_H */
